"""Reading files in processes of their own, so that a file which kills, stalls or bloats its reader costs itself only.

A process reads one file after the other and answers each before it begins the next: the first that it has not answered
when it dies or when its time is up is the one to name. The others that it was told of are read by the next process.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count, takewhile
from pathlib import Path
from typing import Any

from batch.core.codes import CODES
from batch.core.finding import Place, UserError
from batch.core.records import Reading
from batch.files import trouble
from batch.forms.extract import from_body
from batch.reader_process import FAULT, LOST, READ, READY, frame, frames, read_frame

_FEW = 20  # files for which a second process is not worth its start
_AHEAD = 64  # files read before the first of them is asked for
_TOLD = 16  # files that a process is told of at a time, so that it need not wait for this one to say which is next
_PART = 1 << 20  # bytes taken from a pipe at a time, if so many have come
_PIPE = 2048  # bytes that every system's pipe takes without anybody reading: so nobody ever waits to tell of a file


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one file: its reading, or the code and particulars of the finding that says why there is none.

    ``said``: the reading as text, as the ledger keeps it.
    """

    reading: Reading | None
    code: str = ""
    params: Mapping[str, Any] | None = None
    said: str = ""


def read_files(files: Sequence[Path], jobs: int, seconds: float) -> Iterator[Answer]:
    """Read files in up to ``jobs`` processes, each file in at most ``seconds``; the answers in the order of the files.

    Nobody may change the files meanwhile: they are copies of our own. Raises :class:`UserError`: ``run.no-reader`` if such a
    process can't be started at all, ``config.disk`` if a file can't be had from disk.
    """
    if not files:
        return
    work = _Work([os.fsencode(file.absolute()) for file in files])
    with ExitStack() as stack:
        readers = [_Reader(work, seconds) for _ in range(max(1, min(jobs, -(-len(files) // _FEW))))]
        stack.callback(_Watchdog(readers, seconds).close)
        for reader in readers:
            stack.callback(reader.close)
        stack.callback(work.close)
        done = 0
        while done < len(files):
            for file, said in zip(files[done:], answers := work.answers(done), strict=False):
                yield said if isinstance(said, Answer) else _answer(said, file)
            done += len(answers)


class _Work:
    """The files still to be read, and what was said of those that were: what all threads share."""

    def __init__(self, names: Sequence[bytes]) -> None:
        self.names = names
        self.told = max(1, min(_TOLD, _PIPE // max(len(frame(name)) for name in names)))
        self._next = 0
        self._asked = 0
        self._said: dict[int, bytes | Answer] = {}
        self._error: BaseException | None = None
        self._closed = False
        self._news = threading.Condition()

    def take(self, most: int, wait: bool) -> range:
        """The next files to be read, at most so many; none if there are none, or, unless told to wait, none now."""
        with self._news:
            while wait and self._next >= self._limit() and self._next < len(self.names) and not self._closed:
                self._news.wait()
            first = self._next
            self._next = first if self._closed else max(first, min(first + most, self._limit()))
            return range(first, self._next)

    def _limit(self) -> int:
        return min(len(self.names), self._asked + _AHEAD)

    def put(self, said: Mapping[int, bytes | Answer]) -> None:
        """What was said of some files."""
        with self._news:
            self._said.update(said)
            if self._asked in said:
                self._news.notify_all()

    def fail(self, error: BaseException) -> None:
        """Nothing more will come: whoever asks gets this error."""
        with self._news:
            self._error = error
            self._closed = True
            self._news.notify_all()

    def close(self) -> None:
        """Nothing more is asked for."""
        with self._news:
            self._closed = True
            self._news.notify_all()

    def answers(self, first: int) -> list[bytes | Answer]:
        """What was said of this file, as soon as it is, and of those after it that are done.

        Raises what :meth:`fail` was told.
        """
        with self._news:
            self._asked = first
            self._news.notify_all()  # those who wait for room have some
            while first not in self._said:
                if self._error is not None:
                    raise self._error
                self._news.wait()
            return [self._said.pop(n) for n in takewhile(self._said.__contains__, count(first))]


class _Reader:
    """A thread that has files read by one process, which is started anew whenever it was lost."""

    def __init__(self, work: _Work, seconds: float) -> None:
        self._work = work
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._heard = bytearray()  # of an answer that has not come whole
        self._guard = threading.Lock()  # over what the watchdog and whoever closes need to know:
        self._begun: float | None = None  # when the file at hand was begun, if there is one
        self._overdue = False
        self._closed = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the process, whatever it does, and the thread."""
        with self._guard:
            self._closed = True
            if self._process is not None:
                self._process.kill()
        self._thread.join()

    def deadline(self) -> float:
        """When the file at hand is to be done, or the next at the earliest."""
        with self._guard:
            return (time.monotonic() if self._begun is None else self._begun) + self._seconds

    def end_overdue(self) -> None:
        """Kill the process if the time of the file at hand is up."""
        with self._guard:
            if self._process is not None and self._begun is not None and time.monotonic() >= self._begun + self._seconds:
                self._overdue = True
                self._process.kill()

    def _run(self) -> None:
        try:
            self._read_all()
        except BaseException as err:  # it is raised where the answers are waited for
            self._work.fail(err)
        finally:
            self._end()

    def _read_all(self) -> None:
        told: deque[int] = deque()  # files that the process knows of and has not answered, the one at hand first
        most = self._work.told
        while True:
            new = [*self._work.take(most - len(told) if len(told) <= most // 2 else 0, wait=not told)]
            if self._process is None:
                new, told = [*told, *new], deque()
            if not (told or new):
                return
            if self._tell(new, idle=not told) and (heard := self._hear()):
                told += new
                self._work.put({told.popleft(): said for said in heard[: len(told)]})
                if self._answered(more=bool(told)):
                    continue
            else:
                told += new
                if self._closed:
                    return
                lost = Answer(None, "file.timeout", {"seconds": f"{self._seconds:g}"})
                self._work.put({told.popleft(): lost if self._overdue else Answer(None, "file.crashed")})
            self._end()

    def _tell(self, files: Sequence[int], idle: bool) -> bool:
        """Tell the process of files, an ``idle`` one so that it begins; False if it was lost."""
        process = self._process or self._start()
        if idle:
            with self._guard:
                self._begun = time.monotonic()
        assert process.stdin  # noqa: S101 (it is a pipe)
        try:
            process.stdin.write(b"".join(frame(self._work.names[n]) for n in files))
            process.stdin.flush()
        except OSError:
            return False
        return True

    def _hear(self) -> list[bytes]:
        """What the process says of the file at hand, and has said of the next by then; nothing if it was lost."""
        assert self._process and self._process.stdout  # noqa: S101
        try:
            while not (said := frames(self._heard)) and (part := self._process.stdout.read1(_PART)):  # type: ignore[attr-defined]
                self._heard += part
        except OSError:
            return []
        return said

    def _answered(self, more: bool) -> bool:
        """The file at hand is done, the next begins; False if the watchdog came a moment late: no other must pay for it."""
        with self._guard:
            self._begun = time.monotonic() if more else None
            return not self._overdue

    def _start(self) -> subprocess.Popen[bytes]:
        """A fresh process that looks for modules where this one does, and nowhere else."""
        program = f"import sys; sys.path[:] = {sys.path!r}; from batch.reader_process import main; main()"
        try:
            process = subprocess.Popen(  # noqa: S603 (this very interpreter)
                [sys.executable, "-I", "-S", "-X", "utf8", "-c", program],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        except OSError as err:
            raise UserError("run.no-reader", problem=err.strerror or str(err)) from err
        with self._guard:
            self._process, self._overdue, self._heard = process, False, bytearray()
            if self._closed:
                process.kill()
        assert process.stdout  # noqa: S101 (asked for above)
        if read_frame(process.stdout) != READY:  # type: ignore[arg-type]
            assert process.stderr  # noqa: S101
            problem = process.stderr.read().decode("utf-8", "replace").strip().splitlines()
            raise UserError("run.no-reader", problem=problem[-1] if problem else "")
        return process

    def _end(self) -> None:
        with self._guard:
            process, self._process, self._begun = self._process, None, None
        if process is not None:
            process.kill()
            for stream in (process.stdin, process.stdout, process.stderr):
                _close(stream)
            process.wait()


class _Watchdog:
    """A thread that ends processes whose time is up: one for all of them, which sleeps until it can be so far."""

    def __init__(self, readers: Sequence[_Reader], seconds: float) -> None:
        self._readers = readers
        self._seconds = seconds
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """There is nothing more to watch."""
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(max(0.0, min(reader.deadline() for reader in self._readers) - time.monotonic())):
            for reader in self._readers:
                reader.end_overdue()


def _answer(said: bytes, file: Path) -> Answer:
    """An answer as it came; one that makes no sense is a crash too. Raises ``config.disk``."""
    kind, text = said[:1], said[1:].decode("utf-8", "replace")
    try:
        if kind == LOST:
            file.read_bytes()  # says why, unless that is not so
        if kind == READ and "\n" not in text:  # as it writes what it reads: on one line
            return Answer(from_body(json.loads(text)), said=text)
        if kind == FAULT and (body := json.loads(text))["code"] in CODES:
            return Answer(None, body["code"], body["params"])
    except OSError as err:
        raise UserError("config.disk", Place(str(file)), problem=trouble(err)) from err
    except (ValueError, KeyError, TypeError):
        pass
    return Answer(None, "file.crashed")


def _close(stream: Any) -> None:
    with contextlib.suppress(OSError):  # the other side is gone, with bytes unread
        stream.close()
