import re

import pytest

from pytest_stssaml.idp.shapes.identifiers import GUID, identifier

OCTETS = bytes(range(32))


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("_{hex:32}", "_[0-9a-f]{32}"),
        ("id{digits:26}", "id[0-9]{26}"),
        ("{start:1}{name:26}", "[A-Za-z_][A-Za-z0-9._-]{26}"),
        ("{capital:1}{capitals:39}", "[A-Z][A-Z0-9]{39}"),
        ("_{alphanumerics:32}", "_[A-Za-z0-9]{32}"),
        (f"{GUID}::{GUID}", "(?:(?:::)?[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}){2}"),
    ],
)
@pytest.mark.parametrize("octets", [OCTETS, bytes(32), b"\xff" * 32], ids=["some", "zero", "most"])
def test_it_fills_in_the_pattern(pattern: str, expected: str, octets: bytes) -> None:
    assert re.fullmatch(expected, identifier(pattern, octets))


def test_hexadecimal_characters_are_the_first_octets() -> None:
    assert identifier("_{hex:8}", OCTETS) == "_00010203"


def test_further_fields_go_on_where_the_first_ended() -> None:
    assert identifier("{hex:4}-{hex:4}", OCTETS) == "0001-0203"


@pytest.mark.parametrize("pattern", ["id{digits:26}", "{start:1}{name:26}", GUID])
def test_other_octets_give_another(pattern: str) -> None:
    assert len({identifier(pattern, bytes([n]) * 32) for n in range(256)}) == 256
