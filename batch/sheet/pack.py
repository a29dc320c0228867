"""The package of an .xlsx file written: the same files give the same bytes, and what many share is compressed once."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable
from typing import NamedTuple

ILLEGAL_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what no text may hold
_FIXED_DAY = 1 << 5 | 1  # 1 January 1980, as archives write it
_UTF8 = 0x800
_SHORT, _LITTLE = 40_000, 6  # bytes; zlib's memory level
_LAST_BLOCK = b"\3\0"  # an empty one, as deflate writes it


class Packed(NamedTuple):
    """A file of a package, compressed: thousands of forms share most of theirs, so each is compressed once."""

    name: str
    crc: int
    size: int
    data: bytes


class Stretch(NamedTuple):
    """A long stretch of a file that is alike on every form: what stands there, and the same compressed by itself."""

    plain: bytes
    data: bytes


def packed(name: str, data: bytes, level: int = zlib.Z_DEFAULT_COMPRESSION) -> Packed:
    """A file, ready to be put into any number of packages."""
    engine = zlib.compressobj(level, wbits=-zlib.MAX_WBITS, memLevel=_memory(data))
    return Packed(name, zlib.crc32(data), len(data), engine.compress(data) + engine.flush())


def stretch(plain: bytes) -> Stretch:
    """A stretch, ready to be put into any number of files by :func:`sewn`."""
    return Stretch(plain, _compressed(plain, b""))


def sewn(name: str, parts: Iterable[Stretch | bytes]) -> Packed:
    """:func:`packed`, of a file of which long stretches are compressed already: only the rest is compressed now."""
    crc, size, before, bodies = 0, 0, b"", []
    for part in parts:
        plain = part.plain if isinstance(part, Stretch) else part
        bodies.append(part.data if isinstance(part, Stretch) else _compressed(plain, before))
        crc, size, before = zlib.crc32(plain, crc), size + len(plain), plain
    return Packed(name, crc, size, b"".join((*bodies, _LAST_BLOCK)))


def _compressed(plain: bytes, before: bytes) -> bytes:
    """Blocks that end with a whole byte, so that others may follow. They may refer to what stands right before them."""
    engine = zlib.compressobj(wbits=-zlib.MAX_WBITS, memLevel=_memory(plain), zdict=before)
    return engine.compress(plain) + engine.flush(zlib.Z_SYNC_FLUSH)


def _memory(data: bytes) -> int:
    """How much memory to give to a compression: to make ready what is usual takes longer than to compress a short file."""
    return _LITTLE if len(data) < _SHORT else zlib.DEF_MEM_LEVEL


def pack(files: Iterable[tuple[str, bytes]]) -> bytes:
    """A package as .xlsx bytes: the same files give the same bytes."""
    return join(packed(name, data) for name, data in files)


def join(files: Iterable[Packed]) -> bytes:
    """:func:`pack`, of files that are compressed already: a zip archive without dates, comments and the like."""
    bodies, directory, at = [], [], 0
    for name, crc, size, data in files:
        title = name.encode()
        common = struct.pack(
            "<HHHHHLLLHH",
            20,
            0 if name.isascii() else _UTF8,
            zlib.DEFLATED,
            0,
            _FIXED_DAY,
            crc,
            len(data),
            size,
            len(title),
            0,
        )
        directory += [struct.pack("<4sH", b"PK\1\2", 20), common, struct.pack("<HHHLL", 0, 0, 0, 0, at), title]
        bodies += [b"PK\3\4", common, title, data]
        at += 4 + len(common) + len(title) + len(data)
    count, listed = len(directory) // 4, b"".join(directory)
    end = struct.pack("<4sHHHHLLH", b"PK\5\6", 0, 0, count, count, len(listed), at, 0)
    return b"".join((*bodies, listed, end))


def split(package: bytes) -> list[Packed]:
    """The files of a package that :func:`pack` wrote, still compressed."""
    files = []
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        for info in archive.infolist():
            name, extra = struct.unpack_from("<HH", package, info.header_offset + 26)
            start = info.header_offset + 30 + name + extra
            files.append(Packed(info.filename, info.CRC, info.file_size, package[start : start + info.compress_size]))
    return files


def unpacked(file: Packed) -> bytes:
    """The bytes of a file."""
    return zlib.decompress(file.data, wbits=-zlib.MAX_WBITS)
