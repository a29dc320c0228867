"""What the answer to explain says about a month or longer, line by line, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator

from batch.answers.explain_term import EdgeWeek, TermExplanation
from batch.core.finding import Titles
from batch.core.number import plain
from batch.desk import Setup
from batch.i18n import Speaker
from batch.reports.rollup_view import RollupView, coverage, standing_texts, state_text, steps, weeks_text
from batch.rollups import Line
from batch.tell_check import finding_lines
from batch.terms import view_of


def explain_term(answer: TermExplanation, setup: Setup) -> Iterator[str]:
    """The result first, then how it came about."""
    say, gathered, person = setup.say, answer.gathered, answer.person
    view = view_of(setup, gathered)
    yield f"{setup.roster.label(answer.staff_id)} · {say.period_label(answer.term)}"
    yield f"{say('Result')}: {_result(answer, view, say)}"
    for text in standing_texts(view, say):
        yield text
    yield from ("", say("1. The weeks"), f"  {weeks_text(view, say)}")
    for edge in answer.edges:
        yield f"  {_edge(edge, say)}"
    for line in person.outcome.lines if person else ():
        yield f"    {_line(line, view, say)}"
    command = f"appraise explain {answer.staff_id} {view.rollup.weeks[-1]}"
    yield f"  {say('What is behind one week: {command}', command=command)}"
    yield from ("", say("2. From weeks to level"))
    for text in steps(view, person, say) if person else ():
        yield f"  {text}"
    yield from ("", say("3. Rules"))
    yield from (f"  {text}" for text in _rules(answer, say))
    yield from ("", say("4. What was found"))
    if not answer.findings:
        yield f"  {say('Nothing to report.')}"
    for found in answer.findings:
        yield from finding_lines(found, say)


def _result(answer: TermExplanation, view: RollupView, say: Speaker) -> str:
    if answer.person is None:
        return say("Not in service, or not evaluated")
    result = answer.person.outcome
    parts = [say("Not evaluated") if result.standing == "excused" else say("Not rated")]
    mean = result.mean_shown(view.scheme)
    if result.band and mean is not None:
        parts = [say("{total} points: {band}", total=mean, band=view.scheme.band(result.band).name(say.lang))]
    closed = say("Closed on {moment}", moment=say.moment(view.closed_at)) if view.closed_at else ""
    return " · ".join(part for part in (*parts, coverage(result.tally, say), closed) if part)


def _edge(edge: EdgeWeek, say: Speaker) -> str:
    counts = {"inside": edge.inside, "days": edge.days}
    return say(
        "{week}: {inside} of {days} working days in this period; it belongs to {month}",
        week=edge.week,
        month=edge.month,
        **counts,
    )


def _line(line: Line, view: RollupView, say: Speaker) -> str:
    flags = {flag.id: flag.name(say.lang) for flag in view.scheme.flags if not flag.band}
    parts = [say.week_name(line.week), state_text(line.state, say)]
    if line.total is not None:
        parts.append(f"{say.number(line.total)} {view.scheme.band(line.band).name(say.lang)}")
    parts += [flags[flag] for flag in line.flags if flag in flags]
    return " · ".join([*parts, *([view.unit_name(line.unit_id)] if line.unit_id else [])])


def _rules(answer: TermExplanation, say: Speaker) -> Iterator[str]:
    scheme, rules, kind = answer.gathered.scheme, answer.gathered.rules, answer.term.kind
    title = say.value(Titles(sorted(scheme.title.items())))
    yield f"{scheme.id} · {title} · {say('hash of the rules')} {scheme.rollup_hash}"
    least = {"weeks": rules.least_weeks.get(kind, 1), "percent": plain(rules.least_share * 100)}
    yield say("A rating needs at least {weeks} decided weeks and {percent}% of the weeks due.", **least)
    for cap in rules.caps:
        if kind in cap.weeks:
            of = {"rule": cap.titles, "count": cap.weeks[kind], "band": scheme.band(cap.at_most).titles}
            yield say("{rule}, {count} weeks or more: at most {band}", **of)
