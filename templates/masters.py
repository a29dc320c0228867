"""Builds the standard Excel masters: self.xlsx, review.xlsx, approval.xlsx, unit.xlsx and meeting.xlsx.

An office may edit the workbooks themselves; this script is only how the standard ones came to be, kept so that a change of
wording or layout can be read as text. Run it from anywhere: ``python templates/masters.py [DIRECTORY]``. The same script always
gives the same bytes.

What makes a workbook a master:

* row 1 (hidden) holds column keys, column A (hidden) holds row keys; a field is (row key, column key). A column may carry several
  keys, parted by a space, because the blocks of one form share the physical columns;
* cells, input messages, drop-down lists and footers hold ``{{ ... }}`` placeholders, labels are ``{{ _("English") }}``;
* the signature blocks are rich text; each placeholder is whole within one run, so runs can be filled in one by one;
* formulas hold no placeholders. What a formula or a conditional format has to know of the office (a cap, a word such as
  'adjust') therefore stands in a cell: caps beside the scores, words in row 2 (hidden);
* the very hidden sheet ``_form`` holds what the form is, whose it is, and the bands.
"""

from __future__ import annotations

import re
import sys
import zipfile
from collections.abc import Iterable, Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

FONT = "Times New Roman"
SIZE = 13
DENSE = 12
STAMP = datetime(2025, 6, 1)
MARKS = ("form", "period", "subject", "addressee", "scheme", "scheme_hash", "template", "corrects", "token")
BANDS = 8
TASKS = 12

INPUT = PatternFill("solid", fgColor="FFFBEA", bgColor="FFFBEA")
HEAD = PatternFill("solid", fgColor="EFF2F6", bgColor="EFF2F6")
RED = PatternFill("solid", fgColor="F4A6A6", bgColor="F4A6A6")
AMBER = PatternFill("solid", fgColor="FFD97A", bgColor="FFD97A")
LINE = Side(style="thin", color="7F7F7F")
BOX = Border(left=LINE, right=LINE, top=LINE, bottom=LINE)
RULE = Border(top=Side(style="thin", color="000000"))

DATE = "dd/mm/yyyy"
CAP = '"≤ "General'
"""A cap stands under its heading as a number, so that validations can refer to it; the sign is only its format."""


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
) -> None:
    """Writes one cell or one merged range. Every cell of a range is styled, or its border would have gaps."""
    rows = ws[where]
    cells = [rows] if not isinstance(rows, tuple) else [cell for row in rows for cell in row]
    for cell in cells:
        cell.font = Font(name=FONT, size=size, bold=bold, italic=italic, color=color)
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


def start(title: str, widths: dict[str, float], keys: dict[str, str]) -> tuple[Workbook, Worksheet]:
    """A workbook with its visible sheet, hidden map and column widths.

    The Normal style is set to the form's own font, because Excel measures column widths in digits of that font.
    """
    book = Workbook()
    normal = Font(name=FONT, size=12)
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


def letterhead(ws: Worksheet, left: tuple[str, str], right: tuple[str, str], rule: tuple[str, str]) -> None:
    """Rows 3 to 7: the office's header, up to three lines a side.

    The rule belongs under the last of the lines on the right (one line for Party bodies, two for State bodies), so it stands in
    thin rows of its own, and a conditional format draws it in the one that fits.
    """
    for row, height in ((3, 18.0), (4, 3.0), (5, 18.0), (6, 3.0), (7, 14.0)):
        ws.row_dimensions[row].height = height
    for index, row in enumerate((3, 5, 7)):
        a, b = left
        put(ws, f"{a}{row}:{b}{row}", value(f"office.header_left[{index}]"), bold=index == 1, across="center", shrink=True)
        a, b = right
        put(ws, f"{a}{row}:{b}{row}", value(f"office.header_right[{index}]"), bold=True, across="center", shrink=True)
    second = f"${right[0]}$5"
    for row, test in ((4, f'{second}=""'), (6, f'{second}<>""')):
        when(ws, f"{rule[0]}{row}:{rule[1]}{row}", test, border=RULE)


def titles(ws: Worksheet, last: str, title: str, subtitle: str | None, hint: str) -> int:
    """The title, the week, the legal basis and how to fill in. Returns the next free row."""
    row = 8
    lines: list[tuple[str, float, dict[str, object]]] = [(label(title), 24, {"size": 16, "bold": True})]
    if subtitle is not None:
        lines.append((label(subtitle), 18, {"italic": True}))
    lines.append((value("period.label"), 19, {"size": 14, "bold": True}))
    lines.append((value("scheme.legal_basis"), 18, {"italic": True, "size": 12, "shrink": True}))
    lines.append((hint, 21, {"italic": True, "size": 11, "color": "595959", "shrink": True}))
    for text, height, style in lines:
        put(ws, f"B{row}:{last}{row}", text, across="center", upright="top", **style)  # type: ignore[arg-type]
        ws.row_dimensions[row].height = height
        row += 1
    return row


