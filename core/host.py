"""The plugin host: find, check, order, register; and the table of who answers which hook in a store.

Two-phase: first every manifest is read, then the plugins that pass are imported and registered in the order of their
`depends`. A plugin that fails is listed with its reason; the mall still opens. The host calls the hooks itself, from a
table kept per set of enabled plugins, because it must know who answered and who raised.
"""

from __future__ import annotations

import importlib
import inspect
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy

from core import directory, enablement, hookspecs, i18n
from core.db import Database
from core.directory import Directory
from core.errors import AtriumError, BrokenPlugin
from core.i18n import Text, _
from core.manifest import CORE_API, Manifest

GROUP = "atrium.plugins"
FAULTS = 3
"""A plugin that raises or is slow this many times running is tripped."""
SLOW_SECONDS = 0.25

ROOMS = ("models", "hooks")


@dataclass
class Loaded:
    """A plugin that was found, with what became of it: 'ok', or 'broken' with the reason."""

    name: str
    package: str
    manifest: Manifest | None = None
    state: str = "ok"
    reason: Text | None = None
    module: ModuleType | None = None
    faults: int = 0

    @property
    def folder(self) -> Path:
        """Where the plugin's rooms are."""
        return Path(str(getattr(self.module, "__file__", ""))).parent

    def broken(self, reason: Text) -> None:
        """List the plugin as broken."""
        self.state, self.reason = "broken", reason


@dataclass(frozen=True, slots=True)
class Bell:
    """One plugin's implementation of one hook, and which of the hook's arguments it wants."""

    plugin: str
    hook: str
    function: Callable[..., Any]
    wants: tuple[str, ...]


