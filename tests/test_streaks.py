from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from batch.core.codes import CODES
from batch.core.finding import Finding
from batch.core.period import Week
from batch.core.records import STATES, Case, State
from batch.scheme import Scheme, parse_scheme
from batch.streaks import add_streaks
from tests.builders import scheme_text, weekly

FIRST = Week(2026, 51)
KEY_TASK, FAILED_BAND = "key-task-and-discipline", "failed-band"


@dataclass(frozen=True)
class Told:
    """One week of a story: the state, and a letter for each flag (k: key task failed, d: discipline, f: failed band)."""

    state: State
    flags: str = ""


def case(week: Week, told: Told, unit: str = "PH") -> Case:
    flags = {"key_task_failed": "k" in told.flags, "discipline_breach": "d" in told.flags, "failed_band": "f" in told.flags}
    return Case(week, "C1", "Nguyễn Văn An", "civil_servant", "", unit, told.state, flags=flags)


def history_of(staff_id: str, week: Week, assessed: Mapping[Week, Mapping[str, Case]]) -> list[Case]:
    """What came before, newest first, of the weeks in which there was something."""
    return [assessed[w][staff_id] for w in sorted(assessed, reverse=True) if w < week and staff_id in assessed[w]]


def follow(story: Sequence[Told], scheme: Scheme | None = None, first: Week = FIRST) -> list[tuple[Case, list[Finding]]]:
    """The story told week by week, as a run does it."""
    assessed: dict[Week, Mapping[str, Case]] = {}
    out = []
    for n, told in enumerate(story):
        week = first.plus(n)
        done, found = add_streaks(case(week, told), history_of("C1", week, assessed), scheme or weekly())
        assessed[week] = {"C1": done}
        out.append((done, found))
    return out


def parse(text: str) -> list[Told]:
    """'kd . ? k' → approved with flags, excused, missing, approved; '-' is approved without flags."""
    states: dict[str, State] = {".": "excused", "?": "missing", "!": "returned", "s": "submitted", "r": "reviewed"}
    return [Told(states[w]) if w in states else Told("approved", w.strip("-")) for w in text.split()]


def holding(text: str, first: Week = FIRST) -> list[set[str]]:
    return [{s.rule for s in done.streaks if s.holds} for done, _ in follow(parse(text), first=first)]


def codes(text: str) -> list[set[str]]:
    return [{f.code for f in found} for _, found in follow(parse(text))]


# --- the rules of the page ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("story", "last"),
    [
        ("f f", {FAILED_BAND}),
        ("f", set()),
        ("f - f", set()),
        ("f f f", {FAILED_BAND}),
        ("f f -", set()),
        ("f . f", {FAILED_BAND}),
        ("f . . . f", {FAILED_BAND}),
        (". f f", {FAILED_BAND}),
        ("f f .", set()),
        ("f ? f", set()),
        ("f ! f", set()),
        ("f s f", set()),
        ("f r f", set()),
        ("k k", set()),
        ("kd k", {KEY_TASK}),
        ("k kd", {KEY_TASK}),
        ("kd kd", {KEY_TASK}),
        ("kd d", set()),
        ("d d", set()),
        ("kd . k", {KEY_TASK}),
        ("kd ? k", set()),
        ("kdf kf", {KEY_TASK, FAILED_BAND}),
        ("kd f", set()),
    ],
)
def test_a_rule_holds_when_its_weeks_are_consecutive(story: str, last: set[str]) -> None:
    assert holding(story)[-1] == last


def test_a_chain_runs_on_over_week_53_and_the_years_end() -> None:
    assert holding("f f", first=Week(2026, 52)) == [set(), {FAILED_BAND}]
    assert holding("f f", first=Week(2026, 53)) == [set(), {FAILED_BAND}]
    done, _ = follow(parse("f f f"), first=Week(2026, 52))[-1]
    assert [str(w) for w in done.streaks[0].weeks] == ["2026-W52", "2026-W53", "2027-W01"]


def test_a_transfer_breaks_nothing() -> None:
    before = case(FIRST, Told("approved", "f"), unit="PH")
    after = case(FIRST.plus(1), Told("approved", "f"), unit="VU")
    done, _ = add_streaks(after, history_of("C1", after.period, {FIRST: {"C1": before}}), weekly())
    assert done.meeting_required


def test_weeks_in_which_the_person_was_not_evaluated_are_stepped_over() -> None:
    before, after = case(FIRST, Told("approved", "f")), case(FIRST.plus(2), Told("approved", "f"))
    assessed: dict[Week, Mapping[str, Case]] = {FIRST: {"C1": before}, FIRST.plus(1): {}}
    assert add_streaks(after, history_of("C1", after.period, assessed), weekly())[0].meeting_required


def test_the_length_of_the_running_streak_is_counted() -> None:
    assert [done.failing_weeks for done, _ in follow(parse("f f . f - k kf f"))] == [1, 2, 0, 3, 0, 1, 2, 2]


def test_a_required_meeting_is_said_with_the_evidence() -> None:
    done, found = follow(parse("f . f"))[-1]
    assert done.meeting_required
    said = next(f for f in found if f.code == "streak.meeting-required")
    assert dict(said.params)["weeks"] == (FIRST, FIRST.plus(2))
    assert CODES[said.code].severity == "warning"


