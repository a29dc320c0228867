"""Named cell styles: every cell of a report says what it is, so that an office restyles a workbook by changing one style.
And what XlsxWriter takes long for is written here in another way: a year's roll-ups are hundreds of workbooks.

XlsxWriter lets nobody name a style, so ``styles.xml`` is written here, of the looks and the styles in use (ECMA-376 part 1,
18.8: ``cellStyleXfs``, ``cellStyles``). By the same text a cell follows its style in every group (font, fill, border,
alignment, number format) that the cell doesn't set itself; so only what differs from the style is marked as set.

All that this program knows of XlsxWriter's insides is in this module; a test compares what comes of it with what XlsxWriter
writes by itself.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache, partial
from itertools import count
from math import isfinite
from operator import attrgetter
from typing import TYPE_CHECKING, Any
from weakref import proxy
from xml.sax.saxutils import quoteattr

from xlsxwriter.format import Format
from xlsxwriter.packager import Packager
from xlsxwriter.sharedstrings import SharedStrings
from xlsxwriter.styles import Styles
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from batch.core.finding import Phrase
from batch.sheet.pack import Packed, join, packed

if TYPE_CHECKING:
    from batch.i18n import Speaker

Look = Mapping[str, Any]  # properties as XlsxWriter names them
Rows = Sequence[Sequence[object]]
_Properties = tuple[tuple[str, Any], ...]
_PLACING = {"align", "valign", "text_wrap", "indent", "num_format"}  # what cells of one style may do each in its own way


@dataclass(frozen=True)
class Role:
    """What a cell is in a report: the name of its style, and how it looks unless the style is changed."""

    name: Phrase
    look: Look


class Roles:
    """What cells are in a kind of report; how they look is worked out once for all of its workbooks.

    A look that departs from its role's font, fill or border rests on a style of its own, named for what differs
    ("table text, bold"): a cell with a font of its own would no longer follow when its style's font is changed.
    """

    def __init__(self, base: Look, roles: Mapping[str, Role]) -> None:
        self._base, self._roles = base, roles
        self._styled: dict[tuple[str, _Properties], tuple[_Properties, Drawn, Drawn]] = {}
        self._names: dict[tuple[str, str, _Properties], str] = {}

    def styled(self, role: str, more: _Properties) -> tuple[_Properties, Drawn, Drawn]:
        """Of a role with more properties: how its style departs from the role's, the style's look, and the cells'."""
        key = (role, more)
        if key not in self._styled:
            own = {**self._base, **self._roles[role].look}
            whole = {**own, **dict(more)}
            differs = {name: value for name, value in whole.items() if name not in _PLACING and own.get(name, 0) != value}
            self._styled[key] = tuple(sorted(differs.items())), draw({**own, **differs}), draw(whole)
        return self._styled[key]

    def name(self, say: Speaker, role: str, differs: _Properties) -> str:
        """What a style is called; styles that differ in colour or border alone are called the same."""
        key = (say.lang, role, differs)
        if key not in self._names:
            parts, found = [say(self._roles[role].name)], dict(differs)
            if found.get("bold"):
                parts.append(say("bold"))
            if found.get("italic"):
                parts.append(say("italic"))
            if "font_size" in found:
                parts.append(say("size {points}", points=f"{found['font_size']:g}"))
            self._names[key] = say("Report – {style}", style=", ".join(parts))
        return self._names[key]


class Looks:
    """The looks of one workbook, made once each. Each rests on the style of its role."""

    def __init__(self, book: StyledBook, say: Speaker, roles: Roles) -> None:
        self._book, self._say, self._roles = book, say, roles
        self._looks: dict[tuple[str, _Properties], CellLook] = {}
        self._styles: dict[tuple[str, _Properties], str] = {}
        self._taken: set[str] = set()

    def __call__(self, role: str, more: Look) -> CellLook:
        """The look of a role, with more properties."""
        key = (role, tuple(sorted(more.items())))
        if key not in self._looks:
            differs, own, whole = self._roles.styled(*key)
            self._looks[key] = self._book.add_look(whole, self._style(role, differs), own)
        return self._looks[key]

    def _style(self, role: str, differs: _Properties) -> str:
        key = (role, differs)
        if key not in self._styles:
            first = name = self._roles.name(self._say, role, differs)
            more = (f"{first} ({n})" for n in count(2))
            while name.casefold() in self._taken:  # another colour or border
                name = next(more)
            self._styles[key] = name
            self._taken.add(name.casefold())
        return self._styles[key]


