"""The rules of a salary increase as validated data: the regulation (shipped), and one round's plan (the office's).

:class:`Rules` is what holds for years: limits, base tables by effective date, what bars a raise. :class:`Plan` is what an
office announces for one round: pools, rate tables, which of them applies. Money is in baht, percentages are of the base.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import string
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar, get_args

from pydantic import BaseModel, Field, ValidationError, model_validator

from batch.core.finding import Place, UserError
from batch.core.period import Round
from batch.core.text import clean
from batch.files import resource
from batch.scheme import Id, Model, Points, Titled, problem_of

Percent = Annotated[Points, Field(ge=0, le=100)]
Money = Annotated[Points, Field(ge=0)]
_MonthDay = Annotated[str, Field(pattern=r"^(0[1-9]|1[0-2])-([0-2]\d|3[01])$")]
M = TypeVar("M", bound=BaseModel)


class Level(Titled):
    """A level of a type of position; the roster may write its id or its title in any language."""

    type: Id


class PositionType(Titled):
    """A type of position, such as 'academic'."""


class Row(Model):
    """A level in a base table. ``extended_maximum``: the ceiling where the extended one applies; None: there is none.

    Salaries below ``split`` are raised on ``low``, all others on ``high``.
    """

    level: Id
    maximum: Money
    extended_maximum: Money | None = None
    minimum: Money = Decimal(0)
    split: Money
    low: Money
    high: Money

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if not self.minimum < self.split < self.maximum <= (self.extended_maximum or self.maximum):
            raise ValueError(f"'{self.level}': minimum, split, maximum and extended_maximum must rise")
        if not self.low <= self.high:
            raise ValueError(f"'{self.level}': 'low' must not be more than 'high'")
        return self


class BaseTable(Model):
    """The bases and ceilings that hold from a day on."""

    effective: dt.date
    source: str = ""
    rows: list[Row] = Field(min_length=1)


class LeaveKind(Titled):
    """A kind of leave, and what it does to a raise.

    counts: its working days count against the limit, and each leave as a time; free: neither, but what goes beyond
    ``free_days`` (calendar days of one leave) or ``free_working_days`` (of all in the round) counts as days;
    absence: without leave, bars; suspension: bars when it is longer than allowed.
    """

    effect: Literal["counts", "free", "absence", "suspension"]
    free_days: int | None = Field(default=None, ge=1)
    free_working_days: int | None = Field(default=None, ge=1)
    words: list[str] = Field(default=[])


class ConductKind(Titled):
    """Something on a person's record: lateness is counted against a limit, a penalty bars or not."""

    effect: Literal["late", "bars", "none"]
    words: list[str] = Field(default=[])


class Limits(Model):
    """What a person must meet to be raised at all."""

    score: Points = Field(gt=0)
    months_in_service: int = Field(ge=0, le=6)
    leave_days: int = Field(ge=0)
    leave_times: int = Field(ge=0)
    late_times: int = Field(ge=0)
    suspended_months: int = Field(ge=0, le=6)


PLACEHOLDERS = (
    *("office", "round", "from_day", "to_day", "effective", "reference", "limit", "bands", "legal_basis"),
    *("name", "position", "order_no", "signed_on", "signer_name", "signer_position"),
)


class Papers(Model):
    """Wording and look of the papers, as the office prints them; the :data:`PLACEHOLDERS` in braces are filled in."""

    font: str
    publish_bands: list[Id]
    account_title: str
    account_head: list[str]
    announcement_title: str
    announcement_subject: str
    announcement: list[str]
    announcement_close: str
    names_subject: str
    names: list[str]
    notice_title: str
    notice: list[str]
    notice_none: list[str]
    notice_foot: str
    signature: list[str]

    @model_validator(mode="after")
    def _known_placeholders(self) -> Self:
        for key, value in self.model_dump(exclude={"font", "publish_bands"}).items():
            for text in [value] if isinstance(value, str) else value:
                for _, name, _, _ in string.Formatter().parse(text):
                    if name is not None and name not in PLACEHOLDERS:
                        raise ValueError(f"'{key}': nothing is known for {{{name}}}; there are {', '.join(PLACEHOLDERS)}")
        return self


