"""The shapes of which parts have not been seen in real messages.

Those parts follow the vendor's guides or its other messages.
"""

from dataclasses import replace

from ...saml.vocabulary import NAMEID_PERSISTENT
from . import metadata, pages
from .exact import BASIC, CONSENT, ENTITY, NAMEID_EMAIL_ADDRESS, PROVIDER_FIRST, UNSPECIFIED, URI
from .identifiers import GUID
from .plain import PAGE as PLAIN_PAGE
from .shape import Shape, SignatureForm

# Not seen: a whole response for AWS, and so its audience, signed element and order of AWS's attributes.
ONELOGIN = Shape(
    exact=False,
    entity_id="https://app.onelogin.com/saml/metadata/00000000-0000-4000-8000-000000000000",
    metadata=metadata.ONELOGIN,
    page=PLAIN_PAGE,
    ascii_only=True,
    response="xmlns:saml xmlns:samlp ID Version IssueInstant Destination InResponseTo",
    assertion="xmlns:saml xmlns:xs xmlns:xsi Version ID IssueInstant",
    authn_statement="AuthnInstant SessionNotOnOrAfter SessionIndex",
    attribute="NameFormat Name",
    attribute_value="xmlns:xsi xsi:type=xs:string",
    name_format=BASIC,
    name_id_format=NAMEID_EMAIL_ADDRESS,
    not_before=-180,
    conditions_not_on_or_after=180,
    subject_not_on_or_after=180,
    session_not_on_or_after=86400,
    digits=0,
    authn_lag=-1,
    response_id="R{hex:40}",
    assertion_id="A{hex:40}",
    signed_id=f"pfx{GUID}",
    session_index=f"_{GUID}",
)

# Not seen: a response for AWS, and what the hosted service writes today. Its open source was read.
AUTH0 = Shape(
    exact=False,
    entity_id="urn:example.auth0.com",
    metadata=metadata.AUTH0,
    page=pages.AUTH0,
    signature=SignatureForm(prefix=""),
    response="xmlns:samlp ID InResponseTo  Version IssueInstant  Destination",
    response_issuer="xmlns:saml",
    assertion="xmlns:saml Version ID IssueInstant",
    attribute_statement="xmlns:xs xmlns:xsi",
    attribute="Name NameFormat",
    attribute_value="xsi:type=xs:string",
    order="claims Role RoleSessionName SessionDuration SourceIdentity *",
    claims=(("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress", ("{name_id}",)),),
    name_format=URI,
    name_id_format=NAMEID_PERSISTENT,
    audience_is_sign_in_url=True,
    authn_context=UNSPECIFIED,
    conditions_not_on_or_after=3600,
    subject_not_on_or_after=3600,
    response_id="_{hex:20}",
    assertion_id="_{alphanumerics:32}",
    session_index="_{alphanumerics:32}",
)

# Not seen: any attribute and the audience.
JUMPCLOUD = Shape(
    exact=False,
    entity_id="JumpCloud",
    metadata=metadata.JUMPCLOUD,
    page=PLAIN_PAGE,
    declaration='<?xml version="1.0" encoding="UTF-8"?>',
    samlp="saml2p:",
    saml="saml2:",
    response=f"xmlns:saml2p {CONSENT} Destination ID InResponseTo IssueInstant Version",
    response_issuer=f"xmlns:saml2 {ENTITY}",
    assertion="xmlns:saml2 ID IssueInstant Version",
    issuer=ENTITY,
    attribute="Name NameFormat",
    attribute_value="xmlns:xs xmlns:xsi xsi:type=xs:string",
    order="RoleSessionName Role SessionDuration SourceIdentity *",
    attribute_for_each_role=True,
    name_format=BASIC,
    name_id_format="urn:oasis:names:tc:SAML:1.0:nameid-format:unspecified",
    not_before=-300,
    response_id="{capital:1}{capitals:39}",
    assertion_id="{capital:1}{capitals:39}",
    session_index=GUID,
)

# Not seen: a whole response. Issuer, NameID, Conditions, Status, transforms and KeyInfo are those of related products.
IAM_IDENTITY_CENTER = Shape(
    exact=False,
    entity_id="https://portal.sso.us-east-1.amazonaws.com/saml/assertion/MTIzNDU2Nzg5MDEyX2lucy1leGFtcGxl",
    metadata=metadata.IAM_IDENTITY_CENTER,
    page=PLAIN_PAGE,
    declaration='<?xml version="1.0" encoding="UTF-8"?>',
    samlp="saml2p:",
    saml="saml2:",
    signature=replace(SignatureForm(), declared=False),
    response="xmlns:saml2p xmlns:ds xmlns:saml2 xmlns:xsd Destination ID InResponseTo IssueInstant Version",
    response_issuer=ENTITY,
    assertion="ID IssueInstant Version",
    attribute="Name NameFormat",
    attribute_value="xmlns:xsi xsi:type=xsd:string",
    name_format="urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified",
    signed="response",
    role_format=PROVIDER_FIRST,
    not_before=0,
    conditions_not_on_or_after=3600,
    subject_not_on_or_after=3600,
    session_not_on_or_after=43200,
    response_id=f"_{GUID}",
    assertion_id=f"_{GUID}",
    session_index=f"_{GUID}",
)
