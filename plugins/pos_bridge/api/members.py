"""Look-up and quotes: what a till asks before it sells. Nothing is written."""

from __future__ import annotations

import json
from typing import Any

from flask import Response

from core import api, checkout, clock, house
from plugins.pos_bridge.api.doors import own_till
from plugins.pos_bridge.rules import json_v1


def look_up() -> Response:
    """POST /members:lookup: the member for the till, masked. The number is in the body: addresses end up in logs."""
    till = api.till()
    ref = json_v1.member(api.Fields(api.read_json(), known=json_v1.MEMBER))
    return _said(checkout.look_up(house(), till, ref=ref))


def quote() -> Response:
    """POST /quotes: what the basket would cost and earn now."""
    till, here = api.till(), house()
    tree = api.read_json()
    mall = api.known_now(here).malls[till.mall_id]
    receipt = json_v1.quote(tree, json_v1.Moment(clock.now(), clock.today(mall.zone)))
    own_till(here, till, named=receipt.key.till)
    return _said(checkout.quote(here, till, receipt=receipt))


def _said(answer: dict[str, Any]) -> Response:
    return Response(json.dumps(answer, ensure_ascii=False), mimetype="application/json")