@dataclass
class Host:
    """All plugins of this process. `running` names the hook in progress, for the worker's time-out to blame."""

    database: Database
    plugins: dict[str, Loaded] = field(default_factory=dict)
    manager: pluggy.PluginManager = field(default_factory=lambda: pluggy.PluginManager(hookspecs.PROJECT))
    running: tuple[str, str] | None = None
    _tables: dict[frozenset[str], dict[str, tuple[Bell, ...]]] = field(default_factory=dict)

    @classmethod
    def load(cls, database: Database, builtins: Iterable[str]) -> Host:
        """Discover the built-in packages and all installed ones, and register what can be."""
        host = cls(database)
        host.manager.add_hookspecs(hookspecs)
        installed = [(point.name, point.value) for point in sorted(entry_points(group=GROUP), key=lambda p: p.name)]
        for name, package in [(package.rpartition(".")[2], package) for package in builtins] + installed:
            host._read_manifest(name, package)
        for plugin in host._in_order():
            host._register(plugin)
        return host

    def _read_manifest(self, name: str, package: str) -> None:
        plugin = Loaded(name, package)
        if name in self.plugins:
            other = self.plugins[name].package
            plugin.name = f"{name} ({package})"
            plugin.broken(_("Another plugin is already called %(name)s: %(other)s.", name=name, other=other))
            self.plugins[plugin.name] = plugin
            return
        self.plugins[name] = plugin
        try:
            plugin.module = importlib.import_module(package)
            plugin.manifest = plugin.module.MANIFEST
        except Exception as error:  # whatever a stranger's package raises at import is its own fault, not ours
            plugin.broken(_("Cannot be loaded: %(error)s", error=f"{type(error).__name__}: {error}"))
            return
        if plugin.manifest.name != name:
            plugin.broken(
                _("Its manifest says %(said)s, its entry point %(name)s.", said=plugin.manifest.name, name=name)
            )
        elif not _fits(plugin.manifest.core_api):
            plugin.broken(_("Needs core %(needs)s, this is %(is_)s.", needs=plugin.manifest.core_api, is_=CORE_API))

    def _in_order(self) -> Iterator[Loaded]:
        """Plugins after those they depend on; one with a missing or circular dependency is broken."""
        waiting, done = [p for p in self.plugins.values() if p.state == "ok"], set[str]()
        while waiting:
            ready = [p for p in waiting if p.manifest and set(p.manifest.depends) <= done]
            if not ready:
                break
            for plugin in ready:
                yield plugin
                if plugin.state == "ok":
                    done.add(plugin.name)
            waiting = [p for p in waiting if p not in ready]
        for plugin in waiting:
            missing = ", ".join(sorted(set(plugin.manifest.depends if plugin.manifest else ()) - done))
            plugin.broken(_("Needs %(plugins)s, which is not there.", plugins=missing))

    def _register(self, plugin: Loaded) -> None:
        from core.db import Model

        before = set(Model.metadata.tables)
        try:
            rooms = [importlib.import_module(f"{plugin.package}.{room}") for room in ROOMS if _has_room(plugin, room)]
            new = set(Model.metadata.tables) - before
            if strangers := [table for table in new if not table.startswith(f"{plugin.name}_")]:
                raise BrokenPlugin(_("Its tables must begin with its name: %(tables)s", tables=", ".join(strangers)))
            hooks = next((room for room in rooms if room.__name__.endswith(".hooks")), None)
            if hooks is not None:
                self.manager.register(hooks, name=plugin.name)
                self.manager.check_pending()
                self._refuse_wrappers(plugin)
        except Exception as error:  # as above: listed with its reason, and the mall opens
            if self.manager.has_plugin(plugin.name):
                self.manager.unregister(name=plugin.name)
            plugin.broken(_("Cannot be registered: %(error)s", error=f"{type(error).__name__}: {error}"))
            return
        if (plugin.folder / "translations").is_dir():
            i18n.add_folder(plugin.folder / "translations")

    def _refuse_wrappers(self, plugin: Loaded) -> None:
        module = self.manager.get_plugin(plugin.name)
        for caller in self.manager.get_hookcallers(module) or ():
            for found in caller.get_hookimpls():
                if found.plugin_name == plugin.name and (found.hookwrapper or found.wrapper):
                    raise BrokenPlugin(_("Hook wrappers are not accepted: %(hook)s", hook=caller.name))

    def manifest_of(self, plugin: str) -> Manifest:
        """What a registered plugin says of itself."""
        manifest = self.plugins[plugin].manifest
        if manifest is None:
            raise BrokenPlugin(plugin=plugin, because="it has no manifest")
        return manifest

    # --- asking ---------------------------------------------------------------------------------------------------

    def ok(self) -> dict[str, Loaded]:
        """The plugins that registered, by name, in the order of their dependencies."""
        return {name: plugin for name, plugin in self.plugins.items() if plugin.state == "ok"}

    def enabled_in(self, mall_id: int, store_id: int = 0, known: Directory | None = None) -> frozenset[str]:
        """The names of the plugins that are on in the store (`store_id` 0: in the mall)."""
        known = known or directory.get(self.database)
        place = ("enabled", mall_id, store_id)
        if place not in known.worked_out:
            manifests = {name: plugin.manifest for name, plugin in self.ok().items() if plugin.manifest}
            known.worked_out[place] = enablement.enabled(known, manifests, mall_id=mall_id, store_id=store_id)
        found: frozenset[str] = known.worked_out[place]
        return found

    def bells(self, hook: str, enabled: frozenset[str] | None = None) -> tuple[Bell, ...]:
        """Who implements the hook among the enabled plugins (None: among all)."""
        enabled = frozenset(self.ok()) if enabled is None else enabled
        table = self._tables.get(enabled)
        if table is None:
            table = self._tables[enabled] = {}
        if hook not in table:
            implementations = {found.plugin_name: found for found in getattr(self.manager.hook, hook).get_hookimpls()}
            table[hook] = tuple(
                Bell(name, hook, implementations[name].function, tuple(implementations[name].argnames))
                for name in self.ok()
                if name in enabled and name in implementations
            )
        return table[hook]

    def ring(self, bell: Bell, facts: Mapping[str, Any]) -> Any:
        """Call one implementation with what it wants; raises what it raises. Every call is timed and counted."""
        self.running = (bell.plugin, bell.hook)
        started = time.perf_counter()
        try:
            answer = bell.function(**{name: facts[name] for name in bell.wants})
        except AtriumError as refusal:
            # A refusal is an answer; a broken plugin is not.
            self._count(bell, isinstance(refusal, BrokenPlugin), str(refusal))
            raise
        except Exception as error:  # isolating plugins is this file's job: every caller says what a failure means
            self._count(bell, True, f"{type(error).__name__}: {error}")
            raise BrokenPlugin(
                plugin=bell.plugin, hook=bell.hook, because=f"{type(error).__name__}: {error}"
            ) from error
        finally:
            self.running = None
        seconds = time.perf_counter() - started
        self._count(bell, seconds > SLOW_SECONDS, f"slow: {seconds:.2f} s")
        return answer

    def subscribers(self, hook: str, mall_id: int, store_id: int = 0) -> list[tuple[str, Callable[..., Any]]]:
        """Name and a callable of each plugin that implements the hook and is on in the store."""
        found = self.bells(hook, self.enabled_in(mall_id, store_id))
        return [(bell.plugin, lambda bell=bell, **facts: self.ring(bell, facts)) for bell in found]

    def _count(self, bell: Bell, fault: bool, reason: str) -> None:
        plugin = self.plugins[bell.plugin]
        plugin.faults = plugin.faults + 1 if fault else 0
        if plugin.faults >= FAULTS:
            plugin.faults = 0
            enablement.trip_later(self.database, plugin=bell.plugin, reason=f"{bell.hook}: {reason}")


def _fits(needs: str) -> bool:
    have, want = (tuple(int(part) for part in version.split(".")) for version in (CORE_API, needs))
    return have[0] == want[0] and have >= want


def _has_room(plugin: Loaded, room: str) -> bool:
    return (plugin.folder / f"{room}.py").exists() or (plugin.folder / room).is_dir()


def signature_of(hook: str) -> str:
    """The hook's signature as written, for the documentation and its test."""
    return str(inspect.signature(getattr(hookspecs, hook)))
