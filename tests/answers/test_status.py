"""`appraise status`: who waits for whom, from the ledger alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from batch.answers.status import Status, as_data, status
from batch.core.period import Week
from tests.conftest import SAMPLE, run_appraise
from tests.small_office import NOW, PEOPLE, UNITS, SmallOffice
from tests.test_meetings import RECORD

W = "2025-W26"


def ask(office: SmallOffice, week: str = W) -> Status:
    return status(office.setup(), Week.parse(week), NOW)


@pytest.fixture(scope="module")
def half_way(tmp_path_factory: pytest.TempPathFactory) -> SmallOffice:
    """A3 reported, A4 didn't, B2 is reviewed, B3 reported something faulty, A2 is on leave."""
    office = SmallOffice(tmp_path_factory.mktemp("half_way"), leave="A2|23/06/2025|27/06/2025|annual")
    office.issue(W)
    for staff_id in ("A1", "A3", "B1", "B2"):
        office.report(W, staff_id)
    office.report(W, "B3", (41, 37, 19))
    office.run(W)
    office.review(W, "B1", {"B2": (34, 33, 18)})
    office.run(W)
    return office


@pytest.fixture
def office(half_way: SmallOffice, tmp_path: Path) -> SmallOffice:
    return half_way.copied(tmp_path)


def test_everybody_with_a_duty_is_named_with_those_who_wait(office: SmallOffice) -> None:
    said = {actor.staff_id: [(d.stage, [c.staff_id for c in d.cases]) for d in actor.duties] for actor in ask(office).actors}
    assert said == {"L1": [("review", ["A1", "B1"])], "A2": [("review", ["A3"])], "B1": [("approval", ["B2"])]}


def test_missing_self_reports_are_grouped_by_unit_without_the_excused(office: SmallOffice) -> None:
    answer = ask(office)
    assert [(o.unit_id, [c.staff_id for c in o.cases]) for o in answer.owing] == [("D1", ["A4"]), ("D2", ["B3"])]
    assert answer.states["excused"] == 1 and answer.states["returned"] == 1 and answer.states["reviewed"] == 1


def test_a_review_without_a_report_is_still_owed_the_report(office: SmallOffice) -> None:
    office.review(W, "A2", {"A4": (30, 30, 15)})
    office.run(W)
    assert [c.state for o in ask(office).owing for c in o.cases if c.staff_id == "A4"] == ["reviewed"]


def test_the_chase_lists_count_every_person_of_a_judge_once(office: SmallOffice) -> None:
    answer = ask(office)
    lines = {line.staff_id: line for line in answer.supervisors}
    a2 = lines["A2"]
    assert (a2.people, a2.unreported, a2.unreviewed, a2.undecided, a2.decided) == (2, 1, 1, 0, 0)
    approver = {line.staff_id: line for line in answer.approvers}["B1"]
    assert (approver.people, approver.unreported, approver.undecided) == (2, 1, 1)
    for line in (*answer.supervisors, *answer.approvers):
        assert line.people == line.unreported + line.unreviewed + line.undecided + line.decided


def test_a_vacant_post_is_named_with_its_title_and_people(tmp_path: Path) -> None:
    people = PEOPLE.replace("B1|Đỗ Văn Em|department_director|Vụ trưởng|D2|L1|b1@example.org|01/01/2025|\n", "")
    people = people.replace("B3|Bùi Văn Hà|civil_servant|Chuyên viên|D2|B1", "B3|Bùi Văn Hà|civil_servant|Chuyên viên|D2|B2")
    office = SmallOffice(
        tmp_path, people=people, units=UNITS.replace("D2|Vụ Hai|department|ROOT|B1|L1", "D2|Vụ Hai|department|ROOT||L1")
    )
    found = [(v.stage, v.unit, v.expected, [c.staff_id for c in v.cases]) for v in ask(office).vacancies]
    assert found == [("review", "Vụ Hai", "B1", ["B2"]), ("approval", "Vụ Hai", "", ["B2", "B3"])]
    done = run_appraise("status", W, "--office", office.folder, "--out", office.out)
    assert "Posts that nobody holds" in done.stdout and "Head of department, bureau or office" in done.stdout


def test_the_inbox_is_not_read_and_nothing_is_written(office: SmallOffice) -> None:
    office.report(W, "A4", name="late.xlsx")
    before = {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in office.out.rglob("*") if p.is_file()}
    done = run_appraise("status", W, "--office", office.folder, "--out", office.out)
    assert "Vũ Thị Dung (A4)" in done.stdout.split("No valid self-report")[1]
    assert before == {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in office.out.rglob("*") if p.is_file()}


