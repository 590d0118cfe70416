import datetime as dt
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import botocore.parsers
import botocore.session
import pytest
from good import CONFIRMATION, GOOD, ROLE_, asserting
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_stssaml.sts import errors
from pytest_stssaml.sts.operation import OPERATIONS
from pytest_stssaml.sts.requests.saml_login import SAMLLogin
from pytest_stssaml.sts.results import chaining_result, identity_result, login_result
from pytest_stssaml.sts.rule import Rejected
from pytest_stssaml.sts.rules.request import operation_is_served
from pytest_stssaml.sts.sessions.session import Session
from pytest_stssaml.sts.wire.query_response import error_document, error_members, success_document
from pytest_stssaml.wire import Members, Request

#: Ids of the answer and of the back end.
OUTER, INNER = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"


def write_success(action: str, result: Members, request_id: str) -> str:
    """Return the XML of a result, whose size must be the one that was computed before."""
    document = success_document(action, result, request_id)
    assert document.size() == len(document.write().encode())
    return document.write()


def write_error(rejected: Rejected, request_id: str, inner_request_id: str) -> str:
    """Return the XML of an error, whose size must be the one that was computed before."""
    error = error_members(rejected.error, rejected.message(request_id=inner_request_id))
    document = error_document(rejected.error, error, request_id)
    assert document.size() == len(document.write().encode())
    return document.write()


class TestWriteError:
    def test_is_what_aws_writes_byte_for_byte(self) -> None:
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

    def test_has_no_message_element_without_a_message(self) -> None:
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
    def test_has_another_namespace_for_an_unknown_operation(self, form: dict[str, str]) -> None:
        with pytest.raises(Rejected) as caught:
            operation_is_served(Request(form, "us-east-1"), OPERATIONS)
        first_line, _ = write_error(caught.value, OUTER, INNER).split("\n", 1)
        assert first_line == '<ErrorResponse xmlns="http://webservices.amazon.com/AWSFault/2005-15-09">'

    def test_has_the_namespace_of_sts_for_another_operation_of_sts(self) -> None:
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
    pytest.param("a\ufffe\uffffb", "a\ufffd\ufffdb", id="noncharacters"),
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
    _federated_keys={},
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


class TestLoginResult:
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

    def test_elements_are_in_the_order_of_a_real_answer(self) -> None:
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
        confirmation = CONFIRMATION._replace(recipient=value)
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


class TestChainingResult:
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

    def test_is_written_byte_for_byte_as_this(self) -> None:
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


class TestIdentityResult:
    def test_botocore_reads_every_field(self, read_by_botocore: Callable[..., Any]) -> None:
        assert read_by_botocore("GetCallerIdentity", identity_written()) == {
            "Arn": "arn:aws:sts::123456789012:assumed-role/Developer/alice",
            "UserId": "AROAABCDEFGHIJKLMNOPQ:alice",
            "Account": "123456789012",
            "ResponseMetadata": {"RequestId": OUTER, "HTTPStatusCode": 200, "HTTPHeaders": {}},
        }

    def test_is_written_byte_for_byte_as_this(self) -> None:
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

    def test_has_the_account_and_partition_of_the_role_and_not_its_path(
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


class TestResultWithCredentials:
    @EACH_GRANT
    def test_has_the_source_identity(self, written: Callable[[Session], str]) -> None:
        assert elements(written(SESSION), "SourceIdentity") == ["Alice"]

    @EACH_GRANT
    def test_has_no_source_identity_element_without_one(self, written: Callable[[Session], str]) -> None:
        assert "SourceIdentity" not in written(replace(SESSION, source_identity=None))

    @EACH_GRANT
    @pytest.mark.parametrize(
        ("size", "percent"),
        [(1, 1), (40, 1), (41, 2), (2048, 50), (2049, 51), (4055, 99), (4056, 100), (4096, 100)],
    )
    def test_has_the_size_of_the_token_and_its_share_of_the_limit(
        self, written: Callable[[Session], str], size: int, percent: int
    ) -> None:
        answer = written(replace(SESSION, session_token="t" * size))
        assert (elements(answer, "SessionTokenSize"), elements(answer, "SessionTokenUtilization")) == (
            [str(size)],
            [str(percent)],
        )

    @EACH_GRANT
    @pytest.mark.parametrize("size", [1, 2049, 4096])
    def test_has_the_utilization_as_the_packed_size(self, written: Callable[[Session], str], size: int) -> None:
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


# Characters with a meaning in XML, white space, and some of each plane.
TEXT = st.text(st.sampled_from("<>&'\"]; \t\n\r\x85\xa0\u2028\ufffd\U0001f600Aé中0"), max_size=10)
NAMES = st.sampled_from(["Arn", "Credentials", "Expiration", "Issuer", "Size"])
MEMBERS = st.one_of(st.none(), TEXT, st.integers(), st.datetimes(timezones=st.just(dt.UTC)))
RESULTS = st.recursive(
    st.dictionaries(NAMES, MEMBERS), lambda inner: st.dictionaries(NAMES, inner | MEMBERS), max_leaves=5
)


def as_read(value: Any, element: ET.Element) -> Any:
    """Return what an element holds, read as a value of the type of another."""
    if isinstance(value, dict):
        children = {child.tag.removeprefix("{https://sts.amazonaws.com/doc/2011-06-15/}"): child for child in element}
        assert len(children) == len(element)
        return {name: as_read(value[name], child) for name, child in children.items()}
    assert len(element) == 0
    text = element.text or ""
    if isinstance(value, dt.datetime):
        return dt.datetime.fromisoformat(text)
    return type(value)(text)


def without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_none(member) for name, member in value.items() if member is not None}
    return value


@settings(derandomize=True, database=None, deadline=None)
@given(result=RESULTS)
def test_every_result_is_read_back_by_an_xml_parser(result: Members) -> None:
    expected = {"AssumeRoleResult": result, "ResponseMetadata": {"RequestId": OUTER}}
    root = ET.fromstring(write_success("AssumeRole", result, OUTER))  # noqa: S314 - of our own
    assert root.tag == "{https://sts.amazonaws.com/doc/2011-06-15/}AssumeRoleResponse"
    read = as_read(expected, root)
    assert read == without_none(expected)
    assert json.dumps(read, default=str) == json.dumps(without_none(expected), default=str)  # the order too
