"""The commands that answer questions: status, check, explain, verify; and init, which makes a new office."""

from __future__ import annotations

import json
import locale
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click

from batch.core.finding import UserError
from batch.core.period import Round, Week
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


def round_of(text: str) -> Round:
    """A round as typed; raises ``use.round``."""
    try:
        return Round.parse(text)
    except ValueError as err:
        raise UserError("use.round", found=text) from err


def default_language() -> str:
    """The language of messages when no office could be opened: the machine's, else English."""
    name = (locale.getlocale()[0] or os.environ.get("LANG") or "").casefold()
    return next((lang for lang, starts in (("vi", ("vi",)), ("th", ("th",))) if name.startswith(starts)), "en")


@click.command()
@click.argument("period")
@reading
@click.pass_context
def status(context: click.Context, period: str, office: Path, out: Path, as_json: bool) -> None:
    """Say where PERIOD stands: who has to do what for whom, whose self-report is missing, which posts nobody holds."""
    from batch import pipeline, tell
    from batch.answers import status as answers

    setup = pipeline.open_office(office, out, context.obj, reading=True)
    answer = answers.status(setup, week_of(period))
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
@click.argument("staff_id")
@click.argument("period")
@reading
@click.pass_context
def explain(context: click.Context, staff_id: str, period: str, office: Path, out: Path, as_json: bool) -> None:
    """Show every rule, cell, person and file behind the result of STAFF_ID in PERIOD."""
    from batch import pipeline, tell
    from batch.answers import explain as answers

    setup = pipeline.open_office(office, out, context.obj, reading=True)
    answer = answers.explain(setup, staff_id, week_of(period))
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
