"""`members create` and `users create`."""

from __future__ import annotations

import secrets
import sys

import click
from sqlalchemy import select

from core import auth
from core.auth.roles import ADMINISTRATOR
from core.cli.base import Outcome, command, find_mall, find_store, opened, option, working
from core.db import UnitOfWork
from core.errors import Invalid
from core.i18n import _
from core.models import Mall
from core.services import Person, enrol_member

members = click.Group("members", help=str(_("The members of a mall.")))
users = click.Group("users", help=str(_("Who may sign in.")))


@command("create", _("Make somebody a member, with a card."), group=members)
@option("--store", "store_code", required=True, help_text=_("Code of their home store."))
@option("--name", required=True, help_text=_("Their name."))
@option("--phone", required=True, help_text=_("Their phone, which finds them at the till."))
@option("--mall", "mall_code", help_text=_("Code of the mall, when there are several."))
def add_member(store_code: str, name: str, *, phone: str, mall_code: str | None) -> Outcome:
    """Enrol a member; their phone is shown masked, as everywhere."""
    with working(opened(), "new member") as uow:
        store = find_store(uow, store_code, mall_code=mall_code)
        person = Person(name=name, phone=phone)
        member = enrol_member(uow, mall_id=store.mall_id, person=person, store_id=store.id, source="command")
        data = {
            "id": member.id,
            "name": member.name,
            "phone": member.phone_masked,
            "store": store.code,
            "status": member.status,
        }
    return Outcome(data, [_("Member %(id)s: %(name)s, %(phone)s", **data)])


@command("create", _("Let somebody sign in; prints a random password once."), group=users)
@option("--username", default="admin", help_text=_("What they sign in with."))
@option("--role", "roles", multiple=True, help_text=_("A role, administrator without it; may be given several times."))
@option("--mall", "mall_code", help_text=_("Code of the mall they work in; all malls without it."))
@option("--store", "store_codes", multiple=True, help_text=_("Only in this store; may be given several times."))
@option("--password-stdin", is_flag=True, help_text=_("Read the password from standard input."))
def add_user(
    username: str, roles: tuple[str, ...], *, mall_code: str | None, store_codes: tuple[str, ...], password_stdin: bool
) -> Outcome:
    """Create a user. A password that is given is never shown again."""
    password = _given_password() if password_stdin else secrets.token_urlsafe(15)
    roles = roles or (ADMINISTRATOR,)
    with working(opened(), "new user") as uow:
        reach = _reach(uow, mall_code, store_codes=store_codes)
        user = auth.create_user(uow, username=username, password=password, roles=roles, reach=reach)
        data: dict[str, object] = {"username": user.username, "roles": list(roles), "reach": len(reach)}
    lines = [_("%(name)s can sign in.", name=username)]
    if not password_stdin:
        data["password"] = password
        lines.append(_("Password, shown only this once: %(password)s", password=password))
    return Outcome(data, lines)


def _given_password() -> str:
    password = sys.stdin.readline().rstrip("\n")
    if not password:
        raise Invalid(_("There is no password on standard input."), code="password_missing")
    return password


def _reach(uow: UnitOfWork, mall_code: str | None, *, store_codes: tuple[str, ...]) -> list[tuple[int, int]]:
    """Where they work, as (mall, store) with 0 for all stores."""
    if store_codes:
        stores = [find_store(uow, code, mall_code=mall_code) for code in store_codes]
        return [(store.mall_id, store.id) for store in stores]
    if mall_code:
        return [(find_mall(uow, mall_code).id, 0)]
    return [(mall.id, 0) for mall in uow.session.scalars(select(Mall))]
