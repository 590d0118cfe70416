import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from partitions import ENTITY_IDS, EVERYTHING, HOSTS, REGIONS, another, role_of

from pytest_stssaml import IdentityProvider, Role, STSBackend, mock_sts_saml
from pytest_stssaml.keys import SigningKey
from pytest_stssaml.literals import Partition

PERMISSIONS = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}}
DENIED = ("AccessDenied", 403, "Not authorized to perform sts:AssumeRoleWithSAML")

# By key: a value that it has in the login of EVERYTHING.
VALUES = {
    "saml:aud": "https://{host}/saml",
    "saml:doc": "123456789012/ExampleIdP",
    "saml:namequalifier": "gVMfPykcwyJvL8k2pmXetypU/dY=",
    "aws:RequestedRegion": "{region}",
    "aws:RequestTag/team": "blue",
    "aws:ResourceTag/owner": "carol",
    "sts:SourceIdentity": "alice@example.com",
}


@pytest.fixture(params=REGIONS)
def region(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def partition(region: str) -> str:
    return REGIONS[region]


@pytest.fixture
def there(partition: Partition) -> Iterator[STSBackend]:
    """The backend of a mock of the region's partition."""
    with mock_sts_saml(partition=partition) as sts:
        yield sts


@pytest.fixture
def idp_there(there: STSBackend, saml_signing_key: SigningKey) -> IdentityProvider:
    """An identity provider that the mock knows as "ExampleIdP"."""
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
    """The error of the same login."""

    def call(role: Role, said: dict[str, Any], **parameters: Any) -> Any:
        return refusal_at(region, idp_there.response(role, **said), role, idp_there.provider, **parameters)

    return call


class TestLogin:
    def test_is_accepted_by_a_default_role(
        self, there: STSBackend, idp_there: IdentityProvider, log_in_there: Callable[..., Any]
    ) -> None:
        assert log_in_there(there.create_role("A"), {})["Subject"] == "alice@example.com"

    @pytest.mark.parametrize("said", ["principal_tags", "source_identity"])
    def test_with_tags_or_a_source_identity_is_denied_by_a_default_role(
        self, there: STSBackend, idp_there: IdentityProvider, refusal_there: Callable[..., Any], said: str
    ) -> None:
        assert refusal_there(there.create_role("A"), {said: EVERYTHING[said]}) == DENIED

    def test_returns_values_of_the_partition(
        self, role: Role, log_in_there: Callable[..., Any], partition: str
    ) -> None:
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

    def test_may_have_session_policies_of_the_partition(
        self, there: STSBackend, role: Role, log_in_there: Callable[..., Any], partition: str
    ) -> None:
        arns = [there.create_policy("ReadOnly", PERMISSIONS), f"arn:{partition}:iam::aws:policy/ReadOnlyAccess"]
        session_policies = {"Policy": json.dumps(PERMISSIONS), "PolicyArns": [{"arn": arn} for arn in arns]}
        assert log_in_there(role, EVERYTHING, **session_policies)["SourceIdentity"] == "alice@example.com"

    @pytest.mark.parametrize("owner", ["aws", "123456789012"])
    def test_must_not_have_a_session_policy_of_another_partition(
        self, role: Role, refusal_there: Callable[..., Any], partition: str, owner: str
    ) -> None:
        arn = f"arn:{another({name: name for name in HOSTS}, partition)}:iam::{owner}:policy/ReadOnlyAccess"
        assert refusal_there(role, EVERYTHING, PolicyArns=[{"arn": arn}])[:2] == ("ValidationError", 400)

    @pytest.mark.parametrize("form", ["{entity_id}", "https://{host}/saml"], ids=["entity id", "URL"])
    def test_may_have_the_audiences_of_the_partition(
        self, role: Role, log_in_there: Callable[..., Any], partition: str, form: str
    ) -> None:
        audience = form.format(entity_id=ENTITY_IDS[partition], host=HOSTS[partition])
        assert log_in_there(role, {"audience": audience})["Subject"] == "alice@example.com"

    @pytest.mark.parametrize("form", ["{entity_id}", "https://{host}/saml"], ids=["entity id", "URL"])
    def test_must_not_have_the_audience_of_another_partition(
        self, role: Role, refusal_there: Callable[..., Any], partition: str, form: str
    ) -> None:
        audience = form.format(entity_id=another(ENTITY_IDS, partition), host=another(HOSTS, partition))
        assert refusal_there(role, {"audience": audience}) == (
            "InvalidIdentityToken",
            400,
            "Response does not contain the required audience.",
        )

    @pytest.mark.parametrize("form", ["https://{region}.{host}/saml", "https://{host}/static/saml"])
    def test_may_have_other_recipients_of_the_partition(
        self, there: STSBackend, idp_there: IdentityProvider, log_in_there: Callable[..., Any], region: str, form: str
    ) -> None:
        url = form.format(region=region, host=HOSTS[REGIONS[region]])
        role = there.create_role("A", trust_policy=idp_there.provider.trust_policy(recipient=url))
        assert log_in_there(role, {"recipient": url})["Audience"] == url

    @pytest.mark.parametrize("regional", [True, False])
    def test_may_have_the_recipient_of_the_provider(
        self,
        there: STSBackend,
        idp_there: IdentityProvider,
        log_in_there: Callable[..., Any],
        region: str,
        regional: bool,
    ) -> None:
        url = idp_there.provider.sign_in_url(region if regional else None)
        role = there.create_role("A", trust_policy=idp_there.provider.trust_policy(recipient=url))
        assert log_in_there(role, {"recipient": url})["Audience"] == url

    @pytest.mark.parametrize(
        "form",
        ["https://{other_host}/saml", "https://{region}.{other_host}/saml", "https://{other_region}.{host}/saml"],
        ids=["host", "host of the region", "region of the host"],
    )
    def test_is_denied_by_the_default_trust_policy_with_the_recipient_of_another_partition(
        self, role: Role, refusal_there: Callable[..., Any], region: str, partition: str, form: str
    ) -> None:
        recipient = form.format(
            region=region,
            host=HOSTS[partition],
            other_host=another(HOSTS, partition),
            other_region=another({home: name for name, home in REGIONS.items()}, partition),
        )
        assert refusal_there(role, {"recipient": recipient}) == (
            "AccessDenied",
            403,
            "Not authorized to perform sts:AssumeRoleWithSAML",
        )

    def test_is_rejected_in_a_disabled_region(
        self, there: STSBackend, role: Role, refusal_there: Callable[..., Any], region: str
    ) -> None:
        there.disable_region(region)
        assert refusal_there(role, EVERYTHING)[:2] == ("RegionDisabledException", 403)

    def test_works_over_the_query_protocol(
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


class TestConditions:
    @pytest.fixture
    def role_where(self, there: STSBackend, idp_there: IdentityProvider, region: str) -> Callable[[str, str], Role]:
        """Creates a role that requires a value of a key."""

        def make(key: str, form: str) -> Role:
            value = form.format(host=HOSTS[REGIONS[region]], region=region)
            return role_of(idp_there.provider, there, StringEquals={key: value})

        return make

    @pytest.mark.parametrize(("key", "value"), VALUES.items(), ids=VALUES)
    def test_hold_for_the_value_of_a_key(
        self, role_where: Callable[..., Role], log_in_there: Callable[..., Any], key: str, value: str
    ) -> None:
        assert log_in_there(role_where(key, value), EVERYTHING)["Subject"] == "alice@example.com"

    @pytest.mark.parametrize(("key", "value"), VALUES.items(), ids=VALUES)
    def test_fail_for_another_value(
        self, role_where: Callable[..., Role], refusal_there: Callable[..., Any], key: str, value: str
    ) -> None:
        assert refusal_there(role_where(key, value + "x"), EVERYTHING) == DENIED

    def test_fail_for_the_recipient_of_another_partition(
        self, role_where: Callable[..., Role], refusal_there: Callable[..., Any], partition: str
    ) -> None:
        role = role_where("saml:aud", f"https://{another(HOSTS, partition)}/saml")
        assert refusal_there(role, EVERYTHING) == DENIED


@pytest.mark.parametrize(
    ("partition", "example"), [("aws-cn", "cn-north-1"), ("aws-us-gov", "us-gov-west-1")], ids=["China", "GovCloud"]
)
def test_a_role_of_another_partition_than_that_of_the_client_is_explained(
    sts: STSBackend, idp: IdentityProvider, refusal: Callable[..., Any], partition: Partition, example: str
) -> None:
    provider = sts.create_saml_provider("ExampleIdP", idp, partition=partition)
    role = sts.create_role("Developer", provider=provider)
    assert refusal(idp.response((role, provider)), role, provider)[0] == "InvalidIdentityToken"
    assert sts.last_attempt.because == (
        f"{provider.arn} does not exist in aws, the partition of us-east-1; give the client a region of {partition}, "
        f"such as region_name={example!r}"
    )
