"""What tasks come to: exact sums over them, by person, place and product, with their shares and means (fractions)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact, InvalidOperation, Rounded
from fractions import Fraction
from functools import lru_cache
from struct import Struct
from types import MappingProxyType
from typing import Literal, NamedTuple

from batch.catalogue import Product
from batch.core.period import Week
from batch.core.records import Task

Source = Literal["catalogue", "form", ""]  # of a coefficient

_EXACT = Context(
    prec=400, traps=[Inexact, Rounded, InvalidOperation]
)  # sums and products of what people type, never rounded
_ZERO = Decimal(0)


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


class Sums(NamedTuple):
    """Sums over some tasks. ``counts`` holds all of :data:`_COUNTS` side by side in one whole number, as millions of tasks
    are added up a year: of such numbers one addition adds them all.
    """

    counts: int = 0
    quantity: Decimal = _ZERO
    converted: Decimal = _ZERO
    declared: Decimal = _ZERO


def added_up(parts: Iterable[Sums]) -> Sums:
    """The sums over tasks of which each is in one of the parts."""
    add = _EXACT.add
    counts, quantity, converted, declared = Sums()
    for more, some, worth, typed in parts:
        counts += more
        if some is not _ZERO:
            quantity = add(quantity, some)
        if worth is not _ZERO:
            converted = add(converted, worth)
        if typed is not _ZERO:
            declared = add(declared, typed)
    return Sums(counts, quantity, converted, declared)


def together(parts: Iterable[Sums], heads: Iterable[Head] = ()) -> Tally:
    """The sums over tasks of which each is in one of the parts, and over some person-weeks."""
    sums, heads = added_up(parts), list(heads)
    counts = _PACKED.unpack(sums.counts.to_bytes(_PACKED.size, "little"))  # as the fields of a tally begin
    amounts = (sums.quantity, sums.converted, sums.declared)
    return Tally._make((*counts, *amounts, len({head.staff_id for head in heads}), len(heads)))


def adds(task: Task, week: Week, listed: bool, coefficient: Decimal | None, source: Source) -> Sums:
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
        return Sums(counts)
    counts += _ONE["finished"]
    if task.key_task:
        counts += _ONE["key_finished"]
    if task.due is not None:
        counts += _ONE["on_time" if task.done <= task.due else "late"]
    quantity = _ZERO if task.quantity is None else task.quantity
    if task.quantity is None or coefficient is None:
        return Sums(counts + _ONE["unstated"], quantity)
    converted = _EXACT.multiply(task.quantity, coefficient)
    return Sums(counts, quantity, converted, converted if source == "form" else _ZERO)


@lru_cache(maxsize=4096)
def used(coefficient: Decimal | None) -> frozenset[Decimal]:
    """The coefficients that one task brings along."""
    return frozenset(() if coefficient is None else (coefficient,))


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
    sums: Sums
    coefficients: frozenset[Decimal]

    @property
    def product(self) -> str | int:
        """What tells products apart: a row of the catalogue is one value."""
        return self.product_key if self.entry is None else id(self.entry)


Parts = Mapping[tuple[str, str, str, "str | int"], Part]  # by person, unit, position and product


def added(some: Iterable[Part], to: Parts = MappingProxyType({})) -> Parts:
    """Parts added to those of the same person, place and product."""
    alike: dict[tuple[str, str, str, str | int], list[Part]] = {}
    for part in some:
        alike.setdefault((part.staff_id, part.unit_id, part.position, part.product), []).append(part)
    found = {**to}
    for where, parts in alike.items():
        known = [to[where], *parts] if where in to else parts
        found[where] = known[0] if len(known) == 1 else _one_of(known)
    return found


def served(parts: Iterable[Part]) -> tuple[Part, ...]:
    """The parts of each person in one unit and position put together, whatever the product."""
    by: dict[tuple[str, str, str], list[Part]] = {}
    for part in parts:
        by.setdefault((part.staff_id, part.unit_id, part.position), []).append(part)
    return tuple(
        Part(*where, None, "", "", some[0].met, added_up(part.sums for part in some), frozenset())
        for where, some in by.items()
    )


def _one_of(parts: Sequence[Part]) -> Part:
    first = min(parts, key=lambda part: part.met)
    coefficients = parts[0].coefficients
    for part in parts:
        if not part.coefficients <= coefficients:
            coefficients |= part.coefficients
    return Part(
        *(first.staff_id, first.unit_id, first.position, first.entry, first.product_key, first.named, first.met),
        added_up(part.sums for part in parts),
        coefficients,
    )
