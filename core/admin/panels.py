"""Tables on a record's page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core.admin.formats import Cell, Format
from core.i18n import Text


@dataclass(frozen=True, slots=True)
class Panel:
    """A table on a record's page. `source` is the name of the plugin it comes from."""

    title: Any
    heads: list[Any]
    rows: list[list[Cell]]
    source: Any = None

    def num(self, place: int) -> bool:
        """Whether a column holds figures, and is aligned right."""
        return any(row[place].num for row in self.rows)


def table(title: Text, records: Iterable[Any], *, columns: Mapping[str, tuple[Any, Format]]) -> Panel:
    """A panel of records: column → (label, format)."""
    heads = [label for label, _format in columns.values()]
    rows = [[show(getattr(one, name, None), one) for name, (_l, show) in columns.items()] for one in records]
    return Panel(title, heads, rows)
