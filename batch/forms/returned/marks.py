"""Marks on a sheet: cells coloured, with a comment that says why; and taken away again."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from copy import copy
from typing import Any

from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.comments import Comment
from openpyxl.formatting.formatting import ConditionalFormattingList
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import PatternFill
from openpyxl.workbook.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from batch.core.text import clean
from batch.forms.keys import MARK, TASK
from batch.forms.layout import Layout
from batch.forms.returned.words import AUTHOR, RED, RULE, YELLOW, Mark
from batch.forms.workbook import load

_OWN_NOTE = "―――――"  # parts our comment from one that the person had on the same cell


def put(sheet: Worksheet, marks: Iterable[tuple[str, Mark]]) -> None:
    """Colour cells and say why; a comment that the person had there stays below. The colour covers the form's live ones."""
    coloured: dict[str, list[str]] = {}
    for ref, mark in marks:
        merged = next((area for area in sheet.merged_cells.ranges if ref in area), None)  # its first cell is what one sees
        cell: Any = sheet.cell(merged.min_row, merged.min_col) if merged else sheet[ref]
        colour = RED if mark.wrong else YELLOW
        cell.fill = PatternFill("solid", start_color=f"FF{colour}", end_color=f"FF{colour}")
        theirs = f"\n{_OWN_NOTE} {cell.comment.author}\n{cell.comment.text}" if cell.comment else ""
        cell.comment = Comment(mark.text + theirs, AUTHOR)
        coloured.setdefault(colour, []).append(cell.coordinate)
    formats = ConditionalFormattingList()
    for n, (colour, refs) in enumerate(sorted(coloured.items()), 1):
        above: Any = FormulaRule(formula=[RULE], fill=PatternFill("solid", bgColor=f"FF{colour}"), stopIfTrue=True)  # type: ignore[no-untyped-call]
        above.priority = n
        formats.add(" ".join(refs), above)
    for block in sheet.conditional_formatting:
        for rule in block.rules:
            rule.priority += len(coloured)
            formats.add(str(block.sqref), rule)
    sheet.conditional_formatting = formats


def unmark(book: Workbook, plan: Layout, fresh: Callable[[], bytes]) -> None:
    """Take away the marks of an earlier return, and whatever can't be saved again; ``fresh`` makes the form anew."""
    usual: dict[tuple[str, str], PatternFill] | None = None
    for sheet in book.worksheets:
        columns = column_keys(sheet)
        for cells in sheet.iter_rows():
            for cell in cells:
                if isinstance(cell.value, float) and not math.isfinite(cell.value):
                    cell.value = str(cell.value)
                if not isinstance(cell, SheetCell):
                    continue
                marked = cell.fill.fill_type == "solid" and str(cell.fill.fgColor.rgb)[-6:] in (RED, YELLOW)
                if cell.comment and (marked or cell.comment.author == AUTHOR):  # LibreOffice forgets the author
                    cell.comment = _without_ours(cell.comment)
                if marked:
                    usual = usual or _usual_fills(plan, fresh())
                    row = str(sheet.cell(cell.row, 1).value or "")
                    keys = columns.get(cell.column, ())
                    found = [usual[place, key] for place in (row, "") for key in keys if (place, key) in usual]
                    cell.fill = copy(found[0]) if found else PatternFill()
        if any(AUTHOR in str(f) for block in sheet.conditional_formatting for r in block.rules for f in r.formula):
            kept = ConditionalFormattingList()
            for block in sheet.conditional_formatting:
                for rule in block.rules:
                    if not any(AUTHOR in str(formula) for formula in rule.formula):
                        kept.add(str(block.sqref), rule)
            sheet.conditional_formatting = kept


def _usual_fills(plan: Layout, fresh: bytes) -> dict[tuple[str, str], PatternFill]:
    """(row key, column key) → how the cell looks on a fresh form; row key '' stands for any row of the column."""
    sheet = load(fresh).worksheets[0]
    fills: dict[tuple[str, str], PatternFill] = {}
    for number, keys in column_keys(sheet).items():
        for n in range(2, sheet.max_row + 1):
            row = str(sheet.cell(n, 1).value or "")
            for key in keys if row else ():
                fill: Any = sheet.cell(n, number).fill
                fills[row, key] = fill
                if plan.per_person or row.startswith(f"{TASK}."):
                    fills.setdefault(("", key), fill)
    return fills


def _without_ours(comment: Comment) -> Comment | None:
    """What remains of a comment when ours is taken away."""
    _, parted, theirs = comment.text.partition(f"\n{_OWN_NOTE} ")
    author, _, text = theirs.partition("\n")
    return Comment(text, author) if parted else None


def column_keys(sheet: Worksheet) -> dict[int, list[str]]:
    """Column number → its keys, from the hidden row that begins with the mark."""
    for cells in sheet.iter_rows(max_row=12, max_col=12):
        for cell in cells:
            if isinstance(cell.value, str) and cell.value.strip() == MARK:
                across = sheet[cell.row]
                return {c.column: clean(str(c.value)).split() for c in across if c.value and c.column != cell.column}
    return {}
