"""Marks put into a workbook's package itself: everything else in it stays as its author's program wrote it.

openpyxl reads a workbook into its own objects and writes it anew, which takes ten times as long and loses what it has no
words for. Here only the faulty cells get another style and a comment, and the hidden header says what the copy corrects.
What has been marked before, or holds what is not known here, is :class:`Unusual`.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from batch.core.text import clean_id
from batch.forms.keys import HEADER_SHEET
from batch.forms.returned.comments import (
    COMMENT_WIDTH,
    USUAL_HEIGHT,
    USUAL_WIDTH,
    Size,
    box,
    column_pixels,
    height_of,
    row_pixels,
)
from batch.forms.returned.markup import Element, Part, Unusual
from batch.forms.returned.words import AUTHOR, RED, RULE, YELLOW, Mark
from batch.sheet.cells import column_letters, position
from batch.sheet.pack import ILLEGAL_XML, pack

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_DRAWING_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"

_CONTENTS, _BOOK, _STYLES, _STRINGS = "[Content_Types].xml", "xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml"
_COMMENTS, _DRAWING = "xl/comments1.xml", "xl/drawings/vmlDrawing1.vml"
_OURS = (f"{AUTHOR}Comments", f"{AUTHOR}Drawing")  # our relations of the sheet
_PRINTER = re.compile(r"xl/printerSettings/[^/]+\.bin")  # of no use on another machine: left away
_KNOWN = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|docProps/(?:app|core|custom)\.xml|docMetadata/LabelInfo\.xml"
    r"|xl/(?:workbook|styles|sharedStrings|calcChain|metadata)\.xml|xl/_rels/workbook\.xml\.rels|xl/theme/theme\d+\.xml"
    r"|xl/persons/person\d*\.xml|xl/worksheets/(?:_rels/)?sheet\d+\.xml(?:\.rels)?"
    r"|xl/drawings/(?:_rels/)?drawing\d+\.xml(?:\.rels)?"
    r"|xl/charts/(?:_rels/)?(?:chart|style|colors)\d+\.xml(?:\.rels)?|xl/media/image\d+\.(?:png|jpe?g|gif)"
)
_NO_NUMBER = re.compile(  # a cell said to be a number, in which stands none, or one beyond what any program can hold
    rb"<c\b(?![^<>]*\st=\"(?:s|str|b|e|d)\")[^<>]*>\s*(?:<f\b[^<>]*(?:/>|>[^<]*</f>)\s*)?"
    rb"<v\b[^<>]*(?<!/)>(?!-?\d+(?:\.\d+)?(?:[eE][-+]?\d{1,2})?</v>|</v>)"
)
_OUR_FILL = re.compile(f"{RED}|{YELLOW}".encode(), re.IGNORECASE)
_OUR_RULE = re.compile(rb"(?:formula|:f)>[^<]*" + AUTHOR.encode())
_PRIORITY = re.compile(rb"(<(?:\w+:)?cfRule\b[^<>]*?\spriority\s*=\s*[\"'])(\d+)")
_MACRO = re.compile(rb"\bmacro\s*=\s*(?:\"[^\"]|'[^'])")
_CELL = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")

# The elements of a sheet and of the styles in the order that their schema demands (ECMA-376, part 1, 18.3.1.99, 18.8.39),
# without those by which a sheet may reach elsewhere (web publishing, controls, consolidation).
_SHEET_ORDER = re.findall(
    r"\w+",
    "sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection protectedRanges autoFilter "
    "sortState mergeCells phoneticPr conditionalFormatting dataValidations hyperlinks printOptions pageMargins pageSetup "
    "headerFooter rowBreaks colBreaks ignoredErrors drawing legacyDrawing extLst",
)
_STYLES_ORDER = re.findall(
    r"\w+", "numFmts fonts fills borders cellStyleXfs cellXfs cellStyles dxfs tableStyles colors extLst"
)
_IN_BOOK = set(
    re.findall(
        r"[\w:]+",
        "fileVersion fileSharing workbookPr workbookProtection bookViews sheets definedNames calcPr extLst "
        "mc:AlternateContent xr:revisionPtr",
    )
)

# How spreadsheet programs draw comments: in VML, as [MS-OE376] has it.
_DRAWING_HEAD = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/>'
    '</o:shapelayout><v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_SHAPE = (
    '<v:shape id="_x0000_s{n}" type="#_x0000_t202" style="position:absolute;margin-left:59.25pt;margin-top:1.5pt;'
    'width:{width}px;height:{height}px;z-index:1;visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto">'
    '<v:fill color2="#ffffe1"/><v:shadow color="black" obscured="t"/><v:path o:connecttype="none"/>'
    '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"/></v:textbox>'
    '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{anchor}</x:Anchor>'
    "<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)


def mark_in_place(
    parts: Mapping[str, bytes], sheet: str, header: Mapping[str, str], marks: Sequence[tuple[str, Mark]]
) -> bytes:
    """A workbook with cells of a sheet marked, and a header on its hidden sheet: the same input gives the same bytes.

    ``parts``: all parts of the package by name. Raises :class:`Unusual`, or ``ExpatError`` for markup that is none.
    """
    if not all(_KNOWN.fullmatch(name) or _PRINTER.fullmatch(name) for name in parts):
        raise Unusual("a part that is not known here")
    if _NO_NUMBER.search(b"".join(part for name, part in parts.items() if name.startswith("xl/worksheets/sheet"))):
        raise Unusual("a number that is none")
    if any(_MACRO.search(part) for name, part in parts.items() if name.startswith("xl/drawings/")):
        raise Unusual("a picture that acts when it is clicked")
    files = dict(parts)
    for name in parts:
        if name.endswith(".rels"):
            _check_inward(files, name)
    place, header_place = _open_on(files, sheet)
    for name in parts:
        if name.startswith("xl/worksheets/sheet") and name not in (place, header_place):
            _sheet(files[name])
    _write_header(files, header_place, header)
    _put(files, place, marks)
    _without_printers(files)
    return pack(files.items())


def _sheet(xml: bytes, listed: Collection[str] = (), with_text: bool = False) -> Part:
    """A sheet that has nothing in it but what is known here."""
    sheet = Part(xml, "worksheet", _MAIN, listed, with_text)
    if any(child.name not in _SHEET_ORDER or child.name == "legacyDrawing" for child in sheet.root.children):
        raise Unusual("a sheet with more in it")
    return sheet


def _check_inward(files: Mapping[str, bytes], rels: str) -> None:
    """Whatever a part refers to is in the package."""
    folder = posixpath.dirname(posixpath.dirname(rels))
    for target in (relation["Target"] for relation in _entries(files[rels])):
        if not target.startswith("#") and posixpath.normpath(posixpath.join("/", folder, target))[1:] not in files:
            raise Unusual("a relation to what is not there")


# --- the workbook -----------------------------------------------------------------------------------------------------


def _open_on(files: dict[str, bytes], sheet: str) -> tuple[str, str]:
    """The parts of the form's sheet, which is the one that is shown on opening, and of the header's, which is hidden."""
    book = Part(files[_BOOK], "workbook", _MAIN, {"sheet", "workbookView"})
    if any(child.name not in _IN_BOOK for child in book.root.children):
        raise Unusual("a workbook with more in it")
    sheets = book.all("sheet")
    shown = [view.attributes.get("activeTab", "0") for view in book.all("workbookView")] or ["0"]
    form = next((s for s in sheets if s.attributes.get("name") == sheet), None)
    header = next((s for s in sheets if s.attributes.get("name", "").strip().casefold() == HEADER_SHEET), None)
    if form is None or header is None or form is header or form.attributes.get("state", "visible") != "visible":
        raise Unusual("sheets")
    if shown != [str(sheets.index(form))]:
        raise Unusual("another sheet is shown first")
    book.change(header, {"state": "veryHidden"})
    files[_BOOK] = book.edited()
    targets = {r["Id"]: posixpath.normpath(posixpath.join("xl", r["Target"])) for r in _relations(files, _BOOK)}
    found = [targets[_relation_id(s)].removeprefix("/") for s in (form, header)]
    if any(not name.startswith("xl/worksheets/") or name not in files for name in found):
        raise Unusual("sheets")
    return found[0], found[1]


def _relation_id(element: Element) -> str:
    return next(value for name, value in element.attributes.items() if name.endswith(":id"))


def _relations_of(name: str) -> str:
    folder, _, file = name.rpartition("/")
    return f"{folder}/_rels/{file}.rels"


def _relations(files: Mapping[str, bytes], name: str) -> list[dict[str, str]]:
    """The relations of a part, as the attributes of each."""
    rels = _relations_of(name)
    return _entries(files[rels]) if rels in files else []


def _entries(rels: bytes) -> list[dict[str, str]]:
    return [relation.attributes for relation in Part(rels, "Relationships", _RELATIONS, ()).root.children]


def _write_relations(files: dict[str, bytes], name: str, relations: Sequence[Mapping[str, str]]) -> None:
    written = "".join(
        "<Relationship" + "".join(f" {key}={quoteattr(value)}" for key, value in r.items()) + "/>" for r in relations
    )
    files[_relations_of(name)] = f'<Relationships xmlns="{_RELATIONS}">{written}</Relationships>'.encode()


def _without_printers(files: dict[str, bytes]) -> None:
    for name in [name for name in files if name.startswith("xl/worksheets/sheet")]:
        relations = _relations(files, name)
        gone = [r["Id"] for r in relations if r["Type"].endswith("/printerSettings")]
        if gone:
            sheet = Part(files[name], "worksheet", _MAIN, ())
            for element in sheet.root.children:
                drop = {a: None for a, value in element.attributes.items() if a.endswith(":id") and value in gone}
                if element.name == "pageSetup" and drop:
                    sheet.change(element, drop)
            files[name] = sheet.edited()
            _write_relations(files, name, [r for r in relations if r["Id"] not in gone])
    for name in [name for name in files if _PRINTER.fullmatch(name)]:
        del files[name]


# --- the hidden header ------------------------------------------------------------------------------------------------


def _write_header(files: dict[str, bytes], name: str, header: Mapping[str, str]) -> None:
    """What this copy corrects, and its own signature: in column B beside their keys."""
    sheet = _sheet(files[name], {"row", "c", "is", "f", "rPh"}, with_text=True)
    cells = _cells(sheet)
    strings: list[str] | None = None
    rows: dict[str, str] = {}
    for ref, cell in cells.items():
        if ref.startswith("A") and ref[1:].isdigit():
            if cell.attributes.get("t") == "s":
                strings = _strings(files) if strings is None else strings
                text = strings[int(cell.text)]
            else:
                text = _text(cell)
            rows.setdefault(clean_id(text), ref[1:])
    for key, value in header.items():
        if key not in rows:
            raise Unusual("a header without a key")
        ref = f"B{rows[key]}"
        said = f' t="inlineStr"><is><t xml:space="preserve">{_escaped(value)}</t></is></c>' if value else "/>"
        if ref not in cells:
            sheet.insert(sheet.end(cells[f"A{rows[key]}"]), f'<c r="{ref}"{said}'.encode())
            continue
        at_ref = cells[ref]
        if any(child.name == "f" for child in at_ref.children):
            raise Unusual("a formula in the header")
        style = f' s="{int(at_ref.attributes["s"])}"' if "s" in at_ref.attributes else ""
        sheet.replace(at_ref, f'<c r="{ref}"{style}{said}'.encode())
    files[name] = sheet.edited()


def _strings(files: Mapping[str, bytes]) -> list[str]:
    strings = Part(files[_STRINGS], "sst", _MAIN, {"rPh"}, with_text=True)
    return [_text(item) for item in strings.root.children if item.name == "si"]


def _text(element: Element) -> str:
    """The text of a cell or a shared string, without its phonetic reading."""
    return element.text + "".join(_text(child) for child in element.children if child.name == "is")


def _escaped(text: str) -> str:
    return escape(ILLEGAL_XML.sub("", text))


# --- the marks --------------------------------------------------------------------------------------------------------


def _put(files: dict[str, bytes], name: str, marks: Sequence[tuple[str, Mark]]) -> None:
    """Colour cells and say why, above whatever the form itself colours."""
    if b"<!" in files[name] or (AUTHOR.encode() in files[name] and _OUR_RULE.search(files[name])):
        raise Unusual("a sheet that is marked already")
    colours = sorted({_colour(mark) for _, mark in marks})
    below = _PRIORITY.sub(lambda m: m[1] + b"%d" % (int(m[2]) + len(colours)), files[name])
    sheet = _sheet(below, {"row", "c", "col", "mergeCell"})
    cells, placed = _cells(sheet), _placed(sheet, marks)
    styles = _Styles(files[_STYLES])
    for ref, mark in placed.items():
        if ref not in cells:
            raise Unusual("a cell that is not there")
        style = styles.coloured(int(cells[ref].attributes.get("s", "0")), _colour(mark))
        sheet.change(cells[ref], {"s": str(style)})
    rules = ""
    for n, colour in enumerate(colours, 1):
        refs = " ".join(ref for ref, mark in placed.items() if _colour(mark) == colour)
        rules += (
            f'<conditionalFormatting sqref="{refs}"><cfRule type="expression" dxfId="{styles.live(colour)}" priority="{n}" '
            f'stopIfTrue="1"><formula>{escape(RULE)}</formula></cfRule></conditionalFormatting>'
        )
    sheet.insert(_after(sheet, _SHEET_ORDER, "conditionalFormatting"), rules.encode())
    drawing = f'<legacyDrawing xmlns:r="{_DOCUMENT}" r:id="{_OURS[1]}"/>'
    sheet.insert(_after(sheet, _SHEET_ORDER, "legacyDrawing"), drawing.encode())
    if placed:  # else there is nothing to add, and an empty list of comments would be a fault
        files[name], files[_STYLES] = sheet.edited(), styles.edited()
        _add_comments(files, name, placed, sheet)


def _colour(mark: Mark) -> str:
    return RED if mark.wrong else YELLOW


def _placed(sheet: Part, marks: Sequence[tuple[str, Mark]]) -> dict[str, Mark]:
    """Marks by the cell that shows them: of a merged range, its first."""
    areas = [[_position(corner) for corner in area.attributes["ref"].split(":")] for area in sheet.all("mergeCell")]
    placed: dict[str, Mark] = {}
    for ref, mark in marks:
        row, column = _position(ref)
        for (top, left), (bottom, right) in areas:
            if top <= row <= bottom and left <= column <= right:
                ref = f"{column_letters(left)}{top + 1}"
        if ref in placed:
            raise Unusual("two marks on a cell")
        placed[ref] = mark
    return placed


def _position(ref: str) -> tuple[int, int]:
    return position(ref.encode())


def _cells(sheet: Part) -> dict[str, Element]:
    cells: dict[str, Element] = {}
    for cell in sheet.all("c"):
        ref = cell.attributes.get("r", "")
        if not _CELL.fullmatch(ref) or ref in cells:
            raise Unusual("a cell that does not say where it is")
        cells[ref] = cell
    return cells


def _after(part: Part, order: Sequence[str], name: str) -> int:
    """Where an element of that name may stand: behind all below the root that have to be before it."""
    before = order[: order.index(name)]
    return max(part.end(child) for child in part.root.children if child.name in before)


class _Styles:
    """The styles of a workbook, and those of marked cells beside them."""

    def __init__(self, xml: bytes) -> None:
        self._part = Part(xml, "styleSheet", _MAIN, {"fill", "xf", "dxf"})
        self._fills, self._formats = self._part.needed("fills"), self._part.needed("cellXfs")
        self._dxfs = self._part.child("dxfs")
        if _OUR_FILL.search(self._part.source(self._fills)):
            raise Unusual("cells that are marked already")
        self._colours: list[str] = []
        self._made: dict[tuple[int, str], int] = {}
        self._written: list[bytes] = []

    def coloured(self, style: int, colour: str) -> int:
        """The style of a cell that has another one, with a colour instead of its own."""
        if (style, colour) not in self._made:
            fill = len(self._fills.children) + self._number(colour)
            own = self._formats.children[style]
            self._made[style, colour] = len(self._formats.children) + len(self._made)
            self._written.append(self._part.copy(own, {"fillId": str(fill), "applyFill": "1"}))
        return self._made[style, colour]

    def live(self, colour: str) -> int:
        """The live style of a colour, which lies above all others."""
        return (len(self._dxfs.children) if self._dxfs else 0) + self._number(colour)

    def _number(self, colour: str) -> int:
        if colour not in self._colours:
            self._colours.append(colour)
        return self._colours.index(colour)

    def edited(self) -> bytes:
        """The part with the styles of marked cells."""
        plain = [f'<patternFill patternType="solid"><fgColor rgb="FF{c}"/><bgColor rgb="FF{c}"/>' for c in self._colours]
        live = [f'<patternFill patternType="solid"><bgColor rgb="FF{c}"/>' for c in self._colours]
        fills = "".join(f"<fill>{fill}</patternFill></fill>" for fill in plain).encode()
        dxfs = "".join(f"<dxf><fill>{fill}</patternFill></fill></dxf>" for fill in live).encode()
        self._add(self._fills, fills, len(plain))
        self._add(self._formats, b"".join(self._written), len(self._written))
        if self._dxfs:
            self._add(self._dxfs, dxfs, len(live))
        else:
            at = _after(self._part, _STYLES_ORDER, "dxfs")
            self._part.insert(at, b'<dxfs count="%d">%b</dxfs>' % (len(live), dxfs))
        return self._part.edited()

    def _add(self, element: Element, xml: bytes, more: int) -> None:
        self._part.change(element, {"count": str(len(element.children) + more)}, xml)


# --- the comments -----------------------------------------------------------------------------------------------------


def _add_comments(files: dict[str, bytes], name: str, placed: Mapping[str, Mark], sheet: Part) -> None:
    """Each mark's comment, beside its cell and large enough to be read, known to the sheet and to the package."""
    texts = {ref: ILLEGAL_XML.sub("", mark.text) for ref, mark in placed.items()}
    comments = "".join(
        f'<comment ref="{ref}" authorId="0" shapeId="0"><text><t xml:space="preserve">{escape(text)}</t></text></comment>'
        for ref, text in texts.items()
    )
    files[_COMMENTS] = (
        f'<comments xmlns="{_MAIN}"><authors><author>{AUTHOR}</author></authors>'
        f"<commentList>{comments}</commentList></comments>"
    ).encode()
    wide, high = _sizes(sheet)
    shapes = ""
    for n, (ref, text) in enumerate(texts.items(), 1026):
        (row, column), height = _position(ref), height_of(text)
        anchor = box(row + 1, column + 1, height, wide, high)
        shapes += _SHAPE.format(n=n, width=COMMENT_WIDTH, height=height, anchor=anchor, row=row, column=column)
    files[_DRAWING] = f"{_DRAWING_HEAD}{shapes}</xml>".encode()
    relations = _relations(files, name)
    ours = zip(_OURS, ("comments", "vmlDrawing"), (_COMMENTS, _DRAWING), strict=True)
    more = [{"Id": key, "Type": f"{_DOCUMENT}/{kind}", "Target": f"/{target}"} for key, kind, target in ours]
    if any(r["Id"] in _OURS for r in relations):
        raise Unusual("relations")
    _write_relations(files, name, [*relations, *more])
    types = Part(files[_CONTENTS], "Types", _TYPES, ())
    kinds = {entry.attributes.get("PartName", "").casefold(): entry.attributes for entry in types.root.children}
    if kinds.get(f"/{_BOOK}", {}).get("ContentType") != _WORKBOOK_TYPE:  # as a template or with macros it has another name
        raise Unusual("another kind of workbook")
    if not any(entry.attributes.get("Extension", "").casefold() == "vml" for entry in types.root.children):
        types.insert(types.root.children[0].start, f'<Default Extension="vml" ContentType="{_DRAWING_TYPE}"/>'.encode())
    types.change(types.root, {}, f'<Override PartName="/{_COMMENTS}" ContentType="{_COMMENTS_TYPE}"/>'.encode())
    files[_CONTENTS] = types.edited()


def _sizes(sheet: Part) -> tuple[Size, Size]:
    """How wide the columns and how high the rows are, in pixels, by their numbers from 1."""
    columns = [c.attributes for c in sheet.all("col")]
    rows = {int(row.attributes["r"]): row.attributes for row in sheet.all("row") if "r" in row.attributes}

    def hidden(attributes: Mapping[str, str]) -> bool:
        return attributes.get("hidden") in ("1", "true")

    def wide(n: int) -> int:
        found = next((c for c in columns if int(c["min"]) <= n <= int(c["max"])), {})
        return 0 if hidden(found) else column_pixels(float(found.get("width", USUAL_WIDTH)))

    def high(n: int) -> int:
        found = rows.get(n, {})
        return 0 if hidden(found) else row_pixels(float(found.get("ht", USUAL_HEIGHT)))

    return wide, high
