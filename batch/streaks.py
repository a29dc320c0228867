"""Consecutive weeks: which chains run, and what they call for. Rules are data (``[[streaks]]`` of the scheme).

Only approved weeks count. Excused weeks, weeks without a working day and weeks in which the person was not evaluated at
all are stepped over. A missing or undecided week breaks a chain; where it might hide one, that is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, takewhile

from batch.core.finding import Finding, finding
from batch.core.records import Case, Streak
from batch.scheme import Scheme, StreakRule


def add_streaks(case: Case, earlier: Sequence[Case], scheme: Scheme) -> tuple[Case, list[Finding]]:
    """The case with its running streaks. ``earlier``: the person's cases of the weeks before, without gaps, newest first."""
    excused = case.state == "excused"

    # A year has many weeks and most chains are short: the weeks are gone back only as far as a chain runs.
    def back() -> Iterator[Case]:
        return iter(()) if excused else chain((case,), (c for c in earlier if c.state != "excused"))

    streaks: list[Streak] = []
    notes: list[Finding] = []
    for rule in scheme.streaks:
        streak = _streak(_chain(back(), rule), rule)
        if streak.weeks:
            streaks.append(streak)
        if streak.holds and streak.meeting:
            notes.append(
                finding("streak.meeting-required", None, case.staff_id, name=case.name, rule=rule.titles, weeks=streak.weeks)
            )
        # A week that still waits for somebody is told as that; what it may have hidden is told in the weeks after it.
        gaps = tuple(c.period for c in reversed(_may_hide(back(), rule)) if c is not case or not case.waiting)
        if gaps and not streak.holds:
            notes.append(finding("streak.gap-may-hide", None, case.staff_id, name=case.name, weeks=gaps))
    if not (streaks or case.streaks):
        return case, list(dict.fromkeys(notes))
    longest = max((len(s.weeks) for s in streaks), default=0)
    return replace(case, streaks=tuple(streaks), failing_weeks=longest), list(dict.fromkeys(notes))


def _chain(weeks: Iterable[Case], rule: StreakRule) -> list[Case]:
    """The run of approved weeks, newest first, in each of which all of the rule's every-week flags are set."""
    return list(takewhile(lambda case: _failed(case, rule), weeks))


def _streak(chain: Sequence[Case], rule: StreakRule) -> Streak:
    any_set = not rule.any_week or any(case.flags.get(flag) for case in chain for flag in rule.any_week)
    weeks = tuple(case.period for case in reversed(chain))
    return Streak(rule.id, weeks, len(chain) >= rule.weeks and any_set, rule.meeting)


def _may_hide(weeks: Iterable[Case], rule: StreakRule) -> list[Case]:
    """The unknown weeks, newest first, with which the rule would hold if they had been bad; [] if it would not even then.

    Only a chain with a failure that is known, and among its newest weeks, is worth a word.
    """
    run = list(takewhile(lambda c: _failed(c, rule) or _unknown(c, rule), weeks))
    recent_failure = any(_failed(case, rule) for case in run[: rule.weeks])
    return [case for case in run if _unknown(case, rule)] if len(run) >= rule.weeks and recent_failure else []


def _failed(case: Case, rule: StreakRule) -> bool:
    return case.state == "approved" and all(case.flags.get(flag) for flag in rule.every_week)


def _unknown(case: Case, rule: StreakRule) -> bool:
    """Whether the week may have been bad without our knowing: undecided, or a question left unanswered and none denied."""
    answers = [case.flags.get(flag) for flag in rule.every_week]
    return case.state != "approved" or (None in answers and False not in answers)
