from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch.core.period import Round, Week, find_week

DAYS = st.dates(dt.date(1990, 1, 1), dt.date(2120, 12, 31))
WEEKS = DAYS.map(Week.of)
LONG_YEARS = (2015, 2020, 2026, 2032)


def test_week_23_of_2025_is_the_first_week_of_june() -> None:
    week = Week.parse("2025-W23")
    assert (week.start, week.end) == (dt.date(2025, 6, 2), dt.date(2025, 6, 8))
    assert len(week.days) == 7
    assert week.days[0].weekday() == 0


@pytest.mark.parametrize("year", LONG_YEARS)
def test_long_years_have_a_week_53_before_the_next_year(year: int) -> None:
    last = Week.parse(f"{year}-W53")
    assert last.plus(1) == Week(year + 1, 1)
    assert Week(year + 1, 1).plus(-1) == last
    assert Week(year, 52) < last < Week(year + 1, 1)


@pytest.mark.parametrize(
    "text", ["2025-W53", "2025-W00", "2025-W54", "2025", "2025-W", "W23", "2025-06", "2025-Q2", "25-W23", "2025-W230", ""]
)
def test_what_is_no_week_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Week.parse(text)


@pytest.mark.parametrize("text", ["2025-W23", " 2025-w23 ", "2025W23"])
def test_the_key_is_read_as_people_write_it(text: str) -> None:
    assert Week.parse(text) == Week(2025, 23)


@given(st.dates(dt.date(2000, 1, 3), dt.date(2100, 12, 1)).map(Week.of))
def test_the_key_round_trips(week: Week) -> None:
    assert Week.parse(str(week)) == week


@given(DAYS)
def test_every_day_lies_in_exactly_its_week(day: dt.date) -> None:
    week = Week.of(day)
    assert day in week.days
    assert day not in week.plus(1).days
    assert day not in week.plus(-1).days


@given(WEEKS, st.integers(-300, 300))
def test_steps_are_whole_weeks_and_can_be_undone(week: Week, steps: int) -> None:
    later = week.plus(steps)
    assert (later.start - week.start).days == 7 * steps
    assert later.plus(-steps) == week
    assert (later > week) == (steps > 0)


@given(WEEKS, WEEKS)
def test_the_order_of_keys_is_the_order_of_time(one: Week, other: Week) -> None:
    assert (str(one) < str(other)) == (one.start < other.start) == (one < other)


@pytest.mark.parametrize(
    ("text", "week"),
    [
        ("inbox/2025-W23/Vụ/BC An.xlsx", Week(2025, 23)),
        ("2025-W53 bản cũ/2026-W53/a.xlsx", Week(2026, 53)),
        ("Tuần 23/a.xlsx", None),
        ("", None),
    ],
)
def test_the_first_real_week_in_a_path_is_found(text: str, week: Week | None) -> None:
    assert find_week(text) == week


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2568-R1", "2024-10-01", "2025-03-31"),
        ("2568-R2", "2025-04-01", "2025-09-30"),
        ("2025-r1", "2024-10-01", "2025-03-31"),  # the fiscal year in the common era
        ("2567R2", "2024-04-01", "2024-09-30"),
    ],
)
def test_rounds_are_halves_of_the_fiscal_year(text: str, start: str, end: str) -> None:
    found = Round.parse(text)
    assert (found.start.isoformat(), found.end.isoformat()) == (start, end)
    assert Round.parse(str(found)) == found and (found.days[0], found.days[-1]) == (found.start, found.end)


@pytest.mark.parametrize("text", ["2568-R3", "2568-R0", "2568", "R1", "9999-R1", "1957-R1", "2568-R1x"])
def test_what_is_no_round(text: str) -> None:
    with pytest.raises(ValueError):
        Round.parse(text)


def test_rounds_follow_each_other() -> None:
    keys = ["2567-R2", "2568-R1", "2568-R2"]
    assert [str(r) for r in sorted(map(Round.parse, reversed(keys)))] == keys
    assert Round.parse(keys[0]).end.toordinal() + 1 == Round.parse(keys[1]).start.toordinal()
