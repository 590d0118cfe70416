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
    limited_by,
    requesting,
)
from rule_contract import RuleCases, RuleContract
from session_policy_cases import session_policy_cases

from pytest_stssaml.iam.arn import Arn
from pytest_stssaml.iam.policies.trust_policies import parse_trust_policy
from pytest_stssaml.literals import Partition
from pytest_stssaml.saml.vocabulary import ROLE
from pytest_stssaml.sts import errors
from pytest_stssaml.sts.requests.saml_login import SAMLLogin
from pytest_stssaml.sts.rule import AnyRule, Rejected, check_all
from pytest_stssaml.sts.rules import role
from pytest_stssaml.sts.rules import saml_login as rules
from pytest_stssaml.sts.rules.saml_login import SAML_LOGIN_RULES

DAY = dt.timedelta(days=1)
PAIR = f"{ROLE_.arn},{PROVIDER.arn}"
OTHER_ROLE = "arn:aws:iam::123456789012:role/Administrator"
OTHER_PROVIDER = "arn:aws:iam::123456789012:saml-provider/OtherIdP"


def in_partition(partition: Partition, recipient: str, audience: str) -> SAMLLogin:
    """Return GOOD in another partition."""
    role_arn, provider_arn = (arn.replace("arn:aws:", f"arn:{partition}:") for arn in (ROLE_.arn, PROVIDER.arn))
    provider = replace(PROVIDER, arn=provider_arn, partition=partition)
    trust = parse_trust_policy(provider.trust_policy(recipient=None))
    return SAMLLogin(
        parameters=replace(
            GOOD.parameters,
            role_arn=role_arn,
            principal_arn=provider_arn,
            role=GOOD.parameters.role._replace(partition=partition),
            principal=GOOD.parameters.principal._replace(partition=partition),
        ),
        provider=provider,
        assertion=ASSERTION._replace(
            subject_confirmations=(CONFIRMATION._replace(recipient=recipient),),
            audience_restrictions=((audience,),),
            attributes={**ASSERTION.attributes, ROLE: (f"{role_arn},{provider_arn}",)},
        ),
        role=replace(ROLE_, arn=role_arn, partition=partition, _policy=trust),
        now=NOW,
    )


def commercial(recipient: str, audience: str = "urn:amazon:webservices") -> SAMLLogin:
    return in_partition("aws", recipient, audience)


def china(recipient: str, audience: str = "urn:amazon:webservices:cn-north-1") -> SAMLLogin:
    return in_partition("aws-cn", recipient, audience)


def govcloud(recipient: str, audience: str = "urn:amazon:webservices:govcloud") -> SAMLLogin:
    return in_partition("aws-us-gov", recipient, audience)


def encrypted(recipient: str) -> SAMLLogin:
    """Return GOOD with a provider that requires encryption, which accepts only its own URL."""
    provider = replace(PROVIDER, assertion_encryption_mode="Required")
    role = replace(ROLE_, _policy=parse_trust_policy(provider.trust_policy(recipient=None)))
    return replace(confirming(recipient=recipient), provider=provider, role=role)


def audiences(*restrictions: tuple[str, ...]) -> SAMLLogin:
    return asserting(audience_restrictions=restrictions)


def offering(*pairs: str) -> SAMLLogin:
    return attributed(Role=pairs)


def called(*names: str) -> SAMLLogin:
    return attributed(RoleSessionName=names)


def trusting(**statement: object) -> SAMLLogin:
    """Return GOOD with something replaced in the one statement of the trust policy."""
    document = PROVIDER.trust_policy()
    document["Statement"][0] |= statement
    return replace(GOOD, role=replace(ROLE_, _policy=parse_trust_policy(document)))


def of_accounts(role: str, principal: str, partition: str = "aws") -> SAMLLogin:
    """Return GOOD with ARNs of these accounts in its request, and the role in this partition."""
    role_arn = Arn(partition, "iam", "", role, "role/Developer")
    principal_arn = Arn("aws", "iam", "", principal, "saml-provider/ExampleIdP")
    pair = [":".join(("arn", *arn)) for arn in (role_arn, principal_arn)]
    return replace(
        offering(",".join(pair)),
        parameters=replace(
            GOOD.parameters, role_arn=pair[0], principal_arn=pair[1], role=role_arn, principal=principal_arn
        ),
    )


