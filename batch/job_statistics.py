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

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import TypeVar

from batch.catalogue import Product
from batch.core.period import Week
from batch.core.text import match_key
from batch.tallies import Head, Part, Sums, Tally, together

K = TypeVar("K", bound=Hashable)
T = TypeVar("T", Head, Part)

words_of = lru_cache(maxsize=1 << 16)(match_key)  # people write the same words week by week


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
        return self._groups(lambda one: words_of(one.position), lambda head: head.position)

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
        return self._sums(lambda one: (words_of(one.position), one.unit_id))

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
        parts: dict[str, list[Sums]] = {}
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
        parts: dict[K, list[Sums]] = {}
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
