"""The order of things: inbox → receipts → ledger; ledger + roster + scheme → cases → outbox.

A run adds what is new to the ledger and computes everything else afresh, so that corrections, late forms and re-runs are
nothing special. Only this module knows the order; only :mod:`batch.cli` prints.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from batch import __version__
from batch.assess import Assessment, assess
from batch.closing import Closing, closings, freeze, freeze_case, reopen
from batch.collective import unit_reports
from batch.core.finding import Finding, Place, UserError
from batch.core.period import Week
from batch.core.records import Case, Receipt
from batch.files import locked, resource, sha256, write_file
from batch.forms.issue import Form, Issuer, Sent
from batch.forms.returned import Returned, returned_forms
from batch.forms.token import Keys
from batch.i18n import Speaker
from batch.inbox import Arrival, not_taken_in, read_new, scan
from batch.ledger import Ledger
from batch.meetings import follow_up
from batch.outbox import findings_csv, is_current, publish, results_csv
from batch.roster import Office, Roster, load_office
from batch.roster_read import load_roster
from batch.scheme import Scheme, load_scheme
from batch.scope import scopes
from batch.streaks import add_streaks
from batch.validate import Judged, Rules, judge

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
        return Issuer(self.folder, self.office, self.scheme, self.roster, self.keys, say)


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
    if office.key is None and not reading:
        out.mkdir(parents=True, exist_ok=True)
    if office.office_id and not roster.knows(office.office_id):
        raise UserError("config.office-unknown", Place(str(folder / "office.toml")), found=office.office_id)
    # A lost key is never replaced in silence: with a new one, every form ever issued would be a stranger's.
    first_use = office.key is None and not (out / "ledger.db").exists()
    if reading and first_use and not (out / "key").exists():
        keys = Keys.none()
    else:
        keys = Keys.load(folder / office.key if office.key else out / "key", create=first_use and not reading)
    return Setup(folder, out, office, scheme, roster, tuple(findings), digest, keys, Speaker(lang or office.language))


def run(setup: Setup, week: Week | None, now: str, jobs: int) -> RunOutcome:
    """Read what is new, decide, and write the outbox of ``week`` (None: of every week a form has come for)."""
    _weekly(setup)
    with locked(setup.out), Ledger.open(setup.out / "ledger.db") as ledger:
        arrivals = scan(setup.folder / "inbox", setup.office.max_file_mb * 1024 * 1024)
        receipts = ledger.receipts()
        known = {receipt.sha256 for receipt in receipts}
        new = read_new(arrivals, known, ledger.next_run(), now, jobs)
        if new:
            _archive(setup.out / "archive", arrivals, {receipt.sha256 for receipt in new})
            ledger.add(new)
            receipts = ledger.receipts()
        names: dict[str, str] = {}
        for arrival in arrivals:
            names.setdefault(arrival.sha256, arrival.name)
        closed = _closed(ledger)
        judged = [judge(r, setup.rules_for(r, closed), names) for r in (*receipts, *not_taken_in(arrivals, now))]
        weeks = [_near(week, now)] if week else sorted({j.week for j in judged if j.week and j.attempts})
        if not weeks:
            if arrivals:  # there are files, but none is a form: say so for the week they came in
                weeks = sorted({j.week for j in judged if j.week})
            if not weeks:
                raise UserError("use.no-period", Place(str(setup.folder / "inbox")))
        assessed = _assess_all(setup, judged, weeks[-1], closed, now)
        outcomes = tuple(_publish_week(setup, one, judged, assessed, arrivals) for one in weeks)
    return RunOutcome(len(new), len(arrivals), outcomes)


def issue(setup: Setup, week: Week, now: str, form: str | None, people: Sequence[str], again: bool) -> list[Form]:
    """Write the forms of a week: everybody's self form and what is due by what the ledger knows already."""
    _weekly(setup)
    _near(week, now)
    for staff_id in people:
        if not setup.roster.knows(staff_id):
            raise UserError("use.unknown-person", Place(str(setup.folder / "roster.xlsx"), "people"), found=staff_id)
    with locked(setup.out), Ledger.open(setup.out / "ledger.db") as ledger:
        judged, assessed = _look(setup, ledger, week, now)
        cases = assessed[week].cases
        if not cases:
            raise UserError("use.nothing-to-issue", Place(str(setup.folder / "roster.xlsx")), week=week)
        previous, sent = _previous(week, assessed), _sent(week, judged)
        issuer = setup.issuer
        forms = [
            *issuer.self_forms(week, cases, sent),
            *issuer.review_sheets(week, cases, previous, sent, again, assessed[week].meetings),
            *issuer.approval_sheets(week, cases, previous, sent, again, assessed[week].units),
            *issuer.unit_forms(week, assessed[week].units, sent),
            *issuer.meeting_forms(assessed[week].meetings),
        ]
        forms = [f for f in forms if form in (None, f.stage) and (not people or f.addressee in people)]
        folder = setup.out / "outbox" / str(week)
        for one in forms:
            write_file(folder / _path(one), one.data)
    return forms


