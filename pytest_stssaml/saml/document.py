"""The one XML parser, and the lexical forms of SAML's values."""

import datetime as dt
import re
from functools import cache

from lxml import etree

from .vocabulary import NAMESPACES

Element = etree._Element  # noqa: SLF001 - lxml's only name for the type


@cache
def tag(name: str) -> str:
    """A name like "saml:Assertion" as lxml writes it."""
    prefix, _, local = name.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"


def children(element: Element | None, *names: str) -> list[Element]:
    """The children of a name, or by several names the children of those, and so on; of nothing there are none."""
    found = [] if element is None else [element]
    for name in names:
        # Not findall(), which takes twice as long for the same.
        found = [child for parent in found for child in parent.iterchildren(tag(name))]
    return found


_string_value = etree.XPath("string()")


class MalformedXML(ValueError):
    """These octets are not XML that this package reads."""


def hardened_parser() -> etree.XMLParser:
    """A parser that loads no DTD, expands no entity, opens no file or connection, and keeps libxml2's limits."""
    return etree.XMLParser(
        resolve_entities=False, load_dtd=False, dtd_validation=False, no_network=True, huge_tree=False
    )


def parse_xml(octets: bytes) -> Element:
    """The root element of a document without a document type declaration.

    :raises MalformedXML: not well-formed, deeper than libxml2's 256 levels, or with a DOCTYPE.
    """
    try:
        root = etree.fromstring(octets, hardened_parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        raise MalformedXML(str(error)) from error
    # Asked of the parsed document, not searched in the octets, where UTF-16 would hide it.
    if root.getroottree().docinfo.doctype:
        raise MalformedXML("a document type declaration")
    return root


def text_of(element: Element) -> str:
    """The whole text of an element; a comment or processing instruction inside does not cut it short."""
    return (element.text or "") if len(element) == 0 else str(_string_value(element))


# XML Schema part 2, 3.2.7; saml-core 1.3.3. datetime.fromisoformat alone would take week dates, dates without a time,
# commas and spaces, and before Python 3.13 refuses 24:00:00, the end of the day.
_DATE_TIME = re.compile(
    r"""\d{4}-\d\d-\d\dT(?: (?P<end_of_day> 24:00:00 (?: \.0+ )? ) | \d\d:\d\d:\d\d (?: \.\d+ )? )
    (?: Z | [+-] (?: (?: 0\d | 1[0-3] ) : [0-5]\d | 14:00 ) )?""",
    re.ASCII | re.VERBOSE,
)


def parse_instant(text: str) -> dt.datetime:
    """An xs:dateTime as an aware UTC time; without a zone it is UTC (saml-core 1.3.3).

    :raises ValueError: no xs:dateTime, or outside the years 1 to 9999.
    """
    matched = _DATE_TIME.fullmatch(text.strip(" \t\r\n"))
    if matched is None:
        raise ValueError(f"{text!r} is no xs:dateTime")
    end_of_day = bool(matched["end_of_day"])
    time = dt.datetime.fromisoformat(matched[0].replace("T24", "T00") if end_of_day else matched[0])
    try:
        time = time.replace(tzinfo=dt.UTC) if time.tzinfo is None else time.astimezone(dt.UTC)
        return time + dt.timedelta(days=end_of_day)
    except OverflowError as error:
        raise ValueError(f"{text!r} is outside the years 1 to 9999") from error


def instant_text(time: dt.datetime) -> str:
    """An aware time as people read it, in UTC and to the second."""
    return f"{time.astimezone(dt.UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"
