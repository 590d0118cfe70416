"""The rules of role chaining, in AWS's order as far as it was observed."""

from ...iam.tags import is_reserved
from .. import errors
from ..limits import LONGEST_CHAINED_DURATION
from ..requests.role_chaining import RoleChaining
from ..rule import AnyRule, Confidence, Rejected, rule
from .role import ROLE_RULES
from .session_policies import SESSION_POLICY_RULES


@rule(
    "The request has no SerialNumber and no TokenCode, since a session of a role has no MFA device",
    source="API reference; observed with users",
    confidence=Confidence.INFERRED,
)
def no_mfa(chaining: RoleChaining) -> None:
    if chaining.parameters.mfa:
        raise Rejected(errors.MFA, "leave SerialNumber and TokenCode out: a session has no MFA device")


@rule(
    "The request has no ProvidedContexts, since only AWS can sign them",
    source="API reference; the error is our choice",
    confidence=Confidence.OURS,
)
def no_provided_contexts(chaining: RoleChaining) -> None:
    if chaining.parameters.provided_contexts:
        raise Rejected(errors.CONTEXT_ASSERTION, "leave ProvidedContexts out: the mock cannot verify them")


@rule("No two tag keys differ only in the case of their letters", source="observed", confidence=Confidence.OBSERVED)
def requested_tag_keys_differ(chaining: RoleChaining) -> None:
    keys = [key for key, _ in chaining.parameters.tags]
    if len({key.lower() for key in keys}) != len(keys):
        raise Rejected(errors.DUPLICATE_TAG_KEYS, f"two keys of {keys} are equal or differ only in case")


@rule(
    "No tag key or value begins with aws:",
    source="id_tags; the error is our choice",
    confidence=Confidence.DOCUMENTED,
)
def requested_tags_are_not_reserved(chaining: RoleChaining) -> None:
    for tag in chaining.parameters.tags:
        if any(map(is_reserved, tag)):
            raise Rejected(errors.RESERVED_TAG, f"the prefix of {tag} is reserved for AWS")


@rule("No tag replaces one that the calling session passes on", source="observed", confidence=Confidence.OBSERVED)
def inherited_tags_stay(chaining: RoleChaining) -> None:
    inherited = {key.lower() for key in chaining.calling_session.inherited_tags}
    for key, _ in chaining.parameters.tags:
        if key.lower() in inherited:
            raise Rejected(errors.INHERITED_TAG, f"the calling session passes {key!r} on")


@rule(
    "Each of TransitiveTagKeys is the key of a tag of the request, whatever the case of its letters",
    source="observed",
    confidence=Confidence.OBSERVED,
)
def requested_transitive_tag_keys_are_tags(chaining: RoleChaining) -> None:
    keys = {key.lower() for key, _ in chaining.parameters.tags}
    unknown = [key for key in chaining.parameters.transitive_tag_keys if key.lower() not in keys]
    if unknown:
        raise Rejected(errors.TRANSITIVE_TAG_KEY, f"{unknown} are not keys of the request's tags")


@rule(
    "A source identity that is set does not change; it may be repeated",
    source="observed",
    confidence=Confidence.OBSERVED,
)
def source_identity_stays(chaining: RoleChaining) -> None:
    current, requested = chaining.calling_session.source_identity, chaining.parameters.source_identity
    if current is not None and requested not in (None, current):
        raise Rejected(errors.SOURCE_IDENTITY_IS_SET, f"it is {current!r}, and {requested!r} was requested")


@rule(
    "A session assumes a role for at most an hour",
    source="observed, after the role's own maximum",
    confidence=Confidence.OBSERVED,
)
def within_the_hour_of_a_chain(chaining: RoleChaining) -> None:
    requested = chaining.parameters.duration_seconds
    if requested > LONGEST_CHAINED_DURATION:
        because = f"{requested} s were requested, and the maximum of a chain is {LONGEST_CHAINED_DURATION} s"
        raise Rejected(errors.LONGER_THAN_A_CHAIN, because)


ROLE_CHAINING_RULES: tuple[AnyRule, ...] = (
    no_mfa,
    no_provided_contexts,
    requested_tag_keys_differ,
    requested_tags_are_not_reserved,
    inherited_tags_stay,
    requested_transitive_tag_keys_are_tags,
    source_identity_stays,
    *ROLE_RULES,
    within_the_hour_of_a_chain,
    *SESSION_POLICY_RULES,
)
