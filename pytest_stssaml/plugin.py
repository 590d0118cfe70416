"""The pytest plugin: its hooks, options, marker and fixtures.

pytest loads this module at every start, so it imports nothing heavy.
"""

import re
from collections.abc import Generator, Iterator
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any, Never, cast

import pytest

from . import current_test, parameter_names

if TYPE_CHECKING:
    from types import TracebackType

    from .adapters.http_endpoint import Endpoint
    from .backend import STSBackend
    from .idp.identity_provider import IdentityProvider
    from .keys import SigningKey
    from .literals import Shape
    from .mock import MockSTSSAML
    from .rejections import Rejection

MARKER = "stssaml"
GUARD = "stssaml_guard"
OPTIONS = ("account_id", "partition", "now", "seed", "tick", "clock")

# The same as in decorate. That module is only imported where something is decorated.
_MARK = "__stssaml_mock__"
_MARK_OF_TEST_CASE = "__stssaml_mock_of_test_case__"

#: Whether a test has asked for a fixture, to which the options of the marker apply.
_used: "pytest.StashKey[bool]" = pytest.StashKey()

#: The mock of the decorated class that a test belongs to, while it is entered.
_entered: "pytest.StashKey[MockSTSSAML]" = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register the ini option, and the option of the command line that does the same."""
    parser.getgroup("stssaml").addoption(
        "--stssaml-guard",
        action="store_true",
        help="Do what the ini option stssaml_guard does.",
    )
    parser.addini(
        GUARD,
        "Fail when STS is called outside of mock_sts_saml, or another service with credentials that a mock issued, "
        "instead of calling AWS.",
        type="bool",
        default=False,
    )


#: Whether a run of pytest is counted in `current_test.plugins`.
_counted: "pytest.StashKey[bool]" = pytest.StashKey()


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Let plain classes of a conftest.py be decorated. It is imported before pytest_configure."""
    _plugin_begins(early_config)


def _plugin_begins(config: pytest.Config) -> None:
    """Count a run of pytest as one with this plugin, until it ends."""
    if not config.stash.get(_counted, False):
        config.stash[_counted] = True
        current_test.plugins += 1
        config.add_cleanup(_plugin_ends)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and the guard if the ini option is on, for as long as pytest is configured.

    This is undone by `add_cleanup` and not by pytest_unconfigure, which is also called if this was not, or failed.
    """
    _plugin_begins(config)
    if config.getini(GUARD) or config.getoption(GUARD):
        from .adapters import botocore_events

        botocore_events.install()
        botocore_events.guard(_called_outside)
        config.add_cleanup(botocore_events.unguard)
    config.addinivalue_line(
        "markers",
        f"{MARKER}({'=..., '.join(OPTIONS)}=...): the options of mock_sts_saml for the fixtures sts_saml and saml_idp.",
    )


def _plugin_ends() -> None:
    current_test.plugins -= 1


def _called_outside(message: str) -> Never:
    """Raise the error of a call outside of any mock, and note it in case that the tested code catches it."""
    error = RuntimeError(message)
    current_test.notes.unmocked = error
    raise error


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Refuse a misspelt marker or option before any test runs.

    In a worker of pytest-xdist the tests fail instead, since a worker that ends before its tests is an internal error.
    """
    is_worker = hasattr(config, "workerinput")
    for item in items:
        try:
            _check_markers(item)
        except pytest.UsageError as error:
            if not is_worker:
                raise
            item.stash[_mistake] = str(error)


#: What is wrong with the markers of a test in a worker of pytest-xdist.
_mistake: "pytest.StashKey[str]" = pytest.StashKey()


