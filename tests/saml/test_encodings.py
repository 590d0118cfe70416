"""What is sent instead of base64 is named, by `explain()` too."""

import base64
import html
import zlib
from collections.abc import Callable
from urllib.parse import quote, quote_plus, unquote_plus

import pytest
from botocore.exceptions import ClientError

from pytest_stssaml import IdentityProvider, STSBackend
from pytest_stssaml.saml.encodings import mistake_in

XML = (
    '<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" Note="\u00fb\u00ff\u00fe\u00fb\u00ff">'
    "?></samlp:Response>"
)
GOOD = base64.b64encode(XML.encode()).decode()


def deflated(text: str) -> str:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return base64.b64encode(compressor.compress(text.encode()) + compressor.flush()).decode()


MISTAKES = {
    "empty": (" ", "empty"),
    "XML": (XML, "XML"),
    "XML with a declaration": (f'<?xml version="1.0"?>\n{XML}', "XML"),
    "a page": (f"<!DOCTYPE html><form><input name='SAMLResponse' value='{GOOD}'></form>", "a page of HTML"),
    "a form": (f"\n<form method='post'><input name='SAMLResponse' value='{GOOD}'></form>", "a page of HTML"),
    "a form field": (f"SAMLResponse={quote_plus(GOOD)}", "a whole form field"),
    "JSON": (f'{{"SAMLResponse": "{GOOD}"}}', "a whole form field"),
    "URL-encoded": (quote(GOOD, safe=""), "still URL-encoded"),
    "decoded once too often": (unquote_plus(GOOD), "URL-encoded and decoded once too often"),
    "character references": (html.escape(GOOD).replace("+", "&#43;").replace("=", "&#x3D;"), "still HTML"),
    "quotation marks": (f'"{GOOD}"', "in quotation marks"),
    "repr of bytes": (repr(GOOD.encode()), "the repr() of bytes"),
    "a data URL": (f"data:text/xml;base64,{GOOD}", "a data URL"),
    "base64 for URLs": (GOOD.replace("+", "-").replace("/", "_"), "in base64 for URLs"),
    "base64 twice": (base64.b64encode(GOOD.encode()).decode(), "encoded in base64 twice"),
    "the redirect binding": (deflated(XML), "compressed, as the HTTP-Redirect binding"),
}


def test_the_good_one_has_every_character_of_base64_that_is_misread() -> None:
    assert {"+", "/", "="} <= set(GOOD)


@pytest.mark.parametrize(("sent", "mistake"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_named(sent: str, mistake: str) -> None:
    assert (mistake_in(sent) or "").startswith(mistake)


@pytest.mark.parametrize(
    "sent",
    [
        GOOD,
        "\n".join(GOOD[start : start + 76] for start in range(0, len(GOOD), 76)),
        base64.b64encode(b"something else").decode(),
        "not-base64_at all",
        "50%ab off!",
        "!!!!",
        deflated("not XML"),
    ],
    ids=[
        "the response",
        "with line breaks",
        "another text",
        "no base64",
        "a percent sign in a text",
        "no letters",
        "compressed text",
    ],
)
def test_nothing_is_named_that_is_none_of_them(sent: str) -> None:
    assert mistake_in(sent) is None


def test_a_percent_sign_at_the_end_of_a_long_response_is_named() -> None:
    sent = base64.b64encode(XML.encode() * 500).decode().replace("+", "P").rstrip("=") + "%3D"
    assert (mistake_in(sent) or "").startswith("still URL-encoded")


def test_a_compressed_bomb_is_not_inflated() -> None:
    compressor = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    bomb = compressor.compress(b" " * 50_000_000) + compressor.flush()
    assert mistake_in(base64.b64encode(bomb[:3000]).decode()) is None


@pytest.mark.parametrize("name", ["URL-encoded", "XML", "base64 twice", "the redirect binding"])
def test_an_explanation_names_it(
    sts: STSBackend, idp: IdentityProvider, log_in: Callable[..., object], name: str
) -> None:
    sent, mistake = MISTAKES[name]
    with pytest.raises(ClientError, match="Invalid base64 SAMLResponse"):
        log_in(sent, sts.create_role("Developer"), idp.provider)
    assert f"; it is {mistake}" in " ".join(sts.attempts[-1].explain().split())