def lasting(asked: int, maximum: int) -> SAMLLogin:
    return replace(requesting(duration_seconds=asked), role=replace(ROLE_, max_session_duration=maximum))


def identified(*values: str) -> SAMLLogin:
    return attributed(SourceIdentity=values)


def tagged(**tags: str | tuple[str, ...]) -> SAMLLogin:
    return attributed(PrincipalTag=tags)


def with_tags(count: int) -> SAMLLogin:
    return attributed(PrincipalTag={f"key{n}": "value" for n in range(count)})


def with_key(key: str) -> SAMLLogin:
    return attributed(PrincipalTag={key: "value"})


def with_value(value: str) -> SAMLLogin:
    return attributed(PrincipalTag={"key": value})


def transitive(*keys: str, **tags: str) -> SAMLLogin:
    return attributed(PrincipalTag=tags, TransitiveTagKeys=keys)


def for_role(name: str) -> SAMLLogin:
    return replace(GOOD, role=replace(ROLE_, name=name))


def untrusting(login: SAMLLogin) -> SAMLLogin:
    """Return a login for a role that allows neither tags nor a source identity."""
    return replace(login, role=ROLE_)


# Beside the letters, numbers and spaces of every script, a tag has only _.:/=+-@.
NOT_IN_A_TAG = {
    "an emoji": "\U0001f600",
    "a combining mark": "e\u0301",
    "a tab": "a\tb",
    "a line feed": "a\nb",
    "a currency sign": "€",
    "a joiner": "\u200d",
    "a hash": "#",
    "a star": "*",
    "a comma": ",",
    "a semicolon": ";",
    "a quotation mark": '"',
    "a backslash": "\\",
    "a bracket": "(",
    "a percent sign": "%",
    "a dash that is not a hyphen": "\u2013",
}
IN_A_TAG = {
    "every sign": "_.:/=+-@",
    "Arabic letters and digits": "قسم\u0661\u0662",
    "a letter that is one with its mark": "\u00e9",
    "a letter outside of the basic plane": "\U0001d49c",
    "a Roman numeral": "\u2167",
    "a fraction": "½",
    "a space": "a b",
    "a no-break space": "a\u00a0b",
    "a line separator": "a\u2028b",
    "aws without a colon": "aws",
    "aws and something else": "aws-cn",
    "aws: further on": "my-aws:key",
}
RESERVED = {
    "aws: alone": "aws:",
    "aws: in front": "aws:key",
    "AWS: in front": "AWS:key",
    "aWs: in front": "aWs:key",
}


OWN_URL = "https://signin.aws.amazon.com/saml/acs/SAMLSPABCDEFGHIJ234567"

