"""Builds sample_input/vn-weekly through the real flow: it is what an office would really have on its disk.

    python -m tests.sample.build roster     only roster.xlsx, office.toml and the demo key
    python -m tests.sample.build catalogue  only catalogue.xlsx
    python -m tests.sample.build            all: issue, fill, run, review, run, approve, run, week by week

Forms are found in the outbox and filled by their hidden map, never by position; a fifth of them passes
through LibreOffice. Last, everything is run once more from scratch, and both outcomes are held against
expected.csv.
"""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import openpyxl
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from tests.sample import catalogue
from tests.sample import scenario as sc

ROOT = Path(__file__).resolve().parents[2]
OFFICE = ROOT / "sample_input" / "vn-weekly"
INBOX = OFFICE / "inbox"
VIETNAM = timezone(timedelta(hours=7))
LIMIT = 6_000_000  # bytes that a clone may have to carry

OFFICE_TOML = """\
# Văn phòng mẫu (hư cấu): mọi tên người, đơn vị và địa danh trong thư mục này đều do tưởng tượng.
name = "Ban Tổ chức – Văn phòng mẫu"
scheme = "vn-weekly"
language = "vi"
timezone = "Asia/Ho_Chi_Minh"
key = "demo.key"  # a demo key, known to everybody: a real office leaves this line out and gets its own
allow_blank_self = false
header_left = ["CƠ QUAN MẪU (HƯ CẤU)", "BAN TỔ CHỨC – VĂN PHÒNG MẪU"]
header_right = ["ĐẢNG CỘNG SẢN VIỆT NAM"]
"""
DEMO_KEY = "DEMO-KEY-NOT-SECRET-sample-office-vn-weekly-0123456789abcdef\n"

# --- the roster ---------------------------------------------------------------------------------------------

HEADS: dict[str, dict[str, tuple[str, int]]] = {  # sheet → key → (label, width)
    "people": {
        "staff_id": ("Mã cán bộ", 12),
        "name": ("Họ và tên", 26),
        "role": ("Nhóm chức vụ (mã)", 28),
        "position": ("Chức vụ", 30),
        "unit_id": ("Mã đơn vị", 12),
        "supervisor_id": ("Người trực tiếp sử dụng", 16),
        "email": ("Thư điện tử", 30),
        "start": ("Từ ngày", 13),
        "end": ("Đến ngày", 13),
        "phone": ("Điện thoại (chương trình bỏ qua)", 20),
    },
    "units": {
        "unit_id": ("Mã đơn vị", 12),
        "name": ("Tên đơn vị", 30),
        "kind": ("Loại (mã)", 14),
        "parent_id": ("Thuộc đơn vị", 14),
        "head_id": ("Người đứng đầu", 16),
        "leader_id": ("Lãnh đạo Ban phụ trách", 18),
    },
    "delegations": {
        "from_id": ("Người ủy quyền", 16),
        "to_id": ("Người được ủy quyền", 18),
        "start": ("Từ ngày", 13),
        "end": ("Đến ngày", 13),
        "reason": ("Lý do", 48),
    },
    "leave": {
        "staff_id": ("Mã cán bộ", 12),
        "start": ("Từ ngày", 13),
        "end": ("Đến ngày", 13),
        "kind": ("Loại nghỉ", 22),
    },
    "calendar": {"date": ("Ngày", 13), "kind": ("Loại (holiday | working)", 22), "name": ("Nội dung", 48)},
}
_LINE = Side(style="thin", color="FFB7B7B7")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)


def _typed(text: str) -> date | str | None:
    """A real date for an ISO text; dd/mm/yyyy stays the text a person typed; empty is an empty cell."""
    if len(text) == 10 and text[4] == "-":
        return date.fromisoformat(text)
    return text or None


def _people() -> Iterable[tuple[object, ...]]:
    for n, s in enumerate(sc.SPELLS):
        began = s.start
        if not began:  # an old date, now and then written as text
            day = date(sc.pick(range(2012, 2024), "year", s.staff_id), sc.pick(range(1, 13), "month", s.staff_id), 1)
            began = day.strftime("%d/%m/%Y") if n % 9 == 4 else day.isoformat()
        mail = ".".join(sc.plain(s.name).lower().split()) + f".{s.staff_id}@vanphongmau.example"
        yield (
            s.staff_id,
            s.name,
            s.role,
            s.position,
            s.unit_id,
            s.supervisor_id or None,
            mail,
            _typed(began),
            _typed(s.end),
            f"0900 000 {100 + n}",
        )


