"""What a week's outbox is to hold: how each file is made, and the facts of its manifest."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from batch.core.made import Known
from batch.core.period import Week
from batch.desk import Setup
from batch.due import opening_forms, opening_week
from batch.fairness import judgements
from batch.files import sha256
from batch.i18n import Speaker
from batch.outbox import Box, Maker, findings_csv, results_csv
from batch.plan import Belonging, said_of
from batch.scope import Scopes
from batch.statistics_plan import Counting, statistics_files
from batch.titles import file_title
from batch.validate import Attempt, Judged
from batch.work import Work

if TYPE_CHECKING:
    from batch.forms.issue import Form
    from batch.reports.fairness_view import FairnessView
    from batch.reports.personal import Page
    from batch.reports.view import WeekView


@dataclass(frozen=True)
class WeekFilling:
    """What a week's outbox holds; ``work``: the tasks that its job statistics count.

    ``at_once``: these are counted while the week is planned, as other weeks or other machines need them too; else by the
    process that makes the files about them.
    """

    work: Work
    at_once: bool = True

    def facts(self, found: Belonging[Week]) -> list[Any]:
        """How this week and those before it were decided, and the meetings."""
        decided = [
            [
                str(case.period),
                case.staff_id,
                case.state,
                case.reviewer_id,
                case.approver_id,
                str(case.total),
                case.failing_weeks,
            ]
            + [said_of(act) for act in (case.report, case.review, case.approval)]
            for earlier in found.assessed
            if earlier <= found.period
            for case in found.assessed[earlier].cases.values()
        ]
        week = found.assessment
        return [
            [[u.unit_id, u.state, str(u.total), said_of(u.report), said_of(u.approval)] for u in week.units],
            *(
                [[str(m.week), m.case.staff_id, said_of(m.record), m.sent, _back(m.returned)] for m in meetings]
                for meetings in (week.meetings, week.unrecorded)
            ),
            decided,
        ]

    def first(self, found: Belonging[Week]) -> Mapping[str, Maker]:
        """The summary, for everybody and for the Office."""
        from batch.reports import personal

        view, say = _view(found), found.setup.say
        return {**_summaries(view, say), **_handed(personal.pages(view, None, found.setup.office.office_id, say))}

    def files(self, found: Belonging[Week], forms: Mapping[str, Maker]) -> dict[str, Maker]:
        """Summary, statistics, lists, guides, and everybody's pages and forms."""
        week, closed_at = found.period, found.assessment.closed_at
        last = not self.at_once or week == max(found.assessed)
        counting = Counting(found.setup, self.work, [week], week, found.as_of, closed_at, last)
        if self.at_once:
            counting.count()
        return _files(found, forms, counting)


def forms_ahead(setup: Setup, box: Box, week: Week, judged: Sequence[Judged[Any]]) -> Mapping[str, Maker]:
    """How the next week's forms are made, for everybody, by name.

    They say nothing of what anybody sent, so they stay as they lie until the office's own files change: they are not
    even planned anew, unless one of them was lost or harmed.
    """
    following = opening_week(setup, week, judged)
    if following is None:
        return {}
    opening = _Opening(setup, following)
    return {name: _OpeningForm(opening, name) for name in sorted(box.ahead_from(opening.digest) or opening.forms)}


@dataclass(frozen=True)
class _Opening:
    """The forms of a week of which nothing has come, once any of them has to be made."""

    setup: Setup
    week: Week

    @cached_property
    def digest(self) -> str:
        """Of what they are made from: the office's own files."""
        return sha256(json.dumps([*self.setup.facts, "opening", str(self.week)], ensure_ascii=False).encode())[:32]

    @cached_property
    def forms(self) -> Mapping[str, Callable[[], Form]]:
        """How each is put together, by name."""
        return opening_forms(self.setup, self.week)


@dataclass(frozen=True, slots=True)
class _OpeningForm(Known):
    """How one of them is made."""

    opening: _Opening
    name: str

    @property
    def digest(self) -> str:
        """The same for all of them."""
        return self.opening.digest

    @property
    def like(self) -> Hashable | None:
        """What a form of this name is alike with."""
        return f"opening-{self.name.rpartition('/')[2].partition('-')[0]}"

    def __call__(self) -> bytes:
        """The form."""
        return self.opening.forms[self.name]().make()


def _back(attempt: Attempt | None) -> list[str]:
    """What a returned form may show: its file, and what is said about it."""
    return [attempt.receipt.sha256, attempt.receipt.name, *map(repr, attempt.findings)] if attempt else []


