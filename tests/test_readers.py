"""Files that take their reader down cost themselves only, whatever stands before and behind them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from batch.assess import assess
from batch.core.finding import UserError
from batch.core.period import Week
from batch.readers import read_files
from tests.builders import filled, issuer_of, roster_of, rules_of, self_values
from tests.corpus.hostile import endless, hidden_far_cell


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    rules, week = rules_of(roster_of(tmp_path_factory.mktemp("roster"))), Week(2025, 23)
    forms = issuer_of(rules, Path("none")).self_forms(week, assess(week, [], rules).cases, {})
    return filled(next(f.data for f in forms if f.addressee == "C1"), self_values(30.4, 39.8, 19.8))


@pytest.mark.parametrize("jobs", [1, 2])
def test_only_the_file_that_kills_or_stalls_its_reader_is_lost(form: bytes, jobs: int) -> None:
    # Sound files that differ, so that none can stand for another.
    sound = [filled(form, {("score.quality", "self"): n}) for n in range(6)]
    kills, stalls = hidden_far_cell(form), endless()
    files = [sound[0], kills, sound[1], stalls, sound[2], kills, kills, sound[3], *sound[4:]]
    answers = list(read_files(files, jobs, 3, bytes))
    assert [a.code for a in answers] == [
        "",
        "file.crashed",
        "",
        "file.timeout",
        "",
        "file.crashed",
        "file.crashed",
        "",
        "",
        "",
    ]
    read = [a.reading for a in answers if a.reading]
    qualities = [next(row.cells["self"].text for row in r.rows if row.key == "score.quality") for r in read]
    assert qualities == [str(n) for n in range(6)]


def test_nothing_to_read_starts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert list(read_files([], 2, 5, bytes)) == []


def test_a_reader_that_cannot_start_is_said(form: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(UserError) as caught:
        list(read_files([form], 1, 5, bytes))
    assert caught.value.finding.code == "run.no-reader"


def test_modules_lying_in_the_current_folder_are_not_run(
    form: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert [answer.code for answer in read_files([form], 1, 60, bytes)] == [""]
    assert not (tmp_path / "ran").exists()
