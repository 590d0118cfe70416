import asyncio
import contextlib
import datetime as dt
import gc
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import pytest
from forks import forking, in_a_child
from freezegun import freeze_time
from good import PROVIDER

from pytest_stssaml import (
    IdentityProvider,
    STSBackend,
    active_backend,
    active_mock,
    current_test,
    mock_sts_saml,
)

NOW = dt.datetime(2030, 1, 1, 12, tzinfo=dt.UTC)
SIX_MINUTES = dt.timedelta(minutes=6)
OTHER_ACCOUNT = "210987654321"

NO_MOCK = (
    "no mock_sts_saml is active; write `with mock_sts_saml() as sts:`, decorate the test with @mock_sts_saml, "
    "or use the fixture sts_saml"
)
NOT_STARTED = "this mock_sts_saml is not active: stop() without start()"


def role_id(sts: STSBackend, name: str = "Developer") -> str:
    return sts.create_role(name, trust_policy=PROVIDER.trust_policy()).role_id


def is_active() -> bool:
    try:
        active_backend()
    except LookupError:
        return False
    return True


def is_active_after(call: Callable[[], object]) -> bool:
    call()
    return is_active()


def text_of(caught: pytest.ExceptionInfo[BaseException]) -> str:
    return str(caught.value)


# --- the forms of entering it


def test_a_context_manager_gives_the_active_backend():
    with mock_sts_saml() as sts:
        assert active_backend() is sts


def test_a_context_manager_ends_the_mock():
    with mock_sts_saml():
        pass
    assert not is_active()


def test_an_exception_in_the_body_passes_and_the_mock_is_left():
    with pytest.raises(ZeroDivisionError), mock_sts_saml():
        raise ZeroDivisionError
    assert not is_active()


def test_an_async_context_manager_gives_the_active_backend():
    async def body():
        async with mock_sts_saml() as sts:
            return active_backend() is sts

    assert asyncio.run(body())


def test_an_async_context_manager_ends_the_mock():
    async def body():
        async with mock_sts_saml():
            pass
        return is_active()

    assert not asyncio.run(body())


def test_an_exception_in_an_async_body_passes_and_the_mock_is_left():
    async def body():
        async with mock_sts_saml():
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asyncio.run(body())
    assert not is_active()


def test_start_gives_the_active_backend():
    recipe = mock_sts_saml()
    sts = recipe.start()
    try:
        assert active_backend() is sts
    finally:
        recipe.stop()


def test_stop_ends_the_mock():
    recipe = mock_sts_saml()
    recipe.start()
    recipe.stop()
    assert not is_active()


def test_a_recipe_alone_activates_nothing():
    mock_sts_saml(account_id=OTHER_ACCOUNT, now=NOW, seed=1)
    assert not is_active()


def test_active_backend_without_a_mock_says_what_to_write():
    with pytest.raises(LookupError) as caught:
        active_backend()
    assert text_of(caught) == NO_MOCK


# --- stop without start


def test_stop_without_start_is_refused():
    with pytest.raises(RuntimeError) as caught:
        mock_sts_saml().stop()
    assert text_of(caught) == NOT_STARTED


def test_stopping_twice_is_refused():
    recipe = mock_sts_saml()
    recipe.start()
    recipe.stop()
    with pytest.raises(RuntimeError) as caught:
        recipe.stop()
    assert text_of(caught) == NOT_STARTED


def test_a_recipe_that_was_not_started_cannot_stop_another():
    with mock_sts_saml() as sts:
        with pytest.raises(RuntimeError) as caught:
            mock_sts_saml().stop()
        assert text_of(caught) == NOT_STARTED
        assert active_backend() is sts


# --- joining and counting


def test_entering_while_active_joins_the_same_backend():
    with mock_sts_saml() as outer, mock_sts_saml() as inner:
        assert inner is outer


def test_the_same_recipe_can_join_itself():
    recipe = mock_sts_saml()
    with recipe as outer, recipe as inner:
        assert inner is outer


