"""Errors that say which keyword was meant by a misspelt one."""

import difflib
import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any, TypeVar, cast

_F = TypeVar("_F", bound=Callable[..., Any])


def unknown_keyword(function: str, keyword: str, known: Iterable[str]) -> str:
    """Return the message that a function does not take a keyword, and which one may be meant."""
    known = list(known)
    guess = difflib.get_close_matches(keyword, known, n=1)
    remedy = f"did you mean {guess[0]}?" if guess else f"it takes {', '.join(known)}"
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
