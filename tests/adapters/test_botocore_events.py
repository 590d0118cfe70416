import asyncio
import copy
import datetime as dt
import functools
import json
import re
import threading
from concurrent.futures import ThreadPoolExecutor

import boto3
import botocore.handlers
import botocore.hooks
import botocore.session
import pytest
from botocore import UNSIGNED, xform_name
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from forks import forking, in_a_child
from fresh import HANDLERS, forget_the_handlers
from moto import mock_aws
from wire import (
    Token,
    answered_by,
    before_call,
    http_response,
    pretend_that_there_is_aiobotocore,
    response_to,
    shared_session,
    switched_off,
)

from pytest_stssaml import IdentityProvider, active_backend, active_mock, mock_sts_saml
from pytest_stssaml.adapters.botocore_events import answer_attempt, answer_login, answer_session
from pytest_stssaml.adapters.botocore_messages import AwaitedBody, UnsentRequest, http_request_of
from pytest_stssaml.sts.wire.sigv4 import read_signature
from pytest_stssaml.wire import Response, Stage

DEPLOYER = "arn:aws:iam::123456789012:role/Deployer"
ENDPOINT = "https://sts.us-east-1.amazonaws.com/"
LOWER_CASE_UUID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@pytest.fixture
def parameters(sts, idp):
    """The parameters of a good login."""
    role = sts.create_role("Developer")
    return {"RoleArn": role.arn, "PrincipalArn": idp.provider.arn, "SAMLAssertion": idp.response(role)}


@pytest.fixture
def logs_in(parameters):
    """A function that returns whether a client is answered by the mock."""

    def call(client):
        return client.assume_role_with_saml(**parameters)["Credentials"]["AccessKeyId"].startswith("ASIA")

    return call


@pytest.fixture
def never_installed(monkeypatch):
    """botocore as it is before the first mock of a process."""
    forget_the_handlers(monkeypatch)


def new_client(region="us-east-1", **options):
    return boto3.Session().client("sts", region_name=region, **options)


def default_client():
    """Return a client of boto3's default session, which is left as it was."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(boto3, "DEFAULT_SESSION", None)
        return boto3.client("sts", region_name="us-east-1")


def client_of_setup_default_session():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(boto3, "DEFAULT_SESSION", None)
        boto3.setup_default_session(region_name="us-east-1")
        return boto3.client("sts")


def bare_client():
    return botocore.session.get_session().create_client("sts", region_name="us-east-1")


CLIENTS = [default_client, client_of_setup_default_session, new_client, bare_client]


def named(function):
    return function.__name__


# --- which clients are answered


@pytest.mark.parametrize("make_client", CLIENTS, ids=named)
def test_a_client_made_inside_the_mock_is_answered(logs_in, make_client):
    assert logs_in(make_client())


@pytest.fixture(params=CLIENTS, ids=named)
def early_client(request, never_installed):
    """A client made before the first mock of its process starts."""
    return request.param()


def test_a_client_made_before_the_first_mock_is_answered(early_client, logs_in):
    assert logs_in(early_client)


@pytest.fixture(params=[boto3.Session, botocore.session.Session])
def early_session(request, never_installed):
    """A session made before the first mock of its process starts."""
    return request.param()


def test_a_client_of_a_session_made_before_the_first_mock_is_answered(early_session, logs_in):
    make_client = getattr(early_session, "create_client", None) or early_session.client
    assert logs_in(make_client("sts", region_name="us-east-1"))


@pytest.fixture
def early_client_of_another_kind_of_emitter(never_installed):
    """An early client with an emitter of a subclass, such as aiobotocore has."""

    class Emitter(botocore.hooks.HierarchicalEmitter):
        pass

    class EmitterOfEmitters(Emitter):
        pass

    session = botocore.session.Session(event_hooks=EmitterOfEmitters())
    return session.create_client("sts", region_name="us-east-1")


def test_an_early_client_whose_emitter_is_of_a_subclass_is_answered(early_client_of_another_kind_of_emitter, logs_in):
    assert logs_in(early_client_of_another_kind_of_emitter)


def test_a_client_made_between_two_mocks_is_answered(saml_signing_key, log_in):
    with mock_sts_saml():
        pass
    client = new_client()
    with mock_sts_saml() as sts:
        identity_provider = IdentityProvider(signing_key=saml_signing_key)
        provider = sts.create_saml_provider("ExampleIdP", identity_provider)
        role = sts.create_role("Developer")
        client.assume_role_with_saml(
            RoleArn=role.arn, PrincipalArn=provider.arn, SAMLAssertion=identity_provider.response(role)
        )


def test_a_client_of_an_earlier_mock_is_answered_by_the_next():
    with mock_sts_saml():
        client = new_client()
    with mock_sts_saml(), pytest.raises(client.exceptions.InvalidIdentityTokenException):
        client.assume_role_with_saml(
            RoleArn="arn:aws:iam::123456789012:role/Developer",
            PrincipalArn="arn:aws:iam::123456789012:saml-provider/ExampleIdP",
            SAMLAssertion="PD94bWw=",
        )


def test_every_thread_may_have_a_session_of_its_own(logs_in):
    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(lambda _: logs_in(new_client()), range(8)))


LOG_IN = """
from pytest_stssaml import IdentityProvider, mock_sts_saml

def log_in(client):
    with mock_sts_saml() as sts:
        identity_provider = IdentityProvider()
        provider = sts.create_saml_provider("ExampleIdP", identity_provider)
        role = sts.create_role("Developer")
        response = client.assume_role_with_saml(
            RoleArn=role.arn, PrincipalArn=provider.arn, SAMLAssertion=identity_provider.response(role)
        )
    print(response["AssumedRoleUser"]["Arn"])
"""
LOGGED_IN = "arn:aws:sts::123456789012:assumed-role/Developer/alice@example.com"


def test_what_was_made_before_the_package_was_imported_is_answered(pytester):
    script = pytester.makepyfile(f"""
