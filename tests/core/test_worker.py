"""Real worker processes: killed, stopped, several at a time. Nothing is lost, nothing is doubled."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, func, select, update

from core import audit, clock, ids
from core.db import Database, unit_of_work
from core.events import emit, pump
from core.host import Host
from core.jobs import doorbell
from core.models import Audit, JobRun, Outbox, OutboxDone, RollUp, Unsealed
from core.seal.live import verify_live
from core.vault import Vault
from tests.samples.listener import hooks as listener
from tests.samples.ticker import hooks as ticker
from tests.support.books import TESTS, book_entry, book_receipt, make_account, make_mall
from tests.support.mall import open_at

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = ["tests.samples.listener", "tests.samples.ticker"]
PROGRAM = f"""
import sys
from pathlib import Path
from core.jobs import doorbell
from core.jobs.worker import Worker
from tests.support.mall import open_at
house = open_at(sys.argv[1], Path(sys.argv[2]), plugins={PLUGINS})
bell = doorbell.install(house.database, house.config.home)
sys.exit(Worker(house, doorbell=bell).run())
"""

pytestmark = pytest.mark.slow
Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database.connect(database_url)
    audit.install(opened)
    for plugin in (listener, ticker):
        plugin.METADATA.create_all(opened.writer)
    make_mall(opened)
    yield opened
    opened.dispose()


@pytest.fixture
def vault(database_url: str, tmp_path: Path) -> Vault:
    house = open_at(database_url, tmp_path / "home", plugins=PLUGINS)
    house.database.dispose()
    return house.vault


@pytest.fixture
def start(database_url: str, tmp_path: Path, vault: Vault) -> Iterator[Start]:
    """Starts a worker whose listener takes so many `seconds` for each event."""
    started = []

    def start_one(*, seconds: float = 0.0) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "LISTENER_SECONDS": str(seconds), "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", PROGRAM, database_url, str(tmp_path / "home")]
        started.append(subprocess.Popen(command, cwd=ROOT, env=environment))
        return started[-1]

    yield start_one
    for process in started:
        process.kill()
        process.wait()


def tell(database: Database, count: int) -> None:
    with unit_of_work(database, actor=TESTS) as uow:
        for subject in range(count):
            emit(uow, topic="member.joined", mall_id=1, subject_id=subject)


def column(database: Database, query: Any) -> list[Any]:
    with database.reader.connect() as connection:
        return list(connection.execute(query).scalars())


def heard(database: Database) -> list[int]:
    return column(database, select(listener.HEARD.c.about))


def has_heard(database: Database, count: int) -> bool:
    return len(heard(database)) >= count


def size(database: Database, table: type | Table) -> int:
    found: int = column(database, select(func.count()).select_from(table))[0]
    return found


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_worker_killed_in_the_middle_loses_and_doubles_nothing(database: Database, start: Start) -> None:
    tell(database, 100)
    for done in (10, 40):
        worker = start(seconds=0.03)
        wait_until(partial(has_heard, database, done))
        worker.send_signal(signal.SIGKILL)
        assert worker.wait() == -signal.SIGKILL
        assert len(heard(database)) < 100
        with database.writer.begin() as connection:  # instead of waiting for a minute
            connection.execute(update(Outbox).values(claimed_until=None))

    while pump(database, Host.load(database, PLUGINS), worker="successor"):
        pass

    assert sorted(heard(database)) == list(range(100))
    assert None not in column(database, select(Outbox.done_at))
    assert size(database, OutboxDone) == 100


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_told_to_stop_ends_with_the_row_in_hand(
    database: Database, start: Start, number: signal.Signals
) -> None:
    tell(database, 50)
    worker = start(seconds=0.3)
    wait_until(partial(has_heard, database, 2))

    worker.send_signal(number)
    assert worker.wait(timeout=10) == 0

    done = [moment for moment in column(database, select(Outbox.done_at)) if moment]
    assert len(done) == len(heard(database)) < 50
    assert set(column(database, select(Outbox.claimed_until))) == {None}
    assert set(column(database, select(Outbox.error))) == {""}


def test_two_workers_seal_roll_up_and_do_each_job_once(
    database: Database, start: Start, vault: Vault, tmp_path: Path
) -> None:
    for number in range(2, 5):
        make_mall(database, code=f"M{number}")
    with database.writer.begin() as connection:
        make_account(connection, 900)
        make_account(connection, 901, balance=0)
    bell = doorbell.install(database, tmp_path / "home")
    bell()
    workers = [start(), start()]

    for number in ids.draw(database, 20):
        with database.writer.begin() as connection:
            book_receipt(connection, number, at=clock.now())
        with database.writer.begin() as connection:
            book_entry(connection, number + 5000, postings=[(900, 5), (901, -5)], at=clock.now())
    wait_until(lambda: size(database, Unsealed) == 0)
    wait_until(lambda: column(database, select(RollUp.entries)) == [20])
    wait_until(lambda: None not in column(database, select(JobRun.finished_at)) and size(database, JobRun) == 6)
    wait_until(lambda: bell.huey.storage.queue_size() == 0)
    bell.huey.storage.close()
    for worker in workers:
        worker.send_signal(signal.SIGTERM)
    assert [worker.wait(timeout=10) for worker in workers] == [0, 0]

    assert sorted(column(database, select(ticker.TICKS.c.mall))) == [1, 2, 3, 4]
    ticks = [f"ticker.tick:{n}" for n in range(1, 5)]
    assert sorted(column(database, select(JobRun.job))) == ["core.sweep", "core.verify", *ticks]
    assert set(column(database, select(JobRun.error))) == {""}
    assert column(database, select(Audit.record).where(Audit.action == "verified")) == ["books"]
    result = verify_live(database, vault, seal_first=False)
    assert (result["ok"], result["sealed"]) == (True, 42)
