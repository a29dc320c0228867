"""The order of things: inbox → receipts → ledger; ledger + roster + scheme → cases → outbox.

A run adds what is new to the ledger and computes everything else afresh, so that corrections, late forms and re-runs are
nothing special. Only this module knows the order; only :mod:`batch.cli` prints.
"""

from __future__ import annotations

import datetime as dt
import gc
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from batch import __version__
from batch.assess import Assessment, assess
from batch.closing import Closing, closings, day_of, freeze, freeze_case, freeze_unit, reopen
from batch.collective import UnitReport, unit_reports
from batch.core.finding import Finding, Moment, Place, UserError
from batch.core.period import Evaluated, Week, parse_evaluated
from batch.core.records import Case
from batch.desk import Desk, Setup, at_work, templates_of
from batch.files import sha256
from batch.inbox import Arrival, not_taken_in, read_new, scan, unseen
from batch.intake import Intake
from batch.judging import Record, Whole
from batch.ledger import Head, Ledger
from batch.meetings import MEETING, Meeting, follow_up, required
from batch.outbox import Maker, Making, drafts
from batch.parallel import Processes, executor, seldom_collected
from batch.resolve import Fates
from batch.scheme import Scheme
from batch.statistics_plan import work_of
from batch.stopwatch import Stopwatch
from batch.streaks import add_streaks
from batch.validate import UNIT_SUBJECT, Judged, Rules, judge
from batch.weekly_history import Histories

if TYPE_CHECKING:  # what writes forms loads openpyxl: only who writes some waits for it
    from batch.forms.issue import Form
    from batch.plan import Filling, Plan

_FARTHEST = 60  # weeks ahead that forms may be issued for


@dataclass(frozen=True)
class WeekOutcome:
    """What a run made of one week or round: counts for the terminal, and where the files are."""

    week: Evaluated
    folder: Path
    states: Mapping[str, int]
    severities: Mapping[str, int]
    meetings: int
    changed: tuple[str, ...]
    news: tuple[str, ...]  # whose folder holds something new: staff codes, and scope.OFFICE
    names: Mapping[str, str]  # of those of ``news`` who are people


@dataclass(frozen=True)
class RunOutcome:
    """What a whole run did."""

    new_files: int
    files: int
    weeks: tuple[WeekOutcome, ...]


@seldom_collected()
def run(setup: Setup, week: Evaluated | None, now: str, jobs: int, watch: Stopwatch | None = None) -> RunOutcome:
    """Read what is new, decide, and write the outbox of ``week`` (None: of every week or round a form has come for)."""
    from batch.plan import plan_for
    from batch.round_plan import RoundFilling
    from batch.week_plan import WeekFilling

    _evaluates(setup, week)
    watch = watch or Stopwatch()
    if setup.office.scheduler:
        setup = replace(setup, folder=setup.folder.resolve())  # the workers have another current folder
    with at_work(setup) as desk, ExitStack() as under_way:
        ledger = desk.ledger
        before = ledger.head().entries
        with watch.on("scan"):
            intake = Intake(setup, desk, jobs)
        arrivals = intake.arrivals
        with watch.on("compare"):
            facts = _facts(setup, week, arrivals)
            if not intake.lacking and (standing := _standing(setup, desk, facts, now)):
                return RunOutcome(0, len(arrivals), standing)
        closed = closed_weeks(ledger)
        record = Record(setup, ledger, closed, intake.names)
        with watch.on("judge"):
            judged = list(record.judged(jobs=jobs))
        with desk.store.spool() as said:
            for receipt in watch.waiting_for("read", intake.receipts(now, said)):
                with watch.on("judge"):
                    judged.append(record.judge(receipt).bare)
            lying = [record.judge(receipt) for receipt in not_taken_in(arrivals, now)]
            weeks = [_near(week, now)] if week else _named([*judged, *lying])
            workers = under_way.enter_context(executor(jobs, setup.office.scheduler, partial(templates_of, setup.folder)))
            ahead: Mapping[str, Maker] = {}
            latest: Making | None = None
            if weeks:
                latest = under_way.enter_context(Making(desk.box(weeks[-1]), workers))
                with watch.on("plan"):
                    ahead = _begun_ahead(setup, weeks[-1], latest, judged)
                    latest.look()
            with watch.on("keep"):
                intake.keep(said)
                record.keep(desk.store, judged)
        if not weeks:
            raise UserError("use.no-period", Place(str(setup.folder / "inbox")))
        judged += lying
        # What says nothing and names a week without forms is told in every week, rather than in none.
        told = {*weeks, *(j.period for j in judged if j.attempts)}
        judged = [j if j.attempts or j.period in told else replace(j, period=None) for j in judged]
        with watch.on("decide"):
            assessed = _assess_all(setup, judged, weeks[-1], closed, now)
        work = work_of(setup, {week: assessment.cases for week, assessment in assessed.items()})
        gc.freeze()  # what is known by now stays to the end: to look through it for garbage would take long
        outcomes, bases = [], []
        at_once = len(weeks) > 1 or bool(setup.office.scheduler)
        for one in weeks:
            filling: Filling[Any] = WeekFilling(work, at_once) if isinstance(one, Week) else RoundFilling()
            with latest if latest and one == weeks[-1] else Making(desk.box(one), workers) as making:
                with watch.on("plan"):
                    known = judged, assessed, arrivals, ledger.reading, now
                    mine = ahead if making is latest else {}
                    plan = plan_for(filling, setup, making.box, one, *known, mine, making.begin)
                outcomes.append(_publish_week(setup, plan, making, watch))
            bases.append(plan.basis)
        with watch.on("note"):
            _settle(setup, desk, facts, now, assessed, outcomes, bases)
        taken = ledger.head().entries - before
    return RunOutcome(taken, len(arrivals), tuple(outcomes))


