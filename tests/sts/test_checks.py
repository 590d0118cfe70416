import datetime as dt
from dataclasses import replace

import pytest
from good import (
    ASSERTION,
    CONFIRMATION,
    GOOD,
    MINUTE,
    NOW,
    PROVIDER,
    ROLE_,
    SECOND,
    TICK,
    asserting,
    attributed,
    confirming,
    requesting,
)

from pytest_stssaml.saml.vocabulary import ROLE
from pytest_stssaml.sts import checks, errors
from pytest_stssaml.sts.checks import CHECKS, Check
from pytest_stssaml.sts.errors import ErrorRow, Rejected
from pytest_stssaml.sts.iam import Arn
from pytest_stssaml.sts.login import Login
from pytest_stssaml.sts.policy import parse_trust_policy

DAY = dt.timedelta(days=1)
PAIR = f"{ROLE_.arn},{PROVIDER.arn}"
OTHER_ROLE = "arn:aws:iam::123456789012:role/Administrator"
OTHER_PROVIDER = "arn:aws:iam::123456789012:saml-provider/OtherIdP"


def in_partition(partition: str, recipient: str, audience: str) -> Login:
    """GOOD in another partition."""
    role_arn, provider_arn = (arn.replace("arn:aws:", f"arn:{partition}:") for arn in (ROLE_.arn, PROVIDER.arn))
    provider = replace(PROVIDER, arn=provider_arn, partition=partition)
    trust = parse_trust_policy(provider.trust_policy(audience=None))
    return Login(
        replace(
            GOOD.request,
            role_arn=role_arn,
            principal_arn=provider_arn,
            role=GOOD.request.role._replace(partition=partition),
            principal=GOOD.request.principal._replace(partition=partition),
        ),
        provider,
        replace(
            ASSERTION,
            subject_confirmations=(replace(CONFIRMATION, recipient=recipient),),
            audience_restrictions=((audience,),),
            attributes=ASSERTION.attributes | {ROLE: (f"{role_arn},{provider_arn}",)},
        ),
        replace(ROLE_, arn=role_arn, partition=partition, policy=trust),
        NOW,
    )


def commercial(recipient: str, audience: str = "urn:amazon:webservices") -> Login:
    return in_partition("aws", recipient, audience)


def china(recipient: str, audience: str = "urn:amazon:webservices:cn-north-1") -> Login:
    return in_partition("aws-cn", recipient, audience)


def govcloud(recipient: str, audience: str = "urn:amazon:webservices:govcloud") -> Login:
    return in_partition("aws-us-gov", recipient, audience)


def audiences(*restrictions: tuple[str, ...]) -> Login:
    return asserting(audience_restrictions=restrictions)


def offering(*pairs: str) -> Login:
    return attributed(Role=pairs)


def called(*names: str) -> Login:
    return attributed(RoleSessionName=names)


def trusting(**statement: object) -> Login:
    """GOOD with something replaced in the one statement of its role's trust policy."""
    document = PROVIDER.trust_policy()
    document["Statement"][0] |= statement
    return replace(GOOD, role=replace(ROLE_, policy=parse_trust_policy(document)))


def of_accounts(role: str, principal: str, partition: str = "aws") -> Login:
    """GOOD whose request names ARNs of these accounts, the role's in this partition."""
    role_arn = Arn(partition, "iam", "", role, "role/Developer")
    principal_arn = Arn("aws", "iam", "", principal, "saml-provider/ExampleIdP")
    pair = [":".join(("arn", *arn)) for arn in (role_arn, principal_arn)]
    return replace(
        offering(",".join(pair)),
        request=replace(GOOD.request, role_arn=pair[0], principal_arn=pair[1], role=role_arn, principal=principal_arn),
    )


def lasting(asked: int, maximum: int) -> Login:
    return replace(requesting(duration_seconds=asked), role=replace(ROLE_, max_session_duration=maximum))


