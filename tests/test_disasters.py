"""What happens to machines: a full disk, a folder that can't be written to or is gone, two runs at once, lost power.

Each is said in one line with what to do, without a traceback; and the next run ends in the same bytes as an undisturbed one.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from batch.answers.verify import verify
from batch.core.finding import UserError
from batch.files import locked
from batch.inbox import scan
from tests.conftest import ROOT, run_appraise
from tests.small_office import SmallOffice
from tests.test_crash import state

W = "2025-W26"
NOW = "2025-06-30T08:00"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> SmallOffice:
    """An office whose reports are taken in and whose reviews lie in the inbox."""
    office = SmallOffice(tmp_path_factory.mktemp("disasters") / "office", 'key = "office.key"')
    (office.folder / "office.key").write_text("0123456789abcdef" * 4, encoding="utf-8")
    (office.folder / "office.key").chmod(0o600)
    office.issue(W)
    for who in ("A1", "A2", "A3", "A4", "B1", "B2", "B3"):
        office.report(W, who)
    office.run(W)
    for reviewer, people in {"L1": "A1 B1", "A2": "A3 A4", "B1": "B2 B3"}.items():
        office.review(W, reviewer, dict.fromkeys(people.split(), (34, 33, 18)))
    return office


@pytest.fixture(scope="module")
def wanted(played: SmallOffice, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What an undisturbed run leaves."""
    out = tmp_path_factory.mktemp("undisturbed") / "out"
    shutil.copytree(played.out, out)
    assert run(played, out).returncode == 0
    return state(out)


@pytest.fixture
def out(played: SmallOffice, tmp_path: Path) -> Path:
    shutil.copytree(played.out, tmp_path / "out")
    return tmp_path / "out"


def words(office: SmallOffice, out: Path) -> list[str | Path]:
    return ["--lang", "en", "run", W, "--office", office.folder, "--out", out, "--now", NOW]


def run(office: SmallOffice, out: Path) -> subprocess.CompletedProcess[str]:
    return run_appraise(*words(office, out))


def one_line(done: subprocess.CompletedProcess[str], *parts: str, code: int = 2) -> None:
    """The command ended with ``code`` and one line that holds these parts."""
    assert done.returncode == code, done.stderr
    assert done.stderr.count("\n") == 1 and all(part in done.stderr for part in parts), done.stderr


@contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[Path]:
    """A real disk of that size; skips where this user may not mount one."""
    folder.mkdir()
    size = f"size={kilobytes}k"
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", folder], capture_output=True)
    if mounted.returncode:
        pytest.skip("needs the right to mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


# --- full, read-only, gone --------------------------------------------------------------------------------------------


def used(folder: Path) -> int:
    return sum(-(-path.stat().st_size // 4096) * 4 for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("more", [0, 36])
def test_a_disk_that_is_full_sooner_or_later(
    more: int, played: SmallOffice, wanted: dict[str, object], tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk", used(played.out) + more) as disk:
        out = disk / "out"
        shutil.copytree(played.out, out)
        one_line(run(played, out), str(out), "the disk is full.")
        subprocess.run(["mount", "-o", "remount,size=20m", disk], check=True)
        assert run(played, out).returncode == 0
        assert state(out) == wanted


@pytest.mark.parametrize("limit", [50, 9000, 20000])
def test_a_file_that_may_not_grow(limit: int, played: SmallOffice, wanted: dict[str, object], out: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "batch", *map(str, words(played, out))],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=ROOT,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    one_line(done, str(out), "the disk is full." if limit < 20000 else "run again")  # SQLite keeps its reason to itself
    assert run(played, out).returncode == 0
    assert state(out) == wanted


def test_a_folder_that_is_read_only(played: SmallOffice, wanted: dict[str, object], tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 20_000) as disk:
        out = disk / "out"
        shutil.copytree(played.out, out)
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        one_line(run(played, out), str(out), "no right to write there", "--out")
        one_line(run(played, disk / "new"), str(disk / "new"), "no right to write there")
        subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
        assert run(played, out).returncode == 0
        assert state(out) == wanted


def test_a_share_that_vanishes_in_mid_run_is_no_new_folder(
    played: SmallOffice, wanted: dict[str, object], out: Path, tmp_path: Path
) -> None:
    away = tmp_path / "away"
    with locked(out) as store:
        store.write("archive/new/first", b"before")  # a folder that no hash begins with
        second = store.draft("archive/new/second", b"drafted before, placed after")
        out.rename(away)
        with pytest.raises(UserError, match=r"config\.disk"):
            store.place(second)
        assert not out.exists()
        with pytest.raises(UserError, match=r"config\.disk"):
            store.write("archive/new/third", b"after")
    assert not out.exists()
    shutil.rmtree(away / "archive" / "new")
    away.rename(out)
    assert run(played, out).returncode == 0
    assert state(out) == wanted


# The command, but once a file was put in place under argv[1], OUT moves to argv[2], or without that the process dies.
MISHAP = """
import os, signal, sys
from batch.cli import main

place, away = sys.argv.pop(1), sys.argv.pop(1)
out = sys.argv[sys.argv.index("--out") + 1]
seen = done = False

def hook(event, args):
    global seen, done
    if done or event not in ("open", "os.rename"):
        return
    if seen:
        done = True
        os.rename(out, away) if away else os.kill(os.getpid(), signal.SIGKILL)
    elif event == "os.rename":
        seen = str(args[1]).startswith(place)

sys.addaudithook(hook)
main()
"""


def run_with_mishap(
    played: SmallOffice, out: Path, place: Path, away: Path | None = None
) -> subprocess.CompletedProcess[str]:
    arguments = [place, away or "", *words(played, out)]
    return subprocess.run(
        [sys.executable, "-c", MISHAP, *map(str, arguments)], capture_output=True, text=True, encoding="utf-8", cwd=ROOT
    )


@pytest.mark.parametrize("after", ["archive", "outbox"])
def test_a_share_that_is_cut_off_during_a_run(
    after: str, played: SmallOffice, wanted: dict[str, object], out: Path, tmp_path: Path
) -> None:
    away = tmp_path / "away"
    one_line(run_with_mishap(played, out, out / after, away), str(out), "network drive")
    assert not out.exists()
    away.rename(out)
    assert run(played, out).returncode == 0
    assert state(out) == wanted


def test_an_inbox_that_is_gone(played: SmallOffice, out: Path, tmp_path: Path) -> None:
    office = tmp_path / "office"
    shutil.copytree(played.folder, office, ignore=shutil.ignore_patterns("inbox"))
    before = state(out)
    done = run_appraise("--lang", "en", "run", W, "--office", office, "--out", out, "--now", NOW)
    one_line(done, str(office / "inbox"), "connect the network drive")
    assert state(out) == before


def test_a_file_that_is_still_being_copied_waits_for_the_next_run(
    played: SmallOffice, wanted: dict[str, object], out: Path, tmp_path: Path
) -> None:
    office = tmp_path / "office"
    shutil.copytree(played.folder, office)
    (form,) = office.glob("inbox/*review-*-A2.xlsx")
    whole = form.read_bytes()
    stop = threading.Event()

    def copy() -> None:
        while not stop.is_set():
            for data in (whole[:1000], whole):
                form.write_bytes(data + os.urandom(1) * 5_000_000)  # long enough to be read in the middle of it

    copying = threading.Thread(target=copy)
    copying.start()
    try:
        found: list[str] = []
        for _ in range(1000):  # sooner or later a reading falls into a writing
            found += [a.fault.code for a in scan(office / "inbox", 20_000_000) if a.fault]
            if found:
                break
    finally:
        stop.set()
        copying.join()
    assert set(found) == {"file.changing"}
    form.write_bytes(whole)
    done = run_appraise("--lang", "en", "run", W, "--office", office, "--out", out, "--now", NOW)
    assert done.returncode == 0
    assert state(out) == wanted


def test_an_inbox_that_vanishes_while_it_is_listed(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    for n in range(3):
        (inbox / f"{n}").mkdir(parents=True)
        (inbox / f"{n}" / "a.xlsx").write_bytes(b"x")
    seen = []

    def vanish(event: str, args: tuple[object, ...]) -> None:
        if event == "os.scandir" and str(args[0]).startswith(str(inbox)):
            seen.append(args[0])
            if len(seen) == 3:
                inbox.rename(tmp_path / "away")

    sys.addaudithook(vanish)
    with pytest.raises(UserError) as refused:
        scan(inbox, 1000)
    assert refused.value.finding.code == "config.no-inbox"


# --- two at once, and killed ------------------------------------------------------------------------------------------


def test_a_second_run_is_told_who_holds_the_folder_and_a_killed_one_blocks_nobody(
    played: SmallOffice, wanted: dict[str, object], out: Path
) -> None:
    code = "import sys, time; from pathlib import Path; from batch.files import locked\n"
    code += "with locked(Path(sys.argv[1])) as store:\n    (store.root / '.aside' / 'half').write_text('h'); print(flush=True); time.sleep(600)"
    holder = subprocess.Popen([sys.executable, "-c", code, str(out)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None
        holder.stdout.readline()
        one_line(run(played, out), str(out), f"process {holder.pid} of ", "Wait until it has ended", code=3)
    finally:
        holder.kill()
        holder.communicate()
    assert (out / ".aside" / "half").exists()
    assert run(played, out).returncode == 0
    assert state(out) == wanted


def test_a_run_killed_while_it_wrote_the_ledger(played: SmallOffice, wanted: dict[str, object], out: Path) -> None:
    path = out / "ledger.db"
    code = "import os, sqlite3, sys\ndb = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
    code += "db.execute('PRAGMA cache_size = 2'); db.execute('BEGIN IMMEDIATE')\n"
    code += "last = db.execute('SELECT max(seq) FROM entry').fetchone()[0]\n"
    code += "row = ('', 'file', 'k', 'x' * 30000)\n"
    code += (
        "[db.execute('INSERT INTO entry VALUES (?, 9, ?, ?, ?, ?, ?)', (last + n, *row, str(n))) for n in range(1, 20)]\n"
    )
    code += "os.kill(os.getpid(), 9)"
    assert subprocess.run([sys.executable, "-c", code, str(path)]).returncode == -signal.SIGKILL
    assert path.with_name("ledger.db-journal").exists()
    found = verify(out)
    assert [f.code for f in found.ledger] == ["config.ledger-unfinished"]
    one_line(run_appraise("--lang", "en", "status", W, "--office", played.folder, "--out", out), "broken off", "Run again")
    assert run(played, out).returncode == 0
    assert state(out) == wanted


def test_another_program_that_holds_the_ledger(played: SmallOffice, out: Path) -> None:
    db = sqlite3.connect(out / "ledger.db", isolation_level=None)
    db.execute("BEGIN EXCLUSIVE")
    one_line(run(played, out), "Another program has the ledger open")
    db.close()


# --- lost power -------------------------------------------------------------------------------------------------------


def test_what_lost_power_emptied_is_written_again(played: SmallOffice, wanted: dict[str, object], out: Path) -> None:
    assert run(played, out).returncode == 0
    for path in (out / "outbox" / W).rglob("*"):
        if path.is_file() and path.name in ("results.csv", f"slip-{W}.html", "summary.xlsx"):
            path.write_bytes(b"")  # renamed, but its bytes never reached the disk
    assert run(played, out).returncode == 0
    assert state(out) == wanted
    (out / "outbox" / W / "manifest.json").write_bytes(b"")
    assert run(played, out).returncode == 0
    assert state(out) == wanted


def test_an_unfinished_week_is_neither_sound_nor_sent_until_the_next_run(
    played: SmallOffice, wanted: dict[str, object], out: Path
) -> None:
    manifest = out / "outbox" / W / "manifest.json"
    assert run_with_mishap(played, out, manifest).returncode == -signal.SIGKILL
    assert "unfinished" in manifest.read_text(encoding="utf-8")
    assert "verify.week-unfinished" in [f.code for f in verify(out).findings]
    sent = run_appraise("--lang", "en", "send", W, "--dry-run", "--office", played.folder, "--out", out, "--now", NOW)
    one_line(sent, "broken off", "Run again, then send")
    again = run(played, out)
    assert again.returncode == 0 and "nothing changed" not in again.stdout
    assert state(out) == wanted
