"""What the summary of a week says, before any words, cells or tags: computed once, shown by every writer.

``WeekView`` takes the week's cases and findings and derives counts, means, trend, waiting list and evidence from them.
Totals stay exact decimals, so that no binary float ever stands between a person's score and what is said about it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from batch.collective import UnitReport
from batch.core.codes import CODES
from batch.core.finding import Finding, Place
from batch.core.number import most_places, places
from batch.core.period import Week
from batch.core.records import STATE_NAMES, STATES, Case, State, Statement, Streak
from batch.meetings import Meeting
from batch.scheme import Band, Flag, Scheme, StreakRule

if TYPE_CHECKING:
    from batch.i18n import Speaker
    from batch.roster import Office, Roster

OPEN = "~open"  # slot of a person without a result yet; a band id never begins with ~
EXCUSED = "~excused"  # slot of a person who is not evaluated this week
TREND_WEEKS = 5
SEVERITIES = ("error", "warning", "info")

SEVERITY_WORDS: Mapping[str, str] = {"error": "Error", "warning": "Warning", "info": "Notice"}


@dataclass(frozen=True)
class Tally:
    """Counts over a group of cases (a unit, a week, everybody). ``counts`` has every slot: the bands, OPEN, EXCUSED."""

    key: str
    people: int
    counts: Mapping[str, int]
    approved: int
    waiting: int
    meetings: int
    warned: int
    mean: Decimal | None  # of the totals that stand, rounded half up to two decimals, for display only

    @property
    def evaluated(self) -> int:
        """People who are to get a result: all but the excused."""
        return self.people - self.counts[EXCUSED]

    @property
    def decided(self) -> int:
        """People with a result, approved or only scored so far."""
        return self.evaluated - self.counts[OPEN]

    @property
    def provisional(self) -> int:
        """Results that are scored and not yet approved."""
        return max(0, self.decided - self.approved)


@dataclass(frozen=True)
class Slot:
    """A segment of a distribution: a band (``band`` set) or one of OPEN, EXCUSED.

    ``tone`` colours it; ``repeat`` counts earlier bands of the same tone, so that two 'good' bands look different.
    """

    id: str
    tone: str
    repeat: int
    band: Band | None


@dataclass(frozen=True)
class Wait:
    """What one person (``who``) has to do; or, if ``own``, what the people of one unit each still owe (``who`` empty).

    ``who`` empty without ``own``: nobody holds the post.
    """

    stage: str
    who: str
    own: bool
    unit_id: str
    cases: tuple[Case, ...]


@dataclass(frozen=True)
class Evidence:
    """One week of a chain: what was decided and the cells it stands in. ``case`` is None if the week isn't at hand."""

    week: Week
    case: Case | None
    flags: tuple[Flag, ...]
    sources: tuple[tuple[Place, str], ...]  # (file › sheet, its cells as 'E14, F14'), one per form
    comment: str


@dataclass(frozen=True)
class StreakLine:
    """A person under a streak rule, with the evidence of each week, oldest first."""

    case: Case
    streak: Streak
    rule: StreakRule
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class Reported:
    """Obstacles and proposals in one person's own words."""

    case: Case
    obstacles: str
    proposals: str


