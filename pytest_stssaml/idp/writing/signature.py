"""Writing enveloped signatures.

The place for a signature is found with regular expressions, since the bytes around it must stay as they are.
"""

import base64
import hashlib
import re
from functools import lru_cache
from typing import NamedTuple, Self

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from lxml import etree

from ...keys import SigningKey, certificate_of
from ...keywords import unknown_choice
from ...saml.vocabulary import (
    DIGEST_ALGORITHMS,
    DS,
    ENVELOPED_SIGNATURE,
    EXCLUSIVE_C14N,
    NAMESPACES,
    SIGNATURE_ALGORITHMS,
)
from ..shapes.shape import SignatureForm

#: The form of a signature in the package's own shape.
PLAIN_SIGNATURE = SignatureForm()

# The form of a vendor fills in the prefix, line breaks and the end of empty tags. Each signature fills in the rest.
_SIGNED_INFO = (
    f'<{{p}}SignedInfo>{{b}}<{{p}}CanonicalizationMethod Algorithm="{EXCLUSIVE_C14N}"{{e}}{{b}}'
    f'<{{p}}SignatureMethod Algorithm="{{{{method}}}}"{{e}}{{b}}<{{p}}Reference URI="#{{{{id}}}}">{{b}}'
    f'<{{p}}Transforms>{{b}}<{{p}}Transform Algorithm="{ENVELOPED_SIGNATURE}"{{e}}{{b}}'
    f'<{{p}}Transform Algorithm="{EXCLUSIVE_C14N}"{{{{inclusive}}}}{{b}}</{{p}}Transforms>{{b}}'
    f'<{{p}}DigestMethod Algorithm="{{{{digest_method}}}}"{{e}}{{b}}'
    f"<{{p}}DigestValue>{{{{digest}}}}</{{p}}DigestValue>{{b}}</{{p}}Reference>{{b}}</{{p}}SignedInfo>"
)
_SIGNATURE = "{start}{b}{{signed_info}}{b}<{p}SignatureValue>{{value}}</{p}SignatureValue>{b}{key_info}</{p}Signature>"
_INCLUSIVE = f'><ec:InclusiveNamespaces xmlns:ec="{EXCLUSIVE_C14N}" PrefixList="{{prefix_list}}"/></{{p}}Transform>'


class _Templates(NamedTuple):
    """The templates of one form, in which only the fields of a single signature are left open."""

    declaring_start: str
    signed_info: str
    end: str
    inclusive: str
    signature: str


@lru_cache(maxsize=64)
def _templates(form: SignatureForm) -> _Templates:
    """Return the templates of a form."""
    prefix = form.prefix
    fields = {"p": prefix, "b": form.between, "e": form.empty, "ds": DS}
    declaring = f'<{prefix}Signature xmlns{":" + prefix[:-1] if prefix else ""}="{DS}">'
    start = declaring if form.declared else f"<{prefix}Signature>"
    return _Templates(
        declaring_start=declaring,
        signed_info=_SIGNED_INFO.format(**fields),
        end=f"</{prefix}Signature>",
        inclusive=_INCLUSIVE.format(prefix_list=form.prefix_list, p=prefix),
        signature=_SIGNATURE.format(start=start, key_info=form.key_info.format(**fields), **fields),
    )


class Algorithms(NamedTuple):
    """The algorithms of a signature, by short names."""

    #: The signature algorithm, such as "rsa-sha256".
    signature: str
    #: The digest algorithm, such as "sha256".
    digest: str

    @classmethod
    def chosen(cls, key: SigningKey, signature: str | None, digest: str | None) -> Self:
        """Return the algorithms that two keywords choose: by short name, by URI, or with None the default for the key.

        :raises ValueError: if there is no such algorithm, or if it needs another kind of key.
        """
        kind = "rsa" if isinstance(key, rsa.RSAPrivateKey) else "ecdsa"
        method = _short("signature_algorithm", signature or f"{kind}-sha256", SIGNATURE_ALGORITHMS)
        if kind not in method.split("-"):
            raise ValueError(f"signature_algorithm {method} needs another kind of key than {type(key).__name__}")
        return cls(method, _short("digest_algorithm", digest or "sha256", DIGEST_ALGORITHMS))


_SHORT_NAMES = {uri: name for table in (SIGNATURE_ALGORITHMS, DIGEST_ALGORITHMS) for name, uri in table.items()}


def _short(keyword: str, name: str, table: dict[str, str]) -> str:
    short = _SHORT_NAMES.get(name, name)
    if short not in table:
        raise ValueError(unknown_choice(keyword, name, table, "its URI"))
    return short