import boto3, sys
client = boto3.client("sts", region_name="us-east-1")
session = boto3.Session(region_name="us-east-1")
boto3.setup_default_session(region_name="us-east-1")
assert "pytest_stssaml" not in sys.modules
{LOG_IN}
log_in(client)
log_in(session.client("sts"))
log_in(boto3.client("sts"))
""")
    assert pytester.runpython(script).outlines == [LOGGED_IN] * 3


def test_clients_made_when_test_modules_are_imported_are_answered(pytester):
    client = 'import boto3\nclient = boto3.client("sts", region_name="us-east-1")\n'
    in_a_mock = f"""
{client}{LOG_IN}
def test_login(capsys):
    log_in(client)
    assert capsys.readouterr().out == "{LOGGED_IN}\\n"
"""
    with_fixtures = f"""
{client}
def test_login(sts_saml, saml_idp):
    role = sts_saml.create_role("Developer")
    assert client.assume_role_with_saml(
        RoleArn=role.arn, PrincipalArn=saml_idp.provider.arn, SAMLAssertion=saml_idp.response(role)
    )
"""
    pytester.makepyfile(test_in_a_mock=in_a_mock, test_with_fixtures=with_fixtures)
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:hypothesispytest")
    result.assert_outcomes(passed=2)


@forking
def test_a_client_of_the_parent_is_answered_in_a_forked_child(logs_in):
    client = new_client()
    assert in_a_child(lambda: logs_in(client))


@forking
def test_a_client_made_in_a_forked_child_is_answered(logs_in):
    assert in_a_child(lambda: logs_in(new_client()))


@forking
def test_a_forked_child_gets_other_credentials_than_its_parent(sts_client, parameters):
    def access_key_id():
        return sts_client.assume_role_with_saml(**parameters)["Credentials"]["AccessKeyId"]

    assert in_a_child(access_key_id) != access_key_id()


# --- whatever credentials they have


def test_a_client_without_credentials_is_answered(logs_in):
    session = boto3.Session()
    assert session.get_credentials() is None
    assert logs_in(session.client("sts", region_name="us-east-1"))


def test_an_unsigned_client_is_answered(logs_in):
    assert logs_in(new_client(config=Config(signature_version=UNSIGNED)))


def test_a_client_with_credentials_of_empty_strings_is_answered(logs_in):
    assert logs_in(new_client(aws_access_key_id="", aws_secret_access_key="", aws_session_token=""))


def test_a_client_with_credentials_of_empty_strings_in_the_environment_is_answered(logs_in, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "")
    assert logs_in(new_client())


def test_a_client_with_fake_credentials_is_answered(logs_in):
    assert logs_in(new_client(aws_access_key_id="testing", aws_secret_access_key="testing"))


# --- whatever endpoint they call


def test_a_client_without_a_region_is_answered(logs_in):
    client = boto3.Session().client("sts")
    assert client.meta.region_name == "aws-global"
    assert logs_in(client)


@pytest.mark.parametrize("region", ["aws-global", "us-east-1", "eu-central-1", "ap-southeast-4", "mx-central-1"])
def test_a_client_of_a_region_is_answered(logs_in, region):
    assert logs_in(new_client(region))


@pytest.mark.parametrize("setting", ["legacy", "regional"])
def test_a_client_with_a_setting_for_regional_endpoints_is_answered(logs_in, monkeypatch, setting):
    monkeypatch.setenv("AWS_STS_REGIONAL_ENDPOINTS", setting)
    assert logs_in(new_client("eu-west-1"))


@pytest.mark.parametrize(("setting", "region"), [("legacy", "us-east-1"), ("regional", "eu-west-1")])
def test_the_region_is_that_of_the_endpoint(logs_in, monkeypatch, setting, region):
    monkeypatch.setenv("AWS_STS_REGIONAL_ENDPOINTS", setting)
    active_backend().disable_region({"us-east-1": "eu-west-1", "eu-west-1": "us-east-1"}[region])
    assert logs_in(new_client("eu-west-1"))
    assert active_backend().attempts[-1].region == region


@pytest.mark.parametrize(
    ("region", "options", "endpoint"),
    [
        ("eu-west-1", {"use_dualstack_endpoint": True}, "https://sts.eu-west-1.api.aws"),
        ("us-west-2", {"use_fips_endpoint": True}, "https://sts-fips.us-west-2.amazonaws.com"),
    ],
    ids=["dual-stack", "FIPS"],
)
def test_a_client_of_another_kind_of_endpoint_is_answered(logs_in, region, options, endpoint):
    client = new_client(region, config=Config(**options))
    seen = []
    client.meta.events.register_first(
        "before-call.sts.AssumeRoleWithSAML", lambda params, **_: seen.append(params["url"])
    )
    assert logs_in(client)
    assert seen == [endpoint + "/"]


@pytest.mark.parametrize("url", ["http://localhost:4566", "https://sts.example.com/path"])
def test_a_client_with_an_endpoint_url_is_answered(logs_in, url):
    assert logs_in(new_client(endpoint_url=url))


@pytest.mark.parametrize(
    ("partition", "region"),
    [
        ("aws-cn", "cn-north-1"),
        ("aws-cn", "cn-northwest-1"),
        ("aws-us-gov", "us-gov-west-1"),
        ("aws-us-gov", "us-gov-east-1"),
    ],
)
def test_a_client_of_another_partition_is_answered(saml_signing_key, partition, region):
    identity_provider = IdentityProvider(signing_key=saml_signing_key)
    with mock_sts_saml(partition=partition) as sts:
        provider = sts.create_saml_provider("ExampleIdP", identity_provider)
        role = sts.create_role("Developer")
        answer = new_client(region).assume_role_with_saml(
            RoleArn=role.arn, PrincipalArn=provider.arn, SAMLAssertion=identity_provider.response(role)
        )
    assert answer["AssumedRoleUser"]["Arn"].startswith(f"arn:{partition}:sts::")


@pytest.mark.parametrize(
    "options",
    [{}, {"use_dualstack_endpoint": True}, {"use_fips_endpoint": True}],
    ids=["regional", "dual-stack", "FIPS"],
)
def test_the_region_of_a_client_reaches_sts(sts, parameters, options):
    sts.disable_region("us-east-2")
    client = new_client("us-east-2", config=Config(**options))
    with pytest.raises(client.exceptions.RegionDisabledException):
        client.assume_role_with_saml(**parameters)


def test_the_region_of_a_client_with_an_endpoint_url_reaches_sts(sts, parameters):
    sts.disable_region("us-east-2")
    client = new_client("us-east-2", endpoint_url="http://localhost:4566")
    with pytest.raises(client.exceptions.RegionDisabledException):
        client.assume_role_with_saml(**parameters)


def test_a_client_without_a_region_calls_us_east_1(sts, parameters):
    sts.disable_region("us-east-1")
    client = boto3.Session().client("sts")
    with pytest.raises(client.exceptions.RegionDisabledException):
        client.assume_role_with_saml(**parameters)


def test_a_client_of_another_region_than_the_disabled_one_is_answered(sts, logs_in):
    sts.disable_region("us-east-2")
    assert logs_in(new_client("eu-west-1"))


# --- what the backend is told


@pytest.fixture
def asked(parameters):
    """The request that reaches STS when a client logs in: `asked(client, is_due=False, **parameters)`."""

    def call(client, *, is_due=False, **more):
        requests = []
        assert active_mock.current is not None
        sts_responds = active_mock.current.respond

        def respond(request):
            requests.append(request)
            return Stage.SENT if is_due and request.stage is Stage.CALLED else sts_responds(request)

        with answered_by(respond):
            client.assume_role_with_saml(**parameters, **more)
        stages = [request.stage for request in requests]
        assert stages == ([Stage.CALLED, Stage.SENT] if is_due else [Stage.CALLED])
        return requests[-1]

    return call


def test_the_form_that_botocore_would_send_reaches_sts(asked, parameters):
    arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/SecurityAudit"]
    request = asked(new_client(), DurationSeconds=900, PolicyArns=[{"arn": arn} for arn in arns])
    assert request.form == {
        "Action": "AssumeRoleWithSAML",
        "Version": "2011-06-15",
        "DurationSeconds": 900,
        "PolicyArns.member.1.arn": arns[0],
        "PolicyArns.member.2.arn": arns[1],
        **parameters,
    }
    assert request.service == "sts"


def test_an_empty_list_of_policies_is_an_empty_parameter(asked):
    assert asked(new_client(), PolicyArns=[]).form["PolicyArns"] == ""


@pytest.mark.parametrize(
    ("region", "options", "called"),
    [
        pytest.param("eu-west-1", {}, "eu-west-1", id="regional"),
        pytest.param(None, {}, "aws-global", id="none"),
        pytest.param(
            "eu-west-1", {"endpoint_url": "https://sts.amazonaws.com"}, "aws-global", id="global endpoint_url"
        ),
        pytest.param("eu-west-1", {"endpoint_url": "https://STS.amazonaws.com"}, "aws-global", id="in upper case"),
        pytest.param("eu-west-1", {"endpoint_url": "http://sts.amazonaws.com:80/"}, "aws-global", id="with a port"),
        *(
            pytest.param("eu-west-1", {"endpoint_url": f"https://{host}"}, region, id=host)
            for host, region in [
                ("sts.us-east-2.amazonaws.com", "us-east-2"),
                ("STS.US-EAST-2.amazonaws.com", "us-east-2"),
                ("sts-fips.us-east-2.amazonaws.com", "us-east-2"),
                ("sts.us-east-2.api.aws", "us-east-2"),
                ("sts.us-east-2.amazonaws.com.example.com", "eu-west-1"),
                ("sts.us-east-2.amazonaws.comic", "eu-west-1"),
                ("sts.amazonaws.com.example.com", "eu-west-1"),
                ("my-sts.us-east-2.amazonaws.com", "eu-west-1"),
                ("sts.us-east-2.example.com", "eu-west-1"),
            ]
        ),
        pytest.param(
            "eu-west-1", {"endpoint_url": "https://localhost/sts.amazonaws.com"}, "eu-west-1", id="only in the path"
        ),
    ],
)
def test_the_region_of_the_endpoint_reaches_sts(asked, region, options, called):
    assert asked(new_client(region, **options)).region == called


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        pytest.param(Config(), "Boto3/.*", id="own"),
        pytest.param(Config(user_agent_extra="my-tool/1.0"), "Boto3/.* my-tool/1.0", id="extended"),
        pytest.param(Config(user_agent="my-tool/1.0"), "my-tool/1.0.*", id="replaced"),
    ],
)
def test_the_user_agent_of_the_client_reaches_sts(asked, config, expected):
    assert re.fullmatch(expected, asked(new_client(config=config)).user_agent)


@pytest.mark.parametrize(
    ("options", "secure"),
    [
        ({}, True),
        ({"use_ssl": True}, True),
        ({"use_ssl": False}, False),
        ({"endpoint_url": "https://localhost:4566"}, True),
        ({"endpoint_url": "http://localhost:4566"}, False),
    ],
    ids=["default", "TLS", "no TLS", "https:", "http:"],
)
def test_whether_a_client_calls_by_tls_reaches_sts(asked, options, secure):
    assert asked(new_client(**options)).secure is secure


def test_a_login_reaches_sts_unsigned(asked):
    assert asked(new_client(aws_access_key_id="testing", aws_secret_access_key="testing")).signature is None


@pytest.mark.parametrize(
    "options",
    [{}, {"use_ssl": False}, {"endpoint_url": "http://localhost:4566"}, {"config": Config(user_agent_extra="ü/1")}],
    ids=["default", "no TLS", "http:", "user agent"],
)
@pytest.mark.parametrize("region", ["eu-west-1", None])
def test_while_an_error_is_due_the_same_reaches_sts(asked, region, options):
    client = new_client(region, **options)
    assert asked(client, is_due=True) == asked(client)._replace(stage=Stage.SENT)


# --- only while a mock is active

THE_NETWORK = """\
<AssumeRoleWithSAMLResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithSAMLResult><Issuer>the network</Issuer></AssumeRoleWithSAMLResult>
  <ResponseMetadata><RequestId>1</RequestId></ResponseMetadata>
