"""How long an inbox takes in which 50 files try to take the batch down, beside the same inbox without them.

Run: ``python -m tests.benchmarks.killers [people] [killers]``. Says whether every sound file counted and every killer was named.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
from collections import Counter
from itertools import cycle, islice
from pathlib import Path

from tests.corpus import hostile
from tests.corpus.case import Refused
from tests.corpus.package import SHEET, package, parts_of, place_of
from tests.small_office import SmallOffice

WEEK = "2025-W26"
SECONDS = 2
SCORES = {"score.quality": 38, "score.progress": 37, "score.conduct": 19}


def office_of(folder: Path, people: int) -> SmallOffice:
    """An office of one director and many civil servants, all of whose forms lie filled in the inbox."""
    lines = ["L1|Lê Lãnh Đạo|commission_leader|Phó Trưởng ban|ROOT|||01/01/2025|"]
    lines += ["A1|Nguyễn Văn An|department_director|Vụ trưởng|D1|L1||01/01/2025|"]
    lines += [f"S{n:04d}|Phạm Văn Số {n}|civil_servant|Chuyên viên|D1|A1||01/01/2025|" for n in range(people)]
    units = "ROOT|Ban mẫu|commission||L1|L1\nD1|Vụ Một|department|ROOT|A1|L1"
    office = SmallOffice(folder, f"file_seconds = {SECONDS}", people="\n".join(lines), units=units)
    office.issue(WEEK, "self")
    places: dict[str, str] = {}
    for path in sorted((office.out / "outbox").rglob("self-*.xlsx")):
        if path.parent.name.startswith("S"):
            data = path.read_bytes()
            places = places or {row: place_of(data, row, "self") for row in SCORES}
            (office.folder / "inbox" / path.name).write_bytes(filled(data, places))
    return office


def filled(data: bytes, places: dict[str, str]) -> bytes:
    """A form with its three scores; nothing else is touched."""
    parts = parts_of(data)
    for row, ref in places.items():
        cell = rb'<c r="%b"([^>]*?)(?:/>|>.*?</c>)' % ref.encode()
        new, count = re.subn(cell, rb'<c r="%b"\1><v>%d</v></c>' % (ref.encode(), SCORES[row]), parts[SHEET], count=1)
        assert count == 1
        parts[SHEET] = new
    return package(parts)


def add_killers(office: SmallOffice, count: int) -> dict[str, str]:
    """Files of the corpus that must be refused, each another one; file name → the code that must name it."""
    source = next((office.folder / "inbox").glob("self-*.xlsx")).read_bytes()
    # The worst stand last in the corpus.
    refused = [case for case in hostile.cases() if isinstance(case.expect, Refused) and case.form == "self"]
    expected = {}
    for n, case in enumerate(islice(cycle(refused[::-1]), count)):
        name = f"{WEEK} killer {n:02d} {case.name}.xlsx"
        data = case.build(source)
        (office.folder / "inbox" / name).write_bytes(data + b"\0" * (n // len(refused)))
        assert isinstance(case.expect, Refused)
        expected[name] = case.expect.code
    return expected


def timed(office: SmallOffice) -> float:
    begun = time.perf_counter()
    office.run(WEEK)
    return time.perf_counter() - begun


def main(people: int, killers: int) -> None:
    seconds: list[float] = []
    hanging = 0
    for attack in (0, killers):
        with tempfile.TemporaryDirectory() as folder:
            office = office_of(Path(folder), people)
            expected = add_killers(office, attack) if attack else {}
            seconds.append(timed(office))
            states = Counter(row["state"] for row in office.results(WEEK).values())
            named = {f["file"]: f["code"] for f in office.findings(WEEK) if f["file"] in expected}
            print(
                f"{people} sound, {attack} killers: {seconds[-1]:.1f} s; {states['submitted']} counted, {len(named)} named"
            )
            print(f"   as: {dict(Counter(named.values()))}")
            assert states["submitted"] == people and named.keys() == expected.keys()
            # On a slow machine a large file's time may be up before its fault is found.
            assert all(named[name] in (code, "file.timeout") for name, code in expected.items()), named
            hanging = SECONDS * Counter(named.values())["file.timeout"]
    allowed = 3 * seconds[0] + hanging
    print(f"allowed: 3 × {seconds[0]:.1f} s + {hanging} s = {allowed:.1f} s; taken: {seconds[1]:.1f} s")


if __name__ == "__main__":
    main(*(int(word) for word in (sys.argv[1:] or ("1000", "50"))))