def sign_enveloped(
    xml: str, host: str, key: SigningKey, algorithms: Algorithms, form: SignatureForm = PLAIN_SIGNATURE
) -> str:
    """Return the document with a signature inserted after the Issuer of an element (saml-core 5.4).

    In metadata the signature comes first (saml-metadata 2.3.2). Everything around it stays as it is.

    :param host: the element to sign: "response", "assertion" or "metadata".
    :raises ValueError: if the document is not XML, or if the element is missing, has no ID or is signed already.
    """
    element = _host(xml, host)
    templates = _templates(form)
    inclusive = bool(form.prefix_list) and form.prefix_list in element.nsmap
    canonical = _canonical(element, [form.prefix_list] if inclusive else None)
    signed_info = templates.signed_info.format(
        method=SIGNATURE_ALGORITHMS[algorithms.signature],
        id=element.get("ID"),
        inclusive=templates.inclusive if inclusive else form.empty,
        digest_method=DIGEST_ALGORITHMS[algorithms.digest],
        digest=_base64(hashlib.new(algorithms.digest, canonical, usedforsecurity=False).digest()),
    )
    # SignedInfo is canonicalised inside the Signature, which declares its prefix.
    in_place = etree.fromstring(templates.declaring_start + signed_info + templates.end)[0]
    signature = templates.signature.format(
        signed_info=signed_info,
        value=form.value.broken(_base64(_sign(_canonical(in_place), key, algorithms.signature))),
        certificate=form.certificate.broken(certificate_text(key)),
    )
    at = _position(xml, element.get("ID", ""))
    return xml[:at] + signature + xml[at:]


@lru_cache(maxsize=1024)
def certificate_text(key: SigningKey) -> str:
    """Return the certificate of a key as X509Certificate contains it: base64 without header or line breaks."""
    return _base64(certificate_of(key).public_bytes(serialization.Encoding.DER))


_DECLARED_ENCODING = re.compile(r"""<\?xml[^>]*\sencoding\s*=\s*["']([^"']*)["']""")


def _host(xml: str, host: str) -> etree._Element:
    """Return the element to sign."""
    declared = _DECLARED_ENCODING.match(xml)
    if declared and declared[1].lower() != "utf-8":
        raise ValueError(f"the response to sign declares the encoding {declared[1]}; a string is sent in UTF-8")
    try:
        root = etree.fromstring(xml.encode())
    except etree.XMLSyntaxError as error:
        raise ValueError(f"the response to sign is not XML: {error}") from error
    element = root.find("saml:Assertion", NAMESPACES) if host == "assertion" else root
    if element is None or not element.get("ID"):
        raise ValueError(f"there is no {host} with an ID to sign")
    if element.find("ds:Signature", NAMESPACES) is not None:
        raise ValueError(f"the {host} is signed already; take its ds:Signature out first, as response.unsigned() does")
    return element


def _canonical(element: etree._Element, inclusive_prefixes: list[str] | None = None) -> bytes:
    return etree.tostring(
        element, method="c14n", exclusive=True, with_comments=False, inclusive_ns_prefixes=inclusive_prefixes
    )


_HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "sha1": hashes.SHA1,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}


def _sign(data: bytes, key: SigningKey, method: str) -> bytes:
    digest = next(_HASHES[part]() for part in method.split("-") if part in _HASHES)
    if isinstance(key, rsa.RSAPrivateKey):
        pss = padding.PSS(padding.MGF1(digest), digest.digest_size)  # RFC 9231, 2.3.10
        return key.sign(data, pss if method.endswith("MGF1") else padding.PKCS1v15(), digest)
    # The two numbers are concatenated, each as long as the order of the curve (RFC 9231, 2.3.6).
    length = (key.curve.key_size + 7) // 8
    return b"".join(n.to_bytes(length) for n in decode_dss_signature(key.sign(data, ec.ECDSA(digest))))


_ATTRIBUTES = r"""(?:\s(?:[^>"']|"[^"]*"|'[^']*')*)?"""
_START_TAG = re.compile(
    rf"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|<(?P<name>[\w.:-]+)(?P<attributes>{_ATTRIBUTES})>", re.DOTALL
)
_ID = re.compile(r"""\sID\s*=\s*["']([^"']*)["']""")
_ISSUER = re.compile(rf"(?:\s|<!--.*?-->)*<(?P<name>[\w.:-]*\bIssuer)\b{_ATTRIBUTES}>.*?</(?P=name)\s*>", re.DOTALL)


def _position(xml: str, identifier: str) -> int:
    """Return where the schemas require the signature: after the Issuer of the element, or else after its start tag."""
    tags = (tag for tag in _START_TAG.finditer(xml) if identifier in (tag["attributes"] or ""))
    start = next((tag.end() for tag in tags if _ID.findall(tag["attributes"]) == [identifier]), None)
    if start is None:
        raise ValueError(f"the start tag with the ID {identifier!r} cannot be found; write the ID without references")
    issuer = _ISSUER.match(xml, start)
    return issuer.end() if issuer else start


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
