"""Rules as values, and the exception with which a rule refuses a call."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from string import Template
from typing import Any, Generic, ParamSpec, TypeAlias, TypeVar

from .errors import ErrorRow

P = ParamSpec("P")
T = TypeVar("T")


class Confidence(Enum):
    """How well it is established that AWS has a rule."""

    DOCUMENTED = "stated in AWS's documentation or in the standard that is named"
    OBSERVED = "seen in answers of AWS"
    INFERRED = "concluded from other answers or texts of AWS"
    OURS = "chosen by this package, since AWS's rule is not known"


class Rejected(Exception):
    """STS refuses a call.

    Attributes:
        error: the row of the catalogue that the caller sees.
        because: the reason that AWS hides from the caller: what was expected, and what came.
        hint: what the author of a test may write instead, as the end of that sentence, or "".
        fields: the values of the fields in the row's message.
        rule: the rule that refuses.

    """

    def __init__(self, error: ErrorRow, because: str, *, hint: str = "", **fields: object) -> None:
        super().__init__(error, because)
        self.error = error
        self.because = because
        self.hint = hint
        self.fields = fields
        self.rule: AnyRule | None = None

    def message(self, **fields: object) -> str | None:
        """Return the message with its fields filled in, or None if the row has no message."""
        if self.error.message is None:
            return None
        return Template(self.error.message).substitute(self.fields, **fields)


@dataclass(frozen=True, slots=True, eq=False)
class Rule(Generic[P, T]):
    """One rule of AWS: call it to check it.

    It returns what its function returns, which is None for most rules and what was read for some.

    :raises Rejected: if the rule refuses; its `rule` is this one.
    """

    #: Its name in `attempts[-1].failed` and the README.
    name: str
    #: What must hold, as a sentence without its full stop.
    statement: str
    #: Where it is written or was seen: a page of the IAM user guide, another document, or "observed". It is empty for
    #: what this package does itself.
    source: str
    #: How well it is established that AWS has the rule.
    confidence: Confidence
    #: The function that checks it.
    check: Callable[P, T]

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        """Check the rule."""
        try:
            return self.check(*args, **kwargs)
        except Rejected as rejected:
            if rejected.rule is None:
                rejected.rule = self
            raise

    def __str__(self) -> str:
        return f"{self.statement} ({self.source})." if self.source else f"{self.statement}."


AnyRule: TypeAlias = Rule[..., Any]


def check_all(rules: Iterable[AnyRule], *args: object) -> None:
    """Check rules in their order, as calls of them do.

    :raises Rejected: by the first one that refuses.
    """
    for rule in rules:
        try:
            rule.check(*args)
        except Rejected as rejected:
            rejected.rule = rejected.rule or rule
            raise


def rule(statement: str, *, source: str, confidence: Confidence) -> Callable[[Callable[P, T]], Rule[P, T]]:
    """Make a rule of a function, which gives its name."""

    def decorate(check: Callable[P, T]) -> Rule[P, T]:
        return Rule(check.__name__, statement, source, confidence, check)

    return decorate
