"""The table of entries, which refuses to be changed. Ledgers made before versions were noted are of this one."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# To the letter as the first ledgers were made: `verify` compares what stands in the file.
_SQLITE = (
    """
CREATE TABLE IF NOT EXISTS entry (
    seq INTEGER PRIMARY KEY, run INTEGER NOT NULL, at TEXT NOT NULL, kind TEXT NOT NULL,
    key TEXT NOT NULL, body TEXT NOT NULL, hash TEXT NOT NULL UNIQUE
) STRICT""",
    "CREATE INDEX IF NOT EXISTS entry_key ON entry (kind, key)",
    "CREATE TRIGGER IF NOT EXISTS entry_no_replace BEFORE INSERT ON entry\n"
    "    WHEN EXISTS (SELECT 1 FROM entry WHERE seq = NEW.seq OR hash = NEW.hash)"
    " BEGIN SELECT RAISE(ABORT, 'append-only'); END",
    "CREATE TRIGGER IF NOT EXISTS entry_no_update BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'append-only'); END",
    "CREATE TRIGGER IF NOT EXISTS entry_no_delete BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'append-only'); END",
)
_POSTGRESQL = (
    """CREATE TABLE entry (
    seq bigint PRIMARY KEY, run bigint NOT NULL, at text NOT NULL, kind text NOT NULL,
    key text NOT NULL, body text NOT NULL, hash text NOT NULL UNIQUE
)""",
    "CREATE INDEX entry_key ON entry (kind, key)",
    "CREATE FUNCTION entry_refuse() RETURNS trigger LANGUAGE plpgsql AS"
    " $$BEGIN RAISE EXCEPTION 'append-only' USING ERRCODE = 'integrity_constraint_violation'; END$$",
    "CREATE TRIGGER entry_no_change BEFORE UPDATE OR DELETE ON entry FOR EACH ROW EXECUTE FUNCTION entry_refuse()",
    "CREATE TRIGGER entry_no_truncate BEFORE TRUNCATE ON entry FOR EACH STATEMENT EXECUTE FUNCTION entry_refuse()",
    "ALTER TABLE entry ENABLE ALWAYS TRIGGER entry_no_change",  # also for whoever replays or restores
    "ALTER TABLE entry ENABLE ALWAYS TRIGGER entry_no_truncate",
)


def upgrade() -> None:
    """Make the table and its guards."""
    for statement in _POSTGRESQL if op.get_bind().dialect.name == "postgresql" else _SQLITE:
        op.execute(statement)
