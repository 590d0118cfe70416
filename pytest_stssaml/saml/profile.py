"""The shape that a signature must have before anybody computes with it.

The rules are those of saml-core 5.4 and of OpenSAML's SAMLSignatureProfileValidator. XML-Signature allows far more,
and most attacks on SAML consumers live in the rest.
"""

from lxml import etree

from .document import Element, children, tag
from .faults import Fault, Unreadable
from .vocabulary import ENVELOPED_SIGNATURE, EXCLUSIVE_C14N, EXCLUSIVE_C14N_WITH_COMMENTS

# Every spelling of an identifier that some reader of XML goes by.
_identifiers = etree.XPath("//@ID | //@Id | //@id | //@xml:id", smart_strings=False)


def signature_of(host: Element) -> Element | None:
    """The one signature that is a child of `host`, if there is one."""
    signatures = children(host, "ds:Signature")
    if len(signatures) > 1:
        _refuse(f"{_name(host)} has {len(signatures)} signatures")
    return signatures[0] if signatures else None


def check_hosts(root: Element) -> None:
    """Every ID stands once, and only the root and its assertions hold signatures (saml-core 1.3.4, 5.4).

    What an Advice holds is anybody's, signed or not: nobody reads it (saml-core 2.6.1).
    """
    hosts = [root, *children(root, "saml:Assertion")]
    seen: set[str] = set()
    for identifier in _identifiers(root):
        if identifier in seen:
            _refuse(f"the ID {identifier!r} stands more than once")
        seen.add(identifier)
    for signature in root.iter(tag("ds:Signature")):
        if signature.getparent() not in hosts and not _is_advice(signature):
            _refuse("a signature stands where neither the response nor its assertion holds it")


def _is_advice(element: Element) -> bool:
    return next(element.iterancestors(tag("saml:Advice")), None) is not None


def check_signature(signature: Element, host: Element) -> None:
    """A signature covers the element that holds it, whole, and nothing else (saml-core 5.4.1 to 5.4.4)."""
    _holds_no_object(signature)
    signed_info = _only_child(signature, "SignedInfo")
    reference = _only_child(signed_info, "Reference")
    _refers_to(reference, host)
    _transforms_nothing_away(reference)


def _holds_no_object(signature: Element) -> None:
    if children(signature, "ds:Object"):
        _refuse("the signature holds a ds:Object")


def _only_child(parent: Element, name: str) -> Element:
    found = children(parent, f"ds:{name}")
    if len(found) != 1:
        _refuse(f"the signature has {len(found)} ds:{name} where one is expected")
    return found[0]


def _refers_to(reference: Element, host: Element) -> None:
    identifier = host.get("ID", "")
    uri = reference.get("URI")
    if not identifier or uri != f"#{identifier}":
        _refuse(f"the signature in {_name(host)} {identifier!r} refers to {uri!r}")


def _transforms_nothing_away(reference: Element) -> None:
    transforms = [t.get("Algorithm") for t in children(reference, "ds:Transforms", "ds:Transform")]
    if transforms[:1] != [ENVELOPED_SIGNATURE] or any(
        t not in (EXCLUSIVE_C14N, EXCLUSIVE_C14N_WITH_COMMENTS) for t in transforms[1:]
    ):
        _refuse(f"the signature's transforms are {transforms}")
    if len(transforms) > 2:
        _refuse(f"the signature has {len(transforms)} transforms")


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _refuse(because: str) -> None:
    raise Unreadable(Fault.BAD_SIGNATURE, because)
