from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from batch.core.number import NotANumber, from_float, from_text, places, plain

THAI = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")
NUMBERS = st.decimals(min_value=-9999, max_value=9999, places=2)


def groups_of_three(text: str) -> bool:
    """What looks like thousands: a mark with exactly three digits behind it and no leading zero."""
    whole, _, rest = text.lstrip("+-").partition(".")
    return len(rest) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0")


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("38,5", "38.5"),
        ("38.5", "38.5"),
        ("40", "40"),
        ("40,0", "40"),
        ("0,125", "0.125"),
        ("๓๘.๕", "38.5"),
        ("๓๘,๕๐", "38.5"),
        (" 38,5 ", "38.5"),
        ("38,5\u00a0", "38.5"),
        ("\u202f38\u200b,5", "38.5"),
        ("+7", "7"),
        ("-1", "-1"),
        ("−1,5", "-1.5"),
        ("007", "7"),
        ("1234", "1234"),
    ],
)
def test_digits_are_read_in_every_notation(typed: str, value: str) -> None:
    assert from_text(typed) == Decimal(value)


@pytest.mark.parametrize("typed", ["1.234", "1,234", "35.250", "1.234.567", "๑.๒๓๔", "-1,234", "1\u00a0.234"])
def test_thousand_or_decimal_is_ambiguous(typed: str) -> None:
    with pytest.raises(NotANumber) as caught:
        from_text(typed)
    assert caught.value.code == "value.ambiguous-number"


@pytest.mark.parametrize(
    "typed", ["", "ba mươi", "38.5.", "3,8.5", "38,", ",5", "1e3", "nan", "Infinity", "38/40", "0x10", "--1", "½", "²"]
)
def test_anything_else_is_no_number(typed: str) -> None:
    with pytest.raises(NotANumber) as caught:
        from_text(typed)
    assert caught.value.code == "value.not-a-number"


@given(NUMBERS, st.sampled_from(".,"), st.booleans(), st.sampled_from(["", " ", "\u00a0", "\u202f", "\u200b", "\ufeff"]))
def test_two_decimals_survive_every_notation(value: Decimal, mark: str, thai: bool, space: str) -> None:
    text = format(value, "f").replace(".", mark)
    assert from_text(space + (text.translate(THAI) if thai else text) + space) == value


@given(st.integers(0, 10**13 - 1), st.text("0123456789", min_size=1, max_size=15), st.sampled_from(".,"))
def test_long_decimals_are_exact_or_ambiguous(whole: int, rest: str, mark: str) -> None:
    assume(len(str(whole)) + len(rest) <= 28)
    text = f"{whole}.{rest}"
    if groups_of_three(text):
        with pytest.raises(NotANumber, match="ambiguous"):
            from_text(text.replace(".", mark))
    else:
        assert from_text(text.replace(".", mark)) == Decimal(text)


def test_the_longest_accepted_number_is_exact() -> None:
    text = "1234567890123.123456789012345"
    assert from_text(text) == Decimal(text)


@given(st.text(max_size=12))
def test_any_text_is_a_finite_number_or_refused(text: str) -> None:
    try:
        assert from_text(text).is_finite()
    except NotANumber as err:
        assert err.code in ("value.not-a-number", "value.ambiguous-number")


@given(NUMBERS)
def test_a_stored_double_is_the_number_that_was_typed(value: Decimal) -> None:
    assert from_float(float(value)) == value


def test_a_stored_double_is_what_was_shown() -> None:
    assert from_float(0.1 + 0.2) == Decimal("0.3")
    assert from_float(89.96) == Decimal("89.96")
    assert from_float(1.234) == Decimal("1.234")


@given(st.integers(10**14, 10**15 - 1), st.integers(-20, 5))
def test_fifteen_digits_of_a_double_are_kept(digits: int, exponent: int) -> None:
    value = Decimal(digits).scaleb(exponent)
    assert from_float(float(value)) == value


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**6), max_value=10**6))
def test_plain_keeps_the_value_and_drops_the_noise(value: Decimal) -> None:
    text = format(plain(value), "f")
    assert plain(value) == value
    assert str(plain(value)) == text
    assert "." not in text or not text.endswith("0")


@pytest.mark.parametrize(("text", "count"), [("38.5", 1), ("38.50", 1), ("40", 0), ("4E+1", 0), ("0.005", 3), ("0.00", 0)])
def test_places_counts_needed_decimals(text: str, count: int) -> None:
    assert places(Decimal(text)) == count
