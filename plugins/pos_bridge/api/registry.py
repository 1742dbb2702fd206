"""Heartbeat and daily close: what a till says of itself and of its day."""

from __future__ import annotations

import json
from typing import Any

from flask import Response

from core import LIMIT, api, clock, house, unit_of_work
from plugins.pos_bridge import services
from plugins.pos_bridge.api.doors import own_till
from plugins.pos_bridge.rules import closing
from plugins.pos_bridge.rules.closing import Count, Totals
from plugins.pos_bridge.services import Beat

_BEAT = frozenset({"at", "version", "queue_length"})
_CLOSE = frozenset({"till", "business_date", *closing.KINDS, "tenders"})
_COUNT = frozenset({"count", "total"})
_TENDER = frozenset({"type", "amount"})


def heartbeat() -> Response:
    """POST /heartbeat: the till is there; the answer tells it our time and how far its own is off."""
    till = api.till()
    said = api.Fields(api.read_json(), known=_BEAT)
    beat = Beat(
        at=said.moment("at"),
        version=said.text("version", 40) if said.has("version") else "",
        queue_length=said.integer("queue_length", low=0, high=10**9) if said.has("queue_length") else None,
    )
    with api.within(till) as actor, unit_of_work(house().database, actor=actor) as uow:
        ahead = services.record_heartbeat(uow, till_id=till.id, beat=beat)
    return _said({"till": till.code, "now": clock.now().isoformat(timespec="seconds"), "clock_seconds": ahead})


def close() -> Response:
    """POST /close: the till's totals of a day against what arrived. Sent again, it is counted again."""
    till, here = api.till(), house()
    said = api.Fields(api.read_json(), known=_CLOSE)
    if said.has("till"):
        own_till(here, till, named=said.text("till", 30))
    business_date = said.day("business_date")
    totals = _totals(said)
    with api.within(till) as actor, unit_of_work(here.database, actor=actor) as uow:
        answer = services.answer_of(services.close_day(uow, till_id=till.id, business_date=business_date, said=totals))
    return _said({"till": till.code, "business_date": business_date.isoformat(), **answer})


def _totals(said: api.Fields) -> Totals:
    counts = {kind: _count(said.part(kind, _COUNT)) for kind in closing.KINDS if said.has(kind)}
    tenders: dict[str, int] | None = {} if said.has("tenders") else None
    if tenders is not None:
        for value, at in said.items("tenders", 100):
            tender = api.Fields(value, at, known=_TENDER)
            name, amount = tender.text("type", 20), tender.integer("amount", low=-LIMIT, high=LIMIT)
            tenders[name] = tenders.get(name, 0) + amount
    return Totals(**counts, tenders=tenders)


def _count(said: api.Fields) -> Count:
    return Count(said.integer("count", low=0, high=10**9), said.amount("total"))


def _said(answer: dict[str, Any]) -> Response:
    return Response(json.dumps(answer, ensure_ascii=False), mimetype="application/json")
