from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch.core.text import clean, clean_id, same_name

NAMES = ("Nguyễn Thị Hoà", "Đặng Thuỳ Dương", "Lê Quý Đôn", "Trần Huệ", "Phạm Thế Duyệt")


def test_invisible_characters_and_odd_spaces_vanish() -> None:
    assert clean("\ufeff  Nguyễn\u00a0Văn\u200b  An\u202f\t") == "Nguyễn Văn An"


def test_line_breaks_stay() -> None:
    assert clean(" một \r\n hai\n") == "một\nhai"


def test_a_code_has_no_spaces_at_all() -> None:
    assert clean_id(" CB\u00a00 12\n") == "CB012"


@pytest.mark.parametrize("name", NAMES)
def test_nfd_becomes_nfc(name: str) -> None:
    assert clean(unicodedata.normalize("NFD", name)) == name
    assert clean(name) == name


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert once == once.strip()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hoà", "Hòa"),
        ("Nguyễn Thị Hoà", unicodedata.normalize("NFD", "Nguyễn Thị Hòa")),
        ("Thuý", "Thúy"),
        ("Lê Quý Đôn", "Lê Quý Ðôn"),
        ("Lê Quý Đôn", "Lê Quý Ɖôn"),
        ("đỗ văn an", "ÐỖ VĂN AN"),
        ("Nguyễn Văn An", "NGUYỄN  VĂN\u00a0AN\u200b"),
    ],
)
def test_names_a_person_would_call_the_same(one: str, other: str) -> None:
    assert same_name(one, other)
    assert same_name(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hoà", "Hoa"),
        ("Hoà", "Hoá"),
        ("Đức", "Dức"),
        ("Lan", "Lân"),
        ("Nguyễn Văn An", "Nguyễn An Văn"),
        ("Nguyễn Văn An", "Nguyễn Văn"),
        ("Hà Lan", "Ha Làn"),
        ("An", ""),
    ],
)
def test_names_that_differ_stay_different(one: str, other: str) -> None:
    assert not same_name(one, other)


@given(st.sampled_from(NAMES), st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]), st.booleans())
def test_form_and_case_never_matter(name: str, form: str, upper: bool) -> None:
    typed = unicodedata.normalize(form, name.upper() if upper else name)  # type: ignore[arg-type]
    assert same_name(typed, name)
