"""What people send instead of a SAML response in base64, so that an explanation can name it."""

import base64
import re
import zlib
from collections.abc import Callable

# Only so much is decoded, since a document shows at its beginning what it is.
_LOOKED_AT = 4096

_FIELD = re.compile(r"\bSAMLResponse\b\W{0,2}(?:=|:)")
# Only the percent sign is more than base64 has, in either alphabet.
_PERCENT = re.compile(r"[\w+/=\s-]*(?:%[0-9A-Fa-f]{2}[\w+/=\s-]*)+", re.ASCII)
_REFERENCE = re.compile(r"&(?:#\d+|#x[0-9A-Fa-f]+|\w+);")
_HTML = re.compile(r"\s*<(?:!doctype\s+html|html|head|body|form|input)\b", re.IGNORECASE)
_BYTES = re.compile(r"""b['"]""")
_XML = re.compile(r"\s*(?:\ufeff)?<[?!\w]")
_DATA_URL = re.compile(r"data:[\w/+.-]*[;,]")


def _decoded(text: str) -> bytes:
    """Return what the beginning of a string encodes, or nothing."""
    joined = "".join(text[:_LOOKED_AT].split())
    try:
        return base64.b64decode(joined[: len(joined) // 4 * 4], validate=True)
    except ValueError:
        return b""


def _inflated(data: bytes) -> bytes:
    """Return the beginning of what raw DEFLATE compressed, or nothing."""
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, 100)
    except zlib.error:
        return b""


def _is_xml(data: bytes) -> bool:
    return _XML.match(data.decode("utf-8", errors="replace")) is not None


def _is_double_base64(text: str) -> bool:
    return _is_xml(_decoded(_decoded(text).decode("ascii", errors="replace")))


def _is_for_urls(text: str) -> bool:
    return bool(set("-_") & set(text)) and _is_xml(_decoded(text.translate(str.maketrans("-_", "+/"))))


def _is_without_pluses(text: str) -> bool:
    # Line breaks come at regular intervals and before no character of their own; a lost "+" is a single space.
    return " " in text.strip() and "+" not in text and _is_xml(_decoded(text.replace(" ", "+")))


def _is_deflated(text: str) -> bool:
    return _is_xml(_inflated(_decoded(text)))


#: What a string is, as the end of the sentence "it is ...", and how to recognise it. The first one counts.
_MISTAKES: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("empty", lambda text: not text.strip()),
    ("a page of HTML; send the value of its field SAMLResponse", _HTML.match),
    ("XML; encode it in base64", _XML.match),
    ("a whole form field; leave out `SAMLResponse=`", _FIELD.search),
    ("a data URL; send what follows its comma", _DATA_URL.match),
    ("the repr() of bytes; decode the bytes to a string", _BYTES.match),
    ("in quotation marks; leave them out", lambda text: text.strip()[:1] in "'\"`"),
    ("still URL-encoded; decode it with urllib.parse.unquote()", _PERCENT.fullmatch),
    ("still HTML, with character references such as &#43;; decode it with html.unescape()", _REFERENCE.search),
    ("URL-encoded and decoded once too often: its plus signs have become spaces", _is_without_pluses),
    ("in base64 for URLs, with - and _; use + and /", _is_for_urls),
    ("encoded in base64 twice", _is_double_base64),
    ("compressed, as the HTTP-Redirect binding does it; AWS takes the HTTP-POST binding only", _is_deflated),
)


def mistake_in(saml_assertion: str) -> str | None:
    """Return what a string is that is not a SAML response in base64, as the end of "it is ...", or None."""
    return next((mistake for mistake, is_recognised in _MISTAKES if is_recognised(saml_assertion)), None)
