"""Typed values from single cells. Each reader returns the value or raises :class:`BadValue` with a finding code."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from batch.core import number
from batch.core.records import Cell, TaskKind
from batch.core.text import clean

_DAY_MONTH_YEAR = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")

_ABSURD = Decimal(10) ** 12  # no score, quantity or amount in such a form is as large

# What people write for yes and no, in the three languages; marks count as yes.
YES = frozenset({"có", "co", "yes", "y", "ใช่", "x", "v", "✓", "✔", "1", "true"})
NO = frozenset({"không", "khong", "no", "n", "ไม่", "ไม่ใช่", "-", "0", "false"})
TASK_KINDS: Mapping[TaskKind, frozenset[str]] = {
    "regular": frozenset({"regular", "thường xuyên", "งานประจำ"}),
    "ad_hoc": frozenset({"ad hoc", "ad-hoc", "đột xuất", "งานเฉพาะกิจ", "งานเร่งด่วน"}),
}
DECISIONS: Mapping[str, frozenset[str]] = {
    "approve": frozenset({"approve", "phê duyệt", "duyệt", "đồng ý", "อนุมัติ", "agree", "เห็นชอบ", "เห็นด้วย"}),
    "adjust": frozenset({"adjust", "điều chỉnh", "ปรับคะแนน", "differ", "ý kiến khác", "เห็นต่าง"}),
    "return": frozenset({"return", "trả lại", "ส่งกลับ", "ส่งคืน"}),
}


class BadValue(ValueError):
    """A cell that can't be taken as what it should be."""

    def __init__(self, code: str, **params: Any) -> None:
        self.code = code
        self.params = params
        super().__init__(code)


_NO_VALUE = {"e": "value.error-cell", "f": "value.not-calculated", "t": "value.twice"}  # kind of cell → why it holds none


def read_text(cell: Cell) -> str:
    """Cleaned text of any cell that holds a value."""
    _has_value(cell)
    return shown(cell) if cell.kind == "b" else clean(cell.text)


_decimal = lru_cache(maxsize=4096)(Decimal)  # many forms hold the same scores, which are held as long as the run goes on


def _has_value(cell: Cell) -> None:
    if cell.kind in _NO_VALUE:
        raise BadValue(_NO_VALUE[cell.kind], found=shown(cell))


def read_number(cell: Cell) -> Decimal:
    """An exact number, typed as a number or as digits."""
    _has_value(cell)
    if cell.kind == "p":  # 38 % is stored as 0.38: neither that nor 38 can be taken for what was meant
        raise BadValue("value.percentage", found=shown(cell))
    if cell.kind == "n" and abs(value := _decimal(cell.text)) < _ABSURD:
        return value
    if cell.kind != "s":
        raise BadValue("value.not-a-number", found=shown(cell))
    try:
        return number.from_text(cell.text)
    except number.NotANumber as err:
        raise BadValue(err.code, found=err.found) from err


def read_score(cell: Cell, cap: Decimal, decimals: int) -> Decimal:
    """A score from 0 to ``cap`` with at most ``decimals`` decimals."""
    value = read_number(cell)
    if value < 0:
        raise BadValue("value.negative", found=value, cap=cap)
    if value > cap:
        raise BadValue("value.over-cap", found=value, cap=cap)
    if number.places(value) > decimals:
        raise BadValue("value.too-many-decimals", found=value, decimals=decimals)
    return value


def read_amount(cell: Cell) -> Decimal:
    """An exact number, 0 or more."""
    value = read_number(cell)
    if value < 0:
        raise BadValue("value.negative", found=value)
    return value


def read_count(cell: Cell) -> Decimal:
    """A whole number, 0 or more."""
    value = read_number(cell)
    if value < 0 or number.places(value):
        raise BadValue("value.not-a-count", found=value)
    return value


def read_date(cell: Cell) -> dt.date:
    """An Excel date, ``dd/mm/yyyy`` or ISO text; Buddhist years (2500 and later) are turned into common ones."""
    _has_value(cell)
    text = cell.text if cell.kind == "d" else clean(cell.text)
    if not text.isascii():
        text = "".join(str(unicodedata.decimal(c)) if unicodedata.category(c) == "Nd" else c for c in text)
    if match := _DAY_MONTH_YEAR.fullmatch(text):
        day, month, year = (int(part) for part in match.groups())
    elif match := _ISO.fullmatch(text):
        year, month, day = (int(part) for part in match.groups())
    else:
        raise BadValue("value.not-a-date", found=shown(cell))
    try:
        return dt.date(year - 543 if year >= 2500 else year, month, day)
    except ValueError as err:
        raise BadValue("value.not-a-date", found=shown(cell)) from err


def read_yes_no(cell: Cell) -> bool:
    """Yes or no, in any of the three languages."""
    _has_value(cell)
    word = clean(cell.text).casefold()
    if word in YES:
        return True
    if word in NO:
        return False
    raise BadValue("value.not-yes-no", found=shown(cell))


def read_decision(cell: Cell) -> str:
    """approve, adjust or return, from any of the three languages' words."""
    _has_value(cell)
    word = clean(cell.text).casefold()
    for decision, words in DECISIONS.items():
        if word in words:
            return decision
    raise BadValue("value.unknown-decision", found=shown(cell))


def read_task_kind(cell: Cell) -> TaskKind:
    """Regular or ad hoc, in any of the three languages."""
    _has_value(cell)
    word = clean(cell.text).casefold()
    for kind, words in TASK_KINDS.items():
        if word in words:
            return kind
    raise BadValue("value.left-out", found=shown(cell))


def shown(cell: Cell) -> str:
    """What stands in the cell, short enough for a message."""
    text = clean(cell.text).replace("\n", " ")
    if cell.kind == "b":
        text = "TRUE" if cell.text == "1" else "FALSE"
    return text if len(text) <= 60 else text[:57] + "…"
