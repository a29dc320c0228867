"""Months and longer, played through real files: provisional, closed, amended; who gets what."""

from __future__ import annotations

import csv
import dataclasses
import json
import shutil
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from batch import judging, pipeline, terms
from batch.cli import cli
from batch.core.finding import UserError
from batch.core.period import Term, Week
from batch.ledger import Ledger
from tests.conftest import NOW as SAMPLE_NOW
from tests.conftest import ROOT, SAMPLE, run_appraise
from tests.reports.test_personal import plain
from tests.small_office import NOW, PEOPLE, SmallOffice
from tests.test_sample import digests, read_csv

JUNE = Term.parse("2025-06")
LATER = "2025-07-07T08:00+07:00"
W23, W25, W26 = "2025-W23", "2025-W25", "2025-W26"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> SmallOffice:
    """Two weeks of June, everybody decided; A3 failed the second. Read-only: tests work on copies."""
    office = SmallOffice(tmp_path_factory.mktemp("played"))
    office.whole_week(W25, {"A3": (40, 40, 20)}, comment_A3="splendid work")
    office.whole_week(W26, {"A3": (20, 19, 10.99)}, comment_A3="a bad week")
    return office


@pytest.fixture
def office(played: SmallOffice, tmp_path: Path) -> SmallOffice:
    return played.copied(tmp_path)


def roll(office: SmallOffice, now: str = LATER) -> terms.TermOutcome:
    return terms.rollup(office.setup(), JUNE, now)


def close_weeks(office: SmallOffice, *weeks: str) -> None:
    for week in weeks:
        pipeline.close(office.setup(), Week.parse(week), NOW, with_open=True)  # no unit has reported


def result(office: SmallOffice, staff_id: str) -> dict[str, str]:
    return office.results("2025-06")[staff_id]


def page(office: SmallOffice, staff_id: str, kind: str) -> str:
    return (office.out / "outbox" / "2025-06" / "for" / staff_id / f"{kind}-2025-06.html").read_text(encoding="utf-8")


def refused(act: object, *words: object) -> str:
    with pytest.raises(UserError) as caught:
        act(*words)  # type: ignore[operator]
    return caught.value.finding.code


def test_a_month_over_open_weeks_is_provisional_and_says_so(office: SmallOffice) -> None:
    outcome = roll(office)
    assert outcome.provisional and [str(w) for w in outcome.weeks] == [W25, W26]
    row = result(office, "A3")
    # 100 and 49.99: the mean 74.995 reads as 75.00, which would be 'good'; it is not, so more decimals are shown
    assert (row["total"], row["mean"], row["band_of_mean"], row["band"]) == ("149.99", "74.995", "completed", "completed")
    assert row["caps"] == "failed-weeks" and row["provisional"] == "yes"
    assert "can still change: Week 25/2025, Week 26/2025" in plain(page(office, "A3", "result"))
    assert {"rollup.open-weeks", "rollup.begins-later"} <= set(office.codes("2025-06"))


def test_how_results_were_given_is_told_at_the_top_and_in_nobodys_folder(office: SmallOffice) -> None:
    roll(office)
    outbox = office.out / "outbox" / "2025-06"
    assert sorted(path.relative_to(outbox).as_posix() for path in outbox.rglob("*fairness*")) == [
        "fairness.html",
        "fairness.xlsx",
    ]
    assert 'href="fairness.html"' in (outbox / "index.html").read_text(encoding="utf-8")
    assert not [one for one in (outbox / "for").rglob("*.html") if "fairness" in one.read_text(encoding="utf-8")]
    text = plain((outbox / "fairness.html").read_text(encoding="utf-8"))
    assert (
        "Approved results 14 of 7 people in 2 weeks" in text and "Too few people to judge: 2; at least 5 are needed." in text
    )


def test_a_second_rollup_changes_no_byte(office: SmallOffice) -> None:
    roll(office)
    before = digests(office.out)
    assert roll(office, "2025-07-20T08:00+07:00").changed == ()
    assert digests(office.out) == before


