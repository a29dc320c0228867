"""What the job statistics of a period say, before any cells or tags: names, rounded numbers, notes in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from batch.catalogue import Product
from batch.core.number import most_places, places
from batch.core.period import Period, Week
from batch.job_statistics import Group, ProductLine, Statistics
from batch.reports.view import KeyFigure
from batch.roster_read import EVER
from batch.scheme import Scheme
from batch.tallies import Head, Tally

if TYPE_CHECKING:
    from batch.i18n import Speaker
    from batch.roster import Office

_MANY = 1 << 14  # texts that are kept: the same few shares and quantities stand in thousands of rows
NONE = "–"  # a share of nothing, a mean of nobody


@dataclass(frozen=True)
class StatisticsView:
    """All that a report needs; about everybody, or about the people whom ``reader`` may see.

    ``units``: names by code, in the roster's order. ``catalogue``: how many rows the office's catalogue has. Moments
    are ISO, or ''. ``fragments``: by language, what was made of each person for a page, which other pages share.
    """

    statistics: Statistics
    period: Period
    office: Office
    scheme: Scheme
    units: Mapping[str, str]
    catalogue: int
    as_of: str = ""
    closed_at: str = ""
    reader: str = ""
    templates: Path | None = None  # the office's own page templates
    fragments: dict[str, dict[Any, str]] = field(default_factory=dict, repr=False, compare=False)

    def of_people(self, reader: str, people: Iterable[str]) -> StatisticsView:
        """The same about some people alone, for ``reader``. When others' forms came is no business of theirs."""
        return replace(self, statistics=self.statistics.of_people(people), reader=reader, as_of="")

    @property
    def quotes(self) -> bool:
        """Whether products may be named as they were typed: over a longer period, part of it may have been told to another
        supervisor."""
        return not self.reader or isinstance(self.period, Week)

    def unit_name(self, unit_id: str) -> str:
        """The unit's name, or its code."""
        return self.units.get(unit_id, unit_id)

    @cached_property
    def by_unit(self) -> tuple[Group, ...]:
        """Units in the roster's order."""
        order = {unit_id: n for n, unit_id in enumerate(self.units)}
        return tuple(sorted(self.statistics.units, key=lambda group: order.get(group.key, len(order))))

    @cached_property
    def by_position(self) -> tuple[Group, ...]:
        """Positions as the report order of the office has them: by rank within the first unit in which they occur."""
        return self.statistics.positions

    @cached_property
    def by_person(self) -> tuple[tuple[Head, Group], ...]:
        """People by their last unit, in the roster's order."""
        order = {unit_id: n for n, unit_id in enumerate(self.units)}
        return tuple(sorted(self.statistics.people, key=lambda pair: order.get(pair[0].unit_id, len(order))))

    @cached_property
    def groups(self) -> tuple[tuple[str, Tally], ...]:
        """The complexity groups of the scheme, lightest first; then '' if products without a group were reported."""
        found = [(group, self.statistics.group(group)) for group in self.scheme.statistics.groups]
        rest = self.statistics.group("")
        return (*found, ("", rest)) if rest.tasks else tuple(found)

    @cached_property
    def rest(self) -> Tally:
        """The tasks whose product is in no catalogue."""
        return self.statistics.unlisted_work

    @cached_property
    def quantity_places(self) -> int:
        """How many decimals the columns of quantities need; sums need no more than what they add up."""
        return most_places(tally.quantity for tally in self._finest)

    @cached_property
    def converted_places(self) -> int:
        """The same of converted quantities."""
        return most_places(tally.converted for tally in self._finest)

    @cached_property
    def coefficient_places(self) -> int:
        """The same of coefficients, those of the catalogue and those on the forms."""
        listed = (line.entry.coefficient for line in self.statistics.products if line.entry)
        return most_places(chain(listed, *(line.coefficients for line in self.statistics.unlisted)))

    @property
    def _finest(self) -> Iterator[Tally]:
        lines = (*self.statistics.products, *self.statistics.unlisted)
        return chain((line.tally for line in lines), (group.tally for _, group in self.statistics.people))

    @staticmethod
    def in_force(entry: Product, say: Speaker) -> str:
        """From when to when a row of the catalogue holds; '' if it says neither."""
        start = "" if entry.start <= EVER else say.date(entry.start)
        end = "" if entry.end == dt.date.max else say.date(entry.end)
        if start and end:
            return f"{start} – {end}"
        return say("from {day}", day=start) if start else say("until {day}", day=end) if end else ""

    @staticmethod
    def reported_name(line: ProductLine, say: Speaker) -> str:
        """A product as it was typed."""
        return line.name or say("(no product named)")

    @property
    def due(self) -> int:
        """Person-weeks that would count if every report had come and every week were decided."""
        return sum(self.statistics.due.values())