</AssumeRoleWithSAMLResponse>"""


def wired_to(client, status, headers, body):
    """Return the client, with an answer in place of its network's."""

    def answer(request, **_):
        return http_response(request.url, status, headers, body)

    client.meta.events.register("before-send.sts", answer)
    return client


def who_answers(client):
    response = wired_to(client, 200, {}, THE_NETWORK).assume_role_with_saml(
        RoleArn="arn:aws:iam::123456789012:role/Developer",
        PrincipalArn="arn:aws:iam::123456789012:saml-provider/ExampleIdP",
        SAMLAssertion="PD94bWw=",
    )
    return response["Issuer"]


def test_while_a_mock_is_active_nothing_reaches_the_network(sts):
    with pytest.raises(ClientError):
        who_answers(new_client())


def test_without_a_mock_the_handler_answers_nothing():
    assert answer_login(model=None, params={}, context={}) is None


def test_without_a_mock_the_handler_of_each_attempt_answers_nothing():
    assert answer_attempt(request=AWSPreparedRequest("POST", ENDPOINT, {}, b"", False)) is None


def test_an_attempt_to_send_another_request_is_not_answered(sts):
    assert answer_attempt(request=AWSPreparedRequest("POST", ENDPOINT, {}, b"", False)) is None


@pytest.mark.parametrize("make_client", CLIENTS, ids=named)
def test_a_client_made_before_the_mock_reaches_the_network_after_it(never_installed, make_client):
    client = make_client()
    with mock_sts_saml():
        pass
    assert who_answers(client) == "the network"


