"""Work on a real Dask scheduler and two workers, processes of their own on loopback: the same bytes, also when one is killed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from batch import cluster, desk, pipeline, terms
from batch.cluster import Cluster
from batch.core.finding import Place, UserError
from batch.core.period import Term, Week
from batch.desk import Setup, templates_of
from tests.cluster_preload import MARKER
from tests.conftest import ROOT, run_appraise
from tests.small_office import NOW, SmallOffice
from tests.test_crash import state

W = "2025-W26"
PIECES = range(100)


@dataclass
class Workshop:
    """The scheduler's address; ``marker``: while this file lies there, the next worker with work done is killed."""

    address: str
    marker: Path
    workers: list[subprocess.Popen[str]]

    def alive(self) -> int:
        return sum(worker.poll() is None for worker in self.workers)


def started(words: list[str], ready: str, environment: dict[str, str]) -> tuple[subprocess.Popen[str], str]:
    """Start a program of Dask; what the line says that tells it is ready."""
    process = subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.{words[0]}", *words[1:]],
        cwd=ROOT,
        env={**os.environ, **environment},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if found := re.search(ready, line):
            return process, found[0]
    raise AssertionError(f"{words[0]} ended")


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    base = tmp_path_factory.mktemp("cluster")
    environment = {MARKER: str(base / "marker"), "PYTHONPATH": str(ROOT), "DASK_TEMPORARY_DIRECTORY": str(base)}
    quiet = ["--no-dashboard", "--host", "127.0.0.1"]
    processes: list[subprocess.Popen[str]] = []
    try:
        scheduler, address = started(["dask_scheduler", "--port", "0", *quiet], r"tcp://127\.0\.0\.1:\d+", environment)
        processes.append(scheduler)
        for _ in range(2):
            words = ["dask_worker", address, "--no-nanny", "--nthreads", "1", "--preload", "tests.cluster_preload", *quiet]
            processes.append(started(words, "Registered to", environment)[0])
        yield Workshop(address, base / "marker", processes[1:])
    finally:
        for process in processes:
            process.kill()
            process.communicate()


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> SmallOffice:
    office = SmallOffice(tmp_path_factory.mktemp("spread"), 'key = "office.key"')
    (office.folder / "office.key").write_text("0123456789abcdef" * 4, encoding="utf-8")
    (office.folder / "office.key").chmod(0o600)
    office.whole_week(W)
    return office


