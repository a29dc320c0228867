from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch.core.records import Cell
from batch.core.value import (
    BadValue,
    read_amount,
    read_date,
    read_decision,
    read_number,
    read_score,
    read_task_kind,
    read_text,
    read_yes_no,
    shown,
)

CAP = Decimal(40)
THAI = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")
DAYS = st.dates(dt.date(1990, 1, 1), dt.date(2120, 12, 31))


def text(value: str) -> Cell:
    return Cell("s", value, "C3")


def code_of(read: object, *words: object) -> str:
    with pytest.raises(BadValue) as caught:
        read(*words)  # type: ignore[operator]
    return caught.value.code


def test_a_number_cell_and_digits_as_text_are_the_same_number() -> None:
    assert read_number(Cell("n", "38.5", "C3")) == read_number(text("38,5")) == Decimal("38.5")


@pytest.mark.parametrize("kind", ["b", "d"])
def test_a_date_or_a_tick_is_no_number(kind: str) -> None:
    assert code_of(read_number, Cell(kind, "1", "C3")) == "value.not-a-number"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("40.01", "value.over-cap"),
        ("-0,5", "value.negative"),
        ("38.123", "value.ambiguous-number"),
        ("0.125", "value.too-many-decimals"),
        ("38,1234", "value.too-many-decimals"),
        ("ba mươi", "value.not-a-number"),
    ],
)
def test_a_wrong_score_is_refused_for_its_reason(typed: str, code: str) -> None:
    assert code_of(read_score, text(typed), CAP, 2) == code


@pytest.mark.parametrize("typed", ["0", "40", "40,00", "39.99", "38,500000"])
def test_scores_up_to_the_cap_are_taken(typed: str) -> None:
    assert read_score(text(typed), CAP, 2) == Decimal(typed.replace(",", "."))


@given(st.decimals(min_value=-10, max_value=60, places=3))
def test_a_stored_score_counts_exactly_when_within_cap_and_decimals(value: Decimal) -> None:
    cell = Cell("n", format(value, "f"), "C3")
    fits = 0 <= value <= CAP and value * 100 == int(value * 100)
    if fits:
        assert read_score(cell, CAP, 2) == value
    else:
        assert code_of(read_score, cell, CAP, 2) in ("value.negative", "value.over-cap", "value.too-many-decimals")


@given(DAYS, st.sampled_from("/.-"), st.booleans(), st.booleans())
def test_dates_are_read_day_first_in_both_eras_and_digits(day: dt.date, mark: str, buddhist: bool, thai: bool) -> None:
    year = day.year + 543 if buddhist else day.year
    typed = mark.join((f"{day.day:02d}", f"{day.month:02d}", str(year)))
    assert read_date(text(typed.translate(THAI) if thai else typed)) == day


@given(DAYS)
def test_excel_dates_and_iso_text_are_read(day: dt.date) -> None:
    assert read_date(Cell("d", day.isoformat(), "C3")) == day
    assert read_date(text(f" {day.isoformat()} ")) == day


def test_the_leap_day_of_a_buddhist_year() -> None:
    assert read_date(text("29/02/2567")) == dt.date(2024, 2, 29)
    assert code_of(read_date, text("29/02/2568")) == "value.not-a-date"


@pytest.mark.parametrize("typed", ["31/04/2025", "06/31/2025", "6/6/25", "sớm", "2025", "45000", "1/1/10600", "00/01/2025"])
def test_what_is_no_date_is_refused(typed: str) -> None:
    assert code_of(read_date, text(typed)) == "value.not-a-date"


def test_a_bare_serial_number_is_no_date() -> None:
    assert code_of(read_date, Cell("n", "45000", "C3")) == "value.not-a-date"


@pytest.mark.parametrize("word", ["Có", "có", "YES", "y", "ใช่", "x", "X", "✓", "co\u0301", " 1 "])
def test_yes(word: str) -> None:
    assert read_yes_no(text(word)) is True


@pytest.mark.parametrize("word", ["Không", "KHÔNG", "No", "ไม่", "ไม่ใช่", "-", "0", "kho\u0302ng"])
def test_no(word: str) -> None:
    assert read_yes_no(text(word)) is False


def test_excels_own_truth_values_are_yes_and_no() -> None:
    assert read_yes_no(Cell("b", "1", "C3")) is True
    assert read_yes_no(Cell("b", "0", "C3")) is False
    assert read_yes_no(Cell("n", "1", "C3")) is True


@pytest.mark.parametrize("word", ["có lẽ", "2", "?", "c"])
def test_neither_yes_nor_no_is_refused(word: str) -> None:
    assert code_of(read_yes_no, text(word)) == "value.not-yes-no"


@pytest.mark.parametrize(
    ("word", "decision"),
    [
        ("Phê duyệt", "approve"),
        ("đồng ý", "approve"),
        ("อนุมัติ", "approve"),
        ("Điều chỉnh", "adjust"),
        ("ADJUST", "adjust"),
        ("ปรับคะแนน", "adjust"),
        ("Trả lại", "return"),
        ("ส่งกลับ", "return"),
    ],
)
def test_decisions_in_three_languages(word: str, decision: str) -> None:
    assert read_decision(text(word)) == decision


@pytest.mark.parametrize("word", ["không duyệt", "không đồng ý", "ok?", "duyệt lại", "not approve"])
def test_a_doubtful_decision_is_refused(word: str) -> None:
    assert code_of(read_decision, text(word)) == "value.unknown-decision"

    assert read_text(text("  \u200b")) == ""


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("Thường xuyên", "regular"),
        ("ĐỘT XUẤT", "ad_hoc"),
        (" ad hoc", "ad_hoc"),
        ("Regular", "regular"),
        ("งานประจำ", "regular"),
        ("งานเร่งด่วน", "ad_hoc"),
    ],
)
def test_kinds_of_work_in_three_languages(word: str, kind: str) -> None:
    assert read_task_kind(text(word)) == kind


def test_a_kind_of_work_of_ones_own_is_not_guessed() -> None:
    assert code_of(read_task_kind, text("gấp")) == "value.left-out"


def test_an_amount_may_be_nothing_but_not_less() -> None:
    assert read_amount(text("0")) == 0 and read_amount(text("2,5")) == Decimal("2.5")
    assert code_of(read_amount, text("-1")) == "value.negative"


def test_what_is_shown_of_a_cell_is_short_and_on_one_line() -> None:
    assert shown(text("a\nb")) == "a b"
    assert len(shown(text("x" * 500))) <= 60
