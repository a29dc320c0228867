"""Reading files in processes of their own, so that a file which kills, stalls or bloats its reader costs itself only.

A process gets one file at a time and answers before it gets the next: whichever file it holds when it dies or when its
time is up is the one to name, and no other has to be read again.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from queue import SimpleQueue
from types import TracebackType
from typing import Any, TypeVar

from batch.core.codes import CODES
from batch.core.finding import UserError
from batch.core.records import Reading
from batch.forms.extract import from_body
from batch.reader_process import READY, read_frame, write_frame

T = TypeVar("T")
_FEW = 20  # files for which a second process is not worth its start
_AHEAD = 64  # files read before the first of them is asked for


@dataclass(frozen=True)
class Answer:
    """What became of one file: its reading, or the code and particulars of the finding that says why there is none."""

    reading: Reading | None
    code: str = ""
    params: Mapping[str, Any] | None = None


def read_files(files: Sequence[T], jobs: int, seconds: float, load: Callable[[T], bytes]) -> Iterator[Answer]:
    """Read files in up to ``jobs`` processes, each file in at most ``seconds``; the answers in the order of the files.

    ``load`` gets a file's bytes when its turn comes, so that only a few of them are in memory at a time.
    Raises :class:`UserError` (``run.no-reader``) if such a process can't be started at all.
    """
    if not files:
        return
    count = max(1, min(jobs, -(-len(files) // _FEW)))
    with ExitStack() as stack:
        idle: SimpleQueue[_Reader] = SimpleQueue()
        for _ in range(count):
            idle.put(stack.enter_context(_Reader(seconds)))

        def read(file: T) -> Answer:
            reader = idle.get()
            try:
                return reader.read(load(file))
            finally:
                idle.put(reader)

        pool = ThreadPoolExecutor(max_workers=count)
        stack.callback(pool.shutdown, cancel_futures=True)
        under_way: deque[Future[Answer]] = deque()
        for file in files:
            under_way.append(pool.submit(read, file))
            if len(under_way) > _AHEAD:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()


class _Reader:
    """One process, started when it is first needed and again after it was lost."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> _Reader:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._end()

    def read(self, data: bytes) -> Answer:
        """One file's answer, whatever happens to the process."""
        process = self._process or self._start()
        begun = time.monotonic()
        alarm = threading.Timer(self._seconds, process.kill)
        alarm.start()
        try:
            said = _ask(process, data)
        finally:
            alarm.cancel()
        if said is not None:
            if time.monotonic() - begun >= self._seconds:
                self._end()  # the alarm may have rung a moment too late: the next file must not pay for it
            return _answer(said)
        self._end()
        if time.monotonic() - begun >= self._seconds:
            return Answer(None, "file.timeout", {"seconds": f"{self._seconds:g}"})
        return Answer(None, "file.crashed")

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
        self._process = process
        assert process.stdout  # noqa: S101 (asked for above)
        if read_frame(process.stdout) != READY:  # type: ignore[arg-type]
            assert process.stderr  # noqa: S101
            problem = process.stderr.read().decode("utf-8", "replace").strip().splitlines()
            self._end()
            raise UserError("run.no-reader", problem=problem[-1] if problem else "")
        return process

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
                _close(stream)
            self._process.wait()
            self._process = None


def _ask(process: subprocess.Popen[bytes], data: bytes) -> bytes | None:
    """What the process answers to a file; None if it was lost."""
    assert process.stdin and process.stdout  # noqa: S101 (both are pipes)
    try:
        write_frame(process.stdin, data)  # type: ignore[arg-type]
        return read_frame(process.stdout)  # type: ignore[arg-type]
    except OSError:
        return None


def _answer(said: bytes) -> Answer:
    """The answer in a frame; one that makes no sense is a crash too."""
    try:
        body = json.loads(said)
        if "reading" in body:
            return Answer(from_body(body["reading"]))
        if body["code"] in CODES:
            return Answer(None, body["code"], body["params"])
    except (ValueError, KeyError, TypeError):
        pass
    return Answer(None, "file.crashed")


def _close(stream: Any) -> None:
    with contextlib.suppress(OSError):  # the other side is gone, with bytes unread
        stream.close()
