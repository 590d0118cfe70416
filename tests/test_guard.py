import re
from typing import Any

import pytest
from inner_runs import InnerModule, Result
from network import reaches_the_network

MESSAGE = (
    "AssumeRoleWithSAML was called outside of mock_sts_saml, and stssaml_guard is on; use the fixture sts_saml, "
    "decorate the test with @mock_sts_saml, or write `with mock_sts_saml() as sts:`"
)
FAILED = [f"RuntimeError: {MESSAGE}"]

HEADER = """
import unittest
from concurrent.futures import ThreadPoolExecutor

import inner_runs
import pytest
from botocore.stub import Stubber
from inner_runs import KEY, saml_signing_key
from network import LOGIN, log_in, new_client, new_networked_client
from wire import shared_session

from pytest_stssaml import IdentityProvider, active_backend, mock_sts_saml


def is_accepted():
    idp = IdentityProvider(signing_key=KEY)
    provider = active_backend().create_saml_provider("Okta", idp)
    role = active_backend().create_role("Admin")
    inner_runs.log_in(idp.response(role), role, provider)
"""

GUARDED = "stssaml_guard = true"
OUTSIDE = "def test_it(): log_in()"


def guarded(body: str, *arguments: str) -> pytest.MarkDecorator:
    """Mark a test with the inner module that it looks at, which runs with the guard."""
    return pytest.mark.inner(InnerModule(HEADER + body, arguments, GUARDED))


def row(body: str, *values: Any, id: str, ini: str = GUARDED) -> Any:  # noqa: A002 - as in pytest.param
    """Return a row of a table of inner modules, which run with the guard."""
    return pytest.param(InnerModule(HEADER + body, ini=ini), *values, id=id)


@pytest.mark.parametrize(
    "inner",
    [
        row(OUTSIDE, id="a test"),
        row("def test_it(): log_in(new_client())", id="a test without a network"),
        row("class TestIt(unittest.TestCase):\n    def test_it(self): log_in()", id="TestCase without the decorator"),
        row("def test_it():\n    with mock_sts_saml(): pass\n    log_in()", id="after a mock"),
        row(
            "def test_it():\n    with ThreadPoolExecutor() as pool: pool.submit(log_in).result()",
            id="a thread",
        ),
    ],
    indirect=True,
)
def test_a_call_outside_of_any_mock_fails_and_says_what_to_write(inner: Result) -> None:
    assert (inner.outcomes, inner.errors) == ({"failed": 1}, FAILED)


@guarded(
    "@mock_sts_saml\ndef test_it(): pass\nearly = new_networked_client()\ndef test_it_later(): log_in(early)",
)
def test_a_call_of_an_early_client_outside_of_any_mock_fails(inner: Result) -> None:
    assert (inner.outcomes, inner.errors) == ({"passed": 1, "failed": 1}, FAILED)


@guarded("@pytest.fixture\ndef logged_in(): log_in()\ndef test_it(logged_in): pass")
def test_a_call_in_the_setup_of_a_test_fails(inner: Result) -> None:
    assert (inner.outcomes, inner.errors) == ({"errors": 1}, FAILED)


def catching(caught: str) -> str:
    return f"""
def main():
    try:
        log_in()
    {caught}:
        return 1

def test_it(): assert main() == 1
def test_another(): pass
"""


@pytest.mark.parametrize(
    "inner",
    [
        row(catching("except Exception"), id="except Exception"),
        row(catching("except BaseException"), id="except BaseException"),
        row(catching("except"), id="except"),
    ],
    indirect=True,
)
def test_a_tool_that_catches_every_exception_does_not_hide_it(inner: Result) -> None:
    assert (inner.outcomes, inner.errors) == ({"failed": 1, "passed": 1}, FAILED)


