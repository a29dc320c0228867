"""Roll-ups of weeks, checked against a second computation that shares nothing with the program but the input."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from batch import rollups
from batch.assess import assess
from batch.collective import UnitReport
from batch.core.finding import Finding, Place
from batch.core.period import Term, Week
from batch.core.records import Case, Reading, Receipt, State, Statement
from batch.roster import Person, Roster, Span, Unit
from batch.scheme import RollupRules
from batch.validate import Attempt, Judged
from tests.builders import rules_of, weekly

SCHEME = weekly()
assert SCHEME.rollup is not None
RULES: RollupRules = SCHEME.rollup
JUNE = Term.parse("2025-06")
MONDAY_TO_FRIDAY = Roster((), ()).working_days
JUNE_WEEKS = JUNE.weeks(MONDAY_TO_FRIDAY)
WHO = "A1"


def case(week: Week, total: str | None, state: State = "approved", unit: str = "D1", **more: Any) -> Case:
    """A week of one person."""
    exact = None if total is None else Decimal(total)
    band = "" if exact is None else SCHEME.band_of(exact).id
    flags = {"failed_band": band == "failed"}
    return Case(week, WHO, "Lê An", "civil_servant", "Chuyên viên", unit, state, total=exact, band=band, flags=flags, **more)


def rolled(cases: Sequence[Case], term: Term = JUNE, rules: RollupRules = RULES) -> tuple[rollups.Rollup, list[Finding]]:
    by_week = {one.period: {one.staff_id: one} for one in cases}
    return rollups.roll_up(term, sorted(by_week), by_week, {}, SCHEME, rules)


def june(*totals: str | None, state: State = "missing") -> rollups.PersonResult:
    """One person over the four weeks of June: totals approved, or None and ``state``."""
    cases = [case(w, t, "approved" if t else state) for w, t in zip(JUNE_WEEKS, totals, strict=True)]
    return rolled(cases)[0].people[0]


def codes(found: Sequence[Finding]) -> list[str]:
    return [one.code for one in found]


# --- rules one by one ---------------------------------------------------------------------------------------------


def test_the_mean_is_exact_and_bands_are_decided_on_it() -> None:
    thirds = june("90", "90", "89.99", None)
    assert thirds.outcome.tally.mean == Fraction(26999, 300)
    assert thirds.outcome.band == "good"
    assert june("89.98", "90.02", "90", "90").outcome.band == "excellent"


@pytest.mark.parametrize(
    ("mean", "read"),
    [
        (Fraction(90), "90.00"),
        (Fraction(26999, 300), "89.997"),  # 90.00 would be another band than the one it is in
        (Fraction(90) - Fraction(1, 30_000), "89.99997"),
        (Fraction(235, 3), "78.33"),
        (Fraction(1567, 20), "78.35"),
        (Fraction(78005, 1000), "78.01"),
    ],
)
def test_a_mean_is_never_shown_in_another_band_than_it_is_in(mean: Fraction, read: str) -> None:
    assert str(rollups.shown(mean, SCHEME)) == read


@given(st.fractions(0, 100, max_denominator=60))
def test_what_is_shown_is_near_and_on_the_right_side_of_every_bound(mean: Fraction) -> None:
    read = rollups.shown(mean, SCHEME)
    assert SCHEME.band_of(read) is SCHEME.band_of(mean)
    assert abs(Fraction(read) - mean) <= Fraction(1, 200)


def test_excused_weeks_are_left_out_and_missing_ones_only_lower_the_coverage() -> None:
    excused, missing = june("80", "70", None, "90", state="excused"), june("80", "70", None, "90", state="missing")
    assert excused.outcome.tally == rollups.Tally(Decimal(240), 3, 3)
    assert missing.outcome.tally == rollups.Tally(Decimal(240), 3, 4)
    assert excused.outcome.band == missing.outcome.band == "good"
    assert missing.outcome.undecided == (JUNE_WEEKS[2],)


def test_a_scored_week_that_nobody_approved_does_not_count() -> None:
    cases = [case(w, "80") for w in JUNE_WEEKS[:3]] + [case(JUNE_WEEKS[3], "20", "reviewed")]
    result = rolled(cases)[0].people[0].outcome
    assert (result.tally.mean, result.tally.rated, result.tally.due) == (Fraction(80), 3, 4)
    assert result.lines[3].total == Decimal(20)  # shown, not counted


@pytest.mark.parametrize(
    ("totals", "state", "standing"),
    [
        (("80", None, None, None), "excused", "unrated"),  # one week: fewer than two
        (("80", "80", None, None), "excused", "rated"),
        (("80", "80", None, None), "missing", "rated"),  # 2 of 4: exactly half
        ((None, None, None, None), "excused", "excused"),
        ((None, None, None, None), "missing", "unrated"),
    ],
)
def test_nobody_is_rated_on_too_little(totals: tuple[str | None, ...], state: State, standing: str) -> None:
    result = june(*totals, state=state).outcome
    assert result.standing == standing
    assert bool(result.band) == (standing == "rated")


def test_less_than_half_of_the_weeks_due_is_too_little() -> None:
    cases = [case(w, "80" if n < 6 else None, "approved" if n < 6 else "missing") for n, w in enumerate(weeks_of("2025-Q2"))]
    rollup, found = rolled(cases, Term.parse("2025-Q2"))
    assert len(rollup.weeks) == 13 and rollup.people[0].outcome.standing == "unrated"
    (said,) = [f for f in found if f.code == "rollup.unrated"]
    assert dict(said.params)["rated"] == 6 and dict(said.params)["due"] == 13


def weeks_of(key: str) -> tuple[Week, ...]:
    return Term.parse(key).weeks(MONDAY_TO_FRIDAY)


def test_a_failed_week_caps_the_month_whatever_the_mean_and_says_so() -> None:
    cases = [case(w, t) for w, t in zip(JUNE_WEEKS, ("100", "100", "100", "49.99"), strict=True)]
    rollup, found = rolled(cases)
    result = rollup.people[0].outcome
    assert (result.of_mean, result.band, result.lowered) == ("good", "completed", True)
    assert result.caps == (rollups.CapHit("failed-weeks", (JUNE_WEEKS[3],), "completed"),)
    assert "rollup.capped" in codes(found)


def test_a_cap_never_raises_a_band() -> None:
    result = june("20", "30", "40", "40").outcome
    assert result.caps and result.band == "failed" and not result.lowered


def test_a_quarter_needs_two_failed_weeks_for_its_cap() -> None:
    totals = ["90"] * 12 + ["40"]
    quarter = Term.parse("2025-Q2")
    one = rolled([case(w, t) for w, t in zip(weeks_of("2025-Q2"), totals, strict=True)], quarter)[0].people[0].outcome
    totals[0] = "40"
    two = rolled([case(w, t) for w, t in zip(weeks_of("2025-Q2"), totals, strict=True)], quarter)[0].people[0].outcome
    assert (one.band, two.band) == ("good", "completed")


def test_of_two_caps_the_stricter_one_holds() -> None:
    stricter = RULES.caps[0].model_copy(update={"id": "stricter", "at_most": "failed"})
    rules = RULES.model_copy(update={"caps": [*RULES.caps, stricter]})
    cases = [case(w, t) for w, t in zip(JUNE_WEEKS, ("100", "100", "100", "40"), strict=True)]
    rollup, found = rolled(cases, rules=rules)
    assert rollup.people[0].outcome.band == "failed"
    assert [dict(f.params)["rule"] for f in found if f.code == "rollup.capped"] == [stricter.titles]


def test_a_transfer_carries_the_results_along_and_shows_the_shares() -> None:
    units = ("D1", "D2", "D2", "D1")
    totals = ("80", "70", "71", "90.5")
    cases = [case(w, t, unit=u) for w, t, u in zip(JUNE_WEEKS, totals, units, strict=True)]
    rollup, _ = rolled(cases)
    (person,) = rollup.people
    assert person.unit_id == "D1"
    assert person.shares == (("D1", rollups.Tally(Decimal("170.5"), 2, 2)), ("D2", rollups.Tally(Decimal(141), 2, 2)))
    assert {unit.unit_id: unit.members for unit in rollup.units} == dict(person.shares)
    assert person.outcome.tally.mean == Fraction("311.5") / 4


def test_who_left_keeps_their_result_and_who_came_is_rated_on_their_own_weeks() -> None:
    cases = {w: {WHO: case(w, "80")} for w in JUNE_WEEKS[:2]}
    cases |= {w: {"B1": replace(case(w, "60"), staff_id="B1")} for w in JUNE_WEEKS[2:]}
    rollup, _ = rollups.roll_up(JUNE, JUNE_WEEKS, cases, {}, SCHEME, RULES)
    assert {who: (p.outcome.tally.rated, p.outcome.tally.due, p.outcome.band) for who, p in rollup.by_id.items()} == {
        "B1": (2, 2, "completed"),
        WHO: (2, 2, "good"),
    }


@pytest.mark.parametrize(("excellent", "good", "warned"), [(1, 5, False), (1, 4, True), (0, 0, False), (1, 0, True)])
def test_the_quota_warns_and_changes_nothing(excellent: int, good: int, warned: bool) -> None:
    people = [f"E{n}" for n in range(excellent)] + [f"G{n}" for n in range(good)] + ["C"]
    total = {"E": "95", "G": "80", "C": "60"}
    cases = {w: {who: replace(case(w, total[who[0]]), staff_id=who) for who in people} for w in JUNE_WEEKS}
    rollup, found = rollups.roll_up(JUNE, JUNE_WEEKS, cases, {}, SCHEME, RULES)
    assert ("rollup.quota" in codes(found)) == warned
    assert sum(p.outcome.band == "excellent" for p in rollup.people) == excellent


def test_a_quota_within_units_looks_at_each_unit() -> None:
    rules = RULES.model_copy(update={"quotas": [RULES.quotas[0].model_copy(update={"within": "unit"})]})
    units = {"E0": "D1", **{f"G{n}": "D2" for n in range(9)}}
    cases = {
        w: {who: replace(case(w, "95" if who == "E0" else "80", unit=unit), staff_id=who) for who, unit in units.items()}
        for w in JUNE_WEEKS
    }
    assert codes(rollups.roll_up(JUNE, JUNE_WEEKS, cases, {}, SCHEME, RULES)[1]) == []
    (said,) = rollups.roll_up(JUNE, JUNE_WEEKS, cases, {}, SCHEME, rules)[1]
    assert dict(said.params)["where"] == "D1"


def test_a_units_own_reports_roll_up_by_the_same_rules() -> None:
    def report(week: Week, total: str, approved: bool) -> UnitReport:
        exact = Decimal(total)
        state: Any = "approved" if approved else "submitted"
        return UnitReport(week, "D1", "Vụ Một", "A1", "L1", state, total=exact, band=SCHEME.band_of(exact).id)

    reports = {w: [report(w, t, t != "10")] for w, t in zip(JUNE_WEEKS, ("91", "92", "40", "10"), strict=True)}
    cases = {w: {WHO: case(w, "80")} for w in JUNE_WEEKS}
    rollup, _ = rollups.roll_up(JUNE, JUNE_WEEKS, cases, reports, SCHEME, RULES)
    (unit,) = rollup.units
    assert unit.members == rollups.Tally(Decimal(320), 4, 4)
    assert unit.own is not None
    assert (unit.own.tally, unit.own.of_mean, unit.own.band) == (rollups.Tally(Decimal(223), 3, 4), "completed", "completed")
    assert unit.own.caps[0].weeks == (JUNE_WEEKS[2],)


# --- a year, computed twice ---------------------------------------------------------------------------------------
# The program goes from statements (with corrections) over assess() to roll_up(). The reference below goes day by day from the
# raw facts, in a plain and slow way: it uses no period, roster, assessment or roll-up code.

YEAR = 2025
PEOPLE = ("P1", "P2", "P3")
FIRST, LAST = dt.date(2024, 12, 30), dt.date(2026, 1, 4)  # the Monday of the first week, the Sunday of the last


@dataclass
class Facts:
    """A year as it happened."""

    off: set[dt.date]
    on: set[dt.date]
    leave: dict[str, list[tuple[dt.date, dt.date]]]
    moves: dict[str, dt.date]  # who moves from U1 to U2 on which day
    # who, Monday → the totals they were given, each correcting the one before; whether the last one was approved
    totals: dict[tuple[str, dt.date], tuple[list[Decimal], bool]] = field(default_factory=dict)


DAYS = st.dates(FIRST, LAST)
HUNDREDTHS = st.integers(0, 2000).map(lambda n: Decimal(n * 5).scaleb(-2))


@st.composite
def years(draw: st.DrawFn) -> Facts:
    off = set(draw(st.lists(DAYS, max_size=25)))
    tet = draw(DAYS)
    off |= {tet + dt.timedelta(days=n) for n in range(9)}
    leave = {}
    for who in PEOPLE:
        starts = draw(st.lists(DAYS, max_size=4))
        leave[who] = [(day, day + dt.timedelta(days=draw(st.integers(0, 40)))) for day in starts]
    moves = {who: draw(DAYS) for who in PEOPLE if draw(st.booleans())}
    facts = Facts(off, set(draw(st.lists(DAYS, max_size=8))) - off, leave, moves)
    seed = draw(st.randoms(use_true_random=False))
    generous = draw(st.sampled_from([20, 60, 95]))
    for who in PEOPLE:
        for monday in mondays():
            fate = seed.randrange(100)
            tries = [
                Decimal(seed.randrange(200 - generous, 2001) * 5).scaleb(-2) for _ in range(seed.choice([1, 1, 1, 2, 3]))
            ]
            if fate < generous:
                facts.totals[who, monday] = (tries, True)
            elif fate < generous + 3:
                facts.totals[who, monday] = (tries, False)
    return facts


def mondays() -> list[dt.date]:
    return [FIRST + dt.timedelta(weeks=n) for n in range((LAST - FIRST).days // 7 + 1)]


# the plain, slow way ...


def works(facts: Facts, day: dt.date) -> bool:
    if day in facts.on:
        return True
    return day not in facts.off and day.isoweekday() <= 5


def months_of_week(facts: Facts, monday: dt.date) -> int:
    """The month's number (1 to 12) in 2025, 0 for one of another year: count days, ask Thursday in a tie."""
    votes: dict[tuple[int, int], int] = {}
    for n in range(7):
        day = monday + dt.timedelta(days=n)
        votes.setdefault((day.year, day.month), 0)
        if works(facts, day):
            votes[day.year, day.month] += 1
    best = [month for month, count in votes.items() if count == max(votes.values())]
    thursday = monday + dt.timedelta(days=3)
    year, month = best[0] if len(best) == 1 else (thursday.year, thursday.month)
    return month if year == YEAR else 0


