"""What a plugin says of a report: title, filters, columns with units, and the query that gives the rows.

Kinds of values: `text` · `count` and `points`, integers · `money`, integer minor units of the row's `currency`, else of
the mall's · `percent`, an integer of hundredths of a percent (625 is 6.25 %) · `date` · `time`, with a zone. Nothing is
None, shown as a dash.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from core.db import UnitOfWork
from core.i18n import Text
from core.reports.filters import Filter, Period
from core.types import MallFacts, StoreFacts

__all__ = ["Asked", "Chart", "Column", "Content", "Period", "Report", "Row", "Statement", "Table", "Value"]

Kind = Literal["text", "count", "points", "money", "percent", "date", "time"]
Row = Mapping[str, Any]
"""Column name → value; `currency` where a row's money is not of the mall's."""

_NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `total`: added up at the foot. `signed`: shown with its sign, as movements are."""

    name: str
    title: Text
    kind: Kind = "text"
    total: bool = False
    signed: bool = False

    @property
    def num(self) -> bool:
        """Whether it holds figures, aligned right."""
        return self.kind in ("count", "points", "money", "percent")


@dataclass(frozen=True, slots=True)
class Value:
    """A single value with its kind, outside of a table."""

    value: Any
    kind: Kind = "text"
    currency: str = ""
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns. Rows are read once.

    With `opening`, the table is an account: column `moves` leads from it to the closing, which the core works out; the
    column `running` shows the balance after each row. `closing`, where the plugin knows it from elsewhere (the ledger's
    own balance), must be the same, or the report is refused as not adding up.
    """

    columns: Sequence[Column]
    rows: Iterable[Row]
    title: Text | None = None
    opening: int | None = None
    closing: int | None = None
    moves: str = ""
    running: str = ""
    empty: Text | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """All that stands on a report: tables, facts at its head, figures in the frame, notes below."""

    tables: Sequence[Table]
    facts: Sequence[tuple[Text, Value]] = ()
    figures: Sequence[tuple[Text, Value]] = ()
    notes: Sequence[Text] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """The chart of a report's first table: the sum of `y` by `x` (a date, or a text), as bars or as a line."""

    x: str
    y: str
    kind: Literal["bars", "line"] = "bars"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a report is asked: in which mall, by whose clock, about which stores, with which filters.

    `stores` are those in reach in which the plugin is on, narrowed to the one asked for; `whole` says that they are all
    of the mall. `member_ids` is None for whoever reaches every member; otherwise those of home or visits are checked
    before the report is called.
    """

    mall: MallFacts
    now: datetime
    today: date
    stores: tuple[StoreFacts, ...]
    whole: bool
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def store_ids(self) -> list[int]:
        """The ids to narrow a query to."""
        return [store.id for store in self.stores]

    @property
    def period(self) -> Period:
        """The filter `period`."""
        found: Period = self.values["period"]
        return found

    @property
    def day(self) -> date:
        """The filter `day`."""
        found: date = self.values["day"]
        return found

    @property
    def store(self) -> StoreFacts | None:
        """The filter `store`; None for all."""
        return self.values.get("store")

    @property
    def member_id(self) -> int | None:
        """The filter `member`; None when there is nobody to ask about."""
        return self.values.get("member")


Rows = Callable[[UnitOfWork, Asked], Iterable[Row]]


def _nothing(uow: UnitOfWork, asked: Asked) -> Iterable[Row]:
    return ()


@dataclass(frozen=True, kw_only=True)
class Report:
    """A table that can be asked for. `name` is unique in its plugin; `permission` a noun `<plugin>.<noun>`, of which
    the right `can_show` is needed; `roles` are those of the core's roles that have it from the start."""

    name: str
    title: Text
    permission: str
    columns: tuple[Column, ...] = ()
    rows: Rows = _nothing
    filters: tuple[Filter, ...] = ()
    chart: Chart | None = None
    roles: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or self.name == "list":
            raise ValueError(f"a report cannot be called {self.name!r}")
        if len({one.name for one in self.filters}) != len(self.filters):
            raise ValueError(f"two filters of {self.name} have one name")

    def content(self, uow: UnitOfWork, asked: Asked) -> Content:
        """What the report says; one table of its columns unless it is a statement."""
        return Content((Table(self.columns, self.rows(uow, asked)),))


@dataclass(frozen=True, kw_only=True)
class Statement(Report):
    """A report that finance prints and signs: what `says` returns, a line for each signature, the books' checkpoint."""

    says: Callable[[UnitOfWork, Asked], Content]
    signatures: tuple[Text, ...] = ()

    def content(self, uow: UnitOfWork, asked: Asked) -> Content:
        """What the plugin says."""
        return self.says(uow, asked)