def test_leaving_a_joined_mock_keeps_the_outer_one():
    with mock_sts_saml() as sts:
        with mock_sts_saml():
            pass
        assert active_backend() is sts


def test_the_state_that_a_joined_mock_made_stays_until_the_last_exit():
    with mock_sts_saml() as sts:
        with mock_sts_saml() as joined:
            role_id(joined)
        with pytest.raises(ValueError, match=r"^EntityAlreadyExists: "):
            role_id(sts)


def test_the_first_to_enter_may_be_the_first_to_leave():
    first, second = mock_sts_saml(), mock_sts_saml()
    sts = first.start()
    second.start()
    first.stop()
    try:
        assert active_backend() is sts
    finally:
        second.stop()


def test_the_last_exit_ends_the_mock_in_any_order():
    first, second = mock_sts_saml(), mock_sts_saml()
    first.start()
    second.start()
    first.stop()
    second.stop()
    assert not is_active()


def test_an_async_and_a_sync_entry_join():
    async def body():
        async with mock_sts_saml() as outer:
            with mock_sts_saml() as inner:
                return inner is outer

    assert asyncio.run(body())


def test_a_recipe_entered_again_begins_with_another_backend():
    recipe = mock_sts_saml()
    with recipe as first:
        pass
    with recipe as second:
        assert second is not first


def test_a_recipe_entered_again_begins_empty():
    recipe = mock_sts_saml()
    with recipe as sts:
        role_id(sts)
    with recipe as sts:
        role_id(sts)  # EntityAlreadyExists, if the first were still there


def test_a_recipe_entered_again_begins_with_every_region_on(log_in, saml_signing_key):
    identity_provider = IdentityProvider(signing_key=saml_signing_key)
    recipe = mock_sts_saml()
    with recipe as sts:
        sts.disable_region("us-east-1")
    with recipe as sts:
        provider = sts.create_saml_provider("ExampleIdP", identity_provider)
        role = sts.create_role("Developer")
        assert log_in(identity_provider.response(role), role, provider)["Issuer"] == identity_provider.entity_id


def test_a_recipe_entered_again_begins_at_the_present():
    recipe = mock_sts_saml()
    with recipe as sts:
        sts.move_to(NOW)
    with recipe:
        assert abs(active_mock.clock().now() - dt.datetime.now(dt.UTC)) < SIX_MINUTES


def test_after_a_mock_that_was_moved_in_time_it_is_the_present():
    with mock_sts_saml() as sts:
        sts.move_to(NOW)
    assert abs(active_mock.clock().now() - dt.datetime.now(dt.UTC)) < SIX_MINUTES


# --- options of a mock that is joined


@pytest.mark.parametrize(
    "said", [{"account_id": OTHER_ACCOUNT}, {"partition": "aws-cn"}, {"now": NOW}, {"seed": "blue"}], ids=str
)
def test_joining_may_repeat_an_option(said):
    with mock_sts_saml(**said) as outer, mock_sts_saml(**said) as inner:
        assert inner is outer


@pytest.mark.parametrize(
    "said", [{"account_id": OTHER_ACCOUNT}, {"partition": "aws-cn"}, {"now": NOW}, {"seed": "blue"}], ids=str
)
def test_joining_without_options_takes_those_of_the_active_mock(said):
    with mock_sts_saml(**said) as outer, mock_sts_saml() as inner:
        assert inner is outer


def test_joining_may_write_the_same_instant_in_another_way():
    with mock_sts_saml(now=NOW) as outer, mock_sts_saml(now="2030-01-01T13:00:00+01:00") as inner:
        assert inner is outer


def test_joining_may_name_a_default_of_the_active_mock():
    with mock_sts_saml() as outer, mock_sts_saml(account_id="123456789012", partition="aws") as inner:
        assert inner is outer


def conflict(option: str, active: str, wanted: str, remedy: str = "write it where the mock is first entered") -> str:
    return (
        f"mock_sts_saml is active with {option}={active!r} and cannot be entered with {option}={wanted!r}: "
        f"a process has one mock at a time; {remedy}"
    )


