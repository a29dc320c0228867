"""What a run has to tell: a code with its place and its particulars, never a finished sentence.

A finding is made where the fault is seen and rendered where it is shown, so one run can speak three languages.
The catalogue of codes, severities, sentences and remedies is :mod:`batch.core.codes`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Place:
    """Where, as the person sees it: a file name, a sheet title, a cell such as ``E14``; each may be empty."""

    file: str = ""
    sheet: str = ""
    cell: str = ""

    def __str__(self) -> str:
        return " › ".join(part for part in (self.file, self.sheet, self.cell) if part)


class Phrase(str):
    """A particular that is itself a message of the catalogues, such as a column's label: translated where it is shown."""


class Money(Decimal):
    """A particular that is an amount of money: written with separators, as on paper."""


class Moment(str):
    """A particular that is an ISO date and time: written as the reader's language writes it."""


class Titles(tuple[tuple[str, str], ...]):
    """A particular titled by the scheme: (language, title) pairs, of which the reader's language is shown."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault or notice. ``params`` fill the placeholders of the code's sentence and remedy."""

    code: str
    place: Place = Place()
    staff_id: str = ""
    params: tuple[tuple[str, Any], ...] = ()

    def sort_key(self) -> tuple[Any, ...]:
        """By place as a reader goes through it (row before column), then code: the same order on every run."""
        split = re.fullmatch(r"([A-Z]+)(\d+)", self.place.cell)
        row, column = (int(split[2]), split[1]) if split else (0, "")
        return (
            self.place.file,
            self.place.sheet,
            row,
            len(column),
            column,
            self.code,
            self.staff_id,
            repr(self.params),
        )


def finding(code: str, place: Place | None = None, staff_id: str = "", **params: Any) -> Finding:
    """Build a :class:`Finding` from keyword particulars."""
    return Finding(code, place or Place(), staff_id, tuple(sorted(params.items())))


class UserError(Exception):
    """Wrong use or configuration: the run can't go on (exit 2). Carries a finding, so it speaks the user's language."""

    def __init__(self, code: str, place: Place | None = None, **params: Any) -> None:
        self.finding = finding(code, place, **params)
        super().__init__(f"{code} {self.finding.place} {params}")

    @classmethod
    def of(cls, found: Finding) -> UserError:
        """The error that a finding amounts to."""
        return cls(found.code, found.place, **dict(found.params))

    def __reduce__(self) -> tuple[Any, ...]:
        """It may be raised in another process."""
        return UserError.of, (self.finding,)
