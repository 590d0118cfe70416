import itertools
import re
from typing import Any

import pytest
from query import ARN_PATTERN, FORM, POLICY, PROVIDER, ROLE, answer_of, arn_of, one_fault, policies

from pytest_stssaml.iam.arn import Arn
from pytest_stssaml.sts.requests.parameters import SAMLLoginParameters
from pytest_stssaml.sts.rule import Rejected
from pytest_stssaml.sts.wire.query_request import read_login_parameters
from pytest_stssaml.wire import Request


def read_request(
    form: dict[str, Any], region: str, user_agent: str = "", *, secure: bool = True
) -> SAMLLoginParameters:
    return read_login_parameters(Request(form, region, user_agent, secure))


def refused(**parameters: Any) -> tuple[str, int, str | None]:
    """Return what a form is refused with; a parameter of None is left out."""
    form = {name: value for name, value in (FORM | parameters).items() if value is not None}
    return answer_of(lambda: read_request(form, "us-east-1"))


class TestLoginParameters:
    def test_has_the_parameters_and_the_parts_of_the_arns(self) -> None:
        assert read_request(FORM | {"DurationSeconds": "900"}, "eu-west-1") == SAMLLoginParameters(
            region="eu-west-1",
            role_arn=ROLE,
            principal_arn=PROVIDER,
            role=Arn("aws", "iam", "", "123456789012", "role/Developer"),
            principal=Arn("aws", "iam", "", "123456789012", "saml-provider/ExampleIdP"),
            saml_assertion="PHhtbC8+",
            duration_seconds=900,
        )

    def test_has_no_policies_by_default(self) -> None:
        request = read_request(FORM, "us-east-1")
        assert (request.policy, request.policy_arns, request.policies) == (None, (), ())

    def test_has_the_policy_as_it_was_written(self) -> None:
        assert read_request(FORM | {"Policy": ' {"a":\t1} '}, "us-east-1").policy == ' {"a":\t1} '

    def test_has_the_user_agent(self) -> None:
        assert read_request(FORM, "us-east-1", "curl/8").user_agent == "curl/8"

    @pytest.mark.parametrize("secure", [True, False])
    def test_knows_whether_it_came_by_tls(self, secure: bool) -> None:
        assert read_request(FORM, "us-east-1", secure=secure).secure is secure

    def test_has_no_user_agent_and_tls_by_default(self) -> None:
        request = read_request(FORM, "us-east-1")
        assert (request.user_agent, request.secure) == ("", True)

    def test_has_a_duration_of_an_hour_by_default(self) -> None:
        assert read_request(FORM, "us-east-1").duration_seconds == 3600

    def test_ignores_parameters_that_aws_does_not_know(self) -> None:
        unknown = {"Action": "AssumeRoleWithSAML", "Version": "2011-06-15", "Nonsense": "\0", "rolearn": ""}
        assert read_request(FORM | unknown, "us-east-1") == read_request(FORM, "us-east-1")

    @pytest.mark.parametrize(
        "parameters",
        [
            pytest.param({"RoleArn": arn_of(2048)}, id="RoleArn of 2048"),
            pytest.param({"RoleArn": "arn:a:iam:::role/aaa"}, id="RoleArn of 20"),
            pytest.param({"PrincipalArn": "arn:a:iam:::saml-provider/a"}, id="the shortest PrincipalArn"),
            pytest.param(
                {"PrincipalArn": f"arn:aws:iam::123456789012:saml-provider/{'a' * 128}"}, id="the longest name"
            ),
            pytest.param({"RoleArn": ROLE + "\t\n\r ~\x85\xa0\ud7ff\ue000\ufffd"}, id="edges of the pattern"),
            pytest.param({"SAMLAssertion": "a" * 4}, id="SAMLAssertion of 4"),
            pytest.param({"SAMLAssertion": "a" * 100_000}, id="SAMLAssertion of 100000"),
            pytest.param({"SAMLAssertion": "\0\0\0\0"}, id="SAMLAssertion without a pattern"),
            pytest.param({"Policy": "a"}, id="Policy of 1"),
            pytest.param({"Policy": "a" * 2048}, id="Policy of 2048"),
            pytest.param({"Policy": "\t\n\r \xff"}, id="edges of Policy's pattern"),
        ],
    )
    def test_accepts_what_is_just_within_the_schema(self, parameters: dict[str, str]) -> None:
        form = FORM | parameters
        request = read_request(form, "us-east-1")
        assert (request.role_arn, request.principal_arn, request.saml_assertion) == (
            form["RoleArn"],
            form["PrincipalArn"],
            form["SAMLAssertion"],
        )

    @pytest.mark.parametrize(
        ("value", "duration"),
        [
            ("900", 900),
            ("43200", 43200),
            ("+900", 900),
            ("0900", 900),
            ("00000000000000000900", 900),
            ("0" * 1000 + "900", 900),
            (900, 900),
        ],
        ids=repr,
    )
    def test_accepts_a_duration_in_any_decimal_form(self, value: Any, duration: int) -> None:
        assert read_request(FORM | {"DurationSeconds": value}, "us-east-1").duration_seconds == duration

    def test_has_no_minimum_for_the_size_of_the_token_by_default(self) -> None:
        assert read_request(FORM, "us-east-1").minimum_session_token_size == 0

    @pytest.mark.parametrize(
        ("value", "size"), [("0", 0), ("-0", 0), ("1", 1), ("4096", 4096), ("+04096", 4096), (4096, 4096)], ids=repr
    )
    def test_accepts_a_minimum_for_the_size_of_the_token(self, value: Any, size: int) -> None:
        form = FORM | {"MinimumSessionTokenSize": value}
        assert read_request(form, "us-east-1").minimum_session_token_size == size


