"""Blocks of leaves, chained and signed. All numbers in hashed bytes are 8 bytes, unsigned, big-endian.

    root       SHA-256( "atrium root 1"  · first seq · leaf · leaf · … )          leaves in the order of their seq
    chain      SHA-256( "atrium chain 1" · previous chain · number · first seq · count · sealed at · root )
               the first block's previous chain is 32 zero bytes; sealed at is in microseconds since 1970-01-01 UTC
    checkpoint the text that is signed with Ed25519 and printed on statements, see `checkpoint_message`

Each chain hash speaks for all blocks before it, so the newest signature, kept elsewhere, speaks for the whole books.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from core.seal.canonical import plain

GENESIS = bytes(32)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Block:
    """Some records sealed together: `seq` from `first_seq` on, `count` of them (at least one), without a gap."""

    number: int
    first_seq: int
    count: int
    sealed_at: datetime
    root: bytes
    chain: bytes

    @property
    def last_seq(self) -> int:
        """The seq of its last record."""
        return self.first_seq + self.count - 1


def block_root(first_seq: int, leaves: Sequence[bytes]) -> bytes:
    """The root of a block's leaf hashes (32 bytes each), in the order of their seq."""
    return hashlib.sha256(b"atrium root 1" + _u64(first_seq) + b"".join(leaves)).digest()


def chain_hash(previous: bytes, block: Block) -> bytes:
    """The chain after a block, from the chain before it; the block's own `chain` is not looked at."""
    numbers = b"".join(map(_u64, (block.number, block.first_seq, block.count, _microseconds(block.sealed_at))))
    return hashlib.sha256(b"atrium chain 1" + previous + numbers + block.root).digest()


def next_block(previous: Block | None, leaves: Sequence[bytes], *, sealed_at: datetime) -> Block:
    """Seal `leaves` as the block after `previous` (None: the first). `sealed_at` is UTC, with or without its zone."""
    if not leaves:
        raise ValueError("a block has at least one record")
    number, first_seq, before = 1, 1, GENESIS
    if previous is not None:
        number, first_seq, before = previous.number + 1, previous.last_seq + 1, previous.chain
    root = block_root(first_seq, leaves)
    draft = Block(number, first_seq, len(leaves), sealed_at, root, b"")
    return Block(number, first_seq, len(leaves), sealed_at, root, chain_hash(before, draft))


def checkpoint_message(block: Block) -> bytes:
    """What is signed: five lines of ASCII, each ended by a line feed."""
    return (
        "atrium checkpoint 1\n"
        f"block {block.number}\n"
        f"seq {block.last_seq}\n"
        f"chain {block.chain.hex()}\n"
        f"sealed {plain(block.sealed_at, 't')}\n"
    ).encode()


def anchor_line(block: Block) -> str:
    """The line an anchor file keeps, on another machine or on paper: `seq chain`."""
    return f"{block.last_seq} {block.chain.hex()}"


def _u64(number: int) -> bytes:
    return number.to_bytes(8, "big")


def _microseconds(moment: datetime) -> int:
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return (aware - _EPOCH) // timedelta(microseconds=1)
