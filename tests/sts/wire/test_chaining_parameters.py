from typing import Any

import pytest
from query import ARN_PATTERN, POLICY, PROVIDER, ROLE, answer_of, arn_of, one_fault, policies

from pytest_stssaml.iam.arn import Arn
from pytest_stssaml.sts.limits import CHAINING_CONSTRAINTS
from pytest_stssaml.sts.requests.chaining_parameters import RoleChainingParameters
from pytest_stssaml.sts.wire.query_request import read_chaining_parameters
from pytest_stssaml.wire import Request


def read_chaining_request(
    form: dict[str, Any], region: str, user_agent: str = "", *, secure: bool = True
) -> RoleChainingParameters:
    return read_chaining_parameters(Request(form, region, user_agent, secure))


CHAINING = {"RoleArn": ROLE, "RoleSessionName": "alice"}
NAME_PATTERN = r"Member must satisfy regular expression pattern: [\w+=,.@-]*"
TAG_PATTERN = r"Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]"


def chaining_refused(form: dict[str, Any]) -> tuple[str, int, str | None]:
    """What AssumeRole is refused with where a good form is changed so; a parameter of None is left out."""
    form = {name: value for name, value in (CHAINING | form).items() if value is not None}
    return answer_of(lambda: read_chaining_request(form, "us-east-1"))


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


class TestChainingParameters:
    def test_has_the_parameters_and_the_parts_of_the_arn(self) -> None:
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

    def test_has_defaults_for_everything_that_is_optional(self) -> None:
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

    def test_has_the_user_agent_and_knows_whether_it_came_by_tls(self) -> None:
        request = read_chaining_request(CHAINING, "us-east-1", "curl/8", secure=False)
        assert (request.user_agent, request.secure) == ("curl/8", False)

    def test_has_no_user_agent_and_tls_by_default(self) -> None:
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

    def test_has_policy_arns_in_the_order_of_their_numbers(self) -> None:
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
    def test_knows_whether_it_has_mfa(self, form: dict[str, str], mfa: bool) -> None:
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
    def test_knows_whether_it_has_provided_contexts(self, name: str, provided: bool) -> None:
        assert read_chaining_request(CHAINING | {name: ""}, "us-east-1").provided_contexts is provided

    def test_reads_bytes_as_they_are_sent(self) -> None:
        form = CHAINING | tags(_1=("key", "value")) | {"TransitiveTagKeys.member.1": "key"}
        encoded = {name: value.encode() for name, value in form.items()}
        assert read_chaining_request(encoded, "us-east-1") == read_chaining_request(form, "us-east-1")

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
    def test_accepts_what_is_just_within_the_schema(self, name: str, attribute: str, value: str) -> None:
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
    def test_refuses_a_request_without_a_required_parameter(self, name: str) -> None:
        assert chaining_refused({name: None}) == one_fault(
            f"Value null at '{name[0].lower() + name[1:]}' failed to satisfy constraint: Member must not be null"
        )

    @pytest.mark.parametrize("name", sorted(set(CHAINING_BOUNDS) - {"RoleArn", "RoleSessionName"}))
    def test_accepts_every_other_parameter_and_its_absence(self, name: str) -> None:
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
    def test_a_malformed_number_comes_before_the_schema(self, name: str, value: str, message: str | None) -> None:
        assert chaining_refused({name: value, "RoleArn": ""}) == ("MalformedInput", 400, message)

    @pytest.mark.parametrize(
        ("value", "message"),
        [
            pytest.param("nothing-valid-in-here", "nothing-valid-in-here is invalid", id="not an ARN"),
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


class TestTags:
    def read(self, form: dict[str, str]) -> tuple[tuple[str, str], ...]:
        return read_chaining_request(CHAINING | form, "us-east-1").tags

    def test_are_pairs_as_they_were_sent(self) -> None:
        assert self.read(tags(_1=("Team", "Blue"), _2=("cost centre", ""))) == (("Team", "Blue"), ("cost centre", ""))

    @pytest.mark.parametrize(
        "numbers",
        [
            pytest.param(["1", "2", "3"], id="in order"),
            pytest.param(["3", "1", "2"], id="out of order"),
            pytest.param(["2", "10", "1"], id="as numbers and not as strings"),
            pytest.param(["7", "300", "4"], id="with gaps"),
            pytest.param(["0", "1", "2"], id="from zero"),
        ],
    )
    def test_are_in_the_order_of_their_numbers(self, numbers: list[str]) -> None:
        form: dict[str, str] = {}
        for number in numbers:
            form |= tags(**{f"_{number}": (f"key{number}", f"value{number}")})
        assert self.read(form) == tuple((f"key{n}", f"value{n}") for n in sorted(map(int, numbers)))

    def test_pair_keys_and_values_by_number(self) -> None:
        form = {
            "Tags.member.2.Value": "second",
            "Tags.member.1.Key": "a",
            "Tags.member.1.Value": "first",
            "Tags.member.2.Key": "b",
        }
        assert self.read(form) == (("a", "first"), ("b", "second"))

    def test_may_repeat_a_key(self) -> None:
        assert self.read(tags(_1=("a", "1"), _2=("a", "2"))) == (("a", "1"), ("a", "2"))

    def test_are_none_if_the_list_is_empty(self) -> None:
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
    def test_are_not_read_from_parameters_of_other_names(self, name: str) -> None:
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
    def test_are_accepted_just_within_the_schema(self, key: str, value: str) -> None:
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


class TestTransitiveTagKeys:
    def read(self, form: dict[str, str]) -> tuple[str, ...]:
        return read_chaining_request(CHAINING | form, "us-east-1").transitive_tag_keys

    def test_are_in_the_order_of_their_numbers(self) -> None:
        form = {f"TransitiveTagKeys.member.{number}": f"key{number}" for number in (10, 2, 1)}
        assert self.read(form) == ("key1", "key2", "key10")

    def test_are_none_if_the_list_is_empty(self) -> None:
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
    def test_are_not_read_from_parameters_of_other_names(self, name: str) -> None:
        assert self.read({name: "key"}) == ()

    @pytest.mark.parametrize("key", ["k", "k" * 128, "_.:/=+-@ ", "قسم"], ids=["1", "128", "signs", "script"])
    def test_are_accepted_just_within_the_schema(self, key: str) -> None:
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
