import re
from pathlib import Path
from typing import Any

import pytest
from inner_runs import InnerModule, Result

import pytest_stssaml
from pytest_stssaml import current_test
from pytest_stssaml.parameter_names import SHAPES

HEADER = """
import datetime as dt
import unittest

import pytest
from inner_runs import KEY, log_in, saml_signing_key

from pytest_stssaml import IdentityProvider, active_backend, make_signing_key, mock_sts_saml
"""


def inner(body: str, *arguments: str) -> pytest.MarkDecorator:
    """Mark a test with the inner module that it looks at."""
    return pytest.mark.inner(InnerModule(HEADER + body, arguments))


def row(body: str, id: str) -> Any:  # noqa: A002 - as in pytest.param
    """Return a row of a table of inner modules."""
    return pytest.param(InnerModule(HEADER + body), id=id)


def run(pytester: pytest.Pytester, body: str, *arguments: str) -> pytest.RunResult:
    """Run an inner module alone, where its session is the subject."""
    pytester.makepyfile(test_it=HEADER + body)
    return pytester.runpytest("-p", "no:cacheprovider", "-p", "no:hypothesispytest", *arguments)


class TestFixtures:
    @inner("def test_it(sts_saml): assert active_backend() is sts_saml")
    def test_sts_saml_is_the_active_backend(self, inner: Result) -> None:
        assert inner.outcomes == {"passed": 1}

    @inner("""
def test_it(sts_saml, saml_idp):
    assert saml_idp.provider.arn == "arn:aws:iam::123456789012:saml-provider/ExampleIdP"
""")
    def test_saml_idp_is_registered_as_example_idp(self, inner: Result) -> None:
        assert inner.outcomes == {"passed": 1}

    @inner("""
def test_it(sts_saml, saml_idp):
    role = sts_saml.create_role("Developer")
    answer = log_in(saml_idp.response(role), role, saml_idp.provider)
    assert answer["Credentials"]["AccessKeyId"].startswith("ASIA")
""")
    def test_a_login_with_them_is_accepted(self, inner: Result) -> None:
        assert inner.outcomes == {"passed": 1}

    @inner("""
@pytest.mark.parametrize("n", range(2))
def test_it(sts_saml, saml_idp, n):
    sts_saml.create_role("Developer")
""")
    def test_each_test_has_an_aws_of_its_own(self, inner: Result) -> None:
        assert inner.outcomes == {"passed": 2}

    @inner("""
def test_uses_it(saml_idp): pass
def test_uses_none():
    with pytest.raises(LookupError):
        active_backend()
""")
    def test_the_mock_ends_with_the_test(self, inner: Result) -> None:
        assert inner.outcomes == {"passed": 2}

    @inner("""
del saml_signing_key
keys = set()

@pytest.mark.parametrize("n", range(3))
def test_it(saml_idp, saml_signing_key, n):
    keys.add((saml_idp.metadata, saml_signing_key))
    assert (saml_signing_key.key_size, len(keys)) == (2048, 1)
""")
    def test_the_key_is_one_for_the_whole_run(self, inner: Result) -> None:
        assert inner.outcomes == {"passed": 3}

    @inner("""
@pytest.fixture(scope="session")
def saml_signing_key():
    return make_signing_key("ec")

def test_it(saml_idp):
    assert "ecdsa-sha256" in saml_idp.response(None).xml
""")
    def test_the_key_can_be_overridden(self, inner: Result) -> None:
        assert inner.outcomes == {"passed": 1}

    @inner("def test_it(sts_saml, saml_idp): sts_saml.delete_saml_provider(saml_idp.provider)")
    def test_the_provider_may_be_deleted_by_the_test(self, inner: Result) -> None:
        assert inner.outcomes == {"passed": 1}

    @inner("""
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
""")
    def test_fixtures_that_joined_an_outer_mock_remove_what_they_registered(self, inner: Result) -> None:
        assert inner.outcomes == {"passed": 3}

    @inner("""
@mock_sts_saml
def test_it(sts_saml, saml_idp):
    assert active_backend() is sts_saml
""")
    def test_a_decorated_test_shares_the_mock_with_its_fixtures(self, inner: Result) -> None:
        assert inner.outcomes == {"passed": 1}

    @inner("""
@pytest.mark.parametrize("saml_rejection", ["expired"], indirect=True)
def test_it(sts_saml, saml_idp, saml_rejection):
    assert saml_rejection.provider_arn == saml_idp.provider.arn
    sts_saml.delete_role(saml_rejection.role_arn)
""")
    def test_a_rejection_is_of_these_two(self, inner: Result) -> None:
        assert inner.outcomes == {"passed": 1}

    @inner("""
def test_it(saml_idp, saml_shape, request):
    assert saml_shape == request.node.callspec.id
""")
    def test_a_shape_is_its_name(self, inner: Result) -> None:
        assert inner.outcomes == {"passed": len(SHAPES)}

    @inner("""
@pytest.mark.parametrize("saml_shape", ["okta", "adfs"], indirect=True)
def test_it(saml_shape):
    assert saml_shape in ("okta", "adfs")
""")
    def test_a_shape_may_be_chosen(self, inner: Result) -> None:
        assert inner.outcomes == {"passed": 2}

    @inner("""
@pytest.fixture
def saml_shape():
    return "okta"

def test_it(saml_shape):
    assert saml_shape == "okta"
""")
    def test_a_shape_of_ones_own_replaces_ours(self, inner: Result) -> None:
        assert inner.outcomes == {"passed": 1}

    @inner("@pytest.mark.parametrize('saml_shape', ['otka'], indirect=True)\ndef test_it(saml_shape): pass")
    def test_another_shape_is_an_error_of_the_test(self, inner: Result) -> None:
        assert inner.outcomes == {"errors": 1}
        assert inner.errors == [
            f"ValueError: saml_shape must be one of {', '.join(SHAPES)}, not 'otka'; did you mean okta?"
        ]

    @inner("""
@pytest.fixture(scope="module", autouse=True)
def outer():
    with mock_sts_saml() as sts:
        sts.add_client_error("Throttling", role="arn:aws:iam::123456789012:role/Other")
        yield sts

def test_it(sts_saml):
    sts_saml.add_client_error("AccessDenied", times=10, optional=True)

def test_then(sts_saml):
    role = "&Version=2011-06-15&RoleArn=arn:aws:iam::123456789012:role/"
    assert "<Code>ValidationError<" in sts_saml.handle(f"Action=AssumeRoleWithSAML{role}Developer")[2]
    assert "<Code>Throttling<" in sts_saml.handle(f"Action=AssumeRoleWithSAML{role}Other")[2]
""")
    def test_within_an_outer_mock_errors_ordered_by_a_test_end_with_it(self, inner: Result) -> None:
        assert inner.outcomes == {"passed": 2}

    def test_their_help_is_shown(self, pytester: pytest.Pytester) -> None:
        assert help_of(pytester) == HELP


