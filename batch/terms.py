"""Months, quarters, half-years and years of an office: gathered from the ledger's weeks, published, closed, amended.

Like a week, a term is computed afresh from everything submitted; closing freezes it. Only this module knows the order.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from batch import __version__, chance
from batch.assess import Assessment
from batch.core.codes import CODES
from batch.core.finding import Finding, Place, UserError, finding
from batch.core.period import Term, Week
from batch.core.records import Case
from batch.desk import Desk, Setup, at_work, templates_of
from batch.fairness import Judgement, judgements
from batch.files import Draft, sha256
from batch.ledger import Head, Ledger
from batch.outbox import Box, Maker, drafts, findings_csv, term_csv
from batch.pages import compile_shared
from batch.parallel import Executor, as_they_come, executor
from batch.pipeline import closed_weeks, look_along
from batch.rollup_closing import AMEND, CLOSE, TermClosing, closings, freeze, freeze_person
from batch.rollups import Line, PersonResult, Rollup, Standing, changes, notes, roll_up
from batch.scheme import RollupRules, Scheme
from batch.scope import term_scopes
from batch.statistics_plan import Counting, statistics_files, work_of
from batch.titles import file_title
from batch.work import Work

if TYPE_CHECKING:
    from batch.reports.fairness_view import FairnessView
    from batch.reports.rollup_view import RollupView

_OF_EACH = tuple(f"{name}.j2" for name in ("rollup.html", "findings.html", "fairness.html", "index.html", "overview.css"))


@dataclass(frozen=True)
class Decided:
    """A week, and what all the terms that it is part of take from it."""

    assessment: Assessment

    @property
    def cases(self) -> Mapping[str, Case]:
        """By staff code."""
        return self.assessment.cases

    @cached_property
    def given(self) -> Mapping[str, Judgement]:
        """By staff code, how the week's results came about."""
        return {one.staff_id: one for one in judgements(self.cases.values())}

    @cached_property
    def reported(self) -> str:
        """A digest of what the job statistics take from the week: who served where, and what their reports say."""
        cases = self.cases.values()
        facts = [[c.staff_id, c.unit_id, c.position, c.state, c.report.says if c.report else ""] for c in cases]
        return sha256(json.dumps(facts, ensure_ascii=False).encode())

    @cached_property
    def said(self) -> str:
        """A digest of how the week's results were given: by whom, and what was said at each step."""
        facts = [
            [c.staff_id, c.name, c.unit_id, c.state, str(c.total), c.decided_by]
            + [part for act in (c.report, c.review, c.approval) for part in ((act.author, act.says) if act else ("", ""))]
            for c in self.cases.values()
        ]
        return sha256(json.dumps(facts, ensure_ascii=False).encode())


@dataclass(frozen=True)
class Gathered:
    """A term as it stands: the closed results if it is closed, else what its weeks come to now.

    ``present``: what the weeks come to now, whether closed or not. ``as_of``: the newest file taken in, ISO.
    """

    rollup: Rollup
    present: Rollup
    scheme: Scheme
    findings: tuple[Finding, ...]
    decided: Mapping[Week, Decided]
    closing: TermClosing | None
    as_of: str

    @property
    def rules(self) -> RollupRules:
        """The rules that the results follow."""
        return rules_of(self.scheme)


@dataclass(frozen=True)
class TermOutcome:
    """What became of a term: counts for the terminal, and where the files are."""

    term: Term
    folder: Path
    weeks: tuple[Week, ...]
    standings: Mapping[Standing, int]
    bands: Mapping[str, int]
    severities: Mapping[str, int]
    provisional: bool
    changed: tuple[str, ...]


def rules_of(scheme: Scheme) -> RollupRules:
    """The scheme's roll-up rules; raises ``rollup.no-rules``."""
    if scheme.rollup is None:
        raise UserError("rollup.no-rules", scheme=scheme.id)
    return scheme.rollup


