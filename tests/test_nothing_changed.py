"""A run that finds everything as the last one left it does nothing; and whatever changes is seen all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from batch import pipeline
from batch.core.period import Week
from batch.stopwatch import Stopwatch
from tests.small_office import SmallOffice

W = "2025-W26"
EARLY, LATER, LATE = "2025-06-27T16:00+07:00", "2025-06-27T17:00+07:00", "2025-06-27T17:01+07:00"


@pytest.fixture
def office(tmp_path: Path) -> SmallOffice:
    office = SmallOffice(tmp_path, '[deadlines]\nself = "5 17:00"')
    office.issue(W)
    office.report(W, "A3")
    office.run(W, now=EARLY)
    return office


def run(office: SmallOffice, now: str = LATER) -> tuple[bool, pipeline.RunOutcome]:
    """Whether the run judged anything at all, and what it came to."""
    watch = Stopwatch()
    outcome = pipeline.run(office.setup(), Week.parse(W), now, 2, watch)
    return "judge" in watch.seconds, outcome


def test_nothing_changed_is_told_as_before_and_nothing_is_judged(office: SmallOffice) -> None:
    judged, outcome = run(office)
    (week,) = outcome.weeks
    assert not judged and outcome.files == 1 and outcome.new_files == 0
    assert week.states == {"missing": 6, "submitted": 1} and week.changed == ()


def test_a_deadline_that_passes_is_seen(office: SmallOffice) -> None:
    assert "case.overdue" not in office.codes(W)
    judged, _ = run(office, LATE)
    assert judged and office.codes(W).count("case.overdue") == 6


def test_a_clock_set_back_is_no_reason_to_believe_the_last_run(office: SmallOffice) -> None:
    office.run(W, now=LATE)
    run(office, EARLY)
    assert "case.overdue" not in office.codes(W)


def test_a_file_that_goes_away_is_seen(office: SmallOffice) -> None:
    (office.folder / "inbox" / "film.txt").write_bytes(b"no form")
    office.run(W, now=EARLY)
    assert "file.not-a-workbook" in office.codes(W)
    (office.folder / "inbox" / "film.txt").unlink()
    run(office)
    assert "file.not-a-workbook" not in office.codes(W)


def test_a_damaged_output_is_written_again(office: SmallOffice) -> None:
    results = office.out / "outbox" / W / "results.csv"
    before = results.read_bytes()
    results.write_bytes(b"mine")
    assert run(office)[0] and results.read_bytes() == before


def test_a_key_that_is_taken_away_is_seen(office: SmallOffice) -> None:
    key = office.out / "key"
    old = key.read_text(encoding="ascii")
    key.write_text(f"{'1' * 64}\n{old}", encoding="ascii")
    office.run(W, now=EARLY)
    assert not run(office)[0]
    key.write_text(f"{'1' * 64}\nretired {old}", encoding="ascii")
    assert run(office)[0]