@pytest.mark.parametrize(
    ("option", "active", "wanted"),
    [
        ("account_id", OTHER_ACCOUNT, "000000000000"),
        ("partition", "aws-cn", "aws-us-gov"),
        ("now", NOW, NOW + SIX_MINUTES),
        ("seed", "blue", "green"),
    ],
)
def test_joining_cannot_change_an_option(option, active, wanted):
    with mock_sts_saml(**{option: active}):
        with pytest.raises(RuntimeError) as caught:
            mock_sts_saml(**{option: wanted}).start()
        assert text_of(caught) == conflict(option, str(active), str(wanted))


@pytest.mark.parametrize(
    ("option", "default", "wanted"),
    [("account_id", "123456789012", OTHER_ACCOUNT), ("partition", "aws", "aws-cn")],
)
def test_joining_cannot_change_a_default(option, default, wanted):
    with mock_sts_saml():
        with pytest.raises(RuntimeError) as caught:
            mock_sts_saml(**{option: wanted}).start()
        assert text_of(caught) == conflict(option, default, wanted)


@pytest.mark.parametrize(
    ("option", "active", "default"),
    [("account_id", OTHER_ACCOUNT, "123456789012"), ("partition", "aws-cn", "aws")],
)
def test_joining_cannot_name_the_default_of_an_option_that_differs(option, active, default):
    with mock_sts_saml(**{option: active}):
        with pytest.raises(RuntimeError) as caught:
            mock_sts_saml(**{option: default}).start()
        assert text_of(caught) == conflict(option, active, default)


@pytest.mark.parametrize("began_in", [None, "tests/test_login.py::test_that_forgot_to_stop"])
def test_a_conflict_names_the_other_test_in_which_the_mock_began(monkeypatch, began_in):
    this = current_test.node_id
    monkeypatch.setattr(current_test, "node_id", began_in)
    with mock_sts_saml():
        monkeypatch.setattr(current_test, "node_id", this)
        with pytest.raises(RuntimeError) as caught:
            mock_sts_saml(account_id=OTHER_ACCOUNT).start()
    since = f" since {began_in}" if began_in else ""
    assert f"is active with account_id='123456789012'{since} and cannot be entered" in str(caught.value)


@pytest.mark.parametrize(("option", "value"), [("now", NOW), ("seed", "blue")])
def test_joining_cannot_add_an_option(option, value):
    with mock_sts_saml():
        with pytest.raises(RuntimeError) as caught:
            mock_sts_saml(**{option: value}).start()
        assert f" and cannot be entered with {option}={str(value)!r}: " in text_of(caught)


def test_joining_the_mock_of_a_fixture_with_other_options_names_the_marker(sts_saml):
    with pytest.raises(RuntimeError) as caught:
        mock_sts_saml(account_id=OTHER_ACCOUNT).start()
    remedy = "for the fixtures, write @pytest.mark.stssaml(account_id='210987654321')"
    assert text_of(caught) == conflict("account_id", "123456789012", OTHER_ACCOUNT, remedy)


def test_a_default_is_a_plain_string():
    with mock_sts_saml() as sts:
        assert (type(sts.account_id), type(sts.partition)) == (str, str)


def test_a_mock_cannot_be_left_before_a_freeze_inside_it():
    recipe = mock_sts_saml(now=NOW)
    recipe.start()
    with freeze_time("2020-01-01"):
        with pytest.raises(RuntimeError) as caught:
            recipe.stop()
        still_active = is_active()
    recipe.stop()
    assert (text_of(caught), still_active, is_active()) == (
        "time was frozen again inside mock_sts_saml(now=...); stop that freezegun first",
        True,
        False,
    )


def test_a_refused_entry_leaves_the_active_mock_as_it_was():
    with mock_sts_saml() as sts:
        with pytest.raises(RuntimeError):
            mock_sts_saml(account_id=OTHER_ACCOUNT).start()
        assert active_backend() is sts
    assert not is_active()


