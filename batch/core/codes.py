"""The catalogue of findings: code → severity, what is wrong, what to do. Codes are stable; sentences are translated.

Placeholders are filled from the finding's particulars.
error: something did not count; warning: look at this; info: for the record.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Severity = Literal["error", "warning", "info"]


class Code(NamedTuple):
    """One kind of finding."""

    severity: Severity
    message: str
    remedy: str


CODES: dict[str, Code] = {
    # --- configuration and use (exit 2; the first line the user sees) -------------------------------------------
    "config.no-office": Code(
        "error",
        "No office.toml here; an office folder has office.toml, roster.xlsx and inbox/.",
        "Give the office's folder, for example: appraise run --office sample_input/vn-weekly",
    ),
    "config.not-utf8": Code(
        "error", "The file is not saved as UTF-8.", "Save it again with the encoding UTF-8 (in Notepad: Save as, Encoding)."
    ),
    "config.toml": Code(
        "error", "The file is not valid TOML: {problem}", "Correct the line named, or start again from a shipped file."
    ),
    "config.unknown-key": Code("error", "Unknown key '{key}'.", "Remove it or correct its spelling; known keys: {known}."),
    "config.wrong-value": Code("error", "Wrong value for '{key}': {problem}", "Correct the value of '{key}'."),
    "config.scheme-missing": Code(
        "error",
        "There is no scheme '{found}'.",
        "In office.toml write scheme = one of: {known}; or the name of your own .toml file beside office.toml.",
    ),
    "config.scheme-wrong": Code(
        "error", "The scheme is wrong at '{key}': {problem}", "Correct '{key}' in this file; the shipped scheme is a model."
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
        "The office's key can't be read: {problem}",
        "Restore the key file, or correct key = in office.toml. If it is lost: appraise rekey, then issue the forms again.",
    ),
    "config.key-exposed": Code(
        "warning",
        "Everybody who uses this machine can read the office's key, and could make forms with it.",
        "Take that right away, for example: chmod 600 {path}",
    ),
    "config.template-wrong": Code(
        "error", "This form template can't be used: {problem}", "Restore the shipped template, or correct the cell named."
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
    "config.page-wrong": Code(
        "error",
        "This page template can't be used; line {line}: {problem}",
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
        "Run the week again: that puts the ledger in order.",
    ),
    "config.ledger-cut": Code(
        "error",
        "This ledger of {found} entries is not the one of {entries} entries that the last run left ({at}).",
        "Restore the newest ledger.db. If this is the newest, remove seals.json and run again: it takes in the inbox anew.",
    ),
    "config.seals-unreadable": Code(
        "error",
        "The notes on ledger and outputs can't be read: {problem}",
        "Restore seals.json from a backup. If there is none, run appraise verify, then remove the file and run again.",
    ),
    "config.ledger-unreadable": Code(
        "error", "The ledger can't be opened: {problem}", "Restore ledger.db from a backup; do not edit it by hand."
    ),
    "use.period": Code("error", "'{found}' is no week.", "Write a week like 2025-W23 (year, W, number of the week)."),
    "use.period-far": Code("error", "'{found}' lies more than a year ahead of {now}.", "Check the year of the week."),
    "use.nothing-to-issue": Code(
        "error",
        "Nobody is evaluated in {week}, so there are no forms to write.",
        "Check the week, and start and end in roster.xlsx.",
    ),
    "use.moment": Code("error", "'{found}' is no date and time.", "Write it like 2025-06-06T16:00."),
    "use.no-period": Code(
        "error", "The inbox holds no form of any week yet.", "Name the week, for example: appraise run 2025-W23"
    ),
    "use.dry-run": Code("error", "--dry-run and --scheme go together.", "Write: appraise run --dry-run --scheme other.toml"),
    "use.unknown-person": Code("error", "'{found}' is not in the roster.", "Use a staff_id from roster.xlsx, sheet people."),
    "use.unknown-subject": Code(
        "error",
        "'{found}' is neither a person nor a unit of {week}.",
        "Use a staff_id or unit_id from roster.xlsx who is evaluated or files a report in that week.",
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
    "close.not-closed": Code("error", "{week} is not closed.", "An open week changes by a new run; nothing to amend."),
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
        "The process that reads files can't be started: {problem}",
        "Allow this program to start processes (a virus scanner may forbid it), then run again.",
    ),
    # --- mail ---------------------------------------------------------------------------------------------------
    "mail.no-settings": Code(
        "error",
        "There is no [mail] table, so nothing can be sent.",
        "Add [mail] with host, port, sender; or see with --dry-run who would get what.",
    ),
    "mail.no-password": Code(
        "error",
        "The mail server asks for a password, and the environment variable '{name}' is empty.",
        "Name a variable in password_env under [mail], and set it before sending.",
    ),
    "mail.no-outbox": Code(
        "error", "There is nothing to send for {week}.", "Run the week first: appraise run, or appraise issue."
    ),
    "mail.unfinished": Code("error", "The last run of {week} was broken off.", "Run the week again, then send."),
    "mail.no-server": Code(
        "error",
        "The mail server can't be used: {problem}",
        "Check host, port, starttls and user under [mail] in office.toml. What was sent is remembered.",
    ),
    "mail.book-unreadable": Code(
        "error",
        "The record of what was sent can't be read: {problem}",
        "Restore sent.json from a backup; without it everybody would get everything again.",
    ),
    "mail.refused": Code(
        "error", "Not delivered to {email}: {problem}", "Correct the address in roster.xlsx, then send again."
    ),
    "mail.no-address": Code(
        "warning", "There is no e-mail address.", "Fill in 'email' in roster.xlsx, or hand the files over yourself."
    ),
    "mail.bad-address": Code("error", "'{found}' is no e-mail address.", "Correct 'email' in roster.xlsx."),
    "mail.shared-address": Code(
        "error",
        "'{found}' is the address of several people; each may see only their own files.",
        "Give everybody an address of their own, or hand the files over yourself.",
    ),
    "mail.left": Code(
        "warning", "No longer in service; nothing is sent.", "Hand the files over yourself if they are still wanted."
    ),
    "mail.harmed": Code(
        "error", "A file was changed after the run wrote it; nothing is sent.", "Run the week again, then send."
    ),
    "mail.office-unnamed": Code(
        "warning", "Nobody is named to get the Office's page.", "Name them with office_id in office.toml."
    ),
    # --- roster -------------------------------------------------------------------------------------------------
    "roster.unreadable": Code(
        "error", "The roster can't be read: {problem}", "Open roster.xlsx, repair it and save it again."
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
    # --- files --------------------------------------------------------------------------------------------------
    "file.unreadable": Code(
        "error", "The file is damaged and can't be read ({problem}).", "Ask the sender for the file again."
    ),
    "file.changing": Code(
        "warning",
        "The file was still being written while it was read; it was not taken in.",
        "Wait until it has been copied, then run again.",
    ),
    "file.empty": Code("error", "The file is empty.", "Ask the sender for the file again."),
    "file.not-a-workbook": Code(
        "error",
        "This is not an Excel or LibreOffice workbook.",
        "Ask for the filled form as .xlsx, and move this file out of the inbox.",
    ),
    "file.old-format": Code(
        "error",
        "The file is saved in the format {found}, in which errors and percentages can't be told from plain values.",
        "Ask the sender to save it as an Excel workbook (.xlsx) and send it again.",
    ),
    "file.encrypted": Code(
        "error", "The file is protected by a password.", "Ask the sender to save it without a password and send it again."
    ),
    "file.too-large": Code(
        "error",
        "The file is larger than a form can be.",
        "Ask the sender for the plain form, without pictures or other sheets.",
    ),
    "file.stray-cell": Code(
        "error",
        "Something stands far outside the form, in cell {cell}.",
        "Ask the sender to delete everything right of and below the form, and send it again.",
    ),
    "file.crashed": Code(
        "error",
        "The file made the reader break down; nothing in it counts.",
        "Don't open it; ask the sender for the issued form, filled in anew.",
    ),
    "file.timeout": Code(
        "error",
        "Reading the file took longer than {seconds} seconds; nothing in it counts.",
        "Ask the sender for the issued form, filled in anew.",
    ),
    "file.unsafe": Code(
        "error",
        "The file holds something that no form holds and that may do harm ({found}); nothing in it counts.",
        "Don't open it; ask the sender for the issued form, filled in anew.",
    ),
    "file.link": Code(
        "error",
        "This is a link or a device, not a file; it is not followed.",
        "Put the file itself into the inbox.",
    ),
    "file.not-a-form": Code(
        "error",
        "The workbook is not one of this program's forms.",
        "Move it out of the inbox, or ask for the form issued to the person.",
    ),
    # --- forms --------------------------------------------------------------------------------------------------
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
        "The form for {week} came more than {allowed} weeks after that week; it has no effect.",
        "If it must count, raise accept_weeks in office.toml and run again.",
    ),
    "form.wrong-scheme": Code(
        "error", "The form belongs to the scheme '{found}', this office uses '{known}'.", "Issue the week's forms again."
    ),
    "form.other-version": Code(
        "info", "The form was issued under another version of the scheme; it is judged by the present one.", "Nothing to do."
    ),
    "form.unknown-period": Code(
        "error",
        "It can't be known which week the form is for.",
        "Put it into a folder named like 2025-W23, or use the issued form.",
    ),
    "form.unknown-kind": Code("error", "The form is of an unknown kind '{found}'.", "Use the forms that were issued."),
    "form.not-evaluated": Code(
        "warning",
        "{staff_id} is not evaluated in this week; the entry has no effect.",
        "If they should be, correct role, start and end in roster.xlsx; otherwise nothing to do.",
    ),
    "form.excused": Code(
        "info",
        "{staff_id} is not evaluated this week ({reason}); the entry is kept but not counted.",
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
        "If last week's form was used again, ask for the one issued for {found}.",
    ),
    "form.nothing-filled": Code(
        "warning", "Nothing has been filled in, so the form says nothing.", "Fill in the shaded cells, then send it."
    ),
    # --- cells --------------------------------------------------------------------------------------------------
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
    # --- who may speak ------------------------------------------------------------------------------------------
    "review.not-reviewer": Code(
        "error",
        "{author} is not the reviewer of {staff_id} in this week ({reviewer} is); the row has no effect.",
        "The reviewer fills in the row on their own sheet; if the roster is wrong, correct supervisor_id or delegations.",
    ),
    "review.flag-unanswered": Code(
        "warning", "'{field}' is not answered for {staff_id}.", "Choose yes or no; a blank counts as neither."
    ),
    "approval.not-authority": Code(
        "error",
        "{author} does not hold the authority to approve {staff_id} ({approver} does); the row has no effect.",
        "The right authority decides on their own sheet; if the roster is wrong, correct units or delegations.",
    ),
    "approval.vacant": Code(
        "error",
        "Nobody holds the post that approves {staff_id}: {authority}.",
        "Fill in head_id or leader_id in roster.xlsx, sheet units, or add a delegation.",
    ),
    "review.vacant": Code(
        "error",
        "Nobody can review {staff_id}: the supervisor is missing or not in service.",
        "Correct supervisor_id in roster.xlsx, or add a delegation.",
    ),
    "approval.stale": Code(
        "warning",
        "The review of {staff_id} was changed after {author} had decided; the decision no longer holds.",
        "{author} decides again on the new approval sheet.",
    ),
    "approval.early": Code(
        "error",
        "A decision about {staff_id} came without a review that it could refer to; it has no effect.",
        "Wait for the review, then decide on the sheet issued after it.",
    ),
    "approval.one-sheet": Code(
        "info", "{author} both reviews and approves {staff_id}; the review was the approval too.", "Nothing to do."
    ),
    "approval.adjusted": Code(
        "info", "{author} adjusted the total of {staff_id} from {before} to {after}. Reason: {reason}", "Nothing to do."
    ),
    "approval.returned": Code(
        "info",
        "{author} returned the review of {staff_id} to {reviewer}. Reason: {reason}",
        "{reviewer} reviews again on the new sheet.",
    ),
    # --- what `appraise verify` finds -----------------------------------------------------------------------------
    "verify.entry-changed": Code(
        "error",
        "Entry {entry} of the ledger ({what}) was changed after it was written.",
        "Restore ledger.db from a backup, and find out who could write in this folder.",
    ),
    "verify.entry-moved": Code(
        "error",
        "Entry {entry} of the ledger ({what}) was written as entry {was}: entries were reordered or renumbered.",
        "Restore ledger.db from a backup, and find out who could write in this folder.",
    ),
    "verify.entry-unproven": Code(
        "error",
        "Entry {entry} of the ledger ({what}) doesn't follow from the one before it: one was changed or removed.",
        "Restore ledger.db from a backup, and find out who could write in this folder.",
    ),
    "verify.entries-removed": Code(
        "error",
        "Entries {first} to {last} of the ledger were removed; entry {after}, after them, can no longer be proved.",
        "Restore ledger.db from a backup, and find out who could write in this folder.",
    ),
    "verify.ledger-missing": Code(
        "error",
        "The ledger is missing, although there are files received or results written.",
        "Restore ledger.db from a backup; do not run the program before.",
    ),
    "verify.guard": Code(
        "error",
        "The ledger's own guard against changes is missing or altered: {name}.",
        "Restore ledger.db from a backup, and find out who could write in this folder.",
    ),
    "verify.seals-missing": Code(
        "error",
        "seals.json is missing: entries cut off the ledger's end would not be noticed.",
        "Restore it from a backup; the next run begins it anew.",
    ),
    "verify.entries-cut": Code(
        "error",
        "Entries {first} to {last} are missing at the end of the ledger; the last of them was there on {at}.",
        "Restore ledger.db from a backup, and find out who could write in this folder.",
    ),
    "verify.chain-rewritten": Code(
        "error",
        "The ledger was computed anew: its entry {entry} is not the one that was there on {at}.",
        "Restore ledger.db from a backup, and find out who could write in this folder.",
    ),
    "verify.entries-unnoted": Code(
        "error",
        "Entries {first} to {last} of the ledger were added by no run that ended.",
        "If a run was broken off, run again; else restore ledger.db from a backup.",
    ),
    "verify.head-unknown": Code(
        "error",
        "No entry of the ledger has the hash that you kept, {head}.",
        "Look for a slip in the hash; if there is none, compare the ledger with a backup.",
    ),
    "verify.archive-missing": Code(
        "error",
        "The original of {name}, received {received}, is missing from the archive.",
        "Restore it from a backup of the archive.",
    ),
    "verify.archive-changed": Code(
        "error",
        "The original of {name} was changed in the archive: its content is no longer what its file name says.",
        "Restore it from a backup of the archive.",
    ),
    "verify.archive-extra": Code(
        "error",
        "The archive holds a file that the ledger doesn't know.",
        "If a run was broken off, run again; if entries of the ledger are missing, restore ledger.db; else remove the file.",
    ),
    "verify.manifest-unreadable": Code(
        "error", "This list of the week's files can't be read.", "Run the week again: it writes all of it anew."
    ),
    "verify.output-missing": Code(
        "error",
        "This output was written and is gone.",
        "Run the week again: it writes what is missing; issued forms come from appraise issue.",
    ),
    "verify.output-changed": Code(
        "error",
        "This output was changed after it was written.",
        "Run the week again: it writes the true one; what was already sent out should be compared with it.",
    ),
    "verify.output-extra": Code(
        "error",
        "Neither a run nor appraise issue wrote this file.",
        "Remove it, and find out who put it there; if one of them was broken off, start it again first.",
    ),
    "verify.week-unfinished": Code(
        "error", "The last run of this week was broken off.", "Run the week again: it writes all of it anew."
    ),
    "verify.input-unknown": Code(
        "error",
        "The results rest on {name}, which the ledger doesn't know.",
        "Restore ledger.db from a backup: entries are missing from it.",
    ),
    # --- cases and chains ---------------------------------------------------------------------------------------
    "case.self-missing": Code(
        "warning", "No valid self-report of {staff_id} ({name}) has come.", "Remind {name} to send the form."
    ),
    "form.late": Code("info", "{stage} of {author} came at {received}, after the deadline ({deadline}).", "Nothing to do."),
    "case.overdue": Code(
        "warning", "{stage} for {staff_id} is overdue since {deadline}: {author} has to act.", "Remind {author}."
    ),
    "form.after-close": Code(
        "warning",
        "This came for {staff_id} after the week had been closed; it is kept and changes nothing.",
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
    "unit.not-entitled": Code(
        "error", "{author} spoke for {unit}, which {holder} has to do; it has no effect.", "{holder} fills in the form."
    ),
    # --- the salary increase --------------------------------------------------------------------------------------
    "use.round": Code("error", "'{found}' is no round.", "Write a round like 2568-R1 (fiscal year, R, number)."),
    "use.not-weekly": Code(
        "error",
        "The scheme '{found}' has rounds, not weeks; this command works on weeks.",
        "For the salary increase: appraise raises 2568-R1.",
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
        "error", "Wrong at '{key}': {problem}", "Correct '{key}' in this file; the shipped file and the sample are models."
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
    # --- months, quarters, half-years, years ----------------------------------------------------------------------
    "use.term": Code(
        "error",
        "'{found}' is no month, quarter, half-year or year.",
        "Write it like 2025-06, 2025-Q2, 2025-H1 or 2025.",
    ),
    "use.any-period": Code(
        "error", "'{found}' is no period.", "Write a week like 2025-W23, or 2025-06, 2025-Q2, 2025-H1, 2025."
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
        "{name} ({staff_id}) is not rated: {rated} of {due} weeks are decided; at least {least} and {percent} % are needed.",
        "Have the open weeks decided; if the person was there too briefly, nothing to do.",
    ),
    "rollup.capped": Code(
        "info",
        "{name} ({staff_id}): the mean {mean} alone would be '{of_mean}'; at most '{band}' because of: {rule} ({weeks}).",
        "Nothing to do.",
    ),
    "rollup.quota": Code(
        "warning",
        "{where}: {count} people are in '{band}', more than {percent} % of the {base} in '{of}' ({rule}).",
        "The leaders decide; the program changes no result because of it.",
    ),
    "rollup.changed-since": Code(
        "warning",
        "{name} ({staff_id}): weeks changed after {period} was closed; the mean would now be {after} instead of {before}.",
        "If it must count: appraise amend, with a reason.",
    ),
}
