"""The page and the workbook of the job statistics: the figures as a reader finds them, in a real browser and in the cells."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
from typing import Any

import openpyxl
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from batch.i18n import LANGUAGES, Speaker
from batch.reports import statistics_html, statistics_xlsx
from batch.reports.statistics_view import StatisticsView
from batch.roster import Office
from tests.builders import shows_evenly, weekly
from tests.reports.conftest import Reader
from tests.test_job_statistics import CATALOGUE, W, case, day, task, work

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")  # openpyxl drops bars in cells
EN, VI = Speaker("en"), Speaker("vi")
HOSTILE = '<script>alert(1)</script> =1+1 "Bảng'


def view_of(*cases: Any, **more: Any) -> StatisticsView:
    units = {"U2": "Phòng Hai", "U1": "Vụ Một", "U3": "Vụ Ba"}
    office = Office(name="Ban mẫu", header_left=["BAN MẪU"], header_right=["ĐẢNG"])
    fields: dict[str, Any] = {"catalogue": len(CATALOGUE.products), "as_of": "2025-06-09T08:00+07:00", **more}
    return StatisticsView(work(*cases).of(W[:2]), W[0], office, weekly(), units, **fields)


@pytest.fixture(scope="module")
def view() -> StatisticsView:
    """Three people in two units over two weeks; one is transferred; a product is in no catalogue."""
    return view_of(
        case(W[0], task("a", kind="ad_hoc", key_task=True), task("b", "Công văn", "10", done=None), who="A"),
        case(W[1], task("c", quantity="1", due=day(10), done=day(12)), who="A", unit_id="U2", position="Trưởng phòng"),
        case(W[0], task("d", HOSTILE, "3,5".replace(",", "."), kind="regular"), task("e", ""), who="B"),
        case(W[0], who="C", position="Lái xe"),
    )


# --- the page -------------------------------------------------------------------------------------------------------------


def test_a_reader_finds_the_figures_and_sorts_and_narrows_the_people(view: StatisticsView, reader: Reader) -> None:
    page = reader.open(statistics_html.page(view, EN))

    def line(section: str, name: str) -> list[str]:
        row = page.locator(f"#{section} tbody tr, #{section} tfoot tr").filter(has_text=name).first
        return [text.strip() for text in row.locator("th, td").all_inner_texts()]

    # people, person-weeks, tasks, finished, key, on time, overdue, ad hoc, quantity, converted, per head
    rest = ["2", "2", "4", "3", "1/1", "75.0%", "1", "50.0%", "7.5", "3.0", "1.50"]
    assert line("positions", "Chuyên viên") == ["Chuyên viên", *rest]
    assert line("units", "Phòng Hai")[1:] == ["1", "1", "1", "1", "0/0", "0.0%", "–", "–", "1.0", "1.5", "1.50"]
    assert line("positions", "Lái xe")[1:] == ["1", "1", "0", "0", "0/0", "–", "–", "–", "0.0", "0.0", "0.00"]
    assert line("side", "Trưởng phòng") == ["Trưởng phòng", "1.50", "", "1.50"]
    assert line("unlisted", "Bảng")[:3] == [HOSTILE, "1", "–"]
    assert line("groups", "N3")[1:3] == ["2", "2"] and line("groups", "N1")[1:3] == ["1", "0"]
    people = page.locator("#people tbody tr")
    assert people.locator("td:nth-child(1)").all_inner_texts() == ["A", "B", "C"]
    page.locator('#people th[data-text="Full name"] button').click()
    page.locator('#people th[data-text="Tasks"] button').click()
    assert people.locator("td:nth-child(1)").all_inner_texts() == ["C", "B", "A"]
    page.get_by_label("Position").select_option("Lái xe")
    assert page.locator("#search-count").inner_text() == "1 of 3 shown"
    assert reader.complained == [] and {url.partition("#")[0] for url in reader.asked} == {
        (reader.folder / "page.html").as_uri()
    }


def test_thousands_are_set_off_as_the_language_does(reader: Reader) -> None:
    page = reader.open(statistics_html.page(view_of(case(W[0], task("a", quantity="1234.5"), who="A")), VI))
    assert page.locator("#people tbody td[data-label='Số lượng']").inner_text() == "1.234,5"


@pytest.mark.parametrize(("lang", "scheme"), [("vi", "light"), ("th", "dark")])
def test_axe_core_finds_nothing_and_a_phone_shows_it_all(
    view: StatisticsView, reader: Reader, lang: str, scheme: str
) -> None:
    page = reader.open(statistics_html.page(view, Speaker(lang)), color_scheme=scheme)
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []


def test_a_long_list_waits_for_a_button(reader: Reader) -> None:
    many = view_of(*(case(W[0], task(f"t{n}", f"Việc {n}"), who=f"{n:03d}") for n in range(160)))
    page = reader.open(statistics_html.page(many, EN))
    for table in ("people", "unlisted"):
        expect(page.locator(f"#{table} tbody tr").filter(visible=True)).to_have_count(100)
    page.get_by_label("Search", exact=True).fill("159")
    assert page.locator("#people tbody tr").filter(visible=True).count() == 1


def test_a_readers_page_says_the_same_whatever_was_made_before_it(view: StatisticsView) -> None:
    """A person's line is made once for all readers and the Office, unless their columns have other decimals."""

    def page(of: StatisticsView, say: Speaker, people: str) -> str:
        return statistics_html.page(of.of_people("Reader (R)", people) if people else of, say)

    def fresh() -> StatisticsView:
        return dataclasses.replace(view, fragments={})

    scopes = [(EN, "AB"), (EN, "A"), (EN, "AC"), (VI, "AB"), (EN, "BA"), (EN, ""), (EN, "A")]
    shared = fresh()
    made = [page(shared, *scope) for scope in scopes]
    assert made == [page(fresh(), *scope) for scope in scopes]
    assert [">2.0<" in one for one in made[:5]] == [True, False, False, False, True]  # beside 3.5, what alone is 2
    assert shared.fragments.keys() == {"en", "vi"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_at_all_is_said_to_be_nothing(lang: str) -> None:
    text = statistics_html.page(view_of(catalogue=0), Speaker(lang))
    assert text.count(Speaker(lang)("Nothing to report.")) == 6 and "None" not in text
    assert Speaker(lang)("This office keeps no catalogue of standard products (catalogue.xlsx).") in text


# --- the workbook ---------------------------------------------------------------------------------------------------------


def opened(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data))


