"""The open house: configuration, database, plugins and keys of one process, handed to whoever needs them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from core import audit, db, vault
from core.db import Database
from core.host import Host
from core.isolation import attempt
from core.vault import Vault

if TYPE_CHECKING:
    from core.config import Config

BUILTIN = (
    "plugins.loyalty",
    "plugins.pos_bridge",
    "plugins.reporting",
)
"""The plugins that come with the suite; any other is found by its entry point and treated alike."""


@dataclass(frozen=True)
class House:
    """What a request, a job or a command works with."""

    config: Config
    database: Database
    host: Host
    vault: Vault


_house: House | None = None


def open_house(config: Config, builtin: Iterable[str] = BUILTIN) -> House:
    """Open keys and database, load the plugins; the result is also what `house()` returns in this process.

    Every flush leaves its audit rows and raises its stamps from here on, and events wake the workers.
    """
    global _house
    keys = Vault.open_or_create(config.home)
    vault.use(keys)
    database = Database.connect(config.database_url)
    audit.install(database)
    database.memory["doorbell"] = partial(_ring, database, config)
    db.use(database)
    _house = House(config, database, Host.load(database, builtin), keys)
    return _house


def _ring(database: Database, config: Config) -> None:
    """Rings the doorbell, which takes this one's place: its library is loaded where something happens, not before."""

    def ring() -> None:
        from core.jobs import doorbell

        doorbell.install(database, config.home, url=config.queue_url)()

    attempt("doorbell", ring)


def house() -> House:
    """The house of this process."""
    if _house is None:
        raise RuntimeError("no house is open: call open_house() first")
    return _house
