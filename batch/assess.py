"""Statements → cases: which statement stands at each stage, who may speak, and what follows for each person of a week.

Corrections, conflicts, stale approvals and late forms need no special treatment: the answer is computed anew from
everything that was ever submitted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Generic

from batch.agreed import changed, lacking, points, with_points
from batch.chain import AMENDS, binding, holds, next_stage, speaker, waived
from batch.collective import UnitReport
from batch.core.finding import Finding, Moment, Phrase, Place, Titles, finding
from batch.core.folded import alike
from batch.core.number import plain
from batch.core.period import P
from batch.core.records import NONE, Case, State, Statement
from batch.meetings import Meeting
from batch.resolve import Corrections, Fates, resolve
from batch.roster import Person
from batch.scheme import Scheme, Stage
from batch.validate import UNIT_SUBJECT, Attempt, Judged, Rules


@dataclass(frozen=True)
class Assessment(Generic[P]):
    """A period decided as far as it can be: cases by staff_id in report order, what was found, which statements count."""

    period: P
    cases: Mapping[str, Case[P]]
    findings: tuple[Finding, ...]
    fates: Fates
    scheme: Scheme
    closed_at: str = ""  # when the period was closed, or ''
    units: tuple[UnitReport, ...] = ()
    meetings: tuple[Meeting, ...] = ()  # of this week and before it
    unrecorded: tuple[Meeting, ...] = ()  # those of which no record has come to this day, also if the week is closed
    evidence: Mapping[str, str] = field(default_factory=dict)  # the files of weekly results that are shown: name → SHA-256
    returned: tuple[Attempt[P], ...] = ()  # what goes back to its author, with what is to be answered; the newest of each


def assess(period: P, judged: Sequence[Judged[P]], rules: Rules, now: str = "") -> Assessment[P]:
    """Decide one period from everything submitted for it; ``now`` tells what is overdue ('': nothing is).

    Streaks are added by :mod:`batch.streaks`.
    """
    return _Decider(period, judged, rules, now).decide()


# What is said of an act that doesn't hold. The weekly chain's own words; (what, part of the chain) → code.
_SAID = {
    ("not-entitled", "report"): "review.not-reviewer",
    ("not-entitled", "review"): "review.not-reviewer",
    ("not-entitled", "approval"): "approval.not-authority",
    ("stale", "approval"): "approval.stale",
    ("early", "approval"): "approval.early",
    ("returned", "approval"): "approval.returned",
}


class _Decider(Generic[P]):
    def __init__(self, period: P, judged: Sequence[Judged[P]], rules: Rules, now: str) -> None:
        self.period = period
        self.now = now
        self.rules = rules
        self.judged = judged
        self.corrections = Corrections(j.receipt for j in judged)
        self.findings: list[Finding] = [f for j in judged for f in j.findings]
        self.fates = Fates()
        self.returned: list[Attempt[P]] = []
        scheme = rules.scheme
        self.parts = {scheme.part(stage): stage for stage in scheme.stages}
        self.part_of = {stage.id: scheme.part(stage) for stage in scheme.stages}
        self.agreements = [stage.id for stage in scheme.stages if stage.kind == "agreement"]
        self.computed_flags = [(flag.id, flag.band) for flag in scheme.flags if flag.band is not None]
        self.criteria = [criterion.id for criterion in scheme.criteria]
        self.attempts: dict[tuple[str, str], list[Attempt[P]]] = {}
        for one in judged:
            for attempt in one.attempts:
                self.attempts.setdefault((attempt.stage, attempt.subject), []).append(attempt)

    def decide(self) -> Assessment[P]:
        people = {p.staff_id: p for p in self.rules.roster.evaluated(self.period, self.rules.scheme)}
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
            self.period,
            cases,
            tuple(sorted(set(self.findings), key=Finding.sort_key)),
            self.fates,
            self.rules.scheme,
            returned=tuple(self.returned),
        )

    # --- one person -------------------------------------------------------------------------------------------------

    def _case(self, person: Person) -> Case[P]:
        roster, scheme = self.rules.roster, self.rules.scheme
        subject = person.staff_id
        case = Case(
            period=self.period,
            staff_id=subject,
            name=person.name,
            role=person.role,
            position=person.position,
            unit_id=person.unit_id,
            state="missing",
            reviewer_id=roster.reviewer(person, self.period),
            approver_id=roster.approver(person, self.period, scheme),
            committee_id=roster.acting(self.rules.office.committee_id, person, self.period),
            group=roster.group(subject, self.period, scheme),
        )
        excuse = roster.on_leave(subject, self.period) if roster.working_days(self.period) else Phrase("no working day")
        if excuse:
            self._note_excused(subject, excuse)
            return replace(case, state="excused", excuse=excuse)
        acts: dict[str, Statement[P]] = {}
        for stage in scheme.stages:
            act = self._stands(stage, case, acts)
            if act:
                acts[stage.id] = with_points(scheme, case.group, self._agreement(acts), act)
        case = self._followed(case, acts)
        self._note_gaps(case)
        self._note_times(case)
        return case

    def _followed(self, case: Case[P], acts: Mapping[str, Statement[P]]) -> Case[P]:
        """The case with its acts, and what follows from them: scores, state, what it waits for."""
        scheme = self.rules.scheme
        parts = self.parts
        named = {part: acts.get(parts[part].id) if part in parts else None for part in ("report", "review", "approval")}
        rest = {stage: act for stage, act in acts.items() if act not in named.values()} or NONE
        faulty = named["report"] is None and "report" in parts and self._came_to_nothing(parts["report"], case.staff_id)
        state: State = "submitted" if named["report"] else "returned" if faulty else "missing"
        found: dict[str, Any] = {**named, "further": rest, "report_faulty": faulty, "state": state}
        for stage in scheme.stages:
            if act := acts.get(stage.id):
                if self.part_of[stage.id] == "review":
                    found |= self._scored(act.scores, act.flags, self._total(case, acts, act)) | {"state": "reviewed"}
                elif stage.kind == "decision":
                    found |= self._decided(case, found, stage, act)
        due = next_stage(scheme, case, acts)
        if due is None:
            return replace(case, **found | {"state": "approved", "one_sheet": self._at_once(case, found)})
        return replace(case, **found, waiting=due.id, waiting_for=speaker(due, case))

    def _came_to_nothing(self, stage: Stage, subject: str) -> bool:
        """Whether something was sent that can't stand; not, if it merely refers to what was changed afterwards."""
        attempts = self.attempts.get((stage.id, subject), ())
        return any(attempt.statement is None or not self.rules.scheme.answered(stage) for attempt in attempts)

    def _total(self, case: Case[P], acts: Mapping[str, Statement[P]], act: Statement[P]) -> Decimal | None:
        """The exact total of an appraisal's levels, which its points, cut one by one, may miss; None: the sum will do."""
        agreement = acts.get(self.agreements[0]) if self.agreements else None
        return points(self.rules.scheme, case.group, agreement, act)[1] if agreement and act.items else None

    def _agreement(self, acts: Mapping[str, Statement[P]]) -> Statement[P] | None:
        """The agreement that stands, under a scheme with agreements."""
        return next((acts[stage] for stage in self.agreements if stage in acts), None)

    def _decided(self, case: Case[P], found: Mapping[str, Any], stage: Stage, act: Statement[P]) -> Mapping[str, Any]:
        """What a decision changes of what was ``found``: nothing, the scores, or that an act is to be done again."""
        roster, reason = self.rules.roster, act.texts.get("reason", "")
        if act.decision == "return":
            about = self.rules.scheme.answered(stage)[0]
            who = {"reviewer": roster.label(speaker(about, case)), "stage": about.titles}
            self._say("returned", stage, act.place, case.staff_id, author=roster.label(act.author), reason=reason, **who)
            return {"state": "returned"}
        if act.decision == "adjust":
            scored = self._scored(act.scores, found.get("flags", {}))
            said = {
                "author": roster.label(act.author),
                "before": found.get("total"),
                "after": scored["total"],
                "reason": reason,
            }
            self.findings.append(
                finding("approval.adjusted", act.place, case.staff_id, **said, person=roster.label(case.staff_id))
            )
            return scored
        return {}

    def _at_once(self, case: Case[P], found: Mapping[str, Any]) -> bool:
        """Whether the review was the approval too: reviewer and approver are one person, who needs no second sheet."""
        scheme = self.rules.scheme
        last, review = scheme.stages[-1], found["review"]
        if found["approval"] or review is None or not (scheme.part(last) == "approval" and waived(scheme, last, case)):
            return False
        who = {"author": self.rules.roster.label(review.author), "person": self.rules.roster.label(case.staff_id)}
        self.findings.append(finding("approval.one-sheet", review.place, case.staff_id, **who))
        return True

    def _scored(
        self, scores: Mapping[str, Decimal], answered: Mapping[str, bool], exact: Decimal | None = None
    ) -> dict[str, Any]:
        """Total, band and flags from scores: exact sums, bands by lower bound on the unrounded total."""
        scheme = self.rules.scheme
        total = exact if exact is not None else plain(sum((scores[c] for c in self.criteria), Decimal(0)))
        band = scheme.band_of(total).id
        flags = {flag: band == due for flag, due in self.computed_flags}
        return {"scores": scores, "total": total, "band": band, "flags": alike({**answered, **flags})}

    # --- which statement stands -------------------------------------------------------------------------------------

    def _stands(self, stage: Stage, case: Case[P], acts: Mapping[str, Statement[P]]) -> Statement[P] | None:
        """What the one who may speak says and has not corrected since; it must have seen what it refers to."""
        subject, author, scheme = case.staff_id, speaker(stage, case), self.rules.scheme
        attempts = self.attempts.get((stage.id, subject))
        if not attempts:
            return None
        allowed = [a for a in attempts if self._may_speak(stage, a, author)]
        valid = self._signed_first([a.statement for a in allowed if a.statement])
        if scheme.answered(stage):
            bound = binding(scheme, stage, case, acts)
            fresh = [s for s in valid if bound is not None and holds(s, bound)]
            outdated = [s for s in valid if s not in fresh]
            if bound is not None and outdated:
                self.fates.replaced.update(s.receipt.sha256 for s in outdated)
                if not fresh:
                    self._note_stale(stage, outdated)
            if bound is None:
                for statement in valid:
                    self._say("early", stage, statement.place, subject)
            valid = self._complete(stage, fresh, acts)
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

    def _complete(
        self, stage: Stage, statements: list[Statement[P]], acts: Mapping[str, Statement[P]]
    ) -> list[Statement[P]]:
        """Appraisals that give every agreed item a level: a row may have been deleted from the form."""
        agreement = self._agreement(acts) if stage.kind == "appraisal" else None
        if agreement is None:
            return statements
        complete = []
        for statement in statements:
            if lacks := lacking(self.rules.scheme, agreement, statement):
                place = replace(statement.place, cell="")
                self.findings.append(finding("form.map-damaged", place, statement.subject, found=lacks[0]))
            else:
                complete.append(statement)
        return complete

    def _signed_first(self, valid: list[Statement[P]]) -> list[Statement[P]]:
        """A blank form, which anybody could have filled in, never stands against a signed one."""
        signed = [s for s in valid if s.receipt.reading and s.receipt.reading.header.get("token")]
        if not signed:
            return valid
        for statement in valid:
            if statement not in signed:
                self.findings.append(finding("form.blank-set-aside", statement.place, statement.subject))
        return signed

    def _may_speak(self, stage: Stage, attempt: Attempt[P], author: str) -> bool:
        """Whether the attempt's author is the one who may speak at this stage; if not, that is a finding."""
        if attempt.author == author:
            return True
        roster = self.rules.roster
        place = attempt.statement.place if attempt.statement else attempt.findings[0].place
        who = {"reviewer": roster.label(author) or "–", "author": roster.label(attempt.author)}
        self._say("not-entitled", stage, place, attempt.subject, **who)
        return False

    # --- notes --------------------------------------------------------------------------------------------------------

    def _say(self, what: str, stage: Stage, place: Place | None, subject: str, /, **params: Any) -> None:
        """A finding about an act: in the words of the chain of three where it is one of these, else naming the stage."""
        usual = stage.kind in ("report", "review") or (stage.kind, stage.by) == ("decision", "authority")
        code = _SAID.get((what, self.rules.scheme.part(stage))) if usual else None
        if code is None:
            code, params = f"act.{what}", {"stage": stage.titles, **params}
        elif code == "approval.not-authority":
            params = {"approver": params["reviewer"], "author": params["author"]}
        elif "stage" in params:
            params = {k: v for k, v in params.items() if k != "stage"}
        self.findings.append(finding(code, place, subject, **params, person=self.rules.roster.label(subject)))

    def _note_stale(self, stage: Stage, decided: Sequence[Statement[P]]) -> None:
        """An act that no longer holds, unless it was a return: that has been answered by what it asked for."""
        last = resolve(decided, self.corrections)
        for statement in (last.standing, *last.conflict):
            if statement and statement.decision != "return":
                label = self.rules.roster.label(statement.author)
                self._say("stale", stage, statement.place, statement.subject, author=label)

    def _note_times(self, case: Case[P]) -> None:
        """What came before its stage opened or after its deadline, and what is overdue."""
        acts = case.acts
        for stage in self.rules.scheme.stages:
            act, deadline = acts.get(stage.id), self.rules.office.deadline(stage.id, self.period)
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
            opens = self.rules.office.opening(stage.id, self.period)
            if act and act.receipt.received < opens:
                author, moments = self.rules.roster.label(act.author), (Moment(act.receipt.received), Moment(opens))
                said = {"stage": stage.titles, "author": author, "received": moments[0], "opens": moments[1]}
                self.findings.append(finding("act.before-opening", act.place, case.staff_id, **said))
            if deadline and self.now > deadline and case.waiting == stage.id and case.waiting_for:
                who = self.rules.roster.label(case.waiting_for)
                self.findings.append(
                    finding("case.overdue", None, case.staff_id, stage=stage.titles, author=who, deadline=Moment(deadline))
                )

    def _note_excused(self, subject: str, excuse: str) -> None:
        for stage in self.rules.scheme.stages:
            for attempt in self.attempts.get((stage.id, subject), ()):
                place = attempt.statement.place if attempt.statement else attempt.findings[0].place
                self.findings.append(finding("form.excused", place, subject, reason=excuse))

    def _note_gaps(self, case: Case[P]) -> None:
        """What is missing around a case: its own report, or anybody who holds a post of the chain."""
        scheme = self.rules.scheme
        first = scheme.stages[0]
        if not self.attempts.get((first.id, case.staff_id)):
            if first.kind == "report":
                self.findings.append(finding("case.self-missing", None, case.staff_id, name=case.name))
            else:
                self.findings.append(finding("act.missing", None, case.staff_id, name=case.name, stage=first.titles))
        if not case.reviewer_id:
            self.findings.append(finding("review.vacant", None, case.staff_id))
        if not case.approver_id:
            role = scheme.role(case.role)
            titles = {a.id: a.titles for a in scheme.authority}
            authority = titles.get(role.authority or "", Titles()) if role else Titles()
            self.findings.append(finding("approval.vacant", None, case.staff_id, authority=authority))
        for stage in scheme.stages:
            if stage.by == "committee" and not case.committee_id:
                self.findings.append(finding("act.vacant", None, case.staff_id, stage=stage.titles))
        for amended in scheme.stages:
            if amended.kind == "agreement" and (act := case.acts.get(amended.id)) is not None:
                self._note_amendment(amended, act)

    def _note_amendment(self, stage: Stage, act: Statement[P]) -> None:
        """An agreement that changes one the superior had consented to, with what it changes and why."""
        amended = act.seen.removeprefix(AMENDS)
        if amended == act.seen:
            return
        valid = [a.statement for a in self.attempts.get((stage.id, act.subject), ()) if a.statement]
        before = next((s for s in valid if s.says == amended), None)
        params = {"author": self.rules.roster.label(act.author), "reason": act.texts.get("text.amendment", "")}
        items = tuple(changed(before, act)) if before else ()
        self.findings.append(finding("agreement.amended", act.place, act.subject, items=items, **params))
