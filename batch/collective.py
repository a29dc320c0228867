"""Collective reports: each unit's own assessment, filed by its head and approved by the leader in charge.

It stands beside the members' results; what stands out between the two is pointed out, never changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from batch.core.finding import Finding, Moment, Phrase, Place, finding
from batch.core.number import plain
from batch.core.period import Week
from batch.core.records import Case, Statement
from batch.resolve import Corrections, resolve
from batch.roster import Unit
from batch.scheme import Scheme
from batch.validate import UNIT_SUBJECT, Attempt, Judged, Rules

UNIT = "unit"
_NOTABLE = Fraction(1, 3)  # so many failed members in a unit that calls itself excellent are pointed out


@dataclass(frozen=True)
class UnitReport:
    """A unit in one week: who files, who approves, what was said, and the scores that stand.

    ``returned``: the report that goes back to the head, with what is to be answered: its faults, or the leader's return;
    ``decision_returned``: the leader's faulty answer that goes back to them.
    """

    week: Week
    unit_id: str
    name: str
    head_id: str
    approver_id: str
    state: Literal["missing", "returned", "submitted", "approved"]
    report: Statement | None = None
    approval: Statement | None = None
    scores: Mapping[str, Decimal] = field(default_factory=dict)
    total: Decimal | None = None
    band: str = ""
    returned: Attempt | None = None
    decision_returned: Attempt | None = None


def unit_reports(
    week: Week, judged: Sequence[Judged], rules: Rules, cases: Mapping[str, Case], now: str = ""
) -> tuple[list[UnitReport], list[Finding], set[str]]:
    """The units' reports of a week in roster order, what was found, and the files that count.

    ``now`` tells what is overdue ('': nothing is).
    """
    collective = rules.scheme.collective
    if collective is None or not rules.roster.working_days(week):
        return [], [], set()
    day = rules.roster.reference_day(week)
    attempts: dict[tuple[str, str], list[Attempt]] = {}
    for one in judged:
        for attempt in one.attempts:
            attempts.setdefault((attempt.stage, attempt.subject), []).append(attempt)
    corrections = Corrections(one.receipt for one in judged)
    reports: list[UnitReport] = []
    notes: list[Finding] = []
    counted: set[str] = set()
    for unit in rules.roster.unit_rows:
        if unit.kind not in collective.unit_kinds or not unit.covers(day) or not unit.head_id:
            continue
        head = rules.roster.acting_for(unit.head_id, day, "")
        leader = next((u.leader_id for u in rules.roster.climb(unit.unit_id, day) if u.leader_id), "")
        approver = rules.roster.acting_for(leader, day, head) if leader else ""
        report, back = _said(attempts.get((UNIT, unit.unit_id), ()), head, None, corrections, rules, notes)
        approval_stage = rules.scheme.stages[2].id
        mine = attempts.get((approval_stage, f"{UNIT_SUBJECT}{unit.unit_id}"), ())
        approval, undecided = _said(mine, approver, report, corrections, rules, notes) if report else (None, None)
        one_unit = _decide(
            week, unit, head, approver, report, approval, rules.scheme, bool(attempts.get((UNIT, unit.unit_id)))
        )
        sent_back = _sent_back(one_unit, rules)
        notes += sent_back.findings if sent_back else ()
        reports.append(replace(one_unit, returned=back or sent_back, decision_returned=undecided))
        counted |= {act.receipt.sha256 for act in (report, approval) if act}
        notes += [*_notes(one_unit, rules, cases), *_times(one_unit, rules, now)]
    return reports, notes, counted


def _said(
    attempts: Sequence[Attempt],
    author: str,
    seen: Statement | None,
    corrections: Corrections,
    rules: Rules,
    notes: list[Finding],
) -> tuple[Statement | None, Attempt | None]:
    """What the entitled author says, and what goes back to them; an approval (``seen``) holds only for what it saw."""
    entitled = [attempt for attempt in attempts if attempt.author == author]
    for attempt in attempts:
        if attempt not in entitled:
            place = attempt.statement.place if attempt.statement else attempt.findings[0].place
            who = {"author": rules.roster.label(attempt.author), "holder": rules.roster.label(author) or "–"}
            notes.append(finding("unit.not-entitled", place, "", unit=attempt.subject.removeprefix(UNIT_SUBJECT), **who))
    valid = [a.statement for a in entitled if a.statement and (seen is None or a.statement.seen == seen.says)]
    said = resolve(valid, corrections)
    unanswered = said.unanswered(entitled, corrections)
    notes += [f for a in unanswered for f in a.findings]
    conflict: list[Finding] = []
    if said.conflict:
        files = "; ".join(s.receipt.name for s in said.conflict)
        author_label = rules.roster.label(author)
        place = said.conflict[0].place
        conflict.append(finding("form.conflict", place, said.conflict[0].subject, author=author_label, files=files))
    notes += conflict
    return said.standing, said.goes_back(unanswered, conflict)


def _sent_back(unit: UnitReport, rules: Rules) -> Attempt | None:
    """The report that the leader returned, with their reason."""
    report, approval = unit.report, unit.approval
    if report is None or approval is None or approval.decision != "return":
        return None
    who = {"author": rules.roster.label(approval.author), "head": rules.roster.label(unit.head_id)}
    told = finding("unit.returned", approval.place, "", unit=unit.name, reason=approval.texts["reason"], **who)
    return Attempt(UNIT, unit.unit_id, unit.head_id, unit.week, report.receipt, report, (told,))


def _decide(
    week: Week,
    unit: Unit,
    head: str,
    approver: str,
    report: Statement | None,
    approval: Statement | None,
    scheme: Scheme,
    tried: bool,
) -> UnitReport:
    state: Literal["missing", "returned", "submitted", "approved"] = "returned" if tried else "missing"
    scores: Mapping[str, Decimal] = {}
    if report:
        state, scores = "submitted", report.scores
        if approval:
            state = "returned" if approval.decision == "return" else "approved"
            scores = approval.scores if approval.decision == "adjust" else scores
    total = plain(sum(scores.values(), Decimal(0))) if scores else None
    band = scheme.band_of(total).id if total is not None else ""
    return UnitReport(week, unit.unit_id, unit.name, head, approver, state, report, approval, scores, total, band)


def _notes(report: UnitReport, rules: Rules, cases: Mapping[str, Case]) -> list[Finding]:
    notes = []
    if report.state == "missing":
        head = rules.roster.label(report.head_id)
        notes.append(finding("unit.missing", Place(), report.head_id, unit=report.name, head=head))
    tones = {band.id: band.tone for band in rules.scheme.bands}
    members = [c for c in cases.values() if c.band and report.unit_id in _above(c.unit_id, rules)]
    failed = sum(tones[c.band] == "bad" for c in members)
    if report.band and tones[report.band] == "best" and members and Fraction(failed, len(members)) >= _NOTABLE:
        band = rules.scheme.band(report.band).titles
        share = {"failed": failed, "members": len(members)}
        place = report.report.place if report.report else Place()
        notes.append(finding("unit.contrast", place, report.head_id, unit=report.name, band=band, **share))
    return notes


def _times(report: UnitReport, rules: Rules, now: str) -> list[Finding]:
    """A report or confirmation after its deadline, or not come although its deadline has passed."""
    steps = ((UNIT, report.report, report.head_id), (rules.scheme.stages[2].id, report.approval, report.approver_id))
    notes = []
    for form, act, who in steps:
        deadline = rules.office.deadline(form, report.week)
        if not deadline:
            continue
        stage, author, by = rules.scheme.titles_of(form), rules.roster.label(who), Moment(deadline)
        about: dict[str, Any] = {"unit": report.name, "stage": stage, "author": author, "deadline": by}
        if act and act.receipt.received > deadline:
            received = Moment(act.receipt.received)
            notes.append(finding("unit.late", act.place, "", received=received, **about))
        if now > deadline and who and waits_for(report) == who:
            notes.append(finding("unit.overdue", None, who, **about))
    return notes


def waits_for(report: UnitReport) -> str:
    """Who has to act next on a unit's report; '' if it is confirmed, or nobody holds the post."""
    if report.state == "approved":
        return ""
    return report.approver_id if report.state == "submitted" else report.head_id


def _above(unit_id: str, rules: Rules) -> set[str]:
    """The unit and all units above it, as the roster has them now."""
    ids: set[str] = set()
    while unit_id in rules.roster.units and unit_id not in ids:
        ids.add(unit_id)
        unit_id = rules.roster.units[unit_id].parent_id
    return ids


def state_name(report: UnitReport) -> Phrase:
    """The state as a message of the catalogues."""
    return Phrase({"missing": "Missing", "returned": "Returned", "submitted": "Sent", "approved": "Approved"}[report.state])
