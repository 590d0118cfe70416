import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from saml_documents import ROLE, encoded

from pytest_stssaml import IdentityProvider, STSBackend
from pytest_stssaml.sts.errors import NOT_BASE64, ErrorRow

Refused = Callable[[str], tuple[str, int, str]]

ATTRIBUTES = " ".join(f"a{n}=''" for n in range(7_000))
DECLARATIONS = " ".join(f"xmlns:a{n}='u'" for n in range(4_000))
ENTITIES = "".join(f"<!ENTITY e{n + 1} '" + f"&e{n};" * 10 + "'>" for n in range(12))
BILLION_LAUGHS = f'<!DOCTYPE r [<!ENTITY e0 "ha">{ENTITIES}]>'
QUADRATIC_BLOWUP = f'<!DOCTYPE r [<!ENTITY e12 "{"a" * 30_000}">]>'


@pytest.fixture
def refused(sts: STSBackend, idp: IdentityProvider, refusal: Callable[..., tuple[str, int, str]]) -> Refused:
    """How STS refuses a SAMLAssertion for a role and provider that exist, without the request ID in the message."""
    role = sts.create_role("Developer")

    def call(saml_assertion: str) -> tuple[str, int, str]:
        code, status, message = refusal(saml_assertion, role, idp.provider)
        return code, status, re.sub("Request ID: [0-9a-f-]{36};", "Request ID: $request_id;", message)

    return call


@pytest.fixture
def honest(sts: STSBackend, idp: IdentityProvider) -> str:
    """The XML of a response that is accepted."""
    return idp.response(ROLE).xml


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A server that must not be connected to."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def row(error: ErrorRow) -> tuple[Any, ...]:
    return error.code, error.status, error.message


def with_entity(honest: str, doctype: str, name: str) -> str:
    """Return a response with a document type declaration, and with an entity as its NameID."""
    return doctype + honest.replace(">alice@example.com<", f">&{name};<")


def test_accepts_the_honest_response(
    sts: STSBackend, idp: IdentityProvider, honest: str, log_in: Callable[..., Any]
) -> None:
    answer = log_in(encoded(honest), sts.create_role("Developer"), idp.provider)
    assert answer["Subject"] == "alice@example.com"


@pytest.mark.parametrize(
    "saml_assertion",
    [
        pytest.param("<samlp:Response/>", id="XML"),
        pytest.param("PHNh-_8=", id="URL-safe"),
        pytest.param("%50%47%45%2B", id="percent-encoded"),
        pytest.param("====", id="padding alone"),
        pytest.param("abcde", id="one character over"),
        pytest.param("\0\0\0\0", id="NUL"),
        pytest.param("سامل", id="Arabic"),
        pytest.param("\ud800\ud800\ud800\ud800", id="lone surrogates"),
        pytest.param("!" * 100_000, id="100,000 characters"),
    ],
)
def test_rejects_what_is_not_base64(refused: Refused, saml_assertion: str) -> None:
    assert refused(saml_assertion) == row(NOT_BASE64)


@pytest.mark.parametrize(
    "document",
    [
        pytest.param("hello", id="text"),
        pytest.param("{}\n", id="JSON"),
        pytest.param("<html><p></html>", id="HTML"),
        pytest.param("<samlp:Response", id="cut off"),
        pytest.param("<samlp:Response/>", id="undeclared prefix"),
        pytest.param("<Response/>", id="another root"),
        pytest.param("<a>&#0;</a>", id="reference to NUL"),
        pytest.param(b"<a>\0</a>", id="NUL"),
        pytest.param(b"\0" * 75_000, id="nothing but NUL"),
        pytest.param(b"<a>\xff\xfe\xfd</a>", id="not UTF-8"),
        pytest.param(b"\xff\xfe" + "<a>".encode("utf-16-le"), id="UTF-16 cut off"),
        pytest.param(b"\x78\x9c\xb3\x49\xd4\xb7\x03\x00", id="deflated"),
        pytest.param("<a>" * 25_000, id="as deep as 100,000 characters allow"),
        pytest.param("<a>" * 10_714 + "</a>" * 10_714, id="as deep, and closed"),
        pytest.param(f"<a {ATTRIBUTES}/>", id="thousands of attributes"),
        pytest.param(f"<a {DECLARATIONS}/>", id="thousands of namespaces"),
    ],
)
def test_rejects_what_is_not_a_saml_response(refused: Refused, document: str | bytes) -> None:
    assert refused(encoded(document)) == row(NOT_BASE64)


