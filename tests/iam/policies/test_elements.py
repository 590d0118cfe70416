import json
from collections.abc import Callable
from typing import Any

import pytest
from iam_errors import malformed, refused, syntax_error
from policy_documents import KINDS, Check, Good, document, of_length, permission, statement

from pytest_stssaml.iam.policies.permissions import check_permissions, inline_policy, managed_policy
from pytest_stssaml.iam.policies.trust_policies import parse_trust_policy


class TestVersion:
    @pytest.mark.parametrize("version", ["2008-10-17", "2012-10-17"])
    def test_of_a_trust_policy_may_be_either(self, version: str) -> None:
        assert parse_trust_policy(document(statement(), Version=version)).document["Version"] == version

    def test_of_a_trust_policy_may_be_missing(self) -> None:
        assert len(parse_trust_policy({"Statement": statement()}).statements) == 1

    @pytest.mark.parametrize(
        "version", ["2012-10-18", "2012-10-17 ", "", "2", 2012, None, ["2012-10-17"], True], ids=repr
    )
    def test_of_a_trust_policy_must_not_be_another(self, version: Any) -> None:
        assert refused(parse_trust_policy, document(statement(), Version=version)) == malformed(
            "The policy must contain a valid version string",
            f"Version is 2008-10-17 or 2012-10-17, not {version!r}",
        )

    @pytest.mark.parametrize(
        ("version", "variables"),
        [({"Version": "2012-10-17"}, True), ({"Version": "2008-10-17"}, False), ({}, False)],
        ids=["2012", "2008", "none"],
    )
    def test_decides_whether_there_are_variables(self, version: dict[str, str], variables: bool) -> None:
        block = {"StringEquals": {"saml:sub": "${saml:iss}"}}
        policy = parse_trust_policy({**version, "Statement": statement(Condition=block)})
        assert policy.statements[0].conditions[0].variables is variables

    def test_of_a_managed_policy_may_be_2012(self) -> None:
        managed_policy({"Version": "2012-10-17", "Statement": permission()})

    @pytest.mark.parametrize(
        "version", [{"Version": "2012-10-17"}, {"Version": "2008-10-17"}, {}], ids=["2012", "2008", "none"]
    )
    def test_of_an_inline_policy_may_be_either_or_missing(self, version: dict[str, str]) -> None:
        policy = {**version, "Statement": permission()}
        assert json.loads(inline_policy(policy)) == policy

    def test_of_an_inline_policy_must_not_be_another(self) -> None:
        assert refused(inline_policy, {"Version": "2012-10-18", "Statement": permission()}) == syntax_error(
            "Version is 2008-10-17 or 2012-10-17, not '2012-10-18'"
        )

    @pytest.mark.parametrize("version", [{"Version": "2008-10-17"}, {}], ids=["2008", "none"])
    def test_of_a_managed_policy_must_not_be_older_or_missing(self, version: dict[str, str]) -> None:
        assert refused(managed_policy, {**version, "Statement": permission()}) == malformed(
            "Policy document must be version 2012-10-17 or greater.", 'write "Version": "2012-10-17"'
        )

    @pytest.mark.parametrize("version", [{"Version": "2012-10-17"}, {"Version": "2008-10-17"}, {}], ids=str)
    def test_of_a_session_policy_may_be_either_or_missing(self, version: dict[str, str]) -> None:
        check_permissions({**version, "Statement": permission()})

    @pytest.mark.parametrize("version", ["2012-10-18", "", None, 2012], ids=repr)
    def test_of_a_session_policy_must_not_be_another(self, version: Any) -> None:
        assert refused(check_permissions, document(permission(), Version=version)) == syntax_error(
            f"Version is 2008-10-17 or 2012-10-17, not {version!r}"
        )


class TestId:
    @KINDS
    @pytest.mark.parametrize("name", ["", "cd3ad3d9-2776-4ef1-a904-4c229d1642ee", "J\u00fcrgens policy"])
    def test_may_be_any_string(self, check: Check, good: Good, name: str) -> None:
        check(document(good(), Id=name))

    @KINDS
    @pytest.mark.parametrize("name", [None, 5, ["a"]], ids=repr)
    def test_must_be_a_string(self, check: Check, good: Good, name: Any) -> None:
        assert refused(check, document(good(), Id=name)) == syntax_error(f"Id must be a string, not {name!r}")


class TestStatement:
    @KINDS
    @pytest.mark.parametrize("listed", [lambda each: each, lambda each: [each], lambda each: [each, each]])
    def test_may_be_one_or_several(self, check: Check, good: Good, listed: Callable[[Any], Any]) -> None:
        check({"Version": "2012-10-17", "Statement": listed(good())})

    @KINDS
    def test_must_be_at_least_one(self, check: Check, good: Good) -> None:
        assert refused(check, document()) == syntax_error("a policy must have a Statement")

    @KINDS
    @pytest.mark.parametrize("value", [None, "Allow", 5, []], ids=repr)
    def test_must_be_an_object(self, check: Check, good: Good, value: Any) -> None:
        assert refused(check, document(good(), value)) == syntax_error(
            f"a Statement must be a JSON object, not {value!r}"
        )

    @KINDS
    @pytest.mark.parametrize("effect", ["allow", "ALLOW", "Permit", "", None, ["Allow"], True, {}], ids=repr)
    def test_must_have_a_known_effect(self, check: Check, good: Good, effect: Any) -> None:
        assert refused(check, document(good(Effect=effect))) == syntax_error(
            f"Effect must be Allow or Deny, not {effect!r}"
        )

    @KINDS
    @pytest.mark.parametrize("effect", ["Allow", "Deny"])
    def test_may_have_either_effect(self, check: Check, good: Good, effect: str) -> None:
        check(document(good(Effect=effect)))


