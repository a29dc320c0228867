"""The parts that forms have in common: letterhead, titles, identity, texts, scores, signatures, the hidden sheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from checks import BANDS, band, check_score, note_input, total, when
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Border, Side
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from sheet import CAP, FONT, HEAD, SIZE, field, heading, label, protect, put, shown, value

RULE = Border(top=Side(style="thin", color="000000"))
MARKS = ("form", "period", "subject", "addressee", "scheme", "scheme_hash", "template", "corrects", "token")


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


def section(ws: Worksheet, row: int, last: str, text: str) -> int:
    """The heading of a part of a form. Returns the next row."""
    put(ws, f"B{row}:{last}{row}", label(text), bold=True, upright="bottom")
    ws.row_dimensions[row].height = 23
    return row + 1


def identity(ws: Worksheet, row: int, last: str, lines: Iterable[tuple[str, str, str]], bold: str) -> int:
    """Whom the form is about: (key, label, placeholder) a line, locked; `bold`: the key that stands out. Returns the next row."""
    for key, text, name in lines:
        ws[f"A{row}"] = f"identity.{key}"
        put(ws, f"B{row}:C{row}", label(text), bold=True, box=True, indent=1)
        put(ws, f"D{row}:{last}{row}", value(name), box=True, indent=1, form="@", bold=key == bold)
        ws.row_dimensions[row].height = 19
        row += 1
    return row


def person_line(ws: Worksheet, row: int, last: str, role: str) -> None:
    """Who fills the sheet in, in one line: it stands above frozen rows, where height is dear."""
    parts = ((role, "name"), ("Position", "position"), ("Unit", "unit"))
    text = "      ".join(f"{label(name)}: {value('addressee.' + key)}" for name, key in parts)
    put(ws, f"B{row}:{last}{row}", text, bold=True, across="center", shrink=True)
    ws.row_dimensions[row].height = 22


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
