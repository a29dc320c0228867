"""Everything behind one person's result of one week: who they were, what was submitted, and how the level follows from it.

Values only, each with the file, sheet and cell it came from; :mod:`batch.tell` makes sentences of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from batch.answers.check import finding_data
from batch.assess import Assessment
from batch.core.finding import Finding, Place, UserError
from batch.core.period import Week
from batch.core.records import Case, Receipt, Statement, Streak, as_json
from batch.desk import Setup
from batch.forms.layout import layout
from batch.i18n import Speaker
from batch.meetings import MEETING, Meeting
from batch.pipeline import look
from batch.resolve import Corrections, resolve
from batch.roster import Person, Span, Unit
from batch.scheme import Authority, Band, Criterion, Flag, Scheme, Stage, StreakRule
from batch.validate import Attempt, Judged

Fate = tuple[str, str, "Sequence[Statement | Attempt]"]  # see Submission: fate, why, others
_BEFORE = 4  # earlier weeks that are shown beside the chains


@dataclass(frozen=True)
class Judge:
    """Who reviews or approves: ``holder`` holds the post, ``steps`` lead to ``who`` acts for them ('': nobody can).

    For an approval, ``authority`` is what the role asks for and ``unit`` the row of the unit that names the holder.
    """

    stage: str
    holder: str
    who: str
    steps: tuple[Span, ...] = ()
    authority: Authority | None = None
    unit: Unit | None = None


@dataclass(frozen=True)
class Field:
    """A filled cell of a form: what was typed, and the value it was taken for (None: not taken)."""

    name: str
    place: Place
    typed: str
    value: Decimal | bool | str | None


@dataclass(frozen=True)
class Submission:
    """One file about the person at one stage, and what became of it.

    ``fate`` is the word of the manifest; ``why`` tells more: stands, corrected, outdated-review, answered, contradicts,
    says-the-same, faulty, not-theirs, excused, not-evaluated, too-early, unsigned, refused. ``others``: the files that
    this is because of.
    """

    stage: str
    author: str
    receipt: Receipt
    fate: str
    why: str
    others: tuple[str, ...]
    fields: tuple[Field, ...]
    tasks: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Score:
    """A criterion's score that counts, and the cell it was typed in."""

    criterion: Criterion
    value: Decimal
    place: Place


@dataclass(frozen=True)
class FlagLine:
    """A flag: its answer (None: not answered) and the cell it was answered in, or the band that sets it."""

    flag: Flag
    value: bool | None
    place: Place


@dataclass(frozen=True)
class WeekLine:
    """One week of the person's history, with the cells of what was decided."""

    week: Week
    state: str
    total: Decimal | None
    band: str
    flags: tuple[str, ...]
    places: tuple[Place, ...]
    comment: str


@dataclass(frozen=True)
class Chain:
    """A streak rule and the weeks that run under it, oldest first."""

    rule: StreakRule
    streak: Streak | None
    evidence: tuple[WeekLine, ...]


@dataclass(frozen=True)
class Explanation:
    """The answer.

    ``case`` None: the person is not evaluated in this week, and ``absent`` says why (no-service, no-authority).
    """

    week: Week
    day: dt.date
    staff_id: str
    name: str
    person: Person | None
    case: Case | None
    absent: str
    excused_by: tuple[Span, ...]
    judges: tuple[Judge, ...]
    submissions: tuple[Submission, ...]
    scored_by: str  # stage whose scores count, '' if none do
    scores: tuple[Score, ...]
    band: Band | None
    below: Decimal | None  # the lower bound of the next higher band, None for the highest
    flags: tuple[FlagLine, ...]
    chains: tuple[Chain, ...]
    before: tuple[WeekLine, ...]
    meetings: tuple[Meeting, ...]  # with the person: open in this week, or with measures that run in it
    findings: tuple[Finding, ...]


