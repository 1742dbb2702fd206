"""What a worker asks each second must not read the books: looked up in the databases' own plans."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, select, text

from core.checkout import settle_parked
from core.models import ParkedReceipt, ReceiptRow
from tests.support.arrivals import give_back, sale
from tests.support.mall import Shop

MANY = 100_000
_ROWS = (
    "select 1000000 + n, 1, {store}, {till}, 'T01', 'm' || n, '2026-01-01', 'sale', '2026-01-01 00:00:00',"
    " '2026-01-01 00:00:00', 'CNY', 100, 0, 0, {hash}, '{{}}' from numbers"
)
_COLUMNS = (
    "id, mall_id, store_id, till_id, till_code, number, business_date, kind, happened_at, recorded_at, currency, total,"
    " tax, change_given, body_hash, answer"
)
_NUMBERS = "with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < :many)"


@pytest.fixture
def grown(shop: Shop) -> Shop:
    """A hundred thousand sales; a return of one of them waits, beside twenty whose sale never comes."""
    place = {"store": shop.stores[0], "till": shop.tills["T01"]}
    if shop.database.is_sqlite:
        made = f"insert into core_receipt ({_COLUMNS}) {_NUMBERS} " + _ROWS.format(hash="zeroblob(32)", **place)
    else:
        rows = _ROWS.format(hash="decode(md5(n::text), 'hex')", **place).replace("'2026-01-01'", "date '2026-01-01'")
        rows = rows.replace("'2026-01-01 00:00:00'", "now()").replace("numbers", "generate_series(1, :many) n")
        made = f"insert into core_receipt ({_COLUMNS}) {rows}"
    with shop.database.writer.begin() as connection:
        connection.execute(text(made), {"many": MANY})
    return shop


@contextmanager
def plans(shop: Shop) -> Iterator[list[str]]:
    """The plan of each statement that was read meanwhile."""
    asked: list[tuple[str, Any]] = []
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        asked.append((statement, parameters))

    event.listen(shop.database.reader, "before_cursor_execute", note)
    yield found
    event.remove(shop.database.reader, "before_cursor_execute", note)
    explain = "explain query plan " if shop.database.is_sqlite else "explain "
    with shop.database.reader.connect() as connection:
        for statement, parameters in asked:
            if "core_receipt_parked" in statement and statement.startswith("SELECT"):
                rows = connection.exec_driver_sql(explain + statement, parameters).all()
                found.append("\n".join(str(row[-1]) for row in rows))


def test_nothing_waits_is_one_look_at_an_index(grown: Shop) -> None:
    with plans(grown) as found:
        assert settle_parked(grown.house) == 0

    (plan,) = found
    assert "ix_core_receipt_parked_waiting" in plan


@pytest.mark.parametrize("analyzed", [False, True])
def test_what_waits_is_looked_up_and_the_books_are_not_read(grown: Shop, analyzed: bool) -> None:
    for number in range(20):
        grown.send(give_back(f"r{number}", f"never{number}", back={1: 100}))
    grown.send(give_back("2", "1", back={1: 5000}))
    grown.send(sale("1", 5000, member=1))
    if analyzed:
        with grown.database.direct.connect() as connection:
            connection.exec_driver_sql("analyze")

    with plans(grown) as found:
        assert settle_parked(grown.house) == 1

    assert len(found) >= 2
    for plan in found:
        assert re.search(r"(SCAN|Seq Scan on) core_receipt\b(?!_)", plan) is None, plan
    assert grown.count(ReceiptRow) == MANY + 2
    assert len(grown.all(select(ParkedReceipt.id).where(ParkedReceipt.settled_at.is_(None)))) == 20
