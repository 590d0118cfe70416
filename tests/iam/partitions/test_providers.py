from collections.abc import Callable
from typing import Any, get_args

import pytest
from partitions import ENTITY_IDS, EVERYTHING, HOSTS, REGIONS, role_of

from pytest_stssaml import IdentityProvider, Role, SAMLProvider, STSBackend
from pytest_stssaml.keys import SigningKey
from pytest_stssaml.literals import Partition

# The regions of partitions that have no SAML sign-in.
FOREIGN = ["us-iso-east-1", "us-iso-west-1", "us-isob-east-1", "eu-isoe-west-1", "us-isof-south-1", "eusc-de-east-1"]
UNKNOWN_PROVIDER = (
    "InvalidIdentityToken",
    400,
    (
        "Specified provider doesn't exist (Service: AWSOpenIdDiscoveryService; Status Code: 400; "
        "Error Code: AuthSamlManifestNotFoundException; Request ID: …; Proxy: null)"
    ),
)
HERE = [(region, partition) for region, home in REGIONS.items() for partition in HOSTS if partition == home]
ELSEWHERE = [
    *((region, partition) for region, home in REGIONS.items() for partition in HOSTS if partition != home),
    *((region, partition) for region in FOREIGN for partition in HOSTS),
]


def provider_and_role(sts: STSBackend, idp: IdentityProvider, partition: Partition) -> tuple[SAMLProvider, Role]:
    """Create a provider and a role in a partition, whichever partition the mock has."""
    provider = sts.create_saml_provider("Okta", idp, partition=partition)
    return provider, role_of(provider, sts)


class TestProvider:
    @pytest.mark.parametrize(("endpoint", "of"), HERE)
    def test_exists_in_its_own_partition(
        self, sts: STSBackend, saml_signing_key: SigningKey, log_in_at: Callable[..., Any], endpoint: str, of: Partition
    ) -> None:
        idp = IdentityProvider(signing_key=saml_signing_key)
        provider, role = provider_and_role(sts, idp, of)
        answer = log_in_at(endpoint, idp.response(role, **EVERYTHING), role, provider)
        assert answer["AssumedRoleUser"]["Arn"] == f"arn:{of}:sts::123456789012:assumed-role/Developer/alice"

    @pytest.mark.parametrize(("endpoint", "of"), ELSEWHERE)
    def test_does_not_exist_in_another(
        self,
        sts: STSBackend,
        saml_signing_key: SigningKey,
        refusal_at: Callable[..., Any],
        endpoint: str,
        of: Partition,
    ) -> None:
        idp = IdentityProvider(signing_key=saml_signing_key)
        provider, role = provider_and_role(sts, idp, of)
        assert refusal_at(endpoint, idp.response(role, **EVERYTHING), role, provider) == UNKNOWN_PROVIDER

    def test_cannot_be_used_for_a_role_of_another_partition(
        self, sts: STSBackend, idp: IdentityProvider, refusal: Callable[..., Any]
    ) -> None:
        role = sts.create_role("A", provider=idp.provider, partition="aws-us-gov")
        addressed: dict[str, Any] = {"audience": ENTITY_IDS["aws"], "recipient": f"https://{HOSTS['aws']}/saml"}
        assert refusal(idp.response((role, idp.provider), **addressed), role, idp.provider) == (
            "ValidationError",
            400,
            "Principal exists outside the account of the Role being assumed",
        )

    def test_may_have_the_same_name_in_every_partition(self, sts: STSBackend, idp: IdentityProvider) -> None:
        arns = {sts.create_saml_provider("Okta", idp, partition=partition).arn for partition in get_args(Partition)}
        assert arns == {f"arn:{partition}:iam::123456789012:saml-provider/Okta" for partition in HOSTS}
