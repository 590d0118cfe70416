"""The time of the whole process, stopped or set by freezegun or time-machine: what the option `now` does."""

import datetime as dt
import time
from typing import Any, Literal, Protocol, cast, get_args

#: The libraries that set the time of the process, as the option `clock` names them.
Library = Literal["freezegun", "time-machine"]
LIBRARIES: tuple[str, ...] = get_args(Library)


class ProcessTime(Protocol):
    """The time of the process while it is set."""

    #: The library that sets it.
    library: str

    def move_to(self, target: dt.datetime) -> None:
        """Set the time to another instant."""

    def later(self) -> int:
        """Return how often the library has set the time once more since then, and still does."""

    def machine_time(self) -> float:
        """Return the time of the machine, in seconds since 1970."""

    def stop(self) -> None:
        """Let the time run again. What has set it later is stopped too."""


def process_time() -> dt.datetime:
    """Return the time of the process."""
    # Looked up through the module, so that freezegun's class is found. Not time.time(): freezegun leaves it alone when
    # a frame of the module threading is near.
    return dt.datetime.now(dt.UTC)


def set_process_time(value: dt.datetime, library: str, *, tick: bool) -> ProcessTime:
    """Set the time of the process. If that fails, it goes on as before.

    :param tick: whether it runs on from there.
    :raises ModuleNotFoundError: if time-machine is to do it, and is not installed.
    """
    return (_TimeMachine if library == "time-machine" else _Freezegun)(value, tick)


class _LoopTime:
    """The clock of asyncio's event loops, which is kept real.

    Otherwise a loop would never wake its timers, and a test would last as long as the jump. This is not freezegun's
    real_asyncio, which makes an event loop, and with it a socket, which a test may have forbidden.
    """

    def __init__(self, real_monotonic: Any) -> None:
        from asyncio.base_events import BaseEventLoop

        self._loops: Any = cast(Any, BaseEventLoop)
        self._earlier = self._loops.time
        self._loops.time = lambda _: real_monotonic()

    def restore(self) -> None:
        self._loops.time = self._earlier


class _Freezegun:
    library = "freezegun"

    def __init__(self, value: dt.datetime, tick: bool) -> None:
        import freezegun
        from freezegun import api

        self._api = api
        self._freezer = freezegun.freeze_time(value, tick=tick, ignore=["_pytest.timing"])
        try:
            self._frozen: Any = self._freezer.start()
        except BaseException:
            self._stop()
            raise
        self._tick = tick
        self._loop_time = _LoopTime(api.real_monotonic)

    def move_to(self, target: dt.datetime) -> None:
        if self._tick:  # move_to() of this one came with freezegun 1.5
            self._frozen.start, self._frozen.time_to_freeze = self._api.real_datetime.now(), target.replace(tzinfo=None)
        else:
            self._frozen.move_to(target)

    def later(self) -> int:
        freezes = list(reversed(self._api.freeze_factories))
        return next((number for number, freeze in enumerate(freezes) if freeze is self._frozen), 0)

    def machine_time(self) -> float:
        return float(self._api.real_time())

    def stop(self) -> None:
        self._loop_time.restore()
        for _ in range(self.later()):
            self._freezer.stop()  # which stops the last one, whichever it is
        self._stop()

    def _stop(self) -> None:
        """Stop the freeze, which gives up half way if a module does not let freezegun read the module's names."""
        try:
            self._freezer.stop()
        except BaseException:
            import freezegun

            # This leaves all modules alone, and lets the time itself run again.
            with freezegun.freeze_time(ignore=[""]):
                pass
            raise


class _TimeMachine:
    library = "time-machine"

    def __init__(self, value: dt.datetime, tick: bool) -> None:
        try:
            import time_machine
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                "clock='time-machine' needs time-machine, which is not installed; write `pip install time-machine`, or "
                "leave clock out to use freezegun"
            ) from error
        self._library: Any = time_machine
        self._travel = time_machine.travel(_without_zone(value), tick=tick)
        self._traveller: Any = self._travel.start()
        # Older versions move it too.
        self._loop_time = _LoopTime(getattr(time_machine.escape_hatch.time, "monotonic", time.monotonic))

    def move_to(self, target: dt.datetime) -> None:
        self._traveller.move_to(_without_zone(target))

    def later(self) -> int:
        return max(self._to_stop() - 1, 0)

    def _to_stop(self) -> int:
        """Return how many travels have to be stopped until this one is; none if somebody else has stopped it."""
        names = vars(self._library)
        travellers = names["traveller_stack" if "traveller_stack" in names else "coordinates_stack"]
        return len(travellers) - travellers.index(self._traveller) if self._traveller in travellers else 0

    def machine_time(self) -> float:
        return float(self._library.escape_hatch.time.time())

    def stop(self) -> None:
        self._loop_time.restore()
        for _ in range(self._to_stop()):
            self._travel.stop()  # which stops the last one, whichever it is


def _without_zone(value: dt.datetime) -> dt.datetime:
    """Return the same instant in a form that leaves the time zone of the process alone.

    For UTC, time-machine sets the environment variable TZ.
    """
    hours = 1 if value.year < dt.MAXYEAR else -1
    return value.astimezone(dt.timezone(dt.timedelta(hours=hours)))