def test_a_refused_recipe_has_not_started():
    refused = mock_sts_saml(account_id=OTHER_ACCOUNT)
    with mock_sts_saml():
        with pytest.raises(RuntimeError):
            refused.start()
        with pytest.raises(RuntimeError) as caught:
            refused.stop()
        assert text_of(caught) == NOT_STARTED


# --- options of their own


def test_account_id_is_the_account_of_what_names_none():
    with mock_sts_saml(account_id=OTHER_ACCOUNT) as sts:
        role = sts.create_role("Developer", trust_policy=PROVIDER.trust_policy())
    assert role.arn == "arn:aws:iam::210987654321:role/Developer"


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_partition_is_the_partition_of_what_names_none(partition):
    with mock_sts_saml(partition=partition) as sts:
        role = sts.create_role("Developer", trust_policy=PROVIDER.trust_policy())
    assert role.arn == f"arn:{partition}:iam::123456789012:role/Developer"


@pytest.mark.parametrize(
    ("option", "error", "text"),
    [
        ({"account_id": "12345"}, ValueError, "account_id must be a string of 12 digits, not '12345'"),
        ({"account_id": 123456789012}, ValueError, "account_id must be a string of 12 digits, not 123456789012"),
        ({"account_id": None}, ValueError, "account_id must be a string of 12 digits, not None"),
        ({"partition": "aws-mars"}, ValueError, "partition must be one of aws, aws-cn, aws-us-gov, not 'aws-mars'"),
        ({"partition": None}, ValueError, "partition must be one of aws, aws-cn, aws-us-gov, not None"),
        (
            {"now": "yesterday"},
            ValueError,
            "a time must be a datetime or a string such as '2030-01-01T00:00:00Z', not 'yesterday'",
        ),
        ({"now": 5}, TypeError, "a time must be a datetime or a string such as '2030-01-01T00:00:00Z', not 5"),
        (
            {"now": dt.date(2030, 1, 1)},
            TypeError,
            "a time must be a datetime or a string such as '2030-01-01T00:00:00Z', not datetime.date(2030, 1, 1)",
        ),
        ({"seed": 1.5}, TypeError, "seed must be a string, bytes or a number, not 1.5"),
    ],
    ids=str,
)
def test_a_wrong_option_is_refused_where_it_is_written(option, error, text):
    with pytest.raises(error) as caught:
        mock_sts_saml(**option)
    assert (caught.type, text_of(caught)) == (error, text)


def test_a_misspelt_option_is_refused_where_it_is_written():
    misspelt: Any = {"acount_id": "1"}
    with pytest.raises(TypeError, match="unexpected keyword argument 'acount_id'"):
        mock_sts_saml(**misspelt)


def test_a_wrong_option_in_a_with_statement_leaves_nothing_active():
    with contextlib.suppress(ValueError), mock_sts_saml(account_id="12345"):
        pass
    assert not is_active()


# --- now=


def test_now_freezes_the_datetime_of_the_whole_process():
    with mock_sts_saml(now=NOW):
        assert dt.datetime.now(dt.UTC) == NOW


def test_now_freezes_the_time_of_the_whole_process():
    with mock_sts_saml(now=NOW):
        assert time.time() == NOW.timestamp()


@pytest.mark.parametrize(
    "written",
    [
        dt.datetime(2030, 1, 1, 12),  # noqa: DTZ001 - naive is what is tested
        dt.datetime(2030, 1, 1, 13, tzinfo=dt.timezone(dt.timedelta(hours=1))),
        "2030-01-01T12:00:00Z",
        "2030-01-01T13:00:00+01:00",
        "2030-01-01 12:00",
    ],
    ids=["naive", "another zone", "text", "text of another zone", "naive text"],
)
def test_now_can_be_written_in_several_ways(written):
    with mock_sts_saml(now=written):
        assert dt.datetime.now(dt.UTC) == NOW


