"""The plugin host: which plugins there are, and who answers which hook in a store.

The host calls the hooks itself, from a table kept per set of enabled plugins, because it must know who answered and
who raised. `loading` finds and checks plugins · `loaded` is one that was found.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pluggy

from core import directory, enablement, hookspecs
from core.db import Database
from core.directory import Directory
from core.errors import AtriumError, BrokenPlugin
from core.host import loading
from core.host.loaded import FAULTS, Bell, Loaded
from core.host.loading import GROUP
from core.manifest import Manifest

__all__ = ["FAULTS", "GROUP", "Bell", "Host", "Loaded", "signature_of"]

SLOW_SECONDS, SLOW_PER_VISIT = 1.0, 0.01
"""A till waits while these hooks run, so they must be quick; reading for many receipts may take longer. Far above what
they need: a machine that has too much to do must not take its plugins out of service on top of it."""
AT_THE_TILL = frozenset(
    {"receipt_facts", "receipt_offers", "receipt_tenders", "receipt_rewards", "receipt_returned", "receipt_member"}
)


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
        host = cls(database, loading.found(builtins))
        host.manager.add_hookspecs(hookspecs)
        ordered: dict[str, Loaded] = {}
        for plugin in loading.in_order(host.plugins.values()):
            loading.register(host.manager, plugin)
            ordered[plugin.name] = plugin
        host.plugins = {**ordered, **host.plugins}
        return host

    def ok(self) -> dict[str, Loaded]:
        """The plugins that registered, by name, in the order of their dependencies."""
        return {name: plugin for name, plugin in self.plugins.items() if plugin.state == "ok"}

    def manifest_of(self, plugin: str) -> Manifest:
        """What a registered plugin says of itself."""
        manifest = self.plugins[plugin].manifest
        if manifest is None:
            raise BrokenPlugin(plugin=plugin, because="it has no manifest")
        return manifest

    def enabled_in(self, mall_id: int, store_id: int = 0, *, known: Directory | None = None) -> frozenset[str]:
        """The names of the plugins that are on in the store (`store_id` 0: in the mall)."""
        known = known or directory.get(self.database)
        place = ("enabled", mall_id, store_id)
        if place not in known.worked_out:
            for name, plugin in self.ok().items():
                if name not in known.tripped:
                    plugin.forgive()
            known.worked_out[place] = self._enabled(known, mall_id, store_id=store_id)
        found: frozenset[str] = known.worked_out[place]
        return found

    def tripped_in(self, mall_id: int, store_id: int, *, known: Directory) -> frozenset[str]:
        """Those that would be on there, had they not been taken out of service."""
        if not known.tripped:
            return frozenset()
        whole = replace(known, tripped={}, worked_out={})
        return self._enabled(whole, mall_id, store_id=store_id) - self.enabled_in(mall_id, store_id, known=known)

    def _enabled(self, known: Directory, mall_id: int, *, store_id: int) -> frozenset[str]:
        manifests = {name: plugin.manifest for name, plugin in self.ok().items() if plugin.manifest}
        return enablement.enabled(known, manifests, mall_id=mall_id, store_id=store_id)

    def bells(self, hook: str, enabled: frozenset[str] | None = None) -> tuple[Bell, ...]:
        """Who implements the hook among the enabled plugins (None: among all)."""
        enabled = frozenset(self.ok()) if enabled is None else enabled
        table = self._tables.setdefault(enabled, {})
        if hook not in table:
            implementations = {found.plugin_name: found for found in getattr(self.manager.hook, hook).get_hookimpls()}
            table[hook] = tuple(
                Bell(name, hook, implementations[name].function, tuple(implementations[name].argnames))
                for name in self.ok()
                if name in enabled and name in implementations
            )
        return table[hook]

    def ring(self, bell: Bell, facts: Mapping[str, Any], *, read: Callable[[Any], Any] | None = None) -> Any:
        """Call one implementation with what it wants, and `read` its answer. Every call is timed and counted.

        Raises the refusal it raised, or `BrokenPlugin` naming it for anything else. Reading is part of the call: a
        generator fails only when it is read, and what cannot be read is a fault of the plugin.
        """
        self.running = (bell.plugin, bell.hook)
        started = time.perf_counter()
        try:
            answer = bell.function(**{name: facts[name] for name in bell.wants})
            answer = answer if read is None else read(answer)
        except BrokenPlugin as broken:
            raise self._broken(bell, str(broken.facts.get("because", broken))) from broken
        except AtriumError:  # a refusal is an answer
            self.blame(bell.plugin, bell.hook, because="")
            raise
        except Exception as error:  # isolating plugins is this file's job: every caller says what a failure means
            raise self._broken(bell, f"{type(error).__name__}: {error}") from error
        finally:
            self.running = None
        seconds = time.perf_counter() - started
        slow = f"slow: {seconds:.2f} s" if seconds > _patience(bell, facts) else ""
        self.blame(bell.plugin, bell.hook, because=slow)
        return answer

    def blame(self, plugin: str, hook: str, *, because: str) -> None:
        """Count a call of `hook`: as a fault with the reason, or as a good one ("")."""
        if self.plugins[plugin].count(hook, bool(because)):
            enablement.trip_later(self.database, plugin=plugin, reason=f"{hook}: {because}")

    def _broken(self, bell: Bell, because: str) -> BrokenPlugin:
        self.blame(bell.plugin, bell.hook, because=because)
        return BrokenPlugin(plugin=bell.plugin, hook=bell.hook, because=because)


def _patience(bell: Bell, facts: Mapping[str, Any]) -> float:
    if bell.hook not in AT_THE_TILL:
        return float("inf")
    return SLOW_SECONDS + SLOW_PER_VISIT * len(facts.get("visits", ()))


def signature_of(hook: str) -> str:
    """The hook's signature as written, for the documentation and its test."""
    return str(inspect.signature(getattr(hookspecs, hook)))
