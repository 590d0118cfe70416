"""SAML responses: from the parameter SAMLAssertion to an assertion whose every value the identity provider signed."""

import base64
import binascii
import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric import rsa

from .document import (
    Element,
    MalformedXML,
    children,
    parse_instant,
    parse_xml,
    tag,
    trimmed_value,
)
from .faults import Fault, Unreadable
from .metadata import Metadata
from .signatures.profile import check_signature_profile, check_structure, find_signature
from .signatures.verification import VerificationFailed, verify_signature
from .vocabulary import NAMEID_UNSPECIFIED, SAML, STATUS_SUCCESS


class SubjectConfirmation(NamedTuple):
    """How the sender of an assertion is confirmed (saml-core 2.4.1.1). Times are aware and in UTC."""

    #: The URI of the method, or "" if there is none.
    method: str
    #: The URL to which the assertion may be delivered.
    recipient: str | None
    #: When the confirmation begins to be valid.
    not_before: dt.datetime | None
    #: When the confirmation is no longer valid.
    not_on_or_after: dt.datetime | None


class Assertion(NamedTuple):
    """The signed values of an assertion (saml-core 2.3.3). Times are aware and in UTC."""

    #: The entity ID of the identity provider.
    issuer: str
    #: When the assertion was issued.
    issue_instant: dt.datetime
    #: The NameID of the subject, without surrounding white space.
    name_id: str | None
    #: The URI of the format of the NameID; "unspecified" if the assertion names none.
    name_id_format: str
    #: The confirmations of the subject, in document order.
    subject_confirmations: tuple[SubjectConfirmation, ...]
    #: When the conditions begin to be valid.
    not_before: dt.datetime | None
    #: When the conditions are no longer valid.
    not_on_or_after: dt.datetime | None
    #: The audiences of each AudienceRestriction. One audience of each restriction has to match (saml-core 2.5.1.4).
    audience_restrictions: tuple[tuple[str, ...], ...]
    #: The earliest SessionNotOnOrAfter of the authentication statements.
    session_not_on_or_after: dt.datetime | None
    #: The values of each attribute by its name, without surrounding white space.
    attributes: Mapping[str, tuple[str, ...]]
    #: The names of the conditions that this package does not know, such as "saml:Condition".
    unknown_conditions: tuple[str, ...] = ()
    #: The ID of the assertion, or "" if it has none.
    id: str = ""


class Decryption(NamedTuple):
    """How a provider treats encrypted assertions."""

    #: The private keys to decrypt with, newest first.
    private_keys: tuple[rsa.RSAPrivateKey, ...] = ()
    #: Whether an assertion must be encrypted.
    required: bool = False


NO_DECRYPTION = Decryption()