def _fill_sheet(ws: Worksheet, heads: Mapping[str, tuple[str, int]], rows: Iterable[tuple[object, ...]]) -> None:
    for col, (key, (label, width)) in enumerate(heads.items(), 1):
        ws.cell(1, col, key).font = Font(name="Times New Roman", size=9, italic=True, color="FF808080")
        head = ws.cell(2, col, label)
        head.font = Font(name="Times New Roman", size=12, bold=True, color="FFFFFFFF")
        head.fill = PatternFill("solid", fgColor="FF8B1A1A")
        head.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        ws.column_dimensions[get_column_letter(col)].width = width
    ws.row_dimensions[2].height = 36
    last = 2
    for last, row in enumerate(rows, 3):
        for col, value in enumerate(row, 1):
            cell = ws.cell(last, col)
            cell.value = value  # type: ignore[assignment]
            cell.font, cell.border = Font(name="Times New Roman", size=12), _BOX
            cell.number_format = "dd/mm/yyyy" if isinstance(value, date) else "General" if isinstance(value, float) else "@"
    ws.freeze_panes = "C3" if ws.title == "people" else "A3"
    ws.auto_filter.ref = f"A2:{get_column_letter(len(heads))}{last}"
    ws.page_setup.orientation, ws.page_setup.paperSize, ws.page_setup.fitToHeight = "landscape", 9, 0
    ws.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    ws.print_title_rows = "2:2"


def write_roster() -> None:
    """roster.xlsx, office.toml and the demo key."""
    OFFICE.mkdir(parents=True, exist_ok=True)
    rows: dict[str, Iterable[tuple[object, ...]]] = {
        "people": _people(),
        "units": [tuple(value or None for value in unit) for unit in sc.UNITS],
        "delegations": [(a, b, _typed(start), _typed(end), why) for a, b, start, end, why in sc.DELEGATIONS],
        "leave": [(who, _typed(start), _typed(end), kind) for who, start, end, kind in sc.LEAVE],
        "calendar": [(_typed(day), kind, name) for day, kind, name in sc.CALENDAR],
    }
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, heads in HEADS.items():
        _fill_sheet(book.create_sheet(title), heads, rows[title])
    book.properties.creator = "Văn phòng mẫu"
    book.save(OFFICE / "roster.xlsx")
    (OFFICE / "office.toml").write_text(OFFICE_TOML, encoding="utf-8")
    (OFFICE / "demo.key").write_text(DEMO_KEY, encoding="utf-8")


def write_catalogue() -> None:
    """catalogue.xlsx: the standard products."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "products"
    _fill_sheet(sheet, catalogue.HEADS, [(*row[:5], float(row[5]), *row[6:]) for row in catalogue.ROWS])
    book.properties.creator = "Văn phòng mẫu"
    book.save(OFFICE / "catalogue.xlsx")


# --- one workbook -------------------------------------------------------------------------------------------


class Form:
    """An issued workbook, addressed by its hidden map: row 1 holds column keys, column A row keys."""

    def __init__(self, path: Path) -> None:
        """Reads the map once; rows and columns stay where they are while it is filled."""
        self.path = path
        self.book = openpyxl.load_workbook(path)
        self.sheet = self.book.worksheets[0]
        if self.sheet["A1"].value != "#key":
            raise SystemExit(f"{path}: A1 is not '#key'")
        self.columns = {key: cell.column for cell in self.sheet[1][1:] if cell.value for key in str(cell.value).split()}
        self.rows = {str(c.value): c.row for c in self.sheet["A"][1:] if c.value not in (None, "")}

    @property
    def people(self) -> list[str]:
        """Row keys that are staff codes."""
        return [key for key in self.rows if key in sc.EVALUATED]

    def put(self, row: str, column: str, value: object) -> None:
        """Types a value where the map says; numbers stay exact, dates look like dates."""
        cell = self.sheet.cell(self.rows[row], self.columns[column])
        if isinstance(value, Decimal):
            value = Decimal(sc.number(value))
        cell.value = value  # type: ignore[assignment]
        if isinstance(value, date):
            cell.number_format = "dd/mm/yyyy"

    def choose(self, row: str, column: str, nth: int, otherwise: tuple[str, ...]) -> None:
        """Picks the nth entry of the column's drop-down, as a person would, whatever the words are."""
        cell = self.sheet.cell(self.rows[row], self.columns[column])
        words = otherwise
        for rule in self.sheet.data_validations.dataValidation:
            formula = str(rule.formula1 or "")
            here = any(area.min_col <= cell.column <= area.max_col for area in rule.sqref.ranges)
            if rule.type == "list" and formula.startswith('"') and here:
                words = tuple(formula.strip('"').split(","))
        cell.value = words[nth]

    def yes_no(self, row: str, column: str, value: bool) -> None:
        """A yes or a no."""
        self.choose(row, column, 0 if value else 1, ("Có", "Không"))

    def save(self, name: str) -> Path:
        """Saves it below the inbox under a name as people choose it; never over another file."""
        target = INBOX / f"{name}.xlsx"
        if target.exists():
            raise SystemExit(f"two files would be called {target.name}")
        target.parent.mkdir(parents=True, exist_ok=True)
        self.book.save(target)
        return target


