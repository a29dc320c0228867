"""A small office that tests can play: it issues, fills, runs, through real files in a temporary folder.

Eight people: leader L1 over department D1 (director A1, deputy A2, staff A3, A4) and department D2 (director B1, staff B2, B3).
"""

from __future__ import annotations

import copy
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from batch import desk, pipeline
from batch.core.period import Week
from batch.forms.extract import read_form
from batch.forms.fill import fill, places
from batch.outbox import MANIFEST
from tests.test_sample import read_csv

PEOPLE = """
L1|Lê Lãnh Đạo|commission_leader|Phó Trưởng ban|ROOT||l1@example.org|01/01/2025|
A1|Nguyễn Văn An|department_director|Vụ trưởng|D1|L1|a1@example.org|01/01/2025|
A2|Trần Thị Bình|deputy_department_director|Phó Vụ trưởng|D1|A1|a2@example.org|01/01/2025|
A3|Phạm Văn Cường|civil_servant|Chuyên viên|D1|A2|a3@example.org|01/01/2025|
A4|Vũ Thị Dung|employee|Nhân viên|D1|A2|a4@example.org|01/01/2025|
B1|Đỗ Văn Em|department_director|Vụ trưởng|D2|L1|b1@example.org|01/01/2025|
B2|Hoàng Thị Giang|civil_servant|Chuyên viên|D2|B1|b2@example.org|01/01/2025|
B3|Bùi Văn Hà|civil_servant|Chuyên viên|D2|B1|b3@example.org|01/01/2025|
"""
UNITS = """
ROOT|Ban mẫu|commission||L1|L1
D1|Vụ Một|department|ROOT|A1|L1
D2|Vụ Hai|department|ROOT|B1|L1
"""
COLUMNS = {
    "people": "staff_id name role position unit_id supervisor_id email start end",
    "units": "unit_id name kind parent_id head_id leader_id",
    "delegations": "from_id to_id start end reason",
    "leave": "staff_id start end kind",
    "calendar": "date kind name",
}
NOW = "2025-06-30T08:00+07:00"
Scores = tuple[object, object, object]


class OfficeFiles:
    """An office folder and its OUT as people see them: forms are opened, filled and dropped; results are read."""

    def __init__(self, base: Path) -> None:
        self.folder, self.out, self.kept = base / "office", base / "out", base / "kept"
        self._files = 0
        self._quick = False

    def copied(self, base: Path) -> Self:
        """The same office as it stands, elsewhere: what is done to the one doesn't touch the other."""
        other = copy.copy(self)
        other.folder, other.out, other.kept = base / "office", base / "out", base / "kept"
        for mine, theirs in ((self.folder, other.folder), (self.out, other.out), (self.kept, other.kept)):
            if mine.exists():
                shutil.copytree(mine, theirs)
        return other

    def _hand_out(self) -> None:
        """Everybody keeps what they were given, whatever becomes of the outbox later."""
        for path in (self.out / "outbox").glob("*/for/*/*.xlsx"):
            kept = self.kept / path.relative_to(self.out / "outbox")
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(path.read_bytes())

    # --- what a run wrote -----------------------------------------------------------------------------------------

    def results(self, week: str) -> dict[str, dict[str, str]]:
        return {row["staff_id"]: row for row in read_csv(self.out / "outbox" / week / "results.csv")}

    def findings(self, week: str) -> list[dict[str, str]]:
        return read_csv(self.out / "outbox" / week / "findings.csv")

    def codes(self, week: str, staff_id: str | None = None) -> list[str]:
        return [f["code"] for f in self.findings(week) if staff_id in (None, f["staff_id"])]

    def manifest(self, week: str) -> Path:
        return self.out / "outbox" / week / MANIFEST

    # --- the people -----------------------------------------------------------------------------------------------

    def form(self, form: str, week: str, staff_id: str) -> Path:
        """The form that lies in the outbox: a returned one before one issued again, and that before the first; else the
        one that the person was given once."""
        return self.given(week, staff_id, f"{form}-{week}-{staff_id}")

    def given(self, week: str, addressee: str, stem: str) -> Path:
        usual = self.out / "outbox" / week / "for" / addressee / f"{stem}.xlsx"
        lying = (usual.with_stem(f"returned-{stem}"), usual.with_stem(f"{stem}-again"), usual)
        return next((path for path in lying if path.exists()), self.kept / week / "for" / addressee / usual.name)

    def fill(self, path: Path, cells: Mapping[tuple[str, str], object], name: str | None = None) -> Path:
        """Fill an issued form by its map (row key, column key) and drop it in the inbox."""
        self._files += 1
        target = self.folder / "inbox" / (name or f"{self._files:03d} {path.name}")
        target.parent.mkdir(parents=True, exist_ok=True)
        (_type_quickly if self._quick else _type)(path, cells, target)
        return target

    def report(self, week: str, staff_id: str, scores: Scores = (38, 37, 19), name: str | None = None, **texts: str) -> Path:
        """Somebody's self-report."""
        cells: dict[tuple[str, str], object] = {
            (f"score.{c}", "self"): s for c, s in zip(("quality", "progress", "conduct"), scores, strict=True)
        }
        cells |= {(f"text.{key}", "value"): text for key, text in texts.items()}
        return self.fill(self.form("self", week, staff_id), cells, name)

    def review(
        self, week: str, reviewer: str, scores: Mapping[str, Scores], name: str | None = None, **more: object
    ) -> Path:
        """A supervisor's sheet; ``more``: columns such as key_task_failed_A3='yes' or comment_A3='…'."""
        return self.fill(self.form("review", week, reviewer), _rows(scores, more), name)

    def approve(
        self, week: str, approver: str, decisions: Mapping[str, str], name: str | None = None, **more: object
    ) -> Path:
        """An approver's sheet; adjusted scores as ``score.quality_A3=…`` in ``more`` through a mapping."""
        cells: dict[tuple[str, str], object] = {(who, "decision"): word for who, word in decisions.items()}
        return self.fill(self.form("approval", week, approver), {**cells, **_rows({}, more)}, name)

    def lies(self, form: str, week: str, staff_id: str) -> bool:
        """Whether the plain form lies in the outbox now."""
        return (self.out / "outbox" / week / "for" / staff_id / f"{form}-{week}-{staff_id}.xlsx").exists()


