"""A made-up office: the same for the same seed, and one that the program can run."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from batch.catalogue_read import load_catalogue
from batch.cli import cli
from batch.files import sha256
from batch.scheme import StatisticsRules
from tests.test_sample import read_csv


def simulated(folder: Path, *options: str) -> dict[str, str]:
    """Every file of the office by name, with its hash."""
    done = CliRunner().invoke(
        cli, ["--lang", "vi", "simulate", str(folder), "--people", "30", *options], catch_exceptions=False
    )
    assert done.exit_code == 0, done.output
    return {str(p.relative_to(folder)): sha256(p.read_bytes()) for p in folder.rglob("*") if p.is_file()}


def decided(folder: Path) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    words = ["run", "--office", str(folder), "--out", str(folder / "out"), "--now", "2025-06-10T08:00"]
    assert CliRunner().invoke(cli, words, catch_exceptions=False).exit_code == 0
    week = folder / "out" / "outbox" / "2025-W23"
    return read_csv(week / "results.csv"), read_csv(week / "findings.csv")


def test_the_same_seed_makes_the_same_office_whatever_the_number_of_processes(tmp_path: Path) -> None:
    first = simulated(tmp_path / "a", "--jobs", "1")
    assert simulated(tmp_path / "b", "--jobs", "3") == first
    other = simulated(tmp_path / "c", "--seed", "2")
    assert other.keys() != first.keys() or other != first


def test_without_faults_everybody_is_decided_and_nothing_is_found_but_a_score_changed_with_a_reason(tmp_path: Path) -> None:
    files = simulated(tmp_path / "a", "--faults", "0", "--seed", "3")
    results, findings = decided(tmp_path / "a")
    assert [row["state"] for row in results] == ["approved"] * 30
    assert [f["code"] for f in findings] == ["approval.adjusted"]
    assert sum("/self/" in name for name in files) == 30
    catalogue, faults = load_catalogue(tmp_path / "a", StatisticsRules().groups)
    assert faults == [] and len(catalogue.products) == 9  # of twelve things that people make
    assert {row["band"] for row in results} > {"good"}  # people differ


@pytest.mark.parametrize(("stages", "state"), [(1, "submitted"), (2, "reviewed")])
def test_forms_come_in_up_to_a_stage(tmp_path: Path, stages: int, state: str) -> None:
    simulated(tmp_path / "a", "--faults", "0", "--stages", str(stages))
    results, _ = decided(tmp_path / "a")
    assert {row["state"] for row in results} == {state}


def test_faults_are_found_and_cost_only_their_own_form(tmp_path: Path) -> None:
    simulated(tmp_path / "a", "--faults", "0.5", "--stages", "1")
    results, findings = decided(tmp_path / "a")
    faulty = {f["staff_id"] for f in findings if f["severity"] == "error" and f["staff_id"]}
    assert faulty
    for row in results:
        assert row["state"] in (
            ("returned", "missing", "submitted") if row["staff_id"] in faulty else ("submitted", "missing")
        )
    assert {"value.over-cap", "value.not-a-number", "form.conflict", "file.unreadable"} & {f["code"] for f in findings}


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    done = CliRunner().invoke(cli, ["simulate", str(tmp_path)])
    assert done.exception is not None
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]
