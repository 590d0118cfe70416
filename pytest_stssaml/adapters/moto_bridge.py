"""The bridge to moto: its providers and roles can be assumed, and it knows the sessions that were issued.

moto's private names are used here and nowhere else, and nothing of moto is imported before its mock is active. Nothing
is added to what moto lists. It only gets what maps an access key to an account and to a role.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from functools import lru_cache
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ..iam.arn import Arn, parse_arn
from ..iam.entities import Role, SAMLProvider
from ..iam.errors import IAMError
from ..iam.limits import SHORTEST_ROLE_MAXIMUM
from ..iam.policies.evaluation import Policy
from ..iam.policies.trust_policies import parse_trust_policy
from ..identifiers import base32_letters
from ..locks import Lock
from ..saml.metadata import InvalidMetadata, Metadata, read_metadata
from ..saml.vocabulary import SERVICE_PROVIDERS
from ..sts.limits import MOST_SESSIONS
from ..sts.sessions.session import Session
from .moto_limits import access_key_id_of, check_limits
from .moto_presence import is_active

if TYPE_CHECKING:
    from ..literals import Partition


def _backend(backends: Any, partition: str, account_id: str) -> Any:
    """Return IAM or STS of one account. In older versions of moto all partitions share one."""
    account = backends[account_id]
    return account[partition if partition in account else "global"]


# --- what moto knows, for STS


class MotoIAM:
    """What a test created with `boto3.client("iam")` while moto's mock is active. Each look-up asks moto again."""

    def saml_provider(self, arn: str) -> SAMLProvider | None:
        """Return the provider of an ARN. If IAM would refuse its metadata, it has no issuer."""
        parts, iam = _iam_of(arn)
        found = _with_arn(arn, iam.list_saml_providers()) if iam else None
        if found is None:
            return None
        return SAMLProvider(
            arn=arn,
            name=found.name,
            account_id=parts.account_id,
            partition=cast("Partition", parts.partition),
            uuid="SAMLSP" + base32_letters(hashlib.sha256(arn.encode()).digest(), 16),
            tags={},
            _metadata=_metadata(found.saml_metadata_document or ""),
        )

    def saml_providers(self) -> list[str]:
        """Return the ARNs of all providers, of every account."""
        return list(dict.fromkeys(str(provider.arn) for iam in _iams() for provider in list(iam.list_saml_providers())))

    def role(self, arn: str) -> Role | None:
        """Return the role of an ARN. If IAM would refuse its trust policy, the role trusts nobody."""
        parts, iam = _iam_of(arn)
        found = _with_arn(arn, iam.get_roles()) if iam else None
        if found is None:
            return None
        return Role(
            arn=arn,
            name=found.name,
            role_id=found.id,
            account_id=parts.account_id,
            partition=cast("Partition", parts.partition),
            path=found.path,
            max_session_duration=int(found.max_session_duration or SHORTEST_ROLE_MAXIMUM),
            tags=_tags(found.tags),
            _policy=_trust_policy(_text(found.assume_role_policy_document)),
            policies=(*map(_text, list(found.policies.values())), *list(found.managed_policies)),
            permissions_boundary=_boundary(found.permissions_boundary),
        )

    def role_arns(self) -> list[str]:
        """Return the ARNs of all roles, of every account."""
        return list(dict.fromkeys(str(role.arn) for iam in _iams() for role in list(iam.get_roles())))

    def managed_policies(self, arns: Iterable[str]) -> frozenset[str]:
        """Return those of some ARNs that are managed policies."""
        return frozenset(arn for arn in arns if (iam := _iam_of(arn)[1]) and arn in iam.managed_policies)

    def policy_document(self, arn: str) -> str | None:
        """Return the JSON of a managed policy: that of its default version, if it was created in moto."""
        iam = _iam_of(arn)[1]
        policy = iam.managed_policies.get(arn) if iam else None
        versions = policy.versions if policy else ()
        return next((_text(version.document) for version in versions if version.is_default), None)

    def account_alias(self, account_id: str, partition: str) -> str | None:
        """Return the alias of an account, or None."""
        iam = _iam_at(Arn(partition, "iam", "", account_id, "root"))
        return next(iter(iam.account_aliases), None) if iam else None


