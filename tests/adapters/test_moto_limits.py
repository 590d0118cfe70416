"""The limits of sessions where moto enforces policies: session policies and permissions boundaries."""

import json
import types
from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.core import set_initial_no_auth_action_count
from moto.core.exceptions import JsonRESTError
from moto.iam import access_control
from moto.iam.models import iam_backends
from policy_documents import document, permission
from wire import shared_session

from pytest_stssaml import IdentityProvider, Session, STSBackend, mock_sts_saml
from pytest_stssaml.adapters.moto_bridge import MotoIAM
from pytest_stssaml.keys import SigningKey

Call = Callable[[Any], object]
Enter = Callable[..., Session]
Refusal = tuple[str, int, str]

ANYTHING = document(permission(Action="*", Resource="*"))
NOTHING = document(permission(Action="none:*", Resource="*"))
USER = "User: arn:aws:sts::123456789012:assumed-role/Developer/alice@example.com is not authorized to perform: "
MOTO = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "testing"}
CHECK = access_control.IAMRequestBase.check_action_permitted


def allowing(*actions: str, resource: str = "*", effect: str = "Allow") -> dict[str, Any]:
    return document(permission(Effect=effect, Action=list(actions), Resource=resource))


@pytest.fixture
def sts() -> Iterator[STSBackend]:
    with mock_aws(), mock_sts_saml() as backend:
        yield backend


@pytest.fixture
def enter(sts: STSBackend, idp: IdentityProvider, log_in: Callable[..., Any]) -> Enter:
    """Log in to a role that may do anything: `enter(Policy=..., permissions_boundary=...)`. Return the session."""

    def login(*, policies: Any = (ANYTHING,), permissions_boundary: Any = None, **limits: Any) -> Session:
        role = sts.create_role("Developer", policies=policies, permissions_boundary=permissions_boundary)
        if "Policy" in limits:
            limits["Policy"] = json.dumps(limits["Policy"])
        log_in(idp.response(role), role, idp.provider, **limits)
        return sts.sessions[-1]

    return login


def ask(session: Session, service: str, call: Call) -> Any:
    """Make a call that moto enforces policies for."""
    client = shared_session().client(service, region_name="us-east-1", **session.boto3_kwargs())

    @set_initial_no_auth_action_count(0)
    def enforced() -> Any:
        return call(client)

    return enforced()


def refusal(session: Session, service: str, call: Call) -> Refusal:
    """Return code, status and message with which moto refuses a call."""
    with pytest.raises(ClientError) as caught:
        ask(session, service, call)
    error, metadata = caught.value.response["Error"], caught.value.response["ResponseMetadata"]
    return error["Code"], metadata["HTTPStatusCode"], error["Message"]


def list_buckets(s3: Any) -> object:
    return s3.list_buckets()


def put_object(key: str) -> Call:
    return lambda s3: s3.put_object(Bucket="there", Key=key)


# A call of a service of each protocol: its action, and the code and the status with which it is denied.
CALLS: dict[str, tuple[Call, str, str, int]] = {
    "s3": (list_buckets, "s3:ListAllMyBuckets", "AccessDenied", 403),
    "ec2": (lambda ec2: ec2.describe_key_pairs(), "ec2:DescribeKeyPairs", "UnauthorizedOperation", 403),
    "iam": (lambda iam: iam.list_users(), "iam:ListUsers", "AccessDenied", 403),
    "dynamodb": (lambda dynamodb: dynamodb.list_tables(), "dynamodb:ListTables", "AccessDeniedException", 400),
    # The case of its letters does not matter in policies.
    "sqs": (lambda sqs: sqs.list_queues(), "sqs:listqueues", "AccessDenied", 403),
    # moto takes the name of this action from the path.
    "batch": (lambda batch: batch.describe_job_queues(), "batch:describejobqueues", "AccessDeniedException", 403),
}

# Older versions of moto refuse the signatures of requests with JSON.
OLD_MOTO = tuple(map(int, version("moto").split(".")[:2])) < (5, 2)
each_service = pytest.mark.parametrize(
    "service",
    [
        pytest.param(
            name, marks=pytest.mark.skipif(OLD_MOTO and name in ("dynamodb", "sqs", "batch"), reason="an older moto")
        )
        for name in CALLS
    ],
)


@each_service
def test_what_no_session_policy_allows_is_denied_in_the_words_of_aws(enter: Enter, service: str) -> None:
    call, action, code, status = CALLS[service]
    start = "You are not authorized to perform this operation. " if service == "ec2" else ""
    message = f"{start}{USER}{action} because no session policy allows the {action} action"
    assert refusal(enter(Policy=NOTHING), service, call) == (code, status, message)


@each_service
def test_what_a_session_policy_allows_is_allowed(enter: Enter, service: str) -> None:
    call, action, _, _ = CALLS[service]
    ask(enter(Policy=allowing(action)), service, call)