# Each rule, what it refuses with, and the logins that it alone refuses.
REJECTIONS: list[tuple[Check, ErrorRow, dict[str, Login]]] = [
    (
        checks.confirmed_by_bearer,
        errors.SUBJECT_CONFIRMATION,
        {
            "no confirmation": asserting(subject_confirmations=()),
            "two confirmations": asserting(subject_confirmations=(CONFIRMATION, CONFIRMATION)),
            "holder of key": confirming(method="urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"),
            "bearer in capitals": confirming(method="urn:oasis:names:tc:SAML:2.0:cm:Bearer"),
            "no Recipient": confirming(recipient=None),
            "empty Recipient": confirming(recipient=""),
            "no NotOnOrAfter": confirming(not_on_or_after=None),
        },
    ),
    (
        checks.sent_to_an_aws_sign_in_url,
        errors.RECIPIENT,
        {
            "another site": confirming(recipient="https://idp.example.com/saml"),
            "no TLS": confirming(recipient="http://signin.aws.amazon.com/saml"),
            "scheme in capitals": confirming(recipient="HTTPS://signin.aws.amazon.com/saml"),
            "AWS's host with a suffix": confirming(recipient="https://signin.aws.amazon.com.evil.example/saml"),
            "AWS's host with a prefix": confirming(recipient="https://evilsignin.aws.amazon.com/saml"),
            "AWS's host under a domain": confirming(recipient="https://evil.signin.aws.amazon.com/saml"),
            "AWS's host as user": confirming(recipient="https://signin.aws.amazon.com@evil.example/saml"),
            "AWS's URL in a path": confirming(recipient="https://evil.example/https://signin.aws.amazon.com/saml"),
            "another letter for a dot": confirming(recipient="https://signin.aws-amazon.com/saml"),
            "a port": confirming(recipient="https://signin.aws.amazon.com:443/saml"),
            "no path": confirming(recipient="https://signin.aws.amazon.com"),
            "another path": confirming(recipient="https://signin.aws.amazon.com/console"),
            "path in capitals": confirming(recipient="https://signin.aws.amazon.com/SAML"),
            "final slash": confirming(recipient="https://signin.aws.amazon.com/saml/"),
            "final newline": confirming(recipient="https://signin.aws.amazon.com/saml\n"),
            "a query": confirming(recipient="https://signin.aws.amazon.com/saml?x"),
            "regional static": confirming(recipient="https://eu-west-1.signin.aws.amazon.com/static/saml"),
            "two regions": confirming(recipient="https://eu-west-1.eu-west-1.signin.aws.amazon.com/saml"),
            "region without a number": confirming(recipient="https://eu-west.signin.aws.amazon.com/saml"),
            "region in Arabic digits": confirming(recipient="https://eu-west-\u0661.signin.aws.amazon.com/saml"),
            "no provider": confirming(recipient="https://signin.aws.amazon.com/saml/acs/"),
            "foreign provider": confirming(recipient="https://signin.aws.amazon.com/saml/acs/SAMLSPZZZZZZZZZZ765432"),
            "provider in small letters": confirming(
                recipient="https://signin.aws.amazon.com/saml/acs/samlspabcdefghij234567"
            ),
            "more after the provider": confirming(
                recipient="https://signin.aws.amazon.com/saml/acs/SAMLSPABCDEFGHIJ2345678"
            ),
            "static provider": confirming(
                recipient="https://signin.aws.amazon.com/static/saml/acs/SAMLSPABCDEFGHIJ234567"
            ),
            "China's URL outside": commercial("https://signin.amazonaws.cn/saml"),
            "GovCloud's URL outside": commercial("https://signin.amazonaws-us-gov.com/saml"),
            "China's region outside": commercial("https://cn-north-1.signin.aws.amazon.com/saml"),
            "GovCloud's region outside": commercial("https://us-gov-west-1.signin.aws.amazon.com/saml"),
            "commercial URL in China": china("https://signin.aws.amazon.com/saml"),
            "commercial region in China": china("https://eu-west-1.signin.amazonaws.cn/saml"),
            "commercial URL in GovCloud": govcloud("https://signin.aws.amazon.com/saml"),
            "commercial region in GovCloud": govcloud("https://us-east-1.signin.amazonaws-us-gov.com/saml"),
        },
    ),
    (
        checks.addressed_to_aws,
        errors.AUDIENCE,
        {
            "no restriction": audiences(),
            "a restriction to nobody": audiences(()),
            "another audience": audiences(("urn:amazon:appstream",)),
            "an audience that begins so": audiences(("urn:amazon:webservices:other",)),
            "capitals": audiences(("URN:amazon:webservices",)),
            "first of two restrictions misses": audiences(("urn:amazon:appstream",), ("urn:amazon:webservices",)),
            "second of two restrictions misses": audiences(("urn:amazon:webservices",), ("urn:amazon:appstream",)),
            "a sign-in URL that is no entity id": audiences(("https://eu-west-1.signin.aws.amazon.com/saml",)),
            "China's outside": audiences(("urn:amazon:webservices:cn-north-1",)),
            "GovCloud's outside": audiences(("urn:amazon:webservices:govcloud",)),
            "commercial in China": china("https://signin.amazonaws.cn/saml", "urn:amazon:webservices"),
            "commercial in GovCloud": govcloud("https://signin.amazonaws-us-gov.com/saml", "urn:amazon:webservices"),
        },
    ),
    (
        checks.not_used_too_early,
        errors.NOT_YET_VALID,
        {
            "a tick before the conditions": asserting(not_before=NOW + TICK),
            "a tick before the confirmation": confirming(not_before=NOW + TICK),
        },
    ),
    (
        checks.not_expired,
        errors.EXPIRED,
        {
            "the conditions end now": asserting(not_on_or_after=NOW),
            "the conditions have ended": asserting(not_on_or_after=NOW - TICK),
            "the confirmation ends now": confirming(not_on_or_after=NOW),
            "the confirmation has ended": confirming(not_on_or_after=NOW - TICK),
            "the session ends now": asserting(session_not_on_or_after=NOW),
            "the session has ended": asserting(session_not_on_or_after=NOW - TICK),
        },
    ),
    (
        checks.redeemed_in_time,
        errors.REDEEMED_TOO_LATE,
        {
            "a tick over five minutes": asserting(issue_instant=NOW - 5 * MINUTE - TICK),
            "yesterday": asserting(issue_instant=NOW - DAY),
        },
    ),
    (
        checks.offers_the_role,
        errors.ROLE_NOT_IN_RESPONSE,
        {
            "no attribute": attributed(Role=None),
            "no value": offering(),
            "an empty value": offering(""),
            "the role alone": offering(ROLE_.arn),
            "the provider alone": offering(PROVIDER.arn),
            "another role": offering(f"{OTHER_ROLE},{PROVIDER.arn}"),
            "another provider": offering(f"{ROLE_.arn},{OTHER_PROVIDER}"),
            "role and provider in two pairs": offering(f"{ROLE_.arn},{OTHER_PROVIDER}", f"{OTHER_ROLE},{PROVIDER.arn}"),
            "role and provider in two values": offering(ROLE_.arn, PROVIDER.arn),
            "a third part": offering(f"{PAIR},{OTHER_PROVIDER}"),
            "an empty third part": offering(f"{PAIR},"),
            "the provider twice": offering(f"{PAIR},{PROVIDER.arn}"),
            "a semicolon": offering(f"{ROLE_.arn};{PROVIDER.arn}"),
            "the role in other letters": offering(PAIR.replace("Developer", "developer")),
            "a prefix of the role": offering(f"{ROLE_.arn}s,{PROVIDER.arn}"),
        },
    ),
    (
        checks.names_the_session,
        errors.NO_ROLE_SESSION_NAME,
        {"no attribute": attributed(RoleSessionName=None), "no value": called()},
    ),
    (
        checks.session_name_is_legal,
        errors.BAD_ROLE_SESSION_NAME,
        {
            "empty": called(""),
            "1 character": called("a"),
            "65 characters": called("a" * 65),
            "a trailing newline": called("alice\n"),
            "a space": called("alice smith"),
            "a slash": called("alice/smith"),
            "a colon": called("alice:smith"),
            "a letter outside ASCII": called("älice"),
            "Arabic digits": called("alice\u0661\u0662"),
            "two values": called("alice", "bob"),
            "the same value twice": called("alice", "alice"),
        },
    ),
    (
        checks.provider_is_in_the_roles_account,
        errors.OTHER_ACCOUNT,
        {
            "role elsewhere": of_accounts(role="111122223333", principal="123456789012"),
            "provider elsewhere": of_accounts(role="123456789012", principal="111122223333"),
            "role in another partition": of_accounts("123456789012", "123456789012", partition="aws-cn"),
        },
    ),
    (
        checks.subject_has_a_name,
        errors.ACCESS_DENIED,
        {"no NameID": asserting(name_id=None), "an empty NameID": asserting(name_id="")},
    ),
    (checks.role_exists, errors.ACCESS_DENIED, {"no role": replace(GOOD, role=None)}),
    (
        checks.trusted_by_the_role,
        errors.ACCESS_DENIED,
        {
            "another provider": trusting(Principal={"Federated": OTHER_PROVIDER}),
            "another action": trusting(Action="sts:AssumeRoleWithWebIdentity"),
            "a Deny": trusting(Effect="Deny"),
            "a condition": trusting(Condition={"StringEquals": {"saml:sub": "bob@example.com"}}),
            "a regional Recipient": confirming(recipient="https://eu-west-1.signin.aws.amazon.com/saml"),
        },
    ),
    (
        checks.within_the_roles_maximum,
        errors.LONGER_THAN_ROLE_MAXIMUM,
        {
            "a second over the least maximum": lasting(3601, maximum=3600),
            "a second over a maximum": lasting(7201, maximum=7200),
        },
    ),
]