# A decision needs few of them, and all together are large.
@lru_cache(maxsize=64)
def aws_managed_policy(arn: str) -> str | None:
    """Return the JSON of one of AWS's own policies, as moto has it, or None. moto itself is not imported for it."""
    package = find_spec("moto")
    file = Path(package.origin).parent / "iam" / "aws_managed_policies.py" if package and package.origin else None
    if file is None or not file.is_file():
        return None
    name = arn.rpartition("/")[2]
    found = json.loads(_attribute_of(file, "aws_managed_policies_data")).get(name)
    is_there = found is not None and arn.endswith(f":policy{found['Path']}{name}")
    return json.dumps(found["Document"]) if is_there else None


def _attribute_of(file: Path, name: str) -> Any:
    """Return an attribute of a module in a file, without importing the package that it is in."""
    spec = cast(ModuleSpec, spec_from_file_location(file.stem, file))
    module = module_from_spec(spec)
    cast(Loader, spec.loader).exec_module(module)
    return getattr(module, name, "{}")


_NOWHERE = Arn("", "", "", "", "")


def _iams() -> list[Any]:
    """Return the IAM of every account and partition."""
    from moto.iam.models import iam_backends

    return [_backend(iam_backends, partition, account) for account in iam_backends for partition in SERVICE_PROVIDERS]


def _iam_of(text: str) -> tuple[Arn, Any]:
    """Return the parts of an ARN, and the IAM of its account.

    The IAM is None if moto's mock is not active, or if it does not know the partition or the account.
    """
    arn = parse_arn(text) or _NOWHERE
    return arn, _iam_at(arn)


def _iam_at(arn: Arn) -> Any:
    if arn.service != "iam" or arn.partition not in SERVICE_PROVIDERS or not is_active():
        return None
    from moto.iam.models import iam_backends

    # Asking for an account creates it.
    known = arn.account_id in iam_backends
    return _backend(iam_backends, arn.partition, arn.account_id) if known else None


def _with_arn(arn: str, found: Iterable[Any]) -> Any:
    return next((one for one in list(found) if one.arn == arn), None)


def _tags(tags: Any) -> dict[str, str]:
    # A dictionary in older versions of moto.
    return {tag["Key"]: tag["Value"] for tag in (tags.values() if isinstance(tags, dict) else tags or ())}


def _boundary(boundary: Any) -> str | None:
    # Only the ARN in older versions of moto.
    return (boundary["PermissionsBoundaryArn"] if isinstance(boundary, dict) else boundary) or None


def _text(document: Any) -> str:
    # In older versions of moto it is a dict if CloudFormation created the role. YAML may turn its version into a date.
    return document if isinstance(document, str) else json.dumps(document, default=str)


@lru_cache(maxsize=64)
def _metadata(document: str) -> Metadata:
    try:
        return read_metadata(document)
    except InvalidMetadata as error:
        return Metadata("", (), fault=f"moto took metadata that IAM would refuse: {error}")


@lru_cache(maxsize=256)
def _trust_policy(document: str) -> Policy:
    try:
        return parse_trust_policy(document)
    except IAMError as error:
        return Policy({}, (), fault=str(error))


# --- the sessions of STS, for moto


