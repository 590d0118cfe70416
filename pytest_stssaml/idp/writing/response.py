"""What a response says, as XML text."""

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from lxml import etree

from ...saml.vocabulary import (
    BEARER,
    ROLE,
    ROLE_SESSION_NAME,
    SESSION_DURATION,
    SOURCE_IDENTITY,
    STATUS,
    STATUS_RESPONDER,
    STATUS_SUCCESS,
    TOP_LEVEL_STATUSES,
)
from ..shapes import PLAIN, shape_named
from ..shapes.shape import Shape
from .post_form import write_page
from .xml import attributes_in, element, escaped

_NOT_ASCII = re.compile(r"[^\x00-\x7f]")


class SAMLResponse(str):
    """A signed response as an identity provider posts it: base64 text, to be given to boto3 as it is."""

    __slots__ = ("shape",)

    #: The name of the shape that it is written in; None for this package's own.
    shape: str | None

    def __new__(cls, text: str, shape: str | None = None) -> Self:
        """A response from its base64 text."""
        response = super().__new__(cls, text)
        response.shape = shape
        return response

    def __reduce__(self) -> tuple[type[Self], tuple[str, str | None]]:
        return type(self), (str(self), self.shape)

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
        """The HTML page with which a browser posts the response to AWS, as the shape has it (saml-bindings 3.5.4).

        :param relay_state: where to go on, as the URL of a console page.
        """
        if not isinstance(relay_state, str):
            raise TypeError(f"relay_state is a text, as the URL of a console page, not {relay_state!r}")
        shape, root = shape_named(self.shape), self.root
        action = root.get("Destination", "")
        if not action:
            action = str(root.xpath("string(//@Recipient)"))
        return write_page(shape.page, action, self, relay_state)

    def _of(self, xml: str) -> Self:
        return type(self)(base64.b64encode(xml.encode()).decode(), self.shape)

    def __repr__(self) -> str:
        return f"<SAMLResponse of {len(self)} characters, {self[:8]}…>"


_SIGNATURE = re.compile(r"<(?P<name>(?:[\w.-]+:)?Signature)[\s>].*?</(?P=name)\s*>", re.DOTALL)


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
    session_index: str | None
    issue_instant: str | None
    response_instant: str | None
    authn_instant: str | None
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
        return fails(self.status)


def fails(status: str | None) -> bool:
    """Whether a status reports a failure; an identity provider that reports one sends no assertion."""
    return status not in (None, STATUS_SUCCESS)


def write_response(said: Said, shape: Shape = PLAIN) -> str:
    """The samlp:Response in a shape, not signed yet; an identity provider that reports a failure sends no assertion."""
    statement = "" if said.failed else _attribute_statement(said, shape)
    has_attributes = bool(statement)
    written = shape.declaration + element(
        shape,
        shape.samlp + "Response",
        attributes_in(
            shape.response,
            {
                "ID": said.response_id,
                "InResponseTo": said.in_response_to,
                "IssueInstant": said.response_instant,
                "Destination": said.destination,
            },
            has_attributes,
        ),
        _text(shape, "Issuer", said.response_issuer, attributes_in(shape.response_issuer, {})),
        "" if said.status is None else _status(said.status, shape),
        "" if said.failed else _assertion(said, shape, statement),
    )
    return _NOT_ASCII.sub(lambda it: f"&#x{ord(it[0]):X};", written) if shape.ascii_only else written


@lru_cache(maxsize=256)
def _status(status: str, shape: Shape) -> str:
    code = _status_code(status, shape)
    # A second-level code stands inside a top-level one (saml-core 3.2.2.2).
    if status.startswith(STATUS) and status not in TOP_LEVEL_STATUSES:
        code = _status_code(STATUS_RESPONDER, shape, code)
    return element(shape, shape.samlp + "Status", attributes_in(shape.status, {}), code)


def _status_code(status: str, shape: Shape, inner: str = "") -> str:
    return element(shape, shape.samlp + "StatusCode", f' Value="{escaped(status)}"', inner)


def _assertion(said: Said, shape: Shape, attribute_statement: str) -> str:
    statements = [_authn_statement(said, shape), attribute_statement]
    return element(
        shape,
        shape.saml + "Assertion",
        attributes_in(
            shape.assertion,
            {"ID": said.assertion_id, "IssueInstant": said.issue_instant},
            bool(attribute_statement),
        ),
        _text(shape, "Issuer", said.issuer, attributes_in(shape.issuer, {})),
        _subject(said, shape),
        _conditions(said, shape),
        *(reversed(statements) if shape.attributes_first else statements),
    )


