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
from batch.resolve import Corrections, Fates, resolve
from batch.roster import Roster, Unit
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
    rated: int = 0  # members of the unit and of those below it who have a level, and how many of them failed
    failed: int = 0


def unit_reports(
    week: Week, judged: Sequence[Judged], rules: Rules, cases: Mapping[str, Case], now: str = ""
) -> tuple[list[UnitReport], list[Finding], Fates]:
    """The units' reports of a week in roster order, what was found, and what became of the files.

    ``now`` tells what is overdue ('': nothing is).
    """
    collective = rules.scheme.collective
    fates = Fates()
    if collective is None or not rules.roster.working_days(week):
        return [], [], fates
    day = rules.roster.reference_day(week)
    attempts: dict[tuple[str, str], list[Attempt]] = {}
    for one in judged:
        for attempt in one.attempts:
            attempts.setdefault((attempt.stage, attempt.subject), []).append(attempt)
    corrections, members = Corrections(one.receipt for one in judged), members_of(rules.scheme, rules.roster, cases)
    reports: list[UnitReport] = []
    notes: list[Finding] = []
    for unit in rules.roster.unit_rows:
        if unit.kind not in collective.unit_kinds or not unit.covers(day):
            continue
        if not unit.head_id:
            notes.append(_vacant("unit.vacant-head", unit))
            continue
        head = rules.roster.acting_for(unit.head_id, day, "")
        leader = next((u.leader_id for u in rules.roster.climb(unit.unit_id, day) if u.leader_id), "")
        approver = rules.roster.acting_for(leader, day, head) if leader else ""
        if not approver:
            notes.append(_vacant("unit.vacant-leader", unit))
        desk = _Desk(rules, corrections, notes, fates)
        report, back = desk.said(attempts.get((UNIT, unit.unit_id), ()), head)
        mine = attempts.get((rules.scheme.stages[2].id, f"{UNIT_SUBJECT}{unit.unit_id}"), ())
        approval, undecided = desk.said(mine, approver, report) if report else (None, None)
        tried = bool(attempts.get((UNIT, unit.unit_id)))
        decided = _decide(week, unit, head, approver, report, approval, rules.scheme, tried)
        one_unit = with_members(decided, members)
        sent_back = _sent_back(one_unit, rules)
        notes += sent_back.findings if sent_back else ()
        reports.append(replace(one_unit, returned=back or sent_back, decision_returned=undecided))
        notes += [*_notes(one_unit, rules), *_times(one_unit, rules, now)]
    return reports, notes, fates


@dataclass(frozen=True)
class _Desk:
    """Where one statement after the other is settled; what was found goes to ``notes``, the files' lot to ``fates``."""

    rules: Rules
    corrections: Corrections
    notes: list[Finding]
    fates: Fates

    def said(
        self, attempts: Sequence[Attempt], author: str, seen: Statement | None = None
    ) -> tuple[Statement | None, Attempt | None]:
        """What the entitled author says, and what goes back to them; an approval (``seen``) holds only for what it saw."""
        label, entitled = self.rules.roster.label, [attempt for attempt in attempts if attempt.author == author]
        for attempt in attempts:
            if attempt not in entitled:
                place = attempt.statement.place if attempt.statement else attempt.findings[0].place
                who = {"author": label(attempt.author), "holder": label(author) or "–"}
                self.notes.append(finding("unit.not-entitled", place, "", unit=self._name(attempt.subject), **who))
        valid = [a.statement for a in entitled if a.statement]
        outdated = [s for s in valid if seen is not None and s.seen != seen.says]
        valid = [s for s in valid if s not in outdated]
        self.fates.replaced.update(s.receipt.sha256 for s in outdated)
        said = resolve(valid, self.corrections)
        unanswered = said.unanswered(entitled, self.corrections)
        self.fates.settle(said, entitled, unanswered)
        self.notes.extend(f for a in unanswered for f in a.findings)
        last = resolve(outdated, self.corrections).standing
        if last and not valid and last.decision != "return":
            self.notes.append(finding("unit.stale", last.place, "", unit=self._name(last.subject), author=label(author)))
        conflict: list[Finding] = []
        if said.conflict:
            files = "; ".join(s.receipt.name for s in said.conflict)
            place = said.conflict[0].place
            conflict.append(finding("form.conflict", place, said.conflict[0].subject, author=label(author), files=files))
        self.notes.extend(conflict)
        return said.standing, said.goes_back(unanswered, conflict)

    def _name(self, subject: str) -> str:
        unit_id = subject.removeprefix(UNIT_SUBJECT)
        return self.rules.roster.unit_name(unit_id) or unit_id


def _vacant(code: str, unit: Unit) -> Finding:
    return finding(code, None, "", unit=unit.name)


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


def members_of(scheme: Scheme, roster: Roster, cases: Mapping[str, Case]) -> Mapping[str, tuple[int, int]]:
    """By unit: how many of its members, and of those of the units below it, have a level, and how many of them failed."""
    failing = {band.id for band in scheme.bands if band.tone == "bad"}
    here: dict[str, list[bool]] = {}
    for case in cases.values():
        if case.band:
            here.setdefault(case.unit_id, []).append(case.band in failing)
    counts: dict[str, tuple[int, int]] = {}
    for unit_id, failed in here.items():
        for above in _above(unit_id, roster):
            rated, bad = counts.get(above, (0, 0))
            counts[above] = rated + len(failed), bad + sum(failed)
    return counts


def with_members(report: UnitReport, members: Mapping[str, tuple[int, int]]) -> UnitReport:
    """With how the members of the unit, and of those below it, stand (:func:`members_of`)."""
    rated, failed = members.get(report.unit_id, (0, 0))
    return replace(report, rated=rated, failed=failed)


def _notes(report: UnitReport, rules: Rules) -> list[Finding]:
    notes = []
    if report.state == "missing":
        head = rules.roster.label(report.head_id)
        notes.append(finding("unit.missing", Place(), report.head_id, unit=report.name, head=head))
    best = report.band and rules.scheme.band(report.band).tone == "best"
    if best and report.rated and Fraction(report.failed, report.rated) >= _NOTABLE:
        band = rules.scheme.band(report.band).titles
        share = {"failed": report.failed, "members": report.rated}
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


def _above(unit_id: str, roster: Roster) -> set[str]:
    """The unit and all units above it, as the roster has them now."""
    ids: set[str] = set()
    while unit_id in roster.units and unit_id not in ids:
        ids.add(unit_id)
        unit_id = roster.units[unit_id].parent_id
    return ids


def state_name(report: UnitReport) -> Phrase:
    """The state as a message of the catalogues."""
    return Phrase({"missing": "Missing", "returned": "Returned", "submitted": "Sent", "approved": "Approved"}[report.state])
