import asyncio
import contextlib
import fnmatch
import functools
import inspect
import sys
import unittest

import pytest
from good import PROVIDER

from pytest_stssaml import active_backend, mock_sts_saml
from pytest_stssaml import current_test as running
from pytest_stssaml.decorate import MARK

OTHER_ACCOUNT = "210987654321"
CONFLICT = (
    "mock_sts_saml is active with account_id='123456789012' and cannot be entered with account_id='210987654321': "
    "a process has one mock at a time; write it where the mock is first entered"
)


def is_active():
    try:
        active_backend()
    except LookupError:
        return False
    return True


def make_a_role(name="Developer"):
    """IAM refuses it where a role of that name is left from before."""
    return active_backend().create_role(name, trust_policy=PROVIDER.trust_policy())


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


async def coroutine_function():
    return is_active()


def generator_function():
    yield is_active()


async def async_generator_function():
    yield is_active()


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

    @mock_sts_saml
    @classmethod
    def mock_above_classmethod(cls):
        return cls, is_active()

    @classmethod
    @mock_sts_saml
    def mock_below_classmethod(cls):
        return cls, is_active()

    @mock_sts_saml
    @staticmethod
    def mock_above_staticmethod(value):
        return value, is_active()

    @staticmethod
    @mock_sts_saml
    def mock_below_staticmethod(value):
        return value, is_active()

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


def test_a_decorated_method_has_its_instance():
    caller = Caller()
    assert caller.method() == (caller, True)


def test_a_decorated_method_can_be_called_on_its_class():
    caller = Caller()
    assert Caller.method(caller) == (caller, True)


@pytest.mark.parametrize("owner", [Caller, Caller()], ids=["class", "instance"])
@pytest.mark.parametrize("name", ["mock_above_classmethod", "mock_below_classmethod"])
def test_a_decorated_classmethod_has_its_class(owner, name):
    assert getattr(owner, name)() == (Caller, True)


@pytest.mark.parametrize("owner", [Caller, Caller()], ids=["class", "instance"])
@pytest.mark.parametrize("name", ["mock_above_staticmethod", "mock_below_staticmethod"])
def test_a_decorated_staticmethod_has_its_arguments_alone(owner, name):
    assert getattr(owner, name)("value") == ("value", True)


def test_a_decorator_below_property_runs_the_getter_inside_the_mock():
    caller = Caller()
    assert caller.mock_below_property == (caller, True)


def test_a_decorated_async_classmethod_is_awaited_inside_the_mock():
    assert asyncio.run(Caller.async_classmethod()) == (Caller, True)


def test_a_decorated_generator_staticmethod_runs_inside_the_mock():
    assert list(Caller.generator_staticmethod()) == [True]


# --- async def


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
    heard = []
    with contextlib.closing(conversation(heard)) as generator:
        next(generator)
        assert generator.send("hello") == 1
        assert heard == [("hello", True)]


def test_what_is_thrown_into_a_decorated_generator_reaches_its_body():
    heard = []
    error = LookupError()
    with contextlib.closing(conversation(heard)) as generator:
        next(generator)
        assert generator.throw(error) == 1
        assert heard == [(error, True)]


def test_closing_a_decorated_generator_runs_its_cleanup_inside_the_mock():
    heard = []
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
        heard = []
        async with contextlib.aclosing(async_conversation(heard)) as generator:
            await anext(generator)
            return await generator.asend("hello"), heard[:]

    assert asyncio.run(talk()) == (1, [("hello", True)])


def test_what_is_athrown_into_a_decorated_async_generator_reaches_its_body():
    error = LookupError()

    async def talk():
        heard = []
        async with contextlib.aclosing(async_conversation(heard)) as generator:
            await anext(generator)
            return await generator.athrow(error), heard[:]

    assert asyncio.run(talk()) == (1, [(error, True)])


