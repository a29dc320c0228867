"""Agreed items on forms: read from the keyed rows, checked against the scheme, turned into points.

An agreement says what each indicator's levels mean, its weight, and what is expected of each competency; an appraisal gives
the level of each. Rows are keyed ``kpi.1`` … and ``competency.`` with the competency's id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from batch.components import Kpi, Rated, ability_of, competency_points, kpi_points, shown, total
from batch.core.finding import Finding, Place, finding
from batch.core.number import plain
from batch.core.period import P
from batch.core.records import Item, Reading, Row, Statement
from batch.core.value import BadValue, read_date, read_number, read_score, read_text, read_yes_no
from batch.forms.layout import ABILITY, AGREE, KPI, LEVEL, OWN, Field, Layout
from batch.scheme import CompetencyRules, KpiRules, Scheme

Where = Callable[[Row, str], Place]  # a row and a column key → the cell
Naming = Callable[[str], Any]  # a field → its title, for messages


def rules_of(scheme: Scheme) -> tuple[KpiRules | None, CompetencyRules | None]:
    """How indicators and competencies are scored under a scheme."""
    kpi = next((c.kpi for c in scheme.criteria if c.kpi), None)
    return kpi, next((c.competency for c in scheme.criteria if c.competency), None)


@dataclass(frozen=True)
class ItemReader:
    """Reads the items of one form; what is wrong is collected in ``notes``, and ``wrong`` is set."""

    scheme: Scheme
    plan: Layout
    subject: str
    where: Where
    name: Naming
    goals: Mapping[str, Any] | None  # goal → anything; None: the office has no goals workbook
    places: dict[str, Place]  # filled in: the cell of each value, by item and column

    def read(self, reading: Reading, notes: list[Finding]) -> tuple[tuple[Item, ...], bool]:
        """The items that say something, in the order of the form, and whether any can't stand."""
        agreed = _agrees(reading)
        faults: list[Finding] = []
        items: list[Item] = []
        last: Row | None = None
        for row in reading.rows:
            kind = row.key.split(".")[0]
            fields = self.plan.items.get(kind)
            if fields is None:
                continue
            cells = dict(row.cells)
            if agreed and LEVEL not in cells and OWN in cells:
                cells[LEVEL] = cells[OWN]
            values = dict(self._values(row._replace(cells=cells), kind, fields, faults))
            if values or (self.plan.bound and LEVEL in {f.column for f in fields}):
                items.append(Item(row.key, values))
            last = row if kind == KPI and values else last
        if not faults and self._agreeing:
            faults += self._agreement(items, reading, last)
        notes += faults
        return tuple(items), bool(faults)

    @property
    def _agreeing(self) -> bool:
        return any(field.column == "weight" for field in self.plan.items.get(KPI, ()))

    def _values(
        self, row: Row, kind: str, fields: Sequence[Field], faults: list[Finding]
    ) -> Iterator[tuple[str, Decimal | str]]:
        empty = not any(field.column in row.cells for field in fields)
        if empty and not any(field.column == LEVEL for field in fields):
            return  # a line that nobody used
        for field in fields:
            cell, place = row.cells.get(field.column), self.where(row, field.column)
            named = {"field": self.name(field.name)}
            if cell is None:
                if field.required:
                    faults.append(finding("value.missing", place, self.subject, **named))
                continue
            self.places[f"{row.key}.{field.name}"] = place
            try:
                if field.kind == "date":
                    yield field.name, read_date(cell).isoformat()
                else:
                    yield field.name, read_text(cell) if field.kind == "text" else self._number(kind, field, cell)
            except BadValue as err:
                faults.append(finding(err.code, place, self.subject, **{**named, **err.params}))

    def _number(self, kind: str, field: Field, cell: Any) -> Decimal:
        kpi, competency = rules_of(self.scheme)
        if field.name == "weight" and kpi:
            weight = read_score(cell, kpi.weights, 2)
            if weight == 0:
                raise BadValue("value.under-least", found=weight, least=Decimal("0.01"))
            return weight
        rules = kpi if kind == KPI else competency
        if rules is None:
            return read_number(cell)
        least = Decimal(1 if kind == KPI else 0)
        level = read_score(cell, Decimal(rules.levels), 0 if field.name == "expected" else rules.decimals)
        if level < least:
            raise BadValue("value.under-least", found=level, least=least)
        return level

    def _agreement(self, items: Sequence[Item], reading: Reading, last: Row | None) -> Iterator[Finding]:
        """How many indicators there are, what their weights sum to, which goals they serve."""
        kpi, _ = rules_of(self.scheme)
        if kpi is None:
            return
        kpis = [item for item in items if item.key.split(".")[0] == KPI]
        rows = {row.key: row for row in reading.rows}
        first = next((row for row in reading.rows if row.key.split(".")[0] == KPI), None)
        if not kpi.least <= len(kpis) <= kpi.most and first is not None:
            counts = {"found": len(kpis), "least": kpi.least, "most": kpi.most}
            yield finding("agreement.count", self.where(first, "title"), self.subject, **counts)
        summed = plain(sum((item.number("weight") or Decimal(0) for item in kpis), Decimal(0)))
        if kpis and summed != kpi.weights and last is not None:
            place = self.where(last, "weight")
            yield finding("agreement.weights", place, self.subject, found=summed, wanted=kpi.weights)
        for item in kpis if self.goals is not None else ():
            if (goal := item.text("goal")) and self.goals is not None and goal not in self.goals:
                yield finding("agreement.unknown-goal", self.where(rows[item.key], "goal"), self.subject, found=goal)


