"""A real PostgreSQL server on loopback, in a temporary folder, for the tests' own time (Debian: apt-get install postgresql)."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg
import pytest

SECRET = "open sesame"


@dataclass
class Server:
    """A cluster of its own. ``user``: whom its programs run as, for root may not run them."""

    folder: Path
    programs: Path
    port: int
    user: str | None
    numbers: Iterator[int] = field(default_factory=count)

    def url(self, database: str, user: str = "clerk") -> str:
        return f"postgresql+psycopg://{user}@127.0.0.1:{self.port}/{database}"

    def sql(self, *statements: str, database: str = "postgres", user: str = "clerk") -> list[tuple[object, ...]]:
        """Run statements one by one; the rows of the last one."""
        address = f"host=127.0.0.1 port={self.port} user={user} dbname={database}"
        with psycopg.connect(address, password=SECRET, autocommit=True) as connection:
            done = [connection.execute(statement.encode()) for statement in statements][-1]
            return done.fetchall() if done.description else []

    def fresh(self) -> str:
        """The name of a new empty database."""
        name = f"ledger{next(self.numbers)}"
        self.sql(f"CREATE DATABASE {name}")
        return name

    def start(self) -> None:
        options = f"-c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder} -p {self.port} -c fsync=off"
        self._run("pg_ctl", "-D", "data", "-w", "-l", "log", "-o", options, "start")

    def die(self) -> None:
        """As when the machine is switched off."""
        self._run("pg_ctl", "-D", "data", "-m", "immediate", "stop")

    def make(self) -> None:
        (self.folder / "secret").write_text(SECRET, encoding="utf-8")
        self._run("initdb", "-D", "data", "-U", "clerk", "-A", "scram-sha-256", "--pwfile=secret", "-N", "-E", "UTF8")

    def _run(self, program: str, *words: str) -> None:
        done = subprocess.run(
            [self.programs / program, *words],
            cwd=self.folder,
            user=self.user,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        assert done.returncode == 0, done.stderr.decode()


@contextmanager
def running() -> Iterator[Server]:
    """A server; skips the test, with the reason, where there is no PostgreSQL."""
    found = shutil.which("initdb") or next((str(p) for p in sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))), None)
    if not found:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    user = "postgres" if hasattr(os, "geteuid") and os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="appraise-pg") as name, socket.socket() as free:
        folder = Path(name)
        if user:
            shutil.chown(folder, user)
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        server = Server(folder, Path(found).parent, port, user)
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.die()