@pytest.mark.parametrize("make_client", CLIENTS, ids=named)
def test_a_client_made_inside_the_mock_reaches_the_network_after_it(make_client):
    with mock_sts_saml():
        client = make_client()
    assert who_answers(client) == "the network"


@pytest.mark.parametrize("make_client", CLIENTS, ids=named)
def test_a_client_made_after_the_mock_reaches_the_network(make_client):
    with mock_sts_saml():
        pass
    assert who_answers(make_client()) == "the network"


def test_a_client_that_the_mock_answered_reaches_the_network_after_it(log_in, saml_signing_key):
    client = new_client()
    with mock_sts_saml(), pytest.raises(ClientError):
        who_answers(client)
    assert who_answers(client) == "the network"


def test_a_client_reaches_the_network_only_after_the_last_of_two_joined_mocks():
    client = new_client()
    with mock_sts_saml():
        with mock_sts_saml():
            pass
        with pytest.raises(ClientError):
            who_answers(client)
    assert who_answers(client) == "the network"


def test_other_operations_of_sts_are_left_alone(sts):
    client = wired_to(
        new_client(aws_access_key_id="testing", aws_secret_access_key="testing"),
        200,
        {},
        THE_NETWORK.replace("AssumeRoleWithSAML", "GetCallerIdentity").replace("Issuer", "Account"),
    )
    assert client.get_caller_identity()["Account"] == "the network"


# --- calls that are signed by a session

KEY = "ASIAIOSFODNN7EXAMPLE"
CREDENTIALS = {"aws_access_key_id": KEY, "aws_secret_access_key": "secret", "aws_session_token": "token"}


class Responder:
    """Answers in the place of STS: as it answers a session, or not at all if it does not know the credentials."""

    def __init__(self, *, knows_the_credentials=True):
        self.knows_the_credentials = knows_the_credentials
        self.requests = []

    def __call__(self, request):
        self.requests.append(request)
        if not self.knows_the_credentials:
            return None
        response = Response(200, {"Content-Type": "text/xml"}, "1", result={"Account": "123456789012"})
        return Stage.SIGNED if request.stage is Stage.CALLED else response

    @property
    def stages(self):
        return [request.stage for request in self.requests]


class RequestSigner:
    """A signer whose methods are coroutines, such as aiobotocore has."""

    __module__ = "aiobotocore.signers"

    def __init__(self, signer):
        self._signer = signer

    async def get_auth_instance(self, *args):
        return self._signer.get_auth_instance(*args)

    async def sign(self, *args):
        self._signer.sign(*args)


@pytest.fixture(params=["botocore", "aiobotocore"])
def answered(request, monkeypatch, sts):
    """What the handler of every call returns: `answered(respond, client, calls)`, by default for GetCallerIdentity."""
    pretend_that_there_is_aiobotocore(monkeypatch)

    def call(respond, client, calls=lambda client: client.get_caller_identity()):
        with switched_off():
            event = before_call(client, calls)
        before = facts_of(event["params"])
        with answered_by(respond):
            if request.param == "botocore":
                answer = answer_session(**event)
            else:
                answer = answer_session(**event | {"request_signer": RequestSigner(event["request_signer"])})
                answer = None if answer is None else asyncio.run(answer)
        if answer is None:
            assert facts_of(event["params"]) == before
        return answer

    return call


def facts_of(params):
    """Return a copy of the parts of a request."""
    return copy.deepcopy({name: value for name, value in params.items() if name != "context"})


def identity_client(service="sts", **options):
    return shared_session().client(service, **{"region_name": "us-east-1", **CREDENTIALS, **options})


def test_without_a_mock_the_handler_of_every_call_answers_nothing():
    event = before_call(identity_client(), lambda client: client.get_caller_identity())
    assert answer_session(**event) is None


