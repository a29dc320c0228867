"""The numbers of a summary, against plain counting."""

from __future__ import annotations

import dataclasses
from collections import Counter
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from batch.core.number import plain
from batch.reports.view import EXCUSED, OPEN, WeekView, mean, padded, percent
from tests.reports.office import THIS


def test_counts_by_unit_agree_with_plain_counting(view: WeekView) -> None:
    plainly = Counter((c.unit_id, EXCUSED if c.state == "excused" else c.band or OPEN) for c in view.cases)
    counted = {(t.key, slot): n for t in view.units for slot, n in t.counts.items() if n}
    assert counted == dict(plainly)
    assert [t.key for t in view.units] == ["VP", "V1", "V2", "V3", "V4", "C1", "C2"]
    assert view.whole.people == 48
    assert view.whole.evaluated == 46
    assert view.whole.decided == view.whole.approved + view.whole.provisional
    assert view.whole.waiting == sum(1 for c in view.cases if c.waiting)


def test_means_are_exact_and_leave_out_people_without_a_total(view: WeekView) -> None:
    totals = [c.total for c in view.cases if c.total is not None]
    assert view.whole.mean == mean(totals)
    assert mean([Decimal("0.1"), Decimal("0.2"), None]) == Decimal("0.15")
    assert mean([Decimal("1.01"), Decimal("1.02")]) == Decimal("1.02")  # 1.015 exactly: half goes up
    assert mean([None]) is None


def test_the_trend_ends_with_this_week(view: WeekView) -> None:
    assert [str(week) for week, _ in view.trend] == ["2025-W23", "2025-W24", "2025-W25", "2025-W26", "2025-W27"]
    assert view.trend[-1][1].counts == view.whole.counts


def test_a_week_that_is_not_known_leaves_a_gap_in_the_trend(view: WeekView) -> None:
    history = {w: cases for w, cases in view.history.items() if w in (THIS.plus(-3),)}
    gap = dataclasses.replace(view, history=history)
    assert [(str(w), t.people) for w, t in gap.trend] == [
        ("2025-W24", 48),
        ("2025-W25", 0),
        ("2025-W26", 0),
        ("2025-W27", 48),
    ]


def test_everybody_who_waits_is_listed_once(view: WeekView) -> None:
    listed = [c.staff_id for wait in view.waiting for c in wait.cases]
    assert sorted(listed) == sorted(c.staff_id for c in view.cases if c.waiting)
    assert view.waiting[0].stage == "approval"
    assert view.waiting[0].who == ""  # the vacant post stands on top
    assert all(wait.own for wait in view.waiting if wait.stage == "self")


def test_streaks_name_the_cells_of_every_week(view: WeekView) -> None:
    by = {line.case.staff_id: line for line in view.streaks}
    assert sorted(by) == ["0010", "0024", "0038"]
    key_task, band = by["0010"], by["0024"]
    assert [str(e.week) for e in key_task.evidence] == ["2025-W26", "2025-W27"]
    assert [[f.id for f in e.flags] for e in key_task.evidence] == [
        ["key_task_failed", "discipline_breach"],
        ["key_task_failed"],
    ]
    place, cells = key_task.evidence[0].sources[0]
    assert (str(place), cells) == ("2025-W26/PhieuDanhGia_0008.xlsx › Đánh giá", "K15, L15")
    assert band.evidence[0].sources[0][1] == "H29, I29, J29"
    assert {line.case.staff_id for line in view.watch} == {"0031", "0044"}


def test_a_week_outside_the_history_is_said_not_invented(view: WeekView) -> None:
    alone = dataclasses.replace(view, history={})
    line = next(s for s in alone.streaks if s.case.staff_id == "0010")
    assert [e.case is None for e in line.evidence] == [True, False]
    assert alone.previous == {}
    assert len(alone.trend) == 1


def test_an_empty_week_has_numbers_too(view: WeekView) -> None:
    empty = dataclasses.replace(view, cases=(), findings=(), history={})
    assert (empty.whole.people, empty.whole.mean, empty.units, empty.waiting, empty.decimals) == (0, None, (), (), 0)
    assert empty.state_counts["approved"] == 0


def test_bands_of_one_tone_stay_apart(view: WeekView) -> None:
    assert [s.repeat for s in view.slots] == [0] * 6
    bands = [b.model_copy(update={"tone": "good"}) for b in view.scheme.bands]
    same = dataclasses.replace(view, scheme=view.scheme.model_copy(update={"bands": bands}))
    assert [s.repeat for s in same.slots] == [0, 1, 2, 3, 0, 0]


@given(st.integers(0, 10_000), st.integers(1, 10_000))
def test_percent_is_within_half_a_percent(part: int, of: int) -> None:
    assert abs(percent(part, of) - 100 * part / of) <= 0.5
    assert percent(part, 0) == 0


@given(st.decimals(min_value=0, max_value=100, places=2), st.integers(0, 3))
def test_padding_never_changes_a_value(value: Decimal, decimals: int) -> None:
    shown = padded(plain(value), decimals)
    assert shown == value
    assert shown is not None
    assert -int(shown.as_tuple().exponent) >= decimals