def _named(judged: Sequence[Judged[Any]]) -> list[Evaluated]:
    """The weeks or rounds of which a form has come; if there are files, but none is a form, those that they name."""
    return sorted({j.period for j in judged if j.period and j.attempts} or {j.period for j in judged if j.period})


def _begun_ahead(setup: Setup, period: Evaluated, making: Making, judged: Sequence[Judged[Any]]) -> Mapping[str, Maker]:
    """How the forms are made that are handed out in advance. Nothing of them has to be decided: those that lie nowhere yet
    are begun at once.
    """
    from batch.week_plan import forms_ahead

    if not isinstance(period, Week):  # the next round has time
        return {}
    files, listed = forms_ahead(setup, making.box, period, judged), making.box.listing.outputs
    making.begin({name: make for name, make in files.items() if name not in listed})
    return files


def _facts(setup: Setup, week: Evaluated | None, arrivals: Sequence[Arrival]) -> str:
    """A digest of everything that a run goes by, but the ledger and the time; '' if it can't be the same twice."""
    if any(arrival.fault for arrival in arrivals):
        return ""
    lying = [[arrival.name, arrival.sha256] for arrival in arrivals]
    return sha256(json.dumps([*setup.facts, setup.weekly_digest, str(week), lying], ensure_ascii=False).encode())


def _settle(
    setup: Setup,
    desk: Desk,
    facts: str,
    now: str,
    assessed: Iterable[Evaluated],
    outcomes: Sequence[WeekOutcome],
    bases: Sequence[str],
) -> None:
    """Note what a run came to, for the next one: if nothing has changed by then, there is nothing to do."""
    moments = (setup.office.deadline(form, period) for period in assessed for form in setup.office.deadlines)
    weeks = [
        {
            "period": str(one.week),
            "basis": basis,
            "states": dict(one.states),
            "severities": dict(one.severities),
            "meetings": one.meetings,
        }
        for one, basis in zip(outcomes, bases, strict=True)
    ]
    until = min((moment for moment in moments if moment and moment >= now), default="")
    openings = (at for one in assessed for at in setup.office.to_open(setup.office.opens, one, now).values())
    body = {"facts": facts, "head": desk.ledger.head().hash, "from": now, "until": until}
    desk.sealer.settle({**body, "before": min(openings, default=""), "weeks": weeks})


