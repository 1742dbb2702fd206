"""The one clock. Everything that needs the time asks here, so that a test can hold it still."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from functools import cache
from zoneinfo import ZoneInfo


def _system() -> datetime:
    return datetime.now(UTC)


_clock: ContextVar[Callable[[], datetime]] = ContextVar("atrium_clock", default=_system)


def now() -> datetime:
    """This moment, in UTC, with microseconds."""
    return _clock.get()()


@cache
def zone(name: str) -> ZoneInfo:
    """The time zone of a mall by its IANA name."""
    return ZoneInfo(name)


def today(zone_name: str) -> date:
    """Today's date on the mall's wall clock."""
    return now().astimezone(zone(zone_name)).date()


@contextmanager
def stopped_at(moment: datetime) -> Iterator[None]:
    """Hold the clock at `moment` while inside; for tests, imports and simulations."""
    token = _clock.set(lambda: moment)
    try:
        yield
    finally:
        _clock.reset(token)


@contextmanager
def driven_by(clock: Callable[[], datetime]) -> Iterator[None]:
    """Take the time from `clock` while inside; for simulations in which time passes."""
    token = _clock.set(clock)
    try:
        yield
    finally:
        _clock.reset(token)
