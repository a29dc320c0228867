"""What the papers and pages of a round show: cases in words, counts, means; made once from what was decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from batch.agreed import kpis, rated, rules_of
from batch.chain import speaker
from batch.components import Kpi, Rated
from batch.core.finding import Finding
from batch.core.number import most_places, plain
from batch.core.period import Round
from batch.core.records import STATE_NAMES, Case, Statement
from batch.roster import Office, Roster
from batch.scheme import Band, Scheme, Stage

if TYPE_CHECKING:
    from batch.i18n import Speaker


@dataclass(frozen=True)
class RoundView:
    """A round as it is told; ``cases`` in the order of the papers."""

    period: Round
    office: Office
    scheme: Scheme
    roster: Roster
    cases: tuple[Case[Round], ...]
    findings: tuple[Finding, ...]
    as_of: str
    closed_at: str = ""
    templates: Path | None = None

    def name_of(self, staff_id: str) -> str:
        """Somebody's name, '' for nobody."""
        return self.roster.name(staff_id) if staff_id else ""

    def position_of(self, staff_id: str) -> str:
        """Somebody's position on the round's last working day."""
        person = self.roster.on(staff_id, self.roster.reference_day(self.period)) if staff_id else None
        return person.position if person else ""

    def band(self, case: Case[Round]) -> Band | None:
        """The level reached so far."""
        return self.scheme.band(case.band) if case.band else None

    def stage_of(self, kind: str, by: str = "") -> Stage | None:
        """The first stage of an act, by this speaker if one is named."""
        return next((s for s in self.scheme.stages if s.kind == kind and by in ("", s.by)), None)

    def said(self, case: Case[Round], kind: str, by: str = "") -> Statement[Round] | None:
        """What stands at such a stage."""
        stage = self.stage_of(kind, by)
        return case.acts.get(stage.id) if stage else None

    def kpis(self, case: Case[Round]) -> list[Kpi]:
        """The agreed indicators, with the superior's levels once they are given, else the person's own."""
        agreement = self.said(case, "agreement")
        return kpis(agreement, case.review or case.report) if agreement else []

    def rated(self, case: Case[Round]) -> list[Rated]:
        """The competencies, with the superior's ratings once they are given, else the person's own."""
        _, competency = rules_of(self.scheme)
        agreement = self.said(case, "agreement")
        return rated(competency, agreement, case.review or case.report) if competency and agreement else []

    def changes(self, case: Case[Round]) -> list[tuple[Stage, Statement[Round]]]:
        """The decisions that set other scores than the superior's, in the order of the chain."""
        found = [(stage, case.acts[stage.id]) for stage in self.scheme.stages if stage.id in case.acts]
        return [(stage, act) for stage, act in found if act.decision == "adjust"]

    @property
    def decimals(self) -> int:
        """How many decimals the lists of scores need."""
        return most_places(v for case in self.cases for v in (case.self_total, *case.scores.values(), case.total))

    def state_text(self, case: Case[Round], say: Speaker) -> str:
        """What the case waits for and from whom, or its state."""
        stage = self.scheme.stage(case.waiting)
        if stage is None:
            return say(STATE_NAMES[case.state])
        who = self.name_of(speaker(stage, case)) or "–"
        return say("Waits for '{stage}' from {who}", stage=stage.titles, who=who)

    def waiting(self) -> list[tuple[Stage, Mapping[str, int]]]:
        """For each stage that somebody's case waits at: who has to act, and for how many people."""
        lines: list[tuple[Stage, Mapping[str, int]]] = []
        for stage in self.scheme.stages:
            who = Counter(speaker(stage, case) for case in self.cases if case.waiting == stage.id)
            if who:
                lines.append((stage, dict(sorted(who.items()))))
        return lines

    def spread(self, cases: Sequence[Case[Round]]) -> Mapping[str, int]:
        """How many of them reached each level so far."""
        counts = Counter(case.band for case in cases if case.band)
        return {band.id: counts[band.id] for band in self.scheme.bands}

    def mean(self, cases: Sequence[Case[Round]]) -> Decimal | None:
        """The mean of their totals, to two decimals, halves up."""
        totals = [Fraction(case.total) for case in cases if case.total is not None]
        if not totals:
            return None
        return Decimal((sum(totals) / len(totals) * 100 + Fraction(1, 2)).__floor__()).scaleb(-2)

    def units(self) -> list[tuple[str, list[Case[Round]]]]:
        """The units with their people, as the roster lists them."""
        by: dict[str, list[Case[Round]]] = {}
        for case in self.cases:
            by.setdefault(case.unit_id, []).append(case)
        return sorted(by.items(), key=lambda item: self.roster.unit_order.get(item[0], len(by) + len(self.roster.units)))


def remarks(view: RoundView, case: Case[Round], say: Speaker) -> list[str]:
    """What stands out about a case: other scores than the superior's, a refusal to sign, another weighing."""
    texts = [
        say("{stage}: {total}, {reason}", stage=s.titles, total=plain(total_of(a)), reason=a.texts.get("reason", ""))
        for s, a in view.changes(case)
    ]
    refusal = view.said(case, "acknowledgement", "supervisor")
    if refusal and not view.said(case, "acknowledgement", "subject"):
        texts.append(say("Refused to sign; witness: {name}", name=refusal.texts.get("witness", "")))
    if group := next((g for g in view.scheme.groups if g.id == case.group), None):
        texts.append(group.name(say.lang))
    return texts


def total_of(act: Statement[Round]) -> Decimal:
    """The sum of the scores that an act gives."""
    return sum(act.scores.values(), Decimal(0))
