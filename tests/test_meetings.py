"""Two-week failures are followed through; units file their own reports."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from batch import pipeline
from batch.core.period import Week
from batch.forms.extract import read_form
from batch.forms.returned.words import RED
from tests.small_office import NOW, SmallOffice, locate

W26, W27, W28 = "2025-W26", "2025-W27", "2025-W28"
RECORD = {
    ("meeting.date", "value"): "07/07/2025",
    ("meeting.participants", "value"): "Đại diện Văn phòng; Vụ trưởng; Phạm Văn Cường",
    ("meeting.causes", "value"): "Chưa quen việc",
    ("meeting.measures", "value"): "Kèm cặp hằng ngày",
    ("meeting.review_by", "value"): "11/07/2025",
}


def meeting_form(office: SmallOffice, week: str, holder: str, about: str, shown_in: str = "") -> Path:
    return office.out / "outbox" / (shown_in or week) / "for" / holder / f"meeting-{week}-{about}.xlsx"


def returned(plain: Path) -> Path:
    """The form that goes back filled in where a plain one would lie."""
    return plain.with_name(f"returned-{plain.name}")


def cell(path: Path, row: str, column: str) -> Any:
    return locate(openpyxl.load_workbook(path).worksheets[0], row, column)


def comments(path: Path) -> dict[tuple[str, str], str]:
    """(row key, column key) → the program's comment, of every cell marked red."""
    sheet: Any = openpyxl.load_workbook(path).worksheets[0]
    red = [c for cells in sheet.iter_rows() for c in cells if str(c.fill.fgColor.rgb)[-6:] == RED and c.comment]
    return {(sheet.cell(c.row, 1).value, sheet.cell(1, c.column).value.split()[0]): c.comment.text for c in red}


def edit_note(path: Path, text: str) -> None:
    """Add a sheet of one's own."""
    book = openpyxl.load_workbook(path)
    book.create_sheet("Ghi chú")["B2"].value = text
    book.save(path)


@pytest.fixture(scope="module")
def two_weeks(tmp_path_factory: pytest.TempPathFactory) -> SmallOffice:
    office = SmallOffice(tmp_path_factory.mktemp("failed"))
    for week in (W26, W27):
        office.whole_week(week, {"A3": (10, 10, 10)})
    return office


@pytest.fixture
def failed(two_weeks: SmallOffice, tmp_path: Path) -> SmallOffice:
    return two_weeks.copied(tmp_path)


def test_a_required_meeting_yields_a_form_for_the_units_head(failed: SmallOffice) -> None:
    assert meeting_form(failed, W27, "A1", "A3").exists()
    assert not meeting_form(failed, W26, "A1", "A3", W26).exists()


def test_an_open_meeting_is_named_until_its_record_is_filed(failed: SmallOffice) -> None:
    failed.whole_week(W28)
    assert failed.codes(W28, "A3").count("meeting.open") == 1
    assert meeting_form(failed, W27, "A1", "A3", W28).exists()
    failed.fill(meeting_form(failed, W27, "A1", "A3"), RECORD)
    failed.run()
    assert "meeting.open" not in failed.codes(W28, "A3")
    assert not meeting_form(failed, W27, "A1", "A3", W28).exists()
    assert failed.codes(W28, "A3").count("meeting.review-due") == 1  # W28 holds the day of review
    assert failed.results(W28)["A3"]["failing_weeks"] == "0"


def test_a_chain_that_goes_on_calls_for_no_second_meeting(failed: SmallOffice) -> None:
    failed.fill(meeting_form(failed, W27, "A1", "A3"), RECORD)
    failed.whole_week(W28, {"A3": (10, 10, 10)})
    assert failed.results(W28)["A3"]["meeting_required"] == "yes"
    assert not meeting_form(failed, W28, "A1", "A3").exists()


def test_a_corrected_record_answers_the_faulty_one(failed: SmallOffice) -> None:
    failed.fill(meeting_form(failed, W27, "A1", "A3"), {**RECORD, ("meeting.measures", "value"): None})
    failed.run()
    back = returned(meeting_form(failed, W27, "A1", "A3"))
    failed.fill(back, RECORD)  # the form that the run wrote says what it corrects
    failed.run()
    assert "value.missing" not in failed.codes(W27)
    assert not meeting_form(failed, W27, "A1", "A3").exists() and not back.exists()


