"""Reading workbooks that anybody may have sent: guarded first, then read by calamine, as plain typed cells.

Accepted are .xlsx, .xlsm and .ods, told by their content, whatever the name says. Of an .xlsm the cells are read and the
macros are not even unpacked. In .xls and .xlsb an error can't be told from an empty cell, nor 38 % from 0.38: refused.
"""

from __future__ import annotations

import datetime as dt
import io
import math
import posixpath
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from xml.etree import ElementTree

import python_calamine

from batch.core.number import from_float, plain
from batch.core.records import Cell
from batch.sheet.cells import Drawn, Odd, column_letters, draw_together, extent, oddities, percent_styles, spans_much, spread
from batch.sheet.package import Unreadable, pack, unpack

MAX_SHEETS = 200
MAX_CELLS = 2_000_000  # of all sheets; calamine allocates the full rectangle of each
_REMEMBERED = 64 * 1024  # bytes of a part, up to which it is remembered
_FEW_SHEETS = 2  # of 999 rows and 702 columns, which are still few enough cells
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
# In an .ods, errors and percentages are handed on as the text that the cell shows: no field takes that for a value.
_ODS_PERCENT, _ODS_TEXT = (
    re.compile(rb'office:value-type="percentage"(\s+office:value="[^"]*")?'),
    b'office:value-type="string"',
)
_ODS_ERROR = re.compile(rb'office:string-value=""(?=\s+calcext:value-type="error")')
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")  # an OLE file that holds an encrypted .xlsx
_ENCRYPTED_XLS = re.compile(rb"\x09\x08\x10\0.{16}\x2f\0", re.DOTALL)  # the beginning of a workbook, then FILEPASS
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


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


def as_cell(value: Any, ref: str) -> Cell | None:
    """A value as it was read → an exact cell; blank text is no cell."""
    if isinstance(value, str):
        return Cell("s", value, ref) if value.strip() else None
    if isinstance(value, Odd):
        return Cell(value.kind, value.text, ref)
    if isinstance(value, bool):
        return Cell("b", "1" if value else "0", ref)
    if isinstance(value, (int, float)):
        if not math.isfinite(value):
            return Cell("s", str(value), ref)
        return Cell("n", _digits(float(value)), ref)
    if isinstance(value, dt.datetime):
        return Cell("d", value.date().isoformat(), ref)
    if isinstance(value, dt.date):
        return Cell("d", value.isoformat(), ref)
    return None if value is None else Cell("s", str(value), ref)


@lru_cache(maxsize=4096)
def _digits(value: float) -> str:
    return format(from_float(value), "f")


def read_workbook(data: bytes) -> list[Table]:
    """All sheets of a workbook given as bytes, in their order. Raises :class:`Unreadable`."""
    if data.startswith(_ZIP):
        return _read_package(unpack(data))
    if not data.startswith(_OLE):
        raise Unreadable("file.empty" if not data else "file.not-a-workbook")
    if _ENCRYPTED in data or _ENCRYPTED_XLS.search(data):
        raise Unreadable("file.encrypted")
    raise Unreadable("file.old-format", found=".xls")


def _read_package(parts: dict[str, bytes]) -> list[Table]:
    """A workbook whose parts were unpacked; only what makes cells is handed on."""
    if "xl/workbook.xml" in parts:
        return _read_xlsx(parts)
    if b"encryption-data" in parts.get("META-INF/manifest.xml", b""):
        raise Unreadable("file.encrypted")
    if "xl/workbook.bin" in parts:
        raise Unreadable("file.old-format", found=".xlsb")
    if parts.get("mimetype", b"").startswith(_ODS):
        content = _ODS_PERCENT.sub(_ODS_TEXT, parts.get("content.xml", b""))
        return _tables(pack({**parts, "content.xml": _ODS_ERROR.sub(b"", content)}))
    raise Unreadable("file.not-a-workbook")


