"""Decorated functions and methods, and what cannot be decorated."""

import asyncio
import contextlib
import functools
import inspect
from typing import Any

import pytest
from decorated import (
    CONFLICT,
    OTHER_ACCOUNT,
    async_generator_function,
    coroutine_function,
    generator_function,
    is_active,
    make_a_role,
)

from pytest_stssaml import active_backend, current_test, mock_sts_saml

# --- functions


def test_a_bare_decorator_runs_a_function_inside_the_mock():
    assert mock_sts_saml(is_active)()


def test_a_called_decorator_runs_a_function_inside_the_mock():
    assert mock_sts_saml()(is_active)()


def test_a_called_decorator_has_its_options():
    @mock_sts_saml(account_id=OTHER_ACCOUNT)
    def account():
        return active_backend().account_id

    assert account() == OTHER_ACCOUNT


def test_decorating_alone_activates_nothing():
    mock_sts_saml(is_active)
    assert not is_active()


def test_a_decorated_function_leaves_the_mock():
    mock_sts_saml(is_active)()
    assert not is_active()


def test_a_decorated_function_that_raises_leaves_the_mock():
    @mock_sts_saml
    def fail():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not is_active()


def test_a_decorated_function_takes_and_gives_what_it_did():
    @mock_sts_saml
    def echo(*args, **kwargs):
        return args, kwargs

    assert echo(1, mock=2) == ((1,), {"mock": 2})


def test_every_call_of_a_decorated_function_begins_with_an_empty_aws():
    make = mock_sts_saml(make_a_role)
    assert make() is not make()


def test_a_decorated_function_that_calls_itself_joins_its_own_mock():
    @mock_sts_saml
    def backends(depth):
        return {active_backend()} | (backends(depth - 1) if depth else set())

    assert len(backends(3)) == 1


def test_a_decorated_function_joins_the_mock_of_its_caller():
    with mock_sts_saml() as sts:
        assert mock_sts_saml(active_backend)() is sts


def test_a_decorated_function_called_in_a_mock_with_other_options_is_refused():
    with mock_sts_saml():
        with pytest.raises(RuntimeError) as caught:
            mock_sts_saml(account_id=OTHER_ACCOUNT)(is_active)()
        assert str(caught.value) == CONFLICT


@pytest.mark.parametrize(
    "function",
    [lambda: is_active(), functools.partial(is_active), functools.lru_cache(is_active)],  # noqa: PLW0108
    ids=["lambda", "partial", "cached"],
)
def test_any_callable_can_be_decorated(function):
    assert mock_sts_saml(function)()


# --- what a decorated function still is


def test_a_decorated_function_keeps_its_name_and_docstring():
    assert (mock_sts_saml(make_a_role).__name__, mock_sts_saml(make_a_role).__doc__) == (
        "make_a_role",
        "IAM refuses it where a role of that name is left from before.",
    )


def test_a_decorated_function_keeps_its_signature():
    assert inspect.signature(mock_sts_saml(make_a_role)) == inspect.signature(make_a_role)


@pytest.mark.parametrize(
    "function", [is_active, coroutine_function, generator_function, async_generator_function], ids=lambda f: f.__name__
)
@pytest.mark.parametrize(
    "is_that_kind",
    [
        inspect.isfunction,
        inspect.iscoroutinefunction,
        inspect.isgeneratorfunction,
        inspect.isasyncgenfunction,
        asyncio.iscoroutinefunction,
    ],
    ids=["function", "coroutine", "generator", "async generator", "asyncio's coroutine"],
)
def test_a_decorated_function_is_of_the_kind_that_it_was(function, is_that_kind):
    assert is_that_kind(mock_sts_saml(function)) == is_that_kind(function)


# --- methods


class Caller:
    @mock_sts_saml
    def method(self):
        return self, is_active()

    @property
    @mock_sts_saml
    def mock_below_property(self):
        return self, is_active()

    @mock_sts_saml
    @classmethod
    async def async_classmethod(cls):
        return cls, is_active()

    @mock_sts_saml
    @staticmethod
    def generator_staticmethod():
        yield is_active()


def echo(argument):
    return argument, is_active()


decorator: Any = mock_sts_saml  # its types know functions, and classmethod() and staticmethod() only as decorators


def test_a_decorated_method_has_its_instance():
    caller = Caller()
    assert caller.method() == (caller, True)


def test_a_decorated_method_can_be_called_on_its_class():
    caller = Caller()
    assert Caller.method(caller) == (caller, True)


