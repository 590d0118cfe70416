"""The layout of each vendor's metadata document (saml-metadata 2)."""

from .shape import Lines, MetadataForm, SignatureForm


def _one_line(document: str) -> str:
    """Return a document without the line breaks and indentation that only make it readable here."""
    lines = [line.strip() for line in document.splitlines()]
    return "".join(line if line.startswith(("<", "{")) else f" {line}" for line in lines if line)


def _key(md: str = "md:", ds: str = "ds:", key_info: str = ' xmlns:ds="{ds}"', before: str = "") -> str:
    """Return a key descriptor on one line, given two prefixes, and the attributes and first elements of KeyInfo."""
    return (
        f'<{md}KeyDescriptor use="{{use}}"><{ds}KeyInfo{key_info}>{before}<{ds}X509Data><{ds}X509Certificate>'
        f"{{certificate}}</{ds}X509Certificate></{ds}X509Data></{ds}KeyInfo></{md}KeyDescriptor>"
    )


_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'

_OKTA_SSO = "https://okta.example.com/app/amazon_aws/exk1example2example3/sso/saml"
OKTA = MetadataForm(
    document=_DECLARATION
    + _one_line(f"""
        <md:EntityDescriptor entityID="{{entity_id}}" xmlns:md="{{md}}">
        <md:IDPSSODescriptor WantAuthnRequestsSigned="false" protocolSupportEnumeration="{{samlp}}">
        {{signing}}
        <md:NameIDFormat>{{unspecified}}</md:NameIDFormat>
        <md:SingleSignOnService Binding="{{post}}" Location="{_OKTA_SSO}"/>
        <md:SingleSignOnService Binding="{{redirect}}" Location="{_OKTA_SSO}"/>
        </md:IDPSSODescriptor>
        </md:EntityDescriptor>
    """),
    key=_key(),
    certificate=Lines(76),
)

_ENTRA_URL = "https://login.microsoftonline.com/00000000-0000-4000-8000-000000000000"
_FEDERATION = 'xmlns:xsi="{xsi}" xmlns:fed="{fed}"'
_ENTRA_ENDPOINT = (
    '<fed:{name}><wsa:EndpointReference xmlns:wsa="{{wsa}}">'
    f"<wsa:Address>{_ENTRA_URL}/wsfed</wsa:Address></wsa:EndpointReference></fed:{{name}}>"
)
ENTRA_SIGNATURE = SignatureForm(prefix="")
ENTRA = MetadataForm(
    document=_one_line(f"""
        <EntityDescriptor ID="{{id}}" entityID="{{entity_id}}" xmlns="{{md}}">
        <RoleDescriptor xsi:type="fed:SecurityTokenServiceType" protocolSupportEnumeration="{{fed}}" {_FEDERATION}>
        {{signing}}
        {_ENTRA_ENDPOINT.format(name="SecurityTokenServiceEndpoint")}
        {_ENTRA_ENDPOINT.format(name="PassiveRequestorEndpoint")}
        </RoleDescriptor>
        <RoleDescriptor xsi:type="fed:ApplicationServiceType" protocolSupportEnumeration="{{fed}}" {_FEDERATION}>
        {{signing}}
        {_ENTRA_ENDPOINT.format(name="ApplicationServiceEndpoint")}
        {_ENTRA_ENDPOINT.format(name="PassiveRequestorEndpoint")}
        </RoleDescriptor>
        <IDPSSODescriptor protocolSupportEnumeration="{{samlp}}">
        {{signing}}
        <SingleLogoutService Binding="{{redirect}}" Location="{_ENTRA_URL}/saml2"/>
        <SingleSignOnService Binding="{{redirect}}" Location="{_ENTRA_URL}/saml2"/>
        <SingleSignOnService Binding="{{post}}" Location="{_ENTRA_URL}/saml2"/>
        </IDPSSODescriptor>
        </EntityDescriptor>
    """),
    key=_key("", "", ' xmlns="{ds}"'),
    signature=ENTRA_SIGNATURE,
)

