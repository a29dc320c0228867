"""Closed weeks: what was decided is frozen, with the scheme it was decided by.

A closing holds every case, unit report, running meeting and finding as they stood. What arrives later is kept and reported,
and changes nothing, until an amendment with a reason admits it for one person or unit. A meeting's record is no late form:
it may be filed whenever the meeting is held, and counts in the weeks that are still open.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from batch import history
from batch.agreed import with_points
from batch.assess import Assessment
from batch.collective import UNIT, UnitReport, members_of, with_members
from batch.core.finding import Finding, finding
from batch.core.frozen import freeze_finding, thaw_finding
from batch.core.period import Week, parse_period
from batch.core.records import Case, Statement, Streak
from batch.meetings import MEETING, Meeting
from batch.resolve import Fates
from batch.roster import Roster
from batch.scheme import Scheme
from batch.validate import UNIT_SUBJECT, Attempt, Judged

_PLAIN = (
    "staff_id",
    "name",
    "role",
    "position",
    "unit_id",
    "state",
    "excuse",
    "reviewer_id",
    "approver_id",
    "band",
    "one_sheet",
)
_ACTS = ("report", "review", "approval")
_PLAIN_UNIT = ("unit_id", "name", "head_id", "approver_id", "state", "band")
_UNIT_ACTS = ("report", "approval")
_FATES = ("replaced", "conflicting", "copies", "faulty")
_FROZEN = ("cases", "units", "meetings", "fates", "findings")
_Said = Mapping[tuple[str, str, str], Statement[Any]]  # (stage, subject, sha256 of the file) → what it validly says


@dataclass(frozen=True)
class Closing:
    """A closed week: ``run`` is the last run whose files were taken into account; bodies are as the ledger holds them."""

    week: Any  # or a round
    at: str
    run: int
    scheme: Scheme
    cases: Mapping[str, Mapping[str, Any]]
    units: Mapping[str, Mapping[str, Any]]
    meetings: Sequence[Mapping[str, Any]]
    fates: Mapping[str, Sequence[str]]
    findings: Sequence[Sequence[Any]]
    amendments: tuple[Mapping[str, Any], ...] = ()
    evidence: Mapping[str, str] = field(default_factory=dict)


def freeze(assessment: Assessment[Any], run: int) -> dict[str, Any]:
    """The ledger body of a closing."""
    return {
        "run": run,
        "scheme": assessment.scheme.model_dump(mode="json"),
        "cases": {staff_id: freeze_case(case) for staff_id, case in assessment.cases.items()},
        "units": {unit.unit_id: freeze_unit(unit) for unit in assessment.units},
        "meetings": [_freeze_meeting(m) for m in assessment.meetings if m.runs_in(assessment.period)],
        "fates": {name: sorted(getattr(assessment.fates, name)) for name in _FATES},
        "findings": [freeze_finding(f) for f in assessment.findings],
        **({"evidence": dict(assessment.evidence)} if assessment.evidence else {}),
    }


def freeze_case(case: Case[Any]) -> dict[str, Any]:
    """A case as plain JSON; statements are named by the content they came from."""
    return {
        **{name: getattr(case, name) for name in _PLAIN},
        **_freeze_scores(case),
        "flags": dict(case.flags),
        "failing_weeks": case.failing_weeks,
        "streaks": [[s.rule, [str(w) for w in s.weeks], s.holds, s.meeting] for s in case.streaks],
        "acts": _freeze_acts(case, _ACTS),
        **_freeze_longer(case),
    }


def _freeze_longer(case: Case[Any]) -> dict[str, Any]:
    """What only a longer chain has: its further acts, who signs for the committee, the person's group."""
    longer = {
        "further": {stage: act.receipt.sha256 for stage, act in sorted(case.further.items())},
        "committee_id": case.committee_id,
        "group": case.group,
        "history": history.as_data(case.history),
    }
    return {key: value for key, value in longer.items() if value}


def freeze_unit(unit: UnitReport) -> dict[str, Any]:
    """A unit's report as plain JSON."""
    plain = {name: getattr(unit, name) for name in _PLAIN_UNIT}
    return {**plain, **_freeze_scores(unit), "acts": _freeze_acts(unit, _UNIT_ACTS)}


def _freeze_meeting(meeting: Meeting) -> dict[str, Any]:
    return {
        "week": str(meeting.week),
        "case": freeze_case(meeting.case),
        "rules": list(meeting.rules),
        "weeks": [str(week) for week in meeting.weeks],
        "record": meeting.record.receipt.sha256 if meeting.record else "",
    }


def _freeze_scores(one: Case[Any] | UnitReport) -> dict[str, Any]:
    return {
        "scores": {criterion: format(score, "f") for criterion, score in one.scores.items()},
        "total": None if one.total is None else format(one.total, "f"),
    }


def _freeze_acts(one: Case[Any] | UnitReport, names: Iterable[str]) -> dict[str, str]:
    return {name: act.receipt.sha256 for name in names if (act := getattr(one, name)) is not None}


def day_of(moment: str) -> dt.date:
    """The day of an ISO date and time."""
    return dt.datetime.fromisoformat(moment).date()


def closings(entries: Iterable[tuple[str, str, int, str, Mapping[str, Any]]]) -> dict[Any, Closing]:
    """Closings and amendments as the ledger lists them: (kind, key, run, at, body)."""
    found: dict[Any, Closing] = {}
    for kind, key, _, at, body in entries:
        week = parse_period(key)
        if kind == "close":
            scheme = Scheme.model_validate(body["scheme"])
            frozen = {key: body[key] for key in _FROZEN}
            found[week] = Closing(week, at, body["run"], scheme, **frozen, evidence=body.get("evidence", {}))
        elif kind == "amend" and week in found:
            before = found[week]
            cases, units = dict(before.cases), dict(before.units)
            if "unit_id" in body:
                units[body["unit_id"]] = body["unit"]
            else:
                cases[body["staff_id"]] = body["case"]
            amendments = (*before.amendments, {**body, "at": at})
            found[week] = replace(before, cases=cases, units=units, amendments=amendments)
    return found


