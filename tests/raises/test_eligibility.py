from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch.core.period import Round
from batch.raises.eligibility import Judge, months_after
from batch.roster import Roster
from tests.builders import table
from tests.raises.samples import R1, rules
from tests.small_office import SmallOffice

# Round 1 runs from 1 October 2024 to 31 March 2025. Makha Bucha, 12 February, is a holiday here.
CALENDAR = "2025-02-12|holiday|Makha Bucha"


def reasons(
    folder: Path, leave: str = "", conduct: str = "", start: str = "2015-10-01", score: str | None = "85", period: Round = R1
) -> list[str]:
    """The codes of what keeps A3 from a raise."""
    people = f"A3|Name|civil_servant|Post|D1||a3@example.org|{start}||k2|28000"
    office = SmallOffice(folder, 'scheme = "th-halfyear"')
    office.roster(
        {
            "people": "staff_id name role position unit_id supervisor_id email start end level salary",
            "conduct": "staff_id date kind count",
        },
        people=people,
        units="D1|Unit|bureau||A3|A3",
        leave="\n".join("|".join(["A3", *line]) for line in table(leave)) if leave else "",
        conduct="\n".join("|".join(["A3", *line]) for line in table(conduct)) if conduct else "",
        calendar=CALENDAR,
    )
    roster = office.setup().roster
    judge = Judge(roster, rules(), period)
    found = judge.reasons(roster.spells[0], None if score is None else Decimal(score))
    return [f.code for f in (*found, *judge.unclear(roster.spells[0]))]


@pytest.mark.parametrize(("score", "code"), [("60", None), ("59.999", "raise.low-score"), (None, "raise.no-score")])
def test_a_score_from_60_on(tmp_path: Path, score: str | None, code: str | None) -> None:
    assert reasons(tmp_path, score=score) == ([code] if code else [])


@pytest.fixture(scope="module")
def roster(tmp_path_factory: pytest.TempPathFactory) -> Roster:
    office = SmallOffice(tmp_path_factory.mktemp("office"), 'scheme = "th-halfyear"')
    columns = {"people": "staff_id name role position unit_id supervisor_id email start end level salary"}
    people = "A3|Name|civil_servant|Post|D1||a3@example.org|2015-10-01||k2|28000"
    office.roster(columns, people=people, units="D1|Unit|bureau||A3|A3")
    return office.setup().roster


@given(st.decimals(0, 100, places=5) | st.decimals(59, 61, places=5))
def test_nobody_below_60_may_be_raised_and_nobody_else_is_barred_by_the_score(roster: Roster, score: Decimal) -> None:
    found = [f.code for f in Judge(roster, rules(), R1).reasons(roster.spells[0], score)]
    assert found == (["raise.low-score"] if score < 60 else [])


@pytest.mark.parametrize(("start", "code"), [("2024-12-01", None), ("2024-12-02", "raise.short-service")])
def test_four_months_in_service_to_the_day(tmp_path: Path, start: str, code: str | None) -> None:
    assert reasons(tmp_path, start=start) == ([code] if code else [])


DAYS = [
    # 6-17 January 10, 3-14 February 10 less Makha Bucha 9, 3-6 March 4: 23 are allowed
    ("2025-01-06|2025-01-17|ลาป่วย\n2025-02-03|2025-02-14|ลากิจส่วนตัว\n2025-03-03|2025-03-06|ลาป่วย", None),
    ("2025-01-06|2025-01-17|ลาป่วย\n2025-02-03|2025-02-14|ลากิจส่วนตัว\n2025-03-03|2025-03-07|ลาป่วย", "raise.leave-days"),
    # the same day twice counts once
    ("2025-01-06|2025-01-17|ลาป่วย\n2025-01-08|2025-01-30|ลาป่วย", None),  # 6-30 January: 19
    # only the days inside the round: 31 March is its last
    ("2025-02-28|2025-05-30|ลาป่วย", None),  # 28 February, March 21: 22
    ("2025-02-27|2025-05-30|ลาป่วย", None),  # 23
    ("2025-02-26|2025-05-30|ลาป่วย", "raise.leave-days"),  # 24
    # leave that does not count, however long
    ("2024-11-01|2025-03-14|ลาอุปสมบท", None),
    ("2024-11-01|2025-03-14|ลาพักผ่อน", None),
    ("2024-11-01|2025-03-14|ลาป่วยเพราะประสบอันตรายในหน้าที่", None),
    ("2024-11-01|2025-03-14|ลาเตรียมพล", None),
    # maternity: 90 days from 4 November end on 1 February; what comes after counts
    ("2024-11-04|2025-03-06|ลาคลอดบุตร", None),  # February 20 less 1 = 19, March 4: 23
    ("2024-11-04|2025-03-07|ลาคลอดบุตร", "raise.leave-days"),
    # the 90 days run from the leave's first day, also before the round: 1 September + 89 = 29 November
    ("2024-09-01|2025-01-02|ลาคลอดบุตร", "raise.leave-days"),  # December 22, January 2: 24
    ("2024-09-01|2025-01-01|ลาคลอดบุตร", None),  # 23
    # long sickness: 60 working days from 1 October end on 23 December; then 31 December 6, January 17: 23; with 24 January 24
    ("2024-10-01|2025-01-23|ลาป่วยที่ต้องรักษาตัวเป็นเวลานาน", None),
    ("2024-10-01|2025-01-24|ลาป่วยที่ต้องรักษาตัวเป็นเวลานาน", "raise.leave-days"),
]


