"""Weeks → months, quarters, half-years and years: one result per person and unit, by the scheme's ``[rollup]`` rules.

The result is the exact mean of the approved totals, a fraction that no rounding has touched; bands, caps and quotas are
decided on it. Excused weeks are left out. A week without a decision is no zero: it lowers the coverage, and below the least
coverage nobody is rated.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import count
from typing import Any, Literal

from batch.collective import UnitReport
from batch.core.finding import Finding, Phrase, finding
from batch.core.number import plain
from batch.core.period import Term, Week
from batch.core.records import Case, State
from batch.scheme import Bounds, Cap, Quota, RollupRules, Scheme, place_of

Standing = Literal["rated", "unrated", "excused"]
EXCUSED_STATES = ("excused", "absent")  # weeks that are not due


@dataclass(frozen=True)
class Line:
    """One week of a roll-up. ``state``: the case's, or ``absent`` (not evaluated at all: not in service, no authority).

    Only an ``approved`` week counts; of another one ``total`` and ``band`` are what stands so far.
    """

    week: Week
    state: State | Literal["absent"]
    unit_id: str = ""
    total: Decimal | None = None
    band: str = ""
    flags: tuple[str, ...] = ()
    remarks: str = ""

    @property
    def counts(self) -> bool:
        """Whether the week's total is part of the mean."""
        return self.state == "approved"


@dataclass(frozen=True)
class Tally:
    """How a mean comes about: the exact sum of the weeks that count, their number, and the number of weeks due."""

    total: Decimal
    rated: int
    due: int

    @cached_property
    def mean(self) -> Fraction | None:
        """The exact mean, None of no weeks."""
        if not self.rated:
            return None
        above, below = self.total.as_integer_ratio()
        return Fraction(above, below * self.rated)

    @staticmethod
    def of(lines: Iterable[Line]) -> Tally:
        """The tally of some weeks."""
        lines = list(lines)
        totals = [line.total for line in lines if line.counts and line.total is not None]
        return Tally(plain(sum(totals, Decimal(0))), len(totals), sum(line.state not in EXCUSED_STATES for line in lines))

    @staticmethod
    def together(parts: Iterable[Tally]) -> Tally:
        """The tally of weeks of which each is in one of the parts."""
        parts = list(parts)
        total = plain(sum((part.total for part in parts), Decimal(0)))
        return Tally(total, sum(part.rated for part in parts), sum(part.due for part in parts))


@dataclass(frozen=True)
class CapHit:
    """A cap that holds: its rule, and the weeks that brought it about."""

    rule: str
    weeks: tuple[Week, ...]
    at_most: str


@dataclass(frozen=True)
class Outcome:
    """What the weeks come to. ``of_mean``: the band of the mean alone; ``band``: after the caps; both '' if not rated."""

    lines: tuple[Line, ...]
    tally: Tally
    standing: Standing
    of_mean: str = ""
    band: str = ""
    caps: tuple[CapHit, ...] = ()

    @property
    def undecided(self) -> tuple[Week, ...]:
        """Weeks that are due and have no approved result."""
        return tuple(line.week for line in self.lines if not line.counts and line.state not in EXCUSED_STATES)

    @property
    def excused(self) -> int:
        """Weeks in which the person was there but not evaluated."""
        return sum(line.state == "excused" for line in self.lines)

    def mean_shown(self, scheme: Scheme) -> Decimal | None:
        """The mean to be read (:func:`shown`)."""
        return None if self.tally.mean is None else shown(self.tally.mean, scheme)

    @property
    def lowered(self) -> bool:
        """Whether a cap took the band below that of the mean."""
        return self.band != self.of_mean


@dataclass(frozen=True)
class PersonResult:
    """A person over a term. Name, role, position, unit and judges are those of the last week they were evaluated in."""

    staff_id: str
    name: str
    role: str
    position: str
    unit_id: str
    reviewer_id: str
    approver_id: str
    outcome: Outcome

    @cached_property
    def shares(self) -> tuple[tuple[str, Tally], ...]:
        """What each unit contributes, in the order of service: the sums add up to the whole."""
        lines = self.outcome.lines
        units = dict.fromkeys([line.unit_id for line in lines if line.unit_id])
        if len(units) == 1 and all(line.unit_id or line.state == "absent" for line in lines):
            return tuple((unit, self.outcome.tally) for unit in units)
        return tuple((u, Tally.of([line for line in lines if line.unit_id == u])) for u in units)


@dataclass(frozen=True)
class UnitResult:
    """A unit over a term: what its own reports come to (None: it files none), and every week that members served in it."""

    unit_id: str
    members: Tally
    own: Outcome | None


@dataclass(frozen=True)
class Rollup:
    """Everybody and every unit over a term. ``weeks``: those that count for the term; ``open_weeks``: not closed yet."""

    term: Term
    weeks: tuple[Week, ...]
    people: tuple[PersonResult, ...]
    units: tuple[UnitResult, ...]
    open_weeks: tuple[Week, ...] = ()
    running: bool = False  # weeks of the term are still to come

    @property
    def provisional(self) -> bool:
        """Whether the results can still change by themselves."""
        return self.running or bool(self.open_weeks)

    @cached_property
    def by_id(self) -> Mapping[str, PersonResult]:
        """Results by staff code."""
        return {person.staff_id: person for person in self.people}


