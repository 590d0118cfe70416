"""What was begun is undone if a later step fails: nothing of it reaches the next test."""

import asyncio
import datetime as dt
import socket
import sys
import time
import types
from asyncio.base_events import BaseEventLoop
from typing import Any, NoReturn

import pytest
from freezegun import freeze_time
from moto import mock_aws
from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from pytest_stssaml import IdentityProvider, STSBackend, active_mock, current_test, mock_sts_saml
from pytest_stssaml.keys import SigningKey
from pytest_stssaml.locks import Turn
from pytest_stssaml.rejections import rejection

FUTURE = dt.datetime(2130, 1, 1, tzinfo=dt.UTC)
FROZEN_AGAIN = "time was frozen again inside mock_sts_saml(now=...); stop that freezegun first"


class Unreadable(types.ModuleType):
    """A module of which a name cannot be read, and which tells so with an unusual error."""

    def __dir__(self) -> list[str]:
        return ["value"]

    @property
    def value(self) -> NoReturn:
        raise RuntimeError("the module is not configured")


def assert_that_nothing_goes_on() -> None:
    assert active_mock.current is None
    seen = {dt.datetime.now(dt.UTC).year, dt.datetime.fromtimestamp(time.time(), dt.UTC).year, time.gmtime().tm_year}
    assert max(seen) < 2100
    assert (time.time.__name__, time.monotonic.__name__) == ("time", "monotonic")
    assert BaseEventLoop.time.__module__ == "asyncio.base_events"