def expect(facts: Facts, months: range, kind: str) -> dict[str, dict[str, object]]:
    expected: dict[str, dict[str, object]] = {}
    for who in PEOPLE:
        counted: list[tuple[str, Decimal]] = []
        due = failed = 0
        unit = ""
        for monday in mondays():
            if months_of_week(facts, monday) not in months:
                continue
            days = [monday + dt.timedelta(days=n) for n in range(7)]
            working = [day for day in days if works(facts, day)]
            last = working[-1] if working else days[4]
            unit = "U2" if who in facts.moves and last >= facts.moves[who] else "U1"
            away = [day for day in working if any(a <= day <= b for a, b in facts.leave[who])]
            if not working or away == working:
                continue
            due += 1
            totals, approved = facts.totals.get((who, monday), ([], False))
            if approved:
                counted.append((unit, totals[-1]))
                failed += totals[-1] < 50
        mean = Fraction(0)
        for _, total in counted:
            mean += Fraction(total) / len(counted)
        band = ""
        least = {"month": 2, "quarter": 4, "half": 4, "year": 12}[kind]
        if len(counted) >= least and 2 * len(counted) >= due and counted:
            band = "excellent" if mean >= 90 else "good" if mean >= 75 else "completed" if mean >= 50 else "failed"
            if failed >= {"month": 1, "quarter": 2, "half": 3, "year": 5}[kind] and band in ("excellent", "good"):
                band = "completed"
        shares = {u: sum((t for v, t in counted if v == u), Decimal(0)) for u in ("U1", "U2")}
        expected[who] = {
            "mean": mean if counted else None,
            "coverage": (len(counted), due),
            "band": band,
            "unit": unit,
            "shares": {u: total for u, total in shares.items() if total},
        }
    return expected


