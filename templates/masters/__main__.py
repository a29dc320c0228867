"""Builds the standard Excel masters: those of the weekly evaluation, and those of the half-yearly appraisal.

An office may edit the workbooks themselves; this script is only how the standard ones came to be, kept so that a change of
wording or layout can be read as text. Run it from anywhere: ``python templates/masters [DIRECTORY]``. The same script always
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
from collections.abc import Sequence
from pathlib import Path

from approval_form import build_approval
from halfyear import HALF_YEAR
from meeting_form import build_meeting
from openpyxl import Workbook
from review_form import build_review
from self_form import build_self
from unit_form import build_unit

from batch.forms.workbook import files_of
from batch.sheet.pack import pack


def save(book: Workbook, path: Path) -> None:
    """Writes the workbook with nothing of the moment in it: the same script gives the same bytes.

    Rows of the tables have a height to begin with, but not one that counts as set by hand: then they grow with what is typed.
    """
    book.properties.creator = ""
    book.properties.title = path.stem
    keys = ((cell.row, str(cell.value)) for cell in book.worksheets[0]["A"])
    growing = "|".join(
        str(row) for row, key in keys if re.match(r"task\.\d", key) or re.search(r"\b(row|kpi|ability|note|history)\.", key)
    )
    files = files_of(book)
    for name, pattern, replacement in (
        ("xl/worksheets/sheet1.xml", rf'(<row r="(?:{growing})"[^>]*?) customHeight="1"', r"\1"),
        ("docProps/app.xml", r"<Application>[^<]*", "<Application>Microsoft Excel"),
        ("docProps/app.xml", r"<AppVersion>[^<]*", "<AppVersion>14.0000"),
    ):
        files[name] = re.sub(pattern, replacement, files[name].decode()).encode()
    path.write_bytes(pack(files.items()))


def main(arguments: Sequence[str]) -> None:
    """Builds the masters, in ``templates/`` unless told otherwise."""
    folder = Path(arguments[0]) if arguments else Path(__file__).resolve().parent.parent
    for name, build in (
        ("self", build_self),
        ("review", build_review),
        ("approval", build_approval),
        ("unit", build_unit),
        ("meeting", build_meeting),
        *HALF_YEAR,
    ):
        save(build(), folder / f"{name}.xlsx")


if __name__ == "__main__":
    main(sys.argv[1:])
