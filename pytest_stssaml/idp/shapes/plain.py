"""The package's own shape, which is used if no shape is named."""

from .shape import MetadataForm, Page, Shape

METADATA = MetadataForm(
    document=(
        '<md:EntityDescriptor xmlns:md="{md}" entityID="{entity_id}">'
        '<md:IDPSSODescriptor WantAuthnRequestsSigned="false" protocolSupportEnumeration="{samlp}">'
        "{signing}"
        '<md:SingleLogoutService Binding="{post}" Location="{location}"/>'
        '<md:SingleLogoutService Binding="{redirect}" Location="{location}"/>'
        "<md:NameIDFormat>{persistent}</md:NameIDFormat>"
        "<md:NameIDFormat>{unspecified}</md:NameIDFormat>"
        '<md:SingleSignOnService Binding="{post}" Location="{location}"/>'
        '<md:SingleSignOnService Binding="{redirect}" Location="{location}"/>'
        "</md:IDPSSODescriptor>"
        "</md:EntityDescriptor>"
    ),
    key=(
        '<md:KeyDescriptor use="{use}"><ds:KeyInfo xmlns:ds="{ds}"><ds:X509Data><ds:X509Certificate>{certificate}'
        "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
    ),
)

#: A page without the marks of a vendor. It is also well-formed XML, since some tools read it with a strict parser.
PAGE = Page("""\
<!DOCTYPE html>
<html>
<head><title>Signing in to AWS</title></head>
<body onload="document.forms[0].submit()">
<form method="post" action="{action}">
<input type="hidden" name="SAMLResponse" value="{response}"/>
<input type="hidden" name="RelayState" value="{relay_state}"/>
<noscript><button>Sign in to AWS</button></noscript>
</form>
</body>
</html>
""")

PLAIN = Shape(entity_id="https://idp.example.com/saml", metadata=METADATA, page=PAGE)
