"""Many like pieces of work done by several at once: the same results, in the same order, as one after the other.

Who works is an :class:`Executor`: processes of this machine, or the workers of a cluster (:mod:`batch.cluster`). The
processes are forks, which have the context without its being handed over, and start at once; where there is no safe fork
(Windows, macOS), and for few pieces, the work is done in this process.
"""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import chain
from multiprocessing import get_context
from typing import Any, Protocol, TypeVar

C = TypeVar("C")
T = TypeVar("T")
R = TypeVar("R")
FEW = 40  # pieces that are not worth a process
_LARGEST = 64  # pieces handed over at a time: enough to forget the cost of it, few enough to keep all processes busy
_DIE_WITH_PARENT = 1  # prctl's PR_SET_PDEATHSIG

_held: tuple[Callable[[Any, Any], Any], Any]


class Executor(Protocol):
    """Who works. ``shares_disk``: whether they write to the same disk as this process does."""

    @property
    def shares_disk(self) -> bool: ...  # noqa: D102

    def spread(self, work: Callable[[C, T], R], context: C, pieces: Sequence[T]) -> Iterator[R]:
        """``work(context, piece)`` for every piece, in order; pieces and results can be pickled. Errors are raised here."""
        ...


@dataclass(frozen=True)
class Processes:
    """Up to ``jobs`` processes of this machine; with one, this very process."""

    jobs: int
    shares_disk: bool = True

    def spread(self, work: Callable[[C, T], R], context: C, pieces: Sequence[T]) -> Iterator[R]:
        """See :class:`Executor`; the context need not be picklable."""
        return spread(work, context, pieces, self.jobs)


@contextmanager
def executor(jobs: int, scheduler: str, same: Callable[[], Any]) -> Iterator[Executor]:
    """The workers of a Dask ``scheduler``, or, where none is named, processes of this machine.

    ``same``: what must be the same on every machine, for the work to come to the same.
    """
    if not scheduler:
        yield Processes(jobs)
        return
    from batch.cluster import Cluster

    with closing(Cluster(scheduler, same)) as cluster:
        yield cluster


def spread(work: Callable[[C, T], R], context: C, pieces: Sequence[T], jobs: int, large: bool = False) -> Iterator[R]:
    """``work(context, piece)`` for every piece, on up to ``jobs`` processes.

    Pieces and results can be pickled; the context need not. An error in ``work`` is raised here. ``large``: each piece is
    worth a process, and is handed over by itself.
    """
    if jobs == 1 or len(pieces) < (2 if large else FEW) or sys.platform != "linux":
        yield from (work(context, piece) for piece in pieces)
        return
    size = 1 if large else max(1, min(_LARGEST, len(pieces) // (4 * jobs)))
    done = 0
    gc.freeze()  # the forks share what is there now: collecting it would only copy it
    try:
        with ProcessPoolExecutor(jobs, get_context("fork"), _hold, (work, context, os.getpid())) as pool:
            for result in chain.from_iterable(pool.map(_do, [pieces[n : n + size] for n in range(0, len(pieces), size)])):
                yield result
                done += 1
    except BrokenProcessPool:  # the system ended a process, as it does when memory runs short: the rest is done here
        yield from (work(context, piece) for piece in pieces[done:])
    finally:
        gc.unfreeze()


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
