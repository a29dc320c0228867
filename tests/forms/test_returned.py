"""What is faulty comes back marked, keeps what was typed, and settles the matter when it is sent again."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.worksheet.worksheet import Worksheet

from batch.forms.extract import read_form
from batch.forms.returned.retype import add_task_rows
from batch.forms.returned.words import AUTHOR, RED, YELLOW
from tests.small_office import NOW, SmallOffice, locate

W = "2025-W26"
Convert = Callable[[list[Path], str], list[Path]]
NAMES = {
    "A1": "Nguyễn Văn An",
    "A2": "Trần Thị Bình",
    "A3": "Phạm Văn Cường",
    "A4": "Vũ Thị Dung",
    "B1": "Đỗ Văn Em",
    "B2": "Hoàng Thị Giang",
    "B3": "Bùi Văn Hà",
}


@pytest.fixture
def office(tmp_path: Path) -> SmallOffice:
    office = SmallOffice(tmp_path)
    office.issue(W)
    return office


def returned(office: SmallOffice, stage: str, staff_id: str) -> Path:
    return office.out / "outbox" / W / "for" / staff_id / f"returned-{stage}-{W}-{staff_id}.xlsx"


def first_sheet(path: Path) -> Worksheet:
    sheet = openpyxl.load_workbook(path).worksheets[0]
    assert isinstance(sheet, Worksheet)
    return sheet


def colour(cell: Any) -> str:
    return str(cell.fill.fgColor.rgb)[-6:] if cell.fill.fill_type else ""


def marked(path: Path) -> dict[str, str]:
    """Cell → colour of every cell that carries a mark; each mark has a comment of the program's and no other cell has."""
    cells = [c for row in first_sheet(path).iter_rows() for c in row]
    found = {c.coordinate: colour(c) for c in cells if colour(c) in (RED, YELLOW)}
    assert {c.coordinate for c in cells if c.comment and c.comment.author == AUTHOR} == found.keys()
    return found


def header(path: Path) -> dict[str, str]:
    return dict(read_form(path.read_bytes()).header)


def typed(path: Path) -> dict[tuple[str, str], str]:
    return {(row.key, key): cell.text for row in read_form(path.read_bytes()).rows for key, cell in row.cells.items()}


def fates(office: SmallOffice) -> dict[str, str]:
    return {e["name"]: e["fate"] for e in json.loads(office.manifest(W).read_text(encoding="utf-8"))["inputs"]}


def outputs(office: SmallOffice) -> set[str]:
    return {o["name"] for o in json.loads(office.manifest(W).read_text(encoding="utf-8"))["outputs"]}


def edit(path: Path, cells: Mapping[tuple[str, str], object]) -> None:
    book = openpyxl.load_workbook(path)
    for (row, column), value in cells.items():
        locate(book.worksheets[0], row, column).value = value  # type: ignore[assignment]
    book.save(path)


# --- the person's own workbook ----------------------------------------------------------------------------------------


def test_a_faulty_report_comes_back_marked_in_the_offices_language(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path)
    (office.folder / "office.toml").write_text('name = "Ban"\nlanguage = "vi"\n', encoding="utf-8")
    office.issue(W)
    path = office.report(W, "A3", (44, "38,5", None), summary="Đã xong kế hoạch")
    edit(path, {("task.1", "task"): "Soạn công văn", ("task.1", "quantity"): "nhiều"})
    office.form("self", W, "A3").unlink()
    office.run(W)
    back = returned(office, "self", "A3")
    sheet = first_sheet(back)
    over, empty = locate(sheet, "score.quality", "self"), locate(sheet, "score.conduct", "self")
    left_out = locate(sheet, "task.1", "quantity")
    assert marked(back) == {over.coordinate: RED, empty.coordinate: RED, left_out.coordinate: YELLOW}
    assert over.comment and over.comment.text == (
        "Sai: 'Chất lượng': 44 vượt quá điểm tối đa là 40.\n"
        "Cho phép: số từ 0 đến 40, tối đa 2 chữ số thập phân\n"
        "Cần làm: Ghi một số từ 0 đến 40. Sau đó lưu và gửi lại phiếu này."
    )
    assert empty.comment and "Tác phong" in empty.comment.text and "còn trống" in empty.comment.text
    assert left_out.comment and "nhiều" in left_out.comment.text
    assert typed(back) == typed(path)
    assert not office.form("self", W, "A3").name.startswith("self-")  # no plain form beside it
    assert not (back.parent / f"self-{W}-A3.xlsx").exists()
    assert f"for/A3/{back.name}" in outputs(office)
    page = (office.out / "outbox" / W / "index.html").read_text(encoding="utf-8")
    assert f'href="for/A3/{back.name}">Trả lại để sửa: Tự đánh giá<' in page


