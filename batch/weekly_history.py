"""The weekly results of an office, read out of the OUT of its weekly evaluation as evidence for a longer period.

Nothing is taken that can't be relied on: a week's results count as its manifest lists them, and that as it was sealed.
People are who their codes say. What is wrong costs its own row or week, and is said.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path

from batch.core.finding import Finding, Place, UserError, finding
from batch.core.period import Round, Week
from batch.core.records import STATES, History
from batch.core.text import clean_id
from batch.files import sha256
from batch.outbox import MANIFEST, OUTBOX, read_listing
from batch.rollups import shown
from batch.roster import Roster
from batch.scheme import Scheme
from batch.seals import read_seals
from batch.sheet.cells import column_letters

RESULTS = "results.csv"
_COLUMNS = ("period", "staff_id", "name", "state", "total", "band", "meeting_required", "scheme")


@dataclass(frozen=True)
class Histories:
    """``people``: the history of everybody named in a week's results, by staff_id; ``sources``: the files that were gone by,
    name → SHA-256.
    """

    people: Mapping[str, History] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Result:
    """A person's row in a week's results; ``flags``: those that are set."""

    state: str
    total: Decimal | None
    band: str
    flags: frozenset[str]
    failed_again: bool


def read_histories(out: Path, named: str, scheme: Scheme, period: Round, roster: Roster) -> Histories:
    """What the weeks of a round came to, by the results in ``out``, which messages call ``named``; ``scheme``: their rules.

    A week belongs to the round as it does to a roll-up: to the one month with most of its working days, unless the weekly
    scheme says otherwise. Weeks that have no working day, or no results yet, are no fault.
    """
    if not (out / OUTBOX).is_dir():
        return Histories(findings=(finding("history.no-out", Place("office.toml"), found=named),))
    by = scheme.rollup.weeks_by if scheme.rollup else "working-days"
    weeks = [week for week in period.weeks(roster.working_days, by) if roster.working_days(week)]
    reader = _Reader(out, named, scheme, roster)
    results: dict[str, dict[Week, _Result]] = {}
    for week in weeks:
        for staff_id, result in reader.read(week).items():
            results.setdefault(staff_id, {})[week] = result
    people = {staff_id: _history(found, len(weeks), scheme) for staff_id, found in results.items()}
    return Histories(people, tuple(dict.fromkeys(reader.findings)), reader.sources)


def digest(out: Path) -> str:
    """A digest of all weekly results in ``out``, and of what they are checked against."""
    files = [path for path in sorted((out / OUTBOX).glob("*-W*/*")) if path.name in (MANIFEST, RESULTS)]
    facts = [[path.relative_to(out).as_posix(), sha256(_bytes(path))] for path in files]
    return sha256(json.dumps([facts, _sealed(out)]).encode())


class _Reader:
    """Reads week after week; what is wrong is collected in ``findings``, what was gone by in ``sources``."""

    def __init__(self, out: Path, named: str, scheme: Scheme, roster: Roster) -> None:
        self._out, self._named, self._scheme, self._roster = out, named.rstrip("/"), scheme, roster
        self._sealed = _sealed(out)
        self._strangers: set[str] = set()
        self.findings: list[Finding] = []
        self.sources: dict[str, str] = {}

    def read(self, week: Week) -> dict[str, _Result]:
        """A week's results by staff_id; empty if there are none, or none that can be relied on."""
        data = self._published(week)
        if data is None:
            return {}
        place = self._place(week, RESULTS)
        try:
            table = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
        except (UnicodeDecodeError, csv.Error):
            return self._refuse("history.changed", week, RESULTS)
        head = table[0] if table else []
        if lacking := [column for column in _COLUMNS if column not in head]:
            return self._refuse("history.columns", week, RESULTS, found=", ".join(lacking))
        rows = [(n, dict(zip(head, (_plain(cell) for cell in row), strict=False))) for n, row in enumerate(table[1:], 2)]
        if other := sorted({row.get("scheme", "") for _, row in rows} - {self._scheme.id}):
            return self._refuse("history.other-scheme", week, RESULTS, found=other[0], known=self._scheme.id)
        self.sources[str(place)] = sha256(data)
        return self._results(week, head, rows)

    def _published(self, week: Week) -> bytes | None:
        """The results as the weekly run wrote them; None if there are none, or others, which is then said."""
        folder = self._out / OUTBOX / str(week)
        results, manifest = folder / RESULTS, folder / MANIFEST
        if not results.exists() and not manifest.exists():
            return None
        listing = read_listing(manifest)
        if listing.unfinished:
            self._refuse("history.unfinished", week, MANIFEST)
            return None
        if self._sealed is not None and self._sealed.get(f"{week}/{MANIFEST}") != sha256(_bytes(manifest)):
            self._refuse("history.changed", week, MANIFEST)
            return None
        data, wanted = _bytes(results), listing.outputs.get(RESULTS)
        if wanted is None and not results.exists():
            return None  # forms were issued, and nothing has been run yet
        if sha256(data) != wanted:
            self._refuse("history.changed", week, RESULTS)
            return None
        return data

    def _results(self, week: Week, head: Sequence[str], rows: Sequence[tuple[int, Mapping[str, str]]]) -> dict[str, _Result]:
        found: dict[str, _Result] = {}
        twice: set[str] = set()
        for number, row in rows:

            def cell(column: str, number: int = number) -> Place:
                return self._place(week, RESULTS, f"{column_letters(head.index(column))}{number}")

            staff_id = clean_id(row.get("staff_id", ""))
            if wrong := next(self._wrong(week, staff_id, row), None):
                params = {"week": week, "column": wrong, "found": row.get(wrong, "")}
                self.findings.append(finding("history.bad-row", cell(wrong), staff_id, **params))
                continue
            if staff_id in found:
                self.findings.append(finding("history.row-twice", cell("staff_id"), staff_id, week=week))
                twice.add(staff_id)
            self._confirm(staff_id, row["name"], cell("name"))
            set_here = {flag.id for flag in self._scheme.answered_flags if row.get(flag.id) == "yes"}
            set_here |= {flag.id for flag in self._scheme.flags if flag.band and flag.band == row["band"]}
            total = Decimal(row["total"]) if row["total"] else None
            found[staff_id] = _Result(
                row["state"], total, row["band"], frozenset(set_here), row["meeting_required"] == "yes"
            )
        return {staff_id: result for staff_id, result in found.items() if staff_id not in twice}

    def _wrong(self, week: Week, staff_id: str, row: Mapping[str, str]) -> Iterator[str]:
        """The columns of a row that can't be right."""
        if not staff_id:
            yield "staff_id"
        if row.get("period") != str(week):
            yield "period"
        if row.get("state") not in STATES:
            yield "state"
        total, bands = _number(row.get("total", "")), {band.id for band in self._scheme.bands}
        if (row.get("total") or row.get("state") == "approved") and not (
            total is not None and 0 <= total <= self._scheme.cap
        ):
            yield "total"
        if (row.get("band") or row.get("state") == "approved") and row.get("band") not in bands:
            yield "band"
        if row.get("meeting_required") not in ("yes", "no"):
            yield "meeting_required"

    def _confirm(self, staff_id: str, name: str, place: Place) -> None:
        """People are who their codes say; another name beside the code is pointed out, once."""
        if self._roster.knows(staff_id) and not self._roster.has_name(staff_id, name) and staff_id not in self._strangers:
            self._strangers.add(staff_id)
            names = {"found": name, "name": self._roster.name(staff_id)}
            self.findings.append(finding("history.name-differs", place, staff_id, **names))

    def _place(self, week: Week, file: str, cell: str = "") -> Place:
        return Place(f"{self._named}/{OUTBOX}/{week}/{file}", "", cell)

    def _refuse(self, code: str, week: Week, file: str, **params: str) -> dict[str, _Result]:
        self.findings.append(finding(code, self._place(week, file), week=week, **params))
        return {}


