"""Who may sign in, with what password, and how often they may fail."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core import auth, clock
from core.auth import TooManyAttempts, passwords
from core.auth.signin import MOST, WINDOW
from core.errors import AtriumError, Conflict, Invalid, NotFound, Refused
from core.models import Attempt, Reach
from tests.support.mall import Shop

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def roles(shop: Shop) -> None:
    with shop.work() as uow:
        auth.sync(uow, nouns={}, grants={})


def make(shop: Shop, name: str = "anna", *, roles: Iterable[str] = ("cashier",), reach: Any = ()) -> int:
    with shop.work() as uow:
        return int(auth.create_user(uow, username=name, password=PASSWORD, roles=roles, reach=reach).id)


def enter(shop: Shop, name: str = "anna", *, password: str = PASSWORD, address: str = "10.0.0.1") -> int | None:
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
            enter(shop, f"name{number}", password="wrong")
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