class Rules(Titled):
    """The regulation. ``reference``: month and day on which the salaries of round 1 and 2 are added up."""

    version: int = Field(ge=1)
    effective: dt.date
    legal_basis: str = ""
    limit_percent: Percent = Field(gt=0)
    percent_decimals: int = Field(ge=0, le=6)
    round_up_to: Money = Field(gt=0)
    reference: tuple[_MonthDay, _MonthDay]
    limits: Limits
    types: list[PositionType] = Field(min_length=1)
    levels: list[Level] = Field(min_length=1)
    leave: list[LeaveKind] = Field(min_length=1)
    conduct: list[ConductKind] = Field(min_length=1)
    tables: list[BaseTable] = Field(min_length=1)
    papers: Papers

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for key in ("types", "levels", "leave", "conduct"):
            _once(key, [item.id for item in getattr(self, key)])
        for kinds in (self.leave, self.conduct):
            _once("words", [word for kind in kinds for word in spellings(kind, kind.words)])
        _once("levels", [word for level in self.levels for word in spellings(level)])
        types, levels = {t.id for t in self.types}, {level.id for level in self.levels}
        for level in self.levels:
            if level.type not in types:
                raise ValueError(f"levels.{level.id}.type: no type '{level.type}'; there are {', '.join(sorted(types))}")
        _once("tables", [str(table.effective) for table in self.tables])
        for table in self.tables:
            _once(f"tables.{table.effective}", [row.level for row in table.rows])
            if unknown := sorted({row.level for row in table.rows} - levels):
                raise ValueError(f"tables.{table.effective}: no level '{unknown[0]}'; there are {', '.join(sorted(levels))}")
        return self

    def reference_day(self, period: Round) -> dt.date:
        """The day on which occupied salaries are added up for the pools: 1 March or 1 September."""
        month, day = map(int, self.reference[period.number - 1].split("-"))
        found = dt.date(period.end.year, month, day)
        return found if found <= period.end else found.replace(year=found.year - 1)

    def table(self, day: dt.date) -> BaseTable:
        """The base table that holds on a day. Raises :class:`UserError` if none did yet."""
        past = [table for table in self.tables if table.effective <= day]
        if not past:
            raise UserError("raises.no-table", day=day, first=min(table.effective for table in self.tables))
        return max(past, key=lambda table: table.effective)

    def level(self, text: str) -> Level | None:
        """The level that the roster calls so."""
        return next((level for level in self.levels if clean(text).casefold() in spellings(level)), None)

    def level_of(self, level_id: str) -> Level:
        """The level with this id."""
        return next(level for level in self.levels if level.id == level_id)

    def type_of(self, level_id: str) -> PositionType:
        """The type of position a level belongs to."""
        return next(t for t in self.types if t.id == self.level_of(level_id).type)

    def leave_kind(self, text: str) -> LeaveKind | None:
        """The kind of leave that the roster calls so."""
        return next((kind for kind in self.leave if clean(text).casefold() in spellings(kind, kind.words)), None)

    def conduct_kind(self, text: str) -> ConductKind | None:
        """The kind of record that the roster calls so."""
        return next((kind for kind in self.conduct if clean(text).casefold() in spellings(kind, kind.words)), None)


class Step(Model):
    """Scores from ``min`` on: one ``percent``, or rising from ``low`` (at ``min``) to ``high`` (at the next step)."""

    min: Points = Field(ge=0, le=100)
    percent: Percent | None = None
    low: Percent | None = None
    high: Percent | None = None

    @property
    def ends(self) -> tuple[Decimal, Decimal]:
        """The percentage at the step's lower and upper end."""
        low, high = (self.percent if own is None else own for own in (self.low, self.high))
        return low or Decimal(0), high or Decimal(0)


