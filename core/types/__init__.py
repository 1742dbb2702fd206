"""The values that cross the border between core, plugins and tills: frozen, typed, without behaviour of their own.

Money is an integer of minor units (fen, cents) beside a currency code; points are integers of a programme's unit.
A quantity is a decimal text, since it is information and never calculated with. Times carry a zone.
"""

from core.types.facts import Facts, MallFacts, MemberFacts, Original, Place, Sold, StoreFacts, TillFacts, Visit
from core.types.proposals import LIMIT, AccountRef, Add, AtLeast, Claim, Fill, Insert, Offer, Reason, Tell, Transfer
from core.types.receipts import Answer, Line, MemberRef, Receipt, ReceiptKey, ReceiptKind, Tender

__all__ = [
    "LIMIT",
    "AccountRef",
    "Add",
    "Answer",
    "AtLeast",
    "Claim",
    "Facts",
    "Fill",
    "Insert",
    "Line",
    "MallFacts",
    "MemberFacts",
    "MemberRef",
    "Offer",
    "Original",
    "Place",
    "Reason",
    "Receipt",
    "ReceiptKey",
    "ReceiptKind",
    "Sold",
    "StoreFacts",
    "Tell",
    "Tender",
    "TillFacts",
    "Transfer",
    "Visit",
]
