import functools
import itertools
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from good import (
    CHAINING_PARAMETERS,
    GENEROUS_TARGET,
    GOOD_CHAINING,
    MINUTE,
    NOW,
    PROVIDER,
    ROLE_,
    SECOND,
    SESSION,
    TARGET,
    TICK,
    chained_from,
    chained_to,
    chaining,
    limited_by,
    trusted,
)

from pytest_stssaml import IdentityProvider, STSBackend
from pytest_stssaml.iam.entities import Role
from pytest_stssaml.iam.policies.trust_policies import parse_trust_policy
from pytest_stssaml.sts import errors
from pytest_stssaml.sts.errors import ErrorRow
from pytest_stssaml.sts.requests.role_chaining import ROLE_CHAINING_KEYS, RoleChaining
from pytest_stssaml.sts.rule import AnyRule, Rejected
from pytest_stssaml.sts.rules import role, session_policies
from pytest_stssaml.sts.rules import role_chaining as rules
from pytest_stssaml.sts.rules.role_chaining import ROLE_CHAINING_RULES
from pytest_stssaml.sts.sessions.session import Session

Check = AnyRule

ASSUME, TAG, SOURCE = "sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"
ALL = [ASSUME, TAG, SOURCE]


def tagged(*tags: tuple[str, str], transitive: tuple[str, ...] = ()) -> RoleChaining:
    return chaining(tags=tags, transitive_tag_keys=transitive)


def inheriting(*tags: tuple[str, str], **inherited: str) -> RoleChaining:
    """From a session that passes some tags on, and asks for others."""
    request = replace(CHAINING_PARAMETERS, tags=tags)
    return chained_from(request, tags=inherited, transitive_tag_keys=tuple(inherited))


def identified(before: str | None, asked: str | None) -> RoleChaining:
    return chained_from(replace(CHAINING_PARAMETERS, source_identity=asked), source_identity=before)


def to_role(**fields: Any) -> RoleChaining:
    return replace(GOOD_CHAINING, role=replace(TARGET, **fields))


def lasting(asked: int, maximum: int) -> RoleChaining:
    return replace(chaining(duration_seconds=asked), role=replace(TARGET, max_session_duration=maximum))


def between(before: str, after: str) -> RoleChaining:
    """From a session of one partition to a role of another, which trusts everybody."""
    own, other = (
        replace(role, arn=role.arn.replace("arn:aws:", f"arn:{partition}:"), partition=partition)
        for role, partition in ((ROLE_, before), (TARGET, after))
    )
    trust = parse_trust_policy(trusted(Principal={"AWS": "*"}))
    request = replace(CHAINING_PARAMETERS, role_arn=other.arn, role=CHAINING_PARAMETERS.role._replace(partition=after))
    return replace(chained_from(request, role=own), role=replace(other, policy=trust))


def managed(name: str, account: str = "123456789012", partition: str = "aws") -> str:
    return f"arn:{partition}:iam::{account}:policy/{name}"


STATEMENT = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT]})


def limited(*policy_arns: str, policy: str | None = None) -> RoleChaining:
    return limited_by(*policy_arns, policy=policy, login=GOOD_CHAINING)


def without_policy(arn: str, *others: str) -> RoleChaining:
    """GOOD_CHAINING with session policies of which one does not exist."""
    return replace(limited(arn, *others), managed_policies=frozenset(others))


