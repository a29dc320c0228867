"""The salary increase of a round."""

from __future__ import annotations

from batch.core.codes.code import Code

CODES: dict[str, Code] = {
    "use.round": Code("error", "'{found}' is no round.", "Write a round like 2568-R1 (fiscal year, R, number)."),
    "use.not-rounds": Code(
        "error",
        "The scheme '{found}' evaluates weeks, not rounds.",
        "Write a week like 2025-W23.",
    ),
    "use.not-weekly": Code(
        "error",
        "The scheme '{found}' has rounds, not weeks.",
        "Name a round, for example: appraise run 2568-R1",
    ),
    "raises.score-listed": Code(
        "info",
        "{name}: the appraisal is not decided; the score in scores.xlsx, {listed}, counts.",
        "If the forms shall decide, complete the appraisal and run again.",
    ),
    "raises.score-differs": Code(
        "warning",
        "{name}: scores.xlsx says {listed}, the appraisal decided {decided}; the appraisal counts.",
        "Take the row out of scores.xlsx.",
    ),
    "raises.no-rules": Code(
        "error",
        "There are no rules of a salary increase here.",
        "Use the scheme th-halfyear, or name your own file in the round's plan: rules = ...",
    ),
    "raises.no-plan": Code(
        "error",
        "The plan of this round is missing.",
        "Write pools, rate tables and ceiling into this file; sample_input/th-halfyear/raises has a model.",
    ),
    "raises.wrong": Code(
        "error", "Wrong at '{key}': {problem}.", "Correct '{key}' in this file; the shipped file and the sample are models."
    ),
    "raises.no-table": Code(
        "error", "No base table holds on {day}; the first one holds from {first}.", "Add the table to the rules."
    ),
    "raises.no-extended": Code(
        "error",
        "The base table of {day} has no extended ceiling for the level '{level}'.",
        'Write ceiling = "own" in the round\'s plan, or add extended_maximum to the rules.',
    ),
    "raises.not-over": Code(
        "warning", "{round} ends only on {day}: leave, records and scores may still change.", "Run again after that day."
    ),
    "raises.nobody": Code(
        "error",
        "Nobody in the roster draws a salary on {day}.",
        "Fill in level and salary in roster.xlsx, sheet people, and check start and end.",
    ),
    "raises.no-scores": Code(
        "error",
        "There are no scores.",
        "Put scores.xlsx beside office.toml: sheet scores with period, staff_id, score.",
    ),
    "raises.bad-round": Code("error", "'{found}' is no round; this row is set aside.", "Write a round like 2568-R1."),
    "raises.bad-score": Code(
        "error", "'{found}' is no score; this row is set aside.", "Write a number from 0 to 100 with at most 5 decimals."
    ),
    "raises.two-scores": Code(
        "error", "{who} has two different scores (see {other}); neither counts.", "Keep the row that is right."
    ),
    "raises.unknown-level": Code(
        "error", "'{found}' is no level of the base table; nothing is decided for {staff_id}.", "Use one of: {known}."
    ),
    "raises.no-pool": Code(
        "error",
        "No pool takes {name} ({staff_id}); nothing is decided for them.",
        "Let the last pool in the round's plan be for everybody.",
    ),
    "raises.not-in-pool": Code(
        "error",
        "The salary of {name} ({staff_id}) is in no pool: level, salary or pool is missing.",
        "Correct the row in roster.xlsx; until then the pools are too small.",
    ),
    "raises.unknown-leave": Code(
        "error",
        "The rules know no leave '{found}'; nothing is decided for {staff_id}.",
        "Correct the kind in roster.xlsx, or add it to the rules.",
    ),
    "raises.unknown-conduct": Code(
        "error",
        "The rules know no record '{found}'; nothing is decided for {staff_id}.",
        "Correct the kind in roster.xlsx, or add it to the rules.",
    ),
    "raises.no-conduct": Code(
        "warning",
        "The roster has no sheet 'conduct'; lateness and penalties are taken as none.",
        "Add the sheet 'conduct' with staff_id, date, kind and count, be it empty.",
    ),
    "raises.above-ceiling": Code(
        "warning",
        "The salary of {name} ({staff_id}), {salary}, is above the ceiling, {ceiling}; it stays as it is.",
        "Check level and salary in roster.xlsx, and the ceiling in the round's plan.",
    ),
    "raises.over-pool": Code(
        "error",
        "The rates '{table}' cost {spent} baht in the pool '{pool}', {over} more than the {available} there are.",
        "Lower the rates: times {multiplier} they would just fit; or apply a table of mode 'fit'.",
    ),
    "raises.same-for-all": Code(
        "error",
        "The rates '{table}' give all {count} people raised the same percentage, {percent}; that is forbidden.",
        "Tell the scores apart: more steps, or mode 'linear'.",
    ),
    # why somebody is not raised; printed on the papers
    "raise.no-score": Code("warning", "There is no result of the appraisal.", "Enter the score of {name} ({staff_id})."),
    "raise.low-score": Code("info", "The score {score} is below {least}.", "Nothing to do."),
    "raise.short-service": Code(
        "info",
        "In service since {since}, less than {months} months.",
        "If that is wrong, fill in 'appointed'.",
    ),
    "raise.leave-days": Code(
        "info", "{days} working days of leave that count; {most} are allowed.", "If that is wrong, correct the sheet leave."
    ),
    "raise.leave-times": Code(
        "info", "On leave that counts {times} times; {most} are allowed.", "If that is wrong, correct the sheet leave."
    ),
    "raise.late": Code("info", "Late {times} times; {most} are allowed.", "If that is wrong, correct the sheet conduct."),
    "raise.discipline": Code("info", "Penalty: {penalty}, on {day}.", "If that is wrong, correct the sheet conduct."),
    "raise.suspended": Code(
        "info", "Suspended for more than {months} months.", "If that is wrong, correct the sheet leave."
    ),
    "raise.absent": Code("info", "Absent without leave on {day}.", "If that is wrong, correct the sheet leave."),
    "streak.gap-may-hide": Code(
        "warning",
        "{name} ({staff_id}): a week without a decision ({weeks}) may hide a two-week failure.",
        "Have the missing week reviewed and approved.",
    ),
}
