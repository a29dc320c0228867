"""Returned forms: what came with a fault goes back as the person's own workbook, marked where it must be corrected.

A returned copy says in its header what it corrects, so it replaces what was sent before whenever it arrives. Where the
original can't be written back (another format, damaged, or more in it than may be said again), the same content goes
out on a fresh form, with the same marks.
"""

from __future__ import annotations

import datetime as dt
import io
import math
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.comments import Comment
from openpyxl.formatting.formatting import ConditionalFormattingList
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import PatternFill
from openpyxl.workbook.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from batch.assess import Assessment
from batch.core.codes import CODES
from batch.core.finding import Finding
from batch.core.period import Week
from batch.core.records import Case, Cell, Reading, Row
from batch.core.text import clean, clean_id
from batch.forms.extract import read_form
from batch.forms.issue import TEMPLATE_VERSION, Form, Issuer, Sent, judge_of, seen, sent_back
from batch.forms.keys import HEADER_SHEET, MARK, TASK
from batch.forms.layout import OTHERS, SEEN, Field, Layout, layout
from batch.forms.prepare import repeat_row
from batch.forms.stamp import ILLEGAL_XML
from batch.forms.workbook import files_of, load, pack
from batch.i18n import Speaker
from batch.scheme import Scheme, Stage
from batch.sheet.cells import extent, ranges
from batch.sheet.package import Unreadable, unpack
from batch.titles import RETURNED
from batch.validate import UNIT_SUBJECT, Attempt, Rules

AUTHOR = "appraise"  # of the comments: an earlier return's are known by it
RED, YELLOW = "F4A6A6", "FFE08A"  # a fault; something that was left out but costs nothing
_OWN_NOTE = "―――――"  # parts our comment from one that the person had on the same cell
_RULE = f'N("{AUTHOR}")=0'  # always true: puts the mark above the form's own live colours, and is known again
_LARGEST, _MOST_CELLS = 4 * 1024 * 1024, 300_000  # unpacked; a larger workbook is not worth the time it would take to copy
_ACTIVE_PART = re.compile(
    r"vbaProject|macrosheets|dialogsheets|externalLinks|connections|queryTables|activeX|ctrlProps|embeddings|customUI|"
    r"webextensions|xl/model",
    re.IGNORECASE,
)
_OUTWARD = re.compile(rb"TargetMode\s*=\s*[\"']External", re.IGNORECASE)
_FORMULAS = re.compile(rb"<(?:\w+:)?(?:f|formula|formula1|formula2|definedName)\b[^<>]*>([^<]+)<")
_REACHES_OUT = re.compile(
    rb"\b(WEBSERVICE|HYPERLINK|IMAGE|RTD|CALL|EXEC|REGISTER[.\w]*|DDE|INFO|SQL\.REQUEST)\s*\(|\|", re.IGNORECASE
)
# Who filled in what is in doubt here, or the hidden map is: marks would not help, and a copy might show somebody's
# scores to somebody else. A fresh form does help.
_BEYOND_REPAIR = {"form.unknown-subject", "form.wrong-subject", "form.row-mixed-up"}
_NOTED = {"value.left-out", "review.flag-unanswered"}  # warnings worth a mark once the form goes back anyway
_SENT_BACK = {"unit.returned"}  # no fault of the form, but it has to be changed
_COMMENT_WIDTH = 340  # pixels
_LETTERS_PER_LINE, _LINE_PIXELS = 46, 17  # in the type that spreadsheet programs give comments

_NOTE_DRAWING = re.compile(r"xl/drawings/commentsDrawing(\d+)\.vml")
_NOTE_CELL = re.compile(
    r"<(?P<ns>\w+):AutoFill>\w+</(?P=ns):AutoFill><(?P=ns):Row>(?P<row>\d+)</(?P=ns):Row>"
    r"<(?P=ns):Column>(?P<column>\d+)</(?P=ns):Column>"
)
_Spot = tuple[str, tuple[str, ...], str]  # row key, column keys, cell of the original
Archive = Callable[[str], bytes | None]  # sha256 → the original as it was received
Readings = Callable[[str], Reading | None]  # sha256 → what was read of it


@dataclass(frozen=True)
class Returned:
    """A form on its way back, and the people who need no place on a fresh form of that stage because of it."""

    form: Form
    covers: frozenset[str]