HELP = """\
saml_signing_key [session scope]
    The private key with which the fixture saml_idp signs: RSA with 2048 bits, made once per run.

    Override it in your conftest.py to sign with another key, such as make_signing_key("ec").

sts_saml
    AWS for this test: an STS that answers AssumeRoleWithSAML and the calls of its sessions offline, and its IAM.

    Create roles with create_role(), and let time pass with advance(). The issued credentials are in .sessions, and
    .attempts explains why a call was refused. Set options with @pytest.mark.stssaml.

saml_idp
    An identity provider, registered with sts_saml as the SAML provider "ExampleIdP".

    saml_idp.response(role) gives a response to log in with, saml_idp.provider.arn the PrincipalArn.

sts_endpoint
    The mock of sts_saml over HTTP on 127.0.0.1, for subprocesses and the SDKs of other languages.

    Start a command with env=sts_endpoint.environ, or tell an SDK sts_endpoint.url and sts_endpoint.region.

saml_rejection
    A login that STS refuses. The test runs once for each way to be refused, such as "expired" or "tampered".

    Give .response, .role_arn and .provider_arn to your code. AWS answers with .code, .exception, .status and .message,
    and .is_told_in(text) says whether the output of your tool contains the message. The reason is in .why, and .forced
    says whether the error is ordered. Choose with -k, or with
    parametrize("saml_rejection", ["expired"], indirect=True). A test that also uses saml_shape runs for each pair.

    The options of @pytest.mark.stssaml hold for it too. A response writes a pair as "{role},{provider}", or as the
    shape does. The role allows sessions of an hour; for a longer one, "packed-too-large" is refused for that first.

saml_shape
    The name of an identity provider product, such as "okta" or "adfs". The test runs once for each.

    Write saml_idp.response(role, shape=saml_shape) for a response in the XML of that product. Choose with -k, or with
    parametrize("saml_shape", ["okta", "adfs"], indirect=True).
"""


