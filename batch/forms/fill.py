"""Filling in issued forms without a spreadsheet program: values go into the empty cells of the package as it is."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from xml.sax.saxutils import escape

from batch.forms.extract import read_form
from batch.sheet.pack import Packed, join, sewn, split, stretch, unpacked

Value = Decimal | int | str | dt.date
_SHEET = "xl/worksheets/sheet1.xml"
_EMPTY = re.compile(rb'<c r="[A-Z]+\d+"( s="\d+")?(?: t="n")? ?/>')
_END = b"</sheetData>"  # behind it stands what is the same on all forms of a kind
_stretch = lru_cache(maxsize=64)(stretch)
_FIRST_DAY = dt.date(1899, 12, 30)  # day 0 of spreadsheet programs


def places(form: bytes) -> dict[tuple[str, str], str]:
    """(row key, column key) → cell, for every field of a form. Raises :class:`~batch.sheet.read.Unreadable`."""
    reading = read_form(form)
    return {
        (row.key, key): f"{letters}{row.number}"
        for row in reading.rows
        if row.key
        for key, letters in reading.columns.items()
    }


def fill(form: bytes, values: Mapping[str, Value]) -> bytes:
    """An issued form with ``values`` (cell → value) typed into its empty cells; others stay as they are."""

    def typed(sheet: Packed) -> Packed:
        cells, end, rest = unpacked(sheet).partition(_END)
        made, done = [], 0
        for ref in sorted(values, key=_in_order):
            at = cells.find(b'<c r="%b"' % ref.encode(), done)
            if at >= 0 and (empty := _EMPTY.match(cells, at)):
                made += [cells[done:at], _typed(ref, empty[1] or b"", values[ref])]
                done = empty.end()
        return sewn(sheet.name, [b"".join((*made, cells[done:])), _stretch(end + rest)])

    return join(typed(file) if file.name == _SHEET else file for file in split(form))


def _in_order(ref: str) -> tuple[int, int, str]:
    """The order in which cells stand in a sheet."""
    letters = ref.rstrip("0123456789")
    return int(ref[len(letters) :]), len(letters), letters


def _typed(ref: str, style: bytes, value: Value) -> bytes:
    head = b'<c r="%b"%b' % (ref.encode(), style)
    if isinstance(value, str):
        return b'%b t="inlineStr"><is><t xml:space="preserve">%b</t></is></c>' % (head, escape(value).encode())
    number = (value - _FIRST_DAY).days if isinstance(value, dt.date) else value
    return b"%b><v>%b</v></c>" % (head, (f"{number:f}" if isinstance(number, Decimal) else str(number)).encode())
