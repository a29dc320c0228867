"""Goals from the top down: organisation → bureau or division → person, and how far the agreed indicators cover them.

The goals stand in the office's ``goals.xlsx``; each indicator that somebody agreed on names the goal it serves. An indicator
counts for that goal and for every goal above it, once each.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from pathlib import Path

from batch.components import Kpi, off_weight
from batch.core.finding import Finding, Place, finding
from batch.core.period import Round
from batch.core.text import clean_id
from batch.roster import Roster
from batch.roster_read import SetAside, circles, open_tables, read_lines
from batch.scheme import KpiRules

FILE, SHEET = "goals.xlsx", "goals"
COLUMNS = ("goal_id", "parent_id", "unit_id", "title")  # and, as far as wanted, start and end


@dataclass(frozen=True)
class Goal:
    """A goal of a unit, serving the goal ``parent_id`` ('': one of the highest level), for a time."""

    goal_id: str
    parent_id: str
    unit_id: str
    title: str
    start: dt.date
    end: dt.date
    place: Place


@dataclass(frozen=True)
class Goals:
    """The goals of the workbook or of a round, in its order."""

    rows: tuple[Goal, ...] = ()

    @cached_property
    def by_id(self) -> Mapping[str, Goal]:
        """Every goal by its code."""
        return {goal.goal_id: goal for goal in self.rows}

    def of(self, period: Round) -> Goals:
        """Those that hold on some day of a round. What served a goal that no longer holds is then of the highest level."""
        held = [goal for goal in self.rows if goal.start <= period.end and goal.end >= period.start]
        known = {goal.goal_id for goal in held}
        return Goals(tuple(g if g.parent_id in known else replace(g, parent_id="") for g in held))

    def tree(self) -> Iterator[tuple[int, Goal]]:
        """Every goal after the one it serves, with its depth from 0."""
        below: dict[str, list[Goal]] = {}
        for goal in self.rows:
            below.setdefault(goal.parent_id, []).append(goal)
        stack = [(0, goal) for goal in reversed(below.get("", []))]
        while stack:
            depth, goal = stack.pop()
            yield depth, goal
            stack += [(depth + 1, one) for one in reversed(below.get(goal.goal_id, []))]

    def above(self, goal_id: str) -> Iterator[Goal]:
        """The goal and those it serves, up to the highest."""
        goal = self.by_id.get(goal_id)
        while goal:
            yield goal
            goal = self.by_id.get(goal.parent_id)


def read_goals(path: Path, roster: Roster) -> tuple[Goals, list[Finding], str]:
    """The goals of ``goals.xlsx``, what was wrong with cell and remedy, and the SHA-256 of the file.

    Sheet ``goals``: keys in row 1, labels in row 2, data from row 3. Raises :class:`UserError` if file, sheet or a column is
    missing. A goal with a wrong parent stays, at the highest level; one without code, unit or title is set aside.
    """
    tables, digest = open_tables(path, "goals.missing")
    notes: list[Finding] = []
    goals: dict[str, Goal] = {}
    lines = {}
    for line in read_lines(tables, SHEET, COLUMNS, path, notes):
        try:
            goal_id = line.code("goal_id")
            if goal_id in goals:
                line.fault("goals.twice", "goal_id", found=goal_id, other=goals[goal_id].place.cell)
                continue
            unit_id = line.code("unit_id")
            if unit_id not in roster.units:
                line.fault("goals.unknown-unit", "unit_id", found=unit_id)
                continue
            start, end = line.span()
            place = line.place("goal_id")
            goals[goal_id] = Goal(goal_id, line.code("parent_id"), unit_id, line.text("title"), start, end, place)
            lines[goal_id] = line
        except SetAside:
            continue
    for goal_id, goal in goals.items():
        if goal.parent_id and goal.parent_id not in goals:
            lines[goal_id].fault("goals.unknown-parent", "parent_id", found=goal.parent_id)
            goals[goal_id] = replace(goal, parent_id="")
    for circle in circles({goal_id: goal.parent_id for goal_id, goal in goals.items()}):
        lines[circle[0]].fault("goals.loop", "parent_id", chain=" → ".join([*circle, circle[0]]))
        for goal_id in circle:
            goals[goal_id] = replace(goals[goal_id], parent_id="")
    return Goals(tuple(goals.values())), notes, digest


@dataclass(frozen=True)
class Serving:
    """An indicator in somebody's agreement, and the goal it serves (None: none of this round)."""

    staff_id: str
    unit_id: str
    kpi: Kpi
    goal: Goal | None


