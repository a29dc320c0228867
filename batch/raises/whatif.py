"""Several rate tables side by side, before anything is announced: what each costs, whom it raises by how much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from batch.raises.engine import NONE, Award, Candidate, Outcome, Scales, decide
from batch.raises.facts import Facts
from batch.raises.rules import Plan
from batch.scheme import Band, Scheme


@dataclass(frozen=True)
class Spread:
    """The people of one band under one table: how many are raised, the lowest, mean and highest percentage, the cost."""

    band: Band
    people: int
    raised: int
    lowest: Decimal
    mean: Decimal
    highest: Decimal
    spent: Decimal


def alternatives(facts: Facts, scales: Scales, plan: Plan) -> list[Outcome]:
    """The round decided by each rate table; the one that applies comes first. A pool with a table of its own keeps it."""
    own = {pool.rates for pool in plan.pools} - {plan.apply}
    ids = sorted((table.id for table in plan.rates if table.id not in own), key=lambda i: i != plan.apply)
    return [decide(facts.candidates, facts.salaries, scales, plan, table_id) for table_id in ids]


def spread(outcome: Outcome, scheme: Scheme) -> list[Spread]:
    """The bands, best first, as the outcome treats them; people without a score are in none."""
    return [_spread(band, [a for a in outcome.awards if band_of(a.candidate, scheme) == band]) for band in scheme.bands]


def band_of(candidate: Candidate, scheme: Scheme) -> Band | None:
    """The band of a candidate's score, if there is one."""
    return None if candidate.score is None else scheme.band_of(candidate.score)


def _spread(band: Band, awards: Sequence[Award]) -> Spread:
    percents = [a.percent for a in awards if a.percent]
    mean = (sum(percents, NONE) / len(percents)).quantize(Decimal("0.01")) if percents else NONE
    spent = sum((a.amount.spent for a in awards), NONE)
    raised = sum(a.raised for a in awards)
    return Spread(band, len(awards), raised, min(percents, default=NONE), mean, max(percents, default=NONE), spent)
