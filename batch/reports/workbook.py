"""A workbook that an office reads, filters and prints on A4: fonts, tones, tables and charts that all reports share.

Every text is written as a text, whatever it begins with, so nothing that people typed can become a formula or a link.
Numbers are written as numbers with a fixed format: copies for reading, as all decisions were made in decimals before.
Every cell rests on a named style (:data:`ROLES`), so that an office restyles a workbook by changing one style.
The bytes depend on what is written and the language alone: the creation date is the end of the period.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from batch.core.finding import Finding, Phrase
from batch.core.number import places
from batch.core.period import Period
from batch.reports.styled import CellLook, Look, Looks, Role, Roles, Sheet, StyledBook
from batch.reports.view import EXCUSED, SEVERITY_WORDS, KeyFigure, Slot, slot_name
from batch.roster import Office

if TYPE_CHECKING:
    from batch.i18n import Speaker

FONT = "Times New Roman"
INK, MUTED, LINE, HEAD = "#1A1A1A", "#5F6670", "#B8BEC6", "#E9EDF2"
# Fill and ink by tone: apart in lightness too, so that they differ in grey print and for colour-blind eyes.
TONES: dict[str, tuple[str, str]] = {
    "best": ("#1D5A91", "#FFFFFF"),
    "good": ("#A9CDEB", "#10283C"),
    "fair": ("#F6DD9B", "#3A2A00"),
    "bad": ("#B02A1C", "#FFFFFF"),
    "open": ("#E3E6EA", "#3A4048"),
    "excused": ("#FFFFFF", "#5F6670"),
}
COUNT = '#,##0;-#,##0;"–"'  # a dash for none: the numbers that matter stand out
_BASE: Look = {"font_name": FONT, "font_size": 11, "font_color": INK, "valign": "vcenter"}
_CELL: Look = {"border": 1, "border_color": LINE}
_NUMBER: Look = {**_CELL, "align": "center"}
_TILE: Look = {"align": "center", "bg_color": "#F6F8FA", "text_wrap": True}


def _tone(name: str, **more: Any) -> Look:
    fill, ink = TONES[name]
    return {**_CELL, "bg_color": fill, "font_color": ink, **more}


ROLES: Mapping[str, Role] = {
    "letterhead": Role(Phrase("letterhead"), {"align": "center", "font_size": 12}),
    "title": Role(Phrase("title"), {"bold": True, "font_size": 16, "align": "center"}),
    "period": Role(Phrase("period"), {"italic": True, "font_size": 13, "align": "center"}),
    "as-of": Role(Phrase("state of the data"), {"font_size": 10, "font_color": MUTED, "align": "center"}),
    "sheet-title": Role(Phrase("title of a sheet"), {"bold": True, "font_size": 14}),
    "sheet-period": Role(Phrase("period on a sheet"), {"italic": True, "font_color": MUTED}),
    "section": Role(Phrase("title of a table"), {"bold": True, "font_size": 12}),
    "head": Role(Phrase("table head"), {**_NUMBER, "bold": True, "text_wrap": True, "bg_color": HEAD}),
    "text": Role(Phrase("table text"), {**_CELL, "text_wrap": True}),
    "score": Role(Phrase("score"), _NUMBER),
    "count": Role(Phrase("count"), _NUMBER),
    "percent": Role(Phrase("percentage"), {**_NUMBER, "num_format": "0.0%"}),
    "sum": Role(Phrase("line of sums"), {**_CELL, "bold": True, "bg_color": HEAD, "top": 2}),
    "pending": Role(Phrase("without a result"), {**_CELL, "italic": True, "font_color": MUTED, "text_wrap": True}),
    "alarm": Role(Phrase("alarm"), {**_CELL, "bold": True, "font_color": TONES["bad"][0], "text_wrap": True}),
    "best": Role(Phrase("level, best"), _tone("best", text_wrap=True)),
    "good": Role(Phrase("level, good"), _tone("good", text_wrap=True)),
    "fair": Role(Phrase("level, fair"), _tone("fair", text_wrap=True)),
    "bad": Role(Phrase("level, poor"), _tone("bad", text_wrap=True)),
    "open": Role(Phrase("level, open"), _tone("open", text_wrap=True)),
    "excused": Role(Phrase("level, not rated"), _tone("excused", text_wrap=True)),
    "figure-label": Role(Phrase("label of a key figure"), {**_TILE, "font_size": 10, "font_color": MUTED, "top": 2}),
    "figure": Role(Phrase("key figure"), {**_TILE, "font_size": 20, "bold": True}),
    "figure-note": Role(Phrase("note to a key figure"), {**_TILE, "font_size": 10, "font_color": MUTED}),
    "note": Role(Phrase("note"), {"italic": True, "font_size": 10, "font_color": MUTED}),
    "paragraph": Role(Phrase("paragraph"), {"text_wrap": True}),
    "lead": Role(Phrase("paragraph to begin with"), {"text_wrap": True, "bg_color": HEAD}),
    "caution": Role(
        Phrase("paragraph to heed"), {"text_wrap": True, "bg_color": TONES["fair"][0], "font_color": TONES["fair"][1]}
    ),
}


@cache
def _roles(score_format: str) -> Roles:
    score = Role(ROLES["score"].name, {**ROLES["score"].look, "num_format": score_format})
    return Roles(_BASE, {**ROLES, "score": score})


SEVERITY_TONES = {"error": "bad", "warning": "fair", "info": "open"}
_WIDTH = 12  # columns of a first sheet
_XML, _LINES = itemgetter(0), itemgetter(1)  # of a cell made
MAX_TEXT = 32_767  # the most characters Excel allows in a cell


@contextmanager
def open_book(title: str, author: str, period: Period) -> Iterator[tuple[StyledBook, io.BytesIO]]:
    """A workbook under way, and where its bytes are once it is closed; it is dated to the end of the period."""
    target = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with StyledBook(target, options) as book:
        midnight = dt.datetime.combine(period.end, dt.time())
        book.set_properties({"title": title, "author": author, "created": midnight})
        yield book, target


def write_book(title: str, author: str, period: Period, fill: Callable[[StyledBook], None]) -> bytes:
    """A workbook's bytes; ``fill`` writes its sheets."""
    with open_book(title, author, period) as (book, target):
        book.set_calc_mode("auto")
        fill(book)
    return target.getvalue()