def test_a_call_without_a_signer_is_not_answered(sts):
    assert answer_session(model=None, params={}, context={}) is None


def test_a_call_of_a_session_is_answered_in_the_form_of_botocore(answered):
    response, parsed = answered(Responder(), identity_client())
    assert (response.status_code, response.url, type(response)) == (200, ENDPOINT, AWSResponse)
    assert parsed["ResponseMetadata"] == {
        "RequestId": "1",
        "HTTPStatusCode": 200,
        "HTTPHeaders": {"content-type": "text/xml"},
        "RetryAttempts": 0,
    }


@pytest.mark.parametrize("token", ["token", None])
def test_what_a_session_presents_reaches_sts(answered, token):
    responder = Responder()
    client = identity_client(aws_session_token=token, region_name="eu-west-1", use_ssl=False)
    answered(responder, client)
    assert responder.stages == [Stage.CALLED, Stage.SIGNED]
    for request in responder.requests:
        assert request.form == {"Action": "GetCallerIdentity", "Version": "2011-06-15"}
        assert (request.service, request.signature[:2], request.signature[3]) == ("sts", (KEY, token), ())
    signed = responder.requests[1]
    assert ("Boto3/" in signed.user_agent, signed.region, signed.secure) == (True, "eu-west-1", False)
    called, sent = [request.signature.made_with for request in responder.requests]
    assert (called("secret"), sent("secret"), sent("other")) == (False, True, False)


def test_the_global_endpoint_that_a_session_calls_reaches_sts(answered):
    responder = Responder()
    answered(responder, identity_client(region_name=None))
    assert responder.requests[1].region == "aws-global"


def test_a_call_with_unknown_credentials_is_not_answered_and_not_signed(answered):
    responder = Responder(knows_the_credentials=False)
    assert answered(responder, identity_client()) is None
    assert responder.stages == [Stage.CALLED]


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="no credentials"),
        pytest.param({"config": Config(signature_version=UNSIGNED)}, id="unsigned"),
        pytest.param(
            {"region_name": None, "endpoint_url": "http://localhost:4566", **CREDENTIALS},
            id="no region for its endpoint_url",
        ),
    ],
)
def test_a_client_that_cannot_sign_is_not_answered(answered, options):
    responder = Responder()
    client = shared_session().client("sts", **{"region_name": "us-east-1", **options})
    assert answered(responder, client) is None
    assert responder.requests == []


def test_a_client_whose_signing_an_event_switches_off_is_not_answered(answered):
    client = identity_client()
    client.meta.events.register("choose-signer.sts", lambda **_: UNSIGNED)
    responder = Responder()
    assert answered(responder, client) is None
    assert responder.stages == [Stage.CALLED]


def test_a_client_whose_credentials_are_replaced_by_unknown_ones_while_it_signs_is_not_answered(answered):
    responder = Responder()
    client = identity_client()

    def replace(**_):
        responder.knows_the_credentials = False

    client.meta.events.register("before-sign.sts", replace)
    assert answered(responder, client) is None
    assert responder.stages == [Stage.CALLED, Stage.SIGNED]


@pytest.mark.parametrize(
    ("service", "calls", "form"),
    [
        pytest.param(
            "sts",
            lambda client: client.get_access_key_info(AccessKeyId=KEY),
            {"Action": "GetAccessKeyInfo", "Version": "2011-06-15", "AccessKeyId": KEY},
            id="STS",
        ),
        pytest.param("s3", lambda client: client.list_buckets(), {}, id="S3"),
        pytest.param("dynamodb", lambda client: client.list_tables(), {}, id="DynamoDB"),
    ],
)
@pytest.mark.parametrize("token", ["token", None])
def test_sts_is_asked_about_every_call_of_every_service(answered, service, calls, form, token):
    responder = Responder(knows_the_credentials=False)
    assert answered(responder, identity_client(service, aws_session_token=token), calls) is None
    [request] = responder.requests
    assert (request.stage, request.service, request.form) == (Stage.CALLED, service, form)
    assert request.signature[:2] == (KEY, token)


@pytest.mark.parametrize("credentials", [CREDENTIALS, {}], ids=["and credentials", "alone"])
def test_a_client_with_a_bearer_token_is_not_answered(answered, credentials):
    own = botocore.session.get_session()
    own.register_component("token_provider", Token())
    client = own.create_client("codecatalyst", region_name="us-west-2", **credentials)
    assert answered(Responder(), client, lambda client: client.list_spaces()) is None


class NobodyAsks(Credentials):
    """Credentials that must not be used."""

    def get_frozen_credentials(self):
        raise AssertionError


@pytest.mark.parametrize(
    "calls",
    [
        pytest.param(
            lambda client: client.assume_role_with_saml(
                RoleArn="r" * 20, PrincipalArn="p" * 20, SAMLAssertion="PD94bWw="
            ),
            id="AssumeRoleWithSAML",
        ),
        pytest.param(
            lambda client: client.assume_role_with_web_identity(
                RoleArn="r" * 20, RoleSessionName="alice", WebIdentityToken="token"
            ),
            id="AssumeRoleWithWebIdentity",
        ),
    ],
)
def test_the_credentials_of_a_call_that_is_not_signed_are_not_asked_for(answered, calls):
    own = botocore.session.get_session()
    own._credentials = NobodyAsks("key", "secret")
    assert answered(Responder(), own.create_client("sts", region_name="us-east-1"), calls) is None


# --- the signature of a request


@pytest.fixture(scope="module")
def identity_event(no_aws_environment):
    """A client, and what botocore gives the handlers of its call of GetCallerIdentity."""
    client = identity_client()  # it has to outlive its signer
    return client, before_call(client, lambda client: client.get_caller_identity())


@pytest.fixture
def sign(identity_event):
    """A function that signs GetCallerIdentity and then replaces parts of the request: `sign(method="PUT")`."""
    return functools.partial(signed_request, identity_event[1])


