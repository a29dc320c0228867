"""What arrives in place of a form, by accident or on purpose."""

from __future__ import annotations

import io
import random
import re
import struct
import zipfile
from functools import cache

from tests.corpus.case import Build, Case, Counts, Refused
from tests.corpus.package import (
    BOOK,
    RELS,
    SHEET,
    STRINGS,
    STYLES,
    TYPES,
    biff,
    compound_file,
    lying,
    overlapping,
    package,
    parts_of,
    replaced,
    with_part,
)

OK = Counts()
BOMB = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
EXTERNAL = '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"
_MEGA = 1024 * 1024
ONE_SHEET = b'<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" r:id="a"/></sheets></workbook>'
ONE_LINK = b'<Relationships><Relationship Id="a" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'


def fixed(data: bytes) -> Build:
    return lambda _: data


def declared(name: str, declaration: str, encoding: str = "utf-8") -> Build:
    """A part with a document type of its own."""

    def change(part: bytes) -> bytes:
        text = re.sub(r"^(<\?xml[^>]*\?>)?", lambda m: m[0] + declaration, part.decode() or "<a/>", count=1)
        return text.encode(encoding)

    return with_part(name, change)


def damaged(data: bytes, at: float) -> bytes:
    return data[: int(len(data) * at)]


def half_copied(data: bytes) -> bytes:
    """A file that is still being copied: its length is there, its end is not."""
    return data[: len(data) // 2].ljust(len(data), b"\0")


def noise(length: int) -> bytes:
    return random.Random(4).randbytes(length)


# --- sizes ------------------------------------------------------------------------------------------------------------


def far_cell(ref: str, value: str = '<c r="{r}"><v>1</v></c>') -> Build:
    row = re.sub(r"\D", "", ref)
    return replaced(SHEET, "</sheetData>", f'<row r="{row}">{value.replace("{r}", ref)}</row></sheetData>')


def styled_to_the_end(data: bytes) -> bytes:
    """A column of a million formatted, empty cells."""
    rows = b"".join(b'<row r="%d"><c r="C%d" s="1"/></row>' % (n, n) for n in range(500, 1_048_577, 4))
    return with_part(SHEET, lambda part: part.replace(b"</sheetData>", rows + b"</sheetData>"))(data)


def dense(data: bytes) -> bytes:
    rows = b"".join(b'<row r="%d">%b</row>' % (n, b"<c><v>1</v></c>" * 2100) for n in range(500, 1500))
    return with_part(SHEET, lambda part: part.replace(b"</sheetData>", rows + b"</sheetData>"))(data)


def many_strings(data: bytes) -> bytes:
    """A million texts in the shared table, none of them used."""
    return with_part(
        STRINGS, lambda _: b"<sst>" + b"".join(b"<si><t>%d</t></si>" % n for n in range(1_000_000)) + b"</sst>"
    )(data)


def many_sheets(count: int, own_parts: bool) -> Build:
    def build(data: bytes) -> bytes:
        parts = parts_of(data)
        target = re.search(rb'<sheet [^>]*r:id="(\w+)"', parts[BOOK])
        assert target
        more, links = [], []
        for n in range(count):
            link = b"many%d" % n if own_parts else target[1]
            more.append(b'<sheet name="S%d" sheetId="%d" r:id="%b"/>' % (n, n + 100, link))
            if own_parts:
                parts[f"xl/worksheets/many{n}.xml"] = b"<worksheet><sheetData/></worksheet>"
                links.append(b'<Relationship Id="%b" Type="x" Target="worksheets/many%d.xml"/>' % (link, n))
        parts[BOOK] = parts[BOOK].replace(b"</sheets>", b"".join(more) + b"</sheets>")
        parts[RELS] = parts[RELS].replace(b"</Relationships>", b"".join(links) + b"</Relationships>")
        if b"xmlns:r=" not in parts[BOOK]:
            parts[BOOK] = parts[BOOK].replace(
                b"<workbook ", b'<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
            )
        return package(parts)

    return build


def many_entries(data: bytes) -> bytes:
    return package({**parts_of(data), **{f"x/{n}.xml": b"<a/>" for n in range(2_500)}})


def twice(data: bytes) -> bytes:
    """Two parts of one name: one program reads the first, another the second."""
    stream = io.BytesIO(data)
    with zipfile.ZipFile(stream, "a") as archive:
        info = zipfile.ZipInfo(SHEET)
        archive.filelist = [entry for entry in archive.filelist if entry.filename != SHEET] + [archive.getinfo(SHEET)]
        archive.NameToInfo.pop(SHEET)
        archive.writestr(info, parts_of(data)[SHEET].replace(b"30.4", b"40"))
    return stream.getvalue()


def locked_entries(data: bytes) -> bytes:
    """An archive whose entries say that they need a password."""
    raw = bytearray(data)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = raw.find(mark)
        while at >= 0:
            raw[at + offset] |= 1
            at = raw.find(mark, at + 4)
    return bytes(raw)


def ods(content: bytes) -> bytes:
    space = b"urn:oasis:names:tc:opendocument:xmlns:"
    names = b" ".join(b'xmlns:%b="%b%b:1.0"' % (name, space, name) for name in (b"office", b"table", b"text"))
    body = b"<office:body><office:spreadsheet>" + content + b"</office:spreadsheet></office:body>"
    manifest = b'<manifest:manifest xmlns:manifest="%bmanifest:1.0"><manifest:file-entry manifest:full-path="/" manifest:media-type="%b"/></manifest:manifest>' % (space, ODS_TYPE)  # fmt: skip
    parts = {"mimetype": ODS_TYPE, "META-INF/manifest.xml": manifest}
    return package({**parts, "content.xml": b"<office:document-content %b>%b</office:document-content>" % (names, body)})


@cache
def endless() -> bytes:
    """A sheet of fifteen million rows, just within the limits on size: it takes the fastest machine seconds to read."""
    rows = b'<row r="1"/>' * 15_000_000 + b'<row r="9999"/>'
    return package({BOOK: ONE_SHEET, RELS: ONE_LINK, SHEET: b"<worksheet><sheetData>" + rows + b"</sheetData></worksheet>"})


def hidden_far_cell(data: bytes) -> bytes:
    """A cell at the end of the world, spelt so that no quick look at the markup finds it: the reader allocates, and dies."""
    cell = '<row\tr="1048576"><c\tr="XFD1048576"><v>1</v></c></row>'
    return replaced(SHEET, "</sheetData>", f"{cell}</sheetData>")(data)


def repeated_ods() -> bytes:
    row = b'<table:table-row table:number-rows-repeated="2000000000"><table:table-cell office:value-type="float" office:value="1"/></table:table-row>'
    return ods(b"".join(b'<table:table table:name="S%d">%b</table:table>' % (n, row) for n in range(50)))


def bof(kind: int) -> tuple[int, bytes]:
    return 0x809, struct.pack("<HHHHII", 0x600, kind, 0, 0, 0, 0)


def xls(*cells: tuple[int, bytes]) -> bytes:
    """An .xls workbook of one sheet."""
    sheet = biff(bof(0x10), *cells, (0x0A, b""))
    name = b"S"
    head = [bof(0x05), (0x85, struct.pack("<IHBB", 0, 0, len(name), 0) + name), (0x0A, b"")]
    at = len(biff(*head))
    head[1] = (0x85, struct.pack("<IHBB", at, 0, len(name), 0) + name)
    return compound_file({"Workbook": biff(*head) + sheet})


def number_cell(row: int, column: int, value: float) -> tuple[int, bytes]:
    return 0x203, struct.pack("<HHHd", row, column, 0, value)


def nested(data: bytes) -> bytes:
    """A workbook inside a workbook's part, forty times over."""
    for _ in range(40):
        data = package({"xl/workbook.xml": data}, zipfile.ZIP_STORED)
    return data


def deep(tag: str) -> bytes:
    return (f"<{tag}>" * 200_000 + f"</{tag}>" * 200_000).encode()


def kinds() -> list[Case]:
    html = b"<html><table><tr><td>#key</td></tr></table></html>"
    return [
        Case("empty-file", "an empty file", fixed(b""), Refused("file.empty")),
        Case("noise", "random bytes named .xlsx", fixed(noise(5_000)), Refused("file.not-a-workbook")),
        Case("pdf", "a .pdf named .xlsx", fixed(b"%PDF-1.7\n" + noise(500)), Refused("file.not-a-workbook")),
        Case("csv", "a .csv named .xlsx", fixed(b"score.quality,38\n"), Refused("file.not-a-workbook")),
        Case("html", "a web page named .xls", fixed(html), Refused("file.not-a-workbook")),
        Case("zip", "a .zip of forms", lambda data: package({"mau.xlsx": data}), Refused("file.not-a-workbook")),
        Case("docx", "a text document", fixed(package({TYPES: b"<Types/>", "word/document.xml": b"<w/>"})), Refused("file.not-a-workbook")),
        Case("other-workbook", "any other workbook", fixed(ods(b'<table:table table:name="Other"/>')), Refused("file.not-a-form")),
        Case("xls", "a workbook in the old format .xls", fixed(xls(number_cell(0, 0, 1.0))), Refused("file.old-format")),
        Case("xlsb", "a workbook in the binary format .xlsb", fixed(package({"xl/workbook.bin": noise(500)})), Refused("file.old-format")),
        Case("ods-macro-free", "an .ods workbook that is no form", fixed(ods(b'<table:table table:name="S"/>')), Refused("file.not-a-form")),
        Case("encrypted", "a workbook with a password to open it", fixed(compound_file({"EncryptionInfo": b"\x04\0\x04\0" + bytes(200), "EncryptedPackage": noise(9_000)})), Refused("file.encrypted")),
        Case("encrypted-entries", "an archive with a password", locked_entries, Refused("file.encrypted")),
        Case("truncated-head", "the first tenth of a file", lambda data: damaged(data, 0.1), Refused("file.unreadable")),
        Case("truncated", "half a file", lambda data: damaged(data, 0.5), Refused("file.unreadable")),
        Case("truncated-tail", "a file without its last bytes", lambda data: data[:-10], Refused("file.unreadable")),
        Case("half-copied", "a file still being copied", half_copied, Refused("file.unreadable")),
        Case("flipped", "one damaged byte in the packed sheet", flipped, Refused("file.unreadable")),
    ]  # fmt: skip


def flipped(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entry = archive.getinfo(SHEET)
    at = entry.header_offset + 30 + len(SHEET) + entry.compress_size // 2
    return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]


def sizes() -> list[Case]:
    spaces = b" " * (210 * _MEGA)
    return [
        Case("stray-cell", "something typed into XFD1048576", far_cell("XFD1048576"), OK),
        Case("stray-format", "XFD1048576 formatted, empty", far_cell("XFD1048576", '<c r="{r}" s="1"/>'), OK),
        Case("stray-row", "something a million rows below", far_cell("A1048576"), OK),
        Case("formatted-column", "a whole column formatted, cell by cell", styled_to_the_end, OK),
        Case("phantom-dimension", "a sheet that says it reaches to XFD1048576 and doesn't", replaced(SHEET, '<dimension ref="[^"]*"', '<dimension ref="A1:XFD1048576"'), OK),
        Case("impossible-cell", "a cell right of every sheet", far_cell("ZZZZ9"), Refused("file.unreadable")),
        Case("impossible-row", "a row below every sheet", far_cell("A99999999999"), Refused("file.unreadable")),
        Case("dense", "two million filled cells", dense, Refused("file.too-large")),
        Case("million-texts", "a million texts in the shared table", many_strings, OK),
        Case("sheets-10000", "10,000 sheets", many_sheets(10_000, True), Refused("file.too-large")),
        Case("sheets-one-part", "10,000 sheets that are one and the same", many_sheets(10_000, False), Refused("file.too-large")),
        Case("entries", "thousands of parts", many_entries, Refused("file.too-large")),
        Case("zip-bomb", "a part that unpacks to 210 MB", with_part(STRINGS, lambda _: spaces), Refused("file.too-large")),
        Case("zip-bomb-unread", "the same, in a part that holds no cells", with_part("xl/drawings/drawing9.xml", lambda _: spaces), Refused("file.too-large")),
        Case("zip-bomb-lying", "the same, its header says 10 bytes", lambda data: lying(with_part(STRINGS, lambda _: spaces)(data), STRINGS, 10), Refused("file.unreadable")),
        Case("zip-lying-more", "a header that says 4 GB where there is little", lambda data: lying(data, SHEET, 0xFFFFFFF0), Refused("file.too-large")),
        Case("zip-overlapping", "the same packed bytes named a thousand times", overlapped, Refused("file.unreadable")),
        Case("zip-nested", "archives within archives", nested, Refused("file.unsafe")),
    ]  # fmt: skip


def overlapped(data: bytes) -> bytes:
    name = "xl/theme/theme1.xml"
    return overlapping(with_part(name, lambda _: b"<a>" + b" " * _MEGA + b"</a>")(data), name, 1_000)


def markup() -> list[Case]:
    cases = [
        Case(f"entities-{where}", f"an entity bomb in {name}", declared(name, BOMB), Refused("file.unsafe"))
        for where, name in (
            ("sheet", SHEET),
            ("strings", STRINGS),
            ("workbook", BOOK),
            ("styles", STYLES),
            ("rels", RELS),
            ("types", TYPES),
            ("properties", "docProps/core.xml"),
            ("drawing", "xl/drawings/drawing1.xml"),
        )
    ]
    return [
        *cases,
        Case("entity-external", "an external entity", declared(SHEET, EXTERNAL), Refused("file.unsafe")),
        Case("entities-utf16", "an entity bomb in another encoding", declared(SHEET, BOMB, "utf-16"), Refused("file.unsafe")),
        Case("part-twice", "two parts of one name", twice, Refused("file.unsafe")),
        Case("lzma", "a compression that no office program uses", lambda data: package(parts_of(data), zipfile.ZIP_LZMA), Refused("file.unsafe")),
        Case("no-markup", "a sheet that is no markup", with_part(SHEET, lambda _: b"\xff\xfa not markup"), Refused("file.unreadable")),
        Case("broken-workbook", "a workbook part that is no markup", with_part(BOOK, lambda _: b"<workbook"), Refused("file.unreadable")),
        Case("deep", "markup nested 200,000 deep", with_part(BOOK, lambda _: deep("a")), Refused("file.unreadable")),
        Case("missing-sheet", "a sheet whose part is not there", lambda data: package({n: p for n, p in parts_of(data).items() if n != SHEET}), Refused("file.unreadable")),
        Case("string-index", "a text that the shared table doesn't have", replaced(SHEET, '<c ([^>]*?) t="inlineStr"[^>]*><is>.*?</is></c>', '<c \\1 t="s"><v>987654</v></c>'), Refused("file.unreadable")),
        Case("reader-dies", "a cell that makes the reader allocate all memory", hidden_far_cell, Refused("file.crashed")),
        Case("reader-hangs", "a sheet that takes longer to read than a file may", lambda _: endless(), Refused("file.timeout")),
        Case("ods-repeated", "an .ods whose rows stand there two thousand million times", fixed(repeated_ods()), Refused("file.crashed")),
    ]  # fmt: skip


def cases() -> list[Case]:
    return [*kinds(), *sizes(), *markup()]