class TestPolicyArns:
    def read(self, form: dict[str, str]) -> tuple[str, ...]:
        return read_request(FORM | form, "us-east-1").policy_arns

    def test_are_kept_as_written_and_in_parts(self) -> None:
        request = read_request(FORM | policies(_1=POLICY), "us-east-1")
        assert (request.policy_arns, request.policies) == (
            (POLICY,),
            (Arn("aws", "iam", "", "123456789012", "policy/Limits"),),
        )

    @pytest.mark.parametrize(
        "numbers",
        [
            pytest.param(["1", "2", "3"], id="in order"),
            pytest.param(["3", "1", "2"], id="out of order"),
            pytest.param(["2", "10", "1"], id="as numbers and not as strings"),
            pytest.param(["7", "300", "4"], id="with gaps"),
            pytest.param(["0", "1", "2"], id="from zero"),
            pytest.param(["002", "0010", "1"], id="with leading zeros"),
            pytest.param(["999999999", "5", "99999"], id="large"),
        ],
    )
    def test_are_in_the_order_of_their_numbers(self, numbers: list[str]) -> None:
        form = {f"PolicyArns.member.{number}.arn": f"{POLICY}{int(number)}" for number in numbers}
        assert self.read(form) == tuple(f"{POLICY}{number}" for number in sorted(map(int, numbers)))

    def test_are_none_if_the_list_is_empty(self) -> None:
        assert self.read({"PolicyArns": ""}) == ()

    @pytest.mark.parametrize(
        "name",
        [
            "PolicyArns",
            "PolicyArns.member.1",
            "PolicyArns.member.1.",
            "PolicyArns.member.1.Arn",
            "PolicyArns.member.1.arn.x",
            "PolicyArns.member..arn",
            "PolicyArns.member.-1.arn",
            "PolicyArns.member.+1.arn",
            "PolicyArns.member.one.arn",
            "PolicyArns.member.\u0661.arn",
            "PolicyArns.member.1.arn\n",
            "PolicyArns.1.arn",
            "PolicyArns.Member.1.arn",
            "policyArns.member.1.arn",
            "xPolicyArns.member.1.arn",
            pytest.param(f"PolicyArns.member.{'9' * 5000}.arn", id="of a number of 5000 digits"),
        ],
    )
    def test_are_not_read_from_parameters_of_other_names(self, name: str) -> None:
        assert self.read({name: POLICY}) == ()

    def test_may_be_repeated(self) -> None:
        assert self.read(policies(_1=POLICY, _2=POLICY)) == (POLICY, POLICY)

    def test_are_not_counted_here(self) -> None:
        form = {f"PolicyArns.member.{number}.arn": POLICY for number in range(1, 12)}
        assert len(self.read(form)) == 11

    @pytest.mark.parametrize(
        "arn",
        [
            pytest.param("arn:a:iam::1:policy/a", id="21 characters"),
            pytest.param("arn:a:b:::policy/aaa", id="20 characters"),
            pytest.param("arn:a:b:::policy/" + "a" * 2031, id="2048 characters"),
            pytest.param("arn:aws:s3:::bucket/key", id="another service's"),
            pytest.param(POLICY + "\t\n\r ~\x85\xa0\ud7ff\ue000\ufffd", id="edges of the pattern"),
        ],
    )
    def test_are_accepted_just_within_the_schema(self, arn: str) -> None:
        assert self.read(policies(_1=arn)) == (arn,)

    @pytest.mark.parametrize(
        ("arn", "need"),
        [
            pytest.param(
                "arn:a:b:::policy/aa", "Member must have length greater than or equal to 20", id="19 characters"
            ),
            pytest.param(
                "arn:a:b:::policy/" + "a" * 2032,
                "Member must have length less than or equal to 2048",
                id="2049 characters",
            ),
            pytest.param(POLICY + "\x7f", ARN_PATTERN, id="a control character"),
            pytest.param(POLICY + "\U0001f600", ARN_PATTERN, id="a character beyond the first plane"),
        ],
    )
    def test_satisfy_their_constraint(self, arn: str, need: str) -> None:
        assert refused(**policies(_1=arn)) == one_fault(
            f"Value '{arn}' at 'policyArns.1.member.arn' failed to satisfy constraint: {need}"
        )

    def test_are_counted_from_one_in_a_message_whatever_their_numbers(self) -> None:
        assert refused(**policies(_5=POLICY, _9="short")) == one_fault(
            "Value 'short' at 'policyArns.2.member.arn' failed to satisfy constraint: "
            "Member must have length greater than or equal to 20"
        )

    def test_are_all_listed_if_each_has_a_fault(self) -> None:
        code, _, message = refused(**policies(_1="a", _2=POLICY, _3="c"))
        assert (code, re.findall(r"'(\w*)' at '([\w.]+)'", str(message))) == (
            "ValidationError",
            [("a", "policyArns.1.member.arn"), ("c", "policyArns.3.member.arn")],
        )

    @pytest.mark.parametrize(
        "value",
        [
            pytest.param("nothing-valid-in-here", id="not an ARN"),
            pytest.param("arn::b:::something/test-policy", id="no partition"),
            pytest.param("arn:aws::::policy/Limits", id="no service"),
            pytest.param("arn:aws:iam::123456789012:", id="no resource"),
            pytest.param("arn:aws:iam::123456789012", id="five fields"),
        ],
    )
    def test_are_invalid_if_they_are_not_arns(self, value: str) -> None:
        assert refused(**policies(_1=POLICY, _2=value)) == ("ValidationError", 400, f"{value} is invalid")

    @pytest.mark.parametrize(
        ("member", "message"),
        [("RoleArn", "first-to-be-looked-at is invalid"), ("PrincipalArn", "Principal ARN is invalid")],
    )
    def test_are_checked_after_the_role_and_the_provider(self, member: str, message: str) -> None:
        assert refused(**{member: "first-to-be-looked-at"}, **policies(_1="nothing-valid-in-here")) == (
            "ValidationError",
            400,
            message,
        )


