"""The made-up weeks: forms are issued by the program's own writer, filled in, and dropped in the inbox, stage by stage."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from random import Random

from batch.assess import assess
from batch.collective import unit_reports
from batch.core.period import Week
from batch.core.records import Case, Receipt, Statement
from batch.desk import Setup
from batch.files import sha256
from batch.forms.extract import read_form
from batch.forms.fill import Value, fill, places
from batch.forms.issue import Form, Issuer
from batch.forms.keys import TASK
from batch.forms.layout import KIND, OTHERS
from batch.forms.lines import due
from batch.parallel import spread
from batch.scheme import Scheme, Stage
from batch.simulate.words import WORDS, Words
from batch.validate import UNIT_SUBJECT, Judged, judge

_ABILITY, _DIFFER, _MOOD = 0.86, 0.07, 0.05  # share of the points: what people reach, how they differ, how weeks do
_OBSTACLES, _ADJUSTED = 0.25, 0.03  # shares: of reports that name obstacles, of results the authority changes
_AD_HOC = 0.2  # share of the tasks
Typed = dict[tuple[str, str], Value]  # (row key, column key) → what is typed
_Forms = tuple["_Desk", Week, Sequence[Form]]


@dataclass(frozen=True)
class Plan:
    """What is made: first week, number of weeks, how many stages have come in, the share of faulty forms (0 to 1)."""

    first: Week
    weeks: int
    stages: int
    faults: float
    seed: int


@dataclass(frozen=True)
class _Desk:
    """What a process needs to fill in forms."""

    setup: Setup
    issuer: Issuer
    plan: Plan
    words: Words
    places: dict[str, Mapping[tuple[str, str], str]] = field(default_factory=dict)  # of self forms, once they are known

    def chance(self, *of: object) -> Random:
        """Chance that hangs on the seed and on what it is about, not on who draws first."""
        return Random(" ".join(map(str, (self.plan.seed, *of))))  # noqa: S311 (made up, not secret)

    @property
    def yes(self) -> str:
        """The office's word."""
        return self.issuer.say("yes")

    @property
    def no(self) -> str:
        """The office's word."""
        return self.issuer.say("no")


def play(setup: Setup, plan: Plan, jobs: int) -> int:
    """Write every form of every week into the inbox; returns how many files there are."""
    desk = _Desk(setup, setup.issuer, plan, WORDS[setup.office.language])
    return sum(_week(desk, plan.first.plus(n), jobs) for n in range(plan.weeks))


def _week(desk: _Desk, week: Week, jobs: int) -> int:
    rules, stages = desk.setup.rules, desk.setup.scheme.stages
    cases = assess(week, [], rules).cases
    reporting = [case for case in cases.values() if case.state != "excused"]
    _prepare(map(partial(_own_form, desk), reporting[:1]))
    files = sum(spread(_report, desk, reporting, jobs))
    forms = list(desk.issuer.unit_forms(unit_reports(week, [], rules, cases)[0], {}))
    _prepare(forms)
    judged = list(spread(_unit_report, (desk, week, forms), range(len(forms)), jobs))
    if desk.plan.stages > 1:
        reported = {who: _as_reported(desk, case) for who, case in cases.items()}
        reviews = _to_review(desk.setup.scheme, stages[1], reported)
        _prepare(_review_form(desk, about) for about in {len(about): about for _, about in reviews}.values())
        judged += spread(_review, desk, reviews, jobs)
    if desk.plan.stages > 2:
        reviewed = assess(week, judged, rules).cases
        units = unit_reports(week, judged, rules, reviewed)[0]
        forms = list(desk.issuer.approval_sheets(week, reviewed, {}, {}, units=units))
        _prepare(forms)
        judged += spread(_approval, (desk, week, forms, reviewed), range(len(forms)), jobs)
    return files + len(judged)


def _prepare(forms: Iterable[Form]) -> None:
    """Have the masters of all sizes prepared here, once, and not in each process anew: that costs more than fifty forms."""
    for form in {form.people: form for form in forms}.values():
        form.make()


def _to_review(scheme: Scheme, stage: Stage, cases: Mapping[str, Case]) -> list[tuple[str, list[Case]]]:
    rows = due(scheme, stage, cases)
    return [(reviewer, [cases[line.key] for line in about]) for reviewer, about in rows.items()]


# --- self-reports -----------------------------------------------------------------------------------------------------


