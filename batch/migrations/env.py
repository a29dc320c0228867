"""Alembic's entry: migrations run on the connection given, in its transaction. Started by :mod:`batch.database`."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
