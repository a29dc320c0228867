"""What the marks on a returned form say: what is wrong, what is allowed, what to do; and on which cells."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from batch.core.codes import CODES
from batch.core.finding import Finding
from batch.core.records import Reading, Row
from batch.forms.keys import TASK
from batch.forms.layout import Field, Layout
from batch.i18n import Speaker
from batch.scheme import Scheme
from batch.validate import Attempt

AUTHOR = "appraise"  # of the comments: an earlier return's are known by it
RED, YELLOW = "F4A6A6", "FFE08A"  # a fault; something that was left out but costs nothing
RULE = f'N("{AUTHOR}")=0'  # always true: puts the mark above the form's own live colours, and is known again

_NOTED = {"value.left-out", "review.flag-unanswered"}  # warnings worth a mark once the form goes back anyway
_SENT_BACK = {"unit.returned"}  # no fault of the form, but it has to be changed
_Spot = tuple[str, tuple[str, ...], str]  # row key, column keys, cell of the original


@dataclass(frozen=True)
class Mark:
    """A cell to mark, by its keys and by its place in the original; ``wrong``: it costs the row, else it is a notice."""

    row: str
    columns: tuple[str, ...]
    ref: str
    text: str
    wrong: bool


def tasks(reading: Reading) -> list[Row]:
    """The lines of the task table that say something, those that people inserted included."""
    return [row for row in reading.rows if row.key.split(".")[0] == TASK and row.cells]


@dataclass(frozen=True)
class Words:
    """The marks of one kind of form, in one language, under one scheme."""

    plan: Layout
    scheme: Scheme
    say: Speaker

    def marks(self, attempt: Attempt) -> list[Mark]:
        """A mark for every faulty cell, with all that is wrong with it."""
        reading, file = attempt.receipt.reading, PurePosixPath(attempt.receipt.name).name
        if reading is None:
            return []
        texts: dict[_Spot, list[tuple[str, bool]]] = {}
        for found in attempt.findings:
            wrong = CODES[found.code].severity == "error" or found.code in _SENT_BACK
            if wrong or found.code in _NOTED:
                for place in self._places(found, reading, attempt.subject):
                    texts.setdefault(place, []).append((self._words(found, place, wrong, file), wrong))
        return [
            Mark(*place, "\n\n".join(dict.fromkeys(text for text, _ in said)), any(wrong for _, wrong in said))
            for place, said in texts.items()
        ]

    def _places(self, found: Finding, reading: Reading, subject: str) -> list[_Spot]:
        """The cells a finding is about: (row key, column keys, cell of the original)."""
        if found.code == "form.row-twice":
            column = self.plan.fields[0].column
            return [(row.key, (column,), _ref(reading, row, column)) for row in reading.rows if row.key == subject]
        if found.code == "review.flag-unanswered":
            asked = next(row for row in reading.rows if row.key == subject)
            blank = (f.column for f in self.plan.fields if f.kind == "yes_no" and f.column not in asked.cells)
            return [(subject, (column,), _ref(reading, asked, column)) for column in blank]
        if found.code in ("form.conflict", "form.map-damaged", *_SENT_BACK):  # about the form, not about a cell
            wanted = [f for f in self.plan.fields if f.kind == "decision"] or [f for f in self.plan.fields if f.required]
            rows = {row.key: row for row in reading.rows}
            places: list[_Spot] = []
            for field in wanted:
                row = rows.get(field.row or subject)
                filled = row is not None and field.column in row.cells
                if filled == (found.code != "form.map-damaged"):
                    ref = _ref(reading, row, field.column) if row else ""
                    places.append((field.row or subject, (field.column,), ref))
            return places[:1] if found.code in _SENT_BACK else places
        split = re.fullmatch(r"([A-Z]+)(\d+)", found.place.cell)
        row = next((r for r in _numbered(reading) if split and r.number == int(split[2])), None)
        if split is None or row is None:
            return []
        columns = tuple(sorted(key for key, letters in reading.columns.items() if letters == split[1]))
        return [(row.key, columns, found.place.cell)]

    def _words(self, found: Finding, place: _Spot, wrong: bool, file: str) -> str:
        """What is wrong, what is allowed, what to do."""
        say = self.say
        if found.code == "form.conflict":
            problem = say("You sent different forms at once, so none counts. This is a copy of '{file}'.", file=file)
            remedy = say("Keep or correct what stands here, so that it says what you mean.")
        elif found.code == "form.map-damaged":
            problem, remedy = (
                say("This cell was missing from the form you sent."),
                say("Fill it in; don't delete rows or columns."),
            )
        elif found.code in _SENT_BACK:
            problem, remedy = say.message(found), say("Change what the reason asks for.")
        else:
            problem, remedy = say.message(found), say.remedy(found)
        if not wrong:
            return say("Notice: {text}", text=problem)
        field = self._field(place[0], place[1])
        lines = [problem if found.code in _SENT_BACK else say("Wrong: {text}", text=problem)]
        if field and found.code not in _SENT_BACK:
            lines.append(say("Allowed: {text}", text=_allowed(field, self.scheme, say)))
        lines.append(say("To do: {text}", text=f"{remedy} {say('Then save this form and send it again.')}"))
        return "\n".join(lines)

    def _field(self, row: str, columns: tuple[str, ...]) -> Field | None:
        items = self.plan.items.get(row.split(".")[0])
        if items is not None:
            return next((field for field in items if field.column in columns), None)
        fields = self.plan.fields
        return next((f for f in fields if f.column in columns and (self.plan.per_person or f.row == row)), None)


def _allowed(field: Field, scheme: Scheme, say: Speaker) -> str:
    if field.kind == "score":
        cap = next(c.max for c in scheme.criteria if f"score.{c.id}" == field.name)
        return say("a number from 0 to {cap}, with at most {decimals} decimals", cap=cap, decimals=scheme.decimals)
    if field.kind == "yes_no":
        return say("yes or no")
    if field.kind == "date":
        return say("a date, such as 30/06/2025")
    if field.kind == "number":
        return say("a number")
    if field.kind == "count":
        return say("a whole number")
    if field.kind == "decision":
        return say("approve, adjust or return")
    return say("any text")


def _ref(reading: Reading, row: Row, column: str) -> str:
    return f"{reading.columns[column]}{row.number}" if column in reading.columns else ""


def _numbered(reading: Reading) -> list[Row]:
    """The rows, those of the task table keyed as a fresh form keys them."""
    keys = {row.number: f"{TASK}.{n}" for n, row in enumerate(tasks(reading), 1)}
    return [row._replace(key=keys.get(row.number, row.key)) for row in reading.rows]
