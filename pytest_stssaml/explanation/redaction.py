"""Names, accounts, hosts and identifiers, replaced consistently, so that a report can be shown to others."""

import re
from collections.abc import Iterable
from typing import Any

_ACCOUNT = re.compile(r"(?<!\d)\d{12}(?!\d)")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_URL = re.compile(r"(?<=://)[\w.-]+")
_ARN_NAME = re.compile(r"(?<=:role/)[\w+=,.@/-]+?(?=[,'\"\s;]|$)|(?<=:saml-provider/)[\w.-]+")
_PUBLIC = re.compile(
    r"www\.w3\.org|(?:[\w-]+\.)*(?:aws\.amazon\.com|amazonaws\.com|amazonaws\.cn|amazonaws-us-gov\.com)"
)


class Redactor:
    """Replaces what identifies somebody. The same value has the same replacement everywhere.

    :param names: values that identify somebody, such as the subject and the session name.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._given = sorted({name for name in names if len(name) > 1}, key=len, reverse=True)
        self._known: dict[str, str] = {}

    def __call__(self, value: Any) -> Any:
        """Return a value with every string in it redacted."""
        if isinstance(value, dict):
            return {self(key): self(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self(item) for item in value]
        return self.text(value) if isinstance(value, str) else value

    def text(self, text: str) -> str:
        """Return a redacted text."""
        for name in self._given:
            text = text.replace(name, self._replacement("name", name))
        text = _ARN_NAME.sub(lambda found: self._replacement("name", found[0]), text)
        text = _EMAIL.sub(lambda found: self._replacement("name", found[0]), text)
        text = _URL.sub(
            lambda found: found[0] if _PUBLIC.fullmatch(found[0]) else self._replacement("host", found[0]), text
        )
        return _ACCOUNT.sub(lambda found: self._replacement("account", found[0]), text)

    def _replacement(self, kind: str, value: str) -> str:
        return self._known.setdefault(value, f"<{kind}-{len(self._known) + 1}>")
