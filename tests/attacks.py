"""What the tests of attacks share: the target, ways to forge a response, and signatures made by hand."""

import copy
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

import naive
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from explaining import provider_output, role_output
from lxml import etree
from naive import ENVELOPED, EXCLUSIVE_C14N, NS, RSA_SHA256
from saml_documents import base64_of, encoded, made

from pytest_stssaml import Explanation, IdentityProvider, Role, SAMLProvider, STSBackend, explain
from pytest_stssaml.literals import Signed
from pytest_stssaml.saml.document import tag

MALLORY = "mallory@example.com"
#: What Role says to somebody who may be an administrator.
ADMIN = "arn:aws:iam::123456789012:role/Admin,arn:aws:iam::123456789012:saml-provider/ExampleIdP"
MALLORYS_KEY = rsa.generate_private_key(65537, 2048)

Element = Any
Document = str | bytes | Element


class Reason(Enum):
    """Why STS refuses a response. The values are how the explanation of the attempt begins."""

    NOT_XML = "expected XML: "
    NOT_ONE_ASSERTION = "expected one assertion, got "
    FOREIGN_ISSUER = "expected the issuer "
    UNSIGNED = "neither the response nor its assertion is signed"
    MISPLACED_SIGNATURE = "a ds:Signature is not a child of the response or of its assertion"
    REPEATED_ID = "the ID "
    OBJECT = "the signature contains a ds:Object"
    NOT_ONE_PART = "expected one ds:"
    FOREIGN_REFERENCE = "the signature of "
    FOREIGN_TRANSFORM = "expected the transforms "
    TOO_MANY_TRANSFORMS = "expected at most two transforms, got "
    TOO_LARGE = "expected at most 32 "
    SEVERAL_SIGNATURES = "Response has "
    NOT_VERIFIED = "no signing certificate of the metadata made this signature: "
    FOREIGN_PAIR = "expected the pair "


def no_access(*_: Any, **__: Any) -> Any:
    """Stand for a file or a socket that must not be opened."""
    raise AssertionError("a file or a socket was opened")


@dataclass(frozen=True)
class Target:
    """STS with a provider and a role, and what an attacker and a naive verifier know of them."""

    sts: STSBackend
    idp: IdentityProvider
    role: Role
    #: The key with which the identity provider signs.
    key: rsa.RSAPrivateKey
    log_in: Callable[..., Any]
    refused: Callable[..., tuple[str, int, str]]

    @property
    def certificate(self) -> x509.Certificate:
        """The certificate of the identity provider."""
        return self.idp.certificates[0]

    def honest(self, signed: Signed | None = "assertion", **said: Any) -> Element:
        """Return the tree of a response that STS accepts, with the keywords of `IdentityProvider.response`."""
        return etree.fromstring(self.idp.response(self.role, signed=signed, **said).xml)

    def fooled(self, verifier: Callable[..., naive.Believed], document: Document, **options: Any) -> str:
        """Return the subject that a naive verifier, which trusts the certificate, believes."""
        return verifier(as_xml(document), self.certificate, **options).name_id

    def subject(self, document: Document) -> str:
        """Return the subject of the session that STS grants."""
        return str(self.answer(document)["Subject"])

    def answer(self, document: Document) -> dict[str, Any]:
        """Return the answer of STS to a document that it accepts."""
        answer: dict[str, Any] = self.log_in(encoded(as_xml(document)), self.role, self.idp.provider)
        assert self.explained(encoded(as_xml(document)), self.role).facts["subject"] == answer["Subject"]
        return answer

    def explained(self, response: str, role: Role) -> Explanation:
        """Return what `explain` says to a response that STS has just answered. It reads no file meanwhile."""
        provider = provider_output(self.idp.provider, self.idp.metadata)
        at = self.sts.attempts[-1].at
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("builtins.open", no_access)
            patch.setattr("os.open", no_access)
            patch.setattr("socket.socket", no_access)
            arns: dict[str, Any] = {"role_arn": role.arn, "principal_arn": self.idp.provider.arn}
            return explain(response, role=role_output(role), provider=provider, at=at, **arns)

    def refusal(self, document: Document, role: Role | None = None, provider: SAMLProvider | None = None) -> Reason:
        """Return why STS refuses a document, which it must do with InvalidIdentityToken."""
        response = encoded(as_xml(document))
        code, status, _ = self.refused(response, role or self.role, provider or self.idp.provider)
        assert (code, status) == ("InvalidIdentityToken", 400)
        if provider is None:
            assert self.explained(response, role or self.role).code == code
        because = self.sts.attempts[-1].because
        (reason,) = (reason for reason in Reason if because.startswith(reason.value))
        return reason


