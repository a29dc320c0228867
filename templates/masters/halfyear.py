"""The forms of the half-yearly appraisal: agreement, appraisals of what was agreed, acknowledgement, and the judges' sheets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from blocks import add_marks
from checks import AMBER, RED, band, check_date, check_list, check_number, shade
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet
from sheet import HEAD, INPUT, label, page, protect, start, value, view
from sheet import put as put_cell

SARABUN = "TH SarabunPSK"
SIZE, DENSE, LINE = 16, 14, 24.0


def put(ws: Worksheet, where: str, content: str | int | None = None, **look: Any) -> None:
    """A cell in the type that Thai official papers use."""
    put_cell(ws, where, content, **{"size": SIZE, "font": SARABUN, **look})


def head(ws: Worksheet, where: str, text: str, **look: Any) -> None:
    """A heading of a table."""
    put(ws, where, label(text), **{"size": DENSE, "bold": True, "across": "center", "box": True, "fill": HEAD, **look})


def shown(ws: Worksheet, where: str, content: str, **look: Any) -> None:
    """A cell that people read."""
    put(ws, where, content, **{"box": True, "size": DENSE, **look})


def field(ws: Worksheet, where: str, content: str | None = None, **look: Any) -> None:
    """A cell that people fill in; ``content``: what stands in it when the form goes out."""
    put(ws, where, content, **{"box": True, "size": DENSE, "fill": INPUT, "unlocked": True, **look})


def opening(ws: Worksheet, last: str, title: str, hint: str) -> int:
    """Office, title, round, how to fill in. Returns the next row."""
    lines: list[tuple[str, float, dict[str, Any]]] = [
        (value("office.header_left[0]"), 20, {"size": DENSE}),
        (label(title), 30, {"size": 20, "bold": True}),
        (value("period.label"), LINE, {"bold": True}),
        (hint, 20, {"size": 13, "italic": True, "color": "595959", "shrink": True}),
    ]
    for row, (text, height, look) in enumerate(lines, 3):
        put(ws, f"B{row}:{last}{row}", text, across="center", **look)
        ws.row_dimensions[row].height = height
    return 3 + len(lines)


def person(ws: Worksheet, row: int, last: str) -> int:
    """Whom the form is about. Returns the next row."""
    lines = (
        ("staff_id", "Staff code", "subject.staff_id"),
        ("name", "Full name", "subject.name"),
        ("position", "Position", "subject.position"),
        ("unit", "Unit", "subject.unit"),
        ("reviewer", "Superior", "reviewer.name"),
    )
    for key, text, name in lines:
        ws[f"A{row}"] = f"identity.{key}"
        put(ws, f"B{row}:C{row}", label(text), bold=True, box=True, indent=1, size=DENSE)
        put(ws, f"D{row}:{last}{row}", value(name), box=True, indent=1, form="@", bold=key == "name", size=DENSE)
        ws.row_dimensions[row].height = 21
        row += 1
    return row


def weekly(ws: Worksheet, row: int, last: str) -> int:
    """What a weekly evaluation came to meanwhile; the row is only there where the office runs one. Returns the next row."""
    ws[f"A{row}"] = value("history.key")
    put(ws, f"B{row}:C{row}", value("history.label"), bold=True, box=True, indent=1, size=DENSE, fill=HEAD)
    put(ws, f"D{row}:{last}{row}", value("history.text"), box=True, indent=1, size=DENSE, fill=HEAD)
    ws.row_dimensions[row].height = 21
    ws.row_breaks.append(Break(id=row))  # so that what is written and what is signed stay on one page
    return row + 1


def section(ws: Worksheet, row: int, last: str, text: str) -> int:
    """The heading of a part. Returns the next row."""
    put(ws, f"B{row}:{last}{row}", label(text), bold=True, upright="bottom")
    ws.row_dimensions[row].height = 28
    return row + 1


def texts(ws: Worksheet, row: int, last: str, lines: Sequence[tuple[str, str, float]], filled: bool = False) -> int:
    """Texts to fill in, each with its label. Returns the next row."""
    for key, text, height in lines:
        ws[f"A{row}"] = f"text.{key}"
        put(ws, f"B{row}:C{row}", label(text), bold=True, box=True, indent=1, size=DENSE)
        field(ws, f"D{row}:{last}{row}", value(f"plan.{key}") if filled else None, indent=1, upright="top")
        ws.row_dimensions[row].height = height
        row += 1
    return row


def signed(ws: Worksheet, row: int, blocks: Sequence[tuple[str, str, str, str]]) -> int:
    """Signature blocks (first column, last column, title, name), each one cell that no page tears. Returns the last row."""
    ws.row_dimensions[row].height = 10
    ws.row_dimensions[row + 1].height = 110

    def run(text: str, bold: bool = False) -> TextBlock:
        return TextBlock(InlineFont(rFont=SARABUN, sz=SIZE, b=bold or None), text)

    for first, last, title, name in blocks:
        put(ws, f"{first}{row + 1}:{last}{row + 1}", across="center", upright="top")
        line = run("\n" + label("Signed") + " ........................................\n(")
        dated = run(")\n" + label("......, day ... month ... year ......"))
        who = run(value(name) if name else label("Full name"))
        ws[f"{first}{row + 1}"].value = CellRichText(run(label(title), True), line, who, dated)
    return row + 1


def finish(
    book: Workbook, ws: Worksheet, last: str, end: int, repeat: str | None, cursor: str, freeze: str = ""
) -> Workbook:
    """Protection, page, cursor, hidden marks."""
    protect(ws)
    page(ws, f"B3:{last}{end}", repeat, font=SARABUN)
    view(ws, cursor, 85, freeze or None)
    add_marks(book)
    return book


# --- agreement --------------------------------------------------------------------------------------------------------

HINT = ("Fill in the shaded cells only.", "Sums and levels appear by themselves.")


def hint(*more: str) -> str:
    """How to fill in."""
    return " ".join(label(text) for text in (*HINT, *more))


def build_agreement() -> Workbook:
    """What is agreed at the start of a round: indicators with targets and weights, competencies with expected levels."""
    widths = {"B": 5.0, "C": 40.0, "D": 11.0, "E": 13.0, "K": 10.0} | dict.fromkeys("FGHIJ", 17.0)
    keys = {"C": "title", "D": "goal value", "E": "unit expected", "K": "weight"}
    keys |= {column: f"target.{n}" for n, column in enumerate("FGHIJ", 1)}
    book, ws = start(label("Agreement"), widths, keys, SARABUN)
    ws["A2"], ws["D2"] = "seen", value("seen")
    row = opening(
        ws, "K", "Form for setting and appraising results and competencies", hint("The superior consents on a sheet.")
    )
    row = person(ws, row, "K")
    ws[f"A{row}"] = "text.amendment"
    put(ws, f"B{row}:C{row}", label("Reason for changing the agreement"), bold=True, box=True, indent=1, size=DENSE)
    field(ws, f"D{row}:K{row}", indent=1)
    put(ws, f"L{row}", value("amends"), color="FFFFFF", wrap=False)
    ws.column_dimensions["L"].hidden = True
    shade(ws, f"D{row}", f'AND($L${row}=TRUE,$D${row}="")', AMBER)
    ws.row_dimensions[row].height = 24
    row = section(ws, row + 1, "K", "Part 1: results (indicators)")
    top = row
    for where, text in (
        (f"B{row}:B{row + 1}", "No."),
        (f"C{row}:C{row + 1}", "Indicator"),
        (f"D{row}:D{row + 1}", "Goal served"),
        (f"E{row}:E{row + 1}", "Unit of measure"),
        (f"F{row}:J{row}", "Target of each level"),
        (f"K{row}:K{row + 1}", "Weight (%)"),
    ):
        head(ws, where, text)
    for n, column in enumerate("FGHIJ", 1):
        put(ws, f"{column}{row + 1}", n, size=DENSE, bold=True, across="center", box=True, fill=HEAD)
    ws.row_dimensions[row].height = ws.row_dimensions[row + 1].height = 26
    row += 2
    ws[f"A{row}"] = value("kpi.key")
    first = row
    put(ws, f"B{row}", f"=ROW()-ROW($B${top})-1", across="center", box=True, size=DENSE)
    field(ws, f"C{row}", value("kpi.title"))
    field(ws, f"D{row}", value("kpi.goal"), across="center", form="@")
    field(ws, f"E{row}", value("kpi.unit"), across="center")
    for n, column in enumerate("FGHIJ", 1):
        field(ws, f"{column}{row}", f"{{{{ kpi.target['{n}'] }}}}")
    field(ws, f"K{row}", value("kpi.weight"), across="center")
    ws.row_dimensions[row].height = 46
    check_number(ws, f"K{row}", "100", None, label("Enter a number, 0 or more"), title="Weight (%)")
    shade(ws, f"F{row}:K{row}", f'AND($C{row}<>"",F{row}="")', AMBER)
    row += 1
    put(ws, f"B{row}:J{row}", label("Sum of the weights (must be 100)"), bold=True, across="right", box=True, size=DENSE)
    shown(ws, f"K{row}", f"=SUM(K{first}:K{first})", across="center", bold=True)
    shade(ws, f"K{row}", f"AND(K{row}<>0,ROUND(K{row},2)<>100)", RED)
    ws.row_dimensions[row].height = 24
    ws.row_breaks.append(Break(id=row))
    row = section(ws, row + 1, "K", "Part 2: behaviour (competencies)")
    for column, text in zip("BCDE", ("No.", "Competency", "Standard", "Level expected"), strict=True):
        head(ws, f"{column}{row}", text)
    ws.row_dimensions[row].height = 46
    start_at, row = row, row + 1
    ws[f"A{row}"] = value("ability.key")
    put(ws, f"B{row}", f"=ROW()-ROW($B${start_at})", across="center", box=True, size=DENSE)
    shown(ws, f"C{row}", value("ability.title"))
    shown(ws, f"D{row}", value("ability.standard"), across="center")
    field(ws, f"E{row}", value("ability.agreed"), across="center")
    check_number(ws, f"E{row}", "5", None, label("Enter a number, 0 or more"), title="Level expected", whole=True)
    ws.row_dimensions[row].height = 46
    end = signed(ws, row + 1, (("B", "E", "APPRAISEE", "subject.name"), ("F", "K", "SUPERIOR", "reviewer.name")))
    return finish(book, ws, "K", end, None, f"C{first}")


# --- appraisals -------------------------------------------------------------------------------------------------------


def build_appraisal(superior: bool) -> Workbook:
    """The levels of what was agreed, by the person or by the superior, who sees the person's own beside them."""
    widths = {"B": 5.0, "C": 36.0, "D": 40.0, "E": 12.0, "F": 34.0, "G": 11.0, "H": 10.0, "I": 13.0}
    keys = {"D": "value", "F": "result", "G": "own", "H": "level"}
    book, ws = start(label("Appraisal"), widths, keys, SARABUN)
    ws["A2"], ws["D2"] = "seen", value("seen")
    ws["C2"], ws["E2"], ws["F2"] = value("scale"), value("levels.kpi"), value("levels.competency")
    ws["G2"] = value("words.yes")
    title = "Superior's assessment of the agreed items" if superior else "Self-assessment of the agreed items"
    row = opening(ws, "I", title, hint("A level may lie between two targets."))
    row = person(ws, row, "I")
    agree = ""
    if superior:
        ws[f"A{row}"] = "agree"
        put(ws, f"B{row}:C{row}", label("Agree with self-assessment"), bold=True, box=True, indent=1, size=DENSE)
        field(ws, f"D{row}", across="center")
        put(ws, f"E{row}:I{row}", label("Levels left empty are then the person's own."), italic=True, size=13)
        check_list(ws, f"D{row}", ("yes",), "Choose yes to take the person's own scores", title="Agree")
        agree = f"$D${row}"
        ws.row_dimensions[row].height = LINE
        row += 1

    def effective(at: int) -> str:
        return f'IF($H{at}<>"",$H{at},IF({agree}=$G$2,$G{at},""))' if superior else f'IF($H{at}<>"",$H{at},"")'

    def own(at: int, name: str) -> None:
        if superior:
            shown(ws, f"G{at}", value(name), across="center")
        else:
            put(ws, f"G{at}", box=True)

    ws.column_dimensions["G"].hidden = not superior
    row = section(ws, row, "I", "Part 1: results (indicators)")
    top = row
    for column, text in zip(
        "BCDEFGHI",
        (
            "No.",
            "Indicator",
            "Target of each level",
            "Weight (%)",
            "What was achieved",
            "Self",
            "Level (a)",
            "Level × weight",
        ),
        strict=True,
    ):
        head(ws, f"{column}{row}", text)
    ws.row_dimensions[row].height = 48
    row += 1
    first = row
    ws[f"A{row}"] = value("kpi.key")
    put(ws, f"B{row}", f"=ROW()-ROW($B${top})", across="center", box=True, size=DENSE)
    shown(ws, f"C{row}", value("kpi.title"))
    shown(ws, f"D{row}", value("kpi.targets"), size=13)
    shown(ws, f"E{row}", value("kpi.weight"), across="center")
    field(ws, f"F{row}", value("kpi.own_result") if superior else None)
    own(row, "kpi.own")
    field(ws, f"H{row}", across="center")
    shown(ws, f"I{row}", f'=IF({effective(row)}="","",{effective(row)}*$E{row}/100)', across="center")
    check_number(ws, f"H{row}", "$E$2", None, label("Enter a number, 0 or more"), title="Level")
    shade(ws, f"H{row}", f'{effective(row)}=""', AMBER)
    ws.row_dimensions[row].height = 112
    row += 1
    put(ws, f"B{row}:D{row}", label("Sum"), bold=True, across="right", box=True, size=DENSE)
    shown(ws, f"E{row}", f"=SUM(E{first}:E{first})", across="center", bold=True)
    put(
        ws,
        f"F{row}:H{row}",
        label("Points of results, of {max}").replace('")', '", max=points.results)'),
        across="right",
        box=True,
        size=DENSE,
    )
    levels = f"I{first}:I{first}"
    weights = f"E{first}:E{first}"
    shown(
        ws,
        f"I{row}",
        f'=IF(COUNT({levels})<COUNT({weights}),"",SUM({levels})*100/($E$2*SUM({weights}))*$J{row})',
        across="center",
        bold=True,
    )
    ws[f"I{row}"].number_format = "0.00"
    put(ws, f"J{row}", value("points.results"), color="FFFFFF")
    results = f"$I${row}"
    ws.row_dimensions[row].height = LINE
    ws.row_breaks.append(Break(id=row))
    row = section(ws, row + 1, "I", "Part 2: behaviour (competencies)")
    for column, text in zip(
        "BCDEGHI", ("No.", "Competency", "Weight", "Level expected", "Self", "Level", "Level × weight"), strict=True
    ):
        head(ws, f"{column}{row}", text)
    put(ws, f"F{row}", box=True, fill=HEAD)
    ws.row_dimensions[row].height = 48
    start_at, row = row, row + 1
    at = row
    ws[f"A{row}"] = value("ability.key")
    put(ws, f"B{row}", f"=ROW()-ROW($B${start_at})", across="center", box=True, size=DENSE)
    shown(ws, f"C{row}", value("ability.title"))
    shown(ws, f"D{row}", value("ability.weight"), across="center")
    shown(ws, f"E{row}", value("ability.expected"), across="center")
    put(ws, f"F{row}", box=True)
    own(row, "ability.own")
    field(ws, f"H{row}", across="center")
    shown(ws, f"I{row}", f'=IF({effective(row)}="","",{effective(row)}*$D{row})', across="center")
    check_number(ws, f"H{row}", "$F$2", None, label("Enter a number, 0 or more"), title="Level")
    shade(ws, f"H{row}", f'{effective(row)}=""', AMBER)
    ws.row_dimensions[row].height = 30
    row += 1
    put(
        ws,
        f"B{row}:H{row}",
        label("Points of behaviour, of {max}").replace('")', '", max=points.behaviour)'),
        across="right",
        box=True,
        size=DENSE,
    )
    got, weight, wanted = f"I{at}:I{at}", f"D{at}:D{at}", f"E{at}:E{at}"
    rating = f"SUM({got})/($F$2*SUM({weight}))"
    hybrid = f"MIN(1,SUM({got})/SUM({wanted}))"
    shown(
        ws,
        f"I{row}",
        f'=IF(COUNT({got})<COUNT({weight}),"",IF($C$2="rating",{rating}*$J{row},IF($C$2="hybrid",{hybrid}*$J{row},"–")))',
        across="center",
        bold=True,
    )
    ws[f"I{row}"].number_format = "0.00"
    put(ws, f"J{row}", value("points.behaviour"), color="FFFFFF")
    ws.column_dimensions["J"].hidden = True
    behaviour = f"$I${row}"
    ws.row_dimensions[row].height = LINE
    row += 1
    whole = f"{results}+{behaviour}"
    put(ws, f"B{row}:E{row}", label("Total and level"), bold=True, across="right", box=True)
    shown(
        ws,
        f"F{row}:H{row}",
        f'=IF(COUNT({results},{behaviour})<2,"",{band(f"ROUND({whole},5)")})',
        bold=True,
        across="center",
        size=SIZE,
    )
    shown(ws, f"I{row}", f'=IF(COUNT({results},{behaviour})<2,"",{whole})', bold=True, across="center", size=SIZE)
    ws[f"I{row}"].number_format = "0.00"
    ws.row_dimensions[row].height = 28
    row += 1
    if superior:
        row = weekly(ws, row, "I")
    row = section(ws, row, "I", "Part 3: development plan")
    lines = (
        ("strengths", "Strengths", 44.0),
        ("improve", "Points to develop", 44.0),
        ("method", "How to develop", 44.0),
        ("period", "When to develop", 24.0),
        ("comment", "Comments", 44.0),
    )
    row = texts(ws, row, "I", lines, filled=superior)
    who = ("SUPERIOR", "reviewer.name") if superior else ("APPRAISEE", "subject.name")
    end = signed(ws, row, (("E", "I", *who),))
    return finish(book, ws, "I", end, None, f"H{first}")