@guarded("""
def test_it():
    with ThreadPoolExecutor() as pool: pool.submit(log_in)
""")
def test_a_worker_whose_result_is_not_read_does_not_hide_it(inner: Result) -> None:
    assert (inner.outcomes, inner.errors) == ({"failed": 1}, FAILED)


def catching_in(function: str) -> str:
    return f"""
def {function}():
    with pytest.raises(RuntimeError): log_in()

def test_it(): pass
"""


@pytest.mark.parametrize(
    ("inner", "outcomes"),
    [
        row(catching_in("setup_function"), {"errors": 1}, id="setup_function"),
        row(catching_in("teardown_function"), {"passed": 1, "errors": 1}, id="teardown_function"),
    ],
    indirect=["inner"],
)
def test_a_fixture_that_catches_every_exception_does_not_hide_it(inner: Result, outcomes: dict[str, int]) -> None:
    assert (inner.outcomes, inner.errors) == (outcomes, FAILED)


@guarded("@pytest.mark.xfail\ndef test_it(): log_in()")
def test_a_test_that_is_expected_to_fail_may_fail_by_it(inner: Result) -> None:
    assert inner.outcomes == {"xfailed": 1}


@guarded("""
def test_it():
    client, sent = new_client(), []
    client.meta.events.register("before-send.sts", lambda **_: sent.append(1))
    with pytest.raises(RuntimeError) as caught:
        log_in(client)
    assert (sent, caught.value.__cause__, caught.value.__context__) == ([], None, None)
""")
def test_it_fails_at_once(inner: Result) -> None:
    assert inner.errors == FAILED


@guarded(f"{OUTSIDE}\n@mock_sts_saml\ndef test_then(): is_accepted()")
def test_a_mock_can_begin_after_such_a_failure(inner: Result) -> None:
    assert inner.outcomes == {"failed": 1, "passed": 1}


@pytest.mark.parametrize(
    "inner",
    [
        row("def test_it(sts_saml): is_accepted()", id="fixture"),
        row("@mock_sts_saml\ndef test_it(): is_accepted()", id="decorator"),
        row("def test_it():\n    with mock_sts_saml(): is_accepted()", id="with"),
        row("@mock_sts_saml\nclass TestIt(unittest.TestCase):\n    def test_it(self): is_accepted()", id="TestCase"),
        row("@mock_sts_saml\nclass TestIt:\n    def test_it(self): is_accepted()", id="plain class"),
    ],
    indirect=True,
)
def test_a_call_inside_a_mock_is_answered(inner: Result) -> None:
    assert inner.outcomes == {"passed": 1}


@guarded("""
def test_it():
    client = new_client()
    with Stubber(client) as stubber:
        stubber.add_response("assume_role_with_saml", {"Issuer": "the stubber"})
        assert log_in(client)["Issuer"] == "the stubber"
""")
def test_a_client_with_a_stubber_is_answered_by_it(inner: Result) -> None:
    assert inner.outcomes == {"passed": 1}


@guarded("""
def test_it():
    body = LOGIN.replace("AssumeRoleWithSAML", "GetCallerIdentity")
    client = new_networked_client(body, aws_access_key_id="a", aws_secret_access_key="b")
    assert client.get_caller_identity()["ResponseMetadata"]["HTTPStatusCode"] == 200
""")
def test_other_operations_of_sts_fail_too(inner: Result) -> None:
    message = MESSAGE.replace("AssumeRoleWithSAML", "GetCallerIdentity")
    assert (inner.outcomes, inner.errors) == ({"failed": 1}, [f"RuntimeError: {message}"])


CREDENTIALS = """
def test_first(sts_saml, saml_idp):
    role = sts_saml.create_role("Developer")
    inner_runs.log_in(saml_idp.response(role), role, saml_idp.provider)
    test_first.keys = sts_saml.sessions[-1].boto3_kwargs()

def client_of(service):
    client = shared_session().client(service, region_name="us-east-1", **test_first.keys)
    client.meta.events.register(f"before-send.{service}", lambda **_: pytest.fail("the network"))
    return client
"""


