"""Every hook, once: who is called, with what, and what becomes of the answer. Misbehaviour is in test_hooks_rude.py."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

import app as atrium
from core import checkout, enablement
from core.errors import AtriumError
from core.hookspecs import hookimpl
from core.house import BUILTIN
from core.migrations import upgrade_house
from core.models import Account, Posting
from core.services import books
from core.types import Facts, MemberRef, Place, Tender
from tests.samples.minimal.models import Budget, Note
from tests.support.arrivals import changed, parsed, sale, void
from tests.support.mall import Shop, expect_sound, open_shop

MINIMAL = "tests.samples.minimal"


@pytest.fixture
def fair(database_url: str, tmp_path: Path) -> Iterator[Shop]:
    """A mall with the plugin `minimal` beside the shipped ones, and 10.00 in its budget."""
    opened = open_shop(database_url, tmp_path / "home", plugins=[*BUILTIN, MINIMAL])
    upgrade_house(opened.database, opened.host)
    opened.switch("minimal", True)
    yield opened
    opened.close()


def spendable(shop: Shop) -> int:
    return int(shop.ask(select(Budget.spendable)))


def notes(shop: Shop) -> list[str]:
    return shop.all(select(Note.what).order_by(Note.id))


# --- switch -------------------------------------------------------------------------------------------------------


def test_hook_store_enabled_works_in_the_transaction_of_the_switch(fair: Shop) -> None:
    assert spendable(fair) == 1000
    fair.switch("minimal", False, store=fair.stores[1])

    def change_ones_mind() -> None:
        with fair.work() as uow:
            uow.session.delete(uow.session.scalars(select(Budget)).one())
            there = Place(fair.mall_id, fair.stores[1])
            enablement.switch(uow, host=fair.host, plugin="minimal", place=there, on=True)
            assert uow.session.scalars(select(Budget.spendable)).one() == 1000
            raise RuntimeError("not after all")

    with pytest.raises(RuntimeError):
        change_ones_mind()
    assert fair.count(Budget) == 1


def test_hook_store_disabled_is_told_which_store(fair: Shop) -> None:
    fair.switch("minimal", False, store=fair.stores[0])

    assert notes(fair) == ["off in S0001"]
    assert spendable(fair) == 1000


def test_hook_store_left_behind_says_what_stays(fair: Shop) -> None:
    (bell,) = fair.host.bells("store_left_behind", frozenset({"minimal"}))
    store = fair.house.database.memory["directory"].stores[fair.stores[0]]

    with fair.work() as uow:
        said = fair.host.ring(bell, {"store": store, "uow": uow}, read=list)

    assert [text.into("en") for text in said] == ["1000 left to give away"]


# --- a receipt ----------------------------------------------------------------------------------------------------


def test_hook_receipt_facts_reads_once_for_the_whole_batch(fair: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    (bell,) = fair.host.bells("receipt_facts", frozenset({"minimal"}))
    whole = bell.function

    class Asking:
        @hookimpl
        def receipt_facts(self, visits: Any, read: Any) -> Any:
            seen.append(len(visits))
            return whole(visits, read)

    fair.host.manager.unregister(name="minimal")
    fair.host.manager.register(Asking(), name="minimal")
    fair.host._tables.clear()

    results = fair.take(*[sale(str(n), 100, member=1) for n in range(20)])

    assert [result.status for result in results] == [201] * 20
    assert seen == [20]


def test_hook_receipt_offers_prices_a_quote_and_books_what_it_used(fair: Shop) -> None:
    basket = sale("1", 2000, 4000, member=1)
    quoted = checkout.quote(fair.house, fair.till(), receipt=basket.receipt)

    assert quoted["due"] == 5400
    assert [(line["amount"], line["discount"]) for line in quoted["lines"]] == [(1800, 200), (3600, 400)]
    [offer] = quoted["offers"]
    assert (offer["id"], offer["amount"], offer["plugin"]) == ("tenth", 600, "minimal")
    assert quoted["points"]["earned"] == 54
    assert (spendable(fair), notes(fair)) == (1000, [])

    receipt = changed(basket, quote=quoted["quote"], total=5400, tenders=(Tender("cash", 5400),))
    (told,) = parsed([fair.send(receipt)])

    assert told["points"]["earned"] == 54
    assert (spendable(fair), notes(fair)) == (400, ["offer 600"])
    assert fair.ask(select(Note.receipt_id)) == told["receipt_id"]
    expect_sound(fair)


def test_hook_receipt_offers_never_change_what_a_till_charged(fair: Shop) -> None:
    (told,) = parsed([fair.send(sale("1", 2000, 4000, member=1))])

    assert [offer["amount"] for offer in told["offers"]] == [600]
    assert told["points"]["earned"] == 60


def test_hook_receipt_offers_that_changed_since_the_quote(fair: Shop) -> None:
    basket = sale("1", 6000, member=1)
    quoted = checkout.quote(fair.house, fair.till(), receipt=basket.receipt)
    fair.send(sale("other", 6000))

    receipt = changed(basket, quote=quoted["quote"], total=5400, tenders=(Tender("cash", 5400),))
    refused = fair.send(receipt)

    assert isinstance(refused, AtriumError)
    # What the till charged is no longer what is due, which is found before the quotes are compared.
    assert refused.reason_code in ("quote_changed", "tenders_mismatch")
    assert spendable(fair) == 400


def test_hook_receipt_offers_share_a_budget_that_never_falls_below_zero(fair: Shop) -> None:
    told = parsed(fair.take(*[sale(str(n), 3000) for n in range(5)]))

    assert [sum(offer["amount"] for offer in answer["offers"]) for answer in told] == [300, 300, 300, 100, 0]
    assert spendable(fair) == 0


def test_hook_receipt_tenders_pays_and_refuses(fair: Shop) -> None:
    coupon = (Tender("coupon", 300, ref="GOOD"), Tender("cash", 1700))
    good = [sale(f"g{n}", 2000, member=1, tenders=coupon) for n in range(4)]
    bad = sale("b", 2000, member=1, tenders=(Tender("coupon", 2000, ref="BAD"),))

    results = [*fair.take(*good[:2], bad), fair.send(good[2]), fair.send(good[3])]

    # The pot holds 10.00; nobody gives it twice, in one batch or in several.
    assert [getattr(result, "reason_code", result.status) for result in results] == [
        *(201, 201, "coupon_unknown"),
        *(201, "not_enough"),
    ]
    pot = select(Account.balance).filter_by(name="minimal.pot")
    assert fair.all(pot) == [-900]
    assert (
        fair.ask(
            select(Posting.amount).join(Account, Account.id == Posting.account_id).filter_by(name="minimal.redeemed")
        )
        == 300
    )


def test_hook_receipt_rewards_books_in_a_unit_of_its_own(fair: Shop) -> None:
    fair.take(sale("1", 100, member=1), sale("2", 100, member=1), sale("3", 100))

    assert fair.balance(1, "minimal") == 2
    assert sorted(fair.entries()) == ["loyalty.earn"] * 2 + ["minimal.stamp"] * 2
    expect_sound(fair)


def test_hook_receipt_returned_takes_back(fair: Shop) -> None:
    fair.send(sale("1", 100, member=1))
    fair.send(void("2", "1"))

    assert fair.balance(1, "minimal") == 0
    expect_sound(fair)


def test_hook_receipt_member_tells_the_till(fair: Shop) -> None:
    (told,) = parsed([fair.send(sale("1", 100, member=1))])
    assert told["minimal"] == {"stamps": 1}

    assert checkout.look_up(fair.house, fair.till(), ref=MemberRef("id", "1"))["minimal"] == {"stamps": 1}


def test_hook_receipt_committed_comes_from_the_outbox(fair: Shop) -> None:
    (told,) = parsed([fair.send(sale("1", 100))])
    assert "committed" not in notes(fair)

    fair.pump(3)

    heard = fair.all(select(Note.receipt_id).filter_by(what="committed"))
    assert heard == [told["receipt_id"]]


def test_hook_event_recorded_hears_of_people(fair: Shop) -> None:
    fair.pump()

    assert notes(fair) == ["member.joined"]


# --- screens, commands, books -------------------------------------------------------------------------------------


def test_hook_books_totals_stand_in_the_books(fair: Shop) -> None:
    fair.send(sale("1", 5000, member=1))
    with fair.work() as uow:
        told = books.totals(uow, fair.host)

    assert told["minimal_notes"] == 1
    assert (told["points_earned"], told["points_balance"], told["receipts"], told["sales"]) == (50, 50, 1, 5000)
    assert told["trial_balance"] == {"points:1": 0, "stamps": 0}


def test_hook_member_panels_give_rows(fair: Shop) -> None:
    fair.send(sale("1", 5000, member=1))
    (bell,) = fair.host.bells("member_panels", frozenset({"minimal"}))
    with fair.work() as uow:
        (panel,) = fair.host.ring(bell, {"member_id": 1, "uow": uow}, read=list)

    assert [(label.into("en"), value) for label, value in panel["rows"]] == [("Stamps", 1)]


def test_hook_cli_commands_are_listed_beside_our_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from core import cli

    monkeypatch.setattr(cli, "BUILTIN", [*BUILTIN, "tests.samples.kiosk", "tests.samples.minimal"])
    monkeypatch.setenv("ATRIUM_HOME", str(tmp_path))
    commands = cli.Commands(name="app.py")

    listed = commands.list_commands(None)  # type: ignore[arg-type]  # neither looks at the context

    assert "kiosk-count" in listed
    assert "books" in listed
    assert commands.get_command(None, "kiosk-count").name == "kiosk-count"  # type: ignore[arg-type, union-attr]
    assert not (tmp_path / "atrium.sqlite").exists()


@pytest.fixture
def web(sqlite_url: str, tmp_path: Path) -> Iterator[Any]:
    shop = open_shop(sqlite_url, tmp_path / "home", plugins=[*BUILTIN, "tests.samples.kiosk"])
    yield atrium.build(shop.house)
    shop.close()


def test_hook_api_blueprints_are_mounted_at_boot(web: Any) -> None:
    rules = {rule.rule for rule in web.url_map.iter_rules() if rule.endpoint.startswith("kiosk_api.")}

    assert "/api/v1/kiosk/papers" in rules


def test_hook_admin_views_are_mounted_at_boot(web: Any) -> None:
    assert any("papers" in rule.rule for rule in web.url_map.iter_rules() if "Papers" in rule.endpoint)


# --- what they are given ------------------------------------------------------------------------------------------


def test_facts_cannot_be_changed(fair: Shop) -> None:
    caught: list[Facts] = []

    class Curious:
        @hookimpl
        def receipt_rewards(self, facts: Facts) -> Any:
            caught.append(facts)
            return []

    fair.host.manager.unregister(name="minimal")
    fair.host.manager.register(Curious(), name="minimal")
    fair.host._tables.clear()
    fair.send(sale("1", 5000, member=1))

    (facts,) = caught
    for change in (
        lambda: setattr(facts, "receipt_id", 7),
        lambda: setattr(facts.receipt, "total", 0),
        lambda: facts.balances.update({}),  # type: ignore[attr-defined]
        lambda: facts.settings.update({}),  # type: ignore[attr-defined]
        lambda: facts.receipt.lines.append(None),  # type: ignore[attr-defined]
    ):
        with pytest.raises((AttributeError, TypeError)):
            change()
    assert json.loads(json.dumps(dict(facts.settings))) == {"percent": 10}
