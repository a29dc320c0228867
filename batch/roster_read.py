"""roster.xlsx → :class:`batch.roster.Roster`: faults named with sheet and cell, faulty rows set aside, the rest kept."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from batch.core.codes import CODES
from batch.core.finding import Finding, Phrase, Place, UserError, finding
from batch.core.number import places
from batch.core.records import Cell
from batch.core.text import clean, clean_id
from batch.core.value import BadValue, read_count, read_date, read_number, read_yes_no
from batch.files import sha256
from batch.roster import Mark, Pay, Person, Roster, Span, Unit
from batch.scheme import Scheme
from batch.sheet.cells import column_letters
from batch.sheet.package import Unreadable
from batch.sheet.read import Table, read_workbook

COLUMNS = {
    "people": ("staff_id", "name", "role", "position", "unit_id", "supervisor_id", "email", "start", "end"),
    "units": ("unit_id", "name", "kind", "parent_id", "head_id", "leader_id"),
    "delegations": ("from_id", "to_id", "start", "end", "reason"),
    "leave": ("staff_id", "start", "end", "kind"),
    "calendar": ("date", "kind", "name"),
    "conduct": ("staff_id", "date", "kind", "count"),
}
_PAY = ("level", "salary", "position_no", "probation", "appointed", "retires")
_MAY_LACK = dict.fromkeys(("units", "goals", "products"), ("start", "end"))  # columns a sheet may have or not
_MAY_BE_MISSING = ("conduct",)  # sheets that an office needs only for the salary increase
_CODE = re.compile(r"[^\W_][\w.-]{0,39}")  # a code names folders and files; the program's own folders begin with _
_OPTIONAL = {"position", "supervisor_id", "email", "end", "parent_id", "head_id", "leader_id", "reason", "count", *_PAY}
EVER = dt.date(1900, 1, 1)
FILE = "roster.xlsx"


class SetAside(Exception):
    """This row can't be used; its finding is already noted."""


@dataclass
class Line:
    """One data row of a sheet with column keys, read cell by cell, noting faults as it goes."""

    file: str
    sheet_key: str
    sheet: str
    number: int
    columns: Mapping[str, int]
    cells: Mapping[str, Cell]
    notes: list[Finding]

    def place(self, column: str) -> Place:
        """Where a cell of this row is."""
        return Place(self.file, self.sheet, f"{column_letters(self.columns[column])}{self.number}")

    def fault(self, code: str, at: str, /, **params: object) -> None:
        """Note a finding at a cell of this row."""
        self.notes.append(finding(code, self.place(at), "", **params))

    def text(self, column: str) -> str:
        """A cleaned text; what must be there and isn't sets the row aside."""
        cell = self.cells.get(column)
        value = clean(cell.text) if cell else ""
        if not value and column not in _OPTIONAL:
            self.fault("roster.missing-value", column, column=column)
            raise SetAside
        return value

    def maybe(self, column: str) -> str:
        """A cleaned text, '' where the cell or the whole column is missing."""
        cell = self.cells.get(column)
        return clean(cell.text) if cell else ""

    def code(self, column: str) -> str:
        """A code: text without spaces that may name a folder."""
        value = clean_id(self.text(column))
        if value and not _CODE.fullmatch(value):
            self.fault("roster.bad-code", column, found=value)
            raise SetAside
        cell = self.cells.get(column)
        if cell and cell.kind == "n":
            self.fault("roster.not-text", column, found=value)
        return value

    def day(self, column: str) -> dt.date | None:
        """A date, or None where the column or its cell is empty."""
        if column not in self.columns or not self.text(column):
            return None
        try:
            return read_date(self.cells[column])
        except BadValue as err:
            self.fault("roster.bad-date", column, **err.params)
            raise SetAside from err

    def span(self) -> tuple[dt.date, dt.date]:
        """First and last day; an open end is the end of time."""
        start = (self.day("start") if "start" in self.cells or self.sheet_key not in _MAY_LACK else None) or EVER
        end = self.day("end") or dt.date.max
        if end < start:
            self.fault("roster.date-order", "end")
            raise SetAside
        return start, end

    def one_of(self, column: str, known: Iterable[str]) -> str:
        """A word of a list."""
        value = self.text(column).casefold()
        if value not in known:
            self.fault("roster.unknown-kind", column, found=value, known=", ".join(known))
            raise SetAside
        return value


