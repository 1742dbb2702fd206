"""What the core does by the clock: it proves the books each night, and forgets what nobody needs."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from core import clock
from core.events import emit
from core.jobs import overdue, run_due
from core.jobs.chores import CHORES
from core.models import Account, Audit, JobRun, Mall, Outbox, Unsealed, WebSession
from tests.support.arrivals import sale
from tests.support.mall import Shop

NIGHT = datetime(2036, 11, 21, 21, 0, tzinfo=UTC)
"""Five in the morning in Shanghai, years after everything that the tests book."""
SPOILT = {"mall_id": 1, "name": "a", "owner": "member", "unit": "P1", "floor": 0, "balance": 5}
"""An account with a balance and no postings."""


def work(shop: Shop, *, now: datetime = NIGHT) -> None:
    with clock.stopped_at(now):
        run_due(shop.database, shop.host, now=now, worker="tests", own=CHORES)


def run(shop: Shop, job: str = "core.verify") -> JobRun:
    found = shop.ask(select(JobRun).where(JobRun.job == job).order_by(JobRun.due_at.desc()))
    assert isinstance(found, JobRun)
    return found


def told(shop: Shop) -> list[dict[str, Any]]:
    rows = select(Audit.after).where(Audit.action == "verified", Audit.record == "books").order_by(Audit.id)
    return [json.loads(after) for after in shop.all(rows)]


def test_sound_books_are_proved_once_a_night(shop: Shop) -> None:
    shop.send(sale("1", 1000, member=1))
    for _n in range(2):
        work(shop)

    (outcome,) = told(shop)
    assert (outcome["ok"], outcome["unsealed"], outcome["problem_count"]) == (True, 0, 0)
    assert outcome["sealed"] == outcome["last"] >= 4
    assert run(shop).due_at == datetime(2036, 11, 21, 19, 40, tzinfo=UTC)  # 3:40 in Shanghai
    assert (run(shop).finished_at is not None, run(shop).error) == (True, "")
    assert shop.ask(select(Audit.actor).where(Audit.action == "verified")) == "job:core.verify"


def test_what_is_wrong_stands_with_the_run_and_is_not_tried_again(shop: Shop) -> None:
    with shop.database.writer.begin() as connection:
        connection.execute(insert(Account), [SPOILT | {"id": 5000, "owner_id": 1}])
        connection.execute(insert(Unsealed), [{"kind": "account", "id": 5000}])
    for minutes in (0, 20):
        work(shop, now=NIGHT + timedelta(minutes=minutes))

    (outcome,) = told(shop)
    assert (outcome["ok"], outcome["problem_count"]) == (False, 1)
    assert run(shop).error == "account 5000 has a balance of 5, its postings add up to 0"
    assert run(shop).finished_at is not None
    assert overdue(shop.database, shop.host, now=NIGHT + timedelta(hours=3), own=CHORES) == []


def test_a_check_that_takes_long_is_not_begun_by_another_worker(shop: Shop) -> None:
    begun = datetime(2036, 11, 21, 19, 40, tzinfo=UTC)
    with shop.work() as uow:
        uow.session.add(JobRun(job="core.verify", due_at=begun, started_at=begun, worker="another"))
    work(shop, now=begun + timedelta(hours=11))
    assert told(shop) == []

    work(shop, now=begun + timedelta(hours=12))
    assert len(told(shop)) == 1


def test_many_problems_are_told_in_a_few_lines(shop: Shop) -> None:
    with shop.database.writer.begin() as connection:
        connection.execute(insert(Account), [SPOILT | {"id": 5000 + n, "owner_id": n} for n in range(30)])
    work(shop)

    lines = run(shop).error.splitlines()
    assert (len(lines), lines[-1]) == (11, "and 50 more")  # each is neither queued nor covered by postings


def test_malls_with_other_clocks_go_by_a_common_one(shop: Shop) -> None:
    with shop.work() as uow:
        uow.session.add(Mall(code="X", name="Sample", zone="Europe/Berlin", created_at=uow.now))
    work(shop)

    assert run(shop).due_at == datetime(2036, 11, 21, 3, 40, tzinfo=UTC)


def test_what_nobody_needs_is_forgotten(shop: Shop) -> None:
    old, young = NIGHT - timedelta(days=31), NIGHT - timedelta(days=29)
    for at in (old, young):
        with clock.stopped_at(at), shop.work() as uow:
            emit(uow, topic="sample.done", mall_id=1)
            emit(uow, topic="sample.open", mall_id=1)
    with shop.work() as uow:
        for at in (old, young):
            done = update(Outbox).where(Outbox.topic == "sample.done", Outbox.created_at == at).values(done_at=at)
            uow.session.execute(done)
        for number, ends in enumerate((NIGHT - timedelta(minutes=1), NIGHT + timedelta(minutes=1))):
            times = {"created_at": old, "touched_at": old, "expires_at": ends}
            uow.session.add(WebSession(token_hash=bytes([number]) * 32, data="{}", **times))
        uow.session.add(JobRun(job="x", due_at=old, started_at=old, worker="w"))
    work(shop)

    left = select(Outbox.topic, Outbox.created_at).where(Outbox.topic.like("sample.%")).order_by(Outbox.id)
    assert shop.all(left) == [("sample.open", old), ("sample.done", young), ("sample.open", young)]
    assert shop.all(select(WebSession.expires_at)) == [NIGHT + timedelta(minutes=1)]
    assert shop.count(JobRun, job="x") == 0