def test_advance_moves_the_frozen_process():
    with mock_sts_saml(now=NOW) as sts:
        sts.advance(minutes=6)
        assert dt.datetime.now(dt.UTC) == NOW + SIX_MINUTES


def test_move_to_moves_the_frozen_process():
    with mock_sts_saml(now=NOW) as sts:
        sts.move_to(NOW + SIX_MINUTES)
        assert dt.datetime.now(dt.UTC) == NOW + SIX_MINUTES


def test_move_to_can_move_the_frozen_process_back():
    with mock_sts_saml(now=NOW) as sts:
        sts.move_to(NOW - SIX_MINUTES)
        assert dt.datetime.now(dt.UTC) == NOW - SIX_MINUTES


@pytest.mark.parametrize("move", [lambda sts: sts.advance(minutes=6), lambda sts: sts.move_to(NOW + SIX_MINUTES)])
def test_the_backend_agrees_with_the_frozen_process_after_a_move(move):
    with mock_sts_saml(now=NOW) as sts:
        move(sts)
        assert active_mock.clock().now() == NOW + SIX_MINUTES


def test_sts_answers_at_the_frozen_time(log_in, saml_signing_key):
    identity_provider = IdentityProvider(signing_key=saml_signing_key)
    with mock_sts_saml(now=NOW) as sts:
        provider = sts.create_saml_provider("ExampleIdP", identity_provider)
        role = sts.create_role("Developer")
        credentials = log_in(identity_provider.response(role), role, provider)["Credentials"]
    assert credentials["Expiration"] == NOW + dt.timedelta(hours=1)


def test_without_now_the_process_keeps_its_own_time():
    datetime = dt.datetime
    with mock_sts_saml() as sts:
        sts.advance(days=365)
        assert dt.datetime is datetime


def test_the_process_thaws_at_the_end():
    datetime = dt.datetime
    with mock_sts_saml(now=NOW):
        assert dt.datetime is not datetime
    assert dt.datetime is datetime


def test_the_process_thaws_after_an_exception():
    datetime = dt.datetime
    with pytest.raises(ZeroDivisionError), mock_sts_saml(now=NOW):
        raise ZeroDivisionError
    assert dt.datetime is datetime


def test_the_process_stays_frozen_until_the_last_exit():
    first, second = mock_sts_saml(now=NOW), mock_sts_saml()
    first.start()
    second.start()
    first.stop()
    try:
        assert dt.datetime.now(dt.UTC) == NOW
    finally:
        second.stop()


def test_a_recipe_with_now_entered_again_begins_at_its_time():
    recipe = mock_sts_saml(now=NOW)
    with recipe as sts:
        sts.advance(minutes=6)
    with recipe:
        assert dt.datetime.now(dt.UTC) == NOW


def test_an_event_loop_keeps_its_own_time_while_the_process_is_frozen():
    loop = asyncio.new_event_loop()
    try:
        before = loop.time()
        with mock_sts_saml(now=NOW):
            inside = loop.time()
        assert before <= inside <= loop.time()
    finally:
        loop.close()


# --- seed=


@pytest.mark.parametrize("seed", ["blue", b"blue", 7, 0, ""])
def test_a_seed_repeats_its_identifiers(seed):
    with mock_sts_saml(seed=seed) as sts:
        first = role_id(sts)
    with mock_sts_saml(seed=seed) as sts:
        assert role_id(sts) == first


def test_another_seed_gives_other_identifiers():
    with mock_sts_saml(seed="blue") as sts:
        first = role_id(sts)
    with mock_sts_saml(seed="green") as sts:
        assert role_id(sts) != first


def test_one_mock_never_gives_an_identifier_twice():
    with mock_sts_saml(seed="blue") as sts:
        first = role_id(sts)
        sts.delete_role("arn:aws:iam::123456789012:role/Developer")
        assert role_id(sts) != first


def test_without_a_seed_a_test_repeats_its_identifiers():
    with mock_sts_saml() as sts:
        first = role_id(sts)
    with mock_sts_saml() as sts:
        assert role_id(sts) == first


