"""What rolling a year up costs: ``make bench-year``, or ``python -m tests.benchmarks.year [PEOPLE [WEEKS]]``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.measure import Spent, measure
from tests.benchmarks.speed import machine

_LAST = "2026-01-05T08:00"
_ASKED = 20.0  # seconds on the clock, on two idle cores, for 500 people and 52 weeks
_AGAIN = 0.1  # of that, when nothing changed


def main(people: int, weeks: int) -> None:
    """Make up an office, take its forms in, roll the year up with all its parts, twice; print what it cost beside what is
    asked. The time on the clock says something on an idle machine only; see the load that is printed.
    """
    found: list[Spent] = []
    with TemporaryDirectory() as folder:
        office, out = Path(folder, "office"), Path(folder, "out")
        made: list[str | Path] = ["--people", str(people), "--weeks", str(weeks), "--period", "2025-W01"]
        measure(["-m", "batch", "--lang", "vi", "simulate", office, *made])
        common: list[str | Path] = ["--office", office, "--out", out, "--now", _LAST]
        measure(["-m", "batch", "run", "2025-W01", *common])
        print(f"{people} people, {weeks} weeks; {machine()}\n")
        print("| the year and its parts | terms | files written | on the clock | processors | MB |")
        print("|---|---:|---:|---:|---:|---:|")
        for name in ("from scratch", "nothing changed"):
            spent = measure(["-m", "batch", "rollup", "2025", "--with-parts", "--json", *common])
            terms = json.loads(spent.said)["terms"]
            files = sum(len(term["changed"]) for term in terms)
            print(f"| {name} | {len(terms)} | {files:,} | {spent.wall:.1f} s | {spent.cpu:.1f} s | {spent.together:.0f} |")
            found.append(spent)
    first, again = found
    rows = (
        ("from scratch, s on the clock", _ASKED, first.wall),
        ("processor time a core, two of them, s", _ASKED, first.cpu / 2),
        ("nothing changed ÷ from scratch", _AGAIN, again.wall / first.wall),
        ("the same, processors' time", _AGAIN, again.cpu / first.cpu),
    )
    print("\n| target | asked | measured | |\n|---|---:|---:|---|")
    for name, asked, value in rows:
        print(f"| {name} | ≤ {asked:g} | {value:.3g} | {'pass' if value <= asked else '**falls short**'} |")


if __name__ == "__main__":
    main(*map(int, [*sys.argv[1:], *("500", "52")[len(sys.argv) - 1 :]]))
