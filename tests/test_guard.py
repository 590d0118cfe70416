import freezegun  # noqa: F401 - pytester would load it anew in each run
import pytest

MESSAGE = (
    "AssumeRoleWithSAML was called outside of mock_sts_saml, and stssaml_guard is on; use the fixture sts_saml, "
    "decorate the test with @mock_sts_saml, or write `with mock_sts_saml() as sts:`"
)

IMPORTS = '''
import unittest

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.stub import Stubber
from pytest_stssaml import IdentityProvider, active_backend, interceptor, mock_sts_saml

PARAMETERS = {
    "RoleArn": "arn:aws:iam::123456789012:role/Developer",
    "PrincipalArn": "arn:aws:iam::123456789012:saml-provider/ExampleIdP",
    "SAMLAssertion": "PD94bWw=",
}

NETWORK = """
<AssumeRoleWithSAMLResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithSAMLResult><Issuer>the network</Issuer></AssumeRoleWithSAMLResult>
  <ResponseMetadata><RequestId>1</RequestId></ResponseMetadata>
</AssumeRoleWithSAMLResponse>"""


def new_client():
    return boto3.Session().client("sts", region_name="us-east-1")


def wired():
    """A client with an answer in place of its network."""
    client = new_client()
    body = interceptor._Body(NETWORK.encode())
    client.meta.events.register("before-send.sts", lambda request, **_: AWSResponse(request.url, 200, {}, body))
    return client


def log_in(client=None):
    return (client or wired()).assume_role_with_saml(**PARAMETERS)


def is_accepted():
    idp = IdentityProvider()
    provider = active_backend().create_saml_provider("Okta", idp)
    role = active_backend().create_role("Admin")
    response = idp.response(role)
    new_client().assume_role_with_saml(RoleArn=role.arn, PrincipalArn=provider.arn, SAMLAssertion=response)
'''

OUTSIDE = "def test_it(): log_in()"


@pytest.fixture
def guarded(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makeini("[pytest]\nstssaml_guard = true")
    return pytester


def run(pytester: pytest.Pytester, body: str, *arguments: str) -> pytest.RunResult:
    pytester.makepyfile(test_it=IMPORTS + body)
    return pytester.runpytest("-p", "no:cacheprovider", *arguments)


def errors_of(result: pytest.RunResult) -> list[str]:
    return [line[1:].strip() for line in result.outlines if line.startswith("E  ")]


def reaches_the_network() -> bool:
    """Whether a call of this process passes."""
    inner: dict[str, object] = {}
    exec(IMPORTS, inner)  # noqa: S102 - what the inner tests do, here
    log_in = inner["log_in"]
    assert callable(log_in)
    return bool(log_in()["Issuer"] == "the network")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(OUTSIDE, id="a test"),
        pytest.param("def test_it(): log_in(new_client())", id="a test whose client has no answer"),
        pytest.param(
            "class TestIt(unittest.TestCase):\n    def test_it(self): log_in()", id="TestCase without the decorator"
        ),
        pytest.param("def test_it():\n    with mock_sts_saml(): pass\n    log_in()", id="after a mock"),
        pytest.param(
            "@mock_sts_saml\ndef test_it():\n    pass\nlater = wired()\ndef test_later(): log_in(later)",
            id="an early client",
        ),
        pytest.param(
            "from concurrent.futures import ThreadPoolExecutor\n"
            "def test_it():\n"
            "    with ThreadPoolExecutor() as pool: pool.submit(log_in).result()",
            id="a thread",
        ),
    ],
)
def test_a_call_outside_of_any_mock_fails_and_says_what_to_write(guarded: pytest.Pytester, body: str) -> None:
    result = run(guarded, body)
    assert result.parseoutcomes()["failed"] == 1
    assert errors_of(result) == [f"RuntimeError: {MESSAGE}"]


