import datetime as dt
import re
from pathlib import Path

import pytest
from lxml import etree

from pytest_stssaml.saml.document import (
    MalformedXML,
    hardened_parser,
    instant_text,
    parse_in_context,
    parse_instant,
    parse_xml,
    string_value,
)


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)  # type: ignore[misc, arg-type]


class TestParseInstant:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            pytest.param("2030-01-02T03:04:05Z", utc(2030, 1, 2, 3, 4, 5), id="Z"),
            pytest.param("2030-01-02T03:04:05", utc(2030, 1, 2, 3, 4, 5), id="no zone is UTC"),
            pytest.param("2030-01-02T03:04:05+00:00", utc(2030, 1, 2, 3, 4, 5), id="zero offset"),
            pytest.param("2030-01-02T03:04:05+05:30", utc(2030, 1, 1, 21, 34, 5), id="east"),
            pytest.param("2030-01-02T03:04:05-08:00", utc(2030, 1, 2, 11, 4, 5), id="west"),
            pytest.param("2030-01-02T03:04:05+14:00", utc(2030, 1, 1, 13, 4, 5), id="farthest east"),
            pytest.param("2030-01-02T03:04:05-14:00", utc(2030, 1, 2, 17, 4, 5), id="farthest west"),
            pytest.param("2030-01-02T03:04:05.5Z", utc(2030, 1, 2, 3, 4, 5, 500_000), id="one digit of a fraction"),
            pytest.param("2030-01-02T03:04:05.123Z", utc(2030, 1, 2, 3, 4, 5, 123_000), id="milliseconds"),
            pytest.param("2030-01-02T03:04:05.123456Z", utc(2030, 1, 2, 3, 4, 5, 123_456), id="microseconds"),
            pytest.param("2030-01-02T03:04:05.1234569Z", utc(2030, 1, 2, 3, 4, 5, 123_456), id="ticks of .NET, cut"),
            pytest.param(f"2030-01-02T03:04:05.{'9' * 5000}Z", utc(2030, 1, 2, 3, 4, 5, 999_999), id="5,000 digits"),
            pytest.param("2030-12-31T24:00:00Z", utc(2031, 1, 1), id="end of the day"),
            pytest.param("2030-12-31T24:00:00.000Z", utc(2031, 1, 1), id="end of the day with a fraction of zero"),
            pytest.param("2028-02-29T00:00:00Z", utc(2028, 2, 29), id="leap day"),
            pytest.param(" \t\r\n2030-01-02T03:04:05Z \t\r\n", utc(2030, 1, 2, 3, 4, 5), id="space around it"),
            pytest.param("0001-01-01T00:00:00Z", utc(1, 1, 1), id="first"),
            pytest.param("9999-12-31T23:59:59.999999Z", dt.datetime.max.replace(tzinfo=dt.UTC), id="last"),
        ],
    )
    def test_returns_an_aware_time_in_utc(self, value: str, expected: dt.datetime) -> None:
        assert (parse_instant(value), parse_instant(value).tzinfo) == (expected, dt.UTC)

    @pytest.mark.parametrize(
        "value",
        [
            pytest.param("", id="empty"),
            pytest.param("2030-01-02", id="a date alone"),
            pytest.param("03:04:05Z", id="a time alone"),
            pytest.param("2030-01-02T03:04Z", id="no seconds"),
            pytest.param("2030-01-02 03:04:05Z", id="a space for the T"),
            pytest.param("2030-01-02t03:04:05z", id="small letters"),
            pytest.param("20300102T030405Z", id="basic format"),
            pytest.param("2030-W01-2T03:04:05Z", id="week date"),
            pytest.param("2030-002T03:04:05Z", id="ordinal date"),
            pytest.param("2030-01-02T03:04:05,5Z", id="comma"),
            pytest.param("2030-01-02T03:04:05.Z", id="a fraction without digits"),
            pytest.param("2030-01-02T03:04:05+0530", id="a zone without colon"),
            pytest.param("2030-01-02T03:04:05+05", id="a zone without minutes"),
            pytest.param("2030-01-02T03:04:05+05:30:00", id="a zone with seconds"),
            pytest.param("2030-01-02T03:04:05 Z", id="space before the zone"),
            pytest.param("2030-01-02T03:04:05UTC", id="a zone with a name"),
            pytest.param("\u0662030-01-02T03:04:05Z", id="an Arabic digit"),
            pytest.param("2030-1-2T3:4:5Z", id="single digits"),
            pytest.param("12030-01-02T03:04:05Z", id="year of five digits"),
            pytest.param("-2030-01-02T03:04:05Z", id="negative year"),
            pytest.param("+2030-01-02T03:04:05Z", id="year with a plus"),
            pytest.param("2030-01-02T03:04:05Z\0", id="NUL at the end"),
            pytest.param("2030-01-02T03:04:05Z\n2030-01-02T03:04:05Z", id="two"),
            pytest.param("\u00a02030-01-02T03:04:05Z", id="a space that is not white space in XML"),
        ],
    )
    def test_rejects_another_lexical_form(self, value: str) -> None:
        with pytest.raises(ValueError, match=f"^{re.escape(repr(value))} is not an xs:dateTime$"):
            parse_instant(value)

    @pytest.mark.parametrize(
        "value",
        [
            pytest.param("0000-01-01T00:00:00Z", id="year 0"),
            pytest.param("2030-00-01T00:00:00Z", id="month 0"),
            pytest.param("2030-13-01T00:00:00Z", id="month 13"),
            pytest.param("2030-02-29T00:00:00Z", id="not a leap year"),
            pytest.param("2030-01-32T00:00:00Z", id="day 32"),
            pytest.param("2030-01-01T24:00:01Z", id="after the end of the day"),
            pytest.param("2030-01-01T24:00:00.000001Z", id="a microsecond after the end of the day"),
            pytest.param("2030-01-01T25:00:00Z", id="hour 25"),
            pytest.param("2030-01-01T00:60:00Z", id="minute 60"),
            pytest.param("2030-01-01T23:59:60Z", id="leap second"),
            pytest.param("2030-01-01T00:00:00+14:01", id="zone beyond the farthest east"),
            pytest.param("2030-01-01T00:00:00-15:00", id="zone beyond the farthest west"),
            pytest.param("2030-01-01T00:00:00+01:60", id="zone with 60 minutes"),
        ],
    )
    def test_rejects_a_number_that_is_not_in_the_calendar(self, value: str) -> None:
        with pytest.raises(ValueError, match=r"."):
            parse_instant(value)

    @pytest.mark.parametrize(
        "value",
        [
            pytest.param("0001-01-01T00:00:00+00:01", id="before the first, by its zone"),
            pytest.param("9999-12-31T23:59:59-00:01", id="after the last, by its zone"),
            pytest.param("9999-12-31T24:00:00Z", id="after the last, at the end of its day"),
        ],
    )
    def test_rejects_a_time_outside_the_years_of_datetime(self, value: str) -> None:
        with pytest.raises(ValueError, match=f"^{re.escape(repr(value))} is outside the years 1 to 9999$"):
            parse_instant(value)


