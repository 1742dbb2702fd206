"""Work by the clock: what is past expires, what is held too long goes back; once, however often it runs."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from core import clock, settings
from core.errors import Conflict, NotEnough
from core.jobs.runs import run_due
from core.models import Entry, Hold, JobRun
from core.scope import system_scope
from core.services import create_mall
from core.types import Place
from plugins.loyalty import MANIFEST, services
from plugins.loyalty.models import Lot
from plugins.loyalty.services import Purpose
from tests.support.arrivals import sale, today
from tests.support.mall import Shop, expect_sound

LAST = timedelta(days=31)


@pytest.fixture
def month(shop: Shop) -> Shop:
    """A mall where points live for a month; the member has 30 that expire, and 50 from a week later."""
    with shop.work() as uow:
        settings.put(uow, manifest=MANIFEST, name="expiry_months", place=Place(shop.mall_id), value=1)
    shop.send(sale("1", 3000, member=1))
    with clock.stopped_at(clock.now() + timedelta(days=7)):
        shop.send(sale("2", 5000, member=1))
    return shop


def last_day(shop: Shop) -> datetime:
    """Noon of the first lot's last day, in the mall."""
    day = shop.ask(select(Lot.expires_on).order_by(Lot.id).limit(1))
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


def expire(shop: Shop, limit: int = 500) -> int:
    with shop.work() as uow:
        on = clock.today("Asia/Shanghai")
        return services.expire_lots(uow, mall_id=shop.mall_id, today=on, limit=limit)


def test_points_are_good_on_their_last_day_and_gone_the_day_after(month: Shop) -> None:
    with clock.stopped_at(last_day(month)):
        assert expire(month) == 0
    with clock.stopped_at(last_day(month) + timedelta(days=1)):
        assert expire(month) == 1
    assert month.balance(1) == 50
    assert month.entries() == ["loyalty.earn", "loyalty.earn", "loyalty.expire"]
    expect_sound(month)


def test_twice_the_same_books_out_once(month: Shop) -> None:
    with clock.stopped_at(last_day(month) + timedelta(days=1)):
        assert [expire(month), expire(month), expire(month)] == [1, 0, 0]
    assert month.balance(1) == 50


def test_expiry_is_an_entry_that_says_why(month: Shop) -> None:
    with clock.stopped_at(last_day(month) + timedelta(days=1)):
        expire(month)
    (entry,) = month.all(select(Entry).filter_by(kind="loyalty.expire"))
    day = last_day(month).date().isoformat()

    assert (entry.rule, entry.receipt_id, entry.store_id) == ("base@1", None, None)
    assert json.loads(entry.reasons) == [
        {"text": "Points that expired on %(day)s: %(points)s", "with": {"day": day, "points": 30}}
    ]


def test_a_few_at_a_time(month: Shop) -> None:
    with clock.stopped_at(last_day(month) + LAST):
        assert [expire(month, limit=1), expire(month, limit=1), expire(month, limit=1)] == [1, 1, 0]
    assert month.balance(1) == 0
    expect_sound(month)


def test_points_that_never_expire_stay(shop: Shop) -> None:
    with shop.work() as uow:
        settings.put(uow, manifest=MANIFEST, name="expiry_months", place=Place(shop.mall_id), value=0)
    shop.send(sale("1", 3000, member=1))
    with clock.stopped_at(clock.now() + timedelta(days=100_000)):
        assert expire(shop) == 0
    assert shop.balance(1) == 30


def test_another_mall_s_night_leaves_ours_alone(month: Shop) -> None:
    with month.work() as uow:
        other = create_mall(uow, name="Other mall").id
    with clock.stopped_at(last_day(month) + LAST), month.work() as uow:
        assert services.expire_lots(uow, mall_id=other, today=clock.today("Asia/Shanghai")) == 0
    assert month.balance(1) == 80


def test_two_at_once_book_out_once(month: Shop) -> None:
    """Without the row that lets only one worker in: the books themselves refuse the second."""

    def night(_turn: int) -> int:
        try:
            return expire(month)
        except (Conflict, NotEnough):
            return 0

    with clock.stopped_at(last_day(month) + LAST), ThreadPoolExecutor(2) as many:
        runs = [many.submit(copy_context().run, night, turn) for turn in range(2)]
        assert sum(run.result() for run in runs) == 2
    assert month.balance(1) == 0
    assert month.entries().count("loyalty.expire") == 2
    expect_sound(month)


def test_two_workers_do_the_night_s_work_once(month: Shop) -> None:
    night = last_day(month) + LAST

    def work(name: str) -> None:
        with system_scope("tests"):
            run_due(month.database, month.host, now=night, worker=name)

    with clock.stopped_at(night), ThreadPoolExecutor(2) as many:
        runs = [many.submit(copy_context().run, work, name) for name in ("w1", "w2")]
        assert [run.result() for run in runs] == [None, None]

    ours = month.all(select(JobRun.error).where(JobRun.job == f"loyalty.expire_points:{month.mall_id}"))
    assert ours == [""]
    assert month.balance(1) == 0
    assert month.entries().count("loyalty.expire") == 2
    expect_sound(month)


def test_a_payment_that_never_ended_gives_its_points_back(shop: Shop) -> None:
    shop.send(sale("1", 3000, member=1))
    with shop.work() as uow:
        for number, minutes in enumerate((10, 60)):
            purpose = Purpose(shop.stores[0], f"pay-{number}", uow.now + timedelta(minutes=minutes))
            services.hold_points(uow, member_id=1, points=10, purpose=purpose, today=today())
    assert shop.balance(1) == 10

    with clock.stopped_at(clock.now() + timedelta(minutes=11)), shop.work() as uow:
        assert services.release_expired(uow, mall_id=shop.mall_id, today=today()) == 1
        assert services.release_expired(uow, mall_id=shop.mall_id, today=today()) == 0

    assert shop.all(select(Hold.state).order_by(Hold.id)) == ["expired", "held"]
    assert (shop.balance(1), shop.balance(1, "loyalty.held")) == (20, 10)
    expect_sound(shop)