def test_without_a_seed_another_test_gets_other_identifiers(monkeypatch):
    with mock_sts_saml() as sts:
        first = role_id(sts)
    monkeypatch.setattr(current_test, "node_id", "tests/test_login.py::test_another")
    with mock_sts_saml() as sts:
        assert role_id(sts) != first


def test_without_a_seed_and_without_a_test_identifiers_repeat_too(monkeypatch):
    monkeypatch.setattr(current_test, "node_id", None)
    with mock_sts_saml() as sts:
        first = role_id(sts)
    with mock_sts_saml() as sts:
        assert role_id(sts) == first


def test_a_seed_wins_over_the_running_test(monkeypatch):
    with mock_sts_saml(seed="blue") as sts:
        first = role_id(sts)
    monkeypatch.setattr(current_test, "node_id", "tests/test_login.py::test_another")
    with mock_sts_saml(seed="blue") as sts:
        assert role_id(sts) == first


# --- threads


def in_a_thread(call: Callable[[], Any]) -> Any:
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(call).result()


def test_a_thread_shares_the_mock():
    with mock_sts_saml() as sts:
        assert in_a_thread(active_backend) is sts


def test_a_mock_that_a_thread_started_is_active_in_all_threads():
    recipe = mock_sts_saml()
    sts = in_a_thread(recipe.start)
    try:
        assert active_backend() is sts
    finally:
        recipe.stop()


def test_a_thread_may_leave_what_another_entered():
    recipe = mock_sts_saml()
    recipe.start()
    in_a_thread(recipe.stop)
    assert not is_active()


def test_threads_that_enter_and_leave_at_once_leave_nothing_active():
    recipe = mock_sts_saml()

    def enter_and_leave(_: int):
        with recipe:
            return is_active()

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(enter_and_leave, range(400)))
    assert not is_active()


def test_threads_that_enter_at_once_join_one_backend():
    recipe = mock_sts_saml()
    all_threads_are_in = threading.Barrier(8, timeout=60)

    def enter(_: int):
        with recipe as sts:
            all_threads_are_in.wait()
            return sts

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(enter, range(8)))) == 1


# --- forked children


def login(sts: STSBackend, identity_provider: IdentityProvider) -> str:
    """Return the body of a login to the role Developer."""
    arns = {"RoleArn": "arn:aws:iam::123456789012:role/Developer", "PrincipalArn": identity_provider.provider.arn}
    response = identity_provider.response((arns["RoleArn"], arns["PrincipalArn"]))
    return urlencode({"Action": "AssumeRoleWithSAML", "Version": "2011-06-15", "SAMLAssertion": response, **arns})


@forking
def test_a_forked_child_has_the_state_of_the_mock(saml_signing_key):
    with mock_sts_saml() as sts:
        identity_provider = IdentityProvider(signing_key=saml_signing_key)
        sts.create_saml_provider("ExampleIdP", identity_provider)
        role = sts.create_role("Developer")
        status, _, body = in_a_child(lambda: active_backend().handle(login(sts, identity_provider)))
        assert (status, f"<AssumedRoleId>{role.role_id}:" in body) == (200, True)


@forking
def test_what_a_forked_child_makes_the_parent_does_not_have():
    with mock_sts_saml() as sts:
        in_a_child(lambda: role_id(active_backend()))
        role_id(sts)  # EntityAlreadyExists, if the child's were here


@forking
def test_a_forked_child_that_leaves_the_mock_leaves_its_copy():
    with mock_sts_saml() as sts:
        recipe = mock_sts_saml()
        recipe.start()
        assert in_a_child(lambda: is_active_after(recipe.stop)) is True
        recipe.stop()
        assert active_backend() is sts


@forking
def test_a_forked_child_may_end_the_mock_for_itself():
    recipe = mock_sts_saml()
    sts = recipe.start()
    try:
        assert in_a_child(lambda: is_active_after(recipe.stop)) is False
        assert active_backend() is sts
    finally:
        recipe.stop()


