"""Run by Alembic: gives it the connection that ``migrations`` opened and the tables of the code."""

from alembic import context

from migrations.comparison import OPTIONS

context.configure(
    connection=context.config.attributes["connection"],
    # SQLite changes a table by copying it; the batch operations do that, and are plain ALTERs on PostgreSQL.
    render_as_batch=True,
    transactional_ddl=True,
    **OPTIONS,
)
with context.begin_transaction():
    context.run_migrations()
