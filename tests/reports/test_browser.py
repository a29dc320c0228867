"""What a reader does with the pages in a real browser: search, filter, sort, go down to a person, print; with keys alone,
with a screen reader's eyes (axe-core), without a network.
"""

from __future__ import annotations

import dataclasses
import random
import re
import shutil
import subprocess
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from batch.core.collation import name_key
from batch.core.records import Case
from batch.i18n import LANGUAGES, Speaker
from batch.reports import html, personal
from batch.reports.view import WeekView
from batch.scope import Scopes
from batch.titles import SHARED
from tests.reports.conftest import Reader
from tests.reports.test_html import recipients

VI = Speaker("vi")


def shown(page: Page, column: int = 1) -> list[str]:
    """The texts of a column of the people's table, of the rows one can see, in the order one sees them."""
    rows = page.locator("#people tbody tr").filter(visible=True)
    return [text.strip() for text in rows.locator(f"td:nth-child({column + 1})").all_inner_texts()]


def numbers(page: Page) -> list[Decimal]:
    """The totals that one can see."""
    return [Decimal(text.replace(",", ".")) for text in shown(page, 8) if text]


def waiting(page: Page) -> Locator:
    """The rows that are not on screen yet: those that a button asks for, or that come as soon as the browser is idle."""
    return page.locator("#people tr.later:not([hidden])")


def counted(page: Page) -> str:
    return page.locator("#search-count").inner_text()