def roll_up(
    term: Term,
    weeks: Sequence[Week],
    cases: Mapping[Week, Mapping[str, Case]],
    reports: Mapping[Week, Sequence[UnitReport]],
    scheme: Scheme,
    rules: RollupRules,
    open_weeks: tuple[Week, ...] = (),
    running: bool = False,
    known: dict[Week, dict[str, Line]] | None = None,
) -> tuple[Rollup, list[Finding]]:
    """The term's results from its weeks' cases and unit reports; ``weeks`` in order, each with cases.

    ``open_weeks``: those not closed; ``running``: weeks of the term are still to come. ``known``: the lines of cases by week
    and person, which terms of the same scheme and cases share; what is missing is added.
    People and units come in the order in which the last week has them. Findings: :func:`notes`.
    """
    latest: dict[str, Case] = {}
    for week in weeks:
        latest = {**cases[week], **{who: case for who, case in latest.items() if who not in cases[week]}}
    known = {} if known is None else known
    for week in weeks:
        if week not in known:
            known[week] = {who: _line(week, case, scheme) for who, case in cases[week].items()}
    by_week = [(known[week], Line(week, "absent")) for week in weeks]
    people = []
    for staff_id, last in latest.items():
        lines = tuple(found.get(staff_id, absent) for found, absent in by_week)
        judges = (last.reviewer_id, last.approver_id)
        who = (staff_id, last.name, last.role, last.position, last.unit_id)
        people.append(PersonResult(*who, *judges, outcome(term, lines, scheme, rules)))
    own = _own(term, weeks, reports, scheme, rules)
    rollup = Rollup(term, tuple(weeks), tuple(people), units_of(people, own), open_weeks, running)
    return rollup, notes(rollup, scheme, rules)


def _line(week: Week, case: Case, scheme: Scheme) -> Line:
    flags = tuple(flag.id for flag in scheme.flags if case.flags.get(flag.id))
    return Line(week, case.state, case.unit_id, case.total, case.band, flags, case.remarks)


def units_of(people: Iterable[PersonResult], own: Mapping[str, Outcome]) -> tuple[UnitResult, ...]:
    """Every unit that anybody served in or that filed reports: each week counts in the unit in which it was served."""
    served: dict[str, list[Tally]] = {}
    for person in people:
        for unit, share in person.shares:
            served.setdefault(unit, []).append(share)
    units = dict.fromkeys([*served, *own])
    return tuple(UnitResult(unit, Tally.together(served.get(unit, ())), own.get(unit)) for unit in units)


def _own(
    term: Term, weeks: Sequence[Week], reports: Mapping[Week, Sequence[UnitReport]], scheme: Scheme, rules: RollupRules
) -> dict[str, Outcome]:
    """What the units' own reports come to, by the rules for people."""
    filed = {week: {report.unit_id: report for report in reports.get(week, ())} for week in weeks}
    found = {}
    for unit_id in dict.fromkeys(unit for week in weeks for unit in filed[week]):
        lines = tuple(_report_line(week, filed[week].get(unit_id), scheme) for week in weeks)
        found[unit_id] = outcome(term, lines, scheme, rules)
    return found


def _report_line(week: Week, report: UnitReport | None, scheme: Scheme) -> Line:
    """A unit's week, like a person's: a flag that a band sets is set by the unit's band too."""
    if report is None:
        return Line(week, "absent")
    flags = tuple(flag.id for flag in scheme.flags if flag.band and flag.band == report.band)
    return Line(week, report.state, report.unit_id, report.total, report.band, flags)


def outcome(term: Term, lines: tuple[Line, ...], scheme: Scheme, rules: RollupRules) -> Outcome:
    """Mean, coverage, caps and band of some weeks."""
    tally = Tally.of(lines)
    if not tally.due:
        return Outcome(lines, tally, "excused")
    mean = tally.mean
    if mean is None or not covered(term, tally, rules):
        return Outcome(lines, tally, "unrated")
    ranks = [band.id for band in scheme.bands]
    of_mean = scheme.band_of(mean).id
    caps = tuple(hit for cap in rules.caps if (hit := _cap(term, lines, cap)))
    band = max([of_mean, *(hit.at_most for hit in caps)], key=ranks.index)
    return Outcome(lines, tally, "rated", of_mean, band, caps)


def covered(term: Term, tally: Tally, rules: RollupRules) -> bool:
    """Whether enough weeks are decided: so many, and so large a share of those due."""
    return tally.rated >= rules.least_weeks.get(term.kind, 1) and tally.rated >= Fraction(rules.least_share) * tally.due