def _subject(said: Said, shape: Shape) -> str:
    named = {"Format": said.name_id_format, "NameQualifier": said.issuer, "SPNameQualifier": said.audience}
    confirmed = {
        "NotOnOrAfter": said.subject_not_on_or_after,
        "Recipient": said.recipient,
        "InResponseTo": said.in_response_to,
    }
    data = attributes_in(shape.subject_confirmation_data, confirmed)
    return element(
        shape,
        shape.saml + "Subject",
        attributes_in(shape.subject, {}),
        _text(shape, "NameID", said.name_id, attributes_in(shape.name_id, named)),
        element(
            shape,
            shape.saml + "SubjectConfirmation",
            f' Method="{BEARER}"',
            element(shape, shape.saml + "SubjectConfirmationData", data),
        ),
    )


def _conditions(said: Said, shape: Shape) -> str:
    audience = _text(shape, "Audience", said.audience)
    return element(
        shape,
        shape.saml + "Conditions",
        attributes_in(
            shape.conditions, {"NotBefore": said.not_before, "NotOnOrAfter": said.conditions_not_on_or_after}
        ),
        audience and element(shape, shape.saml + "AudienceRestriction", "", audience),
    )


def _authn_statement(said: Said, shape: Shape) -> str:
    locality = attributes_in(shape.subject_locality, {})
    return element(
        shape,
        shape.saml + "AuthnStatement",
        attributes_in(
            shape.authn_statement,
            {
                "AuthnInstant": said.authn_instant,
                "SessionIndex": said.session_index,
                "SessionNotOnOrAfter": said.session_not_on_or_after,
            },
        ),
        locality and element(shape, shape.saml + "SubjectLocality", locality),
        _authn_context(shape),
    )


@lru_cache(maxsize=64)
def _authn_context(shape: Shape) -> str:
    return element(shape, shape.saml + "AuthnContext", "", _text(shape, "AuthnContextClassRef", shape.authn_context))


def _attribute_statement(said: Said, shape: Shape) -> str:
    roles = [(ROLE, (role,)) for role in said.roles] if shape.attribute_for_each_role else [(ROLE, said.roles)]
    attributes: dict[str, Iterable[tuple[str, tuple[str | None, ...]]]] = {
        "Role": roles,
        "RoleSessionName": [(ROLE_SESSION_NAME, (said.session_name,))],
        "SessionDuration": [(SESSION_DURATION, (said.session_duration,))],
        "SourceIdentity": [(SOURCE_IDENTITY, (said.source_identity,))],
        "claims": _claims(said, shape),
    }
    written = "".join(
        _own_attributes(said, shape)
        if part == "*"
        else "".join([_attribute(shape, name, values) for name, values in attributes[part]])
        for part in shape.order.split()
    )
    return written and element(
        shape, shape.saml + "AttributeStatement", attributes_in(shape.attribute_statement, {}), written
    )


def _claims(said: Said, shape: Shape) -> list[tuple[str, tuple[str | None, ...]]]:
    """What the vendor says besides, from what is said anyway."""
    known = {"{issuer}": (said.issuer,), "{name_id}": (said.name_id,), "{roles}": said.roles}
    return [
        (name, tuple(value for each in values for value in known.get(each, (each,)))) for name, values in shape.claims
    ]


def _own_attributes(said: Said, shape: Shape) -> str:
    empty = shape.attributes_without_value
    return "".join(_attribute(shape, name, values, even_empty=empty) for name, values in said.attributes)


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


def _attribute(shape: Shape, name: str, values: Iterable[str | None], *, even_empty: bool = False) -> str:
    typed = attributes_in(shape.attribute_value, {})
    written = "".join([_text(shape, "AttributeValue", value, typed) for value in values])
    if not written and not even_empty:
        return ""
    described = {
        "Name": name,
        "NameFormat": shape.name_formats.get(name, shape.name_format),
        "FriendlyName": shape.friendly_names.get(name),
    }
    return element(shape, shape.saml + "Attribute", attributes_in(shape.attribute, described), written)


def _text(shape: Shape, name: str, text: str | None, attributes: str = "") -> str:
    """An element of the assertion namespace that holds a text; None is no element."""
    return "" if text is None else element(shape, shape.saml + name, attributes, escaped(text))
