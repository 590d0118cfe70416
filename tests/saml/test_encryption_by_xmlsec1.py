from collections.abc import Callable
from pathlib import Path
from subprocess import CalledProcessError
from typing import Any

import pytest
import xmlsec1
from encrypting import (
    KEY,
    OLD_KEY,
    TRANSPORTS,
    cipher_data,
    encrypted_data,
    encrypted_element,
    transport_method,
    with_encrypted_assertion,
)
from saml_documents import ALICE, PAIR, Read, element_of

from pytest_stssaml import IdentityProvider, SAMLProvider
from pytest_stssaml.keys import certificate_of
from pytest_stssaml.literals import EncryptionAlgorithm
from pytest_stssaml.saml.vocabulary import CONTENT_ALGORITHMS

content_algorithms = pytest.mark.parametrize("algorithm", CONTENT_ALGORITHMS)
key_transports = pytest.mark.parametrize(
    "transport",
    [name for name in TRANSPORTS if name in {"mgf1p", "mgf1p sha1"} or xmlsec1.knows("rsa-oaep-enc11")],
)
pytestmark = xmlsec1.needs_xmlsec1


@pytest.fixture
def key_pem(tmp_path: Path) -> Path:
    return xmlsec1.write_key(KEY, tmp_path)


@pytest.fixture
def certificate_pem(tmp_path: Path) -> Path:
    return xmlsec1.write_certificate(certificate_of(KEY), tmp_path)


def template(algorithm: str, transport: str) -> str:
    """Return an xenc:EncryptedData with empty values."""
    key = f"<xenc:EncryptedKey>{transport_method(transport)}{cipher_data(b'')}</xenc:EncryptedKey>"
    return encrypted_data(b"", CONTENT_ALGORITHMS[algorithm], key)


@content_algorithms
@key_transports
def test_reads_what_xmlsec1_encrypted(
    read: Read, xml: str, certificate_pem: Path, algorithm: str, transport: str
) -> None:
    assertion = element_of(xml, "saml:Assertion")
    bits = int(algorithm[3:6])
    content = xmlsec1.encrypt(assertion, template(algorithm, transport), certificate_pem, bits=bits)
    assert read(with_encrypted_assertion(xml, content), KEY).name_id == ALICE


def test_logs_in_with_what_xmlsec1_encrypted(
    idp: IdentityProvider, provider: SAMLProvider, log_in: Callable[..., Any], certificate_pem: Path
) -> None:
    xml = idp.response(PAIR).xml
    assertion = element_of(xml, "saml:Assertion")
    content = xmlsec1.encrypt(assertion, template("aes256-gcm", "mgf1p"), certificate_pem, bits=256)
    assert log_in(with_encrypted_assertion(xml, content), *PAIR)["Subject"] == ALICE


@content_algorithms
@key_transports
def test_xmlsec1_decrypts_what_the_tests_encrypt(
    xml: str, assertion: str, key_pem: Path, algorithm: str, transport: str
) -> None:
    content = encrypted_element(assertion, algorithm=algorithm, transport=transport)
    assert assertion in xmlsec1.decrypt(with_encrypted_assertion(xml, content).xml, key_pem)


@content_algorithms
def test_xmlsec1_decrypts_and_verifies_what_the_identity_provider_encrypted(
    idp: IdentityProvider, provider: SAMLProvider, key_pem: Path, tmp_path: Path, algorithm: EncryptionAlgorithm
) -> None:
    response = idp.response(PAIR[0], encrypted_for=provider, encryption_algorithm=algorithm)
    certificate_pem = xmlsec1.write_certificate(idp.certificates[0], tmp_path)
    assert xmlsec1.verify(xmlsec1.decrypt(response.xml, key_pem), certificate_pem)


def test_xmlsec1_does_not_decrypt_with_another_key(xml: str, assertion: str, key_pem: Path) -> None:
    response = with_encrypted_assertion(xml, encrypted_element(assertion, to=OLD_KEY))
    with pytest.raises(CalledProcessError):
        xmlsec1.decrypt(response.xml, key_pem)