@pytest.mark.parametrize("saml_assertion", ["    ", "\n\n\n\n", "\t\r\n "], ids=["spaces", "line breaks", "mixed"])
def test_rejects_base64_of_no_bytes(refused: Refused, saml_assertion: str) -> None:
    assert refused(saml_assertion) == row(NOT_BASE64)


def test_rejects_100_001_characters(refused: Refused) -> None:
    message = (
        "1 validation error detected: Value at 'sAMLAssertion' failed to satisfy constraint: "
        "Member must have length less than or equal to 100000"
    )
    assert refused("A" * 100_001) == ("ValidationError", 400, message)


def test_reads_100_000_characters(refused: Refused) -> None:
    assert refused("A" * 100_000) == row(NOT_BASE64)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    "doctype",
    [
        pytest.param("<!DOCTYPE r>", id="name"),
        pytest.param("<!DOCTYPE r []>", id="empty subset"),
        pytest.param('<!DOCTYPE r [<!ATTLIST r a CDATA "b">]>', id="default attribute"),
        pytest.param(BILLION_LAUGHS, id="unused entity bomb"),
    ],
)
def test_rejects_a_document_type_declaration(refused: Refused, honest: str, doctype: str, encoding: str) -> None:
    assert refused(encoded((doctype + honest).encode(encoding))) == row(NOT_BASE64)


@pytest.mark.parametrize(
    "doctype",
    [pytest.param(BILLION_LAUGHS, id="billion laughs"), pytest.param(QUADRATIC_BLOWUP, id="quadratic blowup")],
)
def test_rejects_an_entity_bomb(refused: Refused, honest: str, doctype: str) -> None:
    bomb = with_entity(honest, doctype, "e12").replace("</saml:NameID>", "&e12;" * 1_000 + "</saml:NameID>")
    assert refused(encoded(bomb)) == row(NOT_BASE64)


@pytest.mark.parametrize(
    "doctype",
    [
        pytest.param('<!DOCTYPE r [<!ENTITY secret SYSTEM "{url}">]>', id="general entity"),
        pytest.param('<!DOCTYPE r [<!ENTITY % secret SYSTEM "{url}">%secret;]>', id="parameter entity"),
        pytest.param('<!DOCTYPE r SYSTEM "{url}">', id="external subset"),
    ],
)
class TestExternalEntity:
    def test_does_not_read_a_file(self, refused: Refused, honest: str, tmp_path: Path, doctype: str) -> None:
        file = tmp_path / "secret"
        file.write_text('<!ENTITY secret "alice@example.com">')
        evil = with_entity(honest, doctype.format(url=file.as_uri()), "secret")
        assert refused(encoded(evil)) == row(NOT_BASE64)

    def test_does_not_connect_to_a_server(
        self, refused: Refused, honest: str, listener: socket.socket, doctype: str
    ) -> None:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/secret"
        refusal = refused(encoded(with_entity(honest, doctype.format(url=url), "secret")))
        with pytest.raises(BlockingIOError):
            listener.accept()
        assert refusal == row(NOT_BASE64)


@pytest.mark.parametrize(
    "inside",
    [
        pytest.param(
            '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{url}" parse="text"/>', id="XInclude"
        ),
        pytest.param('<?xml-stylesheet type="text/xsl" href="{url}"?>', id="stylesheet"),
    ],
)
def test_does_not_include_a_file_in_what_was_signed(
    sts: STSBackend,
    idp: IdentityProvider,
    log_in: Callable[..., Any],
    tmp_path: Path,
    inside: str,
) -> None:
    file = tmp_path / "secret"
    file.write_text("mallory")
    role = sts.create_role("Developer")
    unsigned = idp.response(role, signed=None).xml
    response = idp.sign(unsigned.replace("</saml:NameID>", inside.format(url=file.as_uri()) + "</saml:NameID>"))
    assert log_in(response, role, idp.provider)["Subject"] == "alice@example.com"
