"""The reasons why a SAML response is refused before AWS's rules look at its values."""

from enum import Enum


class Fault(Enum):
    """What is wrong with a response. The members are in the order in which they are checked."""

    NOT_BASE64 = "the parameter is not base64"
    NOT_A_RESPONSE = "the document is not a SAML response"
    REFUSED_BY_IDP = "the identity provider reports a failure"
    NOT_ONE_ASSERTION = "the response does not contain exactly one assertion"
    NOT_ENCRYPTED = "the assertion must be encrypted and is not"
    NOT_DECRYPTED = "the assertion is encrypted and cannot be decrypted"
    FOREIGN_ISSUER = "the issuer is not an entity of the provider's metadata"
    BAD_SIGNATURE = "no signature by a key of the provider covers the assertion"
    MALFORMED_ASSERTION = "the signed assertion has a value that cannot be parsed"


class Unreadable(Exception):
    """A response cannot be trusted or parsed.

    :param fault: the kind of fault.
    :param because: one sentence about this response, mostly what was expected and what came.
    """

    def __init__(self, fault: Fault, because: str) -> None:
        super().__init__(fault, because)
        self.fault = fault
        self.because = because
