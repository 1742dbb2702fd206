"""The audit trail and the stamps: what each write leaves behind, in its own transaction."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from core import audit, auth, services
from core.audit import HIDDEN, Subject
from core.db import Actor, UnitOfWork, unit_of_work
from core.models import Audit, Mall, Stamp, Store, WebSession
from core.scope import system_scope
from tests.support.mall import Shop


@pytest.fixture(autouse=True)
def installed(shop: Shop) -> None:
    audit.install(shop.database)


def trail(shop: Shop, **wanted: Any) -> list[Audit]:
    with system_scope("tests"), shop.database.session() as db:
        return list(db.scalars(select(Audit).filter_by(**wanted).order_by(Audit.id)))


def stamp(shop: Shop, name: str) -> int:
    with shop.database.session() as db:
        return db.scalar(select(Stamp.version).where(Stamp.name == name)) or 0


def rename(uow: UnitOfWork, shop: Shop, *, name: str) -> Store:
    store = uow.session.get(Store, shop.stores[0])
    assert store is not None
    store.name = name
    return store


def test_a_change_says_who_from_where_and_what(shop: Shop) -> None:
    desk = Actor("user", "anna", 7, "10.0.0.8")
    with system_scope("renaming"), unit_of_work(shop.database, actor=desk) as uow:
        rename(uow, shop, name="Corner shop")
    (row,) = trail(shop, action="changed", record="core_store")
    assert (row.actor, row.address, row.reason) == ("user:anna", "10.0.0.8", "renaming")
    assert (row.mall_id, row.store_id, row.record_id) == (shop.mall_id, shop.stores[0], str(shop.stores[0]))
    assert row.after == '{"name": "Corner shop"}'
    assert row.before == '{"name": "Tea house"}'


def test_added_and_deleted_rows_are_there_whole_with_their_ids(shop: Shop) -> None:
    with shop.work() as uow:
        mall = Mall(code="M9", name="Other", created_at=uow.now)
        uow.session.add(mall)
    with shop.work() as uow:
        uow.session.delete(uow.session.get(Mall, mall.id))
    added, deleted = trail(shop, record="core_mall", record_id=str(mall.id))
    assert (added.action, deleted.action) == ("added", "deleted")
    assert '"currency": "CNY"' in added.after  # a default, filled in by the database layer
    assert (added.before, deleted.after) == ("", "")
    assert '"code": "M9"' in deleted.before


def test_personal_data_and_keys_never_stand_in_it(shop: Shop) -> None:
    with shop.work() as uow:
        person = services.Person("Zhang Wei", "17012345678", email="zhang@example.org", address="1 Long Road")
        member = services.enrol_member(uow, mall_id=shop.mall_id, person=person)
        auth.sync(uow, nouns={}, grants={})
        auth.create_user(uow, username="anna", password="correct horse battery", roles=["cashier"])
    everything = " ".join(row.before + row.after for row in trail(shop))
    for secret in ("Zhang", "17012345678", "zhang@example.org", "Long Road", "correct horse", "scrypt"):
        assert secret not in everything
    (row,) = trail(shop, record="core_member", record_id=str(member.id))
    assert HIDDEN in row.after
    assert '"phone_masked": "170****5678"' in row.after


def test_what_is_rolled_back_leaves_nothing(shop: Shop) -> None:
    before = len(trail(shop))

    def change_and_fail() -> None:
        with shop.work() as uow:
            rename(uow, shop, name="Never")
            uow.session.flush()
            raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        change_and_fail()
    assert len(trail(shop)) == before


def test_a_refused_flush_does_not_haunt_the_next_one(shop: Shop) -> None:
    def add_odd(uow: UnitOfWork) -> None:
        with uow.session.begin_nested():
            uow.session.add(Store(mall_id=shop.mall_id, code="X", name="Bad", kind="odd"))

    with shop.work() as uow:
        with pytest.raises(IntegrityError):
            add_odd(uow)
        rename(uow, shop, name="Good")
    rows = trail(shop, record="core_store")
    assert [row.action for row in rows][-1] == "changed"
    assert all('"odd"' not in row.after for row in rows)


def test_setting_a_value_to_itself_is_no_change(shop: Shop) -> None:
    before, version = len(trail(shop)), stamp(shop, "directory")
    with shop.work() as uow:
        rename(uow, shop, name=uow.session.get_one(Store, shop.stores[0]).name)
    assert (len(trail(shop)), stamp(shop, "directory")) == (before, version)


def test_roles_of_a_user_are_changes_too(shop: Shop) -> None:
    with shop.work() as uow:
        auth.sync(uow, nouns={}, grants={})
        user = auth.create_user(uow, username="anna", password="correct horse battery", roles=["cashier"])
    with shop.work() as uow:
        auth.set_roles(uow, user_id=user.id, roles=["finance"])
    row = trail(shop, record="ab_user", record_id=str(user.id))[-1]
    assert (row.before, row.after) == ('{"roles": ["cashier"]}', '{"roles": ["finance"]}')


def test_sessions_and_trails_are_not_themselves_in_the_trail(shop: Shop) -> None:
    with shop.work() as uow:
        moments = {"created_at": uow.now, "touched_at": uow.now, "expires_at": uow.now}
        uow.session.add(WebSession(token_hash=b"x" * 32, user_id=1, data="{}", **moments))
    assert trail(shop, record="core_session") == []
    assert trail(shop, record="core_audit") == []


def test_a_service_can_record_a_look(shop: Shop) -> None:
    with shop.work() as uow:
        subject = Subject("core_member", 12, shop.mall_id)
        audit.record(uow, action="revealed", subject=subject, change=({}, {"column": "phone"}), reason="to call back")
    (row,) = trail(shop, action="revealed")
    assert (row.record, row.record_id, row.after, row.reason) == (
        "core_member",
        "12",
        '{"column": "phone"}',
        "to call back",
    )


def test_nobody_edits_the_trail(shop: Shop) -> None:
    with shop.work() as uow:
        rename(uow, shop, name="Once")

    def tamper(how: str) -> None:
        with shop.work() as uow:
            row = uow.session.scalars(select(Audit).limit(1)).one()
            if how == "update":
                row.actor = "somebody else"
            else:
                uow.session.delete(row)

    for how in ("update", "delete"):
        with pytest.raises(IntegrityError):
            tamper(how)
    assert trail(shop, actor="somebody else") == []


def test_a_stamp_rises_once_for_each_flush_that_changes_its_rows(shop: Shop) -> None:
    before = stamp(shop, "directory")
    with shop.work() as uow:
        mall = uow.session.get_one(Mall, shop.mall_id)
        rename(uow, shop, name="One")
        mall.name = "Two"
    assert stamp(shop, "directory") == before + 1


def test_installing_twice_writes_once(shop: Shop) -> None:
    audit.install(shop.database)
    audit.install(shop.database)
    with shop.work() as uow:
        rename(uow, shop, name="Only once")
    assert len(trail(shop, action="changed", record="core_store")) == 1
