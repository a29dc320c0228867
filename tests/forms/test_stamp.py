from __future__ import annotations

import io
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.drawing.image import Image
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet
from PIL import Image as Picture

from batch.core.finding import UserError
from batch.files import resource
from batch.forms.extract import read_form
from batch.forms.stamp import Master
from batch.i18n import LANGUAGES, Speaker
from batch.sheet.pack import Stretch, join, packed, sewn, stretch
from tests.builders import column_of, form_sheet, opened, row_of

STATIC: dict[str, Any] = {
    "office": {"name": "Ban mẫu", "header_left": ["TRÁI"], "header_right": ["PHẢI"]},
    "scheme": {"title": "Đánh giá", "legal_basis": "Công văn"},
    "cap": {"quality": 40, "progress": Decimal(40), "conduct": 20, "total": 100},
    "crit": {"quality": "Chất lượng", "progress": "Tiến độ", "conduct": "Tác phong"},
    "bands": [{"min": Decimal(0), "title": "Thấp"}, {"min": Decimal("90"), "title": "Cao"}],
    "words": {"yes": "Có", "no": "Không", "approve": "Duyệt", "adjust": "Sửa", "return": "Trả"},
}
CONTEXT: dict[str, Any] = {
    "form": {"form": "review", "period": "2025-W23", "addressee": "T1", "token": "t"},
    "period": {"label": "Tuần 23", "key": "2025-W23"},
    "addressee": {"name": "Phạm Minh Ánh", "position": "Trưởng phòng", "unit": "Phòng"},
    "approver": {"name": "Trần Thị Hoà"},
}


def person(n: int, **more: object) -> dict[str, Any]:
    return {"staff_id": f"C{n}", "name": f"Người {n}", "self": {"quality": Decimal("38.5"), "total": Decimal(90)}, **more}


def master(path: Path | None = None, lang: str = "vi") -> Master:
    return Master(path or resource("review.xlsx"), Speaker(lang), STATIC)


def restyled(folder: Path, change: Any) -> Path:
    book = openpyxl.load_workbook(resource("review.xlsx"), rich_text=True)
    change(book)
    path = folder / "review.xlsx"
    book.save(path)
    return path


def sheet_of(data: bytes) -> Worksheet:
    return form_sheet(opened(data))


def test_rows_are_filled_with_exact_typed_values() -> None:
    sheet = sheet_of(master().stamp(CONTEXT, [person(1), person(2)]))
    row = row_of(sheet, "C2")
    assert sheet.cell(row, column_of(sheet, "name")).value == "Người 2"
    assert sheet.cell(row, column_of(sheet, "self.quality")).value == 38.5
    assert sheet.cell(row, column_of(sheet, "self.progress")).value is None
    assert row == row_of(sheet, "C1") + 1


def test_header_and_band_table_stand_in_the_hidden_sheet() -> None:
    reading = read_form(master().stamp(CONTEXT, [person(1)]))
    assert {k: v for k, v in reading.header.items() if v} == CONTEXT["form"]
    hidden = opened(master().stamp(CONTEXT, [person(1)]))["_form"]
    assert hidden.sheet_state == "veryHidden"
    assert [hidden["D1"].value, hidden["E2"].value, hidden["E3"].value] == [0, "Cao", None]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("count", [0, 1, 3])