def close(setup: Setup, week: Week, now: str, with_open: bool) -> Assessment:
    """Freeze a week's results. Refused while cases are open (``close.open-cases``), unless told, and if closed already."""
    with locked(setup.out), Ledger.open(setup.out / "ledger.db") as ledger:
        if week in (closed := _closed(ledger)):
            raise UserError("close.already", week=week, at=closed[week].at[:10])
        _, assessed = _look(setup, ledger, week, now)
        assessment = assessed[week]
        undecided = tuple(setup.roster.label(c.staff_id) for c in assessment.cases.values() if c.waiting)
        if not assessment.cases:
            raise UserError("use.nothing-to-issue", Place(str(setup.folder / "roster.xlsx")), week=week)
        if undecided and not with_open:
            raise UserError("close.open-cases", week=week, people=undecided)
        ledger.record(ledger.next_run(), now, "close", str(week), freeze(assessment, ledger.next_run() - 1))
    return assessment


def amend(setup: Setup, week: Week, staff_id: str, reason: str, author: str, now: str) -> tuple[Case, Case]:
    """Let what came after the closing count for one person: (the case before, the case now)."""
    with locked(setup.out), Ledger.open(setup.out / "ledger.db") as ledger:
        closed = _closed(ledger)
        if week not in closed:
            raise UserError("close.not-closed", week=week)
        judged, assessed = _look(setup, ledger, week, now)
        before = assessed[week].cases.get(staff_id)
        rules = replace(setup.rules, scheme=closed[week].scheme)
        decided = assess(week, [j for j in judged if j.week == week], rules, now).cases.get(staff_id)
        if before is None or decided is None:
            raise UserError("use.unknown-person", Place(str(setup.folder / "roster.xlsx"), "people"), found=staff_id)
        earlier = [a.cases[staff_id] for w, a in sorted(assessed.items(), reverse=True) if w < week and staff_id in a.cases]
        after, _ = add_streaks(decided, earlier, closed[week].scheme)
        if freeze_case(after) == freeze_case(before):
            raise UserError("amend.nothing", who=setup.roster.label(staff_id), week=week)
        body = {"staff_id": staff_id, "reason": reason, "author": author, "case": freeze_case(after)}
        ledger.record(ledger.next_run(), now, "amend", str(week), body)
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
        receipts, closed = ledger.receipts(), _closed(ledger)
        arrivals = scan(setup.folder / "inbox", setup.office.max_file_mb * 1024 * 1024)
        receipts += read_new(arrivals, {r.sha256 for r in receipts}, ledger.next_run(), now, jobs)
    # Forms name the scheme they were issued under; here another one stands in its place.
    stand_in = replace(setup, scheme=other.model_copy(update={"id": setup.scheme.id}))
    decided = []
    for one in (setup, stand_in):
        judged = [judge(r, one.rules_for(r, closed), {}) for r in receipts]
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


