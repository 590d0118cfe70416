"""The draft of a response: each step decides one part of its content, from the keywords and the shape."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from .. import current_test
from ..saml.vocabulary import PRINCIPAL_TAG, TRANSITIVE_TAG_KEYS
from ..sentinel import NOT_GIVEN, NotGiven
from .roles import pairs_of, role_value, service_provider_of
from .shapes.identifiers import identifier
from .shapes.shape import Shape
from .writing.response import ResponseContent, attributes_of
from .writing.times import Time, Times, cut, instant_issued, time_string

if TYPE_CHECKING:
    from ..iam.entities import SAMLProvider
    from .roles import Roles

T = TypeVar("T")


class ResponseDraft:
    """The content of a response, decided in steps.

    The steps are independent of each other, except that `address` needs `offer` and `identify` needs `date`.

    :param shape: the shape whose defaults apply.
    :param entity_id: the name of the identity provider.
    :param registered: the SAML providers under which the identity provider is registered.
    :param new_identifier: a function of a purpose and some content that returns 32 bytes, and never the same twice.
    """

    def __init__(
        self,
        shape: Shape,
        entity_id: str,
        registered: "Sequence[SAMLProvider]",
        new_identifier: Callable[..., bytes],
    ) -> None:
        self._shape = shape
        self._entity_id = entity_id
        self._registered = registered
        self._new_identifier = new_identifier
        self._values: dict[str, Any] = {}
        #: Where a browser posts the response. `address` decides it.
        self.posted_to: str | None = None

    def date(
        self,
        now: dt.datetime,
        issue_instant: Time | NotGiven | None,
        *,
        not_before: Time | NotGiven | None,
        not_on_or_after: Time | NotGiven | None,
        conditions_not_on_or_after: Time | NotGiven | None,
        subject_not_on_or_after: Time | NotGiven | None,
        session_not_on_or_after: Time | NotGiven | None,
    ) -> None:
        """Decide all times, which count from the issue instant."""
        shape = self._shape
        for keyword, value in (
            ("issue_instant", issue_instant),
            ("not_before", not_before),
            ("not_on_or_after", not_on_or_after),
            ("conditions_not_on_or_after", conditions_not_on_or_after),
            ("subject_not_on_or_after", subject_not_on_or_after),
            ("session_not_on_or_after", session_not_on_or_after),
        ):
            current_test.note_time(f"{keyword}={{}}", value)
        now = cut(now, shape.digits)
        times = self._times = Times(instant_issued(issue_instant, now), shape.digits)
        issued = time_string("issue_instant", given_or(issue_instant, times.issued), now, shape.digits)
        # The offsets of a vendor's clocks can only be added to a time.
        is_time = issued is not None and not isinstance(issue_instant, str)
        authn_differs = shape.authn_lag or shape.authn_in_whole_seconds
        ends = times.ends(not_on_or_after, shape)
        self._values |= {
            "issue_instant": issued,
            "response_instant": times.shifted(shape.response_lag) if is_time and shape.response_lag else issued,
            "authn_instant": times.authn(shape) if is_time and authn_differs else issued,
            "not_before": times.string("not_before", not_before, shape.not_before),
            "conditions_not_on_or_after": times.string(
                "conditions_not_on_or_after",
                given_or(conditions_not_on_or_after, ends),
                shape.conditions_not_on_or_after,
            ),
            "subject_not_on_or_after": times.string(
                "subject_not_on_or_after", given_or(subject_not_on_or_after, ends), shape.subject_not_on_or_after
            ),
            "session_not_on_or_after": times.string(
                "session_not_on_or_after", session_not_on_or_after, shape.session_not_on_or_after
            ),
        }

    def offer(self, role: "Roles", provider: "SAMLProvider | str | None", role_format: str | NotGiven) -> None:
        """Decide which roles the response offers, and the provider of each."""
        pairs = pairs_of(role, provider, self._registered)
        self._service_provider = service_provider_of(pairs, self._registered)
        used_format = given_or(role_format, self._shape.role_format)
        self._values["roles"] = tuple(role_value(pair, used_format) for pair in pairs)

    def address(
        self,
        encrypted_for: "SAMLProvider | None",
        *,
        issuer: str | NotGiven | None,
        response_issuer: str | NotGiven | None,
        audience: str | NotGiven | None,
        recipient: str | NotGiven | None,
        destination: str | NotGiven | None,
        in_response_to: str | None,
        bearers: Collection[str],
    ) -> None:
        """Decide the issuers, and to whom the response is addressed."""
        aws, shape = self._service_provider, self._shape
        sign_in_url = aws.sign_in_url if encrypted_for is None else _sign_in_url_of(encrypted_for, aws.sign_in_url)
        used_issuer = given_or(issuer, self._entity_id)
        used_recipient = given_or(recipient, sign_in_url)
        # A browser posts the response to AWS even if the Recipient is left out.
        self.posted_to = posted_to = sign_in_url if used_recipient is None else used_recipient
        has_destination = shape.destination_unsigned or "response" in bearers
        self._values |= {
            "issuer": used_issuer,
            "response_issuer": given_or(response_issuer, used_issuer),
            "audience": given_or(audience, aws.sign_in_url if shape.audience_is_sign_in_url else aws.entity_id),
            "recipient": used_recipient,
            "destination": given_or(destination, posted_to if has_destination else None),
            "in_response_to": in_response_to,
        }

    def name_subject(self, name_id: str | None, name_id_format: str | NotGiven | None, status: str | None) -> None:
        """Decide the NameID and the status."""
        self._values |= {
            "name_id": name_id,
            "name_id_format": given_or(name_id_format, self._shape.name_id_format),
            "status": status,
        }

    def describe_session(
        self,
        *,
        session_name: str | None,
        session_duration: int | str | None,
        source_identity: str | None,
        principal_tags: Mapping[str, str] | None,
        transitive_tag_keys: Iterable[str] | None,
        attributes: Mapping[str, str | Iterable[str]] | None,
    ) -> None:
        """Decide the attributes, which describe the session."""
        transitive = None if transitive_tag_keys is None else {TRANSITIVE_TAG_KEYS: transitive_tag_keys}
        self._values |= {
            "session_name": session_name,
            "session_duration": _seconds(session_duration),
            "source_identity": source_identity,
            "attributes": (
                *attributes_of("principal_tags", principal_tags, PRINCIPAL_TAG),
                *attributes_of("transitive_tag_keys", transitive),
                *attributes_of("attributes", attributes),
            ),
        }

    def identify(self, in_response_to: str | None, bearers: Collection[str]) -> None:
        """Decide the IDs, and the SessionIndex."""
        response_id = self._new_id("response", self._shape.identifier_of("response", bearers))
        assertion_id = self._new_id("assertion", self._shape.identifier_of("assertion", bearers))
        self._values |= {
            "response_id": response_id,
            "assertion_id": assertion_id,
            "session_index": self._session_index(assertion_id, in_response_to),
        }

    def content(self) -> ResponseContent:
        """Return what the response says.

        :raises TypeError: if a value is of a wrong type.
        """
        return ResponseContent(**self._values)

    def _new_id(self, purpose: str, pattern: str) -> str:
        return identifier(pattern, self._new_identifier(purpose, self._entity_id))

    def _session_index(self, assertion_id: str, in_response_to: str | None) -> str:
        shape = self._shape
        if shape.session_index is None:
            return assertion_id
        if shape.session_index_is_request and in_response_to is not None:
            return in_response_to
        epoch = int(self._times.issued.timestamp() * 1000)
        return self._new_id("session", shape.session_index.replace("{epoch}", str(epoch)))


def given_or(value: T | NotGiven, default: T) -> T:
    """Return a value, or the default if it was not given."""
    return default if value is NOT_GIVEN else value


def _sign_in_url_of(provider: "SAMLProvider", usual: str) -> str:
    """Return the URL to which an encrypted assertion is posted.

    If a provider requires encryption, AWS accepts only the provider's own URL.
    """
    if not hasattr(provider, "assertion_encryption_mode"):
        raise TypeError(f"encrypted_for must be what create_saml_provider() returned, not {provider!r}")
    return provider.sign_in_url() if provider.assertion_encryption_mode == "Required" else usual


def _seconds(duration: Any) -> Any:
    """Return a number as a string, and anything else as it is; `ResponseContent` checks all types."""
    return str(duration) if isinstance(duration, int) and not isinstance(duration, bool) else duration
