"""The summary workbook: seven sheets that an office reads, filters and prints on A4.

Every text is written as a text, whatever it begins with, so nothing that people typed can become a formula or a link.
Numbers are written as numbers with a fixed format: copies for reading, as all decisions were made in decimals before.
The bytes depend on the view and the language alone: the creation date is the end of the week.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from batch.collective import state_name as state_of_unit
from batch.core.number import places
from batch.core.records import Case
from batch.reports.view import (
    EXCUSED,
    SEVERITY_WORDS,
    Evidence,
    StreakLine,
    Tally,
    WeekView,
    as_of_text,
    basis_text,
    key_figures,
    note_text,
    rules_text,
    slot_name,
    state_name,
    warning_texts,
)

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
SEVERITY_TONES = {"error": "bad", "warning": "fair", "info": "open"}
COUNT = '0;-0;"–"'  # a dash for none: the numbers that matter stand out
MAX_TEXT = 32_767  # the most characters Excel allows in a cell


def summary(view: WeekView, say: Speaker) -> bytes:
    """The week's summary workbook."""
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(target, options) as book:
        midnight = dt.datetime.combine(view.week.end, dt.time())
        title = f"{say('Summary of the weekly evaluation')} – {say.week_label(view.week)}"
        book.set_properties({"title": title, "author": view.office.name, "created": midnight})
        book.set_calc_mode("auto")
        writer = _Writer(view, say, book)
        overview = writer.add(say("Overview"))
        writer.people()
        units = writer.units()
        writer.streaks()
        writer.meetings()
        writer.unit_reports()
        writer.waiting()
        writer.reported()
        writer.findings()
        writer.overview(overview, units)
        overview.activate()
    return target.getvalue()


@dataclass
class _Column:
    """A column of a table: its header, its width in characters, and the style of its cells."""

    head: str
    width: float
    style: dict[str, Any] = field(default_factory=dict)


@dataclass
class _Grid:
    """Where a table stands: its sheet's name, first and last data row (0-based; last < first if it is empty)."""

    sheet: str
    first: int
    last: int


