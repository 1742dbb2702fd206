"""Periodic work: due by the mall's clock, done once wherever workers run, caught up when it was missed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from huey import crontab as huey_crontab
from huey.registry import Message
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from core import audit, clock, enablement, scope
from core.config import Config
from core.db import Database, unit_of_work
from core.errors import UnsafeSetting
from core.events import emit
from core.host import Host
from core.house import open_house
from core.jobs import Job, last_due, overdue, run_due, sweep
from core.jobs import doorbell as bells
from core.jobs import runs as own
from core.models import JobRun, Outbox
from core.types import Place
from tests.samples.ticker.hooks import BROKEN, METADATA, TICKS
from tests.support.books import TESTS, make_mall
from tests.support.mall import Shop

MORNING = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
"""Nine o'clock in Shanghai; half past two there was at 18:30 UTC the day before."""
DUE = datetime(2026, 11, 21, 18, 30, tzinfo=UTC)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database.connect(database_url)
    audit.install(opened)
    METADATA.create_all(opened.writer)
    make_mall(opened, stores=2, code="M1")
    yield opened
    BROKEN.clear()
    opened.dispose()


@pytest.fixture
def host(database: Database) -> Host:
    return Host.load(database, ["tests.samples.ticker"])


def ticks(database: Database) -> list[tuple[int, str]]:
    with database.reader.connect() as connection:
        return [tuple(row) for row in connection.execute(select(TICKS.c.mall, TICKS.c.stores).order_by(TICKS.c.no))]


def runs(database: Database) -> list[JobRun]:
    with database.session() as session:
        return list(session.scalars(select(JobRun).order_by(JobRun.job, JobRun.due_at)))


def switch(database: Database, host: Host, *, store_id: int, on: bool) -> None:
    with scope.system_scope("tests"), unit_of_work(database, actor=TESTS) as uow:
        enablement.switch(uow, host=host, plugin="ticker", place=Place(1, store_id), on=on)


# --- crontabs -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("crontab", "zone", "due"),
    [
        ("30 2 * * *", "Asia/Shanghai", DUE),
        ("30 2 * * *", "UTC", datetime(2026, 11, 21, 2, 30, tzinfo=UTC)),
        ("*/15 * * * *", "UTC", MORNING),
        ("59 8 * * 0", "Asia/Shanghai", datetime(2026, 11, 22, 0, 59, tzinfo=UTC)),
        ("1 9 * * 0", "Asia/Shanghai", datetime(2026, 11, 15, 1, 1, tzinfo=UTC)),
        ("0 0 1 * *", "Asia/Shanghai", datetime(2026, 10, 31, 16, 0, tzinfo=UTC)),
        ("0 0 29 2 *", "UTC", datetime(2024, 2, 29, tzinfo=UTC)),
        ("0 0 30 2 *", "UTC", None),
        # Clocks go back on 25 October 2026: half past two came twice, and counts once; forward on 29 March.
        ("30 2 25 10 *", "Europe/Berlin", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("30 2 29 3 *", "Europe/Berlin", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
    ],
)
def test_a_crontab_goes_by_the_malls_wall_clock(crontab: str, zone: str, due: datetime | None) -> None:
    assert last_due(crontab, MORNING + timedelta(seconds=59), zone=zone) == due


MINUTES = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda at: at.replace(second=0, microsecond=0))


def fields(low: int, high: int) -> st.SearchStrategy[str]:
    """Fields of a crontab: some numbers, spans and steps."""
    number, step = st.integers(low, high), st.sampled_from(["", "/2", "/5"])
    spans = st.builds(lambda a, b, by: f"{min(a, b)}-{max(a, b)}{by}", number, number, step)
    parts = st.one_of(number.map(str), spans, st.just("*"), st.just("*/3") if high != 6 else spans)
    return st.lists(parts, min_size=1, max_size=3).map(",".join)


