"""When a periodic job is due, by the mall's wall clock."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from itertools import product

from core import clock

FARTHEST = timedelta(days=4 * 366)
RANGES = (range(60), range(24), range(1, 32), range(1, 13), range(7))
PART = re.compile(r"(?:\*|(\d{1,2})-(\d{1,2}))(?:/(\d{1,2}))?|(\d{1,2})")
"""`*` or `1-5`, perhaps with a step: `*/5`, `0-30/10`; or `7`."""


@dataclass(frozen=True, slots=True)
class Job:
    """Periodic work of a plugin.

    `crontab` is "minute hour day month weekday" (0 = Sunday; `*`, `*/5`, `1-5`, `1,15`), all of which must match.
    `function(mall: MallFacts, uow: UnitOfWork)` is called once per mall and due moment, by the mall's own clock, and
    sees the stores where the plugin is on; with `per_mall=False`, `function(uow)` once for all, by the clock that all
    malls share, otherwise by UTC. It may take either argument or both. A run that fails is tried again; a text that it
    returns is kept with the run as what went wrong, for findings that trying again would not mend. A run that is not
    finished after `patience` is taken by another worker. ValueError for a crontab that cannot be read, and for a name
    longer than 20 characters.
    """

    name: str
    crontab: str
    function: Callable[..., str | None]
    per_mall: bool = True
    patience: timedelta = timedelta(minutes=15)

    def __post_init__(self) -> None:
        if not 0 < len(self.name) <= 20:
            raise ValueError(f"{self.name!r} must have 1 to 20 characters")
        _fields(self.crontab)


def last_due(crontab: str, now: datetime, *, zone: str = "UTC") -> datetime | None:
    """The latest moment up to `now` at which the crontab was due, in UTC; None when that is over four years ago."""
    return _last_due(crontab, now.replace(second=0, microsecond=0), zone=zone)


@lru_cache(maxsize=4096)
def _last_due(crontab: str, now: datetime, *, zone: str) -> datetime | None:
    minutes, hours, days, months, weekdays = _fields(crontab)
    place = clock.zone(zone)
    today = now.astimezone(place).date()
    for back in range(FARTHEST.days):
        day = today - timedelta(days=back)
        if day.day not in days or day.month not in months or day.isoweekday() % 7 not in weekdays:
            continue
        for hour, minute in product(sorted(hours, reverse=True), sorted(minutes, reverse=True)):
            wall = datetime.combine(day, time(hour, minute), tzinfo=place)
            if (due := wall.astimezone(UTC)) <= now:
                return due
    return None


@lru_cache(maxsize=256)
def _fields(crontab: str) -> list[frozenset[int]]:
    """The minutes, hours, days, months and weekdays that fit."""
    fields = crontab.split()
    if len(fields) != len(RANGES):
        raise ValueError(f"{crontab!r} is not: minute hour day month weekday")
    return [frozenset(_values(field, within)) for field, within in zip(fields, RANGES, strict=True)]


def _values(field: str, within: range) -> Iterator[int]:
    for part in field.split(","):
        found = PART.fullmatch(part)
        if found is None:
            raise ValueError(f"{part!r} is no part of a crontab")
        first, last, step, only = (None if number is None else int(number) for number in found.groups())
        if only is not None:
            first = last = only
        low, high = (within[0], within[-1]) if first is None or last is None else (first, last)
        if not within[0] <= low <= high <= within[-1] or step == 0:
            raise ValueError(f"{part!r} is not within {within[0]} to {within[-1]}")
        yield from range(low, high + 1, step or 1)
