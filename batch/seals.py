"""OUT/seals.json: how the program left things when it last ended, so that a change is seen that proves itself right.

A hash chain can't miss entries cut off its end, nor see that all of it was computed anew; a manifest can't see that it was
edited together with an output. So every run notes where the ledger ended and the hash of each list of a week's files.
Whoever may write in OUT can rewrite this file too: the head of the ledger, noted down elsewhere, is the proof against them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from batch.core.finding import Moment, Place, UserError
from batch.files import Store, sha256
from batch.ledger import Head, Ledger

SEALS = "seals.json"


@dataclass(frozen=True)
class Seals:
    """``heads``: where the ledger ended after each run that added to it; ``lists``: name below OUT/outbox → SHA-256;
    ``settled``: what the last run went by and came to, {} if there was none; ``rolled``: the same of the last roll-up of
    each term, by its key.
    """

    heads: tuple[Head, ...] = ()
    lists: Mapping[str, str] = field(default_factory=dict)
    settled: Mapping[str, Any] = field(default_factory=dict)
    rolled: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def read_seals(out: Path) -> Seals | None:
    """What is noted in OUT; None if nothing is. Raises ``config.seals-unreadable``."""
    path = out / SEALS
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        heads = tuple(Head(int(n), str(digest), str(at)) for n, digest, at in found["ledger"])
        lists = {str(name): str(digest) for name, digest in found["outbox"].items()}
        return Seals(heads, lists, found.get("settled", {}), found.get("rolled", {}))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as err:
        raise UserError("config.seals-unreadable", Place(str(path)), problem=str(err)) from err


class Sealer:
    """The seals of an OUT while a run holds it; each change is on disk at once."""

    def __init__(self, store: Store, ledger: Ledger) -> None:
        """Raises ``config.ledger-cut`` when the ledger isn't the one the last run left, or goes on from it."""
        self._store, self._ledger = store, ledger
        self.seals = read_seals(store.root) or Seals()
        if self.seals.heads and ledger.hash_of(self.seals.heads[-1].entries) != self.seals.heads[-1].hash:
            last, now = self.seals.heads[-1], ledger.head()
            raise UserError("config.ledger-cut", ledger.place, entries=last.entries, at=Moment(last.at), found=now.entries)

    def note_head(self) -> Head:
        """Note where the ledger ends now."""
        head = self._ledger.head()
        if head.entries and self.seals.heads[-1:] != (head,):
            self._keep(replace(self.seals, heads=(*self.seals.heads, head)))
        return head

    def seal(self, name: str, data: bytes) -> None:
        """Note what a list in the outbox holds."""
        self._keep(replace(self.seals, lists={**self.seals.lists, name: sha256(data)}))

    def settle(self, settled: Mapping[str, Any]) -> None:
        """Note what a run went by and came to."""
        self._keep(replace(self.seals, settled=settled))

    def settle_terms(self, rolled: Mapping[str, Mapping[str, Any]]) -> None:
        """Note what the roll-ups of some terms, by their keys, went by and came to."""
        self._keep(replace(self.seals, rolled={**self.seals.rolled, **rolled}))

    def _keep(self, seals: Seals) -> None:
        self.seals = seals
        body: dict[str, Any] = {"ledger": seals.heads, "outbox": dict(sorted(seals.lists.items()))}
        if seals.settled:
            body["settled"] = seals.settled
        if seals.rolled:
            body["rolled"] = dict(sorted(seals.rolled.items()))
        self._store.write(SEALS, json.dumps(body, indent=1).encode() + b"\n")