@dataclass(frozen=True)
class _Mark:
    """A cell to mark, by its keys and by its place in the original; ``wrong``: it costs the row, else it is a notice."""

    row: str
    columns: tuple[str, ...]
    ref: str
    text: str
    wrong: bool


def returned_forms(
    week: Week,
    assessment: Assessment,
    previous: Mapping[str, Case],
    sent: Sent,
    issuer: Issuer,
    rules: Rules,
    archive: Archive,
    readings: Readings,
) -> list[Returned]:
    """Every form of the week that goes back, one for each author and stage, in the order of both."""
    by_author: dict[tuple[str, str], list[Attempt]] = {}
    for attempt in assessment.returned:
        by_author.setdefault((attempt.stage, attempt.author), []).append(_with_cells(attempt, readings))
    made = []
    for (stage_id, author), attempts in sorted(by_author.items()):
        if (stage := rules.scheme.stage(stage_id)) and (plan := layout(rules.scheme, stage_id)):
            one = _one_of_the_chain(stage, plan, week, author, assessment.cases, previous, sent, issuer, rules)
            made.append(one.make(attempts, archive))
    sides: list[tuple[Attempt | None, Callable[[], Form]]] = [
        (unit.returned, partial(issuer.unit_form, unit, sent)) for unit in assessment.units
    ]
    standing = [m for m in assessment.meetings if m.record]  # a later record of theirs may be faulty
    sides += [(m.returned, partial(issuer.meeting_form, m)) for m in (*assessment.unrecorded, *standing)]
    for back, fresh in sides:
        if back is not None and (plan := layout(rules.scheme, back.stage)):
            made.append(_Return(plan, _for_anybody(fresh), issuer.say, rules).make([_with_cells(back, readings)], archive))
    return [one for one in made if one]


def _with_cells(attempt: Attempt, readings: Readings) -> Attempt:
    """The attempt with every cell of its file: those that are judged keep none."""
    receipt = replace(attempt.receipt, reading=readings(attempt.receipt.sha256))
    return replace(attempt, receipt=receipt)


def _for_anybody(fresh: Callable[[], Form]) -> Callable[[Iterable[str]], Form]:
    return lambda _: fresh()


def _one_of_the_chain(
    stage: Stage,
    plan: Layout,
    week: Week,
    author: str,
    cases: Mapping[str, Case],
    previous: Mapping[str, Case],
    sent: Sent,
    issuer: Issuer,
    rules: Rules,
) -> _Return:
    def fresh(people: Iterable[str]) -> Form:
        return issuer.fresh(stage, week, author, [c for c in cases.values() if c.staff_id in people], previous, sent)

    if not plan.per_person:
        return _Return(plan, fresh, issuer.say, rules)
    due = frozenset(case.staff_id for case in issuer.due(stage, cases).get(author, ()))
    return _SheetReturn(plan, fresh, issuer.say, rules, stage, author, cases, due)


