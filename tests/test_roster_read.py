from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from batch.core.finding import Finding, UserError
from batch.core.period import Week
from batch.i18n import LANGUAGES, Speaker
from batch.roster_read import load_roster
from tests.builders import CALENDAR, DELEGATIONS, LEAVE, PEOPLE, UNITS, params, places, read_roster, roster_book, weekly

DAY = dt.date(2025, 6, 6)


def only(findings: list[Finding]) -> Finding:
    assert len(findings) == 1, findings
    for lang in LANGUAGES:
        assert "{" not in Speaker(lang).message(findings[0]) + Speaker(lang).remedy(findings[0])
    assert findings[0].place.file == "roster.xlsx"
    return findings[0]


def test_a_sound_roster_has_no_findings(tmp_path: Path) -> None:
    roster, findings = read_roster(roster_book(), tmp_path)
    assert findings == []
    assert [p.staff_id for p in roster.spells] == ["L1", "D1", "P1", "T1", "C1", "C2"]
    assert list(roster.units) == ["BAN", "VU", "PH"]
    assert roster.name("D1") == "Trần Thị Hoà"


def test_sheet_order_case_extra_columns_and_blank_rows_do_not_matter(tmp_path: Path) -> None:
    book = roster_book(PEOPLE)
    sheet = book["people"]
    sheet.title = " People "
    sheet.cell(1, 12).value = "phone"
    sheet.cell(4, 12).value = "0900"
    sheet.insert_rows(5, 3)
    sheet.cell(1, 3).value = " Role "
    book.move_sheet("calendar", -4)
    book.create_sheet("ghi chú", 0).append(["people"])
    roster, findings = read_roster(book, tmp_path)
    assert findings == []
    assert [p.staff_id for p in roster.spells] == ["L1", "D1", "P1", "T1", "C1", "C2"]


def test_row_two_is_labels_and_never_a_person(tmp_path: Path) -> None:
    roster, _ = read_roster(roster_book(), tmp_path)
    assert not roster.knows("Nhãn staff_id")


# --- each fault with its sheet and cell ---------------------------------------------------------------------------

