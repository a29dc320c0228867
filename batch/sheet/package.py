"""The zip archives that workbooks are: unpacked within limits, and packed anew for the reader.

Nothing an archive says about itself is believed: of a part no more is inflated than it says it holds, and that must fit
into what is left of the limit, have its checksum, and lie in no other part. The reader gets an archive written here from
those very parts. So what was looked at is what is read, whatever tricks the original plays.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

MAX_ENTRIES = 2_000
MAX_EXPANDED = 200 * 1024 * 1024
_READ = (".xml", ".rels", ".bin", ".vml", "mimetype")  # pictures, fonts and the like are never unpacked
_MARKUP = (".xml", ".rels", ".vml")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_REMEMBERED = 64 * 1024  # bytes, up to which a part is inflated once: styles and the like are the same in most forms
_OWN = ("xl/worksheets/", "xl/sharedStrings")  # which are another's in every form
_LOCAL = struct.Struct("<4s22xHH")  # before a part: signature, the lengths of its name and of what follows that
_NO_USUAL_PART = 0x60  # flags: patches, strong encryption
_UTF8 = 0x800
_LONGEST_NAME = 0xFFFF
_FIRST_DAY = 1 << 5 | 1  # 1 January 1980, as archives write it


class Unreadable(Exception):
    """The file can't be read as a workbook; ``code`` is the finding that says why."""

    def __init__(self, code: str, **params: Any) -> None:
        self.code = code
        self.params = params
        super().__init__(code)


def unpack(data: bytes) -> dict[str, bytes]:
    """The parts of an archive by name (with ``/``). Raises :class:`Unreadable`.

    ``file.too-large``: too many or too large parts; ``file.unsafe``: a part that stands twice, an unusual compression, or
    markup that declares entities; ``file.encrypted``; ``file.unreadable``: a broken archive.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _parts(data, archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as err:
        raise Unreadable("file.unreadable", problem=str(err) or type(err).__name__) from err


def _parts(data: bytes, archive: zipfile.ZipFile) -> dict[str, bytes]:
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise Unreadable("file.too-large")
    ends = _ends(entries, archive.start_dir)
    parts: dict[str, bytes] = {}
    left = MAX_EXPANDED
    for entry in entries:
        name = entry.filename.replace("\\", "/").lstrip("/")
        if not name.casefold().endswith(_READ):
            continue
        if entry.flag_bits & 1:
            raise Unreadable("file.encrypted")
        if name in parts or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Unreadable("file.unsafe", found=name)
        if entry.file_size > left:  # a header may lie either way: no more than that is inflated
            raise Unreadable("file.too-large")
        packed = _packed(data, entry, ends[entry.header_offset])
        known = entry.file_size <= _REMEMBERED and not name.startswith(_OWN)
        part, crc, declares = (_remembered if known else _inflated)(packed, entry.compress_type, entry.file_size)
        if crc != entry.CRC:
            raise zipfile.BadZipFile(f"Bad CRC-32 for file {entry.filename!r}")
        left -= len(part)
        if declares and name.casefold().endswith(_MARKUP):
            raise Unreadable("file.unsafe", found=name)
        parts[name] = part
    return parts


def _ends(entries: Iterable[zipfile.ZipInfo], last: int) -> dict[int, int]:
    """Where each part of an archive has to end, by where it begins: parts that lie in each other are a bomb."""
    begins = sorted({entry.header_offset for entry in entries})
    return dict(zip(begins, [*begins[1:], last], strict=True))


def _packed(data: bytes, entry: zipfile.ZipInfo, end: int) -> bytes:
    """The bytes of a part as they stand in the archive. Raises :class:`zipfile.BadZipFile`."""
    at = entry.header_offset
    if entry.flag_bits & _NO_USUAL_PART:
        raise NotImplementedError("strong encryption or patches")
    if not 0 <= at <= len(data) - _LOCAL.size:
        raise zipfile.BadZipFile("Truncated file header")
    signature, name, extra = _LOCAL.unpack_from(data, at)
    at += _LOCAL.size
    title = entry.orig_filename.encode("utf-8" if entry.flag_bits & _UTF8 else "cp437")
    if signature != b"PK\3\4":
        raise zipfile.BadZipFile("Bad magic number for file header")
    if data[at : at + name] != title:
        raise zipfile.BadZipFile(f"File name in directory {entry.orig_filename!r} and header differ.")
    at += name + extra
    if at + entry.compress_size > end:
        raise zipfile.BadZipFile(f"Overlapped entries: {entry.orig_filename!r}")
    return data[at : at + entry.compress_size]


def _inflated(packed: bytes, method: int, size: int) -> tuple[bytes, int, bool]:
    """At most ``size`` bytes of a part, their CRC-32, and whether they declare something. Raises :class:`zlib.error`."""
    if method == zipfile.ZIP_STORED or not size:  # to zlib, a limit of 0 is none
        part = packed[:size]
    else:
        part = zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, size)
    return part, zlib.crc32(part), _declares(part)


_remembered = lru_cache(maxsize=64)(_inflated)  # by the very bytes: the same come to the same


def _declares(markup: bytes) -> bool:
    """Whether markup brings declarations of its own (no office format does), or hides behind another encoding."""
    return b"<!DOCTYPE" in markup or b"<!ENTITY" in markup or markup.startswith(_UTF16) or b"\0" in markup[:8]


def pack(parts: Mapping[str, bytes]) -> bytes:
    """An archive of these parts, not compressed: it is read at once and never kept. Raises :class:`Unreadable`."""
    bodies, directory, at = [], [], 0
    for name, part in parts.items():
        title = name.encode()
        if len(title) > _LONGEST_NAME:
            raise Unreadable("file.unreadable", problem=name[:40])
        common = struct.pack(
            "<HHHHHLLLHH",
            20,
            _UTF8,
            zipfile.ZIP_STORED,
            0,
            _FIRST_DAY,
            zlib.crc32(part),
            len(part),
            len(part),
            len(title),
            0,
        )
        directory += [struct.pack("<4sH", b"PK\1\2", 20), common, struct.pack("<HHHLL", 0, 0, 0, 0, at), title]
        bodies += [b"PK\3\4", common, title, part]
        at += 4 + len(common) + len(title) + len(part)
    count, listed = len(parts), b"".join(directory)
    return b"".join((*bodies, listed, struct.pack("<4sHHHHLLH", b"PK\5\6", 0, 0, count, count, len(listed), at, 0)))