def reopen(closing: Closing, judged: Sequence[Judged[Any]], roster: Roster) -> Assessment[Any]:
    """The period as it was closed, with its evidence; later files are reported and set aside.

    ``judged``: the forms of this week, and the meeting records of every week.
    """
    said: dict[tuple[str, str, str], Statement[Any]] = {}
    late: list[Attempt[Any]] = []
    for one in judged:
        for attempt in one.attempts:
            if attempt.statement:
                said[attempt.stage, attempt.subject, one.receipt.sha256] = attempt.statement
            if one.period == closing.week and one.receipt.run > closing.run and attempt.stage != MEETING:
                late.append(attempt)
    cases = {staff_id: _case(closing.week, body, closing.scheme, said) for staff_id, body in closing.cases.items()}
    reports = (_unit(closing.week, body, closing.scheme, said) for body in closing.units.values())
    members = members_of(closing.scheme, roster, cases)
    units = tuple(with_members(report, members) for report in reports)
    acts = [act for case in cases.values() for act in case.acts.values()]
    acts += [act for unit in units for act in (unit.report, unit.approval) if act]
    counted = {act.receipt.sha256 for act in acts}
    findings = {thaw_finding(f) for f in closing.findings}
    findings |= {_late(attempt, roster) for attempt in late if attempt.receipt.sha256 not in counted}
    findings |= {_amended(amendment, roster) for amendment in closing.amendments}
    return Assessment(
        period=closing.week,
        cases=cases,
        findings=tuple(sorted(findings, key=Finding.sort_key)),
        fates=Fates(counted, *(set(closing.fates.get(name, ())) for name in _FATES)),  # an old closing names no faulty ones
        scheme=closing.scheme,
        closed_at=closing.at,
        units=units,
        meetings=tuple(_meeting(body, closing.scheme, said) for body in closing.meetings),
        evidence=closing.evidence,
    )


def _late(attempt: Attempt[Any], roster: Roster) -> Finding:
    place = attempt.statement.place if attempt.statement else attempt.findings[0].place
    if attempt.stage == UNIT or attempt.subject.startswith(UNIT_SUBJECT):
        return finding("unit.after-close", place, unit=roster.unit_name(attempt.subject.removeprefix(UNIT_SUBJECT)))
    return finding("form.after-close", place, attempt.subject)


def _amended(amendment: Mapping[str, Any], roster: Roster) -> Finding:
    why = {"reason": amendment["reason"], "author": amendment["author"], "at": day_of(amendment["at"])}
    if "unit_id" in amendment:
        return finding("unit.amended", unit=roster.unit_name(amendment["unit_id"]), **why)
    return finding("case.amended", None, amendment["staff_id"], **why)


def _meeting(body: Mapping[str, Any], scheme: Scheme, said: _Said) -> Meeting:
    week, case = Week.parse(body["week"]), body["case"]
    weeks = tuple(Week.parse(text) for text in body["weeks"])
    record = said.get((MEETING, case["staff_id"], body["record"]))
    return Meeting(week, _case(week, case, scheme, said), tuple(body["rules"]), weeks, record)


def _unit(week: Week, body: Mapping[str, Any], scheme: Scheme, said: _Said) -> UnitReport:
    unit_id, acts = body["unit_id"], body["acts"]
    return UnitReport(
        week=week,
        **{name: body[name] for name in _PLAIN_UNIT},
        report=said.get((UNIT, unit_id, acts.get("report", ""))),
        approval=said.get((scheme.stages[2].id, f"{UNIT_SUBJECT}{unit_id}", acts.get("approval", ""))),
        **_scores(body),
    )


def _scores(body: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "scores": {criterion: Decimal(score) for criterion, score in body["scores"].items()},
        "total": None if body["total"] is None else Decimal(body["total"]),
    }


def _case(period: Any, body: Mapping[str, Any], scheme: Scheme, said: _Said) -> Case[Any]:
    group, further = body.get("group", ""), body.get("further", {})

    def act(stage: str, digest: str) -> Statement[Any] | None:
        return said.get((stage, body["staff_id"], digest))

    found = {stage: one for stage, digest in further.items() if (one := act(stage, digest))}
    agreement = next((found[s.id] for s in scheme.stages if s.kind == "agreement" and s.id in found), None)
    parts: dict[str, str] = {scheme.part(stage): stage.id for stage in scheme.stages}
    report, review, approval = (
        with_points(scheme, group, agreement, one) if (one := act(parts.get(name, ""), body["acts"].get(name, ""))) else None
        for name in _ACTS
    )
    return Case(
        period=period,
        **{name: body[name] for name in _PLAIN},
        report=report,
        review=review,
        approval=approval,
        **_scores(body),
        flags=body["flags"],
        failing_weeks=body["failing_weeks"],
        streaks=tuple(
            Streak(rule, tuple(Week.parse(w) for w in weeks), holds, meeting)
            for rule, weeks, holds, meeting in body["streaks"]
        ),
        further=found,
        committee_id=body.get("committee_id", ""),
        group=group,
        history=history.from_data(body.get("history")),
    )


# --- findings as JSON: their particulars keep their types, so that they can still be said in any language ---------------
