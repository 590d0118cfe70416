"""Writing metadata documents."""

import base64
import hashlib
from functools import lru_cache

from ...keys import SigningKey
from ...saml.vocabulary import (
    BINDING_HTTP_POST,
    BINDING_HTTP_REDIRECT,
    DS,
    MD,
    NAMEID_FORMAT_2_0,
    NAMEID_PERSISTENT,
    NAMEID_UNSPECIFIED,
    SAML,
    SAMLP,
)
from ..shapes.identifiers import GUID, identifier
from ..shapes.shape import MetadataForm
from .signature import Algorithms, certificate_text, sign_enveloped
from .xml import escaped

# The short names of URIs that the documents of a `MetadataForm` use as fields.
_URIS = {
    "md": MD,
    "ds": DS,
    "saml": SAML,
    "samlp": SAMLP,
    "saml11": "urn:oasis:names:tc:SAML:1.1:protocol",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "fed": "http://docs.oasis-open.org/wsfed/federation/200706",
    "wsa": "http://www.w3.org/2005/08/addressing",
    "claims": "http://schemas.xmlsoap.org/ws/2005/05/identity/claims",
    "uri": "urn:oasis:names:tc:SAML:2.0:attrname-format:uri",
    "post": BINDING_HTTP_POST,
    "redirect": BINDING_HTTP_REDIRECT,
    "artifact": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact",
    "soap": "urn:oasis:names:tc:SAML:2.0:bindings:SOAP",
    "soap11": "urn:oasis:names:tc:SAML:1.0:bindings:SOAP-binding",
    "persistent": NAMEID_PERSISTENT,
    "transient": NAMEID_FORMAT_2_0 + "transient",
    "unspecified": NAMEID_UNSPECIFIED,
    "email_address": "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
}


# Each test of a run registers an identity provider with the same key.
@lru_cache(maxsize=8)
def write_metadata(form: MetadataForm, entity_id: str, keys: tuple[SigningKey, ...]) -> str:
    """Return an EntityDescriptor (saml-metadata 2.3.2) with the certificates of the keys. The first key signs."""
    # IDs do not come from the clock, since a metadata document is always the same.
    data = hashlib.sha256(f"{entity_id}\0{certificate_text(keys[0])}".encode()).digest()
    document = form.document.format(
        entity_id=escaped(entity_id),
        location=escaped(f"{entity_id}/sso"),
        id=identifier(f"_{GUID}", data),
        short_id=identifier("{start:1}{name:26}", data),
        signing=_key_descriptors(form, "signing", keys),
        encryption=_key_descriptors(form, "encryption", keys[:1]),
        **_URIS,
    )
    if form.signature is None:
        return document
    return sign_enveloped(document, "metadata", keys[0], Algorithms.chosen(keys[0], None, None), form.signature)


def _key_descriptors(form: MetadataForm, use: str, keys: tuple[SigningKey, ...]) -> str:
    return "".join(
        form.key.format(
            use=use,
            certificate=form.certificate.broken(certificate_text(key)),
            key_name=base64.urlsafe_b64encode(hashlib.sha256(certificate_text(key).encode()).digest()).decode()[:43],
            ds=DS,
        )
        for key in keys
    )
