"""What a report may be asked by: a day, a period, a store, a member. Each has a default, so every report just runs.

Filters are read from texts as they stand in an address or on a command line: `day=2026-11-22`,
`period=2026-11-01..2026-11-30` or one of the words in `PERIODS`, `store=S0001`, `member=421`. Nothing is the default.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from core.errors import Invalid, NotFound
from core.i18n import Text, _
from core.types import StoreFacts

LONGEST = 3 * 366
PERIODS: Mapping[str, Text] = {
    "this_month": _("This month"),
    "last_month": _("Last month"),
    "last_30_days": _("The last 30 days"),
    "this_year": _("This year"),
}


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `first` to `last`, both included."""

    first: date
    last: date

    def __str__(self) -> str:
        return f"{self.first}..{self.last}"

    def words(self) -> Text:
        """As people write it."""
        return _("%(first)s to %(last)s", first=self.first, last=self.last)


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter. `default` is a word of its kind: of `PERIODS`; 'today', 'yesterday'; 'all', 'first' for stores."""

    name: str
    kind: Literal["day", "period", "store", "member"]
    title: Text
    default: str = ""


def a_day(default: Literal["today", "yesterday"] = "today") -> Filter:
    """A business day, read as `asked.day`."""
    return Filter("day", "day", _("Business day"), default)


def a_period(default: str = "this_month") -> Filter:
    """First and last business day, read as `asked.period`; at most three years."""
    return Filter("period", "period", _("Period"), default)


def a_store(*, one: bool = False) -> Filter:
    """A store in reach, read as `asked.store`: None for all, or with `one` always one (the first, by code)."""
    return Filter("store", "store", _("Store"), "first" if one else "all")


def a_member() -> Filter:
    """A member in reach by number, read as `asked.member_id`: by default the last one who bought something."""
    return Filter("member", "member", _("Member no."), "first")


def read(
    filters: Sequence[Filter], given: Mapping[str, str], *, today: date, stores: Sequence[StoreFacts]
) -> dict[str, Any]:
    """The filters' values; `Invalid` names what cannot be read, `NotFound` a store that is not in reach."""
    unknown = sorted(set(given) - {one.name for one in filters})
    if unknown:
        raise Invalid(_("There is no filter %(names)s.", names=", ".join(unknown)), code="no_such_filter")
    return {one.name: _value(one, given.get(one.name, "").strip(), today=today, stores=stores) for one in filters}


def _value(one: Filter, text: str, *, today: date, stores: Sequence[StoreFacts]) -> Any:
    if one.kind == "day":
        return _day(one, text, today=today)
    if one.kind == "period":
        return _period(one, text or one.default, today=today)
    if one.kind == "store":
        return _store(one, text, stores=stores)
    if text and not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise _unreadable(one, text)
    return int(text) if text else None


def _day(one: Filter, text: str, *, today: date) -> date:
    words = {"today": today, "yesterday": today - timedelta(days=1)}
    return words.get(text or one.default) or _date(one, text)


def _period(one: Filter, text: str, *, today: date) -> Period:
    if text in PERIODS:
        return _named(text, today)
    first, dots, last = text.partition("..")
    period = Period(_date(one, first), _date(one, last if dots else first))
    if not timedelta(0) <= period.last - period.first <= timedelta(days=LONGEST):
        raise Invalid(_("A period begins before it ends, and lasts at most three years."), code="bad_period")
    return period


def _named(word: str, today: date) -> Period:
    if word == "last_30_days":
        return Period(today - timedelta(days=29), today)
    if word == "last_month":
        last = today.replace(day=1) - timedelta(days=1)
        return Period(last.replace(day=1), last)
    return Period(today.replace(day=1) if word == "this_month" else date(today.year, 1, 1), today)


def _store(one: Filter, text: str, *, stores: Sequence[StoreFacts]) -> StoreFacts | None:
    if not text:
        return next(iter(stores), None) if one.default == "first" else None
    found = next((store for store in stores if store.code == text), None)
    if found is None:
        raise NotFound(_("There is no store %(code)s.", code=text))
    return found


def _date(one: Filter, text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise _unreadable(one, text) from None
    if not 1900 <= found.year <= 9998:
        raise _unreadable(one, text)
    return found


def _unreadable(one: Filter, text: str) -> Invalid:
    return Invalid(_("%(title)s cannot be “%(text)s”.", title=one.title, text=text[:40]), code="bad_filter")
