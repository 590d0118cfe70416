"""The shapes whose raw form has been seen in real messages or in the vendor's source.

The messages are responses and metadata in public test suites, most with valid signatures. What a set-up for AWS adds
to them is from such responses too, or from the vendors' guides.
"""

from ...saml.vocabulary import (
    AUTHN_PROTECTED_TRANSPORT,
    AWS_ATTRIBUTE,
    NAMEID_FORMAT_2_0,
    NAMEID_PERSISTENT,
    NAMEID_UNSPECIFIED,
    ROLE,
    ROLE_SESSION_NAME,
    SESSION_DURATION,
    SOURCE_IDENTITY,
)
from . import metadata, pages
from .identifiers import GUID
from .plain import PAGE as PLAIN_PAGE
from .shape import KEY_INFO, Lines, Shape, SignatureForm

# URIs of saml-core 8.2, 8.3 and 8.4, and of saml-authn-context 3.4.
BASIC = "urn:oasis:names:tc:SAML:2.0:attrname-format:basic"
URI = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"
NAMEID_EMAIL_ADDRESS = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
ENTITY = "Format=urn:oasis:names:tc:SAML:2.0:nameid-format:entity"
CONSENT = "Consent=urn:oasis:names:tc:SAML:2.0:consent:unspecified"
UNSPECIFIED = "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified"
PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"  # noqa: S105 - an authentication context class

PROVIDER_FIRST = "{provider},{role}"

#: Lines of 76 characters (RFC 2045, 6.8), without a line break at the end.
WRAPPED = Lines(76)

OKTA = Shape(
    entity_id="http://www.okta.com/exk1example2example3",
    metadata=metadata.OKTA,
    page=pages.OKTA,
    declaration='<?xml version="1.0" encoding="UTF-8"?>',
    samlp="saml2p:",
    saml="saml2:",
    signature=SignatureForm(prefix_list="xs", certificate=WRAPPED),
    response="Destination ID InResponseTo IssueInstant Version xmlns:saml2p xmlns:xs?",
    response_issuer=f"{ENTITY} xmlns:saml2",
    status="xmlns:saml2p",
    assertion="ID IssueInstant Version xmlns:saml2 xmlns:xs?",
    issuer=f"{ENTITY} xmlns:saml2",
    subject="xmlns:saml2",
    subject_confirmation_data="InResponseTo NotOnOrAfter Recipient",
    conditions="NotBefore NotOnOrAfter xmlns:saml2",
    authn_statement="AuthnInstant SessionIndex SessionNotOnOrAfter xmlns:saml2",
    attribute_statement="xmlns:saml2",
    attribute="Name NameFormat",
    attribute_value="xmlns:xs xmlns:xsi xsi:type=xs:string",
    name_format=BASIC,
    name_formats={ROLE: URI},
    signed="both",
    role_format=PROVIDER_FIRST,
    name_id_format=NAMEID_FORMAT_2_0 + "unspecified",
    not_before=-300,
    response_id="id{digits:26}",
    assertion_id="id{digits:26}",
    session_index="id{epoch}.{digits:10}",
    session_index_is_request=True,
)

_TENANT = "https://sts.windows.net/00000000-0000-4000-8000-000000000000/"
_MICROSOFT = "http://schemas.microsoft.com/"
_MICROSOFT_2008 = _MICROSOFT + "ws/2008/06/identity/"
_XMLSOAP = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"

