"""The books against themselves: whatever is kept beside the postings must be what the postings add up to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.engine import Connection

from core import rollups
from core.models.ledger import Account, Hold, Posting

HELD = ".held"
"""How the names of accounts end in which held value waits, see `verbs.held`."""

_ACCOUNTS = Account.__table__
_HOLDS = Hold.__table__
_POSTINGS = Posting.__table__


@dataclass(frozen=True, slots=True)
class Difference:
    """Something kept is not what it should be: whose account, what is stored, what it should be, in words."""

    code: str
    account_id: int
    text: str
    found: int = 0
    expected: int = 0


def differences(connection: Connection) -> Iterator[Difference]:
    """Everything that does not add up, nothing when all is well. Run it in a transaction that sees one moment.

    Kept balances are the sums of their postings, and accounts keep one exactly where they should; what is held is the
    sum of the open holds; roll-ups are what the sealed entries give. That entries sum to zero the verifier checks.
    """
    checks: tuple[Callable[[Connection], Iterator[Difference]], ...] = (_balances, _kept, _held, _homeless, _rolled_up)
    for check in checks:
        yield from check(connection)


def _balances(connection: Connection) -> Iterator[Difference]:
    posted = select(_POSTINGS.c.account_id, func.sum(_POSTINGS.c.amount).label("amount"))
    sums = posted.group_by(_POSTINGS.c.account_id).subquery("sums")
    should = func.coalesce(sums.c.amount, 0)
    query = select(_ACCOUNTS.c.id, _ACCOUNTS.c.balance, should).outerjoin(sums, sums.c.account_id == _ACCOUNTS.c.id)
    # A comparison with nothing is not true: accounts that keep no balance are not in the answer.
    for account_id, found, expected in _rows(connection, query.where(_ACCOUNTS.c.balance != should)):
        text = f"has a balance of {found}, its postings add up to {expected}"
        yield Difference("balance_differs", account_id, text, int(found), int(expected))


def _kept(connection: Connection) -> Iterator[Difference]:
    keeps, should = _ACCOUNTS.c.balance.is_not(None), _ACCOUNTS.c.owner.not_in(("store", "mall"))
    query = select(_ACCOUNTS.c.id, _ACCOUNTS.c.balance).where(keeps != should)
    for account_id, found in _rows(connection, query):
        text = "has lost its balance" if found is None else f"has a balance of {found} and should keep none"
        yield Difference("balance_misplaced", account_id, text, int(found or 0))


def _held(connection: Connection) -> Iterator[Difference]:
    source, holds = _ACCOUNTS.alias("source"), _open_holds()
    whose = and_(_same_owner(_ACCOUNTS, source), _ACCOUNTS.c.name == source.c.name + HELD)
    should = func.coalesce(holds.c.amount, 0)
    query = select(_ACCOUNTS.c.id, _ACCOUNTS.c.balance, should).outerjoin(source, whose)
    query = query.outerjoin(holds, holds.c.account_id == source.c.id)
    query = query.where(_ACCOUNTS.c.name.like(f"%{HELD}"), _ACCOUNTS.c.balance != should)
    for account_id, found, expected in _rows(connection, query):
        text = f"holds {found}, the open holds add up to {expected}"
        yield Difference("held_differs", account_id, text, int(found), int(expected))


def _homeless(connection: Connection) -> Iterator[Difference]:
    held, holds = _ACCOUNTS.alias("held"), _open_holds()
    whose = and_(_same_owner(_ACCOUNTS, held), held.c.name == _ACCOUNTS.c.name + HELD)
    query = select(holds.c.account_id, holds.c.amount).outerjoin(_ACCOUNTS, _ACCOUNTS.c.id == holds.c.account_id)
    for account_id, expected in _rows(connection, query.outerjoin(held, whose).where(held.c.id.is_(None))):
        text = f"has open holds of {expected} and no account that holds them"
        yield Difference("held_differs", account_id, text, 0, int(expected))


def _rolled_up(connection: Connection) -> Iterator[Difference]:
    for row in rollups.differing(connection):
        text = f"has a roll-up for {row.business_date} that is off by {-row.amount} {row.unit}, {-row.entries} entries"
        yield Difference("rollup_differs", row.account_id, text, int(-row.amount))


def _open_holds() -> Any:
    sums = select(_HOLDS.c.account_id, func.sum(_HOLDS.c.amount).label("amount")).where(_HOLDS.c.state == "held")
    return sums.group_by(_HOLDS.c.account_id).subquery("holds")


def _same_owner(one: Any, other: Any) -> Any:
    return and_(*(one.c[name] == other.c[name] for name in ("owner_id", "owner", "unit")))


def _rows(connection: Connection, query: Select[Any]) -> Any:
    return connection.execute(query.order_by(query.selected_columns[0]))