def test_an_error_that_the_body_of_a_decorated_async_generator_passes_on_reaches_its_caller():
    heard = []

    async def talk():
        generator = async_conversation(heard)
        await anext(generator)
        await generator.athrow(ZeroDivisionError())

    with pytest.raises(ZeroDivisionError):
        asyncio.run(talk())
    assert (heard, is_active()) == ([("cleanup", True)], False)


def test_aclosing_a_decorated_async_generator_runs_its_cleanup_inside_the_mock():
    async def talk():
        heard = []
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
    heard, complaints = [], []

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


# --- under pytest

HEADER = """
import pytest
from pytest_stssaml import active_backend, mock_sts_saml

ROLE = {
    "trust_policy": {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
    },
}

def make_a_role():
    "IAM refuses it where a role of that name is left from before."
    return active_backend().create_role("Developer", **ROLE)
"""


@pytest.fixture
def run_tests(pytester):
    """Run pytest on a module with a few names to begin with: `run_tests(source, *options)`."""

    def run(source, *options):
        pytester.makepyfile(HEADER + inspect.cleandoc(source))
        # The plugin of hypothesis imports all of it in every run.
        return pytester.runpytest("-p", "no:cacheprovider", "-p", "no:hypothesispytest", *options)

    return run


def test_pytest_runs_a_decorated_test_function(run_tests):
    run_tests("""
        @mock_sts_saml
        def test_login(tmp_path):
            assert tmp_path and active_backend()
    """).assert_outcomes(passed=1)


def test_two_decorated_test_functions_each_begin_with_an_empty_aws(run_tests):
    run_tests("""
        @mock_sts_saml
        def test_login():
            make_a_role()

        @mock_sts_saml
        def test_login_again():
            make_a_role()
    """).assert_outcomes(passed=2)


def test_pytest_runs_a_decorated_test_method(run_tests):
    run_tests("""
        class TestLogin:
            @mock_sts_saml
            def test_login(self, tmp_path):
                assert self and tmp_path and active_backend()
    """).assert_outcomes(passed=1)


@pytest.fixture
def run_async_tests(pytester, run_tests):
    """As `run_tests`, with a conftest.py that awaits tests, as the plugins for async tests do."""
    pytester.makeconftest("""
        import asyncio, inspect

        def pytest_pyfunc_call(pyfuncitem):
            if inspect.iscoroutinefunction(pyfuncitem.obj):
                asyncio.run(pyfuncitem.obj())
                return True
    """)
    return run_tests


def test_pytest_runs_a_decorated_async_test(run_async_tests):
    run_async_tests("""
        @mock_sts_saml
        async def test_login():
            assert active_backend()
    """).assert_outcomes(passed=1)


def test_a_decorated_test_joins_its_fixtures(run_tests):
    run_tests("""
        @mock_sts_saml
        def test_login(sts_saml):
            assert active_backend() is sts_saml
    """).assert_outcomes(passed=1)


def test_parametrize_can_stand_above_the_decorator(run_tests):
    run_tests("""
        @pytest.mark.parametrize("number", [1, 2])
        @mock_sts_saml
        def test_login(number):
            assert number in (1, 2) and active_backend()
    """).assert_outcomes(passed=2)


def test_parametrize_can_stand_below_the_decorator(run_tests):
    run_tests("""
        @mock_sts_saml
        @pytest.mark.parametrize("number", [1, 2])
        def test_login(number):
            assert number in (1, 2) and active_backend()
    """).assert_outcomes(passed=2)


FIXTURES = pytest.mark.parametrize(
    "fixture",
    [
        pytest.param(
            """
    @pytest.fixture
    @mock_sts_saml(account_id="210987654321")
    def aws():
        yield active_backend()
        assert active_backend().account_id == "210987654321"
""",
            id="yields",
        ),
        pytest.param(
            """
    @pytest.fixture
    @mock_sts_saml(account_id="210987654321")
    def aws(request):
        request.addfinalizer(lambda: active_backend().account_id.index("210987654321"))
        return active_backend()
""",
            id="returns",
        ),
        pytest.param(
            """
    from functools import wraps

    def decorated(function):
        @wraps(function)
        def call():
            return function()
        return call

    @pytest.fixture
    @decorated
    @mock_sts_saml
    def aws():
        return active_backend()
""",
            id="returns, beneath another decorator",
        ),
    ],
)


