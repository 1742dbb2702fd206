"""What changes seldom and is asked for on every request: malls, stores, tills, switches, settings.

Each process remembers one `Directory` and compares the stamps with each request's first query, so that a switch, a
revoked key or a changed setting holds at once in every process, without a word between them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Connection

from core import models, reading
from core.db import Database
from core.types import MallFacts, StoreFacts, TillFacts

STAMPS: reading.Question = ("select name, version from core_stamp", ())
_KEPT = ("directory", "switches", "settings")


@dataclass(frozen=True, slots=True)
class Directory:
    """The malls' slow-changing facts at one version of the stamps."""

    stamps: Mapping[str, int]
    malls: Mapping[int, MallFacts]
    stores: Mapping[int, StoreFacts]
    tills: Mapping[int, TillFacts]
    till_by_token: Mapping[bytes, TillFacts]
    till_by_code: Mapping[tuple[int, str], TillFacts]
    switches: Mapping[tuple[str, int, int], bool]
    tripped: Mapping[str, str]
    skips_offers: frozenset[str]
    values: Mapping[tuple[str, str, int, int], Any]
    worked_out: dict[Any, Any] = field(default_factory=dict)
    """Room for what others derive from this version: enabled sets, settings of a store."""

    def holds_at(self, stamps: Mapping[str, int]) -> bool:
        """Whether nothing of this changed since."""
        return all(self.stamps.get(name, 0) == stamps.get(name, 0) for name in _KEPT)

    def store_codes(self, mall_id: int) -> dict[str, StoreFacts]:
        """The stores of a mall by code."""
        return {store.code: store for store in self.stores.values() if store.mall_id == mall_id}


def get(database: Database) -> Directory:
    """The directory as of now; one small query when nothing changed."""
    with reading.reader(database) as connection:
        return at(database, connection, stamps=read_stamps(connection))


def at(database: Database, connection: Connection, *, stamps: Mapping[str, int]) -> Directory:
    """The directory at these stamps, read again when they moved on."""
    known: Directory | None = database.memory.get("directory")
    if known is None or not known.holds_at(stamps):
        known = database.memory["directory"] = _load(connection)
    return known


def remembered(database: Database) -> Directory:
    """The directory as last seen, without asking; read when there is none yet."""
    return database.memory.get("directory") or get(database)


def read_stamps(connection: Connection) -> dict[str, int]:
    """All stamps: name → version."""
    return dict(tuple(row) for row in reading.ask(connection, [STAMPS])[0])


def _load(connection: Connection) -> Directory:
    # Stamps first: a change that commits while the rest is read raises them, and the next request reads again.
    stamps = read_stamps(connection)
    tills = [_till(row) for row in connection.execute(select(models.Till.__table__))]
    switches = connection.execute(select(models.PluginSwitch.__table__)).all()
    states = connection.execute(select(models.PluginState.__table__)).all()
    values = connection.execute(select(models.SettingRow.__table__)).all()
    return Directory(
        stamps=stamps,
        malls={m.id: _mall(m) for m in connection.execute(select(models.Mall.__table__))},
        stores={s.id: _store(s) for s in connection.execute(select(models.Store.__table__))},
        tills={till.id: till for till, _token in tills},
        till_by_token={token: till for till, token in tills if token is not None and till.state == "active"},
        till_by_code={(till.store_id, till.code): till for till, _token in tills},
        switches={(s.plugin, s.mall_id, s.store_id): s.is_on for s in switches},
        tripped={s.plugin: s.reason for s in states if s.tripped_at is not None},
        skips_offers=frozenset(s.plugin for s in states if s.skip_offers),
        values={(v.plugin, v.name, v.mall_id, v.store_id): json.loads(v.value) for v in values},
    )


def _mall(row: Any) -> MallFacts:
    return MallFacts(row.id, row.code, row.name, row.currency, row.zone, row.locale)


def _store(row: Any) -> StoreFacts:
    return StoreFacts(row.id, row.mall_id, row.code, row.name, row.state == "open")


def _till(row: Any) -> tuple[TillFacts, bytes | None]:
    facts = TillFacts(row.id, row.mall_id, row.store_id, row.code, row.state, row.max_future_hours, row.max_past_days)
    return facts, None if row.token_hash is None else bytes(row.token_hash)