def _standing(setup: Setup, desk: Desk, facts: str, now: str) -> tuple[WeekOutcome, ...]:
    """What the last run came to, if this one would come to the same: nothing changed, no moment passed, all is there."""
    last = desk.sealer.seals.settled
    if not facts or (last.get("facts"), last.get("head")) != (facts, desk.ledger.head().hash):
        return ()
    if not (last["from"] <= now and (not last["until"] or now <= last["until"])):
        return ()
    if (opening := last.get("before")) and now >= opening:
        return ()
    found = []
    for one in last["weeks"]:
        box = desk.box(week := parse_evaluated(one["period"], setup.scheme.period))
        if not box.is_current(one["basis"]):
            return ()
        states, severities = Counter(one["states"]), Counter(one["severities"])
        found.append(WeekOutcome(week, box.folder, states, severities, one["meetings"], (), (), {}))
    return tuple(found)


def issue(
    setup: Setup, week: Evaluated, now: str, form: str | None, people: Sequence[str], again: bool, jobs: int = 1
) -> list[Form]:
    """Write the forms of a period that are due by what the ledger knows; ``again``: those of everybody, done or not."""
    from batch.due import all_forms, due_forms, path_of
    from batch.week_plan import handbook

    _evaluates(setup, week)
    _near(week, now)
    if form is not None and form not in setup.scheme.forms:
        raise UserError("use.unknown-form", found=form, known=", ".join(setup.scheme.forms))
    if form is not None and (later := setup.office.to_open([form], week, now)):
        raise UserError("use.not-open", form=setup.scheme.titles_of(form), opens=Moment(later[form]))
    for staff_id in people:
        if not setup.roster.knows(staff_id):
            raise UserError("use.unknown-person", Place(str(setup.folder / "roster.xlsx"), "people"), found=staff_id)
    with at_work(setup) as desk:
        judged, assessed = look_into(setup, desk.ledger, week, now)
        if not assessed[week].cases:
            raise UserError("use.nothing-to-issue", Place(str(setup.folder / "roster.xlsx")), week=week)
        forms = (
            all_forms(setup, week, judged, assessed, now)
            if again
            else due_forms(setup, week, judged, assessed, desk.ledger.reading, now)
        )
        forms = [f for f in forms if form in (None, f.stage) and (not people or f.addressee in people)]
        asked_for = {path_of(f): f.corrects for f in forms if again}
        blank = {"program": f"appraise {__version__}", "period": str(week)}
        box = desk.box(week)
        guides = handbook(setup) if isinstance(week, Week) else {}  # they tell of the week
        files = {path_of(f): f.make for f in forms} | guides
        box.issue(drafts([(box, *file) for file in files.items()], Processes(jobs)), asked_for, blank)
    return forms


def close(setup: Setup, week: Evaluated, now: str, with_open: bool) -> tuple[Assessment[Any], Head]:
    """Freeze a period's results; with the head of the ledger, which proves all of it when it is kept elsewhere.

    Refused while cases are open (``close.open-cases``), unless told, and if closed already.
    """
    _evaluates(setup, week)
    with at_work(setup) as desk:
        ledger = desk.ledger
        if week in (closed := closed_weeks(ledger)):
            raise UserError("close.already", week=week, at=day_of(closed[week].at))
        _, assessed = look_into(setup, ledger, week, now, fresh=True)  # what is frozen goes by the ledger alone
        assessment = assessed[week]
        undecided = tuple(setup.roster.label(c.staff_id) for c in assessment.cases.values() if c.waiting)
        undecided += tuple(f"{u.name} ({u.unit_id})" for u in assessment.units if u.state != "approved")
        if not assessment.cases:
            raise UserError("use.nothing-to-issue", Place(str(setup.folder / "roster.xlsx")), week=week)
        if undecided and not with_open:
            raise UserError("close.open-cases", week=week, people=undecided)
        head = desk.record(now, "close", week, freeze(assessment, ledger.next_run() - 1))
    return assessment, head


