"""The pages and the workbook of a month and of a year: as text, opened again, and in a real browser."""

from __future__ import annotations

import dataclasses
import io
import re
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from batch.core.number import from_float
from batch.core.period import Term
from batch.i18n import LANGUAGES, Speaker
from batch.reports import rollup_html, rollup_xlsx
from batch.reports.personal import Page
from batch.reports.rollup_view import RollupView
from batch.rollups import Tally, roll_up
from batch.scope import term_scopes
from batch.titles import file_title
from tests.reports.browser import chromium, needs_chromium
from tests.reports.office import roster, week_view
from tests.reports.test_html import _Balanced
from tests.reports.test_personal import plain


def view_of(key: str) -> RollupView:
    """The test office's five weeks, 23 to 27, rolled up; 0016 changed units after week 23, 0002 has a name to be escaped."""
    base = week_view()
    assert base.scheme.rollup is not None
    by_week = {**base.history, base.week: {case.staff_id: case for case in base.cases}}
    term = Term.parse(key)
    weeks = [w for w in term.weeks(base.roster.working_days) if w in by_week]
    cases = {w: dict(by_week[w]) for w in weeks}
    cases[weeks[0]]["0016"] = dataclasses.replace(cases[weeks[0]]["0016"], unit_id="V1")
    cases[weeks[-1]]["0002"] = dataclasses.replace(cases[weeks[-1]]["0002"], name="<script>alert(1)</script> =1+1")
    rollup, found = roll_up(term, weeks, cases, {}, base.scheme, base.scheme.rollup, tuple(weeks), key == "2025")
    units = {unit_id: unit.name for unit_id, unit in base.roster.units.items()}
    months = {week: week.month(base.roster.working_days) for week in weeks}
    return RollupView(rollup, base.office, base.scheme, units, months, tuple(found), as_of="2025-07-04T16:00:00")


@pytest.fixture(scope="module", params=["2025-06", "2025"])
def view(request: pytest.FixtureRequest) -> RollupView:
    return view_of(request.param)


def made(view: RollupView, lang: str = "en") -> list[Page]:
    return rollup_html.pages(view, term_scopes(view.rollup, view.findings, roster()), Speaker(lang))


def own(view: RollupView, staff_id: str, lang: str = "en") -> str:
    return next(p for p in made(view, lang) if p.addressee == staff_id and p.name.startswith("result")).data.decode()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_page_is_sound_self_contained_and_locked(view: RollupView, lang: str) -> None:
    pages = [p.data.decode() for p in made(view, lang) if p.name.endswith(".html")]
    for text in (*pages, rollup_html.summary(view, Speaker(lang))):
        parser = _Balanced()
        parser.feed(text)
        assert parser.open == [] and len(parser.ids) == len(set(parser.ids)) and set(parser.targets) <= set(parser.ids)
        assert "default-src 'none'" in text and "url(" not in text and "{" not in plain(text)
        assert not re.search(r'(?:src|href)="(?!#)', text)
        assert f'<html lang="{lang}">' in text
        assert "<script>alert" not in text
        assert "<span></span>" not in text  # on a phone, its label would stand there without a value


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_list_of_files_tells_a_page_from_its_workbook(view: RollupView, lang: str) -> None:
    titles = [file_title(f"unit-2025-06.{kind}", view.scheme, Speaker(lang), str) for kind in ("html", "xlsx")]
    assert len(set(titles)) == 2 and titles[1].startswith(titles[0])


def test_a_page_says_the_same_whatever_was_made_before_it() -> None:
    """What stands in a person's row is made once for all readers; each page must still be as if it were the only one."""

    def tables(view: RollupView, lang: str) -> list[Page]:
        return [page for page in made(view, lang) if page.name.startswith(("team", "unit")) and page.name.endswith(".html")]

    together = view_of("2025-06")
    for lang in ("en", "vi"):  # in a second language nothing of the first is left
        summary = rollup_html.summary(together, Speaker(lang))
        assert summary == rollup_html.summary(view_of("2025-06"), Speaker(lang))
        for number, page in enumerate(tables(together, lang)):
            alone = tables(view_of("2025-06"), lang)[number]
            assert (page.addressee, page.name, page.data) == (alone.addressee, alone.name, alone.data)