LINE = "X1 | Lê X | civil_servant | | PH | T1 | | 2025-01-01 |"
FAULTS = {
    "unknown unit": ("people", "X1 | Lê X | civil_servant | | QQ | T1 | | 2025-01-01 |", "roster.unknown-unit", "E9"),
    "unknown supervisor": (
        "people",
        "X1 | Lê X | civil_servant | | PH | ZZ | | 2025-01-01 |",
        "roster.unknown-person",
        "F9",
    ),
    "no supervisor": ("people", "X1 | Lê X | civil_servant | | PH | | | 2025-01-01 |", "roster.no-supervisor", "F9"),
    "unknown role": ("people", "X1 | Lê X | king | | PH | T1 | | 2025-01-01 |", "roster.unknown-role", "C9"),
    "own supervisor": ("people", "X1 | Lê X | civil_servant | | PH | X1 | | 2025-01-01 |", "roster.supervisor-loop", "F9"),
    "no name": ("people", "X1 | | civil_servant | | PH | T1 | | 2025-01-01 |", "roster.missing-value", "B9"),
    "no start": ("people", "X1 | Lê X | civil_servant | | PH | T1 | | |", "roster.missing-value", "H9"),
    "bad start": ("people", "X1 | Lê X | civil_servant | | PH | T1 | | 31/02/2025 |", "roster.bad-date", "H9"),
    "bad end": ("people", "X1 | Lê X | civil_servant | | PH | T1 | | 2025-01-01 | sớm", "roster.bad-date", "I9"),
    "end before start": (
        "people",
        "X1 | Lê X | civil_servant | | PH | T1 | | 2025-01-02 | 2025-01-01",
        "roster.date-order",
        "I9",
    ),
    "overlap": ("people", "C1 | Nguyễn Văn An | civil_servant | | VU | D1 | | 2025-01-01 |", "roster.overlap", "A9"),
    "unit twice": ("units", "PH | Phòng khác | division | VU | C1 |", "roster.unit-twice", "A6"),
    "unknown parent": ("units", "P2 | Phòng 2 | division | QQ | C1 |", "roster.unknown-unit", "D6"),
    "unknown head": ("units", "P2 | Phòng 2 | division | VU | ZZ |", "roster.unknown-person", "E6"),
    "unknown leader": ("units", "P2 | Phòng 2 | division | VU | C1 | ZZ", "roster.unknown-person", "F6"),
    "own parent": ("units", "P2 | Phòng 2 | division | P2 | C1 |", "roster.unit-loop", "D6"),
    "unit without kind": ("units", "P2 | Phòng 2 | | VU | C1 |", "roster.missing-value", "C6"),
    "unknown delegate": ("delegations", "T1 | ZZ | 2025-06-01 | 2025-06-30 | ốm", "roster.unknown-person", "B3"),
    "unknown delegator": ("delegations", "ZZ | T1 | 2025-06-01 | 2025-06-30 | ốm", "roster.unknown-person", "A3"),
    "delegation backwards": ("delegations", "T1 | C1 | 2025-06-30 | 2025-06-01 | ốm", "roster.date-order", "D3"),
    "leave of nobody": ("leave", "ZZ | 2025-06-01 | 2025-06-30 | nghỉ phép", "roster.unknown-person", "A3"),
    "leave without kind": ("leave", "C1 | 2025-06-01 | 2025-06-30 |", "roster.missing-value", "D3"),
    "leave with a bad date": ("leave", "C1 | hôm qua | 2025-06-30 | nghỉ phép", "roster.bad-date", "B3"),
    "unknown kind of day": ("calendar", "2025-06-07 | party | Lễ", "roster.unknown-kind", "B3"),
    "a day without date": ("calendar", " | holiday | Lễ", "roster.missing-value", "A3"),
}
SHEETS = {"people": PEOPLE, "units": UNITS, "delegations": DELEGATIONS, "leave": LEAVE, "calendar": CALENDAR}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_with_its_sheet_and_cell(fault: str, tmp_path: Path) -> None:
    sheet, line, code, cell = FAULTS[fault]
    book = roster_book(**{sheet: f"{SHEETS[sheet].rstrip()}\n{line}"})
    roster, findings = read_roster(book, tmp_path)
    found = only(findings)
    assert (found.code, found.place.sheet, found.place.cell) == (code, sheet, cell)
    assert {"L1", "D1", "P1", "T1", "C1", "C2"} <= {p.staff_id for p in roster.spells}
    assert {"BAN", "VU", "PH"} <= set(roster.units)


@pytest.mark.parametrize("fault", [name for name, (_, _, code, _) in FAULTS.items() if "missing" in code or "date" in code])
def test_a_row_that_cannot_be_used_is_set_aside(fault: str, tmp_path: Path) -> None:
    sheet, line, _, _ = FAULTS[fault]
    roster, _ = read_roster(roster_book(**{sheet: f"{SHEETS[sheet].rstrip()}\n{line}"}), tmp_path)
    assert (len(roster.spells), len(roster.units)) == (6, 3)
    assert (roster.delegations, roster.leave, dict(roster.calendar)) == ((), (), {})


def test_several_faults_are_all_named_at_once(tmp_path: Path) -> None:
    people = PEOPLE.rstrip() + "\nX1 | Lê X | king | | QQ | ZZ | | 2025-01-01 |\nX2 | | civil_servant | | PH | T1 | | x |"
    _, findings = read_roster(roster_book(people), tmp_path)
    assert places(findings) == [
        ("roster.bad-date", "people", "H10"),
        ("roster.unknown-person", "people", "F9"),
        ("roster.unknown-role", "people", "C9"),
        ("roster.unknown-unit", "people", "E9"),
    ]


def test_the_first_of_two_overlapping_spells_stands(tmp_path: Path) -> None:
    people = PEOPLE.rstrip() + "\nC1 | Nguyễn Văn An | civil_servant | | VU | D1 | | 2025-01-01 |"
    roster, findings = read_roster(roster_book(people), tmp_path)
    person = roster.on("C1", DAY)
    assert person is not None
    assert person.unit_id == "PH"
    assert params(only(findings))["other"] == "A7"


