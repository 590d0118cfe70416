import re
import subprocess
import sys
from pathlib import Path

# pytester unloads what is first imported in a run of its own, to import it again in the next.
import freezegun  # noqa: F401
import pytest

import pytest_stssaml
from pytest_stssaml.parameter_names import SHAPES

IMPORTS = """
import boto3
import datetime as dt
import pytest
from pytest_stssaml import IdentityProvider, active_backend, make_signing_key, mock_sts_saml

def log_in(response, role, provider):
    sts = boto3.Session().client("sts", region_name="us-east-1")
    return sts.assume_role_with_saml(RoleArn=role.arn, PrincipalArn=provider.arn, SAMLAssertion=response)
"""


def written(pytester: pytest.Pytester, body: str) -> pytest.Pytester:
    pytester.makepyfile(test_it=IMPORTS + body)
    return pytester


def passes(pytester: pytest.Pytester, body: str, *arguments: str, passed: int = 1) -> None:
    result = written(pytester, body).runpytest("-p", "no:cacheprovider", *arguments)
    result.assert_outcomes(passed=passed)


class TestFixtures:
    def test_sts_saml_is_the_active_backend(self, pytester: pytest.Pytester) -> None:
        passes(pytester, "def test_it(sts_saml): assert active_backend() is sts_saml")

    def test_saml_idp_is_registered_as_example_idp(self, pytester: pytest.Pytester) -> None:
        passes(
            pytester,
            """
def test_it(sts_saml, saml_idp):
    assert saml_idp.provider.arn == "arn:aws:iam::123456789012:saml-provider/ExampleIdP"
""",
        )

    def test_a_login_with_them_is_accepted(self, pytester: pytest.Pytester) -> None:
        passes(
            pytester,
            """
def test_it(sts_saml, saml_idp):
    role = sts_saml.create_role("Developer")
    answer = log_in(saml_idp.response(role), role, saml_idp.provider)
    assert answer["Credentials"]["AccessKeyId"].startswith("ASIA")
""",
        )

    def test_each_test_has_an_aws_of_its_own(self, pytester: pytest.Pytester) -> None:
        passes(
            pytester,
            """
@pytest.mark.parametrize("n", range(2))
def test_it(sts_saml, saml_idp, n):
    sts_saml.create_role("Developer")
""",
            passed=2,
        )

    def test_the_mock_ends_with_the_test(self, pytester: pytest.Pytester) -> None:
        passes(
            pytester,
            """
def test_uses_it(saml_idp): pass
def test_uses_none():
    with pytest.raises(LookupError):
        active_backend()
""",
            passed=2,
        )

    def test_the_key_is_one_for_the_whole_run(self, pytester: pytest.Pytester) -> None:
        passes(
            pytester,
            """
keys = set()

@pytest.mark.parametrize("n", range(3))
def test_it(saml_idp, saml_signing_key, n):
    keys.add((saml_idp.metadata, saml_signing_key))
    assert (saml_signing_key.key_size, len(keys)) == (2048, 1)
""",
            passed=3,
        )

    def test_the_key_can_be_overridden(self, pytester: pytest.Pytester) -> None:
        passes(
            pytester,
            """
@pytest.fixture(scope="session")
def saml_signing_key():
    return make_signing_key("ec")

def test_it(saml_idp):
    assert "ecdsa-sha256" in saml_idp.response(None).xml
""",
        )

    def test_the_provider_may_be_deleted_by_the_test(self, pytester: pytest.Pytester) -> None:
        passes(pytester, "def test_it(sts_saml, saml_idp): sts_saml.delete_saml_provider(saml_idp.provider)")

    def test_fixtures_that_joined_an_outer_mock_remove_what_they_registered(self, pytester: pytest.Pytester) -> None:
        passes(
            pytester,
            """
@pytest.fixture(scope="module", autouse=True)
def outer():
    with mock_sts_saml() as sts:
        yield sts

@pytest.mark.parametrize("n", range(2))
def test_it(outer, sts_saml, saml_idp, n):
    assert sts_saml is outer

def test_what_is_left(outer, saml_signing_key):
    with pytest.raises(LookupError):
        IdentityProvider(signing_key=saml_signing_key).provider
    outer.create_saml_provider("ExampleIdP", IdentityProvider(signing_key=saml_signing_key))
""",
            passed=3,
        )

    def test_a_decorated_test_shares_the_mock_with_its_fixtures(self, pytester: pytest.Pytester) -> None:
        passes(
            pytester,
            """
@mock_sts_saml
def test_it(sts_saml, saml_idp):
    assert active_backend() is sts_saml
""",
        )

    def test_a_rejection_is_of_these_two(self, pytester: pytest.Pytester) -> None:
        passes(
            pytester,
            """
@pytest.mark.parametrize("saml_rejection", ["expired"], indirect=True)
def test_it(sts_saml, saml_idp, saml_rejection):
    assert saml_rejection.provider_arn == saml_idp.provider.arn
    sts_saml.delete_role(saml_rejection.role_arn)
""",
        )

    def test_a_shape_is_its_name(self, pytester: pytest.Pytester) -> None:
        passes(
            pytester,
            """
def test_it(saml_idp, saml_shape, request):
    assert saml_shape == request.node.callspec.id
""",
            passed=len(SHAPES),
        )

    def test_a_shape_may_be_chosen(self, pytester: pytest.Pytester) -> None:
        passes(
            pytester,
            """
@pytest.mark.parametrize("saml_shape", ["okta", "adfs"], indirect=True)
def test_it(saml_shape):
    assert saml_shape in ("okta", "adfs")
""",
            passed=2,
        )

    def test_a_shape_of_ones_own_replaces_ours(self, pytester: pytest.Pytester) -> None:
        passes(
            pytester,
            """
@pytest.fixture
def saml_shape():
    return "okta"

def test_it(saml_shape):
    assert saml_shape == "okta"
""",
        )

    def test_another_shape_is_an_error_of_the_test(self, pytester: pytest.Pytester) -> None:
        body = "@pytest.mark.parametrize('saml_shape', ['otka'], indirect=True)\ndef test_it(saml_shape): pass"
        result = written(pytester, body).runpytest()
        result.assert_outcomes(errors=1)
        assert f"ValueError: saml_shape is one of {', '.join(SHAPES)}, not 'otka'" in [
            re.sub("^E +", "", line) for line in result.outlines
        ]

    def test_within_an_outer_mock_errors_ordered_by_a_test_end_with_it(self, pytester: pytest.Pytester) -> None:
        passes(
            pytester,
            """
@pytest.fixture(scope="module", autouse=True)
def outer():
    with mock_sts_saml() as sts:
        sts.add_client_error("Throttling", role="arn:aws:iam::123456789012:role/Other")
        yield sts

def test_it(sts_saml):
    sts_saml.add_client_error("AccessDenied", times=10)

def test_then(sts_saml):
    role = "&Version=2011-06-15&RoleArn=arn:aws:iam::123456789012:role/"
    assert "<Code>ValidationError<" in sts_saml.handle(f"Action=AssumeRoleWithSAML{role}Developer")[2]
    assert "<Code>Throttling<" in sts_saml.handle(f"Action=AssumeRoleWithSAML{role}Other")[2]
""",
            passed=2,
        )

    def test_their_help_is_shown(self, pytester: pytest.Pytester) -> None:
        assert help_of(pytester) == HELP


