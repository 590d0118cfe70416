from dataclasses import replace
from typing import Any

import pytest
from chainings import ALL, ASSUME, SOURCE, TAG, between, identified, inheriting, statement, tagged, to_role
from good import (
    CHAINING_PARAMETERS,
    GENEROUS_TARGET,
    GOOD_CHAINING,
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
)
from rule_contract import rejection_of

from pytest_stssaml.iam.policies.trust_policies import parse_trust_policy
from pytest_stssaml.sts.requests.role_chaining import ROLE_CHAINING_KEYS, RoleChaining
from pytest_stssaml.sts.rule import check_all
from pytest_stssaml.sts.rules.role_chaining import ROLE_CHAINING_RULES
from pytest_stssaml.sts.sessions.condition_keys import principal_tags


class TestNotAuthorized:
    def message(self, asking: RoleChaining) -> str | None:
        return rejection_of(lambda: check_all(ROLE_CHAINING_RULES, asking)).message()

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

    def test_names_the_role_as_it_was_requested(self) -> None:
        arn = "arn:aws:iam::123456789012:role/team/Auditor"
        asking = replace(GOOD_CHAINING, parameters=replace(CHAINING_PARAMETERS, role_arn=arn), role=None)
        assert str(self.message(asking)).endswith(f"is not authorized to perform: sts:AssumeRole on resource: {arn}")


def allows(asking: RoleChaining, *statements: dict[str, Any]) -> bool:
    """Return whether a trust policy of these statements allows a chaining."""
    policy = parse_trust_policy({"Version": "2012-10-17", "Statement": list(statements)})
    return replace(asking, role=replace(asking.requested_role, _policy=policy)).denied_action is None


# The session's role has a path, which the session's own ARN has not.
WITH_PATH = replace(ROLE_, arn="arn:aws:iam::123456789012:role/team/Developer", path="/team/")
FROM_PATH = chained_from(role=WITH_PATH)

