"""The rules about reading a response."""

from ...iam.entities import SAMLProvider
from ...saml.assertion import Assertion, parse_response, read_assertion
from ...saml.document import Element
from ...saml.faults import Unreadable
from ..errors import UNREADABLE
from ..rule import Confidence, Rejected, rule


def _rejected(unreadable: Unreadable) -> Rejected:
    """Return AWS's error for an unreadable response."""
    return Rejected(UNREADABLE[unreadable.fault], unreadable.because)


@rule(
    "SAMLAssertion is base64 of a SAML 2.0 response", source="API reference; observed", confidence=Confidence.OBSERVED
)
def response_is_saml(saml_assertion: str) -> Element:
    try:
        return parse_response(saml_assertion)
    except Unreadable as unreadable:
        raise _rejected(unreadable) from unreadable


@rule(
    "The response reports success and holds one assertion, issued by the provider's entity and signed with a key of "
    "its metadata",
    source="troubleshoot_saml; create_saml; saml-core 5.4",
    confidence=Confidence.DOCUMENTED,
)
def assertion_is_trusted(response: Element, provider: SAMLProvider) -> Assertion:
    try:
        return read_assertion(response, provider._metadata, provider._decryption)
    except Unreadable as unreadable:
        raise _rejected(unreadable) from unreadable