_ADFS_URL = "https://adfs.example.com/adfs/ls/"
_WS_TRUST = (
    'protocolSupportEnumeration="http://docs.oasis-open.org/ws-sx/ws-trust/200512" ServiceDisplayName="Example" '
    + _FEDERATION
)
_ADFS_SERVICES = f"""
        <SingleLogoutService Binding="{{redirect}}" Location="{_ADFS_URL}" />
        <SingleLogoutService Binding="{{post}}" Location="{_ADFS_URL}" />
        <NameIDFormat>{{email_address}}</NameIDFormat>
        <NameIDFormat>{{persistent}}</NameIDFormat>
        <NameIDFormat>{{transient}}</NameIDFormat>
"""
# AD FS mixes a prefix and the default namespace in one signature.
ADFS_SIGNATURE = SignatureForm(
    empty=" />",
    key_info=(
        '<KeyInfo xmlns="{ds}"><ds:X509Data><ds:X509Certificate>{{certificate}}'
        "</ds:X509Certificate></ds:X509Data></KeyInfo>"
    ),
)
ADFS = MetadataForm(
    document=_one_line(f"""
        <EntityDescriptor ID="{{id}}" entityID="{{entity_id}}" xmlns="{{md}}">
        <RoleDescriptor xsi:type="fed:ApplicationServiceType" {_WS_TRUST}>
        {{encryption}}
        </RoleDescriptor>
        <RoleDescriptor xsi:type="fed:SecurityTokenServiceType" {_WS_TRUST}>
        {{signing}}
        </RoleDescriptor>
        <SPSSODescriptor WantAssertionsSigned="true" protocolSupportEnumeration="{{samlp}}">
        {{encryption}}
        {{signing}}
        {_ADFS_SERVICES}
        <AssertionConsumerService Binding="{{post}}" Location="{_ADFS_URL}" index="0" isDefault="true" />
        </SPSSODescriptor>
        <IDPSSODescriptor protocolSupportEnumeration="{{samlp}}">
        {{encryption}}
        {{signing}}
        {_ADFS_SERVICES}
        <SingleSignOnService Binding="{{redirect}}" Location="{_ADFS_URL}" />
        <SingleSignOnService Binding="{{post}}" Location="{_ADFS_URL}" />
        <Attribute Name="{{claims}}/emailaddress" NameFormat="{{uri}}" FriendlyName="E-Mail Address" xmlns="{{saml}}" />
        <Attribute Name="{{claims}}/name" NameFormat="{{uri}}" FriendlyName="Name" xmlns="{{saml}}" />
        <Attribute Name="{{claims}}/upn" NameFormat="{{uri}}" FriendlyName="UPN" xmlns="{{saml}}" />
        </IDPSSODescriptor>
        <ContactPerson contactType="support" />
        </EntityDescriptor>
    """),
    key=(
        '<KeyDescriptor use="{use}"><KeyInfo xmlns="{ds}"><X509Data><X509Certificate>'
        "{certificate}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>"
    ),
    signature=ADFS_SIGNATURE,
)

GOOGLE = MetadataForm(
    document=f"""{_DECLARATION.replace("?>", ' standalone="no"?>')}
<md:EntityDescriptor xmlns:md="{{md}}" entityID="{{entity_id}}" validUntil="9999-12-31T23:59:59.000Z">
  <md:IDPSSODescriptor WantAuthnRequestsSigned="false" protocolSupportEnumeration="{{samlp}}">{{signing}}
    <md:NameIDFormat>{{email_address}}</md:NameIDFormat>
    <md:SingleSignOnService Binding="{{redirect}}" Location="https://accounts.google.com/o/saml2/idp?idpid=C0example1"/>
    <md:SingleSignOnService Binding="{{post}}" Location="https://accounts.google.com/o/saml2/idp?idpid=C0example1"/>
  </md:IDPSSODescriptor>
</md:EntityDescriptor>
""",
    key="""
    <md:KeyDescriptor use="{use}">
      <ds:KeyInfo xmlns:ds="{ds}">
        <ds:X509Data>
          <ds:X509Certificate>{certificate}</ds:X509Certificate>
        </ds:X509Data>
      </ds:KeyInfo>
    </md:KeyDescriptor>""",
    certificate=Lines(76),
)

