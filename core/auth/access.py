"""What a user may do and where: their roles' permissions and their reach, remembered until a stamp moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_appbuilder.security.sqla.models import (
    Permission,
    PermissionView,
    ViewMenu,
    assoc_group_role,
    assoc_permissionview_role,
    assoc_user_group,
    assoc_user_role,
)
from sqlalchemy import select, union

from core import scope
from core.db import AtriumSession, Database
from core.directory import Directory
from core.models.user import Reach
from core.scope import Scope
from core.types import StoreFacts

_STAMPS = ("access", "reach")
_KEPT_USERS = 1000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a user has chosen to work: one store, one mall, or (both None) everywhere they reach."""

    mall_id: int | None = None
    store_id: int | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """A user's rights: (method, noun) pairs, and (mall, store) pairs in which store 0 is all of the mall."""

    user_id: int
    may: frozenset[tuple[str, str]]
    reach: frozenset[tuple[int, int]]

    def stores(self, known: Directory) -> list[StoreFacts]:
        """The stores in reach, by code."""
        found = [s for s in known.stores.values() if {(s.mall_id, 0), (s.mall_id, s.id)} & self.reach]
        return sorted(found, key=lambda store: (store.mall_id, store.code))

    def malls(self) -> frozenset[int]:
        """The malls in reach, in whole or in part."""
        return frozenset(mall_id for mall_id, _store in self.reach)

    def has(self, place: Place, known: Directory) -> bool:
        """Whether the user may choose this place."""
        if place.store_id is not None:
            store = known.stores.get(place.store_id)
            return store is not None and bool({(store.mall_id, 0), (store.mall_id, store.id)} & self.reach)
        return place.mall_id is None or place.mall_id in self.malls()

    def scope(self, known: Directory, place: Place) -> Scope:
        """The rows in reach, narrowed to the place."""
        if place.store_id is not None:
            return Scope(frozenset({known.stores[place.store_id].mall_id}), frozenset({place.store_id}))
        malls = self.malls() if place.mall_id is None else frozenset({place.mall_id})
        if all((mall_id, 0) in self.reach for mall_id in malls):
            return Scope(malls, None if malls else frozenset())
        return Scope(malls, frozenset(store.id for store in self.stores(known) if store.mall_id in malls))


def of(database: Database, *, user_id: int, stamps: Mapping[str, int]) -> Access:
    """The access of a user as of these stamps."""
    version = tuple(stamps.get(name, 0) for name in _STAMPS)
    kept: dict[int, tuple[object, Access]] = database.memory.setdefault("access", {})
    if user_id in kept and kept[user_id][0] == version:
        return kept[user_id][1]
    if len(kept) >= _KEPT_USERS:
        kept.clear()
    with scope.system_scope("rights of a user"), database.session() as db:
        found = Access(user_id, _permissions(db, user_id), _reach(db, user_id))
    kept[user_id] = (version, found)
    return found


def _permissions(db: AtriumSession, user_id: int) -> frozenset[tuple[str, str]]:
    own = select(assoc_user_role.c.role_id).where(assoc_user_role.c.user_id == user_id)
    of_groups = select(assoc_group_role.c.role_id).join(
        assoc_user_group, assoc_user_group.c.group_id == assoc_group_role.c.group_id
    )
    roles = union(own, of_groups.where(assoc_user_group.c.user_id == user_id)).subquery()
    granted = select(assoc_permissionview_role.c.permission_view_id).where(
        assoc_permissionview_role.c.role_id.in_(select(roles.c.role_id))
    )
    rows = db.execute(
        select(Permission.name, ViewMenu.name)
        .select_from(PermissionView)
        .join(Permission, Permission.id == PermissionView.permission_id)
        .join(ViewMenu, ViewMenu.id == PermissionView.view_menu_id)
        .where(PermissionView.id.in_(granted))
    )
    return frozenset((method, noun) for method, noun in rows)


def _reach(db: AtriumSession, user_id: int) -> frozenset[tuple[int, int]]:
    rows = db.execute(select(Reach.mall_id, Reach.store_id).where(Reach.user_id == user_id))
    return frozenset((mall_id, store_id) for mall_id, store_id in rows)