def _check_markers(item: pytest.Item) -> None:
    for marker in item.iter_markers():
        if marker.name == MARKER:
            _check_options(item, marker)
        elif marker.name == "parametrize":
            _check_parametrization(item, marker)
        elif marker.name not in _similar_names:
            _similar_names[marker.name] = _is_similar(marker.name)
        if not _similar_names.get(marker.name):
            continue
        # A project may have a marker of its own with such a name.
        known = {re.split(r"[(:\s]", line)[0] for line in item.config.getini("markers")}
        if marker.name == "sts_saml":
            raise pytest.UsageError(
                f"{item.nodeid}: the marker is @pytest.mark.{MARKER}(...); sts_saml is the name of the fixture"
            )
        if marker.name not in known:
            raise pytest.UsageError(
                f"{item.nodeid}: there is no marker @pytest.mark.{marker.name}; did you mean "
                f"@pytest.mark.{MARKER}(...), with the options of mock_sts_saml?"
            )


#: Whether a marker is likely to be ours, misspelt, by its name.
_similar_names: dict[str, bool] = {}


def _is_similar(name: str) -> bool:
    import difflib

    letters = name.lower().replace("_", "")
    return MARKER in letters or bool(difflib.get_close_matches(letters, [MARKER], n=1, cutoff=0.8))


def _check_options(item: pytest.Item, marker: pytest.Mark) -> None:
    unknown = [name for name in marker.kwargs if name not in OPTIONS]
    if not marker.args and not unknown:
        return
    from .keywords import did_you_mean

    remedy = f"it takes {', '.join(OPTIONS)}, each by name"
    wrong, remedy = (unknown[0], did_you_mean(unknown[0], OPTIONS, remedy)) if unknown else (marker.args[0], remedy)
    raise pytest.UsageError(f"{item.nodeid}: @pytest.mark.{MARKER} has no option {wrong!r}; {remedy}")


def _check_parametrization(item: pytest.Item, marker: pytest.Mark) -> None:
    """Refuse a saml_rejection that is parametrised without indirect, since the test would get a name and no login.

    A direct saml_shape does no harm: its value is a name, too.
    """
    # pytest itself has refused a marker without names and values.
    given = {**dict(zip(("argnames", "argvalues", "indirect"), marker.args, strict=False)), **marker.kwargs}
    names = given["argnames"].replace(" ", "").split(",") if isinstance(given["argnames"], str) else given["argnames"]
    indirect = given.get("indirect", False)
    if "saml_rejection" in names and indirect is not True and "saml_rejection" not in (indirect or ()):
        remedy = "indirect=True" if len(names) == 1 else 'indirect=["saml_rejection"]'
        raise pytest.UsageError(
            f"{item.nodeid}: saml_rejection is parametrised without indirect, so the test would get a name and no "
            f"login; write {remedy} in @pytest.mark.parametrize"
        )


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, None]:
    """Set which test is running."""
    outer = current_test.begin(_node_id(item), _marker_options(item))
    try:
        yield
    finally:
        current_test.resume(outer)


def _marker_options(item: pytest.Item) -> dict[str, Any]:
    """Return the options of the markers of a test. The nearest marker takes precedence."""
    options: dict[str, Any] = {}
    for marker in item.iter_markers(MARKER):
        options = {**marker.kwargs, **options}
    return options


