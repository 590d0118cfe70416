"""The pages as HTML. Whatever comes from outside is text in them."""

import base64
import json
from collections.abc import Iterable, Mapping
from html import escape
from typing import NamedTuple

from ..web.html import page
from .hosts import LOGOUT
from .known import INVALID_CREDENTIALS, INVALID_RESPONSE, SYNTACTICALLY_INCORRECT
from .known import LOGOUT as LOGOUT_TEXT

_FOOTER = "This page is from a test, by pytest-stssaml, and not from AWS."
_LOGIN, _SIGN_IN = "Amazon Web Services Login", "Amazon Web Services Sign-In"


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
    return _sign_in(_form(blocks, action, response, relay_state))


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
    return _sign_in(_form(blocks, action, response, relay_state), meta)


def refusal(text: str) -> str:
    """Return the page for a login that is refused."""
    return _sign_in(f'<div id="main_error" role="alert"><p>{escape(text)}</p></div>')


def invalid_response() -> str:
    """Return the page for a response that does not get as far as STS."""
    link = f'<a href="{LOGOUT}">{LOGOUT_TEXT}</a>'
    return _sign_in(f'<div id="main_error" role="alert"><p>{INVALID_RESPONSE}{link}.</p></div>')


def invalid_credentials() -> str:
    """Return the page for a request that the federation endpoint refuses."""
    title = f"HTTP Status 400 - {INVALID_CREDENTIALS}"
    rows = {"message": INVALID_CREDENTIALS, "description": SYNTACTICALLY_INCORRECT}
    return page(title, _list(rows), footer=_FOOTER)


def console(rows: Mapping[str, str]) -> str:
    """Return the page of the console, which says who is signed in.

    :param rows: what it says, with a name for each.
    """
    link = f'<p><a href="{LOGOUT}">Sign out</a></p>'
    return page("AWS Management Console", f"{_list(rows)}\n{link}", footer=_FOOTER)


def message(heading: str, text: str) -> str:
    """Return a page of one sentence."""
    return page(heading, f"<p>{escape(text)}</p>", footer=_FOOTER)


def _sign_in(content: str, head: str = "") -> str:
    return page(_SIGN_IN, content, heading=_LOGIN, head=head, footer=_FOOTER)


def _list(rows: Mapping[str, str]) -> str:
    pairs = [
        f'<dt>{escape(name)}</dt>\n<dd id="{escape(name.lower().replace(" ", "-"))}">{escape(value)}</dd>'
        for name, value in rows.items()
    ]
    return "<dl>\n" + "\n".join(pairs) + "\n</dl>"
