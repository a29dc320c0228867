"""The weekly self-assessment of a person."""

from __future__ import annotations

from blocks import add_marks, letterhead, score_rows, section, signatures, text_rows, titles
from checks import AMBER, RED, check_date, check_list, check_number, note_input, shade, wrong
from openpyxl import Workbook
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.pagebreak import Break
from sheet import DATE, DENSE, INPUT, field, heading, label, page, protect, put, start, value, view

TASKS = 12


def build_self() -> Workbook:
    """The weekly self-assessment.

    The task table comes last, with only the signatures after it: it is the one part whose length varies, and its headings are
    repeated on every later page, where they would otherwise stand over the scores. `value`, `self` and `note` share the
    physical columns of the task table.
    """
    widths = {"B": 5.0, "C": 27.0, "D": 10.5, "E": 13.5, "F": 18.5}
    widths |= {"G": 8.5, "H": 11.0, "I": 11.5, "J": 11.5, "K": 14.0, "L": 17.0}
    keys = {
        "C": "task",
        "D": "key_task value",
        "E": "kind self",
        "F": "product note",
        "G": "quantity",
        "H": "complexity",
        "I": "due",
        "J": "done",
        "K": "outcome",
        "L": "reason",
    }
    book, ws = start(label("Self-report"), widths, keys)
    letterhead(ws, ("B", "D"), ("H", "L"), ("J", "K"))
    hint = " ".join(
        label(text)
        for text in (
            "Fill in the shaded cells only, including the list of tasks in part III.",
            "Total and level appear by themselves.",
        )
    )
    row = titles(ws, "L", "Self-assessment report on the week's work", None, hint)

    # An issued form names its person; a blank one (empty D2) is filled in by hand.
    ws["D2"] = value("form.subject")
    first = row
    for key, text in (("staff_id", "Staff code"), ("name", "Full name"), ("position", "Position"), ("unit", "Unit")):
        ws[f"A{row}"] = f"identity.{key}"
        put(ws, f"B{row}:C{row}", label(text), bold=True, box=True, indent=1)
        put(ws, f"D{row}:L{row}", value(f"subject.{key}"), box=True, indent=1, unlocked=True, form="@", bold=key == "name")
        ws.row_dimensions[row].height = 19
        row += 1
    where = f"D{first}:L{row - 1}"
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

    first_text = section(ws, row, "L", "I. Summary of the week's work")
    row = text_rows(ws, first_text, "L", (52, 52, 52, 52))
    first_score, row = score_rows(ws, section(ws, row, "L", "II. Self-assessed scores"), "L", wide=True)

    ws.row_breaks.append(Break(id=row - 1))
    header = row = section(ws, row, "L", "III. Tasks and products of the week")
    for column, text in zip(
        "BCDEFGHIJKL",
        (
            "No.",
            "Task",
            "Key task",
            "Kind of work",
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
        for column in "CFKL":
            field(ws, f"{column}{row}", size=DENSE)
        for column in "DEGH":
            field(ws, f"{column}{row}", across="center", size=DENSE)
        for column in "IJ":
            field(ws, f"{column}{row}", across="center", size=DENSE, form=DATE)
        ws.row_dimensions[row].height = 31
        row += 1

    def tasks(column: str) -> str:
        return f"{column}{first_task}:{column}{last_task}"

    check_list(ws, tasks("D"), ("yes", "no"))
    check_list(ws, tasks("E"), ("regular", "ad_hoc"))
    number_text = label("Enter a number, 0 or more")
    check_number(ws, tasks("G"), None, None, number_text, title="Quantity")
    check_number(ws, tasks("H"), "10", None, label("Enter a number from 0 to 10"), title="Complexity")
    check_date(ws, f"I{first_task}:J{last_task}")
    note_input(ws, tasks("L"), "Reason", "Only for work that is late or not finished")
    cell = f"G{first_task}"
    shade(ws, tasks("G"), f'IF({cell}="",FALSE,IF(ISNUMBER({cell}),{cell}<0,TRUE))', RED)
    cell = f"H{first_task}"
    shade(ws, tasks("H"), f'IF({cell}="",FALSE,IF(ISNUMBER({cell}),OR({cell}<0,{cell}>10),TRUE))', RED)

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
            ("E", "I", "DIRECT SUPERVISOR", "reviewer.name"),
            ("J", "L", "APPROVING AUTHORITY", "approver.name"),
        ),
    )
    protect(ws, insert_rows=True)
    page(ws, f"B3:L{last}", f"{header}:{header}")
    view(ws, f"D{first_text}", 90)
    add_marks(book)
    return book