@dataclass(frozen=True)
class WeekView:
    """All that a summary needs. ``cases`` in report order (unit, rank, code); ``history``: earlier weeks by staff_id.

    ``as_of`` is the ISO moment of the newest file received for the week, '' if there is none; ``closed_at`` likewise of the
    week's closing.
    """

    week: Week
    office: Office
    scheme: Scheme
    roster: Roster
    cases: tuple[Case, ...]
    history: Mapping[Week, Mapping[str, Case]]
    findings: tuple[Finding, ...]
    as_of: str = ""
    closed_at: str = ""
    unit_reports: tuple[UnitReport, ...] = ()
    follow_up: tuple[Meeting, ...] = ()  # meetings open, or with measures that still run
    templates: Path | None = None  # the office's own page templates

    # --- the counts --------------------------------------------------------------------------------------------------

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        """Segments of every distribution: the bands, highest first, then OPEN, then EXCUSED."""
        return slots_of(self.scheme)

    @cached_property
    def whole(self) -> Tally:
        """The whole office."""
        return self._tally("", self.cases, self.warnings)

    @cached_property
    def units(self) -> tuple[Tally, ...]:
        """One tally per unit that has cases, in the roster's order."""
        order = self.roster.unit_order
        by_unit: dict[str, list[Case]] = {}
        for case in self.cases:
            by_unit.setdefault(case.unit_id, []).append(case)
        units = sorted(by_unit, key=lambda unit: (order.get(unit, len(order)), unit))
        return tuple(self._tally(unit, by_unit[unit], self.warnings) for unit in units)

    @cached_property
    def trend(self) -> tuple[tuple[Week, Tally], ...]:
        """The last five weeks that are known, this one last. A week without cases inside the span is an empty tally."""
        weeks = [self.week.plus(-back) for back in range(TREND_WEEKS - 1, -1, -1)]
        by_week: dict[Week, Collection[Case]] = {w: self.history[w].values() for w in weeks if self.history.get(w)}
        by_week[self.week] = self.cases
        first = min(by_week)
        return tuple((w, self._tally(str(w), by_week.get(w, ()))) for w in weeks if w >= first)

    @cached_property
    def state_counts(self) -> Mapping[State, int]:
        """How many cases are in each state, every state present."""
        found = Counter(case.state for case in self.cases)
        return {state: found[state] for state in STATES}

    @cached_property
    def decimals(self) -> int:
        """How many decimals this week's scores and totals need, so that a column can be aligned without losing any."""
        return most_places(v for case in self.cases for v in (*case.scores.values(), case.total))

    # --- people ------------------------------------------------------------------------------------------------------

    @cached_property
    def previous(self) -> Mapping[str, Case]:
        """Last week's cases by staff_id; empty if that week isn't known."""
        return self.history.get(self.week.plus(-1), {})

    @cached_property
    def warnings(self) -> Mapping[str, tuple[Finding, ...]]:
        """Errors and warnings about each person, errors first."""
        by: dict[str, list[Finding]] = {}
        for found in self.findings_by_severity:
            if found.staff_id and CODES[found.code].severity != "info":
                by.setdefault(found.staff_id, []).append(found)
        return {staff_id: tuple(found) for staff_id, found in by.items()}

    @cached_property
    def findings_by_severity(self) -> tuple[Finding, ...]:
        """Errors, then warnings, then notices; each in the order given."""
        return tuple(sorted(self.findings, key=lambda f: SEVERITIES.index(CODES[f.code].severity)))

    @cached_property
    def severity_counts(self) -> Mapping[str, int]:
        """How many findings of each severity."""
        found: list[str] = [CODES[f.code].severity for f in self.findings]
        return {severity: found.count(severity) for severity in SEVERITIES}

    @cached_property
    def meetings(self) -> tuple[Case, ...]:
        """People whom a rule calls to a meeting this week."""
        return tuple(case for case in self.cases if case.meeting_required)

    @cached_property
    def reported(self) -> tuple[Reported, ...]:
        """Everybody who wrote down an obstacle or a proposal."""
        lines = []
        for case in self.cases:
            texts = case.report.texts if case.report else {}
            obstacles, proposals = texts.get("text.obstacles", ""), texts.get("text.proposals", "")
            if obstacles or proposals:
                lines.append(Reported(case, obstacles, proposals))
        return tuple(lines)

    # --- who waits for whom ------------------------------------------------------------------------------------------

    @cached_property
    def waiting(self) -> tuple[Wait, ...]:
        """Open acts by who has to act: the latest stage first, as it is nearest to a decision; vacant posts on top.

        Self-reports are owed by each person; they are grouped by unit, as nobody reads a table of fifty single lines.
        """
        stages = [stage.id for stage in self.scheme.stages]
        order = self.roster.unit_order
        groups: dict[tuple[str, str, bool, str], list[Case]] = {}
        for case in self.cases:
            if case.waiting:
                own = case.waiting_for == case.staff_id
                who = "" if own else case.waiting_for
                unit = self._unit_of(who) if who else case.unit_id
                groups.setdefault((case.waiting, who, own, unit), []).append(case)
        waits = [Wait(*key, tuple(cases)) for key, cases in groups.items()]
        return tuple(
            sorted(
                waits,
                key=lambda w: (
                    -(stages.index(w.stage) if w.stage in stages else len(stages)),
                    w.own or bool(w.who),
                    -len(w.cases) if not w.own else 0,
                    order.get(w.unit_id, len(order)),
                    w.who,
                ),
            )
        )

    # --- consequences ------------------------------------------------------------------------------------------------

    @cached_property
    def streaks(self) -> tuple[StreakLine, ...]:
        """Rules that hold, with their evidence."""
        return tuple(line for line in self._streak_lines if line.streak.holds)

    @cached_property
    def watch(self) -> tuple[StreakLine, ...]:
        """Chains that run without their rule holding yet."""
        return tuple(line for line in self._streak_lines if not line.streak.holds)

    @cached_property
    def _streak_lines(self) -> tuple[StreakLine, ...]:
        rules = {rule.id: rule for rule in self.scheme.streaks}
        return tuple(
            StreakLine(case, streak, rules[streak.rule], self._evidence(case, streak, rules[streak.rule]))
            for case in self.cases
            for streak in case.streaks
            if streak.rule in rules and streak.weeks
        )

    def _evidence(self, case: Case, streak: Streak, rule: StreakRule) -> tuple[Evidence, ...]:
        counted = {*rule.every_week, *rule.any_week}
        flags = [flag for flag in self.scheme.flags if flag.id in counted]
        lines = []
        for week in streak.weeks:
            then = case if week == self.week else self.history.get(week, {}).get(case.staff_id)
            if then is None:
                lines.append(Evidence(week, None, (), (), ""))
                continue
            held = tuple(flag for flag in flags if then.flags.get(flag.id))
            lines.append(Evidence(week, then, held, _sources(then, held), then.remarks))
        return tuple(lines)

    # --- helpers -----------------------------------------------------------------------------------------------------

    def _unit_of(self, staff_id: str) -> str:
        person = self.roster.on(staff_id, self.roster.reference_day(self.week)) if staff_id else None
        return person.unit_id if person else ""

    def _tally(self, key: str, cases: Collection[Case], warned: Container[str] = ()) -> Tally:
        """Counts over some cases. ``warned``: of whom there are warnings. A band that the scheme lacks is OPEN."""
        counts = dict.fromkeys((slot.id for slot in self.slots), 0)
        for slot, some in Counter(map(slot_id, cases)).items():
            counts[slot if slot in counts else OPEN] += some
        return Tally(
            key,
            len(cases),
            counts,
            approved=sum(case.state == "approved" for case in cases),
            waiting=sum(bool(case.waiting) for case in cases),
            meetings=sum(case.meeting_required for case in cases),
            warned=sum(case.staff_id in warned for case in cases),
            mean=mean([case.total for case in cases]),
        )


