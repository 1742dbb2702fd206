"""The gate: what belongs to a plugin that is off here does not exist here. Every kind of request, every page and file.

*Here* is the store of the till whose key came along; for a person the store chosen, or all in reach when none is; for
nobody in particular any store at all.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, abort, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import RequestRedirect

from core import scope
from core.api.bearer import find_till, known_now
from core.directory import Directory
from core.house import House
from core.types import Place


class Gate:
    """Knows whose every endpoint is, and whether that plugin is on where the request comes from."""

    def __init__(self, app: Flask, house: House) -> None:
        self._app, self._house = app, house
        self._owners: dict[str, str] = {}

    def owner(self, endpoint: str) -> str | None:
        """The plugin an endpoint belongs to, by the package its function, class or blueprint was written in."""
        if endpoint not in self._owners:
            self._owners[endpoint] = self._find_owner(endpoint) or ""
        return self._owners[endpoint] or None

    def owner_of(self, blueprint: Blueprint) -> str | None:
        """The plugin a blueprint belongs to."""
        return self._plugin_of(blueprint.import_name)

    def is_open(self, plugin: str) -> bool:
        """Whether the plugin is on where this request comes from."""
        known = known_now(self._house)
        return any(plugin in self._house.host.enabled_in(*place, known=known) for place in self._here(known))

    def check(self) -> None:
        """Before each request: 404 when the endpoint's plugin is off here."""
        endpoint = request.endpoint or self._meant()
        if endpoint is None:
            return
        plugin = self.owner(endpoint)
        if plugin is not None and not self.is_open(plugin):
            abort(404)

    def _here(self, known: Directory) -> list[Place]:
        till = find_till(self._house)
        if till is not None:
            return [Place(till.mall_id, till.store_id)]
        # Before there is a mall: what is on by default.
        malls = [Place(mall_id) for mall_id in known.malls] or [Place(0)]
        everywhere = malls + [Place(store.mall_id, store.id) for store in known.stores.values()]
        reach = scope.current()
        if reach == scope.NOBODY:
            return everywhere
        return [place for place in everywhere if _reaches(reach, place)]

    def _find_owner(self, endpoint: str) -> str | None:
        function: Any = self._app.view_functions.get(endpoint)
        bound = getattr(function, "__self__", None)
        blueprint = self._app.blueprints.get(endpoint.rpartition(".")[0])
        written_in = {getattr(function, "__module__", ""), type(bound).__module__}
        return self._plugin_of(*written_in, "" if blueprint is None else blueprint.import_name)

    def _plugin_of(self, *modules: str) -> str | None:
        for name, plugin in self._house.host.plugins.items():
            if any(module == plugin.package or module.startswith(f"{plugin.package}.") for module in modules):
                return name
        return None

    def _meant(self) -> str | None:
        """The endpoint of an address asked for with a method it does not have, or without its last slash."""
        error = request.routing_exception
        adapter = self._app.create_url_adapter(request)
        if adapter is None or not isinstance(error, MethodNotAllowed | RequestRedirect):
            return None
        path = request.path if isinstance(error, MethodNotAllowed) else request.path + "/"
        for method in adapter.allowed_methods(path):
            try:
                return str(adapter.match(path, method=method)[0])
            except HTTPException:
                continue
        return None


def install(app: Flask, house: House) -> Gate:
    """Put the gate in front of every request; after whatever puts the user's scope in force."""
    gate = app.extensions["atrium.gate"] = Gate(app, house)
    app.before_request(gate.check)
    return gate


def _reaches(reach: scope.Scope, place: Place) -> bool:
    mall_id, store_id = place
    if store_id == 0 and reach.stores is not None:
        return False
    return reach.has_store(mall_id, store_id)
