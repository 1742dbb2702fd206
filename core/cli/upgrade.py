"""`upgrade`: bring the database to the newest schema, and write permissions and roles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from core import migrations
from core.admin.build import sync_permissions
from core.cli.base import Outcome, command, opened
from core.config import Config
from core.house import House
from core.house import house as current_house
from core.i18n import _


@command("upgrade", _("Bring the database to the newest schema; write permissions and roles."))
@click.pass_obj
def upgrade(create_app: Callable[[Config], Any]) -> Outcome:
    """Run what is missing, core first, then the modules in the order in which they depend; safe to repeat."""
    house = opened()
    moved = bring_up_to_date(house, create_app)
    line = _("Upgraded: %(names)s", names=", ".join(moved)) if moved else _("The database is up to date.")
    return Outcome({"upgraded": moved}, [line])


def bring_up_to_date(house: House, create_app: Callable[[Config], Any]) -> list[str]:
    """Migrations, then permissions; answers the names of those that had something to do."""
    moved = migrations.upgrade_house(house.database, house.host)
    sync_permissions(create_app(house.config))
    current_house().database.dispose()  # the application opened a house of its own
    return moved
