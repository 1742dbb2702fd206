"""Three faults running put a plugin out of service, everywhere, until a person lets it back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from core import clock
from core.cli.serving import blame_plugin
from tests.samples.rude import hooks as rude
from tests.support.arrivals import parsed, sale
from tests.support.mall import Shop, expect_sound
from tests.support.rude import HOUR, behave, let_back, owed, pump_at, rude_shop, tripped


@pytest.fixture
def shop(database_url: str, tmp_path: Path) -> Iterator[Shop]:
    yield from rude_shop(database_url, tmp_path)


# --- out of service -----------------------------------------------------------------------------------------------


def test_three_faults_running_trip_a_plugin_until_a_person_lets_it_back(shop: Shop) -> None:
    behave(shop, receipt_rewards=rude.raises)
    for number in range(2):
        shop.send(sale(f"{number}", 1000, member=1))
    assert tripped(shop) == ""
    shop.send(sale("2", 1000, member=1))
    assert tripped(shop) == "receipt_rewards: ZeroDivisionError: rude"

    rude.CALLS.clear()
    (told,) = parsed([shop.send(sale("3", 1000, member=1))])
    assert (told["rewards"], told["points"]["earned"]) == ("pending", 10)
    assert rude.CALLS == []
    rude.MANNERS["receipt_rewards"] = lambda facts: [rude.transfer(amount=7)]
    pump_at(shop, clock.now() + HOUR)
    assert (owed(shop), shop.balance(1, "rude")) == (4, 0)

    let_back(shop)
    (told,) = parsed([shop.send(sale("4", 1000, member=1))])
    assert (told["rewards"], shop.balance(1, "rude")) == ("posted", 7)
    pump_at(shop, clock.now() + 2 * HOUR)
    assert (owed(shop), shop.balance(1, "rude")) == (0, 35)
    expect_sound(shop)


def test_a_good_call_between_two_faults_clears_them(shop: Shop) -> None:
    behave(shop, receipt_rewards=lambda facts: rude.raises() if facts.receipt.key.number in "0134" else [])
    for number in range(6):
        shop.send(sale(f"{number}", 1000, member=1))

    assert tripped(shop) == ""


def test_a_whole_batch_of_faults_trips_once_and_loses_nothing(shop: Shop) -> None:
    behave(shop, receipt_rewards=rude.raises)

    told = parsed(shop.take(*[sale(f"{number}", 1000, member=1) for number in range(30)]))

    assert [answer["rewards"] for answer in told] == ["pending"] * 30
    assert tripped(shop) != ""
    assert (owed(shop), shop.balance(1)) == (30, 300)


def test_after_being_let_back_it_can_be_tripped_again(shop: Shop) -> None:
    for turn in range(2):
        rude.MANNERS["receipt_rewards"] = rude.raises
        for number in range(3):
            shop.send(sale(f"{turn}{number}", 1000, member=1))
        assert tripped(shop) != ""
        let_back(shop)
        assert tripped(shop) == ""


def test_rubbish_trips_too(shop: Shop) -> None:
    behave(shop, receipt_rewards=rude.returns(["points"]))
    for number in range(3):
        shop.send(sale(f"{number}", 1000, member=1))

    assert tripped(shop) == "receipt_rewards: proposed str"


def test_rows_that_cannot_be_written_trip_too(shop: Shop) -> None:
    behave(shop, receipt_rewards=rude.returns(rude.UNFIT["breaks a check"]))
    for number in range(3):
        shop.send(sale(f"{number}", 1000, member=1))

    assert "ck_rude_thing_amount" in tripped(shop)


def test_a_slow_plugin_is_tripped(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.host.SLOW_SECONDS", 0.2)
    behave(shop, receipt_rewards=rude.is_slow)
    told = parsed([shop.send(sale(f"{number}", 1000, member=1)) for number in range(3)])

    # The third call trips it, so that the third receipt is decided again, without it.
    assert [answer["rewards"] for answer in told] == ["posted", "posted", "pending"]
    assert tripped(shop).startswith("receipt_rewards: slow")


def test_a_hang_holds_no_lock_and_is_blamed(shop: Shop) -> None:
    let_go, hangs = threading.Event(), threading.Event()

    def hang(**_given: Any) -> list[Any]:
        hangs.set()
        let_go.wait(30)
        return []

    behave(shop, receipt_rewards=lambda facts: hang() if facts.receipt.key.number == "stuck" else [])
    with ThreadPoolExecutor(1) as one:
        stuck = one.submit(shop.send, sale("stuck", 1000, member=1))
        assert hangs.wait(10)
        assert shop.host.running == ("rude", "receipt_rewards")

        blame_plugin()  # what the worker does when its time is up
        assert tripped(shop) == "receipt_rewards: did not end within 20 s"
        (told,) = parsed([shop.send(sale("next", 1000, member=1))])
        again = shop.send(sale("stuck", 1000, member=1))
        let_go.set()
        first = stuck.result()

    assert (told["points"]["earned"], told["rewards"]) == (10, "pending")
    assert (again.status, first.status, first.body) == (201, 200, again.body)
    assert shop.balance(1) == 20
    expect_sound(shop)
