"""The fixture saml_rejection in runs of pytest."""

from collections.abc import Iterable
from typing import Any

import pytest
from inner_runs import InnerModule, Result

from pytest_stssaml import REJECTIONS
from pytest_stssaml.parameter_names import SHAPES

NAMES = list(REJECTIONS)
WRONG_NAME = f"saml_rejection has no 'somehow'; it has {', '.join(NAMES)}"
MISSPELT = "saml_rejection has no 'expird'; did you mean expired?"

HEADER = """
import unittest

import pytest
from inner_runs import log_in, saml_signing_key

from pytest_stssaml import mock_sts_saml

def is_refused(rejection):
    from urllib.parse import urlencode
    from pytest_stssaml import active_backend
    form = {"Action": "AssumeRoleWithSAML", "RoleArn": rejection.role_arn}
    assert active_backend().handle(urlencode(form))[0] >= 400

"""


def inner(body: str, *arguments: str) -> pytest.MarkDecorator:
    """Mark a test with the inner module that it looks at."""
    return pytest.mark.inner(InnerModule(HEADER + body, arguments))


def collected(body: str, *arguments: str) -> pytest.MarkDecorator:
    """Mark a test with the inner module that it looks at, which is only collected."""
    return inner(body, "--collect-only", *arguments)


def row(body: str, *values: Any, id: str, arguments: tuple[str, ...] = ()) -> Any:  # noqa: A002 - as in pytest.param
    """Return a row of a table of inner modules."""
    return pytest.param(InnerModule(HEADER + body, arguments), *values, id=id)


def ids_of(names: Iterable[str]) -> list[str]:
    return [f"test_it[{name}]" for name in names]


@pytest.mark.parametrize(
    "inner",
    [
        row("def test_it(saml_rejection): pass", id="a test", arguments=("--collect-only",)),
        row(
            "@pytest.fixture\ndef login(saml_rejection): pass\ndef test_it(login): pass",
            id="a fixture",
            arguments=("--collect-only",),
        ),
        row(
            "@pytest.mark.usefixtures('saml_rejection')\ndef test_it(): pass",
            id="usefixtures",
            arguments=("--collect-only",),
        ),
    ],
    indirect=True,
)
def test_a_test_that_uses_it_runs_once_for_each_name(inner: Result) -> None:
    assert inner.tests == ids_of(NAMES)


# Since -k selects by parts of names.
@pytest.mark.parametrize("name", NAMES)
def test_no_name_is_a_part_of_another(name: str) -> None:
    assert [other for other in NAMES if name in other] == [name]


@collected("def test_it(saml_rejection): pass", "-k", "not-a-role")
def test_k_selects_by_name(inner: Result) -> None:
    assert inner.tests == ids_of(["not-a-role"])


@collected("def test_it(saml_rejection): pass", "-k", "unknown")
def test_k_selects_by_part_of_a_name(inner: Result) -> None:
    assert inner.tests == ids_of(["unknown-provider", "unknown-role"])


def test_a_node_id_selects(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it=f"{HEADER}def test_it(saml_rejection): pass")
    result = pytester.runpytest("-p", "no:cacheprovider", "-p", "no:hypothesispytest", "test_it.py::test_it[tampered]")
    result.assert_outcomes(passed=1)


IS_EXPIRED = "def test_it(saml_rejection): assert saml_rejection.name == 'expired'"
IS_EXPIRED_OF_1 = "def test_it(saml_rejection, n): assert (saml_rejection.name, n) == ('expired', 1)"


@pytest.mark.parametrize(
    "inner",
    [
        row(
            f"@pytest.mark.parametrize('saml_rejection', ['expired'], indirect=True)\n{IS_EXPIRED}",
            id="a name",
        ),
        row(
            f"@pytest.mark.parametrize(['saml_rejection'], [['expired']], indirect=True)\n{IS_EXPIRED}",
            id="a list",
        ),
        row(
            f"@pytest.mark.parametrize(('saml_rejection',), [('expired',)], indirect=True)\n{IS_EXPIRED}",
            id="a tuple",
        ),
        row(
            f"@pytest.mark.parametrize(argnames='saml_rejection', argvalues=['expired'], indirect=True)\n{IS_EXPIRED}",
            id="by keyword",
        ),
        row(
            "@pytest.mark.parametrize('n,saml_rejection', [(1, 'expired')], indirect=['saml_rejection'])\n"
            f"{IS_EXPIRED_OF_1}",
            id="one of a string",
        ),
        row(
            "@pytest.mark.parametrize('saml_rejection , n', [('expired', 1)], indirect=['saml_rejection'])\n"
            f"{IS_EXPIRED_OF_1}",
            id="one of a string with spaces",
        ),
        row(
            "@pytest.mark.parametrize(['n', 'saml_rejection'], [(1, 'expired')], indirect=['saml_rejection'])\n"
            f"{IS_EXPIRED_OF_1}",
            id="one of a list",
        ),
        row(
            f"pytestmark = pytest.mark.parametrize('saml_rejection', ['expired'], indirect=True)\n{IS_EXPIRED}",
            id="of the module",
        ),
        row(
            "@pytest.mark.parametrize('saml_rejection', ['expired'], indirect=True)\n"
            "class TestIt:\n    def test_it(self, saml_rejection): assert saml_rejection.name == 'expired'",
            id="of the class",
        ),
        row(
            "@pytest.fixture(params=['expired'])\ndef saml_rejection(request): return request.param\n"
            "def test_it(saml_rejection): assert saml_rejection == 'expired'",
            id="a fixture of its own, with params",
        ),
        row(
            "@pytest.fixture\ndef saml_rejection(): return 1\ndef test_it(saml_rejection): assert saml_rejection == 1",
            id="a fixture of its own, without params",
        ),
    ],
    indirect=True,
)
def test_a_test_that_is_parametrised_already_keeps_its_parameters(inner: Result) -> None:
    assert inner.outcomes == {"passed": 1}


