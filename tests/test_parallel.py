"""Work on several processes: the same results in the same order, errors as they are, nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from batch.core.finding import Place, UserError
from batch.parallel import spread
from tests.conftest import ROOT

MANY = range(200)


def twice(context: list[int], n: int) -> tuple[int, int]:
    return n * 2 + context[0], os.getpid()


def failing(_: None, n: int) -> int:
    if n == 150:
        raise UserError("config.template-wrong", Place("self.xlsx", "Sheet", "B2"), problem="no such name")
    return n


def test_results_come_in_order_from_other_processes() -> None:
    made = list(spread(twice, [1], MANY, jobs=3))
    assert [value for value, _ in made] == [n * 2 + 1 for n in MANY]
    if sys.platform == "linux":
        assert os.getpid() not in {pid for _, pid in made}


def test_each_large_piece_is_a_share_by_itself() -> None:
    made = list(spread(twice, [1], range(19), jobs=2, large=True))
    assert [value for value, _ in made] == [n * 2 + 1 for n in range(19)]
    if sys.platform == "linux":
        assert len({pid for _, pid in made}) == 19


def test_few_pieces_need_no_process() -> None:
    assert {pid for _, pid in spread(twice, [1], range(10), jobs=3)} == {os.getpid()}


@pytest.mark.parametrize("pieces", [50, 3000])
def test_the_large_ones_have_processes_to_themselves_those_of_a_group_one(pieces: int) -> None:
    made = list(spread(twice, [0], range(pieces), jobs=2, alone=[[0, 9], [7]]))
    assert [value for value, _ in made] == [n * 2 for n in range(pieces)]
    if sys.platform == "linux":
        where = [pid for _, pid in made]
        assert [n for n, pid in enumerate(where) if pid == where[0]] == [0, 9]
        assert where.count(where[7]) == 1


def preparing(prepared: list[int], n: int) -> tuple[list[int], int]:
    prepared.append(n)
    return [*prepared], os.getpid()


def test_what_the_first_prepare_all_others_have() -> None:
    made = list(spread(preparing, [], MANY, jobs=2, first=[7, 90]))
    assert all(seen[:2] == [7, 90] and seen[-1] == n for n, (seen, _) in enumerate(made) if n != 7)
    assert sum(seen.count(n) for n, (seen, _) in enumerate(made) if n not in (7, 90)) == len(MANY) - 2  # each once
    if sys.platform == "linux":
        assert [n for n, (_, where) in enumerate(made) if where == os.getpid()] == [7, 90]


def test_an_error_is_raised_as_it_was() -> None:
    with pytest.raises(UserError) as caught:
        list(spread(failing, None, MANY, jobs=2))
    found = caught.value.finding
    assert (found.code, found.place.cell, dict(found.params)) == ("config.template-wrong", "B2", {"problem": "no such name"})


def dying(marker: Path, n: int) -> int:
    if n == 120 and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return n


@pytest.mark.skipif(sys.platform != "linux", reason="only there are processes forked")
def test_a_process_that_the_system_kills_loses_nothing(tmp_path: Path) -> None:
    assert list(spread(dying, tmp_path / "marker", MANY, jobs=2)) == list(MANY)
    assert (tmp_path / "marker").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only there are processes forked")
def test_nothing_outlives_a_killed_run() -> None:
    program = (
        "import os, time; from batch.parallel import spread\n"
        "def work(_, n): os.write(1, b'%d\\n' % os.getpid()); time.sleep(60)\n"  # whole lines: two of them write
        "list(spread(work, None, range(100), 2))"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=ROOT) as parent:
        assert parent.stdout
        children = {int(parent.stdout.readline()), int(parent.stdout.readline())}
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    until = time.monotonic() + 20
    while any(alive(pid) for pid in children):
        assert time.monotonic() < until, children
        time.sleep(0.01)


def alive(pid: int) -> bool:
    """Whether the process runs; one that has died but whose end nobody has asked for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