@FIXTURES
def test_the_decorator_below_a_fixture_lasts_through_the_test(run_tests, fixture):
    run_tests(
        inspect.cleandoc(fixture)
        + """\n
def test_login(aws):
    assert active_backend() is aws
"""
    ).assert_outcomes(passed=1)


@FIXTURES
def test_the_decorator_below_a_fixture_ends_with_the_fixture(run_tests, fixture):
    run_tests(
        inspect.cleandoc(fixture)
        + """\n
def test_login(aws):
    pass

def test_nothing_is_left():
    with pytest.raises(LookupError):
        active_backend()
"""
    ).assert_outcomes(passed=2)


def test_the_decorator_below_a_fixture_of_a_class_lasts_through_the_test(run_tests):
    run_tests("""
        class TestLogin:
            @pytest.fixture
            @mock_sts_saml
            def aws(self):
                return active_backend()

            def test_login(self, aws):
                assert active_backend() is aws
    """).assert_outcomes(passed=1)


def test_the_decorator_below_a_fixture_of_a_module_lasts_through_its_tests(run_tests):
    run_tests("""
        @pytest.fixture(scope="module")
        @mock_sts_saml
        def aws():
            return active_backend()

        @pytest.mark.parametrize("number", [1, 2])
        def test_login(aws, number):
            assert active_backend() is aws
    """).assert_outcomes(passed=2)


@pytest.mark.parametrize("scope", ["function", "module", "session"])
@pytest.mark.parametrize("end", ["raise ValueError", "pytest.skip('not here')"])
def test_the_decorator_below_a_fixture_that_fails_ends_with_it(run_tests, scope, end):
    run_tests(f"""
        @pytest.fixture(scope="{scope}")
        @mock_sts_saml(now="2020-01-01")
        def aws():
            {end}

        def test_login(aws):
            pass

        def test_nothing_is_left():
            with pytest.raises(LookupError):
                active_backend()
    """).assert_outcomes(passed=1, **({"errors": 1} if "raise" in end else {"skipped": 1}))


def test_a_mock_that_conflicts_with_a_decorated_fixture_is_told_each_time(run_tests):
    result = run_tests("""
        @pytest.fixture(scope="module")
        @mock_sts_saml
        def first():
            return active_backend()

        @pytest.fixture
        @mock_sts_saml(account_id="210987654321")
        def second():
            return active_backend()

        @pytest.mark.parametrize("number", [1, 2])
        def test_login(first, second, number):
            pass
    """)
    result.assert_outcomes(errors=2)
    told = "E  *RuntimeError: mock_sts_saml is active with account_id=*"
    assert len(fnmatch.filter(result.outlines, told)) == 2


def test_a_test_may_stop_what_a_decorated_fixture_started(run_tests):
    run_tests("""
        aws_mock = mock_sts_saml()

        @pytest.fixture
        @aws_mock
        def aws():
            return active_backend()

        def test_login(aws):
            aws_mock.stop()
    """).assert_outcomes(passed=1)


# --- unittest.TestCase


def run_cases(case):
    """Run a TestCase with unittest's own loader: how many tests it had, all of them passed."""
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(case).run(result)
    assert [text for _, text in result.errors + result.failures] == []
    return result.testsRun


def test_the_methods_of_a_test_case_run_inside_the_mock():
    seen = []

    @mock_sts_saml
    class Login(unittest.TestCase):
        def test_login(self):
            seen.append(is_active())

    run_cases(Login)
    assert seen == [True]


