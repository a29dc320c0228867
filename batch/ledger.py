"""The ledger: what people submitted, append-only, in SQLite. Everything else is computed from it.

Entries form a hash chain: each carries a SHA-256 over its content and the hash before it. Triggers refuse changes. One run
is one transaction.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from batch.core.finding import Finding, Place, UserError
from batch.core.records import Receipt
from batch.forms.extract import from_body, to_body

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entry (
    seq INTEGER PRIMARY KEY, run INTEGER NOT NULL, at TEXT NOT NULL, kind TEXT NOT NULL,
    key TEXT NOT NULL, body TEXT NOT NULL, hash TEXT NOT NULL UNIQUE
) STRICT;
CREATE INDEX IF NOT EXISTS entry_key ON entry (kind, key);
CREATE TRIGGER IF NOT EXISTS entry_no_replace BEFORE INSERT ON entry
    WHEN EXISTS (SELECT 1 FROM entry WHERE seq = NEW.seq OR hash = NEW.hash) BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER IF NOT EXISTS entry_no_update BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER IF NOT EXISTS entry_no_delete BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'append-only'); END;
"""
_FILE = "file"


class Ledger:
    """Open with :meth:`open`; used by one run at a time (the lock of OUT sees to it)."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._db = connection
        self._place = Place(str(path))

    @staticmethod
    @contextmanager
    def open(path: Path, look_only: bool = False) -> Iterator[Ledger]:
        """The ledger at ``path``, made if missing; with ``look_only`` nothing is written, and a missing one is empty.

        Raises ``config.ledger-unreadable`` or ``config.ledger-busy``.
        """
        try:
            if look_only and path.exists():
                connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)
            else:
                connection = sqlite3.connect(":memory:" if look_only else path, isolation_level=None)
                connection.executescript(_SCHEMA)
        except sqlite3.Error as err:
            busy = getattr(err, "sqlite_errorcode", 0) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
            code = "config.ledger-busy" if busy else "config.ledger-unreadable"
            raise UserError(code, Place(str(path)), problem=str(err)) from err
        try:
            yield Ledger(connection, path)
        finally:
            connection.close()

    def receipts(self) -> list[Receipt]:
        """Every file ever received, in the order of receipt. Raises ``config.ledger-unreadable``."""
        try:
            rows = self._db.execute("SELECT run, at, key, body FROM entry WHERE kind = ? ORDER BY seq", (_FILE,))
            return [_receipt(run, at, key, json.loads(body)) for run, at, key, body in rows]
        except (sqlite3.Error, ValueError, KeyError, TypeError) as err:
            raise UserError("config.ledger-unreadable", self._place, problem=str(err)) from err

    def entries(self, *kinds: str) -> list[tuple[str, str, int, str, Any]]:
        """Entries of some kinds in their order: (kind, key, run, at, body)."""
        marks = ", ".join("?" * len(kinds))
        query = f"SELECT kind, key, run, at, body FROM entry WHERE kind IN ({marks}) ORDER BY seq"  # noqa: S608 (only marks)
        try:
            return [(kind, key, run, at, json.loads(body)) for kind, key, run, at, body in self._db.execute(query, kinds)]
        except (sqlite3.Error, ValueError) as err:
            raise UserError("config.ledger-unreadable", self._place, problem=str(err)) from err

    def next_run(self) -> int:
        """The number the next run that adds something will carry."""
        (last,) = self._db.execute("SELECT coalesce(max(run), 0) FROM entry").fetchone()
        return int(last) + 1

    def add(self, receipts: Iterable[Receipt]) -> None:
        """Append receipts in one transaction: all or none."""
        self._append((r.run, r.received, _FILE, r.sha256, _body(r)) for r in receipts)

    def record(self, run: int, at: str, kind: str, key: str, body: Mapping[str, Any]) -> None:
        """Append one other fact, such as a closing."""
        self._append([(run, at, kind, key, body)])

    def _append(self, facts: Iterable[tuple[int, str, str, str, Mapping[str, Any]]]) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            row = self._db.execute("SELECT seq, hash FROM entry ORDER BY seq DESC LIMIT 1").fetchone()
            seq, previous = row or (0, "")
            for run, at, kind, key, body in facts:
                seq += 1
                text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
                entry = (seq, run, at, kind, key, text)
                previous = chain(previous, entry)
                self._db.execute("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)", (*entry, previous))
            self._db.execute("COMMIT")
        except BaseException:
            self._db.execute("ROLLBACK")
            raise


def chain(previous: str, entry: tuple[Any, ...]) -> str:
    """The hash of an entry ``(seq, run, at, kind, key, body)`` that follows the one whose hash is ``previous``."""
    return hashlib.sha256(json.dumps([previous, *entry], ensure_ascii=False).encode()).hexdigest()


def _body(receipt: Receipt) -> dict[str, Any]:
    body: dict[str, Any] = {"name": receipt.name, "size": receipt.size}
    if receipt.reading is not None:
        body["reading"] = to_body(receipt.reading)
    if receipt.fault is not None:
        body["fault"] = {"code": receipt.fault.code, "params": dict(receipt.fault.params)}
    return body


def _receipt(run: int, at: str, key: str, body: Mapping[str, Any]) -> Receipt:
    fault = body.get("fault")
    return Receipt(
        sha256=key,
        name=body["name"],
        size=body["size"],
        received=at,
        run=run,
        reading=from_body(body["reading"]) if "reading" in body else None,
        fault=Finding(fault["code"], Place(body["name"]), "", tuple(sorted(fault["params"].items()))) if fault else None,
    )