def signatures(ws: Worksheet, row: int, blocks: Sequence[tuple[str, str, str, str]]) -> int:
    """The signature blocks (first column, last column, title, name). Returns the last row used.

    A block is one cell in one tall row: a page may end between rows, but never inside one, so no signature is torn from its
    title. The differing type inside the cell is rich text, each placeholder whole within its run. The place and date stand over
    the last block, as in an official letter. An empty name leaves the line to be signed by whoever is sent.
    """
    ws.row_dimensions[row].height = 8
    ws.row_dimensions[row + 1].height = 126

    def run(text: str, *, bold: bool = False, italic: bool = False) -> TextBlock:
        return TextBlock(InlineFont(rFont=FONT, sz=SIZE, b=bold or None, i=italic or None), text)

    for number, (first, last, title, name) in enumerate(blocks, 1):
        where = f"{first}{row + 1}:{last}{row + 1}"
        put(ws, where, bold=True, across="center", upright="top")
        signed = CellRichText(
            run("\n" + label(title), bold=True),
            run("\n" + label("(Signature and full name)"), italic=True),
            run("\n\n\n\n" + (value(name) if name else ""), bold=True),
        )
        if number == len(blocks):
            signed.insert(0, run(label("......, day ... month ... year ......"), italic=True))
        ws[f"{first}{row + 1}"].value = signed
    return row + 1


def check_number(
    ws: Worksheet,
    where: str,
    high: str | None,
    prompt: str | None,
    error: str,
    *,
    title: str = "Score",
    whole: bool = False,
) -> None:
    """Accepts a number from 0 to `high` only."""
    rule = DataValidation(
        type="whole" if whole else "decimal",
        operator="greaterThanOrEqual" if high is None else "between",
        formula1="0",
        formula2=high,
        allow_blank=True,
        errorStyle="stop",
        showErrorMessage=True,
        showInputMessage=prompt is not None,
        errorTitle=label(title),
        error=error,
        promptTitle=label(title) if prompt is not None else None,
        prompt=prompt,
    )
    rule.add(where)
    ws.add_data_validation(rule)


def check_score(ws: Worksheet, where: str, cap_cell: str, criterion: str) -> None:
    """A score: a number from 0 to its cap, which stands in `cap_cell`."""
    text = f'{{{{ _("From 0 to {{max}} points, at most two decimals", max=cap.{criterion}) }}}}'
    check_number(ws, where, cap_cell, text, text)


def check_date(ws: Worksheet, where: str) -> None:
    """A date. Only a warning: on a computer set to another country 23/06/2025 stays text, which the program still reads."""
    rule = DataValidation(
        type="date",
        operator="between",
        formula1="36526",
        formula2="73415",
        allow_blank=True,
        errorStyle="warning",
        showErrorMessage=True,
        errorTitle=label("Date"),
        error=label("Enter a date as dd/mm/yyyy"),
    )
    rule.add(where)
    ws.add_data_validation(rule)


def check_list(ws: Worksheet, where: str, words: Sequence[str], prompt: str | None = None, *, title: str = "Choice") -> None:
    """A drop-down list of the office's words."""
    rule = DataValidation(
        type="list",
        formula1='"' + ",".join(value(f"words.{word}") for word in words) + '"',
        allow_blank=True,
        errorStyle="stop",
        showErrorMessage=True,
        showInputMessage=prompt is not None,
        errorTitle=label(title),
        error=label("Choose from the list"),
        promptTitle=label(title) if prompt is not None else None,
        prompt=label(prompt) if prompt is not None else None,
    )
    rule.add(where)
    ws.add_data_validation(rule)


def note_input(ws: Worksheet, where: str, title: str, prompt: str) -> None:
    """A short message beside a free-text cell; nothing is refused."""
    rule = DataValidation(showInputMessage=True, promptTitle=label(title), prompt=label(prompt), allow_blank=True)
    rule.add(where)
    ws.add_data_validation(rule)


def when(ws: Worksheet, where: str, test: str, *, stop: bool = False, **look: PatternFill | Border) -> None:
    """A conditional format; `test` is written for the top left cell of `where`."""
    rule = FormulaRule(formula=[test], stopIfTrue=stop, **look)  # type: ignore[no-untyped-call]
    ws.conditional_formatting.add(where, rule)


def shade(ws: Worksheet, where: str, test: str, fill: PatternFill, *, stop: bool = False) -> None:
    """A conditional fill."""
    when(ws, where, test, stop=stop, fill=fill)


def wrong(cell: str, cap: str) -> str:
    """True for a filled cell that is no number, lies outside 0 and its cap, or has more than two decimals."""
    return f'IF({cell}="",FALSE,IF(ISNUMBER({cell}),OR({cell}<0,{cell}>{cap},ROUND({cell},2)<>{cell}),TRUE))'


def total(cells: Sequence[str], caps: Sequence[str]) -> str:
    """The sum of the scores, or nothing until all of them are there and sound.

    Counting comes first, in an IF of its own: comparing text with a cap would not fail, but mean nothing.
    """
    span = f"{cells[0]}:{cells[-1]}"
    over = ",".join(f"{cell}>{cap}" for cell, cap in zip(cells, caps, strict=True))
    fine = ",".join(f"ROUND({cell},2)<>{cell}" for cell in cells)
    return f'IF(COUNT({span})<{len(cells)},"",IF(OR(MIN({span})<0,{over},{fine}),"",ROUND(SUM({span}),2)))'


def band(cell: str) -> str:
    """The title of the band of a total: the last one whose lower bound is not above it."""
    low, name = f"_form!$D$1:$D${BANDS}", f"_form!$E$1:$E${BANDS}"
    return f'INDEX({name},SUMPRODUCT(({low}<={cell})*({low}<>"")))'


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


def page(ws: Worksheet, area: str, repeat: str | None, *, portrait: bool = False) -> None:
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
        part.text, part.font, part.size = text, f"{FONT},Italic", 10


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


