"""CHECKS: one named function for each rule about a readable response, in AWS's order.

A rule says what AWS asks and, in parentheses, where that is written: a bare name is a page of the IAM user guide,
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_saml.html for one, without the "id_roles_providers_" that
others begin with. "Observed" is what AWS was seen to do. What AWS does not say is ours, and the rule says so.
"""

import re
from collections.abc import Callable

from ...iam.entities import REQUIRED
from ...iam.limits import LONGEST_TAG_KEY, LONGEST_TAG_VALUE, MOST_TAGS
from ...iam.partitions import REGION, partition_of
from ...iam.tags import has_legal_characters, is_reserved
from ...saml.document import instant_text
from ...saml.vocabulary import (
    BEARER,
    ROLE,
    ROLE_SESSION_NAME,
    SERVICE_PROVIDERS,
    SOURCE_IDENTITY,
)
from .. import errors, limits
from ..errors import Rejected
from ..requests.saml_login import Login
from .role import ROLE_CHECKS, SESSION_POLICY_CHECKS

Check = Callable[[Login], None]


def confirmed_by_bearer(login: Login) -> None:
    """The one SubjectConfirmation is by bearer, with Recipient and NotOnOrAfter (create_saml_assertions)."""
    methods = [confirmation.method for confirmation in login.assertion.subject_confirmations]
    if methods != [BEARER]:
        raise Rejected(errors.SUBJECT_CONFIRMATION, f"expected one confirmation, {BEARER}, got {methods}")
    if not login.recipient or login.confirmation.not_on_or_after is None:
        raise Rejected(errors.SUBJECT_CONFIRMATION, "expected a Recipient and a NotOnOrAfter")


def _sign_in_urls(host: str) -> re.Pattern[str]:
    host = re.escape(host)
    return re.compile(rf"https://{host}/static/saml|https://(?:({REGION})\.)?{host}/saml(?:/acs/(\w+))?", re.ASCII)


_SIGN_IN_URLS = {partition: _sign_in_urls(aws.sign_in_host) for partition, aws in SERVICE_PROVIDERS.items()}


def sent_to_an_aws_sign_in_url(login: Login) -> None:
    """Recipient is a sign-in URL of the provider's partition, and its own if it names one (create_saml_assertions).

    It must name one where assertions must be encrypted. That a foreign Recipient has an error of its own is ours: AWS
    documents the rule and no text.
    """
    provider = login.provider
    matched = _SIGN_IN_URLS[provider.partition].fullmatch(login.recipient)
    if matched is None:
        raise Rejected(errors.RECIPIENT, f"expected a sign-in URL of AWS's, got {login.recipient!r}")
    region, uuid = matched.groups()
    if region is not None and partition_of(region) != provider.partition:
        raise Rejected(errors.RECIPIENT, f"{region} is no region of {provider.partition}")
    if uuid is None and provider.assertion_encryption_mode == REQUIRED:
        raise Rejected(errors.RECIPIENT, f"expected {provider.sign_in_url()}, got {login.recipient!r}")
    if uuid is not None and uuid != provider.uuid:
        raise Rejected(errors.RECIPIENT, f"expected the provider {provider.uuid}, got {login.recipient!r}")


def addressed_to_aws(login: Login) -> None:
    """Each AudienceRestriction names AWS, by entity id or sign-in URL (troubleshoot_saml; both were seen accepted).

    That an assertion without AudienceRestriction is refused is ours.
    """
    aws = SERVICE_PROVIDERS[login.provider.partition]
    restrictions = login.assertion.audience_restrictions
    wanted = {aws.entity_id, aws.sign_in_url}
    if not restrictions or any(wanted.isdisjoint(audiences) for audiences in restrictions):
        raise Rejected(errors.AUDIENCE, f"expected the audience {aws.entity_id}, got {_listed(restrictions)}")


def _listed(restrictions: tuple[tuple[str, ...], ...]) -> str:
    return " and ".join(" or ".join(map(repr, audiences)) or "nobody" for audiences in restrictions) or "none"


def not_used_too_early(login: Login) -> None:
    """NotBefore is not in the future (saml-core 2.5.1.2); error and lack of tolerance are ours."""
    for not_before in (login.assertion.not_before, login.confirmation.not_before):
        if not_before is not None and login.now < not_before:
            raise Rejected(
                errors.NOT_YET_VALID, f"not before {instant_text(not_before)}, and it is {instant_text(login.now)}"
            )


def not_expired(login: Login) -> None:
    """No NotOnOrAfter of Conditions, SubjectConfirmationData or the session has passed (create_saml).

    That the session's end counts, and that this comes before the five minutes, is ours.
    """
    for name, end in (
        ("Conditions", login.assertion.not_on_or_after),
        ("SubjectConfirmationData", login.confirmation.not_on_or_after),
        ("the session", login.assertion.session_not_on_or_after),
    ):
        if end is not None and login.now >= end:
            raise Rejected(errors.EXPIRED, f"{name} ended at {instant_text(end)}, and it is {instant_text(login.now)}")