@dataclass(frozen=True)
class _Return:
    """The return of what one author sent on one form about one subject (their own report, a unit's, a meeting's record).

    ``fresh`` makes the form anew, with its signed header, about some people; for a form about one subject always the same.
    """

    plan: Layout
    fresh: Callable[[Iterable[str]], Form]
    say: Speaker
    rules: Rules

    def helps(self, attempt: Attempt) -> bool:
        """Whether the author can correct this on a copy: a sound map, no doubt whose it is, and still the question asked."""
        sound = attempt.receipt.reading is not None and not {f.code for f in attempt.findings} & _BEYOND_REPAIR
        return sound and self._asks_the_same(attempt)

    def _asks_the_same(self, attempt: Attempt) -> bool:
        return not self._of_somebody_else(attempt)

    def _of_somebody_else(self, attempt: Attempt) -> bool:
        """Whether the name typed is a colleague's: then it is they who filled in this form, and it is not shown around."""
        typed = [str(dict(f.params)["found"]) for f in attempt.findings if f.code == "identity.name-differs"]
        roster = self.rules.roster
        return any(roster.has_name(spell.staff_id, name) for name in typed for spell in roster.spells)

    def make(self, attempts: Sequence[Attempt], archive: Archive) -> Returned | None:
        """The person's own workbook if it can be written back, else a fresh form with the same content; None: no help.

        Whom it covers is settled before it is written: where the workbook may go back, the people who stand on it.
        """
        attempts = [attempt for attempt in attempts if self.helps(attempt)]
        if not attempts:
            return None
        reading = _reading(attempts[0])
        may_go_back = len({a.receipt.sha256 for a in attempts}) == 1 and self._fit(reading, attempts)
        people = self._people(attempts, reading if may_go_back else None)
        fresh = self.fresh(people)

        def data() -> bytes:
            own = self._own(reading, attempts, archive, fresh.header) if may_go_back else None
            return own if own is not None else self._filled(fresh.data, attempts)

        return Returned(replace(fresh, name=f"{RETURNED}{fresh.name}", make=data), people)

    def _people(self, attempts: Sequence[Attempt], standing_on: Reading | None) -> frozenset[str]:
        """Who stands on the form, which is the person's own (``standing_on``) or a fresh one."""
        return frozenset(attempt.subject for attempt in attempts)

    def _everybody(self, attempts: Sequence[Attempt]) -> frozenset[str]:
        """Whoever may stand on any form of this kind from this author."""
        return self._people(attempts, None)

    # --- the person's own workbook ------------------------------------------------------------------------------------

    def _own(
        self, reading: Reading, attempts: Sequence[Attempt], archive: Archive, header: Mapping[str, str]
    ) -> bytes | None:
        """A marked copy of the original, or None where that can't be had."""
        original = archive(attempts[0].receipt.sha256)
        if original is None or not _copiable(original):
            return None
        try:
            book = load(original)
            sheet = book[reading.sheet]
            self._unmark(book, self._everybody(attempts))
            _write_header(book, header)
            _put(sheet, [(mark.ref, mark) for attempt in attempts for mark in self._marks(attempt) if mark.ref])
            book.active = book.worksheets.index(sheet)
            data = _saved(book)
            return data if self._same(reading, read_form(data), book) else None
        except Exception:  # openpyxl meets workbooks of other programs with many kinds of errors: then a fresh form it is
            return None

    def _fit(self, reading: Reading, attempts: Sequence[Attempt]) -> bool:
        """Whether the whole form may be sent again as it is: same rules, sound map, and every row says what stands."""
        header = reading.header
        if header.get("token") and (header["scheme_hash"], header["template"]) != (self.rules.scheme.hash, TEMPLATE_VERSION):
            return False
        return not any(f.code == "form.map-damaged" for attempt in attempts for f in attempt.findings)

    def _unmark(self, book: Workbook, subjects: Iterable[str]) -> None:
        """Take away the marks of an earlier return, and whatever could not be saved again."""
        usual: dict[tuple[str, str], PatternFill] | None = None
        for sheet in book.worksheets:
            columns = _column_keys(sheet)
            for cells in sheet.iter_rows():
                for cell in cells:
                    if isinstance(cell.value, float) and not math.isfinite(cell.value):
                        cell.value = str(cell.value)
                    if not isinstance(cell, SheetCell):
                        continue
                    marked = cell.fill.fill_type == "solid" and str(cell.fill.fgColor.rgb)[-6:] in (RED, YELLOW)
                    if cell.comment and (marked or cell.comment.author == AUTHOR):  # LibreOffice forgets the author
                        cell.comment = _without_ours(cell.comment)
                    if marked:
                        usual = usual or self._usual_fills(subjects)
                        row = str(sheet.cell(cell.row, 1).value or "")
                        keys = columns.get(cell.column, ())
                        found = [usual[place, key] for place in (row, "") for key in keys if (place, key) in usual]
                        cell.fill = copy(found[0]) if found else PatternFill()
            if any(AUTHOR in str(f) for block in sheet.conditional_formatting for r in block.rules for f in r.formula):
                kept = ConditionalFormattingList()
                for block in sheet.conditional_formatting:
                    for rule in block.rules:
                        if not any(AUTHOR in str(formula) for formula in rule.formula):
                            kept.add(str(block.sqref), rule)
                sheet.conditional_formatting = kept

    def _usual_fills(self, subjects: Iterable[str]) -> dict[tuple[str, str], PatternFill]:
        """(row key, column key) → how the cell looks on a fresh form; row key '' stands for any row of the column."""
        sheet = load(self.fresh(subjects).data).worksheets[0]
        fills: dict[tuple[str, str], PatternFill] = {}
        for number, keys in _column_keys(sheet).items():
            for n in range(2, sheet.max_row + 1):
                row = str(sheet.cell(n, 1).value or "")
                for key in keys if row else ():
                    fill: Any = sheet.cell(n, number).fill
                    fills[row, key] = fill
                    if self.plan.per_person or row.startswith(f"{TASK}."):
                        fills.setdefault(("", key), fill)
        return fills

    def _same(self, before: Reading, after: Reading, book: Workbook) -> bool:
        """Whether the copy still says what the original said (a formula someone typed says it again once it is opened)."""
        fields = {field.column for field in (*self.plan.fields, *self.plan.tasks)} | {SEEN}

        def said(reading: Reading) -> list[tuple[str, str, str]]:
            return sorted(
                (row.key, key, clean(cell.text))
                for row in reading.rows
                for key, cell in row.cells.items()
                if key in fields and book[reading.sheet][cell.ref].data_type != "f"
            )

        return said(before) == said(after)

    # --- a fresh form with the same content -----------------------------------------------------------------------------

    def _filled(self, data: bytes, attempts: Sequence[Attempt]) -> bytes:
        book = load(data)
        sheet = book.worksheets[0]
        for attempt in attempts:
            self._fill(sheet, attempt)
        marks = [(_find(sheet, m.row, m.columns), m) for attempt in attempts for m in self._marks(attempt)]
        _put(sheet, [(cell.coordinate, mark) for cell, mark in marks if cell is not None])
        return _saved(book)

    def _fill(self, sheet: Worksheet, attempt: Attempt) -> None:
        reading = _reading(attempt)
        columns, tasks = {field.column for field in self.plan.tasks}, _tasks(reading)
        places = _task_places(sheet)
        if places and len(tasks) > len(places):
            _add_task_rows(sheet, places[-1], len(tasks) - len(places))
            places = _task_places(sheet)
        rows = {row.key: row for row in reading.rows}
        for field in self.plan.fields:
            row = rows.get(field.row or "")
            if row and field.column in row.cells:
                _type(_find(sheet, row.key, (field.column,)), row.cells[field.column])
        for row, n in zip(tasks, places, strict=False):
            for column in columns & row.cells.keys():
                _type(_find(sheet, str(sheet.cell(n, 1).value), (column,)), row.cells[column])

    # --- what the marks say ---------------------------------------------------------------------------------------------

    def _marks(self, attempt: Attempt) -> list[_Mark]:
        """A mark for every faulty cell, with all that is wrong with it."""
        reading, file = _reading(attempt), PurePosixPath(attempt.receipt.name).name
        texts: dict[_Spot, list[tuple[str, bool]]] = {}
        for found in attempt.findings:
            wrong = CODES[found.code].severity == "error" or found.code in _SENT_BACK
            if wrong or found.code in _NOTED:
                for place in self._places(found, reading, attempt.subject):
                    texts.setdefault(place, []).append((self._words(found, place, wrong, file), wrong))
        return [
            _Mark(*place, "\n\n".join(dict.fromkeys(text for text, _ in said)), any(wrong for _, wrong in said))
            for place, said in texts.items()
        ]

    def _places(self, found: Finding, reading: Reading, subject: str) -> list[_Spot]:
        """The cells a finding is about: (row key, column keys, cell of the original)."""
        if found.code == "form.row-twice":
            column = self.plan.fields[0].column
            return [(row.key, (column,), _ref(reading, row, column)) for row in reading.rows if row.key == subject]
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
            lines.append(say("Allowed: {text}", text=_allowed(field, self.rules.scheme, say)))
        lines.append(say("To do: {text}", text=f"{remedy} {say('Then save this form and send it again.')}"))
        return "\n".join(lines)

    def _field(self, row: str, columns: tuple[str, ...]) -> Field | None:
        fields = self.plan.fields
        return next((f for f in fields if f.column in columns and (self.plan.per_person or f.row == row)), None)


