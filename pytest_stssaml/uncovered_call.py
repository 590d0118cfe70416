"""Why no mock has answered a call of STS, for a test that ends with an error of the network.

Nothing of botocore is imported here: its errors are recognised by their names, so that those of a copy of botocore,
which some programs bring with them, are recognised too.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from .current_test import Notes, PassedCall
from .iam.partitions import STS_ENDPOINT, STS_HOST

_LOGIN = "AssumeRoleWithSAML"


class _Failure(NamedTuple):
    """A call that has not reached STS."""

    #: The operation, or "" if it is not known.
    operation: str
    #: The URL or the host of the endpoint.
    endpoint: str
    #: The error of botocore or of another client, or None if only its text is there.
    error: BaseException | None = None


def uncovered_call(error: BaseException | None, printed: Iterable[str], notes: Notes) -> str:
    """Return which call of STS no mock has answered, why, and what to write; "" if the test ended otherwise.

    :param error: what the test ended with.
    :param printed: what the test has printed.
    """
    errors = list(_chain(error))
    if any(_text_of(each).startswith("add_connection_error(") for each in errors):  # the test ordered it
        return ""
    failure = next(filter(None, map(_failure_of, errors)), None) or _failure_in(_texts(errors, printed))
    if failure is None:
        return ""
    passed = _passed_call(failure, notes)
    operation = failure.operation or (passed.operation if passed else "a call")
    # A test without any mock may mean to call AWS. Nobody means to send it a response of a test.
    if not notes.mocks_begun and not _is_active() and operation != _LOGIN:
        return ""
    why, remedy = _reason(failure, errors, passed, notes)
    return f"answered by no mock: {operation} at {failure.endpoint}, since {why}; {remedy}"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error, what caused it, and the members of groups."""
    waiting, seen = [error], set()
    while waiting:
        each = waiting.pop(0)
        if each is not None and id(each) not in seen:
            seen.add(id(each))
            yield each
            waiting += [each.__cause__, each.__context__, *getattr(each, "exceptions", ())]


def _failure_of(error: BaseException) -> _Failure | None:
    """Return the call that has failed with an error of the network, if it was one of STS."""
    names = {cls.__name__ for cls in type(error).__mro__ if _is_of_botocore(cls)}
    if names.isdisjoint({"ConnectionError", "HTTPClientError"}):
        # Those of requests and aiohttp are an OSError, for example.
        other = _failure_in([_text_of(error)]) if isinstance(error, OSError) else None
        return other and other._replace(error=error)
    operation, url = _client_call(error)
    url = getattr(error, "kwargs", {}).get("endpoint_url") or url
    return _Failure(operation, url, error) if STS_ENDPOINT.match(url) else None


def _is_of_botocore(cls: type) -> bool:
    return re.search(r"(?:^|\.)botocore\.exceptions$", cls.__module__) is not None


def _client_call(error: BaseException) -> tuple[str, str]:
    """Return the operation and the endpoint of the client that has raised an error, or empty strings."""
    traceback = error.__traceback__
    while traceback is not None:
        names: Any = traceback.tb_frame.f_locals
        if traceback.tb_frame.f_code.co_name == "_make_api_call" and {"self", "operation_name"}.issubset(names):
            return str(names["operation_name"]), str(names["self"].meta.endpoint_url)
        traceback = traceback.tb_next
    return "", ""


def _texts(errors: Iterable[BaseException], printed: Iterable[str]) -> Iterator[str]:
    """Yield what errors and the test say, also that of subprocesses."""
    for error in errors:
        yield _text_of(error)
        for name in ("stderr", "output"):  # of subprocess.CalledProcessError and TimeoutExpired
            output = getattr(error, name, "")
            yield output.decode(errors="replace") if isinstance(output, bytes) else str(output)
    yield from printed


def _text_of(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - the class is that of somebody else, and pytest has to report the test
        return ""


# What the SDKs of AWS and the standard libraries beneath them say of an endpoint that they do not reach.
_UNREACHABLE = re.compile(
    r"(?:connect|resolve|lookup|timed? ?out|ENOTFOUND|EAI_AGAIN|UnknownHost)[^\n]{0,200}?"
    rf"(?P<url>(?:https?://)?\b{STS_HOST}/?)",
    re.ASCII | re.IGNORECASE,
)


def _failure_in(texts: Iterable[str]) -> _Failure | None:
    """Return the call of STS that has failed according to a text."""
    found = next(filter(None, map(_UNREACHABLE.search, texts)), None)
    return found and _Failure("", found["url"])


def _is_active() -> bool:
    from . import active_mock

    return active_mock.current is not None


_OTHER_PROCESS = (
    "it was made by another process, which has no mock",
    "start the process with env=sts_endpoint.environ of the fixture sts_endpoint",
)
_BY_URL = "give that client endpoint_url=sts_endpoint.url of the fixture sts_endpoint"


def _reason(failure: _Failure, errors: list[BaseException], passed: PassedCall | None, notes: Notes) -> tuple[str, str]:
    """Return why no mock has answered a call, and what to write."""
    is_remote = any(type(error).__name__.endswith("RemoteTraceback") for error in errors)  # of a pool of processes
    if is_remote or (passed is None and failure.error is None):
        return _OTHER_PROCESS
    if failure.error is not None and (other := _other_client(failure.error)):
        return other
    if passed is None and (notes.mocks_begun or _is_active()):
        return "its client has none of the handlers that a mock registers", _BY_URL
    if passed is not None and passed.in_mock:
        return (
            f"the mock answers {passed.operation} only for credentials that it issued, and passes others on",
            "log in first, and give the client sts_saml.sessions[-1].boto3_kwargs(); or use moto's mock_aws",
        )
    if notes.mocks_ended:
        return (
            "mock_sts_saml had ended before",
            "call STS within the `with` block, the decorated function, or the test that uses the fixture",
        )
    return "no mock was active", "use the fixture sts_saml, or decorate the test with @mock_sts_saml"


def _passed_call(failure: _Failure, notes: Notes) -> PassedCall | None:
    """Return what a client of this process told of the call before it was sent, or None."""
    passed = notes.passed
    return passed if passed is not None and _host(passed.url) == _host(failure.endpoint) else None


def _other_client(error: BaseException) -> tuple[str, str] | None:
    """Return the reason and the remedy if an error is not of the botocore whose clients a mock answers."""
    if not any(map(_is_of_botocore, type(error).__mro__)):
        return (
            "its client is not one of botocore",
            "let it ask sts_endpoint.url of the fixture sts_endpoint, or answer it by sts_saml.handle(...)",
        )
    module = type(error).__module__.removesuffix(".exceptions")
    if module != "botocore":
        return f"its client is one of {module}, and a mock answers only those of botocore", _BY_URL
    adapter = sys.modules.get(f"{__package__}.adapters.botocore_events")
    if adapter is None or adapter.BotoCoreError in type(error).__mro__:
        return None
    return (
        "its client is one of a second botocore, which was imported after the first was removed from sys.modules",
        f"leave botocore there, or {_BY_URL}",
    )


def _host(url: str) -> str:
    return url.rpartition("//")[2].strip("/").lower()
