"""Whether a file has to be made again: what its digest tells apart, and what it takes for the same."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pytest

from batch.core.finding import Finding, Phrase, Place
from batch.core.made import Digester, MadeFrom, Shared
from batch.core.period import Week
from batch.core.records import Case, Receipt, Statement

WEEK = Week(2025, 23)


@dataclass(frozen=True)
class One:
    """A record with a single field."""

    value: Any


@dataclass(frozen=True)
class Other:
    """Another kind of record."""

    value: Any


def digest(*inputs: Any, common: str = "") -> str:
    return Digester(common).of(MadeFrom(lambda: b"", inputs))


def case(**more: Any) -> Case[Week]:
    receipt = Receipt("ab" * 32, "a.xlsx", 9, "2025-06-06T16:00", 1, None)
    scores = {"quality": Decimal("38.5")}
    said = Statement("self", "A", "A", WEEK, scores, {}, "", {}, (), "", "says", {}, receipt)
    return replace(Case(WEEK, "A", "An", "staff", "", "U1", "submitted", report=said), **more)


def test_the_same_values_have_the_same_digest_however_they_came_about() -> None:
    word = "".join(["qua", "lity"])
    twice = [word, word]
    assert digest(twice, {"a": (1, None)}) == digest(["quality", "".join("quality")], {"a": (1, None)})
    assert digest(case()) == digest(case())
    assert digest(Shared(case)) == digest(Shared(case))
    assert digest(frozenset({"a", "b", "c"})) == digest(frozenset({"c", "b", "a"}))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a", Phrase("a")),  # shown as typed, and translated
        ("1", 1),
        (1, True),
        (None, ""),
        (Decimal("38.5"), Decimal("38.50")),  # shown differently
        (Decimal(1), "1"),
        (dt.date(2025, 6, 2), "2025-06-02"),
        (("a", "b"), ["a", "b"]),
        (("a", ("b",)), (("a",), "b")),
        ({"a": Decimal(1)}, {"b": Decimal(1)}),
        ({"a": Decimal("38.5")}, {"a": Decimal("38.50")}),
        ({"a": Decimal(1), "b": Decimal(2)}, {"b": Decimal(2), "a": Decimal(1)}),
        ({"a": Decimal(1)}, "{'a': Decimal('1')}"),
        ({}, "dict"),
        ({}, ()),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),  # the order is shown
        (One("a"), Other("a")),
        (One(["a"]), One(("a",))),
        (Finding("x", Place("f", "s", "A1")), Finding("x", Place("f", "s", "A2"))),
        (case(), case(name="Anh")),
        (case(), case(report=None)),
    ],
)
def test_values_that_may_look_different_have_different_digests(one: Any, other: Any) -> None:
    assert digest(one) != digest(other)
    assert digest(Shared(lambda: one)) != digest(Shared(lambda: other))


def test_what_is_the_same_for_all_counts_too() -> None:
    assert digest("a", common="x") != digest("a", common="y")


def test_of_a_statement_what_it_says_and_the_file_count() -> None:
    said = case().report
    assert said
    assert digest(said) == digest(replace(said, texts={"comment": "not looked at: it is part of what says stands for"}))
    assert digest(said) != digest(replace(said, says="other"))
    assert digest(said) != digest(replace(said, receipt=replace(said.receipt, name="b.xlsx")))


def test_what_nobody_knows_how_to_look_through_is_always_made() -> None:
    assert digest(object()) == ""
    assert digest(case(name=object())) == ""
    assert Digester("").of(lambda: b"") == ""
