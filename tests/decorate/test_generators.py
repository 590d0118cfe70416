"""Decorated generators and async generators."""

import asyncio
import contextlib
import sys
from typing import Any

import pytest
from decorated import async_generator_function, generator_function, is_active

from pytest_stssaml import active_backend, mock_sts_saml

# --- generators


@mock_sts_saml
def conversation(heard):
    """Keeps what it is sent, thrown and closed with, each with whether the mock was active."""
    try:
        while True:
            try:
                heard.append(((yield len(heard)), is_active()))
            except LookupError as error:
                heard.append((error, is_active()))
    finally:
        heard.append(("cleanup", is_active()))


def test_a_decorated_generator_enters_the_mock_with_its_first_value():
    generator = conversation([])
    before = is_active()
    next(generator)
    assert (before, is_active()) == (False, True)
    generator.close()


def test_what_is_sent_to_a_decorated_generator_reaches_its_body():
    heard: list[Any] = []
    with contextlib.closing(conversation(heard)) as generator:
        next(generator)
        assert generator.send("hello") == 1
        assert heard == [("hello", True)]


def test_what_is_thrown_into_a_decorated_generator_reaches_its_body():
    heard: list[Any] = []
    error = LookupError()
    with contextlib.closing(conversation(heard)) as generator:
        next(generator)
        assert generator.throw(error) == 1
        assert heard == [(error, True)]


def test_closing_a_decorated_generator_runs_its_cleanup_inside_the_mock():
    heard: list[Any] = []
    generator = conversation(heard)
    next(generator)
    generator.close()
    assert heard == [("cleanup", True)]


def test_closing_a_decorated_generator_leaves_the_mock():
    generator = conversation([])
    next(generator)
    generator.close()
    assert not is_active()


def test_a_decorated_generator_returns_what_it_did():
    @mock_sts_saml
    def body():
        yield 1
        return "result"

    def delegate():
        return (yield from body())

    generator = delegate()
    next(generator)
    with pytest.raises(StopIteration) as caught:
        next(generator)
    assert caught.value.value == "result"


def test_a_decorated_generator_that_ends_leaves_the_mock():
    assert list(mock_sts_saml(generator_function)()) == [True]
    assert not is_active()


def test_a_decorated_generator_that_raises_leaves_the_mock():
    generator = conversation([])
    next(generator)
    with pytest.raises(ZeroDivisionError):
        generator.throw(ZeroDivisionError())
    assert not is_active()


def test_a_decorated_generator_that_never_began_has_nothing_to_leave():
    with mock_sts_saml() as sts:
        conversation([]).close()
        assert active_backend() is sts


def test_a_decorated_generator_can_be_a_context_manager():
    @contextlib.contextmanager
    @mock_sts_saml
    def aws():
        yield active_backend()

    with aws() as sts:
        assert active_backend() is sts
    assert not is_active()


# --- async generators


@mock_sts_saml
async def async_conversation(heard):
    """As `conversation`, and its cleanup awaits."""
    try:
        while True:
            try:
                heard.append(((yield len(heard)), is_active()))
            except LookupError as error:
                heard.append((error, is_active()))
    finally:
        await asyncio.sleep(0)
        heard.append(("cleanup", is_active()))


def test_a_decorated_async_generator_enters_the_mock_with_its_first_value():
    async def talk():
        async with contextlib.aclosing(async_conversation([])) as generator:
            before = is_active()
            await anext(generator)
            return before, is_active()

    assert asyncio.run(talk()) == (False, True)


def test_what_is_asent_to_a_decorated_async_generator_reaches_its_body():
    async def talk():
        heard: list[Any] = []
        async with contextlib.aclosing(async_conversation(heard)) as generator:
            await anext(generator)
            return await generator.asend("hello"), heard[:]

    assert asyncio.run(talk()) == (1, [("hello", True)])