_KEYCLOAK_URL = "https://keycloak.example.com/realms/example/protocol/saml"
KEYCLOAK = MetadataForm(
    document=_one_line(f"""
        <md:EntityDescriptor xmlns="{{md}}" xmlns:md="{{md}}" xmlns:saml="{{saml}}" xmlns:ds="{{ds}}"
        entityID="{{entity_id}}">
        <md:IDPSSODescriptor WantAuthnRequestsSigned="true" protocolSupportEnumeration="{{samlp}}">
        {{signing}}
        <md:ArtifactResolutionService Binding="{{soap}}" Location="{_KEYCLOAK_URL}/resolve" index="0"/>
        <md:SingleLogoutService Binding="{{post}}" Location="{_KEYCLOAK_URL}"/>
        <md:SingleLogoutService Binding="{{redirect}}" Location="{_KEYCLOAK_URL}"/>
        <md:SingleLogoutService Binding="{{artifact}}" Location="{_KEYCLOAK_URL}"/>
        <md:SingleLogoutService Binding="{{soap}}" Location="{_KEYCLOAK_URL}"/>
        <md:NameIDFormat>{{persistent}}</md:NameIDFormat>
        <md:NameIDFormat>{{transient}}</md:NameIDFormat>
        <md:NameIDFormat>{{unspecified}}</md:NameIDFormat>
        <md:NameIDFormat>{{email_address}}</md:NameIDFormat>
        <md:SingleSignOnService Binding="{{post}}" Location="{_KEYCLOAK_URL}"/>
        <md:SingleSignOnService Binding="{{redirect}}" Location="{_KEYCLOAK_URL}"/>
        <md:SingleSignOnService Binding="{{soap}}" Location="{_KEYCLOAK_URL}"/>
        <md:SingleSignOnService Binding="{{artifact}}" Location="{_KEYCLOAK_URL}"/>
        </md:IDPSSODescriptor>
        </md:EntityDescriptor>
    """),
    key=_key(key_info="", before="<ds:KeyName>{key_name}</ds:KeyName>"),
)

_SHIBBOLETH_URL = "https://shibboleth.example.com/idp/profile"
SHIBBOLETH = MetadataForm(
    document=f"""{_DECLARATION}
<EntityDescriptor xmlns="{{md}}" xmlns:ds="{{ds}}" xmlns:shibmd="urn:mace:shibboleth:metadata:1.0" \
xmlns:xml="http://www.w3.org/XML/1998/namespace" xmlns:mdui="urn:oasis:names:tc:SAML:metadata:ui" \
entityID="{{entity_id}}">
    <IDPSSODescriptor protocolSupportEnumeration="{{samlp}} {{saml11}} urn:mace:shibboleth:1.0">
        <Extensions>
            <shibmd:Scope regexp="false">example.com</shibmd:Scope>
        </Extensions>
        <!-- back channel -->{{signing}}
        <!-- front channel -->{{signing}}{{encryption}}
        <ArtifactResolutionService Binding="{{soap11}}" Location="{_SHIBBOLETH_URL}/SAML1/SOAP/Artifact" index="1"/>
        <ArtifactResolutionService Binding="{{soap}}" Location="{_SHIBBOLETH_URL}/SAML2/SOAP/Artifact" index="2"/>
        <SingleLogoutService Binding="{{redirect}}" Location="{_SHIBBOLETH_URL}/SAML2/Redirect/SLO"/>
        <SingleLogoutService Binding="{{post}}" Location="{_SHIBBOLETH_URL}/SAML2/POST/SLO"/>
        <SingleLogoutService Binding="{{post}}-SimpleSign" Location="{_SHIBBOLETH_URL}/SAML2/POST-SimpleSign/SLO"/>
        <SingleLogoutService Binding="{{soap}}" Location="{_SHIBBOLETH_URL}/SAML2/SOAP/SLO"/>
        <SingleSignOnService Binding="urn:mace:shibboleth:1.0:profiles:AuthnRequest" \
Location="{_SHIBBOLETH_URL}/Shibboleth/SSO"/>
        <SingleSignOnService Binding="{{post}}" Location="{_SHIBBOLETH_URL}/SAML2/POST/SSO"/>
        <SingleSignOnService Binding="{{post}}-SimpleSign" Location="{_SHIBBOLETH_URL}/SAML2/POST-SimpleSign/SSO"/>
        <SingleSignOnService Binding="{{redirect}}" Location="{_SHIBBOLETH_URL}/SAML2/Redirect/SSO"/>
    </IDPSSODescriptor>
    <AttributeAuthorityDescriptor protocolSupportEnumeration="{{saml11}}">
        <Extensions>
            <shibmd:Scope regexp="false">example.com</shibmd:Scope>
        </Extensions>
        <!-- back channel -->{{signing}}
        <!-- front channel -->{{signing}}{{encryption}}
        <AttributeService Binding="{{soap11}}" Location="{_SHIBBOLETH_URL}/SAML1/SOAP/AttributeQuery"/>
    </AttributeAuthorityDescriptor>
</EntityDescriptor>
""",
    key="""
        <KeyDescriptor use="{use}">
            <ds:KeyInfo>
                <ds:X509Data>
                    <ds:X509Certificate>{certificate}</ds:X509Certificate>
                </ds:X509Data>
            </ds:KeyInfo>
        </KeyDescriptor>""",
    certificate=Lines(64, "\n"),
)

