"""What columns are called when a view does not say otherwise: the same word for the same thing everywhere."""

from __future__ import annotations

from collections.abc import Mapping

from core.i18n import Text, _

LABELS: Mapping[str, Text] = {
    "account": _("Account"),
    "action": _("What"),
    "active": _("May sign in"),
    "actor": _("Who"),
    "address": _("Address"),
    "amount": _("Amount"),
    "at": _("When"),
    "balance": _("Balance"),
    "birthday": _("Birthday"),
    "business_date": _("Business day"),
    "code": _("Code"),
    "created_at": _("Made on"),
    "currency": _("Currency"),
    "email": _("E-mail"),
    "expires_at": _("Expires"),
    "floor": _("Floor"),
    "gender": _("Gender"),
    "happened_at": _("Happened"),
    "id": _("No."),
    "kind": _("Kind"),
    "locale": _("Language"),
    "mall_id": _("Mall"),
    "manager": _("Manager"),
    "member": _("Member"),
    "member_id": _("Member"),
    "model": _("Model"),
    "name": _("Name"),
    "note": _("Note"),
    "number": _("Number"),
    "phone": _("Phone"),
    "plugin": _("Module"),
    "reason": _("Reason"),
    "recorded_at": _("Recorded"),
    "reference": _("Reference"),
    "rule": _("Rule"),
    "state": _("State"),
    "status": _("State"),
    "store": _("Store"),
    "store_id": _("Store"),
    "till_code": _("Till"),
    "total": _("Total"),
    "unit": _("Unit"),
    "zone": _("Time zone"),
}

REASONS = (
    _("The member asked for it"),
    _("To call the member back"),
    _("To deliver something"),
    _("To check who they are"),
    _("A complaint is being looked into"),
)
"""What one says when one wants to see a sealed text, the usual first."""
