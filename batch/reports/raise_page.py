"""The salary increase as single HTML pages: the round that is announced, and several rate tables side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from batch.core.collation import name_ranks
from batch.core.number import most_places
from batch.pages import render
from batch.raises.engine import Outcome
from batch.raises.whatif import spread
from batch.reports.html import page_script
from batch.reports.raise_papers import pool_notes, verdicts
from batch.reports.raises import RaiseView, histogram, percent_text, rate_lines, spent, table_text
from batch.reports.statistics_view import share
from batch.scheme import Band

if TYPE_CHECKING:
    from batch.i18n import Speaker


@dataclass(frozen=True)
class Bar:
    """A bar of a chart: its label, its count, and its width in whole percent of the longest."""

    label: str
    people: int
    width: int


def summary(view: RaiseView, say: Speaker) -> str:
    """The round as one page: pool use, distribution, everybody with their figures or reasons."""
    outcome = view.outcome
    figures = [
        (say("People decided about"), str(len(outcome.awards) - len(view.unclear))),
        (say("Raised"), str(len(view.raised) + len(view.retirees))),
        (say("Not raised"), str(len(view.not_raised))),
        (say("At the ceiling"), str(len(view.at_ceiling))),
        (say("Spent (baht a month)"), say.money(outcome.spent)),
        (say("Left (baht a month)"), say.money(sum((u.left for u in outcome.pools), Decimal(0)))),
    ]
    return _render(
        "raises.html.j2",
        view,
        say,
        figures=figures,
        pools=[(use, _share(use.spent, use.available)) for use in outcome.pools],
        pool_notes=pool_notes(view, say),
        rates=[(use.pool.name(say.lang), rate_lines(view, use, say)) for use in outcome.pools],
        bars=bars(outcome, say),
        spread=spread(outcome, view.scheme),
        raised=[*view.raised, *view.retirees],
        percents=most_places(award.percent for award in outcome.awards),
        name_rank=name_ranks((award.candidate.name for award in outcome.awards), view.office.language),
    )


def what_if(view: RaiseView, outcomes: Sequence[Outcome], say: Speaker) -> str:
    """Every rate table of the plan: what it costs, how it spreads, and whom it treats otherwise than the first."""
    people = list(zip(*(o.awards for o in outcomes), strict=True))
    return _render(
        "what-if.html.j2",
        view,
        say,
        outcomes=outcomes,
        verdicts=lambda outcome, use: verdicts(outcome, use.pool.name(say.lang), say),
        share=lambda use: _share(use.spent, use.available),
        bars={o.table.id: bars(o, say) for o in outcomes},
        spreads={o.table.id: spread(o, view.scheme) for o in outcomes},
        scores=most_places(a.candidate.score for a in outcomes[0].awards),
        percents=[most_places(award.percent for award in o.awards) for o in outcomes],
        people=[awards for awards in people if len({a.amount for a in awards}) > 1],
        same=sum(len({a.amount for a in awards}) == 1 for awards in people),
    )


def bars(outcome: Outcome, say: Speaker) -> list[Bar]:
    """The distribution of percentages."""
    classes = histogram(outcome)
    most = max((people for _, _, people in classes), default=1)
    return [
        Bar(say("{low} to under {high}", low=low, high=high), people, _share(Decimal(people), Decimal(most)))
        for low, high, people in classes
    ]


def _again(band: Band, view: RaiseView) -> str:
    """The class that tells a band from a better one of the same tone, or ''."""
    better = view.scheme.bands[: view.scheme.bands.index(band)]
    return " again" if any(one.tone == band.tone for one in better) else ""


def _share(part: Decimal, whole: Decimal) -> int:
    """Whole percent, as wide as a bar may be."""
    return min(100, int(part * 100 / whole)) if whole > 0 else 0


def _render(template: str, view: RaiseView, say: Speaker, **more: Any) -> str:
    script, digest = page_script()
    return render(
        view.templates,
        template,
        _=say,
        say=say,
        lang=say.lang,
        office=view.office,
        scheme=view.scheme,
        rules=view.rules.legal_basis,
        script=script,
        script_hash=digest,
        view=view,
        money=say.money,
        satang=lambda value: say.money(value, fine=True),
        percent=lambda value, decimals=2: percent_text(value, say, decimals),
        places_of=lambda lines: most_places(percent for one in lines for percent in (one.lowest, one.highest)),
        spent=spent,
        used=lambda use: share(Fraction(use.spent) / Fraction(use.available) if use.available > 0 else None, say),
        again=lambda band: _again(band, view),
        table_text=lambda use: table_text(use.table, use.multiplier, say),
        **more,
    )
