"""A plugin that was found, and one of its implementations of a hook."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from core.i18n import Text
from core.manifest import Manifest

FAULTS = 3
"""A plugin of which one hook raises or is slow this many times running is tripped."""


@dataclass
class Loaded:
    """A plugin that was found, with what became of it: 'ok', or 'broken' with the reason."""

    name: str
    package: str
    manifest: Manifest | None = None
    state: str = "ok"
    reason: Text | None = None
    module: ModuleType | None = None
    faults: dict[str, int] = field(default_factory=dict)
    """By hook, how many calls failed running, in this process."""

    @property
    def folder(self) -> Path:
        """Where the plugin's rooms are."""
        return Path(str(getattr(self.module, "__file__", ""))).parent

    def broken(self, reason: Text) -> None:
        """List the plugin as broken."""
        self.state, self.reason = "broken", reason

    def count(self, hook: str, fault: bool) -> bool:
        """Count a call, good or bad; whether this was the fault that trips."""
        self.faults[hook] = self.faults.get(hook, 0) + 1 if fault else 0
        return self.faults[hook] == FAULTS

    def forgive(self) -> None:
        """Begin to count anew what has led to a trip: a person has let the plugin back."""
        self.faults = {hook: count for hook, count in self.faults.items() if count < FAULTS}


@dataclass(frozen=True, slots=True)
class Bell:
    """One plugin's implementation of one hook, and which of the hook's arguments it wants."""

    plugin: str
    hook: str
    function: Callable[..., Any]
    wants: tuple[str, ...]