def add_marks(book: Workbook) -> None:
    """The very hidden sheet: what the form is, whose it is, and the bands for the live formulas."""
    ws = book.create_sheet("_form")
    ws.sheet_state = "veryHidden"
    for row, mark in enumerate(MARKS, 1):
        ws.cell(row, 1, mark)
        ws.cell(row, 2, value(f"form.{mark}"))
    for index in range(BANDS):
        ws.cell(index + 1, 4, value(f"bands[{index}].min"))
        ws.cell(index + 1, 5, value(f"bands[{index}].title"))
    protect(ws)


def section(ws: Worksheet, row: int, last: str, text: str) -> int:
    """The heading of a part of a form. Returns the next row."""
    put(ws, f"B{row}:{last}{row}", label(text), bold=True, upright="bottom")
    ws.row_dimensions[row].height = 23
    return row + 1


def text_rows(ws: Worksheet, row: int, last: str, heights: Sequence[float]) -> int:
    """The four texts of a self-assessment, in column D. Returns the next row."""
    texts = (
        (
            "summary",
            "Results of the week's work and its products",
            "Results",
            "The main results and products, in a few lines",
        ),
        (
            "conduct",
            "Working style, discipline and sense of responsibility",
            "Conduct",
            "Working style, discipline, working hours, responsibility",
        ),
        ("obstacles", "Difficulties and obstacles", "Obstacles", "What held the work up, and who can remove it"),
        ("proposals", "Proposals", "Proposals", "What you propose or ask for"),
    )
    for (key, text, short, prompt), height in zip(texts, heights, strict=True):
        ws[f"A{row}"] = f"text.{key}"
        put(ws, f"B{row}:C{row}", label(text), bold=True, box=True, indent=1)
        field(ws, f"D{row}:{last}{row}", indent=1)
        note_input(ws, f"D{row}", short, prompt)
        ws.row_dimensions[row].height = height
        row += 1
    return row


def score_rows(ws: Worksheet, row: int, last: str, *, wide: bool) -> tuple[int, int]:
    """The self-assessed scores: caps in D, scores in E, explanations from F to `last`, then total and level.

    On a `wide` form total and level share a line. Returns the first score's row and the next row.
    """
    for where, text in (
        (f"B{row}", "No."),
        (f"C{row}", "Criterion"),
        (f"D{row}", "Maximum"),
        (f"E{row}", "Self-assessed score"),
        (f"F{row}:{last}{row}", "Explanation"),
    ):
        heading(ws, where, label(text))
    ws.row_dimensions[row].height = 32
    row += 1
    first = row
    for number, criterion in enumerate(("quality", "progress", "conduct"), 1):
        ws[f"A{row}"] = f"score.{criterion}"
        put(ws, f"B{row}", number, across="center", box=True)
        shown(ws, f"C{row}", value(f"crit.{criterion}"), indent=1)
        shown(ws, f"D{row}", value(f"cap.{criterion}"), across="center")
        field(ws, f"E{row}", across="center")
        field(ws, f"F{row}:{last}{row}", indent=1)
        check_score(ws, f"E{row}", f"$D${row}", criterion)
        ws.row_dimensions[row].height = 21
        row += 1
    scores = [f"$E${n}" for n in range(first, row)]
    caps = [f"$D${n}" for n in range(first, row)]
    put(ws, f"B{row}:C{row}", label("Total"), bold=True, across="center", box=True)
    shown(ws, f"D{row}", value("cap.total"), across="center", bold=True)
    shown(ws, f"E{row}", "=" + total(scores, caps), across="center", bold=True)
    text, level = label("Self-assessed level"), f'=IF($E${row}="","",{band(f"$E${row}")})'
    ws.row_dimensions[row].height = 32 if wide else 22
    if wide:
        put(ws, f"F{row}:G{row}", text, across="center", box=True, italic=True)
        shown(ws, f"H{row}:{last}{row}", level, bold=True, indent=1)
    else:
        put(ws, f"F{row}:{last}{row}", box=True)
        row += 1
        put(ws, f"B{row}:C{row}", text, bold=True, across="center", box=True)
        shown(ws, f"D{row}:{last}{row}", level, bold=True, indent=1)
        ws.row_dimensions[row].height = 22
    return first, row + 1


def identity(ws: Worksheet, row: int, last: str, lines: Iterable[tuple[str, str, str]], bold: str) -> int:
    """Whom the form is about: (key, label, placeholder) a line, locked; `bold`: the key that stands out. Returns the next row."""
    for key, text, name in lines:
        ws[f"A{row}"] = f"identity.{key}"
        put(ws, f"B{row}:C{row}", label(text), bold=True, box=True, indent=1)
        put(ws, f"D{row}:{last}{row}", value(name), box=True, indent=1, form="@", bold=key == bold)
        ws.row_dimensions[row].height = 19
        row += 1
    return row


