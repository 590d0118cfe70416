"""From base64 text to an assertion whose every value the identity provider signed."""

import base64
import binascii
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from .document import (
    Element,
    MalformedXML,
    children,
    parse_instant,
    parse_xml,
    tag,
    text_of,
)
from .encryption import decrypt_assertion
from .faults import Fault, Unreadable
from .metadata import Metadata
from .profile import check_hosts, check_signature, signature_of
from .signature import NotSigned, signed_by
from .vocabulary import NAMEID_UNSPECIFIED, STATUS_SUCCESS


@dataclass(frozen=True, slots=True)
class SubjectConfirmation:
    """How the bearer of an assertion is confirmed (saml-core 2.4.1.1)."""

    method: str
    recipient: str | None
    not_before: dt.datetime | None
    not_on_or_after: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Assertion:
    """The signed values of one assertion (saml-core 2.3.3); times are aware and in UTC."""

    issuer: str
    issue_instant: dt.datetime
    name_id: str | None
    name_id_format: str
    subject_confirmations: tuple[SubjectConfirmation, ...]
    not_before: dt.datetime | None
    not_on_or_after: dt.datetime | None
    audience_restrictions: tuple[tuple[str, ...], ...]
    session_not_on_or_after: dt.datetime | None
    attributes: Mapping[str, tuple[str, ...]]


class Decryption(NamedTuple):
    """How an assertion may be encrypted: the private keys, newest first, and whether it must be."""

    private_keys: tuple[rsa.RSAPrivateKey, ...] = ()
    required: bool = False


NO_DECRYPTION = Decryption()