@dataclass
class Column:
    """A column of a table: its header, its width in characters, and the style of its cells."""

    head: str
    width: float
    style: dict[str, Any] = field(default_factory=dict)


@dataclass
class Grid:
    """Where a table stands: its sheet's name, first and last data row (0-based; last < first if it is empty)."""

    sheet: str
    first: int
    last: int


class Counted(Protocol):
    """What a row of a trend counts: by slot, with the mean."""

    @property
    def counts(self) -> Mapping[str, int]: ...  # noqa: D102

    @property
    def mean(self) -> Decimal | None: ...  # noqa: D102


@dataclass(frozen=True)
class Overview:
    """What the first sheet shows. ``units``: the table behind the chart by unit, None if there is nothing to draw."""

    office: Office
    title: str
    as_of: str
    figures: Sequence[KeyFigure]
    slots: Sequence[Slot]
    units: Grid | None
    trend: Sequence[tuple[str, Counted]]
    trend_title: str
    notes: Sequence[str]


class _Cells:
    """The formats of cells of one style, by kind of value: looked up once for a column and not for each of its cells."""

    def __init__(self, looks: Looks, score_format: str, style: dict[str, Any]) -> None:
        self._looks, self._score_format, self._style = looks, score_format, style
        self._numbers: dict[int, CellLook] = {}  # by how many decimals more than the style has
        self._more: dict[tuple[Any, ...], _Cells] = {}
        number = {"num_format": score_format, "align": "center", **style}
        shape = number["num_format"]
        self._percent = shape.endswith("%")
        self._decimals = 0 if self._percent else shape.partition(".")[2].count("0")
        self._number = number

    def with_more(self, more: CellLook | dict[str, Any]) -> _Cells | _OneLook:
        """Those of the style with more properties; or of a format of their own."""
        if isinstance(more, CellLook):
            return _OneLook(more)
        key = tuple(more.items())
        if key not in self._more:
            self._more[key] = _Cells(self._looks, self._score_format, {**self._style, **more})
        return self._more[key]

    def number(self, value: Decimal) -> CellLook:
        """Of a decimal: with as many decimals as it needs, if those are more than the style shows."""
        needed = 0 if self._percent else places(value)
        if needed <= self._decimals:
            needed = 0
        if needed not in self._numbers:
            style = self._number | ({"num_format": "0." + "0" * needed} if needed else {})
            self._numbers[needed] = self._look("percent" if self._percent else "score", style)
        return self._numbers[needed]

    def of(self, value: object) -> tuple[float | str, CellLook]:
        """What is written of a value, and in which format. A pair is a value and more of the style, or a text and a format
        of its own.
        """
        if isinstance(value, tuple):
            return self.with_more(value[1]).of(value[0])
        if isinstance(value, Decimal):
            return float(value), self.number(value)
        if isinstance(value, int):
            return value, self.count
        return "" if value is None else str(value), self.text

    @cached_property
    def count(self) -> CellLook:
        """Of a whole number."""
        return self._look("count", {"align": "center", **self._style})

    @cached_property
    def text(self) -> CellLook:
        """Of anything else."""
        return self._look("text", {"text_wrap": True, **self._style})

    def _look(self, role: str, style: dict[str, Any]) -> CellLook:
        """Of the style's role, or else of the one for its kind of value."""
        more = {"role": role, **style}
        return self._looks(more.pop("role"), more)