def build_self() -> Workbook:
    """The weekly self-assessment.

    The task table comes last, with only the signatures after it: it is the one part whose length varies, and its headings are
    repeated on every later page, where they would otherwise stand over the scores. `value`, `self` and `note` share the
    physical columns of the task table.
    """
    widths = {"B": 5.0, "C": 30.0, "D": 10.5, "E": 19.0, "F": 8.5, "G": 9.0, "H": 11.5, "I": 11.5, "J": 17.0, "K": 20.0}
    keys = {
        "C": "task",
        "D": "key_task value",
        "E": "product self",
        "F": "quantity note",
        "G": "complexity",
        "H": "due",
        "I": "done",
        "J": "outcome",
        "K": "reason",
    }
    book, ws = start(label("Self-report"), widths, keys)
    letterhead(ws, ("B", "D"), ("G", "K"), ("I", "J"))
    hint = " ".join(
        label(text)
        for text in (
            "Fill in the shaded cells only, including the list of tasks in part III.",
            "Total and level appear by themselves.",
        )
    )
    row = titles(ws, "K", "Self-assessment report on the week's work", None, hint)

    # An issued form names its person; a blank one (empty D2) is filled in by hand.
    ws["D2"] = value("form.subject")
    first = row
    for key, text in (("staff_id", "Staff code"), ("name", "Full name"), ("position", "Position"), ("unit", "Unit")):
        ws[f"A{row}"] = f"identity.{key}"
        put(ws, f"B{row}:C{row}", label(text), bold=True, box=True, indent=1)
        put(ws, f"D{row}:K{row}", value(f"subject.{key}"), box=True, indent=1, unlocked=True, form="@", bold=key == "name")
        ws.row_dimensions[row].height = 19
        row += 1
    where = f"D{first}:K{row - 1}"
    shade(ws, where, '$D$2=""', INPUT)
    rule = DataValidation(
        type="custom",
        formula1='$D$2=""',
        allow_blank=False,
        errorStyle="stop",
        showErrorMessage=True,
        errorTitle=label("Not changed here"),
        error=label("These details come from the office's list. Tell the office if they are wrong."),
    )
    rule.add(where)
    ws.add_data_validation(rule)

    first_text = section(ws, row, "K", "I. Summary of the week's work")
    row = text_rows(ws, first_text, "K", (52, 52, 52, 52))
    first_score, row = score_rows(ws, section(ws, row, "K", "II. Self-assessed scores"), "K", wide=True)

    ws.row_breaks.append(Break(id=row - 1))
    header = row = section(ws, row, "K", "III. Tasks and products of the week")
    for column, text in zip(
        "BCDEFGHIJK",
        (
            "No.",
            "Task",
            "Key task",
            "Product",
            "Quantity",
            "Complexity",
            "Due date",
            "Date finished",
            "Outcome",
            "Reason",
        ),
        strict=True,
    ):
        heading(ws, f"{column}{row}", label(text))
    ws.row_dimensions[row].height = 36
    row += 1
    first_task, last_task = row, row + TASKS - 1
    for number in range(1, TASKS + 1):
        ws[f"A{row}"] = f"task.{number}"
        put(ws, f"B{row}", f"=ROW()-ROW($B${header})", across="center", box=True, size=DENSE)
        for column in "CEJK":
            field(ws, f"{column}{row}", size=DENSE)
        for column in "DFG":
            field(ws, f"{column}{row}", across="center", size=DENSE)
        for column in "HI":
            field(ws, f"{column}{row}", across="center", size=DENSE, form=DATE)
        ws.row_dimensions[row].height = 31
        row += 1

    def tasks(column: str) -> str:
        return f"{column}{first_task}:{column}{last_task}"

    check_list(ws, tasks("D"), ("yes", "no"))
    number_text = label("Enter a number, 0 or more")
    check_number(ws, tasks("F"), None, None, number_text, title="Quantity")
    check_number(ws, tasks("G"), "10", None, label("Enter a number from 0 to 10"), title="Complexity")
    check_date(ws, f"H{first_task}:I{last_task}")
    note_input(ws, tasks("K"), "Reason", "Only for work that is late or not finished")
    cell = f"F{first_task}"
    shade(ws, tasks("F"), f'IF({cell}="",FALSE,IF(ISNUMBER({cell}),{cell}<0,TRUE))', RED)
    cell = f"G{first_task}"
    shade(ws, tasks("G"), f'IF({cell}="",FALSE,IF(ISNUMBER({cell}),OR({cell}<0,{cell}>10),TRUE))', RED)

    where = f"E{first_score}:E{first_score + 2}"
    shade(ws, where, wrong(f"$E{first_score}", f"$D{first_score}"), RED, stop=True)
    begun = (
        f"COUNTA($E${first_score}:$E${first_score + 2})+COUNTA($D${first_text}:$D${first_text + 3})"
        f"+COUNTA($C${first_task}:$C${last_task})>0"
    )
    shade(ws, where, f'AND($E{first_score}="",{begun})', AMBER)

    ws[f"A{row}"] = "task.end"  # rows that people insert below the last line still belong to the table
    last = signatures(
        ws,
        row,
        (
            ("B", "D", "SELF-ASSESSED BY", "subject.name"),
            ("E", "H", "DIRECT SUPERVISOR", "reviewer.name"),
            ("I", "K", "APPROVING AUTHORITY", "approver.name"),
        ),
    )
    protect(ws, insert_rows=True)
    page(ws, f"B3:K{last}", f"{header}:{header}")
    view(ws, f"D{first_text}", 90)
    add_marks(book)
    return book


