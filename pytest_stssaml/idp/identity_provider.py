"""An identity provider for tests: its key, its metadata, its responses."""

import base64
import datetime as dt
from collections.abc import Iterable, Mapping
from types import EllipsisType
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from .. import active_mock, clock
from ..keys import SigningKey, certificate_of, make_signing_key, signing_key_or_error
from ..saml.vocabulary import PRINCIPAL_TAG, STATUS_SUCCESS, TRANSITIVE_TAG_KEYS
from .roles import (
    listed,
    pair,
    service_provider,
    written,
)
from .shapes import PLAIN, shape_named
from .shapes.identifiers import identifier
from .shapes.shape import Shape
from .writing.encryption import encrypt_assertion
from .writing.metadata import write_metadata
from .writing.response import (
    Said,
    SAMLResponse,
    fails,
    listed_attributes,
    write_response,
)
from .writing.signature import (
    Algorithms,
    sign_enveloped,
)
from .writing.times import (
    Time,
    Times,
    issued_at,
    time_text,
    whole,
)

if TYPE_CHECKING:
    from ..iam.entities import SAMLProvider
    from .roles import Roles

#: What bears a signature.
_SIGNED = {"assertion": ["assertion"], "response": ["response"], "both": ["assertion", "response"], None: []}


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
        self._keys = [make_signing_key() if signing_key is None else signing_key_or_error(signing_key)]
        self._registrations: list[SAMLProvider] = []
        self._registered_under: clock.Clock = clock.OUTSIDE

    def __repr__(self) -> str:
        return f"<IdentityProvider {self.entity_id}>"

    @property
    def certificates(self) -> tuple[x509.Certificate, ...]:
        """What the metadata publishes: the certificate of the key that signs, then of the one before it."""
        return tuple(map(certificate_of, self._keys))

    def rotate_key(self, signing_key: SigningKey | None = None) -> None:
        """Sign with another key from now on: the one given, or a new one of the old one's kind.

        The metadata publishes the certificates of the new key and of the old. AWS keeps what it was given, until
        `sts.update_saml_provider(provider, identity_provider)`.
        """
        if signing_key is None:
            signing_key = make_signing_key("rsa" if isinstance(self._keys[0], rsa.RSAPrivateKey) else "ec")
        self._keys = [signing_key_or_error(signing_key), self._keys[0]]

    @property
    def metadata(self) -> str:
        """The metadata document, for `create_saml_provider` or a file."""
        return write_metadata(PLAIN.metadata, self.entity_id, self._keys)

    def metadata_for(self, shape: str | None) -> str:
        """The metadata document as an identity provider of that shape writes it, with this one's name and certificates.

        :param shape: as in `response`; None for this package's own.
        :raises ValueError: there is no such shape.
        """
        return write_metadata(shape_named(shape).metadata, self.entity_id, self._keys)

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
        if self._registered_under is not active_mock.clock():
            self._registrations = []
            self._registered_under = active_mock.clock()
        self._registrations.append(provider)

    def deregistered(self, provider: "SAMLProvider") -> None:
        """Forget a registration. The backend calls this; `delete_saml_provider` is what a test writes."""
        if provider in self._registrations:
            self._registrations.remove(provider)

    def _registered(self) -> list["SAMLProvider"]:
        # What an earlier mock knew means nothing in this one; after a mock has ended its providers can still be named.
        stale = active_mock.clock() is not clock.OUTSIDE and active_mock.clock() is not self._registered_under
        return [] if stale else self._registrations

    def sign(
        self,
        xml: str,
        *,
        signed: str | None = "assertion",
        signature_algorithm: str | None = None,
        digest_algorithm: str | None = None,
    ) -> SAMLResponse:
        """Sign a response of your own.

        :param xml: a samlp:Response, of which only the signature is missing.
        :param signed: "assertion", "response", "both", or None for a response without a signature.
        :param signature_algorithm: as in `response`.
        :param digest_algorithm: as in `response`.
        :raises ValueError: not XML, or what should be signed is not there or has no ID.
        """
        if not isinstance(xml, str):
            raise TypeError(f"xml is the text of a response, not {type(xml).__name__}; decode it first")
        key = self._keys[0]
        return _signed(xml, _bearers(signed), key, Algorithms.chosen(key, signature_algorithm, digest_algorithm))

    def response(
        self,
        role: "Roles",
        *,
        provider: "SAMLProvider | str | None" = None,
        role_format: str | EllipsisType = ...,
        session_name: str | None = "alice@example.com",
        name_id: str | None = "alice@example.com",
        name_id_format: str | EllipsisType | None = ...,
        session_duration: int | str | None = None,
        session_not_on_or_after: Time | EllipsisType | None = ...,
        issuer: str | EllipsisType | None = ...,
        response_issuer: str | EllipsisType | None = ...,
        audience: str | EllipsisType | None = ...,
        recipient: str | EllipsisType | None = ...,
        destination: str | EllipsisType | None = ...,
        in_response_to: str | None = None,
        issue_instant: Time | EllipsisType | None = ...,
        not_before: Time | EllipsisType | None = ...,
        not_on_or_after: Time | EllipsisType | None = ...,
        conditions_not_on_or_after: Time | EllipsisType | None = ...,
        subject_not_on_or_after: Time | EllipsisType | None = ...,
        status: str | None = STATUS_SUCCESS,
        principal_tags: Mapping[str, str] | None = None,
        transitive_tag_keys: Iterable[str] | None = None,
        source_identity: str | None = None,
        attributes: Mapping[str, str | Iterable[str]] | None = None,
        shape: str | None = None,
        signed: str | EllipsisType | None = ...,
        signature_algorithm: str | None = None,
        digest_algorithm: str | None = None,
        signing_key: SigningKey | None = None,
        encrypted_for: "SAMLProvider | None" = None,
        encryption_algorithm: str = "aes256-gcm",
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
        `role_format`                text                 `{role},{provider}` *       how such a value is written
        `session_name`               text                 alice@example.com           attribute RoleSessionName
        `session_duration`           seconds, text        None                        attribute SessionDuration
        `name_id`                    text                 alice@example.com           NameID
        `name_id_format`             text                 persistent *                NameID Format
        `issuer`                     text                 the entity id               Assertion Issuer
        `response_issuer`            text                 `issuer`                    Response Issuer
        `audience`                   text                 the partition's entity id * Audience
        `recipient`                  text                 the partition's sign-in URL SubjectConfirmationData Recipient
        `destination`                text                 `recipient` *, if any       Response Destination
        `in_response_to`             text                 None                        InResponseTo, both places
        `issue_instant`              time                 now                         IssueInstant, AuthnInstant
        `not_before`                 time                 the issue instant *         Conditions NotBefore
        `not_on_or_after`            time                 five minutes later *        NotOnOrAfter, both places
        `conditions_not_on_or_after` time                 `not_on_or_after`           Conditions NotOnOrAfter
        `subject_not_on_or_after`    time                 `not_on_or_after`           SubjectConfirmationData's
        `session_not_on_or_after`    time                 None *                      AuthnStatement's
        `status`                     text                 Success                     StatusCode; a failure has no
                                                                                      Assertion
        `principal_tags`             dict of texts        None                        attributes PrincipalTag:...
        `transitive_tag_keys`        some texts           None                        attribute TransitiveTagKeys
        `source_identity`            text                 None                        attribute SourceIdentity
        `attributes`                 dict of texts        None                        attributes of these names
        `shape`                      name                 None                        how all of this is written
        `signed`                     "assertion", "both"  "assertion" *               what bears a signature; None:
                                     "response"                                       nothing
        `signature_algorithm`        name or URI          "rsa-sha256" or             SignatureMethod
                                                          "ecdsa-sha256"
        `digest_algorithm`           name or URI          "sha256"                    DigestMethod
        `signing_key`                private key          this identity provider's    who signed
        `encrypted_for`              SAMLProvider         None                        EncryptedAssertion, for the
                                                                                      provider's newest key
        `encryption_algorithm`       name                 "aes256-gcm"                its EncryptionMethod
        ============================ ==================== =========================== =================================

        A shape is the name of a product: "okta", "entra", "adfs", "google", "keycloak", "shibboleth", "pingfederate",
        "simplesamlphp"; approximately "onelogin", "auth0", "jumpcloud", "iam-identity-center". The XML is then what
        that product writes, to the order of attributes and the white space; what is marked * and left out is what that
        product says. The issuer stays this identity provider.

        A time is a datetime (naive is UTC), a timedelta from the issue instant (`issue_instant` itself: from now), or a
        text that is written as it is.

        Algorithms go by the last part of their URI: "rsa-sha1", "sha512-rsa-MGF1", "ecdsa-sha384"; "sha1" to "sha512";
        "aes128-cbc". An assertion is encrypted after its own signature is made and before the response's.

        :raises TypeError: a keyword has a value of another type.
        :raises ValueError: a role of an account where this identity provider has no provider, or several; a text that
            XML cannot hold; an algorithm that there is not, or not for the key; a `shape` or `signed` that is
            none of theirs.
        """
        form = shape_named(shape)
        now = whole(active_mock.clock().now(), form.digits)
        times = Times(issued_at(issue_instant, now), form.digits)
        issued = time_text("issue_instant", _given(issue_instant, times.issued), now, form.digits)
        shifts = issued is not None and not isinstance(issue_instant, str)
        ends = times.ends(not_on_or_after, form)
        roles = [pair(each, provider, self._registered()) for each in listed(role)]
        aws = service_provider(roles, self._registered())
        sign_in_url = aws.sign_in_url if encrypted_for is None else _sign_in_url(encrypted_for, aws.sign_in_url)
        said_issuer: str | None = _given(issuer, self.entity_id)
        said_recipient: str | None = _given(recipient, sign_in_url)
        # A browser brings it to AWS, whatever is left out.
        sent_to = sign_in_url if said_recipient is None else said_recipient
        bearers = [b for b in _bearers(_given(signed, form.signed)) if b == "response" or not fails(status)]
        response_id = self._new_id("response", form.identifier_of("response", bearers))
        assertion_id = self._new_id("assertion", form.identifier_of("assertion", bearers))
        said = Said(
            response_id=response_id,
            assertion_id=assertion_id,
            response_issuer=_given(response_issuer, said_issuer),
            destination=_given(destination, sent_to if form.destination_unsigned or "response" in bearers else None),
            in_response_to=in_response_to,
            session_index=self._session_index(form, assertion_id, in_response_to, times.issued),
            issue_instant=issued,
            response_instant=times.shifted(form.response_lag) if shifts and form.response_lag else issued,
            authn_instant=times.authn(form) if shifts and (form.authn_lag or form.authn_in_whole_seconds) else issued,
            status=status,
            issuer=said_issuer,
            name_id=name_id,
            name_id_format=_given(name_id_format, form.name_id_format),
            recipient=said_recipient,
            subject_not_on_or_after=times.text(
                "subject_not_on_or_after", _given(subject_not_on_or_after, ends), form.subject_not_on_or_after
            ),
            not_before=times.text("not_before", not_before, form.not_before),
            conditions_not_on_or_after=times.text(
                "conditions_not_on_or_after", _given(conditions_not_on_or_after, ends), form.conditions_not_on_or_after
            ),
            audience=_given(audience, aws.sign_in_url if form.audience_is_sign_in_url else aws.entity_id),
            session_not_on_or_after=times.text(
                "session_not_on_or_after", session_not_on_or_after, form.session_not_on_or_after
            ),
            roles=tuple(written(pair, _given(role_format, form.role_format)) for pair in roles),
            session_name=session_name,
            session_duration=_seconds(session_duration),
            source_identity=source_identity,
            attributes=(
                *listed_attributes("principal_tags", principal_tags, PRINCIPAL_TAG),
                *listed_attributes("transitive_tag_keys", _under(TRANSITIVE_TAG_KEYS, transitive_tag_keys)),
                *listed_attributes("attributes", attributes),
            ),
        )
        key = self._keys[0] if signing_key is None else signing_key_or_error(signing_key)
        return _signed(
            write_response(said, form),
            bearers,
            key,
            Algorithms.chosen(key, signature_algorithm, digest_algorithm),
            shape=shape,
            encryption=None if encrypted_for is None else (_certificate(encrypted_for), encryption_algorithm),
        )

    def _new_id(self, what: str, pattern: str) -> str:
        return identifier(pattern, active_mock.clock().identifier(what, self.entity_id))

    def _session_index(self, form: Shape, assertion_id: str, in_response_to: str | None, issued: dt.datetime) -> str:
        if form.session_index is None:
            return assertion_id
        if form.session_index_is_request and in_response_to is not None:
            return in_response_to
        epoch = int(issued.timestamp() * 1000)
        return self._new_id("session", form.session_index.replace("{epoch}", str(epoch)))


def _bearers(signed: Any) -> list[str]:
    """What bears a signature, the first to be signed first."""
    if signed not in list(_SIGNED):
        raise ValueError(f'signed is "assertion", "response", "both" or None, not {signed!r}')
    return _SIGNED[signed]


def _signed(
    xml: str,
    bearers: list[str],
    key: SigningKey,
    algorithms: Algorithms,
    *,
    shape: str | None = None,
    encryption: tuple[x509.Certificate, str] | None = None,
) -> SAMLResponse:
    form = shape_named(shape).signature
    if "assertion" in bearers:
        xml = sign_enveloped(xml, "assertion", key, algorithms, form)
    if encryption is not None:
        xml = encrypt_assertion(xml, *encryption)
    if "response" in bearers:
        xml = sign_enveloped(xml, "response", key, algorithms, form)
    return SAMLResponse(base64.b64encode(xml.encode()).decode(), shape)


def _sign_in_url(provider: "SAMLProvider", usual: str) -> str:
    """Where an encrypted assertion is sent: where it is required, AWS takes it at the provider's own URL only."""
    if not hasattr(provider, "assertion_encryption_mode"):
        raise TypeError(f"encrypted_for is what create_saml_provider() gave, not {provider!r}")
    return provider.sign_in_url() if provider.assertion_encryption_mode == "Required" else usual


def _certificate(provider: "SAMLProvider") -> x509.Certificate:
    certificate = provider.encryption_certificate
    if certificate is None:
        raise ValueError(
            f"{provider.arn} has no private key to decrypt with; "
            "write create_saml_provider(..., private_keys=[make_signing_key()])"
        )
    return certificate


def _under(name: str, values: Iterable[str] | None) -> dict[str, Iterable[str]] | None:
    return None if values is None else {name: values}


def _seconds(duration: Any) -> Any:
    """A number as text; to say what is neither is left to whom writes it."""
    return str(duration) if isinstance(duration, int) and not isinstance(duration, bool) else duration


def _given(value: Any, default: Any) -> Any:
    return default if value is ... else value
