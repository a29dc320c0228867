"""The summary workbook of a week: seven sheets that an office reads, filters and prints on A4."""

from __future__ import annotations

from typing import TYPE_CHECKING

from batch.collective import state_name as state_of_unit
from batch.core.records import Case
from batch.reports.styled import StyledBook
from batch.reports.view import (
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
from batch.reports.workbook import COUNT, Column, Grid, Overview, Writer, write_book

if TYPE_CHECKING:
    from batch.i18n import Speaker


def summary(view: WeekView, say: Speaker) -> bytes:
    """The week's summary workbook."""

    def fill(book: StyledBook) -> None:
        writer = _Writer(view, say, book)
        overview = writer.add(say("Overview"))
        writer.people()
        units = writer.units()
        writer.streaks()
        writer.meetings()
        writer.unit_reports()
        writer.waiting()
        writer.reported()
        writer.findings(view.findings_by_severity, view.roster.name)
        content = Overview(
            office=view.office,
            title=say("Summary of the weekly evaluation"),
            as_of=as_of_text(view, say),
            figures=key_figures(view, say),
            slots=view.slots,
            units=units if view.cases else None,
            trend=[(say.week_name(week), tally) for week, tally in view.trend],
            trend_title=say("Five-week trend"),
            notes=[basis_text(view, say), rules_text(view.scheme, say)],
        )
        writer.overview(overview, content)
        overview.activate()

    title = f"{say('Summary of the weekly evaluation')} – {say.week_label(view.week)}"
    return write_book(title, view.office.name, view.week, fill)


class _Writer(Writer):
    """The sheets of a week's workbook."""

    def __init__(self, view: WeekView, say: Speaker, book: StyledBook) -> None:
        super().__init__(book, say, view.week, max(view.decimals, 0))
        self.view = view

    def band(self, case: Case | None) -> object:
        """A case's band as a coloured cell; without a result its state, in grey; '' if there is no case."""
        if case is None:
            return ""
        slot = next((s for s in self.view.slots if s.id == case.band), None)
        if slot is None:
            return state_name(case, self.say), self.look("pending")
        return slot_name(slot, self.say), self.tone(slot.tone, slot.repeat)

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
            *(Column(c.name(say.lang), 8) for c in view.scheme.criteria),
            Column(say("Total"), 7.5, {"bold": True}),
            Column(say("Level"), 15),
            Column(say("Last week"), 15),
            Column(say("State"), 10.5),
            Column(say("Warnings"), 23, {"font_size": 10}),
            Column(say("Remarks"), 19, {"font_size": 10}),
        ]
        rows: list[list[object]] = []
        for number, case in enumerate(view.cases, 1):
            state_look = self.look("text" if case.state == "approved" else "pending")
            warnings = "\n".join(warning_texts(view, case, say))
            alarm = self.look("alarm", font_size=10)
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
                style = {**columns[number].style, "role": "sum"}
                self.put(sheet, total, number, value, style)
            note = self.look("note")
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
            Column(say("Level"), 15),
            Column(say("What was established"), 22),
            Column(say("Where it stands"), 25, {"font_size": 10}),
            Column(say("Comment"), 24, {"font_size": 10}),
        ]
        rows = [self._evidence(line, item) for line in (*view.streaks, *view.watch) for item in line.evidence]
        self.table(sheet, say("Failures in consecutive weeks, with the evidence"), columns, rows, freeze=2)

    def _evidence(self, line: StreakLine, item: Evidence) -> list[object]:
        say, view, case, then = self.say, self.view, line.case, item.case
        if not line.streak.holds:
            consequence: object = (say("To watch"), self.look("pending"))
        elif line.rule.meeting:
            consequence = (say("Meeting required"), self.tone("bad", bold=True))
        else:
            consequence = (say("Rule met"), self.tone("fair", bold=True))
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
            Column(say("Level"), 26),
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
                who = (say("Nobody holds this post"), self.tone("bad", bold=True))
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
