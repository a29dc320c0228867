"""How the job statistics of a week or term become files of its outbox."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from batch.core.made import MadeFrom, Shared
from batch.core.period import Period, Week
from batch.core.records import Case
from batch.desk import Setup
from batch.i18n import Speaker
from batch.job_statistics import Work
from batch.outbox import Maker

if TYPE_CHECKING:
    from batch.reports.statistics_view import StatisticsView


def work_of(setup: Setup, cases: Mapping[Week, Mapping[str, Case]]) -> Work:
    """The task tables of every week's cases; nothing is counted before it is asked for."""

    def role_name(role_id: str) -> str:
        role = setup.scheme.role(role_id)
        return role.name(setup.say.lang) if role else role_id

    return Work(cases, setup.catalogue, setup.scheme.statistics, setup.roster.reference_day, role_name)


def statistics_view(
    setup: Setup, work: Work, weeks: Sequence[Week], period: Period, as_of: str, closed_at: str
) -> StatisticsView:
    """The statistics of a period. Moments are ISO, or ''."""
    from batch.reports.statistics_view import StatisticsView

    return StatisticsView(
        statistics=work.of(weeks),
        period=period,
        office=setup.office,
        scheme=setup.scheme,
        units={unit_id: unit.name for unit_id, unit in setup.roster.units.items()},
        catalogue=len(setup.catalogue.products),
        as_of=as_of,
        closed_at=closed_at,
        templates=setup.own_pages,
    )


def statistics_files(
    view: StatisticsView, work: Work, readers: Iterable[tuple[str, str, Iterable[str]]], say: Speaker
) -> dict[str, Maker]:
    """How the files of the statistics are made, by name: the Office's, and a page for everybody who may see some people's.

    ``readers``: staff code, name, and the codes of the people in their scope. Of whom nothing counts, there is no page.
    """
    files: dict[str, Maker] = {}
    files |= {"statistics.xlsx": partial(_workbook, view, say), "statistics.html": partial(_page, view, say)}
    weeks = view.statistics.weeks
    follows_from = work.follows_from(max(weeks)) if weeks else lambda _: ()
    basis: dict[str, Shared] = {}  # by person, who stands on the pages of several
    for staff_id, name, people in readers:
        codes, reader = tuple(dict.fromkeys(people)), f"{name} ({staff_id})"
        if view.statistics.counts_any(codes):
            for code in codes:
                if code not in basis:
                    basis[code] = Shared(follows_from(code))
            made_from = ("work", reader, list(map(str, weeks)), [basis[code] for code in codes])
            files[f"for/{staff_id}/work-{view.period}.html"] = MadeFrom(
                partial(_page_for, view, reader, codes, say), made_from, "work"
            )
    return files


def _workbook(view: StatisticsView, say: Speaker) -> bytes:
    from batch.reports import statistics_xlsx  # XlsxWriter costs time that only who makes the workbook has to pay

    return statistics_xlsx.workbook(view, say)


def _page_for(view: StatisticsView, reader: str, people: Sequence[str], say: Speaker) -> bytes:
    return b"".join(_page(view.of_people(reader, people), say))


def _page(view: StatisticsView, say: Speaker) -> Iterator[bytes]:
    from batch.reports import statistics_html

    return map(str.encode, statistics_html.page_parts(view, say))