CASES: dict[AnyRule, RuleCases[SAMLLogin]] = {
    rules.confirmed_by_bearer: RuleCases(
        errors.SUBJECT_CONFIRMATION,
        refused={
            "no confirmation": asserting(subject_confirmations=()),
            "two confirmations": asserting(subject_confirmations=(CONFIRMATION, CONFIRMATION)),
            "holder of key": confirming(method="urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"),
            "bearer in capitals": confirming(method="urn:oasis:names:tc:SAML:2.0:cm:Bearer"),
            "no Recipient": (confirming(recipient=None), "expected a Recipient and a NotOnOrAfter"),
            "empty Recipient": confirming(recipient=""),
            "no NotOnOrAfter": confirming(not_on_or_after=None),
            "another method": (
                confirming(method="urn:other"),
                "expected one confirmation, urn:oasis:names:tc:SAML:2.0:cm:bearer, got ['urn:other']",
            ),
        },
        accepted={
            "one by bearer": confirming(method="urn:oasis:names:tc:SAML:2.0:cm:bearer"),
        },
    ),
    rules.sent_to_this_provider: RuleCases(
        errors.RECIPIENT,
        refused={
            "another provider": (
                commercial("https://signin.aws.amazon.com/saml/acs/SAMLSP0"),
                "expected the provider SAMLSPABCDEFGHIJ234567, got 'https://signin.aws.amazon.com/saml/acs/SAMLSP0'",
            ),
            "another provider in a region": commercial("https://eu-west-1.signin.aws.amazon.com/saml/acs/SAMLSP0"),
            "another provider in another partition": commercial("https://signin.amazonaws.cn/saml/acs/SAMLSP0"),
            "provider in small letters": confirming(
                recipient="https://signin.aws.amazon.com/saml/acs/samlspabcdefghij234567"
            ),
            "more after the provider": confirming(
                recipient="https://signin.aws.amazon.com/saml/acs/SAMLSPABCDEFGHIJ2345678"
            ),
            "the global URL where encryption is required": (
                encrypted("https://signin.aws.amazon.com/saml"),
                (
                    "expected https://signin.aws.amazon.com/saml/acs/SAMLSPABCDEFGHIJ234567, "
                    "got 'https://signin.aws.amazon.com/saml'"
                ),
            ),
            "a regional URL where encryption is required": encrypted("https://eu-west-1.signin.aws.amazon.com/saml"),
            "another site where encryption is required": encrypted("http://localhost:7890/redshift/"),
            "a suffix where encryption is required": encrypted(f"{OWN_URL}/"),
            "a final newline where encryption is required": encrypted(f"{OWN_URL}\n"),
            "no TLS where encryption is required": encrypted(OWN_URL.replace("https", "http")),
            "a port where encryption is required": encrypted(OWN_URL.replace("com", "com:443")),
            "AWS's host with a prefix where encryption is required": encrypted(OWN_URL.replace("signin", "evilsignin")),
            "AWS's host under a domain where encryption is required": encrypted(OWN_URL.replace("//", "//evil.")),
            "two regions where encryption is required": encrypted(OWN_URL.replace("//", "//eu-west-1.eu-west-1.")),
            "a region without a number where encryption is required": encrypted(OWN_URL.replace("//", "//eu-west.")),
            "a region in Arabic digits where encryption is required": encrypted(
                OWN_URL.replace("//", "//eu-west-\u0661.")
            ),
            "China's region where encryption is required": encrypted(OWN_URL.replace("//", "//cn-north-1.")),
            "China's host where encryption is required": encrypted(OWN_URL.replace("aws.amazon.com", "amazonaws.cn")),
        },
        accepted={
            "global": commercial("https://signin.aws.amazon.com/saml"),
            "static": commercial("https://signin.aws.amazon.com/static/saml"),
            "regional": commercial("https://eu-west-1.signin.aws.amazon.com/saml"),
            "region of three words": commercial("https://ap-southeast-12.signin.aws.amazon.com/saml"),
            "a driver on the user's machine": commercial("http://localhost:7890/redshift/"),
            "another site": commercial("https://idp.example.com/saml"),
            "not a URL": commercial("urn:example:anything"),
            "China's URL": commercial("https://signin.amazonaws.cn/saml"),
            "the provider's": commercial(OWN_URL),
            "the provider's in a region": commercial(OWN_URL.replace("//", "//us-east-1.")),
            "the provider's where encryption is required": encrypted(OWN_URL),
            "the provider's in a region where encryption is required": encrypted(OWN_URL.replace("//", "//eu-west-1.")),
            "China's": china("https://signin.amazonaws.cn/saml"),
            "China's for the provider": china("https://cn-north-1.signin.amazonaws.cn/saml/acs/SAMLSPABCDEFGHIJ234567"),
            "GovCloud's": govcloud("https://signin.amazonaws-us-gov.com/saml"),
            "GovCloud's for the provider": govcloud(
                "https://us-gov-west-1.signin.amazonaws-us-gov.com/saml/acs/SAMLSPABCDEFGHIJ234567"
            ),
        },
    ),
    rules.addressed_to_aws: RuleCases(
        errors.AUDIENCE,
        refused={
            "no restriction": audiences(),
            "a restriction without an audience": audiences(()),
            "another audience": audiences(("urn:amazon:appstream",)),
            "an audience that begins so": audiences(("urn:amazon:webservices:other",)),
            "capitals": audiences(("URN:amazon:webservices",)),
            "first of two restrictions misses": audiences(("urn:amazon:appstream",), ("urn:amazon:webservices",)),
            "second of two restrictions misses": audiences(("urn:amazon:webservices",), ("urn:amazon:appstream",)),
            "a sign-in URL that is not an entity ID": audiences(("https://eu-west-1.signin.aws.amazon.com/saml",)),
            "China's outside": audiences(("urn:amazon:webservices:cn-north-1",)),
            "GovCloud's outside": audiences(("urn:amazon:webservices:govcloud",)),
            "commercial in China": china("https://signin.amazonaws.cn/saml", "urn:amazon:webservices"),
            "commercial in GovCloud": govcloud("https://signin.amazonaws-us-gov.com/saml", "urn:amazon:webservices"),
            "another kind of audience": (
                audiences(("urn:other",)),
                "expected the audience urn:amazon:webservices or https://signin.aws.amazon.com/saml, got 'urn:other'",
            ),
        },
        accepted={
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
    ),
    rules.conditions_are_understood: RuleCases(
        errors.UNKNOWN_CONDITION,
        refused={
            "one": (asserting(unknown_conditions=("saml:Condition",)), "got saml:Condition"),
            "several": (
                asserting(unknown_conditions=("saml:Condition", "{urn:x}OneTimeUse")),
                "got saml:Condition, {urn:x}OneTimeUse",
            ),
        },
        accepted={"none": asserting(unknown_conditions=())},
    ),
    rules.not_used_too_early: RuleCases(
        errors.NOT_YET_VALID,
        refused={
            "a tick before the conditions": asserting(not_before=NOW + TICK),
            "a tick before the confirmation": confirming(not_before=NOW + TICK),
            "a second before the conditions": (
                asserting(not_before=NOW + SECOND),
                "not before 2030-01-01T12:00:01Z, and the time is 2030-01-01T12:00:00Z",
            ),
        },
        accepted={
            "the conditions begin now": asserting(not_before=NOW),
            "the conditions have no beginning": asserting(not_before=None),
            "the confirmation begins now": confirming(not_before=NOW),
            "the confirmation has no beginning": confirming(not_before=None),
        },
    ),
    rules.redeemed_in_time: RuleCases(
        errors.REDEEMED_TOO_LATE,
        refused={
            "a tick over five minutes": asserting(issue_instant=NOW - 5 * MINUTE - TICK),
            "yesterday": asserting(issue_instant=NOW - DAY),
            "six minutes old": (asserting(issue_instant=NOW - 6 * MINUTE), "issued 0:06:00 ago, more than 0:05:00"),
        },
        accepted={
            "five minutes old": asserting(issue_instant=NOW - 5 * MINUTE),
            "issued now": asserting(issue_instant=NOW),
        },
    ),
    rules.not_expired: RuleCases(
        errors.EXPIRED,
        refused={
            "the conditions end now": (
                asserting(not_on_or_after=NOW),
                "Conditions ended at 2030-01-01T12:00:00Z, and the time is 2030-01-01T12:00:00Z",
            ),
            "the conditions have ended": asserting(not_on_or_after=NOW - TICK),
            "the confirmation ends now": (
                confirming(not_on_or_after=NOW),
                "SubjectConfirmationData ended at 2030-01-01T12:00:00Z, and the time is 2030-01-01T12:00:00Z",
            ),
            "the confirmation has ended": confirming(not_on_or_after=NOW - TICK),
            "the session ends now": (
                asserting(session_not_on_or_after=NOW),
                "the session ended at 2030-01-01T12:00:00Z, and the time is 2030-01-01T12:00:00Z",
            ),
            "the session has ended": asserting(session_not_on_or_after=NOW - TICK),
        },
        accepted={
            "the conditions end in a tick": asserting(not_on_or_after=NOW + TICK),
            "the conditions have no end": asserting(not_on_or_after=None),
            "the confirmation ends in a tick": confirming(not_on_or_after=NOW + TICK),
            "the session ends in a tick": asserting(session_not_on_or_after=NOW + TICK),
            "the session has no end": asserting(session_not_on_or_after=None),
        },
    ),
    rules.offers_the_role: RuleCases(
        errors.ROLE_NOT_IN_RESPONSE,
        refused={
            "no attribute": (attributed(Role=None), f"expected the pair {[ROLE_.arn, PROVIDER.arn]}, got []"),
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
            "a space that is not white space in XML": offering(f"{ROLE_.arn},\u00a0{PROVIDER.arn}"),
        },
        accepted={
            "the role first": offering(f"{ROLE_.arn},{PROVIDER.arn}"),
            "the provider first": offering(f"{PROVIDER.arn},{ROLE_.arn}"),
            "a space after the comma": offering(f"{ROLE_.arn}, {PROVIDER.arn}"),
            "whitespace everywhere": offering(f"\n  {ROLE_.arn} ,\t{PROVIDER.arn}\n"),
            "last of several": offering(f"{OTHER_ROLE},{PROVIDER.arn}", f"{ROLE_.arn},{OTHER_PROVIDER}", PAIR),
            "first of several": offering(PAIR, f"{OTHER_ROLE},{PROVIDER.arn}"),
        },
    ),
    rules.names_the_session: RuleCases(
        errors.NO_ROLE_SESSION_NAME,
        refused={
            "no attribute": attributed(RoleSessionName=None),
            "no value": (called(), "the response has no RoleSessionName"),
        },
        accepted={
            "one": called("alice"),
        },
    ),
    rules.session_name_is_legal: RuleCases(
        errors.BAD_ROLE_SESSION_NAME,
        refused={
            "empty": called(""),
            "1 character": called("a"),
            "65 characters": called("a" * 65),
            "a trailing newline": called("alice\n"),
            "a trailing next line, which is not white space in XML": (called("alice\u0085"), r"got ['alice\x85']"),
            "a space": called("alice smith"),
            "a slash": called("alice/smith"),
            "a colon": called("alice:smith"),
            "a letter outside ASCII": called("älice"),
            "Arabic digits": called("alice\u0661\u0662"),
            "two values": called("alice", "bob"),
            "the same value twice": called("alice", "alice"),
            "two values of one character": (called("a", "b"), "got ['a', 'b']"),
        },
        accepted={
            "2 characters": called("ab"),
            "64 characters": called("a" * 64),
            "every sign": called("azAZ09_+=,.@-"),
        },
    ),
    rules.source_identity_is_legal: RuleCases(
        errors.SOURCE_IDENTITY,
        refused={
            "no value": identified(),
            "empty": identified(""),
            "1 character": identified("a"),
            "65 characters": identified("a" * 65),
            "a trailing newline": identified("alice\n"),
            "a space": identified("alice smith"),
            "a slash": identified("alice/smith"),
            "a letter outside ASCII": identified("älice"),
            "Arabic digits": identified("alice\u0661\u0662"),
            "aws: in front": identified("aws:alice"),
            "AWS: in front": identified("AWS:alice"),
            "two values": identified("alice", "bob"),
            "the same value twice": identified("alice", "alice"),
            "two values of one character": (identified("a", "b"), "got ['a', 'b']"),
        },
        accepted={
            "none": attributed(SourceIdentity=None),
            "2 characters": identified("ab"),
            "64 characters": identified("a" * 64),
            "every sign": identified("azAZ09_+=,.@-"),
            "aws without a colon": identified("aws"),
        },
    ),
    rules.at_most_fifty_tags: RuleCases(
        errors.TAGS,
        refused={
            "51 tags": (with_tags(51), "51 tags, more than 50"),
            "51 tags without a value": tagged(**{f"key{n}": () for n in range(51)}),
        },
        accepted={
            "49 tags": with_tags(49),
            "50 tags": with_tags(50),
        },
    ),
    rules.each_tag_has_one_value: RuleCases(
        errors.TAGS,
        refused={
            "no value": tagged(key=()),
            "two values": (tagged(key=("one", "two")), "the tag 'key' has 2 values"),
            "the same value twice": tagged(key=("one", "one")),
            "two values of the last tag": tagged(key="one", other=("one", "two")),
        },
        accepted={
            "one": tagged(key="value"),
            "an empty one": tagged(key=""),
        },
    ),
    rules.tag_keys_are_legal: RuleCases(
        errors.TAGS,
        refused={
            "no character": with_key(""),
            "129 characters": with_key("k" * 129),
            "the last of two": tagged(key="value", **{"#": "value"}),
            **{why: with_key(key) for why, key in {**NOT_IN_A_TAG, **RESERVED}.items()},
            "a hash at the end": (with_key("a#"), "'a#' is not a legal tag key"),
        },
        accepted={
            "1 character": with_key("k"),
            "128 characters": with_key("k" * 128),
            "128 characters outside of the basic plane": with_key("\U0001d49c" * 128),
            **{why: with_key(key) for why, key in IN_A_TAG.items()},
        },
    ),
    rules.tag_values_are_legal: RuleCases(
        errors.TAGS,
        refused={
            "257 characters": with_value("v" * 257),
            "the last of two": tagged(key="value", other="#"),
            **{why: with_value(value) for why, value in {**NOT_IN_A_TAG, **RESERVED}.items()},
            "a hash at the end": (with_value("a#"), "'a#' of 2 characters is not a legal value for the tag 'key'"),
        },
        accepted={
            "no character": with_value(""),
            "256 characters": with_value("v" * 256),
            "256 characters outside of the basic plane": with_value("\U0001d49c" * 256),
            **{why: with_value(value) for why, value in IN_A_TAG.items()},
        },
    ),
    rules.tag_keys_differ: RuleCases(
        errors.TAGS,
        refused={
            "a capital": tagged(Department="Blue", department="Blue"),
            "all capitals": tagged(DEPARTMENT="Blue", department="Green"),
            "a capital outside ASCII": tagged(Ärzte="Blue", ärzte="Blue"),
            "first and last of three": tagged(team="Blue", department="Blue", TEAM="Blue"),
            "empty values": (tagged(a="", A=""), "two keys of ['a', 'A'] differ only in case"),
        },
        accepted={
            "one that begins as another": tagged(department="Blue", departments="Blue"),
            "one value": tagged(department="Blue", team="Blue"),
            "values that differ in case": tagged(department="Blue", team="blue"),
            "a mark": tagged(arzte="Blue", ärzte="Blue"),
        },
    ),
    rules.transitive_tag_keys_are_tags: RuleCases(
        errors.TAGS,
        refused={
            "another key": transitive("Team", Department="Blue"),
            "one of two": transitive("Department", "Team", Department="Blue"),
            "a tag's value": transitive("Blue", Department="Blue"),
            "the beginning of a key": transitive("Depart", Department="Blue"),
            "no tags at all": transitive("Department"),
            "an empty key": transitive("", Department="Blue"),
            "two of three": (
                transitive("b", "C", "A", a=""),
                "TransitiveTagKeys names ['C', 'b'], and there are no such tags",
            ),
        },
        accepted={
            "none": transitive(Department="Blue"),
            "one of two": transitive("Team", Department="Blue", Team="Red"),
            "all": transitive("Team", "Department", Department="Blue", Team="Red"),
            "in small letters": transitive("department", Department="Blue"),
            "in capitals": transitive("DEPARTMENT", Department="Blue"),
            "twice": transitive("Department", "Department", Department="Blue"),
        },
    ),
    rules.provider_is_in_the_roles_account: RuleCases(
        errors.OTHER_ACCOUNT,
        refused={
            "role elsewhere": (
                of_accounts(role="111122223333", principal="123456789012"),
                "the role is in 111122223333, the provider in 123456789012",
            ),
            "provider elsewhere": of_accounts(role="123456789012", principal="111122223333"),
            "role in another partition": (
                of_accounts("123456789012", "123456789012", partition="aws-cn"),
                "the role is in aws-cn, the provider in aws",
            ),
        },
        accepted={
            "one account": of_accounts(role="123456789012", principal="123456789012"),
        },
    ),
    rules.subject_has_a_name: RuleCases(
        errors.ACCESS_DENIED,
        refused={
            "no NameID": (asserting(name_id=None), "the subject has no NameID"),
            "an empty NameID": asserting(name_id=""),
        },
        accepted={
            "1 character": asserting(name_id="a"),
        },
    ),
    role.role_exists: RuleCases(
        errors.ACCESS_DENIED,
        refused={
            "no role": (replace(GOOD, role=None, no_role="there is no role"), "there is no role"),
        },
        accepted={
            "a role": GOOD,
        },
    ),
    role.role_is_not_reserved: RuleCases(
        errors.ACCESS_DENIED,
        refused={
            "as IAM Identity Center calls them": for_role("AWSReservedSSO_Administrator_0123456789abcdef"),
            "the prefix alone": for_role("AWSReservedSSO_"),
            "a short name": (for_role("AWSReservedSSO_A"), "AWSReservedSSO_A is a role of IAM Identity Center"),
        },
        accepted={
            "without the underscore": for_role("AWSReservedSSO"),
            "in small letters": for_role("awsreservedsso_Administrator"),
            "further on": for_role("MyAWSReservedSSO_Administrator"),
        },
    ),
    role.trusted_by_the_role: RuleCases(
        errors.ACCESS_DENIED,
        refused={
            "tags without sts:TagSession": untrusting(tagged(Department="Blue")),
            "a source identity without sts:SetSourceIdentity": (
                untrusting(identified("alice")),
                (
                    f"the trust policy does not allow sts:SetSourceIdentity for {PROVIDER.arn}; "
                    "write create_role(..., allow_source_identity=True), or sts:SetSourceIdentity among the actions of "
                    "trust_policy(actions=[...])"
                ),
            ),
            "an Audience for a Recipient": (
                trusting(Condition={"StringEquals": {"SAML:aud": "urn:amazon:webservices"}}),
                (
                    f"the trust policy does not allow sts:AssumeRoleWithSAML for {PROVIDER.arn}; "
                    "SAML:aud is the Recipient of a response, not its Audience"
                ),
            ),
            "another provider": trusting(Principal={"Federated": OTHER_PROVIDER}),
            "another action": trusting(Action="sts:AssumeRoleWithWebIdentity"),
            "a Deny": (
                trusting(Effect="Deny"),
                f"the trust policy does not allow sts:AssumeRoleWithSAML for {PROVIDER.arn}",
            ),
            "a condition": trusting(Condition={"StringEquals": {"saml:sub": "bob@example.com"}}),
            "a regional Recipient": confirming(recipient="https://eu-west-1.signin.aws.amazon.com/saml"),
        },
        accepted={
            "tags": tagged(Department="Blue"),
            "a source identity": identified("alice"),
            "tags and a source identity": attributed(PrincipalTag={"Department": "Blue"}, SourceIdentity=("alice",)),
            "the condition holds": trusting(Condition={"StringEquals": {"saml:sub": "alice@example.com"}}),
            "no condition": trusting(Condition={}),
        },
    ),
    role.within_the_roles_maximum: RuleCases(
        errors.LONGER_THAN_ROLE_MAXIMUM,
        refused={
            "a second over the least maximum": (
                lasting(3601, maximum=3600),
                "3601 s were requested, and the role's maximum is 3600 s",
            ),
            "a second over a maximum": lasting(7201, maximum=7200),
        },
        accepted={
            "the least maximum": lasting(3600, maximum=3600),
            "a maximum": lasting(7200, maximum=7200),
            "the least duration": lasting(900, maximum=3600),
        },
    ),
    **session_policy_cases(GOOD, china("https://signin.amazonaws.cn/saml")),
}


class TestRulesOfASAMLLogin(RuleContract[SAMLLogin]):
    rules = SAML_LOGIN_RULES
    cases = CASES


@pytest.mark.parametrize("depth", [100, 900, 990, 1000, 1024])
def test_a_session_policy_nested_however_deeply_is_malformed(depth: int) -> None:
    with pytest.raises(Rejected) as caught:
        check_all(SAML_LOGIN_RULES, limited_by(GOOD, policy="[" * depth + "]" * depth))
    assert caught.value.error.code == "MalformedPolicyDocument"
