"""The pages of a month or longer: the summary, a person's result, a supervisor's and an approver's people, the index.

The page for some people is the summary of a view that holds nobody else (:class:`batch.scope.TermScope`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

from batch.core.period import Week
from batch.pages import Kept, Once, render
from batch.reports import html, rollup_xlsx
from batch.reports.personal import Page
from batch.reports.rollup_view import (
    SPELT_OUT,
    RollupView,
    basis_text,
    coverage,
    key_figures,
    remarks,
    share_texts,
    slot_id,
    slot_name,
    slot_of_line,
    standing_texts,
    state_text,
    steps,
    weeks_text,
)
from batch.reports.view import EXCUSED, Slot, as_of_text, padded, range_text, rules_text
from batch.rollups import Line, Outcome, PersonResult, Rollup
from batch.scope import TermScope
from batch.titles import PAGE_TITLES

if TYPE_CHECKING:
    from batch.core.finding import Finding
    from batch.i18n import Speaker
    from batch.roster import Roster

_TOTALS = 1 << 13  # a term has many weekly totals, and few that differ
_TONES = ("best", "good", "fair", "bad", "open")


class Bar(NamedTuple):
    """One week of a person's chart: its place and height in percent of the chart, and its tone ('' without a result)."""

    left: str
    width: str
    height: str
    tone: str
    title: str
    label: str


class Part(NamedTuple):
    """A week, or a month of a half-year or year, in a person's panel: its mean as text ('–' without one), a week's tone."""

    name: str
    figure: str
    tone: str


def summary(view: RollupView, say: Speaker, title: str = "") -> str:
    """The report as one HTML page; of everybody, or of the people of a restricted view under its own title."""
    return _overview(view, _shared(view, say), say, title or say("Roll-up of the weekly evaluation"))


def _overview(view: RollupView, shared: Mapping[str, Any], say: Speaker, title: str) -> str:
    """:func:`summary`; ``shared``: :func:`_shared`."""
    return render(
        view.templates,
        "rollup.html.j2",
        shared,
        once=Once(view.fragments.setdefault(say.lang, {})),
        view=view,
        title=title,
        slots=[slot for slot in view.slots if slot.id != EXCUSED],
        slot_id=slot_id,
        figures=key_figures(view, say),
        as_of=as_of_text(view, say),
        findings_title=say("To look at"),
        coverage=lambda tally: coverage(tally, say),
        remarks=lambda person: remarks(person, view, say),
        shares=lambda person: share_texts(person, view, say),
        curve=lambda person: _curve(person.outcome, view.floor, shared["cap"]),
        unit_at={unit: n for n, unit in enumerate(view.members, 1)},
        members=view.members,
        steps=lambda person: steps(view, person, say),
        parts_of=lambda person: _parts(person, view, shared, say),
        said=lambda person: _said(person, view, shared, say),
        worded=lambda person: any(line.remarks for line in person.outcome.lines),
        name_rank=html.names_shown(view.people, view.findings, view.name_of, view.office.language),
        filters=_filters(view, say),
        own={unit.unit_id: unit.own for unit in view.rollup.units if unit.own},
        **html.findings_shown(view.findings, view.name_of, say),
    )


def pages(view: RollupView, scopes: Iterable[TermScope], say: Speaker) -> list[Page]:
    """Every page by addressee: their own result; the people they review; those they approve, as page and workbook."""
    shared = _shared(view, say)
    of_one = shared | _common(view, say) | {"script": ""}
    made: list[Page] = []

    def add(scope: TermScope, kind: str, suffix: str, make: Callable[[], bytes]) -> None:
        made.append(Page(scope.staff_id, f"{kind}-{view.term}.{suffix}", make))

    def own(person: PersonResult, notes: tuple[Finding, ...]) -> bytes:
        return render(view.templates, "result.html.j2", of_one, **_result(view, person, notes, of_one, say)).encode()

    def table(shown: RollupView, title: str) -> bytes:
        return _overview(shown, shared, say, title).encode()

    def part(scope: TermScope, rollup: Rollup, findings: tuple[Finding, ...]) -> RollupView:
        return replace(view, rollup=rollup, findings=findings, reader=f"{scope.name} ({scope.staff_id})")

    for scope in scopes:
        if scope.own:
            add(scope, "result", "html", partial(own, scope.own, scope.own_notes))
        if scope.team:
            shown = part(scope, scope.team, scope.team_notes)
            add(scope, "team", "html", partial(table, shown, say(PAGE_TITLES["team"])))
        if scope.unit:
            shown = part(scope, scope.unit, scope.unit_notes)
            title = say(PAGE_TITLES["unit"])
            add(scope, "unit", "html", partial(table, shown, title))
            add(scope, "unit", "xlsx", partial(rollup_xlsx.summary, shown, say, title))
    return made


