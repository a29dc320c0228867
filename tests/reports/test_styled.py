"""Named cell styles: what a cell is, told to Excel and LibreOffice, so that changing one style restyles a workbook."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from xlsxwriter.worksheet import Worksheet

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


@pytest.mark.parametrize("columns", [1, 800])
def test_cells_are_written_as_the_library_writes_them(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def book() -> bytes:
        with open_book("Cells", "Office", Round(2568, 1)) as (made, target):
            sheet, bold = made.add_worksheet("One"), made.add_format({"bold": True})
            sheet.set_row(2, 20, made.add_format({"italic": True}))
            for row, look in enumerate((bold, None, None)):
                for column in range(columns):
                    sheet.write_number(row, 5 * column, 1 / 3, look)
                    sheet.write_number(row, 5 * column + 1, 10**17 + column, look)
                    sheet.write_string(row, 5 * column + 2, "<a> & \x01", look)
                    sheet.write_blank(row, 5 * column + 3, None, look)
                    sheet.write_boolean(row, 5 * column + 4, True, look)
        return target.getvalue()

    ours = book()
    monkeypatch.setattr(StyledBook, "worksheet_class", Worksheet)
    assert ours == book()


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
    band = next(cell.column for cell in sheet[3] if cell.value == "Band")
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
