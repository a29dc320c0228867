from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from batch.core.finding import UserError
from batch.core.period import Week
from batch.i18n import LANGUAGES, Speaker
from batch.roster import Roster, load_office
from batch.scheme import parse_scheme
from tests.builders import CALENDAR, DELEGATIONS, LEAVE, PEOPLE, UNITS, roster_of, scheme_text, weekly

WEEK = Week(2025, 23)  # 2 to 8 June 2025
FRIDAY = dt.date(2025, 6, 6)


def approver(roster: Roster, staff_id: str, week: Week = WEEK) -> str:
    person = roster.on(staff_id, roster.reference_day(week))
    assert person is not None
    return roster.approver(person, week, weekly())


def reviewer(roster: Roster, staff_id: str, week: Week = WEEK) -> str:
    person = roster.on(staff_id, roster.reference_day(week))
    assert person is not None
    return roster.reviewer(person, week)


def plus(text: str, *lines: str) -> str:
    return "\n".join((text.strip(), *lines))


# --- reviewer and approver by role --------------------------------------------------------------------------------


@pytest.mark.parametrize(("who", "by"), [("D1", "L1"), ("P1", "D1"), ("T1", "P1"), ("C1", "T1"), ("C2", "T1")])
def test_the_direct_supervisor_reviews(who: str, by: str, tmp_path: Path) -> None:
    assert reviewer(roster_of(tmp_path), who) == by


@pytest.mark.parametrize(("who", "by"), [("D1", "L1"), ("P1", "D1"), ("T1", "D1"), ("C1", "D1"), ("C2", "D1")])
def test_the_authority_follows_the_role_up_the_unit_tree(who: str, by: str, tmp_path: Path) -> None:
    assert approver(roster_of(tmp_path), who) == by


@pytest.mark.parametrize("kind", ["department", "bureau", "office"])
def test_the_head_of_every_such_unit_approves_its_people(kind: str, tmp_path: Path) -> None:
    assert approver(roster_of(tmp_path, units=UNITS.replace("department", kind)), "C1") == "D1"


@pytest.mark.parametrize("role", ["secretary", "assistant", "office_chief", "bureau_director"])
def test_the_leader_in_charge_approves_directors_secretaries_and_assistants(role: str, tmp_path: Path) -> None:
    people = plus(PEOPLE, f"S1 | Vũ Thư | {role} | | PH | L1 | | 2020-01-01 |")
    assert approver(roster_of(tmp_path, people=people), "S1") == "L1"


def test_the_nearest_leader_in_charge_approves(tmp_path: Path) -> None:
    people = plus(PEOPLE, "L2 | Lý Hai | commission_leader | | BAN | | | 2020-01-01 |")
    units = UNITS.replace("| D1      | L1", "| D1      | L2")
    assert approver(roster_of(tmp_path, people=people, units=units), "D1") == "L2"


def test_a_leader_of_the_commission_is_not_evaluated(tmp_path: Path) -> None:
    roster = roster_of(tmp_path)
    assert approver(roster, "L1") == ""
    assert [p.staff_id for p in roster.evaluated(WEEK, weekly())] == ["D1", "P1", "T1", "C1", "C2"]


def test_a_unit_without_head_is_climbed_over(tmp_path: Path) -> None:
    units = UNITS.replace("BAN     | Ban     | commission", "BAN     | Ban     | office    ").replace(
        "| D1      | L1", "|         | L1"
    )
    assert approver(roster_of(tmp_path, units=units), "C1") == "L1"


def test_nobody_approves_when_no_such_post_is_held(tmp_path: Path) -> None:
    units = UNITS.replace("| D1      | L1", "|         | L1")
    assert approver(roster_of(tmp_path, units=units), "C1") == ""


