"""What a file is made from: a digest that tells whether it has to be made again."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from typing import Any

from batch.core.period import Round, Week
from batch.core.records import Case, Receipt, Statement


@dataclass(frozen=True)
class MadeFrom:
    """How a file is made, and all that it is made from beside what is the same for a whole run.

    Both go together: whoever gives a file another maker gives it other ``inputs``, or none, and then it is always made.
    """

    make: Callable[[], bytes]
    inputs: tuple[Any, ...]

    def __call__(self) -> bytes:
        """The file."""
        return self.make()


class Digester:
    """Digests of what files are made from. ``common``: a digest of what is the same for all of them.

    Values are looked through field by field, so that a field which a record gains counts without anybody's thinking of it.
    Of a received file the bytes stand for all that was read of it; of a statement, what it says and the file it came in.
    """

    def __init__(self, common: str) -> None:
        self._common = common
        self._cases: dict[int, tuple[Case[Any], str]] = {}  # by identity: a case is on several pages

    def of(self, make: Callable[[], bytes]) -> str:
        """A digest of what ``make`` makes its file from; '' if that isn't known, so that it has to be made."""
        if not isinstance(make, MadeFrom):
            return ""
        try:
            return self._hash([self._common, self._plain(make.inputs)])
        except TypeError:
            return ""

    @staticmethod
    def _hash(plain: object) -> str:
        return hashlib.sha256(json.dumps(plain, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()[:32]

    def _plain(self, value: Any) -> Any:
        kind = type(value)
        if kind is str or value is None or kind is bool or kind is int:
            return value
        if isinstance(value, (str, Decimal, dt.date, Week, Round)):
            return [kind.__name__, str(value)]
        if isinstance(value, Mapping):
            return {"of": [[self._plain(key), self._plain(found)] for key, found in value.items()]}
        if isinstance(value, (tuple, list)):
            return [kind.__name__, *map(self._plain, value)]
        if isinstance(value, (set, frozenset)):
            return [kind.__name__, *sorted(json.dumps(self._plain(one)) for one in value)]
        if isinstance(value, Receipt):
            return [value.sha256, value.name, value.received]
        if isinstance(value, Statement):
            return [value.says, value.stage, value.subject, self._plain(value.scores), self._plain(value.receipt)]
        if isinstance(value, Case):
            if id(value) not in self._cases:
                self._cases[id(value)] = value, self._hash(self._fields(value))
            return self._cases[id(value)][1]
        if is_dataclass(value):
            return self._fields(value)
        raise TypeError(kind)

    def _fields(self, record: Any) -> list[Any]:
        return [type(record).__name__, *(self._plain(getattr(record, field.name)) for field in fields(record))]
