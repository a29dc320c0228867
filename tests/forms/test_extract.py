from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from batch.assess import assess
from batch.core.period import Week
from batch.core.records import Case
from batch.forms.extract import from_body, read_form, to_body
from batch.sheet.package import Unreadable
from batch.validate import Rules
from tests.builders import (
    column_of,
    corner,
    filled,
    form_sheet,
    issuer_of,
    judge_bytes,
    opened,
    review_values,
    roster_of,
    row_of,
    rules_of,
    saved,
    self_values,
    statements,
)

WEEK = Week(2025, 23)
Edit = Callable[[openpyxl.Workbook, Worksheet], object]


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Rules:
    return rules_of(roster_of(tmp_path_factory.mktemp("roster")))


@pytest.fixture(scope="module")
def cases(rules: Rules) -> dict[str, Case]:
    return dict(assess(WEEK, [], rules).cases)


@pytest.fixture(scope="module")
def self_form(rules: Rules, cases: dict[str, Case]) -> bytes:
    forms = {f.addressee: f.data for f in issuer_of(rules, Path("none")).self_forms(WEEK, cases, {})}
    return filled(forms["C1"], self_values(30.4, "39,8", 19.8))


@pytest.fixture(scope="module")
def review_form(rules: Rules, cases: dict[str, Case]) -> bytes:
    forms = {f.addressee: f.data for f in issuer_of(rules, Path("none")).review_sheets(WEEK, cases, {}, {})}
    return filled(forms["T1"], review_values({"C1": (38.5, 39, 20, "Không", "Không"), "C2": (20, 20, 9, "Có", "Có")}))


def edited(data: bytes, edit: Edit) -> bytes:
    book = opened(data)
    edit(book, form_sheet(book))
    return saved(book)


def unmerged(sheet: Worksheet) -> None:
    for area in list(sheet.merged_cells.ranges):
        sheet.unmerge_cells(area.coord)


def rows_on_top(count: int) -> Edit:
    def edit(_: openpyxl.Workbook, sheet: Worksheet) -> None:
        unmerged(sheet)
        sheet.insert_rows(1, count)
        sheet["C1"] = "Kính gửi Văn phòng"

    return edit


def row_above_table(_: openpyxl.Workbook, sheet: Worksheet) -> None:
    unmerged(sheet)
    at = row_of(sheet, "task.1") - 1
    sheet.insert_rows(at, 2)
    sheet.cell(at, 3).value = "Ghi chú của tôi"


def columns_moved(_: openpyxl.Workbook, sheet: Worksheet) -> None:
    unmerged(sheet)
    sheet.insert_cols(3, 2)


def column_in_front(_: openpyxl.Workbook, sheet: Worksheet) -> None:
    unmerged(sheet)
    sheet.insert_cols(1)


def renamed(book: openpyxl.Workbook, sheet: Worksheet) -> None:
    sheet.title = "Bản của tôi"
    book.create_sheet("Nháp", 0)["A1"] = "nháp"


def reordered(book: openpyxl.Workbook, _: Worksheet) -> None:
    book.move_sheet("_form", -1)


def swap_rows(sheet: Worksheet, one: int, other: int) -> None:
    for column in range(1, sheet.max_column + 1):
        a, b = sheet.cell(one, column), sheet.cell(other, column)
        a.value, b.value = b.value, a.value


def tasks_sorted(_: openpyxl.Workbook, sheet: Worksheet) -> None:
    swap_rows(sheet, row_of(sheet, "task.1"), row_of(sheet, "task.2"))


def empty_tasks_deleted(_: openpyxl.Workbook, sheet: Worksheet) -> None:
    unmerged(sheet)
    sheet.delete_rows(row_of(sheet, "task.3"), 10)


def header_keys_hidden_elsewhere(_: openpyxl.Workbook, sheet: Worksheet) -> None:
    sheet["B12"] = "Mã số"


@pytest.mark.parametrize(
    "edit",
    [
        rows_on_top(1),
        rows_on_top(9),
        row_above_table,
        columns_moved,
        column_in_front,
        renamed,
        reordered,
        tasks_sorted,
        empty_tasks_deleted,
        header_keys_hidden_elsewhere,
    ],
)
def test_a_self_form_says_the_same_after_people_edited_it(edit: Edit, self_form: bytes, rules: Rules) -> None:
    before, after = read_form(self_form), read_form(edited(self_form, edit))
    assert after.content == before.content
    assert after.header == before.header
    attempt = statements(judge_bytes(edited(self_form, edit), rules))["C1"]
    assert attempt.statement is not None
    assert attempt.statement.scores == {"quality": Decimal("30.4"), "progress": Decimal("39.8"), "conduct": Decimal("19.8")}
    assert {task.task for task in attempt.statement.tasks} == {"Báo cáo tuần", "Thẩm định hồ sơ"}


@pytest.mark.parametrize("value", [30.5, "30,4", "30.4 "])
def test_another_value_is_another_content(value: object, self_form: bytes) -> None:
    other = filled(self_form, {("score.quality", "self"): value})
    assert (read_form(other).content == read_form(self_form).content) is False


def test_rows_inserted_between_tasks_belong_to_the_table(self_form: bytes, rules: Rules) -> None:
    def edit(_: openpyxl.Workbook, sheet: Worksheet) -> None:
        unmerged(sheet)
        at = row_of(sheet, "task.2")
        sheet.insert_rows(at)
        sheet.cell(at, column_of(sheet, "task")).value = "Việc đột xuất"

    statement = statements(judge_bytes(edited(self_form, edit), rules))["C1"].statement
    assert statement is not None
    assert [task.task for task in statement.tasks] == ["Báo cáo tuần", "Việc đột xuất", "Thẩm định hồ sơ"]


