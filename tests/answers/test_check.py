"""`appraise check`: a filled form before it is sent."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from tests.conftest import ROOT, SAMPLE, run_appraise
from tests.small_office import SmallOffice

W = "2025-W26"


@pytest.fixture
def office(tmp_path: Path) -> SmallOffice:
    office = SmallOffice(tmp_path)
    office.issue(W)
    return office


def check(office: SmallOffice, *words: str | Path) -> subprocess.CompletedProcess[str]:
    return run_appraise("check", *words, "--office", office.folder, "--out", office.out)


def test_a_sound_self_report_is_said_back(office: SmallOffice) -> None:
    done = check(office, office.report(W, "A3", (30.4, 39.8, 19.8)))
    assert done.returncode == 0, done.stdout
    for words in ("sound", "Phạm Văn Cường (A3)", "23 June 2025", "Quality 30.4/40", "total 90: Excellent"):
        assert words in done.stdout


def test_tasks_that_were_read_are_counted(office: SmallOffice) -> None:
    path = office.report(W, "A3")
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    column = next(n for n in range(1, sheet.max_column + 1) if "task" in str(sheet.cell(1, n).value or "").split())
    rows = [n for n in range(1, sheet.max_row + 1) if str(sheet.cell(n, 1).value or "").split(".")[0] == "task"]
    for row in rows[:2]:
        sheet.cell(row, column).value = "a task"
    book.save(path)
    assert "tasks read: 2" in check(office, path).stdout


def test_a_fault_is_named_with_its_cell_and_remedy_and_exits_with_1(office: SmallOffice) -> None:
    path = office.report(W, "A3", (41, "ba mươi", 19))
    done = check(office, path)
    assert done.returncode == 1
    sheet = openpyxl.load_workbook(path).worksheets[0]
    cell = next(c.coordinate for row in sheet.iter_rows() for c in row if c.value == 41)
    assert f"{sheet.title} › {cell}" in done.stdout and "41 is more than the highest score, 40" in done.stdout
    assert "Write a number from 0 to 40." in done.stdout and "'ba mươi' is not a number" in done.stdout


def test_several_files_at_once_and_one_bad_is_enough(office: SmallOffice) -> None:
    good, bad = office.report(W, "A3"), office.report(W, "A4", (1, 2, 21))
    done = check(office, good, bad)
    assert done.returncode == 1
    assert done.stdout.index("sound") < done.stdout.index("1 error,")


def test_a_review_sheet_tells_every_row_and_how_many_are_blank(office: SmallOffice) -> None:
    done = check(office, office.review(W, "A2", {"A3": (34, 33, 18)}, key_task_failed_A3="no", discipline_breach_A3="no"))
    assert done.returncode == 0
    assert (
        "Phạm Văn Cường (A3): Quality 34/40" in done.stdout and "Not filled in yet on this sheet: 1 person." in done.stdout
    )


def test_an_untouched_review_sheet_is_a_warning(office: SmallOffice) -> None:
    done = check(office, office.form("review", W, "A2"))
    assert done.returncode == 0 and "Nothing has been filled in" in done.stdout


def test_an_approval_is_checked_for_who_may_decide_but_not_for_what_others_sent(office: SmallOffice) -> None:
    office.review(W, "A2", {"A3": (34, 33, 18)})
    office.run(W)
    sheet = office.approve(W, "A1", {"A3": "approve"})
    done = check(office, sheet)
    assert done.returncode == 0 and "Phạm Văn Cường (A3): approve" in done.stdout
    office.roster(units="ROOT|Ban mẫu|commission||L1|L1\nD1|Vụ Một|department|ROOT|A2|L1\nD2|Vụ Hai|department|ROOT|B1|L1")
    done = check(office, sheet)
    assert done.returncode == 1 and "does not hold the authority" in done.stdout


def test_a_form_that_was_tampered_with_is_refused(office: SmallOffice) -> None:
    path = office.report(W, "A3")
    book = openpyxl.load_workbook(path)
    for row in book["_form"].iter_rows():
        if row[0].value == "addressee":
            row[1].value = "A4"
    book.save(path)
    done = check(office, path)
    assert done.returncode == 1 and "not the form that was issued" in done.stdout


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04 broken"])
def test_what_is_no_workbook_is_said_without_a_traceback(office: SmallOffice, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(content)
    done = check(office, path)
    assert done.returncode == 1 and done.stderr == "" and "x.xlsx: 1 error," in done.stdout


def test_a_file_that_is_not_there_is_wrong_use(office: SmallOffice, tmp_path: Path) -> None:
    done = check(office, tmp_path / "none.xlsx")
    assert done.returncode == 2 and len(done.stderr.strip().splitlines()) == 1 and "none.xlsx" in done.stderr


def test_needs_the_key_and_no_ledger_and_writes_nothing(office: SmallOffice) -> None:
    path = office.report(W, "A3")
    assert not list(office.out.glob("archive/*"))
    (office.out / "ledger.db").unlink()
    before = sorted(p for p in office.out.rglob("*"))
    assert check(office, path).returncode == 0
    assert sorted(p for p in office.out.rglob("*")) == before
    (office.out / "key").unlink()
    done = check(office, path)
    assert done.returncode == 2 and "key" in done.stderr and not (office.out / "key").exists()


def test_json_has_every_finding_with_its_cell(office: SmallOffice) -> None:
    path = office.report(W, "A3", (41, 37, 19))
    done = run_appraise("check", path, "--office", office.folder, "--out", office.out, "--json")
    (one,) = json.loads(done.stdout)
    assert (one["sound"], one["form"], one["author_id"], one["period"]) == (False, "self", "A3", W)
    assert [f["code"] for f in one["findings"]] == ["value.over-cap"] and one["findings"][0]["cell"]


@pytest.mark.parametrize(("lang", "words"), [("vi", "hợp lệ"), ("th", "ถูกต้อง"), ("en", "sound")])
def test_three_languages(office: SmallOffice, lang: str, words: str) -> None:
    done = run_appraise("--lang", lang, "check", office.report(W, "A3"), "--office", office.folder, "--out", office.out)
    assert words in done.stdout


def test_neither_it_nor_any_question_loads_what_only_reports_need(office: SmallOffice) -> None:
    path = office.report(W, "A3")
    program = (
        "import sys; from pathlib import Path; from batch.answers import check, explain, status, verify;"
        "from batch import cli, mail, pipeline, tell, tell_check;"
        f"rules = check.open_rules(Path({str(office.folder)!r}), Path({str(office.out)!r}));"
        f"check.check([Path({str(path)!r})], rules);"
        "print([m for m in ('pandas', 'numpy', 'openpyxl', 'xlsxwriter') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"


def test_the_whole_sample_inbox_agrees_with_the_run(sample_out: Path) -> None:
    files = sorted((SAMPLE / "inbox" / "2025-W26").rglob("*.xlsx"))
    done = run_appraise("check", *files, "--office", SAMPLE, "--json")
    faulty = {Path(one["file"]).name for one in json.loads(done.stdout) if not one["sound"]}
    manifest = json.loads((sample_out / "outbox" / "2025-W26" / "manifest.json").read_text(encoding="utf-8"))
    returned = {Path(i["name"]).name for i in manifest["inputs"] if i["fate"] in ("returned", "refused", "unreadable")}
    assert returned <= faulty and len(faulty) >= 2
