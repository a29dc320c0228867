"""The sheet on which an authority decides about everybody it approves."""

from __future__ import annotations

from blocks import add_marks, letterhead, person_line, signatures, table_head, titles
from checks import AMBER, RED, band, check_list, check_score, note_input, shade, total, wrong
from openpyxl import Workbook
from sheet import DENSE, field, label, page, protect, put, shown, start, value, view


def build_approval() -> Workbook:
    """The sheet on which an authority decides. The row of the table is repeated once a person.

    The total in force after the decision stands in a hidden column of its own, so that total and level can share one visible
    column of the page.
    """
    widths = {"B": 5.0, "C": 9.5, "D": 17.0, "E": 18.0, "F": 8.0, "G": 8.5, "H": 8.5, "I": 7.0, "J": 13.5, "K": 16.0}
    widths |= {"L": 21.0, "M": 12.0, "N": 8.0, "O": 8.5, "P": 8.5, "Q": 14.5, "R": 20.0, "S": 8.0, "T": 12.0}
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
    put(ws, f"C{row}", value("row.code"), across="center", box=True, form="@")
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