@pytest.mark.parametrize(("end", "faults"), [("2024-12-31", 0), ("2025-01-01", 1), ("", 1)])
def test_a_transfer_may_begin_the_day_after_and_no_earlier(end: str, faults: int, tmp_path: Path) -> None:
    people = f"""
    {PEOPLE.strip()}
    X1 | Lê X | civil_servant | | PH | T1 | | 2024-01-01 | {end}
    X1 | Lê X | civil_servant | | VU | D1 | | 2025-01-01 |
    """
    _, findings = read_roster(roster_book(people), tmp_path)
    assert [f.code for f in findings] == ["roster.overlap"] * faults


def test_a_circle_of_supervisors_is_named_once_with_its_chain(tmp_path: Path) -> None:
    people = PEOPLE.replace("| VU      | D1            ", "| VU      | C1            ")
    _, findings = read_roster(roster_book(people), tmp_path)
    found = only(findings)
    assert (found.code, found.place.sheet, found.place.cell) == ("roster.supervisor-loop", "people", "F5")
    assert params(found)["chain"] == "P1 → C1 → T1 → P1"


def test_a_circle_of_units_is_named_once_with_its_chain(tmp_path: Path) -> None:
    units = UNITS.replace("BAN     | Ban     | commission |           |", "BAN     | Ban     | commission | PH        |")
    _, findings = read_roster(roster_book(units=units), tmp_path)
    found = only(findings)
    assert (found.code, found.place.sheet, found.place.cell) == ("roster.unit-loop", "units", "D3")
    assert params(found)["chain"] == "BAN → PH → VU → BAN"


def test_a_circle_that_a_transfer_dissolved_is_none(tmp_path: Path) -> None:
    people = f"""
    {PEOPLE.strip()}
    X1 | Lê X | civil_servant | | PH | X2 | | 2024-01-01 | 2024-12-31
    X2 | Lý X | civil_servant | | PH | X1 | | 2025-01-01 |
    X1 | Lê X | civil_servant | | PH | T1 | | 2025-01-01 |
    """
    _, findings = read_roster(roster_book(people), tmp_path)
    assert findings == []


def test_a_circle_is_placed_at_the_spell_that_makes_it(tmp_path: Path) -> None:
    people = f"""
    {PEOPLE.strip()}
    X1 | Lê X | civil_servant | | PH | T1 | | 2024-01-01 | 2024-12-31
    X1 | Lê X | civil_servant | | PH | X2 | | 2025-01-01 |
    X2 | Lý X | civil_servant | | PH | X1 | | 2025-01-01 |
    """
    _, findings = read_roster(roster_book(people), tmp_path)
    assert [f.place.cell for f in findings] in (["F10"], ["F11"])


def test_a_circle_of_a_spell_that_is_not_the_last_row_is_found(tmp_path: Path) -> None:
    people = f"""
    {PEOPLE.strip()}
    X1 | Lê X | civil_servant | | PH | X2 | | 2025-01-01 |
    X2 | Lý X | civil_servant | | PH | X1 | | 2025-01-01 |
    """
    _, findings = read_roster(roster_book(people), tmp_path)
    assert [(f.code, f.place.cell) for f in findings] == [("roster.supervisor-loop", "F9")]


def test_a_circle_is_found_whatever_the_order_of_the_spells(tmp_path: Path) -> None:
    people = f"""
    {PEOPLE.strip()}
    X1 | Lê X | civil_servant | | PH | X2 | | 2025-01-01 |
    X1 | Lê X | civil_servant | | PH | T1 | | 2024-01-01 | 2024-12-31
    X2 | Lý X | civil_servant | | PH | X1 | | 2025-01-01 |
    """
    _, findings = read_roster(roster_book(people), tmp_path)
    assert [f.code for f in findings] == ["roster.supervisor-loop"]


# --- codes and dates as people type them --------------------------------------------------------------------------


