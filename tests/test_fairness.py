"""How results were given: gaps, distributions and comparisons, against hand-reasoned cases and a second computation.

The reference below shares nothing with the program but the input: it counts every split of the people instead of using a
library, and works its means out of plain lists.
"""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batch import chance
from batch.core.period import Week
from batch.core.records import Case, Receipt, Statement
from batch.fairness import Comparison, Fairness, Judgement, Result, judgements, rounded, study
from batch.scheme import FairnessRules, Scheme
from tests.builders import weekly
from tests.conftest import ROOT

SCHEME = weekly()
assert SCHEME.fairness is not None
RULES: FairnessRules = SCHEME.fairness
WEEKS = [Week(2025, 23), Week(2025, 24), Week(2025, 25)]


def judged(
    who: str, reviewer: str, total: str, own: str | None = None, week: Week = WEEKS[0], approver: str = "A", after: str = ""
) -> Judgement:
    """One result; ``after``: the approver's own total."""
    reviewed = Decimal(total)
    given = None if own is None else Decimal(own)
    approved = Decimal(after) if after else reviewed
    return Judgement(
        week, who, f"Name {who}", "U", reviewer, approver, given, reviewed, approved, bool(after), "why" if after else ""
    )


def described(
    given: Sequence[Judgement], results: Sequence[Result] = (), rules: FairnessRules = RULES, compare: bool = True
) -> Fairness:
    return study(given, results, SCHEME, rules, compare)


def office(seed: int, people: int = 24, reviewers: int = 4, weeks: int = 3, differs: int = 0) -> list[Judgement]:
    """People of different ability, spread over reviewers by chance; the first reviewer gives ``differs`` more."""
    rng = random.Random(seed)
    given = []
    for n in range(people):
        ability = rng.gauss(78, 6)
        for week in range(weeks):
            own = Decimal(round(ability + rng.gauss(2, 2)))
            total = Decimal(round(2 * (ability + rng.gauss(0, 2)))) / 2 + (differs if n % reviewers == 0 else 0)
            given.append(judged(f"P{n:02d}", f"R{n % reviewers}", str(total), str(own), WEEKS[0].plus(week), f"A{n % 2}"))
    return given


# --- by hand ---------------------------------------------------------------------------------------------------------------


def test_a_person_counts_once_however_many_weeks() -> None:
    """P has 80 and 90 from R, so 85; Q has 70: the mean of R's people is 77.5, not (80 + 90 + 70) / 3 = 80."""
    found = described([judged("P", "R", "80"), judged("P", "R", "90", week=WEEKS[1]), judged("Q", "R", "70")])
    (reviewer,) = found.reviewers
    assert reviewer.means == {"P": 85, "Q": 70} and reviewer.mean == Fraction(155, 2)
    assert (reviewer.results, reviewer.bands) == (3, {"excellent": 1, "good": 1, "completed": 1, "failed": 0})
    assert reviewer.spread is not None and rounded(reviewer.spread) == Decimal("10.61")  # 15 / √2


def test_gaps_are_taken_in_the_weeks_that_have_both() -> None:
    """Self 84 → review 80 → approved 78; the second week has no self-report: reviews less self-reports is −4, not (−4 + 0) / 2."""
    first = judged("P", "R", "80", own="84", after="78")
    found = described([first, judged("P", "R", "86", week=WEEKS[1])])
    (person,) = found.people
    assert [person.own, person.reviewed, person.approved] == [84, 83, 82]
    assert [person.to_own, person.adjustment] == [-4, -1]
    assert found.reviewers[0].gaps == {"P": -4} and found.approvers[0].gaps == {"P": -1}
    assert found.adjustments == (first,) and found.approvers[0].adjusted == 1


def test_a_person_without_any_self_report_has_no_gap_and_still_a_mean() -> None:
    found = described([judged("P", "R", "80")])
    assert found.people[0].to_own is None and found.reviewers[0].gaps == {} and found.reviewers[0].mean_gap is None


def test_the_rest_of_the_office_are_the_people_to_whom_one_gave_nothing() -> None:
    """P moved from R to S: neither R's nor S's comparison has P on both sides."""
    given = [judged("P", "R", "90"), judged("P", "S", "60", week=WEEKS[1]), judged("Q", "S", "70"), judged("X", "T", "50")]
    by_id = {one.staff_id: one.level for one in described(given).reviewers}
    assert by_id["R"] is not None and (by_id["R"].people, by_id["R"].others) == (1, 2)
    assert by_id["R"].difference == 90 - Fraction(70 + 50, 2)
    assert by_id["S"] is not None and [by_id["S"].people, by_id["S"].others, by_id["S"].difference] == [2, 1, 65 - 50]


