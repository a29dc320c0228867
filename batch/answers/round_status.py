"""Where a round stands: at which stage whose appraisal waits, for whom, and by when.

Everything comes from the ledger and the roster; the inbox is not looked into.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from batch.chain import is_open, speaker
from batch.core.period import Round
from batch.core.records import STATES, Case
from batch.desk import Setup
from batch.pipeline import look


@dataclass(frozen=True)
class Duty:
    """What somebody has to do at one stage, about whom; ``overdue_since``: the deadline, if it has passed."""

    stage: str
    who: str
    cases: tuple[Case[Round], ...]
    overdue_since: str = ""


@dataclass(frozen=True)
class RoundStatus:
    """The answer. ``as_of``: when the newest file of the round was received, '' if none has come. ``opens``: the stages that
    are not open yet, with the moment when they will be.
    """

    period: Round
    as_of: str
    closed_at: str
    states: Mapping[str, int]
    duties: tuple[Duty, ...]
    opens: Mapping[str, str]


def status(setup: Setup, period: Round, now: str) -> RoundStatus:
    """The state of a round as the ledger knows it; ``now`` tells what is overdue."""
    judged, assessed = look(setup, period, now)
    assessment = assessed[period]
    cases = tuple(assessment.cases.values())
    counts = Counter(case.state for case in cases)
    received = [j.receipt.received for j in judged if j.period == period and j.attempts]
    return RoundStatus(
        period=period,
        as_of=max(received, default=""),
        closed_at=assessment.closed_at,
        states={state: counts[state] for state in STATES},
        duties=() if assessment.closed_at else tuple(_duties(setup, period, cases, now)),
        opens={} if assessment.closed_at else setup.office.to_open(setup.scheme.forms, period, now),
    )


def _duties(setup: Setup, period: Round, cases: tuple[Case[Round], ...], now: str) -> list[Duty]:
    scheme, found = setup.scheme, []
    for stage in setup.open_stages(period, now):
        deadline = setup.office.deadline(stage.id, period)
        late = deadline if deadline and now > deadline else ""
        mine: dict[str, list[Case[Round]]] = {}
        for case in cases:
            vacant = case.waiting == stage.id and not speaker(stage, case)
            if vacant or is_open(scheme, stage, case):
                mine.setdefault(speaker(stage, case), []).append(case)
        found += [Duty(stage.id, who, tuple(theirs), late) for who, theirs in sorted(mine.items())]
    return found


def as_data(answer: RoundStatus) -> dict[str, Any]:
    """The answer as plain JSON types; keys are stable."""
    return {
        "period": str(answer.period),
        "as_of": answer.as_of,
        "closed": answer.closed_at,
        "states": dict(answer.states),
        "duties": [
            {"form": d.stage, "by": d.who, "people": [c.staff_id for c in d.cases], "overdue_since": d.overdue_since}
            for d in answer.duties
        ],
        "opens": dict(answer.opens),
    }
