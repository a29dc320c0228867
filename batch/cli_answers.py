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
from batch.core.period import Evaluated, Period, Round, Term, Week, parse_period
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


def present(command: F) -> F:
    """The option --now: the clock enters here and nowhere else."""
    return click.option("--now", metavar="ISO", help="Take this as the present moment, for example 2025-06-06T16:00.")(
        command
    )


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


@click.command()
@click.argument("period")
@reading
@present
@click.pass_context
def status(context: click.Context, period: str, office: Path, out: Path, as_json: bool, now: str | None) -> None:
    """Say where PERIOD stands: who has to do what for whom, which reports and meetings are owed, what is overdue."""
    from batch import desk, tell, tell_round
    from batch.answers import round_status as round_answers
    from batch.answers import status as answers

    setup = desk.open_office(office, out, context.obj, reading=True)
    asked, moment = evaluated_of(period), moment_of(now, setup.office.timezone)
    if isinstance(asked, Round):
        stand = round_answers.status(setup, asked, moment)
        _print(round_answers.as_data(stand) if as_json else tell_round.status(stand, setup))
        return
    answer = answers.status(setup, asked, moment)
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
@present
@click.pass_context
def explain(
    context: click.Context, subject: str, period: str, office: Path, out: Path, as_json: bool, now: str | None
) -> None:
    """Show every rule, cell, person and file behind a person's result, or a unit's report, in PERIOD (a week, 2025-06 …)."""
    from batch import desk, tell, tell_round, tell_term
    from batch.answers import explain as answers
    from batch.answers import explain_term as term_answers
    from batch.answers import explain_unit as units
    from batch.answers import round_explain as round_answers
    from batch.validate import UNIT_SUBJECT

    setup = desk.open_office(office, out, context.obj, reading=True)
    asked, unit_id = outbox_of(period), subject.removeprefix(UNIT_SUBJECT)
    if isinstance(asked, Round):
        case = round_answers.explain(setup, subject, asked)
        _print(round_answers.as_data(case, setup) if as_json else tell_round.explain(case, setup))
        return
    if isinstance(asked, Term):
        told = term_answers.explain_term(setup, subject, asked, moment_of(now, setup.office.timezone))
        _print(term_answers.as_data(told, setup.say) if as_json else tell_term.explain_term(told, setup))
        return
    if not setup.roster.knows(subject) and unit_id in setup.roster.units:
        unit = units.explain_unit(setup, unit_id, asked)
        _print(units.as_data(unit, setup, setup.say) if as_json else tell.explain_unit(unit, setup))
        return
    answer = answers.explain(setup, subject, asked)
    _print(answers.as_data(answer, setup, setup.say) if as_json else tell.explain(answer, setup))


@click.command()
@reading
@click.option("--head", metavar="HASH", default="", help="A last hash that was kept elsewhere: the ledger must hold it.")
@click.pass_context
def verify(context: click.Context, office: Path, out: Path, as_json: bool, head: str) -> None:
    """Prove that the ledger, the archive and the outputs are as the program left them."""
    from batch import tell_check
    from batch.answers import check, verify
    from batch.desk import ledger_of
    from batch.roster import load_office

    try:
        settings = load_office(office)
    except UserError:  # a ledger in OUT can be verified without the office
        if (office / "office.toml").exists():
            raise
        settings = None
    say = Speaker(context.obj or (settings.language if settings else default_language()))
    answer = verify.verify(out, head, ledger_of(out, settings))
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


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@language
@click.option("--people", type=click.IntRange(3, 200_000), default=50, show_default=True, help="How many are evaluated.")
@click.option("--period", default="2025-W23", show_default=True, help="The first week.")
@click.option("--weeks", type=click.IntRange(1, 60), default=1, show_default=True, help="How many weeks.")
@click.option(
    "--stages", type=click.IntRange(1, 3), default=3, show_default=True, help="1: reports, 2: reviews too, 3: all."
)
@click.option("--faults", type=click.FloatRange(0, 1), default=0.02, show_default=True, help="Share of faulty forms.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed makes the same office.")
@click.option("--jobs", type=click.IntRange(1, 64), default=None, help="Processes (default: sized to the machine).")
@click.pass_context
def simulate(
    context: click.Context,
    folder: Path,
    people: int,
    period: str,
    weeks: int,
    stages: int,
    faults: float,
    seed: int,
    jobs: int | None,
) -> None:
    """Make up an office in DIR, its forms filled in: to try the program out, or to measure it."""
    from batch import desk
    from batch.simulate import office
    from batch.simulate import weeks as weekly

    lang = context.obj or default_language()
    plan = weekly.Plan(week_of(period), weeks, stages, faults, seed)
    office.found(folder, people, seed, lang)
    setup = desk.open_office(folder, folder / "out", None, reading=True)
    files = weekly.play(setup, plan, jobs or os.cpu_count() or 1)
    say = Speaker(lang)
    click.echo(say("{folder}: {people} people, {files} filled forms.", folder=folder, people=people, files=files))


COMMANDS = (status, check, explain, verify, init, simulate)


def _print(answer: Iterable[str] | dict[str, Any] | list[dict[str, Any]]) -> None:
    """Lines as they are, anything else as JSON."""
    if isinstance(answer, (dict, list)):
        click.echo(json.dumps(answer, ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join(answer))