def _closed(ledger: Ledger) -> dict[Week, Closing]:
    return closings(ledger.facts("close", "amend"))


def _look(setup: Setup, ledger: Ledger, week: Week, now: str) -> tuple[list[Judged], dict[Week, Assessment]]:
    """Everything the ledger knows, judged, and every week up to ``week``."""
    closed = _closed(ledger)
    judged = [judge(receipt, setup.rules_for(receipt, closed), {}) for receipt in ledger.receipts()]
    return judged, _assess_all(setup, judged, week, closed, now)


def look(setup: Setup, week: Week, now: str = "") -> tuple[list[Judged], dict[Week, Assessment]]:
    """What the ledger knows up to ``week``: every file judged, every week assessed. Nothing is read in, nothing written."""
    with Ledger.open(setup.out / "ledger.db", look_only=True) as ledger:
        return _look(setup, ledger, week, now)


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
    while week <= last:
        mine = by_week.get(week, [])
        if week in closed:
            assessment = reopen(closed[week], mine)
        else:
            assessment = _with_streaks(assess(week, mine, setup.rules, now), earlier, setup.scheme)
        cases[week] = assessment.cases
        for staff_id, case in assessment.cases.items():
            earlier.setdefault(staff_id, []).insert(0, case)
        units, said, counted = unit_reports(week, mine, setup.rules, assessment.cases)
        meetings, noted = follow_up(cases, week, judged, setup.rules, now)
        counted |= {m.record.receipt.sha256 for m in meetings if m.record}
        assessed[week] = replace(
            assessment,
            units=tuple(units),
            meetings=tuple(meetings),
            counted=assessment.counted | counted,
            findings=tuple(sorted({*assessment.findings, *said, *noted}, key=Finding.sort_key)),
        )
        week = week.plus(1)
    return assessed


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


def _archive(folder: Path, arrivals: Iterable[Arrival], wanted: set[str]) -> None:
    """Keep every original, by content: before the ledger names it, so that the ledger never names what isn't there."""
    for arrival in arrivals:
        if arrival.sha256 in wanted and arrival.data is not None:
            write_file(folder / arrival.sha256[:2] / arrival.sha256, arrival.data)


def _archived(folder: Path) -> Callable[[str], bytes | None]:
    """Looks up an original by its hash; None if it is gone."""

    def read(digest: str) -> bytes | None:
        try:
            return (folder / digest[:2] / digest).read_bytes()
        except OSError:
            return None

    return read


def _uncovered(cases: Mapping[str, Case], stage: str, returned: Iterable[Returned]) -> dict[str, Case]:
    """The people who stand on no returned form of a stage, so that nobody gets two forms about the same person."""
    covered = {staff_id for one in returned if one.form.stage == stage for staff_id in one.covers}
    return {staff_id: case for staff_id, case in cases.items() if staff_id not in covered}