def load_roster(path: Path, scheme: Scheme) -> tuple[Roster, list[Finding], str]:
    """Read and check the roster: (roster, findings, SHA-256 of the file).

    Raises :class:`UserError` if the workbook, a sheet or a column is missing.
    """
    tables, digest = open_tables(path)
    notes: list[Finding] = []
    sheets = [sheet for sheet in COLUMNS if sheet in tables or sheet not in _MAY_BE_MISSING]
    lines = {sheet: list(read_lines(tables, sheet, COLUMNS[sheet], path, notes)) for sheet in sheets}
    people, person_lines = _people(lines["people"])
    units, unit_lines = _units(lines["units"])
    staff = {p.staff_id for p in people}
    roster = Roster(
        spells=tuple(people),
        unit_rows=tuple(units),
        delegations=tuple(_delegations(lines["delegations"], staff)),
        leave=tuple(_leave(lines["leave"], staff)),
        calendar=_calendar(lines["calendar"]),
        conduct=tuple(_conduct(lines["conduct"], staff)) if "conduct" in lines else None,
    )
    unit_ids = {unit.unit_id for unit in units}
    _check_people(person_lines, unit_ids, staff, scheme)
    _check_units(unit_lines, unit_ids, staff, scheme)
    _check_delegations(roster, lines["delegations"])
    _check_circles(person_lines, unit_lines)
    return roster, notes, digest


def open_tables(
    path: Path, missing: str = "roster.missing", unreadable: str = "roster.unreadable"
) -> tuple[dict[str, Table], str]:
    """The sheets of an office's workbook by folded name, and the SHA-256 of the file. Raises :class:`UserError`."""
    try:
        data = path.read_bytes()
        return {clean(table.name).casefold(): table for table in read_workbook(data)}, sha256(data)
    except FileNotFoundError as err:
        raise UserError(missing, Place(str(path))) from err
    except OSError as err:
        raise UserError(unreadable, Place(str(path)), problem=err.strerror or str(err)) from err
    except Unreadable as err:
        problem = err.params.get("problem") or Phrase(CODES[err.code].message)
        raise UserError(unreadable, Place(str(path)), problem=problem) from err


def read_lines(
    tables: Mapping[str, Table], sheet: str, wanted: Sequence[str], path: Path, notes: list[Finding]
) -> Iterable[Line]:
    """Data rows of a sheet that has the columns ``wanted``: keys in row 1, labels in row 2, data from row 3."""
    if sheet not in tables:
        raise UserError("roster.missing-sheet", Place(str(path), sheet), sheet=sheet)
    table = tables[sheet]
    keys = [clean_id(str(value)).casefold() for value in (table.rows[0] if table.rows else [])]
    columns = {key: n for n, key in enumerate(keys) if key}
    for column in wanted:
        if column not in columns:
            raise UserError("roster.missing-column", Place(str(path), sheet, "A1"), column=column)
    for row in range(2, len(table.rows)):
        found = {key: cell for key, n in columns.items() if (cell := table.cell(row, n)) and clean(cell.text)}
        if any(column in found for column in wanted):
            yield Line(path.name, sheet, table.name, row + 1, columns, found, notes)


def _people(lines: Iterable[Line]) -> tuple[list[Person], list[tuple[Person, Line]]]:
    people: list[Person] = []
    kept: list[tuple[Person, Line]] = []
    spells: dict[str, list[Person]] = {}
    for line in lines:
        try:
            start, end = line.span()
            person = Person(
                staff_id=line.code("staff_id"),
                name=line.text("name"),
                role=line.text("role"),
                position=line.text("position"),
                unit_id=line.code("unit_id"),
                supervisor_id=line.code("supervisor_id"),
                email=line.text("email"),
                start=start,
                end=None if end == dt.date.max else end,
                place=line.place("staff_id"),
                pay=_pay(line),
            )
            for other in spells.get(person.staff_id, ()):
                if other.start <= end and (other.end or dt.date.max) >= start:
                    line.notes.append(finding("roster.overlap", person.place, person.staff_id, other=other.place.cell))
                    raise SetAside
        except SetAside:
            continue
        people.append(person)
        spells.setdefault(person.staff_id, []).append(person)
        kept.append((person, line))
    return people, kept


