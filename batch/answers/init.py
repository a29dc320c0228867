"""A new office, ready to fill in: office.toml with comments, roster.xlsx with its five sheets, an empty catalogue and inbox.

The data areas are left empty, so that nobody and nothing invented is ever counted; what to write stands beside each table,
in a column the program passes over, with an example.
"""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range_abs
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from batch.catalogue_read import FILE as CATALOGUE
from batch.catalogue_read import SHEET as PRODUCTS
from batch.collective import UNIT
from batch.core.finding import Place, UserError
from batch.files import write_file
from batch.i18n import Speaker
from batch.meetings import MEETING
from batch.scheme import Scheme, load_scheme

_SCHEME = "vn-weekly"
_ZONES = {"vi": "Asia/Ho_Chi_Minh", "th": "Asia/Bangkok", "en": "Asia/Ho_Chi_Minh"}
_CREATED = dt.datetime(2025, 6, 1)  # no clock in any file
_ROWS = 2000  # prepared for typing
_RULED = 40  # rows that show lines
_INK, _MUTED, _LINE, _HEAD, _NEED, _FILL = "#1A1A1A", "#5F6670", "#B8BEC6", "#EEF1F5", "#D5E0EC", "#FFFBEA"

_TEXT, _DAY, _FREE = "text", "day", "free"  # how a column is typed: a code (kept as text), a date, anything
_WORDS = "words"  # a drop-down of the codes beside the table: only they are allowed


@dataclass(frozen=True)
class _Column:
    """A column of a roster sheet; ``choices``: a formula or list for a drop-down, or _WORDS."""

    key: str
    label: str
    width: int
    kind: str = _FREE
    required: bool = False
    choices: str | tuple[str, ...] = ()


@dataclass(frozen=True)
class _Sheet:
    """A roster sheet: its columns, what to say beside it, an example row, and words whose meaning is listed there."""

    key: str
    columns: tuple[_Column, ...]
    help: tuple[str, ...]
    example: tuple[str, ...]
    words: tuple[tuple[str, str], ...] = ()


