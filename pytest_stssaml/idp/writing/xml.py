"""Writing elements and attributes in the form of a shape."""

import re
from collections.abc import Mapping
from functools import lru_cache

from ...saml.vocabulary import DS, SAML, SAMLP
from ..shapes.shape import Shape


def element(shape: Shape, tag: str, attributes: str, *children: str) -> str:
    """Return an element as a string. Without children, it is an empty-element tag.

    :param attributes: the attributes as they are written, with the space before each.
    """
    content = "".join(children)
    return f"<{tag}{attributes}>{content}</{tag}>" if content else f"<{tag}{attributes}{shape.empty}"


def attributes_in(order: str, values: Mapping[str, str | None], has_attributes: bool = True) -> str:
    """Return the attributes of a start tag.

    :param order: the attributes in the notation that `Shape` describes.
    :param values: the values by attribute name. An attribute whose value is None is left out.
    :param has_attributes: whether the response has an AttributeStatement.
    """
    if not order:
        return ""
    written = ""
    for beginning, name in _order(order, has_attributes):
        if not name:
            written += beginning
        elif (value := values[name]) is not None:
            written += f'{beginning}{escaped(value)}"'
    return written


@lru_cache(maxsize=512)
def _order(order: str, has_attributes: bool) -> list[tuple[str, str]]:
    """Return what is written for each attribute.

    It is either (the whole attribute, ""), or (its beginning up to the value, the name of the value).
    """
    compiled = []
    for token in order.split(" "):
        if token.endswith("?") and not has_attributes:
            continue
        name, _, value = token.removesuffix("?").partition("=")
        value = value or _ALWAYS.get(name, "")
        if not name:
            compiled.append((" ", ""))
        elif value:
            compiled.append((f' {name}="{value}"', ""))
        else:
            compiled.append((f' {name}="', name))
    return compiled


# For the types of attribute values (XML Schema 1, 2.6 and 2.7).
_XS = "http://www.w3.org/2001/XMLSchema"
# The attributes whose value is the same in every document.
_ALWAYS = {
    "Version": "2.0",
    "xmlns": SAML,
    "xmlns:saml": SAML,
    "xmlns:saml2": SAML,
    "xmlns:samlp": SAMLP,
    "xmlns:saml2p": SAMLP,
    "xmlns:ds": DS,
    "xmlns:xs": _XS,
    "xmlns:xsd": _XS,
    "xmlns:xsi": _XS + "-instance",
}

# Line breaks are escaped, since a parser reads them as spaces in an attribute.
_ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}

# Nearly all strings are ASCII without any of those, which this matches fast.
_PLAIN = re.compile("[ !#-%'-;=?-~]*")

# The escaped characters, and those that XML 1.0 cannot hold (section 2.2). It is compiled when it is used.
_SPECIAL = f"[{''.join(_ESCAPED)}\0-\x1f\ud800-\udfff\ufffe\uffff]"


def escaped(value: str) -> str:
    """Return a string as it is written inside an element or an attribute.

    :raises ValueError: if XML cannot hold one of its characters: unlike a wrong value, such a string cannot be sent.
    """
    return value if _PLAIN.fullmatch(value) else re.sub(_SPECIAL, _escape, value)


def _escape(special: re.Match[str]) -> str:
    if special[0] not in _ESCAPED:
        raise ValueError(f"{special.string!r} contains a character that XML cannot hold")
    return _ESCAPED[special[0]]