# --- notes on the way -------------------------------------------------------------------------------------------------


def build_followup() -> Workbook:
    """What a superior notes during the round: the agreed indicators, and lines with date, finding and help agreed."""
    widths = {"B": 5.0, "C": 44.0, "D": 14.0, "E": 46.0, "F": 40.0}
    book, ws = start(label("Follow-up"), widths, {"D": "date value", "E": "note", "F": "help"}, SARABUN)
    row = opening(ws, "F", "Follow-up during the round", hint("Send it again whenever something is added."))
    row = section(ws, person(ws, row, "F"), "F", "Agreed indicators")
    for column, text in zip("BCDE", ("No.", "Indicator", "Weight (%)", "Target of each level"), strict=True):
        head(ws, f"{column}{row}", text)
    start_at, row = row, row + 1
    ws[f"A{row}"] = value("kpi.key")
    put(ws, f"B{row}", f"=ROW()-ROW($B${start_at})", across="center", box=True, size=DENSE)
    shown(ws, f"C{row}", value("kpi.title"))
    shown(ws, f"D{row}", value("kpi.weight"), across="center")
    shown(ws, f"E{row}", value("kpi.targets"), size=13)
    ws.row_dimensions[row].height = 112
    row = section(ws, row + 1, "F", "Notes")
    top = row
    for column, text in zip("DEF", ("Date", "What was found", "Help agreed"), strict=True):
        head(ws, f"{column}{row}", text)
    row += 1
    ws[f"A{row}"] = value("note.key")
    field(ws, f"D{row}", value("note.date"), across="center", form="dd/mm/yyyy")
    field(ws, f"E{row}", value("note.note"))
    field(ws, f"F{row}", value("note.help"))
    check_date(ws, f"D{row}")
    ws.row_dimensions[row].height = 46
    end = signed(ws, row + 1, (("E", "F", "SUPERIOR", "reviewer.name"),))
    return finish(book, ws, "F", end, f"{top}:{top}", f"D{row}")