def parse_response(saml_assertion: str) -> Element:
    """SAMLAssertion is base64 of a SAML 2.0 response; nothing in it is believed yet.

    :raises Unreadable: NOT_BASE64 or NOT_A_RESPONSE.
    """
    try:
        # Line breaks are common; the URL-safe alphabet is not base64 here.
        octets = base64.b64decode("".join(saml_assertion.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unreadable(Fault.NOT_BASE64, f"expected base64: {error}") from error
    try:
        response = parse_xml(octets)
    except MalformedXML as error:
        raise Unreadable(Fault.NOT_A_RESPONSE, f"expected XML: {error}") from error
    if response.tag != tag("samlp:Response"):
        raise Unreadable(Fault.NOT_A_RESPONSE, f"expected a samlp:Response, got {response.tag!r}")
    if response.get("Version") != "2.0":
        raise Unreadable(Fault.NOT_A_RESPONSE, f"expected version 2.0, got {response.get('Version')!r}")
    return response


def read_assertion(response: Element, metadata: Metadata, decryption: Decryption = NO_DECRYPTION) -> Assertion:
    """The response holds one assertion, issued by the provider's entity and signed by a key of its metadata.

    :raises Unreadable: the first fault, in the order status, one assertion, encryption, issuer, signature.
    """
    _reports_success(response, metadata)
    # What is claimed can only refuse; in the end nobody sees it.
    claimed = _only_assertion(response, decryption)
    entity = _issuing_entity(claimed, metadata)
    return _claims(_signed_assertion(response, claimed, entity, decryption))


def _reports_success(response: Element, metadata: Metadata) -> None:
    codes = children(response, "samlp:Status", "samlp:StatusCode")
    values = [code.get("Value") for code in codes]
    if values != [STATUS_SUCCESS]:
        # Believed unsigned: a status can only refuse, and identity providers often do not sign a failure. It may
        # have no issuer either, so any of the entities may have signed it.
        check_hosts(response)
        _signed(response, tuple(c for entity in metadata.entities for c in entity.signing_certificates))
        inner = [code.get("Value") for outer in codes for code in children(outer, "samlp:StatusCode")]
        raise Unreadable(Fault.REFUSED_BY_IDP, f"expected the status {STATUS_SUCCESS}, got {values + inner}")


def _only_assertion(response: Element, decryption: Decryption) -> Element:
    """The one assertion, decrypted where it is encrypted."""
    plain, encrypted = children(response, "saml:Assertion"), children(response, "saml:EncryptedAssertion")
    if len(plain) + len(encrypted) != 1:
        raise Unreadable(
            Fault.NOT_ONE_ASSERTION, f"expected one saml:Assertion, got {len(plain)} and {len(encrypted)} encrypted"
        )
    if encrypted:
        assertion = decrypt_assertion(encrypted[0], decryption.private_keys)
        check_hosts(assertion)
        return assertion
    if decryption.required:
        raise Unreadable(Fault.NOT_ENCRYPTED, "expected a saml:EncryptedAssertion, got a saml:Assertion")
    return plain[0]


def _issuing_entity(claimed: Element, metadata: Metadata) -> Metadata:
    issuer = _text(claimed, "saml:Issuer")
    for entity in metadata.entities:
        if issuer == entity.entity_id:
            return entity
    known = " or ".join(repr(entity.entity_id) for entity in metadata.entities)
    raise Unreadable(Fault.FOREIGN_ISSUER, metadata.fault or f"expected the issuer {known}, got {issuer!r}")


def _signed_assertion(response: Element, claimed: Element, entity: Metadata, decryption: Decryption) -> Element:
    """What was signed of the claimed assertion; where response and assertion are signed, both must hold."""
    check_hosts(response)
    signed_response = _signed(response, entity.signing_certificates)
    if signed_response is not None:
        claimed = _only_assertion(signed_response, decryption)
    signed_assertion = _signed(claimed, entity.signing_certificates)
    if signed_assertion is None and signed_response is None:
        raise Unreadable(Fault.BAD_SIGNATURE, "neither the response nor its assertion is signed")
    return claimed if signed_assertion is None else signed_assertion


def _signed(host: Element, certificates: tuple[x509.Certificate, ...]) -> Element | None:
    """The signed copy of an element, or None where it bears no signature; a signature that is there must hold."""
    signature = signature_of(host)
    if signature is None:
        return None
    check_signature(signature, host)
    try:
        return signed_by(certificates, host)
    except NotSigned as error:
        raise Unreadable(Fault.BAD_SIGNATURE, str(error)) from error


def _claims(assertion: Element) -> Assertion:
    if assertion.get("Version") != "2.0":
        raise Unreadable(Fault.MALFORMED_ASSERTION, f"expected version 2.0, got {assertion.get('Version')!r}")
    subject = _child(assertion, "saml:Subject")
    name_id = _child(subject, "saml:NameID")
    conditions = _child(assertion, "saml:Conditions")
    try:
        return Assertion(
            issuer=_text(assertion, "saml:Issuer") or "",
            issue_instant=parse_instant(assertion.get("IssueInstant", "")),
            name_id=None if name_id is None else text_of(name_id).strip(),
            name_id_format=NAMEID_UNSPECIFIED if name_id is None else name_id.get("Format", NAMEID_UNSPECIFIED),
            subject_confirmations=tuple(map(_confirmation, children(subject, "saml:SubjectConfirmation"))),
            not_before=_instant(conditions, "NotBefore"),
            not_on_or_after=_instant(conditions, "NotOnOrAfter"),
            audience_restrictions=_audience_restrictions(conditions),
            session_not_on_or_after=_session_not_on_or_after(assertion),
            attributes=_attributes(assertion),
        )
    except ValueError as error:
        raise Unreadable(Fault.MALFORMED_ASSERTION, str(error)) from error


def _confirmation(element: Element) -> SubjectConfirmation:
    data = _child(element, "saml:SubjectConfirmationData")
    return SubjectConfirmation(
        method=element.get("Method", ""),
        recipient=None if data is None else data.get("Recipient"),
        not_before=_instant(data, "NotBefore"),
        not_on_or_after=_instant(data, "NotOnOrAfter"),
    )


def _audience_restrictions(conditions: Element | None) -> tuple[tuple[str, ...], ...]:
    return tuple(
        tuple(text_of(audience).strip() for audience in children(restriction, "saml:Audience"))
        for restriction in children(conditions, "saml:AudienceRestriction")
    )


def _session_not_on_or_after(assertion: Element) -> dt.datetime | None:
    statements = children(assertion, "saml:AuthnStatement")
    ends = [_instant(statement, "SessionNotOnOrAfter") for statement in statements]
    return min((end for end in ends if end is not None), default=None)


def _attributes(assertion: Element) -> dict[str, tuple[str, ...]]:
    """Attribute values by name; an identity provider may spread the values of a name over several attributes."""
    attributes: dict[str, tuple[str, ...]] = {}
    for attribute in children(assertion, "saml:AttributeStatement", "saml:Attribute"):
        name = attribute.get("Name", "")
        values = tuple(text_of(value).strip() for value in children(attribute, "saml:AttributeValue"))
        attributes[name] = attributes.get(name, ()) + values
    return attributes


def _child(element: Element | None, name: str) -> Element | None:
    found = children(element, name)
    if len(found) > 1:
        raise Unreadable(Fault.MALFORMED_ASSERTION, f"expected at most one {name}, got {len(found)}")
    return found[0] if found else None


def _text(element: Element, name: str) -> str | None:
    child = _child(element, name)
    return None if child is None else text_of(child).strip()


def _instant(element: Element | None, attribute: str) -> dt.datetime | None:
    value = None if element is None else element.get(attribute)
    return None if value is None else parse_instant(value)
