"""The week that the report tests share, and the browser that they open pages in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from batch.reports.view import WeekView
from tests.reports.browser import CHROMIUM
from tests.reports.office import week_view

PATIENCE = 180_000  # ms for anything to show up: a busy machine is no fault of the page
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def view() -> WeekView:
    """48 people, 7 units, five weeks."""
    return week_view()


@dataclass
class Reader:
    """Opens pages as a reader does, from a file and without a network, and notes what they ask for and complain about."""

    browser: Browser
    folder: Path
    asked: list[str] = field(default_factory=list)
    complained: list[str] = field(default_factory=list)

    def open(self, text: str, at: str = "", **options: Any) -> Page:
        """A new window with the page in it; ``at``: a place inside it. Options as for a Playwright context."""
        file = self.folder / "page.html"
        file.write_text(text, encoding="utf-8")
        usual: dict[str, Any] = {"offline": True, "reduced_motion": "reduce", "viewport": {"width": 1280, "height": 900}}
        context = self.browser.new_context(**(usual | options))
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda message: self.complained.append(message.text))
        page.on("pageerror", lambda error: self.complained.append(str(error)))
        page.goto(file.as_uri() + at)
        return page


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium; nothing is downloaded."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed; apt-get install chromium")
    with sync_playwright() as play:
        found = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture
def reader(browser: Browser, tmp_path: Path) -> Iterator[Reader]:
    """A reader for one test."""
    one = Reader(browser, tmp_path)
    yield one
    for context in browser.contexts:
        context.close()
