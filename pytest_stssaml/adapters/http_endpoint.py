"""The active mock over HTTP on this machine, for other processes and SDKs."""

import os
import re
from collections.abc import Callable, Mapping

from ..iam.partitions import REGION
from ..sign_in.hosts import is_of_the_pages
from ..web.requests import NOT_IMPLEMENTED, ReceivedRequest
from ..web.served import LOOPBACK, Served
from ..web.server import Answer

Handle = Callable[..., tuple[int, dict[str, str], str]]
#: `SignIn.handle`.
Pages = Callable[[str, str, Mapping[str, str], bytes], tuple[int, dict[str, str], str]]

_SCOPE = re.compile(rf"Credential=[^/,&\s%]+(?:/|%2F)\d+(?:/|%2F)(?P<region>{REGION})(?:/|%2F)", re.ASCII)
_FORM = "application/x-www-form-urlencoded"


class Endpoint(Served):
    """A mock of STS that other processes reach by HTTP, from entry to exit of this context manager.

    AWS's sign-in pages are there too: .url with the path /saml, /saml/acs/ID or /federation.

    Attributes:
        region: the region whose endpoint it is for requests that are not signed.

    """

    NAME = "endpoint"
    OPENED_BY = "sts.serve()"

    def __init__(
        self,
        handle: Handle,
        region: str,
        longest_body: int,
        *,
        pages: Pages | None = None,
        host: str = LOOPBACK,
        port: int = 0,
    ) -> None:
        super().__init__(self._answer, longest_body, host=host, port=port)
        self.region = region
        self._handle = handle
        self._pages = pages

    @property
    def environ(self) -> dict[str, str]:
        """A new copy of this process's environment with which the SDKs of AWS ask this endpoint.

        It has no AWS setting of this process, and none of this machine's credentials.
        """
        others = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        exceptions = [value for name in ("NO_PROXY", "no_proxy") if (value := others.pop(name, ""))]
        no_proxy = ",".join([*dict.fromkeys(exceptions), self._address[0]])
        return others | {
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL_STS": self.url,
            "AWS_REGION": self.region,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "NO_PROXY": no_proxy,
            "no_proxy": no_proxy,
        }

    def _answer(self, request: ReceivedRequest) -> Answer:
        """Answer a request.

        :raises OSError: if a connection error was ordered. What is connected cannot be refused any more, so a
            connection that should be refused is reset.
        """
        path, headers = request.path, request.headers
        if request.method not in ("GET", "HEAD", "POST"):
            return Answer(NOT_IMPLEMENTED, {"Content-Length": "0"})
        if self._pages is not None and is_of_the_pages(path):
            return Answer(*self._pages(request.method, path, headers, request.body))
        if request.method != "POST":
            method, form = "GET", path.partition("?")[2].encode("latin-1")
        elif headers.get("content-type", _FORM).partition(";")[0].strip().lower() == _FORM:
            method, form = "POST", request.body
        else:  # whatever it contains, it has no Action
            method, form, path = "POST", b"", "/"
        scope = _SCOPE.search(f"{headers.get('authorization', '')} {path}")
        region = scope["region"] if scope else self.region
        return Answer(*self._handle(form, region=region, secure=False, method=method, path=path, headers=headers))
