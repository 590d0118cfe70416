import datetime as dt
import itertools
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import boto3
import botocore.parsers
import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from pytest_stssaml import STSBackend
from pytest_stssaml.sts import errors
from pytest_stssaml.sts.errors import Rejected
from pytest_stssaml.sts.iam import Arn
from pytest_stssaml.sts.login import Request
from pytest_stssaml.sts.query import check_operation, read_form, read_request, write_error, write_response
from pytest_stssaml.sts.session import Session

ROLE = "arn:aws:iam::123456789012:role/Developer"
PROVIDER = "arn:aws:iam::123456789012:saml-provider/ExampleIdP"
FORM = {"RoleArn": ROLE, "PrincipalArn": PROVIDER, "SAMLAssertion": "PHhtbC8+"}
POLICY = "arn:aws:iam::123456789012:policy/Limits"
ARN_PATTERN = (
    r"Member must satisfy regular expression pattern: "
    r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+"
)

#: Ids of the answer and of the back end.
OUTER, INNER = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"


def refused(**parameters: Any) -> tuple[str, int, str | None]:
    """What a form is refused with; a parameter of None is left out."""
    form = {name: value for name, value in (FORM | parameters).items() if value is not None}
    with pytest.raises(Rejected) as caught:
        read_request(form, "us-east-1")
    return caught.value.error.code, caught.value.error.status, caught.value.message()


def one_fault(fault: str) -> tuple[str, int, str]:
    return "ValidationError", 400, f"1 validation error detected: {fault}"


def arn_of(length: int) -> str:
    return ROLE.ljust(length, "x")[:length]


def policies(**arns: str) -> dict[str, str]:
    """Members of PolicyArns by number: `policies(_1=..., _2=...)`."""
    return {f"PolicyArns.member.{number[1:]}.arn": arn for number, arn in arns.items()}


class TestReadForm:
    def test_gives_the_parameters_by_name(self) -> None:
        assert read_form("RoleArn=a&PrincipalArn=b") == {"RoleArn": "a", "PrincipalArn": "b"}

    @pytest.mark.parametrize(
        ("form", "parameters"),
        [
            pytest.param("A=1&A=2", {"A": "1"}, id="two"),
            pytest.param("A=1&B=0&A=2&A=3", {"A": "1", "B": "0"}, id="three with another between"),
            pytest.param("A=&A=2", {"A": ""}, id="the first blank"),
            pytest.param("%41=1&A=2", {"A": "1"}, id="the first written otherwise"),
        ],
    )
    def test_of_several_of_one_name_takes_the_first(self, form: str, parameters: dict[str, str]) -> None:
        assert read_form(form) == parameters

    @pytest.mark.parametrize("form", ["A=", "A"])
    def test_keeps_a_parameter_without_a_value(self, form: str) -> None:
        assert read_form(form) == {"A": ""}

    @pytest.mark.parametrize("form", ["", "&", "&&&"], ids=repr)
    def test_of_nothing_is_nothing(self, form: str) -> None:
        assert read_form(form) == {}

    @pytest.mark.parametrize(
        ("written", "value"),
        [
            pytest.param("a+b", "a b", id="plus"),
            pytest.param("a%20b", "a b", id="space"),
            pytest.param("a%2Bb%2f%3D", "a+b/=", id="base64"),
            pytest.param("%C3%A4%E4%B8%AD%F0%9F%98%80", "ä中\U0001f600", id="UTF-8"),
            pytest.param("ä", "ä", id="not escaped"),
            pytest.param("a=b=", "a=b=", id="equals signs"),
            pytest.param("a;b", "a;b", id="semicolon"),
            pytest.param("%00", "\0", id="NUL"),
            pytest.param("%", "%", id="percent alone"),
            pytest.param("%2", "%2", id="escape cut short"),
            pytest.param("%zz%41", "%zzA", id="no hexadecimal digits"),
            pytest.param("%u0041", "%u0041", id="not the escape of URLs"),
            pytest.param("%2541", "%41", id="escaped once more"),
            pytest.param("a%FFb", "a\ufffdb", id="not UTF-8"),
            pytest.param("%E4%B8", "\ufffd", id="UTF-8 cut short"),
            pytest.param("%ED%A0%80", "\ufffd\ufffd\ufffd", id="surrogate"),
        ],
    )
    def test_decodes_a_value(self, written: str, value: str) -> None:
        assert read_form(f"A={written}") == {"A": value}

    def test_decodes_a_name(self) -> None:
        assert read_form("Policy%41rns.member.1.arn=a") == {"PolicyArns.member.1.arn": "a"}


