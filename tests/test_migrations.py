"""Ledgers of older versions of the program open, verify and are brought up to date; those of newer ones are left alone."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from batch import database
from batch.answers.verify import verify
from batch.core.finding import UserError
from batch.ledger import Ledger, Source
from tests.conftest import ROOT
from tests.small_office import SmallOffice
from tests.test_ledger import receipt

W = "2025-W26"
# As the first ledgers were made, before versions were noted.
OLD = """
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


def made_old(path: Path) -> None:
    """Put a ledger's entries into one of the first version."""
    with Ledger.open(Source(path), look_only=True) as ledger:
        entries = ledger.entries()
    path.unlink()
    with closing(sqlite3.connect(path)) as db, db:
        db.executescript(OLD)
        db.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)", entries)


def guards(path: Path) -> dict[str, str]:
    with closing(sqlite3.connect(path)) as db:
        return dict(db.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> SmallOffice:
    office = SmallOffice(tmp_path_factory.mktemp("old"))
    office.issue(W)
    for who in ("A1", "A2", "A3"):
        office.report(W, who)
    office.run(W)
    made_old(office.out / "ledger.db")
    return office


def test_an_old_ledger_verifies_as_it_is_and_the_next_run_brings_it_up_to_date(played: SmallOffice, tmp_path: Path) -> None:
    path = played.out / "ledger.db"
    before = path.read_bytes()
    assert verify(played.out).findings == ()
    assert path.read_bytes() == before
    outbox = json.loads(played.manifest(W).read_text(encoding="utf-8"))
    assert played.run(W).weeks[0].changed == ()
    assert json.loads(played.manifest(W).read_text(encoding="utf-8")) == outbox
    with Ledger.open(Source(tmp_path / "new.db")):
        pass
    assert guards(path) == guards(tmp_path / "new.db")
    played.report(W, "A4")
    played.run(W)
    assert verify(played.out).findings == ()


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.db"
    with Ledger.open(Source(path)) as ledger:
        ledger.add([receipt("a"), receipt("b")])
    made_old(path)
    return path


def test_a_guard_taken_off_an_old_ledger_is_named(old: Path) -> None:
    with closing(sqlite3.connect(old)) as db:
        db.execute("DROP TRIGGER entry_no_delete")
    with Ledger.open(Source(old), look_only=True) as ledger:
        assert ledger.unguarded() == ["entry_no_delete"]


def test_an_upgrade_that_fails_leaves_the_old_ledger_as_it_was(old: Path) -> None:
    with closing(sqlite3.connect(old)) as db:  # in the way of a guard that the upgrade makes after it took another one off
        db.execute("CREATE TRIGGER entry_next BEFORE INSERT ON entry BEGIN SELECT 1; END")
    before = guards(old)
    with pytest.raises(UserError) as refused, Ledger.open(Source(old)):
        pass
    assert refused.value.finding.code == "config.ledger-unreadable"
    assert guards(old) == before


@pytest.mark.parametrize("look_only", [True, False])
def test_a_ledger_of_a_newer_program_is_left_alone(look_only: bool, old: Path) -> None:
    with closing(sqlite3.connect(old)) as db, db:
        db.execute("CREATE TABLE alembic_version (version_num TEXT)")
        db.execute("INSERT INTO alembic_version VALUES ('9999')")
    before = old.read_bytes()
    with pytest.raises(UserError) as refused, Ledger.open(Source(old), look_only):
        pass
    assert refused.value.finding.code == "config.ledger-newer"
    assert old.read_bytes() == before


def test_the_newest_version_is_the_one_that_ledgers_are_brought_to() -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "batch" / "migrations"))
    assert ScriptDirectory.from_config(config).get_current_head() == database.HEAD


@pytest.mark.parametrize("words", [["--help"], ["check", "--office", "OFFICE", "FORM"]])
def test_commands_without_a_ledger_load_no_database_library(words: list[str], played: SmallOffice, tmp_path: Path) -> None:
    form = shutil.copy(next((played.folder / "inbox").iterdir()), tmp_path / "form.xlsx")
    given = [{"OFFICE": str(played.folder), "FORM": str(form)}.get(word, word) for word in words]
    code = "import sys; from batch.cli import main\ntry: main()\nexcept SystemExit: print('sqlalchemy' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code, *given, *(["--out", str(played.out)] if "check" in words else [])],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip().endswith("False"), (done.stdout, done.stderr)
