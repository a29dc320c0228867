"""From agreed items to points: weighted indicators and rated competencies, exactly.

Points are fractions, as a scale may divide by three; a total is shown and kept with at most :data:`PLACES` decimals, cut and
never rounded up. A bound with no more decimals than that is therefore met by what is shown exactly when it is met in truth.
The scales stand in the scheme (:class:`batch.scheme.KpiRules`, :class:`batch.scheme.CompetencyRules`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from batch.core.number import plain
from batch.scheme import Ability, CompetencyRules, Criterion, KpiRules

PLACES = 5


@dataclass(frozen=True)
class Kpi:
    """An indicator somebody agreed on: the goal it serves, what each level means, its weight; later, what came of it.

    ``targets``: one text a level, from 1 up. ``level``: 1 to the highest, None before it is assessed.
    """

    key: str
    title: str
    goal: str = ""
    unit: str = ""
    targets: tuple[str, ...] = ()
    weight: Decimal = Decimal(0)
    result: str = ""
    level: Decimal | None = None


@dataclass(frozen=True)
class Rated:
    """A competency with the level expected of this person, and the rating, None before it is given."""

    key: str
    expected: Decimal
    rating: Decimal | None = None


def kpi_points(items: Sequence[Kpi], rules: KpiRules, points: Decimal) -> Fraction:
    """Σ(level × weight) / (levels × Σweight) × points. Every item has a level and a weight above 0.

    Levels 4, 3, 5 of weights 40, 35, 25 are 54.60 of 70.
    """
    earned = sum((Fraction(_given(item.level, item.key)) * Fraction(item.weight) for item in items), Fraction(0))
    return earned / (rules.levels * sum(Fraction(item.weight) for item in items)) * Fraction(points)


def competency_points(items: Sequence[Rated], rules: CompetencyRules, points: Decimal) -> Fraction:
    """The ratings on the scale of the scheme, times the points. Every item is rated.

    Ratings 4, 3, 4, 4, 3 are 21.60 of 30 on the scale 'rating'.
    """
    ratings = [Fraction(_given(item.rating, item.key)) for item in items]
    if rules.scale == "rating":
        weights = [Fraction(ability_of(rules, item.key).weight) for item in items]
        share = sum((r * w for r, w in zip(ratings, weights, strict=True)), Fraction(0)) / (rules.levels * sum(weights))
    elif rules.scale == "gap":
        earned = sum(
            (_gap(rules, Fraction(item.expected) - rating) for item, rating in zip(items, ratings, strict=True)), Fraction(0)
        )
        share = earned / (Fraction(rules.gap[0].points) * len(items))
    else:
        share = min(Fraction(1), sum(ratings, Fraction(0)) / sum(Fraction(item.expected) for item in items))
    return share * Fraction(points)


def total(parts: Iterable[Fraction]) -> Decimal:
    """The sum of the criteria's points, cut after :data:`PLACES` decimals."""
    return shown(sum(parts, Fraction(0)))


def shown(points: Fraction) -> Decimal:
    """Points as a decimal, cut after :data:`PLACES` decimals: 26.666… is 26.66666."""
    scale = 10**PLACES
    return plain(Decimal(points.numerator * scale // points.denominator).scaleb(-PLACES))


def off_weight(items: Sequence[Kpi], rules: KpiRules) -> Decimal:
    """By how much the weights miss what they must sum to; 0 if they don't."""
    return plain(sum((item.weight for item in items), Decimal(0)) - rules.weights)


def ability_of(rules: CompetencyRules, key: str) -> Ability:
    """The competency with this id."""
    return next(ability for ability in rules.abilities if ability.id == key)


def caps(criteria: Iterable[Criterion], group: str) -> Mapping[str, Decimal]:
    """Criterion → its points for somebody of a group ('': of none)."""
    return {criterion.id: criterion.points(group) for criterion in criteria}


def _gap(rules: CompetencyRules, below: Fraction) -> Fraction:
    """Points for a rating so far below the expected one (negative: above it)."""
    return next((Fraction(near.points) for near in rules.gap if below <= Fraction(near.below)), Fraction(0))


def _given(value: Decimal | None, key: str) -> Decimal:
    if value is None:
        raise ValueError(f"'{key}' is not assessed yet")
    return value
