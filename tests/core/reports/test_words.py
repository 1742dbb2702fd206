"""Figures as people read them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from core.i18n import Text, _
from core.reports import Column, Value, words


@pytest.mark.parametrize(
    ("kind", "value", "signed", "text"),
    [
        ("text", "茶", False, "茶"),
        ("text", None, False, "—"),
        ("text", _("Points"), False, "积分"),
        ("count", 12345, False, "12,345"),
        ("points", 256, True, "+256"),
        ("points", -500, True, "−500"),
        ("points", 0, True, "0"),
        ("money", 123400, False, "1,234.00"),
        ("money", -49900, False, "−499.00"),
        ("percent", 620, False, "6.2%"),
        ("percent", 625, False, "6.3%"),
        ("percent", -5, False, "−0.1%"),
        ("date", date(2026, 11, 22), False, "2026-11-22"),
        ("time", datetime(2026, 11, 22, 16, 3, tzinfo=UTC), False, "2026-11-23 00:03"),
    ],
)
def test_a_cell(kind: Any, value: Any, signed: bool, text: str) -> None:
    column = Column("x", Text("x"), kind, signed=signed)

    assert words.cell(value, column, zone="Asia/Shanghai", locale="zh") == text


def test_money_has_the_digits_of_its_currency() -> None:
    column = Column("x", Text("Amount"), "money")
    assert words.cell(1234, column, zone="UTC", locale="en", currency="JPY") == "1,234"
    assert words.exact(-123450, "CNY") == "-1234.50"
    assert words.exact(1234, "JPY") == "1234"
    assert words.head(column, currency="CNY", locale="en") == "Amount (CNY)"
    assert words.shown(Value(123400, "money"), currency="CNY", zone="UTC", locale="en") == "¥1,234.00"
