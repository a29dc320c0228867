"""The ledger: what people submitted, append-only, in SQLite. Everything else is computed from it.

Entries form a hash chain: each carries a SHA-256 over its content and the hash before it. Triggers refuse changes. One run
is one transaction.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from batch.core.finding import Finding, Place, UserError
from batch.core.records import Reading, Receipt
from batch.files import FULL
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
_DAMAGE = (ValueError, KeyError, TypeError)  # what a body that was changed by hand may raise
_TROUBLE = {
    sqlite3.SQLITE_BUSY: "config.ledger-busy",
    sqlite3.SQLITE_LOCKED: "config.ledger-busy",
    sqlite3.SQLITE_FULL: "config.disk",
    sqlite3.SQLITE_IOERR: "config.disk",
    sqlite3.SQLITE_READONLY: "config.disk",
    sqlite3.SQLITE_CANTOPEN: "config.disk",
}


class Fact(NamedTuple):
    """Something to be added: by which run, when, of which kind, about what (of a file its SHA-256), and the JSON of it."""

    run: int
    at: str
    kind: str
    key: str
    body: str


class Head(NamedTuple):
    """Where the ledger ends: ``hash`` of entry number ``entries``, added ``at``."""

    entries: int
    hash: str
    at: str


class Ledger:
    """Open with :meth:`open`; used by one run at a time (the lock of OUT sees to it)."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._db = connection
        self._place = Place(str(path))

    @staticmethod
    @contextmanager
    def open(path: Path, look_only: bool = False) -> Iterator[Ledger]:
        """The ledger at ``path``, made if missing; with ``look_only`` nothing is written, and a missing one is empty.

        Raises ``config.ledger-unreadable``, ``config.ledger-busy``, ``config.ledger-unfinished`` (a run was broken off while
        it wrote; the next run, which may write, puts that right) or ``config.disk``; so does every method.
        """
        with _told(Place(str(path))):
            if look_only and path.exists():
                connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)
            else:
                connection = sqlite3.connect(":memory:" if look_only else path, isolation_level=None)
                connection.executescript(_SCHEMA)
        try:
            yield Ledger(connection, path)
        finally:
            connection.close()

    def entries(self) -> list[tuple[Any, ...]]:
        """Every entry as it stands: ``(seq, run, at, kind, key, body, hash)``, by seq."""
        with _told(self._place):
            return list(self._db.execute("SELECT seq, run, at, kind, key, body, hash FROM entry ORDER BY seq"))

    def unguarded(self) -> list[str]:
        """What of the table's definition and guards is missing, altered or added, by name."""
        listing = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"
        with _told(self._place), closing(sqlite3.connect(":memory:")) as model:
            model.executescript(_SCHEMA)
            wanted, found = dict(model.execute(listing)), dict(self._db.execute(listing))
        return sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))

    def head(self) -> Head:
        """The last entry: how many there are with it, its hash, when it was added."""
        with _told(self._place):
            row = self._db.execute("SELECT seq, hash, at FROM entry ORDER BY seq DESC LIMIT 1").fetchone()
        return Head(*row) if row else Head(0, "", "")

    def hash_of(self, seq: int) -> str:
        """The hash of an entry; '' if there is none."""
        with _told(self._place):
            row = self._db.execute("SELECT hash FROM entry WHERE seq = ?", (seq,)).fetchone()
        return str(row[0]) if row else ""

    def received(self) -> set[str]:
        """The SHA-256 of every file ever received."""
        with _told(self._place):
            return {key for (key,) in self._db.execute("SELECT key FROM entry WHERE kind = ?", (_FILE,))}

    def receipts(self) -> Iterator[Receipt]:
        """Every file ever received, in the order of receipt, one at a time. Raises ``config.ledger-unreadable``."""
        with _told(self._place, *_DAMAGE):
            rows = self._db.execute("SELECT run, at, key, body FROM entry WHERE kind = ? ORDER BY seq", (_FILE,))
        while True:
            with _told(self._place, *_DAMAGE):
                if (row := rows.fetchone()) is None:
                    return
                run, at, key, body = row
                receipt = _receipt(run, at, key, json.loads(body))
            yield receipt

    def reading(self, sha256: str) -> Reading | None:
        """What stands in a file that was received; None if it could not be read. Raises ``config.ledger-unreadable``."""
        with _told(self._place, *_DAMAGE):
            query = "SELECT body FROM entry WHERE kind = ? AND key = ? ORDER BY seq LIMIT 1"
            row = self._db.execute(query, (_FILE, sha256)).fetchone()
            body = json.loads(row[0]) if row else {}
            return from_body(body["reading"]) if "reading" in body else None

    def facts(self, *kinds: str) -> list[tuple[str, str, int, str, Any]]:
        """Entries of some kinds in their order: (kind, key, run, at, body)."""
        marks = ", ".join("?" * len(kinds))
        query = f"SELECT kind, key, run, at, body FROM entry WHERE kind IN ({marks}) ORDER BY seq"  # noqa: S608 (only marks)
        with _told(self._place, *_DAMAGE):
            return [(kind, key, run, at, json.loads(body)) for kind, key, run, at, body in self._db.execute(query, kinds)]

    def next_run(self) -> int:
        """The number the next run that adds something will carry."""
        with _told(self._place):
            (last,) = self._db.execute("SELECT coalesce(max(run), 0) FROM entry").fetchone()
        return int(last) + 1

    def add(self, receipts: Iterable[Receipt]) -> None:
        """Append receipts in one transaction: all or none."""
        self.append(map(fact_of, receipts))

    def record(self, run: int, at: str, kind: str, key: str, body: Mapping[str, Any]) -> None:
        """Append one other fact, such as a closing."""
        self.append([Fact(run, at, kind, key, _text(body))])

    def append(self, facts: Iterable[Fact]) -> None:
        """Append facts in one transaction: all or none."""
        with _told(self._place):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                row = self._db.execute("SELECT seq, hash FROM entry ORDER BY seq DESC LIMIT 1").fetchone()
                seq, previous = row or (0, "")
                for fact in facts:
                    seq += 1
                    entry = (seq, *fact)
                    previous = chain(previous, entry)
                    self._db.execute("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)", (*entry, previous))
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # a full disk ends the transaction by itself
                    self._db.execute("ROLLBACK")
                raise


