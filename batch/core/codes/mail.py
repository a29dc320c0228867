"""Sending by mail."""

from __future__ import annotations

from batch.core.codes.code import Code

CODES: dict[str, Code] = {
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
        "error", "There is nothing to send for {week}.", "Make it first: appraise run, or appraise issue."
    ),
    "mail.unfinished": Code("error", "The last run of {week} was broken off.", "Run again, then send."),
    "mail.no-server": Code(
        "error",
        "The mail server can't be used: {problem}.",
        "Check host, port, starttls and user under [mail] in office.toml. What was sent is remembered.",
    ),
    "mail.book-unreadable": Code(
        "error",
        "The record of what was sent can't be read: {problem}.",
        "Restore sent.json from a backup; without it everybody would get everything again.",
    ),
    "mail.refused": Code(
        "error", "Not delivered to {email}: {problem}.", "Correct the address in roster.xlsx, then send again."
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
    "mail.harmed": Code("error", "A file was changed after the run wrote it; nothing is sent.", "Run again, then send."),
    "mail.office-unnamed": Code(
        "warning", "Nobody is named to get the Office's page.", "Name them with office_id in office.toml."
    ),
}
