"""The rules of a SAML login after its response was read."""

import re

from ...iam.entities import REQUIRED, SAMLProvider
from ...iam.limits import LONGEST_TAG_KEY, LONGEST_TAG_VALUE, MOST_TAGS
from ...iam.partitions import REGION, partition_of
from ...iam.tags import has_legal_characters, is_reserved
from ...saml.document import WHITE_SPACE, instant_text
from ...saml.vocabulary import BEARER, ROLE, ROLE_SESSION_NAME, SERVICE_PROVIDERS, SOURCE_IDENTITY
from .. import errors, limits
from ..requests.saml_login import SAMLLogin
from ..rule import AnyRule, Confidence, Rejected, rule
from .role import ROLE_RULES
from .session_policies import SESSION_POLICY_RULES


@rule(
    "The assertion has one SubjectConfirmation, of the method bearer, with a Recipient and a NotOnOrAfter",
    source="create_saml_assertions",
    confidence=Confidence.DOCUMENTED,
)
def confirmed_by_bearer(login: SAMLLogin) -> None:
    methods = [confirmation.method for confirmation in login.assertion.subject_confirmations]
    if methods != [BEARER]:
        raise Rejected(errors.SUBJECT_CONFIRMATION, f"expected one confirmation, {BEARER}, got {methods}")
    if not login.recipient or login.confirmation.not_on_or_after is None:
        raise Rejected(errors.SUBJECT_CONFIRMATION, "expected a Recipient and a NotOnOrAfter")


_PROVIDERS_URLS = {
    partition: re.compile(rf"https://(?:({REGION})\.)?{re.escape(aws.sign_in_host)}/saml/acs/(\w+)", re.ASCII)
    for partition, aws in SERVICE_PROVIDERS.items()
}


@rule(
    "If the Recipient is the sign-in URL of a SAML provider, that provider is the requested one; if the provider "
    "requires encryption, the Recipient is its own sign-in URL",
    source="create_saml_assertions; create_saml; the error is our choice, since AWS documents no text",
    confidence=Confidence.OURS,
)
def sent_to_this_provider(login: SAMLLogin) -> None:
    # Any other Recipient is accepted here, since the trust policy decides: AWS documents logins with
    # http://localhost:7890/redshift/, which a role allows by SAML:aud (Amazon Redshift guide, identity providers).
    provider = login.provider
    named = [url[2] for pattern in _PROVIDERS_URLS.values() if (url := pattern.fullmatch(login.recipient))]
    if named and named != [provider.uuid]:
        raise Rejected(errors.RECIPIENT, f"expected the provider {provider.uuid}, got {login.recipient!r}")
    if provider.assertion_encryption_mode == REQUIRED and not _is_own_url(login.recipient, provider):
        raise Rejected(errors.RECIPIENT, f"expected {provider.sign_in_url()}, got {login.recipient!r}")


def _is_own_url(recipient: str, provider: SAMLProvider) -> bool:
    url = _PROVIDERS_URLS[provider.partition].fullmatch(recipient)
    return url is not None and (url[1] is None or partition_of(url[1]) == provider.partition)


@rule(
    "Each AudienceRestriction names AWS, by its entity ID or its sign-in URL",
    source="troubleshoot_saml; both were observed; that a restriction is required is our choice",
    confidence=Confidence.DOCUMENTED,
)
def addressed_to_aws(login: SAMLLogin) -> None:
    aws = SERVICE_PROVIDERS[login.provider.partition]
    restrictions = login.assertion.audience_restrictions
    wanted = {aws.entity_id, aws.sign_in_url}
    if not restrictions or any(wanted.isdisjoint(audiences) for audiences in restrictions):
        raise Rejected(
            errors.AUDIENCE, f"expected the audience {aws.entity_id} or {aws.sign_in_url}, got {_listed(restrictions)}"
        )


def _listed(restrictions: tuple[tuple[str, ...], ...]) -> str:
    return " and ".join(" or ".join(map(repr, audiences)) or "an empty one" for audiences in restrictions) or "none"


@rule(
    "Conditions contains only AudienceRestriction, OneTimeUse and ProxyRestriction: with a condition that is not "
    "understood, an assertion must be rejected",
    source="saml-core 2.5.1; the error is our choice",
    confidence=Confidence.OURS,
)
def conditions_are_understood(login: SAMLLogin) -> None:
    unknown = login.assertion.unknown_conditions
    if unknown:
        raise Rejected(errors.UNKNOWN_CONDITION, f"got {', '.join(unknown)}")


