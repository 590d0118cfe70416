"""Without the plugin, and without pytest."""

import os
import subprocess
import sys

import pytest
from inner_runs import Result
from neighbours.runs import beside


def without_the_plugin(body: str) -> pytest.MarkDecorator:
    return pytest.mark.inner(beside(body, "--strict-markers", ours=False))


@without_the_plugin("def test_it(sts_saml): pass")
def test_without_the_plugin_the_fixtures_are_gone(inner: Result) -> None:
    assert inner.outcomes == {"errors": 1}
    assert "fixture 'sts_saml' not found" in inner.errors[0]


@without_the_plugin("@pytest.mark.stssaml\ndef test_it(): pass")
def test_without_the_plugin_its_marker_is_unknown(inner: Result) -> None:
    assert inner.outcomes == {"errors": 1}
    assert "'stssaml' not found in `markers` configuration option" in inner.errors[0]


@without_the_plugin("""
@mock_sts_saml
def test_function(): assert sts_is_ours()

class TestMethod:
    @mock_sts_saml
    def test_it(self): assert sts_is_ours()

def test_context_manager():
    with mock_sts_saml(now="2030-01-01"):
        assert sts_is_ours()

@pytest.fixture
@mock_sts_saml
def aws(): yield

def test_fixture(aws): assert sts_is_ours()

@mock_sts_saml
class TestCase(unittest.TestCase):
    def test_first(self): assert sts_is_ours()
    def test_second(self): assert sts_is_ours()
""")
def test_without_the_plugin_the_mock_works(inner: Result) -> None:
    assert inner.outcomes == {"passed": 6}


TEST_CASES = """
import os
import sys
import unittest

import boto3
from botocore.exceptions import ClientError

from pytest_stssaml import IdentityProvider, active_backend, make_signing_key, mock_sts_saml

KEY = make_signing_key("ec")

client = boto3.Session().client("sts", region_name="us-east-1")

def log_in(**said):
    idp = IdentityProvider(signing_key=KEY)
    provider = active_backend().create_saml_provider("Okta", idp)
    role = active_backend().create_role("Developer")
    try:
        return client.assume_role_with_saml(
            RoleArn=role.arn, PrincipalArn=provider.arn, SAMLAssertion=idp.response(role, **said)
        )
    finally:
        active_backend().delete_role(role)
        active_backend().delete_saml_provider(provider)

@mock_sts_saml
class Login(unittest.TestCase):
    def setUp(self):
        active_backend()
        self.addCleanup(active_backend)

    def tearDown(self):
        active_backend()

    def test_accepted(self):
        self.assertEqual(log_in()["Subject"], "alice@example.com")

    def test_refused(self):
        with self.assertRaises(ClientError) as caught:
            log_in(audience="urn:example")
        self.assertEqual(caught.exception.response["Error"]["Code"], "InvalidIdentityToken")

    def test_sub_tests(self):
        for said in ({"audience": "urn:example"}, {"issuer": "urn:example"}, {"signed": None}):
            with self.subTest(said=said), self.assertRaises(ClientError):
                log_in(**said)

    @unittest.skip("on purpose")
    def test_skipped(self):
        raise AssertionError

    @unittest.expectedFailure
    def test_failing_as_expected(self):
        log_in(signed=None)

    def test_failing(self):
        self.assertEqual(log_in()["Subject"], "bob@example.com")

    def test_in_error(self):
        log_in(issuer="urn:example")

@mock_sts_saml
class AsyncLogin(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        active_backend()

    async def test_accepted(self):
        self.assertEqual(log_in()["Subject"], "alice@example.com")

class Methods(unittest.TestCase):
    @mock_sts_saml
    def test_decorated(self):
        self.assertEqual(log_in()["Subject"], "alice@example.com")

    def test_entered(self):
        self.enterContext(mock_sts_saml(now="2030-01-01"))
        self.assertEqual(log_in()["Credentials"]["Expiration"].isoformat(), "2030-01-01T01:00:00+00:00")

    def test_nothing_is_left(self):
        self.assertRaises(LookupError, active_backend)

class Alone(unittest.TestCase):
    @unittest.skipIf("PYTEST_CURRENT_TEST" in os.environ, "pytest runs this")
    def test_pytest_is_not_loaded(self):
        self.assertNotIn("pytest", sys.modules)
"""


def unittest(pytester: pytest.Pytester, *arguments: str) -> str:
    """Return the last line of `python -m unittest`, with warnings as errors."""
    pytester.makepyfile(test_cases=TEST_CASES)
    ours = ("PYTEST_CURRENT_TEST", "PYTHONSAFEPATH")
    environment = {name: value for name, value in os.environ.items() if name not in ours}
    command = [sys.executable, "-W", "error", "-m", "unittest", *arguments]
    finished = subprocess.run(  # noqa: S603
        command, cwd=pytester.path, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    return finished.stderr.splitlines()[-1]


@pytest.mark.parametrize("arguments", ["test_cases", "discover --buffer"])
def test_unittest_runs_test_cases_without_pytest(pytester: pytest.Pytester, arguments: str) -> None:
    assert unittest(pytester, *arguments.split()) == "FAILED (failures=1, errors=1, skipped=1, expected failures=1)"


@pytest.mark.inner(beside(TEST_CASES))
def test_pytest_judges_them_as_unittest_does(inner: Result) -> None:
    assert inner.outcomes == {"passed": 7, "failed": 2, "skipped": 2, "xfailed": 1}
