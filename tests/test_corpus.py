"""The corpus: every case does what docs/input.md says of it, read by the very processes that read the inbox."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from batch.assess import assess
from batch.core.period import Week
from batch.core.records import Receipt
from batch.files import sha256
from batch.inbox import receipt_of
from batch.readers import Answer, read_files
from batch.validate import Judged, Rules, judge
from tests.builders import RECEIVED, filled, issuer_of, laid, review_values, roster_of, rules_of, self_values
from tests.conftest import ROOT
from tests.corpus import hostile, people
from tests.corpus.case import SOUND, Case, Counts, Refused

CASES = {case.name: case for case in (*people.cases(), *hostile.cases())}
HANGS = {"reader-hangs"}
SECONDS = 60.0  # for what doesn't hang, however busy the machine
WEEK = Week(2025, 23)
INPUT = ROOT / "docs" / "input.md"


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Rules:
    return rules_of(roster_of(tmp_path_factory.mktemp("roster")))


@pytest.fixture(scope="module")
def forms(rules: Rules) -> dict[str, bytes]:
    issuer, cases = issuer_of(rules, Path("none")), assess(WEEK, [], rules).cases
    own = {f.addressee: f.data for f in issuer.self_forms(WEEK, cases, {})}["C1"]
    sheet = {f.addressee: f.data for f in issuer.review_sheets(WEEK, cases, {}, {})}["T1"]
    scores = review_values({"C1": (30.4, 39.8, 19.8, "Không", "Không"), "C2": (20, 20, 9, "Có", "Không")})
    return {"self": filled(own, self_values(30.4, "39,8", 19.8)), "review": filled(sheet, scores)}


@pytest.fixture(scope="module")
def receipts(forms: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Receipt]]:
    """Every case as received; the files that hang apart, so that the others need not share their time limit."""
    data = {name: case.build(forms[case.form]) for name, case in CASES.items()}
    answers: dict[str, Answer] = {}
    for names, seconds in ((CASES.keys() - HANGS, SECONDS), (HANGS, 3.0)):
        chosen = sorted(names)
        paths = laid(tmp_path_factory.mktemp("files"), (data[name] for name in chosen))
        answers |= dict(zip(chosen, read_files(paths, 2, seconds), strict=True))
    yield {n: receipt_of(n, sha256(data[n]), len(data[n]), RECEIVED, 1, answer) for n, answer in answers.items()}


def expected_cell(case: Case, at: tuple[str, str] | str, receipt: Receipt) -> str:
    """The place of a field as the person sees it: by the hidden map of what was read."""
    reading = receipt.reading
    assert reading is not None
    if isinstance(at, str):
        column = "score.quality" if case.form == "review" else "self"
        keyed = [row for row in reading.rows if row.key in ("score.quality", "C1")]
        letters = reading.columns[column]
        return f"{letters}{keyed[-1].number}" if at == "last-row" else keyed[0].cells[column].ref
    row = next(row for row in reading.rows if row.key == at[0])
    return f"{reading.columns[at[1]]}{row.number}"


def judged(receipt: Receipt, rules: Rules) -> Judged:
    return judge(receipt, rules)


@pytest.mark.parametrize("name", CASES)
def test_case(name: str, receipts: dict[str, Receipt], rules: Rules) -> None:
    case, receipt = CASES[name], receipts[name]
    found = judged(receipt, rules)
    findings = [*found.findings, *(f for a in found.attempts if a.subject != "C2" for f in a.findings)]
    said = [(f.code, f.place.cell) for f in findings if f.code != "review.flag-unanswered"]
    mine = [attempt for attempt in found.attempts if attempt.subject == "C1"]
    if isinstance(case.expect, Counts):
        assert sorted(code for code, _ in said) == sorted(case.expect.notes)
        assert len(mine) == 1 and mine[0].statement is not None
        scores = {key: format(score, "f") for key, score in mine[0].statement.scores.items()}
        assert scores == {**SOUND, **case.expect.scores}
    else:
        cell = expected_cell(case, case.expect.at, receipt) if case.expect.at else ""
        assert said == [(case.expect.code, cell)]
        assert all(attempt.statement is None for attempt in mine)


@cache
def table() -> str:
    """docs/input.md as it must be."""

    def outcome(case: Case) -> str:
        if isinstance(case.expect, Refused):
            return f"`{case.expect.code}`" + (", at its cell" if case.expect.at else "")
        notes = "".join(f"; `{code}`" for code in case.expect.notes)
        scores = ", ".join(f"{key} {value}" for key, value in case.expect.scores.items())
        return f"counts{f' ({scores})' if scores else ''}{notes}"

    def rows(cases: list[Case]) -> str:
        return "\n".join(f"| {_cell(c.about)} | {outcome(c)} | `{c.name}` |" for c in cases)

    head = "| What arrives | What happens | Case |\n|---|---|---|\n"
    return (
        "# What arrives, and what happens\n\n"
        "Every case is built by code in `tests/corpus/` and held by `tests/test_corpus.py::test_case[CASE]`; what happens in\n"
        "the inbox itself (links, names, litter, copies) by `tests/test_inbox.py`; shares that others work on:\n"
        "[inbox.md](inbox.md). The codes: [findings.md](findings.md).\n"
        "A code stands for one finding that names the file, the sheet and the cell; nothing else of the form is lost with it\n"
        "but what it says. A form that counts does so with its scores as the person sees them.\n\n"
        f"## What people do to a form\n\n{head}{rows(people.cases())}\n\n"
        f"## What comes in place of a form\n\n{head}{rows(hostile.cases())}\n"
    )


def _cell(text: str) -> str:
    return re.sub(r"\|", r"\\|", text)


def test_every_case_is_documented() -> None:
    assert INPUT.read_text(encoding="utf-8") == table(), "run: python -m tests.test_corpus"


if __name__ == "__main__":
    INPUT.write_text(table(), encoding="utf-8")
