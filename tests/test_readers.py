"""Files that take their reader down cost themselves only, whatever stands before and behind them."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest

from batch.assess import assess
from batch.core.finding import UserError
from batch.core.period import Week
from batch.inbox import receipt_of
from batch.ledger import fact_of
from batch.readers import read_files
from tests.builders import RECEIVED, filled, issuer_of, laid, roster_of, rules_of, self_values
from tests.corpus.hostile import endless, hidden_far_cell


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    rules, week = rules_of(roster_of(tmp_path_factory.mktemp("roster"))), Week(2025, 23)
    forms = issuer_of(rules, Path("none")).self_forms(week, assess(week, [], rules).cases, {})
    return filled(next(f.data for f in forms if f.addressee == "C1"), self_values(30.4, 39.8, 19.8))


@pytest.mark.parametrize("jobs", [1, 2])
def test_only_the_file_that_kills_or_stalls_its_reader_is_lost(form: bytes, jobs: int, tmp_path: Path) -> None:
    # Sound files that differ, so that none can stand for another.
    sound = [filled(form, {("score.quality", "self"): n}) for n in range(6)]
    kills, stalls = hidden_far_cell(form), endless()
    files = [sound[0], kills, sound[1], stalls, sound[2], kills, kills, sound[3], *sound[4:]]
    answers = list(read_files(laid(tmp_path, files), jobs, 3))
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


def test_of_many_files_each_gets_its_own_answer_in_order(form: bytes, tmp_path: Path) -> None:
    # More than are read ahead, killers at the beginning, next to each other, within and at the end.
    kills = hidden_far_cell(form)
    files = [filled(form, {("score.quality", "self"): n}) for n in range(40)] * 2
    for n in (0, 1, 33, 79):
        files[n] = kills
    answers = read_files(laid(tmp_path, files), 2, 60)
    said = [
        next(row.cells["self"].text for row in a.reading.rows if row.key == "score.quality") if a.reading else a.code
        for a in answers
    ]
    assert said == ["file.crashed" if n in (0, 1, 33, 79) else str(n % 40) for n in range(80)]


def test_what_is_said_of_a_form_is_what_the_ledger_keeps_of_it(form: bytes, tmp_path: Path) -> None:
    (answer,) = read_files(laid(tmp_path, [form]), 1, 60)
    receipt = receipt_of("form.xlsx", "0" * 64, len(form), RECEIVED, 1, answer)
    assert answer.said
    assert fact_of(receipt, answer.said) == fact_of(receipt)


def test_a_copy_that_is_gone_from_disk_is_the_disks_fault_and_not_the_forms(form: bytes, tmp_path: Path) -> None:
    files = laid(tmp_path, [form, form])
    files[1].unlink()
    answers = read_files(files, 1, 60)
    assert next(answers).reading
    with pytest.raises(UserError) as caught:
        next(answers)
    assert caught.value.finding.code == "config.disk" and caught.value.finding.place.file == str(files[1])


def test_who_stops_asking_leaves_no_process_and_no_thread_behind(form: bytes, tmp_path: Path) -> None:
    before = set(threading.enumerate())
    answers = read_files(laid(tmp_path, [form, endless(), *[form] * 60]), 2, 600)
    assert next(answers).reading
    answers.close()  # type: ignore[attr-defined]
    assert not set(threading.enumerate()) - before


def test_nothing_to_read_starts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert list(read_files([], 2, 5)) == []


def test_a_reader_that_cannot_start_is_said(form: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(UserError) as caught:
        list(read_files(laid(tmp_path, [form]), 1, 5))
    assert caught.value.finding.code == "run.no-reader"


def test_modules_lying_in_the_current_folder_are_not_run(
    form: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')", encoding="utf-8")
    (form_file,) = laid(tmp_path, [form])
    monkeypatch.chdir(tmp_path)
    assert [answer.code for answer in read_files([form_file], 1, 60)] == [""]
    assert not (tmp_path / "ran").exists()