def test_a_rule_without_meeting_holds_without_a_word() -> None:
    quiet = parse_scheme(scheme_text().replace("meeting = true", "meeting = false"), "mine.toml")
    done, found = follow(parse("kdf kdf"), quiet)[-1]
    assert all(s.holds for s in done.streaks)
    assert not done.meeting_required
    assert found == []


@pytest.mark.parametrize(
    ("story", "warned"),
    [
        ("f ?", True),
        ("? f", True),
        ("f ? f", True),
        ("f r", True),
        ("f . ?", True),
        ("- ?", False),
        ("? -", False),
        ("? ?", False),
        ("?", False),
        ("f", False),
        ("d ?", False),
        ("k ?", True),
        ("k k", False),
        ("f f", False),
        ("f - ?", False),
        ("f .", False),
    ],
)
def test_a_gap_that_may_hide_a_failure_is_said(story: str, warned: bool) -> None:
    assert ("streak.gap-may-hide" in codes(story)[-1]) is warned


def test_the_gap_names_the_week_that_is_missing() -> None:
    _, found = follow(parse("f ?"))[-1]
    assert {dict(f.params)["weeks"] for f in found} == {(FIRST.plus(1),)}


def test_a_week_that_still_waits_for_somebody_is_no_gap_until_the_next() -> None:
    first, second = case(FIRST, Told("approved", "f")), case(FIRST.plus(1), Told("submitted"))
    second = replace(second, waiting="review", waiting_for="T1")
    done, found = add_streaks(second, [first], weekly())
    assert found == []
    _, found = add_streaks(case(FIRST.plus(2), Told("approved", "f")), [done, first], weekly())
    assert {dict(f.params)["weeks"] for f in found} == {(FIRST.plus(1),)}


def test_three_weeks_when_the_office_says_three() -> None:
    three = parse_scheme(scheme_text().replace("weeks = 2", "weeks = 3"), "mine.toml")
    assert [done.meeting_required for done, _ in follow(parse("f f f f"), three)] == [False, False, True, True]


# --- against a plain, slow reference ------------------------------------------------------------------------------


def reference(story: Sequence[Told], scheme: Scheme) -> dict[str, tuple[int, bool]]:
    """For the last week: rule → (weeks in the running chain, whether the rule holds)."""
    letters = {"key_task_failed": "k", "discipline_breach": "d", "failed_band": "f"}
    if story[-1].state == "excused":
        return {}
    counted = [told for told in story if told.state != "excused"]
    result = {}
    for rule in scheme.streaks:
        length = 0
        for start in range(len(counted)):
            run = counted[start:]
            if all(t.state == "approved" and all(letters[f] in t.flags for f in rule.every_week) for t in run):
                length = len(run)
                any_set = not rule.any_week or any(letters[f] in t.flags for t in run for f in rule.any_week)
                result[rule.id] = (length, length >= rule.weeks and any_set)
                break
    return result


APPROVED = st.builds(Told, st.just("approved"), st.sampled_from(["", "k", "d", "f", "kd", "kf", "df", "kdf"]))
FAILING = st.builds(Told, st.just("approved"), st.sampled_from(["k", "kd", "f", "kdf"]))
OTHER = st.builds(Told, st.sampled_from([s for s in STATES if s != "approved"]), st.sampled_from(["", "kdf"]))
STORIES = st.lists(st.one_of(APPROVED, FAILING, OTHER), min_size=1, max_size=9)


@settings(max_examples=150, deadline=None)
@given(STORIES, st.integers(1, 4))
@example(parse("kd . ? kf kf"), 2)
def test_every_story_is_judged_as_the_reference_does(story: list[Told], weeks: int) -> None:
    scheme = parse_scheme(scheme_text().replace("weeks = 2", f"weeks = {weeks}"), "mine.toml")
    for n, (done, found) in enumerate(follow(story, scheme)):
        expected = reference(story[: n + 1], scheme)
        assert {s.rule: (len(s.weeks), s.holds) for s in done.streaks} == expected
        assert done.meeting_required == any(holds for _, holds in expected.values())
        assert done.failing_weeks == max((length for length, _ in expected.values()), default=0)
        assert sum(f.code == "streak.meeting-required" for f in found) == sum(h for _, h in expected.values())


@settings(max_examples=50, deadline=None)
@given(STORIES, st.integers(0, 9))
def test_an_excused_week_anywhere_before_changes_nothing(story: list[Told], at: int) -> None:
    at = min(at, len(story) - 1)
    plain, _ = follow(story)[-1]
    stepped, _ = follow([*story[:at], Told("excused"), *story[at:]])[-1]
    assert [(s.rule, len(s.weeks), s.holds) for s in plain.streaks] == [
        (s.rule, len(s.weeks), s.holds) for s in stepped.streaks
    ]


def test_every_short_story_warns_exactly_when_a_gap_could_complete_the_failed_band_rule() -> None:
    for story in itertools.product([Told("approved", "f"), Told("approved"), Told("missing")], repeat=3):
        newest = story[-2:]
        hidden = (
            any(t.state == "missing" for t in newest)
            and any(t.flags for t in newest)
            and all(t.state == "missing" or t.flags for t in newest)
        )
        _, found = follow(story)[-1]
        assert any(f.code == "streak.gap-may-hide" for f in found) is hidden, story
