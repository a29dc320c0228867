"""What the report on how results were given says, before any cells or tags: its figures, and the words both writers share.

The words describe and never accuse: a difference is stated with the number of people behind it and with what chance can do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from batch import chance
from batch.core.finding import Phrase
from batch.core.number import most_places, plain
from batch.core.period import Period, Week
from batch.fairness import AtBoundary, Comparison, Fairness, Judge, Judgement, Result, mean_of, rounded, study
from batch.reports.view import KeyFigure, Slot, percent, slots_of
from batch.rollups import Rollup, shown
from batch.scheme import FairnessRules, Scheme

if TYPE_CHECKING:
    from batch.core.records import Case
    from batch.i18n import Speaker
    from batch.roster import Office


@dataclass(frozen=True)
class FairnessView:
    """All that the report needs. ``compare``: judges are set beside the office, as in every period longer than a week.

    ``units``: names by code; ``name_of``: of anybody, by staff code. ``left_out``: results of the period of which it is no
    longer known how they were given. Moments are ISO, or ''.
    """

    period: Period
    office: Office
    scheme: Scheme
    rules: FairnessRules
    judgements: tuple[Judgement, ...]
    results: tuple[Result, ...]
    compare: bool
    units: Mapping[str, str]
    name_of: Callable[[str], str]
    as_of: str = ""
    closed_at: str = ""
    provisional: bool = False
    left_out: int = 0
    templates: Path | None = None  # the office's own page templates

    @cached_property
    def found(self) -> Fairness:
        """What there is to describe."""
        return study(self.judgements, self.results, self.scheme, self.rules, self.compare)

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        """The bands, as every distribution here has them."""
        return tuple(slot for slot in slots_of(self.scheme) if slot.band)

    @cached_property
    def weeks(self) -> tuple[Week, ...]:
        """The weeks that results come from."""
        return tuple(sorted({one.week for one in self.judgements}))

    @cached_property
    def decimals(self) -> int:
        """How many decimals the totals need."""
        return most_places(t for one in self.judgements for t in (one.reviewed, one.approved))

    @property
    def tested(self) -> bool:
        """Whether differences were put to a test."""
        return any(one.p is not None for one in self.found.compared)

    @property
    def untested(self) -> bool:
        """Whether differences could have been put to a test, and were not."""
        return any(one.verdict == "untested" for one in self.found.compared)

    def unit_name(self, unit_id: str) -> str:
        """The unit's name, or its code."""
        return self.units.get(unit_id, unit_id)

    def label(self, staff_id: str) -> str:
        """'Nguyễn Văn An (0101)'."""
        return f"{self.name_of(staff_id)} ({staff_id})"


def results_of_week(cases: Sequence[Case]) -> tuple[Result, ...]:
    """The approved totals of a week."""
    return tuple(
        Result(case.staff_id, case.name, case.unit_id, Fraction(case.total), case.band)
        for case in cases
        if case.state == "approved" and case.total is not None
    )


def results_of_term(rollup: Rollup) -> tuple[Result, ...]:
    """The means of everybody who is rated; ``band`` is that of the mean alone, before any cap."""
    return tuple(
        Result(person.staff_id, person.name, person.unit_id, mean, person.outcome.of_mean)
        for person in rollup.people
        if person.outcome.standing == "rated" and (mean := person.outcome.tally.mean) is not None
    )


# --- words that both writers share -------------------------------------------------------------------------------------


def signed(value: Fraction | Decimal | None, say: Speaker, decimals: int = 2) -> str:
    """A difference to be read: '+1.25', '−0.50', '0.00'; None is '–'."""
    if value is None:
        return "–"
    exact = rounded(value, decimals)
    return f"{'+' if exact > 0 else '−' if exact < 0 else ''}{say.number(abs(exact))}"


def read(value: Fraction | Decimal | None, say: Speaker) -> str:
    """A mean or spread to be read; None is '–'."""
    return "–" if value is None else say.number(rounded(value))


def verdict(one: Comparison, view: FairnessView, say: Speaker) -> str:
    """What can be said about a difference, with the number of people behind it."""
    rules = view.rules
    if one.verdict == "few":
        return say(
            "Too few people to judge: {people}; at least {least} are needed.", people=one.people, least=rules.least_people
        )
    if one.verdict == "few-others":
        return say(
            "Too few others to compare with: {people}; at least {least} are needed.",
            people=one.others,
            least=rules.least_people,
        )
    facts = {"difference": signed(one.difference, say), "people": one.people}
    if one.verdict == "untested":
        return say("Differs from the rest of the office by {difference}; with {people} people, not tested.", **facts)
    if one.verdict == "chance":
        return say("Differs from the rest of the office by {difference}; with {people} people this can be chance.", **facts)
    return say(
        "Differs from the rest of the office by {difference}; with {people} people chance alone rarely brings this about.",
        **facts,
    )


def p_text(one: Comparison, say: Speaker) -> str:
    """'= 0.012' or '< 0.001', '' where nothing was tested."""
    if one.p is None:
        return ""
    least = Decimal("0.001")
    return f"< {say.number(least)}" if one.p < least else f"= {say.number(rounded(one.p, 3))}"