def test_what_is_athrown_into_a_decorated_async_generator_reaches_its_body():
    error = LookupError()

    async def talk():
        heard: list[Any] = []
        async with contextlib.aclosing(async_conversation(heard)) as generator:
            await anext(generator)
            return await generator.athrow(error), heard[:]

    assert asyncio.run(talk()) == (1, [(error, True)])


def test_an_error_that_the_body_of_a_decorated_async_generator_passes_on_reaches_its_caller():
    heard: list[Any] = []

    async def talk():
        generator = async_conversation(heard)
        await anext(generator)
        await generator.athrow(ZeroDivisionError())

    with pytest.raises(ZeroDivisionError):
        asyncio.run(talk())
    assert (heard, is_active()) == ([("cleanup", True)], False)


def test_aclosing_a_decorated_async_generator_runs_its_cleanup_inside_the_mock():
    async def talk():
        heard: list[Any] = []
        generator = async_conversation(heard)
        await anext(generator)
        await generator.aclose()
        return heard

    assert asyncio.run(talk()) == [("cleanup", True)]


def test_aclosing_a_decorated_async_generator_leaves_the_mock():
    async def talk():
        generator = async_conversation([])
        await anext(generator)
        await generator.aclose()
        return is_active()

    assert not asyncio.run(talk())


def test_a_decorated_async_generator_that_will_not_close_is_refused_and_leaves_the_mock():
    @mock_sts_saml
    async def stubborn():
        with contextlib.suppress(GeneratorExit):
            yield 1
        yield 2

    async def talk():
        generator = stubborn()
        await anext(generator)
        with pytest.raises(RuntimeError) as caught:
            await generator.aclose()
        return str(caught.value), is_active()

    assert asyncio.run(talk()) == ("async generator ignored GeneratorExit", False)


def test_a_decorated_async_generator_gives_every_value():
    @mock_sts_saml
    async def body():
        for number in range(3):
            yield number, is_active()

    async def collect():
        return [value async for value in body()]

    assert asyncio.run(collect()) == [(0, True), (1, True), (2, True)]


def test_a_decorated_async_generator_that_ends_leaves_the_mock():
    async def collect():
        async for _ in mock_sts_saml(async_generator_function)():
            pass
        return is_active()

    assert not asyncio.run(collect())


def test_a_decorated_async_generator_may_end_on_what_is_athrown():
    @mock_sts_saml
    async def body():
        with contextlib.suppress(LookupError):
            yield 1

    async def talk():
        generator = body()
        await anext(generator)
        with pytest.raises(StopAsyncIteration):
            await generator.athrow(LookupError())
        return is_active()

    assert not asyncio.run(talk())


def test_a_decorated_async_generator_that_a_loop_shuts_down_runs_its_cleanup_inside_the_mock():
    heard: list[Any] = []
    complaints: list[str] = []

    async def abandon():
        asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context["message"]))
        generator = async_conversation(heard)
        await anext(generator)
        return generator

    generator = asyncio.run(abandon())
    assert (heard, complaints, generator.ag_running) == ([("cleanup", True)], [], False)


def test_a_decorated_async_generator_can_be_an_async_context_manager():
    @contextlib.asynccontextmanager
    @mock_sts_saml
    async def aws():
        yield active_backend()

    async def enter():
        async with aws() as sts:
            return active_backend() is sts

    assert asyncio.run(enter())


def test_a_callable_object_whose_call_is_an_async_generator_runs_inside_the_mock():
    class Logins:
        async def __call__(self):
            yield is_active()

    async def collect():
        return [value async for value in mock_sts_saml(Logins())()]

    assert asyncio.run(collect()) == [True]


def test_a_decorated_async_generator_leaves_the_hooks_of_the_event_loop_as_they_were():
    async def talk():
        before = sys.get_asyncgen_hooks()
        async with contextlib.aclosing(async_conversation([])) as generator:
            await anext(generator)
            return before == sys.get_asyncgen_hooks() != (None, None)

    assert asyncio.run(talk())
