"""Writing what may be done, and which role may do it, to Flask-AppBuilder's tables. `upgrade` calls it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask_appbuilder.security.sqla.models import Permission, PermissionView, Role, ViewMenu
from sqlalchemy import select

from core.auth.roles import ROLES, Grants, allows
from core.db import UnitOfWork

Nouns = Mapping[str, Iterable[str]]
"""Noun → the methods its screens have (`can_list`, `can_reveal`)."""


def sync(uow: UnitOfWork, *, nouns: Nouns, grants: Mapping[str, Grants]) -> None:
    """Make permissions for all `nouns` and give our roles exactly theirs.

    `grants` holds what plugins say for our roles: role → noun → methods. Permissions of nouns that are not here (a
    plugin's that is gone for now) stay, as do roles that an administrator made; our own roles are put back as they
    ship.
    """
    existing = _permissions(uow, nouns)
    roles = {role.name: role for role in uow.session.scalars(select(Role))}
    for name, shipped in ROLES.items():
        role = roles.get(name)
        if role is None:
            role = Role(name=name)
            uow.session.add(role)
        given = {**shipped.grants, **grants.get(name, {})}
        wanted = {pair for pair in existing if allows(given, noun=pair[1], method=pair[0])}
        absent = {(p.permission.name, p.view_menu.name): p for p in role.permissions if p.view_menu.name not in nouns}
        have = {(p.permission.name, p.view_menu.name) for p in role.permissions}
        if have != wanted | absent.keys():
            role.permissions = [existing[pair] for pair in sorted(wanted)] + list(absent.values())


def _permissions(uow: UnitOfWork, nouns: Nouns) -> dict[tuple[str, str], PermissionView]:
    """The permission rows of these nouns, made where missing."""
    rows = uow.session.scalars(select(PermissionView)).unique()
    found = {(row.permission.name, row.view_menu.name): row for row in rows}
    methods = {row.name: row for row in uow.session.scalars(select(Permission))}
    menus = {row.name: row for row in uow.session.scalars(select(ViewMenu))}
    wanted = {(method, noun) for noun, its in nouns.items() for method in its}
    for method, noun in sorted(wanted - found.keys()):
        methods.setdefault(method, Permission(name=method))
        menus.setdefault(noun, ViewMenu(name=noun))
        found[method, noun] = PermissionView(permission=methods[method], view_menu=menus[noun])
        uow.session.add(found[method, noun])
    uow.session.flush()
    return {pair: found[pair] for pair in wanted}
