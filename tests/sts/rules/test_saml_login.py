import datetime as dt
import json
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

from pytest_stssaml.iam.arn import Arn
from pytest_stssaml.iam.policies.trust_policies import parse_trust_policy
from pytest_stssaml.saml.vocabulary import ROLE
from pytest_stssaml.sts import errors
from pytest_stssaml.sts.errors import ErrorRow
from pytest_stssaml.sts.requests.saml_login import SAMLLogin
from pytest_stssaml.sts.rule import AnyRule, Rejected
from pytest_stssaml.sts.rules import role, session_policies
from pytest_stssaml.sts.rules import saml_login as rules
from pytest_stssaml.sts.rules.saml_login import SAML_LOGIN_RULES

Check = AnyRule
DAY = dt.timedelta(days=1)
PAIR = f"{ROLE_.arn},{PROVIDER.arn}"
OTHER_ROLE = "arn:aws:iam::123456789012:role/Administrator"
OTHER_PROVIDER = "arn:aws:iam::123456789012:saml-provider/OtherIdP"


def in_partition(partition: str, recipient: str, audience: str) -> SAMLLogin:
    """GOOD in another partition."""
    role_arn, provider_arn = (arn.replace("arn:aws:", f"arn:{partition}:") for arn in (ROLE_.arn, PROVIDER.arn))
    provider = replace(PROVIDER, arn=provider_arn, partition=partition)
    trust = parse_trust_policy(provider.trust_policy(audience=None))
    return SAMLLogin(
        parameters=replace(
            GOOD.parameters,
            role_arn=role_arn,
            principal_arn=provider_arn,
            role=GOOD.parameters.role._replace(partition=partition),
            principal=GOOD.parameters.principal._replace(partition=partition),
        ),
        provider=provider,
        assertion=replace(
            ASSERTION,
            subject_confirmations=(replace(CONFIRMATION, recipient=recipient),),
            audience_restrictions=((audience,),),
            attributes={**ASSERTION.attributes, ROLE: (f"{role_arn},{provider_arn}",)},
        ),
        role=replace(ROLE_, arn=role_arn, partition=partition, policy=trust),
        now=NOW,
    )


def commercial(recipient: str, audience: str = "urn:amazon:webservices") -> SAMLLogin:
    return in_partition("aws", recipient, audience)


def china(recipient: str, audience: str = "urn:amazon:webservices:cn-north-1") -> SAMLLogin:
    return in_partition("aws-cn", recipient, audience)


def govcloud(recipient: str, audience: str = "urn:amazon:webservices:govcloud") -> SAMLLogin:
    return in_partition("aws-us-gov", recipient, audience)


def audiences(*restrictions: tuple[str, ...]) -> SAMLLogin:
    return asserting(audience_restrictions=restrictions)


def offering(*pairs: str) -> SAMLLogin:
    return attributed(Role=pairs)


def called(*names: str) -> SAMLLogin:
    return attributed(RoleSessionName=names)


def trusting(**statement: object) -> SAMLLogin:
    """GOOD with something replaced in the one statement of its role's trust policy."""
    document = PROVIDER.trust_policy()
    document["Statement"][0] |= statement
    return replace(GOOD, role=replace(ROLE_, policy=parse_trust_policy(document)))


def of_accounts(role: str, principal: str, partition: str = "aws") -> SAMLLogin:
    """GOOD whose request names ARNs of these accounts, the role's in this partition."""
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
    """The same for a role that lets in neither tags nor a source identity."""
    return replace(login, role=ROLE_)


def managed(name: str, account: str = "123456789012", partition: str = "aws") -> str:
    return f"arn:{partition}:iam::{account}:policy/{name}"


def of_length(count: int, *, policies: int) -> list[str]:
    """ARNs of managed policies with so many characters together."""
    shortest = [managed(f"{n}") for n in range(policies)]
    return [*shortest[:-1], shortest[-1].ljust(count - len("".join(shortest[:-1])), "x")]


def without_policy(arn: str, *others: str) -> SAMLLogin:
    """GOOD with session policies of which one does not exist."""
    return replace(limited_by(arn, *others), managed_policies=frozenset(others))


STATEMENT = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT]})


