"""The SAML signature profile: which signatures are verified at all, by their place and their shape.

The rules are those of saml-core 5.4 and of OpenSAML's SAMLSignatureProfileValidator. XML-Signature allows far more,
and most attacks on SAML consumers use what only XML-Signature allows.
"""

from typing import NoReturn

from ..document import Element, children, tag
from ..faults import Fault, Unreadable
from ..vocabulary import ENVELOPED_SIGNATURE, EXCLUSIVE_C14N, EXCLUSIVE_C14N_WITH_COMMENTS, XML
from .limits import INCLUSIVE_PREFIXES, METHOD_ELEMENTS, SIGNED_INFO_ATTRIBUTES, SIGNED_INFO_NODES, Limit

# Every spelling that some XML library takes for an ID.
_IDENTIFIERS = frozenset({"ID", "Id", "id", f"{{{XML}}}id"})


def check_structure(root: Element) -> None:
    """Check that every ID is unique, and that only the root and its assertions have signatures.

    :param root: a Response, or an Assertion that was decrypted.
    :raises Unreadable: BAD_SIGNATURE (saml-core 1.3.4, 5.4).
    """
    _check_unique_identifiers(root)
    _check_signature_locations(root)


def _check_unique_identifiers(root: Element) -> None:
    # Within a login, an XPath takes three times as long. The document of a decrypted assertion begins with the element
    # in which it was encrypted.
    seen: set[object] = set()
    for element in root.getroottree().iter("*"):
        for name, value in element.items():
            if name in _IDENTIFIERS:
                if value in seen:
                    _refuse(f"the ID {value!r} is not unique")
                seen.add(value)


def _check_signature_locations(root: Element) -> None:
    parents = [root, *children(root, "saml:Assertion")]
    for signature in root.iter(tag("ds:Signature")):
        # An Advice may contain assertions of others, signed or not; nothing in it is ever read (saml-core 2.6.1).
        if signature.getparent() not in parents and not _is_in_advice(signature):
            _refuse("a ds:Signature is not a child of the response or of its assertion")


def _is_in_advice(element: Element) -> bool:
    return next(element.iterancestors(tag("saml:Advice")), None) is not None


def find_signature(parent: Element) -> Element | None:
    """Return the signature that is a child of a response or an assertion, or None if there is none.

    :raises Unreadable: BAD_SIGNATURE if there are several.
    """
    signatures = children(parent, "ds:Signature")
    if len(signatures) > 1:
        _refuse(f"{_local_name(parent)} has {len(signatures)} signatures")
    return signatures[0] if signatures else None


def check_signature_profile(signature: Element, parent: Element) -> None:
    """Check that a signature covers its parent as a whole, and nothing else.

    :raises Unreadable: BAD_SIGNATURE (saml-core 5.4.1 to 5.4.4).
    """
    _check_no_object(signature)
    signed_info = _only_child(signature, "ds:SignedInfo")
    reference = _only_child(signed_info, "ds:Reference")
    _check_uri(reference, parent)
    transforms = children(reference, "ds:Transforms", "ds:Transform")
    _check_transforms([transform.get("Algorithm") for transform in transforms])
    _check_size(signed_info, [*children(signed_info, "ds:CanonicalizationMethod"), *transforms])


def _check_no_object(signature: Element) -> None:
    if children(signature, "ds:Object"):
        _refuse("the signature contains a ds:Object")


def _only_child(element: Element, name: str) -> Element:
    found = children(element, name)
    if len(found) != 1:
        _refuse(f"expected one {name} in the signature, got {len(found)}")
    return found[0]


def _check_uri(reference: Element, parent: Element) -> None:
    identifier = parent.get("ID", "")
    uri = reference.get("URI")
    if uri == "":
        _refuse(
            f"the signature of {_local_name(parent)} {identifier!r} refers to '', which is the whole document; "
            "saml-core 5.4.2 requires the ID of what is signed"
        )
    if not identifier or uri != f"#{identifier}":
        _refuse(f"the signature of {_local_name(parent)} {identifier!r} refers to {uri!r}")


def _check_transforms(transforms: list[str | None]) -> None:
    if transforms[:1] != [ENVELOPED_SIGNATURE] or any(
        t not in (EXCLUSIVE_C14N, EXCLUSIVE_C14N_WITH_COMMENTS) for t in transforms[1:]
    ):
        _refuse(f"expected the transforms enveloped-signature and exclusive C14N, got {transforms}")
    if len(transforms) > 2:
        _refuse(f"expected at most two transforms, got {len(transforms)}")


def _check_size(signed_info: Element, methods: list[Element]) -> None:
    """Check that SignedInfo is canonicalised quickly, since anybody may have written it.

    :param methods: the CanonicalizationMethod and the Transforms.
    """
    nodes = [*signed_info.iter()]
    _check_count(SIGNED_INFO_NODES, len(nodes))
    _check_count(SIGNED_INFO_ATTRIBUTES, sum([len(node.attrib) for node in nodes if isinstance(node.tag, str)]))
    for method in methods:
        _check_count(METHOD_ELEMENTS, len([*method.iterdescendants("*")]))
    for node in nodes:
        if node.tag == tag("ec:InclusiveNamespaces"):
            # signxml splits it in this way, so two spaces count as a prefix.
            _check_count(INCLUSIVE_PREFIXES, len(node.get("PrefixList", "").split(" ")))


def _check_count(limit: Limit, count: int) -> None:
    if count > limit.most:
        _refuse(f"expected at most {limit.most} {limit.of}, got {count}")


def _local_name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _refuse(because: str) -> NoReturn:
    raise Unreadable(Fault.BAD_SIGNATURE, because)
