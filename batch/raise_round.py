"""The order of things for a salary increase: rules, plan, roster and scores → candidates → awards → papers → outbox.

The papers lie in the outbox beside the appraisal's results, listed in a manifest of their own, so that neither command
removes the other's files; the index, which the run lists, is renewed to show them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from batch import __version__
from batch.core.finding import Finding, Money, Place, UserError, finding
from batch.core.period import Round
from batch.core.records import Case
from batch.desk import Setup, at_work
from batch.files import sha256
from batch.i18n import Speaker
from batch.outbox import findings_csv, table_csv, written_in
from batch.pipeline import look
from batch.raises.engine import Award, Outcome, Scales, decide
from batch.raises.facts import SCORES, Facts, Score, gather, read_scores
from batch.raises.rules import Plan, Rules, load_round
from batch.raises.whatif import alternatives
from batch.reports import raise_page, raise_papers
from batch.reports.raises import RaiseView
from batch.round_plan import INDEX, index_page

RAISES, WHAT_IF = "manifest-raises.json", "manifest-what-if.json"


@dataclass(frozen=True)
class Prepared:
    """A round before it is decided."""

    rules: Rules
    plan: Plan
    scales: Scales
    facts: Facts
    findings: tuple[Finding, ...]
    sources: dict[str, str]  # what it all rests on: name → SHA-256


@dataclass(frozen=True)
class Done:
    """What a command made: the view, the folder, and which files in it changed."""

    view: RaiseView
    outcomes: tuple[Outcome, ...]
    folder: Path
    changed: tuple[str, ...]


def run(setup: Setup, period: Round, now: str) -> Done:
    """Decide a round by the rates that apply and write its papers.

    Raises :class:`UserError` and writes nothing if the rates must not be announced: a pool overspent, or one percentage for
    everybody.
    """
    ready = _prepare(setup, period)
    if now[:10] <= period.end.isoformat():
        early = finding("raises.not-over", round=period, day=period.end)
        ready = replace(ready, findings=(early, *ready.findings))
    outcome = decide(ready.facts.candidates, ready.facts.salaries, ready.scales, ready.plan)
    if outcome.problems:
        raise UserError.of(replace(outcome.problems[0], place=Place(str(_plan_file(setup, period)))))
    view = _view(setup, period, ready, outcome)
    return _publish(setup, view, (outcome,), _papers(view, setup), ready, RAISES)


def what_if(setup: Setup, period: Round) -> Done:
    """Compare all rate tables of the plan, those that overspend too; only the comparison is written."""
    ready = _prepare(setup, period)
    outcomes = alternatives(ready.facts, ready.scales, ready.plan)
    view = _view(setup, period, ready, outcomes[0])
    files = {
        "what-if.xlsx": raise_papers.what_if(view, outcomes, setup.say),
        "what-if.html": raise_page.what_if(view, outcomes, setup.say).encode(),
    }
    return _publish(setup, view, tuple(outcomes), files, ready, WHAT_IF)


def _prepare(setup: Setup, period: Round) -> Prepared:
    rules, plan, hashes = load_round(setup.folder, period, setup.scheme.id)
    scores, notes, hashes["scores"] = _scores(setup, period)
    facts = gather(setup.roster, setup.scheme, rules, plan, period, scores)
    if not facts.candidates or not facts.salaries:
        raise UserError("raises.nobody", Place(str(setup.folder / "roster.xlsx")), day=rules.reference_day(period))
    table = rules.table(period.end + dt.timedelta(days=1))
    if plan.ceiling == "extended":
        lacking = next((row.level for row in table.rows if row.extended_maximum is None), None)
        if lacking is not None:
            level = rules.level_of(lacking).titles
            raise UserError("raises.no-extended", Place(str(_plan_file(setup, period))), day=table.effective, level=level)
    scales = Scales(rules, {row.level: row for row in table.rows}, plan.ceiling, {t.id: t for t in plan.rates})
    sources = {**hashes, "roster": setup.roster_hash, "scheme": setup.scheme.hash}
    return Prepared(rules, plan, scales, facts, (*setup.roster_findings, *notes, *facts.findings), sources)


def _scores(setup: Setup, period: Round) -> tuple[dict[str, Score], list[Finding], str]:
    """Everybody's score, what is to be said, and a digest of it all: what was decided on forms, else scores.xlsx.

    Where an office has no forms of the round, scores.xlsx is all there is; where it has, that counts for those only whose
    appraisal is not decided, and a difference is pointed out.
    """
    _, assessed = look(setup, period)
    cases = assessed[period].cases.values()
    decided = {c.staff_id: Score(c.total, _place(c)) for c in cases if c.state == "approved" and c.total is not None}
    path = setup.folder / SCORES
    if decided and not path.exists():
        return decided, [], _digest(decided, "")
    listed, notes, digest = read_scores(path, period, setup.roster)
    for who in listed if decided else ():
        named = {"name": setup.roster.name(who), "listed": listed[who].value}
        if who not in decided:
            notes.append(finding("raises.score-listed", listed[who].place, who, **named))
        elif decided[who].value != listed[who].value:
            notes.append(finding("raises.score-differs", listed[who].place, who, **named, decided=decided[who].value))
    return {**listed, **decided}, notes, _digest(decided, digest)


def _place(case: Case[Round]) -> Place:
    act = case.approval or case.review
    return act.place if act else Place()


def _digest(decided: Mapping[str, Score], listed: str) -> str:
    facts = [listed, *(f"{who} {score.value}" for who, score in sorted(decided.items()))]
    return sha256("\n".join(facts).encode())


def _plan_file(setup: Setup, period: Round) -> Path:
    return setup.folder / "raises" / f"{period}.toml"


def _view(setup: Setup, period: Round, ready: Prepared, outcome: Outcome) -> RaiseView:
    found = sorted((*ready.findings, *_observed(outcome)), key=Finding.sort_key)
    findings = tuple(dict.fromkeys(found))
    office, roster, scheme = setup.office, setup.roster, setup.scheme
    return RaiseView(office, roster, scheme, ready.rules, ready.plan, period, outcome, findings, setup.own_pages)


def _observed(outcome: Outcome) -> Iterable[Finding]:
    """What the figures themselves give cause to say."""
    for award in outcome.awards:
        one = award.candidate
        for reason in one.reasons:
            if reason.code == "raise.no-score":
                yield reason
        if not one.unclear and one.salary > award.ceiling:
            yield finding(
                "raises.above-ceiling",
                None,
                one.staff_id,
                name=one.name,
                salary=Money(one.salary),
                ceiling=Money(award.ceiling),
            )


def _papers(view: RaiseView, setup: Setup) -> dict[str, bytes]:
    say = setup.say
    own = Speaker(setup.office.language)  # papers are signed and go out: they are in the language of their wording
    return {
        "raises.html": raise_page.summary(view, say).encode(),
        "raises.xlsx": raise_papers.lists(view, own),
        "announcement.xlsx": raise_papers.announcement(view, own),
        "pools.xlsx": raise_papers.pools(view, own),
        "raises.csv": table_csv(_rows(view, setup)),
        "raises-findings.csv": findings_csv(view.findings, say),
        **{
            f"for/{a.candidate.staff_id}/raise-{view.period}-{a.candidate.staff_id}.xlsx": raise_papers.notice(view, a, own)
            for a in view.outcome.awards
            if not a.candidate.unclear
        },
    }


_HEADER = (
    *("period", "staff_id", "name", "unit_id", "position_no", "level", "pool", "score", "band", "state", "salary"),
    *("ceiling", "base", "percent", "raw", "raise", "special", "new_salary", "effective", "reasons"),
)


def _rows(view: RaiseView, setup: Setup) -> list[list[str]]:
    """raises.csv: a row per person; decimals with a point; reasons as codes."""
    return [list(_HEADER), *(_row(view, award) for award in view.outcome.awards)]


def _row(view: RaiseView, award: Award) -> list[str]:
    one, amount, band = award.candidate, award.amount, view.band(award)
    effective = view.period.end if one.retires else view.effective
    figures = (one.salary, award.ceiling, amount.base, award.percent, amount.raw, amount.raised, amount.special, amount.new)
    return [
        *(str(view.period), one.staff_id, one.name, one.unit_id, one.position_no, one.level, one.pool),
        "" if one.score is None else _number(one.score),
        band.id if band else "",
        "undecided" if one.unclear else "raised" if award.raised else "not_raised",
        *("" if one.unclear else _number(figure) for figure in figures),
        effective.isoformat() if award.raised else "",
        " ".join(reason.code for reason in one.reasons),
    ]


def _number(value: Decimal) -> str:
    return format(value, "f")


def _publish(
    setup: Setup, view: RaiseView, outcomes: tuple[Outcome, ...], files: dict[str, bytes], ready: Prepared, name: str
) -> Done:
    manifest: dict[str, Any] = {
        "version": __version__,
        "period": str(view.period),
        "scheme": setup.scheme.id,
        "rules": ready.rules.id,
        "sources": ready.sources,
        "inputs": [],
    }
    with at_work(setup) as desk:
        box = desk.box(view.period, name)
        changed = box.publish([box.draft(file, data) for file, data in files.items()], manifest)
        shared = desk.box(view.period)
        index = index_page(setup, view.scheme, view.period, written_in(box.folder).keys() | {INDEX})
        shared.issue([shared.draft(INDEX, index)], {}, {"program": f"appraise {__version__}", "period": str(view.period)})
    return Done(view, outcomes, box.folder, tuple(changed))