ENTRA = Shape(
    entity_id=_TENANT,
    metadata=metadata.ENTRA,
    page=pages.ENTRA,
    saml="",
    signature=metadata.ENTRA_SIGNATURE,
    response="ID Version IssueInstant Destination InResponseTo xmlns:samlp",
    response_issuer="xmlns",
    assertion="ID IssueInstant Version xmlns",
    subject_confirmation_data="InResponseTo NotOnOrAfter Recipient",
    attributes_first=True,
    order="claims Role RoleSessionName SessionDuration SourceIdentity *",
    claims=(
        (_MICROSOFT + "identity/claims/tenantid", (_TENANT.split("/")[3],)),
        (_MICROSOFT + "identity/claims/objectidentifier", ("00000000-0000-4000-8000-000000000001",)),
        (_MICROSOFT + "identity/claims/displayname", ("Alice Example",)),
        (_MICROSOFT + "identity/claims/identityprovider", ("{issuer}",)),
        (
            _MICROSOFT + "claims/authnmethodsreferences",
            (_MICROSOFT_2008 + "authenticationmethod/password", _MICROSOFT + "claims/multipleauthn"),
        ),
        (_MICROSOFT_2008 + "claims/role", ("{roles}",)),
        (_XMLSOAP + "givenname", ("Alice",)),
        (_XMLSOAP + "surname", ("Example",)),
        (_XMLSOAP + "emailaddress", ("{name_id}",)),
        (_XMLSOAP + "name", ("{name_id}",)),
    ),
    name_id_format=NAMEID_EMAIL_ADDRESS,
    audience_is_sign_in_url=True,
    authn_context=PASSWORD,
    not_before=-300,
    conditions_not_on_or_after=3600,
    subject_not_on_or_after=3600,
    response_lag=0.01,
    response_id=f"_{GUID}",
    assertion_id=f"_{GUID}",
)

ADFS = Shape(
    entity_id="http://adfs.example.com/adfs/services/trust",
    metadata=metadata.ADFS,
    page=pages.ADFS,
    saml="",
    empty=" />",
    signature=metadata.ADFS_SIGNATURE,
    response=f"ID Version IssueInstant Destination {CONSENT} InResponseTo xmlns:samlp",
    response_issuer="xmlns",
    assertion="ID IssueInstant Version xmlns",
    subject_confirmation_data="InResponseTo NotOnOrAfter Recipient",
    attributes_first=True,
    order="RoleSessionName Role SessionDuration SourceIdentity *",
    role_format=PROVIDER_FIRST,
    name_id_format=NAMEID_PERSISTENT,
    not_before=-0.016,
    conditions_not_on_or_after=3599.984,
    response_id=f"_{GUID}",
    assertion_id=f"_{GUID}",
)

# Google's certificates have this subject. It is written even if the certificate of a test has another.
_GOOGLE_SUBJECT = "ST=California,C=US,OU=Google For Work,CN=Google,L=Mountain View,O=Google Inc."

GOOGLE = Shape(
    entity_id="https://accounts.google.com/o/saml2?idpid=C0example1",
    metadata=metadata.GOOGLE,
    page=PLAIN_PAGE,
    declaration='<?xml version="1.0" encoding="UTF-8" standalone="no"?>',
    samlp="saml2p:",
    saml="saml2:",
    signature=SignatureForm(
        value=WRAPPED,
        certificate=WRAPPED,
        key_info=KEY_INFO.replace(
            "<{p}X509Certificate>",
            f"<{{p}}X509SubjectName>{_GOOGLE_SUBJECT}</{{p}}X509SubjectName><{{p}}X509Certificate>",
        ),
    ),
    response="xmlns:saml2p Destination ID InResponseTo IssueInstant Version",
    response_issuer="xmlns:saml2",
    assertion="xmlns:saml2 ID IssueInstant Version",
    subject_confirmation_data="InResponseTo NotOnOrAfter Recipient",
    attribute_value="xmlns:xs xmlns:xsi xsi:type=xs:anyType",
    attributes_first=True,
    order="RoleSessionName Role SessionDuration SourceIdentity *",
    attributes_without_value=True,
    name_id_format=NAMEID_UNSPECIFIED,
    audience_is_sign_in_url=True,
    authn_context=UNSPECIFIED,
    not_before=-300,
    authn_lag=-3,
    authn_in_whole_seconds=True,
)

KEYCLOAK = Shape(
    entity_id="https://keycloak.example.com/realms/example",
    metadata=metadata.KEYCLOAK,
    page=pages.KEYCLOAK,
    signature=SignatureForm(prefix="dsig:"),
    response="xmlns:samlp xmlns:saml Destination ID InResponseTo IssueInstant Version",
    assertion="xmlns ID IssueInstant Version",
    subject_confirmation_data="InResponseTo NotOnOrAfter Recipient",
    attribute="FriendlyName Name NameFormat",
    attribute_value="xmlns:xs xmlns:xsi xsi:type=xs:string",
    order="RoleSessionName SessionDuration SourceIdentity * Role",
    attribute_for_each_role=True,
    name_format=BASIC,
    friendly_names={
        ROLE: "Session Role",
        ROLE_SESSION_NAME: "Session Name",
        SESSION_DURATION: "Session Duration",
    },
    signed="response",
    name_id_format=NAMEID_UNSPECIFIED,
    authn_context=UNSPECIFIED,
    not_before=-2,
    conditions_not_on_or_after=58,
    subject_not_on_or_after=298,
    session_not_on_or_after=36000,
    response_lag=0.01,
    response_id=f"ID_{GUID}",
    assertion_id=f"ID_{GUID}",
    session_index=f"{GUID}::{GUID}",
)

