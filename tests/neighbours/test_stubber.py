import importlib.util

import pytest
from inner_runs import Result
from neighbours.runs import beside


@pytest.mark.inner(
    beside("""
from botocore.stub import Stubber

def test_it(sts_saml, saml_idp):
    role = sts_saml.create_role("Developer")
    said = {
        "RoleArn": role.arn, "PrincipalArn": saml_idp.provider.arn, "SAMLAssertion": saml_idp.response(role),
    }
    stubbed, other = new_client("sts"), new_client("sts")
    with Stubber(stubbed) as stubber:
        stubber.add_response("assume_role_with_saml", {"Subject": "stubbed"}, said)
        stubber.add_client_error("assume_role_with_saml", "IDPRejectedClaim")
        assert stubbed.assume_role_with_saml(**said)["Subject"] == "stubbed"
        with pytest.raises(stubbed.exceptions.IDPRejectedClaimException):
            stubbed.assume_role_with_saml(**said)
        assert other.assume_role_with_saml(**said)["Subject"] == "alice@example.com"
    assert stubbed.assume_role_with_saml(**said)["Subject"] == "alice@example.com"
""")
)
def test_a_stubber_on_one_client_wins_for_that_client(inner: Result) -> None:
    assert inner.outcomes == {"passed": 1}


@pytest.mark.inner(
    beside("""
from botocore.awsrequest import AWSResponse

def logged_in(sts_saml, saml_idp, client):
    role = sts_saml.create_role("Developer")
    response = saml_idp.response(role)
    return client.assume_role_with_saml(RoleArn=role.arn, PrincipalArn=saml_idp.provider.arn, SAMLAssertion=response)

def test_a_handler_of_before_send_is_not_asked(sts_saml, saml_idp):
    client, asked = new_client("sts"), []
    client.meta.events.register_first("before-send.sts", lambda request, **_: asked.append(request))
    assert logged_in(sts_saml, saml_idp, client)["Subject"] == "alice@example.com"
    assert asked == []

def test_a_first_handler_of_before_call_wins(sts_saml, saml_idp):
    client = new_client("sts")
    own = AWSResponse("https://sts.example.com/", 200, {}, None), {"Subject": "handled"}
    client.meta.events.register_first("before-call.sts.AssumeRoleWithSAML", lambda **_: own)
    assert logged_in(sts_saml, saml_idp, client)["Subject"] == "handled"
    assert not sts_saml.attempts
""")
)
def test_a_handler_of_a_client_wins_where_the_manual_says(inner: Result) -> None:
    assert inner.outcomes == {"passed": 2}


@pytest.mark.inner(
    beside("""
from botocore.stub import Stubber

def test_it(sts_saml, saml_idp):
    role = sts_saml.create_role("Developer")
    log_in(saml_idp.response(role), role, saml_idp.provider)
    stubbed, other = (client_of(sts_saml.sessions[-1], "sts") for _ in range(2))
    said = {"RoleArn": "arn:aws:iam::123456789012:role/Deployer", "RoleSessionName": "deploy"}
    alice = "arn:aws:sts::123456789012:assumed-role/Developer/alice@example.com"
    with Stubber(stubbed) as stubber:
        stubber.add_response("get_caller_identity", {"Account": "stubbed"}, {})
        stubber.add_response("assume_role", {"PackedPolicySize": 7}, said)
        stubber.add_client_error("assume_role", "PackedPolicyTooLarge")
        assert stubbed.get_caller_identity()["Account"] == "stubbed"
        assert stubbed.assume_role(**said)["PackedPolicySize"] == 7
        with pytest.raises(stubbed.exceptions.PackedPolicyTooLargeException):
            stubbed.assume_role(**said)
        assert other.get_caller_identity()["Arn"] == alice
    assert [attempt.operation for attempt in sts_saml.attempts] == ["AssumeRoleWithSAML", "GetCallerIdentity"]
    assert stubbed.get_caller_identity()["Arn"] == alice
    with pytest.raises(ClientError, match="is not authorized to perform: sts:AssumeRole on resource: "):
        stubbed.assume_role(**said)
""")
)
def test_a_stubber_on_a_client_of_a_session_wins_for_that_client(inner: Result) -> None:
    assert inner.outcomes == {"passed": 1}


@pytest.mark.skipif(importlib.util.find_spec("moto") is None, reason="moto is not installed")
@pytest.mark.inner(
    beside("""
from botocore.stub import Stubber

mock_aws = pytest.importorskip("moto").mock_aws

@mock_aws
def test_it(sts_saml):
    stubbed = new_client("sts")
    with Stubber(stubbed) as stubber:
        stubber.add_response("assume_role_with_saml", {"Subject": "stubbed"})
        stubber.add_response("get_caller_identity", {"Account": "stubbed"})
        said = {"RoleArn": "r" * 20, "PrincipalArn": "p" * 20, "SAMLAssertion": "cmVzcG9uc2U="}
        assert stubbed.assume_role_with_saml(**said)["Subject"] == "stubbed"
        assert stubbed.get_caller_identity()["Account"] == "stubbed"
    assert sts_is_ours()
""")
)
def test_inside_moto_too(inner: Result) -> None:
    assert inner.outcomes == {"passed": 1}