def test_an_office_that_has_run_nothing_yet_is_told_so_and_gets_no_key(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path)
    done = run_appraise("status", W, "--office", office.folder, "--out", office.out)
    assert done.returncode == 0 and "No form has come yet" in done.stdout and "7 people: missing 7" in done.stdout
    assert not office.out.exists()


def test_a_decided_week_says_that_nobody_waits(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path)
    office.whole_week(W)
    office.units_too(W)
    done = run_appraise("status", W, "--office", office.folder, "--out", office.out)
    assert "Nobody waits for anybody" in done.stdout and "Chase" not in done.stdout


def test_json_says_the_same_as_the_values(office: SmallOffice) -> None:
    done = run_appraise("status", W, "--office", office.folder, "--out", office.out, "--json")
    assert json.loads(done.stdout) == as_data(ask(office))
    assert json.loads(done.stdout)["waiting"][0]["duties"][0]["people"][0]["staff_id"] == "A1"


@pytest.mark.parametrize(
    ("lang", "words"), [("vi", "Người phải thực hiện"), ("th", "ผู้ที่ต้องดำเนินการ"), ("en", "Who has to act")]
)
def test_the_sample_in_three_languages(sample_out: Path, lang: str, words: str) -> None:
    done = run_appraise("--lang", lang, "status", "2025-W27", "--office", SAMPLE, "--out", sample_out)
    assert done.returncode == 0 and words in done.stdout
    assert "Đoàn Mạnh Cường (0401)" in done.stdout and "Ngô Văn Hoà (0109)" in done.stdout
    if lang != "en":
        assert "chase list" not in done.stdout.casefold() and "not reviewed" not in done.stdout


def test_a_damaged_ledger_is_one_line_and_no_traceback(office: SmallOffice) -> None:
    (office.out / "ledger.db").write_bytes(b"not a database at all, but long enough to be looked at" * 50)
    done = run_appraise("status", W, "--office", office.folder, "--out", office.out)
    assert done.returncode == 2 and len(done.stderr.strip().splitlines()) == 1 and "ledger.db" in done.stderr


# --- units, meetings, deadlines -----------------------------------------------------------------------------------------


def test_open_unit_reports_name_who_owes_them_and_since_when(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path, '[deadlines]\nunit = "5 17:00"\napproval = "9 12:00"')
    office.issue(W)
    office.unit_report(W, "D1", "A1")
    office.run(W)
    answer = status(office.setup(), Week.parse(W), "2025-06-30T08:00+07:00")  # Monday: the units' Friday has passed
    found = [(u.report.unit_id, u.form, u.who, u.overdue_since[:16]) for u in answer.units]
    assert found == [("D1", "approval", "L1", ""), ("D2", "unit", "B1", "2025-06-27T17:00")]
    words = ("status", W, "--office", office.folder, "--out", office.out, "--now", "2025-06-30T08:00")
    said = run_appraise(*words).stdout
    assert "Vụ Hai (D2) [missing]: Unit report, Đỗ Văn Em (B1), overdue since 17:00 27 June 2025" in said
    assert "Approval by 12:00 1 July 2025" in said and "Unit report by 17:00 27 June 2025 (has passed)" in said
    office.run(W, now="2025-06-30T08:00+07:00")
    assert [f["staff_id"] for f in office.findings(W) if f["code"] == "unit.overdue"] == ["B1"]


def test_open_meetings_name_their_holder_and_are_gone_with_the_record(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path, '[deadlines]\nmeeting = "12 17:00"')
    for week in ("2025-W25", W):
        office.whole_week(week, {"A3": (10, 10, 10)})
    words = ("status", "2025-W27", "--office", office.folder, "--out", office.out, "--now", "2025-07-10T08:00", "--json")
    (told,) = json.loads(run_appraise(*words).stdout)["meetings"]
    assert (told["staff_id"], told["since"], told["waits_for"]) == ("A3", W, "A1")
    assert told["overdue_since"] == "2025-07-04T17:00+07:00"  # the twelfth day after 23 June begins
    office.fill(office.given(W, "A1", f"meeting-{W}-A3"), RECORD)
    office.run()
    assert json.loads(run_appraise(*words).stdout)["meetings"] == []
