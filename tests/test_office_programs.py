"""LibreOffice opens every workbook that is generated, and its live formulas agree with the program."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from batch.readers import read_files
from batch.scheme import load_scheme
from tests.conftest import SAMPLE
from tests.small_office import SmallOffice

pytestmark = pytest.mark.office
Convert = Callable[[list[Path], str], list[Path]]
W = "2025-W26"
# Sums at and around every lower bound, in the decimals that binary floats get wrong.
TRIPLES = [
    (30.4, 39.8, 19.8),
    (30.3, 39.8, 19.89),
    (24.4, 39.8, 10.8),
    (0.3, 32.3, 17.4),
    (16.7, 16.6, 16.69),
    (40, 40, 20),
    (0, 0, 0),
]


def texts(sheet: Worksheet, row: int) -> list[object]:
    return [cell.value for cell in sheet[row]]


def computed(path: Path) -> Worksheet:
    sheet = openpyxl.load_workbook(path, data_only=True).worksheets[0]
    assert isinstance(sheet, Worksheet)
    return sheet


def row_of(sheet: Worksheet, key: str) -> int:
    return next(n for n in range(1, sheet.max_row + 1) if sheet.cell(n, 1).value == key)


def test_every_generated_workbook_opens(sample_out: Path, convert: Convert, tmp_path: Path) -> None:
    office = SmallOffice(tmp_path)
    office.issue(W)
    forms = sorted(office.out.rglob("*.xlsx"))
    sample = sorted((sample_out / "outbox").rglob("*.xlsx"))
    assert len(forms) == 13 and len(sample) > 12
    for made in convert([*forms, *sample], "pdf"):
        assert made.stat().st_size > 2_000


def test_the_live_total_and_band_of_the_self_form_agree(tmp_path: Path, convert: Convert) -> None:
    office = SmallOffice(tmp_path)
    office.issue(W)
    scheme = load_scheme("vn-weekly", SAMPLE)
    paths = [office.report(W, "A3", triple) for triple in TRIPLES]
    for triple, path in zip(TRIPLES, convert(paths, "xlsx"), strict=True):
        sheet = computed(path)
        total = sum((Decimal(str(score)) for score in triple), Decimal(0))
        shown = texts(sheet, row_of(sheet, "score.conduct") + 1)
        assert any(isinstance(v, (int, float)) and Decimal(str(v)) == total for v in shown), (triple, shown)
        assert scheme.band_of(total).name("en") in shown


def test_an_unsound_score_shows_neither_total_nor_band(tmp_path: Path, convert: Convert) -> None:
    office = SmallOffice(tmp_path)
    office.issue(W)
    scheme = load_scheme("vn-weekly", SAMPLE)
    paths = [office.report(W, "A3", scores) for scores in ((41, 30, 10), ("ba", 30, 10), (None, 30, 10), (30.123, 30, 10))]
    bands = {band.name("en") for band in scheme.bands}
    for path in convert(paths, "xlsx"):
        sheet = computed(path)
        shown = texts(sheet, row_of(sheet, "score.conduct") + 1)
        assert not bands & set(map(str, shown))


def test_the_live_rows_of_the_review_and_approval_sheets_agree(tmp_path: Path, convert: Convert) -> None:
    office = SmallOffice(tmp_path)
    office.issue(W)
    scheme = load_scheme("vn-weekly", SAMPLE)
    given = {"A3": (30.4, 39.8, 19.8), "A4": (0.3, 32.3, 17.4)}
    review = office.review(W, "A2", given)
    office.run(W)
    scores = {("A4", f"score.{c}"): s for c, s in zip(("quality", "progress", "conduct"), (24.4, 39.8, 10.8), strict=True)}
    decided = {("A3", "decision"): "approve", ("A4", "decision"): "adjust", ("A4", "reason"): "so", **scores}
    approval = office.fill(office.form("approval", W, "A1"), decided)
    office.run(W)
    reviewed, approved = (computed(path) for path in convert([review, approval], "xlsx"))
    for staff_id, triple in given.items():
        total = sum((Decimal(str(score)) for score in triple), Decimal(0))
        shown = texts(reviewed, row_of(reviewed, staff_id))
        assert any(isinstance(v, (int, float)) and Decimal(str(v)) == total for v in shown)
        assert scheme.band_of(total).name("en") in shown
    results = office.results(W)
    for staff_id in given:
        band = scheme.band(results[staff_id]["band"]).name("en")
        shown = texts(approved, row_of(approved, staff_id))
        assert f"{results[staff_id]['total']} – {band}" in shown, shown


def test_a_form_saved_by_libreoffice_says_the_same(tmp_path: Path, convert: Convert) -> None:
    office = SmallOffice(tmp_path)
    office.issue(W)
    first, second = (
        office.report(W, "A3", (30.4, 39.8, 19.8)),
        office.report(W, "A4", ("38,5", 30, 10), proposals="Thêm máy"),
    )
    as_xlsx, as_ods = convert([first], "xlsx")[0], convert([second], "ods")[0]
    for old, new in ((first, as_xlsx), (second, as_ods)):
        new.rename(old.with_suffix(new.suffix))
        if old.suffix != new.suffix:
            old.unlink()
    office.run(W)
    results = office.results(W)
    assert (results["A3"]["state"], results["A3"]["self_total"]) == ("submitted", "90")
    assert (results["A4"]["state"], results["A4"]["self_total"]) == ("submitted", "78.5")


def test_what_libreoffice_saves_anew_says_the_same_and_hides_no_error(tmp_path: Path, convert: Convert) -> None:
    office = SmallOffice(tmp_path)
    office.issue(W)
    sound, error, percent = (office.report(W, who, (38, "37,5", 19)) for who in ("A2", "A3", "A4"))
    for path, value, number_format in ((error, "=1/0", "0"), (percent, 0.38, "0%")):
        book = openpyxl.load_workbook(path)
        sheet = book.worksheets[0]
        cell = next(c for c in sheet[row_of(sheet, "score.quality")] if c.value == 38)
        cell.value, cell.number_format = value, number_format
        book.save(path)
    for kind in ("xlsx", "ods"):
        saved = [Path(path) for path in convert([sound, error, percent], kind)]
        readings = [answer.reading for answer in read_files(saved, 1, 60)]
        rows = [next(row for row in reading.rows if row.key == "score.quality") for reading in readings if reading]
        assert [row.cells["self"].text for row in rows] == ["38", "#DIV/0!", "38%"], kind
        assert rows[0].cells["self"].kind == "n" and {row.cells["self"].kind for row in rows[1:]} <= {"e", "p", "s"}