# For each rule, logins that it lets pass by the least margin, and that every other rule lets pass too.
ACCEPTED: dict[Check, dict[str, Login]] = {
    checks.confirmed_by_bearer: {"one by bearer": confirming(method="urn:oasis:names:tc:SAML:2.0:cm:bearer")},
    checks.sent_to_an_aws_sign_in_url: {
        "global": commercial("https://signin.aws.amazon.com/saml"),
        "static": commercial("https://signin.aws.amazon.com/static/saml"),
        "regional": commercial("https://eu-west-1.signin.aws.amazon.com/saml"),
        "region of three words": commercial("https://ap-southeast-12.signin.aws.amazon.com/saml"),
        "the provider's": commercial("https://signin.aws.amazon.com/saml/acs/SAMLSPABCDEFGHIJ234567"),
        "the provider's in a region": commercial(
            "https://us-east-1.signin.aws.amazon.com/saml/acs/SAMLSPABCDEFGHIJ234567"
        ),
        "China's": china("https://signin.amazonaws.cn/saml"),
        "China's static": china("https://signin.amazonaws.cn/static/saml"),
        "China's regional": china("https://cn-northwest-1.signin.amazonaws.cn/saml"),
        "China's for the provider": china("https://cn-north-1.signin.amazonaws.cn/saml/acs/SAMLSPABCDEFGHIJ234567"),
        "GovCloud's": govcloud("https://signin.amazonaws-us-gov.com/saml"),
        "GovCloud's static": govcloud("https://signin.amazonaws-us-gov.com/static/saml"),
        "GovCloud's regional": govcloud("https://us-gov-east-1.signin.amazonaws-us-gov.com/saml"),
        "GovCloud's for the provider": govcloud(
            "https://us-gov-west-1.signin.amazonaws-us-gov.com/saml/acs/SAMLSPABCDEFGHIJ234567"
        ),
    },
    checks.addressed_to_aws: {
        "the entity id": audiences(("urn:amazon:webservices",)),
        "the sign-in URL": audiences(("https://signin.aws.amazon.com/saml",)),
        "one of several": audiences(("urn:amazon:appstream", "urn:amazon:webservices")),
        "two restrictions that both name AWS": audiences(
            ("urn:amazon:webservices", "urn:amazon:appstream"), ("https://signin.aws.amazon.com/saml",)
        ),
        "China's sign-in URL": china("https://signin.amazonaws.cn/saml", "https://signin.amazonaws.cn/saml"),
        "GovCloud's sign-in URL": govcloud(
            "https://signin.amazonaws-us-gov.com/saml", "https://signin.amazonaws-us-gov.com/saml"
        ),
    },
    checks.not_used_too_early: {
        "the conditions begin now": asserting(not_before=NOW),
        "the conditions have no beginning": asserting(not_before=None),
        "the confirmation begins now": confirming(not_before=NOW),
        "the confirmation has no beginning": confirming(not_before=None),
    },
    checks.not_expired: {
        "the conditions end in a tick": asserting(not_on_or_after=NOW + TICK),
        "the conditions have no end": asserting(not_on_or_after=None),
        "the confirmation ends in a tick": confirming(not_on_or_after=NOW + TICK),
        "the session ends in a tick": asserting(session_not_on_or_after=NOW + TICK),
        "the session has no end": asserting(session_not_on_or_after=None),
    },
    checks.redeemed_in_time: {
        "five minutes old": asserting(issue_instant=NOW - 5 * MINUTE),
        "issued now": asserting(issue_instant=NOW),
    },
    checks.offers_the_role: {
        "the role first": offering(f"{ROLE_.arn},{PROVIDER.arn}"),
        "the provider first": offering(f"{PROVIDER.arn},{ROLE_.arn}"),
        "a space after the comma": offering(f"{ROLE_.arn}, {PROVIDER.arn}"),
        "whitespace everywhere": offering(f"\n  {ROLE_.arn} ,\t{PROVIDER.arn}\n"),
        "last of several": offering(f"{OTHER_ROLE},{PROVIDER.arn}", f"{ROLE_.arn},{OTHER_PROVIDER}", PAIR),
        "first of several": offering(PAIR, f"{OTHER_ROLE},{PROVIDER.arn}"),
    },
    checks.names_the_session: {"one": called("alice")},
    checks.session_name_is_legal: {
        "2 characters": called("ab"),
        "64 characters": called("a" * 64),
        "every sign": called("azAZ09_+=,.@-"),
    },
    checks.provider_is_in_the_roles_account: {
        "one account": of_accounts(role="123456789012", principal="123456789012"),
    },
    checks.subject_has_a_name: {"1 character": asserting(name_id="a")},
    checks.role_exists: {"a role": GOOD},
    checks.trusted_by_the_role: {
        "the condition holds": trusting(Condition={"StringEquals": {"saml:sub": "alice@example.com"}}),
        "no condition": trusting(Condition={}),
    },
    checks.within_the_roles_maximum: {
        "the least maximum": lasting(3600, maximum=3600),
        "a maximum": lasting(7200, maximum=7200),
        "the least duration": lasting(900, maximum=3600),
    },
}


