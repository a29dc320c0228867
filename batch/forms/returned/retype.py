"""What somebody typed, typed anew on a fresh form."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from decimal import Decimal

from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.worksheet.worksheet import Worksheet

from batch.core.records import Cell, Reading, Row
from batch.forms.keys import TASK
from batch.forms.layout import Layout
from batch.forms.prepare import repeat_row
from batch.forms.returned.marks import column_keys
from batch.forms.returned.words import tasks
from batch.sheet.pack import ILLEGAL_XML


def retype(sheet: Worksheet, plan: Layout, reading: Reading) -> None:
    """Type a form about one subject anew: its fields, and its task table however many lines it has grown to."""
    columns, said = {field.column for field in plan.tasks}, tasks(reading)
    places = _task_places(sheet)
    if places and len(said) > len(places):
        add_task_rows(sheet, places[-1], len(said) - len(places))
        places = _task_places(sheet)
    rows = {row.key: row for row in reading.rows}
    for field in plan.fields:
        row = rows.get(field.row or "")
        if row and field.column in row.cells:
            _type(find(sheet, row.key, (field.column,)), row.cells[field.column])
    for row in reading.rows:
        for field in plan.items.get(row.key.split(".")[0], ()):
            if field.column in row.cells:
                _type(find(sheet, row.key, (field.column,)), row.cells[field.column])
    for row, n in zip(said, places, strict=False):
        for column in columns & row.cells.keys():
            _type(find(sheet, str(sheet.cell(n, 1).value), (column,)), row.cells[column])


def retype_row(sheet: Worksheet, plan: Layout, row: Row) -> None:
    """Type one row of a sheet with a row per subject anew."""
    for field in plan.fields:
        if field.column in row.cells:
            _type(find(sheet, row.key, (field.column,)), row.cells[field.column])


def find(sheet: Worksheet, row: str, columns: Iterable[str]) -> SheetCell | None:
    """The cell of a form written here (keys in row 1 and column A) under a row key and any of some column keys."""
    at = next((n for n in range(2, sheet.max_row + 1) if str(sheet.cell(n, 1).value or "") == row), None)
    number = next((n for n, keys in column_keys(sheet).items() if set(keys) & set(columns)), None)
    found = sheet.cell(at, number) if at and number else None
    return found if isinstance(found, SheetCell) else None


def _type(cell: SheetCell | None, said: Cell) -> None:
    """Write a value as it was typed; text stays text, whatever it begins with. What is no value stays away."""
    if cell is None or said.kind in ("e", "f", "t"):
        return
    if said.kind == "n":
        cell.value = Decimal(said.text)
    elif said.kind == "b":
        cell.value = said.text == "1"
    elif said.kind == "d":
        cell.value = dt.date.fromisoformat(said.text)
    else:
        cell.value = ILLEGAL_XML.sub("", said.text)
        cell.data_type = "s"


def _task_places(sheet: Worksheet) -> list[int]:
    return [n for n in range(1, sheet.max_row + 1) if re.fullmatch(rf"{TASK}\.\d+", str(sheet.cell(n, 1).value or ""))]


def add_task_rows(sheet: Worksheet, last: int, more: int) -> None:
    """Lengthen the task table of a fresh form, as people do by inserting rows."""
    number = int(str(sheet.cell(last, 1).value).split(".")[1])
    repeat_row(sheet, last, more + 1)
    for n in range(more + 1):
        sheet.cell(last + n, 1).value = f"{TASK}.{number + n}"
