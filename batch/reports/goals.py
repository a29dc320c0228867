"""How the agreements of a round cover the office's goals: one page and one workbook, for leaders and the Office."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from xlsxwriter.utility import xl_range

from batch.core.finding import Finding
from batch.core.period import Round
from batch.goals import Coverage, Reach, Serving
from batch.pages import render
from batch.reports.styled import StyledBook
from batch.reports.workbook import COUNT, TONES, Column, Writer, write_book
from batch.roster import Office, Roster
from batch.scheme import KpiRules, Scheme

if TYPE_CHECKING:
    from batch.i18n import Speaker

_INDENT = "\u2003"  # a wide space a level, so that a filtered or pasted list still shows the tree
_CENT = Decimal("0.01")


@dataclass(frozen=True)
class GoalView:
    """A round's goals with what serves them, for showing."""

    office: Office
    roster: Roster
    scheme: Scheme
    rules: KpiRules
    period: Round
    coverage: Coverage
    findings: tuple[Finding, ...]
    templates: Path | None = None  # the office's own page templates

    @property
    def without_goal(self) -> tuple[Serving, ...]:
        """Indicators that serve no goal of the round."""
        return self.coverage.astray

    def share(self, reach: Reach) -> int | None:
        """What was achieved in whole percent of the highest level."""
        return None if reach.achieved is None else int(reach.achieved * 100 / self.rules.levels + Fraction(1, 2))

    def unit(self, unit_id: str) -> str:
        """The name of a unit."""
        return self.roster.unit_name(unit_id)


def level(achieved: Fraction | None) -> Decimal | None:
    """A mean level for reading, to two decimals, halves up."""
    if achieved is None:
        return None
    return (Decimal(achieved.numerator) / Decimal(achieved.denominator)).quantize(_CENT, ROUND_HALF_UP)


def figures(view: GoalView, say: Speaker) -> list[tuple[str, str, bool]]:
    """Key figures: label, figure, whether it calls for somebody."""
    c = view.coverage
    return [
        (say("Goals"), str(len(c.reaches)), False),
        (say("Goals that nobody serves"), str(len(c.uncovered)), bool(c.uncovered)),
        (say("Indicators"), str(len(_indicators(c)) + len(c.astray)), False),
        (say("Indicators without a goal"), str(len(c.astray)), bool(c.astray)),
        (say("Weights that miss their sum"), str(len(c.off_weight)), bool(c.off_weight)),
        (
            say("Without an agreement"),
            say("{count} of {all}", count=str(len(c.without)), all=str(c.people)),
            bool(c.without),
        ),
    ]


def _indicators(coverage: Coverage) -> list[Serving]:
    """Every indicator that serves a goal, once, in the order of the tree."""
    return [one for reach in coverage.reaches for one in reach.serving if one.goal is reach.goal]


def page(view: GoalView, say: Speaker) -> str:
    """The goals as one page: key figures, the tree with who serves what, and what to mend."""
    return render(
        view.templates,
        "goals.html.j2",
        _=say,
        say=say,
        lang=say.lang,
        office=view.office,
        scheme=view.scheme,
        rules=view.scheme.legal_basis,
        script="",
        script_hash="",
        view=view,
        figures=figures(view, say),
        level=level,
        own=lambda reach: [one for one in reach.serving if one.goal is reach.goal],
        name=view.roster.name,
    )


def workbook(view: GoalView, say: Speaker) -> bytes:
    """The goals as a workbook: the tree, every indicator, what to mend."""
    title = say("Goals and who serves them")

    def fill(book: StyledBook) -> None:
        writer = _Writer(book, say, view.period, 2)
        writer.tree(view, title)
        writer.indicators(view)
        writer.findings(view.findings, view.roster.name, say("To look at"))

    return write_book(f"{title} – {say.period_label(view.period)}", view.office.name, view.period, fill)


class _Writer(Writer):
    """The sheets of the workbook."""

    def tree(self, view: GoalView, title: str) -> None:
        """A row a goal; what was achieved as a bar in its cell."""
        say = self.say
        center = {"align": "center"}
        columns = [
            Column(say("Code"), 9, center),
            Column(say("Goal"), 54),
            Column(say("Unit"), 30, {"font_size": 10}),
            Column(say("People"), 9, {"num_format": COUNT}),
            Column(say("Indicators"), 10, {"num_format": COUNT}),
            Column(say("Sum of the weights"), 11, {**center, "num_format": "#,##0"}),
            Column(say("Assessed"), 14, center),
            Column(say("Mean level"), 9, center),
            Column(say("Achieved (%)"), 16, {"align": "right"}),
        ]
        rows: list[Sequence[object]] = []
        for reach in view.coverage.reaches:
            goal, bold = reach.goal, {"bold": reach.depth == 0}
            empty = {} if reach.serving else {"font_color": TONES["bad"][0]}
            rows.append(
                [
                    goal.goal_id,
                    (f"{_INDENT * reach.depth}{goal.title}", {**bold, **empty}),
                    view.unit(goal.unit_id),
                    reach.people,
                    len(reach.serving),
                    reach.weight if reach.serving else None,
                    f"{reach.assessed}/{len(reach.serving)}" if reach.serving else (say("nobody"), empty),
                    level(reach.achieved),
                    view.share(reach),
                ]
            )
        sheet = self.add(say("Goals"))
        grid = self.table(sheet, title, columns, rows, freeze=2)
        if rows:
            bar = {"type": "data_bar", "bar_solid": True, "bar_color": TONES["good"][0], "min_type": "num", "min_value": 0}
            scale = {"max_type": "num", "max_value": 100}
            sheet.conditional_format(xl_range(grid.first, 8, grid.last, 8), {**bar, **scale})
        note = self.look("note")
        for offset, text in enumerate(notes(view, say), grid.last + 2):
            self.text(sheet, offset, 0, text, note)
        sheet.print_area(0, 0, grid.last + 1 + len(notes(view, say)), len(columns) - 1)

    def indicators(self, view: GoalView) -> None:
        """A row an indicator: goal, person, weight, level."""
        say = self.say
        center = {"align": "center"}
        columns = [
            Column(say("Code"), 9, center),
            Column(say("Goal"), 36),
            Column(say("Staff code"), 9, center),
            Column(say("Full name"), 24, {"bold": True}),
            Column(say("Unit"), 26, {"font_size": 10}),
            Column(say("Indicator"), 44),
            Column(say("Weight"), 9, {**center, "num_format": "0"}),
            Column(say("Level reached"), 9, center),
        ]
        rows = [
            [
                *(
                    (one.goal.goal_id, one.goal.title)
                    if one.goal
                    else (one.kpi.goal, (say("no goal of this round"), self._bad()))
                ),
                *(one.staff_id, view.roster.name(one.staff_id), view.unit(one.unit_id)),
                *(one.kpi.title, one.kpi.weight, one.kpi.level),
            ]
            for one in (*_indicators(view.coverage), *view.without_goal)
        ]
        self.table(self.add(say("Indicators")), say("Indicators and the goals they serve"), columns, rows, freeze=4)

    @staticmethod
    def _bad() -> dict[str, object]:
        return {"role": "alarm", "bold": False, "italic": True}


def notes(view: GoalView, say: Speaker) -> list[str]:
    """How the figures are meant."""
    return [
        say("An indicator counts for the goal it names and for every goal above that one, once each."),
        say(
            "Mean level: the levels reached, by the weights of the indicators; achieved: of the highest level, {levels}.",
            levels=str(view.rules.levels),
        ),
    ]
