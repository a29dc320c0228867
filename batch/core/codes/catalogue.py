"""The catalogue of standard products."""

from __future__ import annotations

from batch.core.codes.code import Code

CODES: dict[str, Code] = {
    "catalogue.unreadable": Code(
        "error",
        "The catalogue can't be read: {problem}.",
        "Open catalogue.xlsx, repair it and save it again, or take it away.",
    ),
    "catalogue.bad-coefficient": Code(
        "error",
        "'{found}' is no coefficient; this row is set aside.",
        "Write a number above 0 and up to {most}, such as 1.5.",
    ),
    "catalogue.unknown-group": Code(
        "error", "There is no complexity group '{found}'; this row is set aside.", "Use one of: {known}."
    ),
    "catalogue.name-twice": Code(
        "error",
        "'{found}' is also a name of {product} on the same days (see {other}); this row is set aside.",
        "Leave the name with one product, or end the earlier row before the new one starts.",
    ),
    "catalogue.overlap": Code(
        "error",
        "{product} has two rows for the same days (see {other}); this row is set aside.",
        "End the earlier row on the day before the new version starts.",
    ),
}
