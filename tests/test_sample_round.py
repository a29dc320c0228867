"""The sample bureau: what must come of its rounds, by hand reasoning kept beside the people (tests/sample_round/office.py)."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import openpyxl
import pytest

from tests.conftest import ROOT, run_appraise
from tests.sample_round import forms
from tests.sample_round import office as data
from tests.sample_round.build import OFFICE, rows
from tests.test_privacy import elsewhere
from tests.test_sample import read_csv


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """OUT after both rounds."""
    folder = tmp_path_factory.mktemp("round") / "out"
    for period, now in (("2568-R1", "2025-04-02"), ("2568-R2", "2025-10-02")):
        for command in ("run", "raises"):
            done = run_appraise(command, period, "--office", OFFICE, "--out", folder, "--now", now)
            assert done.returncode == 0, done.stderr + done.stdout
    return folder


def results(out: Path, period: str) -> dict[str, dict[str, str]]:
    return {row["staff_id"]: row for row in read_csv(out / "outbox" / period / "raises.csv")}


def test_who_is_not_raised_and_why(out: Path) -> None:
    found = {who: row["reasons"] for who, row in results(out, "2568-R1").items() if row["state"] != "raised"}
    assert found == {line[0]: line[1] for line in rows(data.NOT_RAISED)}


def test_everybody_in_pay_is_decided_about(out: Path) -> None:
    everybody = {line[0] for line in rows(data.PEOPLE) if line[6]}
    assert len(everybody) >= 40
    assert set(results(out, "2568-R1")) == everybody - {"1507"}  # resigned on 14 March


def test_every_kind_of_leave_and_record_occurs() -> None:
    from tests.raises.samples import rules

    law = rules()
    leave = {kind.id for line in rows(data.LEAVE) if (kind := law.leave_kind(line[3])) is not None}
    conduct = {record.id for line in rows(data.CONDUCT) if (record := law.conduct_kind(line[2])) is not None}
    assert leave == {kind.id for kind in law.leave}
    assert conduct == {"late", "reprimand", "pay-cut"}


def test_round_2_starts_from_the_salaries_of_round_1(out: Path) -> None:
    first, second = results(out, "2568-R1"), results(out, "2568-R2")
    assert {who: row["salary"] for who, row in second.items()} == {who: first[who]["new_salary"] for who in second}


def test_retirees_are_raised_on_their_last_day(out: Path) -> None:
    dates = {who: row["effective"] for who, row in results(out, "2568-R2").items()}
    assert {who for who, day in dates.items() if day == "2025-09-30"} == {"1309", "1508"}
    assert set(dates.values()) == {"2025-09-30", "2025-10-01"}


def test_the_extended_ceiling_leaves_no_special_compensation(out: Path) -> None:
    first, second = results(out, "2568-R1"), results(out, "2568-R2")
    assert {who for who, row in first.items() if Decimal(row["special"])} == {"1102", "1106", "1306", "1309"}
    assert not any(Decimal(row["special"]) for row in second.values())


def test_the_roster_in_the_repository_is_the_one_that_is_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import shutil

    from tests.sample_round import build

    copy = tmp_path / "th-halfyear"
    shutil.copytree(OFFICE, copy)
    monkeypatch.setattr(build, "OFFICE", copy)
    build.tables()
    for name in ("roster.xlsx", "scores.xlsx"):
        assert (copy / name).read_bytes() == (OFFICE / name).read_bytes(), (
            f"run: python -m tests.sample_round.build ({name})"
        )


def test_the_sample_is_described() -> None:
    text = (OFFICE / "README.md").read_text(encoding="utf-8")
    assert all(line[0] in text for line in rows(data.NOT_RAISED))
    assert "th-halfyear" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_goals_are_covered_but_for_one(out: Path) -> None:
    """Everybody's indicators serve the goal of the unit where they were agreed on; G1.3 is nobody's."""
    book = openpyxl.load_workbook(out / "outbox" / "2568-R1" / "goals.xlsx")
    lines: list[tuple[Any, ...]] = [
        tuple(c.value for c in row) for row in book.worksheets[0].iter_rows(min_row=4, max_row=12)
    ]
    people = {str(line[0]): line[3] for line in lines}
    units = Counter(line[4] for who, line in forms.people().items())
    served = {goal: units[unit] for unit, goal in data.GOALS.items()}
    roots = {g: sum(n for goal, n in served.items() if goal.startswith(g)) for g in ("G1", "G2", "G3")}
    assert people == {**served, **roots, "G1.3": 0}
    assert sum(roots.values()) == len(forms.people())


def test_every_page_but_the_index_can_be_sent_alone(out: Path) -> None:
    pages = [page for page in (out / "outbox").rglob("*.html") if page.name != "index.html"]
    assert {"summary.html", "goals.html", "raises.html"} <= {page.name for page in pages}
    assert not {page.name: found for page in pages if (found := elsewhere(page))}


def test_every_link_of_the_index_leads_somewhere(out: Path) -> None:
    folder = out / "outbox" / "2568-R1"
    links = [unquote(link) for link in re.findall(r'href="([^"#]+)"', (folder / "index.html").read_text(encoding="utf-8"))]
    assert {"summary.html", "goals.html", "goals.xlsx", "results.csv"} <= set(links)
    assert [link for link in links if not (folder / link).is_file()] == []