def help_of(pytester: pytest.Pytester) -> str:
    """Our section of `pytest --fixtures -v`, without the places."""
    sections = pytester.runpytest("--fixtures", "-v").stdout.str().split(" fixtures defined from ")
    (ours,) = (section for section in sections if section.startswith("pytest_stssaml.plugin "))
    lines = [line.rstrip() for line in ours.splitlines()[1:] if not line.startswith(("---", "==="))]
    return "\n".join(re.sub(r" -- .*plugin\.py:\d+$", "", line) for line in lines).rstrip("\n") + "\n"


MARKED = "@pytest.mark.stssaml(account_id='111122223333')\n"


class TestMarker:
    def test_it_is_listed(self, pytester: pytest.Pytester) -> None:
        (line,) = (line for line in pytester.runpytest("--markers").outlines if "stssaml" in line)
        assert line == (
            "@pytest.mark.stssaml(account_id=..., partition=..., now=..., seed=..., tick=..., clock=...): "
            "the options of mock_sts_saml for the fixtures sts_saml and saml_idp."
        )

    @inner("@pytest.mark.stssaml\ndef test_it(sts_saml): pass", "--strict-markers")
    def test_it_is_known_where_markers_are_strict(self, inner: Result) -> None:
        assert inner.outcomes == {"passed": 1}

    @pytest.mark.parametrize(
        "inner",
        [
            row(
                """
@pytest.mark.stssaml(account_id="111122223333")
def test_it(saml_idp): assert saml_idp.provider.account_id == "111122223333"
""",
                id="account_id",
            ),
            row(
                """
@pytest.mark.stssaml(partition="aws-cn")
def test_it(saml_idp): assert saml_idp.provider.arn.startswith("arn:aws-cn:")
""",
                id="partition",
            ),
            row(
                """
@pytest.mark.stssaml(now="2030-01-01")
def test_it(saml_idp): assert dt.datetime.now(dt.UTC) == dt.datetime(2030, 1, 1, tzinfo=dt.UTC)
""",
                id="now",
            ),
            row(
                """
with mock_sts_saml(seed="a") as sts:
    expected = sts.create_saml_provider("ExampleIdP", IdentityProvider(signing_key=KEY)).uuid

@pytest.mark.stssaml(seed="a")
def test_it(saml_idp): assert saml_idp.provider.uuid == expected
""",
                id="seed",
            ),
        ],
        indirect=True,
    )
    def test_an_option_is_passed_to_the_mock(self, inner: Result) -> None:
        assert inner.outcomes == {"passed": 1}

    @inner("""
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
""")
    def test_the_nearest_marker_takes_precedence_option_by_option(self, inner: Result) -> None:
        assert inner.outcomes == {"passed": 3}

    def test_now_does_not_upset_the_durations_that_pytest_reports(self, pytester: pytest.Pytester) -> None:
        body = "@pytest.mark.stssaml(now='2099-01-01')\ndef test_it(sts_saml): pass"
        lines = run(pytester, body, "--durations=0", "-vv").outlines
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
                "@pytest.mark.stssaml has no option 'region'; it takes account_id, partition, now, seed, tick, clock, "
                "each by name",
                id="unknown option",
            ),
            pytest.param(
                "stssaml('111122223333')",
                "@pytest.mark.stssaml has no option '111122223333'; "
                "it takes account_id, partition, now, seed, tick, clock, each by name",
                id="option without its name",
            ),
            pytest.param(
                "sts_saml(now='2030-01-01')",
                "the marker is @pytest.mark.stssaml(...); sts_saml is the name of the fixture",
                id="name of the fixture",
            ),
            *(
                pytest.param(
                    name,
                    f"there is no marker @pytest.mark.{name}; did you mean @pytest.mark.stssaml(...), with the options "
                    "of mock_sts_saml?",
                    id=name,
                )
                for name in ("stsaml", "stssmal", "StsSaml", "mock_sts_saml")
            ),
        ],
    )
    def test_a_mistake_ends_the_run_before_any_test(self, pytester: pytest.Pytester, marker: str, message: str) -> None:
        result = run(pytester, f"@pytest.mark.{marker}\ndef test_it(sts_saml): pass", "-W", "default")
        assert [line for line in result.errlines if line] == [f"ERROR: test_it.py::test_it: {message}"]
        assert result.ret == pytest.ExitCode.USAGE_ERROR == 4

    @pytest.mark.parametrize(
        ("taken", "arguments", "remedy"),
        [
            ("saml_rejection", "'saml_rejection', ['expired']", "indirect=True"),
            ("saml_rejection", "['saml_rejection'], [['expired']], indirect=False", "indirect=True"),
            ("saml_rejection", "argnames='saml_rejection', argvalues=['expired']", "indirect=True"),
            ("saml_rejection, x", "'saml_rejection, x', [('expired', 1)]", 'indirect=["saml_rejection"]'),
            (
                "saml_rejection, saml_shape",
                "'saml_rejection, saml_shape', [('expired', 'okta')], indirect=['saml_shape']",
                'indirect=["saml_rejection"]',
            ),
        ],
    )
    def test_a_rejection_that_is_parametrised_without_indirect_ends_the_run(
        self, pytester: pytest.Pytester, taken: str, arguments: str, remedy: str
    ) -> None:
        result = run(pytester, f"@pytest.mark.parametrize({arguments})\ndef test_it({taken}): pass")
        [error] = [line for line in result.errlines if line]
        assert error.startswith("ERROR: test_it.py::test_it[")
        assert error.partition("]: ")[2] == (
            "saml_rejection is parametrised without indirect, so the test would get a name and no login; write "
            f"{remedy} in @pytest.mark.parametrize"
        )

    @pytest.mark.parametrize("indirect", ["True", "['saml_rejection']"])
    def test_a_rejection_that_is_parametrised_with_indirect_is_a_login(
        self, pytester: pytest.Pytester, indirect: str
    ) -> None:
        body = "def test_it(saml_rejection): assert saml_rejection.name == 'expired'"
        result = run(pytester, f"@pytest.mark.parametrize('saml_rejection', ['expired'], indirect={indirect})\n{body}")
        result.assert_outcomes(passed=1)

    def test_a_marker_of_the_project_with_a_similar_name_is_none_of_ours(self, pytester: pytest.Pytester) -> None:
        pytester.makeini("[pytest]\nmarkers =\n    stsaml(x): of the project")
        run(
            pytester, "@pytest.mark.stsaml(1)\n@pytest.mark.skipif(False, reason='')\ndef test_it(): pass"
        ).assert_outcomes(passed=1)

    def test_a_mistake_fails_its_test_in_a_worker_of_xdist(self, pytester: pytest.Pytester) -> None:
        pytester.makeconftest("def pytest_configure(config): config.workerinput = {}")
        body = "@pytest.mark.stssaml(sed=1)\ndef test_it(sts_saml): pass\ndef test_then(sts_saml): pass"
        result = run(pytester, body)
        result.assert_outcomes(errors=1, passed=1)
        mistake = "test_it.py::test_it: @pytest.mark.stssaml has no option 'sed'; did you mean seed?"
        assert mistake in result.outlines

    def test_a_mistake_of_a_class_is_found(self, pytester: pytest.Pytester) -> None:
        result = run(pytester, "@pytest.mark.stssaml(sed=1)\nclass TestIt:\n    def test_it(self): pass")
        assert [line for line in result.errlines if line] == [
            "ERROR: test_it.py::TestIt::test_it: @pytest.mark.stssaml has no option 'sed'; did you mean seed?"
        ]

    @inner("@pytest.mark.stssaml(account_id='1')\ndef test_it(sts_saml): pass")
    def test_a_value_that_aws_does_not_have_is_an_error_of_the_test(self, inner: Result) -> None:
        assert inner.outcomes == {"errors": 1}
        assert re.fullmatch("ValueError: account_id .* 12 digits, not '1'", inner.errors[0])

    @pytest.mark.parametrize(
        "inner",
        [
            row(f"{MARKED}@mock_sts_saml\ndef test_it(): pass", id="decorator"),
            row(f"{MARKED}def test_it():\n    with mock_sts_saml(): pass", id="context manager"),
            row(f"{MARKED}@mock_sts_saml(partition='aws-cn')\ndef test_it(): pass", id="other options"),
            row(f"{MARKED}@mock_sts_saml\nclass TestIt:\n    def test_it(self): pass", id="class"),
            row(
                f"{MARKED}@mock_sts_saml\nclass TestIt(unittest.TestCase):\n    def test_it(self): pass", id="TestCase"
            ),
        ],
        indirect=True,
    )
    def test_a_mock_that_the_test_begins_itself_is_refused_beside_it(self, inner: Result) -> None:
        [error] = inner.errors
        assert error == (
            "RuntimeError: @pytest.mark.stssaml(account_id='111122223333') is for the fixtures sts_saml and "
            "saml_idp, and this test begins a mock of its own; use a fixture, or write "
            "mock_sts_saml(account_id='111122223333')"
        )

    @inner("""
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
""")
    def test_a_mock_that_the_test_begins_itself_may_repeat_the_option(self, inner: Result) -> None:
        assert inner.outcomes == {"passed": 3}

    @inner("""
def test_it(sts_saml):
    with mock_sts_saml(account_id="111122223333"):
        pass
""")
    def test_other_options_than_those_of_the_outer_mock_are_an_error_that_names_the_marker(self, inner: Result) -> None:
        assert inner.outcomes == {"failed": 1}
        [error] = inner.errors
        assert error == (
            "RuntimeError: mock_sts_saml is active with account_id='123456789012' and cannot be entered with "
            "account_id='111122223333': a process has one mock at a time; for the fixtures, write "
            "@pytest.mark.stssaml(account_id='111122223333')"
        )


