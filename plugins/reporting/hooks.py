"""What this plugin answers when the core asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from core import hookimpl


@hookimpl
def admin_views() -> Iterable[Any]:
    from plugins.reporting.views import ENTRIES  # not above: a worker has no screens and should not load them

    return ENTRIES


@hookimpl
def cli_commands() -> Iterable[Any]:
    from plugins.reporting.cli import COMMANDS

    return COMMANDS


@hookimpl
def reports() -> Iterable[Any]:
    from plugins.reporting.reports import REPORTS

    return REPORTS


@hookimpl
def member_panels(member_id: int) -> Iterable[Mapping[str, Any]]:
    from plugins.reporting.views import panels

    return panels(member_id)
