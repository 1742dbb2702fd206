"""The border: what a plugin proposes is looked at before it is believed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core.db import Model
from core.errors import BrokenPlugin
from core.host import Bell, Host
from core.types import LIMIT, AccountRef, Claim, Facts, Insert, Offer, Tell, Transfer


def ask(host: Host, bell: Bell, facts: Facts, kinds: tuple[type, ...]) -> list[Any]:
    """Ring one plugin and check each proposal; raises `BrokenPlugin` naming it when one is not what it must be."""
    answers = host.ring(bell, {"facts": facts})
    if answers is None:
        return []
    if isinstance(answers, str | bytes) or not isinstance(answers, Iterable):
        raise _rubbish(bell, f"returned {type(answers).__name__}")
    proposals = list(answers)
    for proposal in proposals:
        if not isinstance(proposal, kinds):
            raise _rubbish(bell, f"proposed {type(proposal).__name__}")
        _check(bell, proposal)
    return proposals


def _check(bell: Bell, proposal: Any) -> None:
    if isinstance(proposal, Transfer):
        _check_transfer(bell, proposal)
    elif isinstance(proposal, Offer) and not _amount(proposal.amount):
        raise _rubbish(bell, f"offers {proposal.amount!r}")
    elif isinstance(proposal, Tell) and not isinstance(proposal.section, str):
        raise _rubbish(bell, "tells something without a section")
    if isinstance(proposal, Transfer | Offer):
        rows: tuple[Any, ...] = (*proposal.inserts, *proposal.claims)
        for row in rows:
            _check_row(bell, row)


def _check_transfer(bell: Bell, transfer: Transfer) -> None:
    ends = (transfer.source, transfer.target)
    if not all(isinstance(end, AccountRef) for end in ends) or ends[0] == ends[1]:
        raise _rubbish(bell, "a transfer needs two accounts")
    if ends[0].unit != ends[1].unit:
        raise _rubbish(bell, f"moves {ends[0].unit} into {ends[1].unit}")
    if not _amount(transfer.amount):
        raise _rubbish(bell, f"transfers {transfer.amount!r}")
    if not transfer.kind.startswith(f"{bell.plugin}."):
        raise _rubbish(bell, f"books as {transfer.kind!r}")


def _check_row(bell: Bell, row: Any) -> None:
    if not isinstance(row, Insert | Claim) or not row.table.startswith(f"{bell.plugin}_"):
        raise _rubbish(bell, f"writes into {getattr(row, 'table', row)!r}")
    if row.table not in Model.metadata.tables:
        raise _rubbish(bell, f"writes into {row.table!r}, which is not there")


def _amount(value: Any) -> bool:
    return type(value) is int and 0 < value <= LIMIT


def _rubbish(bell: Bell, what: str) -> BrokenPlugin:
    return BrokenPlugin(plugin=bell.plugin, hook=bell.hook, because=what)
