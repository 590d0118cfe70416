"""Where each keyword of `IdentityProvider.response` is written, and its default."""

from typing import Any, Protocol

from idp_responses import AWS
from saml_documents import ALICE, PROVIDER, ROLE

from pytest_stssaml import SAMLResponse
from pytest_stssaml.saml.vocabulary import NAMEID_PERSISTENT, STATUS_SUCCESS

_ASSERTION = "/samlp:Response/saml:Assertion"
_CONFIRMATION = f"{_ASSERTION}/saml:Subject/saml:SubjectConfirmation/saml:SubjectConfirmationData"


class Say(Protocol):
    """The type of the fixture `say`."""

    def __call__(self, role: Any = ROLE, **keywords: Any) -> SAMLResponse: ...


def attribute(name: str) -> str:
    """Return the path of the values of one of AWS's attributes."""
    return f"{_ASSERTION}/saml:AttributeStatement/saml:Attribute[@Name='{AWS}{name}']/saml:AttributeValue"


#: For each keyword: the paths at which it is written, and what is found there by default, at noon.
PLACES: dict[str, tuple[list[str], list[str]]] = {
    "provider": ([attribute("Role")], [f"{ROLE},{PROVIDER}"]),
    "session_name": ([attribute("RoleSessionName")], [ALICE]),
    "session_duration": ([attribute("SessionDuration")], []),
    "name_id": ([f"{_ASSERTION}/saml:Subject/saml:NameID"], [ALICE]),
    "name_id_format": ([f"{_ASSERTION}/saml:Subject/saml:NameID/@Format"], [NAMEID_PERSISTENT]),
    "issuer": ([f"{_ASSERTION}/saml:Issuer", "/samlp:Response/saml:Issuer"], ["https://idp.example.com/saml"]),
    "response_issuer": (["/samlp:Response/saml:Issuer"], ["https://idp.example.com/saml"]),
    "audience": (
        [f"{_ASSERTION}/saml:Conditions/saml:AudienceRestriction/saml:Audience"],
        ["urn:amazon:webservices"],
    ),
    "recipient": (
        [f"{_CONFIRMATION}/@Recipient", "/samlp:Response/@Destination"],
        ["https://signin.aws.amazon.com/saml"],
    ),
    "destination": (["/samlp:Response/@Destination"], ["https://signin.aws.amazon.com/saml"]),
    "in_response_to": (["/samlp:Response/@InResponseTo", f"{_CONFIRMATION}/@InResponseTo"], []),
    "issue_instant": (
        [
            "/samlp:Response/@IssueInstant",
            f"{_ASSERTION}/@IssueInstant",
            f"{_ASSERTION}/saml:AuthnStatement/@AuthnInstant",
        ],
        ["2030-01-01T12:00:00.000Z"],
    ),
    "not_before": ([f"{_ASSERTION}/saml:Conditions/@NotBefore"], ["2030-01-01T12:00:00.000Z"]),
    "not_on_or_after": (
        [f"{_ASSERTION}/saml:Conditions/@NotOnOrAfter", f"{_CONFIRMATION}/@NotOnOrAfter"],
        ["2030-01-01T12:05:00.000Z"],
    ),
    "conditions_not_on_or_after": (
        [f"{_ASSERTION}/saml:Conditions/@NotOnOrAfter"],
        ["2030-01-01T12:05:00.000Z"],
    ),
    "subject_not_on_or_after": ([f"{_CONFIRMATION}/@NotOnOrAfter"], ["2030-01-01T12:05:00.000Z"]),
    "session_not_on_or_after": ([f"{_ASSERTION}/saml:AuthnStatement/@SessionNotOnOrAfter"], []),
    "source_identity": ([attribute("SourceIdentity")], []),
    "status": (["/samlp:Response/samlp:Status/samlp:StatusCode/@Value"], [STATUS_SUCCESS]),
}
#: The keywords that take a time.
TIMES = [
    "issue_instant",
    "not_before",
    "not_on_or_after",
    "conditions_not_on_or_after",
    "subject_not_on_or_after",
    "session_not_on_or_after",
]
#: The keywords that take a string or None.
STRINGS = [name for name in PLACES if name not in (*TIMES, "provider")]
