"""What the report of a month or longer says, before any words, cells or tags: counted once, shown by every writer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from batch.core.finding import Finding
from batch.core.number import most_places, plain
from batch.core.period import Period, Term, Week
from batch.core.records import STATE_NAMES, State
from batch.reports.view import EXCUSED, OPEN, KeyFigure, Slot, percent, range_text, slots_of
from batch.rollups import EXCUSED_STATES, Line, Outcome, PersonResult, Rollup, Tally, shown
from batch.scheme import Scheme

if TYPE_CHECKING:
    from batch.i18n import Speaker
    from batch.roster import Office

SPELT_OUT = 14  # weeks whose totals are added up before the reader's eyes


@dataclass(frozen=True)
class Group:
    """Counts of people or of weekly results; ``counts`` has every slot: the bands, OPEN (not rated), EXCUSED."""

    key: str
    counts: Mapping[str, int]
    tally: Tally
    mean: Decimal | None  # of the weekly totals that count, rounded to be read
    standings: Mapping[str, int]

    @property
    def evaluated(self) -> int:
        """All but the excused."""
        return sum(self.counts.values()) - self.counts[EXCUSED]


@dataclass(frozen=True, slots=True)
class Reading:
    """What every view says alike of one person. ``lowest``: of the totals that count; ``by_period``: as in the trend, where
    their weekly results stand, and the tally of these.
    """

    slot: str
    lowest: Decimal | None
    decimals: int
    by_period: tuple[tuple[tuple[str, ...], Tally], ...]


@dataclass(frozen=True)
class RollupView:
    """All that a report needs; about everybody, or about the people whom ``reader`` may see.

    ``units``: names by code, in the roster's order. ``months``: the month of each week. Moments are ISO, or ''.
    ``readings``, ``steps``, ``fragments``: what was found of each person, how their results came about in words, and, by
    language, what was made of it for a page; the views of some of the people share all of it with that of everybody.
    """

    rollup: Rollup
    office: Office
    scheme: Scheme
    units: Mapping[str, str]
    months: Mapping[Week, Term]
    findings: tuple[Finding, ...]
    as_of: str = ""
    closed_at: str = ""
    reader: str = ""
    templates: Path | None = None  # the office's own page templates
    readings: dict[str, Reading] = field(default_factory=dict, repr=False, compare=False)
    steps: dict[tuple[str, str], list[str]] = field(default_factory=dict, repr=False, compare=False)
    fragments: dict[str, dict[Any, str]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def term(self) -> Term:
        """The period."""
        return self.rollup.term

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        """Segments of every distribution."""
        return slots_of(self.scheme)

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Names of the people here, by staff code."""
        return {person.staff_id: person.name for person in self.rollup.people}

    def unit_name(self, unit_id: str) -> str:
        """The unit's name, or its code."""
        return self.units.get(unit_id, unit_id)

    def name_of(self, staff_id: str) -> str:
        """The name of somebody here."""
        return self.names.get(staff_id, staff_id)

    def mean_of(self, tally: Tally) -> Decimal | None:
        """A mean as it is read."""
        return None if tally.mean is None else shown(tally.mean, self.scheme)

    @cached_property
    def people(self) -> tuple[PersonResult, ...]:
        """In report order: by unit, then as the last week has them."""
        order = {unit_id: n for n, unit_id in enumerate(self.units)}
        return tuple(sorted(self.rollup.people, key=lambda person: order.get(person.unit_id, len(order))))

    @cached_property
    def whole(self) -> Group:
        """Everybody here."""
        return self._of_people("", self.people, Tally.together(person.outcome.tally for person in self.people))

    @cached_property
    def by_unit(self) -> tuple[Group, ...]:
        """People by the unit they were in last; means over every week served in the unit, by whomever.

        The whole office has a line too for a unit that everybody has left, with what was achieved and reported there.
        """
        members = self.members
        served: dict[str, list[Tally]] = {}
        for person in self.people:
            for unit, share in person.shares:
                served.setdefault(unit, []).append(share)
        left = () if self.reader else (*served, *(unit.unit_id for unit in self.rollup.units if unit.own))
        met = dict.fromkeys([*members, *left])
        order = [*(unit for unit in self.units if unit in met), *(unit for unit in met if unit not in self.units)]
        return tuple(self._of_people(unit, members.get(unit, ()), Tally.together(served.get(unit, ()))) for unit in order)

    @cached_property
    def trend(self) -> tuple[tuple[Period, Group], ...]:
        """Weekly results counted by week; for half-years and years by month, as nobody reads fifty columns."""
        found = [self._reading(person).by_period for person in self.people]
        return tuple((period, self._of_weeks(period, [one[at] for one in found])) for at, period in enumerate(self._periods))

    @cached_property
    def _periods(self) -> Mapping[Period, list[int]]:
        """The parts of the trend, each with the places of its weeks."""
        parts: dict[Period, list[int]] = {}
        for at, week in enumerate(self.rollup.weeks):
            parts.setdefault(self.months[week] if self.term.kind in ("half", "year") else week, []).append(at)
        return parts

    @cached_property
    def members(self) -> Mapping[str, Sequence[PersonResult]]:
        """The people by the unit they were in last, units in report order."""
        found: dict[str, list[PersonResult]] = {}
        for person in self.people:
            found.setdefault(person.unit_id, []).append(person)
        return found

    def parts_of(self, person: PersonResult) -> list[tuple[Period, Tally, list[Line]]]:
        """A person's weeks as the trend has them: each part's tally and weeks."""
        lines, tallies = person.outcome.lines, self._reading(person).by_period
        return [
            (period, tally, [lines[at] for at in some])
            for (period, some), (_, tally) in zip(self._periods.items(), tallies, strict=True)
        ]

    def places_of(self, person: PersonResult) -> int:
        """How many decimals a person's weekly totals need."""
        return self._reading(person).decimals

    @cached_property
    def transferred(self) -> tuple[PersonResult, ...]:
        """People with weeks in more than one unit."""
        return tuple(person for person in self.people if len(person.shares) > 1)

    @cached_property
    def floor(self) -> int:
        """Where small charts begin, below the cap: the lowest total here, down to tens; the same for everybody, so that they
        compare.
        """
        found = (self._reading(person).lowest for person in self.people)
        lowest = min((one for one in found if one is not None), default=Decimal(0))
        return int(min(lowest, self.scheme.cap - 1)) // 10 * 10

    @cached_property
    def decimals(self) -> int:
        """How many decimals the weekly totals need."""
        return max((self._reading(person).decimals for person in self.people), default=0)

    def _reading(self, person: PersonResult) -> Reading:
        found = self.readings.get(person.staff_id)
        if found is None:
            lines = person.outcome.lines
            parts = [[lines[at] for at in some] for some in self._periods.values()]
            found = self.readings[person.staff_id] = Reading(
                slot_id(person.outcome),
                min((line.total for line in lines if line.counts and line.total is not None), default=None),
                most_places(line.total for line in lines),
                tuple((tuple(filter(None, map(slot_of_line, part))), Tally.of(part)) for part in parts),
            )
        return found

    def _of_people(self, key: str, people: Sequence[PersonResult], served: Tally) -> Group:
        slots = Counter(self._reading(person).slot for person in people)
        standings = Counter(str(person.outcome.standing) for person in people)
        return self._group(key, slots, served, standings)

    def _of_weeks(self, period: Period, parts: Sequence[tuple[tuple[str, ...], Tally]]) -> Group:
        slots = Counter(slot for some, _ in parts for slot in some)
        return self._group(str(period), slots, Tally.together(tally for _, tally in parts), {})

    def _group(self, key: str, slots: Mapping[str, int], tally: Tally, standings: Mapping[str, int]) -> Group:
        counts = {slot.id: slots.get(slot.id, 0) for slot in self.slots}
        return Group(key, counts, tally, self.mean_of(tally), standings)


