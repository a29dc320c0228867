"""Of everything an author said about one person at one stage, what stands.

The answer depends on what the forms say and which correct which, not on the order in which their files happened to arrive.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Generic

from batch.core.finding import Finding
from batch.core.period import P
from batch.core.records import Receipt, Statement
from batch.validate import Attempt


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
        if self.corrects(newer, older):
            return True
        if newer.reading is None or older.reading is None or self.corrects(older, newer):
            return False
        return self._first_run[newer.reading.content] > self._first_run[older.reading.content]

    def corrects(self, newer: Receipt, older: Receipt) -> bool:
        """Whether the one form says that it corrects the other."""
        if newer.reading is None or older.reading is None:
            return False
        return older.reading.content in self._corrected_by(newer.reading.content)

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


def first_received(receipt: Receipt) -> tuple[str, str]:
    """Sorts files by when they were received; at the same time by name, so the order of reading is nothing."""
    return receipt.received, receipt.name


@dataclass(frozen=True)
class Resolution(Generic[P]):
    """``standing``: what counts; ``conflict``: what contradicts each other instead; ``copies`` say again what stands."""

    standing: Statement[P] | None = None
    conflict: tuple[Statement[P], ...] = ()
    copies: tuple[Statement[P], ...] = ()
    replaced: tuple[Statement[P], ...] = ()

    def unanswered(self, attempts: Sequence[Attempt[P]], corrections: Corrections) -> list[Attempt[P]]:
        """Of an author's attempts, those whose faults still matter: no later form, valid or faulty, has replaced them."""
        if self.standing and len(attempts) == 1 and attempts[0].statement is self.standing:  # as nearly always
            return [*attempts]
        latest = [s for s in (self.standing, *self.copies, *self.conflict) if s]
        later = [*(s.receipt for s in latest), *(a.receipt for a in attempts if a.statement is None)]
        return [
            a
            for a in attempts
            if a.statement in latest or not any(corrections.replaces(receipt, a.receipt) for receipt in later)
        ]

    def goes_back(self, unanswered: Sequence[Attempt[P]], conflict: Sequence[Finding]) -> Attempt[P] | None:
        """The newest of the unanswered attempts that can't stand, with what is to be answered; None if there is none."""
        back = [a for a in unanswered if a.statement is None or a.statement in self.conflict]
        if not back:
            return None
        newest = max(back, key=lambda a: first_received(a.receipt))
        return replace(newest, findings=(*newest.findings, *conflict)) if newest.statement else newest


@dataclass
class Fates:
    """What becomes of files (by sha256), as one question after the other is settled.

    ``counted``: something in them stands; ``replaced``: something was corrected; ``faulty``: a fault still matters;
    ``copies`` say again what another one says.
    """

    counted: set[str] = field(default_factory=set)
    replaced: set[str] = field(default_factory=set)
    conflicting: set[str] = field(default_factory=set)
    copies: set[str] = field(default_factory=set)
    faulty: set[str] = field(default_factory=set)

    def settle(self, found: Resolution[P], attempts: Sequence[Attempt[P]], unanswered: Sequence[Attempt[P]]) -> None:
        """Note what became of an author's attempts about one subject at one stage."""
        if found.standing:
            self.counted.add(found.standing.receipt.sha256)
            if len(attempts) == 1 and attempts[0].statement is found.standing:  # as nearly always
                return
        self.replaced.update(s.receipt.sha256 for s in found.replaced)
        self.replaced.update(a.receipt.sha256 for a in attempts if a.statement is None)  # less those that are faulty still
        self.conflicting.update(s.receipt.sha256 for s in found.conflict)
        self.copies.update(s.receipt.sha256 for s in found.copies)
        self.faulty.update(a.receipt.sha256 for a in unanswered if a.statement is None)

    def __or__(self, other: Fates) -> Fates:
        """Of both: a file may speak about several subjects."""
        return Fates(*(getattr(self, f.name) | getattr(other, f.name) for f in fields(self)))

    def of(self, sha256: str) -> str:
        """counted, conflict, replaced (nothing in it is left to correct), returned or identical-copy; else ''."""
        if sha256 in self.counted:
            return "counted"
        if sha256 in self.conflicting:
            return "conflict"
        if sha256 in self.faulty:
            return "returned"
        if sha256 in self.replaced:
            return "replaced"
        return "identical-copy" if sha256 in self.copies else ""


def resolve(statements: Sequence[Statement[P]], corrections: Corrections) -> Resolution[P]:
    """What stands among an author's valid statements about one person at one stage."""

    if len(statements) < 2:  # as nearly always
        return Resolution(statements[0] if statements else None)

    def replaces(newer: Statement[P], older: Statement[P]) -> bool:
        # What merely came later and says the same is no new version: the first one keeps its time of receipt.
        if newer.says == older.says:
            return corrections.corrects(newer.receipt, older.receipt)
        return corrections.replaces(newer.receipt, older.receipt)

    def outdated(statement: Statement[P]) -> bool:
        return any(replaces(other, statement) for other in statements if other is not statement)

    latest = sorted((s for s in statements if not outdated(s)), key=lambda s: first_received(s.receipt))
    replaced = tuple(s for s in statements if s not in latest)
    meanings = {s.says for s in latest}
    if len(meanings) > 1:
        by_name = sorted(latest, key=lambda s: s.receipt.name)
        return Resolution(conflict=tuple(by_name), replaced=replaced)
    if not latest:
        return Resolution(replaced=replaced)
    return Resolution(standing=latest[0], copies=tuple(latest[1:]), replaced=replaced)
