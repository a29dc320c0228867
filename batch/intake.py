"""What lies in the inbox, and the way into the ledger of what is new in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from batch.core.records import Receipt
from batch.desk import Desk, Setup, kept
from batch.files import Draft, Spool
from batch.forms.token import Keys
from batch.inbox import look_through, read_new, unseen
from batch.ledger import Fact, fact_of


class Intake:
    """The inbox as a run finds it. ``arrivals``: every file that lies there.

    The originals of what is new wait on disk until all was read, and so does what was read of them: an inbox larger than the
    memory is no trouble.
    """

    def __init__(self, setup: Setup, desk: Desk, jobs: int) -> None:
        self._setup, self._desk, self._jobs = setup, desk, jobs
        self._known = desk.ledger.received()
        most = setup.office.max_file_mb * 1024 * 1024
        found = look_through(setup.folder / "inbox", most, self._put_aside, jobs)
        self.arrivals = [arrival for arrival, _ in found]
        self._originals = {arrival.sha256: original for arrival, original in found if original}
        self._new = unseen(self.arrivals, self._known)

    @property
    def lacking(self) -> bool:
        """Whether OUT lacks any of it."""
        return bool(self._originals)

    @cached_property
    def names(self) -> dict[str, str]:
        """SHA-256 → the name under which this content lies in the inbox now, the first of several."""
        names: dict[str, str] = {}
        for arrival in self.arrivals:
            if arrival.sha256:
                names.setdefault(arrival.sha256, arrival.name)
        return names

    def receipts(self, now: str, facts: Spool) -> Iterator[Receipt]:
        """A receipt of each file never seen before, as soon as it was read; ``facts``: where these wait for :meth:`keep`."""
        where = {digest: self._desk.store.where(draft) for digest, draft in self._originals.items()}
        run, seconds = self._desk.ledger.next_run(), self._setup.office.file_seconds
        for receipt, said in read_new(self._new, run, now, self._jobs, seconds, where.__getitem__):
            signed = _signed(receipt, self._setup.keys)
            facts.add([*map(str, fact_of(signed, said))])
            yield signed

    def keep(self, facts: Iterable[list[str]]) -> None:
        """Keep the originals, then put into the ledger what was read: so it never names what isn't there."""
        self._desk.store.keep(self._originals.values())
        if self._new:
            self._desk.ledger.append(Fact(int(of), *fact) for of, *fact in facts)
            self._desk.sealer.note_head()

    def _put_aside(self, digest: str, data: bytes) -> Draft | None:
        # Of a shared ledger: what another machine took in, its original belongs here as well, if it lies here.
        lacking = self._setup.office.ledger and not kept(self._setup.out, digest).exists()
        if not lacking and digest in self._known:
            return None
        return self._desk.store.draft(kept(Path(), digest).as_posix(), data, digest=digest)


def _signed(receipt: Receipt, keys: Keys) -> Receipt:
    """Note whether the form's signature holds now: it then counts even if the key is lost or withdrawn later."""
    return replace(receipt, signed=receipt.reading is not None and keys.genuine(receipt.reading.header))
