"""The type that a language needs: Thai is set in the face of Thai offices, small to the eye and with tall lines.

The masters are set in Times New Roman, which has no Thai letters: every spreadsheet program then takes another face of its
own choice, wider and taller than the cells are. A master in any other face is an office's own choice and is left alone.
"""

from __future__ import annotations

from copy import copy
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.worksheet.worksheet import Worksheet

LATIN, THAI = "Times New Roman", "TH SarabunPSK"
TALLER = 1.25  # a row of Sarabun, a point larger, beside one of Times
_TALLEST = 1.45  # a row of Sarabun at 14 points, as the masters of the half-year are set from the start
_ROOMY = 50  # points from which a row is a box to write in: it has room enough
_LARGER = 1


def fit(book: Workbook, lang: str) -> float:
    """Set a master in the type of a language; returns how much taller its lines are than those of Times."""
    fonts = book._fonts  # type: ignore[attr-defined]
    if any(font.name == THAI for font in fonts):
        return _TALLEST
    if lang != "th" or not any(font.name == LATIN for font in fonts):
        return 1.0
    for n, font in enumerate(fonts):
        if n and font.name == LATIN:  # not the first: column widths are counted in its digits
            fonts[n] = _in_thai(font, "name")
    for sheet in book.worksheets:
        _fit_sheet(sheet)
    return TALLER


def _fit_sheet(sheet: Worksheet) -> None:
    full = {cell.row for row in sheet.iter_rows() for cell in row if isinstance(cell.value, CellRichText)}
    for number, dimension in sheet.row_dimensions.items():
        if dimension.height and (number in full or dimension.height < _ROOMY):
            dimension.height = round(dimension.height * TALLER, 1)
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell.value, CellRichText):
                for n, part in enumerate(cell.value):
                    if isinstance(part, TextBlock) and part.font.rFont == LATIN:
                        cell.value[n] = TextBlock(_in_thai(part.font, "rFont", 0), part.text)
    for margin in filter(None, (sheet.oddHeader, sheet.oddFooter)):
        for side in (margin.left, margin.center, margin.right):
            if side.font and side.font.startswith(LATIN):
                side.font = side.font.replace(LATIN, THAI)
                side.size = (side.size or 10) + _LARGER


def _in_thai(font: Any, name: str, larger: float = _LARGER) -> Any:
    made = copy(font)
    setattr(made, name, THAI)
    made.sz = (made.sz or 11) + larger
    return made
