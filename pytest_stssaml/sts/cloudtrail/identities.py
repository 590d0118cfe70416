"""`userIdentity`: who called, as CloudTrail writes it.

Source: CloudTrail user guide, cloudtrail-event-reference-user-identity. Events of July 2026 that were seen have the
same members.
"""

from typing import Any

from ...saml.document import instant_text
from ..requests.saml_login import SAMLLogin
from ..sessions.session import Session


def saml_user(login: SAMLLogin) -> dict[str, Any]:
    """Return the identity of somebody who logs in."""
    qualifier, name_id = login.name_qualifier, login.assertion.name_id or ""
    return {
        "type": "SAMLUser",
        "principalId": f"{qualifier}:{name_id}",
        "userName": name_id,
        "identityProvider": qualifier,
    }


def assumed_role(session: Session) -> dict[str, Any]:
    """Return the identity of a session."""
    role = session.role
    return {
        "type": "AssumedRole",
        "principalId": session.assumed_role_id,
        "arn": session.arn,
        "accountId": session.account_id,
        "accessKeyId": session.access_key_id,
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": role.role_id,
                "arn": role.arn,
                "accountId": role.account_id,
                "userName": role.name,
            },
            "attributes": {"creationDate": instant_text(session.issued), "mfaAuthenticated": "false"},
            **({} if session.source_identity is None else {"sourceIdentity": session.source_identity}),
        },
    }


def other_account(session: Session) -> dict[str, Any]:
    """Return the identity of a session in the event for the account of another's role."""
    return {"type": "AWSAccount", "principalId": session.assumed_role_id, "accountId": session.account_id}