@pytest.mark.parametrize("decorator", [mock_sts_saml, mock_sts_saml(account_id=OTHER_ACCOUNT)], ids=["bare", "called"])
def test_the_mock_of_a_test_case_lasts_from_set_up_to_the_last_cleanup(decorator):
    seen = []

    @decorator
    class Login(unittest.TestCase):
        def setUp(self):
            self.addCleanup(lambda: seen.append(("cleanup", active_backend())))
            seen.append(("setUp", active_backend()))

        def tearDown(self):
            seen.append(("tearDown", active_backend()))

        def test_login(self):
            seen.append(("test", active_backend()))

    run_cases(Login)
    assert [when for when, _ in seen] == ["setUp", "test", "tearDown", "cleanup"]
    assert len({sts for _, sts in seen}) == 1


def test_every_method_of_a_test_case_begins_with_an_empty_aws():
    @mock_sts_saml
    class Login(unittest.TestCase):
        def setUp(self):
            make_a_role()

        def test_login(self):
            pass

        def test_login_again(self):
            pass

    assert run_cases(Login) == 2


def test_a_test_case_leaves_the_mock_after_its_methods():
    seen = []

    @mock_sts_saml
    class Login(unittest.TestCase):
        def test_login(self):
            pass

        @classmethod
        def setUpClass(cls):
            seen.append(is_active())

        @classmethod
        def tearDownClass(cls):
            seen.append(is_active())

    run_cases(Login)
    assert (seen, is_active()) == ([False, False], False)


def test_a_failing_method_of_a_test_case_leaves_the_mock():
    @mock_sts_saml
    class Login(unittest.TestCase):
        def test_login(self):
            self.fail()

    result = Login("test_login").run()
    assert (len(result.failures), is_active()) == (1, False)


def test_a_subclass_of_a_decorated_test_case_runs_inside_the_mock():
    seen = []

    @mock_sts_saml
    class Base(unittest.TestCase):
        pass

    class Login(Base):
        def setUp(self):
            seen.append(is_active())

        def test_login(self):
            seen.append(is_active())

    run_cases(Login)
    assert seen == [True, True]


def test_decorating_a_subclass_leaves_its_base_as_it_was():
    seen = []

    class Base(unittest.TestCase):
        def test_login(self):
            seen.append(is_active())

    mock_sts_saml(type("Login", (Base,), {}))
    run_cases(Base)
    assert seen == [False]


def test_a_decorated_subclass_of_a_decorated_test_case_has_one_backend_for_each_method():
    @mock_sts_saml
    class Base(unittest.TestCase):
        def setUp(self):
            make_a_role()

    @mock_sts_saml
    class Login(Base):
        def test_login(self):
            pass

    assert run_cases(Login) == 1


def test_a_decorated_method_of_a_decorated_test_case_joins_its_set_up():
    seen = []

    @mock_sts_saml
    class Login(unittest.TestCase):
        def setUp(self):
            seen.append(active_backend())

        @mock_sts_saml
        def test_login(self):
            seen.append(active_backend())

    run_cases(Login)
    assert len(set(seen)) == 1


def test_an_isolated_asyncio_test_case_runs_inside_the_mock_from_set_up_to_the_last_cleanup():
    seen = []

    @mock_sts_saml
    class Login(unittest.IsolatedAsyncioTestCase):
        async def asyncSetUp(self):
            self.addAsyncCleanup(self.note, "cleanup")
            await self.note("asyncSetUp")

        async def asyncTearDown(self):
            await self.note("asyncTearDown")

        async def test_login(self):
            await self.note("test")

        async def note(self, when):
            seen.append((when, is_active()))

    run_cases(Login)
    assert seen == [("asyncSetUp", True), ("test", True), ("asyncTearDown", True), ("cleanup", True)]