# Each rule, what it refuses with, and the chainings that it alone refuses.
REJECTIONS: list[tuple[Check, ErrorRow, dict[str, RoleChaining]]] = [
    (rules.no_mfa, errors.MFA, {"a device or a code": chaining(mfa=True)}),
    (rules.no_provided_contexts, errors.CONTEXT_ASSERTION, {"contexts": chaining(provided_contexts=True)}),
    (
        rules.requested_tag_keys_differ,
        errors.DUPLICATE_TAG_KEYS,
        {
            "the same key": tagged(("team", "blue"), ("team", "red")),
            "the same tag": tagged(("team", "blue"), ("team", "blue")),
            "in another case": tagged(("team", "blue"), ("TEAM", "red")),
            "with another between": tagged(("team", "blue"), ("cost", "1"), ("Team", "blue")),
            "beyond ASCII": tagged(("äpfel", "1"), ("Äpfel", "2")),
        },
    ),
    (
        rules.requested_tags_are_not_reserved,
        errors.RESERVED_TAG,
        {
            "a key": tagged(("aws:team", "blue")),
            "a value": tagged(("team", "aws:blue")),
            "the prefix alone": tagged(("aws:", "blue")),
            "in capitals": tagged(("AWS:team", "blue")),
            "the second": tagged(("team", "blue"), ("cost", "aws:1")),
        },
    ),
    (
        rules.inherited_tags_stay,
        errors.INHERITED_TAG,
        {
            "another value": inheriting(("team", "red"), team="blue"),
            "the same value": inheriting(("team", "blue"), team="blue"),
            "in another case": inheriting(("TEAM", "red"), team="blue"),
            "the inherited one in another case": inheriting(("team", "red"), TEAM="blue"),
            "one of two": inheriting(("cost", "1"), ("team", "red"), team="blue", city="Bonn"),
        },
    ),
    (
        rules.requested_transitive_tag_keys_are_tags,
        errors.TRANSITIVE_TAG_KEY,
        {
            "no tags": tagged(transitive=("team",)),
            "another tag": tagged(("cost", "1"), transitive=("team",)),
            "the second": tagged(("cost", "1"), transitive=("cost", "team")),
            "one that is inherited": replace(
                inheriting(team="blue"), parameters=replace(CHAINING_PARAMETERS, transitive_tag_keys=("team",))
            ),
        },
    ),
    (
        rules.source_identity_stays,
        errors.SOURCE_IDENTITY_IS_SET,
        {"another": identified("alice", "bob"), "in another case": identified("alice", "Alice")},
    ),
    (
        role.role_exists,
        errors.NOT_AUTHORIZED,
        {
            "no role": replace(GOOD_CHAINING, role=None),
            "a role of another partition": between("aws", "aws-cn"),
            "the other way round": between("aws-cn", "aws"),
        },
    ),
    (
        role.role_is_not_reserved,
        errors.NOT_AUTHORIZED,
        {
            "as IAM Identity Center calls them": to_role(name="AWSReservedSSO_Administrator_0123456789abcdef"),
            "the prefix alone": to_role(name="AWSReservedSSO_"),
        },
    ),
    (
        role.trusted_by_the_role,
        errors.NOT_AUTHORIZED,
        {
            "another role": chained_to(Principal={"AWS": ROLE_.arn + "2"}),
            "another action": chained_to("sts:AssumeRoleWithSAML"),
            "a provider": chained_to(Principal={"Federated": PROVIDER.arn}),
            "tags without sts:TagSession": replace(tagged(("team", "blue")), role=TARGET),
            "inherited tags without sts:TagSession": replace(inheriting(team="blue"), role=TARGET),
            "a source identity without sts:SetSourceIdentity": replace(identified(None, "alice"), role=TARGET),
            "an inherited one without sts:SetSourceIdentity": replace(identified("alice", None), role=TARGET),
            "a condition fails": chained_to(Condition={"StringEquals": {"sts:ExternalId": "external"}}),
            "it denies": chained_to(Effect="Deny"),
        },
    ),
    (
        role.within_the_roles_maximum,
        errors.LONGER_THAN_ROLE_MAXIMUM,
        {
            "a second over the least maximum": lasting(3601, maximum=3600),
            "a second over another": lasting(7201, maximum=7200),
            "the longest": lasting(43200, maximum=3600),
        },
    ),
    (
        rules.within_the_hour_of_a_chain,
        errors.LONGER_THAN_A_CHAIN,
        {
            "a second over": lasting(3601, maximum=3601),
            "the role's maximum": lasting(43200, maximum=43200),
        },
    ),
    (
        session_policies.at_most_ten_policy_arns,
        errors.TOO_MANY_POLICY_ARNS,
        {"11": limited(*(managed(f"{n}") for n in range(11)))},
    ),
    (
        session_policies.policies_are_of_the_roles_account,
        errors.POLICY_OF_ANOTHER_ACCOUNT,
        {
            "another account": limited(managed("One", account="111122223333")),
            "another partition": limited(managed("One", partition="aws-cn")),
            "AWS's own elsewhere": limited(managed("ReadOnlyAccess", account="aws", partition="aws-cn")),
            "one of two": limited(managed("One"), managed("Two", account="111122223333")),
        },
    ),
    (
        session_policies.policies_exist,
        errors.UNKNOWN_POLICY,
        {"the only one": without_policy(managed("One")), "one of two": without_policy(managed("Two"), managed("One"))},
    ),
    (
        session_policies.policies_are_short_enough,
        errors.POLICIES_TOO_LONG,
        {
            "2,049 in a policy": limited(policy=POLICY.ljust(2049)),
            "2,049 in a policy and an ARN": limited(managed("One"), policy=POLICY.ljust(2049 - len(managed("One")))),
        },
    ),
    (session_policies.session_policy_is_json, errors.POLICY_NOT_JSON, {"half of it": limited(policy=POLICY[:-1])}),
    (
        session_policies.session_policy_follows_the_grammar,
        errors.POLICY_SYNTAX,
        {"an array": limited(policy=f"[{POLICY}]"), "no statement": limited(policy="{}")},
    ),
]

# For each rule, the nearest that it accepts.
ACCEPTED: dict[Check, dict[str, RoleChaining]] = {
    rules.no_mfa: {"neither": GOOD_CHAINING},
    rules.no_provided_contexts: {"none": chaining(external_id="external")},
    rules.requested_tag_keys_differ: {
        "one": tagged(("team", "blue")),
        "the same value": tagged(("team", "blue"), ("Teams", "blue")),
    },
    rules.requested_tags_are_not_reserved: {
        "without a colon": tagged(("aws", "aws")),
        "further on": tagged(("my-aws:team", "x aws:blue")),
    },
    rules.inherited_tags_stay: {
        "another key": inheriting(("teams", "red"), team="blue"),
        "a tag that is not inherited": chained_from(
            replace(CHAINING_PARAMETERS, tags=(("team", "red"),)), tags={"team": "blue"}
        ),
    },
    rules.requested_transitive_tag_keys_are_tags: {
        "a tag": tagged(("team", "blue"), transitive=("team",)),
        "in another case": tagged(("team", "blue"), transitive=("TEAM",)),
        "the tag in another case": tagged(("TEAM", "blue"), transitive=("team",)),
        "twice": tagged(("team", "blue"), transitive=("team", "team")),
        "none": tagged(("team", "blue")),
    },
    rules.source_identity_stays: {
        "none": identified(None, None),
        "a first": identified(None, "alice"),
        "kept": identified("alice", None),
        "the same again": identified("alice", "alice"),
    },
    role.role_exists: {
        "a role": GOOD_CHAINING,
        "in China": between("aws-cn", "aws-cn"),
        "in another account": to_role(arn="arn:aws:iam::111122223333:role/Auditor", account_id="111122223333"),
    },
    role.role_is_not_reserved: {
        "without the underscore": to_role(name="AWSReservedSSO"),
        "further on": to_role(name="MyAWSReservedSSO_Administrator"),
    },
    role.trusted_by_the_role: {
        "tags": tagged(("team", "blue")),
        "inherited tags": inheriting(team="blue"),
        "a source identity": identified(None, "alice"),
        "an inherited one": identified("alice", None),
        "tags that stay behind": replace(chained_from(tags={"team": "blue"}), role=TARGET),
        "the condition holds": chained_to(Condition={"StringEquals": {"sts:RoleSessionName": "audit"}}),
    },
    role.within_the_roles_maximum: {
        "the least maximum": lasting(3600, maximum=3600),
        "the least duration": lasting(900, maximum=3600),
    },
    rules.within_the_hour_of_a_chain: {"an hour of more": lasting(3600, maximum=43200)},
    session_policies.at_most_ten_policy_arns: {"10": limited(*(managed(f"{n}") for n in range(10)))},
    session_policies.policies_are_of_the_roles_account: {
        "the role's account": limited(managed("One")),
        "AWS's own": limited(managed("ReadOnlyAccess", account="aws")),
    },
    session_policies.policies_exist: {"one": limited(managed("One"))},
    session_policies.policies_are_short_enough: {
        "2,048 in a policy": limited(policy=POLICY.ljust(2048)),
        "2,048 in a policy and an ARN": limited(managed("One"), policy=POLICY.ljust(2048 - len(managed("One")))),
    },
    session_policies.session_policy_is_json: {"no policy": limited(policy=None)},
    session_policies.session_policy_follows_the_grammar: {"one statement": limited(policy=POLICY)},
}


