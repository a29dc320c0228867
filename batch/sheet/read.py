"""Reading workbooks that anybody may have sent: guarded first, then read by calamine, as plain typed cells.

Accepted are .xlsx, .xlsm, .xlsb, .xls and .ods, told by their content, whatever the name says.
"""

from __future__ import annotations

import datetime as dt
import io
import math
import re
import zipfile
from dataclasses import dataclass
from typing import Any

import python_calamine

from batch.core.number import from_float
from batch.core.records import Cell

MAX_ENTRIES = 2_000
MAX_EXPANDED = 200 * 1024 * 1024
MAX_CELLS = 2_000_000  # calamine allocates the full rectangle of a sheet
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_REF = re.compile(rb"<(?:\w+:)?c\s[^>]*?\br\s*=\s*[\"']([A-Z]{1,3})(\d{1,7})[\"']")


class Unreadable(Exception):
    """The file can't be read as a workbook; ``code`` is the finding that says why."""

    def __init__(self, code: str, **params: Any) -> None:
        self.code = code
        self.params = params
        super().__init__(code)


@dataclass(frozen=True)
class Table:
    """One sheet: its title, and its cells by position; ``rows[0][0]`` is A1. Values are as calamine gives them."""

    name: str
    rows: list[list[Any]]

    def cell(self, row: int, column: int) -> Cell | None:
        """The filled cell at a 0-based position, or None."""
        if row >= len(self.rows) or column >= len(self.rows[row]):
            return None
        return as_cell(self.rows[row][column], f"{column_letters(column)}{row + 1}")


def column_letters(column: int) -> str:
    """0 → A, 25 → Z, 26 → AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """A → 0, Z → 25, AA → 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def as_cell(value: Any, ref: str) -> Cell | None:
    """A value as calamine gives it → an exact cell; blank text is no cell."""
    if isinstance(value, str):
        return Cell("s", value, ref) if value.strip() else None
    if isinstance(value, bool):
        return Cell("b", "1" if value else "0", ref)
    if isinstance(value, (int, float)):
        if not math.isfinite(value):
            return Cell("s", str(value), ref)
        return Cell("n", format(from_float(float(value)), "f"), ref)
    if isinstance(value, dt.datetime):
        return Cell("d", value.date().isoformat(), ref)
    if isinstance(value, dt.date):
        return Cell("d", value.isoformat(), ref)
    return None if value is None else Cell("s", str(value), ref)


def read_workbook(data: bytes) -> list[Table]:
    """All sheets of a workbook given as bytes, in their order. Raises :class:`Unreadable`."""
    if data.startswith(_ZIP):
        _guard_zip(data)
    elif not data.startswith(_OLE):
        raise Unreadable("file.empty" if not data else "file.not-a-workbook")
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        return [Table(name, book.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in book.sheet_names]
    except python_calamine.PasswordError as err:
        raise Unreadable("file.encrypted") from err
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as err:  # a panic inside calamine is no Exception
        raise Unreadable("file.unreadable", problem=str(err) or type(err).__name__) from err


def _guard_zip(data: bytes) -> None:
    """Refuse what would take the reader down: broken or huge archives, and a stray cell that spans the whole sheet."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > MAX_ENTRIES or sum(e.file_size for e in entries) > MAX_EXPANDED:
                raise Unreadable("file.too-large")
            cells = 0
            for entry in entries:
                if "sheet" in entry.filename and entry.filename.endswith(".xml"):
                    cells += _extent(archive.read(entry), MAX_CELLS - cells)
    except Unreadable:
        raise
    except Exception as err:  # zipfile meets broken archives with many kinds of errors
        raise Unreadable("file.unreadable", problem=str(err)) from err


def _extent(xml: bytes, allowed: int) -> int:
    """Cells of the rectangle a sheet spans; refused if it is larger than ``allowed``."""
    refs = {(int(row), column_number(letters.decode())) for letters, row in set(_REF.findall(xml))}
    if not refs:
        return 0
    cells = max(row for row, _ in refs) * (max(column for _, column in refs) + 1)
    if cells > allowed:
        row, column = max(refs, key=lambda ref: ref[0] * (ref[1] + 1))
        raise Unreadable("file.stray-cell", cell=f"{column_letters(column)}{row}")
    return cells
