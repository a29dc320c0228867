"""Evaluation periods. A period is named by a short key (``2025-W23``, ``2025-06``) and knows its weeks.

Weeks are ISO 8601 weeks (Monday to Sunday; a year has 52 or 53 of them), as the offices label them:
'Tuần 23 (từ 02/6/2025 đến 08/6/2025)'. A :class:`Term` (month, quarter, half-year, year) is a union of months, and a month
has the weeks that belong to it, each week to exactly one month.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import total_ordering
from typing import Literal, Protocol

from typing_extensions import TypeVar

_YEARS = range(2000, 2101)  # anything else is a typing error, not an evaluation

Kind = Literal["month", "quarter", "half", "year"]
MONTHS: Mapping[Kind, int] = {"month": 1, "quarter": 3, "half": 6, "year": 12}
WeeksBy = Literal["working-days", "last-working-day"]
WorkingDays = Callable[["Week"], Sequence[dt.date]]  # the working days of a week, by the office's calendar

_WEEK = re.compile(r"(\d{4})-?W(\d{1,2})", re.IGNORECASE)
_ROUND = re.compile(r"(\d{4})-?R([12])", re.IGNORECASE)
BUDDHIST = 543  # years from the common to the Buddhist era


@total_ordering
@dataclass(frozen=True, slots=True)
class Week:
    """An ISO week. Ordered by time; ``str()`` gives its key."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year:04d}-W{self.number:02d}"

    def __lt__(self, other: Week) -> bool:
        return (self.year, self.number) < (other.year, other.number)

    @property
    def start(self) -> dt.date:
        """Its Monday."""
        return dt.date.fromisocalendar(self.year, self.number, 1)

    @property
    def end(self) -> dt.date:
        """Its Sunday."""
        return dt.date.fromisocalendar(self.year, self.number, 7)

    @property
    def days(self) -> list[dt.date]:
        """Monday to Sunday."""
        return [self.start + dt.timedelta(days=n) for n in range(7)]

    def plus(self, weeks: int) -> Week:
        """The week so many weeks later (or earlier, if negative), across year ends."""
        return Week.of(self.start + dt.timedelta(weeks=weeks))

    def month(self, working_days: WorkingDays, by: WeeksBy = "working-days") -> Term:
        """The one month that the week belongs to.

        ``working-days``: the month with most of the week's working days; if two have as many (or there is none), the month
        of its Thursday, as ISO 8601 finds the year of a week. ``last-working-day``: the month in which the week's work ends.
        """
        days = working_days(self)
        if by == "last-working-day":
            return Term.of((days or self.days[:5])[-1])
        early = sum((day.year, day.month) == (self.start.year, self.start.month) for day in days)
        if early * 2 == len(days):
            return Term.of(self.days[3])
        return Term.of(self.start if early * 2 > len(days) else self.end)

    @staticmethod
    def of(day: dt.date) -> Week:
        """The week that holds ``day``."""
        year, number, _ = day.isocalendar()
        return Week(year, number)

    @staticmethod
    def parse(text: str) -> Week:
        """Read ``2025-W23``; raise :class:`ValueError` for anything else, a week 53 that the year
        hasn't included."""
        match = _WEEK.fullmatch(text.strip())
        if not match:
            raise ValueError(text)
        week = Week(int(match[1]), int(match[2]))
        if week.year not in _YEARS:
            raise ValueError(text)
        _ = week.start  # ValueError if the calendar has no such week
        return week


_TERMS: Mapping[Kind, re.Pattern[str]] = {
    "month": re.compile(r"(\d{4})-(\d{2})"),
    "quarter": re.compile(r"(\d{4})-?Q(\d)", re.IGNORECASE),
    "half": re.compile(r"(\d{4})-?H(\d)", re.IGNORECASE),
    "year": re.compile(r"(\d{4})()"),
}


