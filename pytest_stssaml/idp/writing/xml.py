"""Elements and attributes as XML text, in the notation and the style of a shape."""

import re
from collections.abc import Mapping
from functools import lru_cache

from ...saml.vocabulary import DS, SAML, SAMLP
from ..shapes.shape import Shape


def element(shape: Shape, tag: str, attributes: str, *children: str) -> str:
    """An element of a tag and the text of its attributes; without content it is an empty tag in the shape's style."""
    content = "".join(children)
    return f"<{tag}{attributes}>{content}</{tag}>" if content else f"<{tag}{attributes}{shape.empty}"


def attributes_in(order: str, said: Mapping[str, str | None], has_attributes: bool = True) -> str:
    """The attributes of a start tag, in the notation of `Shape`."""
    if not order:
        return ""
    written = ""
    for text, name in _order(order, has_attributes):
        if not name:
            written += text
        elif (value := said[name]) is not None:
            written += f'{text}{escaped(value)}"'
    return written


@lru_cache(maxsize=512)
def _order(order: str, has_attributes: bool) -> list[tuple[str, str]]:
    """For each attribute its text and no name, or its text up to the value and the name of what is said there."""
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


# XML Schema 1, 2.6 and 2.7, for the types of attribute values
_XS = "http://www.w3.org/2001/XMLSchema"
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

# Line breaks among them: in an attribute they would reach the reader as spaces.
_ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}

# ASCII without any of those: nearly every text.
_PLAIN = re.compile("[ !#-%'-;=?-~]*")

# Those, and what XML 1.0 cannot hold by section 2.2.
_SPECIAL = re.compile(f"[{''.join(_ESCAPED)}]|[^\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def escaped(text: str) -> str:
    """A text as it stands in XML, inside an element or an attribute.

    :raises ValueError: it holds a character that XML cannot: unlike a wrong value, that cannot be said at all.
    """
    return text if _PLAIN.fullmatch(text) else _SPECIAL.sub(_escape, text)


def _escape(special: re.Match[str]) -> str:
    if special[0] not in _ESCAPED:
        raise ValueError(f"{special.string!r} holds a character that XML cannot")
    return _ESCAPED[special[0]]