class _OneLook(NamedTuple):
    """Texts with a format of their own."""

    look: CellLook

    def of(self, value: object) -> tuple[str, CellLook]:
        """The text, and its format."""
        return str(value), self.look

    def with_more(self, more: CellLook | dict[str, Any]) -> _OneLook:
        """A format is the last word."""
        del more
        return self


class _Maker(NamedTuple):
    """How the cells of columns of one style and width are made, with the lines they take."""

    cell: Callable[[float | str, CellLook], str]
    width: float
    cells: _Cells | _OneLook

    def make(self, value: object) -> tuple[str, int]:
        """The cell of a value."""
        shown, look = self.cells.of(value)
        lines = 1
        if isinstance(shown, str):
            shown = _cut(shown)
            lines = lines_of(shown, self.width)
        return self.cell(shown, look), lines


class _Column(dict[type, Any]):
    """The cells of such columns by class and value: each is made once, as most values stand in a workbook often."""

    def __init__(self, maker: _Maker) -> None:
        super().__init__()
        self._maker = maker

    def __missing__(self, kind: type) -> Any:
        self[kind] = made = _Apart(self._maker) if kind is tuple else _Values(self._maker)
        return made


class _Values(dict[Any, tuple[str, int]]):
    """The cells of values of one class."""

    def __init__(self, maker: _Maker) -> None:
        super().__init__()
        self._maker = maker

    def __missing__(self, value: object) -> tuple[str, int]:
        self[value] = made = self._maker.make(value)
        return made


class _Apart:
    """The cells of pairs: a value and how it departs from its column."""

    def __init__(self, maker: _Maker) -> None:
        self._maker = maker
        self._columns: dict[Any, _Column] = {}

    def __getitem__(self, pair: tuple[Any, Any]) -> tuple[str, int]:
        value, more = pair
        key = more if isinstance(more, CellLook) else tuple(more.items())
        if (column := self._columns.get(key)) is None:
            cells = self._maker.cells.with_more(more)
            column = self._columns[key] = _Column(self._maker._replace(cells=cells))
        made: tuple[str, int] = column[value.__class__][value]
        return made


