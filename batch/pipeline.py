"""The order of things: inbox → receipts → ledger; ledger + roster + scheme → cases → outbox.

A run adds what is new to the ledger and computes everything else afresh, so that corrections, late forms and re-runs are
nothing special. Only this module knows the order; only :mod:`batch.cli` prints.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from batch import __version__
from batch.assess import Assessment, assess
from batch.closing import Closing, closings, day_of, freeze, freeze_case, freeze_unit, reopen
from batch.collective import UNIT, UnitReport, unit_reports
from batch.core.finding import Finding, Place, UserError
from batch.core.period import Period, Week
from batch.core.records import Case, Receipt, Statement
from batch.files import Store, flush_folders, locked, resource, sha256
from batch.forms.issue import Form, Issuer, Sent
from batch.forms.returned import Returned, returned_forms
from batch.forms.token import KEY, Keys, key_path, new_key_file, read_key_lines
from batch.i18n import Speaker
from batch.inbox import Arrival, not_taken_in, read_new, scan
from batch.ledger import Head, Ledger
from batch.meetings import MEETING, Meeting, follow_up
from batch.outbox import MANIFEST, Box, findings_csv, results_csv
from batch.pages import check_pages
from batch.parallel import spread
from batch.roster import Office, Roster, load_office
from batch.roster_read import load_roster
from batch.scheme import Scheme, load_scheme
from batch.scope import scopes
from batch.seals import Sealer
from batch.streaks import add_streaks
from batch.titles import RETURNED, file_title
from batch.validate import UNIT_SUBJECT, Attempt, Judged, Rules, judge

ARCHIVE = "archive"
NEW_KEY = "key.new"
if TYPE_CHECKING:
    from batch.reports.view import WeekView

Maker = Callable[[], bytes]
_FARTHEST = 60  # weeks ahead that forms may be issued for


@dataclass(frozen=True)
class Setup:
    """An office opened for work."""

    folder: Path
    out: Path
    office: Office
    scheme: Scheme
    roster: Roster
    roster_findings: tuple[Finding, ...]
    roster_hash: str
    keys: Keys
    say: Speaker

    @property
    def rules(self) -> Rules:
        """What forms are judged by."""
        return Rules(self.office, self.scheme, self.roster, self.keys)

    def rules_for(self, receipt: Receipt, closed: Mapping[Week, Closing]) -> Rules:
        """A form of a closed week is judged by the scheme under which that week was decided."""
        period = receipt.reading.header.get("period", "") if receipt.reading else ""
        closing = next((c for w, c in closed.items() if str(w) == period), None)
        return replace(self.rules, scheme=closing.scheme) if closing else self.rules

    @cached_property
    def templates(self) -> list[list[str]]:
        """Name and hash of every template a form or report may come from."""
        return [
            [str(path.relative_to(base)), sha256(path.read_bytes())]
            for base in (resource(), self.folder / "templates")
            for path in sorted(base.rglob("*"))
            if path.is_file() and path.suffix in (".xlsx", ".j2", ".js")
        ]

    @cached_property
    def issuer(self) -> Issuer:
        """The writer of this office's forms. Forms go out in the office's language, whatever the reports' language."""
        say = Speaker(self.office.language)
        issuer = Issuer(self.folder, self.office, self.scheme, self.roster, self.keys, say)
        issuer.check_masters(Week(2025, 1))  # any week will do: what is missing is missing from every form
        return issuer

    @property
    def own_pages(self) -> Path:
        """Where the office's own page templates stand, if it has any."""
        return self.folder / "templates" / "html"


@dataclass(frozen=True)
class WeekOutcome:
    """What a run made of one week: counts for the terminal, and where the files are."""

    week: Week
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