def test_comments_are_large_enough_and_lie_beside_their_cells(office: SmallOffice) -> None:
    office.report(W, "A3", (44, 37, 19))
    office.run(W)
    with zipfile.ZipFile(returned(office, "self", "A3")) as archive:
        drawing = archive.read("xl/drawings/vmlDrawing1.vml").decode()
    box = re.search(r"Anchor>(\d+), \d+, (\d+), \d+, (\d+), \d+, (\d+), \d+<", drawing)
    assert box and re.search(r"width:340px;height:(\d+)px", drawing)[1] >= "100"  # type: ignore[index]
    left, top, right, bottom = map(int, box.groups())
    cell = locate(first_sheet(returned(office, "self", "A3")), "score.quality", "self")
    assert (left, top) == (cell.column, cell.row - 2) and right > left and bottom > top


def test_the_corrected_copy_replaces_the_faulty_one(office: SmallOffice) -> None:
    office.report(W, "A3", (44, 37, 19), "first.xlsx", summary="so")
    office.run(W)
    assert (office.results(W)["A3"]["state"], fates(office)) == ("returned", {"first.xlsx": "returned"})
    back = returned(office, "self", "A3")
    reading = header(back)
    assert reading["corrects"] == read_form((office.folder / "inbox" / "first.xlsx").read_bytes()).content
    assert openpyxl.load_workbook(back)["_form"].sheet_state == "veryHidden"
    office.fill(back, {("score.quality", "self"): 40}, "second.xlsx")
    office.run(W)
    row = office.results(W)["A3"]
    assert (row["state"], row["self_total"]) == ("submitted", "96")
    assert fates(office) == {"first.xlsx": "replaced", "second.xlsx": "counted"}
    assert not back.exists() and f"for/A3/{back.name}" not in outputs(office)
    assert not [f for f in office.findings(W) if f["severity"] == "error" and f["staff_id"] == "A3"]


def test_a_run_from_scratch_over_both_decides_the_same(office: SmallOffice, tmp_path: Path) -> None:
    office.report(W, "A3", (44, 37, 19), "z first.xlsx")
    office.run(W)
    office.fill(returned(office, "self", "A3"), {("score.quality", "self"): 40}, "a second.xlsx")
    office.run(W)
    scratch = SmallOffice(tmp_path / "scratch", 'key = "key"')
    shutil.copy(office.out / "key", scratch.folder / "key")
    for path in (office.folder / "inbox").iterdir():
        shutil.copy(path, scratch.folder / "inbox" / path.name)
    scratch.run(W)
    assert scratch.results(W) == office.results(W)
    assert fates(scratch) == fates(office) == {"z first.xlsx": "replaced", "a second.xlsx": "counted"}
    assert scratch.findings(W) == office.findings(W)


def test_the_same_fault_gives_the_same_bytes(office: SmallOffice, tmp_path: Path) -> None:
    office.report(W, "A3", (44, 37, 19))
    office.run(W)
    first = returned(office, "self", "A3").read_bytes()
    office.settings('key = "key"')
    shutil.copy(office.out / "key", office.folder / "key")
    office.out = tmp_path / "elsewhere"
    office.run(W, now="2025-07-02T08:00+07:00")
    assert returned(office, "self", "A3").read_bytes() == first