def rounded(value: Fraction | None, places: int = 2) -> Decimal | None:
    """A share or mean to be read: rounded half up."""
    return None if value is None else _rounded(*value.as_integer_ratio(), places)


@lru_cache(_MANY)
def _rounded(above: int, below: int, places: int) -> Decimal:
    exact = Decimal(above) / Decimal(below)  # 28 digits: far beyond what is shown
    return exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def number(value: Decimal | Fraction | None, say: Speaker) -> str:
    """A quantity as it is, a mean with two decimals, – for none."""
    if value is None:
        return NONE
    return say.number(rounded(value)) if isinstance(value, Fraction) else _quantity(value, 0, say)


@lru_cache(_MANY)
def _quantity(value: Decimal, decimals: int, say: Speaker) -> str:
    """With so many decimals, or as many as it needs (nothing is rounded), and a mark at every thousand."""
    return say.grouped(value, max(decimals, places(value)))


def share(value: Fraction | None, say: Speaker) -> str:
    """A share in percent with one decimal, – of nothing."""
    return NONE if value is None else _percent(*value.as_integer_ratio(), say)


@lru_cache(_MANY)
def _percent(above: int, below: int, say: Speaker) -> str:
    return say.percent(_rounded(100 * above, below, 1))


class Texts(NamedTuple):
    """What a table says of a :class:`Tally`; ``…_sort`` is what it is sorted by, '' for nothing."""

    key_sort: str
    on_time: str
    on_time_sort: str
    ad_hoc: str
    ad_hoc_sort: str
    quantity: str
    converted: str
    per_head: str
    per_head_sort: str


def texts_of(tally: Tally, view: StatisticsView, say: Speaker) -> Texts:
    """The figures of a tally that have to be put in words."""
    _, key_sort = _share_of(tally.key_finished, tally.key_tasks, say)
    per_head, per_head_sort = _mean_of(tally.converted, tally.person_weeks, say)
    return Texts(
        key_sort,
        *_share_of(tally.on_time, tally.due, say),
        *_share_of(tally.ad_hoc, tally.stated, say),
        _quantity(tally.quantity, view.quantity_places, say),
        _quantity(tally.converted, view.converted_places, say),
        per_head,
        per_head_sort,
    )


@lru_cache(_MANY)
def _share_of(part: int, whole: int, say: Speaker) -> tuple[str, str]:
    """A share in words, and what it is sorted by: of numbers, as few differ, and fractions take their time."""
    value = Fraction(part, whole) if whole else None
    return share(value, say), _sort(value)


@lru_cache(_MANY)
def _mean_of(total: Decimal, among: int, say: Speaker) -> tuple[str, str]:
    value = Fraction(total) / among if among else None
    return number(value, say), _sort(value)


def _sort(value: Fraction | None) -> str:
    return "" if value is None else str(rounded(value, 6))


def coverage_text(view: StatisticsView, say: Speaker) -> str:
    """On how many task tables the figures rest."""
    return say("{counted} of {due} weekly task tables count", counted=view.statistics.whole.person_weeks, due=view.due)


