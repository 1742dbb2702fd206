"""The core's tables, one file a subject. Importing this package makes them all known to the metadata."""

from core.append_only import only_grows
from core.models.audit import Audit
from core.models.job import JobRun, Outbox, OutboxDone
from core.models.ledger import Account, Checkpoint, Entry, Hold, Posting, RollUp, Seal, Unsealed
from core.models.mall import Mall, Store, Till
from core.models.member import Card, Member
from core.models.product import Barcode, Category, Product, ProductCategory
from core.models.receipt import ParkedReceipt, ReceiptConflict, ReceiptLine, ReceiptRow, ReceiptTender
from core.models.setting import PluginState, PluginSwitch, Sequence, SettingRow, Stamp
from core.models.user import Attempt, Reach, WebSession

for _model in (Audit, Checkpoint, Entry, Posting, ReceiptLine, ReceiptRow, ReceiptTender, Seal):
    only_grows(_model.__table__)
only_grows(Account.__table__, but=("balance",))

__all__ = [
    "Account",
    "Attempt",
    "Audit",
    "Barcode",
    "Card",
    "Category",
    "Checkpoint",
    "Entry",
    "Hold",
    "JobRun",
    "Mall",
    "Member",
    "Outbox",
    "OutboxDone",
    "ParkedReceipt",
    "PluginState",
    "PluginSwitch",
    "Posting",
    "Product",
    "ProductCategory",
    "Reach",
    "ReceiptConflict",
    "ReceiptLine",
    "ReceiptRow",
    "ReceiptTender",
    "RollUp",
    "Seal",
    "Sequence",
    "SettingRow",
    "Stamp",
    "Store",
    "Till",
    "Unsealed",
    "WebSession",
]