def test_returned_twice_only_the_new_faults_are_marked(office: SmallOffice) -> None:
    usual = {c.coordinate: colour(c) for row in first_sheet(office.form("self", W, "A3")).iter_rows() for c in row}
    office.report(W, "A3", (44, "x", 19), "first.xlsx")
    office.run(W)
    back = returned(office, "self", "A3")
    office.fill(back, {("score.quality", "self"): 40}, "second.xlsx")
    office.run(W)
    sheet = first_sheet(back)
    right, wrong = locate(sheet, "score.quality", "self"), locate(sheet, "score.progress", "self")
    assert marked(back) == {wrong.coordinate: RED}
    assert wrong.comment and wrong.comment.text.count("'x'") == 1
    assert right.comment is None and colour(right) == usual[right.coordinate] == "FFFBEA"
    ours = [str(b.sqref) for b in sheet.conditional_formatting for r in b.rules if any(AUTHOR in f for f in r.formula)]
    assert ours == [wrong.coordinate]
    contents = {read_form((office.folder / "inbox" / n).read_bytes()).content for n in ("first.xlsx", "second.xlsx")}
    assert set(header(back)["corrects"].split()) == contents
    assert fates(office) == {"first.xlsx": "replaced", "second.xlsx": "returned"}
    assert office.codes(W, "A3").count("value.not-a-number") == 1


def test_a_copy_sent_back_uncorrected_comes_back_again(office: SmallOffice) -> None:
    office.report(W, "A3", (44, 37, 19), "first.xlsx")
    office.run(W)
    back = returned(office, "self", "A3")
    before = marked(back)
    shutil.copy(back, office.folder / "inbox" / "again.xlsx")
    office.run(W)
    assert marked(back) == before and len(header(back)["corrects"].split()) == 2


def test_a_persons_own_comment_survives_two_returns(office: SmallOffice) -> None:
    path = office.report(W, "A3", (44, 37, 19))
    book = openpyxl.load_workbook(path)
    locate(book.worksheets[0], "score.quality", "self").comment = Comment("Hỏi lại\ntrưởng phòng", "Cường")
    book.save(path)
    back = returned(office, "self", "A3")
    office.run(W)
    comment = locate(first_sheet(back), "score.quality", "self").comment
    assert comment and comment.author == AUTHOR and comment.text.endswith("Hỏi lại\ntrưởng phòng")
    office.fill(back, {("score.quality", "self"): 40, ("score.progress", "self"): 41})
    office.run(W)
    comment = locate(first_sheet(back), "score.quality", "self").comment
    assert comment and (comment.author, comment.text) == ("Cường", "Hỏi lại\ntrưởng phòng")


def test_what_else_a_person_changed_in_the_workbook_is_kept(office: SmallOffice) -> None:
    path = office.report(W, "A3", (44, 37, 19), obstacles="=1+1")
    book = openpyxl.load_workbook(path)
    book.worksheets[0].move_range("A23:F25", rows=40)  # far below
    book.worksheets[0].row_dimensions[5].height = 77
    book.create_sheet("Ghi chú")["B2"].value = "số liệu"
    book["_form"].sheet_state = "hidden"
    book.save(path)
    office.run(W)
    book = openpyxl.load_workbook(returned(office, "self", "A3"))
    (fault,) = [f for f in office.findings(W) if f["code"] == "value.over-cap"]
    cell: Any = book.worksheets[0][fault["cell"]]
    assert (cell.row, cell.value, colour(cell)) == (63, 44, RED)
    assert book.worksheets[0].row_dimensions[5].height == 77 and book["Ghi chú"]["B2"].value == "số liệu"
    assert book["_form"].sheet_state == "veryHidden"
    assert typed(returned(office, "self", "A3"))["text.obstacles", "value"] == "=1+1"


