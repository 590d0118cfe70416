import functools
import gc
import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import botocore.session

# pytester unloads after each inner run what that run was the first to import, so these are imported here.
import freezegun  # noqa: F401
import pytest
from botocore.exceptions import ClientError
from hypothesis.configuration import set_hypothesis_home_dir
from inner_runs import Result, Results, module_of, modules_of

from pytest_stssaml import IdentityProvider, STSBackend, mock_sts_saml
from pytest_stssaml.keys import SigningKey

pytest_plugins = ["pytester"]


def pytest_configure(config: pytest.Config) -> None:
    """Let Hypothesis write outside the project. It keeps what it finds in the sources even without a database."""
    directory = tempfile.TemporaryDirectory(prefix="hypothesis-")
    set_hypothesis_home_dir(directory.name)
    config.add_cleanup(directory.cleanup)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Spare the garbage collector the collected tests: without this, each full collection visits all of them.

    Modules of the neighbours' tests have sessions that are older than any mock, and a frozen object cannot be found.
    """
    if not any("neighbours" in item.path.parts for item in session.items):
        gc.collect()
        gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """Fail whatever connects to the network."""
    connect = socket.socket.connect

    def refuse(self: socket.socket, address: Any) -> None:
        if self.family == socket.AF_UNIX or address[0] == "127.0.0.1":  # our own endpoint
            return connect(self, address)
        raise AssertionError(f"a test reached for the network: {address}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", refuse)
        yield


@pytest.fixture(autouse=True, scope="session")
def no_aws_environment() -> Iterator[None]:
    """Hide the AWS configuration of the machine."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patch.setenv("AWS_STS_REGIONAL_ENDPOINTS", "regional")  # older versions of botocore call the global one
        patch.setenv("AWS_CONFIG_FILE", os.devnull)
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        yield


@pytest.fixture(autouse=True, scope="session")
def one_loader() -> Iterator[None]:
    """All sessions of botocore read its service models once, since that takes a tenth of a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.session, "create_loader", functools.cache(botocore.session.create_loader))
        yield


@pytest.fixture(autouse=True, scope="session")
def one_terminal() -> Iterator[None]:
    """Let inner runs of pytest print the same everywhere: 80 columns, no colours, and long lines cut."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "80")
        for name in ("CI", "BUILD_NUMBER", "FORCE_COLOR", "PY_COLORS", "NO_COLOR"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="module")
def inner_results(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Results:
    """The results of the inner modules that the tests of a module look at."""
    return Results(modules_of(request), tmp_path_factory.mktemp("inner"))


@pytest.fixture
def inner(request: pytest.FixtureRequest, inner_results: Results) -> Result:
    """What the inner module of a test ended with; see inner_runs.py."""
    module = module_of(request.node)
    assert module is not None, "the test needs a marker `inner`, or a parameter"
    return inner_results[module]


@pytest.fixture
def sts() -> Iterator[STSBackend]:
    """The backend of an active mock, entered as a context manager."""
    with mock_sts_saml() as backend:
        yield backend


@pytest.fixture
def idp(sts: STSBackend, saml_signing_key: SigningKey) -> IdentityProvider:
    """An identity provider that `sts` knows as "ExampleIdP"."""
    identity_provider = IdentityProvider(signing_key=saml_signing_key)
    sts.create_saml_provider("ExampleIdP", identity_provider)
    return identity_provider


@pytest.fixture(scope="session")
def sts_client(no_aws_environment: None) -> Any:
    """One client for the whole run, which the active mock answers."""
    return boto3.Session().client("sts", region_name="us-east-1")


@pytest.fixture
def log_in(sts_client: Any) -> Callable[..., Any]:
    """The call under test: `log_in(response, role, provider, **parameters)`. Role and provider are objects or ARNs."""

    def call(response: str, role: Any, provider: Any, **parameters: Any) -> Any:
        return sts_client.assume_role_with_saml(
            RoleArn=getattr(role, "arn", role),
            PrincipalArn=getattr(provider, "arn", provider),
            SAMLAssertion=response,
            **parameters,
        )

    return call


@pytest.fixture
def refusal(log_in: Callable[..., Any]) -> Callable[..., Any]:
    """A refused call: `refusal(response, role, provider, **parameters)` returns (code, status, message)."""

    def call(*args: Any, **parameters: Any) -> tuple[str, int, str | None]:
        with pytest.raises(ClientError) as caught:
            log_in(*args, **parameters)
        error = caught.value.response["Error"]
        return error["Code"], caught.value.response["ResponseMetadata"]["HTTPStatusCode"], error.get("Message")

    return call
