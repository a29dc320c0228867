"""What the papers and the page of a salary increase show: lists, sums and texts, made once from what was decided."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from batch.core.finding import Finding
from batch.core.number import most_places, places, plain
from batch.core.period import Round
from batch.raises.engine import NONE, Award, Outcome, PoolUse, scaled
from batch.raises.rules import Plan, RateTable, Rules
from batch.raises.whatif import band_of
from batch.roster import Office, Roster
from batch.scheme import Band, Scheme

if TYPE_CHECKING:
    from batch.i18n import Speaker

_BLANK = "...................."  # to be filled in by hand


@dataclass(frozen=True)
class RaiseView:
    """A decided round, for showing."""

    office: Office
    roster: Roster
    scheme: Scheme
    rules: Rules
    plan: Plan
    period: Round
    outcome: Outcome
    findings: tuple[Finding, ...]
    templates: Path | None = None  # the office's own page templates

    @property
    def effective(self) -> dt.date:
        """From when the new salaries are paid."""
        return self.period.end + dt.timedelta(days=1)

    @property
    def raised(self) -> list[Award]:
        """Everybody raised but those who retire on the round's last day."""
        return [a for a in self.outcome.awards if a.raised and not a.candidate.retires]

    @property
    def retirees(self) -> list[Award]:
        """Raised on the round's last day, when they retire."""
        return [a for a in self.outcome.awards if a.raised and a.candidate.retires]

    @property
    def not_raised(self) -> list[Award]:
        """Everybody without any increase, each with reasons."""
        return [a for a in self.outcome.awards if not a.raised and not a.candidate.unclear]

    @property
    def at_ceiling(self) -> list[Award]:
        """Everybody whose new salary is the highest of their level."""
        return [a for a in self.outcome.awards if a.at_ceiling]

    @property
    def special(self) -> list[Award]:
        """Everybody who gets special compensation."""
        return [a for a in self.outcome.awards if a.amount.special]

    @property
    def unclear(self) -> list[Award]:
        """Everybody nothing could be decided about, as facts are missing."""
        return [a for a in self.outcome.awards if a.candidate.unclear]

    def band(self, award: Award) -> Band | None:
        """The band of somebody's score."""
        return band_of(award.candidate, self.scheme)

    def band_name(self, award: Award, say: Speaker) -> str:
        """The band's title, or ''."""
        band = self.band(award)
        return band.name(say.lang) if band else ""

    def in_band(self, band: Band) -> list[Award]:
        """Everybody of one band, in the order of the papers."""
        return [a for a in self.outcome.awards if self.band(a) == band]

    def reasons(self, award: Award, say: Speaker) -> str:
        """Why there is no raise, a line each; a score below the lowest step is a reason too."""
        found = [say.message(reason) for reason in award.candidate.reasons]
        return "\n".join(found) or (say("The rates give this score nothing.") if not award.percent else "")

    def texts(self, say: Speaker, award: Award | None = None) -> dict[str, str]:
        """What fills the placeholders of the papers' wording."""
        plan, period = self.plan, self.period
        bands = say(" and ").join(self.scheme.band(b).name(say.lang) for b in self.rules.papers.publish_bands)
        retires = award is not None and award.candidate.retires
        return {
            "office": self.office.name,
            "round": say.round_name(period),
            "from_day": say.long_date(period.start),
            "to_day": say.long_date(period.end),
            "effective": say.long_date(period.end if retires else self.effective),
            "reference": say.long_date(self.rules.reference_day(period)),
            "limit": say.number(self.rules.limit_percent),
            "bands": bands,
            "legal_basis": self.rules.legal_basis,
            "name": award.candidate.name if award else "",
            "position": award.candidate.position if award else "",
            "order_no": plan.order_no or _BLANK,
            "signed_on": say.long_date(plan.signed_on) if plan.signed_on else _BLANK,
            "signer_name": plan.signer_name or _BLANK,
            "signer_position": plan.signer_position,
        }


def spent(awards: Sequence[Award]) -> Decimal:
    """What some awards take a month."""
    return sum((a.amount.spent for a in awards), NONE)


def percent_text(value: Decimal, say: Speaker, decimals: int = 2) -> str:
    """A percentage or score with two decimals, or ``decimals``, and never fewer than it needs: 3.6 → 3.60, 3.14159 stays."""
    return say.number(plain(value).quantize(Decimal(1).scaleb(-max(2, decimals, places(value)))))


def rate_lines(view: RaiseView, use: PoolUse, say: Speaker) -> list[tuple[str, str, str]]:
    """A pool's rates as they are announced, highest first: band, range of scores, percentage, all to as many decimals."""
    shape = view.plan.table(use.table.of) if use.table.of is not None else use.table
    rates = [[plain(scaled(end, use.multiplier, view.rules)) for end in step.ends] for step in shape.steps]
    decimals = most_places(end for ends in rates for end in ends)
    lines, top = [], None
    for step, ends in zip(shape.steps, rates, strict=True):
        least = max(step.min, view.rules.limits.score)
        if top is not None and least >= top:
            break
        low, high = (percent_text(end, say, decimals) for end in ends)
        percent = low if low == high else f"{low} – {high}"
        lines.append((view.scheme.band_of(least).name(say.lang), range_text(least, top, say), percent))
        top = least
    bottom = top if top is not None else view.rules.limits.score
    lines.append((view.scheme.bands[-1].name(say.lang), say("below {high}", high=bottom), say("no raise")))
    return lines


def range_text(low: Decimal, high: Decimal | None, say: Speaker) -> str:
    """'90 to 100', '80 to under 90'."""
    if high is None:
        return say("{low} to {high}", low=low, high=Decimal(100))
    return say("{low} to under {high}", low=low, high=high)


def table_text(table: RateTable, multiplier: Decimal | None, say: Speaker) -> str:
    """The rate table's name, and how far it was fitted."""
    name = table.name(say.lang)
    return name if multiplier is None else say("{table}, times {multiplier}", table=name, multiplier=multiplier)


def histogram(outcome: Outcome) -> list[tuple[Decimal, Decimal, int]]:
    """How many people get which percentage, in classes of half a percent: (from, to under, people), without gaps."""
    width = Decimal("0.5")
    counts = Counter(int(a.percent / width) for a in outcome.awards if a.raised)
    if not counts:
        return []
    return [(n * width, (n + 1) * width, counts[n]) for n in range(min(counts), max(counts) + 1)]
