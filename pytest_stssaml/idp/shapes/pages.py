"""The HTML pages that post a response (saml-bindings 3.5.4), for the vendors whose page is known."""

from .shape import Page

OKTA = Page(
    """\
<!DOCTYPE html>
<html>
<head><title>Signing in</title></head>
<body>
<form id="appForm" action="{action}" method="POST">\
<input name="SAMLResponse" type="hidden" value="{response}"/>\
<input name="RelayState" type="hidden" value="{relay_state}"/></form>
<script>document.getElementById("appForm").submit();</script>
</body>
</html>
""",
    references_in_response="[+=]",
)

_HIDDEN_FORM = (
    '<html><head><title>Working...</title></head><body><form method="POST" name="hiddenform" action="{action}">'
    '<input type="hidden" name="SAMLResponse" value="{response}" />{relay_state}'
    "<noscript><p>Without JavaScript, press the button.</p>"
    '<input type="submit" value="Submit" /></noscript></form>'
    "<script language=\"javascript\">window.setTimeout('document.forms[0].submit()', 0);</script></body></html>"
)
_HIDDEN_RELAY_STATE = '<input type="hidden" name="RelayState" value="{value}" />'

ENTRA = Page(_HIDDEN_FORM, relay_state=_HIDDEN_RELAY_STATE)

ADFS = Page(_HIDDEN_FORM, relay_state=_HIDDEN_RELAY_STATE, port=":443")

KEYCLOAK = Page(
    '<HTML><HEAD><TITLE>Authentication Redirect</TITLE></HEAD><BODY Onload="document.forms[0].submit()">'
    '<FORM METHOD="POST" ACTION="{action}"><INPUT TYPE="HIDDEN" NAME="SAMLResponse" VALUE="{response}"/>{relay_state}'
    "<NOSCRIPT><P>Without JavaScript, press the button.</P>"
    '<INPUT TYPE="SUBMIT" VALUE="CONTINUE"/></NOSCRIPT></FORM></BODY></HTML>',
    relay_state='<INPUT TYPE="HIDDEN" NAME="RelayState" VALUE="{value}"/>',
)

SHIBBOLETH = Page(
    """\
<!DOCTYPE html>
<html>
    <head>
        <meta charset="utf-8" />
    </head>
    <body onload="document.forms[0].submit()">
        <noscript><p>Without JavaScript, press the button.</p></noscript>
        <form action="{action}" method="post">
            <div>{relay_state}
                <input type="hidden" name="SAMLResponse" value="{response}"/>
            </div>
            <noscript><div><input type="submit" value="Continue"/></div></noscript>
        </form>
    </body>
</html>
""",
    relay_state="""
                <input type="hidden" name="RelayState" value="{value}"/>""",
    references="[^0-9A-Za-z,._-]",
)

AUTH0 = Page("""\
<html>
  <head>
    <title>Working...</title>
  </head>
  <body>
    <form method="post" name="hiddenform" action="{action}">
      <input type="hidden"
             name="SAMLResponse"
             value="{response}">
      <input type="hidden"
             name="RelayState"
             value="{relay_state}">
      <noscript><p>Without JavaScript, press the button.</p><input type="submit" value="Submit"></noscript>
    </form>
    <script>window.setTimeout(function () {{ document.forms[0].submit(); }}, 0);</script>
  </body>
</html>
""")

SIMPLESAMLPHP = Page(
    """\
<!DOCTYPE html>
<html>
<head><meta charset="utf-8"><title>Sending message</title></head>
<body onload="document.forms[0].submit()">
<form method="post" action="{action}">
<noscript><p>Without JavaScript, press the button.</p></noscript>
<input type="submit" value="Yes, continue">
<input type="hidden" name="SAMLResponse" value="{response}">
{relay_state}</form>
</body>
</html>
""",
    relay_state="""<input type="hidden" name="RelayState" value="{value}">
""",
)
