"""What the first reports say, to the cent and to the point."""

from __future__ import annotations

from typing import Any

import pytest

from core import settings
from core.errors import NotFound
from core.i18n import Text
from core.reports import Answered, Value
from core.types import Place
from plugins.pos_bridge import services
from plugins.pos_bridge.rules.closing import Count, Totals
from tests.plugins.reporting.conftest import TODAY, YESTERDAY, asked
from tests.support.arrivals import sale
from tests.support.mall import Shop


def figures(answered: Answered) -> dict[str, Any]:
    return {label.msgid: value.value for label, value in answered.figures}


def english(row: Any) -> dict[str, Any]:
    return {name: value.into("en") if isinstance(value, Text) else value for name, value in row.items()}


# --- the member's statement -----------------------------------------------------------------------------------------


def test_a_member_sees_where_every_point_came_from(shop: Shop) -> None:
    answered = asked(shop, "loyalty.member_statement", member="1")

    moves, soon = answered.tables
    rows = [english(row) for row in moves.rows]
    assert [(row["day"], row["what"], row["points"], row["balance"]) for row in rows] == [
        (YESTERDAY, "Earned", 100, 100),
        (TODAY, "Paid with points", -10, 90),
        (TODAY, "Earned", 49, 139),
        (TODAY, "Taken back with a return", -20, 119),
        (TODAY, "Earned", 80, 199),
    ]
    assert rows[0]["why"] == "100.00 paid, at 1 per 1.00: +100"
    assert rows[0]["where"] == "S0001 Tea house, 1"
    assert rows[4]["where"] == "S0002 Toys, 5"
    assert (moves.first, moves.last) == (
        {"day": moves.first["day"], "balance": 0},  # type: ignore[index]
        {"day": moves.last["day"], "balance": 199},  # type: ignore[index]
    )
    assert figures(answered) == {
        "Opening balance": 0,
        "Received": 229,
        "Used or expired": -30,
        "Closing balance": shop.balance(1),
    }
    assert soon.rows == []


def test_a_later_period_opens_with_what_was_there(shop: Shop) -> None:
    answered = asked(shop, "loyalty.member_statement", member="1", period=str(TODAY))

    assert figures(answered)["Opening balance"] == 100
    assert figures(answered)["Closing balance"] == 199
    earlier = asked(shop, "loyalty.member_statement", member="1", period=str(YESTERDAY))
    assert figures(earlier)["Closing balance"] == 100


def test_points_that_expire_soon_are_named(shop: Shop) -> None:
    with shop.work() as uow:
        manifest = shop.host.manifest_of("loyalty")
        settings.put(uow, manifest=manifest, name="expiry_months", place=Place(shop.mall_id), value=1)
    shop.send(sale("9", 1_200, member=2))

    [_moves, soon] = asked(shop, "loyalty.member_statement", member="2").tables

    assert [(row["day"].isoformat(), row["points"]) for row in soon.rows] == [("2026-12-22", 12)]


def test_of_other_stores_a_member_statement_shows_the_points_only(shop: Shop) -> None:
    answered = asked(shop, "loyalty.member_statement", shop.stores[0], member="1")

    rows = [english(row) for row in answered.tables[0].rows]
    assert rows[4]["where"] == "Another store"
    assert rows[4]["why"] is None
    assert rows[4]["points"] == 80
    assert figures(answered)["Closing balance"] == 199
    assert not any("Toys" in str(value) or "80.00" in str(value) for row in rows for value in row.values())


def test_a_member_of_another_store_is_not_there(shop: Shop) -> None:
    """Member 2 has only ever been in the second store."""
    with pytest.raises(NotFound):
        asked(shop, "loyalty.member_statement", shop.stores[0], member="2")

    assert asked(shop, "loyalty.member_statement", shop.stores[1], member="2").asked.member_id == 2
    assert asked(shop, "loyalty.member_statement", shop.stores[0]).asked.member_id == 1


# --- the store's day ----------------------------------------------------------------------------------------------


