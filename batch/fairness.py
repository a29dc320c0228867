"""How results were given: gaps between self-report, review and approval, and each judge beside the rest of the office.

Described, never accused: a difference may have good reasons, and small numbers say so. Nothing here decides a result. Only
approved results count, as everywhere. The settings stand in the scheme under ``[fairness]``.

The weeks of one person are not independent of each other: whoever works well in one week mostly does in the next. So a
person is *one* observation, the mean of what a judge gave them, however many weeks that rests on; and the rest of the office
are the people to whom the judge gave nothing, so that nobody stands on both sides of a comparison. See docs/fairness.md.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import Literal, TypeVar

from batch import chance
from batch.core.number import plain, sum_of
from batch.core.period import Week
from batch.core.records import Case, Statement
from batch.scheme import Band, FairnessRules, Scheme

Verdict = Literal["few", "few-others", "untested", "chance", "apart"]
Stage = Literal["review", "approval"]
K = TypeVar("K", str, Week)
_STAFF: Callable[[Judgement], str] = attrgetter("staff_id")
_WEEK: Callable[[Judgement], Week] = attrgetter("week")


@dataclass(frozen=True)
class Judgement:
    """One approved result and how it came about: the totals of the self-report (None: none stands), review and approval.

    ``reviewer_id`` and ``approver_id`` are who did decide. ``reason``: the approver's, where the scores were adjusted.
    """

    week: Week
    staff_id: str
    name: str
    unit_id: str
    reviewer_id: str
    approver_id: str
    own: Decimal | None
    reviewed: Decimal
    approved: Decimal
    adjusted: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Result:
    """A result of the period as it stands at the end: a week's total, or the mean of a longer term."""

    staff_id: str
    name: str
    unit_id: str
    value: Fraction
    band: str


@dataclass(frozen=True)
class Gaps:
    """A person over the period: exact means of each stage, and of the differences in the weeks that have both.

    ``own`` and ``to_own`` are None where no self-report stands.
    """

    staff_id: str
    name: str
    unit_id: str
    results: int
    own: Fraction | None
    reviewed: Fraction
    approved: Fraction
    to_own: Fraction | None
    adjustment: Fraction


@dataclass(frozen=True)
class Comparison:
    """The people of one judge beside the rest of the office: how many there are, and the difference of their means.

    ``p``: adjusted for the number of comparisons of the report; None where nothing was tested.
    """

    people: int
    others: int
    difference: Fraction | None
    verdict: Verdict
    p: Decimal | None = None


@dataclass(frozen=True)
class Judge:
    """What one reviewer or approver gave (or, with ``staff_id`` empty, all of them together).

    ``means``: by person, of the totals given. ``gaps``: by person, of a review's distance from the self-report, of an
    approval's from the review. ``margin``: half the 95 % interval of the mean gap, None of few people. ``level`` and ``gap``
    are None for all together and where no comparison is asked for; an approval's distance from the review is not compared.
    """

    staff_id: str
    results: int
    bands: Mapping[str, int]
    means: Mapping[str, Fraction]
    gaps: Mapping[str, Fraction]
    adjusted: int
    margin: Decimal | None = None
    level: Comparison | None = None
    gap: Comparison | None = None

    @cached_property
    def mean(self) -> Fraction | None:
        """Of the people's means: everybody once."""
        return mean_of(self.means.values())

    @cached_property
    def spread(self) -> Decimal | None:
        """The standard deviation of the people's means; None of one person."""
        return chance.deviation(tuple(self.means.values()))

    @property
    def interval(self) -> tuple[Fraction, Fraction] | None:
        """The 95 % interval of the mean gap; None where it was not asked for or the people are too few to judge."""
        mean = self.mean_gap
        return None if mean is None or self.margin is None else (mean - Fraction(self.margin), mean + Fraction(self.margin))

    @cached_property
    def mean_gap(self) -> Fraction | None:
        """Of the people's gaps: everybody once; None where there are none."""
        return mean_of(self.gaps.values())


@dataclass(frozen=True)
class SameForAll:
    """A judge who gave all of their people the same total: each such week with the total and the number of people.

    ``judged``: in how many weeks they had enough people for that to be listed.
    """

    staff_id: str
    stage: Stage
    weeks: tuple[tuple[Week, Decimal, int], ...]
    judged: int


@dataclass(frozen=True)
class AtBoundary:
    """A result near the lower bound of a band; ``distance``: points above it, or (negative) below."""

    result: Result
    bound: Band
    distance: Fraction


