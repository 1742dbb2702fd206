"""Filters of lists: one small object for each column that may be searched, its state in the address.

Personal data is never a filter: addresses end up in logs. Such a search goes through the look-up, which is a POST.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Boolean, Date, Integer, Select, String, inspect
from werkzeug.datastructures import MultiDict

from core import clock
from core.admin import formats
from core.db import Moment
from core.i18n import Text, _

Arguments = MultiDict[str, str]
Options = Callable[[], list[tuple[str, Any]]]


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force: which arguments hold it, and what it says."""

    keys: tuple[str, ...]
    label: Any
    words: str


@dataclass(frozen=True, slots=True)
class Filter:
    """One column's filter. `kind` is text, number, choice, or days (a first and a last day, both included)."""

    name: str
    label: Any
    kind: str
    column: Any
    options: Options | None = None

    def narrow(self, query: Select[Any], given: Arguments) -> Select[Any]:
        """The query with this filter, when it is given and makes sense."""
        value = given.get(self.name, "").strip()
        if self.kind == "days":
            return self._between(query, given)
        if not value:
            return query
        if self.kind == "text":
            return query.where(self.column.icontains(value, autoescape=True))
        return query.where(self.column == typed) if (typed := self._typed(value)) is not None else query

    def chip(self, given: Arguments) -> Chip | None:
        """What to show of it while it is in force."""
        if self.kind == "days":
            first, last = (given.get(key, "") for key in self.keys)
            return Chip(self.keys, self.label, f"{first or '…'} – {last or '…'}") if first or last else None
        value = given.get(self.name, "").strip()
        if not value:
            return None
        words = dict(self.options()).get(value, value) if self.options else value
        return Chip(self.keys, self.label, str(words))

    @property
    def keys(self) -> tuple[str, ...]:
        """The arguments that hold it."""
        return (f"{self.name}.from", f"{self.name}.to") if self.kind == "days" else (self.name,)

    def _typed(self, value: str) -> Any:
        if isinstance(self.column.type, Boolean):
            return {"yes": True, "no": False}.get(value)
        if isinstance(self.column.type, Integer):
            return int(value) if value.lstrip("-").isdecimal() and len(value) <= 18 else None
        return value

    def _between(self, query: Select[Any], given: Arguments) -> Select[Any]:
        first, last = (_day(given.get(key, "")) for key in self.keys)
        if first is not None:
            query = query.where(self.column >= self._edge(first))
        if last is not None:
            query = query.where(self.column < self._edge(last + timedelta(days=1)))
        return query

    def _edge(self, day: date) -> Any:
        """Midnight on the mall's wall clock, for a column of times."""
        if isinstance(self.column.type, Date):
            return day
        return datetime.combine(day, time(), clock.zone(formats.mall_of(None).zone))


def _day(typed: str) -> date | None:
    try:
        found = date.fromisoformat(typed.strip())
    except ValueError:
        return None
    return found if date.min < found < date.max - timedelta(days=2) else None


def make(view: Any, name: str) -> Filter:
    """The filter of one of the view's search columns, by the column's type."""
    columns: Mapping[str, Any] = inspect(view.datamodel.obj).columns
    column, label = getattr(view.datamodel.obj, name), view.labels[name]
    kind = columns[name].type
    if name in view.choices:
        return Filter(name, label, "choice", column, lambda: [(key, word) for key, word in view.choices[name].items()])
    if name in view.rows:
        return Filter(name, label, "choice", column, lambda: [(str(row.id), row) for row in view.rows[name]()])
    if isinstance(kind, Boolean):
        return Filter(name, label, "choice", column, lambda: [("yes", YES), ("no", NO)])
    if isinstance(kind, Moment | Date):
        return Filter(name, label, "days", column)
    if isinstance(kind, String):
        return Filter(name, label, "text", column)
    if isinstance(kind, Integer):
        return Filter(name, label, "number", column)
    raise TypeError(f"{view}: {name} cannot be searched")


YES: Text = _("Yes")
NO: Text = _("No")