@pytest.mark.parametrize(
    ("method", "arguments", "argument"),
    [
        pytest.param(decorator(classmethod(echo)), (), "the class", id="above classmethod"),
        pytest.param(classmethod(decorator(echo)), (), "the class", id="below classmethod"),
        pytest.param(decorator(staticmethod(echo)), ("value",), "value", id="above staticmethod"),
        pytest.param(staticmethod(decorator(echo)), ("value",), "value", id="below staticmethod"),
    ],
)
@pytest.mark.parametrize("by", ["class", "instance"])
def test_a_decorated_class_method_or_static_method_has_its_arguments(method, arguments, argument, by):
    owner = type("Owner", (), {"method": method})
    called = getattr(owner if by == "class" else owner(), "method")(*arguments)  # noqa: B009 - unknown to mypy
    assert called == (owner if argument == "the class" else argument, True)


def test_a_decorator_below_property_runs_the_getter_inside_the_mock():
    caller = Caller()
    assert caller.mock_below_property == (caller, True)


def test_a_decorated_async_classmethod_is_awaited_inside_the_mock():
    assert asyncio.run(Caller.async_classmethod()) == (Caller, True)


def test_a_decorated_generator_staticmethod_runs_inside_the_mock():
    assert list(Caller.generator_staticmethod()) == [True]


# --- what cannot be decorated


def test_a_context_manager_is_made_above_the_mock():
    @contextlib.contextmanager
    def aws():
        yield

    with pytest.raises(TypeError) as caught:
        mock_sts_saml(aws)
    assert str(caught.value) == (
        "@mock_sts_saml would end before the block does; write @contextmanager above @mock_sts_saml"
    )


def test_a_plain_wrapper_that_hands_on_a_generator_runs_it_inside_the_mock():
    @functools.wraps(generator_function)
    def wrapper():
        return generator_function()

    assert list(mock_sts_saml(wrapper)()) == [True]


def test_options_are_given_by_name():
    with pytest.raises(TypeError) as caught:
        mock_sts_saml("111122223333")  # type: ignore[call-overload] # the mistake
    assert str(caught.value) == "options are given by name: write mock_sts_saml(account_id='111122223333')"


def test_a_fixture_object_cannot_be_decorated():
    @pytest.fixture
    def aws():
        raise AssertionError

    with pytest.raises(TypeError) as caught:
        mock_sts_saml(aws)
    assert str(caught.value) == ("@mock_sts_saml cannot decorate a fixture; write @pytest.fixture above @mock_sts_saml")


def test_what_an_older_pytest_makes_of_a_fixture_cannot_be_decorated():
    def aws() -> None:
        raise AssertionError

    setattr(aws, "_pytestfixturefunction", object())  # noqa: B010 - what pytest below 8.4 does
    with pytest.raises(TypeError) as caught:
        mock_sts_saml(aws)
    assert str(caught.value) == ("@mock_sts_saml cannot decorate a fixture; write @pytest.fixture above @mock_sts_saml")


@pytest.mark.parametrize("target", [property(repr), functools.cached_property(repr), 5], ids=lambda t: type(t).__name__)
def test_what_is_neither_a_function_nor_a_class_cannot_be_decorated(target):
    with pytest.raises(TypeError) as caught:
        mock_sts_saml(target)
    assert str(caught.value) == (
        f"@mock_sts_saml decorates functions and classes, not {target!r}; "
        "put it directly above def, below @property and similar decorators"
    )


NO_PLUGIN = (
    "@mock_sts_saml on the plain class TestLogin needs pytest and its plugin stssaml (here: none, or "
    "-p no:stssaml); derive the class from unittest.TestCase, or decorate its methods"
)


def test_a_plain_class_cannot_be_decorated_without_the_plugin(monkeypatch):
    class TestLogin:
        pass

    monkeypatch.setattr(current_test, "plugins", 0)
    with pytest.raises(TypeError) as caught:
        mock_sts_saml(TestLogin)
    assert str(caught.value) == NO_PLUGIN


@pytest.mark.slow
def test_a_pytest_run_that_blocks_the_plugin_refuses_a_plain_class_and_runs_a_function(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(
        test_class="from pytest_stssaml import mock_sts_saml\n\n@mock_sts_saml\nclass TestLogin: pass\n",
        test_function=(
            "from pytest_stssaml import active_backend, mock_sts_saml\n\n"
            "@mock_sts_saml\ndef test_login():\n    assert active_backend()\n"
        ),
    )
    plugins = ("-p", "no:stssaml", "-p", "no:cacheprovider", "-p", "no:hypothesispytest")
    result = pytester.runpytest_subprocess(*plugins, "--continue-on-collection-errors")
    result.assert_outcomes(errors=1, passed=1)
    result.stdout.fnmatch_lines([f"E   TypeError: {NO_PLUGIN}"])


@pytest.mark.slow
def test_python_without_pytest_refuses_a_plain_class(pytester):
    script = pytester.makepyfile("from pytest_stssaml import mock_sts_saml\n\n@mock_sts_saml\nclass TestLogin: pass\n")
    result = pytester.runpython(script)
    result.stderr.fnmatch_lines([f"TypeError: {NO_PLUGIN}"])