def signed_request(event, **changed):
    request = UnsentRequest(event["params"], KEY)
    event["request_signer"].sign("GetCallerIdentity", request)
    for name, value in changed.items():
        if name in ("method", "url", "body"):
            setattr(request, name, value)
        else:
            header = name.replace("_", "-")
            del request.headers[header]
            if value is not None:
                request.headers[header] = value
    return request


def signature_of(request):
    return read_signature(http_request_of(request))


def made_with(request, secret):
    return signature_of(request).made_with(secret)


def test_the_secret_that_made_a_signature_is_recognised(sign):
    assert made_with(sign(), "secret") is True


@pytest.mark.parametrize("secret", ["", "secre", "secret ", "Secret", "s\u00fcss"])
def test_another_secret_is_not_recognised(sign, secret):
    assert made_with(sign(), secret) is False


def test_the_request_names_the_access_key_and_the_token(sign):
    assert signature_of(sign(X_Amz_Security_Token="another"))[:2] == (KEY, "another")


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"body": b"Action=GetSessionToken&Version=2011-06-15"}, id="body"),
        pytest.param({"body": b""}, id="no body"),
        pytest.param({"method": "PUT"}, id="method"),
        pytest.param({"url": "https://sts.eu-west-1.amazonaws.com/"}, id="host"),
        pytest.param({"url": "https://sts.us-east-1.amazonaws.com/path"}, id="path"),
        pytest.param({"url": "https://sts.us-east-1.amazonaws.com/?a=b"}, id="query"),
        pytest.param({"X_Amz_Date": "20300101T120000Z"}, id="time"),
        pytest.param({"X_Amz_Date": None}, id="no time"),
        pytest.param({"X_Amz_Security_Token": "another"}, id="token"),
        pytest.param({"X_Amz_Security_Token": None}, id="no token"),
        pytest.param({"Content_Type": "text/plain"}, id="content type"),
    ],
)
def test_a_change_of_what_is_signed_breaks_the_signature(sign, changed):
    assert made_with(sign(**changed), "secret") is False


@pytest.mark.parametrize("changed", [{"User_Agent": "another"}, {"X_Example": "more"}], ids=["changed", "added"])
def test_a_change_of_an_unsigned_header_keeps_the_signature(sign, changed):
    assert made_with(sign(**changed), "secret") is True


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("/us-east-1/", "/eu-west-1/", id="region"),
        pytest.param("/sts/", "/iam/", id="service"),
        pytest.param("content-type;", "", id="fewer headers"),
        pytest.param("Signature=.*", f"Signature={'0' * 64}", id="signature"),
        pytest.param("Signature=.*", "Signature=0", id="short signature"),
    ],
)
def test_a_change_of_the_authorization_header_breaks_the_signature(sign, old, new):
    request = sign()
    text, count = re.subn(old, new, request.headers["Authorization"])
    assert count == 1
    request.headers.replace_header("Authorization", text)
    signature = signature_of(request)
    assert signature is None or signature.made_with("secret") is False


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "Bearer token",
        "AWS AKIAIOSFODNN7EXAMPLE:c2lnbmF0dXJl",
        f"AWS4-ECDSA-P256-SHA256 Credential={KEY}/20300101/sts/aws4_request, SignedHeaders=host, Signature=0",
        f"AWS4-HMAC-SHA256 Credential={KEY}, SignedHeaders=host, Signature=0",
        "AWS4-HMAC-SHA256 Credential=/20300101/us-east-1/sts/aws4_request, SignedHeaders=host, Signature=0",
    ],
    ids=["none", "empty", "bearer", "version 2", "version 4a", "no scope", "no key"],
)
def test_a_request_without_a_signature_of_version_4_has_no_signature(sign, value):
    assert signature_of(sign(Authorization=value)) is None


def test_a_signature_is_read_from_headers_of_bytes(sign):
    request = sign()
    for name, value in list(request.headers.items()):
        request.headers.replace_header(name, value.encode())
    assert made_with(request, "secret") is True


# --- installed once


def handlers():
    return [name for name, *handler in botocore.handlers.BUILTIN_HANDLERS if set(HANDLERS).intersection(handler)]


def test_nothing_is_installed_until_a_mock_is_entered(never_installed):
    mock_sts_saml()
    assert handlers() == []


def test_two_mocks_install_the_handlers_once(never_installed):
    for _ in range(2):
        with mock_sts_saml():
            pass
    assert handlers() == [
        "before-call.sts.AssumeRoleWithSAML",
        "before-call.sts",
        "before-call",
        "after-call.iam.CreateRole",
        "after-call.iam.CreateSAMLProvider",
        "before-send.sts",
    ]


def test_a_second_mock_registers_nothing_with_a_client_that_has_the_handlers(never_installed):
    with mock_sts_saml():
        client = new_client()
    registered = []
    client.meta.events._emitter.register = lambda *args, **_: registered.append(args)
    with mock_sts_saml():
        pass
    assert registered == []


# --- beside botocore's Stubber


def stubbed(client):
    """Return a context manager in which a stubber answers the client."""
    stubber = Stubber(client)
    stubber.add_response("assume_role_with_saml", {"Issuer": "the stub"})
    return stubber


def test_a_stubber_on_a_client_wins_for_that_client(parameters):
    client = new_client()
    with stubbed(client):
        assert client.assume_role_with_saml(**parameters)["Issuer"] == "the stub"


def test_a_stubber_activated_before_the_first_mock_wins(never_installed):
    client = new_client()
    with stubbed(client), mock_sts_saml():
        assert who_answers(client) == "the stub"


def test_a_stubber_on_a_client_does_not_concern_another(logs_in):
    with stubbed(new_client()):
        assert logs_in(new_client())


def test_a_client_is_answered_again_after_its_stubber(logs_in):
    client = new_client()
    with stubbed(client):
        pass
    assert logs_in(client)