def redeemed_in_time(login: Login) -> None:
    """The assertion was issued at most five minutes ago (troubleshoot_saml); that IssueInstant counts is inferred."""
    age = login.now - login.assertion.issue_instant
    if age > limits.REDEEMED_WITHIN:
        raise Rejected(errors.REDEEMED_TOO_LATE, f"issued {age} ago, more than {limits.REDEEMED_WITHIN}")


def offers_the_role(login: Login) -> None:
    """A Role value pairs the requested role and provider, in either order, with spaces or without (observed)."""
    wanted = sorted([login.request.role_arn, login.request.principal_arn])
    offered = login.assertion.attributes.get(ROLE, ())
    if not any(wanted == sorted(arn.strip() for arn in pair.split(",")) for pair in offered):
        raise Rejected(errors.ROLE_NOT_IN_RESPONSE, f"expected the pair {wanted}, got {list(offered)}")


def names_the_session(login: Login) -> None:
    """There is a RoleSessionName (troubleshoot_saml)."""
    if not login.assertion.attributes.get(ROLE_SESSION_NAME):
        raise Rejected(errors.NO_ROLE_SESSION_NAME, "the response has no RoleSessionName")


def session_name_is_legal(login: Login) -> None:
    """RoleSessionName is one value of 2 to 64 letters, digits and _+=,.@- (troubleshoot_saml; two: our stance)."""
    names = login.assertion.attributes[ROLE_SESSION_NAME]
    if len(names) != 1 or limits.ROLE_SESSION_NAME.fullmatch(names[0]) is None:
        raise Rejected(errors.BAD_ROLE_SESSION_NAME, f"got {list(names)}")


def source_identity_is_legal(login: Login) -> None:
    """SourceIdentity, if any, is one of 2 to 64 letters, digits and _+=,.@-, so never aws: (troubleshoot_saml)."""
    values = login.assertion.attributes.get(SOURCE_IDENTITY)
    if values is not None and (len(values) != 1 or limits.SOURCE_IDENTITY.fullmatch(values[0]) is None):
        raise Rejected(errors.SOURCE_IDENTITY, f"got {list(values)}")


def at_most_fifty_tags(login: Login) -> None:
    """There are at most 50 session tags (id_session-tags); the text of this and the next rules is inferred."""
    if len(login.said_tags) > MOST_TAGS:
        raise Rejected(errors.TAGS, f"{len(login.said_tags)} tags, more than {MOST_TAGS}")


def each_tag_has_one_value(login: Login) -> None:
    """A session tag has one value (create_saml_assertions)."""
    for key, values in login.said_tags.items():
        if len(values) != 1:
            raise Rejected(errors.TAGS, f"the tag {key!r} has {len(values)} values")


def tag_keys_are_legal(login: Login) -> None:
    """A tag key has 1 to 128 letters, numbers, spaces and _.:/=+-@ and does not begin with aws: (id_tags)."""
    for key in login.said_tags:
        if not 1 <= len(key) <= LONGEST_TAG_KEY or not has_legal_characters(key) or is_reserved(key):
            raise Rejected(errors.TAGS, f"{key!r} is no tag key")


def tag_values_are_legal(login: Login) -> None:
    """A tag value has up to 256 letters, numbers, spaces and _.:/=+-@ and does not begin with aws: (id_tags)."""
    for key, value in login.tags.items():
        if len(value) > LONGEST_TAG_VALUE or not has_legal_characters(value) or is_reserved(value):
            raise Rejected(errors.TAGS, f"{value!r} of {len(value)} characters is no value for the tag {key!r}")


def tag_keys_differ(login: Login) -> None:
    """No two tag keys are the same but for the case of their letters (id_session-tags)."""
    keys = [key.lower() for key in login.said_tags]
    if len(set(keys)) != len(keys):
        raise Rejected(errors.TAGS, f"two keys of {list(login.said_tags)} differ in case alone")


def transitive_tag_keys_are_tags(login: Login) -> None:
    """Each of TransitiveTagKeys is the key of a session tag, in letters of any case (id_session-tags)."""
    unknown = {key.lower() for key in login.transitive_tag_keys} - {key.lower() for key in login.tags}
    if unknown:
        raise Rejected(errors.TAGS, f"there are no tags {sorted(unknown)} to be transitive")


def provider_is_in_the_roles_account(login: Login) -> None:
    """Role and provider belong to one account (create_saml)."""
    role, principal = login.request.role, login.request.principal
    if (role.partition, role.account_id) != (principal.partition, principal.account_id):
        raise Rejected(errors.OTHER_ACCOUNT, f"role in {role.account_id}, provider in {principal.account_id}")


def subject_has_a_name(login: Login) -> None:
    """The subject has a NameID (troubleshoot_saml)."""
    if not login.assertion.name_id:
        raise Rejected(errors.ACCESS_DENIED, "the subject has no NameID")


# The order is AWS's as far as anybody saw it, else inferred; no test of yours should depend on it.
CHECKS: tuple[Check, ...] = (
    confirmed_by_bearer,
    sent_to_an_aws_sign_in_url,
    addressed_to_aws,
    not_used_too_early,
    not_expired,
    redeemed_in_time,
    offers_the_role,
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
    *ROLE_CHECKS,
    *SESSION_POLICY_CHECKS,
)