def pass_every_rule(asking: RoleChaining) -> None:
    for check in ROLE_CHAINING_RULES:
        check(asking)


REFUSED = [
    pytest.param(check, error, asking, id=f"{check.name}: {why}")
    for check, error, chainings in REJECTIONS
    for why, asking in chainings.items()
]


@pytest.mark.parametrize(("check", "error", "asking"), REFUSED)
def test_a_rule_refuses_with_its_own_error(check: Check, error: ErrorRow, asking: RoleChaining) -> None:
    with pytest.raises(Rejected) as caught:
        check(asking)
    assert caught.value.error == error


@pytest.mark.parametrize(("check", "error", "asking"), REFUSED)
def test_what_breaks_one_rule_passes_those_before_it(check: Check, error: ErrorRow, asking: RoleChaining) -> None:
    for earlier in ROLE_CHAINING_RULES[: ROLE_CHAINING_RULES.index(check)]:
        earlier(asking)


@pytest.mark.parametrize(
    "asking",
    [
        pytest.param(asking, id=f"{check.name}: {why}")
        for check, chainings in ACCEPTED.items()
        for why, asking in chainings.items()
    ],
)
def test_the_nearest_that_a_rule_accepts_passes_every_rule(asking: RoleChaining) -> None:
    pass_every_rule(asking)


def test_every_rule_refuses_something_and_they_are_listed_in_their_order() -> None:
    assert tuple(check for check, _, _ in REJECTIONS) == ROLE_CHAINING_RULES


def test_every_rule_has_a_neighbour_that_it_accepts() -> None:
    assert tuple(check for check, chainings in ACCEPTED.items() if chainings) == ROLE_CHAINING_RULES


# The sentence that the test's author reads; those of the rules about session policies are a login's.
REASONS = [
    (
        rules.no_mfa,
        chaining(mfa=True),
        "leave SerialNumber and TokenCode out: a session has no MFA device",
    ),
    (
        rules.no_provided_contexts,
        chaining(provided_contexts=True),
        "leave ProvidedContexts out: the mock cannot verify them",
    ),
    (
        rules.requested_tag_keys_differ,
        tagged(("team", "blue"), ("TEAM", "red")),
        "two keys of ['team', 'TEAM'] are equal or differ only in case",
    ),
    (
        rules.requested_tags_are_not_reserved,
        tagged(("team", "blue"), ("cost", "aws:1")),
        "the prefix of ('cost', 'aws:1') is reserved for AWS",
    ),
    (
        rules.inherited_tags_stay,
        inheriting(("TEAM", "red"), team="blue"),
        "the calling session passes 'TEAM' on",
    ),
    (
        rules.requested_transitive_tag_keys_are_tags,
        tagged(("a", "1"), transitive=("b", "A", "C")),
        "['b', 'C'] are not keys of the request's tags",
    ),
    (
        rules.source_identity_stays,
        identified("alice", "bob"),
        "it is 'alice', and 'bob' was requested",
    ),
    (role.role_exists, replace(GOOD_CHAINING, role=None), f"there is no role {TARGET.arn}"),
    (
        role.role_exists,
        between("aws", "aws-cn"),
        "a session of aws cannot assume arn:aws-cn:iam::123456789012:role/Auditor",
    ),
    (
        role.role_is_not_reserved,
        to_role(name="AWSReservedSSO_A"),
        "AWSReservedSSO_A is a role of IAM Identity Center",
    ),
    (
        role.trusted_by_the_role,
        replace(tagged(("team", "blue")), role=TARGET),
        f"the trust policy does not allow sts:TagSession for {SESSION.arn} of {ROLE_.arn}",
    ),
    (
        role.within_the_roles_maximum,
        lasting(3601, maximum=3600),
        "3601 s were requested, and the role's maximum is 3600 s",
    ),
    (
        rules.within_the_hour_of_a_chain,
        lasting(3601, maximum=7200),
        "3601 s were requested, and the maximum of a chain is 3600 s",
    ),
]


@pytest.mark.parametrize(("check", "asking", "because"), REASONS, ids=[check.name for check, _, _ in REASONS])
def test_a_refusal_says_what_was_expected_and_what_came(check: Check, asking: RoleChaining, because: str) -> None:
    with pytest.raises(Rejected) as caught:
        check(asking)
    assert caught.value.because == because


