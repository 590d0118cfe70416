"""An explanation as text of 80 columns. Only a word that is longer, such as a URL, is longer than a line."""

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from .result import Check, Explanation, StatementCheck

#: What a rule may say.
PASSED: Final = "passed"
FAILED: Final = "failed"
NOT_JUDGED: Final = "not judged"

_COLOURS = {PASSED: "\033[32m", FAILED: "\033[31m", NOT_JUDGED: "\033[33m"}
_WIDTH = 80

# Some of AWS's messages repeat a parameter, such as a session policy of many pages. The JSON has them whole.
_LONGEST_TEXT = 1200
_SHOWN_BEFORE, _SHOWN_AFTER = 300, 200

#: What is said about the words of a message, by where they come from.
_SOURCES = {
    "documented": "AWS documents these words.",
    "observed": "These words were seen in answers of AWS.",
    "ours": "These words are ours, since those of AWS are not known.",
}

_IN_METADATA = {
    True: "its key is in the metadata",
    False: "its key is not in the metadata",
    None: "the metadata is not known",
}

_TIMES = {
    "issued": "issued",
    "conditions_not_before": "valid from (Conditions)",
    "conditions_not_on_or_after": "valid until (Conditions)",
    "confirmation_not_before": "valid from (confirmation)",
    "confirmation_not_on_or_after": "valid until (confirmation)",
    "session_not_on_or_after": "session ends",
}


def report(explanation: "Explanation", *, coloured: bool = False) -> str:
    """Return the report: AWS's answer, every rule, what the response and the trust policy say, and a likely cause."""
    lines = [*_headline(explanation)]
    for note in explanation.notes:
        lines += _wrapped(f"Note: {note}.", "", "      ")
    lines += ["", "Rules", *(line for check in explanation.checks for line in _check(check, coloured))]
    lines += ["", "Response", *_facts(explanation.facts)]
    if explanation.facts.get("roles"):
        lines += ["", "Roles that the response offers", *_roles(explanation.facts["roles"])]
    if explanation.trust:
        lines += ["", "Trust policy", *_trust(explanation.trust)]
    if explanation.cause:
        lines += ["", *_wrapped(f"Likely cause: {explanation.cause}.", "", "  ")]
        lines += _wrapped(f"What to change: {explanation.remedy}.", "", "  ") if explanation.remedy else []
    return "\n".join(lines)


def _headline(explanation: "Explanation") -> list[str]:
    if explanation.accepted:
        return [f"AWS would accept this response for {explanation.duration_seconds} seconds."]
    if explanation.accepted is None:
        return ["No rule that could be judged fails; some rules are left open."]
    answer = f"AWS would refuse this response: {explanation.code} ({explanation.status})"
    lines = _wrapped(f"{answer}: {explanation.message}" if explanation.message else f"{answer}, without a message", "")
    return [*lines, _SOURCES[explanation.message_source]] if explanation.message else lines


def _check(check: "Check", coloured: bool) -> Iterator[str]:
    mark = f"{check.outcome:<12}"
    name = check.rule + (" (unverified values)" if check.unverified else "")
    yield f"  {_COLOURS[check.outcome]}{mark}\033[0m{name}" if coloured else f"  {mark}{name}"
    indent = " " * 14
    if check.outcome == FAILED:
        yield from _wrapped(f"Rule: {check.statement}.", indent)
        yield from _wrapped(f"Here: {check.because}.", indent)
        yield from _wrapped(f"Change: {check.remedy}.", indent)
        yield from _wrapped(f"See: {check.page}", indent) if check.page else ()
    elif check.because:
        yield from _wrapped(check.because, indent, indent)


