"""A response is posted to the sign-in page, and a role is chosen."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from string import Template
from typing import NamedTuple, cast

from ..iam.arn import Arn, parse_arn
from ..iam.directory import Directory
from ..iam.entities import SAMLProvider
from ..saml.assertion import parse_response, read_unverified
from ..saml.document import WHITE_SPACE, Element
from ..saml.faults import Unreadable
from ..saml.vocabulary import ROLE
from ..sts.limits import API_VERSION, CONSTRAINTS, SAML_LOGIN
from ..sts.requests.saml_login import SAMLLogin
from ..sts.rule import Rejected
from ..sts.rules.request import login_parameters_are_valid
from ..sts.service import STS
from ..sts.sessions.session import Session
from ..wire import Members, Request, Response
from .hosts import region_of
from .known import ANOTHER_SERVICE, REFUSED, REFUSED_BY_ANOTHER_SERVICE

Attributes = Mapping[str, tuple[str, ...]]


class Offer(NamedTuple):
    """A role that a response offers, with the provider that the same value names."""

    #: The ARN of the role.
    role: str
    #: The ARN of the provider.
    provider: str

    @property
    def arn(self) -> Arn:
        """The parts of the ARN of the role."""
        return cast(Arn, parse_arn(self.role))  # only such roles are offered


class NotOffered(Exception):
    """A response does not get as far as STS; the message says why, for the author of the test."""


class _CannotBeAsked(Exception):
    """STS cannot be asked for a role, since its ARN or that of the provider is not one."""


class Posted(NamedTuple):
    """A response as it was posted."""

    #: In base64.
    response: str
    #: The header Host.
    host: str
    #: The UUID of the provider to whose own URL it was posted, or None.
    provider: str | None


class Login:
    """The logins of one mock by its sign-in page.

    :param sts: verifies responses and issues sessions.
    :param directory: where providers are looked up.
    """

    def __init__(self, sts: STS, directory: Directory) -> None:
        self._sts = sts
        self._directory = directory

    def offers(self, posted: Posted) -> list[Offer]:
        """Return what a response offers. Nothing is verified yet.

        :raises NotOffered: if it offers nothing.
        """
        if len(posted.response) > CONSTRAINTS["SAMLAssertion"].maximum:
            raise NotOffered(f"the response has {len(posted.response)} characters, which is too many")
        try:
            attributes = self._attributes(parse_response(posted.response), posted.provider)
        except Unreadable as unreadable:
            raise NotOffered(unreadable.because) from unreadable
        pairs = _offers_of(attributes)
        if not pairs:
            values = list(attributes.get(ROLE, ()))
            raise NotOffered(f"expected a role and a provider in the attribute Role, got {values}")
        offers = [offer for offer in pairs if posted.provider in (None, self._uuid(offer.provider))]
        if not offers:
            named = ", ".join(dict.fromkeys(offer.provider for offer in pairs))
            raise NotOffered(f"the path names the provider {posted.provider}, and the response {named}")
        return offers

    def accepted(self, posted: Posted, offers: Iterable[Offer]) -> Iterator[tuple[Offer, SAMLLogin]]:
        """Yield the offers that are accepted before one is chosen: at most one for each role.

        The signature is verified once for each provider, since a response may offer hundreds of roles.
        """
        judged: dict[str, tuple[SAMLLogin, Collection[Offer]] | None] = {}
        seen = set()
        for offer in offers:
            if offer.provider not in judged:
                with suppress(_CannotBeAsked):
                    judged[offer.provider] = self._judge(posted, offer)
            found = judged.get(offer.provider)
            if found is not None and offer.role not in seen and offer in found[1]:
                seen.add(offer.role)
                yield offer, found[0]

    def _judge(self, posted: Posted, offer: Offer) -> tuple[SAMLLogin, Collection[Offer]] | None:
        """Return the login for an offer and all that is offered, or None if it is refused before a role is chosen.

        :raises _CannotBeAsked: if the parameters are not valid, which says nothing of the other roles.
        """
        try:
            login = self._sts.offered_login(_request(posted, offer))
        except Rejected as rejected:
            if rejected.rule is login_parameters_are_valid:
                raise _CannotBeAsked from rejected
            return None
        return login, _offers_of(login.assertion.attributes)

    def choose(self, posted: Posted, offer: Offer, duration: int | None) -> Response:
        """Return what STS says to a login for a role.

        :param duration: how long the console session lasts, in seconds; None if that is not known.
        :raises OSError: if `add_connection_error` ordered it.
        """
        return self._sts.answer(_request(posted, offer, duration))

    def session(self, response: Response) -> Session | None:
        """Return the session that STS has issued, or None if it refused."""
        if response.result is None:
            return None
        credentials = cast(Members, response.result["Credentials"])
        return self._sts.remembered_session(str(credentials["AccessKeyId"]))

    def _attributes(self, response: Element, uuid: str | None) -> Attributes:
        """Return the attributes of a response, decrypted with the keys of the first provider that can."""
        try:
            return read_unverified(response).attributes
        except Unreadable:
            for provider in self._providers(uuid):
                with suppress(Unreadable):
                    return read_unverified(response, provider._decryption).attributes
            raise

    def _providers(self, uuid: str | None) -> Iterator[SAMLProvider]:
        """Yield the providers that have private keys: all of them, or the one of a UUID."""
        for arn in self._directory.saml_providers():
            provider = self._directory.saml_provider(arn)
            if provider is not None and provider.private_keys and uuid in (None, provider.uuid):
                yield provider

    def _uuid(self, arn: str) -> str | None:
        provider = self._directory.saml_provider(arn)
        return None if provider is None else provider.uuid


def _offers_of(attributes: Attributes) -> dict[Offer, None]:
    """Return what the attribute Role offers, in its order and without repetitions."""
    return dict.fromkeys(offer for value in attributes.get(ROLE, ()) if (offer := _offer(value)) is not None)


def _offer(value: str) -> Offer | None:
    """Return what a value of the attribute Role offers, or None if it is not a role and a provider, in any order."""
    arns = [arn.strip(WHITE_SPACE) for arn in value.split(",")]
    kinds = [arn and arn.resource.partition("/")[0] for arn in map(parse_arn, arns)]
    if sorted(map(str, kinds)) != ["role", "saml-provider"]:
        return None
    return Offer(arns[kinds.index("role")], arns[kinds.index("saml-provider")])


def _request(posted: Posted, offer: Offer, duration: int | None = None) -> Request:
    form = {
        "Action": SAML_LOGIN,
        "Version": API_VERSION,
        "RoleArn": offer.role,
        "PrincipalArn": offer.provider,
        "SAMLAssertion": posted.response,
        **({} if duration is None else {"DurationSeconds": str(duration)}),
    }
    return Request(form, region_of(posted.host, offer.arn.partition), user_agent=_USER_AGENT)


# The first word of what CloudTrail shows for logins by the console (observed).
_USER_AGENT = "AWS Signin"


def refusal_text(response: Response) -> str:
    """Return the text with which the page shows an error of STS."""
    error = response.error or {}
    message, code = str(error.get("Message") or ""), str(error.get("Code"))
    text = Template(REFUSED_BY_ANOTHER_SERVICE if ANOTHER_SERVICE in message else REFUSED)
    return text.substitute(message=message, status=response.status, code=code, request_id=response.request_id)
