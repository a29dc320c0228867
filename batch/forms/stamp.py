"""Stamping: from a master workbook that an office may have restyled to thousands of filled-in forms.

A master is prepared once per language and number of rows (openpyxl: labels translated, the prototype row repeated, ranges
shifted) and compiled to XML pieces with holes; each form then costs only its texts and the zip. Placeholders are Jinja
expressions in a sandbox.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, unescape

from jinja2 import ChainableUndefined, TemplateSyntaxError, meta
from jinja2.sandbox import SandboxedEnvironment
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.worksheet.worksheet import Worksheet

from batch.core.finding import Place, UserError
from batch.forms.prepare import LINE_HEIGHT, RUN_TEXT, Height, Hole, Piece, cut
from batch.forms.typeface import fit
from batch.forms.workbook import load
from batch.i18n import Speaker
from batch.sheet.pack import ILLEGAL_XML, Packed, Stretch, join, packed, sewn, stretch

_SINGLE = re.compile(r"\{\{((?:(?!\{\{|\}\}).)*)\}\}", re.DOTALL)
_NAMES = re.compile(r"[a-z]\w*(\.[a-z]\w*)*")
_LONG = 1000  # bytes from which on a text that all forms share is worth compressing by itself
_LETTERS_PER_WIDTH = 1.12  # letters that fit into one unit of column width at that size
_ENVIRONMENT = SandboxedEnvironment(undefined=ChainableUndefined, autoescape=False, keep_trailing_newline=True)


@lru_cache(maxsize=4096)  # the masters share most of their texts; compiling one takes a millisecond
def _compiled(text: str) -> Callable[..., Any]:
    """A text with placeholders as a function of the names; a lone expression keeps its type."""
    single = _SINGLE.fullmatch(text)
    if single:
        return _looked_up(single[1].strip(), _ENVIRONMENT.compile_expression(single[1], undefined_to_none=True))
    return _ENVIRONMENT.from_string(text).render


def _looked_up(expression: str, evaluate: Callable[..., Any]) -> Callable[..., Any]:
    """The same for names such as ``subject.name``, most of what stands on forms, without the template engine's detour."""
    first, *keys = expression.split(".")
    if not _NAMES.fullmatch(expression) or any(hasattr(dict, key) for key in keys):
        return evaluate

    def look_up(**names: Any) -> Any:
        value = names.get(first)
        for key in keys:
            if type(value) is not dict or key not in value:
                return evaluate(**names)
            value = value[key]
        return value if first in names else evaluate(**names)

    return look_up


@lru_cache(maxsize=4096)
def _names_in(text: str) -> frozenset[str]:
    return frozenset(meta.find_undeclared_variables(_ENVIRONMENT.parse(text)))


_Cut = list[Stretch | list[Piece]]  # a file of a package: what is the same on every form, and what lies between
_Parts = list[Packed | tuple[str, _Cut]]


@lru_cache(maxsize=32)
def _by_size(master: bytes, lang: str, names: str) -> dict[tuple[tuple[str, int], ...], _Parts]:
    """What this process has prepared of a master, by number of rows: for all that have the same contents, language and
    names of the office."""
    return {}


def _part(name: str, pieces: list[Piece]) -> Packed | tuple[str, _Cut]:
    joined: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str) and joined and isinstance(joined[-1], str):
            joined[-1] += piece
        else:
            joined.append(piece)
    if len(joined) == 1 and isinstance(joined[0], str):
        return packed(name, _encoded(joined[0]))
    cut: _Cut = []
    for piece in joined:
        if isinstance(piece, str) and len(piece) >= _LONG:
            cut.append(stretch(_encoded(piece)))
        elif cut and isinstance(cut[-1], list):
            cut[-1].append(piece)
        else:
            cut.append([piece])
    return name, cut


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def open_master(path: Path) -> Workbook:
    """A master as it lies in its folder. Raises :class:`UserError` (``config.template-wrong``) if it is no workbook."""
    return _opened(path, _bytes_of(path))


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as err:
        raise UserError("config.template-wrong", Place(str(path)), problem=err.strerror or str(err)) from err


def _opened(path: Path, master: bytes) -> Workbook:
    try:
        return load(master)
    except Exception as err:  # openpyxl meets broken workbooks with many kinds of errors
        raise UserError("config.template-wrong", Place(str(path)), problem=str(err)) from err


