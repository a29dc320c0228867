"""What a file is made from: a digest that tells whether it has to be made again."""

from __future__ import annotations

import datetime as dt
import hashlib
import marshal
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from functools import cache
from operator import attrgetter
from typing import Any

from batch.core.period import Round, Week
from batch.core.records import Case, Receipt, Statement

_ATOMS = {str, int, bool, type(None)}
_CONTAINERS = {dict, list, tuple}
_WORDS = (str, Decimal, dt.date, Week, Round)  # whose text says it all
_PLAIN_WORDS = {*_WORDS}
_MARSHAL = 2  # the format that writes equal values alike: later ones tell which objects are one and the same


class Known:
    """How a file is made of which it is known what it is made from, beside what is the same for a whole run."""

    __slots__ = ()

    @property
    def made_from(self) -> tuple[Any, ...]:
        """What it is made from.

        Whoever gives a file another maker gives it other inputs, or none, and then it is always made.
        """
        raise NotImplementedError

    @property
    def digest(self) -> str:
        """Of all that it is made from, where what is the same for a whole run doesn't belong to it; else ''."""
        return ""

    @property
    def like(self) -> Hashable | None:
        """The same for files of which one prepares what all of them need, such as a template; None: nothing."""
        return None

    @property
    def stem(self) -> str:
        """As of :class:`Beside`, if it shares so much with files about everybody."""
        return ""

    def __call__(self) -> bytes:
        """The file."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class MadeFrom(Known):
    """See :class:`Known`: where both are at hand."""

    make: Callable[[], bytes]
    inputs: tuple[Any, ...]
    like: Hashable | None = None
    stem: str = ""

    @property
    def made_from(self) -> tuple[Any, ...]:
        """What it is made from."""
        return self.inputs

    def __call__(self) -> bytes:
        """The file."""
        return self.make()


def like(make: Callable[[], object]) -> Hashable | None:
    """See :class:`Known`; None also of any other maker."""
    return make.like if isinstance(make, Known) else None


@dataclass(frozen=True, slots=True)
class Beside:
    """How a file is made that shares what it is made from with the files about everybody whose names begin with ``stem``."""

    stem: str
    make: Callable[[], bytes | Iterable[bytes]]

    def __call__(self) -> bytes | Iterable[bytes]:
        """The file."""
        return self.make()


def beside(make: Callable[[], object]) -> str:
    """With which files about everybody, by the stem of their names, this one shares what it is made from; '' with none."""
    return make.stem if isinstance(make, (Known, Beside)) else ""


@dataclass(frozen=True, eq=False, slots=True)
class Shared:
    """Something that several files are made from: it is looked for and through once, and only if somebody asks."""

    look: Callable[[], Any]


class Digester:
    """Digests of what files are made from. ``common``: a digest of what is the same for all of them.

    Values are looked through field by field, so that a field which a record gains counts without anybody's thinking of it.
    Of a received file the bytes stand for all that was read of it; of a statement, what it says and the file it came in.
    """

    def __init__(self, common: str) -> None:
        self._common = common
        self._known: dict[int, tuple[Case[Any] | Shared, str]] = {}  # by identity: a case is on several pages

    def of(self, make: Callable[[], object]) -> str:
        """A digest of what ``make`` makes its file from; '' if that isn't known, so that it has to be made."""
        if not isinstance(make, Known):
            return ""
        try:
            return make.digest or self._hash((self._common, self._plain(make.made_from)))
        except TypeError:
            return ""

    @staticmethod
    def _hash(plain: Any) -> str:
        return hashlib.sha256(marshal.dumps(plain, _MARSHAL)).hexdigest()[:32]

    def _plain(self, value: Any) -> Any:
        """The value as what marshal can write: what it can write as it stands is written at once, as most values are."""
        kind = type(value)
        if kind in _ATOMS:
            return value
        if kind in _CONTAINERS:
            if not value:
                return (kind.__name__,)
            if kind is dict and all(type(one) is Decimal for one in value.values()):
                return ("of", repr(value))  # scores, as nearly all such are: it says each key and number as it is
            try:
                return marshal.dumps(value, _MARSHAL)
            except ValueError:  # something in it has to be looked through
                pass
        if kind in _PLAIN_WORDS:
            return (kind.__name__, str(value))
        if kind is Case or kind is Shared:
            if id(value) not in self._known:
                plain = self._plain(value.look()) if kind is Shared else self._fields(value)
                self._known[id(value)] = value, self._hash(plain)
            return self._known[id(value)][1]
        if kind is Receipt:
            return (value.sha256, value.name, value.received)
        if kind is Statement:
            return (value.says, value.stage, value.subject, self._plain(value.scores), self._plain(value.receipt))
        if isinstance(value, _WORDS):
            return (kind.__name__, str(value))
        if is_dataclass(kind):
            return self._fields(value)
        if isinstance(value, Mapping):
            return ("of", *((self._plain(key), self._plain(found)) for key, found in value.items()))
        if isinstance(value, (tuple, list)):
            return (kind.__name__, *map(self._plain, value))
        if isinstance(value, (set, frozenset)):
            return (kind.__name__, *sorted(marshal.dumps(self._plain(one), _MARSHAL) for one in value))
        raise TypeError(kind)

    def _fields(self, record: Any) -> tuple[Any, ...]:
        kind: Any = type(record)
        plain = self._plain
        return (kind.__name__, *[one if type(one) in _ATOMS else plain(one) for one in _values_of(kind)(record)])


@cache
def _values_of(kind: Any) -> Callable[[Any], tuple[Any, ...]]:
    """What reads all fields of a dataclass."""
    names = [field.name for field in fields(kind)]
    read = attrgetter(*names)
    return read if len(names) > 1 else lambda record: (read(record),)
