"""Where one person reviews and approves somebody, the scheme says whether that takes one sheet or two."""

from __future__ import annotations

from pathlib import Path

import pytest

from batch.core.finding import UserError
from batch.scheme import load_scheme, parse_scheme
from tests.builders import scheme_text
from tests.conftest import run_appraise
from tests.small_office import SmallOffice

W = "2025-W26"
TWO, ONE = 'reviewer_is_approver = "two_steps"', 'reviewer_is_approver = "one_sheet"'


@pytest.fixture
def office(tmp_path: Path) -> SmallOffice:
    """B1 reviews and approves B2 and B3; A1 reviews and approves A2; A2 reviews A3, whom A1 approves."""
    office = SmallOffice(tmp_path, 'scheme = "mine.toml"')
    (office.folder / "mine.toml").write_text(scheme_text().replace(TWO, ONE), encoding="utf-8")
    office.issue(W)
    for who in ("A3", "B2", "B3"):
        office.report(W, who)
    office.run(W)
    office.review(W, "B1", {"B2": (34, 33, 18)})
    office.review(W, "A2", {"A3": (34, 33, 18)})
    office.run(W)
    return office


def test_one_sheet_decides_where_one_person_is_both(office: SmallOffice) -> None:
    results = office.results(W)
    assert (results["B2"]["state"], results["B2"]["reviewer_id"], results["B2"]["approver_id"]) == ("approved", "B1", "B1")
    assert (results["A3"]["state"], results["A3"]["approver_id"]) == ("reviewed", "")  # two people, two sheets
    assert results["B3"]["state"] == "submitted"
    assert office.codes(W, "B2").count("approval.one-sheet") == 1
    assert not (office.out / "outbox" / W / "for" / "B1" / f"approval-{W}-B1.xlsx").exists()
    done = run_appraise("explain", "B2", W, "--office", office.folder, "--out", office.out)
    assert "Đỗ Văn Em (B1) · Approved with the review, on one sheet" in done.stdout
    slip = (office.out / "outbox" / W / "for" / "B2" / f"slip-{W}.html").read_text(encoding="utf-8")
    assert "Approved with the review, on one sheet" in slip


def test_a_corrected_review_is_approved_as_it_now_stands(office: SmallOffice) -> None:
    office.issue(W, "review", ["B1"], again=True)
    office.review(W, "B1", {"B2": (20, 20, 10)})
    office.run(W)
    assert (office.results(W)["B2"]["state"], office.results(W)["B2"]["total"]) == ("approved", "50")
    assert "approval.stale" not in office.codes(W, "B2")


def test_the_review_sheet_says_that_it_decides(office: SmallOffice) -> None:
    from tests.test_privacy import texts

    sheets = texts(office.out / "outbox" / W / "for" / "B1")
    assert "Your scores are the approval too" in sheets[f"review-{W}-B1.xlsx"]


def test_nobody_approves_themself_on_one_sheet_either(tmp_path: Path) -> None:
    """B2 heads the department: then nobody below the leader may approve B2, whatever the scheme says."""
    units = "ROOT|Ban mẫu|commission||L1|L1\nD1|Vụ Một|department|ROOT|A1|L1\nD2|Vụ Hai|department|ROOT|B2|L1"
    from tests.small_office import PEOPLE

    people = PEOPLE.replace("D2|B1|b2@", "D2|B2|b2@")  # and is their own supervisor, by a slip of the roster
    office = SmallOffice(tmp_path, 'scheme = "mine.toml"', units=units, people=people)
    (office.folder / "mine.toml").write_text(scheme_text().replace(TWO, ONE), encoding="utf-8")
    office.run(W)
    assert office.codes(W, "B2").count("review.vacant") == 1
    assert not (office.out / "outbox" / W / "for" / "B2" / f"review-{W}-B2.xlsx").exists()


def test_two_steps_is_what_schemes_mean_that_do_not_speak_of_it() -> None:
    shipped = load_scheme("vn-weekly", Path())
    silent = parse_scheme(scheme_text().replace(TWO, ""), "mine.toml")
    assert silent.hash == shipped.hash  # results decided before the rule existed stay what they were
    assert parse_scheme(scheme_text().replace(TWO, ONE), "mine.toml").hash != shipped.hash


def test_another_word_is_refused_by_name() -> None:
    with pytest.raises(UserError) as caught:
        parse_scheme(scheme_text().replace(TWO, 'reviewer_is_approver = "never"'), "mine.toml")
    assert dict(caught.value.finding.params)["key"] == "reviewer_is_approver"