class TestSid:
    @KINDS
    @pytest.mark.parametrize(
        "sid", ["", "a", "0", "AllowLogin2", "a" * 300], ids=["empty", "letter", "digit", "both", "long"]
    )
    def test_may_have_letters_and_digits(self, check: Check, good: Good, sid: str) -> None:
        check(document(good(Sid=sid)))

    @KINDS
    @pytest.mark.parametrize("sid", ["a-b", "a b", "a_b", "a\n", "\u00e4", "\u0661", "*"], ids=ascii)
    def test_must_not_have_other_characters(self, check: Check, good: Good, sid: str) -> None:
        assert refused(check, document(good(Sid=sid))) == malformed(
            "Statement IDs (SID) must be alpha-numeric. "
            "Check that your input satisfies the regular expression [0-9A-Za-z]*",
            f"got {sid!r}",
        )

    @KINDS
    @pytest.mark.parametrize("sid", [None, 5, ["a"], {}], ids=repr)
    def test_must_be_a_string(self, check: Check, good: Good, sid: Any) -> None:
        assert refused(check, document(good(Sid=sid))) == syntax_error(f"a Sid must be a string, not {sid!r}")

    @KINDS
    def test_must_be_unique(self, check: Check, good: Good) -> None:
        assert refused(check, document(good(Sid="One"), good(), good(Sid="One"))) == malformed(
            "Statement IDs (SID) in a single policy must be unique.", "'One' is repeated"
        )

    @KINDS
    def test_differs_in_case(self, check: Check, good: Good) -> None:
        check(document(good(Sid="One"), good(Sid="one")))

    # Seen to be taken (localstack #1556, moto #2415): Terraform wrote "Sid": "" into every statement.
    @KINDS
    def test_may_be_empty_in_several_statements(self, check: Check, good: Good) -> None:
        check(document(good(Sid=""), good(Sid="")))


SIZES = pytest.mark.parametrize(
    ("check", "good", "longest"),
    [
        pytest.param(parse_trust_policy, statement, 2048, id="trust"),
        pytest.param(managed_policy, permission, 6144, id="managed"),
    ],
)
QUOTAS = {2048: "ACLSizePerRole", 6144: "PolicySize"}


class TestLength:
    @SIZES
    @pytest.mark.parametrize("letter", ["a", "\u00e4"], ids=["ASCII", "Latin"])
    @pytest.mark.parametrize(
        "write",
        [
            pytest.param(lambda policy: policy, id="dict"),
            pytest.param(lambda policy: json.dumps(policy, ensure_ascii=False, separators=(",", ":")), id="compact"),
            pytest.param(lambda policy: json.dumps(policy, ensure_ascii=False, indent=100), id="spaced"),
        ],
    )
    def test_may_be_as_long_as_the_quota(
        self,
        check: Check,
        good: Good,
        longest: int,
        letter: str,
        write: Callable[[Any], Any],
    ) -> None:
        check(write(of_length(longest, good, letter)))

    @SIZES
    @pytest.mark.parametrize(
        "write",
        [
            pytest.param(lambda policy: policy, id="dict"),
            pytest.param(lambda policy: json.dumps(policy, separators=(",", ":")), id="compact"),
            pytest.param(lambda policy: json.dumps(policy, indent=4), id="spaced"),
        ],
    )
    def test_must_not_exceed_the_quota(
        self,
        check: Check,
        good: Good,
        longest: int,
        write: Callable[[Any], Any],
    ) -> None:
        assert refused(check, write(of_length(longest + 1, good))) == (
            "LimitExceeded",
            409,
            f"Cannot exceed quota for {QUOTAS[longest]}: {longest}",
            f"{longest + 1} characters without white space; wildcards make it shorter",
        )

    @SIZES
    def test_does_not_count_white_space_in_strings(self, check: Check, good: Good, longest: int) -> None:
        policy = of_length(longest, good)
        policy["Statement"][0]["Condition"]["StringEquals"]["saml:sub"] += " " * 1000
        check(policy)


class TestOrder:
    def test_a_malformed_policy_is_not_measured(self) -> None:
        policy = of_length(3000, statement) | {"Version": "2000"}
        assert refused(parse_trust_policy, policy)[0] == "MalformedPolicyDocument"

    def test_a_later_statement_is_read_like_the_first(self) -> None:
        assert refused(parse_trust_policy, document(statement(), statement(Effect="allow"))) == syntax_error(
            "Effect must be Allow or Deny, not 'allow'"
        )