def test_a_record_with_an_impossible_date_comes_back_marked_until_it_is_corrected(failed: SmallOffice) -> None:
    plain = meeting_form(failed, W27, "A1", "A3")
    failed.fill(plain, {**RECORD, ("meeting.date", "value"): "31/02/2025"})
    failed.run()
    failed.whole_week(W28)
    back, later = returned(plain), returned(meeting_form(failed, W27, "A1", "A3", W28))
    assert back.read_bytes() == later.read_bytes()  # the meeting is open in W28 too, so it is asked for there as well
    assert not plain.exists() and not meeting_form(failed, W27, "A1", "A3", W28).exists()
    assert comments(back).keys() == {("meeting.date", "value")}
    assert "31/02/2025" in comments(back)["meeting.date", "value"]
    assert "Allowed: a date, such as 30/06/2025\n" in comments(back)["meeting.date", "value"]
    assert cell(back, "meeting.measures", "value").value == "Kèm cặp hằng ngày"
    folders = (failed.out / "outbox").glob("*/for/*/returned-*")
    assert {path.parent.name for path in folders} == {"A1"}
    failed.fill(back, {("meeting.date", "value"): "07/07/2025"})
    failed.run()
    assert not back.exists() and not later.exists() and not plain.exists()
    assert "meeting.open" not in failed.codes(W28, "A3")


def test_of_a_closed_week_a_faulty_record_comes_back_too(failed: SmallOffice) -> None:
    plain = meeting_form(failed, W27, "A1", "A3")
    pipeline.close(failed.setup(), Week.parse(W27), NOW, with_open=True)
    failed.fill(plain, {**RECORD, ("meeting.date", "value"): "31/02/2025"})
    failed.run(W27)
    assert comments(returned(plain)).keys() == {("meeting.date", "value")} and not plain.exists()
    failed.fill(returned(plain), RECORD)
    failed.run(W27)
    assert not plain.exists() and not returned(plain).exists()


def test_a_record_without_measures_stays_open(failed: SmallOffice) -> None:
    failed.fill(meeting_form(failed, W27, "A1", "A3"), {**RECORD, ("meeting.measures", "value"): None})
    failed.run()
    assert "value.missing" in failed.codes(W27, "A3")
    assert comments(returned(meeting_form(failed, W27, "A1", "A3"))).keys() == {("meeting.measures", "value")}


def test_an_overdue_meeting_is_named_with_its_deadline(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path, '[deadlines]\nmeeting = "12 17:00"')
    for week in (W26, W27):
        office.whole_week(week, {"A3": (10, 10, 10)})
    office.run(W27, now="2025-07-12T08:00+07:00")
    (overdue,) = [f for f in office.findings(W27) if f["code"] == "meeting.overdue"]
    assert "Nguyễn Văn An (A1)" in overdue["remedy"]


# --- units ------------------------------------------------------------------------------------------------------------


def unit_cells(*scores: object) -> dict[tuple[str, str], object]:
    cells: dict[tuple[str, str], object] = {
        (f"score.{c}", "self"): s for c, s in zip(("quality", "progress", "conduct"), scores, strict=True)
    }
    return cells | {("count.assigned", "value"): 12, ("count.completed", "value"): 11, ("text.summary", "value"): "Đạt"}


def unit_form(office: SmallOffice, unit: str, head: str) -> Path:
    return office.out / "outbox" / W26 / "for" / head / f"unit-{W26}-{unit}.xlsx"


def test_a_unit_report_is_filed_confirmed_and_chased(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path)
    office.issue(W26)
    office.fill(unit_form(office, "D1", "A1"), unit_cells(36, 36, 18))
    office.run(W26)
    assert [f["staff_id"] for f in office.findings(W26) if f["code"] == "unit.missing"] == ["B1"]
    office.fill(office.form("approval", W26, "L1"), {("unit:D1", "decision"): "approve"})
    office.run(W26)
    assert not [f for f in office.findings(W26) if f["severity"] == "error"]
    assert not office.lies("approval", W26, "L1")  # nothing is left to confirm


