"""What status and explain say about a round, line by line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from batch import history
from batch.agreed import rules_of
from batch.components import ability_of
from batch.core.records import STATE_NAMES, STATES

if TYPE_CHECKING:
    from batch.answers.round_explain import RoundExplained
    from batch.answers.round_status import RoundStatus
    from batch.desk import Setup

_FEW = 6  # names in a line


def status(answer: RoundStatus, setup: Setup) -> Iterator[str]:
    """Who has to do what for whom."""
    say, roster, scheme = setup.say, setup.roster, setup.scheme
    yield f"{say.period_label(answer.period)} · {setup.office.name}"
    yield (
        say("Data received up to {moment}", moment=say.moment(answer.as_of)) if answer.as_of else say("No form has come yet")
    )
    states = [f"{say(STATE_NAMES[s]).lower()} {answer.states[s]}" for s in reversed(STATES) if answer.states.get(s)]
    yield ", ".join(states)
    if answer.closed_at:
        yield say("Closed on {moment}", moment=say.moment(answer.closed_at))
    elif not answer.duties:
        decided = answer.states.get("approved", 0) + answer.states.get("excused", 0) == sum(answer.states.values())
        yield say("Everything is decided.") if decided else say("Nothing has to be done now.")
    for stage in scheme.stages:
        duties = [duty for duty in answer.duties if duty.stage == stage.id]
        if not duties:
            continue
        late = (
            f" · {say('overdue since {moment}', moment=say.moment(duties[0].overdue_since))}"
            if duties[0].overdue_since
            else ""
        )
        yield ""
        yield f"{stage.name(say.lang)}{late}"
        for duty in duties:
            names = [case.name for case in duty.cases]
            few = ", ".join(names[:_FEW]) + (f" … ({len(names)})" if len(names) > _FEW else "")
            who = roster.label(duty.who) if duty.who else "–"
            yield f"  {who}" if names == [roster.name(duty.who)] else f"  {who}: {few}"
    if answer.opens:
        yield ""
        yield say("Not open yet")
        yield from openings(answer.opens, setup)


def openings(opens: Mapping[str, str], setup: Setup) -> Iterator[str]:
    """When the stages open that are not open yet, soonest first."""
    say = setup.say
    for stage_id, at in sorted(opens.items(), key=lambda item: (item[1], setup.scheme.forms.index(item[0]))):
        yield f"  {setup.scheme.form_title(stage_id, say.lang)}: {say('opens at {moment}', moment=say.moment(at))}"


def explain(answer: RoundExplained, setup: Setup) -> Iterator[str]:
    """How a result came about."""
    say, scheme, case = setup.say, setup.scheme, answer.case
    yield f"{case.name} ({case.staff_id}) · {say.period_label(answer.period)}"
    band = scheme.band(case.band) if case.band else None
    if case.total is not None and band is not None:
        level = say("{band} (from {min})", band=band.name(say.lang), min=band.min)
        yield f"{say('Total')}: {say.number(case.total)} · {level} · {say(STATE_NAMES[case.state])}"
    else:
        yield say(STATE_NAMES[case.state])
    yield ""
    for number, (stage, act) in enumerate(answer.acts, 1):
        if act is None:
            waits = (
                f" · {say('awaited from {who}', who=setup.roster.label(case.waiting_for) or '–')}"
                if case.waiting == stage.id
                else ""
            )
            yield f"{number}. {stage.name(say.lang)}: –{waits}"
            continue
        verdict = f" · {say(act.decision)}" if act.decision else ""
        total = f" · {say.number(sum(act.scores.values(), Decimal(0)))}" if act.scores else ""
        who, when = setup.roster.label(act.author), say.moment(act.receipt.received)
        yield f"{number}. {stage.name(say.lang)}: {who}, {when}{verdict}{total}"
        yield f"   {act.receipt.name}"
        for key, text in act.texts.items():
            if key.startswith("text.") or key in ("reason", "comment", "witness"):
                yield f"   {text}"
    kpi, competency = rules_of(scheme)
    if answer.kpis and kpi:
        points = next(c.points(case.group) for c in scheme.criteria if c.kpi)
        yield ""
        yield say("Level × weight / ({levels} × sum of weights) × {points}", levels=str(kpi.levels), points=points)
        for one, place in answer.kpis:
            level = say.number(one.level) or "–"
            yield f"  {one.title}: {level} × {say.number(one.weight)}{f' ({place.cell})' if place.cell else ''}"
    if answer.rated and competency:
        points = next(c.points(case.group) for c in scheme.criteria if c.competency)
        yield ""
        yield say("Competencies by the scale '{scale}', of {points} points", scale=competency.scale, points=points)
        for rating, place in answer.rated:
            title = ability_of(competency, rating.key).name(say.lang)
            shown = say("{rating}, expected {expected}", rating=say.number(rating.rating) or "–", expected=rating.expected)
            yield f"  {title}: {shown}{f' ({place.cell})' if place.cell else ''}"
    if case.history is not None:
        yield ""
        yield f"{history.title(say)} ({history.caution(say).rstrip('.')})"
        for label, text in history.told(case.history, say):
            yield f"  {label}: {text.replace(chr(10), '; ')}"
    if answer.findings:
        yield ""
        for found in answer.findings:
            yield f"- {say.message(found)}"
