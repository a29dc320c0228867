"""Readings → statements: who says what about whom, each value checked against the scheme, each fault with its cell.

A bad cell costs its own row (or its own form, for a form about one person) and nothing else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property, lru_cache
from sys import intern
from typing import Any, Generic

from batch.agreed import ItemReader
from batch.chain import AMENDS
from batch.components import caps
from batch.core.finding import Finding, Phrase, Place, Titles, finding
from batch.core.folded import FoldedPlaces, FoldedTasks, FoldedTexts, alike
from batch.core.period import Evaluated, P, Round, Stretch, Week, find_evaluated, parse_evaluated
from batch.core.records import Cell, Item, Reading, Receipt, Row, Statement, Task, as_json, either
from batch.core.text import clean, clean_id, same_name
from batch.core.value import (
    BadValue,
    read_amount,
    read_count,
    read_date,
    read_decision,
    read_score,
    read_task_kind,
    read_text,
    read_yes_no,
    shown,
)
from batch.forms.keys import TASK
from batch.forms.layout import AGREE, FIELD_NAMES, NAME, OTHERS, SEEN, Field, Layout, layout
from batch.forms.token import Keys
from batch.roster import Office, Roster
from batch.scheme import Scheme

UNIT_SUBJECT = "unit:"  # begins the row key of a unit on an approval sheet; no staff code holds a colon


@dataclass(frozen=True, slots=True)
class Attempt(Generic[P]):
    """One person's part of one file: the statement if it is valid, and what was found wrong or noteworthy."""

    stage: str
    subject: str
    author: str
    period: P
    receipt: Receipt
    statement: Statement[P] | None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged(Generic[P]):
    """What became of a file when it was judged: its period (None if unknown), its attempts, or why it has none."""

    receipt: Receipt
    period: P | None
    attempts: tuple[Attempt[P], ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def bare(self) -> Judged[P]:
        """The same without the cells of the file, which are by far the largest part of it; its tasks and places folded."""
        if self.receipt.reading is None:
            return self
        receipt = replace(self.receipt, reading=self.receipt.reading.bare)
        attempts = [
            replace(a, receipt=receipt, statement=a.statement and _bare(a.statement, receipt)) for a in self.attempts
        ]
        return replace(self, receipt=receipt, attempts=tuple(attempts))


def _plain(value: Any) -> Any:
    fields = getattr(value, "__dataclass_fields__", None)
    if fields is None or isinstance(value, (Week, Round)):
        return as_json(value)
    return {name: getattr(value, name) for name in fields}


_SAID = json.JSONEncoder(ensure_ascii=False, sort_keys=True, default=_plain)  # made once: it is asked for each statement


def _bare(statement: Statement[P], receipt: Receipt) -> Statement[P]:
    return replace(
        statement,
        receipt=receipt,
        scores=alike(statement.scores),
        flags=alike(statement.flags),
        texts=FoldedTexts.of(statement.texts),
        tasks=FoldedTasks.of(statement.tasks),
        places=FoldedPlaces.of(statement.places),
    )


class _Refused(Exception):
    """The whole form has no effect."""

    def __init__(self, found: Finding) -> None:
        self.finding = found
        super().__init__(found.code)


@dataclass(frozen=True)
class Rules:
    """What a form is judged by."""

    office: Office
    scheme: Scheme
    roster: Roster
    keys: Keys
    goals: Mapping[str, Any] | None = None  # the goals an indicator may serve; None: the office has no goals workbook

    def layout(self, form: str) -> Layout | None:
        """The layout of a form under the scheme, or None for an unknown one."""
        if form not in self._layouts:
            self._layouts[form] = layout(self.scheme, form)
        return self._layouts[form]

    def caps(self, staff_id: str, period: Stretch) -> Mapping[str, Decimal]:
        """Criterion → the highest score that this person may get in a period."""
        group = self.roster.group(staff_id, period, self.scheme)
        if group not in self._caps:
            self._caps[group] = caps(self.scheme.criteria, group)
        return self._caps[group]

    @cached_property
    def _layouts(self) -> dict[str, Layout | None]:
        """Those asked for before: there are thousands of forms, of few kinds."""
        return {}

    @cached_property
    def _caps(self) -> dict[str, Mapping[str, Decimal]]:
        """The same by group."""
        return {}

    def field_name(self, name: str) -> Titles | Phrase:
        """The title of a field for messages: the scheme's for what it scores and flags, else the form's label."""
        titled = (*((f"score.{c.id}", c) for c in self.scheme.criteria), *((f.id, f) for f in self.scheme.flags))
        return next((item.titles for key, item in titled if key == name), None) or Phrase(FIELD_NAMES.get(name, name))


_evaluated = lru_cache(maxsize=1024)(parse_evaluated)  # all forms of a week name one and the same


def judge(receipt: Receipt, rules: Rules) -> Judged[Any]:
    """Judge one received file. Its period is of the kind that the scheme evaluates."""
    reading = receipt.reading
    place = Place(receipt.name)
    kind = rules.scheme.period
    period = named = find_evaluated(receipt.name, kind)
    if reading is None:
        fault = receipt.fault or finding("file.unreadable", place, problem="")
        return Judged(receipt, period, findings=(replace(fault, place=place),))
    if reading.header.get("period"):
        try:
            period = _evaluated(reading.header["period"], kind)
        except ValueError:
            period = None
    try:
        judged = _judge_form(receipt, reading, period, rules)
    except _Refused as refusal:
        return Judged(receipt, period, findings=(refusal.finding,))
    if judged.attempts and named and period and named != period:
        note = finding("form.other-week", replace(place, sheet=reading.sheet), found=str(named), week=str(period))
        judged = replace(judged, findings=(*judged.findings, note))
    return judged


def _judge_form(receipt: Receipt, reading: Reading, period: Evaluated | None, rules: Rules) -> Judged[Any]:
    header = reading.header
    place = Place(receipt.name, reading.sheet)
    notes: list[Finding] = []
    form, author = header.get("form", ""), header.get("addressee", "")
    plan = rules.layout(form)
    own = next((s.id for s in rules.scheme.stages if s.kind == "report"), "")
    if not header.get("token"):
        if not (rules.office.allow_blank_self and own and (not form or form == own)):
            raise _Refused(finding("form.no-token", place))
        plan = rules.layout(own)
        author = _identity(reading, "staff_id")
    elif not (receipt.signed or rules.keys.genuine(header)):
        raise _Refused(finding("form.key-retired" if rules.keys.withdrawn(header) else "form.bad-token", place))
    elif header["scheme"] != rules.scheme.id:
        raise _Refused(finding("form.wrong-scheme", place, found=header["scheme"], known=rules.scheme.id))
    elif header["scheme_hash"] != rules.scheme.hash:
        notes.append(finding("form.other-version", place, author))
    if plan is None:
        raise _Refused(finding("form.unknown-kind", place, found=form))
    if period is None:
        raise _Refused(finding("form.unknown-period", place))
    if rules.office.expired(period, receipt.received):
        raise _Refused(finding("form.expired", place, author, week=period, allowed=rules.office.accept_weeks))
    sheet = _Sheet(receipt, reading, plan, period, author, rules)
    attempts = tuple(sheet.per_person() if plan.per_person else sheet.about_subject())
    return Judged(receipt, period, attempts, tuple(notes))


def _identity(reading: Reading, key: str) -> str:
    row = next((row for row in reading.rows if row.key == f"identity.{key}"), None)
    return clean_id(row.cells["value"].text) if row and "value" in row.cells else ""


@dataclass
class _Sheet:
    """One form being judged."""

    receipt: Receipt
    reading: Reading
    plan: Layout
    period: Evaluated
    author: str
    rules: Rules

    def _place(self, cell: str = "") -> Place:
        return Place(self.receipt.name, self.reading.sheet, cell)

    def _where(self, row: Row | None, column: str) -> Place:
        """The place of a field, also of an empty one: the column's letters and the row's number."""
        if row is None:
            return self._place()
        cell = row.cells.get(column)
        letters = self.reading.columns.get(column, "")
        return self._place(cell.ref if cell else f"{letters}{row.number}" if letters else "")

    def about_subject(self) -> Iterator[Attempt[Any]]:
        """A form about one subject: its author, the person met, or the author's unit."""
        subject = self.reading.header.get("subject") or self.author
        roster, of_unit = self.rules.roster, self.plan.identity == "unit_id"
        rows = self._by_key()
        notes: list[Finding] = []
        found = _identity(self.reading, self.plan.identity)
        row = rows.get(f"identity.{self.plan.identity}")
        if found and found != subject:
            where = self._where(row, "value")
            label = roster.unit_name(subject) if of_unit else roster.label(subject)
            notes.append(finding("form.wrong-subject", where, subject, subject=label, found=found))
        if not (subject in roster.units if of_unit else roster.knows(subject)):
            notes.append(finding("form.unknown-subject", self._where(row, "value"), found=subject))
        name_row = rows.get("identity.name")
        if name_row and "value" in name_row.cells and not of_unit and roster.knows(subject):
            typed, name = clean(name_row.cells["value"].text), self.rules.roster.name(subject)
            if not self.rules.roster.has_name(subject, typed):
                where = self._where(name_row, "value")
                notes.append(finding("identity.name-differs", where, subject, found=typed, name=name))
        for field in self.plan.fields:
            if field.required and (field.row not in rows or field.column not in self.reading.columns):
                notes.append(finding("form.map-damaged", self._place(), subject, found=field.row))
                yield self._attempt(subject, None, notes)
                return
        wrong = [n for n in notes if n.code != "identity.name-differs"]
        yield self._statement(
            subject, lambda field: rows.get(field.row or ""), self._tasks(notes, subject), notes, bool(wrong)
        )

    def _by_key(self) -> dict[str, Row]:
        """The rows by key; of a row that was copied along with its key, a cell that says two things is marked so."""
        rows: dict[str, Row] = {}
        for row in self.reading.rows:
            first = rows.setdefault(row.key, row)
            if first is not row:
                cells = {
                    key: either(first.cells[key], cell) if key in first.cells else cell for key, cell in row.cells.items()
                }
                rows[row.key] = first._replace(cells={**first.cells, **cells})
        return rows

    def per_person(self) -> Iterator[Attempt[Any]]:
        """A form with a row per person, keyed by staff code."""
        missing = [f.column for f in self.plan.fields if f.required and f.column not in self.reading.columns]
        if missing:
            raise _Refused(finding("form.map-damaged", self._place(), self.author, found=missing[0]))
        by_subject: dict[str, list[Row]] = {}
        columns = {field.column for field in self.plan.fields}
        for row in self._spoken_for():
            if any(column in row.cells for column in columns):
                by_subject.setdefault(row.key, []).append(row)
        for subject, rows in by_subject.items():
            if not self.rules.roster.knows(subject) and subject.removeprefix(UNIT_SUBJECT) not in self._units(subject):
                first = min((cell.ref for cell in rows[0].cells.values()), key=lambda ref: (len(ref), ref))  # the leftmost
                note = finding("form.unknown-subject", self._place(first), found=subject)
                yield self._attempt(subject, None, [note])
                continue
            if len(rows) > 1 and len({self._content(row, columns) for row in rows}) > 1:
                where = self._where(rows[1], self.plan.fields[0].column)
                yield self._attempt(subject, None, [finding("form.row-twice", where, subject)])
                continue
            row = rows[0]
            notes = self._mixed_up(row, subject)
            yield self._statement(subject, lambda _, row=row: row, (), notes, bool(notes))

    def _units(self, subject: str) -> Mapping[str, Any]:
        """Units that a row key may name: those of the roster, for keys such as ``unit:D1``."""
        return self.rules.roster.units if subject.startswith(UNIT_SUBJECT) else {}

    def _spoken_for(self) -> Iterator[Row]:
        """The rows with what their author said in one stroke: 'agree' for a row's scores, a decision for all the others."""
        rows = [row for row in self.reading.rows if row.key != OTHERS]
        common = next((row.cells.get("decision") for row in self.reading.rows if row.key == OTHERS), None)
        columns = {field.column for field in self.plan.fields}
        scores = [field.column for field in self.plan.fields if field.kind == "score"]
        for row in rows:
            cells = dict(row.cells)
            if (
                AGREE in columns
                and AGREE in cells
                and not any(column in cells for column in scores)
                and _is_yes(cells[AGREE])
            ):
                own = ((column, cells.get(column.replace("score.", "self.", 1))) for column in scores)
                cells |= {column: cell for column, cell in own if cell}
            elif common and SEEN in cells and not any(column in cells for column in columns):
                cells["decision"] = common
            yield row._replace(cells=cells)

    def _mixed_up(self, row: Row, subject: str) -> list[Finding]:
        """A row whose name is not its code's: the visible columns were sorted or pasted without the hidden one."""
        shown_name = row.cells.get(NAME)
        unit = self._units(subject).get(subject.removeprefix(UNIT_SUBJECT))
        name = unit.name if unit else self.rules.roster.name(subject)
        if shown_name is None or same_name(clean(shown_name.text), name):
            return []
        if self.rules.roster.has_name(subject, clean(shown_name.text)):
            return []
        return [finding("form.row-mixed-up", self._where(row, NAME), subject, found=shown(shown_name), name=name)]

    @staticmethod
    def _content(row: Row, columns: Iterable[str]) -> str:
        wanted = sorted((c, clean(row.cells[c].text)) for c in columns if c in row.cells)
        return json.dumps(wanted, ensure_ascii=False)

    def _attempt(self, subject: str, statement: Statement[Any] | None, notes: Iterable[Finding]) -> Attempt[Any]:
        return Attempt(self.plan.form, intern(subject), self.author, self.period, self.receipt, statement, tuple(notes))

    def _items(self, subject: str, notes: list[Finding], places: dict[str, Place]) -> tuple[tuple[Item, ...], bool]:
        """The agreed items of a form that has such tables, and whether any of them can't stand; ``places`` grows."""
        reader = ItemReader(
            self.rules.scheme, self.plan, subject, self._where, self.rules.field_name, self.rules.goals, places
        )
        return reader.read(self.reading, notes) if self.plan.items else ((), False)

    def _statement(
        self, subject: str, row_of: Any, tasks: tuple[Task, ...], notes: list[Finding], wrong: bool
    ) -> Attempt[Any]:
        scheme = self.rules.scheme
        caps = self.rules.caps(subject, self.period)
        scores: dict[str, Decimal] = {}
        flags: dict[str, bool] = {}
        texts: dict[str, str] = {}
        places: dict[str, Place] = {}
        items, faulty = self._items(subject, notes, places)
        wrong = wrong or faulty
        decision = ""
        unanswered: list[Field] = []
        for field in self.plan.fields:
            row: Row | None = row_of(field)
            cell: Cell | None = row.cells.get(field.column) if row else None
            where = self._where(row, field.column)
            if cell is None:
                if field.kind == "yes_no":
                    unanswered.append(field)
                if field.required:
                    notes.append(finding("value.missing", where, subject, field=self.rules.field_name(field.name)))
                    wrong = True
                continue
            places[field.name] = where
            try:
                if field.kind == "score":
                    criterion = intern(field.name.removeprefix("score."))
                    scores[criterion] = read_score(cell, caps[criterion], scheme.decimals)
                elif field.kind == "yes_no":
                    flags[field.name] = read_yes_no(cell)
                elif field.kind == "decision":
                    decision = read_decision(cell)
                elif field.kind == "date":
                    texts[field.name] = read_date(cell).isoformat()
                elif field.kind == "count":
                    texts[field.name] = format(read_count(cell), "f")
                elif field.kind == "mark":
                    texts |= {field.name: "yes"} if read_yes_no(cell) else {}
                else:
                    texts[field.name] = read_text(cell)
            except BadValue as err:
                params = {"field": self.rules.field_name(field.name), **err.params}
                notes.append(finding(err.code, where, subject, **params))
                wrong = True
        if unanswered:
            first = unanswered[0]
            names = tuple(self.rules.field_name(field.name) for field in unanswered)
            notes.append(finding("review.flag-unanswered", self._where(row_of(first), first.column), subject, fields=names))
        if AGREE in texts and self.plan.per_person and not wrong:
            wrong = self._check_agreement(subject, scores, row_of(self.plan.fields[0]), notes)
        if any(field.kind == "decision" for field in self.plan.fields) and not wrong:
            wrong = self._check_decision(subject, decision, scores, texts, row_of, notes)
        seen = self._seen(row_of)
        if seen.startswith(AMENDS) and "text.amendment" not in texts:  # what was agreed changes with a reason only
            row = self._by_key().get("text.amendment")
            named = self.rules.field_name("text.amendment")
            notes.append(finding("value.missing", self._where(row, "value"), subject, field=named))
            wrong = True
        if wrong:
            return self._attempt(subject, None, notes)
        said = [scores, flags, decision, texts, tasks, seen, *([items] if items else [])]
        says = _SAID.encode(said)
        statement = Statement(
            stage=self.plan.form,
            subject=intern(subject),
            author=self.author,
            period=self.period,
            scores=scores,
            flags=flags,
            decision=decision,
            texts=texts,
            tasks=tasks,
            seen=intern(seen),  # mostly what another statement says
            says=intern(hashlib.sha256(says.encode()).hexdigest()[:16]),
            places=places,
            receipt=self.receipt,
            items=items,
        )
        return self._attempt(subject, statement, notes)

    def _seen(self, row_of: Any) -> str:
        """What the form, or this row of a sheet, says that it answers."""
        if self.plan.per_person:
            row = row_of(self.plan.fields[0])
            return clean_id(row.cells[SEEN].text) if row and SEEN in row.cells else ""
        row = self._by_key().get(SEEN) if self.plan.bound else None
        return clean_id(row.cells["value"].text) if row and "value" in row.cells else ""

    def _check_agreement(self, subject: str, scores: Mapping[str, Decimal], row: Row, notes: list[Finding]) -> bool:
        """'Agree' beside other scores than the person's own: it is unclear which are meant."""
        own = {criterion: row.cells.get(f"self.{criterion}") for criterion in scores}
        if all(cell and cell.kind == "n" and Decimal(cell.text) == scores[criterion] for criterion, cell in own.items()):
            return False
        notes.append(finding("value.agree-and-scores", self._where(row, AGREE), subject))
        return True

    def _check_decision(
        self,
        subject: str,
        decision: str,
        scores: Mapping[str, Decimal],
        texts: Mapping[str, str],
        row_of: Any,
        notes: list[Finding],
    ) -> bool:
        """To adjust needs every score and a reason, to return a reason; scores without 'adjust' mean nothing clear."""
        by_name = {field.name: field for field in self.plan.fields}
        row: Row | None = row_of(self.plan.fields[0])

        def fault(code: str, name: str, **params: object) -> None:
            notes.append(finding(code, self._where(row, by_name[name].column), subject, **params))

        before = len(notes)
        stage = self.rules.scheme.stage(self.plan.form)
        if not decision:
            fault("value.decision-missing", "decision")
        elif stage and decision not in stage.verdicts:
            fault("value.decision-not-here", "decision")
        elif decision == "adjust":
            for criterion in self.rules.scheme.criteria:
                if criterion.id not in scores:
                    name = f"score.{criterion.id}"
                    fault("value.missing", name, field=self.rules.field_name(name))
        elif scores:
            fault("value.scores-unused", f"score.{next(iter(scores))}")
        if decision in ("adjust", "return") and not texts.get("reason"):
            fault("value.reason-missing", "reason")
        return len(notes) > before

    def _tasks(self, notes: list[Finding], subject: str) -> tuple[Task, ...]:
        """The task table. Nothing in it is scored, so a cell that can't be read is left out with a warning."""
        tasks = []
        for row in self.reading.rows:
            if row.key.split(".")[0] != TASK:
                continue
            values: dict[str, Any] = {}
            for field in self.plan.tasks:
                cell = row.cells.get(field.column)
                if cell is None:
                    continue
                try:
                    values[field.name] = _read_task_field(field, cell)
                except BadValue:
                    name = self.rules.field_name(field.name)
                    notes.append(
                        finding("value.left-out", self._where(row, field.column), subject, field=name, found=shown(cell))
                    )
            if values:
                tasks.append(Task(**{"task": "", **values}))
        return tuple(tasks)


def _is_yes(cell: Cell) -> bool:
    try:
        return read_yes_no(cell)
    except BadValue:
        return False  # said where the field itself is read


def _read_task_field(field: Field, cell: Cell) -> object:
    if field.kind == "amount":
        return read_amount(cell)
    if field.kind == "date":
        return read_date(cell)
    if field.kind == "yes_no":
        return read_yes_no(cell)
    if field.kind == "task_kind":
        return read_task_kind(cell)
    return read_text(cell)
