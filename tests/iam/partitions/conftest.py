import re
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from pytest_stssaml import Role, SAMLProvider


@pytest.fixture(scope="module")
def client_in(no_aws_environment: None) -> Callable[[str], Any]:
    """Returns the STS client of a region."""
    clients: dict[str, Any] = {}

    def client(region: str) -> Any:
        if region not in clients:
            clients[region] = boto3.Session().client("sts", region_name=region)
        return clients[region]

    return client


@pytest.fixture
def log_in_at(client_in: Callable[[str], Any]) -> Callable[..., Any]:
    """The call at the endpoint of a region: `log_in_at(region, response, role, provider, **parameters)`."""

    def call(region: str, response: str, role: Role, provider: SAMLProvider, **parameters: Any) -> Any:
        return client_in(region).assume_role_with_saml(
            RoleArn=role.arn, PrincipalArn=provider.arn, SAMLAssertion=response, **parameters
        )

    return call


@pytest.fixture
def refusal_at(log_in_at: Callable[..., Any]) -> Callable[..., tuple[str, int, str]]:
    """The error of the same call, without its inner request ID."""

    def call(*arguments: Any, **parameters: Any) -> tuple[str, int, str]:
        with pytest.raises(ClientError) as caught:
            log_in_at(*arguments, **parameters)
        answer = caught.value.response
        message = re.sub(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "…", answer["Error"]["Message"])
        return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"], message

    return call
