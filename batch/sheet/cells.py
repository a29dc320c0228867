"""The cells of an .xlsx sheet, as far as the reader (calamine) doesn't tell them or would choke on them.

calamine gives the full rectangle that a sheet spans, so that one stray cell in XFD1048576 is more than any memory holds;
it gives '' for an error and for a formula that was never calculated, and the bare number for a percentage. Here such
sheets are drawn together, and such cells are found. Works on the sheet's markup, without building a tree of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from typing import Any, NamedTuple

from batch.sheet.package import Unreadable

MAX_ROW, MAX_COLUMN = 1_048_576, 16_384
_REF = re.compile(rb"<(?:\w+:)?c\s[^<>]*?\br\s*=\s*[\"']([A-Za-z]+)(\d+)[\"']")
_RANGE = re.compile(rb"\bref\s*=\s*[\"']\$?([A-Za-z]+\d+):([A-Za-z]+\d+)[\"']")
_ROW = re.compile(rb"<(?:\w+:)?row\s[^<>]*?\br\s*=\s*[\"'](\d+)[\"']")
_FAR = re.compile(rb' r="(?![A-Z]{0,2}\d{1,3}")')  # no place near A1
_TAG = re.compile(
    rb"<(?:\w+:)?row\b([^<>]*)>"  # a row begins
    rb"|<((?:\w+:)?)c(?=[\s/>])([^<>]*?)(?:/>|>((?:(?!</?(?:\w+:)?(?:c|row)[\s/>]).)*)</\2c\s*>)",  # a cell
    re.DOTALL,
)
_DATA = re.compile(rb"<(?:\w+:)?sheetData\b[^<>]*>(.*)</(?:\w+:)?sheetData\s*>", re.DOTALL)
_FORMULA_TAG, _PLAIN_FORMULA_TAG = re.compile(rb"<(?:\w+:)?f[\s/>]"), re.compile(rb"<f[\s/>]")
_FORMULA = re.compile(
    rb"<((?:\w+:)?)c(\s[^<>]*)?>\s*<\1f\b(?:[^<>]*/>|[^<>]*>([^<]*)</\1f\s*>)"
    rb"\s*(?:<\1v\s*/>|<\1v\b[^<>]*>([^<]*)</\1v\s*>)?\s*</\1c\s*>"
)
_ERROR_MARKS = (b't="e"', b"t='e'")
_ERROR = re.compile(rb"<((?:\w+:)?)c(\s[^<>]*\bt=[\"']e[\"'][^<>]*)>(?:(?!</?\1c[\s/>]).)*?<\1v\b[^<>]*>([^<]*)<", re.DOTALL)
_NUMBER = re.compile(rb"<((?:\w+:)?)c(\s[^<>]*)>(?:<\1f\b[^<>]*(?:/>|>[^<]*</\1f\s*>))?\s*<\1v\b[^<>]*>[^<]")
_ATTRIBUTE = {name: re.compile(rb"(?<![\w:])" + name + rb"\s*=\s*[\"']([^\"']*)[\"']") for name in (b"r", b"t", b"s")}
_XF = re.compile(rb"<(?:\w+:)?xf\b[^<>]*?\bnumFmtId\s*=\s*[\"'](\d+)[\"']|<(?:\w+:)?xf\b")
_NUMBER_FORMAT = re.compile(rb"<(?:\w+:)?numFmt\s[^<>]*>")
_FORMAT_ID = re.compile(rb"\bnumFmtId\s*=\s*[\"'](\d+)[\"']")
_FORMAT_CODE = re.compile(rb"\bformatCode\s*=\s*\"([^\"]*)\"")
_LITERAL = re.compile(r'"[^"]*"|\\.')
_SHORT = 1000  # bytes of a formula
_PERCENT_FORMATS = {b"9", b"10"}  # 0% and 0.00%


class Odd(NamedTuple):
    """What stands in a cell that is no plain value: ``kind`` e(rror), f(ormula never calculated) or p(ercentage)."""

    kind: str
    text: str


@dataclass(frozen=True)
class Drawn:
    """A sheet drawn together: its markup without the empty rows and columns, and where the others truly stand (0-based)."""

    xml: bytes
    rows: list[int]
    columns: list[int]


@lru_cache(maxsize=1024)
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


@lru_cache(maxsize=4096)
def position(ref: bytes) -> tuple[int, int]:
    """``B3`` → (2, 1). Raises :class:`Unreadable` for what is no cell of any sheet."""
    letters = ref.rstrip(b"0123456789")
    digits = ref[len(letters) :]
    if letters.isalpha() and 0 < len(letters) <= 3 and digits and len(digits) <= 7:
        row, column = int(digits) - 1, column_number(letters.decode().upper())
        if 0 <= row < MAX_ROW and column < MAX_COLUMN:
            return row, column
    raise Unreadable("file.unreadable", problem=ref[:40].decode("ascii", "replace"))


def spans_much(xml: bytes) -> bool:
    """Whether a sheet may reach below row 999 or right of column ZZ: a quick look, before :func:`extent` measures.

    Markup that hides its places from these looks takes its own reader down, and nothing else.
    """
    return b" r='" in xml or _FAR.search(xml) is not None


def extent(xml: bytes) -> int:
    """How many cells the rectangle has that a sheet spans from A1."""
    refs = _REF.findall(xml)
    rows = {row for _, row in refs}.union(_ROW.findall(xml))
    last_row = max((position(b"A" + row)[0] for row in rows), default=-1)
    last_column = max((position(letters + b"1")[1] for letters in {letters for letters, _ in refs}), default=0)
    return (last_row + 1) * (last_column + 1)


def ranges(xml: bytes) -> int:
    """How many cells the ranges hold that a sheet names (merged areas, links): openpyxl makes each of them."""
    corners = ((position(one), position(other)) for one, other in _RANGE.findall(xml))
    return sum((abs(a[0] - b[0]) + 1) * (abs(a[1] - b[1]) + 1) for a, b in corners)


def draw_together(xml: bytes, allowed: int) -> Drawn:
    """The sheet without its empty rows and columns; :class:`Unreadable` if more than ``allowed`` cells would remain."""
    data = _DATA.search(xml)
    cells = [
        (row, column, tag[2], tag[3], tag[4])
        for row, column, tag in (_walk(data[1]) if data else ())
        if tag[4] and tag[4].strip()
    ]
    rows, columns = sorted({c[0] for c in cells}), sorted({c[1] for c in cells})
    if len(rows) * len(columns) > allowed:
        raise Unreadable("file.stray-cell", cell=f"{column_letters(columns[-1])}{rows[-1] + 1}")
    if data is None or not cells:
        return Drawn(b"<worksheet><sheetData/></worksheet>" if data is None else _inside(xml, data, b""), [], [])
    row_at, column_at = ({place: n for n, place in enumerate(places)} for places in (rows, columns))
    made: list[bytes] = []
    open_row = -1
    prefix = cells[0][2]
    for row, column, _, attributes, body in sorted(cells, key=lambda cell: cell[:2]):
        if row != open_row:
            made.append((b"</%brow>" % prefix if open_row >= 0 else b"") + b'<%brow r="%d">' % (prefix, row_at[row] + 1))
            open_row = row
        ref = f"{column_letters(column_at[column])}{row_at[row] + 1}".encode()
        others = _ATTRIBUTE[b"r"].sub(b"", attributes)
        made.append(b'<%bc r="%b" %b>%b</%bc>' % (prefix, ref, others.strip(), body, prefix))
    return Drawn(_inside(xml, data, b"".join((*made, b"</%brow>" % prefix))), rows, columns)


def _inside(xml: bytes, data: re.Match[bytes], new: bytes) -> bytes:
    return xml[: data.start(1)] + new + xml[data.end(1) :]


def _walk(data: bytes) -> Iterator[tuple[int, int, re.Match[bytes]]]:
    """Every cell: row, column (0-based), its match of ``_TAG``. Cells that don't name their place are counted."""
    row = column = -1
    for tag in _TAG.finditer(data):
        if tag[3] is None:
            number = _attribute(tag[1], b"r")
            row, column = (position(b"A" + number)[0] if number else row + 1), -1
            continue
        ref = _attribute(tag[3], b"r")
        row, column = position(ref) if ref else (row, column + 1)
        yield row, column, tag


