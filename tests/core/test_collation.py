"""Names in the order that each language gives them, on lists that are easy to get wrong."""

from __future__ import annotations

import random
import unicodedata

import pytest

from batch.core.collation import name_key, name_ranks


def ordered(names: list[str], lang: str) -> list[str]:
    """Sorted from a shuffled start, so that nothing is right by having been so before."""
    start = list(names)
    random.Random(7).shuffle(start)
    return sorted(start, key=lambda name: name_key(name, lang))


VIETNAMESE = [
    # the letters: a ă â b c d đ e ê … o ô ơ … u ư
    ["Lê An", "Lê Ăn", "Lê Ân", "Lê Ba"],
    ["Lê Da", "Lê Dũng", "Lê Duy", "Lê Đa", "Lê Đạt"],
    ["Lê Em", "Lê Êm", "Lê Giang"],
    ["Lê On", "Lê Ôn", "Lê Ơn", "Lê Phú"],
    ["Lê Tu", "Lê Tư", "Lê Va"],
    # the tones: none, huyền, hỏi, ngã, sắc, nặng; letters count before tones
    ["Lê Ma", "Lê Mà", "Lê Mả", "Lê Mã", "Lê Má", "Lê Mạ", "Lê Mai", "Lê Mài"],
    ["Lê Hoa", "Lê Hoà", "Lê Hoả", "Lê Hoá", "Lê Hoan"],
    # the given name, then the family name, then the middle names
    ["Trần Văn An", "Đỗ Thị Bình", "Lê Hoài Chi"],
    ["Đỗ Thị Hoa", "Lê Thị Hoa", "Nguyễn Thị Hoa", "Nguyễn Thị Hoà", "An Thị Hoan"],
    ["Lê Hoa", "Lê Thị Hoa", "Lê Văn Hoa", "Lý Hoa"],
    ["Nguyễn Văn Nam", "Nguyễn Vân Nam", "Trần An Nam"],
]


@pytest.mark.parametrize("names", VIETNAMESE)
def test_vietnamese(names: list[str]) -> None:
    assert ordered(names, "vi") == names


@pytest.mark.parametrize(
    ("one", "other", "after"),
    [
        ("Lê Hoà", "Lê Hòa", "Lê Hoả"),  # where the tone mark stands is a matter of spelling
        ("Lê Thuý", "Lê Thúy", "Lê Thuỵ"),
        ("Lê Đạt", unicodedata.normalize("NFD", "Lê Đạt"), "Lê Đậu"),
        ("Lê Đạt", "Lê Ðạt", "Lê Đậu"),  # eth for Đ
        ("Lê Đạt", "Lê\u00a0Đạt", "Lê Đậu"),
        ("LÊ ĐẠT", "Lê Đạt", "Lê Đậu"),
    ],
)
def test_spellings_of_one_name_stand_together(one: str, other: str, after: str) -> None:
    assert name_key(one, "vi")[0] == name_key(other, "vi")[0]
    assert ordered([after, other, one], "vi")[-1] == after


THAI = [
    ["กมล", "กรรณิการ์", "กฤษณา", "กัญญา", "กาญจนา", "เกษม", "ขวัญ"],  # a vowel before its consonant counts after it
    ["สมชาติ", "สมชาย", "สมศรี", "สุดา", "เสมอ", "แสง", "โสภา", "ไสว", "หทัย"],
    ["กา", "ก่า", "ก้า", "ก๊า", "ก๋า", "กาง"],  # a tone counts only where the letters are the same
    ["เกง", "เก็ง", "เก่ง", "เก้ง"],
    ["รมณี", "ราตรี", "ฤดี", "ลดา"],  # ฤ follows ร, before ล
    ["ณัฏฐ์", "ณัฐ", "ณัฐพล"],
    ["น้ำ", "น้ำฝน", "นิด"],
    ["สมชาย ใจดี", "สมชาย พรหมมา", "สมชาย เพชรดี", "สมชาย ฟ้าใส", "สมชาย มีสุข"],  # the family name after the first name
    ["นายกมล ใจดี", "นางขวัญ ใจดี", "น.ส.คมคาย ใจดี", "นางสาวจันทร์ ใจดี", "นาย ฉลาด ใจดี"],  # titles don't count
]


@pytest.mark.parametrize("names", THAI)
def test_thai(names: list[str]) -> None:
    assert ordered(names, "th") == names


def test_thai_titles_alone_are_names() -> None:
    assert ordered(["นางสาว", "นาย", "บุญ"], "th") == ["นางสาว", "นาย", "บุญ"]


def test_english_sorts_by_the_last_word() -> None:
    names = ["Zoe Adams", "Anne-Marie Brown", "Anne Marie Brown", "Bob Brown", "Cher", "Ann O'Neill"]
    assert ordered(names, "en") == ["Zoe Adams", "Anne Marie Brown", "Anne-Marie Brown", "Bob Brown", "Cher", "Ann O'Neill"]


def test_ranks_count_from_one_and_a_namesake_has_the_same() -> None:
    ranks = name_ranks(["Lê Bình", "Lê An", "Lê Bình", "Trần An"], "vi")
    assert ranks == {"Lê An": 1, "Trần An": 2, "Lê Bình": 3}


def test_strange_names_have_a_place() -> None:
    strange = ["", " ", "-", "123", "Ω", "王伟", "เ", "นาย", "\u0301", "Lê ???"]
    for lang in ("vi", "th", "en"):
        assert sorted(ordered(strange, lang)) == sorted(strange)