def table_head(
    ws: Worksheet, row: int, single: dict[str, str], groups: Iterable[tuple[str, str, Sequence[str], bool]]
) -> int:
    """Three rows of headings: groups, columns, caps. Returns the row of the caps.

    `single` columns run through all three. A group is (title, first column, labels after the three criteria, caps are shown).
    """
    for offset, height in ((0, 24), (1, 46), (2, 18)):
        ws.row_dimensions[row + offset].height = height
    for column, text in single.items():
        heading(ws, f"{column}{row}:{column}{row + 2}", label(text))
    for title, first, more, caps in groups:
        start_at = column_index_from_string(first)
        end = get_column_letter(start_at + 2 + len(more))
        heading(ws, f"{first}{row}:{end}{row}", label(title))
        for offset, criterion in enumerate(("quality", "progress", "conduct")):
            column = get_column_letter(start_at + offset)
            if caps:
                heading(ws, f"{column}{row + 1}", value(f"crit.{criterion}"), size=11)
                put(
                    ws,
                    f"{column}{row + 2}",
                    value(f"cap.{criterion}"),
                    size=11,
                    italic=True,
                    across="center",
                    box=True,
                    fill=HEAD,
                    form=CAP,
                )
            else:
                heading(ws, f"{column}{row + 1}:{column}{row + 2}", value(f"crit.{criterion}"), size=11)
        for offset, text in enumerate(more, 3):
            column = get_column_letter(start_at + offset)
            heading(ws, f"{column}{row + 1}:{column}{row + 2}", label(text), size=11)
    return row + 2


def person_line(ws: Worksheet, row: int, last: str, role: str) -> None:
    """Who fills the sheet in, in one line: it stands above frozen rows, where height is dear."""
    parts = ((role, "name"), ("Position", "position"), ("Unit", "unit"))
    text = "      ".join(f"{label(name)}: {value('addressee.' + key)}" for name, key in parts)
    put(ws, f"B{row}:{last}{row}", text, bold=True, across="center", shrink=True)
    ws.row_dimensions[row].height = 22


def build_review() -> Workbook:
    """The sheet on which a supervisor scores all of their people. The row of the table is repeated once a person."""
    widths = {"B": 5.0, "C": 9.5, "D": 17.0, "E": 15.0, "F": 7.0, "G": 7.0, "H": 7.0, "I": 7.0, "J": 13.0, "K": 14.5}
    widths |= {"L": 10.5, "M": 7.5, "N": 7.5, "O": 7.5, "P": 7.5, "Q": 13.0, "R": 11.5, "S": 11.5, "T": 22.0}
    keys = {"D": "name", "F": "self.quality", "G": "self.progress", "H": "self.conduct", "I": "self.total"}
    keys |= {"L": "agree", "M": "score.quality", "N": "score.progress", "O": "score.conduct"}
    keys |= {"R": "key_task_failed", "S": "discipline_breach", "T": "comment", "U": "seen"}
    book, ws = start(label("Review"), widths, keys)
    ws.column_dimensions["U"].hidden = True  # which return of the authority this row answers
    yes = "$L$2"  # the word that says in column L: as the person scored themself
    ws[yes.replace("$", "")] = value("words.yes")
    letterhead(ws, ("B", "F"), ("M", "T"), ("P", "S"))
    hint = " ".join(
        label(text)
        for text in (
            "Fill in the shaded cells only, one row for each person.",
            "Three scores, or 'yes' under 'agree' to take the person's own.",
            "Total and level appear by themselves.",
        )
    )
    row = titles(ws, "T", "Assessment and scoring of the week's work", "(For the direct supervisor)", hint)
    person_line(ws, row, "T", "Direct supervisor")
    top = row + 1
    caps_row = table_head(
        ws,
        top,
        {
            "B": "No.",
            "C": "Staff code",
            "D": "Full name",
            "E": "Position",
            "J": "Previous week",
            "K": "Warnings",
            "L": "Agree with self-assessment",
            "R": "Key task failed",
            "S": "Discipline breached",
            "T": "Comments of the supervisor",
        },
        (("Self-assessment", "F", ("Total",), False), ("Scores of the supervisor", "M", ("Total", "Level"), True)),
    )
    row = caps_row + 1
    ws[f"A{row}"] = value("row.staff_id")
    put(ws, f"B{row}", f"=ROW()-ROW($B${top})-2", across="center", box=True)
    put(ws, f"C{row}", value("row.staff_id"), across="center", box=True, form="@")
    shown(ws, f"D{row}", value("row.name"), bold=True)
    ws.row_dimensions[row].height = 50
    shown(ws, f"E{row}", value("row.position"), size=DENSE)
    for column, name in zip("FGHI", ("quality", "progress", "conduct", "total"), strict=True):
        shown(ws, f"{column}{row}", value(f"row.self.{name}"), across="center")
    shown(ws, f"J{row}", value("row.previous_band"), size=DENSE)
    shown(ws, f"K{row}", value("row.warnings"), size=DENSE)
    field(ws, f"L{row}", across="center")
    check_list(ws, f"L{row}", ("yes",), "Choose yes to take the person's own scores", title="Agree")
    for column, criterion in zip("MNO", ("quality", "progress", "conduct"), strict=True):
        field(ws, f"{column}{row}", across="center")
        check_score(ws, f"{column}{row}", f"${column}${caps_row}", criterion)
    cells = [f"${column}{row}" for column in "MNO"]
    agreed = f"AND($L{row}={yes},COUNTA({cells[0]}:{cells[-1]})=0)"
    scored = total(cells, [f"${c}${caps_row}" for c in "MNO"])
    shown(ws, f"P{row}", f'=IF({agreed},IF(ISNUMBER($I{row}),$I{row},""),{scored})', across="center", bold=True)
    shown(ws, f"Q{row}", f'=IF($P{row}="","",{band(f"$P{row}")})', size=DENSE)
    for column in "RS":
        field(ws, f"{column}{row}", across="center")
    field(ws, f"T{row}", size=DENSE)
    put(ws, f"U{row}", value("row.seen"), wrap=False, form="@")
    check_list(ws, f"R{row}", ("yes", "no"), "Did the person fail a key task this week?", title="Key task")
    check_list(
        ws,
        f"S{row}",
        ("yes", "no"),
        "Were rules, discipline or working hours not strictly kept?",
        title="Discipline",
    )
    shade(ws, f"M{row}:O{row}", wrong(f"M{row}", f"M${caps_row}"), RED, stop=True)
    begun = f"COUNTA($L{row}:$O{row},$R{row}:$T{row})>0"
    shade(ws, f"M{row}:O{row}", f'AND(M{row}="",{begun},NOT({agreed}))', AMBER)
    shade(ws, f"R{row}:S{row}", f'AND(R{row}="",{begun})', AMBER)
    last = signatures(
        ws,
        row + 1,
        (("B", "F", "APPROVING AUTHORITY", "approver.name"), ("P", "T", "DIRECT SUPERVISOR", "addressee.name")),
    )
    protect(ws)
    page(ws, f"B3:T{last}", f"{top}:{caps_row}")
    view(ws, f"L{row}", 80, f"E{row}")
    add_marks(book)
    return book