class TestDecoratedClass:
    @inner("""
@mock_sts_saml
class TestIt:
    def setup_method(self): self.sts = active_backend()
    def teardown_method(self): assert active_backend() is self.sts
    def test_it(self): assert active_backend() is self.sts
""")
    def test_setup_method_is_inside_the_mock(self, inner: Result) -> None:
        assert inner.outcomes == {"passed": 1}

    @inner("""
@pytest.fixture(scope="module", autouse=True)
def outer():
    with mock_sts_saml():
        yield

def test_first(): pass

@mock_sts_saml(account_id="111122223333")
class TestIt:
    def test_it(self): pass

def test_last(): pass
""")
    def test_a_mock_that_cannot_be_entered_is_an_error_of_the_test(self, inner: Result) -> None:
        assert inner.outcomes == {"passed": 2, "errors": 1}

    @inner("""
@mock_sts_saml(account_id="111122223333")
class TestOuter:
    class TestInner:
        def setup_method(self):
            self.account_id = active_backend().account_id

        def test_it(self):
            assert self.account_id == "111122223333"
""")
    def test_a_class_within_it_is_inside_the_mock_too(self, inner: Result) -> None:
        assert inner.outcomes == {"passed": 1}

    @inner("""
mock = mock_sts_saml()

@mock
class TestIt:
    def test_it(self):
        mock.stop()
""")
    def test_a_test_may_stop_its_mock(self, inner: Result) -> None:
        assert inner.outcomes == {"passed": 1}


