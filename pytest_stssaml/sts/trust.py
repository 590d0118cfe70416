"""Whether an assertion may assume a role: which actions that needs, and what each of them sees.

Source: IAM user guide, reference_policies_iam-condition-keys ("available keys for SAML-based federation", "for AWS
STS"), id_roles_providers_create_saml_assertions ("mapping SAML attributes") and id_session-tags; service authorization
reference, AWS STS.
"""

import datetime as dt
from collections.abc import Callable
from weakref import WeakKeyDictionary

from .iam import ASSUME_ROLE_WITH_SAML, SET_SOURCE_IDENTITY, TAG_SESSION
from .login import Login, role_of
from .policy import Context, Verdict, decide

__all__ = ["CLAIMS", "KEYS", "denied_action", "verdicts"]

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


def _source_identity(login: Login) -> Context:
    return {} if login.source_identity is None else {"sts:sourceidentity": (login.source_identity,)}


def _role_tags(login: Login) -> Context:
    tags = role_of(login).tags.items()
    return {f"{service}:resourcetag/{key.lower()}": (value,) for key, value in tags for service in ("aws", "iam")}


def _request(login: Login) -> Context:
    """Keys of every request. There is no aws:SourceIp: nobody calls from anywhere here."""
    now = login.now.astimezone(dt.UTC).replace(microsecond=0, tzinfo=None)
    return {
        "aws:currenttime": (f"{now.isoformat()}Z",),
        "aws:epochtime": (str(int(login.now.timestamp())),),
        "aws:requestedregion": (login.request.region,),
        "aws:securetransport": (str(login.request.secure).lower(),),
        "aws:useragent": (login.request.user_agent,) if login.request.user_agent else (),
    }


_LOGIN = frozenset({ASSUME_ROLE_WITH_SAML})
_LOGIN_AND_TAGS = _LOGIN | {TAG_SESSION}
_LOGIN_AND_SOURCE_IDENTITY = _LOGIN | {SET_SOURCE_IDENTITY}
_ALL = _LOGIN_AND_TAGS | _LOGIN_AND_SOURCE_IDENTITY

#: Which condition keys there are, and for which actions. That an action does not see another's keys was measured on
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


def denied_action(login: Login) -> str | None:
    """The first action that the assertion needs and the role's trust policy does not allow; None where it lets it in.

    Source: IAM user guide, id_roles_providers_saml and troubleshoot_saml.
    """
    return next((verdict.action for verdict in verdicts(login) if not verdict.allowed), None)


# The rule asks, and what is remembered of the call tells it again.
_verdicts: WeakKeyDictionary[Login, tuple[Verdict, ...]] = WeakKeyDictionary()


def verdicts(login: Login) -> tuple[Verdict, ...]:
    """For each action that the assertion needs, what the role's trust policy says to it."""
    known = _verdicts.get(login)
    if known is None:
        policy, provider_arn = role_of(login).policy, login.provider.arn
        known = _verdicts[login] = tuple(
            decide(policy, action, provider_arn, _context(login, action)) for action in _needed_actions(login)
        )
    return known


def _needed_actions(login: Login) -> list[str]:
    """Tags and a source identity have to be allowed beside the login itself (id_session-tags, troubleshoot_saml)."""
    return [
        ASSUME_ROLE_WITH_SAML,
        *([TAG_SESSION] if login.tags else []),
        *([SET_SOURCE_IDENTITY] if login.source_identity is not None else []),
    ]


def _context(login: Login, action: str) -> Context:
    context: dict[str, tuple[str, ...]] = {}
    for keys, actions in KEYS:
        if action in actions:
            context |= keys(login)
    return context