def test_two_forms_at_once_come_back_as_the_newer_one(office: SmallOffice) -> None:
    office.report(W, "A3", (38, 37, 19), "folder/a.xlsx")
    office.report(W, "A3", (30, 37, 19), "folder/b.xlsx")
    office.run(W)
    back = returned(office, "self", "A3")
    sheet = first_sheet(back)
    cells = [locate(sheet, f"score.{c}", "self") for c in ("quality", "progress", "conduct")]
    assert [c.value for c in cells] == [30, 37, 19]
    assert marked(back) == {c.coordinate: RED for c in cells}
    assert cells[0].comment and "'b.xlsx'" in cells[0].comment.text
    assert len(header(back)["corrects"].split()) == 2
    office.fill(back, {("score.quality", "self"): 31}, "c.xlsx")
    office.run(W)
    assert office.results(W)["A3"]["self_total"] == "87"
    assert fates(office) == {"folder/a.xlsx": "replaced", "folder/b.xlsx": "replaced", "c.xlsx": "counted"}


def test_a_newer_faulty_version_comes_back_while_the_older_one_stands(office: SmallOffice) -> None:
    office.report(W, "A3", (38, 37, 19))
    office.run(W)
    office.report(W, "A3", (44, 37, 19))
    office.run(W)
    assert office.results(W)["A3"]["self_total"] == "94"
    assert typed(returned(office, "self", "A3"))["score.quality", "self"] == "44"


# --- sheets with a row per person -------------------------------------------------------------------------------------


def test_a_review_sheet_with_a_bad_row_comes_back_whole(office: SmallOffice) -> None:
    path = office.review(W, "A2", {"A3": (41, 33, 18), "A4": (34, 33, 18)}, comment_A3="chưa đều")
    office.run(W)
    assert (office.results(W)["A3"]["state"], office.results(W)["A4"]["state"]) == ("missing", "reviewed")
    back = returned(office, "review", "A2")
    bad = locate(first_sheet(back), "A3", "score.quality")
    flags = [locate(first_sheet(back), "A3", f).coordinate for f in ("key_task_failed", "discipline_breach")]
    assert marked(back) == {bad.coordinate: RED, **dict.fromkeys(flags, YELLOW)}
    assert typed(back) == typed(path)
    assert f"for/A2/review-{W}-A2.xlsx" not in outputs(office)  # nobody is left for a fresh one
    office.fill(back, {("A3", "score.quality"): 40}, "corrected.xlsx")
    office.run(W)
    results = office.results(W)
    assert (results["A3"]["total"], results["A4"]["total"]) == ("91", "85")
    assert (fates(office)[path.name], fates(office)["corrected.xlsx"]) == ("replaced", "counted")
    assert not back.exists()


def test_people_not_on_the_returned_sheet_get_a_fresh_one(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path)
    office.issue(W)
    office.review(W, "A2", {"A3": (34, 33, 18), "A4": (34, 33, 18)})
    office.run(W)
    office.fill(office.form("approval", W, "A1"), {("A3", "decision"): "return", ("A4", "decision"): "approve"})
    office.review(W, "A1", {"A2": (34, 33, 18)})
    office.run(W)
    back, fresh = returned(office, "approval", "A1"), office.out / "outbox" / W / "for" / "A1" / f"approval-{W}-A1.xlsx"
    assert {row for row, _ in typed(back)} >= {"A3", "A4"} and "A2" not in {row for row, _ in typed(back)}
    assert {row for row, _ in typed(fresh)} & {"A2", "A3", "A4"} == {"A2"}
    reason = locate(first_sheet(back), "A3", "reason")
    assert marked(back) == {reason.coordinate: RED}
    office.fill(back, {("A3", "reason"): "quá cao"})
    office.fill(fresh, {("A2", "decision"): "approve"})
    office.run(W)
    assert [office.results(W)[who]["state"] for who in ("A2", "A3", "A4")] == ["approved", "returned", "approved"]


