"""A receipt counts once, however often and in however many ways it arrives."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from core import checkout
from core.errors import AtriumError, Conflict, NotFound
from core.models import Entry, Outbox, Posting, ReceiptConflict, ReceiptRow
from core.types import Answer, MemberRef, Tender
from tests.support.arrivals import changed, key, parsed, sale
from tests.support.mall import Shop, expect_sound


def test_a_sale_gives_points_and_says_so(shop: Shop) -> None:
    result = shop.send(sale("1", 12950, member=1))

    assert isinstance(result, Answer)
    assert (result.status, result.replayed) == (201, False)
    told = json.loads(result.body)
    assert (told["status"], told["rewards"]) == ("posted", "posted")
    assert told["member"] == {"id": 1, "name": told["member"]["name"], "phone": "170****0000", "status": "active"} | {
        "tier": "",
        "tier_name": "",
    }
    assert told["points"]["earned"] == told["points"]["balance"] == told["points"]["usable"] == 129
    assert len(told["points"]["explain"]) == 2
    assert shop.entries() == ["loyalty.earn"]
    assert shop.balance(1) == 129
    expect_sound(shop)


def test_the_same_receipt_a_hundred_times_at_once(shop: Shop) -> None:
    receipt = sale("1", 12900, member=1)

    with ThreadPoolExecutor(16) as many:
        results = list(many.map(lambda _n: shop.send(receipt), range(100)))

    assert all(isinstance(result, Answer) for result in results)
    assert sorted(result.status for result in results) == [200] * 99 + [201]
    assert len({result.body for result in results}) == 1
    assert (shop.count(ReceiptRow), shop.count(Entry), shop.count(Posting)) == (1, 1, 2)
    assert shop.count(Outbox, topic="receipt.posted") == 1
    assert shop.count(ReceiptConflict) == 0
    assert shop.balance(1) == 129
    expect_sound(shop)


def test_a_hundred_receipts_of_one_member_at_once_all_count(shop: Shop) -> None:
    with ThreadPoolExecutor(8) as many:
        results = list(many.map(lambda n: shop.send(sale(f"{n}", 100, member=1)), range(100)))

    assert [type(result) for result in results if not isinstance(result, Answer)] == []
    assert shop.balance(1) == 100
    expect_sound(shop)


def test_another_body_under_the_same_key_is_a_conflict_and_listed_once(shop: Shop) -> None:
    receipt = sale("1", 12900, member=1)
    other = changed(receipt, tenders=(Tender("bank_card", 12900, card_number="6222020000000000000", pin="1234"),))
    first = shop.send(receipt)

    refusals = [shop.send(other), shop.send(other)]

    assert [refusal.reason_code for refusal in refusals] == ["receipt_conflict"] * 2
    assert all(isinstance(refusal, Conflict) and refusal.status == 409 for refusal in refusals)
    [listed] = shop.all(select(ReceiptConflict))
    assert (listed.number, listed.till_code, listed.store_id) == ("1", "T01", shop.stores[0])
    assert listed.receipt_id == json.loads(first.body)["receipt_id"]
    assert listed.handled_at is None
    assert "6222" not in listed.body
    assert "1234" not in listed.body
    assert shop.send(receipt) == replace(first, status=200, replayed=True)
    assert (shop.count(ReceiptRow), shop.balance(1)) == (1, 129)


def test_the_same_key_in_another_till_is_another_receipt(shop: Shop) -> None:
    ids = set()
    for till in ("T01", "T02", "T21"):
        (told,) = parsed([shop.send(sale("1", 500, till=till), till=till)])
        ids.add(told["receipt_id"])

    assert len(ids) == shop.count(ReceiptRow) == 3


def test_twice_in_one_batch_is_once(shop: Shop) -> None:
    receipt = sale("1", 12900, member=1)

    first, second = shop.take(receipt, receipt)

    assert (first.status, second.status) == (201, 200)
    assert first.body == second.body
    assert (shop.count(ReceiptRow), shop.balance(1)) == (1, 129)


def test_two_bodies_under_one_key_in_one_batch(shop: Shop) -> None:
    first, second = shop.take(sale("1", 12900), sale("1", 12800))

    assert first.status == 201
    assert isinstance(second, AtriumError)
    assert second.reason_code == "receipt_conflict"
    assert (shop.count(ReceiptRow), shop.count(ReceiptConflict)) == (1, 1)


def test_read_back_repeats_the_stored_answer_within_the_store(shop: Shop) -> None:
    booked = shop.send(sale("1", 12900, member=1))

    assert checkout.read_back(shop.house, shop.till("T02"), key=key("1")) == replace(booked, status=200, replayed=True)
    for till, wanted in (("T21", key("1")), ("T01", key("2")), ("T01", key("1", till="T09"))):
        with pytest.raises(NotFound) as refused:
            checkout.read_back(shop.house, shop.till(till), key=wanted)
        assert refused.value.reason_code == "receipt_not_found"


def test_an_unknown_member_gets_nothing_and_the_sale_stands(shop: Shop) -> None:
    stranger = replace(sale("1", 12900).receipt, member=MemberRef("phone", "17099999999"))

    (told,) = parsed([shop.send(changed(sale("1", 12900), member=stranger.member))])

    assert told["member"] is None
    assert told["points"]["earned"] == 0
    assert len(told["print"]) == 1
    assert shop.entries() == []


@pytest.mark.parametrize(("by", "value"), [("phone", "170 0000 0000"), ("phone", "+86 17000000000"), ("id", "1")])
def test_a_member_is_found_however_named(shop: Shop, by: Any, value: str) -> None:
    (told,) = parsed([shop.send(changed(sale("1", 500), member=MemberRef(by, value)))])

    assert told["member"]["id"] == 1
    assert told["points"]["earned"] == 5