def saying(**elements: object) -> SAMLLogin:
    """GOOD with a session policy that has some elements replaced; None takes one away."""
    document = {"Version": "2012-10-17", "Statement": [STATEMENT]} | elements
    return limited_by(policy=json.dumps({name: value for name, value in document.items() if value is not None}))


def stating(**elements: object) -> SAMLLogin:
    """GOOD with a session policy that has some elements of its one statement replaced; None takes one away."""
    statement = STATEMENT | elements
    return saying(Statement=[{name: value for name, value in statement.items() if value is not None}])


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
    "a dash that is no hyphen": "\u2013",
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


# Each rule, what it refuses with, and the logins that it alone refuses.
REJECTIONS: list[tuple[Check, ErrorRow, dict[str, SAMLLogin]]] = [
    (
        rules.confirmed_by_bearer,
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
        rules.sent_to_an_aws_sign_in_url,
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
        rules.addressed_to_aws,
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
        rules.not_used_too_early,
        errors.NOT_YET_VALID,
        {
            "a tick before the conditions": asserting(not_before=NOW + TICK),
            "a tick before the confirmation": confirming(not_before=NOW + TICK),
        },
    ),
    (
        rules.not_expired,
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
        rules.redeemed_in_time,
        errors.REDEEMED_TOO_LATE,
        {
            "a tick over five minutes": asserting(issue_instant=NOW - 5 * MINUTE - TICK),
            "yesterday": asserting(issue_instant=NOW - DAY),
        },
    ),
    (
        rules.offers_the_role,
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
        rules.names_the_session,
        errors.NO_ROLE_SESSION_NAME,
        {"no attribute": attributed(RoleSessionName=None), "no value": called()},
    ),
    (
        rules.session_name_is_legal,
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
        rules.source_identity_is_legal,
        errors.SOURCE_IDENTITY,
        {
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
        },
    ),
    (
        rules.at_most_fifty_tags,
        errors.TAGS,
        {"51 tags": with_tags(51), "51 tags without a value": tagged(**{f"key{n}": () for n in range(51)})},
    ),
    (
        rules.each_tag_has_one_value,
        errors.TAGS,
        {
            "no value": tagged(key=()),
            "two values": tagged(key=("one", "two")),
            "the same value twice": tagged(key=("one", "one")),
            "two values of the last tag": tagged(key="one", other=("one", "two")),
        },
    ),
    (
        rules.tag_keys_are_legal,
        errors.TAGS,
        {
            "no character": with_key(""),
            "129 characters": with_key("k" * 129),
            "the last of two": tagged(key="value", **{"#": "value"}),
            **{why: with_key(key) for why, key in {**NOT_IN_A_TAG, **RESERVED}.items()},
        },
    ),
    (
        rules.tag_values_are_legal,
        errors.TAGS,
        {
            "257 characters": with_value("v" * 257),
            "the last of two": tagged(key="value", other="#"),
            **{why: with_value(value) for why, value in {**NOT_IN_A_TAG, **RESERVED}.items()},
        },
    ),
    (
        rules.tag_keys_differ,
        errors.TAGS,
        {
            "a capital": tagged(Department="Blue", department="Blue"),
            "all capitals": tagged(DEPARTMENT="Blue", department="Green"),
            "a capital outside ASCII": tagged(Ärzte="Blue", ärzte="Blue"),
            "first and last of three": tagged(team="Blue", department="Blue", TEAM="Blue"),
        },
    ),
    (
        rules.transitive_tag_keys_are_tags,
        errors.TAGS,
        {
            "another key": transitive("Team", Department="Blue"),
            "one of two": transitive("Department", "Team", Department="Blue"),
            "a tag's value": transitive("Blue", Department="Blue"),
            "the beginning of a key": transitive("Depart", Department="Blue"),
            "no tags at all": transitive("Department"),
            "an empty key": transitive("", Department="Blue"),
        },
    ),
    (
        rules.provider_is_in_the_roles_account,
        errors.OTHER_ACCOUNT,
        {
            "role elsewhere": of_accounts(role="111122223333", principal="123456789012"),
            "provider elsewhere": of_accounts(role="123456789012", principal="111122223333"),
            "role in another partition": of_accounts("123456789012", "123456789012", partition="aws-cn"),
        },
    ),
    (
        rules.subject_has_a_name,
        errors.ACCESS_DENIED,
        {"no NameID": asserting(name_id=None), "an empty NameID": asserting(name_id="")},
    ),
    (role.role_exists, errors.ACCESS_DENIED, {"no role": replace(GOOD, role=None)}),
    (
        role.role_is_not_reserved,
        errors.ACCESS_DENIED,
        {
            "as IAM Identity Center calls them": for_role("AWSReservedSSO_Administrator_0123456789abcdef"),
            "the prefix alone": for_role("AWSReservedSSO_"),
        },
    ),
    (
        role.trusted_by_the_role,
        errors.ACCESS_DENIED,
        {
            "tags without sts:TagSession": untrusting(tagged(Department="Blue")),
            "a source identity without sts:SetSourceIdentity": untrusting(identified("alice")),
            "another provider": trusting(Principal={"Federated": OTHER_PROVIDER}),
            "another action": trusting(Action="sts:AssumeRoleWithWebIdentity"),
            "a Deny": trusting(Effect="Deny"),
            "a condition": trusting(Condition={"StringEquals": {"saml:sub": "bob@example.com"}}),
            "a regional Recipient": confirming(recipient="https://eu-west-1.signin.aws.amazon.com/saml"),
        },
    ),
    (
        role.within_the_roles_maximum,
        errors.LONGER_THAN_ROLE_MAXIMUM,
        {
            "a second over the least maximum": lasting(3601, maximum=3600),
            "a second over a maximum": lasting(7201, maximum=7200),
        },
    ),
    (
        session_policies.at_most_ten_policy_arns,
        errors.TOO_MANY_POLICY_ARNS,
        {
            "11": limited_by(*(managed(f"{n}") for n in range(11))),
            "one of them 11 times": limited_by(*[managed("One")] * 11),
        },
    ),
    (
        session_policies.policies_are_of_the_roles_account,
        errors.POLICY_OF_ANOTHER_ACCOUNT,
        {
            "another account": limited_by(managed("One", account="111122223333")),
            "last of two": limited_by(managed("One"), managed("Two", account="111122223333")),
            "no account": limited_by(managed("One", account="")),
            "aws in capitals": limited_by(managed("ReadOnlyAccess", account="AWS")),
            "another partition": limited_by(managed("One", partition="aws-cn")),
            "another partition than China's": limited_by(
                managed("One"), login=china("https://signin.amazonaws.cn/saml")
            ),
            "AWS's own of another partition": limited_by(managed("ReadOnlyAccess", "aws", "aws-us-gov")),
        },
    ),
    (
        session_policies.policies_exist,
        errors.UNKNOWN_POLICY,
        {
            "the only one": without_policy(managed("One")),
            "first of two": without_policy(managed("One"), managed("Two")),
            "another case": without_policy(managed("one"), managed("One")),
        },
    ),
    (
        session_policies.policies_are_short_enough,
        errors.POLICIES_TOO_LONG,
        {
            "2,049 in a policy and an ARN": limited_by(managed("One"), policy=POLICY.ljust(2049 - len(managed("One")))),
            "2,049 in an ARN": limited_by(*of_length(2049, policies=1)),
            "2,049 in ten ARNs": limited_by(*of_length(2049, policies=10)),
            "2,049 that are mostly spaces": limited_by(policy=POLICY.ljust(2049)),
        },
    ),
    (
        session_policies.session_policy_is_json,
        errors.POLICY_NOT_JSON,
        {
            "no text": limited_by(policy=""),
            "white space": limited_by(policy=" \n"),
            "a word": limited_by(policy="invalid"),
            "no end": limited_by(policy=POLICY[:-1]),
            "more after the end": limited_by(policy=POLICY + "}"),
            "two documents": limited_by(policy=POLICY * 2),
            "single quotes": limited_by(policy=POLICY.replace('"', "'")),
            "a comma too many": limited_by(policy=POLICY.replace("}]", "},]")),
            "a comment": limited_by(policy=POLICY + "// mine"),
            "a line feed in a text": limited_by(policy=POLICY.replace("Allow", "Al\nlow")),
            "NaN": limited_by(policy=POLICY.replace('"*"', "NaN")),
            "Infinity": limited_by(policy=POLICY.replace('"*"', "Infinity")),
            "minus Infinity": limited_by(policy=POLICY.replace('"*"', "-Infinity")),
            "a key twice": limited_by(policy=POLICY.replace("{", '{"Version": "2012-10-17", ', 1)),
            "a statement's key twice": limited_by(policy=POLICY.replace('"Effect"', '"Effect": "Deny", "Effect"')),
        },
    ),
    (
        session_policies.session_policy_follows_the_grammar,
        errors.POLICY_SYNTAX,
        {
            "an array": limited_by(policy=f"[{POLICY}]"),
            "a text": limited_by(policy='"Allow"'),
            "a number": limited_by(policy="1"),
            "null": limited_by(policy="null"),
            "no element": limited_by(policy="{}"),
            "another version": saying(Version="2013-10-17"),
            "no Statement": saying(Statement=None),
            "an empty Statement": saying(Statement=[]),
            "an unknown element": saying(Comment="mine"),
            "an element in small letters": saying(statement=[STATEMENT]),
            "a Principal": stating(Principal="*"),
            "a NotPrincipal": stating(NotPrincipal={"AWS": "123456789012"}),
            "no Effect": stating(Effect=None),
            "another Effect": stating(Effect="allow"),
            "no Action": stating(Action=None),
            "Action and NotAction": stating(NotAction="s3:PutObject"),
            "no Resource": stating(Resource=None),
            "Resource and NotResource": stating(NotResource="*"),
            "an unknown operator": stating(Condition={"StringMatches": {"aws:PrincipalTag/team": "blue"}}),
            "a Sid twice": saying(Statement=[STATEMENT | {"Sid": "One"}] * 2),
            "a second statement that is wrong": saying(Statement=[STATEMENT, STATEMENT | {"Effect": "Maybe"}]),
        },
    ),
]