class TestNotAuthorized:
    def message(self, asking: RoleChaining) -> str | None:
        with pytest.raises(Rejected) as caught:
            pass_every_rule(asking)
        return caught.value.message()

    @pytest.mark.parametrize(
        ("asking", "action"),
        [
            pytest.param(chained_to(Principal={"AWS": "111122223333"}), ASSUME, id="the role"),
            pytest.param(replace(tagged(("team", "blue")), role=TARGET), TAG, id="tags"),
            pytest.param(replace(inheriting(team="blue"), role=TARGET), TAG, id="inherited tags"),
            pytest.param(replace(identified(None, "alice"), role=TARGET), SOURCE, id="a source identity"),
            pytest.param(replace(identified("alice", None), role=TARGET), SOURCE, id="an inherited source identity"),
            pytest.param(
                replace(tagged(("team", "blue")), role=chained_to([TAG]).role), ASSUME, id="the role before tags"
            ),
            pytest.param(
                replace(
                    chaining(tags=(("team", "blue"),), source_identity="alice"), role=chained_to([ASSUME, SOURCE]).role
                ),
                TAG,
                id="tags and not the source identity",
            ),
            pytest.param(
                replace(chaining(tags=(("team", "blue"),), source_identity="alice"), role=TARGET),
                TAG,
                id="tags before the source identity",
            ),
            pytest.param(replace(tagged(("team", "blue")), role=None), ASSUME, id="no role"),
            pytest.param(
                replace(tagged(("team", "blue")), role=replace(GENEROUS_TARGET, name="AWSReservedSSO_A")),
                ASSUME,
                id="a reserved role",
            ),
        ],
    )
    def test_names_the_first_action_that_is_not_allowed(self, asking: RoleChaining, action: str) -> None:
        assert self.message(asking) == (
            "User: arn:aws:sts::123456789012:assumed-role/Developer/alice@example.com is not authorized to perform: "
            f"{action} on resource: arn:aws:iam::123456789012:role/Auditor"
        )

    def test_names_the_role_with_its_path_as_it_was_asked_for(self) -> None:
        arn = "arn:aws:iam::123456789012:role/team/Auditor"
        asking = replace(GOOD_CHAINING, parameters=replace(CHAINING_PARAMETERS, role_arn=arn), role=None)
        assert str(self.message(asking)).endswith(f"is not authorized to perform: sts:AssumeRole on resource: {arn}")


def lets_in(asking: RoleChaining, *statements: dict[str, Any]) -> bool:
    """Whether a trust policy of these statements lets a chaining in."""
    policy = parse_trust_policy({"Version": "2012-10-17", "Statement": list(statements)})
    return replace(asking, role=replace(asking.requested_role, policy=policy)).denied_action is None


def statement(action: str | list[str] = ASSUME, **elements: Any) -> dict[str, Any]:
    document: dict[str, Any] = trusted(action, **elements)["Statement"][0]
    return document


# The session's role has a path, which the session's own ARN has not.
WITH_PATH = replace(ROLE_, arn="arn:aws:iam::123456789012:role/team/Developer", path="/team/")
FROM_PATH = chained_from(role=WITH_PATH)

MEANT = {
    "the session's ARN": "arn:aws:sts::123456789012:assumed-role/Developer/alice@example.com",
    "the role's ARN with its path": "arn:aws:iam::123456789012:role/team/Developer",
    "the role's id": "AROAABCDEFGHIJKLMNOPQ",
    "the account": "123456789012",
    "the account's root": "arn:aws:iam::123456789012:root",
    "everybody": "*",
}
NOT_MEANT = {
    "another session of the role": "arn:aws:sts::123456789012:assumed-role/Developer/bob@example.com",
    "the session's ARN in another case": "arn:aws:sts::123456789012:assumed-role/Developer/Alice@example.com",
    "the session's ARN with the role's path": "arn:aws:sts::123456789012:assumed-role/team/Developer/alice@example.com",
    "the session's ARN in another account": "arn:aws:sts::111122223333:assumed-role/Developer/alice@example.com",
    "the session's ARN in another partition": "arn:aws-cn:sts::123456789012:assumed-role/Developer/alice@example.com",
    "every session of the role": "arn:aws:sts::123456789012:assumed-role/Developer/*",
    "the role's ARN without its path": "arn:aws:iam::123456789012:role/Developer",
    "the role's ARN in another case": "arn:aws:iam::123456789012:role/team/developer",
    "every role": "arn:aws:iam::123456789012:role/*",
    "another role": "arn:aws:iam::123456789012:role/team/Administrator",
    "the role that is asked for": TARGET.arn,
    "another role's id": TARGET.role_id,
    "the session's access key": SESSION.access_key_id,
    "another account": "111122223333",
    "another account's root": "arn:aws:iam::111122223333:root",
    "the account's root in another partition": "arn:aws-cn:iam::123456789012:root",
    "a user": "arn:aws:iam::123456789012:user/alice@example.com",
    "a federated user": "arn:aws:sts::123456789012:federated-user/alice@example.com",
}