class Master:
    """A master workbook in one language, ready to be stamped."""

    def __init__(self, path: Path, say: Speaker, static: Mapping[str, Any]) -> None:
        self._path, self._master = path, _bytes_of(path)
        self._static = {**static, "_": say}
        self._lang = say.lang
        self._prepared = _by_size(self._master, say.lang, repr(static))

    def stamp(
        self,
        context: Mapping[str, Any],
        rows: Sequence[Mapping[str, Any]] = (),
        tables: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    ) -> bytes:
        """One form as .xlsx bytes: the same arguments give the same bytes.

        ``tables``: name → lines, for further rows of the master that are repeated, a line each (``rows`` is ``row``'s).
        """
        repeated = {"row": rows, **(tables or {})}
        counts = {name: len(lines) for name, lines in repeated.items()}
        parts = self._prepared.get(tuple(counts.items()))
        if parts is None:
            book = self._translated()
            line = LINE_HEIGHT * fit(book, self._lang)
            pieces = cut(book, counts, line)
            parts = self._prepared[tuple(counts.items())] = [_part(*part) for part in pieces]
        names = {**self._static, **context}
        by_row = [{**names, name: line} for name, lines in repeated.items() for line in lines]

        def filled(piece: Piece) -> str:
            return piece if isinstance(piece, str) else self._fill(piece, by_row[piece.row] if piece.row >= 0 else names)

        def sewn_up(name: str, cut: _Cut) -> Packed:
            return sewn(name, (part if isinstance(part, Stretch) else _encoded("".join(map(filled, part))) for part in cut))

        return join(part if isinstance(part, Packed) else sewn_up(*part) for part in parts)

    # --- values ---------------------------------------------------------------------------------------------------

    def _fill(self, hole: Hole | Height, names: Mapping[str, Any]) -> str:
        if isinstance(hole, Height):
            return self._row_tag(hole, names)
        if hole.rich:
            runs = RUN_TEXT.sub(lambda m: f"{m[1]}{self._run(m[2], names, hole.ref)}{m[3]}", hole.rich)
            return f'<c r="{hole.ref}"{hole.style} t="inlineStr"><is>{runs}</is></c>'
        value = self._value(hole.text, names, hole.ref)
        head = f'<c r="{hole.ref}"{hole.style}'
        if value is None or value == "":
            return f"{head}/>"
        if isinstance(value, bool):
            return f'{head} t="b"><v>{int(value)}</v></c>'
        if isinstance(value, (int, Decimal)):
            return f"{head}><v>{value:f}</v></c>" if isinstance(value, Decimal) else f"{head}><v>{value}</v></c>"
        text = escape(ILLEGAL_XML.sub("", str(value)))
        return f'{head} t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'

    def _run(self, text: str, names: Mapping[str, Any], ref: str) -> str:
        value = self._value(unescape(text), names, ref) if "{{" in text else unescape(text)
        return escape(ILLEGAL_XML.sub("", "" if value is None else str(value)))

    def _row_tag(self, hole: Height, names: Mapping[str, Any]) -> str:
        """Spreadsheet programs don't grow rows on opening, so the lines each text will take are estimated here."""
        lines = 1
        for text, width, ref in hole.cells:
            value = self._value(text, names, ref) if "{{" in text else text
            room = max(1, int(width * _LETTERS_PER_WIDTH))
            lines = max(lines, sum(_lines_in(line, room) for line in str(value or "").split("\n")))
        return hole.tag.replace("HEIGHT", f"{max(hole.lowest, lines * hole.line + 3):g}")

    def _value(self, text: str, names: Mapping[str, Any], ref: str) -> Any:
        """A text with placeholders → its value."""
        try:
            return _compiled(text)(**names)
        except Exception as err:  # a placeholder is an expression that an office may have written: anything can go wrong
            raise UserError("config.template-wrong", Place(str(self._path), "", ref), problem=str(err)) from err

    def _is_static(self, text: str, ref: str) -> bool:
        try:
            return _names_in(text) <= self._static.keys()
        except TemplateSyntaxError as err:
            raise UserError("config.template-wrong", Place(str(self._path), "", ref), problem=str(err)) from err

    def _text(self, text: str | None, ref: str) -> str | None:
        """A text outside cells (list, prompt, footer, sheet title), rendered with the static names."""
        if not text or "{{" not in text:
            return text
        return str(self._value(text, self._static, ref) or "") if self._is_static(text, ref) else ""

    # --- preparation ----------------------------------------------------------------------------------------------

    def _translated(self) -> Workbook:
        """The master with everything rendered that is the same on every form of the office."""
        book = _opened(self._path, self._master)
        for sheet in book.worksheets:
            self._translate(sheet)
        return book

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


def _lines_in(text: str, room: int) -> int:
    """How many lines of so many letters a text takes, broken between words; a longer word is broken anywhere, as Thai is."""
    if len(text) <= room:
        return 1
    lines, used = 1, 0
    for word in text.split():
        if used and used + 1 + len(word) > room:
            lines, used = lines + 1, 0
        used += len(word) + (used > 0)
        if used > room:
            lines, used = lines + (used - 1) // room, (used - 1) % room + 1
    return lines
