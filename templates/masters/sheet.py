"""The cells of a form: how they look, what opens where, how a page prints."""

from __future__ import annotations

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

FONT = "Times New Roman"
SIZE = 13
DENSE = 12
INPUT = PatternFill("solid", fgColor="FFFBEA", bgColor="FFFBEA")
HEAD = PatternFill("solid", fgColor="EFF2F6", bgColor="EFF2F6")
LINE = Side(style="thin", color="7F7F7F")
BOX = Border(left=LINE, right=LINE, top=LINE, bottom=LINE)
DATE = "dd/mm/yyyy"
CAP = '"≤ "General'
"""A cap stands under its heading as a number, so that validations can refer to it; the sign is only its format."""
PORTRAIT = {"B": 5.0, "C": 29.0, "D": 16.0, "E": 17.0, "F": 12.0, "G": 19.0}
"""Columns of the forms in portrait: three signature blocks of the same width (B:C, D:E, F:G)."""


def label(text: str) -> str:
    """A translatable label. The English text is the key of the translation."""
    return f'{{{{ _("{text}") }}}}'


def value(name: str) -> str:
    """A placeholder for one value; alone in a cell it keeps its type."""
    return f"{{{{ {name} }}}}"


def put(
    ws: Worksheet,
    where: str,
    content: str | int | None = None,
    *,
    size: float = SIZE,
    bold: bool = False,
    italic: bool = False,
    color: str = "000000",
    across: str = "left",
    upright: str = "center",
    wrap: bool = True,
    shrink: bool = False,
    indent: int = 0,
    box: bool = False,
    fill: PatternFill | None = None,
    unlocked: bool = False,
    form: str = "General",
    font: str = FONT,
) -> None:
    """Writes one cell or one merged range. Every cell of a range is styled, or its border would have gaps."""
    rows = ws[where]
    cells = [rows] if not isinstance(rows, tuple) else [cell for row in rows for cell in row]
    for cell in cells:
        cell.font = Font(name=font, size=size, bold=bold, italic=italic, color=color)
        cell.alignment = Alignment(
            horizontal=across, vertical=upright, wrap_text=wrap and not shrink, shrink_to_fit=shrink, indent=indent
        )
        cell.protection = Protection(locked=not unlocked)
        cell.number_format = form
        if box:
            cell.border = BOX
        if fill is not None:
            cell.fill = fill
    cells[0].value = content
    if len(cells) > 1:
        ws.merge_cells(where)


def heading(ws: Worksheet, where: str, text: str, *, size: float = 12) -> None:
    """A heading of a table."""
    put(ws, where, text, size=size, bold=True, across="center", box=True, fill=HEAD)


def field(
    ws: Worksheet,
    where: str,
    *,
    across: str = "left",
    upright: str = "center",
    size: float = SIZE,
    indent: int = 0,
    form: str = "General",
) -> None:
    """A cell people fill in: unlocked and softly shaded."""
    put(ws, where, across=across, upright=upright, size=size, indent=indent, box=True, fill=INPUT, unlocked=True, form=form)


def shown(
    ws: Worksheet,
    where: str,
    content: str,
    *,
    across: str = "left",
    bold: bool = False,
    size: float = SIZE,
    indent: int = 0,
) -> None:
    """A cell of a table that people read."""
    put(ws, where, content, across=across, bold=bold, box=True, size=size, indent=indent)


def start(title: str, widths: dict[str, float], keys: dict[str, str], font: str = FONT) -> tuple[Workbook, Worksheet]:
    """A workbook with its visible sheet, hidden map and column widths.

    The Normal style is set to the form's own font, because Excel measures column widths in digits of that font.
    """
    book = Workbook()
    normal = Font(name=font, size=12)
    book._fonts[0] = normal  # type: ignore[attr-defined]
    book._named_styles["Normal"].font = normal  # type: ignore[attr-defined]
    ws = book.worksheets[0]
    ws.title = title
    ws["A1"] = "#key"
    for column, key in keys.items():
        ws[f"{column}1"] = key
    ws.column_dimensions["A"].width = 12
    ws.column_dimensions["A"].hidden = True
    ws.row_dimensions[1].hidden = True
    ws.row_dimensions[2].hidden = True
    for column, width in widths.items():
        ws.column_dimensions[column].width = width
    return book, ws


def protect(ws: Worksheet, *, insert_rows: bool = False) -> None:
    """Protection without a password: it guides the hand, it is no lock. Rows and columns may still be widened."""
    guard = ws.protection
    guard.sheet = True
    guard.formatRows = False
    guard.formatColumns = False
    guard.sort = False
    guard.insertRows = not insert_rows
    guard.objects = True
    guard.scenarios = True


def page(ws: Worksheet, area: str, repeat: str | None, *, portrait: bool = False, font: str = FONT) -> None:
    """A4, landscape unless told otherwise, as wide as the page, as many pages as it takes; fills are for the screen only.

    Labels in the footer use single quotes, because a double quote there ends the name of a font.
    """
    ws.print_area = area
    ws.print_title_rows = repeat
    setup = ws.page_setup
    setup.paperSize = 9
    setup.orientation = "portrait" if portrait else "landscape"
    setup.fitToWidth = 1
    setup.fitToHeight = 0
    setup.blackAndWhite = True
    ws.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    cm = 1 / 2.54
    margins = ws.page_margins
    margins.left, margins.right, margins.top, margins.bottom = 2 * cm, 1.5 * cm, 1.5 * cm, 1.5 * cm
    margins.header = margins.footer = 0.7 * cm
    ws.print_options.horizontalCentered = True
    footer = ws.oddFooter
    assert footer is not None
    for part, text in ((footer.left, value("office.name")), (footer.right, "{{ _('Page') }} &P/&N")):
        part.text, part.font, part.size = text, f"{font},Italic", 10


def view(ws: Worksheet, cursor: str, zoom: int, freeze: str | None = None) -> None:
    """What one sees on opening: no grid, the cursor in the first cell to fill in."""
    sheet = ws.sheet_view
    sheet.showGridLines = False
    sheet.zoomScale = zoom
    sheet.zoomScaleNormal = zoom
    if freeze is not None:
        ws.freeze_panes = freeze
    selection = sheet.selection[-1]
    selection.activeCell = cursor
    selection.sqref = cursor
