"""Which tasks count (by the rules of :mod:`batch.job_statistics`), out of the task tables of all weeks gone through once."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import count
from typing import Any

from batch.catalogue import Catalogue, Product
from batch.core.period import Week
from batch.core.records import Case, Task
from batch.job_statistics import Statistics, words_of
from batch.scheme import StatisticsRules
from batch.tallies import Head, Part, Parts, Source, added, adds, served, used

_Words = tuple[str, str, str, dt.date | None]  # whose task, in which words, due when: by which it is known again


class Work:
    """The task tables of all weeks, gone through once; asked for the statistics of any of them.

    ``cases``: every week's, by staff code; later weeks may be added; the earlier ones tell what had been reported before.
    ``day_of``: the day of a week on which the catalogue is asked. ``role_name``: what stands for a position that the roster
    leaves empty.
    """

    def __init__(
        self,
        cases: Mapping[Week, Mapping[str, Case]],
        catalogue: Catalogue,
        rules: StatisticsRules,
        day_of: Callable[[Week], dt.date],
        role_name: Callable[[str], str],
    ) -> None:
        self._cases, self._catalogue, self._rules = cases, catalogue, rules
        self._day_of, self._role_name = day_of, role_name
        self._sheets: dict[Week, _Sheet] = {}
        self._finished: dict[tuple[_Words, dt.date], list[Decimal | None]] = {}  # quantities reported so far
        self._spoken: dict[_Words, list[Week]] = {}  # of what was unfinished once, the weeks in which it is spoken of
        self._finished_in: dict[tuple[Week, ...], Parts] = {}

    def of(self, weeks: Sequence[Week]) -> Statistics:
        """The statistics of some weeks, in order."""
        finished = self.go_through(weeks)
        sheets, counted = [self._sheets[week] for week in weeks if week in self._sheets], {*weeks}
        standing: list[Part] = []
        continued: Counter[str] = Counter()
        for sheet in sheets:
            for line, spoken in sheet.unfinished:
                if any(week > line.met[0] and week in counted for week in reversed(spoken)):
                    continued[line.staff_id] += 1
                else:
                    standing.append(line)
        parts = added(standing, finished).values()
        heads = tuple(head for sheet in sheets for head in sheet.heads)
        due, repeated, doubled = Counter[str](), Counter[str](), Counter[str]()
        for sheet in sheets:
            due.update(sheet.due)
            repeated.update(sheet.repeated)
            doubled.update(sheet.doubled)
        return Statistics(tuple(weeks), heads, served(parts), tuple(parts), due, repeated, continued, doubled)

    def counted(self, weeks: Iterable[Week]) -> frozenset[str]:
        """The people of whom any of these weeks counts."""
        cases = (case for week in weeks for case in self._cases.get(week, {}).values())
        return frozenset(case.staff_id for case in cases if case.report is not None and self._counts(case))

    def _counts(self, case: Case) -> bool:
        return case.state == "approved" if self._rules.weeks == "approved" else case.state != "excused"

    def follows_from(self, last: Week) -> Callable[[str], tuple[Any, ...]]:
        """By person, what everything counted in the weeks up to ``last`` follows from, beside what is the same for all."""
        weeks = [(str(week), cases) for week, cases in sorted(self._cases.items()) if week <= last]

        def of(staff_id: str) -> tuple[Any, ...]:
            found = ((week, cases[staff_id]) for week, cases in weeks if staff_id in cases)
            return tuple(
                (week, staff_id, c.name, c.unit_id, c.position, c.role, c.state, c.report.says if c.report else "")
                for week, c in found
            )

        return of

    def go_through(self, weeks: Sequence[Week]) -> Parts:
        """What was finished in these weeks. It is kept, for longer terms and for processes forked after this: a year is
        added up from its half-years, these from quarters, and so on.
        """
        if weeks:
            for week in sorted(week for week in self._cases if week not in self._sheets and week <= max(weeks)):
                self._sheets[week] = self._sheet(week)
        key = tuple(week for week in weeks if week in self._sheets)
        if key not in self._finished_in:
            made, at = list[Parts](), 0
            while at < len(key):
                known = (key[at:end] for end in range(len(key), at, -1) if key[at:end] in self._finished_in)
                run = next(known, key[at : at + 1])
                made.append(self._finished_in.get(run) or self._sheets[run[0]].finished)
                at += len(run)
            first, *others = made or ({},)
            self._finished_in[key] = added((part for parts in others for part in parts.values()), first)
        return self._finished_in[key]

    def forget(self) -> None:
        """Let go of what is known by now: whoever asks again has all weeks gone through again."""
        for known in (self._sheets, self._finished, self._spoken, self._finished_in):
            known.clear()
        words_of.cache_clear()

    def _sheet(self, week: Week) -> _Sheet:
        sheet, day, finished = _Sheet(), self._day_of(week), self._finished
        entries: dict[str, Product | None] = {}  # people report the same products
        done: list[Part] = []
        number = count()
        for case in self._cases[week].values():
            if case.state != "excused":
                sheet.due.append(case.staff_id)
            if case.report is None or not self._counts(case):
                continue
            position = case.position or self._role_name(case.role)
            sheet.heads.append(Head(week, case.staff_id, case.name, case.unit_id, position))
            tasks = [task for task in case.report.tasks if task.task or task.product]
            once = list(dict.fromkeys(tasks))
            sheet.doubled += [case.staff_id] * (len(tasks) - len(once))
            said: dict[tuple[_Words, dt.date], list[tuple[Task, Part]]] = {}
            for task in once:
                product_key = words_of(task.product)
                if product_key not in entries:
                    entries[product_key] = self._catalogue.find(product_key, day) if product_key else None
                part = self._part(case, position, task, product_key, entries[product_key], (week, next(number)))
                words = (case.staff_id, words_of(task.task), product_key, task.due)
                if task.done is None:
                    spoken = self._spoken.setdefault(words, [])
                    spoken.append(week)
                    sheet.unfinished.append((part, spoken))
                else:
                    said.setdefault((words, task.done), []).append((task, part))
            for key, lines in said.items():
                before = finished.get(key, [])
                fresh = _beyond(lines, before)
                done += [part for _, part in fresh]
                if fresh and key[0] in self._spoken:
                    self._spoken[key[0]].append(week)
                sheet.repeated += [case.staff_id] * (len(lines) - len(fresh))
                finished[key] = [*before, *(task.quantity for task, _ in fresh)]
        sheet.finished = added(done)
        return sheet

    def _part(
        self, case: Case, position: str, task: Task, product_key: str, entry: Product | None, met: tuple[Week, int]
    ) -> Part:
        offered: Mapping[Source, Decimal | None] = {
            "catalogue": entry.coefficient if entry else None,
            "form": task.complexity,
        }
        source: Source = next((s for s in self._rules.coefficient if offered[s] is not None), "")
        coefficient = offered[source] if source else None
        return Part(
            case.staff_id,
            case.unit_id,
            position,
            entry,
            product_key,
            task.product,
            met,
            adds(task, met[0], entry is not None, coefficient, source),
            used(coefficient),
        )


class _Sheet:
    """What one week's task tables come to; people by code, once for each person-week or line.

    ``unfinished``: each with the weeks in which it is spoken of, from when it first was.
    """

    def __init__(self) -> None:
        self.heads: list[Head] = []
        self.finished: Parts = {}
        self.unfinished: list[tuple[Part, list[Week]]] = []
        self.due: list[str] = []
        self.repeated: list[str] = []
        self.doubled: list[str] = []


def _beyond(lines: Sequence[tuple[Task, Part]], before: Sequence[Decimal | None]) -> list[tuple[Task, Part]]:
    """Of the same work finished on the same day, what goes beyond the lines of earlier weeks.

    So many lines were reported before; of these, lines with a quantity reported before are the first not to count.
    """
    if not before:
        return [*lines]
    left = Counter(before)
    known: list[Task] = []
    other: list[Task] = []
    for task, _ in lines:
        (known if left[task.quantity] > 0 else other).append(task)
        left[task.quantity] -= 1
    again = {id(task) for task in [*known, *other][: len(before)]}
    return [line for line in lines if id(line[0]) not in again]
