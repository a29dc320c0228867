"""Every file of the ledger, judged: what was judged before is kept in OUT, so that a year of forms is not judged each week.

What is kept is never needed. It is taken only if it was judged by these very rules from these very entries, and bears the
office's signature; what freezes a result goes by the ledger alone. ``OUT/judged`` may be deleted at any time.

Each file there holds a stretch of the ledger: a signature over all that follows, what it was judged by, then a line a file.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from batch import __version__
from batch.closing import Closing
from batch.core.finding import Place
from batch.core.folded import FoldedPlaces, FoldedTasks, FoldedTexts, alike
from batch.core.frozen import freeze_finding, thaw_finding
from batch.core.period import parse_period
from batch.core.records import Item, Receipt, Statement
from batch.desk import Setup
from batch.files import Store, sha256
from batch.forms.extract import from_body, to_body
from batch.ledger import Ledger
from batch.parallel import spread
from batch.validate import Attempt, Judged, judge

KEPT = "judged"  # below OUT
_STRETCH = 1000  # files of the ledger that are kept in one file, and that a process judges at a time

Whole = Callable[[Judged[Any]], bool]


@dataclass
class Record:
    """The files of a ledger as they are judged, in the order of receipt.

    ``names``: SHA-256 → the name by which a file goes now; others go by that of their receipt. ``fresh``: nothing that was
    kept is taken.
    """

    setup: Setup
    ledger: Ledger
    closed: Mapping[Any, Closing]
    names: Mapping[str, str] = field(default_factory=dict)
    fresh: bool = False
    _received_as: list[str] = field(default_factory=list)  # the names in the receipts of what was judged so far
    _stale: set[int] = field(default_factory=set)  # places in it of what is not kept as it was judged now

    def judged(self, whole: Whole = lambda _: False, jobs: int = 1) -> Iterator[Judged[Any]]:
        """Every file that the ledger holds; without its cells, unless it is to be ``whole``."""
        for name, one, stale in self._lines(jobs):
            now = self.names.get(one.receipt.sha256, name)
            renamed = one.receipt.name != now
            if stale or renamed:
                self._stale.add(len(self._received_as))
            self._received_as.append(name)
            if renamed or whole(one):
                receipt = self.ledger.receipt(one.receipt.sha256)
                again = self.judge(replace(receipt, name=now))
                yield again if whole(again) else again.bare
            else:
                yield one

    def judge(self, receipt: Receipt) -> Judged[Any]:
        """Judge one file."""
        return judge(receipt, self.setup.rules_for(receipt, self.closed))

    def keep(self, store: Store, judged: Sequence[Judged[Any]]) -> None:
        """Keep what came of each file of the ledger: of those that :meth:`judged` gave, then of those added since."""
        stretches = self.ledger.stretches(_STRETCH)
        names = [*self._received_as, *(one.receipt.name for one in judged[len(self._received_as) :])]
        if len(names) != self.ledger.count():  # somebody else has added to a shared ledger meanwhile
            return
        stale = {*self._stale, *range(len(self._received_as), len(judged))}
        for n in sorted({place // _STRETCH for place in stale}):
            part = slice(n * _STRETCH, (n + 1) * _STRETCH)
            lines = [self._head(*stretches[n]), *map(_line, names[part], judged[part])]
            data = "\n".join(lines).encode("utf-8", "surrogatepass")
            store.write(_path(n), f"{self.setup.keys.seal(data)}\n".encode() + data, durable=False)

    def _lines(self, jobs: int) -> Iterator[tuple[str, Judged[Any], bool]]:
        """Every file of the ledger: its name there, what it was judged to be, and whether that was done just now.

        Where much has to be judged, several processes do so, each a stretch at a time.
        """
        stretches = self.ledger.stretches(_STRETCH)
        begin = [self._begins(n, *stretch) for n, stretch in enumerate(stretches)]
        missing = [(first, last) for first, (_, last) in zip(begin, stretches, strict=True) if first <= last]
        new = spread(_judge_stretch, self, missing, jobs, large=True)
        for n, (first, last) in enumerate(stretches):
            again, lines = self._kept(n, first, last) if begin[n] > first else (first, [])
            yield from ((*_read(line), False) for line in lines)
            judged_now = next(new) if begin[n] <= last else []
            if again != begin[n]:  # what is kept is not what its head says, or has changed meanwhile
                judged_now = _judge_stretch(self, (again, last))
            yield from ((*_read(line), True) for line in judged_now)

    def _begins(self, n: int, first: int, last: int) -> int:
        """Where in the n-th stretch of the ledger judging has to begin, by the head of what is kept of it."""
        if self.fresh:
            return first
        try:
            with (self.setup.out / _path(n)).open("rb") as kept:
                kept.readline()
                head = kept.readline().decode().rstrip("\n")
            end = int(json.loads(head)["last"])
            return end + 1 if end <= last and head == self._head(first, end) else first
        except (OSError, ValueError, TypeError, KeyError):
            return first

    def _kept(self, n: int, first: int, last: int) -> tuple[int, list[str]]:
        """The same, and what is kept of the files before: nothing, unless it bears the office's signature."""
        begin = self._begins(n, first, last)
        if begin > first:
            with suppress(OSError, ValueError):
                seal, _, data = (self.setup.out / _path(n)).read_bytes().partition(b"\n")
                head, *lines = data.decode("utf-8", "surrogatepass").split("\n")
                if self.setup.keys.sealed(data, seal.decode()) and head == self._head(first, begin - 1):
                    return begin, lines
        return first, []

    def _head(self, first: int, last: int) -> str:
        return json.dumps({"by": self._rules, "first": first, "last": last, "hash": self.ledger.hash_of(last)})

    @cached_property
    def _rules(self) -> str:
        """A digest of everything that a file is judged by, but the file."""
        setup = self.setup
        scheme = setup.scheme.model_dump(mode="json")
        others = [
            [str(period), frozen]
            for period, c in self.closed.items()
            if (frozen := c.scheme.model_dump(mode="json")) != scheme
        ]
        books, program = [setup.roster_hash, setup.goals_digest], [__version__, _code()]
        facts = [program, scheme, sorted(others), setup.office.shown(), books, setup.keys.fingerprints]
        return sha256(json.dumps(facts, ensure_ascii=False).encode())


