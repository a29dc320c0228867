"""Everything behind one person's result of a month or longer: which weeks count and why, and how the level follows.

Values only; :mod:`batch.tell_term` makes sentences of them. What is behind a single week: :mod:`batch.answers.explain`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from batch.answers.check import finding_data
from batch.core.finding import Finding, Place, UserError
from batch.core.period import Term, Week
from batch.core.records import as_json
from batch.desk import Setup
from batch.i18n import Speaker
from batch.rollups import PersonResult, Tally
from batch.terms import Gathered, look_at, rules_of


@dataclass(frozen=True)
class EdgeWeek:
    """A week at the edge of the term: how many of its working days lie in it, and the month it belongs to."""

    week: Week
    inside: int
    days: int
    month: Term


@dataclass(frozen=True)
class TermExplanation:
    """The answer. ``person`` None: nobody of this code was evaluated in any of the weeks."""

    term: Term
    staff_id: str
    person: PersonResult | None
    edges: tuple[EdgeWeek, ...]
    gathered: Gathered
    findings: tuple[Finding, ...]


def explain_term(setup: Setup, staff_id: str, term: Term, now: str) -> TermExplanation:
    """The whole trace of a person's term. Raises :class:`UserError` for a code that never stood in the roster."""
    if not setup.roster.knows(staff_id):
        raise UserError("use.unknown-person", Place(str(setup.folder / "roster.xlsx"), "people"), found=staff_id)
    gathered = look_at(setup, term, now)
    return TermExplanation(
        term=term,
        staff_id=staff_id,
        person=gathered.rollup.by_id.get(staff_id),
        edges=tuple(_edges(setup, term, gathered)),
        gathered=gathered,
        findings=tuple(f for f in gathered.findings if f.staff_id in (staff_id, "")),
    )


def _edges(setup: Setup, term: Term, gathered: Gathered) -> list[EdgeWeek]:
    """The weeks that reach over the term's first or last day."""
    working_days, by = setup.roster.working_days, rules_of(gathered.scheme).weeks_by
    found = []
    for week in dict.fromkeys((Week.of(term.start), Week.of(term.end))):
        if week.start < term.start or week.end > term.end:
            days = working_days(week)
            inside = sum(term.start <= day <= term.end for day in days)
            found.append(EdgeWeek(week, inside, len(days), week.month(working_days, by)))
    return found


def as_data(answer: TermExplanation, say: Speaker) -> dict[str, Any]:
    """The answer as plain JSON types; keys are stable, only messages and remedies of findings are in ``say``'s language."""
    gathered, person = answer.gathered, answer.person
    scheme = gathered.scheme
    data: dict[str, Any] = {
        "period": {"key": str(answer.term), "start": str(answer.term.start), "end": str(answer.term.end)},
        "staff_id": answer.staff_id,
        "weeks": [str(week) for week in gathered.rollup.weeks],
        "edges": [
            {"week": str(e.week), "working_days": e.days, "inside": e.inside, "belongs_to": str(e.month)}
            for e in answer.edges
        ],
        "provisional": gathered.rollup.provisional,
        "closed": gathered.closing.at if gathered.closing else "",
        "scheme": {"id": scheme.id, "version": scheme.version, "hash": scheme.rollup_hash},
        "rules": gathered.rules.model_dump(mode="json"),
        "findings": [finding_data(f, say) for f in answer.findings],
        "result": None,
    }
    if person:
        result = person.outcome
        data["result"] = {
            "name": person.name,
            "unit_id": person.unit_id,
            "state": result.standing,
            **_tally(result.tally),
            "mean_shown": as_json(result.mean_shown(scheme)),
            "band_of_mean": result.of_mean,
            "band": result.band,
            "caps": [as_json(hit) for hit in result.caps],
            "shares": [{"unit_id": unit_id, **_tally(share)} for unit_id, share in person.shares],
            "lines": [{**as_json(line), "counts": line.counts} for line in result.lines],
        }
    return data


def _tally(tally: Tally) -> dict[str, Any]:
    """The exact mean as a fraction 'p/q'."""
    mean = "" if tally.mean is None else f"{tally.mean.numerator}/{tally.mean.denominator}"
    return {"total": as_json(tally.total), "weeks_rated": tally.rated, "weeks_due": tally.due, "mean": mean}