def build_approval() -> Workbook:
    """The sheet on which an authority decides. The row of the table is repeated once a person.

    The total in force after the decision stands in a hidden column of its own, so that total and level can share one visible
    column of the page.
    """
    widths = {"B": 5.0, "C": 9.5, "D": 17.0, "E": 19.0, "F": 7.0, "G": 7.0, "H": 7.0, "I": 7.0, "J": 13.5, "K": 16.0}
    widths |= {"L": 21.0, "M": 12.0, "N": 7.5, "O": 7.5, "P": 7.5, "Q": 14.5, "R": 20.0, "S": 8.0, "T": 12.0}
    keys = {"D": "name", "E": "role", "F": "review.quality", "G": "review.progress", "H": "review.conduct"}
    keys |= {"I": "review.total", "J": "band", "K": "warnings", "M": "decision"}
    keys |= {"N": "score.quality", "O": "score.progress", "P": "score.conduct", "R": "reason", "T": "seen"}
    book, ws = start(label("Approval"), widths, keys)
    for column in "ST":
        ws.column_dimensions[column].hidden = True
    # The words that the conditional formats compare the decision with.
    approve, adjust, back = "$M$2", "$N$2", "$O$2"
    for cell, word in ((approve, "approve"), (adjust, "adjust"), (back, "return")):
        ws[cell.replace("$", "")] = value(f"words.{word}")
    letterhead(ws, ("B", "F"), ("M", "R"), ("O", "Q"))
    hint = (
        '{{ _("Choose a decision for each person: {approve}, {adjust} (with three scores and a reason)'
        ' or {back} (with a reason).", approve=words.approve, adjust=words.adjust, back=words.return) }}'
    )
    row = titles(ws, "R", "Approval of the week's assessment results", "(For the approving authority)", hint)
    person_line(ws, row, "R", "Approved by")
    row += 1
    ws[f"A{row}"] = "others"
    put(
        ws,
        f"B{row}:L{row}",
        label("Approve all others: everybody whose row below is left without a decision"),
        across="right",
        bold=True,
    )
    field(ws, f"M{row}", across="center")
    check_list(
        ws,
        f"M{row}",
        ("approve",),
        "Decide the exceptions in their rows, then choose here for all the others",
        title="All others",
    )
    ws.row_dimensions[row].height = 24
    others = f"$M${row}"
    top = row + 1
    caps_row = table_head(
        ws,
        top,
        {
            "B": "No.",
            "C": "Staff code",
            "D": "Full name",
            "E": "Position, unit",
            "K": "Warnings",
            "L": "Comments of the supervisor",
            "M": "Decision",
            "Q": "Result after the decision",
            "R": "Reason",
        },
        (
            ("Scores of the supervisor", "F", ("Total", "Level"), False),
            ("Adjusted scores", "N", (), True),
        ),
    )
    row = caps_row + 1
    ws[f"A{row}"] = value("row.staff_id")
    put(ws, f"B{row}", f"=ROW()-ROW($B${top})-2", across="center", box=True)
    put(ws, f"C{row}", value("row.staff_id"), across="center", box=True, form="@")
    shown(ws, f"D{row}", value("row.name"), bold=True)
    ws.row_dimensions[row].height = 50
    shown(ws, f"E{row}", value("row.role") + "\n" + value("row.unit"), size=DENSE)
    for column, name in zip("FGHI", ("quality", "progress", "conduct", "total"), strict=True):
        shown(ws, f"{column}{row}", value(f"row.review.{name}"), across="center", bold=name == "total")
    shown(ws, f"J{row}", value("row.band"), size=DENSE)
    shown(ws, f"K{row}", value("row.warnings"), size=DENSE)
    shown(ws, f"L{row}", value("row.comment"), size=DENSE)
    field(ws, f"M{row}", across="center")
    check_list(ws, f"M{row}", ("approve", "adjust", "return"), "Choose from the list", title="Decision")
    for column, criterion in zip("NOP", ("quality", "progress", "conduct"), strict=True):
        field(ws, f"{column}{row}", across="center")
        check_score(ws, f"{column}{row}", f"${column}${caps_row}", criterion)
    field(ws, f"R{row}", size=DENSE)
    note_input(ws, f"R{row}", "Reason", "Required when scores are adjusted or the assessment is returned")

    decision, review, result = f"$M{row}", f"$I{row}", f"$S{row}"
    effective = f'IF({decision}<>"",{decision},{others})'
    cells = [f"${column}{row}" for column in "NOP"]
    adjusted = total(cells, [f"${c}${caps_row}" for c in "NOP"])
    put(
        ws,
        f"S{row}",
        f'=IF({effective}="","",IF({effective}={adjust},{adjusted},'
        f'IF({effective}={approve},IF(ISNUMBER({review}),{review},""),"")))',
    )
    shown(ws, f"Q{row}", f'=IF({result}="","",{result}&" – "&{band(result)})', size=DENSE)
    put(ws, f"T{row}", value("row.seen"), wrap=False, form="@")

    shade(ws, f"N{row}:P{row}", wrong(f"N{row}", f"N${caps_row}"), RED, stop=True)
    shade(ws, f"N{row}:P{row}", f'AND({decision}<>"",{decision}={adjust},N{row}="")', AMBER)
    shade(ws, f"R{row}", f'AND({decision}<>"",OR({decision}={adjust},{decision}={back}),$R{row}="")', AMBER)
    shade(ws, f"M{row}", f"AND(COUNTA({cells[0]}:{cells[-1]})>0,{decision}<>{adjust})", AMBER)
    last = signatures(ws, row + 1, (("M", "R", "APPROVING AUTHORITY", "addressee.name"),))
    protect(ws)
    page(ws, f"B3:R{last}", f"{top}:{caps_row}")
    view(ws, f"M{row}", 80, f"E{row}")
    add_marks(book)
    return book