class TestSeed:
    BODY = """
def test_it(sts_saml, saml_idp):
    print("made", saml_idp.provider.uuid, saml_idp.response(None).xml.split(' ID="')[1][:33])

@pytest.mark.parametrize("n", range(2))
def test_other(sts_saml, saml_idp, n):
    test_it(sts_saml, saml_idp)
"""

    def made(self, pytester: pytest.Pytester, *arguments: str) -> list[str]:
        lines = run(pytester, self.BODY, "-s", "-q", *arguments).outlines
        return sorted(line[line.index("made ") :] for line in lines if "made " in line)

    def test_two_runs_have_the_same_identifiers(self, pytester: pytest.Pytester) -> None:
        assert self.made(pytester) == self.made(pytester)

    def test_each_test_has_others(self, pytester: pytest.Pytester) -> None:
        assert len(set(self.made(pytester))) == 3

    def test_a_test_alone_has_the_same_as_among_others(self, pytester: pytest.Pytester) -> None:
        (alone,) = self.made(pytester, "test_it.py::test_it")
        assert alone in self.made(pytester)


class TestSwitchedOff:
    @inner(
        """
def test_it():
    with mock_sts_saml() as sts:
        idp = IdentityProvider(signing_key=KEY)
        provider = sts.create_saml_provider("ExampleIdP", idp)
        role = sts.create_role("Developer")
        assert log_in(idp.response(role), role, provider)["Subject"] == "alice@example.com"

@mock_sts_saml
def test_decorated():
    active_backend()
""",
        "-p",
        "no:stssaml",
    )
    def test_the_mock_works_without_the_plugin(self, inner: Result) -> None:
        assert inner.outcomes == {"passed": 2}

    @inner("def test_it(sts_saml): pass", "-p", "no:stssaml")
    def test_the_fixtures_are_gone(self, inner: Result) -> None:
        assert inner.outcomes == {"errors": 1}
        assert "fixture 'sts_saml' not found" in inner.errors[0]