@total_ordering
@dataclass(frozen=True, slots=True)
class Term:
    """Some months of a year: its ``number``-th (from 1) month, quarter or half, or all of it. ``str()`` gives its key."""

    year: int
    kind: Kind
    number: int

    def __str__(self) -> str:
        key = {"month": f"-{self.number:02d}", "quarter": f"-Q{self.number}", "half": f"-H{self.number}", "year": ""}
        return f"{self.year:04d}{key[self.kind]}"

    def __lt__(self, other: Term) -> bool:
        return (self.start, self.end) < (other.start, other.end)

    @property
    def months(self) -> tuple[Term, ...]:
        """Its months, in order."""
        size = MONTHS[self.kind]
        return tuple(Term(self.year, "month", n) for n in range((self.number - 1) * size + 1, self.number * size + 1))

    @property
    def parts(self) -> tuple[Term, ...]:
        """Its months, its quarters, its half-years, and so on up to itself, each kind in order."""
        first, size = self.months[0].number - 1, MONTHS[self.kind]
        kinds = [(kind, months) for kind, months in MONTHS.items() if months <= size]
        return tuple(
            Term(self.year, kind, first // months + n) for kind, months in kinds for n in range(1, size // months + 1)
        )

    @property
    def start(self) -> dt.date:
        """Its first day in the calendar."""
        return dt.date(self.year, self.months[0].number, 1)

    @property
    def end(self) -> dt.date:
        """Its last day in the calendar."""
        after = dt.date(self.year + self.months[-1].number // 12, self.months[-1].number % 12 + 1, 1)
        return after - dt.timedelta(days=1)

    def weeks(self, working_days: WorkingDays, by: WeeksBy = "working-days") -> tuple[Week, ...]:
        """The weeks that belong to its months (:meth:`Week.month`), in order."""
        return _weeks_between(self.start, self.end, working_days, by)

    @staticmethod
    def of(day: dt.date) -> Term:
        """The month that holds ``day``."""
        return Term(day.year, "month", day.month)

    @staticmethod
    def parse(text: str) -> Term:
        """Read ``2025-06``, ``2025-Q2``, ``2025-H1`` or ``2025``; raise :class:`ValueError` for anything else."""
        for kind, pattern in _TERMS.items():
            match = pattern.fullmatch(text.strip())
            if match:
                term = Term(int(match[1]), kind, int(match[2] or 1))
                if term.year in _YEARS and 1 <= term.number <= 12 // MONTHS[kind]:
                    return term
        raise ValueError(text)


def _weeks_between(start: dt.date, end: dt.date, working_days: WorkingDays, by: WeeksBy) -> tuple[Week, ...]:
    """The weeks that belong to whole months, from the first day of one to the last day of another."""
    week, found = Week.of(start), []
    while week.start <= end:
        if start <= week.month(working_days, by).start <= end:
            found.append(week)
        week = week.plus(1)
    return tuple(found)


@total_ordering
@dataclass(frozen=True, slots=True)
class Round:
    """A half of a Thai fiscal year: round 1 is October to March, round 2 April to September of the year that names it.

    ``year`` is of the common era (the fiscal year 2568 is 2025, from 1 October 2024); the key has the Buddhist one.
    """

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year + BUDDHIST:04d}-R{self.number}"

    def __lt__(self, other: Round) -> bool:
        return (self.year, self.number) < (other.year, other.number)

    @property
    def start(self) -> dt.date:
        """Its first day."""
        return dt.date(self.year - 1, 10, 1) if self.number == 1 else dt.date(self.year, 4, 1)

    @property
    def end(self) -> dt.date:
        """Its last day."""
        return dt.date(self.year, 3, 31) if self.number == 1 else dt.date(self.year, 9, 30)

    @property
    def days(self) -> list[dt.date]:
        """All its days."""
        return [self.start + dt.timedelta(days=n) for n in range((self.end - self.start).days + 1)]

    def weeks(self, working_days: WorkingDays, by: WeeksBy = "working-days") -> tuple[Week, ...]:
        """The weeks that belong to its months, as they do to those of a :class:`Term`, in order."""
        return _weeks_between(self.start, self.end, working_days, by)

    def plus(self, rounds: int) -> Round:
        """The round so many rounds later (or earlier, if negative)."""
        halves = self.year * 2 + self.number - 1 + rounds
        return Round(halves // 2, halves % 2 + 1)

    @staticmethod
    def parse(text: str) -> Round:
        """Read ``2568-R1`` or, the same in the common era, ``2025-R1``; raise :class:`ValueError` for anything else."""
        match = _ROUND.fullmatch(text.strip())
        if not match:
            raise ValueError(text)
        year = int(match[1])
        year -= BUDDHIST if year > 2400 else 0
        if not 2000 <= year <= 2100:
            raise ValueError(text)
        return Round(year, int(match[2]))


Period = Week | Term | Round
Evaluated = Week | Round  # what an office evaluates by itself; a term is made of weeks
P = TypeVar("P", bound=Evaluated, default=Week)  # the period of a form, a statement, a case: a week unless it is said


class Stretch(Protocol):
    """Days in a row: all that the roster and the deadlines need to know of a period."""

    @property
    def start(self) -> dt.date:
        """Its first day."""

    @property
    def end(self) -> dt.date:
        """Its last day."""

    @property
    def days(self) -> list[dt.date]:
        """All its days."""


PeriodKind = Literal["week", "round"]
_EVALUATED: Mapping[PeriodKind, tuple[re.Pattern[str], Callable[[str], Evaluated]]] = {
    "week": (_WEEK, Week.parse),
    "round": (_ROUND, Round.parse),
}


def parse_evaluated(text: str, kind: PeriodKind) -> Evaluated:
    """Read the key of a period of this kind; raise :class:`ValueError` for anything else."""
    return _EVALUATED[kind][1](text)


def parse_period(text: str) -> Period:
    """Read the key of any period; raise :class:`ValueError` if it is none."""
    text = text.strip()
    if _WEEK.fullmatch(text):
        return Week.parse(text)
    return Round.parse(text) if _ROUND.fullmatch(text) else Term.parse(text)


def find_evaluated(text: str, kind: PeriodKind) -> Evaluated | None:
    """The first key of a period of this kind that stands in ``text`` (a path, say), or None."""
    pattern, parse = _EVALUATED[kind]
    for match in pattern.finditer(text):
        try:
            return parse(match[0])
        except ValueError:
            continue
    return None