@forking
def test_a_forked_child_gives_other_identifiers_than_its_parent():
    with mock_sts_saml(seed="blue") as sts:
        assert in_a_child(lambda: role_id(sts)) != role_id(sts)


@forking
def test_two_forked_children_give_different_identifiers():
    with mock_sts_saml(seed="blue") as sts:
        assert in_a_child(lambda: role_id(sts)) != in_a_child(lambda: role_id(sts))


@forking
def test_a_parent_gives_the_identifiers_that_it_would_have_given_without_forking():
    with mock_sts_saml(seed="blue") as sts:
        expected = role_id(sts)
    with mock_sts_saml(seed="blue") as sts:
        in_a_child(lambda: role_id(sts))
        assert role_id(sts) == expected


@contextlib.contextmanager
def repeated_in_threads(*calls: Callable[[], object]) -> Iterator[None]:
    """Repeat each call in a thread of its own until the block ends."""
    begun, done = threading.Barrier(len(calls) + 1, timeout=60), threading.Event()

    def repeat(call: Callable[[], object]) -> None:
        begun.wait()
        while not done.is_set():
            call()

    with ThreadPoolExecutor(len(calls)) as threads:
        running = [threads.submit(repeat, call) for call in calls]
        begun.wait()
        try:
            yield
        finally:
            done.set()
        for each in running:
            each.result()


def enter_and_leave():
    with mock_sts_saml():
        pass


@forking
def test_a_forked_child_uses_the_mock_while_threads_of_its_parent_do(saml_signing_key):
    with mock_sts_saml() as sts:
        identity_provider = IdentityProvider(signing_key=saml_signing_key)
        sts.create_saml_provider("ExampleIdP", identity_provider)
        sts.create_role("Developer")
        body = login(sts, identity_provider)
        numbers = itertools.count()

        def child():
            with mock_sts_saml() as joined:
                joined.create_role("OfTheChild")
                joined.add_client_error("Throttling", role="arn:aws:iam::123456789012:role/Developer")
                return [joined.handle(body)[0] for _ in range(2)]

        calls = [
            enter_and_leave,
            lambda: sts.create_role(f"Role{next(numbers)}"),
            lambda: sts.add_client_error("Throttling", role="arn:aws:iam::123456789012:role/Other", optional=True),
            lambda: identity_provider.response((PROVIDER.arn, PROVIDER.arn)),
            lambda: sts.handle(body),
        ]
        with repeated_in_threads(*calls):
            for _ in range(5):
                assert in_a_child(child) == [400, 200]


@forking
def test_a_forked_child_enters_a_mock_while_threads_of_its_parent_do(saml_signing_key):
    identity_provider = IdentityProvider(signing_key=saml_signing_key)

    def child():
        with mock_sts_saml():
            pass
        return identity_provider.response((PROVIDER.arn, PROVIDER.arn)).xml[:15]

    with repeated_in_threads(enter_and_leave, enter_and_leave):
        for _ in range(5):
            assert in_a_child(child) == "<samlp:Response"


def in_a_block(cycle):
    with mock_sts_saml():
        yield cycle


def between_start_and_stop(cycle):
    recipe = mock_sts_saml()
    recipe.start()
    try:
        yield cycle
    finally:
        recipe.stop()


def a_mock_in_a_cycle(holding):
    """Make a generator that holds a mock and that only the garbage collector can close."""
    cycle: list[object] = []
    generator = holding(cycle)
    cycle.append(generator)
    next(generator)


class CollectingSeed(str):
    """A seed that runs the garbage collector when a mock that joins another is compared with it."""

    __hash__ = str.__hash__

    def __ne__(self, other: object) -> bool:
        gc.collect()
        return False


@pytest.mark.parametrize("holding", [in_a_block, between_start_and_stop])
def test_a_mock_that_the_garbage_collector_ends_while_another_starts_is_left_afterwards(holding):
    a_mock_in_a_cycle(holding)
    with mock_sts_saml(seed=CollectingSeed()) as sts:
        assert active_backend() is sts
    assert not is_active()
