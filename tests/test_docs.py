"""The documents keep up with the code."""

from __future__ import annotations

from batch.core.codes import CODES
from tests.conftest import ROOT

FINDINGS = ROOT / "docs" / "findings.md"


def table() -> str:
    """docs/findings.md as it must be."""
    rows = [f"| `{code}` | {c.severity} | {c.message} | {c.remedy} |" for code, c in sorted(CODES.items())]
    head = "# Findings: codes, sentences, remedies\n\nCodes are stable; the sentences exist in Vietnamese and Thai too.\n\n"
    return head + "| Code | Severity | What is wrong | What to do |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"


def test_every_code_is_documented() -> None:
    assert FINDINGS.read_text(encoding="utf-8") == table(), "run: python -m tests.test_docs"


if __name__ == "__main__":
    FINDINGS.write_text(table(), encoding="utf-8")