@dataclass(frozen=True)
class _SheetReturn(_Return):
    """The return of a sheet with a row per person, on which rows that are right stand beside faulty ones.

    ``due``: of whom the author's answer is due anyway.
    """

    stage: Stage
    author: str
    cases: Mapping[str, Case]
    due: frozenset[str]

    def _asks_the_same(self, attempt: Attempt) -> bool:
        case = self.cases[attempt.subject]
        return all(_seen(row) == seen(self.stage, case) for row in _rows_of(attempt))

    def _fit(self, reading: Reading, attempts: Sequence[Attempt]) -> bool:
        subjects = {attempt.subject for attempt in attempts}
        rows_fit = all(self._row_fits(row, reading, subjects) for row in reading.rows if row.key)
        return rows_fit and super()._fit(reading, attempts)

    def _row_fits(self, row: Row, reading: Reading, returned: set[str]) -> bool:
        """A row that goes back, one that stands as typed, or one still blank; shown values must be today's."""
        if row.key == OTHERS or row.key.startswith(UNIT_SUBJECT):
            return True  # says again what it said; a unit's row binds itself to the report it saw
        case = self.cases.get(row.key)
        if case is None or case.state == "excused" or judge_of(self.stage, case) != self.author:
            return False
        typed = any(field.column in row.cells for field in self.plan.fields)
        if typed and row.key not in returned:
            stands = case.review if self.stage.by == "supervisor" else case.approval
            same = stands is not None and _reading_content(stands.receipt.reading) == reading.content
            return same and not (self.stage.by == "supervisor" and sent_back(case))
        return _seen(row) == seen(self.stage, case) and self._shows_todays_report(row, reading, case)

    def _shows_todays_report(self, row: Row, reading: Reading, case: Case) -> bool:
        """Reviewers see the self-scores beside their own; those on an old sheet may be outdated."""
        own = case.report.scores if case.report else {}
        for criterion in self.rules.scheme.criteria:
            key = f"self.{criterion.id}"
            if self.stage.by == "supervisor" and key in reading.columns:
                cell = row.cells.get(key)
                shown = Decimal(cell.text) if cell and cell.kind == "n" else None
                if shown != own.get(criterion.id):
                    return False
        return True

    def _people(self, attempts: Sequence[Attempt], standing_on: Reading | None) -> frozenset[str]:
        """Who is to be corrected, and who is due from this author anyway."""
        people = super()._people(attempts, standing_on) | self.due
        return people & {row.key for row in standing_on.rows} if standing_on else people

    def _everybody(self, attempts: Sequence[Attempt]) -> frozenset[str]:
        return frozenset(staff_id for staff_id, case in self.cases.items() if judge_of(self.stage, case) == self.author)

    def _fill(self, sheet: Worksheet, attempt: Attempt) -> None:
        if len(rows := _rows_of(attempt)) == 1:
            for field in self.plan.fields:
                if field.column in rows[0].cells:
                    _type(_find(sheet, attempt.subject, (field.column,)), rows[0].cells[field.column])