def index(view: RollupView, roster: Roster, recipients: html.Recipients, files: Collection[str], say: Speaker) -> str:
    """The secretary's page: what lies in the outbox and who gets which of it."""
    steps = [html.to_each(say), say("Hand the summary to the leaders.")]
    last = view.rollup.weeks[-1]
    return "".join(html.outbox_page(view.templates, _frame(view, say), roster, last, recipients, files, steps, say))


def _filters(view: RollupView, say: Speaker) -> list[html.Filter]:
    """What the list of people can be narrowed by: unit and level, each with what occurs."""
    found = {slot_id(person.outcome) for person in view.people}
    return [
        html.Filter("unit", say("Unit"), {p.unit_id: view.unit_name(p.unit_id) for p in view.people}),
        html.Filter("band", say("Level"), {slot.id: slot_name(slot, say) for slot in view.slots if slot.id in found}),
    ]


def _frame(view: RollupView, say: Speaker) -> dict[str, Any]:
    rules = rules_text(view.scheme, say, view.scheme.rollup_hash)
    return html.frame(view.office, view.scheme, view.term, rules, say)


def _shared(view: RollupView, say: Speaker) -> dict[str, Any]:
    """What every page of a term about results knows, whoever reads it: put in words once."""
    scheme, names = view.scheme, {slot.id: slot_name(slot, say) for slot in view.slots}
    ranges = {slot.id: range_text(scheme, slot, say) for slot in view.slots}
    return _frame(view, say) | {
        "slot_of": {slot.id: slot for slot in view.slots},
        "slot_name": lambda slot: names[slot.id],
        "range_text": lambda slot: ranges[slot.id],
        "standing": standing_texts(view, say),
        "basis": basis_text(say),
        "weeks_text": weeks_text(view, say),
        "cap": scheme.cap,
        "part_name": say.period_name,
        "state": Kept(lambda state: state_text(state, say)),
        "flags": {flag.id: flag.name(say.lang) for flag in scheme.flags if not flag.band},
    }


def _parts(person: PersonResult, view: RollupView, shared: Mapping[str, Any], say: Speaker) -> list[Part]:
    """A person's weeks, or the months of a half-year or year."""
    parts, places = [], view.places_of(person)
    for period, tally, lines in view.parts_of(person):
        weekly = isinstance(period, Week)
        mean = padded(lines[0].total, places) if weekly and lines[0].counts else view.mean_of(tally)
        slot = shared["slot_of"].get(slot_of_line(lines[0])) if weekly else None
        parts.append(Part(shared["part_name"](period), say.number(mean) or "–", slot.tone if slot else ""))
    return parts


def _said(person: PersonResult, view: RollupView, shared: Mapping[str, Any], say: Speaker) -> list[str]:
    """What there is to say of a person's weeks: those that don't count, what was established, what deciders wrote."""
    found: dict[str, list[Week]] = {}
    for line in person.outcome.lines:
        words = _words(line, shared["flags"])
        if not line.counts:
            words = "; ".join(filter(None, (shared["state"](line.state), words)))
        if words:
            found.setdefault(words, []).append(line.week)
    return [f"{say.value(tuple(weeks))}: {words}" for words, weeks in found.items()]


# --- a person's result -----------------------------------------------------------------------------------------------------


def _common(view: RollupView, say: Speaker) -> dict[str, Any]:
    """What all people's results say alike, beside what every page does."""
    scheme = view.scheme
    return {
        "view": view,
        "once": Once(),
        "tones": _TONES,
        "closed": say("Closed on {moment}", moment=say.moment(view.closed_at)) if view.closed_at else "",
        "bounds": [(_share(band.min, scheme.cap), say.number(band.min)) for band in scheme.bands if band.min],
        "slot_of_line": slot_of_line,
        "unit_name": view.unit_name,
        "total": Kept(lambda value: say.number(padded(value, view.decimals))),
        "number": Kept(say.number),
        "weeks": [say.week_name(week) for week in view.rollup.weeks],
        "bar_tones": {slot.id: slot.tone for slot in view.slots if slot.band},
    }


