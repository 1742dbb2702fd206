"""Earn, spend, hold, capture, release, return, void, expire, repeat, in every order that Hypothesis can think of:
SQLite, PostgreSQL and a model in plain Python have the same books after each step.

`HYPOTHESIS_PROFILE=torture` looks fifty times as long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from core import clock
from core import settings as plugin_settings
from core.checkout import Arrival
from core.errors import AtriumError
from core.types import Place, Tender
from plugins.loyalty import MANIFEST
from plugins.loyalty.models import Lot
from plugins.loyalty.services import Purpose, capture_points, expire_lots, hold_points, release_points
from tests.support import points as model
from tests.support.arrivals import give_back, key, sale, today, void
from tests.support.mall import Shop, expect_sound, open_shop

EXPIRY_MONTHS = 1
_years = count(2030)

amounts = st.one_of(st.sampled_from([0, 1, 99, 100, 150]), st.integers(0, 5000))
places = st.integers(0, 1)
shares = st.lists(st.integers(0, 100), min_size=3, max_size=3)


class Books(RuleBasedStateMachine):
    """Two members of two malls that must never differ. Sales are named by (member, number, day)."""

    shops: tuple[Shop, ...] = ()
    sales = Bundle("sales")
    holds = Bundle("holds")

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.number = count(1)
        self.members = [model.Member(), model.Member()]
        self.sent: list[tuple[list[Arrival], list[str]]] = []
        self.now = datetime(next(_years), 1, 1, 4, 0, tzinfo=UTC)

    @initialize()
    def open(self) -> None:
        self.stack.enter_context(clock.driven_by(lambda: self.now))
        self.ids = {id(shop): shop.enrol(2) for shop in self.shops}

    def teardown(self) -> None:
        for shop in self.shops:
            expect_sound(shop)
        self.stack.close()

    # --- what can happen --------------------------------------------------------------------------------------------

    @rule(target=sales, who=places, lines=st.lists(amounts, min_size=1, max_size=3), points=st.integers(0, 60))
    def sell(self, who: int, lines: list[int], points: int) -> Any:
        points = min(points, sum(lines))
        name, member = f"s{next(self.number)}", self.members[who]
        last_day = _month_later(today())
        accepted = member.sell(name, lines, points=points, on=today(), last_day=last_day)
        tenders = (Tender("cash", sum(lines) - points), *([Tender("points", points)] if points else []))
        self._send(
            lambda own: sale(name, *lines, member=own[who], tenders=tenders), 201 if accepted else "not_enough_points"
        )
        return (who, name, today()) if accepted else multiple()

    @rule(sold=sales, shares=shares)
    def give_back(self, sold: tuple[int, str, date], shares: list[int]) -> None:
        """Goods come back: of each line up to a hundredth more than is left."""
        who, name, day = sold
        done = self.members[who].sales[name]
        goods = {n: (line - done.back[n]) * shares[n] // 99 for n, line in enumerate(done.lines)}
        goods = {n: amount for n, amount in goods.items() if amount}
        if goods:
            accepted = self.members[who].give_back(name, goods)
            said, number = {n + 1: amount for n, amount in goods.items()}, f"r{next(self.number)}"
            expected = 201 if accepted else "return_exceeds_sale"
            self._send(lambda _own: give_back(number, key(name, day=day), back=said), expected)

    @rule(sold=sales)
    def void(self, sold: tuple[int, str, date]) -> None:
        who, name, day = sold
        done = self.members[who].sales[name]
        if any(done.back) or not any(done.lines):
            return
        assert self.members[who].void(name)
        number = f"v{next(self.number)}"
        self._send(lambda _own: void(number, key(name, day=day)), 201)

    @rule(target=holds, who=places, points=st.integers(1, 80))
    def hold(self, who: int, points: int) -> Any:
        name = f"{self.now.year}-h{next(self.number)}"
        accepted = self.members[who].hold(name, points, on=today())
        ids, refusals = {}, list[str]()
        for shop in self.shops:
            purpose = Purpose(shop.stores[0], name, self.now + timedelta(days=400))
            try:
                with shop.work() as uow:
                    own = self.ids[id(shop)][who]
                    ids[id(shop)] = hold_points(uow, member_id=own, points=points, purpose=purpose, today=today())
            except AtriumError as refusal:
                refusals.append(refusal.reason_code)
        assert set(refusals) <= {"not_enough_points"}
        assert len(ids) == (len(self.shops) if accepted else 0)
        return (who, name, ids) if accepted else multiple()

    @rule(held=consumes(holds), back=st.booleans())
    def end_hold(self, held: tuple[int, str, dict[int, int]], back: bool) -> None:
        who, name, ids = held
        self.members[who].end_hold(name, back=back)
        for shop in self.shops:
            with shop.work() as uow:
                (release_points if back else capture_points)(uow, hold_id=ids[id(shop)], today=today())

    @rule(days=st.sampled_from([1, 10, 30, 60]))
    def wait(self, days: int) -> None:
        """Days pass, and what is past is booked out by the nightly job."""
        self.now += timedelta(days=days)
        for member in self.members:
            member.expire(today())
        for shop in self.shops:
            with shop.work() as uow:
                expire_lots(uow, mall_id=shop.mall_id, today=today())

    @rule(which=st.integers(0, 1000))
    def repeat(self, which: int) -> None:
        """A till did not hear the answer: the same again is answered the same."""
        if self.sent:
            arrivals, bodies = self.sent[which % len(self.sent)]
            for shop, arrival, body in zip(self.shops, arrivals, bodies, strict=True):
                again = shop.send(arrival, door=False)
                assert (again.status, again.body, again.replayed) == (200, body, True)

    # --- what must hold ---------------------------------------------------------------------------------------------

    @invariant()
    def same_books(self) -> None:
        if not hasattr(self, "ids"):
            return
        for shop in self.shops:
            for own, member in zip(self.ids[id(shop)], self.members, strict=True):
                kept = [shop.balance(own, name) for name in ("loyalty", "loyalty.held", "loyalty.debt")]
                assert kept == [member.balance, member.set_aside, member.debt]
                lots = select(Lot.remaining).filter_by(member_id=own).order_by(Lot.id)
                assert shop.all(lots) == [lot.left for lot in member.lots]

    def _send(self, make: Callable[[list[int]], Arrival], expected: Any) -> None:
        arrivals = [make(self.ids[id(shop)]) for shop in self.shops]
        results = [shop.send(arrival) for shop, arrival in zip(self.shops, arrivals, strict=True)]
        outcomes = [r.reason_code if isinstance(r, AtriumError) else r.status for r in results]
        assert outcomes == [expected] * len(self.shops)
        if expected == 201:
            self.sent.append((arrivals, [result.body for result in results]))


def _month_later(day: date) -> date:
    """The last day of points earned today."""
    year, month = divmod(day.year * 12 + day.month - 1 + EXPIRY_MONTHS, 12)
    first = date(year, month + 1, 1)
    longest = ((first + timedelta(days=32)).replace(day=1) - first).days
    return first.replace(day=min(day.day, longest))


@pytest.fixture
def pair(sqlite_url: str, postgres_url: str, tmp_path: Path) -> Iterator[tuple[Shop, ...]]:
    shops = tuple(open_shop(url, tmp_path / "home", members=0) for url in (sqlite_url, postgres_url))
    for shop in shops:
        with shop.work() as uow:
            place = Place(shop.mall_id, 0)
            plugin_settings.put(uow, manifest=MANIFEST, name="expiry_months", place=place, value=EXPIRY_MONTHS)
    yield shops
    for shop in shops:
        shop.close()


def test_both_databases_and_the_model_have_the_same_books(pair: tuple[Shop, ...]) -> None:
    machine = type("Machine", (Books,), {"shops": pair})
    long = settings.default.max_examples if settings.default else 100
    run_state_machine_as_test(
        machine, settings=settings(max_examples=long // 10, stateful_step_count=30, deadline=None)
    )