def test_an_instant_is_written_in_utc_and_to_the_second() -> None:
    time = dt.datetime(2030, 1, 2, 3, 4, 5, 999_999, tzinfo=dt.timezone(dt.timedelta(hours=5, minutes=30)))
    assert instant_text(time) == "2030-01-01T21:34:05Z"


class TestParseXml:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "iso-8859-1"])
    def test_reads_every_declared_encoding(self, encoding: str) -> None:
        declared = encoding.removesuffix("-sig").removesuffix("-le")
        document = f'<?xml version="1.0" encoding="{declared}"?><a>ü</a>'.encode(encoding)
        assert parse_xml(document).text == "ü"

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
    @pytest.mark.parametrize(
        "doctype",
        [
            pytest.param("<!DOCTYPE a>", id="name"),
            pytest.param("<!DOCTYPE a [<!ENTITY b 'c'>]>", id="entity"),
            pytest.param("<!DOCTYPE a SYSTEM 'http://127.0.0.1:9/a.dtd'>", id="external"),
        ],
    )
    def test_rejects_a_document_type_declaration(self, doctype: str, encoding: str) -> None:
        document = f'<?xml version="1.0" encoding="{encoding[:6].rstrip("-")}"?>{doctype}<a/>'.encode(encoding)
        with pytest.raises(MalformedXML) as caught:
            parse_xml(document)
        assert str(caught.value) == "a document type declaration is not allowed"

    def test_reads_256_levels(self) -> None:
        assert len(list(parse_xml(b"<a>" * 256 + b"</a>" * 256).iter())) == 256

    def test_rejects_258_levels(self) -> None:
        # Newer versions of libxml2 reject 257 too.
        with pytest.raises(MalformedXML, match="xcessive depth"):
            parse_xml(b"<a>" * 258 + b"</a>" * 258)

    @pytest.mark.parametrize(
        "document",
        [
            pytest.param(b"", id="empty"),
            pytest.param(b"hello", id="no element"),
            pytest.param(b"<a>", id="not closed"),
            pytest.param(b"<a/><b/>", id="two roots"),
            pytest.param(b"<a>\xff\xfe</a>", id="not UTF-8"),
            pytest.param(b"<a>\0</a>", id="NUL"),
            pytest.param(b"<a>&#0;</a>", id="reference to NUL"),
            pytest.param(b"<a>&b;</a>", id="unknown entity"),
            pytest.param(b"<a b='1' b='2'/>", id="an attribute twice"),
            pytest.param(b"<b:a/>", id="unknown prefix"),
            pytest.param(b'<?xml version="1.0" encoding="klingon"?><a/>', id="unknown encoding"),
        ],
    )
    def test_rejects_what_is_not_well_formed(self, document: bytes) -> None:
        with pytest.raises(MalformedXML):
            parse_xml(document)

    def test_the_parser_reads_no_file(self, tmp_path: Path) -> None:
        secret = tmp_path / "secret"
        secret.write_text("swordfish")
        document = f'<!DOCTYPE a [<!ENTITY b SYSTEM "{secret.as_uri()}">]><a>&b;</a>'
        assert "swordfish" not in str(etree.fromstring(document, hardened_parser()).xpath("string()"))