class PublishedSessions:
    """The sessions of one backend that moto knows."""

    def __init__(self, policy_document: Callable[[str], str | None]) -> None:
        self._policy_document = policy_document
        self._published: dict[str, Session] = {}
        self._enforcement: tuple[Any, Any, Any] | None = None
        self._lock = Lock()
        self._is_open = True

    def publish(self, session: Session) -> None:
        """Let moto, whose mock is active, know a session. It may have been reset since the last call."""
        from moto.iam.models import iam_backends

        account, key = (session.role.partition, session.account_id), session.access_key_id
        keys = _backend(iam_backends, *account).access_keys
        if key in keys and self._published.get(key) is session:  # as before nearly each call
            return
        from moto.iam import access_control
        from moto.sts.models import sts_backends

        with self._lock:
            if not self._is_open:  # the call is late: the mock has ended
                return
            self._published[key] = session  # first, so that it is withdrawn even if the rest fails
            if key not in keys:
                keys[key] = _AccessKey(session)
                _backend(sts_backends, *account).assumed_roles.append(_AssumedRole(session))
            if self._enforcement is None:
                self._enforce(access_control)
            if len(self._published) > MOST_SESSIONS:
                self._withdraw(next(iter(self._published)))

    def withdraw(self, access_key_id: str) -> None:
        """Let moto, whose mock is active, forget a session."""
        with self._lock:
            if access_key_id in self._published:
                self._withdraw(access_key_id)

    def withdraw_all(self) -> None:
        """Let moto forget all sessions, and publish no more."""
        with self._lock:
            self._is_open = False
            if self._enforcement is not None:
                access_control, create, check = self._enforcement
                access_control.create_access_key = create
                access_control.IAMRequestBase.check_action_permitted = check
                self._enforcement = None
            if is_active():
                for access_key_id in list(self._published):
                    self._withdraw(access_key_id)
            self._published = {}

    def _withdraw(self, access_key_id: str) -> None:
        from moto.iam.models import iam_backends
        from moto.sts.models import sts_backends

        session = self._published.pop(access_key_id)
        account = session.role.partition, session.account_id
        _backend(iam_backends, *account).access_keys.pop(access_key_id, None)
        sts = _backend(sts_backends, *account)
        sts.assumed_roles = [role for role in sts.assumed_roles if role.access_key_id != access_key_id]

    def _enforce(self, access_control: Any) -> None:
        """Let moto's enforcement find the permissions of our roles and the limits of sessions, which moto lacks."""
        create, check = access_control.create_access_key, access_control.IAMRequestBase.check_action_permitted

        def create_access_key(**arguments: Any) -> Any:
            session = self._published.get(arguments["access_key_id"])
            if session is None or _is_of_moto(session.role):
                return create(**arguments)
            if arguments["headers"].get("X-Amz-Security-Token") != session.session_token:
                raise access_control.CreateAccessKeyFailure(reason="InvalidToken")
            return _Permissions(session, self._policy_document)

        def check_action_permitted(request: Any, resource: str) -> None:
            check(request, resource)
            session = self._published.get(access_key_id_of(request))
            if session is not None:
                check_limits(session, request, resource)

        access_control.create_access_key = create_access_key
        access_control.IAMRequestBase.check_action_permitted = check_action_permitted
        self._enforcement = access_control, create, check


def _is_of_moto(role: Role) -> bool:
    """Return whether moto has this role, and not another one with its ARN, which it may have if both made one."""
    found = MotoIAM().role(role.arn)
    return found is not None and found.role_id == role.role_id


class _AccessKey:
    """A temporary access key in the form in which moto keeps them by account. moto notes its last use here."""

    user_name = None
    status = "Active"
    last_used: Any = None

    def __init__(self, session: Session) -> None:
        self.access_key_id, self.secret_access_key = session.access_key_id, session.secret_access_key
        self.create_date = session.issued.replace(tzinfo=None)
        self.role_arn = session.role.arn


class _AssumedRole:
    """An assumed role in the form in which moto keeps them. moto looks them up by access key."""

    policy = external_id = None

    def __init__(self, session: Session) -> None:
        self.access_key_id, self.secret_access_key = session.access_key_id, session.secret_access_key
        self.session_token, self.expiration = session.session_token, session.expiration.replace(tzinfo=None)
        self.account_id, self.partition = session.account_id, session.role.partition
        self.role_arn, self.session_name = session.role.arn, session.name
        self.arn, self.user_id = session.arn, session.assumed_role_id


class _Permissions:
    """A session in the form in which moto's enforcement asks for it."""

    def __init__(self, session: Session, policy_document: Callable[[str], str | None]) -> None:
        self.arn = session.arn
        self._session = session
        self._policy_document = policy_document

    def create_credentials(self) -> Any:
        """Return what moto computes the signature with."""
        from moto.iam import access_control

        session, moto = self._session, cast(Any, access_control)
        return moto.Credentials(session.access_key_id, session.secret_access_key, session.session_token)

    def collect_policies(self) -> list[Any]:
        """Return the permissions of the role: JSON, and managed policies of moto."""
        return [found for policy in self._session.role.policies if (found := self._found(policy)) is not None]

    def _found(self, policy: str) -> Any:
        if parse_arn(policy) is None:
            return policy
        # Each account has AWS's own policies if moto was configured to load them.
        from moto.iam.models import iam_backends

        role = self._session.role
        iam = _backend(iam_backends, role.partition, role.account_id)
        return self._policy_document(policy) or iam.managed_policies.get(policy)