def test_a_decision_on_a_review_that_has_changed_is_asked_anew(office: SmallOffice) -> None:
    office.review(W, "A2", {"A3": (34, 33, 18)})
    office.run(W)
    office.fill(office.form("approval", W, "A1"), {("A3", "decision"): "return"})
    office.run(W)
    assert returned(office, "approval", "A1").exists()
    office.issue(W, "review", ["A2"], again=True)
    office.review(W, "A2", {"A3": (20, 20, 10)})
    office.run(W)
    assert not returned(office, "approval", "A1").exists()
    fresh = typed(office.form("approval", W, "A1"))
    assert fresh["A3", "review.quality"] == "20" and ("A3", "decision") not in fresh


def test_a_sheet_whose_other_rows_were_changed_since_does_not_bring_them_back(office: SmallOffice) -> None:
    office.review(W, "A2", {"A3": (41, 33, 18), "A4": (34, 33, 18)}, comment_A3="chưa đều")
    office.run(W)
    office.issue(W, "review", ["A2"], again=True)
    returned(office, "review", "A2").unlink()
    office.review(W, "A2", {"A4": (10, 10, 10)})
    office.run(W)
    assert office.results(W)["A4"]["total"] == "30"
    back = returned(office, "review", "A2")
    said = typed(back)
    assert (said["A3", "score.quality"], said["A3", "comment"]) == ("41", "chưa đều")
    assert "A4" not in {row for row, _ in said}
    office.fill(back, {("A3", "score.quality"): 40})
    office.run(W)
    assert (office.results(W)["A3"]["total"], office.results(W)["A4"]["total"]) == ("91", "30")


def test_old_self_scores_are_not_shown_again(office: SmallOffice) -> None:
    path = office.review(W, "A2", {"A3": (41, 33, 18)})  # on a sheet from before the report
    office.report(W, "A3", (38, 37, 19))
    office.run(W)
    assert ("A3", "self.quality") not in typed(path)
    said = typed(returned(office, "review", "A2"))
    assert (said["A3", "self.quality"], said["A3", "score.quality"]) == ("38", "41")
    assert "A4" in {row for row, _ in said}  # who was due anyway stands on it too
    assert f"for/A2/review-{W}-A2.xlsx" not in outputs(office)


# --- what can't be written back ---------------------------------------------------------------------------------------


def test_without_the_original_the_same_content_goes_out_on_a_fresh_form(office: SmallOffice) -> None:
    tasks: dict[tuple[str, str], object] = {(f"task.{n}", "task"): f"việc {n}" for n in range(1, 13)}
    tasks |= {("task.2", "due"): dt.date(2025, 6, 24), ("task.2", "key_task"): "yes", ("task.12", "quantity"): "x"}
    scores: dict[tuple[str, str], object] = {("score.quality", "self"): "44", ("score.progress", "self"): 30.4}
    texts: dict[tuple[str, str], object] = {("text.summary", "value"): "=SUM(1)", ("score.conduct", "note"): "tốt"}
    path = office.fill(office.form("self", W, "A3"), {**scores, **texts, **tasks})
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    last = locate(sheet, "task.12", "task").row
    add_task_rows(sheet, last, 2)  # two lines more than the form has, as people insert them: without keys
    sheet.cell(last + 1, 1).value = sheet.cell(last + 2, 1).value = None
    sheet.cell(last + 1, 3).value, sheet.cell(last + 2, 3).value = "thêm 1", "thêm 2"
    sheet.cell(last + 1, 7).value, sheet.cell(last + 2, 7).value = None, 3
    book.save(path)
    before = read_form(path.read_bytes())
    lines = [row for row in before.rows if row.key.split(".")[0] == "task" and row.cells]
    assert len(lines) == 14
    (office.out / "archive").mkdir()
    office.run(W)
    shutil.rmtree(office.out / "archive")
    office.manifest(W).unlink()
    office.run(W)
    back = returned(office, "self", "A3")
    after = read_form(back.read_bytes())
    content = [[(k, c.kind, c.text) for k, c in row.cells.items()] for row in lines]
    again = [row for row in after.rows if row.key.split(".")[0] == "task" and row.cells]
    assert [[(k, c.kind, c.text) for k, c in row.cells.items()] for row in again] == content
    said = typed(back)
    assert (said["score.quality", "self"], said["score.progress", "self"]) == ("44", "30.4")
    assert (said["text.summary", "value"], said["score.conduct", "note"]) == ("=SUM(1)", "tốt")
    made = first_sheet(back)
    assert locate(made, "text.summary", "value").data_type == "s"
    wrong = {locate(made, f"score.{c}", "self").coordinate: RED for c in ("quality", "conduct")}
    (lost,) = [c.coordinate for row in made.iter_rows() for c in row if c.value == "x"]
    assert marked(back) == {**wrong, lost: YELLOW}
    office.fill(back, {("score.quality", "self"): 40, ("score.conduct", "self"): 19})
    office.run(W)
    assert office.results(W)["A3"]["self_total"] == "89.4"