# --- being told -------------------------------------------------------------------------------------------------------


def build_acknowledgement() -> Workbook:
    """That the person was told the result."""
    widths = {"B": 5.0, "C": 34.0, "D": 26.0, "E": 26.0}
    book, ws = start(label("Acknowledgement"), widths, {"D": "value"}, SARABUN)
    ws["A2"], ws["D2"] = "seen", value("seen")
    row = opening(ws, "E", "Acknowledgement of the result of the appraisal", label("Fill in the shaded cells only."))
    row = person(ws, row, "E")
    row = section(ws, row, "E", "Result told")
    for text, name in (
        (value("crit.results"), "scores.results"),
        (value("crit.behaviour"), "scores.behaviour"),
        (label("Total"), "told.total"),
        (label("Level"), "told.band"),
    ):
        put(ws, f"B{row}:C{row}", text, bold=True, box=True, indent=1, size=DENSE)
        shown(ws, f"D{row}:E{row}", value(name), across="center", bold=name.startswith("told"))
        ws.row_dimensions[row].height = LINE
        row += 1
    row = section(ws, row, "E", "I have been told the result of my appraisal and my development plan")
    ws[f"A{row}"] = "told.date"
    put(ws, f"B{row}:C{row}", label("Told on"), bold=True, box=True, indent=1, size=DENSE)
    field(ws, f"D{row}", across="center", form="dd/mm/yyyy")
    put(ws, f"E{row}", box=True)
    check_date(ws, f"D{row}")
    cursor = f"D{row}"
    ws.row_dimensions[row].height = LINE
    row = texts(ws, row + 1, "E", (("comment", "Comments", 66.0),))
    end = signed(ws, row, (("D", "E", "APPRAISEE", "subject.name"),))
    book = finish(book, ws, "E", end, None, cursor)
    ws.page_setup.orientation = "portrait"
    return book


