"""Numbers people type, read exactly. No binary float ever takes part in a decision.

Excel stores a number as a double and shows at most 15 significant digits; so a double is taken as those 15 digits
(0.1+0.2 is 0.3, as the person saw it), and everything after that is :class:`decimal.Decimal`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import lcm

from batch.core.text import clean

_PLAIN = re.compile(r"[+-]?\d{1,13}(?:[.,]\d{1,15})?")  # within the 28 digits of the decimal context
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:[.,]\d{3})+")


class NotANumber(ValueError):
    """The text is no number. ``code`` is the finding that says why."""

    def __init__(self, code: str, found: str) -> None:
        self.code = code
        self.found = found
        super().__init__(f"{code}: {found!r}")


def from_float(value: float) -> Decimal:
    """The decimal that Excel shows for a stored (finite) double: its 15 significant digits."""
    return plain(Decimal(format(value, ".15g")))


def from_text(text: str) -> Decimal:
    """Read ``38,5``, ``38.5``, ``๓๘.๕`` or ``40`` exactly.

    Raises :class:`NotANumber`: ``value.ambiguous-number`` for ``1.234`` and ``1,234`` (thousand or decimal?), else
    ``value.not-a-number``.
    """
    shown = clean(text)
    digits = "".join(str(unicodedata.decimal(c)) if unicodedata.category(c) == "Nd" else c for c in shown)
    digits = digits.replace("−", "-").replace(" ", "")
    if _THOUSANDS.fullmatch(digits):
        raise NotANumber("value.ambiguous-number", shown)
    if not _PLAIN.fullmatch(digits):
        raise NotANumber("value.not-a-number", shown)
    return plain(Decimal(digits.replace(",", ".")))


def plain(value: Decimal) -> Decimal:
    """Without trailing zeros or exponent: 30.40 → 30.4, 4E+1 → 40."""
    value = value.normalize()
    return Decimal(int(value)) if value == value.to_integral_value() else value


@lru_cache(maxsize=4096)  # an office's scores and means are few, and stand in many cells
def places(value: Decimal) -> int:
    """How many decimals the number needs: 38.5 → 1, 40 → 0."""
    return max(0, -int(plain(value).as_tuple().exponent))


def most_places(values: Iterable[Decimal | None]) -> int:
    """How many decimals a column of these needs, so that it shows as many in every line; None is no number."""
    return max((places(value) for value in values if value is not None), default=0)


def over_one(values: Iterable[Fraction]) -> tuple[list[int], int]:
    """The numerators of fractions over a common denominator, and that denominator."""
    ratios = [value.as_integer_ratio() for value in values]
    of = lcm(*{below for _, below in ratios})
    return [above * (of // below) for above, below in ratios], of


def sum_of(values: Iterable[Fraction]) -> Fraction:
    """The exact sum of fractions: over one denominator it is far quicker than adding one after the other."""
    parts, of = over_one(values)
    return Fraction(sum(parts), of)
