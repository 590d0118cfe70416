"""Runs of pytest beside other plugins, each with the plugins that it names and no others."""

from typing import Protocol

import pytest

# What every inner run begins with: a test can say `record_property("made", value)`, and nothing leaves the process.
INNER_CONFTEST = """
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

def pytest_terminal_summary(terminalreporter):
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            terminalreporter.write_line(f"{name} {report.nodeid} | {value}")
"""

INNER_IMPORTS = """
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

def new_client(service):
    return boto3.Session().client(
        service, region_name="us-east-1", aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="secret"
    )

client = functools.cache(new_client)

def log_in(response, role, provider):
    return client("sts").assume_role_with_saml(RoleArn=role.arn, PrincipalArn=provider.arn, SAMLAssertion=response)

def registered(name="Okta"):
    idp = IdentityProvider(signing_key=KEY)
    provider = active_backend().create_saml_provider(name, idp)
    return idp, provider, active_backend().create_role(name, provider=provider)

def sts_is_ours():
    "A login is accepted, and a forged one is refused as nobody but us and AWS does."
    idp, provider, role = registered()
    response = idp.response(role)
    assert log_in(response, role, provider)["Subject"] == "alice@example.com"
    with pytest.raises(ClientError, match="Response signature invalid"):
        log_in(response.tampered("alice@", "mallory@"), role, provider)
    return True
"""


class Run(Protocol):
    """Run pytest on a module, in a process of its own, with our plugin and those that are named."""

    def __call__(self, body: str, *arguments: str, plugins: str = "", ours: bool = True) -> pytest.RunResult: ...


class Made(Protocol):
    """What the tests of a run recorded as "made", by the node id that they have without any plugin."""

    def __call__(self, result: pytest.RunResult) -> dict[str, str]: ...
