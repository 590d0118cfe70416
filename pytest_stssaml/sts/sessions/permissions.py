"""The policies that limit a session: those of its role, and those that it was issued with."""

import datetime as dt
from collections.abc import Sequence
from itertools import count
from typing import TYPE_CHECKING

from ...iam.arn import parse_arn
from ...iam.directory import Directory
from ...iam.entities import Role
from ...iam.errors import IAMError
from ...iam.policies.permission_statements import Call
from ...iam.policies.permissions import permission_statements
from ...iam.policies.variables import Context
from .condition_keys import DIRECT_CALL_KEYS, PRINCIPAL_TAG, principal_keys, time_keys
from .decision import Decision, Layer, NamedPolicy, decide, in_words_of_aws
from .validity import reason_for_end, reason_without_role

if TYPE_CHECKING:
    from .session import Session

# The kinds of policies, in the order in which AWS looks at them (reference_policies_evaluation-logic). The names are
# those in AWS's errors (troubleshoot_access-denied).
IDENTITY_BASED, BOUNDARY, SESSION = "identity-based policy", "permissions boundary", "session policy"

#: The actions that need no permission, and that no policy can deny (API reference GetCallerIdentity).
NEEDS_NO_PERMISSION = frozenset({"sts:getcalleridentity"})


def decision_on(
    session: "Session", action: str, resource: str, context: Context, *, directory: Directory, now: dt.datetime
) -> Decision:
    """Return whether a session may make a call.

    :raises LookupError: if the answer depends on a policy that is not known.
    :raises ValueError: if the context contradicts what the session is, or IAM would refuse a policy of moto.
    """
    role = directory.role(session.role.arn)
    reason = reason_for_end(session.expiration, now) or reason_without_role(
        session.role.arn, session.role.role_id, role
    )
    if role is None or reason is not None:
        return Decision(Call(action, resource, context), [str(reason)], (), allowed=False)
    keys = principal_keys(session, role)
    _check_agreement(keys, context)
    call = Call(action, resource, {**DIRECT_CALL_KEYS, **time_keys(now), **context, **keys})
    if action.lower() in NEEDS_NO_PERMISSION:
        return Decision(call, [f"{action} needs no permission"], (), allowed=True)
    try:
        return decide(call, layers(session.policies, role, directory))
    except LookupError:
        if not _changed(session, role, directory):
            raise
    return decision_on(session, action, resource, context, directory=directory, now=now)


def limit_of(session: "Session", action: str, resource: str, *, directory: Directory, now: dt.datetime) -> str | None:
    """Return which limits of a session do not allow a call: the permissions boundary and the session policies.

    This is for a service that looks at the policies of the role itself. Nothing is known of the call's condition keys.

    :returns: the end of AWS's message, or None if they allow it.
    :raises LookupError: as `decision_on`.
    """
    found = directory.role(session.role.arn)
    role = found or session.role
    limits = [layer for layer in layers(session.policies, role, directory) if layer.kind != IDENTITY_BASED]
    keys = {**DIRECT_CALL_KEYS, **time_keys(now), **principal_keys(session, role)}
    try:
        decision = decide(Call(action, resource, keys), tuple(limits))
    except LookupError:
        if not _changed(session, found, directory):
            raise
        return limit_of(session, action, resource, directory=directory, now=now)
    return None if decision else in_words_of_aws(decision.reasons[0])


def _changed(session: "Session", role: Role | None, directory: Directory) -> bool:
    """Return whether the policies of a session's role are others than when the role was read.

    A policy that is missing may be one that another thread has detached and deleted since then.
    """
    return _attached(directory.role(session.role.arn)) != _attached(role)


def _attached(role: Role | None) -> tuple[Sequence[str], str | None] | None:
    return None if role is None else (role.policies, role.permissions_boundary)


def _check_agreement(keys: Context, context: Context) -> None:
    for key, values in context.items():
        known = keys.get(key, () if key.startswith(PRINCIPAL_TAG) else values)
        if known != values:
            raise ValueError(
                f"{key} is a key of the session, which has {' and '.join(map(repr, known)) or 'no such tag'}, not "
                f"{' and '.join(map(repr, values))}; leave it out, or log in with another value"
            )


def layers(session_policies: Sequence[str], role: Role, directory: Directory) -> tuple[Layer, ...]:
    """Return the policies of a session by their kinds, in the order in which AWS looks at them."""
    found = [Layer(IDENTITY_BASED, _named(role.policies, "inline policy {} of the role", directory))]
    if role.permissions_boundary is not None:
        found.append(Layer(BOUNDARY, _named([role.permissions_boundary], "", directory)))
    if session_policies:
        found.append(Layer(SESSION, _named(session_policies, "the Policy of the request", directory)))
    return tuple(found)


def _named(policies: Sequence[str], inline: str, directory: Directory) -> tuple[NamedPolicy, ...]:
    """Return policies, which are ARNs of managed ones and the JSON of inline ones."""
    inline_policies = count(1)
    return tuple(
        _policy(policy, directory.policy_document(policy))
        if parse_arn(policy) is not None
        else _policy(inline.format(next(inline_policies)), policy)
        for policy in policies
    )


def _policy(name: str, text: str | None) -> NamedPolicy:
    try:
        return NamedPolicy(name, None if text is None else permission_statements(text))
    except IAMError as error:
        raise ValueError(f"moto took {name}, which IAM would refuse: {error}") from error