@dataclass(frozen=True)
class Drawn:
    """A look as it stands in ``styles.xml``: number format, font, fill, border, alignment ('' for none)."""

    number: str
    font: str
    fill: str
    border: str
    placing: str
    size: float


def draw(look: Look) -> Drawn:
    """A look as XlsxWriter writes it."""
    return _draw(tuple(look.items()))


@lru_cache(maxsize=1024)  # a kind of report has about a hundred, the same in each of its workbooks
def _draw(look: _Properties) -> Drawn:
    one, writer = Format(dict(look)), Styles()
    if one.bg_color and not one.fg_color:  # the colour of a solid fill is that of its foreground
        one.fg_color, one.bg_color, one.pattern = one.bg_color, None, 1

    def written(write: Callable[..., None], *what: Any) -> str:
        writer._set_xml_writer(into := io.StringIO())
        write(*what)
        return into.getvalue()

    _, placing = one._get_align_properties()
    return Drawn(
        number=one.num_format,
        font=written(writer._write_font, one),
        fill=written(writer._write_fill, one),
        border=written(writer._write_border, one),
        placing=written(writer._xml_empty_tag, "alignment", placing) if placing else "",
        size=one.font_size,
    )


class CellLook:
    """How cells look in one workbook; XlsxWriter takes it for a format of its own."""

    def __init__(self, used: dict[tuple[Drawn, str], int], drawn: Drawn, style: str) -> None:
        self._used, self._drawn, self._style = used, drawn, style
        self._number: int | None = None

    @property
    def font_size(self) -> float:
        """In points."""
        return self._drawn.size

    def _get_xf_index(self) -> int:
        """Its number in the workbook, which it has once a cell looks like that."""
        if self._number is None:
            self._number = self._used.setdefault((self._drawn, self._style), len(self._used))
        return self._number


_column = cache(xl_col_to_name)
_IDS = ("numFmtId", "fontId", "fillId", "borderId")
_MARKS = ("applyNumberFormat", "applyFont", "applyFill", "applyBorder")
_ALIGNED = ' applyAlignment="1"'
_OF_XLSXWRITER = {"xf_index", "hyperlink"}  # what only the formats have that it makes for itself
_QUOTE = {'"': "&quot;"}
_BUILT_IN = 2  # number formats that need not be written down
_FIRST_NUMBER = 164  # of those that do
_FILL = '<fill><patternFill patternType="{}"/></fill>'
_STYLE_SHEET = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
)
_NO_MORE = (
    '<dxfs count="0"/><tableStyles count="0" defaultTableStyle="TableStyleMedium9" '
    'defaultPivotStyle="PivotStyleLight16"/></styleSheet>'
)
_TEXT = ' t="s"'
_STRINGS = "xl/sharedStrings.xml"
_SHORT = 30_000  # characters of a file that other workbooks may have as well
_LEVEL = 4  # of compression: in half of the time of the usual one, files that are a twentieth larger
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

    def cell(self, value: float | str, look: CellLook) -> str:
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
        these rows (ValueError when the workbook is closed), and no chart be placed on them: where it ends is reckoned from
        the heights that XlsxWriter knows.
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

    def add_columns(self, cells: Sequence[str], ranges: Sequence[str], least: float, most: float, color: str) -> None:
        """A chart of small columns in each of some cells, drawn from a range each, all to one scale."""
        drawn = {"locations": cells, "ranges": ranges, "count": len(cells)}
        self.sparklines.append({**_columns(color), **drawn, "min": least, "max": most})

    def _calculate_spans(self) -> None:
        self.row_spans: dict[int, str] = {}

    def _write_rows(self) -> None:
        """The rows in their order, those written cell by cell between those of the blocks."""
        first, last = self.dim_rowmin, self.dim_rowmax
        for block in sorted(self._blocks, key=attrgetter("first")):
            rows = range(block.first, block.first + len(block.shown))
            if twice := [row for row in rows if row in self.table or row in self.row_info]:
                raise ValueError(f"{self.name}: row {twice[0]} belongs to a table that was written at once")
            self.dim_rowmax = rows.start - 1
            super()._write_rows()
            self.fh.write(block.xml)
            self.dim_rowmin = rows.stop
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


