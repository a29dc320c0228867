"""The catalogue of findings: code → severity, what is wrong, what to do. Codes are stable; sentences are translated.

Placeholders are filled from the finding's particulars. One module a subject.
"""

from __future__ import annotations

from batch.core.codes import (
    acts,
    catalogue,
    cells,
    chain,
    cluster,
    files,
    forms,
    goals,
    history,
    ledger,
    mail,
    raises,
    rollups,
    roster,
    use,
    verify,
    week,
)
from batch.core.codes.code import Code, Severity

__all__ = ["CODES", "Code", "Severity"]

_SUBJECTS = (
    *(
        use,
        ledger,
        cluster,
        mail,
        roster,
        catalogue,
        files,
        forms,
        cells,
        acts,
        chain,
        verify,
        week,
        raises,
        rollups,
        goals,
        history,
    ),
)
CODES: dict[str, Code] = {code: entry for subject in _SUBJECTS for code, entry in subject.CODES.items()}
