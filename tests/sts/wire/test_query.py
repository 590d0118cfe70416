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
from good import CONFIRMATION, GOOD, ROLE_, asserting

from pytest_stssaml import STSBackend
from pytest_stssaml.iam.arn import Arn
from pytest_stssaml.sts import errors
from pytest_stssaml.sts.limits import CHAINING_CONSTRAINTS
from pytest_stssaml.sts.operation import OPERATIONS
from pytest_stssaml.sts.requests.parameters import RoleChainingParameters, SAMLLoginParameters
from pytest_stssaml.sts.requests.saml_login import SAMLLogin
from pytest_stssaml.sts.results import chaining_result, identity_result, login_result
from pytest_stssaml.sts.rule import Rejected
from pytest_stssaml.sts.rules.request import operation_is_served
from pytest_stssaml.sts.sessions.session import Session
from pytest_stssaml.sts.wire.query_request import read_chaining_parameters, read_form, read_login_parameters
from pytest_stssaml.sts.wire.query_response import write_error, write_success
from pytest_stssaml.wire import Request

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


def read_request(
    form: dict[str, Any], region: str, user_agent: str = "", *, secure: bool = True
) -> SAMLLoginParameters:
    return read_login_parameters(Request(form, region, user_agent, secure))


def read_chaining_request(
    form: dict[str, Any], region: str, user_agent: str = "", *, secure: bool = True
) -> RoleChainingParameters:
    return read_chaining_parameters(Request(form, region, user_agent, secure))


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
            operation_is_served(Request(form, "us-east-1"), OPERATIONS)
        return caught.value.error.code, caught.value.error.status, caught.value.message()

    def test_lets_the_operation_pass(self) -> None:
        form = {"Action": "AssumeRoleWithSAML", "Version": "2011-06-15"}
        assert operation_is_served(Request(form, "us-east-1"), OPERATIONS) == "AssumeRoleWithSAML"

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

    @pytest.mark.parametrize("action", OPERATIONS)
    def test_lets_each_operation_pass(self, action: str) -> None:
        assert (
            operation_is_served(Request({"Action": action, "Version": "2011-06-15"}, "us-east-1"), OPERATIONS) == action
        )

    @pytest.mark.parametrize("version", ["2010-05-08", "NO_VERSION_SPECIFIED"])
    @pytest.mark.parametrize("action", OPERATIONS)
    def test_each_operation_has_one_version(self, action: str, version: str) -> None:
        with pytest.raises(Rejected) as caught:
            operation_is_served(Request({"Action": action, "Version": version}, "us-east-1"), OPERATIONS)
        assert caught.value.message() == f"Could not find operation {action} for version {version}"

    def test_another_operation_of_sts_is_told_who_speaks(self) -> None:
        assert self.refused(Action="GetAccessKeyInfo", Version="2011-06-15") == (
            "InvalidAction",
            400,
            "pytest-stssaml does not serve GetAccessKeyInfo",
        )

    def test_another_operation_of_sts_in_another_version_is_not_found(self) -> None:
        assert self.refused(Action="GetAccessKeyInfo", Version="2010-05-08")[2] == (
            "Could not find operation GetAccessKeyInfo for version 2010-05-08"
        )

    def test_knows_every_other_operation_of_botocores_model(self) -> None:
        model = botocore.session.get_session().get_service_model("sts")
        others = set(model.operation_names) - set(OPERATIONS)
        texts = {self.refused(Action=name, Version=model.api_version)[2] for name in others}
        assert texts == {f"pytest-stssaml does not serve {name}" for name in others}