@cache
def _columns(color: str) -> Mapping[str, Any]:
    """Small columns as XlsxWriter describes them; it makes all of its colours anew each time."""
    sheet = Workbook(io.BytesIO()).add_worksheet()
    sheet.add_sparkline(0, 0, {"range": "A!A1", "type": "column", "series_color": color})
    described: Mapping[str, Any] = sheet.sparklines[0]
    return described


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
    """A workbook in which looks may rest on named styles."""

    worksheet_class = Sheet

    def __init__(self, target: io.BytesIO, options: Mapping[str, Any]) -> None:
        """A book that is written to ``target`` when it is closed."""
        self.looks: dict[tuple[Drawn, str], int] = {(draw({}), ""): 0}  # in use, with the name of their style or ''
        self.styles: dict[str, Drawn] = {}
        self.files: list[tuple[str, str]] = []  # of the package: name and contents
        super().__init__(io.BytesIO(), {**options, "in_memory": True})
        self._target = target

    def add_format(self, properties: Look | None = None) -> CellLook:
        """A look that rests on no style."""
        given = {name: value for name, value in (properties or {}).items() if name not in _OF_XLSXWRITER}
        return CellLook(self.looks, draw(given), "")

    def add_look(self, drawn: Drawn, style: str, own: Drawn) -> CellLook:
        """A look that rests on the style of that name, which looks like ``own``."""
        self.styles.setdefault(style, own)
        return CellLook(self.looks, drawn, style)

    def add_chart(self, options: Mapping[str, str]) -> Any:
        """A chart that writes the points it is drawn from at once."""
        chart = super().add_chart(options)
        chart._write_pt = partial(_write_point, proxy(chart), type(chart))
        return chart

    def close(self) -> None:
        """Write the package: in another way than XlsxWriter's, which is given nothing to write."""
        super().close()
        self._target.write(join(map(_packed, self.files)))
        for sheet in self.worksheets():
            sheet.workbook_add_format = None  # what refers to itself is only freed when garbage is looked for

    def _prepare_format_properties(self) -> None:
        """Nothing: there are none of XlsxWriter's own formats."""

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
        self._filename("xl/styles.xml").write(_styles_xml(self.workbook.looks, self.workbook.styles))


def _write_point(chart: Any, kind: Any, number: int, value: object) -> None:
    if value is None or (isinstance(value, str) and _SPECIAL.search(value)):
        kind._write_pt(chart, number, value)
    else:
        chart.fh.write(f'<c:pt idx="{number}"><c:v>{value}</c:v></c:pt>')


def _packed(file: tuple[str, str]) -> Packed:
    name, text = file
    if len(text) > _SHORT or name == _STRINGS:
        return packed(name, text.encode(), _LEVEL)
    return _short(name, text)


@lru_cache(maxsize=64)
def _short(name: str, text: str) -> Packed:
    """A short file: the theme, the relations and often the styles are the same in all workbooks of a run."""
    return packed(name, text.encode(), _LEVEL)