_PINGFEDERATE_SSO = "https://pingfederate.example.com:9031/idp/SSO.saml2"
PINGFEDERATE = MetadataForm(
    document=_one_line(f"""
        <md:EntityDescriptor ID="{{short_id}}" cacheDuration="PT1440M" entityID="{{entity_id}}" xmlns:md="{{md}}">
        <md:IDPSSODescriptor protocolSupportEnumeration="{{samlp}}" WantAuthnRequestsSigned="false">
        {{signing}}
        <md:NameIDFormat>{{unspecified}}</md:NameIDFormat>
        <md:SingleSignOnService Location="{_PINGFEDERATE_SSO}" Binding="{{post}}"/>
        <md:SingleSignOnService Location="{_PINGFEDERATE_SSO}" Binding="{{redirect}}"/>
        </md:IDPSSODescriptor>
        </md:EntityDescriptor>
    """),
    key=_key(),
)

_SIMPLESAMLPHP_URL = "https://simplesamlphp.example.com/simplesaml/saml2/idp"
SIMPLESAMLPHP = MetadataForm(
    document=f"""<md:EntityDescriptor xmlns:md="{{md}}" xmlns:ds="{{ds}}" entityID="{{entity_id}}">
  <md:IDPSSODescriptor protocolSupportEnumeration="{{samlp}}">{{signing}}{{encryption}}
    <md:SingleLogoutService Binding="{{redirect}}" Location="{_SIMPLESAMLPHP_URL}/SingleLogoutService.php"/>
    <md:NameIDFormat>{{transient}}</md:NameIDFormat>
    <md:SingleSignOnService Binding="{{redirect}}" Location="{_SIMPLESAMLPHP_URL}/SSOService.php"/>
  </md:IDPSSODescriptor>
  <md:ContactPerson contactType="technical">
    <md:GivenName>Administrator</md:GivenName>
    <md:EmailAddress>mailto:admin@example.com</md:EmailAddress>
  </md:ContactPerson>
</md:EntityDescriptor>
""",
    key="""
    <md:KeyDescriptor use="{use}">
      <ds:KeyInfo xmlns:ds="{ds}">
        <ds:X509Data>
          <ds:X509Certificate>{certificate}</ds:X509Certificate>
        </ds:X509Data>
      </ds:KeyInfo>
    </md:KeyDescriptor>""",
)

_ONELOGIN_URL = "https://onelogin.example.com/trust/saml2"
_ONELOGIN_APP = "00000000-0000-4000-8000-000000000000"
ONELOGIN = MetadataForm(
    document=f"""<?xml version="1.0"?>
<EntityDescriptor xmlns="{{md}}" entityID="{{entity_id}}">
  <IDPSSODescriptor xmlns:ds="{{ds}}" protocolSupportEnumeration="{{samlp}}">{{signing}}
    <NameIDFormat>{{email_address}}</NameIDFormat>
    <SingleSignOnService Binding="{{redirect}}" Location="{_ONELOGIN_URL}/http-post/sso/{_ONELOGIN_APP}"/>
    <SingleSignOnService Binding="{{post}}" Location="{_ONELOGIN_URL}/http-post/sso/{_ONELOGIN_APP}"/>
    <SingleSignOnService Binding="{{soap}}" Location="{_ONELOGIN_URL}/soap/sso/{_ONELOGIN_APP}"/>
  </IDPSSODescriptor>
</EntityDescriptor>
""",
    key="""
    <KeyDescriptor use="{use}">
      <ds:KeyInfo xmlns:ds="{ds}">
        <ds:X509Data>
          <ds:X509Certificate>{certificate}</ds:X509Certificate>
        </ds:X509Data>
      </ds:KeyInfo>
    </KeyDescriptor>""",
    certificate=Lines(64),
)

