"""Figures as sentences hold them: exact amounts, points to the hundredth, no words and so no language."""

from __future__ import annotations

from functools import cache

from babel.numbers import get_currency_precision

PLUS, MINUS = "+", "\u2212"


def money(minor: int, currency: str) -> str:
    """An amount of minor units: `129.00`, in yen `129`."""
    digits = _digits(currency)
    whole, part = divmod(minor, 10**digits)
    return f"{whole}.{part:0{digits}d}" if digits else str(whole)


def factor(percent: int) -> str:
    """A factor in hundredths: `2`, `1.5`."""
    return hundredths(percent)


def gain(value: int) -> str:
    """Hundredths of a point that a step adds or takes: `+129`, `+3.33`, `−0.48`."""
    return f"{MINUS if value < 0 else PLUS}{hundredths(abs(value))}"


def hundredths(value: int) -> str:
    """Hundredths without noughts at the end: `129`, `3.33`, `1.5`."""
    whole, part = divmod(value, 100)
    return f"{whole}.{part:02d}".rstrip("0") if part else str(whole)


@cache
def _digits(currency: str) -> int:
    return int(get_currency_precision(currency))
