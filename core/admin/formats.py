"""How values are shown: one function a kind, the same in lists, on records and in panels.

A format takes a value and the row it stands in and gives a `Cell`. Money is integer minor units, points are integers,
times are UTC and shown on the mall's wall clock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from babel.numbers import get_currency_precision, get_currency_symbol
from flask import url_for

from core import clock
from core.admin.request import here
from core.i18n import Text, _

DEFAULT_ZONE = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as it is shown. `num` aligns right; `tone` (ok, warn, bad, mute) makes it a state with its icon."""

    text: Any
    num: bool = False
    tone: str = ""
    icon: str = ""
    href: str = ""


EMPTY = Cell("—")
Format = Callable[[Any, Any], Cell]


@dataclass(frozen=True, slots=True)
class State:
    """A state's word, tone and icon: never colour alone."""

    word: Text
    tone: str = "mute"
    icon: str = "minus"


def text(value: Any, row: Any = None) -> Cell:
    """As it is; nothing is a dash."""
    if value is None or value == "":
        return EMPTY
    if isinstance(value, list | tuple | set | frozenset):
        return Cell(", ".join(str(item) for item in value)) if value else EMPTY
    return Cell(value if isinstance(value, Text) else str(value))


def number(value: int | None, row: Any = None) -> Cell:
    """A count or points: `12,345`, `−500`."""
    return EMPTY if value is None else Cell(_signed(value, f"{abs(value):,}"), num=True)


points = number


def change(value: int | None, row: Any = None) -> Cell:
    """A movement of points: `+256`, `−500`."""
    if value is None:
        return EMPTY
    return Cell(f"+{value:,}" if value > 0 else _signed(value, f"{abs(value):,}"), num=True)


def money(value: int | None, row: Any = None) -> Cell:
    """Minor units of the row's currency, or of its mall's: `¥1,234.00`, `−¥499.00`."""
    if value is None:
        return EMPTY
    return Cell(money_text(value, getattr(row, "currency", None) or mall_of(row).currency), num=True)


def money_text(value: int, currency: str) -> str:
    """An amount in words for a person."""
    digits = get_currency_precision(currency)
    symbol = get_currency_symbol(currency, locale="zh" if currency == "CNY" else "en")
    whole, part = divmod(abs(value), 10**digits)
    figure = f"{whole:,}.{part:0{digits}d}" if digits else f"{whole:,}"
    return _signed(value, f"{symbol}{figure}")


def unit(value: int | None, row: Any = None) -> Cell:
    """An amount whose unit stands in the row: a currency's three letters, else points."""
    name = str(getattr(row, "unit", ""))
    return money_cell(value, name) if len(name) == 3 and name.isupper() else number(value)


def money_cell(value: int | None, currency: str) -> Cell:
    """An amount of a currency that the row does not name."""
    return EMPTY if value is None else Cell(money_text(value, currency), num=True)


def moment(value: datetime | None, row: Any = None) -> Cell:
    """A time on the mall's wall clock, to the minute; `row` may name the mall."""
    if value is None:
        return EMPTY
    value = value if value.tzinfo else value.replace(tzinfo=UTC)
    return Cell(value.astimezone(clock.zone(mall_of(row).zone)).strftime("%Y-%m-%d %H:%M"))


def day(value: date | None, row: Any = None) -> Cell:
    """A date."""
    return EMPTY if value is None else Cell(value.isoformat())


def yes_no(value: bool | None, row: Any = None) -> Cell:
    """Yes or no."""
    return EMPTY if value is None else Cell(_("Yes") if value else _("No"))


def states(words: Mapping[str, State]) -> Format:
    """The format of a state column; a state without a word is shown as it is."""

    def show(value: Any, row: Any = None) -> Cell:
        found = words.get(value)
        return text(value) if found is None else Cell(found.word, tone=found.tone, icon=found.icon)

    return show


def words(choices: Mapping[str, Text]) -> Format:
    """The format of a column that holds one of a few words."""

    def show(value: Any, row: Any = None) -> Cell:
        return text(choices.get(value, value))

    return show


def store(value: int | None, row: Any = None) -> Cell:
    """A store by its id: code and name."""
    found = here().known.stores.get(value or 0)
    return EMPTY if found is None else Cell(f"{found.code} {found.name}")


def mall(value: int | None, row: Any = None) -> Cell:
    """A mall by its id."""
    found = here().known.malls.get(value or 0)
    return EMPTY if found is None else Cell(found.name)


def link(view: str, show: Format = text, *, key: str = "") -> Format:
    """The same, leading to the record of `view` whose id is the value, or stands in the row's column `key`."""

    def linked(value: Any, row: Any = None) -> Cell:
        pk = getattr(row, key) if key else value
        cell = show(value, row)
        may_see = pk is not None and here().may_show(view)
        href = url_for(f"{view}.show", pk=pk) if may_see else ""
        return Cell(cell.text, cell.num, cell.tone, cell.icon, href)

    return linked


def mall_of(row: Any) -> Any:
    """The mall a row belongs to; else the one chosen, else any."""
    known = here().known
    mall_id = getattr(row, "mall_id", None) or here().place.mall_id
    return known.malls.get(mall_id or 0) or next(iter(known.malls.values()), _Nowhere)


class _Nowhere:
    """Stands in before the first mall is made."""

    currency, zone = "CNY", DEFAULT_ZONE


def _signed(value: int, figure: str) -> str:
    return f"−{figure}" if value < 0 else figure
