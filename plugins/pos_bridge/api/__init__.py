"""The tills' API, version 1: `members` look-up and quotes, `receipts`, `registry` for heartbeat and daily close."""

from flask import Blueprint

from core import api
from plugins.pos_bridge.api import members, receipts, registry, spec

BLUEPRINT = api.describe(
    Blueprint("pos_bridge_api", __name__, url_prefix="/api/v1/pos"), api.Description(spec.PATHS, spec.SCHEMAS)
)
BLUEPRINT.post("/members:lookup")(members.look_up)
BLUEPRINT.post("/quotes")(members.quote)
BLUEPRINT.post("/receipts")(receipts.take)
BLUEPRINT.post("/receipts:batch")(receipts.take_batch)
BLUEPRINT.get("/receipts/<till>/<business_date>/<path:number>")(receipts.read_back)
BLUEPRINT.post("/heartbeat")(registry.heartbeat)
BLUEPRINT.post("/close")(registry.close)
