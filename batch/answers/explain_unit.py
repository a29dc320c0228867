"""Everything behind a unit's own report of one week: who files and who confirms it, what came, what stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from batch.answers.check import finding_data
from batch.answers.explain import Score, Submission, attempts_of, fate_of, submission, submission_data
from batch.collective import UNIT, UnitReport
from batch.core.finding import Finding, Place, UserError
from batch.core.period import Week
from batch.core.records import as_json
from batch.desk import Setup
from batch.i18n import Speaker
from batch.pipeline import look
from batch.resolve import Corrections
from batch.scheme import Band, Scheme
from batch.validate import UNIT_SUBJECT, Judged


@dataclass(frozen=True)
class UnitExplanation:
    """The answer. ``below``: the lower bound of the next higher band, None for the highest."""

    week: Week
    report: UnitReport
    submissions: tuple[Submission, ...]
    scored_by: str  # stage whose scores count, '' if none do
    scores: tuple[Score, ...]
    band: Band | None
    below: Decimal | None
    scheme: Scheme
    findings: tuple[Finding, ...]


def explain_unit(setup: Setup, unit_id: str, week: Week) -> UnitExplanation:
    """The trace of a unit's week. Raises ``use.unknown-subject`` for a unit that files no report in it."""
    judged, assessed = look(setup, week, whole=lambda one: any(a.subject.endswith(unit_id) for a in one.attempts))
    assessment = assessed[week]
    report = next((u for u in assessment.units if u.unit_id == unit_id), None)
    if report is None:
        raise UserError("use.unknown-subject", Place(str(setup.folder / "roster.xlsx"), "units"), found=unit_id, week=week)
    scheme = assessment.scheme
    band = scheme.band(report.band) if report.band else None
    scored_by, scores = _scores(report, scheme)
    submissions = _submissions(report, judged, scheme)
    files = {one.receipt.name for one in submissions}
    return UnitExplanation(
        week=week,
        report=report,
        submissions=submissions,
        scored_by=scored_by,
        scores=scores,
        band=band,
        below=min((b.min for b in scheme.bands if band and b.min > band.min), default=None),
        scheme=scheme,
        findings=tuple(f for f in assessment.findings if _about(f, report, files)),
    )


def _about(found: Finding, report: UnitReport, files: set[str]) -> bool:
    """Whether a finding is about the unit: it names it, or stands in its own form."""
    names = (report.unit_id, f"{UNIT_SUBJECT}{report.unit_id}")
    return dict(found.params).get("unit") == report.name or (found.staff_id in names and found.place.file in files)


def _scores(report: UnitReport, scheme: Scheme) -> tuple[str, tuple[Score, ...]]:
    adjusted = report.approval is not None and report.approval.decision == "adjust"
    source = report.approval if adjusted else report.report
    if source is None:
        return "", ()
    places = source.places
    lines = (Score(c, report.scores[c.id], places.get(f"score.{c.id}", source.place)) for c in scheme.criteria)
    return source.stage, tuple(lines)


def _submissions(report: UnitReport, judged: Sequence[Judged], scheme: Scheme) -> tuple[Submission, ...]:
    corrections = Corrections(j.receipt for j in judged if j.period == report.week and j.attempts)
    approval = scheme.stages[2].id
    filed = attempts_of(judged, report.week, UNIT, report.unit_id)
    decided = attempts_of(judged, report.week, approval, f"{UNIT_SUBJECT}{report.unit_id}")
    found = [submission(a, fate_of(a, filed, report.report, report.head_id, corrections), scheme) for a in filed]
    for one in decided:
        fate = fate_of(one, decided, report.approval, report.approver_id, corrections, answers=report.report)
        found.append(submission(one, fate, scheme))
    return tuple(found)


def as_data(answer: UnitExplanation, setup: Setup, say: Speaker) -> dict[str, Any]:
    """The answer as plain JSON types; keys are stable."""
    report, scheme = answer.report, answer.scheme
    return {
        "period": {"key": str(answer.week), "start": str(answer.week.start), "end": str(answer.week.end)},
        "unit": {"unit_id": report.unit_id, "name": report.name, "head_id": report.head_id, "leader_id": report.approver_id},
        "submissions": [submission_data(one, setup, say) for one in answer.submissions],
        "result": {
            "state": report.state,
            "scores_of": answer.scored_by,
            "scores": [
                {"criterion": s.criterion.id, "value": as_json(s.value), "place": as_json(s.place)} for s in answer.scores
            ],
            "total": as_json(report.total),
            "band": report.band,
        },
        "scheme": {"id": scheme.id, "version": scheme.version, "hash": scheme.hash, "legal_basis": scheme.legal_basis},
        "roster_sha256": setup.roster_hash,
        "findings": [finding_data(f, say) for f in answer.findings],
    }
