"""Flask-AppBuilder's security manager, reduced to what we let it do: name the signed-in user and answer for rights.

Passwords, sign-in, sessions and roles are ours (`signin`, `users`, `core.sessions`, `roles`). Nothing is public, there
are no tokens for its REST interface, and no view of its own is mounted.
"""

from __future__ import annotations

from typing import Any

from flask import g
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_login import current_user

from core.auth.access import Access


class Security(SecurityManager):
    """Rights are read once for each request, into `g.access`, by `core.admin.request`."""

    auth_view: Any = None  # set by core.admin.build when it mounts the sign-in page

    def has_access(self, permission_name: str, view_name: str) -> bool:
        """Whether the signed-in user may do this. A guest may do nothing."""
        access: Access | None = g.get("access")
        return access is not None and current_user.is_authenticated and (permission_name, view_name) in access.may

    def is_item_public(self, permission_name: str, view_name: str) -> bool:
        """Nothing is."""
        return False

    def register_views(self) -> None:
        """Mount none of the stock views: ours are in core.admin."""

    def create_limiter(self, app: Any) -> None:
        """Sign-ins are counted in the database (`signin`), where all processes see them."""

    def create_jwt_manager(self, app: Any) -> None:
        """No tokens: the tills' API has its own, the stock REST interface is not mounted."""
