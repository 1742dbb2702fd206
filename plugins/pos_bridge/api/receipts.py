"""Receipts: one, a batch, and reading back. The body becomes a receipt, and the core's answer goes out as stored."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from flask import Response, request

from core import Answer, Arrival, AtriumError, House, ReceiptKey, TillFacts, api, checkout, house
from plugins.pos_bridge.api.doors import own_till
from plugins.pos_bridge.rules import json_v1

MAX_BATCH = 500
_BATCH = frozenset({"receipts"})


def take() -> Response:
    """POST /receipts: 201 when booked, 200 when it was before, 202 when it waits for its sale."""
    till, here = api.till(), house()
    [result] = checkout.take(here, till, arrivals=[_arrival(here, till, tree=api.read_json())])
    if isinstance(result, AtriumError):
        raise result
    return api.send(result)


def take_batch() -> Response:
    """POST /receipts:batch: one result each, in order; a bad one does not stop the others."""
    till, here = api.till(), house()
    batch = api.Fields(api.read_json(api.BATCH_LIMIT), known=_BATCH)
    read: list[Arrival | AtriumError] = []
    for tree, at in batch.items("receipts", MAX_BATCH):
        try:
            read.append(_arrival(here, till, tree=tree, at=at))
        except AtriumError as refusal:
            read.append(refusal)
    taken = iter(checkout.take(here, till, arrivals=[item for item in read if isinstance(item, Arrival)]))
    results = [next(taken) if isinstance(item, Arrival) else item for item in read]
    locale = api.language_of(request.headers.get("Accept-Language", ""))
    said = ",".join(_result(result, locale) for result in results)
    return Response(f'{{"results":[{said}]}}', mimetype="application/json")


def read_back(*, till: str, business_date: str, number: str) -> Response:
    """GET /receipts/{till}/{business_date}/{number}: the stored answer of a receipt of the same store."""
    asking = api.till()
    named = {"till": till, "business_date": business_date, "number": number}
    key: ReceiptKey = json_v1.key(api.Fields(named, known=json_v1.KEY))
    return api.send(checkout.read_back(house(), asking, key=key))


def _arrival(here: House, till: TillFacts, *, tree: Any, at: str = "") -> Arrival:
    receipt = json_v1.receipt(tree, at)
    own_till(here, till, named=receipt.key.till, at=at)
    body = api.canonical(tree)
    return Arrival(receipt, body, sha256(body.encode()).digest())


def _result(result: Answer | AtriumError, locale: str) -> str:
    """One line of a batch's answer; a stored answer stands in it byte for byte."""
    if isinstance(result, AtriumError):
        problem = json.dumps(api.problem(result, locale=locale), ensure_ascii=False)
        return f'{{"status":{result.status},"error":{problem}}}'
    replayed = ',"replayed":true' if result.replayed else ""
    return f'{{"status":{result.status}{replayed},"answer":{result.body}}}'