def test_a_call_in_the_setup_of_a_test_fails(guarded: pytest.Pytester) -> None:
    result = run(guarded, "@pytest.fixture\ndef logged_in(): log_in()\ndef test_it(logged_in): pass")
    result.assert_outcomes(errors=1)
    assert errors_of(result) == [f"RuntimeError: {MESSAGE}"]


@pytest.mark.parametrize("caught", ["except Exception", "except BaseException", "except"])
def test_a_tool_that_catches_every_exception_does_not_hide_it(guarded: pytest.Pytester, caught: str) -> None:
    body = f"""
def main():
    try:
        log_in()
    {caught}:
        return 1

def test_it(): assert main() == 1
def test_another(): pass
"""
    result = run(guarded, body)
    result.assert_outcomes(failed=1, passed=1)
    assert errors_of(result) == [f"RuntimeError: {MESSAGE}"]


def test_a_worker_whose_result_nobody_asks_for_does_not_hide_it(guarded: pytest.Pytester) -> None:
    body = """
from concurrent.futures import ThreadPoolExecutor
def test_it():
    with ThreadPoolExecutor() as pool: pool.submit(log_in)
"""
    result = run(guarded, body)
    result.assert_outcomes(failed=1)
    assert errors_of(result) == [f"RuntimeError: {MESSAGE}"]


@pytest.mark.parametrize("when", ["setup_function", "teardown_function"])
def test_a_fixture_that_catches_every_exception_does_not_hide_it(guarded: pytest.Pytester, when: str) -> None:
    body = f"""
def {when}():
    with pytest.raises(RuntimeError): log_in()

def test_it(): pass
"""
    result = run(guarded, body)
    result.assert_outcomes(errors=1, passed=when == "teardown_function")
    assert errors_of(result) == [f"RuntimeError: {MESSAGE}"]


def test_a_test_that_is_expected_to_fail_by_it_is_no_failure(guarded: pytest.Pytester) -> None:
    run(guarded, "@pytest.mark.xfail\ndef test_it(): log_in()").assert_outcomes(xfailed=1)


def test_it_fails_at_once(guarded: pytest.Pytester) -> None:
    body = """
def test_it():
    client, sent = new_client(), []
    client.meta.events.register("before-send.sts", lambda **_: sent.append(1))
    with pytest.raises(RuntimeError) as caught:
        log_in(client)
    assert (sent, caught.value.__cause__, caught.value.__context__) == ([], None, None)
"""
    assert errors_of(run(guarded, body)) == [f"RuntimeError: {MESSAGE}"]


def test_a_mock_may_still_be_begun_after_such_a_failure(guarded: pytest.Pytester) -> None:
    run(guarded, f"{OUTSIDE}\n@mock_sts_saml\ndef test_then(): is_accepted()").assert_outcomes(passed=1, failed=1)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("def test_it(sts_saml): is_accepted()", id="fixture"),
        pytest.param("@mock_sts_saml\ndef test_it(): is_accepted()", id="decorator"),
        pytest.param("def test_it():\n    with mock_sts_saml(): is_accepted()", id="with"),
        pytest.param(
            "@mock_sts_saml\nclass TestIt(unittest.TestCase):\n    def test_it(self): is_accepted()", id="TestCase"
        ),
        pytest.param("@mock_sts_saml\nclass TestIt:\n    def test_it(self): is_accepted()", id="plain class"),
    ],
)
def test_a_call_inside_a_mock_is_answered(guarded: pytest.Pytester, body: str) -> None:
    run(guarded, body).assert_outcomes(passed=1)


def test_a_client_with_a_stubber_is_answered_by_it(guarded: pytest.Pytester) -> None:
    body = """
def test_it():
    client = new_client()
    with Stubber(client) as stubber:
        stubber.add_response("assume_role_with_saml", {"Issuer": "the stubber"})
        assert log_in(client)["Issuer"] == "the stubber"
"""
    run(guarded, body).assert_outcomes(passed=1)