def parse_response(saml_assertion: str) -> Element:
    """Return the SAML 2.0 response of the parameter SAMLAssertion, which is in base64. Nothing is verified yet.

    :raises Unreadable: NOT_BASE64 or NOT_A_RESPONSE.
    """
    try:
        # Line breaks are common. The URL-safe alphabet is not accepted.
        document = base64.b64decode("".join(saml_assertion.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unreadable(Fault.NOT_BASE64, f"expected base64: {error}{_cause(saml_assertion)}") from error
    try:
        response = parse_xml(document)
    except MalformedXML as error:
        raise Unreadable(Fault.NOT_A_RESPONSE, f"expected XML: {error}{_cause(saml_assertion)}") from error
    if response.tag != tag("samlp:Response"):
        raise Unreadable(Fault.NOT_A_RESPONSE, f"expected a samlp:Response, got {response.tag!r}")
    if response.get("Version") != "2.0":
        raise Unreadable(Fault.NOT_A_RESPONSE, f"expected version 2.0, got {response.get('Version')!r}")
    return response


def _cause(saml_assertion: str) -> str:
    """Return what was probably sent instead of a response, as the end of a sentence."""
    from .encodings import mistake_in  # most responses can be read

    mistake = mistake_in(saml_assertion)
    return "" if mistake is None else f"; it is {mistake}"


def read_assertion(response: Element, metadata: Metadata, decryption: Decryption = NO_DECRYPTION) -> Assertion:
    """Return the values of the one assertion of a response, verified with the keys of its issuer's metadata.

    :raises Unreadable: for the first fault, in the order status, number of assertions, encryption, issuer, signature,
        values.
    """
    _check_status(response, metadata)
    # The unverified assertion can only cause a refusal: all values of the result come from the verified one.
    unverified = _only_assertion(response, decryption)
    entity = _issuing_entity(unverified[0], metadata)
    verified = _verified_assertion(response, unverified, entity, decryption)
    _check_issuer(verified, entity)
    return _read_values(verified)


def read_unverified(response: Element, decryption: Decryption = NO_DECRYPTION) -> Assertion:
    """Return the values of the one assertion of a response, whoever signed it: for an explanation only.

    :raises Unreadable: if there is not one assertion, or if it cannot be decrypted or parsed.
    """
    return _read_values(_only_assertion(response, decryption._replace(required=False))[0])


def _check_status(response: Element, metadata: Metadata) -> None:
    codes = children(response, "samlp:Status", "samlp:StatusCode")
    values = [code.get("Value") for code in codes]
    if values != [STATUS_SUCCESS]:
        # A failure is believed without a signature, since it can only cause a refusal and identity providers often do
        # not sign it. It may have no issuer either, so a signature may be by any entity.
        check_structure(response)
        _verified(response, tuple(key for entity in metadata.entities for key in entity.signing_keys))
        inner = [code.get("Value") for outer in codes for code in children(outer, "samlp:StatusCode")]
        raise Unreadable(Fault.REFUSED_BY_IDP, f"expected the status {STATUS_SUCCESS}, got {values + inner}")


def _only_assertion(response: Element, decryption: Decryption) -> tuple[Element, ...]:
    """Return the only assertion of a response, decrypted if it is encrypted, in the one or two ways to read it."""
    plain, encrypted = children(response, "saml:Assertion"), children(response, "saml:EncryptedAssertion")
    if len(plain) + len(encrypted) != 1:
        raise Unreadable(
            Fault.NOT_ONE_ASSERTION,
            f"expected one assertion, got {len(plain)} saml:Assertion and {len(encrypted)} saml:EncryptedAssertion",
        )
    if encrypted:
        from .encryption import decrypt_assertion  # which few responses need

        readings = decrypt_assertion(encrypted[0], decryption.private_keys)
        for assertion in readings:
            check_structure(assertion)
        return readings
    if decryption.required:
        raise Unreadable(Fault.NOT_ENCRYPTED, "expected a saml:EncryptedAssertion, got a saml:Assertion")
    return (plain[0],)


def _issuing_entity(assertion: Element, metadata: Metadata) -> Metadata:
    issuer = _child_string(assertion, "saml:Issuer")
    for entity in metadata.entities:
        if issuer == entity.entity_id:
            return entity
    known = " or ".join(repr(entity.entity_id) for entity in metadata.entities)
    raise Unreadable(Fault.FOREIGN_ISSUER, metadata.fault or f"expected the issuer {known}, got {issuer!r}")


def _check_issuer(verified: Element, entity: Metadata) -> None:
    """Check that what was signed names the issuer whose keys were used, since more namespaces surround it."""
    issuer = _child_string(verified, "saml:Issuer")
    if issuer != entity.entity_id:
        raise Unreadable(Fault.FOREIGN_ISSUER, f"expected the signed issuer {entity.entity_id!r}, got {issuer!r}")


def _verified_assertion(
    response: Element, readings: tuple[Element, ...], entity: Metadata, decryption: Decryption
) -> Element:
    """Return what was signed of an assertion. If the response and the assertion are signed, both are verified.

    Each is verified where it is in the response as it came, since the verified copy of the response has lost namespaces
    that the signature of the assertion may cover.
    """
    check_structure(response)
    signed_response = _verified(response, entity.signing_keys)
    signed_assertion = _first_verified(readings, entity.signing_keys)
    if signed_assertion is not None:
        return signed_assertion
    if signed_response is None:
        raise Unreadable(Fault.BAD_SIGNATURE, "neither the response nor its assertion is signed")
    # Only namespaces that were signed count here.
    return _only_assertion(signed_response, decryption)[0]


def _first_verified(readings: tuple[Element, ...], keys: tuple[bytes, ...]) -> Element | None:
    """Return the verified copy of an assertion in the first way to read it in which the signature holds.

    It is None if the assertion is not signed in any of them.
    """
    signed = [reading for reading in readings if find_signature(reading) is not None]
    for reading in signed[:-1]:
        with suppress(Unreadable):
            return _verified(reading, keys)
    return _verified(signed[-1], keys) if signed else None


def _verified(parent: Element, keys: tuple[bytes, ...]) -> Element | None:
    """Return the verified copy of a response or an assertion, or None if it is not signed."""
    signature = find_signature(parent)
    if signature is None:
        return None
    check_signature_profile(signature, parent)
    try:
        return verify_signature(parent, keys)
    except VerificationFailed as error:
        raise Unreadable(Fault.BAD_SIGNATURE, str(error)) from error


def _read_values(assertion: Element) -> Assertion:
    if assertion.get("Version") != "2.0":
        raise Unreadable(Fault.MALFORMED_ASSERTION, f"expected version 2.0, got {assertion.get('Version')!r}")
    subject = _optional_child(assertion, "saml:Subject")
    name_id = _optional_child(subject, "saml:NameID")
    conditions = _optional_child(assertion, "saml:Conditions")
    try:
        return Assertion(
            issuer=_child_string(assertion, "saml:Issuer") or "",
            issue_instant=parse_instant(assertion.get("IssueInstant", "")),
            name_id=None if name_id is None else trimmed_value(name_id),
            name_id_format=NAMEID_UNSPECIFIED if name_id is None else name_id.get("Format", NAMEID_UNSPECIFIED),
            subject_confirmations=tuple(map(_read_confirmation, children(subject, "saml:SubjectConfirmation"))),
            not_before=_instant(conditions, "NotBefore"),
            not_on_or_after=_instant(conditions, "NotOnOrAfter"),
            audience_restrictions=_read_audience_restrictions(conditions),
            session_not_on_or_after=_earliest_session_end(assertion),
            attributes=_read_attributes(assertion),
            unknown_conditions=tuple(_unknown_conditions(conditions)),
            id=assertion.get("ID", ""),
        )
    except ValueError as error:
        raise Unreadable(Fault.MALFORMED_ASSERTION, str(error)) from error


def _read_confirmation(element: Element) -> SubjectConfirmation:
    data = _optional_child(element, "saml:SubjectConfirmationData")
    return SubjectConfirmation(
        method=element.get("Method", ""),
        recipient=None if data is None else data.get("Recipient"),
        not_before=_instant(data, "NotBefore"),
        not_on_or_after=_instant(data, "NotOnOrAfter"),
    )


def _read_audience_restrictions(conditions: Element | None) -> tuple[tuple[str, ...], ...]:
    return tuple(
        tuple(trimmed_value(audience) for audience in children(restriction, "saml:Audience"))
        for restriction in children(conditions, "saml:AudienceRestriction")
    )


_KNOWN_CONDITIONS = ("saml:AudienceRestriction", "saml:OneTimeUse", "saml:ProxyRestriction")


def _unknown_conditions(conditions: Element | None) -> Iterator[str]:
    known = tuple(map(tag, _KNOWN_CONDITIONS))
    for child in () if conditions is None else conditions.iterchildren("*"):
        if child.tag not in known:
            yield str(child.tag).replace(f"{{{SAML}}}", "saml:")


def _earliest_session_end(assertion: Element) -> dt.datetime | None:
    statements = children(assertion, "saml:AuthnStatement")
    ends = [_instant(statement, "SessionNotOnOrAfter") for statement in statements]
    return min((end for end in ends if end is not None), default=None)


def _read_attributes(assertion: Element) -> dict[str, tuple[str, ...]]:
    """Return the attribute values by name. The values of one name may be in several Attribute elements."""
    attributes: dict[str, tuple[str, ...]] = {}
    for attribute in children(assertion, "saml:AttributeStatement", "saml:Attribute"):
        name = attribute.get("Name", "")
        values = tuple(trimmed_value(value) for value in children(attribute, "saml:AttributeValue"))
        attributes[name] = attributes.get(name, ()) + values
    return attributes


def _optional_child(element: Element | None, name: str) -> Element | None:
    found = children(element, name)
    if len(found) > 1:
        raise Unreadable(Fault.MALFORMED_ASSERTION, f"expected at most one {name}, got {len(found)}")
    return found[0] if found else None


def _child_string(element: Element, name: str) -> str | None:
    child = _optional_child(element, name)
    return None if child is None else trimmed_value(child)


def _instant(element: Element | None, attribute: str) -> dt.datetime | None:
    value = None if element is None else element.get(attribute)
    return None if value is None else parse_instant(value)