def test_a_result_is_small_and_runs_nothing(view: RollupView) -> None:
    pages = [p.data for p in made(view, "vi") if p.name.startswith("result")]
    assert len(pages) == len(view.people)
    assert max(map(len, pages)) <= 11 * 1024
    assert not any(b"<script" in one or b"script-src" in one for one in pages)


def test_the_summary_tells_which_weeks_count_and_that_it_is_provisional() -> None:
    text = plain(rollup_html.summary(view_of("2025-06"), Speaker("en")))
    assert "June 2025 (1 June 2025 to 30 June 2025)" in text
    assert "Weeks counted: 4 (Week 23/2025 – Week 26/2025)" in text
    assert "Provisional: these weeks are not closed and can still change" in text


def test_a_person_sees_the_sum_the_mean_the_rule_and_every_week() -> None:
    view = view_of("2025-06")
    capped = next(p for p in view.people if p.outcome.caps)
    text = plain(own(view, capped.staff_id))
    counted = [line.total for line in capped.outcome.lines if line.counts and line.total is not None]
    assert f"{' + '.join(map(str, counted))} = {sum(counted, Decimal(0))}".replace("E+1", "0") in text
    labels = re.findall(r'<i class="t-[^>]*>([^<]+)</i>', own(view, capped.staff_id))
    assert len(labels) == 4 and len({len(label.partition(".")[2]) for label in labels}) == 1
    assert " ÷ 4 " in text and " : 4 " in plain(own(view, capped.staff_id, "vi"))  # as schools of each language write it
    assert "at most Completed" in text and "4 of 4 weeks" in text
    assert all(f"Week {n}/2025" in text for n in (23, 24, 25, 26))


def test_a_person_reads_the_reasons_of_their_weeks_and_nobody_else_does() -> None:
    view = view_of("2025-06")
    staff_id, words = next(
        (p.staff_id, line.remarks) for p in view.people for line in p.outcome.lines if line.remarks and p.unit_id == "V1"
    )
    assert words.splitlines()[0] in plain(own(view, staff_id))
    for page in made(view):
        if page.name.startswith(("team", "unit")) and page.name.endswith("html"):
            assert not any(
                line.remarks and line.remarks in page.data.decode() for p in view.people for line in p.outcome.lines
            )


def test_from_the_overview_one_goes_down_to_units_people_and_their_weeks(view: RollupView) -> None:
    text = rollup_html.summary(view, Speaker("en"))
    ids = re.findall(r' id="([^"]+)"', text)
    links = re.findall(r'href="#([^"]+)"', text)
    assert len(ids) == len(set(ids)) and set(links) <= set(ids)
    everybody = {f"person-{person.staff_id}" for person in view.people}
    assert everybody <= set(links) and {f"in-unit-{n}" for n in range(1, len(view.members) + 1)} <= set(links)
    panel = plain(re.search(r'id="person-0016".*?</details>', text, re.S)[0])  # type: ignore[index]
    if view.term == Term.parse("2025-06"):
        assert (
            "Week 23/2025 – " in panel
            and "Week 24/2025 95.1 Week 25/2025 90.4 Week 26/2025 59.5" in panel
            and "Sum of the approved totals" in panel
        )
    else:
        assert "June 2025" in panel and "July 2025" in panel and "Week 24/2025 95.1" not in panel


def test_who_sees_some_people_goes_down_to_these_alone(view: RollupView) -> None:
    for page in made(view):
        if page.name.startswith(("team", "unit")) and page.name.endswith("html"):
            by = "reviewer_id" if page.name.startswith("team") else "approver_id"
            mine = {person.staff_id for person in view.people if getattr(person, by) == page.addressee}
            assert set(re.findall(r'id="person-([^"]+)"', page.data.decode())) == mine


