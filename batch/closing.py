"""Closed weeks: what was decided is frozen, with the scheme it was decided by.

A closing holds every case, unit report and finding as they stood. What arrives later is kept and reported, and changes
nothing, until an amendment with a reason admits it for one person. The record of a meeting is no part of the week: it is
filed when the meeting has been held.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from batch.assess import Assessment
from batch.collective import UNIT, UnitReport
from batch.core.finding import Finding, Moment, Phrase, Place, Titles, finding
from batch.core.period import Week
from batch.core.records import Case, Statement, Streak
from batch.meetings import MEETING
from batch.scheme import Scheme
from batch.validate import UNIT_SUBJECT, Attempt, Judged

_PLAIN = ("staff_id", "name", "role", "position", "unit_id", "state", "excuse", "reviewer_id", "approver_id", "band")
_ACTS = ("report", "review", "approval")
_UNIT = ("unit_id", "name", "head_id", "approver_id", "state", "band")
_UNIT_ACTS = ("report", "approval")
_FATES = ("replaced", "conflicting", "copies")


@dataclass(frozen=True)
class Closing:
    """A closed week: ``run`` is the last run whose files were taken into account; bodies are as the ledger holds them."""

    week: Week
    at: str
    run: int
    scheme: Scheme
    cases: Mapping[str, Mapping[str, Any]]
    units: Sequence[Mapping[str, Any]]
    fates: Mapping[str, Sequence[str]]
    findings: Sequence[Sequence[Any]]
    amendments: tuple[Mapping[str, Any], ...] = ()


def freeze(assessment: Assessment, run: int) -> dict[str, Any]:
    """The ledger body of a closing."""
    return {
        "run": run,
        "scheme": assessment.scheme.model_dump(mode="json"),
        "cases": {staff_id: freeze_case(case) for staff_id, case in assessment.cases.items()},
        "units": [_freeze_unit(report) for report in assessment.units],
        "fates": {name: sorted(getattr(assessment, name)) for name in _FATES},
        "findings": [_from_finding(f) for f in assessment.findings],
    }


def freeze_case(case: Case) -> dict[str, Any]:
    """A case as plain JSON; statements are named by the content they came from."""
    return {
        **{name: getattr(case, name) for name in _PLAIN},
        **_freeze_scores(case),
        "flags": dict(case.flags),
        "failing_weeks": case.failing_weeks,
        "streaks": [[s.rule, [str(w) for w in s.weeks], s.holds, s.meeting] for s in case.streaks],
        "acts": _freeze_acts(case, _ACTS),
    }


def _freeze_unit(report: UnitReport) -> dict[str, Any]:
    plain = {name: getattr(report, name) for name in _UNIT}
    return {**plain, **_freeze_scores(report), "acts": _freeze_acts(report, _UNIT_ACTS)}


def _freeze_scores(result: Case | UnitReport) -> dict[str, Any]:
    return {
        "scores": {criterion: format(score, "f") for criterion, score in result.scores.items()},
        "total": None if result.total is None else format(result.total, "f"),
    }


def _freeze_acts(result: Case | UnitReport, names: Iterable[str]) -> dict[str, str]:
    return {name: act.receipt.sha256 for name in names if (act := getattr(result, name)) is not None}


def day_of(moment: str) -> dt.date:
    """The day of an ISO date and time."""
    return dt.datetime.fromisoformat(moment).date()


def closings(entries: Iterable[tuple[str, str, int, str, Mapping[str, Any]]]) -> dict[Week, Closing]:
    """Closings and amendments as the ledger lists them: (kind, key, run, at, body)."""
    found: dict[Week, Closing] = {}
    for kind, key, _, at, body in entries:
        week = Week.parse(key)
        if kind == "close":
            scheme = Scheme.model_validate(body["scheme"])
            parts = (body[name] for name in ("cases", "units", "fates", "findings"))
            found[week] = Closing(week, at, body["run"], scheme, *parts)
        elif kind == "amend" and week in found:
            before = found[week]
            amendment = {**body, "at": at}
            cases = {**before.cases, body["staff_id"]: body["case"]}
            found[week] = replace(before, cases=cases, amendments=(*before.amendments, amendment))
    return found


def reopen(closing: Closing, judged: Sequence[Judged]) -> Assessment:
    """The week as it was closed, with its evidence; later files are reported and set aside."""
    attempts: dict[tuple[str, str, str], Statement] = {}
    for one in judged:
        for attempt in one.attempts:
            if attempt.statement:
                attempts[attempt.stage, attempt.subject, one.receipt.sha256] = attempt.statement
    stages = [stage.id for stage in closing.scheme.stages]
    cases = {}
    for staff_id, body in closing.cases.items():
        acts = {
            name: attempts.get((stage, staff_id, body["acts"].get(name, "")))
            for name, stage in zip(_ACTS, stages, strict=True)
        }
        cases[staff_id] = _case(closing.week, body, acts)
    units = [_unit(closing.week, body, attempts, stages[2]) for body in closing.units]
    acted = [act for case in cases.values() for act in (case.report, case.review, case.approval)]
    acted += [act for unit in units for act in (unit.report, unit.approval)]
    counted = {act.receipt.sha256 for act in acted if act}
    late = [
        attempt
        for one in judged
        for attempt in one.attempts
        if one.receipt.run > closing.run and one.receipt.sha256 not in counted and attempt.stage != MEETING
    ]
    findings = {_to_finding(f) for f in closing.findings}
    findings |= {_late(attempt) for attempt in late}
    findings |= {
        finding("case.amended", None, a["staff_id"], reason=a["reason"], author=a["author"], at=day_of(a["at"]))
        for a in closing.amendments
    }
    return Assessment(
        week=closing.week,
        cases=cases,
        findings=tuple(sorted(findings, key=Finding.sort_key)),
        counted=frozenset(counted),
        replaced=frozenset(closing.fates["replaced"]),
        conflicting=frozenset(closing.fates["conflicting"]),
        copies=frozenset(closing.fates["copies"]),
        scheme=closing.scheme,
        closed_at=closing.at,
        units=tuple(units),
    )


def _late(attempt: Attempt) -> Finding:
    place = attempt.statement.place if attempt.statement else attempt.findings[0].place
    of_unit = attempt.stage == UNIT or attempt.subject.startswith(UNIT_SUBJECT)
    return finding("form.after-close", place, attempt.author if of_unit else attempt.subject)


def _case(week: Week, body: Mapping[str, Any], acts: Mapping[str, Statement | None]) -> Case:
    return Case(
        period=week,
        **{name: body[name] for name in _PLAIN},
        report=acts["report"],
        review=acts["review"],
        approval=acts["approval"],
        **_scores(body),
        flags=body["flags"],
        failing_weeks=body["failing_weeks"],
        streaks=tuple(
            Streak(rule, tuple(Week.parse(w) for w in weeks), holds, meeting)
            for rule, weeks, holds, meeting in body["streaks"]
        ),
    )


def _unit(
    week: Week, body: Mapping[str, Any], attempts: Mapping[tuple[str, str, str], Statement], approval_stage: str
) -> UnitReport:
    unit_id, acts = body["unit_id"], body["acts"]
    return UnitReport(
        week,
        **{name: body[name] for name in _UNIT},
        **_scores(body),
        report=attempts.get((UNIT, unit_id, acts.get("report", ""))),
        approval=attempts.get((approval_stage, f"{UNIT_SUBJECT}{unit_id}", acts.get("approval", ""))),
    )


def _scores(body: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "scores": {criterion: Decimal(score) for criterion, score in body["scores"].items()},
        "total": None if body["total"] is None else Decimal(body["total"]),
    }


# --- findings as JSON: their particulars keep their types, so that they can still be said in any language ---------------


def _from_finding(found: Finding) -> list[Any]:
    place = found.place
    params = {name: _pack(value) for name, value in found.params}
    return [found.code, place.file, place.sheet, place.cell, found.staff_id, params]


def _to_finding(body: Sequence[Any]) -> Finding:
    code, file, sheet, cell, staff_id, params = body
    return Finding(code, Place(file, sheet, cell), staff_id, tuple(sorted((k, _unpack(v)) for k, v in params.items())))


def _pack(value: Any) -> Any:
    if isinstance(value, Phrase):
        return {"phrase": str(value)}
    if isinstance(value, Moment):
        return {"moment": str(value)}
    if isinstance(value, Titles):
        return {"titles": [list(pair) for pair in value]}
    if isinstance(value, Decimal):
        return {"decimal": format(value, "f")}
    if isinstance(value, Week):
        return {"week": str(value)}
    if isinstance(value, dt.date):
        return {"date": value.isoformat()}
    if isinstance(value, tuple):
        return {"items": [_pack(item) for item in value]}
    return value


def _unpack(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "phrase":
        return Phrase(content)
    if kind == "moment":
        return Moment(content)
    if kind == "titles":
        return Titles(tuple(pair) for pair in content)
    if kind == "decimal":
        return Decimal(content)
    if kind == "week":
        return Week.parse(content)
    if kind == "date":
        return dt.date.fromisoformat(content)
    return tuple(_unpack(item) for item in content)
