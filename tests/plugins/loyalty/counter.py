"""Facts as the core gives them to the rules, made by hand: no database, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

from core.types import (
    Facts,
    Line,
    MallFacts,
    MemberFacts,
    Original,
    Reason,
    Receipt,
    ReceiptKey,
    Sold,
    StoreFacts,
    Tell,
    Tender,
    Transfer,
)
from plugins.loyalty.facts import Known, Own
from plugins.loyalty.rules import receipts
from plugins.loyalty.rules.accounts import debt_of, points_of
from plugins.loyalty.rules.earn import DEFAULT, EarnRule
from plugins.loyalty.rules.figures import MINUS
from plugins.loyalty.rules.lots import FOREVER, LotFacts

MALL = MallFacts(1, "M001", "Sample mall", "CNY", "Asia/Shanghai", "en")
STORE = StoreFacts(11, 1, "S0001", "Tea house")
MEMBER = MemberFacts(7, "Sample", "170****0001", "active", date(2026, 1, 1))
FROZEN = replace(MEMBER, status="frozen")
DAY = date(2026, 11, 22)
NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
SETTINGS = {"expiry_months": 12, "pending_days": 0, "pay_with_points": True, "points_per_unit": 100}
POINTS, DEBT = points_of(7, 1), debt_of(7, 1)


def lines_of(*amounts: int) -> tuple[Line, ...]:
    """One line for each amount."""
    return tuple(Line(n, f"K{n}", f"Ware {n}", amount) for n, amount in enumerate(amounts, start=1))


def receipt_of(*amounts: int, **changes: Any) -> Receipt:
    """A sale, paid in cash."""
    total = sum(amounts)
    said: dict[str, Any] = {
        "key": ReceiptKey("T01", DAY, "1"),
        "happened_at": NOON,
        "kind": "sale",
        "currency": "CNY",
        "lines": lines_of(*amounts),
        "tenders": (Tender("cash", total),),
        "total": total,
    }
    return Receipt(**{**said, **changes})


def known(*rules: EarnRule, tiers: dict[int | None, tuple[str, str]] | None = None) -> Known:
    """These rules, all of them in force; the default where there are none."""
    return Known({1: rules}, {1: rules or (DEFAULT,)}, tiers or {}, {})


def facts_of(receipt: Receipt, *rules: EarnRule, settings: dict[str, Any] | None = None, **changes: Any) -> Facts:
    """The facts of this receipt for an active member with nothing yet; `own` may hold fields of `Own`."""
    own = Own(known(*rules), **changes.pop("own", {}))
    given: dict[str, Any] = {
        "now": NOON,
        "today": DAY,
        "mall": MALL,
        "store": STORE,
        "receipt": receipt,
        "receipt_id": 1,
        "member": MEMBER,
        "original": None,
        "balances": {},
        "settings": {**SETTINGS, **(settings or {})},
        "own": own,
    }
    return Facts(**{**given, **changes})


def sold_of(receipt: Receipt, returned: Sequence[int] = ()) -> Original:
    """The receipt as a return finds it; `returned` is what came back of each line before."""
    before = [*returned, *[0] * (len(receipt.lines) - len(returned))]
    sold = tuple(Sold(line, back, "0") for line, back in zip(receipt.lines, before, strict=True))
    return Original(1, receipt.key, receipt.happened_at, receipt.total, 7, sold, receipt.tenders, 0)


def back(original: Original, amounts: dict[int, int], **changes: Any) -> dict[str, Any]:
    """What `facts_of` needs to know of a return: sold line → amount."""
    returning = tuple(
        Line(n, "K", "Ware", amount, original_line=line) for n, (line, amount) in enumerate(amounts.items())
    )
    return {"original": original, "returning": returning, **changes}


def transfers(proposals: Iterable[Transfer | Tell]) -> list[Transfer]:
    """The transfers among them."""
    return [one for one in proposals if isinstance(one, Transfer)]


def moved(proposals: Iterable[Transfer | Tell]) -> list[tuple[str, int]]:
    """Kind and amount of each transfer."""
    return [(one.kind, one.amount) for one in transfers(proposals)]


def told(proposals: Iterable[Transfer | Tell], section: str = "points") -> dict[str, Any]:
    """Everything told in a section."""
    return {
        k: v for one in proposals if isinstance(one, Tell) and one.section == section for k, v in one.values.items()
    }


def base(code: str = "base", points: int = 1, *, per: int = 100, **more: Any) -> EarnRule:
    """The first version of a base rule."""
    return EarnRule(code, 1, "base", code, points=points, per_amount=per, **more)


def lot(number: int, left: int = 10, *, since: date = DAY, until: date = FOREVER, **more: Any) -> LotFacts:
    """A lot as the plugin reads it; `receipt_id` is the sale that gave it."""
    return LotFacts(number, left, since, until, **more)


def new_lot(facts: Facts) -> dict[str, Any]:
    """The lot that a sale makes."""
    return dict(transfers(receipts.reward(facts))[0].inserts[0].values)


def points_paid(amount: int, *, cash: int = 0, points: int | None = None) -> Receipt:
    """A sale of one line, paid with points and cash."""
    paid = (Tender("points", amount, points), *([Tender("cash", cash)] if cash else []))
    return receipt_of(amount + cash, tenders=paid)


def gain_of(step: Reason) -> Fraction:
    """What a step of an explanation gives."""
    return Fraction(step.text.params["gives"].replace(MINUS, "-"))
