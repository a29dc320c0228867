"""The process that reads files: whatever a file does to it, it costs that one file. Started by :mod:`batch.readers`.

Speaks in frames (a length of 8 bytes, then that many bytes): the name of a file comes in, JSON goes out. What it says is
judged as any file is: it knows no key and no roster.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import BinaryIO

from batch.forms.extract import read_form, said
from batch.sheet.package import Unreadable

MEMORY = 2 * 1024**3  # bytes that one file may take, where the system can limit them
READY = b"ready"
READ, FAULT, LOST = b"r", b"f", b"l"  # how an answer begins: a reading; a finding; nothing, as there is no such file


def main() -> None:
    """Answer files until there are no more."""
    source, target = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):  # what the reader prints when it panics is for nobody
        os.dup2(silence, stream)
    _limit()
    _send(target, READY)
    while (name := read_frame(source)) is not None:
        _send(target, _answer(name))


def _send(target: BinaryIO, data: bytes) -> None:
    target.write(frame(data))
    target.flush()


def _answer(name: bytes) -> bytes:
    """Of the file of this name: ``READ`` and its reading; ``FAULT`` and ``{"code": …, "params": …}``, the finding that says
    why there is none; or ``LOST`` if it can't be had from disk.
    """
    try:
        try:
            data = Path(os.fsdecode(name)).read_bytes()
        except OSError:
            return LOST
        return READ + said(read_form(data)).encode("utf-8", "replace")
    except Unreadable as err:
        return _fault(err.code, {key: str(value) for key, value in err.params.items()})
    except MemoryError:
        return _fault("file.too-large", {})
    except Exception as err:  # whatever a reader may trip over costs this one file, and is said
        return _fault("file.unreadable", {"problem": f"{type(err).__name__}: {err}"[:300]})


def _fault(code: str, params: dict[str, str]) -> bytes:
    return FAULT + json.dumps({"code": code, "params": params}, ensure_ascii=False).encode("utf-8", "replace")


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


def frame(data: bytes) -> bytes:
    """Some bytes as they are sent."""
    return len(data).to_bytes(8, "big") + data


def read_frame(stream: BinaryIO) -> bytes | None:
    """The next bytes sent; None if the other side is gone."""
    head = stream.read(8)
    if len(head) < 8:
        return None
    size = int.from_bytes(head, "big")
    data = stream.read(size)
    return data if len(data) == size else None


def frames(received: bytearray) -> list[bytes]:
    """Everything that was sent whole, taken out of what was received so far."""
    found, at = [], 0
    while len(received) >= at + 8 and len(received) >= (end := at + 8 + int.from_bytes(received[at : at + 8], "big")):
        found.append(bytes(received[at + 8 : end]))
        at = end
    del received[:at]
    return found
