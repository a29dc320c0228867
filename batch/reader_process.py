"""The process that reads files: whatever a file does to it, it costs that one file. Started by :mod:`batch.readers`.

Speaks in frames (a length of 8 bytes, then that many bytes): a file comes in, JSON goes out. It gets nothing but bytes,
and what it says is judged as any file is: it knows no key and no roster.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, BinaryIO

from batch.forms.extract import read_form, to_body
from batch.sheet.package import Unreadable

MEMORY = 2 * 1024**3  # bytes that one file may take, where the system can limit them
READY = b"ready"


def main() -> None:
    """Answer files until there are no more."""
    source, target = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):  # what the reader prints when it panics is for nobody
        os.dup2(silence, stream)
    _limit()
    write_frame(target, READY)
    while (data := read_frame(source)) is not None:
        write_frame(target, json.dumps(_answer(data), ensure_ascii=False).encode("utf-8", "replace"))


def _answer(data: bytes) -> dict[str, Any]:
    """``{"reading": …}``, or ``{"code": …, "params": …}`` of the finding that says why there is none."""
    try:
        return {"reading": to_body(read_form(data))}
    except Unreadable as err:
        return {"code": err.code, "params": {key: str(value) for key, value in err.params.items()}}
    except MemoryError:
        return {"code": "file.too-large", "params": {}}
    except Exception as err:  # whatever a reader may trip over costs this one file, and is said
        return {"code": "file.unreadable", "params": {"problem": f"{type(err).__name__}: {err}"[:300]}}


def _limit() -> None:
    """Limit the memory, and leave no dump of anybody's form behind."""
    try:
        import resource
    except ImportError:  # Windows
        return
    for what, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CORE, 0)):
        _, hard = resource.getrlimit(what)
        try:
            resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
        except (ValueError, OSError):
            continue  # macOS refuses to limit memory; the time limit and the limits on size remain


def write_frame(stream: BinaryIO, data: bytes) -> None:
    """Send some bytes."""
    stream.write(len(data).to_bytes(8, "big") + data)
    stream.flush()


def read_frame(stream: BinaryIO) -> bytes | None:
    """The next bytes sent; None if the other side is gone."""
    head = stream.read(8)
    if len(head) < 8:
        return None
    size = int.from_bytes(head, "big")
    data = stream.read(size)
    return data if len(data) == size else None
