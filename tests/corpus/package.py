"""Taking workbooks apart and putting them together again, in honest and in other ways."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Callable, Mapping

from tests.corpus.case import Build

SHEET, STRINGS, BOOK, STYLES = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml", "xl/styles.xml"
RELS, TYPES = "xl/_rels/workbook.xml.rels", "[Content_Types].xml"


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {entry.filename: archive.read(entry) for entry in archive.infolist()}


def package(parts: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, part in parts.items():
            archive.writestr(zipfile.ZipInfo(name), part, method)
    return stream.getvalue()


def with_part(name: str, change: Callable[[bytes], bytes]) -> Build:
    """A workbook one of whose parts is changed (or added)."""

    def build(data: bytes) -> bytes:
        parts = parts_of(data)
        before = parts.get(name, b"")
        parts[name] = change(before)
        assert parts[name] != before, name
        return package(parts)

    return build


def replaced(name: str, pattern: str, new: str) -> Build:
    """A workbook in one of whose parts the first match of a pattern is replaced."""
    return with_part(name, lambda part: re.sub(pattern.encode(), new.encode(), part, count=1, flags=re.DOTALL))


def score_cell(xml: str, row: str = "score.quality", key: str = "self") -> Build:
    """The form with the cell of a field written as this markup; ``{r}`` and ``{s}`` stand for its place and its style."""

    def build(data: bytes) -> bytes:
        ref = place_of(data, row, key)

        def change(part: bytes) -> bytes:
            cell = re.search(rb'<c r="%b"([^>]*?)(/>|>.*?</c>)' % ref.encode(), part, re.DOTALL)
            assert cell
            style = re.search(rb's="(\d+)"', cell[1])
            new = xml.replace("{r}", ref).replace("{s}", style[1].decode() if style else "0")
            return part[: cell.start()] + new.encode() + part[cell.end() :]

        return with_part(SHEET, change)(data)

    return build


def place_of(data: bytes, row: str, key: str) -> str:
    """The cell of a field, by the hidden map."""
    from tests.builders import column_of, form_sheet, opened, row_of

    sheet = form_sheet(opened(data))
    return sheet.cell(row_of(sheet, row), column_of(sheet, key)).coordinate


# --- archives that lie ------------------------------------------------------------------------------------------------


def lying(data: bytes, name: str, size: int) -> bytes:
    """The archive with another unpacked size of one entry in both of its headers."""
    raw = bytearray(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entry = archive.getinfo(name)
    struct.pack_into("<I", raw, entry.header_offset + 22, size)
    at = raw.index(b"PK\x01\x02")
    while raw[at + 46 : at + 46 + len(name)] != name.encode():
        at = raw.index(b"PK\x01\x02", at + 4)
    struct.pack_into("<I", raw, at + 24, size)
    return bytes(raw)


def overlapping(data: bytes, name: str, times: int) -> bytes:
    """An archive whose directory names the same packed bytes many times, each time as another part."""
    end = data.rindex(b"PK\x05\x06")
    start = struct.unpack_from("<I", data, end + 16)[0]
    directory = data[start:end]
    at = directory.index(b"PK\x01\x02")
    while directory[at + 46 : at + 46 + len(name)] != name.encode():
        at = directory.index(b"PK\x01\x02", at + 4)
    lengths = struct.unpack_from("<HHH", directory, at + 28)
    one = directory[at : at + 46 + sum(lengths)]
    more = b"".join(one.replace(name.encode(), f"{n:0{len(name) - 4}d}.xml".encode()) for n in range(times))
    count = struct.unpack_from("<H", data, end + 10)[0] + times
    new_end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, count, count, len(directory) + len(more), start, 0)
    return data[:start] + directory + more + new_end


def compound_file(streams: Mapping[str, bytes]) -> bytes:
    """An OLE compound file (.xls, encrypted .xlsx): sectors of 512 bytes, streams padded to 4096 so that none is a small one."""
    sectors: list[bytes] = []
    chains: list[list[int]] = []
    for content in streams.values():
        padded = content.ljust(max(4096, -(-len(content) // 512) * 512), b"\0")
        chains.append(list(range(len(sectors), len(sectors) + len(padded) // 512)))
        sectors += [padded[n : n + 512] for n in range(0, len(padded), 512)]

    def entry(name: str, kind: int, start: int, size: int, right: int, child: int) -> bytes:
        title = (name + "\0").encode("utf-16-le")
        head = title.ljust(64, b"\0") + struct.pack("<HBBIII", len(title), kind, 1, 0xFFFFFFFF, right, child)
        return head + bytes(36) + struct.pack("<IQ", start, size)

    count = len(streams)
    entries = [entry("Root Entry", 5, 0xFFFFFFFE, 0, 0xFFFFFFFF, 1 if count else 0xFFFFFFFF)]
    for n, (name, chain) in enumerate(zip(streams, chains, strict=True), 1):
        entries.append(entry(name, 2, chain[0], len(chain) * 512, n + 1 if n < count else 0xFFFFFFFF, 0xFFFFFFFF))
    directory = b"".join(entries).ljust(-(-len(entries) // 4) * 512, b"\0")
    chains.append(list(range(len(sectors), len(sectors) + len(directory) // 512)))
    sectors += [directory[n : n + 512] for n in range(0, len(directory), 512)]
    table = [0xFFFFFFFF] * (128 * (len(sectors) // 127 + 1))
    for chain in chains:
        for here, following in zip(chain, [*chain[1:], 0xFFFFFFFE], strict=True):
            table[here] = following
    tables = [len(sectors) + n for n in range(len(table) // 128)]
    for n in tables:
        table[n] = 0xFFFFFFFD
    header = struct.pack("<8s16sHHHHH6sIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", bytes(16), 62, 3, 0xFFFE, 9, 6, bytes(6), 0,
                         len(tables), chains[-1][0], 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)  # fmt: skip
    header += struct.pack("<109I", *tables, *[0xFFFFFFFF] * (109 - len(tables)))
    return header + b"".join(sectors) + struct.pack(f"<{len(table)}I", *table)


def biff(*records: tuple[int, bytes]) -> bytes:
    """The stream of an .xls workbook."""
    return b"".join(struct.pack("<HH", kind, len(body)) + body for kind, body in records)
