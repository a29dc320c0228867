"""Stamping: from a master workbook that an office may have restyled to thousands of filled-in forms.

A master is prepared once per language and number of rows (openpyxl: labels translated, the prototype row repeated, ranges
shifted) and compiled to XML pieces with holes; each form then costs only its texts and the zip. Placeholders are Jinja
expressions in a sandbox.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, unescape

import openpyxl
from jinja2 import ChainableUndefined, TemplateSyntaxError, UndefinedError, meta
from jinja2.exceptions import SecurityError
from jinja2.sandbox import SandboxedEnvironment
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.formatting.formatting import ConditionalFormattingList
from openpyxl.formula.tokenizer import Token, Tokenizer
from openpyxl.formula.translate import Translator
from openpyxl.utils import column_index_from_string
from openpyxl.worksheet.cell_range import CellRange, MultiCellRange
from openpyxl.worksheet.worksheet import Worksheet

from batch.core.finding import Place, UserError
from batch.forms.layout import TASK
from batch.i18n import Speaker

_SINGLE = re.compile(r"\{\{((?:(?!\{\{|\}\}).)*)\}\}", re.DOTALL)
_OF_ROW = re.compile(r"⟦(\d+)⟧")  # put before a repeated cell's text: which of the rows fills it
_ROW_NAME = re.compile(r"\brow\.")
_RUN_TEXT = re.compile(r"(<t(?: [^>]*)?>)([^<]*)(</t>)")
_OWN_HEIGHT = re.compile(r' (?:ht="[^"]*"|customHeight="1")')
_SHARED_ITEM = re.compile(r"<si>(.*?)</si>", re.DOTALL)
_CELL_OR_ROW = re.compile(
    r'<row r="(?P<row>\d+)"[^>]*>|<c r="(?P<ref>[A-Z]+\d+)"(?P<style>(?: s="\d+")?)'
    r' t="(?:s"><v>(?P<item>\d+)</v>|inlineStr"><is>(?P<inline>.*?)</is>)</c>',
    re.DOTALL,
)
_MODIFIED = re.compile(r"(<dcterms:(created|modified)[^>]*>)[^<]*")
_REF_ROW = re.compile(r"(\$?[A-Z]{1,3}\$?)(\d+)")
_LINE_HEIGHT = 15.5  # points, at the masters' 12-point type
_LETTERS_PER_WIDTH = 1.12  # letters that fit into one unit of column width at that size
_USUAL_WIDTH = 8.43
_FIXED_DATE = (1980, 1, 1, 0, 0, 0)
_ILLEGAL_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class _Hole:
    """A cell to be filled per form: everything of it but the value; ``row``: index into the form's rows, or -1.

    ``rich`` is the cell's formatted text as XML (runs with fonts), or '' for a plain one.
    """

    ref: str
    style: str
    text: str
    row: int
    rich: str = ""


@dataclass(frozen=True)
class _Height:
    """The opening tag of a repeated row, whose height follows its texts: (placeholder text, column width in characters)."""

    tag: str
    row: int
    lowest: float
    cells: tuple[tuple[str, float], ...]


_Piece = str | _Hole | _Height


class Master:
    """A master workbook in one language, ready to be stamped."""

    def __init__(self, path: Path, say: Speaker, static: Mapping[str, Any]) -> None:
        self._path = path
        self._static = {**static, "_": say}
        self._environment = SandboxedEnvironment(undefined=ChainableUndefined, autoescape=False, keep_trailing_newline=True)
        self._compiled: dict[str, Any] = {}
        self._prepared: dict[int, list[tuple[str, list[_Piece]]]] = {}

    @cached_property
    def _bytes(self) -> bytes:
        try:
            return self._path.read_bytes()
        except OSError as err:
            raise UserError("config.template-wrong", Place(str(self._path)), problem=err.strerror or str(err)) from err

    def stamp(self, context: Mapping[str, Any], rows: Sequence[Mapping[str, Any]] = ()) -> bytes:
        """One form as .xlsx bytes: the same arguments give the same bytes."""
        parts = self._prepared.get(len(rows))
        if parts is None:
            parts = self._prepared[len(rows)] = self._prepare(len(rows))
        names = {**self._static, **context}
        by_row = [{**names, "row": row} for row in rows]
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, pieces in parts:
                text = "".join(
                    piece if isinstance(piece, str) else self._fill(piece, by_row[piece.row] if piece.row >= 0 else names)
                    for piece in pieces
                )
                info = zipfile.ZipInfo(name, _FIXED_DATE)
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, text.encode("utf-8", "surrogateescape"))
        return out.getvalue()

    # --- values ---------------------------------------------------------------------------------------------------

    def _fill(self, hole: _Hole | _Height, names: Mapping[str, Any]) -> str:
        if isinstance(hole, _Height):
            return self._row_tag(hole, names)
        if hole.rich:
            runs = _RUN_TEXT.sub(lambda m: f"{m[1]}{self._run(m[2], names, hole.ref)}{m[3]}", hole.rich)
            return f'<c r="{hole.ref}"{hole.style} t="inlineStr"><is>{runs}</is></c>'
        value = self._value(hole.text, names, hole.ref)
        head = f'<c r="{hole.ref}"{hole.style}'
        if value is None or value == "":
            return f"{head}/>"
        if isinstance(value, bool):
            return f'{head} t="b"><v>{int(value)}</v></c>'
        if isinstance(value, (int, Decimal)):
            return f"{head}><v>{value:f}</v></c>" if isinstance(value, Decimal) else f"{head}><v>{value}</v></c>"
        text = escape(_ILLEGAL_XML.sub("", str(value)))
        return f'{head} t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'

    def _run(self, text: str, names: Mapping[str, Any], ref: str) -> str:
        value = self._value(unescape(text), names, ref) if "{{" in text else unescape(text)
        return escape(_ILLEGAL_XML.sub("", "" if value is None else str(value)))

    def _row_tag(self, hole: _Height, names: Mapping[str, Any]) -> str:
        """Spreadsheet programs don't grow rows on opening, so the lines each text will take are estimated here."""
        lines = 1
        for text, width in hole.cells:
            value = self._value(text, names, "") if "{{" in text else text
            taken = sum(
                -(-len(line) // max(1, int(width * _LETTERS_PER_WIDTH))) or 1 for line in str(value or "").split("\n")
            )
            lines = max(lines, taken)
        return hole.tag.replace("HEIGHT", f"{max(hole.lowest, lines * _LINE_HEIGHT + 3):g}")

    def _value(self, text: str, names: Mapping[str, Any], ref: str) -> Any:
        """A text with placeholders → its value; a lone expression keeps its type."""
        try:
            compiled = self._compiled.get(text)
            if compiled is None:
                single = _SINGLE.fullmatch(text)
                compiled = (
                    self._environment.compile_expression(single[1], undefined_to_none=True)
                    if single
                    else self._environment.from_string(text).render
                )
                self._compiled[text] = compiled
            return compiled(**names)
        except (TemplateSyntaxError, UndefinedError, SecurityError, TypeError, KeyError) as err:
            raise UserError("config.template-wrong", Place(str(self._path), "", ref), problem=str(err)) from err

    def _is_static(self, text: str, ref: str) -> bool:
        try:
            used = meta.find_undeclared_variables(self._environment.parse(text))
        except TemplateSyntaxError as err:
            raise UserError("config.template-wrong", Place(str(self._path), "", ref), problem=str(err)) from err
        return used <= self._static.keys()

    def _text(self, text: str | None, ref: str) -> str | None:
        """A text outside cells (list, prompt, footer, sheet title), rendered with the static names."""
        if not text or "{{" not in text:
            return text
        return self._environment.from_string(text).render(**self._static) if self._is_static(text, ref) else ""

    # --- preparation ----------------------------------------------------------------------------------------------

    def _prepare(self, count: int) -> list[tuple[str, list[_Piece]]]:
        try:
            book = openpyxl.load_workbook(io.BytesIO(self._bytes), rich_text=True)
        except Exception as err:  # openpyxl meets broken workbooks with many kinds of errors
            raise UserError("config.template-wrong", Place(str(self._path)), problem=str(err)) from err
        heights: list[dict[int, float | None]] = []
        for sheet in book.worksheets:
            _repeat_prototype(sheet, count)
            self._translate(sheet)
            heights.append(_growing_rows(sheet))
        widths = [_column_widths(sheet) for sheet in book.worksheets]
        saved = io.BytesIO()
        book.save(saved)
        return self._compile(saved.getvalue(), heights, widths)

    def _translate(self, sheet: Worksheet) -> None:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and "{{" in cell.value and self._is_static(cell.value, cell.coordinate):
                    value = self._value(cell.value, self._static, cell.coordinate)
                    cell.value = value if isinstance(value, (int, Decimal)) else str(value or "") or None
                elif isinstance(cell.value, CellRichText):
                    for n, part in enumerate(cell.value):
                        text = str(part)
                        if "{{" in text and self._is_static(text, cell.coordinate):
                            value = str(self._value(text, self._static, cell.coordinate) or "")
                            cell.value[n] = TextBlock(part.font, value) if isinstance(part, TextBlock) else value
        for rule in sheet.data_validations.dataValidation:
            for name in ("formula1", "promptTitle", "prompt", "errorTitle", "error"):
                setattr(rule, name, self._text(getattr(rule, name), str(rule.sqref)))
        margins: Any = (sheet.oddHeader, sheet.oddFooter)
        for margin in margins:
            for side in (margin.left, margin.center, margin.right):
                side.text = self._text(side.text, "footer")
        sheet.title = (self._text(sheet.title, "title") or "")[:31]

    def _compile(
        self, workbook: bytes, heights: Sequence[Mapping[int, float | None]], widths: Sequence[Mapping[int, float]]
    ) -> list[tuple[str, list[_Piece]]]:
        with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
            files = {info.filename: archive.read(info).decode("utf-8", "surrogateescape") for info in archive.infolist()}
        shared = _SHARED_ITEM.findall(files.get("xl/sharedStrings.xml", ""))
        parts: list[tuple[str, list[_Piece]]] = []
        for name, text in files.items():
            if match := re.fullmatch(r"xl/worksheets/sheet(\d+)\.xml", name):
                sheet = int(match[1]) - 1
                parts.append((name, _with_holes(text, shared, heights[sheet], widths[sheet])))
            elif name == "xl/sharedStrings.xml":
                parts.append((name, [_SHARED_ITEM.sub(lambda m: "<si><t/></si>" if "{{" in m[0] else m[0], text)]))
            elif name == "docProps/core.xml":
                parts.append((name, [_MODIFIED.sub(r"\g<1>2025-01-01T00:00:00Z", text)]))
            else:
                parts.append((name, [text]))
        return parts


def _with_holes(
    xml: str, shared: Sequence[str], heights: Mapping[int, float | None], widths: Mapping[int, float]
) -> list[_Piece]:
    """A sheet's XML cut at every cell that is filled per form, and at the row tags whose height depends on the texts."""
    pieces: list[_Piece] = []
    rows: dict[int, list[_Hole]] = {}
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
        texts = [unescape(m[2]) for m in _RUN_TEXT.finditer(item)]
        of_row = _OF_ROW.match(texts[0])
        rich = item.replace("<t>", '<t xml:space="preserve">') if "<r>" in item else ""
        hole = _Hole(match["ref"], match["style"], _OF_ROW.sub("", "".join(texts)), int(of_row[1]) if of_row else -1, rich)
        rows.setdefault(int(re.sub("[A-Z]", "", hole.ref)), []).append(hole)
        pieces += [xml[end : match.start()], hole]
        end = match.end()
    pieces.append(xml[end:])
    for index, number in tags:
        holes = rows.get(number, [])
        cells = tuple(
            (h.text, widths.get(column_index_from_string(re.sub("[0-9]", "", h.ref)), _USUAL_WIDTH)) for h in holes
        )
        pieces[index] = _Height(str(pieces[index]), holes[0].row if holes else -1, heights[number] or 0, cells)
    return pieces


def _column_widths(sheet: Worksheet) -> dict[int, float]:
    """Column number → width in characters, of the columns that have one of their own."""
    widths: dict[int, float] = {}
    for dimension in sheet.column_dimensions.values():
        first = dimension.min or column_index_from_string(dimension.index)
        widths |= dict.fromkeys(range(first, (dimension.max or first) + 1), float(dimension.width))
    return widths


def _growing_rows(sheet: Worksheet) -> dict[int, float | None]:
    """Rows whose height must not be fixed: the repeated ones with their lowest height, and those of tables (None)."""
    rows: dict[int, float | None] = {}
    for number in range(1, sheet.max_row + 1):
        key = str(sheet.cell(number, 1).value or "")
        if _OF_ROW.match(key):
            rows[number] = float(sheet.row_dimensions[number].height or _LINE_HEIGHT)
        elif key.startswith(f"{TASK}."):
            rows[number] = None
    return rows


def _repeat_prototype(sheet: Worksheet, count: int) -> None:
    """Turn the row whose hidden key mentions ``row.`` into ``count`` rows; everything below moves down with its ranges."""
    at = next((c.row for c in sheet["A"] if isinstance(c.value, str) and _ROW_NAME.search(c.value)), None)
    if at is None or count < 1:
        return
    shift = count - 1
    width = sheet.max_column
    heights = {n: copy(sheet.row_dimensions[n]) for n in list(sheet.row_dimensions) if n > at}
    merged = [CellRange(r.coord) for r in sheet.merged_cells.ranges]
    for area in merged:
        sheet.unmerge_cells(area.coord)
    if shift and sheet.max_row > at:
        sheet.move_range(CellRange(None, 1, at + 1, width, sheet.max_row).coord, rows=shift)
        for n in heights:
            del sheet.row_dimensions[n]
        for n, dimension in heights.items():
            dimension.index = n + shift
            sheet.row_dimensions[n + shift] = dimension
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell.value, str) and cell.value.startswith("="):
                cell.value = _shift_formula(cell.value, at, shift)
    for area in merged:
        sheet.merge_cells(str(_shift_range(area, at, shift).coord))
    for rule in sheet.data_validations.dataValidation:
        rule.sqref = MultiCellRange([_shift_range(r, at, shift) for r in rule.sqref.ranges])
    formats = ConditionalFormattingList()
    for block in sheet.conditional_formatting:
        where = " ".join(str(_shift_range(r, at, shift).coord) for r in block.sqref.ranges)
        for rule in block.rules:
            rule.formula = [_shift_formula(f"={f}", at, shift)[1:] for f in rule.formula]
            formats.add(where, rule)
    sheet.conditional_formatting = formats
    if sheet.print_area:
        printed = CellRange(str(sheet.print_area).split("!")[-1].replace("$", "").split(",")[0])
        sheet.print_area = str(_shift_range(printed, at, shift).coord)
    for n in range(shift, -1, -1):
        _copy_row(sheet, at, n, width)


