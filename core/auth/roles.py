"""The roles of a mall's back office, as data: what each may do to which noun. Roles compose: a user may have several.

A noun is `<plugin>.<noun>`; `*` is every noun there is, of every plugin. Plugins say themselves what the roles may do
with their nouns (`AdminEntry.grants`). `upgrade` writes all of it to Flask-AppBuilder's tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.i18n import Text, _

READ = ("can_list", "can_show")
WRITE = (*READ, "can_add", "can_edit")
ALL = ("*",)
EVERYTHING = "*"

Grants = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Role:
    """A role: what people call it, and noun → what it may do there."""

    title: Text
    grants: Grants


ADMINISTRATOR = "administrator"

ROLES: Mapping[str, Role] = {
    ADMINISTRATOR: Role(_("Administrator"), {EVERYTHING: ALL}),
    # Sees everything, changes nothing.
    "general_manager": Role(_("General manager"), {EVERYTHING: READ, "core.member": (*READ, "can_find")}),
    "department_head": Role(
        _("Department head"),
        {
            "core.store": READ,
            "core.till": READ,
            "core.member": (*READ, "can_find"),
            "core.card": READ,
            "core.product": WRITE,
            "core.barcode": WRITE,
            "core.category": READ,
            "core.receipt": READ,
            "core.conflict": (*READ, "can_handle"),
            "core.parked": READ,
            "core.switch": READ,
            "core.setting": READ,
        },
    ),
    "store_manager": Role(
        _("Store manager"),
        {
            "core.store": READ,
            "core.till": (*WRITE, "can_issue", "can_revoke"),
            "core.member": (*READ, "can_find", "can_add"),
            "core.card": READ,
            "core.product": READ,
            "core.barcode": READ,
            "core.category": READ,
            "core.receipt": READ,
            "core.conflict": (*READ, "can_handle"),
            "core.parked": READ,
            "core.switch": READ,
            "core.setting": (*READ, "can_edit", "can_follow"),
        },
    ),
    # Reaches members by exact look-up only.
    "cashier": Role(
        _("Cashier and service desk"),
        {
            "core.member": ("can_find", "can_show", "can_add"),
            "core.product": READ,
            "core.receipt": READ,
        },
    ),
    "marketing": Role(
        _("Marketing"),
        {
            "core.store": READ,
            "core.member": (*READ, "can_find"),
            "core.product": WRITE,
            "core.barcode": WRITE,
            "core.category": WRITE,
            "core.receipt": READ,
        },
    ),
    "finance": Role(
        _("Finance"),
        {
            "core.mall": READ,
            "core.store": READ,
            "core.till": READ,
            "core.receipt": READ,
            "core.conflict": (*READ, "can_handle"),
            "core.parked": READ,
            "core.account": READ,
            "core.entry": READ,
            "core.hold": READ,
            "core.checkpoint": READ,
        },
    ),
    "member_care": Role(
        _("Member-care manager"),
        {
            "core.member": (*WRITE, "can_find", "can_reveal", "can_freeze"),
            "core.card": (*READ, "can_add", "can_block"),
            "core.receipt": READ,
        },
    ),
    "member_data": Role(
        _("Member-data officer"),
        {"core.member": (*WRITE, "can_find", "can_reveal", "can_freeze"), "core.card": READ},
    ),
    "card_officer": Role(
        _("Card officer"),
        {"core.member": ("can_find", "can_show"), "core.card": (*READ, "can_add", "can_block", "can_reveal")},
    ),
    "group_sales": Role(_("Group sales"), {"core.member": ("can_find", "can_show", "can_add")}),
    "mediator": Role(_("Mediator"), {"core.member": ("can_find", "can_show"), "core.receipt": READ}),
    "dispatch": Role(_("Dispatch"), {"core.store": READ, "core.member": ("can_find", "can_show")}),
    "auditor": Role(_("Auditor"), {EVERYTHING: READ}),
}


def title_of(name: str) -> Text | str:
    """What people call a role: the title of one of ours, the name of one that an administrator made."""
    return ROLES[name].title if name in ROLES else name


def allows(grants: Grants, *, noun: str, method: str) -> bool:
    """Whether these grants let one do `method` to `noun`; grants for the noun itself come before those for all."""
    methods = grants.get(noun, grants.get(EVERYTHING, ()))
    return methods == ALL or method in methods