HELP = """\
saml_signing_key [session scope]
    The private key with which the fixture saml_idp signs: RSA-2048, made once per run.

    Override it in your conftest.py to sign with another, as make_signing_key("ec").

sts_saml
    AWS for this test: an STS that answers AssumeRoleWithSAML and its sessions offline, and the IAM to set it up.

    Make roles with create_role(), let time pass with advance(). .sessions has the credentials that were issued,
    .attempts says why a call was refused. Options come from @pytest.mark.stssaml.

saml_idp
    An identity provider, registered with sts_saml as the SAML provider "ExampleIdP".

    saml_idp.response(role) gives a response to log in with, saml_idp.provider.arn the PrincipalArn.

saml_rejection
    A login that STS refuses: the test runs once for each way to be refused, as "expired" or "tampered".

    .response, .role_arn and .provider_arn are what your code gets; .code, .exception, .status and .message what AWS
    answers, .is_told_in(text) whether your tool says so; .why is the reason, .forced whether the error is ordered.
    Choose with -k, or with parametrize("saml_rejection", ["expired"], indirect=True). A test that asks for saml_shape
    too gets each in each shape.

saml_shape
    The name of an identity provider whose XML to imitate: the test runs once for each, as "okta" or "adfs".

    Write saml_idp.response(role, shape=saml_shape). Choose as with saml_rejection.
"""