def look_at(setup: Setup, term: Term, now: str) -> Gathered:
    """The term as it stands; nothing is written."""
    with Ledger.open(setup.ledger, look_only=True) as ledger:
        return _gather(setup, ledger, term, now)


def rollup(setup: Setup, term: Term, now: str, jobs: int = 1) -> TermOutcome:
    """Roll a term up and publish its outbox. What lies new in the inbox is for ``run``."""
    (outcome,) = roll_up_all(setup, (term,), now, jobs)
    return outcome


def roll_up_all(setup: Setup, terms: Sequence[Term], now: str, jobs: int = 1) -> list[TermOutcome]:
    """Roll up those of some terms that have weeks to count; the weeks are judged once for all, and each outbox is that of
    :func:`rollup`. Raises ``rollup.no-weeks`` for the last of the terms where none has any.
    """
    if setup.office.scheduler:
        setup = replace(setup, folder=setup.folder.resolve())  # the workers have another current folder
    with at_work(setup) as desk:
        facts = {term: _facts(setup, desk.ledger, term, now) for term in terms}
        if standing := _standing(desk, facts):
            return standing
        record = _Record(setup, desk.ledger, terms, now, jobs)
        found = _publish(setup, desk, record, terms, jobs)
        if not found:
            raise UserError("rollup.no-weeks", period=terms[-1])
        outcomes = [found[term] for term in terms if term in found]
        _settle(desk, facts, outcomes)
        return outcomes


def close(setup: Setup, term: Term, now: str, with_open: bool) -> tuple[Rollup, Head]:
    """Freeze a term's results; with the head of the ledger, which proves all of it when it is kept elsewhere.

    Refused while its weeks are open or still to come, unless told, and if closed already.
    """
    with at_work(setup) as desk:
        gathered = _gather(setup, desk.ledger, term, now, fresh=True)  # what is frozen goes by the ledger alone
        if gathered.closing:
            raise UserError("close.already", week=term, at=dt.date.fromisoformat(gathered.closing.at[:10]))
        present = gathered.present
        if present.provisional and not with_open:
            to_come = tuple(w for w in _weeks(setup, gathered.scheme, term) if w not in present.weeks)
            raise UserError("rollup.weeks-open", period=term, weeks=(*present.open_weeks, *to_come))
        head = desk.record(now, CLOSE, term, freeze(present, gathered.scheme))
    return present, head


def amend(
    setup: Setup, term: Term, staff_id: str, reason: str, author: str, now: str
) -> tuple[PersonResult | None, PersonResult, Scheme]:
    """Take over, for one person, what their weeks of a closed term come to now: the result before, the result now, and the
    scheme under which the term was closed, by which both are read.

    Before, there is none for whom the roster has known in these weeks only since the term was closed.
    """
    with at_work(setup) as desk:
        gathered = _gather(setup, desk.ledger, term, now, fresh=True)
        if gathered.closing is None:
            raise UserError("close.not-closed", week=term)
        before, after = (one.by_id.get(staff_id) for one in (gathered.rollup, gathered.present))
        if after is None:
            raise UserError("use.unknown-person", Place(str(setup.folder / "roster.xlsx"), "people"), found=staff_id)
        if before and freeze_person(before) == freeze_person(after):
            raise UserError("amend.nothing", who=setup.roster.label(staff_id), week=term)
        body = {"staff_id": staff_id, "reason": reason, "author": author, "person": freeze_person(after)}
        desk.record(now, AMEND, term, body)
    return before, after, gathered.scheme


# --- from the ledger to results ------------------------------------------------------------------------------------------


def _gather(setup: Setup, ledger: Ledger, term: Term, now: str, fresh: bool = False) -> Gathered:
    """The term as it stands. Raises ``rollup.no-weeks``."""
    if gathered := _Record(setup, ledger, (term,), now, fresh=fresh).gather(term):
        return gathered
    raise UserError("rollup.no-weeks", period=term)


