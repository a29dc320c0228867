"""The order of people's names, by the rules of the office's language.

Vietnamese: by the given name (the last word), then the family name, then the middle names; each word by the letters of the
alphabet (a ă â b c d đ e ê …), then by its tone (none, huyền, hỏi, ngã, sắc, nặng), wherever the tone mark was put (hoà is
hòa). Thai: as the Royal Institute's dictionary orders words: by consonants, a vowel written before its consonant counting
after it, then by tone and other marks; a title such as นาย or นางสาว doesn't count. English: by the last word, then the
others.
Why this is not left to a library: docs/decisions/name-order.md.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

from batch.core.text import LOOKALIKE, clean

_ALPHABET = {letter: n for n, letter in enumerate("0123456789aăâbcdđeêfghijklmnoôơpqrstuưvwxyz")}
_TONES = {tone: n for n, tone in enumerate("\u0300\u0309\u0303\u0301\u0323")}  # huyền, hỏi, ngã, sắc, nặng
_OF_LETTER = "\u0302\u0306\u031b"  # circumflex, breve and horn make another letter: â, ă, ơ
_VOWEL_FIRST = re.compile("([เแโใไ])([ก-ฮ])")
_THAI_MARKS = "\u0e47\u0e48\u0e49\u0e4a\u0e4b\u0e4c\u0e4e"  # ็ ่ ้ ๊ ๋ ์ ๎
_THAI_TITLES = ("นางสาว", "น.ส.", "นาย", "นาง")

WordKey = tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]
NameKey = tuple[tuple[WordKey, ...], str]


@lru_cache(maxsize=8192)
def name_key(name: str, lang: str) -> NameKey:
    """What names are sorted by in an office whose language is ``lang`` (vi, th, en): the words in their order of weight.

    Names that differ in nothing that counts are told apart by their characters, so the order is always the same.
    """
    words = clean(name).split()
    if lang == "th":
        words = _without_title(words)
    elif lang == "vi":
        words = [*words[-1:], *words[:-1]]
    elif len(words) > 1:
        words = [words[-1], *words[:-1]]
    return tuple(map(_word_key, words)), name


def name_ranks(names: Iterable[str], lang: str) -> Mapping[str, int]:
    """Name → its place, from 1, among all ``names``: what a page sorts by, so that a browser needs to know no alphabet."""
    return {name: place for place, name in enumerate(sorted(set(names), key=lambda n: name_key(n, lang)), 1)}


def _without_title(words: list[str]) -> list[str]:
    if not words:
        return words
    title = next((title for title in _THAI_TITLES if words[0].startswith(title)), "")
    first = words[0].removeprefix(title)
    rest = words[1:]
    return [first, *rest] if first or not rest else rest


@lru_cache(maxsize=8192)
def _word_key(word: str) -> WordKey:
    """Letters as places in their alphabet; then, letter by letter or for a Vietnamese syllable as a whole, the marks."""
    return _thai_key(word) if any("ก" <= c <= "๎" for c in word) else _latin_key(word)


def _latin_key(word: str) -> WordKey:
    letters: list[int] = []
    tones: list[tuple[int, ...]] = []
    base = ""
    for char in [*unicodedata.normalize("NFD", word.translate(LOOKALIKE).casefold()), ""]:
        if char and char in _OF_LETTER:
            # The tone may stand between a letter and its circumflex, so the letter is put together here, not by NFC.
            base = unicodedata.normalize("NFC", base + char)
        elif char and unicodedata.combining(char):
            tones.append((_TONES.get(char, ord(char)),))
        else:
            if base.isalnum():
                letters.append(_ALPHABET.get(base, ord(base[0])))
            base = char
    return tuple(letters), tuple(tones)


def _thai_key(word: str) -> WordKey:
    word = _VOWEL_FIRST.sub(r"\2\1", word.replace("\u0e4d\u0e32", "\u0e33"))  # ำ may be typed as two characters
    letters: list[int] = []
    marks: list[tuple[int, ...]] = []
    for char in word:
        if char in _THAI_MARKS:
            if marks:
                marks[-1] = (*marks[-1], ord(char))
        elif char.isalnum() or unicodedata.category(char) == "Mn":
            letters.append(ord(char))
            marks.append(())
    return tuple(letters), tuple(marks)
