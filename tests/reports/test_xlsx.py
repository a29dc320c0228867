"""The summary workbook, opened again as a reader would."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import math
import unicodedata
import zipfile
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from batch.core.number import from_float
from batch.core.records import STATE_NAMES
from batch.i18n import LANGUAGES, Speaker
from batch.reports import xlsx
from batch.reports.view import WeekView
from tests.reports.office import week_view


def opened(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data))


@pytest.fixture(scope="module")
def book(view: WeekView) -> Any:
    return opened(xlsx.summary(view, Speaker("en")))


def table(sheet: Any) -> list[dict[str, Any]]:
    """The rows under the header (row 3) as dictionaries by header."""
    heads = [cell.value for cell in sheet[3]]
    return [dict(zip(heads, (cell.value for cell in row), strict=True)) for row in sheet.iter_rows(min_row=4)]


def test_sheets(book: Any) -> None:
    assert book.sheetnames == [
        "Overview",
        "Everybody",
        "Units",
        "Two-week failures",
        "Waiting",
        "Obstacles and proposals",
        "Findings",
    ]


def test_everybody_stands_with_exact_scores(book: Any, view: WeekView) -> None:
    rows = table(book["Everybody"])
    assert [r["Staff code"] for r in rows] == [c.staff_id for c in view.cases]
    for row, case in zip(rows, view.cases, strict=True):
        assert row["Full name"] == case.name
        shown = None if row["Total"] is None else from_float(float(row["Total"]))
        assert shown == case.total
        assert row["Level"] == (view.scheme.band(case.band).name("en") if case.band else None)
        assert row["State"] == STATE_NAMES[case.state]
        before = view.previous[case.staff_id]
        assert row["Last week"] == (view.scheme.band(before.band).name("en") if before.band else STATE_NAMES[before.state])


def test_columns_follow_the_scheme(view: WeekView) -> None:
    criteria = [
        *view.scheme.criteria,
        view.scheme.criteria[0].model_copy(update={"id": "extra", "title": {"en": "Initiative"}}),
    ]
    other = dataclasses.replace(view, scheme=view.scheme.model_copy(update={"criteria": criteria}))
    heads = [cell.value for cell in opened(xlsx.summary(other, Speaker("en")))["Everybody"][3]]
    assert heads[5:10] == ["Quality", "Progress", "Conduct", "Initiative", "Total"]


def test_bands_are_coloured(book: Any, view: WeekView) -> None:
    sheet = book["Everybody"]
    column = next(cell.column for cell in sheet[3] if cell.value == "Level")
    fills: dict[str, set[str]] = {}
    for row, case in enumerate(view.cases, 4):
        if case.band:
            fills.setdefault(case.band, set()).add(sheet.cell(row, column).fill.fgColor.rgb)
    assert len(fills) == 4
    assert all(len(colours) == 1 for colours in fills.values())
    assert len(set.union(*fills.values())) == 4


def test_every_sheet_prints_on_a4_with_its_header_on_each_page(book: Any) -> None:
    for sheet in book:
        assert sheet.page_setup.paperSize == 9
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.page_setup.fitToWidth in (None, 1)  # not written: 1
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert "&P" in sheet.oddFooter.right.text or "Page" in sheet.oddFooter.right.text
        assert len(sheet.title) <= 31
        if sheet.title != "Overview":
            assert sheet.print_title_rows == "$3:$3"
            assert sheet.freeze_panes is not None
            assert sheet.auto_filter.ref is not None


def test_no_heading_is_taller_than_its_row() -> None:
    """Letters that stand side by side, in lines of 16 points for bold Thai."""
    book = opened(xlsx.summary(week_view(), Speaker("th")))
    for sheet in book.worksheets[1:]:
        for cell in sheet[3]:
            letters = sum(unicodedata.category(letter) != "Mn" for letter in str(cell.value or ""))
            lines = math.ceil(letters / (sheet.column_dimensions[cell.column_letter].width * 1.12))
            assert sheet.row_dimensions[3].height >= 16 * lines, (sheet.title, cell.value)


def test_native_charts(view: WeekView) -> None:
    with zipfile.ZipFile(io.BytesIO(xlsx.summary(view, Speaker("vi")))) as parts:
        charts = [parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/charts/chart")]
    assert len(charts) == 2
    assert any('barDir val="bar"' in c and 'grouping val="stacked"' in c for c in charts)
    assert any('grouping val="percentStacked"' in c for c in charts)
    assert all("Cache" in c for c in charts)  # programs that don't recalculate still draw them


def test_nothing_typed_becomes_a_formula_or_a_link(view: WeekView) -> None:
    first = view.cases[0]
    assert first.report is not None
    evil = dataclasses.replace(first, name='=HYPERLINK("http://example.org")', position="+1", excuse="@x", waiting="")
    evil = dataclasses.replace(
        evil,
        report=dataclasses.replace(first.report, texts={"text.obstacles": "-2+3", "text.proposals": "http://example.org"}),
    )
    data = xlsx.summary(dataclasses.replace(view, cases=(evil, *view.cases[1:])), Speaker("en"))
    row = table(opened(data)["Everybody"])[0]
    assert row["Full name"] == evil.name
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        for name in parts.namelist():
            if name.startswith("xl/worksheets/"):
                text = parts.read(name).decode()
                assert "<f>" not in text
                assert "<hyperlink" not in text


def test_evidence_names_file_sheet_and_cell(book: Any) -> None:
    rows = [r for r in table(book["Two-week failures"]) if r["Staff code"] == "0010"]
    assert [r["Week"] for r in rows] == ["Week 26/2025", "Week 27/2025"]
    assert rows[0]["Where it stands"] == "2025-W26/PhieuDanhGia_0008.xlsx › Đánh giá › K15, L15"
    assert rows[0]["Consequence"] == "Meeting required"
    assert from_float(rows[0]["Total"]) == Decimal("56.9")


def test_findings_stand_errors_first(book: Any, view: WeekView) -> None:
    rows = table(book["Findings"])
    assert [r["Severity"] for r in rows] == ["Error"] * 3 + ["Warning"] * 4 + ["Notice"] * 2
    over = next(r for r in rows if r["Code"] == "value.over-cap")
    assert (over["File"], over["Sheet"], over["Cell"]) == ("2025-W27/PhieuDanhGia_0015.xlsx", "Đánh giá", "H9")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_same_view_same_bytes(lang: str) -> None:
    data = xlsx.summary(week_view(), Speaker(lang))
    assert data == xlsx.summary(week_view(), Speaker(lang))
    assert opened(data).properties.created == dt.datetime(2025, 7, 6)


def test_an_empty_week_still_makes_a_workbook(view: WeekView) -> None:
    empty = dataclasses.replace(view, cases=(), findings=(), history={}, as_of="")
    book = opened(xlsx.summary(empty, Speaker("en")))
    assert book["Findings"]["A4"].value == "Nothing to report."


def test_long_texts_are_cut_not_lost(view: WeekView) -> None:
    first = view.cases[0]
    assert first.report is not None
    long = dataclasses.replace(first, report=dataclasses.replace(first.report, texts={"text.obstacles": "ạ" * 40_000}))
    book = opened(xlsx.summary(dataclasses.replace(view, cases=(long,)), Speaker("en")))
    assert len(book["Obstacles and proposals"]["D4"].value) == 32_767