class _Record:
    """The weeks that some terms need, judged once for all of these terms, and decided once, when the first asks for them."""

    def __init__(
        self, setup: Setup, ledger: Ledger, terms: Sequence[Term], now: str, jobs: int = 1, fresh: bool = False
    ) -> None:
        """Raises ``rollup.no-rules``."""
        self._setup, self._today = setup, dt.date.fromisoformat(now[:10])
        self._closings = closings(ledger.facts(CLOSE, AMEND))
        self._decided: dict[Week, Decided] = {}
        self._cases: dict[Week, Mapping[str, Case]] = {}
        self._to_decide: Iterator[tuple[Week, Assessment]] = iter(())
        self._newest: dict[Week, str] = {}  # when the newest file of a week was taken in, ISO
        self._heard: frozenset[Week] = frozenset()  # weeks of which any form was taken in
        self._closed: Container[Week] = ()
        self._lines: dict[str, dict[Week, dict[str, Line]]] = {}  # by scheme: a week is in a month, a quarter, …, a year
        ended = [weeks[-1] for term in terms if (weeks := self._ended(self._belonging(term)))]
        ended += [closing.rollup.weeks[-1] for term in terms if (closing := self._closings.get(term))]
        if ended:
            judged, self._to_decide = look_along(setup, ledger, max(ended), now, jobs, fresh)
            for one in judged:
                if one.period:
                    self._newest[one.period] = max(self._newest.get(one.period, ""), one.receipt.received)
            self._heard = frozenset(one.period for one in judged if isinstance(one.period, Week) and one.attempts)
            self._closed = closed_weeks(ledger)

    @cached_property
    def work(self) -> Work:
        """The task tables of the weeks that are decided."""
        return work_of(self._setup, self._cases)

    def gather(self, term: Term) -> Gathered | None:
        """A term as it stands, one of those that were asked for; None if none of its weeks counts yet."""
        belonging, closing, scheme = self._belonging(term), self._closings.get(term), self._scheme(term)
        ended, rules = self._ended(belonging), rules_of(scheme)
        counted = closing.rollup.weeks if closing else ()  # a closed term keeps its weeks, whatever belongs to it since
        decided = self._up_to(max((*ended[-1:], *counted[-1:]))) if ended or counted else {}
        first = min(self._heard, default=None)
        since = [week for week in ended if first and week >= first and decided[week].cases]
        silent = tuple(week for week in since if week not in self._heard and week not in counted)
        by_now = [week for week in since if week not in silent]
        weeks = counted or by_now
        if not weeks:
            return None
        cases = {week: decided[week].cases for week in weeks}
        reports = {week: decided[week].assessment.units for week in weeks}
        open_weeks = tuple(week for week in since if week not in self._closed)
        running = len(ended) < len(belonging)
        known = self._lines.setdefault(scheme.hash, {})
        present, found = roll_up(term, weeks, cases, reports, scheme, rules, open_weeks, running, known)
        standing = present
        if closing:
            standing = closing.rollup
            found = [*notes(standing, scheme, rules), *changes(standing, present, scheme)]
            found += [
                finding(
                    "case.amended", None, a.staff_id, reason=a.reason, author=a.author, at=dt.date.fromisoformat(a.at[:10])
                )
                for a in closing.amendments
            ]
            if other := tuple(sorted({*counted} ^ {*by_now})):
                found.append(finding("rollup.other-weeks", None, period=term, weeks=other))
        if silent:
            found.append(finding("rollup.silent-weeks", None, period=term, weeks=silent))
        if first and belonging[0] < first:
            found.append(finding("rollup.begins-later", None, period=term, week=standing.weeks[0]))
        if other := tuple(w for w in standing.weeks if w in decided and decided[w].assessment.scheme.hash != scheme.hash):
            found.append(finding("rollup.schemes-differ", None, weeks=other))
        as_of = max((self._newest.get(week, "") for week in standing.weeks), default="")
        said = sorted(found, key=lambda f: (("error", "warning", "info").index(CODES[f.code].severity), bool(f.staff_id)))
        return Gathered(standing, present, scheme, tuple(said), decided, closing, as_of)

    def _up_to(self, last: Week) -> dict[Week, Decided]:
        """Every week up to the last, decided."""
        while not self._decided or max(self._decided) < last:
            week, assessment = next(self._to_decide)
            self._decided[week], self._cases[week] = Decided(assessment), assessment.cases
        return {week: one for week, one in self._decided.items() if week <= last}

    def _scheme(self, term: Term) -> Scheme:
        """A closed term goes by the scheme it was closed under."""
        closing = self._closings.get(term)
        return closing.scheme if closing else self._setup.scheme

    def _belonging(self, term: Term) -> tuple[Week, ...]:
        return _weeks(self._setup, self._scheme(term), term)

    def _ended(self, weeks: Iterable[Week]) -> list[Week]:
        return [week for week in weeks if self._setup.roster.reference_day(week) <= self._today]