def test_a_numeric_staff_code_is_read_and_said(tmp_path: Path) -> None:
    book = roster_book(PEOPLE.rstrip() + f"\n{LINE}")
    book["people"]["A9"].value = 101
    roster, findings = read_roster(book, tmp_path)
    assert roster.knows("101")
    found = only(findings)
    assert (found.code, found.place.cell, params(found)["found"]) == ("roster.not-text", "A9", "101")


def test_leading_zeros_of_text_codes_stay(tmp_path: Path) -> None:
    roster, findings = read_roster(roster_book(PEOPLE.replace("C1 ", "0012 ")), tmp_path)
    assert findings == []
    assert roster.knows("0012")
    assert not roster.knows("12")


@pytest.mark.parametrize(
    "typed",
    [
        "01/06/2025",
        "1/6/2025",
        "2025-06-01",
        "01.06.2025",
        "01/06/2568",
        "๐๑/๐๖/๒๕๖๘",
        dt.date(2025, 6, 1),
        dt.datetime(2025, 6, 1, 7),
    ],
)
def test_a_start_is_read_as_people_write_it(typed: object, tmp_path: Path) -> None:
    book = roster_book(PEOPLE.rstrip() + f"\n{LINE}")
    book["people"]["H9"].value = typed
    roster, findings = read_roster(book, tmp_path)
    assert findings == []
    assert roster.on("X1", dt.date(2025, 5, 31)) is None
    assert roster.on("X1", dt.date(2025, 6, 1)) is not None


def test_a_date_without_date_format_is_named(tmp_path: Path) -> None:
    book = roster_book(PEOPLE.rstrip() + f"\n{LINE}")
    book["people"]["H9"].value = 45809
    found = only(read_roster(book, tmp_path)[1])
    assert (found.code, found.place.cell) == ("roster.bad-date", "H9")


def test_names_are_cleaned_but_kept(tmp_path: Path) -> None:
    roster, _ = read_roster(roster_book(PEOPLE.replace("Trần Thị Hoà", "Trần\u00a0Thị  Hoa\u0300")), tmp_path)
    assert roster.name("D1") == "Trần Thị Hoà"


# --- what makes work impossible -----------------------------------------------------------------------------------


def refused(path: Path) -> Finding:
    with pytest.raises(UserError) as caught:
        load_roster(path, weekly())
    return caught.value.finding


@pytest.mark.parametrize("sheet", SHEETS)
def test_a_missing_sheet_is_named(sheet: str, tmp_path: Path) -> None:
    book = roster_book()
    del book[sheet]
    book.save(tmp_path / "roster.xlsx")
    found = refused(tmp_path / "roster.xlsx")
    assert (found.code, found.place.sheet) == ("roster.missing-sheet", sheet)
    assert found.place.file.endswith("roster.xlsx")


@pytest.mark.parametrize(
    ("sheet", "column"), [("people", "unit_id"), ("units", "head_id"), ("leave", "kind"), ("calendar", "date")]
)
def test_a_missing_column_is_named(sheet: str, column: str, tmp_path: Path) -> None:
    book = roster_book()
    cell = next(c for c in book[sheet][1] if c.value == column)
    cell.value = f"x_{column}"
    book.save(tmp_path / "roster.xlsx")
    found = refused(tmp_path / "roster.xlsx")
    assert (found.code, found.place.sheet) == ("roster.missing-column", sheet)
    assert params(found)["column"] == column


def test_an_unreadable_roster_is_named(tmp_path: Path) -> None:
    path = tmp_path / "roster.xlsx"
    assert refused(path).code == "roster.missing"
    for content in (b"", b"not a workbook", b"PK\x03\x04broken"):
        path.write_bytes(content)
        assert refused(path).code == "roster.unreadable"


def test_the_same_file_has_the_same_digest(tmp_path: Path) -> None:
    path = tmp_path / "roster.xlsx"
    roster_book().save(path)
    first = load_roster(path, weekly())[2]
    assert load_roster(path, weekly())[2] == first
    roster_book(calendar=f"{CALENDAR}\n2025-06-07 | working | bù").save(path)
    roster, _, other = load_roster(path, weekly())
    assert other != first
    assert roster.reference_day(Week(2025, 23)) == dt.date(2025, 6, 7)
