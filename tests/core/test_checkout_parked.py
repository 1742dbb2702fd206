"""A return that comes before its sale waits, is answered the same meanwhile, and is booked once the sale is there."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from core import checkout
from core.checkout import settle_parked
from core.errors import AtriumError
from core.jobs.worker import Worker
from core.models import ParkedReceipt, ReceiptConflict, ReceiptRow
from core.types import MemberRef, Tender
from tests.support.arrivals import changed, give_back, key, sale, void
from tests.support.mall import Shop, expect_sound

SECRETS = ("17000000000", "6222029999999999", "998877")


def early(**changes: Any) -> Any:
    """A return of the sale "1", which has not arrived."""
    return give_back("2", "1", back={1: 5000}, **changes)


def parked(shop: Shop) -> ParkedReceipt:
    row = shop.ask(select(ParkedReceipt))
    assert isinstance(row, ParkedReceipt)
    return row


def test_it_waits_and_says_so(shop: Shop) -> None:
    first, again = shop.send(early()), shop.send(early())

    assert (first.status, first.replayed) == (202, False)
    assert json.loads(first.body) == {"receipt_id": parked(shop).id, "status": "parked"}
    assert (again.status, again.body, again.replayed) == (202, first.body, True)
    assert checkout.read_back(shop.house, shop.till(), key=key("2")) == again
    assert (shop.count(ParkedReceipt), shop.count(ReceiptRow)) == (1, 0)
    assert settle_parked(shop.house) == 0


def test_it_is_booked_when_the_sale_is_there(shop: Shop) -> None:
    waiting = shop.send(early())
    shop.send(sale("1", 5000, 3000, member=1))
    assert shop.balance(1) == 80

    assert settle_parked(shop.house) == 1

    row = shop.ask(select(ReceiptRow).filter_by(number="2"))
    assert (row.id, row.kind, row.total) == (json.loads(waiting.body)["receipt_id"], "return", 5000)
    assert shop.balance(1) == 30
    assert parked(shop).settled_at is not None
    assert (parked(shop).refusal, parked(shop).body, parked(shop).body_sealed) == ("", None, None)
    assert settle_parked(shop.house) == 0
    expect_sound(shop)


def test_the_till_hears_the_real_answer_afterwards(shop: Shop) -> None:
    waiting = shop.send(early())
    shop.send(sale("1", 5000, member=1))
    settle_parked(shop.house)

    again = shop.send(early())

    assert (again.status, again.replayed) == (200, True)
    assert again.body != waiting.body
    assert json.loads(again.body)["points"]["earned"] == -50
    assert checkout.read_back(shop.house, shop.till(), key=key("2")) == again
    assert (shop.count(ReceiptRow), shop.balance(1)) == (2, 0)


def test_sent_again_after_the_sale_it_is_booked_at_once(shop: Shop) -> None:
    waiting = shop.send(early())
    shop.send(sale("1", 5000, member=1))

    booked = shop.send(early())

    assert booked.status == 201
    assert json.loads(booked.body)["receipt_id"] == json.loads(waiting.body)["receipt_id"]
    assert settle_parked(shop.house) == 1  # finds it booked, and closes the case
    assert (shop.count(ReceiptRow), shop.balance(1), parked(shop).refusal) == (2, 0, "")
    assert parked(shop).settled_at is not None


def test_a_void_waits_too(shop: Shop) -> None:
    assert shop.send(void("2", "1")).status == 202
    shop.send(sale("1", 5000, member=1))
    settle_parked(shop.house)

    assert (shop.count(ReceiptRow, kind="void"), shop.balance(1)) == (1, 0)


def test_what_cannot_be_booked_is_listed_with_the_reason(shop: Shop) -> None:
    shop.send(early())
    shop.send(sale("1", 4000, member=1))

    assert settle_parked(shop.house) == 1

    assert "K1" in parked(shop).refusal
    assert parked(shop).settled_at is None
    assert settle_parked(shop.house) == 0
    again = shop.send(early())
    assert isinstance(again, AtriumError)
    assert again.reason_code == "return_exceeds_sale"
    assert (shop.count(ReceiptRow), shop.balance(1)) == (1, 40)


def test_another_body_under_the_same_number(shop: Shop) -> None:
    shop.send(early())

    other = shop.send(
        changed(
            early(),
            total=4000,
            tenders=(Tender("cash", 4000),),
            lines=give_back("x", "1", back={1: 4000}).receipt.lines,
        )
    )

    assert other.reason_code == "receipt_conflict"
    assert (shop.count(ParkedReceipt), shop.count(ReceiptConflict)) == (1, 1)


def test_the_same_early_return_many_times_at_once(shop: Shop) -> None:
    with ThreadPoolExecutor(8) as many:
        results = list(many.map(lambda _n: shop.send(early()), range(24)))

    assert {result.status for result in results} == {202}
    assert len({result.body for result in results}) == shop.count(ParkedReceipt) == 1


def test_the_sale_and_many_settlers_at_once(shop: Shop) -> None:
    shop.send(early())
    shop.send(sale("1", 5000, member=1))

    with ThreadPoolExecutor(4) as many:
        list(many.map(lambda _n: settle_parked(shop.house), range(4)))

    assert (shop.count(ReceiptRow), shop.balance(1), parked(shop).refusal) == (2, 0, "")
    expect_sound(shop)


def test_nothing_personal_is_kept_in_clear(shop: Shop) -> None:
    tenders = (Tender("gift_card", 5000, card_number=SECRETS[1], pin=SECRETS[2]),)
    shop.send(early(member=MemberRef("phone", SECRETS[0]), tenders=tenders))

    with shop.database.reader.connect() as connection:
        raw = repr(connection.exec_driver_sql("select * from core_receipt_parked").all())
    for secret in SECRETS:
        assert secret not in raw
    body = parked(shop).body or ""
    assert SECRETS[1] in body
    assert SECRETS[2] not in body


def test_keys_can_be_rotated_while_it_waits(shop: Shop) -> None:
    from core.cli.keys import _renew

    shop.send(early())
    before = parked(shop)
    shop.house.vault.rotate("pii")
    with shop.work() as uow:
        _renew(shop.house, uow.session.scalars(select(ParkedReceipt)).one())
    assert parked(shop).person_key != before.person_key
    shop.send(sale("1", 5000, member=1))
    settle_parked(shop.house)
    assert shop.balance(1) == 0


def test_a_worker_settles(shop: Shop) -> None:
    worker = Worker(shop.house)
    shop.send(early())
    assert worker.settle.work() is False
    shop.send(sale("1", 5000, member=1))

    assert [worker.settle.work() for _n in range(2)] == [True, False]
    assert parked(shop).settled_at is not None


def test_what_failed_by_chance_waits_on_and_holds_up_nobody(shop: Shop) -> None:
    shop.send(early())
    shop.send(give_back("3", "4", back={1: 700}))
    with shop.work() as uow:
        uow.session.scalars(select(ParkedReceipt).filter_by(number="2")).one().body = "{"
    shop.send(sale("1", 5000, member=1))
    shop.send(sale("4", 700, member=1))

    assert [settle_parked(shop.house) for _n in range(2)] == [1, 0]
    rows = shop.all(select(ParkedReceipt.number, ParkedReceipt.refusal).where(ParkedReceipt.settled_at.is_(None)))
    assert rows == [("2", "")]


@pytest.mark.parametrize("number", ["1", "2"])
def test_a_sale_under_a_returns_number_and_the_other_way_round(shop: Shop, number: str) -> None:
    """Tills that count sales and returns apart use one number twice: the second is a contradiction, not a booking."""
    shop.send(sale("2", 700))
    result = shop.send(early())

    assert result.reason_code == "receipt_conflict"
    assert shop.count(ReceiptRow) == 1