def _allowed(field: Field, scheme: Scheme, say: Speaker) -> str:
    if field.kind == "score":
        cap = next(c.max for c in scheme.criteria if f"score.{c.id}" == field.name)
        return say("a number from 0 to {cap}, with at most {decimals} decimals", cap=cap, decimals=scheme.decimals)
    if field.kind == "yes_no":
        return say("yes or no")
    if field.kind == "date":
        return say("a date, such as 30/06/2025")
    if field.kind == "count":
        return say("a whole number")
    if field.kind == "decision":
        return say("approve, adjust or return")
    return say("any text")


# --- readings ---------------------------------------------------------------------------------------------------------


def _reading(attempt: Attempt) -> Reading:
    reading = attempt.receipt.reading
    assert reading is not None  # noqa: S101 (an attempt comes from a reading)
    return reading


def _reading_content(reading: Reading | None) -> str:
    return reading.content if reading else ""


def _rows_of(attempt: Attempt) -> list[Row]:
    return [row for row in _reading(attempt).rows if row.key == attempt.subject]


def _seen(row: Row) -> str:
    return clean_id(row.cells[SEEN].text) if SEEN in row.cells else ""


def _ref(reading: Reading, row: Row, column: str) -> str:
    return f"{reading.columns[column]}{row.number}" if column in reading.columns else ""


def _tasks(reading: Reading) -> list[Row]:
    """The lines of the task table that say something, those that people inserted included."""
    return [row for row in reading.rows if row.key.split(".")[0] == TASK and row.cells]