def help_of(pytester: pytest.Pytester) -> str:
    """Our section of `pytest --fixtures -v`, without the places."""
    sections = pytester.runpytest("--fixtures", "-v").stdout.str().split(" fixtures defined from ")
    (ours,) = (section for section in sections if section.startswith("pytest_stssaml.plugin "))
    lines = [line.rstrip() for line in ours.splitlines()[1:] if not line.startswith(("---", "==="))]
    return "\n".join(re.sub(r" -- .*plugin\.py:\d+$", "", line) for line in lines).rstrip("\n") + "\n"


class TestMarker:
    def test_it_is_listed(self, pytester: pytest.Pytester) -> None:
        (line,) = (line for line in pytester.runpytest("--markers").outlines if "stssaml" in line)
        assert line == (
            "@pytest.mark.stssaml(account_id=..., partition=..., now=..., seed=...): "
            "the options of mock_sts_saml for the fixtures sts_saml and saml_idp."
        )

    def test_it_is_known_where_markers_are_strict(self, pytester: pytest.Pytester) -> None:
        passes(pytester, "@pytest.mark.stssaml\ndef test_it(sts_saml): pass", "--strict-markers")

    @pytest.mark.parametrize(
        ("options", "assertion"),
        [
            pytest.param(
                'account_id="111122223333"', 'saml_idp.provider.account_id == "111122223333"', id="account_id"
            ),
            pytest.param('partition="aws-cn"', 'saml_idp.provider.arn.startswith("arn:aws-cn:")', id="partition"),
            pytest.param(
                'now="2030-01-01"', "dt.datetime.now(dt.UTC) == dt.datetime(2030, 1, 1, tzinfo=dt.UTC)", id="now"
            ),
            pytest.param('seed="a"', "saml_idp.provider.uuid == expected", id="seed"),
        ],
    )
    def test_an_option_is_the_mocks(self, pytester: pytest.Pytester, options: str, assertion: str) -> None:
        passes(
            pytester,
            f"""
with mock_sts_saml({options}) as sts:
    expected = sts.create_saml_provider("ExampleIdP", IdentityProvider()).uuid

@pytest.mark.stssaml({options})
def test_it(sts_saml, saml_idp):
    assert {assertion}
""",
        )

    def test_the_closest_wins_option_by_option(self, pytester: pytest.Pytester) -> None:
        passes(
            pytester,
            """
pytestmark = pytest.mark.stssaml(account_id="111111111111", partition="aws-us-gov")

@pytest.mark.stssaml(account_id="222222222222")
class TestClass:
    @pytest.mark.stssaml(account_id="333333333333")
    def test_function(self, sts_saml):
        assert (sts_saml.account_id, sts_saml.partition) == ("333333333333", "aws-us-gov")

    def test_class(self, sts_saml):
        assert (sts_saml.account_id, sts_saml.partition) == ("222222222222", "aws-us-gov")

def test_module(sts_saml):
    assert (sts_saml.account_id, sts_saml.partition) == ("111111111111", "aws-us-gov")
""",
            passed=3,
        )

    def test_now_does_not_upset_the_durations_that_pytest_reports(self, pytester: pytest.Pytester) -> None:
        body = "@pytest.mark.stssaml(now='2099-01-01')\ndef test_it(sts_saml): pass"
        lines = written(pytester, body).runpytest("--durations=0", "-vv").outlines
        durations = [
            float(line.partition("s ")[0]) for line in lines if line.endswith("test_it.py::test_it") and "s " in line
        ]
        assert [0 <= duration < 60 for duration in durations] == [True, True, True]

    @pytest.mark.parametrize(
        ("marker", "message"),
        [
            pytest.param(
                "stssaml(acount_id='111122223333')",
                "@pytest.mark.stssaml has no option 'acount_id'; did you mean account_id?",
                id="misspelt option",
            ),
            pytest.param(
                "stssaml(region='us-east-1')",
                "@pytest.mark.stssaml has no option 'region'; it takes account_id, partition, now, seed, each by name",
                id="unknown option",
            ),
            pytest.param(
                "stssaml('111122223333')",
                "@pytest.mark.stssaml has no option '111122223333'; "
                "it takes account_id, partition, now, seed, each by name",
                id="option without its name",
            ),
            pytest.param(
                "sts_saml(now='2030-01-01')",
                "the marker is @pytest.mark.stssaml(...); sts_saml is the name of the fixture",
                id="name of the fixture",
            ),
        ],
    )
    def test_a_mistake_ends_the_run_before_any_test(self, pytester: pytest.Pytester, marker: str, message: str) -> None:
        result = written(pytester, f"@pytest.mark.{marker}\ndef test_it(sts_saml): pass").runpytest("-W", "default")
        assert [line for line in result.errlines if line] == [f"ERROR: test_it.py::test_it: {message}"]
        assert result.ret == pytest.ExitCode.USAGE_ERROR == 4

    def test_a_mistake_of_a_class_is_found(self, pytester: pytest.Pytester) -> None:
        body = "@pytest.mark.stssaml(sed=1)\nclass TestIt:\n    def test_it(self): pass"
        result = written(pytester, body).runpytest()
        assert [line for line in result.errlines if line] == [
            "ERROR: test_it.py::TestIt::test_it: @pytest.mark.stssaml has no option 'sed'; did you mean seed?"
        ]

    def test_a_value_that_aws_does_not_have_is_an_error_of_the_test(self, pytester: pytest.Pytester) -> None:
        result = written(pytester, "@pytest.mark.stssaml(account_id='1')\ndef test_it(sts_saml): pass").runpytest()
        result.assert_outcomes(errors=1)
        assert "E   ValueError: account_id is a text of 12 digits, not '1'" in [
            re.sub("^E +", "E   ", line) for line in result.outlines
        ]

    @pytest.mark.parametrize(
        "body",
        [
            pytest.param("@mock_sts_saml\ndef test_it(): pass", id="decorator"),
            pytest.param("def test_it():\n    with mock_sts_saml(): pass", id="context manager"),
            pytest.param("@mock_sts_saml(partition='aws-cn')\ndef test_it(): pass", id="other options"),
            pytest.param("@mock_sts_saml\nclass TestIt:\n    def test_it(self): pass", id="class"),
            pytest.param("@mock_sts_saml\nclass TestIt(TestCase):\n    def test_it(self): pass", id="TestCase"),
        ],
    )
    def test_a_mock_of_the_tests_own_does_not_overlook_it(self, pytester: pytest.Pytester, body: str) -> None:
        marker = "from unittest import TestCase\n@pytest.mark.stssaml(account_id='111122223333')\n"
        result = written(pytester, marker + body).runpytest()
        assert result.ret == pytest.ExitCode.TESTS_FAILED
        assert (
            "E   RuntimeError: @pytest.mark.stssaml(account_id='111122223333') is for the fixtures sts_saml and "
            "saml_idp, and this test begins a mock of its own; use a fixture, or write "
            "mock_sts_saml(account_id='111122223333')"
        ) in [re.sub("^E +", "E   ", line) for line in result.outlines]

    def test_a_mock_of_the_tests_own_may_say_the_option_itself(self, pytester: pytest.Pytester) -> None:
        passes(
            pytester,
            """
@pytest.mark.stssaml(account_id="111122223333")
class TestIt:
    @mock_sts_saml(account_id="210987654321")
    def test_another(self):
        assert active_backend().account_id == "210987654321"

    @mock_sts_saml
    def test_that_of_the_fixtures(self, sts_saml):
        assert active_backend().account_id == "111122223333"

def test_without():
    with mock_sts_saml() as sts:
        assert sts.account_id == "123456789012"
""",
            passed=3,
        )

    def test_other_options_than_the_outer_mocks_are_an_error_that_names_the_marker(
        self, pytester: pytest.Pytester
    ) -> None:
        result = written(
            pytester,
            """
def test_it(sts_saml):
    with mock_sts_saml(account_id="111122223333"):
        pass
""",
        ).runpytest()
        result.assert_outcomes(failed=1)
        assert (
            "E   RuntimeError: mock_sts_saml is active with account_id='123456789012' and cannot be entered with "
            "account_id='111122223333': a process has one mock at a time; for the fixtures, write "
            "@pytest.mark.stssaml(account_id='111122223333')"
        ) in [re.sub("^E +", "E   ", line) for line in result.outlines]


