"""A chain of any length: agreements, appraisals, and acts that refer to what has been changed since."""

from __future__ import annotations

from batch.core.codes.code import Code

CODES: dict[str, Code] = {
    "act.not-entitled": Code(
        "error",
        "{stage}: {author} may not speak about {staff_id} ({reviewer} may); it has no effect.",
        "Whoever may, fills in the form issued to them; if the roster is wrong, correct it.",
    ),
    "act.stale": Code(
        "warning",
        "{stage}: what {author} said about {staff_id} refers to something that was changed afterwards; it no longer holds.",
        "{author} fills in the new form.",
    ),
    "act.early": Code(
        "error",
        "{stage}: a form about {staff_id} came before that which it has to refer to; it has no effect.",
        "Wait for what comes before it, then fill in the form issued after that.",
    ),
    "act.returned": Code(
        "info",
        "{author} sent '{stage}' of {staff_id} back to {reviewer}. Reason: {reason}",
        "{reviewer} changes it on the new form.",
    ),
    "act.missing": Code(
        "warning",
        "{name} has not sent '{stage}'.",
        "Remind them; without it nothing can be assessed.",
    ),
    "act.before-opening": Code(
        "warning",
        "{stage} of {author} came at {received}, before the stage opened ({opens}).",
        "It counts. If it came too soon to be sound, ask for it anew with issue --again.",
    ),
    "act.vacant": Code(
        "error",
        "{stage}: nobody is named who could decide about {staff_id}.",
        "Name who signs for the committee, with committee_id in office.toml.",
    ),
    "agreement.count": Code(
        "error",
        "There are {found} indicators; from {least} to {most} are allowed.",
        "Write from {least} to {most} indicators.",
    ),
    "agreement.weights": Code(
        "error",
        "The weights of the indicators sum to {found}, not to {wanted}.",
        "Change the weights so that they sum to {wanted}.",
    ),
    "agreement.unknown-goal": Code(
        "error",
        "'{found}' is no goal of the office.",
        "Choose the code of a goal from the office's goals workbook.",
    ),
    "agreement.amended": Code(
        "info",
        "{author} changed what had been agreed ({items}). Reason: {reason}",
        "Nothing to do; what was agreed before stays on record.",
    ),
    "value.under-least": Code(
        "error", "'{field}': {found} is below the lowest value, {least}.", "Write a number from {least} on."
    ),
    "value.decision-not-here": Code(
        "error",
        "This decision can't be taken on this form.",
        "Choose a word from the list in the cell.",
    ),
}
