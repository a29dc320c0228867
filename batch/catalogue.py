"""The office's catalogue of standard products: what one unit of each is worth, by date.

:mod:`batch.catalogue_read` makes a :class:`Catalogue` from the workbook; here it only answers which row is meant. A task's
product is found by its name or an alias, letter for letter after :func:`batch.core.text.match_key`; nothing is guessed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from batch.core.finding import Place
from batch.core.text import match_key


@dataclass(frozen=True)
class Product:
    """One row: a standard product while it holds, from ``start`` to ``end``, both included.

    ``unit``: what is counted (a letter, a file); ``group``: its complexity group, or ''; ``coefficient``: what one is worth
    beside one of coefficient 1; ``version``: as the office names it, or ''.
    """

    product_id: str
    name: str
    aliases: tuple[str, ...]
    unit: str
    group: str
    coefficient: Decimal
    version: str
    start: dt.date
    end: dt.date
    place: Place

    @property
    def names(self) -> tuple[str, ...]:
        """Every name it goes by, as they are compared; each once."""
        return tuple(dict.fromkeys(match_key(name) for name in (self.name, *self.aliases)))

    def covers(self, day: dt.date) -> bool:
        """Whether the row holds on this day."""
        return self.start <= day <= self.end


@dataclass(frozen=True)
class Catalogue:
    """All rows, in the order of the workbook. ``digest``: SHA-256 of the file, '' if the office has none."""

    products: tuple[Product, ...] = ()
    digest: str = ""

    @cached_property
    def _by_name(self) -> Mapping[str, list[Product]]:
        by: dict[str, list[Product]] = {}
        for product in self.products:
            for name in product.names:
                by.setdefault(name, []).append(product)
        return by

    def find(self, key: str, day: dt.date) -> Product | None:
        """The row that a name stands for on a day; ``key`` is the name's :func:`batch.core.text.match_key`."""
        return next((p for p in self._by_name.get(key, ()) if p.covers(day)), None)