def explain(setup: Setup, staff_id: str, week: Week) -> Explanation:
    """The whole trace of a person's week. Raises :class:`UserError` for a code that never stood in the roster."""
    roster, scheme = setup.roster, setup.scheme
    if not roster.knows(staff_id):
        raise UserError("use.unknown-person", Place(str(setup.folder / "roster.xlsx"), "people"), found=staff_id)
    judged, assessed = look(
        setup, week, whole=lambda one: not one.attempts or any(a.subject == staff_id for a in one.attempts)
    )
    day = roster.reference_day(week)
    person, case = roster.on(staff_id, day), assessed[week].cases.get(staff_id)
    band = scheme.band(case.band) if case and case.band else None
    higher = [b.min for b in scheme.bands if band and b.min > band.min]
    counted, scores = _scores(case, scheme)
    meetings = tuple(m for m in assessed[week].meetings if m.case.staff_id == staff_id and m.runs_in(week))
    return Explanation(
        week=week,
        day=day,
        staff_id=staff_id,
        name=person.name if person else roster.name(staff_id),
        person=person,
        case=case,
        absent="" if case else "no-authority" if person else "no-service",
        excused_by=_leave(setup, staff_id, week) if case and case.state == "excused" else (),
        judges=_judges(setup, person, case) if person and case else (),
        submissions=tuple(_Trail(setup, case, staff_id, week, judged, meetings).submissions()),
        scored_by=counted,
        scores=scores,
        band=band,
        below=min(higher) if higher else None,
        flags=_flags(case, scheme),
        chains=_chains(case, assessed, scheme),
        before=_before(staff_id, week, assessed),
        meetings=meetings,
        findings=tuple(f for f in assessed[week].findings if f.staff_id == staff_id),
    )


def _leave(setup: Setup, staff_id: str, week: Week) -> tuple[Span, ...]:
    days = setup.roster.working_days(week)
    return tuple(s for s in setup.roster.leave if s.who == staff_id and any(s.covers(day) for day in days))


def _judges(setup: Setup, person: Person, case: Case) -> tuple[Judge, ...]:
    """The reviewer and the approver, by the posts and delegations that make them so."""
    roster, scheme = setup.roster, setup.scheme
    day = roster.reference_day(case.period)
    _, review, approval = (stage.id for stage in scheme.stages)
    authority, unit, holder = roster.post(person, day, scheme)
    supervisor = person.supervisor_id

    def steps(holder: str) -> tuple[Span, ...]:
        return tuple(roster.delegated(holder, day, person.staff_id)) if holder else ()

    return (
        Judge(review, supervisor, case.reviewer_id, steps(supervisor)),
        Judge(approval, holder, case.approver_id, steps(holder), authority, unit),
    )


def _scores(case: Case | None, scheme: Scheme) -> tuple[str, tuple[Score, ...]]:
    """The stage whose scores count, and each with its cell."""
    if case is None or case.total is None or case.review is None:
        return "", ()
    adjusted = case.approval is not None and case.approval.decision == "adjust"
    source: Statement = case.approval if adjusted and case.approval else case.review
    lines = (
        Score(c, case.scores[c.id], source.places.get(f"score.{c.id}", Place(source.receipt.name))) for c in scheme.criteria
    )
    return source.stage, tuple(lines)


def _flags(case: Case | None, scheme: Scheme) -> tuple[FlagLine, ...]:
    if case is None or case.review is None:
        return ()
    places = case.review.places
    return tuple(FlagLine(f, case.flags.get(f.id), places.get(f.id, Place())) for f in scheme.flags)


def _chains(case: Case | None, assessed: Mapping[Week, Assessment], scheme: Scheme) -> tuple[Chain, ...]:
    if case is None:
        return ()
    running = {streak.rule: streak for streak in case.streaks}
    chains = []
    for rule in scheme.streaks:
        streak = running.get(rule.id)
        weeks = [assessed[week].cases[case.staff_id] for week in streak.weeks] if streak else []
        wanted = {*rule.every_week, *rule.any_week}
        chains.append(Chain(rule, streak, tuple(_week_line(then, wanted) for then in weeks)))
    return tuple(chains)


