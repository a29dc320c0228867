"""How somebody's result of a round came about: every act with its file, every item with its level, weight and cell."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from batch import history
from batch.agreed import kpis, rated, rules_of
from batch.components import Kpi, Rated
from batch.core.finding import Finding, Place, UserError
from batch.core.period import Round
from batch.core.records import Case, Statement
from batch.desk import Setup
from batch.forms.layout import ABILITY, LEVEL
from batch.pipeline import look
from batch.scheme import Stage


@dataclass(frozen=True)
class RoundExplained:
    """The answer: the acts in the order of the chain, the items they rest on, and what was found about the person."""

    period: Round
    case: Case[Round]
    acts: tuple[tuple[Stage, Statement[Round] | None], ...]
    kpis: tuple[tuple[Kpi, Place], ...]
    rated: tuple[tuple[Rated, Place], ...]
    findings: tuple[Finding, ...]


def explain(setup: Setup, staff_id: str, period: Round) -> RoundExplained:
    """Everything behind one result. Raises ``use.unknown-subject`` for somebody not evaluated in the round."""
    _, assessed = look(setup, period)
    assessment = assessed[period]
    case = assessment.cases.get(staff_id)
    if case is None:
        raise UserError("use.unknown-subject", found=staff_id, week=period)
    scheme = assessment.scheme
    agreement = next((case.acts[s.id] for s in scheme.stages if s.kind == "agreement" and s.id in case.acts), None)
    act = case.review or case.report
    _, competency = rules_of(scheme)

    def cell(key: str) -> Place:
        return act.places.get(f"{key}.{LEVEL}", Place(act.receipt.name)) if act else Place()

    return RoundExplained(
        period=period,
        case=case,
        acts=tuple((stage, case.acts.get(stage.id)) for stage in scheme.stages),
        kpis=tuple((one, cell(one.key)) for one in kpis(agreement, act)) if agreement else (),
        rated=tuple((r, cell(f"{ABILITY}.{r.key}")) for r in rated(competency, agreement, act))
        if agreement and competency
        else (),
        findings=tuple(f for f in assessment.findings if f.staff_id == staff_id),
    )


def as_data(answer: RoundExplained, setup: Setup) -> dict[str, Any]:
    """The answer as plain JSON types; keys are stable."""
    case = answer.case
    return {
        "period": str(answer.period),
        "staff_id": case.staff_id,
        "name": case.name,
        "state": case.state,
        "waiting": case.waiting,
        "waiting_for": case.waiting_for,
        "group": case.group,
        "scores": {key: format(value, "f") for key, value in case.scores.items()},
        "total": _number(case.total),
        "band": case.band,
        "acts": [
            {
                "stage": stage.id,
                "by": act.author if act else "",
                "received": act.receipt.received if act else "",
                "file": act.receipt.name if act else "",
                "sha256": act.receipt.sha256 if act else "",
                "decision": act.decision if act else "",
                "scores": {key: format(value, "f") for key, value in act.scores.items()} if act else {},
                "texts": dict(act.texts) if act else {},
            }
            for stage, act in answer.acts
        ],
        "indicators": [
            {
                "key": k.key,
                "title": k.title,
                "goal": k.goal,
                "weight": _number(k.weight),
                "level": _number(k.level),
                "cell": p.cell,
            }
            for k, p in answer.kpis
        ],
        "competencies": [
            {"id": r.key, "expected": _number(r.expected), "rating": _number(r.rating), "cell": p.cell}
            for r, p in answer.rated
        ],
        **({"history": evidence} if (evidence := history.as_data(case.history)) else {}),
        "findings": [{"code": f.code, "message": setup.say.message(f)} for f in answer.findings],
    }


def _number(value: Decimal | None) -> str:
    return "" if value is None else format(value, "f")
