"""Whatever people do to the rows, columns and sheets of a form, it says the same, or says what it lost: never something else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from batch.assess import assess
from batch.core.period import Week
from batch.forms.extract import read_form
from batch.sheet.package import Unreadable
from batch.validate import Rules
from tests.builders import (
    corner,
    filled,
    form_sheet,
    issuer_of,
    judge_bytes,
    opened,
    review_values,
    roster_of,
    rules_of,
    saved,
    statements,
)
from tests.corpus.package import SHEET, parts_of, with_part
from tests.corpus.people import plain_export, prefixed, shared_strings, single_quoted, unplaced

WEEK = Week(2025, 23)
SCORES = {"C1": ("38.5", "39", "20"), "C2": ("20", "20.25", "9")}
Operation = Callable[[openpyxl.Workbook, Worksheet], None]


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Rules:
    return rules_of(roster_of(tmp_path_factory.mktemp("roster")))


@pytest.fixture(scope="module")
def form(rules: Rules) -> bytes:
    """A review sheet of two people, with nothing merged: openpyxl doesn't move merged cells."""
    issuer, cases = issuer_of(rules, Path("none")), assess(WEEK, [], rules).cases
    blank = next(f.data for f in issuer.review_sheets(WEEK, cases, {}, {}) if f.addressee == "T1")
    given = review_values({who: (*map(float, scores), "Không", "Có") for who, scores in SCORES.items()})
    book = opened(filled(blank, given))
    for area in list(form_sheet(book).merged_cells.ranges):
        form_sheet(book).unmerge_cells(area.coord)
    return saved(book)


def said(data: bytes, rules: Rules) -> dict[str, tuple[str, ...]]:
    """Everybody's scores as the form says them."""
    found = statements(judge_bytes(data, rules))
    return {who: tuple(format(s, "f") for s in a.statement.scores.values()) for who, a in found.items() if a.statement}


@st.composite
def harmless(draw: st.DrawFn) -> Operation:
    """Inserting, sorting, moving rows and columns along with the hidden map, renaming and adding sheets."""
    kind = draw(st.sampled_from(["insert row", "insert column", "swap rows", "swap columns", "rename", "add", "reorder"]))
    a, b = draw(st.integers(0, 40)), draw(st.integers(0, 40))

    def swap(sheet: Worksheet, by_row: bool) -> None:
        # Any two rows below the row of keys, any two columns right of the column of keys.
        top, left = corner(sheet)
        size, first = (sheet.max_row, top + 1) if by_row else (sheet.max_column, left + 1)
        one, other = first + a % (size - first + 1), first + b % (size - first + 1)
        for n in range(1, (sheet.max_column if by_row else sheet.max_row) + 1):
            x, y = (sheet.cell(p, n) if by_row else sheet.cell(n, p) for p in (one, other))
            x.value, y.value = y.value, x.value

    def operation(book: openpyxl.Workbook, sheet: Worksheet) -> None:
        if kind == "insert row":
            sheet.insert_rows(1 + a % sheet.max_row if a > 10 else 1, 1 + b % 2)
        elif kind == "insert column":
            sheet.insert_cols(1 + a % sheet.max_column if a > 10 else 1)
        elif kind in ("swap rows", "swap columns"):
            swap(sheet, kind == "swap rows")
        elif kind == "rename":
            sheet.title = f"Bản {a}"
        elif kind == "add":
            book.create_sheet(f"Nháp {len(book.sheetnames)}", a % len(book.sheetnames))["B2"] = "nháp"
        else:
            book.move_sheet("_form", -1)

    return operation


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(operations=st.lists(harmless(), min_size=1, max_size=4))
def test_moving_things_along_with_the_map_changes_nothing(form: bytes, rules: Rules, operations: list[Operation]) -> None:
    book = opened(form)
    sheet = form_sheet(book)
    for operation in operations:
        operation(book, sheet)
    if max(corner(sheet)) <= 12:  # the map is looked for in the first dozen rows and columns
        assert said(saved(book), rules) == SCORES


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(by_row=st.booleans(), at=st.integers(1, 40), count=st.integers(1, 3))
def test_deleting_loses_what_was_there_and_says_so(form: bytes, rules: Rules, by_row: bool, at: int, count: int) -> None:
    book = opened(form)
    sheet = form_sheet(book)
    (sheet.delete_rows if by_row else sheet.delete_cols)(at, count)
    data = saved(book)
    try:
        judged = judge_bytes(data, rules)
    except Unreadable as err:
        assert err.code in ("form.map-damaged", "file.not-a-form")
        return
    left = {a.subject: a.statement for a in judged.attempts if a.statement}
    for who, statement in left.items():
        assert tuple(format(s, "f") for s in statement.scores.values()) == SCORES[who]
    rows = {row.key for row in read_form(data).rows}
    lost = {who for who in SCORES if who in rows and who not in left}
    assert not lost or judged.findings or any(a.findings for a in judged.attempts if a.subject in lost)


@pytest.mark.parametrize(
    "save", [plain_export, shared_strings(False), shared_strings(True), unplaced, with_part(SHEET, prefixed), with_part(SHEET, single_quoted)]
)  # fmt: skip
def test_every_way_of_saving_says_the_same(form: bytes, rules: Rules, save: Callable[[bytes], bytes]) -> None:
    again = save(form)
    assert parts_of(again) != parts_of(form)
    assert said(again, rules) == SCORES