def test_a_head_who_has_left_holds_nothing(tmp_path: Path) -> None:
    people = PEOPLE.replace("| D1            |       | 2020-01-01 |", "| L1            |       | 2020-01-01 |").replace(
        "VU      | L1            |       | 2020-01-01 |", "VU      | L1            |       | 2020-01-01 | 2025-06-05"
    )
    roster = roster_of(tmp_path, people=people)
    assert roster.on("D1", FRIDAY) is None
    assert approver(roster, "C1") == ""
    assert approver(roster, "C1", WEEK.plus(-1)) == "D1"


def test_nobody_approves_themself(tmp_path: Path) -> None:
    own_head = UNITS.replace("| D1      | L1", "| P1      | L1")
    assert approver(roster_of(tmp_path, units=own_head), "P1") == ""
    assert approver(roster_of(tmp_path, units=own_head), "C1") == "P1"
    both = own_head.replace(
        "BAN     | Ban     | commission |           | L1", "BAN     | Ban     | office     |           | D1"
    )
    assert approver(roster_of(tmp_path, units=both), "P1") == "D1"


def test_an_office_may_give_a_role_another_authority(tmp_path: Path) -> None:
    text = scheme_text()
    at = text.index('id = "deputy_department_director"')
    scheme = parse_scheme(text[:at] + text[at:].replace('"unit_head"', '"leader"', 1), "mine.toml")
    roster = roster_of(tmp_path)
    deputy = roster.on("P1", FRIDAY)
    assert deputy is not None
    assert roster.approver(deputy, WEEK, scheme) == "L1"


def test_a_circle_of_units_does_not_hang(tmp_path: Path) -> None:
    roster = roster_of(tmp_path)
    units = {u.unit_id: u for u in roster.units.values()}
    looped = Roster(
        roster.spells,
        tuple(
            replace(u, kind="division", parent_id="VU" if k == "PH" else "PH", head_id="", leader_id="")
            for k, u in units.items()
        ),
    )
    person = looped.on("C1", FRIDAY)
    assert person is not None
    assert looped.approver(person, WEEK, weekly()) == ""


# --- delegations --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "acts"),
    [
        ("2025-06-06", "2025-06-06", True),
        ("2025-06-01", "2025-06-30", True),
        ("2025-06-02", "2025-06-05", False),
        ("2025-06-07", "2025-06-30", False),
        ("2025-06-06", "", True),
    ],
)
def test_who_acts_on_the_reference_day_reviews_and_approves(start: str, end: str, acts: bool, tmp_path: Path) -> None:
    roster = roster_of(
        tmp_path,
        delegations=plus(DELEGATIONS, f"D1 | P1 | {start} | {end} | đi công tác", f"T1 | P1 | {start} | {end} | ốm"),
    )
    assert approver(roster, "C1") == ("P1" if acts else "D1")
    assert reviewer(roster, "C1") == ("P1" if acts else "T1")


def test_delegations_are_followed_to_the_end(tmp_path: Path) -> None:
    roster = roster_of(
        tmp_path, delegations=plus(DELEGATIONS, "D1 | P1 | 2025-06-01 | 2025-06-30 |", "P1 | T1 | 2025-06-01 | 2025-06-30 |")
    )
    assert approver(roster, "C1") == "T1"


def test_delegations_in_a_circle_do_not_hang(tmp_path: Path) -> None:
    roster = roster_of(
        tmp_path, delegations=plus(DELEGATIONS, "D1 | P1 | 2025-06-01 | 2025-06-30 |", "P1 | D1 | 2025-06-01 | 2025-06-30 |")
    )
    assert approver(roster, "C1") in ("D1", "P1")


def test_acting_never_makes_anyone_their_own_judge(tmp_path: Path) -> None:
    roster = roster_of(tmp_path, delegations=plus(DELEGATIONS, "D1 | P1 | 2025-06-01 | 2025-06-30 |"))
    assert approver(roster, "P1") == "D1"
    assert reviewer(roster, "P1") == "D1"
    assert approver(roster, "T1") == "P1"


def test_no_chain_of_acting_leads_back_to_the_person(tmp_path: Path) -> None:
    roster = roster_of(
        tmp_path, delegations=plus(DELEGATIONS, "D1 | P1 | 2025-06-01 | 2025-06-30 |", "P1 | T1 | 2025-06-01 | 2025-06-30 |")
    )
    assert approver(roster, "T1") != "T1"
    assert reviewer(roster, "T1") != "T1"