class TestSchema:
    @pytest.mark.parametrize("member", ["RoleArn", "PrincipalArn"])
    def test_an_arn_has_at_least_20_characters(self, member: str) -> None:
        value, name = "arn:a:iam:::role/aa", member[0].lower() + member[1:]
        assert refused(**{member: value}) == one_fault(
            f"Value '{value}' at '{name}' failed to satisfy constraint: "
            "Member must have length greater than or equal to 20"
        )

    @pytest.mark.parametrize("member", ["RoleArn", "PrincipalArn"])
    def test_an_arn_has_at_most_2048_characters(self, member: str) -> None:
        value, name = arn_of(2049), member[0].lower() + member[1:]
        assert refused(**{member: value}) == one_fault(
            f"Value '{value}' at '{name}' failed to satisfy constraint: "
            "Member must have length less than or equal to 2048"
        )

    @pytest.mark.parametrize(
        "character",
        ["\0", "\x08", "\x0b", "\x1f", "\x7f", "\x84", "\x86", "\x9f", "\ufffe", "\U00010000"],
        ids=ascii,
    )
    @pytest.mark.parametrize("member", ["RoleArn", "PrincipalArn"])
    def test_an_arn_has_characters_of_the_pattern_only(self, member: str, character: str) -> None:
        value, name = ROLE + character, member[0].lower() + member[1:]
        assert refused(**{member: value}) == one_fault(
            f"Value '{value}' at '{name}' failed to satisfy constraint: {ARN_PATTERN}"
        )

    @pytest.mark.parametrize(
        ("length", "bound"), [(3, "greater than or equal to 4"), (100_001, "less than or equal to 100000")]
    )
    def test_an_assertion_of_another_length_is_not_printed(self, length: int, bound: str) -> None:
        assert refused(SAMLAssertion="a" * length) == one_fault(
            f"Value at 'sAMLAssertion' failed to satisfy constraint: Member must have length {bound}"
        )

    @pytest.mark.parametrize(
        ("policy", "need"),
        [
            pytest.param("a" * 2049, "Member must have length less than or equal to 2048", id="2049 characters"),
            pytest.param(
                "\u0100",
                r"Member must satisfy regular expression pattern: [\u0009\u000A\u000D\u0020-\u00FF]+",
                id="outside Latin-1",
            ),
        ],
    )
    def test_a_policy_satisfies_its_constraint(self, policy: str, need: str) -> None:
        assert refused(Policy=policy) == one_fault(f"Value '{policy}' at 'policy' failed to satisfy constraint: {need}")

    @pytest.mark.parametrize(
        ("value", "bound"),
        [
            ("899", "greater than or equal to 900"),
            ("0", "greater than or equal to 900"),
            ("-1", "greater than or equal to 900"),
            ("-2147483648", "greater than or equal to 900"),
            ("43201", "less than or equal to 43200"),
            ("2147483647", "less than or equal to 43200"),
        ],
    )
    def test_a_duration_is_within_its_range(self, value: str, bound: str) -> None:
        assert refused(DurationSeconds=value) == one_fault(
            f"Value '{value}' at 'durationSeconds' failed to satisfy constraint: Member must have value {bound}"
        )

    @pytest.mark.parametrize(
        ("value", "bound"),
        [
            ("-1", "greater than or equal to 0"),
            ("-2147483648", "greater than or equal to 0"),
            ("4097", "less than or equal to 4096"),
            ("2147483647", "less than or equal to 4096"),
        ],
    )
    def test_a_minimum_for_the_tokens_size_is_within_its_range(self, value: str, bound: str) -> None:
        assert refused(MinimumSessionTokenSize=value) == one_fault(
            f"Value '{value}' at 'minimumSessionTokenSize' failed to satisfy constraint: Member must have value {bound}"
        )

    @pytest.mark.parametrize(
        ("member", "name"),
        [("RoleArn", "roleArn"), ("PrincipalArn", "principalArn"), ("SAMLAssertion", "sAMLAssertion")],
    )
    def test_a_required_parameter_must_be_there(self, member: str, name: str) -> None:
        assert refused(**{member: None}) == one_fault(
            f"Value null at '{name}' failed to satisfy constraint: Member must not be null"
        )

    def test_all_faults_come_in_one_message(self) -> None:
        refusal = refused(
            RoleArn=None,
            PrincipalArn="arn",
            SAMLAssertion="",
            Policy="",
            DurationSeconds="1",
            MinimumSessionTokenSize="-1",
            **policies(_1="policy"),
        )
        message = (
            "8 validation errors detected: "
            "Value null at 'roleArn' failed to satisfy constraint: Member must not be null; "
            "Value 'arn' at 'principalArn' failed to satisfy constraint: "
            "Member must have length greater than or equal to 20; "
            "Value at 'sAMLAssertion' failed to satisfy constraint: "
            "Member must have length greater than or equal to 4; "
            "Value '' at 'policy' failed to satisfy constraint: Member must satisfy regular expression pattern: "
            r"[\u0009\u000A\u000D\u0020-\u00FF]+; "
            "Value '' at 'policy' failed to satisfy constraint: Member must have length greater than or equal to 1; "
            "Value '1' at 'durationSeconds' failed to satisfy constraint: "
            "Member must have value greater than or equal to 900; "
            "Value '-1' at 'minimumSessionTokenSize' failed to satisfy constraint: "
            "Member must have value greater than or equal to 0; "
            "Value 'policy' at 'policyArns.1.member.arn' failed to satisfy constraint: "
            "Member must have length greater than or equal to 20"
        )
        assert refusal == ("ValidationError", 400, message)

    def test_two_empty_arns_are_four_faults_as_aws_was_seen_to_list_them(self) -> None:
        length = "Member must have length greater than or equal to 20"
        faults = [
            f"Value '' at '{name}' failed to satisfy constraint: {need}"
            for name, need in itertools.product(["roleArn", "principalArn"], [ARN_PATTERN, length])
        ]
        assert refused(RoleArn="", PrincipalArn="") == (
            "ValidationError",
            400,
            "4 validation errors detected: " + "; ".join(faults),
        )

    def test_schema_faults_come_before_those_of_the_arns(self) -> None:
        fault = "Value '1' at 'durationSeconds' failed to satisfy constraint: "
        assert refused(RoleArn="nothing-valid-in-here", DurationSeconds="1") == one_fault(
            fault + "Member must have value greater than or equal to 900"
        )


