"""The sealer: gives what is booked its place in the chain.

One at a time, whoever runs it. Records are sealed in the order in which they become visible as committed, so their
`seq` has no gap though their ids have; within a block they stand in the order of their ids, accounts first: an account
is sealed before the entries that name it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.engine import Connection, Row

from core import clock
from core.db import Database
from core.errors import Miss
from core.models.ledger import Checkpoint, Seal, Unsealed
from core.seal import records
from core.seal.canonical import leaf
from core.seal.chain import Block, checkpoint_message, next_block
from core.vault import Vault

TURN = 0x61747269756D  # "atrium": the advisory lock of whoever seals

_QUEUE = Unsealed.__table__
_SEALS = Seal.__table__
_CHECKPOINTS = Checkpoint.__table__


@dataclass(frozen=True, slots=True)
class Place:
    """A record that is about to be sealed."""

    kind: str
    record_id: int
    leaf: bytes


def seal_pending(database: Database, vault: Vault, *, limit: int = 5000) -> int:
    """Seal up to `limit` records as one block; returns how many, 0 when nothing waits or another sealer was faster."""
    if not database.is_sqlite:
        with database.writer.begin() as connection:
            connection.execute(select(func.pg_advisory_xact_lock(TURN)))
            return _seal(connection, vault, places=_waiting(connection, limit))
    # What is booked never changes: on SQLite it is read and hashed before anybody has to wait for the write lock.
    with database.reader.connect() as connection:
        places = _waiting(connection, limit)
    try:
        with database.writer.begin() as connection:
            return _seal(connection, vault, places=places)
    except Miss:
        return 0


def seal_all(database: Database, vault: Vault) -> int:
    """Seal what waits now, block by block; returns how many records. It ends, however fast more is booked."""
    with database.reader.connect() as connection:
        waiting = connection.execute(select(func.count()).select_from(_QUEUE)).scalar_one()
    total = 0
    while total < waiting and (sealed := seal_pending(database, vault)):
        total += sealed
    return total


def last_block(connection: Connection) -> tuple[Block, Any] | None:
    """The newest block of the chain with its row (signature, key), or None in unsealed books."""
    row = connection.execute(select(_CHECKPOINTS).order_by(_CHECKPOINTS.c.block.desc()).limit(1)).first()
    return None if row is None else (block_of(row), row)


def block_of(row: Row[Any]) -> Block:
    """A row of `core_checkpoint` as a block."""
    return Block(row.block, row.first_seq, row.last_seq - row.first_seq + 1, row.sealed_at, row.root, row.chain)


def _waiting(connection: Connection, limit: int) -> list[Place]:
    """What is next, with its leaves. A queued record that does not exist is left for `verify` to name."""
    order = (_QUEUE.c.kind != "account", _QUEUE.c.id, _QUEUE.c.kind)
    queue = connection.execute(select(_QUEUE).order_by(*order).limit(limit)).all()
    found = {kind: records.read(connection, kind, ids=[q.id for q in queue if q.kind == kind]) for kind in records.OWN}
    return [Place(q.kind, q.id, leaf(q.kind, found[q.kind][q.id])) for q in queue if q.id in found.get(q.kind, ())]


def _seal(connection: Connection, vault: Vault, *, places: list[Place]) -> int:
    if not places:
        return 0
    _take_from_queue(connection, places)
    before = last_block(connection)
    block = next_block(before[0] if before else None, [place.leaf for place in places], sealed_at=clock.now())
    rows = [_seal_row(place, seq, block=block.number) for seq, place in enumerate(places, start=block.first_seq)]
    connection.execute(insert(_SEALS), rows)
    key_id = next(iter(vault.checkpoint_keys()))
    signature = vault.sign_checkpoint(checkpoint_message(block), key_id=key_id)
    connection.execute(insert(_CHECKPOINTS), [_checkpoint_row(block, signature=signature, key_id=key_id)])
    return len(places)


def _take_from_queue(connection: Connection, places: list[Place]) -> None:
    taken = 0
    for kind in records.OWN:
        for ids in records.chunks((place.record_id for place in places if place.kind == kind), records.CHUNK):
            taken += connection.execute(delete(_QUEUE).where(_QUEUE.c.kind == kind, _QUEUE.c.id.in_(ids))).rowcount
    if taken != len(places):
        raise Miss("another sealer was faster")


def _seal_row(place: Place, seq: int, *, block: int) -> dict[str, Any]:
    return {"seq": seq, "kind": place.kind, "record_id": place.record_id, "leaf": place.leaf, "block": block}


def _checkpoint_row(block: Block, *, signature: bytes, key_id: int) -> dict[str, Any]:
    return {
        "block": block.number,
        "first_seq": block.first_seq,
        "last_seq": block.last_seq,
        "root": block.root,
        "chain": block.chain,
        "signature": signature,
        "key_id": key_id,
        "sealed_at": block.sealed_at,
    }
