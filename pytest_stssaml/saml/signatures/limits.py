"""How large the parts of a signature may be that are canonicalised before the signature is verified.

Canonicalisation takes time that grows with the product of these numbers, and the sender of an unsigned response chooses
them. AWS publishes no limits, so these are our choice: several times what any identity provider was seen to write.
"""

from typing import NamedTuple


class Limit(NamedTuple):
    """The greatest number of something."""

    #: The greatest number that is accepted.
    most: int
    #: What is counted, as messages call it.
    of: str
    #: The greatest number that is known to occur.
    reason: str


SIGNED_INFO_NODES = Limit(
    32, "elements and comments in SignedInfo", "18, with two transforms, a PrefixList and the parameters of RSA-PSS"
)
SIGNED_INFO_ATTRIBUTES = Limit(
    32, "attributes in SignedInfo", "15, for the same elements and with every attribute that XML-Signature defines"
)
METHOD_ELEMENTS = Limit(
    1,
    "element in a CanonicalizationMethod or Transform",
    "1, since InclusiveNamespaces is the only parameter of the algorithms that the profile allows",
)
INCLUSIVE_PREFIXES = Limit(32, "prefixes in a PrefixList", "10, written by OpenSAML 1")
#: They are counted where they are inherited: if canonicalisation is not exclusive, or has a PrefixList.
NAMESPACES_IN_SCOPE = Limit(24, "namespaces in scope of what is signed", "about 10, those of SAML and of XML Schema")
#: They are counted if canonicalisation is not exclusive.
INHERITED_ATTRIBUTES = Limit(8, "different xml: attributes around what is signed", "4, which are all that are defined")

LIMITS = (
    SIGNED_INFO_NODES,
    SIGNED_INFO_ATTRIBUTES,
    METHOD_ELEMENTS,
    INCLUSIVE_PREFIXES,
    NAMESPACES_IN_SCOPE,
    INHERITED_ATTRIBUTES,
)