def _report(desk: _Desk, case: Case) -> int:
    """Somebody's self-report; the number of files that came of it."""
    week, chance = case.period, desk.chance("report", case.period, case.staff_id)
    stage = desk.setup.scheme.stages[0]
    form = _own_form(desk, case)
    typed = _tasks(desk, case, chance) | _texts(desk, chance)
    typed |= {(f"score.{key}", "self"): score for key, score in _own_scores(desk, case).items()}
    fault = chance.choice(("missing", "over", "text", "twice", "torn")) if chance.random() < desk.plan.faults else ""
    first = desk.setup.scheme.criteria[0]
    if fault == "missing":
        return 0
    if fault == "over":
        typed[f"score.{first.id}", "self"] = first.max + 1
    if fault == "text":
        typed[f"score.{first.id}", "self"] = desk.words.no_number
    data = _filled(desk, form, typed)
    if fault == "torn":
        data = data[: len(data) * 2 // 3]
    _drop(desk, week, stage.id, form.name, data)
    if fault == "twice":
        typed[f"score.{first.id}", "self"] = Decimal(1)
        _drop(desk, week, stage.id, f"2-{form.name}", _filled(desk, form, typed))
    return 2 if fault == "twice" else 1


def _own_form(desk: _Desk, case: Case) -> Form:
    (form,) = desk.issuer.self_forms(case.period, {case.staff_id: case}, {})
    return form


def _tasks(desk: _Desk, case: Case, chance: Random) -> Typed:
    typed: Typed = {}
    week, say = case.period, desk.issuer.say
    for n, (task, product, most) in enumerate(chance.sample(desk.words.tasks, chance.randint(3, 6)), 1):
        row, due = f"{TASK}.{n}", week.start + dt.timedelta(chance.randint(1, 4))
        late = chance.random() < 0.1
        typed |= {
            (row, "task"): task,
            (row, "product"): product,
            (row, "quantity"): chance.randint(1, most),
            (row, "complexity"): chance.choice((Decimal(1), Decimal("1.2"), Decimal("1.5"), Decimal(2))),
            (row, "key_task"): desk.yes if n == 1 else desk.no,
            (row, "due"): due,
        }
        ad_hoc = desk.chance("kind", week, case.staff_id, n).random() < _AD_HOC
        typed[row, KIND] = say("ad hoc") if ad_hoc else say("regular")
        typed |= {(row, "reason"): chance.choice(desk.words.reasons)} if late else {(row, "done"): due}
    return typed


def _texts(desk: _Desk, chance: Random) -> Typed:
    words = desk.words
    typed: Typed = {
        ("text.summary", "value"): chance.choice(words.summaries),
        ("text.conduct", "value"): chance.choice(words.conducts),
    }
    if chance.random() < _OBSTACLES:
        typed["text.obstacles", "value"] = chance.choice(words.obstacles)
        typed["text.proposals", "value"] = chance.choice(words.proposals)
    return typed


def _earned(desk: _Desk, case: Case) -> dict[str, Decimal]:
    """The scores somebody deserves this week, in halves of a point."""
    ability = desk.chance("ability", case.staff_id).gauss(_ABILITY, _DIFFER)
    chance = desk.chance("scores", case.period, case.staff_id)

    def halves(cap: Decimal) -> Decimal:
        share = min(1.0, max(0.1, chance.gauss(ability, _MOOD)))
        return Decimal(round(float(cap) * share * 2)) / 2

    return {c.id: halves(c.max) for c in desk.setup.scheme.criteria}


def _own_scores(desk: _Desk, case: Case) -> dict[str, Decimal]:
    """What they give themselves: rarely less."""
    more = desk.chance("self", case.period, case.staff_id).choice((0, 0, 1, 1, 2))
    earned = _earned(desk, case)
    return {c.id: min(c.max, earned[c.id] + more) for c in desk.setup.scheme.criteria}


def _as_reported(desk: _Desk, case: Case) -> Case:
    """The case with its self-scores, as the review sheet shows them."""
    scores = _own_scores(desk, case)
    stage = desk.setup.scheme.stages[0].id
    receipt = Receipt("", "", 0, "", 0, None)
    said = Statement(stage, case.staff_id, case.staff_id, case.period, scores, {}, "", {}, (), "", "", {}, receipt)
    return replace(case, report=said)


# --- the sheets of supervisors, authorities and units -----------------------------------------------------------------


def _review(desk: _Desk, whose: tuple[str, Sequence[Case]]) -> Judged:
    """A supervisor's sheet. A few rows are left out or wrong, as the plan says."""
    _, cases = whose
    week, scheme = cases[0].period, desk.setup.scheme
    form = _review_form(desk, cases)
    typed: Typed = {}
    for case in cases:
        chance, row = desk.chance("review", week, case.staff_id), case.staff_id
        if chance.random() < desk.plan.faults / 2:
            continue
        scores = _earned(desk, case)
        band = scheme.band_of(sum(scores.values(), Decimal(0)))
        if chance.random() < desk.plan.faults / 2:
            scores[scheme.criteria[0].id] = scheme.criteria[0].max + 1
        typed |= {(row, f"score.{key}"): score for key, score in scores.items()}
        typed |= {(row, flag.id): desk.yes if band.tone == "bad" else desk.no for flag in scheme.answered_flags}
        typed[row, "comment"] = chance.choice(desk.words.comments[band.tone])
    return _sent(desk, week, form, _filled(desk, form, typed))


def _review_form(desk: _Desk, cases: Sequence[Case]) -> Form:
    (form,) = desk.issuer.review_sheets(cases[0].period, {case.staff_id: case for case in cases}, {}, {})
    return form


def _approval(context: tuple[_Desk, Week, Sequence[Form], Mapping[str, Case]], n: int) -> Judged:
    """An authority's sheet: everybody approved by one mark, a few changed with a reason."""
    desk, week, forms, reviewed = context
    form, data = forms[n], forms[n].data
    cells = places(data)
    say, criterion = desk.issuer.say, desk.setup.scheme.criteria[-1].id
    typed: Typed = {(OTHERS, "decision"): say("approve")}
    for row in sorted({row for row, _ in cells}):
        chance = desk.chance("approval", form.name, row)
        if row in reviewed and chance.random() < _ADJUSTED:
            scores = dict(reviewed[row].scores)  # whoever adjusts writes every score
            scores[criterion] = max(Decimal(0), scores[criterion] - 2)
            typed |= {(row, f"score.{key}"): score for key, score in scores.items()} | {(row, "decision"): say("adjust")}
            typed[row, "reason"] = chance.choice(desk.words.reasons)
        elif row.startswith(UNIT_SUBJECT):
            typed[row, "decision"] = say("approve")
    return _sent(desk, week, form, _typed_in(data, cells, typed))


def _unit_report(context: _Forms, n: int) -> Judged:
    desk, week, forms = context
    form = forms[n]
    chance = desk.chance("unit", form.name)
    assigned = chance.randint(20, 60)
    late = chance.randint(0, 5)
    counts = {"assigned": assigned, "completed": assigned - late, "overdue": late, "key_outstanding": chance.randint(0, 1)}
    typed: Typed = {(f"count.{key}", "value"): count for key, count in counts.items()}
    for c in desk.setup.scheme.criteria:
        typed[f"score.{c.id}", "self"] = c.max - chance.randint(1, 6)
    return _sent(desk, week, form, _filled(desk, form, typed | _texts(desk, chance)))


# --- files ------------------------------------------------------------------------------------------------------------


def _filled(desk: _Desk, form: Form, typed: Typed) -> bytes:
    data = form.data
    own = form.stage == desk.setup.scheme.stages[0].id  # one self form is laid out as the other
    cells = desk.places.get(form.stage, {}) if own else {}
    if not cells:
        cells = places(data)
    if own:
        desk.places[form.stage] = cells
    return _typed_in(data, cells, typed)


def _typed_in(data: bytes, cells: Mapping[tuple[str, str], str], typed: Typed) -> bytes:
    return fill(data, {cells[at]: value for at, value in typed.items() if at in cells})


def _sent(desk: _Desk, week: Week, form: Form, data: bytes) -> Judged:
    """The filled form goes into the inbox; what the program makes of it comes back."""
    name = _drop(desk, week, form.stage, form.name, data)
    return judge(Receipt(sha256(data), name, len(data), "", 1, read_form(data)), desk.setup.rules).bare


def _drop(desk: _Desk, week: Week, stage: str, name: str, data: bytes) -> str:
    path = Path(str(week), stage, name)
    target = desk.setup.folder / "inbox" / path
    try:
        target.write_bytes(data)
    except FileNotFoundError:  # the first of its stage
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    return path.as_posix()
