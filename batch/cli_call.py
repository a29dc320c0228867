"""What every command about an office is called with, and what may be typed for a period or a moment."""

from __future__ import annotations

import datetime as dt
import locale
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from batch.core.finding import UserError
from batch.core.period import Evaluated, Period, Round, Term, Week, parse_period
from batch.i18n import LANGUAGES

if TYPE_CHECKING:
    from batch.desk import Setup

Command = Callable[..., Any]


def choose_language(context: click.Context, _: click.Parameter, lang: str | None) -> None:
    """--lang may stand before or after the command's name."""
    context.obj = lang or context.obj


def language(command: Command) -> Command:
    """The option --lang of a command."""
    option = click.option(
        "--lang", type=click.Choice(LANGUAGES), expose_value=False, callback=choose_language, help="Language."
    )
    return option(command)


def present(command: Command) -> Command:
    """The option --now: the clock enters here and nowhere else."""
    return click.option("--now", metavar="ISO", help="Take this as the present moment, for example 2025-06-06T16:00.")(
        command
    )


@dataclass(frozen=True)
class Call:
    """What a command about an office is called with: its folder and OUT; language and moment, if given; how to answer."""

    office: Path
    out: Path
    lang: str | None
    now: str | None
    as_json: bool

    def open(self, reading: bool = False) -> Setup:
        """The office, opened for work; ``reading``: nothing will be written."""
        from batch import desk

        return desk.open_office(self.office, self.out, self.lang, reading=reading)

    def moment(self, setup: Setup) -> str:
        """The present moment in the office's time zone, to the minute; raises ``use.moment``."""
        return moment_of(self.now, setup.office.timezone)


def called(out: str, clock: bool = True) -> Callable[[Command], Command]:
    """The options of every command about an office, which it gets as a :class:`Call`. ``out``: what it does with OUT."""
    options: list[Callable[[Command], Command]] = [
        language,
        click.option("--office", type=click.Path(path_type=Path), default=".", help="The office's folder."),
        click.option("--out", type=click.Path(path_type=Path), default="out", help=out),
        *([present] if clock else []),
        click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON."),
    ]

    def decorate(command: Command) -> Command:
        @click.pass_context
        @wraps(command)
        def with_call(
            context: click.Context, /, office: Path, out: Path, as_json: bool, now: str | None = None, **own: Any
        ) -> Any:
            return command(Call(office, out, context.obj, now, as_json), **own)

        made: Command = with_call
        for option in reversed(options):
            made = option(made)
        return made

    return decorate


writing = called("Where to write; nothing is written elsewhere.")
reading = called("Where the runs have written.")
reading_timeless = called("Where the runs have written.", clock=False)


def week_of(text: str) -> Week:
    """A week as typed; raises ``use.period``."""
    try:
        return Week.parse(text)
    except ValueError as err:
        raise UserError("use.period", found=text) from err


def evaluated_of(text: str) -> Evaluated:
    """A week or a round as typed; raises ``use.period``."""
    try:
        return Round.parse(text)
    except ValueError:
        return week_of(text)


def round_of(text: str) -> Round:
    """A round as typed; raises ``use.round``."""
    try:
        return Round.parse(text)
    except ValueError as err:
        raise UserError("use.round", found=text) from err


def term_of(text: str) -> Term:
    """A month, quarter, half-year or year as typed; raises ``use.term``."""
    try:
        return Term.parse(text)
    except ValueError as err:
        raise UserError("use.term", found=text) from err


def outbox_of(text: str) -> Period:
    """Any period that has an outbox, as typed; raises ``use.any-period``."""
    try:
        return parse_period(text)
    except ValueError as err:
        raise UserError("use.any-period", found=text) from err


def moment_of(text: str | None, zone: str) -> str:
    """The present moment in the office's time zone, to the minute; ``text``: another one, as typed (ISO)."""
    try:
        moment = dt.datetime.fromisoformat(text) if text else dt.datetime.now(ZoneInfo(zone))
    except ValueError as err:
        raise UserError("use.moment", found=text) from err
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(zone))
    return moment.astimezone(ZoneInfo(zone)).isoformat(timespec="minutes")


def default_language() -> str:
    """The language of messages when no office could be opened: the machine's, else English."""
    name = (locale.getlocale()[0] or os.environ.get("LANG") or "").casefold()
    return next((lang for lang, starts in (("vi", ("vi",)), ("th", ("th",))) if name.startswith(starts)), "en")
