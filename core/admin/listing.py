"""One page of a list, from the address to what the template draws."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from werkzeug.datastructures import MultiDict

from core.admin.filters import Arguments, Chip, Filter
from core.admin.formats import Cell
from core.admin.interface import COUNTED

SIZES = (25, 50, 100)
_SORT, _PAGE, _SIZE = "sort", "page", "size"


@dataclass(frozen=True, slots=True)
class Head:
    """A column's head: where a click leads, and which way it is sorted now ('ascending', 'descending' or '')."""

    name: str
    label: Any
    href: str = ""
    sorted: str = ""
    num: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its key, its cells, and where its name leads."""

    key: str
    cells: list[Cell]
    href: str
    record: Any


@dataclass(frozen=True, slots=True)
class Listing:
    """All that a list page shows."""

    heads: list[Head]
    rows: list[Row]
    count: int
    page: int
    size: int
    filters: list[Filter]
    given: Arguments
    chips: list[tuple[Chip, str]]

    @property
    def counted(self) -> str:
        """The number found: exact up to ten thousand."""
        return f"{self.count:,}" if self.count <= COUNTED else f"{COUNTED:,}+"

    @property
    def last(self) -> int:
        """The last page's number, of those that can be reached by number."""
        return max(1, -(-min(self.count, COUNTED) // self.size))

    def href(self, **changes: Any) -> str:
        """This list's address with some arguments changed."""
        return address(self.given, **changes)


def address(given: Arguments, drop: Iterable[str] = (), **changes: Any) -> str:
    """The address of the list with arguments changed or dropped; any change but of the page starts at page one."""
    gone = {*drop, *changes} | (set() if _PAGE in changes else {_PAGE})
    kept = {key: value for key, value in given.items() if key not in gone and value}
    return url_for(str(request.endpoint), **{**(request.view_args or {}), **kept, **changes})


def read(view: Any) -> Listing:
    """The page that the address asks for."""
    given: Arguments = MultiDict(request.args)
    query = view.visible(view.datamodel.select())
    for filter_ in view.filters:
        query = filter_.narrow(query, given)
    count = view.datamodel.count_up_to(query)
    size = number(given.get(_SIZE), view.page_size, allowed=SIZES)
    page = min(number(given.get(_PAGE), 1), max(1, -(-min(count, COUNTED) // size)))
    column, down = order(view, given.get(_SORT, ""))
    query = query.order_by(*sorting(view, column, down=down)).limit(size).offset((page - 1) * size)
    rows = [show(view, row) for row in view.datamodel.rows(query, view.related_in_list())]
    chips = [
        (chip, address(given, drop=chip.keys)) for chip in (one.chip(given) for one in view.filters) if chip is not None
    ]
    return Listing(heads(view, given, rows=rows), rows, count, page, size, view.filters, given, chips)


def number(typed: str | None, default: int, *, allowed: tuple[int, ...] = ()) -> int:
    """A positive number from the address, or the default."""
    if typed is None or not typed.isdecimal() or len(typed) > 6:
        return default
    found = int(typed)
    return found if found > 0 and (not allowed or found in allowed) else default


def order(view: Any, typed: str) -> tuple[str, bool]:
    """The column to sort by, and whether downwards; only what the view allows."""
    column = typed.removeprefix("-")
    if column in view.order_columns:
        return column, typed.startswith("-")
    name, direction = view.base_order
    return name, direction == "desc"


def sorting(view: Any, column: str, *, down: bool) -> list[Any]:
    """The order, with the key last, so that pages never share a row."""
    model = view.datamodel.obj
    keys = [key.key for key in model.__mapper__.primary_key if key.key != column]
    found = [getattr(model, name) for name in (column, *keys)]
    return [attribute.desc() if down else attribute.asc() for attribute in found]


def show(view: Any, record: Any) -> Row:
    """A row as it is drawn."""
    key = view.datamodel.key_of(record)
    cells = [view.cell(record, column) for column in view.list_columns]
    return Row(key, cells, view.address_of(key), record)


def heads(view: Any, given: Arguments, *, rows: list[Row]) -> list[Head]:
    """The heads; a column of figures is aligned as its figures are."""
    found = []
    now, down = order(view, given.get(_SORT, ""))
    for place, name in enumerate(view.list_columns):
        num = any(row.cells[place].num for row in rows)
        sortable = name in view.order_columns
        turn = f"-{name}" if name == now and not down else name
        direction = ("descending" if down else "ascending") if sortable and name == now else ""
        href = address(given, **{_SORT: turn}) if sortable else ""
        found.append(Head(name, view.labels[name], href, direction, num))
    return found
