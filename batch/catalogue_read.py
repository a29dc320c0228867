"""catalogue.xlsx → :class:`batch.catalogue.Catalogue`: faults named with sheet and cell, faulty rows set aside."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path

from batch.catalogue import Catalogue, Product
from batch.core.finding import Finding
from batch.core.text import match_key
from batch.core.value import BadValue, read_amount
from batch.roster_read import Line, SetAside, open_tables, read_lines

FILE = "catalogue.xlsx"
SHEET = "products"
COLUMNS = ("product_id", "name", "aliases", "unit", "group", "coefficient", "version", "start", "end")
_NEEDED = ("product_id", "name", "coefficient")  # the other columns may be left out
MOST = Decimal(100)  # a larger coefficient is a slip of the pen


def load_catalogue(folder: Path, groups: Sequence[str]) -> tuple[Catalogue, list[Finding]]:
    """The office's catalogue and what is wrong in it; an empty one if there is none. ``groups``: those it may name.

    Raises :class:`UserError` if the workbook can't be read, or a sheet or a needed column is missing.
    """
    path = folder / FILE
    if not path.exists():
        return Catalogue(), []
    tables, digest = open_tables(path, unreadable="catalogue.unreadable")
    notes: list[Finding] = []
    products: list[Product] = []
    register = _Register()
    for line in read_lines(tables, SHEET, _NEEDED, path, notes):
        try:
            product = _product(line, groups)
            register.add(product, line)
        except SetAside:
            continue
        products.append(product)
    return Catalogue(tuple(products), digest), notes


def _product(line: Line, groups: Sequence[str]) -> Product:
    start, end = line.span()
    return Product(
        product_id=line.code("product_id"),
        name=line.text("name"),
        aliases=tuple(alias for part in re.split(r"[;\n]", line.maybe("aliases")) if (alias := part.strip())),
        unit=line.maybe("unit"),
        group=_group(line, groups),
        coefficient=_coefficient(line),
        version=line.maybe("version"),
        start=start,
        end=end,
        place=line.place("product_id"),
    )


def _group(line: Line, groups: Sequence[str]) -> str:
    found = line.maybe("group")
    known = {group.casefold(): group for group in groups}
    if found and found.casefold() not in known:
        line.fault("catalogue.unknown-group", "group", found=found, known=", ".join(groups))
        raise SetAside
    return known.get(found.casefold(), "")


def _coefficient(line: Line) -> Decimal:
    line.text("coefficient")
    try:
        value = read_amount(line.cells["coefficient"])
        if not 0 < value <= MOST:
            raise BadValue("catalogue.bad-coefficient", found=value)
    except BadValue as err:
        line.fault("catalogue.bad-coefficient", "coefficient", found=err.params["found"], most=MOST)
        raise SetAside from err
    return value


class _Register:
    """On any day a product has one row, and a name one product: else it would be a guess which is meant."""

    def __init__(self) -> None:
        self._rows: dict[str, list[Product]] = {}  # by code
        self._names: dict[str, list[Product]] = {}

    def add(self, product: Product, line: Line) -> None:
        """Take a row in; raises :class:`SetAside` if an earlier row has its place."""
        if other := _meeting(product, self._rows.get(product.product_id, ())):
            line.fault("catalogue.overlap", "product_id", product=_label(other), other=other.place.cell)
            raise SetAside
        for text in (product.name, *product.aliases):
            if other := _meeting(product, self._names.get(match_key(text), ())):
                column = "name" if text == product.name else "aliases"
                line.fault("catalogue.name-twice", column, found=text, product=_label(other), other=other.place.cell)
                raise SetAside
        self._rows.setdefault(product.product_id, []).append(product)
        for name in product.names:
            self._names.setdefault(name, []).append(product)


def _meeting(product: Product, others: Iterable[Product]) -> Product | None:
    """The first of the others that holds on a day on which the product does."""
    return next((other for other in others if product.start <= other.end and other.start <= product.end), None)


def _label(product: Product) -> str:
    return f"{product.name} ({product.product_id})"
