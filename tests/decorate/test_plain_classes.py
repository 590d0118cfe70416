"""Decorated classes that do not derive from unittest.TestCase, in runs of pytest."""

import re

import pytest
from decorated import CONFLICT, inner
from inner_runs import Result

from pytest_stssaml import current_test, mock_sts_saml
from pytest_stssaml.decorate import MARK


@inner("""
        @mock_sts_saml
        class TestLogin:
            def test_login(self):
                assert active_backend()
    """)
def test_the_methods_of_a_plain_class_run_inside_the_mock(inner: Result) -> None:
    assert inner.outcomes == {"passed": 1}


@inner("""
        @mock_sts_saml(account_id="210987654321")
        class TestLogin:
            def test_login(self):
                assert active_backend().account_id == "210987654321"
    """)
def test_the_mock_of_a_plain_class_has_its_options(inner: Result) -> None:
    assert inner.outcomes == {"passed": 1}


@inner("""
        @mock_sts_saml
        class TestLogin:
            def setup_method(self):
                self.sts = active_backend()

            def teardown_method(self):
                assert active_backend() is self.sts

            def test_login(self):
                assert active_backend() is self.sts
    """)
def test_the_mock_of_a_plain_class_lasts_from_setup_method_to_teardown_method(inner: Result) -> None:
    assert inner.outcomes == {"passed": 1}


@inner("""
        @mock_sts_saml
        class TestLogin:
            def setup_method(self):
                make_a_role()

            def test_login(self):
                pass

            @pytest.mark.parametrize("number", [1, 2])
            def test_login_again(self, number):
                pass
    """)
def test_every_method_of_a_plain_class_begins_with_an_empty_aws(inner: Result) -> None:
    assert inner.outcomes == {"passed": 3}


@inner("""
        @mock_sts_saml
        class TestLogin:
            def test_login(self):
                pass

        def test_nothing_is_left():
            with pytest.raises(LookupError):
                active_backend()
    """)
def test_a_plain_class_leaves_the_mock(inner: Result) -> None:
    assert inner.outcomes == {"passed": 2}


@inner("""
        @mock_sts_saml
        class TestLogin:
            def test_login(self):
                assert False

        def test_nothing_is_left():
            with pytest.raises(LookupError):
                active_backend()
    """)
def test_a_failing_method_of_a_plain_class_leaves_the_mock(inner: Result) -> None:
    assert inner.outcomes == {"passed": 1, "failed": 1}


@inner("""
        class Base:
            def setup_method(self):
                self.sts = active_backend()

        @mock_sts_saml
        class TestLogin(Base):
            def test_login(self):
                assert active_backend() is self.sts
    """)
def test_an_inherited_setup_method_runs_inside_the_mock(inner: Result) -> None:
    assert inner.outcomes == {"passed": 1}


@inner("""
        @mock_sts_saml
        class Base:
            def setup_method(self):
                raise AssertionError

        class TestLogin(Base):
            def setup_method(self):
                self.sts = active_backend()

            def test_login(self):
                assert active_backend() is self.sts
    """)
def test_an_overridden_setup_method_runs_inside_the_mock(inner: Result) -> None:
    assert inner.outcomes == {"passed": 1}


@inner("""
        @mock_sts_saml
        class TestBase:
            def test_login(self):
                assert active_backend()

        class TestLogin(TestBase):
            def test_login_again(self):
                assert active_backend()
    """)
def test_a_subclass_of_a_decorated_plain_class_runs_inside_the_mock(inner: Result) -> None:
    assert inner.outcomes == {"passed": 3}


@inner("""
        @mock_sts_saml
        class TestBase:
            account_id = "123456789012"

            def test_login(self):
                assert active_backend().account_id == self.account_id

        @mock_sts_saml(account_id="210987654321")
        class TestLogin(TestBase):
            account_id = "210987654321"
    """)
def test_a_decorated_subclass_has_options_of_its_own(inner: Result) -> None:
    assert inner.outcomes == {"passed": 2}


@inner("""
        class TestBase:
            def test_login(self):
                with pytest.raises(LookupError):
                    active_backend()

        @mock_sts_saml
        class TestLogin(TestBase):
            def test_login(self):
                assert active_backend()
    """)
def test_the_base_of_a_decorated_plain_class_stays_outside_the_mock(inner: Result) -> None:
    assert inner.outcomes == {"passed": 2}


@inner("""
        @mock_sts_saml(account_id="210987654321")
        class TestLogin:
            def setup_method(self):
                self.sts = active_backend()

            def test_login(self, sts_saml, saml_idp):
                assert sts_saml is self.sts
                assert saml_idp.provider.account_id == "210987654321"
    """)
def test_fixtures_join_the_mock_of_a_plain_class(inner: Result) -> None:
    assert inner.outcomes == {"passed": 1}


@inner("""
        @mock_sts_saml
        class TestLogin:
            def setup_class(cls):
                cls.sts = active_backend()

            def test_login(self):
                pass

            def teardown_class(cls):
                assert active_backend()
    """)
def test_setup_class_is_outside_the_mock_of_a_plain_class(inner: Result) -> None:
    assert inner.outcomes == {"passed": 1}


@inner(
    """
        @mock_sts_saml
        class TestLogin:
            async def test_login(self):
                assert active_backend()
    """,
    "-p",
    "awaiting",
)
def test_a_plain_class_may_have_async_tests(inner: Result) -> None:
    assert inner.outcomes == {"passed": 1}


def test_decorating_a_plain_class_gives_the_class_itself():
    class Login:
        pass

    assert mock_sts_saml(Login) is Login
    assert hasattr(Login, MARK)


@inner("""
        @pytest.fixture(scope="module", autouse=True)
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
""")
def test_a_plain_class_that_cannot_join_says_why_in_an_error_of_its_tests_and_of_no_other(inner: Result) -> None:
    assert inner.outcomes == {"passed": 2, "errors": 1}
    [error] = inner.errors
    began = re.escape(CONFLICT).replace(r"\ and\ cannot", r" since test_inner_\d+\.py::test_first and cannot")
    assert re.fullmatch(f"RuntimeError: {began}", error)


def test_a_plain_class_of_a_conftest_can_be_decorated(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makeconftest("""
        from pytest_stssaml import active_backend, mock_sts_saml

        @mock_sts_saml(account_id="210987654321")
        class LogsIn:
            def account_id(self):
                return active_backend().account_id
    """)
    pytester.makepyfile("""
        import unittest
        from conftest import LogsIn

        class TestLogin(LogsIn):
            def test_it(self):
                assert self.account_id() == "210987654321"

        class TestCaseLogin(LogsIn, unittest.TestCase):
            def setUp(self):
                assert self.account_id() == "210987654321"

            def test_it(self):
                assert self.account_id() == "210987654321"
    """)
    monkeypatch.setattr(current_test, "plugins", 0)  # as in a process of its own
    pytester.runpytest("-p", "no:cacheprovider", "-p", "no:hypothesispytest").assert_outcomes(passed=2)
    assert current_test.plugins == 0
