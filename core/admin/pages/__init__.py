"""The core's own screens, and where they stand in the menu."""

from __future__ import annotations

from core.admin.base import AdminEntry
from core.admin.pages.account import OwnPassword, SignIn
from core.admin.pages.home import Home
from core.admin.pages.people import RoleView, UserView
from core.admin.pages.places import MallView, StoreView
from core.admin.pages.tills import TillView
from core.i18n import _


def entries() -> list[AdminEntry]:
    """All screens of the core."""
    return [
        AdminEntry(Home, "Overview", _("Overview"), icon="home", order=0),
        AdminEntry(SignIn, "Sign in", _("Sign in"), hidden=True),
        AdminEntry(OwnPassword, "Password", _("Change password"), hidden=True),
        AdminEntry(TillView, "Till registry", _("Tills"), category="Tills", order=30),
        AdminEntry(MallView, "Malls", _("Malls"), category="Settings", order=60),
        AdminEntry(StoreView, "Stores", _("Stores"), category="Settings", order=61),
        AdminEntry(UserView, "Users", _("Users"), category="Settings", order=64),
        AdminEntry(RoleView, "Roles", _("Roles"), category="Settings", order=65),
    ]
