"""Whenever a command is killed, the next one ends in the same bytes as if nothing had happened.

The real command runs in a forked process, which is killed outright (SIGKILL): after random times, spread over how long it
takes, and before each single change that it makes to the disk. `make crash` does it at many more points.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

# Imported before the fork, so that what is killed is at work and not still loading.
import pytest

import batch.database
import batch.pipeline
import batch.reports.html
import batch.reports.personal
import batch.reports.xlsx  # noqa: F401
from batch.answers.verify import verify
from batch.files import sha256
from batch.ledger import Ledger, Source
from tests.small_office import SmallOffice

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="forks a process to kill it; this system has no fork")

W = "2025-W26"
NOW = "2025-06-30T08:00"
CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "sqlite3.connect"}
REFUSED = 9
KEY = "0123456789abcdef" * 4


@dataclass(frozen=True)
class Scene:
    """A command, and the office and OUT on which it runs."""

    words: tuple[str, ...]
    base: Path


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Scene]:
    """One week of a small office, at four moments."""
    base = tmp_path_factory.mktemp("crash")
    office = SmallOffice(base / "now", 'key = "office.key"')
    (office.folder / "office.key").write_text(KEY, encoding="utf-8")

    def keep(name: str, *words: str) -> Scene:
        shutil.copytree(base / "now", base / name)
        return Scene(words, base / name)

    found = {"issue": keep("issue", "issue", W)}
    office.issue(W)
    for who in ("A1", "A2", "A3", "A4", "B1", "B3"):
        office.report(W, who)
    office.report(W, "B2", (50, 30, 20))  # over the cap: comes back marked
    office.run(W)
    office.report(W, "B2")  # and is corrected, so that the marked form has to go away
    reviewed = {"L1": "A1 B1", "A1": "A2", "A2": "A3 A4", "B1": "B2 B3"}
    for reviewer, people in reviewed.items():
        office.review(W, reviewer, dict.fromkeys(people.split(), (34, 33, 18)))
    found["run"] = keep("run", "run", W)
    shutil.copytree(base / "now", base / "scratch")
    shutil.rmtree(base / "scratch" / "out")
    found["from scratch"] = Scene(("run",), base / "scratch")
    office.run(W)
    found["close"] = keep("close", "close", W, "--with-open")
    return found


def command(given: tuple[str, ...], base: Path) -> None:
    """The real command line, in this process."""
    from batch.cli import cli

    words = [*given, "--office", str(base / "office"), "--out", str(base / "out"), "--now", NOW]
    cli.main(args=words, standalone_mode=False)


def forked(act: Callable[[], None]) -> int:
    """Start ``act`` in a process of its own; returns its id. It ends with 0 if nothing was raised."""
    pid = os.fork()
    if pid == 0:
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        try:
            act()
        except BaseException:
            os._exit(REFUSED)
        os._exit(0)
    return pid


def ended(pid: int) -> int:
    """How the process ended: its exit code, or minus the signal."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def killed_after(seconds: float, words: tuple[str, ...], base: Path) -> bool:
    """Kill the command after a time; whether it was still running."""
    pid = forked(lambda: command(words, base))
    time.sleep(seconds)
    os.kill(pid, signal.SIGKILL)
    return ended(pid) == -signal.SIGKILL


def killed_before_change(number: int, words: tuple[str, ...], base: Path) -> bool:
    """Kill the command just before its n-th change to the disk; whether there were so many."""

    def act() -> None:
        count = 0

        def hook(event: str, args: tuple[object, ...]) -> None:
            nonlocal count
            writes = event == "open" and isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            if count < number and (writes or event in CHANGES):
                count += 1
                if count == number:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        command(words, base)

    return ended(forked(act)) == -signal.SIGKILL


def state(out: Path) -> dict[str, object]:
    """Every file of OUT, byte by byte; of the ledger, what it holds (SQLite lays its pages out as it likes)."""
    files: dict[str, object] = {
        path.relative_to(out).as_posix(): path.read_bytes() if path.is_file() else None for path in sorted(out.rglob("*"))
    }
    files.pop(".lock")
    with Ledger.open(Source(out / "ledger.db"), look_only=True) as ledger:
        files["ledger.db"] = ledger.entries()
    return files


