"""Whatever the order in which files arrive, and however many runs look at them: the same bytes in the outbox.

The order can matter in one place, by rule: two forms of one author that contradict each other, of which neither says that
it corrects the other. Together they are a conflict; one after the other, the second is a new version. Every form that the
program gives out for correction says what it corrects, so a history of such forms knows no order.
"""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.small_office import SmallOffice
from tests.test_sample import digests

W26, W27 = "2025-W26", "2025-W27"
PEOPLE = """
L1|Lê Lãnh Đạo|commission_leader|Phó Trưởng ban|ROOT||l1@example.org|01/01/2025|
A1|Nguyễn Văn An|department_director|Vụ trưởng|D1|L1|a1@example.org|01/01/2025|
A2|Trần Thị Bình|deputy_department_director|Phó Vụ trưởng|D1|A1|a2@example.org|01/01/2025|
A3|Phạm Văn Cường|civil_servant|Chuyên viên|D1|A2|a3@example.org|01/01/2025|
A4|Vũ Thị Dung|employee|Nhân viên|D1|A1|a4@example.org|01/01/2025|
"""
UNITS = """
ROOT|Ban mẫu|commission||L1|L1
D1|Vụ Một|department|ROOT|A1|L1
"""
LEAVE = "A4|30/06/2025|04/07/2025|annual"
RECORD = {
    ("meeting.date", "value"): "07/07/2025",
    ("meeting.participants", "value"): "Văn phòng; Vụ trưởng; Phạm Văn Cường",
    ("meeting.measures", "value"): "Kèm cặp hằng ngày",
    ("meeting.review_by", "value"): "11/07/2025",
}


def of_unit(office: SmallOffice, week: str) -> Path:
    return office.given(week, "A1", f"unit-{week}-D1")


def unit_cells(quality: object) -> dict[tuple[str, str], object]:
    return {("score.quality", "self"): quality, ("score.progress", "self"): 35, ("score.conduct", "self"): 18}


def first_week(office: SmallOffice) -> None:
    """Faulty and contradicting forms, a return, an adjustment, a stale approval; everything ends approved."""
    office.issue(W26)
    office.report(W26, "A1")
    office.report(W26, "A2")
    office.report(W26, "A3", (44, 37, 19))
    office.report(W26, "A4", (38, 37, 19), "one.xlsx")
    office.report(W26, "A4", (30, 37, 19), "other.xlsx")
    office.fill(of_unit(office, W26), unit_cells(41))
    office.run()
    office.report(W26, "A3", (10, 10, 10))
    office.report(W26, "A4", (33, 33, 13))
    office.issue(W26, "unit")
    office.fill(of_unit(office, W26), unit_cells(35))
    office.run()
    office.fill(office.form("review", W26, "L1"), {("A1", "agree"): "yes"})
    office.review(W26, "A1", {"A2": (34, 33, 18), "A4": (41, 30, 15)})
    office.review(W26, "A2", {"A3": (10, 10, 10)}, key_task_failed_A3="yes", comment_A3="Chậm hồ sơ")
    office.run()
    office.review(W26, "A1", {"A4": (31, 30, 15)})
    office.run()
    office.approve(W26, "L1", {"A1": "approve", "unit:D1": "approve"})
    scores: dict[str, Any] = {"score.quality_A4": 30.4, "score.progress_A4": 39.8, "score.conduct_A4": 19.8}
    reasons = {"reason_A2": "Cao quá", "reason_A4": "Có sản phẩm thêm"}
    office.approve(W26, "A1", {"A2": "return", "A4": "adjust", "others": "approve"}, **reasons, **scores)
    office.run()
    office.review(W26, "A1", {"A2": (30, 30, 15)})
    office.run()
    office.approve(W26, "A1", {"A2": "approve"})
    office.run()
    office.issue(W26, "review", ["A2"], again=True)
    office.review(W26, "A2", {"A3": (12, 10, 10)}, key_task_failed_A3="yes", discipline_breach_A3="yes")
    office.run()
    office.approve(W26, "A1", {"A3": "approve"})
    office.run()