def test_a_test_case_in_a_debugger_runs_inside_the_mock():
    seen = []

    @mock_sts_saml
    class Login(unittest.TestCase):
        def setUp(self):
            seen.append(is_active())

        def test_login(self):
            seen.append(is_active())

    Login("test_login").debug()
    assert (seen, is_active()) == ([True, True], False)


def test_a_decorated_test_case_is_still_a_class():
    @mock_sts_saml
    class Login(unittest.TestCase):
        pass

    assert (isinstance(Login, type), Login.__name__) == (True, "Login")


TEST_CASE = """
    import unittest

    @mock_sts_saml
    class Login(unittest.TestCase):
        def setUp(self):
            make_a_role()

        def test_login(self):
            assert active_backend()

        def test_login_again(self):
            assert active_backend()
"""


def test_pytest_runs_a_decorated_test_case(run_tests):
    run_tests(TEST_CASE).assert_outcomes(passed=2)


def test_unittest_runs_a_decorated_test_case_without_pytest(pytester):
    source = HEADER.replace("import pytest\n", "import sys\n") + inspect.cleandoc(TEST_CASE)
    pytester.makepyfile(test_login=source + "\n        assert 'pytest' not in sys.modules\n")
    result = pytester.run(sys.executable, "-m", "unittest", "test_login")
    result.stderr.re_match_lines(["Ran 2 tests in .*", "OK"])


@pytest.mark.parametrize("run", ["run", "debug"])
def test_without_pytest_each_test_of_a_test_case_has_identifiers_of_its_own(monkeypatch, run):
    monkeypatch.setattr(running, "test", None)
    made = []

    @mock_sts_saml
    class Login(unittest.TestCase):
        def test_one(self):
            statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
            policy = {"Version": "2012-10-17", "Statement": statement}
            made.append(active_backend().create_role("Developer", trust_policy=policy).role_id)

        test_two = test_one

    for name in ("test_one", "test_two", "test_one"):
        getattr(Login(name), run)()
    first, second, again = made
    assert first == again != second
    assert running.test is None


def test_without_pytest_a_test_case_that_fails_ends_all_the_same(monkeypatch):
    monkeypatch.setattr(running, "test", None)

    @mock_sts_saml
    class Login(unittest.TestCase):
        def test_one(self):
            self.fail("no")

    with pytest.raises(AssertionError):
        Login("test_one").debug()
    assert running.test is None


# --- plain classes


def test_the_methods_of_a_plain_class_run_inside_the_mock(run_tests):
    run_tests("""
        @mock_sts_saml
        class TestLogin:
            def test_login(self):
                assert active_backend()
    """).assert_outcomes(passed=1)


def test_the_mock_of_a_plain_class_has_its_options(run_tests):
    run_tests("""
        @mock_sts_saml(account_id="210987654321")
        class TestLogin:
            def test_login(self):
                assert active_backend().account_id == "210987654321"
    """).assert_outcomes(passed=1)


def test_the_mock_of_a_plain_class_lasts_from_setup_method_to_teardown_method(run_tests):
    run_tests("""
        @mock_sts_saml
        class TestLogin:
            def setup_method(self):
                self.sts = active_backend()

            def teardown_method(self):
                assert active_backend() is self.sts

            def test_login(self):
                assert active_backend() is self.sts
    """).assert_outcomes(passed=1)


def test_every_method_of_a_plain_class_begins_with_an_empty_aws(run_tests):
    run_tests("""
        @mock_sts_saml
        class TestLogin:
            def setup_method(self):
                make_a_role()

            def test_login(self):
                pass

            @pytest.mark.parametrize("number", [1, 2])
            def test_login_again(self, number):
                pass
    """).assert_outcomes(passed=3)


def test_a_plain_class_leaves_the_mock(run_tests):
    run_tests("""
        @mock_sts_saml
        class TestLogin:
            def test_login(self):
                pass

        def test_nothing_is_left():
            with pytest.raises(LookupError):
                active_backend()
    """).assert_outcomes(passed=2)


