"""The border: what a plugin proposes is looked at before it is believed; nothing behind it may fail on rubbish."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import partial
from typing import Any

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
_STORED = (str, int, date, datetime, bytes, Fill, type(None))


def ask(host: Host, bell: Bell, facts: Facts, kinds: tuple[type, ...]) -> list[Any]:
    """Ring one plugin and check each proposal; raises `BrokenPlugin` naming it when one is not what it must be."""
    found: list[Any] = host.ring(bell, {"facts": facts}, partial(_read, plugin=bell.plugin, kinds=kinds))
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
    table = Model.metadata.tables.get(row.table)
    if table is None:
        raise _rubbish(f"writes into {row.table!r}, which is not there")
    values = row.values if isinstance(row, Insert) else {**row.guard, **row.changes}
    if strange := set(values) - set(table.columns.keys()):
        raise _rubbish(f"writes {row.table}.{min(map(str, strange))}, which is not there")
    if isinstance(row, Claim):
        _expect(row.key, int)
        if not row.changes or any(isinstance(change, AtLeast | Fill) for change in row.changes.values()):
            raise _rubbish(f"changes nothing in {row.table}")
    for name, value in values.items():
        _expect(value.amount if isinstance(value, Add | AtLeast) else value, *_STORED)
        longest = getattr(table.columns[name].type, "length", None)
        if isinstance(value, str) and longest is not None and len(value) > longest:
            raise _rubbish(f"writes {len(value)} characters into {row.table}.{name}")


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
