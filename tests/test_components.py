from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batch.components import Kpi, Rated, competency_points, kpi_points, off_weight, shown, total
from batch.core.finding import UserError
from batch.scheme import Ability, CompetencyRules, KpiRules, load_scheme, parse_scheme
from tests.conftest import ROOT

FIVE = ("achievement", "service", "expertise", "integrity", "teamwork")


def kpis(*pairs: tuple[str, str]) -> list[Kpi]:
    return [Kpi(f"kpi.{n}", "…", weight=Decimal(w), level=Decimal(v)) for n, (w, v) in enumerate(pairs, 1)]


def rules(scale: str, *, weights: str = "1 1 1 1 1") -> CompetencyRules:
    abilities = [Ability(id=key, title={"en": key}, weight=Decimal(w)) for key, w in zip(FIVE, weights.split(), strict=True)]
    return CompetencyRules.model_validate({"scale": scale, "abilities": [a.model_dump() for a in abilities]})


def rated(ratings: str, expected: str = "3 3 3 3 3") -> list[Rated]:
    return [Rated(k, Decimal(e), Decimal(r)) for k, e, r in zip(FIVE, expected.split(), ratings.split(), strict=True)]


def test_indicators_count_by_weight() -> None:
    # (4·40 + 3·35 + 5·25) / 500 = 390/500 of 70
    assert kpi_points(kpis(("40", "4"), ("35", "3"), ("25", "5")), KpiRules(), Decimal(70)) == Fraction("54.6")
    # the same on probation, of 50: 39
    assert kpi_points(kpis(("40", "4"), ("35", "3"), ("25", "5")), KpiRules(), Decimal(50)) == 39
    # a level between two targets: (4.5·60 + 2.25·40) / 500 = 360/500 of 70
    assert kpi_points(kpis(("60", "4.5"), ("40", "2.25")), KpiRules(), Decimal(70)) == Fraction("50.4")


@pytest.mark.parametrize(
    ("scale", "ratings", "points"),
    [
        ("rating", "4 3 4 4 3", "21.6"),  # 18/25 of 30
        ("rating", "5 5 5 5 5", "30"),
        ("gap", "3 4 5 3 3", "30"),  # nobody below what is expected
        ("gap", "3 3 2 1 0", "18"),  # 3 + 3 + 2 + 1 + 0 = 9 of 15
        ("hybrid", "3 3 3 3 3", "30"),
        ("hybrid", "3 3 2 2 2", "24"),  # 12 of 15
        ("hybrid", "5 5 5 5 5", "30"),  # more than expected is not more than all the points
    ],
)
def test_competencies_count_by_the_scale_of_the_scheme(scale: str, ratings: str, points: str) -> None:
    assert competency_points(rated(ratings), rules(scale), Decimal(30)) == Fraction(points)


def test_weights_count_on_the_scale_of_ratings() -> None:
    # (5·4 + 1+1+1+1) / (5 · 8) = 24/40 of 30
    assert competency_points(rated("5 1 1 1 1"), rules("rating", weights="4 1 1 1 1"), Decimal(30)) == 18


def test_a_total_that_does_not_end_is_cut_and_crosses_no_bound() -> None:
    scheme = load_scheme("th-halfyear", Path())
    third = Fraction(80) / 3
    assert shown(third) == Decimal("26.66666")
    assert total([Fraction(190, 3), third]) == 90  # 63.333… + 26.666… is 90, though each is cut when it stands alone
    assert scheme.band_of(total([Fraction("89.995")])).id == "very_good"
    assert scheme.band_of(total([Fraction("93.4")])).id == "outstanding"


@settings(deadline=None)
@given(st.fractions(min_value=0, max_value=100), st.sampled_from(["60", "70", "80", "90", "89.995"]))
def test_what_is_shown_meets_a_bound_exactly_when_the_truth_does(points: Fraction, bound: str) -> None:
    assert (shown(points) >= Decimal(bound)) == (points >= Fraction(bound))


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 60), st.integers(1, 5)), min_size=1, max_size=8), st.data())
def test_a_higher_level_never_earns_less(pairs: list[tuple[int, int]], data: st.DataObject) -> None:
    n = data.draw(st.integers(0, len(pairs) - 1))
    better = [(w, min(5, v + 1) if i == n else v) for i, (w, v) in enumerate(pairs)]
    before, after = (kpi_points(kpis(*((str(w), str(v)) for w, v in p)), KpiRules(), Decimal(70)) for p in (pairs, better))
    assert before <= after <= 70


def test_how_far_weights_miss_their_sum() -> None:
    assert off_weight(kpis(("40", "1"), ("35", "1"), ("25", "1")), KpiRules()) == 0
    assert off_weight(kpis(("40", "1"), ("35.5", "1")), KpiRules()) == Decimal("-24.5")


def test_the_shipped_scheme_weighs_probation_half_and_half() -> None:
    scheme = load_scheme("th-halfyear", Path())
    assert [(c.id, c.points(), c.points("probation")) for c in scheme.criteria] == [
        ("results", Decimal(70), Decimal(50)),
        ("behaviour", Decimal(30), Decimal(50)),
    ]
    assert (scheme.group_of({"probation"}), scheme.group_of(())) == ("probation", "")
    behaviour = scheme.criteria[1].competency
    assert behaviour and [a.title["th"] for a in behaviour.abilities] == [
        "การมุ่งผลสัมฤทธิ์",
        "บริการที่ดี",
        "การสั่งสมความเชี่ยวชาญในงานอาชีพ",
        "การยึดมั่นในความถูกต้องชอบธรรมและจริยธรรม",
        "การทำงานเป็นทีม",
    ]


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("max_for = { probation = 50 }", "max_for = { probation = 60 }", "groups.probation"),
        ("max_for = { probation = 50 }", "max_for = { trainees = 50 }", "criteria.results.max_for"),
        ('scale = "rating"', 'scale = "stars"', "criteria.1.competency.scale"),
        (
            "[criteria.kpi]",
            "[criteria.competency]\nscale = 'gap'\nabilities = []\n[criteria.kpi]",
            "criteria.0.competency.abilities",
        ),
        ('mark = "probation"', 'mark = "leave"', "groups.0.mark"),
        ('id = "service"', 'id = "achievement"', "criteria.1.competency.abilities"),
    ],
)
def test_a_wrong_component_is_refused_with_its_key(old: str, new: str, key: str) -> None:
    text = (ROOT / "templates" / "schemes" / "th-halfyear.toml").read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(UserError) as caught:
        parse_scheme(text.replace(old, new, 1), "mine.toml")
    assert dict(caught.value.finding.params)["key"] == key