def _agrees(reading: Reading) -> bool:
    row = next((row for row in reading.rows if row.key == AGREE), None)
    try:
        return row is not None and "value" in row.cells and read_yes_no(row.cells["value"])
    except BadValue:
        return False  # said where the field itself is read


# --- points -----------------------------------------------------------------------------------------------------------


def kpis(agreement: Statement[Any], appraisal: Statement[Any] | None = None) -> list[Kpi]:
    """The agreed indicators, with the levels that an appraisal gives them."""
    given = _by_key(appraisal)
    return [
        Kpi(
            item.key,
            item.text("title"),
            item.text("goal"),
            item.text("unit"),
            tuple(item.text(name) for name in sorted(item.values, key=_target) if name.startswith("target.")),
            item.number("weight") or Decimal(0),
            given[item.key].text("result") if item.key in given else "",
            given[item.key].number(LEVEL) if item.key in given else None,
        )
        for item in agreement.items
        if item.key.split(".")[0] == KPI
    ]


def _target(name: str) -> int:
    number = name.removeprefix("target.")
    return int(number) if number.isdigit() else 0


def rated(rules: CompetencyRules, agreement: Statement[Any] | None, appraisal: Statement[Any] | None = None) -> list[Rated]:
    """The competencies, what is expected of the person, and the ratings that an appraisal gives."""
    agreed, given = _by_key(agreement), _by_key(appraisal)
    found = []
    for ability in rules.abilities:
        key = f"{ABILITY}.{ability.id}"
        expected = agreed[key].number("expected") if key in agreed else None
        rating = given[key].number(LEVEL) if key in given else None
        found.append(Rated(ability.id, expected if expected is not None else ability_of(rules, ability.id).expected, rating))
    return found


def _by_key(statement: Statement[Any] | None) -> dict[str, Item]:
    return {item.key: item for item in statement.items} if statement else {}


def lacking(scheme: Scheme, agreement: Statement[Any], appraisal: Statement[Any]) -> list[str]:
    """Keys of agreed items that an appraisal gives no level."""
    _, competency = rules_of(scheme)
    lacks = [kpi.key for kpi in kpis(agreement, appraisal) if kpi.level is None]
    if competency:
        lacks += [f"{ABILITY}.{one.key}" for one in rated(competency, agreement, appraisal) if one.rating is None]
    return lacks


def points(
    scheme: Scheme, group: str, agreement: Statement[Any], appraisal: Statement[Any]
) -> tuple[Mapping[str, Decimal], Decimal]:
    """Each criterion's points and the total of a complete appraisal (:func:`lacking` is empty)."""
    parts: dict[str, Fraction] = {}
    for criterion in scheme.criteria:
        cap = criterion.points(group)
        if criterion.kpi:
            parts[criterion.id] = kpi_points(kpis(agreement, appraisal), criterion.kpi, cap)
        elif criterion.competency:
            found = rated(criterion.competency, agreement, appraisal)
            parts[criterion.id] = competency_points(found, criterion.competency, cap)
        else:
            parts[criterion.id] = Fraction(appraisal.scores[criterion.id])
    return {key: shown(value) for key, value in parts.items()}, total(parts.values())


def with_points(scheme: Scheme, group: str, agreement: Statement[P] | None, act: Statement[P]) -> Statement[P]:
    """A complete appraisal with the points that its levels amount to; any other act as it is, as is what it says."""
    stage = scheme.stage(act.stage)
    if agreement is None or stage is None or stage.kind != "appraisal":
        return act
    return replace(act, scores=points(scheme, group, agreement, act)[0])


def changed(before: Statement[Any], after: Statement[Any]) -> list[str]:
    """Titles of the indicators that an amended agreement adds, drops or words otherwise."""
    old, new = ({item.key: item for item in statement.items} for statement in (before, after))
    keys = sorted((old.keys() | new.keys()) - {k for k in old.keys() & new.keys() if old[k].values == new[k].values})
    return [(new.get(key) or old[key]).text("title") or key.removeprefix(f"{ABILITY}.") for key in keys]