def amend(
    setup: Setup, week: Evaluated, subject: str, reason: str, author: str, now: str
) -> tuple[Case[Any], Case[Any]] | tuple[UnitReport, UnitReport]:
    """Let what came after the closing count for one person, or for one unit: (what stood before, what stands now).

    ``subject``: a staff_id, or a unit_id (as ``unit:…`` where a person has the same code).
    """
    with at_work(setup) as desk:
        ledger = desk.ledger
        closed = closed_weeks(ledger)
        if week not in closed:
            raise UserError("close.not-closed", week=week)
        judged, assessed = look_into(setup, ledger, week, now, fresh=True)
        mine = [j for j in judged if j.period == week]
        rules = replace(setup.rules, scheme=closed[week].scheme)
        both: tuple[Case[Any], Case[Any]] | tuple[UnitReport, UnitReport]
        if subject in assessed[week].cases:
            both = _amended_case(subject, week, mine, assessed, rules, now)
            label, frozen = setup.roster.label(subject), [freeze_case(case) for case in both]
            body = {"staff_id": subject, "case": frozen[1]}
        else:
            both = _amended_unit(subject.removeprefix(UNIT_SUBJECT), week, mine, assessed, rules, now)
            label, frozen = both[1].name, [freeze_unit(unit) for unit in both]
            body = {"unit_id": both[1].unit_id, "unit": frozen[1]}
        if frozen[0] == frozen[1]:
            raise UserError("amend.nothing", who=label, week=week)
        desk.record(now, "amend", week, {**body, "reason": reason, "author": author})
    return both


def _amended_case(
    staff_id: str,
    week: Evaluated,
    mine: Sequence[Judged[Any]],
    assessed: Mapping[Any, Assessment[Any]],
    rules: Rules,
    now: str,
) -> tuple[Case[Any], Case[Any]]:
    """A closed case as it stands, and as everything that has come decides it."""
    decided: Case[Any] | None = assess(week, mine, rules, now).cases.get(staff_id)
    if decided is None:
        raise UserError("use.unknown-subject", found=staff_id, week=week)
    earlier = [a.cases[staff_id] for w, a in sorted(assessed.items(), reverse=True) if w < week and staff_id in a.cases]
    before = assessed[week].cases[staff_id]
    decided = replace(decided, history=before.history)  # what was shown stays: it decides nothing
    return before, add_streaks(decided, earlier, rules.scheme)[0]


def _amended_unit(
    unit_id: str, week: Any, mine: Sequence[Judged[Any]], assessed: Mapping[Any, Assessment[Any]], rules: Rules, now: str
) -> tuple[UnitReport, UnitReport]:
    """A closed unit report as it stands, and as everything that has come decides it."""
    found, _, _ = unit_reports(week, mine, rules, assessed[week].cases, now)
    both = [next((u for u in units if u.unit_id == unit_id), None) for units in (assessed[week].units, found)]
    before, after = both
    if before is None or after is None:
        raise UserError("use.unknown-subject", found=unit_id, week=week)
    return before, after


@dataclass(frozen=True)
class Move:
    """What another scheme would change for one person in one week."""

    before: Case
    after: Case


def what_if(setup: Setup, other: Scheme, week: Evaluated | None, now: str, jobs: int) -> list[Move]:
    """Decide everything submitted so far, and what lies new in the inbox, by another scheme too; nothing is written.

    Closed weeks stay as they were decided, so they never move.
    """
    # Forms name the scheme they were issued under; here another one stands in its place.
    stand_in = replace(setup, scheme=other.model_copy(update={"id": setup.scheme.id}))
    both: tuple[list[Judged], list[Judged]] = ([], [])
    with Ledger.open(setup.ledger, look_only=True) as ledger, TemporaryDirectory() as aside:
        closed, known = closed_weeks(ledger), ledger.received()

        def keep(digest: str, data: bytes) -> None:
            if digest not in known:
                Path(aside, digest).write_bytes(data)

        arrivals = scan(setup.folder / "inbox", setup.office.max_file_mb * 1024 * 1024, keep)
        new = read_new(
            unseen(arrivals, known), ledger.next_run(), now, jobs, setup.office.file_seconds, Path(aside).joinpath
        )
        for receipt in chain(ledger.receipts(), (receipt for receipt, _ in new)):
            for one, judged in zip((setup, stand_in), both, strict=True):
                judged.append(judge(receipt, one.rules_for(receipt, closed)).bare)
    decided = []
    for one, judged in zip((setup, stand_in), both, strict=True):
        weeks = sorted({j.period for j in judged if j.period and j.attempts})
        if not (last := week or (weeks[-1] if weeks else None)):
            return []
        decided.append(_assess_all(one, judged, last, closed, now))
    present, changed = decided
    moves = []
    for period in sorted(present.keys() & changed.keys()):
        if week in (None, period) and period not in closed:
            after = changed[period].cases
            moves += [Move(c, after[k]) for k, c in present[period].cases.items() if k in after and _moved(c, after[k])]
    return moves