class TestPrincipal:
    @pytest.mark.parametrize("name", MEANT.values(), ids=MEANT)
    def test_lets_in_who_is_meant(self, name: str) -> None:
        assert lets_in(FROM_PATH, statement(Principal={"AWS": name}))

    @pytest.mark.parametrize("name", NOT_MEANT.values(), ids=NOT_MEANT)
    def test_keeps_others_out(self, name: str) -> None:
        assert not lets_in(FROM_PATH, statement(Principal={"AWS": name}))

    @pytest.mark.parametrize("name", MEANT.values(), ids=MEANT)
    def test_that_is_denied_keeps_out_who_is_meant(self, name: str) -> None:
        allow, deny = statement(Principal={"AWS": "*"}), statement(Effect="Deny", Principal={"AWS": name})
        assert not lets_in(FROM_PATH, allow, deny)

    @pytest.mark.parametrize("name", NOT_MEANT.values(), ids=NOT_MEANT)
    def test_that_is_denied_lets_others_in(self, name: str) -> None:
        allow, deny = statement(Principal={"AWS": "*"}), statement(Effect="Deny", Principal={"AWS": name})
        assert lets_in(FROM_PATH, allow, deny)

    def test_is_one_of_a_list(self) -> None:
        assert lets_in(GOOD_CHAINING, statement(Principal={"AWS": ["111122223333", ROLE_.arn]}))

    @pytest.mark.parametrize(
        "principal",
        [
            pytest.param({"Federated": PROVIDER.arn}, id="the provider of the login before"),
            pytest.param({"Service": "ec2.amazonaws.com"}, id="a service"),
            pytest.param({"CanonicalUser": "123456789012"}, id="a canonical user with the account's digits"),
        ],
    )
    def test_of_another_kind_keeps_out(self, principal: dict[str, str]) -> None:
        assert not lets_in(GOOD_CHAINING, statement(Principal=principal))

    def test_of_another_kind_does_not_matter_beside_who_is_meant(self) -> None:
        principal = {"Service": "ec2.amazonaws.com", "AWS": ROLE_.arn}
        assert lets_in(GOOD_CHAINING, statement(Principal=principal))

    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("444455556666", True),
            ("arn:aws-cn:iam::444455556666:root", True),
            ("arn:aws:iam::444455556666:root", False),
            ("123456789012", False),
            ("arn:aws-cn:iam::123456789012:root", False),
        ],
    )
    def test_is_of_the_sessions_account_and_partition_wherever_the_role_is(self, name: str, expected: bool) -> None:
        own = replace(
            ROLE_, arn="arn:aws-cn:iam::444455556666:role/Developer", partition="aws-cn", account_id="444455556666"
        )
        asking = replace(chained_from(role=own), role=between("aws-cn", "aws-cn").role)
        assert lets_in(asking, statement(Principal={"AWS": name})) is expected

    @pytest.mark.parametrize(
        ("trusted_role_ids", "expected"),
        [
            pytest.param({ROLE_.arn: ROLE_.role_id}, True, id="the same role"),
            pytest.param({ROLE_.arn: "AROAZZZZZZZZZZZZZZZZZ"}, False, id="a role of that name that was there before"),
            pytest.param({}, True, id="a role that was not there yet"),
            pytest.param({TARGET.arn: "AROAZZZZZZZZZZZZZZZZZ"}, True, id="another role that was there"),
        ],
    )
    def test_that_is_a_roles_arn_is_the_role_that_it_was(
        self, trusted_role_ids: dict[str, str], expected: bool
    ) -> None:
        asking = to_role(trusted_role_ids=trusted_role_ids)
        assert lets_in(asking, statement(Principal={"AWS": ROLE_.arn})) is expected
        deny = statement(Effect="Deny", Principal={"AWS": ROLE_.arn})
        assert lets_in(asking, statement(Principal={"AWS": "*"}), deny) is not expected

    @pytest.mark.parametrize("name", [name for name in MEANT.values() if ":role/" not in name])
    def test_that_is_no_roles_arn_does_not_ask_whether_the_role_was_made_anew(self, name: str) -> None:
        role = replace(TARGET, trusted_role_ids={WITH_PATH.arn: "AROAZZZZZZZZZZZZZZZZZ"})
        assert lets_in(replace(FROM_PATH, role=role), statement(Principal={"AWS": name}))

    def test_is_the_role_as_it_is_now(self) -> None:
        renewed = replace(GOOD_CHAINING, calling_role=replace(ROLE_, role_id="AROAZZZZZZZZZZZZZZZZZ"))
        assert lets_in(renewed, statement(Principal={"AWS": "AROAZZZZZZZZZZZZZZZZZ"}))


class TestNeededActions:
    @pytest.mark.parametrize(
        ("asking", "needed"),
        [
            pytest.param(GOOD_CHAINING, [ASSUME], id="nothing special"),
            pytest.param(tagged(("team", "")), [ASSUME, TAG], id="a tag without a value"),
            pytest.param(inheriting(team="blue"), [ASSUME, TAG], id="an inherited tag"),
            pytest.param(chained_from(tags={"team": "blue"}), [ASSUME], id="a tag that stays behind"),
            pytest.param(to_role(tags={"team": "blue"}), [ASSUME], id="a tag of the role"),
            pytest.param(
                replace(GOOD_CHAINING, calling_role=replace(ROLE_, tags={"team": "blue"})),
                [ASSUME],
                id="a tag of the session's role",
            ),
            pytest.param(identified(None, "alice"), [ASSUME, SOURCE], id="a source identity"),
            pytest.param(identified("alice", None), [ASSUME, SOURCE], id="an inherited source identity"),
            pytest.param(identified("alice", "alice"), [ASSUME, SOURCE], id="the same again"),
            pytest.param(
                chaining(tags=(("team", "blue"),), source_identity="alice"), [ASSUME, TAG, SOURCE], id="everything"
            ),
        ],
    )
    def test_are_those_of_what_the_new_session_has(self, asking: RoleChaining, needed: list[str]) -> None:
        assert list(asking.needed_actions) == needed

    @pytest.mark.parametrize("missing", ALL)
    def test_none_can_be_spared(self, missing: str) -> None:
        asking = chaining(tags=(("team", "blue"),), source_identity="alice")
        assert lets_in(asking, statement(ALL))
        assert not lets_in(asking, statement([action for action in ALL if action != missing]))

    @pytest.mark.parametrize("denied", ALL)
    def test_none_may_be_denied(self, denied: str) -> None:
        asking = chaining(tags=(("team", "blue"),), source_identity="alice")
        assert not lets_in(asking, statement(ALL), statement(denied, Effect="Deny"))

    @pytest.mark.parametrize("denied", [TAG, SOURCE])
    def test_what_is_not_needed_may_be_denied(self, denied: str) -> None:
        assert lets_in(GOOD_CHAINING, statement(ALL), statement(denied, Effect="Deny"))

    def test_may_stand_in_statements_of_their_own(self) -> None:
        asking = chaining(tags=(("team", "blue"),), source_identity="alice")
        assert lets_in(asking, *map(statement, ALL))

    def test_a_logins_action_is_no_chainings(self) -> None:
        assert not lets_in(GOOD_CHAINING, statement(["sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"]))


# Everything that fills a key.
EVERYTHING = replace(
    chained_from(
        replace(
            CHAINING_PARAMETERS,
            tags=(("Cost", "1"),),
            transitive_tag_keys=("COST",),
            source_identity="alice",
            external_id="external",
            user_agent="Boto3/1",
        ),
        tags={"Team": "Blue", "City": "Bonn"},
        transitive_tag_keys=("Team",),
        source_identity="alice",
    ),
    calling_role=replace(WITH_PATH, tags={"Owner": "Alice", "team": "red"}),
    role=replace(GENEROUS_TARGET, tags={"Stage": "test"}),
)

