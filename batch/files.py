"""Files on disk: shipped resources, content hashes, writing aside then renaming, one process per OUT."""

from __future__ import annotations

import ctypes
import errno
import getpass
import hashlib
import json
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from filelock import FileLock, Timeout

from batch.core.finding import Phrase, Place, UserError

Content = bytes | Iterable[bytes]  # of a file: in parts, where it is too large to lie in memory as a whole
_ASIDE = ".aside"
_HOLDER = ".holder"
_BINARY = getattr(os, "O_BINARY", 0)
_SPOOLED = 1 << 20  # bytes that wait before they go to disk
_FEW = 20  # files that are flushed to disk one by one; of more, the disk is asked to keep all at once
FULL = Phrase("the disk is full")
_GONE = Phrase("the folder or the network drive can't be reached")
_NO_RIGHT = Phrase("no right to write there")
_TROUBLE = {  # what offices meet; for the rest, the system's own words
    errno.ENOSPC: FULL,
    errno.EDQUOT: FULL,
    errno.EFBIG: FULL,
    errno.EACCES: _NO_RIGHT,
    errno.EPERM: _NO_RIGHT,
    errno.EROFS: _NO_RIGHT,
    errno.ENOENT: _GONE,
    errno.ENOTCONN: _GONE,
    errno.ESTALE: _GONE,
    errno.EIO: _GONE,
}


def resource(*parts: str) -> Path:
    """A shipped template: inside the installed package, or beside it in a checkout."""
    here = Path(__file__).parent
    base = here / "templates"
    if not base.is_dir():
        base = here.parent / "templates"
    return base.joinpath(*parts)


def sha256(data: bytes) -> str:
    """Hex SHA-256 of some bytes."""
    return hashlib.sha256(data).hexdigest()


def whole(content: Content) -> bytes:
    """What a file is to hold, in one piece."""
    return content if isinstance(content, bytes) else b"".join(content)


def trouble(err: OSError) -> str:
    """What the system has against it, in words that can be translated where they exist."""
    return _TROUBLE.get(err.errno or 0) or err.strerror or str(err)


def write_file(path: Path, data: bytes, durable: bool = True) -> bool:
    """Put ``data`` at ``path`` whole or not at all; True if the file changed. Equal bytes are left untouched.

    The new file is written beside the old one, then renamed over it; ``durable`` flushes it to disk first.
    """
    if _holds(path, data):
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".aside-")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            if durable:
                stream.flush()
                os.fsync(stream.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return True


@contextmanager
def _opened_new(path: str, mode: int) -> Iterator[int]:
    """A new file to write to, with as few calls to the system as it takes: a run writes thousands."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _BINARY, mode)
    try:
        yield handle
        if hasattr(os, "fchmod"):  # whatever the umask; Windows knows no such rights
            os.fchmod(handle, mode)
    finally:
        os.close(handle)


def _write_all(handle: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(handle, left) :]


def _holds(path: str | Path, data: bytes) -> bool:
    try:
        return os.stat(path).st_size == len(data) and Path(path).read_bytes() == data  # noqa: PTH116 (half the time)
    except OSError:
        return False  # not there yet, or not readable: writing it succeeds or says why


def _has_hash(path: str, size: int, digest: str) -> bool:
    try:
        if os.stat(path).st_size != size:  # noqa: PTH116
            return False
        with open(path, "rb") as stream:  # noqa: PTH123
            return hashlib.file_digest(stream, "sha256").hexdigest() == digest
    except OSError:
        return False


def _flush(path: Path) -> None:
    """Have the disk keep a file's bytes, or a folder's names. Of folders, Windows needs no such call."""
    if path.is_dir() and os.name != "posix":
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    except OSError:
        if not path.is_dir():  # a network share that can't do it keeps names in its own way
            raise
    finally:
        os.close(handle)


def _flush_all(root: Path) -> bool:
    """Have the disk keep everything under way to the file system of ``root``, in one go; False where that can't be asked."""
    call = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None) if sys.platform == "linux" else None
    if call is None:
        return False
    handle = os.open(root, os.O_RDONLY)
    try:
        if call(handle):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(root))
    finally:
        os.close(handle)
    return True


@dataclass(frozen=True, slots=True)
class Draft:
    """A file of OUT that is written but not in its place yet, so that many appear at once: its name below OUT.

    ``aside``: what it is called where it waits; '' if the very same bytes lie in its place already.
    """

    name: str
    sha256: str
    size: int
    aside: str