def test_a_form_with_a_deleted_row_comes_back_complete(office: SmallOffice) -> None:
    path = office.report(W, "A3", (38, 37, 19), summary="đã xong")
    book = openpyxl.load_workbook(path)
    locate(book.worksheets[0], "score.progress", "self").value = None
    row = next(n for n in range(1, 60) if book.worksheets[0].cell(n, 1).value == "score.progress")
    book.worksheets[0].cell(row, 1).value = None
    book.save(path)
    office.run(W)
    assert "form.map-damaged" in office.codes(W, "A3")
    back = returned(office, "self", "A3")
    missing = locate(first_sheet(back), "score.progress", "self")
    assert marked(back) == {missing.coordinate: RED}
    assert typed(back)["score.quality", "self"] == "38" and typed(back)["text.summary", "value"] == "đã xong"
    office.fill(back, {("score.progress", "self"): 37})
    office.run(W)
    assert office.results(W)["A3"]["self_total"] == "94"


def test_a_number_that_is_none_leaves_no_broken_workbook_behind(office: SmallOffice) -> None:
    path = office.report(W, "A3", (38.625, 37, 19))
    with zipfile.ZipFile(path) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"].replace(b"<v>38.625</v>", b"<v>1e400</v>")
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    office.run(W)
    back = returned(office, "self", "A3")
    with zipfile.ZipFile(back) as archive:
        assert not re.search(rb"<v>(inf|nan)</v>", archive.read("xl/worksheets/sheet1.xml"), re.IGNORECASE)
    assert marked(back)


@pytest.mark.office
def test_another_format_comes_back_as_an_issued_form(office: SmallOffice, convert: Convert) -> None:
    path = office.report(W, "A3", (44, "38,5", 19), summary="đã xong")
    edit(path, {("task.1", "task"): "Soạn công văn", ("task.1", "due"): dt.date(2025, 6, 24)})
    said = {key: text for key, text in typed(path).items() if not key[0].startswith("identity")}
    convert([path], "ods")[0].rename(path.with_suffix(".ods"))
    path.unlink()
    office.run(W)
    back = returned(office, "self", "A3")
    again = {key: text for key, text in typed(back).items() if not key[0].startswith("identity")}
    assert again == said
    assert marked(back) == {locate(first_sheet(back), "score.quality", "self").coordinate: RED}
    office.fill(back, {("score.quality", "self"): 40})
    office.run(W)
    assert office.results(W)["A3"]["self_total"] == "97.5"


@pytest.mark.office
def test_marks_are_taken_away_from_a_copy_that_libreoffice_saved(office: SmallOffice, convert: Convert) -> None:
    office.report(W, "A3", (44, 37, 19))
    office.run(W)
    back = returned(office, "self", "A3")
    path = office.fill(back, {("score.quality", "self"): 40, ("score.progress", "self"): 41})
    shutil.copy(convert([path], "xlsx")[0], path)  # forgets who wrote the comments
    office.run(W)
    sheet = first_sheet(back)
    assert marked(back) == {locate(sheet, "score.progress", "self").coordinate: RED}
    assert [c.coordinate for row in sheet.iter_rows() for c in row if c.comment] == list(marked(back))
    for made in convert([back], "pdf"):
        assert made.stat().st_size > 2_000


