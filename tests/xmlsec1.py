"""Another implementation of XML-Signature, where the machine has it: https://www.aleksey.com/xmlsec/"""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

COMMAND = shutil.which("xmlsec1")

needs_xmlsec1 = pytest.mark.skipif(COMMAND is None, reason="xmlsec1 is not installed")

_IDENTIFIERS = [
    "--id-attr:ID",
    "urn:oasis:names:tc:SAML:2.0:assertion:Assertion",
    "--id-attr:ID",
    "urn:oasis:names:tc:SAML:2.0:protocol:Response",
]


def verify(xml: str, certificate_pem: Path, *, host: str = "Assertion") -> bool:
    """Whether the signature in the Response or the Assertion of a document holds."""
    document = certificate_pem.with_name("verify.xml")
    document.write_text(xml, encoding="utf-8", newline="")
    signature = f"//*[local-name()='{host}']/*[local-name()='Signature']"
    finished = _run("--verify", "--pubkey-cert-pem", certificate_pem, "--node-xpath", signature, document)
    return finished.returncode == 0 and "OK" in (finished.stdout + finished.stderr).splitlines()


def sign(template: str, key_pem: Path) -> str:
    """A document whose Signature has empty values, with the values filled in."""
    document, signed = key_pem.with_name("template.xml"), key_pem.with_name("signed.xml")
    document.write_text(template, encoding="utf-8", newline="")
    _run("--sign", "--privkey-pem", key_pem, "--output", signed, document).check_returncode()
    return signed.read_text(encoding="utf-8")


def _run(action: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    assert COMMAND is not None
    options = [*_IDENTIFIERS, *_lax_key_search()]
    command = [COMMAND, action, *options, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)  # noqa: S603


def _lax_key_search() -> list[str]:
    # From 1.3 a key that KeyInfo does not name is only used when told so.
    assert COMMAND is not None
    version = subprocess.run([COMMAND, "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603
    numbers = re.search(r"(\d+)\.(\d+)", version)
    return ["--lax-key-search"] if numbers and (int(numbers[1]), int(numbers[2])) >= (1, 3) else []
