"""Decorated classes that derive from unittest.TestCase."""

import unittest

import pytest
from decorated import OTHER_ACCOUNT, inner, is_active, make_a_role
from inner_runs import Result

from pytest_stssaml import active_backend, current_test, mock_sts_saml


def run_cases(case: type[unittest.TestCase]) -> int:
    """Run a TestCase with unittest's own loader, check that all its tests passed, and return how many there were."""
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

    result = unittest.TestResult()
    Login("test_login").run(result)
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
        @mock_sts_saml
        class Login(unittest.TestCase):
            def setUp(self):
                make_a_role()

            def test_login(self):
                assert active_backend()

            def test_login_again(self):
                assert active_backend()
"""


@inner(TEST_CASE)
def test_pytest_runs_a_decorated_test_case(inner: Result) -> None:
    assert inner.outcomes == {"passed": 2}


@pytest.mark.parametrize("run", ["run", "debug"])
def test_without_pytest_each_test_of_a_test_case_has_identifiers_of_its_own(monkeypatch, run):
    monkeypatch.setattr(current_test, "node_id", None)
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
    assert current_test.node_id is None


def test_without_pytest_a_test_case_that_fails_still_ends(monkeypatch):
    monkeypatch.setattr(current_test, "node_id", None)

    @mock_sts_saml
    class Login(unittest.TestCase):
        def test_one(self):
            self.fail("no")

    with pytest.raises(AssertionError):
        Login("test_one").debug()
    assert current_test.node_id is None


def test_a_test_case_can_be_decorated_without_the_plugin(monkeypatch):
    monkeypatch.setattr(current_test, "plugins", 0)

    @mock_sts_saml
    class Login(unittest.TestCase):
        def test_login(self):
            make_a_role()

    assert run_cases(Login) == 1


POSTPONED = """
        import unittest

        from pytest_stssaml import active_backend, mock_sts_saml

        @mock_sts_saml
        class TestLogin(unittest.TestCase):
            def setUp(self):
                self.sts = active_backend()

            def tearDown(self):
                assert active_backend() is self.sts

            def test_first(self):
                self.sts.account_id

            def test_second(self):
                assert not self.sts.attempts
                {}

        def test_nothing_is_left():
            from pytest_stssaml import active_mock
            assert active_mock.current is None
"""
WITH_PDB = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest", "--pdb", "--pdbcls=no_debugger:Pdb")


@pytest.fixture
def no_debugger(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        no_debugger="""
        class Pdb:
            quitting = False
            def __init__(self, *args, **keywords): pass
            def reset(self): pass
            def interaction(self, *args): print("== here")
        """
    )
    pytester.syspathinsert()


@pytest.mark.usefixtures("no_debugger")
def test_tear_down_that_the_debugger_postpones_runs_inside_the_mock(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(POSTPONED.format("pass"))
    pytester.runpytest(*WITH_PDB).assert_outcomes(passed=3)


@pytest.mark.usefixtures("no_debugger")
def test_an_unmet_error_is_told_with_the_debugger_too(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(POSTPONED.format("self.sts.add_client_error('Throttling')"))
    result = pytester.runpytest(*WITH_PDB)
    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines("no call met add_client_error('Throttling'), AssumeRoleWithSAML, ordered at *")
