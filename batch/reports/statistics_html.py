"""The page of the job statistics of a period, of everybody or of the people whom its reader may see."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from batch.core.collation import name_ranks
from batch.pages import Once, render_parts
from batch.reports import html
from batch.reports.statistics_view import (
    StatisticsView,
    coverage_text,
    key_figures,
    number,
    rounded,
    rules_of_counting,
    share,
    texts_of,
)
from batch.reports.view import as_of_text, padded, rules_text

if TYPE_CHECKING:
    from batch.i18n import Speaker


def page(view: StatisticsView, say: Speaker) -> str:
    """The statistics as one HTML page."""
    return "".join(page_parts(view, say))


def page_parts(view: StatisticsView, say: Speaker) -> Iterator[str]:
    """The same in parts, as they are made."""
    return render_parts(
        view.templates,
        "statistics.html.j2",
        html.frame(view.office, view.scheme, view.period, rules_text(view.scheme, say), say),
        once=Once(view.fragments.setdefault(say.lang, {})),
        view=view,
        found=view.statistics,
        title=say("Job statistics by position"),
        figures=key_figures(view, say),
        as_of="" if view.reader else as_of_text(view, say),
        coverage=coverage_text(view, say),
        all_together=say("All together") if view.reader else say("Whole office"),
        number=lambda value: number(value, say),
        coefficient=lambda value: say.number(padded(value, view.coefficient_places)),
        share=lambda value: share(value, say),  # asked for by copies that offices made of the template
        rounded=rounded,
        count=cache(say.grouped),
        texts=lambda tally: texts_of(tally, view, say),
        counting=rules_of_counting(view, say),
        name_rank=name_ranks([head.name for head, _ in view.by_person], view.office.language),
        filters=_filters(view, say),
        most=max((group.tally.per_head or 0 for group in (*view.by_unit, *view.by_position)), default=0),
    )


def _filters(view: StatisticsView, say: Speaker) -> list[html.Filter]:
    """What the list of people can be narrowed by: unit and position, each with what occurs."""
    return [
        html.Filter("unit", say("Unit"), {head.unit_id: view.unit_name(head.unit_id) for head, _ in view.by_person}),
        html.Filter("position", say("Position"), {head.position: head.position for head, _ in view.by_person}),
    ]
