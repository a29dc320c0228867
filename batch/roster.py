"""The office's own data: its settings (office.toml), and its people and units, asked by date.

:mod:`batch.roster_read` makes a :class:`Roster` from the workbook; here it only answers who is who, who reviews and who
approves.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, NamedTuple, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from batch.core.finding import Place, UserError
from batch.core.period import Stretch
from batch.core.text import same_name
from batch.scheme import Authority, Scheme

_NOWHERE = Place()


class Mail(BaseModel):
    """The ``[mail]`` table: how ``appraise send`` reaches the mail server. The password stands in the environment."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = Field(min_length=1)
    port: int = Field(default=587, ge=1, le=65535)
    sender: str = Field(pattern=r"^[^@\s<>,;:\"]+@[^@\s<>,;:\"]+$")
    starttls: bool = True
    user: str = ""
    password_env: str = ""


class WeeklyHistory(BaseModel):
    """The ``[weekly_history]`` table of an office that runs a weekly evaluation beside its rounds: the OUT of that, relative
    to the office's folder, and its rules.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    out: str = Field(min_length=1)
    scheme: str = "vn-weekly"


class Office(BaseModel):
    """office.toml. ``header_left`` and ``header_right`` are the lines over every paper, as the office writes them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = ""
    scheme: str = "vn-weekly"
    language: Literal["vi", "th", "en"] = "vi"
    timezone: str = "Asia/Ho_Chi_Minh"
    key: str | None = None
    allow_blank_self: bool = False
    thai_digits: bool = False  # on the papers of a round
    header_left: list[str] = []
    header_right: list[str] = []
    office_id: str = ""  # who gets the Office's page; nobody: it lies in for/_office/
    committee_id: str = ""  # who signs for the screening committee, where the scheme has one
    mail: Mail | None = None
    weekly_history: WeeklyHistory | None = None  # shown as evidence in a round
    max_file_mb: int = Field(default=20, ge=1, le=500)
    file_seconds: float = Field(default=20, ge=1, le=600)  # that reading one file may take
    deadlines: dict[str, str] = {}
    opens: dict[str, str] = {}  # of the stages of a round; one that is not named is always open
    ledger: str = ""  # a PostgreSQL database by its URL; nothing: OUT/ledger.db
    ledger_password_env: str = ""
    scheduler: str = ""  # a Dask scheduler whose workers make the outputs; nothing: this machine
    accept_weeks: int | None = Field(default=None, ge=1, le=520)  # how long after its week a form may still come

    def shown(self) -> dict[str, Any]:
        """What results and papers may depend on, as plain data: not where anything is kept, worked out or sent."""
        return self.model_dump(mode="json", exclude={"mail", "ledger", "ledger_password_env", "scheduler"})

    def expired(self, week: Stretch, received: str) -> bool:
        """Whether a form of a week came, at an ISO date and time in the office's zone, when none is accepted any more."""
        if self.accept_weeks is None:
            return False
        return dt.date.fromisoformat(received[:10]) > week.end + dt.timedelta(weeks=self.accept_weeks)

    def deadline(self, stage_id: str, week: Stretch) -> str:
        """The last moment for a stage of a week, as an ISO date and time in the office's zone, or '' if there is none.

        Written ``"5 17:00"``: the fifth day of the week (Friday) at 17:00; ``"8 12:00"`` is Monday of the week after.
        """
        return self._moment(self.deadlines.get(stage_id, ""), week)

    def opening(self, stage_id: str, period: Stretch) -> str:
        """The moment from which a stage of a period is open, written and given as a deadline is; '' if it always is."""
        return self._moment(self.opens.get(stage_id, ""), period)

    def to_open(self, stages: Iterable[str], period: Stretch, now: str) -> dict[str, str]:
        """Of these stages those that are not open yet, with the moment when they will be."""
        return {stage: at for stage in stages if now < (at := self.opening(stage, period))}

    def _moment(self, text: str, period: Stretch) -> str:
        if not text:
            return ""
        day, clock = text.split()
        at = dt.datetime.combine(period.start + dt.timedelta(days=int(day) - 1), dt.time.fromisoformat(clock))
        return at.replace(tzinfo=ZoneInfo(self.timezone)).isoformat(timespec="minutes")

    @field_validator("deadlines", "opens")
    @classmethod
    def _readable_moments(cls, moments: dict[str, str]) -> dict[str, str]:
        for stage, text in moments.items():
            match = re.fullmatch(r"([1-9]|[1-9]\d|[1-3]\d\d) ([01]\d|2[0-3]):[0-5]\d", text)
            if not match:
                raise ValueError(
                    f'{stage} = \'{text}\'; write day and time such as "5 17:00" (Friday) or "8 12:00" (next Monday)'
                )
        return moments

    @model_validator(mode="after")
    def _open_before_they_close(self) -> Self:
        def number(text: str) -> tuple[int, str]:
            day, clock = text.split()
            return int(day), clock

        for stage, text in self.opens.items():
            if stage in self.deadlines and number(text) >= number(self.deadlines[stage]):
                raise ValueError(f"opens.{stage} = '{text}' is not before its deadline, '{self.deadlines[stage]}'")
        return self

    @field_validator("ledger")
    @classmethod
    def _ledger_url(cls, url: str) -> str:
        parts = urlsplit(url)  # raises ValueError for brackets that don't close
        if url and (parts.scheme not in ("postgresql", "postgresql+psycopg") or len(parts.path) < 2):
            raise ValueError(
                f"'{url}'; write postgresql+psycopg://user@server/database, or leave it out to keep it in ledger.db"
            )
        if parts.password or "password=" in parts.query:
            raise ValueError("no password here; name an environment variable that holds it: ledger_password_env")
        return url

    @field_validator("scheduler")
    @classmethod
    def _scheduler_address(cls, address: str) -> str:
        if address and not re.fullmatch(r"(tcp|tls)://[^/\s]+:\d+", address):
            raise ValueError(f"'{address}'; write tcp://server:8786, or leave it out to work on this machine only")
        return address

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as err:
            raise ValueError(f"no time zone '{name}'; write one such as Asia/Ho_Chi_Minh or Asia/Bangkok") from err
        return name