def _numbered(reading: Reading) -> list[Row]:
    """The rows, those of the task table keyed as a fresh form keys them."""
    keys = {row.number: f"{TASK}.{n}" for n, row in enumerate(_tasks(reading), 1)}
    return [row._replace(key=keys.get(row.number, row.key)) for row in reading.rows]


# --- workbooks --------------------------------------------------------------------------------------------------------


def _copiable(data: bytes) -> bool:
    """Whether this is a workbook in the format that is written here, worth its copying, and nothing in it could act.

    Macros, links to elsewhere, data connections and formulas that reach outside never go out again: then a fresh form does.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
        parts = unpack(data)
    except (zipfile.BadZipFile, OSError, Unreadable):
        return False
    sheets = [part for name, part in parts.items() if name.startswith("xl/worksheets/") and name.endswith(".xml")]
    return (
        "xl/workbook.xml" in parts
        and not any(_ACTIVE_PART.search(name) for name in names)
        and not any(_OUTWARD.search(part) for name, part in parts.items() if name.endswith(".rels"))
        and not any(_REACHES_OUT.search(formula) for part in parts.values() for formula in _FORMULAS.findall(part))
        and sum(len(part) for part in parts.values()) < _LARGEST
        and sum(extent(sheet) + ranges(sheet) for sheet in sheets) < _MOST_CELLS
    )


def _write_header(book: Workbook, header: Mapping[str, str]) -> None:
    """The hidden sheet: what this copy corrects, and its own signature."""
    sheet = next((s for s in book.worksheets if s.title.strip().casefold() == HEADER_SHEET), None)
    if sheet is None:
        sheet = book.create_sheet(HEADER_SHEET)
    rows = {clean_id(str(sheet.cell(n, 1).value or "")): n for n in range(1, min(sheet.max_row, 40) + 1)}
    free = max(rows.values(), default=0) if any(rows) else 0
    for key, value in header.items():
        if key not in rows:
            free += 1
            rows[key] = free
            sheet.cell(free, 1).value = key
        sheet.cell(rows[key], 2).value = value or None
    sheet.sheet_state = "veryHidden"


def _column_keys(sheet: Worksheet) -> dict[int, list[str]]:
    """Column number → its keys, from the hidden row that begins with the mark."""
    for cells in sheet.iter_rows(max_row=12, max_col=12):
        for cell in cells:
            if isinstance(cell.value, str) and cell.value.strip() == MARK:
                across = sheet[cell.row]
                return {c.column: clean(str(c.value)).split() for c in across if c.value and c.column != cell.column}
    return {}


def _find(sheet: Worksheet, row: str, columns: Iterable[str]) -> SheetCell | None:
    """The cell of a form written here (keys in row 1 and column A) under a row key and any of some column keys."""
    at = next((n for n in range(2, sheet.max_row + 1) if str(sheet.cell(n, 1).value or "") == row), None)
    number = next((n for n, keys in _column_keys(sheet).items() if set(keys) & set(columns)), None)
    found = sheet.cell(at, number) if at and number else None
    return found if isinstance(found, SheetCell) else None


def _type(cell: SheetCell | None, said: Cell) -> None:
    """Write a value as it was typed; text stays text, whatever it begins with. What is no value stays away."""
    if cell is None or said.kind in ("e", "f", "t"):
        return
    if said.kind == "n":
        cell.value = Decimal(said.text)
    elif said.kind == "b":
        cell.value = said.text == "1"
    elif said.kind == "d":
        cell.value = dt.date.fromisoformat(said.text)
    else:
        cell.value = ILLEGAL_XML.sub("", said.text)
        cell.data_type = "s"


def _task_places(sheet: Worksheet) -> list[int]:
    return [n for n in range(1, sheet.max_row + 1) if re.fullmatch(rf"{TASK}\.\d+", str(sheet.cell(n, 1).value or ""))]


def _add_task_rows(sheet: Worksheet, last: int, more: int) -> None:
    """Lengthen the task table of a fresh form, as people do by inserting rows."""
    number = int(str(sheet.cell(last, 1).value).split(".")[1])
    repeat_row(sheet, last, more + 1)
    for n in range(more + 1):
        sheet.cell(last + n, 1).value = f"{TASK}.{number + n}"


def _put(sheet: Worksheet, marks: Iterable[tuple[str, _Mark]]) -> None:
    """Colour cells and say why; a comment that the person had there stays below. The colour covers the form's live ones."""
    coloured: dict[str, list[str]] = {}
    for ref, mark in marks:
        merged = next((area for area in sheet.merged_cells.ranges if ref in area), None)  # its first cell is what one sees
        cell: Any = sheet.cell(merged.min_row, merged.min_col) if merged else sheet[ref]
        colour = RED if mark.wrong else YELLOW
        cell.fill = PatternFill("solid", start_color=f"FF{colour}", end_color=f"FF{colour}")
        theirs = f"\n{_OWN_NOTE} {cell.comment.author}\n{cell.comment.text}" if cell.comment else ""
        cell.comment = Comment(mark.text + theirs, AUTHOR)
        coloured.setdefault(colour, []).append(cell.coordinate)
    formats = ConditionalFormattingList()
    for n, (colour, refs) in enumerate(sorted(coloured.items()), 1):
        above: Any = FormulaRule(formula=[_RULE], fill=PatternFill("solid", bgColor=f"FF{colour}"), stopIfTrue=True)  # type: ignore[no-untyped-call]
        above.priority = n
        formats.add(" ".join(refs), above)
    for block in sheet.conditional_formatting:
        for rule in block.rules:
            rule.priority += len(coloured)
            formats.add(str(block.sqref), rule)
    sheet.conditional_formatting = formats


