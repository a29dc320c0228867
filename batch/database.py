"""The database under the ledger: SQLite in a file, PostgreSQL on a server, through SQLAlchemy Core.

Only this room knows SQL, the two databases' ways of locking and guarding, and what they say when something is wrong. It is
imported when a ledger is opened and not before: `appraise --help` and `check` need none.
"""

from __future__ import annotations

import getpass
import os
import platform
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    MetaData,
    NullPool,
    Table,
    Text,
    create_engine,
    event,
    func,
    insert,
    inspect,
    make_url,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError

from batch.core.finding import Place, UserError
from batch.files import FULL

HEAD = "0002"  # the newest version in batch/migrations
FIRST = "0001"  # that of ledgers made before versions were noted
ENTRY = Table(
    "entry",
    MetaData(),
    Column("seq", BigInteger, primary_key=True),
    Column("run", BigInteger),
    *(Column(name, Text) for name in ("at", "kind", "key", "body", "hash")),
)
_VERSION = Table("alembic_version", MetaData(), Column("version_num", Text))
_TOGETHER = 1000  # entries handed over at a time
_NAME = "appraise"  # how a session is known to the server
_SECONDS = 10  # to wait for a server that doesn't answer
_KEEPALIVE = {"idle": 60, "interval": 10, "count": 6}  # a machine that is gone loses its lock within two minutes
_TROUBLE = {
    sqlite3.SQLITE_BUSY: "config.ledger-busy",
    sqlite3.SQLITE_LOCKED: "config.ledger-busy",
    sqlite3.SQLITE_FULL: "config.disk",
    sqlite3.SQLITE_IOERR: "config.disk",
    sqlite3.SQLITE_READONLY: "config.disk",
    sqlite3.SQLITE_CANTOPEN: "config.disk",
}
Row = tuple[Any, ...]  # (seq, run, at, kind, key, body, hash)


@dataclass(frozen=True)
class Database:
    """An open ledger's table. Every method raises :class:`UserError` for what the database has against it."""

    connection: Connection
    place: Place
    password_env: str = ""
    exists: bool = True

    def rows(self, kinds: Sequence[str] | None = None) -> list[Row]:
        """The entries (of some kinds), by seq."""
        query = select(ENTRY).order_by(ENTRY.c.seq)
        return self._read(query if kinds is None else query.where(ENTRY.c.kind.in_(kinds)))

    def numbers(self, kind: str) -> list[int]:
        """The seq of every entry of a kind, in order."""
        return [seq for (seq,) in self._read(select(ENTRY.c.seq).where(ENTRY.c.kind == kind).order_by(ENTRY.c.seq))]

    def stream(self, kind: str, first: int = 0, last: int | None = None) -> Iterator[Row]:
        """The entries of a kind, by seq (from ``first`` to ``last``), without holding all of them; other work may go on in
        between.
        """
        query = select(ENTRY).where(ENTRY.c.kind == kind, ENTRY.c.seq >= first).order_by(ENTRY.c.seq).limit(_TOGETHER)
        if last is not None:
            query = query.where(ENTRY.c.seq <= last)
        rows = self._read(query)
        while rows:
            yield from rows
            rows = self._read(query.where(ENTRY.c.seq > rows[-1][0]))

    def about(self, kind: str, key: str) -> list[Row]:
        """The entries of a kind about one thing, by seq."""
        return self._read(select(ENTRY).where(ENTRY.c.kind == kind, ENTRY.c.key == key).order_by(ENTRY.c.seq))

    def keys(self, kind: str) -> set[str]:
        """What there are entries of a kind about."""
        return {str(key) for (key,) in self._read(select(ENTRY.c.key).where(ENTRY.c.kind == kind))}

    def last(self) -> Row | None:
        """The last entry."""
        with self._told(), self.connection.begin():
            return self._last()

    def hash_of(self, seq: int) -> str:
        """The hash of an entry; '' if there is none."""
        return next((str(row[0]) for row in self._read(select(ENTRY.c.hash).where(ENTRY.c.seq == seq))), "")

    def last_run(self) -> int:
        """The highest number of a run; 0 if there is none."""
        return int(self._read(select(func.coalesce(func.max(ENTRY.c.run), 0)))[0][0])

    def append(self, following: Callable[[Row | None], Iterable[Row]]) -> None:
        """Add the entries that follow the last one, in one transaction: all or none."""
        names = ENTRY.columns.keys()
        with self._told(), self.connection.begin():
            left = iter(following(self._last()))
            while some := [dict(zip(names, row, strict=True)) for row in islice(left, _TOGETHER)]:
                self.connection.execute(insert(ENTRY), some)

    def unguarded(self) -> list[str]:
        """What of the table's definition and guards is missing, altered or added, by name."""
        with self._told(), self.connection.begin():
            if self.connection.dialect.name == "postgresql":
                wanted, found = _GUARDS, _postgres_guards(self.connection)
            else:
                wanted, found = _sqlite_guards(_version(self.connection) or HEAD), _sqlite_listing(self.connection)
        return sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))

    def _last(self) -> Row | None:
        row = self.connection.execute(select(ENTRY).order_by(ENTRY.c.seq.desc()).limit(1)).first()
        return tuple(row) if row else None

    def _read(self, query: Any) -> list[Row]:
        with self._told(), self.connection.begin():
            return [tuple(row) for row in self.connection.execute(query)]

    def _told(self) -> Any:
        return _told(self.place, self.password_env)


