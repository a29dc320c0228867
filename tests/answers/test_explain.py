"""`appraise explain`: every rule, cell, person and file behind one result."""

from __future__ import annotations

import hashlib
import json
import shutil
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from batch import desk, pipeline
from batch.answers.explain import Explanation, explain
from batch.core.period import Week
from batch.core.records import STATES
from tests.conftest import SAMPLE, run_appraise
from tests.small_office import SmallOffice
from tests.test_meetings import RECORD
from tests.test_sample import read_csv

W = "2025-W26"


@pytest.fixture
def office(tmp_path: Path) -> SmallOffice:
    office = SmallOffice(tmp_path)
    office.issue(W)
    return office


def ask(office: SmallOffice, staff_id: str, week: str = W) -> Explanation:
    return explain(office.setup(), staff_id, Week.parse(week))


def fates(answer: Explanation) -> list[tuple[str, str, str]]:
    return [(s.receipt.name, s.fate, s.why) for s in answer.submissions]


def reviewed(office: SmallOffice) -> SmallOffice:
    office.report(W, "A3", name="self.xlsx")
    office.run(W)
    office.review(W, "A2", {"A3": (30.4, 39.8, 19.8)}, "review.xlsx", comment_A3="well done")
    office.run(W)
    return office


def test_from_the_raw_cell_to_the_band(office: SmallOffice) -> None:
    reviewed(office)
    office.approve(W, "A1", {"A3": "approve"}, "approval.xlsx")
    office.run(W)
    answer = ask(office, "A3")
    assert fates(answer) == [(f"{n}.xlsx", "counted", "stands") for n in ("self", "review", "approval")]
    assert answer.scored_by == "review" and [s.value for s in answer.scores] == [
        Decimal(s) for s in ("30.4", "39.8", "19.8")
    ]
    assert answer.case and answer.case.total == 90 and answer.band and answer.band.min == 90 and answer.below is None
    sheet = openpyxl.load_workbook(office.folder / "inbox" / "review.xlsx").worksheets[0]
    for score in answer.scores:
        assert score.place.file == "review.xlsx" and sheet[score.place.cell].value == float(score.value)


def test_every_person_behind_it_with_the_row_of_the_roster(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path, delegations="A2|A4|23/06/2025|27/06/2025|ill\nA1|L1|27/06/2025|27/06/2025|away")
    review, approval = ask(office, "A3").judges
    assert (review.holder, review.who, [s.place.cell for s in review.steps]) == ("A2", "A4", ["A3"])
    assert (approval.holder, approval.who, [s.kind for s in approval.steps]) == ("A1", "L1", ["away"])
    assert approval.unit and approval.unit.unit_id == "D1" and approval.authority and approval.authority.id == "unit_head"
    done = run_appraise("explain", "A3", W, "--office", office.folder, "--out", office.out)
    assert (
        "Vũ Thị Dung (A4) acts for Trần Thị Bình (A2): 23 June 2025 – 27 June 2025, ill · roster.xlsx › delegations › A3"
        in done.stdout
    )


def test_a_correction_names_what_replaced_it(office: SmallOffice) -> None:
    office.report(W, "A3", (1, 2, 3), "first.xlsx")
    office.run(W)
    office.report(W, "A3", (38, 37, 19), "second.xlsx")
    office.run(W)
    answer = ask(office, "A3")
    assert fates(answer) == [("first.xlsx", "replaced", "corrected"), ("second.xlsx", "counted", "stands")]
    assert answer.submissions[0].others == ("second.xlsx",)


def test_a_conflict_names_the_other(office: SmallOffice) -> None:
    office.report(W, "A3", (1, 2, 3), "one.xlsx")
    office.report(W, "A3", (38, 37, 19), "two.xlsx")
    office.run(W)
    answer = ask(office, "A3")
    assert [(s.fate, s.others) for s in answer.submissions] == [("conflict", ("two.xlsx",)), ("conflict", ("one.xlsx",))]


def test_a_faulty_form_shows_what_was_typed_and_that_it_was_not_taken(office: SmallOffice) -> None:
    office.report(W, "A3", (41, "ba mươi", 19))
    office.run(W)
    (one,) = ask(office, "A3").submissions
    assert (one.fate, one.why, [f.code for f in one.findings]) == (
        "returned",
        "faulty",
        ["value.over-cap", "value.not-a-number"],
    )
    typed = {f.name: (f.typed, f.value) for f in one.fields}
    assert typed["score.quality"] == ("41", None) and typed["score.progress"] == ("ba mươi", None)
    done = run_appraise("explain", "A3", W, "--office", office.folder, "--out", office.out)
    assert "«ba mươi» · not taken" in done.stdout


def test_a_stale_approval_and_an_answered_return(office: SmallOffice) -> None:
    reviewed(office)
    office.approve(W, "A1", {"A3": "approve"}, "approved.xlsx")
    office.run(W)
    office.issue(W, "review", ["A2"], again=True)
    office.review(W, "A2", {"A3": (20, 20, 9)}, "lower.xlsx")
    office.run(W)
    answer = ask(office, "A3")
    assert ("approved.xlsx", "replaced", "outdated-review") in fates(answer)
    assert ("review.xlsx", "replaced", "corrected") in fates(answer)
    assert answer.case and (answer.case.state, answer.case.waiting_for) == ("reviewed", "A1")