@pytest.mark.parametrize(
    ("xml", "value"),
    [
        pytest.param("<a/>", "", id="empty"),
        pytest.param("<a>alice</a>", "alice", id="text"),
        pytest.param("<a>alice<!-- . -->.evil</a>", "alice.evil", id="comment inside"),
        pytest.param("<a><!-- . -->alice</a>", "alice", id="comment first"),
        pytest.param("<a>alice<!-- . --></a>", "alice", id="comment last"),
        pytest.param("<a>alice<?php exit ?>.evil</a>", "alice.evil", id="processing instruction"),
        pytest.param("<a>alice<![CDATA[.<evil>]]></a>", "alice.<evil>", id="CDATA"),
        pytest.param("<a>ali<b>ce</b>.evil</a>", "alice.evil", id="element inside"),
        pytest.param("<a> alice\n</a>", " alice\n", id="space"),
        pytest.param("<a>&lt;&#233;</a>", "<é", id="references"),
    ],
)
def test_a_string_value_is_the_whole_character_data(xml: str, value: str) -> None:
    assert string_value(parse_xml(xml.encode())) == value


def test_a_context_keeps_names_outside_ascii() -> None:
    parent = parse_xml('<é:ö xmlns:é="urn:e" ä="ü"/>'.encode())
    found = parse_in_context("<é:ä/>".encode(), parent)
    assert [found.tag, *(around.tag for around in found.iterancestors())] == ["{urn:e}ä", "{urn:e}ö"]
