"""Where a week stands: who has to do what for whom, which reports and meetings are owed, which posts nobody holds.

Everything comes from the ledger and the roster; the inbox is not looked into.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from batch.collective import UNIT, UnitReport, waits_for
from batch.core.finding import Titles
from batch.core.period import Week
from batch.core.records import STATES, Case
from batch.desk import Setup
from batch.meetings import MEETING, Meeting
from batch.pipeline import look
from batch.roster import Roster
from batch.scheme import Scheme


@dataclass(frozen=True)
class Duty:
    """What somebody has to do at one stage, and whose results wait for it."""

    stage: str
    cases: tuple[Case, ...]


@dataclass(frozen=True)
class Actor:
    """A reviewer or approver with everything that waits for them, the latest stage first."""

    staff_id: str
    name: str
    unit: str
    email: str
    duties: tuple[Duty, ...]

    @property
    def count(self) -> int:
        """How many results wait."""
        return sum(len(duty.cases) for duty in self.duties)


@dataclass(frozen=True)
class Chase:
    """How far the people of one supervisor (or of one approver) are: each of ``people`` is in one of the other counts."""

    staff_id: str
    name: str
    people: int
    unreported: int
    unreviewed: int
    undecided: int
    decided: int


@dataclass(frozen=True)
class Owing:
    """People of one unit without a valid self-report."""

    unit_id: str
    unit: str
    cases: tuple[Case, ...]


@dataclass(frozen=True)
class Vacancy:
    """A post that nobody holds, and who can't be reviewed or approved without it.

    For a review ``expected`` is the supervisor the roster names, if any; for an approval ``authority`` titles the post.
    """

    stage: str
    unit: str
    expected: str
    authority: Titles
    cases: tuple[Case, ...]


@dataclass(frozen=True)
class Deadline:
    """By when a form has to come in this week, as an ISO moment of the office, and whether that has passed."""

    form: str
    at: str
    passed: bool


@dataclass(frozen=True)
class UnitDuty:
    """A unit's report that is not confirmed: ``form`` is due from ``who`` ('': nobody holds the post).

    ``overdue_since``: the deadline, if it has passed.
    """

    report: UnitReport
    form: str
    who: str
    overdue_since: str


@dataclass(frozen=True)
class MeetingDuty:
    """A required meeting of which no record has come."""

    meeting: Meeting
    overdue_since: str


@dataclass(frozen=True)
class Status:
    """The answer. ``as_of``: when the newest file of the week was received, '' if none has come."""

    week: Week
    as_of: str
    states: Mapping[str, int]
    actors: tuple[Actor, ...]
    owing: tuple[Owing, ...]
    supervisors: tuple[Chase, ...]
    approvers: tuple[Chase, ...]
    vacancies: tuple[Vacancy, ...]
    deadlines: tuple[Deadline, ...]
    units: tuple[UnitDuty, ...]
    meetings: tuple[MeetingDuty, ...]


def status(setup: Setup, week: Week, now: str) -> Status:
    """The state of a week as the ledger knows it; ``now`` tells what is overdue."""
    judged, assessed = look(setup, week, now)
    cases = tuple(assessed[week].cases.values())
    received = [j.receipt.received for j in judged if j.period == week and j.attempts]
    counts = Counter(case.state for case in cases)
    open_units = [] if assessed[week].closed_at else [u for u in assessed[week].units if u.state != "approved"]
    own = setup.scheme.stages[0].id
    return Status(
        week=week,
        as_of=max(received, default=""),
        states={state: counts[state] for state in STATES},
        actors=_actors(cases, own, week, setup.roster, setup.scheme),
        owing=_owing(cases, setup.roster),
        supervisors=_chase(cases, "reviewer_id", setup),
        approvers=_chase(cases, "approver_id", setup),
        vacancies=_vacancies(cases, week, setup),
        deadlines=_deadlines(setup, week, now),
        units=tuple(_unit_duty(u, setup, now) for u in open_units),
        meetings=tuple(MeetingDuty(m, _passed(MEETING, m.week, setup, now)) for m in assessed[week].unrecorded),
    )


def _deadlines(setup: Setup, week: Week, now: str) -> tuple[Deadline, ...]:
    """The office's deadlines of the week, in the order of the forms."""
    moments = [(form, setup.office.deadline(form, week)) for form in setup.scheme.forms]
    return tuple(Deadline(form, at, now > at) for form, at in moments if at)


def _passed(form: str, week: Week, setup: Setup, now: str) -> str:
    """The deadline, if it has passed; else ''."""
    at = setup.office.deadline(form, week)
    return at if at and now > at else ""


def _unit_duty(report: UnitReport, setup: Setup, now: str) -> UnitDuty:
    """What is due for a unit: its report, or the confirmation on the approval sheet."""
    form = setup.scheme.stages[2].id if report.state == "submitted" else UNIT
    return UnitDuty(report, form, waits_for(report), _passed(form, report.week, setup, now))