def test_what_is_as_it_was_is_told_again_without_judging_anything(
    office: SmallOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[object] = []

    def look_along(*args: Any, **more: Any) -> object:
        looks.append(args)
        return pipeline.look_along(*args, **more)

    monkeypatch.setattr(terms, "look_along", look_along)

    def looked(now: str = LATER) -> bool:
        before = len(looks)
        roll(office, now)
        return len(looks) > before

    first = roll(office)
    assert dataclasses.replace(first, changed=()) == roll(office) and len(looks) == 1
    assert not looked("2025-07-31T23:00+07:00")  # no further week belongs to June
    results = office.out / "outbox" / "2025-06" / "results.csv"
    whole = results.read_bytes()
    results.write_bytes(b"mine")
    assert looked() and results.read_bytes() == whole
    assert looked("2025-06-26T08:00+07:00") and result(office, "A3")["weeks_due"] == "1"  # while it ran
    assert looked() and result(office, "A3")["weeks_due"] == "2"
    close_weeks(office, W25)
    assert looked() and not looked()
    (office.folder / "templates" / "html").mkdir(parents=True)
    (office.folder / "templates" / "html" / "result.html.j2").write_text('{% extends "shipped/result.html.j2" %}')
    assert looked() and not looked()


def test_an_offices_own_template_renews_every_page(office: SmallOffice) -> None:
    roll(office)
    own = office.folder / "templates" / "html" / "base.html.j2"
    own.parent.mkdir(parents=True)
    own.write_text('{% extends "shipped/base.html.j2" %}{% block office %}:root { --link: #7a1f1f; }{% endblock %}')
    roll(office)
    pages = list((office.out / "outbox" / "2025-06").rglob("*.html"))
    assert len(pages) > 5 and all("--link: #7a1f1f;" in page.read_text(encoding="utf-8") for page in pages)
    own.write_text("{% block content %}{% endblock %}")
    assert refused(roll, office) == "config.page-lacks"


def test_weeks_to_come_are_not_counted_and_the_month_still_runs(office: SmallOffice) -> None:
    outcome = roll(office, "2025-06-23T08:00+07:00")
    assert [str(w) for w in outcome.weeks] == [W25] and "rollup.running" in office.codes("2025-06")
    assert result(office, "A4")["state"] == "unrated"  # one week is fewer than two
    assert "Too few decided weeks for a rating" in plain(page(office, "A4", "result"))


def test_a_month_is_closed_when_its_weeks_are_unless_told_and_only_once(office: SmallOffice) -> None:
    assert refused(terms.close, office.setup(), JUNE, LATER, False) == "rollup.weeks-open"
    close_weeks(office, W25)
    assert refused(terms.close, office.setup(), JUNE, LATER, False) == "rollup.weeks-open"
    close_weeks(office, W26)
    terms.close(office.setup(), JUNE, LATER, False)
    assert refused(terms.close, office.setup(), JUNE, LATER, False) == "close.already"
    outcome = roll(office)
    assert not outcome.provisional and "rollup.open-weeks" not in office.codes("2025-06")
    assert "Closed on 08:00 7 July 2025" in plain(page(office, "A3", "result"))


def test_a_week_without_any_form_counts_for_nobody_is_told_once_and_has_to_be_closed(office: SmallOffice) -> None:
    office.whole_week(W23, {})  # and of W24 nothing ever came
    outcome = roll(office)
    assert [str(w) for w in outcome.weeks] == [W23, W25, W26]
    assert {row["weeks_due"] for row in office.results("2025-06").values()} == {"3"}
    codes = office.codes("2025-06")
    assert codes.count("rollup.silent-weeks") == 1 and "rollup.undecided" not in codes
    close_weeks(office, W23, W25, W26)
    assert refused(terms.close, office.setup(), JUNE, LATER, False) == "rollup.weeks-open"
    close_weeks(office, "2025-W24")
    terms.close(office.setup(), JUNE, LATER, False)
    assert not roll(office).provisional


def test_a_period_too_short_for_any_rating_says_so_once(office: SmallOffice) -> None:
    terms.rollup(office.setup(), Term.parse("2025"), "2025-07-02T08:00+07:00")  # two weeks; a year needs twelve
    codes = office.codes("2025")
    assert codes.count("rollup.too-short") == 1 and "rollup.unrated" not in codes
    assert {row["state"] for row in office.results("2025").values()} == {"unrated"}


def test_a_closed_month_keeps_results_and_rules_and_tells_what_the_weeks_would_change(office: SmallOffice) -> None:
    close_weeks(office, W25, W26)
    terms.close(office.setup(), JUNE, LATER, False)
    roll(office)
    kept = office.results("2025-06")
    shipped = (ROOT / "templates" / "schemes" / "vn-weekly.toml").read_text(encoding="utf-8")
    (office.folder / "mine.toml").write_text(shipped.replace("month = 1,", "month = 2,"), encoding="utf-8")
    office.settings('scheme = "mine.toml"')
    roll(office)
    assert office.results("2025-06") == kept
    office.issue(W26, "review", ["A2"], again=True)
    office.review(W26, "A2", {"A3": (40, 40, 20)})
    office.run(W26)
    office.issue(W26, "approval", ["A1"], again=True)
    office.approve(W26, "A1", {"A3": "approve"})
    office.run(W26)
    pipeline.amend(office.setup(), Week.parse(W26), "A3", "scores were mixed up", "L1", LATER)
    roll(office)
    assert office.results("2025-06") == kept
    (said,) = [f for f in office.findings("2025-06") if f["code"] == "rollup.changed-since"]
    assert said["staff_id"] == "A3" and "74.995" in said["message"]
    fair = plain((office.out / "outbox" / "2025-06" / "fairness.html").read_text(encoding="utf-8"))
    assert "Approved results 13 " in fair and "changed after the period was closed: 1" in fair
    assert "Closed on 08:00 7 July 2025" in fair and "Provisional" not in fair


def test_an_amendment_takes_over_one_persons_result_with_its_reason(office: SmallOffice) -> None:
    close_weeks(office, W25, W26)
    terms.close(office.setup(), JUNE, LATER, False)
    assert refused(terms.amend, office.setup(), JUNE, "A3", "late", "L1", LATER) == "amend.nothing"
    office.issue(W26, "review", ["A2"], again=True)
    office.review(W26, "A2", {"A3": (30, 30, 10)})
    office.run(W26)
    pipeline.amend(office.setup(), Week.parse(W26), "A3", "scores were mixed up", "L1", LATER)
    before, after, _ = terms.amend(office.setup(), JUNE, "A3", "the week was amended", "L1", LATER)
    assert before is not None
    assert (before.outcome.tally.rated, after.outcome.tally.rated) == (2, 1)  # the week is now only reviewed
    roll(office)
    assert result(office, "A3")["state"] == "unrated" and result(office, "A4")["state"] == "rated"
    (said,) = [f for f in office.findings("2025-06") if f["code"] == "case.amended"]
    assert "the week was amended" in said["message"]
    assert "the week was amended" in page(office, "A3", "result")
    assert "the week was amended" not in page(office, "A2", "team")  # the reason is for the person and the Office


def test_an_amendment_is_told_by_the_levels_under_which_the_month_was_closed(office: SmallOffice) -> None:
    close_weeks(office, W25, W26)
    terms.close(office.setup(), JUNE, LATER, False)
    office.issue(W25, "review", ["A2"], again=True)
    office.review(W25, "A2", {"A3": (40, 40, 10)})
    office.run(W25)
    pipeline.amend(office.setup(), Week.parse(W25), "A3", "scores were mixed up", "L1", LATER)
    shipped = (ROOT / "templates" / "schemes" / "vn-weekly.toml").read_text(encoding="utf-8")
    assert shipped.count("min = 75\n") == 1
    (office.folder / "mine.toml").write_text(shipped.replace("min = 75\n", "min = 80\n"), encoding="utf-8")
    office.settings('scheme = "mine.toml"')
    words = ["--office", str(office.folder), "--out", str(office.out), "--now", LATER]
    why = ["--for", "A3", "--reason", "the week was amended", "--author", "L1"]
    done = CliRunner().invoke(cli, ["--lang", "en", "amend", "2025-06", *why, *words])
    # (100 + 49.99) / 2 is just below 75, where 'good' began when the month was closed: two decimals would hide that;
    # the first week is now only reviewed, and counts no longer
    assert done.exit_code == 0 and "74.995 → 49.99" in done.output, done.output


def test_an_amendment_of_a_month_closed_early_counts_the_weeks_it_was_closed_with(office: SmallOffice) -> None:
    terms.close(office.setup(), JUNE, "2025-06-24T08:00+07:00", with_open=True)  # week 26 had not ended
    office.issue(W25, "review", ["A2"], again=True)
    office.review(W25, "A2", {"A3": (30, 30, 10)})
    office.run(W25)
    _, after, _ = terms.amend(office.setup(), JUNE, "A3", "scores were mixed up", "L1", LATER)
    assert [str(line.week) for line in after.outcome.lines] == [W25]
    roll(office)
    assert {result(office, who)["weeks_due"] for who in ("A3", "A4")} == {"1"}
    said = {f["code"]: f["message"] for f in office.findings("2025-06")}
    assert "other weeks would belong to it" in said["rollup.other-weeks"] and "Week 26/2025" in said["rollup.other-weeks"]
    assert "rollup.changed-since" not in said


def test_a_closed_month_keeps_its_weeks_when_the_calendar_moves_another_into_it(office: SmallOffice) -> None:
    office.issue("2025-W27")
    office.report("2025-W27", "A3", summary="July")
    office.run("2025-W27")
    terms.close(office.setup(), JUNE, LATER, with_open=True)
    office.roster(calendar="\n".join(f"0{day}/07/2025|holiday|Lễ" for day in (1, 2, 3, 4)))  # 30 June is left of week 27
    roll(office)
    assert {row["weeks_due"] for row in office.results("2025-06").values()} == {"2"}
    codes = {f["code"]: f["message"] for f in office.findings("2025-06")}
    assert "Week 27/2025" in codes["rollup.other-weeks"] and "rollup.changed-since" not in codes


def test_somebody_the_roster_knows_only_since_the_closing_can_be_taken_in(office: SmallOffice) -> None:
    terms.close(office.setup(), JUNE, LATER, with_open=True)
    office.roster(people=f"{PEOPLE.strip()}\nB4|Ngô Thị Yến|civil_servant|Chuyên viên|D2|B1||01/01/2025|")
    roll(office)
    (said,) = [f for f in office.findings("2025-06") if f["code"] == "rollup.changed-since"]
    assert said["staff_id"] == "B4" and "amend" in said["remedy"] and "B4" not in office.results("2025-06")
    words = ["--office", str(office.folder), "--out", str(office.out), "--now", LATER]
    why = ["--for", "B4", "--reason", "had been left out", "--author", "L1"]
    done = CliRunner().invoke(cli, ["--lang", "en", "amend", "2025-06", *why, *words])
    assert done.exit_code == 0 and "– → –" in done.output, done.output
    roll(office)
    assert (result(office, "B4")["state"], result(office, "B4")["weeks_due"]) == ("unrated", "2")
    assert "rollup.changed-since" not in {f["code"] for f in office.findings("2025-06")}


def test_an_open_month_is_not_amended(office: SmallOffice) -> None:
    assert refused(terms.amend, office.setup(), JUNE, "A3", "x", "L1", LATER) == "close.not-closed"


def test_nobody_gets_anything_of_somebody_elses(office: SmallOffice) -> None:
    roll(office)
    folder = office.out / "outbox" / "2025-06" / "for"
    seen = {
        "L1": "A1 B1",
        "A1": "A1 A2 A3 A4",
        "A2": "A2 A3 A4",
        "A3": "A3",
        "A4": "A4",
        "B1": "B1 B2 B3",
        "B2": "B2",
        "B3": "B3",
    }
    names = {p.staff_id: p.name for p in office.setup().roster.spells}
    assert {box.name for box in folder.iterdir()} == set(seen)
    for box, allowed in seen.items():
        for path in (folder / box).glob("*.html"):
            text = path.read_text(encoding="utf-8")
            others = [n for who, n in names.items() if who not in (*allowed.split(), box) and n in text]
            assert others == [], path
    for kind in ("team", "unit"):
        assert "splendid work" not in page(office, "A2" if kind == "team" else "A1", kind)
    assert "splendid work" in page(office, "A3", "result") and "a bad week" in page(office, "A3", "result")
    assert not (folder / "L1" / "result-2025-06.html").exists()
    assert {p.name for p in (folder / "A1").iterdir()} == {
        *("result-2025-06.html", "team-2025-06.html", "unit-2025-06.html", "unit-2025-06.xlsx", "work-2025-06.html")
    }


def test_the_manifest_names_every_output_and_verify_is_content(office: SmallOffice) -> None:
    roll(office)
    folder = office.out / "outbox" / "2025-06"
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    on_disk = digests(folder)
    del on_disk["manifest.json"]
    assert {o["name"]: o["sha256"] for o in manifest["outputs"]} == on_disk
    assert manifest["weeks"] == [W25, W26]
    done = run_appraise("verify", "--office", office.folder, "--out", office.out)
    assert done.returncode == 0, done.stdout
    (folder / "results.csv").write_bytes(b"changed")
    assert run_appraise("verify", "--office", office.folder, "--out", office.out).returncode == 1


def test_people_who_always_reach_every_point_have_a_chart_too(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path)
    office.whole_week(W26, {"A3": (40, 40, 20), "A4": (40, 40, 20)})
    roll(office)
    assert "Phạm Văn Cường" in page(office, "A2", "team")


def test_nothing_to_roll_up_is_said(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path)
    assert refused(terms.rollup, office.setup(), JUNE, LATER) == "rollup.no-weeks"


@pytest.fixture(scope="module")
def summer(played: SmallOffice, tmp_path_factory: pytest.TempPathFactory) -> SmallOffice:
    """The two weeks of June, the first closed, and a week of July of which one report has come. Read-only."""
    office = played.copied(tmp_path_factory.mktemp("summer"))
    close_weeks(office, W25)
    office.issue("2025-W27")
    office.report("2025-W27", "A3", summary="July")
    office.run("2025-W27")
    return office


def test_a_year_with_its_parts_is_to_the_byte_what_each_term_alone_comes_to(summer: SmallOffice, tmp_path: Path) -> None:
    alone, together = summer.copied(tmp_path / "alone"), summer.copied(tmp_path / "together")
    year = Term.parse("2025").parts
    outcomes = terms.roll_up_all(together.setup(), year, LATER, jobs=2)
    rolled = [str(outcome.term) for outcome in outcomes]
    assert rolled == ["2025-06", "2025-07", "2025-Q2", "2025-Q3", "2025-H1", "2025-H2", "2025"]
    for term in rolled:
        terms.rollup(alone.setup(), Term.parse(term), LATER)
    written, wanted = digests(together.out), digests(alone.out)
    del written["seals.json"], wanted["seals.json"]  # one of them notes which terms had no weeks
    assert written == wanted
    assert len(list((together.out / "outbox" / "2025-07" / "for").iterdir())) == 8
    assert [outcome.changed for outcome in terms.roll_up_all(together.setup(), year, LATER)] == [()] * 7


def test_a_large_ledger_is_judged_by_several_processes_to_the_same_end(
    summer: SmallOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup, week = summer.setup(), Week.parse("2025-W27")
    with Ledger.open(setup.ledger, look_only=True) as ledger:
        alone = pipeline.look_into(setup, ledger, week, LATER)
        assert len(alone[0]) > 20
        monkeypatch.setattr(judging, "_STRETCH", 3)  # as if it were large
        assert pipeline.look_into(setup, ledger, week, LATER, jobs=2, fresh=True) == alone


def test_the_parts_without_weeks_are_named_and_the_others_made(summer: SmallOffice, tmp_path: Path) -> None:
    office = summer.copied(tmp_path)
    words = ["--office", str(office.folder), "--out", str(office.out), "--now", LATER]

    def rolled(*more: str) -> str:
        done = CliRunner().invoke(cli, ["--lang", "en", "rollup", *more, *words])
        assert done.exit_code == 0, done.output
        return done.stdout

    said = rolled("2025-Q2", "--with-parts").splitlines()
    assert "No week with forms has ended in: April 2025, May 2025" in said
    assert [line.split(" (")[0] for line in said if line.endswith("Week 25/2025, Week 26/2025")] == [
        "June 2025",
        "Quarter 2 of 2025",
    ]
    assert said[-2].endswith(str(Path("2025-Q2", "summary.html")))
    told = json.loads(rolled("2025-Q2", "--with-parts", "--json"))
    assert [one["period"] for one in told["terms"]] == ["2025-06", "2025-Q2"]
    assert told["without_weeks"] == ["2025-04", "2025-05"]
    assert json.loads(rolled("2025-06", "--with-parts", "--json"))["terms"] == [json.loads(rolled("2025-06", "--json"))]
    assert refused(terms.roll_up_all, office.setup(), Term.parse("2025-Q1").parts, LATER) == "rollup.no-weeks"


def test_a_scheme_without_rules_for_months_is_refused(office: SmallOffice) -> None:
    shipped = (ROOT / "templates" / "schemes" / "vn-weekly.toml").read_text(encoding="utf-8")
    (office.folder / "mine.toml").write_text(shipped.partition("[rollup]")[0], encoding="utf-8")
    office.settings('scheme = "mine.toml"')
    assert refused(terms.rollup, office.setup(), JUNE, LATER) == "rollup.no-rules"


def test_a_closed_week_under_other_rules_is_pointed_out(office: SmallOffice) -> None:
    close_weeks(office, W25)
    shipped = (ROOT / "templates" / "schemes" / "vn-weekly.toml").read_text(encoding="utf-8")
    (office.folder / "mine.toml").write_text(shipped.replace("min = 75", "min = 70"), encoding="utf-8")
    office.settings('scheme = "mine.toml"')
    roll(office)
    (said,) = [f for f in office.findings("2025-06") if f["code"] == "rollup.schemes-differ"]
    assert "Week 25/2025" in said["message"] and "26" not in said["message"]


# --- the command line -------------------------------------------------------------------------------------------------


def test_the_commands_of_a_month(office: SmallOffice) -> None:
    words = ("--office", office.folder, "--out", office.out)
    now = ("--now", "2025-07-07T08:00")
    told = json.loads(run_appraise("rollup", "2025-06", *words, *now, "--json").stdout)
    assert told["states"] == {"rated": 7, "unrated": 0, "excused": 0} and told["weeks"] == [W25, W26]
    done = run_appraise("explain", "A3", "2025-06", *words, *now)
    for text in (
        "74.995 points: Completed",
        "100 + 49.99 = 149.99",
        "Week 27/2025: 1 of 5 working days",
        "at most Completed",
    ):
        assert text in done.stdout, done.stdout + done.stderr
    data = json.loads(run_appraise("explain", "A3", "2025-06", *words, *now, "--json").stdout)
    assert data["result"]["mean"] == "14999/200" and data["result"]["caps"][0]["rule"] == "failed-weeks"
    sent = run_appraise("send", "2025-06", "--dry-run", *words, *now)
    assert "A3 Phạm Văn Cường <a3@example.org>: result-2025-06.html" in sent.stdout
    refused = run_appraise("close", "2025-06", *words, *now)
    assert refused.returncode == 2 and "Week 25/2025" in refused.stderr
    closed = run_appraise("close", "2025-06", "--with-open", *words, *now)
    assert "June 2025 is closed: 7 results." in closed.stdout


@pytest.mark.parametrize("text", ["2025-13", "2025-Q5", "2025-H3", "june", "2025-W25", "1925"])
def test_what_is_no_month_is_refused_in_one_line(office: SmallOffice, text: str) -> None:
    done = run_appraise("rollup", text, "--office", office.folder, "--out", office.out)
    assert done.returncode == 2
    assert "2025-Q2" in done.stderr and len(done.stderr.strip().splitlines()) == 1


# --- the sample office's June, reasoned by hand -------------------------------------------------------------------------
# June 2025 has the weeks 23 (Mon 2 June) to 26 (Mon 23 June). Week 22 (26 May to 1 June) has all its working days in May;
# week 27 (30 June to 6 July) has one in June and four in July. Weekly totals are those of tests/sample/expected.csv.

SAMPLE_WEEKS = ["2025-W23", "2025-W24", "2025-W25", "2025-W26"]
SPECIAL: Mapping[str, tuple[str, str, str, str, str]] = {
    # staff: exact sum, weeks rated of due, excused, band, why
    "0207": ("235.25", "4/4", "0", "completed", "71.75 + 70.25 + 45.25 + 48, moved from VU2 to VU3 in week 26"),
    "0103": ("244", "3/3", "1", "good", "on leave in week 24: left out, not zero"),
    "0303": ("187.5", "3/3", "1", "completed", "75 + 53 + 59.5: 62.5; sick in week 25"),
    "0204": ("253.24", "3/4", "0", "good", "week 26 is scored, not approved: not in the mean"),
    "0104": ("364.25", "4/4", "0", "excellent", "90 + 89.5 + 92.75 + 92: 91.0625"),
    "0513": ("165.95", "2/2", "0", "good", "came in week 25: rated on two weeks"),
}


@pytest.fixture(scope="module")
def sample_june(sample_out: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("june")
    shutil.copy(sample_out / "ledger.db", out / "ledger.db")
    done = run_appraise("rollup", "2025-06", "--office", SAMPLE, "--out", out, "--now", SAMPLE_NOW)
    assert done.returncode == 0, done.stderr
    return out / "outbox" / "2025-06"


def test_june_of_the_sample_agrees_with_the_weeks_reasoned_by_hand(sample_june: Path) -> None:
    with (ROOT / "tests" / "sample" / "expected.csv").open(encoding="utf-8", newline="") as stream:
        weekly = [row for row in csv.DictReader(stream) if row["period"] in SAMPLE_WEEKS]
    got = {row["staff_id"]: row for row in read_csv(sample_june / "results.csv")}
    assert got.keys() == {row["staff_id"] for row in weekly}
    for staff_id, row in got.items():
        mine = [one for one in weekly if one["staff_id"] == staff_id]
        totals = [Decimal(one["total"]) for one in mine if one["state"] == "approved"]
        due = [one for one in mine if one["state"] != "excused"]
        mean = sum(map(Fraction, totals), Fraction(0)) / len(totals)
        band = "excellent" if mean >= 90 else "good" if mean >= 75 else "completed" if mean >= 50 else "failed"
        if any(total < 50 for total in totals) and band in ("excellent", "good"):
            band = "completed"
        assert (Decimal(row["total"]), row["weeks_rated"], row["weeks_due"]) == (
            sum(totals),
            str(len(totals)),
            str(len(due)),
        )
        assert row["band"] == band, staff_id
        assert abs(Fraction(row["mean"]) - mean) <= Fraction(1, 200)


@pytest.mark.parametrize("staff_id", SPECIAL)
def test_the_special_cases_of_june(sample_june: Path, staff_id: str) -> None:
    row = next(r for r in read_csv(sample_june / "results.csv") if r["staff_id"] == staff_id)
    got = (row["total"], f"{row['weeks_rated']}/{row['weeks_due']}", row["weeks_excused"], row["band"])
    assert got == SPECIAL[staff_id][:4], SPECIAL[staff_id][4]


def test_a_transferred_persons_shares_stand_in_the_results(sample_june: Path) -> None:
    rows = {row["staff_id"]: row["shares"] for row in read_csv(sample_june / "results.csv")}
    assert rows["0207"] == "VU2=3:187.25 VU3=1:48"
    assert rows["0414"].startswith("CUC-VP=2:") and " VP=2:" in rows["0414"]


def test_the_quota_of_june_is_pointed_out(sample_june: Path) -> None:
    rows = read_csv(sample_june / "results.csv")
    best, good = (sum(row["band"] == band for row in rows) for band in ("excellent", "good"))
    assert best * 5 > good
    assert [f["code"] for f in read_csv(sample_june / "findings.csv")].count("rollup.quota") == 1
