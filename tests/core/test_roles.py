"""What roles let people do, and where: written by every upgrade, holding with the next request."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import select

from core import auth, directory, reading
from core.auth import Access, Place, access
from core.auth.roles import READ, ROLES
from core.scope import NOBODY, Scope
from tests.support.mall import Shop

PASSWORD = "correct horse battery"
NOUNS = {
    "core.store": {"can_list", "can_show", "can_edit"},
    "core.member": {"can_list", "can_show", "can_find", "can_reveal"},
    "demo.thing": {"can_list", "can_show", "can_add"},
}


@pytest.fixture(autouse=True)
def roles(shop: Shop) -> None:
    with shop.work() as uow:
        auth.sync(uow, nouns=NOUNS, grants={"marketing": {"demo.thing": ("can_list", "can_add")}})


def make(shop: Shop, name: str = "anna", *, roles: Iterable[str] = ("cashier",), reach: Any = ()) -> int:
    with shop.work() as uow:
        return int(auth.create_user(uow, username=name, password=PASSWORD, roles=roles, reach=reach).id)


def rights(shop: Shop, user_id: int) -> Access:
    with reading.reader(shop.database) as connection:
        stamps = directory.read_stamps(connection)
    return access.of(shop.database, user_id=user_id, stamps=stamps)


def test_all_fourteen_roles_are_there_and_stay_as_they_ship(shop: Shop) -> None:
    with shop.work() as uow:
        found = {role.name: role for role in uow.session.scalars(select(Role))}
        assert found.keys() == ROLES.keys()
        assert len(ROLES) == 14
        found["cashier"].permissions = found["administrator"].permissions
        uow.session.add(Role(name="our own", permissions=list(found["finance"].permissions)))
    with shop.work() as uow:
        auth.sync(uow, nouns=NOUNS, grants={})
    with shop.work() as uow:
        roles = {role.name: len(role.permissions) for role in uow.session.scalars(select(Role))}
    assert roles["cashier"] == 2  # can_find and can_show of members
    assert roles["our own"] == roles["finance"] == 2  # can_list and can_show of stores


def test_a_second_sync_writes_nothing(shop: Shop) -> None:
    def stamps() -> dict[str, int]:
        with reading.reader(shop.database) as connection:
            return directory.read_stamps(connection)

    before = stamps()
    with shop.work() as uow:
        auth.sync(uow, nouns=NOUNS, grants={"marketing": {"demo.thing": ("can_list", "can_add")}})
    assert stamps() == before


def test_a_plugin_that_is_gone_keeps_its_permissions(shop: Shop) -> None:
    with shop.work() as uow:
        auth.sync(uow, nouns={"core.store": NOUNS["core.store"]}, grants={})
    user = make(shop, roles=["marketing"])
    assert ("can_add", "demo.thing") in rights(shop, user).may


def test_roles_compose_and_the_general_manager_changes_nothing(shop: Shop) -> None:
    boss = rights(shop, make(shop, "boss", roles=["general_manager"])).may
    assert {method for method, _noun in boss} == {*READ, "can_find"}
    assert {noun for _method, noun in boss} == set(NOUNS)
    admin = rights(shop, make(shop, "admin", roles=["administrator"])).may
    assert admin == {(method, noun) for noun, methods in NOUNS.items() for method in methods}
    both = rights(shop, make(shop, "both", roles=["cashier", "marketing"])).may
    assert ("can_add", "demo.thing") in both
    assert ("can_show", "core.member") in both
    assert ("can_reveal", "core.member") not in both


def test_new_roles_hold_with_the_next_request(shop: Shop) -> None:
    user = make(shop)
    assert ("can_list", "core.store") not in rights(shop, user).may
    with shop.work() as uow:
        auth.set_roles(uow, user_id=user, roles=["finance"])
    assert ("can_list", "core.store") in rights(shop, user).may


# --- reach ------------------------------------------------------------------------------------------------------


def test_reach_becomes_a_scope(shop: Shop) -> None:
    known, (first, second), mall = directory.get(shop.database), shop.stores, shop.mall_id

    def scope_of(*reach: tuple[int, int], place: Place | None = None) -> Scope:
        return Access(1, frozenset(), frozenset(reach)).scope(known, place or Place())

    assert scope_of() == NOBODY
    assert scope_of((mall, 0)) == Scope(frozenset({mall}), None)
    assert scope_of((mall, first)) == Scope(frozenset({mall}), frozenset({first}))
    assert scope_of((mall, first), (mall, second)).stores == frozenset({first, second})
    assert scope_of((mall, 0), place=Place(mall, second)) == Scope(frozenset({mall}), frozenset({second}))
    assert scope_of((mall, 0), (999, first)).stores == frozenset({first, second})


def test_a_place_beyond_the_reach_cannot_be_chosen(shop: Shop) -> None:
    known, (first, second), mall = directory.get(shop.database), shop.stores, shop.mall_id
    mine = Access(1, frozenset(), frozenset({(mall, first)}))
    chosen = {
        place: mine.has(place, known) for place in (Place(mall, first), Place(mall, second), Place(mall), Place(9))
    }
    assert list(chosen.values()) == [True, False, True, False]
    assert not mine.has(Place(mall, 10**6), known)
