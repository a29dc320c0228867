"""Work on other machines: the workers of a Dask scheduler (``pip install appraise[cluster]``).

What is to be worked on is packed once and held by the scheduler, so that every worker can get it, also one that comes later;
a worker that is lost in mid-run costs the pieces it had, which others do again. A worker that would come to other bytes,
because its program or its templates are others, is refused.
"""

from __future__ import annotations

import logging
import pickle
import platform
import socket
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from batch import __version__
from batch.core.finding import Place, UserError
from batch.files import sha256

if TYPE_CHECKING:
    from distributed import Client, Future

C = TypeVar("C")
T = TypeVar("T")
R = TypeVar("R")
_LARGEST = 64  # pieces handed over at a time
_AHEAD = 4  # such portions for each worker that wait, are worked on or lie done, until the first is taken
_SECONDS = 10  # to wait for a scheduler that doesn't answer, and between looks for workers that are all gone
_MINE = f"appraise {__version__}, Python {sys.version_info[0]}.{sys.version_info[1]}"

_loaded: dict[str, tuple[Callable[[Any, Any], Any], Any]] = {}  # in a worker: by digest, the last only


class Cluster:
    """The workers of the scheduler at an address such as ``tcp://10.0.0.5:8786``; reached when first needed.

    ``same`` tells what must be the same on every machine, such as the hashes of the templates: it is called here and there.
    """

    shares_disk = False

    def __init__(self, address: str, same: Callable[[], Any]) -> None:
        self._place, self._same = Place(address), same
        self._client: Client | None = None

    def close(self) -> None:
        """Leave the scheduler."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def spread(
        self,
        work: Callable[[C, T], R],
        context: C,
        pieces: Sequence[T],
        alone: Sequence[Sequence[int]] = (),
        first: Sequence[int] = (),
        beside: object = (),
    ) -> Iterator[R]:
        """``work(context, piece)`` for every piece, in order. What is handed over can be pickled by cloudpickle.

        Raises ``config.cluster-missing``, ``config.scheduler-away``, ``config.workers-none``, ``config.workers-bare``,
        ``config.workers-differ``, ``config.workers-templates``, and whatever ``work`` raises.
        """
        client = self._client or self._connect()
        import cloudpickle
        from distributed import CancelledError, KilledWorker  # not before it is known to be there

        packed = cloudpickle.dumps((work, context, self._same, self._same()))
        digest = sha256(packed)
        count = self._workers(client)
        size = max(1, min(_LARGEST, len(pieces) // (4 * count)))
        try:
            held = client.submit(_held, packed, key=f"appraise-{digest}")
            under_way: deque[Future] = deque()
            for n in range(0, len(pieces), size):
                under_way.append(client.submit(_do, held, digest, _MINE, pieces[n : n + size], pure=False))
                if len(under_way) >= _AHEAD * count:
                    yield from self._result(client, under_way.popleft())
            while under_way:
                yield from self._result(client, under_way.popleft())
        except KilledWorker as err:
            raise UserError("config.workers-none", self._place) from err
        except ImportError as err:  # while a worker looked for this very module
            raise UserError("config.workers-bare", self._place, problem=str(err)) from err
        except (CancelledError, OSError) as err:
            raise UserError("config.scheduler-away", self._place, problem=str(err)) from err

    def begin(self, work: Callable[[T], R], pieces: Sequence[T]) -> None:
        """None: what is to be handed over is handed over once."""

    def _connect(self) -> Client:
        try:
            import dask
            from distributed import Client
        except ModuleNotFoundError as err:
            raise UserError("config.cluster-missing", self._place) from err
        dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 TB"})  # it is large, and handed over once
        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what goes wrong is said once, by us
        try:
            where = urlsplit(self._place.file)
            with socket.create_connection((where.hostname, where.port or 8786), _SECONDS):
                pass  # Dask would go on trying where nobody listens
            self._client = Client(self._place.file, timeout=_SECONDS, set_as_default=False, name="appraise")
        except (OSError, TypeError, ValueError) as err:  # also: the address is none
            raise UserError("config.scheduler-away", self._place, problem=str(err).splitlines()[0]) from err
        return self._client

    def _workers(self, client: Client) -> int:
        count = len(client.scheduler_info(n_workers=-1)["workers"])
        if not count:
            raise UserError("config.workers-none", self._place)
        return count

    def _result(self, client: Client, future: Future) -> list[Any]:
        """What a portion came to. One that nobody is left to work on is given up."""
        while True:
            try:
                return future.result(timeout=_SECONDS)  # type: ignore[no-any-return]
            except TimeoutError:
                self._workers(client)


def _held(packed: bytes) -> bytes:
    """A piece of work of its own, so that the scheduler can have it done again when a worker that had it is lost."""
    return packed


def _do(packed: bytes, digest: str, theirs: str, pieces: Sequence[Any]) -> list[Any]:
    """In a worker: work on some pieces."""
    if theirs != _MINE:
        raise UserError("config.workers-differ", host=platform.node(), worker=_MINE, mine=theirs)
    if digest not in _loaded:
        work, context, same, expected = pickle.loads(packed)  # noqa: S301 (who may use a scheduler may run anything there)
        if same() != expected:
            raise UserError("config.workers-templates", host=platform.node())
        _loaded.clear()
        _loaded[digest] = work, context
    work, context = _loaded[digest]
    return [work(context, piece) for piece in pieces]