def test_no_placeholder_is_left_in_any_language(lang: str, count: int) -> None:
    data = master(lang=lang).stamp(CONTEXT, [person(n) for n in range(count)])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        text = "".join(archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml"))
    assert "{{" not in text
    assert "⟦" not in text


def test_the_same_form_has_the_same_bytes_from_another_master_too() -> None:
    one = master()
    first = one.stamp(CONTEXT, [person(1), person(2)])
    one.stamp(CONTEXT, [person(3)])
    assert one.stamp(CONTEXT, [person(1), person(2)]) == first
    assert master().stamp(CONTEXT, [person(1), person(2)]) == first


@pytest.mark.parametrize("text", ["<b>&'\"", "=1+1", "{{ office.name }}", "dòng\nhai", "\x00\x0b x", "⟦9⟧"])
def test_what_people_are_called_is_only_text(text: str) -> None:
    sheet = sheet_of(master().stamp(CONTEXT, [person(1, name=text)]))
    cell = sheet.cell(row_of(sheet, "C1"), column_of(sheet, "name"))
    assert cell.data_type != "f"
    assert cell.value == text.replace("\x00", "").replace("\x0b", "")


def test_long_names_raise_the_height_of_their_row_only() -> None:
    rows = [person(1), person(2, name="Tôn Nữ Thị " * 12)]
    sheet = sheet_of(master().stamp(CONTEXT, rows))
    short, tall = (sheet.row_dimensions[row_of(sheet, who)].height for who in ("C1", "C2"))
    assert tall > 2 * short


def test_words_that_leave_half_a_line_empty_take_more_lines_than_as_many_letters_in_one() -> None:
    sheet = sheet_of(master().stamp(CONTEXT, [person(1, name="M" * 77), person(2, name=" ".join(["M" * 12] * 6))]))
    letters, words = (sheet.row_dimensions[row_of(sheet, who)].height for who in ("C1", "C2"))
    assert words > letters


# --- the type of a language --------------------------------------------------------------------------------------------


def faces(data: bytes) -> set[str]:
    """The typefaces of what one sees of a form: the first rows and column are hidden."""
    seen = (cell for row in sheet_of(data).iter_rows(min_row=3, min_col=2) for cell in row)
    return {cell.font.name for cell in seen if cell.value is not None}


def test_thai_forms_are_set_in_the_face_of_thai_offices_with_taller_lines(tmp_path: Path) -> None:
    thai, vietnamese = (master(lang=lang).stamp(CONTEXT, [person(1)]) for lang in ("th", "vi"))
    assert (faces(thai), faces(vietnamese)) == ({"TH SarabunPSK"}, {"Times New Roman"})
    heights = [sheet_of(data).row_dimensions[8].height for data in (vietnamese, thai)]
    assert heights[1] > 1.2 * heights[0]

    def change(book: Any) -> None:
        for row in form_sheet(book).iter_rows():
            for cell in row:
                cell.font = Font(name="Arial", size=9)

    assert faces(master(restyled(tmp_path, change), "th").stamp(CONTEXT, [person(1)])) == {"Arial"}


# --- masters that an office restyled ------------------------------------------------------------------------------


def test_another_font_and_wording_come_through(tmp_path: Path) -> None:
    def change(book: Any) -> None:
        sheet = form_sheet(book)
        sheet["B8"].value, sheet["B8"].font = "PHIẾU CỦA CHÚNG TÔI – {{ period.label }}", Font(name="Arial", size=20)
        sheet.cell(row_of(sheet, "{{ row.staff_id }}"), 4).font = Font(name="Arial", size=9)

    sheet = sheet_of(master(restyled(tmp_path, change)).stamp(CONTEXT, [person(1), person(2)]))
    assert (sheet["B8"].value, sheet["B8"].font.name) == ("PHIẾU CỦA CHÚNG TÔI – Tuần 23", "Arial")
    assert [sheet.cell(row_of(sheet, who), 4).font.name for who in ("C1", "C2")] == ["Arial", "Arial"]


def test_what_is_changed_in_a_master_shows_on_the_next_form_without_a_new_start(tmp_path: Path) -> None:
    def titled(text: str) -> str:
        path = restyled(tmp_path, lambda book: setattr(book.worksheets[0]["B2"], "value", text))
        return str(sheet_of(master(path).stamp(CONTEXT, [person(1)]))["B2"].value)

    assert [titled("One {{ office.name }}"), titled("Two {{ office.name }}")] == ["One Ban mẫu", "Two Ban mẫu"]
    path = tmp_path / "review.xlsx"
    elsewhere = Master(path, Speaker("vi"), {**STATIC, "office": {**STATIC["office"], "name": "Vụ khác"}})
    assert sheet_of(elsewhere.stamp(CONTEXT, [person(1)]))["B2"].value == "Two Vụ khác"


def test_a_logo_survives(tmp_path: Path) -> None:
    pixels = io.BytesIO()
    Picture.new("RGB", (7, 5), (200, 30, 30)).save(pixels, "PNG")

    def change(book: Any) -> None:
        form_sheet(book).add_image(Image(pixels), "B3")

    data = master(restyled(tmp_path, change)).stamp(CONTEXT, [person(1), person(2)])
    (image,) = sheet_of(data)._images  # type: ignore[attr-defined]
    with Picture.open(io.BytesIO(image._data())) as picture:
        assert (picture.size, picture.getpixel((3, 3))) == ((7, 5), (200, 30, 30))


def test_a_row_on_top_and_a_header_that_moved_are_no_matter(tmp_path: Path) -> None:
    def change(book: Any) -> None:
        sheet = form_sheet(book)
        for area in list(sheet.merged_cells.ranges):
            sheet.unmerge_cells(area.coord)
        sheet["M8"].value, sheet["B8"].value = sheet["B8"].value, None
        sheet.insert_rows(1)
        sheet["C1"].value = "Mẫu số 02"

    reading = read_form(master(restyled(tmp_path, change)).stamp(CONTEXT, [person(1), person(2)]))
    rows = {row.key: row for row in reading.rows}
    assert {"C1", "C2"} <= set(rows)
    assert rows["C2"].cells["name"].text == "Người 2"
    assert rows["C2"].number == rows["C1"].number + 1


# --- broken masters -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "{{ period.label",
        "{{ }}",
        "{{ period.label | nosuchfilter }}",
        "{{ period.label.nosuch() }}",
        "{{ period.label / 2 }}",
        "{{ office.name.__class__.__mro__[1].__subclasses__() }}",
        '{{ _("{nothing}", other=1) }}',
    ],
)
def test_a_broken_placeholder_is_named_with_file_and_cell(text: str, tmp_path: Path) -> None:
    assert place_of_fault(text, "B9", tmp_path) == "B9"


