"""Decorated test functions and fixtures, in runs of pytest."""

import pytest
from decorated import inner, row
from inner_runs import Result


@inner("""
        @mock_sts_saml
        def test_login(tmp_path):
            assert tmp_path and active_backend()
    """)
def test_pytest_runs_a_decorated_test_function(inner: Result) -> None:
    assert inner.outcomes == {"passed": 1}


@inner("""
        @mock_sts_saml
        def test_login():
            make_a_role()

        @mock_sts_saml
        def test_login_again():
            make_a_role()
    """)
def test_two_decorated_test_functions_each_begin_with_an_empty_aws(inner: Result) -> None:
    assert inner.outcomes == {"passed": 2}


@inner("""
        class TestLogin:
            @mock_sts_saml
            def test_login(self, tmp_path):
                assert self and tmp_path and active_backend()
    """)
def test_pytest_runs_a_decorated_test_method(inner: Result) -> None:
    assert inner.outcomes == {"passed": 1}


@inner(
    """
        @mock_sts_saml
        async def test_login():
            assert active_backend()
    """,
    "-p",
    "awaiting",
)
def test_pytest_runs_a_decorated_async_test(inner: Result) -> None:
    assert inner.outcomes == {"passed": 1}


@inner("""
        @mock_sts_saml
        def test_login(sts_saml):
            assert active_backend() is sts_saml
    """)
def test_a_decorated_test_joins_its_fixtures(inner: Result) -> None:
    assert inner.outcomes == {"passed": 1}


@inner("""
        @pytest.mark.parametrize("number", [1, 2])
        @mock_sts_saml
        def test_login(number):
            assert number in (1, 2) and active_backend()
    """)
def test_parametrize_can_stand_above_the_decorator(inner: Result) -> None:
    assert inner.outcomes == {"passed": 2}


@inner("""
        @mock_sts_saml
        @pytest.mark.parametrize("number", [1, 2])
        def test_login(number):
            assert number in (1, 2) and active_backend()
    """)
def test_parametrize_can_stand_below_the_decorator(inner: Result) -> None:
    assert inner.outcomes == {"passed": 2}


YIELDS = """
        @pytest.fixture
        @mock_sts_saml(account_id="210987654321")
        def aws():
            yield active_backend()
            assert active_backend().account_id == "210987654321"
"""

RETURNS = """
        @pytest.fixture
        @mock_sts_saml(account_id="210987654321")
        def aws(request):
            request.addfinalizer(lambda: active_backend().account_id.index("210987654321"))
            return active_backend()
"""

RETURNS_BENEATH_ANOTHER_DECORATOR = """
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
"""

USES_IT_AND_ENDS_IT = """
        def test_login(aws):
            assert active_backend() is aws

        def test_nothing_is_left():
            with pytest.raises(LookupError):
                active_backend()
"""


@pytest.mark.parametrize(
    "inner",
    [
        row(YIELDS + USES_IT_AND_ENDS_IT, id="yields"),
        row(RETURNS + USES_IT_AND_ENDS_IT, id="returns"),
        row(RETURNS_BENEATH_ANOTHER_DECORATOR + USES_IT_AND_ENDS_IT, id="returns, beneath another decorator"),
    ],
    indirect=True,
)
def test_the_decorator_below_a_fixture_lasts_through_the_test_and_ends_with_the_fixture(inner: Result) -> None:
    assert inner.outcomes == {"passed": 2}


@inner("""
        class TestLogin:
            @pytest.fixture
            @mock_sts_saml
            def aws(self):
                return active_backend()

            def test_login(self, aws):
                assert active_backend() is aws
    """)
def test_the_decorator_below_a_fixture_of_a_class_lasts_through_the_test(inner: Result) -> None:
    assert inner.outcomes == {"passed": 1}


@inner("""
        @pytest.fixture(scope="module")
        @mock_sts_saml
        def aws():
            return active_backend()

        @pytest.mark.parametrize("number", [1, 2])
        def test_login(aws, number):
            assert active_backend() is aws
    """)
def test_the_decorator_below_a_fixture_of_a_module_lasts_through_its_tests(inner: Result) -> None:
    assert inner.outcomes == {"passed": 2}


def failing(scope: str, end: str) -> str:
    return f"""
        @pytest.fixture(scope="{scope}")
        @mock_sts_saml(now="2020-01-01")
        def aws():
            {end}

        def test_login(aws):
            pass

        def test_nothing_is_left():
            with pytest.raises(LookupError):
                active_backend()
    """


RAISE, SKIP = "raise ValueError", "pytest.skip('not here')"


@pytest.mark.parametrize(
    ("inner", "outcomes"),
    [
        row(failing("function", RAISE), {"errors": 1, "passed": 1}, id="function, raises"),
        row(failing("module", RAISE), {"errors": 1, "passed": 1}, id="module, raises"),
        row(failing("session", RAISE), {"errors": 1, "passed": 1}, id="session, raises"),
        row(failing("function", SKIP), {"skipped": 1, "passed": 1}, id="function, skips"),
        row(failing("module", SKIP), {"skipped": 1, "passed": 1}, id="module, skips"),
        row(failing("session", SKIP), {"skipped": 1, "passed": 1}, id="session, skips"),
    ],
    indirect=["inner"],
)
def test_the_decorator_below_a_fixture_that_fails_ends_with_it(inner: Result, outcomes: dict[str, int]) -> None:
    assert inner.outcomes == outcomes


@inner("""
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
def test_a_mock_that_conflicts_with_a_decorated_fixture_is_an_error_each_time(inner: Result) -> None:
    assert inner.outcomes == {"errors": 2}
    conflict = "RuntimeError: mock_sts_saml is active with account_id="
    assert [error[: len(conflict)] for error in inner.errors] == [conflict] * 2


@inner("""
        aws_mock = mock_sts_saml()

        @pytest.fixture
        @aws_mock
        def aws():
            return active_backend()

        def test_login(aws):
            aws_mock.stop()
    """)
def test_a_test_may_stop_what_a_decorated_fixture_started(inner: Result) -> None:
    assert inner.outcomes == {"passed": 1}
