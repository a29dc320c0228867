"""Weeks are closed, stay as they were decided, and change only by an amendment; deadlines are told apart from arrival."""

from __future__ import annotations

import datetime as dt
import json
import re
from decimal import Decimal
from pathlib import Path

import pytest

from batch import pipeline
from batch.assess import Assessment
from batch.closing import closings, freeze, reopen
from batch.core.finding import Moment, Phrase, Place, Titles, UserError, finding
from batch.core.period import Week
from batch.resolve import Fates
from batch.roster import Roster
from batch.scheme import load_scheme
from tests.conftest import SAMPLE, run_appraise
from tests.small_office import NOW, UNITS, SmallOffice
from tests.test_meetings import RECORD
from tests.test_sample import digests

W = "2025-W26"
WEEK = Week.parse(W)


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> SmallOffice:
    office = SmallOffice(tmp_path_factory.mktemp("decided"))
    office.whole_week(W)
    office.units_too(W)
    return office


@pytest.fixture
def office(decided: SmallOffice, tmp_path: Path) -> SmallOffice:
    return decided.copied(tmp_path)


def close(office: SmallOffice, with_open: bool = False) -> None:
    pipeline.close(office.setup(), WEEK, NOW, with_open)


def code(caught: pytest.ExceptionInfo[UserError]) -> str:
    return caught.value.finding.code


def test_a_week_with_open_cases_is_closed_only_when_told(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path)
    office.issue(W)
    office.report(W, "A3")
    office.run(W)
    with pytest.raises(UserError) as caught:
        close(office)
    assert code(caught) == "close.open-cases"
    assert "Phạm Văn Cường (A3)" in str(dict(caught.value.finding.params)["people"])
    close(office, with_open=True)
    office.run(W)
    assert office.results(W)["A3"]["state"] == "submitted"


def test_a_closed_week_is_closed_once(office: SmallOffice) -> None:
    close(office)
    with pytest.raises(UserError) as caught:
        close(office)
    assert code(caught) == "close.already"


def test_closing_changes_no_result(office: SmallOffice) -> None:
    results, findings = office.results(W), office.findings(W)
    close(office)
    office.run(W)
    assert office.results(W) == results
    assert office.findings(W) == findings
    assert json.loads(office.manifest(W).read_text(encoding="utf-8"))["closed"] == NOW
    before = digests(office.out)
    office.run(W)
    assert digests(office.out) == before


def test_neither_roster_nor_scheme_nor_late_forms_change_a_closed_week(office: SmallOffice) -> None:
    results = office.results(W)
    office.issue(W, "review", ["A2"], again=True)
    close(office)
    office.review(W, "A2", {"A3": (1, 1, 1)})
    shipped = (Path(__file__).parents[1] / "templates" / "schemes" / "vn-weekly.toml").read_text(encoding="utf-8")
    (office.folder / "mine.toml").write_text(shipped.replace("min = 75", "min = 86"), encoding="utf-8")
    office.settings('scheme = "mine.toml"')
    units = "\nROOT|Ban mẫu|commission||L1|L1\nD1|Vụ Một|department|ROOT|A2|L1\nD2|Vụ Hai|department|ROOT|A2|L1\n"
    office.roster(None, units=units)
    office.run(W)
    assert office.results(W) == results
    assert "form.after-close" in office.codes(W, "A3")


def test_a_closed_week_still_tells_what_became_of_each_file(office: SmallOffice) -> None:
    office.issue(W, "review", ["A2"], again=True)
    office.review(W, "A2", {"A3": (34, 33, 17), "A4": (34, 33, 17)}, name="again.xlsx")
    office.run(W)
    before = json.loads(office.manifest(W).read_text(encoding="utf-8"))["inputs"]
    assert "replaced" in {entry["fate"] for entry in before}
    close(office, with_open=True)
    office.run(W)
    assert json.loads(office.manifest(W).read_text(encoding="utf-8"))["inputs"] == before


def test_an_amendment_lets_the_late_form_count_and_says_why(office: SmallOffice) -> None:
    close(office)
    with pytest.raises(UserError) as caught:
        pipeline.amend(office.setup(), WEEK, "A3", "a slip", "L1", NOW)
    assert code(caught) == "amend.nothing"
    office.issue(W, "review", ["A2"], again=True)
    office.review(W, "A2", {"A3": (20, 20, 10)})
    office.run(W)
    before, after = pipeline.amend(office.setup(), WEEK, "A3", "scores were mixed up", "L1", NOW)
    assert (str(before.total), str(after.total), str(after.state)) == ("85", "50", "reviewed")
    office.run(W)
    assert office.results(W)["A3"]["total"] == "50"
    assert office.results(W)["A4"]["total"] == "85"
    (said,) = [f for f in office.findings(W) if f["code"] == "case.amended"]
    assert "scores were mixed up" in said["message"] and "L1" in said["message"]