def _before(staff_id: str, week: Week, assessed: Mapping[Week, Assessment]) -> tuple[WeekLine, ...]:
    """The weeks just before, oldest first, as far as they are known."""
    weeks = [week.plus(-back) for back in range(_BEFORE, 0, -1)]
    cases = [assessed[w].cases[staff_id] for w in weeks if w in assessed and staff_id in assessed[w].cases]
    return tuple(_week_line(case, None) for case in cases)


def _week_line(case: Case, wanted: set[str] | None) -> WeekLine:
    """A week in a line; ``wanted``: only these flags, with the cells behind them."""
    flags = tuple(flag for flag, value in case.flags.items() if value and (wanted is None or flag in wanted))
    statements = [s for s in (case.review, case.approval) if s]
    places = [s.places[f] for s in statements for f in s.places if f in flags or f.startswith("score.")]
    comment = case.review.texts.get("comment", "") if case.review else ""
    return WeekLine(case.period, case.state, case.total, case.band, flags, tuple(places), comment)


@dataclass(frozen=True)
class _Trail:
    """Everything that was ever submitted about one person for one week."""

    setup: Setup
    case: Case | None
    staff_id: str
    week: Week
    judged: Sequence[Judged]
    meetings: Sequence[Meeting]

    def submissions(self) -> list[Submission]:
        """Stage by stage, in the order of receipt."""
        scheme = self.setup.scheme
        found = [
            submission(attempt, self._fate(stage, attempt), scheme)
            for stage in scheme.stages
            for attempt in attempts_of(self.judged, self.week, stage.id, self.staff_id)
        ]
        for meeting in self.meetings:
            records = attempts_of(self.judged, meeting.week, MEETING, self.staff_id)
            corrections = Corrections(a.receipt for a in records)
            for one in records:
                found.append(submission(one, fate_of(one, records, meeting.record, meeting.holder, corrections), scheme))
        return [*found, *(self._refused(one) for one in self.judged if self._concerns(one))]

    def _fate(self, stage: Stage, attempt: Attempt) -> Fate:
        """(fate, why, because of which others), by the same rules as :mod:`batch.assess`."""
        case = self.case
        if case is None:
            return "no-effect", "not-evaluated", ()
        if case.state == "excused":
            return "no-effect", "excused", ()
        stands, author = {
            "subject": (case.report, case.staff_id),
            "supervisor": (case.review, case.reviewer_id),
            "authority": (case.approval, case.approver_id),
        }[stage.by]
        mine, corrections = attempts_of(self.judged, self.week, stage.id, self.staff_id), self._corrections
        if stage.by != "authority":
            return fate_of(attempt, mine, stands, author, corrections)
        if attempt.author == author and attempt.statement and case.review is None:
            return "no-effect", "too-early", ()
        return fate_of(attempt, mine, stands, author, corrections, answers=case.review)

    @property
    def _corrections(self) -> Corrections:
        return Corrections(j.receipt for j in self.judged if j.period == self.week and j.attempts)

    def _concerns(self, one: Judged) -> bool:
        """Whether a file that was refused as a whole was to speak about the person: theirs, or with a row on them."""
        reading = one.receipt.reading
        if one.period != self.week or one.attempts or reading is None or not one.findings:
            return False
        return self.staff_id in (reading.header.get("addressee"), *(row.key for row in reading.rows if row.cells))

    def _refused(self, one: Judged) -> Submission:
        header = one.receipt.reading.header if one.receipt.reading else {}
        form, author = header.get("form", ""), header.get("addressee", "")
        return Submission(form, author, one.receipt, "refused", "refused", (), (), 0, one.findings)


def attempts_of(judged: Iterable[Judged], week: Week, stage: str, subject: str) -> list[Attempt]:
    """Everything that was to be said about one subject at one stage of a week, in the order of receipt."""
    key = (stage, subject)
    return [a for one in judged if one.period == week for a in one.attempts if (a.stage, a.subject) == key]