# --- beside moto


@pytest.fixture(params=["moto around ours", "ours around moto"])
def moto_and_ours(request):
    """Both mocks, in each nesting order."""
    moto, ours = mock_aws(), mock_sts_saml()
    outer, inner = (moto, ours) if request.param == "moto around ours" else (ours, moto)
    with outer, inner:
        yield


def test_beside_moto_the_login_is_answered_by_the_mock(moto_and_ours, logs_in, sts):
    client = new_client()
    assert logs_in(client)
    sts.disable_region("us-east-1")  # moto knows nothing of that
    with pytest.raises(client.exceptions.RegionDisabledException):
        logs_in(client)


def test_beside_moto_a_login_that_moto_would_accept_is_refused(moto_and_ours, parameters):
    client = new_client()
    with pytest.raises(client.exceptions.InvalidIdentityTokenException):
        client.assume_role_with_saml(**parameters | {"SAMLAssertion": "PD94bWw="})


def test_beside_the_mock_moto_answers_iam(moto_and_ours):
    iam = boto3.Session().client("iam")
    iam.create_role(RoleName="OfMoto", AssumeRolePolicyDocument="{}")
    assert [role["RoleName"] for role in iam.list_roles()["Roles"]] == ["OfMoto"]


def test_beside_the_mock_moto_answers_s3(moto_and_ours):
    s3 = boto3.Session().client("s3", region_name="us-east-1")
    s3.create_bucket(Bucket="of-moto")
    assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["of-moto"]


def test_beside_the_mock_moto_answers_the_other_operations_of_sts(moto_and_ours, logs_in):
    client = new_client()
    assert logs_in(client)
    assert client.get_caller_identity()["Arn"] == "arn:aws:sts::123456789012:user/moto"


def test_issued_credentials_are_accepted_by_moto(moto_and_ours, sts_client, parameters):
    credentials = sts_client.assume_role_with_saml(**parameters)["Credentials"]
    s3 = boto3.Session().client(
        "s3",
        region_name="us-east-1",
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )
    assert s3.list_buckets()["Buckets"] == []


def test_an_unknown_access_key_with_an_issued_token_is_refused(moto_and_ours, sts_client, parameters):
    credentials = sts_client.assume_role_with_saml(**parameters)["Credentials"]
    s3 = identity_client("s3", aws_session_token=credentials["SessionToken"])
    with pytest.raises(ClientError, match="InvalidToken"):
        s3.list_buckets()


def test_after_the_mock_moto_answers_the_login_again(saml_signing_key):
    role, provider = "arn:aws:iam::123456789012:role/Developer", "arn:aws:iam::123456789012:saml-provider/ExampleIdP"
    unsigned = IdentityProvider(signing_key=saml_signing_key).response((role, provider), signed=None)
    with mock_aws():
        with mock_sts_saml():
            client = new_client()
        answer = client.assume_role_with_saml(RoleArn=role, PrincipalArn=provider, SAMLAssertion=unsigned)
    assert answer["AssumedRoleUser"]["Arn"] == LOGGED_IN


# --- what a caller gets


@pytest.fixture
def refused(sts_client, parameters):
    """The error of a login with some changed parameters: `refused(**parameters)`."""

    def call(**changed):
        with pytest.raises(ClientError) as caught:
            sts_client.assume_role_with_saml(**parameters | changed)
        return caught.value

    return call


def test_an_error_that_botocore_models_is_an_exception_of_the_client(sts, sts_client, refused):
    sts.advance(minutes=6)
    assert type(refused()) is sts_client.exceptions.ExpiredTokenException


def test_an_error_that_botocore_models_names_code_message_and_operation(sts, refused):
    sts.advance(minutes=6)
    assert str(refused()) == (
        "An error occurred (ExpiredTokenException) when calling the AssumeRoleWithSAML operation: "
        "Token must be redeemed within 5 minutes of issuance"
    )


def test_an_error_that_botocore_does_not_model_is_a_client_error(sts, parameters, refused):
    sts.delete_role(parameters["RoleArn"])
    assert type(refused()) is ClientError


def test_an_error_that_botocore_does_not_model_names_code_message_and_operation(sts, parameters, refused):
    sts.delete_role(parameters["RoleArn"])
    assert str(refused()) == (
        "An error occurred (AccessDenied) when calling the AssumeRoleWithSAML operation: "
        "Not authorized to perform sts:AssumeRoleWithSAML"
    )


def test_an_error_has_type_code_and_message(sts, parameters, refused):
    sts.delete_role(parameters["RoleArn"])
    assert refused().response["Error"] == {
        "Type": "Sender",
        "Code": "AccessDenied",
        "Message": "Not authorized to perform sts:AssumeRoleWithSAML",
    }


def test_a_client_of_another_session_has_exceptions_of_its_own_service(parameters):
    client = bare_client()
    with pytest.raises(client.exceptions.InvalidIdentityTokenException):
        client.assume_role_with_saml(**parameters | {"SAMLAssertion": "PD94bWw="})


@pytest.fixture(params=["success", "error"])
def metadata(request, sts_client, parameters, refused):
    """The ResponseMetadata of an answer."""
    if request.param == "success":
        return sts_client.assume_role_with_saml(**parameters)["ResponseMetadata"]
    return refused(SAMLAssertion="PD94bWw=").response["ResponseMetadata"]


def test_response_metadata_has_the_keys_of_a_real_response(metadata):
    assert set(metadata) == {"RequestId", "HTTPStatusCode", "HTTPHeaders", "RetryAttempts"}


def test_the_request_id_is_a_lower_case_uuid(metadata):
    assert LOWER_CASE_UUID.fullmatch(metadata["RequestId"])


def test_the_request_id_is_that_of_its_header(metadata):
    assert metadata["HTTPHeaders"]["x-amzn-requestid"] == metadata["RequestId"]


