"""Elements as canonicalisation sees them: with what they inherit from the document around them.

Source: Canonical XML 1.0 and 1.1, section 2.4; Exclusive XML Canonicalization 1.0, section 3.
"""

from copy import deepcopy

from lxml import etree

from ..document import Element, children, hardened_parser, parse_xml
from ..vocabulary import (
    C14N,
    C14N_11,
    C14N_11_WITH_COMMENTS,
    C14N_WITH_COMMENTS,
    EXCLUSIVE_C14N,
    EXCLUSIVE_C14N_WITH_COMMENTS,
    XML,
)
from .limits import INHERITED_ATTRIBUTES, NAMESPACES_IN_SCOPE, Limit

_VERSION_1_0 = (C14N, C14N_WITH_COMMENTS)
_VERSION_1_1 = (C14N_11, C14N_11_WITH_COMMENTS)

#: How a PrefixList names the default namespace.
DEFAULT_NAMESPACE = "#default"
# lxml ignores a prefix that libxml2 has not seen as a name in this thread, and no document has this one as a name.
_NAMES_THE_DEFAULT_NAMESPACE = f'<!DOCTYPE a [<!ATTLIST a b CDATA "{DEFAULT_NAMESPACE}">]><a/>'


def standing_alone(element: Element, method: Element | None) -> Element:
    """Return a copy of an element that has a document of its own and the same canonical form.

    libxml2 adds xmlns="" to the canonical form of a part of a document where none belongs, but not to that of a whole
    one.

    :param method: the CanonicalizationMethod or the Transform, or None for what XML-Signature 4.4.3.2 prescribes if
        there is none.
    :raises TooLarge: if so much would be inherited that canonicalisation would take long.
    """
    if not inherits(method):
        alone = deepcopy(element)  # four times as quick, and without the namespaces that the element does not use
        alone.tail = None
        return alone
    # UTF-8, because a name outside ASCII cannot be written in ASCII. This declares what the ancestors declare.
    document = etree.tostring(element, encoding="UTF-8", with_tail=False)
    copy = parse_xml(document)
    _check_namespaces(document)
    algorithm = _algorithm(method)
    if algorithm in _VERSION_1_0 or algorithm in _VERSION_1_1:
        attributes = _inherited_attributes(element, joined=algorithm in _VERSION_1_1)
        _check_count(INHERITED_ATTRIBUTES, len(attributes))
        for name, value in attributes.items():
            copy.set(name, value)
    return copy


def inherits(method: Element | None) -> bool:
    """Return whether the canonical form of an element may depend on the elements around it."""
    exclusive = _algorithm(method) in (EXCLUSIVE_C14N, EXCLUSIVE_C14N_WITH_COMMENTS)
    return not exclusive or bool(children(method, "ec:InclusiveNamespaces"))


def _algorithm(method: Element | None) -> str | None:
    return C14N if method is None else method.get("Algorithm")


class TooLarge(ValueError):
    """Canonicalisation would take long."""


def _check_count(limit: Limit, count: int) -> None:
    if count > limit.most:
        raise TooLarge(f"expected at most {limit.most} {limit.of}, got {count}")


def _check_namespaces(document: bytes) -> None:
    if document.count(b"xmlns") <= NAMESPACES_IN_SCOPE.most:
        return  # This takes a thousandth of the time of what follows.
    parser = etree.XMLPullParser(events=("start-ns", "end-ns"))
    parser.feed(document)
    in_scope = 0
    for event, _ in parser.read_events():
        in_scope += 1 if event == "start-ns" else -1
        _check_count(NAMESPACES_IN_SCOPE, in_scope)


def _inherited_attributes(element: Element, *, joined: bool) -> dict[str, str]:
    """Return the xml: attributes that are in force for an element.

    :param joined: whether the values of xml:base are joined, and attributes other than xml:lang and xml:space left
        out, as version 1.1 does.
    """
    xml = f"{{{XML}}}"
    in_force: dict[str, str] = {}
    for parent in (element, *element.iterancestors()):
        attributes = {str(name): str(value) for name, value in parent.items() if str(name).startswith(xml)}
        in_force = attributes | in_force
    if not joined:
        return in_force
    base = {xml + "base": element.base} if element.base else {}
    return base | {name: value for name, value in in_force.items() if name in (xml + "lang", xml + "space")}


def make_default_namespace_known() -> None:
    """Let lxml accept `DEFAULT_NAMESPACE` as an inclusive prefix in this thread."""
    etree.fromstring(_NAMES_THE_DEFAULT_NAMESPACE, hardened_parser())
