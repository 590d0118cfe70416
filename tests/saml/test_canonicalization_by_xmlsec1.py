"""What an element inherits from the document around it, as xmlsec1 canonicalises it."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
import xmlsec1
from saml_documents import ALICE, PAIR, FaultOf, Read, encoded, identifiers_of, replaced

from pytest_stssaml import IdentityProvider
from pytest_stssaml.keys import SigningKey
from pytest_stssaml.saml.faults import Fault
from pytest_stssaml.saml.vocabulary import (
    C14N,
    C14N_11,
    C14N_11_WITH_COMMENTS,
    C14N_WITH_COMMENTS,
    DIGEST_ALGORITHMS,
    DS,
    EC,
    ENVELOPED_SIGNATURE,
    EXCLUSIVE_C14N,
    EXCLUSIVE_C14N_WITH_COMMENTS,
    SIGNATURE_ALGORITHMS,
)

pytestmark = xmlsec1.needs_xmlsec1


class Form(NamedTuple):
    """How a response is signed."""

    #: Attributes that are written on the Response.
    around: str = ""
    #: Attributes that are written on the Assertion.
    inside: str = ""
    #: The CanonicalizationMethod, and its PrefixList.
    method: tuple[str, str] = (EXCLUSIVE_C14N, "")
    #: The second Transform, if there is one, and its PrefixList.
    transform: tuple[str, str] = (EXCLUSIVE_C14N, "")
    #: The prefix of XML-Signature.
    prefix: str = "ds"


def algorithm(element: str, uri: str, prefixes: str) -> str:
    """Return an element that names an algorithm, without a prefix of its own."""
    inclusive = f'<ec:InclusiveNamespaces xmlns:ec="{EC}" PrefixList="{prefixes}"/>' if prefixes else ""
    return f'<{element} Algorithm="{uri}">{inclusive}</{element}>'


def template(form: Form, identifier: str) -> str:
    """Return a Signature with empty values."""
    second = algorithm("Transform", *form.transform) if form.transform[0] else ""
    signature = (
        f'<Signature xmlns="{DS}"><SignedInfo>{algorithm("CanonicalizationMethod", *form.method)}'
        f'<SignatureMethod Algorithm="{SIGNATURE_ALGORITHMS["rsa-sha256"]}"/><Reference URI="#{identifier}">'
        f"<Transforms>{algorithm('Transform', ENVELOPED_SIGNATURE, '')}{second}</Transforms>"
        f'<DigestMethod Algorithm="{DIGEST_ALGORITHMS["sha256"]}"/><DigestValue/></Reference></SignedInfo>'
        "<SignatureValue/></Signature>"
    )
    if not form.prefix:
        return signature
    signature = signature.replace("</", f"</{form.prefix}:").replace("xmlns=", f"xmlns:{form.prefix}=")
    return re.sub(r"<(?=[A-Z])", f"<{form.prefix}:", signature)


ATTRIBUTES = 'xml:lang="en" xml:space="preserve" xml:base="https://idp.example.com/a/" xml:id="here" xml:other="one"'
FORMS = {
    "inclusive": Form(method=(C14N, "")),
    "inclusive, unprefixed": Form(method=(C14N, ""), prefix=""),
    "inclusive, unprefixed, PrefixList": Form(method=(C14N, ""), transform=(EXCLUSIVE_C14N, "saml"), prefix=""),
    "inclusive with comments": Form(method=(C14N_WITH_COMMENTS, ""), prefix=""),
    "version 1.1": Form(method=(C14N_11, ""), transform=(EXCLUSIVE_C14N, "saml"), prefix=""),
    "inclusive, a namespace around": Form(' xmlns:h="urn:one"', method=(C14N, "")),
    "inclusive, the default namespace around": Form(' xmlns="urn:one"', method=(C14N, "")),
    "inclusive, attributes around": Form(ATTRIBUTES, method=(C14N, "")),
    "inclusive, attributes around and inside": Form(ATTRIBUTES, 'xml:lang="de" xml:space="default"', (C14N, "")),
    "inclusive with comments, attributes around": Form(ATTRIBUTES, method=(C14N_WITH_COMMENTS, "")),
    "version 1.1, attributes around": Form(ATTRIBUTES, method=(C14N_11, "")),
    "version 1.1, a base inside": Form(ATTRIBUTES, 'xml:base="b/"', (C14N_11, "")),
    "version 1.1 with comments, attributes around": Form(ATTRIBUTES, method=(C14N_11_WITH_COMMENTS, "")),
    "exclusive, attributes around": Form(ATTRIBUTES),
    "exclusive with comments, attributes around": Form(ATTRIBUTES, method=(EXCLUSIVE_C14N_WITH_COMMENTS, "")),
    "no canonicalisation, a namespace around": Form(' xmlns:h="urn:one"', transform=("", "")),
    "no canonicalisation, attributes around": Form(ATTRIBUTES, transform=("", "")),
    "PrefixList": Form(' xmlns:h="urn:one"', transform=(EXCLUSIVE_C14N, "h")),
    "PrefixList of SignedInfo": Form(' xmlns:h="urn:one"', method=(EXCLUSIVE_C14N, "h")),
    "PrefixList, default namespace": Form(' xmlns="urn:one"', transform=(EXCLUSIVE_C14N, "#default saml")),
    "PrefixList of SignedInfo, default namespace": Form(' xmlns="urn:one"', method=(EXCLUSIVE_C14N, "#default ds")),
    "PrefixList with more spaces": Form(' xmlns:h="urn:one"', transform=(EXCLUSIVE_C14N, " saml  h ")),
    "PrefixList of unknown prefixes": Form(transform=(EXCLUSIVE_C14N, "#default nowhere")),
}
each_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
#: Forms in which the signature of an assertion covers what is around it.
INHERITING = [
    "inclusive, a namespace around",
    "version 1.1, attributes around",
    "no canonicalisation, a namespace around",
    "no canonicalisation, attributes around",
    "PrefixList",
    "PrefixList, default namespace",
]
#: Changes of what surrounds an assertion.
CHANGES = [
    ("urn:one", "urn:two"),
    ("preserve", "default"),
    ('"en"', '"fr"'),
    ("/a/", "/b/"),
    ("here", "there"),
    ("one", "two"),
]


@pytest.fixture
def key_pem(saml_signing_key: SigningKey, tmp_path: Path) -> Path:
    return xmlsec1.write_key(saml_signing_key, tmp_path)


@pytest.fixture
def certificate_pem(signer: IdentityProvider, tmp_path: Path) -> Path:
    return xmlsec1.write_certificate(signer.certificates[0], tmp_path)


@pytest.fixture
def signed(signer: IdentityProvider, key_pem: Path, form: Form) -> str:
    """A response with an assertion that xmlsec1 signed in a form."""
    xml = signer.response(PAIR, signed=None).xml
    xml = replaced(xml, "<samlp:Response ", f"<samlp:Response {form.around} ")
    xml = replaced(xml, "<saml:Assertion ", f"<saml:Assertion {form.inside} ")
    xml = replaced(xml, "<saml:Subject>", template(form, identifiers_of(xml)[1]) + "<saml:Subject>")
    return xmlsec1.sign(xml, key_pem)


@each_form
def test_reads_an_assertion_that_xmlsec1_signed(read: Read, signed: str) -> None:
    assert read(encoded(signed)).name_id == ALICE


@each_form
def test_agrees_with_xmlsec1_about_each_change_of_what_was_signed_and_surrounds_it(
    read: Read, fault: FaultOf, signed: str, certificate_pem: Path
) -> None:
    tampered = replaced(signed, ">alice@", ">mallory@")
    assert not xmlsec1.verify(tampered, certificate_pem)
    assert fault(encoded(tampered))[0] is Fault.BAD_SIGNATURE
    for old, new in CHANGES:
        changed = signed.replace(old, new, 1)
        if changed == signed or xmlsec1.verify(changed, certificate_pem):
            assert read(encoded(changed)).name_id == ALICE
        else:
            assert fault(encoded(changed))[0] is Fault.BAD_SIGNATURE


@pytest.mark.parametrize("form", [FORMS[name] for name in INHERITING], ids=INHERITING)
class TestBothSigned:
    """The response is signed too, with exclusive canonicalisation, so that its signature does not cover `around`."""

    @pytest.fixture
    def sign_response(self, key_pem: Path) -> Callable[[str], str]:
        def call(xml: str) -> str:
            outer = template(Form(), identifiers_of(xml)[0])
            return xmlsec1.sign(replaced(xml, "<samlp:Status>", outer + "<samlp:Status>"), key_pem, host="Response")

        return call

    def test_reads_what_xmlsec1_verifies(
        self, read: Read, signed: str, sign_response: Callable[[str], str], certificate_pem: Path
    ) -> None:
        xml = sign_response(signed)
        assert xmlsec1.verify(xml, certificate_pem)
        assert xmlsec1.verify(xml, certificate_pem, host="Response")
        assert read(encoded(xml)).name_id == ALICE

    def test_rejects_a_broken_signature_of_the_assertion(
        self, fault: FaultOf, signed: str, sign_response: Callable[[str], str], certificate_pem: Path
    ) -> None:
        xml = sign_response(replaced(signed, ">alice@", ">mallory@"))
        assert xmlsec1.verify(xml, certificate_pem, host="Response")
        assert fault(encoded(xml))[0] is Fault.BAD_SIGNATURE

    def test_rejects_a_broken_signature_of_the_response(
        self, fault: FaultOf, signed: str, sign_response: Callable[[str], str], certificate_pem: Path
    ) -> None:
        xml = replaced(sign_response(signed), "Destination=", "InResponseTo=")
        assert xmlsec1.verify(xml, certificate_pem)
        assert fault(encoded(xml))[0] is Fault.BAD_SIGNATURE