class SmallOffice(OfficeFiles):
    """A small office whose program is called directly."""

    def __init__(self, base: Path, settings: str = "", **sheets: str) -> None:
        super().__init__(base)
        (self.folder / "inbox").mkdir(parents=True)
        self.settings(settings)
        self.roster(None, **sheets)

    def settings(self, more: str = "") -> None:
        """Write office.toml; English words keep the tests readable."""
        (self.folder / "office.toml").write_text(f'name = "Test"\nlanguage = "en"\n{more}\n', encoding="utf-8")

    def roster(self, columns: Mapping[str, str] | None = None, **sheets: str) -> None:
        """Write roster.xlsx from little tables (``|`` between cells); people and units are as above unless given."""
        book = openpyxl.Workbook()
        tables = {"people": PEOPLE, "units": UNITS, **sheets}
        for name, keys in {**COLUMNS, **(columns or {})}.items():
            sheet: Worksheet = book.create_sheet(name)
            sheet.append(keys.split())
            sheet.append(keys.split())
            for line in tables.get(name, "").strip().splitlines():
                sheet.append([cell or None for cell in line.split("|")])
        del book["Sheet"]
        book.save(self.folder / "roster.xlsx")

    def twin(self, base: Path) -> SmallOffice:
        """The same office, roster and key elsewhere, where nothing has arrived yet."""
        twin = copy.copy(self)
        twin.folder, twin.out = base / "office", base / "out"
        shutil.copytree(self.folder, twin.folder, ignore=shutil.ignore_patterns("inbox"))
        (twin.folder / "inbox").mkdir()
        twin.out.mkdir()
        shutil.copy(self.out / "key", twin.out / "key")
        return twin

    def receive(self, inbox: Path, name: str) -> None:
        """Let a file of another inbox arrive, byte for byte."""
        target = self.folder / "inbox" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(inbox / name, target)

    # --- the program ----------------------------------------------------------------------------------------------

    def setup(self) -> desk.Setup:
        return desk.open_office(self.folder, self.out, None)

    def issue(self, week: str, form: str | None = None, people: Sequence[str] = (), again: bool = False) -> None:
        pipeline.issue(self.setup(), Week.parse(week), NOW, form, people, again)
        self._hand_out()

    def run(self, week: str | None = None, now: str = NOW) -> pipeline.RunOutcome:
        outcome = pipeline.run(self.setup(), Week.parse(week) if week else None, now, jobs=2)
        self._hand_out()
        return outcome

    def unit_report(self, week: str, unit: str, head: str, scores: Scores = (36, 36, 17), **cells: object) -> Path:
        """A unit's own report; ``cells`` such as count_assigned=12."""
        given: dict[tuple[str, str], object] = {(key.replace("_", ".", 1), "value"): v for key, v in cells.items()}
        given |= {(f"score.{c}", "self"): s for c, s in zip(("quality", "progress", "conduct"), scores, strict=True)}
        return self.fill(self.given(week, head, f"unit-{week}-{unit}"), given)

    def units_too(self, week: str) -> None:
        """Both departments report on the week and are confirmed, after :meth:`whole_week`."""
        for unit, head in (("D1", "A1"), ("D2", "B1")):
            self.unit_report(week, unit, head)
        self.run(week)
        self.approve(week, "L1", dict.fromkeys(("unit:D1", "unit:D2"), "approve"))
        self.run(week)

    def whole_week(self, week: str, scores: Mapping[str, Scores] | None = None, **more: Any) -> None:
        """Everybody reports, is reviewed and approved; ``scores``: of those who don't get the usual 34/33/18."""
        self._quick = True
        self.issue(week)
        reviewers = {"L1": "A1 B1", "A1": "A2", "A2": "A3 A4", "B1": "B2 B3"}
        approvers = {"L1": "A1 B1", "A1": "A2 A3 A4", "B1": "B2 B3"}
        for people in reviewers.values():
            for staff_id in people.split():
                self.report(week, staff_id)
        self.run(week)
        for reviewer, people in reviewers.items():
            given = {who: (scores or {}).get(who, (34, 33, 18)) for who in people.split()}
            mine = {key: value for key, value in more.items() if key.rpartition("_")[2] in given}
            self.review(week, reviewer, given, **mine)
        self.run(week)
        for approver, people in approvers.items():
            self.approve(week, approver, dict.fromkeys(people.split(), "approve"))
        self.run(week)
        self._quick = False


