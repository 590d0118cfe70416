"""Errors that say what may be meant by a misspelt keyword, option, name or code."""

import difflib
import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any, TypeVar, cast

_F = TypeVar("_F", bound=Callable[..., Any])


def did_you_mean(written: str, known: Iterable[str], otherwise: str = "") -> str:
    """Return a question that names what may be meant, or else another remedy.

    The case of letters does not count. If several are as near, the one with the same letters in another order is meant.

    :param otherwise: the remedy if nothing is similar.
    """
    spelled = {name.lower(): name for name in known}
    near = difflib.get_close_matches(written.lower(), spelled, n=5)
    near.sort(key=lambda name: sorted(name) != sorted(written.lower()))  # Transposed letters are the usual mistake.
    return f"did you mean {spelled[near[0]]}?" if near else otherwise


def unknown_choice(argument: str, written: object, known: Iterable[str], besides: str = "") -> str:
    """Return the message that an argument has none of the values that it may have, and which one may be meant.

    :param besides: what it may be too, such as "None".
    """
    known = list(known)
    remedy = did_you_mean(written, known) if isinstance(written, str) else ""
    choices = ", ".join(known) + (f", or {besides}" if besides else "")
    return f"{argument} must be one of {choices}, not {written!r}" + (f"; {remedy}" if remedy else "")


def unknown_keyword(function: str, keyword: str, known: Iterable[str]) -> str:
    """Return the message that a function does not take a keyword, and which one may be meant."""
    known = list(known)
    remedy = did_you_mean(keyword, known, f"it takes {', '.join(known)}")
    return f"{function}() does not take the keyword {keyword}; {remedy}"


def keywords_checked(function: _F) -> _F:
    """Decorate a method, so that a misspelt keyword is a TypeError that says which one may be meant."""

    @functools.wraps(function)
    def checked(*args: Any, **keywords: Any) -> Any:
        __tracebackhide__ = True
        try:
            return function(*args, **keywords)
        except TypeError:
            known = [name for name in inspect.signature(function).parameters if name != "self"]
            for keyword in keywords:
                if keyword not in known:
                    raise TypeError(unknown_keyword(function.__name__, keyword, known)) from None
            raise

    return cast("_F", checked)
