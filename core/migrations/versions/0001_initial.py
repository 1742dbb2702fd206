"""The core's tables, and Flask-AppBuilder's tables of users and roles."""

from core.migrations import schema_file

revision = "0001"
down_revision = None


def upgrade() -> None:
    schema_file.run(__file__)


def downgrade() -> None:
    schema_file.drop("core_", "ab_")
