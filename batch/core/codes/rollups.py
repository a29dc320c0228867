"""Months, quarters, half-years, years."""

from __future__ import annotations

from batch.core.codes.code import Code

CODES: dict[str, Code] = {
    "use.term": Code(
        "error",
        "'{found}' is no month, quarter, half-year or year.",
        "Write it like 2025-06, 2025-Q2, 2025-H1 or 2025.",
    ),
    "use.any-period": Code(
        "error",
        "'{found}' is no period.",
        "Write a week like 2025-W23, or 2025-06, 2025-Q2, 2025-H1, 2025, or a round like 2568-R1.",
    ),
    "rollup.no-rules": Code(
        "error",
        "The scheme '{scheme}' has no rules for months and years.",
        "Add a [rollup] table; the shipped scheme has one.",
    ),
    "rollup.no-weeks": Code(
        "error",
        "There is nothing to roll up for {period}: none of its weeks has ended with a form taken in.",
        "Check the period, and run its weeks first: appraise run",
    ),
    "rollup.weeks-open": Code(
        "error",
        "{period} can't be closed: its weeks are not all closed, or still to come ({weeks}).",
        "Close the weeks first: appraise close, or close with --with-open.",
    ),
    "rollup.running": Code(
        "info", "{period} still runs; these weeks are counted so far: {weeks}.", "Roll up again when the period has ended."
    ),
    "rollup.open-weeks": Code(
        "warning",
        "{period} is provisional: these weeks are not closed and can still change: {weeks}.",
        "Close the weeks, then roll up again.",
    ),
    "rollup.begins-later": Code(
        "info",
        "{period} is counted from {week} on: no form of an earlier week was ever taken in.",
        "If earlier weeks must count, drop their forms into the inbox and run.",
    ),
    "rollup.silent-weeks": Code(
        "warning",
        "No form of anybody was taken in for {weeks}; {period} leaves these weeks out for everybody.",
        "If the office did evaluate then, drop the forms into the inbox and run; if not, close these weeks.",
    ),
    "rollup.too-short": Code(
        "warning",
        "Nobody is rated: {period} has {count} weeks to count; a rating needs at least {least} decided weeks.",
        "Nothing to do: the weeks and shorter periods keep their own results.",
    ),
    "rollup.schemes-differ": Code(
        "warning",
        "These weeks were decided by other rules than those of the roll-up: {weeks}.",
        "Check that totals of the two schemes may be averaged.",
    ),
    "rollup.undecided": Code(
        "warning",
        "{name} ({staff_id}): {rated} of {due} weeks count; without a decision: {weeks}.",
        "Have these weeks reviewed and approved; they are no zeros, and are not in the mean.",
    ),
    "rollup.unrated": Code(
        "warning",
        "{name} ({staff_id}) is not rated: {rated} of {due} weeks are decided; at least {least} and {percent}% are needed.",
        "Have the open weeks decided; if the person was there too briefly, nothing to do.",
    ),
    "rollup.capped": Code(
        "info",
        "{name} ({staff_id}): the mean {mean} alone would be '{of_mean}'; at most '{band}' because of: {rule} ({weeks}).",
        "Nothing to do.",
    ),
    "rollup.quota": Code(
        "warning",
        "{where}: {count} people are in '{band}', more than {percent}% of the {base} in '{of}' ({rule}).",
        "The leaders decide; the program changes no result because of it.",
    ),
    "rollup.other-weeks": Code(
        "warning",
        "{period} keeps the weeks it was closed with; by now, other weeks would belong to it or no longer would: {weeks}.",
        "Check that longer periods count each of these weeks once; the closed results stay as they are.",
    ),
    "rollup.changed-since": Code(
        "warning",
        "{name} ({staff_id}): weeks changed after {period} was closed; the mean would now be {after} instead of {before}.",
        "If it must count: appraise amend, with a reason.",
    ),
}