def _attribute(attributes: bytes, name: bytes) -> bytes:
    found = _ATTRIBUTE[name].search(attributes)
    return found[1] if found else b""


# --- cells that are no plain values -----------------------------------------------------------------------------------


def oddities(xml: bytes, percent_styles: frozenset[bytes], stale: bool) -> dict[tuple[int, int], Odd | None]:
    """Cells by place (0-based) that hold an error or a formula never calculated; None: a percentage (its number is known).

    ``stale``: whoever wrote the file left all formulas to be calculated when it is opened, so that 0 is no result either.
    """
    found: dict[int, tuple[bytes, Odd | None]] = {}  # place in the markup → attributes, what it is
    if percent_styles:
        for cell in _NUMBER.finditer(xml):
            if _attribute(cell[2], b"s") in percent_styles and _attribute(cell[2], b"t") in (b"", b"n"):
                found[cell.start()] = (cell[2], None)
    for formula in (_FORMULA_TAG if b":f" in xml else _PLAIN_FORMULA_TAG).finditer(xml):
        holder = _FORMULA.match(xml, xml.rfind(b"<", 0, formula.start()))
        if holder:
            attributes, value = holder[2] or b"", (holder[4] or b"").strip()
            if (not value and _attribute(attributes, b"t") in (b"", b"n")) or (stale and value == b"0"):
                found[holder.start()] = (attributes, Odd("f", "=" + _text(holder[3] or b"")))
    if any(mark in xml for mark in _ERROR_MARKS):
        for cell in _ERROR.finditer(xml):
            found[cell.start()] = (cell[2], Odd("e", _text(cell[3]) or "#ERROR"))
    if not found:
        return {}
    refs = [_attribute(attributes, b"r") for attributes, _ in found.values()]
    if all(refs):
        return {position(ref): odd for ref, (_, odd) in zip(refs, found.values(), strict=True)}
    return {(row, column): found[tag.start()][1] for row, column, tag in _walk(xml) if tag.start() in found}