def slot_id(result: Outcome) -> str:
    """Where a result stands in a distribution: its band, OPEN or EXCUSED."""
    return result.band or (EXCUSED if result.standing == "excused" else OPEN)


def slot_of_line(line: Line) -> str:
    """Where a weekly result stands; '' for a week in which the person was not evaluated at all."""
    if line.state == "absent":
        return ""
    return line.band if line.counts else EXCUSED if line.state in EXCUSED_STATES else OPEN


# --- words that every writer shares ----------------------------------------------------------------------------------


def slot_name(slot: Slot, say: Speaker) -> str:
    """The title of a band, or what those without one are called."""
    if slot.band is not None:
        return slot.band.name(say.lang)
    return say("Not rated") if slot.id == OPEN else say("Not evaluated")


def state_text(state: State | Literal["absent"], say: Speaker) -> str:
    """A week's state in words."""
    return say("Not in service, or not evaluated") if state == "absent" else say(STATE_NAMES[state])


def coverage(tally: Tally, say: Speaker) -> str:
    """'18 of 21 weeks'."""
    return _coverage(tally.rated, tally.due, say)


@lru_cache(1 << 12)
def _coverage(rated: int, due: int, say: Speaker) -> str:
    return say("{rated} of {due} weeks", rated=rated, due=due)