@given(*(fields(*bounds) for bounds in ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))), MINUTES)
def test_a_crontab_means_what_others_understand_by_it(
    minute: str, hour: str, day: str, month: str, weekday: str, moment: datetime
) -> None:
    others: Any = huey_crontab(minute, hour, day, month, weekday, strict=True)
    now = moment.replace(tzinfo=UTC)
    found = last_due(f"{minute} {hour} {day} {month} {weekday}", now)

    assert (found == now) is others(moment)
    assert found is None or others(found)


@pytest.mark.parametrize(
    "crontab",
    ["", "* * * *", "60 * * * *", "* 24 * * *", "x * * * *", "* * * * * *", "*/0 * * * *", "5-1 * * * *", "* * 0 * *"],
)
def test_an_unreadable_crontab_is_refused_when_the_job_is_made(crontab: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Job("tick", crontab, print)


# --- runs ---------------------------------------------------------------------------------------------------------


def test_hook_jobs_runs_once_per_mall_and_due_moment(database: Database, host: Host) -> None:
    make_mall(database, code="M2")

    assert [run_due(database, host, now=MORNING, worker="w") for _ in range(2)] == [2, 0]
    assert ticks(database) == [(1, "all"), (2, "all")]
    assert [(run.job, run.due_at, run.error) for run in runs(database)] == [
        ("ticker.tick:1", DUE, ""),
        ("ticker.tick:2", DUE, ""),
    ]
    assert all(run.finished_at for run in runs(database))

    assert run_due(database, host, now=MORNING + timedelta(days=1), worker="w") == 2


def test_two_workers_do_each_job_once(database: Database, host: Host, database_url: str) -> None:
    for number in range(2, 6):
        make_mall(database, code=f"M{number}")
    others = [Database.connect(database_url) for _ in range(2)]
    hosts = [Host.load(other, ["tests.samples.ticker"]) for other in others]
    together, done = threading.Barrier(2), []

    def work(number: int) -> None:
        together.wait()
        done.append(run_due(others[number], hosts[number], now=MORNING, worker=f"w{number}"))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for other in others:
        other.dispose()

    assert sum(done) == 5
    assert sorted(mall for mall, _stores in ticks(database)) == [1, 2, 3, 4, 5]


def test_days_without_a_worker_are_noticed_and_caught_up_once(database: Database, host: Host) -> None:
    run_due(database, host, now=MORNING, worker="w")
    later = MORNING + timedelta(days=3)

    assert [(due.key, due.due_at) for due in overdue(database, host, now=later)] == [
        ("ticker.tick:1", DUE + timedelta(days=3))
    ]
    assert run_due(database, host, now=later, worker="w") == 1
    assert overdue(database, host, now=later) == []
    assert len(ticks(database)) == 2


def test_a_mall_owes_nothing_from_before_it_was_there(database: Database, host: Host) -> None:
    with clock.stopped_at(datetime(2020, 1, 1, 0, 0, tzinfo=UTC)):
        assert run_due(database, host, now=clock.now(), worker="w") == 0
    assert run_due(database, host, now=datetime(2020, 1, 1, 19, 0, tzinfo=UTC), worker="w") == 1


def test_a_job_that_fails_leaves_nothing_and_is_taken_up_again(database: Database, host: Host) -> None:
    BROKEN.append("no paper")

    assert run_due(database, host, now=MORNING, worker="w") == 1
    assert ticks(database) == []
    (run,) = runs(database)
    assert (run.finished_at, run.error) == (None, "RuntimeError: no paper")

    BROKEN.clear()
    assert run_due(database, host, now=MORNING + timedelta(minutes=14), worker="v") == 0
    assert run_due(database, host, now=MORNING + timedelta(minutes=15), worker="v") == 1
    (run,) = runs(database)
    assert (run.worker, run.error, len(ticks(database))) == ("v", "", 1)


def test_a_worker_thought_dead_that_comes_back_undoes_its_own_work(database: Database, host: Host) -> None:
    due = list(own._all_due(database, host, now=MORNING, own=()))[0]
    assert own._take(database, due, now=MORNING, worker="slow")
    run_due(database, host, now=MORNING + timedelta(minutes=15), worker="next")

    own._run(database, due, now=MORNING, worker="slow")

    assert len(ticks(database)) == 1
    assert [(run.worker, run.error) for run in runs(database)] == [("next", "")]


def test_where_the_plugin_is_off_its_job_sees_nothing(database: Database, host: Host) -> None:
    make_mall(database, code="M2")
    switch(database, host, store_id=2, on=False)
    run_due(database, host, now=MORNING, worker="w")
    assert ticks(database) == [(1, "1"), (2, "all")]

    switch(database, host, store_id=0, on=False)
    switch(database, host, store_id=1, on=False)
    run_due(database, host, now=MORNING + timedelta(days=1), worker="w")
    assert ticks(database)[2:] == [(2, "all")]


def test_old_runs_are_swept_away(database: Database, host: Host) -> None:
    run_due(database, host, now=MORNING, worker="w")
    run_due(database, host, now=MORNING + timedelta(days=31), worker="w")

    assert sweep(database, now=MORNING + timedelta(days=31)) == 1
    assert [run.due_at for run in runs(database)] == [DUE + timedelta(days=31)]


# --- the doorbell -------------------------------------------------------------------------------------------------


def test_a_ring_reaches_the_consumer_and_carries_no_pickle(database: Database, tmp_path: Path) -> None:
    bell = bells.install(database, tmp_path)
    rung = threading.Event()
    bell.on_ring = rung.set

    bell()
    bell()
    (message,) = bell.huey.storage.enqueued_items()
    assert Message(*json.loads(bytes(message))).name.endswith("wake")
    bell.huey.execute(bell.huey.dequeue())

    assert rung.is_set()
    assert bells.install(database, tmp_path) is bell
    bell.huey.storage.close()


def test_a_queue_that_is_away_fails_nobody(database: Database, tmp_path: Path) -> None:
    bell = bells.install(database, tmp_path)
    bell.huey.storage.close()
    for file in tmp_path.glob("queue.db*"):
        file.unlink()
    (tmp_path / "queue.db").mkdir()

    bell()


def test_an_open_house_rings_and_loads_the_queue_only_then(database_url: str, tmp_path: Path) -> None:
    program = """
import sys
from core.events import emit
from core.db import unit_of_work
from tests.support.books import TESTS, make_mall
from tests.support.mall import open_at
from pathlib import Path
house = open_at(sys.argv[1], Path(sys.argv[2]), plugins=["tests.samples.ticker"])
make_mall(house.database)
print("huey" in sys.modules)
with unit_of_work(house.database, actor=TESTS) as uow:
    emit(uow, topic="sample.told", mall_id=1)
    print("huey" in sys.modules)
print(house.database.memory["doorbell"].huey.storage.queue_size())
"""
    command = [sys.executable, "-c", program, database_url, str(tmp_path / "home")]
    ran = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": "."})
    assert ran.returncode == 0, ran.stderr

    assert ran.stdout.split() == ["False", "False", "1"]


def test_a_house_with_a_queue_that_cannot_be_goes_on(shop: Shop) -> None:
    broken = Config.load({"ATRIUM_HOME": str(shop.house.config.home), "ATRIUM_QUEUE_URL": "amqp://example"})
    opened = open_house(replace(broken, database_url=shop.database.url), [])
    with unit_of_work(opened.database, actor=TESTS) as uow:
        emit(uow, topic="sample.told", mall_id=1)

    assert shop.count(Outbox, topic="sample.told") == 1
    opened.database.dispose()


def test_a_queue_of_another_kind_is_refused(database: Database, tmp_path: Path) -> None:
    with pytest.raises(UnsafeSetting):
        bells.install(database, tmp_path, url="amqp://example")
