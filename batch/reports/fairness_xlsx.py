"""The workbook on how results were given: the page's tables to sort and filter, with charts of judges beside the office."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from batch.core.number import plain
from batch.fairness import Comparison, Judge, rounded
from batch.reports.fairness_view import (
    STAGE_WORDS,
    FairnessView,
    boundary_distance,
    boundary_text,
    boundary_value,
    intro,
    key_figures,
    method,
    p_text,
    same_totals,
    standing_texts,
    verdict,
)
from batch.reports.styled import Sheet, StyledBook
from batch.reports.view import as_of_text, rules_text, slot_name
from batch.reports.workbook import COUNT, FONT, HEAD, INK, LINE, TONES, Column, Grid, Writer, write_book

if TYPE_CHECKING:
    from batch.i18n import Speaker

_MEAN = {"num_format": "0.00", "align": "center"}
_GAP = {"num_format": "+0.00;-0.00;0.00", "align": "center"}
_CENTER = {"align": "center"}
_SMALL = {"font_size": 10}


def workbook(view: FairnessView, say: Speaker) -> bytes:
    """The report as a workbook."""
    title = say("How results were given")

    def fill(book: StyledBook) -> None:
        writer = _Writer(view, say, book)
        first = writer.add(say("Overview"))
        charts: list[tuple[Grid, str]] = []
        if view.compare:
            found = view.found
            for title_, who, together, judges in (
                (say("Reviewers"), say("Reviewer"), found.all_reviews, found.reviewers),
                (say("Approvers"), say("Approver"), found.all_approvals, found.approvers),
            ):
                charts.append((writer.judges(title_, who, together, judges), title_))
            writer.gaps()
            writer.changes()
        writer.same()
        writer.adjustments()
        writer.boundary()
        writer.people()
        writer.front(first, title, charts)
        first.activate()

    return write_book(f"{title} – {say.period_label(view.period)}", view.office.name, view.period, fill)


class _Writer(Writer):
    """The sheets of this report."""

    def __init__(self, view: FairnessView, say: Speaker, book: StyledBook) -> None:
        super().__init__(book, say, view.period, view.decimals)
        self.view = view

    # --- judges --------------------------------------------------------------------------------------------------------

    def judges(self, title: str, who: str, together: Judge, judges: tuple[Judge, ...]) -> Grid:
        """A row a judge, the whole office first; columns 1… are the levels that the chart reads, then the mean."""
        say, view = self.say, self.view
        columns = [
            Column(who, 28, {"bold": True}),
            *(Column(slot_name(slot, say), 11.5, {"num_format": COUNT}) for slot in view.slots),
            Column(say("Mean"), 8.5, {**_MEAN, "bold": True}),
            Column(say("Spread"), 8.5, _MEAN),
            Column(say("Lowest"), 8.5, _MEAN),
            Column(say("Highest"), 8.5, _MEAN),
            Column(say("Number of results"), 8.5),
            Column(say("People"), 8.5),
            *self._comparison_columns(),
        ]
        rows: list[list[object]] = [
            [
                self._name(judge),
                *(judge.bands[slot.id] for slot in view.slots),
                *map(_read, (judge.mean, judge.spread, min(judge.means.values()), max(judge.means.values()))),
                *(judge.results, len(judge.means)),
                *self._comparison(judge.level),
            ]
            for judge in _with_office(together, judges)
        ]
        return self.table(self.add(title), title, columns, rows, freeze=1)

    def gaps(self) -> None:
        """Reviews beside the self-reports: a row a reviewer, the whole office first."""
        say, found = self.say, self.view.found
        columns = [
            Column(say("Reviewer"), 30, {"bold": True}),
            Column(say("People"), 9),
            Column(say("Review less self-report"), 12, _GAP),
            Column(say("95% interval, from"), 12, _GAP),
            Column(say("95% interval, to"), 12, _GAP),
            *self._comparison_columns(),
        ]
        rows: list[list[object]] = [
            [
                *(self._name(judge), len(judge.gaps), _read(judge.mean_gap)),
                *map(_read, judge.interval or (None, None)),
                *self._comparison(judge.gap),
            ]
            for judge in _with_office(found.all_reviews, found.reviewers)
        ]
        title = say("Reviews beside the self-reports")
        self.table(self.add(say("Gaps by reviewer")), title, columns, rows, freeze=1)

    def changes(self) -> None:
        """Approvals beside the reviews: a row an approver, the whole office first."""
        say, found = self.say, self.view.found
        columns = [
            Column(say("Approver"), 30, {"bold": True}),
            Column(say("Number of results"), 10),
            Column(say("Adjusted"), 12),
            Column(say("Approval less review"), 14, _GAP),
        ]
        rows: list[list[object]] = [
            [self._name(judge), judge.results, judge.adjusted, _read(judge.mean_gap)]
            for judge in _with_office(found.all_approvals, found.approvers)
        ]
        title = say("Approvals beside the reviews")
        self.table(self.add(say("Gaps by approver")), title, columns, rows, freeze=1)

    def _name(self, judge: Judge) -> str:
        return self.view.label(judge.staff_id) if judge.staff_id else self.say("Whole office")

    def _comparison_columns(self) -> list[Column]:
        say = self.say
        return [
            Column(say("Beside the rest of the office"), 12, _GAP),
            Column(say("What can be said"), 44, _SMALL),
            Column(say("p (corrected)"), 10, _CENTER),
        ]

    def _comparison(self, one: Comparison | None) -> list[object]:
        if one is None:
            return [None, "", ""]
        look = {"bold": True} if one.verdict == "apart" else {}
        return [_read(one.difference), (verdict(one, self.view, self.say), look), p_text(one, self.say).removeprefix("= ")]

    # --- lists ---------------------------------------------------------------------------------------------------------

    def same(self) -> None:
        """Who gave all of their people the same total in a week."""
        say, view = self.say, self.view
        columns = [
            Column(say("Full name"), 30, {"bold": True}),
            Column(say("Step"), 14),
            Column(say("Weeks"), 16, _CENTER),
            Column(say("Totals"), 70, _SMALL),
        ]
        rows: list[list[object]] = [
            [
                view.label(one.staff_id),
                say(STAGE_WORDS[one.stage]),
                say("{count} of {weeks} weeks", count=len(one.weeks), weeks=one.judged),
                "; ".join(same_totals(one.weeks, say)),
            ]
            for one in view.found.same
        ]
        title = say("The same total for everybody")
        self.table(self.add(say("Same totals")), title, columns, rows)

    def adjustments(self) -> None:
        """Results whose scores the approver changed."""
        say, view, scheme = self.say, self.view, self.view.scheme
        columns = [
            Column(say("Week"), 12, _CENTER),
            Column(say("Full name"), 26, {"bold": True}),
            Column(say("Unit"), 24, _SMALL),
            Column(say("Reviewer"), 24, _SMALL),
            Column(say("Approver"), 24, _SMALL),
            Column(say("Review"), 9),
            Column(say("Approval"), 9),
            Column(say("Difference"), 10, _GAP),
            Column(say("Level"), 22, _SMALL),
            Column(say("Reason"), 40, _SMALL),
        ]
        rows: list[list[object]] = []
        for one in view.found.adjustments:
            bands = [scheme.band_of(total).name(say.lang) for total in (one.reviewed, one.approved)]
            rows.append(
                [
                    *(say.week_name(one.week), f"{one.name} ({one.staff_id})", view.unit_name(one.unit_id)),
                    *(view.label(who) if who else "–" for who in (one.reviewer_id, one.approver_id)),
                    *(one.reviewed, one.approved, plain(one.approved - one.reviewed)),
                    " → ".join(dict.fromkeys(bands)),
                    one.reason or "–",
                ]
            )
        title = say("Adjustments")
        self.table(self.add(title), title, columns, rows, freeze=2)

    def boundary(self) -> None:
        """Results near a level's lower bound."""
        say, view = self.say, self.view
        columns = [
            Column(say("Full name"), 30, {"bold": True}),
            Column(say("Unit"), 30, _SMALL),
            Column(say("Result"), 10, {"num_format": "0.00", "align": "center"}),
            Column(say("Level"), 26),
            Column(say("Distance"), 10, _GAP),
            Column(say("What can be said"), 40, _SMALL),
        ]
        tones = {slot.id: self.tone(slot.tone, slot.repeat) for slot in view.slots}
        rows: list[list[object]] = []
        for one in view.found.boundary:
            result = one.result
            level = view.scheme.band(result.band).name(say.lang)
            rows.append(
                [
                    *(f"{result.name} ({result.staff_id})", view.unit_name(result.unit_id)),
                    *(boundary_value(one, view), (level, tones[result.band])),
                    *(boundary_distance(one, view), boundary_text(one, view, say)),
                ]
            )
        title = say("At a level's boundary")
        self.table(self.add(say("Boundaries")), title, columns, rows)

    def people(self) -> None:
        """Everybody's means from step to step."""
        say, view = self.say, self.view
        columns = [
            Column(say("Staff code"), 10, _CENTER),
            Column(say("Full name"), 26, {"bold": True}),
            Column(say("Unit"), 32, _SMALL),
            Column(say("Number of results"), 9),
            Column(say("Self-report"), 11, _MEAN),
            Column(say("Review"), 11, _MEAN),
            Column(say("Approval"), 11, _MEAN),
            Column(say("Review less self-report"), 13, _GAP),
            Column(say("Approval less review"), 13, _GAP),
        ]
        rows: list[list[object]] = [
            [
                *(one.staff_id, one.name, view.unit_name(one.unit_id), one.results),
                *map(_read, (one.own, one.reviewed, one.approved, one.to_own, one.adjustment)),
            ]
            for one in view.found.people
        ]
        title = say("From self-report to approval, by person")
        self.table(self.add(say("Everybody")), title, columns, rows, freeze=2)

    # --- the first sheet -----------------------------------------------------------------------------------------------

    def front(self, sheet: Sheet, title: str, charts: list[tuple[Grid, str]]) -> None:
        """Title, what the report is and isn't, the figures, a chart for reviewers and for approvers, how it was made."""
        say, view, width = self.say, self.view, 12
        sheet.set_column(0, width - 1, 11.6)
        lines = [
            (title.upper(), self.look("title"), 26.0),
            (say.period_label(view.period), self.look("period"), 19.0),
            (as_of_text(view, say), self.look("as-of"), 16.0),
        ]
        lines += [(text, self.look("lead"), 32.0) for text in intro(say)]
        lines += [(text, self.look("caution"), 32.0) for text in standing_texts(view, say)]
        for row, (text, look, height) in enumerate(lines):
            sheet.set_row(row, height)
            sheet.merge_range(row, 0, row, width - 1, "", look)
            self.text(sheet, row, 0, text, look)
        row = self._key_figures(sheet, len(lines) + 1, key_figures(view, say)) + 1
        note = self.look("note", text_wrap=True)
        for text in (*method(view, say), rules_text(view.scheme, say)):
            sheet.set_row(row, 28)
            sheet.merge_range(row, 0, row, width - 1, "", note)
            self.text(sheet, row, 0, text, note)
            row += 1
        breaks = []
        for grid, name in charts:
            judges = grid.last - grid.first + 1
            if judges < 1:
                continue
            breaks.append(row)
            height = 130 + max(14, min(24, 560 // judges)) * judges  # one page, unless there are very many
            for chart, column, wide in ((self._levels(grid, name), 0, 590), (self._means(grid, name), 7, 424)):
                chart.set_size({"width": wide, "height": height})
                sheet.insert_chart(row, column, chart, {"object_position": 2, "x_offset": 2, "y_offset": 2})
            row += height // 20 + 2
        sheet.set_h_pagebreaks(breaks)
        sheet.print_area(0, 0, row - 1, width - 1)

    def _levels(self, grid: Grid, name: str) -> Any:
        chart = self.chart({"type": "bar", "subtype": "percent_stacked"}, f"{name}: {self.say('Results by level')}", 590)
        self.series(chart, grid.sheet, grid, self.view.slots)
        font = {"name": FONT, "size": 9}
        chart.set_y_axis(
            {"reverse": True, "interval_unit": 1, "num_font": font, "line": {"color": LINE}, "major_tick_mark": "none"}
        )
        chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}})
        return chart

    def _means(self, grid: Grid, name: str) -> Any:
        """The people's mean of each judge; the office is the first bar."""
        column = 1 + len(self.view.slots)
        chart = self.chart({"type": "bar"}, f"{name}: {self.say('Mean')}", 424)
        font = {"name": FONT, "size": 9}
        chart.add_series(
            {
                "categories": [grid.sheet, grid.first, 0, grid.last, 0],
                "values": [grid.sheet, grid.first, column, grid.last, column],
                "fill": {"color": TONES["good"][0]},
                "points": [{"fill": {"color": TONES["best"][0]}}],
                "gap": 45,
                "data_labels": {"value": True, "num_format": "0.00", "font": {**font, "color": INK}},
            }
        )
        chart.set_legend({"none": True})
        chart.set_y_axis(
            {"reverse": True, "interval_unit": 1, "num_font": font, "line": {"color": LINE}, "major_tick_mark": "none"}
        )
        scale = {"min": 0, "max": float(self.view.scheme.cap)}
        chart.set_x_axis({**scale, "num_font": font, "major_gridlines": {"visible": True, "line": {"color": HEAD}}})
        return chart


def _with_office(together: Judge, judges: tuple[Judge, ...]) -> tuple[Judge, ...]:
    return (together, *judges) if judges else ()


def _read(value: Fraction | Decimal | None) -> Decimal | None:
    return None if value is None else rounded(value)