def _node_id(item: pytest.Item) -> str:
    """Return the node ID without the group that pytest-xdist appends with --dist=loadgroup."""
    name = item.nodeid
    grouped = getattr(item.config.option, "loadgroup", False) and name.rfind("@") > name.rfind("]")
    return name[: name.rfind("@")] if grouped else name


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Enter the mock of a decorated plain class before setup_method; each rerun of a test begins anew.

    With --pdb, pytest runs tearDown of a TestCase only after the test, so the mock of that is entered too.
    """
    current_test.clear_notes()
    if (mistake := item.stash.get(_mistake, None)) is not None:
        pytest.fail(mistake, pytrace=False)
    mock = _mock_of_its_class(item, _MARK)
    if mock is None and item.config.getoption("usepdb", False):
        mock = _mock_of_its_class(item, _MARK_OF_TEST_CASE)
    if mock is not None:
        mock.start()
        item.stash[_entered] = mock


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, Any, None]:
    """Leave the mock of a decorated class after everything else."""
    yield
    mock = item.stash.get(_entered, None)
    if mock is not None:
        del item.stash[_entered]
        _leave(mock)


def _leave(mock: "MockSTSSAML") -> None:
    with suppress(RuntimeError):  # the test may have stopped it
        mock.leave_at_end_of_test()


def _mock_of_its_class(item: pytest.Item, mark: str) -> "MockSTSSAML | None":
    """Return the mock that decorates the class of a test, or the innermost class around it."""
    classes = [getattr(node, "cls", None) for node in reversed(item.listchain())]
    mocks = [getattr(cls, mark, None) for cls in classes]
    return next((mock for mock in mocks if mock is not None), None)


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_fixture_setup(fixturedef: "pytest.FixtureDef[Any]") -> Generator[None, Any, None]:
    """Keep the mock of a decorated fixture entered until the fixture is torn down.

    A fixture that yields does so itself. This is for those that return.
    """
    mock = _mock_of_its_function(fixturedef.func)
    entered = ExitStack()
    if mock is not None:
        with suppress(RuntimeError):  # the fixture itself meets the same error, which pytest then reports
            mock.start()
            entered.callback(_leave, mock)
            fixturedef.addfinalizer(entered.close)
    outcome = yield
    if outcome.excinfo is not None:  # pytest would finish it only with its scope, perhaps with the session
        entered.close()


def _mock_of_its_function(function: Any) -> "MockSTSSAML | None":
    """Return the mock that decorates a function which returns, even if other decorators are above it."""
    while function is not None:
        # wrapt keeps our wrapper function under this name.
        mock: MockSTSSAML | None = getattr(getattr(function, "_self_wrapper", None), _MARK, None)
        if mock is not None:
            return mock
        function = getattr(function, "__wrapped__", None)
    return None


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Generator[None, Any, None]:
    """Add what a failing test asked of STS to its report, and fail a test that hid a call outside of any mock."""
    outcome = yield
    report = outcome.get_result()
    error, current_test.notes.unmocked = current_test.notes.unmocked, None
    if report.passed and error is not None:  # the tested code or a thread of it caught the error
        report.outcome = "failed"
        raised = type(error), error, cast("TracebackType", error.__traceback__)
        report.longrepr = item.repr_failure(pytest.ExceptionInfo.from_exc_info(raised))
    if report.failed:
        from . import failure_report

        printed = [text for _, text in report.sections]
        ended_with = call.excinfo.value if call.excinfo else None
        unused = _marker_options(item) if call.when == "call" and not _uses_a_mock(item) else {}
        text = failure_report.report(current_test.notes, ended_with, printed, unused)
        if text:
            _add_section(report, "STS", text)
    _check_ordered_errors(item, report)


def _uses_a_mock(item: pytest.Item) -> bool:
    return item.stash.get(_used, False) or current_test.notes.mocks_ended > 0


def _check_ordered_errors(item: pytest.Item, report: pytest.TestReport) -> None:
    """Fail a test in its teardown if no call has met an error that it ordered, unless it has failed anyway."""
    current_test.notes.failed |= not report.passed
    if report.when == "teardown" and current_test.notes.unmet_errors and not current_test.notes.failed:
        report.outcome = "failed"
        try:
            pytest.fail("\n".join(current_test.notes.unmet_errors), pytrace=False)
        except pytest.fail.Exception:
            report.longrepr = item.repr_failure(pytest.ExceptionInfo.from_current())


def _add_section(report: pytest.TestReport, title: str, text: str) -> None:
    """Add a section to the report of a failing test, for everything that shows how the test failed.

    A section of the report itself is left out by --pdb, by the JUnit XML and by many reporters. A representation of a
    failure has no sections if it is a string, or that of a missing fixture or a doctest.
    """
    add_section = getattr(report.longrepr, "addsection", None)
    if add_section is None:
        report.sections.append((title, text))
    else:
        add_section(title, text)


@pytest.fixture(scope="session")
def saml_signing_key() -> "SigningKey":
    """The private key with which the fixture saml_idp signs: RSA with 2048 bits, made once per run.

    Override it in your conftest.py to sign with another key, such as make_signing_key("ec").
    """
    from .keys import make_signing_key_during

    return make_signing_key_during(_import_what_a_login_needs)


def _import_what_a_login_needs() -> None:
    from . import mock  # noqa: F401
    from .idp import identity_provider  # noqa: F401


@pytest.fixture
def sts_saml(request: pytest.FixtureRequest) -> "Iterator[STSBackend]":
    """AWS for this test: an STS that answers AssumeRoleWithSAML and the calls of its sessions offline, and its IAM.

    Create roles with create_role(), and let time pass with advance(). The issued credentials are in .sessions, and
    .attempts explains why a call was refused. Set options with @pytest.mark.stssaml.
    """
    from .mock import MockSTSSAML, options

    request.node.stash[_used] = True
    mock = MockSTSSAML(options(**_marker_options(request.node)), fixture=True)
    backend = mock.start()
    try:
        yield backend
    finally:
        mock.leave_at_end_of_test()


@pytest.fixture
def saml_idp(sts_saml: "STSBackend", saml_signing_key: "SigningKey") -> "Iterator[IdentityProvider]":
    """An identity provider, registered with sts_saml as the SAML provider "ExampleIdP".

    saml_idp.response(role) gives a response to log in with, saml_idp.provider.arn the PrincipalArn.
    """
    from .iam.errors import IAMError
    from .idp.identity_provider import IdentityProvider

    identity_provider = IdentityProvider(signing_key=saml_signing_key)
    provider = sts_saml.create_saml_provider("ExampleIdP", identity_provider)
    yield identity_provider
    # A mock that was joined is still active, and the test may have deleted the provider itself.
    with suppress(IAMError):
        sts_saml.delete_saml_provider(provider)


@pytest.fixture
def sts_endpoint(sts_saml: "STSBackend") -> "Iterator[Endpoint]":
    """The mock of sts_saml over HTTP on 127.0.0.1, for subprocesses and the SDKs of other languages.

    Start a command with env=sts_endpoint.environ, or tell an SDK sts_endpoint.url and sts_endpoint.region.
    """
    with sts_saml.serve() as endpoint:
        yield endpoint


@pytest.fixture(params=parameter_names.REJECTIONS)
def saml_rejection(
    request: pytest.FixtureRequest, sts_saml: "STSBackend", saml_idp: "IdentityProvider"
) -> "Iterator[Rejection]":
    """A login that STS refuses. The test runs once for each way to be refused, such as "expired" or "tampered".

    Give .response, .role_arn and .provider_arn to your code. AWS answers with .code, .exception, .status and .message,
    and .is_told_in(text) says whether the output of your tool contains the message. The reason is in .why, and .forced
    says whether the error is ordered. Choose with -k, or with
    parametrize("saml_rejection", ["expired"], indirect=True). A test that also uses saml_shape runs for each pair.

    The options of @pytest.mark.stssaml hold for it too. A response writes a pair as "{role},{provider}", or as the
    shape does. The role allows sessions of an hour; for a longer one, "packed-too-large" is refused for that first.
    """
    from .rejections import rejection

    shape = request.getfixturevalue("saml_shape") if "saml_shape" in request.fixturenames else None
    refused = rejection(request.param, sts_saml, saml_idp, shape)
    yield refused
    # A mock that was joined is still active. One of the two ARNs is that of the role, if there is a role.
    for arn in (refused.role_arn, refused.provider_arn):
        with suppress(ValueError):  # IAMError is one
            sts_saml.delete_role(arn)


@pytest.fixture(params=parameter_names.SHAPES)
def saml_shape(request: pytest.FixtureRequest) -> "Shape":
    """The name of an identity provider product, such as "okta" or "adfs". The test runs once for each.

    Write saml_idp.response(role, shape=saml_shape) for a response in the XML of that product. Choose with -k, or with
    parametrize("saml_shape", ["okta", "adfs"], indirect=True).
    """
    if request.param not in parameter_names.SHAPES:
        from .keywords import unknown_choice

        raise ValueError(unknown_choice("saml_shape", request.param, parameter_names.SHAPES))
    return cast("Shape", request.param)