# The keys, their values in EVERYTHING, and which of the three actions sees them.
SAML_LOGIN_KEYS: dict[str, tuple[tuple[str, ...], set[str]]] = {
    "sts:RoleSessionName": (("audit",), {ASSUME}),
    "sts:ExternalId": (("external",), {ASSUME}),
    "aws:RequestTag/Cost": (("1",), {ASSUME, TAG}),
    "aws:TagKeys": (("Cost",), {ASSUME, TAG}),
    "sts:TransitiveTagKeys": (("COST",), {ASSUME, TAG}),
    "sts:SourceIdentity": (("alice",), {ASSUME, SOURCE}),
    "aws:PrincipalArn": (("arn:aws:iam::123456789012:role/team/Developer",), set(ALL)),
    "aws:PrincipalAccount": (("123456789012",), set(ALL)),
    "aws:PrincipalType": (("AssumedRole",), set(ALL)),
    "aws:userid": (("AROAABCDEFGHIJKLMNOPQ:alice@example.com",), set(ALL)),
    "aws:TokenIssueTime": (("2030-01-01T11:30:00Z",), set(ALL)),
    "aws:MultiFactorAuthPresent": (("false",), set(ALL)),
    "aws:SourceIdentity": (("alice",), set(ALL)),
    "aws:FederatedProvider": (("arn:aws:iam::123456789012:saml-provider/ExampleIdP",), set(ALL)),
    "saml:sub": (("alice@example.com",), set(ALL)),
    "saml:sub_type": (("persistent",), set(ALL)),
    "saml:namequalifier": (("gVMfPykcwyJvL8k2pmXetypU/dY=",), set(ALL)),
    "aws:PrincipalTag/Team": (("Blue",), set(ALL)),
    "aws:PrincipalTag/City": (("Bonn",), set(ALL)),
    "aws:PrincipalTag/Owner": (("Alice",), set(ALL)),
    "aws:ResourceTag/Stage": (("test",), set(ALL)),
    "iam:ResourceTag/Stage": (("test",), set(ALL)),
    "aws:CurrentTime": (("2030-01-01T12:00:00Z",), set(ALL)),
    "aws:EpochTime": (("1893499200",), set(ALL)),
    "aws:RequestedRegion": (("us-east-1",), set(ALL)),
    "aws:SecureTransport": (("true",), set(ALL)),
    "aws:UserAgent": (("Boto3/1",), set(ALL)),
}


def sees(action: str, block: dict[str, Any], asking: RoleChaining = EVERYTHING) -> bool:
    """Whether a condition of the one statement for an action holds."""
    conditions = {action: block}
    return lets_in(
        asking, *(statement(each, Principal={"AWS": "*"}, Condition=conditions.get(each, {})) for each in ALL)
    )


class TestKeys:
    def test_every_key_is_in_the_table(self) -> None:
        assert {key for give, _ in ROLE_CHAINING_KEYS for key in give(EVERYTHING)} == {
            key.lower() for key in SAML_LOGIN_KEYS
        }

    @pytest.mark.parametrize("key", SAML_LOGIN_KEYS)
    def test_a_key_has_its_value(self, key: str) -> None:
        values = {name: value for give, _ in ROLE_CHAINING_KEYS for name, value in give(EVERYTHING).items()}
        assert values[key.lower()] == SAML_LOGIN_KEYS[key][0]

    @pytest.mark.parametrize("action", ALL)
    @pytest.mark.parametrize("key", SAML_LOGIN_KEYS)
    def test_the_statement_of_an_action_sees_its_keys_and_no_others(self, key: str, action: str) -> None:
        there, absent = (sees(action, {"Null": {key: null}}) for null in ("false", "true"))
        assert (there, absent) == (action in SAML_LOGIN_KEYS[key][1], action not in SAML_LOGIN_KEYS[key][1])

    @pytest.mark.parametrize("key", SAML_LOGIN_KEYS)
    def test_a_condition_lets_the_value_in_and_keeps_another_out(self, key: str) -> None:
        (value,) = SAML_LOGIN_KEYS[key][0]
        assert sees(ASSUME, {"ForAnyValue:StringEquals": {key: value}})
        assert not sees(ASSUME, {"ForAnyValue:StringEquals": {key: value + "x"}})

    @pytest.mark.parametrize(
        "key",
        [
            "sts:ExternalId",
            "aws:RequestTag/Cost",
            "aws:TagKeys",
            "sts:TransitiveTagKeys",
            "sts:SourceIdentity",
            "aws:SourceIdentity",
            "aws:PrincipalTag/Team",
            "aws:ResourceTag/Stage",
            "aws:UserAgent",
        ],
    )
    def test_what_is_not_said_fills_no_key(self, key: str) -> None:
        assert sees(ASSUME, {"Null": {key: "true"}}, GOOD_CHAINING)

    @pytest.mark.parametrize("key", ["saml:sub", "saml:sub_type", "saml:namequalifier", "aws:FederatedProvider"])
    def test_a_session_that_was_chained_itself_has_no_keys_of_the_login(self, key: str) -> None:
        assert sees(ASSUME, {"Null": {key: "true"}}, chained_from(federated_keys={}))

    @pytest.mark.parametrize(
        "key",
        [
            "saml:aud",
            "saml:doc",
            "saml:iss",
            "saml:cn",
            "aws:SourceIp",
            "aws:SourceVpc",
            "aws:MultiFactorAuthAge",
            "aws:username",
            "aws:PrincipalTag/Stage",
            "aws:RequestTag/Team",
            "aws:ResourceTag/Owner",
            "sts:DurationSeconds",
        ],
    )
    def test_a_key_that_this_call_does_not_have_is_missing(self, key: str) -> None:
        assert sees(ASSUME, {"Null": {key: "true"}})

    def test_inherited_tags_are_the_callers_and_not_the_requests(self) -> None:
        assert sees(
            ASSUME, {"StringEquals": {"aws:PrincipalTag/Team": "Blue"}, "Null": {"aws:RequestTag/Team": "true"}}
        )
        assert not sees(ASSUME, {"ForAnyValue:StringEquals": {"aws:TagKeys": "Team"}})

    def test_an_inherited_source_identity_is_the_requests_too(self) -> None:
        block = {"StringEquals": {"sts:SourceIdentity": "alice", "aws:SourceIdentity": "alice"}}
        assert sees(ASSUME, block, identified("alice", None))

    def test_a_source_identity_that_is_asked_for_is_not_the_callers_yet(self) -> None:
        block = {"StringEquals": {"sts:SourceIdentity": "alice"}, "Null": {"aws:SourceIdentity": "true"}}
        assert sees(ASSUME, block, identified(None, "alice"))

    @pytest.mark.parametrize("secure", [True, False])
    def test_the_transport_is_the_requests(self, secure: bool) -> None:
        assert sees(ASSUME, {"Bool": {"aws:SecureTransport": secure}}, chaining(secure=secure))

    def test_the_time_is_that_of_the_call_in_whole_seconds(self) -> None:
        block = {"DateEquals": {"aws:CurrentTime": "2030-01-01T12:00:00Z", "aws:EpochTime": 1893499200}}
        assert sees(ASSUME, block, replace(GOOD_CHAINING, now=NOW + SECOND - TICK))

    def test_the_time_of_issue_is_the_sessions(self) -> None:
        block = {"DateLessThan": {"aws:TokenIssueTime": "2030-01-01T11:30:01Z"}}
        assert sees(ASSUME, block)

    @pytest.mark.parametrize(
        ("of_role", "of_session", "expected"),
        [
            pytest.param({}, {}, {}, id="none"),
            pytest.param({"team": "red"}, {}, {"team": "red"}, id="the role's alone"),
            pytest.param({}, {"team": "blue"}, {"team": "blue"}, id="the session's alone"),
            pytest.param({"team": "red"}, {"team": "blue"}, {"team": "blue"}, id="the session's wins"),
            pytest.param({"TEAM": "red"}, {"team": "blue"}, {"team": "blue"}, id="whatever the role's case"),
            pytest.param({"team": "red"}, {"Team": "blue"}, {"Team": "blue"}, id="whatever the session's case"),
            pytest.param({"team": "red"}, {"team": ""}, {"team": ""}, id="an empty value wins too"),
            pytest.param(
                {"team": "red", "teams": "all"},
                {"team": "blue"},
                {"team": "blue", "teams": "all"},
                id="no more than it",
            ),
            pytest.param({"a": "1"}, {"b": "2"}, {"a": "1", "b": "2"}, id="both"),
        ],
    )
    def test_tags_of_the_session_override_the_roles(
        self, of_role: dict[str, str], of_session: dict[str, str], expected: dict[str, str]
    ) -> None:
        role = replace(ROLE_, tags=of_role)
        assert chained_from(role=role, tags=of_session).principal_tags == expected
        assert role.tags == of_role