# ... and the program's


def roster_of(facts: Facts) -> Roster:
    start = dt.date(2020, 1, 1)
    spells = []
    for who in PEOPLE:
        person = Person(who, who, "civil_servant", "", "U1", "R", "", start, None, Place())
        if who in facts.moves:
            spells.append(replace(person, end=facts.moves[who] - dt.timedelta(days=1)))
            person = replace(person, unit_id="U2", start=facts.moves[who])
        spells.append(person)
    for boss in ("R", "H"):
        spells.append(Person(boss, boss, "commission_leader", "", "U1", "", "", start, None, Place()))
    units = tuple(Unit(u, u, "department", "", "H", "", start, None, Place()) for u in ("U1", "U2"))
    leave = tuple(Span(who, a, b, "leave") for who, spans in facts.leave.items() for a, b in spans)
    calendar = dict.fromkeys(facts.off, ("holiday", "")) | dict.fromkeys(facts.on, ("working", ""))
    return Roster(tuple(spells), units, (), leave, calendar)


def judged_of(facts: Facts) -> dict[Week, list[Judged]]:
    """Reviews, each correcting the one before in a later run, and an approval of the last."""
    found: dict[Week, list[Judged]] = {}
    for (who, monday), (totals, approved) in facts.totals.items():
        week = Week.of(monday)
        for run, total in enumerate(totals, 1):
            quality = min(total, Decimal(40))
            progress = min(total - quality, Decimal(40))
            scores = {"quality": quality, "progress": progress, "conduct": total - quality - progress}
            found.setdefault(week, []).append(said("review", who, "R", week, run, scores, f"{run}"))
        if approved:
            found[week].append(said("approval", who, "H", week, 9, {}, "ok", decision="approve", seen=f"{len(totals)}"))
    return found