class Trial:
    """Kills one scene's command again and again, and checks what the next one makes of it."""

    def __init__(self, scene: Scene, folder: Path) -> None:
        self.scene, self.folder = scene, folder
        base = folder / "undisturbed"
        shutil.copytree(scene.base, base)
        begun = time.monotonic()
        assert ended(forked(lambda: command(scene.words, base))) == 0
        self.seconds = time.monotonic() - begun
        self.wanted = state(base / "out")
        self.seen: dict[str, str] = {}  # what a kill left → where: the same remains need no second look
        self.killed = 0

    def kill(self, where: str, kill: Callable[[tuple[str, ...], Path], bool]) -> bool:
        """Play the scene, kill it, start it again, compare. False if the command had ended before."""
        base = self.folder / "tried"
        shutil.copytree(self.scene.base, base)
        try:
            if not kill(self.scene.words, base):
                return False
            self.killed += 1
            left = remains(base / "out")
            if left not in self.seen:
                self.seen[left] = where
                self.recover(base, where)
        finally:
            shutil.rmtree(base)
        return True

    def recover(self, base: Path, where: str) -> None:
        """Start the command again, as the secretary would; a week that got closed can't be closed twice."""
        out, words = base / "out", self.scene.words
        done = words[0] == "close" and closed(out)
        assert ended(forked(lambda: command(words, base))) == (REFUSED if done else 0), where
        found = state(out)
        assert found.keys() == self.wanted.keys(), where
        assert [name for name in found if found[name] != self.wanted[name]] == [], where
        assert verify(out).findings == (), where


def closed(out: Path) -> bool:
    with Ledger.open(Source(out / "ledger.db")) as ledger:
        return bool(ledger.facts("close"))


def remains(out: Path) -> str:
    """A digest of all that lies in OUT; names of files set aside are random and don't matter."""
    files = [
        (path.parent if path.parent.name == ".aside" else path, path.read_bytes() if path.is_file() else b"")
        for path in sorted(out.rglob("*"))
        if path.name != ".holder"
    ]
    return sha256(repr(files).encode())


def at_times(trial: Trial, points: int, seed: int) -> None:
    chance = random.Random(seed)
    while trial.killed < points:
        seconds = chance.uniform(0, trial.seconds)
        trial.kill(f"after {seconds:.3f} s", partial(killed_after, seconds))


def at_changes(trial: Trial, step: int) -> None:
    number = 1
    while trial.kill(f"before change {number}", partial(killed_before_change, number)):
        number += step
    assert number > step


# The longest commands get the most points: 200 together in `make crash`.
MANY = {"issue": 50, "run": 70, "from scratch": 60, "close": 20}


@pytest.mark.parametrize("name", MANY)
def test_killed_at_any_time(name: str, scenes: dict[str, Scene], tmp_path: Path) -> None:
    at_times(Trial(scenes[name], tmp_path), points=3, seed=1)


@pytest.mark.parametrize(("name", "step"), [("run", 23), ("from scratch", 37), ("close", 5), ("issue", 13)])
def test_killed_before_a_change_to_the_disk(name: str, step: int, scenes: dict[str, Scene], tmp_path: Path) -> None:
    at_changes(Trial(scenes[name], tmp_path), step)


@pytest.mark.slow
@pytest.mark.parametrize("name", MANY)
def test_killed_at_200_random_times(name: str, scenes: dict[str, Scene], tmp_path: Path) -> None:
    trial = Trial(scenes[name], tmp_path)
    at_times(trial, MANY[name], seed=2)
    print(f"{name}: {trial.killed} kills over {trial.seconds:.2f} s left {len(trial.seen)} different states")


@pytest.mark.slow
@pytest.mark.parametrize("name", MANY)
def test_killed_before_every_change_to_the_disk(name: str, scenes: dict[str, Scene], tmp_path: Path) -> None:
    trial = Trial(scenes[name], tmp_path)
    at_changes(trial, step=1)
    print(f"{name}: killed before each of {trial.killed} changes, {len(trial.seen)} different states")
