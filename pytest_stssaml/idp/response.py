"""What a response says, as XML text."""

import base64
import datetime as dt
import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from lxml import etree

from ..saml.vocabulary import (
    AUTHN_PROTECTED_TRANSPORT,
    BEARER,
    ROLE,
    ROLE_SESSION_NAME,
    SAML,
    SAMLP,
    SESSION_DURATION,
    SOURCE_IDENTITY,
    STATUS,
    STATUS_RESPONDER,
    STATUS_SUCCESS,
    TOP_LEVEL_STATUSES,
)

__all__ = ["SAMLResponse", "Said", "Time", "escaped", "listed_attributes", "time_text", "write_response"]

#: A datetime (naive is UTC), a timedelta from the issue instant, or a text that is written as it is.
Time = dt.datetime | dt.timedelta | str


class SAMLResponse(str):
    """A signed response as an identity provider posts it: base64 text, to be given to boto3 as it is."""

    __slots__ = ()

    @property
    def xml(self) -> str:
        """The document."""
        return base64.b64decode(self).decode()

    @property
    def root(self) -> etree._Element:
        """The document's root element, parsed anew at each call."""
        return etree.fromstring(self.xml.encode(), etree.XMLParser(resolve_entities=False, no_network=True))

    def tampered(self, old: str, new: str) -> Self:
        """The same with a text of the document replaced, its signatures as they were.

        :raises ValueError: the document does not hold `old`.
        """
        if old not in self.xml:
            raise ValueError(f"the response does not hold {old!r}; look at response.xml")
        return self._of(self.xml.replace(old, new))

    def unsigned(self) -> Self:
        """The same without its signatures."""
        return self._of(_SIGNATURE.sub("", self.xml))

    def form(self, relay_state: str = "") -> str:
        """The HTML page with which a browser posts the response to AWS (saml-bindings 3.5.4)."""
        action = self.root.get("Destination", "")
        return _FORM.format(action=html.escape(action), response=self, relay_state=html.escape(relay_state))

    @classmethod
    def _of(cls, xml: str) -> Self:
        return cls(base64.b64encode(xml.encode()).decode())

    def __repr__(self) -> str:
        return f"<SAMLResponse of {len(self)} characters, {self[:8]}…>"


_SIGNATURE = re.compile(r"<(?P<name>(?:[\w.-]+:)?Signature)[\s>].*?</(?P=name)\s*>", re.DOTALL)

_FORM = """\
<!DOCTYPE html>
<html>
<head><title>Signing in to AWS</title></head>
<body onload="document.forms[0].submit()">
<form method="post" action="{action}">
<input type="hidden" name="SAMLResponse" value="{response}">
<input type="hidden" name="RelayState" value="{relay_state}">
<noscript><button>Sign in to AWS</button></noscript>
</form>
</body>
</html>
"""


_TEXT_OR_NONE = (str, type(None))


@dataclass(frozen=True, slots=True)
class Said:
    """Everything that a response says, as text; None leaves the element or attribute out."""

    response_id: str
    assertion_id: str
    issuer: str | None
    response_issuer: str | None
    recipient: str | None
    destination: str | None
    in_response_to: str | None
    issue_instant: str | None
    status: str | None
    name_id: str | None
    name_id_format: str | None
    subject_not_on_or_after: str | None
    not_before: str | None
    conditions_not_on_or_after: str | None
    audience: str | None
    session_not_on_or_after: str | None
    roles: tuple[str, ...]
    session_name: str | None
    session_duration: str | None
    source_identity: str | None
    attributes: tuple[tuple[str, tuple[str, ...]], ...]

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            if name not in ("roles", "attributes") and not isinstance(value, _TEXT_OR_NONE):
                number = "a number of seconds, " if name == "session_duration" else ""
                raise TypeError(f"{name} is {number}a text or None, not {value!r}")

    @property
    def failed(self) -> bool:
        """Whether the identity provider reports a failure."""
        return self.status not in (None, STATUS_SUCCESS)