def test_a_faulty_unit_report_comes_back_marked_and_answers_the_first_when_corrected(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path)
    office.issue(W26)
    plain = unit_form(office, "D1", "A1")
    sent = office.fill(plain, {**unit_cells(41, 36, 18), ("count.overdue", "value"): 1.5})
    edit_note(sent, "số liệu")
    office.run(W26)
    assert office.codes(W26).count("value.over-cap") == 1
    back = returned(plain)
    assert not plain.exists()
    said = comments(back)
    assert said.keys() == {("score.quality", "self"), ("count.overdue", "value")}
    assert "Allowed: a number from 0 to 40, with at most 2 decimals" in said["score.quality", "self"]
    assert "Allowed: a whole number\n" in said["count.overdue", "value"]
    assert openpyxl.load_workbook(back)["Ghi chú"]["B2"].value == "số liệu"  # their own workbook
    assert cell(back, "score.quality", "self").value == 41 and cell(back, "text.summary", "value").value == "Đạt"
    assert unit_form(office, "D2", "B1").exists()  # the other unit's form stays as it is
    assert {p.parent.name for p in (office.out / "outbox").glob("*/for/*/returned-*")} == {"A1"}
    page = (office.out / "outbox" / W26 / "index.html").read_text(encoding="utf-8")
    assert "Returned for correction: Unit report, Vụ Một (D1)" in page
    office.fill(back, {("score.quality", "self"): 40, ("count.overdue", "value"): 1})
    office.run(W26)
    assert not [f for f in office.findings(W26) if f["severity"] == "error"]
    assert not plain.exists() and not back.exists()


def test_a_damaged_unit_report_comes_back_on_a_fresh_form_with_what_was_typed(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path)
    office.issue(W26)
    plain = unit_form(office, "D1", "A1")
    sent = office.fill(plain, unit_cells(38, 36, None))
    book = openpyxl.load_workbook(sent)
    sheet = book.worksheets[0]
    sheet.cell(locate(sheet, "score.conduct", "self").row, 1).value = None  # as when the row is deleted
    book.save(sent)
    office.run(W26)
    back = returned(plain)
    assert comments(back).keys() == {("score.conduct", "self")}
    assert cell(back, "score.quality", "self").value == 38 and cell(back, "count.assigned", "value").value == 12
    office.fill(back, {("score.conduct", "self"): 18})
    office.run(W26)
    assert not back.exists() and not plain.exists()
    assert not [f for f in office.findings(W26) if f["severity"] == "error"]


def test_a_report_the_leader_returned_comes_back_with_the_reason(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path)
    office.issue(W26)
    plain = unit_form(office, "D1", "A1")
    office.fill(plain, unit_cells(38, 36, 18))
    office.run(W26)
    decision = {("unit:D1", "decision"): "return", ("unit:D1", "reason"): "Thiếu sản phẩm"}
    office.fill(office.form("approval", W26, "L1"), decision)
    office.run(W26)
    back = returned(plain)
    assert not plain.exists()
    assert comments(back) == {
        ("score.quality", "self"): "Lê Lãnh Đạo (L1) returned the report of Vụ Một. Reason: Thiếu sản phẩm\n"
        "To do: Change what the reason asks for. Then save this form and send it again."
    }
    assert [cell(back, f"score.{c}", "self").value for c in ("quality", "progress", "conduct")] == [38, 36, 18]
    assert {p.parent.name for p in (office.out / "outbox").glob("*/for/*/returned-*")} == {"A1"}
    office.fill(back, {("score.quality", "self"): 35})
    office.run(W26)
    assert not back.exists() and not plain.exists() and "unit.returned" not in office.codes(W26)
    office.fill(office.form("approval", W26, "L1"), {("unit:D1", "decision"): "approve"})
    office.run(W26)
    assert not office.lies("approval", W26, "L1")
    assert not [f for f in office.findings(W26) if f["severity"] == "error"]


def test_a_leaders_faulty_answer_on_a_unit_comes_back_on_their_own_sheet(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path)
    office.issue(W26)
    office.fill(unit_form(office, "D1", "A1"), unit_cells(38, 36, 18))
    office.fill(unit_form(office, "D2", "B1"), unit_cells(36, 36, 18))
    office.review(W26, "L1", {"A1": (34, 33, 18), "B1": (34, 33, 18)})
    office.run(W26)
    plain = office.form("approval", W26, "L1")
    answers = {"A1": "approve", "unit:D1": "adjust", "unit:D2": "approve"}
    typed = {(key, "decision"): word for key, word in answers.items()} | {("unit:D1", "score.quality"): 41}
    edit_note(office.fill(plain, typed), "xem lại")
    office.run(W26)
    back = returned(plain)
    assert openpyxl.load_workbook(back)["Ghi chú"]["B2"].value == "xem lại"  # the leader's own workbook
    assert comments(back).keys() == {("unit:D1", "score.quality")}  # the rest of the row is asked for once this is right
    assert "Allowed: a number from 0 to 40" in comments(back)["unit:D1", "score.quality"]
    assert {key: cell(back, key, "decision").value for key in answers} == answers
    assert not plain.exists()  # B1 has no answer yet: that row is still blank on the copy
    office.fill(back, {("unit:D1", "decision"): "return", ("unit:D1", "score.quality"): None, ("B1", "decision"): "approve"})
    office.run(W26)
    assert comments(back).keys() == {("unit:D1", "reason")}
    office.fill(back, {("unit:D1", "reason"): "Thiếu sản phẩm"})
    office.run(W26)
    assert not back.exists() and not plain.exists()
    assert [office.results(W26)[who]["state"] for who in ("A1", "B1")] == ["approved", "approved"]
    assert "unit.returned" in office.codes(W26) and returned(unit_form(office, "D1", "A1")).exists()


