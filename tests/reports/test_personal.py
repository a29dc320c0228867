"""The pages that people get: what stands in them, how large they are, how fast they come, and how they behave."""

from __future__ import annotations

import dataclasses
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from batch.core.finding import Place, UserError, finding
from batch.core.records import Case
from batch.i18n import LANGUAGES, Speaker
from batch.reports import personal
from batch.reports.personal import Page
from batch.reports.view import WeekView
from batch.scope import OFFICE, Scopes
from batch.validate import Judged
from tests.conftest import run_appraise
from tests.reports.browser import chromium, needs_chromium
from tests.reports.office import THIS
from tests.small_office import SmallOffice
from tests.test_sample import digests

W = "2025-W26"
VOID = {"meta", "input", "br", "img", "link", "hr"}


class _Balanced(HTMLParser):
    """Fails on a tag that is closed out of order; collects where it would load from."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.sources: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.sources += [str(v) for k, v in attrs if k in ("src", "href") and not str(v).startswith("#")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def made(view: WeekView, lang: str = "en", judged: tuple[Judged, ...] = ()) -> list[Page]:
    seen = Scopes(view.week, view.cases, view.history, view.findings, judged, view.roster)
    return list(personal.pages(view, seen, "", Speaker(lang)))


def slip(view: WeekView, staff_id: str, lang: str = "en") -> str:
    return next(p for p in made(view, lang) if p.addressee == staff_id and p.name.startswith("slip")).data.decode()


def page(office: SmallOffice, staff_id: str, kind: str, week: str = W) -> str:
    return (office.out / "outbox" / week / "for" / staff_id / f"{kind}-{week}.html").read_text(encoding="utf-8")


def plain(text: str) -> str:
    """What a reader sees, in one line."""
    text = re.sub(r"<style>.*?</style>|<script>.*?</script>", "", text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


# --- form --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_page_is_sound_self_contained_and_locked(view: WeekView, lang: str) -> None:
    pages = made(view, lang)
    assert {p.name.partition("-")[0] for p in pages} == {"slip", "team", "unit", "office"}
    for one in pages:
        text = one.data.decode()
        parser = _Balanced()
        parser.feed(text)
        assert parser.open == [] and parser.sources == []
        assert "default-src 'none'" in text and "url(" not in text and "{" not in plain(text)
    assert len({(p.addressee, p.name) for p in pages}) == len(pages)


def test_a_slip_is_small_and_runs_nothing(view: WeekView) -> None:
    slips = [p.data for p in made(view, "vi") if p.name.startswith("slip")]
    assert len(slips) == len(view.cases)
    assert max(map(len, slips)) <= 9 * 1024
    assert not any(b"<script" in one or b"script-src" in one for one in slips)


def test_what_people_typed_is_escaped(view: WeekView) -> None:
    evil = dataclasses.replace(view.cases[0], name="<script>alert(1)</script>", position='" onclick="x')
    shown = dataclasses.replace(view, cases=(evil, *view.cases[1:]))
    for one in made(shown):
        assert b"<script>alert" not in one.data
        assert b'" onclick="x' not in one.data


# --- the slip ----------------------------------------------------------------------------------------------------


def by_state(view: WeekView, state: str) -> Case:
    return next(c for c in view.cases if c.state == state)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("approved", "Approved"),
        ("reviewed", "Scored, but not approved yet: this result can still change."),
        ("submitted", "Your self-report has come. It is not scored yet."),
        ("missing", "Next step: you fill in your form and send it."),
        ("excused", "Not evaluated this week: Nghỉ phép năm"),
    ],
)
def test_a_slip_says_where_the_result_stands(view: WeekView, state: str, said: str) -> None:
    assert said in plain(slip(view, by_state(view, state).staff_id))


def test_a_slip_tells_how_the_result_was_reached(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path)
    office.issue(W)
    office.report(W, "A3", ("38,5", 37, 19))
    office.run(W, now="2025-06-27T15:30+07:00")
    office.review(W, "A2", {"A3": (30.4, 39.8, 19.8)}, comment_A3="Đúng hạn", key_task_failed_A3="yes")
    office.run(W, now="2025-06-28T09:05+07:00")
    text = plain(page(office, "A3", "slip"))
    assert "90 Excellent 90 to 100" in text and "30.4 + 39.8 + 19.8 = 90" in text
    assert "Self-report Phạm Văn Cường 15:30 27 June 2025 38.5 37.0 19.0 94.5" in text
    assert "Review Trần Thị Bình 09:05 28 June 2025 30.4 39.8 19.8 90.0 Key task failed Đúng hạn" in text
    assert "Next step: Approval, by Nguyễn Văn An." in text
    scores = {("A3", f"score.{c}"): s for c, s in (("quality", 30), ("progress", 30), ("conduct", 15))}
    office.fill(office.form("approval", W, "A1"), {("A3", "decision"): "adjust", ("A3", "reason"): "too high", **scores})
    office.run(W)
    text = plain(page(office, "A3", "slip"))
    assert "75 Good 75 to under 90 Approved" in text
    assert "Approval Nguyễn Văn An 08:00 30 June 2025 30.0 30.0 15.0 75.0 Adjusted by the approver too high" in text


def test_a_returned_review_is_told_with_its_reason(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path)
    office.issue(W)
    office.report(W, "A3")
    office.run(W)
    office.review(W, "A2", {"A3": (34, 33, 18)})
    office.run(W)
    office.fill(office.form("approval", W, "A1"), {("A3", "decision"): "return", ("A3", "reason"): "look again"})
    office.run(W)
    text = plain(page(office, "A3", "slip"))
    assert "The approver sent the scores back to the reviewer" in text and "Returned look again" in text
    team = plain(page(office, "A2", "team"))
    assert "For you to score: Phạm Văn Cường (A3)" in team and "Returned look again" in team


def test_a_faulty_form_is_explained_to_its_author_and_to_their_supervisor_only(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path)
    office.issue(W)
    path = office.report(W, "A3", (44, 37, 19))
    office.run(W)
    text = plain(page(office, "A3", "slip"))
    assert "Your self-report can't be counted as it is." in text
    assert "44 is more than the highest score, 40. Write a number from 0 to 40." in text and path.name in text
    assert "44 is more" in plain(page(office, "A2", "team"))
    assert "44 is more" not in page(office, "A4", "slip")


def test_a_fault_in_the_review_sheet_is_the_reviewers_and_not_the_persons(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path)
    office.issue(W)
    office.report(W, "A3")
    office.run(W)
    office.review(W, "A2", {"A3": (41.25, 33, 18)})
    office.run(W)
    assert "41.25" in page(office, "A2", "team")
    assert "41.25" not in page(office, "A3", "slip")
    assert "41.25" in page(office, "A1", "unit")


def test_a_conflict_is_put_to_the_one_who_can_settle_it(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path)
    office.issue(W)
    office.report(W, "A3", (38, 37, 19), "unit one/first.xlsx")
    office.report(W, "A3", (30, 37, 19), "unit one/second.xlsx")
    office.run(W)
    text = plain(page(office, "A3", "slip"))
    assert "Two forms of yours say different things, so neither counts: first.xlsx (" in text
    assert "unit one" not in text and "Ask " not in text


def test_a_form_filled_in_by_somebody_else_gives_nothing_of_theirs_away(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path)
    office.issue(W)
    cells = {("identity.staff_id", "value"): "B2", ("score.quality", "self"): 44, ("score.progress", "self"): 31}
    office.fill(office.form("self", W, "A3"), cells, "from B2 Hoàng Thị Giang.xlsx")
    office.run(W)
    text = page(office, "A3", "slip")
    assert "came back with somebody else&#39;s staff code" in text
    assert not re.search(r"B2|Giang|44", plain(text))
    assert "B2" in plain(page(office, OFFICE, "office"))


def test_earlier_weeks_and_a_required_meeting_are_on_the_slip(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path)
    for week in ("2025-W25", W):
        office.whole_week(week, {"A3": (10, 10, 10.5)})
    text = plain(page(office, "A3", "slip"))
    assert "Meeting required. Band 'failed' in consecutive weeks (Week 25/2025, Week 26/2025)" in text
    assert "Week 25/2025 30.5 Failed" in text
    assert "Meeting required (2 weeks in a row)" in plain(page(office, "A2", "team"))
    assert "Meeting required" in plain(page(office, OFFICE, "office"))


# --- team, unit, Office ------------------------------------------------------------------------------------------


def test_supervisors_and_approvers_see_their_people_and_what_is_due(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path)
    office.issue(W)
    for staff_id in ("A2", "A3"):
        office.report(W, staff_id)
    office.run(W)
    team = plain(page(office, "A2", "team"))
    assert "For you to score: Phạm Văn Cường (A3). The review sheet lies beside this page." in team
    assert "Vũ Thị Dung" in team and "Đỗ Văn Em" not in team
    office.review(W, "A2", {"A3": (34, 33, 18)})
    office.run(W)
    unit = plain(page(office, "A1", "unit"))
    assert "For you to decide: Phạm Văn Cường (A3)" in unit
    assert "Self-report Each of the people named 1 Vũ Thị Dung (A4)" in unit
    assert "Approved 0/3" in unit
    folder = office.out / "outbox" / W / "for"
    assert not (folder / "A3" / f"team-{W}.html").exists() and not (folder / "L1" / f"slip-{W}.html").exists()
    assert "A1" in page(office, "L1", "unit") and "A3" not in plain(page(office, "L1", "unit"))


def test_rows_about_others_people_are_counted_and_nothing_more(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path, delegations="A2|B1|27/06/2025|27/06/2025|mission")
    office.issue(W)
    office.report(W, "A3")
    office.run(W)
    office.review(W, "B1", {"A3": (34, 33, 18)})
    office.run(W)
    assert "34" in page(office, "B1", "team")
    office.roster()  # the delegation was a mistake: B1 may not judge A3
    office.run(W)
    team = plain(page(office, "B1", "team"))
    assert "Rows on your sheets about people whom others judge had no effect: 1." in team
    assert not re.search(r"A3|Cường|A2|Bình", team)


def test_the_offices_page_goes_to_whom_the_office_names(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path)
    office.issue(W)
    office.report(W, "A3", obstacles="No paper", proposals="Buy paper")
    office.run(W)
    text = plain(page(office, OFFICE, "office"))
    assert "No paper" in text and "Buy paper" in text and "Who waits for whom" in text
    index = (office.out / "outbox" / W / "index.html").read_text(encoding="utf-8")
    assert f'href="for/_office/office-{W}.html"' in index and f'href="for/A3/slip-{W}.html"' in index
    office.settings('office_id = "B3"')
    office.run(W)
    assert "No paper" in page(office, "B3", "office")
    assert not (office.out / "outbox" / W / "for" / OFFICE).exists()
    office.settings('office_id = "Z9"')
    with pytest.raises(UserError) as caught:
        office.run(W)
    assert caught.value.finding.code == "config.office-unknown"


def test_a_file_name_used_by_two_people_shows_its_faults_to_neither(view: WeekView) -> None:
    """Who knows whose value it is that the finding quotes? Only the Office is told."""
    case = view.cases[3]
    place = Place("form.xlsx", "", "E5")
    found = finding("value.over-cap", place, case.staff_id, field="Quality", found="44.44", cap="40")
    shown = dataclasses.replace(view, findings=(found,))
    assert "44.44" not in slip(shown, case.staff_id)
    assert not [p for p in made(shown) if b"44.44" in p.data]


def test_pages_are_the_same_on_every_run(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path)
    office.issue(W)
    office.report(W, "A3")
    office.run(W)
    before = digests(office.out / "outbox")
    (office.out / "outbox" / W / "for" / "A3" / f"slip-{W}.html").unlink()
    outcome = office.run(W)
    assert digests(office.out / "outbox") == before
    assert outcome.weeks[0].news == ("A3",)
    assert office.run(W).weeks[0].news == ()


def test_whose_folder_changed_is_said(tmp_path: Path) -> None:
    import json

    office = SmallOffice(tmp_path)
    office.issue(W)
    office.report(W, "A3")
    words = ("run", W, "--office", office.folder, "--out", office.out, "--now", "2025-06-30T08:00")
    assert run_appraise(*words).returncode == 0
    office.report(W, "B2")
    done = run_appraise(*words, "--json")
    (week,) = json.loads(done.stdout)["weeks"]
    assert {"B1", "B2", OFFICE} <= set(week["recipients"]) <= {"B1", "B2", "B3", OFFICE}
    office.report(W, "B3")
    done = run_appraise(*words)
    assert "2 people have something new: Đỗ Văn Em, Bùi Văn Hà\n" in done.stdout
    assert "have something new" not in run_appraise(*words).stdout


# --- in the browser ----------------------------------------------------------------------------------------------


@needs_chromium
@pytest.mark.parametrize("kind", ["slip", "team", "unit"])
def test_a_phone_does_not_scroll_sideways(view: WeekView, tmp_path: Path, kind: str) -> None:
    one = next(p for p in made(view, "vi") if p.name.startswith(kind))
    (tmp_path / "inner.html").write_bytes(one.data)
    frame = (
        '<!DOCTYPE html><iframe id="f" src="inner.html" style="width:390px;height:800px;border:0"></iframe><script>'
        'addEventListener("load", () => { const d = document.getElementById("f").contentDocument.documentElement;'
        'document.title = "w=" + d.scrollWidth; });</script>'
    )
    assert "<title>w=390</title>" in chromium(tmp_path, frame, "--dump-dom", "--allow-file-access-from-files")


def test_the_week_is_the_one_asked_for(view: WeekView) -> None:
    assert all(str(THIS) in p.name for p in made(view))
