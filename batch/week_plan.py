"""What a week's outbox is to hold: how each file is made, and the facts of its manifest."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from batch import __version__
from batch.assess import Assessment
from batch.core.finding import Finding
from batch.core.made import Digester
from batch.core.period import Evaluated, Week
from batch.core.records import Case, Readings, Receipt, Statement
from batch.desk import Setup
from batch.due import due_forms, opening_forms, path_of, still_asked_for
from batch.fairness import judgements
from batch.files import sha256
from batch.forms.issue import Form
from batch.i18n import Speaker
from batch.inbox import Arrival
from batch.job_statistics import Work
from batch.outbox import Box, Maker, findings_csv, results_csv
from batch.scope import scopes
from batch.statistics_plan import statistics_files, statistics_view
from batch.titles import file_title
from batch.validate import Attempt, Judged

if TYPE_CHECKING:
    from batch.reports.fairness_view import FairnessView
    from batch.reports.view import WeekView


@dataclass(frozen=True)
class Plan:
    """What a run makes of one week or round: how each file is made (none, if it is as it was), and the manifest's facts."""

    box: Box
    week: Evaluated
    cases: tuple[Case[Any], ...]
    findings: tuple[Finding, ...]
    files: Mapping[str, Maker]
    manifest: Mapping[str, Any]
    basis: str
    made_from: Mapping[str, str] = field(default_factory=dict)  # digests of what files are made from, where it is known


def plan_week(
    setup: Setup,
    box: Box,
    week: Week,
    judged: Sequence[Judged],
    assessed: Mapping[Week, Assessment],
    arrivals: Sequence[Arrival],
    readings: Readings,
    now: str,
    work: Work,
) -> Plan:
    """What the week is to hold by everything that has come; ``files`` is empty if it holds that already."""
    assessment = assessed[week]
    present = {arrival.sha256 for arrival in arrivals}
    # What says nothing about anybody (unreadable, refused) is reported while it lies in the inbox; a form stays on record.
    mine = [j for j in judged if j.period in (week, None) and (j.attempts or j.receipt.sha256 in present)]
    loose = [f for j in mine if not j.attempts for f in j.findings]
    findings = tuple(sorted({*assessment.findings, *loose, *setup.own_findings}, key=Finding.sort_key))
    cases = tuple(assessment.cases.values())
    mine_by_hash = {j.receipt.sha256 for j in mine}
    inputs = inputs_of(mine, assessment, [a for a in arrivals if a.sha256 in mine_by_hash])
    opening = opening_forms(setup, week, judged)
    basis = _basis(setup, week, assessed, findings, [*inputs, *({"issued": path_of(form)} for form in opening)])
    if box.is_current(basis):
        return Plan(box, week, cases, findings, {}, {}, basis)
    extra = still_asked_for(setup, week, judged, assessed, box.listing.asked_for, now)
    forms = [*due_forms(setup, week, judged, assessed, readings, now), *opening, *extra]
    manifest = {
        "program": f"appraise {__version__}",
        "period": str(week),
        "scheme": assessment.scheme.id,
        "scheme_hash": assessment.scheme.hash,
        "closed": assessment.closed_at,
        "roster_sha256": setup.roster_hash,
        "basis": basis,
        "inputs": inputs,
        "issued": {path_of(form): list(form.corrects) for form in extra},
    }
    files = _files(setup, week, cases, findings, mine, forms, assessed, work)
    digester = Digester(_common(setup, week, assessment))
    made_from = {name: digest for name, make in files.items() if (digest := digester.of(make))}
    return Plan(box, week, cases, findings, files, manifest, basis, made_from)


def _common(setup: Setup, week: Week, assessment: Assessment) -> str:
    """A digest of what the forms and pages of everybody are made from alike."""
    scheme = assessment.scheme.model_dump(mode="json")
    return sha256(json.dumps([*setup.facts, scheme, assessment.closed_at, str(week)], ensure_ascii=False).encode())


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
        + [said_of(act) for act in (case.report, case.review, case.approval)]
        for earlier in assessed
        if earlier <= week
        for case in assessed[earlier].cases.values()
    ]
    facts = [
        *setup.facts,
        assessed[week].scheme.model_dump(mode="json"),
        assessed[week].closed_at,
        [[u.unit_id, u.state, str(u.total), said_of(u.report), said_of(u.approval)] for u in assessed[week].units],
        *(
            [[str(m.week), m.case.staff_id, said_of(m.record), m.sent, _back(m.returned)] for m in meetings]
            for meetings in (assessed[week].meetings, assessed[week].unrecorded)
        ),
        *(decided, list(inputs)),
        [[f.code, str(f.place), f.staff_id, repr(f.params)] for f in findings],
    ]
    return sha256(json.dumps(facts, ensure_ascii=False).encode())