def test_small_numbers_are_said_to_be_small() -> None:
    """R has four people where five are needed; S has five, and with R's four too few to compare with."""
    given = [judged(f"P{n}", "R", str(60 + n)) for n in range(4)] + [judged(f"Q{n}", "S", str(90 + n)) for n in range(5)]
    few, others = (one.level for one in described(given).reviewers)
    assert few is not None and (few.verdict, few.p, few.people) == ("few", None, 4)
    assert others is not None and (others.verdict, others.p, others.others) == ("few-others", None, 4)
    assert all(one.interval is None for one in described(given).reviewers)
    lower = RULES.model_copy(update={"least_people": 4})
    assert [one.level and one.level.verdict for one in described(given, rules=lower).reviewers] == ["apart", "apart"]


def test_the_same_total_for_everybody_is_listed_from_three_people_on() -> None:
    """R gives three people 80 in week 23, differs in week 24, and has two people only in week 25, which tells nothing."""
    given = [judged(who, "R", "80") for who in "PQS"]
    given += [judged(who, "R", total, week=WEEKS[1]) for who, total in zip("PQS", ("80", "80", "80.5"), strict=True)]
    given += [judged(who, "R", "75", week=WEEKS[2]) for who in "PQ"]
    found = described(given)
    review, approval = found.same
    assert (review.staff_id, review.stage, review.judged) == ("R", "review", 2)
    assert review.weeks == ((WEEKS[0], Decimal(80), 3),)
    assert (approval.staff_id, approval.stage) == ("A", "approval")


def test_equal_totals_written_otherwise_are_the_same() -> None:
    assert described([judged("P", "R", "80"), judged("Q", "R", "80.0"), judged("S", "R", "80.00")]).same


@pytest.mark.parametrize(
    ("value", "bound", "distance"),
    [
        ("89.5", "excellent", "-0.5"),
        ("90.5", "excellent", "0.5"),
        ("90", "excellent", "0"),
        ("75.25", "good", "0.25"),
        ("49.99", "completed", "-0.01"),
        ("89.49", None, None),
        ("90.51", None, None),
        ("0.2", None, None),  # nobody can be below the lowest level
    ],
)
def test_results_half_a_point_from_a_bound_are_listed(value: str, bound: str | None, distance: str | None) -> None:
    exact = Fraction(value)
    found = described([], [Result("P", "Name", "U", exact, SCHEME.band_of(exact).id)]).boundary
    assert [(one.bound.id, one.distance) for one in found] == ([(bound, Fraction(distance))] if bound and distance else [])


def test_a_mean_a_hair_below_the_bound_is_near_it_and_exactly_so() -> None:
    third = Fraction(269, 3)  # 89.666…
    assert described([], [Result("P", "N", "U", third, "good")]).boundary[0].distance == Fraction(-1, 3)


def test_only_approved_results_with_their_review_count() -> None:
    def said(stage: str, author: str, total: str, **more: object) -> Statement:
        scores = {"quality": Decimal(total), "progress": Decimal(30), "conduct": Decimal(10)}
        texts = {"reason": str(more.get("reason", ""))}
        receipt = Receipt("", "", 0, "", 1, None)
        return Statement(
            stage, "P", author, WEEKS[0], scores, {}, str(more.get("decision", "")), texts, (), "", "", {}, receipt
        )

    base = Case(
        WEEKS[0], "P", "Lê An", "civil_servant", "", "U", "approved", reviewer_id="R", approver_id="A", total=Decimal(75)
    )
    review, report = said("review", "R2", "36"), said("self", "P", "38")
    adjusted = said("approval", "A2", "35", decision="adjust", reason="as agreed")
    done = replace(base, review=review, report=report, approval=adjusted)
    (found,) = judgements([done, replace(done, state="reviewed"), replace(done, review=None)])
    assert (found.reviewer_id, found.approver_id) == ("R2", "A2")  # who did, not who may
    assert [found.own, found.reviewed, found.approved] == [78, 76, 75]
    assert (found.adjusted, found.reason) == (True, "as agreed")
    agreed = replace(done, approval=said("approval", "A2", "0", decision="approve", reason="no matter"))
    assert [(one.adjusted, one.reason) for one in judgements([agreed])] == [(False, "")]


def test_rounding_is_half_away_from_zero() -> None:
    assert [str(rounded(Fraction(x))) for x in ("1.005", "-1.005", "0.004", "-0.004")] == ["1.01", "-1.01", "0.00", "0.00"]


# --- the second computation ------------------------------------------------------------------------------------------------