REFUSED = [
    pytest.param(check, error, login, id=f"{check.__name__}: {why}")
    for check, error, logins in REJECTIONS
    for why, login in logins.items()
]


@pytest.mark.parametrize(("check", "error", "login"), REFUSED)
def test_a_rule_refuses_with_its_own_error(check: Check, error: ErrorRow, login: Login) -> None:
    with pytest.raises(Rejected) as caught:
        check(login)
    assert caught.value.error == error


@pytest.mark.parametrize(("check", "error", "login"), REFUSED)
def test_a_login_that_breaks_one_rule_passes_those_before_it(check: Check, error: ErrorRow, login: Login) -> None:
    for earlier in CHECKS[: CHECKS.index(check)]:
        earlier(login)


@pytest.mark.parametrize(
    "login",
    [
        pytest.param(login, id=f"{check.__name__}: {why}")
        for check, logins in ACCEPTED.items()
        for why, login in logins.items()
    ],
)
def test_the_nearest_login_that_a_rule_accepts_passes_every_rule(login: Login) -> None:
    assert [check(login) for check in CHECKS] == [None] * len(CHECKS)


def test_every_rule_refuses_something_and_they_are_listed_in_their_order() -> None:
    assert tuple(check for check, _, _ in REJECTIONS) == CHECKS


