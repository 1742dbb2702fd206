"""The core's own screens, and where they stand in the menu."""

from __future__ import annotations

from core.admin.base import AdminEntry
from core.admin.lookup import Lookup
from core.admin.pages.account import OwnPassword, SignIn
from core.admin.pages.books import AccountView, CheckpointView, EntryView, HoldView
from core.admin.pages.home import Home
from core.admin.pages.members import CardView, MemberView
from core.admin.pages.modules import Switchboard
from core.admin.pages.people import RoleView, UserView
from core.admin.pages.places import MallView, StoreView
from core.admin.pages.products import BarcodeView, CategoryView, ProductView
from core.admin.pages.receipts import ConflictView, ParkedView, ReceiptView
from core.admin.pages.settings import SettingsPage
from core.admin.pages.tills import TillView
from core.admin.pages.trail import AuditView
from core.admin.pages.work import JobRunView, OutboxView
from core.i18n import _


def entries() -> list[AdminEntry]:
    """All screens of the core."""
    return [
        AdminEntry(Home, "Overview", _("Overview"), icon="home", order=0),
        AdminEntry(SignIn, "Sign in", _("Sign in"), hidden=True),
        AdminEntry(OwnPassword, "Password", _("Change password"), hidden=True),
        AdminEntry(Lookup, "Find a member", _("Find a member"), category="Members", order=10),
        AdminEntry(MemberView, "Member list", _("Members"), category="Members", order=11),
        AdminEntry(CardView, "Cards", _("Cards"), category="Members", order=12),
        AdminEntry(ReceiptView, "Receipts", _("Receipts"), category="Tills", order=20),
        AdminEntry(ConflictView, "Conflicts", _("Contradicting receipts"), category="Tills", order=21),
        AdminEntry(ParkedView, "Parked", _("Waiting returns"), category="Tills", order=22),
        AdminEntry(TillView, "Till registry", _("Tills"), category="Tills", order=23),
        AdminEntry(ProductView, "Product list", _("Products"), category="Products", order=30),
        AdminEntry(CategoryView, "Categories", _("Categories"), category="Products", order=31),
        AdminEntry(BarcodeView, "Barcodes", _("Barcodes"), category="Products", order=32),
        AdminEntry(AccountView, "Accounts", _("Accounts"), category="Books", order=40),
        AdminEntry(EntryView, "Entries", _("Entries"), category="Books", order=41),
        AdminEntry(HoldView, "Holds", _("Holds"), category="Books", order=42),
        AdminEntry(CheckpointView, "Sealed blocks", _("Sealed blocks"), category="Books", order=43),
        AdminEntry(Switchboard, "Modules", _("Modules"), category="Settings", order=50),
        AdminEntry(SettingsPage, "Module settings", _("Settings of modules"), category="Settings", order=51),
        AdminEntry(StoreView, "Stores", _("Stores"), category="Settings", order=52),
        AdminEntry(MallView, "Malls", _("Malls"), category="Settings", order=53),
        AdminEntry(UserView, "Users", _("Users"), category="Settings", order=54),
        AdminEntry(RoleView, "Roles", _("Roles"), category="Settings", order=55),
        AdminEntry(AuditView, "Audit trail", _("Audit trail"), category="Settings", order=56),
        AdminEntry(OutboxView, "Outbox", _("Outbox"), category="Settings", order=57),
        AdminEntry(JobRunView, "Runs of jobs", _("Runs of jobs"), category="Settings", order=58),
    ]