def _moved(before: Case, after: Case) -> bool:
    def shown(case: Case) -> tuple[object, ...]:
        return case.state, case.band, case.total, case.approver_id, case.meeting_required

    return shown(before) != shown(after)


def closed_weeks(ledger: Ledger) -> dict[Any, Closing]:
    """Every closed week or round."""
    return closings(ledger.facts("close", "amend"))


def look_into(
    setup: Setup,
    ledger: Ledger,
    week: Evaluated,
    now: str,
    whole: Whole = lambda _: False,
    jobs: int = 1,
    fresh: bool = False,
) -> tuple[list[Judged[Any]], dict[Any, Assessment[Any]]]:
    """Everything the ledger knows, judged, and every period up to ``week``; ``whole``: which files keep all cells.

    ``fresh``: by the ledger alone, whatever was judged and kept before.
    """
    closed = closed_weeks(ledger)
    judged = list(Record(setup, ledger, closed, fresh=fresh).judged(whole, jobs))
    return judged, _assess_all(setup, judged, week, closed, now)


def look_along(
    setup: Setup, ledger: Ledger, last: Week, now: str, jobs: int = 1, fresh: bool = False
) -> tuple[list[Judged[Any]], Iterator[tuple[Week, Assessment]]]:
    """What :func:`look_into` gives of an office that evaluates weeks; each week is decided when it is asked for."""
    closed = closed_weeks(ledger)
    judged = list(Record(setup, ledger, closed, fresh=fresh).judged(jobs=jobs))
    return judged, _assess_weeks(setup, _by_period(judged), judged, last, closed, now)


def look(
    setup: Setup, week: Evaluated, now: str = "", whole: Whole = lambda _: False
) -> tuple[list[Judged[Any]], dict[Any, Assessment[Any]]]:
    """What the ledger knows up to ``week``, as :func:`look_into` gives it. Nothing is read in, nothing written."""
    with Ledger.open(setup.ledger, look_only=True) as ledger:
        return look_into(setup, ledger, week, now, whole)


def _evaluates(setup: Setup, period: Evaluated | None) -> None:
    """Refuses a week where the office evaluates rounds, and a round where it evaluates weeks."""
    if period is not None and isinstance(period, Week) != (setup.scheme.period == "week"):
        raise UserError("use.not-weekly" if isinstance(period, Week) else "use.not-rounds", found=setup.scheme.id)


def _near(period: Evaluated, now: str) -> Evaluated:
    """The period, unless it lies so far ahead that it must be a slip of the pen."""
    if period.start > Week.of(dt.date.fromisoformat(now[:10])).plus(_FARTHEST).end:
        raise UserError("use.period-far", found=str(period), now=dt.date.fromisoformat(now[:10]))
    return period


def _assess_all(
    setup: Setup, judged: Sequence[Judged[Any]], last: Evaluated, closed: Mapping[Any, Closing], now: str
) -> dict[Any, Assessment[Any]]:
    """Every period from the first that has a form to ``last``, oldest first."""
    by_period = _by_period(judged)
    if isinstance(last, Week):
        return dict(_assess_weeks(setup, by_period, judged, last, closed, now))
    assessed: dict[Any, Assessment[Any]] = {}
    for period in sorted({last, *(p for p in by_period if p < last)}):
        mine = by_period.get(period, [])
        if period in closed:
            assessed[period] = reopen(closed[period], mine, setup.roster)
        else:
            assessed[period] = _with_history(assess(period, mine, setup.rules, now), setup.histories(period))
    return assessed


def _by_period(judged: Iterable[Judged[Any]]) -> dict[Any, list[Judged[Any]]]:
    """The forms of each period."""
    by_period: dict[Any, list[Judged[Any]]] = {}
    for one in judged:
        if one.period and one.attempts:
            by_period.setdefault(one.period, []).append(one)
    return by_period


