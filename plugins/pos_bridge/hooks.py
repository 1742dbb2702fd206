"""What this plugin answers when the core asks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from core import hookimpl

if TYPE_CHECKING:
    from flask import Blueprint


@hookimpl
def api_blueprints() -> Iterable[Blueprint]:
    from plugins.pos_bridge.api import BLUEPRINT

    return [BLUEPRINT]


@hookimpl
def admin_views() -> Iterable[Any]:
    from plugins.pos_bridge.views import ENTRIES  # not above: a worker has no screens and should not load them

    return ENTRIES


@hookimpl
def reports() -> Iterable[Any]:
    from plugins.pos_bridge.reports import REPORTS

    return REPORTS
