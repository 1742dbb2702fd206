"""What the books of points must say, written from the plan and not from the code: plain Python, no database.

One member's points are lots. A sale gives 1 point per 1.00 paid in money; an old debt is repaid first. Points that pay
are taken from the lots that expire first. A return takes back what the sale gave for the goods, from its own lot
first; what is not there is owed. Points that paid come back to the very lots, last taken first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from math import floor

Parts = list[tuple[int, int]]
"""Places of lots in the member's list, with points."""


@dataclass
class Lot:
    """Points that were earned together."""

    sale: str
    left: int
    last_day: date


@dataclass
class Sale:
    """What was sold: `paid` per line is what was paid in money that earns; `used` is where points were taken from."""

    lines: list[int]
    paid: list[int]
    points: int = 0
    used: Parts = field(default_factory=list)
    earned: int = 0
    back: list[int] = field(default_factory=list)


@dataclass
class Member:
    """One member's points."""

    lots: list[Lot] = field(default_factory=list)
    held: dict[str, Parts] = field(default_factory=dict)
    debt: int = 0
    sales: dict[str, Sale] = field(default_factory=dict)

    @property
    def balance(self) -> int:
        return sum(lot.left for lot in self.lots)

    @property
    def set_aside(self) -> int:
        return sum(points for parts in self.held.values() for _place, points in parts)

    def usable(self, on: date) -> int:
        """What can be spent on the day."""
        return sum(lot.left for lot in self.lots if on <= lot.last_day)

    def sell(self, name: str, lines: Sequence[int], *, points: int, on: date, last_day: date) -> bool:
        """A sale, of which `points` (worth 0.01 each) pay a part; whether it is accepted."""
        if points > self.usable(on):
            return False
        sale = Sale(list(lines), _less(lines, points), points, back=[0] * len(lines))
        sale.used = self._take([p for p in self._order() if on <= self.lots[p].last_day], points)
        sale.earned = sum(sale.paid) // 100
        self.sales[name] = sale
        if sale.earned:
            repaid = min(self.debt, sale.earned)
            self.debt -= repaid
            self.lots.append(Lot(name, sale.earned - repaid, last_day))
        return True

    def give_back(self, name: str, goods: Mapping[int, int]) -> bool:
        """Goods of a sale come back (line → amount), paid back in money; whether that is accepted."""
        sale = self.sales[name]
        if any(amount > sale.lines[line] - sale.back[line] for line, amount in goods.items()):
            return False
        before = _worth(sale)
        for line, amount in goods.items():
            sale.back[line] += amount
        self._take_back(name, before - _worth(sale))
        return True

    def void(self, name: str) -> bool:
        """The whole sale is undone; whether it could be (nothing of it came back before)."""
        sale = self.sales[name]
        if any(sale.back):
            return False
        for place, points in sale.used:
            self.lots[place].left += points
        before, sale.back = _worth(sale), list(sale.lines)
        self._take_back(name, before)
        return True

    def hold(self, name: str, points: int, *, on: date) -> bool:
        """Set points aside; whether there were enough."""
        if points > self.usable(on):
            return False
        self.held[name] = self._take([p for p in self._order() if on <= self.lots[p].last_day], points)
        return True

    def end_hold(self, name: str, *, back: bool) -> None:
        """Take what is held, or give it back to its lots."""
        for place, points in self.held.pop(name):
            if back:
                self.lots[place].left += points

    def expire(self, today: date) -> None:
        """What nobody used in time is gone."""
        for lot in self.lots:
            if lot.last_day < today:
                lot.left = 0

    def _order(self) -> list[int]:
        return sorted(range(len(self.lots)), key=lambda place: (self.lots[place].last_day, place))

    def _take(self, places: Sequence[int], points: int) -> Parts:
        parts = []
        for place in places:
            part = min(points, self.lots[place].left)
            if part:
                self.lots[place].left -= part
                parts.append((place, part))
                points -= part
        return parts

    def _take_back(self, name: str, points: int) -> None:
        places = sorted(self._order(), key=lambda place: self.lots[place].sale != name)
        self.debt += points - sum(part for _place, part in self._take(places, points))


def _less(lines: Sequence[int], points: int) -> list[int]:
    """What money paid of each line: the points taken off in proportion, the rest to the largest remainders."""
    whole = sum(lines)
    if not points:
        return list(lines)
    off = [points * line // whole for line in lines]
    by_remainder = sorted(range(len(lines)), key=lambda n: (-(points * lines[n] % whole), n))
    for place in by_remainder[: points - sum(off)]:
        off[place] += 1
    return [line - part for line, part in zip(lines, off, strict=True)]


def _worth(sale: Sale) -> int:
    """The points of what the customer still has: exact per line, floored once."""
    kept = [
        Fraction(paid * (line - back), line) if line else Fraction(0)
        for line, paid, back in zip(sale.lines, sale.paid, sale.back, strict=True)
    ]
    return floor(sum(kept, Fraction(0)) / 100)
