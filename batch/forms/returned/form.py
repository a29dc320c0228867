"""One form on its way back: the person's own workbook, marked where it must be corrected, or a fresh one that says the same.

A returned copy says in its header what it corrects, so it replaces what was sent before whenever it arrives. Where the
original can't be written back (another format, damaged, or more in it than may be said again), the same content goes
out on a fresh form, with the same marks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from batch.core.made import MadeFrom
from batch.core.records import Reading, Row
from batch.core.text import clean, clean_id
from batch.forms.extract import read_form
from batch.forms.issue import TEMPLATE_VERSION, Form
from batch.forms.keys import HEADER_SHEET
from batch.forms.layout import OTHERS, SEEN, Layout
from batch.forms.lines import Line, Lines
from batch.forms.returned.inert import copiable, pictures
from batch.forms.returned.inplace import mark_in_place
from batch.forms.returned.words import Mark, Words
from batch.i18n import Speaker
from batch.titles import RETURNED
from batch.validate import Attempt, Rules

if TYPE_CHECKING:  # openpyxl costs time that most forms on their way back need not pay
    from openpyxl.workbook.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

# Who filled in what is in doubt here, or the hidden map is: marks would not help, and a copy might show somebody's
# scores to somebody else. A fresh form does help.
_BEYOND_REPAIR = {"form.unknown-subject", "form.wrong-subject", "form.row-mixed-up"}
Archive = Callable[[str], bytes | None]  # sha256 → the original as it was received


@dataclass(frozen=True)
class Returned:
    """A form on its way back, and the people who need no place on a fresh form of that stage because of it."""

    form: Form
    covers: frozenset[str]


@dataclass(frozen=True)
class Return:
    """The return of what one author sent on one form about one subject (their own report, a unit's, a meeting's record).

    ``fresh`` makes the form anew, with its signed header, about some people; for a form about one subject always the same.
    ``asks``: what such a form has to answer now, as its hidden row ``seen`` says it.
    """

    plan: Layout
    fresh: Callable[[Iterable[str]], Form]
    say: Speaker
    rules: Rules
    asks: str

    def helps(self, attempt: Attempt) -> bool:
        """Whether the author can correct this on a copy: a sound map, no doubt whose it is, and still the question asked."""
        sound = attempt.receipt.reading is not None and not {f.code for f in attempt.findings} & _BEYOND_REPAIR
        return sound and self._asks_the_same(attempt)

    def _asks_the_same(self, attempt: Attempt) -> bool:
        if self.plan.bound:
            row = next((row for row in _reading(attempt).rows if row.key == SEEN), None)
            if (clean_id(row.cells["value"].text) if row and "value" in row.cells else "") != self.asks:
                return False
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

        everybody = self.fresh(self._everybody(attempts))
        make = MadeFrom(data, (fresh.name, _inputs(fresh), _inputs(everybody), may_go_back, attempts))
        return Returned(replace(fresh, name=f"{RETURNED}{fresh.name}", make=make), people)

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
        parts = copiable(original) if original is not None else None
        if original is None or parts is None:
            return None
        marks = [(mark.ref, mark) for attempt in attempts for mark in self._words.marks(attempt) if mark.ref]
        try:
            data = mark_in_place({**parts, **pictures(original, parts)}, reading.sheet, header, marks)
            after = read_form(data)
            if self._same(reading, after) and all(after.header.get(key) == clean(text) for key, text in header.items()):
                return data
        except Exception:  # noqa: S110 (markup of any other program: then openpyxl may know what to do with it)
            pass
        try:
            return self._through_openpyxl(original, reading, attempts, header, marks)
        except Exception:  # openpyxl meets workbooks of other programs with many kinds of errors: then a fresh form it is
            return None

    def _through_openpyxl(
        self,
        original: bytes,
        reading: Reading,
        attempts: Sequence[Attempt],
        header: Mapping[str, str],
        marks: Sequence[tuple[str, Mark]],
    ) -> bytes | None:
        """A marked copy as openpyxl writes it: without what it knows nothing of, and the marks of earlier returns."""
        from batch.forms.returned.comments import saved
        from batch.forms.returned.marks import put, unmark
        from batch.forms.workbook import load

        book = load(original)
        sheet = book[reading.sheet]
        unmark(book, self.plan, lambda: self.fresh(self._everybody(attempts)).data)
        _write_header(book, header)
        put(sheet, marks)
        book.active = book.worksheets.index(sheet)
        data = saved(book)
        return data if self._same(reading, read_form(data), lambda ref: sheet[ref].data_type == "f") else None

    def _fit(self, reading: Reading, attempts: Sequence[Attempt]) -> bool:
        """Whether the whole form may be sent again as it is: same rules, sound map, and every row says what stands."""
        header = reading.header
        if header.get("token") and (header["scheme_hash"], header["template"]) != (self.rules.scheme.hash, TEMPLATE_VERSION):
            return False
        return not any(f.code == "form.map-damaged" for attempt in attempts for f in attempt.findings)

    def _same(self, before: Reading, after: Reading, is_left_out: Callable[[str], bool] = lambda _: False) -> bool:
        """Whether the copy still says what the original said.

        ``is_left_out``: cells that need not, as a formula that someone typed, which says it again once it is opened.
        """
        items = (field for table in self.plan.items.values() for field in table)
        fields = {field.column for field in (*self.plan.fields, *self.plan.tasks, *items)} | {SEEN}

        def said(reading: Reading) -> list[tuple[str, str, str]]:
            return sorted(
                (row.key, key, clean(cell.text))
                for row in reading.rows
                for key, cell in row.cells.items()
                if key in fields and not is_left_out(cell.ref)
            )

        return said(before) == said(after)

    # --- a fresh form with the same content -----------------------------------------------------------------------------

    def _filled(self, data: bytes, attempts: Sequence[Attempt]) -> bytes:
        from batch.forms.returned.comments import saved
        from batch.forms.returned.marks import put
        from batch.forms.returned.retype import find
        from batch.forms.workbook import load

        book = load(data)
        sheet = book.worksheets[0]
        for attempt in attempts:
            self._fill(sheet, attempt)
        marks = [(find(sheet, m.row, m.columns), m) for attempt in attempts for m in self._words.marks(attempt)]
        put(sheet, [(cell.coordinate, mark) for cell, mark in marks if cell is not None])
        return saved(book)

    def _fill(self, sheet: Worksheet, attempt: Attempt) -> None:
        from batch.forms.returned.retype import retype

        retype(sheet, self.plan, _reading(attempt))

    @property
    def _words(self) -> Words:
        return Words(self.plan, self.rules.scheme, self.say)


@dataclass(frozen=True)
class SheetReturn(Return):
    """The return of a sheet with a row per subject, on which rows that are right stand beside faulty ones.

    ``lines``: the rows that the stage has today.
    """

    author: str
    lines: Lines

    def _asks_the_same(self, attempt: Attempt) -> bool:
        line = self.lines.get(attempt.subject)
        return line is not None and all(_seen(row) == line.seen for row in _rows_of(attempt))

    def _fit(self, reading: Reading, attempts: Sequence[Attempt]) -> bool:
        returned = {attempt.subject for attempt in attempts}
        rows_fit = all(self._row_fits(row, reading, returned) for row in reading.rows if row.key)
        return rows_fit and super()._fit(reading, attempts)

    def _row_fits(self, row: Row, reading: Reading, returned: set[str]) -> bool:
        """A row that goes back, one that stands as typed, or one still blank; shown values must be today's."""
        if row.key == OTHERS:
            return True  # says again what it said
        line = self.lines.get(row.key)
        if line is None or not line.askable or line.judge != self.author:
            return False
        typed = any(field.column in row.cells for field in self.plan.fields)
        if typed and row.key not in returned:
            said = line.stands.receipt.reading if line.stands else None
            return said is not None and said.content == reading.content
        return _seen(row) == line.seen and self._shows_todays_report(row, reading, line)

    def _shows_todays_report(self, row: Row, reading: Reading, line: Line) -> bool:
        """Reviewers see the self-scores beside their own; those on an old sheet may be outdated."""
        own = line.about.report.scores if line.about.report else {}
        for criterion in self.rules.scheme.criteria:
            key = f"self.{criterion.id}"
            if key in reading.columns:
                cell = row.cells.get(key)
                shown = Decimal(cell.text) if cell and cell.kind == "n" else None
                if shown != own.get(criterion.id):
                    return False
        return True

    def _people(self, attempts: Sequence[Attempt], standing_on: Reading | None) -> frozenset[str]:
        """Who is to be corrected, and who is due from this author anyway."""
        due = {line.key for line in self.lines.judged_by(self.author) if line.is_open}
        people = super()._people(attempts, standing_on) | due
        return people & {row.key for row in standing_on.rows} if standing_on else people

    def _everybody(self, attempts: Sequence[Attempt]) -> frozenset[str]:
        return frozenset(line.key for line in self.lines.judged_by(self.author))

    def _fill(self, sheet: Worksheet, attempt: Attempt) -> None:
        from batch.forms.returned.retype import retype_row

        if len(rows := _rows_of(attempt)) == 1:
            retype_row(sheet, self.plan, rows[0])


# --- readings ---------------------------------------------------------------------------------------------------------


def _inputs(form: Form) -> object:
    """What a form is made from; a thing that can't be told, if that isn't known."""
    return form.make.inputs if isinstance(form.make, MadeFrom) else form.make


def _reading(attempt: Attempt) -> Reading:
    reading = attempt.receipt.reading
    assert reading is not None  # noqa: S101 (an attempt comes from a reading)
    return reading


def _rows_of(attempt: Attempt) -> list[Row]:
    return [row for row in _reading(attempt).rows if row.key == attempt.subject]


def _seen(row: Row) -> str:
    return clean_id(row.cells[SEEN].text) if SEEN in row.cells else ""


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
