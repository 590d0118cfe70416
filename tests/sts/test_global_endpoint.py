"""Sessions of the global endpoint, whose tokens are valid only in regions that are enabled by default."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import boto3
import pytest
from botocore.exceptions import ClientError
from wire import shared_session, signed

from pytest_stssaml import IdentityProvider, Session, STSBackend
from pytest_stssaml.sts.limits import MOST_SESSIONS

GLOBAL = "https://sts.amazonaws.com"
INVALID = (403, "InvalidClientTokenId", "The security token included in the request is invalid")
WHO_AM_I = "Action=GetCallerIdentity&Version=2011-06-15"


@dataclass
class World:
    """A role whose sessions may assume another role."""

    sts: STSBackend
    idp: IdentityProvider

    def __post_init__(self) -> None:
        self.role = self.sts.create_role("Developer")
        self.deployer = self.sts.create_role("Deployer", trust_policy=self.role.chaining_policy())

    @property
    def form(self) -> dict[str, str]:
        return {
            "RoleArn": self.role.arn,
            "PrincipalArn": self.idp.provider.arn,
            "SAMLAssertion": self.idp.response(self.role),
        }

    def log_in(self, region: str | None = "us-east-1", url: str | None = None) -> Session:
        shared_session().client("sts", region_name=region, endpoint_url=url).assume_role_with_saml(**self.form)
        return self.sts.sessions[-1]

    def chain(self, session: Session, region: str, url: str | None = None) -> Session:
        client_of(session, region, url).assume_role(RoleArn=self.deployer.arn, RoleSessionName="deployment")
        return self.sts.sessions[-1]


@pytest.fixture
def world(sts: STSBackend, idp: IdentityProvider) -> World:
    return World(sts, idp)


def client_of(session: Session, region: str, url: str | None = None) -> Any:
    return boto3.Session(**session.boto3_kwargs()).client("sts", region_name=region, endpoint_url=url)


def refusal(session: Session, region: str, url: str | None = None) -> tuple[int, str, str] | None:
    """Return how a session that asks for its identity is refused, or None if it is accepted."""
    try:
        client_of(session, region, url).get_caller_identity()
    except ClientError as error:
        answer: Any = error.response
        return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"], answer["Error"]["Message"]
    return None


class TestASessionOfTheGlobalEndpoint:
    @pytest.mark.parametrize("region", ["af-south-1", "ap-east-1", "me-south-1", "eu-south-2", "mx-central-1"])
    def test_is_refused_in_a_region_that_is_not_enabled_by_default(self, world: World, region: str) -> None:
        assert refusal(world.log_in(url=GLOBAL), region) == INVALID

    @pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", "ap-northeast-3"])
    def test_is_accepted_in_a_region_that_is_enabled_by_default(self, world: World, region: str) -> None:
        assert refusal(world.log_in(url=GLOBAL), region) is None

    def test_is_accepted_at_the_global_endpoint(self, world: World) -> None:
        assert refusal(world.log_in(url=GLOBAL), "us-east-1", GLOBAL) is None

    @pytest.mark.parametrize("region", ["aws-global", None])
    def test_may_be_that_of_a_client_without_a_region(self, world: World, region: str | None) -> None:
        assert refusal(world.log_in(region), "af-south-1") == INVALID

    def test_cannot_assume_a_role_in_a_region_that_is_not_enabled_by_default(self, world: World) -> None:
        session = world.log_in(url=GLOBAL)
        with pytest.raises(ClientError, match="InvalidClientTokenId"):
            world.chain(session, "af-south-1")

    def test_is_told_apart_also_when_it_is_forgotten(self, world: World) -> None:
        session = world.log_in(url=GLOBAL)
        for _ in range(MOST_SESSIONS):
            world.sts.handle(urlencode({"Action": "AssumeRoleWithSAML", "Version": "2011-06-15", **world.form}))
        assert session not in world.sts.sessions
        assert refusal(session, "af-south-1") == INVALID
        assert refusal(session, "eu-west-1") is None

    def test_may_begin_with_handle(self, world: World) -> None:
        form = urlencode({"Action": "AssumeRoleWithSAML", "Version": "2011-06-15", **world.form})
        assert world.sts.handle(form, region="aws-global")[0] == 200
        assert refusal(world.sts.sessions[-1], "af-south-1") == INVALID

    def test_says_so(self, world: World) -> None:
        assert world.log_in(url=GLOBAL).token_version == "v1Token"

    def test_explains_its_refusal(self, world: World) -> None:
        refusal(world.log_in(url=GLOBAL), "af-south-1")
        attempt = world.sts.attempts[-1]
        assert attempt.failed == "token_is_valid_in_the_region"
        assert "the global endpoint issued the session token" in attempt.explain()


class TestASessionOfARegion:
    @pytest.mark.parametrize("began", ["us-east-1", "eu-west-1", "af-south-1"])
    @pytest.mark.parametrize("used", ["us-east-1", "eu-west-1", "af-south-1", "ap-east-1"])
    def test_is_accepted_everywhere(self, world: World, began: str, used: str) -> None:
        assert refusal(world.log_in(began, f"https://sts.{began}.amazonaws.com"), used) is None

    def test_may_begin_with_handle(self, world: World) -> None:
        form = urlencode({"Action": "AssumeRoleWithSAML", "Version": "2011-06-15", **world.form})
        assert world.sts.handle(form)[0] == 200
        assert refusal(world.sts.sessions[-1], "af-south-1") is None

    def test_has_a_token_of_no_other_size(self, world: World) -> None:
        assert "token_version" not in world.log_in(url="https://sts.us-east-1.amazonaws.com")._claims


class TestAChainedSession:
    """The endpoint that issued its own token counts, not that of the login."""

    def test_of_a_region_is_accepted_everywhere(self, world: World) -> None:
        session = world.chain(world.log_in(url=GLOBAL), "eu-west-1", "https://sts.eu-west-1.amazonaws.com")
        assert refusal(session, "af-south-1") is None

    def test_of_the_global_endpoint_is_refused_in_a_region_that_is_not_enabled_by_default(self, world: World) -> None:
        session = world.chain(world.log_in("af-south-1"), "us-east-1", GLOBAL)
        assert refusal(session, "af-south-1") == INVALID


class TestVersion2:
    def test_is_valid_everywhere(self, world: World) -> None:
        world.sts.set_security_token_service_preferences("v2Token")
        session = world.log_in(url=GLOBAL)
        assert session.token_version == "v2Token"
        assert refusal(session, "af-south-1") is None
        assert refusal(world.chain(session, "us-east-1", GLOBAL), "af-south-1") is None

    def test_does_not_change_tokens_that_were_issued_before(self, world: World) -> None:
        session = world.log_in(url=GLOBAL)
        world.sts.set_security_token_service_preferences("v2Token")
        assert refusal(session, "af-south-1") == INVALID

    def test_can_be_given_up(self, world: World) -> None:
        world.sts.set_security_token_service_preferences("v2Token")
        later = world.log_in(url=GLOBAL)
        world.sts.set_security_token_service_preferences(global_endpoint_token_version="v1Token")
        assert refusal(later, "af-south-1") is None
        assert refusal(world.log_in(url=GLOBAL), "af-south-1") == INVALID

    @pytest.mark.parametrize("version", ["v3Token", "V2Token", "", "2", 2, None, b"v2Token", [], {}], ids=repr)
    def test_must_be_a_version_of_iam(self, sts: STSBackend, version: Any) -> None:
        with pytest.raises(ValueError, match=r'^global_endpoint_token_version must be "v1Token" or "v2Token", not '):
            sts.set_security_token_service_preferences(version)


def test_a_signed_request_of_the_global_endpoint_is_refused_by_handle(world: World) -> None:
    headers = signed(world.log_in(url=GLOBAL), WHO_AM_I, region="af-south-1")
    status, _, body = world.sts.handle(WHO_AM_I, region="af-south-1", headers=headers)
    assert status == 403
    assert "<Message>The security token included in the request is invalid</Message>" in body
