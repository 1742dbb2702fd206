"""The module switchboard: plugins × mall and stores, on and off by a button, with what is left behind."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose

from core import enablement
from core.admin.base import Page
from core.admin.guard import allowed
from core.admin.interface import looking, work
from core.admin.request import here, state
from core.db import UnitOfWork
from core.errors import AtriumError
from core.host import Loaded
from core.i18n import Text, _
from core.types import Place, StoreFacts

Stores = list[StoreFacts]
Sentences = list[Text]
TO = {"on": True, "off": False, "follow": None}
SHOWN = 5
"""With more stores than these the board shows the mall only, and the stores stand on the module's own page."""


@dataclass(frozen=True, slots=True)
class Switch:
    """One switch: its place, whether the plugin works there, and whether the place has a setting of its own."""

    mall_id: int
    store_id: int
    name: str
    on: bool
    own: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A plugin with its switches. `trouble` says why it does not work; `tripped` that a person may let it back."""

    plugin: Loaded
    title: Any
    trouble: Any = ""
    tripped: bool = False
    switches: list[Switch] = field(default_factory=list)
    own: int = 0


class Switchboard(Page):
    """Which modules are on where one works. Changes hold at once, in every process; no data is deleted."""

    route_base = "/modules"
    default_view = "list"
    class_permission_name = "core.switch"

    @expose("/")
    @allowed
    def list(self) -> Any:
        """All modules, the mall and its first stores."""
        mall_id = self._mall()
        stores = self._stores(mall_id)
        stores = stores if len(stores) <= SHOWN else []
        lines = [self._line(plugin, mall_id, stores=stores) for plugin in state().host.plugins.values()]
        mall = here().known.malls[mall_id]
        return self.render("atrium/modules.html", title=_("Modules"), lines=lines, mall=mall, stores=stores)

    @expose("/show/<name>")
    @allowed
    def show(self, name: str) -> Any:
        """One module in all stores."""
        plugin = state().host.plugins.get(name) or abort(404)
        mall_id = self._mall()
        line = self._line(plugin, mall_id, stores=self._stores(mall_id))
        return self.render("atrium/module.html", title=line.title, line=line, mall=here().known.malls[mall_id])

    @expose("/switch", methods=["POST"])
    @allowed
    def switch(self) -> Any:
        """Turn a module on or off in the place named; before off, say what is left behind and ask."""
        name, wanted = request.form.get("plugin", ""), request.form.get("to", "")
        mall_id, store_id = self._place()
        plugin = state().host.ok().get(name) or abort(404)
        if wanted not in TO:
            abort(400)
        on = TO[wanted]
        if on is False and "sure" not in request.form:
            return self._ask(plugin, mall_id, store_id=store_id)
        try:
            with work() as uow:
                enablement.switch(uow, host=state().host, plugin=name, place=Place(mall_id, store_id), on=on)
        except AtriumError as error:
            flash(str(error.text), "danger")
        else:
            flash(str(_("“%(name)s” is switched. It holds from now on.", name=title_of(plugin))), "success")
        return redirect(url_for("Switchboard.show", name=name) if "page" in request.form else self._home())

    @expose("/let_back", methods=["POST"])
    @allowed
    def let_back(self) -> Any:
        """Put a module that was taken out of service back into it."""
        name = request.form.get("plugin", "")
        if name not in state().host.plugins:
            abort(404)
        with work() as uow:
            enablement.let_back(uow, plugin=name)
        flash(str(_("The module is back in service.")), "success")
        return redirect(self._home())

    # --- what is shown ------------------------------------------------------------------------------------------------

    def _line(self, plugin: Loaded, mall_id: int, *, stores: Stores) -> Line:
        known, host = here().known, state().host
        if plugin.state != "ok":
            return Line(plugin, title_of(plugin), trouble=plugin.reason)
        named = [(store.id, f"{store.code} {store.name}") for store in stores]
        switches = [
            Switch(
                mall_id,
                store_id,
                name,
                on=plugin.name in host.enabled_in(mall_id, store_id, known=known),
                own=(plugin.name, mall_id, store_id) in known.switches,
            )
            for store_id, name in [(0, known.malls[mall_id].name), *named]
        ]
        own = sum(1 for name, mall, store in known.switches if name == plugin.name and mall == mall_id and store)
        tripped = known.tripped.get(plugin.name, "")
        return Line(plugin, title_of(plugin), tripped, plugin.name in known.tripped, switches, own)

    def _ask(self, plugin: Loaded, mall_id: int, *, store_id: int) -> Any:
        known = here().known
        place = known.stores[store_id].name if store_id else known.malls[mall_id].name
        question = _("Switch off “%(name)s” in %(place)s?", name=title_of(plugin), place=place)
        lines = [
            _("Its menu, its pages and its work stop there. Its data stays; switched on again, all is as before."),
            *self._left_behind(plugin, store_id),
        ]
        values = {"question": question, "lines": lines, "plugin": plugin, "place": f"{mall_id}:{store_id}"}
        return self.render("atrium/switch_off.html", title=question, **values)

    def _left_behind(self, plugin: Loaded, store_id: int) -> Sentences:
        store = here().known.stores.get(store_id)
        if store is None:
            return []
        with looking() as uow:
            return left_behind(uow, plugin, store=store)

    def _place(self) -> tuple[int, int]:
        """The place in the form, if the user reaches it: a mall as a whole only who works in all of it."""
        mall_id, _colon, store_id = request.form.get("place", "").partition(":")
        if not (mall_id.isdecimal() and store_id.isdecimal()):
            abort(400)
        place, reach = (int(mall_id), int(store_id)), here().scope
        fine = reach.has_store(*place) if place[1] else place[0] in reach.malls and reach.stores is None
        store = here().known.stores.get(place[1])
        if not fine or (place[1] and (store is None or store.mall_id != place[0])):
            abort(404)
        return place

    def _mall(self) -> int:
        facts = here()
        chosen = facts.place.mall_id or next(iter(sorted(facts.scope.malls)), 0)
        if chosen not in facts.known.malls:
            abort(404)
        return chosen

    def _stores(self, mall_id: int) -> Stores:
        return [store for store in here().stores() if store.mall_id == mall_id]

    def _home(self) -> str:
        return url_for("Switchboard.list")


def left_behind(uow: UnitOfWork, plugin: Loaded, *, store: StoreFacts) -> list[Text]:
    """What the plugin says stays behind; one that cannot say it does not stop a person from switching it off."""
    host, found = state().host, []
    for bell in host.bells("store_left_behind", frozenset({plugin.name})):
        try:
            found += host.ring(bell, {"store": store, "uow": uow}, read=list)
        except AtriumError:
            found.append(_("The module cannot say what is left behind."))
    return found


def title_of(plugin: Loaded) -> Any:
    """A plugin's title, or the name it was found under."""
    return plugin.manifest.title if plugin.manifest is not None else plugin.name
