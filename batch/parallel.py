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
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast

if TYPE_CHECKING:
    from multiprocessing.context import ForkProcess

Groups = Sequence[Sequence[int]]
C = TypeVar("C")
T = TypeVar("T")
R = TypeVar("R")
FEW = 40  # pieces that are not worth a process
_SHARES = 6  # for each process, one after the other: few enough to forget the cost of a fork, enough to keep all busy
_SMALLEST, _LARGEST = 200, 2000  # pieces of a share
_BLOCK = 16  # pieces side by side that stay together: they often touch the same memory
_GARBAGE = 50_000, 20, 50  # objects after which a fork looks for garbage: it ends with its share, and leaves little
_SELDOM = 50_000, 20, 1_000_000  # the same of a run: what it comes to know stays to its end
_DIE_WITH_PARENT = 1  # prctl's PR_SET_PDEATHSIG


class Executor(Protocol):
    """Who works. ``shares_disk``: whether they write to the same disk as this process does."""

    @property
    def shares_disk(self) -> bool: ...  # noqa: D102

    def spread(
        self,
        work: Callable[[C, T], R],
        context: C,
        pieces: Sequence[T],
        alone: Groups = (),
        first: Sequence[int] = (),
        beside: Sequence[Begun[Any, Any]] = (),
    ) -> Iterator[R]:
        """``work(context, piece)`` for every piece, in order; pieces and results can be pickled. Errors are raised here.

        ``alone``: pieces, by number, that take so much time and memory that few should be done at once; those of one group
        share what they are made from. ``first``: pieces that prepare what many others need as well. ``beside``: what is
        under way meanwhile.
        """
        ...

    def begin(self, work: Callable[[T], R], pieces: Sequence[T]) -> Begun[T, R] | None:
        """Have ``work(piece)`` done for some pieces while this process goes on; None: nobody can. Results are pickled."""
        ...


@dataclass(frozen=True)
class Processes:
    """Up to ``jobs`` processes of this machine; with one, this very process."""

    jobs: int
    shares_disk: bool = True

    def spread(
        self,
        work: Callable[[C, T], R],
        context: C,
        pieces: Sequence[T],
        alone: Groups = (),
        first: Sequence[int] = (),
        beside: Sequence[Begun[Any, Any]] = (),
    ) -> Iterator[R]:
        """See :class:`Executor`; the context need not be picklable."""
        return spread(work, context, pieces, self.jobs, alone, first, beside=beside)

    def begin(self, work: Callable[[T], R], pieces: Sequence[T]) -> Begun[T, R] | None:
        """See :class:`Executor`."""
        return Begun(work, pieces) if self.jobs > 1 and sys.platform == "linux" else None


