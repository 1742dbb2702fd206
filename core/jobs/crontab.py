"""When a periodic job is due, by the mall's wall clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from huey import crontab as huey_crontab

from core import clock

FARTHEST = timedelta(days=4 * 366)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Job:
    """Periodic work of a plugin.

    `crontab` is "minute hour day month weekday" (0 = Sunday; `*`, `*/5`, `1-5`, `1,15`), all of which must match.
    `function(mall: MallFacts, uow: UnitOfWork)` is called once per mall and due moment, by the mall's own clock, and
    sees the stores where the plugin is on; with `per_mall=False`, `function(uow)` once for all, by UTC. It may take
    either argument or both. A run that fails is tried again. ValueError for a crontab that cannot be read, and for a
    name longer than 20 characters.
    """

    name: str
    crontab: str
    function: Callable[..., None]
    per_mall: bool = True

    def __post_init__(self) -> None:
        if not 0 < len(self.name) <= 20:
            raise ValueError(f"{self.name!r} must have 1 to 20 characters")
        _matchers(self.crontab)


def last_due(crontab: str, now: datetime, *, zone: str = "UTC") -> datetime | None:
    """The latest moment up to `now` at which the crontab was due, in UTC; None when that is over four years ago."""
    return _last_due(crontab, now.replace(second=0, microsecond=0), zone=zone)


@lru_cache(maxsize=4096)
def _last_due(crontab: str, now: datetime, *, zone: str) -> datetime | None:
    day_matches, minute_matches = _matchers(crontab)
    place = clock.zone(zone)
    today = now.astimezone(place).date()
    for back in range(FARTHEST.days):
        midnight = datetime.combine(today - timedelta(days=back), time())
        if not day_matches(midnight):
            continue
        for minute in range(24 * 60 - 1, -1, -1):
            wall = midnight + minute * MINUTE
            if minute_matches(wall) and (due := wall.replace(tzinfo=place).astimezone(UTC)) <= now:
                return due
    return None


@lru_cache(maxsize=256)
def _matchers(crontab: str) -> tuple[Callable[[datetime], bool], Callable[[datetime], bool]]:
    """Two tests: whether a day fits, and whether a minute of a day fits."""
    fields = crontab.split()
    if len(fields) != 5:
        raise ValueError(f"{crontab!r} is not: minute hour day month weekday")
    minute, hour, day, month, weekday = fields
    check: Any = huey_crontab
    return (
        check(day=day, month=month, day_of_week=weekday, strict=True),
        check(minute=minute, hour=hour, strict=True),
    )
