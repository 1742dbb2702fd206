"""A mall with a few days of trade, made by sending receipts; and a back office in front of such a mall."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core import clock, reports
from core.db import Actor
from core.scope import Scope
from core.seal import sealer
from core.types import Tender
from tests.support.arrivals import give_back, key, paid, sale
from tests.support.mall import Shop, open_shop

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
TODAY = date(2026, 11, 22)
YESTERDAY = TODAY - timedelta(days=1)
DAY = timedelta(days=1)
ME = Actor("command", "tests")


@pytest.fixture
def empty(database_url: str, tmp_path: Path) -> Iterator[Shop]:
    """A mall in which nothing has happened, also no member."""
    with clock.stopped_at(NOW):
        opened = open_shop(database_url, tmp_path / "home", members=0)
        yield opened
        opened.close()


@pytest.fixture
def shop(database_url: str, tmp_path: Path) -> Iterator[Shop]:
    """Two stores, two members; sales yesterday and today, a return, points paid, all of it sealed."""
    with clock.stopped_at(NOW):
        opened = open_shop(database_url, tmp_path / "home", members=2)
        trade(opened)
        yield opened
        opened.close()


@pytest.fixture
def sqlite_shop(sqlite_url: str, tmp_path: Path) -> Iterator[Shop]:
    """The same on SQLite only, for what takes long and knows nothing of databases."""
    with clock.stopped_at(NOW):
        opened = open_shop(sqlite_url, tmp_path / "home", members=2)
        trade(opened)
        yield opened
        opened.close()


def trade(shop: Shop) -> None:
    """Yesterday 100.00 and 30.00 in the first store, today 50.00, of which 20.00 come back; 80.00 in the second."""
    before: dict[str, Any] = {"day": YESTERDAY, "happened_at": NOW - DAY}
    tenders = (Tender("wechat", 6_000), Tender("cash", 5_000))
    sent = [
        shop.send(sale("1", 10_000, member=1, tenders=tenders, change=1_000, **before)),
        shop.send(sale("2", 3_000, till="T02", **before), till="T02"),
        shop.send(paid("3", 4_990, points=10, member=1)),
        shop.send(give_back("4", key("1", day=YESTERDAY), back={1: 2_000})),
        shop.send(sale("5", 8_000, member=1, till="T21"), till="T21"),
        shop.send(sale("6", 700, member=2, till="T21"), till="T21"),
    ]
    assert [getattr(answer, "status", answer) for answer in sent] == [201] * 6
    sealer.seal_all(shop.database, shop.house.vault)


def asked(shop: Shop, name: str, *stores: int, **given: str) -> reports.Answered:
    """A report as asked by somebody of these stores; by somebody who reaches everything where none are named."""
    found = reports.find(shop.host, name)
    reader = reports.Reader.everything(ME)
    if stores:
        reader = reports.Reader(ME, Scope(frozenset({shop.mall_id}), frozenset(stores)))
    return reports.answer(shop.house, found, reader=reader, given=given, mall_id=shop.mall_id)