def _weeks(setup: Setup, scheme: Scheme, term: Term) -> tuple[Week, ...]:
    return term.weeks(setup.roster.working_days, rules_of(scheme).weeks_by)


# --- nothing to do -------------------------------------------------------------------------------------------------------


def _facts(setup: Setup, ledger: Ledger, term: Term, now: str) -> str:
    """A digest of everything that a roll-up goes by. Of the time, only which weeks have ended matters."""
    today, last, week = dt.date.fromisoformat(now[:10]), Week.of(term.end), Week.of(term.start)
    ended = []
    while week <= last:
        if setup.roster.reference_day(week) <= today:
            ended.append(str(week))
        week = week.plus(1)
    facts = [*setup.facts, chance.available(), ledger.head().hash, str(term), ended]
    return sha256(json.dumps(facts, ensure_ascii=False).encode())


def _settle(desk: Desk, facts: Mapping[Term, str], outcomes: Iterable[TermOutcome]) -> None:
    """Note what the roll-ups came to, for the next ones: if nothing has changed by then, there is nothing to do."""
    found = {one.term: one for one in outcomes}
    rolled: dict[str, dict[str, Any]] = {}
    for term, digest in facts.items():
        body: dict[str, Any] = {"facts": digest}
        if one := found.get(term):
            body |= {"basis": desk.box(term).listing.basis, "weeks": [str(week) for week in one.weeks]}
            body |= {"standings": dict(one.standings), "bands": dict(one.bands)}
            body |= {"severities": dict(one.severities), "provisional": one.provisional}
        rolled[str(term)] = body
    desk.sealer.settle_terms(rolled)


def _standing(desk: Desk, facts: Mapping[Term, str]) -> list[TermOutcome]:
    """What the last roll-ups of these terms came to, if they would come to the same now: nothing changed, all is there."""
    found, rolled = [], desk.sealer.seals.rolled
    for term, digest in facts.items():
        last = rolled.get(str(term), {})
        if last.get("facts") != digest:
            return []
        if "basis" not in last:  # none of its weeks counted
            continue
        box = desk.box(term)
        if not box.is_current(last["basis"]):
            return []
        weeks, standings = tuple(map(Week.parse, last["weeks"])), Counter(last["standings"])
        bands, severities = Counter(last["bands"]), Counter(last["severities"])
        found.append(TermOutcome(term, box.folder, weeks, standings, bands, severities, last["provisional"], ()))
    return found


# --- the outbox ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Stale:
    """A term whose outbox has to be made: ``manifest``, but for its outputs."""

    gathered: Gathered
    box: Box
    manifest: Mapping[str, Any]

    def __len__(self) -> int:
        """How long it takes, in weeks."""
        return len(self.gathered.rollup.weeks)


