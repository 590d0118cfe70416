"""Names, accounts, hosts, identifiers and fingerprints, replaced consistently, so that a report can be shown to others.

A value is replaced word by word, so that its shape can still be seen: alice@example.com becomes <value-1>@<host-1>.
"""

import dataclasses
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from ..iam.limits import TRUST_POLICY_ACTIONS
from ..iam.policies.conditions import OPERATORS
from ..saml import vocabulary
from ..saml.document import Element
from ..sts.requests.claims import CLAIMS
from .given.files import text_of

if TYPE_CHECKING:
    from ..sts.requests.saml_login import SAMLLogin
    from .result import Explanation

# A time, a span of time, or what may be a word of a value.
_WORD = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ|\d+:\d\d:\d\d(?:\.\d+)?|\w[\w.+-]*(?<=\w)")
_KINDS = {
    "account": re.compile(r"\d{12}", re.ASCII),
    "fingerprint": re.compile(r"[0-9a-f]{64}"),
    "host": re.compile(r"[\w-]+(?:\.[\w-]+)*\.[a-zA-Z][\w-]+"),
}
_AWS = re.compile(r"(?:[\w-]+\.)*(?:aws\.amazon\.com|amazonaws\.com|amazonaws\.cn|amazonaws-us-gov\.com)")

# What is in a response and is not about anybody: times and the names of the standards.
_PUBLIC_ATTRIBUTES = frozenset(
    {"Algorithm", "AuthnInstant", "Format", "FriendlyName", "IssueInstant", "Method", "Name", "NameFormat", "NotBefore"}
    | {"NotOnOrAfter", "PrefixList", "SessionNotOnOrAfter", "Version", "type"}
)
_NAMESPACES = frozenset(vocabulary.NAMESPACES.values())
# What is never shown.
_BLOBS = frozenset({"CipherValue", "DigestValue", "Exponent", "Modulus", "SignatureValue", "X509Certificate"})
# Dates, and what is parsed elsewhere.
_PUBLIC_MEMBERS = frozenset({"CreateDate", "LastUsedDate", "SAMLMetadataDocument", "ValidUntil", "Version"})


def _words(text: str) -> Iterator[str]:
    """Yield the words of a value as it is, as it is quoted and as condition keys have it."""
    for form in (text, repr(text), ascii(text), text.lower()):
        for found in _WORD.finditer(form):
            yield found[0]


def _constants() -> Iterator[str]:
    for value in vars(vocabulary).values():
        yield from [value] if isinstance(value, str) else map(str, value) if isinstance(value, Iterable) else ()
        yield from map(str, value.values()) if isinstance(value, Mapping) else ()
    yield from (*OPERATORS, *TRUST_POLICY_ACTIONS, *CLAIMS, *(name for names in CLAIMS.values() for name in names))
    yield "arn aws aws-cn aws-us-gov iam role saml-provider policy sts saml http https aud"
    yield "Allow Deny Federated AWS true false"


#: The words that AWS and the standards use.
_PUBLIC = frozenset(word for text in _constants() for word in _words(text))


def _members(value: Iterable[Any]) -> Iterator[Any]:
    """Yield what a container contains; of a mapping, the tag keys within its keys too."""
    if not isinstance(value, Mapping):
        yield from value
        return
    for key, member in value.items():
        yield str(key).partition("/")[2]
        if key not in _PUBLIC_MEMBERS:
            yield member


class Redactor:
    """Replaces what identifies somebody. The same word has the same replacement everywhere."""

    def __init__(self) -> None:
        self._private: set[str] = set()
        self._known: dict[str, str] = {}
        self._counts: dict[str, int] = {}

    def keep_out(self, *values: Any) -> None:
        """Take the words of some values, and of what they contain, for private ones."""
        left: list[Any] = list(values)  # no recursion, since JSON may be nested deeply
        seen: set[int] = set()
        while left:
            value = left.pop()
            if isinstance(value, str | Path):
                self._keep_out_text(value)
            elif isinstance(value, Iterable) and id(value) not in seen:
                seen.add(id(value))
                left += _members(value)

    def _keep_out_text(self, value: str | Path) -> None:
        """Take the words of a text, or of the values of JSON, for private ones."""
        text = ""
        with suppress(ValueError):  # the reader of the input reports it
            text = text_of(value, "the document")
        if text.lstrip().upper().startswith("%7B"):  # a policy document as IAM itself writes it
            text = unquote(text)
        loaded: Any = None
        with suppress(ValueError, RecursionError):
            loaded = json.loads(text)
        if isinstance(loaded, dict):
            self.keep_out(loaded)
        else:
            self._private |= set(_words(text)) - _PUBLIC

    def keep_out_response(self, root: Element | None) -> None:
        """Take what a response says for private, but for times and the names of the standards."""
        for element in () if root is None else root.iter("*"):
            namespace, _, name = str(element.tag).removeprefix("{").rpartition("}")
            named = "" if namespace in _NAMESPACES else str(element.tag)
            self.keep_out(named, element.tail or "", "" if name in _BLOBS else element.text or "")
            for attribute, value in element.attrib.items():
                if str(attribute).rpartition("}")[2] not in _PUBLIC_ATTRIBUTES:
                    self.keep_out(value)
                elif str(value).startswith(vocabulary.PRINCIPAL_TAG):
                    self.keep_out(str(value).removeprefix(vocabulary.PRINCIPAL_TAG))

    def keep_out_login(self, login: "SAMLLogin | None") -> None:
        """Take what an assertion says, which may have been encrypted, for private."""
        if login is not None:
            assertion = login.assertion
            self.keep_out(assertion.attributes.values(), assertion.issuer, assertion.name_id or "", login.tag_values)
            self.keep_out(assertion.audience_restrictions, login.tag_values.keys(), login.name_qualifier)
            self.keep_out(*(confirmation.recipient or "" for confirmation in assertion.subject_confirmations))
            self.keep_out(*(entity.entity_id for entity in login.provider._metadata.entities))

    def __call__(self, value: Any) -> Any:
        """Return a value with every string in it redacted."""
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return dataclasses.replace(
                value, **{field.name: self(getattr(value, field.name)) for field in dataclasses.fields(value)}
            )
        if isinstance(value, dict):
            return {key: self(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(map(self, value))
        return self.text(value) if isinstance(value, str) else value

    def text(self, text: str) -> str:
        """Return a redacted text."""
        return _WORD.sub(lambda found: self._replaced(found[0]), text)

    def _replaced(self, word: str) -> str:
        kind = next((kind for kind, pattern in _KINDS.items() if pattern.fullmatch(word)), "value")
        if _AWS.fullmatch(word) or word in _PUBLIC or (kind == "value" and word not in self._private):
            return word
        if word not in self._known:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._known[word] = f"<{kind}-{self._counts[kind]}>"
        return self._known[word]


def redacted(explanation: "Explanation", redact: Redactor) -> "Explanation":
    """Return an explanation in which the private words are replaced. The words of the rules stay as they are."""
    facts = {**explanation.facts, "tags": {redact.text(k): v for k, v in explanation.facts.get("tags", {}).items()}}
    return dataclasses.replace(
        explanation,
        message=redact(explanation.message),
        facts=redact(facts),
        trust=redact(explanation.trust),
        notes=redact(explanation.notes),
        cause=redact(explanation.cause),
        remedy=redact(explanation.remedy),
        checks=tuple(
            dataclasses.replace(check, because=redact(check.because), remedy=redact(check.remedy))
            for check in explanation.checks
        ),
    )
