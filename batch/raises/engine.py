"""How much: from scores to percentages, from percentages to baht, within pools. Pure, exact, and independent of order.

All money is in baht as :class:`~decimal.Decimal` with at most two decimals (satang); no binary float takes part.
Halves are rounded up, as offices do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_HALF_UP, Decimal, localcontext
from typing import Literal, NamedTuple

from batch.core.finding import Finding, Money, finding
from batch.raises.rules import Plan, Pool, RateTable, Row, Rules

NONE = Decimal(0)
SATANG = Decimal("0.01")


@dataclass(frozen=True)
class Candidate:
    """Somebody a raise is decided about. ``reasons``: why there is none; empty: eligible. ``pool``: id of their pool.

    ``unclear``: facts are missing, so nothing can be decided yet; the salary then may be 0 and the level empty.
    """

    staff_id: str
    name: str
    position: str
    unit_id: str
    level: str
    position_no: str
    salary: Decimal
    pool: str
    score: Decimal | None
    reasons: tuple[Finding, ...] = ()
    retires: bool = False
    unclear: bool = False


class Amount(NamedTuple):
    """A raise: ``raw`` = base × percent; ``raised`` is added to the salary, ``special`` paid beside it."""

    base: Decimal
    raw: Decimal
    raised: Decimal
    special: Decimal
    new: Decimal

    @property
    def spent(self) -> Decimal:
        """What it takes out of the pool each month."""
        return self.raised + self.special


@dataclass(frozen=True)
class Award:
    """What is decided about one candidate; ``ceiling`` is the highest salary they may have."""

    candidate: Candidate
    percent: Decimal
    amount: Amount
    ceiling: Decimal

    @property
    def raised(self) -> bool:
        """Whether there is any increase, of salary or as special compensation."""
        return self.amount.spent > 0

    @property
    def at_ceiling(self) -> bool:
        """Whether the new salary is the highest of the level."""
        return not self.candidate.unclear and self.amount.new >= self.ceiling


@dataclass(frozen=True)
class PoolUse:
    """A pool and what became of it. ``salaries``: the sum on the reference day; ``people``: how many they were.

    ``available`` = salaries × (percent − hold_back) / 100, rounded down to the satang, plus what an earlier pool left.
    ``multiplier``: of a fitted table; None: the table holds as it is.
    """

    pool: Pool
    table: RateTable
    people: int
    salaries: Decimal
    granted: Decimal
    held_back: Decimal
    carried_in: Decimal
    available: Decimal
    spent: Decimal
    raised: int
    multiplier: Decimal | None
    nearest: Decimal | None  # if too much is spent: the greatest multiplier of the table that would not

    @property
    def left(self) -> Decimal:
        """What is not spent; below 0: spent too much."""
        return self.available - self.spent


@dataclass(frozen=True)
class Outcome:
    """A round decided by one rate table. ``problems``: why it must not be announced."""

    table: RateTable
    awards: tuple[Award, ...]
    pools: tuple[PoolUse, ...]
    problems: tuple[Finding, ...]

    @property
    def spent(self) -> Decimal:
        """What all raises take a month."""
        return sum((pool.spent for pool in self.pools), NONE)


Ceiling = Literal["own", "extended"]


def ceiling_of(row: Row, mode: Ceiling) -> Decimal:
    """The highest salary of a level; its own where there is no extended one."""
    return row.extended_maximum if mode == "extended" and row.extended_maximum is not None else row.maximum


def amount(row: Row, salary: Decimal, percent: Decimal, mode: Ceiling, rules: Rules) -> Amount:
    """A raise of ``percent`` (of the base) on ``salary``.

    raw = base × percent / 100, to the satang; rounded up to whole tens it is added to the salary. Where that would pass the
    ceiling, the salary goes to the ceiling, and what of ``raw`` is beyond it is special compensation, not rounded up.
    Whoever already is above the ceiling keeps the salary, and all of ``raw`` is special.
    """
    base = row.low if salary < row.split else row.high
    raw = (base * percent / 100).quantize(SATANG, ROUND_HALF_UP)
    up = (raw / rules.round_up_to).to_integral_value(ROUND_CEILING) * rules.round_up_to
    ceiling = ceiling_of(row, mode)
    if salary + up <= ceiling:
        return Amount(base, raw, up, NONE, salary + up)
    if not raw:
        return Amount(base, raw, NONE, NONE, salary)
    raised = max(NONE, ceiling - salary)
    return Amount(base, raw, raised, max(NONE, raw - raised), salary + raised)


def percent_of(table: RateTable, score: Decimal, decimals: int) -> Decimal:
    """The percentage a fixed or linear table gives a score; 0 below its lowest step."""
    top = Decimal(100)
    for step in table.steps:
        if score >= step.min:
            if step.percent is not None:
                return step.percent
            low, high = step.ends
            if top == step.min:
                return high
            with localcontext(prec=50):
                part = (score - step.min) * (high - low) / (top - step.min)
                return (low + part).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
        top = step.min
    return NONE


def scaled(percent: Decimal, multiplier: Decimal | None, rules: Rules) -> Decimal:
    """A percentage times a multiplier (None: as it is), but never more than one person may get."""
    if multiplier is not None:
        percent = (percent * multiplier).quantize(Decimal(1).scaleb(-rules.percent_decimals), ROUND_HALF_UP)
    return min(percent, rules.limit_percent)


@dataclass(frozen=True)
class Scales:
    """What amounts rest on: the rules, the base table's rows by level, which ceiling holds, and the rate tables."""

    rules: Rules
    rows: Mapping[str, Row]
    ceiling: Ceiling
    tables: Mapping[str, RateTable]

    def award(self, candidate: Candidate, table: RateTable, multiplier: Decimal | None) -> Award:
        """The award of one candidate by a table; ``multiplier`` None is 1."""
        if candidate.unclear:
            return Award(candidate, NONE, Amount(NONE, NONE, NONE, NONE, candidate.salary), NONE)
        row = self.rows[candidate.level]
        percent = NONE if candidate.reasons else self.percent(candidate, table, multiplier)
        made = amount(row, candidate.salary, percent, self.ceiling, self.rules)
        return Award(candidate, percent, made, ceiling_of(row, self.ceiling))

    def percent(self, candidate: Candidate, table: RateTable, multiplier: Decimal | None) -> Decimal:
        """The percentage of one candidate, never more than one person may get."""
        shape = self.tables[table.of] if table.of is not None else table
        found = percent_of(shape, candidate.score or NONE, self.rules.percent_decimals)
        return scaled(found, multiplier, self.rules)

    def spent(self, candidates: Sequence[Candidate], table: RateTable, multiplier: Decimal | None) -> Decimal:
        """What a table costs a month."""
        return sum((self.award(c, table, multiplier).amount.spent for c in candidates), NONE)

    def greatest(self, candidates: Sequence[Candidate], table: RateTable, available: Decimal) -> Decimal:
        """The greatest multiplier, in whole steps, with which the table costs no more than ``available``.

        No higher than where everybody has the most that one person may get: beyond it nothing changes. The cost never falls
        as the multiplier rises, so that the search may halve.
        """
        lowest = min((p for c in candidates if not c.reasons and (p := self.percent(c, table, None))), default=NONE)
        if not lowest:
            return Decimal(1)
        low, high = 0, int((self.rules.limit_percent / lowest / table.step).to_integral_value(ROUND_CEILING)) + 1
        while low < high:
            middle = (low + high + 1) // 2
            if self.spent(candidates, table, middle * table.step) <= available:
                low = middle
            else:
                high = middle - 1
        return low * table.step