def test_a_cell_is_named_where_it_stands_after_the_move(self_form: bytes, rules: Rules) -> None:
    wrong = edited(filled(self_form, {("score.quality", "self"): 40.5}), rows_on_top(3))
    attempt = statements(judge_bytes(wrong, rules))["C1"]
    sheet = form_sheet(opened(wrong))
    expected = sheet.cell(row_of(sheet, "score.quality"), column_of(sheet, "self")).coordinate
    assert [(f.code, f.place.cell) for f in attempt.findings] == [("value.over-cap", expected)]


def said(data: bytes, rules: Rules) -> dict[str, str]:
    attempts = statements(judge_bytes(data, rules))
    return {who: attempt.statement.says for who, attempt in attempts.items() if attempt.statement}


def test_sorted_review_rows_say_the_same(review_form: bytes, rules: Rules) -> None:
    def edit(_: openpyxl.Workbook, sheet: Worksheet) -> None:
        swap_rows(sheet, row_of(sheet, "C1"), row_of(sheet, "C2"))

    after = edited(review_form, edit)
    assert read_form(after).content == read_form(review_form).content
    assert said(after, rules) == said(review_form, rules)
    assert set(said(after, rules)) == {"C1", "C2"}


@pytest.mark.parametrize(("score", "codes"), [(None, set()), (11, {"form.row-twice"})])
def test_a_copied_row_counts_once_unless_it_says_something_else(
    score: int | None, codes: set[str], review_form: bytes, rules: Rules
) -> None:
    def edit(_: openpyxl.Workbook, sheet: Worksheet) -> None:
        unmerged(sheet)
        source = row_of(sheet, "C2")
        sheet.insert_rows(source + 1)
        for column in range(1, sheet.max_column + 1):
            sheet.cell(source + 1, column).value = sheet.cell(source, column).value
        if score is not None:
            sheet.cell(source + 1, column_of(sheet, "score.quality")).value = score

    after = edited(review_form, edit)
    attempts = statements(judge_bytes(after, rules))
    assert {f.code for f in attempts["C2"].findings} == codes
    assert (attempts["C2"].statement is None) == bool(codes)
    assert said(after, rules)["C1"] == said(review_form, rules)["C1"]


# --- damage -------------------------------------------------------------------------------------------------------


def test_a_form_without_its_mark_is_damaged(self_form: bytes) -> None:
    def edit(_: openpyxl.Workbook, sheet: Worksheet) -> None:
        sheet.cell(*corner(sheet)).value = None

    with pytest.raises(Unreadable) as caught:
        read_form(edited(self_form, edit))
    assert (caught.value.code, caught.value.params) == ("form.map-damaged", {"found": "#key"})


@pytest.mark.parametrize("key", ["score.quality", "score.conduct"])
def test_a_lost_row_key_is_named(key: str, self_form: bytes, rules: Rules) -> None:
    def edit(_: openpyxl.Workbook, sheet: Worksheet) -> None:
        sheet.cell(row_of(sheet, key), corner(sheet)[1]).value = None

    attempt = statements(judge_bytes(edited(self_form, edit), rules))["C1"]
    assert attempt.statement is None
    assert [(f.code, dict(f.params)["found"]) for f in attempt.findings] == [("form.map-damaged", key)]


def test_a_lost_column_key_of_a_review_is_named(review_form: bytes, rules: Rules) -> None:
    def edit(_: openpyxl.Workbook, sheet: Worksheet) -> None:
        sheet.cell(corner(sheet)[0], column_of(sheet, "score.progress")).value = None

    judged = judge_bytes(edited(review_form, edit), rules)
    assert judged.attempts == ()
    assert [(f.code, dict(f.params)["found"]) for f in judged.findings] == [("form.map-damaged", "score.progress")]


def test_any_other_workbook_is_no_form() -> None:
    with pytest.raises(Unreadable) as caught:
        read_form(saved(openpyxl.Workbook()))
    assert caught.value.code == "file.not-a-form"


def test_a_form_without_its_hidden_sheet_has_no_header(self_form: bytes, rules: Rules) -> None:
    def edit(book: openpyxl.Workbook, _: Worksheet) -> None:
        del book["_form"]

    after = edited(self_form, edit)
    assert read_form(after).header == {}
    assert [f.code for f in judge_bytes(after, rules).findings] == ["form.no-token"]


@pytest.mark.parametrize("key", ["addressee", "period", "form", "scheme_hash"])
def test_an_edited_header_is_no_issued_form(key: str, self_form: bytes, rules: Rules) -> None:
    def edit(book: openpyxl.Workbook, _: Worksheet) -> None:
        sheet = book["_form"]
        row = next(n for n in range(1, 10) if sheet.cell(n, 1).value == key)
        sheet.cell(row, 2).value = "C2"

    judged = judge_bytes(edited(self_form, edit), rules)
    assert [f.code for f in judged.findings] == ["form.bad-token"]
    assert judged.attempts == ()


def test_a_real_reading_survives_the_ledgers_json(review_form: bytes) -> None:
    reading = read_form(review_form)
    assert from_body(to_body(reading)) == reading


def test_an_emptied_header_is_none_and_survives_the_ledgers_json(self_form: bytes) -> None:
    def edit(book: openpyxl.Workbook, _: Worksheet) -> None:
        book["_form"].delete_rows(1, 50)

    reading = read_form(edited(self_form, edit))
    assert reading.header == {}
    assert from_body(to_body(reading)) == reading
