"""Papers ready to print: A4, the office's font, Thai digits where it wants them.

Every text is written as a text, so nothing that people typed becomes a formula. Amounts are numbers with a fixed format:
copies for reading, as everything was decided in decimals before. Every cell rests on a named style (:data:`ROLES`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from xlsxwriter.worksheet import Worksheet

from batch.core.finding import Phrase
from batch.core.number import most_places
from batch.reports.styled import CellLook, Look, Looks, Role, Roles, StyledBook
from batch.reports.workbook import HEAD, LINE, MAX_TEXT, MUTED

if TYPE_CHECKING:
    from batch.i18n import Speaker

COUNT = "0"
_THAI = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")
_THAI_NUMBERS = "[$-D00041E]"  # the Thai digits of Excel and LibreOffice
POINTS = 22.5  # height of a line of 14 points in a font as tall as Sarabun


_CELL: Look = {"border": 1, "border_color": LINE, "text_wrap": True}
ROLES: Mapping[str, Role] = {
    "title": Role(Phrase("title"), {"bold": True, "font_size": 18, "align": "center", "text_wrap": True}),
    "subtitle": Role(Phrase("line below the title"), {"font_size": 16, "align": "center", "text_wrap": True}),
    "section": Role(Phrase("title of a part"), {**_CELL, "bold": True, "font_size": 15, "bg_color": HEAD}),
    "heading": Role(Phrase("title of a table"), {"bold": True, "font_size": 16, "text_wrap": True}),
    "wording": Role(Phrase("wording"), {"font_size": 16, "text_wrap": True}),
    "paragraph": Role(Phrase("paragraph"), {"text_wrap": True}),
    "note": Role(Phrase("note"), {"font_color": MUTED, "text_wrap": True}),
    "head": Role(Phrase("table head"), {**_CELL, "bold": True, "align": "center", "bg_color": HEAD}),
    "text": Role(Phrase("table text"), {**_CELL, "align": "left", "indent": 1}),
    "number": Role(Phrase("number"), {"border": 1, "border_color": LINE, "align": "right"}),
    "sum": Role(Phrase("line of sums"), {**_CELL, "bold": True, "bg_color": HEAD}),
    "signature": Role(Phrase("signature"), {"align": "center", "text_wrap": True}),
}


@cache
def _roles(font: str, number_format: str) -> Roles:
    number = Role(ROLES["number"].name, {**ROLES["number"].look, "num_format": number_format})
    return Roles({"font_name": font, "font_size": 14, "valign": "vcenter"}, {**ROLES, "number": number})


def even(values: Iterable[object], least: int = 0) -> dict[str, Any]:
    """The style of a column with these numbers: each with the same decimals, no fewer than one of them needs."""
    places = most_places(value for value in values if isinstance(value, Decimal))
    return {"num_format": f"{0:.{max(least, places)}f}"}


class Paper:
    """One workbook of papers: looks, sheets and lines that all of them share."""

    def __init__(self, say: Speaker, book: StyledBook, font: str, thai_digits: bool) -> None:
        self.say, self.book, self.font, self.thai_digits = say, book, font, thai_digits
        self._looks = Looks(book, say, _roles(font, self._shown(COUNT)))

    def look(self, role: str, **more: Any) -> CellLook:
        """The format of a role (:data:`ROLES`), with more properties."""
        if "num_format" in more:
            more["num_format"] = self._shown(more["num_format"])
        return self._looks(role, more)

    def _shown(self, num_format: str) -> str:
        return _THAI_NUMBERS + num_format if self.thai_digits else num_format

    def digits(self, text: str) -> str:
        """A text with the digits the office prints."""
        return text.translate(_THAI) if self.thai_digits else text

    def sheet(self, name: str, widths: Sequence[float], landscape: bool = False) -> Worksheet:
        """A sheet set up for A4, as wide as the paper, with page numbers."""
        sheet = self.book.add_worksheet("".join(" " if c in "[]:*?/\\" else c for c in name)[:31])
        if landscape:
            sheet.set_landscape()
        sheet.set_paper(9)
        sheet.set_margins(left=0.6, right=0.5, top=0.7, bottom=0.7)
        sheet.fit_to_pages(1, 0)
        sheet.center_horizontally()
        sheet.hide_gridlines(2)
        sheet.set_footer(f'&R&"{self.font}"&12&P/&N')
        for number, width in enumerate(widths):
            sheet.set_column(number, number, width)
        return sheet

    def put(self, sheet: Worksheet, row: int, column: int, value: object, **style: Any) -> None:
        """A value into a cell: decimals and counts as numbers, the rest as text."""
        if isinstance(value, (Decimal, int)):
            look = self.look(**{"role": "number", "num_format": COUNT, "align": "right", **style})
            sheet.write_number(row, column, float(value), look)
            return
        style.pop("num_format", None)
        if "align" not in style:
            style |= {"align": "left", "indent": 1}
        look = self.look(**{"role": "text", **({} if "indent" in style else {"indent": 0}), **style})
        text = self.digits(str(value or ""))[:MAX_TEXT]
        if text:
            sheet.write_string(row, column, text, look)
        else:
            sheet.write_blank(row, column, None, look)

    def line(
        self,
        sheet: Worksheet,
        row: int,
        span: Sequence[float],
        text: str,
        first: int = 0,
        role: str = "paragraph",
        **style: Any,
    ) -> int:
        """A text over the columns ``span`` (their widths) from ``first``, as high as it needs; returns the next row."""
        look = self.look(role, **style)
        size = look.font_size
        height = POINTS * size / 14 * lines_of(text, sum(span) * 14 / size)
        sheet.set_row(row, max(height, POINTS))
        if len(span) > 1:
            sheet.merge_range(row, first, row, first + len(span) - 1, "", look)
        sheet.write_string(row, first, self.digits(text), look)
        return row + 1

    def head(self, sheet: Worksheet, row: int, heads: Sequence[str], widths: Sequence[float]) -> int:
        """A row of column heads."""
        sheet.set_row(row, 4 + POINTS * max(lines_of(h, w) for h, w in zip(heads, widths, strict=True)))
        for number, text in enumerate(heads):
            self.put(sheet, row, number, text, role="head", align="center")
        return row + 1

    def row(
        self, sheet: Worksheet, row: int, cells: Sequence[tuple[object, dict[str, Any]]], widths: Sequence[float]
    ) -> int:
        """A bordered row of a table, as high as its longest text needs."""
        high = 1
        for number, (value, style) in enumerate(cells):
            self.put(sheet, row, number, value, **style)
            if isinstance(value, str):
                high = max(high, lines_of(value, widths[number]))
        sheet.set_row(row, 3 + POINTS * high)
        return row + 1


def lines_of(text: str, width: float) -> int:
    """How many lines a text takes in a column; Thai vowels and tone marks above and below take no room."""
    room = max(1.0, width * 0.9 - 1)
    lengths = (sum(unicodedata.category(c) != "Mn" for c in part) for part in text.split("\n"))
    return sum(max(1, -int(-length // room)) for length in lengths)