def exact_p(some: Sequence[Fraction], others: Sequence[Fraction]) -> Fraction:
    """The share of all splits of the people whose U is as far from the middle as the one at hand, or farther."""
    everybody = [*some, *others]
    middle = Fraction(len(some) * len(others), 2)

    def far(here: set[int]) -> Fraction:
        u = sum(
            Fraction(1) if everybody[a] > everybody[b] else Fraction(everybody[a] == everybody[b], 2)
            for a in here
            for b in range(len(everybody))
            if b not in here
        )
        return abs(u - middle)

    observed = far(set(range(len(some))))
    splits = [far(set(here)) for here in combinations(range(len(everybody)), len(some))]
    return Fraction(sum(one >= observed for one in splits), len(splits))


def test_the_test_is_the_count_of_all_splits() -> None:
    rng = random.Random(335)
    for _ in range(6):
        values = [Fraction(n, 7) for n in rng.sample(range(400), 10)]
        some, others = values[:5], values[5:]
        assert chance.rank_tests([(list(map(float, some)), list(map(float, others)))])[0] == pytest.approx(
            float(exact_p(some, others)), abs=1e-12
        )


def test_equal_values_are_close_to_the_count_of_all_splits() -> None:
    some, others = [Fraction(n) for n in (80, 80, 82, 84, 90)], [Fraction(n) for n in (70, 72, 72, 75, 80, 78)]
    assert chance.rank_tests([(list(map(float, some)), list(map(float, others)))])[0] == pytest.approx(
        float(exact_p(some, others)), abs=0.02
    )


def test_many_pairs_at_once_come_to_what_each_comes_to_by_itself() -> None:
    rng = random.Random(7)
    pairs = [
        ([float(rng.randrange(spread)) for _ in range(some)], [float(rng.randrange(spread)) for _ in range(others)])
        for some, others in ((5, 9), (9, 5), (5, 9), (12, 40), (5, 9))
        for spread in (1, 6, 90, 10**9)
    ]
    rng.shuffle(pairs)
    assert chance.rank_tests(pairs) == pytest.approx([chance.rank_tests([pair])[0] for pair in pairs], abs=1e-12)


def test_one_value_everywhere_sets_nobody_apart() -> None:
    assert chance.rank_tests([([80.0] * 5, [80.0] * 9)]) == [1]


def test_the_correction_is_benjamini_and_hochbergs() -> None:
    """From the largest down, p × m / rank, never more than the next larger one: 0.04 × 5/4 = 0.05, 0.03 × 5/3 = 0.05, …"""
    found = chance.corrected([0.01, 0.04, 0.03, 0.02, 0.5])
    assert found == [Decimal(text) for text in ("0.050000", "0.050000", "0.050000", "0.050000", "0.500000")]
    assert chance.corrected([0.001, 0.9]) == [Decimal("0.002000"), Decimal("0.900000")]


def test_the_interval_is_students() -> None:
    """1, 2, 3, 4, 5: deviation √2.5, over √5 is 0.7071; t for 4 degrees is 2.776445 in any table: 1.9632."""
    margin = chance.margin([Fraction(n) for n in (1, 2, 3, 4, 5)])
    assert margin is not None and rounded(margin, 4) == Decimal("1.9632")
    assert chance.margin([Fraction(3)]) is None and chance.margin([Fraction(3)] * 5) == 0


@pytest.mark.parametrize("seed", range(4))
def test_gaps_and_distributions_agree_with_a_plain_recomputation(seed: int) -> None:
    given = office(seed)
    found = described(given)
    for judge in found.reviewers:
        mine = [one for one in given if one.reviewer_id == judge.staff_id]
        means = {
            who: mean([float(one.reviewed) for one in mine if one.staff_id == who]) for who in {one.staff_id for one in mine}
        }
        rest: dict[str, list[float]] = {}
        for one in given:
            if one.staff_id not in means:
                rest.setdefault(one.staff_id, []).append(float(one.reviewed))
        assert judge.level is not None and judge.level.difference is not None and judge.mean_gap is not None
        assert float(judge.level.difference) == pytest.approx(
            mean(list(means.values())) - mean([mean(v) for v in rest.values()])
        )
        gaps = [
            mean([float(one.reviewed - one.own) for one in mine if one.staff_id == who and one.own is not None])
            for who in means
        ]
        assert float(judge.mean_gap) == pytest.approx(mean(gaps))
        expected = [
            sum(low <= one.reviewed < high for one in mine) for low, high in ((90, 101), (75, 90), (50, 75), (0, 50))
        ]
        assert list(judge.bands.values()) == expected
    assert found.all_reviews.results == len(given) == sum(judge.results for judge in found.reviewers)


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


# --- what must not matter --------------------------------------------------------------------------------------------------


