"""How the job statistics of a week or term become files of its outbox."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

from batch.core.made import MadeFrom, Shared
from batch.core.period import Period, Week
from batch.core.records import Case
from batch.desk import Setup
from batch.i18n import Speaker
from batch.outbox import Maker
from batch.work import Work

if TYPE_CHECKING:
    from batch.reports.statistics_view import StatisticsView


def work_of(setup: Setup, cases: Mapping[Week, Mapping[str, Case]]) -> Work:
    """The task tables of every week's cases; nothing is counted before it is asked for."""

    def role_name(role_id: str) -> str:
        role = setup.scheme.role(role_id)
        return role.name(setup.say.lang) if role else role_id

    return Work(cases, setup.catalogue, setup.scheme.statistics, setup.roster.reference_day, role_name)


@dataclass(frozen=True)
class Counting:
    """The statistics of some weeks, counted when a file about them is made, if not before. Moments are ISO, or ''.

    ``last``: nobody will ask for what was gone through again.
    """

    setup: Setup
    work: Work
    weeks: Sequence[Week]
    period: Period
    as_of: str
    closed_at: str
    last: bool = False

    @cached_property
    def view(self) -> StatisticsView:
        """What stands in them."""
        from batch.reports.statistics_view import StatisticsView

        setup, found = self.setup, self.work.of(self.weeks)
        if self.last:
            self.work.forget()
        return StatisticsView(
            statistics=found,
            period=self.period,
            office=setup.office,
            scheme=setup.scheme,
            units={unit_id: unit.name for unit_id, unit in setup.roster.units.items()},
            catalogue=len(setup.catalogue.products),
            as_of=self.as_of,
            closed_at=self.closed_at,
            templates=setup.own_pages,
        )

    def count(self) -> None:
        """Count them now."""
        self.view  # noqa: B018 (it is kept)


def statistics_files(
    counting: Counting, readers: Iterable[tuple[str, str, Iterable[str]]], say: Speaker
) -> dict[str, Maker]:
    """How the files of the statistics are made, by name: the Office's, and a page for everybody who may see some people's.

    ``readers``: staff code, name, and the codes of the people in their scope. Of whom nothing counts, there is no page.
    """
    files: dict[str, Maker] = {}
    files |= {"statistics.xlsx": partial(_workbook, counting, say), "statistics.html": partial(_page, counting, say)}
    weeks, work = counting.weeks, counting.work
    counted = work.counted(weeks)
    follows_from = work.follows_from(max(weeks)) if weeks else lambda _: ()
    basis: dict[str, Shared] = {}  # by person, who stands on the pages of several
    for staff_id, name, people in readers:
        codes, reader = tuple(dict.fromkeys(people)), f"{name} ({staff_id})"
        if not counted.isdisjoint(codes):
            for code in codes:
                if code not in basis:
                    basis[code] = Shared(partial(follows_from, code))
            made_from = ("work", reader, list(map(str, weeks)), [basis[code] for code in codes])
            make = partial(_page_for, counting, reader, codes, say)
            files[f"for/{staff_id}/work-{counting.period}.html"] = MadeFrom(make, made_from, stem="statistics")
    return files


def _workbook(counting: Counting, say: Speaker) -> bytes:
    from batch.reports import statistics_xlsx  # XlsxWriter costs time that only who makes the workbook has to pay

    return statistics_xlsx.workbook(counting.view, say)


def _page(counting: Counting, say: Speaker) -> Iterator[bytes]:
    return _parts(counting.view, say)


def _page_for(counting: Counting, reader: str, people: Sequence[str], say: Speaker) -> bytes:
    return b"".join(_parts(counting.view.of_people(reader, people), say))


def _parts(view: StatisticsView, say: Speaker) -> Iterator[bytes]:
    from batch.reports import statistics_html

    return map(str.encode, statistics_html.page_parts(view, say))
