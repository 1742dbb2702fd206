"""Migrations: one linear history and one version table per plugin, run in the order in which plugins depend.

No branches in one table: removing the package of a migrated plugin would then break the upgrade for everybody.
"""

from core.migrations.run import downgrade, pending, upgrade_all, upgrade_house

__all__ = ["downgrade", "pending", "upgrade_all", "upgrade_house"]
