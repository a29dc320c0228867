"""From a master workbook to XML pieces with holes: the prototype row repeated, ranges shifted, rows free to grow.

Done once per master and number of rows, with openpyxl, which keeps what an office has restyled.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from math import inf
from typing import Any
from xml.sax.saxutils import unescape

from openpyxl import Workbook
from openpyxl.formatting.formatting import ConditionalFormattingList
from openpyxl.formula.tokenizer import Token, Tokenizer
from openpyxl.formula.translate import Translator
from openpyxl.utils import column_index_from_string
from openpyxl.worksheet.cell_range import CellRange, MultiCellRange
from openpyxl.worksheet.worksheet import Worksheet

from batch.forms.keys import TASK
from batch.forms.workbook import files_of

RUN_TEXT = re.compile(r"(<t(?: [^>]*)?>)([^<]*)(</t>)")
LINE_HEIGHT = 15.5  # points, at the masters' 12-point type
_OF_ROW = re.compile(r"⟦(\d+)⟧")  # put before a repeated cell's text: which of the rows fills it
_OWN_HEIGHT = re.compile(r' (?:ht="[^"]*"|customHeight="1")')
_SHARED_ITEM = re.compile(r"<si>(.*?)</si>", re.DOTALL)
_CELL_OR_ROW = re.compile(
    r'<row r="(?P<row>\d+)"[^>]*>|<c r="(?P<ref>[A-Z]+\d+)"(?P<style>(?: s="\d+")?)'
    r' t="(?:s"><v>(?P<item>\d+)</v>|inlineStr"><is>(?P<inline>.*?)</is>)</c>',
    re.DOTALL,
)
_REF_ROW = re.compile(r"(\$?[A-Z]{1,3}\$?)(\d+)")
_USUAL_WIDTH = 8.43


@dataclass(frozen=True)
class Hole:
    """A cell to be filled per form: everything of it but the value; ``row``: index into the form's rows, or -1.

    ``rich`` is the cell's formatted text as XML (runs with fonts), or '' for a plain one.
    """

    ref: str
    style: str
    text: str
    row: int
    rich: str = ""


@dataclass(frozen=True)
class Height:
    """The opening tag of a repeated row, whose height follows its texts: (text, column width in letters, cell).

    ``line``: the height of a line, in points.
    """

    tag: str
    row: int
    lowest: float
    cells: tuple[tuple[str, float, str], ...]
    line: float


Piece = str | Hole | Height


def cut(book: Workbook, counts: Mapping[str, int], line: float = LINE_HEIGHT) -> list[tuple[str, list[Piece]]]:
    """Cut a master into (file name, pieces) for every file of the package, its prototype rows repeated.

    ``counts``: name → how often the row is repeated whose hidden key mentions it (``row.`` for ``row``); of no lines, it
    goes, so no formula may refer to it then. The rows' holes are numbered through, in the order of the names. ``line``: how
    high a line of the tables is, in points.
    """
    for sheet in book.worksheets:
        first = 0
        for name, count in counts.items():
            _repeat_prototype(sheet, name, count, first)
            first += count
    heights = [_growing_rows(sheet) for sheet in book.worksheets]
    widths = [_Widths(sheet) for sheet in book.worksheets]
    files = {name: data.decode("utf-8", "surrogateescape") for name, data in files_of(book).items()}
    shared = _SHARED_ITEM.findall(files.get("xl/sharedStrings.xml", ""))
    parts: list[tuple[str, list[Piece]]] = []
    for name, text in files.items():
        if match := re.fullmatch(r"xl/worksheets/sheet(\d+)\.xml", name):
            sheet_number = int(match[1]) - 1
            parts.append((name, _with_holes(text, shared, heights[sheet_number], widths[sheet_number], line)))
        elif name == "xl/sharedStrings.xml":
            parts.append((name, [_SHARED_ITEM.sub(lambda m: "<si><t/></si>" if "{{" in m[0] else m[0], text)]))
        else:
            parts.append((name, [text]))
    return parts


def _with_holes(
    xml: str, shared: Sequence[str], heights: Mapping[int, float | None], widths: _Widths, line: float
) -> list[Piece]:
    """A sheet's XML cut at every cell that is filled per form, and at the row tags whose height depends on the texts."""
    pieces: list[Piece] = []
    rows: dict[int, list[Hole]] = {}
    tags: list[tuple[int, int]] = []  # (index into pieces, row number)
    end = 0
    for match in _CELL_OR_ROW.finditer(xml):
        if match["row"]:
            number = int(match["row"])
            if number not in heights:
                continue
            tag = _OWN_HEIGHT.sub("", match[0])
            pieces.append(xml[end : match.start()])
            if heights[number] is None:
                pieces.append(match[0].replace(' customHeight="1"', ""))
            else:
                tags.append((len(pieces), number))
                pieces.append(tag.replace(">", ' ht="HEIGHT" customHeight="1">'))
            end = match.end()
            continue
        item = shared[int(match["item"])] if match["item"] else match["inline"]
        if "{{" not in item:
            continue
        texts = [unescape(m[2]) for m in RUN_TEXT.finditer(item)]
        of_row = _OF_ROW.match(texts[0])
        rich = item.replace("<t>", '<t xml:space="preserve">') if "<r>" in item else ""
        hole = Hole(match["ref"], match["style"], _OF_ROW.sub("", "".join(texts)), int(of_row[1]) if of_row else -1, rich)
        rows.setdefault(int(re.sub("[A-Z]", "", hole.ref)), []).append(hole)
        pieces += [xml[end : match.start()], hole]
        end = match.end()
    pieces.append(xml[end:])
    for index, number in tags:
        holes = rows.get(number, [])
        cells = tuple((h.text, widths.of(h.ref), h.ref) for h in holes if widths.of(h.ref) < inf)
        pieces[index] = Height(str(pieces[index]), holes[0].row if holes else -1, heights[number] or 0, cells, line)
    return pieces


