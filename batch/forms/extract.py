"""Workbook → :class:`~batch.core.records.Reading`: finds the hidden map wherever it has gone, and lifts what it keys.

Rows may have been inserted, sorted or moved, columns too, sheets renamed or reordered: the map (row keys in one hidden
column, column keys in one hidden row) moves along with the cells.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Mapping

from batch.core.records import Cell, Reading, Row, either
from batch.core.text import clean, clean_id
from batch.forms.keys import HEADER_KEYS, HEADER_SHEET, MARK, TASK
from batch.sheet.cells import column_letters
from batch.sheet.package import Unreadable
from batch.sheet.read import Table, as_cell, read_workbook

_LONGEST = 32_767  # characters; no spreadsheet program lets a cell hold more
_SEARCHED = 12  # rows and columns in which the mark is looked for: people insert a few on top


def read_form(data: bytes) -> Reading:
    """Read a form's bytes. Raises :class:`Unreadable` (``file.*``, ``form.map-damaged``)."""
    tables = read_workbook(data)
    header = _header(tables)
    found = [_reading(table, mark, header) for table in tables if (mark := _find_mark(table))]
    if found and all(reading.content == found[0].content for reading in found):
        return found[0]
    if found:
        raise Unreadable("form.several", sheets=", ".join(reading.sheet for reading in found))
    if header:
        raise Unreadable("form.map-damaged", found=MARK)
    raise Unreadable("file.not-a-form")


def _find_mark(table: Table) -> tuple[int, int] | None:
    for row, values in enumerate(table.rows[:_SEARCHED]):
        for column, value in enumerate(values[:_SEARCHED]):
            if isinstance(value, str) and value.strip() == MARK:
                return row, column
    return None


def _header(tables: Iterable[Table]) -> dict[str, str]:
    for table in tables:
        if table.name.strip().casefold() == HEADER_SHEET:
            pairs = ((table.cell(n, 0), table.cell(n, 1)) for n in range(min(len(table.rows), 40)))
            found = {clean_id(key.text): clean(value.text) if value else "" for key, value in pairs if key}
            return {key: found.get(key, "") for key in HEADER_KEYS} if any(map(found.get, HEADER_KEYS)) else {}
    return {}


def _reading(table: Table, mark: tuple[int, int], header: Mapping[str, str]) -> Reading:
    key_row, key_column = mark
    keys: dict[int, list[str]] = {}  # a column may carry several keys, for the different blocks of a form
    for column in range(len(table.rows[key_row])):
        cell = table.cell(key_row, column)
        if cell and column != key_column:
            keys[column] = clean(cell.text).split()
    letters = {column: column_letters(column) for column in keys}
    rows: list[Row] = []
    for number in range(len(table.rows)):
        values = table.rows[number]
        if number == key_row or not values:
            continue
        key_cell = as_cell(values[key_column], "") if key_column < len(values) else None
        key = clean_id(key_cell.text) if key_cell else ""
        if not (key or rows):
            continue  # above the first keyed row stands only decoration
        cells: dict[str, Cell] = {}
        for column, names in keys.items():
            if column < len(values) and values[column] != "":
                cell = as_cell(values[column], f"{letters[column]}{number + 1}")
                if cell and len(cell.text) > _LONGEST:
                    raise Unreadable("file.too-large")
                if cell and (cell.kind != "s" or clean(cell.text)):
                    for name in names:  # a column that was copied along with its key gives the same field twice
                        cells[name] = either(cells[name], cell) if name in cells else cell
        if key or cells:
            rows.append(Row(key, number + 1, cells))
    rows = _adopt(rows)
    columns: dict[str, str] = {}
    for column, names in keys.items():
        for key in names:
            columns.setdefault(key, letters[column])
    return Reading(dict(header), table.name, tuple(rows), columns, _digest(header, rows))


def _adopt(rows: list[Row]) -> list[Row]:
    """Rows without a key between two rows of the task table belong to it (people insert lines); others are decoration."""
    of_table = [n for n, row in enumerate(rows) if row.key.split(".")[0] == TASK]
    first, last = (of_table[0], of_table[-1]) if of_table else (0, -1)
    return [row._replace(key=row.key or TASK) for n, row in enumerate(rows) if row.key or (first < n < last and row.cells)]


def _digest(header: Mapping[str, str], rows: Iterable[Row]) -> str:
    """What the form says, wherever it stands: header and keyed cells without places, tables in any order."""
    content = sorted(
        (row.key, sorted((key, cell.kind, clean(cell.text)) for key, cell in row.cells.items())) for row in rows if row.cells
    )
    return hashlib.sha256(json.dumps([dict(header), content], ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def to_body(reading: Reading) -> dict[str, object]:
    """Plain JSON for the ledger; :func:`from_body` is its inverse."""
    return {
        "header": {key: value for key, value in reading.header.items() if value},
        "sheet": reading.sheet,
        "columns": dict(reading.columns),
        "rows": [[row.key, row.number, {key: list(cell) for key, cell in row.cells.items()}] for row in reading.rows],
        "content": reading.content,
    }


def from_body(body: Mapping[str, object]) -> Reading:
    """The reading that :func:`to_body` wrote."""
    header: Mapping[str, str] = body["header"]  # type: ignore[assignment]
    rows: list[tuple[str, int, dict[str, list[str]]]] = body["rows"]  # type: ignore[assignment]
    return Reading(
        header={key: sys.intern(header.get(key, "")) for key in HEADER_KEYS} if header else {},  # most are on every form
        sheet=str(body["sheet"]),
        rows=tuple(Row(key, number, {k: Cell(*c) for k, c in cells.items()}) for key, number, cells in rows),
        columns=body["columns"],  # type: ignore[arg-type]
        content=str(body["content"]),
    )