NAMES = {
    "the session's ARN": "arn:aws:sts::123456789012:assumed-role/Developer/alice@example.com",
    "the role's ARN with its path": "arn:aws:iam::123456789012:role/team/Developer",
    "the role's id": "AROAABCDEFGHIJKLMNOPQ",
    "the account": "123456789012",
    "the account's root": "arn:aws:iam::123456789012:root",
    "everybody": "*",
}
OTHER_NAMES = {
    "another session of the role": "arn:aws:sts::123456789012:assumed-role/Developer/bob@example.com",
    "the session's ARN in another case": "arn:aws:sts::123456789012:assumed-role/Developer/Alice@example.com",
    "the session's ARN with the role's path": "arn:aws:sts::123456789012:assumed-role/team/Developer/alice@example.com",
    "the session's ARN in another account": "arn:aws:sts::111122223333:assumed-role/Developer/alice@example.com",
    "the session's ARN in another partition": "arn:aws-cn:sts::123456789012:assumed-role/Developer/alice@example.com",
    "the role's ARN without its path": "arn:aws:iam::123456789012:role/Developer",
    "the role's ARN in another case": "arn:aws:iam::123456789012:role/team/developer",
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
    @pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
    def test_allows_the_session_under_each_of_its_names(self, name: str) -> None:
        assert allows(FROM_PATH, statement(Principal={"AWS": name}))

    @pytest.mark.parametrize("name", OTHER_NAMES.values(), ids=OTHER_NAMES)
    def test_does_not_allow_the_session_under_other_names(self, name: str) -> None:
        assert not allows(FROM_PATH, statement(Principal={"AWS": name}))

    @pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
    def test_denies_the_session_under_each_of_its_names(self, name: str) -> None:
        allow, deny = statement(Principal={"AWS": "*"}), statement(Effect="Deny", Principal={"AWS": name})
        assert not allows(FROM_PATH, allow, deny)

    @pytest.mark.parametrize("name", OTHER_NAMES.values(), ids=OTHER_NAMES)
    def test_does_not_deny_the_session_under_other_names(self, name: str) -> None:
        allow, deny = statement(Principal={"AWS": "*"}), statement(Effect="Deny", Principal={"AWS": name})
        assert allows(FROM_PATH, allow, deny)

    def test_is_one_of_a_list(self) -> None:
        assert allows(GOOD_CHAINING, statement(Principal={"AWS": ["111122223333", ROLE_.arn]}))

    @pytest.mark.parametrize(
        "principal",
        [
            pytest.param({"Federated": PROVIDER.arn}, id="the provider of the login before"),
            pytest.param({"Service": "ec2.amazonaws.com"}, id="a service"),
            pytest.param({"CanonicalUser": "123456789012"}, id="a canonical user with the account's digits"),
        ],
    )
    def test_of_another_kind_does_not_allow_the_session(self, principal: dict[str, str]) -> None:
        assert not allows(GOOD_CHAINING, statement(Principal=principal))

    def test_of_another_kind_does_not_matter_beside_the_role(self) -> None:
        principal = {"Service": "ec2.amazonaws.com", "AWS": ROLE_.arn}
        assert allows(GOOD_CHAINING, statement(Principal=principal))

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
    def test_has_the_account_and_partition_of_the_session_and_not_of_the_requested_role(
        self, name: str, expected: bool
    ) -> None:
        own = replace(
            ROLE_, arn="arn:aws-cn:iam::444455556666:role/Developer", partition="aws-cn", account_id="444455556666"
        )
        asking = replace(chained_from(role=own), role=between("aws-cn", "aws-cn").role)
        assert allows(asking, statement(Principal={"AWS": name})) is expected

    @pytest.mark.parametrize(
        ("trusted_role_ids", "expected"),
        [
            pytest.param({ROLE_.arn: ROLE_.role_id}, True, id="the same role"),
            pytest.param({ROLE_.arn: "AROAZZZZZZZZZZZZZZZZZ"}, False, id="a role of that name that was there before"),
            pytest.param({}, True, id="a role that was not there yet"),
            pytest.param({TARGET.arn: "AROAZZZZZZZZZZZZZZZZZ"}, True, id="another role that was there"),
        ],
    )
    def test_that_is_the_arn_of_a_role_means_the_role_that_existed_then(
        self, trusted_role_ids: dict[str, str], expected: bool
    ) -> None:
        asking = to_role(_trusted_role_ids=trusted_role_ids)
        assert allows(asking, statement(Principal={"AWS": ROLE_.arn})) is expected
        deny = statement(Effect="Deny", Principal={"AWS": ROLE_.arn})
        assert allows(asking, statement(Principal={"AWS": "*"}), deny) is not expected

    @pytest.mark.parametrize("name", [name for name in NAMES.values() if ":role/" not in name])
    def test_that_is_not_the_arn_of_a_role_allows_a_role_that_was_created_again(self, name: str) -> None:
        role = replace(TARGET, _trusted_role_ids={WITH_PATH.arn: "AROAZZZZZZZZZZZZZZZZZ"})
        assert allows(replace(FROM_PATH, role=role), statement(Principal={"AWS": name}))

    def test_has_the_id_of_the_role_as_it_is_now(self) -> None:
        renewed = replace(GOOD_CHAINING, calling_role=replace(ROLE_, role_id="AROAZZZZZZZZZZZZZZZZZ"))
        assert allows(renewed, statement(Principal={"AWS": "AROAZZZZZZZZZZZZZZZZZ"}))


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
    def test_depend_on_what_the_new_session_has(self, asking: RoleChaining, needed: list[str]) -> None:
        assert list(asking.needed_actions) == needed

    @pytest.mark.parametrize("missing", ALL)
    def test_are_each_required(self, missing: str) -> None:
        asking = chaining(tags=(("team", "blue"),), source_identity="alice")
        assert allows(asking, statement(ALL))
        assert not allows(asking, statement([action for action in ALL if action != missing]))

    @pytest.mark.parametrize("denied", ALL)
    def test_must_not_be_denied(self, denied: str) -> None:
        asking = chaining(tags=(("team", "blue"),), source_identity="alice")
        assert not allows(asking, statement(ALL), statement(denied, Effect="Deny"))

    @pytest.mark.parametrize("denied", [TAG, SOURCE])
    def test_do_not_include_an_action_that_may_be_denied(self, denied: str) -> None:
        assert allows(GOOD_CHAINING, statement(ALL), statement(denied, Effect="Deny"))

    def test_may_be_allowed_by_separate_statements(self) -> None:
        asking = chaining(tags=(("team", "blue"),), source_identity="alice")
        assert allows(asking, *map(statement, ALL))

    def test_are_not_those_of_a_login(self) -> None:
        assert not allows(GOOD_CHAINING, statement(["sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"]))


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
KEYS: dict[str, tuple[tuple[str, ...], set[str]]] = {
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
    """Return whether a condition of the one statement for an action holds."""
    conditions = {action: block}
    return allows(
        asking, *(statement(each, Principal={"AWS": "*"}, Condition=conditions.get(each, {})) for each in ALL)
    )


class TestKeys:
    def test_every_key_is_in_the_table(self) -> None:
        assert {key for give, _ in ROLE_CHAINING_KEYS for key in give(EVERYTHING)} == {key.lower() for key in KEYS}

    @pytest.mark.parametrize("key", KEYS)
    def test_a_key_has_its_value(self, key: str) -> None:
        values = {name: value for give, _ in ROLE_CHAINING_KEYS for name, value in give(EVERYTHING).items()}
        assert values[key.lower()] == KEYS[key][0]

    @pytest.mark.parametrize("action", ALL)
    @pytest.mark.parametrize("key", KEYS)
    def test_the_statement_of_an_action_sees_its_keys_and_no_others(self, key: str, action: str) -> None:
        there, absent = (sees(action, {"Null": {key: null}}) for null in ("false", "true"))
        assert (there, absent) == (action in KEYS[key][1], action not in KEYS[key][1])

    @pytest.mark.parametrize("key", KEYS)
    def test_a_condition_accepts_the_value_and_no_other(self, key: str) -> None:
        (value,) = KEYS[key][0]
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
    def test_a_key_without_a_value_is_missing(self, key: str) -> None:
        assert sees(ASSUME, {"Null": {key: "true"}}, GOOD_CHAINING)

    @pytest.mark.parametrize("key", ["saml:sub", "saml:sub_type", "saml:namequalifier", "aws:FederatedProvider"])
    def test_a_session_of_role_chaining_has_no_keys_of_the_login(self, key: str) -> None:
        assert sees(ASSUME, {"Null": {key: "true"}}, chained_from(_federated_keys={}))

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

    def test_inherited_tags_are_those_of_the_caller_and_not_of_the_request(self) -> None:
        assert sees(
            ASSUME, {"StringEquals": {"aws:PrincipalTag/Team": "Blue"}, "Null": {"aws:RequestTag/Team": "true"}}
        )
        assert not sees(ASSUME, {"ForAnyValue:StringEquals": {"aws:TagKeys": "Team"}})

    def test_an_inherited_source_identity_is_that_of_the_request_too(self) -> None:
        block = {"StringEquals": {"sts:SourceIdentity": "alice", "aws:SourceIdentity": "alice"}}
        assert sees(ASSUME, block, identified("alice", None))

    def test_a_requested_source_identity_is_not_yet_that_of_the_caller(self) -> None:
        block = {"StringEquals": {"sts:SourceIdentity": "alice"}, "Null": {"aws:SourceIdentity": "true"}}
        assert sees(ASSUME, block, identified(None, "alice"))

    @pytest.mark.parametrize("secure", [True, False])
    def test_the_transport_is_that_of_the_request(self, secure: bool) -> None:
        assert sees(ASSUME, {"Bool": {"aws:SecureTransport": secure}}, chaining(secure=secure))

    def test_the_time_is_that_of_the_call_in_whole_seconds(self) -> None:
        block = {"DateEquals": {"aws:CurrentTime": "2030-01-01T12:00:00Z", "aws:EpochTime": 1893499200}}
        assert sees(ASSUME, block, replace(GOOD_CHAINING, now=NOW + SECOND - TICK))

    def test_the_time_of_issue_is_that_of_the_session(self) -> None:
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
    def test_tags_of_the_session_override_those_of_the_role(
        self, of_role: dict[str, str], of_session: dict[str, str], expected: dict[str, str]
    ) -> None:
        role = replace(ROLE_, tags=of_role)
        assert principal_tags(replace(SESSION, tags=of_session), role) == expected
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
    def test_stand_for_properties_of_the_caller_and_the_resource(self, block: dict[str, Any], expected: bool) -> None:
        asking = replace(
            EVERYTHING,
            parameters=replace(EVERYTHING.parameters, role_session_name="alice@example.com"),
            role=replace(TARGET, tags={"Team": "Blue", "cost": "1"}),
        )
        assert sees(ASSUME, block, asking) is expected
