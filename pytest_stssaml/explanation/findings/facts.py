"""What a response says about itself."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from ...saml.document import instant_text
from ...saml.vocabulary import ROLE, ROLE_SESSION_NAME
from ...sts.limits import REDEEMED_WITHIN
from ...sts.requests.saml_login import SAMLLogin
from ..given.response import pairs_of
from ..result import span


def facts_of(login: SAMLLogin, seen_at: dt.datetime) -> dict[str, Any]:
    """Return who issued the response, for whom, when and for which roles.

    :param seen_at: the time from which its age is counted.
    """
    assertion, attributes = login.assertion, login.assertion.attributes
    requested = {login.parameters.role_arn, login.parameters.principal_arn}
    return {
        "issuer": assertion.issuer,
        "subject": assertion.name_id,
        "subject_type": login.subject_type,
        "judged_at": instant_text(login.now),
        "times": {name: {"at": instant_text(time), "relative": text} for name, time, text in _times(login, seen_at)},
        "recipient": login.recipient if assertion.subject_confirmations else None,
        "audiences": [audience for restriction in assertion.audience_restrictions for audience in restriction],
        "roles": [
            {**pair._asdict(), "requested": {pair.role, pair.provider} == requested}
            for pair in pairs_of(attributes.get(ROLE, ()))
        ],
        "session_name": next(iter(attributes.get(ROLE_SESSION_NAME, ())), None),
        "tags": {key: ", ".join(values) for key, values in login.tag_values.items()},
        "transitive_tag_keys": list(login.transitive_tag_keys),
        "source_identity": login.source_identity,
    }


def _times(login: SAMLLogin, seen_at: dt.datetime) -> Iterator[tuple[str, dt.datetime, str]]:
    """Yield the name of each time, the time, and how far it is from the one at which the response was issued."""
    assertion, issued = login.assertion, login.assertion.issue_instant
    yield "issued", issued, "just now" if issued == seen_at else _from(issued, seen_at, "ago", "ahead")
    confirmations = assertion.subject_confirmations[:1]
    for name, time in (
        ("conditions_not_before", assertion.not_before),
        ("conditions_not_on_or_after", assertion.not_on_or_after),
        *(("confirmation_not_before", each.not_before) for each in confirmations),
        *(("confirmation_not_on_or_after", each.not_on_or_after) for each in confirmations),
        ("session_not_on_or_after", assertion.session_not_on_or_after),
    ):
        if time is not None:
            yield name, time, _from(time, issued, "before it was issued", "after it was issued")


def _from(time: dt.datetime, other: dt.datetime, before: str, after: str) -> str:
    if time == other:
        return "as it was issued"
    return f"{span(time - other)} {before if time < other else after}"


def notes_of(login: SAMLLogin, present: dt.datetime | None) -> Iterator[str]:
    """Yield what is worth knowing and is not a reason to refuse.

    :param present: the present time if the response is judged at another one, else None.
    """
    issued = login.assertion.issue_instant
    if present is not None and present < issued:
        yield (
            f"it was issued {span(issued - present)} ahead of the clock of this computer; if that clock is right, the "
            "one of the identity provider is wrong, and AWS refuses the response"
        )
    elif present is not None and present - issued > REDEEMED_WITHIN:
        yield (
            f"it was judged a second after it was issued, and is {span(present - issued)} old now; AWS takes a "
            f"response for {span(REDEEMED_WITHIN)} only"
        )
    for _, text, values in login.ignored:
        yield text.format(*values)
    if any(", " in pair for pair in login.assertion.attributes.get(ROLE, ())):
        yield (
            "the pairs of Role have a space after the comma, which AWS takes; a tool that splits them there must strip "
            "both ARNs, since AWS refuses an ARN with a space before it: Principal ARN is invalid"
        )
