"""`plugins list|on|off|doctor`: what is installed, where it is on, and what is wrong with it."""

from __future__ import annotations

from typing import Any

import click

from core import directory, enablement
from core.cli.base import DONE, FAILED, Outcome, command, find_mall, find_store, opened, option, working
from core.directory import Directory
from core.host import Loaded
from core.house import House
from core.i18n import _
from core.types import Place

plugins = click.Group("plugins", help=str(_("The modules: what is there, what is on.")))

_MALL = _("Code of the mall; the only one without it.")
_STORE = _("Code of the store; the whole mall without it.")


@command("list", _("List the modules."), group=plugins)
@option("--mall", "mall_code", help_text=_MALL)
@option("--store", "store_code", help_text=_STORE)
def list_plugins(mall_code: str | None, store_code: str | None) -> Outcome:
    """Every module found, also broken ones; `on` is null where no place is meant."""
    house = opened()
    known = directory.get(house.database)
    place = (
        _place(house, mall_code, store_code=store_code) if mall_code or store_code or len(known.malls) == 1 else None
    )
    rows = [_shown(house, known, plugin=plugin, place=place) for plugin in house.host.plugins.values()]
    lines = [f"{row['name']:<20} {row['version']:<8} {row['state']:<8} {_mark(row['on'])}" for row in rows]
    return Outcome({"plugins": rows}, lines)


@command("on", _("Switch a module on."), group=plugins)
@click.argument("name")
@option("--mall", "mall_code", help_text=_MALL)
@option("--store", "store_code", help_text=_STORE)
def switch_on(name: str, mall_code: str | None, *, store_code: str | None) -> Outcome:
    """Switch on in a mall or store; refused while a module it needs is off."""
    return _switch(name, mall_code, store_code=store_code, on=True)


@command("off", _("Switch a module off; its data stays."), group=plugins)
@click.argument("name")
@option("--mall", "mall_code", help_text=_MALL)
@option("--store", "store_code", help_text=_STORE)
def switch_off(name: str, mall_code: str | None, *, store_code: str | None) -> Outcome:
    """Switch off in a mall or store; refused while another module needs it."""
    return _switch(name, mall_code, store_code=store_code, on=False)


@command("doctor", _("Say what is wrong with modules; fails when something is."), group=plugins)
@option("--let-back", help_text=_("Put a module back into service that was taken out."))
def check_plugins(let_back: str | None) -> Outcome:
    """List what is broken or tripped, with reasons; exit code 1 when anything is."""
    house = opened()
    if let_back:
        with working(house, "module let back") as uow:
            enablement.let_back(uow, plugin=let_back)
    known = directory.get(house.database)
    rows = [_shown(house, known, plugin=plugin, place=None) for plugin in house.host.plugins.values()]
    faulty = [row for row in rows if row["state"] != "ok"]
    lines = [f"{row['name']}: {row['reason']}" for row in faulty] or [str(_("All modules are well."))]
    return Outcome({"ok": not faulty, "plugins": rows}, lines, FAILED if faulty else DONE)


def _switch(name: str, mall_code: str | None, *, store_code: str | None, on: bool) -> Outcome:
    house = opened()
    mall_id, store_id = _place(house, mall_code, store_code=store_code)
    with working(house, "module switched from the command line") as uow:
        enablement.switch(uow, host=house.host, plugin=name, place=Place(mall_id, store_id), on=on)
    known = directory.get(house.database)
    mall = known.malls[mall_id].code
    store = known.stores[store_id].code if store_id else None
    is_on = name in house.host.enabled_in(mall_id, store_id, known=known)
    words = {"name": name, "place": f"{mall} {store}" if store else mall}
    line = _("%(name)s is on in %(place)s", **words) if on else _("%(name)s is off in %(place)s", **words)
    return Outcome({"plugin": name, "mall": mall, "store": store, "on": is_on}, [line])


def _place(house: House, mall_code: str | None, *, store_code: str | None) -> tuple[int, int]:
    with working(house, "look-up of a place") as uow:
        if store_code:
            store = find_store(uow, store_code, mall_code=mall_code)
            return store.mall_id, store.id
        return find_mall(uow, mall_code).id, 0


def _shown(house: House, known: Directory, *, plugin: Loaded, place: tuple[int, int] | None) -> dict[str, Any]:
    tripped = known.tripped.get(plugin.name)
    return {
        "name": plugin.name,
        "title": str(plugin.manifest.title) if plugin.manifest else plugin.name,
        "version": plugin.manifest.version if plugin.manifest else "",
        "state": "tripped" if tripped is not None and plugin.state == "ok" else plugin.state,
        "reason": tripped or (str(plugin.reason) if plugin.reason else ""),
        "depends": list(plugin.manifest.depends) if plugin.manifest else [],
        "on": None if place is None else plugin.name in house.host.enabled_in(*place, known=known),
    }


def _mark(on: bool | None) -> str:
    return "" if on is None else str(_("on") if on else _("off"))
