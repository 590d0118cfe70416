"""The condition keys of every call of a session.

Source: IAM user guide, reference_policies_condition-keys.
"""

import datetime as dt
from typing import TYPE_CHECKING

from ...iam.entities import Role
from ...iam.policies.variables import Context
from ...saml.document import instant_text

if TYPE_CHECKING:
    from .session import Session

#: How the keys of the principal's tags begin.
PRINCIPAL_TAG = "aws:principaltag/"

#: The keys of a call that a program makes itself, by TLS, which a question about a call may replace.
DIRECT_CALL_KEYS: Context = {
    "aws:principalisawsservice": ("false",),
    "aws:securetransport": ("true",),
    "aws:viaawsservice": ("false",),
}


def principal_keys(session: "Session", role: Role) -> Context:
    """Return the keys that describe a session.

    :param role: the role of the session as it is now.
    """
    return {
        "aws:principalarn": (role.arn,),
        "aws:principalaccount": (role.account_id,),
        "aws:principaltype": ("AssumedRole",),
        "aws:userid": (session.assumed_role_id,),
        "aws:tokenissuetime": (instant_text(session.issued),),
        "aws:multifactorauthpresent": ("false",),
        **({} if session.source_identity is None else {"aws:sourceidentity": (session.source_identity,)}),
        **{key: (value,) for key, value in session._federated_keys.items()},
        **{PRINCIPAL_TAG + key.lower(): (value,) for key, value in principal_tags(session, role).items()},
    }


def principal_tags(session: "Session", role: Role) -> dict[str, str]:
    """Return the tags of a session: a session tag replaces a tag of the role, whatever the case of the key's letters.

    Source: IAM user guide, id_session-tags.
    """
    replaced = {key.lower() for key in session.tags}
    return {key: value for key, value in role.tags.items() if key.lower() not in replaced} | dict(session.tags)


def time_keys(now: dt.datetime) -> Context:
    """Return the keys of the time."""
    return {"aws:currenttime": (instant_text(now),), "aws:epochtime": (str(int(now.timestamp())),)}