class _Widths:
    """How wide the cells of a sheet are, in characters: a merged one as wide as all its columns."""

    def __init__(self, sheet: Worksheet) -> None:
        self._columns: dict[int, float] = {}
        for dimension in sheet.column_dimensions.values():
            first = dimension.min or column_index_from_string(dimension.index)
            width = inf if dimension.hidden else float(dimension.width)  # what nobody sees needs no room
            self._columns |= dict.fromkeys(range(first, (dimension.max or first) + 1), width)
        self._merged = {
            area.coord.split(":")[0]: range(area.min_col, area.max_col + 1) for area in sheet.merged_cells.ranges
        }

    def of(self, ref: str) -> float:
        """The width of the cell that begins at ``ref``."""
        first = column_index_from_string(re.sub("[0-9]", "", ref))
        return sum(self._columns.get(n, _USUAL_WIDTH) for n in self._merged.get(ref, range(first, first + 1)))


def _growing_rows(sheet: Worksheet) -> dict[int, float | None]:
    """Rows whose height must not be fixed: the repeated ones with their lowest height, and those of tables (None)."""
    rows: dict[int, float | None] = {}
    for number in range(1, sheet.max_row + 1):
        key = str(sheet.cell(number, 1).value or "")
        if _OF_ROW.match(key):
            rows[number] = float(sheet.row_dimensions[number].height or LINE_HEIGHT)
        elif re.match(rf"{TASK}\.\d", key):
            rows[number] = None
    return rows


def _repeat_prototype(sheet: Worksheet, name: str, count: int, first: int) -> None:
    """Turn the row whose hidden key mentions the name into ``count`` rows; everything below moves down with its ranges."""
    mentions = re.compile(rf"\b{name}\.")
    at = next((c.row for c in sheet["A"] if isinstance(c.value, str) and mentions.search(c.value)), None)
    if at is not None:
        repeat_row(sheet, at, count, first)


