"""A question about a call, as a test asks it: `session.allows(action, resource, **context)`."""

import base64
import datetime as dt
import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import Any, cast

from ...iam.arn import parse_arn
from ...iam.policies.variables import Context
from ...saml.document import instant_text

_ACTION = re.compile(r"[a-zA-Z0-9-]+:[a-zA-Z0-9]+")
_KEY = re.compile(r"[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)*:.+", re.DOTALL)

#: The keys that hold an IP address, in lower case. An IpAddress condition would never match another value.
_ADDRESSES = frozenset({"aws:sourceip", "aws:vpcsourceip"})


def checked_action(action: Any) -> str:
    """Return an action of a service."""
    if not isinstance(action, str):
        raise TypeError(f'action must be a string such as "s3:PutObject", not {action!r}')
    if "*" in action or "?" in action:
        raise ValueError(f'action must be one action such as "s3:PutObject", without wildcards, not {action!r}')
    if _ACTION.fullmatch(action) is None:
        raise ValueError(f'action must be a service and its operation, such as "s3:PutObject", not {action!r}')
    return action


def checked_resource(resource: Any) -> str:
    """Return the ARN of a resource, or "*". Wildcards in it are characters like others, since names can have them."""
    if not isinstance(resource, str):
        remedy = "; write its .arn" if hasattr(resource, "arn") else ""
        raise TypeError(f'resource must be a string such as "arn:aws:s3:::example/*", not {resource!r}{remedy}')
    if resource != "*" and parse_arn(resource) is None:
        raise ValueError(
            'resource must be an ARN such as "arn:aws:s3:::example/report.csv", or "*" for an operation that has no '
            f"resource, not {resource!r}"
        )
    return resource


def checked_context(context: Mapping[str, object]) -> Context:
    """Return the condition keys of a call: their values as policies compare them, by the key in lower case."""
    checked: dict[str, tuple[str, ...]] = {}
    for key, value in context.items():
        if _KEY.fullmatch(key) is None:
            raise ValueError(
                f"a condition key has a prefix, as s3:prefix and aws:SourceIp have, and {key!r} has none; write "
                '**{"s3:prefix": "home/"}'
            )
        if key.lower() in checked:
            raise ValueError(f"the condition key {key} is given twice, since the case of its letters does not matter")
        checked[key.lower()] = tuple(_text(key, one) for one in _several(value))
        if key.lower() in _ADDRESSES:
            _check_addresses(key, checked[key.lower()])
    return checked


def _check_addresses(key: str, values: Iterable[str]) -> None:
    for value in values:
        try:
            ipaddress.ip_address(value)
        except ValueError as error:
            raise ValueError(f'{key} must be an IP address such as "192.0.2.1", not {value!r}') from error


def _several(value: object) -> Iterable[object]:
    is_one = isinstance(value, str | bytes) or not isinstance(value, Sequence | AbstractSet)
    return [value] if is_one else cast(Iterable[object], value)


def _text(key: str, value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dt.datetime):
        if value.tzinfo is None:
            raise ValueError(f"{key} must be an aware datetime, not {value!r}; write .replace(tzinfo=datetime.UTC)")
        try:
            return instant_text(value)
        except OverflowError as error:
            raise ValueError(f"{key} must be within the years 1 to 9999 of UTC, not {value!r}") from error
    if isinstance(value, int | float | Decimal):
        if not Decimal(value).is_finite():
            raise ValueError(f"{key} must be a finite number, not {value!r}")
        return str(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, ipaddress.IPv4Address | ipaddress.IPv6Address):
        return str(value)
    raise TypeError(
        f"{key} must be a string, a number, a boolean, an aware datetime, bytes, an IP address, or a list of them, "
        f"not {value!r}"
    )
