"""A model of sessions: roles, trust and refusals as AWS's rules state them, without any code of the package."""

import datetime as dt
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from good import MINUTE
from wire import signature_of

from pytest_stssaml.sts.sessions.session import Session
from pytest_stssaml.wire import Signature

SAML, ASSUME, TAG, SET = "sts:AssumeRoleWithSAML", "sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"
VERSION = {"Version": "2011-06-15"}
WHO_AM_I = {"Action": "GetCallerIdentity", **VERSION}
HOUR = 60 * MINUTE

# --- where there are roles


class Place(NamedTuple):
    """Where there is a role, or none. Both accounts have the same names, and one name has a path."""

    account_id: str
    name: str
    path: str = "/"

    @property
    def arn(self) -> str:
        return f"arn:aws:iam::{self.account_id}:role{self.path}{self.name}"

    def session_arn(self, name: str) -> str:
        return f"arn:aws:sts::{self.account_id}:assumed-role/{self.name}/{name}"


ACCOUNTS = ["123456789012", "111122223333"]
PLACES = [
    Place(account_id, *name) for account_id in ACCOUNTS for name in [("Reader",), ("Writer",), ("Admin", "/team/")]
]
HOME, BRIEF, NOWHERE, FOREIGN = PLACES[:4]
PROVIDERS = {account_id: f"arn:aws:iam::{account_id}:saml-provider/ExampleIdP" for account_id in ACCOUNTS}
NAMES = ["alice", "bob"]


class Trust(NamedTuple):
    """A trust policy with two statements: one for the provider of the account, and one for these principals."""

    of_provider: frozenset[str]
    principals: tuple[str, ...]
    of_principals: frozenset[str]

    def document(self, place: Place) -> dict[str, Any]:
        provider = {"Federated": PROVIDERS[place.account_id]}
        principals = {"AWS": list(self.principals)}
        return {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": provider, "Action": sorted(self.of_provider)},
                {"Effect": "Allow", "Principal": principals, "Action": sorted(self.of_principals)},
            ],
        }


EVERYTHING = Trust(frozenset({SAML, TAG, SET}), ("*",), frozenset({ASSUME, TAG, SET}))


# --- what the model knows


class Refusal(NamedTuple):
    status: int
    code: str
    message: str


def invalid(message: str) -> Refusal:
    return Refusal(400, "ValidationError", message)


def unfit(value: int, bound: str) -> Refusal:
    what = f"Value '{value}' at 'durationSeconds' failed to satisfy constraint: Member must have value {bound}"
    return invalid(f"1 validation error detected: {what}")


