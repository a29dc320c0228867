"""Closed months and years: the results as they were decided, with all their rules, in the ledger.

What the weeks come to afterwards is computed beside them and pointed out; an amendment takes it over for one person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from batch.core.period import Term, Week
from batch.rollups import CapHit, Line, Outcome, PersonResult, Rollup, Tally, units_of
from batch.scheme import Scheme

CLOSE, AMEND = "close-term", "amend-term"  # kinds of ledger entries; their key is the term's
_PLAIN = ("staff_id", "name", "role", "position", "unit_id", "reviewer_id", "approver_id")


@dataclass(frozen=True)
class Amendment:
    """Whose closed result was changed, when (ISO), by whom and why."""

    staff_id: str
    at: str
    author: str
    reason: str


@dataclass(frozen=True)
class TermClosing:
    """A closed term: when, by which rules, and the results, amended ones included."""

    at: str
    scheme: Scheme
    rollup: Rollup
    amendments: tuple[Amendment, ...] = ()


def freeze(rollup: Rollup, scheme: Scheme) -> dict[str, Any]:
    """The ledger body of a closing."""
    return {
        "scheme": scheme.model_dump(mode="json"),
        "weeks": [str(week) for week in rollup.weeks],
        "people": [freeze_person(person) for person in rollup.people],
        "units": {unit.unit_id: _from_outcome(unit.own) for unit in rollup.units if unit.own},
    }


def freeze_person(person: PersonResult) -> dict[str, Any]:
    """One person's result as plain JSON."""
    return {**{name: getattr(person, name) for name in _PLAIN}, "outcome": _from_outcome(person.outcome)}


def closings(entries: Iterable[tuple[str, str, int, str, Mapping[str, Any]]]) -> dict[Term, TermClosing]:
    """Closed terms as the ledger lists them: (kind, key, run, at, body)."""
    bodies: dict[Term, tuple[str, Mapping[str, Any]]] = {}
    people: dict[Term, dict[str, PersonResult]] = {}
    amendments: dict[Term, list[Amendment]] = {}
    for kind, key, _, at, body in entries:
        term = Term.parse(key)
        if kind == CLOSE:
            bodies[term] = (at, body)
            people[term] = {one["staff_id"]: _person(one) for one in body["people"]}
        else:
            people[term][body["staff_id"]] = _person(body["person"])
            amendments.setdefault(term, []).append(Amendment(body["staff_id"], at, body["author"], body["reason"]))
    found = {}
    for term, (at, body) in bodies.items():
        own = {unit_id: _to_outcome(one) for unit_id, one in body["units"].items()}
        everybody = tuple(people[term].values())
        rollup = Rollup(term, tuple(Week.parse(w) for w in body["weeks"]), everybody, units_of(everybody, own))
        found[term] = TermClosing(at, Scheme.model_validate(body["scheme"]), rollup, tuple(amendments.get(term, ())))
    return found


def _person(body: Mapping[str, Any]) -> PersonResult:
    return PersonResult(**{name: body[name] for name in _PLAIN}, outcome=_to_outcome(body["outcome"]))


def _from_outcome(result: Outcome) -> dict[str, Any]:
    lines = [
        [
            str(x.week),
            x.state,
            x.unit_id,
            None if x.total is None else format(x.total, "f"),
            x.band,
            list(x.flags),
            x.remarks,
        ]
        for x in result.lines
    ]
    caps = [[hit.rule, [str(week) for week in hit.weeks], hit.at_most] for hit in result.caps]
    return {"lines": lines, "standing": result.standing, "of_mean": result.of_mean, "band": result.band, "caps": caps}


def _to_outcome(body: Mapping[str, Any]) -> Outcome:
    lines = tuple(
        Line(Week.parse(week), state, unit_id, None if total is None else Decimal(total), band, tuple(flags), remarks)
        for week, state, unit_id, total, band, flags, remarks in body["lines"]
    )
    caps = tuple(CapHit(rule, tuple(Week.parse(week) for week in weeks), at_most) for rule, weeks, at_most in body["caps"])
    return Outcome(lines, Tally.of(lines), body["standing"], body["of_mean"], body["band"], caps)