def _result(
    view: RollupView,
    person: PersonResult,
    notes: Sequence[Finding],
    common: Mapping[str, Any],
    say: Speaker,
) -> dict[str, Any]:
    """What one person's result says; ``common``: :func:`_common`."""
    result = person.outcome
    slot: Slot | None = common["slot_of"][result.band] if result.band else None
    bars, weeks, state, flags = _bars(result, common), common["weeks"], common["state"], common["flags"]
    return {
        "person": person,
        "unit": view.unit_name(person.unit_id),
        "slot": slot,
        "range": common["range_text"](slot) if slot else "",
        "mean": say.number(view.mean_of(result.tally)),
        "coverage": coverage(result.tally, say),
        "standing": [*_verdict(result, say), *common["standing"]],
        "notes": [say.message(found) for found in notes if found.code not in ("rollup.undecided", "rollup.unrated")],
        "steps": steps(view, person, say),
        "bars": bars,
        "chart": "; ".join(bar.title for bar in bars),
        "lines": [
            (line, week, state(line.state), _words(line, flags)) for week, line in zip(weeks, result.lines, strict=True)
        ],
        "moved": len(person.shares) > 1,
    }


def _words(line: Line, flags: Mapping[str, str]) -> str:
    """What was established in a week and what the deciders wrote."""
    if not line.flags:
        return line.remarks
    return "\n".join([*(flags[flag] for flag in line.flags if flag in flags), *([line.remarks] if line.remarks else [])])


def _verdict(result: Outcome, say: Speaker) -> list[str]:
    """What the level lacks, if it lacks something."""
    texts = []
    if result.standing == "excused":
        texts.append(say("Not evaluated in this period: every week is excused."))
    if result.standing == "unrated":
        texts.append(say("Too few decided weeks for a rating"))
    if result.undecided:
        texts.append(say("Without a decision: {weeks}", weeks=result.undecided))
    return texts


def _bars(result: Outcome, common: Mapping[str, Any]) -> list[Bar]:
    """A bar a week; those that do not count are hollow."""
    width, lefts = _places(len(result.lines))
    tones, number, cap, state = common["bar_tones"], common["total"], common["cap"], common["state"]
    bars = []
    for left, week, line in zip(lefts, common["weeks"], result.lines, strict=True):
        height = _share(line.total, cap) if line.total is not None else "0"
        if line.counts:
            said, tone = number(line.total), tones.get(line.band, "")
            bars.append(Bar(left, width, height, tone, f"{week}: {said}", said if len(lefts) <= SPELT_OUT else ""))
        else:
            bars.append(Bar(left, width, height, "", f"{week}: {state(line.state)}", ""))
    return bars


@lru_cache
def _places(bars: int) -> tuple[str, tuple[str, ...]]:
    """How wide the bars of a chart are, and where each stands, in percent."""
    step = 100 / bars
    return f"{min(step * 0.8, 9):.2f}", tuple(f"{n * step:.2f}" for n in range(bars))


@lru_cache(_TOTALS)
def _share(value: Decimal, cap: Decimal) -> str:
    return f"{100 * value / cap:.2f}"


def _curve(result: Outcome, low: int, cap: Decimal) -> str:
    """The path of a small line over the weeks that count, in a box of 100 × 24; a week that doesn't count is a gap."""
    lines: Sequence[Line] = result.lines
    path, pen = [], "M"
    for n, line in enumerate(lines):
        if not line.counts or line.total is None:
            pen = "M"
            continue
        x = 50.0 if len(lines) == 1 else 2 + 96 * n / (len(lines) - 1)
        path.append(f"{pen}{x:.1f} {_depth(line.total, low, cap)}h.01")
        pen = "L"
    return "".join(path)


@lru_cache(_TOTALS)
def _depth(total: Decimal, low: int, cap: Decimal) -> str:
    return f"{22 - 20 * (total - low) / (cap - low):.1f}"
