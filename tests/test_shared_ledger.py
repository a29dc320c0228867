"""A ledger on a PostgreSQL server, shared by machines: the same results, one run at a time, and what happens when it is away."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from batch import desk, parallel, pipeline
from batch.answers.verify import verify
from batch.core.finding import UserError
from batch.core.period import Week
from batch.core.records import Receipt
from batch.ledger import Ledger, Source
from tests.conftest import ROOT, run_appraise
from tests.postgres import SECRET, Server, running
from tests.small_office import NOW, SmallOffice
from tests.test_crash import state
from tests.test_ledger import receipt

W = "2025-W26"
KEY = "0123456789abcdef" * 4


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEDGER", SECRET)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> SmallOffice:
    """A week of an office that keeps its ledger in OUT; all forms still lie in the inbox."""
    office = SmallOffice(tmp_path_factory.mktemp("shared"), 'key = "office.key"')
    (office.folder / "office.key").write_text(KEY, encoding="utf-8")
    (office.folder / "office.key").chmod(0o600)
    office.whole_week(W)
    shutil.rmtree(office.out)
    office.run(W)
    return office


def settings(url: str) -> str:
    return f'name = "Test"\nlanguage = "en"\nkey = "office.key"\nledger = "{url}"\nledger_password_env = "LEDGER"\n'


@pytest.fixture
def folder(played: SmallOffice, postgres: Server, tmp_path: Path) -> Path:
    """The same office, its ledger in a new database."""
    copy = tmp_path / "office"
    shutil.copytree(played.folder, copy)
    (copy / "office.toml").write_text(settings(postgres.url(postgres.fresh())), encoding="utf-8")
    return copy


def run(folder: Path, out: Path) -> pipeline.RunOutcome:
    return pipeline.run(desk.open_office(folder, out, None), Week.parse(W), NOW, jobs=2)


def source_of(folder: Path, out: Path) -> Source:
    return desk.open_office(folder, out, None).ledger


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(UserError) as refused:
        act()
    return refused.value.finding.code


# --- the same as in a file --------------------------------------------------------------------------------------------


def test_a_run_ends_in_the_same_bytes_as_with_a_file(
    played: SmallOffice, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parallel, "FEW", 2)  # forked, with the connection open
    run(folder, tmp_path / "out")
    found, wanted = state(tmp_path / "out"), state(played.out)
    assert found.pop("ledger.db") == []
    entries = wanted.pop("ledger.db")
    assert found == wanted
    source = source_of(folder, tmp_path / "out")
    with Ledger.open(source, look_only=True) as ledger:
        assert ledger.entries() == entries
    assert verify(tmp_path / "out", source=source).findings == ()
    assert run(folder, tmp_path / "out").weeks[0].changed == ()


def test_a_second_machine_goes_on_where_the_first_one_was(played: SmallOffice, folder: Path, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    run(folder, one)
    assert run(folder, two).new_files == 0
    assert (two / "outbox" / W / "results.csv").read_bytes() == (played.out / "outbox" / W / "results.csv").read_bytes()
    source = source_of(folder, two)
    assert verify(two, source=source).findings == ()  # with the originals, which lie in the inbox they share
    with Ledger.open(source) as ledger:
        ledger.record(ledger.next_run(), NOW, "note", "2025-W01", {})
    assert [f.code for f in verify(one, source=source).findings] == ["verify.entries-unnoted"]
    run(folder, one)
    assert verify(one, source=source).findings == ()


def test_a_ledger_that_lost_its_entries_is_missed(folder: Path, tmp_path: Path, postgres: Server) -> None:
    run(folder, tmp_path / "out")
    (folder / "office.toml").write_text(settings(postgres.url(postgres.fresh())), encoding="utf-8")
    source = source_of(folder, tmp_path / "out")
    assert "verify.ledger-missing" in [f.code for f in verify(tmp_path / "out", source=source).findings]
    assert code_of(lambda: run(folder, tmp_path / "out")) == "config.ledger-cut"


def test_a_lost_key_is_not_replaced_where_the_ledger_holds_forms(folder: Path, tmp_path: Path) -> None:
    text = (folder / "office.toml").read_text(encoding="utf-8").replace('key = "office.key"\n', "")
    (folder / "office.toml").write_text(text, encoding="utf-8")
    desk.open_office(folder, tmp_path / "one", None)
    assert (tmp_path / "one" / "key").exists()
    run(folder, tmp_path / "one")
    assert code_of(lambda: run(folder, tmp_path / "two")) == "config.key-unreadable"


# --- two at once ------------------------------------------------------------------------------------------------------


def test_a_second_run_is_told_who_works_and_a_killed_one_blocks_nobody(folder: Path, tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from batch import desk; from batch.ledger import Ledger\n"
    code += "with Ledger.open(desk.open_office(Path(sys.argv[1]), Path(sys.argv[2]), None).ledger): print(flush=True); sys.stdin.read()"
    words = [sys.executable, "-c", code, str(folder), str(tmp_path / "one")]
    with subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        second = ("--lang", "en", "run", W, "--office", folder, "--out", tmp_path / "two", "--now", NOW)
        told = run_appraise(*second)
        assert told.returncode == 3 and told.stderr.count("\n") == 1, told.stderr
        assert f"process {holder.pid} of " in told.stderr and "postgresql+psycopg://clerk@127.0.0.1" in told.stderr
        with Ledger.open(source_of(folder, tmp_path), look_only=True) as ledger:  # looking is always allowed
            assert ledger.entries() == []
        holder.kill()
    run(folder, tmp_path / "two")


def test_of_two_writers_of_one_number_only_one_succeeds(folder: Path, tmp_path: Path, postgres: Server) -> None:
    """Even where the lock is got round: the chain never forks."""
    source = source_of(folder, tmp_path)
    with Ledger.open(source) as ledger:
        ledger.add([receipt("a")])
    address = f"host=127.0.0.1 port={postgres.port} user=clerk password='{SECRET}' dbname={source.url.rpartition('/')[2]}"
    add = b"INSERT INTO entry VALUES (2, 1, '', 'x', 'y', '{}', '%d')"
    failed: list[Exception] = []
    with psycopg.connect(address) as one, psycopg.connect(address) as two:
        one.execute(add % 1)

        def second() -> None:
            try:
                two.execute(add % 2)  # waits for the first, if that has not ended yet
            except psycopg.errors.IntegrityError as err:
                failed.append(err)

        waiting = threading.Thread(target=second)
        waiting.start()
        one.commit()
        waiting.join()
    assert len(failed) == 1


def test_two_offices_in_one_database(folder: Path, tmp_path: Path, postgres: Server) -> None:
    database = postgres.fresh()
    postgres.sql("CREATE SCHEMA north", "CREATE SCHEMA south", database=database)
    north, south = (
        Source(tmp_path, f"{postgres.url(database)}?options=-csearch_path%3D{name}", "LEDGER") for name in ("north", "south")
    )
    with Ledger.open(north) as one, Ledger.open(south) as other:  # both at once: one doesn't keep the other waiting
        one.add([receipt("a")])
        assert list(other.receipts()) == []
    with Ledger.open(north, look_only=True) as ledger:
        assert [r.name for r in ledger.receipts()] == ["a"] and ledger.unguarded() == []


# --- guards and rights ------------------------------------------------------------------------------------------------


@pytest.fixture
def made(folder: Path, tmp_path: Path) -> Source:
    source = source_of(folder, tmp_path)
    with Ledger.open(source) as ledger:
        ledger.add([receipt("a")])
    return source


@pytest.mark.parametrize(
    ("statement", "names"),
    [
        ("DROP TRIGGER entry_no_change ON entry", ["entry_no_change"]),
        ("ALTER TABLE entry DISABLE TRIGGER entry_next", ["entry_next"]),
        ("ALTER TABLE entry ENABLE TRIGGER entry_no_truncate", ["entry_no_truncate"]),
        ("ALTER TABLE entry DROP CONSTRAINT entry_hash_key", ["entry_hash_key"]),
        ("ALTER TABLE entry ALTER body DROP NOT NULL", ["columns"]),
        ("CREATE RULE soft AS ON INSERT TO entry DO INSTEAD NOTHING", ["soft"]),
        (
            "CREATE OR REPLACE FUNCTION entry_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
            ["entry_refuse"],
        ),
    ],
)
def test_guards_taken_off_or_made_toothless_are_named(
    statement: str, names: list[str], made: Source, postgres: Server
) -> None:
    def unguarded() -> list[str]:
        with Ledger.open(made, look_only=True) as ledger:
            return ledger.unguarded()

    assert unguarded() == []
    postgres.sql(statement, database=made.url.rpartition("/")[2])
    assert unguarded() == names


def test_an_account_that_may_only_look_and_add_is_enough(made: Source, postgres: Server) -> None:
    database = made.url.rpartition("/")[2]
    postgres.sql(
        f"CREATE ROLE secretary LOGIN PASSWORD '{SECRET}'",
        "GRANT SELECT, INSERT ON entry TO secretary",
        "GRANT SELECT ON alembic_version TO secretary",
        database=database,
    )
    with Ledger.open(Source(made.path, postgres.url(database, "secretary"), "LEDGER")) as ledger:
        ledger.add([receipt("b", 2)])
        assert [r.name for r in ledger.receipts()] == ["a", "b"]
        assert ledger.unguarded() == []
    for statement in ("DELETE FROM entry", "ALTER TABLE entry DISABLE TRIGGER ALL"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            postgres.sql(statement, database=database, user="secretary")
    empty = Source(made.path, postgres.url(postgres.fresh(), "secretary"), "LEDGER")  # may not make the table there
    assert code_of(lambda: Ledger.open(empty).__enter__()) == "config.ledger-refused"


# --- wrong settings, and a server that is away ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("postgresql+psycopg://clerk@127.0.0.1:1/ledger", "config.ledger-away"),
        ("postgresql+psycopg://clerk@nowhere.invalid/ledger", "config.ledger-away"),
        ("{server}/none_of_this_name", "config.ledger-refused"),
        ("mysql://clerk@127.0.0.1/ledger", "config.wrong-value"),
        ("ledger.db", "config.wrong-value"),
        ("postgresql+psycopg://clerk@127.0.0.1", "config.wrong-value"),
        ("postgresql+psycopg://clerk:secret@127.0.0.1/ledger", "config.wrong-value"),
    ],
)
def test_a_wrong_url(url: str, code: str, folder: Path, tmp_path: Path, postgres: Server) -> None:
    wrong = url.replace("{server}", postgres.url("").rstrip("/"))
    (folder / "office.toml").write_text(settings(wrong), encoding="utf-8")
    assert code_of(lambda: run(folder, tmp_path / "out")) == code
    assert not (tmp_path / "out" / "ledger.db").exists()


def test_a_wrong_password_is_said_in_one_line(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEDGER", "guessed")
    done = run_appraise("--lang", "en", "run", W, "--office", folder, "--out", tmp_path / "out", "--now", NOW)
    assert done.returncode == 2 and done.stderr.count("\n") == 1, done.stderr
    assert "password authentication failed" in done.stderr and "the password in LEDGER" in done.stderr
    assert "guessed" not in done.stderr
    monkeypatch.delenv("LEDGER")
    assert code_of(lambda: run(folder, tmp_path / "out")) == "config.ledger-password"


def test_a_missing_driver_is_named(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "psycopg"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert code_of(lambda: run(folder, tmp_path / "out")) == "config.ledger-driver"


@pytest.fixture(scope="module")
def mortal() -> Iterator[Server]:
    """A server for one test to switch off."""
    with running() as server:
        yield server


def test_a_server_that_dies_in_mid_run(played: SmallOffice, folder: Path, tmp_path: Path, mortal: Server) -> None:
    (folder / "office.toml").write_text(settings(mortal.url(mortal.fresh())), encoding="utf-8")
    out = tmp_path / "out"
    dead: list[object] = []

    def die(event: str, args: tuple[object, ...]) -> None:
        if event == "os.rename" and str(args[1]).startswith(str(out / "archive")) and not dead:
            dead.append(args)  # the first original is kept, the ledger knows none of them yet
            mortal.die()

    sys.addaudithook(die)
    assert code_of(lambda: run(folder, out)) == "config.ledger-away"
    assert code_of(lambda: run(folder, out)) == "config.ledger-away"
    assert not (out / "outbox").exists()
    mortal.start()

    def halfway() -> Iterator[Receipt]:
        for n in range(3000):
            if n == 2500:  # two thousand are on the server, in a transaction that never ends
                mortal.die()
            yield receipt(f"{n}")

    source = source_of(folder, out)

    def add() -> None:
        with Ledger.open(source) as ledger:
            ledger.add(halfway())

    assert code_of(add) == "config.ledger-away"
    mortal.start()
    run(folder, out)
    found, wanted = state(out), state(played.out)
    with Ledger.open(source, look_only=True) as ledger:
        found["ledger.db"] = ledger.entries()
    assert found == wanted
