"""What stands in the cells of a form."""

from __future__ import annotations

from batch.core.codes.code import Code

CODES: dict[str, Code] = {
    "value.missing": Code("error", "'{field}' is empty.", "Fill in '{field}'."),
    "value.not-a-number": Code("error", "'{field}': '{found}' is not a number.", "Write a number only, for example 38.5."),
    "value.error-cell": Code(
        "error",
        "'{field}': the cell shows the error {found}.",
        "Write the value itself, without a formula.",
    ),
    "value.not-calculated": Code(
        "error",
        "'{field}': the formula {found} was never calculated, so it has no value.",
        "Write the value itself, or open the file in Excel or LibreOffice and save it.",
    ),
    "value.twice": Code(
        "error",
        "'{field}' stands twice and says different things: {found}.",
        "Keep one of the two, and delete the copied row or column.",
    ),
    "value.percentage": Code(
        "error", "'{field}': {found} is a percentage, not a number of points.", "Write a number only, for example 38.5."
    ),
    "value.ambiguous-number": Code(
        "error",
        "'{field}': '{found}' can be read in two ways (thousands or decimals).",
        "Write at most two decimals, for example 38.5.",
    ),
    "value.over-cap": Code(
        "error", "'{field}': {found} is more than the highest score, {cap}.", "Write a number from 0 to {cap}."
    ),
    "value.negative": Code("error", "'{field}': {found} is below 0.", "Write a number from 0 to {cap}."),
    "value.too-many-decimals": Code(
        "error", "'{field}': {found} has more than {decimals} decimals.", "Write at most {decimals} decimals."
    ),
    "value.not-a-date": Code("error", "'{field}': '{found}' is not a date.", "Write a date like 06/06/2025."),
    "value.not-a-count": Code("error", "'{field}': {found} is no whole number.", "Write a whole number, 0 or more."),
    "value.not-yes-no": Code("error", "'{field}': '{found}' is neither yes nor no.", "Choose yes or no from the list."),
    "value.unknown-decision": Code(
        "error",
        "'{field}': '{found}' is no decision.",
        "Choose approve, adjust or return from the list.",
    ),
    "value.reason-missing": Code(
        "error", "To adjust or return needs a reason; the reason is empty.", "Write the reason in the same row."
    ),
    "value.decision-missing": Code(
        "error",
        "Something was written in this row, but no decision was chosen.",
        "Choose approve, adjust or return from the list.",
    ),
    "value.scores-unused": Code(
        "error",
        "The decision is not to adjust, yet scores were written: it is unclear what is meant.",
        "Choose 'adjust', or delete the scores in this row.",
    ),
    "value.agree-and-scores": Code(
        "error",
        "'Agree' is chosen, yet other scores than the person's own were written: it is unclear which are meant.",
        "Delete the scores, or clear 'agree'.",
    ),
    "value.left-out": Code(
        "warning", "'{field}': '{found}' can't be read; it is left out.", "Correct it in a new form if it matters."
    ),
    "identity.name-differs": Code(
        "warning",
        "The name in the form, '{found}', differs from the roster's, '{name}'. The staff code counts.",
        "Check that the form was filled in by the right person.",
    ),
    "identity.other-name": Code(
        "warning",
        "The name in the form of {staff_id} is not the roster's, '{name}'. The staff code counts.",
        "Check that the form was filled in by the right person.",
    ),
}
