"""Papers ready to print: A4, the office's font, Thai digits where it wants them.

Every text is written as a text, so nothing that people typed becomes a formula. Amounts are numbers with a fixed format:
copies for reading, as everything was decided in decimals before. The bytes depend on what is shown and the language alone.
"""

from __future__ import annotations

import datetime as dt
import io
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from batch.core.period import Period
from batch.reports.workbook import HEAD, LINE, MAX_TEXT

if TYPE_CHECKING:
    from batch.i18n import Speaker

COUNT = "0"
_THAI = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")
_THAI_NUMBERS = "[$-D00041E]"  # the Thai digits of Excel and LibreOffice
POINTS = 22.5  # height of a line of 14 points in a font as tall as Sarabun


@contextmanager
def open_book(title: str, author: str, period: Period) -> Iterator[tuple[Workbook, io.BytesIO]]:
    """A workbook under way, and where its bytes are once it is closed; it is dated to the end of the period."""
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(target, options) as book:
        midnight = dt.datetime.combine(period.end, dt.time())
        book.set_properties({"title": title, "author": author, "created": midnight})
        yield book, target


class Paper:
    """One workbook of papers: looks, sheets and lines that all of them share."""

    def __init__(self, say: Speaker, book: Workbook, font: str, thai_digits: bool) -> None:
        self.say, self.book, self.font, self.thai_digits = say, book, font, thai_digits
        self._looks: dict[tuple[tuple[str, Any], ...], Format] = {}

    def look(self, **properties: Any) -> Format:
        """A cell format in the papers' font; made once."""
        if self.thai_digits and "num_format" in properties:
            properties["num_format"] = _THAI_NUMBERS + properties["num_format"]
        merged = {"font_name": self.font, "font_size": 14, "valign": "vcenter", **properties}
        key = tuple(sorted(merged.items()))
        if key not in self._looks:
            self._looks[key] = self.book.add_format(merged)
        return self._looks[key]

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
            sheet.write_number(row, column, float(value), self.look(**{"num_format": COUNT, "align": "right", **style}))
            return
        style.pop("num_format", None)
        if "align" not in style:
            style |= {"align": "left", "indent": 1}
        text = self.digits(str(value or ""))[:MAX_TEXT]
        if text:
            sheet.write_string(row, column, text, self.look(text_wrap=True, **style))
        else:
            sheet.write_blank(row, column, None, self.look(**style))

    def line(self, sheet: Worksheet, row: int, span: Sequence[float], text: str, first: int = 0, **style: Any) -> int:
        """A text over the columns ``span`` (their widths) from ``first``, as high as it needs; returns the next row."""
        size = style.get("font_size", 14)
        look = self.look(text_wrap=True, **style)
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
            self.put(sheet, row, number, text, bold=True, align="center", border=1, border_color=LINE, bg_color=HEAD)
        return row + 1

    def row(
        self, sheet: Worksheet, row: int, cells: Sequence[tuple[object, dict[str, Any]]], widths: Sequence[float]
    ) -> int:
        """A bordered row of a table, as high as its longest text needs."""
        high = 1
        for number, (value, style) in enumerate(cells):
            self.put(sheet, row, number, value, border=1, border_color=LINE, **style)
            if isinstance(value, str):
                high = max(high, lines_of(value, widths[number]))
        sheet.set_row(row, 3 + POINTS * high)
        return row + 1


def lines_of(text: str, width: float) -> int:
    """How many lines a text takes in a column; Thai vowels and tone marks above and below take no room."""
    room = max(1.0, width * 0.9 - 1)
    lengths = (sum(unicodedata.category(c) != "Mn" for c in part) for part in text.split("\n"))
    return sum(max(1, -int(-length // room)) for length in lengths)
