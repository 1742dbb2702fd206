"""Plugins that raise, hang, answer rubbish, or reach for what is not theirs: named, and the sale fares as promised.

Tenders fail closed, rewards fail open and come later, offers never refuse what a till has sold.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from core import checkout, clock
from core.errors import AtriumError, BrokenPlugin
from core.models import Member, Outbox, PluginState, ReceiptRow
from core.types import Answer, Tender
from tests.samples.rude import hooks as rude
from tests.samples.rude.models import Thing
from tests.support.arrivals import give_back, paid, parsed, sale, void
from tests.support.mall import Shop, expect_sound
from tests.support.rude import HOUR, PURE, UNFIT, WORSE, behave, let_back, owed, pump_at, rows, rude_shop, tripped


@pytest.fixture
def shop(database_url: str, tmp_path: Path) -> Iterator[Shop]:
    yield from rude_shop(database_url, tmp_path)


# --- rewards fail open --------------------------------------------------------------------------------------------


def test_the_sale_stands_whatever_a_reward_does(shop: Shop) -> None:
    for number, (what, manner) in enumerate((WORSE | UNFIT).items()):
        behave(shop, receipt_rewards=manner)
        result = shop.send(sale(f"{number}", 1000, member=1))

        assert isinstance(result, Answer), what
        told = json.loads(result.body)
        assert (result.status, told["rewards"], told["points"]["earned"]) == (201, "pending", 10), what
        assert owed(shop) == number + 1, what
        assert shop.host.running is None
    assert tripped(shop) == ""
    assert shop.balance(1) == 10 * shop.count(ReceiptRow)
    assert (shop.count(Thing), shop.count(Member)) == (0, 1)
    expect_sound(shop)


def test_one_receipt_of_a_batch_that_cannot_be_written_stops_no_other(shop: Shop) -> None:
    bad = rude.UNFIT["breaks a check"]
    behave(shop, receipt_rewards=lambda facts: bad if facts.receipt.key.number == "3" else [])

    told = parsed(shop.take(*[sale(str(n), 1000, member=1) for n in range(6)]))

    assert [answer["rewards"] for answer in told] == ["posted"] * 3 + ["pending"] + ["posted"] * 2
    assert shop.balance(1) == 60
    expect_sound(shop)


def test_what_is_pending_arrives_exactly_once(shop: Shop) -> None:
    behave(shop, receipt_rewards=rude.raises)
    shop.take(*[sale(str(n), 1000, member=1) for n in range(2)])
    pump_at(shop, clock.now())
    let_back(shop)
    assert (owed(shop), shop.balance(1, "rude")) == (2, 0)

    behave(shop, receipt_rewards=lambda facts: [rude.transfer(amount=7)])
    later = clock.now() + HOUR
    with ThreadPoolExecutor(4) as many:
        list(many.map(lambda _n: pump_at(shop, later), range(4)))
    pump_at(shop, later + HOUR)

    assert (owed(shop), shop.balance(1, "rude")) == (0, 14)
    assert shop.entries().count("rude.give") == 2
    expect_sound(shop)


def test_a_late_reward_that_cannot_be_written_is_tried_again(shop: Shop) -> None:
    behave(shop, receipt_rewards=rude.raises)
    shop.send(sale("1", 1000, member=1))
    for manner in (*UNFIT.values(), rude.opens_a_session, rude.takes_the_writer):
        behave(shop, receipt_rewards=manner)
        pump_at(shop, clock.now() + HOUR)
        assert (owed(shop), shop.balance(1, "rude"), shop.count(Thing)) == (1, 0, 0)
    assert "rude" in shop.ask(select(Outbox.error).filter_by(topic="receipt.rewards"))


# --- tenders fail closed ------------------------------------------------------------------------------------------


def test_a_payment_is_refused_whatever_a_tender_does(shop: Shop) -> None:
    shop.send(sale("0", 1000, member=1))
    before = rows(shop)
    for what, manner in WORSE.items():
        behave(shop, receipt_tenders=manner)
        result = shop.send(paid("1", 0, points=5, member=1))

        assert isinstance(result, BrokenPlugin), what
        assert (result.status, result.facts["plugin"], result.facts["hook"]) == (503, "rude", "receipt_tenders"), what
        assert rows(shop) == before, what
    behave(shop)
    assert shop.send(paid("1", 0, points=5, member=1)).status == 201


def test_a_payment_that_cannot_be_written_is_refused(shop: Shop) -> None:
    shop.send(sale("0", 1000, member=1))
    for what, rubbish in rude.UNFIT.items():
        proposed = [rude.transfer(inserts=rubbish[0].inserts, tender=1)]
        behave(shop, receipt_tenders=rude.returns(proposed))
        tenders = (Tender("points", 5), Tender("gift_card", 95))
        result = shop.send(sale("1", 100, member=1, tenders=tenders))

        assert isinstance(result, AtriumError), what
        assert result.reason_code == ("conflict" if what == "is there twice" else "broken_plugin"), what
    assert (shop.count(ReceiptRow), shop.balance(1)) == (1, 10)


def test_nobody_pays_what_is_not_its_to_pay(shop: Shop) -> None:
    for place in (0, 2, None):
        behave(shop, receipt_tenders=rude.returns([rude.transfer(tender=place)]))
        result = shop.send(sale("1", 100, member=1, tenders=(Tender("cash", 50), Tender("gift_card", 50))))
        assert isinstance(result, BrokenPlugin), place
    behave(shop, receipt_tenders=rude.returns([rude.transfer(tender=1)]))
    assert shop.send(sale("1", 100, member=1, tenders=(Tender("cash", 50), Tender("gift_card", 50)))).status == 201


def test_a_cash_sale_does_not_ask_who_answers_for_payments(shop: Shop) -> None:
    behave(shop, receipt_tenders=rude.raises)

    (told,) = parsed([shop.send(sale("1", 1000, member=1))])

    assert told["rewards"] == "posted"
    assert "receipt_tenders" not in rude.CALLS


# --- offers -------------------------------------------------------------------------------------------------------


def test_an_offer_never_refuses_what_a_till_has_sold(shop: Shop) -> None:
    for number, manner in enumerate((*WORSE.values(), rude.refuses)):
        behave(shop, receipt_offers=manner)
        result = shop.send(sale(f"{number}", 1000, member=1))
        assert isinstance(result, Answer)
        told = json.loads(result.body)
        assert (result.status, told["rewards"], told["points"]["earned"]) == (201, "posted", 10)


def test_a_quote_is_refused_or_skips_and_says_so(shop: Shop) -> None:
    basket = sale("1", 1000, member=1).receipt
    for manner in (rude.raises, rude.returns(7), rude.refuses):
        behave(shop, receipt_offers=manner)
        with pytest.raises(AtriumError):
            checkout.quote(shop.house, shop.till(), receipt=basket)
    with shop.work() as uow:
        uow.session.add(PluginState(plugin="rude", skip_offers=True, reason=""))

    for manner in (rude.raises, rude.returns(7), rude.refuses):
        behave(shop, receipt_offers=manner)
        quoted = checkout.quote(shop.house, shop.till(), receipt=basket)
        assert (quoted["due"], quoted["offers"], quoted["skipped"]) == (1000, [], ["rude"])


# --- reading ------------------------------------------------------------------------------------------------------


def test_a_plugin_without_its_facts_decides_nothing(shop: Shop) -> None:
    blind = {
        **{name: manner for name, manner in PURE.items() if name != "raises when read"},
        "writes": rude.writes_with_the_facts,
        "writes past the reader": rude.writes_past_the_facts,
        "a list": rude.returns([]),
        "nothing": rude.returns(None),
    }
    for number, (what, manner) in enumerate(blind.items()):
        behave(shop, receipt_facts=manner, receipt_rewards=lambda facts: [rude.transfer()])
        (told,) = parsed([shop.send(sale(f"{number}", 1000, member=1))])
        assert (told["rewards"], told["points"]["earned"]) == ("pending", 10), what
        refused = shop.send(paid(f"p{number}", 0, points=5, member=1))
        assert isinstance(refused, BrokenPlugin), what
        assert refused.facts["plugin"] == "rude", what
    assert shop.balance(1, "rude") == 0
    assert shop.count(Thing) == 0


def test_what_a_till_is_told_may_be_missing(shop: Shop) -> None:
    for number, manner in enumerate((rude.raises, rude.returns(7), rude.refuses, rude.opens_a_session)):
        behave(shop, receipt_member=manner)
        (told,) = parsed([shop.send(sale(f"{number}", 1000, member=1))])
        assert (told["rewards"], told["points"]["earned"]) == ("posted", 10)


# --- returns ------------------------------------------------------------------------------------------------------


def test_a_return_stands_and_what_it_takes_back_comes_later(shop: Shop) -> None:
    behave(shop, receipt_rewards=lambda facts: [rude.transfer(amount=5)])
    shop.send(sale("1", 1000, member=1))
    behave(shop, receipt_returned=rude.raises)
    (told,) = parsed([shop.send(void("2", "1"))])
    assert (told["rewards"], told["points"]["earned"]) == ("pending", -10)

    back = rude.transfer(kind="rude.take", source=rude.OWN, target=rude.STORE, amount=5)
    behave(shop, receipt_returned=rude.returns([back]))
    pump_at(shop, clock.now() + HOUR)

    assert (owed(shop), shop.balance(1, "rude")) == (0, 0)


def test_a_return_waits_for_what_its_sale_is_still_owed(shop: Shop) -> None:
    """Loyalty fails at the sale and is well again at the return: what comes later must not outlive the goods."""
    break_loyalty(shop, "receipt_rewards")
    (told,) = parsed([shop.send(sale("1", 5000, member=1))])
    assert (told["rewards"], shop.balance(1)) == ("pending", 0)
    mend_loyalty(shop)

    (told,) = parsed([shop.send(give_back("2", "1", back={1: 2000}))])
    assert told["rewards"] == "pending"
    assert shop.entries() == []
    for hours in (1, 2, 3):
        pump_at(shop, clock.now() + hours * HOUR)

    assert shop.entries() == ["loyalty.earn", "loyalty.take_back"]
    assert (shop.balance(1), owed(shop)) == (30, 0)
    expect_sound(shop)


def break_loyalty(shop: Shop, hook: str) -> None:
    whole = shop.host.bells(hook, frozenset(shop.host.ok()))
    table = shop.host._tables[frozenset(shop.host.ok())]
    table[hook] = tuple(
        replace(bell, function=rude.raises, wants=()) if bell.plugin == "loyalty" else bell for bell in whole
    )


def mend_loyalty(shop: Shop) -> None:
    shop.host._tables.clear()
    shop.host.plugins["loyalty"].faults.clear()
