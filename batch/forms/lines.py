"""The rows of forms: about whom or what somebody has to answer, what that answer follows, and what was answered.

A sheet has a row for each person, one of the approval also for each unit's report; a form about one person is about one such
row. Which rows are open follows from the chain of acts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from batch.chain import is_open, returned_by, seen, speaker
from batch.collective import UnitReport
from batch.core.records import Case, Statement
from batch.scheme import Scheme, Stage
from batch.validate import UNIT_SUBJECT


@dataclass(frozen=True, slots=True)
class Line:
    """A row: its key (a staff_id, or ``unit:`` and a unit_id), who fills it in ('': nobody may), and how it stands.

    ``seen``: what an answer given now follows (the review that an approval decides on, the return that a new review comes
    after); ``stands``: the answer that holds; ``askable``: there is something to answer; ``is_open``: an answer is due.
    """

    key: str
    judge: str
    seen: str
    stands: Statement[Any] | None
    askable: bool
    is_open: bool
    about: Case[Any] | UnitReport


class Lines:
    """Every row of a stage: people in report order, then the units, which only the approval is about.

    Each is made when it is asked for: few forms go back, and everybody has a row.
    """

    def __init__(
        self, scheme: Scheme, stage: Stage, cases: Mapping[str, Case[Any]], units: Iterable[UnitReport] = ()
    ) -> None:
        self._scheme, self._stage, self._cases = scheme, stage, cases
        self._units = {f"{UNIT_SUBJECT}{unit.unit_id}": unit for unit in _reported(scheme, stage, units)}
        self._places = {key: n for n, key in enumerate((*cases, *self._units))}
        self._keys: dict[str, list[str]] = {}
        for key, case in cases.items():
            self._keys.setdefault(speaker(stage, case), []).append(key)
        for key, unit in self._units.items():
            self._keys.setdefault(unit.approver_id, []).append(key)
        self._known: dict[str, Line] = {}

    def get(self, key: str) -> Line | None:
        """The row with this key."""
        if key not in self._places:
            return None
        if key not in self._known:
            unit = self._units.get(key)
            self._known[key] = _unit(unit) if unit else _person(self._scheme, self._stage, self._cases[key])
        return self._known[key]

    def of(self, keys: Iterable[str]) -> list[Line]:
        """The rows with these keys, in their order here."""
        return self._made(sorted({*keys} & self._places.keys(), key=self._places.__getitem__))

    def judged_by(self, judge: str) -> Sequence[Line]:
        """The rows that somebody fills in."""
        return self._made(self._keys.get(judge, ()))

    def _made(self, keys: Iterable[str]) -> list[Line]:
        return [line for key in keys if (line := self.get(key))]


def due(
    scheme: Scheme,
    stage: Stage,
    cases: Mapping[str, Case[Any]],
    units: Iterable[UnitReport] = (),
    again: bool = False,
) -> dict[str, list[Line]]:
    """Who has to answer at a stage now, and which of its rows (``again``: also those that are answered), in order."""
    open_ones = (_person(scheme, stage, case) for case in cases.values() if is_open(scheme, stage, case, again))
    theirs: dict[str, list[Line]] = {}
    for line in (*open_ones, *map(_unit, _reported(scheme, stage, units))):
        if line.judge and (line.askable if again else line.is_open):
            theirs.setdefault(line.judge, []).append(line)
    return theirs


def _reported(scheme: Scheme, stage: Stage, units: Iterable[UnitReport]) -> Iterable[UnitReport]:
    return units if scheme.part(stage) == "approval" else ()


def _person(scheme: Scheme, stage: Stage, case: Case[Any]) -> Line:
    acts, askable = case.acts, is_open(scheme, stage, case, again=True)
    return Line(
        key=case.staff_id,
        judge=speaker(stage, case),
        seen=seen(scheme, stage, case),
        stands=None if returned_by(scheme, stage, acts) else acts.get(stage.id),
        askable=askable,
        is_open=askable and is_open(scheme, stage, case),
        about=case,
    )


def _unit(unit: UnitReport) -> Line:
    report, key = unit.report, f"{UNIT_SUBJECT}{unit.unit_id}"
    is_due = report is not None and unit.state == "submitted"
    return Line(key, unit.approver_id, report.says if report else "", unit.approval, bool(report), is_due, unit)