class _Texts(SharedStrings):  # type: ignore[misc]
    """``sharedStrings.xml``: most texts have nothing in them that needs a closer look."""

    def _write_si(self, string: str) -> None:
        if not _SPECIAL.search(string):
            self.fh.write(f"<si><t>{string}</t></si>")
            return
        # also a text in tags, which XlsxWriter takes for parts with formats of their own
        kept = [("xml:space", "preserve")] if string != string.strip() else []
        self._xml_si_element(self._escape_control_characters(string), kept)


def _styles_xml(looks: Iterable[tuple[Drawn, str]], styles: Mapping[str, Drawn]) -> str:
    """``styles.xml`` (ECMA-376 part 1, 18.8) of the looks in use and the styles that they rest on."""
    parts = _Parts()
    cells = [(parts.ids(drawn), drawn.placing, name) for drawn, name in looks]
    named = [(name, parts.ids(styles[name]), styles[name].placing) for name in dict.fromkeys(n for *_, n in cells if n)]
    at = {name: (number, ids, placing) for number, (name, ids, placing) in enumerate(named, 1)}
    normal = cells[0][0]
    own = [_xf(normal, "", ""), *(_xf(ids, _set(ids), placing) for _, ids, placing in named)]
    rests = [_xf(normal, ' xfId="0"', "")]
    for ids, placing, name in cells[1:]:
        if name:
            number, given, usual = at[name]
            # every group is marked, whether it is the cell's own or not: LibreOffice takes it for its own otherwise
            marks = "".join(f' {mark}="{int(a != b)}"' for mark, a, b in zip(_MARKS, ids, given, strict=True))
            marks += f' applyAlignment="{int(placing != usual)}" applyProtection="0"'
            rests.append(_xf(ids, f' xfId="{number}"{marks}', placing))
        else:
            rests.append(_xf(ids, f' xfId="0"{_set(ids)}{_ALIGNED if placing else ""}', placing))
    names = [f'<cellStyle name={quoteattr(name, _QUOTE)} xfId="{number}"/>' for name, (number, _, _) in at.items()]
    names.append('<cellStyle name="Normal" xfId="0" builtinId="0"/>')
    lists = {**parts.lists(), "cellStyleXfs": own, "cellXfs": rests, "cellStyles": names}
    body = "".join(f'<{name} count="{len(one)}">{"".join(one)}</{name}>' for name, one in lists.items() if one)
    return f"{_STYLE_SHEET}{body}{_NO_MORE}"


class _Parts:
    """The number formats, fonts, fills and borders of a workbook, each once."""

    def __init__(self) -> None:
        self._numbers = {"General": 0, "0": 1}
        self._fonts: dict[str, int] = {}
        self._fills = {_FILL.format("none"): 0, _FILL.format("gray125"): 1}
        self._borders: dict[str, int] = {}

    def ids(self, drawn: Drawn) -> tuple[int, ...]:
        """The numbers of the parts of a look, in the order of :data:`_IDS`."""
        numbers, given = self._numbers, ((self._fonts, drawn.font), (self._fills, drawn.fill), (self._borders, drawn.border))
        number = numbers.setdefault(drawn.number, len(numbers) - _BUILT_IN + _FIRST_NUMBER)
        return (number, *(known.setdefault(xml, len(known)) for known, xml in given))

    def lists(self) -> dict[str, list[str]]:
        """The parts, by the name of their list."""
        numbers = [
            f'<numFmt numFmtId="{number}" formatCode={quoteattr(code, _QUOTE)}/>'
            for code, number in self._numbers.items()
            if number >= _FIRST_NUMBER
        ]
        return {"numFmts": numbers, "fonts": [*self._fonts], "fills": [*self._fills], "borders": [*self._borders]}


def _xf(ids: Sequence[int], marks: str, placing: str) -> str:
    start = "<xf" + "".join(f' {name}="{value}"' for name, value in zip(_IDS, ids, strict=True)) + marks
    return f"{start}>{placing}</xf>" if placing else f"{start}/>"


def _set(ids: Sequence[int]) -> str:
    """The marks of the groups that are not those of the workbook's default."""
    return "".join(f' {mark}="1"' for mark, value in zip(_MARKS, ids, strict=True) if value)