def test_a_session_without_limits_may_do_what_its_role_may(enter: Enter) -> None:
    ask(enter(), "s3", list_buckets)


@pytest.mark.parametrize(
    ("limits", "because"),
    [
        pytest.param(
            {"Policy": document(*ANYTHING["Statement"], permission(Effect="Deny", Action="s3:*", Resource="*"))},
            "with an explicit deny in a session policy",
            id="denied by the session policy",
        ),
        pytest.param(
            {"permissions_boundary": allowing("ec2:*")},
            "because no permissions boundary allows the s3:ListAllMyBuckets action",
            id="not allowed by the boundary",
        ),
        pytest.param(
            {"permissions_boundary": allowing("s3:*", effect="Deny")},
            "with an explicit deny in a permissions boundary",
            id="denied by the boundary",
        ),
        pytest.param(
            {"PolicyArns": allowing("ec2:*")},
            "because no session policy allows the s3:ListAllMyBuckets action",
            id="not allowed by a managed session policy",
        ),
    ],
)
def test_each_limit_is_named(sts: STSBackend, enter: Enter, limits: dict[str, Any], because: str) -> None:
    for name in ("permissions_boundary", "PolicyArns"):
        if name in limits:
            arn = sts.create_policy("Limit", limits[name])
            limits = {name: arn if name == "permissions_boundary" else [{"arn": arn}]}
    assert refusal(enter(**limits), "s3", list_buckets)[2] == f"{USER}s3:ListAllMyBuckets {because}"


def test_the_resource_of_s3_counts(enter: Enter) -> None:
    session = enter(Policy=document(*(allowing("s3:PutObject", resource="arn:aws:s3:::there/home/*")["Statement"])))
    shared_session().client("s3", region_name="us-east-1", **session.boto3_kwargs()).create_bucket(Bucket="there")
    ask(session, "s3", put_object("home/a"))
    assert refusal(session, "s3", put_object("other/a"))[2] == (
        f'{USER}s3:PutObject on resource: "arn:aws:s3:::there/other/a" because no session policy allows the '
        "s3:PutObject action"
    )


def checked_by_moto(session: Session, action: str, **headers: str) -> JsonRESTError:
    """Return the error with which moto refuses a request that no client has to send."""
    service = action.partition(":")[0]
    request: Any = types.SimpleNamespace(
        _service=service,
        _action=action,
        _method="POST",
        _headers={"Authorization": f"Credential={session.access_key_id}/20300101/us-east-1/{service}/aws4_request, "}
        | headers,
        _access_key=types.SimpleNamespace(collect_policies=lambda: [json.dumps(ANYTHING)]),
        _is_assuming_role_operation=lambda _: False,
    )
    with pytest.raises(JsonRESTError) as caught:
        access_control.IAMRequestBase.check_action_permitted(request, "*")
    return caught.value


@pytest.mark.parametrize(
    ("action", "headers", "content_type"),
    [
        ("route53:CreateHostedZone", {}, "text/xml"),
        ("monitoring:ListMetrics", {"Smithy-Protocol": "rpc-v2-cbor"}, "application/cbor"),
        ("dynamodb:ListTables", {"X-Amz-Target": "DynamoDB_20120810.ListTables"}, "application/x-amz-json-1.0"),
    ],
)
def test_the_answer_is_in_the_protocol_of_the_request(
    enter: Enter, action: str, headers: dict[str, str], content_type: str
) -> None:
    assert checked_by_moto(enter(Policy=NOTHING), action, **headers).content_type == content_type


@pytest.mark.parametrize(
    ("motos", "name"),
    [
        ("monitoring:ListMetrics", "cloudwatch:ListMetrics"),
        ("tagging:GetResources", "tag:GetResources"),
        ("s3:HeadBucket", "s3:ListBucket"),
        ("sns:ListTopics", "sns:ListTopics"),
        ("sqs:ListQueues", "sqs:listqueues"),
    ],
)
def test_an_action_has_the_name_that_it_has_at_aws(enter: Enter, motos: str, name: str) -> None:
    error = checked_by_moto(enter(Policy=NOTHING), motos)
    assert f"because no session policy allows the {name} action" in str(error.description)


def test_a_head_request_shows_only_the_status(enter: Enter) -> None:
    session = enter(Policy=NOTHING)
    assert refusal(session, "s3", lambda s3: s3.head_bucket(Bucket="there")) == ("403", 403, "Forbidden")


def test_heading_a_bucket_needs_the_action_that_it_needs_at_aws(enter: Enter) -> None:
    session = enter(Policy=allowing("s3:ListBucket", "s3:CreateBucket"))
    ask(session, "s3", lambda s3: s3.create_bucket(Bucket="there"))
    ask(session, "s3", lambda s3: s3.head_bucket(Bucket="there"))


