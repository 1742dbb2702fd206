"""What a plugin says of itself, readable without importing anything else of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from core.i18n import Text

CORE_API = "1.0"
"""The version of the contract between core and plugins: hooks, types, the face of core."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One typed setting of a plugin, per mall with an own value per store where needed.

    `type` decides how it is checked and edited; `minimum`/`maximum` bound an integer; `choices` a choice.
    """

    name: str
    type: Literal["bool", "int", "money", "text", "choice"]
    default: Any
    title: Text
    help: Text | None = None
    minimum: int | None = None
    maximum: int | None = None
    choices: tuple[tuple[str, Text], ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """A plugin's name, what it needs, and what an administrator can set.

    `core_api` is the oldest contract it works with (same major version); `depends` are names of other plugins;
    `permissions` are nouns that become `<plugin>.<noun>`; table names begin with `<name>_`.
    """

    name: str
    title: Text
    version: str
    summary: Text
    core_api: str = CORE_API
    depends: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()
    settings: tuple[Setting, ...] = ()
    on_by_default: bool = True
