"""Filling in issued forms without a spreadsheet program: values go into the empty cells of the package as it is."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from xml.sax.saxutils import escape

from batch.forms.extract import read_form
from batch.forms.workbook import Packed, join, packed, split, unpacked

Value = Decimal | int | str | dt.date
_SHEET = "xl/worksheets/sheet1.xml"
_EMPTY = re.compile(r'<c r="([A-Z]+\d+)"( s="\d+")?(?: t="n")? ?/>')
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
        text = unpacked(sheet).decode()
        text = _EMPTY.sub(lambda m: _typed(m[1], m[2] or "", values[m[1]]) if m[1] in values else m[0], text)
        return packed(sheet.name, text.encode())

    return join(typed(file) if file.name == _SHEET else file for file in split(form))


def _typed(ref: str, style: str, value: Value) -> str:
    if isinstance(value, str):
        return f'<c r="{ref}"{style} t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    number = (value - _FIRST_DAY).days if isinstance(value, dt.date) else value
    return (
        f'<c r="{ref}"{style}><v>{number:f}</v></c>'
        if isinstance(number, Decimal)
        else f'<c r="{ref}"{style}><v>{number}</v></c>'
    )
