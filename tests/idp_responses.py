"""Responses that tests of the identity provider make, and what they read from them."""

import datetime as dt
from typing import Any

import pytest
from lxml import etree
from saml_documents import PAIR

from pytest_stssaml import IdentityProvider, SAMLResponse, make_signing_key
from pytest_stssaml.idp.shapes.vendors import SHAPES
from pytest_stssaml.keys import SigningKey
from pytest_stssaml.saml.vocabulary import NAMESPACES

#: A key that is made and that signs faster than an RSA key.
EC_KEY = make_signing_key("ec")

NOON = dt.datetime(2030, 1, 1, 12, tzinfo=dt.UTC)
AWS = "https://aws.amazon.com/SAML/Attributes/"
STATUS = "urn:oasis:names:tc:SAML:2.0:status:"

#: The elements that bear a signature, in document order, for each value of the keyword `signed`.
BEARERS: dict[str | None, list[str]] = {
    "assertion": ["Assertion"],
    "response": ["Response"],
    "both": ["Response", "Assertion"],
    None: [],
}

#: A string whose characters must be escaped in XML, or must not be lost in another way.
NASTY = " <\"wrong\" & 'wronger'>\n\t\r ü "

every_shape = pytest.mark.parametrize("shape", SHAPES)


def vendor(shape: str, key: SigningKey = EC_KEY) -> IdentityProvider:
    """Return an identity provider with an entity ID of the vendor."""
    return IdentityProvider(SHAPES[shape].entity_id, signing_key=key)


def response_of(shape: str, role: Any = PAIR, **keywords: Any) -> SAMLResponse:
    """Return a response of a vendor in its own shape."""
    return vendor(shape).response(role, shape=shape, **keywords)


def values(response: SAMLResponse, path: str) -> list[str]:
    """Return the strings of the attributes, texts or elements that an XPath expression selects."""
    found = response.root.xpath(path, namespaces=NAMESPACES)
    return [str(value) if isinstance(value, str) else "".join(value.itertext()) for value in found]


def offered(response: SAMLResponse) -> list[str]:
    """Return the values of the attribute Role."""
    return values(response, f"//saml:Attribute[@Name='{AWS}Role']/*")


def before_signatures(response: SAMLResponse) -> set[str]:
    """Return the local names of the elements that directly precede a signature."""
    found = response.root.xpath("//ds:Signature/preceding-sibling::*[1]", namespaces=NAMESPACES)
    return {etree.QName(element).localname for element in found}


def bearers(response: SAMLResponse) -> list[str]:
    """Return the local names of the elements that bear a signature, in document order."""
    found = response.root.xpath("//ds:Signature/..", namespaces=NAMESPACES)
    return [etree.QName(bearer).localname for bearer in found]
