"""What `appraise verify` finds."""

from __future__ import annotations

from batch.core.codes.code import Code

CODES: dict[str, Code] = {
    "verify.entry-changed": Code(
        "error",
        "Entry {entry} of the ledger ({what}) was changed after it was written.",
        "Restore the ledger from a backup, and find out who could write there.",
    ),
    "verify.entry-moved": Code(
        "error",
        "Entry {entry} of the ledger ({what}) was written as entry {was}: entries were reordered or renumbered.",
        "Restore the ledger from a backup, and find out who could write there.",
    ),
    "verify.entry-unproven": Code(
        "error",
        "Entry {entry} of the ledger ({what}) doesn't follow from the one before it: one was changed or removed.",
        "Restore the ledger from a backup, and find out who could write there.",
    ),
    "verify.entries-removed": Code(
        "error",
        "Entries {first} to {last} of the ledger were removed; entry {after}, after them, can no longer be proved.",
        "Restore the ledger from a backup, and find out who could write there.",
    ),
    "verify.ledger-missing": Code(
        "error",
        "The ledger is missing, although there are files received or results written.",
        "Restore the ledger from a backup before you run again. If it is in a database, name the office's folder"
        " with --office.",
    ),
    "verify.guard": Code(
        "error",
        "The ledger's own guard against changes is missing or altered: {name}.",
        "Restore the ledger from a backup, and find out who could write there.",
    ),
    "verify.seals-missing": Code(
        "error",
        "seals.json is missing: entries cut off the ledger's end would not be noticed.",
        "Restore it from a backup; the next run begins it anew.",
    ),
    "verify.entries-cut": Code(
        "error",
        "Entries {first} to {last} are missing at the end of the ledger; the last of them was there on {at}.",
        "Restore the ledger from a backup, and find out who could write there.",
    ),
    "verify.chain-rewritten": Code(
        "error",
        "The ledger was computed anew: its entry {entry} is not the one that was there on {at}.",
        "Restore the ledger from a backup, and find out who could write there.",
    ),
    "verify.entries-unnoted": Code(
        "error",
        "Entries {first} to {last} of the ledger were added by no run that ended.",
        "If a run was broken off, or another machine works with this ledger, run again; else restore the ledger from a"
        " backup.",
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
        "If a run was broken off, run again; if entries of the ledger are missing, restore the ledger; else remove the"
        " file.",
    ),
    "verify.manifest-unreadable": Code(
        "error", "This list of the period's files can't be read.", "Run the period again: it writes all of it anew."
    ),
    "verify.output-missing": Code(
        "error",
        "This output was written and is gone.",
        "Run the period again: it writes what is missing; issued forms come from appraise issue.",
    ),
    "verify.output-changed": Code(
        "error",
        "This output was changed after it was written.",
        "Run the period again: it writes the true one; what was already sent out should be compared with it.",
    ),
    "verify.output-extra": Code(
        "error",
        "Neither a run nor appraise issue wrote this file.",
        "Remove it, and find out who put it there; if one of them was broken off, start it again first.",
    ),
    "verify.week-unfinished": Code(
        "error", "The last run of this period was broken off.", "Run the period again: it writes all of it anew."
    ),
    "verify.input-unknown": Code(
        "error",
        "The results rest on {name}, which the ledger doesn't know.",
        "Restore the ledger from a backup: entries are missing from it.",
    ),
}
