"""Which forms somebody has to fill in now. It follows from what has come, and from which stages are open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from batch.assess import Assessment, assess
from batch.collective import unit_reports
from batch.core.period import Evaluated, Week
from batch.core.records import Case, Readings
from batch.desk import Setup
from batch.forms.issue import Form, Sent
from batch.scheme import Scheme
from batch.titles import RETURNED
from batch.validate import UNIT_SUBJECT, Judged

if TYPE_CHECKING:
    from batch.forms.returned.form import Returned

_AHEAD = 6  # weeks in which a working day is looked for; no holidays last longer


def cases_before(period: Evaluated, assessed: Mapping[Any, Assessment[Any]]) -> Mapping[str, Case[Any]]:
    """Everybody's case of the period before, if it was evaluated."""
    before = assessed.get(period.plus(-1))
    return before.cases if before else {}


def _sent(scheme: Scheme, period: Evaluated, judged: Iterable[Judged[Any]]) -> Sent:
    """What each author sent for the period, stage by stage, so that a new form can say what it corrects."""
    about_one = {stage.id for stage in scheme.stages if stage.about_one}
    sent: dict[tuple[str, ...], tuple[str, ...]] = {}
    for one in judged:
        reading = one.receipt.reading
        if one.period == period and reading is not None:
            for attempt in one.attempts:
                whose = (attempt.stage, attempt.author)
                key = (*whose, attempt.subject) if attempt.stage in about_one else whose
                if reading.content not in (known := sent.get(key, ())):
                    sent[key] = (*known, reading.content)
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
    setup: Setup,
    period: Evaluated,
    judged: Sequence[Judged[Any]],
    assessed: Mapping[Any, Assessment[Any]],
    readings: Readings,
    now: str,
) -> list[Form]:
    """Every form that somebody has to fill in now for this period, those that go back to their author first.

    It follows from what has come, and from which stages are open, so that ``issue`` and ``run`` agree, and a form that is no
    longer due is gone after the next run. Of a closed period, only the records of meetings are still awaited.
    """
    from batch.forms.returned.week import returned_forms  # openpyxl costs time that a run with nothing to write need not pay

    assessment, issuer = assessed[period], setup.issuer
    previous, sent = cases_before(period, assessed), _sent(setup.scheme, period, judged)
    archive = _archived(setup.out / "archive")
    returned = returned_forms(period, assessment, previous, sent, issuer, setup.rules, archive, readings)
    back = [one.form for one in returned]
    meetings = _beside(back, issuer.meeting_forms(assessment.unrecorded))
    if assessment.closed_at:
        return [*back, *meetings]
    covered = {key for stage in setup.scheme.stages for key in _covered(stage.id, returned)}
    units = [unit for unit in assessment.units if f"{UNIT_SUBJECT}{unit.unit_id}" not in covered]
    known = assessment.meetings
    return [
        *back,
        *(
            form
            for stage in setup.open_stages(period, now)
            for form in issuer.stage_forms(
                stage, period, _uncovered(assessment.cases, stage.id, returned), previous, sent, False, units, known
            )
        ),
        *_beside(back, issuer.unit_forms(assessment.units, sent)),
        *meetings,
    ]


def opening_week(setup: Setup, week: Week, judged: Iterable[Judged[Any]]) -> Week | None:
    """The next week that has a working day: everybody is handed its forms in advance.

    None once anything has come for a later week: by then its own folder has what is due.
    """
    if any(one.attempts and one.period and one.period > week for one in judged):
        return None
    return next((w for n in range(1, _AHEAD) if setup.roster.working_days(w := week.plus(n))), None)


def opening_forms(setup: Setup, week: Week) -> list[Form]:
    """What everybody is handed for a week of which nothing has come: their own form, and the units'."""
    cases = assess(week, [], setup.rules).cases
    units, _, _ = unit_reports(week, [], setup.rules, cases)
    return [*setup.issuer.self_forms(week, cases, {}), *setup.issuer.unit_forms(units, {})]


def all_forms(
    setup: Setup, period: Evaluated, judged: Sequence[Judged[Any]], assessed: Mapping[Any, Assessment[Any]], now: str
) -> list[Form]:
    """The forms of everybody, also of those who are done: to correct what was sent."""
    assessment, issuer = assessed[period], setup.issuer
    cases, previous, sent = assessment.cases, cases_before(period, assessed), _sent(setup.scheme, period, judged)
    units, known = assessment.units, assessment.meetings
    return [
        *(
            form
            for stage in setup.open_stages(period, now)
            for form in issuer.stage_forms(stage, period, cases, previous, sent, True, units, known)
        ),
        *issuer.unit_forms(assessment.units, sent, again=True),
    ]


def still_asked_for(
    setup: Setup,
    period: Evaluated,
    judged: Sequence[Judged[Any]],
    assessed: Mapping[Any, Assessment[Any]],
    asked: Mapping[str, Sequence[str]],
    now: str,
) -> list[Form]:
    """Of the forms asked for beyond what is due, those that their addressee has not answered yet, as of today."""
    if not asked:
        return []
    return [
        f
        for f in all_forms(setup, period, judged, assessed, now)
        if path_of(f) in asked and tuple(asked[path_of(f)]) == f.corrects
    ]


def _covered(stage: str, returned: Iterable[Returned]) -> set[str]:
    """The rows that stand on a returned form of a stage, so that nobody gets two forms about the same subject."""
    return {key for one in returned if one.form.stage == stage for key in one.covers}


def _uncovered(cases: Mapping[str, Case[Any]], stage: str, returned: Iterable[Returned]) -> dict[str, Case[Any]]:
    covered = _covered(stage, returned)
    return {staff_id: case for staff_id, case in cases.items() if staff_id not in covered}


def _beside(returned: Iterable[Form], fresh: Iterable[Form]) -> list[Form]:
    """Of the fresh forms about one subject each, those that don't go back filled in."""
    names = {path_of(form) for form in returned}
    return [form for form in fresh if path_of(replace(form, name=f"{RETURNED}{form.name}")) not in names]
