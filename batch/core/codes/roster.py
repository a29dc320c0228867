"""The roster workbook."""

from __future__ import annotations

from batch.core.codes.code import Code

CODES: dict[str, Code] = {
    "roster.unreadable": Code(
        "error", "The roster can't be read: {problem}.", "Open roster.xlsx, repair it and save it again."
    ),
    "roster.missing": Code("error", "There is no roster.", "Put roster.xlsx beside office.toml; the sample office has one."),
    "roster.missing-sheet": Code(
        "error", "The sheet '{sheet}' is missing.", "Add the sheet '{sheet}' with its keys in row 1."
    ),
    "roster.missing-column": Code(
        "error", "The column '{column}' is missing.", "Add '{column}' to row 1 (the row of column keys)."
    ),
    "roster.missing-value": Code("error", "'{column}' is empty; this row is set aside.", "Fill in '{column}'."),
    "roster.bad-date": Code("error", "'{found}' is not a date; this row is set aside.", "Write a date like 01/06/2025."),
    "roster.date-order": Code("error", "The end lies before the start; this row is set aside.", "Correct start or end."),
    "roster.overlap": Code(
        "error",
        "{staff_id} has two rows for the same days (see {other}); this row is set aside.",
        "End the earlier row on the day before the later one starts.",
    ),
    "roster.unknown-unit": Code("error", "There is no unit '{found}'.", "Use a unit_id of the sheet units."),
    "roster.unknown-person": Code("error", "There is no person '{found}'.", "Use a staff_id of the sheet people."),
    "roster.unknown-role": Code(
        "error", "The scheme has no role '{found}'; this person is not evaluated.", "Use one of: {known}."
    ),
    "roster.unknown-kind": Code("error", "'{found}' is not allowed here.", "Use one of: {known}."),
    "roster.supervisor-loop": Code("error", "Supervisors form a circle: {chain}.", "Correct supervisor_id of one of them."),
    "roster.unit-loop": Code("error", "Units form a circle: {chain}.", "Correct parent_id of one of them."),
    "roster.unit-twice": Code(
        "error",
        "The unit '{found}' stands twice (see {other}); a unit has one row and one head. This row is set aside.",
        "Keep one row, with the one head.",
    ),
    "roster.bad-code": Code(
        "error",
        "'{found}' can't be a code; this row is set aside.",
        "Use at most 40 letters, digits, dots or hyphens.",
    ),
    "roster.kind-without-authority": Code(
        "warning", "No approving authority sits in units of the kind '{found}'.", "Check the spelling; known kinds: {known}."
    ),
    "roster.delegations-overlap": Code(
        "error",
        "Two people act for {staff_id} on the same days; {first}, of the earlier row, does.",
        "End one delegation before the other starts.",
    ),
    "roster.no-supervisor": Code(
        "error", "{staff_id} has no supervisor, so nobody can review them.", "Fill in supervisor_id."
    ),
    "roster.missing-pay": Code(
        "error",
        "'{column}' is empty; no raise can be decided.",
        "Fill in '{column}', or clear level and salary.",
    ),
    "roster.bad-salary": Code(
        "error",
        "'{found}' is no salary; no raise can be decided.",
        "Write the monthly salary in baht, such as 24480.",
    ),
    "roster.bad-count": Code(
        "error", "'{found}' is no whole number; this row is set aside.", "Write how many times, or leave it empty for once."
    ),
    "roster.not-text": Code(
        "warning",
        "'{found}' is stored as a number; leading zeros are lost that way.",
        "Format the cell as text and type the code again.",
    ),
}