@pytest.mark.parametrize(("leave", "code"), DAYS)
def test_working_days_of_leave(tmp_path: Path, leave: str, code: str | None) -> None:
    assert reasons(tmp_path, leave) == ([code] if code else [])


@pytest.mark.parametrize(("times", "code"), [(10, None), (11, "raise.leave-times")])
def test_times_of_leave(tmp_path: Path, times: int, code: str | None) -> None:
    days = [dt.date(2024, 10, 1) + dt.timedelta(weeks=n) for n in range(times)]
    assert reasons(tmp_path, "\n".join(f"{day}|{day}|ลาป่วย" for day in days)) == ([code] if code else [])


@pytest.mark.parametrize(
    ("leave", "code"),
    [
        ("2024-12-15|2025-02-14|พักราชการ", None),  # two months to the day
        ("2024-12-15|2025-02-15|พักราชการ", "raise.suspended"),
        (
            "2024-10-01|2024-10-31|พักราชการ\n2025-03-01|2025-03-31|พักราชการ",
            "raise.suspended",
        ),  # 62 days; from 1 October 61 are two months
        ("2024-10-01|2024-10-31|พักราชการ\n2025-03-01|2025-03-30|พักราชการ", None),
        ("2025-03-31|2025-03-31|ขาดราชการ", "raise.absent"),
        ("2025-04-01|2025-04-01|ขาดราชการ", None),  # the next round's
        ("2025-03-03|2025-03-03|ลาไปเที่ยว", "raises.unknown-leave"),
    ],
)
def test_suspension_absence_and_unknown_leave(tmp_path: Path, leave: str, code: str | None) -> None:
    assert reasons(tmp_path, leave) == ([code] if code else [])


@pytest.mark.parametrize(
    ("conduct", "code"),
    [
        ("2024-12-27|มาสาย|9\n2025-03-28|สาย|9", None),
        ("2024-12-27|มาสาย|9\n2025-03-28|สาย|10", "raise.late"),
        ("2025-01-20|ภาคทัณฑ์|", None),
        ("2025-01-20|ตัดเงินเดือน|", "raise.discipline"),
        ("2024-09-30|ตัดเงินเดือน|", None),  # the round before
        ("2025-01-20|ตักเตือน|", "raises.unknown-conduct"),
    ],
)
def test_records_of_conduct(tmp_path: Path, conduct: str, code: str | None) -> None:
    assert reasons(tmp_path, conduct=conduct) == ([code] if code else [])


def test_every_reason_is_given_not_only_the_first(tmp_path: Path) -> None:
    found = reasons(tmp_path, "2025-03-31|2025-03-31|ขาดราชการ", "2025-01-20|ลดเงินเดือน|", "2025-01-01", "50")
    assert found == ["raise.low-score", "raise.short-service", "raise.absent", "raise.discipline"]


@pytest.mark.parametrize(
    ("day", "months", "after"),
    [
        ("2024-10-31", 4, "2025-02-28"),
        ("2024-12-15", 2, "2025-02-15"),
        ("2024-08-31", 6, "2025-02-28"),
        ("2024-01-31", 0, "2024-01-31"),
    ],
)
def test_months_end_where_a_shorter_month_ends(day: str, months: int, after: str) -> None:
    assert months_after(dt.date.fromisoformat(day), months) == dt.date.fromisoformat(after)
