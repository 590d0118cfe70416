"""Whether an assertion may assume a role: which actions that needs, and what each of them sees.

Source: IAM user guide, reference_policies_iam-condition-keys ("available keys for SAML-based federation", "for AWS
STS"), id_roles_providers_create_saml_assertions ("mapping SAML attributes") and id_session-tags; service authorization
reference, AWS STS.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from typing import TypeAlias, TypeVar
from weakref import WeakKeyDictionary

from ...iam.entities import (
    ASSUME_ROLE,
    ASSUME_ROLE_WITH_SAML,
    SET_SOURCE_IDENTITY,
    TAG_SESSION,
)
from ...iam.policies.conditions import Context
from ...iam.policies.evaluation import Verdict, decide
from .role_chaining import Chaining
from .saml_login import Login

#: Who asks for a role: a response of an identity provider, or a session.
Asking: TypeAlias = Login | Chaining
Asker = TypeVar("Asker", Login, Chaining)

_X500_UID = ("0.9.2342.19200300100.1.1", "0.9.2342.19200300.100.1.1")
_X500_MAIL = ("0.9.2342.19200300100.1.3", "0.9.2342.19200300.100.1.3")
_X500_GIVEN_NAME = ("2.4.5.42", "2.5.4.42")
_EDU_PERSON = "urn:oid:1.3.6.1.4.1.5923.1.1.1."
_EDU_ORG = "urn:oid:1.3.6.1.4.1.5923.1.2.1."
_CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
_PRIMARY_GROUP_SID = "http://schemas.microsoft.com/ws/2008/06/identity/claims/primarygroupsid"

#: Condition keys, in lower case, that come from attributes of these names. Three OIDs are misprinted in AWS's table:
#: there both forms count. That the claim of a primary group fills two keys is ours, as AWS's tables differ.
CLAIMS: dict[str, tuple[str, ...]] = {
    "saml:edupersonaffiliation": (_EDU_PERSON + "1",),
    "saml:edupersonnickname": (_EDU_PERSON + "2",),
    "saml:edupersonorgdn": (_EDU_PERSON + "3",),
    "saml:edupersonorgunitdn": (_EDU_PERSON + "4",),
    "saml:edupersonprimaryaffiliation": (_EDU_PERSON + "5",),
    "saml:edupersonprincipalname": (_EDU_PERSON + "6",),
    "saml:edupersonentitlement": (_EDU_PERSON + "7",),
    "saml:edupersonprimaryorgunitdn": (_EDU_PERSON + "8",),
    "saml:edupersonscopedaffiliation": (_EDU_PERSON + "9",),
    "saml:edupersontargetedid": (_EDU_PERSON + "10",),
    "saml:edupersonassurance": (_EDU_PERSON + "11",),
    "saml:eduorghomepageuri": (_EDU_ORG + "2",),
    "saml:eduorgidentityauthnpolicyuri": (_EDU_ORG + "3",),
    "saml:eduorglegalname": (_EDU_ORG + "4",),
    "saml:eduorgsuperioruri": (_EDU_ORG + "5",),
    "saml:eduorgwhitepagesuri": (_EDU_ORG + "6",),
    "saml:cn": ("urn:oid:2.5.4.3",),
    "saml:commonname": ("http://schemas.xmlsoap.org/claims/CommonName", "2.5.4.3"),
    "saml:name": (_CLAIMS + "name",),
    "saml:givenname": (_CLAIMS + "givenname", *_X500_GIVEN_NAME),
    "saml:surname": (_CLAIMS + "surname", "2.5.4.4"),
    "saml:mail": (_CLAIMS + "emailaddress", *_X500_MAIL),
    "saml:uid": (*_X500_UID, _PRIMARY_GROUP_SID),
    "saml:primarygroupsid": (_PRIMARY_GROUP_SID,),
    "saml:x500uniqueidentifier": ("2.5.4.45",),
    "saml:organizationstatus": ("0.9.2342.19200300.100.1.45",),
}

_KEYS_OF = {name: [key for key in CLAIMS if name in CLAIMS[key]] for names in CLAIMS.values() for name in names}

# Those of them that have one value; AWS's tables disagree about some, which then are lists.
_SINGLE = frozenset(
    {
        "saml:edupersonorgdn",
        "saml:edupersonprimaryaffiliation",
        "saml:edupersonprincipalname",
        "saml:edupersonprimaryorgunitdn",
    }
)


def _who(login: Login) -> Context:
    return {
        "saml:iss": (login.assertion.issuer,),
        "saml:sub": (login.assertion.name_id or "",),
        "saml:sub_type": (login.subject_type,),
        "saml:namequalifier": (login.name_qualifier,),
        "saml:doc": (f"{login.provider.account_id}/{login.provider.name}",),
        "sts:rolesessionname": (login.role_session_name,),
    }


def _claims(login: Login) -> Context:
    """Of several attributes that map to one key, the first of the assertion counts (that it is the first is ours)."""
    context: dict[str, tuple[str, ...]] = {}
    for name, values in login.assertion.attributes.items():
        for key in _KEYS_OF.get(name, ()) if values else ():
            context.setdefault(key, values[:1] if key in _SINGLE else values)
    return context


def _recipient(login: Login) -> Context:
    return {"saml:aud": (login.recipient,)}


def _tags(login: Login) -> Context:
    return {
        **{f"aws:requesttag/{key.lower()}": (value,) for key, value in login.tags.items()},
        "aws:tagkeys": tuple(login.tags),
        "sts:transitivetagkeys": login.transitive_tag_keys,
    }


def _source_identity(asking: Asking) -> Context:
    return {} if asking.source_identity is None else {"sts:sourceidentity": (asking.source_identity,)}


def _role_tags(asking: Asking) -> Context:
    tags = asking.granted_role.tags.items()
    return {f"{service}:resourcetag/{key.lower()}": (value,) for key, value in tags for service in ("aws", "iam")}


def _request(asking: Asking) -> Context:
    """Keys of every request. There is no aws:SourceIp: nobody calls from anywhere here."""
    now, request = asking.now.astimezone(dt.UTC), asking.request
    return {
        "aws:currenttime": (_iso(now),),
        "aws:epochtime": (str(int(now.timestamp())),),
        "aws:requestedregion": (request.region,),
        "aws:securetransport": (str(request.secure).lower(),),
        "aws:useragent": (request.user_agent,) if request.user_agent else (),
    }


def _iso(time: dt.datetime) -> str:
    return f"{time.replace(microsecond=0, tzinfo=None).isoformat()}Z"


def _caller(chaining: Chaining) -> Context:
    """Keys of every request of a session (reference_policies_condition-keys, properties of the principal)."""
    session, role = chaining.source_session, chaining.caller_role
    return {
        "aws:principalarn": (role.arn,),
        "aws:principalaccount": (role.account_id,),
        "aws:principaltype": ("AssumedRole",),
        "aws:userid": (session.assumed_role_id,),
        "aws:tokenissuetime": (_iso(session.issued),),
        "aws:multifactorauthpresent": ("false",),
        **({} if session.source_identity is None else {"aws:sourceidentity": (session.source_identity,)}),
        **{key: (value,) for key, value in session.federated.items()},
        **{f"aws:principaltag/{key.lower()}": (value,) for key, value in chaining.principal_tags.items()},
    }


def _asked_for(chaining: Chaining) -> Context:
    external_id = chaining.request.external_id
    return {
        "sts:rolesessionname": (chaining.role_session_name,),
        "sts:externalid": () if external_id is None else (external_id,),
    }


def _requested_tags(chaining: Chaining) -> Context:
    """Inherited tags are the caller's and not the request's (that the request does not count them is inferred)."""
    tags = chaining.request.tags
    return {
        **{f"aws:requesttag/{key.lower()}": (value,) for key, value in tags},
        "aws:tagkeys": tuple(key for key, _ in tags),
        "sts:transitivetagkeys": chaining.request.transitive_tag_keys,
    }


_LOGIN = frozenset({ASSUME_ROLE_WITH_SAML, ASSUME_ROLE})
_LOGIN_AND_TAGS = _LOGIN | {TAG_SESSION}
_LOGIN_AND_SOURCE_IDENTITY = _LOGIN | {SET_SOURCE_IDENTITY}
_ALL = _LOGIN_AND_TAGS | _LOGIN_AND_SOURCE_IDENTITY

#: Which condition keys a login has, and for which actions. That an action does not see another's keys was measured on
#: AssumeRole; that sts:SetSourceIdentity sees saml:aud is ours.
KEYS: tuple[tuple[Callable[[Login], Context], frozenset[str]], ...] = (
    (_who, _LOGIN),
    (_claims, _LOGIN),
    (_tags, _LOGIN_AND_TAGS),
    (_source_identity, _LOGIN_AND_SOURCE_IDENTITY),
    (_recipient, _ALL),
    (_role_tags, _ALL),
    (_request, _ALL),
)

#: The same for a session that assumes another role.
CHAINING_KEYS: tuple[tuple[Callable[[Chaining], Context], frozenset[str]], ...] = (
    (_asked_for, _LOGIN),
    (_requested_tags, _LOGIN_AND_TAGS),
    (_source_identity, _LOGIN_AND_SOURCE_IDENTITY),
    (_caller, _ALL),
    (_role_tags, _ALL),
    (_request, _ALL),
)


def denied_action(asking: Asking) -> str | None:
    """The first action that is needed and that the role's trust policy does not allow; None where it lets in.

    Source: IAM user guide, id_roles_providers_saml and troubleshoot_saml.
    """
    return next((verdict.action for verdict in verdicts(asking) if not verdict.allowed), None)


# The rule asks, and what is remembered of the call tells it again.
_verdicts: WeakKeyDictionary[Asking, tuple[Verdict, ...]] = WeakKeyDictionary()


def verdicts(asking: Asking) -> tuple[Verdict, ...]:
    """For each action that is needed, what the role's trust policy says to it."""
    known = _verdicts.get(asking)
    if known is None:
        policy, principal = asking.granted_role.policy, asking.principal
        known = _verdicts[asking] = tuple(
            decide(policy, action, principal, _context(asking, action)) for action in needed_actions(asking)
        )
    return known


def needed_actions(asking: Asking) -> list[str]:
    """Tags and a source identity have to be allowed beside the login itself (id_session-tags, troubleshoot_saml).

    So have those that a session inherits from the one before (tags: observed; source identity:
    id_credentials_temp_control-access_monitor).
    """
    return [
        ASSUME_ROLE_WITH_SAML if isinstance(asking, Login) else ASSUME_ROLE,
        *([TAG_SESSION] if asking.tags else []),
        *([SET_SOURCE_IDENTITY] if asking.source_identity is not None else []),
    ]


def _context(asking: Asking, action: str) -> Context:
    if isinstance(asking, Login):
        return _seen(KEYS, asking, action)
    return _seen(CHAINING_KEYS, asking, action)


def _seen(keys: Iterable[tuple[Callable[[Asker], Context], frozenset[str]]], asking: Asker, action: str) -> Context:
    context: dict[str, tuple[str, ...]] = {}
    for give, actions in keys:
        if action in actions:
            context |= give(asking)
    return context
