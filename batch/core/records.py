"""The facts and results that flow through a run: small, immutable, each with the place it came from.

``Reading`` (what stands in a file) → ``Statement`` (what its author thereby says) →
``Case`` (what became of one person in one period).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Generic, Literal, NamedTuple

from batch.core.finding import Finding, Place, Titles
from batch.core.number import plain
from batch.core.period import P, Round, Week
from batch.core.text import clean

TaskKind = Literal["regular", "ad_hoc"]
State = Literal["excused", "missing", "returned", "submitted", "reviewed", "approved"]
STATE_NAMES: Mapping[State, str] = {  # messages of the catalogues, in the order of a case's life
    "excused": "Not evaluated",
    "missing": "Missing",
    "returned": "Returned",
    "submitted": "Sent",
    "reviewed": "Scored",
    "approved": "Approved",
}
STATES = tuple(STATE_NAMES)
NONE: Mapping[str, Any] = {}  # one for all: most people have no further acts, many no scores


class Cell(NamedTuple):
    """One filled cell: ``kind``, ``text`` (the exact value) and ``ref``, its place.

    Kinds: n(umber), s(tring), b(oolean), d(ate); and what is no plain value: p(ercentage, as shown), e(rror),
    f(ormula that was never calculated), t(wo different values under one key).
    """

    kind: str
    text: str
    ref: str


def either(one: Cell, other: Cell) -> Cell:
    """What stands in a field that a form holds twice: its value, if both agree, else both, at the place of the second."""
    if one.kind == other.kind and clean(one.text) == clean(other.text):
        return one
    return Cell("t", f"{one.text} ({one.ref}) / {other.text} ({other.ref})", other.ref)


class Row(NamedTuple):
    """One keyed row of a form: its row key, its number as the person sees it, and its cells by column key."""

    key: str
    number: int
    cells: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Reading:
    """What stands in a form file: the hidden header, and every keyed row; nothing judged yet.

    ``content`` is a SHA-256 over header and cells without their places: it survives re-saving, sorting and moving.
    """

    header: Mapping[str, str]
    sheet: str
    rows: tuple[Row, ...]
    columns: Mapping[str, str]  # column key → column letters, to name the place of an empty cell
    content: str

    @property
    def bare(self) -> Reading:
        """The reading without its cells: once a form is judged, they are only needed where it goes back."""
        return replace(self, rows=(), columns=NONE)


Readings = Callable[[str], Reading | None]  # sha256 of a file → what was read of it


@dataclass(frozen=True, slots=True)
class Receipt:
    """A file as it was received for the first time: ``run`` is the number of the run that first saw its content."""

    sha256: str
    name: str
    size: int
    received: str  # ISO date and time
    run: int
    reading: Reading | None  # None: not readable; ``fault`` says why
    fault: Finding | None = None
    signed: bool = False  # its header bore a signature that held when it was received


@dataclass(frozen=True, slots=True)
class Task:
    """One line of the task table, cleaned; numbers exact, dates real."""

    task: str
    product: str = ""
    quantity: Decimal | None = None
    complexity: Decimal | None = None
    key_task: bool | None = None
    due: dt.date | None = None
    done: dt.date | None = None
    outcome: str = ""
    reason: str = ""
    kind: TaskKind | Literal[""] = ""  # '' where the form doesn't ask, or nothing was answered


@dataclass(frozen=True, slots=True)
class Item:
    """A keyed line of a table that a form is agreed on or assessed by: ``kpi.1``, ``competency.service``.

    ``values``: what was filled in, by column: texts, and exact numbers.
    """

    key: str
    values: Mapping[str, Decimal | str]

    def number(self, column: str) -> Decimal | None:
        """A number of the line, or None."""
        value = self.values.get(column)
        return value if isinstance(value, Decimal) else None

    def text(self, column: str) -> str:
        """A text of the line, or ''."""
        value = self.values.get(column, "")
        return value if isinstance(value, str) else format(value, "f")


@dataclass(frozen=True, slots=True)
class Statement(Generic[P]):
    """What one author validly says about one person at one stage.

    ``places`` maps a field (``score.quality``) to the cell it was read from; ``says`` is a digest of the meaning, so that
    two forms that say the same are the same.
    """

    stage: str
    subject: str
    author: str
    period: P
    scores: Mapping[str, Decimal]
    flags: Mapping[str, bool]
    decision: str
    texts: Mapping[str, str]
    tasks: Sequence[Task]
    seen: str
    says: str
    places: Mapping[str, Place]
    receipt: Receipt
    items: tuple[Item, ...] = ()

    @property
    def place(self) -> Place:
        """The first cell of the statement."""
        return next(iter(self.places.values()), Place(self.receipt.name))


@dataclass(frozen=True, slots=True)
class Streak:
    """A running chain under one streak rule: the weeks in it, oldest first, and whether the rule holds."""

    rule: str
    weeks: tuple[Week, ...]
    holds: bool
    meeting: bool


@dataclass(frozen=True, slots=True)
class History:
    """What a weekly evaluation came to for a person within a longer period: evidence to be read, which scores nothing.

    ``weeks``: how many of the period have a working day; ``rated``: those of them with an approved result; ``excused``:
    those in which the person was not evaluated. ``mean``: of the approved totals, as it is to be read; None of no weeks, as
    are ``lowest`` and ``highest``. ``bands``: (title, weeks) of each level, highest first; ``marks``: in which weeks each
    flag was set; ``failures``: those in which a rule of consecutive weeks that calls for a meeting held.
    """

    weeks: int
    rated: int
    excused: int
    mean: Decimal | None = None
    lowest: Decimal | None = None
    highest: Decimal | None = None
    bands: tuple[tuple[Titles, int], ...] = ()
    marks: tuple[tuple[Titles, tuple[Week, ...]], ...] = ()
    failures: tuple[Week, ...] = ()


@dataclass(frozen=True, slots=True)
class Case(Generic[P]):
    """One person in one period: who they were then, what was said, and what follows from it.

    ``scores``/``total``/``band`` are the approved ones, else the reviewed ones, else empty. ``reviewer_id`` and
    ``approver_id`` are who *may* decide (empty: nobody holds the post); the author of ``review`` or ``approval`` *did*.
    ``further`` are the acts of a longer chain beside these three, by stage. ``group``: people for whom the criteria weigh
    differently.
    """

    period: P
    staff_id: str
    name: str
    role: str
    position: str
    unit_id: str
    state: State
    excuse: str = ""
    reviewer_id: str = ""
    approver_id: str = ""
    report: Statement[P] | None = None
    report_faulty: bool = False  # something came from the person, but nothing that can stand
    review: Statement[P] | None = None
    approval: Statement[P] | None = None
    scores: Mapping[str, Decimal] = field(default_factory=lambda: NONE)
    total: Decimal | None = None
    band: str = ""
    flags: Mapping[str, bool] = field(default_factory=lambda: NONE)
    streaks: tuple[Streak, ...] = ()
    failing_weeks: int = 0
    one_sheet: bool = False  # the review was the approval too, as one person does both and the scheme says so
    waiting: str = ""  # stage id that is due next; empty when done
    waiting_for: str = ""  # staff_id of who has to act
    further: Mapping[str, Statement[P]] = field(default_factory=lambda: NONE)
    committee_id: str = ""
    group: str = ""
    history: History | None = None  # what a weekly evaluation came to meanwhile, where the office runs one

    @property
    def acts(self) -> Mapping[str, Statement[P]]:
        """Everything that stands, by stage."""
        three = (self.report, self.review, self.approval)
        return {**self.further, **{act.stage: act for act in three if act is not None}}

    @property
    def meeting_required(self) -> bool:
        """Whether a rule that calls for a meeting holds in this period."""
        return any(s.holds and s.meeting for s in self.streaks)

    @property
    def decided_by(self) -> str:
        """Who approved the result: the author of the approval, or of the review that was one too; '' before."""
        act = self.approval or (self.review if self.one_sheet else None)
        return act.author if act and self.state == "approved" else ""

    @property
    def remarks(self) -> str:
        """What the deciders wrote about the person: the approver's reason, then the reviewer's comment."""
        said = []
        for statement, key in ((self.approval, "reason"), (self.review, "comment")):
            if statement is not None:
                said.append(statement.texts.get(key) or statement.texts.get(f"text.{key}") or "")
        return "\n".join(text for text in said if text)

    @property
    def self_total(self) -> Decimal | None:
        """The person's own total, if a valid report stands."""
        return plain(sum(self.report.scores.values(), Decimal(0))) if self.report and self.report.scores else None


def as_json(value: Any) -> Any:
    """Plain JSON types for decimals, dates and weeks inside records."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (dt.date, Week, Round)):
        return str(value)
    if isinstance(value, Mapping):
        return {str(k): as_json(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_json(v) for v in value]
    if hasattr(value, "__dataclass_fields__"):
        return {name: as_json(getattr(value, name)) for name in value.__dataclass_fields__}
    return value