def open_office(folder: Path, out: Path, lang: str | None, reading: bool = False) -> Setup:
    """Load settings, scheme, roster and key. Raises :class:`UserError` for whatever makes work impossible.

    ``reading``: to look only; no key and no folder is made.
    """
    office = load_office(folder)
    scheme = load_scheme(office.scheme, folder)
    roster, findings, digest = load_roster(folder / "roster.xlsx", scheme)
    if office.office_id and not roster.knows(office.office_id):
        raise UserError("config.office-unknown", Place(str(folder / "office.toml")), found=office.office_id)
    awaited = [*(stage.id for stage in scheme.stages), UNIT, MEETING]
    if strange := sorted(office.deadlines.keys() - set(awaited)):
        place, known = Place(str(folder / "office.toml")), ", ".join(awaited)
        raise UserError("config.unknown-key", place, key=f"deadlines.{strange[0]}", known=known)
    keys = _open_keys(key_path(folder, office, out), out, office.key is None, reading)
    setup = Setup(folder, out, office, scheme, roster, tuple(findings), digest, keys, Speaker(lang or office.language))
    if not reading:
        check_pages(setup.own_pages)
    return setup


def _open_keys(path: Path, out: Path, own: bool, reading: bool) -> Keys:
    """The office's keys; on first use a key is made in OUT (``own``), unless the run only looks (``reading``).

    A lost key is never replaced in silence: with a new one, every form that is under way would be a stranger's.
    """
    if own and not path.exists() and not (out / "ledger.db").exists():
        if reading:
            return Keys.none()
        with locked(out) as store:
            store.write(KEY, new_key_file(()), mode=0o600)
    return Keys.load(path)


def rekey(folder: Path, out: Path, retire: bool) -> tuple[Path, Path, int]:
    """Make a fresh key that signs from now on, above the older ones; ``retire`` withdraws these.

    Returns where the new key file was written, where it has to lie (another place only if the office names a file of its
    own: its folder is never written to), and how many older keys were found.
    """
    office = load_office(folder)
    path = key_path(folder, office, out)
    with locked(out) as store:
        lines = read_key_lines(path) if path.exists() else []  # a lost key: forms that are under way have to be issued again
        written = NEW_KEY if office.key else KEY
        store.write(written, new_key_file(lines, retire), mode=0o600)
    return out / written, path, len(lines)


@dataclass(frozen=True)
class Desk:
    """OUT, held and open for work."""

    store: Store
    ledger: Ledger
    sealer: Sealer

    def box(self, period: Period, listed_in: str = MANIFEST) -> Box:
        """The period's folder in the outbox."""
        return Box(self.store, self.sealer, period, listed_in)

    def record(self, now: str, kind: str, period: Period, body: Mapping[str, Any]) -> Head:
        """Append a fact about a period to the ledger; returns where it ends now."""
        self.ledger.record(self.ledger.next_run(), now, kind, str(period), body)
        return self.sealer.note_head()


@contextmanager
def at_work(setup: Setup) -> Iterator[Desk]:
    """Hold OUT. What a killed run added to the ledger without noting it is noted first."""
    with locked(setup.out) as store, Ledger.open(setup.out / "ledger.db") as ledger:
        sealer = Sealer(store, ledger)
        sealer.note_head()
        yield Desk(store, ledger, sealer)