@dataclass(frozen=True)
class Reach:
    """A goal with everything that serves it, itself or through a goal below."""

    goal: Goal
    depth: int
    own: int  # indicators that name this very goal
    serving: tuple[Serving, ...]

    @property
    def people(self) -> int:
        """How many people serve it."""
        return len({one.staff_id for one in self.serving})

    @property
    def weight(self) -> Decimal:
        """The sum of the weights, each out of what one person's sum to."""
        return sum((one.kpi.weight for one in self.serving), Decimal(0))

    @property
    def assessed(self) -> int:
        """How many of the indicators have a level."""
        return sum(one.kpi.level is not None for one in self.serving)

    @property
    def achieved(self) -> Fraction | None:
        """Σ(level × weight) / Σweight over the indicators that have a level; None before any has."""
        rated = [(Fraction(one.kpi.level), Fraction(one.kpi.weight)) for one in self.serving if one.kpi.level is not None]
        weight = sum((w for _, w in rated), Fraction(0))
        return sum((level * w for level, w in rated), Fraction(0)) / weight if weight else None


@dataclass(frozen=True)
class Coverage:
    """How the agreements of a round cover the goals. ``astray``: indicators that serve no goal of the round.

    ``off_weight``: by how much somebody's weights miss their sum; ``without``: who has no agreement.
    """

    reaches: tuple[Reach, ...]
    astray: tuple[Serving, ...]
    off_weight: Mapping[str, Decimal]
    without: tuple[str, ...]
    people: int
    findings: tuple[Finding, ...]

    @property
    def uncovered(self) -> tuple[Reach, ...]:
        """Goals that nobody's indicators serve, themselves or below."""
        return tuple(reach for reach in self.reaches if not reach.serving)


def cover(
    goals: Goals, agreements: Mapping[str, Sequence[Kpi] | None], rules: KpiRules, roster: Roster, period: Round
) -> Coverage:
    """Hold the agreements of a round against its goals.

    ``agreements``: every person to be appraised, with the indicators agreed on, or None where there is no agreement.
    """
    goals = goals.of(period)
    notes: list[Finding] = []
    serving: list[Serving] = []
    off: dict[str, Decimal] = {}
    for staff_id, kpis in agreements.items():
        person = roster.on(staff_id, period.end) or next(iter(reversed(roster.spells_of(staff_id))), None)
        unit_id = person.unit_id if person else ""
        name = roster.name(staff_id)
        if kpis is None:
            notes.append(finding("goals.no-agreement", None, staff_id, name=name))
            continue
        if missed := off_weight(kpis, rules):
            off[staff_id] = missed
            found, wanted = rules.weights + missed, rules.weights
            notes.append(finding("goals.weights", None, staff_id, name=name, found=found, wanted=wanted))
        units = {unit.unit_id for unit in roster.climb(unit_id, period.end)} | {unit_id}
        for kpi in kpis:
            goal = goals.by_id.get(clean_id(kpi.goal))
            serving.append(Serving(staff_id, unit_id, kpi, goal))
            if goal is None:
                notes.append(
                    finding("goals.indicator-astray", None, staff_id, name=name, indicator=kpi.title, found=kpi.goal or "–")
                )
        named = Counter(goal.goal_id for kpi in kpis if (goal := goals.by_id.get(clean_id(kpi.goal))))
        for goal_id, count in named.items():
            if (unit := goals.by_id[goal_id].unit_id) not in units:
                where = {"goal_id": goal_id, "unit": roster.unit_name(unit)}
                notes.append(finding("goals.indicator-elsewhere", None, staff_id, name=name, count=str(count), **where))
    served: dict[str, list[Serving]] = {}
    for one in serving:
        for goal in goals.above(one.goal.goal_id) if one.goal else ():
            served.setdefault(goal.goal_id, []).append(one)
    reaches = tuple(
        Reach(
            goal,
            depth,
            sum(one.goal is goal for one in served.get(goal.goal_id, ())),
            tuple(served.get(goal.goal_id, ())),
        )
        for depth, goal in goals.tree()
    )
    for reach in reaches:
        if not reach.serving:
            goal, unit = reach.goal, roster.unit_name(reach.goal.unit_id)
            notes.append(finding("goals.uncovered", goal.place, goal_id=goal.goal_id, title=goal.title, unit=unit))
    return Coverage(
        reaches,
        tuple(one for one in serving if one.goal is None),
        off,
        tuple(staff_id for staff_id, kpis in agreements.items() if kpis is None),
        len(agreements),
        tuple(sorted(notes, key=Finding.sort_key)),
    )
