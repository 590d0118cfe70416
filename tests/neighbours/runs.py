"""Runs of pytest beside other plugins, each with the plugins that it names and no others.

Each run is a process of its own. Starting one and loading boto3 takes most of a second, so inner modules with the same
plugins share one; see inner_runs.py.
"""

import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from inner_runs import InnerModule, Result

from pytest_stssaml.keys import SigningKey

# What every inner run begins with: a test can say `record_property("made", value)`, and nothing leaves the process.
INNER_CONFTEST = """
import json
import os
import socket
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

look_up = socket.getaddrinfo

def refuse(host, *arguments, **more):
    if host in ("127.0.0.1", "localhost"):  # where plugins talk to each other
        return look_up(host, *arguments, **more)
    raise AssertionError(f"a test reached for the network: {host}")

socket.getaddrinfo = refuse

@pytest.fixture(scope="session")
def saml_signing_key():
    return load_pem_private_key(Path(__file__).with_name("key.pem").read_bytes(), password=None)

reports = []

def pytest_runtest_logreport(report):
    reports.append(report)

def pytest_collectreport(report):
    if report.failed:
        reports.append(report)

def pytest_sessionfinish(session):
    if "INNER_REPORTS" in os.environ:
        to_json = session.config.hook.pytest_report_to_serializable
        found = [to_json(config=session.config, report=report) for report in reports]
        Path(os.environ["INNER_REPORTS"]).write_text(json.dumps(found))

def pytest_terminal_summary(terminalreporter):
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            terminalreporter.write_line(f"{name} {report.nodeid} | {value}")
"""

# What every inner module imports.
INNER_NAMES = """
import datetime as dt
import functools
import hashlib
import time
import unittest

import boto3
import pytest
from botocore.exceptions import ClientError

from pytest_stssaml import IdentityProvider, active_backend, make_signing_key, mock_sts_saml

KEY = make_signing_key("ec")

session = functools.cache(boto3.Session)  # reading botocore's models takes most of the time of making a client

def new_client(service):
    return session().client(
        service, region_name="us-east-1", aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="secret"
    )

client = functools.cache(new_client)

def client_of(granted, service):
    return session().client(service, region_name="us-east-1", **granted.boto3_kwargs())

def log_in(response, role, provider):
    return client("sts").assume_role_with_saml(RoleArn=role.arn, PrincipalArn=provider.arn, SAMLAssertion=response)

def registered(name="Okta"):
    idp = IdentityProvider(signing_key=KEY)
    provider = active_backend().create_saml_provider(name, idp)
    return idp, provider, active_backend().create_role(name, provider=provider)

def sts_is_ours():
    "A login is accepted, and a forged one is refused as only this package and AWS do."
    idp, provider, role = registered()
    response = idp.response(role)
    assert log_in(response, role, provider)["Subject"] == "alice@example.com"
    with pytest.raises(ClientError, match="Response signature invalid"):
        log_in(response.tampered("alice@", "mallory@"), role, provider)
    return True
"""


def beside(body: str, *arguments: str, plugins: str = "", ours: bool = True) -> InnerModule:
    """Return an inner module that runs with the plugins that are named, and with ours unless that is left out."""
    return InnerModule(f"from inner_names import *\n{body}", (*options_of(plugins, ours), *arguments))


def options_of(plugins: str, ours: bool) -> list[str]:
    options = [argument for name in plugins.split() for argument in ("-p", name)]
    options += ["-p", "stssaml"] if ours else ["-p", "no:stssaml"]
    if "asyncio" in plugins.split():  # pytest-asyncio warns while pytest starts, where a warning is a crash
        options += ["-o", "asyncio_default_fixture_loop_scope=function"]
    return [*options, "-p", "no:cacheprovider", "-W", "error"]


def prepare(directory: Path, key: SigningKey) -> None:
    """Write what every inner run needs."""
    (directory / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (directory / "conftest.py").write_text(INNER_CONFTEST, encoding="utf-8")
    (directory / "inner_names.py").write_text(INNER_NAMES, encoding="utf-8")


def run_in_a_process(
    directory: Path, names: Sequence[str], arguments: Sequence[str], config: pytest.Config
) -> Mapping[str, Result]:
    """Run the modules of a directory in one session of pytest in a process of its own."""
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "INNER_REPORTS": "reports.json"}
    environment.pop("PYTEST_ADDOPTS", None)
    finished = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "pytest", "--continue-on-collection-errors", "--basetemp=temporary", *arguments, *names],
        cwd=directory,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    print(finished.stdout, finished.stderr)  # noqa: T201 - pytest shows it if an outer test fails
    results: dict[str, Result] = defaultdict(lambda: Result([], []))
    for data in json.loads((directory / "reports.json").read_text(encoding="utf-8")):
        report = config.hook.pytest_report_from_serializable(config=config, data=data)
        results[report.nodeid.partition("::")[0]].reports.append(report)
    return results


class Run(Protocol):
    """Run pytest on a module, in a process of its own, with our plugin and those that are named."""

    def __call__(self, body: str, *arguments: str, plugins: str = "", ours: bool = True) -> pytest.RunResult: ...


class Made(Protocol):
    """What the tests of a run recorded as "made", by the node id that they have without any plugin."""

    def __call__(self, result: pytest.RunResult) -> dict[str, str]: ...