def test_a_failing_method_of_a_plain_class_leaves_the_mock(run_tests):
    run_tests("""
        @mock_sts_saml
        class TestLogin:
            def test_login(self):
                assert False

        def test_nothing_is_left():
            with pytest.raises(LookupError):
                active_backend()
    """).assert_outcomes(passed=1, failed=1)


def test_an_inherited_setup_method_runs_inside_the_mock(run_tests):
    run_tests("""
        class Base:
            def setup_method(self):
                self.sts = active_backend()

        @mock_sts_saml
        class TestLogin(Base):
            def test_login(self):
                assert active_backend() is self.sts
    """).assert_outcomes(passed=1)


def test_an_overridden_setup_method_runs_inside_the_mock(run_tests):
    run_tests("""
        @mock_sts_saml
        class Base:
            def setup_method(self):
                raise AssertionError

        class TestLogin(Base):
            def setup_method(self):
                self.sts = active_backend()

            def test_login(self):
                assert active_backend() is self.sts
    """).assert_outcomes(passed=1)


def test_a_subclass_of_a_decorated_plain_class_runs_inside_the_mock(run_tests):
    run_tests("""
        @mock_sts_saml
        class TestBase:
            def test_login(self):
                assert active_backend()

        class TestLogin(TestBase):
            def test_login_again(self):
                assert active_backend()
    """).assert_outcomes(passed=3)


def test_a_decorated_subclass_has_options_of_its_own(run_tests):
    run_tests("""
        @mock_sts_saml
        class TestBase:
            account_id = "123456789012"

            def test_login(self):
                assert active_backend().account_id == self.account_id

        @mock_sts_saml(account_id="210987654321")
        class TestLogin(TestBase):
            account_id = "210987654321"
    """).assert_outcomes(passed=2)


def test_the_base_of_a_decorated_plain_class_stays_outside_the_mock(run_tests):
    run_tests("""
        class TestBase:
            def test_login(self):
                with pytest.raises(LookupError):
                    active_backend()

        @mock_sts_saml
        class TestLogin(TestBase):
            def test_login(self):
                assert active_backend()
    """).assert_outcomes(passed=2)


def test_fixtures_join_the_mock_of_a_plain_class(run_tests):
    run_tests("""
        @mock_sts_saml(account_id="210987654321")
        class TestLogin:
            def setup_method(self):
                self.sts = active_backend()

            def test_login(self, sts_saml, saml_idp):
                assert sts_saml is self.sts
                assert saml_idp.provider.account_id == "210987654321"
    """).assert_outcomes(passed=1)


def test_setup_class_is_outside_the_mock_of_a_plain_class(run_tests):
    run_tests("""
        @mock_sts_saml
        class TestLogin:
            def setup_class(cls):
                cls.sts = active_backend()

            def test_login(self):
                pass

            def teardown_class(cls):
                assert active_backend()
    """).assert_outcomes(passed=1)


def test_a_plain_class_may_have_async_tests(run_async_tests):
    run_async_tests("""
        @mock_sts_saml
        class TestLogin:
            async def test_login(self):
                assert active_backend()
    """).assert_outcomes(passed=1)


def test_decorating_a_plain_class_gives_the_class_itself():
    class Login:
        pass

    assert mock_sts_saml(Login) is Login
    assert hasattr(Login, MARK)


CONFLICTING_CLASS = """
    @pytest.fixture(scope="session", autouse=True)
    def aws():
        with mock_sts_saml() as sts:
            yield sts

    def test_first(aws):
        assert active_backend() is aws

    @mock_sts_saml(account_id="210987654321")
    class TestLogin:
        def test_login(self):
            raise AssertionError

    def test_last(aws):
        assert active_backend() is aws
"""


def test_a_plain_class_that_cannot_join_is_an_error_of_its_tests_and_of_no_other(run_tests):
    run_tests(CONFLICTING_CLASS).assert_outcomes(passed=2, errors=1)


