"""Decorated coroutines."""

import asyncio
import functools
import inspect

from decorated import coroutine_function, generator_function, is_active

from pytest_stssaml import active_backend, mock_sts_saml


def test_a_decorated_coroutine_runs_inside_the_mock():
    assert asyncio.run(mock_sts_saml(coroutine_function)())


def test_a_decorated_coroutine_is_inside_the_mock_after_it_was_suspended():
    @mock_sts_saml
    async def body():
        await asyncio.sleep(0)
        return is_active()

    assert asyncio.run(body())


def test_a_decorated_coroutine_enters_the_mock_when_it_is_awaited():
    coroutine = mock_sts_saml(coroutine_function)()
    assert not is_active()
    coroutine.close()


def test_a_decorated_coroutine_leaves_the_mock():
    asyncio.run(mock_sts_saml(coroutine_function)())
    assert not is_active()


def test_a_decorated_coroutine_that_is_cancelled_leaves_the_mock():
    @mock_sts_saml
    async def wait():
        await asyncio.Event().wait()

    async def cancel():
        task = asyncio.create_task(wait())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled(), is_active()

    assert asyncio.run(cancel()) == (True, False)


def test_decorated_coroutines_that_run_together_join_one_mock():
    @mock_sts_saml
    async def backend():
        await asyncio.sleep(0)
        return active_backend()

    async def together():
        return await asyncio.gather(backend(), backend())

    assert len(set(asyncio.run(together()))) == 1


def test_a_plain_wrapper_that_returns_a_coroutine_is_awaited_inside_the_mock():
    @functools.wraps(coroutine_function)
    def wrapper():
        return coroutine_function()

    async def await_it():
        return await mock_sts_saml(wrapper)()

    assert asyncio.run(await_it())


def test_a_plain_wrapper_that_runs_a_coroutine_gives_its_result():
    @functools.wraps(coroutine_function)
    def wrapper():
        return asyncio.run(coroutine_function())

    result = mock_sts_saml(wrapper)()
    if inspect.iscoroutine(result):
        result.close()
    assert result is True


def test_a_plain_wrapper_that_lists_a_generator_gives_the_list():
    @functools.wraps(generator_function)
    def wrapper():
        return list(generator_function())

    assert mock_sts_saml(wrapper)() == [True]


def test_a_callable_object_whose_call_is_async_is_awaited_inside_the_mock():
    class Login:
        async def __call__(self):
            return is_active()

    async def await_it():
        return await mock_sts_saml(Login())()

    assert asyncio.run(await_it())
