"""The ledger's schema, version by version: Alembic's migrations, for SQLite and PostgreSQL.

A migration is written once and never changed; what ledgers hold is only ever added to. :mod:`batch.database` runs them.
"""