def remarks(person: PersonResult, view: RollupView, say: Speaker) -> list[str]:
    """What a reader must know about one result: why it is not the mean's band, what it lacks, which units share it."""
    result, texts = person.outcome, []
    titles = {cap.id: cap.name(say.lang) for cap in view.scheme.rollup.caps} if view.scheme.rollup else {}
    if result.lowered:
        of_mean = view.scheme.band(result.of_mean).name(say.lang)
        why = "; ".join(f"{titles.get(hit.rule, hit.rule)} ({say.value(hit.weeks)})" for hit in result.caps)
        texts.append(say("The mean alone: {band}. Lowered: {why}", band=of_mean, why=why))
    if result.standing == "unrated":
        texts.append(say("Too few decided weeks for a rating"))
    if result.undecided:
        texts.append(say("Without a decision: {weeks}", weeks=result.undecided))
    if result.excused:
        texts.append(say("Weeks not evaluated: {count}", count=result.excused))
    if len(person.shares) > 1:
        texts.append(say("Shares: {shares}", shares="; ".join(share_texts(person, view, say))))
    return texts


def share_texts(person: PersonResult, view: RollupView, say: Speaker) -> list[str]:
    """'Vụ Một: 2 of 2 weeks, mean 80' for each unit of a transferred person."""
    return [
        say("{unit}: {weeks}, mean {mean}", unit=view.unit_name(unit), weeks=coverage(share, say), mean=mean)
        if (mean := view.mean_of(share)) is not None
        else f"{view.unit_name(unit)}: {coverage(share, say)}"
        for unit, share in person.shares
    ]


def steps(view: RollupView, person: PersonResult, say: Speaker) -> list[str]:
    """How the result came about, as a reader can check it with a pocket calculator."""
    key = (say.lang, person.staff_id)
    if key not in view.steps:
        view.steps[key] = _steps(view, person, say)
    return view.steps[key]


