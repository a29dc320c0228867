"""The page and the workbook on how results were given: what they say and how, in three languages, in a real browser."""

from __future__ import annotations

import ast
import io
import re
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import openpyxl
import pytest
from axe_playwright_python.sync_playwright import Axe

from batch import chance
from batch.core.finding import UserError
from batch.core.period import Term
from batch.fairness import Result, rounded
from batch.i18n import LANGUAGES, Speaker
from batch.reports import fairness_html, fairness_xlsx
from batch.reports.fairness_view import FairnessView, boundary_text, signed
from batch.roster import Office
from batch.scheme import parse_scheme
from tests.builders import scheme_text
from tests.conftest import ROOT
from tests.reports.conftest import Reader
from tests.reports.test_html import _Balanced
from tests.reports.test_personal import plain
from tests.small_office import SmallOffice
from tests.test_fairness import RULES, SCHEME, WEEKS, judged
from tests.test_fairness import office as made_up
from tests.test_i18n import in_text

EN = Speaker("en")


def view_of(compare: bool = True) -> FairnessView:
    """Twenty-four people under three reviewers and two approvers: R0 gives nine points more; R9 gave all of three people 75."""
    given = made_up(8, people=24, reviewers=3, differs=9)
    given += [judged(f"Z{n}", "R9", "75", own="80", week=WEEKS[0], after="74.5" if n == 0 else "") for n in range(3)]
    near = [
        Result("P01", "Name P01", "U", Fraction(9) * 10 - Fraction(1, 300), "good"),
        Result("P02", "Name P02", "U", Fraction(75), "good"),
    ]
    return FairnessView(
        period=Term.parse("2025-06") if compare else WEEKS[0],
        office=Office(name="Ban mẫu"),
        scheme=SCHEME,
        rules=RULES,
        judgements=tuple(given),
        results=tuple(near),
        compare=compare,
        units={"U": "Vụ Một"},
        name_of=lambda who: f"Name {who}",
        as_of="2025-07-04T16:00:00",
        provisional=True,
    )


@pytest.fixture(scope="module")
def view() -> FairnessView:
    return view_of()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("compare", [True, False])
def test_the_page_is_sound_self_contained_and_locked(lang: str, compare: bool) -> None:
    text = fairness_html.page(view_of(compare), Speaker(lang))
    parser = _Balanced()
    parser.feed(text)
    assert parser.open == [] and len(parser.ids) == len(set(parser.ids)) and set(parser.targets) <= set(parser.ids)
    assert "default-src 'none'" in text and "url(" not in text and "{" not in plain(text)
    assert not re.search(r'(?:src|href)="(?!#)', text) and f'<html lang="{lang}">' in text
    assert fairness_html.page(view_of(compare), Speaker(lang)) == text  # the same bytes again


def test_every_difference_is_said_with_the_number_of_people_and_what_chance_can_do(view: FairnessView) -> None:
    text = plain(fairness_html.page(view, EN))
    levels = {judge.staff_id: judge.level for judge in view.found.reviewers}
    for who, word in (("R0", "chance alone rarely brings this about."), ("R2", "this can be chance.")):
        level = levels[who]
        assert level is not None
        assert f"Differs from the rest of the office by {signed(level.difference, EN)}; with 8 people {word}" in text
    assert "Too few people to judge: 3; at least 5 are needed." in text
    assert "It draws no conclusion about anybody." in text and "A difference can have good reasons" in text
    assert "p is corrected for all 8 comparisons" in text  # 3 reviewers twice, 2 approvers; R9 has too few people


def test_a_week_compares_nobody_and_lists_the_rest() -> None:
    week = view_of(compare=False)
    text = plain(fairness_html.page(week, EN))
    assert "One week is too little to compare reviewers and approvers" in text and "Mann–Whitney" not in text
    assert "Reviewers beside the office" not in text
    for said in (
        "Week 23/2025: 75 (3 people)",
        "why",
        "exactly at Good (from 75)",
        "From self-report to approval, by person",
    ):
        assert said in text


def test_a_mean_is_never_shown_across_the_bound_it_stands_at(view: FairnessView) -> None:
    below, at = view.found.boundary
    assert boundary_text(below, view, EN) == "0.003 below Excellent (from 90)"  # 89.99666…, not 90.00
    assert boundary_text(at, view, EN) == "exactly at Good (from 75)"
    assert ">89.997<" in fairness_html.page(view, EN)


