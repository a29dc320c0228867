"""Workbooks with comments, written so that each comment can be read: large enough, and beside its cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from batch.sheet.pack import pack

if TYPE_CHECKING:  # openpyxl costs time that marks in a package need not pay
    from openpyxl.workbook.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

COMMENT_WIDTH = 340  # pixels
USUAL_WIDTH, USUAL_HEIGHT = 9, 15  # of columns in characters, of rows in points
_LETTERS_PER_LINE, _LINE_PIXELS = 46, 17  # in the type that spreadsheet programs give comments

_NOTE_DRAWING = re.compile(r"xl/drawings/commentsDrawing(\d+)\.vml")
_NOTE_CELL = re.compile(
    r"<(?P<ns>\w+):AutoFill>\w+</(?P=ns):AutoFill><(?P=ns):Row>(?P<row>\d+)</(?P=ns):Row>"
    r"<(?P=ns):Column>(?P<column>\d+)</(?P=ns):Column>"
)

Size = Callable[[int], int]  # the number of a column or row, from 1 → how wide or high it is, in pixels


def saved(book: Workbook) -> bytes:
    """The workbook's bytes: the same for the same content. Every comment is made large enough to be read."""
    from batch.forms.workbook import files_of

    boxes: list[dict[tuple[int, int], str]] = []  # a dict for each sheet that has comments
    for sheet in book.worksheets:
        commented: list[Any] = [cell for cells in sheet.iter_rows() for cell in cells if cell.comment]
        for cell in commented:
            cell.comment.width, cell.comment.height = COMMENT_WIDTH, height_of(cell.comment.text)
        if commented:
            boxes.append({(c.row, c.column): box(c.row, c.column, c.comment.height, *_sizes(sheet)) for c in commented})
    files = files_of(book)
    for name in files:
        if drawing := _NOTE_DRAWING.fullmatch(name):
            files[name] = _placed(files[name].decode(), boxes[int(drawing[1]) - 1]).encode()
    return pack(files.items())


def height_of(text: str) -> int:
    """How high the box of a comment has to be, in pixels."""
    lines = sum(-(-len(line) // _LETTERS_PER_LINE) or 1 for line in text.split("\n"))
    return (lines + 1) * _LINE_PIXELS


def _placed(drawing: str, boxes: Mapping[tuple[int, int], str]) -> str:
    """The drawing of a sheet's comments with their boxes beside their cells; openpyxl leaves them all at the top."""

    def with_box(match: re.Match[str]) -> str:
        box = boxes.get((int(match["row"]) + 1, int(match["column"]) + 1))
        return f"<{match['ns']}:Anchor>{box}</{match['ns']}:Anchor>{match[0]}" if box else match[0]

    return _NOTE_CELL.sub(with_box, drawing)


def _sizes(sheet: Worksheet) -> tuple[Size, Size]:
    def wide(n: int) -> int:
        dimension = next((d for d in sheet.column_dimensions.values() if (d.min or 0) <= n <= (d.max or 0)), None)
        return 0 if dimension and dimension.hidden else column_pixels(dimension.width if dimension else USUAL_WIDTH)

    def high(n: int) -> int:
        dimension = sheet.row_dimensions[n]
        return 0 if dimension.hidden else row_pixels(dimension.height or USUAL_HEIGHT)

    return wide, high


def column_pixels(width: float) -> int:
    """Characters → pixels."""
    return round(width * 7 + 5)


def row_pixels(height: float) -> int:
    """Points → pixels."""
    return round(height * 4 / 3)


def box(row: int, column: int, height: int, wide: Size, high: Size) -> str:
    """A box right of a cell, from the row above it: column, pixels in it, row, pixels in it, of both corners."""
    left, top = column + 1, max(1, row - 1)
    right, x = _walk(left, 12 + COMMENT_WIDTH, wide)
    bottom, y = _walk(top, 8 + height, high)
    return f"{left - 1}, 12, {top - 1}, 8, {right - 1}, {x}, {bottom - 1}, {y}"


def _walk(n: int, pixels: int, size: Size) -> tuple[int, int]:
    """The column (or row) that lies some pixels beyond the beginning of another, and the pixels into it."""
    while pixels > size(n) and n < 16_000:
        pixels -= size(n)
        n += 1
    return n, pixels