@rule(
    "NotBefore is not in the future",
    source="saml-core 2.5.1.2; that there is no tolerance, and the error, are our choice",
    confidence=Confidence.OURS,
)
def not_used_too_early(login: SAMLLogin) -> None:
    for not_before in (login.assertion.not_before, login.confirmation.not_before):
        if not_before is not None and login.now < not_before:
            raise Rejected(
                errors.NOT_YET_VALID,
                f"not before {instant_text(not_before)}, and the time is {instant_text(login.now)}",
            )


@rule(
    "The assertion was issued at most five minutes ago",
    source="troubleshoot_saml; that IssueInstant counts, and comes before NotOnOrAfter, is inferred",
    confidence=Confidence.DOCUMENTED,
)
def redeemed_in_time(login: SAMLLogin) -> None:
    age = login.now - login.assertion.issue_instant
    if age > limits.REDEEMED_WITHIN:
        raise Rejected(errors.REDEEMED_TOO_LATE, f"issued {age} ago, more than {limits.REDEEMED_WITHIN}")


@rule(
    "No NotOnOrAfter of Conditions, SubjectConfirmationData or the session has passed",
    source="create_saml; that the session's end counts is our choice",
    confidence=Confidence.DOCUMENTED,
)
def not_expired(login: SAMLLogin) -> None:
    for name, end in (
        ("Conditions", login.assertion.not_on_or_after),
        ("SubjectConfirmationData", login.confirmation.not_on_or_after),
        ("the session", login.assertion.session_not_on_or_after),
    ):
        if end is not None and login.now >= end:
            raise Rejected(
                errors.EXPIRED, f"{name} ended at {instant_text(end)}, and the time is {instant_text(login.now)}"
            )


@rule(
    "A value of the attribute Role pairs the requested role and provider, in either order, with or without white space "
    "of XML",
    source="observed; that other white space counts is our choice",
    confidence=Confidence.OBSERVED,
)
def offers_the_role(login: SAMLLogin) -> None:
    wanted = sorted([login.parameters.role_arn, login.parameters.principal_arn])
    offered = login.assertion.attributes.get(ROLE, ())
    if not any(wanted == sorted(arn.strip(WHITE_SPACE) for arn in pair.split(",")) for pair in offered):
        misnamed = "" if offered else login.attribute_like(ROLE)
        raise Rejected(errors.ROLE_NOT_IN_RESPONSE, f"expected the pair {wanted}, got {list(offered)}{misnamed}")


@rule("The attribute RoleSessionName is there", source="troubleshoot_saml", confidence=Confidence.DOCUMENTED)
def names_the_session(login: SAMLLogin) -> None:
    if not login.assertion.attributes.get(ROLE_SESSION_NAME):
        because = f"the response has no RoleSessionName{login.attribute_like(ROLE_SESSION_NAME)}"
        raise Rejected(errors.NO_ROLE_SESSION_NAME, because)


@rule(
    "RoleSessionName is one value of 2 to 64 letters, digits and _+=,.@-, without the white space of XML around it",
    source="troubleshoot_saml; that two values are refused, and that this white space is not, is our choice",
    confidence=Confidence.DOCUMENTED,
)
def session_name_is_legal(login: SAMLLogin) -> None:
    names = login.assertion.attributes[ROLE_SESSION_NAME]
    if len(names) != 1 or limits.ROLE_SESSION_NAME.fullmatch(names[0]) is None:
        raise Rejected(errors.BAD_ROLE_SESSION_NAME, f"got {list(names)}")


@rule(
    "SourceIdentity, if it is there, is one value of 2 to 64 letters, digits and _+=,.@-, which excludes aws:",
    source="troubleshoot_saml",
    confidence=Confidence.DOCUMENTED,
)
def source_identity_is_legal(login: SAMLLogin) -> None:
    values = login.assertion.attributes.get(SOURCE_IDENTITY)
    if values is not None and (len(values) != 1 or limits.SOURCE_IDENTITY.fullmatch(values[0]) is None):
        raise Rejected(errors.SOURCE_IDENTITY, f"got {list(values)}")


# The error of the following rules is inferred: it was observed for tags, and the text does not say which rule it means.


@rule("There are at most 50 session tags", source="id_session-tags", confidence=Confidence.DOCUMENTED)
def at_most_fifty_tags(login: SAMLLogin) -> None:
    if len(login.tag_values) > MOST_TAGS:
        raise Rejected(errors.TAGS, f"{len(login.tag_values)} tags, more than {MOST_TAGS}")


