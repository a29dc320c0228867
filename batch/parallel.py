"""Many like pieces of work on several processes: the same results, in the same order, as one after the other.

The processes are forks, which have the context without its being handed over, and start at once; where there is no safe
fork (Windows, macOS) the work is done in this process.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import chain
from multiprocessing import get_context
from typing import Any, TypeVar

C = TypeVar("C")
T = TypeVar("T")
R = TypeVar("R")
_FEW = 40  # pieces that are not worth a process
_LARGEST = 64  # pieces handed over at a time: enough to forget the cost of it, few enough to keep all processes busy
_DIE_WITH_PARENT = 1  # prctl's PR_SET_PDEATHSIG

_held: tuple[Callable[[Any, Any], Any], Any]


def spread(work: Callable[[C, T], R], context: C, pieces: Sequence[T], jobs: int) -> Iterator[R]:
    """``work(context, piece)`` for every piece, on up to ``jobs`` processes.

    Pieces and results can be pickled; the context need not. An error in ``work`` is raised here.
    """
    if jobs == 1 or len(pieces) < _FEW or sys.platform != "linux":
        yield from (work(context, piece) for piece in pieces)
        return
    size = max(1, min(_LARGEST, len(pieces) // (4 * jobs)))
    with ProcessPoolExecutor(jobs, get_context("fork"), _hold, (work, context, os.getpid())) as pool:
        yield from chain.from_iterable(pool.map(_do, [pieces[n : n + size] for n in range(0, len(pieces), size)]))


def _hold(work: Callable[[Any, Any], Any], context: object, parent: int) -> None:
    """Begin in a process of the pool. It must not outlive the run: the lock of OUT would stay held."""
    global _held
    _held = work, context
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:  # gone before that was set
        os._exit(1)


def _do(pieces: Sequence[Any]) -> list[Any]:
    work, context = _held
    return [work(context, piece) for piece in pieces]
