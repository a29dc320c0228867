"""The weekly self-assessment of a unit."""

from __future__ import annotations

from blocks import add_marks, identity, letterhead, score_rows, section, signatures, text_rows, titles
from checks import AMBER, RED, check_number, shade, wrong
from openpyxl import Workbook
from sheet import DENSE, PORTRAIT, field, heading, label, page, protect, put, start, view


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
    row = text_rows(ws, first_text, "G", (66, 50, 50, 50))
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