PORTRAIT = {"B": 5.0, "C": 29.0, "D": 16.0, "E": 17.0, "F": 12.0, "G": 19.0}
"""Columns of the forms in portrait: three signature blocks of the same width (B:C, D:E, F:G)."""


def build_unit() -> Workbook:
    """The self-assessment of a unit, filled in by its head: what was done in figures and in words, then the scores.

    It is always issued, never blank, so its identity is locked. `value` and the caps share column D.
    """
    book, ws = start(label("Unit report"), PORTRAIT, {"D": "value", "E": "self", "F": "note"})
    letterhead(ws, ("B", "C"), ("D", "G"), ("E", "F"))
    hint = " ".join(
        label(text)
        for text in (
            "Fill in the shaded cells only.",
            "Rows can be made taller.",
            "Total and level appear by themselves.",
        )
    )
    row = titles(ws, "G", "Self-assessment report of the unit", "(For the head of the unit)", hint)
    row = identity(
        ws,
        row,
        "G",
        (
            ("unit_id", "Unit code", "subject.unit_id"),
            ("unit", "Unit", "subject.unit"),
            ("head", "Head of the unit", "addressee.name"),
        ),
        "unit",
    )

    row = section(ws, row, "G", "I. Tasks of the unit in the week")
    for where, text in (
        (f"B{row}", "No."),
        (f"C{row}", "Figure"),
        (f"D{row}", "Number of tasks"),
        (f"E{row}:G{row}", "How it is counted"),
    ):
        heading(ws, where, label(text))
    ws.row_dimensions[row].height = 22
    row += 1
    first_count = row
    for number, (key, text, meaning) in enumerate(
        (
            ("assigned", "Tasks assigned", "All tasks due in the week, with those carried over"),
            ("completed", "Tasks completed", "Those of them that were finished in the week"),
            ("overdue", "Tasks overdue", "Those not finished although their due date has passed"),
            ("key_outstanding", "Key tasks outstanding", "Key tasks not finished at the end of the week"),
        ),
        1,
    ):
        ws[f"A{row}"] = f"count.{key}"
        put(ws, f"B{row}", number, across="center", box=True)
        put(ws, f"C{row}", label(text), box=True, indent=1)
        field(ws, f"D{row}", across="center")
        put(ws, f"E{row}:G{row}", label(meaning), box=True, italic=True, size=DENSE, indent=1)
        ws.row_dimensions[row].height = 34 if key == "key_outstanding" else 21  # the long label takes two lines
        row += 1
    counts = f"D{first_count}:D{row - 1}"
    only = label("Enter a whole number, 0 or more")
    check_number(ws, counts, None, only, only, title="Number of tasks", whole=True)

    first_text = section(ws, row, "G", "II. Summary of the unit's work")
    row = text_rows(ws, first_text, "G", (90, 50, 50, 40))
    first_score, row = score_rows(ws, section(ws, row, "G", "III. Self-assessed scores"), "G", wide=False)
    said = (
        '{{ _("For comparison, the members\' results so far: {people} people, mean total {average}",'
        ' people=members.people, average=members.average) if members else "" }}'
    )
    put(ws, f"B{row}:G{row}", said, italic=True, size=DENSE, shrink=True)
    ws.row_dimensions[row].height = 18
    row += 1

    assigned, completed = f"$D${first_count}", f"$D{first_count + 1}"
    more = f"AND(ISNUMBER({assigned}),ISNUMBER({completed}),{completed}>{assigned})"
    shade(ws, f"D{first_count + 1}", more, RED, stop=True)
    cell = f"$D{first_count}"
    no_count = f'IF({cell}="",FALSE,IF(ISNUMBER({cell}),OR({cell}<0,INT({cell})<>{cell}),TRUE))'
    shade(ws, counts, no_count, RED, stop=True)
    begun = (
        f"COUNTA($D${first_count}:$D${first_count + 3})+COUNTA($D${first_text}:$D${first_text + 3})"
        f"+COUNTA($E${first_score}:$E${first_score + 2})>0"
    )
    shade(ws, counts, f'AND({cell}="",{begun})', AMBER)
    where = f"E{first_score}:E{first_score + 2}"
    shade(ws, where, wrong(f"$E{first_score}", f"$D{first_score}"), RED, stop=True)
    shade(ws, where, f'AND($E{first_score}="",{begun})', AMBER)

    last = signatures(
        ws, row, (("B", "D", "HEAD OF THE UNIT", "addressee.name"), ("E", "G", "APPROVING AUTHORITY", "approver.name"))
    )
    protect(ws)
    page(ws, f"B3:G{last}", None, portrait=True)
    view(ws, f"D{first_count}", 100)
    add_marks(book)
    return book


