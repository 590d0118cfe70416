"""The logins of the fixture `saml_rejection`: one for each way to be refused.

This module is imported when a test that uses the fixture is collected, so it imports nothing heavy.
"""

import datetime as dt
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from .keywords import did_you_mean

if TYPE_CHECKING:
    from .backend import STSBackend
    from .iam.entities import Role
    from .idp.identity_provider import IdentityProvider
    from .idp.saml_response import SAMLResponse
    from .literals import RejectionName
    from .sts.errors import ErrorRow


@dataclass(frozen=True)
class Rejection:
    """A login that STS refuses, and the answer of STS. The fixture `saml_rejection` returns one."""

    #: The name of the rejection, such as "expired".
    name: "RejectionName"
    #: The response to log in with.
    response: "SAMLResponse" = field(repr=False)
    #: The RoleArn to log in with.
    role_arn: str
    #: The PrincipalArn to log in with.
    provider_arn: str
    #: AWS's error code.
    code: str
    #: The name of the class under `client.exceptions`; "ClientError" if the service model has none for the code.
    exception: str
    #: The HTTP status.
    status: int
    #: AWS's message; a pattern if the message varies.
    message: str | re.Pattern[str]
    #: The reason in one sentence.
    why: str
    #: Whether the response itself is good and the error is an ordered one, since at AWS the region or the arguments of
    #: the caller decide.
    forced: bool
    #: Whether the response offers this role with this provider. If not, a tool that takes both from the response does
    #: not call AWS with them.
    offered: bool

    def is_told_in(self, text: str) -> bool:
        """Return whether a text, such as the output of your tool, contains AWS's message.

        It is also found where the text is wrapped or indented, or where it is JSON, with escapes such as a backslash
        before quotation marks.

        >>> saml_rejection.is_told_in("login failed: Response signature invalid")
        True

        :param text: what your tool says.
        """
        pattern = re.escape(self.message) if isinstance(self.message, str) else self.message.pattern
        # re.escape() writes a backslash before a space, and before a line feed.
        told = re.compile(re.sub(r"(?:\\\s)+", lambda _: r"\s+", pattern))
        unescaped = _JSON_ESCAPE.sub(lambda escape: str(json.loads(f'"{escape[0]}"')), text)
        return any(told.search(each) for each in (text, unescaped))


# What stands for one character in a string of JSON (RFC 8259, section 7).
_JSON_ESCAPE = re.compile(r'\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})')


class _Login(NamedTuple):
    response: "SAMLResponse"
    role_arn: str
    provider_arn: str


_Cause = Callable[["STSBackend", "IdentityProvider"], _Login]


class Way(NamedTuple):
    """One way to be refused."""

    #: Makes the login.
    cause: _Cause
    #: The name of the row in `sts.errors`.
    row: str
    #: The reason in one sentence.
    why: str
    #: See `Rejection.forced`.
    forced: bool = False
    #: See `Rejection.offered`.
    offered: bool = True


_ROLE = "Rejected"


def _response_with(**values: Any) -> _Cause:
    """Return a cause: a role that trusts the provider, and a response with some other values."""

    def cause(sts: "STSBackend", idp: "IdentityProvider") -> _Login:
        role = sts.create_role(_ROLE, provider=idp.provider)
        return _Login(idp.response(role, **values), role.arn, idp.provider.arn)

    return cause


def _role_with(policy: dict[str, Any], **values: Any) -> _Cause:
    """Return a cause: a role with another trust policy, from the keywords of `provider.trust_policy`."""

    def cause(sts: "STSBackend", idp: "IdentityProvider") -> _Login:
        role = sts.create_role(_ROLE, trust_policy=idp.provider.trust_policy(**policy))
        return _Login(idp.response(role, **values), role.arn, idp.provider.arn)

    return cause


def _tampered(sts: "STSBackend", idp: "IdentityProvider") -> _Login:
    login = _response_with()(sts, idp)
    return login._replace(response=login.response.tampered("alice@example.com", "mallory@example.com"))


def _foreign_key(sts: "STSBackend", idp: "IdentityProvider") -> _Login:
    from .keys import make_signing_key

    return _response_with(signing_key=make_signing_key("ec"))(sts, idp)


def _wrong_recipient(sts: "STSBackend", idp: "IdentityProvider") -> _Login:
    # The Destination stays that of AWS, since the browser posts the response there in any case.
    good = _response_with()(sts, idp)
    destination = good.response.root.get("Destination")
    response = idp.response(good.role_arn, recipient="https://other.example.com/saml", destination=destination)
    response._posted_to = good.response._posted_to  # likewise in a shape that has no Destination
    return good._replace(response=response)


def _unknown_provider(sts: "STSBackend", idp: "IdentityProvider") -> _Login:
    role = sts.create_role(_ROLE, provider=idp.provider)
    unknown = f"{idp.provider.arn}-unknown"
    return _Login(idp.response((role, unknown)), role.arn, unknown)


