"""Many like pieces of work on several processes: the same results, in the same order, as one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import chain
from typing import Any, TypeVar

C = TypeVar("C")
T = TypeVar("T")
R = TypeVar("R")
_LARGEST = 64  # pieces handed over at a time: enough to forget the cost of it, few enough to keep all processes busy

_held: tuple[Callable[[Any, Any], Any], Any]


def spread(work: Callable[[C, T], R], context: C, pieces: Sequence[T], jobs: int) -> Iterator[R]:
    """``work(context, piece)`` for every piece; the context goes to each of the ``jobs`` processes once.

    ``work`` is a function of a module, and what it takes and gives can be pickled. An error in it is raised here.
    """
    if jobs == 1 or len(pieces) < 2:
        yield from (work(context, piece) for piece in pieces)
        return
    size = max(1, min(_LARGEST, len(pieces) // (4 * jobs)))
    with ProcessPoolExecutor(min(jobs, len(pieces)), initializer=_hold, initargs=(work, context)) as pool:
        yield from chain.from_iterable(pool.map(_do, [pieces[n : n + size] for n in range(0, len(pieces), size)]))


def _hold(work: Callable[[Any, Any], Any], context: object) -> None:
    global _held
    _held = work, context


def _do(pieces: Sequence[Any]) -> list[Any]:
    work, context = _held
    return [work(context, piece) for piece in pieces]
