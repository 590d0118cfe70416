"""Requests to the sign-in pages, and their HTML read in the ways in which login tools read AWS's."""

import base64
import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from lxml import html

from pytest_stssaml import IdentityProvider, Role, STSBackend

HOST = "signin.aws.amazon.com"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Answer(NamedTuple):
    """What a page answers."""

    status: int
    headers: dict[str, str]
    body: str

    @property
    def page(self) -> Any:
        """The root element of the HTML."""
        return html.document_fromstring(self.body)

    @property
    def text(self) -> str:
        """The text of the main part, in one line."""
        return " ".join(self.page.xpath("string(//main)").split())

    @property
    def error(self) -> str:
        """The text of the error that the page shows."""
        return " ".join(self.page.xpath("string(//*[@id='main_error'])").split())

    @property
    def reason(self) -> str:
        """Why the request was refused."""
        return self.headers["X-Stssaml-Reason"]

    @property
    def cookie(self) -> dict[str, str]:
        """The header with the cookie that the answer sets."""
        return {"Cookie": self.headers["Set-Cookie"].partition(";")[0]}


def get(sts: STSBackend, path: str, headers: Mapping[str, str] | None = None, /, **fields: str) -> Answer:
    """Get a page of the global host."""
    query = f"?{urlencode(fields)}" if fields else ""
    return Answer(*sts.sign_in.handle("GET", path + query, {"Host": HOST, **(headers or {})}, ""))


def post(sts: STSBackend, response: str | None, path: str = "/saml", host: str = HOST, **fields: str) -> Answer:
    """Post a response to the sign-in page."""
    form = fields if response is None else {"SAMLResponse": response, **fields}
    return Answer(*sts.sign_in.handle("POST", path, {"Host": host, **FORM}, urlencode(form)))


def console(sts: STSBackend, entered: Answer) -> Answer:
    """Return the page of the console after a login."""
    assert entered.status == 302, entered.text
    return get(sts, entered.headers["Location"], entered.cookie)


def two_roles(sts: STSBackend) -> list[Role]:
    """Return two roles of the mock's account, which exist afterwards."""
    known = {role.name: role for role in sts.roles}
    return [known.get(name) or sts.create_role(name) for name in ("Developer", "Auditor")]


def chooser(sts: STSBackend, idp: IdentityProvider, **said: Any) -> Answer:
    """Return the page for a response with two roles."""
    return post(sts, idp.response(two_roles(sts), **said))


def account_names(answer: Answer) -> list[str]:
    """Return the accounts that a page names, as aws-adfs finds them: by the whole attribute, and the element's text."""
    return [name.text for name in answer.page.iterfind('.//div[@class="saml-account-name"]')]


def aliases_by_pattern(answer: Answer) -> dict[str, str]:
    """Return the aliases as aws-adfs reads them, by the number of the account."""
    found = {}
    for name in account_names(answer):
        if with_alias := re.search(r"Account: *([^(]+) *\(([0-9]+)\)", name):
            found[with_alias[2]] = with_alias[1].strip()
        elif without := re.search(r"Account: *\(?([0-9]+)\)?", name):
            found[without[1]] = without[0].strip()
    return found


def aliases_by_words(answer: Answer) -> dict[str, str]:
    """Return the aliases as samlkeygen and aws-okta-keyman read them: the words between single spaces."""
    words = [name.split(" ") for name in account_names(answer)]
    return {number.strip("()"): alias for _, alias, number in (each for each in words if len(each) == 3)}


def roles_of_nested_accounts(answer: Answer) -> dict[str, dict[str, str]]:
    """Return the roles as aws-okta-processor reads them: of the first account within each account of the fieldset."""
    found = {}
    for account in answer.page.find(".//fieldset").iterfind('div[@class="saml-account"]'):
        name = account.find('.//div[@class="saml-account-name"]').text
        roles = account.find('.//div[@class="saml-account"]').iterfind('.//div[@class="saml-role"]')
        found[name] = {role.find(".//input").get("id"): role.find(".//label").text for role in roles}
    return found


def roles_of_labels(answer: Answer) -> dict[str, dict[str, str]]:
    """Return the roles as saml2aws reads them: all labels of each account of the fieldset."""
    return {
        account.xpath("string(.//div[contains(concat(' ', @class, ' '), ' saml-account-name ')])"): {
            label.get("for"): label.text_content() for label in account.iterfind(".//label")
        }
        for account in answer.page.xpath("//fieldset/div[contains(concat(' ', @class, ' '), ' saml-account ')]")
    }


def roles_by_parents(answer: Answer) -> dict[str, dict[str, str]]:
    """Return the roles as gimme-aws-creds read them: from each role up to its account."""
    found: dict[str, dict[str, str]] = {}
    for role in answer.page.iterfind('.//div[@class="saml-role"]'):
        name = role.getparent().getparent().find(".//div").find(".//div").text_content()
        label = role.find(".//label")
        found.setdefault(name, {})[label.get("for")] = label.text_content()
    return found


def roles_of_metadata(answer: Answer) -> dict[str, list[str]]:
    """Return the roles as gimme-aws-creds reads them from the page of 2023."""
    content = answer.page.find('.//meta[@name="data"]').get("content")
    found: dict[str, list[str]] = json.loads(base64.b64decode(content))["roles_accounts"]
    return found