# --- SQLite ---------------------------------------------------------------------------------------------------------


@contextmanager
def sqlite_database(path: Path, look_only: bool) -> Iterator[Database]:
    """The ledger in a file, made if missing; with ``look_only`` nothing is written, and a missing one is empty.

    Raises ``config.ledger-unreadable``, ``config.ledger-busy``, ``config.ledger-newer``, ``config.ledger-unfinished`` (a run
    was broken off while it wrote; the next run, which may write, puts that right) or ``config.disk``.
    """
    place = Place(str(path))
    if look_only and not path.exists():
        with _empty() as connection:
            yield Database(connection, place, exists=False)
        return
    address = f"{path.resolve().as_uri()}?mode={'ro' if look_only else 'rwc'}"
    engine = create_engine(
        "sqlite://", poolclass=NullPool, creator=lambda: sqlite3.connect(address, uri=True, isolation_level=None)
    )
    _begin_with(engine, "BEGIN" if look_only else "BEGIN IMMEDIATE")
    with _told(place), engine.connect() as connection:
        _set_up(connection, place, look_only)
        yield Database(connection, place)


def _begin_with(engine: Engine, statement: str) -> None:
    """Begin transactions ourselves: Python's sqlite3 would begin none before a change to the schema."""

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(statement)


@contextmanager
def _empty() -> Iterator[Connection]:
    """A ledger without entries, for looking at what is not there yet."""
    with create_engine("sqlite://").connect() as connection:
        ENTRY.create(connection)
        connection.commit()
        yield connection


def _sqlite_listing(connection: Connection) -> dict[str, str]:
    query = text(f"SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name <> '{_VERSION.name}'")  # noqa: S608 (ours)
    return {str(name): str(sql) for name, sql in connection.execute(query)}


def _sqlite_guards(version: str) -> dict[str, str]:
    """What a ledger of this version is made of."""
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        _upgrade(connection, version)
        return _sqlite_listing(connection)


# --- PostgreSQL -----------------------------------------------------------------------------------------------------