@inner(
    """
@pytest.fixture
def saml_rejection(saml_rejection): return saml_rejection.name

def test_it(saml_rejection, request): assert saml_rejection == request.node.callspec.id
""",
    "-k",
    "expired or tampered",
)
def test_a_fixture_of_its_own_may_add_to_ours(inner: Result) -> None:
    assert inner.outcomes == {"passed": 2}


@collected("def test_it(saml_rejection, saml_shape): pass")
def test_a_test_of_rejections_and_shapes_runs_for_each_pair(inner: Result) -> None:
    assert sorted(inner.tests) == sorted(f"test_it[{name}-{shape}]" for name in NAMES for shape in SHAPES)


@collected("""
@pytest.mark.parametrize("saml_rejection", ["expired"], indirect=True)
def test_it(saml_rejection, saml_shape): pass
""")
def test_a_test_may_choose_among_rejections_alone_and_run_for_each_shape(inner: Result) -> None:
    shapes = [name.removeprefix("test_it[").removesuffix("-expired]") for name in inner.tests]
    assert list(map(set, shapes)) == list(map(set, SHAPES))


def choosing(name: str) -> str:
    return f"""
@pytest.mark.parametrize("saml_rejection", [{name!r}], indirect=True)
def test_it(saml_rejection): pass
"""


@pytest.mark.parametrize(
    ("inner", "message"),
    [row(choosing("somehow"), WRONG_NAME, id="somehow"), row(choosing("expird"), MISSPELT, id="expird")],
    indirect=["inner"],
)
def test_a_wrong_name_is_an_error_of_the_test(inner: Result, message: str) -> None:
    assert (inner.outcomes, inner.errors) == ({"errors": 1}, [f"ValueError: {message}"])


@pytest.mark.parametrize(
    ("inner", "outcome"),
    [
        row("def test_it(request): request.getfixturevalue('saml_rejection')", "failed", id="getfixturevalue"),
        row(
            "class TestIt(unittest.TestCase):\n"
            "    @pytest.fixture(autouse=True)\n"
            "    def login(self, saml_rejection): pass\n"
            "    def test_it(self): pass",
            "errors",
            id="TestCase",
        ),
    ],
    indirect=["inner"],
)
def test_the_error_says_so_if_pytest_cannot_parametrise(inner: Result, outcome: str) -> None:
    assert inner.outcomes == {outcome: 1}
    assert "'SubRequest' object has no attribute" not in "".join(report.longreprtext for report in inner.reports)


TRUST_POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRoleWithSAML"}],
}

JOINED = """
@pytest.fixture(scope="module", autouse=True)
def outer():
    with mock_sts_saml():
        yield
"""


@inner(
    f"""{JOINED}
@pytest.mark.parametrize("n", range(2))
def test_it(saml_rejection, n): is_refused(saml_rejection)

def test_then(sts_saml):
    for account_id in (sts_saml.account_id, "111122223333"):
        sts_saml.create_role("Rejected", trust_policy={TRUST_POLICY}, account_id=account_id)
"""
)
def test_within_an_outer_mock_each_may_be_made_twice_and_leaves_no_role(inner: Result) -> None:
    assert inner.outcomes == {"passed": 2 * len(NAMES) + 1}


@inner(
    f"""{JOINED}
@pytest.mark.parametrize("saml_rejection", ["expired"], indirect=True)
def test_it(saml_rejection, sts_saml): sts_saml.delete_role(saml_rejection.role_arn)
"""
)
def test_within_an_outer_mock_the_test_may_delete_the_role(inner: Result) -> None:
    assert inner.outcomes == {"passed": 1}


@inner(
    f"""{JOINED}
@pytest.mark.parametrize("saml_rejection", ["region-disabled"], indirect=True)
def test_it(saml_rejection): is_refused(saml_rejection)

def test_then(sts_saml, saml_idp):
    role = sts_saml.create_role("Rejected")
    log_in(saml_idp.response(role), role, saml_idp.provider)
"""
)
def test_within_an_outer_mock_what_is_forced_ends_with_the_test(inner: Result) -> None:
    assert inner.outcomes == {"passed": 2}


@inner("@mock_sts_saml\n" + choosing("expired").lstrip("\n"))
def test_the_decorator_composes_with_it(inner: Result) -> None:
    assert inner.outcomes == {"passed": 1}


# --- at collection


@pytest.mark.slow
def test_collecting_imports_nothing_heavy(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import sys

        def pytest_unconfigure(config):
            heavy = ["botocore", "lxml", "signxml", "cryptography", "freezegun", "wrapt"]
            print("heavy:", [name for name in heavy if name in sys.modules])
            print("ours:", *sorted(name for name in sys.modules if name.startswith("pytest_stssaml.")))
        """
    )
    pytester.makepyfile(test_it="def test_it(saml_rejection, saml_shape): pass")
    lines = pytester.runpytest_subprocess("--collect-only", "-q", "-p", "no:hypothesispytest").outlines
    assert [line for line in lines if line.startswith(("heavy:", "ours:"))] == [
        "heavy: []",
        (
            "ours: pytest_stssaml.current_test pytest_stssaml.literals "
            "pytest_stssaml.parameter_names pytest_stssaml.plugin"
        ),
    ]