@dataclass(frozen=True)
class Fairness:
    """All that the report of a period describes. ``all_reviews``, ``all_approvals``: the whole office."""

    judgements: tuple[Judgement, ...]
    people: tuple[Gaps, ...]
    all_reviews: Judge
    all_approvals: Judge
    reviewers: tuple[Judge, ...]
    approvers: tuple[Judge, ...]
    same: tuple[SameForAll, ...]
    boundary: tuple[AtBoundary, ...]

    @cached_property
    def adjustments(self) -> tuple[Judgement, ...]:
        """Results whose scores the approver changed."""
        return tuple(one for one in self.judgements if one.adjusted)

    @property
    def compared(self) -> tuple[Comparison, ...]:
        """Every comparison with the rest of the office."""
        judges = (*self.reviewers, *self.approvers)
        return tuple(one for judge in judges for one in (judge.level, judge.gap) if one)


def judgements(cases: Iterable[Case]) -> tuple[Judgement, ...]:
    """The approved results among the cases, by week and in their order; those whose review is not at hand are left out."""
    return tuple(
        Judgement(
            week=case.period,
            staff_id=case.staff_id,
            name=case.name,
            unit_id=case.unit_id,
            reviewer_id=case.review.author,
            approver_id=case.decided_by,
            own=case.self_total,
            reviewed=_total(case.review),
            approved=case.total,
            adjusted=(adjusted := case.approval is not None and case.approval.decision == "adjust"),
            reason=case.approval.texts.get("reason", "") if adjusted and case.approval else "",
        )
        for case in cases
        if case.state == "approved" and case.review is not None and case.total is not None
    )


def study(
    given: Sequence[Judgement], results: Iterable[Result], scheme: Scheme, rules: FairnessRules, compare: bool
) -> Fairness:
    """Describe a period. ``compare``: set each judge beside the rest of the office; a single week is too little for that."""
    reviews, approvals = _Stages(given, "review", scheme), _Stages(given, "approval", scheme)
    reviewers, approvers = reviews.judges(), approvals.judges()
    if compare:
        reviewers, approvers = _compared(reviewers, approvers, reviews, approvals, rules)
    return Fairness(
        judgements=tuple(given),
        people=tuple(_gaps(lines) for lines in _by(given, _STAFF).values()),
        all_reviews=reviews.together,
        all_approvals=approvals.together,
        reviewers=tuple(reviewers),
        approvers=tuple(approvers),
        same=(*reviews.same(rules.least_same), *approvals.same(rules.least_same)),
        boundary=tuple(near for result in results if (near := _near(result, scheme, rules.boundary))),
    )


def mean_of(values: Iterable[Fraction]) -> Fraction | None:
    """The exact mean; None of nothing."""
    values = tuple(values)
    return sum_of(values) / len(values) if values else None


def rounded(value: Fraction | Decimal, places: int = 2) -> Decimal:
    """A value to be read: rounded half away from zero."""
    above, below = value.as_integer_ratio()
    digits = (abs(above) * 10**places * 2 + below) // (2 * below)
    return Decimal(-digits if above < 0 else digits).scaleb(-places)


# --- stages and their judges ---------------------------------------------------------------------------------------------


class _Stages:
    """The judgements seen from one stage: who gave which total, and what lay before them."""

    def __init__(self, given: Sequence[Judgement], stage: Stage, scheme: Scheme) -> None:
        self.stage: Stage = stage
        self._given = given
        self._scheme = scheme
        read = ("reviewer_id", "reviewed", "own") if stage == "review" else ("approver_id", "approved", "reviewed")
        judge: Callable[[Judgement], str] = attrgetter(read[0])
        self._given_total: Callable[[Judgement], Decimal] = attrgetter(read[1])
        self._before: Callable[[Judgement], Decimal | None] = attrgetter(read[2])
        self._by_judge = _by((one for one in given if judge(one)), judge)

    @cached_property
    def together(self) -> Judge:
        """All judges as one."""
        return self._of("", self._given)

    def judges(self) -> list[Judge]:
        """Each judge, by staff code."""
        return [self._of(who, self._by_judge[who]) for who in sorted(self._by_judge)]

    def _of(self, staff_id: str, given: Sequence[Judgement]) -> Judge:
        people = _by(given, _STAFF)
        means = {who: _mean(map(self._given_total, lines)) for who, lines in people.items()}
        counts: Counter[str] = Counter()
        for total, times in Counter(map(self._given_total, given)).items():
            counts[self._scheme.band_of(total).id] += times
        return Judge(
            staff_id,
            len(given),
            {band.id: counts[band.id] for band in self._scheme.bands},
            {who: mean for who, mean in means.items() if mean is not None},
            {who: gap for who, lines in people.items() if (gap := _mean(self._steps(lines))) is not None},
            sum(one.adjusted for one in given) if self.stage == "approval" else 0,
        )

    def _steps(self, lines: Iterable[Judgement]) -> Iterable[Decimal]:
        return (self._given_total(one) - before for one in lines if (before := self._before(one)) is not None)

    def same(self, least: int) -> Iterable[SameForAll]:
        """Who gave the same total to all of at least so many people in a week; most weeks first."""
        found = []
        for who, given in sorted(self._by_judge.items()):
            weeks = [(week, lines) for week, lines in sorted(_by(given, _WEEK).items()) if len(lines) >= least]
            totals = [(week, {self._given_total(one) for one in lines}, len(lines)) for week, lines in weeks]
            alike = tuple((week, plain(min(values)), people) for week, values, people in totals if len(values) == 1)
            if alike:
                found.append(SameForAll(who, self.stage, alike, len(weeks)))
        return sorted(found, key=lambda one: -len(one.weeks))


