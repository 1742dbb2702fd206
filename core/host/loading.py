"""Finding plugins in two phases: every manifest is read, then those that pass are imported in the order of `depends`.

A plugin that fails, in whatever way, is listed with its reason, and what it left behind is taken away: the mall opens.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable, Iterator
from importlib.metadata import entry_points
from typing import Any

import pluggy
from sqlalchemy.orm import configure_mappers

from core import i18n
from core.db import Model
from core.errors import BrokenPlugin
from core.host.loaded import Loaded
from core.i18n import _
from core.manifest import CORE_API, Manifest

GROUP = "atrium.plugins"
ROOMS = ("models", "hooks")
RESERVED = frozenset({"core", "ab", "alembic", "admin", "api", "static", "plugins"})
"""Names that stand for something else in tables, permissions or addresses."""

_NAME = re.compile(r"[a-z][a-z0-9_]{1,29}", re.ASCII)
_VERSION = re.compile(r"(\d{1,6})\.(\d{1,6})", re.ASCII)


def found(builtin: Iterable[str]) -> dict[str, Loaded]:
    """The built-in packages and all installed ones, with their manifests as far as those can be read."""
    plugins: dict[str, Loaded] = {}
    installed = [(point.name, point.value) for point in sorted(entry_points(group=GROUP), key=lambda p: p.name)]
    for name, package in [*((package.rpartition(".")[2], package) for package in builtin), *installed]:
        plugin = Loaded(name, package)
        if name in plugins:
            other = plugins[name].package
            plugin.name = f"{name} ({package})"
            plugin.broken(_("Another plugin is already called %(name)s: %(other)s.", name=name, other=other))
        else:
            _read_manifest(plugin)
        plugins[plugin.name] = plugin
    return plugins


def _read_manifest(plugin: Loaded) -> None:
    try:
        plugin.module = importlib.import_module(plugin.package)
        manifest = plugin.module.MANIFEST
    except (Exception, SystemExit) as error:  # whatever a stranger's package raises at import is its own fault
        plugin.broken(_("Cannot be loaded: %(error)s", error=_said(error)))
        return
    if not isinstance(manifest, Manifest):
        plugin.broken(_("Its MANIFEST is not a Manifest."))
        return
    plugin.manifest = manifest
    if manifest.name != plugin.name:
        said, name = manifest.name, plugin.name
        plugin.broken(_("Its manifest says %(said)s, its entry point %(name)s.", said=said, name=name))
    elif not _NAME.fullmatch(plugin.name) or plugin.name in RESERVED:
        plugin.broken(_("A plugin cannot be called %(name)s.", name=plugin.name))
    elif not _fits(manifest.core_api):
        plugin.broken(_("Needs core %(needs)s, this is %(is_)s.", needs=manifest.core_api, is_=CORE_API))


def _fits(needs: Any) -> bool:
    have, want = (_VERSION.fullmatch(str(version)) for version in (CORE_API, needs))
    if have is None or want is None:
        return False
    return have[1] == want[1] and int(have[2]) >= int(want[2])


def in_order(plugins: Iterable[Loaded]) -> Iterator[Loaded]:
    """Plugins after those they depend on; one with a missing or circular dependency is broken."""
    waiting, done = [plugin for plugin in plugins if plugin.state == "ok"], set[str]()
    while waiting:
        ready = [plugin for plugin in waiting if _needs(plugin) <= done]
        if not ready:
            break
        for plugin in ready:
            yield plugin
            if plugin.state == "ok":
                done.add(plugin.name)
        waiting = [plugin for plugin in waiting if plugin not in ready]
    for plugin in waiting:
        plugin.broken(_("Needs %(plugins)s, which is not there.", plugins=", ".join(sorted(_needs(plugin) - done))))


def _needs(plugin: Loaded) -> set[str]:
    return set(plugin.manifest.depends) if plugin.manifest else set()


def register(manager: pluggy.PluginManager, plugin: Loaded) -> None:
    """Import the plugin's models and hooks, check what they brought, and let it answer."""
    tables, classes = set(Model.metadata.tables), set(Model.registry._managers)
    try:
        rooms = [importlib.import_module(f"{plugin.package}.{room}") for room in ROOMS if _has_room(plugin, room)]
        new = set(Model.metadata.tables) - tables
        if strangers := sorted(table for table in new if not table.startswith(f"{plugin.name}_")):
            raise BrokenPlugin(_("Its tables must begin with its name: %(tables)s", tables=", ".join(strangers)))
        configure_mappers()  # now and not with the first query, which would be somebody else's
        hooks = next((room for room in rooms if room.__name__.endswith(".hooks")), None)
        if hooks is not None:
            manager.register(hooks, name=plugin.name)
            manager.check_pending()
            _refuse_wrappers(manager, plugin)
    except (Exception, SystemExit) as error:  # as above: listed with its reason, and the mall opens
        if manager.has_plugin(plugin.name):
            manager.unregister(name=plugin.name)
        _forget(tables, classes)
        plugin.broken(_("Cannot be registered: %(error)s", error=_said(error)))
        return
    if (plugin.folder / "translations").is_dir():
        i18n.add_folder(plugin.folder / "translations")


def _forget(tables: set[str], classes: set[Any]) -> None:
    """Take away the tables and classes of a plugin that is not accepted: one that is half made stops every query.

    SQLAlchemy does so only for all classes at once (`registry.dispose`); these are the steps it takes for each.
    """
    registry = Model.registry
    for manager in set(registry._managers) - classes:
        registry._managers.pop(manager, None)
        registry._dispose_manager_and_mapper(manager)
    for table in set(Model.metadata.tables) - tables:
        Model.metadata.remove(Model.metadata.tables[table])


def _refuse_wrappers(manager: pluggy.PluginManager, plugin: Loaded) -> None:
    module = manager.get_plugin(plugin.name)
    for caller in manager.get_hookcallers(module) or ():
        for implementation in caller.get_hookimpls():
            wraps = implementation.hookwrapper or implementation.wrapper
            if implementation.plugin_name == plugin.name and wraps:
                raise BrokenPlugin(_("Hook wrappers are not accepted: %(hook)s", hook=caller.name))


def _has_room(plugin: Loaded, room: str) -> bool:
    return (plugin.folder / f"{room}.py").exists() or (plugin.folder / room).is_dir()


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
