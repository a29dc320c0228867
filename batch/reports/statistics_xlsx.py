"""The workbook of the job statistics: an overview with charts, then positions, units, people, products."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from batch.core.finding import Phrase
from batch.job_statistics import Group, ProductLine
from batch.reports.statistics_view import (
    NONE,
    StatisticsView,
    coverage_text,
    key_figures,
    rounded,
    rules_of_counting,
)
from batch.reports.styled import Sheet, StyledBook
from batch.reports.view import as_of_text, padded
from batch.reports.workbook import COUNT, FONT, HEAD, LINE, TONES, Column, Grid, Writer, lines_of, write_book
from batch.tallies import Tally

if TYPE_CHECKING:
    from batch.i18n import Speaker

_CENTER = {"align": "center"}
_MEAN = {"num_format": "0.00", "align": "right"}
_PERCENT = {"num_format": "0.0%", "align": "right"}
_COUNT = {"num_format": COUNT, "align": "right"}
_SMALL = {"font_size": 10}
_CHART_WIDTH, _CHART_ROWS, _ROW_PIXELS = 508, 16, 20
_SENTENCE = 110  # characters; LibreOffice cuts a single column that is wider than the paper
_ONE_PAGE = 60  # rows that are still readable on one sheet of paper


def workbook(view: StatisticsView, say: Speaker) -> bytes:
    """The statistics of everybody, or of the people of a restricted view."""
    title = say("Job statistics by position")

    def fill(book: StyledBook) -> None:
        writer = _Writer(view, say, book)
        first = writer.add(say("Overview"))
        positions = writer.groups(say("Positions"), say("By job position"), say("Position"), view.by_position)
        units = writer.groups(say("Units"), say("By unit"), say("Unit"), view.by_unit, view.unit_name)
        writer.side_by_side()
        writer.people()
        groups = writer.complexity()
        writer.products()
        writer.unlisted()
        writer.counting()
        writer.first(first, title, positions, units, groups)
        first.activate()

    return write_book(f"{title} – {say.period_label(view.period)}", view.office.name, view.period, fill)


def _decimals(places: int) -> dict[str, Any]:
    """The style of a column whose numbers need so many decimals: all of them show as many."""
    return {"num_format": f"#,##{0:.{places}f}", "align": "right"}


def _share(value: Fraction | None) -> object:
    return (NONE, {"align": "right"}) if value is None else rounded(value, 4)


def _mean(value: Fraction | None) -> object:
    return (NONE, {"align": "right"}) if value is None else rounded(value)


class _Writer(Writer):
    """The sheets of the statistics."""

    def __init__(self, view: StatisticsView, say: Speaker, book: StyledBook) -> None:
        super().__init__(book, say, view.period, 0)
        self.view = view

    def sums(self, heads: bool = True) -> list[Column]:
        """The columns of the sums; ``heads``: with those that are about people."""
        say = self.say
        columns = [
            Column(say("Tasks"), 7.5, _COUNT),
            Column(say("Finished"), 8, _COUNT),
            Column(say("Key tasks"), 8, _COUNT),
            Column(say("Key tasks finished"), 9, _PERCENT),
            Column(say("Finished on time"), 9, _PERCENT),
            Column(say("Overdue"), 8, _COUNT),
            Column(say("Ad hoc"), 8, _PERCENT),
            Column(say("Quantity"), 9.5, _decimals(self.view.quantity_places)),
            Column(say("Converted quantity"), 10.5, {**_decimals(self.view.converted_places), "bold": True}),
        ]
        if not heads:
            return columns
        before = [Column(say("People"), 7.5, _COUNT), Column(say("Person-weeks"), 8.5, _COUNT)]
        return [*before, *columns, Column(say("Converted per head and week"), 11.5, {**_MEAN, "bold": True})]

    @staticmethod
    def values(tally: Tally, heads: bool = True) -> list[object]:
        """The cells under :meth:`sums`."""
        values: list[object] = [
            *(tally.tasks, tally.finished, tally.key_tasks, _share(tally.key_share), _share(tally.on_time_share)),
            *(tally.overdue, _share(tally.ad_hoc_share), tally.quantity, tally.converted),
        ]
        return [tally.people, tally.person_weeks, *values, _mean(tally.per_head)] if heads else values

    def totals(self, sheet: Sheet, row: int, columns: Sequence[Column], values: Sequence[object], note: str = "") -> None:
        """The line of all together below a table, and a note below that."""
        sheet.set_row(row, 22)
        for number, (column, value) in enumerate(zip(columns, values, strict=True)):
            self.put(sheet, row, number, value, {**column.style, "role": "sum"})
        if note:
            self.text(sheet, row + 1, 0, note, self.look("note"))
        sheet.print_area(0, 0, row + bool(note), len(columns) - 1)

    @property
    def all_together(self) -> str:
        """What the line of the sums is called."""
        return self.say("All together") if self.view.reader else self.say("Whole office")

    def groups(self, name: str, title: str, head: str, groups: Sequence[Group], name_of: Any = None) -> Grid:
        """A row per unit or position, and all together."""
        columns = [Column(head, 32, {"bold": True}), *self.sums()]
        rows = [[name_of(group.key) if name_of else group.name, *self.values(group.tally)] for group in groups]
        sheet = self.add(name)
        grid = self.table(sheet, title, columns, rows, freeze=1)
        if rows:
            note = self.say("Quantities of different products are only comparable when converted.")
            self.totals(sheet, grid.last + 1, columns, [self.all_together, *self.values(self.view.statistics.whole)], note)
        return grid

    def side_by_side(self) -> None:
        """Converted quantity per head and week: a row per position, a column per unit."""
        say, view = self.say, self.view
        units, sums = view.by_unit, view.statistics.side_by_side
        columns = [
            Column(say("Position"), 30, {"bold": True}),
            *(Column(view.unit_name(unit.key), 13, _MEAN) for unit in units),
            Column(self.all_together, 13, {**_MEAN, "bold": True}),
        ]
        rows: list[list[object]] = []
        for position in view.by_position:
            cells = [_mean(found.per_head) if (found := sums.get((position.key, unit.key))) else "" for unit in units]
            rows.append([position.name, *cells, _mean(position.tally.per_head)])
        sheet = self.add(say("Side by side"))
        grid = self.table(sheet, say("Converted quantity per head and week, position by unit"), columns, rows, freeze=1)
        if rows:
            last = [
                self.all_together,
                *(_mean(unit.tally.per_head) for unit in units),
                _mean(view.statistics.whole.per_head),
            ]
            self.totals(sheet, grid.last + 1, columns, last)
            if units:
                bars = {"type": "data_bar", "bar_solid": True, "bar_color": TONES["good"][0], "data_bar_2010": True}
                sheet.conditional_format(grid.first, 1, grid.last, len(units), bars)

    def people(self) -> None:
        """A row per person."""
        say, view = self.say, self.view
        columns = [
            Column(say("Staff code"), 8, _CENTER),
            Column(say("Full name"), 20, {"bold": True}),
            Column(say("Position"), 20, _SMALL),
            Column(say("Unit"), 24, _SMALL),
            *self.sums()[1:],
        ]
        rows = [
            [head.staff_id, head.name, head.position, view.unit_name(head.unit_id), *self.values(group.tally)[1:]]
            for head, group in view.by_person
        ]
        self.table(self.add(say("By person")), say("By person"), columns, rows, freeze=2)

    def complexity(self) -> Grid:
        """A row per complexity group, and what stands in no catalogue."""
        say, view = self.say, self.view
        columns = [Column(say("Complexity group"), 32, {"bold": True}), *self.sums(heads=False)]
        rows = [[name or say("Without a group"), *self.values(tally, heads=False)] for name, tally in view.groups]
        rest = [say("Not in the catalogue"), *self.values(view.rest, heads=False)]
        sheet = self.add(say("Complexity groups"))
        grid = self.table(sheet, say("By complexity group"), columns, [*rows, rest])
        self.totals(sheet, grid.last + 1, columns, [self.all_together, *self.values(view.statistics.whole, heads=False)])
        return grid

    def products(self) -> None:
        """A row per product of the catalogue and version."""
        say = self.say
        columns = [
            Column(say("Product code"), 10, _CENTER),
            Column(say("Product"), 30, {"bold": True}),
            Column(say("Unit of count"), 11, _SMALL),
            Column(say("Complexity group"), 9.5, _CENTER),
            Column(say("Coefficient"), 9, _decimals(self.view.coefficient_places)),
            Column(say("Version"), 10, {**_SMALL, **_CENTER}),
            Column(say("In force"), 19, _SMALL),
            Column(say("People"), 7.5, _COUNT),
            *self.sums(heads=False),
        ]
        rows: list[list[object]] = []
        for line in self.view.statistics.products:
            entry = line.entry
            assert entry is not None  # noqa: S101 (these are the listed ones)
            rows.append(
                [
                    *(entry.product_id, entry.name, entry.unit, entry.group, entry.coefficient, entry.version),
                    *(self.view.in_force(entry, say), line.people, *self.values(line.tally, heads=False)),
                ]
            )
        self.table(self.add(say("Products")), say("By product of the catalogue"), columns, rows, freeze=2)

    def unlisted(self) -> None:
        """A row per product that stands in no catalogue, by its name as it was typed."""
        say = self.say
        columns = [
            Column(say("Product as reported"), 44, {"bold": True}),
            Column(say("People"), 8, _COUNT),
            Column(say("Coefficients used"), 14, {**_SMALL, **_CENTER}),
            *self.sums(heads=False),
        ]
        rows = [
            [
                self.view.reported_name(line, say),
                line.people,
                self._coefficients(line),
                *self.values(line.tally, heads=False),
            ]
            for line in self.view.statistics.unlisted
        ]
        self.table(
            self.add(say("Not in the catalogue")), say("Products that are not in the catalogue"), columns, rows, freeze=1
        )

    def _coefficients(self, line: ProductLine) -> str:
        return "; ".join(self.say.number(padded(value, self.view.coefficient_places)) for value in line.coefficients) or NONE

    def counting(self) -> None:
        """How the figures came about."""
        sheet = self.add(self.say("How this was counted"))
        sheet.set_column(0, 0, _SENTENCE)
        self.text(sheet, 0, 0, self.say("How this was counted"), self.look("sheet-title"))
        wrapped = self.look("paragraph", valign="top")
        texts = [coverage_text(self.view, self.say), *rules_of_counting(self.view, self.say)]
        for row, text in enumerate(texts, 2):
            self.text(sheet, row, 0, text, wrapped)
            sheet.set_row(row, 6 + 14.6 * lines_of(text, _SENTENCE))
        sheet.print_area(0, 0, 1 + len(texts), 0)

    # --- the first sheet ---------------------------------------------------------------------------------------------

    def first(self, sheet: Sheet, title: str, positions: Grid, units: Grid, groups: Grid) -> None:
        """Title, key figures and charts; one A4 page, unless the office is large."""
        say, view = self.say, self.view
        under = " · ".join(part for part in (view.reader, coverage_text(view, say), as_of_text(view, say)) if part)
        row = self.opening(sheet, view.office, title, under, key_figures(view, say))
        if view.statistics.heads:
            left = self._bars(sheet, row, 0, say("Converted per head and week: {by}", by=Phrase("By unit")), units)
            right = self._bars(
                sheet, row, 6, say("Converted per head and week: {by}", by=Phrase("By job position")), positions
            )
            self._columns(sheet, row + left, groups)
            row += max(left + _CHART_ROWS, right)
        sheet.print_area(0, 0, row, 11)
        sheet.fit_to_pages(1, 1 if row < _ONE_PAGE else 0)

    def _bars(self, sheet: Sheet, row: int, column: int, title: str, grid: Grid) -> int:
        """A bar a row of a table of sums; returns how many rows the chart covers."""
        chart = self.chart({"type": "bar"}, title, _CHART_WIDTH)
        values = len(self.sums())  # the column of the means
        height = max(300, 90 + 30 * (grid.last - grid.first + 1))
        font = {"name": FONT, "size": 9}
        chart.add_series(
            {
                "name": title,
                "categories": [grid.sheet, grid.first, 0, grid.last, 0],
                "values": [grid.sheet, grid.first, values, grid.last, values],
                "fill": {"color": TONES["best"][0]},
                "gap": 45,
                "data_labels": {"value": True, "num_format": "0.0", "font": font},
            }
        )
        chart.set_legend({"none": True})
        chart.set_size({"width": _CHART_WIDTH, "height": height})
        axis = {"reverse": True, "num_font": font, "line": {"color": LINE}, "major_tick_mark": "none", "interval_unit": 1}
        chart.set_y_axis(axis)
        chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}, "min": 0})
        sheet.insert_chart(row, column, chart, {"object_position": 2, "x_offset": 2})
        return -(-height // _ROW_PIXELS) + 1

    def _columns(self, sheet: Sheet, row: int, grid: Grid) -> None:
        """Tasks and converted quantity by complexity group."""
        say = self.say
        chart = self.chart({"type": "column"}, say("By complexity group"), _CHART_WIDTH)
        font = {"name": FONT, "size": 9}
        for name, column, tone in ((say("Tasks"), 1, "good"), (say("Converted quantity"), len(self.sums(False)), "best")):
            chart.add_series(
                {
                    "name": name,
                    "categories": [grid.sheet, grid.first, 0, grid.last, 0],
                    "values": [grid.sheet, grid.first, column, grid.last, column],
                    "fill": {"color": TONES[tone][0]},
                    "gap": 60,
                    "data_labels": {"value": True, "num_format": "#,##0", "font": font},
                }
            )
        chart.set_x_axis({"num_font": font, "line": {"color": LINE}, "major_tick_mark": "none"})
        chart.set_y_axis({"num_font": font, "major_gridlines": {"visible": True, "line": {"color": HEAD}}, "min": 0})
        chart.set_size({"width": _CHART_WIDTH, "height": (_CHART_ROWS - 1) * _ROW_PIXELS})
        sheet.insert_chart(row, 0, chart, {"object_position": 2, "x_offset": 2})
