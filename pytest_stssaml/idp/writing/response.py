"""Writing a response as XML."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

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
from ..shapes.plain import PLAIN
from ..shapes.shape import Shape
from .xml import attributes_in, element, escaped

_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_STRING_OR_NONE = (str, type(None))


@dataclass(slots=True, kw_only=True, repr=False, eq=False)
class ResponseContent:
    """The content of a response, as strings. If a value is None, the element or attribute is left out.

    Fields that are named like a keyword of `IdentityProvider.response` are described there.

    :raises TypeError: if a value is of a wrong type.
    """

    #: The ID of the Response.
    response_id: str
    #: The ID of the Assertion.
    assertion_id: str
    issuer: str | None
    response_issuer: str | None
    recipient: str | None
    destination: str | None
    in_response_to: str | None
    #: The SessionIndex of the AuthnStatement.
    session_index: str | None
    #: The IssueInstant of the Assertion.
    issue_instant: str | None
    #: The IssueInstant of the Response, which differs for vendors with a second clock.
    response_instant: str | None
    #: The AuthnInstant of the AuthnStatement, which likewise may differ.
    authn_instant: str | None
    status: str | None
    name_id: str | None
    name_id_format: str | None
    subject_not_on_or_after: str | None
    not_before: str | None
    conditions_not_on_or_after: str | None
    audience: str | None
    session_not_on_or_after: str | None
    #: The values of the attribute Role.
    roles: tuple[str, ...]
    session_name: str | None
    session_duration: str | None
    source_identity: str | None
    #: The names and values of all further attributes, session tags included.
    attributes: tuple[tuple[str, tuple[str, ...]], ...]

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            if name not in ("roles", "attributes") and not isinstance(value, _STRING_OR_NONE):
                number = "a number of seconds, " if name == "session_duration" else ""
                raise TypeError(f"{name} must be {number}a string or None, not {value!r}")

    @property
    def failed(self) -> bool:
        """Whether the identity provider reports a failure."""
        return fails(self.status)


def fails(status: str | None) -> bool:
    """Return whether a status reports a failure. After a failure, identity providers send no assertion."""
    return status not in (None, STATUS_SUCCESS)


def write_response(content: ResponseContent, shape: Shape = PLAIN) -> str:
    """Return the samlp:Response in a shape, without signatures. After a failure, it has no assertion."""
    statement = "" if content.failed else _attribute_statement(content, shape)
    has_attributes = bool(statement)
    document = shape.declaration + element(
        shape,
        shape.samlp + "Response",
        attributes_in(
            shape.response,
            {
                "ID": content.response_id,
                "InResponseTo": content.in_response_to,
                "IssueInstant": content.response_instant,
                "Destination": content.destination,
            },
            has_attributes,
        ),
        _text(shape, "Issuer", content.response_issuer, attributes_in(shape.response_issuer, {})),
        "" if content.status is None else _status(content.status, shape),
        "" if content.failed else _assertion(content, shape, statement),
    )
    return _NOT_ASCII.sub(lambda it: f"&#x{ord(it[0]):X};", document) if shape.ascii_only else document


@lru_cache(maxsize=256)
def _status(status: str, shape: Shape) -> str:
    code = _status_code(status, shape)
    # A second-level code is inside a top-level one (saml-core 3.2.2.2).
    if status.startswith(STATUS) and status not in TOP_LEVEL_STATUSES:
        code = _status_code(STATUS_RESPONDER, shape, code)
    return element(shape, shape.samlp + "Status", attributes_in(shape.status, {}), code)


def _status_code(status: str, shape: Shape, inner: str = "") -> str:
    return element(shape, shape.samlp + "StatusCode", f' Value="{escaped(status)}"', inner)


def _assertion(content: ResponseContent, shape: Shape, attribute_statement: str) -> str:
    statements = [_authn_statement(content, shape), attribute_statement]
    return element(
        shape,
        shape.saml + "Assertion",
        attributes_in(
            shape.assertion,
            {"ID": content.assertion_id, "IssueInstant": content.issue_instant},
            bool(attribute_statement),
        ),
        _text(shape, "Issuer", content.issuer, attributes_in(shape.issuer, {})),
        _subject(content, shape),
        _conditions(content, shape),
        *(reversed(statements) if shape.attributes_first else statements),
    )


def _subject(content: ResponseContent, shape: Shape) -> str:
    named = {"Format": content.name_id_format, "NameQualifier": content.issuer, "SPNameQualifier": content.audience}
    confirmed = {
        "NotOnOrAfter": content.subject_not_on_or_after,
        "Recipient": content.recipient,
        "InResponseTo": content.in_response_to,
    }
    data = attributes_in(shape.subject_confirmation_data, confirmed)
    return element(
        shape,
        shape.saml + "Subject",
        attributes_in(shape.subject, {}),
        _text(shape, "NameID", content.name_id, attributes_in(shape.name_id, named)),
        element(
            shape,
            shape.saml + "SubjectConfirmation",
            f' Method="{BEARER}"',
            element(shape, shape.saml + "SubjectConfirmationData", data),
        ),
    )


def _conditions(content: ResponseContent, shape: Shape) -> str:
    audience = _text(shape, "Audience", content.audience)
    return element(
        shape,
        shape.saml + "Conditions",
        attributes_in(
            shape.conditions, {"NotBefore": content.not_before, "NotOnOrAfter": content.conditions_not_on_or_after}
        ),
        audience and element(shape, shape.saml + "AudienceRestriction", "", audience),
    )


def _authn_statement(content: ResponseContent, shape: Shape) -> str:
    locality = attributes_in(shape.subject_locality, {})
    return element(
        shape,
        shape.saml + "AuthnStatement",
        attributes_in(
            shape.authn_statement,
            {
                "AuthnInstant": content.authn_instant,
                "SessionIndex": content.session_index,
                "SessionNotOnOrAfter": content.session_not_on_or_after,
            },
        ),
        locality and element(shape, shape.saml + "SubjectLocality", locality),
        _authn_context(shape),
    )


@lru_cache(maxsize=64)
def _authn_context(shape: Shape) -> str:
    return element(shape, shape.saml + "AuthnContext", "", _text(shape, "AuthnContextClassRef", shape.authn_context))


def _attribute_statement(content: ResponseContent, shape: Shape) -> str:
    roles = [(ROLE, (role,)) for role in content.roles] if shape.attribute_for_each_role else [(ROLE, content.roles)]
    attributes: dict[str, Iterable[tuple[str, tuple[str | None, ...]]]] = {
        "Role": roles,
        "RoleSessionName": [(ROLE_SESSION_NAME, (content.session_name,))],
        "SessionDuration": [(SESSION_DURATION, (content.session_duration,))],
        "SourceIdentity": [(SOURCE_IDENTITY, (content.source_identity,))],
        "claims": _claims(content, shape),
    }
    written = "".join(
        _own_attributes(content, shape)
        if part == "*"
        else "".join([_attribute(shape, name, values) for name, values in attributes[part]])
        for part in shape.order.split()
    )
    return written and element(
        shape, shape.saml + "AttributeStatement", attributes_in(shape.attribute_statement, {}), written
    )


def _claims(content: ResponseContent, shape: Shape) -> list[tuple[str, tuple[str | None, ...]]]:
    """Return the attributes that the vendor adds, some of whose values come from the rest of the content."""
    known = {"{issuer}": (content.issuer,), "{name_id}": (content.name_id,), "{roles}": content.roles}
    return [
        (name, tuple(value for each in values for value in known.get(each, (each,)))) for name, values in shape.claims
    ]


def _own_attributes(content: ResponseContent, shape: Shape) -> str:
    empty = shape.attributes_without_value
    return "".join(_attribute(shape, name, values, even_empty=empty) for name, values in content.attributes)


def attributes_of(
    keyword: str, attributes: Mapping[str, str | Iterable[str]] | None, prefix: str = ""
) -> list[tuple[str, tuple[str, ...]]]:
    """Return the names and values of the attributes that a keyword gives.

    :param keyword: the name of the keyword, for errors.
    :param attributes: one string or several for each name.
    :param prefix: a string to put before each name.
    :raises TypeError: if the attributes are of a wrong type.
    """
    if attributes is None:
        return []
    if not isinstance(attributes, Mapping):
        raise TypeError(f'{keyword} must be a dict of strings, such as {{"team": "blue"}}, not {attributes!r}')
    several = {name: value if isinstance(value, Iterable) else (value,) for name, value in attributes.items()}
    listed = [(name, (value,) if isinstance(value, str) else tuple(value)) for name, value in several.items()]
    if not all(isinstance(string, str) for name, values in listed for string in (name, *values)):
        raise TypeError(f"{keyword} contains something that is not a string: {attributes!r}")
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


def _text(shape: Shape, name: str, content: str | None, attributes: str = "") -> str:
    """Return an element of the assertion namespace that contains a string, or "" if the string is None."""
    return "" if content is None else element(shape, shape.saml + name, attributes, escaped(content))