def test_the_policies_of_the_role_come_first(enter: Enter) -> None:
    session = enter(policies=[NOTHING], Policy=ANYTHING)
    assert refusal(session, "s3", list_buckets) == ("AccessDenied", 403, "Access Denied")


def test_where_moto_does_not_enforce_nothing_limits_a_session(enter: Enter) -> None:
    s3 = shared_session().client("s3", region_name="us-east-1", **enter(Policy=NOTHING).boto3_kwargs())
    assert s3.list_buckets()["Buckets"] == []


class TestRolesOfMoto:
    @pytest.fixture
    def iam(self, sts: STSBackend) -> Any:
        return shared_session().client("iam", region_name="us-east-1", **MOTO)

    @pytest.fixture
    def enter(self, iam: Any, sts: STSBackend, idp: IdentityProvider, log_in: Callable[..., Any]) -> Enter:
        """Log in to a role of moto's that may do anything."""
        trust = json.dumps(idp.provider.trust_policy())
        arn = iam.create_role(RoleName="Developer", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        iam.put_role_policy(RoleName="Developer", PolicyName="Anything", PolicyDocument=json.dumps(ANYTHING))

        def login(**limits: Any) -> Session:
            log_in(idp.response((arn, idp.provider.arn)), arn, idp.provider, **limits)
            return sts.sessions[-1]

        return login

    def test_are_limited_by_session_policies(self, enter: Enter) -> None:
        denied = refusal(enter(Policy=json.dumps(NOTHING)), "s3", list_buckets)[2]
        assert denied.endswith("because no session policy allows the s3:ListAllMyBuckets action")
        ask(enter(Policy=json.dumps(ANYTHING)), "s3", list_buckets)

    def test_are_limited_by_their_boundaries(self, iam: Any, enter: Enter) -> None:
        boundary = iam.create_policy(PolicyName="Boundary", PolicyDocument=json.dumps(NOTHING))["Policy"]["Arn"]
        iam.put_role_permissions_boundary(RoleName="Developer", PermissionsBoundary=boundary)
        denied = refusal(enter(), "s3", list_buckets)[2]
        assert denied.endswith("because no permissions boundary allows the s3:ListAllMyBuckets action")

    def test_are_read_again_if_the_boundary_is_removed_and_deleted_meanwhile(
        self, iam: Any, enter: Enter, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        boundary = iam.create_policy(PolicyName="Boundary", PolicyDocument=json.dumps(NOTHING))["Policy"]["Arn"]
        iam.put_role_permissions_boundary(RoleName="Developer", PermissionsBoundary=boundary)
        read = MotoIAM.policy_document

        def another_thread_is_quicker(there: MotoIAM, arn: str) -> str | None:
            monkeypatch.setattr(MotoIAM, "policy_document", read)
            account: Any = iam_backends["123456789012"]
            moto = account["aws" if "aws" in account else "global"]  # as in older versions of moto
            moto.delete_role_permissions_boundary("Developer")
            moto.delete_policy(boundary)
            return there.policy_document(arn)

        session = enter()
        monkeypatch.setattr(MotoIAM, "policy_document", another_thread_is_quicker)
        ask(session, "s3", list_buckets)

    def test_may_have_a_boundary_that_nobody_knows(self, iam: Any, enter: Enter) -> None:
        missing = "arn:aws:iam::123456789012:policy/Missing"
        iam.put_role_permissions_boundary(RoleName="Developer", PermissionsBoundary=missing)
        with pytest.raises(LookupError, match="Missing is not known, and s3:ListAllMyBuckets depends on it"):
            ask(enter(), "s3", list_buckets)


def test_users_of_moto_have_no_limits_of_ours(sts: STSBackend, enter: Enter) -> None:
    enter(Policy=NOTHING)
    iam = shared_session().client("iam", region_name="us-east-1", **MOTO)
    iam.create_user(UserName="bob")
    iam.put_user_policy(UserName="bob", PolicyName="Anything", PolicyDocument=json.dumps(ANYTHING))
    key = iam.create_access_key(UserName="bob")["AccessKey"]
    user = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
    s3 = shared_session().client("s3", region_name="us-east-1", **user)

    @set_initial_no_auth_action_count(0)
    def enforced() -> Any:
        return s3.list_buckets()["Buckets"]

    assert enforced() == []


def test_motos_method_is_replaced_from_the_first_session_to_the_end_of_the_mock(
    saml_signing_key: SigningKey, log_in: Callable[..., Any]
) -> None:
    with mock_aws():
        with mock_sts_saml() as sts:
            idp = IdentityProvider(signing_key=saml_signing_key)
            sts.create_saml_provider("ExampleIdP", idp)
            role = sts.create_role("Developer")
            assert access_control.IAMRequestBase.check_action_permitted is CHECK
            log_in(idp.response(role), role, idp.provider)
            assert access_control.IAMRequestBase.check_action_permitted is not CHECK
        assert access_control.IAMRequestBase.check_action_permitted is CHECK
