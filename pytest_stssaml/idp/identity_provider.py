"""IdentityProvider, with its keys, its metadata and its responses."""

import base64
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from .. import active_mock, clock
from ..keys import SigningKey, certificate_of, make_signing_key, signing_key_or_error
from ..keywords import keywords_checked
from ..saml.vocabulary import STATUS_SUCCESS
from ..sentinel import NOT_GIVEN, NotGiven
from .draft import ResponseDraft, given_or
from .roles import pairs_of
from .saml_response import Origin, SAMLResponse
from .shapes import shape_named
from .shapes.plain import PLAIN
from .writing.metadata import write_metadata
from .writing.response import fails, write_response
from .writing.signature import Algorithms, sign_enveloped
from .writing.times import Time

if TYPE_CHECKING:
    from ..iam.entities import SAMLProvider
    from ..literals import DigestAlgorithm, EncryptionAlgorithm, Shape, SignatureAlgorithm, Signed
    from .roles import Roles
    from .sign_in_page import SignInPage

#: The elements that bear a signature, in the order in which they are signed.
_BEARERS = {"assertion": ["assertion"], "response": ["response"], "both": ["assertion", "response"], None: []}


class IdentityProvider:
    """An identity provider outside AWS, which signs users in with SAML responses.

    :param entity_id: the name of the identity provider, in its metadata and as the Issuer of its responses.
    :param signing_key: a private key object such as `make_signing_key()` returns; by default a new RSA key.
    """

    def __init__(
        self, entity_id: str = "https://idp.example.com/saml", *, signing_key: SigningKey | None = None
    ) -> None:
        if not isinstance(entity_id, str):
            raise TypeError(f"entity_id must be a string, not {entity_id!r}")
        #: The name of the identity provider, which is the Issuer of its responses.
        self.entity_id = entity_id
        self._keys = [make_signing_key() if signing_key is None else signing_key_or_error(signing_key)]
        self._registrations: list[SAMLProvider] = []
        self._registered_under: clock.Clock = clock.OUTSIDE

    def __repr__(self) -> str:
        return f"<IdentityProvider {self.entity_id}>"

    @property
    def certificates(self) -> tuple[x509.Certificate, ...]:
        """The certificates in the metadata: first that of the current key, then that of the previous key, if any."""
        return tuple(map(certificate_of, self._keys))

    def rotate_key(self, signing_key: SigningKey | None = None) -> None:
        """Sign with another key from now on.

        The metadata then contains the certificates of the new key and of the previous one. AWS keeps the old metadata
        until `sts.update_saml_provider(provider, identity_provider)` is called.

        >>> saml_idp.rotate_key(make_signing_key("ec"))
        >>> len(saml_idp.certificates)
        2

        :param signing_key: a private key object; by default a new key of the same kind.
        :raises TypeError: if it is not a private key object.
        """
        if signing_key is None:
            signing_key = make_signing_key("rsa" if isinstance(self._keys[0], rsa.RSAPrivateKey) else "ec")
        self._keys = [signing_key_or_error(signing_key), self._keys[0]]

    @property
    def metadata(self) -> str:
        """The metadata document, in the package's own shape."""
        return write_metadata(PLAIN.metadata, self.entity_id, tuple(self._keys))

    def metadata_for(self, shape: "Shape | str | None") -> str:
        """Return the metadata document in a shape, with the name and the certificates of this identity provider.

        >>> saml_idp.metadata_for("entra")
        '<EntityDescriptor ID="_..." entityID="https://idp.example.com/saml" xmlns="urn:oasis:names:tc:SAML:2.0:...'

        :param shape: the name of a shape, as in `response`; None for the package's own shape.
        :raises TypeError: if it is not a string.
        :raises ValueError: if there is no such shape.
        """
        return write_metadata(shape_named(shape).metadata, self.entity_id, tuple(self._keys))

    @property
    def provider(self) -> "SAMLProvider":
        """The first SAML provider under which this identity provider is registered.

        :raises LookupError: if there is none in the active mock.
        """
        registered = self._registered()
        if not registered:
            raise LookupError(
                f"{self!r} is not registered with AWS; "
                'write provider = sts.create_saml_provider("ExampleIdP", identity_provider) first'
            )
        return registered[0]

    def _note_registration(self, provider: "SAMLProvider") -> None:
        """Record that a SAML provider has been created."""
        if self._registered_under is not active_mock.clock():
            self._registrations = []
            self._registered_under = active_mock.clock()
        self._registrations.append(provider)

    def _note_deregistration(self, provider: "SAMLProvider") -> None:
        """Record that a SAML provider has been deleted."""
        if provider in self._registrations:
            self._registrations.remove(provider)

    def _registered(self) -> list["SAMLProvider"]:
        # The registrations of an earlier mock do not count in the active one. After a mock has ended, its providers are
        # still available.
        stale = active_mock.clock() is not clock.OUTSIDE and active_mock.clock() is not self._registered_under
        return [] if stale else self._registrations

    def request(self, role: "Roles", **said: Any) -> dict[str, Any]:
        """Return the parameters of a login: RoleArn, PrincipalArn and SAMLAssertion.

        >>> answer = client.assume_role_with_saml(**saml_idp.request(role, session_name="bob"))
        >>> answer["AssumedRoleUser"]["Arn"]
        'arn:aws:sts::123456789012:assumed-role/Developer/bob'

        :param role: as for `response`. If there are several, the first one is requested.
        :param said: the keywords of `response`.
        :raises TypeError: as for `response`.
        :raises ValueError: if there is no role, and as for `response`.
        """
        pairs = pairs_of(role, said.get("provider"), self._registered())
        if not pairs:
            raise ValueError("request() needs a role; response(None) offers none")
        role_arn, provider_arn = pairs[0]
        return {"RoleArn": role_arn, "PrincipalArn": provider_arn, "SAMLAssertion": self.response(role, **said)}

    def sign_in_page(
        self,
        role: "Roles",
        *,
        user: str = "alice@example.com",
        password: str = "password",  # noqa: S107 - the password of a test user
        code: str | None = None,
        action: str | None = None,
        relay_state: str = "",
        **said: Any,
    ) -> "SignInPage":
        """Return the web page of this identity provider, on which a user signs in with a browser.

        >>> status, headers, body = saml_idp.sign_in_page(role).handle("GET", "/", {}, None)
        >>> status
        200

        `with saml_idp.sign_in_page(role) as page:` serves it at `page.url`: first a form for `username` and
        `password`, then one for `code` if there is one, and at last the page that posts the response to AWS.

        :param role: as for `response`.
        :param user: who may sign in. It is also the default of `session_name` and `name_id`.
        :param password: the password.
        :param code: what the second step asks for; None for no second step.
        :param action: the URL to which the last page posts, such as `f"{sts_endpoint.url}/saml"`; by default as for
            `SAMLResponse.form`.
        :param relay_state: where the browser goes after the sign-in, unless the query of the page's URL has RelayState.
        :param said: the keywords of `response`.
        :raises TypeError: if an argument is not a string, or as `response` does.
        :raises ValueError: as `response` does.
        """
        from .sign_in_page import SignInPage  # which few tests use

        for name, value in {"user": user, "password": password, "code": code or "", "action": action or ""}.items():
            if not isinstance(value, str):
                raise TypeError(f"{name} must be a string, not {value!r}")
        said = {"session_name": user, "name_id": user, **said}
        self.response(role, **said).form(relay_state)  # a mistake is found here, and not when a browser asks
        return SignInPage(
            lambda: self.response(role, **said),
            user=user,
            password=password,
            code=code,
            action=action,
            relay_state=relay_state,
        )

    def sign(
        self,
        xml: str | Path,
        *,
        signed: "Signed | None" = "assertion",
        signature_algorithm: "SignatureAlgorithm | None" = None,
        digest_algorithm: "DigestAlgorithm | None" = None,
    ) -> SAMLResponse:
        """Sign a response of your own.

        >>> template = saml_idp.response(role, signed=None).xml
        >>> saml_idp.sign(template.replace("alice@example.com", "bob"), signed="response")
        <SAMLResponse of ... characters, PHNhbWxw…>

        :param xml: a samlp:Response without its signature, as a string or a `pathlib.Path`.
        :param signed: "assertion", "response", "both", or None for a response without a signature.
        :param signature_algorithm: as in `response`.
        :param digest_algorithm: as in `response`.
        :raises TypeError: if `xml` is something else.
        :raises OSError: if the file cannot be read.
        :raises ValueError: if `xml` is not XML, or if the element to sign is missing, has no ID or is signed already;
            if there is no such algorithm or no such `signed`.
        """
        if isinstance(xml, Path):
            xml = xml.read_text(encoding="utf-8")
        if isinstance(xml, SAMLResponse):
            raise TypeError(
                "sign() takes XML, and not a response, which has its signatures; write response.edited(...)"
            )
        if not isinstance(xml, str):
            raise TypeError(f"xml must be a response as a string, not {type(xml).__name__}; decode it first")
        key = self._keys[0]
        return _signed(xml, _bearers(signed), key, Algorithms.chosen(key, signature_algorithm, digest_algorithm))

    @keywords_checked
    def response(
        self,
        role: "Roles",
        *,
        provider: "SAMLProvider | str | None" = None,
        role_format: str | NotGiven = NOT_GIVEN,
        session_name: str | None = "alice@example.com",
        name_id: str | None = "alice@example.com",
        name_id_format: str | NotGiven | None = NOT_GIVEN,
        session_duration: int | str | None = None,
        session_not_on_or_after: Time | NotGiven | None = NOT_GIVEN,
        issuer: str | NotGiven | None = NOT_GIVEN,
        response_issuer: str | NotGiven | None = NOT_GIVEN,
        audience: str | NotGiven | None = NOT_GIVEN,
        recipient: str | NotGiven | None = NOT_GIVEN,
        destination: str | NotGiven | None = NOT_GIVEN,
        in_response_to: str | None = None,
        issue_instant: Time | NotGiven | None = NOT_GIVEN,
        not_before: Time | NotGiven | None = NOT_GIVEN,
        not_on_or_after: Time | NotGiven | None = NOT_GIVEN,
        conditions_not_on_or_after: Time | NotGiven | None = NOT_GIVEN,
        subject_not_on_or_after: Time | NotGiven | None = NOT_GIVEN,
        status: str | None = STATUS_SUCCESS,
        principal_tags: Mapping[str, str] | None = None,
        transitive_tag_keys: Iterable[str] | None = None,
        source_identity: str | None = None,
        attributes: Mapping[str, str | Iterable[str]] | None = None,
        shape: "Shape | str | None" = None,
        signed: "Signed | NotGiven | None" = NOT_GIVEN,
        signature_algorithm: "SignatureAlgorithm | None" = None,
        digest_algorithm: "DigestAlgorithm | None" = None,
        signing_key: SigningKey | None = None,
        encrypted_for: "SAMLProvider | None" = None,
        encryption_algorithm: "EncryptionAlgorithm" = "aes256-gcm",
    ) -> SAMLResponse:
        """Return a signed response that signs a user in.

        With nothing but a role, it is a response that AWS accepts. Each keyword replaces one value in it. The value may
        be wrong, so that the login is refused. `None` leaves the element or attribute out.

        >>> import datetime
        >>> saml_idp.response(role, shape="okta", not_on_or_after=datetime.timedelta(minutes=-1))
        <SAMLResponse of ... characters, ...>

        ============================ ==================== =========================== =================================
        keyword                      type                 default                     where it is written
        ============================ ==================== =========================== =================================
        `role`                       Role, ARN, (role,    (required)                  values of the attribute Role
                                     provider), or a list
        `provider`                   SAMLProvider, ARN    the one in the role's       the same, for each role that
                                                          account                     is not in such a pair
        `role_format`                string               `{role},{provider}` *       the format of such a value
        `session_name`               string               alice@example.com           attribute RoleSessionName
        `session_duration`           seconds, string      None                        attribute SessionDuration
        `name_id`                    string               alice@example.com           NameID
        `name_id_format`             string               persistent *                NameID Format
        `issuer`                     string               the entity ID               Assertion Issuer
        `response_issuer`            string               `issuer`                    Response Issuer
        `audience`                   string               the partition's entity ID * Audience
        `recipient`                  string               the partition's sign-in URL SubjectConfirmationData Recipient
        `destination`                string               `recipient` *               Response Destination
        `in_response_to`             string               None                        InResponseTo, in both places
        `issue_instant`              time                 now                         IssueInstant, AuthnInstant
        `not_before`                 time                 the issue instant *         Conditions NotBefore
        `not_on_or_after`            time                 five minutes later *        NotOnOrAfter, in both places
        `conditions_not_on_or_after` time                 `not_on_or_after`           Conditions NotOnOrAfter
        `subject_not_on_or_after`    time                 `not_on_or_after`           SubjectConfirmationData
                                                                                      NotOnOrAfter
        `session_not_on_or_after`    time                 None *                      SessionNotOnOrAfter
        `status`                     string               Success                     StatusCode; after a failure there
                                                                                      is no Assertion
        `principal_tags`             dict of strings      None                        attributes PrincipalTag:...
        `transitive_tag_keys`        strings              None                        attribute TransitiveTagKeys
        `source_identity`            string               None                        attribute SourceIdentity
        `attributes`                 dict of strings or   None                        attributes of these names
                                     of lists of strings
        `shape`                      name                 None                        the form of the whole document
        `signed`                     "assertion",         "assertion" *               the elements with a signature
                                     "response", "both"
        `signature_algorithm`        name or URI          "rsa-sha256" or             SignatureMethod
                                                          "ecdsa-sha256"
        `digest_algorithm`           name or URI          "sha256"                    DigestMethod
        `signing_key`                private key          this identity provider's    SignatureValue, KeyInfo
        `encrypted_for`              SAMLProvider         None                        EncryptedAssertion, for the
                                                                                      provider's newest key
        `encryption_algorithm`       name                 "aes256-gcm"                EncryptionMethod
        ============================ ==================== =========================== =================================

        A shape is named after a product: "okta", "entra", "adfs", "google", "keycloak", "shibboleth", "pingfederate",
        "simplesamlphp", or, with parts that are approximate, "onelogin", "auth0", "jumpcloud" and
        "iam-identity-center". The XML is then what that product writes, down to the order of attributes and the white
        space, and the defaults marked * are those of the product. The issuer is always this identity provider.

        A time is a datetime (a naive one is read as UTC), a timedelta from the issue instant (for `issue_instant`
        itself: from now), or a string that is written as it is.

        The name of an algorithm is the last part of its URI, such as "rsa-sha1", "sha512-rsa-MGF1", "ecdsa-sha384",
        "sha256" or "aes128-cbc". An assertion is signed before it is encrypted, and a response is signed afterwards.

        :raises TypeError: if a value is of a wrong type.
        :raises ValueError: if a role's account has no provider of this identity provider, or several; if a string
            contains a character that XML cannot hold; if there is no such algorithm, or if it does not suit the key; if
            there is no such `shape` or `signed`; if `encrypted_for` has no private key, or is missing beside
            `encryption_algorithm`.
        """
        form = shape_named(shape)
        bearers = _bearers(given_or(signed, form.signed), status)
        active = active_mock.clock()
        draft = ResponseDraft(form, self.entity_id, self._registered(), active.identifier)
        draft.date(
            active.now(),
            issue_instant,
            not_before=not_before,
            not_on_or_after=not_on_or_after,
            conditions_not_on_or_after=conditions_not_on_or_after,
            subject_not_on_or_after=subject_not_on_or_after,
            session_not_on_or_after=session_not_on_or_after,
        )
        draft.offer(role, provider, role_format)
        draft.address(
            encrypted_for,
            issuer=issuer,
            response_issuer=response_issuer,
            audience=audience,
            recipient=recipient,
            destination=destination,
            in_response_to=in_response_to,
            bearers=bearers,
        )
        draft.name_subject(name_id, name_id_format, status)
        draft.describe_session(
            session_name=session_name,
            session_duration=session_duration,
            source_identity=source_identity,
            principal_tags=principal_tags,
            transitive_tag_keys=transitive_tag_keys,
            attributes=attributes,
        )
        draft.identify(in_response_to, bearers)
        key = self._keys[0] if signing_key is None else signing_key_or_error(signing_key)
        return _signed(
            write_response(draft.content(), form),
            bearers,
            key,
            Algorithms.chosen(key, signature_algorithm, digest_algorithm),
            shape=shape,
            posted_to=draft.posted_to,
            encryption=_encryption(encrypted_for, encryption_algorithm),
        )