def test_a_store_sees_its_day(shop: Shop) -> None:
    answered = asked(shop, "pos_bridge.daily_statement", store="S0001")

    receipts, payment, tills = answered.tables
    assert [tuple(english(row).values()) for row in receipts.rows] == [
        ("Sales", 1, 1, 5_000),
        ("Returns", 1, 1, -2_000),
    ]
    assert [tuple(english(row).values()) for row in payment.rows] == [
        ("Cash", 4_990, -2_000, 2_990),
        ("Points", 10, 0, 10),
    ]
    assert [(row["till"], row["receipts"], row["amount"], english(row)["state"]) for row in tills.rows] == [
        ("T01", 2, 3_000, "Not closed")
    ]
    assert figures(answered) == {"Net sales": 3_000, "Receipts": 2, "Points given": 29, "Points taken": 10}
    assert receipts.totals[0]["amount"] == payment.totals[0]["amount"] == tills.totals[0]["amount"] == 3_000


def test_cash_is_less_change(shop: Shop) -> None:
    answered = asked(shop, "pos_bridge.daily_statement", store="S0001", day=str(YESTERDAY))

    taken = {english(row)["what"]: row["taken"] for row in answered.tables[1].rows}
    assert taken == {"Cash": 7_000, "WeChat Pay": 6_000}


def test_a_till_that_counted_otherwise_is_named(shop: Shop) -> None:
    with shop.work() as uow:
        said = Totals(sales=Count(2, 5_500), returns=Count(1, 2_000))
        services.close_day(uow, till_id=shop.tills["T01"], business_date=TODAY, said=said)

    [row] = asked(shop, "pos_bridge.daily_statement", store="S0001").tables[2].rows

    assert (row["said_receipts"], row["said"], row["difference"]) == (3, 3_500, 500)
    assert english(row)["state"] == "Differs"


# --- over stores --------------------------------------------------------------------------------------------------


def test_sales_by_store_and_day(shop: Shop) -> None:
    table = asked(shop, "reporting.sales").tables[0]

    rows = [(row["day"], row["store"], row["sales"], row["gross"], row["returned"], row["net"]) for row in table.rows]
    assert rows == [
        (YESTERDAY, "S0001 Tea house", 2, 13_000, 0, 13_000),
        (TODAY, "S0001 Tea house", 1, 5_000, -2_000, 3_000),
        (TODAY, "S0002 Toys", 2, 8_700, 0, 8_700),
    ]
    assert [row["average"] for row in table.rows] == [6_500, 5_000, 4_350]
    [total] = table.totals
    assert (total["sales"], total["net"]) == (5, 24_700)


def test_points_by_store(shop: Shop) -> None:
    table = asked(shop, "loyalty.by_store").tables[0]

    names = ("given", "taken_back", "paid", "given_back", "net")
    assert {row["store"]: tuple(row[name] for name in names) for row in table.rows} == {
        "S0001 Tea house": (149, 20, 10, 0, 119),
        "S0002 Toys": (87, 0, 0, 0, 87),
    }
    assert table.totals[0]["net"] == shop.balance(1) + shop.balance(2)


@pytest.mark.parametrize("name", ["reporting.sales", "loyalty.by_store"])
def test_other_stores_are_absent(shop: Shop, name: str) -> None:
    mine = asked(shop, name, shop.stores[0])

    assert {row["store"] for row in mine.tables[0].rows} == {"S0001 Tea house"}
    with pytest.raises(NotFound):
        asked(shop, name, shop.stores[0], store="S0002")


def test_every_statement_names_the_newest_checkpoint(shop: Shop) -> None:
    answered = asked(shop, "pos_bridge.daily_statement")

    assert answered.seal is not None
    assert answered.seal.seq > 0
    assert len(answered.seal.chain) == 32
    assert asked(shop, "reporting.sales").seal is None


def test_values_have_kinds(shop: Shop) -> None:
    assert all(isinstance(value, Value) for _label, value in asked(shop, "pos_bridge.daily_statement").figures)