@pytest.mark.slow
def test_the_plugin_when_it_is_not_used_loads_five_modules_of_ours_and_nothing_heavy(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import sys

        def pytest_unconfigure(config):
            heavy = ["botocore", "lxml", "signxml", "cryptography", "freezegun", "wrapt"]
            loaded = [name for name in heavy if name in sys.modules]
            print("plugin:", config.pluginmanager.has_plugin("stssaml"), "loaded:", loaded)
            print("ours:", *sorted(name for name in sys.modules if name.startswith("pytest_stssaml")))
        """
    )
    pytester.makepyfile("def test_it(): pass")
    lines = pytester.runpytest_subprocess("-q", "-p", "no:hypothesispytest").outlines
    assert [line for line in lines if line.startswith(("plugin:", "ours:"))] == [
        "plugin: True loaded: []",
        (
            "ours: pytest_stssaml pytest_stssaml.current_test pytest_stssaml.literals "
            "pytest_stssaml.parameter_names pytest_stssaml.plugin"
        ),
    ]


def test_a_run_within_the_run_leaves_the_number_of_runs_as_it_was(pytester: pytest.Pytester) -> None:
    before = current_test.plugins
    run(pytester, "def test_it(): pass").assert_outcomes(passed=1)
    assert current_test.plugins == before > 0


def test_the_installed_plugin_is_this_one(pytestconfig: pytest.Config) -> None:
    plugin = pytestconfig.pluginmanager.get_plugin("stssaml")
    assert plugin is not None
    assert Path(plugin.__file__).parent == Path(pytest_stssaml.__file__).parent
