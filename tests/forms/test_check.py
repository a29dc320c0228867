"""An office that restyles its masters is told at once what is missing, whether the form is due or not."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from batch.core.finding import Finding, UserError
from batch.files import resource
from tests.builders import column_of, row_of
from tests.small_office import SmallOffice

W = "2025-W26"
SCORES = tuple((f"score.{criterion}", "self") for criterion in ("quality", "progress", "conduct"))
Change = Callable[[Worksheet], None]


@pytest.fixture
def office(tmp_path: Path) -> SmallOffice:
    return SmallOffice(tmp_path)


def restyle(office: SmallOffice, name: str, change: Change) -> Path:
    """Put a changed copy of a shipped master into the office's own folder."""
    (office.folder / "templates").mkdir(exist_ok=True)
    book = openpyxl.load_workbook(resource(name), rich_text=True)
    change(book.worksheets[0])
    path = office.folder / "templates" / name
    book.save(path)
    return path


def refused(office: SmallOffice) -> Finding:
    """What the first command says; nothing has gone out by then."""
    with pytest.raises(UserError) as caught:
        office.issue(W)
    assert not list(office.out.rglob("*.xlsx"))
    return caught.value.finding


def test_the_shipped_masters_pass_as_an_offices_own(office: SmallOffice) -> None:
    (office.folder / "templates").mkdir()
    for name in ("self", "review", "approval", "unit", "meeting"):
        shutil.copy(resource(f"{name}.xlsx"), office.folder / "templates")
    office.issue(W)
    assert list(office.out.rglob("self-*.xlsx"))


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("self.xlsx", "score.progress"),
        ("self.xlsx", "text.obstacles"),
        ("self.xlsx", "identity.staff_id"),
        ("unit.xlsx", "count.overdue"),
        ("meeting.xlsx", "meeting.measures"),
    ],
)
def test_a_row_key_that_was_deleted_is_named(office: SmallOffice, name: str, key: str) -> None:
    path = restyle(office, name, lambda sheet: sheet.delete_rows(row_of(sheet, key)))
    found = refused(office)
    assert (found.code, found.place.file, found.place.cell) == ("config.template-keys", str(path), "A1")
    assert dict(found.params) == {"rows": key, "columns": "–"}
    assert found.place.sheet


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("review.xlsx", "score.quality"),
        ("review.xlsx", "key_task_failed"),
        ("approval.xlsx", "decision"),
        ("approval.xlsx", "seen"),
        ("self.xlsx", "due"),
    ],
)
def test_a_column_key_that_was_deleted_is_named(office: SmallOffice, name: str, key: str) -> None:
    def forget(sheet: Worksheet) -> None:
        cell = sheet.cell(1, column_of(sheet, key))
        cell.value = " ".join(word for word in str(cell.value).split() if word != key) or None

    restyle(office, name, forget)
    assert dict(refused(office).params) == {"rows": "–", "columns": key}


def test_the_row_for_each_person_must_keep_its_key(office: SmallOffice) -> None:
    def forget(sheet: Worksheet) -> None:
        cell = next(cell for cell in sheet["A"] if "row.staff_id" in str(cell.value))
        cell.value = "row"

    restyle(office, "review.xlsx", forget)
    assert dict(refused(office).params)["rows"] == "{{ row.staff_id }}"


def test_a_short_cut_may_be_left_out(office: SmallOffice) -> None:
    restyle(office, "review.xlsx", lambda sheet: sheet.delete_cols(column_of(sheet, "agree")))
    office.issue(W)


def test_a_master_from_before_tasks_had_a_kind_still_serves(office: SmallOffice) -> None:
    """Its forms go out and come back as they did; nobody is asked for what the office's own form doesn't ask."""

    def as_before(sheet: Worksheet) -> None:
        cell = sheet.cell(1, column_of(sheet, "kind"))
        cell.value = " ".join(word for word in str(cell.value).split() if word != "kind")

    restyle(office, "self.xlsx", as_before)
    office.issue(W)
    office.fill(office.form("self", W, "A3"), {("task.1", "task"): "Soạn công văn"} | dict.fromkeys(SCORES, 18))
    office.run(W)
    assert office.results(W)["A3"]["self_total"] == "54"
    assert not office.codes(W, "A3") or "value.left-out" not in office.codes(W, "A3")


def test_a_header_that_lost_its_token_is_refused(office: SmallOffice) -> None:
    path = restyle(office, "self.xlsx", lambda sheet: None)
    book = openpyxl.load_workbook(path)
    hidden = book["_form"]
    row = next(row for row in hidden.iter_rows() if row[0].value == "token")
    row[1].value = None
    book.save(path)
    found = refused(office)
    assert (found.code, found.place.sheet, dict(found.params)) == ("config.template-header", "_form", {"keys": "token"})


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{{ office.nmae }}", "office.nmae"),
        ("{{ supervisor.name }}", "supervisor.name"),
        ("Điểm: {{ cap.qualty }}", "cap.qualty"),
        ("{{ subject.telephone }}", "subject.telephone"),
        ("{{ office.header_left[0] }} {{ crit.effort }}", "crit.effort"),
    ],
)
def test_a_placeholder_that_nothing_fills_is_named_with_its_cell(office: SmallOffice, written: str, said: str) -> None:
    def add(sheet: Worksheet) -> None:
        sheet["Z40"].value = written

    restyle(office, "self.xlsx", add)
    found = refused(office)
    assert (found.code, found.place.cell, dict(found.params)) == ("config.template-names", "Z40", {"names": f"Z40: {said}"})


def test_a_placeholder_in_a_row_for_each_person_is_looked_at_too(office: SmallOffice) -> None:
    def add(sheet: Worksheet) -> None:
        at = next(cell.row for cell in sheet["A"] if "row.staff_id" in str(cell.value))
        sheet.cell(at, 26).value = "{{ row.self.speed }}"

    restyle(office, "approval.xlsx", add)
    assert dict(refused(office).params)["names"].endswith("row.self.speed")


def test_a_broken_placeholder_is_named_with_its_cell(office: SmallOffice) -> None:
    def add(sheet: Worksheet) -> None:
        sheet["Z40"].value = "{{ office.name"

    path = restyle(office, "meeting.xlsx", add)
    found = refused(office)
    assert (found.code, found.place.cell) == ("config.template-wrong", "Z40")
    assert found.place.sheet == openpyxl.load_workbook(path).worksheets[0].title


def test_a_file_that_is_no_workbook_is_named(office: SmallOffice) -> None:
    path = restyle(office, "unit.xlsx", lambda sheet: None)
    path.write_bytes(b"no workbook")
    found = refused(office)
    assert (found.code, found.place.file) == ("config.template-wrong", str(path))
