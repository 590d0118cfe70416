"""Why a response cannot be read."""

from enum import Enum


class Fault(Enum):
    """What is wrong with a response, in the order in which it is looked for."""

    NOT_BASE64 = "the parameter is not base64"
    NOT_A_RESPONSE = "the document is not a SAML response"
    REFUSED_BY_IDP = "the identity provider reports a failure"
    NOT_ONE_ASSERTION = "the response does not hold exactly one assertion"
    NOT_ENCRYPTED = "the assertion is not encrypted, and must be"
    NOT_DECRYPTED = "the assertion is encrypted, and cannot be decrypted"
    FOREIGN_ISSUER = "the issuer is not the provider's"
    BAD_SIGNATURE = "no signature of the provider's key covers the assertion"
    MALFORMED_ASSERTION = "the signed assertion has a value that cannot be read"


class Unreadable(Exception):
    """A response that cannot be believed: the fault, and one sentence of what was expected and what came."""

    def __init__(self, fault: Fault, because: str) -> None:
        super().__init__(fault, because)
        self.fault = fault
        self.because = because
