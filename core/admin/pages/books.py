"""The books, to look at: accounts, entries with postings and reasons, holds, sealed blocks."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import and_, or_, select

from core.admin import formats
from core.admin.base import ReadOnly
from core.admin.formats import Cell, Format, State
from core.admin.interface import Interface, reader
from core.admin.panels import Panel, table
from core.admin.request import here
from core.i18n import Text, _
from core.models import Account, Checkpoint, Entry, Hold, Member, Posting

LAST = 100
HOLDS = {
    "held": State(_("Held"), "warn", "clock"),
    "captured": State(_("Captured"), "ok", "check"),
    "released": State(_("Released"), "mute", "minus"),
    "expired": State(_("Expired"), "mute", "clock"),
}
ENTRY_COLUMNS: Mapping[str, tuple[Any, Format]] = {
    "id": (_("Entry"), formats.link("EntryView")),
    "recorded_at": (_("Recorded"), formats.moment),
    "kind": (_("Kind"), formats.text),
    "rule": (_("Rule"), formats.text),
    "reference": (_("Reference"), formats.text),
}


class AccountView(ReadOnly):
    """Every account in one unit: members', cards', stores', the mall's."""

    route_base = "/accounts"
    class_permission_name = "core.account"
    datamodel = Interface(Account)
    list_title = _("Accounts")
    list_columns = ("id", "name", "owner", "owner_id", "unit", "balance", "floor")
    show_columns = ("id", "name", "owner", "owner_id", "unit", "balance", "floor")
    search_columns = ("name", "owner", "owner_id", "unit")
    order_columns = ("id", "balance")
    formats = {"balance": formats.unit, "floor": formats.unit, "owner_id": lambda value, row: _owner(value, row)}
    label_columns = {"name": _("Account"), "owner": _("Whose"), "owner_id": _("Owner")}

    def visible(self, query: Any) -> Any:
        """Who works in some stores sees their accounts, and those of members at home there."""
        stores = here().scope.stores
        if stores is None:
            return query
        members = select(Member.id).where(Member.home_store_id.in_(stores))
        of_stores = and_(Account.owner == "store", Account.owner_id.in_(stores))
        return query.where(or_(of_stores, and_(Account.owner == "member", Account.owner_id.in_(members))))

    def panels(self, record: Any) -> Iterable[Panel]:
        """The last movements."""
        movements = select(Posting, Entry).join(Entry, Entry.id == Posting.entry_id)
        movements = movements.where(Posting.account_id == record.id).order_by(Entry.id.desc()).limit(LAST)
        rows = [
            [
                formats.moment(entry.recorded_at, entry),
                formats.link("EntryView", key="id")(entry.kind, entry),
                formats.store(entry.store_id),
                formats.text(entry.reference),
                formats.unit(posting.amount, posting),
            ]
            for posting, entry in reader().execute(movements)
        ]
        yield Panel(_("Last movements"), [_("Recorded"), _("Kind"), _("Store"), _("Reference"), _("Amount")], rows)


class EntryView(ReadOnly):
    """One booked fact each; corrections reverse it, nothing changes it."""

    route_base = "/entries"
    class_permission_name = "core.entry"
    datamodel = Interface(Entry)
    list_title = _("Entries")
    list_columns = ("id", "recorded_at", "kind", "store_id", "plugin", "rule", "reference")
    show_columns = (
        *("id", "kind", "reference", "store_id", "plugin", "rule", "happened_at", "recorded_at", "business_date"),
        *("receipt_id", "reverses_id"),
    )
    search_columns = ("kind", "plugin", "reference", "business_date", "recorded_at", "receipt_id")
    order_columns = ("id", "recorded_at", "business_date")
    formats = {"receipt_id": formats.link("ReceiptView"), "reverses_id": formats.link("EntryView")}
    label_columns = {"id": _("Entry"), "receipt_id": _("Receipt"), "reverses_id": _("Reverses")}

    def panels(self, record: Any) -> Iterable[Panel]:
        """Both sides, and why."""
        yield table(_("Postings"), record.postings, columns=_POSTINGS)
        rows = [_reason(one) for one in json.loads(record.reasons)]
        if rows:
            yield Panel(_("Why"), [_("Reason"), _("Line"), _("Rule")], rows)


class HoldView(ReadOnly):
    """Value set aside for payments under way."""

    route_base = "/holds"
    class_permission_name = "core.hold"
    datamodel = Interface(Hold)
    list_title = _("Holds")
    list_columns = ("id", "account_id", "amount", "captured", "state", "store_id", "created_at", "expires_at")
    show_columns = (
        "id",
        "account_id",
        "amount",
        "captured",
        "state",
        "store_id",
        "reference",
        "created_at",
        "expires_at",
    )
    search_columns = ("state", "created_at", "expires_at", "reference")
    order_columns = ("id", "created_at", "expires_at")
    states = {"state": HOLDS}
    choices = {"state": {key: one.word for key, one in HOLDS.items()}}
    formats = {"amount": formats.unit, "captured": formats.unit, "account_id": formats.link("AccountView")}
    label_columns = {"account_id": _("Account"), "captured": _("Captured"), "id": _("Hold")}


class CheckpointView(ReadOnly):
    """The sealed blocks of the books, each signed. `verify` checks them, and what came before, without this suite."""

    route_base = "/checkpoints"
    class_permission_name = "core.checkpoint"
    datamodel = Interface(Checkpoint)
    list_title = _("Sealed blocks")
    list_columns = ("block", "sealed_at", "first_seq", "last_seq", "chain", "key_id")
    show_columns = ("block", "sealed_at", "first_seq", "last_seq", "root", "chain", "signature", "key_id")
    search_columns = ("block", "sealed_at")
    order_columns = ("block",)
    base_order = ("block", "desc")
    formats = {
        "block": formats.text,
        "chain": lambda value, row: Cell(f"{value.hex()[:16]}…"),
        "root": lambda value, row: Cell(value.hex()),
        "signature": lambda value, row: Cell(value.hex()),
    }
    label_columns = {
        "block": _("Block"),
        "sealed_at": _("Sealed on"),
        "first_seq": _("From no."),
        "last_seq": _("To no."),
        "root": _("Root"),
        "chain": _("Chain"),
        "signature": _("Signature"),
        "key_id": _("Key"),
    }


def _owner(value: int, row: Any) -> Cell:
    """A store's name, a link to a member, or the number."""
    if row.owner == "store":
        return formats.store(value)
    if row.owner == "mall":
        return formats.mall(value)
    return formats.link("MemberView")(value, row) if row.owner == "member" else formats.text(value)


def _reason(stored: Mapping[str, Any]) -> list[Cell]:
    said = {key: stored[key] for key in ("text", "with") if key in stored}
    return [Cell(Text.restored(said)), formats.text(stored.get("line")), formats.text(stored.get("rule"))]


_POSTINGS: Mapping[str, tuple[Any, Format]] = {
    "account": (_("Account"), formats.link("AccountView", key="account_id")),
    "unit": (_("Unit"), formats.text),
    "amount": (_("Amount"), formats.unit),
}
