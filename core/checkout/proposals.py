"""The border: what a plugin proposes is looked at before it is believed; nothing behind it may fail on rubbish."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from sqlalchemy import TypeDecorator

from core.db import Model
from core.errors import BrokenPlugin
from core.host import Bell, Host
from core.i18n import Text
from core.types import LIMIT, AccountRef, Add, AtLeast, Claim, Facts, Fill, Insert, Offer, Reason, Tell, Transfer

OURS = frozenset({"receipt_id", "status", "rewards", "offers"})
"""Parts of the answer that the core fills in."""
LISTS = frozenset({"print", "gift_cards"})
"""Sections of the answer that are lists: what is told for them stands under `lines`."""

_PLAIN = (str, int, Text, type(None))  # True is an int; floats are not money, points or a date


def ask(host: Host, bell: Bell, *, facts: Facts, kinds: tuple[type, ...]) -> list[Any]:
    """Ring one plugin and check each proposal; raises `BrokenPlugin` naming it when one is not what it must be."""
    found: list[Any] = host.ring(bell, {"facts": facts}, read=partial(_read, plugin=bell.plugin, kinds=kinds))
    return found


def _read(answers: Any, *, plugin: str, kinds: tuple[type, ...]) -> list[Any]:
    if answers is None:
        return []
    if isinstance(answers, str | bytes | Mapping) or not isinstance(answers, Iterable):
        raise _rubbish(f"returned {type(answers).__name__}")
    proposals: list[Any] = list(answers)
    for proposal in proposals:
        if not isinstance(proposal, kinds):
            raise _rubbish(f"proposed {type(proposal).__name__}")
        if isinstance(proposal, Tell):
            _check_tell(proposal)
        elif isinstance(proposal, Transfer | Offer):
            _check_common(proposal, plugin)
    booked = [(one.kind, one.key) for one in proposals if isinstance(one, Transfer)]
    if len(set(booked)) < len(booked):
        raise _rubbish("books the same kind twice without a key")
    return proposals


def _check_common(proposal: Transfer | Offer, plugin: str) -> None:
    if isinstance(proposal, Transfer):
        _check_transfer(proposal, plugin)
    else:
        _check_offer(proposal)
    if type(proposal.amount) is not int or not 0 < proposal.amount <= LIMIT:
        raise _rubbish(f"proposes {proposal.amount!r}")
    for reason in proposal.reasons:
        if not isinstance(reason, Reason):
            raise _rubbish(f"explains by {type(reason).__name__}")
        _check_plain(reason.text)
        _expect(reason.line, int, type(None))
        _expect(reason.rule, str, type(None))
    rows: list[Any] = [*proposal.inserts, *proposal.claims]
    for row in rows:
        _check_row(row, plugin)


def _check_transfer(transfer: Transfer, plugin: str) -> None:
    ends = (transfer.source, transfer.target)
    if not all(isinstance(end, AccountRef) for end in ends) or ends[0] == ends[1]:
        raise _rubbish("a transfer needs two accounts")
    if ends[0].unit != ends[1].unit:
        raise _rubbish(f"moves {ends[0].unit} into {ends[1].unit}")
    for text, longest in ((transfer.kind, 40), (transfer.rule, 60), (transfer.key, 60)):
        _expect(text, str)
        if len(text) > longest:
            raise _rubbish(f"names something with {len(text)} characters")
    if not transfer.kind.startswith(f"{plugin}."):
        raise _rubbish(f"books as {transfer.kind!r}")
    _expect(transfer.tender, int, type(None))


def _check_offer(offer: Offer) -> None:
    for text in (offer.id, offer.rule, offer.group):
        _expect(text, str)
    _expect(offer.title, Text)
    _check_plain(offer.title)
    for number in (offer.priority, *offer.lines):
        _expect(number, int)


def _check_row(row: Any, plugin: str) -> None:
    if not isinstance(row, Insert | Claim) or not str(row.table).startswith(f"{plugin}_"):
        raise _rubbish(f"writes into {getattr(row, 'table', row)!r}")
    if row.table not in Model.metadata.tables:
        raise _rubbish(f"writes into {row.table!r}, which is not there")
    columns = _columns(row.table)
    if isinstance(row, Claim):
        _expect(row.key, int)
        if not row.changes or any(isinstance(change, AtLeast | Fill) for change in row.changes.values()):
            raise _rubbish(f"changes nothing in {row.table}")
    elif missing := {name for name, column in columns.items() if column.needed} - set(row.values):
        raise _rubbish(f"leaves out {row.table}.{min(missing)}")
    values = row.values.items() if isinstance(row, Insert) else (*row.guard.items(), *row.changes.items())
    for name, value in values:
        if name not in columns:
            raise _rubbish(f"writes {row.table}.{name}, which is not there")
        _check_value(columns[name], value.amount if isinstance(value, Add | AtLeast) else value)


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    kind: type
    needed: bool
    longest: int | None


@cache
def _columns(table: str) -> dict[str, _Column]:
    found = {}
    for column in Model.metadata.tables[table].columns:
        plain: Any = column.type.impl if isinstance(column.type, TypeDecorator) else column.type
        needed = not column.nullable and column.server_default is None
        found[column.name] = _Column(
            f"{table}.{column.name}", plain.python_type, needed, longest=getattr(plain, "length", None)
        )
    return found


def _check_value(column: _Column, value: Any) -> None:
    if value is None and not column.needed:
        return
    if isinstance(value, Fill) and column.kind is int:
        return
    if not isinstance(value, column.kind) or (isinstance(value, int) and abs(value) > LIMIT * 9):
        raise _rubbish(f"writes {value!r:.40} into {column.name}")
    if column.longest is not None and isinstance(value, str | bytes) and len(value) > column.longest:
        raise _rubbish(f"writes {len(value)} characters into {column.name}")


def _check_tell(tell: Tell) -> None:
    _expect(tell.section, str)
    if tell.section in OURS:
        raise _rubbish(f"answers {tell.section!r} itself")
    if tell.section in LISTS and not isinstance(tell.values.get("lines"), list | tuple):
        raise _rubbish(f"tells no lines for {tell.section!r}")
    _check_plain(tell.values)


def _check_plain(value: Any) -> None:
    """What can be said in JSON, or turned into words first."""
    if isinstance(value, Text):
        _expect(value.msgid, str)
        for figure in value.params.values():
            _check_plain(figure)
    elif isinstance(value, Mapping):
        for name, item in value.items():
            _expect(name, str)
            _check_plain(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _check_plain(item)
    else:
        _expect(value, *_PLAIN)


def _expect(value: Any, *kinds: type) -> None:
    if not isinstance(value, kinds):
        raise _rubbish(f"says {type(value).__name__} where {' or '.join(kind.__name__ for kind in kinds)} belongs")


def _rubbish(what: str) -> BrokenPlugin:
    return BrokenPlugin(because=what)
