"""A round of the sample bureau from its filled forms: what each case of its README comes to, and that order doesn't matter."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batch import desk, pipeline
from batch.assess import assess
from batch.core.period import Round
from batch.core.records import Case, Receipt
from batch.forms.fill import fill, places
from batch.forms.workbook import files_of, load
from batch.ledger import Ledger
from batch.sheet.pack import pack
from batch.validate import judge
from tests.builders import shows_evenly
from tests.conftest import run_appraise
from tests.sample_round.build import OFFICE
from tests.sample_round.forms import people
from tests.sample_round.story import FIRST
from tests.test_sample import read_csv

R1 = Round(2025, 1)
AMENDED = FIRST.amended["1402"]  # day, reason, the new indicators by number
NOW = "2025-04-01T08:00+07:00"


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rounds") / "out"
    pipeline.run(desk.open_office(OFFICE, folder, None), R1, NOW, 1)
    return folder


def results(out: Path) -> Mapping[str, Mapping[str, str]]:
    return {row["staff_id"]: row for row in read_csv(out / "outbox" / "2568-R1" / "results.csv")}


def codes(out: Path) -> set[tuple[str, str]]:
    return {(row["code"], row["staff_id"]) for row in read_csv(out / "outbox" / "2568-R1" / "findings.csv")}


def paper(out: Path, who: str) -> openpyxl.Workbook:
    return openpyxl.load_workbook(out / "outbox" / "2568-R1" / "for" / who / f"summary-2568-R1-{who}.xlsx")


def texts(book: openpyxl.Workbook) -> str:
    return "\n".join(
        str(c.value) for sheet in book.worksheets for row in sheet.iter_rows() for c in row if c.value is not None
    )


def test_everybody_comes_to_the_score_that_the_levels_were_chosen_for(out: Path) -> None:
    found = {who: row["total"] for who, row in results(out).items()}
    wanted = {who: line[9] for who, line in people(R1).items()}
    assert {w: Decimal(s) if s else None for w, s in found.items()} == {
        w: Decimal(s) if s else None for w, s in wanted.items()
    }
    assert found["1108"] == "89.995" and results(out)["1108"]["band"] == "very_good"


def test_on_probation_results_and_behaviour_weigh_the_same(out: Path) -> None:
    # 1408: ratings summed r, 81.25 = 10 x mean level + 2 x r; of 50 each, so neither may pass 50, and behaviour is even.
    row = results(out)["1408"]
    assert Decimal(row["behaviour"]) % 2 == 0 and Decimal(row["results"]) <= 50
    weights = [
        row[2].value for row in paper(out, "1408").worksheets[0].iter_rows() if row[2].value and "%" in str(row[2].value)
    ]
    assert weights == ["50%", "50%", "100%"]


def test_what_others_than_the_superior_decided_stands(out: Path) -> None:
    assert [results(out)["1303"][k] for k in ("results", "behaviour", "total")] == ["63.35", "28.4", "91.75"]
    assert [results(out)["1203"][k] for k in ("results", "behaviour", "total")] == ["56.75", "26", "82.75"]
    assert {("approval.adjusted", "1303"), ("approval.adjusted", "1203")} <= codes(out)


def test_changes_and_gaps_are_on_record(out: Path) -> None:
    found = codes(out)
    assert ("agreement.amended", "1402") in found
    assert results(out)["1405"]["self_total"] == "" and results(out)["1405"]["state"] == "approved"
    assert results(out)["1407"]["state"] == "submitted"
    assert not any(code == "agreement.weights" for code, _ in found)  # answered by the corrected agreement


def test_the_paper_says_what_was_decided(out: Path) -> None:
    first = paper(out, "1105")  # 58.75, told and not signed
    sheet = first.worksheets[0]
    rows = [[c.value for c in row if c.value is not None] for row in sheet.iter_rows()]
    total = next(row for row in rows if row[:1] == ["คะแนนรวม"])
    assert total == ["คะแนนรวม", "100%", 58.75]
    said = texts(first)
    assert f"โดยมี {FIRST.witness} เป็นพยาน" in said and "☑ ต้องปรับปรุง" in said and "☐ ได้รับทราบผลการประเมิน" in said
    assert (sheet.page_setup.paperSize, sheet["A1"].font.name) == (9, "TH SarabunPSK")
    differs = texts(paper(out, "1303"))
    assert "☑ มีความเห็นต่าง ดังนี้ " + FIRST.differs["1303"][2] in differs and "91.75" in differs
    # 1402: three indicators of weights 40, 35, 25, all at level 4.15: 415 of 500, and why they were changed
    results_form = paper(out, "1402").worksheets[2]
    numbers = [[c.value for c in row if isinstance(c.value, (int, float))] for row in results_form.iter_rows()]
    assert [100, 415] in numbers and AMENDED[1] in texts(paper(out, "1402"))


def test_every_score_shows_as_many_decimals_as_the_others_of_its_column(out: Path) -> None:
    everybody = openpyxl.load_workbook(out / "outbox" / "2568-R1" / "summary.xlsx").worksheets[0]
    shows_evenly(everybody)
    (close,) = [row for row in everybody.iter_rows() if row[1].value == "1108"]
    assert {cell.number_format for cell in close if cell.value == 89.995} == {"0.000"}  # not 90.00, which it isn't
    for who in ("1105", "1402"):
        for sheet in paper(out, who).worksheets[2:]:
            shows_evenly(sheet)
    page = (out / "outbox" / "2568-R1" / "summary.html").read_text(encoding="utf-8")
    assert "<b>89.995</b>" in page and "<b>58.750</b>" in page


def test_what_to_look_at_is_said_in_the_offices_words(out: Path) -> None:
    found = openpyxl.load_workbook(out / "outbox" / "2568-R1" / "summary.xlsx").worksheets[2]
    words = {row[0].value for row in found.iter_rows(min_row=2)}
    assert words and words <= {"ข้อผิดพลาด", "คำเตือน", "ข้อมูล"} and found.print_title_rows == "$1:$1"


def test_a_folder_names_nobody_whom_its_owner_does_not_judge(out: Path) -> None:
    folder = out / "outbox" / "2568-R1" / "for" / "1104"
    others = [line[1] for who, line in people(R1).items() if who not in ("1104", "1101", "1001")]
    for path in folder.glob("*.xlsx"):
        said = texts(openpyxl.load_workbook(path))
        assert not [name for name in others if name in said]


def test_order_and_steps_change_nothing(out: Path, tmp_path: Path) -> None:
    """The same files, arriving in three heaps in any order, come to the same results."""
    office = tmp_path / "office"
    shutil.copytree(OFFICE, office, ignore=shutil.ignore_patterns("inbox"))
    files = sorted((OFFICE / "inbox" / "2568-R1").iterdir())
    random.Random(7).shuffle(files)
    for at in range(3):
        for path in files[at::3]:
            target = office / "inbox" / "2568-R1" / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        pipeline.run(desk.open_office(office, tmp_path / "out", None), R1, NOW, 1)
    assert results(tmp_path / "out") == results(out)


@pytest.fixture(scope="module")
def received(out: Path) -> list[Receipt]:
    """Everything that ever came, of both rounds, as the ledger has it."""
    with Ledger.open(desk.open_office(OFFICE, out, None).ledger, look_only=True) as ledger:
        return list(ledger.receipts())


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(chance=st.randoms(use_true_random=False), runs=st.integers(1, 9))
def test_any_order_and_any_split_into_runs_ends_the_same(
    out: Path, received: list[Receipt], chance: random.Random, runs: int
) -> None:
    """All acts of both rounds, in any order, each taken in by any of several runs, days apart."""
    rules = desk.open_office(OFFICE, out, None).rules

    def decided(receipts: Sequence[Receipt]) -> list[tuple[object, ...]]:
        judged = [judge(receipt, rules) for receipt in receipts]
        of_both = [assess(r, [j for j in judged if j.period == r], rules) for r in (R1, R1.plus(1))]
        return [
            *((c.staff_id, c.state, c.waiting, c.total, c.band, said(c)) for one in of_both for c in one.cases.values()),
            *((f.code, str(f.place), f.staff_id, repr(f.params)) for one in of_both for f in one.findings),
        ]

    def said(case: Case[Any]) -> list[tuple[str, str, str]]:
        return sorted((stage, act.author, act.says) for stage, act in case.acts.items())

    parts = [replace(r, run=n, received=f"2025-10-{n:02d}T08:00+07:00") for r in received for n in [chance.randint(1, runs)]]
    chance.shuffle(parts)
    assert decided(parts) == decided(received)


def test_a_changed_agreement_makes_later_acts_stale(out: Path, tmp_path: Path) -> None:
    office, folder = tmp_path / "office", tmp_path / "out"
    shutil.copytree(OFFICE, office)
    shutil.copytree(out, folder)
    setup = desk.open_office(office, folder, None)
    (form,) = pipeline.issue(setup, R1, NOW, "agreement", ["1104"], True)
    book, at = load(form.data), places(form.data)
    book.worksheets[0][at["kpi.1", "title"]].value = "ตัวชี้วัดใหม่"
    without_reason = pack(files_of(book).items())
    path = office / "inbox" / "2568-R1" / "changed.xlsx"
    path.write_bytes(without_reason)
    pipeline.run(setup, R1, NOW, 1)
    assert ("value.missing", "1104") in codes(folder)  # what was consented to changes with a reason only
    assert results(folder)["1104"]["state"] == "approved"
    path.write_bytes(fill(without_reason, {at["text.amendment", "value"]: "งานเปลี่ยน"}))
    pipeline.run(setup, R1, NOW, 1)
    assert {("agreement.amended", "1104"), ("act.stale", "1104")} <= codes(folder)
    row = results(folder)["1104"]
    assert (row["state"], row["total"]) == ("missing", "")
    assert results(folder)["1103"]["state"] == "approved"


def test_status_explain_close_and_verify_work_for_a_round(out: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    shutil.copytree(out, folder)
    where = ("--office", OFFICE, "--out", folder, "--now", NOW)
    told = run_appraise("--lang", "en", "status", "2568-R1", *where)
    assert "Superior's assessment" in told.stdout and "1401" in told.stdout
    explained = run_appraise("--lang", "en", "explain", "1402", "2568-R1", *where)
    assert "86.9" in explained.stdout and AMENDED[2][2].title in explained.stdout
    assert run_appraise("close", "2568-R1", *where).returncode == 2  # 1407 is open
    closed = run_appraise("--lang", "en", "close", "2568-R1", "--with-open", *where)
    assert closed.returncode == 0 and "44 results" in closed.stdout
    before = results(folder)
    assert run_appraise("run", "2568-R1", *where).returncode == 0
    assert results(folder) == before
    assert run_appraise("verify", *where[:4]).returncode == 0
    assert run_appraise("run", "2025-W23", *where).returncode == 2
    weekly = Path(__file__).parent.parent / "sample_input" / "vn-weekly"
    assert run_appraise("run", "2568-R1", "--office", weekly, "--out", tmp_path / "w").returncode == 2


def test_notes_on_the_way_stand_on_the_paper_and_decide_nothing(out: Path, tmp_path: Path) -> None:
    office, folder = tmp_path / "office", tmp_path / "out"
    shutil.copytree(OFFICE, office)
    shutil.copytree(out, folder)
    setup = desk.open_office(office, folder, None)
    assert not [f for f in pipeline.issue(setup, R1, NOW, None, (), False) if f.stage == "followup"]
    forms = pipeline.issue(setup, R1, NOW, "followup", ["1101"], True)
    (form,) = [f for f in forms if f.header["subject"] == "1102"]
    at = places(form.data)
    typed = {("note.1", "date"): "10/1/2568", ("note.1", "note"): "งานล่าช้า 2 เรื่อง", ("note.1", "help"): "เพิ่มผู้ช่วย 1 คน"}
    path = office / "inbox" / "2568-R1" / "note.xlsx"
    path.write_bytes(fill(form.data, {at[key]: value for key, value in typed.items()}))
    pipeline.run(setup, R1, NOW, 1)
    assert results(folder) == results(out)
    assert "งานล่าช้า 2 เรื่อง" in texts(paper(folder, "1102")) and "10/1/2568" in texts(paper(folder, "1102"))
    again = next(f for f in pipeline.issue(setup, R1, NOW, "followup", ["1101"], True) if f.header["subject"] == "1102")
    assert "งานล่าช้า 2 เรื่อง" in texts(openpyxl.load_workbook(BytesIO(again.data)))  # the form goes on where it was
    path.write_bytes(fill(form.data, {at["note.1", "note"]: "ไม่มีวันที่"}))
    pipeline.run(setup, R1, NOW, 1)
    assert ("value.missing", "1102") in codes(folder)


@pytest.mark.office
def test_office_programs_open_the_forms_which_reckon_along(
    convert: Callable[[list[Path], str], list[Path]],
) -> None:
    """One start of LibreOffice: filled forms open, and the superior's shows what the program comes to."""
    inbox = OFFICE / "inbox" / "2568-R1"
    forms = [inbox / f"ประเมิน {who} โดยผู้บังคับบัญชา.xlsx" for who in ("1102", "1408", "1203")]
    *opened, _ = convert([*forms, inbox / "ข้อตกลง 1102.xlsx"], "xlsx")
    # 1102 and 1408 agree with the person's own levels; 1203 typed others, of 84.75 (what the committee adjusted later)
    for path, total, band in zip(opened, (88.25, 81.25, 84.75), ("ดีมาก", "ดีมาก", "ดีมาก"), strict=True):
        rows = openpyxl.load_workbook(path, data_only=True).worksheets[0].iter_rows(values_only=True)
        line = next(row for row in rows if band in row)
        assert any(isinstance(value, float) and round(value, 5) == total for value in line), (path, line)
