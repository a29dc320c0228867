"""What a week costs, as ratios measured in one run: ``make bench``, or ``python -m tests.benchmarks.speed 500 5000 20000``.

For each number of people: a made-up office with all its forms; the floor (:mod:`tests.benchmarks.floor`); the plain script
(:mod:`tests.benchmarks.plain`, carried on from 500 people where there are more); a full run into an empty OUT, one that finds
nothing changed, and one in which a hundredth of the self-reports is new. Times are the least of several where the office is
not large, the kinds of runs taking turns; the floor comes right after the full run, as a machine's speed may change by the
minute. Other work on the machine disturbs wall times; the processors' time tells more then.

Nothing is removed before the last measurement: ext4 passes over what was removed in the last minutes, one file after the
other, and then takes half a millisecond and more to make a file where it takes a thirtieth of one.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.measure import Spent, measure

NOW = "2025-06-16T08:00"
PLAIN_MOST = 500  # people whom the plain script gets; the rest would take as long each
TURNS = ((1_500, 3), (10_000, 2))  # people up to whom everything is measured so many times
CORES = 2


@dataclass(frozen=True)
class Size:
    """What was measured with so many people; times of the plain script are for all of them, ``formless`` without the forms
    of the next week.
    """

    people: int
    forms: int
    simulate: Spent
    floor: Spent
    plain: float
    formless: float
    full: Spent
    unchanged: Spent
    hundredth: Spent
    seconds: Mapping[str, float]


def least(one: Spent | None, other: Spent) -> Spent:
    """The faster of two, with the larger memory of both."""
    if one is None:
        return other
    fast = min(one, other, key=lambda spent: spent.wall)
    together, parent = max(one.together, other.together), max(one.parent, other.parent)
    return Spent(fast.wall, min(one.cpu, other.cpu), together, parent, fast.said)


def size_of(people: int, folder: Path) -> Size:
    """Measure one size."""
    office, aside = folder / "office", folder / "aside"
    say(f"{people} people: the office and its forms")
    simulate = measure(["-m", "batch", "simulate", office, "--people", str(people), "--lang", "vi", "--jobs", str(CORES)])
    late = sorted((office / "inbox").glob("*/self/self-*.xlsx"))[::100]
    aside.mkdir()
    floor = full = unchanged = hundredth = None
    plain = formless = float("inf")
    forms = 0
    for turn in range(next((turns for most, turns in TURNS if people <= most), 1)):
        out = folder / f"out-{turn}"
        common: list[str | Path] = ["--office", office, "--out", out, "--now", NOW, "--jobs", str(CORES), "--json"]
        for path in late:
            path.rename(aside / path.name)
        say(f"{people} people: runs and floor")
        full = least(full, measure(["-m", "batch", "run", *common]))
        inbox, outbox = office / "inbox", out / "outbox"
        floor = least(floor, measure(["-m", "tests.benchmarks.floor", inbox, outbox, folder / f"floor-{turn}"]))
        unchanged = least(unchanged, measure(["-m", "batch", "run", *common]))
        for path in late:
            (aside / path.name).rename(path)
        forms = sum(1 for path in inbox.rglob("*") if path.is_file())
        hundredth = least(hundredth, measure(["-m", "batch", "run", *common]))
        say(f"{people} people: plain script")
        plain = min(plain, plain_seconds(office, folder / f"plain-{turn}", people))
        formless = min(formless, plain_seconds(office, folder / f"formless-{turn}", people, "--no-forms"))
    assert floor and full and unchanged and hundredth
    seconds = json.loads(full.said)["seconds"]
    return Size(people, forms, simulate, floor, plain, formless, full, unchanged, hundredth, seconds)


def plain_seconds(office: Path, target: Path, people: int, *more: str) -> float:
    """How long the plain script takes; for many people, from how much longer more of them take."""
    seconds = []
    counts = (20, min(people, PLAIN_MOST))
    for count in counts:
        words: list[str | Path] = ["-W", "ignore", "-m", "tests.benchmarks.plain", office, target / str(count), str(count)]
        seconds.append(measure([*words, *more]).wall)
    each = (seconds[1] - seconds[0]) / (counts[1] - counts[0])
    return seconds[1] + each * (people - counts[1])


def starts(folder: Path) -> tuple[float, float]:
    """Seconds until ``--help`` and ``check FILE`` have answered, the least of five."""
    office = folder / "few"
    measure(["-m", "batch", "simulate", office, "--people", "10", "--stages", "1", "--faults", "0"])
    form = next((office / "inbox").rglob("self-*.xlsx"))
    checked: list[str | Path] = ["-m", "batch", "check", form, "--office", office]
    return min(measure(["-m", "batch", "--help"]).wall for _ in range(5)), min(measure(checked).wall for _ in range(5))


# --- the tables -------------------------------------------------------------------------------------------------------


def table(sizes: Sequence[Size]) -> str:
    """Measured, a column for each size."""
    lines: list[tuple[str, Callable[[Size], str]]] = [
        ("forms in the inbox", lambda s: f"{s.forms:,}"),
        ("making them up (`simulate`)", lambda s: f"{s.simulate.wall:.1f} s / {s.simulate.cpu:.1f} s"),
        ("floor", lambda s: f"{s.floor.wall:.1f} s / {s.floor.cpu:.1f} s"),
        ("plain script, one process", lambda s: f"{s.plain:.0f} s"),
        ("the same without the next week's forms", lambda s: f"{s.formless:.0f} s"),
        ("full run", lambda s: f"{s.full.wall:.1f} s / {s.full.cpu:.1f} s"),
        ("nothing changed", lambda s: f"{s.unchanged.wall:.1f} s / {s.unchanged.cpu:.1f} s"),
        ("1 % of the reports new", lambda s: f"{s.hundredth.wall:.1f} s / {s.hundredth.cpu:.1f} s"),
        ("full run, a person", lambda s: f"{1000 * s.full.wall / s.people:.2f} ms / {1000 * s.full.cpu / s.people:.2f} ms"),
        ("memory of all processes at once", lambda s: f"{s.full.together:.0f} MB"),
        ("memory of the first process", lambda s: f"{s.full.parent:.0f} MB"),
    ]
    head = "".join(f" {size.people:,} people |" for size in sizes)
    rows = [f"| wall / processors |{head}", f"|---|{'---:|' * len(sizes)}"]
    rows += [f"| {name} |{''.join(f' {shown(size)} |' for size in sizes)}" for name, shown in lines]
    return "\n".join(rows)


def stages(size: Size) -> str:
    """Where the full run's time went."""
    total = sum(size.seconds.values())
    parts = [f"{stage} {seconds / total:.0%}" for stage, seconds in size.seconds.items() if seconds >= total / 200]
    return f"Stages of the full run with {size.people:,} people (wall): {', '.join(parts)}."


