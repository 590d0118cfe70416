"""What a shape consists of. The defaults are those of this package's own shape."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ...saml.vocabulary import AUTHN_PROTECTED_TRANSPORT, NAMEID_PERSISTENT


class Lines(NamedTuple):
    """How base64 is broken into lines: how many characters each has, 0 for one line, and what surrounds them."""

    width: int = 0
    edge: str = ""

    def broken(self, base64: str) -> str:
        """Return base64 with line breaks."""
        lines = [base64[i : i + self.width] for i in range(0, len(base64), self.width)] if self.width else [base64]
        return self.edge + "\n".join(lines) + self.edge


ONE_LINE = Lines()

#: The certificate and nothing else; `{p}` is the signature's prefix.
KEY_INFO = (
    "<{p}KeyInfo><{p}X509Data><{p}X509Certificate>{{certificate}}</{p}X509Certificate></{p}X509Data></{p}KeyInfo>"
)


@dataclass(frozen=True, slots=True, eq=False)
class SignatureForm:
    """The raw form of a ds:Signature (xmldsig-core 4). Its meaning is the same in every shape."""

    #: The prefix with its colon; "" makes the namespace the default one.
    prefix: str = "ds:"
    #: Whether the Signature declares its namespace itself.
    declared: bool = True
    #: What is between two tags.
    between: str = ""
    empty: str = "/>"
    value: Lines = ONE_LINE
    certificate: Lines = ONE_LINE
    key_info: str = KEY_INFO
    #: The PrefixList of the second Transform, if the signed element declares that prefix (xml-exc-c14n 4).
    prefix_list: str = ""


@dataclass(frozen=True, slots=True)
class MetadataForm:
    """A metadata document."""

    #: The document, with the fields `{entity_id}`, `{location}`, `{id}`, and the short names of URIs. `{signing}` and
    #: `{encryption}` are replaced by one `key` for each certificate.
    document: str
    #: A key descriptor, with the fields `{use}`, `{certificate}` and `{key_name}`.
    key: str
    certificate: Lines = ONE_LINE
    #: The form of its signature; None if the vendor does not sign metadata.
    signature: SignatureForm | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """The HTML page that posts a response, with the fields `{action}`, `{response}` and `{relay_state}`."""

    text: str
    #: What replaces `{relay_state}` if there is one, with the field `{value}`; "" for the value alone, in any case.
    relay_state: str = ""
    #: A pattern of the characters that are references in the base64 of the response.
    references_in_response: str = ""
    #: The same for the other fields; "" escapes what HTML requires.
    references: str = ""
    #: The port behind the host of the action, with its colon.
    port: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """How one identity provider writes.

    The attributes of an element are one string, in their order and separated by blanks: `Name` for one whose value
    varies, `Name=value` for one whose value is always the same. The values of `xmlns:...` and `Version` are known. An
    attribute with `?` is written only if the response has an AttributeStatement. A second blank is written as it is.
    Times are in seconds from the issue instant. In an ID, `{hex:32}` is replaced by 32 characters of an alphabet.
    """

    #: An entity ID such as identity providers of the vendor have.
    entity_id: str
    metadata: MetadataForm
    page: Page
    #: Whether its raw form was seen in real messages or in the vendor's source. If not, parts of it are guesses.
    exact: bool = True

    # The document
    declaration: str = ""
    samlp: str = "samlp:"
    saml: str = "saml:"
    empty: str = "/>"
    ascii_only: bool = False
    signature: SignatureForm = SignatureForm()

    # Attributes of elements
    response: str = "xmlns:samlp xmlns:saml ID InResponseTo Version IssueInstant Destination"
    response_issuer: str = ""
    status: str = ""
    assertion: str = "xmlns:saml ID Version IssueInstant"
    issuer: str = ""
    subject: str = ""
    name_id: str = "Format"
    subject_confirmation_data: str = "NotOnOrAfter Recipient InResponseTo"
    conditions: str = "NotBefore NotOnOrAfter"
    authn_statement: str = "AuthnInstant SessionIndex SessionNotOnOrAfter"
    subject_locality: str = ""
    attribute_statement: str = ""
    attribute: str = "Name"
    attribute_value: str = ""

    # Statements and attributes
    attributes_first: bool = False
    #: The order of attributes, by the last part of AWS's names; `claims` are those below, and `*` those of the test.
    order: str = "Role RoleSessionName SessionDuration SourceIdentity *"
    claims: tuple[tuple[str, tuple[str, ...]], ...] = ()
    attribute_for_each_role: bool = False
    attributes_without_value: bool = False
    name_format: str = ""
    name_formats: Mapping[str, str] = field(default_factory=dict)
    friendly_names: Mapping[str, str] = field(default_factory=dict)

    # What is said where the test does not say it
    signed: str = "assertion"
    role_format: str = "{role},{provider}"
    name_id_format: str = NAMEID_PERSISTENT
    audience_is_sign_in_url: bool = False
    destination_unsigned: bool = True
    authn_context: str = AUTHN_PROTECTED_TRANSPORT
    not_before: float = 0
    conditions_not_on_or_after: float = 300
    subject_not_on_or_after: float = 300
    session_not_on_or_after: float | None = None

    # Clocks and identifiers
    digits: int = 3
    response_lag: float = 0
    authn_lag: float = 0
    authn_in_whole_seconds: bool = False
    response_id: str = "_{hex:32}"
    assertion_id: str = "_{hex:32}"
    #: The pattern for elements that bear a signature, instead of the other two.
    signed_id: str | None = None
    #: None for the ID of the assertion.
    session_index: str | None = None
    session_index_is_request: bool = False

    def identifier_of(self, element: str, bearers: Collection[str]) -> str:
        """Return the pattern of the ID of the "response" or "assertion", given the elements that bear signatures."""
        if self.signed_id is not None and element in bearers:
            return self.signed_id
        return self.response_id if element == "response" else self.assertion_id
