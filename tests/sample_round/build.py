"""Build sample_input/th-halfyear: ``python -m tests.sample_round.build``. The new salaries of round 1 start the rows of round 2."""

from __future__ import annotations

import csv
import datetime as dt
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import xlsxwriter

from batch import desk, pipeline, raise_round
from tests.conftest import ROOT
from tests.sample_round import forms
from tests.sample_round import office as data
from tests.sample_round.story import FIRST, SECOND, STORIES

OFFICE = ROOT / "sample_input" / "th-halfyear"
BEGAN = "2015-10-01"
LABELS = {
    "people": {
        "staff_id": "รหัส", "name": "ชื่อ - นามสกุล", "role": "บทบาท", "position": "ตำแหน่ง", "unit_id": "หน่วยงาน",
        "supervisor_id": "ผู้บังคับบัญชา", "email": "อีเมล", "start": "ตั้งแต่", "end": "ถึง", "level": "ระดับ",
        "salary": "เงินเดือน (บาท)", "position_no": "เลขที่ตำแหน่ง", "probation": "ทดลองปฏิบัติราชการ",
        "appointed": "วันบรรจุ", "retires": "เกษียณ",
    },
    "units": {"unit_id": "รหัส", "name": "ชื่อหน่วยงาน", "kind": "ประเภท", "parent_id": "สังกัด", "head_id": "หัวหน้า", "leader_id": "ผู้บริหาร"},
    "delegations": {"from_id": "ผู้มอบ", "to_id": "ผู้รับมอบ", "start": "ตั้งแต่", "end": "ถึง", "reason": "เหตุผล"},
    "leave": {"staff_id": "รหัส", "start": "ตั้งแต่", "end": "ถึง", "kind": "ประเภทการลา"},
    "calendar": {"date": "วันที่", "kind": "ประเภท", "name": "ชื่อวัน"},
    "goals": {"goal_id": "รหัส", "parent_id": "สนับสนุนเป้าหมาย", "unit_id": "หน่วยงาน", "title": "เป้าหมาย"},
    "conduct": {"staff_id": "รหัส", "date": "วันที่", "kind": "ประเภท", "count": "จำนวนครั้ง"},
}  # fmt: skip
DATES = {"start", "end", "date", "appointed"}


def rows(text: str) -> list[list[str]]:
    return [line.split("|") for line in text.strip().splitlines()]


def people(salaries: Mapping[str, str]) -> list[dict[str, str]]:
    """A row for each spell: moves and promotions, and from 1 April the salary that round 1 led to."""
    keys = ("staff_id", "name", "role", "position", "unit_id", "supervisor_id", "level", "salary", "number")
    spells = []
    for line in rows(data.PEOPLE):
        one = dict(zip(keys, line, strict=False))
        who = one["staff_id"]
        one["position_no"] = f"{int(one.pop('number')):04d}" if one["level"] else one.pop("number")
        one["start"], one["end"] = data.STARTS.get(who, BEGAN), data.LAST_DAYS.get(who) or data.RETIRES.get(who, "")
        one["retires"] = "yes" if who in data.RETIRES else ""
        one["probation"], one["appointed"] = data.PROBATION.get(who, ""), data.APPOINTED.get(who, "")
        changes = [data.CHANGES[who]] if who in data.CHANGES else []
        if who in salaries:
            changes.append(("2025-04-01", {"salary": salaries[who]}))
        parts = [one]
        for day, change in sorted(changes, key=lambda c: c[0]):
            parts = cut(parts, day, **change)
        spells += parts
    return spells


def cut(parts: list[dict[str, str]], day: str, **changes: str) -> list[dict[str, str]]:
    """End the last row on the day before, and go on with a new one."""
    last = parts[-1]
    before = (dt.date.fromisoformat(day) - dt.timedelta(days=1)).isoformat()
    return [*parts[:-1], {**last, "end": before, "retires": ""}, {**last, "start": day, **changes}]