_GUARDS = {
    "columns": "seq bigint!, run bigint!, at text!, kind text!, key text!, body text!, hash text!",
    "entry_pkey": "PRIMARY KEY (seq)",
    "entry_hash_key": "UNIQUE (hash)",
    "entry_no_change": "27 A entry_refuse",  # before, row, update, delete; always
    "entry_no_truncate": "34 A entry_refuse",  # before, truncate
    "entry_next": "7 A entry_next",  # before, row, insert
    "entry_refuse": "BEGIN RAISE EXCEPTION 'append-only' USING ERRCODE = 'integrity_constraint_violation'; END",
    "entry_next()": "BEGIN IF NEW.seq IS DISTINCT FROM (SELECT coalesce(max(seq), 0) + 1 FROM entry) THEN"
    " RAISE EXCEPTION 'append-only' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END",
}
_LISTING = """
SELECT 'columns', string_agg(attname || ' ' || format_type(atttypid, atttypmod) || CASE WHEN attnotnull THEN '!' ELSE '' END,
                             ', ' ORDER BY attnum)
  FROM pg_attribute WHERE attrelid = 'entry'::regclass AND attnum > 0 AND NOT attisdropped
UNION ALL SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
  WHERE conrelid = 'entry'::regclass AND contype <> 'n'
UNION ALL SELECT tgname, tgtype || ' ' || tgenabled::text || ' ' || proname
      || CASE WHEN tgqual IS NULL THEN '' ELSE ' when' END
  FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid WHERE tgrelid = 'entry'::regclass AND NOT tgisinternal
UNION ALL SELECT rulename, ev_type::text FROM pg_rewrite WHERE ev_class = 'entry'::regclass
UNION ALL SELECT CASE proname WHEN 'entry_next' THEN 'entry_next()' ELSE proname END, prosrc FROM pg_proc
  WHERE oid IN (SELECT tgfoid FROM pg_trigger WHERE tgrelid = 'entry'::regclass AND NOT tgisinternal)
"""
_HOLDER = text(
    "SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND granted"
    " AND classid = :kind AND objid = :ledger AND objsubid = 2"
    " AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


@contextmanager
def postgres_database(url: str, password_env: str, look_only: bool) -> Iterator[Database]:
    """The ledger on a server, set up if it isn't yet; with ``look_only`` nothing is written, and one not set up is empty.

    Who may write holds the ledger until the end: another one is refused at once with ``run.ledger-held``. The server drops
    that lock with the connection, so a killed run blocks nobody.

    Raises ``config.ledger-driver``, ``config.ledger-password``, ``config.ledger-away``, ``config.ledger-refused``,
    ``config.ledger-newer`` or ``config.ledger-unreadable``.
    """
    place = Place(url)
    engine = _engine(url, password_env, place)
    options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True} if look_only else {}
    with _told(place, password_env), engine.connect().execution_options(**options) as connection:
        with connection.begin():
            for name, value in _KEEPALIVE.items():
                connection.exec_driver_sql(f"SET tcp_keepalives_{name} = {value}")
        if look_only and not inspect(connection).has_table(ENTRY.name):
            with _empty() as nothing:
                yield Database(nothing, place, exists=False)
            return
        connection.rollback()
        if not look_only:
            _hold(connection, place)
        _set_up(connection, place, look_only)
        yield Database(connection, place, password_env)


def _engine(url: str, password_env: str, place: Place) -> Engine:
    address = make_url(url).set(drivername="postgresql+psycopg")
    if password_env:
        if password_env not in os.environ:
            raise UserError("config.ledger-password", place, name=password_env)
        address = address.set(password=os.environ[password_env])
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a process whose user has no name
        user = "?"
    name = f"{_NAME} {os.getpid()} {platform.node()} {user}"[:63]
    try:
        return create_engine(
            address, poolclass=NullPool, connect_args={"connect_timeout": _SECONDS, "application_name": name}
        )
    except ModuleNotFoundError as err:
        raise UserError("config.ledger-driver", place) from err