def many(view: WeekView, number: int) -> WeekView:
    """A larger office: the people of ``view`` again and again, each time with other codes."""
    cases = [
        dataclasses.replace(case, staff_id=f"{case.staff_id}-{n:02d}")
        for n in range(-(-number // len(view.cases)))
        for case in view.cases
    ]
    return dataclasses.replace(view, cases=tuple(cases[:number]))


# --- finding people ------------------------------------------------------------------------------------------------------


def test_search_is_without_tone_marks_and_counts_as_one_types(view: WeekView, reader: Reader) -> None:
    page = reader.open(html.summary(view, VI))
    assert counted(page) == "Hiển thị 48/48"
    page.get_by_role("searchbox", name="Tìm kiếm").press_sequentially("thuy nga")
    fitting = [c.staff_id for c in view.cases if "Thuỳ" in c.name and c.name.endswith("Nga")]
    assert shown(page) == fitting
    assert counted(page) == f"Hiển thị {len(fitting)}/48"
    assert page.locator("#search-count").evaluate("(e) => e.tagName") == "OUTPUT"  # read out when it changes


def test_filters_narrow_together_and_clear_brings_all_back(view: WeekView, reader: Reader) -> None:
    page = reader.open(html.summary(view, VI))
    page.get_by_label("Đơn vị", exact=True).select_option(label="Vụ Chính sách cán bộ")
    in_unit = [c for c in view.cases if c.unit_id == "V3"]
    assert shown(page) == [c.staff_id for c in in_unit]
    page.get_by_label("Mức xếp loại", exact=True).select_option(label="Hoàn thành tốt nhiệm vụ")
    good = [c for c in in_unit if c.band == "good"]
    assert 0 < len(good) < len(in_unit)
    assert shown(page) == [c.staff_id for c in good]
    page.get_by_label("Trạng thái", exact=True).select_option(label="Đã phê duyệt")
    assert shown(page) == [c.staff_id for c in good if c.state == "approved"]
    page.get_by_role("button", name="Bỏ lọc").click()
    assert len(shown(page)) == 48
    assert page.locator("#search").evaluate("(e) => e === document.activeElement")


def test_a_filter_for_those_without_a_result(view: WeekView, reader: Reader) -> None:
    page = reader.open(html.summary(view, VI))
    page.get_by_label("Mức xếp loại", exact=True).select_option(label="Không đánh giá")
    assert shown(page) == [c.staff_id for c in view.cases if c.state == "excused"]


def test_an_approver_of_many_can_search_and_one_of_few_need_not(view: WeekView, reader: Reader) -> None:
    pages = personal.pages(view, seen(view), "", VI)
    leader = next(p for p in pages if p.name.startswith("unit") and p.data.count(b"data-state=") <= 20)
    assert b'role="search"' not in leader.data
    crowd = dataclasses.replace(view, cases=tuple(dataclasses.replace(c, approver_id="L001") for c in view.cases))
    one = next(p for p in personal.pages(crowd, seen(crowd), "", VI) if p.name.startswith("unit") and p.addressee == "L001")
    page = reader.open(one.data.decode())
    page.get_by_label("Đơn vị", exact=True).select_option(label="Văn phòng Ban")
    assert counted(page) == f"Hiển thị {sum(c.unit_id == 'VP' for c in view.cases)}/48"


def test_the_index_finds_a_unit(view: WeekView, reader: Reader) -> None:
    page = reader.open(html.index(view, recipients(view), SHARED, {}, VI))
    page.get_by_label("Đơn vị", exact=True).select_option(label="Văn phòng Ban")
    assert page.get_by_role("heading", level=2).all_inner_texts() == ["Văn phòng Ban"]


# --- sorting -------------------------------------------------------------------------------------------------------------


def test_names_stand_in_the_order_of_the_server(view: WeekView, reader: Reader) -> None:
    page = reader.open(html.summary(view, VI), locale="en-US")  # the reader's own language has no say
    page.get_by_role("button", name="Họ và tên").click()
    names = [case.name for case in sorted(view.cases, key=lambda c: name_key(c.name, "vi"))]
    assert shown(page, 2) == names
    given = [name.split()[-1] for name in names]
    assert given.index("Dũng") < given.index("Đạt") if {"Dũng", "Đạt"} <= set(given) else given[0] == "An"
    page.get_by_role("button", name="Họ và tên").click()
    assert shown(page, 2) == names[::-1] or [n.split()[-1] for n in shown(page, 2)] == given[::-1]


def test_numbers_sort_as_numbers_and_those_without_one_stay_last(view: WeekView, reader: Reader) -> None:
    page = reader.open(html.summary(view, VI))
    totals = {c.staff_id: c.total for c in view.cases if c.total is not None}
    head = page.get_by_role("columnheader", name="Tổng điểm")
    for order, first in (("ascending", min(totals.values())), ("descending", max(totals.values()))):
        page.locator("#people").get_by_role("button", name="Tổng điểm").press("Enter")
        assert totals[shown(page)[0]] == first
        assert shown(page, 8)[-1] == ""
        assert page.locator("#people").get_by_role("columnheader", name="Tổng điểm").get_attribute("aria-sort") == order
    assert head.count() >= 1


CONSONANTS = "กขคจชดตทนบปพมยรลวสหอฮฤ"


def thai_word(rng: random.Random) -> str:
    """Something that could be a Thai word: consonants, vowels before, after, above and below, tone marks."""
    word = ""
    for _ in range(rng.randint(1, 3)):
        before = rng.choice(["", "", "", "เ", "แ", "โ", "ใ", "ไ"])
        above = "" if before else rng.choice(["", "", "ิ", "ี", "ึ", "ื", "ุ", "ู"])
        after = "" if above else rng.choice(["", "ะ", "า"])
        word += before + rng.choice(CONSONANTS) + above + rng.choice(["", "", "่", "้", "๊", "๋", "็"]) + after
        word += rng.choice(["", "", "น", "ง", "รณ์"])
    return word


def vietnamese_syllable(rng: random.Random) -> str:
    """A syllable with its tone on the vowel letter that the newer spelling puts it on."""
    start = rng.choice(["", "b", "d", "đ", "gi", "h", "kh", "l", "ngh", "nh", "ph", "qu", "t", "th", "tr", "v", "x"])
    vowel = rng.choice(list("aăâeêioôơuưy")) + rng.choice(["", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323"])
    return unicodedata.normalize("NFC", start + vowel + rng.choice(["", "n", "ng", "m", "t", "ch"])).capitalize()


@pytest.mark.parametrize(("lang", "make"), [("th", thai_word), ("vi", vietnamese_syllable)])
def test_words_stand_as_the_unicode_library_in_the_browser_orders_them(
    lang: str, make: Callable[[random.Random], str], reader: Reader
) -> None:
    rng = random.Random(2568)
    words = sorted({make(rng) for _ in range(3000)})
    page = reader.open("<!DOCTYPE html><title>words</title>")
    by_icu = page.evaluate("([words, lang]) => words.sort(new Intl.Collator(lang).compare)", [words, lang])
    # A second word, as a title (นาง) at the beginning of the first is left out.
    assert sorted(words, key=lambda word: name_key(f"ก {word}" if lang == "th" else word, lang)) == by_icu


# --- going down ----------------------------------------------------------------------------------------------------------


def test_from_the_overview_to_a_unit_to_a_person_with_keys_alone(view: WeekView, reader: Reader) -> None:
    page = reader.open(html.summary(view, VI))
    person = next(c for c in view.cases if c.staff_id == "0016")
    panel = page.locator("#person-0016")
    assert not panel.is_visible()
    page.get_by_role("link", name=view.roster.unit_name(person.unit_id)).press("Enter")
    summary = page.locator("summary", has_text="0016")
    assert summary.is_visible()
    summary.press("Enter")
    assert panel.is_visible()
    assert "Có một buổi họp vắng mặt không báo cáo." in panel.inner_text()
    assert VI.number(person.total) in panel.inner_text()


def test_a_name_in_the_table_leads_to_the_person(view: WeekView, reader: Reader) -> None:
    page = reader.open(html.summary(view, VI))
    page.locator("#people").get_by_role("link", name=view.cases[9].name).first.click()
    assert page.locator(f"#person-{view.cases[9].staff_id}").is_visible()
    assert page.locator(f"#person-{view.cases[8].staff_id}").is_hidden()


def test_the_way_down_needs_no_script(view: WeekView, reader: Reader) -> None:
    page = reader.open(html.summary(view, VI), at="#person-0016", java_script_enabled=False)
    assert page.locator("#person-0016").is_visible()


def seen(view: WeekView) -> Scopes:
    return Scopes(view.week, view.cases, view.history, view.findings, (), view.roster)


def test_on_a_personal_page_one_goes_down_to_ones_own_people_only(view: WeekView) -> None:
    for page in personal.pages(view, seen(view), "", VI):
        kind = page.name.partition("-")[0]
        people = {"team": "reviewer_id", "unit": "approver_id"}.get(kind)
        if people:
            mine = {c.staff_id for c in view.cases if getattr(c, people) == page.addressee}
            assert set(re.findall(r'id="person-([^"]+)"', page.data.decode())) == mine


# --- long lists ----------------------------------------------------------------------------------------------------------


def test_a_long_list_is_shown_in_part_and_searched_and_printed_as_a_whole(view: WeekView, reader: Reader) -> None:
    crowd = many(view, 400)
    page = reader.open(html.summary(crowd, VI))
    expect(waiting(page)).to_have_count(300)
    assert len(shown(page)) == 100
    page.get_by_role("searchbox").fill(crowd.cases[-1].staff_id)
    assert shown(page) == [crowd.cases[-1].staff_id]
    page.get_by_role("searchbox").fill("")
    page.emulate_media(media="print")
    assert len(shown(page)) == 400
    page.emulate_media(media="screen")
    page.get_by_role("button", name="Hiển thị thêm 300 dòng").click()
    expect(waiting(page)).to_have_count(0)
    assert len(shown(page)) == 400


def test_who_asks_for_the_rest_of_a_list_goes_on_at_its_first_row(view: WeekView, reader: Reader) -> None:
    page = reader.open(html.summary(many(view, 400), VI))
    page.get_by_role("button", name="Hiển thị thêm 300 dòng").press("Enter")
    first = page.locator("#people tbody tr").nth(100)
    expect(first).to_be_focused()
    page.keyboard.press("Tab")
    expect(first.get_by_role("link")).to_be_focused()


def test_a_long_list_is_sorted_at_once_from_the_top_and_whole_soon_after(view: WeekView, reader: Reader) -> None:
    crowd = many(view, 2000)
    totals = sorted(case.total for case in crowd.cases if case.total is not None)
    page = reader.open(html.summary(crowd, VI))
    page.get_by_role("button", name="Hiển thị thêm 1900 dòng").click()
    for _ in range(3):  # the next order before the one before has come to its end
        page.locator("#people").get_by_role("button", name="Tổng điểm").dispatch_event("click")
    assert numbers(page)[:25] == totals[:25]
    expect(waiting(page)).to_have_count(0)
    assert numbers(page) == totals
    page.get_by_role("searchbox").press_sequentially("thuy nga")  # a key at a time, each looking through all of them
    fitting = {c.staff_id for c in crowd.cases if "Thuỳ" in c.name and c.name.endswith("Nga")}
    assert counted(page) == f"Hiển thị {len(fitting)}/2000"
    expect(waiting(page)).to_have_count(0)
    assert {*shown(page)} == fitting


def test_a_long_list_is_whole_without_a_script(view: WeekView, reader: Reader) -> None:
    page = reader.open(html.summary(many(view, 200), VI), java_script_enabled=False)
    assert len(shown(page)) == 200


# --- paper, network, accessibility ---------------------------------------------------------------------------------------


def paper(page: Page, folder: Path) -> tuple[list[str], list[tuple[float, float]]]:
    """Each sheet's text, and its size in millimetres."""
    if not shutil.which("pdftotext"):
        pytest.skip("Poppler is not installed (Debian: apt-get install poppler-utils)")
    target = folder / "page.pdf"
    page.pdf(path=target, prefer_css_page_size=True)
    text = subprocess.run(["pdftotext", "-layout", target, "-"], capture_output=True, check=True).stdout.decode()
    told = subprocess.run(["pdfinfo", "-l", "999", target], capture_output=True, check=True).stdout.decode()
    sizes = [(float(w) * 25.4 / 72, float(h) * 25.4 / 72) for w, h in re.findall(r"size:\s+([\d.]+) x ([\d.]+)", told)]
    return text.split("\f")[:-1], sizes


def test_paper_is_a4_with_repeated_heads_and_page_numbers(view: WeekView, reader: Reader, tmp_path: Path) -> None:
    sheets, sizes = paper(reader.open(html.summary(view, VI)), tmp_path)
    assert {tuple(sorted(map(round, size))) for size in sizes} == {(210, 297)}
    assert all(sheet.rstrip().endswith(f"{n}/{len(sheets)}") for n, sheet in enumerate(sheets, 1))
    with_people = [sheet for sheet in sheets if re.search(r"^\s*\d+\s+00\d\d\s", sheet, re.MULTILINE)]
    assert len(with_people) >= 3
    assert all("Họ và tên" in sheet for sheet in with_people)
    assert not any("Bỏ lọc" in sheet for sheet in sheets)


def test_a_slip_on_paper_is_one_numbered_sheet(view: WeekView, reader: Reader, tmp_path: Path) -> None:
    sheets, sizes = paper(reader.open(kinds(view, "th")["slip"]), tmp_path)
    assert [tuple(map(round, size)) for size in sizes] == [(210, 297)]
    assert sheets[0].rstrip().endswith("1/1")


def kinds(view: WeekView, lang: str) -> dict[str, str]:
    """A page of every kind."""
    say = Speaker(lang)
    pages = {p.name.partition("-")[0]: p.data.decode() for p in personal.pages(view, seen(view), "", say)}
    return pages | {"summary": html.summary(view, say), "index": html.index(view, recipients(view), SHARED, {}, say)}


def few(view: WeekView) -> WeekView:
    """A dozen people of every state, as axe-core takes its time over each cell."""
    by_state: dict[tuple[str, bool], Case] = {(c.state, c.meeting_required): c for c in view.cases}
    return dataclasses.replace(view, cases=(*view.cases[:6], *by_state.values()))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_axe_core_finds_nothing(view: WeekView, reader: Reader, lang: str, scheme: str) -> None:
    for kind, text in kinds(few(view), lang).items():
        page = reader.open(text, color_scheme=scheme)
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        result = Axe().run(page).response
        assert [(kind, found["id"], found["nodes"][0]["html"]) for found in result["violations"]] == []
        page.context.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_every_page_keeps_to_itself(view: WeekView, reader: Reader, width: int) -> None:
    for lang in LANGUAGES:
        for kind, text in kinds(view, lang).items():
            page = reader.open(text, viewport={"width": width, "height": 844})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (kind, lang)
            page.context.close()
    assert {url.partition("#")[0] for url in reader.asked} == {(reader.folder / "page.html").as_uri()}
    assert reader.complained == []