class AttackTests:
    """The base of every class of attacks. It has the fixture `target`."""

    @pytest.fixture
    def target(
        self,
        sts: STSBackend,
        idp: IdentityProvider,
        saml_signing_key: rsa.RSAPrivateKey,
        log_in: Callable[..., Any],
        refusal: Callable[..., tuple[str, int, str]],
    ) -> Target:
        return Target(sts, idp, sts.create_role("Developer"), saml_signing_key, log_in, refusal)


# --- documents


def as_xml(document: Document) -> str | bytes:
    """Return a document as it is sent: an element is serialised."""
    return document if isinstance(document, str | bytes) else xml(document)


def xml(element: Element) -> str:
    return etree.tostring(element, encoding="unicode")


def assertion_of(response: Element) -> Element:
    return response.find("saml:Assertion", NS)


def signature_of(parent: Element) -> Element:
    return parent.find("ds:Signature", NS)


def bare(parent: Element) -> Element:
    """Return a copy of an element without its own signature."""
    copied = copy.deepcopy(parent)
    for signature in copied.findall("ds:Signature", NS):
        copied.remove(signature)
    return copied


def forged(parent: Element, identifier: str | None = "_evil") -> Element:
    """Change an element to be about Mallory and to have another ID, and return it."""
    next(parent.iter(tag("saml:NameID"))).text = MALLORY
    if identifier is not None:
        parent.set("ID", identifier)
    return parent


def supplanted(response: Element) -> tuple[Element, Element]:
    """Put a forged assertion in the place of the true one; return both, of which the true one is to be hidden."""
    true = assertion_of(response)
    evil = forged(bare(true))
    response.replace(true, evil)
    return evil, true


def inside(element: Element, *names: str) -> Element:
    """Return an element in new elements of these names, outermost first."""
    for name in reversed(names):
        outer = made(name)
        outer.append(element)
        element = outer
    return element


def moved_into_signature(response: Element, *names: str) -> Element:
    """Forge the assertion of a response, hide the true one in its signature, and return the response."""
    assertion = assertion_of(response)
    true = bare(assertion)
    signature_of(forged(assertion)).append(inside(true, *names))
    return response


# --- signatures


def digest(data: bytes) -> str:
    return base64_of(hashlib.sha256(data).digest())


def transform(algorithm: str, content: str = "") -> str:
    return f'<ds:Transform Algorithm="{algorithm}">{content}</ds:Transform>'


def reference(uri: str, data: bytes, *transforms: str, kind: str = "") -> str:
    """Return a ds:Reference to data, with the transforms of SAML unless there are others."""
    listed = "".join(transforms or [transform(ENVELOPED), transform(EXCLUSIVE_C14N)])
    return (
        f'<ds:Reference URI="{uri}"{kind}><ds:Transforms>{listed}</ds:Transforms>'
        f'<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
        f"<ds:DigestValue>{digest(data)}</ds:DigestValue></ds:Reference>"
    )


def to(element: Element) -> str:
    """Return the ds:Reference to an element that an honest signer writes."""
    return reference(f"#{element.get('ID')}", naive.canonical(element))


def by(key: rsa.RSAPrivateKey) -> Callable[[bytes], bytes]:
    """Return the function that signs with a key."""
    return lambda data: key.sign(data, padding.PKCS1v15(), hashes.SHA256())


def signature(
    sign: Callable[[bytes], bytes],
    *references: str,
    method: str = f'<ds:SignatureMethod Algorithm="{RSA_SHA256}"/>',
    rest: str = "",
) -> Element:
    """Return a ds:Signature.

    :param sign: is called with the canonical SignedInfo.
    :param rest: what follows SignatureValue.
    """
    signed = etree.fromstring(
        f'<ds:Signature xmlns:ds="{NS["ds"]}" xmlns:saml="{NS["saml"]}"><ds:SignedInfo>'
        f'<ds:CanonicalizationMethod Algorithm="{EXCLUSIVE_C14N}"/>{method}{"".join(references)}'
        f"</ds:SignedInfo><ds:SignatureValue/>{rest}</ds:Signature>"
    )
    signed[1].text = base64_of(sign(naive.canonical(signed[0])))
    return signed


def put(response: Element, signature: Element) -> Element:
    """Put a signature into the assertion of a response, where it belongs, and return the response."""
    assertion_of(response)[0].addnext(signature)
    return response


def key_info(content: str) -> str:
    return f"<ds:KeyInfo>{content}</ds:KeyInfo>"


def x509_data(certificate: x509.Certificate) -> str:
    text = base64_of(certificate.public_bytes(Encoding.DER))
    return f"<ds:X509Data><ds:X509Certificate>{text}</ds:X509Certificate></ds:X509Data>"