def test_the_record_of_a_meeting_counts_although_its_week_is_closed(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path)
    for week in ("2025-W25", W):
        office.whole_week(week, {"A3": (10, 10, 10)})
    close(office, with_open=True)  # no unit has reported
    record = {"date": "02/07/2025", "participants": "An; Cường", "measures": "Kèm cặp", "review_by": "04/07/2025"}
    form = office.out / "outbox" / W / "for" / "A1" / f"meeting-{W}-A3.xlsx"
    office.fill(form, {(f"meeting.{key}", "value"): value for key, value in record.items()})
    office.run()
    assert "form.after-close" not in office.codes(W)
    assert not form.exists()


def test_every_kind_of_particular_outlives_a_closing() -> None:
    particulars = {
        "text": "so",
        "label": Phrase("Reason"),
        "moment": Moment("2025-06-27T17:00+07:00"),
        "titles": Titles((("en", "Quality"), ("vi", "Chất lượng"))),
        "number": Decimal("38.50"),
        "week": WEEK,
        "day": dt.date(2025, 6, 27),
        "items": ("one", WEEK),
        "count": 2,
    }
    said = finding("meeting.review-due", Place("a.xlsx", "Sheet", "B2"), "A3", **particulars)
    week = Assessment(WEEK, {}, (said,), Fates(), load_scheme("vn-weekly", SAMPLE))
    body = json.loads(json.dumps(freeze(week, 1)))
    (again,) = reopen(closings([("close", W, 1, NOW, body)])[WEEK], [], Roster((), ())).findings
    assert again == said
    assert [type(value) for _, value in again.params] == [type(value) for _, value in said.params]


def test_an_open_week_is_not_amended(office: SmallOffice) -> None:
    with pytest.raises(UserError) as caught:
        pipeline.amend(office.setup(), WEEK, "A3", "a slip", "L1", NOW)
    assert code(caught) == "close.not-closed"


def test_chains_run_on_over_closed_weeks(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path)
    office.whole_week("2025-W26", key_task_failed_A3="yes", discipline_breach_A3="yes")
    close(office, with_open=True)  # no unit has reported
    office.whole_week("2025-W27", key_task_failed_A3="yes")
    assert office.results("2025-W27")["A3"]["meeting_required"] == "yes"


def test_late_and_overdue_are_told_by_first_receipt(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path, '[deadlines]\nself = "5 17:00"\nreview = "8 12:00"')
    office.issue(W)
    office.report(W, "A3")
    office.run(W, now="2025-06-27T16:59+07:00")
    path = office.report(W, "A4")
    office.run(W, now="2025-06-27T17:01+07:00")
    assert [f["staff_id"] for f in office.findings(W) if f["code"] == "form.late"] == ["A4"]
    assert {f["staff_id"] for f in office.findings(W) if f["code"] == "case.overdue"} == {"A1", "A2", "B1", "B2", "B3"}
    path.with_name("copy.xlsx").write_bytes(path.read_bytes())
    office.run(W, now="2025-06-30T12:01+07:00")
    overdue = {f["staff_id"]: f["message"] for f in office.findings(W) if f["code"] == "case.overdue"}
    assert "Trần Thị Bình (A2)" in overdue["A3"]  # now the reviewer has to act
    assert "17:01" in next(f["message"] for f in office.findings(W) if f["code"] == "form.late")


def test_a_deadline_for_no_form_is_refused(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path, '[deadlines]\nrevew = "8 12:00"')
    with pytest.raises(UserError) as caught:
        office.setup()
    params = dict(caught.value.finding.params)
    assert code(caught) == "config.unknown-key" and params["key"] == "deadlines.revew" and "review" in params["known"]


@pytest.mark.parametrize("text", ["Friday", "5", "5 25:00", "0 12:00", "five 17:00"])
def test_a_deadline_nobody_can_read_is_refused(tmp_path: Path, text: str) -> None:
    office = SmallOffice(tmp_path, f'[deadlines]\nself = "{text}"')
    with pytest.raises(UserError) as caught:
        office.setup()
    assert code(caught) == "config.wrong-value"
    assert "5 17:00" in str(dict(caught.value.finding.params)["problem"])


