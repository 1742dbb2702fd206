"""The ledger: double entry, append-only, the only writer of money and points.

`verbs` are what services call · `booking` is a write as data · `write` carries it out · `accounts`, `entries` the rows.
"""

from core.ledger.verbs import Occasion, balance, capture, held, hold, post, ref_of, release, reverse

__all__ = ["Occasion", "balance", "capture", "held", "hold", "post", "ref_of", "release", "reverse"]
