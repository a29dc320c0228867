"""What is said about a round speaks of periods or rounds, in every language: a round has no week."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from batch import pipeline
from batch.answers.verify import verify
from batch.core.finding import Finding
from batch.i18n import LANGUAGES, Speaker
from tests.conftest import run_appraise
from tests.small_round import END, KEY, KPI, LEVELS, PEOPLE, R2, RoundOffice

WEEKS = re.compile("week|tuần|สัปดาห์", re.IGNORECASE)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> RoundOffice:
    """A round in which much goes wrong."""
    office = RoundOffice(tmp_path_factory.mktemp("words"))
    office.agreed()
    office.fill(office.form("agreement", KEY, "A4"), KPI, "2569-R1/agreement.xlsx")  # in the folder of another round
    for who in ("B2", "N1"):
        office.fill(office.form("agreement", KEY, who), KPI)
    other = PEOPLE.replace("New Person|civil_servant", "New Person|executive")
    office.roster(people=other, leave="B2|2025-04-01|2025-09-30|study")
    office.play()
    return office


def findings(office: RoundOffice) -> list[Finding]:
    _, assessed = pipeline.look(office.setup(), R2, END)
    return list(assessed[R2].findings)


def test_no_finding_of_a_round_speaks_of_weeks(office: RoundOffice, tmp_path: Path) -> None:
    closed = office.copied(tmp_path)
    found = findings(office)
    pipeline.close(closed.setup(), R2, END, with_open=True)
    closed.fill(closed.given(KEY, "A1", f"review-{KEY}-A3"), LEVELS)
    closed.play(END)
    found += findings(closed)
    (closed.out / "outbox" / KEY / "results.csv").write_bytes(b"mine")
    (closed.out / "outbox" / KEY / "summary.html").unlink()
    found += verify(closed.out).findings
    wanted = {"form.other-week", "form.excused", "form.not-evaluated", "form.after-close"}
    assert wanted | {"verify.output-changed", "verify.output-missing"} <= {one.code for one in found}
    for say in map(Speaker, LANGUAGES):
        texts = [text for one in found for text in (say.message(one), say.remedy(one))]
        assert [text for text in texts if WEEKS.search(text)] == []


@pytest.mark.parametrize(
    "command",
    [
        ("close", KEY),
        ("amend", KEY, "--for", "A3", "--reason", "r", "--author", "a"),
        ("explain", "Z9", KEY),
        ("status", KEY),
    ],
    ids=lambda command: command[0],
)
def test_answers_about_a_round_do_not_either(office: RoundOffice, command: tuple[str, ...]) -> None:
    for lang in ("th", "vi"):
        told = run_appraise("--lang", lang, *command, "--office", office.folder, "--out", office.out, "--now", END)
        assert told.stdout + told.stderr and not WEEKS.search(told.stdout + told.stderr)


@pytest.mark.parametrize("command", ["run", "status"])
def test_a_round_written_wrongly_is_answered_with_a_right_one(office: RoundOffice, command: str) -> None:
    told = run_appraise("--lang", "th", command, "2568-R3", "--office", office.folder, "--out", office.out)
    assert told.returncode == 2 and "2568-R1" in told.stderr
