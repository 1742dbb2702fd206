"""What is refused before anybody decides about it: each with a code of its own, and nothing is written."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core import clock
from core.errors import AtriumError
from core.models import Entry, Outbox, ParkedReceipt, ReceiptRow
from core.services import close_store, revoke_till, set_clock_skew
from core.types import LIMIT, Line, MemberRef, ReceiptKey, Tender
from tests.support.arrivals import changed, give_back, key, sale, today, void
from tests.support.mall import Shop

GOOD = sale("1", 1000, 500)


def line(**changes: Any) -> tuple[Line, ...]:
    return (replace(GOOD.receipt.lines[0], **changes), GOOD.receipt.lines[1])


def cash(*amounts: int, **changes: Any) -> tuple[Tender, ...]:
    return tuple(replace(Tender("cash", amount), **changes) for amount in amounts)


WRONG: dict[str, list[dict[str, Any]]] = {
    "unknown_currency": [{"currency": code} for code in ("EUR", "cny", "", "CNYY")],
    "total_mismatch": [{"total": 1499}, {"total": 0, "tenders": ()}, {"tax": 1}, {"lines": line(amount=999)}],
    "tenders_mismatch": [
        {"tenders": ()},
        {"tenders": cash(1499)},
        {"tenders": cash(1000, 501)},
        {"change": 1},
        {"tenders": cash(2000)},
    ],
    "negative_amount": [
        {"lines": line(amount=-1000), "total": -500, "tenders": cash(-500)},
        {"lines": line(unit_price=-1)},
        {"lines": line(discount=-1)},
        {"change": -100, "tenders": cash(1400)},
        {"tax": -1, "total": 1499, "tenders": cash(1499)},
        {"tenders": cash(1500, points=-1)},
    ],
    "amount_out_of_range": [
        {"lines": line(unit_price=LIMIT + 1)},
        {"lines": line(amount=LIMIT + 1), "total": LIMIT + 501, "tenders": cash(LIMIT + 501)},
        {"tenders": cash(1500, points=LIMIT + 1)},
        {"tenders": cash(LIMIT + 1), "change": LIMIT + 1 - 1500},
    ],
    "no_lines": [{"lines": (), "total": 0, "tenders": ()}],
    "duplicate_line": [{"lines": (*line(), GOOD.receipt.lines[0]), "total": 2500, "tenders": cash(2500)}],
    "unexpected_original": [{"original": key("0")}],
    "original_missing": [{"kind": "return"}, {"kind": "void", "lines": (), "tenders": (), "total": 0}],
    "void_has_lines": [{"kind": "void", "original": key("0")}],
    "bad_phone": [{"member": MemberRef("phone", text)} for text in ("", "12", "x", "１７００００００００１" * 3)],
    "bad_card": [{"member": MemberRef("card", text)} for text in ("", "9" * 41, "卡")],
    "bad_member_id": [{"member": MemberRef("id", text)} for text in ("", "-1", "1.0", "１", "1" * 17, "one")],
    "bad_quantity": [{"lines": line(qty=text)} for text in ("", "-1", "1e3", "NaN", "１", "1.0000", "1" * 10, " 1")],
    "text_too_long": [
        {"lines": line(sku="x" * 61)},
        {"lines": line(name="x" * 201)},
        {"lines": line(category="x" * 201)},
        {"tenders": cash(1500, type="x" * 21)},
        {"tenders": cash(1500, ref="x" * 121)},
        {"key": ReceiptKey("T01", today(), "x" * 61)},
    ],
    "bad_text": [{"lines": line(name="a\0b")}, {"tenders": cash(1500, ref="\0")}],
}
"""What cannot be a receipt, by the code it is refused with."""

AT_THE_TILL: dict[str, dict[str, Any]] = {
    "wrong_till": {"key": ReceiptKey("T02", today(), "1")},
    "clock_ahead": {"happened_at": clock.now() + timedelta(hours=25)},
    "too_old": {"happened_at": clock.now() - timedelta(days=36)},
    "business_date_off": {"key": ReceiptKey("T01", today() - timedelta(days=3), "1")},
}
"""What a till may not send now, though an import may."""


def refusal(result: Any) -> str:
    assert isinstance(result, AtriumError), result
    return result.reason_code


def test_what_cannot_be_a_receipt_has_a_code_of_its_own(shop: Shop) -> None:
    shop.pump()
    before = shop.count(Outbox)
    wrong = [(code, changes) for code, cases in WRONG.items() for changes in cases]

    results = shop.take(*[changed(GOOD, **changes) for _code, changes in wrong])

    assert [(refusal(result), changes) for result, (_code, changes) in zip(results, wrong, strict=True)] == wrong
    assert [result.status for result in results] == [422] * len(wrong)
    assert [shop.count(model) for model in (ReceiptRow, Entry, ParkedReceipt)] == [0, 0, 0]
    assert shop.count(Outbox) == before
    for result, (_code, changes) in zip(
        shop.take(*[changed(GOOD, **c) for _x, c in wrong], door=False), wrong, strict=True
    ):
        assert refusal(result), changes


@pytest.mark.parametrize("code", AT_THE_TILL)
def test_what_a_till_may_not_send_an_import_may(shop: Shop, code: str) -> None:
    wrong = changed(GOOD, **AT_THE_TILL[code])

    assert refusal(shop.send(wrong)) == code
    assert shop.count(ReceiptRow) == 0
    assert shop.send(wrong, door=False).status == 201


def test_the_clock_may_be_off_as_far_as_the_till_is_allowed(shop: Shop) -> None:
    now = clock.now()
    edges = [now + timedelta(hours=23, minutes=59), now - timedelta(days=34, hours=23)]
    for number, moment in enumerate(edges):
        day = moment.astimezone(clock.zone("Asia/Shanghai")).date()
        assert shop.send(sale(f"{number}", 100, happened_at=moment, day=day)).status == 201
    with shop.work() as uow:
        set_clock_skew(uow, till_id=shop.tills["T01"], max_future_hours=0, max_past_days=1)
    assert refusal(shop.send(sale("ahead", 100, happened_at=now + timedelta(minutes=1)))) == "clock_ahead"
    old = now - timedelta(days=1, minutes=1)
    assert refusal(shop.send(sale("old", 100, happened_at=old, day=old.date()))) == "too_old"


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_a_business_day_may_be_the_one_before_or_after(shop: Shop, days: int) -> None:
    assert shop.send(sale("1", 100, day=today() + timedelta(days=days))).status == 201


def test_a_closed_store_and_a_revoked_till_sell_nothing(shop: Shop) -> None:
    with shop.work() as uow:
        close_store(uow, store_id=shop.stores[1])
        revoke_till(uow, till_id=shop.tills["T02"])

    assert refusal(shop.send(sale("1", 100, till="T21"), till="T21")) == "store_closed"
    assert refusal(shop.send(sale("1", 100, till="T02"), till="T02")) == "unauthorized"
    assert shop.count(ReceiptRow) == 0


def test_what_looks_odd_and_is_accepted(shop: Shop) -> None:
    odd = [
        sale("zero", 0),
        sale("free", 0, 0, member=1),
        changed(sale("qty", 100), lines=(Line(1, "K1", "", 100, qty="0"),)),
        changed(sale("price", 100), lines=(Line(7, "不知", "乌龙茶", 100, qty="2.000", unit_price=999),)),
        sale("change", 100, tenders=cash(5000), change=4900),
        sale("tax", 100, tax=7),
        sale("big", LIMIT),
        sale("unknown tender", 100, tenders=(Tender("alien_pay", 100),)),
        sale("x" * 60, 100),
    ]

    assert [result.status for result in shop.take(*odd)] == [201] * len(odd)
    assert shop.count(ReceiptRow) == len(odd)


def test_returns_and_voids_have_rules_of_their_own(shop: Shop) -> None:
    shop.send(GOOD)
    assert refusal(shop.send(changed(give_back("2", "1", back={1: 10}), total=11))) == "total_mismatch"
    assert refusal(shop.send(changed(give_back("2", "1", back={1: 10}), tenders=()))) == "tenders_mismatch"
    assert refusal(shop.send(changed(void("2", "1"), total=1))) == "void_total"
    assert shop.send(void("2", "1", total=1500)).status == 201
