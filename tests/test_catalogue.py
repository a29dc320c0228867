"""The catalogue of standard products: faults with sheet and cell, and which row a name stands for on a day."""

from __future__ import annotations

import datetime as dt
import unicodedata
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from batch.catalogue import Catalogue
from batch.catalogue_read import COLUMNS, load_catalogue
from batch.core.finding import Finding, UserError
from batch.core.text import match_key
from tests.builders import table

GROUPS = ("N1", "N2", "N3")
HEAD = " | ".join(COLUMNS)
DAY = dt.date(2025, 6, 20)


def load(folder: Path, rows: str, head: str = HEAD, sheet: str = "products") -> tuple[Catalogue, list[Finding]]:
    """A catalogue from a little text table, read as an office's."""
    write(folder, rows, head, sheet)
    return load_catalogue(folder, GROUPS)


def write(folder: Path, rows: str, head: str = HEAD, sheet: str = "products") -> None:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.title = sheet
    for line in (table(head)[0], table(head)[0], *(table(rows) if rows.strip() else ())):
        page.append([cell or None for cell in line])
    book.save(folder / "catalogue.xlsx")


def test_an_office_without_a_catalogue_has_an_empty_one(tmp_path: Path) -> None:
    assert load_catalogue(tmp_path, GROUPS) == (Catalogue(), [])


def test_rows_are_read_with_their_names_dates_and_exact_coefficients(tmp_path: Path) -> None:
    found, notes = load(tmp_path, "BC1 | Báo cáo | Báo cáo tuần; Bản tin | bản | n2 | 1,25 | 2025 | 01/06/2025 | 30/06/2025")
    (product,) = found.products
    assert not notes and len(found.digest) == 64
    assert (product.product_id, product.name, product.aliases) == ("BC1", "Báo cáo", ("Báo cáo tuần", "Bản tin"))
    assert (product.unit, product.group, product.coefficient, product.version) == ("bản", "N2", Decimal("1.25"), "2025")
    assert (product.start, product.end, product.place.cell) == (dt.date(2025, 6, 1), dt.date(2025, 6, 30), "A3")


@pytest.mark.parametrize("typed", ["báo cáo tuần", "BÁO  CÁO\nTUẦN", "Báo\u00a0cáo tuần\u200b ", "nfd"])
def test_a_name_is_found_whatever_its_case_form_and_spaces(tmp_path: Path, typed: str) -> None:
    catalogue, _ = load(tmp_path, "BC1 | Báo cáo tuần | | | | 1 | | | ")
    typed = unicodedata.normalize("NFD", "Báo cáo tuần") if typed == "nfd" else typed
    assert catalogue.find(match_key(typed), DAY) == catalogue.products[0]


@pytest.mark.parametrize("typed", ["Báo cáo", "Bao cao tuan", "Báo cáo tuần.", "Báo cáo tuấn", ""])
def test_nothing_that_differs_by_a_letter_or_mark_is_guessed(tmp_path: Path, typed: str) -> None:
    catalogue, _ = load(tmp_path, "BC1 | Báo cáo tuần | | | | 1 | | | ")
    assert catalogue.find(match_key(typed), DAY) is None


def test_a_new_version_takes_over_on_its_first_day(tmp_path: Path) -> None:
    catalogue, notes = load(
        tmp_path, "CV | Công văn | | | | 1 | v1 | | 15/06/2025 \n CV | Công văn | | | | 1,2 | v2 | 16/06/2025 | "
    )
    key = match_key("công văn")
    on = [catalogue.find(key, dt.date(2025, 6, day)) for day in (15, 16)]
    assert not notes and [p.version for p in on if p] == ["v1", "v2"]


def test_a_name_given_to_another_product_when_the_first_has_ended_is_no_fault(tmp_path: Path) -> None:
    catalogue, notes = load(
        tmp_path, "A | Tờ trình | | | | 1 | | | 15/06/2025 \n B | Văn bản | tờ trình | | | 2 | | 16/06/2025 | "
    )
    found = catalogue.find(match_key("Tờ trình"), DAY)
    assert not notes and found and found.product_id == "B"


