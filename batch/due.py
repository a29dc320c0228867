"""Which forms somebody has to fill in now. It follows from what has come and from nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from batch.assess import Assessment, assess
from batch.collective import unit_reports
from batch.core.period import Week
from batch.core.records import Case
from batch.desk import Setup
from batch.forms.issue import Form, Sent
from batch.titles import RETURNED
from batch.validate import UNIT_SUBJECT, Judged

if TYPE_CHECKING:
    from batch.forms.returned.form import Returned
    from batch.forms.returned.week import Readings

_AHEAD = 6  # weeks in which a working day is looked for; no holidays last longer


def cases_before(week: Week, assessed: Mapping[Week, Assessment]) -> Mapping[str, Case]:
    """Everybody's case of the week before, if it was evaluated."""
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


def path_of(form: Form) -> str:
    """Where the form lies in the week's folder."""
    return f"for/{form.addressee}/{form.name}"


def _archived(folder: Path) -> Callable[[str], bytes | None]:
    """Looks up an original by its hash; None if it is gone."""

    def read(digest: str) -> bytes | None:
        try:
            return (folder / digest[:2] / digest).read_bytes()
        except OSError:
            return None

    return read


def due_forms(
    setup: Setup, week: Week, judged: Sequence[Judged], assessed: Mapping[Week, Assessment], readings: Readings
) -> list[Form]:
    """Every form that somebody has to fill in now for this week, those that go back to their author first.

    It follows from what has come and nothing else, so that ``issue`` and ``run`` agree, and a form that is no longer due is
    gone after the next run. Of a closed week, only the records of meetings are still awaited.
    """
    from batch.forms.returned.week import returned_forms  # openpyxl costs time that a run with nothing to write need not pay

    assessment, issuer = assessed[week], setup.issuer
    previous, sent = cases_before(week, assessed), _sent(week, judged)
    archive = _archived(setup.out / "archive")
    returned = returned_forms(week, assessment, previous, sent, issuer, setup.rules, archive, readings)
    back = [one.form for one in returned]
    meetings = _beside(back, issuer.meeting_forms(assessment.unrecorded))
    if assessment.closed_at:
        return [*back, *meetings]
    own, review, approval = (_uncovered(assessment.cases, stage.id, returned) for stage in setup.scheme.stages)
    covered = _covered(setup.scheme.stages[2].id, returned)
    units = [unit for unit in assessment.units if f"{UNIT_SUBJECT}{unit.unit_id}" not in covered]
    return [
        *back,
        *issuer.self_forms(week, own, sent),
        *issuer.review_sheets(week, review, previous, sent, meetings=assessment.meetings),
        *issuer.approval_sheets(week, approval, previous, sent, units=units),
        *_beside(back, issuer.unit_forms(assessment.units, sent)),
        *meetings,
    ]


def opening_forms(setup: Setup, week: Week, judged: Iterable[Judged]) -> list[Form]:
    """What everybody is handed for the next week that has a working day: their own form, and the units'.

    None once anything has come for a later week: by then its own folder has what is due.
    """
    if any(one.attempts and one.week and one.week > week for one in judged):
        return []
    after = next((w for n in range(1, _AHEAD) if setup.roster.working_days(w := week.plus(n))), None)
    if after is None:
        return []
    cases = assess(after, [], setup.rules).cases
    units, _, _ = unit_reports(after, [], setup.rules, cases)
    return [*setup.issuer.self_forms(after, cases, {}), *setup.issuer.unit_forms(units, {})]


def all_forms(setup: Setup, week: Week, judged: Sequence[Judged], assessed: Mapping[Week, Assessment]) -> list[Form]:
    """The forms of everybody, also of those who are done: to correct what was sent."""
    assessment, issuer = assessed[week], setup.issuer
    cases, previous, sent = assessment.cases, cases_before(week, assessed), _sent(week, judged)
    return [
        *issuer.self_forms(week, cases, sent, again=True),
        *issuer.review_sheets(week, cases, previous, sent, True, assessment.meetings),
        *issuer.approval_sheets(week, cases, previous, sent, True, assessment.units),
        *issuer.unit_forms(assessment.units, sent, again=True),
    ]


def still_asked_for(
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
        f for f in all_forms(setup, week, judged, assessed) if path_of(f) in asked and tuple(asked[path_of(f)]) == f.corrects
    ]


def _covered(stage: str, returned: Iterable[Returned]) -> set[str]:
    """The rows that stand on a returned form of a stage, so that nobody gets two forms about the same subject."""
    return {key for one in returned if one.form.stage == stage for key in one.covers}


def _uncovered(cases: Mapping[str, Case], stage: str, returned: Iterable[Returned]) -> dict[str, Case]:
    covered = _covered(stage, returned)
    return {staff_id: case for staff_id, case in cases.items() if staff_id not in covered}


def _beside(returned: Iterable[Form], fresh: Iterable[Form]) -> list[Form]:
    """Of the fresh forms about one subject each, those that don't go back filled in."""
    names = {path_of(form) for form in returned}
    return [form for form in fresh if path_of(replace(form, name=f"{RETURNED}{form.name}")) not in names]
