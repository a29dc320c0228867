"""What chance alone would bring about: the only place that knows scipy, an optional part (``appraise[statistics]``).

scipy.stats takes long to import, so it is imported when the first test is asked for. Values are exact; for a test they
become floats, which keeps their order and so the ranks that it goes by. What comes back is rounded far above the last
bits of a float, so that every machine gets the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cache
from importlib.util import find_spec

from batch.core.number import over_one

_CONFIDENCE = 0.95
_SMALL = 8  # values of a group for which every order can be gone through


def available() -> bool:
    """Whether the statistics library is installed."""
    return find_spec("scipy") is not None


def load() -> None:
    """Load the statistics library now, if it is installed, so that processes forked after this need not."""
    if available():
        import scipy.stats  # noqa: F401


def rank_tests(pairs: Sequence[tuple[Sequence[float], Sequence[float]]]) -> list[float]:
    """The two-sided p of a Mann–Whitney test of each pair: how often chance would set two groups of these sizes apart at
    least so far.

    Exact where a group is small and no values are equal, else by the normal approximation, corrected for equal values and
    for continuity. One and the same value everywhere sets nobody apart: 1. Pairs of the same sizes are tested together.
    """
    if not pairs:
        return []
    from scipy.stats import mannwhitneyu

    found = [1.0] * len(pairs)
    alike: dict[tuple[int, int, str], list[int]] = {}
    for n, (some, others) in enumerate(pairs):
        sizes, different = (len(some), len(others)), len({*some, *others})
        if different > 1:
            exact = min(sizes) <= _SMALL and different == sum(sizes)
            alike.setdefault((*sizes, "exact" if exact else "asymptotic"), []).append(n)
    for (_, _, method), at in alike.items():
        sides = ([pairs[n][side] for n in at] for side in (0, 1))
        for n, p in zip(at, mannwhitneyu(*sides, axis=1, method=method).pvalue, strict=True):
            found[n] = float(p)
    return found


def corrected(chances: Sequence[float]) -> list[Decimal]:
    """Benjamini–Hochberg: each p adjusted for the number of tests made, to six decimals."""
    if not chances:
        return []
    from scipy.stats import false_discovery_control

    return [Decimal(f"{p:.6f}") for p in false_discovery_control(chances, method="bh")]


def margin(values: Sequence[Fraction]) -> Decimal | None:
    """Half the width of the 95 % interval (Student's t) around the mean of the values; None of fewer than two."""
    spread = deviation(values)
    if spread is None:
        return None
    return _factor(len(values)) * spread / Decimal(len(values)).sqrt()


@cache
def _factor(values: int) -> Decimal:
    """How many standard errors half the interval is wide."""
    from scipy.stats import t

    return Decimal(f"{t.ppf((1 + _CONFIDENCE) / 2, values - 1):.6f}")


def deviation(values: Sequence[Fraction]) -> Decimal | None:
    """The standard deviation of a sample (n − 1), to the digits of the decimal context; None of fewer than two values."""
    if len(values) < 2:
        return None
    parts, of = over_one(values)
    number = len(parts)
    variance = Fraction(number * sum(part * part for part in parts) - sum(parts) ** 2, of * of * number * (number - 1))
    return (Decimal(variance.numerator) / Decimal(variance.denominator)).sqrt()
