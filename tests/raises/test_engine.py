from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import ROUND_UP
from decimal import Decimal as D

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batch.raises.engine import SATANG, Amount, Candidate, Ceiling, amount, ceiling_of, decide, percent_of
from batch.raises.rules import Plan, RateTable, Row, parse
from tests.builders import table as cells
from tests.raises.samples import SIMPLE, candidate, plan, rules, scales

LAW = rules()
ROWS = {row.level: row for row in LAW.table(dt.date(2025, 4, 1)).rows}

# The official example (rates 3.60/3.10/2.60/2.00/0). The base is 'low' below the split point of the level, else 'high':
#   k3 33,150 < 40,275; k2 43,400 > 29,335; k1 19,860 < 20,955; o2 24,480 > 24,475; k2 29,330 < 29,335; o1 21,010 > 15,215.
# raw = base x % / 100, e.g. 37,200 x 3.60 % = 1,339.20, rounded up to whole tens 1,340.
# k2: 43,400 + 1,140 is above the maximum 43,600: raise 200, special 43,400 + 1,130.57 - 43,600 = 930.57. The extended maximum,
# 58,390, leaves room: 44,540. o1 stands at its maximum 21,010: all of 651.96 is special; extended: 21,010 + 660.
EXAMPLE = """
    level | salary | percent | base  | raw     | raise | special | new   | extended
    k3    | 33150  | 3.60    | 37200 | 1339.20 | 1340  | 0       | 34490 | 34490
    k2    | 43400  | 3.10    | 36470 | 1130.57 | 200   | 930.57  | 43600 | 44540
    k1    | 19860  | 3.10    | 17980 | 557.38  | 560   | 0       | 20420 | 20420
    o2    | 24480  | 2.60    | 31610 | 821.86  | 830   | 0       | 25310 | 25310
    k2    | 29330  | 0.00    | 24410 | 0.00    | 0     | 0       | 29330 | 29330
    o1    | 21010  | 3.60    | 18110 | 651.96  | 0     | 651.96  | 21010 | 21670
"""


@pytest.mark.parametrize("line", cells(EXAMPLE)[1:], ids=lambda line: f"{line[0]} {line[1]}")
def test_the_official_example_to_the_satang_in_both_ceilings(line: list[str]) -> None:
    level, *figures = line
    salary, percent, base, raw, raised, special, new, extended = map(D, figures)
    assert amount(ROWS[level], salary, percent, "own", LAW) == Amount(base, raw, raised, special, new)
    assert amount(ROWS[level], salary, percent, "extended", LAW).new == extended


def test_20000_times_3_6_percent_is_720_and_not_730() -> None:
    row = Row(level="k1", maximum=D(40000), split=D(30000), low=D(20000), high=D(30000))
    made = amount(row, D(15000), D("3.6"), "own", LAW)
    assert made.raw == made.raised == 720


@pytest.mark.parametrize(("salary", "base"), [(20950, 17980), (20954, 17980), (20955, 23930), (20960, 23930)])
def test_the_split_point_itself_is_high(salary: int, base: int) -> None:
    assert amount(ROWS["k1"], D(salary), D(1), "own", LAW).base == base


def test_who_is_above_the_ceiling_keeps_the_salary_and_gets_special_only() -> None:
    made = amount(ROWS["o1"], D(22000), D("3.6"), "own", LAW)  # maximum 21,010
    assert (made.raised, made.special, made.new) == (D(0), D("651.96"), D(22000))


def test_the_older_table_holds_before_the_newer_one() -> None:
    assert LAW.table(dt.date(2017, 3, 31)).effective == dt.date(2011, 4, 1)
    assert LAW.table(dt.date(2017, 4, 1)).effective == dt.date(2017, 4, 1)
    assert {row.level: (row.low, row.high) for row in LAW.table(dt.date(2012, 4, 1)).rows}["k2"] == (D(22220), D(33490))


# --- percentages ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("score", "percent"), [("100", "3.6"), ("90", "3.6"), ("89.995", "3.1"), ("80", "3.1"), ("60", "2"), ("59.999", "0")]
)
def test_fixed_rates_go_by_lower_bounds(score: str, percent: str) -> None:
    assert percent_of(plan().table("main"), D(score), 5) == D(percent)