@dataclass(frozen=True)
class Store:
    """An OUT folder while this process holds it: the only way to write there. See :func:`locked`.

    Files are written in ``.aside`` and renamed. That folder is made once, when OUT is taken, so a share that vanishes in
    mid-run is an error and never a second OUT under the bare mount point; and what a killed run left in it is swept out.
    Every method raises ``config.disk`` with the file's own name.
    """

    root: Path

    def write(self, name: str, data: bytes, durable: bool = True, mode: int = 0o644) -> bool:
        """Put ``data`` in its place below OUT, whole or not at all; True if the file changed.

        ``durable`` flushes it to disk first; what can be computed again and is checked against its hash (the outbox) need
        not wait for the disk.
        """
        draft = self.draft(name, data, mode)
        if durable and draft.aside:
            with self._told(name):
                _flush(Path(self._aside(draft)))
        return self.place(draft)

    def draft(self, name: str, data: Content, mode: int = 0o644, digest: str = "") -> Draft:
        """Write a file aside, to be put in its place later; any process may do so. ``digest``: of ``data``, if known."""
        if not isinstance(data, bytes):
            return self._draft_in_parts(name, data, mode)
        digest = digest or sha256(data)
        with self._told(name):
            if _holds(self._path(name), data):
                return Draft(name, digest, len(data), "")
            draft = Draft(name, digest, len(data), sha256(name.encode())[:40])
            target = self._aside(draft)
            try:
                with _opened_new(target, mode) as handle:
                    _write_all(handle, data)
            except BaseException:
                Path(target).unlink(missing_ok=True)
                raise
        return draft

    def _draft_in_parts(self, name: str, parts: Iterable[bytes], mode: int) -> Draft:
        aside, size, digest = sha256(name.encode())[:40], 0, hashlib.sha256()
        target = self._path(f"{_ASIDE}/{aside}")
        with self._told(name):
            try:
                with _opened_new(target, mode) as handle:
                    for part in parts:
                        digest.update(part)
                        size += len(part)
                        _write_all(handle, part)
                if _has_hash(self._path(name), size, digest.hexdigest()):
                    Path(target).unlink()
                    aside = ""
            except BaseException:
                Path(target).unlink(missing_ok=True)
                raise
        return Draft(name, digest.hexdigest(), size, aside)

    def place(self, draft: Draft) -> bool:
        """Put a draft in its place; True if that changes anything."""
        if not draft.aside:
            return False
        path, aside = self._path(draft.name), self._aside(draft)
        with self._told(draft.name):
            try:
                os.replace(aside, path)  # noqa: PTH105
            except FileNotFoundError:
                self._make_folders(Path(path).parent)
                os.replace(aside, path)  # noqa: PTH105
        return True

    def where(self, draft: Draft) -> Path:
        """The file that holds a draft, in its place or not."""
        return Path(self._aside(draft) if draft.aside else self._path(draft.name))

    def keep(self, drafts: Iterable[Draft]) -> None:
        """Put drafts in their places, and have the disk keep them and their names."""
        placed = [draft for draft in drafts if self.place(draft)]
        if not placed:
            return
        with self._told(placed[0].name):
            if len(placed) < _FEW or not _flush_all(self.root):
                paths = [self.root / draft.name for draft in placed]
                for path in (*paths, *sorted({path.parent for path in paths})):
                    _flush(path)

    @contextmanager
    def spool(self) -> Iterator[Spool]:
        """A list that waits on disk instead of in memory while the run goes on."""
        with self._told(""), tempfile.TemporaryFile("w+", _SPOOLED, "utf-8", newline="\n", dir=self.root / _ASIDE) as lines:
            yield Spool(lines)

    def _path(self, name: str) -> str:
        return f"{self.root}/{name}"  # as text: there are thousands

    def _aside(self, draft: Draft) -> str:
        return self._path(f"{_ASIDE}/{draft.aside}")

    def _make_folders(self, folder: Path) -> None:
        """Make a folder below OUT with those it lies in, never OUT itself: where that is gone, it stays gone."""
        if folder != self.root:
            try:
                folder.mkdir(exist_ok=True)
            except FileNotFoundError:
                self._make_folders(folder.parent)
                folder.mkdir(exist_ok=True)

    @contextmanager
    def _told(self, name: str) -> Iterator[None]:
        try:
            yield
        except OSError as err:
            raise UserError("config.disk", Place(str(self.root / name)), problem=trouble(err)) from err

    def _take(self) -> None:
        shutil.rmtree(self.root / _ASIDE, ignore_errors=True)
        (self.root / _ASIDE).mkdir()
        try:
            user = getpass.getuser()
        except (KeyError, OSError):  # a process whose user has no name
            user = "?"
        who = {"user": user, "host": platform.node(), "pid": os.getpid()}
        (self.root / _HOLDER).write_text(json.dumps(who), encoding="utf-8")

    def _leave(self) -> None:
        with suppress(OSError):  # the folder may be gone; what stays is swept out by the next run
            (self.root / _HOLDER).unlink()
        shutil.rmtree(self.root / _ASIDE, ignore_errors=True)


class Spool:
    """Rows of texts, written one after the other, then read in the same order. See :meth:`Store.spool`.

    All have as many texts; none holds a line break, and only the last may hold tabs.
    """

    def __init__(self, lines: IO[str]) -> None:
        self._lines = lines
        self._tabs = 0

    def add(self, row: Sequence[str]) -> None:
        """Put a row at the end."""
        self._tabs = len(row) - 1
        self._lines.write("\t".join(row) + "\n")

    def __iter__(self) -> Iterator[list[str]]:
        self._lines.seek(0)
        return (line[:-1].split("\t", self._tabs) for line in self._lines)


@contextmanager
def locked(out: Path) -> Iterator[Store]:
    """Hold ``out`` for one run; another one is refused at once with ``run.locked`` (exit 3), never made to wait.

    The system drops the lock when the process ends, however it ends: a killed run blocks nobody.
    """
    lock = FileLock(out / ".lock", timeout=0)
    store = Store(out)
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock.acquire()
        store._take()
    except Timeout as err:
        raise UserError("run.locked", Place(str(out)), **_holder(out)) from err
    except OSError as err:
        lock.release()
        raise UserError("config.out-unwritable", Place(str(out)), problem=trouble(err)) from err
    try:
        yield store
    finally:
        store._leave()
        with suppress(OSError):
            lock.release()


def _holder(out: Path) -> dict[str, str]:
    """Who holds OUT, as they said themselves; '?' while they have not said it yet."""
    try:
        found = json.loads((out / _HOLDER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        found = {}
    return {key: str(found.get(key, "?")) for key in ("user", "host", "pid")}