def _actors(cases: Iterable[Case], own: str, week: Week, roster: Roster, scheme: Scheme) -> tuple[Actor, ...]:
    """Whoever has to review or to approve, with the most waiting people first."""
    stages = [stage.id for stage in reversed(scheme.stages)]
    waiting: dict[str, dict[str, list[Case]]] = {}
    for case in cases:
        if case.waiting_for and case.waiting != own:
            waiting.setdefault(case.waiting_for, {}).setdefault(case.waiting, []).append(case)
    actors = []
    for staff_id, by_stage in waiting.items():
        person = roster.on(staff_id, roster.reference_day(week))
        actors.append(
            Actor(
                staff_id,
                roster.name(staff_id),
                roster.unit_name(person.unit_id) if person else "",
                person.email if person else "",
                tuple(Duty(stage, tuple(by_stage[stage])) for stage in stages if stage in by_stage),
            )
        )
    return tuple(sorted(actors, key=lambda actor: (-actor.count, actor.staff_id)))


def _owing(cases: Iterable[Case], roster: Roster) -> tuple[Owing, ...]:
    by_unit: dict[str, list[Case]] = {}
    for case in cases:
        if case.state != "excused" and case.report is None:
            by_unit.setdefault(case.unit_id, []).append(case)
    order = roster.unit_order
    units = sorted(by_unit, key=lambda unit: (order.get(unit, len(order)), unit))
    return tuple(Owing(unit, roster.unit_name(unit), tuple(by_unit[unit])) for unit in units)


def _chase(cases: Iterable[Case], who: str, setup: Setup) -> tuple[Chase, ...]:
    """A line per judge whose people are not all decided; most open people first."""
    own, review, _ = (stage.id for stage in setup.scheme.stages)
    by_judge: dict[str, list[Case]] = {}
    for case in cases:
        judge = getattr(case, who)
        if judge and case.state != "excused":
            by_judge.setdefault(judge, []).append(case)
    lines = []
    for staff_id, mine in by_judge.items():
        waiting = Counter(case.waiting for case in mine)
        unreported, unreviewed = waiting[own], waiting[review]
        decided = waiting[""]
        undecided = len(mine) - unreported - unreviewed - decided
        name = setup.roster.name(staff_id)
        lines.append(Chase(staff_id, name, len(mine), unreported, unreviewed, undecided, decided))
    still_open = [line for line in lines if line.decided < line.people]
    return tuple(sorted(still_open, key=lambda line: (line.decided - line.people, line.staff_id)))


def _vacancies(cases: Iterable[Case], week: Week, setup: Setup) -> tuple[Vacancy, ...]:
    """Posts needed for somebody who is not decided yet, that nobody can fill."""
    _, review, approval = (stage.id for stage in setup.scheme.stages)
    roster, day = setup.roster, setup.roster.reference_day(week)
    found: dict[tuple[str, str, str, Titles], list[Case]] = {}
    for case in cases:
        person = roster.on(case.staff_id, day)
        if case.state in ("excused", "approved") or person is None:
            continue
        unit = roster.unit_name(case.unit_id)
        if not case.reviewer_id and case.review is None:
            found.setdefault((review, unit, person.supervisor_id, Titles()), []).append(case)
        if not case.approver_id:
            authority, _, holder = roster.post(person, day, setup.scheme)
            titles = authority.titles if authority else Titles()
            found.setdefault((approval, unit, holder, titles), []).append(case)
    return tuple(Vacancy(*key, tuple(mine)) for key, mine in found.items())


def as_data(answer: Status) -> dict[str, Any]:
    """The answer as plain JSON types; keys are stable."""
    return {
        "period": str(answer.week),
        "as_of": answer.as_of,
        "states": dict(answer.states),
        "waiting": [
            {
                "staff_id": actor.staff_id,
                "name": actor.name,
                "unit": actor.unit,
                "email": actor.email,
                "duties": [{"stage": duty.stage, "people": _people(duty.cases)} for duty in actor.duties],
            }
            for actor in answer.actors
        ],
        "missing_self": [
            {"unit_id": owing.unit_id, "unit": owing.unit, "people": _people(owing.cases)} for owing in answer.owing
        ],
        "by_supervisor": [_line(line) for line in answer.supervisors],
        "by_approver": [_line(line) for line in answer.approvers],
        "vacancies": [
            {
                "stage": vacancy.stage,
                "unit": vacancy.unit,
                "expected": vacancy.expected,
                "post": dict(vacancy.authority).get("en", ""),
                "people": _people(vacancy.cases),
            }
            for vacancy in answer.vacancies
        ],
        "deadlines": [{"form": d.form, "at": d.at, "passed": d.passed} for d in answer.deadlines],
        "units": [
            {
                "unit_id": duty.report.unit_id,
                "unit": duty.report.name,
                "state": duty.report.state,
                "form": duty.form,
                "waits_for": duty.who,
                "overdue_since": duty.overdue_since,
            }
            for duty in answer.units
        ],
        "meetings": [
            {
                "staff_id": duty.meeting.case.staff_id,
                "name": duty.meeting.case.name,
                "since": str(duty.meeting.week),
                "waits_for": duty.meeting.holder,
                "overdue_since": duty.overdue_since,
            }
            for duty in answer.meetings
        ],
    }


def _people(cases: Sequence[Case]) -> list[dict[str, str]]:
    return [{"staff_id": c.staff_id, "name": c.name, "state": c.state, "reviewer_id": c.reviewer_id} for c in cases]


def _line(line: Chase) -> dict[str, Any]:
    return {name: getattr(line, name) for name in line.__dataclass_fields__}
