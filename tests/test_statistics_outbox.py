"""Job statistics through real files: forms filled, corrected and approved; a catalogue beside the roster; week and month."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from batch import terms
from batch.core.period import Term
from tests.small_office import SmallOffice
from tests.test_catalogue import write

W1, W2 = "2025-W25", "2025-W26"
LATER = "2025-07-03T08:00+07:00"
ROWS = "BC | Báo cáo tuần | Bản tin | bản | N2 | 1,5 | v1 | | \n CV | Công văn | | | N1 | 0,5 | | | "


def lines(*tasks: Mapping[str, object]) -> dict[tuple[str, str], object]:
    return {(f"task.{n}", key): value for n, one in enumerate(tasks, 1) for key, value in one.items()}


def report(office: SmallOffice, week: str, who: str, *tasks: Mapping[str, object], conduct: object = 18) -> None:
    scores = {("score.quality", "self"): 34, ("score.progress", "self"): 33, ("score.conduct", "self"): conduct}
    office.fill(office.form("self", week, who), {**scores, **lines(*tasks)})


def weekly(text: str, **more: object) -> dict[str, object]:
    due = dt.date(2025, 6, 20)
    return {"task": text, "product": "BÁO CÁO  TUẦN", "quantity": 2, "complexity": 3, "due": due, "done": due, **more}


pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")  # openpyxl drops bars in cells


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> SmallOffice:
    """Two weeks of two people of department D1, with a corrected form and a task carried over."""
    office = SmallOffice(tmp_path_factory.mktemp("office"))
    write(office.folder, ROWS)
    late = weekly("Tổng hợp", done=None)
    for week in (W1, W2):
        office.issue(week)
        tasks = [weekly("Soạn"), late] if week == W1 else [weekly("Soạn"), weekly("Tổng hợp", done=dt.date(2025, 6, 24))]
        report(office, week, "A3", *tasks)
        report(
            office, week, "A4", {"task": "Đánh máy", "product": "Tập tài liệu", "quantity": 4, "kind": "ad hoc"}, conduct=21
        )
        office.run(week)
        report(office, week, "A4", {"task": "Đánh máy", "product": "Tập tài liệu", "quantity": 5, "kind": "ad hoc"})
        office.run(week)
        office.review(week, "A2", {"A3": (34, 33, 18), "A4": (34, 33, 18)})
        office.run(week)
        office.approve(week, "A1", {"A3": "approve"} if week == W2 else {"A3": "approve", "A4": "approve"})
        office.run(week)
    terms.rollup(office.setup(), Term.parse("2025-06"), LATER)
    return office


def people(office: SmallOffice, period: str) -> dict[str, list[Any]]:
    """Who → tasks, finished, quantity, converted."""
    book = openpyxl.load_workbook(office.out / "outbox" / period / "statistics.xlsx")
    sheet = book["By person"]
    heads = [cell.value for cell in sheet[3]]
    wanted = [heads.index(name) for name in ("Tasks", "Finished", "Quantity", "Converted quantity")]
    return {str(row[0]): [row[n] for n in wanted] for row in sheet.iter_rows(min_row=4, values_only=True)}


def test_a_week_counts_what_was_approved_in_the_corrected_form_by_the_catalogues_coefficient(office: SmallOffice) -> None:
    assert people(office, W1) == {"A3": [2, 1, 2, 3], "A4": [1, 0, 0, 0]}  # 2 × 1.5, not × 3, and not both
    assert people(office, W2) == {"A3": [1, 1, 2, 3]}  # 'Soạn' again is old news; A4 is not approved


def test_the_month_counts_every_task_once(office: SmallOffice) -> None:
    assert people(office, "2025-06") == {"A3": [2, 2, 4, 6], "A4": [1, 0, 0, 0]}
    text = (office.out / "outbox" / "2025-06" / "statistics.html").read_text(encoding="utf-8")
    assert "1 line repeats work that an earlier week reported as finished" in text
    assert "1 line was carried over to a later week of the period" in text
    assert "Tập tài liệu" in text.partition('id="unlisted"')[2]


def test_supervisors_and_approvers_see_the_work_of_their_own_people_alone(office: SmallOffice) -> None:
    names = {person.staff_id: person.name for person in office.setup().roster.spells}
    for period in (W1, "2025-06"):
        folder = office.out / "outbox" / period / "for"
        pages = {path.parent.name: path.read_text(encoding="utf-8") for path in folder.glob("*/work-*.html")}
        assert pages.keys() == {"A1", "A2"}  # B1 has people too, but nothing of them counts
        for who, text in pages.items():
            assert {name for name in names.values() if name in text} == {names[one] for one in (who, "A3", "A4")}
            assert "Data received" not in text  # when others' forms came
    week, month = (office.out / "outbox" / p / "for" / "A2" / f"work-{p}.html" for p in (W1, "2025-06"))
    assert "Tập tài liệu" in week.read_text(encoding="utf-8")
    assert "Tập tài liệu" not in month.read_text(encoding="utf-8")  # it may have been told to another supervisor


def test_the_index_leads_to_them(office: SmallOffice) -> None:
    for period in (W1, "2025-06"):
        folder = office.out / "outbox" / period
        index = (folder / "index.html").read_text(encoding="utf-8")
        links = set(re.findall(r'href="([^"]+)"', index))
        assert {"statistics.html", "statistics.xlsx", f"for/A2/work-{period}.html"} <= links
        assert '"statistics.xlsx"' in (folder / "manifest.json").read_text(encoding="utf-8")


def test_a_changed_catalogue_renews_the_statistics_and_an_unchanged_one_nothing(office: SmallOffice) -> None:
    term = Term.parse("2025-06")
    office.run(W1)  # what else has become due by now
    office.run(W1)  # forms of the next week, handed out here, are gone once that week has begun
    assert office.run(W1).weeks[0].changed == () and terms.rollup(office.setup(), term, LATER).changed == ()
    write(office.folder, ROWS.replace("1,5", "2,5").replace("N1", "N9"))
    renewed = {name for name in office.run(W1).weeks[0].changed if "statistics" in name or "work" in name}
    assert renewed == {"statistics.html", "statistics.xlsx", f"for/A1/work-{W1}.html", f"for/A2/work-{W1}.html"}
    assert people(office, W1)["A3"] == [2, 1, 2, 5]
    (fault,) = [f for f in office.findings(W1) if f["code"] == "catalogue.unknown-group"]
    assert (fault["file"], fault["sheet"], fault["cell"]) == ("catalogue.xlsx", "products", "E4")
    assert "statistics.xlsx" in terms.rollup(office.setup(), term, LATER).changed
    write(office.folder, ROWS)


def test_every_number_of_processes_writes_the_same_bytes(office: SmallOffice, tmp_path: Path) -> None:
    from batch import pipeline

    made = []
    for jobs in (1, 2):
        twin = office.twin(tmp_path / str(jobs))
        for path in sorted((office.folder / "inbox").iterdir()):
            twin.receive(office.folder / "inbox", path.name)
        pipeline.run(twin.setup(), None, LATER, jobs)
        made.append({p: (twin.out / "outbox" / W2 / p).read_bytes() for p in ("statistics.html", "statistics.xlsx")})
    assert made[0] == made[1]
