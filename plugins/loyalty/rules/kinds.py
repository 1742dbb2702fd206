"""What people call the entries of loyalty."""

from core import _

KINDS = {
    "loyalty.earn": _("Earned"),
    "loyalty.spend": _("Paid with points"),
    "loyalty.refund": _("Given back"),
    "loyalty.take_back": _("Taken back with a return"),
    "loyalty.owe": _("Owed"),
    "loyalty.repay": _("Repaid"),
    "loyalty.settle": _("Debt settled"),
    "loyalty.expire": _("Expired"),
    "loyalty.hold": _("Held"),
    "loyalty.release": _("Released"),
}
