"""The rules about what a signature says of itself, before its credentials are looked at.

Their order, and their place before the rules about credentials, were observed with DynamoDB, whose texts are those of
STS.
"""

import datetime as dt
import re
from collections.abc import Iterator

from ...iam.partitions import GLOBAL_REGIONS
from ...saml.document import instant_text
from .. import errors
from ..limits import LARGEST_CLOCK_SKEW
from ..requests.credentials import PresentedCredentials
from ..rule import AnyRule, Confidence, Rejected, rule

_BASIC_FORMAT = re.compile(r"\d{8}T\d{6}Z", re.ASCII)


def _signed_at(credentials: PresentedCredentials) -> dt.datetime:
    """Return when the request was signed: aware, in UTC.

    :raises ValueError: if the date is not in the basic format of ISO 8601.
    """
    date = credentials.signature.date
    if _BASIC_FORMAT.fullmatch(date) is None:
        raise ValueError(f"{date!r} is not in the basic format of ISO 8601")
    return dt.datetime.fromisoformat(date)


@rule(
    "The date of the signature, in X-Amz-Date or Date, is in the basic format of ISO 8601",
    source="observed with SQS and DynamoDB",
    confidence=Confidence.OBSERVED,
)
def signature_has_a_date(credentials: PresentedCredentials) -> None:
    try:
        _signed_at(credentials)
    except ValueError as error:
        date = credentials.signature.date
        because = f"expected a date such as 20300101T120000Z, got {date!r}"
        raise Rejected(errors.DATE_OF_SIGNATURE, because, date=date) from error


# botocore signs with the time of this process, which does not move with the mock's. So a signature is compared with
# every time that the clock of an honest client may show, and what is refused is so by all of them.


def _time_off(credentials: PresentedCredentials) -> dt.datetime | None:
    """Return the time of this process if the signature is too far from it, and from the time of any other client."""
    signed_at = _signed_at(credentials)
    for time in credentials.times_of_clients:
        if abs(signed_at - time.replace(microsecond=0)) <= LARGEST_CLOCK_SKEW:
            return None
    return credentials.times_of_clients[0].replace(microsecond=0)


def _basic_format(time: dt.datetime) -> str:
    return time.replace(tzinfo=None).isoformat(timespec="seconds").replace("-", "").replace(":", "") + "Z"


def _because(credentials: PresentedCredentials) -> str:
    of_process, of_mock = instant_text(credentials.times_of_clients[0]), instant_text(credentials.now)
    and_of_mock = "" if of_mock == of_process else f", and that of the mock {of_mock}"
    return f"signed at {instant_text(_signed_at(credentials))}; the time of this process is {of_process}{and_of_mock}"


@rule(
    "The request was signed at most 15 minutes ago, whatever X-Amz-Expires of a presigned URL says",
    source="observed; `aws eks get-token` relies on what is said of X-Amz-Expires",
    confidence=Confidence.OBSERVED,
)
def signature_has_not_expired(credentials: PresentedCredentials) -> None:
    now = _time_off(credentials)
    if now is not None and _signed_at(credentials) < now:
        raise Rejected(
            errors.SIGNATURE_EXPIRED,
            _because(credentials),
            date=credentials.signature.date,
            bound=_basic_format(now - LARGEST_CLOCK_SKEW),
            now=_basic_format(now),
        )


@rule("The request was signed at most 15 minutes ahead of the time", source="observed", confidence=Confidence.OBSERVED)
def signature_is_current(credentials: PresentedCredentials) -> None:
    now = _time_off(credentials)
    if now is not None:
        raise Rejected(
            errors.SIGNATURE_NOT_YET_CURRENT,
            _because(credentials),
            date=credentials.signature.date,
            bound=_basic_format(now + LARGEST_CLOCK_SKEW),
            now=_basic_format(now),
        )


@rule(
    "The scope of the credential names the date of the signature, the region of the endpoint, sts and aws4_request",
    source="observed; the texts about the last two with DynamoDB",
    confidence=Confidence.OBSERVED,
)
def credential_is_scoped_to_the_endpoint(credentials: PresentedCredentials) -> None:
    faults = "".join(_faults_of_scope(credentials))
    if faults:
        scope, date = credentials.signature.scope, credentials.signature.date[:8]
        because = f"expected the scope {date}/{credentials.region}/sts/aws4_request, got {scope}"
        if scope.region != credentials.region:
            because += "; a caller of handle() says with region= which endpoint is asked"
        raise Rejected(errors.CREDENTIAL_SCOPE, because, faults=faults)


def _faults_of_scope(credentials: PresentedCredentials) -> Iterator[str]:
    """Yield AWS's text for each fault of the scope. STS has left out the region's name since about 2023."""
    scope, date = credentials.signature.scope, credentials.signature.date
    # A client whose region is the global endpoint, and that has another URL, signs that name.
    if GLOBAL_REGIONS.get(scope.region, scope.region) != credentials.region:
        yield f"Credential should be scoped to a valid region, not '{scope.region}'. "
    if scope.service != "sts":
        yield "Credential should be scoped to correct service: 'sts'. "
    if scope.terminator != "aws4_request":
        yield f"Credential should be scoped with a valid terminator: 'aws4_request', not '{scope.terminator}'. "
    if scope.date != date[:8]:
        yield (
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            f"'{scope.date}' != '{date[:8]}', from '{date}'. "
        )


SIGNATURE_RULES: tuple[AnyRule, ...] = (
    signature_has_a_date,
    signature_has_not_expired,
    signature_is_current,
    credential_is_scoped_to_the_endpoint,
)