def run(setup: Setup, week: Week | None, now: str, jobs: int) -> RunOutcome:
    """Read what is new, decide, and write the outbox of ``week`` (None: of every week a form has come for)."""
    _weekly(setup)
    with at_work(setup) as desk:
        ledger = desk.ledger
        arrivals = scan(setup.folder / "inbox", setup.office.max_file_mb * 1024 * 1024)
        receipts = ledger.receipts()
        known = {receipt.sha256 for receipt in receipts}
        read = read_new(arrivals, known, ledger.next_run(), now, jobs, setup.office.file_seconds)
        new = [_signed(receipt, setup.keys) for receipt in read]
        if new:
            _archive(desk.store, arrivals, {receipt.sha256 for receipt in new})
            ledger.add(new)
            desk.sealer.note_head()
            receipts = ledger.receipts()
        closed = closed_weeks(ledger)
        received = (*_as_they_lie(receipts, arrivals), *not_taken_in(arrivals, now))
        judged = [judge(receipt, setup.rules_for(receipt, closed)) for receipt in received]
        weeks = [_near(week, now)] if week else sorted({j.week for j in judged if j.week and j.attempts})
        if not weeks:
            if arrivals:  # there are files, but none is a form: say so for the week they came in
                weeks = sorted({j.week for j in judged if j.week})
            if not weeks:
                raise UserError("use.no-period", Place(str(setup.folder / "inbox")))
        # What says nothing and names a week without forms is told in every week, rather than in none.
        told = {*weeks, *(j.week for j in judged if j.attempts)}
        judged = [j if j.attempts or j.week in told else replace(j, week=None) for j in judged]
        assessed = _assess_all(setup, judged, weeks[-1], closed, now)
        plans = [_plan_week(setup, desk.box(one), one, judged, assessed, arrivals) for one in weeks]
        makers = [make for plan in plans for make in plan.files.values()]
        made = spread(_made, makers, range(len(makers)), jobs)
        outcomes = tuple(_publish_week(setup, plan, made) for plan in plans)
    return RunOutcome(len(new), len(arrivals), outcomes)


def _made(makers: Sequence[Maker], n: int) -> bytes:
    return makers[n]()


def issue(setup: Setup, week: Week, now: str, form: str | None, people: Sequence[str], again: bool) -> list[Form]:
    """Write the forms of a week that are due by what the ledger knows; ``again``: those of everybody, done or not."""
    _weekly(setup)
    _near(week, now)
    for staff_id in people:
        if not setup.roster.knows(staff_id):
            raise UserError("use.unknown-person", Place(str(setup.folder / "roster.xlsx"), "people"), found=staff_id)
    with at_work(setup) as desk:
        judged, assessed = look_into(setup, desk.ledger, week, now)
        if not assessed[week].cases:
            raise UserError("use.nothing-to-issue", Place(str(setup.folder / "roster.xlsx")), week=week)
        forms = _all_forms(setup, week, judged, assessed) if again else _due_forms(setup, week, judged, assessed)
        forms = [f for f in forms if form in (None, f.stage) and (not people or f.addressee in people)]
        asked_for = {_path(f): f.corrects for f in forms if again}
        blank = {"program": f"appraise {__version__}", "period": str(week)}
        desk.box(week).issue({_path(f): f.data for f in forms}, asked_for, blank)
    return forms


def close(setup: Setup, week: Week, now: str, with_open: bool) -> tuple[Assessment, Head]:
    """Freeze a week's results; with the head of the ledger, which proves all of it when it is kept elsewhere.

    Refused while cases are open (``close.open-cases``), unless told, and if closed already.
    """
    with at_work(setup) as desk:
        ledger = desk.ledger
        if week in (closed := closed_weeks(ledger)):
            raise UserError("close.already", week=week, at=day_of(closed[week].at))
        _, assessed = look_into(setup, ledger, week, now)
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
    setup: Setup, week: Week, subject: str, reason: str, author: str, now: str
) -> tuple[Case, Case] | tuple[UnitReport, UnitReport]:
    """Let what came after the closing count for one person, or for one unit: (what stood before, what stands now).

    ``subject``: a staff_id, or a unit_id (as ``unit:…`` where a person has the same code).
    """
    with at_work(setup) as desk:
        ledger = desk.ledger
        closed = closed_weeks(ledger)
        if week not in closed:
            raise UserError("close.not-closed", week=week)
        judged, assessed = look_into(setup, ledger, week, now)
        mine = [j for j in judged if j.week == week]
        rules = replace(setup.rules, scheme=closed[week].scheme)
        both: tuple[Case, Case] | tuple[UnitReport, UnitReport]
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
    staff_id: str, week: Week, mine: Sequence[Judged], assessed: Mapping[Week, Assessment], rules: Rules, now: str
) -> tuple[Case, Case]:
    """A closed case as it stands, and as everything that has come decides it."""
    decided = assess(week, mine, rules, now).cases.get(staff_id)
    if decided is None:
        raise UserError("use.unknown-subject", found=staff_id, week=week)
    earlier = [a.cases[staff_id] for w, a in sorted(assessed.items(), reverse=True) if w < week and staff_id in a.cases]
    return assessed[week].cases[staff_id], add_streaks(decided, earlier, rules.scheme)[0]