def repeat_row(sheet: Worksheet, at: int, count: int, first: int = 0) -> None:
    """Turn row ``at`` into ``count`` rows, their holes numbered from ``first``; what is below moves with its ranges."""
    shift = count - 1
    width = sheet.max_column
    if count == 0:
        _forget_row(sheet, at)
    heights = {n: copy(sheet.row_dimensions[n]) for n in list(sheet.row_dimensions) if n > at}
    if shift and sheet.max_row > at:
        sheet.move_range(CellRange(None, 1, at + 1, width, sheet.max_row).coord, rows=shift)
        for n in heights:
            del sheet.row_dimensions[n]
        for n, dimension in heights.items():
            dimension.index = n + shift
            sheet.row_dimensions[n + shift] = dimension
    for row in sheet.iter_rows():
        for cell in row:
            if cell.data_type == "f" and isinstance(cell.value, str):  # a text that begins with = stays text
                cell.value = _shift_formula(cell.value, at, shift, grow=cell.row != at)
    alone = [area for area in sheet.merged_cells.ranges if (area.min_row, area.max_row) == (at, at)]
    others = [_shift_range(area, at, shift) for area in sheet.merged_cells.ranges if area not in alone]
    copies = [CellRange(None, a.min_col, at + n, a.max_col, at + n) for a in alone for n in range(count)]
    sheet.merged_cells = MultiCellRange([*others, *copies])
    for rule in sheet.data_validations.dataValidation:
        rule.sqref = MultiCellRange([_shift_range(r, at, shift) for r in rule.sqref.ranges])
    formats = ConditionalFormattingList()
    for block in sheet.conditional_formatting:
        where = " ".join(str(_shift_range(r, at, shift).coord) for r in block.sqref.ranges)
        for rule in block.rules:
            rule.formula = [_shift_formula(f"={f}", at, shift, grow=False)[1:] for f in rule.formula]
            formats.add(where, rule)
    sheet.conditional_formatting = formats
    for page_end in sheet.row_breaks.brk:
        page_end.id += shift if page_end.id >= at else 0
    if sheet.print_area:
        printed = CellRange(str(sheet.print_area).split("!")[-1].replace("$", "").split(",")[0])
        sheet.print_area = str(_shift_range(printed, at, shift).coord)
    for n in range(shift, -1, -1):
        _copy_row(sheet, at, n, width, first)


def _forget_row(sheet: Worksheet, at: int) -> None:
    """Take away what lies in one row alone, before what is below moves up into it."""

    def stay(areas: MultiCellRange) -> MultiCellRange:
        return MultiCellRange([area for area in areas.ranges if (area.min_row, area.max_row) != (at, at)])

    sheet.merged_cells = stay(sheet.merged_cells)
    for rule in sheet.data_validations.dataValidation:
        rule.sqref = stay(rule.sqref)
    sheet.data_validations.dataValidation = [r for r in sheet.data_validations.dataValidation if r.sqref.ranges]
    formats = ConditionalFormattingList()
    for block in sheet.conditional_formatting:
        if where := " ".join(str(area.coord) for area in stay(block.sqref).ranges):
            for rule in block.rules:
                formats.add(where, rule)
    sheet.conditional_formatting = formats
    sheet.row_breaks.brk = [page_end for page_end in sheet.row_breaks.brk if page_end.id != at]
    sheet.row_dimensions.pop(at, None)
    for column in range(1, sheet.max_column + 1):
        sheet._cells.pop((at, column), None)


def _copy_row(sheet: Worksheet, at: int, n: int, width: int, first: int) -> None:
    """Make row ``at + n`` the n-th copy of the prototype (n = 0 marks the prototype itself, last)."""
    if n:
        sheet.row_dimensions[at + n].height = sheet.row_dimensions[at].height
    for column in range(1, width + 1):
        source, target = sheet.cell(at, column), sheet.cell(at + n, column)
        if n:
            target._style = copy(source._style)  # type: ignore[union-attr]
        value = source.value
        if isinstance(value, str) and value.startswith("="):
            target.value = Translator(value, source.coordinate).translate_formula(target.coordinate)
        elif isinstance(value, str) and "{{" in value:
            target.value = f"⟦{first + n}⟧{value}"
        else:
            target.value = value


def _shift_range(area: CellRange, at: int, shift: int) -> CellRange:
    """Ranges below the prototype move; ranges that include it grow."""
    top = area.min_row + (shift if area.min_row > at else 0)
    bottom = area.max_row + (shift if area.max_row >= at else 0)
    return CellRange(None, area.min_col, top, area.max_col, bottom)


def _shift_formula(formula: str, at: int, shift: int, grow: bool) -> str:
    """References to rows below the prototype move; with ``grow``, a range that ends on it takes in the copies."""
    if not shift:
        return formula
    tokens: Any = Tokenizer(formula)
    for token in tokens.items:
        if token.type == Token.OPERAND and token.subtype == Token.RANGE and "!" not in token.value:
            ends = token.value.split(":")
            last = len(ends) - 1
            token.value = ":".join(
                _REF_ROW.sub(
                    lambda m, grows=grow and last > 0 and n == last: (  # type: ignore[misc]
                        m[1] + str(int(m[2]) + (shift if int(m[2]) > at or (grows and int(m[2]) == at) else 0))
                    ),
                    end,
                )
                for n, end in enumerate(ends)
            )
    return str(tokens.render())
