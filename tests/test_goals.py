"""Goals from the workbook, and how agreements cover them; every expectation is reckoned by hand beside it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch.components import Kpi
from batch.core.finding import Place, UserError
from batch.core.period import Round
from batch.goals import Coverage, Goal, Goals, cover, read_goals
from batch.roster import Roster
from batch.roster_read import load_roster
from batch.scheme import KpiRules, load_scheme
from tests.conftest import ROOT
from tests.sample_round.build import write_book

ROUND = Round(2025, 1)
LABELS = {"goal_id": "รหัส", "parent_id": "สนับสนุน", "unit_id": "หน่วยงาน", "title": "เป้าหมาย", "start": "ตั้งแต่", "end": "ถึง"}
TREE = """
G1||OPS|ประชาชนเข้าถึงบริการ
G1.1|G1|OA|ตอบหนังสือทันเวลา
G1.1.1|G1.1|OA1|งานสารบรรณครบถ้วน
G1.2|G1|OA|งบประมาณเบิกจ่ายตามแผน
G2||OPS|บุคลากรมีสมรรถนะ
"""


@pytest.fixture(scope="module")
def roster() -> Roster:
    folder = ROOT / "sample_input" / "th-halfyear"
    return load_roster(folder / "roster.xlsx", load_scheme("th-halfyear", folder))[0]


def book(path: Path, text: str) -> Path:
    lines = [dict(zip(LABELS, line.split("|"), strict=False)) for line in text.strip().splitlines()]
    write_book(path / "goals.xlsx", {"goals": (LABELS, lines)})
    return path / "goals.xlsx"


def goals(path: Path, text: str, roster: Roster) -> tuple[Goals, list[tuple[str, str]]]:
    found, notes, _ = read_goals(book(path, text), roster)
    return found, [(note.code, note.place.cell) for note in notes]


def kpi(goal: str, weight: str, level: str | None = None, title: str = "ตัวชี้วัด") -> Kpi:
    return Kpi("kpi.1", title, goal, weight=Decimal(weight), level=Decimal(level) if level else None)


def test_the_workbook_becomes_a_tree(tmp_path: Path, roster: Roster) -> None:
    found, notes = goals(tmp_path, TREE, roster)
    assert [(depth, goal.goal_id) for depth, goal in found.tree()] == [
        (0, "G1"),
        (1, "G1.1"),
        (2, "G1.1.1"),
        (1, "G1.2"),
        (0, "G2"),
    ]
    assert [goal.goal_id for goal in found.above("G1.1.1")] == ["G1.1.1", "G1.1", "G1"]
    assert notes == []


@pytest.mark.parametrize(
    ("line", "note", "kept"),
    [
        ("G1||OPS|ซ้ำ", ("goals.twice", "A8"), 5),
        ("G3|G9|OA|ไม่มีเป้าหมายแม่", ("goals.unknown-parent", "B8"), 6),
        ("G3||XX|ไม่มีหน่วยงาน", ("goals.unknown-unit", "C8"), 5),
        ("G3||OA|", ("roster.missing-value", "D8"), 5),
        ("G3|G3|OA|สนับสนุนตัวเอง", ("goals.loop", "B8"), 6),
        ("G3||OA|วันที่สลับ|2025-03-01|2025-02-01", ("roster.date-order", "F8"), 5),
    ],
)
def test_a_fault_is_named_with_its_cell_and_costs_no_other_goal(
    tmp_path: Path, roster: Roster, line: str, note: tuple[str, str], kept: int
) -> None:
    found, notes = goals(tmp_path, TREE + line, roster)
    assert (notes, len(found.rows), len(list(found.tree()))) == ([note], kept, kept)


def test_without_the_workbook_or_its_columns_nothing_is_guessed(tmp_path: Path, roster: Roster) -> None:
    with pytest.raises(UserError) as caught:
        read_goals(tmp_path / "goals.xlsx", roster)
    assert caught.value.finding.code == "goals.missing"
    write_book(tmp_path / "goals.xlsx", {"goals": ({"goal_id": "รหัส", "title": "เป้าหมาย"}, [])})
    with pytest.raises(UserError) as caught:
        read_goals(tmp_path / "goals.xlsx", roster)
    assert dict(caught.value.finding.params)["column"] == "parent_id"


def test_goals_hold_for_their_time(tmp_path: Path, roster: Roster) -> None:
    # G1.1 ended the day before the round; what served it is then of the highest level. G2 begins on the round's last day.
    lines = "G1||OPS|หนึ่ง\nG1.1|G1|OA|เก่า|2023-10-01|2024-09-30\nG1.1.1|G1.1|OA1|งานสารบรรณ\nG2||OPS|ใหม่|2025-03-31|\nG3||OPS|ถัดไป|2025-04-01|"
    found, _ = goals(tmp_path, lines, roster)
    assert [(depth, goal.goal_id) for depth, goal in found.of(ROUND).tree()] == [(0, "G1"), (0, "G1.1.1"), (0, "G2")]


def covered(path: Path, roster: Roster) -> Coverage:
    found, _ = goals(path, TREE, roster)
    agreements = {
        # 1102 and 1103 are in group OA1 of bureau OA
        "1102": [kpi("G1.1.1", "60", "4"), kpi("G1.1", "40", "5")],
        "1103": [kpi("G1.1.1", "70", "3"), kpi("", "20", "5", "อื่น ๆ")],
        "1202": [kpi("G1.1.1", "100")],  # of group OA2, not assessed yet
        "1203": None,
    }
    return cover(found, agreements, KpiRules(), roster, ROUND)


def test_an_indicator_counts_for_its_goal_and_all_above_it(tmp_path: Path, roster: Roster) -> None:
    by_id = {reach.goal.goal_id: reach for reach in covered(tmp_path, roster).reaches}
    reached = {g: (r.people, len(r.serving), r.own, r.weight, r.assessed, r.achieved) for g, r in by_id.items()}
    assert reached == {
        "G1.1.1": (3, 3, 3, Decimal(230), 2, Fraction(60 * 4 + 70 * 3, 130)),
        "G1.1": (3, 4, 1, Decimal(270), 3, Fraction(60 * 4 + 70 * 3 + 40 * 5, 170)),
        "G1": (3, 4, 0, Decimal(270), 3, Fraction(650, 170)),  # each once, though it reaches G1 by way of G1.1
        "G1.2": (0, 0, 0, Decimal(0), 0, None),
        "G2": (0, 0, 0, Decimal(0), 0, None),
    }


def test_what_is_to_mend_is_said(tmp_path: Path, roster: Roster) -> None:
    coverage = covered(tmp_path, roster)
    assert [reach.goal.goal_id for reach in coverage.uncovered] == ["G1.2", "G2"]
    assert [(one.staff_id, one.kpi.title) for one in coverage.astray] == [("1103", "อื่น ๆ")]
    assert (coverage.off_weight, coverage.without) == ({"1103": Decimal(-10)}, ("1203",))
    assert {(f.code, f.staff_id or str(f.place)) for f in coverage.findings} == {
        ("goals.no-agreement", "1203"),
        ("goals.weights", "1103"),
        ("goals.indicator-astray", "1103"),
        ("goals.indicator-elsewhere", "1202"),
        ("goals.uncovered", "goals.xlsx › goals › A6"),
        ("goals.uncovered", "goals.xlsx › goals › A7"),
    }


@given(
    st.lists(st.tuples(st.integers(0, 11), st.integers(1, 100), st.one_of(st.none(), st.integers(1, 5))), max_size=30),
    st.data(),
)
def test_the_highest_goals_hold_every_indicator_once(kpis: list[tuple[int, int, int | None]], data: st.DataObject) -> None:
    """In any tree: what the highest goals reach is what all indicators say together, however deep they stand."""
    always, place = (dt.date(1900, 1, 1), dt.date.max), Place("goals.xlsx")
    parents = ["", *(data.draw(st.sampled_from(["", *(f"G{m}" for m in range(n))])) for n in range(1, 12))]
    found = Goals(tuple(Goal(f"G{n}", parent, "U", "…", *always, place) for n, parent in enumerate(parents)))
    people = {f"{n:04d}": [kpi(f"G{goal}", str(w), str(v) if v else None)] for n, (goal, w, v) in enumerate(kpis)}
    coverage = cover(found, people, KpiRules(), Roster((), ()), ROUND)
    roots = [reach for reach in coverage.reaches if reach.depth == 0]
    assert sum(len(reach.serving) for reach in roots) == len(kpis)
    assert sum(reach.weight for reach in roots) == sum(w for _, w, _ in kpis)
    rated = [(w, v) for _, w, v in kpis if v]
    sums = [
        (r.achieved * sum(Fraction(s.kpi.weight) for s in r.serving if s.kpi.level is not None))
        for r in roots
        if r.achieved is not None
    ]
    assert sum(Fraction(x) for x in sums) == sum(w * v for w, v in rated)