def said_of(act: Statement[Any] | None) -> list[str]:
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
    work: Work,
) -> dict[str, Maker]:
    """How each file of the week is made, by name."""
    from batch.reports import guides, html, personal  # Jinja costs time that --help and issue need not pay
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
    whole: dict[str, Maker] = {}
    handed: dict[str, Maker] = {path_of(form): form.make for form in forms}
    handed |= {f"for/{page.addressee}/{page.name}": page.make for page in pages}
    statistics = statistics_view(setup, work, [week], week, view.as_of, view.closed_at)
    readers = ((s.staff_id, setup.roster.name(s.staff_id), [c.staff_id for c in (*s.reports, *s.approvees)]) for s in seen)
    for name, make in statistics_files(statistics, readers, say).items():
        (handed if name.startswith("for/") else whole)[name] = make
    recipients: dict[str, list[tuple[str, str]]] = {}
    for path in handed:
        _, addressee, name = path.split("/")
        recipients.setdefault(addressee, []).append((path, file_title(name, setup.scheme, say, week)))
    told = guides.kinds_of(cases, view.unit_reports)
    files: dict[str, Maker] = {
        "summary.xlsx": lambda: _workbook(view, say),
        "summary.html": lambda: html.summary(view, say).encode(),
        **whole,
        "results.csv": lambda: results_csv(cases, assessed[week].scheme),
        "findings.csv": lambda: findings_csv(findings, say),
        **handbook(setup),
        **_fairness(view, say),
        **handed,
    }
    names = frozenset(files)
    return {**files, "index.html": lambda: html.index(view, recipients, names, told, say).encode()}


def handbook(setup: Setup) -> dict[str, Maker]:
    """How each guide is made, by name: by the rules and in the language of the forms, whatever the reports speak."""
    from batch.reports import guides

    say, own = setup.issuer.say, setup.own_pages

    def maker(kind: str) -> Maker:
        return lambda: guides.guide(kind, setup.office, setup.scheme, own, say).encode()

    return {guides.path_of(kind): maker(kind) for kind in guides.kinds(setup.scheme)}


def _fairness(view: WeekView, say: Speaker) -> dict[str, Maker]:
    """The report on how results were given, for the Office and the leaders; none where the scheme asks for none."""
    from batch.reports.fairness_view import FairnessView, results_of_week

    if view.scheme.fairness is None:
        return {}
    fairness = FairnessView(
        period=view.week,
        office=view.office,
        scheme=view.scheme,
        rules=view.scheme.fairness,
        judgements=judgements(view.cases),
        results=results_of_week(view.cases),
        compare=False,
        units={unit_id: unit.name for unit_id, unit in view.roster.units.items()},
        name_of=view.roster.name,
        as_of=view.as_of,
        closed_at=view.closed_at,
        provisional=view.whole.evaluated > view.whole.approved,
        templates=view.templates,
    )
    return {"fairness.html": lambda: _fairness_page(fairness, say), "fairness.xlsx": lambda: _fairness_book(fairness, say)}


def _fairness_page(view: FairnessView, say: Speaker) -> bytes:
    from batch.reports import fairness_html

    return fairness_html.page(view, say).encode()


def _fairness_book(view: FairnessView, say: Speaker) -> bytes:
    from batch.reports import fairness_xlsx

    return fairness_xlsx.workbook(view, say)


def _workbook(view: WeekView, say: Speaker) -> bytes:
    from batch.reports import xlsx  # XlsxWriter costs time that only the process which makes the workbook has to pay

    return xlsx.summary(view, say)


def inputs_of(mine: Sequence[Judged[Any]], assessment: Assessment[Any], arrivals: Sequence[Arrival]) -> list[dict[str, Any]]:
    """Every file of the period and what became of it, by name; a second copy in the inbox is named too."""
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


def _fate(one: Judged[Any], assessment: Assessment[Any]) -> str:
    """counted, replaced, conflict, returned (faulty), no-effect, identical-copy, refused or unreadable."""
    receipt: Receipt = one.receipt
    if receipt.reading is None:
        return "unreadable"
    if not one.attempts:
        return "refused" if one.findings else "empty"
    if fate := assessment.fates.of(receipt.sha256):
        return fate
    return "returned" if any(attempt.statement is None for attempt in one.attempts) else "no-effect"
