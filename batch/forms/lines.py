"""The rows of forms: about whom or what somebody has to answer, what that answer follows, and what was answered.

A sheet of the review has a row for each person, one of the approval also for each unit's report; a person's own form is
about one such row. Which rows are open follows from how the week stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from batch.collective import UnitReport
from batch.core.records import Case, Statement
from batch.scheme import Stage
from batch.validate import UNIT_SUBJECT


@dataclass(frozen=True)
class Line:
    """A row: its key (a staff_id, or ``unit:`` and a unit_id), who fills it in ('': nobody may), and how it stands.

    ``seen``: what an answer given now follows (the review that an approval decides on, the return that a new review comes
    after); ``stands``: the answer that holds; ``askable``: there is something to answer; ``is_open``: an answer is due.
    """

    key: str
    judge: str
    seen: str
    stands: Statement | None
    askable: bool
    is_open: bool
    about: Case | UnitReport


def lines(stage: Stage, cases: Mapping[str, Case], units: Iterable[UnitReport] = ()) -> dict[str, Line]:
    """Every row of a stage by its key: people in report order, then the units, which only the authority judges."""
    found = [_person(stage, case) for case in cases.values()]
    found += [_unit(unit) for unit in units] if stage.by == "authority" else []
    return {line.key: line for line in found}


def due(rows: Mapping[str, Line], again: bool = False) -> dict[str, list[Line]]:
    """Who has to answer now, and which rows (``again``: also those that are answered)."""
    theirs: dict[str, list[Line]] = {}
    for line in rows.values():
        if line.judge and (line.askable if again else line.is_open):
            theirs.setdefault(line.judge, []).append(line)
    return theirs


def _person(stage: Stage, case: Case) -> Line:
    evaluated = case.state != "excused"
    if stage.by == "subject":
        return Line(case.staff_id, case.staff_id, "", case.report, evaluated, evaluated and case.report is None, case)
    returned = case.approval if case.approval and case.approval.decision == "return" else None
    if stage.by == "supervisor":
        askable = evaluated and case.reviewer_id != case.staff_id
        stands = None if returned else case.review
        after = returned.says if returned else ""
        return Line(case.staff_id, case.reviewer_id, after, stands, askable, askable and stands is None, case)
    review = case.review
    is_open = review is not None and not (case.approval or case.one_sheet)
    return Line(case.staff_id, case.approver_id, review.says if review else "", case.approval, bool(review), is_open, case)


def _unit(unit: UnitReport) -> Line:
    report, key = unit.report, f"{UNIT_SUBJECT}{unit.unit_id}"
    is_open = report is not None and unit.state == "submitted"
    return Line(key, unit.approver_id, report.says if report else "", unit.approval, bool(report), is_open, unit)