@pytest.fixture(scope="module")
def serial(played: SmallOffice, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What this machine alone makes of the week."""
    out = tmp_path_factory.mktemp("serial") / "out"
    from_scratch(played, out)
    return state(out)


def opened(office: SmallOffice, out: Path, scheduler: str = "") -> Setup:
    (office.folder / "office.toml").write_text(
        f'name = "Test"\nlanguage = "en"\nkey = "office.key"\nscheduler = "{scheduler}"\n'
    )
    return desk.open_office(office.folder, out, None)


def from_scratch(office: SmallOffice, out: Path, scheduler: str = "") -> pipeline.RunOutcome:
    return pipeline.run(opened(office, out, scheduler), Week.parse(W), NOW, jobs=1)


def code_of(scheduler: Cluster) -> str:
    with pytest.raises(UserError) as refused:
        list(scheduler.spread(twice, 1, PIECES))
    scheduler.close()
    return refused.value.finding.code


def twice(context: int, n: int) -> int:
    return n * 2 + context


def same() -> str:
    return "same"


# In the order in which they stand: one worker is killed by the last of them.


def test_everywhere_the_same_bytes_and_results_in_order(
    played: SmallOffice, serial: dict[str, object], workshop: Workshop, tmp_path: Path
) -> None:
    scheduler = Cluster(workshop.address, same)
    assert list(scheduler.spread(twice, 1, PIECES)) == [n * 2 + 1 for n in PIECES]
    scheduler.close()
    from_scratch(played, tmp_path / "out", workshop.address)
    assert state(tmp_path / "out") == serial
    assert from_scratch(played, tmp_path / "out", "tcp://127.0.0.1:1").weeks[0].changed == ()  # nobody is needed for nothing


def test_roll_ups_are_made_by_the_workers_too(played: SmallOffice, workshop: Workshop, tmp_path: Path) -> None:
    quarter, moment = Term.parse("2025-Q2").parts, "2025-07-07T08:00+07:00"
    here, there = tmp_path / "here", tmp_path / "there"
    for out in (here, there):
        from_scratch(played, out)
    made = terms.roll_up_all(opened(played, here), quarter, moment)
    with pytest.raises(UserError) as refused:
        terms.roll_up_all(opened(played, there, "tcp://127.0.0.1:1"), quarter, moment)
    assert refused.value.finding.code == "config.scheduler-away"
    terms.roll_up_all(opened(played, there, workshop.address), quarter, moment)
    assert len(made) == 2 and all(len(term.changed) > 10 for term in made)  # June and the quarter
    assert state(there) == state(here)


def failing(_: int, n: int) -> int:
    if n == 77:
        raise UserError("config.template-wrong", Place("self.xlsx", "Sheet", "B2"), problem="no such name")
    return n


def test_an_error_is_raised_as_it_was(workshop: Workshop) -> None:
    scheduler = Cluster(workshop.address, same)
    with pytest.raises(UserError) as refused:
        list(scheduler.spread(failing, 1, PIECES))
    scheduler.close()
    found = refused.value.finding
    assert (found.code, found.place.cell, dict(found.params)) == ("config.template-wrong", "B2", {"problem": "no such name"})


def test_workers_that_would_come_to_other_papers_are_refused(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    assert code_of(Cluster(workshop.address, os.getpid)) == "config.workers-templates"  # another answer there than here
    monkeypatch.setattr(cluster, "_MINE", "appraise 9.9")
    assert code_of(Cluster(workshop.address, same)) == "config.workers-differ"


def test_templates_of_an_office_are_told_apart(played: SmallOffice, tmp_path: Path) -> None:
    before = templates_of(tmp_path)
    (tmp_path / "templates" / "html").mkdir(parents=True)
    (tmp_path / "templates" / "html" / "slip.html.j2").write_text("mine")
    assert templates_of(tmp_path) != before == templates_of(played.folder)


def test_a_scheduler_that_is_not_there_is_said_in_one_line(
    played: SmallOffice, serial: dict[str, object], tmp_path: Path
) -> None:
    words: list[str | Path] = ["--lang", "en", "run", W, "--office", played.folder, "--out", tmp_path / "out", "--now", NOW]
    done = run_appraise(*words, "--scheduler", "tcp://127.0.0.1:1")
    assert done.returncode == 2 and done.stderr.count("\n") == 1, done.stderr
    assert "tcp://127.0.0.1:1" in done.stderr and "scheduler can't be reached" in done.stderr
    from_scratch(played, tmp_path / "out")
    assert state(tmp_path / "out") == serial


def test_a_scheduler_without_workers(tmp_path: Path) -> None:
    alone, address = started(
        ["dask_scheduler", "--port", "0", "--no-dashboard", "--host", "127.0.0.1"],
        r"tcp://127\.0\.0\.1:\d+",
        {"DASK_TEMPORARY_DIRECTORY": str(tmp_path)},
    )
    try:
        assert code_of(Cluster(address, same)) == "config.workers-none"
    finally:
        alone.kill()
        alone.communicate()


def test_the_library_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert code_of(Cluster("tcp://127.0.0.1:1", same)) == "config.cluster-missing"


def test_a_worker_killed_in_mid_run_loses_nothing(
    played: SmallOffice, serial: dict[str, object], workshop: Workshop, tmp_path: Path
) -> None:
    workshop.marker.touch()
    from_scratch(played, tmp_path / "out", workshop.address)
    assert not workshop.marker.exists()
    assert [worker.wait() for worker in workshop.workers if worker.poll() is not None] == [-signal.SIGKILL]
    assert workshop.alive() == 1
    assert state(tmp_path / "out") == serial
