"""STSBackend: the AWS side that a test holds."""

import datetime as dt
import uuid
from collections.abc import Mapping
from email.utils import format_datetime
from typing import Any, Protocol

from .clock import Clock, Instant, Seed
from .saml.metadata import InvalidMetadata, read_metadata
from .sts import iam_input, limits, query
from .sts.errors import IAMError, Rejected
from .sts.iam import IAM, Role, SAMLProvider, parse_arn
from .sts.operation import assume_role_with_saml
from .sts.policy import parse_trust_policy
from .sts.session import letters

__all__ = ["Answer", "STSBackend"]

#: HTTP status, headers and body.
Answer = tuple[int, dict[str, str], str]


class _IdentityProvider(Protocol):
    # What the backend knows of identity providers, which are outside AWS.
    @property
    def metadata(self) -> str: ...
    def registered(self, provider: SAMLProvider) -> None: ...
    def deregistered(self, provider: SAMLProvider) -> None: ...


class STSBackend:
    """AWS as one mock knows it: SAML providers, roles, regions and the time, and STS which decides by them.

    `mock_sts_saml` and the fixture `sts_saml` give it; `account_id` and `partition` are what providers and roles get
    that name none.
    """

    def __init__(self, *, account_id: str, partition: str, seed: Seed) -> None:
        self.account_id = iam_input.account_id(account_id)
        self.partition = iam_input.partition(partition)
        self.clock = Clock(seed)
        self._iam = IAM()
        self._identity_providers: dict[str, _IdentityProvider] = {}

    def __repr__(self) -> str:
        return f"<STSBackend of account {self.account_id} in {self.partition}>"

    # --- IAM

    def create_saml_provider(
        self,
        name: str,
        metadata: str | _IdentityProvider,
        *,
        account_id: str | None = None,
        partition: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> SAMLProvider:
        """Register an identity provider with an account, as IAM's CreateSAMLProvider does.

        :param name: 1 to 128 letters, digits and `._-`.
        :param metadata: an `IdentityProvider`, or the text of a metadata document.
        :param account_id: the account's 12 digits; left out, the mock's.
        :param partition: "aws", "aws-cn" or "aws-us-gov"; left out, the mock's.
        :param tags: the provider's own tags.
        :raises IAMError: InvalidInput, ValidationError or EntityAlreadyExists, where IAM would refuse.
        """
        account_id = iam_input.account_id(self.account_id if account_id is None else account_id)
        partition = iam_input.partition(self.partition if partition is None else partition)
        iam_input.name("name", name, limits.PROVIDER_NAME, "._-")
        document = metadata if isinstance(metadata, str) else getattr(metadata, "metadata", None)
        if not isinstance(document, str):
            raise TypeError(f"metadata is an IdentityProvider or the text of a document, not {metadata!r}")
        arn = f"arn:{partition}:iam::{account_id}:saml-provider/{name}"
        try:
            known = read_metadata(document)
        except InvalidMetadata as error:
            raise IAMError("InvalidInput", 400, "Could not parse metadata", str(error)) from error
        uuid = "SAMLSP" + letters(self.clock.identifier("provider", arn), 16)
        provider = SAMLProvider(arn, name, account_id, partition, uuid, iam_input.tags(tags), known)
        self._iam.add_saml_provider(provider)
        if not isinstance(metadata, str):
            self._identity_providers[arn] = metadata
            metadata.registered(provider)
        return provider

    def delete_saml_provider(self, provider: SAMLProvider | str) -> None:
        """Remove a provider; roles that trust it stay, and logins through it are refused.

        :raises IAMError: NoSuchEntity.
        """
        arn = iam_input.arn_of("provider", provider)
        known = self._iam.saml_provider(arn)
        self._iam.delete_saml_provider(arn)
        identity_provider = self._identity_providers.pop(arn, None)
        if identity_provider is not None and known is not None:
            identity_provider.deregistered(known)

    def create_role(
        self,
        name: str,
        *,
        provider: SAMLProvider | str | None = None,
        trust_policy: Mapping[str, Any] | str | None = None,
        max_session_duration: int = limits.SHORTEST_ROLE_MAXIMUM,
        path: str = "/",
        tags: Mapping[str, str] | None = None,
        account_id: str | None = None,
        partition: str | None = None,
    ) -> Role:
        """Make a role, as IAM's CreateRole does.

        Without a trust policy it gets the one that the IAM console writes: this provider's users, addressed to the
        partition's global sign-in URL, and nothing more.

        :param name: 1 to 64 letters, digits and `+=,.@-_`.
        :param provider: whom the default trust policy lets in; left out, the account's only provider.
        :param trust_policy: a dict or JSON text; `provider.trust_policy(...)` writes wider ones than the default.
        :param max_session_duration: seconds, 3600 to 43200.
        :param path: begins and ends with a slash.
        :param tags: the role's own tags.
        :param account_id: the account's 12 digits; left out, the provider's, else the mock's.
        :param partition: "aws", "aws-cn" or "aws-us-gov"; left out, the provider's, else the mock's.
        :raises IAMError: MalformedPolicyDocument, ValidationError or EntityAlreadyExists, where IAM would refuse.
        :raises ValueError: no trust policy, and the account has no provider or several; or both are given.
        """
        if provider is not None and trust_policy is not None:
            raise ValueError("a role has a provider or a trust_policy; provider.trust_policy(...) gives one to widen")
        owner = None if provider is None else parse_arn(iam_input.arn_of("provider", provider))
        if account_id is None:
            account_id = owner.account_id if owner else self.account_id
        if partition is None:
            partition = owner.partition if owner else self.partition
        account_id, partition = iam_input.account_id(account_id), iam_input.partition(partition)
        iam_input.name("roleName", name, limits.ROLE_NAME, "+=,.@_-")
        arn = f"arn:{partition}:iam::{account_id}:role{iam_input.path(path)}{name}"
        if trust_policy is None:
            trust_policy = self._trusted(provider, account_id, partition).trust_policy()
        role_id = "AROA" + letters(self.clock.identifier("role", arn), 17)
        role = Role(
            arn=arn,
            name=name,
            role_id=role_id,
            account_id=account_id,
            partition=partition,
            path=path,
            max_session_duration=iam_input.role_maximum(max_session_duration),
            tags=iam_input.tags(tags),
            policy=parse_trust_policy(trust_policy),
        )
        self._iam.add_role(role)
        return role

    def delete_role(self, role: Role | str) -> None:
        """Remove a role.

        :raises IAMError: NoSuchEntity.
        """
        self._iam.delete_role(iam_input.arn_of("role", role))

    def _trusted(self, provider: SAMLProvider | str | None, account_id: str, partition: str) -> SAMLProvider:
        if provider is not None:
            arn = iam_input.arn_of("provider", provider)
            known = self._iam.saml_provider(arn)
            if known is None:
                raise ValueError(f"there is no provider {arn}; create_saml_provider(...) comes before create_role(...)")
            return known
        own = self._iam.saml_providers_of(account_id, partition)
        if len(own) != 1:
            names = ", ".join(p.arn for p in own) or "none"
            raise ValueError(
                f"a role without trust_policy trusts the account's only provider, and {account_id} has: {names}; "
                "write create_role(..., provider=...), or create_saml_provider(...) first"
            )
        return own[0]

    # --- regions and time

    def disable_region(self, region: str) -> None:
        """Switch STS off in a region, for every account; a client without a region calls us-east-1."""
        self._iam.disabled_regions.add(iam_input.region(region))

    def enable_region(self, region: str) -> None:
        """Switch STS on again."""
        self._iam.disabled_regions.discard(iam_input.region(region))

    def advance(self, **delta: float) -> None:
        """Let time pass: the keywords of `datetime.timedelta`, as `advance(minutes=6)`."""
        self.clock.advance(dt.timedelta(**delta))

    def move_to(self, instant: Instant) -> None:
        """Make it another time: a datetime (naive is UTC) or an ISO 8601 text."""
        self.clock.move_to(instant)

    # --- STS

    def answer(self, form: Mapping[str, Any], region: str) -> Answer:
        """Decide one AssumeRoleWithSAML call, given as form parameters, and write the HTTP response."""
        now = self.clock.now()
        request_id = self._request_id()
        try:
            request = query.read_request(form, iam_input.region(region))
            session = assume_role_with_saml(request, self._iam, now, self.clock.identifier)
        except Rejected as rejected:
            return self._http(
                rejected.error.status, query.write_error(rejected, request_id, self._request_id()), request_id, now
            )
        return self._http(200, query.write_response(session, request_id), request_id, now)

    def _http(self, status: int, body: str, request_id: str, now: dt.datetime) -> Answer:
        headers = {
            "x-amzn-RequestId": request_id,
            "Content-Type": "text/xml",
            "Content-Length": str(len(body.encode())),
            "Date": format_datetime(now, usegmt=True),
        }
        return status, headers, body

    def _request_id(self) -> str:
        return str(uuid.UUID(bytes=self.clock.identifier("request")[:16], version=4))

    def enter_forked_child(self) -> None:
        """Locks that no thread of the parent holds; the clock sees to itself."""
        self._iam.enter_forked_child()