def decide(
    candidates: Sequence[Candidate],
    salaries: Mapping[str, Sequence[Decimal]],
    scales: Scales,
    plan: Plan,
    table_id: str | None = None,
) -> Outcome:
    """Decide a round. ``salaries``: those occupied on the reference day, by pool. ``table_id``: instead of the plan's.

    Nothing is refused here: ``problems`` says what forbids announcing this outcome.
    """
    general = plan.table(table_id or plan.apply)
    carried: dict[str, Decimal] = {}
    uses, awards, problems = [], [], []
    for pool in plan.pools:
        own = [c for c in candidates if c.pool == pool.id and not c.unclear]
        table = plan.table(pool.rates) if pool.rates is not None else general
        use = _fund(pool, table, salaries.get(pool.id, ()), carried.get(pool.id, NONE))
        multiplier = scales.greatest(own, table, use.available) if table.mode == "fit" else None
        made = [scales.award(c, table, multiplier) for c in own]
        use = replace(
            use,
            spent=sum((a.amount.spent for a in made), NONE),
            raised=sum(a.raised for a in made),
            multiplier=multiplier,
        )
        if use.left < 0:
            use = replace(use, nearest=scales.greatest(own, table, use.available))
            problems.append(_over(use))
        elif pool.remainder != "lapse":
            carried[pool.remainder] = carried.get(pool.remainder, NONE) + use.left
        uses.append(use)
        awards += made
    awards += [scales.award(c, general, None) for c in candidates if c.unclear]
    percents = [a.percent for a in awards if a.percent]
    if len(percents) > 1 and len(set(percents)) == 1:
        problems.append(finding("raises.same-for-all", table=general.titles, percent=percents[0], count=str(len(percents))))
    order = {c.staff_id: n for n, c in enumerate(candidates)}
    return Outcome(general, tuple(sorted(awards, key=lambda a: order[a.candidate.staff_id])), tuple(uses), tuple(problems))


def _fund(pool: Pool, table: RateTable, salaries: Sequence[Decimal], carried: Decimal) -> PoolUse:
    """A pool before anything is spent."""
    total = sum(salaries, NONE)
    granted = (total * pool.percent / 100).quantize(SATANG, ROUND_DOWN)
    available = (total * (pool.percent - pool.hold_back) / 100).quantize(SATANG, ROUND_DOWN)
    return PoolUse(
        pool=pool,
        table=table,
        people=len(salaries),
        salaries=total,
        granted=granted,
        held_back=granted - available,
        carried_in=carried,
        available=available + carried,
        spent=NONE,
        raised=0,
        multiplier=None,
        nearest=None,
    )


def _over(use: PoolUse) -> Finding:
    """A pool that the table overspends: by how much, and the nearest multiplier that would do."""
    return finding(
        "raises.over-pool",
        pool=use.pool.titles,
        table=use.table.titles,
        spent=Money(use.spent),
        available=Money(use.available),
        over=Money(-use.left),
        multiplier=use.nearest,
    )