def time_text(name: str, value: Time | None, issued: dt.datetime) -> str | None:
    """An xs:dateTime in UTC, with milliseconds, or microseconds where there are any.

    :raises TypeError: `value`, the keyword `name`, is no time.
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, dt.timedelta):
        try:
            value = issued + value
        except OverflowError as error:
            raise ValueError(f"{name} lies outside the years 1 to 9999: {value!r} from {issued}") from error
    if not isinstance(value, dt.datetime):
        raise TypeError(f"{name} is a datetime, a timedelta from the issue instant, a text or None, not {value!r}")
    naive = value if value.tzinfo is None else value.astimezone(dt.UTC).replace(tzinfo=None)
    return naive.isoformat(timespec="microseconds" if naive.microsecond % 1000 else "milliseconds") + "Z"


def write_response(said: Said) -> str:
    """The samlp:Response, not signed yet; an identity provider that reports a failure sends no assertion."""
    return _element(
        "samlp:Response",
        [
            ("xmlns:samlp", SAMLP),
            ("xmlns:saml", SAML),
            ("ID", said.response_id),
            ("InResponseTo", said.in_response_to),
            ("Version", "2.0"),
            ("IssueInstant", said.issue_instant),
            ("Destination", said.destination),
        ],
        _leaf("saml:Issuer", said.response_issuer),
        "" if said.status is None else _element("samlp:Status", [], _status(said.status)),
        "" if said.failed else _assertion(said),
    )


@lru_cache(maxsize=64)
def _status(status: str) -> str:
    # A second-level code stands inside a top-level one (saml-core 3.2.2.2).
    if status.startswith(STATUS) and status not in TOP_LEVEL_STATUSES:
        return _element("samlp:StatusCode", [("Value", STATUS_RESPONDER)], _status_code(status))
    return _status_code(status)


def _status_code(status: str) -> str:
    return _element("samlp:StatusCode", [("Value", status)])


def _assertion(said: Said) -> str:
    return _element(
        "saml:Assertion",
        [
            ("xmlns:saml", SAML),
            ("ID", said.assertion_id),
            ("Version", "2.0"),
            ("IssueInstant", said.issue_instant),
        ],
        _leaf("saml:Issuer", said.issuer),
        _subject(said),
        _conditions(said),
        _authn_statement(said),
        _attribute_statement(said),
    )


def _subject(said: Said) -> str:
    confirmed = [("NotOnOrAfter", said.subject_not_on_or_after), ("Recipient", said.recipient)]
    return _element(
        "saml:Subject",
        [],
        _leaf("saml:NameID", said.name_id, ("Format", said.name_id_format)),
        _element(
            "saml:SubjectConfirmation",
            [("Method", BEARER)],
            _element("saml:SubjectConfirmationData", [*confirmed, ("InResponseTo", said.in_response_to)]),
        ),
    )


def _conditions(said: Said) -> str:
    audience = _leaf("saml:Audience", said.audience)
    return _element(
        "saml:Conditions",
        [("NotBefore", said.not_before), ("NotOnOrAfter", said.conditions_not_on_or_after)],
        audience and _element("saml:AudienceRestriction", [], audience),
    )


def _authn_statement(said: Said) -> str:
    return _element(
        "saml:AuthnStatement",
        [
            ("AuthnInstant", said.issue_instant),
            ("SessionIndex", said.assertion_id),
            ("SessionNotOnOrAfter", said.session_not_on_or_after),
        ],
        _AUTHN_CONTEXT,
    )


def _attribute_statement(said: Said) -> str:
    single = [
        (ROLE_SESSION_NAME, said.session_name),
        (SESSION_DURATION, said.session_duration),
        (SOURCE_IDENTITY, said.source_identity),
    ]
    attributes = [(ROLE, said.roles), *((name, (value,)) for name, value in single), *said.attributes]
    written = "".join(_attribute(name, values) for name, values in attributes)
    return written and _element("saml:AttributeStatement", [], written)


def listed_attributes(
    keyword: str, attributes: Mapping[str, str | Iterable[str]] | None, prefix: str = ""
) -> list[tuple[str, tuple[str, ...]]]:
    """Attributes and their values, as a test wrote them: one text or several for each name.

    :raises TypeError: `attributes`, the keyword's value, is something else.
    """
    if attributes is None:
        return []
    if not isinstance(attributes, Mapping):
        raise TypeError(f"{keyword} is a dict of texts, not {attributes!r}")
    several = {name: value if isinstance(value, Iterable) else (value,) for name, value in attributes.items()}
    listed = [(name, (value,) if isinstance(value, str) else tuple(value)) for name, value in several.items()]
    if not all(isinstance(text, str) for name, values in listed for text in (name, *values)):
        raise TypeError(f"{keyword} holds something that is no text: {attributes!r}")
    return [(prefix + name, values) for name, values in listed]


def _attribute(name: str, values: Iterable[str | None]) -> str:
    written = "".join(_leaf("saml:AttributeValue", value) for value in values)
    return written and _element("saml:Attribute", [("Name", name)], written)


def _leaf(tag: str, text: str | None, *attributes: tuple[str, str | None]) -> str:
    return "" if text is None else _element(tag, list(attributes), escaped(text))


def _element(tag: str, attributes: list[tuple[str, str | None]], *children: str) -> str:
    start = tag
    for name, value in attributes:
        if value is not None:
            start += f' {name}="{escaped(value)}"'
    content = "".join(children)
    return f"<{start}>{content}</{tag}>" if content else f"<{start}/>"


# Line breaks among them: in an attribute they would reach the reader as spaces.
_ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}

# Those, and what XML 1.0 cannot hold by section 2.2.
_SPECIAL = re.compile(f"[{''.join(_ESCAPED)}]|[^\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def escaped(text: str) -> str:
    """A text as it stands in XML, inside an element or an attribute.

    :raises ValueError: it holds a character that XML cannot: unlike a wrong value, that cannot be said at all.
    """
    return _SPECIAL.sub(_escape, text)


def _escape(special: re.Match[str]) -> str:
    if special[0] not in _ESCAPED:
        raise ValueError(f"{special.string!r} holds a character that XML cannot")
    return _ESCAPED[special[0]]


_AUTHN_CONTEXT = _element("saml:AuthnContext", [], _leaf("saml:AuthnContextClassRef", AUTHN_PROTECTED_TRANSPORT))
