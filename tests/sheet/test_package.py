"""Archives unpacked and packed: what they may not do, also in the parts that are remembered from one file to the next."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest

from batch.sheet.package import Unreadable, pack, unpack

STYLES = "xl/styles.xml"


def archive(parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as target:
        for name, part in parts.items():
            target.writestr(zipfile.ZipInfo(name), part, method)
    return stream.getvalue()


def refusal(data: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        unpack(data)
    return caught.value.code


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_what_was_packed_is_unpacked(method: int) -> None:
    parts = {"xl/workbook.xml": b"<a/>", STYLES: b"", "xl/worksheets/sheet1.xml": b"<c/>" * 50_000, "xl/bảng.xml": b"<b/>"}
    assert unpack(archive(parts, method)) == parts
    packed = pack(parts)
    assert unpack(packed) == parts
    with zipfile.ZipFile(io.BytesIO(packed)) as again:
        assert again.testzip() is None and again.namelist() == [*parts]


def test_a_part_known_from_another_file_is_still_held_against_what_this_file_says_of_it() -> None:
    sound = archive({STYLES: b"<styles/>"})
    assert unpack(sound) == unpack(sound) == {STYLES: b"<styles/>"}
    end = sound.rindex(b"PK\1\2")
    wrong = struct.unpack_from("<I", sound, end + 16)[0] ^ 1
    assert refusal(sound[: end + 16] + struct.pack("<I", wrong) + sound[end + 20 :]) == "file.unreadable"
    shorter = struct.pack("<I", 8)  # than it is: what is cut off has another checksum
    assert refusal(sound[: end + 24] + shorter + sound[end + 28 :]) == "file.unreadable"
    assert unpack(sound) == {STYLES: b"<styles/>"}


def test_a_part_that_declares_something_is_refused_however_often_it_comes() -> None:
    declares = b'<!DOCTYPE a [<!ENTITY b "c">]><styles/>'
    assert [refusal(archive({STYLES: declares})) for _ in range(3)] == ["file.unsafe"] * 3
    assert unpack(archive({"xl/printer.bin": declares})) == {"xl/printer.bin": declares}  # no markup: nobody parses it
    assert refusal(archive({STYLES: declares})) == "file.unsafe"


def test_a_part_that_lies_within_another_is_refused() -> None:
    inner = archive({"xl/b.xml": b"<b/>"}, zipfile.ZIP_STORED)
    entry, listed = inner[: inner.index(b"PK\1\2")], inner[inner.index(b"PK\1\2") : inner.rindex(b"PK\5\6")]
    outer = archive({"xl/a.bin": entry}, zipfile.ZIP_STORED)
    at, end = outer.index(b"PK\1\2"), outer.rindex(b"PK\5\6")
    begins = outer.index(entry[:30])
    both = outer[at:end] + listed[:42] + struct.pack("<I", begins) + listed[46:]
    assert unpack(outer) == {"xl/a.bin": entry}
    assert (
        refusal(outer[:at] + both + struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 2, 2, len(both), at, 0)) == "file.unreadable"
    )


def test_a_name_that_no_archive_can_hold_is_refused() -> None:
    with pytest.raises(Unreadable):
        pack({"x" * 70_000: b""})