def init(folder: Path, lang: str) -> list[Path]:
    """Make the office and return what was written. Raises ``use.not-empty`` rather than touch anything that is there."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError("use.not-empty", Place(str(folder)))
    say = Speaker(lang)
    scheme = load_scheme(_SCHEME, folder)
    inbox = folder / "inbox"
    inbox.mkdir(parents=True, exist_ok=True)
    files = {
        folder / "office.toml": settings(say).encode(),
        folder / "roster.xlsx": roster(scheme, say),
        folder / CATALOGUE: catalogue(scheme, say),
    }
    for path, data in files.items():
        write_file(path, data)
    return [*files, inbox]


def settings(say: Speaker) -> str:
    """office.toml, every line explained."""

    def text(value: str) -> str:
        return json.dumps(value, ensure_ascii=False)

    return "\n".join(
        (
            f"# {say('Settings of the office. Lines that begin with # are explanations; the program passes over them.')}",
            "",
            f"# {say('The name of the office, as it stands on papers.')}",
            f"name = {text(say('Name of the office'))}",
            "",
            f"# {say('The language of forms, messages and reports: vi, th or en.')}",
            f'language = "{say.lang}"',
            "",
            f"# {say('The rules of evaluation: a shipped scheme, or your own copy beside this file, such as ours.toml.')}",
            f'scheme = "{_SCHEME}"',
            "",
            f"# {say('Where the office is, for the time at which forms are received.')}",
            f'timezone = "{_ZONES[say.lang]}"',
            "",
            f"# {say('The lines over every paper, left and right; as many as you like.')}",
            f"header_left = [{text(say('SUPERIOR BODY'))}, {text(say('NAME OF THE OFFICE'))}]",
            f"header_right = [{text(say('MOTTO OR PARTY HEADER'))}]",
            "",
            f"# {say('Whether a form without the signature of the office is accepted as a self-report: true or false.')}",
            "allow_blank_self = false",
            "",
            f"# {say('The largest file taken in, in megabytes.')}",
            "max_file_mb = 20",
            "",
            f"# {say('The longest that one file may take to read, in seconds.')}",
            "file_seconds = 20",
            "",
            f"# {say('By when each form has to come: the day, counted from the Monday of the week, and the time.')}",
            f"# {say('Day 5 is that Friday, day 8 the Monday after. What comes later counts, and is reported as late.')}",
            f"# {say('Take the # away before a line to use it; this table stays at the end of the file.')}",
            "[deadlines]",
            *(f'# {key} = "{when}"  # {title}' for key, when, title in _deadlines(load_scheme(_SCHEME, Path()), say)),
            "",
        )
    )


def _deadlines(scheme: Scheme, say: Speaker) -> list[tuple[str, str, str]]:
    """The forms that a deadline may be set for, with a usual one and their titles."""
    own, review, approval = (stage.id for stage in scheme.stages)
    usual = {own: "5 17:00", UNIT: "5 17:00", review: "8 12:00", approval: "9 17:00", MEETING: "12 17:00"}
    return [(form, when, scheme.form_title(form, say.lang)) for form, when in usual.items()]


def roster(scheme: Scheme, say: Speaker) -> bytes:
    """roster.xlsx without anybody in it."""
    return _book(say("People and units of the office"), _sheets(scheme, say), say)


def catalogue(scheme: Scheme, say: Speaker) -> bytes:
    """catalogue.xlsx without any product in it."""
    sheet = _Sheet(
        PRODUCTS,
        (
            _Column("product_id", say("Product code"), 13, _TEXT, True),
            _Column("name", say("Product"), 34, _FREE, True),
            _Column("aliases", say("Other names, with ; between them"), 36),
            _Column("unit", say("Unit of count"), 14),
            _Column("group", say("Complexity group"), 12, _FREE, False, tuple(scheme.statistics.groups)),
            _Column("coefficient", say("Coefficient"), 12, _FREE, True),
            _Column("version", say("Version"), 12),
            _Column("start", say("From"), 13, _DAY),
            _Column("end", say("To"), 13, _DAY),
        ),
        (
            say(
                "One row for each standard product; begin in row 3. Without any row, the coefficients on the forms are used."
            ),
            say("People's products are found by name or another name, letter for letter but for capitals and spaces."),
            say("The coefficient says what one is worth beside a product of coefficient 1, such as 1.5."),
            say("A new coefficient: write the last day in the old row, and add a second row with the same product code."),
        ),
        ("BC01", say("Summary report"), say("Weekly report; Monthly report"), say("report"), "N3", "1.5", "2025", "", ""),
    )
    return _book(say("Catalogue of standard products"), (sheet,), say)


def _book(title: str, sheets: Iterable[_Sheet], say: Speaker) -> bytes:
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(target, options) as book:
        book.set_properties({"title": title, "created": _CREATED})
        writer = _Writer(book, say)
        for sheet in sheets:
            writer.add(sheet)
    return target.getvalue()


def _sheets(scheme: Scheme, say: Speaker) -> tuple[_Sheet, ...]:
    """The five sheets, as :mod:`batch.roster_read` reads them."""
    kinds = tuple(dict.fromkeys(kind for authority in scheme.authority for kind in authority.unit_kinds))
    kind_names = {
        "department": say("Department (Vụ)"),
        "bureau": say("Bureau (Cục)"),
        "office": say("Commission's Office"),
        "division": say("Division within a unit"),
        "commission": say("The Commission itself: its leaders"),
    }
    staff, units = _list_of("people"), _list_of("units")
    start, end = say("From"), say("To")
    leaves = (say("annual leave"), say("sick leave"), say("maternity leave"), say("unpaid leave"))
    people = _Sheet(
        "people",
        (
            _Column("staff_id", say("Staff code"), 13, _TEXT, True),
            _Column("name", say("Full name"), 25, _FREE, True),
            _Column("role", say("Role (code)"), 25, _FREE, True, _WORDS),
            _Column("position", say("Position"), 22),
            _Column("unit_id", say("Unit code"), 13, _TEXT, True, units),
            _Column("supervisor_id", say("Code of the direct supervisor"), 17, _TEXT, False, staff),
            _Column("email", say("E-mail"), 24),
            _Column("start", start, 13, _DAY, True),
            _Column("end", end, 13, _DAY),
        ),
        (
            say("One row for each person; begin in row 3. Leave row 1 as it is: the program finds the columns by it."),
            say("The role decides who approves; choose it from the list (codes below)."),
            say("The supervisor's code is needed for everybody who is evaluated. People may stand in any order."),
            say("A transfer: write the last day in the old row, and add a second row with the same staff code."),
        ),
        ("0101", "Nguyễn Văn An", "civil_servant", say("Specialist"), "V1", "0100", "an@example.org", "01/06/2025", ""),
        tuple((role.id, role.name(say.lang)) for role in scheme.roles),
    )
    unit_sheet = _Sheet(
        "units",
        (
            _Column("unit_id", say("Unit code"), 13, _TEXT, True),
            _Column("name", say("Name of the unit"), 34, _FREE, True),
            _Column("kind", say("Kind (code)"), 16, _FREE, True, _WORDS),
            _Column("parent_id", say("Belongs to unit"), 13, _TEXT, False, units),
            _Column("head_id", say("Code of the head"), 15, _TEXT, False, staff),
            _Column("leader_id", say("Code of the leader in charge"), 17, _TEXT, False, staff),
            _Column("start", start, 13, _DAY),
            _Column("end", end, 13, _DAY),
        ),
        (
            say("One row for each unit, the whole office first; begin in row 3."),
            say("The head approves the unit's people; the leader in charge approves the head."),
            say("A new head or leader: write the last day in the old row, and add a second row with the same unit code."),
        ),
        ("V1", say("First department"), "department", say("OFFICE"), "0100", "0001", "", ""),
        tuple((kind, kind_names.get(kind, kind)) for kind in kinds),
    )
    delegations = _Sheet(
        "delegations",
        (
            _Column("from_id", say("Code of who is absent"), 17, _TEXT, True, staff),
            _Column("to_id", say("Code of who acts for them"), 17, _TEXT, True, staff),
            _Column("start", start, 13, _DAY, True),
            _Column("end", end, 13, _DAY),
            _Column("reason", say("Reason"), 40),
        ),
        (say("Who acts as reviewer or approver for whom, from which day to which. Nobody decides about themself."),),
        ("0100", "0102", "09/06/2025", "13/06/2025", say("on a mission")),
    )
    leave = _Sheet(
        "leave",
        (
            _Column("staff_id", say("Staff code"), 13, _TEXT, True, staff),
            _Column("start", start, 13, _DAY, True),
            _Column("end", end, 13, _DAY),
            _Column("kind", say("Kind of leave"), 28, _FREE, True, leaves),
        ),
        (say("Who is on leave on every working day of a week is not evaluated in that week."),),
        ("0101", "16/06/2025", "20/06/2025", leaves[0]),
    )
    calendar = _Sheet(
        "calendar",
        (
            _Column("date", say("Date"), 13, _DAY, True),
            _Column("kind", say("Kind (code)"), 16, _FREE, True, _WORDS),
            _Column("name", say("Occasion"), 44, _FREE, True),
        ),
        (say("Days that differ from Monday to Friday: public holidays, and Saturdays worked instead."),),
        ("02/09/2025", "holiday", say("National Day")),
        (("holiday", say("no work on this day")), ("working", say("work on this day, although it is a weekend"))),
    )
    return people, unit_sheet, delegations, leave, calendar


def _list_of(sheet: str) -> str:
    """The codes typed into the first column of another sheet, as a drop-down's source."""
    return f"=OFFSET({sheet}!$A$3,0,0,MAX(1,COUNTA({sheet}!$A$3:$A${_ROWS})),1)"


