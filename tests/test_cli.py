"""What people see when they use the command wrongly, and that every command the README names works."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from tests.conftest import NOW, ROOT, SAMPLE, run_appraise

README = (ROOT / "README.md").read_text(encoding="utf-8")


def refused(done: subprocess.CompletedProcess[str], *words: str, code: int = 2) -> None:
    """Exit code, one line, no traceback, and it names what it must."""
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr


def test_wrong_folder_names_the_file_and_the_remedy(tmp_path: Path) -> None:
    done = run_appraise("--lang", "en", "run", "--office", tmp_path, "--out", tmp_path / "out")
    refused(done, str(tmp_path / "office.toml"), "office folder has office.toml, roster.xlsx and inbox/")


def test_an_error_speaks_the_offices_language(tmp_path: Path) -> None:
    for place in (["--office", str(SAMPLE)], [f"--office={SAMPLE}"]):
        assert "không phải là" in run_appraise("run", "2025-W60", *place, "--out", tmp_path).stderr


@pytest.mark.parametrize(("lang", "words"), [("vi", "không phải là"), ("th", "ไม่ใช่"), ("en", "is no week")])
def test_wrong_week_in_three_languages(tmp_path: Path, lang: str, words: str) -> None:
    done = run_appraise("--lang", lang, "run", "2025-W60", "--office", SAMPLE, "--out", tmp_path)
    refused(done, "2025-W60", "2025-W23")
    assert words in done.stderr


def test_week_53_exists_only_in_long_years(tmp_path: Path) -> None:
    refused(run_appraise("--lang", "en", "issue", "2025-W53", "--office", SAMPLE, "--out", tmp_path), "2025-W53")
    assert run_appraise("issue", "2026-W53", "--form", "review", "--office", SAMPLE, "--out", tmp_path).returncode == 0


def test_unknown_key_in_office_toml(tmp_path: Path) -> None:
    (tmp_path / "office.toml").write_text('languge = "vi"\n', encoding="utf-8")
    refused(run_appraise("--lang", "en", "run", "--office", tmp_path), "office.toml", "'languge'", "language")


def test_wrong_value_in_office_toml(tmp_path: Path) -> None:
    (tmp_path / "office.toml").write_text('timezone = "Asia/Hanoi"\n', encoding="utf-8")
    refused(run_appraise("--lang", "en", "run", "--office", tmp_path), "office.toml", "'timezone'", "Asia/Ho_Chi_Minh")


def test_unreadable_key_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "office.toml").write_text('key = "lost.key"\n', encoding="utf-8")
    (tmp_path / "roster.xlsx").write_bytes((SAMPLE / "roster.xlsx").read_bytes())
    refused(run_appraise("--lang", "en", "run", "--office", tmp_path, "--out", tmp_path / "out"), "lost.key")
    assert not (tmp_path / "lost.key").exists()


def test_an_unknown_person_is_refused(tmp_path: Path) -> None:
    done = run_appraise("--lang", "en", "issue", "2025-W28", "--for", "9999", "--office", SAMPLE, "--out", tmp_path)
    refused(done, "9999", "staff_id")


def test_a_second_run_in_the_same_out_is_refused_with_3(tmp_path: Path) -> None:
    with FileLock(tmp_path / ".lock"):
        done = run_appraise("--lang", "en", "run", "2025-W23", "--office", SAMPLE, "--out", tmp_path)
    refused(done, str(tmp_path), "Another run", code=3)


def test_out_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    refused(run_appraise("--lang", "en", "run", "--office", SAMPLE, "--out", tmp_path / "file"), "--out")


def test_strict_exits_with_1_when_there_are_errors(tmp_path: Path) -> None:
    words = ("run", "2025-W23", "--office", SAMPLE, "--out", tmp_path, "--now", NOW)
    assert run_appraise(*words, "--strict").returncode == 1
    assert run_appraise(*words).returncode == 0


def test_json_counts_agree_with_the_files(tmp_path: Path) -> None:
    done = run_appraise("run", "2025-W27", "--office", SAMPLE, "--out", tmp_path, "--now", NOW, "--json")
    (week,) = json.loads(done.stdout)["weeks"]
    rows = (tmp_path / "outbox" / "2025-W27" / "results.csv").read_text(encoding="utf-8-sig").splitlines()
    assert sum(week["states"].values()) == len(rows) - 1 == 51
    assert week["states"]["returned"] == 2
    assert "results.csv" in week["changed"]


def test_messages_can_be_printed_on_a_console_without_utf8(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "batch", "--lang", "vi", "run", "--office", str(tmp_path)],
        capture_output=True,
        cwd=ROOT,
        env={"PYTHONIOENCODING": "ascii", "PATH": ""},
    )
    assert done.returncode == 2 and b"Traceback" not in done.stderr


def test_every_command_of_the_readme_works_in_its_order(tmp_path: Path) -> None:
    commands = re.findall(r"^(?:    )?(appraise .+)$", README, re.MULTILINE)
    assert len(commands) >= 8
    (tmp_path / "other.toml").write_text(
        (ROOT / "templates" / "schemes" / "vn-weekly.toml").read_text(encoding="utf-8").replace("min = 75", "min = 70"),
        encoding="utf-8",
    )
    places = {"/path/to/office": str(SAMPLE), "/path/to/out": str(tmp_path / "out"), "sample_input/vn-weekly": str(SAMPLE)}
    places["sample_input/th-halfyear"] = str(SAMPLE.parent / "th-halfyear")
    form = SAMPLE / "inbox" / "2025-W23" / "Vụ Cơ sở đảng" / "0101 Nguyễn Văn Thành BC tuần 23.xlsx"
    places["/path/to/form.xlsx"] = str(form)
    for command in commands:
        words = shlex.split(command.split("  #")[0])[1:]
        done = run_appraise(*(places.get(word, word) for word in words), cwd=tmp_path)
        assert done.returncode == 0, (command, done.stderr)


def test_another_scheme_is_tried_without_writing_anything(tmp_path: Path) -> None:
    shipped = (ROOT / "templates" / "schemes" / "vn-weekly.toml").read_text(encoding="utf-8")
    (tmp_path / "other.toml").write_text(shipped.replace("min = 75", "min = 70"), encoding="utf-8")
    words = ("--office", SAMPLE, "--out", tmp_path / "out", "--now", NOW, "--dry-run", "--scheme", tmp_path / "other.toml")
    done = run_appraise("--lang", "en", "run", "2025-W23", *words, "--json")
    assert done.returncode == 0, done.stderr
    moved = {m["staff_id"]: (m["before"], m["after"]) for m in json.loads(done.stdout)}
    rows = (ROOT / "tests" / "sample" / "expected.csv").read_text(encoding="utf-8").splitlines()
    between = {
        r.split(",")[1] for r in rows if r.startswith("2025-W23") and r.split(",")[6] and 70 <= float(r.split(",")[6]) < 75
    }
    assert moved.keys() == between and between
    assert all((b["band"], a["band"]) == ("completed", "good") for b, a in moved.values())
    assert not (tmp_path / "out").exists()
    refused(run_appraise("--lang", "en", "run", "--dry-run", "--office", SAMPLE, "--out", tmp_path / "out"), "--scheme")


def test_make_targets_of_the_readme_exist() -> None:
    targets = set(re.findall(r"\bmake ([a-z]+)", README))
    rules = re.findall(r"^([a-z ]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    made = {target for rule in rules for target in rule.split()}
    assert targets and targets <= made
