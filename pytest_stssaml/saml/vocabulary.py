"""Namespaces, status, name-id and algorithm URIs, and AWS's own words as a SAML service provider."""

from typing import NamedTuple

# SAML core 2.0 (saml-core-2.0-os), metadata (saml-metadata-2.0-os), XML-Signature, Exclusive XML Canonicalization
SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
MD = "urn:oasis:names:tc:SAML:2.0:metadata"
DS = "http://www.w3.org/2000/09/xmldsig#"
NAMESPACES = {"samlp": SAMLP, "saml": SAML, "md": MD, "ds": DS}

# saml-core 3.2.2.2
STATUS = "urn:oasis:names:tc:SAML:2.0:status:"
STATUS_SUCCESS = STATUS + "Success"
STATUS_RESPONDER = STATUS + "Responder"
TOP_LEVEL_STATUSES = {STATUS + name for name in ("Success", "Requester", "Responder", "VersionMismatch")}

# saml-profiles 3.3
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"

# saml-core 8.3; AWS shortens what has the first of these prefixes
NAMEID_FORMAT_2_0 = "urn:oasis:names:tc:SAML:2.0:nameid-format:"
NAMEID_PERSISTENT = NAMEID_FORMAT_2_0 + "persistent"
NAMEID_UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"

# saml-authn-context 3.4.4
AUTHN_PROTECTED_TRANSPORT = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"

# saml-bindings 3.5
BINDING_HTTP_POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"

# XML-Signature 6, RFC 9231
ENVELOPED_SIGNATURE = DS + "enveloped-signature"
EXCLUSIVE_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
EXCLUSIVE_C14N_WITH_COMMENTS = EXCLUSIVE_C14N + "WithComments"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
ECDSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"

# Names of AWS's attributes: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html
AWS_ATTRIBUTE = "https://aws.amazon.com/SAML/Attributes/"
ROLE = AWS_ATTRIBUTE + "Role"
ROLE_SESSION_NAME = AWS_ATTRIBUTE + "RoleSessionName"
SESSION_DURATION = AWS_ATTRIBUTE + "SessionDuration"


class ServiceProvider(NamedTuple):
    """How one AWS partition introduces itself to identity providers."""

    entity_id: str
    sign_in_host: str

    @property
    def sign_in_url(self) -> str:
        """The partition's global assertion consumer service."""
        return f"https://{self.sign_in_host}/saml"


# Hosts and entity ids: the same page for "aws", and the guides of the China and GovCloud regions.
SERVICE_PROVIDERS = {
    "aws": ServiceProvider("urn:amazon:webservices", "signin.aws.amazon.com"),
    "aws-cn": ServiceProvider("urn:amazon:webservices:cn-north-1", "signin.amazonaws.cn"),
    "aws-us-gov": ServiceProvider("urn:amazon:webservices:govcloud", "signin.amazonaws-us-gov.com"),
}