def key_figures(view: StatisticsView, say: Speaker) -> list[KeyFigure]:
    """Six figures: how much, for how many, in time, planned or not, and how far the catalogue goes."""
    whole = view.statistics.whole
    listed = Fraction(whole.listed, whole.tasks) if whole.tasks else None
    overdue = say("{late} late, {overdue} overdue", late=whole.late, overdue=whole.overdue)
    return [
        KeyFigure(say("Tasks"), say.grouped(whole.tasks), say("{number} finished", number=whole.finished), "", "positions"),
        KeyFigure(
            say("Converted quantity"),
            _quantity(whole.converted, view.converted_places, say),
            say(
                "{number} of it by coefficients from the forms", number=_quantity(whole.declared, view.converted_places, say)
            ),
            "",
            "products",
        ),
        KeyFigure(
            say("Converted per head and week"),
            number(whole.per_head, say),
            say("{people} people, {weeks} person-weeks", people=whole.people, weeks=whole.person_weeks),
            "",
            "side",
        ),
        KeyFigure(
            say("Finished on time"), share(whole.on_time_share, say), overdue, "bad" if whole.overdue else "", "people"
        ),
        KeyFigure(
            say("Ad hoc"),
            share(whole.ad_hoc_share, say),
            say("kind stated for {number} of {all} tasks", number=whole.stated, all=whole.tasks),
            "",
            "people",
        ),
        KeyFigure(
            say("In the catalogue"),
            share(listed, say),
            say("{number} tasks are not", number=whole.tasks - whole.listed),
            "",
            "unlisted",
        ),
    ]


def rules_of_counting(view: StatisticsView, say: Speaker) -> list[str]:
    """How the figures came about, sentence by sentence, as the scheme has it."""
    rules, found = view.scheme.statistics, view.statistics
    approved = say("Counted are the task tables of self-reports whose week is approved.")
    texts = [approved if rules.weeks == "approved" else say("Counted are the task tables of all valid self-reports.")]
    texts.append(
        say(
            "A finished task counts once, in the week in which it was first reported as finished; of an unfinished one"
            " counts what was said last. Quantities are those of finished tasks."
        )
    )
    texts.append(
        {
            ("catalogue",): say("The conversion coefficient is that of the catalogue; coefficients on forms don't count."),
            ("form",): say("The conversion coefficient is that on the form; those of the catalogue don't count."),
            ("catalogue", "form"): say(
                "The conversion coefficient is that of the catalogue; for a product that is not in it, that on the form."
            ),
            ("form", "catalogue"): say(
                "The conversion coefficient is that on the form; where none stands there, that of the catalogue."
            ),
        }[tuple(rules.coefficient)]
    )
    texts.append(say("Converted quantity = quantity × coefficient, once."))
    if view.catalogue:
        texts.append(
            say(
                "A product is in the catalogue if its name or an alias is the same letter for letter (but for capitals and"
                " spaces) in a row that holds on the last working day of the week."
            )
        )
    else:
        texts.append(say("This office keeps no catalogue of standard products (catalogue.xlsx)."))
    texts.append(
        say(
            "On time: finished by the due date. The share is of the tasks that were finished or fell due by the end of their"
            " week; those without a due date are left out."
        )
    )
    texts.append(say("Per head and week: divided by the person-weeks that count; who is excused is in neither number."))
    if whole := sum(found.repeated.values()):
        texts.append(
            say("{number} lines repeat work that an earlier week reported as finished; this adds nothing.", number=whole)
        )
    if whole := sum(found.continued.values()):
        texts.append(say("{number} lines were carried over to a later week of the period; counted there.", number=whole))
    if whole := sum(found.doubled.values()):
        texts.append(say("{number} lines stood twice in one report, the same in every cell; counted once.", number=whole))
    if found.whole.unstated:
        texts.append(
            say(
                "{number} finished tasks have no quantity or no coefficient, and are in no converted quantity.",
                number=found.whole.unstated,
            )
        )
    return texts
