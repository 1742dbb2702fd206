"""Sealed books: what makes a changed, lost or inserted row show.

`canonical` a record's bytes and leaf hash · `chain` blocks, their chain and the signed checkpoint · `export` the file
an auditor gets · `verifier` the program they check it with, which imports nothing of ours. No database in these four:
records and leaves come in as plain values.
"""

from core.seal.canonical import FIELDS_V1, leaf
from core.seal.chain import GENESIS, Block, anchor_line, block_root, chain_hash, checkpoint_message, next_block

__all__ = [
    "FIELDS_V1",
    "GENESIS",
    "Block",
    "anchor_line",
    "block_root",
    "chain_hash",
    "checkpoint_message",
    "leaf",
    "next_block",
]
