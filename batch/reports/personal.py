"""A page for each recipient: the result slip, the supervisor's and the approver's people, the Office's page.

Everything a slip, team or unit page says comes out of a :class:`batch.scope.Scope`; neither the week's view nor the roster
is within reach of those pages. Templates are compiled once, counts are plain loops: a slip takes about a millisecond.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from batch.collective import UnitReport, waits_for
from batch.collective import state_name as state_of_unit
from batch.core.collation import name_ranks
from batch.core.finding import Finding
from batch.core.made import Beside, Known
from batch.core.number import most_places
from batch.core.records import STATE_NAMES, Case
from batch.files import Content, whole
from batch.pages import render
from batch.reports import html
from batch.reports.trace import Tracer
from batch.reports.view import (
    EXCUSED,
    OPEN,
    Slot,
    WeekView,
    mean,
    padded,
    range_text,
    slot_id,
    slot_name,
    slots_of,
)
from batch.scheme import Scheme
from batch.scope import OFFICE, Past, Scope, Scopes
from batch.titles import PAGE_TITLES

if TYPE_CHECKING:
    from batch.i18n import Speaker

_TONES = ("best", "good", "fair", "bad", "open")
_SAID = ("streak.meeting-required", "meeting.open")  # findings that a row says in its own words


@dataclass(frozen=True, slots=True)
class Page:
    """A page to be handed over: to whom, its file name, how its bytes are made."""

    addressee: str
    name: str
    make: Callable[[], Content]

    @property
    def data(self) -> bytes:
        """The page, made anew: a run makes thousands, and none is needed twice."""
        return whole(self.make())


@dataclass(frozen=True)
class Row:
    """A person on a team or unit page. ``rank``: the place of the band in the scheme, to sort by."""

    case: Case
    before: Past | None
    rank: int | str
    rank_before: int | str
    note: str
    said: Sequence[str]


class UnitLine(NamedTuple):
    """How a unit's report stands, in words."""

    name: str
    head: str
    state: str
    waits: str
    total: str
    band: str
    members: str


class Fault(NamedTuple):
    """A finding said to one of those whom it concerns."""

    message: str
    remedy: str
    place: str


@dataclass(frozen=True)
class Open:
    """Who has to take which step for whom; ``who`` is empty if nobody holds the post."""

    stage: str
    who: str
    people: Sequence[str]


@dataclass(frozen=True, slots=True)
class _PageOf(Known):
    """How somebody's page is made: of their scope, which is put together when it is."""

    writer: _Writer
    kind: str
    scopes: Scopes
    staff_id: str

    @property
    def made_from(self) -> tuple[Any, ...]:
        """What stands on the page, and as what."""
        return self.kind, self.scopes.of(self.staff_id)

    @property
    def like(self) -> Hashable | None:
        """Pages of a kind share a template."""
        return self.kind

    def __call__(self) -> bytes:
        """The page."""
        return self.writer.write(self.kind, self.scopes.of(self.staff_id)).encode()


def pages(view: WeekView, scopes: Scopes | None, office_id: str, say: Speaker) -> Iterator[Page]:
    """Every page of the week by addressee: slip, team, unit; then the Office's, for ``office_id`` or nobody in person."""
    writer = _Writer(view, say)
    names = {kind: writer.file_name(kind) for kind in ("slip", "team", "unit")}
    for staff_id in scopes.readers if scopes else ():
        assert scopes  # noqa: S101 (else there are no readers)
        for kind, some in (("slip", scopes.own), ("team", scopes.reports), ("unit", scopes.approvees)):
            if some(staff_id):
                yield Page(staff_id, names[kind], _PageOf(writer, kind, scopes, staff_id))
    office = Beside("summary", lambda: map(str.encode, html.summary_parts(view, say, "office.html.j2")))
    yield Page(office_id or OFFICE, writer.file_name("office"), office)


