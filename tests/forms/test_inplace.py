"""A returned workbook is the person's own: all that their program wrote into it, with the marks, and nothing broken."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image
from PIL import Image as Picture

from batch.forms.extract import read_form
from batch.forms.returned.inplace import mark_in_place
from batch.forms.returned.markup import Unusual
from batch.forms.returned.words import AUTHOR, RED, YELLOW, Mark
from tests.forms.test_returned import Convert, colour, first_sheet, marked, returned
from tests.small_office import SmallOffice, locate

W = "2025-W26"
_M = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_ORDER = re.findall(
    r"\w+",
    "sheetData sheetProtection mergeCells conditionalFormatting dataValidations printOptions pageMargins pageSetup "
    "headerFooter rowBreaks drawing legacyDrawing extLst",
)
_PRINTER = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/printerSettings"


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert len(set(archive.namelist())) == len(archive.namelist())
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(parts: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return made.getvalue()


def related(parts: dict[str, bytes], name: str) -> dict[str, str]:
    """The parts that one refers to, by id."""
    folder, _, file = name.rpartition("/")
    rels = f"{folder}/_rels/{file}.rels".removeprefix("/")
    found = ElementTree.fromstring(parts[rels]) if rels in parts else ()
    ids = [r.attrib["Id"] for r in found]
    assert len(set(ids)) == len(ids)
    return {r.attrib["Id"]: posixpath.normpath(posixpath.join("/", folder, r.attrib["Target"]))[1:] for r in found}


def check_sound(data: bytes) -> None:
    """What makes spreadsheet programs offer a repair: parts that are missing, numbers that lead nowhere, a wrong order."""
    parts = parts_of(data)
    trees = {n: ElementTree.fromstring(part) for n, part in parts.items() if n.endswith((".xml", ".rels", ".vml"))}
    types = [entry.attrib for entry in trees["[Content_Types].xml"]]
    listed = {entry["PartName"][1:] for entry in types if "PartName" in entry}
    usual = {entry["Extension"] for entry in types if "Extension" in entry}
    assert listed <= parts.keys()
    assert all(name in listed or name.rpartition(".")[2] in usual for name in parts.keys() - {"[Content_Types].xml"})
    for name in parts:
        assert set(related(parts, name).values()) <= parts.keys(), name
    styles = trees["xl/styles.xml"]
    sizes = {}
    for table in styles:
        if "count" in table.attrib:
            sizes[table.tag.removeprefix(_M)] = len(table)
            assert int(table.attrib["count"]) == len(table), table.tag
    assert all(int(xf.attrib["fillId"]) < sizes["fills"] for xf in styles.iterfind(f"{_M}cellXfs/{_M}xf"))
    for name in parts:
        if name.startswith("xl/worksheets/sheet"):
            sheet, rules = trees[name], [*trees[name].iter(f"{_M}cfRule")]
            tags = [child.tag.removeprefix(_M) for child in sheet]
            known = [_ORDER.index(tag) for tag in tags if tag in _ORDER]
            assert known == sorted(known), tags
            used = {value for element in sheet.iter() for key, value in element.attrib.items() if key == f"{_R}id"}
            assert used <= related(parts, name).keys()
            assert all(int(cell.attrib.get("s", "0")) < sizes["cellXfs"] for cell in sheet.iter(f"{_M}c"))
            assert all(int(rule.attrib["dxfId"]) < sizes["dxfs"] for rule in rules if "dxfId" in rule.attrib)
            assert len({rule.attrib["priority"] for rule in rules}) == len(rules)


def with_picture_chart_and_printer(path: Path) -> None:
    """As other programs may leave a form: pictures, charts, protection, the printer's settings."""
    book = openpyxl.load_workbook(path)
    sheet: Any = book.worksheets[0]
    Picture.new("RGB", (30, 20), "red").save(path.with_suffix(".png"))
    sheet.add_image(Image(path.with_suffix(".png")), "N3")
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=5, min_row=23, max_row=25))
    sheet.add_chart(chart, "N12")
    sheet.protection.enable()
    book.create_sheet("Ghi chú")["B2"] = "số liệu"
    book.save(path)
    path.with_suffix(".png").unlink()
    parts = parts_of(path.read_bytes())
    rels, name, sheet_xml = "xl/worksheets/_rels/sheet1.xml.rels", "xl/printerSettings/printerSettings1.bin", ""
    entry = f'<Relationship Id="rId7" Type="{_PRINTER}" Target="../printerSettings/printerSettings1.bin"/></Relationships>'
    parts[rels] = parts[rels].replace(b"</Relationships>", entry.encode())
    sheet_xml = parts["xl/worksheets/sheet1.xml"].decode()
    space = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    sheet_xml, n = re.subn("<pageSetup ", f'<pageSetup {space} r:id="rId7" ', sheet_xml)
    assert n == 1
    default = b'<Default Extension="bin" ContentType="application/octet-stream"/></Types>'
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"</Types>", default)
    path.write_bytes(zipped({**parts, "xl/worksheets/sheet1.xml": sheet_xml.encode(), name: b"\0DEVMODE"}))


