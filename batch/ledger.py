"""The ledger: what people submitted, append-only, in SQLite or PostgreSQL. Everything else is computed from it.

Entries form a hash chain: each carries a SHA-256 over its content and the hash before it. Triggers refuse changes. One run
is one transaction. How a database does it, only :mod:`batch.database` knows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from batch.core.finding import Finding, Place, UserError
from batch.core.records import Reading, Receipt
from batch.forms.extract import from_body, said

if TYPE_CHECKING:
    from batch.database import Database

_FILE = "file"
_DAMAGE = (ValueError, KeyError, TypeError)  # what a body that was changed by hand may raise


@dataclass(frozen=True)
class Source:
    """Where a ledger is kept: in the file ``path``, or, if there is a ``url``, in a PostgreSQL database.

    The URL holds no password: that stands in the environment variable ``password_env``, if one is needed.
    """

    path: Path
    url: str = ""
    password_env: str = ""

    @property
    def place(self) -> Place:
        """As it is named to people."""
        return Place(self.url or str(self.path))


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
    """Open with :meth:`open`; written by one run at a time (the locks of OUT and of a shared ledger see to it)."""

    def __init__(self, database: Database) -> None:
        self._db = database

    @staticmethod
    @contextmanager
    def open(source: Source, look_only: bool = False) -> Iterator[Ledger]:
        """The ledger, made if missing; with ``look_only`` nothing is written, and a missing one is empty.

        Raises :class:`UserError` as :func:`batch.database.sqlite_database` and :func:`batch.database.postgres_database` say;
        so does every method.
        """
        from batch.database import postgres_database, sqlite_database

        opened = (
            postgres_database(source.url, source.password_env, look_only)
            if source.url
            else sqlite_database(source.path, look_only)
        )
        with opened as database:
            yield Ledger(database)

    @property
    def place(self) -> Place:
        """Where it is kept, as it is named to people."""
        return self._db.place

    @property
    def exists(self) -> bool:
        """False for one that is looked at and was never made."""
        return self._db.exists

    def entries(self) -> list[tuple[Any, ...]]:
        """Every entry as it stands: ``(seq, run, at, kind, key, body, hash)``, by seq."""
        return self._db.rows()

    def unguarded(self) -> list[str]:
        """What of the table's definition and guards is missing, altered or added, by name."""
        return self._db.unguarded()

    def head(self) -> Head:
        """The last entry: how many there are with it, its hash, when it was added."""
        return _head(self._db.last())

    def hash_of(self, seq: int) -> str:
        """The hash of an entry; '' if there is none."""
        return self._db.hash_of(seq)

    def count(self) -> int:
        """How many files were ever received."""
        return len(self._db.numbers(_FILE))

    def received(self) -> set[str]:
        """The SHA-256 of every file ever received."""
        return self._db.keys(_FILE)

    def stretches(self, length: int) -> list[tuple[int, int]]:
        """All files ever received, so many at a time: the first and the last entry of each stretch, for :meth:`receipts`."""
        numbers = self._db.numbers(_FILE)
        return [(numbers[n], numbers[min(n + length, len(numbers)) - 1]) for n in range(0, len(numbers), length)]

    def receipts(self, first: int = 0, last: int | None = None) -> Iterator[Receipt]:
        """Every file ever received (in entries ``first`` to ``last``), in the order of receipt, one at a time. Raises
        ``config.ledger-unreadable``.
        """
        for _, run, at, _, key, body, _ in self._db.stream(_FILE, first, last):
            with _whole(self.place):
                receipt = _receipt(run, at, key, json.loads(body))
            yield receipt

    def receipt(self, sha256: str) -> Receipt:
        """A file that was received. Raises :class:`KeyError` for one that never was, and ``config.ledger-unreadable``."""
        for _, run, at, _, key, body, _ in self._db.about(_FILE, sha256):
            with _whole(self.place):
                return _receipt(run, at, key, json.loads(body))
        raise KeyError(sha256)

    def reading(self, sha256: str) -> Reading | None:
        """What stands in a file that was received; None if it could not be read. Raises ``config.ledger-unreadable``."""
        try:
            return self.receipt(sha256).reading
        except KeyError:
            return None

    def facts(self, *kinds: str) -> list[tuple[str, str, int, str, Any]]:
        """Entries of some kinds in their order: (kind, key, run, at, body)."""
        with _whole(self.place):
            return [(kind, key, run, at, json.loads(body)) for _, run, at, kind, key, body, _ in self._db.rows(kinds)]

    def next_run(self) -> int:
        """The number the next run that adds something will carry."""
        return self._db.last_run() + 1

    def add(self, receipts: Iterable[Receipt]) -> None:
        """Append receipts in one transaction: all or none."""
        self.append(map(fact_of, receipts))

    def record(self, run: int, at: str, kind: str, key: str, body: Mapping[str, Any]) -> None:
        """Append one other fact, such as a closing."""
        self.append([Fact(run, at, kind, key, _text(body))])

    def append(self, facts: Iterable[Fact]) -> None:
        """Append facts in one transaction: all or none."""
        self._db.append(lambda last: _chained(_head(last), facts))


def _head(last: tuple[Any, ...] | None) -> Head:
    return Head(last[0], last[6], last[2]) if last else Head(0, "", "")


def _chained(head: Head, facts: Iterable[Fact]) -> Iterator[tuple[Any, ...]]:
    """The entries that follow ``head``."""
    seq, previous, _ = head
    for fact in facts:
        seq += 1
        entry = (seq, *fact)
        previous = chain(previous, entry)
        yield (*entry, previous)


@contextmanager
def _whole(place: Place) -> Iterator[None]:
    """Turn what a damaged entry does into the :class:`UserError` that says what to do."""
    try:
        yield
    except _DAMAGE as err:
        raise UserError("config.ledger-unreadable", place, problem=str(err)) from err


def chain(previous: str, entry: tuple[Any, ...]) -> str:
    """The hash of an entry ``(seq, run, at, kind, key, body)`` that follows the one whose hash is ``previous``."""
    return hashlib.sha256(json.dumps([previous, *entry], ensure_ascii=False).encode()).hexdigest()


def fact_of(receipt: Receipt, reading: str = "") -> Fact:
    """A receipt as it is added to the ledger; ``reading``: its reading as :func:`said`, where that is known already."""
    parts = {"name": _text(receipt.name), "size": _text(receipt.size)}
    if receipt.reading is not None:
        parts["reading"] = reading or said(receipt.reading)
    if receipt.fault is not None:
        parts["fault"] = _text({"code": receipt.fault.code, "params": dict(receipt.fault.params)})
    if receipt.signed:
        parts["signed"] = _text(True)
    body = ",".join(f'"{key}":{parts[key]}' for key in sorted(parts))
    return Fact(receipt.run, receipt.received, _FILE, receipt.sha256, f"{{{body}}}")


def _text(body: object) -> str:
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
