"""Consecutive weeks: which chains run, and what they call for. Rules are data (``[[streaks]]`` of the scheme).

Only approved weeks count. Excused weeks, weeks without a working day and weeks in which the person was not evaluated at
all are stepped over. A missing or undecided week breaks a chain; where it might hide one, that is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from batch.core.finding import Finding, finding
from batch.core.period import Week
from batch.core.records import Case, Streak
from batch.scheme import Scheme, StreakRule


def add_streaks(case: Case, earlier: Sequence[Case], scheme: Scheme) -> tuple[Case, list[Finding]]:
    """The case with its running streaks. ``earlier``: the person's cases of the weeks before, without gaps, newest first."""
    weeks = [case, *(c for c in earlier if c.state != "excused")] if case.state != "excused" else []
    streaks: list[Streak] = []
    notes: list[Finding] = []
    for rule in scheme.streaks:
        streak = _streak(_chain(weeks, rule), rule)
        window = weeks[: rule.weeks]
        if streak.weeks:
            streaks.append(streak)
        if streak.holds and streak.meeting:
            notes.append(
                finding("streak.meeting-required", None, case.staff_id, name=case.name, rule=rule.titles, weeks=streak.weeks)
            )
        elif not streak.holds and _may_hide(window, rule):
            gaps = tuple(c.period for c in reversed(window) if c.state != "approved")
            notes.append(finding("streak.gap-may-hide", None, case.staff_id, name=case.name, weeks=gaps))
    longest = max((len(s.weeks) for s in streaks), default=0)
    return replace(case, streaks=tuple(streaks), failing_weeks=longest), list(dict.fromkeys(notes))


def _chain(weeks: Sequence[Case], rule: StreakRule) -> list[Case]:
    """The run of approved weeks, newest first, in each of which all of the rule's every-week flags are set."""
    chain: list[Case] = []
    for case in weeks:
        if case.state != "approved" or not all(case.flags.get(flag) for flag in rule.every_week):
            break
        chain.append(case)
    return chain


def _streak(chain: Sequence[Case], rule: StreakRule) -> Streak:
    any_set = not rule.any_week or any(case.flags.get(flag) for case in chain for flag in rule.any_week)
    weeks = tuple(case.period for case in reversed(chain))
    return Streak(rule.id, weeks, len(chain) >= rule.weeks and any_set, rule.meeting)


def _may_hide(window: Sequence[Case], rule: StreakRule) -> bool:
    """Whether the rule would hold over the newest ``rule.weeks`` weeks if every undecided one had all flags set."""
    if len(window) < rule.weeks:
        return False
    undecided = [case.state != "approved" for case in window]
    failed = [case.state == "approved" and all(case.flags.get(f) for f in rule.every_week) for case in window]
    return any(undecided) and any(failed) and all(u or f for u, f in zip(undecided, failed, strict=True))


def history_of(staff_id: str, week: Week, assessed: Mapping[Week, Mapping[str, Case]]) -> list[Case]:
    """The person's cases before ``week``, newest first, over every week that was assessed."""
    earlier = (assessed[w].get(staff_id) for w in sorted(assessed, reverse=True) if w < week)
    return [case for case in earlier if case is not None]