# --- sheets with a row a person ---------------------------------------------------------------------------------------


def sheet(
    title: str,
    name: str,
    columns: Sequence[tuple[str, str, float]],
    read: Sequence[tuple[str, str, float, str]],
    how: str,
    signer: str,
    verdicts: tuple[str, ...] = (),
    others: str = "Approve all others: everybody whose row below is left without a decision",
) -> Workbook:
    """A sheet with a row a person: ``read`` columns (key, heading, width, look), then ``columns`` to fill in (key, heading, width).

    ``others``: what the cell says that decides about everybody else by the first of the verdicts.
    """
    letters = [chr(ord("E") + n) for n in range(len(read) + len(columns))]
    wide = [*(line[2] for line in read), *(line[2] for line in columns)]
    widths = {"B": 5.0, "C": 9.0, "D": 26.0} | dict(zip(letters, wide, strict=True))
    keys = {"D": "name"} | {c: f[0] for c, f in zip(letters[len(read) :], columns, strict=True)}
    last = letters[-1]
    hidden = chr(ord(last) + 1)
    book, ws = start(label(name), widths, {**keys, hidden: "seen"}, SARABUN)
    ws.column_dimensions[hidden].hidden = True
    row = opening(ws, last, title, how)
    put(
        ws,
        f"B{row}:{last}{row}",
        f"{label(signer)}: {value('addressee.name')}      {value('addressee.position')}",
        bold=True,
        across="center",
    )
    ws.row_dimensions[row].height = 26
    row += 1
    decide = next((c for c, f in zip(letters[len(read) :], columns, strict=True) if f[0] == "decision"), "")
    if decide:
        before = chr(ord(decide) - 1)
        ws[f"A{row}"] = "others"
        put(
            ws,
            f"B{row}:{before}{row}",
            label(others),
            bold=True,
            across="right",
            size=DENSE,
        )
        field(ws, f"{decide}{row}", across="center")
        check_list(
            ws,
            f"{decide}{row}",
            verdicts[:1],
            "Decide the exceptions in their rows, then choose here for all the others",
            title="All others",
        )
        ws.row_dimensions[row].height = LINE
        row += 1
    top = row
    for column, text in zip("BCD", ("No.", "Staff code", "Full name"), strict=True):
        head(ws, f"{column}{row}", text)
    headings: list[str] = [*(line[1] for line in read), *(line[1] for line in columns)]
    for column, text in zip(letters, headings, strict=True):
        if text.startswith("{{"):
            put(ws, f"{column}{row}", text, size=DENSE, bold=True, across="center", box=True, fill=HEAD)
        else:
            head(ws, f"{column}{row}", text)
    ws.row_dimensions[row].height = 70
    row += 1
    ws[f"A{row}"] = value("row.staff_id")
    put(ws, f"B{row}", f"=ROW()-ROW($B${top})", across="center", box=True, size=DENSE)
    put(ws, f"C{row}", value("row.staff_id"), across="center", box=True, form="@", size=DENSE)
    shown(ws, f"D{row}", value("row.name"), bold=True)
    for column, (key, _, _, look) in zip(letters, read, strict=False):
        scored = key.startswith("{{ row.review.")
        shown(ws, f"{column}{row}", key, across=look, form="0.00" if scored else "General")
    for column, (key, _, _) in zip(letters[len(read) :], columns, strict=True):
        kind = "dd/mm/yyyy" if key.endswith(".date") else "General"
        field(ws, f"{column}{row}", across="left" if key in ("reason", "comment", "witness") else "center", form=kind)
        if key == "decision":
            check_list(ws, f"{column}{row}", verdicts, "Choose from the list", title="Decision")
        if key.endswith(".date"):
            check_date(ws, f"{column}{row}")
    put(ws, f"{hidden}{row}", value("row.seen"), wrap=False, form="@")
    ws.row_dimensions[row].height = 46
    end = signed(ws, row + 1, ((letters[max(0, len(letters) - 3)], last, signer, "addressee.name"),))
    return finish(book, ws, last, end, f"{top}:{top}", f"{letters[len(read)]}{row}", f"E{row}")