def test_bytes_are_read_as_they_are_sent() -> None:
    encoded = {name: str(value).encode() for name, value in FORM.items()}
    assert read_request(encoded, "us-east-1") == read_request(FORM, "us-east-1")


def test_bytes_that_are_not_utf8_are_read_with_replacements() -> None:
    assert read_request(FORM | {"SAMLAssertion": b"abc\xff"}, "us-east-1").saml_assertion == "abc\ufffd"


NUMBERS = ["DurationSeconds", "MinimumSessionTokenSize"]


class TestMalformedInput:
    @pytest.mark.parametrize(
        "value",
        [
            "abc",
            "1.5",
            "900.0",
            "9e2",
            " 900",
            "900\n",
            "0x384",
            "9_00",
            "--900",
            "+",
            "\u0669\u0660\u0660",
            "2147483648",
            "-2147483649",
            "9" * 5000,
            "True",
        ],
        ids=lambda value: ascii(value)[:20],
    )
    @pytest.mark.parametrize("member", NUMBERS)
    def test_a_value_that_is_not_a_number_of_32_bits_has_no_message(self, member: str, value: str) -> None:
        assert refused(**{member: value}) == ("MalformedInput", 400, None)

    @pytest.mark.parametrize("member", NUMBERS)
    def test_an_empty_number_has_a_missing_value(self, member: str) -> None:
        assert refused(**{member: ""}) == ("MalformedInput", 400, "missing value for decimal type")

    @pytest.mark.parametrize("member", NUMBERS)
    def test_a_malformed_number_comes_before_the_schema(self, member: str) -> None:
        assert refused(**{member: "abc", "RoleArn": ""}) == ("MalformedInput", 400, None)


