"""The sheet on which a supervisor scores all of their people."""

from __future__ import annotations

from blocks import add_marks, letterhead, person_line, signatures, table_head, titles
from checks import AMBER, RED, band, check_list, check_score, shade, total, wrong
from openpyxl import Workbook
from sheet import DENSE, field, label, page, protect, put, shown, start, value, view


def build_review() -> Workbook:
    """The sheet on which a supervisor scores all of their people. The row of the table is repeated once a person."""
    widths = {"B": 5.0, "C": 9.5, "D": 17.0, "E": 14.0, "F": 8.0, "G": 8.5, "H": 8.5, "I": 7.0, "J": 12.0, "K": 14.5}
    widths |= {"L": 10.5, "M": 8.0, "N": 8.5, "O": 8.5, "P": 7.5, "Q": 13.0, "R": 11.5, "S": 11.5, "T": 22.0}
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
