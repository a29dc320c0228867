"""What rolling a year up costs: ``python -m tests.benchmarks.year [PEOPLE [WEEKS]]``; 500 people and 52 weeks take minutes."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.measure import measure

_LAST = "2026-01-05T08:00"


def main(people: int, weeks: int) -> None:
    """Make up an office, take its forms in, roll the year up with all its parts, twice; print seconds."""
    with TemporaryDirectory() as folder:
        office, out = Path(folder, "office"), Path(folder, "out")
        made: list[str | Path] = ["--people", str(people), "--weeks", str(weeks), "--period", "2025-W01"]
        measure(["-m", "batch", "--lang", "vi", "simulate", office, *made])
        common: list[str | Path] = ["--office", office, "--out", out, "--now", _LAST]
        measure(["-m", "batch", "run", "2025-W01", *common])
        for name in ("from scratch", "nothing changed"):
            spent = measure(["-m", "batch", "rollup", "2025", "--with-parts", "--json", *common])
            terms = json.loads(spent.said)["terms"]
            files = sum(len(term["changed"]) for term in terms)
            seconds = f"{spent.wall:.1f} s on the clock, {spent.cpu:.1f} s of the processors, {spent.together:.0f} MB"
            print(f"{name}: {len(terms)} terms, {files} files written; {seconds}")


if __name__ == "__main__":
    main(*map(int, [*sys.argv[1:], *("500", "52")[len(sys.argv) - 1 :]]))
