from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batch.core.period import MONTHS, Round, Term, Week, WeeksBy, find_evaluated, parse_period

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
    assert find_evaluated(text, "week") == week


# --- months, quarters, half-years, years ------------------------------------------------------------------------------


def off(*days: str, on: tuple[str, ...] = ()) -> Callable[[Week], list[dt.date]]:
    """A calendar: Monday to Friday, but for some days off (and some Saturdays on)."""
    return lambda week: [d for d in week.days if str(d) in on or (d.weekday() < 5 and str(d) not in days)]


PLAIN = off()


@pytest.mark.parametrize(
    ("week", "calendar", "month"),
    [
        ("2025-W22", PLAIN, "2025-05"),  # 26 to 30 May, 1 June is a Sunday
        ("2025-W23", PLAIN, "2025-06"),
        ("2025-W27", PLAIN, "2025-07"),  # 30 June; 1 to 4 July
        ("2025-W31", PLAIN, "2025-07"),  # 28 to 31 July; 1 August
        ("2025-W18", PLAIN, "2025-04"),  # 28, 29, 30 April; 1, 2 May
        ("2025-W18", off("2025-04-28", "2025-04-29"), "2025-05"),
        ("2025-W18", off("2025-04-28"), "2025-05"),  # 29, 30 April and 1, 2 May: a tie; Thursday is 1 May
        ("2025-W14", off("2025-04-01", "2025-04-02", "2025-04-03"), "2025-04"),  # 31 March and 4 April: Thursday is 3 April
        ("2024-W44", off("2024-10-28", "2024-10-29", on=("2024-11-02",)), "2024-10"),  # 30, 31 Oct, 1, 2 Nov: Thu 31 Oct
        ("2025-W18", off(*(f"2025-04-{d}" for d in (28, 29, 30)), "2025-05-01", "2025-05-02"), "2025-05"),  # no working day
        ("2025-W01", PLAIN, "2025-01"),  # 30, 31 December; 1, 2, 3 January
        ("2026-W53", PLAIN, "2026-12"),  # 28 to 31 December; 1 January 2027
    ],
)
def test_a_week_belongs_to_the_month_with_most_of_its_working_days(
    week: str, calendar: Callable[[Week], list[dt.date]], month: str
) -> None:
    assert str(Week.parse(week).month(calendar)) == month


def test_an_office_may_count_a_week_where_its_work_ends() -> None:
    assert str(Week.parse("2025-W31").month(PLAIN, "last-working-day")) == "2025-08"
    assert str(Week.parse("2025-W31").month(off("2025-08-01"), "last-working-day")) == "2025-07"


def test_june_2025_has_four_weeks_and_the_last_quarter_of_the_year_fourteen() -> None:
    """Week 1 of 2026 (29, 30, 31 December; 1, 2 January) belongs to December 2025, so 2025 has 53 weeks and 2026 one less."""
    assert list(map(str, Term.parse("2025-06").weeks(PLAIN))) == ["2025-W23", "2025-W24", "2025-W25", "2025-W26"]
    assert [len(Term.parse(f"2025-Q{n}").weeks(PLAIN)) for n in (1, 2, 3, 4)] == [13, 13, 13, 14]


def test_the_parts_of_a_term_are_its_months_quarters_and_halves_and_itself() -> None:
    def parts(term: str) -> str:
        return " ".join(map(str, Term.parse(term).parts))

    assert parts("2025-11") == "2025-11"
    assert parts("2025-Q4") == "2025-10 2025-11 2025-12 2025-Q4"
    assert parts("2025-H2") == "2025-07 2025-08 2025-09 2025-10 2025-11 2025-12 2025-Q3 2025-Q4 2025-H2"
    assert len(Term.parse("2025").parts) == 19 and parts("2025").endswith("2025-Q4 2025-H1 2025-H2 2025")


CALENDARS = st.sets(st.dates(dt.date(2023, 12, 25), dt.date(2028, 1, 10)), max_size=150).map(
    lambda days: off(*map(str, days))
)


@pytest.mark.parametrize("by", ["working-days", "last-working-day"])
@settings(max_examples=30, deadline=None)
@given(calendar=CALENDARS, year=st.integers(2024, 2027))
def test_every_week_belongs_to_one_month_and_longer_terms_are_unions_of_months(
    by: WeeksBy, calendar: Callable[[Week], list[dt.date]], year: int
) -> None:
    months = [Term(year, "month", n).weeks(calendar, by) for n in range(1, 13)]
    flat = [week for month in months for week in month]
    assert flat == sorted(set(flat))
    assert [one.plus(1) for one in flat[:-1]] == flat[1:]
    assert flat[-1].plus(1) == Term(year + 1, "month", 1).weeks(calendar, by)[0]
    for kind, size in MONTHS.items():
        for n in range(12 // size):
            assert Term(year, kind, n + 1).weeks(calendar, by) == tuple(
                w for m in months[n * size : (n + 1) * size] for w in m
            )


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2025-06", "2025-06-01", "2025-06-30"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2025-12", "2025-12-01", "2025-12-31"),
        ("2025-Q2", "2025-04-01", "2025-06-30"),
        ("2025-h2", "2025-07-01", "2025-12-31"),
        ("2025", "2025-01-01", "2025-12-31"),
    ],
)
def test_terms_are_read_as_people_write_them(text: str, start: str, end: str) -> None:
    term = Term.parse(f" {text} ")
    assert (str(term), str(term.start), str(term.end)) == (text.upper(), start, end)
    assert parse_period(text) == term


@pytest.mark.parametrize(
    "text", ["2025-00", "2025-13", "2025-6", "2025-Q0", "2025-Q5", "2025-H3", "25", "1999", "2025-W23", ""]
)
def test_what_is_no_term_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Term.parse(text)


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
