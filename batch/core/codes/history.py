"""Weekly results shown as evidence in a round: what of them can't be relied on."""

from __future__ import annotations

from batch.core.codes.code import Code

_AGAIN = "Run the weekly evaluation of that week again, then this command."

CODES: dict[str, Code] = {
    "history.no-out": Code(
        "error",
        "The weekly results are not where office.toml says: there is no outbox in '{found}'. No weekly history is shown.",
        "Correct out in the table weekly_history, or make the folder reachable, and run again.",
    ),
    "history.unfinished": Code(
        "warning", "{week}: the weekly run was broken off; the week is left out of the evidence.", _AGAIN
    ),
    "history.changed": Code(
        "error",
        "{week}: this file is not as the weekly run wrote it; the week is left out of the evidence.",
        "Find out who changed it ('appraise verify' of the weekly evaluation says more), and run that week again.",
    ),
    "history.columns": Code(
        "error", "{week}: the columns {found} are missing; the week is left out of the evidence.", _AGAIN
    ),
    "history.other-scheme": Code(
        "error",
        "{week} was decided by the rules '{found}', not by '{known}'; the week is left out of the evidence.",
        "Name the rules of the weekly evaluation in office.toml: scheme in the table weekly_history.",
    ),
    "history.bad-row": Code("error", "{week}: '{column}' can't be '{found}'; this row is left out of the evidence.", _AGAIN),
    "history.row-twice": Code("error", "{week}: {staff_id} stands twice; neither row is part of the evidence.", _AGAIN),
    "history.name-differs": Code(
        "warning",
        "The weekly results call {staff_id} '{found}', the roster says '{name}'; they are shown, as the code decides.",
        "If these are two people, correct the code in one of the two rosters.",
    ),
}