def fill_self(form: Form, report: sc.SelfReport) -> None:
    """The self form: name if retyped, tasks, scores, texts."""
    if report.typed_name:
        form.put("identity.name", "value", report.typed_name)
    for n, task in enumerate(report.tasks, 1):
        row = f"task.{n}"
        values = {
            "task": task.task,
            "product": task.product,
            "quantity": task.quantity,
            "complexity": task.complexity,
            "due": task.due,
            "done": task.done,
            "outcome": task.outcome,
            "reason": task.reason or None,
        }
        for column, value in values.items():
            form.put(row, column, value)
        form.yes_no(row, "key_task", task.key_task)
    for criterion, score in zip(sc.CRITERIA, report.scores, strict=True):
        form.put(f"score.{criterion}", "self", score)
    for row, text in report.notes.items():
        form.put(row, "note", text)
    for row, text in report.texts.items():
        form.put(row, "value", text)


def fill_review(form: Form, staff_id: str, review: sc.Review) -> None:
    """One row of a review sheet."""
    for criterion, score in zip(sc.CRITERIA, review.scores, strict=True):
        form.put(staff_id, f"score.{criterion}", score)
    form.yes_no(staff_id, "key_task_failed", review.key_task_failed)
    form.yes_no(staff_id, "discipline_breach", review.discipline_breach)
    form.put(staff_id, "comment", review.comment)


def fill_approval(form: Form, staff_id: str, approval: sc.Approval) -> None:
    """One row of an approval sheet."""
    nth = ("approve", "adjust", "return").index(approval.decision)
    form.choose(staff_id, "decision", nth, ("Phê duyệt", "Điều chỉnh", "Trả lại"))
    for criterion, score in zip(sc.CRITERIA, approval.scores or (), strict=approval.scores is not None):
        form.put(staff_id, f"score.{criterion}", score)
    if approval.reason:
        form.put(staff_id, "reason", approval.reason)


def add_foreign_row(form: Form, other: Form, staff_id: str) -> None:
    """Copies a person's row out of another approver's sheet to the bottom of this one, with hidden cells."""
    at = form.sheet.max_row + 1
    form.sheet.cell(at, 1, staff_id)
    for key, column in other.columns.items():
        if key in form.columns:
            form.sheet.cell(at, form.columns[key]).value = other.sheet.cell(other.rows[staff_id], column).value
    form.rows[staff_id] = at


# --- LibreOffice --------------------------------------------------------------------------------------------