def _amended_unit(
    unit_id: str, week: Week, mine: Sequence[Judged], assessed: Mapping[Week, Assessment], rules: Rules, now: str
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


def what_if(setup: Setup, other: Scheme, week: Week | None, now: str, jobs: int) -> list[Move]:
    """Decide everything submitted so far, and what lies new in the inbox, by another scheme too; nothing is written.

    Closed weeks stay as they were decided, so they never move.
    """
    with Ledger.open(setup.out / "ledger.db", look_only=True) as ledger:
        receipts, closed = ledger.receipts(), closed_weeks(ledger)
        arrivals = scan(setup.folder / "inbox", setup.office.max_file_mb * 1024 * 1024)
        known = {receipt.sha256 for receipt in receipts}
        receipts += read_new(arrivals, known, ledger.next_run(), now, jobs, setup.office.file_seconds)
    # Forms name the scheme they were issued under; here another one stands in its place.
    stand_in = replace(setup, scheme=other.model_copy(update={"id": setup.scheme.id}))
    decided = []
    for one in (setup, stand_in):
        judged = [judge(r, one.rules_for(r, closed)) for r in receipts]
        weeks = sorted({j.week for j in judged if j.week and j.attempts})
        last = week or (weeks[-1] if weeks else Week.of(dt.date.fromisoformat(now[:10])))
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


def closed_weeks(ledger: Ledger) -> dict[Week, Closing]:
    """Every closed week."""
    return closings(ledger.facts("close", "amend"))


def look_into(setup: Setup, ledger: Ledger, week: Week, now: str) -> tuple[list[Judged], dict[Week, Assessment]]:
    """Everything the ledger knows, judged, and every week up to ``week``."""
    closed = closed_weeks(ledger)
    judged = [judge(receipt, setup.rules_for(receipt, closed)) for receipt in ledger.receipts()]
    return judged, _assess_all(setup, judged, week, closed, now)


def look(setup: Setup, week: Week, now: str = "") -> tuple[list[Judged], dict[Week, Assessment]]:
    """What the ledger knows up to ``week``: every file judged, every week assessed. Nothing is read in, nothing written."""
    with Ledger.open(setup.out / "ledger.db", look_only=True) as ledger:
        return look_into(setup, ledger, week, now)


def _weekly(setup: Setup) -> None:
    """Weeks are for schemes that evaluate weeks."""
    if setup.scheme.period != "week":
        raise UserError("use.not-weekly", found=setup.scheme.id)


def _near(week: Week, now: str) -> Week:
    """The week, unless it lies so far ahead that it must be a slip of the pen."""
    if week > Week.of(dt.date.fromisoformat(now[:10])).plus(_FARTHEST):
        raise UserError("use.period-far", found=str(week), now=now[:10])
    return week


def _assess_all(
    setup: Setup, judged: Sequence[Judged], last: Week, closed: Mapping[Week, Closing], now: str
) -> dict[Week, Assessment]:
    """Every week from the first that has a form to ``last``, oldest first, so that chains can be followed."""
    by_week: dict[Week, list[Judged]] = {}
    for one in judged:
        if one.week and one.attempts:
            by_week.setdefault(one.week, []).append(one)
    week = min([*(w for w in by_week if w <= last), last])
    assessed: dict[Week, Assessment] = {}
    earlier: dict[str, list[Case]] = {}  # staff_id → cases so far, newest first
    cases: dict[Week, Mapping[str, Case]] = {}
    records = [j for j in judged if any(a.stage == MEETING for a in j.attempts)]
    while week <= last:
        mine = by_week.get(week, [])
        if week in closed:
            assessment = reopen(closed[week], [*mine, *records], setup.roster)
        else:
            assessment = _with_streaks(assess(week, mine, setup.rules, now), earlier, setup.scheme)
            units, said, counted = unit_reports(week, mine, setup.rules, assessment.cases, now)
            assessment = _adding(assessment, said, counted, units=tuple(units))
        cases[week] = assessment.cases
        for staff_id, case in assessment.cases.items():
            earlier.setdefault(staff_id, []).insert(0, case)
        assessed[week] = _with_meetings(assessment, *follow_up(cases, week, judged, setup.rules, now))
        week = week.plus(1)
    return assessed


def _with_meetings(
    assessment: Assessment, meetings: Sequence[Meeting], faults: Sequence[Finding], notes: Sequence[Finding]
) -> Assessment:
    """The week with its meetings. A closed week shows them as they stood; but records go on coming in."""
    unrecorded = tuple(m for m in meetings if m.record is None)
    counted = {m.record.receipt.sha256 for m in meetings if m.record}
    if assessment.closed_at:
        return _adding(assessment, faults, counted, unrecorded=unrecorded)
    return _adding(assessment, [*faults, *notes], counted, unrecorded=unrecorded, meetings=tuple(meetings))


def _adding(assessment: Assessment, findings: Iterable[Finding], counted: set[str], **parts: Any) -> Assessment:
    """The assessment with these parts, more findings, and more files that count."""
    findings = tuple(sorted({*assessment.findings, *findings}, key=Finding.sort_key))
    return replace(assessment, findings=findings, counted=assessment.counted | counted, **parts)


def _with_streaks(assessment: Assessment, earlier: Mapping[str, list[Case]], scheme: Scheme) -> Assessment:
    """The week with its chains; ``earlier``: everybody's cases before it, newest first."""
    cases: dict[str, Case] = {}
    notes: list[Finding] = []
    for staff_id, case in assessment.cases.items():
        cases[staff_id], found = add_streaks(case, earlier.get(staff_id, []), scheme)
        notes += found
    return replace(assessment, cases=cases, findings=(*assessment.findings, *notes))


def _previous(week: Week, assessed: Mapping[Week, Assessment]) -> Mapping[str, Case]:
    before = assessed.get(week.plus(-1))
    return before.cases if before else {}


def _sent(week: Week, judged: Iterable[Judged]) -> Sent:
    """What each author sent for the week, stage by stage, so that a new form can say what it corrects."""
    sent: dict[tuple[str, str], set[str]] = {}
    for one in judged:
        reading = one.receipt.reading
        if one.week == week and reading is not None:
            for attempt in one.attempts:
                sent.setdefault((attempt.stage, attempt.author), set()).add(reading.content)
    return sent


def _path(form: Form) -> str:
    return f"for/{form.addressee}/{form.name}"


def _as_they_lie(receipts: Iterable[Receipt], arrivals: Iterable[Arrival]) -> Iterator[Receipt]:
    """Receipts by the name under which their content lies in the inbox now, the first of several; else by that of old."""
    names: dict[str, str] = {}
    for arrival in arrivals:
        names.setdefault(arrival.sha256, arrival.name)
    for receipt in receipts:
        name = names.get(receipt.sha256, receipt.name)
        yield receipt if name == receipt.name else replace(receipt, name=name)


def _signed(receipt: Receipt, keys: Keys) -> Receipt:
    """Note whether the form's signature holds now: it then counts even if the key is lost or withdrawn later."""
    return replace(receipt, signed=receipt.reading is not None and keys.genuine(receipt.reading.header))


def _archive(store: Store, arrivals: Iterable[Arrival], wanted: set[str]) -> None:
    """Keep every original, by content: before the ledger names it, so that the ledger never names what isn't there."""
    folders = {store.root / ARCHIVE}
    for arrival in arrivals:
        if arrival.sha256 in wanted and arrival.data is not None:
            store.write(f"{ARCHIVE}/{arrival.sha256[:2]}/{arrival.sha256}", arrival.data)
            folders.add(store.root / ARCHIVE / arrival.sha256[:2])
    flush_folders(sorted(folders))


def _archived(folder: Path) -> Callable[[str], bytes | None]:
    """Looks up an original by its hash; None if it is gone."""

    def read(digest: str) -> bytes | None:
        try:
            return (folder / digest[:2] / digest).read_bytes()
        except OSError:
            return None

    return read


def _due_forms(setup: Setup, week: Week, judged: Sequence[Judged], assessed: Mapping[Week, Assessment]) -> list[Form]:
    """Every form that somebody has to fill in now for this week, those that go back to their author first.

    It follows from what has come and nothing else, so that ``issue`` and ``run`` agree, and a form that is no longer due is
    gone after the next run. Of a closed week, only the records of meetings are still awaited.
    """
    assessment, issuer = assessed[week], setup.issuer
    previous, sent = _previous(week, assessed), _sent(week, judged)
    returned = returned_forms(week, assessment, previous, sent, issuer, setup.rules, _archived(setup.out / "archive"))
    back = [one.form for one in returned]
    meetings = _beside(back, issuer.meeting_forms(assessment.unrecorded))
    if assessment.closed_at:
        return [*back, *meetings]
    own, review, approval = (_uncovered(assessment.cases, stage.id, returned) for stage in setup.scheme.stages)
    return [
        *back,
        *issuer.self_forms(week, own, sent),
        *issuer.review_sheets(week, review, previous, sent, meetings=assessment.meetings),
        *issuer.approval_sheets(week, approval, previous, sent, units=assessment.units),
        *_beside(back, issuer.unit_forms(assessment.units, sent)),
        *meetings,
    ]


def _all_forms(setup: Setup, week: Week, judged: Sequence[Judged], assessed: Mapping[Week, Assessment]) -> list[Form]:
    """The forms of everybody, also of those who are done: to correct what was sent."""
    assessment, issuer = assessed[week], setup.issuer
    cases, previous, sent = assessment.cases, _previous(week, assessed), _sent(week, judged)
    return [
        *issuer.self_forms(week, cases, sent, again=True),
        *issuer.review_sheets(week, cases, previous, sent, True, assessment.meetings),
        *issuer.approval_sheets(week, cases, previous, sent, True, assessment.units),
        *issuer.unit_forms(assessment.units, sent, again=True),
    ]


def _still_asked_for(
    setup: Setup,
    week: Week,
    judged: Sequence[Judged],
    assessed: Mapping[Week, Assessment],
    asked: Mapping[str, Sequence[str]],
) -> list[Form]:
    """Of the forms asked for beyond what is due, those that their addressee has not answered yet, as of today."""
    if not asked:
        return []
    return [
        f for f in _all_forms(setup, week, judged, assessed) if _path(f) in asked and tuple(asked[_path(f)]) == f.corrects
    ]


def _uncovered(cases: Mapping[str, Case], stage: str, returned: Iterable[Returned]) -> dict[str, Case]:
    """The people who stand on no returned form of a stage, so that nobody gets two forms about the same person."""
    covered = {staff_id for one in returned if one.form.stage == stage for staff_id in one.covers}
    return {staff_id: case for staff_id, case in cases.items() if staff_id not in covered}


def _beside(returned: Iterable[Form], fresh: Iterable[Form]) -> list[Form]:
    """Of the fresh forms about one subject each, those that don't go back filled in."""
    names = {_path(form) for form in returned}
    return [form for form in fresh if _path(replace(form, name=f"{RETURNED}{form.name}")) not in names]


@dataclass(frozen=True)
class _Plan:
    """What a run makes of one week: how each file is made (none, if the week is as it was), and the manifest's facts."""

    box: Box
    week: Week
    cases: tuple[Case, ...]
    findings: tuple[Finding, ...]
    files: Mapping[str, Maker]
    manifest: Mapping[str, Any]


def _plan_week(
    setup: Setup,
    box: Box,
    week: Week,
    judged: Sequence[Judged],
    assessed: Mapping[Week, Assessment],
    arrivals: Sequence[Arrival],
) -> _Plan:
    assessment = assessed[week]
    present = {arrival.sha256 for arrival in arrivals}
    # What says nothing about anybody (unreadable, refused) is reported while it lies in the inbox; a form stays on record.
    mine = [j for j in judged if j.week in (week, None) and (j.attempts or j.receipt.sha256 in present)]
    loose = [f for j in mine if not j.attempts for f in j.findings]
    findings = tuple(sorted({*assessment.findings, *loose, *setup.roster_findings}, key=Finding.sort_key))
    cases = tuple(assessment.cases.values())
    mine_by_hash = {j.receipt.sha256 for j in mine}
    inputs = _inputs(mine, assessment, [a for a in arrivals if a.sha256 in mine_by_hash])
    basis = _basis(setup, week, assessed, findings, inputs)
    if box.is_current(basis):
        return _Plan(box, week, cases, findings, {}, {})
    extra = _still_asked_for(setup, week, judged, assessed, box.listing.asked_for)
    forms = [*_due_forms(setup, week, judged, assessed), *extra]
    manifest = {
        "program": f"appraise {__version__}",
        "period": str(week),
        "scheme": assessment.scheme.id,
        "scheme_hash": assessment.scheme.hash,
        "closed": assessment.closed_at,
        "roster_sha256": setup.roster_hash,
        "basis": basis,
        "inputs": inputs,
        "issued": {_path(form): list(form.corrects) for form in extra},
    }
    return _Plan(box, week, cases, findings, _files(setup, week, cases, findings, mine, forms, assessed), manifest)


def _publish_week(setup: Setup, plan: _Plan, made: Iterator[bytes]) -> WeekOutcome:
    """Write a week's files as they come; ``made`` yields them in the order of the plans."""
    changed: list[str] = []
    news: tuple[str, ...] = ()
    if plan.files:
        changed = plan.box.publish({name: next(made) for name in plan.files}, plan.manifest)
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


def _basis(
    setup: Setup,
    week: Week,
    assessed: Mapping[Week, Assessment],
    findings: Sequence[Finding],
    inputs: Sequence[Mapping[str, Any]],
) -> str:
    """A digest of everything a week's outputs depend on: if it has not changed, there is nothing to render."""
    decided = [
        [
            str(case.period),
            case.staff_id,
            case.state,
            case.reviewer_id,
            case.approver_id,
            str(case.total),
            case.failing_weeks,
        ]
        + [_act(act) for act in (case.report, case.review, case.approval)]
        for earlier in assessed
        if earlier <= week
        for case in assessed[earlier].cases.values()
    ]
    facts = [
        *(__version__, setup.say.lang, assessed[week].scheme.model_dump(mode="json"), setup.roster_hash),
        assessed[week].closed_at,
        [[u.unit_id, u.state, str(u.total), _act(u.report), _act(u.approval)] for u in assessed[week].units],
        *(
            [[str(m.week), m.case.staff_id, _act(m.record), m.sent, _back(m.returned)] for m in meetings]
            for meetings in (assessed[week].meetings, assessed[week].unrecorded)
        ),
        *(
            setup.office.model_dump(mode="json", exclude={"mail"}),
            setup.keys.fingerprint,
            setup.templates,
            decided,
            list(inputs),
        ),
        [[f.code, str(f.place), f.staff_id, repr(f.params)] for f in findings],
    ]
    return sha256(json.dumps(facts, ensure_ascii=False).encode())


def _act(act: Statement | None) -> list[str]:
    """What a page may show of a statement: what it says, and where and when it came."""
    return [act.says, act.receipt.sha256, act.receipt.name, act.receipt.received] if act else []


def _back(attempt: Attempt | None) -> list[str]:
    """What a returned form may show: its file, and what is said about it."""
    return [attempt.receipt.sha256, attempt.receipt.name, *map(repr, attempt.findings)] if attempt else []


def _files(
    setup: Setup,
    week: Week,
    cases: tuple[Case, ...],
    findings: tuple[Finding, ...],
    mine: Sequence[Judged],
    forms: Sequence[Form],
    assessed: Mapping[Week, Assessment],
) -> dict[str, Maker]:
    """How each file of the week is made, by name."""
    from batch.reports import html, personal  # Jinja costs time that --help and issue need not pay
    from batch.reports.view import WeekView

    view = WeekView(
        week=week,
        office=setup.office,
        scheme=assessed[week].scheme,
        roster=setup.roster,
        cases=cases,
        history={w: a.cases for w, a in assessed.items() if w <= week},
        findings=findings,
        as_of=max((j.receipt.received for j in mine), default=""),
        closed_at=assessed[week].closed_at,
        unit_reports=assessed[week].units,
        follow_up=tuple(m for m in assessed[week].meetings if m.runs_in(week)),
        templates=setup.own_pages,
    )
    say = setup.say
    seen = scopes(week, cases, view.history, findings, mine, setup.roster, view.follow_up, view.unit_reports)
    pages = personal.pages(view, seen, setup.office.office_id, say)
    handed: dict[str, Maker] = {_path(form): form.make for form in forms}
    handed |= {f"for/{page.addressee}/{page.name}": page.make for page in pages}
    recipients: dict[str, list[tuple[str, str]]] = {}
    for path in handed:
        _, addressee, name = path.split("/")
        recipients.setdefault(addressee, []).append((path, file_title(name, setup.scheme, say)))
    return {
        "summary.xlsx": lambda: _workbook(view, say),
        "summary.html": lambda: html.summary(view, say).encode(),
        "index.html": lambda: html.index(view, recipients, say).encode(),
        "results.csv": lambda: results_csv(cases, assessed[week].scheme),
        "findings.csv": lambda: findings_csv(findings, say),
        **handed,
    }


def _workbook(view: WeekView, say: Speaker) -> bytes:
    from batch.reports import xlsx  # XlsxWriter costs time that only the process which makes the workbook has to pay

    return xlsx.summary(view, say)


def _inputs(mine: Sequence[Judged], assessment: Assessment, arrivals: Sequence[Arrival]) -> list[dict[str, Any]]:
    """Every file of the week and what became of it, by name; a second copy in the inbox is named too."""
    entries = []
    for one in mine:
        receipt = one.receipt
        entries.append((receipt.name, receipt, _fate(one, assessment)))
    first = {receipt.sha256: receipt for _, receipt, _ in entries}
    for arrival in arrivals:
        receipt_of = first.get(arrival.sha256)
        if receipt_of is not None and arrival.name != receipt_of.name:
            entries.append((arrival.name, receipt_of, "identical-copy"))
    return [
        {"name": name, "sha256": r.sha256, "size": r.size, "received": r.received, "fate": fate}
        for name, r, fate in sorted(entries, key=lambda entry: (entry[0], entry[1].sha256))
    ]


def _fate(one: Judged, assessment: Assessment) -> str:
    """counted, replaced, conflict, returned (faulty), no-effect, identical-copy, refused or unreadable."""
    receipt: Receipt = one.receipt
    if receipt.reading is None:
        return "unreadable"
    if not one.attempts:
        return "refused" if one.findings else "empty"
    if receipt.sha256 in assessment.counted:
        return "counted"
    if receipt.sha256 in assessment.conflicting:
        return "conflict"
    if receipt.sha256 in assessment.replaced:
        return "replaced"
    if any(attempt.statement is None for attempt in one.attempts):
        return "returned"
    return "identical-copy" if receipt.sha256 in assessment.copies else "no-effect"