SCORES = (
    (value("row.review.results"), "{{ crit.results }}", 11.0, "center"),
    (value("row.review.behaviour"), "{{ crit.behaviour }}", 13.0, "center"),
    (value("row.review.total"), "Total", 9.0, "center"),
    (value("row.band"), "Level", 12.0, "center"),
)
OWN_SCORES = (
    ("score.results", "Results: own score", 11.0),
    ("score.behaviour", "Behaviour: own score", 11.0),
    ("reason", "Reason", 34.0),
)


def build_consent() -> Workbook:
    """The sheet on which a superior consents to what their people propose to agree on, or sends it back."""
    read = (
        (value("row.position"), "Position", 22.0, "left"),
        (value("row.agreed"), "Indicators (weight)", 62.0, "left"),
        (value("row.warnings"), "Warnings", 16.0, "left"),
    )
    columns = (("decision", "Decision", 13.0), ("reason", "Reason", 32.0))
    how = label("Choose a decision for each person; what is sent back needs a reason.")
    return sheet("Consent to the agreements", "Consent", columns, read, how, "SUPERIOR", ("approve", "return"))


def build_refusal() -> Workbook:
    """The sheet on which a superior records that somebody was told and does not sign, with a witness."""
    columns = (("told.date", "Told on", 13.0), ("witness", "Witness", 28.0), ("comment", "Comments", 30.0))
    how = label("Only for people who were told the result and do not sign: when, and who was witness.")
    return sheet("Record of being told without signing", "Refusal", columns, SCORES, how, "SUPERIOR")