class Writer:
    """Writes the sheets of one workbook; formats are made once per look, as a workbook holds each look once."""

    def __init__(self, book: StyledBook, say: Speaker, period: Period, decimals: int) -> None:
        self.book = book
        self.say = say
        self.period = period
        self._names: set[str] = set()
        self._known: dict[tuple[Any, ...], _Column] = {}
        self.score_format = "0." + "0" * decimals if decimals else "0"
        self._looks = Looks(book, say, _roles(self.score_format))

    # --- basics ------------------------------------------------------------------------------------------------------

    def look(self, role: str, **more: Any) -> CellLook:
        """The format of a role (:data:`ROLES`), with more properties."""
        return self._looks(role, more)

    def tone(self, name: str, repeat: int = 0, **more: Any) -> CellLook:
        """A table cell coloured by tone."""
        fill, ink = shade(name, repeat)
        return self.look(name, bg_color=fill, font_color=ink, **more)

    def add(self, name: str) -> Sheet:
        """A sheet set up for A4: fits the width, page numbers, narrow margins. Its name is made acceptable to Excel."""
        clean = "".join(" " if c in "[]:*?/\\" else c for c in name).strip("' ")[:31] or "Sheet"
        number = 2
        while clean.casefold() in self._names:
            clean = f"{clean[:27]} ({number})"
            number += 1
        self._names.add(clean.casefold())
        sheet: Sheet = self.book.add_worksheet(clean)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.set_margins(left=0.5, right=0.4, top=0.55, bottom=0.65)
        sheet.fit_to_pages(1, 0)
        sheet.center_horizontally()
        footer = f"{self.say.period_name(self.period)} · {name}".replace("&", "&&")
        sheet.set_footer(f'&L&"{FONT}"&9{footer}&R&"{FONT}"&9&P/&N')
        sheet.hide_gridlines(2)
        return sheet

    def text(self, sheet: Sheet, row: int, column: int, text: str, look: CellLook) -> None:
        """A text that stays a text, cut to what a cell can hold."""
        if text:
            sheet.write_string(row, column, _cut(text), look)
        else:
            sheet.write_blank(row, column, None, look)

    def put(self, sheet: Sheet, row: int, column: int, value: object, style: dict[str, Any]) -> None:
        """Any value into a table cell: decimals and counts as numbers, the rest as text."""
        shown, look = self._cells(style).of(value)
        if isinstance(shown, str):
            self.text(sheet, row, column, shown, look)
        else:
            sheet.write_number(row, column, shown, look)

    def _cells(self, style: dict[str, Any]) -> _Cells:
        return _Cells(self._looks, self.score_format, style)

    def _made(self, sheet: Sheet, column: Column) -> _Column:
        """The cells made so far of such columns."""
        key = (column.width, *column.style.items())
        if key not in self._known:
            self._known[key] = _Column(_Maker(sheet.cell, column.width, self._cells(column.style)))
        return self._known[key]

    def table(
        self,
        sheet: Sheet,
        title: str,
        columns: Sequence[Column],
        rows: Sequence[Sequence[object]],
        freeze: int = 0,
    ) -> Grid:
        """A titled table from the top of a sheet: frozen and repeated header, filter; says so when there is nothing."""
        say = self.say
        sheet.set_row(0, 22)
        self.text(sheet, 0, 0, title, self.look("sheet-title"))
        self.text(sheet, 1, 0, say.period_label(self.period), self.look("sheet-period"))
        head = 2
        lines = max((lines_of(column.head, column.width) for column in columns), default=1)
        sheet.set_row(head, max(34, 8 + 16 * lines))  # bold, and Thai marks stand high
        for number, column in enumerate(columns):
            sheet.set_column(number, number, column.width)
            self.text(sheet, head, number, column.head, self.look("head"))
        if rows:
            found = [self._made(sheet, column) for column in columns]
            cells, heights = [], []
            for values in rows:
                made = [known[value.__class__][value] for known, value in zip(found, values, strict=True)]
                cells.append([*map(_XML, made)])
                # given, as some programs don't fit wrapped rows on opening
                heights.append(min(409, 6 + 14.6 * max(map(_LINES, made))))
            sheet.add_rows(head + 1, cells, heights, rows)
        last = head + len(rows)
        sheet.freeze_panes(head + 1, freeze)
        sheet.repeat_rows(head)
        if rows:
            sheet.autofilter(head, 0, last, len(columns) - 1)
        else:
            none = self.look("pending", align="center")
            sheet.merge_range(head + 1, 0, head + 1, len(columns) - 1, "", none)
            self.text(sheet, head + 1, 0, say("Nothing to report."), none)
        sheet.print_area(0, 0, max(last, head + 1), len(columns) - 1)
        return Grid(sheet.get_name(), head + 1, last)

    # --- charts ------------------------------------------------------------------------------------------------------

    def series(self, chart: Any, sheet: str, grid: Grid, all_slots: Sequence[Slot], best_last: bool = False) -> None:
        """One series per slot, read from columns 1… of a table, in the tones of the bands."""
        slots = list(enumerate(all_slots, 1))
        for column, slot in reversed(slots) if best_last else slots:
            if slot.id == EXCUSED:
                continue
            fill, ink = shade(slot.tone, slot.repeat)
            chart.add_series(
                {
                    "name": [sheet, grid.first - 1, column],
                    "categories": [sheet, grid.first, 0, grid.last, 0],
                    "values": [sheet, grid.first, column, grid.last, column],
                    "fill": {"color": fill},
                    "border": {"color": "#FFFFFF", "width": 0.75},
                    "gap": 45,
                    "data_labels": {
                        "value": True,
                        "num_format": "0;;;",
                        "font": {"name": FONT, "size": 9, "color": ink, "bold": True},
                    },
                }
            )

    def chart(self, kind: dict[str, str], title: str, width: int) -> Any:
        """An empty chart in the reports' look; ``width`` in pixels."""
        chart = self.book.add_chart(kind)
        chart.set_title({"name": title, "name_font": {"name": FONT, "size": 12, "bold": True, "color": INK}})
        chart.set_legend({"position": "bottom", "font": {"name": FONT, "size": 9}})
        chart.set_size({"width": width, "height": 336})
        chart.set_chartarea({"border": {"color": LINE}})
        return chart

    # --- sheets that every report has ---------------------------------------------------------------------------------

    def findings(self, findings: Iterable[Finding], name_of: Callable[[str], str], title: str = "") -> None:
        """Everything that was found, in the order given."""
        say = self.say
        title = title or say("Findings")
        sheet = self.add(title)
        columns = [
            Column(say("Severity"), 10.5),
            Column(say("What was found"), 42),
            Column(say("Person"), 18),
            Column(say("File"), 25, {"font_size": 10}),
            Column(say("Sheet"), 12, {"font_size": 10}),
            Column(say("Cell"), 6, {"align": "center"}),
            Column(say("What to do"), 36),
            Column(say("Code"), 20, {"font_size": 9, "font_color": MUTED}),
        ]
        rows: list[list[object]] = []
        for found in findings:
            severity = say.severity(found)
            look = self.tone(SEVERITY_TONES[severity], **({"bold": True} if severity == "error" else {}))
            person = f"{name_of(found.staff_id)} ({found.staff_id})" if found.staff_id else ""
            place = found.place
            rows.append(
                [
                    (say(SEVERITY_WORDS[severity]), look),
                    say.message(found),
                    person,
                    place.file,
                    place.sheet,
                    place.cell,
                    say.remedy(found),
                    found.code,
                ]
            )
        self.table(sheet, title, columns, rows)

    # --- the overview ------------------------------------------------------------------------------------------------

    def opening(self, sheet: Sheet, office: Office, title: str, as_of: str, figures: Sequence[KeyFigure]) -> int:
        """The top of a first sheet of twelve columns: letterhead, title, period, key figures; returns the row after them."""
        say, width = self.say, _WIDTH
        sheet.set_column(0, width - 1, 11.6)
        left, right = office.header_left, office.header_right
        row = 0
        for row in range(max(len(left), len(right))):
            for lines, first in ((left, 0), (right, width - 5)):
                text = lines[row] if row < len(lines) else ""
                look = self.look("letterhead", **({"bold": True} if row == len(lines) - 1 else {}))
                sheet.merge_range(row, first, row, first + 4, "", look)
                self.text(sheet, row, first, text, look)
        row += 2
        for text, look, height in (
            (title.upper(), self.look("title"), 26),
            (say.period_label(self.period), self.look("period"), 19),
            (as_of, self.look("as-of"), 16),
        ):
            sheet.set_row(row, height)
            sheet.merge_range(row, 0, row, width - 1, "", look)
            self.text(sheet, row, 0, text, look)
            row += 1
        return self._key_figures(sheet, row + 1, figures[: width // 2]) + 1

    def overview(self, sheet: Sheet, content: Overview) -> None:
        """Header, title, key figures, the trend as a table, and two charts; one A4 page."""
        width = _WIDTH
        charts = row = self.opening(sheet, content.office, content.title, content.as_of, content.figures)
        if content.units:
            half = {"object_position": 2, "x_offset": 2}
            bands = self._bands_chart(content.units, content.slots)
            trend_row = charts + 18
            trend = self._trend_table(sheet, trend_row, width, content)
            sheet.insert_chart(charts, 0, bands, half)
            sheet.insert_chart(charts, 7, self._trend_chart(sheet.get_name(), trend, content), {"object_position": 2})
            row = trend.last + 1
        note = self.look("note")
        for offset, text in enumerate(content.notes):
            self.text(sheet, row + offset, 0, text, note)
        sheet.print_area(0, 0, row + len(content.notes) - 1, width - 1)
        sheet.fit_to_pages(1, 1)

    def _key_figures(self, sheet: Sheet, row: int, figures: Sequence[KeyFigure]) -> int:
        """Six tiles of two columns; returns the row after them."""
        for number, key in enumerate(figures):
            first = number * 2
            ink = TONES[key.tone][0] if key.tone else INK
            looks = (
                self.look("figure-label", top_color=ink),
                self.look("figure", font_color=ink),
                self.look("figure-note"),
            )
            for offset, (text, look) in enumerate(zip((key.label, key.figure, key.detail), looks, strict=True)):
                sheet.merge_range(row + offset, first, row + offset, first + 1, "", look)
                self.text(sheet, row + offset, first, text, look)
        for offset, height in enumerate((18, 30, 30)):
            sheet.set_row(row + offset, height)
        return row + 3

    def _trend_table(self, sheet: Sheet, row: int, width: int, content: Overview) -> Grid:
        """Band counts over time; the chart reads it, and it is readable by itself."""
        say = self.say
        self.text(sheet, row, 0, content.trend_title, self.look("section"))
        row += 1
        head = self.look("head", font_size=10)
        sheet.set_row(row, 44)
        shown = list(content.slots)[: width - 2]
        for column, text in enumerate((say("Period"), *(slot_name(s, say) for s in shown), say("Mean total"))):
            self.text(sheet, row, column, text, head)
        for offset, (name, tally) in enumerate(content.trend, row + 1):
            self.text(sheet, offset, 0, name, self.look("text", align="center"))
            for column, slot in enumerate(shown, 1):
                self.put(sheet, offset, column, tally.counts[slot.id], {"num_format": COUNT})
            self.put(sheet, offset, len(shown) + 1, tally.mean, {"num_format": "0.00", "bold": True})
        return Grid(sheet.get_name(), row + 1, row + len(content.trend))

    def _bands_chart(self, grid: Grid, slots: Sequence[Slot]) -> Any:
        chart = self.chart({"type": "bar", "subtype": "stacked"}, self.say("Levels by unit"), 596)
        self.series(chart, grid.sheet, grid, slots)
        font = {"name": FONT, "size": 9}
        chart.set_y_axis({"reverse": True, "num_font": font, "line": {"color": LINE}, "major_tick_mark": "none"})
        chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}})  # the numbers stand in the bars
        return chart

    def _trend_chart(self, sheet: str, grid: Grid, content: Overview) -> Any:
        chart = self.chart({"type": "column", "subtype": "percent_stacked"}, content.trend_title, 424)
        self.series(chart, sheet, grid, content.slots, best_last=True)  # the best band on top
        font = {"name": FONT, "size": 9}
        chart.set_x_axis({"num_font": font, "line": {"color": LINE}, "major_tick_mark": "none"})
        chart.set_y_axis(
            {"num_font": font, "major_gridlines": {"visible": True, "line": {"color": HEAD}}, "num_format": "0%"}
        )
        return chart


def shade(tone: str, repeat: int) -> tuple[str, str]:
    """Fill and ink of a tone; each further band of the same tone is paler, with dark ink."""
    fill, ink = TONES[tone]
    if not repeat:
        return fill, ink
    part = min(0.75, 0.4 * repeat)
    mixed = (round(int(fill[n : n + 2], 16) * (1 - part) + 255 * part) for n in (1, 3, 5))
    return "#" + "".join(f"{value:02X}" for value in mixed), INK


def _cut(text: str) -> str:
    """A text as far as a cell can hold it."""
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"


def lines_of(text: str, width: float) -> int:
    """How many lines a wrapped text takes in a column: a close guess, rather one too many than one hidden."""
    room = max(1.0, width * 1.12 - 0.5)
    if len(text) <= room and "\n" not in text:  # most are
        return 1
    return sum(max(1, -int(-len(part) // room)) for part in text.split("\n"))
