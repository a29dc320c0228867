"""What a round's outbox is to hold: how each file is made, and the facts of its manifest.

The papers of the salary increase lie in the same folder, listed in a manifest of their own (:mod:`batch.raise_round`); the
index shows both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from batch import history
from batch.agreed import rules_of
from batch.core.period import Round
from batch.core.records import Case
from batch.desk import Setup
from batch.goals import FILE as GOALS
from batch.goals import cover
from batch.outbox import MANIFEST, Box, Maker, findings_csv, results_csv, written_in
from batch.plan import Belonging, said_of
from batch.scheme import Scheme

INDEX = "index.html"

if TYPE_CHECKING:
    from batch.i18n import Speaker
    from batch.reports.goals import GoalView
    from batch.reports.round_view import RoundView


class RoundFilling:
    """What a round's outbox holds beside the papers of its salary increase."""

    def facts(self, found: Belonging[Round]) -> list[Any]:
        """How everybody's appraisal stands, which stages are open, and what lies beside, for the index."""
        decided = [
            [c.staff_id, c.state, c.waiting, c.waiting_for, c.group, str(c.total)]
            + [c.reviewer_id, c.approver_id, c.committee_id]
            + [said_of(act) for _, act in sorted(c.acts.items())]
            + [history.as_data(c.history)]
            for c in found.cases
        ]
        stages = [stage.id for stage in found.setup.open_stages(found.period, found.now)]
        return [decided, stages, _beside(found.box)]

    def first(self, found: Belonging[Round]) -> Mapping[str, Maker]:
        """None: all of it is soon planned."""
        return {}

    def files(self, found: Belonging[Round], forms: Mapping[str, Maker]) -> dict[str, Maker]:
        """Summary, lists, goals, and everybody's paper and forms."""
        return _files(found, forms)


def _beside(box: Box) -> list[str]:
    """The papers of the salary increase, which the index lists too."""
    return sorted(written_in(box.folder, MANIFEST))


def _files(found: Belonging[Round], handed: Mapping[str, Maker]) -> dict[str, Maker]:
    """How each file of the round is made, by name; ``handed``: the forms."""
    from batch.reports import round_page  # Jinja costs time that issue need not pay
    from batch.reports.round_view import RoundView

    setup, assessment, cases, findings = found.setup, found.assessment, found.cases, found.findings
    say = setup.say
    view = RoundView(
        period=found.period,
        office=setup.office,
        scheme=assessment.scheme,
        roster=setup.roster,
        cases=cases,
        findings=findings,
        as_of=found.as_of,
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
    everything = {*files, *_beside(found.box)}
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
