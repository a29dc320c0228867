"""Text as people type it: one Unicode form, no invisible characters, comparable words.

Vietnamese arrives as NFC or NFD, with NBSP and zero-width characters, and with Ð (eth) or Ɖ (African D) for Đ.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_SHORT = 60
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\u202a\u202b\u202c\u202d\u202e"))
LOOKALIKE = str.maketrans({"Ð": "Đ", "ð": "đ", "Ɖ": "Đ", "ɖ": "đ"})


def clean(text: str) -> str:
    """NFC, ordinary spaces, no zero-width or direction marks, no control characters, trimmed. Line breaks stay."""
    return _clean_short(text) if len(text) <= _SHORT else _clean(text)


def _clean(text: str) -> str:
    if text.isprintable():  # most text: nothing invisible, no line breaks, no odd spaces
        return " ".join(unicodedata.normalize("NFC", text).split())
    text = unicodedata.normalize("NFC", text.translate(_INVISIBLE))
    text = "".join(c if c == "\n" or unicodedata.category(c) != "Cc" else " " for c in text.replace("\r\n", "\n"))
    return "\n".join(" ".join(line.split()) for line in text.split("\n")).strip()


_clean_short = lru_cache(maxsize=8192)(_clean)  # labels and codes, which come again and again


@lru_cache(maxsize=8192)
def _short_id(text: str) -> str:
    return "".join(_clean(text).split())


def clean_id(text: str) -> str:
    """A code (staff, unit): :func:`clean`, without any space."""
    return _short_id(text) if len(text) <= _SHORT else "".join(clean(text).split())


def match_key(text: str) -> str:
    """By which a name is found again letter for letter.

    Case, Unicode form, look-alikes of Đ, spaces and line breaks don't count. Marks do:
    hoà and hòa are two spellings here, as bà and bá are two words.
    """
    return unicodedata.normalize("NFC", " ".join(clean(text).translate(LOOKALIKE).casefold().split()))


def same_name(one: str, other: str) -> bool:
    """Whether two names agree for a person's eye: case, look-alikes and the place of a tone mark (hoà, hòa) don't count."""
    return one == other or _loose(one) == _loose(other)


@lru_cache(maxsize=8192)
def _loose(name: str) -> str:
    """Per word: base letters, and the multiset of marks: moves of a tone mark inside a word vanish."""
    words = unicodedata.normalize("NFD", clean(name).translate(LOOKALIKE).casefold()).split()
    return " ".join(
        "".join(c for c in w if not unicodedata.combining(c)) + "".join(sorted(c for c in w if unicodedata.combining(c)))
        for w in words
    )
