"""SignIn: AWS's sign-in pages as a test holds them."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping

from ..iam.directory import Directory
from ..sts.limits import LONGEST_BODY
from ..sts.service import STS
from ..sts.sessions.session import Session
from ..web.exchange import FORM_TYPE, Answer, Visit, answer, visit
from . import pages
from .console import Console, ConsoleSession
from .federation import Federation, Refused
from .hosts import CONSOLE, FEDERATION, SAML, is_page_of_aws, page_of
from .login import Login, NotOffered, Offer, Posted, refusal_text
from .pages import AccountRoles

#: The layouts of the page on which a role is chosen, with what writes each.
_LAYOUTS = {"classic": pages.chooser, "2023": pages.chooser_of_2023}


class SignIn:
    """AWS's sign-in pages: https://signin.aws.amazon.com/saml and /federation, and a console that says who you are.

    `sts.sign_in` gives it, and the fixture `sts_endpoint` serves it. A response that is posted is judged by the same
    rules as a login by STS, and becomes a call in `sts.attempts` when a role is chosen, or when no role can be.
    """

    def __init__(
        self,
        sts: STS,
        directory: Directory,
        now: Callable[[], dt.datetime],
        identify: Callable[..., bytes],
    ) -> None:
        self._login = Login(sts, directory)
        self._federation = Federation(sts, identify)
        self._console = Console(identify)
        self._directory = directory
        self._read_time = now
        self._layout = "classic"

    def __repr__(self) -> str:
        return f"<SignIn with the {self._layout} layout>"

    @property
    def layout(self) -> str:
        """The layout of the page on which a role is chosen.

        It is "classic", which the parsers of tools read, or "2023", which AWS had for some hours in August 2023.

        :raises ValueError: if it is set to another one.
        """
        return self._layout

    @layout.setter
    def layout(self, layout: str) -> None:
        if layout not in list(_LAYOUTS):
            raise ValueError(f"layout must be one of {', '.join(_LAYOUTS)}, not {layout!r}")
        self._layout = layout

    def handle(self, method: str, path: str, headers: Mapping[str, str], body: str | bytes | None) -> Answer:
        """Answer one HTTP request to a sign-in page.

        :param method: "GET", "HEAD" or "POST".
        :param path: the path with its query, or the whole URL.
        :param headers: the headers of the request by name. Host tells the partition and the region; with a host that is
            not AWS's, the role does.
        :param body: the form of a POST; None if there is none.
        :returns: HTTP status, headers and body. If a request was refused, the header X-Stssaml-Reason says why.
        :raises TypeError: if an argument has another type.
        :raises ValueError: if the method or the path is not one.
        :raises OSError: if `add_connection_error` ordered it for the login.
        """
        request, now = visit(method, path, headers, body), self._read_time()
        page = page_of(request.path)
        if page is None:
            return self._refuse(now, pages.message("Not found", "There is no such page."), "there is no such page", 404)
        if body is not None and len(body) > LONGEST_BODY:
            return self._refuse(now, "", "the body is too long", 413)
        if page.name == SAML:
            return self._sign_in(request, page.provider, now)
        if page.name == FEDERATION:
            return self._federate(request, now)
        show = self._console.show if page.name == CONSOLE else self._console.end
        return show(request.cookies, now)

    # --- /saml

    def _sign_in(self, request: Visit, provider: str | None, now: dt.datetime) -> Answer:
        posted = Posted(request.fields.get("SAMLResponse", ""), request.host, provider)
        try:
            _check_is_posted(request)
            offers = _of_role(request.fields.get("roleIndex"), self._login.offers(posted))
        except NotOffered as reason:  # all faults have one answer
            return self._refuse(now, pages.invalid_response(), str(reason))
        accepted = dict(self._login.accepted(posted, offers))
        if accepted and len({offer.role for offer in offers}) > 1:
            return self._choose(request, accepted, now)
        offer = next(iter(accepted), offers[0])  # if none is accepted, STS says why
        login = accepted.get(offer)
        durations = login.session_durations if login else []
        response = self._login.choose(posted, offer, next(iter(durations), None))
        session = self._login.session(response)
        if session is None:
            page = pages.refusal(refusal_text(response))
            return self._refuse(now, page, "STS refused it; sts.last_attempt.explain() says why", response.status)
        state = request.fields.get("RelayState", "")
        issuer = login.assertion.issuer if login else ""
        return self._enter(session, session.expiration, state if is_page_of_aws(state) else "", issuer, now)

    def _choose(self, request: Visit, offers: Iterable[Offer], now: dt.datetime) -> Answer:
        accounts: dict[str, dict[str, str]] = {}
        for offer in offers:
            account = self._account(offer.arn.account_id, offer.arn.partition)
            accounts.setdefault(account, {})[offer.role] = offer.arn.name
        page = _LAYOUTS[self._layout](
            [AccountRoles(label, roles) for label, roles in accounts.items()],
            request.path,
            request.fields["SAMLResponse"],
            request.fields.get("RelayState", ""),
        )
        return answer(now, page)

    # --- /federation

    def _federate(self, request: Visit, now: dt.datetime) -> Answer:
        action = request.fields.get("Action")
        try:
            if action == "getSigninToken":
                token = self._federation.get_signin_token(request.fields, request.host, now)
                return answer(now, token, content_type="application/json")
            if action == "login":
                signed_in = self._federation.login(request.fields, now)
                return self._enter(*signed_in, now)
            raise Refused(f"expected getSigninToken or login as Action, got {action!r}")  # noqa: TRY301 - see below
        except Refused as reason:  # all faults have one answer
            return self._refuse(now, pages.invalid_credentials(), str(reason))

    def _enter(self, session: Session, ends: dt.datetime, destination: str, issuer: str, now: dt.datetime) -> Answer:
        role = session.role
        alias = self._directory.account_alias(role.account_id, role.partition) or role.account_id
        account = self._account(role.account_id, role.partition)
        return self._console.begin(ConsoleSession(session, account, alias, ends, destination, issuer), now)

    def _account(self, account_id: str, partition: str) -> str:
        alias = self._directory.account_alias(account_id, partition)
        return f"{alias} ({account_id})" if alias else account_id

    @staticmethod
    def _refuse(now: dt.datetime, page: str, reason: str, status: int = 400) -> Answer:
        return answer(now, page, status=status, reason=reason)


def _check_is_posted(request: Visit) -> None:
    """Check that a request has a response where a browser puts it.

    :raises NotOffered: if it does not.
    """
    if request.method != "POST":
        raise NotOffered(f"a response is posted, and the method is {request.method}")
    if "SAMLResponse" not in request.fields:
        raise NotOffered(f"the request has no field SAMLResponse in a form of the type {FORM_TYPE}")


def _of_role(role: str | None, offers: list[Offer]) -> list[Offer]:
    """Return the offers of the role that was chosen, or all of them if none was.

    :raises NotOffered: if the role is not offered.
    """
    of_the_role = [offer for offer in offers if role in (None, offer.role)]
    if not of_the_role:
        raise NotOffered(f"the response does not offer the role {role!r} that was chosen")
    return of_the_role