NO_PROVIDER = Refusal(400, "InvalidIdentityToken", "Specified provider doesn't exist")
FOREIGN_KEY = Refusal(400, "InvalidIdentityToken", "Response signature invalid")
NOT_OFFERED = Refusal(
    400, "InvalidIdentityToken", "SAML Assertion doesn't contain the requested Role and Metadata in the attributes"
)
TOO_EARLY = Refusal(400, "InvalidIdentityToken", "Response is not yet valid")
RESPONSE_EXPIRED = Refusal(400, "ExpiredTokenException", "Response has expired")
TOO_LATE = Refusal(400, "ExpiredTokenException", "Token must be redeemed within 5 minutes of issuance")
SAML_TAGS = invalid("Unable to validate tags")
OTHER_ACCOUNT = invalid("Principal exists outside the account of the Role being assumed")
LOGIN_DENIED = Refusal(403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithSAML")
ABOVE_ROLE_MAXIMUM = invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")

INVALID_TOKEN = Refusal(403, "InvalidClientTokenId", "The security token included in the request is invalid.")
EXPIRED = Refusal(403, "ExpiredToken", "The security token included in the request is expired")
WRONG_SECRET = Refusal(
    403,
    "SignatureDoesNotMatch",
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
    "and signing method. Consult the service documentation for details.",
)
SAME_KEYS = Refusal(
    400, "InvalidParameterValue", "Duplicate tag keys found. Please note that Tag keys are case insensitive."
)
INHERITED = Refusal(
    400,
    "InvalidParameterValue",
    "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the "
    "calling session.",
)
NO_TAG = Refusal(
    400, "InvalidParameterValue", "The specified transitive tag key must be included in the requested tags."
)
IDENTITY_IS_SET = invalid("The source identity is already set for this assume role session")
ABOVE_AN_HOUR = invalid(
    "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
)


def denied(arn: str, action: str, role_arn: str) -> Refusal:
    return Refusal(403, "AccessDenied", f"User: {arn} is not authorized to perform: {action} on resource: {role_arn}")


def not_for_sessions(operation: str) -> Refusal:
    return Refusal(403, "AccessDenied", f"Cannot call {operation} with session credentials")


TOO_SHORT, TOO_LONG = unfit(899, "greater than or equal to 900"), unfit(43201, "less than or equal to 43200")
# Stands for every denial of AssumeRole, whose messages name the caller, the action and the role.
CHAINING_DENIED = denied("a caller", ASSUME, "a role")


class Made(NamedTuple):
    """An existing role. `ids` are the IDs of the roles among its principals at the time when it was created."""

    role_id: str
    maximum: int
    trust: Trust
    ids: dict[str, str]

    def allows(self, caller: "Grant") -> frozenset[str]:
        """Return what a session may do. A role that was deleted and created again is not the trusted one."""
        kinds = ["account", "root", "session"]
        if self.ids.get(caller.place.arn, caller.role_id) == caller.role_id:
            kinds.append("role")
        names = {"*", *(caller.principals[kind] for kind in kinds)}
        return frozenset() if names.isdisjoint(self.trust.principals) else self.trust.of_principals


class Grant(NamedTuple):
    """What a session must have."""

    place: Place
    role_id: str
    name: str
    limits: tuple[dt.datetime, ...]
    tags: dict[str, str]
    transitive: frozenset[str]  # in lower case
    source_identity: str | None
    chained_from: Session | None = None

    @property
    def arn(self) -> str:
        return self.place.session_arn(self.name)

    @property
    def inherited(self) -> dict[str, str]:
        return {key: value for key, value in self.tags.items() if key.lower() in self.transitive}

    @property
    def principals(self) -> dict[str, str]:
        """Principals that a trust policy may name. The last two are not this session."""
        account_id = self.place.account_id
        return {
            "account": account_id,
            "root": f"arn:aws:iam::{account_id}:root",
            "role": self.place.arn,
            "session": self.arn,
            "another role": f"{self.place.arn}.",
            "another session": f"{self.arn}.",
        }


@dataclass(frozen=True, eq=False)
class Known:
    """A session that was granted: the session itself, and what it must have."""

    session: Session
    grant: Grant

    @property
    def signature(self) -> Signature:
        return signature_of(self.session)


def lasting(duration: int | None) -> dict[str, str]:
    return {} if duration is None else {"DurationSeconds": str(duration)}


def reasons_of_duration(duration: int | None, role: Made | None) -> set[Refusal]:
    return {
        *([TOO_SHORT] if duration == 899 else []),
        *([TOO_LONG] if duration == 43201 else []),
        *([ABOVE_ROLE_MAXIMUM] if role and (duration or 3600) > role.maximum else []),
    }


def limits(second: dt.datetime, duration: int | None, role: Made) -> tuple[dt.datetime, ...]:
    return tuple(second + dt.timedelta(seconds=most) for most in (duration or 3600, role.maximum))


def assuming(place: Place, name: str) -> dict[str, str]:
    return {"Action": "AssumeRole", **VERSION, "RoleArn": place.arn, "RoleSessionName": name}


def element(body: str, name: str) -> str | None:
    found = re.search(f"<{name}>(.*?)</{name}>", body, re.DOTALL)
    return found and found[1]


def refusal_in(status: int, body: str) -> Refusal:
    """Return a refusal as the answer states it, without what AWS adds about a service behind STS."""
    message = str(element(body, "Message")).partition(" (Service: ")[0]
    return Refusal(status, str(element(body, "Code")), message)


def differ(keys: Collection[str]) -> bool:
    return len({key.lower() for key in keys}) == len(keys)


def found_in(keys: Iterable[str], wanted: Iterable[str]) -> bool:
    return {key.lower() for key in wanted} <= {key.lower() for key in keys}
