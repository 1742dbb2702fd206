"""Malls, stores, members, cards: codes that never come back, phones that belong to one, data that nobody can read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from stdnum import luhn

from core import audit, clock, scope, vault
from core.db import Actor, Database, UnitOfWork
from core.errors import AtriumError, Conflict, NotFound
from core.models import Audit, Card, Member, Outbox, Store
from core.services import (
    NewStore,
    Person,
    change_phone,
    close_store,
    create_mall,
    create_store,
    enrol_member,
    issue_card,
    reopen_store,
    retire_card,
)
from core.services.cards import new_number
from core.vault import Vault

EVENING = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
"""Past midnight in Shanghai."""


@pytest.fixture
def uow(database_url: str, tmp_path: Path) -> Iterator[UnitOfWork]:
    """One unit of work that is never committed."""
    vault.use(Vault.open_or_create(tmp_path / "home"))
    database = Database.connect(database_url)
    audit.install(database)
    with clock.stopped_at(EVENING), scope.system_scope("tests"), database.session() as session:
        session.info |= {"writing": True}
        yield UnitOfWork(database, session, Actor("command", "tests"), clock.now())
    database.dispose()


def refused(code: str) -> pytest.RaisesExc[AtriumError]:
    """A refusal with this code."""
    return pytest.RaisesExc(AtriumError, check=lambda error: error.reason_code == code)


def wang(**more: object) -> Person:
    return Person(**{"name": "王 小明", "phone": "170 1234-5678", **more})  # type: ignore[arg-type]


def test_codes_are_generated_and_never_used_again(uow: UnitOfWork) -> None:
    mall = create_mall(uow, name="  中庭   购物中心 ")
    first = create_store(uow, mall_id=mall.id, store=NewStore("书店"))
    uow.session.delete(first)
    uow.session.flush()
    second = create_store(uow, mall_id=mall.id, store=NewStore("茶饮", kind="partner", cooperation="联营"))
    other = create_store(uow, mall_id=create_mall(uow, name="B").id, store=NewStore("书店"))

    assert (mall.code, mall.name, mall.currency, mall.zone) == ("M001", "中庭 购物中心", "CNY", "Asia/Shanghai")
    assert [first.code, second.code, other.code] == ["S0001", "S0002", "S0001"]
    assert second.opened_on == date(2026, 11, 23)
    assert uow.session.scalars(select(Audit.action).where(Audit.record == "core_store")).all() == [
        *("added", "deleted", "added", "added")
    ]


def test_a_mall_is_somewhere_and_sells_in_something(uow: UnitOfWork) -> None:
    with refused("unknown_currency"):
        create_mall(uow, name="A", currency="XYZ")
    with refused("unknown_zone"):
        create_mall(uow, name="A", zone="Asia/Nowhere")
    with refused("unknown_language"):
        create_mall(uow, name="A", locale="fr")
    with refused("name_missing"):
        create_mall(uow, name=" ")
    with refused("name_too_long"):
        create_mall(uow, name="长" * 121)
    with refused("unknown_store_kind"):
        create_store(uow, mall_id=create_mall(uow, name="A").id, store=NewStore("x", kind="pirate"))
    with pytest.raises(NotFound):
        create_store(uow, mall_id=99, store=NewStore("x"))
    assert uow.session.scalar(select(func.count(Store.id))) == 0


def test_a_store_closes_and_opens_again(uow: UnitOfWork) -> None:
    store = create_store(uow, mall_id=create_mall(uow, name="A").id, store=NewStore("书店"))

    close_store(uow, store_id=store.id)
    assert (store.state, store.closed_on) == ("closed", date(2026, 11, 23))
    with refused("store_closed"):
        close_store(uow, store_id=store.id)

    reopen_store(uow, store_id=store.id)
    assert (store.state, store.closed_on) == ("open", None)


def test_a_member_gets_a_card_and_nobody_can_read_the_phone(uow: UnitOfWork) -> None:
    mall = create_mall(uow, name="A")
    store = create_store(uow, mall_id=mall.id, store=NewStore("书店"))
    member = enrol_member(uow, mall_id=mall.id, person=wang(email="w@example.org"), store_id=store.id)
    card = uow.session.scalars(select(Card)).one()

    assert (member.name, member.phone, member.phone_masked) == ("王 小明", "+8617012345678", "170****5678")
    assert (member.status, member.joined_on, member.home_store_id) == ("active", date(2026, 11, 23), store.id)
    assert member.phone_index == vault.current().index("+8617012345678", mall=mall.id, field="phone")
    assert (card.member_id, card.state, card.form) == (member.id, "active", "electronic")
    assert card.number is not None
    assert luhn.is_valid(card.number)
    assert card.number_masked == f"****{card.number[-4:]}"
    assert card.number_index == vault.current().index(card.number, mall=mall.id, field="card")
    events = uow.session.execute(select(Outbox.topic, Outbox.subject_id)).all()
    assert list(events) == [("member.joined", member.id)]
    trail = "".join(a.after for a in uow.session.scalars(select(Audit)))
    assert "17012345678" not in trail
    assert card.number not in trail
    assert "w@example.org" not in trail


def test_one_phone_is_one_member(uow: UnitOfWork) -> None:
    mall, other = create_mall(uow, name="A"), create_mall(uow, name="B")
    enrol_member(uow, mall_id=mall.id, person=wang())

    with refused("phone_taken"):
        enrol_member(uow, mall_id=mall.id, person=wang(phone="+86 17012345678"))
    elsewhere = enrol_member(uow, mall_id=other.id, person=wang())
    assert elsewhere.phone == "+8617012345678"
    assert uow.session.scalar(select(func.count(Member.id))) == 2


def test_two_desks_at_once_enrol_one_member(uow: UnitOfWork, monkeypatch: pytest.MonkeyPatch) -> None:
    mall = create_mall(uow, name="A")
    enrol_member(uow, mall_id=mall.id, person=wang())
    monkeypatch.setattr("core.services.people._owner_of", lambda *_, **__: None)  # the look was before the other wrote

    with pytest.raises(Conflict) as lost:
        enrol_member(uow, mall_id=mall.id, person=wang(name="李"))
    assert lost.value.reason_code == "phone_taken"


@pytest.mark.parametrize("phone", ["", "123", "abc", "1701234567", "+1", "010"])
def test_what_is_no_phone_is_refused(uow: UnitOfWork, phone: str) -> None:
    with refused("bad_phone"):
        enrol_member(uow, mall_id=create_mall(uow, name="A").id, person=wang(phone=phone))
    assert uow.session.scalar(select(func.count(Member.id))) == 0


def test_what_cannot_be_said_of_a_person_is_refused(uow: UnitOfWork) -> None:
    mall, other = create_mall(uow, name="A"), create_mall(uow, name="B")
    store = create_store(uow, mall_id=other.id, store=NewStore("书店"))

    with refused("birthday_invalid"):
        enrol_member(uow, mall_id=mall.id, person=wang(birthday=date(2027, 1, 1)))
    with refused("unknown_gender"):
        enrol_member(uow, mall_id=mall.id, person=wang(gender="?"))
    with refused("not_found"):
        enrol_member(uow, mall_id=mall.id, person=wang(), store_id=store.id)


def test_a_new_phone_finds_and_the_old_one_is_free(uow: UnitOfWork) -> None:
    mall = create_mall(uow, name="A")
    member = enrol_member(uow, mall_id=mall.id, person=wang())

    change_phone(uow, member=member, phone="17099999999")
    again = enrol_member(uow, mall_id=mall.id, person=wang())

    assert (member.phone_masked, again.phone_masked) == ("170****9999", "170****5678")
    with refused("phone_taken"):
        change_phone(uow, member=again, phone="17099999999")


def test_a_lost_card_stays_known(uow: UnitOfWork) -> None:
    member = enrol_member(uow, mall_id=create_mall(uow, name="A").id, person=wang())
    old = uow.session.scalars(select(Card)).one()

    retire_card(uow, card=old, lost=True)
    new = issue_card(uow, member=member, form="plastic")

    assert (old.state, new.state, new.form) == ("lost", "active", "plastic")
    assert new.number != old.number
    with refused("unknown_card_form"):
        issue_card(uow, member=member, form="wooden")


def test_card_numbers_have_a_check_digit() -> None:
    assert new_number(lambda _n: 0) == "9900000000000002"
    assert new_number(lambda n: n - 1) == "9999999999999995"
    assert all(luhn.is_valid(new_number()) for _try in range(50))
