"""What forms lie in a week's folders: those that are due, those asked for, and nothing that is no longer wanted."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from batch import pipeline
from batch.core.period import Week
from tests.conftest import run_appraise
from tests.small_office import NOW, PEOPLE, SmallOffice

W = "2025-W26"


def forms(office: SmallOffice, week: str = W) -> set[str]:
    """Names of the forms about the week that lie in its folders."""
    return {path.stem.replace(f"-{week}", "") for path in (office.out / "outbox" / week / "for").glob(f"*/*{week}*.xlsx")}


def opening(office: SmallOffice, week: str = W, after: str = "2025-W27") -> set[str]:
    """Names of the forms about the week after that lie in a week's folders."""
    return {path.stem.replace(f"-{after}", "") for path in (office.out / "outbox" / week / "for").glob(f"*/*{after}*.xlsx")}


@pytest.fixture
def office(tmp_path: Path) -> SmallOffice:
    office = SmallOffice(tmp_path)
    office.issue(W)
    return office


EVERYBODY = {f"self-{who}" for who in ("A1", "A2", "A3", "A4", "B1", "B2", "B3")}
SHEETS = {f"review-{who}" for who in ("L1", "A1", "A2", "B1")}
UNITS = {"unit-D1", "unit-D2"}


def test_issue_and_run_write_the_same_forms(office: SmallOffice, tmp_path: Path) -> None:
    assert forms(office) == EVERYBODY | SHEETS | UNITS
    other = SmallOffice(tmp_path / "other")  # where nobody issued anything
    (other.out).mkdir()
    (other.out / "key").write_bytes((office.out / "key").read_bytes())
    other.run(W)
    assert forms(other) == forms(office)
    for path in (office.out / "outbox" / W / "for").glob("*/*.xlsx"):
        assert (other.out / path.relative_to(office.out)).read_bytes() == path.read_bytes()


def test_everybody_finds_next_weeks_form_beside_this_weeks_result(office: SmallOffice) -> None:
    office.roster(leave="A4|01/07/2025|04/07/2025|phép năm", calendar="30/06/2025|holiday|Lễ")
    office.report(W, "A3")
    office.run(W)
    assert opening(office) == (EVERYBODY - {"self-A4"}) | UNITS  # A4 is away on every working day of that week
    lying = office.out / "outbox" / W / "for" / "A3" / "self-2025-W27-A3.xlsx"
    page = (office.out / "outbox" / W / "index.html").read_text(encoding="utf-8")
    assert re.search(f'href="for/A3/{lying.name}">[^<]+, Week 27/2025</a> <span class="where">to fill in<', page)
    handed = lying.read_bytes()
    office.issue("2025-W27")
    assert (office.out / "outbox" / "2025-W27" / "for" / "A3" / lying.name).read_bytes() == handed
    office.run(W)
    assert office.run(W).weeks[0].changed == () and lying.exists()
    office.fill(lying, {(f"score.{c}", "self"): 15 for c in ("quality", "progress", "conduct")})
    office.run()
    assert office.results("2025-W27")["A3"]["self_total"] == "45"
    assert opening(office) == set()  # the next week has its own folders now
    assert "self-A3" in opening(office, "2025-W27", "2025-W28")


def test_next_weeks_form_is_that_of_the_next_week_with_a_working_day(office: SmallOffice) -> None:
    days = "\n".join(f"{day:02d}/07/2025|holiday|Tết" for day in range(1, 5)) + "\n30/06/2025|holiday|Tết"
    office.roster(calendar=days)
    office.report(W, "A3")
    office.run(W)
    assert opening(office) == set() and opening(office, W, "2025-W28") == EVERYBODY | UNITS


def test_a_form_is_gone_once_it_is_answered(office: SmallOffice) -> None:
    office.report(W, "A3")
    office.unit_report(W, "D1", "A1")
    office.run(W)
    assert forms(office) == (EVERYBODY - {"self-A3"}) | SHEETS | {"unit-D2", "approval-L1"}
    office.review(W, "A2", {"A3": (30, 30, 15), "A4": (30, 30, 15)})
    office.run(W)
    assert {"review-A2"} & forms(office) == set() and "self-A4" in forms(office)  # scored, yet the report is still owed
    office.approve(W, "L1", {"unit:D1": "return"}, **{"reason_unit:D1": "counts are wrong"})
    office.run(W)
    assert {"returned-unit-D1", "unit-D1", "approval-L1"} & forms(office) == {"returned-unit-D1"}


@pytest.mark.parametrize("change", ["left", "excused"])
def test_a_form_is_gone_with_who_left_or_is_excused(office: SmallOffice, change: str) -> None:
    if change == "left":
        office.roster(None, people=PEOPLE.replace("a4@example.org|01/01/2025|", "a4@example.org|01/01/2025|22/06/2025"))
    else:
        office.roster(None, leave="A4|23/06/2025|27/06/2025|annual")
    office.run(W)
    assert forms(office) == (EVERYBODY - {"self-A4"}) | SHEETS | UNITS
    assert not (office.out / "outbox" / W / "for" / "A4" / f"self-{W}-A4.xlsx").exists()


def test_next_weeks_forms_survive_runs_of_other_weeks(office: SmallOffice) -> None:
    office.issue("2025-W27")
    before = {p: p.read_bytes() for p in (office.out / "outbox" / "2025-W27").rglob("*") if p.is_file()}
    office.report(W, "A3")
    office.run(W)
    office.run()
    assert before == {p: p.read_bytes() for p in (office.out / "outbox" / "2025-W27").rglob("*") if p.is_file()}
    assert len(before) == len(EVERYBODY | SHEETS | UNITS) + 5 + 1  # and the guides, and the manifest


def test_what_was_asked_for_stays_until_it_is_answered(office: SmallOffice) -> None:
    office.report(W, "A3")
    office.run(W)
    office.issue(W, "self", ["A3"], again=True)
    assert "self-A3-again" in forms(office)
    office.report(W, "A4")
    office.run(W)  # something else has come
    assert "self-A3-again" in forms(office)
    office.report(W, "A3", (10, 10, 10))
    office.run(W)
    assert "self-A3-again" not in forms(office)
    assert office.results(W)["A3"]["self_total"] == "30"


def test_a_closed_week_asks_nobody_for_anything(office: SmallOffice) -> None:
    pipeline.close(office.setup(), Week.parse(W), NOW, with_open=True)
    office.run(W)
    assert forms(office) == set()
    office.issue(W, "review", ["A2"], again=True)
    office.run(W)
    assert forms(office) == {"review-A2-again"}  # asked for, so that an amendment can rest on it


def test_verify_knows_what_issue_wrote(office: SmallOffice) -> None:
    words = ("verify", "--office", office.folder, "--out", office.out)
    assert run_appraise(*words).returncode == 0
    (office.out / "outbox" / W / "for" / "A3" / f"self-{W}-A3.xlsx").write_bytes(b"tampered")
    done = run_appraise(*words)
    assert done.returncode == 1 and f"self-{W}-A3.xlsx" in done.stdout
    office.run(W)
    assert run_appraise(*words).returncode == 0


def test_issue_after_a_run_leaves_the_run_current(office: SmallOffice) -> None:
    office.report(W, "A3")
    office.run(W)
    basis = json.loads(office.manifest(W).read_text(encoding="utf-8"))["basis"]
    office.issue(W)
    assert json.loads(office.manifest(W).read_text(encoding="utf-8"))["basis"] == basis
    assert office.run(W).weeks[0].changed == ()