@pytest.mark.parametrize(
    ("inner", "called"),
    [
        row(
            f"{CREDENTIALS}def test_it(): client_of('sts').get_caller_identity()",
            "sts GetCallerIdentity",
            id="without a mock",
        ),
        row(
            f"{CREDENTIALS}def test_it(sts_saml): client_of('sts').get_caller_identity()",
            "sts GetCallerIdentity",
            id="in another mock",
        ),
        row(f"{CREDENTIALS}def test_it(): client_of('iam').list_roles()", "iam ListRoles", id="another service"),
    ],
    indirect=["inner"],
)
def test_credentials_of_a_mock_that_has_ended_fail_and_name_the_test(inner: Result, called: str) -> None:
    assert inner.outcomes == {"passed": 1, "failed": 1}
    (error,) = inner.errors
    assert re.sub(r" in \S+::", " in test_it.py::", error) == (
        f"RuntimeError: {called} was called with credentials that mock_sts_saml issued in test_it.py::test_first, and "
        "stssaml_guard is on; that mock has ended, so log in again within the mock that is active when the call is made"
    )


ANOTHER_SERVICE = """
def test_it(sts_saml, saml_idp):
    test_first(sts_saml, saml_idp)
    client_of("iam").list_roles()
"""


@guarded(CREDENTIALS + ANOTHER_SERVICE)
def test_credentials_of_the_active_mock_fail_where_nothing_answers_the_service(inner: Result) -> None:
    assert inner.outcomes == {"passed": 1, "failed": 1}
    (error,) = inner.errors
    assert re.sub(r" in \S+::", " in test_it.py::", error) == (
        "RuntimeError: iam ListRoles was called with credentials that mock_sts_saml issued in test_it.py::test_it, and "
        "stssaml_guard is on; nothing answers iam in this process, so use moto's mock_aws or botocore's Stubber"
    )


@guarded(
    CREDENTIALS
    + """
def test_it(sts_saml, saml_idp):
    import boto3
    from moto import mock_aws
    with mock_aws():
        test_first(sts_saml, saml_idp)
        session = boto3.Session()  # moto sees no session that is older than its import
        client = session.client("iam", region_name="us-east-1", **test_first.keys)
        assert client.list_roles()["ResponseMetadata"]["HTTPStatusCode"] == 200
"""
)
def test_what_moto_answers_passes(inner: Result) -> None:
    assert (inner.outcomes, inner.errors) == ({"passed": 2}, [])


@guarded("""
def test_it():
    client = new_networked_client(
        LOGIN.replace("AssumeRoleWithSAML", "GetCallerIdentity"),
        aws_access_key_id="a", aws_secret_access_key="b", endpoint_url="http://localhost:4566",
    )
    assert client.get_caller_identity()["ResponseMetadata"]["HTTPStatusCode"] == 200
""")
def test_another_endpoint_than_those_of_aws_passes(inner: Result) -> None:
    assert inner.outcomes == {"passed": 1}


@pytest.mark.inner(InnerModule(HEADER + OUTSIDE, ("--stssaml-guard",)))
def test_it_has_an_option_of_the_command_line(inner: Result) -> None:
    assert inner.errors == FAILED


IS_THE_NETWORK = "def test_it(): assert log_in()['Issuer'] == 'the network'"


@pytest.mark.parametrize(
    "inner",
    [
        row(IS_THE_NETWORK, id="without it", ini=""),
        row(IS_THE_NETWORK, id="false", ini="stssaml_guard = false"),
    ],
    indirect=True,
)
def test_without_the_option_a_call_passes_on_to_the_network(inner: Result) -> None:
    assert inner.outcomes == {"passed": 1}


@pytest.mark.inner(InnerModule(HEADER + OUTSIDE, ("-o", "stssaml_guard=true")))
def test_it_can_be_switched_on_on_the_command_line(inner: Result) -> None:
    assert inner.errors == FAILED