@contextmanager
def _told(place: Place, *damage: type[Exception]) -> Iterator[None]:
    """Turn what SQLite raises, and what a damaged entry does, into the :class:`UserError` that says what to do."""
    try:
        yield
    except sqlite3.Error as err:
        number = getattr(err, "sqlite_errorcode", 0)
        if number == sqlite3.SQLITE_READONLY_ROLLBACK:
            raise UserError("config.ledger-unfinished", place) from err
        code = _TROUBLE.get(number & 0xFF, "config.ledger-unreadable")  # the low byte is the plain code
        raise UserError(code, place, problem=FULL if number & 0xFF == sqlite3.SQLITE_FULL else str(err)) from err
    except damage as err:
        raise UserError("config.ledger-unreadable", place, problem=str(err)) from err


def chain(previous: str, entry: tuple[Any, ...]) -> str:
    """The hash of an entry ``(seq, run, at, kind, key, body)`` that follows the one whose hash is ``previous``."""
    return hashlib.sha256(json.dumps([previous, *entry], ensure_ascii=False).encode()).hexdigest()


def fact_of(receipt: Receipt) -> Fact:
    """A receipt as it is added to the ledger."""
    body: dict[str, Any] = {"name": receipt.name, "size": receipt.size}
    if receipt.reading is not None:
        body["reading"] = to_body(receipt.reading)
    if receipt.fault is not None:
        body["fault"] = {"code": receipt.fault.code, "params": dict(receipt.fault.params)}
    if receipt.signed:
        body["signed"] = True
    return Fact(receipt.run, receipt.received, _FILE, receipt.sha256, _text(body))


def _text(body: Mapping[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


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
        signed=body.get("signed", False),
    )