class _Writer:
    """Writes the sheets of one workbook; formats are made once per look, as a workbook holds each look once."""

    def __init__(self, view: WeekView, say: Speaker, book: Workbook) -> None:
        self.view = view
        self.say = say
        self.book = book
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}
        self._names: set[str] = set()
        decimals = max(view.decimals, 0)
        self.score_format = "0." + "0" * decimals if decimals else "0"

    # --- basics ------------------------------------------------------------------------------------------------------

    def look(self, **properties: Any) -> Format:
        """A cell format; the font and vertical centring are everywhere."""
        merged = {"font_name": FONT, "font_size": 11, "font_color": INK, "valign": "vcenter", **properties}
        key = tuple(sorted(merged.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format(merged)
        return self._formats[key]

    def cell(self, **properties: Any) -> Format:
        """A bordered cell of a table."""
        return self.look(border=1, border_color=LINE, **properties)

    def tone(self, name: str, repeat: int = 0, **properties: Any) -> Format:
        """A table cell coloured by tone."""
        fill, ink = _shade(name, repeat)
        return self.cell(bg_color=fill, font_color=ink, **properties)

    def add(self, name: str) -> Worksheet:
        """A sheet set up for A4: fits the width, page numbers, narrow margins. Its name is made acceptable to Excel."""
        clean = "".join(" " if c in "[]:*?/\\" else c for c in name).strip("' ")[:31] or "Sheet"
        number = 2
        while clean.casefold() in self._names:
            clean = f"{clean[:27]} ({number})"
            number += 1
        self._names.add(clean.casefold())
        sheet = self.book.add_worksheet(clean)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.set_margins(left=0.5, right=0.4, top=0.55, bottom=0.65)
        sheet.fit_to_pages(1, 0)
        sheet.center_horizontally()
        footer = f"{self.say.week_name(self.view.week)} · {name}".replace("&", "&&")
        sheet.set_footer(f'&L&"{FONT}"&9{footer}&R&"{FONT}"&9&P/&N')
        sheet.hide_gridlines(2)
        return sheet

    def text(self, sheet: Worksheet, row: int, column: int, text: str, look: Format) -> None:
        """A text that stays a text, cut to what a cell can hold."""
        if len(text) > MAX_TEXT:
            text = text[: MAX_TEXT - 1] + "…"
        if text:
            sheet.write_string(row, column, text, look)
        else:
            sheet.write_blank(row, column, None, look)

    def put(self, sheet: Worksheet, row: int, column: int, value: object, style: dict[str, Any]) -> None:
        """Any value into a table cell: decimals and counts as numbers, the rest as text; a Format as it is."""
        if isinstance(value, tuple):  # (text, format): a cell with a look of its own
            text, look = value
            self.text(sheet, row, column, text, look)
        elif isinstance(value, Decimal):
            style = {"num_format": self.score_format, "align": "center", **style}
            needed = places(value)
            if needed > style["num_format"].partition(".")[2].count("0"):
                style["num_format"] = "0." + "0" * needed
            sheet.write_number(row, column, float(value), self.cell(**style))
        elif isinstance(value, int):
            sheet.write_number(row, column, value, self.cell(**{"align": "center", **style}))
        else:
            self.text(sheet, row, column, "" if value is None else str(value), self.cell(text_wrap=True, **style))

    def table(
        self,
        sheet: Worksheet,
        title: str,
        columns: Sequence[_Column],
        rows: Sequence[Sequence[object]],
        freeze: int = 0,
    ) -> _Grid:
        """A titled table from the top of a sheet: frozen and repeated header, filter; says so when there is nothing."""
        say, view = self.say, self.view
        sheet.set_row(0, 22)
        self.text(sheet, 0, 0, title, self.look(bold=True, font_size=14))
        self.text(sheet, 1, 0, say.week_label(view.week), self.look(italic=True, font_color=MUTED))
        head = 2
        sheet.set_row(head, 34)
        for number, column in enumerate(columns):
            sheet.set_column(number, number, column.width)
            look = self.cell(bold=True, text_wrap=True, align="center", bg_color=HEAD)
            self.text(sheet, head, number, column.head, look)
        for offset, values in enumerate(rows, head + 1):
            lines = 1
            for number, (column, value) in enumerate(zip(columns, values, strict=True)):
                self.put(sheet, offset, number, value, column.style)
                shown = value[0] if isinstance(value, tuple) else value
                if isinstance(shown, str):
                    lines = max(lines, _lines(shown, column.width))
            sheet.set_row(offset, min(409, 6 + 14.6 * lines))  # given, as some programs don't fit wrapped rows on opening
        last = head + len(rows)
        sheet.freeze_panes(head + 1, freeze)
        sheet.repeat_rows(head)
        if rows:
            sheet.autofilter(head, 0, last, len(columns) - 1)
        else:
            none = self.cell(italic=True, font_color=MUTED, align="center")
            sheet.merge_range(head + 1, 0, head + 1, len(columns) - 1, "", none)
            self.text(sheet, head + 1, 0, say("Nothing to report."), none)
        sheet.print_area(0, 0, max(last, head + 1), len(columns) - 1)
        return _Grid(sheet.get_name(), head + 1, last)

    def band(self, case: Case | None) -> object:
        """A case's band as a coloured cell; without a result its state, in grey; '' if there is no case."""
        if case is None:
            return ""
        slot = next((s for s in self.view.slots if s.id == case.band), None)
        if slot is None:
            return state_name(case, self.say), self.cell(italic=True, font_color=MUTED, text_wrap=True)
        return slot_name(slot, self.say), self.tone(slot.tone, slot.repeat, text_wrap=True)

    # --- sheets ------------------------------------------------------------------------------------------------------

    def people(self) -> None:
        """Everybody, in report order."""
        say, view = self.say, self.view
        sheet = self.add(say("Everybody"))
        center = {"align": "center"}
        columns = [
            _Column(say("No."), 4.5, center),
            _Column(say("Staff code"), 8, center),
            _Column(say("Full name"), 19, {"bold": True}),
            _Column(say("Position"), 13.5, {"font_size": 10}),
            _Column(say("Unit"), 18, {"font_size": 10}),
            *(_Column(c.name(say.lang), 7) for c in view.scheme.criteria),
            _Column(say("Total"), 7.5, {"bold": True}),
            _Column(say("Band"), 15),
            _Column(say("Last week"), 15),
            _Column(say("State"), 10.5),
            _Column(say("Warnings"), 23, {"font_size": 10}),
            _Column(say("Remarks"), 19, {"font_size": 10}),
        ]
        rows: list[list[object]] = []
        for number, case in enumerate(view.cases, 1):
            state_look = self.cell() if case.state == "approved" else self.cell(italic=True, font_color=MUTED)
            warnings = "\n".join(warning_texts(view, case, say))
            alarm = self.cell(text_wrap=True, font_size=10, font_color=TONES["bad"][0], bold=True)
            rows.append(
                [
                    number,
                    case.staff_id,
                    case.name,
                    case.position,
                    view.roster.unit_name(case.unit_id),
                    *(case.scores.get(c.id) for c in view.scheme.criteria),
                    case.total,
                    self.band(case) if case.band else "",
                    self.band(view.previous.get(case.staff_id)),
                    (state_name(case, say), state_look),
                    (warnings, alarm) if case.meeting_required else warnings,
                    note_text(case, say),
                ]
            )
        self.table(sheet, say("Results of everybody"), columns, rows, freeze=3)

    def units(self) -> _Grid:
        """Counts by unit: a row a unit, then the whole office. Columns 1… are the slots that the chart reads."""
        say, view = self.say, self.view
        sheet = self.add(say("Units"))
        columns = [
            _Column(say("Unit"), 34),
            *(_Column(slot_name(slot, say), 12.5, {"num_format": COUNT}) for slot in view.slots),
            _Column(say("People"), 9),
            _Column(say("Approved"), 10),
            _Column(say("Scored, not approved"), 12, {"num_format": COUNT}),
            _Column(say("Mean total"), 10, {"num_format": "0.00"}),
            _Column(say("Meetings required"), 11, {"num_format": COUNT}),
            _Column(say("People with warnings"), 11, {"num_format": COUNT}),
        ]

        def line(tally: Tally, name: str) -> list[object]:
            counts = [tally.counts[slot.id] for slot in view.slots]
            facts = [tally.people, tally.approved, tally.provisional, tally.mean, tally.meetings, tally.warned]
            return [name, *counts, *facts]

        rows = [line(tally, view.roster.unit_name(tally.key)) for tally in view.units]
        grid = self.table(sheet, say("Results by unit"), columns, rows, freeze=1)
        if rows:
            total = grid.last + 1
            sheet.set_row(total, 22)
            for number, value in enumerate(line(view.whole, say("Whole office"))):
                style = {**columns[number].style, "bold": True, "bg_color": HEAD, "top": 2}
                self.put(sheet, total, number, value, style)
            note = self.look(italic=True, font_color=MUTED, font_size=10)
            self.text(sheet, total + 1, 0, basis_text(view, say), note)
            sheet.print_area(0, 0, total + 1, len(columns) - 1)
        return grid

    def streaks(self) -> None:
        """Rules that hold, a row per week of evidence; then the chains to keep an eye on."""
        say, view = self.say, self.view
        sheet = self.add(say("Two-week failures"))
        columns = [
            _Column(say("Staff code"), 8, {"align": "center"}),
            _Column(say("Full name"), 18, {"bold": True}),
            _Column(say("Unit"), 16),
            _Column(say("Rule"), 22),
            _Column(say("Consequence"), 12),
            _Column(say("Week"), 12.5, {"align": "center"}),
            _Column(say("Total"), 7.5, {"bold": True}),
            _Column(say("Band"), 15),
            _Column(say("What was established"), 22),
            _Column(say("Where it stands"), 25, {"font_size": 10}),
            _Column(say("Comment"), 24, {"font_size": 10}),
        ]
        rows = [self._evidence(line, item) for line in (*view.streaks, *view.watch) for item in line.evidence]
        self.table(sheet, say("Failures in consecutive weeks, with the evidence"), columns, rows, freeze=2)

    def _evidence(self, line: StreakLine, item: Evidence) -> list[object]:
        say, view, case, then = self.say, self.view, line.case, item.case
        if not line.streak.holds:
            consequence: object = (say("To watch"), self.cell(italic=True, font_color=MUTED, text_wrap=True))
        elif line.rule.meeting:
            consequence = (say("Meeting required"), self.tone("bad", bold=True, text_wrap=True))
        else:
            consequence = (say("Rule met"), self.tone("fair", bold=True, text_wrap=True))
        facts = "\n".join(flag.name(say.lang) for flag in item.flags) if then else say("This week is not at hand.")
        return [
            case.staff_id,
            case.name,
            view.roster.unit_name(case.unit_id),
            line.rule.name(say.lang),
            consequence,
            say.week_name(item.week),
            then.total if then else None,
            self.band(then),
            facts,
            "\n".join(" › ".join(p for p in (str(place), cells) if p) for place, cells in item.sources),
            item.comment,
        ]

    def meetings(self) -> None:
        """Meetings that are open, and measures that still run."""
        view, say = self.view, self.say
        if not view.follow_up:
            return
        columns = [
            _Column(say("Staff code"), 11, {"align": "center"}),
            _Column(say("Full name"), 24, {"bold": True}),
            _Column(say("Unit"), 22),
            _Column(say("Required since"), 15),
            _Column(say("Who has to act"), 22),
            _Column(say("Held on"), 15),
            _Column(say("Measures agreed"), 46),
            _Column(say("Measures to be reviewed by"), 16),
        ]
        rows: list[list[object]] = []
        for meeting in view.follow_up:
            texts = meeting.record.texts if meeting.record else {}
            rows.append(
                [
                    meeting.case.staff_id,
                    meeting.case.name,
                    view.roster.unit_name(meeting.case.unit_id),
                    say.week_name(meeting.week),
                    view.roster.name(meeting.holder) if meeting.holder else say("Nobody holds this post"),
                    say.iso_date(texts.get("meeting.date", "")) or say("No record yet"),
                    texts.get("meeting.measures", ""),
                    say.iso_date(texts.get("meeting.review_by", "")),
                ]
            )
        self.table(self.add(say("Meetings")), say("Meetings and measures"), columns, rows)

    def unit_reports(self) -> None:
        """The units' own reports beside their members' mean."""
        view, say = self.view, self.say
        if not view.unit_reports:
            return
        means = {tally.key: tally.mean for tally in view.units}
        score = {"align": "center", "num_format": self.score_format}
        columns = [
            _Column(say("Unit"), 34, {"bold": True}),
            _Column(say("Head"), 26),
            _Column(say("State"), 16),
            _Column(say("Total"), 10, score),
            _Column(say("Band"), 26),
            _Column(say("Mean of the members"), 14, score),
        ]
        rows: list[list[object]] = [
            [
                report.name,
                view.roster.name(report.head_id),
                say(state_of_unit(report)),
                report.total,
                view.scheme.band(report.band).name(say.lang) if report.band else "",
                means.get(report.unit_id),
            ]
            for report in view.unit_reports
        ]
        self.table(self.add(say("Unit reports")), say("Unit reports"), columns, rows)

    def waiting(self) -> None:
        """Who has to act next, and whose results hang on it."""
        say, view = self.say, self.view
        sheet = self.add(say("Waiting"))
        columns = [
            _Column(say("Step that is due"), 22),
            _Column(say("Who has to act"), 26, {"bold": True}),
            _Column(say("Unit"), 28),
            _Column(say("People"), 8),
            _Column(say("Whose result waits"), 54),
        ]
        rows: list[list[object]] = []
        for wait in view.waiting:
            who: object = f"{view.roster.name(wait.who)} ({wait.who})"
            if wait.own:
                who = say("Each of the people named")
            elif not wait.who:
                who = (say("Nobody holds this post"), self.tone("bad", bold=True, text_wrap=True))
            stage = view.scheme.stage(wait.stage)
            names = ", ".join(f"{case.name} ({case.staff_id})" for case in wait.cases)
            unit = view.roster.unit_name(wait.unit_id)
            rows.append([stage.name(say.lang) if stage else wait.stage, who, unit, len(wait.cases), names])
        self.table(sheet, say("Who waits for whom"), columns, rows)

    def reported(self) -> None:
        """Obstacles and proposals, word for word."""
        say, view = self.say, self.view
        sheet = self.add(say("Obstacles and proposals"))
        columns = [
            _Column(say("Unit"), 20),
            _Column(say("Full name"), 20, {"bold": True}),
            _Column(say("Position"), 15),
            _Column(say("Difficulties and obstacles"), 46),
            _Column(say("Proposals"), 40),
        ]
        rows = [
            [view.roster.unit_name(r.case.unit_id), r.case.name, r.case.position, r.obstacles, r.proposals]
            for r in view.reported
        ]
        self.table(sheet, say("Obstacles and proposals reported"), columns, rows)

    def findings(self) -> None:
        """Everything the run found, errors first."""
        say, view = self.say, self.view
        sheet = self.add(say("Findings"))
        columns = [
            _Column(say("Severity"), 10.5),
            _Column(say("What was found"), 42),
            _Column(say("Person"), 18),
            _Column(say("File"), 25, {"font_size": 10}),
            _Column(say("Sheet"), 12, {"font_size": 10}),
            _Column(say("Cell"), 6, {"align": "center"}),
            _Column(say("What to do"), 36),
            _Column(say("Code"), 20, {"font_size": 9, "font_color": MUTED}),
        ]
        rows: list[list[object]] = []
        for found in view.findings_by_severity:
            severity = say.severity(found)
            look = self.tone(SEVERITY_TONES[severity], bold=severity == "error")
            person = f"{view.roster.name(found.staff_id)} ({found.staff_id})" if found.staff_id else ""
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
        self.table(sheet, say("Findings"), columns, rows)

    # --- the overview ------------------------------------------------------------------------------------------------

    def overview(self, sheet: Worksheet, units: _Grid) -> None:
        """Header, title, key figures, the trend as a table, and two charts; one A4 page."""
        say, view = self.say, self.view
        width = 12
        sheet.set_column(0, width - 1, 11.6)
        left, right = view.office.header_left, view.office.header_right
        row = 0
        for row in range(max(len(left), len(right))):
            for lines, first in ((left, 0), (right, width - 5)):
                text = lines[row] if row < len(lines) else ""
                bold = row == len(lines) - 1
                look = self.look(bold=bold, align="center", font_size=12, underline=0)
                sheet.merge_range(row, first, row, first + 4, "", look)
                self.text(sheet, row, first, text, look)
        row += 2
        for text, look, height in (
            (say("Summary of the weekly evaluation").upper(), self.look(bold=True, font_size=16, align="center"), 26),
            (say.week_label(view.week), self.look(italic=True, font_size=13, align="center"), 19),
            (as_of_text(view, say), self.look(font_size=10, font_color=MUTED, align="center"), 16),
        ):
            sheet.set_row(row, height)
            sheet.merge_range(row, 0, row, width - 1, "", look)
            self.text(sheet, row, 0, text, look)
            row += 1
        row = self._key_figures(sheet, row + 1, width) + 1
        charts = row
        if view.cases:
            half = {"object_position": 2, "x_offset": 2}
            bands = self._bands_chart(units)
            trend_row = charts + 18
            trend = self._trend_table(sheet, trend_row, width)
            sheet.insert_chart(charts, 0, bands, half)
            sheet.insert_chart(charts, 7, self._trend_chart(sheet.get_name(), trend), {"object_position": 2})
            row = trend.last + 1
        note = self.look(italic=True, font_size=10, font_color=MUTED)
        self.text(sheet, row, 0, basis_text(view, say), note)
        self.text(sheet, row + 1, 0, rules_text(view.scheme, say), note)
        sheet.print_area(0, 0, row + 1, width - 1)
        sheet.fit_to_pages(1, 1)

    def _key_figures(self, sheet: Worksheet, row: int, width: int) -> int:
        """Six tiles of two columns; returns the row after them."""
        for number, key in enumerate(key_figures(self.view, self.say)[: width // 2]):
            first = number * 2
            ink = TONES[key.tone][0] if key.tone else INK
            frame = {"align": "center", "bg_color": "#F6F8FA"}
            looks = (
                self.look(**frame, font_size=10, font_color=MUTED, top=2, top_color=ink, text_wrap=True),
                self.look(**frame, font_size=20, bold=True, font_color=ink),
                self.look(**frame, font_size=10, font_color=MUTED, text_wrap=True),
            )
            for offset, (text, look) in enumerate(zip((key.label, key.figure, key.detail), looks, strict=True)):
                sheet.merge_range(row + offset, first, row + offset, first + 1, "", look)
                self.text(sheet, row + offset, first, text, look)
        for offset, height in enumerate((18, 30, 30)):
            sheet.set_row(row + offset, height)
        return row + 3

    def _trend_table(self, sheet: Worksheet, row: int, width: int) -> _Grid:
        """Band counts week by week; the chart reads it, and it is readable by itself."""
        say, view = self.say, self.view
        self.text(sheet, row, 0, say("Five-week trend"), self.look(bold=True, font_size=12))
        row += 1
        head = self.cell(bold=True, align="center", text_wrap=True, bg_color=HEAD, font_size=10)
        sheet.set_row(row, 44)
        shown = list(view.slots)[: width - 2]
        for column, text in enumerate((say("Week"), *(slot_name(s, say) for s in shown), say("Mean total"))):
            self.text(sheet, row, column, text, head)
        for offset, (week, tally) in enumerate(view.trend, row + 1):
            self.text(sheet, offset, 0, say.week_name(week), self.cell(align="center"))
            for column, slot in enumerate(shown, 1):
                self.put(sheet, offset, column, tally.counts[slot.id], {"align": "center", "num_format": COUNT})
            self.put(sheet, offset, len(shown) + 1, tally.mean, {"num_format": "0.00", "bold": True, "align": "center"})
        return _Grid(sheet.get_name(), row + 1, row + len(view.trend))

    def _series(self, chart: Any, sheet: str, grid: _Grid, best_last: bool = False) -> None:
        """One series per slot, read from columns 1… of a table, in the tones of the bands."""
        slots = list(enumerate(self.view.slots, 1))
        for column, slot in reversed(slots) if best_last else slots:
            if slot.id == EXCUSED:
                continue
            fill, ink = _shade(slot.tone, slot.repeat)
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

    def _chart(self, kind: dict[str, str], title: str, width: int) -> Any:
        chart = self.book.add_chart(kind)
        chart.set_title({"name": title, "name_font": {"name": FONT, "size": 12, "bold": True, "color": INK}})
        chart.set_legend({"position": "bottom", "font": {"name": FONT, "size": 9}})
        chart.set_size({"width": width, "height": 336})
        chart.set_chartarea({"border": {"color": LINE}})
        return chart

    def _bands_chart(self, grid: _Grid) -> Any:
        chart = self._chart({"type": "bar", "subtype": "stacked"}, self.say("Bands by unit"), 596)
        self._series(chart, grid.sheet, grid)
        font = {"name": FONT, "size": 9}
        chart.set_y_axis({"reverse": True, "num_font": font, "line": {"color": LINE}, "major_tick_mark": "none"})
        chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}})  # the numbers stand in the bars
        return chart

    def _trend_chart(self, sheet: str, grid: _Grid) -> Any:
        chart = self._chart({"type": "column", "subtype": "percent_stacked"}, self.say("Five-week trend"), 424)
        self._series(chart, sheet, grid, best_last=True)  # the best band on top
        font = {"name": FONT, "size": 9}
        chart.set_x_axis({"num_font": font, "line": {"color": LINE}, "major_tick_mark": "none"})
        chart.set_y_axis(
            {"num_font": font, "major_gridlines": {"visible": True, "line": {"color": HEAD}}, "num_format": "0%"}
        )
        return chart


def _shade(tone: str, repeat: int) -> tuple[str, str]:
    """Fill and ink of a tone; each further band of the same tone is paler, with dark ink."""
    fill, ink = TONES[tone]
    if not repeat:
        return fill, ink
    part = min(0.75, 0.4 * repeat)
    mixed = (round(int(fill[n : n + 2], 16) * (1 - part) + 255 * part) for n in (1, 3, 5))
    return "#" + "".join(f"{value:02X}" for value in mixed), INK


def _lines(text: str, width: float) -> int:
    """How many lines a wrapped text takes in a column: a close guess, rather one too many than one hidden."""
    room = max(1.0, width * 1.12 - 0.5)
    return sum(max(1, -int(-len(part) // room)) for part in text.split("\n"))
