"""What a weekly evaluation came to meanwhile, in words: the same on forms, papers and in answers. It scores nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from batch.core.finding import Titles
from batch.core.period import Week
from batch.core.records import History

if TYPE_CHECKING:
    from batch.i18n import Speaker


def title(say: Speaker) -> str:
    """What it is."""
    return say("Weekly results in the round")


def caution(say: Speaker) -> str:
    """What it is not."""
    return say("For information only: they do not count in the score.")


def told(history: History, say: Speaker) -> list[tuple[str, str]]:
    """A person's weeks as labels and texts, always the same number of lines."""
    numbers = {"rated": str(history.rated), "weeks": str(history.weeks), "excused": str(history.excused)}
    coverage = say("{rated} of {weeks} weeks", **numbers)
    if history.excused:
        coverage = say("{rated} of {weeks} weeks; not evaluated (leave) in {excused}", **numbers)
    mean = "–"
    if history.mean is not None:
        figures: dict[str, Any] = {"mean": history.mean, "lowest": history.lowest, "highest": history.highest}
        mean = say("{mean} (lowest {lowest}, highest {highest})", **figures)
    levels = " · ".join(f"{say.value(titles)} {count}" for titles, count in history.bands if count)
    noted = [(say.value(titles), weeks) for titles, weeks in history.marks]
    noted.append((say("Failures in consecutive weeks"), history.failures))
    return [
        (say("Weeks with a result"), coverage),
        (say("Mean of the weekly totals"), mean),
        (say("Weekly levels"), levels or "–"),
        (say("Weeks to note"), "\n".join(f"{what}: {_listed(weeks, say)}" for what, weeks in noted if weeks) or say("none")),
    ]


def in_short(history: History, say: Speaker) -> str:
    """The same in a line, for a sheet with a row a person."""
    mean = say.number(history.mean) or "–"
    rated, weeks = str(history.rated), str(history.weeks)
    return say("Weekly (not scored):\n{rated} of {weeks}, mean {mean}", rated=rated, weeks=weeks, mean=mean)


def lines(history: History | None, say: Speaker) -> list[dict[str, Any]]:
    """The lines of the table ``history`` of a form; none where there is no weekly evaluation."""
    if history is None:
        return []
    rows = [(title(say), caution(say)), *told(history, say)]
    return [{"key": f"history.{n}", "label": label, "text": text} for n, (label, text) in enumerate(rows, 1)]


def as_data(history: History | None) -> dict[str, Any] | None:
    """The same as plain JSON types; keys are stable. None where there is no weekly evaluation."""
    if history is None:
        return None
    return {
        "weeks": history.weeks,
        "rated": history.rated,
        "excused": history.excused,
        **{name: None if (v := getattr(history, name)) is None else format(v, "f") for name in _FIGURES},
        "bands": [[[list(pair) for pair in titles], count] for titles, count in history.bands],
        "marks": [[[list(pair) for pair in titles], [str(week) for week in weeks]] for titles, weeks in history.marks],
        "failures": [str(week) for week in history.failures],
    }


def from_data(data: dict[str, Any] | None) -> History | None:
    """What :func:`as_data` was made from."""
    if data is None:
        return None
    mean, lowest, highest = (None if data[name] is None else Decimal(data[name]) for name in _FIGURES)
    return History(
        data["weeks"],
        data["rated"],
        data["excused"],
        mean,
        lowest,
        highest,
        bands=tuple((_titles(titles), count) for titles, count in data["bands"]),
        marks=tuple((_titles(titles), _weeks(weeks)) for titles, weeks in data["marks"]),
        failures=_weeks(data["failures"]),
    )


_FIGURES = ("mean", "lowest", "highest")


def _titles(pairs: list[list[str]]) -> Titles:
    return Titles((lang, title) for lang, title in pairs)


def _weeks(keys: list[str]) -> tuple[Week, ...]:
    return tuple(Week.parse(key) for key in keys)


def _listed(weeks: tuple[Week, ...], say: Speaker) -> str:
    """How many, and which: '2 (Week 23/2025, Week 24/2025)'."""
    return f"{len(weeks)} ({say.value(weeks)})"
