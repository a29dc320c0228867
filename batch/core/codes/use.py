"""Configuration and use: exit 2, the first line a user sees."""

from __future__ import annotations

from batch.core.codes.code import Code

CODES: dict[str, Code] = {
    "use.not-open": Code(
        "error",
        "'{form}' is not open yet: it opens at {opens}.",
        "Issue it then, or change the moment in office.toml, table opens.",
    ),
    "use.unknown-form": Code("error", "There is no form '{found}'.", "Write one of: {known}."),
    "config.no-office": Code(
        "error",
        "No office.toml here; an office folder has office.toml, roster.xlsx and inbox/.",
        "Give the office's folder, for example: appraise run --office sample_input/vn-weekly",
    ),
    "config.not-utf8": Code(
        "error", "The file is not saved as UTF-8.", "Save it again with the encoding UTF-8 (in Notepad: Save as, Encoding)."
    ),
    "config.toml": Code(
        "error", "The file is not valid TOML: {problem}.", "Correct the line named, or start again from a shipped file."
    ),
    "config.unknown-key": Code("error", "Unknown key '{key}'.", "Remove it or correct its spelling; known keys: {known}."),
    "config.wrong-value": Code("error", "Wrong value for '{key}': {problem}.", "Correct the value of '{key}'."),
    "config.scheme-missing": Code(
        "error",
        "There is no scheme '{found}'.",
        "In office.toml write scheme = one of: {known}; or the name of your own .toml file beside office.toml.",
    ),
    "config.scheme-wrong": Code(
        "error", "The scheme is wrong at '{key}': {problem}.", "Correct '{key}' in this file; the shipped scheme is a model."
    ),
    "config.out-unwritable": Code(
        "error", "Can't write to this folder: {problem}.", "Choose another folder with --out, or free space and rights."
    ),
    "config.no-inbox": Code(
        "error",
        "The inbox folder is missing or can't be reached.",
        "Make the folder inbox/ beside office.toml, or connect the network drive again.",
    ),
    "config.disk": Code(
        "error",
        "Reading or writing failed: {problem}.",
        "Check space, rights and network drive, close the file if it is open, then run again; nothing is left half-written.",
    ),
    "config.key-unreadable": Code(
        "error",
        "The office's key can't be read: {problem}.",
        "Restore the key file, or correct key = in office.toml. If it is lost: appraise rekey, then issue the forms again.",
    ),
    "config.key-exposed": Code(
        "warning",
        "Everybody who uses this machine can read the office's key, and could make forms with it.",
        "Take that right away, for example: chmod 600 {path}",
    ),
    "config.template-wrong": Code(
        "error", "This form template can't be used: {problem}.", "Restore the shipped template, or correct the cell named."
    ),
    "config.template-keys": Code(
        "error",
        "The hidden map of this form template lacks row keys: {rows}; column keys: {columns}.",
        "Write the row keys into hidden column A and the column keys into hidden row 1, as in the shipped template.",
    ),
    "config.template-header": Code(
        "error",
        "The hidden sheet of this form template doesn't say: {keys}.",
        "Take the sheet _form over from the shipped template; without it no filled form could be recognised.",
    ),
    "config.template-names": Code(
        "error",
        "There is nothing to put in these placeholders: {names}.",
        "Correct or remove them; docs/forms.md lists the names that can be filled in.",
    ),
    "config.template-unused": Code(
        "warning",
        "Nothing is made from this template: no form and no page has this name.",
        "Give it the name of the one it is to take the place of ({known}), or move it elsewhere.",
    ),
    "config.page-wrong": Code(
        "error",
        "This page template can't be used; line {line}: {problem}.",
        "Correct the line named, or remove the file: the shipped template then takes its place.",
    ),
    "config.page-lacks": Code(
        "error",
        "This page template lacks: {names}.",
        "Take them over from the shipped template of the same name, or build on it: extends 'shipped/{page}'.",
    ),
    "config.ledger-busy": Code("error", "Another program has the ledger open.", "Close that program, then run again."),
    "config.ledger-unfinished": Code(
        "error",
        "A run was broken off while it wrote the ledger.",
        "Run again: that puts the ledger in order.",
    ),
    "config.ledger-cut": Code(
        "error",
        "This ledger of {found} entries is not the one of {entries} entries that the last run left ({at}).",
        "Restore the newest ledger. If this is the newest, remove seals.json and run again: it takes in the inbox anew.",
    ),
    "config.seals-unreadable": Code(
        "error",
        "The notes on ledger and outputs can't be read: {problem}.",
        "Restore seals.json from a backup. If there is none, run appraise verify, then remove the file and run again.",
    ),
    "config.ledger-unreadable": Code(
        "error", "The ledger can't be opened: {problem}.", "Restore the ledger from a backup; do not edit it by hand."
    ),
    "use.period": Code(
        "error",
        "'{found}' is no week and no round.",
        "Write a week like 2025-W23 (year, W, number of the week), or a round like 2568-R1.",
    ),
    "use.period-far": Code("error", "'{found}' lies more than a year ahead of {now}.", "Check the year."),
    "use.nothing-to-issue": Code(
        "error",
        "Nobody is evaluated in {week}, so there are no forms to write.",
        "Check the period, and start and end in roster.xlsx.",
    ),
    "use.moment": Code("error", "'{found}' is no date and time.", "Write it like 2025-06-06T16:00."),
    "use.no-period": Code(
        "error",
        "The inbox holds no form of any period yet.",
        "Name the period, for example: appraise run 2025-W23, or appraise run 2568-R1",
    ),
    "use.dry-run": Code("error", "--dry-run and --scheme go together.", "Write: appraise run --dry-run --scheme other.toml"),
    "use.unknown-person": Code("error", "'{found}' is not in the roster.", "Use a staff_id from roster.xlsx, sheet people."),
    "use.unknown-subject": Code(
        "error",
        "'{found}' is neither a person nor a unit of {week}.",
        "Use a staff_id or unit_id from roster.xlsx who is evaluated or files a report in that period.",
    ),
    "config.office-unknown": Code(
        "error", "office_id: '{found}' is not in the roster.", "Use a staff_id from roster.xlsx, sheet people."
    ),
    "close.open-cases": Code(
        "error",
        "{week} has cases or unit reports that are not decided: {people}.",
        "Decide them, or close with --with-open.",
    ),
    "close.already": Code("error", "{week} was closed on {at}.", "To change a result: appraise amend, with a reason."),
    "close.not-closed": Code("error", "{week} is not closed.", "What is not closed changes by a new run; nothing to amend."),
    "amend.nothing": Code(
        "error",
        "Nothing has come that would change the result of {who} in {week}.",
        "Drop the corrected form into the inbox and run first.",
    ),
    "use.no-file": Code("error", "There is no such file.", "Check the name of the file and the folder."),
    "use.not-empty": Code(
        "error", "This folder is not empty; nothing was written.", "Name a new folder, for example: appraise init my-office"
    ),
    "use.no-out": Code("error", "There is no such folder, so there is nothing to verify.", "Name the folder with --out."),
    "run.locked": Code(
        "error",
        "Another run is working in this folder: process {pid} of {user} on {host}.",
        "Wait until it has ended, then start again.",
    ),
    "run.no-reader": Code(
        "error",
        "The process that reads files can't be started: {problem}.",
        "Allow this program to start processes (a virus scanner may forbid it), then run again.",
    ),
}
