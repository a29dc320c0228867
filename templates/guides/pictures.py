"""Takes the pictures of the guides from real forms: ``make guides`` (needs LibreOffice and Poppler; users need neither).

A small made-up office is played with the program itself: forms are issued from the masters, filled in, sent, sent back. The
part of a sheet that matters becomes the print area, numbered marks stand at cells as pictures of their own, LibreOffice
prints it, and what is printed is shipped as ``templates/guides/<language>/<picture>.png``. ``made-from.json`` beside them holds a
digest of what each picture shows and of the master it comes from; a test compares it with what the program would write now.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.drawing.image import Image as Picture
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from PIL import Image, ImageChops, ImageDraw, ImageFont

from batch import desk, pipeline
from batch.core.period import BUDDHIST, Week
from batch.files import resource
from batch.forms.extract import read_form
from batch.forms.fill import Value, fill, places
from batch.i18n import LANGUAGES, Speaker
from batch.simulate.office import found
from batch.simulate.words import WORDS

HERE = Path(__file__).resolve().parent
NOTES = "made-from.json"
WEEK, ISSUED, SENT = Week(2025, 27), "2025-06-30T08:00+07:00", "2025-07-04T16:00+07:00"
DIRECTOR, CHIEF, ANNA, BEN, CARL = "000002", "000005", "000006", "000007", "000008"
PEOPLE, SEED = 7, 11  # a director, two deputies, a chief and three people
Typed = Mapping[tuple[str, str], Value]  # (row key, column key) → what is typed


@dataclass(frozen=True)
class View:
    """The part of a form that is shown: from one cell (row, letters) to another, what is left out of it, where marks stand."""

    master: str
    top: int
    bottom: int
    left: str
    right: str
    marks: Mapping[str, int]  # cell → number
    without_columns: str = ""
    without_rows: Sequence[int] = ()
    heights: Mapping[int, float] = field(default_factory=dict)  # row → points, where the form leaves room or grows
    width: int = 1400  # pixels


def office(lang: str, folder: Path) -> Iterator[tuple[str, bytes, View]]:
    """Plays the office's week; yields each picture's name, workbook and view. Always the same bytes."""
    home, out, say, words = folder / "office", folder / "out", Speaker(lang), WORDS[lang]
    found(home, PEOPLE, SEED, lang)
    setup = desk.open_office(home, out, None)
    pipeline.issue(setup, WEEK, ISSUED, None, (), False)
    yes, no = say("yes"), say("no")

    def lying(who: str, name: str) -> bytes:
        return (out / "outbox" / str(WEEK) / "for" / who / f"{name}.xlsx").read_bytes()

    def send(who: str, name: str, typed: Typed) -> bytes:
        blank = lying(who, name)
        where = places(blank)
        filled = fill(blank, {where[key]: value for key, value in typed.items() if key in where})
        (home / "inbox" / f"{name}.xlsx").write_bytes(filled)
        return filled

    def report(who: str, *scores: Value) -> bytes:
        typed: dict[tuple[str, str], Value] = {
            ("text.summary", "value"): words.summaries[0],
            ("text.conduct", "value"): words.conducts[0],
            ("text.obstacles", "value"): words.obstacles[0],
            ("text.proposals", "value"): words.proposals[0],
        }
        typed |= {(f"score.{c.id}", "self"): s for c, s in zip(setup.scheme.criteria, scores, strict=False)}
        for n, (task, product, _) in enumerate(words.tasks[:2], 1):
            due, done = (_as_written(WEEK.start + dt.timedelta(day), lang) for day in (2, n + n - 1))
            row: dict[str, Value] = {"task": task, "product": product, "quantity": n, "key_task": yes if n == 1 else no}
            row |= {"kind": say("regular"), "complexity": n, "due": due, "done": done}
            typed |= {(f"task.{n}", column): value for column, value in row.items()}
            if n == 2:
                typed[f"task.{n}", "reason"] = words.reasons[0]
        return send(who, f"self-{WEEK}-{who}", typed)

    yield "self", report(ANNA, Decimal("36.5"), 35, 18), _self_view(lying(ANNA, f"self-{WEEK}-{ANNA}"))
    report(BEN, 41, Decimal("34.5"), 17)
    report(CARL, 31, 30, 15)
    counts: dict[tuple[str, str], Value] = {
        **{("count.assigned", "value"): 14, ("count.completed", "value"): 12},
        **{("count.overdue", "value"): 1, ("count.key_outstanding", "value"): 0},
        **{("score.quality", "self"): 36, ("score.progress", "self"): Decimal("35.5"), ("score.conduct", "self"): 18},
        **{("text.summary", "value"): words.summaries[2], ("text.obstacles", "value"): words.obstacles[1]},
    }
    filled = send(DIRECTOR, f"unit-{WEEK}-1", counts)
    yield "unit", filled, _unit_view(filled)
    pipeline.run(setup, WEEK, SENT, 1)
    back = lying(BEN, f"returned-self-{WEEK}-{BEN}")
    yield "returned", back, _returned_view(back)
    judged: dict[tuple[str, str], Value] = {
        **{(ANNA, "agree"): yes, (ANNA, "comment"): words.comments["good"][0]},
        **{(CARL, "score.quality"): 29, (CARL, "score.progress"): Decimal("28.5"), (CARL, "score.conduct"): 15},
        (CARL, "comment"): words.comments["fair"][0],
        **{(who, flag): no for who in (ANNA, CARL) for flag in ("key_task_failed", "discipline_breach")},
    }
    filled = send(CHIEF, f"review-{WEEK}-{CHIEF}", judged)
    yield "review", filled, _review_view(filled)
    pipeline.run(setup, WEEK, SENT, 1)
    decided: dict[tuple[str, str], Value] = {("others", "decision"): say("approve"), (CARL, "decision"): say("adjust")}
    decided |= {(CARL, "score.quality"): 31, (CARL, "score.progress"): 30, (CARL, "score.conduct"): 15}
    decided |= {(CARL, "reason"): words.reasons[0]}
    filled = send(DIRECTOR, f"approval-{WEEK}-{DIRECTOR}", decided)
    yield "approval", filled, _approval_view(filled)


def _as_written(day: dt.date, lang: str) -> dt.date:
    """A date as people type it: in Thailand in the Buddhist era, which the program takes for what it is."""
    return day.replace(year=day.year + BUDDHIST) if lang == "th" else day


def _rows(form: bytes) -> dict[str, int]:
    return {row.key: row.number for row in read_form(form).rows}


def _at(form: bytes) -> dict[tuple[str, str], str]:
    return places(form)


def _self_view(form: bytes) -> View:
    rows, last = _rows(form), re.sub("[0-9]", "", _at(form)["task.1", "reason"])
    parts = [rows["text.summary"] - 1, rows["score.quality"] - 2, rows["task.1"] - 2]  # their headings
    without = [rows["text.conduct"], rows["text.proposals"], *range(rows["task.3"], rows["task.end"])]
    marks = {f"{last}{row}": number for number, row in enumerate(parts, 1)}
    heights = {rows["text.summary"]: 36.0, rows["text.obstacles"]: 36.0, rows["task.1"]: 50.0, rows["task.2"]: 50.0}
    return View("self", parts[0], rows["task.2"], "B", last, marks, "", without, heights)


def _returned_view(form: bytes) -> View:
    rows, at = _rows(form), _at(form)
    return View(
        "self",
        rows["score.quality"] - 1,
        rows["score.conduct"],
        "B",
        "E",
        {at["score.quality", "self"]: 1},
        width=900,
    )


def _unit_view(form: bytes) -> View:
    rows, at = _rows(form), _at(form)
    without = list(range(rows["text.summary"] - 1, rows["text.proposals"] + 1))
    marks = {at["count.assigned", "value"]: 1, at["score.quality", "self"]: 2}
    last = rows["score.conduct"] + 2
    return View("unit", rows["count.assigned"] - 2, last, "B", "G", marks, "", without, width=1200)


def _review_view(form: bytes) -> View:
    rows, at = _rows(form), _at(form)
    marks = {at[ANNA, "agree"]: 1, at[CARL, "score.quality"]: 2, at[ANNA, "key_task_failed"]: 3, at[BEN, "comment"]: 4}
    return View("review", rows[ANNA] - 3, rows[CARL], "B", "T", marks, "EJK", width=1500)


def _approval_view(form: bytes) -> View:
    rows, at = _rows(form), _at(form)
    marks = {f"N{rows['others']}": 1, at[CARL, "decision"]: 2, f"R{rows['others'] + 1}": 3}
    return View("approval", rows["others"], max(rows[ANNA], rows[CARL]), "B", "R", marks, "EK", width=1500)


# --- what a picture shows ------------------------------------------------------------------------------------------------


def _open(form: bytes) -> tuple[Workbook, Worksheet]:
    book = load_workbook(io.BytesIO(form), rich_text=True)
    return book, book.worksheets[0]


def _cells(sheet: Worksheet, view: View) -> Iterator[Cell | MergedCell]:
    for row in sheet[f"{view.left}{view.top}:{view.right}{view.bottom}"]:
        for cell in row:
            if cell.row not in view.without_rows and get_column_letter(cell.column) not in view.without_columns:
                yield cell


def digest(form: bytes, view: View) -> str:
    """What a picture hangs on: the master as it is, and everything that stands in the part shown."""
    _, sheet = _open(form)
    shown = [
        [cell.coordinate, str(cell.value or ""), str(cell.fill.fgColor.rgb), cell.comment.text if cell.comment else ""]
        for cell in _cells(sheet, view)
    ]
    with zipfile.ZipFile(resource(f"{view.master}.xlsx")) as archive:  # what it holds, however it is compressed
        master = [[part.filename, part.CRC] for part in archive.infolist()]
    facts = [master, view.marks, sorted(view.without_columns), shown]
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()


def made_from() -> dict[str, str]:
    """Picture → digest, as the program would make them now."""
    noted: dict[str, str] = {}
    for lang in LANGUAGES:
        with tempfile.TemporaryDirectory() as folder:
            noted |= {f"{lang}/{name}.png": digest(form, view) for name, form, view in office(lang, Path(folder))}
    return noted


# --- taking it -----------------------------------------------------------------------------------------------------------


def _mark(number: int) -> Picture:
    """A numbered disc, large enough to stay smooth."""
    size = 120
    disc = Image.new("RGBA", (size, size), (0, 0, 0, 0))
    draw = ImageDraw.Draw(disc)
    draw.ellipse((2, 2, size - 2, size - 2), fill="#a3231a", outline="#ffffff", width=6)
    draw.text((size / 2, size / 2), str(number), font=ImageFont.load_default(78), fill="#ffffff", anchor="mm")
    data = io.BytesIO()
    disc.save(data, "PNG")
    picture = Picture(data)
    picture.width = picture.height = 26
    return picture


def prepared(form: bytes, view: View) -> bytes:
    """The workbook as it is printed: only the part shown, on one sheet of paper, with the marks."""
    book, sheet = _open(form)
    for row in view.without_rows:
        sheet.row_dimensions[row].hidden = True
    for row, height in view.heights.items():
        sheet.row_dimensions[row].height = height
    for column in view.without_columns:
        sheet.column_dimensions[column].hidden = True
    for cell in _cells(sheet, view):
        if isinstance(cell, Cell):
            cell.comment = None
    for where, number in view.marks.items():
        sheet.add_image(_mark(number), where)
    sheet.print_area = f"{view.left}{view.top}:{view.right}{view.bottom}"
    sheet.print_title_rows = None
    sheet.row_breaks.brk = []
    for margin in filter(None, (sheet.oddFooter, sheet.oddHeader)):
        for side in (margin.left, margin.center, margin.right):
            side.text = None
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 8  # A3
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToWidth = sheet.page_setup.fitToHeight = 1
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def _cropped(path: Path, width: int) -> Image.Image:
    """The page without its margins, as wide as wanted, in few colours: drawings of lines and letters need no more."""
    page = Image.open(path).convert("RGB")
    box = ImageChops.difference(page, Image.new("RGB", page.size, "white")).getbbox()
    page = page.crop(box)
    page = page.resize((width, round(page.height * width / page.width)), Image.Resampling.LANCZOS)
    return page.quantize(palette=_palette(), dither=Image.Dither.NONE)


def _palette() -> Image.Image:
    """Greys, letters on the coloured cells of a form, and digits on marks."""
    black, white = (0, 0, 0), (255, 255, 255)
    blends = [(white, black, 15)]
    blends += [
        ((255, 251, 234), black, 5),
        ((239, 242, 246), black, 5),
        ((244, 166, 166), black, 5),
        ((163, 35, 26), white, 5),
    ]
    colours = [
        round(a + (b - a) * n / steps)
        for one, other, steps in blends
        for n in range(steps + 1)
        for a, b in zip(one, other, strict=True)
    ]
    image = Image.new("P", (1, 1))
    image.putpalette(colours)
    return image


def _profile(folder: Path, lang: str) -> Path:
    """Settings of LibreOffice by which numbers and dates look as they do in the language's country."""
    locale = {"vi": "vi-VN", "th": "th-TH", "en": "en-GB"}[lang]
    settings = folder / "user" / "registrymodifications.xcu"
    settings.parent.mkdir(parents=True)
    settings.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry">'
        '<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse">'
        f"<value>{locale}</value></prop></item></oor:items>",
        encoding="utf-8",
    )
    return folder


def take(folder: Path) -> None:
    """Takes all pictures anew."""
    notes = {}
    for lang in LANGUAGES:
        with tempfile.TemporaryDirectory() as temporary:
            at = Path(temporary)
            views = {}
            for name, form, view in office(lang, at / "played"):
                notes[f"{lang}/{name}.png"] = digest(form, view)
                views[name] = view
                (at / f"{name}.xlsx").write_bytes(prepared(form, view))
            profile = f"-env:UserInstallation={_profile(at / 'profile', lang).as_uri()}"
            books = [str(at / f"{name}.xlsx") for name in views]
            command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(at), *books]
            subprocess.run(command, check=True, capture_output=True, timeout=300)
            (folder / lang).mkdir(parents=True, exist_ok=True)
            for name, view in views.items():
                subprocess.run(
                    ["pdftoppm", "-png", "-r", "220", "-f", "1", "-singlefile", at / f"{name}.pdf", at / name],
                    check=True,
                )
                _cropped(at / f"{name}.png", view.width).save(folder / lang / f"{name}.png", optimize=True)
    text = json.dumps(dict(sorted(notes.items())), indent=1) + "\n"
    (folder / NOTES).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    take(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
