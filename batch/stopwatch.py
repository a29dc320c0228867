"""Where the time of a run goes, stage by stage. Nothing that is written depends on it; only `--json` shows it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


class Stopwatch:
    """Seconds by stage, in the order in which the stages began. A stage may go on several times."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def on(self, stage: str) -> Iterator[None]:
        """Count the time of a block."""
        begun = time.perf_counter()
        self.seconds.setdefault(stage, 0.0)
        try:
            yield
        finally:
            self.seconds[stage] += time.perf_counter() - begun

    def waiting_for(self, stage: str, items: Iterable[T]) -> Iterator[T]:
        """The items, counting the time until each of them comes, not what is done with it."""
        iterator = iter(items)
        while True:
            with self.on(stage):
                try:
                    item = next(iterator)
                except StopIteration:
                    return
            yield item
