"""Types of arguments and attributes that have one of a few strings, for annotations in tests.

A type repeats the keys of a table that says what they mean, since a type checker does not run the package.
"""

from typing import Literal, TypeAlias

#: The products in whose form `response(shape=...)` writes.
Shape: TypeAlias = Literal[
    "okta",
    "entra",
    "adfs",
    "google",
    "keycloak",
    "shibboleth",
    "pingfederate",
    "simplesamlphp",
    "onelogin",
    "auth0",
    "jumpcloud",
    "iam-identity-center",
]

#: The ways to be refused that `saml_rejection` runs through.
RejectionName: TypeAlias = Literal[
    "expired",
    "redeemed-too-late",
    "not-yet-valid",
    "tampered",
    "foreign-key",
    "unsigned",
    "wrong-issuer",
    "unknown-provider",
    "wrong-audience",
    "wrong-recipient",
    "no-confirmation",
    "idp-refused",
    "role-not-in-response",
    "no-session-name",
    "bad-session-name",
    "bad-source-identity",
    "bad-tags",
    "no-name-id",
    "unknown-role",
    "not-a-role",
    "other-account",
    "not-in-trust-policy",
    "untrusted-tags",
    "untrusted-source-identity",
    "packed-too-large",
    "region-disabled",
    "too-long-a-session",
    "malformed-policy",
]

#: What is signed: `signed=` of `response`, `sign` and `edited`, where None stands for nothing.
Signed: TypeAlias = Literal["assertion", "response", "both"]

#: `signature_algorithm=`: the last part of a URI, or the URI (XML Signature, RFC 4051, RFC 6931).
SignatureAlgorithm: TypeAlias = Literal[
    "rsa-sha1",
    "rsa-sha256",
    "rsa-sha384",
    "rsa-sha512",
    "sha256-rsa-MGF1",
    "sha384-rsa-MGF1",
    "sha512-rsa-MGF1",
    "ecdsa-sha256",
    "ecdsa-sha384",
    "ecdsa-sha512",
    "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
    "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1",
    "http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1",
    "http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512",
]

#: `digest_algorithm=`: the last part of a URI, or the URI.
DigestAlgorithm: TypeAlias = Literal[
    "sha1",
    "sha256",
    "sha384",
    "sha512",
    "http://www.w3.org/2000/09/xmldsig#sha1",
    "http://www.w3.org/2001/04/xmlenc#sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512",
]

#: `encryption_algorithm=`: what encrypts an assertion (XML Encryption 1.1).
EncryptionAlgorithm: TypeAlias = Literal["aes128-cbc", "aes256-cbc", "aes128-gcm", "aes256-gcm"]

#: The partitions of AWS that have a sign-in URL.
Partition: TypeAlias = Literal["aws", "aws-cn", "aws-us-gov"]

#: Whether the assertions for a provider may or must be encrypted (API reference CreateSAMLProvider).
AssertionEncryptionMode: TypeAlias = Literal["Allowed", "Required"]

#: The kind of key that `make_signing_key` returns.
KeyKind: TypeAlias = Literal["rsa", "ec"]

#: How `add_connection_error` ends a connection.
ConnectionErrorKind: TypeAlias = Literal["reset", "timeout", "refused"]

#: The operations for which errors can be ordered.
Operation: TypeAlias = Literal[
    "AssumeRoleWithSAML", "AssumeRole", "GetCallerIdentity", "GetFederationToken", "GetSessionToken"
]

#: The versions of session tokens (API reference SetSecurityTokenServicePreferences).
TokenVersion: TypeAlias = Literal["v1Token", "v2Token"]

#: What `explain` says of a rule.
CheckOutcome: TypeAlias = Literal["passed", "failed", "not judged"]