def test_what_is_not_theirs_to_decide(office: SmallOffice) -> None:
    sheet = office.review(W, "A2", {"A3": (30, 30, 15)}, "theirs.xlsx")
    assert sheet.exists()
    office.roster(delegations="A2|A4|23/06/2025|27/06/2025|ill")
    office.run(W)
    assert fates(ask(office, "A3")) == [("theirs.xlsx", "no-effect", "not-theirs")]


def test_an_approval_without_review_and_an_identical_copy(office: SmallOffice) -> None:
    reviewed(office)
    approval = office.approve(W, "A1", {"A3": "approve"}, "early.xlsx")
    (office.folder / "inbox" / "review.xlsx").unlink()
    shutil.rmtree(office.out / "archive")
    for name in ("ledger.db", "seals.json"):
        (office.out / name).unlink()
    assert approval.exists()
    again = office.report(W, "A3", name="b.xlsx")  # says what self.xlsx says, in other bytes even if made in the same second
    book = openpyxl.load_workbook(again)
    book.properties.title = "saved again"
    book.save(again)
    office.run(W)
    assert fates(ask(office, "A3")) == [
        ("b.xlsx", "counted", "stands"),
        ("self.xlsx", "identical-copy", "says-the-same"),
        ("early.xlsx", "no-effect", "too-early"),
    ]


def test_a_refused_form_of_the_person_is_named(office: SmallOffice) -> None:
    path = office.report(W, "A3", name="mine.xlsx")
    book = openpyxl.load_workbook(path)
    for row in book["_form"].iter_rows():
        if row[0].value == "scheme_hash":
            row[1].value = "0" * 16
    book.save(path)
    office.run(W)
    (one,) = ask(office, "A3").submissions
    assert (one.fate, [f.code for f in one.findings]) == ("refused", ["form.bad-token"])


def test_adjusted_scores_come_from_the_approval_and_the_flags_from_the_review(office: SmallOffice) -> None:
    reviewed(office)
    scores = {("A3", f"score.{c}"): s for c, s in (("quality", 24.4), ("progress", 39.8), ("conduct", 10.8))}
    office.fill(
        office.form("approval", W, "A1"), {("A3", "decision"): "adjust", ("A3", "reason"): "so", **scores}, "adj.xlsx"
    )
    office.run(W)
    answer = ask(office, "A3")
    assert answer.scored_by == "approval" and {s.place.file for s in answer.scores} == {"adj.xlsx"}
    assert answer.band and (answer.band.id, answer.below) == ("good", Decimal(90))


def test_the_excused_with_the_row_of_the_leave(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path, leave="A3|23/06/2025|27/06/2025|annual")
    office.issue(W)
    answer = ask(office, "A3")
    assert answer.case and answer.case.state == "excused" and [s.place.cell for s in answer.excused_by] == ["A3"]


def test_who_is_not_evaluated_is_told_why(office: SmallOffice) -> None:
    assert (ask(office, "L1").case, ask(office, "L1").absent) == (None, "no-authority")
    assert ask(office, "A3", "2024-W50").absent == "no-service"
    done = run_appraise("explain", "ZZ", W, "--office", office.folder, "--out", office.out)
    assert done.returncode == 2 and "'ZZ'" in done.stderr


def test_two_failing_weeks_show_their_evidence(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path)
    for week in ("2025-W25", "2025-W26"):
        office.whole_week(week, key_task_failed_A3="yes", discipline_breach_A3="yes", comment_A3=f"late in {week}")
    answer = ask(office, "A3")
    chain = next(c for c in answer.chains if c.rule.id == "key-task-and-discipline")
    assert chain.streak and chain.streak.holds
    assert [(str(line.week), line.comment) for line in chain.evidence] == [
        ("2025-W25", "late in 2025-W25"),
        ("2025-W26", "late in 2025-W26"),
    ]
    for line in chain.evidence:
        assert {"key_task_failed", "discipline_breach"} == set(line.flags) and len(line.places) == 5
    done = run_appraise("explain", "A3", W, "--office", office.folder, "--out", office.out)
    assert "holds, 2 weeks (needed: 2) – meeting required" in done.stdout


@pytest.mark.parametrize("lang", ["vi", "th", "en"])
def test_the_sample_in_three_languages(sample_out: Path, lang: str) -> None:
    (decided,) = (SAMPLE / "inbox" / "2025-W24").rglob("*Tạ Đình Phong (lần 2).xlsx")
    done = run_appraise("--lang", lang, "explain", "0304", "2025-W24", "--office", SAMPLE, "--out", sample_out)
    assert done.returncode == 0, done.stderr
    for word in (
        "Dương Văn Khải (0304)",
        "Tạ Đình Phong (0301)",
        "(lần 2).xlsx",
        hashlib.sha256(decided.read_bytes()).hexdigest()[:24],
    ):
        assert word in done.stdout
    heads = {"vi": "Từ ô dữ liệu", "th": "จากเซลล์", "en": "From cells to level"}
    assert heads[lang] in done.stdout


