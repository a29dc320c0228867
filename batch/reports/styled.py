"""Named cell styles: every cell of a report says what it is, so that an office restyles a workbook by changing one style.

XlsxWriter lets nobody name a style, so some of its classes are extended here: the workbook keeps which format rests on
which style, and the writer of ``styles.xml`` lists the styles in use (ECMA-376 part 1, 18.8: ``cellStyleXfs``,
``cellStyles``). By the same text a cell follows its style in every group (font, fill, border, alignment, number format)
that the cell doesn't set itself; so only what differs from the style is marked as set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any

from xlsxwriter.format import Format
from xlsxwriter.packager import Packager
from xlsxwriter.styles import Styles, XFormatType
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from batch.core.finding import Phrase

if TYPE_CHECKING:
    from batch.i18n import Speaker

Look = Mapping[str, Any]  # properties as XlsxWriter names them
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


class _Sheet(Worksheet):  # type: ignore[misc]
    """Writes numbers, texts and blanks with a format as XlsxWriter does, but at once: nearly all cells are such."""

    def _write_cell(self, row: int, col: int, cell: Any) -> None:
        kind = cell.__class__.__name__
        if not cell.format or self.constant_memory or kind not in ("Number", "String", "Blank"):
            super()._write_cell(row, col, cell)
            return
        start = f'<c r="{_column(col)}{row + 1}" s="{cell.format._get_xf_index()}"'
        if kind == "Number":
            self.fh.write(f"{start}><v>{cell.number:.16G}</v></c>")
        elif kind == "String":
            self.fh.write(f'{start} t="s"><v>{cell.string}</v></c>')
        else:
            self.fh.write(f"{start}/>")


class StyledBook(Workbook):  # type: ignore[misc]  # XlsxWriter has no types
    """A workbook whose formats may rest on named styles."""

    xf_formats: list[Format]
    worksheet_class = _Sheet

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
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
    """Writes the parts of the package, the styles by our own writer."""

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