def _publish(setup: Setup, desk: Desk, record: _Record, terms: Sequence[Term], jobs: int) -> dict[Term, TermOutcome]:
    """Have the files made of all terms that are not as they lie there, and put each term's in their places.

    A process makes the whole of a term, from when its last week is decided, while the weeks after it are; of one term alone,
    each some files, and so do the workers of a scheduler. One is put in its places while the next are made.
    """
    outcomes: dict[Term, TermOutcome] = {}

    def stale() -> Iterator[_Stale]:
        for term in sorted(terms, key=lambda one: (one.end, one.start)):
            if gathered := record.gather(term):
                box, manifest = desk.box(term), _manifest(setup, gathered)
                if box.is_current(manifest["basis"]):
                    outcomes[term] = _outcome(setup, box, gathered, (), {})
                else:
                    _prepare(setup, record.work, gathered)
                    yield _Stale(gathered, box, manifest)

    alone = len(terms) == 1 or bool(setup.office.scheduler)
    with executor(jobs if alone else 1, setup.office.scheduler, partial(templates_of, setup.folder)) as workers:
        make = partial(_make, setup, record.work, workers)
        for one, made in as_they_come(make, stale(), 1 if alone else jobs, len):
            outcomes[one.gathered.rollup.term] = _outcome(setup, one.box, one.gathered, made, one.manifest)
    return outcomes


def _prepare(setup: Setup, work: Work, gathered: Gathered) -> None:
    """Make what several processes need, before the first of them begins."""
    from batch.reports import fairness_html, fairness_xlsx, rollup_html, rollup_xlsx, statistics_html, statistics_xlsx  # noqa: F401

    compile_shared(setup.own_pages, setup.say.lang, *_OF_EACH)
    chance.load()
    work.go_through(gathered.rollup.weeks)
    _ = [gathered.decided[week].given for week in gathered.rollup.weeks if week in gathered.decided]


def _manifest(setup: Setup, gathered: Gathered) -> dict[str, Any]:
    """The manifest of a term, but for its outputs."""
    return {
        "program": f"appraise {__version__}",
        "period": str(gathered.rollup.term),
        "weeks": [str(week) for week in gathered.rollup.weeks],
        "scheme": gathered.scheme.id,
        "scheme_hash": gathered.scheme.rollup_hash,
        "closed": gathered.closing.at if gathered.closing else "",
        "roster_sha256": setup.roster_hash,
        "basis": _basis(setup, gathered),
        "inputs": [],
    }


def _make(setup: Setup, work: Work, workers: Executor, one: _Stale) -> list[Draft]:
    """The files of a term, written aside."""
    return drafts([(one.box, *file) for file in _files(setup, one.gathered, work).items()], workers)


def _outcome(setup: Setup, box: Box, gathered: Gathered, made: Sequence[Draft], manifest: Mapping[str, Any]) -> TermOutcome:
    standing = gathered.rollup
    return TermOutcome(
        term=standing.term,
        folder=box.folder,
        weeks=standing.weeks,
        standings=Counter(person.outcome.standing for person in standing.people),
        bands=Counter(person.outcome.band for person in standing.people if person.outcome.band),
        severities=Counter(setup.say.severity(f) for f in gathered.findings),
        provisional=standing.provisional,
        changed=tuple(box.publish(made, manifest)) if manifest else (),
    )


def _basis(setup: Setup, gathered: Gathered) -> str:
    """A digest of everything the term's outputs depend on."""
    weeks = gathered.rollup.weeks
    facts: list[Any] = [
        *(__version__, setup.say.lang, setup.templates, setup.roster_hash, gathered.as_of),
        setup.office.shown(),
        freeze(gathered.rollup, gathered.scheme),
        [str(week) for week in gathered.rollup.open_weeks],
        gathered.closing.at if gathered.closing else "",
        [[f.code, f.staff_id, repr(f.params)] for f in gathered.findings],
        setup.catalogue.digest,
        setup.scheme.statistics.model_dump(),
        [[str(week), one.reported] for week, one in gathered.decided.items()],
        chance.available(),
        [[str(week), gathered.decided[week].said] for week in weeks if week in gathered.decided],
    ]
    return sha256(json.dumps(facts, ensure_ascii=False).encode())