# For each rule, logins that it lets pass by the least margin, and that every other rule lets pass too.
ACCEPTED: dict[Check, dict[str, SAMLLogin]] = {
    rules.confirmed_by_bearer: {"one by bearer": confirming(method="urn:oasis:names:tc:SAML:2.0:cm:bearer")},
    rules.sent_to_an_aws_sign_in_url: {
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
    rules.addressed_to_aws: {
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
    rules.not_used_too_early: {
        "the conditions begin now": asserting(not_before=NOW),
        "the conditions have no beginning": asserting(not_before=None),
        "the confirmation begins now": confirming(not_before=NOW),
        "the confirmation has no beginning": confirming(not_before=None),
    },
    rules.not_expired: {
        "the conditions end in a tick": asserting(not_on_or_after=NOW + TICK),
        "the conditions have no end": asserting(not_on_or_after=None),
        "the confirmation ends in a tick": confirming(not_on_or_after=NOW + TICK),
        "the session ends in a tick": asserting(session_not_on_or_after=NOW + TICK),
        "the session has no end": asserting(session_not_on_or_after=None),
    },
    rules.redeemed_in_time: {
        "five minutes old": asserting(issue_instant=NOW - 5 * MINUTE),
        "issued now": asserting(issue_instant=NOW),
    },
    rules.offers_the_role: {
        "the role first": offering(f"{ROLE_.arn},{PROVIDER.arn}"),
        "the provider first": offering(f"{PROVIDER.arn},{ROLE_.arn}"),
        "a space after the comma": offering(f"{ROLE_.arn}, {PROVIDER.arn}"),
        "whitespace everywhere": offering(f"\n  {ROLE_.arn} ,\t{PROVIDER.arn}\n"),
        "last of several": offering(f"{OTHER_ROLE},{PROVIDER.arn}", f"{ROLE_.arn},{OTHER_PROVIDER}", PAIR),
        "first of several": offering(PAIR, f"{OTHER_ROLE},{PROVIDER.arn}"),
    },
    rules.names_the_session: {"one": called("alice")},
    rules.session_name_is_legal: {
        "2 characters": called("ab"),
        "64 characters": called("a" * 64),
        "every sign": called("azAZ09_+=,.@-"),
    },
    rules.source_identity_is_legal: {
        "none": attributed(SourceIdentity=None),
        "2 characters": identified("ab"),
        "64 characters": identified("a" * 64),
        "every sign": identified("azAZ09_+=,.@-"),
        "aws without a colon": identified("aws"),
    },
    rules.at_most_fifty_tags: {"49 tags": with_tags(49), "50 tags": with_tags(50)},
    rules.each_tag_has_one_value: {"one": tagged(key="value"), "an empty one": tagged(key="")},
    rules.tag_keys_are_legal: {
        "1 character": with_key("k"),
        "128 characters": with_key("k" * 128),
        "128 characters outside of the basic plane": with_key("\U0001d49c" * 128),
        **{why: with_key(key) for why, key in IN_A_TAG.items()},
    },
    rules.tag_values_are_legal: {
        "no character": with_value(""),
        "256 characters": with_value("v" * 256),
        "256 characters outside of the basic plane": with_value("\U0001d49c" * 256),
        **{why: with_value(value) for why, value in IN_A_TAG.items()},
    },
    rules.tag_keys_differ: {
        "one that begins as another": tagged(department="Blue", departments="Blue"),
        "one value": tagged(department="Blue", team="Blue"),
        "values that differ in case": tagged(department="Blue", team="blue"),
        "a mark": tagged(arzte="Blue", ärzte="Blue"),
    },
    rules.transitive_tag_keys_are_tags: {
        "none": transitive(Department="Blue"),
        "one of two": transitive("Team", Department="Blue", Team="Red"),
        "all": transitive("Team", "Department", Department="Blue", Team="Red"),
        "in small letters": transitive("department", Department="Blue"),
        "in capitals": transitive("DEPARTMENT", Department="Blue"),
        "twice": transitive("Department", "Department", Department="Blue"),
    },
    rules.provider_is_in_the_roles_account: {
        "one account": of_accounts(role="123456789012", principal="123456789012"),
    },
    rules.subject_has_a_name: {"1 character": asserting(name_id="a")},
    role.role_exists: {"a role": GOOD},
    role.role_is_not_reserved: {
        "without the underscore": for_role("AWSReservedSSO"),
        "in small letters": for_role("awsreservedsso_Administrator"),
        "further on": for_role("MyAWSReservedSSO_Administrator"),
    },
    role.trusted_by_the_role: {
        "tags": tagged(Department="Blue"),
        "a source identity": identified("alice"),
        "tags and a source identity": attributed(PrincipalTag={"Department": "Blue"}, SourceIdentity=("alice",)),
        "the condition holds": trusting(Condition={"StringEquals": {"saml:sub": "alice@example.com"}}),
        "no condition": trusting(Condition={}),
    },
    role.within_the_roles_maximum: {
        "the least maximum": lasting(3600, maximum=3600),
        "a maximum": lasting(7200, maximum=7200),
        "the least duration": lasting(900, maximum=3600),
    },
    session_policies.at_most_ten_policy_arns: {"10": limited_by(*(managed(f"{n}") for n in range(10)))},
    session_policies.policies_are_of_the_roles_account: {
        "the role's account": limited_by(managed("One")),
        "AWS's own": limited_by(managed("ReadOnlyAccess", account="aws")),
        "both": limited_by(managed("ReadOnlyAccess", account="aws"), managed("One")),
        "China's": limited_by(managed("One", partition="aws-cn"), login=china("https://signin.amazonaws.cn/saml")),
        "AWS's own in China": limited_by(
            managed("ReadOnlyAccess", "aws", "aws-cn"), login=china("https://signin.amazonaws.cn/saml")
        ),
    },
    session_policies.policies_exist: {
        "one": limited_by(managed("One")),
        "one, twice": limited_by(managed("One"), managed("One")),
    },
    session_policies.policies_are_short_enough: {
        "2,048 in a policy": limited_by(policy=POLICY.ljust(2048)),
        "2,048 in a policy and an ARN": limited_by(managed("One"), policy=POLICY.ljust(2048 - len(managed("One")))),
        "2,048 in an ARN": limited_by(*of_length(2048, policies=1)),
        "2,048 in ten ARNs": limited_by(*of_length(2048, policies=10)),
    },
    session_policies.session_policy_is_json: {
        "no policy": limited_by(policy=None),
        "white space round it": limited_by(policy=f"\t\r\n {POLICY} "),
        "the same key in two statements": saying(Statement=[STATEMENT, STATEMENT]),
        "an escaped surrogate alone": stating(Resource="arn:aws:s3:::a\ud800"),
    },
    session_policies.session_policy_follows_the_grammar: {
        "one statement without a list": saying(Statement=STATEMENT),
        "two statements": saying(Statement=[STATEMENT, STATEMENT | {"Effect": "Deny"}]),
        "no Version": saying(Version=None),
        "the older version": saying(Version="2008-10-17"),
        "an Id": saying(Id="mine"),
        "a Sid": stating(Sid="One"),
        "NotAction": stating(Action=None, NotAction="s3:PutObject"),
        "NotResource": stating(Resource=None, NotResource="arn:aws:s3:::bucket/*"),
        "lists": stating(Action=["s3:Get*", "s3:List*"], Resource=["arn:aws:s3:::a", "arn:aws:s3:::b"]),
        "a Condition": stating(Condition={"StringEquals": {"aws:PrincipalTag/team": "${aws:PrincipalTag/team}"}}),
    },
}


REFUSED = [
    pytest.param(check, error, login, id=f"{check.name}: {why}")
    for check, error, logins in REJECTIONS
    for why, login in logins.items()
]


@pytest.mark.parametrize(("check", "error", "login"), REFUSED)
def test_a_rule_refuses_with_its_own_error(check: Check, error: ErrorRow, login: SAMLLogin) -> None:
    with pytest.raises(Rejected) as caught:
        check(login)
    assert caught.value.error == error


@pytest.mark.parametrize(("check", "error", "login"), REFUSED)
def test_a_login_that_breaks_one_rule_passes_those_before_it(check: Check, error: ErrorRow, login: SAMLLogin) -> None:
    for earlier in SAML_LOGIN_RULES[: SAML_LOGIN_RULES.index(check)]:
        earlier(login)


def pass_every_rule(login: SAMLLogin) -> None:
    for check in SAML_LOGIN_RULES:
        check(login)


@pytest.mark.parametrize(
    "login",
    [
        pytest.param(login, id=f"{check.name}: {why}")
        for check, logins in ACCEPTED.items()
        for why, login in logins.items()
    ],
)
def test_the_nearest_login_that_a_rule_accepts_passes_every_rule(login: SAMLLogin) -> None:
    pass_every_rule(login)


def test_every_rule_refuses_something_and_they_are_listed_in_their_order() -> None:
    assert tuple(check for check, _, _ in REJECTIONS) == SAML_LOGIN_RULES


def test_every_rule_has_a_neighbour_that_it_accepts() -> None:
    assert tuple(check for check, logins in ACCEPTED.items() if logins) == SAML_LOGIN_RULES


# The sentence that the test's author reads.
REASONS = [
    (
        rules.confirmed_by_bearer,
        confirming(method="urn:other"),
        "expected one confirmation, urn:oasis:names:tc:SAML:2.0:cm:bearer, got ['urn:other']",
    ),
    (rules.confirmed_by_bearer, confirming(recipient=None), "expected a Recipient and a NotOnOrAfter"),
    (
        rules.sent_to_an_aws_sign_in_url,
        confirming(recipient="https://idp.example.com"),
        "expected a sign-in URL of AWS, got 'https://idp.example.com'",
    ),
    (
        rules.sent_to_an_aws_sign_in_url,
        commercial("https://cn-north-1.signin.aws.amazon.com/saml"),
        "cn-north-1 is not a region of aws",
    ),
    (
        rules.sent_to_an_aws_sign_in_url,
        commercial("https://signin.aws.amazon.com/saml/acs/SAMLSP0"),
        "expected the provider SAMLSPABCDEFGHIJ234567, got 'https://signin.aws.amazon.com/saml/acs/SAMLSP0'",
    ),
    (
        rules.addressed_to_aws,
        audiences(("urn:other",)),
        "expected the audience urn:amazon:webservices, got 'urn:other'",
    ),
    (
        rules.not_used_too_early,
        asserting(not_before=NOW + SECOND),
        "not before 2030-01-01T12:00:01Z, and it is 2030-01-01T12:00:00Z",
    ),
    (
        rules.not_expired,
        asserting(not_on_or_after=NOW),
        "Conditions ended at 2030-01-01T12:00:00Z, and it is 2030-01-01T12:00:00Z",
    ),
    (
        rules.not_expired,
        confirming(not_on_or_after=NOW),
        "SubjectConfirmationData ended at 2030-01-01T12:00:00Z, and it is 2030-01-01T12:00:00Z",
    ),
    (
        rules.not_expired,
        asserting(session_not_on_or_after=NOW),
        "the session ended at 2030-01-01T12:00:00Z, and it is 2030-01-01T12:00:00Z",
    ),
    (
        rules.redeemed_in_time,
        asserting(issue_instant=NOW - 6 * MINUTE),
        "issued 0:06:00 ago, more than 0:05:00",
    ),
    (
        rules.offers_the_role,
        attributed(Role=None),
        f"expected the pair {[ROLE_.arn, PROVIDER.arn]}, got []",
    ),
    (rules.names_the_session, called(), "the response has no RoleSessionName"),
    (rules.session_name_is_legal, called("a", "b"), "got ['a', 'b']"),
    (rules.source_identity_is_legal, identified("a", "b"), "got ['a', 'b']"),
    (rules.at_most_fifty_tags, with_tags(51), "51 tags, more than 50"),
    (rules.each_tag_has_one_value, tagged(key=("one", "two")), "the tag 'key' has 2 values"),
    (rules.tag_keys_are_legal, with_key("a#"), "'a#' is not a legal tag key"),
    (rules.tag_values_are_legal, with_value("a#"), "'a#' of 2 characters is not a legal value for the tag 'key'"),
    (rules.tag_keys_differ, tagged(a="", A=""), "two keys of ['a', 'A'] differ only in case"),
    (
        rules.transitive_tag_keys_are_tags,
        transitive("b", "C", "A", a=""),
        "TransitiveTagKeys names ['b', 'c'], and there are no such tags",
    ),
    (
        rules.provider_is_in_the_roles_account,
        of_accounts(role="111122223333", principal="123456789012"),
        "the role is in 111122223333, the provider in 123456789012",
    ),
    (rules.subject_has_a_name, asserting(name_id=None), "the subject has no NameID"),
    (role.role_exists, replace(GOOD, role=None), f"there is no role {ROLE_.arn}"),
    (
        role.role_is_not_reserved,
        for_role("AWSReservedSSO_A"),
        "AWSReservedSSO_A is a role of IAM Identity Center",
    ),
    (
        role.trusted_by_the_role,
        trusting(Effect="Deny"),
        f"the trust policy does not allow sts:AssumeRoleWithSAML for {PROVIDER.arn}",
    ),
    (
        role.within_the_roles_maximum,
        lasting(3601, maximum=3600),
        "3601 s were requested, and the role's maximum is 3600 s",
    ),
    (session_policies.at_most_ten_policy_arns, limited_by(*[managed("One")] * 11), "11 ARNs, more than 10"),
    (
        session_policies.policies_are_of_the_roles_account,
        limited_by(managed("One", account="111122223333")),
        f"expected a policy of 123456789012 or of AWS itself in aws, got {managed('One', account='111122223333')}",
    ),
    (
        session_policies.policies_exist,
        without_policy(managed("One"), managed("Two")),
        f"there is no policy {managed('One')}; create_policy(...) makes one",
    ),
    (
        session_policies.policies_are_short_enough,
        limited_by(policy=POLICY.ljust(2049)),
        "2049 characters, more than 2048",
    ),
    (
        session_policies.session_policy_is_json,
        limited_by(policy=POLICY.replace('"*"', "NaN")),
        "NaN is not JSON",
    ),
    (
        session_policies.session_policy_is_json,
        limited_by(policy='{"a": 1, "a": 2}'),
        "the key 'a' is repeated in one object",
    ),
    (
        session_policies.session_policy_follows_the_grammar,
        limited_by(policy="1"),
        "a policy must be a JSON object, not 1",
    ),
]


@pytest.mark.parametrize(("check", "login", "because"), REASONS, ids=[check.name for check, _, _ in REASONS])
def test_a_refusal_says_what_was_expected_and_what_came(check: Check, login: SAMLLogin, because: str) -> None:
    with pytest.raises(Rejected) as caught:
        check(login)
    assert caught.value.because == because


@pytest.mark.parametrize("depth", [100, 900, 990, 1000, 1024])
def test_a_session_policy_nested_however_deeply_is_malformed(depth: int) -> None:
    with pytest.raises(Rejected) as caught:
        pass_every_rule(limited_by(policy="[" * depth + "]" * depth))
    assert caught.value.error.code == "MalformedPolicyDocument"