def verdicts(sizes: Sequence[Size], started: tuple[float, float]) -> str:
    """Each target: what it asks for, what was measured, whether it is met."""
    small, large = _ends(sizes)
    near = min(sizes, key=lambda size: abs(size.people - 10_000))
    rows: list[tuple[str, float, float, bool]] = [
        ("full run ÷ floor", near.full.wall / near.floor.wall, 2.5, True),
        ("the same, processors' time", near.full.cpu / near.floor.cpu, 2.5, True),
        ("plain script ÷ full run", near.plain / near.full.wall, 12, False),
        ("the same without the next week's forms", near.formless / near.full.wall, 12, False),
        ("nothing changed ÷ full run", near.unchanged.wall / near.full.wall, 0.1, True),
        ("the same, processors' time", near.unchanged.cpu / near.full.cpu, 0.1, True),
        ("1 % new ÷ full run", near.hundredth.wall / near.full.wall, 0.2, True),
        ("the same, processors' time", near.hundredth.cpu / near.full.cpu, 0.2, True),
        ("memory at 10,000 people, MB", _memory_at(sizes, 10_000), 500, True),
        ("`appraise --help`, s", started[0], 0.25, True),
        ("`appraise check FILE`, s", started[1], 0.5, True),
        ("`simulate` of 10,000 people, s", 10_000 * near.simulate.wall / near.people, 30, True),
    ]
    if len(sizes) > 1:
        cost = (large.full.wall / large.people) / (small.full.wall / small.people)
        processors = (large.full.cpu / large.people) / (small.full.cpu / small.people)
        rows += [
            (f"cost a person, {large.people:,} ÷ {small.people:,} people", cost, 1.15, True),
            ("the same, processors' time", processors, 1.15, True),
            ("memory, KB for each further person", _growth(sizes), 12, True),
        ]
    lines = ["| target | asked | measured | |", "|---|---:|---:|---|"]
    for name, value, asked, at_most in rows:
        met = value <= asked if at_most else value >= asked
        sign = "≤" if at_most else "≥"
        lines.append(f"| {name} | {sign} {asked:g} | {value:.3g} | {'pass' if met else '**falls short**'} |")
    return "\n".join(lines)


def _ends(sizes: Sequence[Size]) -> tuple[Size, Size]:
    """The sizes between which growth is told: the largest, and of the others the one nearest to 2,000 people."""
    return min(sizes[:-1] or sizes, key=lambda size: abs(size.people - 2_000)), sizes[-1]


def _growth(sizes: Sequence[Size]) -> float:
    first, last = _ends(sizes)
    return 1024 * (last.full.together - first.full.together) / (last.people - first.people)


def _memory_at(sizes: Sequence[Size], people: int) -> float:
    """Measured at the nearest size, and carried on from there by the growth between the sizes."""
    near = min(sizes, key=lambda size: abs(size.people - people))
    growth = _growth(sizes) if len(sizes) > 1 else 0
    return near.full.together + growth * (people - near.people) / 1024


def machine() -> str:
    """The machine in neutral words."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    load = os.getloadavg()[2]
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GB of memory, {platform.system()}, Python {platform.python_version()}; "
        f"load over the last quarter of an hour {load:.1f} (1 a core is busy)."
    )


def say(text: str) -> None:
    """Progress, beside the tables."""
    print(text, file=sys.stderr, flush=True)


def main(counts: Sequence[int]) -> None:
    """Measure all sizes and print the tables."""
    with tempfile.TemporaryDirectory() as made:
        folders = [Path(made, str(people)) for people in counts]
        for folder in folders:
            folder.mkdir()
        sizes = [size_of(people, folder) for people, folder in zip(counts, folders, strict=True)]
        started = starts(Path(made))
    print(f"{machine()}\n\n{table(sizes)}\n\n{stages(sizes[-1])}\n\n{verdicts(sizes, started)}")


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [100, 400])