@pytest.mark.parametrize(
    ("score", "percent"),
    [
        ("60", "1.5"),
        ("75", "2.25"),  # half way from 60 to 90
        ("70", "2.00000"),  # 1.5 + 10 x 1.5 / 30
        ("61.111", "1.55555"),  # 1.5 + 1.111 x 0.05 = 1.55555
        ("89.9999", "3.00000"),  # 2.999995 rounds up at five decimals
        ("90", "3.1"),
        ("93.333", "3.39997"),  # 3.1 + 3.333 x 0.09 = 3.39997
        ("100", "4"),
        ("59.99", "0"),
    ],
)
def test_linear_rates_have_five_decimals(score: str, percent: str) -> None:
    assert percent_of(plan().table("linear"), D(score), 5) == D(percent)


# --- pools ------------------------------------------------------------------------------------------------------------


def test_a_pool_is_three_percent_of_the_salaries_less_what_is_held_back() -> None:
    one = plan(SIMPLE.replace("percent = 3\n[[rates]]", "percent = 3\nhold_back = 0.15\n[[rates]]", 1))
    (use,) = decide([], {"all": [D("33330"), D("10001")]}, scales(one), one).pools
    # 43,331 x 3 % = 1,299.93; x 2.85 % = 1,234.9335, of which the satang that is not whole is never spent
    assert (use.people, use.granted, use.available, use.held_back) == (2, D("1299.93"), D("1234.93"), D("65.00"))


def test_rates_that_overspend_say_by_how_much_and_what_would_fit() -> None:
    people = [candidate("A", "k1", 15000, 95), candidate("B", "k1", 15000, 85)]
    one = plan()
    outcome = decide(people, {"all": [D(15000), D(15000)]}, scales(one), one)
    # 17,980 x 3.6 % = 647.28 -> 650; x 3.1 % = 557.38 -> 560; together 1,210. There are 900.
    (problem,) = outcome.problems
    told = dict(problem.params)
    assert (problem.code, told["spent"], told["available"], told["over"]) == ("raises.over-pool", 1210, D("900.00"), 310)
    # The nearest: 480 + 420 = 900. The first takes 480 up to 480 / 647.28 = 0.7415..., the second 420 up to 0.7535...
    assert told["multiplier"] == D("0.7415")


def test_what_a_pool_leaves_goes_where_the_plan_says() -> None:
    text = SIMPLE.replace(
        "[[pools]]",
        '[[pools]]\nid = "top"\ntitle = { en = "Top" }\npercent = 3\nlevels = ["k5"]\nremainder = "all"\n[[pools]]',
        1,
    )
    one = plan(text)
    people = [candidate("A", "k5", 60000, 85, pool="top"), candidate("B", "k1", 15000, 72)]
    top, rest = decide(people, {"top": [D(60000), D(10000)], "all": [D(15000)]}, scales(one), one).pools
    # k5: 60,000 < 60,835: 60,830 x 3.1 % = 1,885.73 -> 1,890 of 2,100; 210 go on to the 450 of the other pool.
    assert [top.left, rest.carried_in, rest.available] == [210, 210, 660]


def test_one_percentage_for_all_is_refused() -> None:
    people = [candidate("A", "k1", 15000, 85), candidate("B", "k1", 15000, 82), candidate("C", "k1", 15000, 55)]
    one = plan()
    (problem,) = decide(people, {"all": [D(90000)]}, scales(one), one).problems
    assert (problem.code, dict(problem.params)["percent"]) == ("raises.same-for-all", D("3.1"))
    apart = [*people, candidate("D", "k1", 15000, 72)]
    assert decide(apart, {"all": [D(90000)]}, scales(one), one).problems == ()


# --- what must hold for anybody ---------------------------------------------------------------------------------------

LEVELS = sorted(ROWS)
CEILINGS: tuple[Ceiling, ...] = ("own", "extended")