class TestArns:
    @pytest.mark.parametrize(
        "value",
        [
            pytest.param("nothing-valid-in-here", id="not an ARN"),
            pytest.param("arn::b:::something/test-role", id="no partition"),
            pytest.param("arn:aws::::role/Developer", id="no service"),
            pytest.param("arn:aws:iam::123456789012:", id="no resource"),
            pytest.param("arn:aws:iam::123456789012", id="five fields"),
            pytest.param("ARN:aws:iam::123456789012:role/Developer", id="prefix in capitals"),
            pytest.param("arn:::::::::::::::::::", id="colons alone"),
        ],
    )
    def test_a_role_that_is_not_an_arn_is_invalid(self, value: str) -> None:
        assert refused(RoleArn=value) == ("ValidationError", 400, f"{value} is invalid")

    @pytest.mark.parametrize(
        "value",
        [
            pytest.param(PROVIDER, id="of a provider"),
            pytest.param("arn:aws:iam::123456789012:user/alice", id="of a user"),
            pytest.param("arn:aws:iam::123456789012:roles/Developer", id="of something that begins so"),
            pytest.param("arn:aws:iam::123456789012:Role/Developer", id="in capitals"),
            pytest.param("arn:aws:sts::123456789012:assumed-role/Developer/alice", id="of a session"),
            pytest.param("arn:aws:s3:::role/Developer", id="of another service"),
        ],
    )
    def test_a_role_arn_is_of_a_role(self, value: str) -> None:
        assert refused(RoleArn=value) == ("ValidationError", 400, "Request ARN is invalid")

    @pytest.mark.parametrize(
        "value",
        [
            pytest.param(f" {PROVIDER}", id="white space before it"),
            pytest.param(f"{PROVIDER}\n", id="a line feed after it"),
            pytest.param(f"{PROVIDER}\xa0", id="a no-break space after it"),
            pytest.param("nothing-valid-in-here", id="not an ARN"),
            pytest.param("arn:aws:iam::123456789012", id="five fields"),
            pytest.param(ROLE, id="of a role"),
            pytest.param("arn:aws:iam::123456789012:user/alice", id="of a user"),
            pytest.param("arn:aws:iam::123456789012:oidc-provider/idp.example.com", id="of an OIDC provider"),
            pytest.param("arn:aws:sts::123456789012:saml-provider/ExampleIdP", id="of another service"),
            pytest.param("arn:aws:iam::123456789012:SAML-provider/ExampleIdP", id="in capitals"),
            pytest.param("arn:aws:iam::123456789012:saml-provider/", id="without a name"),
            pytest.param("arn:aws:iam::123456789012:saml-provider/a/b", id="with a path"),
            pytest.param(f"arn:aws:iam::123456789012:saml-provider/{'a' * 129}", id="of a name of 129"),
        ],
    )
    def test_a_principal_arn_is_of_a_saml_provider(self, value: str) -> None:
        assert refused(PrincipalArn=value) == ("ValidationError", 400, "Principal ARN is invalid")

    @pytest.mark.parametrize(
        ("value", "shown"),
        [
            (f" {PROVIDER}", f"' {PROVIDER}', which has white space before it"),
            (f"{PROVIDER}\n", f"'{PROVIDER}\\n', which has white space after it"),
            (f"\t{PROVIDER} ", f"'\\t{PROVIDER} ', which has white space before and after it"),
            (f"{PROVIDER}\u200b", f"'{PROVIDER}\\u200b'"),
            (f"{PROVIDER}\u0415", f"'{PROVIDER}\\u0415'"),
            (ROLE, ROLE),
        ],
        ids=["before", "after", "before and after", "invisible", "a letter of another alphabet", "plain"],
    )
    def test_a_reason_shows_what_cannot_be_seen(self, value: str, shown: str) -> None:
        with pytest.raises(Rejected) as rejected:
            read_request(FORM | {"PrincipalArn": value}, "us-east-1")
        assert rejected.value.because == f"expected the ARN of a SAML provider, got {shown}"

    def test_role_and_provider_swapped_are_an_invalid_principal(self) -> None:
        assert refused(RoleArn=PROVIDER, PrincipalArn=ROLE) == ("ValidationError", 400, "Principal ARN is invalid")

    def test_the_provider_is_checked_before_the_role(self) -> None:
        assert refused(RoleArn="a-role-of-20-letters", PrincipalArn="provider-of-20-letters") == (
            "ValidationError",
            400,
            "Principal ARN is invalid",
        )

    def test_a_value_with_a_dollar_sign_is_printed_as_it_is(self) -> None:
        assert refused(RoleArn="$value ${value} $$ and more") == (
            "ValidationError",
            400,
            "$value ${value} $$ and more is invalid",
        )
