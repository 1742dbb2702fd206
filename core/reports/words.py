"""Figures as people read them, in either language: `1,234.00`, `−500`, `6.2%`, `2026-11-22 14:03`.

Money is shown without its sign where the column's head names the unit, else with it.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_name, get_currency_precision, get_currency_symbol

from core import clock
from core.i18n import Text, _
from core.reports.describe import Column, Value

DASH, MINUS = "—", "−"
YUAN = {"zh": "元"}


def shown(value: Value, *, currency: str, zone: str, locale: str) -> str:
    """A single value, with its unit; money is of the value's currency, else of `currency`."""
    if value.value is None or value.value == "":
        return DASH
    if value.kind == "money":
        return money(value.value, value.currency or currency, signed=value.signed)
    return cell(value.value, Column("", Text(""), value.kind, signed=value.signed), zone=zone, locale=locale)


def cell(value: Any, column: Column, *, zone: str, locale: str, currency: str = "CNY") -> str:
    """A value in a column whose head names the unit."""
    if value is None or value == "":
        return DASH
    if isinstance(value, Text):
        return value.into(locale)
    if column.kind in ("count", "points"):
        return _signed(value, f"{abs(value):,}", plus=column.signed)
    if column.kind == "money":
        return _signed(value, _amount(abs(value), currency), plus=column.signed)
    if column.kind == "percent":
        tenths = (abs(value) + 5) // 10
        return _signed(value, f"{tenths // 10:,}.{tenths % 10}%", plus=column.signed)
    if column.kind == "time" and isinstance(value, datetime):
        return value.astimezone(clock.zone(zone)).strftime("%Y-%m-%d %H:%M")
    return value.isoformat() if column.kind == "date" and isinstance(value, date) else str(value)


def money(value: int, currency: str, *, signed: bool = False) -> str:
    """Minor units with the currency's sign: `¥1,234.00`."""
    symbol = get_currency_symbol(currency, locale="zh" if currency == "CNY" else "en")
    return _signed(value, symbol + _amount(abs(value), currency), plus=signed)


def head(column: Column, *, currency: str, locale: str) -> str:
    """The column's title, with the unit of its money; no unit where each row has its own (`currency` empty)."""
    title = column.title.into(locale)
    if column.kind != "money" or not currency:
        return title
    return _("%(title)s (%(unit)s)", title=title, unit=unit(currency, locale)).into(locale)


def unit(currency: str, locale: str) -> str:
    """What a column of money is headed by: 元 for yuan in Chinese, else the three letters."""
    return YUAN[locale] if currency == "CNY" and locale in YUAN else currency


def currency_name(currency: str, locale: str) -> str:
    """The name of a currency."""
    return str(get_currency_name(currency, locale=locale))


def exact(value: int, currency: str) -> str:
    """Minor units as a plain decimal text, for machines: `-1234.50`."""
    return str(Decimal(value).scaleb(-get_currency_precision(currency)))


def digits(currency: str) -> int:
    """How many digits the currency has behind the point."""
    return get_currency_precision(currency)


def _amount(value: int, currency: str) -> str:
    places = get_currency_precision(currency)
    whole, part = divmod(value, 10**places)
    return f"{whole:,}.{part:0{places}d}" if places else f"{whole:,}"


def _signed(value: int, figure: str, *, plus: bool) -> str:
    if value < 0:
        return MINUS + figure
    return f"+{figure}" if plus and value > 0 else figure
