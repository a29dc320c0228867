"""A very large office in one run, and a sample of its people in another: ``python -m tests.benchmarks.large [PEOPLE [OFFICE]]``.

Makes up an office of so many people (100,000 unless told; in the folder OFFICE, if one is named, and takes what lies there),
evaluates its week with two processes, then, with one, the same office from the forms of some thousand people and the sheets
of those who decide on them. What both say of these people, row by row and slip by slip, must be the same.
"""

from __future__ import annotations

import csv
import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.measure import Spent, measure
from tests.benchmarks.speed import NOW, machine, say

_SAMPLE = 2000  # people who are evaluated once more


def main(people: int, folder: Path, office: Path) -> int:
    """Print what was measured; 1 if the two runs don't agree."""
    if not office.exists():
        say(f"{people:,} people: the office and its forms")
        tell("made up", measure(["-m", "batch", "simulate", office, "--people", str(people), "--lang", "vi", "--jobs", "2"]))
    say("the whole week")
    whole = run(office, folder / "out", 2)
    results = rows(folder / "out")
    files = sum(1 for path in (office / "inbox").rglob("*") if path.is_file())
    made = sum(1 for path in (folder / "out" / "outbox").rglob("*") if path.is_file())
    print(machine())
    tell(f"{len(results):,} people, {files:,} forms read, {made:,} files written", whole)
    seconds: Mapping[str, float] = json.loads(whole.said)["seconds"]
    print(", ".join(f"{stage} {spent:.0f} s" for stage, spent in seconds.items() if spent >= 1))
    tell("again, nothing changed", run(office, folder / "out", 2))
    chosen = sorted(results)[:: max(1, len(results) // _SAMPLE)]
    say(f"{len(chosen):,} of them, serially")
    part = some_of(office, folder / "part", [results[staff_id] for staff_id in chosen])
    tell(f"{len(chosen):,} of them by one process", run(part, folder / "serial", 1))
    again = rows(folder / "serial")
    differ = [staff_id for staff_id in chosen if results[staff_id] != again.get(staff_id)]
    slips = [staff_id for staff_id in chosen if slip(folder / "out", staff_id) != slip(folder / "serial", staff_id)]
    decided = sum(results[staff_id]["state"] == "approved" for staff_id in chosen)
    print(f"{len(chosen):,} compared ({decided:,} approved): {len(differ)} rows differ, {len(slips)} slips differ")
    for staff_id in [*differ, *slips][:5]:
        print(results[staff_id], again.get(staff_id))
    return 1 if differ or slips else 0


def run(office: Path, out: Path, jobs: int) -> Spent:
    """Evaluate the week."""
    words: list[str | Path] = ["--office", office, "--out", out, "--now", NOW, "--jobs", str(jobs), "--json"]
    return measure(["-m", "batch", "run", *words])


def rows(out: Path) -> dict[str, dict[str, str]]:
    """results.csv by staff code."""
    (path,) = (out / "outbox").glob("*/results.csv")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return {row["staff_id"]: row for row in csv.DictReader(stream)}


def slip(out: Path, staff_id: str) -> bytes:
    """The person's slip; nothing if there is none."""
    return b"".join(path.read_bytes() for path in (out / "outbox").glob(f"*/for/{staff_id}/slip-*.html"))


def some_of(office: Path, target: Path, wanted: list[dict[str, str]]) -> Path:
    """The same office, in whose inbox lie only these people's forms and the sheets of those who decide on them."""
    shutil.copytree(office, target, ignore=lambda _, names: ["inbox"] if "inbox" in names else [])
    own = {row["staff_id"] for row in wanted}
    deciding = {code for row in wanted for code in (row["reviewer_id"], row["approver_id"]) if code}
    for path in (office / "inbox").rglob("*.xlsx"):
        code = path.stem.rpartition("-")[2]
        if code in (deciding if path.parent.name in ("review", "approval") else own):
            lying = target / path.relative_to(office)
            lying.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, lying)
    return target


def tell(what: str, spent: Spent) -> None:
    """A line of seconds and megabytes."""
    print(
        f"{what}: {spent.wall:.0f} s on the clock, {spent.cpu:.0f} s of the processors, {spent.together:.0f} MB", flush=True
    )


if __name__ == "__main__":
    count, place = [*sys.argv[1:], *("100000", "")[len(sys.argv) - 1 :]]
    with TemporaryDirectory() as aside:
        sys.exit(main(int(count), Path(aside), Path(place) if place else Path(aside, "office")))
