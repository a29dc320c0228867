"""Evaluation periods. A period is named by a short key (``2025-W23``) and covers whole days.

Weeks are ISO 8601 weeks (Monday to Sunday; a year has 52 or 53 of them), as the offices label them:
'Tuần 23 (từ 02/6/2025 đến 08/6/2025)'.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import total_ordering

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
        if not 2000 <= week.year <= 2100:  # a typing error, not an evaluation
            raise ValueError(text)
        _ = week.start  # ValueError if the calendar has no such week
        return week


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


def find_week(text: str) -> Week | None:
    """The first week key that stands in ``text`` (a path, say), or None."""
    for match in _WEEK.finditer(text):
        try:
            return Week.parse(match[0])
        except ValueError:
            continue
    return None