class RateTable(Titled):
    """Percentages by score, steps highest first.

    fixed: one percentage a step; linear: rising inside a step; fit: the table ``of``, times the one number (in steps of
    ``step``) with which a pool is spent and not exceeded.
    """

    mode: Literal["fixed", "linear", "fit"]
    steps: list[Step] = Field(default=[])
    of: Id | None = None
    step: Points = Field(default=Decimal("0.0001"), gt=0, le=1)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.of is not None) != (self.mode == "fit") or bool(self.steps) == (self.mode == "fit"):
            raise ValueError(f"'{self.id}': mode 'fit' needs 'of' and no steps; every other mode needs steps and no 'of'")
        wanted = {"fixed": (True, False, False), "linear": (False, True, True)}.get(self.mode)
        for step in self.steps:
            if (step.percent is not None, step.low is not None, step.high is not None) != wanted:
                keys = "'percent'" if self.mode == "fixed" else "'low' and 'high'"
                raise ValueError(f"'{self.id}': in mode '{self.mode}' every step has 'min' and {keys}")
        mins = [step.min for step in self.steps]
        if mins != sorted(set(mins), reverse=True):
            raise ValueError(f"'{self.id}': 'min' must fall from step to step")
        rising = [p for step in reversed(self.steps) for p in (step.percent, step.low, step.high) if p is not None]
        if rising != sorted(rising):
            raise ValueError(f"'{self.id}': a higher score must never get a lower percentage")
        if rising and rising[0] == rising[-1]:
            raise ValueError(f"'{self.id}': everybody would get the same percentage, which the rules forbid")
        return self


class Pool(Titled):
    """Money for some people: ``percent`` of their salaries, less ``hold_back`` (percent of the salaries too).

    Who belongs: first pool whose ``levels``, ``types`` and ``units`` (with all units below) fit; empty: everybody.
    ``remainder``: what is left lapses, or is added to a later pool.
    """

    percent: Percent
    hold_back: Percent = Decimal(0)
    levels: list[Id] = Field(default=[])
    types: list[Id] = Field(default=[])
    units: list[str] = Field(default=[])
    rates: Id | None = None
    remainder: str = "lapse"

    @model_validator(mode="after")
    def _not_all_held_back(self) -> Self:
        if self.hold_back > self.percent:
            raise ValueError(f"'{self.id}': hold_back {self.hold_back} is more than percent {self.percent}")
        return self


