"""The summary workbook of a week: seven sheets that an office reads, filters and prints on A4."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from batch.collective import state_name as state_of_unit
from batch.core.records import Case
from batch.reports.view import (
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
from batch.reports.workbook import COUNT, FONT, HEAD, INK, LINE, MUTED, TONES, Column, Grid, Writer, write_book

if TYPE_CHECKING:
    from batch.i18n import Speaker

SEVERITY_TONES = {"error": "bad", "warning": "fair", "info": "open"}


def summary(view: WeekView, say: Speaker) -> bytes:
    """The week's summary workbook."""

    def fill(book: Workbook) -> None:
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

    title = f"{say('Summary of the weekly evaluation')} – {say.week_label(view.week)}"
    return write_book(title, view.office.name, view.week, fill)


class _Writer(Writer):
    """The sheets of a week's workbook."""

    def __init__(self, view: WeekView, say: Speaker, book: Workbook) -> None:
        super().__init__(book, say, view.week, max(view.decimals, 0))
        self.view = view

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
            Column(say("No."), 4.5, center),
            Column(say("Staff code"), 8, center),
            Column(say("Full name"), 19, {"bold": True}),
            Column(say("Position"), 13.5, {"font_size": 10}),
            Column(say("Unit"), 18, {"font_size": 10}),
            *(Column(c.name(say.lang), 7) for c in view.scheme.criteria),
            Column(say("Total"), 7.5, {"bold": True}),
            Column(say("Band"), 15),
            Column(say("Last week"), 15),
            Column(say("State"), 10.5),
            Column(say("Warnings"), 23, {"font_size": 10}),
            Column(say("Remarks"), 19, {"font_size": 10}),
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

    def units(self) -> Grid:
        """Counts by unit: a row a unit, then the whole office. Columns 1… are the slots that the chart reads."""
        say, view = self.say, self.view
        sheet = self.add(say("Units"))
        columns = [
            Column(say("Unit"), 34),
            *(Column(slot_name(slot, say), 12.5, {"num_format": COUNT}) for slot in view.slots),
            Column(say("People"), 9),
            Column(say("Approved"), 10),
            Column(say("Scored, not approved"), 12, {"num_format": COUNT}),
            Column(say("Mean total"), 10, {"num_format": "0.00"}),
            Column(say("Meetings required"), 11, {"num_format": COUNT}),
            Column(say("People with warnings"), 11, {"num_format": COUNT}),
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
            Column(say("Staff code"), 8, {"align": "center"}),
            Column(say("Full name"), 18, {"bold": True}),
            Column(say("Unit"), 16),
            Column(say("Rule"), 22),
            Column(say("Consequence"), 12),
            Column(say("Week"), 12.5, {"align": "center"}),
            Column(say("Total"), 7.5, {"bold": True}),
            Column(say("Band"), 15),
            Column(say("What was established"), 22),
            Column(say("Where it stands"), 25, {"font_size": 10}),
            Column(say("Comment"), 24, {"font_size": 10}),
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
            Column(say("Staff code"), 11, {"align": "center"}),
            Column(say("Full name"), 24, {"bold": True}),
            Column(say("Unit"), 22),
            Column(say("Required since"), 15),
            Column(say("Who has to act"), 22),
            Column(say("Held on"), 15),
            Column(say("Measures agreed"), 46),
            Column(say("Measures to be reviewed by"), 16),
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
            Column(say("Unit"), 34, {"bold": True}),
            Column(say("Head"), 26),
            Column(say("State"), 16),
            Column(say("Total"), 10, score),
            Column(say("Band"), 26),
            Column(say("Mean of the members"), 14, score),
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
            Column(say("Step that is due"), 22),
            Column(say("Who has to act"), 26, {"bold": True}),
            Column(say("Unit"), 28),
            Column(say("People"), 8),
            Column(say("Whose result waits"), 54),
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
            Column(say("Unit"), 20),
            Column(say("Full name"), 20, {"bold": True}),
            Column(say("Position"), 15),
            Column(say("Difficulties and obstacles"), 46),
            Column(say("Proposals"), 40),
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

    def overview(self, sheet: Worksheet, units: Grid) -> None:
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

    def _trend_table(self, sheet: Worksheet, row: int, width: int) -> Grid:
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
        return Grid(sheet.get_name(), row + 1, row + len(view.trend))

    def _bands_chart(self, grid: Grid) -> Any:
        chart = self.chart({"type": "bar", "subtype": "stacked"}, self.say("Bands by unit"), 596)
        self.series(chart, grid.sheet, grid, self.view.slots)
        font = {"name": FONT, "size": 9}
        chart.set_y_axis({"reverse": True, "num_font": font, "line": {"color": LINE}, "major_tick_mark": "none"})
        chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}})  # the numbers stand in the bars
        return chart

    def _trend_chart(self, sheet: str, grid: Grid) -> Any:
        chart = self.chart({"type": "column", "subtype": "percent_stacked"}, self.say("Five-week trend"), 424)
        self.series(chart, sheet, grid, self.view.slots, best_last=True)  # the best band on top
        font = {"name": FONT, "size": 9}
        chart.set_x_axis({"num_font": font, "line": {"color": LINE}, "major_tick_mark": "none"})
        chart.set_y_axis(
            {"num_font": font, "major_gridlines": {"visible": True, "line": {"color": HEAD}}, "num_format": "0%"}
        )
        return chart
