"""Files on disk: shipped resources, content hashes, writing aside then renaming, one process per OUT."""

from __future__ import annotations

import errno
import getpass
import hashlib
import json
import os
import platform
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from batch.core.finding import Phrase, Place, UserError

_ASIDE = ".aside"
_HOLDER = ".holder"
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


def trouble(err: OSError) -> str:
    """What the system has against it, in words that can be translated where they exist."""
    return _TROUBLE.get(err.errno or 0) or err.strerror or str(err)


def write_file(path: Path, data: bytes, durable: bool = True, aside: Path | None = None, mode: int = 0o644) -> bool:
    """Put ``data`` at ``path`` whole or not at all; True if the file changed. Equal bytes are left untouched.

    The new file is written aside (in the folder ``aside``, by default its own), then renamed over the old one. ``durable``
    flushes it to disk first; what can be computed again and is checked against its hash (the outbox) need not wait for
    the disk.
    """
    try:
        if path.stat().st_size == len(data) and path.read_bytes() == data:
            return False
    except OSError:
        pass  # not there yet, or not readable: the write below succeeds or says why
    if aside is None:
        path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=aside or path.parent, prefix=".aside-")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            if durable:
                stream.flush()
                os.fsync(stream.fileno())
        temporary.chmod(mode)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return True


def flush_folders(folders: Iterable[Path]) -> None:
    """Have the disk keep the names in some folders, as it keeps the bytes of durable files. Windows needs no such call."""
    if os.name != "posix":
        return
    for folder in folders:
        handle = os.open(folder, os.O_RDONLY)
        try:
            with suppress(OSError):  # a network share that can't do it keeps names in its own way
                os.fsync(handle)
        finally:
            os.close(handle)


@dataclass(frozen=True)
class Store:
    """An OUT folder while this process holds it: the only way to write there. See :func:`locked`.

    Files are written in ``.aside`` and renamed. That folder is made once, when OUT is taken, so a share that vanishes in
    mid-run is an error and never a second OUT under the bare mount point; and what a killed run left in it is swept out.
    """

    root: Path

    def write(self, name: str, data: bytes, durable: bool = True, mode: int = 0o644) -> bool:
        """:func:`write_file` below OUT. Raises ``config.disk`` with the file's own name."""
        try:
            return write_file(self.root / name, data, durable, self.root / _ASIDE, mode)
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
            (self.root / _ASIDE).rmdir()


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
