"""What a form says of itself: its header, its map, its parts."""

from __future__ import annotations

from batch.core.codes.code import Code

CODES: dict[str, Code] = {
    "form.no-token": Code(
        "error",
        "The form carries no signature of this office, so it can't be known whom it was issued to.",
        "Fill in the form issued to this person (in the outbox) and send that.",
    ),
    "form.bad-token": Code(
        "error",
        "The hidden data of the form were changed: it is not the form that was issued.",
        "Fill in the form issued to this person (in the outbox) and send that.",
    ),
    "form.key-retired": Code(
        "error",
        "The form was signed with a key that the office has withdrawn.",
        "Issue the form again (appraise issue), and have that one filled in.",
    ),
    "form.expired": Code(
        "error",
        "The form for {week} came more than {allowed} weeks after its end; it has no effect.",
        "If it must count, raise accept_weeks in office.toml and run again.",
    ),
    "form.wrong-scheme": Code(
        "error", "The form belongs to the scheme '{found}', this office uses '{known}'.", "Issue the forms again."
    ),
    "form.other-version": Code(
        "info", "The form was issued under another version of the scheme; it is judged by the present one.", "Nothing to do."
    ),
    "form.unknown-period": Code(
        "error",
        "It can't be known which period the form is for.",
        "Put it into a folder named like 2025-W23 or 2568-R1, or use the issued form.",
    ),
    "form.unknown-kind": Code("error", "The form is of an unknown kind '{found}'.", "Use the forms that were issued."),
    "form.not-evaluated": Code(
        "warning",
        "{staff_id} is not evaluated in this period; the entry has no effect.",
        "If they should be, correct role, start and end in roster.xlsx; otherwise nothing to do.",
    ),
    "form.excused": Code(
        "info",
        "{staff_id} is not evaluated in this period ({reason}); the entry is kept but not counted.",
        "If the leave is wrong, correct roster.xlsx.",
    ),
    "form.unknown-subject": Code(
        "error", "'{found}' is nobody's staff code; the row has no effect.", "Keep the hidden first column as it was issued."
    ),
    "form.wrong-subject": Code(
        "error",
        "The form was issued to {subject}, but the staff code in it says {found}.",
        "Everybody fills in the form issued to them.",
    ),
    "form.for-another": Code(
        "error",
        "The form issued to {staff_id} came back with somebody else's staff code in it; it has no effect.",
        "Fill in the form issued to you, and send that.",
    ),
    "form.row-of-another": Code(
        "error",
        "The row of {staff_id} ({name}) shows somebody else's name: rows were sorted or pasted without the hidden column.",
        "Fill in a fresh copy of the issued sheet, without sorting.",
    ),
    "form.map-damaged": Code(
        "error",
        "The hidden row or column that tells what each cell means is damaged: '{found}' is missing.",
        "Fill in a fresh copy of the issued form; don't delete rows or columns of the form.",
    ),
    "form.row-mixed-up": Code(
        "error",
        "The row of {staff_id} ({name}) shows the name '{found}': rows were sorted or pasted without the hidden column.",
        "Fill in a fresh copy of the issued sheet, without sorting.",
    ),
    "form.several": Code(
        "error",
        "The workbook holds several forms, in the sheets {sheets}; it is unclear which one counts.",
        "Send one file for each form.",
    ),
    "form.blank-set-aside": Code(
        "warning",
        "A form without signature came for {staff_id}, who has also sent the issued one; only that one counts.",
        "If the form without signature is meant, have it filled in on the issued form.",
    ),
    "form.row-twice": Code(
        "error",
        "There are two rows for {staff_id} that say different things; neither counts.",
        "Keep one row for {staff_id}.",
    ),
    "form.conflict": Code(
        "error",
        "Two different forms say different things about {staff_id}, and neither came first: {files}. Neither counts.",
        "Ask {author} which one is meant; the new form in their folder of the outbox settles it.",
    ),
    "form.other-week": Code(
        "warning",
        "The form lies in a folder for {found}, but it was issued for {week}; it counts for {week}.",
        "If an earlier form was used again, ask for the one issued for {found}.",
    ),
    "form.nothing-filled": Code(
        "warning", "Nothing has been filled in, so the form says nothing.", "Fill in the shaded cells, then send it."
    ),
}
