"""The parts of a shape. The defaults are those of this package's own shape."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ...saml.vocabulary import AUTHN_PROTECTED_TRANSPORT, NAMEID_PERSISTENT


class Lines(NamedTuple):
    """How base64 is broken into lines."""

    #: The number of characters in a line; 0 for a single line.
    width: int = 0
    #: What is written before the first line and after the last.
    edge: str = ""

    def broken(self, base64: str) -> str:
        """Return base64 with line breaks."""
        lines = [base64[i : i + self.width] for i in range(0, len(base64), self.width)] if self.width else [base64]
        return self.edge + "\n".join(lines) + self.edge


ONE_LINE = Lines()

#: A KeyInfo with the certificate alone; `{p}` is the prefix of the signature.
KEY_INFO = (
    "<{p}KeyInfo><{p}X509Data><{p}X509Certificate>{{certificate}}</{p}X509Certificate></{p}X509Data></{p}KeyInfo>"
)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SignatureForm:
    """The raw form of a ds:Signature (xmldsig-core 4). Its meaning is the same in every shape."""

    #: The prefix with its colon; "" makes the namespace the default one.
    prefix: str = "ds:"
    #: Whether the Signature itself declares its namespace.
    declared: bool = True
    #: What is written between two tags.
    between: str = ""
    #: The end of an empty-element tag.
    empty: str = "/>"
    #: The lines of SignatureValue.
    value: Lines = ONE_LINE
    #: The lines of X509Certificate.
    certificate: Lines = ONE_LINE
    #: The template of KeyInfo; "" for none.
    key_info: str = KEY_INFO
    #: The PrefixList of the second Transform, if the signed element declares that prefix (xml-exc-c14n 4).
    prefix_list: str = ""


class MetadataForm(NamedTuple):
    """The raw form of a metadata document."""

    #: The document, with the fields `{entity_id}`, `{location}`, `{id}`, `{short_id}` and the short names of URIs.
    #: `{signing}` and `{encryption}` are replaced by one `key` for each certificate.
    document: str
    #: A key descriptor, with the fields `{use}`, `{certificate}` and `{key_name}`.
    key: str
    #: The lines of X509Certificate.
    certificate: Lines = ONE_LINE
    #: The form of its signature; None if the vendor does not sign metadata.
    signature: SignatureForm | None = None


class Page(NamedTuple):
    """The HTML page that posts a response."""

    #: The page, with the fields `{action}`, `{response}` and `{relay_state}`.
    template: str
    #: What replaces `{relay_state}` if it is not empty, with the field `{value}`; "" if the value itself always does.
    relay_state: str = ""
    #: A pattern of the characters that are written as references in the response; "" for those that HTML requires.
    references_in_response: str = ""
    #: The same for the other fields.
    references: str = ""
    #: The port that is added after the host of the action, with its colon.
    port: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Shape:
    """How one identity provider writes.

    The attributes of an element are one string, in their order and separated by single spaces: `Name` for an attribute
    whose value varies, `Name=value` for one whose value is always the same. The values of `xmlns:...` and `Version` are
    known. An attribute with `?` is written only if the response has an AttributeStatement. A second space is written as
    it is. Times are in seconds from the issue instant. In the pattern of an ID, `{hex:32}` is replaced by 32 characters
    of an alphabet.
    """

    #: An entity ID such as those that the vendor's identity providers have.
    entity_id: str
    #: The form of its metadata.
    metadata: MetadataForm
    #: The page that posts a response.
    page: Page
    #: Whether the raw form was seen in real messages or in the vendor's source. If not, parts of it are guesses.
    exact: bool = True

    # The document

    #: The XML declaration, with what follows it; "" for none.
    declaration: str = ""
    #: The prefix of the protocol namespace, with its colon.
    samlp: str = "samlp:"
    #: The prefix of the assertion namespace, with its colon; "" makes it the default namespace.
    saml: str = "saml:"
    #: The end of an empty-element tag.
    empty: str = "/>"
    #: Whether characters outside ASCII are written as references.
    ascii_only: bool = False
    #: The form of signatures.
    signature: SignatureForm = SignatureForm()

    # Attributes of elements

    #: Those of Response.
    response: str = "xmlns:samlp xmlns:saml ID InResponseTo Version IssueInstant Destination"
    #: Those of the Issuer in Response.
    response_issuer: str = ""
    #: Those of Status.
    status: str = ""
    #: Those of Assertion.
    assertion: str = "xmlns:saml ID Version IssueInstant"
    #: Those of the Issuer in Assertion.
    issuer: str = ""
    #: Those of Subject.
    subject: str = ""
    #: Those of NameID.
    name_id: str = "Format"
    #: Those of SubjectConfirmationData.
    subject_confirmation_data: str = "NotOnOrAfter Recipient InResponseTo"
    #: Those of Conditions.
    conditions: str = "NotBefore NotOnOrAfter"
    #: Those of AuthnStatement.
    authn_statement: str = "AuthnInstant SessionIndex SessionNotOnOrAfter"
    #: Those of SubjectLocality; "" leaves the element out.
    subject_locality: str = ""
    #: Those of AttributeStatement.
    attribute_statement: str = ""
    #: Those of Attribute.
    attribute: str = "Name"
    #: Those of AttributeValue.
    attribute_value: str = ""

    # Statements and SAML attributes

    #: Whether the AttributeStatement precedes the AuthnStatement.
    attributes_first: bool = False
    #: The order of SAML attributes, by the last part of AWS's names; `claims` are those below, `*` those of the test.
    order: str = "Role RoleSessionName SessionDuration SourceIdentity *"
    #: The names and values of the SAML attributes that the vendor adds. A value may be `{issuer}`, `{name_id}` or
    #: `{roles}`.
    claims: tuple[tuple[str, tuple[str, ...]], ...] = ()
    #: Whether each role is the value of an Attribute of its own.
    attribute_for_each_role: bool = False
    #: Whether an attribute of the test is written even if it has no value.
    attributes_without_value: bool = False
    #: The NameFormat of SAML attributes.
    name_format: str = ""
    #: The NameFormat of those that have another, by name.
    name_formats: Mapping[str, str] = field(default_factory=dict)
    #: The FriendlyName of SAML attributes, by name.
    friendly_names: Mapping[str, str] = field(default_factory=dict)

    # Defaults of keywords of `IdentityProvider.response`, or of what they cannot change

    #: The default of `signed`.
    signed: str = "assertion"
    #: The default of `role_format`.
    role_format: str = "{role},{provider}"
    #: The default of `name_id_format`.
    name_id_format: str = NAMEID_PERSISTENT
    #: Whether the default of `audience` is AWS's sign-in URL instead of its entity ID.
    audience_is_sign_in_url: bool = False
    #: Whether a response that is not signed itself has a Destination.
    destination_unsigned: bool = True
    #: The AuthnContextClassRef.
    authn_context: str = AUTHN_PROTECTED_TRANSPORT
    #: The default of `not_before`.
    not_before: float = 0
    #: The default of `conditions_not_on_or_after`.
    conditions_not_on_or_after: float = 300
    #: The default of `subject_not_on_or_after`.
    subject_not_on_or_after: float = 300
    #: The default of `session_not_on_or_after`.
    session_not_on_or_after: float | None = None

    # Clocks and identifiers

    #: The least number of digits that are written after the second.
    digits: int = 3
    #: How long after the Assertion the Response is issued.
    response_lag: float = 0
    #: How long after the issue instant the AuthnInstant is.
    authn_lag: float = 0
    #: Whether the AuthnInstant is cut to whole seconds.
    authn_in_whole_seconds: bool = False
    #: The pattern of the ID of the Response.
    response_id: str = "_{hex:32}"
    #: The pattern of the ID of the Assertion.
    assertion_id: str = "_{hex:32}"
    #: The pattern of the ID of an element that bears a signature, instead of the other two.
    signed_id: str | None = None
    #: The pattern of the SessionIndex, in which `{epoch}` is the issue instant in milliseconds; None for the ID of the
    #: Assertion.
    session_index: str | None = None
    #: Whether the SessionIndex is the InResponseTo, if there is one.
    session_index_is_request: bool = False

    def identifier_of(self, element: str, bearers: Collection[str]) -> str:
        """Return the pattern of the ID of the "response" or "assertion", given the elements that bear signatures."""
        if self.signed_id is not None and element in bearers:
            return self.signed_id
        return self.response_id if element == "response" else self.assertion_id
