"""Work on several processes: the same results in the same order, errors as they are, nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from multiprocessing import active_children
from pathlib import Path

import pytest

from batch.core.finding import Place, UserError
from batch.parallel import Processes, as_they_come, spread
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


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_pieces_are_worked_at_while_further_ones_come_with_what_was_known_by_then(jobs: int) -> None:
    known: list[int] = []

    def coming() -> Iterator[int]:
        for n in range(12):
            known.append(n)
            yield n

    made = dict(as_they_come(lambda n: ([*known], os.getpid()), coming(), jobs, int))
    assert sorted(made) == [*range(12)] and all(seen[: n + 1] == [*range(n + 1)] for n, (seen, _) in made.items())
    if sys.platform == "linux":
        assert ({pid for _, pid in made.values()} == {os.getpid()}) is (jobs == 1)
        assert jobs == 1 or made[0][0] == [0]  # it was begun before the second was there
    assert list(as_they_come(int, iter(()), jobs, int)) == []


@pytest.mark.skipif(sys.platform != "linux", reason="only there are processes forked")
def test_of_those_that_wait_the_largest_is_next(tmp_path: Path) -> None:
    everything, begun = tmp_path / "everything", tmp_path / "begun"

    def coming() -> Iterator[int]:
        yield 0
        while not begun.exists():  # a fork may take its time
            time.sleep(0.01)
        yield from (1, 3, 2, 9, 4)
        everything.touch()

    def work(n: int) -> None:
        with begun.open("a") as log:
            log.write(f"{n}\n")
        while not everything.exists():
            time.sleep(0.01)

    assert len(list(as_they_come(work, coming(), 2, int))) == 6
    order = [*map(int, begun.read_text().split())]
    assert order[0] == 0 and order.index(9) < order.index(1)


def test_an_error_in_what_came_is_raised_as_it_was() -> None:
    with pytest.raises(UserError):
        list(as_they_come(partial(failing, None), iter((149, 150, 151)), 2, int))


@pytest.mark.skipif(sys.platform != "linux", reason="only there are processes forked")
def test_what_came_to_a_process_that_the_system_kills_is_done_all_the_same(tmp_path: Path) -> None:
    assert sorted(as_they_come(partial(dying, tmp_path / "marker"), iter(range(118, 122)), 2, int)) == [
        (n, n) for n in range(118, 122)
    ]
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


def own(n: int) -> tuple[int, int]:
    return n * 2, os.getpid()


@pytest.mark.skipif(sys.platform != "linux", reason="there are no safe forks")
def test_what_is_begun_is_done_beside_what_is_spread() -> None:
    workers = Processes(2)
    begun = workers.begin(own, [7, 8])
    assert begun is not None
    beside = list(workers.spread(twice, [1], MANY, beside=[begun]))
    assert [value for value, _ in beside] == [n * 2 + 1 for n in MANY]
    assert [value for value, _ in begun.results()] == [14, 16]
    assert begun.results() == begun.results()
    pids = {pid for _, pid in begun.results()}
    assert len(pids) == 1 and not pids & {os.getpid(), *(pid for _, pid in beside)}


@pytest.mark.skipif(sys.platform != "linux", reason="there are no safe forks")
def test_an_error_in_what_is_begun_is_raised_when_it_is_asked_for() -> None:
    begun = Processes(2).begin(partial(failing, None), [1, 150])
    assert begun is not None
    with pytest.raises(UserError):
        begun.results()


def test_one_process_begins_nothing() -> None:
    assert Processes(1).begin(own, [7]) is None


def endless(_: int) -> int:
    while True:
        signal.pause()


@pytest.mark.skipif(sys.platform != "linux", reason="there are no safe forks")
def test_what_nobody_asks_for_is_ended() -> None:
    begun = Processes(2).begin(endless, [1])
    assert begun is not None
    before = active_children()
    begun.close()
    assert len(active_children()) == len(before) - 1
