"""STSBackend: the AWS side that a test holds."""

import base64
import datetime as dt
import uuid
from collections.abc import Mapping
from email.utils import format_datetime
from typing import Any

from .accounts import Accounts
from .clock import Clock, Instant, Seed
from .sts import iam_input, limits, query
from .sts.errors import Rejected
from .sts.operation import assume_role_with_saml

__all__ = ["Answer", "STSBackend"]

#: HTTP status, headers and body.
Answer = tuple[int, dict[str, str], str]


class STSBackend(Accounts):
    """AWS as one mock knows it: SAML providers, roles, policies, regions and the time, and STS which decides by them.

    `mock_sts_saml` and the fixture `sts_saml` give it; `account_id` and `partition` are what providers and roles get
    that name none.
    """

    def __init__(self, *, account_id: str, partition: str, seed: Seed) -> None:
        super().__init__(account_id, partition, Clock(seed))
        self._token_key = self.clock.identifier("token key")

    def __repr__(self) -> str:
        return f"<STSBackend of account {self.account_id} in {self.partition}>"

    # --- regions and time

    def disable_region(self, region: str) -> None:
        """Switch STS off in a region, for every account; a client without a region calls us-east-1."""
        self._iam.disabled_regions.add(iam_input.region(region))

    def enable_region(self, region: str) -> None:
        """Switch STS on again."""
        self._iam.disabled_regions.discard(iam_input.region(region))

    def advance(self, *mistaken: object, **delta: float) -> None:
        """Let time pass: the keywords of `datetime.timedelta`, as `advance(minutes=6)`."""
        try:
            step = dt.timedelta(**delta)
        except TypeError as error:
            raise TypeError(
                f"advance() takes the keywords of datetime.timedelta, as advance(minutes=6): {error}"
            ) from error
        if mistaken:
            raise TypeError(f"advance() takes keywords, as advance(minutes=6), not {mistaken[0]!r}")
        self.clock.advance(step)

    def move_to(self, instant: Instant) -> None:
        """Make it another time: a datetime (naive is UTC) or an ISO 8601 text."""
        self.clock.move_to(instant)

    # --- STS

    def handle(
        self, form: str | bytes, *, region: str = "us-east-1", user_agent: str = "", secure: bool = True
    ) -> Answer:
        """Answer one HTTP request to STS, for callers outside botocore: another SDK, a subprocess, a server.

        :param form: the urlencoded body of a POST, or the query string of a GET.
        :param region: which region's endpoint was asked.
        :param user_agent: the header of that name, for the condition key `aws:UserAgent`.
        :param secure: whether by TLS, for `aws:SecureTransport`.
        :returns: HTTP status, headers and body. AWS redirects a POST that is no form, as it does one without Action;
            what the content type was, only the caller knows.
        """
        if not isinstance(form, str | bytes):
            raise TypeError(f"form is an urlencoded body or a query string, not {form!r}; urllib.parse.urlencode it")
        if not isinstance(user_agent, str):
            raise TypeError(f"user_agent is a text, the header of that name, not {user_agent!r}")
        if not isinstance(secure, bool):
            raise TypeError(f"secure is True for https and False for http, not {secure!r}")
        region = iam_input.region(region)
        if len(form if isinstance(form, bytes) else form.encode(errors="replace")) > limits.LONGEST_BODY:
            return self._http(413, "", self._request_id(), self.clock.now())
        parameters = query.read_form(form if isinstance(form, str) else form.decode(errors="replace"))
        if "Action" not in parameters:
            return self._http(302, "", self._request_id(), self.clock.now(), Location=limits.PRODUCT_PAGE)
        return self.answer(parameters, region, user_agent, secure)

    def answer(self, form: Mapping[str, Any], region: str, user_agent: str = "", secure: bool = True) -> Answer:
        """Decide one call, given as form parameters, and write the HTTP response."""
        now = self.clock.now()
        request_id = self._request_id()
        try:
            query.check_operation(form)
            request = query.read_request(
                form, limits.GLOBAL_REGIONS.get(region, region), user_agent=user_agent, secure=secure
            )
            session = assume_role_with_saml(request, self._iam, now, self.clock.identifier, self._token_key)
        except Rejected as rejected:
            return self._http(
                rejected.error.status, query.write_error(rejected, request_id, self._request_id()), request_id, now
            )
        return self._http(200, query.write_response(session, request_id), request_id, now)

    def _http(self, status: int, body: str, request_id: str, now: dt.datetime, **more: str) -> Answer:
        headers = {
            "x-amzn-RequestId": request_id,
            "x-amz-sts-extended-request-id": base64.b64encode(self.clock.identifier("extended request")).decode(),
            "Content-Type": "text/xml",
            "Content-Length": str(len(body.encode())),
            "Date": format_datetime(now, usegmt=True),
            **more,
        }
        return status, headers, body

    def _request_id(self) -> str:
        return str(uuid.UUID(bytes=self.clock.identifier("request")[:16], version=4))

    def enter_forked_child(self) -> None:
        """Locks that no thread of the parent holds; the clock sees to itself."""
        self._iam.enter_forked_child()