def test_shares_of_a_transferred_person_stand_on_their_page_and_in_the_summary() -> None:
    view = view_of("2025-06")
    for text in (own(view, "0016"), rollup_html.summary(view, Speaker("en"))):
        assert re.search(r"Vụ Cơ sở đảng, đảng viên: 0 of 1 week; [^;]+: 3 of 3 weeks, mean 81.67", plain(text))


def opened(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data))


def table(sheet: Any) -> list[dict[str, Any]]:
    heads = [cell.value for cell in sheet[3]]
    return [dict(zip(heads, (cell.value for cell in row), strict=True)) for row in sheet.iter_rows(min_row=4)]


def test_the_workbook_holds_everybody_and_every_week(view: RollupView) -> None:
    book = opened(rollup_xlsx.summary(view, Speaker("en")))
    assert book.sheetnames == ["Overview", "Everybody", "Week by week", "Units", "Transfers", "To look at"]
    rows = table(book["Everybody"])
    assert [row["Staff code"] for row in rows] == [p.staff_id for p in view.people]
    for row, person in zip(rows, view.people, strict=True):
        result = person.outcome
        mean = result.mean_shown(view.scheme)
        assert (None if row["Mean total"] is None else from_float(float(row["Mean total"]))) == (mean and mean.normalize())
        assert row["Weeks"] == f"{result.tally.rated} of {result.tally.due} weeks"
        assert row["Level"] == (view.scheme.band(result.band).name("en") if result.band else "Not rated")
    totals = list(table(book["Week by week"])[0].values())[3:]
    assert [from_float(float(t)) for t in totals] == [line.total for line in view.people[0].outcome.lines]
    for sheet in book:
        assert sheet.page_setup.paperSize == 9 and sheet.page_setup.orientation == "landscape"
        assert sheet.title == "Overview" or sheet.print_title_rows == "$3:$3"


