"""The commands that answer questions: status, check, explain, verify; and init, which makes a new office."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from batch.cli_call import Call, default_language, evaluated_of, language, outbox_of, reading, reading_timeless, week_of
from batch.core.finding import UserError
from batch.core.period import Round, Term
from batch.i18n import Speaker

FOUND = 1


@click.command()
@click.argument("period")
@reading
def status(call: Call, period: str) -> None:
    """Say where PERIOD stands: who has to do what for whom, which reports and meetings are owed, what is overdue."""
    from batch import tell, tell_round
    from batch.answers import round_status as round_answers
    from batch.answers import status as answers

    setup = call.open(reading=True)
    asked, moment = evaluated_of(period), call.moment(setup)
    if isinstance(asked, Round):
        stand = round_answers.status(setup, asked, moment)
        _print(round_answers.as_data(stand) if call.as_json else tell_round.status(stand, setup))
        return
    answer = answers.status(setup, asked, moment)
    _print(answers.as_data(answer) if call.as_json else tell.status(answer, setup))


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@reading_timeless
def check(call: Call, files: tuple[Path, ...]) -> None:
    """Look at filled forms before they are sent: what would be read, or what is wrong in which cell."""
    from batch import tell_check
    from batch.answers import check as answers

    rules = answers.open_rules(call.office, call.out)
    say = Speaker(call.lang or rules.office.language)
    checked = answers.check(files, rules)
    _print(answers.as_data(checked, say) if call.as_json else tell_check.check(checked, rules.scheme, say))
    if any(one.errors for one in checked):
        sys.exit(FOUND)


@click.command()
@click.argument("subject", metavar="STAFF_ID|UNIT_ID")
@click.argument("period")
@reading
def explain(call: Call, subject: str, period: str) -> None:
    """Show every rule, cell, person and file behind a person's result, or a unit's report, in PERIOD (a week, 2025-06 …)."""
    from batch import tell, tell_round, tell_term
    from batch.answers import explain as answers
    from batch.answers import explain_term as term_answers
    from batch.answers import explain_unit as units
    from batch.answers import round_explain as round_answers
    from batch.validate import UNIT_SUBJECT

    setup = call.open(reading=True)
    asked, unit_id = outbox_of(period), subject.removeprefix(UNIT_SUBJECT)
    if isinstance(asked, Round):
        case = round_answers.explain(setup, subject, asked)
        _print(round_answers.as_data(case, setup) if call.as_json else tell_round.explain(case, setup))
        return
    if isinstance(asked, Term):
        told = term_answers.explain_term(setup, subject, asked, call.moment(setup))
        _print(term_answers.as_data(told, setup.say) if call.as_json else tell_term.explain_term(told, setup))
        return
    if not setup.roster.knows(subject) and unit_id in setup.roster.units:
        unit = units.explain_unit(setup, unit_id, asked)
        _print(units.as_data(unit, setup, setup.say) if call.as_json else tell.explain_unit(unit, setup))
        return
    answer = answers.explain(setup, subject, asked)
    _print(answers.as_data(answer, setup, setup.say) if call.as_json else tell.explain(answer, setup))


@click.command()
@reading_timeless
@click.option("--head", metavar="HASH", default="", help="A last hash that was kept elsewhere: the ledger must hold it.")
def verify(call: Call, head: str) -> None:
    """Prove that the ledger, the archive and the outputs are as the program left them."""
    from batch import tell_check
    from batch.answers import check, verify
    from batch.desk import ledger_of
    from batch.roster import load_office

    try:
        settings = load_office(call.office)
    except UserError:  # a ledger in OUT can be verified without the office
        if (call.office / "office.toml").exists():
            raise
        settings = None
    say = Speaker(call.lang or (settings.language if settings else default_language()))
    answer = verify.verify(call.out, head, ledger_of(call.out, settings))
    said = [check.finding_data(f, say) for f in answer.findings]
    _print(verify.as_data(answer, said) if call.as_json else tell_check.verify(answer, say))
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
