"""Another implementation of XML-Signature and XML Encryption, where the machine has it: https://www.aleksey.com/xmlsec/"""

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

COMMAND = shutil.which("xmlsec1")

needs_xmlsec1 = pytest.mark.skipif(COMMAND is None, reason="xmlsec1 is not installed")


@cache
def _listed() -> str:
    if COMMAND is None:
        return ""
    return subprocess.run([COMMAND, "--list-transforms"], capture_output=True, text=True, check=True).stdout  # noqa: S603


def knows(transform: str) -> bool:
    """Whether this xmlsec1 has an algorithm: RSA-PSS and XML Encryption 1.1 came with 1.3, SHA-1 may go.

    Without xmlsec1 the answer is yes, so that its tests are there to be skipped.
    """
    return COMMAND is None or f'"{transform}"' in _listed()


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


def encrypt(element: str, template: str, certificate_pem: Path, *, bits: int) -> str:
    """An element as the xenc:EncryptedData of a template, whose values were empty; the AES key is a new one."""
    plain, empty = certificate_pem.with_name("plain.xml"), certificate_pem.with_name("empty.xml")
    encrypted = certificate_pem.with_name("encrypted.xml")
    plain.write_text(element, encoding="utf-8", newline="")
    empty.write_text(template, encoding="utf-8", newline="")
    keys = ["--pubkey-cert-pem", certificate_pem, "--session-key", f"aes-{bits}"]
    _run("--encrypt", *keys, "--xml-data", plain, "--output", encrypted, empty).check_returncode()
    return encrypted.read_text(encoding="utf-8").partition("?>")[2]


def decrypt(xml: str, key_pem: Path) -> str:
    """A document with its one xenc:EncryptedData replaced by what it holds."""
    document, decrypted = key_pem.with_name("encrypted.xml"), key_pem.with_name("decrypted.xml")
    document.write_text(xml, encoding="utf-8", newline="")
    _run("--decrypt", "--privkey-pem", key_pem, "--output", decrypted, document).check_returncode()
    return decrypted.read_text(encoding="utf-8")


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
