"""The inbox: which files lie there, and reading the new ones. Nothing in it is ever changed."""

from __future__ import annotations

import os
from collections.abc import Container, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from batch.core.finding import Finding, Place, UserError, finding
from batch.core.records import Receipt
from batch.core.text import clean
from batch.files import sha256
from batch.forms.extract import read_form
from batch.sheet.read import Unreadable

_LITTER = frozenset({"thumbs.db", "desktop.ini", "readme.md", "readme.txt"})


@dataclass(frozen=True)
class Arrival:
    """A file lying in the inbox: its name below the inbox (NFC, with ``/``), its bytes (None: not readable)."""

    name: str
    data: bytes | None
    sha256: str
    size: int
    fault: Finding | None = None


def scan(inbox: Path, max_bytes: int) -> list[Arrival]:
    """Every file of the inbox by name; owner files, hidden files, links and desktop litter are passed over.

    Raises :class:`UserError` (``config.no-inbox``) if the folder can't be reached: a lost share is no empty inbox.
    """
    if not inbox.is_dir():
        raise UserError("config.no-inbox", Place(str(inbox)))
    return sorted(_arrivals(inbox, max_bytes), key=lambda arrival: arrival.name)


def _arrivals(inbox: Path, max_bytes: int) -> Iterator[Arrival]:
    for folder, folders, files in os.walk(inbox):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for file in files:
            path = Path(folder, file)
            if file.startswith(("~$", ".")) or file.casefold() in _LITTER or path.is_symlink() or not path.is_file():
                continue
            name = clean(path.relative_to(inbox).as_posix().encode("utf-8", "replace").decode("utf-8"))
            try:
                size = path.stat().st_size
                if size > max_bytes:
                    yield Arrival(name, None, "", size, finding("file.too-large", Place(name)))
                    continue
                data = path.read_bytes()
            except OSError as err:
                fault = finding("file.unreadable", Place(name), problem=err.strerror or str(err))
                yield Arrival(name, None, "", 0, fault)
                continue
            yield Arrival(name, data, sha256(data), len(data))


def read_new(arrivals: Sequence[Arrival], known: Container[str], run: int, received: str, jobs: int) -> list[Receipt]:
    """Receipts of the files whose content was never seen before, read in ``jobs`` threads (calamine releases the lock)."""
    new: dict[str, Arrival] = {}
    for arrival in arrivals:
        if arrival.data is not None and arrival.sha256 not in known:
            new.setdefault(arrival.sha256, arrival)

    def read(arrival: Arrival) -> Receipt:
        place = Place(arrival.name)
        fault, reading = None, None
        try:
            reading = read_form(arrival.data or b"")
        except Unreadable as err:
            fault = finding(err.code, place, **err.params)
        except Exception as err:  # whatever a reader may trip over costs this one file, and is said
            fault = finding("file.unreadable", place, problem=f"{type(err).__name__}: {err}")
        return Receipt(arrival.sha256, arrival.name, arrival.size, received, run, reading, fault)

    with ThreadPoolExecutor(max_workers=jobs) as pool:
        return list(pool.map(read, new.values()))


def not_taken_in(arrivals: Sequence[Arrival], received: str) -> list[Receipt]:
    """Files that could not be read from disk or are too large: reported while they lie there, never kept in the ledger."""
    return [Receipt("", a.name, a.size, received, 0, None, a.fault) for a in arrivals if a.fault is not None]
