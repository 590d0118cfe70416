"""CHAINING_CHECKS: one named function for each rule about AssumeRole, in AWS's order where it was seen.

What they say and where it is written is told as in checks.py.
"""

from collections.abc import Callable

from ...iam.tags import is_reserved
from .. import errors
from ..errors import Rejected
from ..limits import LONGEST_CHAINED_DURATION
from ..requests.role_chaining import Chaining
from .role import ROLE_CHECKS, SESSION_POLICY_CHECKS


def no_mfa(chaining: Chaining) -> None:
    """A session of a role has no MFA device to show a code of (API reference; observed for users)."""
    if chaining.request.mfa:
        raise Rejected(errors.MFA, "leave SerialNumber and TokenCode out: a session has no MFA device")


def no_provided_contexts(chaining: Chaining) -> None:
    """ProvidedContexts are assertions that AWS signed, and nobody here signs any (API reference; the text is ours)."""
    if chaining.request.provided_contexts:
        raise Rejected(errors.CONTEXT_ASSERTION, "leave ProvidedContexts out: nobody here makes such assertions")


def requested_tag_keys_differ(chaining: Chaining) -> None:
    """No two tag keys are the same but for the case of their letters (observed)."""
    keys = [key for key, _ in chaining.request.tags]
    if len({key.lower() for key in keys}) != len(keys):
        raise Rejected(errors.DUPLICATE_TAG_KEYS, f"two keys of {keys} differ in case at most")


def requested_tags_are_not_reserved(chaining: Chaining) -> None:
    """No tag key or value begins with aws: (id_tags); the error is ours."""
    for tag in chaining.request.tags:
        if any(map(is_reserved, tag)):
            raise Rejected(errors.RESERVED_TAG, f"the prefix of {tag} is AWS's own")


def inherited_tags_stay(chaining: Chaining) -> None:
    """No tag takes the place of one that the calling session passes on (observed)."""
    inherited = {key.lower() for key in chaining.source_session.inherited_tags}
    for key, _ in chaining.request.tags:
        if key.lower() in inherited:
            raise Rejected(errors.INHERITED_TAG, f"the calling session passes {key!r} on")


def requested_transitive_tag_keys_are_tags(chaining: Chaining) -> None:
    """Each of TransitiveTagKeys is the key of a tag of the request, in letters of any case (observed)."""
    keys = {key.lower() for key, _ in chaining.request.tags}
    unknown = [key for key in chaining.request.transitive_tag_keys if key.lower() not in keys]
    if unknown:
        raise Rejected(errors.TRANSITIVE_TAG_KEY, f"{unknown} are no keys of the request's tags")


def source_identity_stays(chaining: Chaining) -> None:
    """A source identity that is set is not changed; setting it to what it is changes nothing (observed)."""
    before, asked = chaining.source_session.source_identity, chaining.request.source_identity
    if before is not None and asked not in (None, before):
        raise Rejected(errors.SOURCE_IDENTITY_IS_SET, f"it is {before!r}, and {asked!r} was asked for")


def within_the_hour_of_a_chain(chaining: Chaining) -> None:
    """A role that is assumed by a session is assumed for at most an hour (observed, after the role's own maximum)."""
    asked = chaining.request.duration_seconds
    if asked > LONGEST_CHAINED_DURATION:
        raise Rejected(errors.LONGER_THAN_A_CHAIN, f"asked for {asked} s, and a chain has {LONGEST_CHAINED_DURATION} s")


CHAINING_CHECKS: tuple[Callable[[Chaining], None], ...] = (
    no_mfa,
    no_provided_contexts,
    requested_tag_keys_differ,
    requested_tags_are_not_reserved,
    inherited_tags_stay,
    requested_transitive_tag_keys_are_tags,
    source_identity_stays,
    *ROLE_CHECKS,
    within_the_hour_of_a_chain,
    *SESSION_POLICY_CHECKS,
)
