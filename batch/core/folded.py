"""Task tables, texts and places as compact text: of every form of a year they are held, of few they are looked at.

What tasks and texts are folded into lies side by side in large pieces of memory. So it leaves no gaps between what is needed
for a moment only, and a fork, which copies each page of memory on which Python counts a reference, has none of it to copy.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import ItemsView, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeVar, overload

from batch.core.finding import Place
from batch.core.records import Task

V = TypeVar("V", bound=Decimal | bool)

_PIECE = 1 << 20  # bytes


class _Shelf:
    """Where the next text goes: a piece of memory is used up, then another is begun."""

    def __init__(self) -> None:
        self._piece, self._used = bytearray(), 0

    def put(self, text: bytes) -> tuple[bytearray, int, int]:
        """The piece in which the text lies from now on, and from where to where."""
        if self._used + len(text) > len(self._piece):
            self._piece, self._used = bytearray(max(_PIECE, len(text))), 0
        at = self._used
        self._used = end = at + len(text)
        self._piece[at:end] = text
        return self._piece, at, end


_shelf = _Shelf()


class _Shelved:
    """A text on the shelf; it goes to another process by itself."""

    __slots__ = ("_at", "_length", "_piece")

    def __init__(self, text: str | bytes) -> None:
        self._piece, self._at, end = _shelf.put(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text)
        self._length = end - self._at

    @property
    def text(self) -> bytes:
        """What it was folded into."""
        return bytes(memoryview(self._piece)[self._at : self._at + self._length])

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.text,)


class FoldedTasks(_Shelved, Sequence[Task]):
    """Tasks that are made again whenever they are asked for. ``text``: what :meth:`of` made of them."""

    __slots__ = ()

    @classmethod
    def of(cls, tasks: Sequence[Task]) -> Sequence[Task]:
        """The same tasks, folded; none need no folding."""
        if isinstance(tasks, cls) or not tasks:
            return tasks
        return cls(json.dumps([_row(task) for task in tasks], ensure_ascii=False, separators=(",", ":")))

    def __iter__(self) -> Iterator[Task]:
        return map(_task, json.loads(self.text))

    def __len__(self) -> int:
        return len(json.loads(self.text))

    @overload
    def __getitem__(self, at: int) -> Task: ...

    @overload
    def __getitem__(self, at: slice) -> tuple[Task, ...]: ...

    def __getitem__(self, at: int | slice) -> Task | tuple[Task, ...]:
        return tuple(self)[at]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return repr(tuple(self))


class FoldedTexts(_Shelved, Mapping[str, str]):
    """Texts by field. ``text``: field and text in turns, as JSON."""

    __slots__ = ()

    @classmethod
    def of(cls, texts: Mapping[str, str]) -> Mapping[str, str]:
        """The same texts, folded; none need no folding."""
        if isinstance(texts, cls) or not texts:
            return texts
        return cls(json.dumps([word for pair in texts.items() for word in pair], ensure_ascii=False, separators=(",", ":")))

    def _pairs(self) -> dict[str, str]:
        words = iter(json.loads(self.text))
        return dict(zip(words, words, strict=True))

    def __getitem__(self, field: str) -> str:
        return self._pairs()[field]

    def __iter__(self) -> Iterator[str]:
        return iter(self._pairs())

    def __len__(self) -> int:
        return len(self._pairs())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mapping) and self._pairs() == dict(other)

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return repr(self._pairs())

    def items(self) -> ItemsView[str, str]:
        """All of them, unfolded once."""
        return self._pairs().items()


class FoldedPlaces(Mapping[str, Place]):
    """Cells of one sheet by field. ``text``: field and cell in turns, a line each."""

    __slots__ = ("file", "sheet", "text")

    def __init__(self, file: str, sheet: str, text: str | bytes) -> None:
        self.file, self.sheet, self.text = file, sheet, text.encode() if isinstance(text, str) else text

    @classmethod
    def of(cls, places: Mapping[str, Place]) -> Mapping[str, Place]:
        """The same places, folded, if all of them lie on one sheet and say so in a line; else as they are."""
        if isinstance(places, cls) or not places:
            return places
        first = next(iter(places.values()))
        words = [word for field, place in places.items() for word in (field, place.cell)]
        if any((p.file, p.sheet) != (first.file, first.sheet) for p in places.values()) or any("\n" in w for w in words):
            return places
        return cls(first.file, first.sheet, _alike("\n".join(words)))

    def _cells(self) -> Iterator[tuple[str, str]]:
        words = iter(self.text.decode().split("\n"))
        return zip(words, words, strict=True)

    def __getitem__(self, field: str) -> Place:
        for name, cell in self._cells():
            if name == field:
                return Place(self.file, self.sheet, cell)
        raise KeyError(field)

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._cells())

    def __len__(self) -> int:
        return sum(1 for _ in self._cells())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mapping) and dict(self) == dict(other)

    def __hash__(self) -> int:
        return hash((self.file, self.sheet, self.text))

    def __repr__(self) -> str:
        return repr(dict(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return FoldedPlaces, (self.file, self.sheet, self.text)


def alike(values: Mapping[str, V]) -> Mapping[str, V]:
    """Exact numbers or answers by name: what many forms give alike is held once."""
    key = "\n".join([f"{name}={value}" for name, value in values.items()])  # 8 and 8.0 are equal, and not alike
    if key not in _given and len(_given) >= _MANY:
        _given.clear()
    found: Mapping[str, V] = _given.setdefault(key, values)
    return found


_MANY = 1 << 10  # more would take as much room as they save
_given: dict[str, Any] = {}


@lru_cache(maxsize=1024)
def _alike(text: str) -> bytes:
    """A text as bytes: on most forms nothing was moved, so that all of them share one."""
    return text.encode()


def _row(task: Task) -> list[Any]:
    return [
        *(task.task, task.product, _text(task.quantity), _text(task.complexity), task.key_task),
        *(_text(task.due), _text(task.done), task.outcome, task.reason, task.kind),
    ]


def _text(value: Decimal | dt.date | None) -> str | None:
    return None if value is None else str(value)


def _task(row: list[Any]) -> Task:
    task, product, quantity, complexity, key_task, due, done, outcome, reason, kind = row
    return Task(
        *(task, product, _number(quantity), _number(complexity), key_task, _date(due), _date(done), outcome, reason, kind)
    )


@lru_cache(maxsize=4096)
def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


@lru_cache(maxsize=4096)
def _date(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)