def second_week(office: SmallOffice) -> None:
    """A4 is on leave; A3 fails again and is met."""
    office.issue(W27)
    for who in ("A1", "A2", "A3"):
        office.report(W27, who, proposals="Thêm máy")
    office.fill(of_unit(office, W27), unit_cells(38))
    office.run()
    office.review(W27, "L1", {"A1": (38, 38, 19)})
    office.review(W27, "A1", {"A2": (34, 33, 18)})
    office.review(W27, "A2", {"A3": (10, 10, 10)}, key_task_failed_A3="yes")
    office.run()
    office.approve(W27, "L1", {"others": "approve"})
    office.approve(W27, "A1", {"others": "approve"})
    office.run()
    office.fill(office.given(W27, "A1", f"meeting-{W27}-A3"), {**RECORD, ("meeting.measures", "value"): None})
    office.run()
    office.fill(office.given(W27, "A1", f"meeting-{W27}-A3"), RECORD)


def strays(office: SmallOffice) -> None:
    """What else lies in an inbox: copies, a copy saved anew, another office's form, files that are no forms."""
    inbox = office.folder / "inbox"
    report = next(inbox.glob("*self-2025-W26-A2.xlsx"))
    shutil.copy(report, inbox / "000 copy.xlsx")
    shutil.copy(report, inbox / "zz copy.xlsx")
    book = openpyxl.load_workbook(next(inbox.glob("*self-2025-W26-A1.xlsx")))
    book.properties.title = "saved anew"
    book.save(inbox / "000 anew.xlsx")
    (inbox / W27).mkdir()
    (inbox / W27 / "damaged.xlsx").write_bytes(b"PK\x03\x04 half a file")
    (inbox / "letter.xlsx").write_bytes(b"Dear colleague")
    form = openpyxl.load_workbook(report)
    next(row for row in form["_form"].iter_rows() if row[0].value == "addressee")[1].value = "A4"
    form.save(inbox / "forged.xlsx")


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> SmallOffice:
    """Two weeks as they were lived, with a run after every step."""
    office = SmallOffice(tmp_path_factory.mktemp("lived"), people=PEOPLE, units=UNITS, leave=LEAVE)
    first_week(office)
    second_week(office)
    strays(office)
    office.run()
    return office


def names(office: SmallOffice) -> list[str]:
    inbox = office.folder / "inbox"
    return sorted(path.relative_to(inbox).as_posix() for path in inbox.rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def at_once(lived: SmallOffice, tmp_path_factory: pytest.TempPathFactory) -> SmallOffice:
    """One run from scratch over all that ever arrived."""
    office = lived.twin(tmp_path_factory.mktemp("once"))
    for name in names(lived):
        office.receive(lived.folder / "inbox", name)
    office.run()
    return office


def test_the_history_holds_what_it_should(at_once: SmallOffice) -> None:
    told = {(week, who): (r["state"], r["total"]) for week in (W26, W27) for who, r in at_once.results(week).items()}
    assert told == {
        (W26, "A1"): ("approved", "94"),
        (W26, "A2"): ("approved", "75"),
        (W26, "A3"): ("approved", "32"),
        (W26, "A4"): ("approved", "90"),
        (W27, "A1"): ("approved", "95"),
        (W27, "A2"): ("approved", "85"),
        (W27, "A3"): ("approved", "30"),
        (W27, "A4"): ("excused", ""),
    }
    assert at_once.results(W27)["A3"]["meeting_required"] == "yes"
    errors = {f["file"] for week in (W26, W27) for f in at_once.findings(week) if f["severity"] == "error"}
    assert errors == {f"{W27}/damaged.xlsx", "letter.xlsx", "forged.xlsx"}


@pytest.mark.parametrize(("seed", "most"), [(0, 1), (1, 1), (2, 5), (3, 9), (4, 16)])
def test_whatever_the_order_and_however_many_runs(
    lived: SmallOffice, at_once: SmallOffice, tmp_path: Path, seed: int, most: int
) -> None:
    """Files arrive in the order of their names (seed 0) or shuffled, with a run after every few, at most ``most``."""
    chance, office = random.Random(seed), lived.twin(tmp_path)
    waiting = names(lived)
    if seed:
        chance.shuffle(waiting)
    while waiting:
        for _ in range(chance.randint(1, most)):
            if waiting:
                office.receive(lived.folder / "inbox", waiting.pop(0))
        office.run()
    assert digests(office.out / "outbox") == digests(at_once.out / "outbox")
