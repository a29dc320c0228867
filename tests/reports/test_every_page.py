"""Pages of every kind that no other browser test opens: of months, of a round, of a salary increase."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from batch.i18n import LANGUAGES, Speaker
from batch.reports import rollup_html
from tests.conftest import run_appraise
from tests.reports.conftest import Reader
from tests.reports.test_rollup import made, view_of
from tests.sample_round.build import OFFICE

ROUND = ("summary.html", "goals.html", "raises.html", "what-if.html", "index.html")
SIDEWAYS = (
    "[...document.querySelectorAll('.box')].filter((box) => box.scrollWidth > box.clientWidth).map((box) => box.ariaLabel)"
)


def sound(reader: Reader, pages: dict[str, str]) -> None:
    """axe-core takes its time, so each page is looked at once: on a phone, every other one in the dark."""
    for at, (name, text) in enumerate(pages.items()):
        page = reader.open(text, color_scheme="dark" if at % 2 else "light")
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280, name
        page.set_viewport_size({"width": 390, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, name
        if name in ("summary.html", "raises.html"):  # what leaders read on the way
            assert page.evaluate(SIDEWAYS) == [], name
        page.evaluate("[...document.querySelectorAll('details')].slice(0, 3).forEach((one) => { one.open = true; })")
        found = Axe().run(page).response["violations"]
        assert [(name, one["id"], one["nodes"][0]["html"]) for one in found] == []
        page.context.close()
    assert {url.partition("#")[0] for url in reader.asked} == {(reader.folder / "page.html").as_uri()}
    assert reader.complained == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_pages_of_a_month(reader: Reader, lang: str) -> None:
    view = view_of("2025-06")
    kinds = {page.name.partition("-")[0]: page.data.decode() for page in made(view, lang) if page.name.endswith(".html")}
    assert set(kinds) == {"unit", "team", "result"}
    sound(reader, {**kinds, "summary": rollup_html.summary(view, Speaker(lang))})


def test_pages_of_a_round(reader: Reader, tmp_path: Path) -> None:
    words = ("2568-R1", "--office", OFFICE, "--out", tmp_path, "--now", "2025-04-02")
    for command in (["run"], ["raises", "--what-if"], ["raises"]):
        assert run_appraise(*command, *words).returncode == 0
    outbox = tmp_path / "outbox" / "2568-R1"
    sound(reader, {name: (outbox / name).read_text(encoding="utf-8") for name in ROUND})