def _copy_row(sheet: Worksheet, at: int, n: int, width: int) -> None:
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
            target.value = f"⟦{n}⟧{value}"
        else:
            target.value = value


def _shift_range(area: CellRange, at: int, shift: int) -> CellRange:
    """Ranges below the prototype move; ranges that include it grow."""
    top = area.min_row + (shift if area.min_row > at else 0)
    bottom = area.max_row + (shift if area.max_row >= at else 0)
    return CellRange(None, area.min_col, top, area.max_col, bottom)


def _shift_formula(formula: str, at: int, shift: int) -> str:
    """References of this sheet to rows below the prototype move; a range that ends on it grows."""
    if not shift:
        return formula
    tokens: Any = Tokenizer(formula)
    for token in tokens.items:
        if token.type == Token.OPERAND and token.subtype == Token.RANGE and "!" not in token.value:
            ends = token.value.split(":")
            last = len(ends) - 1
            token.value = ":".join(
                _REF_ROW.sub(
                    lambda m, grows=last > 0 and n == last: (  # type: ignore[misc]
                        m[1] + str(int(m[2]) + (shift if int(m[2]) > at or (grows and int(m[2]) == at) else 0))
                    ),
                    end,
                )
                for n, end in enumerate(ends)
            )
    return str(tokens.render())
