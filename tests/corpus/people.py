"""What people really do to a form."""

from __future__ import annotations

import datetime as dt
import io
import re
import unicodedata
import zipfile
from collections.abc import Callable
from copy import copy

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from tests.builders import column_of, corner, filled, put, row_of
from tests.corpus.case import Build, Case, Counts, Refused, edited
from tests.corpus.package import RELS, SHEET, STRINGS, TYPES, package, parts_of, score_cell, with_part

QUALITY = ("score.quality", "self")
OK = Counts()
Q38 = Counts({"quality": "38"})
Q385 = Counts({"quality": "38.5"})


def typed(value: object, number_format: str = "") -> Build:
    """The quality score as somebody typed it."""

    def edit(_: openpyxl.Workbook, sheet: Worksheet) -> None:
        put(sheet, *QUALITY, value)
        if number_format:
            sheet.cell(row_of(sheet, QUALITY[0]), column_of(sheet, QUALITY[1])).number_format = number_format

    return edited(edit)


def field(row: str, column: str, value: object) -> Build:
    return lambda data: filled(data, {(row, column): value})


def score_in_note(_: openpyxl.Workbook, sheet: Worksheet) -> None:
    put(sheet, *QUALITY, None)
    put(sheet, "score.quality", "note", 38)


def values() -> list[Case]:
    def case(name: str, about: str, build: Build, expect: Counts | Refused) -> Case:
        return Case(f"score-{name}", about, build, expect)

    def bad(code: str) -> Refused:
        return Refused(code, QUALITY)

    return [
        case("text-digits", "score typed as text: '38", typed("38"), Q38),
        case("comma", "decimal comma: 38,5", typed("38,5"), Q385),
        case("thai-digits", "Thai digits: ๓๘.๕", typed("๓๘.๕"), Q385),
        case("spaces", "spaces around a score", typed("  38.5 "), Q385),
        case("nbsp", "a no-break space behind a score", typed("38.5\u00a0"), Q385),
        case("zero-width", "zero-width characters in a score", typed("\u200b38.5\ufeff"), Q385),
        case("currency", "a score shown as an amount of money", typed(38.5, '#,##0.00 "₫"'), Q385),
        case("rounded", "89.96 shown as 90.0: what is stored counts", typed(38.46, "0.0"), Counts({"quality": "38.46"})),
        case("float-noise", "0.1 + 0.2 as the program stored it", typed(0.1 + 0.2), Counts({"quality": "0.3"})),
        case("ambiguous", "1.234: thousands or decimals?", typed("1.234"), bad("value.ambiguous-number")),
        case("percent", "38 % (stored as 0.38)", typed(0.38, "0%"), bad("value.percentage")),
        case("percent-own", "a percentage in a format of one's own", typed(0.38, '0.0"·"%'), bad("value.percentage")),
        case("percent-text", "38% typed as text", typed("38%"), bad("value.not-a-number")),
        case("points-text", "'38 điểm'", typed("38 điểm"), bad("value.not-a-number")),
        case("two-points", "38.5.1", typed("38.5.1"), bad("value.not-a-number")),
        case("boolean", "TRUE in a score cell", typed(True), bad("value.not-a-number")),
        case("date", "a score that Excel turned into a date (5/6)", typed(dt.date(2025, 6, 5)), bad("value.not-a-number")),
        case("empty", "an empty score", typed(None), bad("value.missing")),
        case("only-space", "a score of spaces and zero-width characters", typed(" \u200b\u00a0"), bad("value.missing")),
        case("negative", "a score below 0", typed(-1), bad("value.negative")),
        case("over-cap", "a score above the cap", typed(40.5), bad("value.over-cap")),
        case("decimals", "a third decimal", typed(38.125), bad("value.too-many-decimals")),
        case("infinite", "a number too large for any program", score_cell('<c r="{r}"><v>1e999</v></c>'), bad("value.not-a-number")),
        case("nan", "a cell that is no number inside", score_cell('<c r="{r}"><v>NaN</v></c>'), bad("value.not-a-number")),
        case("formula", "a formula with its result", score_cell('<c r="{r}" s="{s}"><f>30+8</f><v>38</v></c>'), Q38),
        case("formula-text", "a formula whose result is text", score_cell('<c r="{r}" t="str"><f>"38,"&amp;5</f><v>38,5</v></c>'), Q385),
        case("formula-new", "a formula that was never calculated", typed("=30+8"), bad("value.not-calculated")),
        case(
            "formula-zero",
            "a formula left to be calculated on opening, saved as 0 (exporters)",
            score_cell('<c r="{r}"><f>30+8</f><v>0</v></c>'),
            bad("value.not-calculated"),
        ),
        case("formula-blank", "a formula whose result is empty text", score_cell('<c r="{r}" t="str"><f>IF(1,"","")</f><v></v></c>'), bad("value.missing")),
        case("ref-error", "#REF!", score_cell('<c r="{r}" t="e"><f>Sheet9!A1</f><v>#REF!</v></c>'), bad("value.error-cell")),
        case("name-error", "#NAME? without a formula", score_cell('<c r="{r}" t="e"><v>#NAME?</v></c>'), bad("value.error-cell")),
        case(
            "error-without-place",
            "#DIV/0! written by a program that names no cells",
            lambda data: unplaced(score_cell('<c r="{r}" t="e"><v>#DIV/0!</v></c>')(data)),
            bad("value.error-cell"),
        ),
        Case("text-error", "'- đã xong' typed as text became #NAME?", score_cell('<c r="{r}" t="e"><f>-đã xong</f><v>#NAME?</v></c>', "text.summary", "value"), Refused("value.error-cell", ("text.summary", "value"))),
        Case("score-in-note", "a score written into the column beside it", edited(score_in_note), bad("value.missing")),
        Case("task-date-text", "a date as text: 05/06/2025", field("task.1", "due", "05/06/2025"), OK),
        Case("task-date-buddhist", "a Buddhist year: 05/06/2568", field("task.1", "due", "05/06/2568"), OK),
        Case("task-date-impossible", "31/02/2025", field("task.1", "due", "31/02/2025"), Counts(notes=("value.left-out",))),
        Case("task-quantity-error", "#N/A in the task table", score_cell('<c r="{r}" t="e"><v>#N/A</v></c>', "task.1", "quantity"), Counts(notes=("value.left-out",))),
        Case("task-quantity-negative", "a quantity below 0", field("task.1", "quantity", -2), Counts(notes=("value.left-out",))),
        Case("task-kind", "the kind of work in another of the three languages", field("task.1", "kind", "ad hoc "), OK),
        Case("task-kind-unknown", "a kind of work of one's own", field("task.1", "kind", "gấp"), Counts(notes=("value.left-out",))),
        Case("name-nfd", "a name in decomposed Unicode", field("identity.name", "value", unicodedata.normalize("NFD", "Nguyễn Văn An")), OK),
        Case("name-misspelt", "another spelling of the name", field("identity.name", "value", "Nguyễn Văn Ân B"), Counts(notes=("identity.name-differs",))),
        Case("code-of-another", "somebody else's form, with one's own code typed into it", field("identity.staff_id", "value", "C2"), Refused("form.wrong-subject", ("identity.staff_id", "value"))),
        Case("text-like-formula", "a comment that begins with =, as text", field_text("text.summary", "=1+1 việc"), OK),
        Case("text-too-long", "a text longer than any program lets a cell hold", score_cell(f'<c r="{{r}}" t="inlineStr"><is><t>{"a" * 40_000}</t></is></c>', "text.summary", "value"), Refused("file.too-large")),
    ]  # fmt: skip


