"""The tills' side: their API, the registry's heartbeat, the daily close."""

from core import Manifest, _

MANIFEST = Manifest(
    name="pos_bridge",
    title=_("Tills"),
    version="1.0",
    summary=_("Receipts from tills of any maker, each counted once; look-up, quotes, heartbeat and daily close."),
    permissions=("close", "statement"),
)