def _facts(facts: dict[str, Any]) -> Iterator[str]:
    for label, name in (
        ("role", "role_arn"),
        ("provider", "principal_arn"),
        ("region", "region"),
        ("issuer", "issuer"),
        ("subject", "subject"),
        ("subject type", "subject_type"),
    ):
        yield from _fact(label, facts.get(name))
    for name, time in facts.get("times", {}).items():
        yield from _fact(_TIMES[name], f"{time['at']}, {time['relative']}")
    yield from _fact("judged at", facts.get("judged_at"))
    for label, name in (
        ("recipient", "recipient"),
        ("audience", "audiences"),
        ("session name", "session_name"),
        ("source identity", "source_identity"),
    ):
        yield from _fact(label, facts.get(name))
    yield from _fact("session tag", [f"{key}={value}" for key, value in facts.get("tags", {}).items()])
    yield from _fact("transitive tag", facts.get("transitive_tag_keys"))
    yield from _fact("signature algorithm", facts.get("signature_algorithms"))
    yield from _fact("digest algorithm", facts.get("digest_algorithms"))
    yield from _certificates(facts)


def _certificates(facts: dict[str, Any]) -> Iterator[str]:
    for certificate in facts.get("certificates", ()):
        told = ["signed"] * certificate["signed"] + [_IN_METADATA[certificate["in_metadata"]]]
        yield from _fingerprint("certificate in the response", certificate["sha256"], told)
    for certificate in facts.get("metadata_certificates", ()):
        told = ["signed" if certificate["signed"] else "did not sign"]
        yield from _fingerprint("certificate in the metadata", certificate["sha256"], told)


def _fingerprint(label: str, sha256: str, told: list[str]) -> list[str]:
    return [f"  {label}: {', '.join(told)}; SHA-256", f"    {sha256}"]


def _fact(label: str, value: Any) -> Iterator[str]:
    for text in value if isinstance(value, list) else [value]:
        if text not in (None, ""):
            yield from _wrapped(f"{label}: {text}", "  ")


def _roles(roles: list[dict[str, Any]]) -> Iterator[str]:
    rows = [("", "account", "role", "provider"), *map(_row, roles)]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _row(role: dict[str, Any]) -> tuple[str, str, str, str]:
    """Return the cells of a role: its account, its name, and the provider's name or, if that is elsewhere, ARN."""
    mark = "*" if role["requested"] else ""
    if not role["role"]:
        return mark, "", ascii_safe(role["value"]), "(not a pair)"
    before, _, name = role["role"].partition(":role/")
    elsewhere, _, provider = role["provider"].partition(":saml-provider/")
    account = before.removeprefix("arn:aws:iam::")
    provider = provider if before == elsewhere else role["provider"]
    return mark, ascii_safe(account), ascii_safe(name), ascii_safe(provider)


def _trust(statements: "tuple[StatementCheck, ...]") -> Iterator[str]:
    action = ""
    for check in statements:
        if check.action != action:
            action = check.action
            yield f"  {action}"
        about = "" if check.conditions or check.applies else f": {check.because}"
        applies = "applies" if check.applies else "does not apply"
        yield from _wrapped(f"statement {check.statement} ({check.effect}) {applies}{about}", "    ")
        for condition in check.conditions:
            holds = "holds" if condition.holds else "fails"
            yield from _wrapped(f"{condition.condition} {holds}", "      ")
            yield from _wrapped(f"wanted {condition.wanted}", "        ")
            yield from _wrapped(f"got {condition.got}", "        ")


def _wrapped(text: str, indent: str, further: str | None = None) -> list[str]:
    if len(text) > _LONGEST_TEXT:
        left_out = len(text) - _SHOWN_BEFORE - _SHOWN_AFTER
        text = f"{text[:_SHOWN_BEFORE]} [... {left_out:,} characters ...] {text[-_SHOWN_AFTER:]}"
    return textwrap.wrap(
        ascii_safe(text),
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + "  " if further is None else further,
        break_long_words=False,
        break_on_hyphens=False,
    )


def ascii_safe(text: str) -> str:
    """Return a text without control characters, which a terminal would obey."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)