def _publish_week(
    setup: Setup, week: Week, judged: Sequence[Judged], assessed: Mapping[Week, Assessment], arrivals: Sequence[Arrival]
) -> WeekOutcome:
    assessment = assessed[week]
    present = {arrival.sha256 for arrival in arrivals}
    # What says nothing about anybody (unreadable, refused) is reported while it lies in the inbox; a form stays on record.
    mine = [j for j in judged if j.week in (week, None) and (j.attempts or j.receipt.sha256 in present)]
    loose = [f for j in mine if not j.attempts for f in j.findings]
    findings = tuple(sorted({*assessment.findings, *loose, *setup.roster_findings}, key=Finding.sort_key))
    cases = tuple(assessment.cases.values())
    folder = setup.out / "outbox" / str(week)
    mine_by_hash = {j.receipt.sha256 for j in mine}
    inputs = _inputs(mine, assessment, [a for a in arrivals if a.sha256 in mine_by_hash])
    basis = _basis(setup, week, assessed, findings, inputs)
    changed: list[str] = []
    news: tuple[str, ...] = ()
    if not is_current(folder, basis):
        files = _render(setup, week, cases, findings, mine, judged, assessed)
        manifest = {
            "program": f"appraise {__version__}",
            "period": str(week),
            "scheme": assessment.scheme.id,
            "scheme_hash": assessment.scheme.hash,
            "closed": assessment.closed_at,
            "roster_sha256": setup.roster_hash,
            "basis": basis,
            "inputs": inputs,
        }
        changed = publish(folder, files, manifest)
        news = tuple(sorted({name.split("/")[1] for name in changed if name.startswith("for/") and name in files}))
    return WeekOutcome(
        week=week,
        folder=folder,
        states=Counter(case.state for case in cases),
        severities=Counter(setup.say.severity(f) for f in findings),
        meetings=sum(case.meeting_required for case in cases),
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
        + [[act.says, act.receipt.sha256] for act in (case.report, case.review, case.approval) if act]
        for earlier in assessed
        if earlier <= week
        for case in assessed[earlier].cases.values()
    ]
    facts = [
        *(__version__, setup.say.lang, assessed[week].scheme.model_dump(mode="json"), setup.roster_hash),
        assessed[week].closed_at,
        [[u.unit_id, u.state, str(u.total), u.report.says if u.report else ""] for u in assessed[week].units],
        [[str(m.week), m.case.staff_id, m.record.says if m.record else ""] for m in assessed[week].meetings],
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


def _render(
    setup: Setup,
    week: Week,
    cases: tuple[Case, ...],
    findings: tuple[Finding, ...],
    mine: Sequence[Judged],
    judged: Sequence[Judged],
    assessed: Mapping[Week, Assessment],
) -> dict[str, bytes]:
    from batch.reports import html, personal, xlsx  # pandas and XlsxWriter cost time that --help and issue need not pay
    from batch.reports.view import WeekView

    by_id = {case.staff_id: case for case in cases}
    previous, sent, issuer = _previous(week, assessed), _sent(week, judged), setup.issuer
    returned = returned_forms(week, assessed[week], previous, sent, issuer, setup.rules, _archived(setup.out / "archive"))
    own, review, approval = (_uncovered(by_id, stage.id, returned) for stage in setup.scheme.stages)
    forms = [
        *issuer.self_forms(week, {who: c for who, c in own.items() if c.report_faulty}, sent),
        *issuer.review_sheets(week, review, previous, sent, meetings=assessed[week].meetings),
        *issuer.approval_sheets(week, approval, previous, sent, units=assessed[week].units),
        *issuer.meeting_forms(assessed[week].meetings),
    ]
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
    )
    say = setup.say
    recipients: dict[str, list[tuple[str, str]]] = {}
    for form in forms:
        label = setup.scheme.form_title(form.stage, say.lang)
        recipients.setdefault(form.addressee, []).append((_path(form), label))
    for one in returned:
        recipients.setdefault(one.form.addressee, []).insert(0, (_path(one.form), say("Returned form")))
    seen = scopes(week, cases, view.history, findings, mine, setup.roster)
    pages = personal.pages(view, seen, setup.office.office_id, say)
    for page in pages:
        recipients.setdefault(page.addressee, []).append((f"for/{page.addressee}/{page.name}", page.label))
    return {
        "summary.xlsx": xlsx.summary(view, say),
        "summary.html": html.summary(view, say).encode(),
        "index.html": html.index(view, recipients, say).encode(),
        "results.csv": results_csv(cases, assessed[week].scheme),
        "findings.csv": findings_csv(findings, say),
        **{_path(form): form.data for form in (*forms, *(one.form for one in returned))},
        **{f"for/{page.addressee}/{page.name}": page.data for page in pages},
    }


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
        for name, r, fate in sorted(entries, key=lambda entry: entry[0])
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