def field_text(row: str, text: str) -> Build:
    return score_cell(f'<c r="{{r}}" s="{{s}}" t="inlineStr"><is><t>{text}</t></is></c>', row, "value")


# --- rows, columns, sheets --------------------------------------------------------------------------------------------


def inserted_task(_: openpyxl.Workbook, sheet: Worksheet) -> None:
    at = row_of(sheet, "task.2")
    sheet.insert_rows(at)
    sheet.cell(at, column_of(sheet, "task")).value = "Việc đột xuất"


def swapped(one: str, other: str, first_column: int = 1) -> Callable[[openpyxl.Workbook, Worksheet], None]:
    def edit(_: openpyxl.Workbook, sheet: Worksheet) -> None:
        a, b = row_of(sheet, one), row_of(sheet, other)
        for column in range(first_column, sheet.max_column + 1):
            x, y = sheet.cell(a, column), sheet.cell(b, column)
            x.value, y.value = y.value, x.value

    return edit


def copied_row(key: str, **changes: object) -> Callable[[openpyxl.Workbook, Worksheet], None]:
    """A row copied with its hidden key to below the form, some of its fields then changed."""

    def edit(_: openpyxl.Workbook, sheet: Worksheet) -> None:
        source, target = row_of(sheet, key), sheet.max_row + 1
        for column in range(1, sheet.max_column + 1):
            sheet.cell(target, column).value = sheet.cell(source, column).value
        for column_key, value in changes.items():
            sheet.cell(target, column_of(sheet, column_key)).value = value  # type: ignore[assignment]

    return edit


