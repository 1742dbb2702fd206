"""Points cases from other systems' tests, run through receipts; those that need what is not there yet are named.

The file is beside the checkout. A case is translated into a rule that a user could enter and receipts that a till could
send; nothing in here knows a case by its id but the list of those that cannot be said yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.errors import AtriumError
from core.types import Tender
from plugins.loyalty.services import save_rule
from tests.support.arrivals import give_back, parsed, sale, void
from tests.support.mall import Shop, expect_sound, open_shop

FILE = Path(__file__).resolve().parents[3] / "shared" / "acceptance" / "peer-cases.yaml"
ERRORS = {"insufficient_points": "not_enough_points"}
NOT_YET = {
    "odoo-so-44": "points with decimals, spent on the receipt that earns them",
    "odoo-lo-01": "points per unit, spent in blocks on the receipt that earns them",
    "odoo-lo-07": "a percentage off the order: promotions",
    "odoo-lo-10": "a wallet as payment",
    "odoo-lo-11": "a gift card as payment",
    "odoo-ex-01": "expiry in days",
    "odoo-pos-01": "points for a code",
    "odoo-pos-02": "a reward with a price in points on the receipt that earns",
    "odoo-pos-03": "rewards in goods",
    "odoo-pos-09": "points with decimals, spent in blocks",
    "odoo-pos-10": "points per order, spent in blocks",
}
KINDS_NOT_YET = {"tier": "tiers are set by hand"}
KEYS_NOT_YET = {"bonus_points": "points for a deal", "points_earned": "the sum with the points for a deal"}
"""Expected figures that cannot be compared where the case also asks for a bonus."""


def cases() -> list[dict[str, Any]]:
    """The cases about points; none where the file is not there."""
    found = yaml.safe_load(FILE.read_text("utf-8"))["cases"] if FILE.exists() else []
    return [case for case in found if _about_points(case)]


def _about_points(case: dict[str, Any]) -> bool:
    if case["kind"] == "tier" or case.get("account", {}).get("type") == "points":
        return True
    return case["kind"] == "cart" and any(key.startswith("points") for key in case["expect"])


def sayable() -> Iterator[Any]:
    """Those that can be said with the rules and receipts of today."""
    for case in cases():
        if case["id"] not in NOT_YET and case["kind"] not in KINDS_NOT_YET:
            yield pytest.param(case, id=f"{case['id']}-{case['portability']}")


@pytest.fixture
def shop(sqlite_url: str, tmp_path: Path) -> Iterator[Shop]:
    """A mall with one member."""
    opened = open_shop(sqlite_url, tmp_path / "home")
    yield opened
    opened.close()


def test_what_cannot_be_said_yet_is_still_in_the_file(shared: Path) -> None:
    known = {case["id"]: case["kind"] for case in cases()}
    assert set(NOT_YET) <= set(known)
    assert set(KINDS_NOT_YET) <= set(known.values())


@pytest.mark.skipif(not FILE.exists(), reason="needs ../shared/acceptance/peer-cases.yaml")
@pytest.mark.parametrize("case", list(sayable()))
def test_points(shop: Shop, case: dict[str, Any]) -> None:
    found = Run(shop, case).play()

    bonus = {key for event in case["events"] for key in event if key == "bonus_points"}
    for key, value in case["expect"].items():
        if not (bonus and key in KEYS_NOT_YET):
            assert found[key] == (ERRORS[value] if key == "error" else Decimal(value)), key
    expect_sound(shop)


class Run:
    """One case, event by event: a sale of one line, a refund of a part of it, or all of it cancelled."""

    def __init__(self, shop: Shop, case: dict[str, Any]) -> None:
        self.shop, self.case = shop, case
        self.found: dict[str, Any] = {}
        self.paid_points = 0
        self.total = 0

    def play(self) -> dict[str, Any]:
        """All that can be compared."""
        if start := int(self.case["account"]["start"]):
            parsed([self.shop.send(sale("start", start * 100, member=1))])
        for event in self.case["events"]:
            result = getattr(self, f"_{event['do']}")(event)
            if isinstance(result, AtriumError):
                return self.found | {"error": result.reason_code}
        self.found["balance"] = self.shop.balance(1)
        return self.found

    def _sale(self, event: dict[str, Any]) -> Any:
        self.total = minor(event["amount"])
        self.paid_points = int(event.get("spend", event.get("reward_cost", 0)))
        self._rule(event)
        result = self.shop.send(sale("sale", self.total, member=1, tenders=self._tenders(self.total, self.paid_points)))
        if not isinstance(result, AtriumError):
            earned = parsed([result])[0]["points"]["earned"]
            self.found |= {"points_earned": earned, "base_points": earned, "balance_after_sale": self.shop.balance(1)}
        return result

    def _refund(self, event: dict[str, Any]) -> Any:
        amount = minor(event["amount"])
        back = self.paid_points * amount // self.total
        return self.shop.send(give_back("refund", "sale", back={1: amount}, tenders=self._tenders(amount, back)))

    def _cancel(self, _event: dict[str, Any]) -> Any:
        return self.shop.send(void("cancel", "sale"))

    def _rule(self, event: dict[str, Any]) -> None:
        """Points that the case names for a sale are given for what it is paid in money."""
        rule = self.case.get("rule", {})
        figures = {"points": 1, "per_amount": 100}
        if "money_per_point" in rule:
            figures = {"points": 1, "per_amount": minor(rule["money_per_point"])}
        elif "points_per_money" in rule:
            figures = {"points": int(rule["points_per_money"]), "per_amount": 100}
        elif "earn" in event:
            figures = {"points": int(event["earn"]), "per_amount": self.total - self.paid_points}
        with self.shop.work() as uow:
            save_rule(uow, mall_id=self.shop.mall_id, code="base", **figures)

    @staticmethod
    def _tenders(total: int, points: int) -> tuple[Tender, ...]:
        cash = Tender("cash", total - points)
        return (Tender("points", points, points), cash) if points else (cash,)


def minor(amount: str) -> int:
    """An amount of the file in minor units."""
    return int(Decimal(amount) * 100)
