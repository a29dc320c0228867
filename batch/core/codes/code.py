"""One kind of finding, as the catalogue lists it."""

from __future__ import annotations

from typing import Literal, NamedTuple

Severity = Literal["error", "warning", "info"]


class Code(NamedTuple):
    """One kind of finding. error: something did not count; warning: look at this; info: for the record."""

    severity: Severity
    message: str
    remedy: str
