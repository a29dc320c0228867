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
from dataclasses import dataclass, replace
from decimal import Context, Decimal, Inexact, InvalidOperation, Rounded
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any, Literal, NamedTuple, TypeVar

from batch.catalogue import Catalogue, Product
from batch.core.period import Week
from batch.core.records import Case, Task, TaskKind
from batch.core.text import match_key
from batch.scheme import StatisticsRules

K = TypeVar("K", bound=Hashable)
T = TypeVar("T", "Item", "Head", "_Part")
Source = Literal["catalogue", "form", ""]

_EXACT = Context(
    prec=400, traps=[Inexact, Rounded, InvalidOperation]
)  # sums and products of what people type, never rounded
_ZERO = Decimal(0)
_key = lru_cache(maxsize=1 << 16)(match_key)  # people write the same words week by week


@dataclass(frozen=True, slots=True)
class Item:
    """A task that counts, in the week, the unit and the position in which it does.

    ``product``: as it was typed; ``entry``: the row of the catalogue it stands for, or None. ``coefficient``: the one that
    is used, and ``source`` where it comes from; None and '' if there is none. ``adds``: to every sum that it is part of.
    """

    week: Week
    staff_id: str
    unit_id: str
    position: str
    task: str
    product: str
    product_key: str
    entry: Product | None
    quantity: Decimal | None
    coefficient: Decimal | None
    source: Source
    key_task: bool
    kind: TaskKind | Literal[""]
    due: dt.date | None
    done: dt.date | None
    adds: _Sum


@dataclass(frozen=True, slots=True)
class Head:
    """A person in a week that counts: who they were then. With every one a task table stands, however empty."""

    week: Week
    staff_id: str
    name: str
    unit_id: str
    position: str


@dataclass(frozen=True)
class Tally:
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

    @cached_property
    def on_time_share(self) -> Fraction | None:
        """Of the tasks that were due, how many were finished by their date."""
        return _share(self.on_time, self.on_time + self.late + self.overdue)

    @cached_property
    def key_share(self) -> Fraction | None:
        """Of the key tasks, how many were finished."""
        return _share(self.key_finished, self.key_tasks)

    @cached_property
    def ad_hoc_share(self) -> Fraction | None:
        """Of the tasks whose kind was stated, how many were ad hoc."""
        return _share(self.ad_hoc, self.regular + self.ad_hoc)

    @cached_property
    def per_head(self) -> Fraction | None:
        """Converted quantity per person and week."""
        return _share(self.converted, self.person_weeks)

    @cached_property
    def tasks_per_head(self) -> Fraction | None:
        """Tasks per person and week."""
        return _share(self.tasks, self.person_weeks)


@lru_cache(1 << 14)
def _share(part: Decimal | int, whole: int) -> Fraction | None:
    if not whole:
        return None
    above, below = part.as_integer_ratio()
    return Fraction(above, below * whole)


def tally(items: Iterable[Item], heads: Iterable[Head] = ()) -> Tally:
    """The sums over some tasks and person-weeks."""
    return together((item.adds for item in items), heads)


_COUNTS = (
    *("tasks", "finished", "on_time", "late", "overdue", "key_tasks", "key_finished"),
    *("regular", "ad_hoc", "listed", "unstated"),
)
_WIDTH = 40  # bits of a count: more tasks than anybody will ever report
_MASK = (1 << _WIDTH) - 1
_ONE = {name: 1 << (_WIDTH * place) for place, name in enumerate(_COUNTS)}


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
    counts = {name: (sums.counts >> (_WIDTH * place)) & _MASK for place, name in enumerate(_COUNTS)}
    amounts = {"quantity": sums.quantity, "converted": sums.converted, "declared": sums.declared}
    people = {"people": len({head.staff_id for head in heads}), "person_weeks": len(heads)}
    return Tally(**counts, **amounts, **people)  # type: ignore[arg-type]


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