class TestCheckOperation:
    def refused(self, **form: str) -> tuple[str, int, str | None]:
        with pytest.raises(Rejected) as caught:
            check_operation(form)
        return caught.value.error.code, caught.value.error.status, caught.value.message()

    def test_lets_the_operation_pass(self) -> None:
        check_operation({"Action": "AssumeRoleWithSAML", "Version": "2011-06-15"})

    @pytest.mark.parametrize(
        "action", ["AssumeRoleWithSaml", "assumerolewithsaml", "AssumeRoleWithSAML ", "CreateRole", "", "$version"]
    )
    def test_an_unknown_action_is_not_found(self, action: str) -> None:
        assert self.refused(Action=action, Version="2011-06-15") == (
            "InvalidAction",
            400,
            f"Could not find operation {action} for version 2011-06-15",
        )

    @pytest.mark.parametrize("version", ["2010-05-08", "2011-06-16", "2011-06-15 ", "", "$action"])
    def test_an_unknown_version_has_no_operations(self, version: str) -> None:
        assert self.refused(Action="AssumeRoleWithSAML", Version=version) == (
            "InvalidAction",
            400,
            f"Could not find operation AssumeRoleWithSAML for version {version}",
        )

    @pytest.mark.parametrize("action", ["AssumeRoleWithSAML", "GetCallerIdentity", "Nonsense"])
    def test_without_a_version_there_are_no_operations(self, action: str) -> None:
        assert self.refused(Action=action) == (
            "InvalidAction",
            400,
            f"Could not find operation {action} for version NO_VERSION_SPECIFIED",
        )

    def test_another_operation_of_sts_is_told_who_speaks(self) -> None:
        assert self.refused(Action="GetCallerIdentity", Version="2011-06-15") == (
            "InvalidAction",
            400,
            "pytest-stssaml serves AssumeRoleWithSAML only, not GetCallerIdentity",
        )

    def test_another_operation_of_sts_in_another_version_is_not_found(self) -> None:
        assert self.refused(Action="GetCallerIdentity", Version="2010-05-08")[2] == (
            "Could not find operation GetCallerIdentity for version 2010-05-08"
        )

    def test_knows_every_other_operation_of_botocores_model(self) -> None:
        model = botocore.session.get_session().get_service_model("sts")
        others = set(model.operation_names) - {"AssumeRoleWithSAML"}
        texts = {self.refused(Action=name, Version=model.api_version)[2] for name in others}
        assert texts == {f"pytest-stssaml serves AssumeRoleWithSAML only, not {name}" for name in others}


