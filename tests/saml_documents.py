"""Ways to edit responses, mostly as strings, so that nothing else in them changes."""

import base64
import re
from collections.abc import Callable

from lxml import etree

from pytest_stssaml import SAMLResponse
from pytest_stssaml.saml.assertion import Assertion
from pytest_stssaml.saml.document import Element, tag
from pytest_stssaml.saml.faults import Fault
from pytest_stssaml.saml.vocabulary import NAMESPACES

ALICE = "alice@example.com"
ROLE = "arn:aws:iam::123456789012:role/Developer"
PROVIDER = "arn:aws:iam::123456789012:saml-provider/ExampleIdP"
#: The role and provider of most responses, as `IdentityProvider.response` takes them.
PAIR = (ROLE, PROVIDER)

#: The code, status and message with which STS refuses a bad signature.
BAD_SIGNATURE = ("InvalidIdentityToken", 400, "Response signature invalid")

#: The types of the fixtures `read` and `fault`.
Read = Callable[..., Assertion]
FaultOf = Callable[..., tuple[Fault, str]]


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


def encoded(document: str | bytes) -> SAMLResponse:
    """Return a document in base64, as the parameter SAMLAssertion has it."""
    return SAMLResponse(base64_of(document.encode() if isinstance(document, str) else document))


def replaced(xml: str, old: str, new: str) -> str:
    """Return a document in which the first occurrence of a string, which must be there, is another string."""
    assert old in xml
    return xml.replace(old, new, 1)


def substituted(pattern: str, new: str, xml: str) -> str:
    """Return a document in which the first match of a pattern, which must be there, is another string."""
    result, count = re.subn(pattern, new, xml, count=1, flags=re.DOTALL)
    assert count == 1
    return result


def element_of(xml: str, name: str) -> str:
    """Return the first element of a name such as "ds:Signature". It must not contain another of that name."""
    found = re.search(f"<{name}[ >].*?</{name}>", xml, re.DOTALL)
    assert found is not None
    return found[0]


def without(xml: str, name: str) -> str:
    """Return a document without the first element of a name."""
    return replaced(xml, element_of(xml, name), "")


def identifiers_of(xml: str) -> list[str]:
    """Return every ID, in document order: the response's first and the assertion's second."""
    return re.findall(' ID="([^"]*)"', xml)


def child(parent: Element, path: str) -> Element:
    """Return the first element of a path such as "saml:Assertion/ds:Signature", which must be there."""
    found = parent.find(path, NAMESPACES)
    assert found is not None
    return found


def made(name: str, **attributes: str) -> Element:
    """Return a new element of a name such as "saml:Advice"."""
    prefix = name.partition(":")[0]
    return etree.Element(tag(name), attributes, nsmap={prefix: NAMESPACES[prefix]})


def parsed(xml: str) -> Element:
    return etree.fromstring(xml)
