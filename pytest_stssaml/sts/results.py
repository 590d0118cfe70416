"""Results as data: the members of each operation's result, in the order in which AWS was seen to send them."""

from ..wire import Members
from .requests.saml_login import SAMLLogin
from .sessions.session import Session


def login_result(session: Session, login: SAMLLogin) -> Members:
    """Return the result of AssumeRoleWithSAML. The place of the two members of September 2026 is not known."""
    return {
        "Audience": login.recipient,
        **_user_and_credentials(session),
        "Subject": login.assertion.name_id or "",
        "NameQualifier": login.name_qualifier,
        "SourceIdentity": session.source_identity,
        **_sizes(session),
        "SubjectType": login.subject_type,
        "Issuer": login.assertion.issuer,
    }


def chaining_result(session: Session) -> Members:
    """Return the result of AssumeRole."""
    return {**_user_and_credentials(session), "SourceIdentity": session.source_identity, **_sizes(session)}


def identity_result(session: Session) -> Members:
    """Return the result of GetCallerIdentity."""
    return {"Arn": session.arn, "UserId": session.assumed_role_id, "Account": session.account_id}


def _user_and_credentials(session: Session) -> Members:
    return {
        "AssumedRoleUser": {"AssumedRoleId": session.assumed_role_id, "Arn": session.arn},
        "Credentials": {
            "AccessKeyId": session.access_key_id,
            "SecretAccessKey": session.secret_access_key,
            "SessionToken": session.session_token,
            "Expiration": session.expiration,
        },
    }


def _sizes(session: Session) -> Members:
    return {
        "PackedPolicySize": session.session_token_utilization,
        "SessionTokenSize": session.session_token_size,
        "SessionTokenUtilization": session.session_token_utilization,
    }
