"""What the answers to check, verify and init say, line by line. Loads nothing heavy: a check must be quick."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from batch.answers.check import Checked, Line
from batch.answers.verify import Verified
from batch.core.codes import CODES
from batch.core.finding import Finding
from batch.i18n import Speaker
from batch.scheme import Scheme


def check(checked: Sequence[Checked], scheme: Scheme, say: Speaker) -> Iterator[str]:
    """Each file with what it says, or with each fault, its cell and its remedy."""
    for n, one in enumerate(checked):
        if n:
            yield ""
        warnings = sum(CODES[f.code].severity == "warning" for f in one.findings)
        if one.errors:
            verdict = say("{errors} errors, {warnings} warnings", errors=one.errors, warnings=warnings)
        else:
            verdict = say("sound, {warnings} warnings", warnings=warnings) if warnings else say("sound")
        yield f"{one.file}: {verdict}"
        yield from (f"  {line}" for line in _whose(one, scheme, say))
        for line in one.lines:
            yield f"  {_about(line, one, scheme, say)}"
        if one.blank:
            yield f"  {say('Not filled in yet on this sheet: {count} people.', count=one.blank)}"
        for found in one.findings:
            yield from finding_lines(found, say, file=False)


def _whose(one: Checked, scheme: Scheme, say: Speaker) -> Iterator[str]:
    stage = scheme.stage(one.form)
    if stage and one.author:
        who = f"{one.author_name} ({one.author})"
        week = say.period_label(one.week) if one.week else "–"
        yield f"{stage.name(say.lang)} · {who} · {week}"


def _about(line: Line, one: Checked, scheme: Scheme, say: Speaker) -> str:
    """What is said about one person; the name only where the form is about others."""
    parts = []
    if line.decision:
        parts.append(say(line.decision))
    scores = [
        f"{c.name(say.lang)} {say.number(line.scores[c.id])}/{say.number(c.max)}"
        for c in scheme.criteria
        if c.id in line.scores
    ]
    if scores:
        parts.append(", ".join(scores))
    if line.total is not None:
        band = scheme.band(line.band).name(say.lang)
        parts.append(say("total {total}: {band}", total=line.total, band=band))
    if line.staff_id == one.author:
        parts.append(say("tasks read: {count}", count=line.tasks))
        return " · ".join(parts)
    return f"{line.name} ({line.staff_id}): {' · '.join(parts)}"


def finding_lines(found: Finding, say: Speaker, file: bool = True) -> Iterator[str]:
    """A fault in two lines: where and what, then what to do."""
    place = found.place
    where = str(place) if file else " › ".join(part for part in (place.sheet, place.cell) if part)
    word = {"error": say("Error"), "warning": say("Warning"), "info": say("Notice")}[say.severity(found)]
    yield f"  {word}{f' · {where}' if where else ''}: {say.message(found)}"
    yield f"    → {say.remedy(found)}"


def verify(answer: Verified, say: Speaker) -> Iterator[str]:
    """What was compared, each with OK or what is wrong."""
    head = say("last hash {hash}", hash=answer.head[:16]) if answer.head else ""
    lines = (
        (say("Ledger: {count} entries in one chain", count=answer.entries), head, answer.ledger),
        (say("Archive: {count} originals", count=answer.originals), "", answer.archive),
        (say("Outputs: {count} files of {periods} periods", count=answer.outputs, periods=answer.weeks), "", answer.outbox),
    )
    for text, more, wrong in lines:
        verdict = say("{count} WRONG", count=len(wrong)) if wrong else "OK"
        yield f"{verdict:<8} {text}{f' · {more}' if more else ''}"
        for found in wrong:
            yield from finding_lines(found, say)
    if not answer.findings:
        yield say("Everything is as it was written.")


def init(folder: Path, made: Sequence[Path], say: Speaker) -> Iterator[str]:
    """What was made, and the next steps."""
    yield say("A new office lies in {folder}:", folder=folder)
    for path in made:
        yield f"  {path}"
    yield say("Next:")
    yield f"  1. {say('Open roster.xlsx and fill in people and units; help stands beside each table.')}"
    yield f"  2. {say('Open office.toml in a text editor; write the name of the office and the lines over its papers.')}"
    command = f'appraise issue 2025-W28 --office "{folder}" --out "{folder}-out"'
    yield f"  3. {say('Write the forms of a week, for example:')} {command}"
