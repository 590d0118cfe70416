"""A response, parsed once: the pairs that it offers, and what else is needed before the rules are asked."""

from collections.abc import Iterable
from typing import NamedTuple

from ...saml.assertion import Decryption, read_unverified
from ...saml.document import WHITE_SPACE, Element, children, trimmed_value
from ...saml.faults import Unreadable
from ...saml.vocabulary import NAMESPACES, ROLE, STATUS_SUCCESS
from ...sts.rule import Rejected
from ...sts.rules.saml_response import response_is_saml
from .files import UnusableInput

#: Characters of a value that a message shows; two ARNs are shorter.
_SHOWN = 200


class Pair(NamedTuple):
    """A value of the attribute Role."""

    #: The ARN of the role, or "" if the value is not a pair.
    role: str
    #: The ARN of the provider, or "".
    provider: str
    #: The value as it was written.
    value: str


class GivenResponse:
    """A response. The rule that it is SAML is asked once, and answers again as it did.

    :param encoded: the response in base64.
    :param notes: about the form in which it came.
    :param private_keys: for an encrypted assertion.
    """

    def __init__(self, encoded: str, notes: tuple[str, ...], private_keys: tuple[object, ...]) -> None:
        self.encoded = encoded
        self.notes = notes
        self.root: Element | None = None
        self._rejected: Rejected | None = None
        try:
            self.root = response_is_saml(encoded)
        except Rejected as rejected:
            self._rejected = rejected
        self._decryption = Decryption(private_keys)  # type: ignore[arg-type]  # checked with the provider

    def answer(self, _: object) -> Element | None:
        """Answer as the rule `response_is_saml` did."""
        if self._rejected is not None:
            raise self._rejected
        return self.root

    @property
    def is_encrypted(self) -> bool:
        """Whether the assertion is encrypted."""
        return bool(children(self.root, "saml:EncryptedAssertion"))

    @property
    def names_a_provider(self) -> bool:
        """Whether a Recipient is the sign-in URL of a provider, which contains the provider's UUID."""
        return self.root is not None and bool(self.root.xpath("//@Recipient[contains(., '/saml/acs/')]"))

    def pairs(self) -> list[Pair]:
        """Return the pairs that the response offers, unverified."""
        if self.root is None:
            return []
        path = f"//saml:Attribute[@Name='{ROLE}']/saml:AttributeValue"
        values = [trimmed_value(value) for value in self.root.xpath(path, namespaces=NAMESPACES)]
        if not values and self.is_encrypted:
            try:
                values = list(read_unverified(self.root, self._decryption).attributes.get(ROLE, ()))
            except Unreadable:
                return []
        return pairs_of(values)

    def lacks_pairs(self) -> str:
        """Say why the response offers no pair, and what to give; the options follow."""
        if self._rejected is not None:
            return f"is not SAML: {self._rejected.because}; give the value of the form field SAMLResponse, or"
        values = [pair.value for pair in self.pairs()]
        if values:
            shown = repr(values[0][:_SHOWN])
            return f"offers no ARNs of a role and a provider, separated by a comma, but {shown}; give"
        codes = [code.get("Value", "") for code in children(self.root, "samlp:Status", "samlp:StatusCode")]
        if codes and codes != [STATUS_SUCCESS]:
            status = repr(codes[0][:_SHOWN])
            return f"has the status {status}: the identity provider refused the login, and its log says why; give"
        return (
            "is encrypted; give --private-key, or" if self.is_encrypted else "has no value of the attribute Role; give"
        )


def pairs_of(values: Iterable[str]) -> list[Pair]:
    """Return the values of the attribute Role as pairs, which AWS takes in either order."""
    return [_pair_of(value) for value in values]


def _pair_of(value: str) -> Pair:
    arns = [arn.strip(WHITE_SPACE) for arn in value.split(",")]
    role = next((arn for arn in arns if ":role/" in arn), "")
    provider = next((arn for arn in arns if ":saml-provider/" in arn), "")
    return Pair(role, provider, value) if len(arns) == 2 and role and provider else Pair("", "", value)


def requested_pair(response: GivenResponse, role_arn: str | None, principal_arn: str | None) -> tuple[str, str]:
    """Return the role and the provider that AWS would be asked for; what is not given comes from the response.

    :raises UnusableInput: if the response does not offer exactly one role, or no provider.
    """
    if role_arn is not None and principal_arn is not None:
        return role_arn, principal_arn
    pairs = [pair for pair in response.pairs() if pair.role]
    if not pairs:
        missing = ["--role-arn"] * (role_arn is None) + ["--principal-arn"] * (principal_arn is None)
        raise UnusableInput(f"the response {response.lacks_pairs()} {' and '.join(missing)}")
    roles = sorted({pair.role for pair in pairs})
    if role_arn is None and len(roles) > 1:
        raise UnusableInput(f"the response offers {len(roles)} roles; give --role, or --role-arn {' or '.join(roles)}")
    role_arn = role_arn or roles[0]
    return role_arn, principal_arn or min(pairs, key=lambda pair: pair.role != role_arn).provider