def test_json_is_complete_and_independent_of_the_language(sample_out: Path) -> None:
    answers = []
    for lang in ("vi", "en"):
        done = run_appraise("--lang", lang, "explain", "0424", "2025-W26", "--office", SAMPLE, "--out", sample_out, "--json")
        data = json.loads(done.stdout)
        for found in (*data["findings"], *(f for s in data["submissions"] for f in s["findings"])):
            assert found.pop("message") and found.pop("remedy")
        answers.append(data)
    assert answers[0] == answers[1]
    data = answers[0]
    assert [s["fate"] for s in data["submissions"]] == ["counted", "counted", "replaced", "replaced"]
    assert data["result"]["total"] == "87" and data["result"]["at_least"] == "75" and data["result"]["below"] == "90"
    assert (
        data["scheme"]["hash"] and data["roster_sha256"] and all(s["sha256"] and s["received"] for s in data["submissions"])
    )


def test_everybody_of_the_sample_agrees_with_results_and_manifest(sample_out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fates by person add up to the manifest's word for the file; the reckoning is the one of results.csv."""
    setup = desk.open_office(SAMPLE, sample_out, "en", reading=True)
    week = Week(2025, 26)
    known = pipeline.look(setup, week, whole=lambda one: True)
    monkeypatch.setattr("batch.answers.explain.look", lambda *_, **__: known)
    rows = read_csv(sample_out / "outbox" / str(week) / "results.csv")
    manifest = json.loads((sample_out / "outbox" / str(week) / "manifest.json").read_text(encoding="utf-8"))
    by_file: dict[str, set[str]] = {}
    for row in rows:
        answer = explain(setup, row["staff_id"], week)
        assert answer.case and answer.case.state == row["state"] and row["state"] in STATES
        total = sum((s.value for s in answer.scores), Decimal(0)) if answer.scores else None
        assert total == (Decimal(row["total"]) if row["total"] else None)
        for one in answer.submissions:
            by_file.setdefault(one.receipt.sha256, set()).add(one.fate)
    for entry in manifest["inputs"]:
        if entry["sha256"] in by_file:
            assert entry["fate"] in by_file[entry["sha256"]], entry
            if entry["fate"] != "counted":
                assert "counted" not in by_file[entry["sha256"]], entry
    assert len(by_file) > 60


# --- units and meetings --------------------------------------------------------------------------------------------------


def test_a_units_report_from_the_cell_to_the_band(office: SmallOffice) -> None:
    office.unit_report(W, "D1", "A1", (36, 36, 18.5), count_assigned=12)
    office.run(W)
    office.approve(W, "L1", {"unit:D1": "approve"})
    office.run(W)
    words = ("explain", "D1", W, "--office", office.folder, "--out", office.out)
    said = run_appraise(*words).stdout
    assert "Vụ Một (D1)" in said and "36 + 36 + 18.5 = 90.5" in said and "at least 90: Excellent" in said
    assert "Approval: Lê Lãnh Đạo (L1)" in said and said.count("COUNTS") == 2
    data = json.loads(run_appraise(*words, "--json").stdout)
    assert (data["result"]["state"], data["result"]["total"], data["unit"]["head_id"]) == ("approved", "90.5", "A1")
    quality = data["result"]["scores"][0]["place"]
    sheet = openpyxl.load_workbook(office.folder / "inbox" / quality["file"]).worksheets[0]
    assert sheet[quality["cell"]].value == 36
    stranger = run_appraise(*("ROOT" if w == "D1" else w for w in words))
    assert stranger.returncode == 2 and "neither a person nor a unit" in stranger.stderr


def test_a_unit_report_that_is_corrected_shows_both(office: SmallOffice) -> None:
    office.unit_report(W, "D1", "A1", (36, 36, 17))
    office.run(W)
    office.unit_report(W, "D1", "A1", (30, 30, 15))
    office.run(W)
    data = run_appraise("explain", "unit:D1", W, "--office", office.folder, "--out", office.out, "--json").stdout
    assert [s["fate"] for s in json.loads(data)["submissions"]] == ["replaced", "counted"]


def test_a_required_meeting_is_told_with_its_record(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path)
    for week in (W, "2025-W27"):
        office.whole_week(week, {"A3": (10, 10, 10)})
    words = ("explain", "A3", "2025-W27", "--office", office.folder, "--out", office.out)
    said = run_appraise(*words).stdout
    assert "Meeting required: required since Week 27/2025 · Nguyễn Văn An (A1)" in said and "No record yet" in said
    office.fill(office.given("2025-W27", "A1", "meeting-2025-W27-A3"), RECORD, "record.xlsx")
    office.run()
    said = run_appraise(*words).stdout
    assert "record.xlsx" in said and "«Kèm cặp hằng ngày»" in said and "11 July 2025" in said and "No record yet" not in said