@dataclass(frozen=True)
class _Part:
    """A person's tasks in one unit and position, or, with ``product``, those of one product: what every table is made of.

    ``named``: the product as it was typed first.
    """

    staff_id: str
    unit_id: str
    position: str
    entry: Product | None
    product_key: str
    named: str
    sums: _Sum
    coefficients: Iterable[Decimal] = ()


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

    ``due``: person-weeks that would count if every report had come and every week were decided. ``repeated``: lines left out
    because the same work was counted in an earlier week; ``continued``: because more was said of it later in the period;
    ``doubled``: because they stood twice in one report. All by person.
    """

    weeks: tuple[Week, ...]
    items: tuple[Item, ...]
    heads: tuple[Head, ...]
    due: Mapping[str, int]
    repeated: Mapping[str, int]
    continued: Mapping[str, int]
    doubled: Mapping[str, int]

    def of_people(self, staff_ids: Iterable[str]) -> Statistics:
        """What concerns these people alone, person by person in the order given."""
        wanted = tuple(dict.fromkeys(staff_ids))

        def part(counts: Mapping[str, int]) -> dict[str, int]:
            return {who: counts[who] for who in wanted if who in counts}

        def of(by_staff: Mapping[str, list[T]]) -> tuple[T, ...]:
            return tuple(one for who in wanted for one in by_staff.get(who, ()))

        items, heads, served, made = self._by_staff
        theirs = replace(
            self,
            items=of(items),
            heads=of(heads),
            due=part(self.due),
            repeated=part(self.repeated),
            continued=part(self.continued),
            doubled=part(self.doubled),
        )
        theirs.__dict__["_parts"] = of(served), of(made)  # the sums of each person are what they are
        theirs.__dict__["people"] = tuple(self._of_person[who] for who in wanted if who in self._of_person)
        return theirs

    def lines_of(self, staff_id: str) -> tuple[Any, ...]:
        """All that is known here of one person: their tasks, their weeks, and how many were left out or are still due."""
        items, heads, _, _ = self._by_staff
        counts = (counted.get(staff_id, 0) for counted in (self.due, self.repeated, self.continued, self.doubled))
        return (items.get(staff_id, ()), heads.get(staff_id, ()), *counts)

    def counts_any(self, staff_ids: Iterable[str]) -> bool:
        """Whether any week of any of these people counts."""
        return any(staff_id in self._by_staff[1] for staff_id in staff_ids)

    @cached_property
    def _by_staff(
        self,
    ) -> tuple[Mapping[str, list[Item]], Mapping[str, list[Head]], Mapping[str, list[_Part]], Mapping[str, list[_Part]]]:
        served, made = self._parts
        return _by_person(self.items), _by_person(self.heads), _by_person(served), _by_person(made)

    @cached_property
    def _parts(self) -> tuple[tuple[_Part, ...], tuple[_Part, ...]]:
        """By person, unit and position; by person and product: all tasks in each, gone through once, as first met."""
        tasks: dict[tuple[str, str, str, int | str], list[Item]] = {}
        for item in self.items:
            product = item.product_key if item.entry is None else id(item.entry)  # a row of the catalogue is one value
            tasks.setdefault((item.staff_id, item.unit_id, item.position, product), []).append(item)
        served: dict[tuple[str, str, str], list[_Sum]] = {}
        made: dict[tuple[str, int | str], list[tuple[_Sum, list[Item]]]] = {}
        for (staff_id, unit_id, position, product), items in tasks.items():
            sums = _sum(item.adds for item in items)
            served.setdefault((staff_id, unit_id, position), []).append(sums)
            made.setdefault((staff_id, product), []).append((sums, items))
        return (
            tuple(_Part(*place, None, "", "", _sum(parts)) for place, parts in served.items()),
            tuple(
                _Part(one.staff_id, "", "", one.entry, one.product_key, one.product, _sum(sums for sums, _ in parts), used)
                for parts in made.values()
                for one in (parts[0][1][0],)
                for used in ({item.coefficient for _, items in parts for item in items if item.coefficient is not None},)
            ),
        )

    @cached_property
    def whole(self) -> Tally:
        """Everything here."""
        return together((part.sums for part in self._parts[0]), self.heads)

    @cached_property
    def unlisted_work(self) -> Tally:
        """The tasks whose product is in no catalogue."""
        return together(part.sums for part in self._parts[1] if part.entry is None)

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
        last = {head.staff_id: head for head in self.heads}
        groups = self._groups(lambda one: one.staff_id, lambda head: head.staff_id)
        return tuple((last[group.key], group) for group in groups)

    @cached_property
    def _of_person(self) -> Mapping[str, tuple[Head, Group]]:
        return {head.staff_id: (head, group) for head, group in self.people}

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
        for part in self._parts[1]:
            if part.entry:
                parts.setdefault(part.entry.group, []).append(part.sums)
        return {group: together(some) for group, some in parts.items()}

    def _groups(self, key: Callable[[Head | _Part], str], name: Callable[[Head], str]) -> tuple[Group, ...]:
        names: dict[str, str] = {}
        for head in self.heads:
            names.setdefault(key(head), name(head))
        sums = self._sums(key)
        return tuple(Group(one, names[one], sums[one]) for one in names)

    def _sums(self, key: Callable[[Head | _Part], K]) -> dict[K, Tally]:
        parts: dict[K, list[_Sum]] = {}
        heads: dict[K, list[Head]] = {}
        for head in self.heads:
            heads.setdefault(key(head), []).append(head)
        for part in self._parts[0]:
            parts.setdefault(key(part), []).append(part.sums)
        return {one: together(parts.get(one, ()), heads[one]) for one in heads}

    def _by_product(self, key: Callable[[_Part], Hashable], wanted: Callable[[_Part], bool]) -> list[ProductLine]:
        groups: dict[Hashable, list[_Part]] = {}
        for part in self._parts[1]:
            if wanted(part):
                groups.setdefault(key(part), []).append(part)
        lines = []
        for parts in groups.values():
            entry, used = parts[0].entry, sorted({one for part in parts for one in part.coefficients})
            name = entry.name if entry else parts[0].named
            lines.append(ProductLine(entry, name, together(part.sums for part in parts), len(parts), tuple(used)))
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

    ``cases``: every week's, by staff code; the earlier weeks tell what had been reported before. ``day_of``: the day of a
    week on which the catalogue is asked. ``role_name``: what stands for a position that the roster leaves empty.
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

    def of(self, weeks: Sequence[Week]) -> Statistics:
        """The statistics of some weeks, in order."""
        heads: list[Head] = []
        due: Counter[str] = Counter()
        repeated: Counter[str] = Counter()
        doubled: Counter[str] = Counter()
        found: list[tuple[_Words, Item]] = []
        for week in weeks:
            one = self._weeks.get(week, _Sheet())
            heads += one.heads
            found += one.items
            due.update(one.due)
            repeated.update(one.repeated)
            doubled.update(one.doubled)
        last = {words: item.week for words, item in found}  # the last week in which it was spoken of
        stands = [item for words, item in found if item.done is not None or item.week == last[words]]
        continued = Counter(item.staff_id for words, item in found if item.done is None and item.week != last[words])
        return Statistics(tuple(weeks), tuple(stands), tuple(heads), due, repeated, continued, doubled)

    def go_through(self) -> None:
        """Go through all weeks now, so that processes forked after this need not."""
        _ = self._weeks

    @cached_property
    def _weeks(self) -> Mapping[Week, _Sheet]:
        finished: dict[tuple[_Words, dt.date], list[Decimal | None]] = {}  # quantities reported so far
        return {week: self._sheet(week, finished) for week in sorted(self._cases)}

    def _sheet(self, week: Week, finished: dict[tuple[_Words, dt.date], list[Decimal | None]]) -> _Sheet:
        sheet, day = _Sheet(), self._day_of(week)
        for case in self._cases[week].values():
            if case.state != "excused":
                sheet.due.append(case.staff_id)
            counts = case.state == "approved" if self._rules.weeks == "approved" else case.state != "excused"
            if case.report is None or not counts:
                continue
            position = case.position or self._role_name(case.role)
            sheet.heads.append(Head(week, case.staff_id, case.name, case.unit_id, position))
            tasks = [task for task in case.report.tasks if task.task or task.product]
            once = list(dict.fromkeys(tasks))
            sheet.doubled += [case.staff_id] * (len(tasks) - len(once))
            said: dict[tuple[_Words, dt.date], list[Item]] = {}
            for task in once:
                item = self._item(week, day, case, position, task)
                words = (case.staff_id, _key(task.task), item.product_key, task.due)
                if item.done is None:
                    sheet.items.append((words, item))
                else:
                    said.setdefault((words, item.done), []).append(item)
            for key, items in said.items():
                before = finished.get(key, [])
                fresh = _beyond(items, before)
                sheet.items += [(key[0], item) for item in fresh]
                sheet.repeated += [case.staff_id] * (len(items) - len(fresh))
                finished[key] = [*before, *(item.quantity for item in fresh)]
        return sheet

    def _item(self, week: Week, day: dt.date, case: Case, position: str, task: Task) -> Item:
        product_key = _key(task.product)
        entry = self._catalogue.find(product_key, day) if product_key else None
        offered: Mapping[Source, Decimal | None] = {
            "catalogue": entry.coefficient if entry else None,
            "form": task.complexity,
        }
        source: Source = next((s for s in self._rules.coefficient if offered[s] is not None), "")
        coefficient = offered[source] if source else None
        return Item(
            week=week,
            staff_id=case.staff_id,
            unit_id=case.unit_id,
            position=position,
            task=task.task,
            product=task.product,
            product_key=product_key,
            entry=entry,
            quantity=task.quantity,
            coefficient=coefficient,
            source=source,
            key_task=bool(task.key_task),
            kind=task.kind,
            due=task.due,
            done=task.done,
            adds=_adds(task, week, entry is not None, coefficient, source),
        )


class _Sheet:
    """What one week's task tables come to; people by code, once for each person-week or line."""

    def __init__(self) -> None:
        self.heads: list[Head] = []
        self.items: list[tuple[_Words, Item]] = []
        self.due: list[str] = []
        self.repeated: list[str] = []
        self.doubled: list[str] = []


def _beyond(items: Sequence[Item], before: Sequence[Decimal | None]) -> list[Item]:
    """Of the same work finished on the same day, what goes beyond the lines of earlier weeks.

    So many lines were reported before; of these, lines with a quantity reported before are the first not to count.
    """
    if not before:
        return [*items]
    left = Counter(before)
    known: list[Item] = []
    other: list[Item] = []
    for item in items:
        (known if left[item.quantity] > 0 else other).append(item)
        left[item.quantity] -= 1
    again = {id(item) for item in [*known, *other][: len(before)]}
    return [item for item in items if id(item) not in again]