def view_of(setup: Setup, gathered: Gathered) -> RollupView:
    """What the reports of a term are written from."""
    from batch.reports.rollup_view import RollupView

    working_days, by = setup.roster.working_days, gathered.rules.weeks_by
    return RollupView(
        rollup=gathered.rollup,
        office=setup.office,
        scheme=gathered.scheme,
        units={unit_id: unit.name for unit_id, unit in setup.roster.units.items()},
        months={week: week.month(working_days, by) for week in gathered.rollup.weeks},
        findings=gathered.findings,
        as_of=gathered.as_of,
        closed_at=gathered.closing.at if gathered.closing else "",
        templates=setup.own_pages,
    )


def _judgements(gathered: Gathered) -> tuple[Judgement, ...]:
    """How the weekly results that count came about; without those that a week gives otherwise since the term was closed."""

    found = []
    for at, week in enumerate(gathered.rollup.weeks):
        given = gathered.decided[week].given if week in gathered.decided else {}
        for person in gathered.rollup.people:
            line, one = person.outcome.lines[at], given.get(person.staff_id)
            if line.counts and one is not None and one.approved == line.total:
                found.append(one)
    return tuple(found)


def fairness_of(setup: Setup, gathered: Gathered) -> FairnessView | None:
    """What the report on how results were given is written from; None where the scheme asks for none."""
    from batch.reports.fairness_view import FairnessView, results_of_term

    if gathered.scheme.fairness is None:
        return None
    given = _judgements(gathered)
    return FairnessView(
        period=gathered.rollup.term,
        office=setup.office,
        scheme=gathered.scheme,
        rules=gathered.scheme.fairness,
        judgements=given,
        results=results_of_term(gathered.rollup),
        compare=True,
        units={unit_id: unit.name for unit_id, unit in setup.roster.units.items()},
        name_of=setup.roster.name,
        as_of=gathered.as_of,
        closed_at=gathered.closing.at if gathered.closing else "",
        provisional=gathered.rollup.provisional,
        left_out=sum(person.outcome.tally.rated for person in gathered.rollup.people) - len(given),
        templates=setup.own_pages,
    )


def _files(setup: Setup, gathered: Gathered, work: Work) -> dict[str, Maker]:
    """How each file of a term is made, by name."""
    from batch.reports import (
        fairness_html,
        fairness_xlsx,
        rollup_html,
        rollup_xlsx,
    )  # XlsxWriter costs time that --help need not pay

    say, standing, roster = setup.say, gathered.rollup, setup.roster
    view = view_of(setup, gathered)
    files: dict[str, Maker] = {
        "summary.xlsx": lambda: rollup_xlsx.summary(view, say),
        "summary.html": lambda: rollup_html.summary(view, say).encode(),
        "results.csv": lambda: term_csv(standing, gathered.scheme),
        "findings.csv": lambda: findings_csv(gathered.findings, say),
    }
    elsewhere = bool(setup.office.scheduler)  # workers are handed what is known by now, and only write it down
    if fairness := fairness_of(setup, gathered):
        if elsewhere:
            _ = fairness.found
        files["fairness.html"] = lambda: fairness_html.page(fairness, say).encode()
        files["fairness.xlsx"] = lambda: fairness_xlsx.workbook(fairness, say)
    scopes = term_scopes(standing, gathered.findings, roster)
    files |= {f"for/{page.addressee}/{page.name}": page.make for page in rollup_html.pages(view, scopes, say)}
    counting = Counting(setup, work, standing.weeks, standing.term, view.as_of, view.closed_at)
    if elsewhere:
        counting.count()
    readers = ((s.staff_id, s.name, [p.staff_id for part in (s.team, s.unit) if part for p in part.people]) for s in scopes)
    files |= statistics_files(counting, readers, say)
    recipients: dict[str, list[tuple[str, str]]] = {}
    for path in sorted(path for path in files if path.startswith("for/")):
        _, addressee, name = path.split("/")
        recipients.setdefault(addressee, []).append((path, file_title(name, gathered.scheme, say, roster.called)))
    names = frozenset(files)
    return {**files, "index.html": lambda: rollup_html.index(view, roster, recipients, names, say).encode()}