def sheets(salaries: Mapping[str, str]) -> dict[str, list[dict[str, str]]]:
    def keyed(sheet: str, text: str) -> list[dict[str, str]]:
        return [dict(zip(LABELS[sheet], line, strict=False)) for line in rows(text)]

    return {
        "people": people(salaries),
        "units": keyed("units", data.UNITS),
        "delegations": [],
        "leave": keyed("leave", data.LEAVE),
        "calendar": keyed("calendar", data.CALENDAR),
        "conduct": keyed("conduct", data.CONDUCT),
    }


def write_book(path: Path, tables: Mapping[str, tuple[Mapping[str, str], Iterable[Mapping[str, str]]]]) -> None:
    with xlsxwriter.Workbook(path) as book:
        book.set_properties({"created": dt.datetime(2025, 4, 1)})
        font = {"font_name": "TH SarabunPSK", "font_size": 14}
        hidden, head = (
            book.add_format({**font, "font_color": "#808080"}),
            book.add_format({**font, "bold": True, "bg_color": "#E9EDF2", "border": 1}),
        )
        text, day, baht = (book.add_format({**font, "num_format": f}) for f in ("@", "dd/mm/yyyy", "#,##0"))
        for name, (labels, lines) in tables.items():
            sheet = book.add_worksheet(name)
            for column, (key, label) in enumerate(labels.items()):
                sheet.write_string(0, column, key, hidden)
                sheet.write_string(1, column, label, head)
                sheet.set_column(
                    column, column, {"name": 30, "title": 60, "position": 34, "kind": 34, "level": 16}.get(key, 14), text
                )
            for row, line in enumerate(lines, 2):
                for column, key in enumerate(labels):
                    value = line.get(key, "")
                    if value and key in DATES:
                        sheet.write_datetime(row, column, dt.datetime.fromisoformat(value), day)
                    elif value and key in ("salary", "count", "score"):
                        sheet.write_number(row, column, float(value), baht if key == "salary" else text)
                    elif value:
                        sheet.write_string(row, column, value, text)
            sheet.freeze_panes(2, 2)


def write(salaries: Mapping[str, str]) -> None:
    """roster.xlsx, scores.xlsx and goals.xlsx."""
    write_book(OFFICE / "roster.xlsx", {name: (LABELS[name], lines) for name, lines in sheets(salaries).items()})
    labels = {"period": "รอบ", "staff_id": "รหัส", "name": "ชื่อ - นามสกุล", "score": "คะแนน"}
    scores = [
        {"period": str(story.period), "staff_id": line[0], "name": line[1], "score": line[story.column]}
        for story in STORIES
        for line in rows(data.PEOPLE)
        if line[0] in story.elsewhere
    ]
    write_book(OFFICE / "scores.xlsx", {"scores": (labels, scores)})
    goals = [dict(zip(LABELS["goals"], line, strict=True)) for line in rows(data.GOAL_ROWS)]
    write_book(OFFICE / "goals.xlsx", {"goals": (LABELS["goals"], goals)})


def main() -> None:
    """Roster and scores; then the forms of both rounds, round 2 with the salaries that round 1 led to."""
    OFFICE.mkdir(parents=True, exist_ok=True)
    write({})
    forms.play(OFFICE, FIRST, forms.libreoffice)
    tables()
    forms.play(OFFICE, SECOND, forms.libreoffice)


def tables() -> None:
    """Roster and scores, from the forms of round 1 as they lie in the inbox."""
    write({})
    write(raised())


def raised() -> dict[str, str]:
    """The new salaries of round 1, by staff code: from the forms in the inbox, as ``make round`` comes to them."""
    with tempfile.TemporaryDirectory() as out:
        setup = desk.open_office(OFFICE, Path(out), None)
        pipeline.run(setup, FIRST.period, "2025-04-01T08:00+07:00", 1)
        raise_round.run(setup, FIRST.period, "2025-04-01T08:00+07:00")
        text = (Path(out) / "outbox" / str(FIRST.period) / "raises.csv").read_text(encoding="utf-8-sig")
    return {row["staff_id"]: row["new_salary"] for row in csv.DictReader(text.splitlines())}


if __name__ == "__main__":
    main()
