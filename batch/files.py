"""Files on disk: shipped resources, content hashes, writing aside then renaming, one run per folder."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from batch.core.finding import Place, UserError


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


def write_file(path: Path, data: bytes, durable: bool = True) -> bool:
    """Put ``data`` at ``path`` whole or not at all; True if the file changed. Equal bytes are left untouched.

    The new file is written beside the old one, then renamed over it. ``durable`` flushes it to disk first; what can be
    computed again and is checked against its hash (the outbox) need not wait for the disk.
    """
    try:
        if path.stat().st_size == len(data) and path.read_bytes() == data:
            return False
    except OSError:
        pass  # not there yet, or not readable: the write below succeeds or says why
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=".aside-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            if durable:
                stream.flush()
                os.fsync(stream.fileno())
        Path(aside).chmod(0o644)
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
    return True


@contextmanager
def locked(out: Path) -> Iterator[None]:
    """Hold ``out`` for one run; another one is refused at once with ``run.locked`` (exit 3), never made to wait."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock = FileLock(out / ".lock", timeout=0)
        lock.acquire()
    except Timeout as err:
        raise UserError("run.locked", Place(str(out))) from err
    except OSError as err:
        raise UserError("config.out-unwritable", Place(str(out)), problem=err.strerror or str(err)) from err
    try:
        yield
    finally:
        lock.release()