def test_other_operations_pass(guarded: pytest.Pytester) -> None:
    body = """
def test_it():
    client = boto3.Session(aws_access_key_id="a", aws_secret_access_key="b").client("sts", region_name="us-east-1")
    body = interceptor._Body(NETWORK.replace("AssumeRoleWithSAML", "GetCallerIdentity").encode())
    client.meta.events.register("before-send.sts", lambda request, **_: AWSResponse(request.url, 200, {}, body))
    assert client.get_caller_identity()["ResponseMetadata"]["HTTPStatusCode"] == 200
"""
    run(guarded, body).assert_outcomes(passed=1)


@pytest.mark.parametrize("ini", ["", "[pytest]\nstssaml_guard = false"], ids=["without it", "false"])
def test_without_the_option_a_call_passes_on_to_the_network(pytester: pytest.Pytester, ini: str) -> None:
    pytester.makeini(ini)
    run(pytester, "def test_it(): assert log_in()['Issuer'] == 'the network'").assert_outcomes(passed=1)


def test_it_can_be_switched_on_on_the_command_line(pytester: pytest.Pytester) -> None:
    assert errors_of(run(pytester, OUTSIDE, "-o", "stssaml_guard=true")) == [f"RuntimeError: {MESSAGE}"]


def test_it_can_be_switched_off_on_the_command_line(guarded: pytest.Pytester) -> None:
    run(guarded, OUTSIDE, "-o", "stssaml_guard=false").assert_outcomes(passed=1)


def test_it_is_off_again_after_the_run(guarded: pytest.Pytester) -> None:
    run(guarded, OUTSIDE).assert_outcomes(failed=1)
    assert reaches_the_network()


def test_it_is_off_again_after_a_run_that_collects_nothing(guarded: pytest.Pytester) -> None:
    assert run(guarded, "import no_such_module").ret == pytest.ExitCode.INTERRUPTED
    assert reaches_the_network()


NESTED = """
pytest_plugins = ["pytester"]

def test_outer(pytester):
    pytester.makeini("[pytest]\\nstssaml_guard = {inner}")
    pytester.makepyfile("def test_inner(): pass")
    pytester.runpytest("-p", "no:cacheprovider").assert_outcomes(passed=1)
    with pytest.raises(RuntimeError, match="outside of mock_sts_saml"):
        log_in()
"""


@pytest.mark.parametrize("inner", ["true", "false"])
def test_it_stays_on_after_a_run_within_the_run(guarded: pytest.Pytester, inner: str) -> None:
    assert errors_of(run(guarded, NESTED.format(inner=inner))) == [f"RuntimeError: {MESSAGE}"]


def test_its_help_is_shown(pytester: pytest.Pytester) -> None:
    lines = pytester.runpytest("--help").outlines
    first = next(number for number, line in enumerate(lines) if line.strip().startswith("stssaml_guard"))
    text = " ".join(line.strip() for line in lines[first : first + 3]).split()
    assert " ".join(text).startswith(
        "stssaml_guard (bool): Let a call of AssumeRoleWithSAML outside of mock_sts_saml fail instead of reaching AWS."
    )


LOADED = """
import sys

def pytest_unconfigure(config):
    print("loaded:", [name for name in ("botocore", "lxml", "signxml", "wrapt") if name in sys.modules])
"""


@pytest.mark.parametrize(
    ("ini", "loaded"),
    [
        pytest.param("", "loaded: []", id="without it"),
        pytest.param("[pytest]\nstssaml_guard = false", "loaded: []", id="false"),
        pytest.param("[pytest]\nstssaml_guard = true", "loaded: ['botocore']", id="true"),
    ],
)
def test_the_start_of_pytest_imports_botocore_for_the_option_alone(
    pytester: pytest.Pytester, ini: str, loaded: str
) -> None:
    pytester.makeini(ini)
    pytester.makeconftest(LOADED)
    pytester.makepyfile("def test_it(): pass")
    assert loaded in pytester.runpytest_subprocess("-q", "-p", "no:hypothesispytest").outlines