def test_the_http_headers_are_those_of_a_real_response(metadata):
    ids = {"x-amzn-requestid", "x-amz-sts-extended-request-id"}
    assert set(metadata["HTTPHeaders"]) == ids | {"content-type", "content-length", "date"}


def test_the_http_headers_are_a_plain_dictionary(metadata):
    assert type(metadata["HTTPHeaders"]) is dict


def test_the_response_counts_no_retries(metadata):
    assert metadata["RetryAttempts"] == 0


def test_the_status_of_a_success_is_200(sts_client, parameters):
    assert sts_client.assume_role_with_saml(**parameters)["ResponseMetadata"]["HTTPStatusCode"] == 200


@pytest.mark.parametrize(("spoil", "status"), [("role", 403), ("response", 400)])
def test_the_status_of_an_error_is_that_of_aws(sts, parameters, refused, spoil, status):
    if spoil == "role":
        sts.delete_role(parameters["RoleArn"])
    error = refused(**{"SAMLAssertion": "PD94bWw="} if spoil == "response" else {})
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == status


def test_no_two_calls_have_the_same_request_id(sts_client, parameters):
    ids = [sts_client.assume_role_with_saml(**parameters)["ResponseMetadata"]["RequestId"] for _ in range(3)]
    assert len(set(ids)) == 3


def test_the_handlers_of_after_call_see_what_the_caller_gets(parameters):
    client = new_client()
    seen = []
    client.meta.events.register("after-call.sts", lambda http_response, **_: seen.append(http_response.status_code))
    client.assume_role_with_saml(**parameters)
    assert seen == [200]


@pytest.fixture(params=["nothing", "time", "role"])
def wire(request, sts, parameters):
    """The HTTP response to a login that is accepted, too late, or for a role that does not exist."""
    if request.param == "time":
        sts.advance(minutes=6)
    if request.param == "role":
        sts.delete_role(parameters["RoleArn"])
    return response_to({"Action": "AssumeRoleWithSAML", "Version": "2011-06-15", **parameters})


def test_an_answer_reads_as_if_it_had_come_over_the_network(wire, parameters):
    with answered_by(lambda _: wire):
        ours = outcome(new_client(), parameters)
    with switched_off():
        assert outcome(wired_to(new_client(), wire.status, wire.headers, wire.body), parameters) == ours


def test_an_answer_when_the_request_is_sent_reads_as_one_at_once(wire, parameters):
    with answered_by(lambda _: wire):
        at_once = outcome(new_client(), parameters)
    with answered_by(lambda request: wire if request.stage is Stage.SENT else Stage.SENT):
        assert outcome(new_client(), parameters) == at_once


@pytest.mark.parametrize(
    ("operation", "asked"),
    [("GetCallerIdentity", {}), ("AssumeRole", {"RoleArn": DEPLOYER, "RoleSessionName": "deploy"})],
)
@pytest.mark.parametrize("hours", [0, 1], ids=["accepted", "expired"])
def test_an_answer_to_a_session_reads_as_if_it_had_come_over_the_network(
    sts, sts_client, parameters, *, operation, asked, hours
):
    principal = {"AWS": parameters["RoleArn"]}
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    sts.create_role("Deployer", trust_policy={"Version": "2012-10-17", "Statement": statement})
    sts_client.assume_role_with_saml(**parameters)
    [session] = sts.sessions
    sts.advance(hours=hours)
    form = {"Action": operation, "Version": "2011-06-15", **asked}
    wire = response_to(form, session)
    assert wire.status == (403 if hours else 200)
    client = new_client(**session.boto3_kwargs())
    with answered_by(lambda request: Stage.SIGNED if request.stage is Stage.CALLED else wire):
        ours = outcome(client, asked, operation)
    with switched_off():
        assert outcome(wired_to(client, wire.status, wire.headers, wire.body), asked, operation) == ours


def outcome(client, parameters, operation="AssumeRoleWithSAML"):
    """Return the response, or the name and the response of the exception."""
    try:
        return getattr(client, xform_name(operation))(**parameters)
    except ClientError as error:
        return type(error).__name__, error.response


def test_a_response_survives_deepcopy(sts_client, parameters):
    response = sts_client.assume_role_with_saml(**parameters)
    assert copy.deepcopy(response) == response


def test_a_response_survives_json_when_its_time_is_written_out(sts_client, parameters):
    response = sts_client.assume_role_with_saml(**parameters)
    text = json.dumps(response, default=dt.datetime.isoformat)
    response["Credentials"]["Expiration"] = response["Credentials"]["Expiration"].isoformat()
    assert json.loads(text) == response


def test_the_response_of_an_error_survives_deepcopy(refused):
    response = refused(SAMLAssertion="PD94bWw=").response
    assert copy.deepcopy(response) == response


def test_the_response_of_an_error_survives_json(refused):
    response = refused(SAMLAssertion="PD94bWw=").response
    assert json.loads(json.dumps(response)) == response


# --- the same response again


def test_the_same_response_can_be_used_again(sts_client, parameters):
    first = sts_client.assume_role_with_saml(**parameters)["Credentials"]["AccessKeyId"]
    assert sts_client.assume_role_with_saml(**parameters)["Credentials"]["AccessKeyId"] != first


@pytest.mark.parametrize("client_of_a_thread", ["shared", "own"])
def test_the_same_response_can_be_used_by_several_threads_at_once(sts_client, parameters, client_of_a_thread):
    all_threads_are_here = threading.Barrier(8, timeout=60)

    def access_key_id(_):
        client = sts_client if client_of_a_thread == "shared" else new_client()
        all_threads_are_here.wait()
        return client.assume_role_with_saml(**parameters)["Credentials"]["AccessKeyId"]

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(access_key_id, range(8)))) == 8


def test_the_body_of_an_awaited_response_is_awaited() -> None:
    body = AwaitedBody(Response(200, {}, "", write=lambda: "<a/>"))
    assert asyncio.run(body.read()) == b"<a/>"