def _cap(term: Term, lines: Iterable[Line], cap: Cap) -> CapHit | None:
    weeks = tuple(line.week for line in lines if line.counts and cap.flag in line.flags)
    return CapHit(cap.id, weeks, cap.at_most) if len(weeks) >= cap.weeks.get(term.kind, len(weeks) + 1) else None


def shown(mean: Fraction, scheme: Scheme) -> Decimal:
    """A mean to be read: rounded half up to two decimals, to more where two would show it in another band than it is in."""
    return _shown(*mean.as_integer_ratio(), scheme.bounds)


@lru_cache(1 << 13)  # many people come to the same mean, and each stands in many places
def _shown(above: int, below: int, bounds: Bounds) -> Decimal:
    """:func:`shown` of ``above`` / ``below``."""
    place = place_of(above, below, bounds)
    digits = ((n, (above * 10**n * 2 + below) // (2 * below)) for n in count(2))
    return next(Decimal(number).scaleb(-n) for n, number in digits if place_of(number, 10**n, bounds) == place)


# --- what is to be said ------------------------------------------------------------------------------------------------


def notes(rollup: Rollup, scheme: Scheme, rules: RollupRules) -> list[Finding]:
    """What a reader of the results must know; nothing of it changes a result."""
    found = []
    if rollup.running:
        found.append(finding("rollup.running", None, period=rollup.term, weeks=rollup.weeks))
    if rollup.open_weeks:
        found.append(finding("rollup.open-weeks", None, period=rollup.term, weeks=rollup.open_weeks))
    least = rules.least_weeks.get(rollup.term.kind, 1)
    if too_short := len(rollup.weeks) < least:  # said once: nobody could do anything about it
        found.append(finding("rollup.too-short", None, period=rollup.term, count=len(rollup.weeks), least=least))
    for person in rollup.people:
        about = _about(rollup.term, person, scheme, rules)
        found += [one for one in about if not (too_short and one.code == "rollup.unrated")]
    for quota in rules.quotas:
        found += _quota(rollup, quota, scheme)
    return found


def _about(term: Term, person: PersonResult, scheme: Scheme, rules: RollupRules) -> Iterable[Finding]:
    result, who = person.outcome, {"name": person.name}
    coverage = {"rated": result.tally.rated, "due": result.tally.due}
    if result.undecided:
        yield finding("rollup.undecided", None, person.staff_id, **who, **coverage, weeks=result.undecided)
    if result.standing == "unrated":
        least = {"least": rules.least_weeks.get(term.kind, 1), "percent": plain(rules.least_share * 100)}
        yield finding("rollup.unrated", None, person.staff_id, **who, **coverage, **least)
    titles = {cap.id: cap.titles for cap in rules.caps}
    mean = result.tally.mean
    for hit in result.caps:
        if result.lowered and mean is not None and hit.at_most == result.band:
            levels = {"of_mean": scheme.band(result.of_mean).titles, "band": scheme.band(hit.at_most).titles}
            more = {"mean": shown(mean, scheme), "rule": titles[hit.rule], "weeks": hit.weeks}
            yield finding("rollup.capped", None, person.staff_id, **who, **levels, **more)


def _quota(rollup: Rollup, quota: Quota, scheme: Scheme) -> Iterable[Finding]:
    """Exact: so many are allowed as the share of the base comes to; of a base of none, none are."""
    if rollup.term.kind not in quota.periods:
        return
    groups: dict[str, list[str]] = {}
    for person in rollup.people:
        groups.setdefault(person.unit_id if quota.within == "unit" else "", []).append(person.outcome.band)
    for unit_id, bands in groups.items():
        high, base = bands.count(quota.band), sum(bands.count(band) for band in quota.of)
        if high > quota.share * base:
            of = tuple(scheme.band(band).titles for band in quota.of)
            allowed: dict[str, Any] = {"percent": plain(quota.share * 100), "base": base, "of": of, "rule": quota.titles}
            where = unit_id or Phrase("Whole office")
            yield finding("rollup.quota", None, where=where, count=high, band=scheme.band(quota.band).titles, **allowed)


def changes(frozen: Rollup, present: Rollup, scheme: Scheme) -> list[Finding]:
    """Whose results the weeks would now give otherwise than they were closed."""
    found = []
    for staff_id in dict.fromkeys([*frozen.by_id, *present.by_id]):
        before, after = (one.by_id.get(staff_id) for one in (frozen, present))
        if _decided(before) != _decided(after):
            name = (before or after or frozen.people[0]).name
            sides = {"before": _short(before, scheme), "after": _short(after, scheme)}
            found.append(finding("rollup.changed-since", None, staff_id, name=name, period=frozen.term, **sides))
    return found


def _decided(person: PersonResult | None) -> tuple[object, ...]:
    """All that the result rests on, without the words."""
    if person is None:
        return ()
    lines = tuple((line.week, line.state, line.unit_id, line.total) for line in person.outcome.lines)
    return person.outcome.standing, person.outcome.band, lines


def _short(person: PersonResult | None, scheme: Scheme) -> Decimal | str:
    mean = person.outcome.mean_shown(scheme) if person else None
    return "–" if mean is None else mean
