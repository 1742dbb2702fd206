"""Who reaches which rows: nothing unless said, one's own stores, everything only for named system work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import aliased, joinedload

from core import scope
from core.db import AtriumSession, UnitOfWork, unit_of_work
from core.errors import NotFound
from core.models import Audit, Card, Member, ReceiptRow, Store, Till
from core.scope import Scope
from core.services import NewStore, create_mall, create_store, create_till
from tests.support.arrivals import sale
from tests.support.mall import TESTS, Shop


@pytest.fixture
def two_malls(shop: Shop) -> Shop:
    """A second mall with a store and a till, whose ids come after those of the first; receipts in the first."""
    with shop.work() as uow:
        other = create_mall(uow, name="Other mall")
        store = create_store(uow, mall_id=other.id, store=NewStore("Other store"))
        create_till(uow, store_id=store.id, code="T01")
    shop.send(sale("1", 1000, member=1))
    shop.send(sale("1", 1000, till="T21"), till="T21")
    return shop


@contextmanager
def seen_by(shop: Shop, reach: Scope) -> Iterator[AtriumSession]:
    with scope.scoped(reach), shop.database.session() as session:
        yield session


def one_store(shop: Shop) -> Scope:
    return Scope(frozenset({shop.mall_id}), frozenset({shop.stores[0]}))


def whole_mall(shop: Shop) -> Scope:
    return Scope(frozenset({shop.mall_id}), None)


def test_nobody_sees_anything(two_malls: Shop) -> None:
    with two_malls.database.session() as session:
        for model in (Member, Card, Store, Till, ReceiptRow):
            assert session.scalars(select(model)).all() == []
            assert session.scalar(select(func.count()).select_from(model)) == 0
        assert session.get(Member, 1) is None


def test_a_store_sees_its_own(two_malls: Shop) -> None:
    with seen_by(two_malls, one_store(two_malls)) as session:
        assert set(session.scalars(select(Till.code))) == {"T01", "T02"}
        assert [row.store_id for row in session.scalars(select(ReceiptRow))] == [two_malls.stores[0]]
        assert session.get(Till, two_malls.tills["T21"]) is None
        assert len(session.scalars(select(Member)).all()) == 1


def test_a_mall_sees_all_its_stores_and_no_other_malls(two_malls: Shop) -> None:
    with seen_by(two_malls, whole_mall(two_malls)) as session:
        assert session.scalar(select(func.count()).select_from(Till)) == 3
        assert session.scalar(select(func.count()).select_from(Store)) == 2
        assert {row.mall_id for row in session.scalars(select(Store))} == {two_malls.mall_id}
    with seen_by(two_malls, Scope(frozenset({two_malls.mall_id + 1}), None)) as session:
        assert session.scalars(select(Till.code)).all() == ["T01"]
        assert session.scalars(select(Member)).all() == []


def test_joins_aliases_and_relations_are_narrowed_too(two_malls: Shop) -> None:
    other = aliased(Till)
    with seen_by(two_malls, one_store(two_malls)) as session:
        rows = session.execute(select(Store.id, other.code).join(other, other.store_id == Store.id)).all()
        assert {code for _store, code in rows} == {"T01", "T02"}
        tills = session.scalars(select(Till).options(joinedload(Till.store))).unique().all()
        assert {till.store.id for till in tills} == {two_malls.stores[0]}


def test_two_reaches_in_one_process_do_not_mix(two_malls: Shop) -> None:
    for _turn in range(3):
        for code, reach in (("T21", Scope(frozenset({1}), frozenset({2}))), ("T01", one_store(two_malls))):
            with seen_by(two_malls, reach) as session:
                assert code in set(session.scalars(select(Till.code)))
                assert len(session.scalars(select(ReceiptRow)).all()) == 1


def change(shop: Shop, reach: Scope, work: Callable[[UnitOfWork], None]) -> None:
    with scope.scoped(reach), unit_of_work(shop.database, actor=TESTS) as uow:
        work(uow)


def test_a_row_elsewhere_is_not_added(two_malls: Shop) -> None:
    for mall_id, store_id in ((two_malls.mall_id, two_malls.stores[1]), (two_malls.mall_id + 1, two_malls.stores[0])):
        till = Till(mall_id=mall_id, store_id=store_id, code="T99")
        with pytest.raises(NotFound):
            change(two_malls, one_store(two_malls), lambda uow, till=till: uow.session.add(till))  # type: ignore[misc]
    assert two_malls.count(Till, code="T99") == 0


def test_a_row_is_not_moved_away_or_in(two_malls: Shop) -> None:
    here, there = two_malls.tills["T01"], two_malls.tills["T21"]

    def away(uow: UnitOfWork) -> None:
        uow.session.get_one(Till, here).store_id = two_malls.stores[1]

    def away_unseen(uow: UnitOfWork) -> None:
        uow.session.merge(Till(id=here, mall_id=two_malls.mall_id, store_id=two_malls.stores[1], code="T01"))

    def in_(uow: UnitOfWork) -> None:
        with scope.system_scope("to have it in hand"):
            row = uow.session.get_one(Till, there)
        row.store_id = two_malls.stores[0]

    for work in (away, away_unseen, in_):
        with pytest.raises(NotFound):
            change(two_malls, one_store(two_malls), work)
    assert two_malls.all(select(Till.store_id).where(Till.id.in_((here, there))).order_by(Till.id)) == [1, 2]


def test_a_row_elsewhere_is_not_removed(two_malls: Shop) -> None:
    def remove(uow: UnitOfWork) -> None:
        with scope.system_scope("to have it in hand"):
            row = uow.session.get_one(Till, two_malls.tills["T21"])
        uow.session.delete(row)

    with pytest.raises(NotFound):
        change(two_malls, one_store(two_malls), remove)
    assert two_malls.count(Till, code="T21") == 1


def test_statements_over_many_rows_reach_only_ones_own(two_malls: Shop) -> None:
    def rename(uow: UnitOfWork) -> None:
        uow.session.execute(update(Till).values(model="new"))

    def remove(uow: UnitOfWork) -> None:
        uow.session.execute(delete(Card))

    change(two_malls, one_store(two_malls), rename)
    change(two_malls, Scope(frozenset({two_malls.mall_id + 1}), None), remove)

    assert sorted(two_malls.all(select(Till.code).filter_by(model="new"))) == ["T01", "T02"]
    assert two_malls.count(Card) == 1


def test_system_work_says_why_in_the_trail(two_malls: Shop) -> None:
    with scope.system_scope("a good reason"), unit_of_work(two_malls.database, actor=TESTS) as uow:
        uow.session.get_one(Till, two_malls.tills["T21"]).model = "new"

    assert two_malls.all(select(Audit.reason).filter_by(action="changed", record="core_till")) == ["a good reason"]
    assert scope.current() == scope.NOBODY


def test_the_reach_ends_with_its_block(two_malls: Shop) -> None:
    with pytest.raises(RuntimeError), scope.scoped(whole_mall(two_malls)):
        raise RuntimeError
    assert scope.current() == scope.NOBODY
