import re

import pytest

from pytest_stssaml.idp.shapes.identifiers import GUID, identifier

DATA = bytes(range(32))
_UUID4 = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("_{hex:32}", "_[0-9a-f]{32}"),
        ("id{digits:26}", "id[0-9]{26}"),
        ("{start:1}{name:26}", "[A-Za-z_][A-Za-z0-9._-]{26}"),
        ("{capital:1}{capitals:39}", "[A-Z][A-Z0-9]{39}"),
        ("_{alphanumerics:32}", "_[A-Za-z0-9]{32}"),
        (f"{GUID}::{GUID}", f"{_UUID4}::{_UUID4}"),
    ],
)
@pytest.mark.parametrize("data", [DATA, bytes(32), b"\xff" * 32], ids=["some", "least", "greatest"])
def test_each_field_has_characters_of_its_alphabet(pattern: str, expected: str, data: bytes) -> None:
    assert re.fullmatch(expected, identifier(pattern, data))


def test_hexadecimal_digits_are_the_first_bytes() -> None:
    assert identifier("_{hex:8}", DATA) == "_00010203"


def test_another_field_continues_where_the_first_ends() -> None:
    assert identifier("{hex:4}-{hex:4}", DATA) == "0001-0203"


@pytest.mark.parametrize("pattern", ["id{digits:26}", "{start:1}{name:26}", GUID])
def test_other_data_give_another_identifier(pattern: str) -> None:
    assert len({identifier(pattern, bytes([n]) * 32) for n in range(256)}) == 256
