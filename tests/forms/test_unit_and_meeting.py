"""The masters of the unit's self-assessment and of the meeting record, as they are stamped."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl.cell.cell import MergedCell
from openpyxl.worksheet.worksheet import Worksheet

from batch.files import resource
from batch.forms.extract import read_form
from batch.forms.stamp import Master
from batch.i18n import LANGUAGES, Speaker
from tests.builders import column_of, form_sheet, opened, row_of

MASTERS = Path(__file__).resolve().parents[2] / "templates"
STATIC: dict[str, Any] = {
    "office": {"name": "Ban mẫu", "header_left": ["TRÁI"], "header_right": ["PHẢI"]},
    "scheme": {"title": "Đánh giá", "legal_basis": "Công văn"},
    "cap": {"quality": 40, "progress": 40, "conduct": 20, "total": 100},
    "crit": {"quality": "Chất lượng", "progress": "Tiến độ", "conduct": "Tác phong"},
    "bands": [{"min": Decimal(0), "title": "Thấp"}, {"min": Decimal(90), "title": "Cao"}],
    "words": {"yes": "Có", "no": "Không", "approve": "Duyệt", "adjust": "Sửa", "return": "Trả"},
}
CONTEXT: dict[str, Any] = {
    "period": {"label": "Tuần 23", "key": "2025-W23"},
    "subject": {"unit_id": "0012", "unit": "Vụ", "staff_id": "007", "name": "An", "position": "Chuyên viên"},
    "addressee": {"name": "Trần Thị Hoà"},
    "approver": {"name": "Mai Thế Dương"},
    "meeting": {"reason": "Hai tuần", "evidence": "Tuần 22: 46,5\nTuần 23: 48"},
}
SHOWN = {
    "unit": {"identity.unit_id": "0012", "identity.unit": "Vụ", "identity.head": "Trần Thị Hoà"},
    "meeting": {
        "identity.staff_id": "007",
        "identity.name": "An",
        "identity.position": "Chuyên viên",
        "identity.unit": "Vụ",
    },
}
FILLED = {
    "unit": {
        **{f"count.{key}": {"value"} for key in ("assigned", "completed", "overdue", "key_outstanding")},
        **{f"text.{key}": {"value"} for key in ("summary", "conduct", "obstacles", "proposals")},
        **{f"score.{key}": {"self", "note"} for key in ("quality", "progress", "conduct")},
    },
    "meeting": {f"meeting.{key}": {"value"} for key in ("date", "participants", "causes", "measures", "review_by")},
}


def stamped(kind: str, lang: str = "vi", **more: Any) -> bytes:
    form = {"form": kind, "period": "2025-W23", "addressee": "D1", "token": "t"}
    return Master(resource(f"{kind}.xlsx"), Speaker(lang), STATIC).stamp({**CONTEXT, "form": form, **more})


def texts(sheet: Worksheet) -> list[str]:
    return [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", ["unit", "meeting"])
def test_identity_is_shown_and_locked_and_exactly_the_fields_are_open(kind: str, lang: str) -> None:
    data = stamped(kind, lang)
    sheet = form_sheet(opened(data))
    assert sheet.protection.sheet
    assert not [text for text in texts(sheet) if "{{" in text]
    for key, said in SHOWN[kind].items():
        cell = sheet.cell(row_of(sheet, key), column_of(sheet, "value"))
        assert (cell.value, cell.protection.locked) == (said, True)
    columns = {key: column_of(sheet, key) for key in ({"value", "self", "note"} if kind == "unit" else {"value"})}
    keys = [str(cell.value) for cell in sheet["A"][2:] if cell.value]
    cells = {(key, name): sheet.cell(row_of(sheet, key), n) for key in keys for name, n in columns.items()}
    unlocked = [at for at, cell in cells.items() if not isinstance(cell, MergedCell) and not cell.protection.locked]
    assert sorted(unlocked) == sorted((key, name) for key, names in FILLED[kind].items() for name in names)
    reading = read_form(data)
    assert reading.header["form"] == kind
    assert SHOWN[kind].items() <= {row.key: row.cells["value"].text for row in reading.rows if "value" in row.cells}.items()


def test_the_meeting_form_says_why_it_is_held_and_names_who_signs() -> None:
    said = texts(form_sheet(opened(stamped("meeting"))))
    assert {"Hai tuần", "Tuần 22: 46,5\nTuần 23: 48", "BIÊN BẢN LÀM VIỆC VỚI CÁN BỘ"} <= set(said)
    assert [text.split("\n")[1] for text in said if "(Ký, ghi rõ họ tên)" in text] == [
        "ĐẠI DIỆN VĂN PHÒNG",
        "NGƯỜI ĐỨNG ĐẦU ĐƠN VỊ",
        "CÁN BỘ ĐƯỢC LÀM VIỆC",
    ]


def test_the_members_results_stand_on_the_unit_form_only_if_given() -> None:
    members = {"people": 12, "average": Decimal("84.25")}
    told = [text for text in texts(form_sheet(opened(stamped("unit", members=members)))) if "Để đối chiếu" in text]
    assert len(told) == 1
    assert re.search("12 người.*84,25", told[0])
    assert not [text for text in texts(form_sheet(opened(stamped("unit")))) if "Để đối chiếu" in text]


def _contents(folder: Path) -> dict[str, dict[str, bytes]]:
    """The parts of each master: another zlib may compress them otherwise."""
    archives = {path.name: zipfile.ZipFile(path) for path in folder.glob("*.xlsx")}
    return {name: {part: archive.read(part) for part in archive.namelist()} for name, archive in archives.items()}


def test_the_shipped_masters_are_what_the_script_writes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, MASTERS / "masters", tmp_path], check=True)
    assert _contents(tmp_path) == _contents(MASTERS)