def _unknown_role(_: "STSBackend", idp: "IdentityProvider") -> _Login:
    # Not the name of the others, which earlier mocks had.
    arn = f"arn:{idp.provider.partition}:iam::{idp.provider.account_id}:role/Unknown"
    return _Login(idp.response((arn, idp.provider)), arn, idp.provider.arn)


def _role_not_in_response(sts: "STSBackend", idp: "IdentityProvider") -> _Login:
    other = f"arn:{idp.provider.partition}:iam::{idp.provider.account_id}:role/Other"
    role = sts.create_role(_ROLE, provider=idp.provider)
    return _Login(idp.response((other, idp.provider)), role.arn, idp.provider.arn)


def _not_a_role(sts: "STSBackend", idp: "IdentityProvider") -> _Login:
    login = _response_with()(sts, idp)
    return login._replace(role_arn=login.provider_arn, provider_arn=login.role_arn)


def _other_account(sts: "STSBackend", idp: "IdentityProvider") -> _Login:
    account_id = "111122223333" if idp.provider.account_id != "111122223333" else "123456789012"
    policy = idp.provider.trust_policy()
    role = sts.create_role(_ROLE, trust_policy=policy, account_id=account_id, partition=idp.provider.partition)
    return _Login(idp.response((role, idp.provider)), role.arn, idp.provider.arn)


def _packed_too_large(sts: "STSBackend", idp: "IdentityProvider") -> _Login:
    import hashlib

    # The values are digests, since repeated text would be compressed to a small token.
    digests = [hashlib.shake_256(f"{number}".encode()).hexdigest(128) for number in range(50)]
    actions = ["sts:AssumeRoleWithSAML", "sts:TagSession"]
    tags = {f"tag-{number}": digest for number, digest in enumerate(digests)}
    return _role_with({"actions": actions}, principal_tags=tags)(sts, idp)


_MINUTE = dt.timedelta(minutes=1)
_FAILED = "urn:oasis:names:tc:SAML:2.0:status:AuthnFailed"
_NOT_ALICE = {"conditions": {"StringNotEquals": {"saml:sub": "alice@example.com"}}}

#: Every way to be refused, by its name.
WAYS: dict[str, Way] = {
    "expired": Way(_response_with(not_on_or_after=dt.timedelta(0)), "EXPIRED", "NotOnOrAfter has passed."),
    "redeemed-too-late": Way(
        _response_with(issue_instant=-6 * _MINUTE, not_on_or_after=60 * _MINUTE),
        "REDEEMED_TOO_LATE",
        "The assertion was issued more than five minutes ago.",
    ),
    "not-yet-valid": Way(_response_with(not_before=_MINUTE), "NOT_YET_VALID", "NotBefore is a minute ahead."),
    "tampered": Way(_tampered, "BAD_SIGNATURE", "Somebody changed the response after it was signed."),
    "foreign-key": Way(_foreign_key, "BAD_SIGNATURE", "It is signed by a key that is not in the provider's metadata."),
    "unsigned": Way(_response_with(signed=None), "BAD_SIGNATURE", "Nothing in the response is signed."),
    "wrong-issuer": Way(
        _response_with(issuer="https://other.example.com/saml"),
        "FOREIGN_ISSUER",
        "The Issuer is not the entity id of the provider's metadata.",
    ),
    "unknown-provider": Way(_unknown_provider, "UNKNOWN_PROVIDER", "AWS has no provider of that ARN."),
    "wrong-audience": Way(_response_with(audience="urn:example:other"), "AUDIENCE", "The Audience is not AWS."),
    "wrong-recipient": Way(
        _wrong_recipient, "ACCESS_DENIED", "The role's trust policy requires another Recipient, by SAML:aud."
    ),
    "no-confirmation": Way(
        _response_with(recipient=None), "SUBJECT_CONFIRMATION", "SubjectConfirmationData has no Recipient."
    ),
    "idp-refused": Way(
        _response_with(status=_FAILED),
        "REFUSED_BY_IDP",
        "The identity provider reports a failed sign-in.",
        offered=False,
    ),
    "role-not-in-response": Way(
        _role_not_in_response,
        "ROLE_NOT_IN_RESPONSE",
        "The response offers another role than the requested one.",
        offered=False,
    ),
    "no-session-name": Way(
        _response_with(session_name=None), "NO_ROLE_SESSION_NAME", "The response has no RoleSessionName."
    ),
    "bad-session-name": Way(
        _response_with(session_name="Alice Smith"), "BAD_ROLE_SESSION_NAME", "RoleSessionName has a space in it."
    ),
    "bad-source-identity": Way(
        _response_with(source_identity="Alice Smith"), "SOURCE_IDENTITY", "SourceIdentity has a space in it."
    ),
    "bad-tags": Way(_response_with(principal_tags={"team": "x" * 257}), "TAGS", "A tag's value has 257 characters."),
    "no-name-id": Way(_response_with(name_id=None), "ACCESS_DENIED", "The subject has no NameID."),
    "unknown-role": Way(_unknown_role, "ACCESS_DENIED", "There is no such role."),
    "not-a-role": Way(_not_a_role, "NOT_A_PROVIDER_ARN", "The ARNs of role and provider are swapped.", offered=False),
    "other-account": Way(_other_account, "OTHER_ACCOUNT", "Role and provider are in two accounts."),
    "not-in-trust-policy": Way(
        _role_with(_NOT_ALICE), "ACCESS_DENIED", "The role's trust policy does not let this person in."
    ),
    "untrusted-tags": Way(
        _response_with(principal_tags={"team": "blue"}),
        "ACCESS_DENIED",
        "The response has a tag, and the role's trust policy does not allow sts:TagSession.",
    ),
    "untrusted-source-identity": Way(
        _response_with(source_identity="alice"),
        "ACCESS_DENIED",
        "The response has a source identity, and the role's trust policy does not allow sts:SetSourceIdentity.",
    ),
    "packed-too-large": Way(
        _packed_too_large, "PACKED_TAGS_TOO_LARGE", "The tags need more room than a session token has."
    ),
    "region-disabled": Way(_response_with(), "REGION_DISABLED", "STS is switched off in the region.", forced=True),
    "too-long-a-session": Way(
        _response_with(), "LONGER_THAN_ROLE_MAXIMUM", "DurationSeconds is more than the role's maximum.", forced=True
    ),
    "malformed-policy": Way(_response_with(), "POLICY_SYNTAX", "The session policy is not well formed.", forced=True),
}

