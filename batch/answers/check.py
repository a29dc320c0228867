"""Filled forms looked at before they are sent: what would be read from them, or what is wrong in which cell.

Needs the office (roster, scheme, key) and no ledger; whatever depends on other people's forms is left to the run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from batch.assess import assess
from batch.core.codes import CODES
from batch.core.finding import Finding, Place, UserError, finding
from batch.core.number import plain
from batch.core.period import Week
from batch.core.records import Statement, as_json
from batch.files import sha256
from batch.forms.layout import layout
from batch.forms.token import Keys, key_path
from batch.i18n import Speaker
from batch.inbox import receipt_of
from batch.readers import Answer, read_files
from batch.roster import load_office
from batch.roster_read import load_roster
from batch.scheme import load_scheme
from batch.validate import Judged, Rules, judge

_RECEIVED = "2000-01-01T00:00+00:00"  # not received yet: before every deadline
_JOBS = 2
_LATER = frozenset({"approval.early", "act.early", "act.stale"})  # depends on what others have sent


@dataclass(frozen=True)
class Line:
    """What a form says about one person; ``band`` is the level of the scores written, if all are there."""

    staff_id: str
    name: str
    scores: dict[str, Decimal]
    total: Decimal | None
    band: str
    decision: str
    tasks: int


@dataclass(frozen=True)
class Checked:
    """One file: whose form of which week, what was read, what was found. ``blank``: rows nobody wrote in yet."""

    file: str
    form: str
    author: str
    author_name: str
    week: Week | None
    lines: tuple[Line, ...]
    blank: int
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> int:
        """How many findings keep something from counting."""
        return sum(CODES[f.code].severity == "error" for f in self.findings)


def open_rules(folder: Path, out: Path) -> Rules:
    """What forms are judged by. Raises :class:`UserError` if the office or its key can't be read."""
    office = load_office(folder)
    scheme = load_scheme(office.scheme, folder)
    roster, _, _ = load_roster(folder / "roster.xlsx", scheme)
    return Rules(office, scheme, roster, Keys.load(key_path(folder, office, out)))


def check(paths: Sequence[Path], rules: Rules) -> list[Checked]:
    """Look at each file by itself. Raises :class:`UserError` (``use.no-file``) before any is read if one isn't there."""
    for path in paths:
        if not path.is_file():
            raise UserError("use.no-file", Place(str(path)))
    most = rules.office.max_file_mb * 1024 * 1024
    files = {path: path.read_bytes() for path in paths if path.stat().st_size <= most}
    with TemporaryDirectory() as aside:  # a form may change meanwhile: what is told is what was read
        copies = [Path(aside, str(n)) for n in range(len(files))]
        for copy, data in zip(copies, files.values(), strict=True):
            copy.write_bytes(data)
        answers = dict(zip(files, read_files(copies, _JOBS, rules.office.file_seconds), strict=True))
    too_large = Answer(None, "file.too-large")
    return [_check(path, files.get(path, b""), answers.get(path, too_large), rules) for path in paths]


def _check(path: Path, data: bytes, answer: Answer, rules: Rules) -> Checked:
    """One file, read as the inbox would take it in, but for the ledger."""
    judged = judge(receipt_of(path.name, sha256(data), len(data), _RECEIVED, 0, answer), rules)
    reading = judged.receipt.reading
    header = reading.header if reading else {}
    form = judged.attempts[0].stage if judged.attempts else header.get("form", "")
    author = judged.attempts[0].author if judged.attempts else header.get("addressee", "")
    statements = [a.statement for a in judged.attempts if a.statement]
    return Checked(
        file=str(path),
        form=form,
        author=author,
        author_name=rules.roster.name(author) if author else "",
        week=judged.period,
        lines=tuple(_line(statement, rules) for statement in statements),
        blank=_blank(judged, form, rules),
        findings=_findings(judged, rules),
    )


def _findings(judged: Judged, rules: Rules) -> tuple[Finding, ...]:
    """Everything found in the file itself, and whether its author may speak about the people in it."""
    found = set(judged.findings)
    if judged.period and judged.attempts:
        week = assess(judged.period, [judged], rules)
        found |= {f for f in week.findings if f.place.file == judged.receipt.name and f.code not in _LATER}
        found |= {f for attempt in judged.attempts for f in attempt.findings}
    elif judged.receipt.reading and not found:
        found.add(finding("form.nothing-filled", Place(judged.receipt.name, judged.receipt.reading.sheet)))
    return tuple(sorted(found, key=Finding.sort_key))


def _line(statement: Statement, rules: Rules) -> Line:
    scheme = rules.scheme
    complete = all(c.id in statement.scores for c in scheme.criteria)
    total = plain(sum(statement.scores.values(), Decimal(0))) if complete else None
    return Line(
        staff_id=statement.subject,
        name=rules.roster.name(statement.subject),
        scores=dict(statement.scores),
        total=total,
        band=scheme.band_of(total).id if total is not None else "",
        decision=statement.decision,
        tasks=len(statement.tasks),
    )


def _blank(judged: Judged, form: str, rules: Rules) -> int:
    """People on a sheet about whom nothing was written."""
    plan, reading = layout(rules.scheme, form), judged.receipt.reading
    if plan is None or reading is None or not plan.per_person:
        return 0
    said = {attempt.subject for attempt in judged.attempts}
    return len({row.key for row in reading.rows if rules.roster.knows(row.key)} - said)


def as_data(checked: Sequence[Checked], say: Speaker) -> list[dict[str, Any]]:
    """The answer as plain JSON types; keys are stable."""
    return [
        {
            "file": one.file,
            "sound": one.errors == 0,
            "form": one.form,
            "author_id": one.author,
            "author": one.author_name,
            "period": str(one.week) if one.week else "",
            "people": [as_json(line) for line in one.lines],
            "blank": one.blank,
            "findings": [finding_data(f, say) for f in one.findings],
        }
        for one in checked
    ]


def finding_data(found: Finding, say: Speaker) -> dict[str, str]:
    """A finding with the keys of findings.csv."""
    place = found.place
    return {
        "severity": say.severity(found),
        "code": found.code,
        "file": place.file,
        "sheet": place.sheet,
        "cell": place.cell,
        "staff_id": found.staff_id,
        "message": say.message(found),
        "remedy": say.remedy(found),
    }