def place_of_fault(text: str, where: str, folder: Path) -> str:
    def change(book: Any) -> None:
        form_sheet(book)[where].value = text

    path = restyled(folder, change)
    with pytest.raises(UserError) as caught:
        master(path).stamp(CONTEXT, [person(1)])
    found = caught.value.finding
    assert (found.code, found.place.file) == ("config.template-wrong", str(path))
    return found.place.cell


@pytest.mark.parametrize("text", ["{{ row.name", "{{ row.name | nosuchfilter }}"])
def test_broken_syntax_in_a_repeated_row_is_named_with_its_cell(text: str, tmp_path: Path) -> None:
    assert place_of_fault(text, "D17", tmp_path) == "D17"


@pytest.mark.parametrize("text", ["{{ period.label.nosuch() }}", "{{ row.name / 2 }}"])
def test_a_fault_in_a_repeated_row_is_named_with_its_cell(text: str, tmp_path: Path) -> None:
    assert place_of_fault(text, "D17", tmp_path) == "D17"


def test_a_division_by_zero_is_named_with_file_and_cell(tmp_path: Path) -> None:
    def change(book: Any) -> None:
        form_sheet(book)["B9"].value = "{{ 1 / 0 }}"

    with pytest.raises(UserError):
        master(restyled(tmp_path, change)).stamp(CONTEXT, [person(1)])


@pytest.mark.parametrize(
    "text",
    [
        "{{ cap.quality",
        "{{ cap.quality | nosuchfilter }}",
        '{{ cap.quality + "x" }}',
    ],
)
def test_a_broken_placeholder_in_an_input_message_is_named(text: str, tmp_path: Path) -> None:
    def change(book: Any) -> None:
        form_sheet(book).data_validations.dataValidation[0].prompt = text

    path = restyled(tmp_path, change)
    with pytest.raises(UserError) as caught:
        master(path).stamp(CONTEXT, [person(1)])
    assert caught.value.finding.place.file == str(path)


@pytest.mark.parametrize("content", [None, b"", b"no workbook", b"PK\x03\x04broken"])
def test_a_master_that_cannot_be_read_is_named(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "review.xlsx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError) as caught:
        master(path).stamp(CONTEXT, [])
    assert (caught.value.finding.code, caught.value.finding.place.file) == ("config.template-wrong", str(path))


def test_a_file_sewn_together_is_read_as_one_of_a_piece() -> None:
    """Also where what lies between two stretches begins as the one before it does, so that it refers back to it."""
    alike = "Đơn vị, họ tên và chức vụ; ".encode() * 2000  # longer than a reference reaches
    parts: list[Stretch | bytes] = [stretch(alike), alike[:5000], b"", stretch(alike[::-1]), b"end"]
    whole = b"".join(part if isinstance(part, bytes) else part.plain for part in parts)
    with zipfile.ZipFile(io.BytesIO(join([sewn("a.xml", parts), packed("b.xml", whole)]))) as archive:
        assert archive.testzip() is None
        assert archive.read("a.xml") == archive.read("b.xml") == whole
    assert len(sewn("a.xml", parts).data) < len(whole) / 50
