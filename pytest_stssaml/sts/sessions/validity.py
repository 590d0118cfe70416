"""Why a session is no longer valid."""

import datetime as dt

from ...iam.entities import Role
from ...saml.document import instant_text


def reason_for_end(expiration: dt.datetime, now: dt.datetime) -> str | None:
    """Return why a session is no longer valid at a time, or None."""
    if now < expiration:
        return None
    return f"the session ended at {instant_text(expiration)}, and the time is {instant_text(now)}"


def reason_without_role(arn: str, role_id: str, role: Role | None) -> str | None:
    """Return why a session is no longer valid because of its role, or None.

    :param arn: the ARN of the role that was assumed.
    :param role_id: its ID.
    :param role: the role that has this ARN now.
    """
    if role is None:
        return f"the role {arn} does not exist any more"
    if role.role_id != role_id:
        return f"the role {arn} was deleted and created again since the session began"
    return None
