"""Named cell styles: what a cell is, told to Excel and LibreOffice, so that changing one style restyles a workbook."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from xlsxwriter.workbook import Workbook

from batch.core.period import Round
from batch.i18n import LANGUAGES, Speaker
from batch.reports import fairness_xlsx, statistics_xlsx, xlsx
from batch.reports.paper import Paper
from batch.reports.styled import StyledBook
from batch.reports.view import WeekView
from batch.reports.workbook import TONES, open_book
from tests.reports.test_fairness import view_of
from tests.reports.test_statistics import view_of as statistics_of

OURS = {"vi": "Báo cáo – ", "th": "รายงาน – ", "en": "Report – "}
GROUPS = ("font", "fill", "border")  # what a cell must not set itself, or it won't follow its style


def papers(say: Speaker) -> bytes:
    """A paper of every role, with the digits an office may want."""
    with open_book("Papers", "Office", Round(2568, 1)) as (book, target):
        paper = Paper(say, book, "TH SarabunPSK", thai_digits=True)
        sheet = paper.sheet("One", [30.0, 12.0])
        for row, role in enumerate(("title", "subtitle", "section", "heading", "wording", "note", "signature")):
            paper.line(sheet, row, [30.0, 12.0], "Text", role=role)
        paper.head(sheet, 8, ["Name", "Amount"], [30.0, 12.0])
        paper.row(sheet, 9, [("Name", {}), (1234, {"num_format": "#,##0"})], [30.0, 12.0])
        paper.row(sheet, 10, [("Sum", {"role": "sum"}), (1234, {"role": "sum"})], [30.0, 12.0])
    return target.getvalue()


def books(view: WeekView, lang: str) -> dict[str, bytes]:
    say = Speaker(lang)
    return {
        "summary": xlsx.summary(view, say),
        "fairness": fairness_xlsx.workbook(view_of(), say),
        "statistics": statistics_xlsx.workbook(statistics_of(), say),
        "papers": papers(say),
    }


def cells(book: Any) -> list[Any]:
    """Every cell that shows something."""
    return [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]


def parts(data: bytes) -> dict[str, str]:
    """The files of a package, without what says where a row ends."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        files = {name: package.read(name).decode() for name in package.namelist()}
    return {name: re.sub(r' (spans|x14ac:dyDescent)="[^"]*"', "", text) for name, text in files.items()}


@pytest.mark.parametrize("columns", [1, 800])
def test_cells_are_written_as_the_library_writes_them(columns: int) -> None:
    def fill(made: Any) -> None:
        sheet, bold = made.add_worksheet("One"), made.add_format({"bold": True})
        sheet.set_row(2, 20, made.add_format({"italic": True}))
        for row, look in enumerate((bold, None, None)):
            for column in range(columns):
                sheet.write_number(row, 5 * column, 1 / 3, look)
                sheet.write_number(row, 5 * column + 1, 10**17 + column, look)
                sheet.write_string(row, 5 * column + 2, "<a> & \x01", look)
                sheet.write_blank(row, 5 * column + 3, None, look)
                sheet.write_boolean(row, 5 * column + 4, True, look)

    assert both(fill, fill)


TEXTS = ["a", "", "<a> & \x01", " b", "c\n", "d\te\nf", "_x0041_", "\ufffe", "x" * 1000, "ถ้ำ", "a"]


def test_rows_handed_over_at_once_are_written_as_the_library_writes_them() -> None:
    rows: list[tuple[str, Decimal, int, None]] = [(text, Decimal(10) ** 17 / 3, at, None) for at, text in enumerate(TEXTS)]
    height = 20.6

    def at_once(book: Any, sheet: Any, bold: Any) -> None:
        cells = [[sheet.cell(value, bold) for value in (text, float(third), at, "")] for text, third, at, _ in rows]
        sheet.add_rows(3, cells[:6], [height] * 6, rows[:6])
        sheet.add_rows(10, cells[6:], [409.0] * 5, rows[6:])

    def one_by_one(book: Any, sheet: Any, bold: Any) -> None:
        for number, (text, third, at, _) in enumerate(rows):
            row = number + 3 + (number > 5)
            sheet.set_row(row, height if number < 6 else 409)
            sheet.write_string(row, 0, text, bold) if text else sheet.write_blank(row, 0, None, bold)
            sheet.write_number(row, 1, third, bold)
            sheet.write_number(row, 2, at, bold)
            sheet.write_blank(row, 3, None, bold)

    def fill(write: Callable[[Any, Any, Any], None]) -> Callable[[Any], None]:
        def filled(book: Any) -> None:
            sheet, bold = book.add_worksheet("One"), book.add_format({"bold": True})
            for row in (0, 2, 9, 15):  # before, between and after
                sheet.write_string(row, 5, f"row {row}", bold)
            write(book, sheet, bold)
            ranges = ["'Other sheet'!A1:C1", "One!A2:C2"]
            if write is at_once:
                sheet.add_columns(["K1", "K2"], ranges, 12.5, 80, "#5F6670")
            else:
                options = {"type": "column", "min": 12.5, "max": 80, "series_color": "#5F6670"}
                sheet.add_sparkline(0, 10, {"location": ["K1", "K2"], "range": ranges, **options})
            chart = book.add_chart({"type": "bar"})
            chart.add_series({"categories": ["One", 3, 0, 8, 0], "values": ["One", 3, 1, 8, 1]})
            chart.add_series({"name": ["One", 2, 5], "values": ["One", 10, 2, 14, 2]})
            sheet.insert_chart(20, 0, chart)
            sheet.repeat_rows(2)
            sheet.autofilter(2, 0, 8, 3)

        return filled

    assert both(fill(at_once), fill(one_by_one))