def _units(lines: Iterable[Line]) -> tuple[list[Unit], list[tuple[Unit, Line]]]:
    units: list[Unit] = []
    kept: list[tuple[Unit, Line]] = []
    for line in lines:
        try:
            start, end = line.span()
            unit = Unit(
                unit_id=line.code("unit_id"),
                name=line.text("name"),
                kind=line.text("kind").casefold(),
                parent_id=line.code("parent_id"),
                head_id=line.code("head_id"),
                leader_id=line.code("leader_id"),
                start=start,
                end=None if end == dt.date.max else end,
                place=line.place("unit_id"),
            )
        except SetAside:
            continue
        same = (u for u in units if u.unit_id == unit.unit_id and u.start <= end and (u.end or dt.date.max) >= start)
        if other := next(same, None):
            line.fault("roster.unit-twice", "unit_id", found=unit.unit_id, other=other.place.cell)
            continue
        units.append(unit)
        kept.append((unit, line))
    return units, kept


def _delegations(lines: Iterable[Line], staff: set[str]) -> Iterable[Span]:
    for line in lines:
        try:
            start, end = line.span()
            who, to = known_person(line, "from_id", staff), known_person(line, "to_id", staff)
            yield Span(who, start, end, line.text("reason"), to, line.place("from_id"))
        except SetAside:
            continue


def _leave(lines: Iterable[Line], staff: set[str]) -> Iterable[Span]:
    for line in lines:
        try:
            start, end = line.span()
            who = known_person(line, "staff_id", staff)
            yield Span(who, start, end, line.text("kind"), place=line.place("staff_id"))
        except SetAside:
            continue


def _pay(line: Line) -> Pay | None:
    """The pay columns of a row. What is wrong is said, and leaves that value empty: the person still counts elsewhere."""
    level, salary = line.cells.get("level"), line.cells.get("salary")
    if level is None and salary is None:
        return None
    for column, cell in (("level", level), ("salary", salary)):
        if cell is None and column in line.columns:
            line.fault("roster.missing-pay", column, column=column)
    return Pay(
        level=clean(level.text) if level else "",
        salary=_salary(line, salary),
        position_no=clean(number.text) if (number := line.cells.get("position_no")) else "",
        probation=_marked(line, "probation"),
        appointed=line.day("appointed"),
        retires=_marked(line, "retires"),
    )


def _salary(line: Line, cell: Cell | None) -> Decimal | None:
    try:
        value = read_number(cell) if cell else None
        if value is not None and (value <= 0 or places(value) > 2):
            raise BadValue("roster.bad-salary", found=value)
    except BadValue as err:
        line.fault("roster.bad-salary", "salary", found=err.params["found"])
        return None
    return value


def _marked(line: Line, column: str) -> bool:
    cell = line.cells.get(column)
    try:
        return cell is not None and read_yes_no(cell)
    except BadValue as err:
        line.fault("roster.unknown-kind", column, found=err.params["found"], known="yes, no")
        raise SetAside from err


def _conduct(lines: Iterable[Line], staff: set[str]) -> Iterable[Mark]:
    for line in lines:
        try:
            who, kind, day = known_person(line, "staff_id", staff), line.text("kind"), line.day("date")
            count = line.cells.get("count")
            if day is None:
                line.fault("roster.missing-value", "date", column="date")
                continue
            yield Mark(who, day, kind, int(read_count(count)) if count else 1, line.place("staff_id"))
        except BadValue as err:
            line.fault("roster.bad-count", "count", found=err.params["found"])
        except SetAside:
            continue