@st.composite
def offices(draw: st.DrawFn) -> tuple[list[Candidate], list[D]]:
    people = []
    for n in range(draw(st.integers(1, 12))):
        row = ROWS[draw(st.sampled_from(LEVELS))]
        most = int(row.maximum) // 10
        tens = draw(st.integers(int(row.minimum) // 10, most) | st.integers(most - 60, most))  # or near the ceiling
        score = D(draw(st.integers(4000, 10000))) / 100
        odd = D(
            draw(st.sampled_from(["0", "0", "0", "5", "3.25"]))
        )  # salaries are whole tens, but for what was once decided otherwise
        salary = min(tens * 10 + odd, row.maximum)
        people.append(candidate(f"P{n:02d}", row.level, salary, score, barred=draw(st.integers(0, 9)) == 0))
    extra = [D(10 * s) for s in draw(st.lists(st.integers(900, 7000), max_size=3))]
    return people, [c.salary for c in people] + extra


@st.composite
def tables(draw: st.DrawFn) -> RateTable:
    mins = sorted(draw(st.sets(st.integers(55, 99), min_size=2, max_size=5)), reverse=True)
    mode = draw(st.sampled_from(["fixed", "linear"]))
    many = len(mins) * (1 if mode == "fixed" else 2)
    percents = sorted(draw(st.lists(st.integers(1, 600), min_size=many, max_size=many, unique=True)), reverse=True)
    found = iter(D(p) / 100 for p in percents)
    keys = ["percent"] if mode == "fixed" else ["high", "low"]
    steps = [{"min": D(m), **{key: next(found) for key in keys}} for m in mins]
    return RateTable.model_validate({"id": "drawn", "title": {"en": "Drawn"}, "mode": mode, "steps": steps})


def planned(table: RateTable, fit: bool) -> Plan:
    fitted = RateTable.model_validate({"id": "fitted", "title": {"en": "Fitted"}, "mode": "fit", "of": "drawn"})
    return plan().model_copy(update={"rates": [table, fitted], "apply": "fitted" if fit else "drawn"})


@settings(max_examples=60, deadline=None)
@given(offices(), tables(), st.sampled_from(["own", "extended"]))
def test_fit_spends_no_more_than_the_pool_and_one_step_more_would(
    office: tuple[list[Candidate], list[D]], table: RateTable, ceiling: Ceiling
) -> None:
    people, salaries = office
    one = planned(table, fit=True)
    ground = scales(one, ceiling)
    outcome = decide(people, {"all": salaries}, ground, one)
    (use,) = outcome.pools
    assert use.spent <= use.available
    assert use.multiplier is not None
    fitted = one.table("fitted")
    more = ground.spent(people, fitted, use.multiplier + fitted.step)
    everybody_at_the_limit = all(
        a.percent in (0, LAW.limit_percent) for a in outcome.awards if percent_of(table, a.candidate.score or D(0), 5)
    )
    assert more > use.available or everybody_at_the_limit or use.spent == 0


@settings(max_examples=60, deadline=None)
@given(offices(), tables(), st.sampled_from(["own", "extended"]), st.booleans())
def test_nobody_passes_the_ceiling_or_the_limit_and_nobody_barred_is_raised(
    office: tuple[list[Candidate], list[D]], table: RateTable, ceiling: Ceiling, fit: bool
) -> None:
    people, salaries = office
    one = planned(table, fit)
    for award in decide(people, {"all": salaries}, scales(one, ceiling), one).awards:
        assert award.amount.new <= award.ceiling
        assert award.percent <= 6
        assert award.amount.new - award.candidate.salary == award.amount.raised >= 0
        assert award.amount.raised % 10 == 0 or award.amount.new == award.ceiling
        assert award.amount.special >= 0
        assert award.amount.special == 0 or award.amount.new == award.ceiling
        if award.candidate.reasons:
            assert not award.raised
            assert award.amount.new == award.candidate.salary


@settings(max_examples=60, deadline=None)
@given(offices(), tables(), st.booleans(), st.data())
def test_a_higher_score_never_gets_less_on_the_same_salary(
    office: tuple[list[Candidate], list[D]], table: RateTable, fit: bool, data: st.DataObject
) -> None:
    """At every level and on any salary, up to the ceiling; and whatever the salary, the percentage follows the score."""
    people, salaries = office
    same = data.draw(st.sampled_from(people))
    ceiling = data.draw(st.sampled_from(CEILINGS))
    alike = [replace(same, staff_id=p.staff_id, score=p.score, reasons=p.reasons) for p in people]
    one = planned(table, fit)
    for group in (alike, people):
        awards = decide(group, {"all": salaries}, scales(one, ceiling), one).awards
        ranked = sorted((a for a in awards if not a.candidate.reasons), key=lambda a: a.candidate.score or D(0))
        percents = [a.percent for a in ranked]
        assert percents == sorted(percents)
        if group is alike:
            spent = [a.amount.spent for a in ranked]
            assert spent == sorted(spent)
            assert [a.amount.new for a in ranked] == sorted(a.amount.new for a in ranked)


@given(st.sampled_from(LEVELS), st.sampled_from(CEILINGS), st.integers(0, 600), st.decimals(-15, 15, places=2))
def test_where_the_raise_just_fits_below_the_ceiling_or_just_does_not(
    level: str, ceiling: Ceiling, hundredths: int, beyond: D
) -> None:
    """The room up to the ceiling is about what the raise takes: nothing passes it, nothing of the raw amount is lost."""
    row, percent = ROWS[level], D(hundredths) / 100
    top = ceiling_of(row, ceiling)
    salary = min(top - row.high * percent / 100 - beyond, top)
    made = amount(row, salary, percent, ceiling, LAW)
    assert made.new <= top and made.new == salary + made.raised
    assert made.raw <= made.spent < made.raw + 10
    assert made.special == 0 or made.new == top


TWO_POOLS = SIMPLE.replace(
    "[[pools]]",
    '[[pools]]\nid = "first"\ntitle = { en = "First" }\npercent = 3\nremainder = "all"\nlevels = ["k3"]\n[[pools]]',
    1,
)


@settings(max_examples=60, deadline=None)
@given(offices(), tables(), st.booleans())
def test_no_pool_is_overspent_or_it_is_said(office: tuple[list[Candidate], list[D]], table: RateTable, fit: bool) -> None:
    """Σ of what people get is what the pools spent; beyond the money only with a problem, which forbids announcing it."""
    people, salaries = office
    one = plan(TWO_POOLS).model_copy(update=dict(planned(table, fit)) | {"pools": plan(TWO_POOLS).pools})
    split = [replace(p, pool="first" if n % 3 == 0 else "all") for n, p in enumerate(people)]
    paid = {"first": [p.salary for p in split if p.pool == "first"], "all": salaries}
    outcome = decide(split, paid, scales(one), one)
    first, rest = outcome.pools
    assert rest.carried_in == max(first.left, D(0))
    for use in outcome.pools:
        assert use.spent == sum(a.amount.spent for a in outcome.awards if a.candidate.pool == use.pool.id)
        said = any(p.code == "raises.over-pool" and dict(p.params)["pool"] == use.pool.titles for p in outcome.problems)
        assert said == (use.spent > use.available)
        assert not (fit and said)
    for short in (D(0), SATANG):  # money for exactly what is spent, and a satang less
        exact = {**paid, "all": [((rest.spent - rest.carried_in - short) * 100 / 3).quantize(SATANG, ROUND_UP)]}
        again = decide(split, exact, scales(one), one)
        if not fit and rest.spent > rest.carried_in + short:
            assert again.pools[1].available == rest.spent - short
            assert any(dict(p.params).get("pool") == rest.pool.titles for p in again.problems) == bool(short)
    assert sum(use.available for use in outcome.pools) - rest.carried_in <= D("0.03") * sum(map(sum, paid.values()))


@settings(max_examples=60, deadline=None)
@given(offices(), tables(), st.booleans(), st.randoms(use_true_random=False))
def test_the_order_of_people_does_not_matter(
    office: tuple[list[Candidate], list[D]], table: RateTable, fit: bool, chance: object
) -> None:
    people, salaries = office
    one = planned(table, fit)
    first = decide(people, {"all": salaries}, scales(one), one)
    shuffled = list(people)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    second = decide(shuffled, {"all": list(reversed(salaries))}, scales(one), one)
    assert {a.candidate.staff_id: a for a in first.awards} == {a.candidate.staff_id: a for a in second.awards}
    assert first.pools == second.pools


@settings(max_examples=60, deadline=None)
@given(offices(), tables())
def test_the_cost_never_falls_as_the_multiplier_rises(office: tuple[list[Candidate], list[D]], table: RateTable) -> None:
    people, _ = office
    one = planned(table, fit=True)
    ground, fitted = scales(one), one.table("fitted")
    costs = [ground.spent(people, fitted, D(n) / 20) for n in range(60)]
    assert costs == sorted(costs)


def test_the_nearest_multiplier_of_an_infeasible_table_is_feasible_and_maximal() -> None:
    people = [candidate("A", "k1", 15000, 95), candidate("B", "k1", 15000, 85)]
    one = parse(Plan, SIMPLE, "plan.toml")
    (use,) = decide(people, {"all": [D(15000), D(15000)]}, scales(one), one).pools
    assert use.nearest is not None
    ground, table = scales(one), one.table("main")
    assert ground.spent(people, table, use.nearest) <= 900 < ground.spent(people, table, use.nearest + table.step)