# --- nobody sees what is another's ------------------------------------------------------------------------------------


def all_text(folder: Path) -> str:
    parts = []
    for path in folder.rglob("*"):
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as archive:
                parts += [archive.read(name).decode("utf-8", "replace") for name in archive.namelist()]
    return "\n".join(parts)


def test_a_form_that_a_colleague_filled_in_is_not_shown_to_its_addressee(office: SmallOffice) -> None:
    mine: dict[tuple[str, str], object] = {("score.quality", "self"): 44, ("text.summary", "value"): "chuyện riêng"}
    office.fill(office.form("self", W, "A3"), {**mine, ("identity.staff_id", "value"): "A4"})
    office.fill(office.form("self", W, "B2"), {**mine, ("identity.name", "value"): NAMES["B3"]})
    office.run(W)
    for who in ("A3", "B2"):
        assert not returned(office, "self", who).exists()
        assert f"for/{who}/self-{W}-{who}.xlsx" in outputs(office)
        assert "chuyện riêng" not in all_text(office.out / "outbox" / W / "for" / who)


def test_rows_of_other_peoples_staff_do_not_come_back(office: SmallOffice) -> None:
    office.report(W, "B2", (31, 32, 13))
    office.run(W)
    path = office.review(W, "A2", {"A3": (41, 33, 18), "A4": (34, 33, 18)})
    theirs = first_sheet(office.form("review", W, "B1"))
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    source, target = locate(theirs, "B2", "name").row, locate(sheet, "A4", "name").row
    for column in range(1, theirs.max_column + 1):
        sheet.cell(target, column).value = theirs.cell(source, column).value
    locate(sheet, "B2", "comment").value = "chép nhầm"
    book.save(path)
    office.run(W)
    assert "review.not-reviewer" in office.codes(W, "B2")
    said = typed(returned(office, "review", "A2"))
    assert said["A3", "score.quality"] == "41" and "B2" not in {row for row, _ in said}
    text = all_text(office.out / "outbox" / W / "for" / "A2")
    assert NAMES["B2"] not in text and "chép nhầm" not in text and NAMES["A3"] in text


def test_no_folder_names_anybody_outside_its_scope(office: SmallOffice) -> None:
    for who, scores in (("A3", (44, 37, 19)), ("A4", (38, 37, 19)), ("B2", (38, 41, 19)), ("B3", (30, 30, 10))):
        office.report(W, who, scores)
    office.report(W, "B3", (29, 30, 10))
    office.run(W)
    office.review(W, "A2", {"A3": (41, 33, 18), "A4": (34, 33, 18)})
    office.review(W, "B1", {"B2": (34, 33, "?"), "B3": (34, 33, 18)})
    office.run(W)
    scope = {
        "A3": {"A3", "A2", "A1"},
        "A2": {"A2", "A3", "A4", "A1"},
        "B2": {"B2", "B1"},
        "B3": {"B3", "B1"},
        "B1": {"B1", "B2", "B3"},
    }
    for who, allowed in scope.items():
        folder = office.out / "outbox" / W / "for" / who
        assert list(folder.glob("returned-*")), who
        text = all_text(folder)
        assert not {other for other, name in NAMES.items() if name in text} - allowed, who


def test_the_ledger_and_the_archive_keep_both(office: SmallOffice) -> None:
    office.report(W, "A3", (44, 37, 19))
    office.run(W, now=NOW)
    office.fill(returned(office, "self", "A3"), {("score.quality", "self"): 40})
    office.run(W, now="2025-07-01T09:00+07:00")
    entries = json.loads(office.manifest(W).read_text(encoding="utf-8"))["inputs"]
    assert [e["received"][:10] for e in entries] == ["2025-06-30", "2025-07-01"]
    assert all((office.out / "archive" / e["sha256"][:2] / e["sha256"]).exists() for e in entries)
