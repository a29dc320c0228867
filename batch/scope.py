"""Who may see what of a period. Pages for people are built from a :class:`Scope` or :class:`TermScope` and nothing else.

A person sees their own case; a supervisor the cases of those they review that week; an approver the cases of those whose
result they approve; of a unit's report, its head and whoever confirms it see how it stands. Whose acting is decided by
:attr:`Case.reviewer_id` and :attr:`Case.approver_id`, so an acting person sees them for as long as they act. What stands
outside isn't hidden by a page: it isn't in the value that the page gets.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TypeVar

from batch.collective import UnitReport
from batch.core.codes import CODES
from batch.core.finding import Finding, Place, finding
from batch.core.period import Week
from batch.core.records import Case, State
from batch.meetings import Meeting
from batch.rollups import PersonResult, Rollup, units_of
from batch.roster import Roster
from batch.validate import Judged

T = TypeVar("T", Case, PersonResult)

OFFICE = "_office"  # the folder of the Office's pages when office.toml names nobody; no staff code begins with _
_PAST_WEEKS = 4
_AMENDED = "case.amended"
_FOR_ANOTHER = "form.wrong-subject"
_FOREIGN = ("review.not-reviewer", "approval.not-authority")


@dataclass(frozen=True, slots=True)
class Past:
    """What an earlier week came to, without anybody's words: who judged someone then may have been somebody else."""

    week: Week
    state: State
    band: str
    total: Decimal | None
    flags: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class Agreed:
    """A required meeting with a person in scope: held on a day (None: not yet) and what was agreed, until when."""

    week: Week
    held: dt.date | None
    measures: str
    review_by: dt.date | None