def test_a_plain_class_that_cannot_join_says_why_in_the_setup_of_its_test(run_tests):
    result = run_tests(CONFLICTING_CLASS)
    conflict = CONFLICT.replace(" and cannot", " since test_*.py::test_first and cannot")
    result.stdout.fnmatch_lines(["*ERROR at setup of TestLogin.test_login*", f"E*RuntimeError: {conflict}"])
    result.stdout.no_fnmatch_line("*INTERNALERROR*")


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
        mock_sts_saml("111122223333")
    assert str(caught.value) == "options are given by name: write mock_sts_saml(account_id='111122223333')"


def test_a_fixture_object_cannot_be_decorated():
    @pytest.fixture
    def aws():
        raise AssertionError

    with pytest.raises(TypeError) as caught:
        mock_sts_saml(aws)
    assert str(caught.value) == ("@mock_sts_saml cannot decorate a fixture; write @pytest.fixture above @mock_sts_saml")


def test_what_an_older_pytest_makes_of_a_fixture_cannot_be_decorated():
    def aws():
        raise AssertionError

    aws._pytestfixturefunction = object()
    with pytest.raises(TypeError) as caught:
        mock_sts_saml(aws)
    assert str(caught.value) == ("@mock_sts_saml cannot decorate a fixture; write @pytest.fixture above @mock_sts_saml")


@pytest.mark.parametrize(
    "target", [property(is_active), functools.cached_property(is_active), 5], ids=lambda t: type(t).__name__
)
def test_what_is_no_function_and_no_class_cannot_be_decorated(target):
    with pytest.raises(TypeError) as caught:
        mock_sts_saml(target)
    assert str(caught.value) == (
        f"@mock_sts_saml decorates functions and classes, not {target!r}; "
        "put it directly above def, below @property and the like"
    )


NO_PLUGIN = (
    "@mock_sts_saml on the plain class TestLogin needs pytest and its plugin stssaml (here: none, or "
    "-p no:stssaml); derive the class from unittest.TestCase, or decorate its methods"
)


def test_a_plain_class_cannot_be_decorated_without_the_plugin(monkeypatch):
    class TestLogin:
        pass

    monkeypatch.setattr(running, "plugins", 0)
    with pytest.raises(TypeError) as caught:
        mock_sts_saml(TestLogin)
    assert str(caught.value) == NO_PLUGIN


def test_a_test_case_can_be_decorated_without_the_plugin(monkeypatch):
    monkeypatch.setattr(running, "plugins", 0)

    @mock_sts_saml
    class Login(unittest.TestCase):
        def test_login(self):
            make_a_role()

    assert run_cases(Login) == 1


def test_a_pytest_run_that_blocks_the_plugin_refuses_a_plain_class(pytester):
    pytester.makepyfile("from pytest_stssaml import mock_sts_saml\n\n@mock_sts_saml\nclass TestLogin: pass\n")
    result = pytester.runpytest_subprocess("-p", "no:stssaml", "-p", "no:cacheprovider")
    result.stdout.fnmatch_lines([f"E   TypeError: {NO_PLUGIN}"])


def test_a_pytest_run_that_blocks_the_plugin_runs_a_decorated_test_function(pytester):
    pytester.makepyfile(
        "from pytest_stssaml import active_backend, mock_sts_saml\n\n"
        "@mock_sts_saml\ndef test_login():\n    assert active_backend()\n"
    )
    result = pytester.runpytest_subprocess("-p", "no:stssaml", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=1)


def test_python_without_pytest_refuses_a_plain_class(pytester):
    script = pytester.makepyfile("from pytest_stssaml import mock_sts_saml\n\n@mock_sts_saml\nclass TestLogin: pass\n")
    result = pytester.runpython(script)
    result.stderr.fnmatch_lines([f"TypeError: {NO_PLUGIN}"])
