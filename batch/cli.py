"""The command line. The only room that prints and exits; the clock enters here and nowhere else."""

from __future__ import annotations

import gc
import json
import os
import sys
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from batch import __version__
from batch.cli_answers import COMMANDS
from batch.cli_call import (
    Call,
    default_language,
    evaluated_of,
    language,
    outbox_of,
    round_of,
    term_of,
    writing,
)
from batch.core.finding import Finding, Place, UserError, finding
from batch.core.period import Term, Week
from batch.core.records import STATE_NAMES, STATES, Case
from batch.files import trouble
from batch.i18n import LANGUAGES, Speaker

if TYPE_CHECKING:
    from batch.desk import Setup
    from batch.scheme import Scheme

DONE, FOUND, WRONG_USE, LOCKED = 0, 1, 2, 3
_STANDINGS = ("rated", "unrated", "excused")
_FEW = 4  # names in a line of the terminal
jobs_option = click.option(
    "--jobs", type=click.IntRange(1, 64), default=None, help="Processes that read and write (default: sized to the machine)."
)


scheduler_option = click.option(
    "--scheduler", metavar="ADDRESS", help="A Dask scheduler, tcp://server:8786, whose workers make the outputs."
)


def _processes() -> int:
    """How many processes there are unless it is said."""
    return min(8, os.cpu_count() or 1)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--lang", type=click.Choice(LANGUAGES), help="Language of reports and messages (default: the office's).")
@click.version_option(__version__, prog_name="appraise")
@click.pass_context
def cli(context: click.Context, lang: str | None) -> None:
    """Weekly staff evaluation from Excel forms: drop filled forms in the inbox, run, send out what lies in the outbox."""
    context.obj = lang


@cli.command()
@click.argument("period", required=False)
@writing
@jobs_option
@scheduler_option
@click.option("--strict", is_flag=True, help="Exit with 1 when there are errors among the findings.")
@click.option("--dry-run", is_flag=True, help="Write nothing; with --scheme: show who would move.")
@click.option("--scheme", metavar="FILE", help="With --dry-run: decide by this scheme as well.")
def run(
    call: Call, period: str | None, jobs: int | None, scheduler: str | None, strict: bool, dry_run: bool, scheme: str | None
) -> None:
    """Read the inbox, decide, and write the outbox of PERIOD (such as 2025-W23; default: every week with forms)."""
    from batch import pipeline
    from batch.stopwatch import Stopwatch

    watch = Stopwatch()
    with watch.on("open"):
        setup = _with_workers(call.open(), scheduler)
    _warn(setup)
    week = evaluated_of(period) if period else None
    moment, threads = call.moment(setup), jobs or _processes()
    if dry_run != (scheme is not None):
        raise UserError("use.dry-run")
    if scheme is not None:
        from batch.scheme import load_scheme

        other = load_scheme(scheme, Path())
        _tell_moves(pipeline.what_if(setup, other, week, moment, threads), setup, other, call.as_json)
        return
    outcome = pipeline.run(setup, week, moment, threads, watch)
    if call.as_json:
        seconds = {stage: round(spent, 3) for stage, spent in watch.seconds.items()}
        click.echo(json.dumps({**_run_json(outcome), "seconds": seconds}, ensure_ascii=False, indent=1))
    else:
        _tell_run(outcome, setup.say)
    if strict and any(w.severities.get("error") for w in outcome.weeks):
        sys.exit(FOUND)


@cli.command()
@click.argument("period")
@writing
@click.option(
    "--form", metavar="FORM", help="Only this kind of form (such as self, review, approval; a stage of the scheme)."
)
@click.option("--for", "people", metavar="STAFF_ID", multiple=True, help="Only for this person; may be repeated.")
@click.option("--again", is_flag=True, help="The forms of everybody, also of those already done, to correct what was sent.")
def issue(call: Call, period: str, form: str | None, people: tuple[str, ...], again: bool) -> None:
    """Write the forms of PERIOD that are due: self forms, the units' and, as the week goes on, the sheets of its judges."""
    from batch import pipeline, tell_round

    setup = call.open()
    _warn(setup)
    week = evaluated_of(period)
    moment = call.moment(setup)
    forms = pipeline.issue(setup, week, moment, form, people, again, _processes())
    later = setup.office.to_open(setup.scheme.forms, week, moment)
    folder = call.out / "outbox" / str(week) / "for"
    if call.as_json:
        listed = [
            {"form": f.stage, "addressee": f.addressee, "file": f"{f.addressee}/{f.name}", "people": f.people} for f in forms
        ]
        answer = {"period": str(week), "folder": str(folder), "forms": listed, **({"opens": later} if later else {})}
        click.echo(json.dumps(answer, ensure_ascii=False, indent=1))
        return
    say = setup.say
    click.echo(say("{week}: {count} forms written.", week=week, count=len(forms)))
    for kind, count in Counter(f.stage for f in forms).items():
        click.echo(f"  {setup.scheme.form_title(kind, say.lang)}: {count}")
    for line in tell_round.openings(later, setup):
        click.echo(line)
    click.echo(say("Each person's forms lie in a folder named by staff code: {folder}", folder=folder))


@cli.command()
@click.argument("period")
@writing
@click.option("--dry-run", is_flag=True, help="Only say who would get what; nothing is sent.")
def send(call: Call, period: str, dry_run: bool) -> None:
    """Mail everybody the files of PERIOD that are new for them; never the same twice. Needs [mail] in office.toml."""
    from batch import mail

    setup = call.open()
    say = setup.say
    post = mail.Post(call.out, setup.office, setup.scheme, setup.roster, say, call.office)

    def told(made: mail.Delivery) -> None:
        if not call.as_json and made.state != "current":
            click.echo(_delivery_line(made, say))

    made = post.send(outbox_of(period), call.moment(setup), dry_run, told)
    if call.as_json:
        listed = [
            {
                **{"staff_id": d.staff_id, "email": d.email, "state": d.state, "files": list(d.files)},
                **({"code": d.reason.code, "message": say.message(d.reason)} if d.reason else {}),
            }
            for d in made
        ]
        click.echo(json.dumps({"period": period, "dry_run": dry_run, "recipients": listed}, ensure_ascii=False, indent=1))
    else:
        count = {state: sum(d.state == state for d in made) for state in ("sent", "due", "by-hand", "failed", "current")}
        if dry_run:
            click.echo(say("{count} people would get mail; nothing was sent.", count=count["due"]))
        else:
            click.echo(say("{count} people got mail.", count=count["sent"]))
        rest = say(
            "nothing new {current}, by hand {hand}, failed {failed}",
            current=count["current"],
            hand=count["by-hand"],
            failed=count["failed"],
        )
        click.echo(f"  {rest}")
    if any(d.state == "failed" for d in made):
        sys.exit(FOUND)


def _delivery_line(made: Any, say: Speaker) -> str:
    """One recipient: who, where to, what; or why not and what to do."""
    files = ", ".join(made.files)
    if made.reason is None:
        return f"{made.staff_id} {made.name} <{made.email}>: {files}"
    text = f"{made.staff_id} {made.name}: {say.message(made.reason)} {say.remedy(made.reason)}"
    return f"{text} ({files})" if files else text


@cli.command()
@click.argument("period")
@writing
@click.option("--with-parts", is_flag=True, help="Every month, quarter and half-year in PERIOD too, in one go.")
@jobs_option
@scheduler_option
@click.option("--strict", is_flag=True, help="Exit with 1 when there are errors among the findings.")
def rollup(call: Call, period: str, with_parts: bool, jobs: int | None, scheduler: str | None, strict: bool) -> None:
    """Roll the weeks of PERIOD up (2025-06, 2025-Q2, 2025-H1 or 2025), from what earlier runs took in."""
    from batch import terms

    setup = _with_workers(call.open(), scheduler)
    term, moment = term_of(period), call.moment(setup)
    asked = term.parts if with_parts else (term,)
    outcomes = terms.roll_up_all(setup, asked, moment, jobs or _processes())
    without = tuple(one for one in asked if one not in [outcome.term for outcome in outcomes])
    told = [_term_json(outcome) for outcome in outcomes]
    if call.as_json:
        all_told = {"terms": told, "without_weeks": [str(one) for one in without]}
        click.echo(json.dumps(all_told if with_parts else told[0], ensure_ascii=False, indent=1))
    else:
        _tell_terms(outcomes, without, setup)
    if strict and any(outcome.severities.get("error") for outcome in outcomes):
        sys.exit(FOUND)


@cli.command()
@click.argument("period")
@writing
@click.option("--with-open", is_flag=True, help="Close although cases are not decided yet.")
def close(call: Call, period: str, with_open: bool) -> None:
    """Freeze the results of PERIOD. What arrives later is kept and reported; only an amendment changes a closed result."""
    from batch import pipeline, terms

    setup = call.open()
    closing, moment = outbox_of(period), call.moment(setup)
    if not isinstance(closing, Term):
        assessment, head = pipeline.close(setup, closing, moment, with_open)
        people, digest = len(assessment.cases), assessment.scheme.hash
    else:
        rolled, head = terms.close(setup, closing, moment, with_open)
        people, digest = len(rolled.people), setup.scheme.rollup_hash
    if call.as_json:
        told = {"period": str(closing), "people": people, "scheme_hash": digest}
        click.echo(json.dumps({**told, "ledger": {"entries": head.entries, "head": head.hash}}))
        return
    click.echo(setup.say("{week} is closed: {count} results.", week=closing, count=people))
    click.echo(setup.say("Run again, so that the papers say so."))
    click.echo(setup.say("Keep this elsewhere; it proves the ledger up to here: {head}", head=head.hash))


@cli.command()
@click.argument("period")
@writing
@click.option("--for", "subject", metavar="STAFF_ID|UNIT_ID", required=True, help="Whose result, or which unit's report.")
@click.option("--reason", required=True, help="Why the closed result changes.")
@click.option("--author", required=True, help="Who orders it.")
def amend(call: Call, period: str, subject: str, reason: str, author: str) -> None:
    """Let what came after PERIOD was closed count for one person or unit, with a reason that stays on record."""
    from batch import pipeline, terms

    setup = call.open()
    amended, say = outbox_of(period), setup.say
    moment = call.moment(setup)
    who, key = setup.roster.label(subject), "staff_id"
    if not isinstance(amended, Term):
        both = pipeline.amend(setup, amended, subject, reason, author, moment)
        sides = [(str(one.state), one.total, one.band, say(STATE_NAMES[one.state])) for one in both]
        if not isinstance(both[0], Case):
            who, key = both[0].name, "unit_id"
    else:
        *people, closed_under = terms.amend(setup, amended, subject, reason, author, moment)
        sides = [
            (str(p.outcome.standing), p.outcome.mean_shown(closed_under), p.outcome.band, "–")
            if p
            else ("absent", None, "", "–")
            for p in people
        ]
    if call.as_json:
        told = [{"state": state, "total": None if n is None else str(n), "band": band} for state, n, band, _ in sides]
        click.echo(json.dumps({"period": str(amended), key: subject, "before": told[0], "after": told[1]}))
        return
    shown = [say.number(total) or name for _, total, _, name in sides]
    click.echo(
        say(
            "{who}, {week}: {before} → {after}. Run again to renew the outbox.",
            who=who,
            week=amended,
            before=shown[0],
            after=shown[1],
        )
    )


@cli.command()
@language
@click.option("--office", type=click.Path(path_type=Path), default=".", help="The office's folder.")
@click.option("--out", type=click.Path(path_type=Path), default="out", help="Where the runs write.")
@click.option("--retire", is_flag=True, help="Refuse forms signed with the older keys from now on.")
@click.pass_context
def rekey(context: click.Context, office: Path, out: Path, retire: bool) -> None:
    """Make a new key for signing forms; older ones stay accepted unless they are retired."""
    from batch import desk
    from batch.roster import load_office

    say = Speaker(context.obj or load_office(office).language)
    written, place, older = desk.rekey(office, out, retire)
    click.echo(say("A new key was written: {path}", path=written))
    if written != place:
        click.echo(say("Move it over {path}: the office's folder is never written to.", path=place))
    if older and retire:
        click.echo(say("Forms signed with older keys are refused from now on; issue the forms that are under way again."))
    elif older:
        click.echo(say("Forms signed with older keys are still accepted."))


@cli.command()
@click.argument("period")
@writing
@click.option("--what-if", "compare", is_flag=True, help="Only compare the rate tables of the plan; nothing is announced.")
@click.option("--strict", is_flag=True, help="Exit with 1 when there are errors among the findings.")
def raises(call: Call, period: str, compare: bool, strict: bool) -> None:
    """Decide the salary increase of a round (such as 2568-R1) by its plan in raises/, and write the papers."""
    from batch import raise_round, tell_raises

    which = round_of(period)
    setup = call.open()
    moment = call.moment(setup)
    done = raise_round.what_if(setup, which) if compare else raise_round.run(setup, which, moment)
    if call.as_json:
        click.echo(json.dumps(tell_raises.as_data(done), ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join(tell_raises.compared(done, setup.say) if compare else tell_raises.raised(done, setup.say)))
    if strict and any(setup.say.severity(f) == "error" for f in done.view.findings):
        sys.exit(FOUND)


def _run_json(outcome: Any) -> dict[str, Any]:
    return {
        "new_files": outcome.new_files,
        "files": outcome.files,
        "weeks": [
            {
                "period": str(w.week),
                "folder": str(w.folder),
                "states": {state: w.states.get(state, 0) for state in STATES},
                "findings": {s: w.severities.get(s, 0) for s in ("error", "warning", "info")},
                "meetings": w.meetings,
                "changed": list(w.changed),
                "recipients": list(w.news),
            }
            for w in outcome.weeks
        ],
    }


def _tell_run(outcome: Any, say: Speaker) -> None:
    """A few lines a secretary can act on."""
    click.echo(say("{files} files in the inbox, {new} of them new.", files=outcome.files, new=outcome.new_files))
    for w in outcome.weeks:
        people = sum(w.states.values())
        states = ", ".join(f"{say(STATE_NAMES[s]).lower()} {w.states[s]}" for s in reversed(STATES) if w.states.get(s))
        click.echo(f"{say.period_label(w.week)}: {say('{count} people', count=people)} ({states})")
        counts = {"errors": w.severities.get("error", 0), "warnings": w.severities.get("warning", 0)}
        if isinstance(w.week, Week):
            notes = say("errors {errors}, warnings {warnings}, meetings required {meetings}", **counts, meetings=w.meetings)
        else:
            notes = say("errors {errors}, warnings {warnings}", **counts)
        news = say("{count} files changed", count=len(w.changed)) if w.changed else say("nothing changed")
        click.echo(f"  {notes}; {news}")
        if w.names:
            click.echo(f"  {_news(w, say)}")
    last = outcome.weeks[-1].folder
    click.echo(say("Open the summary: {path}", path=last / "summary.html"))
    click.echo(say("Who gets what: {path}", path=last / "index.html"))


def _term_json(outcome: Any) -> dict[str, Any]:
    return {
        "period": str(outcome.term),
        "folder": str(outcome.folder),
        "weeks": [str(week) for week in outcome.weeks],
        "provisional": outcome.provisional,
        "states": {state: outcome.standings.get(state, 0) for state in _STANDINGS},
        "bands": dict(outcome.bands),
        "findings": {s: outcome.severities.get(s, 0) for s in ("error", "warning", "info")},
        "changed": list(outcome.changed),
    }


def _tell_terms(outcomes: Any, without: tuple[Term, ...], setup: Any) -> None:
    """A few lines for each: which weeks, how many in which level; then what lacks, and where the last of them lies."""
    say = setup.say
    for outcome in outcomes:
        _tell_term(outcome, setup)
    if without:
        click.echo(say("No week with forms has ended in: {periods}", periods=without))
    if len(outcomes) > 1:
        click.echo(say("Each lies in a folder named by its period: {folder}", folder=outcomes[-1].folder.parent))
    click.echo(say("Open the summary: {path}", path=outcomes[-1].folder / "summary.html"))
    click.echo(say("Who gets what: {path}", path=outcomes[-1].folder / "index.html"))


def _tell_term(outcome: Any, setup: Any) -> None:
    say, count = setup.say, outcome.standings
    click.echo(f"{say.period_label(outcome.term)}: {say.value(outcome.weeks)}")
    bands = ", ".join(f"{b.name(say.lang)} {outcome.bands[b.id]}" for b in setup.scheme.bands if outcome.bands.get(b.id))
    rated = say("rated {rated}, not rated {unrated}, not evaluated {excused}", **{s: count.get(s, 0) for s in _STANDINGS})
    click.echo(f"  {rated}{f' ({bands})' if bands else ''}")
    warnings = say("warnings {count}", count=outcome.severities.get("warning", 0))
    news = say("{count} files changed", count=len(outcome.changed)) if outcome.changed else say("nothing changed")
    provisional = f"{say('Provisional')}; " if outcome.provisional else ""
    click.echo(f"  {provisional}{warnings}; {news}")


def _news(week: Any, say: Speaker) -> str:
    """'12 people have something new: …' with the first few names."""
    names = list(week.names.values())
    few = ", ".join(names[:_FEW]) + (" …" if len(names) > _FEW else "")
    return say("{count} people have something new: {names}", count=len(names), names=few)


def _tell_moves(moves: Any, setup: Any, other: Scheme, as_json: bool) -> None:
    """Who would move by another scheme, and by which bound."""
    say = setup.say
    if as_json:
        told = [
            {
                "period": str(move.before.period),
                "staff_id": move.before.staff_id,
                **{
                    when: {"state": c.state, "total": None if c.total is None else str(c.total), "band": c.band}
                    for when, c in (("before", move.before), ("after", move.after))
                },
            }
            for move in moves
        ]
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    for move in moves:
        sides = []
        for case, scheme in ((move.before, setup.scheme), (move.after, other)):
            band = scheme.band(case.band) if case.band else None
            level = say("{band} (from {min})", band=band.name(say.lang), min=band.min) if band else ""
            sides.append(
                " ".join(part for part in (say.number(case.total), level, f"[{say(STATE_NAMES[case.state])}]") if part)
            )
        click.echo(
            f"{say.week_name(move.before.period)}, {setup.roster.label(move.before.staff_id)}: {sides[0]} → {sides[1]}"
        )
    click.echo(say("{count} results would move; nothing was written.", count=len(moves)))


for command in COMMANDS:
    cli.add_command(command)


def main() -> NoReturn:
    """Run the command line; a :class:`UserError` becomes one line and exit 2 (3 if another run holds OUT)."""
    gc.set_threshold(200_000, 20, 20)  # a run makes many objects and few cycles: looking for those costs a sixth of its time
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(
                encoding="utf-8", errors="replace"
            )  # Windows consoles default to something that lacks Vietnamese
    try:
        cli.main(standalone_mode=False)
    except UserError as err:
        _tell_error(err.finding)
        sys.exit(LOCKED if err.finding.code in ("run.locked", "run.ledger-held") else WRONG_USE)
    except OSError as err:  # a full disk, a vanished share: what is on disk is complete files only
        _tell_error(finding("config.disk", Place(str(err.filename or "")), problem=trouble(err)))
        sys.exit(WRONG_USE)
    except click.exceptions.Exit as err:
        sys.exit(err.exit_code)
    except click.ClickException as err:
        err.show()
        sys.exit(WRONG_USE)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    sys.exit(DONE)


def program() -> NoReturn:
    """:func:`main` as a process of its own, with which goes what it knows: to take that apart first takes half a second."""
    try:
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else WRONG_USE
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # who listened is gone
            stream.flush()
    os._exit(code)


def _with_workers(setup: Setup, scheduler: str | None) -> Setup:
    """The office with the scheduler that was named, if any, in the place of its own."""
    if scheduler is None:
        return setup
    return replace(setup, office=setup.office.model_copy(update={"scheduler": scheduler}))


def _warn(setup: Any) -> None:
    """What endangers the office without stopping the work."""
    if setup.keys.exposed:
        from batch.forms.token import key_path

        path = key_path(setup.folder, setup.office, setup.out)
        _tell_error(finding("config.key-exposed", Place(str(path)), path=str(path)), setup.say)


def _tell_error(found: Finding, speaker: Speaker | None = None) -> None:
    """One line: where, what is wrong, what to do."""
    say = speaker or Speaker(_language())
    where = f"{found.place}: " if str(found.place) else ""
    click.echo(" ".join(f"{where}{say.message(found)} {say.remedy(found)}".split("\n")), err=True)


def _language() -> str:
    """The language of an error that came before a command could tell: --lang as given, the office's, or the machine's."""
    if (given := _given("--lang")) in LANGUAGES:
        return given
    from batch.roster import load_office  # takes longer than all that --help needs

    try:
        return load_office(Path(_given("--office") or ".")).language
    except (UserError, OSError):
        return default_language()


def _given(option: str) -> str:
    """An option's value as it stands on the command line, '' if it is not there."""
    words = sys.argv[1:]
    for n, word in enumerate(words):
        if word.startswith(f"{option}="):
            return word.partition("=")[2]
        if word == option:
            return words[n + 1] if n + 1 < len(words) else ""
    return ""


if __name__ == "__main__":
    main()