class TestReadRequest:
    def test_gives_the_parameters_and_the_arns_taken_apart(self) -> None:
        assert read_request(FORM | {"DurationSeconds": "900"}, "eu-west-1") == SAMLLoginParameters(
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


CHAINING = {"RoleArn": ROLE, "RoleSessionName": "alice"}
NAME_PATTERN = r"Member must satisfy regular expression pattern: [\w+=,.@-]*"
TAG_PATTERN = r"Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]"


def chaining_refused(form: dict[str, Any]) -> tuple[str, int, str | None]:
    """What AssumeRole is refused with where a good form is changed so; a parameter of None is left out."""
    form = {name: value for name, value in (CHAINING | form).items() if value is not None}
    with pytest.raises(Rejected) as caught:
        read_chaining_request(form, "us-east-1")
    return caught.value.error.code, caught.value.error.status, caught.value.message()


def at_least(number: int) -> str:
    return f"Member must have length greater than or equal to {number}"


def at_most(number: int) -> str:
    return f"Member must have length less than or equal to {number}"


# Each parameter: the attribute that it becomes, values that are just within the schema, and those just outside with
# what they then need.
CHAINING_BOUNDS: dict[str, tuple[str, list[str], dict[str, str]]] = {
    "RoleArn": (
        "role_arn",
        ["arn:a:iam:::role/aaa", arn_of(2048), ROLE + "\t\n\r ~\x85\xa0\ud7ff\ue000\ufffd"],
        {
            "arn:a:iam:::role/aa": at_least(20),
            arn_of(2049): at_most(2048),
            ROLE + "\x7f": ARN_PATTERN,
            ROLE + "\U00010000": ARN_PATTERN,
        },
    ),
    "RoleSessionName": (
        "role_session_name",
        ["aa", "a" * 64, "azAZ09_+=,.@-"],
        {
            "a": at_least(2),
            "a" * 65: at_most(64),
            "alice smith": NAME_PATTERN,
            "alice:smith": NAME_PATTERN,
            "alice/smith": NAME_PATTERN,
            "alic\u00e9": NAME_PATTERN,
            "al\u0661ce": NAME_PATTERN,
            "alice\n": NAME_PATTERN,
        },
    ),
    "Policy": (
        "policy",
        ["a", "a" * 2048, "a" * 100_000, "\t\n\r \xff"],
        {
            "a\u0100": r"Member must satisfy regular expression pattern: [\u0009\u000A\u000D\u0020-\u00FF]+",
            "a\0": r"Member must satisfy regular expression pattern: [\u0009\u000A\u000D\u0020-\u00FF]+",
        },
    ),
    "ExternalId": (
        "external_id",
        ["aa", "a" * 1224, "azAZ09_+=,.@:/-"],
        {
            "a": at_least(2),
            "a" * 1225: at_most(1224),
            "two words": r"Member must satisfy regular expression pattern: [\w+=,.@:\/-]*",
            "caf\u00e9": r"Member must satisfy regular expression pattern: [\w+=,.@:\/-]*",
        },
    ),
    "SourceIdentity": (
        "source_identity",
        ["aa", "a" * 64, "a" * 256, "azAZ09_+=,.@-"],
        {
            "a": at_least(2),
            "a" * 257: at_most(256),
            "alice smith": NAME_PATTERN,
            "aws:alice": NAME_PATTERN,
            "alic\u00e9": NAME_PATTERN,
        },
    ),
    "SerialNumber": (
        "mfa",
        ["a" * 9, "a" * 256, "azAZ09_+=/:,.@-"],
        {
            "a" * 8: at_least(9),
            "a" * 257: at_most(256),
            "serial number": r"Member must satisfy regular expression pattern: [\w+=/:,.@-]*",
        },
    ),
    "TokenCode": (
        "mfa",
        ["000000", "123456"],
        {
            "12345": at_least(6),
            "1234567": at_most(6),
            "12345a": r"Member must satisfy regular expression pattern: [\d]*",
            "12345\u0661": r"Member must satisfy regular expression pattern: [\d]*",
        },
    ),
    "DurationSeconds": (
        "duration_seconds",
        ["900", "43200", "+900", "0900"],
        {
            "899": "Member must have value greater than or equal to 900",
            "-2147483648": "Member must have value greater than or equal to 900",
            "43201": "Member must have value less than or equal to 43200",
        },
    ),
    "MinimumSessionTokenSize": (
        "minimum_session_token_size",
        ["0", "1", "4096"],
        {
            "-1": "Member must have value greater than or equal to 0",
            "4097": "Member must have value less than or equal to 4096",
        },
    ),
}


class TestReadChainingRequest:
    def test_gives_the_parameters_and_the_arn_taken_apart(self) -> None:
        form = CHAINING | {"ExternalId": "external", "SourceIdentity": "Alice", "DurationSeconds": "900"}
        assert read_chaining_request(form, "eu-west-1") == RoleChainingParameters(
            region="eu-west-1",
            role_arn=ROLE,
            role=Arn("aws", "iam", "", "123456789012", "role/Developer"),
            role_session_name="alice",
            external_id="external",
            source_identity="Alice",
            duration_seconds=900,
        )

    def test_without_what_may_be_left_out_has_none_of_it(self) -> None:
        request = read_chaining_request(CHAINING, "us-east-1")
        assert (request.tags, request.transitive_tag_keys, request.source_identity, request.external_id) == (
            (),
            (),
            None,
            None,
        )
        assert (request.policy, request.policy_arns, request.policies) == (None, (), ())
        assert (request.mfa, request.provided_contexts) == (False, False)
        assert (request.duration_seconds, request.minimum_session_token_size) == (3600, 0)

    def test_passes_on_how_it_came(self) -> None:
        request = read_chaining_request(CHAINING, "us-east-1", "curl/8", secure=False)
        assert (request.user_agent, request.secure) == ("curl/8", False)

    def test_says_nothing_of_the_user_agent_that_nobody_named_and_supposes_tls(self) -> None:
        request = read_chaining_request(CHAINING, "us-east-1")
        assert (request.user_agent, request.secure) == ("", True)

    def test_ignores_parameters_that_aws_does_not_know(self) -> None:
        unknown = {
            "Action": "AssumeRole",
            "Version": "2011-06-15",
            "PrincipalArn": "",
            "SAMLAssertion": "",
            "tags": "a",
        }
        assert read_chaining_request(CHAINING | unknown, "us-east-1") == read_chaining_request(CHAINING, "us-east-1")

    def test_gives_policy_arns_in_the_order_of_their_numbers(self) -> None:
        request = read_chaining_request(CHAINING | policies(_10=POLICY + "2", _9=POLICY), "us-east-1")
        assert request.policy_arns == (POLICY, POLICY + "2")
        assert request.policies[0] == Arn("aws", "iam", "", "123456789012", "policy/Limits")

    @pytest.mark.parametrize(
        ("form", "mfa"),
        [
            pytest.param({}, False, id="neither"),
            pytest.param({"SerialNumber": "arn:aws:iam::123456789012:mfa/alice"}, True, id="a device"),
            pytest.param({"TokenCode": "123456"}, True, id="a code"),
        ],
    )
    def test_notes_that_mfa_was_shown(self, form: dict[str, str], mfa: bool) -> None:
        assert read_chaining_request(CHAINING | form, "us-east-1").mfa is mfa

    @pytest.mark.parametrize(
        ("name", "provided"),
        [
            ("ProvidedContexts.member.1.ProviderArn", True),
            ("ProvidedContexts.member.2.ContextAssertion", True),
            ("ProvidedContexts", False),
            ("providedContexts.member.1.ProviderArn", False),
        ],
    )
    def test_notes_that_contexts_were_provided(self, name: str, provided: bool) -> None:
        assert read_chaining_request(CHAINING | {name: ""}, "us-east-1").provided_contexts is provided

    def test_reads_octets_as_they_are_sent(self) -> None:
        form = CHAINING | tags(_1=("key", "value")) | {"TransitiveTagKeys.member.1": "key"}
        octets = {name: value.encode() for name, value in form.items()}
        assert read_chaining_request(octets, "us-east-1") == read_chaining_request(form, "us-east-1")

    def test_every_parameter_is_in_the_table(self) -> None:
        assert set(CHAINING_BOUNDS) == set(CHAINING_CONSTRAINTS)

    @pytest.mark.parametrize(
        ("name", "attribute", "value"),
        [
            pytest.param(name, attribute, value, id=f"{name}: {ascii(value)[:24]}, {len(value)}")
            for name, (attribute, within, _) in CHAINING_BOUNDS.items()
            for value in within
        ],
    )
    def test_takes_what_is_just_within_the_schema(self, name: str, attribute: str, value: str) -> None:
        given = getattr(read_chaining_request(CHAINING | {name: value}, "us-east-1"), attribute)
        kinds = {"mfa": bool, "duration_seconds": int, "minimum_session_token_size": int}
        assert given == kinds.get(attribute, str)(value)

    @pytest.mark.parametrize(
        ("name", "value", "need"),
        [
            pytest.param(name, value, need, id=f"{name}: {ascii(value)[:24]}, {len(value)}")
            for name, (_, _, outside) in CHAINING_BOUNDS.items()
            for value, need in outside.items()
        ],
    )
    def test_refuses_what_is_just_outside_the_schema(self, name: str, value: str, need: str) -> None:
        member = name[0].lower() + name[1:]
        assert chaining_refused({name: value}) == one_fault(
            f"Value '{value}' at '{member}' failed to satisfy constraint: {need}"
        )

    @pytest.mark.parametrize("name", ["RoleArn", "RoleSessionName"])
    def test_what_is_required_is_not_left_out(self, name: str) -> None:
        assert chaining_refused({name: None}) == one_fault(
            f"Value null at '{name[0].lower() + name[1:]}' failed to satisfy constraint: Member must not be null"
        )

    @pytest.mark.parametrize("name", sorted(set(CHAINING_BOUNDS) - {"RoleArn", "RoleSessionName"}))
    def test_everything_else_may_be_left_out(self, name: str) -> None:
        read_chaining_request(CHAINING | {name: CHAINING_BOUNDS[name][1][0]}, "us-east-1")
        read_chaining_request(CHAINING, "us-east-1")

    def test_an_empty_policy_has_two_faults(self) -> None:
        fault = "Value '' at 'policy' failed to satisfy constraint: Member must"
        assert chaining_refused({"Policy": ""})[2] == (
            "2 validation errors detected: "
            rf"{fault} satisfy regular expression pattern: [\u0009\u000A\u000D\u0020-\u00FF]+; "
            f"{fault} have length greater than or equal to 1"
        )

    @pytest.mark.parametrize("name", ["DurationSeconds", "MinimumSessionTokenSize"])
    @pytest.mark.parametrize(
        ("value", "message"),
        [("abc", None), ("1.5", None), ("2147483648", None), ("", "missing value for decimal type")],
    )
    def test_a_number_that_is_none_comes_before_the_schema(self, name: str, value: str, message: str | None) -> None:
        assert chaining_refused({name: value, "RoleArn": ""}) == ("MalformedInput", 400, message)

    @pytest.mark.parametrize(
        ("value", "message"),
        [
            pytest.param("nothing-valid-in-here", "nothing-valid-in-here is invalid", id="no ARN"),
            pytest.param(PROVIDER, "Request ARN is invalid", id="of a provider"),
            pytest.param("arn:aws:sts::123456789012:assumed-role/A/b", "Request ARN is invalid", id="of a session"),
        ],
    )
    def test_the_role_arn_is_of_a_role(self, value: str, message: str) -> None:
        assert chaining_refused({"RoleArn": value}) == ("ValidationError", 400, message)

    def test_all_faults_come_in_one_message(self) -> None:
        form = {
            "RoleArn": None,
            "RoleSessionName": "a b",
            "ExternalId": "a",
            "TokenCode": "1",
            "DurationSeconds": "1",
            "Tags.member.1.Key": "k!",
            "TransitiveTagKeys.member.1": "",
            **policies(_1="policy"),
        }
        message = (
            "9 validation errors detected: "
            "Value null at 'roleArn' failed to satisfy constraint: Member must not be null; "
            f"Value 'a b' at 'roleSessionName' failed to satisfy constraint: {NAME_PATTERN}; "
            "Value '1' at 'durationSeconds' failed to satisfy constraint: "
            "Member must have value greater than or equal to 900; "
            f"Value 'a' at 'externalId' failed to satisfy constraint: {at_least(2)}; "
            f"Value '1' at 'tokenCode' failed to satisfy constraint: {at_least(6)}; "
            f"Value 'policy' at 'policyArns.1.member.arn' failed to satisfy constraint: {at_least(20)}; "
            f"Value 'k!' at 'tags.1.member.key' failed to satisfy constraint: {TAG_PATTERN}+; "
            "Value null at 'tags.1.member.value' failed to satisfy constraint: Member must not be null; "
            f"Value '' at 'transitiveTagKeys.1.member' failed to satisfy constraint: {at_least(1)}"
        )
        assert chaining_refused(form) == ("ValidationError", 400, message)

    def test_schema_faults_come_before_those_of_the_arns(self) -> None:
        assert chaining_refused({"RoleArn": "nothing-valid-in-here", "RoleSessionName": "a"}) == one_fault(
            f"Value 'a' at 'roleSessionName' failed to satisfy constraint: {at_least(2)}"
        )


def tags(**members: tuple[str | None, str | None]) -> dict[str, str]:
    """Members of Tags by number: `tags(_1=(key, value))`; None leaves one of the two out."""
    return {
        f"Tags.member.{number[1:]}.{name}": text
        for number, member in members.items()
        for name, text in zip(("Key", "Value"), member, strict=True)
        if text is not None
    }


class TestTagsOfAChaining:
    def read(self, form: dict[str, str]) -> tuple[tuple[str, str], ...]:
        return read_chaining_request(CHAINING | form, "us-east-1").tags

    def test_are_pairs_as_they_were_sent(self) -> None:
        assert self.read(tags(_1=("Team", "Blue"), _2=("cost centre", ""))) == (("Team", "Blue"), ("cost centre", ""))

    @pytest.mark.parametrize(
        "numbers",
        [
            pytest.param(["1", "2", "3"], id="in order"),
            pytest.param(["3", "1", "2"], id="out of order"),
            pytest.param(["2", "10", "1"], id="as numbers and not as texts"),
            pytest.param(["7", "300", "4"], id="with gaps"),
            pytest.param(["0", "1", "2"], id="from zero"),
        ],
    )
    def test_stand_in_the_order_of_their_numbers(self, numbers: list[str]) -> None:
        form: dict[str, str] = {}
        for number in numbers:
            form |= tags(**{f"_{number}": (f"key{number}", f"value{number}")})
        assert self.read(form) == tuple((f"key{n}", f"value{n}") for n in sorted(map(int, numbers)))

    def test_whose_keys_and_values_stand_apart_go_together_by_number(self) -> None:
        form = {
            "Tags.member.2.Value": "second",
            "Tags.member.1.Key": "a",
            "Tags.member.1.Value": "first",
            "Tags.member.2.Key": "b",
        }
        assert self.read(form) == (("a", "first"), ("b", "second"))

    def test_may_name_a_key_twice_here(self) -> None:
        assert self.read(tags(_1=("a", "1"), _2=("a", "2"))) == (("a", "1"), ("a", "2"))

    def test_of_an_empty_list_are_none(self) -> None:
        assert self.read({"Tags": ""}) == ()

    @pytest.mark.parametrize(
        "name",
        [
            "Tags.member.1",
            "Tags.member.1.key",
            "Tags.member.1.Key.x",
            "Tags.member..Key",
            "Tags.member.-1.Key",
            "Tags.member.one.Key",
            "Tags.member.\u0661.Key",
            "Tags.1.Key",
            "tags.member.1.Key",
            "xTags.member.1.Key",
        ],
    )
    def test_are_not_what_has_another_name(self, name: str) -> None:
        assert self.read({name: "key"}) == ()

    @pytest.mark.parametrize(
        ("key", "value"),
        [
            pytest.param("k", "", id="the shortest"),
            pytest.param("k" * 128, "v" * 256, id="the longest"),
            pytest.param("_.:/=+-@ ", "_.:/=+-@ ", id="every sign"),
            pytest.param("قسم\u0661", "\U0001d49c½\u00a0\u2028", id="letters, numbers and spaces of every script"),
            pytest.param("aws:key", "aws:value", id="AWS's prefix, which a rule refuses"),
        ],
    )
    def test_may_be_what_is_just_within_the_schema(self, key: str, value: str) -> None:
        assert self.read(tags(_1=(key, value))) == ((key, value),)

    @pytest.mark.parametrize(
        ("key", "value", "fault"),
        [
            pytest.param("", "v", f"Value '' at '#.key' failed to satisfy constraint: {at_least(1)}", id="empty key"),
            pytest.param(
                "k" * 129,
                "v",
                f"Value '{'k' * 129}' at '#.key' failed to satisfy constraint: {at_most(128)}",
                id="key of 129",
            ),
            pytest.param("k!", "v", f"Value 'k!' at '#.key' failed to satisfy constraint: {TAG_PATTERN}+", id="key"),
            pytest.param(
                "k",
                "v" * 257,
                f"Value '{'v' * 257}' at '#.value' failed to satisfy constraint: {at_most(256)}",
                id="value of 257",
            ),
            pytest.param(
                "k",
                "\U0001f600",
                f"Value '\U0001f600' at '#.value' failed to satisfy constraint: {TAG_PATTERN}*",
                id="value",
            ),
            pytest.param(
                None, "v", "Value null at '#.key' failed to satisfy constraint: Member must not be null", id="no key"
            ),
            pytest.param(
                "k",
                None,
                "Value null at '#.value' failed to satisfy constraint: Member must not be null",
                id="no value",
            ),
        ],
    )
    @pytest.mark.parametrize("others", [{}, tags(_4=("other", "tag"))], ids=["alone", "second whatever its number"])
    def test_satisfy_their_constraints(
        self, key: str | None, value: str | None, fault: str, others: dict[str, str]
    ) -> None:
        place = 2 if others else 1
        assert chaining_refused(others | tags(_9=(key, value))) == one_fault(fault.replace("#", f"tags.{place}.member"))

    def test_are_at_most_fifty(self) -> None:
        fifty = {f"_{n}": (f"key{n}", "v") for n in range(1, 51)}
        assert len(self.read(tags(**fifty))) == 50
        assert chaining_refused(tags(**fifty, _51=("key51", "v"))) == one_fault(
            f"Value at 'tags' failed to satisfy constraint: {at_most(50)}"
        )


class TestTransitiveTagKeysOfAChaining:
    def read(self, form: dict[str, str]) -> tuple[str, ...]:
        return read_chaining_request(CHAINING | form, "us-east-1").transitive_tag_keys

    def test_stand_in_the_order_of_their_numbers(self) -> None:
        form = {f"TransitiveTagKeys.member.{number}": f"key{number}" for number in (10, 2, 1)}
        assert self.read(form) == ("key1", "key2", "key10")

    def test_of_an_empty_list_are_none(self) -> None:
        assert self.read({"TransitiveTagKeys": ""}) == ()

    @pytest.mark.parametrize(
        "name",
        [
            "TransitiveTagKeys.member",
            "TransitiveTagKeys.member.",
            "TransitiveTagKeys.member.one",
            "TransitiveTagKeys.member.1.Key",
            "TransitiveTagKeys.1",
            "transitiveTagKeys.member.1",
        ],
    )
    def test_are_not_what_has_another_name(self, name: str) -> None:
        assert self.read({name: "key"}) == ()

    @pytest.mark.parametrize("key", ["k", "k" * 128, "_.:/=+-@ ", "قسم"], ids=["1", "128", "signs", "script"])
    def test_may_be_what_is_just_within_the_schema(self, key: str) -> None:
        assert self.read({"TransitiveTagKeys.member.1": key}) == (key,)

    @pytest.mark.parametrize(
        ("key", "need"),
        [("", at_least(1)), ("k" * 129, at_most(128)), ("k!", f"{TAG_PATTERN}+")],
        ids=["empty", "129", "a sign"],
    )
    def test_satisfy_their_constraint(self, key: str, need: str) -> None:
        form = {"TransitiveTagKeys.member.3": "good", "TransitiveTagKeys.member.7": key}
        assert chaining_refused(form) == one_fault(
            f"Value '{key}' at 'transitiveTagKeys.2.member' failed to satisfy constraint: {need}"
        )

    def test_are_at_most_fifty(self) -> None:
        fifty = {f"TransitiveTagKeys.member.{n}": f"key{n}" for n in range(1, 51)}
        assert len(self.read(fifty)) == 50
        assert chaining_refused(fifty | {"TransitiveTagKeys.member.51": "key51"}) == one_fault(
            f"Value at 'transitiveTagKeys' failed to satisfy constraint: {at_most(50)}"
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
            operation_is_served(Request(form, "us-east-1"), OPERATIONS)
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
def read_by_botocore() -> Callable[..., Any]:
    """What botocore's own parser reads in a body: `read_by_botocore(operation, body, status)`."""
    model = botocore.session.get_session().get_service_model("sts")
    parser = botocore.parsers.create_parser("query")

    def read(operation: str, body: str, status: int = 200) -> Any:
        received = {"status_code": status, "headers": {}, "body": body.encode()}
        return parser.parse(received, model.operation_model(operation).output_shape)

    return read


@pytest.mark.parametrize(("value", "survivor"), SURVIVORS)
def test_a_value_in_an_error_survives_the_way_to_the_caller(
    read_by_botocore: Callable[..., Any], value: str, survivor: str
) -> None:
    body = write_error(Rejected(errors.NOT_AN_ARN, "", value=value), OUTER, INNER)
    answer = read_by_botocore("AssumeRoleWithSAML", body, 400)
    assert answer["Error"]["Message"] == f"{survivor} is invalid"


SESSION = Session(
    access_key_id="ASIAABCDEFGHIJKLMNOP",
    secret_access_key="secret/+",
    session_token="token==",
    expiration=dt.datetime(2030, 1, 2, 3, 4, 5, tzinfo=dt.UTC),
    role=ROLE_,
    name="alice",
    tags={},
    transitive_tag_keys=(),
    source_identity="Alice",
    policies=(),
    issued=dt.datetime(2030, 1, 2, 2, 4, 5, tzinfo=dt.UTC),
    federated_keys={},
)


def login_written(session: Session = SESSION, login: SAMLLogin = GOOD) -> str:
    """The answer to a login that gave a session."""
    return write_success("AssumeRoleWithSAML", login_result(session, login), OUTER)


def chaining_written(session: Session = SESSION) -> str:
    """The answer to a chaining that gave a session."""
    return write_success("AssumeRole", chaining_result(session), OUTER)


def identity_written(session: Session = SESSION) -> str:
    """The answer to a session that asks who it is."""
    return write_success("GetCallerIdentity", identity_result(session), OUTER)


EACH_GRANT = pytest.mark.parametrize("written", [login_written, chaining_written], ids=["login", "chaining"])


def elements(answer: str, name: str) -> list[str]:
    """The texts of the elements of a name."""
    return re.findall(f"<{name}>(.*?)</{name}>", answer)


class TestAnswerToALogin:
    def test_botocore_reads_every_field(self, read_by_botocore: Callable[..., Any]) -> None:
        answer = read_by_botocore("AssumeRoleWithSAML", login_written())
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

    def test_elements_stand_in_the_order_of_a_real_answer(self) -> None:
        assert re.findall(r"<(\w+)", login_written()) == [
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

    def test_a_subject_without_a_name_is_empty(self) -> None:
        assert elements(login_written(login=asserting(name_id=None)), "Subject") == [""]

    @pytest.mark.parametrize(("value", "survivor"), SURVIVORS)
    def test_a_value_survives_the_way_to_the_caller(
        self, read_by_botocore: Callable[..., Any], value: str, survivor: str
    ) -> None:
        confirmation = replace(CONFIRMATION, recipient=value)
        login = asserting(name_id=value, name_id_format=value, subject_confirmations=(confirmation,))
        answer = read_by_botocore("AssumeRoleWithSAML", login_written(SESSION, login))
        assert [answer[name] for name in ("Audience", "Subject", "SubjectType")] == [survivor] * 3

    # An issuer is hashed as UTF-8, and what was read in XML has no half of a pair.
    @pytest.mark.parametrize(("value", "survivor"), SURVIVORS[:-1])
    def test_an_issuer_survives_the_way_to_the_caller(
        self, read_by_botocore: Callable[..., Any], value: str, survivor: str
    ) -> None:
        answer = read_by_botocore("AssumeRoleWithSAML", login_written(SESSION, asserting(issuer=value)))
        assert answer["Issuer"] == survivor


class TestAnswerToAChaining:
    def test_botocore_reads_every_field(self, read_by_botocore: Callable[..., Any]) -> None:
        answer = read_by_botocore("AssumeRole", chaining_written())
        # An older botocore does not know them.
        new = {name: answer.pop(name) for name in ("SessionTokenSize", "SessionTokenUtilization") if name in answer}
        assert new in ({}, {"SessionTokenSize": 7, "SessionTokenUtilization": 1})
        assert answer == {
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
            "SourceIdentity": "Alice",
            "PackedPolicySize": 1,
            "ResponseMetadata": {"RequestId": OUTER, "HTTPStatusCode": 200, "HTTPHeaders": {}},
        }

    def test_is_written_octet_for_octet_as_this(self) -> None:
        assert chaining_written() == (
            '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">\n'
            "  <AssumeRoleResult>\n"
            "    <AssumedRoleUser>\n"
            "      <AssumedRoleId>AROAABCDEFGHIJKLMNOPQ:alice</AssumedRoleId>\n"
            "      <Arn>arn:aws:sts::123456789012:assumed-role/Developer/alice</Arn>\n"
            "    </AssumedRoleUser>\n"
            "    <Credentials>\n"
            "      <AccessKeyId>ASIAABCDEFGHIJKLMNOP</AccessKeyId>\n"
            "      <SecretAccessKey>secret/+</SecretAccessKey>\n"
            "      <SessionToken>token==</SessionToken>\n"
            "      <Expiration>2030-01-02T03:04:05Z</Expiration>\n"
            "    </Credentials>\n"
            "    <SourceIdentity>Alice</SourceIdentity>\n"
            "    <PackedPolicySize>1</PackedPolicySize>\n"
            "    <SessionTokenSize>7</SessionTokenSize>\n"
            "    <SessionTokenUtilization>1</SessionTokenUtilization>\n"
            "  </AssumeRoleResult>\n"
            "  <ResponseMetadata>\n"
            f"    <RequestId>{OUTER}</RequestId>\n"
            "  </ResponseMetadata>\n"
            "</AssumeRoleResponse>\n"
        )


class TestAnswerToWhoAmI:
    def test_botocore_reads_every_field(self, read_by_botocore: Callable[..., Any]) -> None:
        assert read_by_botocore("GetCallerIdentity", identity_written()) == {
            "Arn": "arn:aws:sts::123456789012:assumed-role/Developer/alice",
            "UserId": "AROAABCDEFGHIJKLMNOPQ:alice",
            "Account": "123456789012",
            "ResponseMetadata": {"RequestId": OUTER, "HTTPStatusCode": 200, "HTTPHeaders": {}},
        }

    def test_is_written_octet_for_octet_as_this(self) -> None:
        assert identity_written() == (
            '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">\n'
            "  <GetCallerIdentityResult>\n"
            "    <Arn>arn:aws:sts::123456789012:assumed-role/Developer/alice</Arn>\n"
            "    <UserId>AROAABCDEFGHIJKLMNOPQ:alice</UserId>\n"
            "    <Account>123456789012</Account>\n"
            "  </GetCallerIdentityResult>\n"
            "  <ResponseMetadata>\n"
            f"    <RequestId>{OUTER}</RequestId>\n"
            "  </ResponseMetadata>\n"
            "</GetCallerIdentityResponse>\n"
        )

    def test_is_about_the_roles_account_and_partition_and_says_nothing_of_its_path(
        self, read_by_botocore: Callable[..., Any]
    ) -> None:
        role = replace(
            ROLE_, arn="arn:aws-cn:iam::444455556666:role/team/Developer", partition="aws-cn", account_id="444455556666"
        )
        answer = read_by_botocore("GetCallerIdentity", identity_written(replace(SESSION, role=role)))
        assert (answer["Arn"], answer["Account"]) == (
            "arn:aws-cn:sts::444455556666:assumed-role/Developer/alice",
            "444455556666",
        )


class TestAnswerWithCredentials:
    @EACH_GRANT
    def test_says_the_source_identity(self, written: Callable[[Session], str]) -> None:
        assert elements(written(SESSION), "SourceIdentity") == ["Alice"]

    @EACH_GRANT
    def test_without_a_source_identity_has_no_such_element(self, written: Callable[[Session], str]) -> None:
        assert "SourceIdentity" not in written(replace(SESSION, source_identity=None))

    @EACH_GRANT
    @pytest.mark.parametrize(
        ("size", "percent"),
        [(1, 1), (40, 1), (41, 2), (2048, 50), (2049, 51), (4055, 99), (4056, 100), (4096, 100)],
    )
    def test_says_how_long_the_token_is_and_how_much_of_its_limit_that_is(
        self, written: Callable[[Session], str], size: int, percent: int
    ) -> None:
        answer = written(replace(SESSION, session_token="t" * size))
        assert (elements(answer, "SessionTokenSize"), elements(answer, "SessionTokenUtilization")) == (
            [str(size)],
            [str(percent)],
        )

    @EACH_GRANT
    @pytest.mark.parametrize("size", [1, 2049, 4096])
    def test_says_the_utilization_as_the_packed_size(self, written: Callable[[Session], str], size: int) -> None:
        answer = written(replace(SESSION, session_token="t" * size))
        assert elements(answer, "PackedPolicySize") == elements(answer, "SessionTokenUtilization")

    @pytest.mark.parametrize(("value", "survivor"), SURVIVORS)
    @pytest.mark.parametrize(
        ("written", "operation"),
        [(login_written, "AssumeRoleWithSAML"), (chaining_written, "AssumeRole")],
        ids=["login", "chaining"],
    )
    def test_a_roles_name_survives_the_way_to_the_caller(
        self,
        read_by_botocore: Callable[..., Any],
        written: Callable[[Session], str],
        operation: str,
        value: str,
        survivor: str,
    ) -> None:
        answer = read_by_botocore(operation, written(replace(SESSION, role=replace(ROLE_, name=value))))
        assert answer["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::123456789012:assumed-role/{survivor}/alice"

    @EACH_GRANT
    def test_is_in_the_namespace_of_the_apis_version(self, written: Callable[[Session], str]) -> None:
        first_line, _ = written(SESSION).split("\n", 1)
        action = "AssumeRoleWithSAML" if written is login_written else "AssumeRole"
        assert first_line == f'<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'

    @EACH_GRANT
    def test_the_expiration_is_written_to_the_second_in_utc(self, written: Callable[[Session], str]) -> None:
        assert "<Expiration>2030-01-02T03:04:05Z</Expiration>" in written(SESSION)


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