def copied_column(value: object) -> Callable[[openpyxl.Workbook, Worksheet], None]:
    def edit(_: openpyxl.Workbook, sheet: Worksheet) -> None:
        source, target = column_of(sheet, "self"), sheet.max_column + 1
        for row in range(1, sheet.max_row + 1):
            sheet.cell(row, target).value = sheet.cell(row, source).value
        sheet.cell(row_of(sheet, "score.quality"), target).value = value  # type: ignore[assignment]

    return edit


def column_moved_away(_: openpyxl.Workbook, sheet: Worksheet) -> None:
    """The note column cut and pasted far to the right, with its key."""
    source, target = column_of(sheet, "note"), sheet.max_column + 5
    for row in range(1, sheet.max_row + 1):
        sheet.cell(row, target).value = sheet.cell(row, source).value
        sheet.cell(row, source).value = None


def merged(first: str, last: str) -> Callable[[openpyxl.Workbook, Worksheet], None]:
    def edit(_: openpyxl.Workbook, sheet: Worksheet) -> None:
        row = row_of(sheet, "score.quality")
        sheet.merge_cells(
            start_row=row, end_row=row, start_column=column_of(sheet, first), end_column=column_of(sheet, last)
        )

    return edit


def merged_upwards(_: openpyxl.Workbook, sheet: Worksheet) -> None:
    """Two score cells made one: Excel keeps the upper value only."""
    column = column_of(sheet, "self")
    sheet.merge_cells(start_row=row_of(sheet, "score.quality"), end_row=row_of(sheet, "score.progress"), start_column=column, end_column=column)  # fmt: skip


def deleted_row(key: str) -> Callable[[openpyxl.Workbook, Worksheet], None]:
    return lambda _, sheet: sheet.delete_rows(row_of(sheet, key))


def extra_sheets(book: openpyxl.Workbook, sheet: Worksheet) -> None:
    sheet.title = "Bản của tôi"
    book.create_sheet("Nháp", 0)["A1"] = "nháp"
    book.create_sheet("Ẩn").sheet_state = "hidden"


def copied_sheet(score: object) -> Callable[[openpyxl.Workbook, Worksheet], None]:
    def edit(book: openpyxl.Workbook, sheet: Worksheet) -> None:
        put(book.copy_worksheet(sheet), *QUALITY, score)

    return edit


def shown_header(book: openpyxl.Workbook, _: Worksheet) -> None:
    book["_form"].sheet_state = "visible"
    book.move_sheet("_form", -1)


