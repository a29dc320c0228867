"""The HTML summary and the outbox index: as text, and in a real browser."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from batch.i18n import LANGUAGES, Speaker
from batch.reports import html
from batch.reports.view import WeekView
from batch.titles import SHARED
from tests.reports.browser import chromium, needs_chromium
from tests.reports.office import week_view

VOID = {"meta", "input", "br", "img", "link", "hr"}


class _Balanced(HTMLParser):
    """Fails on a tag that is closed out of order; collects ids and local links."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.targets: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if found.get("id"):
            self.ids.append(str(found["id"]))
        if str(found.get("href", "")).startswith("#"):
            self.targets.append(str(found["href"])[1:])
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def recipients(view: WeekView) -> dict[str, list[tuple[str, str]]]:
    return {c.staff_id: [(f"for/{c.staff_id}/Tự đánh giá #1.xlsx", "Self-report")] for c in view.cases[:9]} | {
        "L001": [("for/L001/approval.xlsx", "Approval sheet")],
        "gone": [("for/gone/x.xlsx", "Old form")],
    }


@pytest.mark.parametrize("lang", LANGUAGES)
def test_well_formed_in_every_language(view: WeekView, lang: str) -> None:
    for page in (html.summary(view, Speaker(lang)), html.index(view, recipients(view), SHARED, {}, Speaker(lang))):
        parser = _Balanced()
        parser.feed(page)
        assert parser.open == []
        assert len(parser.ids) == len(set(parser.ids))
        assert set(parser.targets) <= set(parser.ids)
        assert f'<html lang="{lang}">' in page


def test_self_contained_and_locked(view: WeekView) -> None:
    page = html.summary(view, Speaker("vi"))
    assert not re.search(r'(?:src|href)="(?!#|fairness\.html")', page)
    assert "@import" not in page
    assert "url(" not in page
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    assert len(scripts) == 1
    assert f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'" in page
    assert not re.search(r"\son\w+=", page)


def test_what_people_typed_is_escaped(view: WeekView) -> None:
    evil = dataclasses.replace(view.cases[0], name="<script>alert(1)</script>", position='" onclick="x')
    page = html.summary(dataclasses.replace(view, cases=(evil, *view.cases[1:])), Speaker("en"))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert '" onclick="x' not in page


def test_it_says_what_a_leader_decides_from(view: WeekView) -> None:
    page = html.summary(view, Speaker("en"))
    for text in (
        "Summary of the weekly evaluation",
        "33/46",
        "2025-W26/PhieuDanhGia_0008.xlsx › Đánh giá › K15, L15",
        "Nobody holds this post",
        "Meeting required",
        "=SUM(A1:A9)",
        "Write a number from 0 to 40.",
        "75 to under 90",
        "Data received up to 16:00 4 July 2025",
    ):
        assert text in page, text
    assert all(case.name in page for case in view.cases)


def test_numbers_as_the_language_writes_them(view: WeekView) -> None:
    assert '<td class="n total" data-label="' in html.summary(view, Speaker("vi"))
    assert ">47,75</td>" in html.summary(view, Speaker("vi"))
    assert ">47.75</td>" in html.summary(view, Speaker("en"))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_same_view_same_text(lang: str) -> None:
    assert html.summary(week_view(), Speaker(lang)) == html.summary(week_view(), Speaker(lang))


def test_an_empty_week(view: WeekView) -> None:
    empty = dataclasses.replace(view, cases=(), findings=(), history={}, as_of="")
    page = html.summary(empty, Speaker("en"))
    for text in (
        "No form has come yet",
        "Nobody is evaluated in this week.",
        "Nobody failed in consecutive weeks.",
        "Nothing to report.",
    ):
        assert text in page
    assert "There is nothing to send at present." in html.index(empty, {}, SHARED, {}, Speaker("en"))


def test_index_groups_by_unit_and_quotes_paths(view: WeekView) -> None:
    files = ("summary.html", "summary.xlsx", "results.csv", "findings.csv")
    page = html.index(view, recipients(view), files, {}, Speaker("en"))
    units = re.findall(r"<h2>(.*?)</h2>", page)
    assert units == ["Ban Tổ chức", "Văn phòng Ban", "Vụ Cơ sở đảng, đảng viên", "Not in service in this period"]
    assert 'href="for/0001/T%E1%BB%B1%20%C4%91%C3%A1nh%20gi%C3%A1%20%231.xlsx"' in page
    assert re.findall(r'<a href="(\w+\.\w+)">', page) == [*files]  # and nothing that this outbox doesn't hold


# --- in the browser --------------------------------------------------------------------------------------------------


@needs_chromium
def test_the_content_policy_lets_the_page_work_and_nothing_else(view: WeekView, tmp_path: Path) -> None:
    page = html.summary(view, Speaker("vi"))
    dom = chromium(tmp_path, page, "--dump-dom")
    assert ">Hiển thị 48/48</output>" in dom  # the script ran
    planted = page.replace("</main>", "<script>document.title = 'planted'</script></main>")
    assert "<title>planted" not in chromium(tmp_path, planted, "--dump-dom")


@needs_chromium
def test_a_phone_does_not_scroll_sideways(view: WeekView, tmp_path: Path) -> None:
    page = html.summary(view, Speaker("vi")).replace("<!DOCTYPE html>", "", 1)
    (tmp_path / "inner.html").write_text("<!DOCTYPE html>" + page, encoding="utf-8")
    frame = (
        '<!DOCTYPE html><iframe id="f" src="inner.html" style="width:390px;height:800px;border:0"></iframe><script>'
        'addEventListener("load", () => { const d = document.getElementById("f").contentDocument.documentElement;'
        'document.title = "w=" + d.scrollWidth; });</script>'
    )
    dom = chromium(tmp_path, frame, "--dump-dom", "--allow-file-access-from-files")
    assert "<title>w=390</title>" in dom


@needs_chromium
def test_it_prints(view: WeekView, tmp_path: Path) -> None:
    target = tmp_path / "page.pdf"
    chromium(tmp_path, html.summary(view, Speaker("vi")), "--no-pdf-header-footer", f"--print-to-pdf={target}")
    assert target.read_bytes().startswith(b"%PDF")