def load_office(folder: Path) -> Office:
    """Read ``office.toml``; raise :class:`UserError` naming file, key and remedy."""
    path = folder / "office.toml"
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as err:
        raise UserError("config.no-office", Place(str(path))) from err
    except UnicodeDecodeError as err:
        raise UserError("config.not-utf8", Place(str(path))) from err
    try:
        return Office.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as err:
        raise UserError("config.toml", Place(str(path)), problem=str(err)) from err
    except ValidationError as err:
        first = err.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            known = ", ".join(Office.model_fields)
            raise UserError("config.unknown-key", Place(str(path)), key=key, known=known) from err
        problem = first["msg"].removeprefix("Value error, ")
        raise UserError("config.wrong-value", Place(str(path)), key=key, problem=problem) from err


@dataclass(frozen=True)
class Pay:
    """What a salary increase needs to know of a spell: ``level`` as the office writes it, ``salary`` in baht a month.
    Empty or None: missing or faulty, and said.

    ``appointed``: the first day as a civil servant, where that was in another office; ``retires``: on the spell's last day.
    """

    level: str
    salary: Decimal | None
    position_no: str
    probation: bool
    appointed: dt.date | None
    retires: bool


@dataclass(frozen=True)
class Person:
    """One spell of service: a transfer is a second spell of the same ``staff_id``. ``end`` is the last day, or None."""

    staff_id: str
    name: str
    role: str
    position: str
    unit_id: str
    supervisor_id: str
    email: str
    start: dt.date
    end: dt.date | None
    place: Place
    pay: Pay | None = None  # None: outside the salary increase

    def covers(self, day: dt.date) -> bool:
        """Whether the spell includes this day."""
        return self.start <= day and (self.end is None or day <= self.end)


@dataclass(frozen=True)
class Unit:
    """A unit for a time: a new head or leader in charge gets a new row, so that past weeks keep theirs."""

    unit_id: str
    name: str
    kind: str
    parent_id: str
    head_id: str
    leader_id: str
    start: dt.date
    end: dt.date | None
    place: Place

    def covers(self, day: dt.date) -> bool:
        """Whether this row of the unit holds on this day."""
        return self.start <= day and (self.end is None or day <= self.end)


@dataclass(frozen=True)
class Span:
    """A dated fact from one day to another, both included: leave of ``who``, or a delegation from ``who`` to ``to``."""

    who: str
    start: dt.date
    end: dt.date
    kind: str
    to: str = ""
    place: Place = _NOWHERE

    def covers(self, day: dt.date) -> bool:
        """Whether the span includes this day."""
        return self.start <= day <= self.end


class Mark(NamedTuple):
    """Something that stands on a person's record on a day, such as coming late (so many ``times``) or a penalty."""

    who: str
    day: dt.date
    kind: str
    times: int
    place: Place