@rule("Each session tag has one value", source="create_saml_assertions", confidence=Confidence.DOCUMENTED)
def each_tag_has_one_value(login: SAMLLogin) -> None:
    for key, values in login.tag_values.items():
        if len(values) != 1:
            raise Rejected(errors.TAGS, f"the tag {key!r} has {len(values)} values")


@rule(
    "Each tag key has 1 to 128 letters, numbers, spaces and _.:/=+-@ and does not begin with aws:",
    source="id_tags",
    confidence=Confidence.DOCUMENTED,
)
def tag_keys_are_legal(login: SAMLLogin) -> None:
    for key in login.tag_values:
        if not 1 <= len(key) <= LONGEST_TAG_KEY or not has_legal_characters(key) or is_reserved(key):
            raise Rejected(errors.TAGS, f"{key!r} is not a legal tag key")


@rule(
    "Each tag value has up to 256 letters, numbers, spaces and _.:/=+-@ and does not begin with aws:",
    source="id_tags",
    confidence=Confidence.DOCUMENTED,
)
def tag_values_are_legal(login: SAMLLogin) -> None:
    for key, value in login.tags.items():
        if len(value) > LONGEST_TAG_VALUE or not has_legal_characters(value) or is_reserved(value):
            raise Rejected(
                errors.TAGS, f"{value!r} of {len(value)} characters is not a legal value for the tag {key!r}"
            )


@rule(
    "No two tag keys differ only in the case of their letters",
    source="id_session-tags",
    confidence=Confidence.DOCUMENTED,
)
def tag_keys_differ(login: SAMLLogin) -> None:
    keys = [key.lower() for key in login.tag_values]
    if len(set(keys)) != len(keys):
        raise Rejected(errors.TAGS, f"two keys of {list(login.tag_values)} differ only in case")


@rule(
    "Each of TransitiveTagKeys is the key of a session tag, whatever the case of its letters",
    source="id_session-tags",
    confidence=Confidence.DOCUMENTED,
)
def transitive_tag_keys_are_tags(login: SAMLLogin) -> None:
    keys = {key.lower() for key in login.tags}
    unknown = {key for key in login.transitive_tag_keys if key.lower() not in keys}
    if unknown:
        raise Rejected(errors.TAGS, f"TransitiveTagKeys names {sorted(unknown)}, and there are no such tags")


@rule("The role and the provider belong to the same account", source="create_saml", confidence=Confidence.DOCUMENTED)
def provider_is_in_the_roles_account(login: SAMLLogin) -> None:
    role, principal = login.parameters.role, login.parameters.principal
    if (role.partition, role.account_id) != (principal.partition, principal.account_id):
        differ = "account_id" if role.account_id != principal.account_id else "partition"
        raise Rejected(
            errors.OTHER_ACCOUNT,
            f"the role is in {getattr(role, differ)}, the provider in {getattr(principal, differ)}",
        )


@rule("The subject has a NameID", source="troubleshoot_saml", confidence=Confidence.DOCUMENTED)
def subject_has_a_name(login: SAMLLogin) -> None:
    if not login.assertion.name_id:
        raise Rejected(errors.ACCESS_DENIED, "the subject has no NameID")


#: The rules that the sign-in page checks before a role is chosen. Which ones these are at AWS is inferred: the page was
#: seen to ask for a role before it refused a response without RoleSessionName.
RULES_BEFORE_A_CHOICE: tuple[AnyRule, ...] = (
    confirmed_by_bearer,
    sent_to_this_provider,
    addressed_to_aws,
    conditions_are_understood,
    not_used_too_early,
    redeemed_in_time,
    not_expired,
    offers_the_role,
)

#: The rules in AWS's order as far as it was observed, and else as it is inferred. Tests of yours should not depend on
#: the order.
SAML_LOGIN_RULES: tuple[AnyRule, ...] = (
    *RULES_BEFORE_A_CHOICE,
    names_the_session,
    session_name_is_legal,
    source_identity_is_legal,
    at_most_fifty_tags,
    each_tag_has_one_value,
    tag_keys_are_legal,
    tag_values_are_legal,
    tag_keys_differ,
    transitive_tag_keys_are_tags,
    provider_is_in_the_roles_account,
    subject_has_a_name,
    *ROLE_RULES,
    *SESSION_POLICY_RULES,
)