def test_a_delegate_who_has_left_does_not_act(tmp_path: Path) -> None:
    people = plus(PEOPLE, "X1 | Lê X | civil_servant | | VU | D1 | | 2020-01-01 | 2025-05-31")
    roster = roster_of(tmp_path, people=people, delegations=plus(DELEGATIONS, "D1 | X1 | 2025-05-01 | 2025-06-30 |"))
    assert approver(roster, "C1") == "D1"


def test_a_supervisor_who_has_left_does_not_review(tmp_path: Path) -> None:
    people = PEOPLE.replace(
        "PH      | P1            |       | 2020-01-01 |", "PH      | P1            |       | 2020-01-01 | 2025-05-31"
    )
    roster = roster_of(tmp_path, people=people)
    assert roster.on("T1", FRIDAY) is None
    assert reviewer(roster, "C1") == ""


# --- transfers and days -------------------------------------------------------------------------------------------

MOVES = plus(
    PEOPLE,
    "X1 | Lê X | civil_servant | | PH | T1 | | 2025-01-01 | 2025-06-04",
    "X1 | Lê Thị X | division_head | | VU | D1 | | 2025-06-05 |",
)


def test_a_transfer_counts_from_the_week_whose_last_working_day_it_covers(tmp_path: Path) -> None:
    roster = roster_of(tmp_path, people=MOVES)
    assert reviewer(roster, "X1", WEEK.plus(-1)) == "T1"
    assert reviewer(roster, "X1", WEEK) == "D1"
    assert [p.unit_id for p in roster.evaluated(WEEK.plus(-1), weekly()) if p.staff_id == "X1"] == ["PH"]
    assert [p.unit_id for p in roster.evaluated(WEEK, weekly()) if p.staff_id == "X1"] == ["VU"]


def test_a_holiday_moves_the_reference_day(tmp_path: Path) -> None:
    off = plus(CALENDAR, "2025-06-05 | holiday | Lễ", "2025-06-06 | holiday | Lễ")
    roster = roster_of(tmp_path, people=MOVES, calendar=off)
    assert roster.reference_day(WEEK) == dt.date(2025, 6, 4)
    assert reviewer(roster, "X1", WEEK) == "T1"


def test_a_swapped_saturday_is_the_last_working_day(tmp_path: Path) -> None:
    roster = roster_of(tmp_path, calendar=plus(CALENDAR, "2025-06-07 | working | Làm bù"))
    assert roster.reference_day(WEEK) == dt.date(2025, 6, 7)
    assert len(roster.working_days(WEEK)) == 6
    assert not roster.is_working_day(dt.date(2025, 6, 8))


def test_a_week_of_holidays_has_no_working_day_but_people(tmp_path: Path) -> None:
    tet = plus(CALENDAR, *(f"2025-01-{day} | holiday | Tết" for day in range(27, 32)))
    roster = roster_of(tmp_path, calendar=tet)
    assert roster.working_days(Week(2025, 5)) == []
    assert roster.reference_day(Week(2025, 5)) == dt.date(2025, 1, 31)
    assert len(roster.evaluated(Week(2025, 5), weekly())) == 5


@pytest.mark.parametrize(("end", "there"), [("2025-06-05", False), ("2025-06-06", True)])
def test_who_leaves_before_the_last_working_day_is_not_evaluated(end: str, there: bool, tmp_path: Path) -> None:
    people = plus(PEOPLE, f"X1 | Lê X | civil_servant | | PH | T1 | | 2025-01-01 | {end}")
    roster = roster_of(tmp_path, people=people)
    assert ("X1" in {p.staff_id for p in roster.evaluated(WEEK, weekly())}) is there


