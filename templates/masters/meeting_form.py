"""The record of a meeting after a failure that goes on."""

from __future__ import annotations

from blocks import add_marks, identity, letterhead, section, signatures, titles
from checks import AMBER, RED, check_date, note_input, shade
from openpyxl import Workbook
from sheet import DATE, DENSE, PORTRAIT, field, label, page, protect, put, start, value, view


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
