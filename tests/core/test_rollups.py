"""Roll-ups equal the recomputation from the entries, whatever order, stop or race they were made in."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, select, update

from core import rollups
from core.db import Database
from core.models import Account, Entry, Posting, RollUp, Seal, Sequence, Unsealed
from core.rollups import balance_of, balances_of, rebuild, recomputed, roll_up
from core.seal.sealer import seal_all, seal_pending
from core.vault import Vault
from tests.support.books import book_entry, make_account, without_triggers

DAY = date(2026, 11, 22)
STORE, MALL, MEMBER = 900, 901, 7
"""Accounts: the first two keep no balance, the member's does."""


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault.create(tmp_path / "home")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database.connect(database_url)
    with opened.writer.begin() as connection:
        make_account(connection, STORE)
        make_account(connection, MALL)
        make_account(connection, MEMBER, balance=0)
        connection.execute(delete(Unsealed))  # what is counted below are entries
    yield opened
    opened.dispose()


def book(database: Database, number: int, *, amount: int, account: int = STORE, day: date = DAY) -> None:
    with database.writer.begin() as connection:
        book_entry(connection, number, postings=[(account, -amount), (MEMBER, amount)], day=day)


def rolled(database: Database) -> dict[tuple[int, date], tuple[int, int]]:
    with database.reader.connect() as connection:
        rows = connection.execute(select(RollUp.__table__)).all()
    return {(row.account_id, row.business_date): (row.amount, row.entries) for row in rows}


def expected(database: Database) -> dict[tuple[int, date], tuple[int, int]]:
    with database.reader.connect() as connection:
        return recomputed(connection)


def balance(database: Database, account: int = STORE) -> int:
    with database.reader.connect() as connection:
        return balance_of(connection, account)


def test_sealed_entries_are_added_up_per_account_and_day(database: Database, vault: Vault) -> None:
    book(database, 1, amount=100)
    book(database, 2, amount=20)
    book(database, 3, amount=3, account=MALL)
    book(database, 4, amount=4, day=DAY - timedelta(days=1))
    seal_all(database, vault)

    assert [roll_up(database), roll_up(database)] == [4, 0]
    before = DAY - timedelta(days=1)
    assert rolled(database) == {(STORE, DAY): (-120, 2), (MALL, DAY): (-3, 1), (STORE, before): (-4, 1)}
    assert rolled(database) == expected(database)


def test_a_balance_counts_what_is_rolled_up_sealed_and_just_booked(database: Database, vault: Vault) -> None:
    book(database, 1, amount=100)
    seal_all(database, vault)
    roll_up(database)
    book(database, 2, amount=20)
    seal_all(database, vault)
    book(database, 3, amount=3)

    assert balance(database) == -123
    assert balance(database, MALL) == 0
    with database.reader.connect() as connection:
        assert balances_of(connection, [STORE, MALL]) == {STORE: -123}

    seal_all(database, vault)
    roll_up(database)
    assert balance(database) == -123


def test_an_entry_sealed_late_for_an_earlier_day_is_added_to_that_day(database: Database, vault: Vault) -> None:
    for number, day in ((10, DAY), (5, DAY - timedelta(days=30)), (11, DAY)):
        book(database, number, amount=number, day=day)
        seal_all(database, vault)
        roll_up(database)

    assert rolled(database) == {(STORE, DAY): (-21, 2), (STORE, DAY - timedelta(days=30)): (-5, 1)}


def test_a_stop_in_the_middle_of_a_step_counts_nothing_twice(database: Database, vault: Vault) -> None:
    for number in range(1, 11):
        book(database, number, amount=number)
    seal_all(database, vault)

    def stop(*given: Any) -> None:
        if given[2].startswith("INSERT INTO core_sequence"):
            raise KeyboardInterrupt

    event.listen(database.writer, "before_cursor_execute", stop)
    with pytest.raises(KeyboardInterrupt):
        roll_up(database, step=3)
    event.remove(database.writer, "before_cursor_execute", stop)
    assert rolled(database) == {}

    assert roll_up(database, step=3) == 10
    assert rolled(database) == {(STORE, DAY): (-55, 10)}


def test_many_who_roll_up_at_once_count_everything_once(database: Database, vault: Vault, database_url: str) -> None:
    for number in range(1, 41):
        book(database, number, amount=1)
    seal_all(database, vault)
    others = [Database.connect(database_url) for _ in range(3)]
    threads = [threading.Thread(target=roll_up, args=(other,), kwargs={"step": 7}) for other in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for other in others:
        other.dispose()

    assert rolled(database) == {(STORE, DAY): (-40, 40)}


def test_spoiled_roll_ups_are_rebuilt(database: Database, vault: Vault) -> None:
    book(database, 1, amount=100)
    book(database, 2, amount=20)
    seal_all(database, vault)
    roll_up(database)
    with database.writer.begin() as connection:
        connection.execute(update(RollUp).values(amount=5))
    assert rolled(database) != expected(database)

    assert rebuild(database) == 2
    assert rolled(database) == expected(database) == {(STORE, DAY): (-120, 2)}
    assert roll_up(database) == 0


STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("book"),
            st.sampled_from([STORE, MALL]),
            st.integers(-(10**12), 10**12),
            st.dates(DAY - timedelta(days=3), DAY),
        ),
        st.tuples(st.just("seal"), st.integers(1, 4)),
        st.tuples(st.just("roll"), st.integers(1, 3)),
    ),
    max_size=25,
)


@given(steps=STEPS)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_in_whatever_order_roll_ups_equal_recomputation(database: Database, vault: Vault, steps: list[tuple]) -> None:
    forget(database)
    truth: dict[int, int] = {STORE: 0, MALL: 0}
    for number, (verb, *facts) in enumerate(steps, start=1):
        if verb == "book":
            account, amount, day = facts
            book(database, number, amount=amount, account=account, day=day)
            truth[account] -= amount
        elif verb == "seal":
            seal_pending(database, vault, limit=facts[0])
        else:
            roll_up(database, step=facts[0])
        assert {account: balance(database, account) for account in truth} == truth

    assert rolled(database) == expected(database)
    before = rolled(database)
    roll_up(database)
    after = rolled(database)
    rebuild(database)
    assert rolled(database) == after
    assert set(before) <= set(after)


def forget(database: Database) -> None:
    """Empty books for the next example."""
    without_triggers(database)
    with database.writer.begin() as connection:
        for model in (Entry, Posting, Seal, Unsealed, RollUp):
            connection.execute(delete(model))
        connection.execute(delete(Sequence).where(Sequence.name == rollups.WATERMARK))
        connection.exec_driver_sql("delete from core_checkpoint")
        connection.execute(update(Account).where(Account.id == MEMBER).values(balance=0))