def slots_of(scheme: Scheme) -> tuple[Slot, ...]:
    """Segments of a distribution under a scheme: its bands, highest first, then OPEN, then EXCUSED."""
    seen: dict[str, int] = {}
    slots = []
    for band in scheme.bands:
        slots.append(Slot(band.id, band.tone, seen.get(band.tone, 0), band))
        seen[band.tone] = seen.get(band.tone, 0) + 1
    return (*slots, Slot(OPEN, "open", 0, None), Slot(EXCUSED, "excused", 0, None))


def slot_id(case: Case) -> str:
    """The slot a case counts in: its band, or OPEN, or EXCUSED."""
    return EXCUSED if case.state == "excused" else case.band or OPEN


def mean(values: Sequence[object]) -> Decimal | None:
    """The mean of the decimals among ``values``, rounded half up to two places: for display, never for a decision."""
    exact = [v for v in values if isinstance(v, Decimal)]
    if not exact:
        return None
    return (sum(exact, Decimal(0)) / len(exact)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def percent(part: int, of: int) -> int:
    """Whole percents, rounded half up in integers; 0 of 0 is 0."""
    return (200 * part + of) // (2 * of) if of else 0


@lru_cache(1 << 14)  # an office's scores are few, and stand in many cells
def padded(value: Decimal | None, decimals: int) -> Decimal | None:
    """The same value written with ``decimals`` places (never fewer than it needs): 38.5 → 38.50."""
    if value is None:
        return None
    return value.quantize(Decimal(1).scaleb(-max(decimals, places(value))))


def deciding(case: Case) -> Statement | None:
    """The statement that the standing scores come from: the approval if it gave scores of its own, else the review."""
    if case.approval is not None and case.approval.scores and case.state == "approved":
        return case.approval
    return case.review


def _sources(case: Case, flags: Sequence[Flag]) -> tuple[tuple[Place, str], ...]:
    """The cells behind the flags: a reviewer's answer stands in its own cell, a band follows from the score cells."""
    cells: dict[tuple[str, str], list[str]] = {}
    for flag in flags:
        statement = deciding(case) if flag.band else case.review
        if statement is None:
            continue
        named = [p for key, p in statement.places.items() if key.startswith("score.")]
        if not flag.band:
            named = [p for key in (flag.id, f"flag.{flag.id}") if (p := statement.places.get(key))]
        for place in named or [statement.place]:
            found = cells.setdefault((place.file, place.sheet), [])
            if place.cell and place.cell not in found:
                found.append(place.cell)
    return tuple((Place(file, sheet), ", ".join(found)) for (file, sheet), found in cells.items())


# --- words that every writer shares ----------------------------------------------------------------------------------


def slot_name(slot: Slot, say: Speaker) -> str:
    """The title of a band, or what the people without one are called."""
    if slot.band is not None:
        return slot.band.name(say.lang)
    return say("No result yet") if slot.id == OPEN else say("Not evaluated")


def range_text(scheme: Scheme, slot: Slot, say: Speaker) -> str:
    """'75 to under 90' for a band, '' for the rest."""
    if slot.band is None:
        return ""
    at = scheme.bands.index(slot.band)
    low = say.number(slot.band.min)
    if at == 0:
        return say("{low} to {high}", low=low, high=say.number(scheme.cap))
    return say("{low} to under {high}", low=low, high=say.number(scheme.bands[at - 1].min))


def state_name(case: Case, say: Speaker) -> str:
    """The state in words."""
    return say(STATE_NAMES[case.state])


def warning_texts(view: WeekView, case: Case, say: Speaker) -> list[str]:
    """What a reader must know about this person's week: a required meeting first, then the errors and warnings."""
    texts = []
    if case.meeting_required:
        weeks = max(len(streak.weeks) for streak in case.streaks if streak.holds and streak.meeting)
        texts.append(say("Meeting required ({weeks} weeks in a row)", weeks=weeks))
    found = [f for f in view.warnings.get(case.staff_id, ()) if f.code != "streak.meeting-required"]  # said above
    return texts + [say.message(f) for f in found]


def note_text(case: Case, say: Speaker) -> str:
    """The remarks: why someone is not evaluated, whether the approver changed scores, what the deciders wrote."""
    parts = [case.excuse] if case.state == "excused" and case.excuse else []
    if case.state == "approved" and case.approval is not None and case.approval.decision == "adjust":
        parts.append(say("Adjusted by the approver"))
    parts.append(case.remarks)
    return "\n".join(part for part in parts if part)


class Dated(Protocol):
    """A view that knows how fresh it is: ISO moments of the newest file and of the closing, or ''."""

    @property
    def as_of(self) -> str: ...  # noqa: D102

    @property
    def closed_at(self) -> str: ...  # noqa: D102


@dataclass(frozen=True)
class KeyFigure:
    """A number a leader looks at first. ``tone`` is '' or how it is coloured; ``section`` where the detail stands."""

    label: str
    figure: str
    detail: str
    tone: str
    section: str


def key_figures(view: WeekView, say: Speaker) -> list[KeyFigure]:
    """Six figures, in the order of a decision: is it complete, how is it, who needs me."""
    whole, counts, severities = view.whole, view.whole.counts, view.severity_counts
    before = next((tally.mean for week, tally in view.trend if week == view.week.plus(-1)), None)
    best, worst = view.scheme.bands[0], view.scheme.bands[-1]
    excused = counts[EXCUSED]

    def share(part: int) -> str:
        return say("{percent}% of results", percent=percent(part, whole.decided)) if whole.decided else ""

    return [
        KeyFigure(
            say("Approved"),
            f"{whole.approved}/{whole.evaluated}",
            say("of {people} people, {excused} not evaluated", people=whole.people, excused=excused),
            "",
            "people",
        ),
        KeyFigure(
            say("Mean total"),
            say.number(whole.mean) or "–",
            say("last week {mean}", mean=before) if before is not None else "",
            "",
            "trend",
        ),
        KeyFigure(best.name(say.lang), str(counts[best.id]), share(counts[best.id]), "", "bands"),
        KeyFigure(
            worst.name(say.lang),
            str(counts[worst.id]),
            share(counts[worst.id]),
            "bad" if counts[worst.id] else "",
            "bands",
        ),
        KeyFigure(
            say("Meetings required"),
            str(len(view.meetings)),
            say("{number} more to watch", number=len({line.case.staff_id for line in view.watch})) if view.watch else "",
            "bad" if view.meetings else "",
            "streaks",
        ),
        KeyFigure(
            say("Waiting for a next step"),
            str(whole.waiting),
            say("{errors} errors, {warnings} warnings", errors=severities["error"], warnings=severities["warning"]),
            "",
            "waiting",
        ),
    ]


def as_of_text(view: Dated, say: Speaker) -> str:
    """How fresh the data are."""
    if not view.as_of:
        return say("No form has come yet")
    text = say("Data received up to {moment}", moment=say.moment(view.as_of))
    return f"{text} · {say('Closed on {moment}', moment=say.moment(view.closed_at))}" if view.closed_at else text


def basis_text(view: WeekView, say: Speaker) -> str:
    """What the numbers count, in one line."""
    if view.whole.provisional:
        return say(
            "Counts and means include {number} results not yet approved; people who are not evaluated are left out.",
            number=view.whole.provisional,
        )
    return say("All results counted are approved; people who are not evaluated are left out of means.")


def rules_text(rules: Scheme, say: Speaker, digest: str = "") -> str:
    """The scheme behind the results, so that a paper can be traced to the exact rules; ``digest``: not the week's hash."""
    text = say(
        "Rules: {scheme}, version {version} ({hash})",
        scheme=rules.named(say.lang),
        version=str(rules.version),
        hash=digest or rules.hash,
    )
    return f"{text} · {rules.legal_basis}" if rules.legal_basis else text
