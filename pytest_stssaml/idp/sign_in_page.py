"""SignInPage: the identity provider's own side of a login in a browser."""

import base64
from collections.abc import Callable, Mapping
from html import escape
from typing import TYPE_CHECKING

from .. import active_mock
from ..locks import Lock
from ..web.exchange import Answer, Visit, answer, visit
from ..web.html import page
from ..web.served import Served
from ..web.server import Answer as ServedAnswer

if TYPE_CHECKING:
    from ..web.requests import ReceivedRequest
    from .saml_response import SAMLResponse

#: The paths of the pages.
_FIRST, _SECOND = "/", "/second-step"
_FOOTER = "This page is from a test, by pytest-stssaml."
_LONGEST_BODY = 100_000

_FORM = """\
{error}<form action="{action}" method="post">
<input type="hidden" name="RelayState" value="{relay_state}">
{fields}
<p><button type="submit">{button}</button></p>
</form>"""

_FIRST_FIELDS = """\
<p><label for="username">User name</label>
<input id="username" name="username" value="{user}" autocomplete="username" autocapitalize="none" required></p>
<p><label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required></p>"""

_SECOND_FIELDS = """\
<input type="hidden" name="state" value="{state}">
<p><label for="code">Code</label>
<input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" required></p>"""


class SignInPage(Served):
    """An identity provider's web page: a form for user and password, and then the page that posts the response to AWS.

    `saml_idp.sign_in_page(role)` returns one. As a context manager, it serves the page at `.url`.

    Attributes:
        response: the response with which the last user was signed in, or None.

    """

    NAME = "page"
    OPENED_BY = "saml_idp.sign_in_page(role)"

    def __init__(
        self,
        new_response: "Callable[[], SAMLResponse]",
        *,
        user: str,
        password: str,
        code: str | None,
        action: str | None,
        relay_state: str,
    ) -> None:
        super().__init__(self._answer, _LONGEST_BODY)
        self._new_response = new_response
        self._user = user
        self._password = password
        self._code = code
        self._action = action
        self._relay_state = relay_state
        self._states: set[str] = set()
        self._lock = Lock()
        self.response: SAMLResponse | None = None

    def __repr__(self) -> str:
        return f"<SignInPage of {self._user}>"

    def handle(self, method: str, path: str, headers: Mapping[str, str], body: str | bytes | None) -> Answer:
        """Answer one HTTP request to the page.

        :param method: "GET", "HEAD" or "POST".
        :param path: the path with its query, or the whole URL. RelayState in the query goes to AWS with the response.
        :param headers: the headers of the request by name.
        :param body: the form of a POST; None if there is none.
        :returns: HTTP status, headers and body. A wrong user, password or code has status 403.
        :raises TypeError: if an argument has another type.
        :raises ValueError: if the method or the path is not one.
        """
        request = visit(method, path, headers, body)
        if request.path == _FIRST:
            return self._first_step(request)
        if request.path == _SECOND and self._code is not None:
            return self._second_step(request, self._code)
        return self._say("Not found", "<p>There is no such page.</p>", 404)

    def _first_step(self, request: Visit) -> Answer:
        if request.method != "POST":
            return self._ask_for_password(request)
        user, password = request.fields.get("username", ""), request.fields.get("password", "")
        if (user, password) != (self._user, self._password):
            return self._ask_for_password(request, "The user name or the password is wrong.", user)
        return self._sign_in(request) if self._code is None else self._ask_for_code(request)

    def _second_step(self, request: Visit, code: str) -> Answer:
        with self._lock:
            known = request.fields.get("state") in self._states
            self._states.discard(request.fields.get("state", ""))
        if not known:
            return self._ask_for_password(request, "Sign in again.")
        if request.fields.get("code") != code:
            return self._ask_for_code(request, "The code is wrong.")
        return self._sign_in(request)

    def _ask_for_password(self, request: Visit, error: str = "", user: str = "") -> Answer:
        return self._ask(request, "Sign in", _FIRST_FIELDS.format(user=escape(user)), _FIRST, error)

    def _ask_for_code(self, request: Visit, error: str = "") -> Answer:
        state = base64.urlsafe_b64encode(active_mock.clock().identifier("sign-in page")).decode()
        with self._lock:
            self._states.add(state)
        return self._ask(request, "Second step", _SECOND_FIELDS.format(state=state), _SECOND, error)

    def _ask(self, request: Visit, title: str, fields: str, path: str, error: str) -> Answer:
        form = _FORM.format(
            error=f'<p role="alert">{escape(error)}</p>\n' if error else "",
            action=path,
            relay_state=escape(self._state_of(request)),
            fields=fields,
            button="Sign in",
        )
        return self._say(title, form, 403 if error else 200)

    def _sign_in(self, request: Visit) -> Answer:
        self.response = response = self._new_response()
        body = response.form(self._state_of(request), action=self._action)
        # The page has a script that sends its form, to another host.
        return answer(active_mock.clock().now(), body, policy="")

    def _state_of(self, request: Visit) -> str:
        return request.fields.get("RelayState", self._relay_state)

    @staticmethod
    def _say(title: str, content: str, status: int) -> Answer:
        return answer(active_mock.clock().now(), page(title, content, footer=_FOOTER), status=status)

    def _answer(self, request: "ReceivedRequest") -> ServedAnswer:
        if request.method not in ("GET", "HEAD", "POST"):
            return ServedAnswer(405, {"Content-Length": "0", "Allow": "GET, HEAD, POST"})
        return ServedAnswer(*self.handle(request.method, request.path, request.headers, request.body))
