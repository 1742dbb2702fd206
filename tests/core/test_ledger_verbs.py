"""What services do with value: post, reverse, hold, capture, release. All of it or none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from core import clock, ledger
from core.db import UnitOfWork
from core.errors import Conflict, NotEnough, NotFound, Refused
from core.i18n import _
from core.ledger import Occasion
from core.models import Account, Entry, Hold, Posting, Unsealed
from core.types import AccountRef, AtLeast, Claim, Reason, Transfer
from tests.samples.minimal.models import Budget
from tests.support.mall import Shop, expect_sound, open_shop

PURSE = AccountRef("purse", "member", 1, "CNY")
BANK = AccountRef("bank", "mall", 1, "CNY")
DAY = date(2026, 11, 22)


def fill(amount: int, **changes: object) -> Transfer:
    """From the bank into the purse."""
    return Transfer(**{"kind": "tests.fill", "source": BANK, "target": PURSE, "amount": amount} | changes)  # type: ignore[arg-type]


def spend(amount: int, **changes: object) -> Transfer:
    """From the purse to the bank."""
    return fill(amount, **{"kind": "tests.spend", "source": PURSE, "target": BANK} | changes)


def at(reference: str) -> Occasion:
    return Occasion(1, reference, DAY)


@pytest.fixture
def filled(shop: Shop) -> Iterator[Shop]:
    """A purse with 100."""
    with shop.work() as uow:
        ledger.post(uow, fill(100), occasion=at("start"))
    yield shop
    expect_sound(shop)


def purse(shop: Shop) -> int:
    with shop.work() as uow:
        return ledger.balance(uow, PURSE)


def test_an_entry_says_what_when_and_why(filled: Shop) -> None:
    reasons = (Reason(_("Because of %(what)s", what="this"), line=3, rule="r@1"),)
    with filled.work() as uow:
        entry_id = ledger.post(uow, spend(30, rule="r@1", reasons=reasons), occasion=at("x"))

    entry = filled.ask(select(Entry).filter_by(id=entry_id))
    assert (entry.kind, entry.reference, entry.business_date, entry.rule) == ("tests.spend", "x", DAY, "r@1")
    assert entry.reasons == '[{"text":"Because of %(what)s","with":{"what":"this"},"line":3,"rule":"r@1"}]'
    assert abs(entry.recorded_at - clock.now()) < timedelta(minutes=1)
    sides = select(Posting.no, Posting.amount, Posting.unit).filter_by(entry_id=entry_id).order_by(Posting.no)
    assert filled.all(sides) == [(1, -30, "CNY"), (2, 30, "CNY")]
    assert filled.count(Unsealed, kind="entry", id=entry_id) == 1
    assert entry_id < 2**53


def test_the_same_fact_is_booked_once(filled: Shop) -> None:
    def again() -> None:
        with filled.work() as uow:
            ledger.post(uow, fill(100), occasion=at("start"))

    with pytest.raises(Conflict):
        again()
    assert (purse(filled), filled.count(Entry)) == (100, 1)


def test_a_floor_holds(filled: Shop) -> None:
    def too_much() -> None:
        with filled.work() as uow:
            ledger.post(uow, spend(101), occasion=at("x"))

    with pytest.raises(NotEnough):
        too_much()
    assert (purse(filled), filled.count(Entry)) == (100, 1)


def test_who_goes_on_after_a_refusal_has_booked_nothing_of_it(filled: Shop) -> None:
    with filled.work() as uow:
        with pytest.raises(NotEnough):
            ledger.post(uow, spend(101), occasion=at("x"))
        with pytest.raises(Conflict):
            ledger.post(uow, fill(7), occasion=at("start"))
        ledger.post(uow, spend(40), occasion=at("y"))

    assert (purse(filled), filled.count(Entry), filled.count(Posting)) == (60, 2, 4)


def test_an_account_without_balance_is_opened_once(filled: Shop) -> None:
    for number in range(3):
        with filled.work() as uow:
            ledger.post(uow, fill(1), occasion=at(f"n{number}"))

    assert filled.count(Account, name="bank") == 1
    assert filled.ask(select(Account.balance).filter_by(name="bank")) is None


def test_accounts_of_a_transaction_that_went_back_are_not_remembered(filled: Shop) -> None:
    elsewhere = AccountRef("elsewhere", "mall", 1, "CNY")

    def fail() -> None:
        with filled.work() as uow:
            ledger.post(uow, spend(1, target=elsewhere), occasion=at("x"))
            raise RuntimeError("not after all")

    for _turn in range(2):
        with pytest.raises(RuntimeError):
            fail()
    with filled.work() as uow:
        ledger.post(uow, spend(1, target=elsewhere), occasion=at("x"))
    assert (
        filled.ask(
            select(func.sum(Posting.amount)).join(Account, Account.id == Posting.account_id).filter_by(name="elsewhere")
        )
        == 1
    )


# --- reversal -----------------------------------------------------------------------------------------------------


def test_a_reversal_is_the_exact_opposite_once(filled: Shop) -> None:
    with filled.work() as uow:
        entry_id = ledger.post(uow, spend(30), occasion=at("x"))
    with filled.work() as uow:
        back = ledger.reverse(uow, entry_id=entry_id, reason=Reason(_("A mistake")), business_date=DAY)

    entry = filled.ask(select(Entry).filter_by(id=back))
    assert (entry.reverses_id, entry.kind, entry.reference) == (entry_id, "tests.spend.reversed", f"entry:{entry_id}")
    assert purse(filled) == 100

    def again() -> None:
        with filled.work() as uow:
            ledger.reverse(uow, entry_id=entry_id, reason=Reason(_("A mistake")), business_date=DAY)

    with pytest.raises(Conflict):
        again()
    with pytest.raises(NotFound), filled.work() as uow:
        ledger.reverse(uow, entry_id=7, reason=Reason(_("A mistake")), business_date=DAY)
    assert purse(filled) == 100


def test_what_was_spent_cannot_be_reversed_away(filled: Shop) -> None:
    with filled.work() as uow:
        entry_id = ledger.post(uow, fill(50), occasion=at("x"))
    with filled.work() as uow:
        ledger.post(uow, spend(120), occasion=at("y"))

    with pytest.raises(NotEnough), filled.work() as uow:
        ledger.reverse(uow, entry_id=entry_id, reason=Reason(_("A mistake")), business_date=DAY)
    assert purse(filled) == 30


# --- holds --------------------------------------------------------------------------------------------------------


def hold(shop: Shop, amount: int, reference: str = "pay:1") -> int:
    with shop.work() as uow:
        until = clock.now() + timedelta(minutes=5)
        aside = spend(amount, kind="tests.hold", target=ledger.held(PURSE))
        return ledger.hold(uow, aside, occasion=at(reference), expires_at=until)


def end(uow: UnitOfWork, hold_id: int, amount: int, *, back: bool = False) -> None:
    moved = fill(amount, kind="tests.end", source=ledger.held(PURSE), target=PURSE if back else BANK)
    if back:
        ledger.release(uow, hold_id=hold_id, back=moved, business_date=DAY)
    else:
        ledger.capture(uow, hold_id=hold_id, to=moved, business_date=DAY)


def test_a_hold_is_captured(filled: Shop) -> None:
    hold_id = hold(filled, 60)
    assert (purse(filled), filled.balance(1, "purse.held")) == (40, 60)
    with filled.work() as uow:
        end(uow, hold_id, 60)

    row = filled.ask(select(Hold).filter_by(id=hold_id))
    assert (row.state, row.captured, filled.balance(1, "purse.held")) == ("captured", 60, 0)
    for back in (True, False):
        with pytest.raises(Refused, match="no longer open"), filled.work() as uow:
            end(uow, hold_id, 60, back=back)
    assert purse(filled) == 40


def test_a_hold_is_released(filled: Shop) -> None:
    hold_id = hold(filled, 60)
    with filled.work() as uow:
        end(uow, hold_id, 60, back=True)

    assert (filled.ask(select(Hold.state)), purse(filled), filled.balance(1, "purse.held")) == ("released", 100, 0)


def test_a_retry_holds_once_and_never_more_than_there_is(filled: Shop) -> None:
    hold(filled, 60)
    with pytest.raises(Conflict):
        hold(filled, 10)
    with pytest.raises(NotEnough):
        hold(filled, 41, "pay:2")
    with pytest.raises(NotEnough), filled.work() as uow:
        end(uow, filled.ask(select(Hold.id)), 61)

    assert (purse(filled), filled.count(Hold)) == (40, 1)


def test_there_is_no_such_hold(filled: Shop) -> None:
    with pytest.raises(NotFound), filled.work() as uow:
        end(uow, 7, 1)


# --- rows that go with it -----------------------------------------------------------------------------------------


@pytest.fixture
def budget(database_url: str, tmp_path: Path) -> Iterator[Shop]:
    """A purse with 100, and a row of a plugin's own that says 5."""
    shop = open_shop(database_url, tmp_path / "home")
    Budget.__table__.create(shop.database.writer)
    with shop.work() as uow:
        uow.session.add(Budget(id=1, mall_id=1, spendable=5))
        uow.session.flush()
        ledger.post(uow, fill(100), occasion=at("start"))
    yield shop
    shop.close()


def test_a_claim_that_misses_takes_everything_back(budget: Shop) -> None:
    claim = Claim("minimal_budget", 1, {"spendable": AtLeast(6)}, {"spendable": 0})

    with pytest.raises(Conflict), budget.work() as uow:
        ledger.post(uow, spend(10, claims=(claim,)), occasion=at("x"))

    assert (purse(budget), budget.ask(select(Budget.spendable))) == (100, 5)
    with budget.work() as uow:
        met = Claim("minimal_budget", 1, {"spendable": 5}, {"spendable": 2})
        ledger.post(uow, spend(10, claims=(met,)), occasion=at("x"))
    assert (purse(budget), budget.ask(select(Budget.spendable))) == (90, 2)