#: The names of the classes under `client.exceptions` by error code (botocore's service model of STS).
_EXCEPTIONS = {
    "ExpiredTokenException": "ExpiredTokenException",
    "IDPRejectedClaim": "IDPRejectedClaimException",
    "InvalidIdentityToken": "InvalidIdentityTokenException",
    "MalformedPolicyDocument": "MalformedPolicyDocumentException",
    "PackedPolicyTooLarge": "PackedPolicyTooLargeException",
    "RegionDisabledException": "RegionDisabledException",
}

_FIELDS = {"request_id": r"[0-9a-f-]{36}", "percent": r"\d+"}


class _Shaped:
    """An identity provider that writes every response in one shape."""

    def __init__(self, idp: "IdentityProvider", shape: str) -> None:
        self._idp = idp
        self._shape = shape

    def response(self, *roles: Any, **values: Any) -> "SAMLResponse":
        """Return a response in the shape."""
        return self._idp.response(*roles, shape=self._shape, **values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._idp, name)


class _Recorded:
    """AWS, with a record of the roles that are made for a login."""

    def __init__(self, sts: "STSBackend") -> None:
        self._sts = sts
        self.roles: list[Role] = []

    def create_role(self, name: str, **values: Any) -> "Role":
        """Create a role, and note it."""
        self.roles.append(self._sts.create_role(name, **values))
        return self.roles[-1]


def _login(way: Way, sts: "STSBackend", idp: "IdentityProvider") -> _Login:
    """Make a login. If that fails, nothing is left of it in a mock that goes on."""
    recorded = _Recorded(sts)
    try:
        return way.cause(cast("STSBackend", recorded), idp)
    except BaseException:
        for role in recorded.roles:
            sts.delete_role(role)
        raise


def rejection(name: str, sts: "STSBackend", idp: "IdentityProvider", shape: str | None = None) -> Rejection:
    """Make the login of one rejection: a role and a response for it, in a shape if one is named.

    :raises ValueError: if there is no such rejection.
    """
    from .sts import errors

    if name not in WAYS:
        remedy = did_you_mean(str(name), WAYS, f"it has {', '.join(WAYS)}")
        raise ValueError(f"saml_rejection has no {name!r}; {remedy}")
    way = WAYS[name]
    row: ErrorRow = getattr(errors, way.row)
    login = _login(way, sts, idp if shape is None else cast("IdentityProvider", _Shaped(idp, shape)))
    message = (row.message or "").replace("$account_id", idp.provider.account_id)
    if way.forced:
        from .backend import order_rejection
        from .sts.ordered_errors import forced_rejection

        order_rejection(sts, forced_rejection(name, row, message), login.role_arn)
    return Rejection(
        name=cast("RejectionName", name),
        response=login.response,
        role_arn=login.role_arn,
        provider_arn=login.provider_arn,
        code=row.code,
        exception=_EXCEPTIONS.get(row.code, "ClientError"),
        status=row.status,
        message=_expected(message),
        why=way.why,
        forced=way.forced,
        offered=way.offered,
    )


def _expected(message: str) -> str | re.Pattern[str]:
    if "$" not in message:
        return message
    pattern = re.escape(message)
    for name, values in _FIELDS.items():
        pattern = pattern.replace(re.escape(f"${name}"), values)
    return re.compile(pattern)
