"""Named cell styles: every cell of a report says what it is, so that an office restyles a workbook by changing one style.

XlsxWriter lets nobody name a style, so some of its classes are extended here: the workbook keeps which format rests on
which style, and the writer of ``styles.xml`` lists the styles in use (ECMA-376 part 1, 18.8: ``cellStyleXfs``,
``cellStyles``). By the same text a cell follows its style in every group (font, fill, border, alignment, number format)
that the cell doesn't set itself; so only what differs from the style is marked as set.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from itertools import count
from math import isfinite
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from xlsxwriter.format import Format
from xlsxwriter.packager import Packager
from xlsxwriter.sharedstrings import SharedStrings
from xlsxwriter.styles import Styles, XFormatType
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from batch.core.finding import Phrase
from batch.sheet.pack import Packed, join, packed

if TYPE_CHECKING:
    from batch.i18n import Speaker

Look = Mapping[str, Any]  # properties as XlsxWriter names them
Rows = Sequence[Sequence[object]]
_PLACING = {"align", "valign", "text_wrap", "indent", "num_format"}  # what cells of one style may do each in its own way


@dataclass(frozen=True)
class Role:
    """What a cell is in a report: the name of its style, and how it looks unless the style is changed."""

    name: Phrase
    look: Look


class Looks:
    """The formats of one workbook, made once each. Each rests on the style of its role.

    A format that departs from its role's font, fill or border rests on a style of its own, named for what differs
    ("table text, bold"): a cell with a font of its own would no longer follow when its style's font is changed.
    """

    def __init__(self, book: StyledBook, say: Speaker, base: Look, roles: Mapping[str, Role]) -> None:
        self._book, self._say, self._base, self._roles = book, say, base, roles
        self._formats: dict[tuple[str, tuple[tuple[str, Any], ...]], Format] = {}
        self._styles: dict[tuple[str, tuple[tuple[str, Any], ...]], str] = {}

    def __call__(self, role: str, more: Look) -> Format:
        """The format of a role, with more properties."""
        key = (role, tuple(sorted(more.items())))
        if key not in self._formats:
            own = {**self._base, **self._roles[role].look}
            whole = {**own, **more}
            differs = {key: value for key, value in whole.items() if key not in _PLACING and own.get(key, 0) != value}
            style = self._style(role, differs)
            self._formats[key] = self._book.add_styled_format(style, {**own, **differs}, whole)
        return self._formats[key]

    def _style(self, role: str, differs: Look) -> str:
        key = (role, tuple(sorted(differs.items())))
        if key not in self._styles:
            say, parts = self._say, [self._say(self._roles[role].name)]
            if differs.get("bold"):
                parts.append(say("bold"))
            if differs.get("italic"):
                parts.append(say("italic"))
            if "font_size" in differs:
                parts.append(say("size {points}", points=f"{differs['font_size']:g}"))
            name = say("Report – {style}", style=", ".join(parts))
            taken = {one.casefold() for one in self._styles.values()}
            more = (f"{name} ({n})" for n in count(2))
            while name.casefold() in taken:  # another colour or border
                name = next(more)
            self._styles[key] = name
        return self._styles[key]


_column = cache(xl_col_to_name)
_TEXT = ' t="s"'
_STRINGS = "xl/sharedStrings.xml"
_SHORT = 30_000  # characters of a file that other workbooks may have as well
_SPECIAL = re.compile(r"[\x00-\x08\x0b-\x1f<>&\ufffe\uffff]|_x[0-9a-fA-F]{4}_|^\s|\s$")


class Sheet(Worksheet):  # type: ignore[misc]
    """A sheet that takes the rows of a table at once, as XML: a call per cell, and a look at each again when the sheet is
    closed, took most of the time that a workbook takes.

    What is written cell by cell is written as XlsxWriter does, but without ``spans``, which only tell a reader where a row
    ends.
    """

    dim_rowmin: int
    dim_rowmax: int

    def __init__(self) -> None:
        super().__init__()
        self._blocks: list[_Block] = []

    def cell(self, value: float | str, look: Format) -> str:
        """A cell of a table's row as :meth:`add_rows` wants it: its XML from behind its reference. It is the same wherever
        in the workbook it stands.
        """
        style = look._get_xf_index()
        if not isinstance(value, str):
            if not isfinite(value):
                raise ValueError(value)
            return f'" s="{style}"><v>{value:.16G}</v></c>'
        if not value:
            return f'" s="{style}"/>'
        number = self.str_table._get_shared_string_index(value)
        self.str_table.count -= 1  # counted where it is used
        return f'" s="{style}"{_TEXT}><v>{number}</v></c>'

    def add_rows(self, first: int, cells: Sequence[Sequence[str]], points: Sequence[float], shown: Rows) -> None:
        """A table's rows from ``first`` on and column 0 on: of each its cells (:meth:`cell`) and its height in points.

        ``shown``: the values in these cells, for the charts that are drawn from them. No other cell may be written into
        these rows, and no chart be placed on them: where it ends is reckoned from the heights that XlsxWriter knows.
        """
        starts = [f'<c r="{_column(at)}' for at in range(len(cells[0]))]
        rows = []
        for number, (row, height) in enumerate(zip(cells, points, strict=True), first + 1):
            at = str(number)
            rows.append(f'<row r="{at}" {_height(height)}>')
            rows += [f"{start}{at}{cell}" for start, cell in zip(starts, row, strict=True)]
            rows.append("</row>")
        xml = "".join(rows)
        self.str_table.count += xml.count(_TEXT)
        self._blocks.append(_Block(first, shown, xml))
        self._check_dimensions(first, 0)
        self._check_dimensions(first + len(cells) - 1, len(starts) - 1)

    def _calculate_spans(self) -> None:
        self.row_spans: dict[int, str] = {}

    def _write_rows(self) -> None:
        """The rows in their order, those written cell by cell between those of the blocks."""
        first, last = self.dim_rowmin, self.dim_rowmax
        for block in sorted(self._blocks, key=attrgetter("first")):
            self.dim_rowmax = block.first - 1
            super()._write_rows()
            self.fh.write(block.xml)
            self.dim_rowmin = block.first + len(block.shown)
        self.dim_rowmax = last
        super()._write_rows()
        self.dim_rowmin = first

    def _get_range_data(self, row_start: int, col_start: int, row_end: int, col_end: int) -> list[str | None]:
        """What a chart is drawn from, as it is kept beside the chart."""
        for block in self._blocks:
            if row_start >= block.first and row_end < block.first + len(block.shown):
                rows = block.shown[row_start - block.first : row_end - block.first + 1]
                return [_kept(value) for row in rows for value in row[col_start : col_end + 1]]
        kept: list[str | None] = super()._get_range_data(row_start, col_start, row_end, col_end)
        return kept

    def _write_cell(self, row: int, col: int, cell: Any) -> None:
        """A number, text or blank with a format at once: nearly all cells are such."""
        kind = cell.__class__.__name__
        if not cell.format or self.constant_memory or kind not in ("Number", "String", "Blank"):
            super()._write_cell(row, col, cell)
            return
        start = f'<c r="{_column(col)}{row + 1}" s="{cell.format._get_xf_index()}"'
        if kind == "Number":
            self.fh.write(f"{start}><v>{cell.number:.16G}</v></c>")
        elif kind == "String":
            self.fh.write(f"{start}{_TEXT}><v>{cell.string}</v></c>")
        else:
            self.fh.write(f"{start}/>")


@dataclass(frozen=True)
class _Block:
    """The rows of a table from ``first`` on (0-based)."""

    first: int
    shown: Rows
    xml: str


def _kept(value: object) -> str:
    shown = value[0] if isinstance(value, tuple) else value
    if isinstance(shown, (int, Decimal)):
        return f"{float(shown):.16g}"
    return "" if shown is None else str(shown)


@cache
def _height(points: float) -> str:
    """A row's height, in whole pixels as XlsxWriter sets it."""
    return f'ht="{int(points * 4 / 3 + 0.5) * 0.75:.16g}" customHeight="1"'