class Begun(Generic[T, R]):
    """Pieces of work that a fork is at while this process goes on."""

    def __init__(self, work: Callable[[T], R], pieces: Sequence[T]) -> None:
        self._work, self._pieces = work, pieces
        self._running: tuple[Connection, ForkProcess] | None = _started(work, pieces)
        self._done: list[R] | None = None

    @property
    def answer(self) -> Connection | None:
        """What becomes ready when the fork ends; None once it has."""
        return self._running[0] if self._running else None

    def results(self) -> list[R]:
        """What the pieces came to, in order, once it is there. Errors are raised here."""
        if self._running:
            running, self._running = self._running, None
            self._done = _answered(*running)
        if self._done is None:  # as in :func:`spread`
            self._done = [self._work(piece) for piece in self._pieces]
        return self._done

    def close(self) -> None:
        """End the fork, if nobody has asked for what it comes to."""
        if self._running:
            answer, process = self._running
            process.kill()
            process.join()
            answer.close()


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


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Python looks for garbage among what has just been made alone: a run has little, and a tenth of its time went there."""
    before = gc.get_threshold()
    gc.set_threshold(*_SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def spread(
    work: Callable[[C, T], R],
    context: C,
    pieces: Sequence[T],
    jobs: int,
    alone: Groups = (),
    first: Sequence[int] = (),
    large: bool = False,
    beside: Sequence[Begun[Any, Any]] = (),
) -> Iterator[R]:
    """``work(context, piece)`` for every piece, in order, on up to ``jobs`` processes.

    Pieces and results can be pickled; the context need not. An error in ``work`` is raised here.

    ``alone``: groups of pieces, by number, that are large: each group is a share by itself, and while there are other
    pieces, at most half of the processes are at such. ``first``: pieces done in this very process before the others begin,
    which then have what that took to prepare. ``large``: each piece is, however few there are. ``beside``: what has been
    begun before has one of the processes each, until it is done.

    Pieces that lie side by side, which are often alike, go to different shares: so these take about as long each.
    Each share of the pieces gets a fork of its own, which ends with it. So the pages of memory that it shares with this
    process, and that Python's counting of references makes it copy, never become more than one share of the work touches.
    """
    if jobs == 1 or len(pieces) < (2 if large else FEW) or sys.platform != "linux":
        yield from (work(context, piece) for piece in pieces)
        return
    done: dict[int, R] = {n: work(context, pieces[n]) for n in first}
    at_large = {n for group in alone for n in group}
    common = [n for n in range(len(pieces)) if n not in at_large and n not in done]
    size = min(_LARGEST, max(min(_SMALLEST, -(-len(common) // jobs)), -(-len(common) // (_SHARES * jobs)))) or 1
    size = 1 if large else size
    count = -(-len(common) // size)
    side = 1 if large else _BLOCK
    blocks = [common[n : n + side] for n in range(0, len(common), side)]
    shares = [[n for block in blocks[first::count] for n in block] for first in range(min(count, len(blocks)))]
    groups = [[*group] for group in alone]
    running: dict[Connection, tuple[list[int], ForkProcess]] = {}
    gc.freeze()  # the forks share what is there now: collecting it would only copy it
    try:
        for turn in range(len(pieces)):
            while turn not in done:
                others = {answer: begun for begun in beside if (answer := begun.answer)}
                while len(running) + len(others) < jobs and (shares or groups):
                    busy = sum(share[0] in at_large for share, _ in running.values()) + len(others)
                    queue = groups if groups and (busy < max(1, jobs // 2) or not shares) else shares
                    share = queue.pop(0)
                    answer, process = _started(partial(work, context), [pieces[n] for n in share])
                    running[answer] = share, process
                for answer in cast("list[Connection]", wait([*running, *others])):
                    if answer in others:
                        others[answer].results()
                        continue
                    share, process = running.pop(answer)
                    found = _answered(answer, process)
                    if found is None:
                        # The system ended it, as when memory runs short, or it met an error: done here once more, its
                        # share either comes to something or raises that error.
                        found = [work(context, pieces[n]) for n in share]
                    done.update(zip(share, found, strict=True))
            yield done.pop(turn)
    finally:
        for _, process in running.values():
            process.kill()
            process.join()
        gc.unfreeze()


def as_they_come(work: Callable[[T], R], pieces: Iterable[T], jobs: int, size: Callable[[T], int]) -> Iterator[tuple[T, R]]:
    """Every piece with ``work(piece)``, as each is done, on up to ``jobs`` processes; errors are raised here.

    The pieces come one after another, each out of this process's own work: that goes on while others work at what has come.
    Each gets a fork, which has what was known here by then; of those that wait, the one of the greatest ``size`` is next.
    """
    if jobs == 1 or sys.platform != "linux":
        yield from ((piece, work(piece)) for piece in pieces)
        return
    coming, waiting, more = iter(pieces), list[T](), True
    running: dict[Connection, tuple[T, ForkProcess]] = {}

    def start() -> None:
        while waiting and len(running) < jobs - more:
            piece = waiting.pop(max(range(len(waiting)), key=lambda n: size(waiting[n])))
            gc.freeze()  # what a fork shares with this process: collecting it would only copy it
            answer, process = _started(work, [piece])
            running[answer] = piece, process

    try:
        while more or waiting or running:
            if more:
                try:
                    waiting.append(next(coming))
                except StopIteration:
                    more = False
            start()
            ready = cast("list[Connection]", wait(list(running), 0 if more else None) if running else ())
            done = [(piece, _answered(answer, process)) for answer in ready for piece, process in [running.pop(answer)]]
            start()  # before anything is made of what is done: that takes its time too
            for piece, found in done:
                yield piece, work(piece) if found is None else found[0]
    finally:
        for _, process in running.values():
            process.kill()
            process.join()
        gc.unfreeze()


def _started(work: Callable[[T], Any], pieces: Sequence[T]) -> tuple[Connection, ForkProcess]:
    """A process at work on some pieces, and where its answer comes from."""
    forks = get_context("fork")
    answer, reply = forks.Pipe(duplex=False)
    process = forks.Process(target=_do, args=(work, pieces, reply, os.getpid()))
    process.start()
    reply.close()  # here: so that the end of the process ends the answer
    return answer, process


def _answered(answer: Connection, process: ForkProcess) -> list[Any] | None:
    """What a process came to; None if it came to no end."""
    with answer:
        try:
            found: list[Any] | None = answer.recv()
        except (EOFError, OSError):
            found = None
    process.join()
    return found


def _do(work: Callable[[Any], Any], pieces: Sequence[Any], reply: Connection, parent: int) -> None:
    """Do one share in a process of its own. It must not outlive the run: the lock of OUT would stay held."""
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:  # gone before that was set
        os._exit(1)
    gc.set_threshold(*_GARBAGE)
    with suppress(Exception):  # the parent does it again, and says what is wrong
        reply.send([work(piece) for piece in pieces])
