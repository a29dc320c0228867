"""The goals as leaders see them: page and workbook of the cases of tests/test_goals.py."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from batch.i18n import LANGUAGES, Speaker
from batch.reports.goals import GoalView, page, workbook
from batch.roster import Office, Roster
from batch.scheme import KpiRules, load_scheme
from tests.test_goals import ROUND, covered, roster  # noqa: F401


@pytest.fixture
def view(tmp_path: Path, roster: Roster) -> GoalView:  # noqa: F811
    office = Office(name="สำนักตัวอย่าง", language="th", scheme="th-halfyear")
    coverage = covered(tmp_path, roster)
    return GoalView(office, roster, load_scheme("th-halfyear", tmp_path), KpiRules(), ROUND, coverage, coverage.findings)


def test_the_workbook_shows_the_tree_and_every_indicator(view: GoalView) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook(view, Speaker("en"))))
    goals: list[list[Any]] = [[cell.value for cell in row] for row in book["Goals"].iter_rows(min_row=4, max_row=8)]
    # 650/170 = 3.8235… of 5 is 76 %; 450/130 = 3.4615… is 69 %
    assert [[row[0], row[1].strip(), *row[3:]] for row in goals] == [
        ["G1", "ประชาชนเข้าถึงบริการ", 3, 4, 270, "3/4", 3.82, 76],
        ["G1.1", "ตอบหนังสือทันเวลา", 3, 4, 270, "3/4", 3.82, 76],
        ["G1.1.1", "งานสารบรรณครบถ้วน", 3, 3, 230, "2/3", 3.46, 69],
        ["G1.2", "งบประมาณเบิกจ่ายตามแผน", 0, 0, None, "nobody", None, None],
        ["G2", "บุคลากรมีสมรรถนะ", 0, 0, None, "nobody", None, None],
    ]
    assert [len(row[1]) - len(row[1].lstrip()) for row in goals] == [0, 1, 2, 1, 0]  # the depth of each goal
    indicators: list[list[Any]] = [
        [cell.value for cell in row] for row in book["Indicators"].iter_rows(min_row=4, max_row=8)
    ]
    assert [(row[0], row[2], row[6], row[7]) for row in indicators] == [
        ("G1.1", "1102", 40, 5),
        ("G1.1.1", "1102", 60, 4),
        ("G1.1.1", "1103", 70, 3),
        ("G1.1.1", "1202", 100, None),
        (None, "1103", 20, 5),
    ]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_says_who_serves_what_and_what_is_to_mend(view: GoalView, lang: str) -> None:
    say = Speaker(lang)
    text = page(view, say)
    assert text.count(f"– {say('nobody')}</span>") == 2
    level = "3,82" if lang == "vi" else "3.82"
    assert text.count(f">{level}</td>") == 2
    assert re.search(rf"{say.percent(76)} \({re.escape(say('{count} of {all}', count='3', all='4'))}\)", text)
    for note in view.findings:
        assert say.message(note).replace("'", "&#39;") in text