def test_nothing_typed_becomes_a_formula(view: RollupView) -> None:
    with zipfile.ZipFile(io.BytesIO(rollup_xlsx.summary(view, Speaker("en")))) as parts:
        texts = [parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/worksheets/sheet")]
        charts = [name for name in parts.namelist() if name.startswith("xl/charts/chart")]
    assert not any("<f>" in text for text in texts)
    assert len(charts) == 2 and sum("x14:sparkline>" in text for text in texts) == 1


def test_units_count_weeks_where_they_were_served() -> None:
    view = view_of("2025-06")
    rows = {row["Unit"]: row for row in table(opened(rollup_xlsx.summary(view, Speaker("en")))["Units"])}
    assert sum(int(row["People"]) for name, row in rows.items() if name in view.units.values()) == len(view.people)
    decided = [row["Weekly results decided"] for name, row in rows.items() if name in view.units.values()]
    rated, due = (sum(int(text.split("/")[n]) for text in decided) for n in (0, 1))
    assert rows["Whole office"]["Weekly results decided"] == f"{rated}/{due}"


def test_a_unit_that_everybody_has_left_keeps_its_line_before_the_office_alone() -> None:
    base = view_of("2025-06")
    lines = base.rollup.by_id["0016"].outcome.lines
    moved = dataclasses.replace(lines[0], unit_id="OLD", state="approved", total=Decimal(80), band="good")
    outcome = dataclasses.replace(base.rollup.by_id["0016"].outcome, lines=(moved, *lines[1:]))
    people = tuple(
        dataclasses.replace(p, outcome=dataclasses.replace(outcome, tally=Tally.of(outcome.lines)))
        if p.staff_id == "0016"
        else p
        for p in base.rollup.people
    )
    view = dataclasses.replace(base, rollup=dataclasses.replace(base.rollup, people=people), readings={}, fragments={})
    rows = {row["Unit"]: row for row in table(opened(rollup_xlsx.summary(view, Speaker("en")))["Units"])}
    assert (rows["OLD"]["People"], rows["OLD"]["Weekly results decided"]) == (0, "1/1")
    assert from_float(float(rows["OLD"]["Mean of the members"])) == Decimal(80)
    shared = plain(rollup_html.summary(view, Speaker("en")))
    assert "OLD" in shared
    assert not [
        p for p in made(view) if p.name.startswith("unit") and p.name.endswith("html") and ">OLD<" in p.data.decode()
    ]


def test_a_year_is_drawn_by_the_months_that_its_weeks_belong_to() -> None:
    assert [str(period) for period, _ in view_of("2025").trend] == ["2025-06", "2025-07"]
    moved = dataclasses.replace(view_of("2025"), months=dict.fromkeys(view_of("2025").rollup.weeks, Term.parse("2025-06")))
    assert [str(period) for period, _ in moved.trend] == ["2025-06"]


def test_only_the_offices_summary_speaks_of_the_whole_office() -> None:
    view = view_of("2025-06")
    assert "Whole office" in plain(rollup_html.summary(view, Speaker("en")))
    for page in made(view):
        if page.name.startswith(("team", "unit")) and page.name.endswith("html"):
            assert "Whole office" not in plain(page.data.decode())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_same_view_same_bytes(lang: str) -> None:
    say = Speaker(lang)
    assert rollup_xlsx.summary(view_of("2025-06"), say) == rollup_xlsx.summary(view_of("2025-06"), say)
    assert rollup_html.summary(view_of("2025"), say) == rollup_html.summary(view_of("2025"), say)
    assert [p.data for p in made(view_of("2025-06"), lang)] == [p.data for p in made(view_of("2025-06"), lang)]


@pytest.mark.parametrize(
    ("lang", "key", "said"),
    [
        ("vi", "2025-06", "Tháng 6/2025"),
        ("th", "2025-06", "เดือนมิถุนายน 2568"),
        ("en", "2025-06", "June 2025"),
        ("vi", "2025-Q2", "Quý II/2025"),
        ("th", "2025-Q2", "ไตรมาสที่ 2/2568"),
        ("vi", "2025-H1", "6 tháng đầu năm 2025"),
        ("en", "2025-H2", "Second half of 2025"),
        ("vi", "2025", "Năm 2025"),
        ("th", "2025", "ปี 2568"),
    ],
)
def test_periods_have_their_official_names(lang: str, key: str, said: str) -> None:
    assert Speaker(lang).period_name(Term.parse(key)) == said


@needs_chromium
@pytest.mark.parametrize("kind", ["summary", "result"])
def test_a_phone_does_not_scroll_sideways(tmp_path: Path, kind: str) -> None:
    view = view_of("2025")
    text = rollup_html.summary(view, Speaker("vi")) if kind == "summary" else own(view, "0016", "vi")
    (tmp_path / "inner.html").write_text(text, encoding="utf-8")
    frame = (
        '<!DOCTYPE html><iframe id="f" src="inner.html" style="width:390px;height:800px;border:0"></iframe><script>'
        'addEventListener("load", () => { const d = document.getElementById("f").contentDocument.documentElement;'
        'document.title = "w=" + d.scrollWidth; });</script>'
    )
    assert "<title>w=390</title>" in chromium(tmp_path, frame, "--dump-dom", "--allow-file-access-from-files")


@needs_chromium
def test_the_script_runs_and_it_prints(tmp_path: Path) -> None:
    text = rollup_html.summary(view_of("2025-06"), Speaker("vi"))
    assert ">Hiển thị 48/48</output>" in chromium(tmp_path, text, "--dump-dom")
    target = tmp_path / "page.pdf"
    chromium(tmp_path, text, "--no-pdf-header-footer", f"--print-to-pdf={target}")
    assert target.read_bytes().startswith(b"%PDF")