def fate_of(
    attempt: Attempt,
    mine: Sequence[Attempt],
    stands: Statement | None,
    author: str,
    corrections: Corrections,
    answers: Statement | None = None,
) -> Fate:
    """(fate, why, because of which others) of one of ``mine``, of which ``stands`` counts and ``author`` may speak.

    ``answers``: what a decision must have seen to hold, if it must.
    """
    statement = attempt.statement
    if attempt.author != author:
        return "no-effect", "not-theirs", ()
    if statement is None:
        newer = [stands] if stands and corrections.replaces(stands.receipt, attempt.receipt) else []
        return "returned", "faulty", newer
    if statement is stands:
        return "counted", "stands", ()
    said = [a.statement for a in mine if a.statement and a.author == author]
    signed = [s for s in said if s.receipt.reading and s.receipt.reading.header.get("token")]
    if signed and statement not in signed:
        return "no-effect", "unsigned", signed
    if answers is not None and statement.seen != answers.says:
        return "replaced", "answered" if statement.decision == "return" else "outdated-review", [answers]
    valid = [s for s in signed or said if answers is None or s.seen == answers.says]
    found = resolve(valid, corrections)
    if statement in found.conflict:
        return "conflict", "contradicts", [s for s in found.conflict if s is not statement]
    if statement in found.copies and found.standing:
        return "identical-copy", "says-the-same", [found.standing]
    newest = [s for s in valid if corrections.replaces(s.receipt, statement.receipt)]
    return "replaced", "corrected", newest


def submission(attempt: Attempt, became: Fate, scheme: Scheme) -> Submission:
    """What came, with its filled cells and what became of it."""
    fate, why, others = became
    return Submission(
        stage=attempt.stage,
        author=attempt.author,
        receipt=attempt.receipt,
        fate=fate,
        why=why,
        others=tuple(sorted({s.receipt.name for s in others})),
        fields=tuple(_fields(attempt, scheme)),
        tasks=len(attempt.statement.tasks) if attempt.statement else 0,
        findings=attempt.findings,
    )


def _fields(attempt: Attempt, scheme: Scheme) -> list[Field]:
    """The filled cells of the person's part of a form, in the form's order, read or not."""
    plan, reading = layout(scheme, attempt.stage), attempt.receipt.reading
    if plan is None or reading is None:
        return []
    rows = {row.key: row for row in reversed(reading.rows)}
    found = []
    for field in plan.fields:
        row = rows.get(attempt.subject if plan.per_person else field.row or "")
        cell = row.cells.get(field.column) if row else None
        if cell:
            place = Place(attempt.receipt.name, reading.sheet, cell.ref)
            found.append(Field(field.name, place, cell.text, _value(attempt.statement, field.name)))
    return found


def _value(statement: Statement | None, name: str) -> Decimal | bool | str | None:
    if statement is None:
        return None
    if name.startswith("score."):
        return statement.scores.get(name.removeprefix("score."))
    if name == "decision":
        return statement.decision
    return statement.flags[name] if name in statement.flags else statement.texts.get(name)


# --- plain data -----------------------------------------------------------------------------------------------------


