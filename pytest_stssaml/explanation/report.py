"""An explanation as text of at most 80 columns."""

import textwrap
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from .result import Explanation

#: What a rule may say.
PASSED: Final = "passed"
FAILED: Final = "failed"
NOT_JUDGED: Final = "not judged"

_COLOURS = {PASSED: "\033[32m", FAILED: "\033[31m", NOT_JUDGED: "\033[33m"}
_WIDTH = 80


def report(explanation: "Explanation", *, coloured: bool = False) -> str:
    """Return the report: AWS's answer, every rule, what the response and the trust policy say, and a likely cause."""
    lines = [_headline(explanation), "", "Rules"]
    for check in explanation.checks:
        mark = check.outcome + (", on unverified values" if check.unverified else "")
        shown = f"{_COLOURS[check.outcome]}{mark}\033[0m" if coloured else mark
        lines.append(f"  {check.rule}: {shown}")
        if check.outcome == FAILED:
            source = f" Source: {check.source}." if check.source else ""
            lines += _wrapped(f"{check.statement}.{source}")
        lines += _wrapped(check.because) if check.because else []
    lines += ["", "Response", *(line for name, value in explanation.facts.items() for line in _fact(name, value))]
    if explanation.trust:
        lines += ["", "Trust policy", *(line for text in explanation.trust for line in _wrapped(text))]
    if explanation.cause:
        cause = ascii_safe(f"Likely cause: {explanation.cause}")
        lines += ["", *textwrap.wrap(cause, _WIDTH, break_on_hyphens=False)]
    return "\n".join(lines)


def _headline(explanation: "Explanation") -> str:
    if explanation.accepted:
        return f"AWS would accept this response for {explanation.duration_seconds} seconds."
    if explanation.accepted is None:
        return "No rule that could be judged fails; some rules are left open."
    message = explanation.message or "no message"
    text = f"AWS would refuse this response: {explanation.code} ({explanation.status}): {message}"
    return "\n".join(
        textwrap.wrap(f"{text} [the words are {explanation.message_source}]", _WIDTH, break_on_hyphens=False)
    )


def _fact(name: str, value: Any) -> list[str]:
    if value in (None, "", [], {}):
        return []
    if isinstance(value, dict):
        value = ", ".join(f"{key}={item}" for key, item in value.items())
    texts = value if isinstance(value, list) else [value]
    return [line for text in texts for line in _wrapped(f"{name}: {text}", "  ")]


def _wrapped(text: str, indent: str = "      ") -> list[str]:
    return textwrap.wrap(
        ascii_safe(text), _WIDTH, initial_indent=indent, subsequent_indent=indent + "  ", break_on_hyphens=False
    )


def ascii_safe(text: str) -> str:
    """Return a text without control characters, which a terminal would obey."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)
