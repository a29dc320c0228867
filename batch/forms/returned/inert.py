"""Which workbooks may go out again as they came: of the format written here, small, and nothing in them could act."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping

from batch.sheet.cells import extent, ranges
from batch.sheet.package import Unreadable, unpack

_LARGEST, _MOST_CELLS = 4 * 1024 * 1024, 300_000  # unpacked; a larger workbook is not worth the time it would take to copy
_ACTIVE_PART = re.compile(
    r"vbaProject|macrosheets|dialogsheets|externalLinks|connections|queryTables|activeX|ctrlProps|embeddings|customUI|"
    r"webextensions|xl/model",
    re.IGNORECASE,
)
_OUTWARD = re.compile(rb"TargetMode\s*=\s*[\"']External", re.IGNORECASE)
_FORMULAS = re.compile(rb"<(?:\w+:)?(?:f|formula|formula1|formula2|definedName)\b[^<>]*>([^<]+)<")
_REACHES_OUT = re.compile(
    rb"\b(WEBSERVICE|HYPERLINK|IMAGE|RTD|CALL|EXEC|REGISTER[.\w]*|DDE|INFO|SQL\.REQUEST)\s*\(|\|", re.IGNORECASE
)


def copiable(data: bytes) -> dict[str, bytes] | None:
    """The parts of a workbook in the format that is written here, worth its copying, in which nothing could act; else None.

    Macros, links to elsewhere, data connections and formulas that reach outside never go out again: then a fresh form does.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
        parts = unpack(data)
    except (zipfile.BadZipFile, OSError, Unreadable):
        return None
    sheets = [part for name, part in parts.items() if name.startswith("xl/worksheets/") and name.endswith(".xml")]
    inert = (
        "xl/workbook.xml" in parts
        and not any(_ACTIVE_PART.search(name) for name in names)
        and not any(_OUTWARD.search(part) for name, part in parts.items() if name.endswith(".rels"))
        and not any(_REACHES_OUT.search(formula) for part in parts.values() for formula in _FORMULAS.findall(part))
        and sum(len(part) for part in parts.values()) < _LARGEST
        and sum(extent(sheet) + ranges(sheet) for sheet in sheets) < _MOST_CELLS
    )
    return parts if inert else None


def pictures(data: bytes, parts: Mapping[str, bytes]) -> dict[str, bytes]:
    """The other parts of its archive, which are no markup. Raises :class:`Unreadable` (``file.too-large``)."""
    found: dict[str, bytes] = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for entry in archive.infolist():
            if entry.filename not in parts and not entry.is_dir():
                with archive.open(entry) as stream:
                    found[entry.filename] = stream.read(_LARGEST)
                if sum(map(len, found.values())) >= _LARGEST:
                    raise Unreadable("file.too-large")
    return found