def _encryption(
    encrypted_for: "SAMLProvider | None", algorithm: "EncryptionAlgorithm"
) -> "tuple[x509.Certificate, str] | None":
    """Return for which certificate a response is encrypted, and how; None if it is not encrypted."""
    if encrypted_for is not None:
        return _certificate(encrypted_for), algorithm
    if algorithm != "aes256-gcm":
        raise ValueError(
            "encryption_algorithm is about encrypted_for; write encrypted_for=provider too, or leave it out"
        )
    return None


def _bearers(signed: Any, status: str | None = None) -> list[str]:
    """Return the elements that bear a signature, in the order in which they are signed.

    A response that reports a failure has no assertion.
    """
    if signed not in list(_BEARERS):
        raise ValueError(f'signed must be "assertion", "response", "both" or None, not {signed!r}')
    return [bearer for bearer in _BEARERS[signed] if bearer == "response" or not fails(status)]


def _signed(
    xml: str,
    bearers: list[str],
    key: SigningKey,
    algorithms: Algorithms,
    *,
    shape: str | None = None,
    posted_to: str | None = None,
    encryption: tuple[x509.Certificate, str] | None = None,
) -> SAMLResponse:
    """Return a document with its signatures, and with its assertion encrypted for a certificate by an algorithm."""

    def remake(changed: str, signed: "Signed | NotGiven | None") -> SAMLResponse:
        again = bearers if isinstance(signed, NotGiven) else _bearers(signed)
        return _signed(changed, again, key, algorithms, shape=shape, posted_to=posted_to, encryption=encryption)

    origin = Origin(xml, remake)
    form = shape_named(shape).signature
    if "assertion" in bearers:
        xml = sign_enveloped(xml, "assertion", key, algorithms, form)
    if encryption is not None:
        from .writing.encryption import encrypt_assertion  # which few tests use

        xml = encrypt_assertion(xml, *encryption)
    if "response" in bearers:
        xml = sign_enveloped(xml, "response", key, algorithms, form)
    return SAMLResponse(base64.b64encode(xml.encode()).decode(), cast("Shape | None", shape), posted_to, origin)


def _certificate(provider: "SAMLProvider") -> x509.Certificate:
    """Return the certificate for whose key an assertion is encrypted.

    :raises ValueError: if the provider has no private key.
    """
    certificate = provider.encryption_certificate
    if certificate is None:
        raise ValueError(
            f"{provider.arn} has no private key to decrypt with; "
            "write create_saml_provider(..., private_keys=[make_signing_key()])"
        )
    return certificate
