"""The outbox: an event exists exactly when its fact does, and its effect happens exactly once."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from core import audit, clock, directory, enablement, events, scope
from core.db import Database, unit_of_work
from core.events import Event, Pump, back_off, emit, pump
from core.host import Host
from core.models import Outbox
from core.types import Place
from tests.samples.listener.hooks import BREAKS_AT, DEAF_TO, HEARD, METADATA
from tests.support.books import TESTS, make_mall


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database.connect(database_url)
    audit.install(opened)
    METADATA.create_all(opened.writer)
    make_mall(opened, stores=2)
    yield opened
    DEAF_TO.clear()
    BREAKS_AT.clear()
    opened.dispose()


@pytest.fixture
def host(database: Database) -> Host:
    return Host.load(database, ["tests.samples.listener"])


def tell(database: Database, *subjects: int, topic: str = "member.joined", store_id: int | None = None) -> None:
    with unit_of_work(database, actor=TESTS) as uow:
        for subject in subjects:
            emit(uow, topic=topic, mall_id=1, store_id=store_id, subject_id=subject, n=subject)


def heard(database: Database) -> list[tuple[str, int]]:
    with database.reader.connect() as connection:
        return [tuple(row) for row in connection.execute(select(HEARD.c.what, HEARD.c.about).order_by(HEARD.c.no))]


def rows(database: Database) -> list[Outbox]:
    with database.session() as session:
        return list(session.scalars(select(Outbox).order_by(Outbox.id)))


# --- writing ------------------------------------------------------------------------------------------------------


def test_an_event_is_gone_with_the_transaction_that_told_it(database: Database, host: Host) -> None:
    def fail() -> None:
        with unit_of_work(database, actor=TESTS) as uow:
            emit(uow, topic="member.joined", mall_id=1, subject_id=1)
            raise RuntimeError("the fact did not happen")

    with pytest.raises(RuntimeError):
        fail()

    assert rows(database) == []
    assert pump(database, host, worker="w") == 0
    assert heard(database) == []


def test_the_doorbell_rings_once_and_after_the_commit(database: Database) -> None:
    seen: list[int] = []
    database.memory["doorbell"] = lambda: seen.append(len(rows(database)))

    with unit_of_work(database, actor=TESTS) as uow:
        emit(uow, topic="member.joined", mall_id=1)
        emit(uow, topic="member.joined", mall_id=1)
        assert seen == []

    assert seen == [2]


def test_the_row_of_an_event_always_has_the_same_columns() -> None:
    bare, full = Event(1, "a", 1), Event(2, "b", 1, 2, 3, {"name": "南京"}, clock.now())

    assert list(events.outbox_row(bare)) == list(events.outbox_row(full))
    assert events.outbox_row(full)["payload"] == '{"name": "南京"}'


# --- delivering ---------------------------------------------------------------------------------------------------


def test_hook_receipt_committed_hears_of_a_receipt_once(database: Database, host: Host) -> None:
    tell(database, 41, topic=events.RECEIPT_POSTED, store_id=1)

    assert [pump(database, host, worker="w") for _ in range(3)] == [1, 0, 0]
    assert heard(database) == [("receipt", 41)]


def test_hook_event_recorded_gets_the_event_as_it_was_told(database: Database, host: Host) -> None:
    got: list[Event] = []
    events.handler("member.joined")(lambda event, uow: got.append(event))
    with clock.stopped_at(clock.now()), unit_of_work(database, actor=TESTS) as uow:
        told = emit(uow, topic="member.joined", mall_id=1, store_id=2, subject_id=5, n=5)
    try:
        assert pump(database, host, worker="w") == 1
    finally:
        del events._handlers["member.joined"]

    assert got == [told]
    assert heard(database) == [("member.joined", 5)]


def test_a_plugin_that_is_off_in_the_store_does_not_hear(database: Database, host: Host) -> None:
    with scope.system_scope("tests"), unit_of_work(database, actor=TESTS) as uow:
        enablement.switch(uow, host=host, plugin="listener", place=Place(1, 2), on=False)
    tell(database, 1, topic=events.RECEIPT_POSTED, store_id=1)
    tell(database, 2, topic=events.RECEIPT_POSTED, store_id=2)

    assert pump(database, host, worker="w") == 2
    assert heard(database) == [("receipt", 1)]
    assert all(row.done_at for row in rows(database))


def test_a_failure_is_undone_written_down_and_tried_again_while_others_go_on(database: Database, host: Host) -> None:
    DEAF_TO.add(2)
    tell(database, 1, 2, 3)

    with clock.stopped_at(clock.now()):
        start = clock.now()
        Pump(database, host, "w", chance=lambda: 0.5).run()
    first, second, third = rows(database)
    assert heard(database) == [("member.joined", 1), ("member.joined", 3)]
    assert (first.tries, first.error, third.tries) == (0, "", 0)
    assert (second.done_at, second.tries, second.claimed_by) == (None, 1, "")
    assert second.error.startswith("listener: Refused: ")
    assert second.next_try_at == start + timedelta(seconds=1)

    DEAF_TO.clear()
    with clock.stopped_at(start + timedelta(seconds=0.9)):
        assert pump(database, host, worker="w") == 0
    with clock.stopped_at(start + timedelta(seconds=1)):
        assert pump(database, host, worker="w") == 1
    assert heard(database)[-1] == ("member.joined", 2)
    assert rows(database)[1].error == ""


def test_waits_grow_to_a_quarter_of_an_hour_and_are_spread() -> None:
    assert [back_off(tries, 0.5).total_seconds() for tries in (0, 1, 2, 9, 10, 99)] == [1, 2, 4, 512, 900, 900]
    assert (back_off(2, 0.0).total_seconds(), back_off(2, 0.999).total_seconds()) == (2.0, 5.996)


def test_a_tripped_plugin_is_owed_its_events(database: Database, host: Host) -> None:
    with scope.system_scope("tests"), unit_of_work(database, actor=TESTS) as uow:
        enablement.trip(uow, plugin="listener", reason="slow")
    tell(database, 8)

    assert pump(database, host, worker="w") == 1
    assert heard(database) == []
    assert (rows(database)[0].done_at, rows(database)[0].error) == (None, "listener is tripped")

    with scope.system_scope("tests"), unit_of_work(database, actor=TESTS) as uow:
        enablement.let_back(uow, plugin="listener")
    with clock.stopped_at(clock.now() + timedelta(minutes=1)):
        assert pump(database, host, worker="w") == 1
    assert heard(database) == [("member.joined", 8)]


def test_a_plugin_that_keeps_failing_is_tripped_and_nobody_waits_for_it(database: Database, host: Host) -> None:
    BREAKS_AT.update({1, 2, 3})
    tell(database, 1, 2, 3)
    started = time.monotonic()
    pump(database, host, worker="w")

    assert time.monotonic() - started < 4
    deadline = time.monotonic() + 10
    while "listener" not in directory.get(database).tripped:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert "ValueError: asked to" in directory.get(database).tripped["listener"]
    assert "ValueError: asked to" in rows(database)[2].error


def test_two_workers_share_the_rows_between_them(database: Database, host: Host, database_url: str) -> None:
    tell(database, *range(60))
    other = Database.connect(database_url)
    pumps = [Pump(database, host, "a"), Pump(other, Host.load(other, ["tests.samples.listener"]), "b")]
    threads = [threading.Thread(target=lambda p=p: [p.run(7) for _ in range(10)]) for p in pumps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.dispose()

    assert sorted(about for _what, about in heard(database)) == list(range(60))
    assert all(row.done_at and row.tries == 0 for row in rows(database))


def test_a_stopping_worker_lets_go_of_what_it_has_not_begun(database: Database, host: Host) -> None:
    tell(database, 1, 2, 3)
    stopping = iter([False, True])

    assert Pump(database, host, "w", stopping=lambda: next(stopping)).run() == 1
    assert [bool(row.done_at) for row in rows(database)] == [True, False, False]
    assert {row.claimed_until for row in rows(database)} == {None}
    assert pump(database, host, worker="v") == 2


def test_delivered_rows_are_swept_away(database: Database, host: Host) -> None:
    tell(database, 1, 2)
    pump(database, host, worker="w")
    tell(database, 3)

    assert events.sweep(database, before=clock.now() - timedelta(days=1)) == 0
    assert events.sweep(database, before=clock.now() + timedelta(days=1)) == 2
    assert [row.subject_id for row in rows(database)] == [3]


def test_a_claim_that_ran_out_is_taken_by_another(database: Database, host: Host) -> None:
    tell(database, 1)
    Pump(database, host, "killed")._claim(100)

    assert pump(database, host, worker="w") == 0
    with clock.stopped_at(clock.now() + events.CLAIM):
        assert pump(database, host, worker="w") == 1
    assert heard(database) == [("member.joined", 1)]
