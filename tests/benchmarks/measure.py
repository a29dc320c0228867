"""How long a command takes, how much of the processors, and how much memory it and all it starts have at once."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT

_LOOKS = 0.1  # seconds between two looks at the memory, at least
_REST = 20  # times as long as the last look took: it takes long where processes are large, and holds them up


@dataclass(frozen=True)
class Spent:
    """``wall`` and ``cpu`` (user and system, all processes) in seconds; memory in MB, 0 where it can't be told.

    ``together``: what all processes have at once, pages that they share counted once; ``parent``: the most of the first one.
    """

    wall: float
    cpu: float
    together: float
    parent: float
    said: str


def measure(words: Sequence[str | Path]) -> Spent:
    """Run a command of this Python to its end, from when the disk has what was written before. Raises if it fails."""
    import resource  # not on Windows

    os.sync()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, *map(str, words)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        peaks = [0.0, 0.0]
        ended = threading.Event()
        watcher = threading.Thread(target=_watch, args=(process.pid, peaks, ended))
        watcher.start()
        said, complained = process.communicate()
        wall = time.perf_counter() - begun
        ended.set()
        watcher.join()
    if process.returncode:
        raise RuntimeError(f"{words}: {complained[-2000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return Spent(wall, cpu, peaks[0], peaks[1], said)


def _watch(pid: int, peaks: list[float], ended: threading.Event) -> None:
    pause = _LOOKS
    while not ended.wait(pause):
        begun = time.perf_counter()
        sizes = [_megabytes(one) for one in _family(pid)]
        pause = max(_LOOKS, _REST * (time.perf_counter() - begun))
        peaks[0] = max(peaks[0], sum(sizes))
        peaks[1] = max(peaks[1], sizes[0] if sizes else 0)


def _family(pid: int) -> Iterator[int]:
    yield pid
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:  # it has ended
        return
    for task in tasks:
        try:
            found = (task / "children").read_text().split()
        except OSError:
            continue
        for child in found:
            yield from _family(int(child))


def _megabytes(pid: int) -> float:
    """The process's part of the memory: pages that n processes share count 1/n."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
