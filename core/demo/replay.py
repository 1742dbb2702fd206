"""Replay Complete Journey: its households become members, its baskets go through the checkout as a till's batch does.

Stores and members are made when they first appear. What is stored already is skipped by the thousand, so a replay that
was stopped goes on, and a second one changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby

from sqlalchemy import select

from core import checkout, clock, directory, scope
from core.checkout import Arrival
from core.db import Actor, UnitOfWork, unit_of_work
from core.demo.catalogue import Item, add_products, code_of
from core.demo.journey import CURRENCY, FIRST_DAY, Basket, Bought, Journey
from core.demo.wire import arrival_of
from core.errors import AtriumError
from core.house import House
from core.models import Mall, Member, ReceiptRow, Store, Till
from core.services import NewStore, Person, create_mall, create_store, enrol_member
from core.services.tills import import_till
from core.types import Line, MemberRef, Receipt, ReceiptKey, Tender, TillFacts

MALL = "Complete Journey (sample)"
TILL = "CJ"
ZONE = "Asia/Shanghai"
BATCH = 100
SPAN = 7
"""Days that are taken together: stores in turn, each in order of time."""
ACTOR = Actor("command", "simulate")


@dataclass
class Outcome:
    """What a replay did. `refused` holds number and reason of the first few of `refusals`.

    `pending` counts receipts that stand while some module's reward for them failed and is tried again later.
    """

    booked: int = 0
    skipped: int = 0
    pending: int = 0
    refusals: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)


class Replay:
    """One replay into one house. `step` is called with the number of baskets dealt with since the last call."""

    def __init__(self, house: House, journey: Journey, step: Callable[[int], None]) -> None:
        self._house, self._journey, self._step = house, journey, step
        self.outcome = Outcome()

    def run(self) -> Outcome:
        """Make what is missing and book what is not booked yet."""
        with self._work() as uow:
            self._mall_id = _mall(uow).id
        items = list(self._journey.items())
        with self._work() as uow:
            add_products(uow, mall_id=self._mall_id, items=items)
        self._reader = _Reader(items)
        for _span, baskets in groupby(self._journey.baskets(), key=lambda b: (b.when.date() - FIRST_DAY).days // SPAN):
            self._book(list(baskets))
        return self.outcome

    def _book(self, baskets: list[Basket]) -> None:
        with self._work() as uow:
            tills = _tills(uow, self._mall_id, numbers={basket.store for basket in baskets})
            _enrol(uow, self._mall_id, baskets=baskets)
            stored = _stored(uow, baskets, tills=tills)
        for store, own in groupby(sorted(baskets, key=lambda b: (b.store, b.when, b.number)), key=lambda b: b.store):
            arrivals = [arrival_of(self._reader.receipt(basket)) for basket in own]
            new = [arrival for arrival in arrivals if arrival.body_hash != stored.get(arrival.receipt.key.number)]
            self.outcome.skipped += len(arrivals) - len(new)
            self._step(len(arrivals) - len(new))
            till = directory.remembered(self._house.database).tills[tills[store]]
            for start in range(0, len(new), BATCH):
                self._take(till, new[start : start + BATCH])

    def _take(self, till: TillFacts, arrivals: list[Arrival]) -> None:
        for arrival, result in zip(
            arrivals, checkout.take(self._house, till, arrivals=arrivals, door=False), strict=True
        ):
            if isinstance(result, AtriumError):
                self.outcome.refusals += 1
                if len(self.outcome.refused) < BATCH:
                    self.outcome.refused.append((arrival.receipt.key.number, str(result.text)))
            elif result.replayed:
                self.outcome.skipped += 1
            else:
                self.outcome.booked += 1
                self.outcome.pending += json.loads(result.body)["rewards"] == "pending"
        self._step(len(arrivals))

    @contextmanager
    def _work(self) -> Iterator[UnitOfWork]:
        with scope.system_scope("replay of a sample"), unit_of_work(self._house.database, actor=ACTOR) as uow:
            yield uow
        directory.get(self._house.database)  # what was just made is known to the checkout


def _mall(uow: UnitOfWork) -> Mall:
    found = uow.session.scalar(select(Mall).where(Mall.name == MALL))
    return found or create_mall(uow, name=MALL, currency=CURRENCY, zone=ZONE)


def _tills(uow: UnitOfWork, mall_id: int, *, numbers: set[int]) -> dict[int, int]:
    """Store of the data set → its till, made on first sight."""
    query = select(Store.unit, Till.id).join(Till, Till.store_id == Store.id)
    found = {
        unit: till_id for unit, till_id in uow.session.execute(query.where(Store.mall_id == mall_id, Till.code == TILL))
    }
    for number in sorted(numbers):
        if str(number) not in found:
            facts = NewStore(name=f"Store {number} (sample)", trade="grocery", unit=str(number))
            store = create_store(uow, mall_id=mall_id, store=facts, opened_on=FIRST_DAY)
            found[str(number)] = import_till(uow, store_id=store.id, code=TILL).id
    return {number: found[str(number)] for number in numbers}


def _enrol(uow: UnitOfWork, mall_id: int, *, baskets: list[Basket]) -> None:
    """Make members of the households that come for the first time, on the day they come."""
    known = set(uow.session.scalars(select(Member.name).where(Member.mall_id == mall_id)))
    for basket in baskets:
        name = f"Household {basket.household} (sample)"
        if name not in known:
            known.add(name)
            person = Person(name=name, phone=phone_of(basket.household), joined_on=basket.when.date())
            enrol_member(uow, mall_id=mall_id, person=person, source="sample")


def _stored(uow: UnitOfWork, baskets: list[Basket], *, tills: dict[int, int]) -> dict[str, bytes]:
    """What is booked of these baskets: number → hash of its body."""
    days = [basket.when.date() for basket in baskets]
    query = select(ReceiptRow.number, ReceiptRow.body_hash).where(
        ReceiptRow.till_id.in_(tills.values()), ReceiptRow.business_date.between(min(days), max(days))
    )
    return {number: bytes(body_hash) for number, body_hash in uow.session.execute(query)}


def phone_of(household: int) -> str:
    """The phone of a household: made up, in a range that samples use."""
    return f"170{household:08d}"


class _Reader:
    """Baskets as receipts. Knows the products' names and categories."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._items = {item.sku: (item.name, code_of(item.levels) or None) for item in items}
        self._zone = clock.zone(ZONE)

    def receipt(self, basket: Basket) -> Receipt:
        """Every line as it is, paid in cash by a member who tells the phone."""
        total = sum(line.amount for line in basket.lines)
        return Receipt(
            key=ReceiptKey(TILL, basket.when.date(), str(basket.number)),
            happened_at=basket.when.replace(tzinfo=self._zone),
            kind="sale",
            currency=CURRENCY,
            lines=tuple(self._line(number, line) for number, line in enumerate(basket.lines, start=1)),
            tenders=(Tender("cash", total),),
            total=total,
            member=MemberRef("phone", phone_of(basket.household)),
        )

    def _line(self, number: int, line: Bought) -> Line:
        sku = str(line.product)
        name, category = self._items.get(sku, (sku, None))
        return Line(number, sku, name, line.amount, str(line.quantity), category=category)