def as_data(answer: Explanation, setup: Setup, say: Speaker) -> dict[str, Any]:
    """The answer as plain JSON types; keys are stable, only messages and remedies of findings are in ``say``'s language."""
    case, person, scheme, roster = answer.case, answer.person, setup.scheme, setup.roster
    return {
        "period": {"key": str(answer.week), "start": str(answer.week.start), "end": str(answer.week.end)},
        "person": {
            "staff_id": answer.staff_id,
            "name": answer.name,
            "evaluated": case is not None,
            "absent": answer.absent,
            "looked_up_on": str(answer.day),
            "role": person.role if person else "",
            "position": person.position if person else "",
            "unit_id": person.unit_id if person else "",
            "unit": roster.unit_name(person.unit_id) if person else "",
            "place": as_json(person.place) if person else None,
        },
        "excuse": {"reason": case.excuse if case else "", "leave": [_span(span) for span in answer.excused_by]},
        "judges": [
            {
                "stage": judge.stage,
                "holder_id": judge.holder,
                "holder": roster.name(judge.holder) if judge.holder else "",
                "who_id": judge.who,
                "who": roster.name(judge.who) if judge.who else "",
                "authority": judge.authority.id if judge.authority else "",
                "unit_id": judge.unit.unit_id if judge.unit else "",
                "place": as_json(judge.unit.place if judge.unit else person.place if person else None),
                "delegations": [_span(span) for span in judge.steps],
            }
            for judge in answer.judges
        ],
        "submissions": [submission_data(one, setup, say) for one in answer.submissions],
        "result": {
            "state": case.state if case else "",
            "waiting": case.waiting if case else "",
            "waiting_for": case.waiting_for if case else "",
            "scores_of": answer.scored_by,
            "one_sheet": bool(case and case.one_sheet),
            "scores": [
                {
                    "criterion": s.criterion.id,
                    "value": as_json(s.value),
                    "max": as_json(s.criterion.max),
                    "place": as_json(s.place),
                }
                for s in answer.scores
            ],
            "total": as_json(case.total) if case else None,
            "band": case.band if case else "",
            "at_least": as_json(answer.band.min) if answer.band else None,
            "below": as_json(answer.below),
        },
        "flags": [
            {"flag": f.flag.id, "value": f.value, "place": as_json(f.place), "set_by_band": f.flag.band or ""}
            for f in answer.flags
        ],
        "streaks": [
            {
                "rule": chain.rule.id,
                "weeks_needed": chain.rule.weeks,
                "every_week": chain.rule.every_week,
                "any_week": chain.rule.any_week,
                "holds": bool(chain.streak and chain.streak.holds),
                "meeting": bool(chain.streak and chain.streak.holds and chain.rule.meeting),
                "weeks": [as_json(line) for line in chain.evidence],
            }
            for chain in answer.chains
        ],
        "meetings": [meeting_data(meeting) for meeting in answer.meetings],
        "weeks_before": [as_json(line) for line in answer.before],
        "scheme": {
            "id": scheme.id,
            "version": scheme.version,
            "effective": str(scheme.effective),
            "hash": scheme.hash,
            "legal_basis": scheme.legal_basis,
        },
        "roster_sha256": setup.roster_hash,
        "findings": [finding_data(f, say) for f in answer.findings],
    }


def _span(span: Span) -> dict[str, Any]:
    return {
        "who_id": span.who,
        "to_id": span.to,
        "start": str(span.start),
        "end": str(span.end),
        "kind": span.kind,
        "place": as_json(span.place),
    }


def meeting_data(meeting: Meeting) -> dict[str, Any]:
    """A required meeting as plain JSON types."""
    record = meeting.record
    return {
        "since": str(meeting.week),
        "staff_id": meeting.case.staff_id,
        "name": meeting.case.name,
        "holder_id": meeting.holder,
        "rules": list(meeting.rules),
        "weeks": [str(week) for week in meeting.weeks],
        "record": {**record.texts, "file": record.receipt.name} if record else None,
    }


def submission_data(one: Submission, setup: Setup, say: Speaker) -> dict[str, Any]:
    """A submission as plain JSON types."""
    receipt = one.receipt
    header = receipt.reading.header if receipt.reading else {}
    return {
        "stage": one.stage,
        "author_id": one.author,
        "author": setup.roster.name(one.author),
        "fate": one.fate,
        "why": one.why,
        "others": list(one.others),
        "file": receipt.name,
        "sheet": receipt.reading.sheet if receipt.reading else "",
        "sha256": receipt.sha256,
        "received": receipt.received,
        "run": receipt.run,
        "signed": bool(header.get("token")),
        "corrects": header.get("corrects", "").split(),
        "scheme_hash": header.get("scheme_hash", ""),
        "cells": [{"field": f.name, "cell": f.place.cell, "typed": f.typed, "value": as_json(f.value)} for f in one.fields],
        "tasks": one.tasks,
        "findings": [finding_data(f, say) for f in one.findings],
    }