def _read_xlsx(parts: dict[str, bytes]) -> list[Table]:
    sheets = _sheet_parts(parts)
    if len(sheets) > MAX_SHEETS:
        raise Unreadable("file.too-large")
    styles = _percent_styles(parts.get("xl/styles.xml", b""))
    stale = b"fullCalcOnLoad" in parts["xl/workbook.xml"]
    odd = {part: oddities(parts[part], styles, stale) for part in set(sheets) if part in parts}
    drawn = _draw_together(parts, [part for part in sheets if part in odd])
    wanted = {
        "[Content_Types].xml",
        "_rels/.rels",
        "xl/workbook.xml",
        "xl/_rels/workbook.xml.rels",
        "xl/styles.xml",
        *sheets,
    }
    tables = _tables(pack({n: part for n, part in parts.items() if n in wanted or n.casefold() == "xl/sharedstrings.xml"}))
    for table, part in zip(tables, sheets, strict=True):
        if part in drawn:
            table.rows[:] = spread(drawn[part], table.rows, MAX_CELLS)
        for (row, column), what in odd.get(part, {}).items():
            _note(table, row, column, what)
    return tables


def _draw_together(parts: dict[str, bytes], sheets: list[str]) -> dict[str, Drawn]:
    """Replace sheets in ``parts`` that span too much by what is filled of them, the largest first, until all can be read."""
    drawn: dict[str, Drawn] = {}
    if len(sheets) <= _FEW_SHEETS and not any(spans_much(parts[part]) for part in sheets):
        return drawn
    extents = {part: extent(parts[part]) for part in sheets}
    while sum(extents[part] for part in sheets) > MAX_CELLS and len(drawn) < len(extents):
        part = max(extents.keys() - drawn.keys(), key=lambda name: (extents[name], name))
        drawn[part] = draw_together(parts[part], MAX_CELLS)
        parts[part], extents[part] = drawn[part].xml, len(drawn[part].rows) * len(drawn[part].columns)
    return drawn


def _note(table: Table, row: int, column: int, what: Odd | None) -> None:
    """Put what a cell holds besides a plain value in its place."""
    if what is None:
        value = table.rows[row][column] if row < len(table.rows) and column < len(table.rows[row]) else ""
        if not isinstance(value, (int, float)) or not math.isfinite(value):
            return
        what = Odd("p", f"{plain(from_float(float(value)) * 100):f}%")
    if row >= len(table.rows):
        table.rows.extend([] for _ in range(row + 1 - len(table.rows)))
    if column >= len(table.rows[row]):  # anew: empty rows may be one and the same
        table.rows[row] = [*table.rows[row], *[""] * (column + 1 - len(table.rows[row]))]
    table.rows[row][column] = what


def _percent_styles(styles: bytes) -> frozenset[bytes]:
    return (_styles_of if len(styles) <= _REMEMBERED else percent_styles)(styles)


def _sheet_parts(parts: dict[str, bytes]) -> list[str]:
    """The part of each sheet, in the order of the sheets ('' where there is none)."""
    book, links = parts["xl/workbook.xml"], parts.get("xl/_rels/workbook.xml.rels", b"<none/>")
    return [*(_parts_of if len(book) + len(links) <= _REMEMBERED else _linked)(book, links)]


def _linked(workbook: bytes, relations: bytes) -> tuple[str, ...]:
    try:
        book = ElementTree.fromstring(workbook)  # noqa: S314 (it declares no entities: unpack has looked)
        links = ElementTree.fromstring(relations)  # noqa: S314
    except ElementTree.ParseError as err:
        raise Unreadable("file.unreadable", problem=str(err)) from err
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    found = []
    for sheet in book.iterfind("{*}sheets/{*}sheet"):
        target = targets.get(next((value for key, value in sheet.items() if key.endswith("}id")), ""), "")
        found.append(target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}"))
    return tuple(found)


# These parts are the same in most forms, and what they come to is known by their very bytes.
_styles_of, _parts_of = lru_cache(maxsize=16)(percent_styles), lru_cache(maxsize=16)(_linked)


def _tables(data: bytes) -> list[Table]:
    """The sheets as calamine gives them."""
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        if len(book.sheet_names) > MAX_SHEETS:
            raise Unreadable("file.too-large")
        tables, cells = [], 0
        for n, name in enumerate(book.sheet_names):
            sheet = book.get_sheet_by_index(n)
            cells += sheet.total_height * sheet.total_width
            if cells > MAX_CELLS:
                raise Unreadable("file.too-large")
            tables.append(Table(name, sheet.to_python(skip_empty_area=False)))
        return tables
    except (KeyboardInterrupt, SystemExit, MemoryError, Unreadable):
        raise
    except BaseException as err:  # a panic inside calamine is no Exception
        raise Unreadable("file.unreadable", problem=str(err) or type(err).__name__) from err