class Resaver:
    """Passes every fifth file through LibreOffice, many in one call, with a profile of its own."""

    def __init__(self, scratch: Path) -> None:
        """The count runs on through all weeks, so that it is a fifth of everything."""
        self.scratch = scratch / "resave"
        self.seen = 0

    def fifth(self, paths: Iterable[Path]) -> None:
        """Re-saves every fifth of all files that ever came by."""
        chosen = []
        for path in paths:
            self.seen += 1
            if self.seen % 5 == 0:
                chosen.append(path)
        self.convert(chosen, "xlsx")

    def convert(self, paths: list[Path], kind: str) -> None:
        """Replaces each file by what LibreOffice makes of it."""
        if not paths:
            return
        source, result = self.scratch / "in", self.scratch / "out"
        for folder in (source, result):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        names = {path: f"{n:03}{path.suffix}" for n, path in enumerate(paths)}
        for path, name in names.items():
            shutil.copyfile(path, source / name)
        command = ["soffice", f"-env:UserInstallation={(self.scratch / 'profile').as_uri()}", "--headless"]
        command += [
            "--convert-to",
            kind,
            "--outdir",
            str(result),
            *(str(source / name) for name in names.values()),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=600)
        for path, name in names.items():
            made = result / f"{Path(name).stem}.{kind}"
            if not made.exists():
                raise SystemExit(f"LibreOffice did not re-save {path.name}")
            path.unlink()
            shutil.move(made, path.with_suffix(f".{kind}"))


# --- the flow -----------------------------------------------------------------------------------------------