@guarded(OUTSIDE, "-o", "stssaml_guard=false")
def test_it_can_be_switched_off_on_the_command_line(inner: Result) -> None:
    assert inner.outcomes == {"passed": 1}


def run_with_the_guard(pytester: pytest.Pytester, body: str) -> pytest.RunResult:
    pytester.makeini(f"[pytest]\n{GUARDED}")
    pytester.makepyfile(test_it=HEADER + body)
    return pytester.runpytest("-p", "no:cacheprovider", "-p", "no:hypothesispytest")


def test_it_is_off_again_after_the_run(pytester: pytest.Pytester) -> None:
    run_with_the_guard(pytester, OUTSIDE).assert_outcomes(failed=1)
    assert reaches_the_network()


def test_it_is_off_again_after_a_run_that_collects_nothing(pytester: pytest.Pytester) -> None:
    assert run_with_the_guard(pytester, "import no_such_module").ret == pytest.ExitCode.INTERRUPTED
    assert reaches_the_network()


def running_pytest(option: str) -> str:
    return f"""
pytest_plugins = ["pytester"]

def test_outer(pytester):
    pytester.makeini("[pytest]\\nstssaml_guard = {option}")
    pytester.makepyfile("def test_inner(): pass")
    pytester.runpytest("-p", "no:cacheprovider").assert_outcomes(passed=1)
    with pytest.raises(RuntimeError, match="outside of mock_sts_saml"):
        log_in()
"""


@pytest.mark.parametrize(
    "inner",
    [row(running_pytest("true"), id="true"), row(running_pytest("false"), id="false")],
    indirect=True,
)
def test_it_stays_on_after_a_run_within_the_run(inner: Result) -> None:
    assert inner.errors == FAILED


def test_its_help_is_shown(pytester: pytest.Pytester) -> None:
    lines = pytester.runpytest("--help").outlines
    first = next(number for number, line in enumerate(lines) if line.strip().startswith("stssaml_guard"))
    text = " ".join(line.strip() for line in lines[first : first + 4]).split()
    assert " ".join(text).startswith(
        "stssaml_guard (bool): Fail when STS is called outside of mock_sts_saml, or another service with credentials "
        "that a mock issued, instead of calling AWS."
    )


LOADED = """
import sys

def pytest_collection_finish(session):
    print("loaded:", [name for name in ("botocore", "lxml", "signxml", "wrapt") if name in sys.modules])
"""

# No mock of this process has installed what the guard needs.
FIRST_CALL = """
def test_it():
    import boto3
    sts = boto3.Session().client("sts", region_name="us-east-1")
    sts.assume_role_with_saml(RoleArn="r" * 20, PrincipalArn="p" * 20, SAMLAssertion="PD94bWw=")
"""


# test_plugin.py has the start without the option.
@pytest.mark.slow
@pytest.mark.parametrize(
    ("option", "loaded", "test", "outcome"),
    [
        pytest.param("false", "loaded: []", "def test_it(): pass", "passed", id="false"),
        pytest.param("true", "loaded: ['botocore']", FIRST_CALL, "failed", id="true"),
    ],
)
def test_pytest_imports_botocore_when_it_starts_if_the_option_is_true(
    pytester: pytest.Pytester, option: str, loaded: str, test: str, outcome: str
) -> None:
    pytester.makeini(f"[pytest]\nstssaml_guard = {option}")
    pytester.makeconftest(LOADED)
    pytester.makepyfile(test)
    result = pytester.runpytest_subprocess("-q", "-s", "-p", "no:hypothesispytest")
    assert loaded in result.outlines
    assert result.parseoutcomes() == {outcome: 1}
    assert (f"E   RuntimeError: {MESSAGE}" in [re.sub("^E +", "E   ", line) for line in result.outlines]) is (
        outcome == "failed"
    )