def _with_history(assessment: Assessment[Any], found: Histories) -> Assessment[Any]:
    """The round with what the weeks of its people came to, where the office evaluates weeks too."""
    if not (found.people or found.findings):
        return assessment
    cases = {who: replace(case, history=found.people.get(who)) for who, case in assessment.cases.items()}
    return _adding(assessment, found.findings, Fates(), cases=cases, evidence=found.sources)


def _assess_weeks(
    setup: Setup,
    by_week: Mapping[Week, list[Judged]],
    judged: Sequence[Judged],
    last: Week,
    closed: Mapping[Any, Closing],
    now: str,
) -> Iterator[tuple[Week, Assessment]]:
    """Every week up to ``last``, one after the other, so that chains can be followed."""
    week = min([*(w for w in by_week if w <= last), last])
    earlier: dict[str, list[Case]] = {}  # staff_id → cases so far, newest first
    called: list[Meeting] = []
    records = [j for j in judged if any(a.stage == MEETING for a in j.attempts)]
    while week <= last:
        mine = by_week.get(week, [])
        if week in closed:
            assessment = reopen(closed[week], [*mine, *records], setup.roster)
        else:
            assessment = _with_streaks(assess(week, mine, setup.rules, now), earlier, setup.scheme)
            units, said, fates = unit_reports(week, mine, setup.rules, assessment.cases, now)
            assessment = _adding(assessment, said, fates, units=tuple(units))
        called += required(assessment.cases, week, called)
        for staff_id, case in assessment.cases.items():
            earlier.setdefault(staff_id, []).insert(0, case)
        yield week, _with_meetings(assessment, *follow_up(called, week, records, setup.rules, now))
        week = week.plus(1)


def _with_meetings(
    assessment: Assessment, meetings: Sequence[Meeting], faults: Sequence[Finding], notes: Sequence[Finding], fates: Fates
) -> Assessment:
    """The week with its meetings. A closed week shows them as they stood; but records go on coming in."""
    unrecorded = tuple(m for m in meetings if m.record is None)
    if assessment.closed_at:
        return _adding(assessment, faults, fates, unrecorded=unrecorded)
    return _adding(assessment, [*faults, *notes], fates, unrecorded=unrecorded, meetings=tuple(meetings))


def _adding(assessment: Assessment, findings: Iterable[Finding], fates: Fates, **parts: Any) -> Assessment:
    """The assessment with these parts, more findings, and what became of more files."""
    findings = tuple(sorted({*assessment.findings, *findings}, key=Finding.sort_key))
    return replace(assessment, findings=findings, fates=assessment.fates | fates, **parts)


def _with_streaks(assessment: Assessment, earlier: Mapping[str, list[Case]], scheme: Scheme) -> Assessment:
    """The week with its chains; ``earlier``: everybody's cases before it, newest first."""
    cases: dict[str, Case] = {}
    notes: list[Finding] = []
    for staff_id, case in assessment.cases.items():
        cases[staff_id], found = add_streaks(case, earlier.get(staff_id, []), scheme)
        notes += found
    return replace(assessment, cases=cases, findings=(*assessment.findings, *notes))


def _publish_week(setup: Setup, plan: Plan, making: Making, watch: Stopwatch) -> WeekOutcome:
    """Make a week's files, then put them all in their places."""
    changed: list[str] = []
    news: tuple[str, ...] = ()
    if plan.files:
        with watch.on("make"):
            standing = making.standing(plan.made_from)
            made = making.drafts({name: make for name, make in plan.files.items() if name not in standing})
        with watch.on("publish"):
            changed = plan.box.publish(made, plan.manifest, plan.made_from, standing)
        news = tuple(sorted({name.split("/")[1] for name in changed if name.startswith("for/") and name in plan.files}))
    return WeekOutcome(
        week=plan.week,
        folder=plan.box.folder,
        states=Counter(case.state for case in plan.cases),
        severities=Counter(setup.say.severity(f) for f in plan.findings),
        meetings=sum(case.meeting_required for case in plan.cases),
        changed=tuple(changed),
        news=news,
        names={who: setup.roster.name(who) for who in news if setup.roster.knows(who)},
    )
