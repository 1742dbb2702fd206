"""Who may sign in, how often they may fail, what their roles let them do, and where."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import select

from core import auth, clock, directory, reading
from core.auth import Access, Place, TooManyAttempts, access, passwords
from core.auth.roles import READ, ROLES
from core.auth.signin import MOST, WINDOW
from core.errors import AtriumError, Conflict, Invalid, NotFound, Refused
from core.models import Attempt, Reach
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


def make(shop: Shop, name: str = "anna", roles: Iterable[str] = ("cashier",), reach: Any = ()) -> int:
    with shop.work() as uow:
        return int(auth.create_user(uow, username=name, password=PASSWORD, roles=roles, reach=reach).id)


def rights(shop: Shop, user_id: int) -> Access:
    with reading.reader(shop.database) as connection:
        stamps = directory.read_stamps(connection)
    return access.of(shop.database, user_id=user_id, stamps=stamps)


def enter(shop: Shop, name: str = "anna", password: str = PASSWORD, address: str = "10.0.0.1") -> int | None:
    return auth.sign_in(shop.database, username=name, password=password, address=address)


# --- passwords --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password_too_short"),
        ("elevenchars", "password_too_short"),
        ("x" * 201, "password_too_long"),
        ("password1234!", "password_common"),
        ("Password2026", "password_common"),
        ("123456789012", "password_common"),
        ("woaini1314520", "password_common"),
        ("aaaaaaaaaaaaaaaa", "password_common"),
        ("abababababab", "password_common"),
        ("my-anna-garden", "password_has_name"),
    ],
)
def test_weak_passwords_are_refused(password: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        passwords.check(password, username="anna")
    assert refusal.value.reason_code == code


@pytest.mark.parametrize("password", [PASSWORD, "四个汉字也可以很长很长的", "Tr0ub4dor&3xyz"])
def test_long_passwords_are_good(password: str) -> None:
    passwords.check(password, username="anna")


def test_a_password_is_kept_as_a_salted_hash(shop: Shop) -> None:
    first, second = passwords.stored(PASSWORD), passwords.stored(PASSWORD)
    assert first != second
    assert first.startswith("scrypt:32768:8:1$")
    assert passwords.matches(PASSWORD, first)
    assert not passwords.matches("", first)
    assert not passwords.matches(PASSWORD, None)
    assert len({passwords.random() for _n in range(100)}) == 100


# --- users ------------------------------------------------------------------------------------------------------


def test_a_user_needs_a_free_name_and_known_roles(shop: Shop) -> None:
    make(shop)
    refusals: list[tuple[str, list[str], type[AtriumError]]] = [
        ("Anna", [], Conflict),
        ("a b", [], Invalid),
        ("x", [], Invalid),
        ("bert", ["king"], NotFound),
    ]
    for name, given, kind in refusals:
        with pytest.raises(kind), shop.work() as uow:
            auth.create_user(uow, username=name, password=PASSWORD, roles=given)
    assert enter(shop, "bert") is None


def test_reach_is_exactly_what_is_set(shop: Shop) -> None:
    user = make(shop, reach=[(shop.mall_id, 0)])
    with shop.work() as uow:
        auth.set_reach(uow, user_id=user, reach=[(shop.mall_id, shop.stores[0]), (shop.mall_id, shop.stores[1])])
    with shop.work() as uow:
        rows = uow.session.scalars(select(Reach).where(Reach.user_id == user)).all()
        assert {row.store_id for row in rows} == set(shop.stores)


def test_the_last_administrator_stays(shop: Shop) -> None:
    only = make(shop, roles=["administrator"])
    for step in (
        lambda uow: auth.set_roles(uow, user_id=only, roles=["cashier"]),
        lambda uow: auth.set_active(uow, user_id=only, active=False),
    ):
        with pytest.raises(Refused), shop.work() as uow:
            step(uow)
    make(shop, "bert", roles=["administrator"])
    with shop.work() as uow:
        auth.set_active(uow, user_id=only, active=False)
    assert enter(shop) is None


# --- signing in -------------------------------------------------------------------------------------------------


def test_name_and_password_open_the_door(shop: Shop) -> None:
    user = make(shop)
    assert enter(shop) == user
    assert enter(shop, "ANNA") == user
    assert [enter(shop, password=wrong) for wrong in ("", "wrong", PASSWORD + " ")] == [None, None, None]


def test_five_failures_shut_the_door_for_this_address_only(shop: Shop) -> None:
    user = make(shop)
    start = clock.now()
    with clock.stopped_at(start):
        assert [enter(shop, password="wrong") for _n in range(MOST[0])] == [None] * MOST[0]
        for password in ("wrong", PASSWORD):
            with pytest.raises(TooManyAttempts):
                enter(shop, password=password)
        assert enter(shop, address="10.0.0.2") == user
    with clock.stopped_at(start + WINDOW + timedelta(seconds=1)):
        assert enter(shop) == user


def test_one_address_cannot_try_many_names(shop: Shop) -> None:
    with clock.stopped_at(clock.now()):
        for number in range(MOST[2]):
            enter(shop, f"name{number}", "wrong")
        with pytest.raises(TooManyAttempts):
            enter(shop, "another")
    with shop.work() as uow:
        keys = [attempt.key for attempt in uow.session.scalars(select(Attempt))]
    assert not any("name" in key for key in keys)


def test_success_forgets_the_failures_of_this_pair(shop: Shop) -> None:
    user = make(shop)
    for _round in range(3):
        assert [enter(shop, password="wrong") for _n in range(MOST[0] - 1)] == [None] * (MOST[0] - 1)
        assert enter(shop) == user


# --- roles ------------------------------------------------------------------------------------------------------


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
