"""The pages as HTML. Whatever comes from outside is text in them."""

import base64
import json
from collections.abc import Iterable, Mapping
from html import escape
from typing import NamedTuple

from .hosts import LOGOUT
from .known import INVALID_CREDENTIALS, INVALID_RESPONSE, SYNTACTICALLY_INCORRECT
from .known import LOGOUT as LOGOUT_TEXT

_STYLE = """\
body { margin: 0 auto; max-width: 44rem; padding: 1rem; font: 1rem/1.5 sans-serif; color: #16191f; background: #fff }
fieldset { border: 1px solid #545b64; margin: 0 0 1rem; padding: 0 1rem }
.saml-account-name { font-weight: bold; margin-top: 1rem }
.saml-role { margin: .5rem 0; overflow-wrap: anywhere }
dd { margin: 0 0 .5rem 1rem; overflow-wrap: anywhere }
button { font: inherit; padding: .4rem 1rem; color: #fff; background: #0b5394; border: 0 }
a { color: #0b5394 }
:focus-visible { outline: 3px solid #b35900; outline-offset: 2px }
#main_error { color: #a31515 }
footer { margin-top: 2rem; border-top: 1px solid #545b64; font-size: .875rem; color: #414750 }"""

_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
{head}<style>
{style}
</style>
</head>
<body>
<main id="container">
<h1>{heading}</h1>
<div id="content">
{content}
</div>
</main>
<footer><p>This page is from a test, by pytest-stssaml, and not from AWS.</p></footer>
</body>
</html>
"""

_LOGIN, _SIGN_IN = "Amazon Web Services Login", "Amazon Web Services Sign-In"


def _page(title: str, heading: str, content: str, head: str = "") -> str:
    return _PAGE.format(title=title, heading=heading, content=content, head=head, style=_STYLE)


class AccountRoles(NamedTuple):
    """The roles of one account between which the user chooses."""

    #: The account as the page shows it: `alias (number)`, or the number.
    label: str
    #: The name of each role by its ARN.
    roles: Mapping[str, str]


def chooser(accounts: Iterable[AccountRoles], action: str, response: str, relay_state: str) -> str:
    """Return the page on which the user chooses a role, in the structure that the parsers of tools read.

    :param action: the path to which it posts.
    :param response: the response in base64.
    """
    blocks = "\n".join(_ACCOUNT.format(**_account(place, account)) for place, account in enumerate(accounts))
    return _page(_SIGN_IN, _LOGIN, _form(blocks, action, response, relay_state))


_FORM = """\
<div id="main_error"></div>
<form id="saml_form" name="saml_form" action="{action}" method="post">
<input type="hidden" name="RelayState" value="{relay_state}">
<input type="hidden" name="SAMLResponse" value="{response}">
<input type="hidden" name="name" value="">
<input type="hidden" name="portal" value="">
<p id="select_a_role">Select a role:</p>
<fieldset aria-labelledby="select_a_role">
{blocks}
</fieldset>
<div class="buttoninput" id="input_signin_button"><button id="signin_button" type="submit">Sign In</button></div>
</form>"""

_ACCOUNT = """\
<div class="saml-account">
<div>
<div class="saml-account-name" id="account{place}" role="heading" aria-level="2">Account: {label}</div>
</div>
<hr>
<div id="{place}" class="saml-account" role="radiogroup" aria-labelledby="account{place}">
{roles}
</div>
</div>"""

_ROLE = """\
<div class="saml-role">
<input type="radio" name="roleIndex" value="{arn}" class="saml-radio" id="{arn}" required>
<label for="{arn}" class="saml-role-description">{name}</label>
</div>"""


def _form(blocks: str, action: str, response: str, relay_state: str) -> str:
    return _FORM.format(
        blocks=blocks, action=escape(action), response=escape(response), relay_state=escape(relay_state)
    )


def _account(place: int, account: AccountRoles) -> dict[str, object]:
    roles = [_ROLE.format(arn=escape(arn), name=escape(name)) for arn, name in account.roles.items()]
    return {"place": place, "label": escape(account.label), "roles": "\n".join(roles)}


_ROLE_OF_2023 = """\
<li><input type="radio" name="roleIndex" value="{arn}" id="{arn}" required> <label for="{arn}">{name}</label></li>"""


def chooser_of_2023(accounts: Iterable[AccountRoles], action: str, response: str, relay_state: str) -> str:
    """Return that page as AWS had it for some hours in August 2023, with the roles as JSON in a meta element."""
    accounts = list(accounts)
    data = json.dumps({"roles_accounts": {account.label: list(account.roles) for account in accounts}})
    meta = f'<meta name="data" content="{base64.b64encode(data.encode()).decode()}">\n'
    blocks = "\n".join(
        f'<h2 id="account{place}">{escape(account.label)}</h2>\n<ul aria-labelledby="account{place}">\n'
        + "\n".join(_ROLE_OF_2023.format(arn=escape(arn), name=escape(name)) for arn, name in account.roles.items())
        + "\n</ul>"
        for place, account in enumerate(accounts)
    )
    return _page(_SIGN_IN, _LOGIN, _form(blocks, action, response, relay_state), meta)


def refusal(text: str) -> str:
    """Return the page for a login that is refused."""
    return _page(_SIGN_IN, _LOGIN, f'<div id="main_error" role="alert"><p>{escape(text)}</p></div>')


def invalid_response() -> str:
    """Return the page for a response that does not get as far as STS."""
    link = f'<a href="{LOGOUT}">{LOGOUT_TEXT}</a>'
    return _page(_SIGN_IN, _LOGIN, f'<div id="main_error" role="alert"><p>{INVALID_RESPONSE}{link}.</p></div>')


def invalid_credentials() -> str:
    """Return the page for a request that the federation endpoint refuses."""
    title = f"HTTP Status 400 - {INVALID_CREDENTIALS}"
    rows = {"message": INVALID_CREDENTIALS, "description": SYNTACTICALLY_INCORRECT}
    return _page(title, title, _list(rows))


def console(rows: Mapping[str, str]) -> str:
    """Return the page of the console, which says who is signed in.

    :param rows: what it says, with a name for each.
    """
    link = f'<p><a href="{LOGOUT}">Sign out</a></p>'
    return _page("AWS Management Console", "AWS Management Console", f"{_list(rows)}\n{link}")


def message(heading: str, text: str) -> str:
    """Return a page of one sentence."""
    return _page(heading, heading, f"<p>{escape(text)}</p>")


def _list(rows: Mapping[str, str]) -> str:
    pairs = [
        f'<dt>{escape(name)}</dt>\n<dd id="{escape(name.lower().replace(" ", "-"))}">{escape(value)}</dd>'
        for name, value in rows.items()
    ]
    return "<dl>\n" + "\n".join(pairs) + "\n</dl>"