def essence(found: Fairness, names: dict[str, str]) -> list[tuple[object, ...]]:
    """Every judge under the name that ``names`` gives them, with all that is said of them."""
    judges = (*found.reviewers, *found.approvers)
    said = [(names.get(j.staff_id, j.staff_id), j.means, j.gaps, j.bands, j.level, j.gap, j.margin) for j in judges]
    return sorted(said, key=lambda one: str(one[0]))


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10_000), order=st.permutations(["R0", "R1", "R2", "R3"]), people=st.integers(8, 26))
def test_other_codes_for_reviewers_change_nothing_but_their_names(seed: int, order: list[str], people: int) -> None:
    given = office(seed, people, differs=seed % 7)
    codes = dict(zip(("R0", "R1", "R2", "R3"), order, strict=True))
    renamed = [replace(one, reviewer_id=codes[one.reviewer_id]) for one in given]
    back = {new: old for old, new in codes.items()}
    assert essence(described(renamed), back) == essence(described(given), {})


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10_000), more=st.decimals(-20, 20, places=2))
def test_a_constant_on_all_scores_moves_means_and_no_verdict(seed: int, more: Decimal) -> None:
    given = office(seed, differs=seed % 7)
    moved = [
        replace(
            one, own=None if one.own is None else one.own + more, reviewed=one.reviewed + more, approved=one.approved + more
        )
        for one in given
    ]
    before, after = described(given), described(moved)
    assert after.compared == before.compared
    for old, new in zip((*before.reviewers, *before.approvers), (*after.reviewers, *after.approvers), strict=True):
        assert new.mean == (old.mean or 0) + Fraction(more) and new.gaps == old.gaps and new.spread == old.spread


def test_the_order_in_which_results_come_changes_no_figure() -> None:
    given = office(5)
    shuffled = random.Random(5).sample(given, len(given))
    assert essence(described(shuffled), {}) == essence(described(given), {})


# --- what the test promises ------------------------------------------------------------------------------------------------


def test_chance_alone_is_seldom_called_more() -> None:
    """Five in a hundred offices at most, by the rule; of these sixty, where chance alone is at work, not more than six."""
    named = [
        seed for seed in range(60) if any(one.verdict == "apart" for one in described(office(seed, people=30)).compared)
    ]
    assert len(named) <= 6


def test_a_real_difference_is_seen_where_people_can_be_compared_with_themselves() -> None:
    """Six points more than the self-reports bear out, with eight people: found in (nearly) every office."""
    gaps = [described(office(seed, people=32, differs=6)).reviewers[0].gap for seed in range(10)]
    assert sum(one is not None and one.verdict == "apart" and (one.difference or 0) > 4 for one in gaps) >= 9


# --- the optional library --------------------------------------------------------------------------------------------------


def test_without_the_library_everything_is_described_and_nothing_tested(monkeypatch: pytest.MonkeyPatch) -> None:
    given = office(1)
    tested = described(given)
    for name in ("scipy", "scipy.stats"):
        monkeypatch.setitem(sys.modules, name, None)  # as if it weren't installed: whoever imports it gets an error
    untested = described(given)
    assert {one.verdict for one in untested.compared} == {"untested"}
    assert [one.difference for one in untested.compared] == [one.difference for one in tested.compared]
    assert all(one.p is None for one in untested.compared) and all(one.interval is None for one in untested.reviewers)
    assert untested.people == tested.people


def test_nothing_but_the_comparison_imports_the_library() -> None:
    program = """
import sys
import batch.cli, batch.terms, batch.pipeline
from batch.fairness import study
from tests.test_fairness import SCHEME, RULES, office
study(office(1), (), SCHEME, RULES, compare=False)
assert "scipy" not in sys.modules
study(office(1), (), SCHEME, RULES, compare=True)
assert "scipy.stats" in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)


# --- the settings ----------------------------------------------------------------------------------------------------------


def test_the_settings_decide_nothing_and_change_no_hash() -> None:
    data = SCHEME.model_dump(mode="json")
    without = Scheme.model_validate({**data, "fairness": None})
    other = Scheme.model_validate({**data, "fairness": {**data["fairness"], "boundary": "1.5", "least_people": 9}})
    assert (
        len({one.hash for one in (SCHEME, without, other)})
        == len({one.rollup_hash for one in (SCHEME, without, other)})
        == 1
    )


def verdicts(compared: Sequence[Comparison]) -> list[str]:
    return [one.verdict for one in compared]


def test_the_settings_are_followed() -> None:
    given = office(3, people=20)
    assert set(verdicts(described(given, rules=RULES.model_copy(update={"least_people": 6})).compared[:4])) == {"few"}
    near = [Result("P", "N", "U", Fraction(88), "good")]
    assert not described([], near).boundary
    assert described([], near, RULES.model_copy(update={"boundary": Decimal(2)})).boundary