class TestFreezing:
    def test_it_needs_no_socket(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_: object, **__: object) -> NoReturn:
            raise RuntimeError("a test tried to use a socket")

        for name in ("socket", "socketpair"):
            monkeypatch.setattr(socket, name, refuse)
        with mock_sts_saml(now=FUTURE):
            assert dt.datetime.now(dt.UTC) == FUTURE
        assert_that_nothing_goes_on()

    def test_an_event_loop_keeps_its_own_time_in_a_freeze_of_freezegun(self) -> None:
        with freeze_time("2020-01-01"), mock_sts_saml(now=FUTURE):
            asyncio.run(asyncio.wait_for(asyncio.sleep(0.001), 10))

    def test_one_that_fails_is_undone(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "unreadable", Unreadable("unreadable"))
        with pytest.raises(RuntimeError, match="the module is not configured"):
            mock_sts_saml(now=FUTURE).start()
        monkeypatch.undo()
        assert_that_nothing_goes_on()

    def test_the_mock_ends_even_if_time_cannot_be_released_everywhere(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with pytest.raises(RuntimeError, match="the module is not configured"), mock_sts_saml(now=FUTURE):
            monkeypatch.setitem(sys.modules, "unreadable", Unreadable("unreadable"))
        monkeypatch.undo()
        assert_that_nothing_goes_on()


class TestTimeThatIsFrozenAgain:
    """A freeze within that of the mock, which is never stopped."""

    def test_it_is_released_when_a_block_ends(self) -> None:
        with pytest.raises(RuntimeError) as caught, mock_sts_saml(now=FUTURE):
            [freeze_time(year).start() for year in ("2140-01-01", "2150-01-01")]
        assert str(caught.value) == FROZEN_AGAIN
        assert_that_nothing_goes_on()

    def test_it_is_released_when_an_asynchronous_block_ends(self) -> None:
        async def freeze() -> None:
            async with mock_sts_saml(now=FUTURE):
                freeze_time("2140-01-01").start()

        with pytest.raises(RuntimeError) as caught:
            asyncio.run(freeze())
        assert str(caught.value) == FROZEN_AGAIN
        assert_that_nothing_goes_on()

    def test_the_freeze_around_the_mock_goes_on(self) -> None:
        with freeze_time("2020-01-01"):
            with pytest.raises(RuntimeError), mock_sts_saml(now=FUTURE):
                freeze_time("2140-01-01").start()
            assert dt.datetime.now(dt.UTC).year == 2020
        assert_that_nothing_goes_on()

    def test_a_block_that_is_left_inside_another_does_not_release_it(self) -> None:
        with mock_sts_saml(now=FUTURE) as sts:
            with freeze_time("2140-01-01"), mock_sts_saml():
                assert dt.datetime.now(dt.UTC).year == 2140
            assert (active_mock.current is not None, dt.datetime.now(dt.UTC)) == (True, FUTURE)
            assert sts.account_id == "123456789012"
        assert_that_nothing_goes_on()

    def test_the_next_test_has_its_own_time(self, pytester: pytest.Pytester) -> None:
        pytester.makepyfile("""
            import datetime as dt
            import pytest
            from freezegun import freeze_time
            from pytest_stssaml import active_mock, mock_sts_saml

            @pytest.mark.stssaml(now="2130-01-01")
            def test_fixture(sts_saml): freeze_time("2140-01-01").start()

            @mock_sts_saml(now="2130-01-01")
            def test_function(): freeze_time("2140-01-01").start()

            @mock_sts_saml(now="2130-01-01")
            class TestClass:
                def test_it(self): freeze_time("2140-01-01").start()

            def test_next(): assert (active_mock.current, dt.datetime.now().year < 2100) == (None, True)
        """)
        result = pytester.runpytest("-p", "no:cacheprovider", "-p", "no:hypothesispytest")
        result.assert_outcomes(passed=3, failed=1, errors=1)
        told = [line for line in result.outlines if line.startswith("E ") and line.endswith(FROZEN_AGAIN)]
        assert len(told) == 2
        assert_that_nothing_goes_on()


class Refusing(list[Any]):
    """A list of moto that takes nothing."""

    def append(self, _: object) -> NoReturn:
        raise RuntimeError("no room")


def test_moto_knows_no_session_of_which_it_took_only_a_part(
    saml_signing_key: SigningKey, log_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = "123456789012"
    with mock_aws():
        with mock_sts_saml() as sts:
            idp = IdentityProvider(signing_key=saml_signing_key)
            provider = sts.create_saml_provider("ExampleIdP", idp)
            role = sts.create_role("Developer")
            partition = "aws" if "aws" in iam_backends[account] else "global"  # as in older versions of moto
            access_keys = iam_backends[account][partition].access_keys
            monkeypatch.setattr(sts_backends[account][partition], "assumed_roles", Refusing())
            with pytest.raises(RuntimeError, match="no room"):
                log_in(idp.response(role), role, provider)
        assert dict(access_keys) == {}


def test_a_rejection_that_cannot_be_made_leaves_no_role(sts: STSBackend, idp: IdentityProvider) -> None:
    with pytest.raises(ValueError, match="no-such-shape"):
        rejection("expired", sts, idp, "no-such-shape")
    assert sts.create_role("Rejected").name == "Rejected"


def test_an_action_that_is_postponed_and_fails_does_not_keep_the_others_from_being_done() -> None:
    turn, done = Turn(), list[str]()

    def fail() -> NoReturn:
        raise RuntimeError("no")

    def take_a_turn() -> None:
        with turn:
            assert turn.postpones(lambda: done.append("first"))
            assert turn.postpones(fail)

    with pytest.raises(RuntimeError, match="no"):
        take_a_turn()
    assert (done, turn.postpones(fail)) == (["first"], False)


@pytest.mark.parametrize("guard", ["true", "false"])
def test_a_run_that_another_plugin_stops_undoes_only_what_it_began(pytester: pytest.Pytester, guard: str) -> None:
    pytester.makeini(f"[pytest]\nstssaml_guard = {guard}")
    pytester.makeconftest("""
        import pytest

        @pytest.hookimpl(tryfirst=True)
        def pytest_configure():
            raise pytest.UsageError("not here")
    """)
    before = current_test.plugins
    result = pytester.runpytest("-p", "no:cacheprovider", "-p", "no:hypothesispytest")
    assert (result.ret, current_test.plugins) == (pytest.ExitCode.USAGE_ERROR, before)
    assert "not here" in result.stderr.str()