def interval(judge: Judge, say: Speaker) -> str:
    """'−2.10 to −0.40': the 95% interval of the mean gap; '' where there is none."""
    if judge.margin is None or judge.mean_gap is None:
        return ""
    low, high = (judge.mean_gap - Fraction(judge.margin), judge.mean_gap + Fraction(judge.margin))
    return say("{low} to {high}", low=signed(low, say), high=signed(high, say))


def boundary_value(one: AtBoundary, view: FairnessView) -> Decimal:
    """The result to be read: never rounded across the bound it stands at."""
    return plain(shown(one.result.value, view.scheme))


def boundary_distance(one: AtBoundary, view: FairnessView) -> Decimal:
    """Points above the bound, or (negative) below, of the result as it is read."""
    return boundary_value(one, view) - one.bound.min


def intro(say: Speaker) -> list[str]:
    """What the page is and isn't; before anything else."""
    return [
        say("This page describes how results were given. It draws no conclusion about anybody."),
        say(
            "A difference can have good reasons: people's work differs, and so do tasks and units. "
            "It is an occasion to talk with each other; results change only by the usual steps."
        ),
    ]


def standing_texts(view: FairnessView, say: Speaker) -> list[str]:
    """What limits what the page can say."""
    texts = []
    if view.provisional:
        texts.append(say("Provisional: results of this period can still change."))
    if view.left_out:
        texts.append(
            say("Results left out, as their weeks changed after the period was closed: {count}", count=view.left_out)
        )
    if not view.compare:
        texts.append(
            say(
                "One week is too little to compare reviewers and approvers; that stands in the reports of months and longer."
            )
        )
    if view.untested and not chance.available():
        texts.append(
            say(
                "Differences are shown but not tested: the program was installed without its statistics part. "
                "Install it with: pip install scipy. Then make this report again."
            )
        )
    return texts


def method(view: FairnessView, say: Speaker) -> list[str]:
    """How the figures were made."""
    texts = [
        say("Only approved results count."),
        say("Means and spreads are of people: everybody counts once, with the mean of their weeks."),
    ]
    if view.compare:
        texts.append(
            say(
                "The rest of the office are the people to whom the reviewer or approver gave no result. "
                "Spread is the standard deviation."
            )
        )
    if view.tested:
        texts.append(
            say(
                "Test: Mann–Whitney, two-sided, on one mean per person; p is corrected for all {count} comparisons "
                "(Benjamini–Hochberg). Of the differences called more than chance, {percent}% or less can be expected to "
                "be chance after all. Intervals: 95%, Student's t.",
                count=sum(one.p is not None for one in view.found.compared),
                percent=plain(view.rules.false_discoveries * 100),
            )
        )
    return texts


def key_figures(view: FairnessView, say: Speaker) -> list[KeyFigure]:
    """Six figures: how much there is, the mean at each step, what was changed, what stands at a bound."""
    found = view.found
    own = mean_of(gaps.own for gaps in found.people if gaps.own is not None)
    reviewed, approved = found.all_reviews.mean, found.all_approvals.mean
    people = say("of {people} people in {weeks} weeks", people=len(found.people), weeks=len(view.weeks))
    to_own, adjusted = found.all_reviews.mean_gap, found.all_approvals.mean_gap
    after_own = say("{difference} against the self-reports", difference=signed(to_own, say)) if to_own is not None else ""
    after_review = say("{difference} against the reviews", difference=signed(adjusted, say)) if adjusted is not None else ""
    share = say("{percent}% of results", percent=percent(len(found.adjustments), len(found.judgements)))
    within = say("{points} points or less from a level's lower bound", points=view.rules.boundary)
    return [
        KeyFigure(say("Approved results"), str(len(found.judgements)), people, "", "people"),
        KeyFigure(say("Mean of the self-reports"), read(own, say), "", "", "people"),
        KeyFigure(say("Mean of the reviews"), read(reviewed, say), after_own, "", "reviewers" if view.compare else "people"),
        KeyFigure(
            say("Mean of the approvals"), read(approved, say), after_review, "", "approvers" if view.compare else "people"
        ),
        KeyFigure(
            say("Adjusted on approval"), str(len(found.adjustments)), share if found.judgements else "", "", "adjustments"
        ),
        KeyFigure(say("At a level's boundary"), str(len(found.boundary)), within, "", "boundary"),
    ]


def boundary_text(one: AtBoundary, view: FairnessView, say: Speaker) -> str:
    """'0.32 below Excellent (from 90)'."""
    distance = boundary_distance(one, view)
    facts = {"band": one.bound.name(say.lang), "bound": one.bound.min}
    if distance < 0:
        return say("{points} below {band} (from {bound})", points=-distance, **facts)
    if distance == 0:
        return say("exactly at {band} (from {bound})", **facts)
    return say("{points} above the bound of {band} (from {bound})", points=distance, **facts)


def same_totals(weeks: Sequence[tuple[Week, Decimal, int]], say: Speaker) -> list[str]:
    """'Week 23/2025: 80 (5 people)' for each week in which all got the same."""
    return [say("{week}: {total} ({people} people)", week=week, total=total, people=people) for week, total, people in weeks]


STAGE_WORDS: Mapping[str, Phrase] = {"review": Phrase("Review"), "approval": Phrase("Approval")}