class _Writer:
    """Writes the sheets in one look."""

    def __init__(self, book: Workbook, say: Speaker) -> None:
        self.book = book
        self.say = say
        base = {"font_name": "Times New Roman", "font_size": 12, "font_color": _INK, "valign": "vcenter"}

        def style(**more: Any) -> Any:
            return book.add_format({**base, **more})

        cell = {"border": 1, "border_color": _LINE, "valign": "top"}
        self.key = style(font_size=9, font_color=_MUTED, italic=True)
        self.label = style(bold=True, bg_color=_HEAD, border=1, border_color=_LINE, text_wrap=True, align="center")
        self.needed = style(bold=True, bg_color=_NEED, border=1, border_color=_LINE, text_wrap=True, align="center")
        self.open = {_TEXT: style(num_format="@"), _DAY: style(num_format="dd/mm/yyyy", align="center"), _FREE: style()}
        self.ruled = {
            _TEXT: style(num_format="@", **cell),
            _DAY: style(num_format="dd/mm/yyyy", align="center", **cell),
            _FREE: style(text_wrap=True, **cell),
        }
        self.lack = book.add_format({"bg_color": "#F8D7D3"})
        self.title = style(bold=True, font_size=13)
        self.note = style(text_wrap=True, valign="top", bg_color=_FILL)
        self.code = style(font_name="Consolas", font_size=10, bg_color=_FILL)
        self.meaning = style(bg_color=_FILL)
        self.strong = style(bold=True, bg_color=_FILL)

    def add(self, plan: _Sheet) -> None:
        """One sheet: keys, labels, room to type, help beside it."""
        sheet: Worksheet = self.book.add_worksheet(plan.key)
        sheet.hide_gridlines(2)
        sheet.freeze_panes(2, 2)
        sheet.set_default_row(19)
        sheet.set_zoom(95)
        sheet.set_row(0, 14)
        sheet.set_row(1, 50)
        last = len(plan.columns) - 1
        for n, column in enumerate(plan.columns):
            sheet.set_column(n, n, column.width, self.open[column.kind])
            sheet.write_string(0, n, column.key, self.key)
            label = f"{column.label} *" if column.required else column.label
            sheet.write_string(1, n, label, self.needed if column.required else self.label)
            for row in range(2, 2 + _RULED):
                sheet.write_blank(row, n, None, self.ruled[column.kind])
        words = self._help(sheet, plan, last + 2)
        for n, column in enumerate(plan.columns):
            self._guide(sheet, n, column, last, words)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(1)
        sheet.print_area(1, 0, 1 + _RULED, last)

    def _guide(self, sheet: Worksheet, n: int, column: _Column, last: int, words: str) -> None:
        """Drop-downs, dates that are dates, and a red cell where something needed is missing."""
        if column.choices == _WORDS:
            title = self.say("Choose from the list")
            sheet.data_validation(2, n, _ROWS, n, {"validate": "list", "source": words, "error_message": title})
        elif column.choices:
            source = column.choices if isinstance(column.choices, str) else list(column.choices)
            sheet.data_validation(2, n, _ROWS, n, {"validate": "list", "source": source, "show_error": False})
        elif column.kind == _DAY:
            sheet.data_validation(
                2,
                n,
                _ROWS,
                n,
                {
                    "validate": "date",
                    "criteria": ">",
                    "value": dt.date(1950, 1, 1),
                    "error_type": "stop",
                    "error_message": self.say("Enter a date as dd/mm/yyyy"),
                },
            )
        if column.required:
            letters = [chr(65 + n), chr(65 + last)]
            formula = f"=AND(COUNTA($A3:${letters[1]}3)>0,LEN({letters[0]}3)=0)"
            sheet.conditional_format(2, n, _ROWS, n, {"type": "formula", "criteria": formula, "format": self.lack})

    def _help(self, sheet: Worksheet, plan: _Sheet, first: int) -> str:
        """What to write, beside the table; columns without a key in row 1 are passed over by the program.

        Returns the range of the codes listed.
        """
        sheet.set_column(first - 1, first - 1, 3)
        sheet.set_column(first, first, 28)
        sheet.set_column(first + 1, first + 1, 44)
        write: Callable[..., Any] = sheet.write_string
        write(1, first, self.say("How to fill in this sheet"), self.title)
        row = 2
        for text in (*plan.help, self.say("Columns marked * are needed. Dates are written as dd/mm/yyyy.")):
            lines = 1 + len(text) // 78
            for extra in range(lines):
                sheet.write_blank(row + extra, first, None, self.note)
            sheet.merge_range(row, first, row + lines - 1, first + 1, text, self.note)
            row += lines
        row += 1
        row = self._pairs(sheet, row, first, self.say("Example of a row"), _example(plan), self.meaning)
        if not plan.words:
            return ""
        end = self._pairs(sheet, row + 1, first, self.say("Codes and what they mean"), plan.words, self.code)
        codes: str = xl_range_abs(end - len(plan.words), first, end - 1, first)
        return f"={codes}"

    def _pairs(
        self, sheet: Worksheet, row: int, first: int, title: str, pairs: Sequence[tuple[str, str]], left: Format
    ) -> int:
        sheet.write_string(row, first, title, self.strong)
        sheet.write_blank(row, first + 1, None, self.strong)
        for n, (code, meaning) in enumerate(pairs, start=row + 1):
            sheet.write_string(n, first, code, left)
            sheet.write_string(n, first + 1, meaning, self.meaning)
        return row + 1 + len(pairs)


def _example(plan: _Sheet) -> list[tuple[str, str]]:
    return [(column.label, value) for column, value in zip(plan.columns, plan.example, strict=True)]