def said(
    stage: str, who: str, author: str, week: Week, run: int, scores: Mapping[str, Decimal], says: str, **more: str
) -> Judged:
    content = f"{stage}{who}{week}{run}"
    receipt = Receipt(content, f"{stage}.xlsx", 1, "", run, Reading({"token": "signed"}, "", (), {}, content))
    statement = Statement(
        stage, who, author, week, scores, {}, more.get("decision", ""), {}, (), more.get("seen", ""), says, {}, receipt
    )
    return Judged(receipt, week, (Attempt(stage, who, author, week, receipt, statement),))


PERIODS = {
    "2025-01": (range(1, 2), "month"),
    "2025-06": (range(6, 7), "month"),
    "2025-12": (range(12, 13), "month"),
    "2025-Q1": (range(1, 4), "quarter"),
    "2025-Q3": (range(7, 10), "quarter"),
    "2025-H2": (range(7, 13), "half"),
    "2025": (range(1, 13), "year"),
}


@settings(
    max_examples=25,
    deadline=None,
    phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(years())
def test_a_whole_year_agrees_with_the_plain_reckoning(facts: Facts) -> None:
    roster = roster_of(facts)
    rules = rules_of(roster)
    judged = judged_of(facts)
    cases = {w: assess(w, judged.get(w, []), rules).cases for w in map(Week.of, mondays())}
    for key, (months, kind) in PERIODS.items():
        term = Term.parse(key)
        weeks = term.weeks(roster.working_days)
        rollup, _ = rollups.roll_up(term, weeks, cases, {}, SCHEME, RULES)
        got = {
            who: {
                "mean": person.outcome.tally.mean,
                "coverage": (person.outcome.tally.rated, person.outcome.tally.due),
                "band": person.outcome.band,
                "unit": person.unit_id,
                "shares": {unit: share.total for unit, share in person.shares if share.total},
            }
            for who, person in rollup.by_id.items()
        }
        assert got == expect(facts, months, kind), key


def test_the_reference_can_tell_a_wrong_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison above is worth something: with excused weeks taken for due ones, it fails."""
    monkeypatch.setattr(rollups, "EXCUSED_STATES", ("absent",))
    with pytest.raises(AssertionError):
        test_a_whole_year_agrees_with_the_plain_reckoning()
