"""Job statistics: how much of which work was done, by position, unit, person and product, out of the task tables.

They describe work and decide nothing about anybody. What counts:

* the task tables of the self-reports that stand for the weeks that count (``[statistics] weeks`` of the scheme);
* a finished task once, in the week in which it was first reported as finished; said again in a later week, it doesn't count;
* of an unfinished task what was said last within the period, by the same person in the same words with the same due date;
* a line that stands twice in one report, the same in every cell, once;
* quantities of finished tasks only. Converted is quantity × coefficient, and the coefficient comes from one source.

So the figures about finished work of several weeks are the sums of the weeks' figures. All of it is exact: decimals that no
rounding has touched, and fractions for shares.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact, InvalidOperation, Rounded
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import count
from struct import Struct
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, TypeVar

from batch.catalogue import Catalogue, Product
from batch.core.period import Week
from batch.core.records import Case, Task
from batch.core.text import match_key
from batch.scheme import StatisticsRules

K = TypeVar("K", bound=Hashable)
T = TypeVar("T", "Head", "Part")
Source = Literal["catalogue", "form", ""]

_EXACT = Context(
    prec=400, traps=[Inexact, Rounded, InvalidOperation]
)  # sums and products of what people type, never rounded
_ZERO = Decimal(0)
_NONE: frozenset[Decimal] = frozenset()
_key = lru_cache(maxsize=1 << 16)(match_key)  # people write the same words week by week


@dataclass(frozen=True, slots=True)
class Head:
    """A person in a week that counts: who they were then. With every one a task table stands, however empty."""

    week: Week
    staff_id: str
    name: str
    unit_id: str
    position: str


class Tally(NamedTuple):
    """Sums over some tasks and over the person-weeks they come from.

    ``unstated``: finished tasks of which no converted quantity can be told; ``declared``: the part of ``converted`` that
    rests on coefficients from the forms; ``listed``: tasks whose product is in the catalogue.
    Shares are exact, None of nothing.
    """

    tasks: int = 0
    finished: int = 0
    on_time: int = 0
    late: int = 0
    overdue: int = 0
    key_tasks: int = 0
    key_finished: int = 0
    regular: int = 0
    ad_hoc: int = 0
    listed: int = 0
    unstated: int = 0
    quantity: Decimal = _ZERO
    converted: Decimal = _ZERO
    declared: Decimal = _ZERO
    people: int = 0
    person_weeks: int = 0

    @property
    def due(self) -> int:
        """Tasks that were due: finished by their date or after it, or overdue."""
        return self.on_time + self.late + self.overdue

    @property
    def stated(self) -> int:
        """Tasks whose kind was stated."""
        return self.regular + self.ad_hoc

    @property
    def on_time_share(self) -> Fraction | None:
        """Of the tasks that were due, how many were finished by their date."""
        return _share(self.on_time, self.due)

    @property
    def key_share(self) -> Fraction | None:
        """Of the key tasks, how many were finished."""
        return _share(self.key_finished, self.key_tasks)

    @property
    def ad_hoc_share(self) -> Fraction | None:
        """Of the tasks whose kind was stated, how many were ad hoc."""
        return _share(self.ad_hoc, self.stated)

    @property
    def per_head(self) -> Fraction | None:
        """Converted quantity per person and week."""
        return _share(self.converted, self.person_weeks)

    @property
    def tasks_per_head(self) -> Fraction | None:
        """Tasks per person and week."""
        return _share(self.tasks, self.person_weeks)


@lru_cache(1 << 14)
def _share(part: Decimal | int, whole: int) -> Fraction | None:
    if not whole:
        return None
    above, below = part.as_integer_ratio()
    return Fraction(above, below * whole)


_COUNTS = (
    *("tasks", "finished", "on_time", "late", "overdue", "key_tasks", "key_finished"),
    *("regular", "ad_hoc", "listed", "unstated"),
)
_PACKED = Struct(f"<{len(_COUNTS)}Q")  # each in 64 bits: more tasks than anybody will ever report
_ONE = {name: 1 << (64 * place) for place, name in enumerate(_COUNTS)}


class _Sum(NamedTuple):
    """Sums over some tasks. ``counts`` holds all of :data:`_COUNTS` side by side in one whole number, as millions of tasks
    are added up a year: of such numbers one addition adds them all.
    """

    counts: int = 0
    quantity: Decimal = _ZERO
    converted: Decimal = _ZERO
    declared: Decimal = _ZERO


def _sum(parts: Iterable[_Sum]) -> _Sum:
    """The sums over tasks of which each is in one of the parts."""
    add = _EXACT.add
    counts, quantity, converted, declared = _Sum()
    for more, some, worth, typed in parts:
        counts += more
        if some is not _ZERO:
            quantity = add(quantity, some)
        if worth is not _ZERO:
            converted = add(converted, worth)
        if typed is not _ZERO:
            declared = add(declared, typed)
    return _Sum(counts, quantity, converted, declared)


def together(parts: Iterable[_Sum], heads: Iterable[Head] = ()) -> Tally:
    """The sums over tasks of which each is in one of the parts, and over some person-weeks."""
    sums, heads = _sum(parts), list(heads)
    counts = _PACKED.unpack(sums.counts.to_bytes(_PACKED.size, "little"))  # as the fields of a tally begin
    amounts = (sums.quantity, sums.converted, sums.declared)
    return Tally._make((*counts, *amounts, len({head.staff_id for head in heads}), len(heads)))


def _adds(task: Task, week: Week, listed: bool, coefficient: Decimal | None, source: Source) -> _Sum:
    """What a task that counts adds to the sums; quantities only if it is finished."""
    counts = _ONE["tasks"]
    if listed:
        counts += _ONE["listed"]
    if task.kind:
        counts += _ONE[task.kind]
    if task.key_task:
        counts += _ONE["key_tasks"]
    if task.done is None:
        if task.due is not None and task.due <= week.end:
            counts += _ONE["overdue"]
        return _Sum(counts)
    counts += _ONE["finished"]
    if task.key_task:
        counts += _ONE["key_finished"]
    if task.due is not None:
        counts += _ONE["on_time" if task.done <= task.due else "late"]
    quantity = _ZERO if task.quantity is None else task.quantity
    if task.quantity is None or coefficient is None:
        return _Sum(counts + _ONE["unstated"], quantity)
    converted = _EXACT.multiply(task.quantity, coefficient)
    return _Sum(counts, quantity, converted, converted if source == "form" else _ZERO)


@lru_cache(maxsize=4096)
def _only(coefficient: Decimal) -> frozenset[Decimal]:
    return frozenset((coefficient,))


@dataclass(frozen=True, slots=True)
class Part:
    """Tasks of one person in one unit and position, all of them or those of one product: what every table is added up from.

    ``entry``: the row of the catalogue that the product stands for, or None; ``named``: as it was typed first. ``met``: when
    that was, a week and a number in it. ``coefficients``: those that were used.
    """

    staff_id: str
    unit_id: str
    position: str
    entry: Product | None
    product_key: str
    named: str
    met: tuple[Week, int]
    sums: _Sum
    coefficients: frozenset[Decimal]

    @property
    def product(self) -> str | int:
        """What tells products apart: a row of the catalogue is one value."""
        return self.product_key if self.entry is None else id(self.entry)


_Parts = Mapping[tuple[str, str, str, "str | int"], Part]  # by person, unit, position and product


def _added(some: Iterable[Part], to: _Parts = MappingProxyType({})) -> _Parts:
    """Parts added to those of the same person, place and product."""
    alike: dict[tuple[str, str, str, str | int], list[Part]] = {}
    for part in some:
        alike.setdefault((part.staff_id, part.unit_id, part.position, part.product), []).append(part)
    together = {**to}
    for where, parts in alike.items():
        known = [to[where], *parts] if where in to else parts
        together[where] = known[0] if len(known) == 1 else _one_of(known)
    return together


def _served(parts: Iterable[Part]) -> tuple[Part, ...]:
    """The parts of each person in one unit and position put together, whatever the product."""
    served: dict[tuple[str, str, str], list[Part]] = {}
    for part in parts:
        served.setdefault((part.staff_id, part.unit_id, part.position), []).append(part)
    return tuple(
        Part(*where, None, "", "", some[0].met, _sum(part.sums for part in some), _NONE) for where, some in served.items()
    )


def _one_of(parts: Sequence[Part]) -> Part:
    first = min(parts, key=lambda part: part.met)
    used = parts[0].coefficients
    for part in parts:
        if not part.coefficients <= used:
            used |= part.coefficients
    return Part(
        *(first.staff_id, first.unit_id, first.position, first.entry, first.product_key, first.named, first.met),
        _sum(part.sums for part in parts),
        used,
    )


@dataclass(frozen=True)
class Group:
    """One line of a table: what it is about, and its sums."""

    key: str
    name: str
    tally: Tally


@dataclass(frozen=True)
class ProductLine:
    """A product in one version of the catalogue (``entry``), or, None, a product as people call it that stands in none.

    ``coefficients``: those that were used, each once, smallest first.
    """

    entry: Product | None
    name: str
    tally: Tally
    people: int
    coefficients: tuple[Decimal, ...]


@dataclass(frozen=True)
class Statistics:
    """The work of some weeks; or of some of the people in them (:meth:`of_people`).

    ``served``: by person, unit and position; ``made``: by product as well.
    ``due``: person-weeks that would count if every report had come and every week were decided. ``repeated``: lines left out
    because the same work was counted in an earlier week; ``continued``: because more was said of it later in the period;
    ``doubled``: because they stood twice in one report. All by person.
    """

    weeks: tuple[Week, ...]
    heads: tuple[Head, ...]
    served: tuple[Part, ...]
    made: tuple[Part, ...]
    due: Mapping[str, int]
    repeated: Mapping[str, int]
    continued: Mapping[str, int]
    doubled: Mapping[str, int]

    def of_people(self, staff_ids: Iterable[str]) -> Statistics:
        """What concerns these people alone, person by person in the order given."""
        wanted = tuple(dict.fromkeys(staff_ids))

        def counts(of: Mapping[str, int]) -> dict[str, int]:
            return {who: of[who] for who in wanted if who in of}

        def theirs(by_staff: Mapping[str, list[T]]) -> tuple[T, ...]:
            return tuple(one for who in wanted for one in by_staff.get(who, ()))

        heads, served, made = self._by_staff
        left = (counts(self.due), counts(self.repeated), counts(self.continued), counts(self.doubled))
        found = Statistics(self.weeks, theirs(heads), theirs(served), theirs(made), *left)
        found.__dict__["people"] = tuple(map(self._person, filter(heads.__contains__, wanted)))
        return found

    @cached_property
    def _by_staff(self) -> tuple[Mapping[str, list[Head]], Mapping[str, list[Part]], Mapping[str, list[Part]]]:
        return _by_person(self.heads), _by_person(self.served), _by_person(self.made)

    @cached_property
    def whole(self) -> Tally:
        """Everything here."""
        return together((part.sums for part in self.served), self.heads)

    @cached_property
    def unlisted_work(self) -> Tally:
        """The tasks whose product is in no catalogue."""
        return together(part.sums for part in self.made if part.entry is None)

    @cached_property
    def units(self) -> tuple[Group, ...]:
        """By the unit in which the week was served, as first met."""
        return self._groups(lambda one: one.unit_id, lambda head: head.unit_id)

    @cached_property
    def positions(self) -> tuple[Group, ...]:
        """By job position in the week, whichever way it is written; named as first met."""
        return self._groups(lambda one: _key(one.position), lambda head: head.position)

    @cached_property
    def people(self) -> tuple[tuple[Head, Group], ...]:
        """By person, as they were in the last week that counts, over all units and positions they had."""
        return tuple(map(self._person, self._by_staff[0]))

    def _person(self, staff_id: str) -> tuple[Head, Group]:
        """One of them, whose line is the same on the pages of several readers."""
        found = self._persons.get(staff_id)
        if found is None:
            heads, served, _ = self._by_staff
            sums = together((part.sums for part in served.get(staff_id, ())), heads[staff_id])
            found = self._persons[staff_id] = heads[staff_id][-1], Group(staff_id, staff_id, sums)
        return found

    @cached_property
    def _persons(self) -> dict[str, tuple[Head, Group]]:
        return {}

    @cached_property
    def side_by_side(self) -> Mapping[tuple[str, str], Tally]:
        """By job position and unit, where anybody served: keys as in :attr:`positions` and :attr:`units`."""
        return self._sums(lambda one: (_key(one.position), one.unit_id))

    @cached_property
    def products(self) -> tuple[ProductLine, ...]:
        """Products of the catalogue that were reported, a line a version, by code and start."""
        lines = self._by_product(lambda part: part.entry, lambda part: part.entry is not None)
        return tuple(sorted(lines, key=lambda line: (line.entry.product_id, line.entry.start) if line.entry else ()))

    @cached_property
    def unlisted(self) -> tuple[ProductLine, ...]:
        """Products that stand in no catalogue, most tasks first; '' are tasks that name no product."""
        lines = self._by_product(lambda part: part.product_key, lambda part: part.entry is None)
        return tuple(sorted(lines, key=lambda line: (-line.tally.tasks, match_key(line.name))))

    def group(self, group: str) -> Tally:
        """The sums of a complexity group; '': of products without a group, but in the catalogue."""
        return self._by_group.get(group, Tally())

    @cached_property
    def _by_group(self) -> Mapping[str, Tally]:
        parts: dict[str, list[_Sum]] = {}
        for part in self.made:
            if part.entry:
                parts.setdefault(part.entry.group, []).append(part.sums)
        return {group: together(some) for group, some in parts.items()}

    def _groups(self, key: Callable[[Head | Part], str], name: Callable[[Head], str]) -> tuple[Group, ...]:
        names: dict[str, str] = {}
        for head in self.heads:
            names.setdefault(key(head), name(head))
        sums = self._sums(key)
        return tuple(Group(one, names[one], sums[one]) for one in names)

    def _sums(self, key: Callable[[Head | Part], K]) -> dict[K, Tally]:
        parts: dict[K, list[_Sum]] = {}
        heads: dict[K, list[Head]] = {}
        for head in self.heads:
            heads.setdefault(key(head), []).append(head)
        for part in self.served:
            parts.setdefault(key(part), []).append(part.sums)
        return {one: together(parts.get(one, ()), heads[one]) for one in heads}

    def _by_product(self, key: Callable[[Part], Hashable], wanted: Callable[[Part], bool]) -> list[ProductLine]:
        groups: dict[Hashable, list[Part]] = {}
        for part in self.made:
            if wanted(part):
                groups.setdefault(key(part), []).append(part)
        lines = []
        for parts in groups.values():
            first = min(parts, key=lambda part: part.met)
            used = sorted({one for part in parts for one in part.coefficients})
            people = len({part.staff_id for part in parts})
            name = first.entry.name if first.entry else first.named
            lines.append(ProductLine(first.entry, name, together(part.sums for part in parts), people, tuple(used)))
        return lines


def _by_person(some: Iterable[T]) -> dict[str, list[T]]:
    by: dict[str, list[T]] = {}
    for one in some:
        by.setdefault(one.staff_id, []).append(one)
    return by


# --- from cases to tasks that count -------------------------------------------------------------------------------------

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
        self._finished_in: dict[tuple[Week, ...], _Parts] = {}

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
        parts = _added(standing, finished).values()
        heads = tuple(head for sheet in sheets for head in sheet.heads)
        due, repeated, doubled = Counter[str](), Counter[str](), Counter[str]()
        for sheet in sheets:
            due.update(sheet.due)
            repeated.update(sheet.repeated)
            doubled.update(sheet.doubled)
        return Statistics(tuple(weeks), heads, _served(parts), tuple(parts), due, repeated, continued, doubled)

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

    def go_through(self, weeks: Sequence[Week]) -> _Parts:
        """What was finished in these weeks. It is kept, for longer terms and for processes forked after this: a year is
        added up from its half-years, these from quarters, and so on.
        """
        if weeks:
            for week in sorted(week for week in self._cases if week not in self._sheets and week <= max(weeks)):
                self._sheets[week] = self._sheet(week)
        key = tuple(week for week in weeks if week in self._sheets)
        if key not in self._finished_in:
            made, at = list[_Parts](), 0
            while at < len(key):
                known = (key[at:end] for end in range(len(key), at, -1) if key[at:end] in self._finished_in)
                run = next(known, key[at : at + 1])
                made.append(self._finished_in.get(run) or self._sheets[run[0]].finished)
                at += len(run)
            first, *others = made or ({},)
            self._finished_in[key] = _added((part for parts in others for part in parts.values()), first)
        return self._finished_in[key]

    def forget(self) -> None:
        """Let go of what is known by now: whoever asks again has all weeks gone through again."""
        for known in (self._sheets, self._finished, self._spoken, self._finished_in):
            known.clear()
        _key.cache_clear()

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
                product_key = _key(task.product)
                if product_key not in entries:
                    entries[product_key] = self._catalogue.find(product_key, day) if product_key else None
                part = self._part(case, position, task, product_key, entries[product_key], (week, next(number)))
                words = (case.staff_id, _key(task.task), product_key, task.due)
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
        sheet.finished = _added(done)
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
            _adds(task, met[0], entry is not None, coefficient, source),
            _NONE if coefficient is None else _only(coefficient),
        )


class _Sheet:
    """What one week's task tables come to; people by code, once for each person-week or line.

    ``unfinished``: each with the weeks in which it is spoken of, from when it first was.
    """

    def __init__(self) -> None:
        self.heads: list[Head] = []
        self.finished: _Parts = {}
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
