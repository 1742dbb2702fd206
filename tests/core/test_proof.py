"""The books against themselves: whatever does not add up is named, with what is stored and what it should be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, update

from core import clock, ledger
from core.db import Database
from core.ledger import Occasion
from core.models import Account, Entry, Hold, Posting, RollUp, Unsealed
from core.rollups import roll_up
from core.seal.live import verify_live
from core.seal.sealer import seal_all
from core.types import AccountRef, Transfer
from core.vault import Vault
from tests.support.arrivals import sale, today
from tests.support.books import NOON, booked, check, without_triggers
from tests.support.command import Terminal
from tests.support.mall import Shop

PURSE = AccountRef("loyalty", "member", 1, "points:1")
STORE, MEMBER = 900, 901
"""Accounts of the books written by hand: -387 points of a store, which keeps no balance, and 387 of a member."""
NEXT_YEAR = datetime(2027, 11, 22, tzinfo=UTC)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault.create(tmp_path / "home")


@pytest.fixture
def database(database_url: str, vault: Vault) -> Iterator[Database]:
    opened = booked(database_url)
    seal_all(opened, vault)
    roll_up(opened)
    yield opened
    opened.dispose()


def change(database: Database, statement: Any) -> None:
    with database.writer.begin() as connection:
        assert connection.execute(statement).rowcount == 1


def told(result: dict[str, Any]) -> list[tuple[str, int, int, int]]:
    """(code, account, what is stored, what it should be)"""
    assert result["ok"] is (not result["problems"])
    return [(p["code"], p["id"], p["found"], p["expected"]) for p in result["problems"]]


def test_sound_books_add_up(database: Database, vault: Vault) -> None:
    assert told(check(database, vault)) == []


# --- balances -----------------------------------------------------------------------------------------------------


def test_a_balance_that_its_postings_do_not_add_up_to_is_named(database: Database, vault: Vault) -> None:
    change(database, update(Account).where(Account.id == MEMBER).values(balance=388))

    result = check(database, vault)
    assert told(result) == [("balance_differs", MEMBER, 388, 387)]
    assert result["problems"][0]["text"] == "account 901 has a balance of 388, its postings add up to 387"
    assert result["first_bad_row"] is None


def test_a_balance_on_an_account_without_postings_is_named(database: Database, vault: Vault) -> None:
    row = {"mall_id": 1, "name": "a", "owner": "member", "unit": "P1", "floor": 0}
    with database.writer.begin() as connection:
        connection.execute(insert(Account), [row | {"id": n, "owner_id": n, "balance": n - 910} for n in (910, 911)])
        connection.execute(insert(Unsealed), [{"kind": "account", "id": n} for n in (910, 911)])

    assert told(check(database, vault)) == [("balance_differs", 911, 1, 0)]


def test_a_balance_taken_away_or_given_where_none_is_kept_is_named(database: Database, vault: Vault) -> None:
    change(database, update(Account).where(Account.id == MEMBER).values(balance=None))
    change(database, update(Account).where(Account.id == STORE).values(balance=-387))

    found = told(check(database, vault))
    assert found[:2] == [("balance_misplaced", STORE, -387, 0), ("balance_misplaced", MEMBER, 0, 0)]
    assert {code for code, *_rest in found[2:]} == {"rollup_differs"}


def test_an_entry_that_does_not_sum_to_zero_is_named(database: Database, vault: Vault) -> None:
    entry = {
        "id": 41,
        "mall_id": 1,
        "kind": "sample",
        "reference": "x",
        "plugin": "sample",
        "rule": "",
        "reasons": "[]",
    }
    times = {"happened_at": clock.now(), "recorded_at": clock.now(), "business_date": NOON.date()}
    sides = [{"entry_id": 41, "no": n, "account_id": STORE, "unit": "P1", "amount": n} for n in (1, 2)]
    with database.writer.begin() as connection:
        connection.execute(insert(Entry), [entry | times])
        connection.execute(insert(Posting), sides)
        connection.execute(insert(Unsealed), [{"kind": "entry", "id": 41}])

    (problem,) = check(database, vault)["problems"]
    assert (problem["code"], problem["kind"], problem["id"]) == ("entry_unbalanced", "entry", 41)


# --- roll-ups -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        (update(RollUp).values(amount=-400), [("rollup_differs", STORE, -13, 0)]),
        (update(RollUp).values(entries=4), [("rollup_differs", STORE, 0, 0)]),
        (update(RollUp).values(unit="CNY"), [("rollup_differs", STORE, -387, 0), ("rollup_differs", STORE, 387, 0)]),
        (update(RollUp).values(business_date=NOON.date() - timedelta(days=1)), 2),
        (delete(RollUp), [("rollup_differs", STORE, 387, 0)]),
    ],
)
def test_a_roll_up_that_is_not_what_the_entries_give_is_named(
    database: Database, vault: Vault, statement: Any, found: Any
) -> None:
    change(database, statement)

    named = told(check(database, vault))
    assert named == found if isinstance(found, list) else len(named) == found


def test_entries_not_rolled_up_yet_are_no_difference(database: Database, vault: Vault) -> None:
    without_triggers(database)
    with database.writer.begin() as connection:
        connection.execute(delete(RollUp))
        connection.exec_driver_sql("delete from core_sequence where name = 'rollup.watermark'")

    assert told(check(database, vault)) == []


# --- what is held -------------------------------------------------------------------------------------------------


@pytest.fixture
def hold_id(shop: Shop) -> int:
    """Thirty of 129 points are held, and twenty were held and given back."""
    shop.send(sale("1", 12900, member=1))
    with shop.work() as uow:
        first, second = (
            ledger.hold(
                uow,
                Transfer("sample.hold", PURSE, ledger.held(PURSE), points),
                occasion=Occasion(1, f"pay:{points}", today()),
                expires_at=NEXT_YEAR,
            )
            for points in (20, 30)
        )
        back = Transfer("sample.release", ledger.held(PURSE), PURSE, 20)
        ledger.release(uow, hold_id=first, back=back, business_date=today())
        return second


def problems(shop: Shop) -> list[tuple[str, int, int]]:
    """(code, what is stored, what it should be)"""
    found = verify_live(shop.database, shop.house.vault)["problems"]
    return [(p["code"], p["found"], p["expected"]) for p in found]


def test_what_is_held_is_what_the_open_holds_say(shop: Shop, hold_id: int) -> None:
    assert problems(shop) == []


@pytest.mark.parametrize(("values", "open_sum"), [({"amount": 31}, 31), ({"state": "released"}, 0)])
def test_a_changed_hold_is_named(shop: Shop, hold_id: int, values: dict[str, Any], open_sum: int) -> None:
    change(shop.database, update(Hold).where(Hold.id == hold_id).values(values))

    assert problems(shop) == [("held_differs", 30, open_sum)]


def test_a_hold_on_an_account_that_holds_nothing_is_named(shop: Shop, hold_id: int) -> None:
    made = {"id": 1, "mall_id": 1, "account_id": 9999, "unit": "points:1", "amount": 7, "state": "held", "entry_id": 1}
    times = {"created_at": clock.now(), "expires_at": clock.now(), "captured": 0}
    with shop.database.writer.begin() as connection:
        connection.execute(insert(Hold), [made | times | {"reference": "pay:3"}])

    assert problems(shop) == [("held_differs", 0, 7)]


# --- the command --------------------------------------------------------------------------------------------------


def test_verify_names_what_does_not_add_up_and_fails(database_url: str, tmp_path: Path) -> None:
    terminal = Terminal(tmp_path / "home", database_url)
    database = booked(database_url)
    change(database, update(Account).where(Account.id == MEMBER).values(balance=0))
    database.dispose()

    ran = terminal.run("verify", "--json")

    assert (ran.code, told(ran.json)) == (1, [("balance_differs", MEMBER, 0, 387)])
    assert "account 901 has a balance of 0, its postings add up to 387" in ran.err
