"""The decorator form of a context manager, for every kind of callable and class."""

import contextlib
import inspect
import sys
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from functools import partial
from typing import Any, Protocol, TypeVar, cast
from unittest import TestCase

import wrapt

from . import current_test

Decorated = TypeVar("Decorated")


class Mock(Protocol):
    """What a decorated callable runs in."""

    def __enter__(self) -> Any: ...

    def __exit__(self, *error: object) -> None: ...

    def check_ordered_errors(self, *, failed: bool) -> None:
        """Check, at the end of a test, that calls have met the errors that it ordered."""


#: The attribute in which a plain class keeps the context manager in which the plugin runs its tests. The wrapper of a
#: function that returns keeps its context manager there too: if the function is a fixture, the plugin keeps it entered.
MARK = "__stssaml_mock__"
#: The same of a decorated TestCase, which enters its mock itself.
MARK_OF_TEST_CASE = "__stssaml_mock_of_test_case__"


def decorate(target: Decorated, inside: Mock) -> Decorated:
    """Return the callable or class, run inside a context manager that can be entered again and again.

    :raises TypeError: if that is not possible; the message says what to write instead.
    """
    if isinstance(target, type):
        return cast(Decorated, _decorate_class(target, inside))
    _refuse_fixture(target)
    if getattr(getattr(target, "__code__", None), "co_filename", "") == contextlib.__file__:
        raise TypeError("@mock_sts_saml would end before the block does; write @contextmanager above @mock_sts_saml")
    if not callable(target) and not isinstance(target, staticmethod | classmethod):
        raise TypeError(
            f"@mock_sts_saml decorates functions and classes, not {target!r}; "
            "put it directly above def, below @property and similar decorators"
        )
    return cast(Decorated, wrapt.FunctionWrapper(cast(Any, target), _wrapper_of(target)(inside)))


def _decorate_class(cls: type, inside: Mock) -> type:
    if issubclass(cls, TestCase):
        # These run from setUp to the last cleanup, once for each test method.
        for entry in ("run", "debug"):
            setattr(cls, entry, _Method(wrapt.FunctionWrapper(getattr(cls, entry), _test_case(inside))))
        setattr(cls, MARK_OF_TEST_CASE, inside)
    elif current_test.plugins:
        setattr(cls, MARK, inside)
    else:
        raise TypeError(
            f"@mock_sts_saml on the plain class {cls.__name__} needs pytest and its plugin stssaml (here: none, or "
            "-p no:stssaml); derive the class from unittest.TestCase, or decorate its methods"
        )
    return cls


class _Method:
    """A method that other class decorators do not take for a test. moto's would wrap it and enter its mock twice."""

    def __init__(self, function: Any) -> None:
        self._function = function

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        return self._function.__get__(instance, owner)


def _test_case(inside: Mock) -> "_Wrapper":
    def call(wrapped: Any, instance: TestCase, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        with current_test.named(instance.id()), inside:
            instance.addCleanup(check)  # the first cleanup is the last thing that a test does
            vars(instance)["doCleanups"] = partial(clean_up, instance, instance.doCleanups)
            try:
                return wrapped(*args, **kwargs)
            finally:
                vars(instance).pop("doCleanups", None)

    def clean_up(instance: TestCase, do_cleanups: Callable[[], Any]) -> Any:
        # unittest keeps here whether the test has passed so far, but not for a cleanup to see. `success` stays true if
        # a test fails as @expectedFailure says. debug() keeps nothing, and stops at the first error.
        outcome = getattr(instance, "_outcome", None)
        passed = getattr(outcome, "success", True) and getattr(outcome, "expectedFailure", None) is None
        current_test.notes.failed |= not passed
        return do_cleanups()

    def check() -> None:
        inside.check_ordered_errors(failed=current_test.notes.failed)

    return call


def _refuse_fixture(target: object) -> None:
    # pytest 8.4 and newer makes an object of its own, older ones mark the function.
    if type(target).__name__ == "FixtureFunctionDefinition" or hasattr(target, "_pytestfixturefunction"):
        raise TypeError("@mock_sts_saml cannot decorate a fixture; write @pytest.fixture above @mock_sts_saml")


_Wrapper = Callable[[Any, Any, tuple[Any, ...], dict[str, Any]], Any]


def _wrapper_of(target: Any) -> Callable[[Mock], _Wrapper]:
    """Return the wrapper for a kind of function. The body of every kind but the plain one runs after the call."""
    function = getattr(target, "__func__", target)
    if not inspect.isroutine(function) and not isinstance(function, partial):
        function = function.__call__
    if inspect.isasyncgenfunction(function):
        return _async_generator
    if inspect.iscoroutinefunction(function):
        return _coroutine
    return _generator if inspect.isgeneratorfunction(function) else _function


def _function(inside: Mock) -> _Wrapper:
    def call(wrapped: Any, _instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        with inside:
            result = wrapped(*args, **kwargs)
        # A plain function may return a coroutine or a generator, for example if it comes from another decorator.
        if inspect.iscoroutine(result):
            return awaited(result)
        return iterated(result) if inspect.isgenerator(result) else result

    async def awaited(coroutine: Coroutine[Any, Any, Any]) -> Any:
        with inside:
            return await coroutine

    def iterated(generator: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        with inside:
            return (yield from generator)

    setattr(call, MARK, inside)
    return call


def _coroutine(inside: Mock) -> _Wrapper:
    async def call(wrapped: Any, _instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        with inside:
            return await wrapped(*args, **kwargs)

    setattr(call, MARK, inside)
    return call


def _generator(inside: Mock) -> _Wrapper:
    def call(wrapped: Any, _instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Generator[Any, Any, Any]:
        with inside:
            return (yield from wrapped(*args, **kwargs))

    return call


def _async_generator(inside: Mock) -> _Wrapper:
    async def call(
        wrapped: Any, _instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> AsyncGenerator[Any, Any]:
        with inside:
            body = wrapped(*args, **kwargs)
            # This is what `yield from` does, which async generators lack (PEP 380, PEP 525). The event loop must not
            # learn about the body: when it ends, it would close body and wrapper at the same time, and each would find
            # the other one running.
            hooks = sys.get_asyncgen_hooks()
            sys.set_asyncgen_hooks(None, None)
            try:
                advance = body.asend(None)
            finally:
                sys.set_asyncgen_hooks(*hooks)
            while True:
                try:
                    value = await advance
                except StopAsyncIteration:
                    return
                try:
                    advance = body.asend((yield value))
                except GeneratorExit:
                    await body.aclose()
                    raise
                except BaseException as error:  # noqa: BLE001 - the body of the generator handles it
                    advance = body.athrow(error)

    return call
