"""An entry must be the next one: no gaps, and of two writers at once only one gets its number, so the chain can't fork."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_SQLITE = (
    "DROP TRIGGER entry_no_replace",
    """CREATE TRIGGER entry_next BEFORE INSERT ON entry
    WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM entry) OR EXISTS (SELECT 1 FROM entry WHERE hash = NEW.hash)
    BEGIN SELECT RAISE(ABORT, 'append-only'); END""",
)
_POSTGRESQL = (
    "CREATE FUNCTION entry_next() RETURNS trigger LANGUAGE plpgsql AS"
    " $$BEGIN IF NEW.seq IS DISTINCT FROM (SELECT coalesce(max(seq), 0) + 1 FROM entry) THEN"
    " RAISE EXCEPTION 'append-only' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END$$",
    "CREATE TRIGGER entry_next BEFORE INSERT ON entry FOR EACH ROW EXECUTE FUNCTION entry_next()",
    "ALTER TABLE entry ENABLE ALWAYS TRIGGER entry_next",
)


def upgrade() -> None:
    """Put the guard on what is added."""
    for statement in _POSTGRESQL if op.get_bind().dialect.name == "postgresql" else _SQLITE:
        op.execute(statement)
