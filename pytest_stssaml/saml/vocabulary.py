"""The URIs of SAML, XML-Signature and XML Encryption, and the names that AWS uses as a SAML service provider."""

from typing import NamedTuple

# SAML core 2.0 (saml-core-2.0-os), metadata (saml-metadata-2.0-os), XML-Signature, Exclusive XML Canonicalization
SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
MD = "urn:oasis:names:tc:SAML:2.0:metadata"
DS = "http://www.w3.org/2000/09/xmldsig#"
DSIG11 = "http://www.w3.org/2009/xmldsig11#"
XENC = "http://www.w3.org/2001/04/xmlenc#"
XENC11 = "http://www.w3.org/2009/xmlenc11#"
EC = "http://www.w3.org/2001/10/xml-exc-c14n#"
XML = "http://www.w3.org/XML/1998/namespace"
NAMESPACES = {
    "samlp": SAMLP,
    "saml": SAML,
    "md": MD,
    "ds": DS,
    "dsig11": DSIG11,
    "xenc": XENC,
    "xenc11": XENC11,
    "ec": EC,
}

# saml-core 3.2.2.2
STATUS = "urn:oasis:names:tc:SAML:2.0:status:"
STATUS_SUCCESS = STATUS + "Success"
STATUS_RESPONDER = STATUS + "Responder"
TOP_LEVEL_STATUSES = {STATUS + name for name in ("Success", "Requester", "Responder", "VersionMismatch")}

# saml-profiles 3.3
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"

# saml-core 8.3. AWS leaves the prefix of the 2.0 formats out of its answer.
NAMEID_FORMAT_2_0 = "urn:oasis:names:tc:SAML:2.0:nameid-format:"
NAMEID_PERSISTENT = NAMEID_FORMAT_2_0 + "persistent"
NAMEID_UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"

# saml-authn-context 3.4.4
AUTHN_PROTECTED_TRANSPORT = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"

# saml-bindings 3.5
BINDING_HTTP_POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
BINDING_HTTP_REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"

# XML-Signature 6, RFC 9231
ENVELOPED_SIGNATURE = DS + "enveloped-signature"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
C14N_WITH_COMMENTS = C14N + "#WithComments"
C14N_11 = "http://www.w3.org/2006/12/xml-c14n11"
C14N_11_WITH_COMMENTS = C14N_11 + "#WithComments"
EXCLUSIVE_C14N = EC
EXCLUSIVE_C14N_WITH_COMMENTS = EXCLUSIVE_C14N + "WithComments"
SIGNATURE_ALGORITHMS = {
    "rsa-sha1": DS + "rsa-sha1",
    "rsa-sha256": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    "rsa-sha384": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
    "rsa-sha512": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
    "sha256-rsa-MGF1": "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1",
    "sha384-rsa-MGF1": "http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1",
    "sha512-rsa-MGF1": "http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1",
    "ecdsa-sha256": "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
    "ecdsa-sha384": "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
    "ecdsa-sha512": "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512",
}
DIGEST_ALGORITHMS = {
    "sha1": DS + "sha1",
    "sha256": XENC + "sha256",
    "sha384": "http://www.w3.org/2001/04/xmldsig-more#sha384",
    "sha512": XENC + "sha512",
}

# XML Encryption 1.1, 5.2 and 5.5: what IAM supports (IAM user guide, id_roles_providers_create_saml)
CONTENT_ALGORITHMS = {
    "aes128-cbc": XENC + "aes128-cbc",
    "aes256-cbc": XENC + "aes256-cbc",
    "aes128-gcm": XENC11 + "aes128-gcm",
    "aes256-gcm": XENC11 + "aes256-gcm",
}
RSA_OAEP_MGF1P = XENC + "rsa-oaep-mgf1p"
RSA_OAEP = XENC11 + "rsa-oaep"
RSA_1_5 = XENC + "rsa-1_5"  # which IAM does not support, and many identity providers use by default
MGF1 = XENC11 + "mgf1"
ENCRYPTED_ELEMENT = XENC + "Element"

# Names of AWS's attributes: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html
AWS_ATTRIBUTE = "https://aws.amazon.com/SAML/Attributes/"
ROLE = AWS_ATTRIBUTE + "Role"
ROLE_SESSION_NAME = AWS_ATTRIBUTE + "RoleSessionName"
SESSION_DURATION = AWS_ATTRIBUTE + "SessionDuration"
SOURCE_IDENTITY = AWS_ATTRIBUTE + "SourceIdentity"
PRINCIPAL_TAG = AWS_ATTRIBUTE + "PrincipalTag:"
TRANSITIVE_TAG_KEYS = AWS_ATTRIBUTE + "TransitiveTagKeys"


class ServiceProvider(NamedTuple):
    """One AWS partition as identity providers know it."""

    #: The entity ID of the partition, which is the Audience of assertions for it.
    entity_id: str
    #: The host of its global sign-in endpoint.
    sign_in_host: str

    @property
    def sign_in_url(self) -> str:
        """The URL of the partition's global assertion consumer service."""
        return f"https://{self.sign_in_host}/saml"


# Hosts and entity IDs are from the same page for "aws", and from the guides of the China and GovCloud regions.
SERVICE_PROVIDERS = {
    "aws": ServiceProvider("urn:amazon:webservices", "signin.aws.amazon.com"),
    "aws-cn": ServiceProvider("urn:amazon:webservices:cn-north-1", "signin.amazonaws.cn"),
    "aws-us-gov": ServiceProvider("urn:amazon:webservices:govcloud", "signin.amazonaws-us-gov.com"),
}
