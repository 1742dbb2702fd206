"""On and off: one row per plugin and mall or store, read with each request, audited."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select

from core import clock, db, scope
from core.db import SYSTEM, Database, UnitOfWork, unit_of_work
from core.directory import Directory
from core.errors import NotFound, Refused
from core.i18n import _
from core.manifest import Manifest
from core.models.setting import PluginState, PluginSwitch
from core.types import Place, StoreFacts


def enabled(known: Directory, manifests: Mapping[str, Manifest], *, mall_id: int, store_id: int) -> frozenset[str]:
    """The plugins that are on: the store's own switch, else the mall's, else the manifest's default.

    A tripped plugin is off everywhere; one that needs another is off where that one is.
    """
    on = {name for name, manifest in manifests.items() if _is_on(known, manifest, place=Place(mall_id, store_id))}
    while missing := {name for name in on if not set(manifests[name].depends) <= on}:
        on -= missing
    return frozenset(on)


def _is_on(known: Directory, manifest: Manifest, *, place: Place) -> bool:
    mall_id, store_id = place
    if manifest.name in known.tripped:
        return False
    mall = known.switches.get((manifest.name, mall_id, 0), manifest.on_by_default)
    return known.switches.get((manifest.name, mall_id, store_id), mall) if store_id else mall


def switch(uow: UnitOfWork, *, host: Any, plugin: str, place: Place, on: bool | None) -> None:
    """Switch a plugin on or off in the mall or in one store; `None` lets a store follow its mall again.

    Raises `Refused` naming the plugins in the way. Rings `store_enabled` / `store_disabled` where something changes.
    """
    loaded = host.ok().get(plugin)
    if loaded is None:
        raise NotFound(_("There is no module called %(plugin)s.", plugin=plugin))
    known = _fresh(uow)
    before = host.enabled_in(*place, known=known)
    if on:
        _refuse_missing(loaded.manifest, before)
    elif on is False:
        _refuse_dependants(host, plugin=plugin, on=before)
    changing = [] if on is None else list(_changing(host, known, plugin=plugin, place=place, on=on))
    _set(uow, plugin=plugin, place=place, on=on)
    for bell in host.bells("store_enabled" if on else "store_disabled", frozenset({plugin})):
        for store in changing:
            host.ring(bell, {"store": store, "uow": uow})


def _changing(host: Any, known: Directory, *, plugin: str, place: Place, on: bool) -> Iterator[StoreFacts]:
    """The stores for which the switch makes a difference: the one named, or all that follow their mall."""
    for store in known.stores.values():
        named = store.id == place.store_id
        follows = not place.store_id and (plugin, store.mall_id, store.id) not in known.switches
        here = store.mall_id == place.mall_id and (named or follows)
        if here and (plugin in host.enabled_in(store.mall_id, store.id, known=known)) is not on:
            yield store


def _refuse_missing(manifest: Manifest, on: frozenset[str]) -> None:
    if missing := sorted(set(manifest.depends) - on):
        raise Refused(_("First switch on: %(plugins)s.", plugins=", ".join(missing)), code="plugin_needs_others")


def _refuse_dependants(host: Any, *, plugin: str, on: frozenset[str]) -> None:
    needing = sorted(n for n, p in host.ok().items() if n in on and plugin in p.manifest.depends)
    if needing:
        raise Refused(_("Still needed by: %(plugins)s.", plugins=", ".join(needing)), code="plugin_needed")


def _set(uow: UnitOfWork, *, plugin: str, place: Place, on: bool | None) -> None:
    where = {"plugin": plugin, **place._asdict()}
    row = uow.session.scalar(select(PluginSwitch).filter_by(**where))
    if on is None:
        if row is not None:
            uow.session.delete(row)
        return
    if row is None:
        row = PluginSwitch(**where)
        uow.session.add(row)
    row.is_on, row.changed_by, row.changed_at = on, str(uow.actor), uow.now


def _fresh(uow: UnitOfWork) -> Directory:
    from core import directory

    return directory.get(uow.database)


def trip(uow: UnitOfWork, *, plugin: str, reason: str) -> None:
    """Take a faulty plugin out of service everywhere until a person lets it back."""
    state = uow.session.get(PluginState, plugin) or PluginState(plugin=plugin, skip_offers=False)
    state.tripped_at, state.reason = clock.now(), reason[:400]
    uow.session.add(state)


def let_back(uow: UnitOfWork, *, plugin: str) -> None:
    """Put a tripped plugin back into service."""
    state = uow.session.get(PluginState, plugin)
    if state is not None:
        state.tripped_at, state.reason = None, ""


def trip_later(database: Database, *, plugin: str, reason: str) -> None:
    """Trip from inside a hook call, where no session may be opened: a thread of its own does it.

    Inside a unit of work (an event's delivery) that thread waits for its end, and nobody waits for the thread.
    """

    def run() -> None:
        with scope.system_scope("a module failed repeatedly"), unit_of_work(database, actor=SYSTEM) as uow:
            trip(uow, plugin=plugin, reason=reason)

    thread = threading.Thread(target=run, name=f"trip-{plugin}")
    thread.start()
    if not db.is_working():
        thread.join(timeout=5)