_AUTH0_URL = "https://example.auth0.com/samlp/example1example2example3example4"
AUTH0 = MetadataForm(
    document=f"""<EntityDescriptor entityID="{{entity_id}}" xmlns="{{md}}">
  <IDPSSODescriptor protocolSupportEnumeration="{{samlp}}">{{signing}}
    <SingleLogoutService Binding="{{redirect}}" Location="{_AUTH0_URL}/logout"/>
    <SingleLogoutService Binding="{{post}}" Location="{_AUTH0_URL}/logout"/>
    <NameIDFormat>{{email_address}}</NameIDFormat>
    <NameIDFormat>{{persistent}}</NameIDFormat>
    <NameIDFormat>{{transient}}</NameIDFormat>
    <SingleSignOnService Binding="{{redirect}}" Location="{_AUTH0_URL}"/>
    <SingleSignOnService Binding="{{post}}" Location="{_AUTH0_URL}"/>
    <Attribute Name="{{claims}}/emailaddress" NameFormat="{{uri}}" FriendlyName="E-Mail Address" xmlns="{{saml}}"/>
    <Attribute Name="{{claims}}/name" NameFormat="{{uri}}" FriendlyName="Name" xmlns="{{saml}}"/>
  </IDPSSODescriptor>
</EntityDescriptor>
""",
    key="""
    <KeyDescriptor use="{use}">
      <KeyInfo xmlns="{ds}">
        <X509Data>
          <X509Certificate>{certificate}</X509Certificate>
        </X509Data>
      </KeyInfo>
    </KeyDescriptor>""",
)

JUMPCLOUD = MetadataForm(
    document=f"""{_DECLARATION}
<md:EntityDescriptor xmlns:md="{{md}}" entityID="{{entity_id}}">
    <md:IDPSSODescriptor WantAuthnRequestsSigned="false" protocolSupportEnumeration="{{samlp}}">{{signing}}
        <md:NameIDFormat>urn:oasis:names:tc:SAML:1.0:nameid-format:unspecified</md:NameIDFormat>
        <md:SingleSignOnService Binding="{{post}}" Location="https://sso.jumpcloud.com/saml2/example"/>
    </md:IDPSSODescriptor>
</md:EntityDescriptor>
""",
    key="""
        <md:KeyDescriptor use="{use}">
            <ds:KeyInfo xmlns:ds="{ds}">
                <ds:X509Data>
                    <ds:X509Certificate>{certificate}</ds:X509Certificate>
                </ds:X509Data>
            </ds:KeyInfo>
        </md:KeyDescriptor>""",
    certificate=Lines(edge=" "),
)

_PORTAL = "https://portal.sso.us-east-1.amazonaws.com/saml/{path}/MTIzNDU2Nzg5MDEyX2lucy1leGFtcGxl"
IAM_IDENTITY_CENTER = MetadataForm(
    document=_DECLARATION
    + _one_line(f"""
        <md:EntityDescriptor xmlns:md="{{md}}" entityID="{{entity_id}}">
        <md:IDPSSODescriptor WantAuthnRequestsSigned="false" protocolSupportEnumeration="{{samlp}}">
        {{signing}}
        <md:SingleLogoutService Binding="{{post}}" Location="{_PORTAL.format(path="logout")}"/>
        <md:SingleLogoutService Binding="{{redirect}}" Location="{_PORTAL.format(path="logout")}"/>
        <md:NameIDFormat>{{persistent}}</md:NameIDFormat>
        <md:SingleSignOnService Binding="{{post}}" Location="{_PORTAL.format(path="assertion")}"/>
        <md:SingleSignOnService Binding="{{redirect}}" Location="{_PORTAL.format(path="assertion")}"/>
        </md:IDPSSODescriptor>
        </md:EntityDescriptor>
    """),
    key=_key(),
)