def both(ours: Callable[[Any], None], theirs: Callable[[Any], None]) -> bool:
    """Whether a book of ours has the same in it as one of the library's own."""
    target, plain = io.BytesIO(), io.BytesIO()
    with StyledBook(target, {}) as book:
        book.set_properties({"created": dt.datetime(2025, 1, 1)})
        ours(book)
    with Workbook(plain, {"in_memory": True}) as book:
        book.set_properties({"created": dt.datetime(2025, 1, 1)})
        theirs(book)
    found, given = parts(target.getvalue()), parts(plain.getvalue())
    for name in given:
        assert found[name] == given[name], name
    return found == given


def test_a_cell_written_into_a_table_s_row_is_refused() -> None:
    book = StyledBook(io.BytesIO(), {})
    sheet: Any = book.add_worksheet("One")
    sheet.add_rows(3, [[sheet.cell("a", book.add_format({}))]] * 2, [20, 20], [["a"], ["a"]])
    sheet.write_number(4, 7, 1)
    with pytest.raises(ValueError, match="One: row 4"):
        book.close()


def test_a_text_in_tags_stays_a_text() -> None:
    target, text = io.BytesIO(), "<r><t>a</r>"
    with StyledBook(target, {}) as book:
        book.add_worksheet("One").write_string(0, 0, text)
    assert openpyxl.load_workbook(target)["One"]["A1"].value == text


def test_a_number_that_is_none_is_refused() -> None:
    with StyledBook(io.BytesIO(), {}) as book:
        sheet: Any = book.add_worksheet("One")
        with pytest.raises(ValueError, match="nan"):
            sheet.cell(float("nan"), book.add_format({}))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_cell_rests_on_a_style_named_in_the_language_and_follows_it(view: WeekView, lang: str) -> None:
    for kind, data in books(view, lang).items():
        book: Any = openpyxl.load_workbook(io.BytesIO(data))
        named = {style.name: style for style in book._named_styles}
        assert len({name.casefold() for name in named}) == len(named)
        for cell in cells(book):
            assert cell.style.startswith(OURS[lang]), (kind, cell.parent.title, cell.coordinate)
            for group in GROUPS:
                assert getattr(cell, group) == getattr(named[cell.style], group), (kind, cell.coordinate, group)
        used = {cell.style for sheet in book for row in sheet.iter_rows() for cell in row}
        assert set(named) == used | {"Normal"}


def test_cells_of_one_role_share_one_style(view: WeekView) -> None:
    book: Any = openpyxl.load_workbook(io.BytesIO(xlsx.summary(view, Speaker("en"))))
    sheet = book["Everybody"]
    assert {cell.style for cell in sheet[3]} == {"Report – table head"}
    band = next(cell.column for cell in sheet[3] if cell.value == "Level")
    by_band = {sheet.cell(row, band).value: sheet.cell(row, band).style for row in range(4, sheet.max_row + 1)}
    assert {text: style for text, style in by_band.items() if text} == {
        view.scheme.band(band_id).name("en"): f"Report – level, {word}"
        for band_id, word in (("excellent", "best"), ("good", "good"), ("completed", "fair"), ("failed", "poor"))
    }
    assert str(sheet["A1"].font.color.rgb) != TONES["bad"][0] and sheet["A1"].style == "Report – title of a sheet"


def test_the_part_is_in_the_order_of_the_schema_with_true_counts(view: WeekView) -> None:
    for data in books(view, "vi").values():
        text = zipfile.ZipFile(io.BytesIO(data)).read("xl/styles.xml").decode()
        parts = re.findall(r"<(numFmts|fonts|fills|borders|cellStyleXfs|cellXfs|cellStyles|dxfs|tableStyles)\b", text)
        order = ["numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles"]
        assert parts == [name for name in order if name in parts]
        inside = {name: re.search(rf"<{name} count=\"(\d+)\">(.*?)</{name}>", text) for name in parts[:-2]}
        one = {"cellStyleXfs": "xf", "cellXfs": "xf", "cellStyles": "cellStyle", "numFmts": "numFmt"}
        found = {name: int(m[1]) for name, m in inside.items() if m}
        assert found == {
            name: len(re.findall(rf"<{one.get(name, name[:-1])}[ />]", m[2])) for name, m in inside.items() if m
        }
        assert found["cellStyles"] == found["cellStyleXfs"]
        for name, least in (("fontId", "fonts"), ("fillId", "fills"), ("borderId", "borders"), ("xfId", "cellStyleXfs")):
            assert max(map(int, re.findall(rf'{name}="(\d+)"', text))) < found[least]


@pytest.mark.office
def test_libreoffice_keeps_the_styles_and_lets_the_cells_follow(
    view: WeekView, tmp_path: Path, convert: Callable[[list[Path], str], list[Path]]
) -> None:
    path = tmp_path / "summary.xlsx"
    path.write_bytes(xlsx.summary(view, Speaker("en")))
    (made,) = convert([path], "ods")
    content = zipfile.ZipFile(made).read("content.xml").decode()
    styles = re.findall(
        r'<style:style style:name="ce\d+"[^>]*style:parent-style-name="Report_20_[^"]*".*?</style:style>', content
    )
    assert len(styles) > 20
    assert not any("fo:font-size" in style or "fo:background-color" in style for style in styles)  # as the named style says