def test_the_workbook_holds_the_same_figures_with_charts_and_print_set_up(view: StatisticsView) -> None:
    book = opened(statistics_xlsx.workbook(view, EN))
    assert book.sheetnames == [
        *("Overview", "Positions", "Units", "Side by side", "By person", "Complexity groups", "Products"),
        *("Not in the catalogue", "How this was counted"),
    ]
    assert [len(sheet._charts) for sheet in book][:2] == [3, 0]
    for sheet in list(book)[1:-1]:
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert sheet.print_title_rows == "$3:$3" and sheet.freeze_panes
    for sheet in list(book)[1:-1]:
        shows_evenly(sheet)
    assert [row[10].number_format for row in book["Units"].iter_rows(min_row=4, max_row=6)] == ["#,##0.0"] * 3
    counting = book["How this was counted"]
    assert counting.column_dimensions["A"].width < 115 and counting.print_area  # wider, and LibreOffice prints half of it
    rows = {row[0].value: [cell.value for cell in row] for row in book["Units"].iter_rows(min_row=4)}
    # people, person-weeks, tasks, finished, key, key finished, on time, overdue, ad hoc, quantity, converted, per head
    assert rows["Vụ Một"][1:] == [3, 3, 4, 3, 1, 1, 0.75, 1, 0.5, 7.5, 3, 1]
    assert rows["Phòng Hai"][1:] == [1, 1, 1, 1, 0, "–", 0, 0, "–", 1, 1.5, 1.5]
    assert rows["Whole office"][1:] == [3, 4, 5, 4, 1, 1, 0.6, 1, 0.5, 8.5, 4.5, 1.13]
    people = [[cell.value for cell in row][:4] for row in book["By person"].iter_rows(min_row=4)]
    assert people[0] == ["A", "Tên A", "Trưởng phòng", "Phòng Hai"]
    product = [cell.value for cell in book["Products"][4]]
    assert product[:6] == ["BC", "Báo cáo", None, "N3", 1.5, None]
    assert product[4:5] == [1.5] and book["Products"]["E4"].number_format == "#,##0.0"
    unlisted = [row[0].value for row in book["Not in the catalogue"].iter_rows(min_row=4)]
    assert unlisted == ["(no product named)", HOSTILE] or unlisted == [HOSTILE, "(no product named)"]
    assert book["Not in the catalogue"]["A5"].data_type == "s"


def test_the_bytes_depend_on_what_is_written_alone(view: StatisticsView) -> None:
    again = dataclasses.replace(view)
    assert statistics_xlsx.workbook(view, VI) == statistics_xlsx.workbook(again, VI)
    assert statistics_html.page(view, VI) == statistics_html.page(again, VI)


def test_versions_say_from_when_to_when_they_hold() -> None:
    found = view_of(case(W[0], task("a", "Công văn", due=None)), case(W[1], task("b", "Công văn", due=None, done=day(12))))
    first = found.statistics.products[0].entry
    assert first and found.in_force(first, EN) == "until 15 June 2025"
    begun = dataclasses.replace(first, start=day(2))
    assert found.in_force(begun, EN) == "2 June 2025 – 15 June 2025"
    assert found.in_force(dataclasses.replace(begun, end=dt.date.max), VI) == "từ 02/6/2025"
    assert found.in_force(dataclasses.replace(first, end=dt.date.max), EN) == ""