def test_a_report_corrected_after_the_leader_confirmed_it_is_confirmed_anew(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path)
    office.whole_week(W26, {"A3": (10, 10, 10)})
    plain = unit_form(office, "D1", "A1")
    office.fill(plain, unit_cells(36, 36, 18), "first.xlsx")
    office.run(W26)
    sheet = office.form("approval", W26, "L1")
    assert (cell(sheet, "unit:D1", "warnings").value, cell(sheet, "unit:D1", "name").value) == (
        "Members: 4 rated, 1 failed",
        "Vụ Một",
    )
    shown = {str(c.value) for row in openpyxl.load_workbook(sheet).worksheets[0].iter_rows(min_col=2) for c in row}
    assert "D1" in shown and "unit:D1" not in shown  # the code as people know it
    office.fill(sheet, {("unit:D1", "decision"): "approve"}, "confirmed.xlsx")
    office.run(W26)
    office.issue(W26, "unit", ["A1"], again=True)
    office.fill(office.given(W26, "A1", f"unit-{W26}-D1"), unit_cells(30, 36, 18), "second.xlsx")
    office.run(W26)
    (stale,) = [f for f in office.findings(W26) if f["code"] == "unit.stale"]
    assert "Vụ Một" in stale["message"] and stale["file"] == "confirmed.xlsx"
    lot = {e["name"]: e["fate"] for e in json.loads(office.manifest(W26).read_text(encoding="utf-8"))["inputs"]}
    assert (lot["first.xlsx"], lot["confirmed.xlsx"], lot["second.xlsx"]) == ("replaced", "replaced", "counted")
    office.approve(W26, "L1", {"unit:D1": "approve"})
    office.run(W26)
    assert not {"unit.stale", "unit.overdue"} & set(office.codes(W26)) and not office.lies("approval", W26, "L1")


def test_a_unit_without_head_or_leader_is_named_with_the_post(tmp_path: Path) -> None:
    office = SmallOffice(
        tmp_path, units="ROOT|Ban mẫu|commission|||\nD1|Vụ Một|department|ROOT||L1\nD2|Vụ Hai|department|ROOT|B1|"
    )
    office.issue(W26)
    office.report(W26, "B2")
    office.run(W26)
    told = {f["code"]: f for f in office.findings(W26) if f["code"].startswith("unit.vacant")}
    assert "Vụ Một" in told["unit.vacant-head"]["message"] and "head_id" in told["unit.vacant-head"]["remedy"]
    assert "Vụ Hai" in told["unit.vacant-leader"]["message"] and "leader_id" in told["unit.vacant-leader"]["remedy"]


def test_a_unit_not_on_the_returned_sheet_gets_a_fresh_one(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path)
    office.issue(W26)
    office.fill(unit_form(office, "D1", "A1"), unit_cells(38, 36, 18))
    office.run(W26)
    plain = office.form("approval", W26, "L1")
    office.fill(plain, {("unit:D1", "decision"): "perhaps"})
    office.fill(unit_form(office, "D2", "B1"), unit_cells(36, 36, 18))
    office.run(W26)
    assert comments(returned(plain)).keys() == {("unit:D1", "decision")}
    assert rows_of(plain) == {"unit:D2"} and rows_of(returned(plain)) == {"unit:D1"}


def rows_of(path: Path) -> set[str]:
    return {row.key for row in read_form(path.read_bytes()).rows if row.key.startswith("unit:")}


def test_an_excellent_unit_with_a_third_failed_is_pointed_out(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path)
    office.whole_week(W26, {"A3": (10, 10, 10), "A4": (10, 10, 10)})
    office.fill(unit_form(office, "D1", "A1"), unit_cells(38, 38, 19))
    office.run(W26)
    (contrast,) = [f for f in office.findings(W26) if f["code"] == "unit.contrast"]
    assert "2 of 4" in contrast["message"]