def test_without_the_library_the_page_says_so_and_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chance, "find_spec", lambda name: None)
    text = plain(fairness_html.page(view_of(), EN))
    assert "pip install scipy" in text and "people, not tested." in text
    assert "Mann–Whitney" not in text and "chance alone" not in text


def test_what_people_typed_stays_text(view: FairnessView) -> None:
    wild = tuple(replace(one, name="<script>alert(1)</script>", reason="=1+1 <b>") for one in view.judgements)
    text = fairness_html.page(replace(view, judgements=wild), EN)
    assert "<script>alert" not in text and "=1+1 &lt;b&gt;" in text
    sheet = openpyxl.load_workbook(io.BytesIO(fairness_xlsx.workbook(replace(view, judgements=wild), EN)))["Adjustments"]
    assert sheet.cell(4, 10).value == "=1+1 <b>" and sheet.cell(4, 10).data_type == "s"


# --- words -----------------------------------------------------------------------------------------------------------------

ACCUSING = {
    "en": "suspicio bias unfair abnormal anomal manipulat fraud lenient harsh strict wrong guilty violat outlier prejudic",
    "vi": "nghi ngờ|nghi vấn|thiên vị|bất thường|gian lận|sai phạm|vi phạm|bất công|không công bằng|dễ dãi|khắt khe|nương nhẹ|thành kiến",
    "th": "สงสัย|ลำเอียง|อคติ|ผิดปกติ|ทุจริต|ไม่เป็นธรรม|ไม่ยุติธรรม|เข้มงวด|ผ่อนปรน|กระทำผิด|บิดเบือน",
}


def said_here() -> set[str]:
    """Every message of these reports."""
    sources = sorted((ROOT / "batch" / "reports").glob("fairness_*.py"))
    texts = set(in_text((ROOT / "templates" / "html" / "fairness.html.j2").read_text(encoding="utf-8")))
    for path in sources:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name in ("say", "Phrase") and isinstance(node.args[0].value, str):
                    texts.add(node.args[0].value)
    return texts


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_words_describe_and_never_accuse(lang: str) -> None:
    texts = said_here()
    assert len(texts) > 60
    accusing = ACCUSING[lang].split("|" if "|" in ACCUSING[lang] else " ")
    assert [(word, text) for text in texts for word in accusing if word in Speaker(lang)(text).casefold()] == []


@pytest.mark.parametrize(
    ("lang", "chance_word", "reasons"),
    [
        ("en", "can be chance", "good reasons"),
        ("vi", "có thể do ngẫu nhiên", "lý do chính đáng"),
        ("th", "อาจเกิดจากความบังเอิญได้", "เหตุผลที่สมควร"),
    ],
)
def test_the_neutral_words_stand_on_the_page_in_every_language(
    view: FairnessView, lang: str, chance_word: str, reasons: str
) -> None:
    text = plain(fairness_html.page(view, Speaker(lang)))
    assert chance_word in text and reasons in text


# --- the workbook ----------------------------------------------------------------------------------------------------------


def test_the_workbook_holds_what_the_page_says(view: FairnessView) -> None:
    book = openpyxl.load_workbook(io.BytesIO(fairness_xlsx.workbook(view, EN)))
    assert book.sheetnames == [
        *("Overview", "Reviewers", "Approvers", "Gaps by reviewer", "Gaps by approver"),
        *("Same totals", "Adjustments", "Boundaries", "Everybody"),
    ]
    found = view.found
    rows = list(book["Reviewers"].iter_rows(min_row=4, values_only=True))
    assert [row[0] for row in rows] == ["Whole office", *(f"Name {j.staff_id} ({j.staff_id})" for j in found.reviewers)]
    for row, judge in zip(rows[1:], found.reviewers, strict=True):
        assert list(row[1:5]) == list(judge.bands.values())
        assert judge.mean is not None and judge.level is not None and judge.level.difference is not None
        assert [round(Decimal(str(row[n])), 2) for n in (5, 11)] == [rounded(judge.mean), rounded(judge.level.difference)]
    assert len(list(book["Everybody"].iter_rows(min_row=4))) == len(found.people)
    assert book["Overview"]._charts and len(book["Overview"]._charts) == 4  # type: ignore[attr-defined]
    for sheet in book:
        assert sheet.page_setup.paperSize == 9 and sheet.page_setup.orientation == "landscape"
        assert sheet.title == "Overview" or sheet.print_title_rows == "$3:$3"
    assert fairness_xlsx.workbook(view_of(), EN) == fairness_xlsx.workbook(view, EN)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_name_of_a_sheet_is_cut_short(view: FairnessView, lang: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(fairness_xlsx.workbook(view, Speaker(lang))))
    words = "Overview|Reviewers|Approvers|Gaps by reviewer|Gaps by approver|Same totals|Adjustments|Boundaries|Everybody"
    assert book.sheetnames == [Speaker(lang)(word) for word in words.split("|")]