class TestReadRequest:
    def test_gives_the_parameters_and_the_arns_taken_apart(self) -> None:
        assert read_request(FORM | {"DurationSeconds": "900"}, "eu-west-1") == Request(
            region="eu-west-1",
            role_arn=ROLE,
            principal_arn=PROVIDER,
            role=Arn("aws", "iam", "", "123456789012", "role/Developer"),
            principal=Arn("aws", "iam", "", "123456789012", "saml-provider/ExampleIdP"),
            saml_assertion="PHhtbC8+",
            duration_seconds=900,
        )

    def test_without_what_may_be_left_out_has_no_policies(self) -> None:
        request = read_request(FORM, "us-east-1")
        assert (request.policy, request.policy_arns, request.policies) == (None, (), ())

    def test_gives_a_policy_as_it_is(self) -> None:
        assert read_request(FORM | {"Policy": ' {"a":\t1} '}, "us-east-1").policy == ' {"a":\t1} '

    def test_passes_the_user_agent_on(self) -> None:
        assert read_request(FORM, "us-east-1", "curl/8").user_agent == "curl/8"

    @pytest.mark.parametrize("secure", [True, False])
    def test_passes_on_whether_it_came_by_tls(self, secure: bool) -> None:
        assert read_request(FORM, "us-east-1", secure=secure).secure is secure

    def test_says_nothing_of_the_user_agent_that_nobody_named_and_supposes_tls(self) -> None:
        request = read_request(FORM, "us-east-1")
        assert (request.user_agent, request.secure) == ("", True)

    def test_without_a_duration_asks_for_an_hour(self) -> None:
        assert read_request(FORM, "us-east-1").duration_seconds == 3600

    def test_ignores_parameters_that_aws_does_not_know(self) -> None:
        unknown = {"Action": "AssumeRoleWithSAML", "Version": "2011-06-15", "Nonsense": "\0", "rolearn": ""}
        assert read_request(FORM | unknown, "us-east-1") == read_request(FORM, "us-east-1")

    @pytest.mark.parametrize(
        "parameters",
        [
            pytest.param({"RoleArn": arn_of(2048)}, id="RoleArn of 2048"),
            pytest.param({"RoleArn": "arn:a:iam:::role/aaa"}, id="RoleArn of 20"),
            pytest.param({"PrincipalArn": "arn:a:b:::aaaaaaaaaa"}, id="PrincipalArn of 20"),
            pytest.param({"PrincipalArn": arn_of(2048)}, id="PrincipalArn of 2048"),
            pytest.param({"PrincipalArn": PROVIDER + "\t\n\r ~\x85\xa0\ud7ff\ue000\ufffd"}, id="edges of the pattern"),
            pytest.param({"SAMLAssertion": "a" * 4}, id="SAMLAssertion of 4"),
            pytest.param({"SAMLAssertion": "a" * 100_000}, id="SAMLAssertion of 100000"),
            pytest.param({"SAMLAssertion": "\0\0\0\0"}, id="SAMLAssertion without a pattern"),
            pytest.param({"Policy": "a"}, id="Policy of 1"),
            pytest.param({"Policy": "a" * 2048}, id="Policy of 2048"),
            pytest.param({"Policy": "\t\n\r \xff"}, id="edges of Policy's pattern"),
        ],
    )
    def test_takes_what_is_just_within_the_schema(self, parameters: dict[str, str]) -> None:
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
    def test_takes_a_duration_in_any_decimal_form(self, value: Any, duration: int) -> None:
        assert read_request(FORM | {"DurationSeconds": value}, "us-east-1").duration_seconds == duration

    def test_without_a_minimum_the_token_may_have_any_size(self) -> None:
        assert read_request(FORM, "us-east-1").minimum_session_token_size == 0

    @pytest.mark.parametrize(
        ("value", "size"), [("0", 0), ("-0", 0), ("1", 1), ("4096", 4096), ("+04096", 4096), (4096, 4096)], ids=repr
    )
    def test_takes_a_minimum_for_the_tokens_size(self, value: Any, size: int) -> None:
        form = FORM | {"MinimumSessionTokenSize": value}
        assert read_request(form, "us-east-1").minimum_session_token_size == size


