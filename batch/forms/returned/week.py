"""Which forms of a week go back, to whom."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from batch.assess import Assessment
from batch.core.period import Evaluated
from batch.core.records import Case, Readings
from batch.forms.issue import Form, Issuer, Sent
from batch.forms.layout import layout
from batch.forms.lines import Lines
from batch.forms.returned.form import Archive, Return, Returned, SheetReturn
from batch.scheme import Stage
from batch.validate import Attempt, Rules


def returned_forms(
    period: Evaluated,
    assessment: Assessment[Any],
    previous: Mapping[str, Case[Any]],
    sent: Sent,
    issuer: Issuer,
    rules: Rules,
    archive: Archive,
    readings: Readings,
) -> list[Returned]:
    """Every form of the period that goes back: of the chain, one for each author and stage, and subject where it is about
    one; then units' and meetings'."""
    chain = _Chain(period, assessment, previous, sent, issuer, rules)
    by_author: dict[tuple[str, str, str], list[Attempt[Any]]] = {}
    decisions = [unit.decision_returned for unit in assessment.units if unit.decision_returned]
    for attempt in (*assessment.returned, *decisions):
        stage = rules.scheme.stage(attempt.stage)
        subject = attempt.subject if stage and stage.about_one else ""
        by_author.setdefault((attempt.stage, attempt.author, subject), []).append(_with_cells(attempt, readings))
    made = []
    for (stage_id, author, subject), attempts in sorted(by_author.items()):
        if stage := rules.scheme.stage(stage_id):
            made.append(chain.of(stage, author, subject).make(attempts, archive))
    sides: list[tuple[Attempt | None, Callable[[], Form]]] = [
        (unit.returned, partial(issuer.unit_form, unit, sent)) for unit in assessment.units
    ]
    standing = [m for m in assessment.meetings if m.record]  # a later record of theirs may be faulty
    sides += [(m.returned, partial(issuer.meeting_form, m)) for m in (*assessment.unrecorded, *standing)]
    for back, fresh in sides:
        if back is not None and (plan := layout(rules.scheme, back.stage)):
            back = _with_cells(back, readings)
            made.append(Return(plan, _for_anybody(fresh), issuer.say, rules, "").make([back], archive))
    return [one for one in made if one]


def _with_cells(attempt: Attempt, readings: Readings) -> Attempt:
    """The attempt with every cell of its file: those that are judged keep none."""
    receipt = replace(attempt.receipt, reading=readings(attempt.receipt.sha256))
    return replace(attempt, receipt=receipt)


def _for_anybody(fresh: Callable[[], Form]) -> Callable[[Iterable[str]], Form]:
    return lambda _: fresh()


@dataclass(frozen=True)
class _Chain:
    """The forms of the chain of stages in one period."""

    period: Evaluated
    assessment: Assessment[Any]
    previous: Mapping[str, Case[Any]]
    sent: Sent
    issuer: Issuer
    rules: Rules
    _lines: dict[str, Lines] = field(default_factory=dict)  # by stage, once they are known

    def of(self, stage: Stage, author: str, subject: str) -> Return:
        """How an author's form of a stage goes back."""
        plan = layout(self.rules.scheme, stage.id)
        assert plan is not None  # noqa: S101 (every stage has a layout)
        if stage.id not in self._lines:  # of everybody: made for each form anew, they would fill the memory
            self._lines[stage.id] = Lines(self.rules.scheme, stage, self.assessment.cases, self.assessment.units)
        all_lines = self._lines[stage.id]

        def fresh(keys: Iterable[str]) -> Form:
            about, known = all_lines.of(keys), self.assessment.meetings
            return self.issuer.fresh(stage, self.period, author, about, self.previous, self.sent, meetings=known)

        if not plan.per_person:
            line = all_lines.get(subject) if plan.bound else None
            return Return(plan, fresh, self.issuer.say, self.rules, line.seen if line else "")
        return SheetReturn(plan, fresh, self.issuer.say, self.rules, "", author, all_lines)
