"""Files as they arrive."""

from __future__ import annotations

from batch.core.codes.code import Code

CODES: dict[str, Code] = {
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
}
