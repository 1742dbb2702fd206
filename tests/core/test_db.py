"""Engines and units of work: who may write, when it is durable, and what stays behind when something fails."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, OperationalError, StatementError

from core import clock, db, scope
from core.db import Database, unit_of_work
from core.errors import BrokenPlugin, UnsafeSetting
from core.models import Entry, Mall, Outbox
from core.types import LIMIT
from tests.support.arrivals import sale
from tests.support.books import TESTS, make_mall
from tests.support.mall import Shop, expect_sound

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database.connect(database_url)
    yield opened
    opened.dispose()


# --- connections --------------------------------------------------------------------------------------------------


def test_plugins_read_where_the_database_refuses_to_write(database: Database) -> None:
    for statement in ("insert into core_stamp values ('x', 1)", "delete from core_stamp", "create table x (y int)"):
        with pytest.raises(DBAPIError, match="read-only|readonly|query_only"), database.facts.connect() as connection:
            connection.execute(text(statement))
    with database.facts.connect() as connection:
        assert connection.scalar(text("select count(*) from core_mall")) == 0


def test_sqlite_is_durable_and_keeps_its_own_rules(sqlite_url: str) -> None:
    opened = Database.connect(sqlite_url)
    for engine in (opened.reader, opened.writer, opened.facts):
        with engine.connect() as connection:
            said = {
                name: connection.exec_driver_sql(f"pragma {name}").scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers")
            }
        assert said == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1}
    opened.dispose()


def test_only_two_kinds_of_database() -> None:
    with pytest.raises(UnsafeSetting):
        Database.connect("mysql://nobody@localhost/x")


def test_a_receipt_hook_gets_no_session_and_no_writing_connection(database: Database) -> None:
    before = database.session()
    with db.deciding():
        for work in (database.session, lambda: before.execute(select(Mall)), database.writer.connect):
            with pytest.raises(BrokenPlugin):
                work()
        if database.is_sqlite:
            with pytest.raises(BrokenPlugin):
                database.reader.connect()
        with database.facts.connect() as connection:
            assert connection.scalar(text("select 1")) == 1
    assert before.execute(select(Mall)).all() == []
    before.close()


def test_after_a_lost_connection_the_next_request_works(shop: Shop) -> None:
    """The server ends all connections, as a restart does: no till notices, and nothing is booked twice."""
    if shop.database.is_sqlite:
        return
    shop.send(sale("1", 1000, member=1))
    for number in ("2", "3", "4"):
        with shop.database.writer.connect() as killer:
            # Waits until each has ended: one that is still saying good-bye would be noticed only in use.
            killer.execute(
                text(
                    "select pg_terminate_backend(pid, 10000) from pg_stat_activity"
                    " where datname = current_database() and pid <> pg_backend_pid()"
                )
            )
        assert shop.send(sale(number, 1000, member=1), door=False).status == 201
        assert shop.send(sale(number, 1000, member=1)).status == 200
    assert shop.balance(1) == 40
    expect_sound(shop)


# --- units of work ------------------------------------------------------------------------------------------------


def test_a_unit_of_work_is_all_or_nothing(database: Database) -> None:
    rung: list[str] = []

    def fail() -> None:
        with scope.system_scope("tests"), unit_of_work(database, actor=TESTS) as uow:
            uow.after_commit.append(lambda: rung.append("x"))
            uow.session.add(Mall(code="M1", name="x", created_at=uow.now))
            uow.session.flush()
            raise RuntimeError("not after all")

    with pytest.raises(RuntimeError):
        fail()
    with scope.system_scope("tests"), database.session() as session:
        assert session.scalars(select(Mall)).all() == []
    assert rung == []
    assert not db.is_working()


def test_reading_first_and_writing_then_is_one_transaction(database: Database) -> None:
    make_mall(database)
    with scope.system_scope("tests"), unit_of_work(database, actor=TESTS) as uow:
        mall = uow.session.scalars(select(Mall)).one()
        mall.name = "Renamed"
        uow.session.flush()
        assert uow.session.scalars(select(Mall.name)).one() == "Renamed"
        with scope.system_scope("tests"), database.session() as session:
            assert session.scalars(select(Mall.name)).one() == "Mall M1"


def test_readers_do_not_wait_for_a_writer(database: Database) -> None:
    make_mall(database)
    with scope.system_scope("tests"), unit_of_work(database, actor=TESTS) as uow:
        uow.session.scalars(select(Mall)).one().name = "Slow"
        uow.session.flush()
        started = time.monotonic()
        with database.facts.connect() as connection:
            assert connection.scalar(text("select name from core_mall")) == "Mall M1"
        assert time.monotonic() - started < 5


def test_writers_queue_and_none_is_lost(database: Database) -> None:
    def one(_turn: int) -> None:
        with database.writer.begin() as connection:
            found = connection.execute(text("select next_value from core_sequence where name = 'x'")).scalar()
            time.sleep(0.002)
            if database.is_sqlite and found is not None:  # elsewhere reading locks nothing
                connection.execute(text("update core_sequence set next_value = :n where name = 'x'"), {"n": found + 1})
            else:
                connection.execute(text("update core_sequence set next_value = next_value + 1 where name = 'x'"))

    with database.writer.begin() as connection:
        connection.execute(text("insert into core_sequence values ('x', 0)"))
    with ThreadPoolExecutor(8) as many:
        list(many.map(one, range(80)))
    with database.reader.connect() as connection:
        assert connection.execute(text("select next_value from core_sequence")).scalar() == 80


def test_a_killed_writer_lets_the_next_one_in(sqlite_url: str) -> None:
    code = (
        "import sys, time; from core.db import Database; d = Database.connect(sys.argv[1]);"
        "c = d.writer.connect(); c.begin(); print('in', flush=True); time.sleep(60)"
    )
    child = subprocess.Popen([sys.executable, "-c", code, sqlite_url], stdout=subprocess.PIPE, cwd=ROOT)
    assert child.stdout is not None
    assert child.stdout.readline() == b"in\n"
    opened, done = Database.connect(sqlite_url), threading.Event()

    def write() -> None:
        with opened.writer.begin() as connection:
            connection.execute(text("insert into core_sequence values ('x', 0)"))
        done.set()

    waiting = threading.Thread(target=write)
    waiting.start()
    assert not done.wait(0.3)
    child.kill()
    child.communicate()
    assert done.wait(10)
    waiting.join()
    opened.dispose()


def test_a_unit_inside_a_unit_is_refused_and_not_waited_for(sqlite_url: str) -> None:
    """On SQLite there is one writer: a thread that waits for itself would wait for ever."""
    opened = Database.connect(sqlite_url)
    make_mall(opened)

    def nested() -> None:
        with scope.system_scope("tests"), unit_of_work(opened, actor=TESTS) as outer:
            outer.session.scalars(select(Mall)).one().name = "outer"
            outer.session.flush()
            with unit_of_work(opened, actor=TESTS) as inner:
                inner.session.scalars(select(Mall)).one().name = "inner"

    with pytest.raises(RuntimeError, match="inside another"):
        nested()
    with scope.system_scope("tests"), unit_of_work(opened, actor=TESTS) as uow:
        assert uow.session.scalars(select(Mall.name)).one() == "Mall M1"
    opened.dispose()


# --- columns ------------------------------------------------------------------------------------------------------


def test_times_are_utc_in_the_database_and_have_a_zone_in_python(database: Database) -> None:
    moment = datetime(2026, 11, 22, 1, 2, 3, 456789, tzinfo=timezone(timedelta(hours=8)))
    with scope.system_scope("tests"), unit_of_work(database, actor=TESTS) as uow:
        uow.session.add(Mall(code="M1", name="x", created_at=moment))
    with scope.system_scope("tests"), database.session() as session:
        back = session.scalars(select(Mall.created_at)).one()
        assert (back, back.tzinfo) == (moment, UTC)
        assert session.scalars(select(Mall.code).where(Mall.created_at <= moment)).all() == ["M1"]
        assert session.scalars(select(Mall.code).where(Mall.created_at < moment)).all() == []
    with database.reader.connect() as connection:
        raw = str(connection.execute(text("select created_at from core_mall")).scalar())
    assert raw.startswith("2026-11-21 17:02:03.456789")


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    def add() -> None:
        with scope.system_scope("tests"), unit_of_work(database, actor=TESTS) as uow:
            uow.session.add(Mall(code="M1", name="x", created_at=datetime(2026, 11, 22)))  # noqa: DTZ001

    with pytest.raises(StatementError, match="without a zone"):
        add()


def test_receipts_are_stored_alike_by_both_writers(shop: Shop) -> None:
    """The receipt path writes past the ORM: what it stores, the ORM reads, and compares with what it stored itself."""
    with clock.stopped_at(datetime(2026, 11, 22, 4, 0, tzinfo=UTC)):
        shop.send(sale("1", 1000, member=1))
    entry = shop.ask(select(Entry))
    assert entry.recorded_at == datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
    assert entry.business_date == date(2026, 11, 22)
    assert shop.all(select(Outbox.topic).where(Outbox.created_at == entry.recorded_at)) == ["receipt.posted"]


# --- edges ----------------------------------------------------------------------------------------------------------


def test_the_limit_of_amounts_is_far_below_what_a_column_holds() -> None:
    assert LIMIT * 9 < 2**63


def test_an_unreachable_server_says_so() -> None:
    opened = Database.connect("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(OperationalError):
        opened.reader.connect()
