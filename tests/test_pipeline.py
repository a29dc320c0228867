"""The week as people live it: through real forms in a small office."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest

from batch.core.finding import UserError
from tests.small_office import NOW, PEOPLE, SmallOffice, locate
from tests.test_sample import digests

W = "2025-W26"


@pytest.fixture
def office(tmp_path: Path) -> SmallOffice:
    office = SmallOffice(tmp_path)
    office.issue(W)
    return office


def reported(office: SmallOffice) -> SmallOffice:
    for staff_id in ("A1", "A2", "A3", "A4", "B1", "B2", "B3"):
        office.report(W, staff_id)
    office.run(W)
    return office


def reviewed(office: SmallOffice) -> SmallOffice:
    reported(office)
    office.review(W, "A2", {"A3": (34, 33, 18), "A4": (30.4, 39.8, 19.8)})
    office.run(W)
    return office


def test_a_case_moves_from_missing_to_approved(office: SmallOffice) -> None:
    office.run(W)
    assert office.results(W)["A3"]["state"] == "missing"
    office.report(W, "A3", ("38,5", 37, 19))
    office.run(W)
    row = office.results(W)["A3"]
    assert (row["state"], row["self_total"], row["total"]) == ("submitted", "94.5", "")
    office.review(W, "A2", {"A3": (34, 33, 18)})
    office.run(W)
    row = office.results(W)["A3"]
    assert (row["state"], row["total"], row["band"], row["reviewer_id"], row["approver_id"]) == (
        *("reviewed", "85", "good", "A2", ""),
    )
    office.approve(W, "A1", {"A3": "approve"})
    office.run(W)
    row = office.results(W)["A3"]
    assert (row["state"], row["total"], row["approver_id"]) == ("approved", "85", "A1")


def test_leaders_review_and_approve_but_are_not_evaluated(office: SmallOffice) -> None:
    office.run(W)
    assert "L1" not in office.results(W)


def test_self_scores_inform_and_never_count(office: SmallOffice) -> None:
    reported(office)
    assert office.results(W)["A3"]["total"] == ""


def test_a_bad_row_costs_only_itself(office: SmallOffice) -> None:
    reported(office)
    path = office.review(W, "A2", {"A3": (41, 33, 18), "A4": (34, 33, 18)})
    office.run(W)
    assert office.results(W)["A3"]["state"] == "submitted"
    assert office.results(W)["A4"]["state"] == "reviewed"
    (fault,) = [f for f in office.findings(W) if f["severity"] == "error"]
    assert (fault["code"], fault["staff_id"], fault["file"]) == ("value.over-cap", "A3", path.name)
    sheet = openpyxl.load_workbook(path).worksheets[0]
    assert sheet[fault["cell"]].value == 41
    assert "41" in fault["message"] and "40" in fault["message"]


def test_a_half_filled_review_row_says_which_cell_is_empty(office: SmallOffice) -> None:
    reported(office)
    office.fill(office.form("review", W, "A2"), {("A3", "score.quality"): 30})
    office.run(W)
    empty = [f for f in office.findings(W) if f["code"] == "value.missing"]
    assert [(f["staff_id"], f["cell"][0]) for f in empty] == [("A3", "N"), ("A3", "O")]
    assert office.results(W)["A3"]["state"] == "submitted"


def test_missing_is_not_zero_and_not_excused(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path, leave="A3|23/06/2025|27/06/2025|annual\nA4|23/06/2025|25/06/2025|annual")
    office.run(W)
    results = office.results(W)
    assert (results["A3"]["state"], results["A4"]["state"]) == ("excused", "missing")
    assert {results["A3"]["total"], results["A4"]["total"]} == {""}


def test_a_review_counts_although_the_report_is_missing(office: SmallOffice) -> None:
    office.review(W, "A2", {"A3": (10, 10, 10)})
    office.run(W)
    row = office.results(W)["A3"]
    assert (row["state"], row["band"], row["self_total"]) == ("reviewed", "failed", "")
    assert "case.self-missing" in office.codes(W, "A3")


def test_adjusting_needs_scores_and_a_reason(office: SmallOffice) -> None:
    reviewed(office)
    office.fill(office.form("approval", W, "A1"), {("A3", "decision"): "adjust", ("A3", "score.quality"): 20})
    office.run(W)
    assert office.codes(W, "A3").count("value.missing") == 2
    assert "value.reason-missing" in office.codes(W, "A3")
    assert office.results(W)["A3"]["state"] == "reviewed"


def test_adjusted_scores_are_the_final_ones(office: SmallOffice) -> None:
    reviewed(office)
    scores = {("A3", f"score.{c}"): s for c, s in (("quality", 24.4), ("progress", 39.8), ("conduct", 10.8))}
    office.fill(office.form("approval", W, "A1"), {("A3", "decision"): "adjust", ("A3", "reason"): "so", **scores})
    office.run(W)
    row = office.results(W)["A3"]
    assert (row["state"], row["quality"], row["total"], row["band"]) == ("approved", "24.4", "75", "good")


def test_a_return_goes_back_to_the_reviewer_and_round_again(office: SmallOffice) -> None:
    reviewed(office)
    office.fill(office.form("approval", W, "A1"), {("A3", "decision"): "return", ("A3", "reason"): "too high"})
    office.run(W)
    assert office.results(W)["A3"]["state"] == "returned"
    office.review(W, "A2", {"A3": (30, 30, 15)})
    office.run(W)
    row = office.results(W)["A3"]
    assert (row["state"], row["total"]) == ("reviewed", "75")
    assert "approval.stale" not in office.codes(W)  # a return was answered, not outdated
    office.approve(W, "A1", {"A3": "approve"})
    office.run(W)
    assert office.results(W)["A3"]["state"] == "approved"


def test_a_changed_review_makes_the_approval_stale(office: SmallOffice) -> None:
    reviewed(office)
    office.approve(W, "A1", {"A3": "approve", "A4": "approve"})
    office.run(W)
    office.issue(W, "review", ["A2"], again=True)
    office.review(W, "A2", {"A3": (20, 20, 9), "A4": (30.4, 39.8, 19.8)})
    office.run(W)
    results = office.results(W)
    assert (results["A3"]["state"], results["A3"]["band"]) == ("reviewed", "failed")
    assert results["A4"]["state"] == "approved"  # said again, the same: the approval holds
    assert office.codes(W).count("approval.stale") == 1


def test_nobody_decides_on_an_unseen_review(office: SmallOffice) -> None:
    reviewed(office)
    path = office.approve(W, "A1", {"A3": "approve"})
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    seen = next(n for n in range(1, sheet.max_column + 1) if sheet.cell(1, n).value == "seen")
    row = next(n for n in range(1, sheet.max_row + 1) if sheet.cell(n, 1).value == "A3")
    sheet.cell(row, seen).value = None
    book.save(path)
    office.run(W)
    assert office.results(W)["A3"]["state"] == "reviewed"


def test_only_the_authority_approves(office: SmallOffice) -> None:
    reviewed(office)
    office.review(W, "B1", {"B2": (34, 33, 18), "B3": (34, 33, 18)})
    office.run(W)
    book = openpyxl.load_workbook(office.form("approval", W, "B1"))
    sheet = book.worksheets[0]
    theirs = openpyxl.load_workbook(office.form("approval", W, "A1")).worksheets[0]
    source = next(n for n in range(1, theirs.max_row + 1) if theirs.cell(n, 1).value == "A3")
    target = next(n for n in range(1, sheet.max_row + 1) if sheet.cell(n, 1).value == "B3")
    for column in range(1, theirs.max_column + 1):
        if not isinstance(sheet.cell(target, column), openpyxl.cell.cell.MergedCell):
            sheet.cell(target, column).value = theirs.cell(source, column).value
    decision = next(n for n in range(1, sheet.max_column + 1) if sheet.cell(1, n).value == "decision")
    sheet.cell(target, decision).value = "approve"
    book.save(office.folder / "inbox" / "pasted.xlsx")
    office.run(W)
    assert office.results(W)["A3"]["state"] == "reviewed"
    (fault,) = [f for f in office.findings(W) if f["code"] == "approval.not-authority"]
    assert (fault["staff_id"], fault["file"], fault["cell"][1:]) == ("A3", "pasted.xlsx", str(target))


def test_two_forms_at_once_conflict_and_the_new_form_settles_it(office: SmallOffice) -> None:
    office.report(W, "A3", (38, 37, 19), "one.xlsx")
    office.report(W, "A3", (30, 37, 19), "other.xlsx")
    office.run(W)
    assert office.results(W)["A3"]["state"] == "returned"
    (conflict,) = [f for f in office.findings(W) if f["code"] == "form.conflict"]
    assert "one.xlsx" in conflict["message"] and "other.xlsx" in conflict["message"]
    office.report(W, "A3", (38, 37, 19), "settled.xlsx")  # on the form that the run has just written
    office.run(W)
    assert (office.results(W)["A3"]["state"], office.results(W)["A3"]["self_total"]) == ("submitted", "94")
    assert "form.conflict" not in office.codes(W)


def test_a_new_version_of_a_known_form_is_a_correction(office: SmallOffice) -> None:
    office.report(W, "A3", (38, 37, 19))
    office.run(W)
    office.report(W, "A3", (30, 37, 19))
    office.run(W)
    assert office.results(W)["A3"]["self_total"] == "86"
    fates = {e["name"]: e["fate"] for e in json.loads(office.manifest(W).read_text(encoding="utf-8"))["inputs"]}
    assert sorted(fates.values()) == ["counted", "replaced"]


def test_a_correction_decides_the_same_whatever_the_order_of_arrival(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path / "first")
    office.issue(W)
    office.report(W, "A3", (44, 37, 19), "bad.xlsx")
    office.run(W)
    office.report(W, "A3", (40, 37, 19), "good.xlsx")  # re-issued: says what it corrects
    office.run(W)
    scratch = SmallOffice(tmp_path / "second", 'key = "key"')
    shutil.copy(office.out / "key", scratch.folder / "key")
    for name in ("bad.xlsx", "good.xlsx"):
        shutil.copy(office.folder / "inbox" / name, scratch.folder / "inbox" / name)
    scratch.run(W)
    assert scratch.results(W)["A3"]["self_total"] == office.results(W)["A3"]["self_total"] == "96"
    assert "value.over-cap" not in scratch.codes(W)


def test_an_identical_copy_changes_nothing(office: SmallOffice) -> None:
    path = office.report(W, "A3")
    office.run(W)
    before = office.results(W)
    shutil.copy(path, path.with_name("copy of it.xlsx"))
    office.run(W, now="2025-07-01T09:00+07:00")
    assert office.results(W) == before
    inputs = json.loads(office.manifest(W).read_text(encoding="utf-8"))["inputs"]
    assert {e["name"]: e["fate"] for e in inputs}["copy of it.xlsx"] == "identical-copy"
    assert {e["received"] for e in inputs} == {"2025-06-30T08:00+07:00"}


def test_a_form_of_another_office_or_with_changed_header_has_no_effect(office: SmallOffice, tmp_path: Path) -> None:
    path = office.report(W, "A3")
    book = openpyxl.load_workbook(path)
    header = book["_form"]
    cell = next(header.cell(n, 2) for n in range(1, 20) if header.cell(n, 1).value == "addressee")
    cell.value = "A4"
    book.save(path)
    other = SmallOffice(tmp_path / "other")
    other.issue(W)
    shutil.copy(other.report(W, "A3"), office.folder / "inbox" / "other.xlsx")
    office.run(W)
    assert office.codes(W).count("form.bad-token") == 2
    assert {row["state"] for row in office.results(W).values()} == {"missing"}


def test_a_blank_form_counts_only_where_the_office_allows_it(office: SmallOffice) -> None:
    path = office.report(W, "A3", name=f"{W}/blank.xlsx")
    book = openpyxl.load_workbook(path)
    for row in book["_form"].iter_rows(max_col=2):
        row[1].value = None
    book.save(path)
    office.run(W)
    assert office.codes(W).count("form.no-token") == 1
    office.settings("allow_blank_self = true")
    office.run(W)
    assert office.results(W)["A3"]["state"] == "submitted"


def test_two_week_failure_meets_once_the_second_week_is_approved(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path)
    office.whole_week("2025-W26", key_task_failed_A3="yes", discipline_breach_A3="yes", key_task_failed_A4="yes")
    office.whole_week("2025-W27", key_task_failed_A3="yes", key_task_failed_A4="yes")
    assert office.results("2025-W26")["A3"]["meeting_required"] == "no"
    results = office.results("2025-W27")
    assert (results["A3"]["failing_weeks"], results["A3"]["meeting_required"]) == ("2", "yes")
    assert (results["A4"]["failing_weeks"], results["A4"]["meeting_required"]) == ("2", "no")  # no breach of discipline
    assert office.codes("2025-W27").count("streak.meeting-required") == 1


def test_changing_the_scheme_needs_no_code(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path, 'scheme = "mine.toml"')
    shipped = (Path(__file__).parents[1] / "templates" / "schemes" / "vn-weekly.toml").read_text(encoding="utf-8")
    (office.folder / "mine.toml").write_text(
        shipped.replace("min = 75", "min = 70").replace("max = 40", "max = 35", 1).replace("max = 20", "max = 25"),
        encoding="utf-8",
    )
    office.issue(W)
    office.review(W, "A2", {"A3": (35, 12, 25), "A4": (36, 12, 20)})
    office.run(W)
    results = office.results(W)
    assert (results["A3"]["total"], results["A3"]["band"]) == ("72", "good")  # 72 is only 'completed' as shipped
    assert "value.over-cap" in office.codes(W, "A4")  # 36 of 35


def test_an_acting_approver_decides_instead(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path, delegations="A1|A2|27/06/2025|30/06/2025|mission")
    office.issue(W)
    office.report(W, "A3")
    office.run(W)
    office.review(W, "A2", {"A3": (34, 33, 18)})
    office.run(W)
    assert not office.form("approval", W, "A1").exists()
    office.approve(W, "A2", {"A3": "approve"})
    office.run(W)
    assert (office.results(W)["A3"]["state"], office.results(W)["A3"]["approver_id"]) == ("approved", "A2")


def test_outputs_that_were_damaged_are_written_again(office: SmallOffice) -> None:
    office.report(W, "A3")
    office.run(W)
    before = digests(office.out / "outbox")
    (office.out / "outbox" / W / "results.csv").write_text("tampered", encoding="utf-8")
    (office.out / "outbox" / W / "summary.html").unlink()
    office.run(W)
    assert digests(office.out / "outbox") == before


def test_sheets_no_longer_due_disappear(office: SmallOffice) -> None:
    reported(office)
    assert office.form("review", W, "A2").exists()
    office.review(W, "A2", {"A3": (34, 33, 18), "A4": (34, 33, 18)})
    office.run(W)
    assert not office.lies("review", W, "A2")
    assert office.lies("approval", W, "A1")


def test_a_run_in_which_nothing_changed_loads_no_library_that_writes(office: SmallOffice) -> None:
    office.report(W, "A3", (44, 37, 19))
    office.run(W)
    script = "import sys; from batch.cli import cli; cli(sys.argv[1:], standalone_mode=False); print(*sys.modules)"
    words = ("run", W, "--office", str(office.folder), "--out", str(office.out), "--now", NOW)
    done = subprocess.run([sys.executable, "-c", script, *words], capture_output=True, text=True, check=True)
    assert "nothing changed" in done.stdout
    loaded = done.stdout.split()
    assert "batch.pipeline" in loaded and not {"openpyxl", "pandas", "numpy", "xlsxwriter"} & set(loaded)


def test_what_a_run_plans_with_loads_no_library_that_writes() -> None:
    """Nor does marking a faulty form in its package."""
    modules = "batch.week_plan, batch.due, batch.forms.returned.week, batch.forms.returned.inplace"
    script = f"import sys; import {modules}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert "batch.forms.returned.form" in loaded and not {"openpyxl", "pandas", "numpy", "xlsxwriter"} & set(loaded)


def test_formulas_typed_as_text_stay_text(office: SmallOffice) -> None:
    office.report(W, "A3", obstacles='=HYPERLINK("http://example.org")', proposals="@SUM(1)")
    office.run(W)
    book = openpyxl.load_workbook(office.out / "outbox" / W / "summary.xlsx")
    texts = [c for sheet in book.worksheets for row in sheet.iter_rows() for c in row if "HYPERLINK" in str(c.value)]
    assert texts and all(c.data_type == "s" for c in texts)


def test_a_damaged_file_for_a_week_without_forms_is_told(office: SmallOffice) -> None:
    office.report(W, "A3")
    (office.folder / "inbox" / "2025-W27").mkdir()
    (office.folder / "inbox" / "2025-W27" / "report.xlsx").write_bytes(b"half a file")
    office.run()
    assert "2025-W27/report.xlsx" in {f["file"] for f in office.findings(W) if f["severity"] == "error"}


def test_a_file_is_named_as_it_lies_in_the_inbox_now(office: SmallOffice) -> None:
    path = office.report(W, "A3", (44, 37, 19))
    office.run(W)
    path.rename(path.with_name("sorted away.xlsx"))
    office.run(W)
    assert {f["file"] for f in office.findings(W) if f["severity"] == "error"} == {"sorted away.xlsx"}


def test_a_copy_that_says_the_same_later_keeps_the_first_time(office: SmallOffice) -> None:
    path = office.report(W, "A3", name="first.xlsx")
    office.run(W)
    book = openpyxl.load_workbook(path)
    note = locate(book.worksheets[0], "identity.position", "value")
    note.value = "Chuyên viên chính"  # shown on the form, and nothing that is said by it
    book.save(path.with_name("again.xlsx"))
    office.run(W, now="2025-07-01T09:00+07:00")
    fates = {e["name"]: e["fate"] for e in json.loads(office.manifest(W).read_text(encoding="utf-8"))["inputs"]}
    assert fates == {"first.xlsx": "counted", "again.xlsx": "identical-copy"}


def test_an_empty_inbox_says_what_to_do(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path)
    with pytest.raises(UserError) as caught:
        office.run()
    assert caught.value.finding.code == "use.no-period"


# --- what people and machines do wrong ------------------------------------------------------------------------------


def edit_xml(path: Path, old: str, new: str) -> None:
    """Change the first sheet's XML as no spreadsheet program would."""
    with zipfile.ZipFile(path) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    name = "xl/worksheets/sheet1.xml"
    assert old.encode() in parts[name]
    parts[name] = parts[name].replace(old.encode(), new.encode(), 1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, data in parts.items():
            archive.writestr(part, data)


@pytest.mark.parametrize("poison", ["NaN", "inf", "1e400", "1e308", "-1e308"])
def test_a_number_that_is_none_costs_only_its_form(office: SmallOffice, poison: str) -> None:
    path = office.report(W, "A3", (38.625, 37, 19))
    edit_xml(path, "<v>38.625</v>", f"<v>{poison}</v>")
    office.report(W, "A4")
    office.run(W)
    assert office.results(W)["A4"]["state"] == "submitted"
    assert office.results(W)["A3"]["state"] in ("returned", "missing")
    assert [f for f in office.findings(W) if f["severity"] == "error" and f["file"] == path.name]
    path.unlink()
    office.report(W, "A3")
    office.run(W)
    assert office.results(W)["A3"]["state"] == "submitted"


def test_a_form_with_a_stray_cell_far_away_counts_and_goes_back_fresh_if_faulty(office: SmallOffice) -> None:
    spellings = {"A2": '<c r="XFD1048576"', "A3": "<c s='0' r='XFD1048576'", "A4": '<c  r="XFD1048576"'}
    for who, cell in spellings.items():
        path = office.report(W, who, (41 if who == "A4" else 38, 37, 19))
        edit_xml(path, "</sheetData>", f'<row r="1048576">{cell}><v>1</v></c></row></sheetData>')
    office.run(W)
    results = office.results(W)
    assert [results[who]["state"] for who in spellings] == ["submitted", "submitted", "returned"]
    assert office.form("self", W, "A4").name.startswith("returned-")
    assert office.form("self", W, "A4").stat().st_size < 100_000


def test_a_lost_key_is_never_replaced_in_silence(office: SmallOffice) -> None:
    office.report(W, "A3")
    office.run(W)
    (office.out / "key").unlink()
    with pytest.raises(UserError) as caught:
        office.run(W)
    assert caught.value.finding.code == "config.key-unreadable"
    assert not (office.out / "key").exists()


def test_a_new_head_leaves_past_approvals_alone(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path)
    office.whole_week("2025-W26")
    columns = {"units": "unit_id name kind parent_id head_id leader_id start end"}
    units = """
ROOT|Ban mẫu|commission||L1|L1||
D1|Vụ Một|department|ROOT|A1|L1||29/06/2025
D1|Vụ Một|department|ROOT|A2|L1|30/06/2025|
D2|Vụ Hai|department|ROOT|B1|L1||
"""
    office.roster(columns=columns, units=units)
    office.issue("2025-W27")
    office.report("2025-W27", "A3")
    office.run()
    assert office.results("2025-W26")["A3"]["state"] == "approved"
    office.review("2025-W27", "A2", {"A3": (34, 33, 18)})
    office.run()
    assert office.form("approval", "2025-W27", "A2").exists()  # the new head approves from the new week on


def test_an_old_version_saved_again_does_not_undo_its_correction(office: SmallOffice) -> None:
    old = office.report(W, "A3", (38, 37, 19), "old.xlsx")
    office.run(W)
    office.issue(W, "self", ["A3"], again=True)  # says what it corrects
    office.report(W, "A3", (20, 20, 10), "new.xlsx")
    office.run(W)
    edit_xml(old, "<sheetData>", "<sheetData> ")  # other bytes, same content
    shutil.copy(old, old.with_name("old again.xlsx"))
    office.run(W)
    assert office.results(W)["A3"]["self_total"] == "50"


def test_rows_sorted_without_their_hidden_column_do_not_swap_peoples_scores(office: SmallOffice) -> None:
    reported(office)
    path = office.review(W, "A2", {"A3": (40, 40, 20), "A4": (10, 10, 5)})
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    rows = [n for n in range(1, sheet.max_row + 1) if sheet.cell(n, 1).value in ("A3", "A4")]
    for column in range(2, sheet.max_column + 1):
        one, other = (sheet.cell(n, column) for n in rows)
        one.value, other.value = other.value, one.value
    book.save(path)
    office.run(W)
    assert {office.results(W)[who]["state"] for who in ("A3", "A4")} == {"submitted"}
    assert office.codes(W).count("form.row-mixed-up") == 2


def test_a_reviewer_may_stand_by_a_returned_review(office: SmallOffice) -> None:
    reviewed(office)
    office.fill(office.form("approval", W, "A1"), {("A3", "decision"): "return", ("A3", "reason"): "too high"})
    office.run(W)
    office.review(W, "A2", {"A3": (34, 33, 18)})  # the same scores, on the new sheet
    office.run(W)
    assert office.results(W)["A3"]["state"] == "reviewed"
    office.approve(W, "A1", {"A3": "approve"})
    office.run(W)
    assert office.results(W)["A3"]["state"] == "approved"


@pytest.mark.parametrize("code", ["../../evil", "CB/012", "a:b", "x" * 41, ".hidden", "_office"])
def test_a_code_that_could_leave_the_outbox_is_set_aside(tmp_path: Path, code: str) -> None:
    people = PEOPLE + f"{code}|Lê Văn Xấu|civil_servant|Chuyên viên|D1|A2|x@example.org|01/01/2025|\n"
    office = SmallOffice(tmp_path, people=people)
    office.issue(W)
    office.run(W)
    assert office.codes(W).count("roster.bad-code") == 1
    assert {p.name for p in (office.out / "outbox" / W / "for").iterdir()} == {
        "A1",
        "A2",
        "A3",
        "A4",
        "B1",
        "B2",
        "B3",
        "L1",
        "_office",
    }


def test_a_year_mistyped_far_ahead_is_refused(office: SmallOffice) -> None:
    for act in (office.run, office.issue):
        with pytest.raises(UserError) as caught:
            act("2090-W25")
        assert caught.value.finding.code == "use.period-far"


def test_two_forms_in_one_workbook_are_refused(office: SmallOffice) -> None:
    path = office.report(W, "A3")
    book = openpyxl.load_workbook(path)
    copy = book.copy_worksheet(book.worksheets[0])
    locate(copy, "score.quality", "self").value = 1
    book.save(path)
    office.run(W)
    assert office.codes(W).count("form.several") == 1
    assert office.results(W)["A3"]["state"] == "missing"


def test_a_blank_form_put_into_the_weeks_folder_counts(office: SmallOffice) -> None:
    office.settings("allow_blank_self = true")
    path = office.report(W, "A3", name="blank.xlsx")
    book = openpyxl.load_workbook(path)
    for row in book["_form"].iter_rows(max_col=2):
        row[1].value = None
    book.save(path)
    office.run(W)
    assert "form.unknown-period" in office.codes(W)
    (path.parent / W).mkdir()
    path.rename(path.parent / W / "blank.xlsx")
    office.run(W)
    assert office.results(W)["A3"]["state"] == "submitted"


def test_a_blank_form_never_stands_against_the_issued_one(office: SmallOffice) -> None:
    office.settings("allow_blank_self = true")
    signed = office.report(W, "A3", name=f"{W}/signed.xlsx")
    office.run(W)
    book = openpyxl.load_workbook(signed)
    for row in book["_form"].iter_rows(max_col=2):
        row[1].value = None
    locate(book.worksheets[0], "score.quality", "self").value = 1
    book.save(signed.with_name("forged.xlsx"))
    office.run(W)
    assert office.results(W)["A3"]["self_total"] == "94"
    assert office.codes(W).count("form.blank-set-aside") == 1


def test_a_faulty_report_comes_back_as_a_new_form_even_if_already_reviewed(office: SmallOffice) -> None:
    office.report(W, "A3", (44, 37, 19))
    office.run(W)
    office.review(W, "A2", {"A3": (34, 33, 18)})
    office.form("self", W, "A3").unlink()
    office.run(W)
    assert office.form("self", W, "A3").exists()


def test_an_unanswered_question_is_pointed_out(office: SmallOffice) -> None:
    reported(office)
    office.review(W, "A2", {"A3": (34, 33, 18), "A4": (34, 33, 18)}, key_task_failed_A3="no")
    office.run(W)
    asked = {f["staff_id"]: f["message"] for f in office.findings(W) if f["code"] == "review.flag-unanswered"}
    assert asked.keys() == {"A3", "A4"}  # one a row, which names what is blank
    assert "Discipline" in asked["A3"] and "Key task" not in asked["A3"]
    assert "Discipline" in asked["A4"] and "Key task" in asked["A4"]
    assert (office.results(W)["A3"]["key_task_failed"], office.results(W)["A3"]["discipline_breach"]) == ("no", "")


def test_a_vanished_inbox_is_no_empty_inbox(office: SmallOffice) -> None:
    office.report(W, "A3")
    office.run(W)
    before = digests(office.out / "outbox")
    (office.folder / "inbox").rename(office.folder / "elsewhere")
    with pytest.raises(UserError) as caught:
        office.run(W)
    assert caught.value.finding.code == "config.no-inbox"
    assert digests(office.out / "outbox") == before


def test_a_damaged_manifest_is_written_again(office: SmallOffice) -> None:
    office.run(W)
    before = office.manifest(W).read_bytes()
    for damage in ("{", '{"outputs": [1]}', '{"outputs": null}', "[]"):
        office.manifest(W).write_text(damage, encoding="utf-8")
        office.run(W)
        assert office.manifest(W).read_bytes() == before


def test_a_restyled_master_without_its_map_is_refused_before_it_goes_out(office: SmallOffice) -> None:
    (office.folder / "templates").mkdir()
    book = openpyxl.load_workbook(Path(__file__).parents[1] / "templates" / "self.xlsx")
    book.worksheets[0]["A1"].value = None
    book.save(office.folder / "templates" / "self.xlsx")
    with pytest.raises(UserError) as caught:
        office.issue(W)
    assert caught.value.finding.code == "config.template-wrong"


# --- quick to fill ----------------------------------------------------------------------------------------------------


def test_agreeing_takes_the_persons_own_scores_and_says_so(office: SmallOffice) -> None:
    office.report(W, "A3", (30.4, 39.8, 19.8))
    office.report(W, "A4", (20, 20, 10))
    office.run(W)
    office.fill(
        office.form("review", W, "A2"), {("A3", "agree"): "yes", ("A4", "agree"): "yes", ("A4", "score.quality"): 30}
    )
    office.run(W)
    row = office.results(W)["A3"]
    assert (row["state"], row["total"], row["band"], row["reviewer_id"]) == ("reviewed", "90", "excellent", "A2")
    assert office.results(W)["A4"]["state"] == "submitted"  # agreed and scored: unclear, so the missing scores are named
    assert office.codes(W, "A4").count("value.missing") == 2


def test_agreeing_with_somebody_who_has_not_reported_says_what_is_missing(office: SmallOffice) -> None:
    office.fill(office.form("review", W, "A2"), {("A3", "agree"): "yes"})
    office.run(W)
    assert office.results(W)["A3"]["state"] == "missing"
    assert office.codes(W, "A3").count("value.missing") == 3


def test_agreeing_beside_other_scores_is_unclear(office: SmallOffice) -> None:
    reported(office)
    office.review(W, "A2", {"A3": (20, 20, 10)}, agree_A3="yes")
    office.run(W)
    assert "value.agree-and-scores" in office.codes(W, "A3")
    assert office.results(W)["A3"]["state"] == "submitted"


def test_one_cell_approves_all_others_and_exceptions_stand(office: SmallOffice) -> None:
    reviewed(office)
    office.review(W, "A1", {"A2": (34, 33, 18)})
    office.run(W)
    cells: dict[tuple[str, str], object] = {("others", "decision"): "approve"}
    cells |= {("A4", "decision"): "return", ("A4", "reason"): "please explain"}
    office.fill(office.form("approval", W, "A1"), cells)
    office.run(W)
    states = {who: office.results(W)[who]["state"] for who in ("A2", "A3", "A4")}
    assert states == {"A2": "approved", "A3": "approved", "A4": "returned"}
