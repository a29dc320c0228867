"""A round from the office's folder to the papers, checked cell by cell against what is worked out by hand in the comments."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from batch import desk, pipeline, raise_round
from batch.core.finding import UserError
from tests.builders import shows_evenly
from tests.conftest import run_appraise
from tests.raises.bureau import PEOPLE, PLAN, SCORES, Bureau, filled
from tests.raises.samples import R1
from tests.test_sample import read_csv


@pytest.fixture(scope="module")
def bureau(tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    """The bureau, decided and compared once."""
    office = Bureau(tmp_path_factory.mktemp("bureau"))
    office.raises()
    office.what_if()
    return office


# The figures are those of the official example (tests/raises/test_engine.py reasons about them).
HEADS = [
    *("ที่", "ชื่อ-สกุล", "สังกัด / ตำแหน่ง", "ประเภทตำแหน่ง", "ระดับตำแหน่ง", "เลขที่ตำแหน่ง", "เงินเดือนเดิม", "เงินเดือนขั้นสูง"),
    *("ฐานในการคำนวณ", "ร้อยละที่ได้เลื่อน", "จำนวนเงินที่ได้เลื่อน", "ค่าตอบแทนพิเศษ", "เงินเดือนใหม่", "ผลการประเมิน", "หมายเหตุ"),
]
ACCOUNT = [
    [1, "นางสาวพรทิพย์ วัฒนกุล", "กลุ่มบริหารทั่วไป\nผู้อำนวยการกลุ่ม", "วิชาการ", "ชำนาญการพิเศษ", "011", 33150, 58390, 37200, 3.6, 1340, None, 34490, "ดีเด่น"],
    [2, "นางสุภาพร ใจดี", "กลุ่มบริหารทั่วไป\nนักจัดการงานทั่วไป", "วิชาการ", "ชำนาญการ", "012", 43400, 43600, 36470, 3.1, 200, 930.57, 43600, "ดีมาก", "เต็มขั้น"],
    [3, "นายวีระ แก้วมณี", "กลุ่มบริหารทั่วไป\nนักจัดการงานทั่วไป", "วิชาการ", "ปฏิบัติการ", "013", 19860, 26900, 17980, 3.1, 560, None, 20420, "ดีมาก"],
    [4, "นางสาวอรุณี ทองสุข", "กลุ่มบริหารทั่วไป\nเจ้าพนักงานธุรการ", "ทั่วไป", "ชำนาญงาน", "014", 24480, 38750, 31610, 2.6, 830, None, 25310, "ดี"],
    [5, "นางวันเพ็ญ แสงจันทร์", "กลุ่มบริหารทั่วไป\nเจ้าพนักงานธุรการ", "ทั่วไป", "ปฏิบัติงาน", "016", 21010, 21010, 18110, 3.6, 0, 651.96, 21010, "ดีเด่น", "เต็มขั้น"],
]  # fmt: skip
SIGNED = ["(นายผู้ลงนาม ตัวอย่าง)", "อธิบดี", "วันที่ 11 เมษายน 2568"]


def test_the_account_of_raises(bureau: Bureau) -> None:
    sheet = bureau.paper("raises.xlsx").worksheets[0]
    title, order, period, heads, *rows = filled(sheet)
    assert title == ["บัญชีรายละเอียดการเลื่อนเงินเดือนข้าราชการพลเรือนสามัญ"]
    assert order == ["แนบท้ายคำสั่งสำนักตัวอย่าง ที่ 12/2568"]
    assert "รอบที่ 1 ปีงบประมาณ พ.ศ. 2568" in str(period[0]) and "1 ตุลาคม 2567 ถึงวันที่ 31 มีนาคม 2568" in str(period[0])
    assert heads == HEADS
    assert rows[:5] == ACCOUNT
    # 1,340 + 200 + 560 + 830 = 2,930; 930.57 + 651.96 = 1,582.53
    assert [v for v in rows[5] if v is not None] == ["รวม 5 ราย", 2930, 1582.53]
    assert [row[-1] for row in rows[7:]] == SIGNED
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
    assert sheet["A1"].font.name == "TH SarabunPSK"


def test_the_lists(bureau: Bureau) -> None:
    _, no, ceiling, special = bureau.paper("raises.xlsx").worksheets
    (refused,) = [row for row in filled(no) if row[0] == 1]
    assert (refused[1], refused[7:]) == ("นายประเสริฐ บุญมาก", ["ต้องปรับปรุง", "ผลการประเมิน 58.75 คะแนน ต่ำกว่า 60 คะแนน"])
    assert [row[1] for row in filled(ceiling) if isinstance(row[0], int)] == ["นางสุภาพร ใจดี", "นางวันเพ็ญ แสงจันทร์"]
    assert [(row[1], row[11]) for row in filled(special) if isinstance(row[0], int)] == [
        ("นางสุภาพร ใจดี", 930.57),
        ("นางวันเพ็ญ แสงจันทร์", 651.96),
    ]


def test_the_use_of_the_pool(bureau: Bureau) -> None:
    rows = filled(bureau.paper("pools.xlsx").worksheets[0])
    figures = {row[0]: row[1:] for row in rows if len(row) == 3}
    assert figures == {
        "รายการ": ["ทุกคน", "รวมทุกวงเงิน"],
        "จำนวนผู้ครองตำแหน่ง ณ วันที่ 1 มีนาคม 2568 (ราย)": [6, 6],
        "เงินเดือนรวม (บาทต่อเดือน)": [171230, 171230],  # 33,150 + 43,400 + 19,860 + 24,480 + 29,330 + 21,010
        "วงเงินที่ได้รับ": [5136.9, 5136.9],
        "วงเงินที่กันไว้": [0, 0],
        "รับโอนจากวงเงินอื่น": [0, 0],
        "วงเงินที่ใช้ได้": [5136.9, 5136.9],
        "จำนวนผู้ได้เลื่อน (ราย)": [5, 5],
        "ใช้ไป": [4512.53, 4512.53],  # 2,930 + 1,582.53
        "คงเหลือ": [624.37, 624.37],
    }
    assert any("เงินที่เหลือไม่นำไปใช้ในรอบต่อไป" in str(row[0]) for row in rows)


def test_the_announcements_hold_rates_and_names_but_no_money_and_no_score(bureau: Bureau) -> None:
    rates, names = (filled(sheet) for sheet in bureau.paper("announcement.xlsx").worksheets)
    assert [row for row in rates if len(row) == 3] == [
        ["ผลการประเมิน", "คะแนน", "ร้อยละของฐานในการคำนวณ"],
        ["ดีเด่น", "90 ถึง 100", "3.60"],
        ["ดีมาก", "80 ถึงต่ำกว่า 90", "3.10"],
        ["ดี", "70 ถึงต่ำกว่า 80", "2.60"],
        ["พอใช้", "60 ถึงต่ำกว่า 70", "2.00"],
        ["ต้องปรับปรุง", "ต่ำกว่า 60", "ไม่ได้เลื่อน"],
    ]
    assert any("โดยให้มีผลตั้งแต่วันที่ 1 เมษายน 2568" in str(row[0]) for row in rates)
    assert [row[:2] for row in names if row[0] == "ระดับดีเด่น จำนวน 2 ราย" or isinstance(row[0], int)] == [
        ["ระดับดีเด่น จำนวน 2 ราย"],
        [1, "นางสาวพรทิพย์ วัฒนกุล"],
        [2, "นางวันเพ็ญ แสงจันทร์"],
        [1, "นางสุภาพร ใจดี"],
        [2, "นายวีระ แก้วมณี"],
    ]
    said = " ".join(str(cell) for row in (*rates, *names) for cell in row)
    assert not any(figure in said for figure in ("93.4", "88.25", "33150", "34490", "ประเสริฐ", "อรุณี"))


def test_signed_papers_stay_in_the_offices_language_whoever_runs_the_program(bureau: Bureau, tmp_path: Path) -> None:
    there, notice = tmp_path / "out", Path("for") / "B1" / "raise-2568-R1-B1.xlsx"
    raise_round.run(desk.open_office(bureau.folder, there, "en"), R1, "2025-04-02T08:00+07:00")
    for name in ("raises.xlsx", "announcement.xlsx", "pools.xlsx", notice):
        assert (there / "outbox" / "2568-R1" / name).read_bytes() == (bureau.out / "outbox" / "2568-R1" / name).read_bytes()
    assert "Salary increase" in (there / "outbox" / "2568-R1" / "raises.html").read_text(encoding="utf-8")


def test_the_personal_notice(bureau: Bureau) -> None:
    rows = filled(bureau.paper("for/B2/raise-2568-R1-B2.xlsx").worksheets[0])
    assert ["เรียน: นางสุภาพร ใจดี"] in rows and ["ตำแหน่ง: นักจัดการงานทั่วไป ชำนาญการ"] in rows
    assert [row for row in rows if len(row) == 2 and row[0]] == [
        ["ผลการประเมิน", "ดีมาก (88.25 คะแนน)"],
        ["ฐานในการคำนวณ (บาท)", 36470],
        ["ร้อยละของฐานในการคำนวณ", 3.1],
        ["เงินเดือนเดิม (บาท)", 43400],
        ["จำนวนเงินที่ได้เลื่อน (บาท)", 200],
        ["ค่าตอบแทนพิเศษ (บาท)", 930.57],
        ["เงินเดือนที่ได้รับใหม่ (บาท)", 43600],
    ]
    refused = filled(bureau.paper("for/B5/raise-2568-R1-B5.xlsx").worksheets[0])
    assert ["เหตุผล", "ผลการประเมิน 58.75 คะแนน ต่ำกว่า 60 คะแนน"] in refused
    assert any("ไม่ได้รับการเลื่อนเงินเดือน" in str(row[0]) for row in refused)


def test_a_personal_folder_names_nobody_else(bureau: Bureau) -> None:
    names = {line.split("|")[0]: line.split("|")[1] for line in PEOPLE.strip().splitlines()}
    for who in names:
        (notice,) = (bureau.out / "outbox" / "2568-R1" / "for" / who).iterdir()
        said = json.dumps([filled(sheet) for sheet in openpyxl.load_workbook(notice).worksheets], ensure_ascii=False)
        assert [other for other, name in names.items() if name in said] == [who]


def test_the_table_for_machines_is_exact(bureau: Bureau) -> None:
    rows = {row["staff_id"]: row for row in read_csv(bureau.out / "outbox" / "2568-R1" / "raises.csv")}
    keys = ("score", "band", "state", "percent", "raw", "raise", "special", "new_salary", "effective", "reasons")
    assert [rows["B2"][k] for k in keys] == [
        *("88.25", "very_good", "raised", "3.1", "1130.57", "200", "930.57", "43600", "2025-04-01", ""),
    ]
    assert [rows["B5"][k] for k in keys[:2] + keys[2:3] + keys[-3:]] == [
        *("58.75", "needs_improvement", "not_raised", "29330", "", "raise.low-score"),
    ]


def test_the_comparison_shows_cost_verdict_and_who_changes(bureau: Bureau) -> None:
    cost, spread, people = (filled(sheet) for sheet in bureau.paper("what-if.xlsx").worksheets)
    by_table = {row[0]: row for row in cost if len(row) == 8}
    assert by_table["อัตราคงที่"][3:6] == [5136.9, 4512.53, 624.37] and by_table["อัตราคงที่"][7] == "ประกาศใช้ได้"
    # 37,200 x 5 % = 1,860; 36,470 x 4.5 % = 1,641.15 (at the ceiling: as it is); 17,980 x 4.5 % = 809.10 -> 810;
    # 31,610 x 4 % = 1,264.40 -> 1,270; 18,110 x 5 % = 905.50 (at the ceiling). Sum 6,486.65, 1,349.75 too much.
    assert by_table["อัตราสูง"][4:6] == [6486.65, -1349.75] and "1,349.75" in str(by_table["อัตราสูง"][7])
    assert by_table["พอดีวงเงิน"][4] <= 5136.9  # type: ignore[operator]
    assert ["อัตราคงที่", "ดีมาก", 2, 2, 3.1, 3.1, 3.1, 1690.57] in spread
    assert [row[4:10] for row in people if row[0] == "B1"] == [[3.6, 34490, None, 5, 35010, None]]
    page = (bureau.out / "outbox" / "2568-R1" / "what-if.html").read_text(encoding="utf-8")
    assert "<span>87.8%</span>" in page and "<span>126.3%</span>" in page  # 4,512.53 and 6,486.65 of 5,136.90
    assert "1 รายได้รับเท่ากันทุกตาราง" in page  # B5, who is not raised under any


def test_a_column_of_percentages_shows_as_many_decimals_in_every_line(bureau: Bureau) -> None:
    cost, spread, people = bureau.paper("what-if.xlsx").worksheets
    for sheet in (cost, spread, people, *bureau.paper("raises.xlsx").worksheets[:1]):
        shows_evenly(sheet)
    assert [sheet.print_title_rows for sheet in (cost, spread, people)] == ["$3:$3", "$1:$1", "$1:$2"]
    assert {row[5].number_format for row in spread.iter_rows(min_row=2) if row[3].value} == {
        "0.00"
    }  # a mean is rounded to these two
    merged = {str(area): people[str(area).split(":")[0]].value for area in people.merged_cells.ranges}
    assert merged["E1:G1"] == "อัตราคงที่" and people["E2"].value == "ร้อยละ" and merged["A1:A2"] == "รหัสบุคลากร"
    best, none = (row[10] for row in people.iter_rows(min_row=2) if row[0].value in ("B1", "B5"))  # a fitted rate, and 0
    assert len(best.number_format) > len("0.00") and none.number_format == best.number_format and none.value == 0


def test_the_head_of_the_names_stands_on_every_sheet_of_paper(bureau: Bureau) -> None:
    sheet = bureau.paper("announcement.xlsx").worksheets[1]
    heads = [n for n, row in enumerate(sheet.iter_rows(values_only=True), 1) if row[1] == "ชื่อ-สกุล"]
    assert len(heads) == 1 and sheet.print_title_rows == f"${heads[0]}:${heads[0]}"
    lines = [[cell.value for cell in row] for row in sheet.iter_rows() if isinstance(row[0].value, int)]
    assert [line[4] for line in lines] == ["ดีเด่น", "ดีเด่น", "ดีมาก", "ดีมาก"]


def test_rates_that_overspend_are_refused_and_nothing_is_written(tmp_path: Path) -> None:
    office = Bureau(tmp_path)
    office.plan(PLAN.replace('apply = "main"', 'apply = "high"'))
    words = ("raises", "2568-R1", "--office", office.folder, "--out", office.out, "--now", "2025-04-02")
    done = run_appraise("--lang", "en", *words)
    assert done.returncode == 2 and len(done.stderr.strip().splitlines()) == 1
    for word in ("2568-R1.toml", "6,486.65", "1,349.75 more than the 5,136.90"):
        assert word in done.stderr
    assert not (office.out / "outbox").exists()
    nearest = re.search(r"times (0\.\d+)", done.stderr)
    assert nearest
    # As good as it says: the high rates times that number fit.
    fitted = PLAN.replace('apply = "main"', 'apply = "fit"').replace('of = "main"', 'of = "high"')
    office.plan(fitted)
    done = run_appraise("--lang", "en", *words, "--json")
    (pool,) = json.loads(done.stdout)["tables"][0]["pools"]
    assert (pool["multiplier"], float(pool["left"]) >= 0) == (nearest[1], True)


def test_what_is_wrong_in_the_office_is_said_and_leaves_that_person_undecided(tmp_path: Path) -> None:
    people = PEOPLE.replace("|ชำนาญงาน|24480", "|ซี 5|24480").replace("|ปฏิบัติงาน|21010", "|ปฏิบัติงาน|สองหมื่น")
    office = Bureau(tmp_path, people)
    office.scores({**SCORES, "B3": "ร้อย", "B1": "93,40"})
    view = office.raises().view
    codes = {(f.code, f.staff_id) for f in view.findings}
    assert {
        ("raises.unknown-level", "B4"),
        ("raises.not-in-pool", "B6"),
        ("raises.bad-score", ""),
        ("roster.bad-salary", ""),
    } <= codes
    assert {a.candidate.staff_id for a in view.unclear} == {"B4", "B6"}
    assert {a.candidate.staff_id for a in view.not_raised} == {"B3", "B5"}
    assert not (office.out / "outbox" / "2568-R1" / "for" / "B4").exists()
    undecided = office.paper("raises.xlsx").worksheets[-1]
    assert {row[1] for row in filled(undecided) if isinstance(row[0], int)} == {"นางสาวอรุณี ทองสุข", "นางวันเพ็ญ แสงจันทร์"}
    # what stands in the pool: 171,230 less the two salaries that can't be used
    assert view.outcome.pools[0].salaries == 171230 - 24480 - 21010


def test_the_same_facts_give_the_same_bytes_and_other_facts_leave_nothing_stale(tmp_path: Path) -> None:
    first, second = Bureau(tmp_path / "a"), Bureau(tmp_path / "b")
    shutil.copytree(first.folder, second.folder, dirs_exist_ok=True)  # openpyxl writes the time of day into a workbook
    first.opened()
    shutil.copytree(first.out, second.out, dirs_exist_ok=True)  # a key is drawn by lot
    for office in (first, second):
        office.raises()
        office.what_if()
    listed = [sorted(p.relative_to(o.out) for p in o.out.rglob("*") if p.is_file()) for o in (first, second)]
    assert listed[0] == listed[1] and len(listed[0]) > 14
    assert all((first.out / name).read_bytes() == (second.out / name).read_bytes() for name in listed[0])
    assert first.raises().changed == ()
    first.roster(
        {"people": "staff_id name role position unit_id supervisor_id email start end level salary position_no"},
        people="\n".join(PEOPLE.strip().splitlines()[:5]),
        units="G1|กลุ่มบริหารทั่วไป|bureau||B1|B1",
    )
    assert "for/B6/raise-2568-R1-B6.xlsx" in first.raises().changed
    assert not (first.out / "outbox" / "2568-R1" / "for" / "B6").exists()
    assert (first.out / "outbox" / "2568-R1" / "what-if.html").exists()  # the other command's file is not touched


def test_the_pages_are_made_from_an_offices_own_templates(tmp_path: Path) -> None:
    office = Bureau(tmp_path)
    own = office.folder / "templates" / "html" / "base.html.j2"
    own.parent.mkdir(parents=True)
    own.write_text('{% extends "shipped/base.html.j2" %}{% block office %}:root { --link: #7a1f1f; }{% endblock %}')
    office.raises()
    office.what_if()
    pages = list((office.out / "outbox" / "2568-R1").glob("*.html"))
    assert len(pages) == 3 and all("--link: #7a1f1f;" in page.read_text(encoding="utf-8") for page in pages)
    own.write_text("{% block content %}{% endblock %}")
    with pytest.raises(UserError, match=r"config\.page-lacks"):
        office.raises()


def test_verify_proves_the_papers(tmp_path: Path) -> None:
    office = Bureau(tmp_path)
    office.raises()
    words = ("verify", "--office", office.folder, "--out", office.out)
    assert run_appraise(*words).returncode == 0
    path = office.out / "outbox" / "2568-R1" / "raises.csv"
    path.write_bytes(path.read_bytes().replace(b"34490", b"44490"))
    done = run_appraise("--lang", "en", *words)
    assert done.returncode == 1 and "raises.csv" in done.stdout


def test_the_index_lists_the_papers_whichever_command_came_last(tmp_path: Path) -> None:
    office = Bureau(tmp_path)
    folder, setup = office.out / "outbox" / "2568-R1", office.opened()

    def listed() -> set[tuple[str, str]]:
        return set(re.findall(r'href="([^"#]+)">([^<]+)<', (folder / "index.html").read_text(encoding="utf-8")))

    notice = ("for/B2/raise-2568-R1-B2.xlsx", "หนังสือแจ้งผลการเลื่อนเงินเดือน")
    account = ("raises.xlsx", "บัญชีรายละเอียดการเลื่อนเงินเดือนและบัญชีรายชื่อ สำหรับลงนาม (raises.xlsx)")
    office.raises()
    alone = listed()  # an office without forms
    assert {notice, account} <= alone and not any(href.startswith("for/B2/agreement") for href, _ in alone)
    pipeline.issue(setup, R1, "2025-04-02T08:00+07:00", "agreement", (), False)
    (form,) = folder.glob("for/B2/agreement-*.xlsx")
    shutil.copy(form, office.folder / "inbox")
    pipeline.run(setup, R1, "2025-04-02T08:00+07:00", 1)
    both = listed()
    assert {notice, account, ("summary.html", "รายงานสรุปสำหรับอ่าน (summary.html)")} <= both
    assert any(href.startswith("for/B2/") and "agreement" in href for href, _ in both)
    office.what_if()
    assert listed() == both | {
        ("what-if.html", "เปรียบเทียบอัตราการเลื่อนเงินเดือน (what-if.html)"),
        ("what-if.xlsx", "เปรียบเทียบอัตราการเลื่อนเงินเดือน (สมุดงาน) (what-if.xlsx)"),
    }
    assert not [href for href, _ in listed() if not (folder / href).is_file()]
    row = re.search(r'<li><a href="for/B2/raise-[^/]*/a>(.*?)</li>', (folder / "index.html").read_text(encoding="utf-8"))
    assert row is not None and row[1] == ""  # nothing to fill in and send back
    words = ("--office", office.folder, "--out", office.out)
    assert run_appraise("verify", *words).returncode == 0
    sent = run_appraise("--lang", "en", "send", "2568-R1", "--dry-run", *words, "--now", "2025-04-03T08:00").stdout
    assert "raise-2568-R1-B2.xlsx" in next(line for line in sent.splitlines() if line.startswith("B2 "))


def test_thai_digits_on_paper_numbers_stay_numbers(tmp_path: Path) -> None:
    office = Bureau(tmp_path)
    office.plan("thai_digits = true\n" + PLAN)
    office.raises()
    sheet = office.paper("raises.xlsx").worksheets[0]
    row = next(row for row in sheet.iter_rows() if row[5].value == "๐๑๒")
    assert (row[12].value, row[12].number_format) == (43600, "[$-D00041E]#,##0")
    assert "รอบที่ ๑ ปีงบประมาณ พ.ศ. ๒๕๖๘" in str(sheet["A3"].value)


def test_what_people_typed_is_never_a_formula(tmp_path: Path) -> None:
    office = Bureau(tmp_path, PEOPLE.replace("นางสุภาพร ใจดี", "=1+1").replace("|012", "|=2+2"))
    office.raises()
    for path in sorted(office.out.rglob("*.xlsx")):
        for sheet in openpyxl.load_workbook(path).worksheets:
            assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row), path


def test_who_left_before_the_end_counts_for_the_pool_only(tmp_path: Path) -> None:
    office = Bureau(tmp_path, PEOPLE.replace("2015-10-01||ปฏิบัติงาน", "2015-10-01|2025-03-14|ปฏิบัติงาน"))
    view = office.raises().view
    assert view.outcome.pools[0].salaries == 171230
    assert "B6" not in {a.candidate.staff_id for a in view.outcome.awards}


def test_before_the_end_of_the_round_that_is_said(tmp_path: Path) -> None:
    office = Bureau(tmp_path)
    assert "raises.not-over" in {f.code for f in office.raises(now="2025-03-31T08:00+07:00").view.findings}
    assert "raises.not-over" not in {f.code for f in office.raises(now="2025-04-01T08:00+07:00").view.findings}


def test_an_extended_ceiling_the_table_lacks_is_refused(tmp_path: Path) -> None:
    from tests.raises.samples import rules_text

    office = Bureau(tmp_path)
    text = rules_text()
    (office.folder / "old.toml").write_text(
        text.replace("effective = 2017-04-01", "effective = 2030-04-01"), encoding="utf-8"
    )
    office.plan('rules = "old.toml"\n' + PLAN.replace('"own"', '"extended"'))
    with pytest.raises(UserError) as caught:
        office.raises()
    assert caught.value.finding.code == "raises.no-extended"


@pytest.mark.parametrize(("period", "code"), [("2568-R3", "2568-R1"), ("2025-W23", "2568-R1")])
def test_what_is_no_round_is_refused_in_one_line(tmp_path: Path, period: str, code: str) -> None:
    office = Bureau(tmp_path)
    done = run_appraise("--lang", "en", "raises", period, "--office", office.folder, "--out", office.out)
    assert done.returncode == 2 and code in done.stderr and len(done.stderr.strip().splitlines()) == 1


def test_weekly_commands_refuse_a_scheme_of_rounds(tmp_path: Path) -> None:
    office = Bureau(tmp_path)
    done = run_appraise("--lang", "en", "run", "2025-W23", "--office", office.folder, "--out", office.out)
    assert done.returncode == 2 and "th-halfyear" in done.stderr


@pytest.mark.office
def test_libreoffice_opens_every_paper(bureau: Bureau, convert: Callable[[list[Path], str], list[Path]]) -> None:
    papers = sorted(bureau.out.rglob("*.xlsx"))
    assert len(papers) == 4 + 6
    for made in convert(papers, "pdf"):
        assert made.stat().st_size > 2_000