class TestPolicyArns:
    def read(self, form: dict[str, str]) -> tuple[str, ...]:
        return read_request(FORM | form, "us-east-1").policy_arns

    def test_are_given_and_taken_apart(self) -> None:
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
            pytest.param(["2", "10", "1"], id="as numbers and not as texts"),
            pytest.param(["7", "300", "4"], id="with gaps"),
            pytest.param(["0", "1", "2"], id="from zero"),
            pytest.param(["002", "0010", "1"], id="with leading zeros"),
            pytest.param(["999999999", "5", "99999"], id="large"),
        ],
    )
    def test_stand_in_the_order_of_their_numbers(self, numbers: list[str]) -> None:
        form = {f"PolicyArns.member.{number}.arn": f"{POLICY}{int(number)}" for number in numbers}
        assert self.read(form) == tuple(f"{POLICY}{number}" for number in sorted(map(int, numbers)))

    def test_of_an_empty_list_are_none(self) -> None:
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
    def test_are_not_what_has_another_name(self, name: str) -> None:
        assert self.read({name: POLICY}) == ()

    def test_may_repeat_themselves(self) -> None:
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
    def test_may_be_what_is_just_within_the_schema(self, arn: str) -> None:
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

    def test_are_counted_from_one_whatever_their_numbers(self) -> None:
        assert refused(**policies(_5=POLICY, _9="short")) == one_fault(
            "Value 'short' at 'policyArns.2.member.arn' failed to satisfy constraint: "
            "Member must have length greater than or equal to 20"
        )

    def test_of_which_each_has_a_fault_are_all_listed(self) -> None:
        code, _, message = refused(**policies(_1="a", _2=POLICY, _3="c"))
        assert (code, re.findall(r"'(\w*)' at '([\w.]+)'", str(message))) == (
            "ValidationError",
            [("a", "policyArns.1.member.arn"), ("c", "policyArns.3.member.arn")],
        )

    @pytest.mark.parametrize(
        "value",
        [
            pytest.param("nothing-valid-in-here", id="no ARN"),
            pytest.param("arn::b:::something/test-policy", id="no partition"),
            pytest.param("arn:aws::::policy/Limits", id="no service"),
            pytest.param("arn:aws:iam::123456789012:", id="no resource"),
            pytest.param("arn:aws:iam::123456789012", id="five fields"),
        ],
    )
    def test_that_are_no_arns_are_invalid(self, value: str) -> None:
        assert refused(**policies(_1=POLICY, _2=value)) == ("ValidationError", 400, f"{value} is invalid")

    @pytest.mark.parametrize("member", ["RoleArn", "PrincipalArn"])
    def test_are_looked_at_after_role_and_provider(self, member: str) -> None:
        assert refused(**{member: "first-to-be-looked-at"}, **policies(_1="nothing-valid-in-here")) == (
            "ValidationError",
            400,
            "first-to-be-looked-at is invalid",
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
    def test_a_required_parameter_is_not_left_out(self, member: str, name: str) -> None:
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


def test_octets_are_read_as_they_are_sent() -> None:
    octets = {name: str(value).encode() for name, value in FORM.items()}
    assert read_request(octets, "us-east-1") == read_request(FORM, "us-east-1")


def test_octets_that_are_no_utf8_are_read_with_replacements() -> None:
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
    def test_what_is_no_number_of_32_bits_has_no_message(self, member: str, value: str) -> None:
        assert refused(**{member: value}) == ("MalformedInput", 400, None)

    @pytest.mark.parametrize("member", NUMBERS)
    def test_an_empty_number_misses_its_value(self, member: str) -> None:
        assert refused(**{member: ""}) == ("MalformedInput", 400, "missing value for decimal type")

    @pytest.mark.parametrize("member", NUMBERS)
    def test_a_malformed_number_comes_before_the_schema(self, member: str) -> None:
        assert refused(**{member: "abc", "RoleArn": ""}) == ("MalformedInput", 400, None)


class TestArns:
    @pytest.mark.parametrize(
        "value",
        [
            pytest.param("nothing-valid-in-here", id="no ARN"),
            pytest.param("arn::b:::something/test-role", id="no partition"),
            pytest.param("arn:aws::::role/Developer", id="no service"),
            pytest.param("arn:aws:iam::123456789012:", id="no resource"),
            pytest.param("arn:aws:iam::123456789012", id="five fields"),
            pytest.param("ARN:aws:iam::123456789012:role/Developer", id="prefix in capitals"),
            pytest.param("arn:::::::::::::::::::", id="colons alone"),
        ],
    )
    @pytest.mark.parametrize("member", ["RoleArn", "PrincipalArn"])
    def test_a_parameter_that_is_no_arn_is_invalid(self, member: str, value: str) -> None:
        assert refused(**{member: value}) == ("ValidationError", 400, f"{value} is invalid")

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

    def test_provider_and_role_swapped_are_an_invalid_arn(self) -> None:
        assert refused(RoleArn=PROVIDER, PrincipalArn=ROLE) == ("ValidationError", 400, "Request ARN is invalid")

    def test_the_role_is_looked_at_before_the_provider(self) -> None:
        assert refused(RoleArn="a-role-of-20-letters", PrincipalArn="provider-of-20-letters") == (
            "ValidationError",
            400,
            "a-role-of-20-letters is invalid",
        )

    def test_a_value_with_a_dollar_sign_is_printed_as_it_is(self) -> None:
        assert refused(RoleArn="$value ${value} $$ and more") == (
            "ValidationError",
            400,
            "$value ${value} $$ and more is invalid",
        )


class TestWriteError:
    def test_is_what_aws_writes_octet_for_octet(self) -> None:
        assert write_error(Rejected(errors.BAD_SIGNATURE, "a reason of ours"), OUTER, INNER) == (
            '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">\n'
            "  <Error>\n"
            "    <Type>Sender</Type>\n"
            "    <Code>InvalidIdentityToken</Code>\n"
            "    <Message>Response signature invalid</Message>\n"
            "  </Error>\n"
            f"  <RequestId>{OUTER}</RequestId>\n"
            "</ErrorResponse>\n"
        )

    def test_without_a_message_has_no_such_element(self) -> None:
        assert write_error(Rejected(errors.NOT_A_NUMBER, ""), OUTER, INNER) == (
            '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">\n'
            "  <Error>\n"
            "    <Type>Sender</Type>\n"
            "    <Code>MalformedInput</Code>\n"
            "  </Error>\n"
            f"  <RequestId>{OUTER}</RequestId>\n"
            "</ErrorResponse>\n"
        )

    @pytest.mark.parametrize(
        "form",
        [
            {"Action": "Nonsense", "Version": "2011-06-15"},
            {"Action": "AssumeRoleWithSAML", "Version": "2010-05-08"},
            {"Action": "AssumeRoleWithSAML"},
        ],
        ids=["action", "version", "no version"],
    )
    def test_of_an_unknown_operation_is_another_layers(self, form: dict[str, str]) -> None:
        with pytest.raises(Rejected) as caught:
            check_operation(form)
        first_line, _ = write_error(caught.value, OUTER, INNER).split("\n", 1)
        assert first_line == '<ErrorResponse xmlns="http://webservices.amazon.com/AWSFault/2005-15-09">'

    def test_of_another_operation_of_sts_is_stss_own(self) -> None:
        body = write_error(Rejected(errors.OTHER_OPERATION, "", action="GetCallerIdentity"), OUTER, INNER)
        assert body.startswith('<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">\n')

    def test_a_back_ends_message_has_the_request_id_of_the_back_end(self) -> None:
        body = write_error(Rejected(errors.UNKNOWN_PROVIDER, ""), OUTER, INNER)
        assert (
            "<Message>Specified provider doesn't exist (Service: AWSOpenIdDiscoveryService; Status Code: 400; "
            f"Error Code: AuthSamlManifestNotFoundException; Request ID: {INNER}; Proxy: null)</Message>"
        ) in body


# What a caller's value becomes on its way through XML and botocore's parser.
SURVIVORS = [
    pytest.param("a<b>&amp;'\"]]>", "a<b>&amp;'\"]]>", id="markup"),
    pytest.param("ä ﬁ 中 \U0001f600", "ä ﬁ 中 \U0001f600", id="beyond ASCII"),
    pytest.param("a\tb\nc", "a\tb\nc", id="tab and newline"),
    pytest.param("a\rb\r\nc", "a\rb\r\nc", id="carriage return"),
    pytest.param("a\0b\x0bc\x1fd", "a\ufffdb\ufffdc\ufffdd", id="control characters"),
    pytest.param("a\ufffe\uffffb", "a\ufffd\ufffdb", id="no characters"),
    pytest.param("a\ud800b", "a\ufffdb", id="half a surrogate pair"),
]


@pytest.fixture(scope="module")
def parse() -> Callable[[int, str], Any]:
    """botocore's own parser of this operation."""
    model = botocore.session.get_session().get_service_model("sts")
    shape = model.operation_model("AssumeRoleWithSAML").output_shape
    parser = botocore.parsers.create_parser("query")
    return lambda status, body: parser.parse({"status_code": status, "headers": {}, "body": body.encode()}, shape)


@pytest.mark.parametrize(("value", "survivor"), SURVIVORS)
def test_a_value_in_an_error_survives_the_way_to_the_caller(
    parse: Callable[[int, str], Any], value: str, survivor: str
) -> None:
    answer = parse(400, write_error(Rejected(errors.NOT_AN_ARN, "", value=value), OUTER, INNER))
    assert answer["Error"]["Message"] == f"{survivor} is invalid"


SESSION = Session(
    access_key_id="ASIAABCDEFGHIJKLMNOP",
    secret_access_key="secret/+",
    session_token="token==",
    expiration=dt.datetime(2030, 1, 2, 3, 4, 5, tzinfo=dt.UTC),
    assumed_role_id="AROAABCDEFGHIJKLMNOPQ:alice",
    arn="arn:aws:sts::123456789012:assumed-role/Developer/alice",
    audience="https://signin.aws.amazon.com/saml",
    issuer="https://idp.example.com/saml",
    subject="alice@example.com",
    subject_type="persistent",
    name_qualifier="gVMfPykcwyJvL8k2pmXetypU/dY=",
    source_identity="Alice",
    tags={},
    transitive_tag_keys=(),
    principal_tags={},
)


def element(session: Session, name: str) -> list[str]:
    """The texts of the elements of a name."""
    return re.findall(f"<{name}>(.*?)</{name}>", write_response(session, OUTER))


class TestWriteResponse:
    def test_botocore_reads_every_field(self, parse: Callable[[int, str], Any]) -> None:
        answer = parse(200, write_response(SESSION, OUTER))
        # An older botocore does not know them.
        new = {name: answer.pop(name) for name in ("SessionTokenSize", "SessionTokenUtilization") if name in answer}
        assert new in ({}, {"SessionTokenSize": 7, "SessionTokenUtilization": 1})
        assert answer == {
            "Audience": "https://signin.aws.amazon.com/saml",
            "AssumedRoleUser": {
                "AssumedRoleId": "AROAABCDEFGHIJKLMNOPQ:alice",
                "Arn": "arn:aws:sts::123456789012:assumed-role/Developer/alice",
            },
            "Credentials": {
                "AccessKeyId": "ASIAABCDEFGHIJKLMNOP",
                "SecretAccessKey": "secret/+",
                "SessionToken": "token==",
                "Expiration": dt.datetime(2030, 1, 2, 3, 4, 5, tzinfo=dt.UTC),
            },
            "Subject": "alice@example.com",
            "NameQualifier": "gVMfPykcwyJvL8k2pmXetypU/dY=",
            "SourceIdentity": "Alice",
            "PackedPolicySize": 1,
            "SubjectType": "persistent",
            "Issuer": "https://idp.example.com/saml",
            "ResponseMetadata": {"RequestId": OUTER, "HTTPStatusCode": 200, "HTTPHeaders": {}},
        }

    def test_says_the_source_identity(self) -> None:
        assert element(SESSION, "SourceIdentity") == ["Alice"]

    def test_without_a_source_identity_has_no_such_element(self) -> None:
        assert "SourceIdentity" not in write_response(replace(SESSION, source_identity=None), OUTER)

    @pytest.mark.parametrize(
        ("size", "percent"),
        [(1, 1), (40, 1), (41, 2), (2048, 50), (2049, 51), (4055, 99), (4056, 100), (4096, 100)],
    )
    def test_says_how_long_the_token_is_and_how_much_of_its_limit_that_is(self, size: int, percent: int) -> None:
        session = replace(SESSION, session_token="t" * size)
        assert (element(session, "SessionTokenSize"), element(session, "SessionTokenUtilization")) == (
            [str(size)],
            [str(percent)],
        )

    @pytest.mark.parametrize("size", [1, 2049, 4096])
    def test_says_the_utilization_as_the_packed_size(self, size: int) -> None:
        session = replace(SESSION, session_token="t" * size)
        assert element(session, "PackedPolicySize") == element(session, "SessionTokenUtilization")

    def test_elements_stand_in_the_order_of_a_real_answer(self) -> None:
        assert re.findall(r"<(\w+)", write_response(SESSION, OUTER)) == [
            "AssumeRoleWithSAMLResponse",
            "AssumeRoleWithSAMLResult",
            "Audience",
            "AssumedRoleUser",
            "AssumedRoleId",
            "Arn",
            "Credentials",
            "AccessKeyId",
            "SecretAccessKey",
            "SessionToken",
            "Expiration",
            "Subject",
            "NameQualifier",
            "SourceIdentity",
            "PackedPolicySize",
            "SessionTokenSize",
            "SessionTokenUtilization",
            "SubjectType",
            "Issuer",
            "ResponseMetadata",
            "RequestId",
        ]

    def test_is_in_the_namespace_of_the_apis_version(self) -> None:
        first_line, _ = write_response(SESSION, OUTER).split("\n", 1)
        assert first_line == '<AssumeRoleWithSAMLResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'

    def test_the_expiration_is_written_to_the_second_in_utc(self) -> None:
        assert "<Expiration>2030-01-02T03:04:05Z</Expiration>" in write_response(SESSION, OUTER)

    @pytest.mark.parametrize(("value", "survivor"), SURVIVORS)
    def test_a_value_survives_the_way_to_the_caller(
        self, parse: Callable[[int, str], Any], value: str, survivor: str
    ) -> None:
        session = replace(SESSION, arn=value, audience=value, issuer=value, subject=value, subject_type=value)
        answer = parse(200, write_response(session, OUTER))
        texts = [answer["AssumedRoleUser"]["Arn"], *(answer[k] for k in ("Audience", "Issuer", "Subject"))]
        assert [*texts, answer["SubjectType"]] == [survivor] * 5


@pytest.fixture(scope="module")
def unchecked_client(no_aws_environment: None) -> Any:
    """A client that sends what AWS would refuse."""
    return boto3.Session().client("sts", region_name="us-east-1", config=Config(parameter_validation=False))


class TestThroughBoto3:
    @pytest.mark.parametrize(
        ("parameters", "expected"),
        [
            pytest.param(
                {"RoleArn": "short"},
                "1 validation error detected: Value 'short' at 'roleArn' failed to satisfy constraint: "
                "Member must have length greater than or equal to 20",
                id="schema",
            ),
            pytest.param({"RoleArn": "nothing-valid-in-here"}, "nothing-valid-in-here is invalid", id="no ARN"),
            pytest.param({"RoleArn": PROVIDER}, "Request ARN is invalid", id="no role"),
            pytest.param({"RoleArn": "<&>-nothing-valid-in-here"}, "<&>-nothing-valid-in-here is invalid", id="markup"),
            pytest.param(
                {"DurationSeconds": 899},
                "1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy constraint: "
                "Member must have value greater than or equal to 900",
                id="duration",
            ),
            pytest.param(
                {"PolicyArns": [{"arn": POLICY}, {"arn": "short"}]},
                "1 validation error detected: Value 'short' at 'policyArns.2.member.arn' failed to satisfy constraint: "
                "Member must have length greater than or equal to 20",
                id="policy ARN",
            ),
            pytest.param(
                {"PolicyArns": [{"arn": "nothing-valid-in-here"}]},
                "nothing-valid-in-here is invalid",
                id="no ARN of a policy",
            ),
        ],
    )
    def test_a_validation_error_reaches_the_caller(
        self, sts: STSBackend, unchecked_client: Any, parameters: dict[str, Any], expected: str
    ) -> None:
        with pytest.raises(ClientError) as caught:
            unchecked_client.assume_role_with_saml(**FORM | parameters)
        error = caught.value.response
        assert (error["Error"], error["ResponseMetadata"]["HTTPStatusCode"]) == (
            {"Type": "Sender", "Code": "ValidationError", "Message": expected},
            400,
        )

    def test_a_missing_parameter_reaches_the_caller_as_null(self, sts: STSBackend, unchecked_client: Any) -> None:
        with pytest.raises(ClientError, match=re.escape("Value null at 'roleArn'")):
            unchecked_client.assume_role_with_saml(PrincipalArn=PROVIDER, SAMLAssertion="PHhtbC8+")

    def test_an_error_without_a_message_reaches_the_caller_without_one(
        self, sts: STSBackend, unchecked_client: Any
    ) -> None:
        with pytest.raises(ClientError) as caught:
            unchecked_client.assume_role_with_saml(**FORM, DurationSeconds="abc")
        assert caught.value.response["Error"] == {"Type": "Sender", "Code": "MalformedInput"}