@pytest.mark.parametrize(
    ("row", "code", "cell"),
    [
        ("| Báo cáo | | | | 1 | | | ", "roster.missing-value", "A4"),
        ("BC2 | | | | | 1 | | | ", "roster.missing-value", "B4"),
        ("BC2 | Bản tin | | | | | | | ", "roster.missing-value", "F4"),
        ("BC2 | Bản tin | | | | 0 | | | ", "catalogue.bad-coefficient", "F4"),
        ("BC2 | Bản tin | | | | -1 | | | ", "catalogue.bad-coefficient", "F4"),
        ("BC2 | Bản tin | | | | 100,1 | | | ", "catalogue.bad-coefficient", "F4"),
        ("BC2 | Bản tin | | | | 1.234 | | | ", "catalogue.bad-coefficient", "F4"),
        ("BC2 | Bản tin | | | | cao | | | ", "catalogue.bad-coefficient", "F4"),
        ("BC2 | Bản tin | | | N9 | 1 | | | ", "catalogue.unknown-group", "E4"),
        ("BC2 | Bản tin | | | | 1 | | hôm qua | ", "roster.bad-date", "H4"),
        ("BC2 | Bản tin | | | | 1 | | 02/06/2025 | 01/06/2025", "roster.date-order", "I4"),
        ("BC 2/ | Bản tin | | | | 1 | | | ", "roster.bad-code", "A4"),
        ("BC1 | Bản tin | | | | 1 | | 01/06/2025 | ", "catalogue.overlap", "A4"),
        ("BC2 | CÔNG VĂN | | | | 1 | | | ", "catalogue.name-twice", "B4"),
        ("BC2 | Bản tin | Tin; công  văn | | | 1 | | | ", "catalogue.name-twice", "C4"),
        ("BC2 | Thư | | | | 1 | | | ", "catalogue.name-twice", "B4"),
    ],
)
def test_a_faulty_row_is_named_and_set_aside_alone(tmp_path: Path, row: str, code: str, cell: str) -> None:
    rows = f"BC1 | Công văn | Thư | | N1 | 1,5 | | | \n {row} \n BC9 | Phiếu | | | | 1 | | | "
    catalogue, notes = load(tmp_path, rows)
    assert [(n.code, n.place.file, n.place.sheet, n.place.cell) for n in notes] == [
        (code, "catalogue.xlsx", "products", cell)
    ]
    assert [p.product_id for p in catalogue.products] == ["BC1", "BC9"]


def test_columns_that_are_not_needed_may_be_missing(tmp_path: Path) -> None:
    catalogue, notes = load(tmp_path, "1 x | A | Báo cáo", "coefficient | product_id | name")
    assert [n.code for n in notes] == ["catalogue.bad-coefficient"] and notes[0].place.cell == "A3"
    catalogue, notes = load(tmp_path, "2 | A | Báo cáo", "coefficient | product_id | name")
    assert not notes and (catalogue.products[0].coefficient, catalogue.products[0].group) == (Decimal(2), "")


@pytest.mark.parametrize(
    ("head", "sheet", "code"),
    [(HEAD, "Sheet1", "roster.missing-sheet"), ("product_id | name", "products", "roster.missing-column")],
)
def test_a_catalogue_that_lacks_what_it_needs_is_refused(tmp_path: Path, head: str, sheet: str, code: str) -> None:
    with pytest.raises(UserError) as caught:
        load(tmp_path, "", head, sheet)
    assert caught.value.finding.code == code and caught.value.finding.place.file.endswith("catalogue.xlsx")


def test_a_file_that_is_no_workbook_is_refused_by_its_own_name(tmp_path: Path) -> None:
    (tmp_path / "catalogue.xlsx").write_bytes(b"no workbook")
    with pytest.raises(UserError) as caught:
        load_catalogue(tmp_path, GROUPS)
    assert caught.value.finding.code == "catalogue.unreadable"
