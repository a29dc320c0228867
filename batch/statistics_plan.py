"""How the job statistics of a week or term become files of its outbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from batch.assess import Assessment
from batch.core.period import Period, Week
from batch.desk import Setup
from batch.job_statistics import Work


def work_of(setup: Setup, assessed: Mapping[Week, Assessment]) -> Work:
    """The task tables of everything that was assessed; nothing is counted before it is asked for."""

    def role_name(role_id: str) -> str:
        role = setup.scheme.role(role_id)
        return role.name(setup.say.lang) if role else role_id

    cases = {week: assessment.cases for week, assessment in assessed.items()}
    return Work(cases, setup.catalogue, setup.scheme.statistics, setup.roster.reference_day, role_name)


def statistics_files(
    setup: Setup, work: Work, weeks: Sequence[Week], period: Period, as_of: str, closed_at: str
) -> dict[str, Callable[[], bytes]]:
    """How the files of the statistics of ``period`` are made, by name. Moments are ISO, or ''."""
    from batch.reports.statistics_view import StatisticsView

    say = setup.say
    view = StatisticsView(
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

    def workbook() -> bytes:
        from batch.reports import statistics_xlsx  # XlsxWriter costs time that only who makes the workbook has to pay

        return statistics_xlsx.workbook(view, say)

    def page() -> bytes:
        from batch.reports import statistics_html

        return statistics_html.page(view, say).encode()

    return {"statistics.xlsx": workbook, "statistics.html": page}
