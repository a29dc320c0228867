"""Two-week failures followed through: which meetings are required, which records were filed, which measures still run.

A chain calls for one meeting, in the week in which its rule first held; the meeting stays open until its record is filed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from batch.core.finding import Finding, Moment, Place, finding
from batch.core.period import Week
from batch.core.records import Case, Statement
from batch.resolve import Corrections, Fates, resolve
from batch.validate import Attempt, Judged, Rules

MEETING = "meeting"


@dataclass(frozen=True)
class Meeting:
    """A required meeting: since when, with whom, held by whom, under which rules over which weeks.

    ``record``: once a valid one is filed; ``sent``: contents of all records sent so far, which a new form corrects;
    ``returned``: the record that goes back to the holder, with what is to be answered.
    """

    week: Week
    case: Case
    rules: tuple[str, ...]
    weeks: tuple[Week, ...]
    record: Statement | None = None
    sent: tuple[str, ...] = ()
    returned: Attempt | None = None

    @property
    def holder(self) -> str:
        """Who holds it and files the record: the authority that approves the person; '' if the post is vacant."""
        return self.case.approver_id

    @property
    def review_by(self) -> dt.date | None:
        """When the agreed measures are to be looked at again."""
        text = self.record.texts.get("meeting.review_by", "") if self.record else ""
        return dt.date.fromisoformat(text) if text else None

    def runs_in(self, week: Week) -> bool:
        """Whether the meeting is open, or its measures still run, in a week."""
        return self.record is None or (self.review_by is not None and self.review_by >= week.start)


def required(cases: Mapping[str, Case], week: Week, before: Sequence[Meeting]) -> list[Meeting]:
    """The meetings that become required in a week, without their records; ``before``: those of the weeks before it."""
    known = {(m.case.staff_id, s.rule, s.weeks[0]) for m in before for s in m.case.streaks if s.rule in m.rules}
    found: list[Meeting] = []
    for staff_id, case in cases.items():
        new = [s for s in case.streaks if s.holds and s.meeting and (staff_id, s.rule, s.weeks[0]) not in known]
        if new:
            weeks = tuple(sorted({w for s in new for w in s.weeks}))
            found.append(Meeting(week, case, tuple(s.rule for s in new), weeks))
    return found


def follow_up(
    called: Iterable[Meeting], last: Week, judged: Iterable[Judged], rules: Rules, now: str
) -> tuple[list[Meeting], list[Finding], list[Finding], Fates]:
    """All meetings up to ``last`` with their records; what was found in that week's; what is open or due then; the files.

    ``called``: the meetings as they became :func:`required`.
    """
    attempts: dict[tuple[Week, str], list[Attempt]] = {}
    receipts = []
    for one in judged:
        for attempt in one.attempts:
            if attempt.stage == MEETING:
                attempts.setdefault((attempt.period, attempt.subject), []).append(attempt)
                receipts.append(one.receipt)
    corrections, fates = Corrections(receipts), Fates()
    meetings: list[Meeting] = []
    faults: list[Finding] = []
    notes: list[Finding] = []
    for meeting in called:
        mine = attempts.pop((meeting.week, meeting.case.staff_id), [])
        entitled = [a for a in mine if a.author == meeting.holder]
        said = resolve([a.statement for a in entitled if a.statement], corrections)
        unanswered = said.unanswered(entitled, corrections)
        fates.settle(said, entitled, unanswered)
        if meeting.week == last:
            faults += [f for a in unanswered for f in a.findings]
            faults += [_not_entitled(a, meeting.holder, rules) for a in mine if a not in entitled]
        conflict: list[Finding] = []
        if said.conflict:
            files = "; ".join(s.receipt.name for s in said.conflict)
            who = rules.roster.label(meeting.holder)
            place = said.conflict[0].place
            conflict.append(finding("form.conflict", place, meeting.case.staff_id, author=who, files=files))
        faults += conflict
        contents = {a.receipt.reading.content for a in entitled if a.receipt.reading}
        back = said.goes_back(unanswered, conflict)
        meeting = replace(meeting, record=said.standing, sent=tuple(sorted(contents)), returned=back)
        meetings.append(meeting)
        notes += _notes(meeting, last, rules, now)
    for (week, subject), left in attempts.items():
        if week == last:
            faults += [finding("meeting.not-required", _place(a), subject) for a in left]
    return meetings, faults, notes, fates


def _notes(meeting: Meeting, week: Week, rules: Rules, now: str) -> list[Finding]:
    case, holder = meeting.case, rules.roster.label(meeting.holder) or "–"
    if meeting.record is None:
        deadline = rules.office.deadline(MEETING, meeting.week)
        if deadline and now > deadline:
            late = Moment(deadline)
            return [finding("meeting.overdue", None, case.staff_id, name=case.name, holder=holder, deadline=late)]
        if week > meeting.week:
            return [finding("meeting.open", None, case.staff_id, name=case.name, holder=holder, week=meeting.week)]
    elif meeting.review_by and week.start <= meeting.review_by <= week.end:
        place = meeting.record.places.get("meeting.measures")
        return [finding("meeting.review-due", place, case.staff_id, name=case.name, day=meeting.review_by, holder=holder)]
    return []


def _not_entitled(attempt: Attempt, holder: str, rules: Rules) -> Finding:
    who = {"author": rules.roster.label(attempt.author), "holder": rules.roster.label(holder) or "–"}
    return finding("meeting.not-entitled", _place(attempt), attempt.subject, **who)


def _place(attempt: Attempt) -> Place:
    return attempt.statement.place if attempt.statement else attempt.findings[0].place
