"""The inbox: which files lie there, and reading the new ones. Nothing in it is ever changed."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from batch.core.finding import Finding, Place, UserError, finding
from batch.core.records import Receipt
from batch.core.text import clean
from batch.files import sha256
from batch.parallel import spread
from batch.readers import Answer, read_files

K = TypeVar("K")
Keep = Callable[[str, bytes], K]  # gets a file's hash and bytes
_LITTER = frozenset({"thumbs.db", "desktop.ini", "readme.md", "readme.txt"})
_LITTER_FOLDERS = frozenset({"__macosx", "$recycle.bin", "@eadir"})
# A link put in place of a file between two looks is not followed, and a pipe keeps nobody waiting (where the system can).
_OPEN = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file lying in the inbox: its name below the inbox (NFC, with ``/``), its hash ('': not readable, for ``fault``)."""

    name: str
    sha256: str
    size: int
    fault: Finding | None = None


def scan(inbox: Path, max_bytes: int, keep: Keep[object] = lambda digest, data: None) -> list[Arrival]:
    """Every file of the inbox, as :func:`look_through` finds them."""
    return [arrival for arrival, _ in look_through(inbox, max_bytes, keep)]


def look_through(inbox: Path, max_bytes: int, keep: Keep[K], jobs: int = 1) -> list[tuple[Arrival, K | None]]:
    """Every file of the inbox by name; owner files, hidden files and desktop litter are passed over, links are not followed.

    Each is read once, and ``keep`` gets what was read: an inbox may change at any time. What that comes to stands beside the
    file (None of one that could not be read), and can be pickled: of many, several processes read a part each.
    Raises :class:`UserError` (``config.no-inbox``) if the folder can't be reached: a lost share is no empty inbox.
    """
    if not inbox.is_dir():
        raise UserError("config.no-inbox", Place(str(inbox)))
    found = spread(_looked_at, (max_bytes, keep), list(_paths(inbox)), jobs)
    return sorted(found, key=lambda one: (one[0].name, one[0].sha256))


def _paths(inbox: Path) -> Iterator[tuple[str, str]]:
    """The name of each file below the inbox as it is told, and its path."""

    def lost(err: OSError) -> None:  # a folder that vanishes in mid-walk would else look like an empty one
        raise UserError("config.no-inbox", Place(str(err.filename or inbox))) from err

    for folder, folders, files in os.walk(inbox, onerror=lost):
        links = [name for name in folders if Path(folder, name).is_symlink()]
        folders[:] = [name for name in folders if not _is_litter(name, _LITTER_FOLDERS)]
        below = Path(folder).relative_to(inbox).parts
        for file in (*files, *links):
            if not _is_litter(file, _LITTER):
                yield _shown("/".join((*below, file))), os.path.join(folder, file)  # noqa: PTH118


def _is_litter(name: str, known: Container[str]) -> bool:
    return name.startswith(("~$", ".")) or name.casefold() in known


def _shown(path: str) -> str:
    """A path of the inbox as it is told: NFC, one line, nothing invisible; for no other use."""
    return " ".join(clean(path.encode("utf-8", "replace").decode("utf-8")).split())


def _looked_at(how: tuple[int, Keep[K]], file: tuple[str, str]) -> tuple[Arrival, K | None]:
    (max_bytes, keep), (name, path) = how, file

    def refused(code: str, **params: object) -> tuple[Arrival, None]:
        return Arrival(name, "", 0, finding(code, Place(name), "", **params)), None

    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return refused("file.link")
        handle = os.open(path, _OPEN)
        try:
            before = os.fstat(handle)
            if not stat.S_ISREG(before.st_mode):
                return refused("file.link")
            data = _read(handle, min(before.st_size, max_bytes) + 1)
            after = os.fstat(handle)
        finally:
            os.close(handle)
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            return refused("file.changing")  # still being copied: what was read is neither the old file nor the new
    except OSError as err:
        return refused("file.unreadable", problem=err.strerror or str(err))
    if len(data) > max_bytes:
        return refused("file.too-large")
    digest = sha256(data)
    return Arrival(name, digest, len(data)), keep(digest, data)


def _read(handle: int, most: int) -> bytes:
    parts = []
    while most and (part := os.read(handle, most)):
        parts.append(part)
        most -= len(part)
    return b"".join(parts)


def unseen(arrivals: Iterable[Arrival], known: Container[str]) -> list[Arrival]:
    """The files whose content was never seen before, the first of several with the same."""
    new: dict[str, Arrival] = {}
    for arrival in arrivals:
        if arrival.sha256 and arrival.sha256 not in known:
            new.setdefault(arrival.sha256, arrival)
    return list(new.values())


def read_new(
    new: Sequence[Arrival], run: int, received: str, jobs: int, seconds: float, where: Callable[[str], Path]
) -> Iterator[tuple[Receipt, str]]:
    """A receipt of each file, and its reading as text ('' of none), read in ``jobs`` processes in at most ``seconds``.

    ``where``: hash → the file in which lies what :func:`scan` kept.
    """
    answers = read_files([where(arrival.sha256) for arrival in new], jobs, seconds)
    for arrival, answer in zip(new, answers, strict=True):
        yield receipt_of(arrival.name, arrival.sha256, arrival.size, received, run, answer), answer.said


def receipt_of(name: str, digest: str, size: int, received: str, run: int, answer: Answer) -> Receipt:
    """A file as it was received: what was read of it, or the finding that says why nothing was."""
    fault = finding(answer.code, Place(name), **(answer.params or {})) if answer.code else None
    return Receipt(digest, name, size, received, run, answer.reading, fault)


def not_taken_in(arrivals: Sequence[Arrival], received: str) -> list[Receipt]:
    """Files that could not be read from disk or are too large: reported while they lie there, never kept in the ledger."""
    return [Receipt("", a.name, a.size, received, 0, None, a.fault) for a in arrivals if a.fault is not None]
