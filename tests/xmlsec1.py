"""XML-Signature and XML Encryption by xmlsec1, where it is installed: https://www.aleksey.com/xmlsec/

It works on files, which it writes beside the PEM file that it is given.
"""

import re
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from pytest_stssaml.keys import SigningKey

COMMAND = shutil.which("xmlsec1")

needs_xmlsec1 = pytest.mark.skipif(COMMAND is None, reason="xmlsec1 is not installed")


@cache
def _listed_transforms() -> str:
    return "" if COMMAND is None else _output_of([COMMAND, "--list-transforms"])


@cache
def _version() -> tuple[int, int]:
    assert COMMAND is not None
    found = re.search(r"(\d+)\.(\d+)", _output_of([COMMAND, "--version"]))
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _output_of(command: Sequence[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 - a path from which()


def knows(transform: str) -> bool:
    """Return whether this version has an algorithm. RSA-PSS and XML Encryption 1.1 came with 1.3; SHA-1 may be off.

    It is True without xmlsec1, so that its tests are collected and skipped.
    """
    return COMMAND is None or f'"{transform}"' in _listed_transforms()


def write_certificate(certificate: x509.Certificate, directory: Path) -> Path:
    """Write a certificate to a PEM file, and return its path."""
    path = directory / "certificate.pem"
    path.write_bytes(certificate.public_bytes(Encoding.PEM))
    return path


def write_key(key: SigningKey, directory: Path) -> Path:
    """Write a private key to a PEM file, and return its path."""
    path = directory / "key.pem"
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path


def verify(xml: str, certificate_pem: Path, *, host: str = "Assertion") -> bool:
    """Return whether xmlsec1 verifies the signature of a Response or of its Assertion.

    :param host: the local name of the element that is signed.
    """
    document = certificate_pem.with_name("verify.xml")
    document.write_text(xml, encoding="utf-8", newline="")
    finished = _run("--verify", "--pubkey-cert-pem", certificate_pem, "--node-xpath", _signature_of(host), document)
    return finished.returncode == 0 and "OK" in (finished.stdout + finished.stderr).splitlines()


def _signature_of(host: str) -> str:
    return f"//*[local-name()='{host}']/*[local-name()='Signature']"


def sign(template: str, key_pem: Path, *, host: str = "Assertion") -> str:
    """Return a document with the empty values of a Signature filled in.

    :param host: the local name of the element that is signed.
    """
    document, signed = key_pem.with_name("template.xml"), key_pem.with_name("signed.xml")
    document.write_text(template, encoding="utf-8", newline="")
    _run(
        "--sign", "--privkey-pem", key_pem, "--node-xpath", _signature_of(host), "--output", signed, document
    ).check_returncode()  # fmt: skip
    return signed.read_text(encoding="utf-8")


def encrypt(element: str, template: str, certificate_pem: Path, *, bits: int) -> str:
    """Return a template of an xenc:EncryptedData with its empty values filled in from an element.

    :param bits: the size of the new AES key.
    """
    plain, empty = certificate_pem.with_name("plain.xml"), certificate_pem.with_name("empty.xml")
    encrypted = certificate_pem.with_name("encrypted.xml")
    plain.write_text(element, encoding="utf-8", newline="")
    empty.write_text(template, encoding="utf-8", newline="")
    session_key = f"aes-{bits}"
    _run(
        "--encrypt", "--pubkey-cert-pem", certificate_pem, "--session-key", session_key,
        "--xml-data", plain, "--output", encrypted, empty,
    ).check_returncode()  # fmt: skip
    return encrypted.read_text(encoding="utf-8").partition("?>")[2]


def decrypt(xml: str, key_pem: Path) -> str:
    """Return a document with the content of its one xenc:EncryptedData in the place of that."""
    document, decrypted = key_pem.with_name("encrypted.xml"), key_pem.with_name("decrypted.xml")
    document.write_text(xml, encoding="utf-8", newline="")
    _run("--decrypt", "--privkey-pem", key_pem, "--output", decrypted, document).check_returncode()
    return decrypted.read_text(encoding="utf-8")


_ID_ATTRIBUTES = [
    "--id-attr:ID",
    "urn:oasis:names:tc:SAML:2.0:assertion:Assertion",
    "--id-attr:ID",
    "urn:oasis:names:tc:SAML:2.0:protocol:Response",
]


def _run(action: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    assert COMMAND is not None
    # Without the option, versions from 1.3 on do not use a key that KeyInfo does not name.
    lax = ["--lax-key-search"] if _version() >= (1, 3) else []
    command = [COMMAND, action, *_ID_ATTRIBUTES, *lax, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)  # noqa: S603 - likewise