class TestVariables:
    @pytest.mark.parametrize(
        ("block", "expected"),
        [
            pytest.param({"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/Team}"}}, True, id="a tag"),
            pytest.param({"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/tEAM}"}}, True, id="key's case"),
            pytest.param({"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/City}"}}, False, id="another"),
            pytest.param({"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/None}"}}, False, id="no such"),
            pytest.param(
                {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/None, 'Blue'}"}}, True, id="a default"
            ),
            pytest.param({"StringEquals": {"sts:RoleSessionName": "${saml:sub}"}}, True, id="the subject"),
            pytest.param({"StringLike": {"aws:userid": "*:${saml:sub}"}}, True, id="the subject in a text"),
            pytest.param({"StringEquals": {"sts:SourceIdentity": "${aws:SourceIdentity}"}}, True, id="who it was"),
            pytest.param({"StringEquals": {"aws:RequestTag/Cost": "${aws:ResourceTag/cost}"}}, True, id="two tags"),
        ],
    )
    def test_stand_for_what_the_caller_is(self, block: dict[str, Any], expected: bool) -> None:
        asking = replace(
            EVERYTHING,
            parameters=replace(EVERYTHING.parameters, role_session_name="alice@example.com"),
            role=replace(TARGET, tags={"Team": "Blue", "cost": "1"}),
        )
        assert sees(ASSUME, block, asking) is expected


@functools.cache
def boto3_session() -> boto3.Session:
    """One for every client here: each would read botocore's models anew."""
    return boto3.Session()


@dataclass
class Chain:
    """An AWS where somebody has logged in, and goes on to other roles through boto3."""

    sts: STSBackend
    idp: IdentityProvider
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def log_in(self, **said: Any) -> Session:
        """The session of a login that says this."""
        actions = ["sts:AssumeRoleWithSAML", TAG, SOURCE]
        role = self.sts.create_role("First", trust_policy=self.idp.provider.trust_policy(actions=actions))
        client = boto3_session().client("sts", region_name="us-east-1")
        client.assume_role_with_saml(
            RoleArn=role.arn, PrincipalArn=self.idp.provider.arn, SAMLAssertion=self.idp.response(role, **said)
        )
        return self.sts.sessions[-1]

    def role(self, actions: Iterable[str] = ALL, condition: Any = None, **arguments: Any) -> Role:
        """A new role that allows the account some actions, the first of the three on a condition."""
        conditions = {ASSUME: condition or {}}
        statements = [
            statement(action, Principal={"AWS": "123456789012"}, Condition=conditions.get(action, {}))
            for action in actions
        ]
        trust = {"Version": "2012-10-17", "Statement": statements}
        return self.sts.create_role(f"Role{next(self.numbers)}", trust_policy=trust, **arguments)

    def answer(self, session: Session, role: Role, **parameters: Any) -> Any:
        client = boto3_session().client("sts", region_name="us-east-1", **session.boto3_kwargs())
        return client.assume_role(RoleArn=role.arn, **{"RoleSessionName": "next"} | parameters)

    def assume(self, session: Session, role: Role, **parameters: Any) -> Session:
        """The session that another gets at a role."""
        self.answer(session, role, **parameters)
        return self.sts.sessions[-1]

    def refusal(self, session: Session, role: Role, **parameters: Any) -> tuple[str, str]:
        """What it is refused with."""
        with pytest.raises(ClientError) as caught:
            self.answer(session, role, **parameters)
        error = caught.value.response["Error"]
        return error["Code"], error["Message"]


