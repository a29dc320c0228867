"""The sample office against the table that was reasoned by hand before the program existed (tests/sample/expected.csv)."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import unicodedata
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from tests.conftest import NOW, ROOT, SAMPLE, run_appraise
from tests.sample import scenario
from tests.sample.catalogue import ROWS

WEEKS = ["2025-W23", "2025-W24", "2025-W25", "2025-W26", "2025-W27"]
EXPECTED = ROOT / "tests" / "sample"


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")  # openpyxl drops bars in cells
def test_the_statistics_are_what_the_scenario_and_the_catalogue_come_to(sample_out: Path) -> None:
    """Reckoned anew from what the sample's people were made to write, week 24, before the letters of reply got a new coefficient."""
    week = "2025-W24"
    names: dict[str, Decimal] = {}
    for _, name, aliases, _, _, coefficient, _, first, last in ROWS:
        if first <= scenario.MONDAY[week] and (last is None or last > scenario.MONDAY[week]):
            names |= dict.fromkeys((text.strip().lower() for text in (name, *aliases.split(";"))), Decimal(str(coefficient)))
    wanted: dict[str, tuple[Decimal, ...]] = {}
    for row in read_csv(sample_out / "outbox" / week / "results.csv"):
        report = scenario.self_report(row["staff_id"], week)
        if row["state"] == "approved" and row["self_total"] and report:
            done = [task for task in report.tasks if task.done]
            worth = sum(task.quantity * names.get(task.product.lower(), task.complexity) for task in done)
            wanted[row["staff_id"]] = tuple(
                map(Decimal, (len(report.tasks), len(done), sum(task.quantity for task in done), worth))
            )
    sheet = openpyxl.load_workbook(sample_out / "outbox" / week / "statistics.xlsx")["Theo từng người"]
    heads = [cell.value for cell in sheet[3]]
    columns = [heads.index(head) for head in ("Số việc", "Đã hoàn thành", "Số lượng", "Số lượng quy đổi")]
    got = {str(row[0]): tuple(Decimal(str(row[n])) for n in columns) for row in sheet.iter_rows(min_row=4, values_only=True)}
    assert len(wanted) > 40 and got == wanted


def number(text: str) -> Decimal | None:
    return Decimal(text) if text else None


@pytest.mark.parametrize("week", WEEKS)
def test_everybody_is_where_reasoning_puts_them(sample_out: Path, week: str) -> None:
    got = {row["staff_id"]: row for row in read_csv(sample_out / "outbox" / week / "results.csv")}
    expected = {row["staff_id"]: row for row in read_csv(EXPECTED / "expected.csv") if row["period"] == week}
    assert got.keys() == expected.keys()
    texts = ("state", "band", "failing_weeks", "meeting_required", "reviewer_id", "approver_id")
    numbers = ("quality", "progress", "conduct", "total")
    wrong = [
        f"{staff_id} {column}: {got[staff_id][column]!r}, expected {row[column]!r} because {row['why']}"
        for staff_id, row in expected.items()
        for column in (*texts, *numbers)
        if (
            got[staff_id][column] != row[column] if column in texts else number(got[staff_id][column]) != number(row[column])
        )
    ]
    assert wrong == []


@pytest.mark.parametrize("week", WEEKS)
def test_every_special_case_is_found_with_its_file(sample_out: Path, week: str) -> None:
    found = read_csv(sample_out / "outbox" / week / "findings.csv")
    for row in read_csv(EXPECTED / "expected_findings.csv"):
        if row["period"] != week:
            continue
        part = unicodedata.normalize("NFC", row["file-part"])
        hits = [f for f in found if f["code"] == row["code"] and f["staff_id"] == row["staff_id"] and part in f["file"]]
        assert len(hits) == 1, row
        if part and row["code"].startswith("value."):
            assert hits[0]["cell"], "a fault in a cell names the cell"


def test_errors_and_meetings_are_only_those_reasoned(sample_out: Path) -> None:
    expected = {(r["period"], r["code"], r["staff_id"]) for r in read_csv(EXPECTED / "expected_findings.csv")}
    got = {
        (week, f["code"], f["staff_id"])
        for week in WEEKS
        for f in read_csv(sample_out / "outbox" / week / "findings.csv")
        if f["severity"] == "error" or f["code"] in ("streak.meeting-required", "approval.stale", "case.self-missing")
    }
    assert got - expected == set()