def with_own_comment(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    locate(book.worksheets[0], "score.quality", "self").comment = Comment("Hỏi lại", "Em")
    book.save(path)


def with_prefixes(path: Path) -> None:
    """As some libraries write it: the main names with a prefix, which only openpyxl is asked to understand."""
    parts = parts_of(path.read_bytes())
    name = "xl/worksheets/sheet1.xml"
    xml = re.sub(rb"<(/?)(?=[a-zA-Z])", rb"<\1x:", parts[name]).replace(b" xmlns=", b" xmlns:x=", 1)
    path.write_bytes(zipped({**parts, name: xml}))


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> SmallOffice:
    """Four reports with the same fault, each in another kind of workbook."""
    office = SmallOffice(tmp_path_factory.mktemp("office"))
    office.issue(W)
    for who, change in (
        ("A3", None),
        ("A4", with_picture_chart_and_printer),
        ("B2", with_own_comment),
        ("B3", with_prefixes),
    ):
        path = office.report(W, who, (44, 37, 19), f"{who}.xlsx", summary="đã xong")
        if change:
            change(path)
    office.run(W)
    return office


@pytest.mark.parametrize("who", ["A3", "A4", "B2", "B3"])
def test_a_returned_workbook_is_sound_and_marked_whatever_it_is_made_of(office: SmallOffice, who: str) -> None:
    path = returned(office, "self", who)
    check_sound(path.read_bytes())
    sheet = first_sheet(path)
    fault = locate(sheet, "score.quality", "self")
    assert marked(path) == {fault.coordinate: RED} and fault.comment and "44" in fault.comment.text
    rules = sorted((r.priority, str(b.sqref), r.formula) for b in sheet.conditional_formatting for r in b.rules)
    assert rules[0] == (1, fault.coordinate, [f'N("{AUTHOR}")=0'])  # above the form's own live colours
    assert sum(AUTHOR in str(rule) for rule in rules) == 1 < len(rules)
    before = read_form((office.folder / "inbox" / f"{who}.xlsx").read_bytes())
    after = read_form(path.read_bytes())
    assert (after.rows, after.columns) == (before.rows, before.columns)
    assert (before.header["corrects"], after.header["corrects"]) == ("", before.content)


def test_what_openpyxl_has_no_words_for_comes_back_byte_for_byte(office: SmallOffice) -> None:
    before = parts_of((office.folder / "inbox" / "A4.xlsx").read_bytes())
    after = parts_of(returned(office, "self", "A4").read_bytes())
    assert before.keys() - after.keys() == {"xl/printerSettings/printerSettings1.bin"}  # of somebody's own printer
    assert after.keys() - before.keys() == {"xl/comments1.xml", "xl/drawings/vmlDrawing1.vml"}
    changed = {name for name in before.keys() & after.keys() if before[name] != after[name]}
    assert changed == {
        "[Content_Types].xml",
        "xl/styles.xml",
        "xl/workbook.xml",
        "xl/worksheets/_rels/sheet1.xml.rels",
        "xl/worksheets/sheet1.xml",
        "xl/worksheets/sheet2.xml",  # the hidden header
    }
    assert {"xl/media/image1.png", "xl/charts/chart1.xml", "docProps/core.xml"} <= after.keys() - changed
    assert b"sheetProtection" in after["xl/worksheets/sheet1.xml"] and b"rId7" not in after["xl/worksheets/sheet1.xml"]


def test_a_mark_within_a_merged_range_is_put_on_the_cell_that_shows(office: SmallOffice) -> None:
    data = (office.folder / "inbox" / "A3.xlsx").read_bytes()
    reading, place = read_form(data), locate(first_sheet(returned(office, "self", "A3")), "text.summary", "value")
    inner = f"{chr(ord(place.column_letter) + 2)}{place.row}"  # beside it, under the same merged range
    notice = Mark("text.summary", ("value",), inner, "<Notice> & 'more'", False)
    made = mark_in_place(parts_of(data), reading.sheet, reading.header, [(inner, notice)])
    check_sound(made)
    sheet = openpyxl.load_workbook(io.BytesIO(made)).worksheets[0]
    cell = sheet[place.coordinate]
    assert colour(cell) == YELLOW and cell.comment and cell.comment.text == notice.text
    assert read_form(made).content == reading.content


def test_without_a_cell_to_mark_only_the_header_changes(office: SmallOffice) -> None:
    before = parts_of((office.folder / "inbox" / "A3.xlsx").read_bytes())
    reading = read_form(zipped(before))
    made = mark_in_place(before, reading.sheet, {**reading.header, "corrects": "what & that"}, [])
    check_sound(made)
    after = parts_of(made)
    assert before.keys() == after.keys()
    assert [n for n in before if before[n] != after[n] and n != "xl/workbook.xml"] == ["xl/worksheets/sheet2.xml"]
    assert read_form(made).header == {**reading.header, "corrects": "what & that"}


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("xl/workbook.xml", b'activeTab="0"', b'activeTab="1"'),
        ("[Content_Types].xml", b"sheet.main+xml", b"template.main+xml"),
        ("xl/worksheets/sheet1.xml", b'<c r="B', b'<c x="B'),
        ("xl/worksheets/sheet1.xml", b"<pageMargins", b"<unheardOf/><pageMargins"),
        ("xl/worksheets/sheet1.xml", b"<v>44</v>", b"<v>4.4E+400</v>"),
        ("xl/worksheets/sheet1.xml", b"<sheetData>", b"<!-- <cfRule priority='1'> --><sheetData>"),
        ("xl/styles.xml", b"00EFF2F6", b"00F4A6A6"),
        ("xl/worksheets/sheet1.xml", b"</worksheet>", b"<webPublishItems count='0'/></worksheet>"),
        ("xl/workbook.xml", b"</workbook>", b"<webPublishing/></workbook>"),
        ("_rels/.rels", b"docProps/app.xml", b"docProps/apps.xml"),
        ("xl/_rels/workbook.xml.rels", b"theme/theme1.xml", b"theme/theme9.xml"),
        ("docProps/thumbnail.emf", b"", b"\0"),
        ("xl/drawings/drawing1.xml", b"", b"<sp macro=\"'\\\\there\\book.xlsm'!Run\"/>"),
    ],
)
def test_what_is_not_sure_to_come_out_right_is_not_tried(office: SmallOffice, part: str, old: bytes, new: bytes) -> None:
    data = (office.folder / "inbox" / "A3.xlsx").read_bytes()
    parts, reading = parts_of(data), read_form(data)
    assert old in parts.get(part, b"")
    changed = {**parts, part: parts.get(part, b"").replace(old, new) if old else new}
    fault = Mark("score.quality", ("self",), "E23", "wrong", True)
    assert mark_in_place(parts, reading.sheet, reading.header, [("E23", fault)])
    with pytest.raises(Unusual):
        mark_in_place(changed, reading.sheet, reading.header, [("E23", fault)])


@pytest.mark.office
def test_a_workbook_that_libreoffice_saved_comes_back_as_its_author_left_it(tmp_path: Path, convert: Convert) -> None:
    office = SmallOffice(tmp_path)
    office.issue(W)
    path = office.report(W, "A3", (44, 37, 19), "a.xlsx", summary="đã xong")
    path.write_bytes(convert([path], "xlsx")[0].read_bytes())
    office.run(W)
    back = returned(office, "self", "A3")
    check_sound(back.read_bytes())
    assert list(marked(back).values()) == [RED]
    before, after = parts_of(path.read_bytes()), parts_of(back.read_bytes())
    same = {"xl/sharedStrings.xml", "docProps/custom.xml", "xl/_rels/workbook.xml.rels"}
    assert {name: before[name] for name in same} == {name: after[name] for name in same}
    assert b'state="veryHidden"' in after["xl/workbook.xml"] and b'state="veryHidden"' not in before["xl/workbook.xml"]