def test_the_workbook_of_a_week_and_of_nothing_opens() -> None:
    week = view_of(compare=False)
    for one in (week, replace(week, judgements=(), results=())):
        book = openpyxl.load_workbook(io.BytesIO(fairness_xlsx.workbook(one, EN)))
        assert book.sheetnames == [
            "Overview",
            "Same totals",
            "Adjustments",
            "Boundaries",
            "Everybody",
        ]
    empty = replace(view_of(), judgements=(), results=())
    assert plain(fairness_html.page(empty, EN)).count("Nothing to report.") == 6
    assert (
        openpyxl.load_workbook(io.BytesIO(fairness_xlsx.workbook(empty, EN)))["Reviewers"]["A4"].value
        == "Nothing to report."
    )


# --- in a browser ----------------------------------------------------------------------------------------------------------


@pytest.mark.browser
def test_readers_of_every_kind_can_use_the_page(view: FairnessView, reader: Reader) -> None:
    """axe-core finds nothing in any language, light or dark; nothing is wider than a phone; no request, no complaint."""
    short = replace(view, judgements=tuple(one for one in view.judgements if one.week == WEEKS[0]))
    for lang in LANGUAGES:
        for scheme, width in {"vi": (("light", 1280),), "th": (("dark", 390),), "en": (("dark", 1280), ("light", 390))}[
            lang
        ]:
            page = reader.open(
                fairness_html.page(short, Speaker(lang)), color_scheme=scheme, viewport={"width": width, "height": 844}
            )
            found = Axe().run(page).response["violations"]
            assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            page.context.close()
    assert {url.partition("#")[0] for url in reader.asked} == {(reader.folder / "page.html").as_uri()}
    assert reader.complained == []


@pytest.mark.browser
def test_judges_sort_by_their_difference_and_the_office_stays_on_top(view: FairnessView, reader: Reader) -> None:
    page = reader.open(fairness_html.page(view, EN))
    page.locator("#reviewers").get_by_role("button", name="Beside the rest of the office").click()
    wanted = sorted(view.found.reviewers, key=lambda j: (j.level and j.level.difference) or 0)
    rows = page.locator("#reviewers tbody tr td:first-child").all_inner_texts()
    assert rows == [f"Name {judge.staff_id} ({judge.staff_id})" for judge in wanted]
    assert page.locator("#reviewers thead tr.all td:first-child").inner_text() == "Whole office"


# --- where it is published -------------------------------------------------------------------------------------------------


def test_a_scheme_without_the_table_makes_no_report(tmp_path: Path) -> None:
    text = scheme_text()
    office = SmallOffice(tmp_path)
    (office.folder / "ours.toml").write_text(text[: text.index("[fairness]")], encoding="utf-8")
    assert parse_scheme(text[: text.index("[fairness]")], "ours.toml").fairness is None
    office.settings('scheme = "ours.toml"')
    office.run("2025-W26")
    outbox = office.out / "outbox" / "2025-W26"
    assert not list(outbox.glob("fairness*")) and "fairness" not in (outbox / "index.html").read_text(encoding="utf-8")


def test_a_wrong_setting_is_refused_with_its_key() -> None:
    for wrong, key in (
        (("boundary = 0.5", "boundary = 101"), "fairness.boundary"),
        (("least_people = 5", "least_people = 1"), "fairness.least_people"),
        (("false_discoveries = 0.05", "false_discoveries = 0.5"), "fairness.false_discoveries"),
        (("least_same = 3", "least_sam = 3"), "fairness.least_same"),
    ):
        with pytest.raises(UserError) as caught:
            parse_scheme(scheme_text().replace(*wrong), "ours.toml")
        assert dict(caught.value.finding.params)["key"] == key
