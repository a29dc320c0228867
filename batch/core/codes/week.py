"""Cases of a week, chains of weeks, meetings, unit reports."""

from __future__ import annotations

from batch.core.codes.code import Code

CODES: dict[str, Code] = {
    "case.self-missing": Code(
        "warning", "No valid self-report of {staff_id} ({name}) has come.", "Remind {name} to send the form."
    ),
    "form.late": Code("info", "{stage} of {author} came at {received}, after the deadline ({deadline}).", "Nothing to do."),
    "case.overdue": Code(
        "warning", "{stage} for {staff_id} is overdue since {deadline}: {author} has to act.", "Remind {author}."
    ),
    "form.after-close": Code(
        "warning",
        "This came for {staff_id} after the period had been closed; it is kept and changes nothing.",
        "If it must count: appraise amend, with a reason.",
    ),
    "case.amended": Code(
        "info", "The closed result of {staff_id} was amended on {at} by {author}. Reason: {reason}", "Nothing to do."
    ),
    "streak.meeting-required": Code(
        "warning",
        "{name} ({staff_id}): {rule} ({weeks}). A meeting is required.",
        "The Office and the unit's head meet the person, and agree measures for the following weeks.",
    ),
    "meeting.open": Code(
        "warning",
        "The meeting with {name} ({staff_id}), required since {week}, has no record yet.",
        "{holder} holds the meeting and sends the filled meeting form.",
    ),
    "meeting.overdue": Code(
        "warning",
        "The meeting with {name} ({staff_id}) was due by {deadline} and has no record.",
        "{holder} holds the meeting and sends the filled meeting form.",
    ),
    "meeting.review-due": Code(
        "info",
        "The measures agreed with {name} ({staff_id}) are to be reviewed by {day}.",
        "{holder} looks at them this week.",
    ),
    "meeting.not-entitled": Code(
        "error",
        "{author} filed a meeting record that {holder} has to file; it has no effect.",
        "{holder} fills in the form.",
    ),
    "meeting.not-required": Code(
        "warning",
        "A meeting record came for {staff_id}, of whom no meeting is required in that week.",
        "Check the week and the person.",
    ),
    "unit.missing": Code("warning", "No report of {unit} has come.", "Remind {head} to send the unit's form."),
    "unit.late": Code(
        "info", "{stage}, {unit}: came from {author} at {received}, after the deadline ({deadline}).", "Nothing to do."
    ),
    "unit.overdue": Code("warning", "{stage}, {unit}: overdue since {deadline}; {author} has to act.", "Remind {author}."),
    "unit.after-close": Code(
        "warning",
        "This came for {unit} after the week had been closed; it is kept and changes nothing.",
        "If it must count: appraise amend, with a reason.",
    ),
    "unit.amended": Code(
        "info", "The closed report of {unit} was amended on {at} by {author}. Reason: {reason}", "Nothing to do."
    ),
    "unit.returned": Code(
        "info", "{author} returned the report of {unit}. Reason: {reason}", "{head} corrects the report and sends it again."
    ),
    "unit.contrast": Code(
        "warning",
        "{unit} calls itself '{band}', while {failed} of {members} members failed.",
        "The leader in charge may want to look at this before deciding.",
    ),
    "unit.stale": Code(
        "warning",
        "The report of {unit} was changed after {author} had decided; the decision no longer holds.",
        "{author} decides again on the new approval sheet.",
    ),
    "unit.vacant-head": Code(
        "error",
        "{unit} has no head, so nobody reports for it.",
        "Fill in head_id in roster.xlsx, sheet units.",
    ),
    "unit.vacant-leader": Code(
        "error",
        "Nobody may confirm the report of {unit}: no leader in charge is named, or only its head.",
        "Fill in leader_id in roster.xlsx, sheet units.",
    ),
    "unit.not-entitled": Code(
        "error", "{author} spoke for {unit}, which {holder} has to do; it has no effect.", "{holder} fills in the form."
    ),
}