def build_meeting() -> Workbook:
    """The record of the meeting with a person after failures in consecutive weeks, filled in by the unit's head.

    Why the meeting is held stands on the form, as it was found; the heights of the texts are set, and may be changed.
    """
    book, ws = start(label("Meeting record"), PORTRAIT, {"D": "value"})
    letterhead(ws, ("B", "C"), ("D", "G"), ("E", "F"))
    hint = " ".join(label(text) for text in ("Fill in the shaded cells only.", "Rows can be made taller."))
    row = titles(ws, "G", "Record of the meeting", "(On results below requirements in consecutive weeks)", hint)
    lines = (("staff_id", "Staff code"), ("name", "Full name"), ("position", "Position"), ("unit", "Unit"))
    row = identity(ws, row, "G", ((key, text, f"subject.{key}") for key, text in lines), "name")

    row = section(ws, row, "G", "I. Why the meeting is held")
    for text, name, height in (("Rule and weeks", "meeting.reason", 54), ("What was established", "meeting.evidence", 136)):
        put(ws, f"B{row}:C{row}", label(text), bold=True, box=True, indent=1)
        put(ws, f"D{row}:G{row}", value(name), box=True, size=DENSE, indent=1)
        ws.row_dimensions[row].height = height
        row += 1

    first = row = section(ws, row, "G", "II. What was said and agreed")
    for key, text, prompt, height in (
        ("date", "Date of the meeting", None, 22),
        ("participants", "Participants", "Names and posts of those present", 44),
        ("causes", "Causes", "What led to the results, as both sides see it", 76),
        ("measures", "Measures agreed", "What is done in the following weeks, by whom and by when", 132),
        ("review_by", "Progress reviewed by", None, 22),
    ):
        ws[f"A{row}"] = f"meeting.{key}"
        put(ws, f"B{row}:C{row}", label(text), bold=True, box=True, indent=1)
        if prompt is None:
            field(ws, f"D{row}:G{row}", indent=1, form=DATE)
            check_date(ws, f"D{row}")
        else:
            field(ws, f"D{row}:G{row}", indent=1)
            note_input(ws, f"D{row}", text, prompt)
        ws.row_dimensions[row].height = height
        row += 1
    held, until = f"$D${first}", f"$D${row - 1}"
    shade(ws, f"D{row - 1}:G{row - 1}", f"AND(ISNUMBER({held}),ISNUMBER({until}),{until}<{held})", RED, stop=True)
    shade(ws, f"D{first}:G{row - 1}", f'AND($D{first}="",COUNTA($D${first}:$D${row - 1})>0)', AMBER)

    last = signatures(
        ws,
        row,
        (
            ("B", "C", "FOR THE OFFICE", ""),
            ("D", "E", "HEAD OF THE UNIT", "addressee.name"),
            ("F", "G", "THE PERSON CONCERNED", "subject.name"),
        ),
    )
    protect(ws)
    page(ws, f"B3:G{last}", None, portrait=True)
    view(ws, f"D{first}", 100)
    add_marks(book)
    return book


def save(book: Workbook, path: Path) -> None:
    """Writes the workbook with nothing of the moment in it: the same script gives the same bytes.

    Rows of the tables have a height to begin with, but not one that counts as set by hand: then they grow with what is typed.
    """
    book.properties.creator = ""
    book.properties.title = path.stem
    book.properties.created = STAMP
    raw = BytesIO()
    book.save(raw)
    keys = ((cell.row, str(cell.value)) for cell in book.worksheets[0]["A"])
    growing = "|".join(str(row) for row, key in keys if re.match(r"task\.\d", key) or "row." in key)
    moment = STAMP.strftime("%Y-%m-%dT%H:%M:%SZ")
    out = BytesIO()
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                text = data.decode("utf-8")
                data = re.sub(rf'(<row r="(?:{growing})"[^>]*?) customHeight="1"', r"\1", text).encode("utf-8")
            elif name == "docProps/core.xml":
                text = data.decode("utf-8")
                data = re.sub(r"(<dcterms:modified[^>]*>)[^<]*", rf"\g<1>{moment}", text).encode("utf-8")
            elif name == "docProps/app.xml":
                text = data.decode("utf-8")
                text = re.sub(r"<Application>[^<]*</Application>", "<Application>Microsoft Excel</Application>", text)
                data = re.sub(r"<AppVersion>[^<]*</AppVersion>", "<AppVersion>14.0000</AppVersion>", text).encode("utf-8")
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 0
            info.external_attr = 0
            target.writestr(info, data)
    path.write_bytes(out.getvalue())


def main(arguments: Sequence[str]) -> None:
    """Builds the masters, beside this script unless told otherwise."""
    folder = Path(arguments[0]) if arguments else Path(__file__).resolve().parent
    for name, build in (
        ("self", build_self),
        ("review", build_review),
        ("approval", build_approval),
        ("unit", build_unit),
        ("meeting", build_meeting),
    ):
        save(build(), folder / f"{name}.xlsx")


if __name__ == "__main__":
    main(sys.argv[1:])
