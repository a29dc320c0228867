"""What a round's outbox is to hold: how each file is made, and the facts of its manifest.

The papers of the salary increase lie in the same folder, listed in a manifest of their own (:mod:`batch.raise_round`); the
index shows both.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from batch import __version__, history
from batch.agreed import rules_of
from batch.assess import Assessment
from batch.core.finding import Finding
from batch.core.period import Round
from batch.core.records import Case, Readings
from batch.desk import Setup
from batch.due import due_forms, path_of, still_asked_for
from batch.files import sha256
from batch.goals import FILE as GOALS
from batch.goals import cover
from batch.inbox import Arrival
from batch.outbox import MANIFEST, Box, Maker, findings_csv, results_csv, written_in
from batch.scheme import Scheme
from batch.validate import Judged
from batch.week_plan import Plan, inputs_of, said_of

INDEX = "index.html"

if TYPE_CHECKING:
    from batch.i18n import Speaker
    from batch.reports.goals import GoalView
    from batch.reports.round_view import RoundView


def plan_round(
    setup: Setup,
    box: Box,
    period: Round,
    judged: Sequence[Judged[Any]],
    assessed: Mapping[Any, Assessment[Any]],
    arrivals: Sequence[Arrival],
    readings: Readings,
    now: str,
) -> Plan:
    """What the round is to hold by everything that has come; ``files`` is empty if it holds that already."""
    assessment: Assessment[Round] = assessed[period]
    present = {arrival.sha256 for arrival in arrivals}
    mine = [j for j in judged if j.period in (period, None) and (j.attempts or j.receipt.sha256 in present)]
    loose = [f for j in mine if not j.attempts for f in j.findings]
    findings = tuple(sorted({*assessment.findings, *loose, *setup.own_findings}, key=Finding.sort_key))
    cases = tuple(assessment.cases.values())
    known = {j.receipt.sha256 for j in mine}
    inputs = inputs_of(mine, assessment, [a for a in arrivals if a.sha256 in known])
    beside = sorted(written_in(box.folder, MANIFEST))  # the papers of the salary increase, which the index lists too
    open_now = [stage.id for stage in setup.open_stages(period, now)]
    basis = _basis(setup, assessment, findings, inputs, [*beside, *open_now])
    if box.is_current(basis):
        return Plan(box, period, cases, findings, {}, {}, basis)
    extra = still_asked_for(setup, period, judged, assessed, box.listing.asked_for, now)
    forms = [*due_forms(setup, period, judged, assessed, readings, now), *extra]
    manifest = {
        "program": f"appraise {__version__}",
        "period": str(period),
        "scheme": assessment.scheme.id,
        "scheme_hash": assessment.scheme.hash,
        "closed": assessment.closed_at,
        "roster_sha256": setup.roster_hash,
        "basis": basis,
        "inputs": inputs,
        **({"evidence": evidence} if (evidence := _listed(assessment.evidence)) else {}),
        "issued": {path_of(form): list(form.corrects) for form in extra},
    }
    as_of = max((j.receipt.received for j in mine), default="")
    handed: dict[str, Maker] = {path_of(form): form.make for form in forms}
    return Plan(
        box, period, cases, findings, _files(setup, assessment, cases, findings, handed, beside, as_of), manifest, basis
    )


def _basis(
    setup: Setup,
    assessment: Assessment[Round],
    findings: Sequence[Finding],
    inputs: Sequence[Mapping[str, Any]],
    beside: Sequence[str],
) -> str:
    """A digest of everything the round's outputs depend on: if it has not changed, there is nothing to render."""
    decided = [
        [c.staff_id, c.state, c.waiting, c.waiting_for, c.reviewer_id, c.approver_id, c.committee_id, c.group, str(c.total)]
        + [said_of(act) for _, act in sorted(c.acts.items())]
        + [history.as_data(c.history)]
        for c in assessment.cases.values()
    ]
    facts = [
        *(*setup.facts, assessment.scheme.model_dump(mode="json"), assessment.closed_at),
        *(decided, list(inputs), beside, _listed(assessment.evidence)),
        [[f.code, str(f.place), f.staff_id, repr(f.params)] for f in findings],
    ]
    return sha256(json.dumps(facts, ensure_ascii=False).encode())