def known_person(line: Line, column: str, staff: set[str]) -> str:
    """A staff code of the roster; any other sets the row aside."""
    value = line.code(column)
    if value not in staff:
        line.fault("roster.unknown-person", column, found=value)
        raise SetAside
    return value


def _calendar(lines: Iterable[Line]) -> dict[dt.date, tuple[str, str]]:
    days: dict[dt.date, tuple[str, str]] = {}
    for line in lines:
        try:
            day = line.day("date")
            if day:
                days[day] = (line.one_of("kind", ("holiday", "working")), line.text("name"))
        except SetAside:
            continue
    return days


def _check_people(kept: list[tuple[Person, Line]], units: set[str], staff: set[str], scheme: Scheme) -> None:
    known_roles = ", ".join(role.id for role in scheme.roles)
    for person, line in kept:
        if person.unit_id not in units:
            line.fault("roster.unknown-unit", "unit_id", found=person.unit_id)
        role = scheme.role(person.role)
        if role is None:
            line.fault("roster.unknown-role", "role", found=person.role, known=known_roles)
        if person.supervisor_id and person.supervisor_id not in staff:
            line.fault("roster.unknown-person", "supervisor_id", found=person.supervisor_id)
        elif not person.supervisor_id and role and role.authority:
            line.notes.append(finding("roster.no-supervisor", line.place("supervisor_id"), person.staff_id))


def _check_units(kept: list[tuple[Unit, Line]], units: set[str], staff: set[str], scheme: Scheme) -> None:
    kinds = sorted({kind for authority in scheme.authority for kind in authority.unit_kinds})
    for unit, line in kept:
        if kinds and unit.kind not in kinds:
            line.fault("roster.kind-without-authority", "kind", found=unit.kind, known=", ".join(kinds))
        if unit.parent_id and unit.parent_id not in units:
            line.fault("roster.unknown-unit", "parent_id", found=unit.parent_id)
        for column, holder in (("head_id", unit.head_id), ("leader_id", unit.leader_id)):
            if holder and holder not in staff:
                line.fault("roster.unknown-person", column, found=holder)


def _check_delegations(roster: Roster, lines: Iterable[Line]) -> None:
    """Two people acting for one on the same day: the first row holds, and that is said."""
    for n, later in enumerate(roster.delegations):
        for earlier in roster.delegations[:n]:
            if (
                earlier.who == later.who
                and earlier.start <= later.end
                and later.start <= earlier.end
                and earlier.to != later.to
            ):
                rows = [line for line in lines if clean_id(line.cells["from_id"].text) == later.who]
                place = rows[-1].place("from_id")
                rows[-1].notes.append(finding("roster.delegations-overlap", place, later.who, first=earlier.to))


def _check_circles(people: list[tuple[Person, Line]], units: list[tuple[Unit, Line]]) -> None:
    """Each circle is reported once, at its first row; of several spells of a person the latest speaks."""
    latest: dict[str, tuple[Person, Line]] = {}
    for person, line in sorted(people, key=lambda pair: pair[0].start):
        latest[person.staff_id] = (person, line)
    above = {person.staff_id: latest[person.staff_id][0].supervisor_id for person, _ in people}
    for circle in circles(above):
        line = latest[circle[0]][1]
        line.fault("roster.supervisor-loop", "supervisor_id", chain=" → ".join([*circle, circle[0]]))
    parents = {unit.unit_id: unit.parent_id for unit, _ in units}
    for circle in circles(parents):
        line = next(line for unit, line in units if unit.unit_id == circle[0])
        line.fault("roster.unit-loop", "parent_id", chain=" → ".join([*circle, circle[0]]))


def circles(above: Mapping[str, str]) -> Iterable[list[str]]:
    """Circles in a 'who is above whom' map, each from its first member in the map's order."""
    done: set[str] = set()
    for start in above:
        path: list[str] = []
        node = start
        while node in above and node not in done and node not in path:
            path.append(node)
            node = above[node]
        if node in path:
            yield path[path.index(node) :]
        done.update(path)
