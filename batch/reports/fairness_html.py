"""The page on how results were given: for the Office and the leaders, never for anybody's own folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from batch.core.collation import name_ranks
from batch.fairness import Comparison, Judge, mean_of, rounded
from batch.pages import render_parts
from batch.reports import html
from batch.reports.fairness_view import (
    STAGE_WORDS,
    FairnessView,
    boundary_distance,
    boundary_text,
    boundary_value,
    interval,
    intro,
    key_figures,
    method,
    p_text,
    read,
    same_totals,
    signed,
    standing_texts,
    verdict,
)
from batch.reports.view import as_of_text, padded, range_text, rules_text, slot_name

if TYPE_CHECKING:
    from batch.i18n import Speaker

_WIDTH, _HEIGHT, _DOT = 200, 30, 6  # of a strip, in its own units
_FIRST_ROWS = 100  # of a long list; the others wait for a button


@dataclass(frozen=True)
class Strip:
    """A dot per person on a common scale: the path of the dots, and where the mean stands."""

    dots: str
    mean: str


@dataclass(frozen=True)
class Side:
    """A table of judges: what it is about, everybody together, and each of them."""

    id: str
    title: str
    who: str
    after: str
    together: Judge
    judges: tuple[Judge, ...]


def page(view: FairnessView, say: Speaker) -> str:
    """The report as one HTML page."""
    return "".join(page_parts(view, say))


def page_parts(view: FairnessView, say: Speaker) -> Iterator[str]:
    """The same in parts, as they are made."""
    found, scheme = view.found, view.scheme
    slots = {slot.id: slot for slot in view.slots}
    names = {one.name for one in view.judgements} | {one.name for one in view.results}  # of every week: names change
    names |= {view.name_of(judge.staff_id) for judge in (*found.reviewers, *found.approvers)}
    floor, cap = _floor(view), Fraction(scheme.cap)
    shared = html.frame(view.office, scheme, view.period, rules_text(scheme, say), say)
    return render_parts(
        view.templates,
        "fairness.html.j2",
        shared,
        view=view,
        found=found,
        sides=_sides(view, say) if view.compare else (),
        slots=view.slots,
        slot_of=slots,
        slot_name=lambda slot: slot_name(slot, say),
        range_text=lambda slot: range_text(scheme, slot, say),
        band_of=lambda total: slots[scheme.band_of(total).id],
        figures=key_figures(view, say),
        as_of=as_of_text(view, say),
        intro=intro(say),
        standing=standing_texts(view, say),
        method=method(view, say),
        strip=lambda judge: _strip(judge.means.values(), floor, cap),
        bounds=[_x(Fraction(band.min), floor, cap) for band in scheme.bands if band.min > floor],
        scale=(say.number(floor), say.number(scheme.cap)),
        spoken=lambda judge: _spoken(judge, say),
        signed=lambda value: signed(value, say),
        read=lambda value: read(value, say),
        rounded=rounded,
        verdict=lambda one: verdict(one, view, say),
        p_text=lambda one: p_text(one, say),
        interval=lambda judge: interval(judge, say),
        total=lambda value: say.number(padded(value, view.decimals)),
        same_totals=lambda one: same_totals(one.weeks, say),
        stage_words={stage: say(word) for stage, word in STAGE_WORDS.items()},
        boundary_value=lambda one: boundary_value(one, view),
        boundary_distance=lambda one: boundary_distance(one, view),
        boundary_text=lambda one: boundary_text(one, view, say),
        name_rank=name_ranks(names, view.office.language),
        by_unit=html.Filter("unit", say("Unit"), {gaps.unit_id: view.unit_name(gaps.unit_id) for gaps in found.people}),
        first=_FIRST_ROWS,
        apart=_apart,
    )


def _sides(view: FairnessView, say: Speaker) -> tuple[Side, ...]:
    found = view.found
    return (
        Side(
            "reviewers",
            say("Reviewers beside the office"),
            say("Reviewer"),
            say("Reviews beside the self-reports"),
            found.all_reviews,
            found.reviewers,
        ),
        Side(
            "approvers",
            say("Approvers beside the office"),
            say("Approver"),
            say("Approvals beside the reviews"),
            found.all_approvals,
            found.approvers,
        ),
    )


def _apart(one: Comparison | None) -> bool:
    return one is not None and one.verdict == "apart"


def _spoken(judge: Judge, say: Speaker) -> str:
    """A strip in words."""
    values = list(judge.means.values())
    if not values:
        return ""
    facts: Mapping[str, str] = {
        "low": read(min(values), say),
        "high": read(max(values), say),
        "mean": read(mean_of(values), say),
    }
    return say("{people} people from {low} to {high}, mean {mean}", people=len(values), **facts)


def _floor(view: FairnessView) -> int:
    """Where the common scale begins: the lowest mean of the page, down to tens."""
    values = [value for judge in (*view.found.reviewers, *view.found.approvers) for value in judge.means.values()]
    return min((int(value) // 10 * 10 for value in values), default=0)


def _x(value: Fraction, floor: int, cap: Fraction) -> str:
    return f"{_place(value, floor, cap):.1f}"


def _place(value: Fraction, floor: int, cap: Fraction) -> float:
    room, (above, below), (span, of) = _WIDTH - 2 * _DOT, value.as_integer_ratio(), (cap - floor).as_integer_ratio()
    return (_DOT * below * span + room * (above - floor * below) * of) / (below * span) if span > 0 else _WIDTH / 2


def _strip(means: Iterable[Fraction], floor: int, cap: Fraction) -> Strip:
    """Dots side by side where values differ and stacked where they don't, closer together where they are many."""
    values = list(means)
    stacks: dict[int, int] = {}
    for value in values:
        at = round(_place(value, floor, cap) / _DOT)
        stacks[at] = stacks.get(at, 0) + 1
    highest = max(stacks.values(), default=1)
    step = min(float(_DOT), (_HEIGHT - 2 * _DOT) / max(1, highest - 1))
    dots = "".join(
        f"M{at * _DOT} {_HEIGHT - _DOT - n * step:.1f}h.01" for at, number in sorted(stacks.items()) for n in range(number)
    )
    mean = mean_of(values)
    return Strip(dots, "" if mean is None else _x(mean, floor, cap))
