import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import boto3
import pytest
from botocore.exceptions import ClientError

from pytest_stssaml import (
    IdentityProvider,
    Role,
    SAMLProvider,
    STSBackend,
    mock_sts_saml,
)
from pytest_stssaml.keys import SigningKey

HOSTS = {
    "aws": "signin.aws.amazon.com",
    "aws-cn": "signin.amazonaws.cn",
    "aws-us-gov": "signin.amazonaws-us-gov.com",
}
ENTITY_IDS = {
    "aws": "urn:amazon:webservices",
    "aws-cn": "urn:amazon:webservices:cn-north-1",
    "aws-us-gov": "urn:amazon:webservices:govcloud",
}
REGIONS = {
    "us-east-1": "aws",
    "eu-central-2": "aws",
    "cn-north-1": "aws-cn",
    "cn-northwest-1": "aws-cn",
    "us-gov-west-1": "aws-us-gov",
    "us-gov-east-1": "aws-us-gov",
}
# Regions of partitions that sign nobody in here.
FOREIGN = ["us-iso-east-1", "us-iso-west-1", "us-isob-east-1", "eu-isoe-west-1", "us-isof-south-1", "eusc-de-east-1"]

PERMISSIONS = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}}
DENIED = ("AccessDenied", 403, "Not authorized to perform sts:AssumeRoleWithSAML")
UNKNOWN_PROVIDER = (
    "InvalidIdentityToken",
    400,
    (
        "Specified provider doesn't exist (Service: AWSOpenIdDiscoveryService; Status Code: 400; "
        "Error Code: AuthSamlManifestNotFoundException; Request ID: …; Proxy: null)"
    ),
)
EVERYTHING: dict[str, Any] = {
    "session_name": "alice",
    "principal_tags": {"team": "blue", "cost": "1"},
    "transitive_tag_keys": ["team"],
    "source_identity": "alice@example.com",
}


@pytest.fixture(scope="module")
def client_in(no_aws_environment: None) -> Callable[[str], Any]:
    """An STS client of a region, one for each."""
    clients: dict[str, Any] = {}

    def client(region: str) -> Any:
        if region not in clients:
            clients[region] = boto3.Session().client("sts", region_name=region)
        return clients[region]

    return client


@pytest.fixture
def log_in_at(client_in: Callable[[str], Any]) -> Callable[..., Any]:
    """The call at a region's endpoint: `log_in_at(region, response, role, provider, **parameters)`."""

    def call(region: str, response: str, role: Role, provider: SAMLProvider, **parameters: Any) -> Any:
        return client_in(region).assume_role_with_saml(
            RoleArn=role.arn, PrincipalArn=provider.arn, SAMLAssertion=response, **parameters
        )

    return call


@pytest.fixture
def refusal_at(log_in_at: Callable[..., Any]) -> Callable[..., tuple[str, int, str]]:
    """What the same call is refused with, without its inner request id."""

    def call(*arguments: Any, **parameters: Any) -> tuple[str, int, str]:
        with pytest.raises(ClientError) as caught:
            log_in_at(*arguments, **parameters)
        answer = caught.value.response
        message = re.sub(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "…", answer["Error"]["Message"])
        return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"], message

    return call


def role_of(provider: SAMLProvider, sts: STSBackend, **conditions: dict[str, Any]) -> Role:
    """A role that lets a provider's users in with tags and source identity, where a condition holds."""
    actions = ["sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"]
    trust = provider.trust_policy(actions=actions, conditions=conditions)
    return sts.create_role(
        "Developer", trust_policy=trust, path="/team/", partition=provider.partition, tags={"owner": "carol"}
    )