def _listed(evidence: Mapping[str, str]) -> list[dict[str, str]]:
    """The files of weekly results that were shown, as the manifest names them."""
    return [{"name": name, "sha256": digest} for name, digest in sorted(evidence.items())]


def _files(
    setup: Setup,
    assessment: Assessment[Round],
    cases: tuple[Case[Round], ...],
    findings: tuple[Finding, ...],
    handed: Mapping[str, Maker],
    beside: Iterable[str],
    as_of: str,
) -> dict[str, Maker]:
    """How each file of the round is made, by name; ``beside``: what else lies in its folder."""
    from batch.reports import round_page  # Jinja costs time that issue need not pay
    from batch.reports.round_view import RoundView

    say = setup.say
    view = RoundView(
        period=assessment.period,
        office=setup.office,
        scheme=assessment.scheme,
        roster=setup.roster,
        cases=cases,
        findings=findings,
        as_of=as_of,
        closed_at=assessment.closed_at,
        templates=setup.own_pages,
    )
    papers = {
        f"for/{case.staff_id}/summary-{view.period}-{case.staff_id}.xlsx": _paper(view, case, setup)
        for case in cases
        if case.acts
    }
    goals = _goals(view, setup)
    files: dict[str, Maker] = {
        "summary.xlsx": lambda: _summary(view, setup),
        "summary.html": lambda: round_page.summary(view, goals.coverage if goals else None, say).encode(),
        "results.csv": lambda: results_csv(cases, assessment.scheme),
        "findings.csv": lambda: findings_csv(findings, say),
        **(_goal_files(goals, say) if goals else {}),
        **handed,
        **papers,
    }
    everything = {*files, *beside}
    return {**files, INDEX: lambda: index_page(setup, view.scheme, view.period, everything)}


def index_page(setup: Setup, scheme: Scheme, period: Round, files: Iterable[str]) -> bytes:
    """The page that says who gets which of ``files``: all that lies in the round's folder, whichever command wrote it."""
    from batch.reports import round_page

    return round_page.index(setup.office, scheme, setup.roster, period, files, setup.own_pages, setup.say).encode()


def _goals(view: RoundView, setup: Setup) -> GoalView | None:
    """How the round's agreements cover the office's goals; None where it has written down none, or nothing serves any."""
    from batch.reports.goals import GoalView

    rules, _ = rules_of(view.scheme)
    if setup.goals is None or rules is None:
        return None
    agreements = {
        case.staff_id: view.kpis(case) if view.said(case, "agreement") else None
        for case in view.cases
        if case.state != "excused"
    }
    coverage = cover(setup.goals, agreements, rules, setup.roster, view.period)
    faults = tuple(f for f in setup.own_findings if f.place.file == GOALS)
    found = (*faults, *coverage.findings)
    return GoalView(view.office, view.roster, view.scheme, rules, view.period, coverage, found, view.templates)


def _goal_files(view: GoalView, say: Speaker) -> dict[str, Maker]:
    def workbook() -> bytes:
        from batch.reports import goals  # XlsxWriter costs time that only who makes a workbook has to pay

        return goals.workbook(view, say)

    def page() -> bytes:
        from batch.reports import goals

        return goals.page(view, say).encode()

    return {"goals.html": page, "goals.xlsx": workbook}


def _paper(view: RoundView, case: Case[Round], setup: Setup) -> Maker:
    def make() -> bytes:
        from batch.reports import round_papers  # XlsxWriter costs time that only who makes a workbook has to pay

        return round_papers.appraisal(view, case, setup.say)

    return make


def _summary(view: RoundView, setup: Setup) -> bytes:
    from batch.reports import round_papers

    return round_papers.summary(view, setup.say)
