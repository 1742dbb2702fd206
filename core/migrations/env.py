"""Alembic's entry: the connection and the plugin come from core.migrations.run."""

from alembic import context

attributes = context.config.attributes
context.configure(
    connection=attributes["connection"],
    version_table=f"{attributes['plugin']}_version",
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