def _without_ours(comment: Comment) -> Comment | None:
    """What remains of a comment when ours is taken away."""
    _, parted, theirs = comment.text.partition(f"\n{_OWN_NOTE} ")
    author, _, text = theirs.partition("\n")
    return Comment(text, author) if parted else None


def _saved(book: Workbook) -> bytes:
    """The workbook's bytes: the same for the same content. Every comment is made large enough to be read."""
    boxes: list[dict[tuple[int, int], str]] = []  # a dict for each sheet that has comments
    for sheet in book.worksheets:
        commented: list[Any] = [cell for cells in sheet.iter_rows() for cell in cells if cell.comment]
        for cell in commented:
            lines = sum(-(-len(line) // _LETTERS_PER_LINE) or 1 for line in cell.comment.text.split("\n"))
            cell.comment.width, cell.comment.height = _COMMENT_WIDTH, (lines + 1) * _LINE_PIXELS
        if commented:
            boxes.append({(c.row, c.column): _box(sheet, c.row, c.column, c.comment.height) for c in commented})
    files = files_of(book)
    for name in files:
        if drawing := _NOTE_DRAWING.fullmatch(name):
            files[name] = _placed(files[name].decode(), boxes[int(drawing[1]) - 1]).encode()
    return pack(files.items())


def _placed(drawing: str, boxes: Mapping[tuple[int, int], str]) -> str:
    """The drawing of a sheet's comments with their boxes beside their cells; openpyxl leaves them all at the top."""

    def with_box(match: re.Match[str]) -> str:
        box = boxes.get((int(match["row"]) + 1, int(match["column"]) + 1))
        return f"<{match['ns']}:Anchor>{box}</{match['ns']}:Anchor>{match[0]}" if box else match[0]

    return _NOTE_CELL.sub(with_box, drawing)


def _box(sheet: Worksheet, row: int, column: int, height: int) -> str:
    """A box right of a cell, from the row above it: column, pixels in it, row, pixels in it, of both corners."""

    def wide(n: int) -> int:
        dimension = next((d for d in sheet.column_dimensions.values() if (d.min or 0) <= n <= (d.max or 0)), None)
        return 0 if dimension and dimension.hidden else round((dimension.width if dimension else 9) * 7 + 5)

    def high(n: int) -> int:
        dimension = sheet.row_dimensions[n]
        return 0 if dimension.hidden else round((dimension.height or 15) * 4 / 3)

    left, top = column + 1, max(1, row - 1)
    right, x = _walk(left, 12 + _COMMENT_WIDTH, wide)
    bottom, y = _walk(top, 8 + height, high)
    return f"{left - 1}, 12, {top - 1}, 8, {right - 1}, {x}, {bottom - 1}, {y}"


def _walk(n: int, pixels: int, size: Callable[[int], int]) -> tuple[int, int]:
    """The column (or row) that lies some pixels beyond the beginning of another, and the pixels into it."""
    while pixels > size(n) and n < 16_000:
        pixels -= size(n)
        n += 1
    return n, pixels