def _type(form: Path, cells: Mapping[tuple[str, str], object], target: Path) -> None:
    """As a spreadsheet program does, which saves the whole workbook in its own way."""
    book = openpyxl.load_workbook(form)
    sheet = book.worksheets[0]
    for (row, column), value in cells.items():
        cell = locate(sheet, row, column)
        cell.value = value  # type: ignore[assignment]
        if isinstance(value, str):
            cell.data_type = "s"  # a text that begins with = is typed as text, with an apostrophe
    book.save(target)


def _type_quickly(form: Path, cells: Mapping[tuple[str, str], object], target: Path) -> None:
    """Into the empty cells of the package as it is, a tenth of the time: for what only has to be there."""
    data = form.read_bytes()
    at = places(data)
    filled = fill(data, {at[key]: value for key, value in cells.items()})  # type: ignore[misc]
    before, after = _texts(data), _texts(filled)
    assert all(key in after and after[key] != before.get(key) for key in cells), (form, cells)
    target.write_bytes(filled)


def _texts(form: bytes) -> dict[tuple[str, str], str]:
    return {(row.key, key): cell.text for row in read_form(form).rows for key, cell in row.cells.items()}


def _rows(scores: Mapping[str, Scores], more: Mapping[str, object]) -> dict[tuple[str, str], object]:
    cells: dict[tuple[str, str], object] = {
        (who, f"score.{c}"): s
        for who, given in scores.items()
        for c, s in zip(("quality", "progress", "conduct"), given, strict=True)
    }
    for key, value in more.items():
        column, _, who = key.rpartition("_")
        cells[who, column] = value
    return cells


def fill_roster(path: Path, **sheets: str) -> None:
    """Type rows into the roster that ``init`` wrote, from row 3 on, as a secretary does."""
    book = openpyxl.load_workbook(path)
    for name, table in sheets.items():
        sheet = book[name]
        keys = [cell.value for cell in sheet[1]]
        for row, line in enumerate(table.strip().splitlines(), start=3):
            for key, value in zip(COLUMNS[name].split(), line.split("|"), strict=False):
                if value:
                    sheet.cell(row, keys.index(key) + 1).value = value
    book.save(path)


def locate(sheet: Worksheet, row: str, column: str) -> openpyxl.cell.cell.Cell:
    """The cell under a row key (column A) and a column key (row 1)."""
    rows = [n for n in range(1, sheet.max_row + 1) if sheet.cell(n, 1).value == row]
    columns = [n for n in range(1, sheet.max_column + 1) if column in str(sheet.cell(1, n).value or "").split()]
    assert len(rows) == 1 and len(columns) == 1, (row, column, rows, columns)
    found = sheet.cell(rows[0], columns[0])
    assert isinstance(found, openpyxl.cell.cell.Cell)
    return found
