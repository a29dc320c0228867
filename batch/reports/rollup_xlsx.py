"""The workbook of a month or longer: an overview, everybody's result, every week's total, units, shares, findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xlsxwriter.utility import xl_range, xl_rowcol_to_cell

from batch.reports.rollup_view import (
    Group,
    RollupView,
    basis_text,
    coverage,
    key_figures,
    remarks,
    slot_id,
    slot_name,
    slot_of_line,
    standing_texts,
    state_text,
    weeks_text,
)
from batch.reports.styled import Sheet, StyledBook
from batch.reports.view import Slot, as_of_text, rules_text
from batch.reports.workbook import COUNT, MUTED, Column, Grid, Overview, Writer, shade, write_book
from batch.rollups import Line, Outcome

if TYPE_CHECKING:
    from batch.i18n import Speaker

_MEAN = {"num_format": "0.00", "align": "center"}


def summary(view: RollupView, say: Speaker, title: str = "") -> bytes:
    """The workbook of everybody, or of the people of a restricted view under its own title."""
    title = title or say("Roll-up of the weekly evaluation")

    def fill(book: StyledBook) -> None:
        writer = _Writer(view, say, book)
        first = writer.add(say("Overview"))
        people = writer.add(say("Everybody"))
        weeks = writer.weeks()
        writer.people(people, weeks)
        units = writer.units()
        if view.transferred:
            writer.shares()
        writer.findings(view.findings, view.name_of, say("To look at"))
        provisional = say("Provisional") if standing_texts(view, say) else ""
        notes = [*standing_texts(view, say), weeks_text(view, say), basis_text(say)]
        content = Overview(
            office=view.office,
            title=title,
            as_of=" · ".join(part for part in (view.reader, provisional, as_of_text(view, say)) if part),
            figures=key_figures(view, say),
            slots=view.slots,
            units=units,
            trend=[(say.period_name(period), group) for period, group in view.trend],
            trend_title=say("Weekly results over time"),
            notes=[*notes, rules_text(view.scheme, say, view.scheme.rollup_hash)],
        )
        writer.overview(first, content)
        first.activate()

    return write_book(f"{title} – {say.period_label(view.term)}", view.office.name, view.term, fill)


class _Writer(Writer):
    """The sheets of a roll-up."""

    def __init__(self, view: RollupView, say: Speaker, book: StyledBook) -> None:
        super().__init__(book, say, view.term, view.decimals)
        self.view = view
        self._slots = {slot.id: slot for slot in view.slots}
        self._levels: dict[str, dict[str, Any]] = {}  # by slot, the look of a week's total

    def slot_name(self, slot: Slot) -> str:
        """What a slot of a distribution is called here."""
        return slot_name(slot, self.say)

    def result(self, result: Outcome) -> object:
        """A result as a coloured cell."""
        slot = self._slots[slot_id(result)]
        if slot.band is None:
            return self.slot_name(slot), self.look("pending")
        return self.slot_name(slot), self.tone(slot.tone, slot.repeat)

    def people(self, sheet: Sheet, weeks: Grid) -> None:
        """A row per person, with a small chart of their weeks read from the sheet of weeks."""
        say, view = self.say, self.view
        center = {"align": "center"}
        columns = [
            Column(say("No."), 4.5, center),
            Column(say("Staff code"), 8, center),
            Column(say("Full name"), 20, {"bold": True}),
            Column(say("Position"), 14, {"font_size": 10}),
            Column(say("Unit"), 19, {"font_size": 10}),
            Column(say("Weeks"), 12, center),
            Column(say("Sum"), 8.5, center),
            Column(say("Mean total"), 9, {**_MEAN, "bold": True}),
            Column(say("Level"), 21),
            Column(say("Trend"), 13),
            Column(say("Remarks"), 36, {"font_size": 10}),
        ]
        rows: list[list[object]] = []
        for number, person in enumerate(view.people, 1):
            result = person.outcome
            rows.append(
                [
                    *(number, person.staff_id, person.name, person.position, view.unit_name(person.unit_id)),
                    coverage(result.tally, say),
                    result.tally.total if result.tally.rated else None,
                    view.mean_of(result.tally),
                    self.result(result),
                    "",
                    "\n".join(remarks(person, view, say)),
                ]
            )
        grid = self.table(sheet, say("Results of everybody"), columns, rows, freeze=3)
        last = 2 + len(view.rollup.weeks)
        if rows:
            cells = [xl_rowcol_to_cell(grid.first + n, 9) for n in range(len(rows))]
            ranges = [f"'{weeks.sheet}'!{xl_range(at, 3, at, last)}" for at in range(weeks.first, weeks.last + 1)]
            sheet.add_columns(cells, ranges, view.floor, float(view.scheme.cap), MUTED)

    def weeks(self) -> Grid:
        """Every weekly total that counts, coloured by its level; of the other weeks the state."""
        say, view = self.say, self.view
        columns = [
            Column(say("Staff code"), 8, {"align": "center"}),
            Column(say("Full name"), 20, {"bold": True}),
            Column(say("Unit"), 19, {"font_size": 10}),
            *(Column(say.week_name(week), 9.5, {"align": "center"}) for week in view.rollup.weeks),
        ]
        rows: list[list[object]] = [
            [person.staff_id, person.name, view.unit_name(person.unit_id), *map(self._week, person.outcome.lines)]
            for person in view.people
        ]
        return self.table(self.add(say("Week by week")), say("Weekly totals"), columns, rows, freeze=3)

    def _week(self, line: Line) -> object:
        slot = self._slots.get(slot_of_line(line))
        if slot is None or slot.band is None or line.total is None:
            return state_text(line.state, self.say), self.look("pending", font_size=9)
        if slot.id not in self._levels:
            fill, ink = shade(slot.tone, slot.repeat)
            self._levels[slot.id] = {"role": slot.tone, "bg_color": fill, "font_color": ink}
        return line.total, self._levels[slot.id]

    def units(self) -> Grid:
        """Counts by unit, then everybody here; columns 1… are the slots that the chart reads."""
        say, view = self.say, self.view
        own = {unit.unit_id: unit.own for unit in view.rollup.units if unit.own}
        columns = [
            Column(say("Unit"), 32),
            *(Column(self.slot_name(slot), 12.5, {"num_format": COUNT}) for slot in view.slots),
            Column(say("People"), 9),
            Column(say("Mean of the members"), 11, _MEAN),
            Column(say("Weekly results decided"), 14, {"align": "center"}),
        ]
        if own:
            columns += [
                Column(say("Mean of the unit's reports"), 12, _MEAN),
                Column(say("Weeks"), 12, {"align": "center"}),
                Column(say("Level of the unit"), 18),
            ]

        def line(group: Group, name: str) -> list[object]:
            reports = own.get(group.key)
            counts = [group.counts[slot.id] for slot in view.slots]
            values: list[object] = [
                name,
                *counts,
                sum(group.counts.values()),
                group.mean,
                f"{group.tally.rated}/{group.tally.due}",
            ]
            if not own:
                return values
            if reports is None:
                return [*values, None, "", ""]
            return [*values, view.mean_of(reports.tally), coverage(reports.tally, say), self.result(reports)]

        sheet = self.add(say("Units"))
        rows = [line(group, view.unit_name(group.key)) for group in view.by_unit]
        grid = self.table(sheet, say("Results by unit"), columns, rows, freeze=1)
        total = grid.last + 1
        sheet.set_row(total, 22)
        for number, value in enumerate(line(view.whole, say("All together") if view.reader else say("Whole office"))):
            self.put(sheet, total, number, value, {**columns[number].style, "role": "sum"})
        note = self.look("note")
        self.text(
            sheet, total + 1, 0, say("A week counts in the unit in which it was served; people in their last unit."), note
        )
        sheet.print_area(0, 0, total + 1, len(columns) - 1)
        return grid

    def shares(self) -> None:
        """Of everybody who changed units, what each unit contributes."""
        say, view = self.say, self.view
        columns = [
            Column(say("Staff code"), 10, {"align": "center"}),
            Column(say("Full name"), 24, {"bold": True}),
            Column(say("Unit"), 34),
            Column(say("Weeks"), 16, {"align": "center"}),
            Column(say("Sum"), 12, {"align": "center"}),
            Column(say("Mean total"), 12, _MEAN),
        ]
        rows: list[list[object]] = [
            [
                *(person.staff_id, person.name, view.unit_name(unit_id), coverage(share, say)),
                *(share.total if share.rated else None, view.mean_of(share)),
            ]
            for person in view.transferred
            for unit_id, share in person.shares
        ]
        self.table(
            self.add(say("Transfers")), say("Shares of the units in the results of transferred people"), columns, rows
        )
