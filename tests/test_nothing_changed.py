"""A run that finds everything as the last one left it does nothing; and whatever changes is seen all the same."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from batch import due, pipeline
from batch.core.period import Week
from batch.core.records import Case
from batch.desk import Setup
from batch.forms.issue import Form
from batch.reports import personal
from batch.scope import Scope
from batch.stopwatch import Stopwatch
from tests.small_office import PEOPLE, SmallOffice

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


def as_made_anew(office: SmallOffice, base: Path) -> None:
    """What lies in the outbox is, byte for byte, what a run makes that finds none of it."""
    lying = {path: path.read_bytes() for path in (office.out / "outbox").rglob("*") if path.is_file()}
    other = office.copied(base)
    shutil.rmtree(other.out / "outbox")
    other.run()
    made = {path: path.read_bytes() for path in (other.out / "outbox").rglob("*") if path.is_file()}
    names = {path.relative_to(office.out): data for path, data in lying.items()}
    assert names == {path.relative_to(other.out): data for path, data in made.items()}


def test_what_is_left_as_it_lies_is_what_would_be_made(tmp_path: Path) -> None:
    """Two weeks with faults, corrections, conflicts, returns, another roster and another heading of the forms."""
    office, fails = SmallOffice(tmp_path / "office"), {"A3": (10, 10, 5), "A4": (34, 33, 18)}
    first, second = "2025-W25", W
    moments = iter(range(100))

    def run() -> None:
        office.run()
        as_made_anew(office, tmp_path / str(next(moments)))

    office.issue(first)
    office.report(first, "A3", obstacles="Much rain")
    office.report(first, "A4", (99, 10, 5))  # more than there is to give
    run()
    office.report(first, "A4")
    for who in ("A1", "A2", "B1", "B2"):
        office.report(first, who)
    run()
    office.review(first, "A2", fails, key_task_failed_A3="yes", comment_A3="Late")
    office.review(first, "B1", {"B2": (34, 33, 18)})
    run()
    office.approve(first, "A1", {"A3": "approve", "A4": "return"}, reason_A4="Ask again")
    office.approve(first, "B1", {"B2": "approve"})
    run()
    office.unit_report(first, "D1", "A1")
    run()
    office.roster(people=PEOPLE.replace("Bùi Văn Hà", "Bùi Văn Hải").replace("Chuyên viên|D2|B1", "Chuyên viên|D2|L1"))
    run()
    office.roster()
    office.whole_week(second, {"A3": (10, 10, 5)}, key_task_failed_A3="yes")
    run()
    office.settings('header_left = ["Elsewhere"]')
    run()


def test_only_what_the_new_concerns_is_made(office: SmallOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    written, slip = [], personal._Writer.slip

    def noting(self: personal._Writer, scope: Scope, case: Case) -> str:
        written.append(scope.staff_id)
        return slip(self, scope, case)

    monkeypatch.setattr(personal._Writer, "slip", noting)
    office.report(W, "B2")
    (office.out / "outbox" / W / "for" / "A4" / f"slip-{W}.html").write_bytes(b"something else")
    office.run(W, now=EARLY)
    assert sorted(written) == ["A4", "B1", "B2"]  # whose page was damaged, whose report came, and who scores it


def test_forms_for_the_next_week_are_left_as_they_lie_and_come_back_if_lost(
    office: SmallOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned, plan = [], due.opening_forms

    def counted(setup: Setup, week: Week) -> dict[str, Callable[[], Form]]:
        planned.append(week)
        return plan(setup, week)

    monkeypatch.setattr("batch.week_plan.opening_forms", counted)
    forms = {path: path.read_bytes() for path in (office.out / "outbox" / W).rglob(f"self-{Week.parse(W).plus(1)}-*.xlsx")}
    lost, harmed, *_ = sorted(forms)
    office.report(W, "B1")
    office.run(W, now=EARLY)
    assert not planned
    lost.unlink()
    harmed.write_bytes(b"mine")
    office.report(W, "B2")
    office.run(W, now=EARLY)
    assert planned
    assert {path: path.read_bytes() for path in forms} == forms