@pytest.mark.parametrize(
    ("value", "code"), [(-1, "value.not-a-count"), (1.5, "value.not-a-count"), ("x", "value.not-a-number")]
)
def test_a_count_is_a_whole_number(tmp_path: Path, value: object, code: str) -> None:
    office = SmallOffice(tmp_path)
    office.issue(W26)
    office.fill(unit_form(office, "D1", "A1"), {**unit_cells(36, 36, 18), ("count.overdue", "value"): value})
    office.run(W26)
    assert code in office.codes(W26)


def test_two_different_records_contradict_each_other(failed: SmallOffice) -> None:
    for measures in ("Kèm cặp", "Đào tạo"):
        failed.fill(meeting_form(failed, W27, "A1", "A3"), {**RECORD, ("meeting.measures", "value"): measures})
    failed.run()
    assert failed.codes(W27, "A3").count("form.conflict") == 1
    back = returned(meeting_form(failed, W27, "A1", "A3"))
    assert cell(back, "meeting.measures", "value").value == "Đào tạo"  # the newer one
    assert ("meeting.measures", "value") in comments(back)


# --- who reads of them --------------------------------------------------------------------------------------------------


def page(office: SmallOffice, week: str, who: str, kind: str) -> str:
    return (office.out / "outbox" / week / "for" / who / f"{kind}-{week}.html").read_text(encoding="utf-8")


def shown(path: Path, row: str) -> str:
    """Everything that stands in a row."""
    cells = openpyxl.load_workbook(path).worksheets[0].iter_rows()
    (found,) = [line for line in cells if line[0].value == row]
    return "\n".join(str(c.value) for c in found if c.value is not None)


def test_judges_see_on_their_sheets_what_of_the_meeting_is_still_to_do(failed: SmallOffice) -> None:
    failed.issue(W28)
    assert "Meeting open since Week 27/2025" in shown(failed.form("review", W28, "A2"), "A3")
    failed.fill(meeting_form(failed, W27, "A1", "A3"), {**RECORD, ("meeting.review_by", "value"): "20/07/2025"})
    failed.run(W28)
    agreed = "Agreed: Kèm cặp hằng ngày (until 20 July 2025)"
    assert agreed in shown(failed.form("review", W28, "A2"), "A3")
    failed.review(W28, "A2", {"A3": (34, 33, 18), "A4": (34, 33, 18)})
    failed.run(W28)
    told = shown(failed.form("approval", W28, "A1"), "A3")
    assert agreed in told and "Meeting" not in told


def test_measures_are_read_by_the_person_their_judges_and_the_office_only(failed: SmallOffice) -> None:
    failed.fill(meeting_form(failed, W27, "A1", "A3"), {**RECORD, ("meeting.review_by", "value"): "20/07/2025"})
    failed.issue(W28)
    failed.run(W28)
    readers = [("A3", "slip"), ("A2", "team"), ("A1", "unit"), ("_office", "office")]
    for who, kind in readers:
        assert "Kèm cặp hằng ngày" in page(failed, W28, who, kind), (who, kind)
    folder = failed.out / "outbox" / W28 / "for"
    told = {path.parent.name for path in folder.glob("*/*.html") if "Kèm cặp" in path.read_text(encoding="utf-8")}
    assert told == {"A3", "A2", "A1", "_office"}


def test_head_and_leader_see_how_the_units_report_stands(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path)
    office.issue(W26)
    office.fill(unit_form(office, "D1", "A1"), unit_cells(36, 36, 18))
    office.run(W26)
    section = {who: page(office, W26, who, "unit").partition("Unit reports")[2] for who in ("L1", "A1", "B1")}
    assert "Vụ Một" in section["L1"] and "waits for you" in section["L1"] and "Vụ Hai" in section["L1"]
    assert [who for who in section if "Members:" in section[who]] == []  # nobody is rated yet
    office.whole_week(W26, {"A4": (10, 10, 10)})
    assert "Members: 4 rated, 1 failed" in page(office, W26, "L1", "unit")
    assert "For you to confirm: Vụ Một." in page(office, W26, "L1", "unit")
    assert "For you to report on: Vụ Hai." in page(office, W26, "B1", "unit")
    assert "waits for Lê Lãnh Đạo" in section["A1"] and ">90<" in section["A1"] and "Vụ Hai" not in section["A1"]
    assert "Missing" in section["B1"] and "waits for you" in section["B1"] and "Vụ Một" not in section["B1"]
    assert 'id="unit-reports"' in page(office, W26, "_office", "office")
