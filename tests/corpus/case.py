"""What a case of the corpus is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from tests.builders import form_sheet, opened, saved

SOUND = {"quality": "30.4", "progress": "39.8", "conduct": "19.8"}  # what stands in the form that every case begins with
Build = Callable[[bytes], bytes]
Edit = Callable[[openpyxl.Workbook, Worksheet], object]


@dataclass(frozen=True)
class Counts:
    """The form counts. ``scores``: where they are others than in the sound form; ``notes``: findings that cost nothing."""

    scores: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Refused:
    """Exactly one finding: its code, and the field (row key, column key) or the cell where it stands, if it has a place."""

    code: str
    at: tuple[str, str] | str = ""


@dataclass(frozen=True)
class Case:
    """``about``: what happened, for the table in docs/input.md; ``build`` makes it of a sound form; ``form``: self or review."""

    name: str
    about: str
    build: Build
    expect: Counts | Refused
    form: str = "self"


def edited(edit: Edit) -> Build:
    """A form after an edit of the workbook; merged cells are taken apart first, as inserting in openpyxl doesn't move them."""

    def build(data: bytes) -> bytes:
        book = opened(data)
        sheet = form_sheet(book)
        for area in list(sheet.merged_cells.ranges):
            sheet.unmerge_cells(area.coord)
        edit(book, sheet)
        return saved(book)

    return build
