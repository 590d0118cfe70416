"""The rules about reading a response."""

from collections.abc import Iterator
from contextlib import contextmanager

from ...iam.entities import SAMLProvider
from ...saml.assertion import Assertion, parse_response, read_assertion
from ...saml.document import Element
from ...saml.faults import Unreadable
from ..errors import UNREADABLE
from ..rule import Confidence, Rejected, rule


@contextmanager
def _readable() -> Iterator[None]:
    """Turn the fault of an unreadable response into AWS's error."""
    try:
        yield
    except Unreadable as unreadable:
        raise Rejected(UNREADABLE[unreadable.fault], unreadable.because) from unreadable


@rule(
    "SAMLAssertion is base64 of a SAML 2.0 response", source="API reference; observed", confidence=Confidence.OBSERVED
)
def response_is_saml(saml_assertion: str) -> Element:
    with _readable():
        return parse_response(saml_assertion)


@rule(
    "The response reports success and holds one assertion, issued by the provider's entity and signed with a key of "
    "its metadata",
    source="troubleshoot_saml; create_saml; saml-core 5.4",
    confidence=Confidence.DOCUMENTED,
)
def assertion_is_trusted(response: Element, provider: SAMLProvider) -> Assertion:
    with _readable():
        return read_assertion(response, provider._metadata, provider._decryption)
