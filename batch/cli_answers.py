"""The commands that answer questions: status, check, explain, verify; and init, which makes a new office."""

from __future__ import annotations

import datetime as dt
import json
import locale
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click

from batch.core.finding import UserError
from batch.core.period import Week
from batch.i18n import LANGUAGES, Speaker

FOUND = 1
F = TypeVar("F", bound=Callable[..., Any])


def choose_language(context: click.Context, _: click.Parameter, lang: str | None) -> None:
    """--lang may stand before or after the command's name."""
    context.obj = lang or context.obj


def language(command: F) -> F:
    """The option --lang of a command."""
    option = click.option(
        "--lang", type=click.Choice(LANGUAGES), expose_value=False, callback=choose_language, help="Language."
    )
    return option(command)


def reading(command: F) -> F:
    """The options of a command that only looks."""
    for option in reversed(
        (
            language,
            click.option("--office", type=click.Path(path_type=Path), default=".", help="The office's folder."),
            click.option("--out", type=click.Path(path_type=Path), default="out", help="Where the runs have written."),
            click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON."),
        )
    ):
        command = option(command)
    return command


def week_of(text: str) -> Week:
    """A week as typed; raises ``use.period``."""
    try:
        return Week.parse(text)
    except ValueError as err:
        raise UserError("use.period", found=text) from err


def present(command: F) -> F:
    """The option --now: the clock enters here and nowhere else."""
    return click.option("--now", metavar="ISO", help="Take this as the present moment, for example 2025-06-06T16:00.")(
        command
    )


def moment_of(text: str | None, zone: str) -> str:
    """The present moment in the office's time zone, to the minute."""
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


@click.command()
@click.argument("period")
@reading
@present
@click.pass_context
def status(context: click.Context, period: str, office: Path, out: Path, as_json: bool, now: str | None) -> None:
    """Say where PERIOD stands: who has to do what for whom, which reports and meetings are owed, what is overdue."""
    from batch import pipeline, tell
    from batch.answers import status as answers

    setup = pipeline.open_office(office, out, context.obj, reading=True)
    answer = answers.status(setup, week_of(period), moment_of(now, setup.office.timezone))
    _print(answers.as_data(answer) if as_json else tell.status(answer, setup))


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@reading
@click.pass_context
def check(context: click.Context, files: tuple[Path, ...], office: Path, out: Path, as_json: bool) -> None:
    """Look at filled forms before they are sent: what would be read, or what is wrong in which cell."""
    from batch import tell_check
    from batch.answers import check as answers

    rules = answers.open_rules(office, out)
    say = Speaker(context.obj or rules.office.language)
    checked = answers.check(files, rules)
    _print(answers.as_data(checked, say) if as_json else tell_check.check(checked, rules.scheme, say))
    if any(one.errors for one in checked):
        sys.exit(FOUND)


@click.command()
@click.argument("subject", metavar="STAFF_ID|UNIT_ID")
@click.argument("period")
@reading
@click.pass_context
def explain(context: click.Context, subject: str, period: str, office: Path, out: Path, as_json: bool) -> None:
    """Show every rule, cell, person and file behind the result of a person, or the report of a unit, in PERIOD."""
    from batch import pipeline, tell
    from batch.answers import explain as answers
    from batch.answers import explain_unit as units
    from batch.validate import UNIT_SUBJECT

    setup = pipeline.open_office(office, out, context.obj, reading=True)
    unit_id = subject.removeprefix(UNIT_SUBJECT)
    if not setup.roster.knows(subject) and unit_id in setup.roster.units:
        unit = units.explain_unit(setup, unit_id, week_of(period))
        _print(units.as_data(unit, setup, setup.say) if as_json else tell.explain_unit(unit, setup))
        return
    answer = answers.explain(setup, subject, week_of(period))
    _print(answers.as_data(answer, setup, setup.say) if as_json else tell.explain(answer, setup))


@click.command()
@reading
@click.pass_context
def verify(context: click.Context, office: Path, out: Path, as_json: bool) -> None:
    """Prove that the ledger, the archive and the outputs are as the program left them."""
    from batch import tell_check
    from batch.answers import check, verify
    from batch.roster import load_office

    lang = context.obj
    if lang is None:
        try:
            lang = load_office(office).language
        except UserError:  # what was written can be verified without the office
            lang = default_language()
    say = Speaker(lang)
    answer = verify.verify(out)
    said = [check.finding_data(f, say) for f in answer.findings]
    _print(verify.as_data(answer, said) if as_json else tell_check.verify(answer, say))
    if answer.findings:
        sys.exit(FOUND)


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@language
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
@click.pass_context
def init(context: click.Context, folder: Path, as_json: bool) -> None:
    """Make a new office in DIR, ready to fill in: office.toml, roster.xlsx and inbox/."""
    from batch import tell_check
    from batch.answers import init as answers

    lang = context.obj or default_language()
    made = answers.init(folder, lang)
    _print(
        {"folder": str(folder), "made": [str(path) for path in made]}
        if as_json
        else tell_check.init(folder, made, Speaker(lang))
    )


COMMANDS = (status, check, explain, verify, init)


def _print(answer: Iterable[str] | dict[str, Any] | list[dict[str, Any]]) -> None:
    """Lines as they are, anything else as JSON."""
    if isinstance(answer, (dict, list)):
        click.echo(json.dumps(answer, ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join(answer))
