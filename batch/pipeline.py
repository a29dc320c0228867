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
from batch.outbox import findings_csv, is_current, publish, results_csv
from batch.roster import Office, Roster, load_office
from batch.roster_read import load_roster
from batch.scheme import Scheme, load_scheme
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


@dataclass(frozen=True)
class RunOutcome:
    """What a whole run did."""

    new_files: int
    files: int
    weeks: tuple[WeekOutcome, ...]


def open_office(folder: Path, out: Path, lang: str | None) -> Setup:
    """Load settings, scheme, roster and key. Raises :class:`UserError` for whatever makes work impossible."""
    office = load_office(folder)
    scheme = load_scheme(office.scheme, folder)
    roster, findings, digest = load_roster(folder / "roster.xlsx", scheme)
    if office.key is None:
        out.mkdir(parents=True, exist_ok=True)
    # A lost key is never replaced in silence: with a new one, every form ever issued would be a stranger's.
    first_use = office.key is None and not (out / "ledger.db").exists()
    keys = Keys.load(folder / office.key if office.key else out / "key", create=first_use)
    return Setup(folder, out, office, scheme, roster, tuple(findings), digest, keys, Speaker(lang or office.language))


def run(setup: Setup, week: Week | None, now: str, jobs: int) -> RunOutcome:
    """Read what is new, decide, and write the outbox of ``week`` (None: of every week a form has come for)."""
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
        judged = [judge(receipt, setup.rules, names) for receipt in (*receipts, *not_taken_in(arrivals, now))]
        weeks = [_near(week, now)] if week else sorted({j.week for j in judged if j.week and j.attempts})
        if not weeks:
            if arrivals:  # there are files, but none is a form: say so for the week they came in
                weeks = sorted({j.week for j in judged if j.week})
            if not weeks:
                raise UserError("use.no-period", Place(str(setup.folder / "inbox")))
        assessed = _assess_all(setup, judged, weeks[-1])
        outcomes = tuple(_publish_week(setup, one, judged, assessed, arrivals) for one in weeks)
    return RunOutcome(len(new), len(arrivals), outcomes)


def issue(setup: Setup, week: Week, now: str, form: str | None, people: Sequence[str], again: bool) -> list[Form]:
    """Write the forms of a week: everybody's self form and what is due by what the ledger knows already."""
    _near(week, now)
    for staff_id in people:
        if not setup.roster.knows(staff_id):
            raise UserError("use.unknown-person", Place(str(setup.folder / "roster.xlsx"), "people"), found=staff_id)
    with locked(setup.out), Ledger.open(setup.out / "ledger.db") as ledger:
        judged = [judge(receipt, setup.rules, {}) for receipt in ledger.receipts()]
        assessed = _assess_all(setup, judged, week)
        cases = assessed[week].cases
        if not cases:
            raise UserError("use.nothing-to-issue", Place(str(setup.folder / "roster.xlsx")), week=week)
        previous, sent = _previous(week, assessed), _sent(week, judged)
        issuer = setup.issuer
        forms = [
            *issuer.self_forms(week, cases, sent),
            *issuer.review_sheets(week, cases, previous, sent, again),
            *issuer.approval_sheets(week, cases, previous, sent, again),
        ]
        forms = [f for f in forms if form in (None, f.stage) and (not people or f.addressee in people)]
        folder = setup.out / "outbox" / str(week)
        for one in forms:
            write_file(folder / _path(one), one.data)
    return forms


def _near(week: Week, now: str) -> Week:
    """The week, unless it lies so far ahead that it must be a slip of the pen."""
    if week > Week.of(dt.date.fromisoformat(now[:10])).plus(_FARTHEST):
        raise UserError("use.period-far", found=str(week), now=now[:10])
    return week


def _assess_all(setup: Setup, judged: Sequence[Judged], last: Week) -> dict[Week, Assessment]:
    """Every week from the first that has a form to ``last``, oldest first, so that chains can be followed."""
    by_week: dict[Week, list[Judged]] = {}
    for one in judged:
        if one.week and one.attempts:
            by_week.setdefault(one.week, []).append(one)
    week = min([*(w for w in by_week if w <= last), last])
    assessed: dict[Week, Assessment] = {}
    earlier: dict[str, list[Case]] = {}  # staff_id → cases so far, newest first
    while week <= last:
        assessment = assess(week, by_week.get(week, []), setup.rules)
        cases: dict[str, Case] = {}
        notes: list[Finding] = []
        for staff_id, case in assessment.cases.items():
            before = earlier.setdefault(staff_id, [])
            cases[staff_id], found = add_streaks(case, before, setup.scheme)
            before.insert(0, cases[staff_id])
            notes += found
        findings = sorted({*assessment.findings, *notes}, key=Finding.sort_key)
        assessed[week] = replace(assessment, cases=cases, findings=tuple(findings))
        week = week.plus(1)
    return assessed


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
    if not is_current(folder, basis):
        files = _render(setup, week, cases, findings, mine, judged, assessed)
        manifest = {
            "program": f"appraise {__version__}",
            "period": str(week),
            "scheme": setup.scheme.id,
            "scheme_hash": setup.scheme.hash,
            "roster_sha256": setup.roster_hash,
            "basis": basis,
            "inputs": inputs,
        }
        changed = publish(folder, files, manifest)
    return WeekOutcome(
        week=week,
        folder=folder,
        states=Counter(case.state for case in cases),
        severities=Counter(setup.say.severity(f) for f in findings),
        meetings=sum(case.meeting_required for case in cases),
        changed=tuple(changed),
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
        *(__version__, setup.say.lang, setup.scheme.model_dump(mode="json"), setup.roster_hash),
        *(setup.office.model_dump(mode="json"), setup.keys.fingerprint, setup.templates, decided, list(inputs)),
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
    from batch.reports import html, xlsx  # pandas and XlsxWriter cost time that --help and issue need not pay
    from batch.reports.view import WeekView

    by_id = {case.staff_id: case for case in cases}
    previous, sent, issuer = _previous(week, assessed), _sent(week, judged), setup.issuer
    returned = returned_forms(week, assessed[week], previous, sent, issuer, setup.rules, _archived(setup.out / "archive"))
    own, review, approval = (_uncovered(by_id, stage.id, returned) for stage in setup.scheme.stages)
    forms = [
        *issuer.self_forms(week, {who: c for who, c in own.items() if c.report_faulty}, sent),
        *issuer.review_sheets(week, review, previous, sent),
        *issuer.approval_sheets(week, approval, previous, sent),
    ]
    view = WeekView(
        week=week,
        office=setup.office,
        scheme=setup.scheme,
        roster=setup.roster,
        cases=cases,
        history={w: a.cases for w, a in assessed.items() if w <= week},
        findings=findings,
        as_of=max((j.receipt.received for j in mine), default=""),
    )
    say = setup.say
    recipients: dict[str, list[tuple[str, str]]] = {}
    for form in forms:
        stage = setup.scheme.stage(form.stage)
        label = stage.name(say.lang) if stage else form.stage
        recipients.setdefault(form.addressee, []).append((_path(form), label))
    for one in returned:
        recipients.setdefault(one.form.addressee, []).insert(0, (_path(one.form), say("Returned form")))
    return {
        "summary.xlsx": xlsx.summary(view, say),
        "summary.html": html.summary(view, say).encode(),
        "index.html": html.index(view, recipients, say).encode(),
        "results.csv": results_csv(cases, setup.scheme),
        "findings.csv": findings_csv(findings, say),
        **{_path(form): form.data for form in (*forms, *(one.form for one in returned))},
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