class Flow:
    """One office through five weeks: the command line on one side, people filling forms on the other."""

    def __init__(self, scratch: Path) -> None:
        """Troubles are collected, so that one build shows them all."""
        self.scratch = scratch
        self.out = scratch / "out"
        self.resaver = Resaver(scratch)
        self.troubles: list[str] = []

    def appraise(self, *words: str, now: datetime, out: Path | None = None) -> None:
        """Calls the command line as a user would."""
        command = [
            sys.executable,
            "-m",
            "batch",
            *words,
            "--office",
            str(OFFICE),
            "--out",
            str(out or self.out),
        ]
        done = subprocess.run([*command, "--now", now.isoformat()], cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{' '.join(words)}: exit {done.returncode}\n{done.stdout}{done.stderr}")

    def form(self, kind: str, week: str, staff_id: str) -> Form | None:
        """The newest form of a kind in somebody's outbox."""
        found = list((self.out / "outbox" / week / "for" / staff_id).glob(f"{kind}-{week}-{staff_id}*.xlsx"))
        return Form(max(found, key=lambda p: (p.stat().st_mtime_ns, p.name))) if found else None

    def sheets(self, kind: str, week: str) -> dict[str, Form]:
        """All review or approval sheets in the outbox, by addressee."""
        folder = self.out / "outbox" / week / "for"
        forms = {person.name: self.form(kind, week, person.name) for person in sorted(folder.iterdir())}
        return {staff_id: form for staff_id, form in forms.items() if form}

    def self_forms(self, week: str) -> None:
        """Everybody writes; the special deliveries are made after the re-saving."""
        made: dict[tuple[str, int], Path] = {}
        for staff_id in sc.EVALUATED:
            key = (week, staff_id)
            for version in (1, 2) if key in sc.SECOND_VERSION else (1,):
                report = sc.self_report(staff_id, week, version)
                if report is None:
                    continue
                form = self.form("self", week, sc.ON_A_COLLEAGUES_FORM.get(key, staff_id))
                if form is None:
                    self.troubles.append(f"{week}: no self form for {staff_id}")
                    continue
                fill_self(form, report)
                if key in sc.ON_A_COLLEAGUES_FORM:
                    form.put("identity.staff_id", "value", staff_id)
                extra = sc.RESENT if key in sc.TRUNCATED else sc.SECOND if version == 2 else ""
                made[staff_id, version] = form.save(sc.file_name("self", staff_id, week, extra))
        special = {staff_id for when, staff_id in sc.COPIED | sc.TRUNCATED | sc.AS_ODS if when == week}
        self.resaver.fifth(path for (staff_id, _), path in made.items() if staff_id not in special)
        for (staff_id, _), path in made.items():
            if (week, staff_id) in sc.AS_ODS:
                self.resaver.convert([path], "ods")
            if (week, staff_id) in sc.COPIED:
                shutil.copyfile(path, INBOX / (sc.file_name("self", staff_id, week, sc.COPY) + ".xlsx"))
            if (week, staff_id) in sc.TRUNCATED:
                whole = path.read_bytes()
                broken = INBOX / (sc.file_name("self", staff_id, week) + ".xlsx")
                broken.write_bytes(whole[: len(whole) * 11 // 20])

    def unit_forms(self, week: str) -> None:
        """The units' heads report; in the last week one of them has not yet."""
        made = []
        for path in sorted((self.out / "outbox" / week / "for").glob("*/unit-*.xlsx")):
            unit_id = path.stem.rpartition("-")[2]
            if (week, unit_id) in sc.SILENT_UNITS:
                continue
            form, report = Form(path), sc.unit_report(unit_id, week)
            for row, value in report.counts.items():
                form.put(row, "value", value)
            for criterion, score in zip(sc.CRITERIA, report.scores, strict=True):
                form.put(f"score.{criterion}", "self", score)
            for row, text in report.texts.items():
                form.put(row, "value", text)
            made.append(form.save(f"{week}/Tập thể/Báo cáo tập thể {unit_id} tuần {week[-2:]}"))
        self.resaver.fifth(made)

    def meetings(self, week: str) -> None:
        """Records of the meetings that the week before called for, but for the one still open at the end."""
        before = sc.WEEKS[sc.WEEKS.index(week) - 1] if week != sc.WEEKS[0] else ""
        for path in sorted((self.out / "outbox" / before / "for").glob(f"*/meeting-{before}-*.xlsx")) if before else ():
            staff_id = path.stem.rpartition("-")[2]
            if (before, staff_id) in sc.MEETINGS_OPEN:
                continue
            form = Form(path)
            for row, value in sc.meeting_record(before).items():
                form.put(row, "value", value)
            form.save(f"{week}/Biên bản/Biên bản làm việc {staff_id} (tuần {before[-2:]})")

    def reviews(self, week: str, wanted: Mapping[str, sc.Review], extra: str = "") -> None:
        """Supervisors fill the rows wanted, in whatever sheets the run wrote for them."""
        done: set[str] = set()
        made = []
        for addressee, form in self.sheets("review", week).items():
            rows = [p for p in form.people if p in wanted and p not in done]
            if not rows or (week, addressee) in sc.SILENT_REVIEWERS:
                continue
            for staff_id in rows:
                fill_review(form, staff_id, wanted[staff_id])
            done.update(rows)
            made.append(form.save(sc.file_name("review", addressee, week, extra)))
        self.resaver.fifth(made)
        self.troubles += [f"{week}: nobody has a review sheet with {p}" for p in sorted(set(wanted) - done)]

    def approvals(self, week: str, wanted: Mapping[str, sc.Approval], extra: str = "") -> None:
        """Approvers decide the rows wanted."""
        done: set[str] = set()
        made = []
        sheets = self.sheets("approval", week)
        for addressee, form in sheets.items():
            rows = [p for p in form.people if p in wanted and p not in done]
            if not rows or (week, addressee) in sc.SILENT_APPROVERS:
                continue
            for staff_id in rows:
                fill_approval(form, staff_id, wanted[staff_id])
            for unit in (row for row in form.rows if row.startswith("unit:")):
                fill_approval(form, unit, sc.Approval("approve"))
            done.update(rows)
            foreign = sc.FOREIGN_ROW.get((week, addressee)) if not extra else None
            if foreign:
                staff_id, approval = foreign
                owner = next(f for f in sheets.values() if staff_id in f.people and f is not form)
                add_foreign_row(form, Form(owner.path), staff_id)
                fill_approval(form, staff_id, approval)
            made.append(form.save(sc.file_name("approval", addressee, week, extra)))
        self.resaver.fifth(made)
        self.troubles += [f"{week}: nobody has an approval sheet with {p}" for p in sorted(set(wanted) - done)]

    def late_reviews(self, week: str, late: Mapping[str, sc.Review], first: Mapping[str, sc.Review], now: datetime) -> None:
        """After approval a supervisor asks for the sheet again; one row changes, the others stay."""
        for staff_id, review in late.items():
            supervisor = sc.spell(staff_id, week).supervisor_id
            self.appraise("issue", week, "--form", "review", "--for", supervisor, "--again", now=now)
            form = self.form("review", week, supervisor)
            if form is None or staff_id not in form.people:
                self.troubles.append(f"{week}: no second review sheet of {supervisor} with {staff_id}")
                continue
            for person in form.people:
                if person in first:
                    fill_review(form, person, review if person == staff_id else first[person])
            form.save(sc.file_name("review", supervisor, week, sc.CORRECTED))

    def week(self, week: str) -> None:
        """One week, from the issue on Thursday to the last correction on the Tuesday after."""

        def at(days: int, hour: int) -> datetime:
            return datetime.combine(sc.MONDAY[week] + timedelta(days=days), time(hour), VIETNAM)

        def here(table: Mapping[tuple[str, str], object]) -> list[str]:
            return [staff_id for when, staff_id in table if when == week]

        self.appraise("issue", week, now=at(3, 8))
        self.self_forms(week)
        self.unit_forms(week)
        self.meetings(week)
        self.appraise("run", week, now=at(4, 16))
        first = {p: r for p in sc.EVALUATED if (r := sc.review_of(p, week))}
        self.reviews(week, first)
        self.appraise("run", week, now=at(5, 9))
        decided = {p: sc.approval_of(p, week) for p in first if (week, p) not in sc.NOT_APPROVABLE}
        self.approvals(week, decided)
        self.appraise("run", week, now=at(7, 9))
        if again := {p: sc.SECOND_REVIEW[week, p] for p in here(sc.SECOND_REVIEW)}:
            self.reviews(week, again, sc.REGRADED)
            self.appraise("run", week, now=at(7, 15))
            self.approvals(week, {p: sc.Approval("approve") for p in again}, sc.REAPPROVED)
            self.appraise("run", week, now=at(8, 9))
        if late := {p: sc.LATE_REVIEW[week, p] for p in here(sc.LATE_REVIEW)}:
            self.late_reviews(week, late, first, at(8, 14))
            self.appraise("run", week, now=at(8, 15))


# --- what came of it ----------------------------------------------------------------------------------------


def read_csv(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file, with or without BOM."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def compare(out: Path, what: str) -> list[str]:
    """Where results.csv of all weeks differs from the table reasoned by hand; numbers as numbers."""
    got = {
        (row["period"], row["staff_id"]): row for week in sc.WEEKS for row in read_csv(out / "outbox" / week / "results.csv")
    }
    wanted = {(row["period"], row["staff_id"]): row for row in read_csv(Path(__file__).with_name("expected.csv"))}
    wrong = [f"{what}: {key} {'missing' if key in wanted else 'unexpected'}" for key in sorted(wanted.keys() ^ got.keys())]
    for key in sorted(wanted.keys() & got.keys()):
        for column, value in wanted[key].items():
            have = got[key].get(column, value)
            if column in ("quality", "progress", "conduct", "total") and value and have:
                same = Decimal(value) == Decimal(have)
            else:
                same = value == have
            if column != "why" and not same:
                wrong.append(f"{what}: {key} {column} is {have!r}, expected {value!r} ({wanted[key]['why']})")
    return wrong


def main() -> int:
    """Builds the sample; 1 when something did not come out as reasoned."""
    if sys.argv[1:] == ["catalogue"]:
        write_catalogue()
        return 0
    write_roster()
    if sys.argv[1:] == ["roster"]:
        return 0
    write_catalogue()
    shutil.rmtree(INBOX, ignore_errors=True)
    INBOX.mkdir()
    flow = Flow(Path(sys.argv[1]) if sys.argv[1:] else Path(tempfile.mkdtemp(prefix="sample-")))
    shutil.rmtree(flow.out, ignore_errors=True)
    for week in sc.WEEKS:
        flow.week(week)
        print(week, "built")
    last = datetime.combine(sc.MONDAY[sc.WEEKS[-1]] + timedelta(days=8), time(15), VIETNAM)
    flow.appraise("run", now=last)
    scratch_out = flow.scratch / "from-scratch"
    shutil.rmtree(scratch_out, ignore_errors=True)
    flow.appraise("run", now=last, out=scratch_out)
    wrong = flow.troubles + compare(flow.out, "step by step") + compare(scratch_out, "from scratch")
    files = [path for path in OFFICE.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    if size >= LIMIT:
        wrong.append(f"the sample weighs {size:,} bytes")
    print(*wrong, f"{len(files)} files, {size:,} bytes, {len(wrong)} troubles", sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