def test_results_have_the_promised_columns_and_no_float_noise(sample_out: Path) -> None:
    text = (sample_out / "outbox" / "2025-W23" / "results.csv").read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    header = text.decode("utf-8-sig").splitlines()[0]
    assert header == (
        "period,staff_id,name,unit_id,role,state,self_total,quality,progress,conduct,total,band,reviewer_id,approver_id,"
        "key_task_failed,discipline_breach,failing_weeks,meeting_required,scheme,scheme_hash"
    )
    row = next(r for r in read_csv(sample_out / "outbox" / "2025-W23" / "results.csv") if r["staff_id"] == "0104")
    assert (row["quality"], row["progress"], row["conduct"], row["total"], row["band"]) == (
        "30.4",
        "39.8",
        "19.8",
        "90",
        "excellent",
    )


def test_findings_have_the_promised_columns(sample_out: Path) -> None:
    header = (sample_out / "outbox" / "2025-W27" / "findings.csv").read_text(encoding="utf-8-sig").splitlines()[0]
    assert header == "severity,code,file,sheet,cell,staff_id,message,remedy"


def test_every_input_is_named_with_its_fate_and_every_output_with_its_hash(sample_out: Path) -> None:
    named: dict[str, str] = {}
    for week in WEEKS:
        folder = sample_out / "outbox" / week
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        for entry in manifest["inputs"]:
            named[entry["name"]] = entry["fate"]
        on_disk = digests(folder)
        del on_disk["manifest.json"]
        assert {o["name"]: o["sha256"] for o in manifest["outputs"]} == on_disk
    inbox = SAMPLE / "inbox"
    lying = {unicodedata.normalize("NFC", p.relative_to(inbox).as_posix()) for p in inbox.rglob("*") if p.is_file()}
    assert named.keys() == lying
    assert {"counted", "unreadable", "identical-copy", "conflict", "returned"} <= set(named.values())


def test_no_input_is_touched_and_a_second_run_changes_no_byte(tmp_path: Path) -> None:
    office, out = tmp_path / "office", tmp_path / "out"
    shutil.copytree(SAMPLE, office)
    before = {path: path.stat() for path in office.rglob("*")}
    content = digests(office)
    assert run_appraise("run", "--office", office, "--out", out, "--now", NOW).returncode == 0
    first = digests(out)
    again = run_appraise("run", "--office", office, "--out", out, "--now", "2025-07-09T10:00")
    assert again.returncode == 0
    assert digests(out) == first
    assert digests(office) == content
    assert {p: (s.st_mtime_ns, s.st_mode) for p, s in before.items()} == {
        p: (p.stat().st_mtime_ns, p.stat().st_mode) for p in office.rglob("*")
    }


def test_same_bytes_from_scratch_week_by_week_and_whatever_the_jobs(sample_out: Path, tmp_path: Path) -> None:
    whole = digests(sample_out / "outbox")
    one_job = tmp_path / "one"
    assert run_appraise("run", "--office", SAMPLE, "--out", one_job, "--now", NOW, "--jobs", "1").returncode == 0
    assert digests(one_job / "outbox") == whole
    stepwise = tmp_path / "steps"
    for week in WEEKS:
        assert run_appraise("run", week, "--office", SAMPLE, "--out", stepwise, "--now", NOW).returncode == 0
    assert digests(stepwise / "outbox") == whole


def test_reports_follow_the_language_and_forms_stay_in_the_offices(sample_out: Path, tmp_path: Path) -> None:
    out = tmp_path / "english"
    done = run_appraise("--lang", "en", "run", "2025-W27", "--office", SAMPLE, "--out", out, "--now", NOW)
    assert "Week 27 (30 June 2025 to 6 July 2025)" in done.stdout
    english = read_csv(out / "outbox" / "2025-W27" / "findings.csv")
    assert any("is more than the highest score, 40" in f["message"] for f in english)
    assert (out / "outbox" / "2025-W27" / "results.csv").read_bytes() == (
        sample_out / "outbox" / "2025-W27" / "results.csv"
    ).read_bytes()
    form = "for/0401/approval-2025-W27-0401.xlsx"
    assert (out / "outbox" / "2025-W27" / form).read_bytes() == (sample_out / "outbox" / "2025-W27" / form).read_bytes()
