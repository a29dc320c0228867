"""Two-week failures are followed through; units file their own reports."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.small_office import SmallOffice

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


@pytest.fixture
def failed(tmp_path: Path) -> SmallOffice:
    office = SmallOffice(tmp_path)
    for week in (W26, W27):
        office.whole_week(week, {"A3": (10, 10, 10)})
    return office


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
    failed.fill(meeting_form(failed, W27, "A1", "A3"), RECORD)  # the form that the run wrote says what it corrects
    failed.run()
    assert "value.missing" not in failed.codes(W27)
    assert not meeting_form(failed, W27, "A1", "A3").exists()


def test_a_record_without_measures_stays_open(failed: SmallOffice) -> None:
    failed.fill(meeting_form(failed, W27, "A1", "A3"), {**RECORD, ("meeting.measures", "value"): None})
    failed.run()
    assert "value.missing" in failed.codes(W27, "A3")
    assert meeting_form(failed, W27, "A1", "A3").exists()


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


def test_a_faulty_unit_report_comes_back_as_a_form_that_answers_it(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path)
    office.issue(W26)
    office.fill(unit_form(office, "D1", "A1"), unit_cells(41, 36, 18))
    unit_form(office, "D1", "A1").unlink()
    office.run(W26)
    assert office.codes(W26).count("value.over-cap") == 1
    office.fill(unit_form(office, "D1", "A1"), unit_cells(40, 36, 18))
    office.run(W26)
    assert not [f for f in office.findings(W26) if f["severity"] == "error"]
    assert not unit_form(office, "D1", "A1").exists()


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
    assert meeting_form(failed, W27, "A1", "A3").exists()


# --- who reads of them --------------------------------------------------------------------------------------------------


def page(office: SmallOffice, week: str, who: str, kind: str) -> str:
    return (office.out / "outbox" / week / "for" / who / f"{kind}-{week}.html").read_text(encoding="utf-8")


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
    assert "waits for Lê Lãnh Đạo" in section["A1"] and ">90<" in section["A1"] and "Vụ Hai" not in section["A1"]
    assert "Missing" in section["B1"] and "waits for you" in section["B1"] and "Vụ Một" not in section["B1"]
    assert 'id="unit-reports"' in page(office, W26, "_office", "office")