def unhidden(_: openpyxl.Workbook, sheet: Worksheet) -> None:
    sheet.row_dimensions[1].hidden = sheet.column_dimensions["A"].hidden = False
    sheet.protection.sheet = False


def header_changed(key: str, value: str) -> Callable[[openpyxl.Workbook, Worksheet], None]:
    def edit(book: openpyxl.Workbook, _: Worksheet) -> None:
        rows = book["_form"]
        rows.cell(next(n for n in range(1, 20) if rows.cell(n, 1).value == key), 2).value = value

    return edit


def structure() -> list[Case]:
    def case(
        name: str, about: str, edit: Callable[[openpyxl.Workbook, Worksheet], object], expect: Counts | Refused = OK
    ) -> Case:
        return Case(name, about, edited(edit), expect)

    def review(
        name: str, about: str, edit: Callable[[openpyxl.Workbook, Worksheet], object], expect: Counts | Refused = OK
    ) -> Case:
        return Case(f"review-{name}", about, edited(edit), expect, "review")

    return [
        case("rows-on-top", "rows inserted above the form", lambda _, s: s.insert_rows(1, 5)),
        case("task-inserted", "a row inserted between two tasks", inserted_task),
        case("tasks-deleted", "empty task rows deleted", lambda _, s: s.delete_rows(row_of(s, "task.3"), 5)),
        case("tasks-sorted", "tasks sorted", swapped("task.1", "task.2")),
        case("score-rows-sorted", "score rows sorted with their keys", swapped("score.quality", "score.conduct")),
        case("columns-inserted", "columns inserted", lambda _, s: s.insert_cols(3, 2)),
        case("column-in-front", "a column inserted before the hidden one", lambda _, s: s.insert_cols(1)),
        case("column-moved", "a column cut and pasted elsewhere", column_moved_away),
        case("row-copied", "a score row copied with its key", copied_row("score.quality")),
        case("row-copied-changed", "a score row copied, another value in the copy", copied_row("score.quality", self=12), Refused("value.twice", "last-row")),
        case("column-copied", "the score column copied with its key", copied_column(30.4)),
        case("column-copied-changed", "the score column copied, another value in the copy", copied_column(12), Refused("value.twice", "last-column")),
        case("row-deleted", "a score row deleted", deleted_row("score.quality"), Refused("form.map-damaged")),
        case("key-column-deleted", "the hidden column deleted", lambda _, s: s.delete_cols(1), Refused("form.map-damaged")),
        case("key-row-deleted", "the hidden row deleted", lambda _, s: s.delete_rows(1), Refused("form.map-damaged")),
        case("score-column-deleted", "the score column deleted", lambda _, s: s.delete_cols(column_of(s, "self")), Refused("form.map-damaged")),
        case("merged-with-note", "the score cell merged with the one right of it", merged("self", "note")),
        case("merged-scores", "two score cells merged into one", merged_upwards, Refused("value.missing", ("score.progress", "self"))),
        case("sheets-around", "sheet renamed, others before it, a hidden one behind it", extra_sheets),
        case("sheet-copied", "the sheet copied, both say the same", copied_sheet(30.4)),
        case("sheet-copied-changed", "the sheet copied, another score in the copy", copied_sheet(12), Refused("form.several")),
        case("header-shown", "the hidden sheet shown and moved to the front", shown_header),
        case("unprotected", "hidden row and column shown, protection taken off", unhidden),
        case("header-deleted", "the hidden sheet deleted", lambda b, _: b.remove(b["_form"]), Refused("form.no-token")),
        case("header-emptied", "the hidden sheet emptied", lambda b, _: b["_form"].delete_rows(1, 50), Refused("form.no-token")),
        case("header-edited", "readdressed by hand in the hidden sheet", header_changed("addressee", "C2"), Refused("form.bad-token")),
        case("week-edited", "last week's form, its week changed by hand", header_changed("period", "2025-W24"), Refused("form.bad-token")),
        review("sorted", "rows of a review sheet sorted", swapped("C1", "C2")),
        review("sorted-visible", "visible columns sorted without the hidden one", swapped("C1", "C2", 2), Refused("form.row-mixed-up", ("C1", "name"))),
        review("row-copied", "a person's row copied with its key", copied_row("C1")),
        review("row-copied-changed", "a person's row copied, another score in the copy", copied_row("C1", **{"score.quality": 12}), Refused("form.row-twice", "last-row")),
        review("column-deleted", "a score column deleted", lambda _, s: s.delete_cols(column_of(s, "score.progress")), Refused("form.map-damaged")),
        review("error-optional", "#N/A in an answer", lambda _, s: _error(s, "C1", "key_task_failed"), Refused("value.error-cell", ("C1", "key_task_failed"))),
        review("stranger", "a row keyed by a code nobody has", lambda _, s: _rekey(s, "C1", "C99"), Refused("form.unknown-subject", ("C99", "name"))),
    ]  # fmt: skip