def _files(found: Belonging[Week], forms: Mapping[str, Maker], counting: Counting) -> dict[str, Maker]:
    """How each file of the week is made, by name."""
    from batch.reports import guides, html, personal  # Jinja costs time that --help and issue need not pay

    setup, week, mine, assessed = found.setup, found.period, found.mine, found.assessed
    cases, findings, say = found.cases, found.findings, setup.say
    view = _view(found)
    seen = Scopes(week, cases, view.history, findings, mine, setup.roster, view.follow_up, view.unit_reports)
    pages = personal.pages(view, seen, setup.office.office_id, say)
    whole: dict[str, Maker] = {}
    handed = dict(forms)
    handed |= _handed(pages)
    readers = (
        (who, setup.roster.name(who), [case.staff_id for case in (*seen.reports(who), *seen.approvees(who))])
        for who in seen.readers
    )
    for name, make in statistics_files(counting, readers, say).items():
        (handed if name.startswith("for/") else whole)[name] = make
    told = guides.kinds_of(cases, view.unit_reports)
    files: dict[str, Maker] = {
        **_summaries(view, say),
        **whole,
        "results.csv": lambda: results_csv(cases, assessed[week].scheme),
        "findings.csv": lambda: findings_csv(findings, say),
        **handbook(setup),
        **_fairness(view, say),
        **handed,
    }
    names, given = frozenset(files), tuple(handed)
    return {
        **files,
        "index.html": lambda: map(
            str.encode, html.index_parts(view, _recipients(given, setup, week, say), names, told, say)
        ),
    }


def _view(found: Belonging[Week]) -> WeekView:
    """All that a report about everybody shows."""
    from batch.reports.view import WeekView

    setup, week, assessed = found.setup, found.period, found.assessed
    return WeekView(
        week=week,
        office=setup.office,
        scheme=assessed[week].scheme,
        roster=setup.roster,
        cases=found.cases,
        history={w: a.cases for w, a in assessed.items() if w <= week},
        findings=found.findings,
        as_of=found.as_of,
        closed_at=assessed[week].closed_at,
        unit_reports=assessed[week].units,
        follow_up=tuple(m for m in assessed[week].meetings if m.runs_in(week)),
        templates=setup.own_pages,
    )


def _summaries(view: WeekView, say: Speaker) -> dict[str, Maker]:
    from batch.reports import html

    return {
        "summary.xlsx": lambda: _workbook(view, say),
        "summary.html": lambda: map(str.encode, html.summary_parts(view, say)),
    }


def _handed(pages: Iterable[Page]) -> dict[str, Maker]:
    return {f"for/{page.addressee}/{page.name}": page.make for page in pages}


def _recipients(handed: Iterable[str], setup: Setup, week: Week, say: Speaker) -> dict[str, list[tuple[str, str]]]:
    """By staff code what lies in their folder: path and title of each file."""
    recipients: dict[str, list[tuple[str, str]]] = {}
    for path in handed:
        _, addressee, name = path.split("/")
        recipients.setdefault(addressee, []).append((path, file_title(name, setup.scheme, say, setup.roster.called, week)))
    return recipients


def handbook(setup: Setup) -> dict[str, Maker]:
    """How each guide is made, by name: by the rules and in the language of the forms, whatever the reports speak."""
    from batch.reports import guides

    say, own = setup.issuer.say, setup.own_pages

    def maker(kind: str) -> Maker:
        return lambda: guides.guide(kind, setup.office, setup.scheme, own, say).encode()

    return {guides.path_of(kind): maker(kind) for kind in guides.kinds(setup.scheme)}


def _fairness(view: WeekView, say: Speaker) -> dict[str, Maker]:
    """The report on how results were given, for the Office and the leaders; none where the scheme asks for none."""
    if view.scheme.fairness is None:
        return {}
    given = _Given(view)
    return {
        "fairness.html": lambda: _fairness_page(given.shown, say),
        "fairness.xlsx": lambda: _fairness_book(given.shown, say),
    }


@dataclass(frozen=True)
class _Given:
    """How the results of a week were given, once a file about it is made: page and workbook are made by one process."""

    view: WeekView

    @cached_property
    def shown(self) -> FairnessView:
        from batch.reports.fairness_view import FairnessView, results_of_week

        view = self.view
        assert view.scheme.fairness is not None  # noqa: S101 (else there are no such files)
        return FairnessView(
            period=view.week,
            office=view.office,
            scheme=view.scheme,
            rules=view.scheme.fairness,
            judgements=judgements(view.cases),
            results=results_of_week(view.cases),
            compare=False,
            units={unit_id: unit.name for unit_id, unit in view.roster.units.items()},
            name_of=view.roster.name,
            as_of=view.as_of,
            closed_at=view.closed_at,
            provisional=any(case.state not in ("excused", "approved") for case in view.cases),
            templates=view.templates,
        )


def _fairness_page(view: FairnessView, say: Speaker) -> Iterator[bytes]:
    from batch.reports import fairness_html

    return map(str.encode, fairness_html.page_parts(view, say))


def _fairness_book(view: FairnessView, say: Speaker) -> bytes:
    from batch.reports import fairness_xlsx

    return fairness_xlsx.workbook(view, say)


def _workbook(view: WeekView, say: Speaker) -> bytes:
    from batch.reports import xlsx  # XlsxWriter costs time that only the process which makes the workbook has to pay

    return xlsx.summary(view, say)