def _compared(
    reviewers: Sequence[Judge], approvers: Sequence[Judge], reviews: _Stages, approvals: _Stages, rules: FairnessRules
) -> tuple[list[Judge], list[Judge]]:
    """Every judge with their comparisons; p is adjusted for all the tests of the report together."""
    can_test = chance.available()
    all_reviews, all_approvals = reviews.together, approvals.together
    sides = [
        *_sides(reviewers, lambda judge: judge.means, all_reviews.means),
        *_sides(reviewers, lambda judge: judge.gaps, all_reviews.gaps),
        *_sides(approvers, lambda judge: judge.means, all_approvals.means),
    ]
    made = [_compare(some, len(others), there, rules.least_people, can_test) for some, others, there in sides]
    tested = [at for at, one in enumerate(made) if one.verdict == "chance"]
    chances = chance.rank_tests([(list(map(float, sides[at][0])), sides[at][1]) for at in tested])
    for at, p in zip(tested, chance.corrected(chances), strict=True):
        made[at] = replace(made[at], p=p, verdict="apart" if p <= rules.false_discoveries else "chance")
    number = len(reviewers)
    with_levels = [
        replace(
            judge,
            level=made[n],
            gap=made[number + n],
            margin=chance.margin(tuple(judge.gaps.values())) if can_test and len(judge.gaps) >= rules.least_people else None,
        )
        for n, judge in enumerate(reviewers)
    ]
    return with_levels, [replace(judge, level=made[2 * number + n]) for n, judge in enumerate(approvers)]


def _sides(
    judges: Iterable[Judge], of: Callable[[Judge], Mapping[str, Fraction]], everybody: Mapping[str, Fraction]
) -> Iterable[tuple[list[Fraction], list[float], Fraction | None]]:
    """Of each judge: the values of their people; those of the people to whom they gave nothing, as the test takes them; and
    the mean of these.
    """
    whole, floats = sum_of(everybody.values()), {who: float(value) for who, value in everybody.items()}
    for judge in judges:
        others = [value for who, value in floats.items() if who not in judge.means]
        rest = whole - sum_of([everybody[who] for who in judge.means if who in everybody])
        yield list(of(judge).values()), others, rest / len(others) if others else None


def _compare(some: Sequence[Fraction], others: int, there: Fraction | None, least: int, can_test: bool) -> Comparison:
    """Sizes and difference; ``there``: the mean of the others. ``chance`` stands for all that are to be tested."""
    here = mean_of(some)
    difference = here - there if here is not None and there is not None else None
    verdict: Verdict = "chance" if can_test else "untested"
    if others < least:
        verdict = "few-others"
    if len(some) < least:
        verdict = "few"
    return Comparison(len(some), others, difference, verdict)


# --- people ----------------------------------------------------------------------------------------------------------------


def _gaps(lines: Sequence[Judgement]) -> Gaps:
    last = lines[-1]
    reviewed, approved = _mean(one.reviewed for one in lines), _mean(one.approved for one in lines)
    assert reviewed is not None and approved is not None  # noqa: S101 (lines are never empty)
    return Gaps(
        last.staff_id,
        last.name,
        last.unit_id,
        len(lines),
        _mean(one.own for one in lines if one.own is not None),
        reviewed,
        approved,
        _mean(one.reviewed - one.own for one in lines if one.own is not None),
        approved - reviewed,
    )


def _near(result: Result, scheme: Scheme, within: Decimal) -> AtBoundary | None:
    """The nearest lower bound, if it is near enough; the lowest band's is none, as nobody can be below it."""
    bounds = [(result.value - Fraction(band.min), band) for band in scheme.bands if band.min > 0]
    if not bounds:
        return None
    distance, band = min(bounds, key=lambda one: abs(one[0]))
    return AtBoundary(result, band, distance) if abs(distance) <= Fraction(within) else None


def _total(statement: Statement) -> Decimal:
    return plain(sum(statement.scores.values(), Decimal(0)))


def _mean(values: Iterable[Decimal]) -> Fraction | None:
    values = tuple(values)
    return _shared(sum(values, Decimal(0)), len(values)) if values else None


@lru_cache(maxsize=1 << 12)  # the totals of a week are few
def _shared(total: Decimal, among: int) -> Fraction:
    above, below = total.as_integer_ratio()
    return Fraction(above, below * among)


def _by(items: Iterable[Judgement], key: Callable[[Judgement], K]) -> dict[K, list[Judgement]]:
    groups: defaultdict[K, list[Judgement]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return dict(groups)