def _hold(connection: Connection, place: Place) -> None:
    """Take the ledger for this session. Each schema of a database is a ledger of its own."""
    schema = connection.dialect.default_schema_name or ""
    key = {"kind": zlib.crc32(_NAME.encode()) >> 1, "ledger": zlib.crc32(schema.encode()) >> 1}
    with connection.begin():
        if connection.scalar(text("SELECT pg_try_advisory_lock(:kind, :ledger)"), key):
            return
        said = str(connection.scalar(_HOLDER, key) or "").split(" ", 3)
    pid, host, user = said[1:] if len(said) == 4 else ("?", "?", "?")
    raise UserError("run.ledger-held", place, pid=pid, host=host, user=user)


def _postgres_guards(connection: Connection) -> dict[str, str]:
    return {str(name): str(what) for name, what in connection.execute(text(_LISTING))}


# --- versions -------------------------------------------------------------------------------------------------------


def _set_up(connection: Connection, place: Place, look_only: bool) -> None:
    """Bring the schema to the present version; with ``look_only``, see that this program can read it."""
    with connection.begin():
        found = _version(connection)
        if found == HEAD or (look_only and found in ("", FIRST)):
            return
        if not _knows(found):
            raise UserError("config.ledger-newer", place, found=found, known=HEAD)
        if not look_only:
            _upgrade(connection, HEAD, found)


def _version(connection: Connection) -> str:
    """The schema's version; '' if nothing is there yet."""
    known = inspect(connection)
    if known.has_table(_VERSION.name):
        return str(connection.scalar(select(_VERSION.c.version_num)) or "")
    return FIRST if known.has_table(ENTRY.name) else ""


def _knows(version: str) -> bool:
    from alembic.script import ScriptDirectory

    return not version or version in {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def _upgrade(connection: Connection, version: str, found: str = "") -> None:
    """Run the migrations up to a version, within the connection's transaction; ``found``: the version it is of."""
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    if found and not inspect(connection).has_table(_VERSION.name):
        command.stamp(config, found)
    command.upgrade(config, version)


def _config() -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config


# --- what is said when something is wrong ---------------------------------------------------------------------------


@contextmanager
def _told(place: Place, password_env: str = "") -> Iterator[None]:
    """Turn what a database raises into the :class:`UserError` that says what to do."""
    try:
        yield
    except DBAPIError as err:
        cause = err.orig
        if isinstance(cause, sqlite3.Error):
            raise _sqlite_trouble(cause, place) from err
        raise _postgres_trouble(cause, err.connection_invalidated, place, password_env) from err


def _sqlite_trouble(err: sqlite3.Error, place: Place) -> UserError:
    number = getattr(err, "sqlite_errorcode", 0)
    if number == sqlite3.SQLITE_READONLY_ROLLBACK:
        return UserError("config.ledger-unfinished", place)
    plain = number & 0xFF  # the low byte is the plain code
    problem = FULL if plain == sqlite3.SQLITE_FULL else str(err)
    return UserError(_TROUBLE.get(plain, "config.ledger-unreadable"), place, problem=problem)


def _postgres_trouble(err: Any, lost: bool, place: Place, password_env: str) -> UserError:
    """``err``: psycopg's. While connecting there is no code, but what the server was asked for."""
    lines = [line.strip() for line in str(err).splitlines() if line.strip()]
    state = getattr(err, "sqlstate", None) or ""
    problem = " ".join(
        lines[:1] if state else lines[-1:]
    )  # the first line says it, hints follow; of tries to connect, the last
    asked = getattr(err, "pgconn", None)
    if state == "53100":
        return UserError("config.disk", place, problem=FULL)
    if state in ("42501", "3F000") or (asked is not None and (asked.needs_password or asked.used_password)):
        return UserError("config.ledger-refused", place, problem=problem, name=password_env or "ledger_password_env")
    if not state and "FATAL" in problem:
        return UserError("config.ledger-refused", place, problem=problem, name=password_env or "ledger_password_env")
    if lost or not state or state[:2] in ("08", "57"):
        return UserError("config.ledger-away", place, problem=problem)
    return UserError("config.ledger-unreadable", place, problem=problem)