class TestDecoratedClass:
    def test_setup_method_is_inside_the_mock(self, pytester: pytest.Pytester) -> None:
        passes(
            pytester,
            """
@mock_sts_saml
class TestIt:
    def setup_method(self): self.sts = active_backend()
    def teardown_method(self): assert active_backend() is self.sts
    def test_it(self): assert active_backend() is self.sts
""",
        )

    def test_a_mock_that_cannot_be_entered_is_an_error_of_the_test(self, pytester: pytest.Pytester) -> None:
        result = written(
            pytester,
            """
@pytest.fixture(scope="module", autouse=True)
def outer():
    with mock_sts_saml():
        yield

def test_first(): pass

@mock_sts_saml(account_id="111122223333")
class TestIt:
    def test_it(self): pass

def test_last(): pass
""",
        ).runpytest()
        result.assert_outcomes(passed=2, errors=1)


def test_a_class_within_a_decorated_class_is_inside_the_mock_too(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from pytest_stssaml import active_backend, mock_sts_saml

        @mock_sts_saml(account_id="111122223333")
        class TestOuter:
            class TestInner:
                def setup_method(self):
                    self.account_id = active_backend().account_id

                def test_it(self):
                    assert self.account_id == "111122223333"
        """
    )
    pytester.runpytest().assert_outcomes(passed=1)


def test_a_test_may_stop_the_mock_of_its_class(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from pytest_stssaml import mock_sts_saml

        mock = mock_sts_saml()

        @mock
        class TestIt:
            def test_it(self):
                mock.stop()
        """
    )
    pytester.runpytest().assert_outcomes(passed=1)