@pytest.fixture(params=REGIONS)
def region(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def partition(region: str) -> str:
    return REGIONS[region]


@pytest.fixture
def there(partition: str) -> Iterator[STSBackend]:
    """The backend of a mock of the region's partition."""
    with mock_sts_saml(partition=partition) as sts:
        yield sts


@pytest.fixture
def idp_there(there: STSBackend, saml_signing_key: SigningKey) -> IdentityProvider:
    identity_provider = IdentityProvider(signing_key=saml_signing_key)
    there.create_saml_provider("ExampleIdP", identity_provider)
    return identity_provider


@pytest.fixture
def role(there: STSBackend, idp_there: IdentityProvider) -> Role:
    return role_of(idp_there.provider, there)


@pytest.fixture
def log_in_there(idp_there: IdentityProvider, log_in_at: Callable[..., Any], region: str) -> Callable[..., Any]:
    """A login in the region: `log_in_there(role, said, **parameters)`."""

    def call(role: Role, said: dict[str, Any], **parameters: Any) -> Any:
        return log_in_at(region, idp_there.response(role, **said), role, idp_there.provider, **parameters)

    return call


@pytest.fixture
def refusal_there(idp_there: IdentityProvider, refusal_at: Callable[..., Any], region: str) -> Callable[..., Any]:
    """What the same login is refused with."""

    def call(role: Role, said: dict[str, Any], **parameters: Any) -> Any:
        return refusal_at(region, idp_there.response(role, **said), role, idp_there.provider, **parameters)

    return call


def another(table: dict[str, str], partition: str) -> str:
    """What the table has for the first partition but this."""
    return next(value for name, value in table.items() if name != partition)


class TestLogin:
    def test_a_default_role_lets_in(
        self, there: STSBackend, idp_there: IdentityProvider, log_in_there: Callable[..., Any]
    ) -> None:
        assert log_in_there(there.create_role("A"), {})["Subject"] == "alice@example.com"

    @pytest.mark.parametrize("said", ["principal_tags", "source_identity"])
    def test_a_default_role_does_not_let_in_with(
        self, there: STSBackend, idp_there: IdentityProvider, refusal_there: Callable[..., Any], said: str
    ) -> None:
        assert refusal_there(there.create_role("A"), {said: EVERYTHING[said]}) == DENIED

    def test_the_answer_is_of_the_partition(self, role: Role, log_in_there: Callable[..., Any], partition: str) -> None:
        answer = log_in_there(role, EVERYTHING)
        wanted = ("AssumedRoleUser", "Audience", "Subject", "SubjectType", "Issuer", "NameQualifier", "SourceIdentity")
        assert {name: answer[name] for name in wanted} == {
            "AssumedRoleUser": {
                "AssumedRoleId": f"{role.role_id}:alice",
                "Arn": f"arn:{partition}:sts::123456789012:assumed-role/Developer/alice",
            },
            "Audience": f"https://{HOSTS[partition]}/saml",
            "Subject": "alice@example.com",
            "SubjectType": "persistent",
            "Issuer": "https://idp.example.com/saml",
            "NameQualifier": "gVMfPykcwyJvL8k2pmXetypU/dY=",
            "SourceIdentity": "alice@example.com",
        }

    def test_session_policies_limit_it(
        self, there: STSBackend, role: Role, log_in_there: Callable[..., Any], partition: str
    ) -> None:
        arns = [there.create_policy("ReadOnly", PERMISSIONS), f"arn:{partition}:iam::aws:policy/ReadOnlyAccess"]
        session_policies = {"Policy": json.dumps(PERMISSIONS), "PolicyArns": [{"arn": arn} for arn in arns]}
        assert log_in_there(role, EVERYTHING, **session_policies)["SourceIdentity"] == "alice@example.com"

    @pytest.mark.parametrize("owner", ["aws", "123456789012"])
    def test_a_policy_of_another_partition_does_not(
        self, role: Role, refusal_there: Callable[..., Any], partition: str, owner: str
    ) -> None:
        arn = f"arn:{another({name: name for name in HOSTS}, partition)}:iam::{owner}:policy/ReadOnlyAccess"
        assert refusal_there(role, EVERYTHING, PolicyArns=[{"arn": arn}])[:2] == ("ValidationError", 400)

    @pytest.mark.parametrize("form", ["{entity_id}", "https://{host}/saml"], ids=["entity id", "URL"])
    def test_the_audience_is_the_partitions(
        self, role: Role, log_in_there: Callable[..., Any], partition: str, form: str
    ) -> None:
        audience = form.format(entity_id=ENTITY_IDS[partition], host=HOSTS[partition])
        assert log_in_there(role, {"audience": audience})["Subject"] == "alice@example.com"

    @pytest.mark.parametrize("form", ["{entity_id}", "https://{host}/saml"], ids=["entity id", "URL"])
    def test_the_audience_is_not_another_partitions(
        self, role: Role, refusal_there: Callable[..., Any], partition: str, form: str
    ) -> None:
        audience = form.format(entity_id=another(ENTITY_IDS, partition), host=another(HOSTS, partition))
        assert refusal_there(role, {"audience": audience}) == (
            "InvalidIdentityToken",
            400,
            "Response does not contain the required audience.",
        )

    @pytest.mark.parametrize("form", ["https://{region}.{host}/saml", "https://{host}/static/saml"])
    def test_the_recipient_may_be_another_of_the_partitions(
        self, there: STSBackend, idp_there: IdentityProvider, log_in_there: Callable[..., Any], region: str, form: str
    ) -> None:
        url = form.format(region=region, host=HOSTS[REGIONS[region]])
        role = there.create_role("A", trust_policy=idp_there.provider.trust_policy(audience=url))
        assert log_in_there(role, {"recipient": url})["Audience"] == url

    @pytest.mark.parametrize("regional", [True, False])
    def test_the_recipient_may_be_the_providers_own(
        self,
        there: STSBackend,
        idp_there: IdentityProvider,
        log_in_there: Callable[..., Any],
        region: str,
        regional: bool,
    ) -> None:
        url = idp_there.provider.sign_in_url(region if regional else None)
        role = there.create_role("A", trust_policy=idp_there.provider.trust_policy(audience=url))
        assert log_in_there(role, {"recipient": url})["Audience"] == url

    @pytest.mark.parametrize(
        "form",
        ["https://{other_host}/saml", "https://{region}.{other_host}/saml", "https://{other_region}.{host}/saml"],
        ids=["host", "host of the region", "region of the host"],
    )
    def test_the_recipient_is_not_another_partitions(
        self, role: Role, refusal_there: Callable[..., Any], region: str, partition: str, form: str
    ) -> None:
        recipient = form.format(
            region=region,
            host=HOSTS[partition],
            other_host=another(HOSTS, partition),
            other_region=another({home: name for name, home in REGIONS.items()}, partition),
        )
        assert refusal_there(role, {"recipient": recipient}) == (
            "InvalidIdentityToken",
            400,
            "Recipient is not an AWS sign-in endpoint",
        )

    def test_where_sts_is_off_it_is_refused(
        self, there: STSBackend, role: Role, refusal_there: Callable[..., Any], region: str
    ) -> None:
        there.disable_region(region)
        assert refusal_there(role, EVERYTHING)[:2] == ("RegionDisabledException", 403)

    def test_other_callers_are_answered_too(
        self, there: STSBackend, idp_there: IdentityProvider, role: Role, region: str, partition: str
    ) -> None:
        form = {
            "Action": "AssumeRoleWithSAML",
            "Version": "2011-06-15",
            "RoleArn": role.arn,
            "PrincipalArn": idp_there.provider.arn,
            "SAMLAssertion": idp_there.response(role, **EVERYTHING),
        }
        _, _, body = there.handle(urlencode(form), region=region)
        assert f"<Arn>arn:{partition}:sts::123456789012:assumed-role/Developer/alice</Arn>" in body


# What the login of a response that says everything gives some keys.
VALUES = {
    "saml:aud": "https://{host}/saml",
    "saml:doc": "123456789012/ExampleIdP",
    "saml:namequalifier": "gVMfPykcwyJvL8k2pmXetypU/dY=",
    "aws:RequestedRegion": "{region}",
    "aws:RequestTag/team": "blue",
    "aws:ResourceTag/owner": "carol",
    "sts:SourceIdentity": "alice@example.com",
}


class TestConditions:
    @pytest.fixture
    def role_where(self, there: STSBackend, idp_there: IdentityProvider, region: str) -> Callable[[str, str], Role]:
        """A role where a key has a value."""

        def make(key: str, form: str) -> Role:
            value = form.format(host=HOSTS[REGIONS[region]], region=region)
            return role_of(idp_there.provider, there, StringEquals={key: value})

        return make

    @pytest.mark.parametrize(("key", "value"), VALUES.items(), ids=VALUES)
    def test_the_value_of_a_key_lets_in(
        self, role_where: Callable[..., Role], log_in_there: Callable[..., Any], key: str, value: str
    ) -> None:
        assert log_in_there(role_where(key, value), EVERYTHING)["Subject"] == "alice@example.com"

    @pytest.mark.parametrize(("key", "value"), VALUES.items(), ids=VALUES)
    def test_another_value_keeps_out(
        self, role_where: Callable[..., Role], refusal_there: Callable[..., Any], key: str, value: str
    ) -> None:
        assert refusal_there(role_where(key, value + "x"), EVERYTHING) == DENIED

    def test_the_other_partitions_recipient_keeps_out(
        self, role_where: Callable[..., Role], refusal_there: Callable[..., Any], partition: str
    ) -> None:
        role = role_where("saml:aud", f"https://{another(HOSTS, partition)}/saml")
        assert refusal_there(role, EVERYTHING) == DENIED


def trusts_everything_of(sts: STSBackend, idp: IdentityProvider, partition: str) -> tuple[SAMLProvider, Role]:
    """A provider and a role of a partition, whichever the mock's is."""
    provider = sts.create_saml_provider("Okta", idp, partition=partition)
    return provider, role_of(provider, sts)


HERE = [(region, partition) for region, home in REGIONS.items() for partition in HOSTS if partition == home]
ELSEWHERE = [
    *((region, partition) for region, home in REGIONS.items() for partition in HOSTS if partition != home),
    *((region, partition) for region in FOREIGN for partition in HOSTS),
]


class TestProvider:
    @pytest.mark.parametrize(("endpoint", "of"), HERE)
    def test_exists_in_its_own_partition(
        self, sts: STSBackend, saml_signing_key: SigningKey, log_in_at: Callable[..., Any], endpoint: str, of: str
    ) -> None:
        idp = IdentityProvider(signing_key=saml_signing_key)
        provider, role = trusts_everything_of(sts, idp, of)
        answer = log_in_at(endpoint, idp.response(role, **EVERYTHING), role, provider)
        assert answer["AssumedRoleUser"]["Arn"] == f"arn:{of}:sts::123456789012:assumed-role/Developer/alice"

    @pytest.mark.parametrize(("endpoint", "of"), ELSEWHERE)
    def test_does_not_exist_in_another(
        self, sts: STSBackend, saml_signing_key: SigningKey, refusal_at: Callable[..., Any], endpoint: str, of: str
    ) -> None:
        idp = IdentityProvider(signing_key=saml_signing_key)
        provider, role = trusts_everything_of(sts, idp, of)
        assert refusal_at(endpoint, idp.response(role, **EVERYTHING), role, provider) == UNKNOWN_PROVIDER

    def test_of_one_partition_is_no_provider_for_anothers_role(
        self, sts: STSBackend, idp: IdentityProvider, refusal: Callable[..., Any]
    ) -> None:
        role = sts.create_role("A", provider=idp.provider, partition="aws-us-gov")
        addressed: dict[str, Any] = {"audience": ENTITY_IDS["aws"], "recipient": f"https://{HOSTS['aws']}/saml"}
        assert refusal(idp.response((role, idp.provider), **addressed), role, idp.provider) == (
            "ValidationError",
            400,
            "Principal exists outside the account of the Role being assumed",
        )

    def test_of_one_name_may_stand_in_each(self, sts: STSBackend, idp: IdentityProvider) -> None:
        arns = {sts.create_saml_provider("Okta", idp, partition=partition).arn for partition in HOSTS}
        assert arns == {f"arn:{partition}:iam::123456789012:saml-provider/Okta" for partition in HOSTS}