def _steps(view: RollupView, person: PersonResult, say: Speaker) -> list[str]:
    result, scheme, rules = person.outcome, view.scheme, view.scheme.rollup
    tally, mean = result.tally, view.mean_of(result.tally)
    texts = []
    if mean is not None:
        counted = [line.total for line in result.lines if line.counts]
        total = say.number(tally.total)
        added = f"{' + '.join(map(say.number, counted))} = {total}" if 1 < len(counted) <= SPELT_OUT else total
        texts.append(say("Sum of the approved totals: {sum}", sum=added))
        exact = "=" if Decimal(tally.total) == mean * tally.rated else "≈"
        texts.append(say("Mean: {total} ÷ {weeks} {sign} {mean}", total=total, weeks=tally.rated, sign=exact, mean=mean))
    if result.of_mean and mean is not None:
        band = scheme.band(result.of_mean)
        range_ = range_text(scheme, next(slot for slot in view.slots if slot.id == band.id), say)
        texts.append(say("The level of the mean: {band} ({range})", band=band.name(say.lang), range=range_))
    for hit in result.caps:
        cap = next((cap for cap in (rules.caps if rules else ()) if cap.id == hit.rule), None)
        rule, at_most = cap.name(say.lang) if cap else hit.rule, scheme.band(hit.at_most).name(say.lang)
        texts.append(say("{rule} ({weeks}): at most {band}", rule=rule, weeks=hit.weeks, band=at_most))
    if len(person.shares) > 1:
        texts.append(say("Shares: {shares}", shares="; ".join(share_texts(person, view, say))))
    if result.standing == "unrated" and rules:
        least = {"weeks": rules.least_weeks.get(view.term.kind, 1), "percent": plain(rules.least_share * 100)}
        texts.append(say("A rating needs at least {weeks} decided weeks and {percent}% of the weeks due.", **least))
    return texts


def standing_texts(view: RollupView, say: Speaker) -> list[str]:
    """Whether the results are final, and if not, why not: one sentence each; [] for a closed term."""
    if view.closed_at:
        return []
    texts = []
    if view.rollup.running:
        texts.append(say("Provisional: the period still runs."))
    if view.rollup.open_weeks:
        weeks = view.rollup.open_weeks
        texts.append(say("Provisional: these weeks are not closed and can still change: {weeks}.", weeks=weeks))
    return texts


def basis_text(say: Speaker) -> str:
    """What the numbers count."""
    return " ".join(
        (
            say("Means of approved weekly totals, shown rounded half up; levels are decided on the exact mean."),
            say("Excused weeks are left out; weeks without a decision are no zeros, but lower the coverage."),
        )
    )


def weeks_text(view: RollupView, say: Speaker) -> str:
    """Which weeks count for the period."""
    weeks = view.rollup.weeks
    return say("Weeks counted: {count} ({weeks})", count=len(weeks), weeks=weeks)


def key_figures(view: RollupView, say: Speaker) -> list[KeyFigure]:
    """Six figures, in the order of a decision: is it complete, how is it, what needs a look."""
    whole = view.whole
    best, worst = view.scheme.bands[0], view.scheme.bands[-1]
    rated = whole.standings.get("rated", 0)
    lowered = sum(person.outcome.lowered for person in view.people)

    def share(part: int) -> str:
        return say("{percent}% of results", percent=percent(part, rated)) if rated else ""

    people = say("of {people} people, {excused} not evaluated", people=len(view.people), excused=whole.counts[EXCUSED])
    decided = say("{percent}% of the weeks due", percent=percent(whole.tally.rated, whole.tally.due))
    worst_tone = "bad" if whole.counts[worst.id] else ""
    return [
        KeyFigure(say("Rated"), f"{rated}/{whole.evaluated}", people, "", "people"),
        KeyFigure(say("Weekly results decided"), f"{whole.tally.rated}/{whole.tally.due}", decided, "", "trend"),
        KeyFigure(say("Mean total"), say.number(whole.mean) or "–", "", "", "trend"),
        KeyFigure(best.name(say.lang), str(whole.counts[best.id]), share(whole.counts[best.id]), "", "bands"),
        KeyFigure(worst.name(say.lang), str(whole.counts[worst.id]), share(whole.counts[worst.id]), worst_tone, "bands"),
        KeyFigure(say("Lowered by a rule"), str(lowered), say("the mean alone would be higher"), "", "people"),
    ]
