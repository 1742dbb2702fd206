"""Budgets and notes."""

from core.migrations import schema_file

revision = "0001"
down_revision = None


def upgrade() -> None:
    schema_file.run(__file__)


def downgrade() -> None:
    schema_file.drop("minimal_")
