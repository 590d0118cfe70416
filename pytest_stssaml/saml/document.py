"""The XML parser of the package, and the conversion of XML elements and xs:dateTime to Python values."""

import datetime as dt
import re
from functools import cache

from lxml import etree

from .vocabulary import NAMESPACES

Element = etree._Element  # noqa: SLF001 - lxml's only name for the type


@cache
def tag(name: str) -> str:
    """Return a name such as "saml:Assertion" in lxml's form, "{namespace}Assertion"."""
    prefix, _, local = name.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"


def children(element: Element | None, *names: str) -> list[Element]:
    """Return the children of an element that have a name, in document order.

    Further names lead further down: with two names, these are the children of the second name of all children of the
    first name. None has no children.
    """
    if element is None:
        return []
    # findall() gives the same and takes twice as long.
    if len(names) == 1:
        return [*element.iterchildren(tag(names[0]))]
    found = [element]
    for name in names:
        found = [child for parent in found for child in parent.iterchildren(tag(name))]
    return found


class MalformedXML(ValueError):
    """A document is not well-formed, or uses a part of XML that this package does not accept."""


def hardened_parser() -> etree.XMLParser:
    """Return a parser that loads no DTD, expands no entity, opens no file or connection, and keeps libxml2's limits."""
    return etree.XMLParser(
        resolve_entities=False, load_dtd=False, dtd_validation=False, no_network=True, huge_tree=False
    )


def parse_xml(document: bytes) -> Element:
    """Return the root element of a document.

    :raises MalformedXML: if the document is not well-formed, is nested deeper than libxml2's 256 levels, or has a
        document type declaration.
    """
    try:
        root = etree.fromstring(document, hardened_parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        raise MalformedXML(str(error)) from error
    # A search for "<!DOCTYPE" in the bytes would miss one in UTF-16.
    if root.getroottree().docinfo.doctype:
        raise MalformedXML("a document type declaration is not allowed")
    return root


def parse_in_context(content: bytes, parent: Element) -> Element:
    """Return the element that UTF-8 content consists of, with the namespaces and xml: attributes of a parent around it.

    :param parent: is not changed. In the document of the result, a copy without content is in its place.
    :raises MalformedXML: if the content is not one element, or cannot stand inside another.
    """
    # UTF-8, because a name outside ASCII cannot be written in ASCII. This declares the namespaces of the ancestors.
    shell = parse_xml(etree.tostring(parent, encoding="UTF-8", with_tail=False))
    shell[:], shell.text = [], "|"
    start, _, end = etree.tostring(shell, encoding="UTF-8").rpartition(b"|")
    around = parse_xml(start + content + end)
    elements = list(around.iterchildren("*"))
    if len(elements) != 1:
        raise MalformedXML(f"expected one element, got {len(elements)}")
    if "".join(around.xpath("text()")).strip():
        raise MalformedXML("expected one element, got text beside it")
    return elements[0]


def string_value(element: Element) -> str:
    """Return all character data of an element, as XPath's string() does.

    `element.text` ends at the first comment, processing instruction or child.
    """
    # A compiled etree.XPath has a lock, which would block a child forever that is forked during another thread's login.
    return (element.text or "") if len(element) == 0 else str(element.xpath("string()"))


#: The characters that are white space in XML (XML 1.0, 2.3). Python strips far more, such as U+0085 and U+00A0.
WHITE_SPACE = " \t\r\n"


def trimmed_value(element: Element) -> str:
    """Return all character data of an element without the white space around it."""
    return string_value(element).strip(WHITE_SPACE)


# XML Schema part 2, 3.2.7; saml-core 1.3.3. datetime.fromisoformat alone would accept week dates, dates without a time,
# commas and spaces, and before Python 3.13 it refuses 24:00:00, the end of the day.
_DATE_TIME = re.compile(
    r"""\d{4}-\d\d-\d\dT(?: (?P<end_of_day> 24:00:00 (?: \.0+ )? ) | \d\d:\d\d:\d\d (?: \.\d+ )? )
    (?: Z | [+-] (?: (?: 0\d | 1[0-3] ) : [0-5]\d | 14:00 ) )?""",
    re.ASCII | re.VERBOSE,
)


_A_DAY = dt.timedelta(days=1)


def parse_instant(value: str) -> dt.datetime:
    """Return an xs:dateTime as an aware time in UTC. A value without a time zone is in UTC (saml-core 1.3.3).

    :raises ValueError: if the value is not an xs:dateTime, or is outside the years 1 to 9999.
    """
    matched = _DATE_TIME.fullmatch(value.strip(WHITE_SPACE))
    if matched is None:
        raise ValueError(f"{value!r} is not an xs:dateTime")
    end_of_day = bool(matched["end_of_day"])
    time = dt.datetime.fromisoformat(matched[0].replace("T24", "T00") if end_of_day else matched[0])
    try:
        time = time.replace(tzinfo=dt.UTC) if time.tzinfo is None else time.astimezone(dt.UTC)
        return time + _A_DAY if end_of_day else time
    except OverflowError as error:
        raise ValueError(f"{value!r} is outside the years 1 to 9999") from error


def instant_text(time: dt.datetime) -> str:
    """Return an aware time in UTC and without fractions of a second, such as "2030-01-01T12:00:00Z"."""
    return time.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
