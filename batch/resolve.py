"""Of everything an author said about one person at one stage, what stands.

The answer depends on what the forms say and which correct which, not on the order in which their files happened to arrive.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from batch.core.records import Receipt, Statement


class Corrections:
    """Which form replaces which: by saying so (``corrects`` of a signed header), else by being new when that was known."""

    def __init__(self, receipts: Iterable[Receipt]) -> None:
        self._corrects: dict[str, set[str]] = {}
        self._first_run: dict[str, int] = {}  # an identical copy changes nothing: it is as old as the first one
        self._memo: dict[str, set[str]] = {}
        for receipt in receipts:
            if receipt.reading is None:
                continue
            content, header = receipt.reading.content, receipt.reading.header
            self._first_run[content] = min(receipt.run, self._first_run.get(content, receipt.run))
            if header.get("corrects") and header.get("token"):
                self._corrects.setdefault(content, set()).update(header["corrects"].split())

    def replaces(self, newer: Receipt, older: Receipt) -> bool:
        """Whether the one form replaces the other."""
        if newer.reading is None or older.reading is None:
            return False
        new, old = newer.reading.content, older.reading.content
        if new == old or new in self._corrected_by(old):
            return False
        return old in self._corrected_by(new) or self._first_run[new] > self._first_run[old]

    def _corrected_by(self, content: str) -> set[str]:
        """Everything that a form corrects, through any number of steps."""
        if content not in self._memo:
            seen: set[str] = set()
            todo = list(self._corrects.get(content, ()))
            while todo:
                step = todo.pop()
                if step not in seen:
                    seen.add(step)
                    todo += self._corrects.get(step, ())
            self._memo[content] = seen
        return self._memo[content]


@dataclass(frozen=True)
class Resolution:
    """``standing``: what counts; ``conflict``: what contradicts each other instead; ``copies`` say again what stands."""

    standing: Statement | None = None
    conflict: tuple[Statement, ...] = ()
    copies: tuple[Statement, ...] = ()
    replaced: tuple[Statement, ...] = ()


def resolve(statements: Sequence[Statement], corrections: Corrections) -> Resolution:
    """What stands among an author's valid statements about one person at one stage."""

    def outdated(statement: Statement) -> bool:
        return any(corrections.replaces(other.receipt, statement.receipt) for other in statements if other is not statement)

    latest = sorted((s for s in statements if not outdated(s)), key=lambda s: (s.receipt.run, s.receipt.name))
    replaced = tuple(s for s in statements if s not in latest)
    meanings = {s.says for s in latest}
    if len(meanings) > 1:
        by_name = sorted(latest, key=lambda s: s.receipt.name)
        return Resolution(conflict=tuple(by_name), replaced=replaced)
    if not latest:
        return Resolution(replaced=replaced)
    return Resolution(standing=latest[0], copies=tuple(latest[1:]), replaced=replaced)