@dataclass(frozen=True, slots=True)
class Scope:
    """All that one recipient may see of a week.

    ``own``: their case, None if they are not evaluated. ``names``: themself, the people in scope, and who reviews and
    approves these. ``past``: earlier weeks of the people in scope, newest first. ``own_faults``: what is wrong in the
    recipient's own forms and about nobody else. ``team_faults``, ``unit_faults``: errors and warnings about the people of
    ``reports`` and ``approvees``. ``foreign``: by code, how many rows on the recipient's sheets are about others' people.
    ``agreed``: meetings of the people in scope that are open or whose measures still run. ``units``: the reports that the
    recipient files or confirms.
    """

    staff_id: str
    week: Week
    own: Case | None = None
    reports: tuple[Case, ...] = ()
    approvees: tuple[Case, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    past: Mapping[str, tuple[Past, ...]] = field(default_factory=dict)
    own_faults: tuple[Finding, ...] = ()
    amendments: tuple[Finding, ...] = ()  # of the recipient's own closed result
    team_faults: Mapping[str, tuple[Finding, ...]] = field(default_factory=dict)
    unit_faults: Mapping[str, tuple[Finding, ...]] = field(default_factory=dict)
    foreign: Mapping[str, int] = field(default_factory=dict)
    agreed: Mapping[str, tuple[Agreed, ...]] = field(default_factory=dict)
    units: tuple[UnitReport, ...] = ()

    def name(self, staff_id: str) -> str:
        """A name that may be said here; '' for anybody else."""
        return self.names.get(staff_id, "")

    def last_week(self, staff_id: str) -> Past | None:
        """The week before this one, if it is known."""
        return next((past for past in self.past.get(staff_id, ()) if past.week == self.week.plus(-1)), None)


class Scopes:
    """A scope for everybody who may see something of this week, by staff code.

    Each is put together when it is asked for: thousands of them would fill the memory.
    ``history``: earlier weeks by staff code; ``meetings``: open, or with measures that still run.
    """

    def __init__(
        self,
        week: Week,
        cases: Sequence[Case],
        history: Mapping[Week, Mapping[str, Case]],
        findings: Iterable[Finding],
        judged: Iterable[Judged],
        roster: Roster,
        meetings: Iterable[Meeting] = (),
        units: Sequence[UnitReport] = (),
    ) -> None:
        self._week, self._roster, self._found = week, roster, _Found(findings, judged)
        self._own = {case.staff_id: case for case in cases}
        self._reports, self._approvees = _grouped(cases, "reviewer_id"), _grouped(cases, "approver_id")
        self._before = [history[w] for w in sorted((w for w in history if w < week), reverse=True)[:_PAST_WEEKS]]
        self._agreed: dict[str, tuple[Agreed, ...]] = {}
        for meeting in meetings:
            who = meeting.case.staff_id
            self._agreed[who] = (*self._agreed.get(who, ()), _agreed(meeting))
        self._confirmed: dict[str, list[UnitReport]] = {}
        for unit in units:
            for who in {unit.head_id, unit.approver_id}:
                self._confirmed.setdefault(who, []).append(unit)
        self.readers = sorted({*self._own, *self._reports, *self._approvees})
        self._last: Scope | None = None  # somebody's pages are made one after the other

    def __iter__(self) -> Iterator[Scope]:
        return map(self.of, self.readers)

    def own(self, staff_id: str) -> Case | None:
        """Somebody's case."""
        return self._own.get(staff_id)

    def reports(self, staff_id: str) -> Sequence[Case]:
        """The cases of those whom somebody reviews."""
        return self._reports.get(staff_id, ())

    def approvees(self, staff_id: str) -> Sequence[Case]:
        """The cases of those whose results somebody approves."""
        return self._approvees.get(staff_id, ())

    def of(self, staff_id: str) -> Scope:
        """All that somebody may see."""
        if self._last is None or self._last.staff_id != staff_id:
            self._last = self._of(staff_id)
        return self._last

    def _of(self, staff_id: str) -> Scope:
        own, reports, approvees = self.own(staff_id), self.reports(staff_id), self.approvees(staff_id)
        seen = [*([own] if own else []), *reports, *approvees]
        units, found, roster = tuple(self._confirmed.get(staff_id, ())), self._found, self._roster
        named = {staff_id, *(who for case in seen for who in (case.staff_id, case.reviewer_id, case.approver_id) if who)}
        judges = {who: roster.name(who) for unit in units for who in (unit.head_id, unit.approver_id) if who}
        return Scope(
            staff_id=staff_id,
            week=self._week,
            own=own,
            reports=tuple(reports),
            approvees=tuple(approvees),
            names=judges | {who: roster.name(who) for who in sorted(named)} | {case.staff_id: case.name for case in seen},
            past={c.staff_id: tuple(past_of(w[c.staff_id]) for w in self._before if c.staff_id in w) for c in seen},
            own_faults=found.in_forms_about(staff_id, {staff_id}, fileless=False),
            amendments=found.amendments(staff_id),
            team_faults={c.staff_id: found.in_forms_about(c.staff_id, {c.staff_id, staff_id}) for c in reports},
            unit_faults={
                c.staff_id: found.in_forms_about(c.staff_id, {c.staff_id, c.reviewer_id, staff_id}) for c in approvees
            },
            foreign={code: n for code in _FOREIGN if (n := found.rows_by(staff_id, code))},
            agreed={c.staff_id: self._agreed[c.staff_id] for c in seen if c.staff_id in self._agreed},
            units=units,
        )


def _agreed(meeting: Meeting) -> Agreed:
    texts = meeting.record.texts if meeting.record else {}
    held = dt.date.fromisoformat(texts["meeting.date"]) if texts else None
    return Agreed(meeting.week, held, texts.get("meeting.measures", ""), meeting.review_by)


def _grouped(people: Iterable[T], by: str) -> dict[str, list[T]]:
    groups: dict[str, list[T]] = {}
    for person in people:
        if who := getattr(person, by):
            groups.setdefault(who, []).append(person)
    return groups


def past_of(case: Case) -> Past:
    """What is kept of a case of an earlier week."""
    return Past(case.period, case.state, case.band, case.total, case.flags)


@dataclass(frozen=True)
class TermScope:
    """All that one recipient may see of a month or longer.

    ``own``: their result with every word said to them, None if they are not evaluated. ``team`` and ``unit``: the results of
    the people whom they reviewed or approved in the last week counted, without anybody's words. Findings likewise.
    """

    staff_id: str
    name: str
    own: PersonResult | None
    own_notes: tuple[Finding, ...]
    team: Rollup | None
    team_notes: tuple[Finding, ...]
    unit: Rollup | None
    unit_notes: tuple[Finding, ...]


def term_scopes(rollup: Rollup, findings: Sequence[Finding], roster: Roster) -> list[TermScope]:
    """A scope for everybody who may see something of this term, by staff code."""
    reports, approvees = _grouped(rollup.people, "reviewer_id"), _grouped(rollup.people, "approver_id")
    about: dict[str, list[Finding]] = {}
    for found in findings:
        about.setdefault(found.staff_id, []).append(found)

    def notes(people: Iterable[PersonResult], own: bool = False) -> tuple[Finding, ...]:
        """What is said about them; the reason of an amendment is said to the person alone."""
        said = (found for person in people for found in about.get(person.staff_id, ()))
        return tuple(found for found in said if own or found.code != _AMENDED)

    wordless = {person.staff_id: _wordless(person) for person in rollup.people}

    def part(people: Sequence[PersonResult]) -> Rollup | None:
        """The roll-up of some people alone."""
        some = tuple(wordless[person.staff_id] for person in people)
        return replace(rollup, people=some, units=units_of(some, {})) if some else None

    scopes = []
    for staff_id in sorted({*rollup.by_id, *reports, *approvees}):
        own = rollup.by_id.get(staff_id)
        team, unit = reports.get(staff_id, ()), approvees.get(staff_id, ())
        name = own.name if own else roster.name(staff_id)
        seen = (part(team), notes(team), part(unit), notes(unit))
        scopes.append(TermScope(staff_id, name, own, notes([own] if own else [], own=True), *seen))
    return scopes


def _wordless(person: PersonResult) -> PersonResult:
    """Without what deciders wrote: who judged an earlier week may have been another."""
    lines = person.outcome.lines
    if not any(line.remarks for line in lines):
        return person
    without = tuple(replace(line, remarks="") if line.remarks else line for line in lines)
    return replace(person, outcome=replace(person.outcome, lines=without))


class _Found:
    """Errors and warnings by the person they are about, each with the authors of the file it was found in.

    A finding may quote what stands in the file, so only who knows all that its authors wrote about the person may see it.
    Files that were never a form of somebody (damaged, refused, the roster) are the Office's business alone. What a form
    quotes of somebody else (a form filled in by another person, names that slipped into the wrong row) is left unsaid.
    """

    def __init__(self, findings: Iterable[Finding], judged: Iterable[Judged]) -> None:
        authors: dict[str, set[str]] = {}
        for one in judged:
            known = authors.setdefault(one.receipt.name, set())
            known |= {attempt.author for attempt in one.attempts}
            if not one.attempts:
                known |= {found.staff_id for found in one.findings if found.staff_id}
        self._about: dict[str, list[tuple[Finding, frozenset[str]]]] = {}
        self._amended: dict[str, list[Finding]] = {}
        self._rows: dict[tuple[str, str], int] = {}
        for found in findings:
            wrote = frozenset(authors.get(found.place.file, ()))
            if found.staff_id and CODES[found.code].severity != "info":
                self._about.setdefault(found.staff_id, []).append((found, wrote))
            if found.code == _AMENDED:
                self._amended.setdefault(found.staff_id, []).append(found)
            if found.code in _FOREIGN and len(wrote) == 1:
                (author,) = wrote
                self._rows[author, found.code] = self._rows.get((author, found.code), 0) + 1

    def in_forms_about(self, subject: str, writers: set[str], fileless: bool = True) -> tuple[Finding, ...]:
        """What was found about ``subject`` in files written by nobody but ``writers``, errors first; or in no file."""
        about = self._about.get(subject, ())
        strange = {one.place.file for one, _ in about if one.code == _FOR_ANOTHER}
        found = [
            _discreet(one)
            for one, wrote in about
            if ((wrote and wrote <= writers) or (fileless and not one.place.file))
            and (one.code == _FOR_ANOTHER or one.place.file not in strange)
        ]
        return tuple(sorted(dict.fromkeys(found), key=lambda one: CODES[one.code].severity != "error"))

    def amendments(self, subject: str) -> tuple[Finding, ...]:
        """What was changed in the subject's result after the week was closed."""
        return tuple(self._amended.get(subject, ()))

    def rows_by(self, author: str, code: str) -> int:
        """How many rows on the author's sheets had no effect, as they are about somebody else's people."""
        return self._rows.get((author, code), 0)


def _discreet(found: Finding) -> Finding:
    """The finding without what it quotes of another person: their code, their name, a file named after them."""
    place, name = Place("", found.place.sheet, found.place.cell), dict(found.params).get("name", "")
    if found.code == _FOR_ANOTHER:
        return finding("form.for-another", place, found.staff_id)
    if found.code == "identity.name-differs":
        return finding("identity.other-name", place, found.staff_id, name=name)
    if found.code == "form.row-mixed-up":
        return finding("form.row-of-another", place, found.staff_id, name=name)
    return found