class StyledBook(Workbook):  # type: ignore[misc]  # XlsxWriter has no types
    """A workbook whose formats may rest on named styles."""

    xf_formats: list[Format]
    worksheet_class = Sheet

    def __init__(self, target: io.BytesIO, options: Mapping[str, Any]) -> None:
        """A book that is written to ``target`` when it is closed."""
        super().__init__(io.BytesIO(), {**options, "in_memory": True})
        self._target = target
        self.files: list[tuple[str, str]] = []  # of the package: name and contents
        self._styles: dict[str, Format] = {}
        self._style_of: dict[Format, str] = {}
        self.cell_formats: list[Format] = []
        self.styles_used: dict[str, Format] = {}

    def add_styled_format(self, style: str, own: Look, look: Look) -> Format:
        """A format for cells with ``look``, resting on the style of that name, which looks like ``own``."""
        if style not in self._styles:
            self._styles[style] = self.add_format(own)
        made = self.add_format(look)
        made._format_key = f"{made._get_format_key()}:{style}"  # alike, but of another style: not the same
        self._style_of[made] = style
        return made

    def close(self) -> None:
        """Write the package: in another way than XlsxWriter's, which is given nothing to write."""
        super().close()
        self._target.write(join(map(_packed, self.files)))

    def _prepare_format_properties(self) -> None:
        """Number fonts, fills, borders and number formats, for cells and for the styles that they rest on."""
        self._prepare_formats()
        self.cell_formats = list(self.xf_formats)
        self.styles_used = {name: self._styles[name] for f in self.cell_formats if (name := self._style_of.get(f))}
        ids = {name: at for at, name in enumerate(self.styles_used, 1)}
        for cell in self.cell_formats:
            cell.xf_id = ids.get(self._style_of.get(cell, ""), 0)
        self.xf_formats = [*self.cell_formats, *self.styles_used.values()]
        for at, style in enumerate(self.styles_used.values(), len(self.cell_formats)):
            style.xf_index = at  # without one, its number format would be left out
        self._prepare_fonts()
        self._prepare_num_formats()
        self._prepare_borders()
        self._prepare_fills()

    def _get_packager(self) -> Packager:
        return _Packager()


