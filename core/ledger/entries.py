"""A transfer becomes an entry with two postings."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from core.ledger.accounts import Accounts
from core.ledger.booking import Booking
from core.models.ledger import Entry, Posting, Unsealed
from core.types import AccountRef, Fill, Reason, Transfer


def add_entry(booking: Booking, accounts: Accounts, *, transfer: Transfer, values: Mapping[str, Any]) -> int:
    """Add the entry of `transfer` to the booking; `values` are its other columns. Returns the entry's id."""
    reference = f"{values['reference']}/{transfer.key}" if transfer.key else values["reference"]
    described = {"kind": transfer.kind, "rule": transfer.rule, "reasons": reasons_text(transfer.reasons)}
    sides = ((transfer.source, -transfer.amount), (transfer.target, transfer.amount))
    return add_postings(booking, accounts, sides=sides, values={**values, **described, "reference": reference})


def add_postings(
    booking: Booking, accounts: Accounts, *, sides: Sequence[tuple[AccountRef, int]], values: Mapping[str, Any]
) -> int:
    """Add an entry with these sides, which must sum to zero in each unit. Returns its id."""
    entry_id = accounts.draw()
    booking.insert(Entry, **values, id=entry_id)
    for number, (ref, amount) in enumerate(sides, start=1):
        account_id = accounts.post(booking, ref, amount=amount)
        booking.insert(Posting, entry_id=entry_id, no=number, account_id=account_id, unit=ref.unit, amount=amount)
    booking.insert(Unsealed, kind="entry", id=entry_id)
    return entry_id


def filled(accounts: Accounts, values: Mapping[str, Any], *, fills: Mapping[Fill, int]) -> dict[str, Any]:
    """A plugin's row with the ids that only the core knows."""
    known = dict(fills)
    if Fill.NEW_ID in values.values():
        known[Fill.NEW_ID] = accounts.draw()
    return {name: known[value] if isinstance(value, Fill) else value for name, value in values.items()}


def reasons_text(reasons: Iterable[Reason]) -> str:
    """The stored form of an explanation: a JSON list of sentence, figures, receipt line and rule."""
    return json.dumps(
        [
            {
                **reason.text.stored(),
                **({"line": reason.line} if reason.line else {}),
                **({"rule": reason.rule} if reason.rule else {}),
            }
            for reason in reasons
        ],
        ensure_ascii=False,
        separators=(",", ":"),
    )