class Plan(Model):
    """One round as the office plans it. ``rates`` are the tables to choose from, ``apply`` the one that is announced."""

    rules: str = ""  # the office's own copy of the rules, beside office.toml; empty: the shipped ones of the scheme
    ceiling: Literal["own", "extended"]
    apply: Id
    thai_digits: bool = False
    order_no: str = ""
    signed_on: dt.date | None = None
    signer_name: str = ""
    signer_position: str = ""
    pools: list[Pool] = Field(min_length=1)
    rates: list[RateTable] = Field(min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        tables, pools = [table.id for table in self.rates], [pool.id for pool in self.pools]
        _once("rates", tables)
        _once("pools", pools)
        wanted = [("apply", self.apply), *((f"pools.{p.id}.rates", p.rates) for p in self.pools if p.rates is not None)]
        for key, wish in wanted:
            if wish not in tables:
                raise ValueError(f"{key}: no rate table '{wish}'; there are {', '.join(tables)}")
        for table in self.rates:
            if table.of is not None and not any(t.id == table.of and t.mode != "fit" for t in self.rates):
                raise ValueError(f"rates.{table.id}.of: no fixed or linear rate table '{table.of}'")
        for n, pool in enumerate(self.pools):
            if pool.remainder != "lapse" and pool.remainder not in pools[n + 1 :]:
                raise ValueError(f"pools.{pool.id}.remainder: write 'lapse', or the id of a pool that stands below")
        if any((p.levels, p.types, p.units) == ([], [], []) for p in self.pools[:-1]):
            raise ValueError("pools: only the last pool may be for everybody, as the first that fits takes a person")
        return self

    def table(self, table_id: str) -> RateTable:
        """The rate table with this id."""
        return next(table for table in self.rates if table.id == table_id)


def spellings(item: Titled, words: list[str] | None = None) -> set[str]:
    """Everything the roster may call an item: id, titles, words; folded."""
    return {clean(text).casefold() for text in (item.id, *item.title.values(), *(words or []))}


def load_round(office_dir: Path, period: Round, scheme_id: str) -> tuple[Rules, Plan, dict[str, str]]:
    """The rules, a round's plan (``raises/2568-R1.toml`` in the office's folder), and the SHA-256 of both files by name.

    Raises :class:`UserError` naming file, key and remedy.
    """
    path = office_dir / "raises" / f"{period}.toml"
    plan, plan_hash = _load(Plan, path, "raises.no-plan")
    own = office_dir / plan.rules
    rules, rules_hash = _load(Rules, own if plan.rules else resource("raises", f"{scheme_id}.toml"), "raises.no-rules")
    _agree(plan, rules, path)
    return rules, plan, {"rules": rules_hash, "plan": plan_hash}


def _agree(plan: Plan, rules: Rules, path: Path) -> None:
    known = {"levels": {level.id for level in rules.levels}, "types": {t.id for t in rules.types}}
    for pool in plan.pools:
        for key, ids in known.items():
            if unknown := sorted(set(getattr(pool, key)) - ids):
                problem = f"'{unknown[0]}' is none of {', '.join(sorted(ids))}"
                raise UserError("raises.wrong", Place(str(path)), key=f"pools.{pool.id}.{key}", problem=problem)
    for table in plan.rates:
        highest = max((p for step in table.steps for p in (step.percent, step.high) if p is not None), default=Decimal(0))
        if highest > rules.limit_percent:
            problem = f"{highest} is more than the {rules.limit_percent}% that one person may get in a round"
            raise UserError("raises.wrong", Place(str(path)), key=f"rates.{table.id}", problem=problem)


def _load(model: type[M], path: Path, missing: str) -> tuple[M, str]:
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
    except OSError as err:
        raise UserError(missing, Place(str(path))) from err
    except UnicodeDecodeError as err:
        raise UserError("config.not-utf8", Place(str(path))) from err
    return parse(model, text, str(path)), hashlib.sha256(data).hexdigest()


def parse(model: type[M], text: str, path: str) -> M:
    """A rules file's text as a ``model``; ``path`` names it in messages. Numbers are read as decimals, never as floats."""
    try:
        return model.model_validate(tomllib.loads(text, parse_float=Decimal))
    except tomllib.TOMLDecodeError as err:
        raise UserError("config.toml", Place(path), problem=str(err)) from err
    except ValidationError as err:
        key, problem, kind = problem_of(err)
        if kind == "extra_forbidden":
            known = ", ".join(_known_keys(model, err.errors(include_url=False)[0]["loc"]))
            raise UserError("config.unknown-key", Place(path), key=key, known=known) from err
        raise UserError("raises.wrong", Place(path), key=key, problem=problem) from err


def _known_keys(model: Any, loc: tuple[int | str, ...]) -> list[str]:
    """The keys that may stand where an unknown one stood."""
    for part in loc[:-1]:
        if isinstance(part, int):
            continue
        annotation = model.model_fields[part].annotation
        found = [annotation, *get_args(annotation)]
        model = next(one for one in found if isinstance(one, type) and issubclass(one, BaseModel))
    return list(model.model_fields)


def _once(key: str, ids: list[str]) -> None:
    if twice := sorted({i for i in ids if ids.count(i) > 1}):
        raise ValueError(f"{key}: '{twice[0]}' stands twice; it may stand once")
