"""Workbook → :class:`~batch.core.records.Reading`: finds the hidden map wherever it has gone, and lifts what it keys.

Rows may have been inserted, sorted or moved, columns too, sheets renamed or reordered: the map (row keys in one hidden
column, column keys in one hidden row) moves along with the cells.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Mapping

from batch.core.records import NONE, Cell, Reading, Row, either
from batch.core.text import clean, clean_id
from batch.forms.keys import HEADER_KEYS, HEADER_SHEET, MARK, TASK
from batch.sheet.cells import column_letters
from batch.sheet.package import Unreadable
from batch.sheet.read import Table, as_cell, read_workbook

_LONGEST = 32_767  # characters; no spreadsheet program lets a cell hold more
_CONTENT = json.JSONEncoder(ensure_ascii=False, sort_keys=True)
_BODY = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))  # as the ledger writes
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
    row_keys = [_row_key(values[key_column]) if key_column < len(values) else "" for values in table.rows]
    row_keys[key_row] = ""
    # Rows without a key between two rows of the task table belong to it (people insert lines); others are decoration.
    of_table = [n for n, key in enumerate(row_keys) if key.split(".")[0] == TASK]
    inserted = range(of_table[0], of_table[-1]) if of_table else range(0)
    cleaned: dict[str, str] = {}  # the form's texts as they mean: each is needed twice
    rows: list[Row] = []
    for n, (key, values) in enumerate(zip(row_keys, table.rows, strict=True)):
        if n == key_row or not (key or n in inserted):
            if any(isinstance(value, str) and len(value) > _LONGEST for value in values):
                raise Unreadable("file.too-large")
            continue
        cells: dict[str, Cell] = {}
        for column, value in enumerate(values):
            if value == "" or column not in keys:
                continue
            cell = as_cell(value, f"{letters[column]}{n + 1}")
            if cell is None:
                continue
            if len(cell.text) > _LONGEST:
                raise Unreadable("file.too-large")
            if cell.kind == "s":
                cleaned[cell.text] = text = clean(cell.text)
                if not text:
                    continue
            for name in keys[column]:  # one that was copied along with its key gives the same field twice
                cells[name] = either(cells[name], cell) if name in cells else cell
        if key or cells:
            rows.append(Row(key or TASK, n + 1, cells))
    columns: dict[str, str] = {}
    for column, names in keys.items():
        for key in names:
            columns.setdefault(key, letters[column])
    return Reading(dict(header), table.name, tuple(rows), columns, _digest(header, rows, cleaned))


def _row_key(value: object) -> str:
    if isinstance(value, str):
        return clean_id(value) if value else ""
    cell = as_cell(value, "")
    return clean_id(cell.text) if cell else ""


def _digest(header: Mapping[str, str], rows: Iterable[Row], cleaned: Mapping[str, str]) -> str:
    """What the form says, wherever it stands: header and keyed cells without places, tables in any order.

    ``cleaned``: texts of which :func:`clean` is known already.
    """
    content = sorted(
        (row.key, sorted((key, cell.kind, cleaned.get(cell.text) or clean(cell.text)) for key, cell in row.cells.items()))
        for row in rows
        if row.cells
    )
    return hashlib.sha256(_CONTENT.encode([header, content]).encode()).hexdigest()


def to_body(reading: Reading) -> dict[str, object]:
    """Plain JSON for the ledger; :func:`from_body` is its inverse."""
    return {
        "header": {key: value for key, value in reading.header.items() if value},
        "sheet": reading.sheet,
        "columns": reading.columns,
        "rows": reading.rows,
        "content": reading.content,
    }


def said(reading: Reading) -> str:
    """A reading as JSON text, the very one that the ledger keeps of it."""
    return _BODY.encode(to_body(reading))


def from_body(body: Mapping[str, object]) -> Reading:
    """The reading that :func:`to_body` wrote."""
    header: Mapping[str, str] = body["header"]  # type: ignore[assignment]
    rows: list[tuple[str, int, dict[str, list[str]]]] = body["rows"]  # type: ignore[assignment]
    return Reading(
        header={key: sys.intern(header.get(key, "")) for key in HEADER_KEYS} if header else {},  # most are on every form
        sheet=sys.intern(str(body["sheet"])),
        rows=tuple(Row(key, number, {k: Cell(*c) for k, c in cells.items()}) for key, number, cells in rows),
        columns=body["columns"] or NONE,  # type: ignore[arg-type]
        content=str(body["content"]),
    )
