"""Baskets drawn by chance: what people might buy in a store of a trade."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from random import Random

from core.demo.stores import TRADES, sku_of
from core.types import Line, MemberRef, Receipt, ReceiptKey, Tender

PAYMENTS = ("wechat", "wechat", "alipay", "alipay", "bank_card", "cash")
WITH_MEMBER = 0.7
"""How many baskets name a member."""


class Shopper:
    """Draws the baskets of one store; the same `chance` draws the same ones."""

    def __init__(self, chance: Random, *, trade: str, phones: list[str]) -> None:
        self._chance, self._phones = chance, phones
        self._trade, goods = TRADES[trade]
        self._goods = [(sku_of(trade, place), name, price) for place, (name, price) in enumerate(goods, start=1)]

    def basket(self, key: ReceiptKey, happened_at: datetime) -> Receipt:
        """A sale of one to four kinds of goods, paid in full."""
        chosen = self._chance.sample(self._goods, self._chance.randint(1, min(4, len(self._goods))))
        lines = tuple(
            self._line(number, sku, name=name, price=price) for number, (sku, name, price) in enumerate(chosen, start=1)
        )
        total = sum(line.amount for line in lines)
        named = self._phones and self._chance.random() < WITH_MEMBER
        return Receipt(
            key=key,
            happened_at=happened_at,
            kind="sale",
            currency="CNY",
            lines=lines,
            tenders=(Tender(self._chance.choice(PAYMENTS), total),),
            total=total,
            member=MemberRef("phone", self._chance.choice(self._phones)) if named else None,
        )

    def brought_back(self, sale: Receipt, key: ReceiptKey, *, happened_at: datetime) -> Receipt:
        """The first line of a sale comes back."""
        line = replace(sale.lines[0], line=1, original_line=sale.lines[0].line)
        return replace(
            sale,
            key=key,
            happened_at=happened_at,
            kind="return",
            lines=(line,),
            tenders=(Tender(sale.tenders[0].type, line.amount),),
            total=line.amount,
            original=sale.key,
        )

    def _line(self, number: int, sku: str, *, name: str, price: int) -> Line:
        pieces = self._chance.choice((1, 1, 1, 2, 3))
        return Line(number, sku, name, price * pieces, str(pieces), price, category=self._trade)