SHIBBOLETH = Shape(
    entity_id="https://shibboleth.example.com/idp/shibboleth",
    metadata=metadata.SHIBBOLETH,
    page=pages.SHIBBOLETH,
    declaration='<?xml version="1.0" encoding="UTF-8"?>',
    samlp="saml2p:",
    saml="saml2:",
    signature=SignatureForm(prefix_list="xsd", certificate=WRAPPED),
    response="xmlns:saml2p xmlns:xsd? Destination ID InResponseTo IssueInstant Version",
    response_issuer="xmlns:saml2",
    assertion="xmlns:saml2 xmlns:xsd? ID IssueInstant Version",
    name_id="Format NameQualifier SPNameQualifier",
    subject_confirmation_data="Address=192.0.2.1 InResponseTo NotOnOrAfter Recipient",
    subject_locality="Address=192.0.2.1",
    attribute="FriendlyName Name NameFormat",
    attribute_value="xmlns:xsi xsi:type=xsd:string",
    name_format=URI,
    friendly_names={
        name: name.removeprefix(AWS_ATTRIBUTE) for name in (ROLE, ROLE_SESSION_NAME, SESSION_DURATION, SOURCE_IDENTITY)
    },
    signed="both",
    role_format=PROVIDER_FIRST,
    name_id_format=NAMEID_FORMAT_2_0 + "transient",
    subject_not_on_or_after=300.017,
    authn_lag=-0.13,
    session_index="_{hex:32}",
)

PINGFEDERATE = Shape(
    entity_id="https://pingfederate.example.com:9031",
    metadata=metadata.PINGFEDERATE,
    page=PLAIN_PAGE,
    # "Include the certificate in the KeyInfo element" is off by default.
    signature=SignatureForm(between="\n", value=Lines(76, "\n"), key_info=""),
    response="Version ID IssueInstant InResponseTo Destination xmlns:samlp",
    response_issuer="xmlns:saml",
    assertion="ID IssueInstant Version xmlns:saml",
    subject_confirmation_data="Recipient NotOnOrAfter InResponseTo",
    authn_statement="SessionIndex AuthnInstant SessionNotOnOrAfter",
    attribute="Name NameFormat",
    attribute_value="xsi:type=xs:string xmlns:xs xmlns:xsi",
    order="RoleSessionName SessionDuration SourceIdentity * Role",
    name_format=BASIC,
    name_id_format=NAMEID_UNSPECIFIED,
    destination_unsigned=False,
    authn_context=PASSWORD,
    not_before=-300,
    response_lag=-0.004,
    authn_in_whole_seconds=True,
    response_id="{start:1}{name:26}",
    assertion_id="{start:1}{name:26}",
)

SIMPLESAMLPHP = Shape(
    entity_id="https://simplesamlphp.example.com/simplesaml/saml2/idp/metadata.php",
    metadata=metadata.SIMPLESAMLPHP,
    page=pages.SIMPLESAMLPHP,
    response="xmlns:samlp xmlns:saml ID Version IssueInstant Destination InResponseTo",
    assertion="xmlns:xsi xmlns:xs ID Version IssueInstant",
    name_id="SPNameQualifier Format",
    authn_statement="AuthnInstant SessionNotOnOrAfter SessionIndex",
    attribute="Name NameFormat",
    attribute_value="xsi:type=xs:string",
    order="RoleSessionName SessionDuration Role SourceIdentity *",
    name_format=URI,
    signed="both",
    name_id_format=NAMEID_FORMAT_2_0 + "transient",
    authn_context=AUTHN_PROTECTED_TRANSPORT,
    not_before=-30,
    session_not_on_or_after=28800,
    digits=0,
    response_id="_{hex:42}",
    assertion_id="_{hex:42}",
    session_index="_{hex:42}",
)