# --- units and meetings in closed weeks --------------------------------------------------------------------------------


def test_a_unit_report_that_is_not_confirmed_keeps_the_week_open(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path)
    office.whole_week(W)
    office.unit_report(W, "D1", "A1")
    office.run(W)
    with pytest.raises(UserError) as caught:
        close(office)
    assert dict(caught.value.finding.params)["people"] == ("Vụ Một (D1)", "Vụ Hai (D2)")  # sent only; not even sent
    office.unit_report(W, "D2", "B1")
    office.run(W)
    office.approve(W, "L1", dict.fromkeys(("unit:D1", "unit:D2"), "approve"))
    office.run(W)
    close(office)


def test_neither_late_unit_reports_nor_a_new_roster_change_a_closed_unit(office: SmallOffice) -> None:
    close(office)
    office.run(W)
    before = unit_lines(office)
    office.issue(W, again=True)
    office.unit_report(W, "D1", "A1", (1, 1, 1))
    office.approve(W, "L1", {"unit:D2": "return"}, **{"reason_unit:D2": "no"})
    office.roster(None, units=UNITS.replace("D1|Vụ Một|department|ROOT|A1|L1", "D1|Vụ Một|department|ROOT|A2|L1"))
    office.run(W)
    assert unit_lines(office) == before
    late = [f["message"] for f in office.findings(W) if f["code"] == "unit.after-close"]
    assert [next(u for u in ("Vụ Một", "Vụ Hai") if u in text) for text in late] == ["Vụ Một", "Vụ Hai"]
    assert "unit.missing" not in office.codes(W)


def test_an_amendment_lets_a_late_unit_report_count(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path)
    office.whole_week(W)
    form = office.unit_report(W, "D1", "A1")
    later = form.rename(tmp_path / "later.xlsx")
    office.run(W)
    close(office, with_open=True)
    office.run(W)
    assert "Missing" in unit_lines(office)[0]
    later.rename(form)
    office.run(W)
    assert "Missing" in unit_lines(office)[0]
    words = ("amend", W, "--for", "D1", "--reason", "the post was slow", "--author", "L1", "--now", NOW)
    done = run_appraise(*words, "--office", office.folder, "--out", office.out)
    assert done.returncode == 0, done.stderr
    assert "Vụ Một" in done.stdout and "89" in done.stdout
    office.run(W)
    assert "89" in unit_lines(office)[0] and "Missing" in unit_lines(office)[1]
    (said,) = [f for f in office.findings(W) if f["code"] == "unit.amended"]
    assert "the post was slow" in said["message"]
    again = run_appraise(*words, "--office", office.folder, "--out", office.out)
    assert again.returncode == 2 and "Nothing has come" in again.stderr
    stranger = run_appraise(*("D9" if w == "D1" else w for w in words), "--office", office.folder, "--out", office.out)
    assert stranger.returncode == 2 and "neither a person nor a unit" in stranger.stderr


def test_a_closed_week_keeps_its_meetings_but_their_records_still_count(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path)
    for week in ("2025-W25", W):
        office.whole_week(week, {"A3": (10, 10, 10)})
    close(office, with_open=True)
    office.run(W)
    form = office.out / "outbox" / W / "for" / "A1" / f"meeting-{W}-A3.xlsx"
    assert form.exists()
    before = (office.out / "outbox" / W / "summary.html").read_text(encoding="utf-8")
    assert "No record yet" in before
    office.fill(form, RECORD)
    office.run()
    office.run("2025-W27")
    after = (office.out / "outbox" / W / "summary.html").read_text(encoding="utf-8")
    assert "No record yet" in after and "Kèm cặp" not in after  # as it stood on closing
    assert not form.exists()
    assert "meeting.open" not in office.codes("2025-W27") and "form.after-close" not in office.codes(W)
    assert "Kèm cặp" in (office.out / "outbox" / "2025-W27" / "summary.html").read_text(encoding="utf-8")
    assert [f["fate"] for f in json.loads(office.manifest(W).read_text(encoding="utf-8"))["inputs"]][-1] == "counted"


def unit_lines(office: SmallOffice) -> list[str]:
    """The units' lines of the summary, in words."""
    page = (office.out / "outbox" / W / "summary.html").read_text(encoding="utf-8")
    section = page.partition('id="unit-reports"')[2].partition("</section>")[0].partition("<tbody>")[2]
    return [" ".join(re.sub(r"<[^>]*>", " ", row).split()) for row in section.split("</tr>")][:-1]
