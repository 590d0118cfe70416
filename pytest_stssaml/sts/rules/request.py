"""The rules about a request before its response or its credentials are looked at."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from ...iam.directory import no_provider
from ...iam.entities import SAMLProvider
from ...iam.partitions import client_of, partition_of
from ...wire import Request
from .. import errors
from ..limits import API_VERSION, OTHER_OPERATIONS
from ..requests.parameters import RoleParameters, SAMLLoginParameters
from ..rule import Confidence, Rejected, rule
from ..state import ServiceState
from ..wire.query_request import read_chaining_parameters, read_login_parameters

if TYPE_CHECKING:
    from ..requests.chaining_parameters import RoleChainingParameters


@rule(
    "Action and Version name an operation that is served here",
    source="observed; for other operations of STS, the error is our choice",
    confidence=Confidence.OBSERVED,
)
def operation_is_served(request: Request, served: Collection[str]) -> str:
    action, version = request.form.get("Action"), request.form.get("Version", "NO_VERSION_SPECIFIED")
    if action in served and version == API_VERSION:
        return str(action)
    if version == API_VERSION and action in OTHER_OPERATIONS:
        raise Rejected(errors.OTHER_OPERATION, f"{action} is another operation of STS", action=action)
    because = f"expected {', '.join(served)} of {API_VERSION}"
    raise Rejected(errors.UNKNOWN_OPERATION, because, action=action, version=version)


@rule(
    "The parameters satisfy the schema of AssumeRoleWithSAML",
    source="API reference; observed",
    confidence=Confidence.OBSERVED,
)
def login_parameters_are_valid(request: Request) -> SAMLLoginParameters:
    return read_login_parameters(request)


@rule(
    "The parameters satisfy the schema of AssumeRole", source="API reference; observed", confidence=Confidence.OBSERVED
)
def chaining_parameters_are_valid(request: Request) -> "RoleChainingParameters":
    return read_chaining_parameters(request)


@rule(
    "STS is activated in the region", source="API reference, RegionDisabledException", confidence=Confidence.DOCUMENTED
)
def region_is_activated(parameters: RoleParameters, state: ServiceState) -> None:
    if parameters.region in state.disabled_regions:
        because = f"STS is disabled in {parameters.region}"
        raise Rejected(errors.REGION_DISABLED, because, account_id=parameters.role.account_id)


@rule(
    "The provider exists in the partition of the endpoint",
    source="troubleshoot_saml; the partition was observed",
    confidence=Confidence.DOCUMENTED,
)
def provider_exists(parameters: SAMLLoginParameters, state: ServiceState) -> SAMLProvider:
    provider = state.directory.saml_provider(parameters.principal_arn)
    partition = partition_of(parameters.region)
    if provider is None:
        arn = parameters.principal_arn
        because = no_provider(arn, state.directory.saml_providers(), state.directory.past(arn))
        raise Rejected(errors.UNKNOWN_PROVIDER, because)
    if provider.partition != partition:
        because = f"{provider.arn} does not exist in {partition}, the partition of {parameters.region}"
        because += f"; {client_of(provider.partition)}"
        raise Rejected(errors.UNKNOWN_PROVIDER, because)
    return provider