class _Packager(Packager):  # type: ignore[misc]
    """Writes the parts of the package, the styles and texts by our own writers."""

    def _create_package(self) -> list[Any]:
        """Every file goes to the book and none to XlsxWriter's archive."""
        self.workbook.files = [(name, written.getvalue()) for written, name, _ in super()._create_package()]
        return []

    def _write_shared_strings_file(self) -> None:
        if self.workbook.str_table.count:
            texts = _Texts()
            texts.string_table = self.workbook.str_table
            texts._set_xml_writer(self._filename(_STRINGS))
            texts._assemble_xml_file()

    def _write_styles_file(self) -> None:
        book = self.workbook
        styles = _Styles(len(book.cell_formats), book.styles_used)
        fonts, fills, borders = book.font_count, book.fill_count, book.border_count
        styles._set_style_properties(
            [
                *(book.xf_formats, book.palette, fonts, book.num_formats, borders, fills),
                *(book.custom_colors, book.dxf_formats, book.has_comments),
            ]
        )
        styles._set_xml_writer(self._filename("xl/styles.xml"))
        styles._assemble_xml_file()


def _packed(file: tuple[str, str]) -> Packed:
    name, text = file
    if len(text) > _SHORT or name == _STRINGS:
        return packed(name, text.encode())
    return _short(name, text)


@lru_cache(maxsize=64)
def _short(name: str, text: str) -> Packed:
    """A short file: the theme, the relations and often the styles are the same in all workbooks of a run."""
    return packed(name, text.encode())


class _Texts(SharedStrings):  # type: ignore[misc]
    """``sharedStrings.xml``: most texts have nothing in them that needs a closer look."""

    def _write_si(self, string: str) -> None:
        if not _SPECIAL.search(string):
            self.fh.write(f"<si><t>{string}</t></si>")
            return
        # also a text in tags, which XlsxWriter takes for parts with formats of their own
        kept = [("xml:space", "preserve")] if string != string.strip() else []
        self._xml_si_element(self._escape_control_characters(string), kept)


class _Styles(Styles):  # type: ignore[misc]
    """``styles.xml``: the formats of the first ``cells`` are those of cells, the rest those of the named styles."""

    def __init__(self, cells: int, named: Mapping[str, Format]) -> None:
        super().__init__()
        self._cells, self._named = cells, list(named.items())

    def _write_cell_style_xfs(self) -> None:
        self._xml_start_tag("cellStyleXfs", [("count", 1 + len(self._named))])
        for look in (self.xf_formats[0], *(look for _, look in self._named)):
            self._write_xf(look, XFormatType.STYLE)
        self._xml_end_tag("cellStyleXfs")

    def _write_cell_xfs(self) -> None:
        cells = self.xf_formats[: self._cells]
        self._xml_start_tag("cellXfs", [("count", len(cells))])
        for at, cell in enumerate(cells):
            if cell.xf_id:
                self._write_styled_xf(cell, self._named[cell.xf_id - 1][1])
            else:
                self._write_xf(cell, XFormatType.USER if at else XFormatType.DEFAULT)
        self._xml_end_tag("cellXfs")

    def _write_styled_xf(self, cell: Format, style: Format) -> None:
        """A cell's format: all its ids, as Excel draws by these, and for each group whether it is the cell's own.

        LibreOffice takes a group for the cell's own unless it is told otherwise.
        """
        groups = [
            ("numFmtId", "applyNumberFormat", cell.num_format_index, style.num_format_index),
            ("fontId", "applyFont", cell.font_index, style.font_index),
            ("fillId", "applyFill", cell.fill_index, style.fill_index),
            ("borderId", "applyBorder", cell.border_index, style.border_index),
        ]
        placing, usual = cell._get_align_properties()[1], style._get_align_properties()[1]
        attributes = [(name, own) for name, _, own, _ in groups] + [("xfId", cell.xf_id)]
        attributes += [(mark, int(own != given)) for _, mark, own, given in groups]
        attributes += [("applyAlignment", int(placing != usual)), ("applyProtection", 0)]
        if placing:
            self._xml_start_tag("xf", attributes)
            self._xml_empty_tag("alignment", placing)
            self._xml_end_tag("xf")
        else:
            self._xml_empty_tag("xf", attributes)

    def _write_cell_styles(self) -> None:
        self._xml_start_tag("cellStyles", [("count", 1 + len(self._named))])
        for at, (name, _) in enumerate(self._named, 1):
            self._xml_empty_tag("cellStyle", [("name", name), ("xfId", at)])
        self._write_cell_style()
        self._xml_end_tag("cellStyles")