class TestThroughBoto3:
    @pytest.fixture
    def chain(self, sts: STSBackend, idp: IdentityProvider) -> Chain:
        return Chain(sts, idp)

    def test_transitive_tags_and_the_source_identity_go_through_the_whole_chain(self, chain: Chain) -> None:
        first = chain.log_in(
            principal_tags={"Team": "blue", "city": "Bonn"}, transitive_tag_keys=["tEAM"], source_identity="alice"
        )
        second = chain.assume(first, chain.role(), Tags=[{"Key": "cost", "Value": "1"}], TransitiveTagKeys=["COST"])
        third = chain.assume(second, chain.role(), Tags=[{"Key": "step", "Value": "3"}])
        assert [session.tags for session in (first, second, third)] == [
            {"Team": "blue", "city": "Bonn"},
            {"Team": "blue", "cost": "1"},
            {"Team": "blue", "cost": "1", "step": "3"},
        ]
        assert {session.source_identity for session in (first, second, third)} == {"alice"}
        assert (third.source_session, second.source_session, first.source_session) == (second, first, None)

    def test_the_answer_says_the_source_identity_that_is_kept(self, chain: Chain) -> None:
        assert chain.answer(chain.log_in(source_identity="alice"), chain.role())["SourceIdentity"] == "alice"

    @pytest.mark.parametrize(
        ("said", "parameters", "action"),
        [
            pytest.param({}, {}, ASSUME, id="itself"),
            pytest.param({}, {"Tags": [{"Key": "cost", "Value": "1"}]}, TAG, id="tags"),
            pytest.param({"principal_tags": {"a": "1"}, "transitive_tag_keys": ["a"]}, {}, TAG, id="inherited tags"),
            pytest.param({}, {"SourceIdentity": "alice"}, SOURCE, id="a source identity"),
            pytest.param({"source_identity": "alice"}, {}, SOURCE, id="an inherited source identity"),
        ],
    )
    def test_what_is_denied_is_named_and_leaves_no_session_behind(
        self, chain: Chain, said: dict[str, Any], parameters: dict[str, Any], action: str
    ) -> None:
        session, role = chain.log_in(**said), chain.role([each for each in ALL if each != action])
        code, message = chain.refusal(session, role, **parameters)
        assert code == "AccessDenied"
        assert message == (
            "User: arn:aws:sts::123456789012:assumed-role/First/alice@example.com is not authorized to perform: "
            f"{action} on resource: {role.arn}"
        )
        assert chain.sts.sessions == (session,)

    @pytest.mark.parametrize(
        ("block", "parameters"),
        [
            pytest.param({"StringEquals": {"sts:ExternalId": "external"}}, {"ExternalId": "external"}, id="external"),
            pytest.param({"StringEquals": {"aws:PrincipalTag/team": "blue"}}, {}, id="tag"),
            pytest.param({"StringEquals": {"aws:PrincipalTag/team": "${aws:ResourceTag/team}"}}, {}, id="two tags"),
            pytest.param({"StringEquals": {"aws:SourceIdentity": "Alice"}}, {}, id="source identity"),
            pytest.param({"StringEquals": {"saml:sub": "alice@example.com"}}, {}, id="subject"),
            pytest.param({"StringEquals": {"saml:sub_type": "persistent"}}, {}, id="kind of subject"),
            pytest.param(
                {"StringEquals": {"saml:namequalifier": "gVMfPykcwyJvL8k2pmXetypU/dY="}}, {}, id="name qualifier"
            ),
            pytest.param({"StringLike": {"aws:UserAgent": "Boto3/* Botocore/*"}}, {}, id="agent"),
            pytest.param({"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, {}, id="region"),
        ],
    )
    def test_a_condition_that_holds_lets_in_and_its_contrary_keeps_out(
        self, chain: Chain, block: dict[str, Any], parameters: dict[str, str]
    ) -> None:
        session = chain.log_in(principal_tags={"team": "blue"}, source_identity="Alice")
        contrary = {operator.replace("String", "StringNot"): keys for operator, keys in block.items()}
        let_in, kept_out = (chain.role(condition=each, tags={"team": "blue"}) for each in (block, contrary))
        assert chain.assume(session, let_in, **parameters).role is let_in
        assert chain.refusal(session, kept_out, **parameters)[0] == "AccessDenied"

    def test_a_role_of_another_account_lets_in_whom_it_trusts(self, chain: Chain) -> None:
        role = chain.role(account_id="111122223333", path="/team/")
        assert chain.assume(chain.log_in(), role).arn == "arn:aws:sts::111122223333:assumed-role/Role1/next"

    def test_a_role_of_another_partition_lets_nobody_in(self, chain: Chain) -> None:
        role = chain.role(partition="aws-cn")
        assert chain.refusal(chain.log_in(), role)[0] == "AccessDenied"

    def test_a_role_that_was_made_anew_is_not_the_one_that_was_trusted(self, chain: Chain) -> None:
        first = chain.log_in()
        trust = first.role.chaining_policy()
        before = chain.sts.create_role("Before", trust_policy=trust)
        assert chain.assume(first, before).role is before
        chain.sts.delete_role(first.role)
        second = chain.log_in()
        assert second.arn == first.arn
        assert chain.refusal(second, before)[0] == "AccessDenied"
        after = chain.sts.create_role("After", trust_policy=trust)
        assert chain.assume(second, after).role is after

    def test_a_session_that_ends_soon_gets_one_of_an_hour(self, chain: Chain) -> None:
        first = chain.log_in()
        chain.sts.advance(minutes=59)
        second = chain.assume(first, chain.role())
        assert (second.expiration - second.issued, second.expiration > first.expiration) == (60 * MINUTE, True)

    def test_session_policies_are_kept(self, chain: Chain) -> None:
        arn = chain.sts.create_policy("Reader", POLICY)
        session = chain.assume(chain.log_in(), chain.role(), Policy=POLICY, PolicyArns=[{"arn": arn}])
        assert session.policies == (POLICY, arn)