class TestSeed:
    BODY = """
def test_it(sts_saml, saml_idp):
    print("made", saml_idp.provider.uuid, saml_idp.response(None).xml.split(' ID="')[1][:33])

@pytest.mark.parametrize("n", range(2))
def test_other(sts_saml, saml_idp, n):
    test_it(sts_saml, saml_idp)
"""

    def made(self, pytester: pytest.Pytester, *arguments: str) -> list[str]:
        lines = written(pytester, self.BODY).runpytest("-s", "-q", *arguments).outlines
        return sorted(line[line.index("made ") :] for line in lines if "made " in line)

    def test_two_runs_have_the_same_identifiers(self, pytester: pytest.Pytester) -> None:
        assert self.made(pytester) == self.made(pytester)

    def test_each_test_has_others(self, pytester: pytest.Pytester) -> None:
        assert len(set(self.made(pytester))) == 3

    def test_a_test_alone_has_the_same_as_among_others(self, pytester: pytest.Pytester) -> None:
        (alone,) = self.made(pytester, "test_it.py::test_it")
        assert alone in self.made(pytester)


class TestSwitchedOff:
    def test_the_mock_works_without_the_plugin(self, pytester: pytest.Pytester) -> None:
        passes(
            pytester,
            """
def test_it():
    with mock_sts_saml() as sts:
        idp = IdentityProvider()
        provider = sts.create_saml_provider("ExampleIdP", idp)
        role = sts.create_role("Developer")
        assert log_in(idp.response(role), role, provider)["Subject"] == "alice@example.com"

@mock_sts_saml
def test_decorated():
    active_backend()
""",
            "-p",
            "no:stssaml",
            passed=2,
        )

    def test_the_fixtures_are_gone(self, pytester: pytest.Pytester) -> None:
        result = written(pytester, "def test_it(sts_saml): pass").runpytest("-p", "no:stssaml")
        assert "E       fixture 'sts_saml' not found" in result.outlines

    def test_a_plain_class_cannot_be_decorated(self, pytester: pytest.Pytester) -> None:
        body = "@mock_sts_saml\nclass TestIt:\n    def test_it(self): pass"
        finished = subprocess.run(  # noqa: S603
            [
                sys.executable,
                "-m",
                "pytest",
                "-p",
                "no:stssaml",
                "-p",
                "no:hypothesispytest",
                written(pytester, body).path,
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert "needs pytest and its plugin stssaml (here: none, or" in finished.stdout


def test_the_plugin_unused_loads_nothing_heavy(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import sys

        def pytest_unconfigure(config):
            heavy = ["botocore", "lxml", "signxml", "cryptography", "freezegun", "wrapt"]
            loaded = [name for name in heavy if name in sys.modules]
            print("plugin:", config.pluginmanager.has_plugin("stssaml"), "loaded:", loaded)
        """
    )
    pytester.makepyfile("def test_it(): pass")
    assert "plugin: True loaded: []" in pytester.runpytest_subprocess("-q", "-p", "no:hypothesispytest").outlines


def test_the_plugin_unused_loads_four_modules_of_ours(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import sys

        def pytest_unconfigure(config):
            print("loaded:", *sorted(name for name in sys.modules if name.startswith("pytest_stssaml")))
        """
    )
    pytester.makepyfile("def test_it(): pass")
    assert (
        "loaded: pytest_stssaml pytest_stssaml.current_test pytest_stssaml.parameter_names pytest_stssaml.plugin"
        in (pytester.runpytest_subprocess("-q", "-p", "no:hypothesispytest").outlines)
    )


def test_the_installed_plugin_is_this_one(pytestconfig: pytest.Config) -> None:
    plugin = pytestconfig.pluginmanager.get_plugin("stssaml")
    assert Path(plugin.__file__).parent == Path(pytest_stssaml.__file__).parent
