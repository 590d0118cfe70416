"""The pytest plugin: fixtures and the marker. It imports nothing heavy: pytest loads it at every start."""

from collections.abc import Generator, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from . import running

if TYPE_CHECKING:
    from .backend import STSBackend
    from .idp.identity_provider import IdentityProvider
    from .idp.signature import SigningKey
    from .mock import MockSTSSAML

MARKER = "stssaml"
OPTIONS = ("account_id", "partition", "now", "seed")

_failed_entry: "pytest.StashKey[Exception]" = pytest.StashKey()


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    running.plugins += 1
    config.addinivalue_line(
        "markers",
        f"{MARKER}(account_id=..., partition=..., now=..., seed=...): "
        "the options of mock_sts_saml for the fixtures sts_saml and saml_idp.",
    )


def pytest_unconfigure() -> None:
    """Leave no trace in a process that runs pytest again."""
    running.plugins -= 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse a misspelt marker or option before any test runs."""
    for item in items:
        if item.get_closest_marker("sts_saml") is not None:
            raise pytest.UsageError(
                f"{item.nodeid}: the marker is @pytest.mark.{MARKER}(...); sts_saml is the name of the fixture"
            )
        for marker in item.iter_markers(MARKER):
            _check_options(item, marker)


def _check_options(item: pytest.Item, marker: pytest.Mark) -> None:
    unknown = [name for name in marker.kwargs if name not in OPTIONS]
    if not marker.args and not unknown:
        return
    import difflib

    guess = difflib.get_close_matches(unknown[0], OPTIONS, n=1) if unknown else []
    raise pytest.UsageError(
        f"{item.nodeid}: @pytest.mark.{MARKER} has no option {unknown[0] if unknown else marker.args[0]!r}"
        + (f"; did you mean {guess[0]}?" if guess else f"; it takes {', '.join(OPTIONS)}, each by name")
    )


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, None]:
    """Run the tests of a decorated plain class inside its mock, setup_method included."""
    outer, running.test = running.test, item.nodeid
    mock = _mock_of_its_class(item)
    if mock is not None:
        try:
            mock.start()
        except Exception as error:  # noqa: BLE001 - a hook that raises ends the whole run; the test's setup says it
            item.stash[_failed_entry] = error
            mock = None
    try:
        yield
    finally:
        if mock is not None:
            with suppress(RuntimeError):  # the test has stopped it
                mock.stop()
        running.test = outer


def _mock_of_its_class(item: pytest.Item) -> "MockSTSSAML | None":
    """The mock with which the class of a test, or a class around it, is decorated; the innermost."""
    classes = [getattr(node, "cls", None) for node in reversed(item.listchain())]
    # The name is decorate.CLASS_MARK; that module is loaded only where somebody decorates.
    mocks = [getattr(cls, "__stssaml_mock__", None) for cls in classes]
    return next((mock for mock in mocks if mock is not None), None)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Report a mock that could not be entered as an error of the test."""
    error = item.stash.get(_failed_entry, None)
    if error is not None:
        raise error


@pytest.fixture(scope="session")
def saml_signing_key() -> "SigningKey":
    """The private key with which the fixture saml_idp signs: RSA-2048, made once per run.

    Override it in your conftest.py to sign with another, as make_signing_key("ec").
    """
    from .idp.signature import make_signing_key

    return make_signing_key()


@pytest.fixture
def sts_saml(request: pytest.FixtureRequest) -> "Iterator[STSBackend]":
    """AWS for this test: an STS that answers AssumeRoleWithSAML offline, and the IAM to set it up.

    Make roles with create_role(), let time pass with advance(). Options come from @pytest.mark.stssaml.
    """
    from .mock import MockSTSSAML, options

    said: dict[str, Any] = {}
    for marker in request.node.iter_markers(MARKER):
        said = {**marker.kwargs, **said}
    with MockSTSSAML(options(**said), fixture=True) as backend:
        yield backend


@pytest.fixture
def saml_idp(sts_saml: "STSBackend", saml_signing_key: "SigningKey") -> "Iterator[IdentityProvider]":
    """An identity provider, registered with sts_saml as the SAML provider "ExampleIdP".

    saml_idp.response(role) gives a response to log in with, saml_idp.provider.arn the PrincipalArn.
    """
    from .idp.identity_provider import IdentityProvider
    from .sts.errors import IAMError

    identity_provider = IdentityProvider(signing_key=saml_signing_key)
    provider = sts_saml.create_saml_provider("ExampleIdP", identity_provider)
    yield identity_provider
    # A mock that was joined goes on; the test may have deleted the provider itself.
    with suppress(IAMError):
        sts_saml.delete_saml_provider(provider)