@dataclass(frozen=True)
class Roster:
    """People, units, delegations, leave, calendar and records of conduct, in the order of the workbook."""

    spells: tuple[Person, ...]
    unit_rows: tuple[Unit, ...]
    delegations: tuple[Span, ...] = ()
    leave: tuple[Span, ...] = ()
    calendar: Mapping[dt.date, tuple[str, str]] = field(default_factory=dict)  # day → (holiday | working, name)
    conduct: tuple[Mark, ...] | None = None  # None: the workbook has no such sheet

    @cached_property
    def _by_staff(self) -> dict[str, list[Person]]:
        by: dict[str, list[Person]] = {}
        for spell in self.spells:
            by.setdefault(spell.staff_id, []).append(spell)
        return by

    @cached_property
    def leave_by_staff(self) -> Mapping[str, list[Span]]:
        """Everybody's leave, in the order of the workbook."""
        by: dict[str, list[Span]] = {}
        for span in self.leave:
            by.setdefault(span.who, []).append(span)
        return by

    @cached_property
    def _delegations_by_staff(self) -> Mapping[str, list[Span]]:
        """Everybody's delegations, in the order of the workbook."""
        by: dict[str, list[Span]] = {}
        for span in self.delegations:
            by.setdefault(span.who, []).append(span)
        return by

    @cached_property
    def units(self) -> Mapping[str, Unit]:
        """Each unit's latest row, in the order of the workbook."""
        latest: dict[str, Unit] = {}
        for row in self.unit_rows:
            if row.unit_id not in latest or row.start >= latest[row.unit_id].start:
                latest[row.unit_id] = row
        return latest

    @cached_property
    def _unit_rows_by_id(self) -> dict[str, list[Unit]]:
        by: dict[str, list[Unit]] = {}
        for row in self.unit_rows:
            by.setdefault(row.unit_id, []).append(row)
        return by

    @cached_property
    def unit_order(self) -> Mapping[str, int]:
        """Units numbered as the workbook lists them."""
        return {unit_id: n for n, unit_id in enumerate(self.units)}

    def knows(self, staff_id: str) -> bool:
        """Whether this code ever stood in the roster."""
        return staff_id in self._by_staff

    def on(self, staff_id: str, day: dt.date) -> Person | None:
        """Who the person is on a day (unit, role, supervisor of that spell), or None if not in service."""
        return next((s for s in self._by_staff.get(staff_id, ()) if s.covers(day)), None)

    def spells_of(self, staff_id: str) -> Sequence[Person]:
        """All spells of a person, in the order of the workbook."""
        return self._by_staff.get(staff_id, [])

    def name(self, staff_id: str) -> str:
        """The person's latest name, or the code itself if unknown."""
        spells = self._by_staff.get(staff_id)
        return spells[-1].name if spells else staff_id

    def has_name(self, staff_id: str, name: str) -> bool:
        """Whether the person has, or in an earlier spell had, this name (:func:`batch.core.text.same_name`)."""
        return any(same_name(name, spell.name) for spell in self._by_staff.get(staff_id, ()))

    def label(self, staff_id: str) -> str:
        """The person for a message: 'Nguyễn Văn A (CB012)'."""
        return f"{self.name(staff_id)} ({staff_id})" if self.knows(staff_id) else staff_id

    def called(self, code: str) -> str:
        """A person or a unit for a message: 'Nguyễn Văn A (CB012)', 'Vụ Cơ sở đảng (VU1)'; an unknown code alone."""
        unit = code in self.units and not self.knows(code)
        return f"{self.unit_name(code)} ({code})" if unit else self.label(code)

    def unit_name(self, unit_id: str) -> str:
        """The unit's name, or its code."""
        return self.units[unit_id].name if unit_id in self.units else unit_id

    def is_working_day(self, day: dt.date) -> bool:
        """Monday to Friday, but for the calendar: holidays off, swapped working Saturdays on."""
        kind = self.calendar.get(day, ("", ""))[0]
        return kind == "working" or (kind != "holiday" and day.weekday() < 5)

    def working_days(self, week: Stretch) -> Sequence[dt.date]:
        """The week's working days; may be none (Tết)."""
        known = self._working_days
        if week not in known:
            known[week] = [day for day in week.days if self.is_working_day(day)]
        return known[week]

    @cached_property
    def _working_days(self) -> dict[Stretch, Sequence[dt.date]]:
        """Those asked for before: everybody's leave is compared with them."""
        return {}

    def reference_day(self, week: Stretch) -> dt.date:
        """The day on which unit, role and supervisor are looked up: the last working day, or Friday if there is none."""
        known = self._reference_days
        if week not in known:
            known[week] = (self.working_days(week) or [week.days[4]])[-1]
        return known[week]

    @cached_property
    def _reference_days(self) -> dict[Stretch, dt.date]:
        """Those asked for before: everybody's form asks, and a round is long."""
        return {}

    def on_leave(self, staff_id: str, week: Stretch) -> str:
        """The kind of leave that covers every working day the person was in service that week, or ''."""
        spans = self.leave_by_staff.get(staff_id)
        if not spans:
            return ""
        days = [day for day in self.working_days(week) if self.on(staff_id, day)]
        if not days or not all(any(s.covers(day) for s in spans) for day in days):
            return ""
        return next(s.kind for s in spans if s.covers(days[-1]))

    def acting_for(self, staff_id: str, day: dt.date, not_for: str) -> str:
        """Who acts for ``staff_id`` on a day: a delegate in service, or themself; never ``not_for``, the person judged."""
        steps = self.delegated(staff_id, day, not_for)
        return steps[-1].to if steps else staff_id

    def delegated(self, staff_id: str, day: dt.date, not_for: str) -> list[Span]:
        """The delegations, step by step, that lead to who acts for ``staff_id`` on a day; [] if nobody does."""
        steps: list[Span] = []
        chain = {staff_id}
        while True:
            acting = (d for d in self._delegations_by_staff.get(staff_id, ()) if d.covers(day) and self.on(d.to, day))
            step = next((d for d in acting if d.to not in chain), None)
            if step is None or step.to == not_for:
                return steps
            steps.append(step)
            staff_id = step.to
            chain.add(staff_id)

    def climb(self, unit_id: str, day: dt.date) -> Iterator[Unit]:
        """The unit as it was on a day, its parent, and so on to the root."""
        seen: set[str] = set()
        while unit_id not in seen:
            seen.add(unit_id)
            unit = next((row for row in self._unit_rows_by_id.get(unit_id, ()) if row.covers(day)), None)
            if unit is None:
                return
            yield unit
            unit_id = unit.parent_id

    def reviewer(self, person: Person, week: Stretch) -> str:
        """The direct supervisor on the reference day, or who acts for them; '' if nobody is in service. Never the person."""
        return self._judge(person.supervisor_id, person, self.reference_day(week))

    def acting(self, holder: str, person: Person, week: Stretch) -> str:
        """Who acts on the reference day for the holder of a post of the whole office, or ''. Never the person."""
        return self._judge(holder, person, self.reference_day(week))

    def approver(self, person: Person, week: Stretch, scheme: Scheme) -> str:
        """Who holds the authority over this person's role (or acts for them); '' if the post is vacant. Never the person."""
        day = self.reference_day(week)
        _, _, holder = self.post(person, day, scheme)
        return self._judge(holder, person, day)

    def post(self, person: Person, day: dt.date, scheme: Scheme) -> tuple[Authority | None, Unit | None, str]:
        """The post that approves this person: its authority, the unit whose row names the holder, and the holder."""
        role = scheme.role(person.role)
        authority = next((a for a in scheme.authority if role and a.id == role.authority), None)
        if authority is not None:
            for unit in self.climb(person.unit_id, day):
                holder = unit.leader_id if authority.holder == "leader_id" else unit.head_id
                if unit.kind in authority.unit_kinds and holder and holder != person.staff_id:
                    return authority, unit, holder
        return authority, None, ""

    def group(self, staff_id: str, week: Stretch, scheme: Scheme) -> str:
        """The group of the scheme that a person belongs to on the reference day, or ''."""
        person = self.on(staff_id, self.reference_day(week)) if scheme.groups else None
        return scheme.group_of({"probation"} if person and person.pay and person.pay.probation else ())

    def _judge(self, holder: str, person: Person, day: dt.date) -> str:
        """Who judges ``person`` where ``holder`` should: they or who acts for them, if in service and not the person."""
        if not holder:
            return ""
        judge = self.acting_for(holder, day, person.staff_id)
        return judge if judge != person.staff_id and self.on(judge, day) else ""

    def evaluated(self, week: Stretch, scheme: Scheme) -> list[Person]:
        """Everybody in service on the reference day whose role has an authority: by unit, rank and code."""
        day = self.reference_day(week)
        people = [
            spell
            for spell in self.spells
            if spell.covers(day) and (role := scheme.role(spell.role)) is not None and role.authority is not None
        ]
        order = self.unit_order
        return sorted(people, key=lambda p: (order.get(p.unit_id, len(order)), scheme.rank(p.role), p.staff_id))