def test_every_rule_has_a_neighbour_that_it_accepts() -> None:
    assert tuple(check for check, logins in ACCEPTED.items() if logins) == CHECKS


# The sentence that the test's author reads.
REASONS = [
    (
        checks.confirmed_by_bearer,
        confirming(method="urn:other"),
        "expected one confirmation, urn:oasis:names:tc:SAML:2.0:cm:bearer, got ['urn:other']",
    ),
    (checks.confirmed_by_bearer, confirming(recipient=None), "expected a Recipient and a NotOnOrAfter"),
    (
        checks.sent_to_an_aws_sign_in_url,
        confirming(recipient="https://idp.example.com"),
        "expected a sign-in URL of AWS's, got 'https://idp.example.com'",
    ),
    (
        checks.sent_to_an_aws_sign_in_url,
        commercial("https://cn-north-1.signin.aws.amazon.com/saml"),
        "cn-north-1 is no region of aws",
    ),
    (
        checks.sent_to_an_aws_sign_in_url,
        commercial("https://signin.aws.amazon.com/saml/acs/SAMLSP0"),
        "expected the provider SAMLSPABCDEFGHIJ234567, got 'https://signin.aws.amazon.com/saml/acs/SAMLSP0'",
    ),
    (
        checks.addressed_to_aws,
        audiences(("urn:other",)),
        "expected the audience urn:amazon:webservices, got (('urn:other',),)",
    ),
    (
        checks.not_used_too_early,
        asserting(not_before=NOW + SECOND),
        "not before 2030-01-01 12:00:01+00:00, and it is 2030-01-01 12:00:00+00:00",
    ),
    (
        checks.not_expired,
        asserting(not_on_or_after=NOW),
        "Conditions ended at 2030-01-01 12:00:00+00:00, and it is 2030-01-01 12:00:00+00:00",
    ),
    (
        checks.not_expired,
        confirming(not_on_or_after=NOW),
        "SubjectConfirmationData ended at 2030-01-01 12:00:00+00:00, and it is 2030-01-01 12:00:00+00:00",
    ),
    (
        checks.not_expired,
        asserting(session_not_on_or_after=NOW),
        "the session ended at 2030-01-01 12:00:00+00:00, and it is 2030-01-01 12:00:00+00:00",
    ),
    (
        checks.redeemed_in_time,
        asserting(issue_instant=NOW - 6 * MINUTE),
        "issued 0:06:00 ago, more than 0:05:00",
    ),
    (
        checks.offers_the_role,
        attributed(Role=None),
        f"expected the pair {[ROLE_.arn, PROVIDER.arn]}, got []",
    ),
    (checks.names_the_session, called(), "the response has no RoleSessionName"),
    (checks.session_name_is_legal, called("a", "b"), "got ['a', 'b']"),
    (
        checks.provider_is_in_the_roles_account,
        of_accounts(role="111122223333", principal="123456789012"),
        "role in 111122223333, provider in 123456789012",
    ),
    (checks.subject_has_a_name, asserting(name_id=None), "the subject has no NameID"),
    (checks.role_exists, replace(GOOD, role=None), f"there is no role {ROLE_.arn}"),
    (
        checks.trusted_by_the_role,
        trusting(Effect="Deny"),
        f"no statement of {ROLE_.arn}'s trust policy lets this login in",
    ),
    (
        checks.within_the_roles_maximum,
        lasting(3601, maximum=3600),
        "asked for 3601 s, and the role's maximum is 3600 s",
    ),
]


@pytest.mark.parametrize(("check", "login", "because"), REASONS, ids=[check.__name__ for check, _, _ in REASONS])
def test_a_refusal_says_what_was_expected_and_what_came(check: Check, login: Login, because: str) -> None:
    with pytest.raises(Rejected) as caught:
        check(login)
    assert caught.value.because == because