def test_the_evaluated_stand_by_unit_then_rank_then_code(tmp_path: Path) -> None:
    people = plus(
        PEOPLE,
        "A9 | Bùi Bé | employee | | VU | D1 | | 2020-01-01 |",
        "A1 | Bùi Anh | secretary | | BAN | L1 | | 2020-01-01 |",
    )
    roster = roster_of(tmp_path, people=people)
    assert [p.staff_id for p in roster.evaluated(WEEK, weekly())] == ["A1", "D1", "P1", "A9", "T1", "C1", "C2"]


# --- leave --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "calendar", "excused"),
    [
        ("2025-06-02", "2025-06-06", (), True),
        ("2025-06-02", "2025-06-05", (), False),
        ("2025-06-03", "2025-06-08", (), False),
        ("2025-05-01", "2025-07-31", (), True),
        ("2025-06-02", "2025-06-05", ("2025-06-06 | holiday | Lễ",), True),
        ("2025-06-02", "2025-06-06", ("2025-06-07 | working | Làm bù",), False),
        ("2025-06-02", "2025-06-07", ("2025-06-07 | working | Làm bù",), True),
    ],
)
def test_leave_excuses_when_it_covers_every_working_day(
    start: str, end: str, calendar: tuple[str, ...], excused: bool, tmp_path: Path
) -> None:
    roster = roster_of(tmp_path, leave=plus(LEAVE, f"C1 | {start} | {end} | nghỉ phép"), calendar=plus(CALENDAR, *calendar))
    assert roster.on_leave("C1", WEEK) == ("nghỉ phép" if excused else "")
    assert roster.on_leave("C2", WEEK) == ""


def test_two_leaves_may_cover_a_week_together(tmp_path: Path) -> None:
    leave = plus(LEAVE, "C1 | 2025-06-02 | 2025-06-03 | ốm", "C1 | 2025-06-04 | 2025-06-06 | nghỉ phép")
    assert roster_of(tmp_path, leave=leave).on_leave("C1", WEEK) == "nghỉ phép"


def test_only_days_in_service_need_to_be_covered(tmp_path: Path) -> None:
    people = plus(PEOPLE, "X1 | Lê X | civil_servant | | PH | T1 | | 2025-06-05 |")
    leave = plus(LEAVE, "X1 | 2025-06-05 | 2025-06-06 | ốm")
    assert roster_of(tmp_path, people=people, leave=leave).on_leave("X1", WEEK) == "ốm"


def test_a_week_without_working_days_is_no_leave(tmp_path: Path) -> None:
    days = [f"2025-06-0{day} | holiday | Lễ" for day in range(2, 7)]
    roster = roster_of(tmp_path, leave=plus(LEAVE, "C1 | 2025-06-01 | 2025-06-30 | ốm"), calendar=plus(CALENDAR, *days))
    assert roster.on_leave("C1", WEEK) == ""


# --- office.toml --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code", "key"),
    [
        ('langage = "vi"', "config.unknown-key", "langage"),
        ('language = "fr"', "config.wrong-value", "language"),
        ('timezone = "Mars/Base"', "config.wrong-value", "timezone"),
        ("max_file_mb = 0", "config.wrong-value", "max_file_mb"),
        ("name = ", "config.toml", ""),
    ],
)
def test_wrong_settings_are_refused_with_file_key_and_remedy(text: str, code: str, key: str, tmp_path: Path) -> None:
    (tmp_path / "office.toml").write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as caught:
        load_office(tmp_path)
    found = caught.value.finding
    assert found.code == code
    assert found.place.file.endswith("office.toml")
    for lang in LANGUAGES:
        assert key in Speaker(lang).message(found)
        assert Speaker(lang).remedy(found)


def test_a_folder_without_settings_is_no_office(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        load_office(tmp_path)
    assert caught.value.finding.code == "config.no-office"


def test_empty_settings_mean_a_vietnamese_office_under_the_weekly_scheme(tmp_path: Path) -> None:
    (tmp_path / "office.toml").write_text("", encoding="utf-8")
    office = load_office(tmp_path)
    assert (office.scheme, office.language, office.allow_blank_self, office.key) == ("vn-weekly", "vi", False, None)