class _Writer:
    """Writes one week's pages. Of the view it keeps what is the same for everybody: words, scheme, names of units."""

    def __init__(self, view: WeekView, say: Speaker) -> None:
        self.say = say
        self._scheme: Scheme = view.scheme
        self._week = view.week
        self._closed_at = view.closed_at
        self._unit_name: Callable[[str], str] = view.roster.unit_name
        slots = slots_of(view.scheme)
        self._every_slot = slots
        self._slots = {slot.id: slot for slot in slots}
        self._ranks: Mapping[str, int] = {band.id: n for n, band in enumerate(view.scheme.bands, 1)}
        self._names: Mapping[str, str] = {slot.id: slot_name(slot, say) for slot in slots}
        self._ranges: Mapping[str, str] = {slot.id: range_text(view.scheme, slot, say) for slot in slots}
        shared = {key: value for key, value in html.page(view, say).items() if key != "roster"}
        shared |= {
            "slot_of": {slot.id: slot for slot in slots if slot.band},
            "slot_name": lambda slot: self._names[slot.id],
            "range_text": lambda slot: self._ranges[slot.id],
            "state_name": lambda case: say(STATE_NAMES[case.state]),
            "tones": _TONES,
        }
        self._shared = shared
        self._trace = Tracer(view.scheme, say)
        self._language = view.office.language
        self._own_templates = view.templates

    def write(self, kind: str, scope: Scope) -> str:
        """A page that is written from a scope, and from what is the same for everybody."""
        if kind == "slip":
            assert scope.own  # noqa: S101 (who is not evaluated gets none)
            return self.slip(scope, scope.own)
        return self.team(scope) if kind == "team" else self.unit(scope)

    def file_name(self, kind: str) -> str:
        return f"{kind}-{self._week}.html"

    # --- the result slip ----------------------------------------------------------------------------------------------

    def slip(self, scope: Scope, case: Case) -> str:
        say = self.say
        held = [streak for streak in case.streaks if streak.holds]
        begun = [streak for streak in case.streaks if not streak.holds]
        return render(
            self._own_templates,
            "slip.html.j2",
            self._shared,
            script="",
            case=case,
            unit=self._unit_name(case.unit_id),
            slot=self._slots.get(case.band),
            range=self._ranges.get(case.band, ""),
            state=self._state(case),
            next_step=self._next(scope, case),
            meetings=[self._rule(streak.rule, streak.weeks) for streak in held if streak.meeting],
            closed=say("Closed on {moment}", moment=say.moment(self._closed_at)) if self._closed_at else "",
            amendments=[say.message(found) for found in scope.amendments],
            agreed=self._follow_up(scope, case),
            watch=[say("To watch") + ": " + self._rule(streak.rule, streak.weeks) for streak in begun],
            faults=[self._own_fault(found) for found in scope.own_faults],
            panel=self._trace.panel(case, scope.past.get(case.staff_id, ()), scope.name),
        )

    def _state(self, case: Case) -> str:
        say = self.say
        if case.state == "excused":
            return say("Not evaluated this week: {reason}", reason=case.excuse)
        if case.state == "approved":
            return say("Approved")
        if case.state == "reviewed":
            return say("Scored, but not approved yet: this result can still change.")
        if case.state == "submitted":
            return say("Your self-report has come. It is not scored yet.")
        if case.state == "returned" and case.approval:
            return say("The approver sent the scores back to the reviewer; they can still change.")
        if case.report_faulty:
            return say("Your self-report can't be counted as it is.")
        return say("Your self-report has not come yet.")

    def _next(self, scope: Scope, case: Case) -> str:
        say = self.say
        if not case.waiting:
            return ""
        if case.waiting_for == case.staff_id and case.report_faulty:
            return say("Next step: you correct the form that lies beside this page and send it again.")
        if case.waiting_for == case.staff_id:
            return say("Next step: you fill in your form and send it.")
        stage = self._stage(case.waiting)
        if not case.waiting_for:
            return say("Next step: {stage}. Nobody holds this post at present.", stage=stage)
        return say("Next step: {stage}, by {name}.", stage=stage, name=scope.name(case.waiting_for))

    def _follow_up(self, scope: Scope, case: Case) -> list[str]:
        """What was agreed in meetings with the person; and that an earlier one has yet to be held."""
        say, texts = self.say, []
        for one in scope.agreed.get(case.staff_id, ()):
            if one.held is not None:
                texts.append(say("Agreed: {measures} (until {day})", measures=one.measures, day=one.review_by))
            elif one.week < case.period:  # this week's own is said as what it is: required
                texts.append(say("Meeting open since {week}", week=one.week))
        return texts

    def _rule(self, rule_id: str, weeks: Sequence[Any]) -> str:
        rule = next((rule for rule in self._scheme.streaks if rule.id == rule_id), None)
        return f"{rule.name(self.say.lang) if rule else rule_id} ({', '.join(map(self.say.week_name, weeks))})"

    # --- the pages of supervisors and approvers -----------------------------------------------------------------------

    def team(self, scope: Scope) -> str:
        """The people whom the recipient reviews."""
        foreign = scope.foreign.get("review.not-reviewer", 0)
        return self._people(scope, "team", scope.reports, scope.team_faults, self._tasks(scope, scope.reports), foreign)

    def unit(self, scope: Scope) -> str:
        """The people whose results the recipient approves, and the units they report for or confirm."""
        foreign = scope.foreign.get("approval.not-authority", 0)
        tasks = self._tasks(scope, scope.approvees, scope.units)
        return self._people(scope, "unit", scope.approvees, scope.unit_faults, tasks, foreign, scope.units, True)

    def _tasks(self, scope: Scope, cases: Iterable[Case], units: Iterable[UnitReport] = ()) -> list[tuple[str, int]]:
        """What the reader has to do now about these people and units: in words, and for how many."""
        say, stages = self.say, self._scheme.stages
        theirs = [case for case in cases if case.waiting_for == scope.staff_id != case.staff_id]
        to_score = [case for case in theirs if case.waiting == stages[1].id]
        to_decide = [case for case in theirs if case.waiting == stages[2].id]
        open_units = [unit for unit in units if waits_for(unit) == scope.staff_id]
        to_confirm = [unit.name for unit in open_units if unit.state == "submitted"]
        to_report = [unit.name for unit in open_units if unit.state != "submitted"]
        tasks = [
            (
                say("For you to score: {people}. The review sheet lies beside this page.", people=_named(to_score)),
                len(to_score),
            ),
            (
                say("For you to decide: {people}. The approval sheet lies beside this page.", people=_named(to_decide)),
                len(to_decide),
            ),
            (
                say("For you to confirm: {units}. The approval sheet lies beside this page.", units=", ".join(to_confirm)),
                len(to_confirm),
            ),
            (
                say("For you to report on: {units}. The form lies beside this page.", units=", ".join(to_report)),
                len(to_report),
            ),
        ]
        return [(text, count) for text, count in tasks if count]

    def _people(
        self,
        scope: Scope,
        kind: str,
        cases: Sequence[Case],
        faults: Mapping[str, Sequence[Finding]],
        tasks: Sequence[tuple[str, int]],
        foreign: int,
        reports: Sequence[UnitReport] = (),
        distribution: bool = False,
    ) -> str:
        say, todo = self.say, [text for text, _ in tasks]
        evaluated = [case for case in cases if case.state != "excused"]
        totals = [case.total for case in evaluated]
        approved = sum(case.state == "approved" for case in cases)
        if foreign:
            text = say("Rows on your sheets about people whom others judge had no effect: {count}.", count=foreign)
            todo.append(text)
        excused = len(cases) - len(evaluated)
        counts = [
            (say("People"), str(len(cases)), say("not evaluated: {count}", count=excused) if excused else ""),
            (say("Approved"), f"{approved}/{len(evaluated)}", ""),
            (say("Mean total"), say.number(mean(totals)) or "–", ""),
            (say("Waiting for you"), str(sum(count for _, count in tasks)), ""),
        ]
        decimals = most_places(v for c in cases for v in (*c.scores.values(), c.total))
        of_units = most_places(report.total for report in reports)
        units = {case.unit_id: self._unit_name(case.unit_id) for case in cases}
        return render(
            self._own_templates,
            "group.html.j2",
            self._shared,
            title=say(PAGE_TITLES[kind]),
            reader=f"{scope.name(scope.staff_id)} ({scope.staff_id})",
            counts=counts,
            todo=todo,
            faults=[] if scope.own else [self._fault(found) for found in scope.own_faults],
            bars=self._bars(evaluated) if distribution else [],
            waits=self._waits(scope, cases) if distribution else [],
            unit_reports=[self._unit_line(scope, report, of_units) for report in reports],
            rows=[self._row(scope, case, faults.get(case.staff_id, ())) for case in cases],
            units=units,
            score=lambda value: say.number(padded(value, decimals)),
            name_rank=name_ranks((case.name for case in cases), self._language),
            groups=self._trace.groups(cases, self._unit_name, lambda who: scope.past.get(who, ()), scope.name),
            filters=html.filters(cases, self._every_slot, self._unit_name, say),
            slot_id=slot_id,
        )

    def _row(self, scope: Scope, case: Case, faults: Sequence[Finding]) -> Row:
        say, flags = self.say, self._scheme.flags
        before = scope.last_week(case.staff_id)
        said = []
        if case.meeting_required:
            weeks = max(len(streak.weeks) for streak in case.streaks if streak.holds and streak.meeting)
            said.append(say("Meeting required ({weeks} weeks in a row)", weeks=weeks))
        said += self._follow_up(scope, case)
        said += [flag.name(say.lang) for flag in flags if case.flags.get(flag.id) and not flag.band]
        earlier = [flag.name(say.lang) for flag in flags if before and before.flags.get(flag.id)]
        if earlier:
            said.append(say("Last week: {flags}", flags=", ".join(earlier)))
        said += [say.message(found) for found in faults if found.code not in _SAID]
        note = case.excuse and say.value(case.excuse)
        if case.state == "returned" and case.approval:
            note = case.approval.texts.get("reason", "")
        elif case.waiting_for and case.waiting_for != case.staff_id:
            name = say("you") if case.waiting_for == scope.staff_id else scope.name(case.waiting_for)
            note = say("waits for {name}", name=name)
        rank_before = self._ranks.get(before.band, "") if before else ""
        return Row(case, before, self._ranks.get(case.band, ""), rank_before, note, said)

    def _unit_line(self, scope: Scope, report: UnitReport, decimals: int) -> UnitLine:
        """How the report of a unit stands that the reader files or confirms; its total with so many decimals."""
        say, who = self.say, waits_for(report)
        band = self._names[report.band] if report.band else ""
        waits = say("waits for {name}", name=say("you") if who == scope.staff_id else scope.name(who)) if who else ""
        members = say("Members: {rated} rated, {failed} failed", rated=str(report.rated), failed=str(report.failed))
        return UnitLine(
            name=report.name,
            head=scope.name(report.head_id),
            state=say(state_of_unit(report)),
            waits=waits,
            total=say.number(padded(report.total, decimals)),
            band=band,
            members=members if report.rated else "",
        )

    def _bars(self, evaluated: Sequence[Case]) -> list[tuple[Slot, int]]:
        found = [case.band if case.band in self._ranks else OPEN for case in evaluated]
        return [(slot, n) for slot in self._slots.values() if slot.id != EXCUSED and (n := found.count(slot.id))]

    def _waits(self, scope: Scope, cases: Sequence[Case]) -> list[Open]:
        """Who else has to act for whom, the step nearest to a decision first; those who owe their own report together."""
        stages = [stage.id for stage in self._scheme.stages]
        groups: dict[tuple[int, str, bool], list[Case]] = {}
        for case in cases:
            if case.waiting and case.waiting_for != scope.staff_id:  # what the reader has to do is said above
                own = case.waiting_for == case.staff_id
                at = stages.index(case.waiting) if case.waiting in stages else len(stages)
                groups.setdefault((-at, "" if own else case.waiting_for, own), []).append(case)
        opened = []
        for (at, who, own), waiting in sorted(groups.items(), key=lambda item: item[0]):
            name = self.say("Each of the people named") if own else scope.name(who)
            stage = self._stage(stages[-at]) if -at < len(stages) else waiting[0].waiting
            opened.append(Open(stage, name, [f"{case.name} ({case.staff_id})" for case in waiting]))
        return opened

    # --- words --------------------------------------------------------------------------------------------------------

    def _stage(self, stage_id: str) -> str:
        stage = self._scheme.stage(stage_id)
        return stage.name(self.say.lang) if stage else stage_id

    def _own_fault(self, found: Finding) -> Fault:
        """A finding said to the one who can mend it: the catalogue tells the secretary to go and ask them."""
        told = self._fault(found)
        if found.code == "form.conflict":
            files = [name.rpartition("/")[2] for name in str(dict(found.params)["files"]).split("; ")]
            message = self.say(
                "Two forms of yours say different things, so neither counts: {files}.", files=", ".join(files)
            )
            remedy = self.say("Correct the form that lies beside this page, and send only that one.")
            return told._replace(message=message, remedy=remedy)
        return told

    def _fault(self, found: Finding) -> Fault:
        """A finding in words; of the place only the file's own name, as folders of the inbox are the secretary's."""
        place = " › ".join(
            part for part in (found.place.file.rpartition("/")[2], found.place.sheet, found.place.cell) if part
        )
        return Fault(self.say.message(found), self.say.remedy(found), place)


def _named(cases: Iterable[Case]) -> str:
    return ", ".join(f"{case.name} ({case.staff_id})" for case in cases)