def build_opinion() -> Workbook:
    """The sheet on which the next superior agrees with the assessment, or differs with a reason and own scores."""
    read = ((value("row.position"), "Position", 20.0, "left"), *SCORES, (value("row.said"), "Acknowledgement", 22.0, "left"))
    how = label("Agree, or differ with a reason and your own scores, or send back with a reason.")
    columns = (("decision", "Opinion", 13.0), *OWN_SCORES)
    return sheet(
        "Opinion of the next superior",
        "Opinion",
        columns,
        read,
        how,
        "NEXT SUPERIOR",
        ("agree", "differ", "return"),
        "Agree about all others: everybody whose row below is left without an opinion",
    )


def build_committee() -> Workbook:
    """The sheet of the screening committee."""
    read = (
        (value("row.unit"), "Unit", 20.0, "left"),
        *SCORES,
        (value("row.said"), "Opinions so far", 26.0, "left"),
    )
    columns = (("decision", "Decision", 13.0), *OWN_SCORES)
    how = label("Approve, adjust with a reason and the scores, or send back with a reason.")
    return sheet(
        "Sheet of the screening committee",
        "Committee",
        columns,
        read,
        how,
        "SCREENING COMMITTEE",
        ("approve", "adjust", "return"),
    )


HALF_YEAR: tuple[tuple[str, Callable[[], Workbook]], ...] = (
    ("agreement", build_agreement),
    ("consent", build_consent),
    ("followup", build_followup),
    ("appraisal-self", lambda: build_appraisal(superior=False)),
    ("appraisal", lambda: build_appraisal(superior=True)),
    ("acknowledgement", build_acknowledgement),
    ("refusal", build_refusal),
    ("opinion", build_opinion),
    ("committee", build_committee),
)