@lru_cache(maxsize=1)
def _code() -> str:
    """A digest of the program itself, as far as it can be read: of another one, nothing that was kept is taken."""
    here = Path(__file__).parent
    files = sorted(path for folder in (here, here / "core", here / "forms") for path in folder.glob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def _path(n: int) -> str:
    return f"{KEPT}/{n + 1:06d}"


def _judge_stretch(record: Record, stretch: tuple[int, int]) -> list[str]:
    with Ledger.open(record.setup.ledger, look_only=True) as ledger:
        return [_line(receipt.name, record.judge(receipt).bare) for receipt in ledger.receipts(*stretch)]


# --- a line ---------------------------------------------------------------------------------------------------------------


def _line(name: str, one: Judged[Any]) -> str:
    """A judged file, without its cells, as a line of JSON; ``name``: what it is called in the ledger."""
    got = one.receipt
    body = [
        *(name, got.name, got.sha256, got.size, got.received, got.run, got.signed),
        got.reading and to_body(got.reading.bare),
        got.fault and freeze_finding(got.fault),
        str(one.period) if one.period else None,
        [freeze_finding(found) for found in one.findings],
        [
            [a.stage, a.subject, a.author, [freeze_finding(f) for f in a.findings], a.statement and _plain(a.statement)]
            for a in one.attempts
        ],
    ]
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def _plain(said: Statement[Any]) -> list[Any]:
    texts, tasks, places = FoldedTexts.of(said.texts), FoldedTasks.of(said.tasks), FoldedPlaces.of(said.places)
    return [
        _line_of((criterion, str(score)) for criterion, score in said.scores.items()),
        _line_of((flag, "yes" if value else "no") for flag, value in said.flags.items()),
        *(said.decision, _unfolded(texts), said.seen, said.says, _unfolded(tasks)),
        [places.file, places.sheet, places.text.decode()]
        if isinstance(places, FoldedPlaces)
        else {key: [place.file, place.sheet, place.cell] for key, place in places.items()},
        [[i.key, {k: [str(v)] if isinstance(v, Decimal) else v for k, v in i.values.items()}] for i in said.items],
    ]


def _line_of(pairs: Iterable[tuple[str, str]]) -> str:
    """Answers by field as one line, so that what many forms say alike is looked up, not put together again. An id has
    neither a blank nor a sign of equality.
    """
    return " ".join(f"{name}={value}" for name, value in pairs)


def _unfolded(folded: object) -> str:
    return folded.text.decode("utf-8", "surrogatepass") if isinstance(folded, (FoldedTexts, FoldedTasks)) else ""


def _read(line: str) -> tuple[str, Judged[Any]]:
    """What :func:`_line` made a line of."""
    name, called, digest, size, received, run, signed, reading, fault, period, findings, attempts = json.loads(line)
    receipt = Receipt(
        sha256=digest,
        name=called,
        size=size,
        received=sys.intern(received),
        run=run,
        reading=reading and from_body(reading),
        fault=fault and thaw_finding(fault),
        signed=signed,
    )
    when = _period(period) if period else None
    found = tuple(_attempt(attempt, when, receipt) for attempt in attempts)
    return name, Judged(receipt, when, found, tuple(map(thaw_finding, findings)))


def _attempt(body: Sequence[Any], period: Any, receipt: Receipt) -> Attempt[Any]:
    stage, subject, author, findings, said = body
    stage, subject, author = sys.intern(stage), sys.intern(subject), sys.intern(author)
    statement = said and _statement(said, stage, subject, author, period, receipt)
    return Attempt(stage, subject, author, period, receipt, statement, tuple(map(thaw_finding, findings)))


def _statement(body: Sequence[Any], stage: str, subject: str, author: str, period: Any, receipt: Receipt) -> Statement[Any]:
    scores, flags, decision, texts, seen, says, tasks, places, items = body
    return Statement(
        stage=stage,
        subject=subject,
        author=author,
        period=period,
        scores=_scores(scores),
        flags=_flags(flags),
        decision=sys.intern(decision),
        texts=FoldedTexts(texts) if texts else {},
        tasks=FoldedTasks(tasks) if tasks else (),
        seen=seen,
        says=says,
        places=FoldedPlaces(*places) if isinstance(places, list) else {key: Place(*place) for key, place in places.items()},
        receipt=receipt,
        items=tuple(
            Item(key, {k: Decimal(v[0]) if isinstance(v, list) else v for k, v in own.items()}) for key, own in items
        ),
    )


def _pairs(line: str) -> Iterator[list[str]]:
    return (word.split("=") for word in line.split(" ")) if line else iter(())


@lru_cache(maxsize=4096)
def _scores(line: str) -> Mapping[str, Decimal]:
    return alike({sys.intern(criterion): Decimal(score) for criterion, score in _pairs(line)})


@lru_cache(maxsize=4096)
def _flags(line: str) -> Mapping[str, bool]:
    return alike({sys.intern(flag): value == "yes" for flag, value in _pairs(line)})


_period = lru_cache(maxsize=1024)(parse_period)  # of any kind: a form of a closed week is judged by that week's scheme
