"""From the office's workbooks to candidates: who is decided about, with which salary, score and pool; what is unclear."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from batch.core.finding import Finding, Place, finding
from batch.core.period import Round
from batch.core.value import BadValue, read_score
from batch.raises.eligibility import Judge
from batch.raises.engine import NONE, Candidate
from batch.raises.rules import Plan, Pool, Rules
from batch.roster import Pay, Person, Roster
from batch.roster_read import SetAside, known_person, open_tables, read_lines
from batch.scheme import Scheme

SCORES = "scores.xlsx"
_COLUMNS = ("period", "staff_id", "score")
_HUNDRED = Decimal(100)
_DECIMALS = 5


class Score(NamedTuple):
    """The result of the appraisal: 0 to 100, and the cell it was read from."""

    value: Decimal
    place: Place


@dataclass(frozen=True)
class Facts:
    """What a round is decided on. ``salaries``: those occupied on the reference day, by pool."""

    candidates: tuple[Candidate, ...]
    salaries: Mapping[str, Sequence[Decimal]]
    findings: tuple[Finding, ...]


def read_scores(path: Path, period: Round, roster: Roster) -> tuple[dict[str, Score], list[Finding], str]:
    """The scores of a round: by staff_id, with what was wrong, and the SHA-256 of the file.

    Sheet ``scores``: keys ``period staff_id score`` in row 1, labels in row 2. Two rows that differ: neither counts.
    """
    tables, digest = open_tables(path, "raises.no-scores")
    staff = {spell.staff_id for spell in roster.spells}
    notes: list[Finding] = []
    scores: dict[str, Score] = {}
    unclear: set[str] = set()
    for line in read_lines(tables, "scores", _COLUMNS, path, notes):
        try:
            try:
                if Round.parse(line.text("period")) != period:
                    continue
            except ValueError:
                line.fault("raises.bad-round", "period", found=line.text("period"))
                continue
            who = known_person(line, "staff_id", staff)
            line.text("score")
            score = Score(read_score(line.cells["score"], _HUNDRED, _DECIMALS), line.place("score"))
        except SetAside:
            continue
        except BadValue as err:
            line.fault("raises.bad-score", "score", found=err.params["found"])
            continue
        if who in scores and scores[who].value != score.value:
            line.fault("raises.two-scores", "score", who=roster.label(who), other=scores[who].place.cell)
            unclear.add(who)
        scores.setdefault(who, score)
    return {who: score for who, score in scores.items() if who not in unclear}, notes, digest


def gather(roster: Roster, scheme: Scheme, rules: Rules, plan: Plan, period: Round, scores: Mapping[str, Score]) -> Facts:
    """Everybody in pay on the round's last day, by unit, rank and code; and the salaries of the reference day."""
    judge = Judge(roster, rules, period)
    notes: list[Finding] = []
    if roster.conduct is None:
        notes.append(finding("raises.no-conduct", Place("roster.xlsx")))
    salaries: dict[str, list[Decimal]] = {}
    for person, pay in _in_pay(roster, scheme, rules.reference_day(period)):
        level = rules.level(pay.level)
        pool = _pool(roster, plan, rules, person, level.id, rules.reference_day(period)) if level else None
        if pool and pay.salary is not None:
            salaries.setdefault(pool.id, []).append(pay.salary)
        else:
            notes.append(finding("raises.not-in-pool", person.place, person.staff_id, name=person.name))
    candidates = []
    for person, pay in _in_pay(roster, scheme, period.end):
        candidate, found = _candidate(judge, plan, person, pay, scores.get(person.staff_id))
        candidates.append(candidate)
        notes += found
    return Facts(tuple(candidates), salaries, tuple(notes))


def _in_pay(roster: Roster, scheme: Scheme, day: dt.date) -> list[tuple[Person, Pay]]:
    """The spells with pay that hold on a day, in the order of the papers."""
    order = roster.unit_order
    found = [(spell, spell.pay) for spell in roster.spells if spell.pay is not None and spell.covers(day)]
    return sorted(found, key=lambda o: (order.get(o[0].unit_id, len(order)), scheme.rank(o[0].role), o[0].staff_id))


def _candidate(judge: Judge, plan: Plan, person: Person, pay: Pay, score: Score | None) -> tuple[Candidate, list[Finding]]:
    """One person, and what keeps them from being decided about."""
    rules = judge.rules
    notes = judge.unclear(person)
    level = rules.level(pay.level)
    if level is None or all(row.level != level.id for row in rules.table(judge.period.end + dt.timedelta(days=1)).rows):
        known = tuple(one.titles for one in rules.levels)
        notes.append(finding("raises.unknown-level", person.place, person.staff_id, found=pay.level, known=known))
    pool = _pool(judge.roster, plan, rules, person, level.id, judge.period.end) if level else None
    if level and pool is None:
        notes.append(finding("raises.no-pool", person.place, person.staff_id, name=person.name))
    unclear = bool(notes) or pay.salary is None
    candidate = Candidate(
        staff_id=person.staff_id,
        name=person.name,
        position=person.position,
        unit_id=person.unit_id,
        level=level.id if level else "",
        position_no=pay.position_no,
        salary=pay.salary or NONE,
        pool=pool.id if pool else "",
        score=score.value if score else None,
        reasons=tuple(judge.reasons(person, score.value if score else None)),
        retires=pay.retires and person.end == judge.period.end,
        unclear=unclear,
    )
    return candidate, notes


def _pool(roster: Roster, plan: Plan, rules: Rules, person: Person, level: str, day: dt.date) -> Pool | None:
    """The first pool that fits: by level, by type, by unit or one above it; one that names nothing takes everybody."""
    units = {unit.unit_id for unit in roster.climb(person.unit_id, day)} | {person.unit_id}
    kind = rules.type_of(level).id
    for pool in plan.pools:
        everybody = not (pool.levels or pool.types or pool.units)
        if everybody or level in pool.levels or kind in pool.types or units & set(pool.units):
            return pool
    return None
