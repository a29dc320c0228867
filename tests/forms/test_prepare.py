from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet

from batch.forms.stamp import Master
from batch.i18n import Speaker
from tests.builders import form_sheet, opened


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A tiny master: prototype in row 4, and everything that has to move around it."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet["A1"], sheet["B1"], sheet["C1"] = "#key", "name", "score"
    sheet["B2"] = "=SUM(C4:C4)"
    sheet["B3"], sheet["C3"] = "Tên", 40
    sheet["A4"], sheet["B4"], sheet["D4"] = "{{ row.id }}", "{{ row.name }}", "=C4*2+$C$3+C$7"
    sheet["C4"].number_format = "0.00"
    sheet["B5"] = "=SUM(C4:C4)/COUNT($C$4:$C$4)"
    sheet["B6"] = "=B5+C3"
    sheet["B7"], sheet["C7"] = "Ký tên", 3
    sheet.row_dimensions[7].height = 55
    sheet.merge_cells("B7:B8")
    sheet.merge_cells("B2:C2")
    for where in ("C4", "C7", "C3"):
        rule = DataValidation("decimal", formula1="0", formula2="40", sqref=where)
        sheet.add_data_validation(rule)
    fill = PatternFill("solid", bgColor="FF0000")
    sheet.conditional_formatting.add("C4", FormulaRule(["C4>$C$3"], fill=fill))  # type: ignore[no-untyped-call]
    sheet.conditional_formatting.add("B7", FormulaRule(["B7>B5"], fill=fill))  # type: ignore[no-untyped-call]
    sheet.print_area = "B1:D8"
    for above in (3, 6):
        sheet.row_breaks.append(Break(id=above))
    target = tmp_path / "master.xlsx"
    book.save(target)
    return target


def stamped(path: Path, count: int) -> Worksheet:
    rows = [{"id": f"C{n}", "name": f"Người {n}"} for n in range(1, count + 1)]
    return form_sheet(opened(Master(path, Speaker("en"), {}).stamp({}, rows)))


COUNTS = pytest.mark.parametrize("count", [1, 2, 5, 40])


@COUNTS
def test_the_prototype_row_is_repeated_with_its_style(path: Path, count: int) -> None:
    sheet = stamped(path, count)
    assert [sheet.cell(4 + n, 1).value for n in range(count)] == [f"C{n}" for n in range(1, count + 1)]
    assert [sheet.cell(4 + n, 2).value for n in range(count)] == [f"Người {n}" for n in range(1, count + 1)]
    assert {sheet.cell(4 + n, 3).number_format for n in range(count)} == {"0.00"}
    assert sheet.cell(4 + count, 1).value is None


@COUNTS
def test_formulas_of_the_row_look_at_their_own_row(path: Path, count: int) -> None:
    sheet = stamped(path, count)
    below = 7 + count - 1
    assert sheet["D4"].value == f"=C4*2+$C$3+C${below}"
    assert sheet.cell(3 + count, 4).value == f"=C{3 + count}*2+$C$3+C${below}"


@COUNTS
def test_formulas_around_take_in_all_rows(path: Path, count: int) -> None:
    sheet = stamped(path, count)
    last = 3 + count
    assert sheet["B2"].value == f"=SUM(C4:C{last})"
    assert sheet.cell(last + 1, 2).value == f"=SUM(C4:C{last})/COUNT($C$4:$C${last})"
    assert sheet.cell(last + 2, 2).value == f"=B{last + 1}+C3"


@COUNTS
def test_merges_heights_page_breaks_and_the_print_area_move(path: Path, count: int) -> None:
    sheet = stamped(path, count)
    last = 3 + count
    assert {r.coord for r in sheet.merged_cells.ranges} == {"B2:C2", f"B{last + 3}:B{last + 4}"}
    assert sheet.row_dimensions[last + 3].height == 55
    assert [page_end.id for page_end in sheet.row_breaks.brk] == [3, last + 2]
    assert str(sheet.print_area).split("!")[-1].replace("$", "") == f"B1:D{last + 4}"


@COUNTS
def test_validations_and_conditional_formats_move_and_grow(path: Path, count: int) -> None:
    sheet = stamped(path, count)
    last = 3 + count
    grown = "C4" if count == 1 else f"C4:C{last}"
    assert {str(v.sqref) for v in sheet.data_validations.dataValidation} == {grown, f"C{last + 3}", "C3"}
    formats = {str(block.sqref): [f for rule in block.rules for f in rule.formula] for block in sheet.conditional_formatting}
    assert formats == {grown: ["C4>$C$3"], f"B{last + 3}": [f"B{last + 3}>B{last + 1}"]}


def test_a_master_without_a_prototype_is_left_as_it_is(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    for cell in ("A4", "B4"):
        book.worksheets[0][cell] = "x"
    book.save(path)
    sheet = stamped(path, 3)
    assert sheet["B5"].value == "=SUM(C4:C4)/COUNT($C$4:$C$4)"
    assert sheet["A5"].value is None


def test_of_no_lines_the_row_goes_and_all_below_moves_up(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    sheet["A4"], sheet["B4"] = "{{ extra.id }}", "{{ extra.name }}"
    sheet["D4"] = sheet["B2"] = sheet["B5"] = None
    sheet.merge_cells("B4:C4")
    sheet.row_breaks.append(Break(id=4))  # the page ends with the lines, if there are any
    book.save(path)
    master = Master(path, Speaker("en"), {})
    none = form_sheet(opened(master.stamp({}, tables={"extra": []})))
    assert (none["B3"].value, none["B5"].value, none["B6"].value) == ("Tên", "=B4+C3", "Ký tên")
    assert none.row_dimensions[6].height == 55
    assert sorted(str(area) for area in none.merged_cells.ranges) == ["B2:C2", "B6:B7"]
    validated = {str(area.coord) for rule in none.data_validations.dataValidation for area in rule.sqref.ranges}
    assert validated == {"C3", "C6"}
    assert [str(block.sqref) for block in none.conditional_formatting] == ["B6"]
    assert [page_end.id for page_end in none.row_breaks.brk] == [3, 5]
    assert str(none.print_area).replace("$", "").endswith("B1:D7")
    two = form_sheet(opened(master.stamp({}, tables={"extra": [{"id": "x", "name": "1"}, {"id": "y", "name": "2"}]})))
    assert {"B4:C4", "B5:C5"} <= {str(area) for area in two.merged_cells.ranges}  # each line is merged by itself
    assert two["B5"].value == "2" and two["B8"].value == "Ký tên"
    assert sorted(page_end.id for page_end in two.row_breaks.brk) == [3, 5, 7]
