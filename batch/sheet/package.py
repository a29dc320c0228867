"""The zip archives that workbooks are: unpacked within limits, and packed anew for the reader.

Nothing an archive says about itself is believed: parts are inflated piece by piece and counted, and the reader gets an
archive written here from those very parts. So what was looked at is what is read, whatever tricks the original plays.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

MAX_ENTRIES = 2_000
MAX_EXPANDED = 200 * 1024 * 1024
_READ = (".xml", ".rels", ".bin", ".vml", "mimetype")  # pictures, fonts and the like are never unpacked
_MARKUP = (".xml", ".rels", ".vml")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


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
            return _parts(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as err:
        raise Unreadable("file.unreadable", problem=str(err) or type(err).__name__) from err


def _parts(archive: zipfile.ZipFile) -> dict[str, bytes]:
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise Unreadable("file.too-large")
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
        if entry.file_size > left:  # a header may lie either way: the bytes are counted as well
            raise Unreadable("file.too-large")
        with archive.open(entry) as stream:
            part = stream.read(left + 1)
        left -= len(part)
        if left < 0:
            raise Unreadable("file.too-large")
        if name.casefold().endswith(_MARKUP) and _declares(part):
            raise Unreadable("file.unsafe", found=name)
        parts[name] = part
    return parts


def _declares(markup: bytes) -> bool:
    """Whether markup brings declarations of its own (no office format does), or hides behind another encoding."""
    return b"<!DOCTYPE" in markup or b"<!ENTITY" in markup or markup.startswith(_UTF16) or b"\0" in markup[:8]


def pack(parts: Mapping[str, bytes]) -> bytes:
    """An archive of these parts, not compressed: it is read at once and never kept."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name, part in parts.items():
            archive.writestr(zipfile.ZipInfo(name), part)
    return stream.getvalue()