def _error(sheet: Worksheet, row: str, column: str) -> None:
    cell = sheet.cell(row_of(sheet, row), column_of(sheet, column))
    cell.value, cell.data_type = "#N/A", "e"


def _rekey(sheet: Worksheet, key: str, other: str) -> None:
    sheet.cell(row_of(sheet, key), corner(sheet)[1]).value = other


# --- other programs ---------------------------------------------------------------------------------------------------


def unplaced(data: bytes) -> bytes:
    """As programs write that leave the places of cells to be counted: rows and cells filled up, none says where it stands."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    filled_up: dict[str, bytes] = parts_of(data)
    sheet = book.worksheets[0]
    part = filled_up[SHEET]
    for row in range(1, sheet.max_row + 1):
        found = re.search(rb'<row r="%d"[^>]*?(?:/>|>.*?</row>)' % row, part, re.DOTALL)
        cells = dict(re.findall(rb'(<c r="([A-Z]+)\d+"[^>]*?(?:/>|>.*?</c>))', found[0], re.DOTALL)) if found else {}
        by_column = {letters: markup for markup, letters in cells.items()}
        line = b"".join(by_column.get(_letters(n), b"<c/>") for n in range(sheet.max_column))
        markup = b"<row>" + re.sub(rb'(<c) r="[A-Z]+\d+"', rb"\1", line) + b"</row>"
        part = part.replace(found[0], markup) if found else part
        if not found:
            raise AssertionError(row)
    filled_up[SHEET] = part
    return package(filled_up)


def _letters(n: int) -> bytes:
    return openpyxl.utils.get_column_letter(n + 1).encode()


def shared_strings(rich: bool) -> Build:
    """Texts in a table of their own, as Excel and WPS write them; ``rich``: in several runs, with a reading aid."""

    def build(data: bytes) -> bytes:
        parts = parts_of(data)
        texts: list[bytes] = []

        def moved(match: re.Match[bytes]) -> bytes:
            texts.append(match[2])
            return b'<c%b t="s"><v>%d</v></c>' % (match[1], len(texts) - 1)

        for name in [name for name in parts if name.startswith("xl/worksheets/sheet")]:
            parts[name] = re.sub(
                rb'<c((?: (?!t=)\w+="[^"]*")*) t="inlineStr"[^>]*><is>(.*?)</is></c>', moved, parts[name], flags=re.DOTALL
            )

        def item(text: bytes) -> bytes:
            plain = re.search(rb"<t[^>]*>(.*)</t>", text, re.DOTALL)
            if not rich or not plain or b"&" in plain[1] or len(plain[1]) < 4 or b"<" in plain[1]:
                return b"<si>" + text + b"</si>"
            whole = plain[1].decode()
            halves = (whole[:2].encode(), whole[2:].encode())
            runs = b"".join(b'<r><rPr><b/></rPr><t xml:space="preserve">%b</t></r>' % half for half in halves)
            return b'<si>%b<rPh sb="0" eb="1"><t>xyz</t></rPh><phoneticPr fontId="1"/></si>' % runs

        body = b"".join(item(text) for text in texts)
        parts[STRINGS] = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">' + body + b"</sst>"
        kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
        parts[TYPES] = parts[TYPES].replace(
            b"</Types>", b'<Override PartName="/xl/sharedStrings.xml" ContentType="%b"/></Types>' % kind
        )
        relation = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
        parts[RELS] = parts[RELS].replace(
            b"</Relationships>", b'<Relationship Id="rIdS" Type="%b" Target="sharedStrings.xml"/></Relationships>' % relation
        )
        return package(parts)

    return build


def prefixed(part: bytes) -> bytes:
    """The same markup with a prefix on every element, as the Open XML SDK writes it."""
    part = re.sub(rb"<(/?)(?=[a-zA-Z])", rb"<\1x:", part)
    return part.replace(b' xmlns="', b' xmlns:x="')


def single_quoted(part: bytes) -> bytes:
    return re.sub(rb'="([^"\']*)"', rb"='\1'", part)


def renamed_parts(data: bytes) -> bytes:
    """Parts with backslashes in their names, as some packers write them."""
    return package(
        {name.replace("/", "\\") if name.startswith("xl/w") else name: part for name, part in parts_of(data).items()}
    )


def with_macros(data: bytes) -> bytes:
    parts = parts_of(data)
    parts["xl/vbaProject.bin"] = b"\xd0\xcf\x11\xe0" + bytes(600)
    parts[TYPES] = parts[TYPES].replace(b"spreadsheetml.sheet.main+xml", b"ms-excel.sheet.macroEnabled.main+xml")
    return package(parts)


def with_external_link(data: bytes) -> bytes:
    parts = parts_of(data)
    parts["xl/externalLinks/externalLink1.xml"] = b'<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><ddeLink ddeService="cmd" ddeTopic="/C calc"/></externalLink>'  # fmt: skip
    return package(parts)


def programs() -> list[Case]:
    return [
        Case("xlsx-strings", "saved by Excel: texts in a shared table", shared_strings(False), OK),
        Case("xlsx-rich", "saved by WPS: texts in several runs, with phonetic hints", shared_strings(True), OK),
        Case("xlsx-prefixed", "saved by a program that prefixes every element", with_part(SHEET, prefixed), OK),
        Case("xlsx-single-quotes", "saved with single quotes in the markup", with_part(SHEET, single_quoted), OK),
        Case("xlsx-unplaced", "saved by a program that names no cells", unplaced, OK),
        Case("xlsx-backslashes", "packed with backslashes in the names", renamed_parts, OK),
        Case("xlsx-stored", "packed without compression", lambda data: package(parts_of(data), zipfile.ZIP_STORED), OK),
        Case("xlsx-no-styles", "saved by an exporter: no styles, no protection, no hidden sheet", plain_export, OK),
        Case("xlsm-macros", "with macros (.xlsm): read as data, the macros are never unpacked", with_macros, OK),
        Case("external-link", "with a link to another program (DDE): read as data, never followed", with_external_link, OK),
    ]


def plain_export(data: bytes) -> bytes:
    """Values only, as Google-style exporters write them."""
    source, target = openpyxl.load_workbook(io.BytesIO(data)), openpyxl.Workbook()
    target.remove(target.worksheets[0])
    for sheet in source.worksheets:
        copy_of = target.create_sheet(sheet.title)
        for cells in sheet.iter_rows():
            for cell in cells:
                if cell.value is not None:
                    copy_of.cell(cell.row, cell.column or 1).value = copy(cell.value)
    stream = io.BytesIO()
    target.save(stream)
    return stream.getvalue()


def cases() -> list[Case]:
    return [*values(), *structure(), *programs()]