def _history(results: Mapping[Week, _Result], weeks: int, scheme: Scheme) -> History:
    """The summary of a person's weeks; only approved ones are counted."""
    approved = {week: result for week, result in results.items() if result.state == "approved"}
    totals = [result.total for result in approved.values() if result.total is not None]
    mean = Fraction(sum(totals, Decimal(0))) / len(totals) if totals else None
    return History(
        weeks=weeks,
        rated=len(totals),
        excused=sum(result.state == "excused" for result in results.values()),
        mean=None if mean is None else shown(mean, scheme),
        lowest=min(totals, default=None),
        highest=max(totals, default=None),
        bands=tuple((band.titles, sum(r.band == band.id for r in approved.values())) for band in scheme.bands),
        marks=tuple(
            (flag.titles, tuple(week for week, result in approved.items() if flag.id in result.flags))
            for flag in scheme.flags
        ),
        failures=tuple(week for week, result in approved.items() if result.failed_again),
    )


def _sealed(out: Path) -> Mapping[str, str] | None:
    """The hashes of the manifests as the weekly runs noted them; None where nothing is noted, as in a copied outbox."""
    try:
        seals = read_seals(out)
    except UserError:
        return {}  # what can't be read vouches for nothing
    return seals.lists if seals else None


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _plain(cell: str) -> str:
    """A cell as it was before it was made safe for spreadsheets (:func:`batch.outbox.table_csv`)."""
    return cell.removeprefix("'")


def _number(text: str) -> Decimal | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None
