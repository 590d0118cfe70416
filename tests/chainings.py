"""Role chainings that differ in one thing from the one that every rule accepts."""

from dataclasses import replace
from typing import Any

from good import (
    CHAINING_PARAMETERS,
    GOOD_CHAINING,
    ROLE_,
    TARGET,
    chained_from,
    chaining,
    trusted,
)

from pytest_stssaml.iam.policies.trust_policies import parse_trust_policy
from pytest_stssaml.literals import Partition
from pytest_stssaml.sts.requests.role_chaining import RoleChaining

ASSUME, TAG, SOURCE = "sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"
ALL = [ASSUME, TAG, SOURCE]


def tagged(*tags: tuple[str, str], transitive: tuple[str, ...] = ()) -> RoleChaining:
    return chaining(tags=tags, transitive_tag_keys=transitive)


def inheriting(*tags: tuple[str, str], **inherited: str) -> RoleChaining:
    """Return a chaining from a session that passes some tags on, with other tags in the request."""
    request = replace(CHAINING_PARAMETERS, tags=tags)
    return chained_from(request, tags=inherited, transitive_tag_keys=tuple(inherited))


def identified(before: str | None, asked: str | None) -> RoleChaining:
    return chained_from(replace(CHAINING_PARAMETERS, source_identity=asked), source_identity=before)


def to_role(**fields: Any) -> RoleChaining:
    return replace(GOOD_CHAINING, role=replace(TARGET, **fields))


def lasting(asked: int, maximum: int) -> RoleChaining:
    return replace(chaining(duration_seconds=asked), role=replace(TARGET, max_session_duration=maximum))


def between(before: Partition, after: Partition) -> RoleChaining:
    """Return a chaining from a session of one partition to a role of another, which trusts everyone."""
    own, other = (
        replace(role, arn=role.arn.replace("arn:aws:", f"arn:{partition}:"), partition=partition)
        for role, partition in ((ROLE_, before), (TARGET, after))
    )
    trust = parse_trust_policy(trusted(Principal={"AWS": "*"}))
    request = replace(CHAINING_PARAMETERS, role_arn=other.arn, role=CHAINING_PARAMETERS.role._replace(partition=after))
    return replace(chained_from(request, role=own), role=replace(other, _policy=trust))


def statement(action: str | list[str] = ASSUME, **elements: Any) -> dict[str, Any]:
    """Return a statement of a trust policy, which allows ROLE_ by default."""
    document: dict[str, Any] = trusted(action, **elements)["Statement"][0]
    return document
