"""Workbooks, rosters and filled forms for tests, from little text tables."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from batch.core.finding import Finding
from batch.core.period import Week
from batch.core.records import Reading, Receipt
from batch.files import resource, sha256
from batch.forms.extract import read_form
from batch.forms.issue import Issuer
from batch.forms.token import Keys
from batch.i18n import Speaker
from batch.roster import Office, Roster
from batch.roster_read import load_roster
from batch.scheme import Scheme, load_scheme
from batch.validate import Attempt, Judged, Rules, judge

KEYS = Keys(["test-key"])
RECEIVED = "2025-06-06T16:00+07:00"

PEOPLE = """
    staff_id | name             | role                       | position     | unit_id | supervisor_id | email | start      | end
    L1       | Mai Thế Dương    | commission_leader          | Phó Trưởng   | BAN     |               |       | 2020-01-01 |
    D1       | Trần Thị Hoà     | department_director        | Vụ trưởng    | VU      | L1            |       | 2020-01-01 |
    P1       | Lê Văn Đức       | deputy_department_director | Phó          | VU      | D1            |       | 2020-01-01 |
    T1       | Phạm Minh Ánh    | division_head              | Trưởng phòng | PH      | P1            |       | 2020-01-01 |
    C1       | Nguyễn Văn An    | civil_servant              | Chuyên viên  | PH      | T1            |       | 2020-01-01 |
    C2       | Nguyễn Thị Bình  | civil_servant              | Chuyên viên  | PH      | T1            |       | 2020-01-01 |
"""
UNITS = """
    unit_id | name    | kind       | parent_id | head_id | leader_id
    BAN     | Ban     | commission |           | L1      | L1
    VU      | Vụ      | department | BAN       | D1      | L1
    PH      | Phòng   | division   | VU        | T1      |
"""
DELEGATIONS = "from_id | to_id | start | end | reason"
LEAVE = "staff_id | start | end | kind"
CALENDAR = "date | kind | name"


def shows_evenly(sheet: Worksheet) -> None:
    """Each column of scores, quantities or percentages shows one number of decimals, and with these every number exactly."""
    for at, column in enumerate(sheet.iter_cols(), 1):
        numbers = [(c.value, c.number_format) for c in column if isinstance(c.value, (int, float))]
        shown = [(value, shape.partition(".")[2]) for value, shape in numbers if "–" not in shape and "%" not in shape]
        shapes = {decimals for _, decimals in shown}
        assert len(shapes) <= 1 and "#" not in "".join(shapes), (sheet.title, at, shapes)
        hidden = [value for value, decimals in shown if abs(value - round(value, len(decimals))) > 1e-9]
        assert hidden == [], (sheet.title, at)


def table(text: str) -> list[list[str]]:
    """The cells of a ``|``-separated text table, trimmed."""
    return [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]


def roster_book(
    people: str = PEOPLE,
    units: str = UNITS,
    delegations: str = DELEGATIONS,
    leave: str = LEAVE,
    calendar: str = CALENDAR,
) -> openpyxl.Workbook:
    """A roster workbook: keys in row 1, labels in row 2, data from row 3; all cells text."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    sheets = {"people": people, "units": units, "delegations": delegations, "leave": leave, "calendar": calendar}
    for name, text in sheets.items():
        sheet = book.create_sheet(name)
        keys, *rows = table(text)
        for values in ([*keys], [f"Nhãn {key}" for key in keys], *rows):
            sheet.append([value or None for value in values])
    return book


def read_roster(book: openpyxl.Workbook, folder: Path, scheme: Scheme | None = None) -> tuple[Roster, list[Finding]]:
    """The roster of a workbook, through the file."""
    path = folder / "roster.xlsx"
    book.save(path)
    roster, findings, _ = load_roster(path, scheme or weekly())
    return roster, findings


def roster_of(folder: Path, **sheets: str) -> Roster:
    """The roster of text tables that must hold no fault."""
    roster, findings = read_roster(roster_book(**sheets), folder)
    assert findings == []
    return roster


def weekly() -> Scheme:
    """The shipped weekly scheme."""
    return load_scheme("vn-weekly", Path())


def scheme_text() -> str:
    """The shipped weekly scheme as an office would copy it."""
    return resource("schemes", "vn-weekly.toml").read_text(encoding="utf-8")


def rules_of(roster: Roster, scheme: Scheme | None = None) -> Rules:
    """What forms of a test office are judged by."""
    return Rules(Office(name="Ban mẫu"), scheme or weekly(), roster, KEYS)


def issuer_of(rules: Rules, folder: Path, lang: str = "vi") -> Issuer:
    """The writer of a test office's forms."""
    return Issuer(folder, rules.office, rules.scheme, rules.roster, rules.keys, Speaker(lang))


