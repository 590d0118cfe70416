"""An identity provider for tests: its key, its metadata, its responses."""

import base64
import datetime as dt
from types import EllipsisType
from typing import TYPE_CHECKING, Any

from .. import clock
from ..saml.vocabulary import (
    BINDING_HTTP_POST,
    DS,
    MD,
    NAMEID_PERSISTENT,
    NAMEID_UNSPECIFIED,
    SAMLP,
    STATUS_SUCCESS,
)
from .response import Said, SAMLResponse, Time, escaped, time_text, write_response
from .roles import listed, pair, service_provider, written
from .signature import SigningKey, certificate_text, make_signing_key, sign_enveloped, signing_key_or_error

if TYPE_CHECKING:
    from ..sts.iam import SAMLProvider
    from .roles import Roles

__all__ = ["IdentityProvider"]

#: What bears a signature, in the order in which it is made: the response's covers the assertion's.
_SIGNED = {"assertion": ["assertion"], "response": ["response"], "both": ["assertion", "response"], None: []}

#: What it comes to where there is no assertion.
_SIGNED_FAILURE = {"assertion": None, "response": "response", "both": "response", None: None}


class IdentityProvider:
    """Outside AWS: signs people in and says so in SAML.

    :param entity_id: its name, in its metadata and as Issuer of what it says.
    :param signing_key: a private key object, as `make_signing_key()` gives it; left out, a new RSA key.
    """

    def __init__(
        self, entity_id: str = "https://idp.example.com/saml", *, signing_key: SigningKey | None = None
    ) -> None:
        if not isinstance(entity_id, str):
            raise TypeError(f"entity_id is a text, not {entity_id!r}")
        self.entity_id = entity_id
        self._key = make_signing_key() if signing_key is None else signing_key_or_error(signing_key)
        self._registrations: list[SAMLProvider] = []
        self._registered_under: clock.Clock = clock.outside

    def __repr__(self) -> str:
        return f"<IdentityProvider {self.entity_id}>"

    @property
    def metadata(self) -> str:
        """The metadata document, for `create_saml_provider` or a file."""
        location = escaped(f"{self.entity_id}/sso")
        formats = "".join(f"<md:NameIDFormat>{f}</md:NameIDFormat>" for f in (NAMEID_PERSISTENT, NAMEID_UNSPECIFIED))
        return (
            f'<md:EntityDescriptor xmlns:md="{MD}" entityID="{escaped(self.entity_id)}">'
            f'<md:IDPSSODescriptor WantAuthnRequestsSigned="false" protocolSupportEnumeration="{SAMLP}">'
            f'<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="{DS}"><ds:X509Data>'
            f"<ds:X509Certificate>{certificate_text(self._key)}</ds:X509Certificate>"
            f"</ds:X509Data></ds:KeyInfo></md:KeyDescriptor>{formats}"
            f'<md:SingleSignOnService Binding="{BINDING_HTTP_POST}" Location="{location}"/>'
            f"</md:IDPSSODescriptor></md:EntityDescriptor>"
        )

    @property
    def provider(self) -> "SAMLProvider":
        """The first SAML provider under which this identity provider is registered.

        :raises LookupError: there is none in the active mock.
        """
        registered = self._registered()
        if not registered:
            raise LookupError(
                f"{self!r} is not registered with AWS; "
                'write provider = sts.create_saml_provider("ExampleIdP", identity_provider) first'
            )
        return registered[0]

    def registered(self, provider: "SAMLProvider") -> None:
        """Remember a registration. The backend calls this; `create_saml_provider` is what a test writes."""
        if self._registered_under is not clock.active:
            self._registrations = []
            self._registered_under = clock.active
        self._registrations.append(provider)

    def deregistered(self, provider: "SAMLProvider") -> None:
        """Forget a registration. The backend calls this; `delete_saml_provider` is what a test writes."""
        if provider in self._registrations:
            self._registrations.remove(provider)

    def _registered(self) -> list["SAMLProvider"]:
        # What an earlier mock knew means nothing in this one; after a mock has ended its providers can still be named.
        stale = clock.active is not clock.outside and clock.active is not self._registered_under
        return [] if stale else self._registrations

    def sign(self, xml: str, *, signed: str | None = "assertion") -> SAMLResponse:
        """Sign a response of your own.

        :param xml: a samlp:Response, of which only the signature is missing.
        :param signed: "assertion", "response", "both", or None for a response without a signature.
        :raises ValueError: not XML, or what should be signed is not there or has no ID.
        """
        return self._sign(xml, signed, self._key)

    def _sign(self, xml: str, signed: str | None, key: SigningKey) -> SAMLResponse:
        if signed not in _SIGNED:
            raise ValueError(f'signed is "assertion", "response", "both" or None, not {signed!r}')
        for host in _SIGNED[signed]:
            xml = sign_enveloped(xml, host, key)
        return SAMLResponse(base64.b64encode(xml.encode()).decode())

    def response(
        self,
        role: "Roles",
        *,
        provider: "SAMLProvider | str | None" = None,
        role_format: str = "{role},{provider}",
        session_name: str | None = "alice@example.com",
        name_id: str | None = "alice@example.com",
        name_id_format: str | None = NAMEID_PERSISTENT,
        session_duration: int | str | None = None,
        session_not_on_or_after: Time | None = None,
        issuer: str | EllipsisType | None = ...,
        response_issuer: str | EllipsisType | None = ...,
        audience: str | EllipsisType | None = ...,
        recipient: str | EllipsisType | None = ...,
        destination: str | EllipsisType | None = ...,
        in_response_to: str | None = None,
        issue_instant: Time | EllipsisType | None = ...,
        not_before: Time | None = dt.timedelta(0),
        not_on_or_after: Time | None = dt.timedelta(minutes=5),
        conditions_not_on_or_after: Time | EllipsisType | None = ...,
        subject_not_on_or_after: Time | EllipsisType | None = ...,
        status: str | None = STATUS_SUCCESS,
        signed: str | None = "assertion",
        signing_key: SigningKey | None = None,
    ) -> SAMLResponse:
        """A response that signs somebody in, signed.

        With a role alone it is one that AWS accepts. Every keyword replaces one thing that it says, also by something
        wrong: that is how a login gets refused. `None` leaves the element or attribute out.

        ============================ ==================== =========================== =================================
        keyword                      type                 left out                    where it lands
        ============================ ==================== =========================== =================================
        `role`                       Role, ARN, (role,                                values of the attribute Role
                                     provider), or some
        `provider`                   SAMLProvider, ARN    that of the role's account  the same, for roles alone
        `role_format`                text                 `{role},{provider}`         how such a value is written
        `session_name`               text                 alice@example.com           attribute RoleSessionName
        `session_duration`           seconds, text        None                        attribute SessionDuration
        `name_id`                    text                 alice@example.com           NameID
        `name_id_format`             text                 persistent                  NameID Format
        `issuer`                     text                 the entity id               Assertion Issuer
        `response_issuer`            text                 `issuer`                    Response Issuer
        `audience`                   text                 the partition's entity id   Audience
        `recipient`                  text                 the partition's sign-in URL SubjectConfirmationData Recipient
        `destination`                text                 `recipient`                 Response Destination
        `in_response_to`             text                 None                        InResponseTo, both places
        `issue_instant`              time                 now                         IssueInstant, AuthnInstant
        `not_before`                 time                 the issue instant           Conditions NotBefore
        `not_on_or_after`            time                 five minutes later          NotOnOrAfter, both places
        `conditions_not_on_or_after` time                 `not_on_or_after`           Conditions NotOnOrAfter
        `subject_not_on_or_after`    time                 `not_on_or_after`           SubjectConfirmationData's
        `session_not_on_or_after`    time                 None                        AuthnStatement's
        `status`                     text                 Success                     StatusCode; a failure has no
                                                                                      Assertion
        `signed`                     "assertion", "both"  "assertion"                 what bears a signature; None:
                                     "response"                                       nothing
        `signing_key`                private key          this identity provider's    who signed
        ============================ ==================== =========================== =================================

        A time is a datetime (naive is UTC), a timedelta from the issue instant (`issue_instant` itself: from now), or a
        text that is written as it is.

        :raises TypeError: a keyword has a value of another type.
        :raises ValueError: a role of an account where this identity provider has no provider, or several; a text that
            XML cannot hold.
        """
        now = _whole_milliseconds(clock.active.now())
        issued = _issued(issue_instant, now)
        not_on_or_after = time_text("not_on_or_after", not_on_or_after, issued)
        roles = [pair(each, provider, self._registered()) for each in listed(role)]
        aws = service_provider(roles, self._registered())
        said_issuer: str | None = _given(issuer, self.entity_id)
        said_recipient: str | None = _given(recipient, aws.sign_in_url)
        failed = status not in (None, STATUS_SUCCESS)
        said = Said(
            response_id=self._new_id("response"),
            assertion_id=self._new_id("assertion"),
            response_issuer=_given(response_issuer, said_issuer),
            destination=_given(destination, said_recipient),
            in_response_to=in_response_to,
            issue_instant=time_text("issue_instant", _given(issue_instant, issued), now),
            status=status,
            issuer=said_issuer,
            name_id=name_id,
            name_id_format=name_id_format,
            recipient=said_recipient,
            subject_not_on_or_after=time_text(
                "subject_not_on_or_after", _given(subject_not_on_or_after, not_on_or_after), issued
            ),
            not_before=time_text("not_before", not_before, issued),
            conditions_not_on_or_after=time_text(
                "conditions_not_on_or_after", _given(conditions_not_on_or_after, not_on_or_after), issued
            ),
            audience=_given(audience, aws.entity_id),
            session_not_on_or_after=time_text("session_not_on_or_after", session_not_on_or_after, issued),
            roles=tuple(written(pair, role_format) for pair in roles),
            session_name=session_name,
            session_duration=str(session_duration) if isinstance(session_duration, int) else session_duration,
        )
        key = self._key if signing_key is None else signing_key_or_error(signing_key)
        return self._sign(write_response(said), _SIGNED_FAILURE.get(signed, signed) if failed else signed, key)

    def _new_id(self, what: str) -> str:
        return "_" + clock.active.identifier(what, self.entity_id).hex()[:32]


def _given(value: Any, default: Any) -> Any:
    return default if value is ... else value


def _issued(issue_instant: Any, now: dt.datetime) -> dt.datetime:
    """What the other times count from: the issue instant where it is a time, else now."""
    if isinstance(issue_instant, dt.timedelta):
        return now + issue_instant
    return clock.instant(issue_instant) if isinstance(issue_instant, dt.datetime) else now


def _whole_milliseconds(time: dt.datetime) -> dt.datetime:
    return time.replace(microsecond=time.microsecond // 1000 * 1000)
