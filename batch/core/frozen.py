"""Findings as plain JSON, for the ledger and for what is kept between runs: each particular with its kind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from batch.core.finding import Finding, Moment, Money, Phrase, Place, Titles
from batch.core.period import Round, Week, parse_period


def freeze_finding(found: Finding) -> list[Any]:
    """A finding as plain JSON; :func:`thaw_finding` is its inverse."""
    place = found.place
    params = {name: _pack(value) for name, value in found.params}
    return [found.code, place.file, place.sheet, place.cell, found.staff_id, params]


def thaw_finding(body: Sequence[Any]) -> Finding:
    """The finding that :func:`freeze_finding` made plain."""
    code, file, sheet, cell, staff_id, params = body
    return Finding(code, Place(file, sheet, cell), staff_id, tuple(sorted((k, _unpack(v)) for k, v in params.items())))


def _pack(value: Any) -> Any:
    if isinstance(value, Phrase):
        return {"phrase": str(value)}
    if isinstance(value, Moment):
        return {"moment": str(value)}
    if isinstance(value, Titles):
        return {"titles": [list(pair) for pair in value]}
    if isinstance(value, Decimal):
        return {"money" if isinstance(value, Money) else "decimal": str(value)}
    if isinstance(value, (Week, Round)):
        return {"week": str(value)}
    if isinstance(value, dt.date):
        return {"date": value.isoformat()}
    if isinstance(value, tuple):
        return {"items": [_pack(item) for item in value]}
    return value


def _unpack(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "phrase":
        return Phrase(content)
    if kind == "moment":
        return Moment(content)
    if kind == "titles":
        return Titles(tuple(pair) for pair in content)
    if kind in ("decimal", "money"):
        return Money(content) if kind == "money" else Decimal(content)
    if kind == "week":
        return parse_period(content)
    if kind == "date":
        return dt.date.fromisoformat(content)
    return tuple(_unpack(item) for item in content)