def receive(data: bytes, name: str = "form.xlsx", run: int = 1) -> Receipt:
    """A form's bytes as received."""
    return Receipt(sha256(data), name, len(data), RECEIVED, run, read_form(data))


def judge_bytes(data: bytes, rules: Rules) -> Judged:
    """A form's bytes judged."""
    return judge(receive(data), rules)


def statements(judged: Judged) -> dict[str, Attempt]:
    """Attempts by subject; a subject may stand once."""
    by_subject = {attempt.subject: attempt for attempt in judged.attempts}
    assert len(by_subject) == len(judged.attempts)
    return by_subject


# --- forms in openpyxl -------------------------------------------------------------------------------------------


def opened(data: bytes) -> openpyxl.Workbook:
    """The workbook in bytes."""
    return openpyxl.load_workbook(io.BytesIO(data), rich_text=True)


def saved(book: openpyxl.Workbook) -> bytes:
    """The bytes of a workbook."""
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def form_sheet(book: openpyxl.Workbook) -> Worksheet:
    """The visible sheet of a form."""
    return next(sheet for sheet in book.worksheets if sheet.sheet_state == "visible")


def corner(sheet: Worksheet) -> tuple[int, int]:
    """Row and column of the mark where the hidden map begins."""
    return next(
        (c.row, c.column) for row in sheet.iter_rows() for c in row if c.value == "#key" and isinstance(c.column, int)
    )


def column_of(sheet: Worksheet, key: str) -> int:
    """The column that carries a column key."""
    key_row, _ = corner(sheet)
    return next(n for n in range(1, sheet.max_column + 1) if key in str(sheet.cell(key_row, n).value or "").split())


def row_of(sheet: Worksheet, key: str) -> int:
    """The row that carries a row key."""
    _, key_column = corner(sheet)
    return next(n for n in range(1, sheet.max_row + 1) if str(sheet.cell(n, key_column).value or "") == key)


def put(sheet: Worksheet, row: str, column: str, value: object) -> None:
    """Fill one field of a form, found by its keys."""
    sheet.cell(row_of(sheet, row), column_of(sheet, column)).value = value  # type: ignore[assignment]


def filled(data: bytes, values: Mapping[tuple[str, str], object]) -> bytes:
    """A form with fields filled in: (row key, column key) → value."""
    book = opened(data)
    for (row, column), value in values.items():
        put(form_sheet(book), row, column, value)
    return saved(book)


def self_values(quality: object, progress: object, conduct: object, **more: object) -> dict[tuple[str, str], object]:
    """What a person writes into a self form."""
    return {
        ("score.quality", "self"): quality,
        ("score.progress", "self"): progress,
        ("score.conduct", "self"): conduct,
        ("text.summary", "value"): "Đã xong hai báo cáo",
        ("text.obstacles", "value"): "Phần mềm chậm",
        ("task.1", "task"): "Báo cáo tuần",
        ("task.1", "key_task"): "Có",
        ("task.1", "quantity"): 2,
        ("task.1", "due"): dt.date(2025, 6, 5),
        ("task.2", "task"): "Thẩm định hồ sơ",
        ("task.2", "key_task"): "Không",
        **{tuple(key.split("__")): value for key, value in more.items()},  # type: ignore[misc]
    }


def review_values(people: Mapping[str, Sequence[object]]) -> dict[tuple[str, str], object]:
    """What a supervisor writes: staff_id → (quality, progress, conduct, key task failed, discipline breached)."""
    keys = ("score.quality", "score.progress", "score.conduct", "key_task_failed", "discipline_breach")
    return {(who, key): value for who, values in people.items() for key, value in zip(keys, values, strict=False)}


def readings_agree(one: Reading, other: Reading) -> bool:
    """Whether two readings say the same, wherever it stands."""
    return one.content == other.content and one.header == other.header


def weeks_from(first: Week) -> Iterator[Week]:
    """The week and all after it."""
    while True:
        yield first
        first = first.plus(1)


def places(findings: Sequence[Finding]) -> list[tuple[str, str, str]]:
    """(code, sheet, cell) of findings, in order."""
    return sorted((f.code, f.place.sheet, f.place.cell) for f in findings)


def params(finding: Finding) -> dict[str, Any]:
    """A finding's particulars by name."""
    return dict(finding.params)


def laid(folder: Path, files: Iterable[bytes]) -> list[Path]:
    """Files with these contents in a folder."""
    paths = []
    for n, data in enumerate(files):
        paths.append(folder / f"{n}.bin")
        paths[-1].write_bytes(data)
    return paths