def _text(markup: bytes) -> str:
    return _short_text(markup) if len(markup) <= _SHORT else unescape(markup.decode("utf-8", "replace")).strip()


@lru_cache(maxsize=1024)  # the formulas of one form are those of the next
def _short_text(markup: bytes) -> str:
    return unescape(markup.decode("utf-8", "replace")).strip()


def percent_styles(styles: bytes) -> frozenset[bytes]:
    """The numbers of the cell styles (as ``s=`` names them) that show a percentage."""
    formats = set(_PERCENT_FORMATS)
    for declared in _NUMBER_FORMAT.findall(styles) if b"%" in styles else ():
        code, number = _FORMAT_CODE.search(declared), _FORMAT_ID.search(declared)
        if code and number and "%" in _LITERAL.sub("", _text(code[1])):
            formats.add(number[1])
    used = _XF.findall(styles.partition(b"cellXfs")[2].partition(b"cellXfs")[0])
    return frozenset(str(n).encode() for n, number in enumerate(used) if number in formats)


def spread(drawn: Drawn, values: list[list[Any]], allowed: int) -> list[list[Any]]:
    """The rows of a sheet that was drawn together, back at their places; rows end with their last value."""
    empty: list[Any] = []
    rows: list[list[Any]] = []
    for n, row in enumerate(values):
        filled = [(drawn.columns[k], value) for k, value in enumerate(row) if value != ""]
        if not filled:
            continue
        rows += [empty] * (drawn.rows[n] - len(rows))
        line: list[Any] = [""] * (filled[-1][0] + 1)
        for column, value in filled:
            line[column] = value
        rows.append(line)
        allowed -= len(line)
        if allowed < 0:
            raise Unreadable("file.too-large")
    return rows
