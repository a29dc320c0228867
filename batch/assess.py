"""Statements → cases: which statement stands at each stage, who may speak, and what follows for each person of a week.

Corrections, conflicts, stale approvals and late forms need no special treatment: the answer is computed anew from
everything that was ever submitted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from batch.collective import UnitReport
from batch.core.finding import Finding, Moment, Phrase, Titles, finding
from batch.core.number import plain
from batch.core.period import Week
from batch.core.records import Case, State, Statement
from batch.meetings import Meeting
from batch.resolve import Corrections, Fates, resolve
from batch.roster import Person
from batch.scheme import Scheme
from batch.validate import UNIT_SUBJECT, Attempt, Judged, Rules


@dataclass(frozen=True)
class Assessment:
    """A week decided as far as it can be: cases by staff_id in report order, what was found, and which statements count."""

    week: Week
    cases: Mapping[str, Case]
    findings: tuple[Finding, ...]
    fates: Fates
    scheme: Scheme
    closed_at: str = ""  # when the week was closed, or ''
    units: tuple[UnitReport, ...] = ()
    meetings: tuple[Meeting, ...] = ()  # of this week and before it
    unrecorded: tuple[Meeting, ...] = ()  # those of which no record has come to this day, also if the week is closed
    returned: tuple[Attempt, ...] = ()  # what goes back to its author, with what is to be answered; the newest of each


def assess(week: Week, judged: Sequence[Judged], rules: Rules, now: str = "") -> Assessment:
    """Decide one week from everything submitted for it; ``now`` tells what is overdue ('': nothing is).

    Streaks are added by :mod:`batch.streaks`.
    """
    return _Week(week, judged, rules, now).decide()


class _Week:
    def __init__(self, week: Week, judged: Sequence[Judged], rules: Rules, now: str) -> None:
        self.week = week
        self.now = now
        self.rules = rules
        self.judged = judged
        self.corrections = Corrections(j.receipt for j in judged)
        self.findings: list[Finding] = [f for j in judged for f in j.findings]
        self.fates = Fates()
        self.returned: list[Attempt] = []
        self.attempts: dict[tuple[str, str], list[Attempt]] = {}
        for one in judged:
            for attempt in one.attempts:
                self.attempts.setdefault((attempt.stage, attempt.subject), []).append(attempt)

    def decide(self) -> Assessment:
        people = {p.staff_id: p for p in self.rules.roster.evaluated(self.week, self.rules.scheme)}
        cases = {staff_id: self._case(person) for staff_id, person in people.items()}
        chain = {stage.id for stage in self.rules.scheme.stages}
        for (stage, subject), attempts in self.attempts.items():
            if subject not in people and stage in chain and not subject.startswith(UNIT_SUBJECT):
                for attempt in attempts:
                    self.findings += attempt.findings
                    if self.rules.roster.knows(subject):
                        label = self.rules.roster.label(subject)
                        place = attempt.statement.place if attempt.statement else attempt.findings[0].place
                        self.findings.append(finding("form.not-evaluated", place, subject, who=label))
        return Assessment(
            self.week,
            cases,
            tuple(sorted(set(self.findings), key=Finding.sort_key)),
            self.fates,
            self.rules.scheme,
            returned=tuple(self.returned),
        )

    # --- one person -------------------------------------------------------------------------------------------------

    def _case(self, person: Person) -> Case:
        roster, scheme = self.rules.roster, self.rules.scheme
        subject = person.staff_id
        case = Case(
            period=self.week,
            staff_id=subject,
            name=person.name,
            role=person.role,
            position=person.position,
            unit_id=person.unit_id,
            state="missing",
            reviewer_id=roster.reviewer(person, self.week),
            approver_id=roster.approver(person, self.week, scheme),
        )
        excuse = roster.on_leave(subject, self.week) if roster.working_days(self.week) else Phrase("no working day")
        self_stage, review_stage, approval_stage = (stage.id for stage in scheme.stages)
        if excuse:
            self._note_excused(subject, excuse)
            return replace(case, state="excused", excuse=excuse)
        report = self._stands(self_stage, subject, subject)
        review = self._stands(review_stage, subject, case.reviewer_id)
        approval = self._stands(approval_stage, subject, case.approver_id, review)
        faulty = report is None and bool(self.attempts.get((self_stage, subject)))
        state: State = "submitted" if report else "returned" if faulty else "missing"
        case = replace(case, report=report, report_faulty=faulty, state=state, waiting=self_stage, waiting_for=subject)
        if state == "submitted":
            case = replace(case, waiting=review_stage, waiting_for=case.reviewer_id)
        if review:
            case = self._reviewed(case, review, approval_stage)
            if approval:
                case = self._approved(case, approval, review_stage)
            elif scheme.reviewer_is_approver == "one_sheet" and case.reviewer_id == case.approver_id:
                case = self._approved_at_once(case, review)
        else:
            self._note_early(approval_stage, case)
        self._note_gaps(case)
        self._note_times(case)
        return case

    def _reviewed(self, case: Case, review: Statement, approval_stage: str) -> Case:
        return replace(
            self._scored(case, review.scores, review.flags),
            state="reviewed",
            review=review,
            waiting=approval_stage,
            waiting_for=case.approver_id,
        )

    def _approved(self, case: Case, approval: Statement, review_stage: str) -> Case:
        roster = self.rules.roster
        case = replace(case, approval=approval)
        author, reason = roster.label(approval.author), approval.texts.get("reason", "")
        if approval.decision == "return":
            self.findings.append(
                finding(
                    "approval.returned",
                    approval.place,
                    case.staff_id,
                    author=author,
                    reviewer=roster.label(case.reviewer_id),
                    reason=reason,
                )
            )
            return replace(case, state="returned", waiting=review_stage, waiting_for=case.reviewer_id)
        if approval.decision == "adjust":
            before = case.total
            case = self._scored(case, approval.scores, case.review.flags if case.review else {})
            self.findings.append(
                finding(
                    "approval.adjusted",
                    approval.place,
                    case.staff_id,
                    author=author,
                    before=before,
                    after=case.total,
                    reason=reason,
                )
            )
        return replace(case, state="approved", waiting="", waiting_for="")

    def _approved_at_once(self, case: Case, review: Statement) -> Case:
        """Reviewer and approver are one person, who needs no second sheet under this scheme."""
        author = self.rules.roster.label(review.author)
        self.findings.append(finding("approval.one-sheet", review.place, case.staff_id, author=author))
        return replace(case, state="approved", one_sheet=True, waiting="", waiting_for="")

    def _scored(self, case: Case, scores: Mapping[str, Decimal], answered: Mapping[str, bool]) -> Case:
        """Total, band and flags from scores: exact sums, bands by lower bound on the unrounded total."""
        scheme = self.rules.scheme
        total = plain(sum((scores[c.id] for c in scheme.criteria), Decimal(0)))
        band = scheme.band_of(total).id
        flags = {f.id: band == f.band for f in scheme.flags if f.band is not None}
        return replace(case, scores=scores, total=total, band=band, flags={**answered, **flags})

    # --- which statement stands -------------------------------------------------------------------------------------

    def _stands(self, stage: str, subject: str, author: str, review: Statement | None = None) -> Statement | None:
        """What the one who may speak says and has not corrected since; ``review``: what an approval must have seen."""
        allowed = [a for a in self.attempts.get((stage, subject), ()) if self._may_speak(a, author)]
        valid = self._signed_first([a.statement for a in allowed if a.statement])
        if stage == self.rules.scheme.stages[2].id:
            fresh = [s for s in valid if review is not None and s.seen == review.says]
            outdated = [s for s in valid if s not in fresh]
            if review is not None and outdated:
                self.fates.replaced.update(s.receipt.sha256 for s in outdated)
                if not fresh:
                    self._note_stale(outdated)
            valid = fresh
        found = resolve(valid, self.corrections)
        conflict: tuple[Finding, ...] = ()
        if found.conflict:
            named = (f"{s.receipt.name} ({s.place.cell})" if s.place.cell else s.receipt.name for s in found.conflict)
            label = self.rules.roster.label(author)
            place = found.conflict[0].place
            conflict = (finding("form.conflict", place, subject, author=label, files="; ".join(named)),)
            self.findings += conflict
        unanswered = found.unanswered(allowed, self.corrections)
        self.findings += [f for attempt in unanswered for f in attempt.findings]
        self.fates.settle(found, allowed, unanswered)
        if back := found.goes_back(unanswered, conflict):
            self.returned.append(back)
        return found.standing

    def _signed_first(self, valid: list[Statement]) -> list[Statement]:
        """A blank form, which anybody could have filled in, never stands against a signed one."""
        signed = [s for s in valid if s.receipt.reading and s.receipt.reading.header.get("token")]
        if not signed:
            return valid
        for statement in valid:
            if statement not in signed:
                self.findings.append(finding("form.blank-set-aside", statement.place, statement.subject))
        return signed

    def _may_speak(self, attempt: Attempt, author: str) -> bool:
        """Whether the attempt's author is the one who may speak at this stage; if not, that is a finding."""
        if attempt.author == author:
            return True
        roster = self.rules.roster
        place = attempt.statement.place if attempt.statement else attempt.findings[0].place
        stages = self.rules.scheme.stages
        if attempt.stage == stages[2].id:
            code, who = "approval.not-authority", {"approver": roster.label(author) or "–"}
        else:
            code, who = "review.not-reviewer", {"reviewer": roster.label(author) or "–"}
        self.findings.append(finding(code, place, attempt.subject, author=roster.label(attempt.author), **who))
        return False

    # --- notes --------------------------------------------------------------------------------------------------------

    def _note_stale(self, decided: Sequence[Statement]) -> None:
        """A decision that no longer holds, unless it was a return: that has been answered by the new review."""
        last = resolve(decided, self.corrections)
        for statement in (last.standing, *last.conflict):
            if statement and statement.decision != "return":
                label = self.rules.roster.label(statement.author)
                self.findings.append(finding("approval.stale", statement.place, statement.subject, author=label))

    def _note_times(self, case: Case) -> None:
        """What came after its deadline, and what is still to come although its deadline has passed."""
        stages = self.rules.scheme.stages
        for stage, act in zip(stages, (case.report, case.review, case.approval), strict=True):
            deadline = self.rules.office.deadline(stage.id, self.week)
            if deadline and act and act.receipt.received > deadline:
                self.findings.append(
                    finding(
                        "form.late",
                        act.place,
                        case.staff_id,
                        stage=stage.titles,
                        author=self.rules.roster.label(act.author),
                        received=Moment(act.receipt.received),
                        deadline=Moment(deadline),
                    )
                )
            if deadline and self.now > deadline and case.waiting == stage.id and case.waiting_for:
                who = self.rules.roster.label(case.waiting_for)
                self.findings.append(
                    finding("case.overdue", None, case.staff_id, stage=stage.titles, author=who, deadline=Moment(deadline))
                )

    def _note_early(self, stage: str, case: Case) -> None:
        for attempt in self.attempts.get((stage, case.staff_id), ()):
            if attempt.statement and attempt.author == case.approver_id:
                self.findings.append(finding("approval.early", attempt.statement.place, case.staff_id))

    def _note_excused(self, subject: str, excuse: str) -> None:
        for stage in self.rules.scheme.stages:
            for attempt in self.attempts.get((stage.id, subject), ()):
                place = attempt.statement.place if attempt.statement else attempt.findings[0].place
                self.findings.append(finding("form.excused", place, subject, reason=excuse))

    def _note_gaps(self, case: Case) -> None:
        """What is missing around a case: its own report, or anybody to review or approve it."""
        if not self.attempts.get((self.rules.scheme.stages[0].id, case.staff_id)):
            self.findings.append(finding("case.self-missing", None, case.staff_id, name=case.name))
        if not case.reviewer_id:
            self.findings.append(finding("review.vacant", None, case.staff_id))
        if not case.approver_id:
            role = self.rules.scheme.role(case.role)
            titles = {a.id: a.titles for a in self.rules.scheme.authority}
            authority = titles.get(role.authority or "", Titles()) if role else Titles()
            self.findings.append(finding("approval.vacant", None, case.staff_id, authority=authority))
