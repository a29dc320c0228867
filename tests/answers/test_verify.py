"""`appraise verify`: whatever was changed under OUT is named."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from batch.answers.verify import Verified, verify
from tests.conftest import run_appraise
from tests.small_office import SmallOffice

W = "2025-W26"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> SmallOffice:
    office = SmallOffice(tmp_path_factory.mktemp("verify"))
    office.whole_week(W)
    return office


@pytest.fixture
def out(played: SmallOffice, tmp_path: Path) -> Path:
    copy = tmp_path / "copy"
    shutil.copytree(played.out, copy)
    return copy


def tamper(out: Path, *statements: str) -> Verified:
    """Change the ledger as somebody with the file could: without the guards."""
    with sqlite3.connect(out / "ledger.db") as db:
        for guard in ("entry_no_update", "entry_no_delete", "entry_no_replace"):
            db.execute(f"DROP TRIGGER {guard}")
        for statement in statements:
            db.execute(statement)
    db.close()
    return verify(out)


def told(found: Verified) -> list[tuple[str, str]]:
    return [(f.code, dict(f.params).get("entry") or dict(f.params)["first"]) for f in found.ledger]


def test_what_was_left_alone_is_sound(out: Path) -> None:
    found = verify(out)
    (manifest,) = (out / "outbox").glob("*/manifest.json")
    listed = len(json.loads(manifest.read_text(encoding="utf-8"))["outputs"])
    assert found.findings == () and found.entries == found.originals == 14 and found.weeks == 1
    assert found.outputs == listed > 5
    assert len(found.head) == 64


def test_looking_changes_nothing(out: Path) -> None:
    before = {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in out.rglob("*") if p.is_file()}
    verify(out)
    assert before == {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in out.rglob("*") if p.is_file()}


@pytest.mark.parametrize("column", ["body = replace(body, '34', '40')", "at = '2025-01-01T08:00+07:00'", "run = 9"])
def test_a_changed_entry_is_named_alone(out: Path, column: str) -> None:
    seq = 9 if column.startswith("body") else 5
    assert told(tamper(out, f"UPDATE entry SET {column} WHERE seq = {seq}")) == [("verify.entry-changed", str(seq))]


def test_a_changed_hash_is_named_alone(out: Path) -> None:
    assert told(tamper(out, "UPDATE entry SET hash = 'f00' WHERE seq = 5")) == [("verify.entry-changed", "5")]


def test_the_last_entry_changed_and_the_first(out: Path) -> None:
    found = tamper(out, "UPDATE entry SET run = 7 WHERE seq IN (1, 14)")
    assert told(found) == [("verify.entry-changed", "1"), ("verify.entry-changed", "14")]


def test_removed_entries_are_named_by_number_and_by_their_originals(out: Path) -> None:
    found = tamper(out, "DELETE FROM entry WHERE seq IN (4, 5)")
    assert told(found) == [("verify.entries-removed", "4")]
    assert [f.code for f in found.archive] == ["verify.archive-extra"] * 2
    assert [f.code for f in found.outbox] == ["verify.input-unknown"] * 2


def test_entries_cut_off_the_end_are_missed(out: Path) -> None:
    found = tamper(out, "DELETE FROM entry WHERE seq > 12")
    assert found.ledger == ()
    assert [f.code for f in found.archive] == ["verify.archive-extra"] * 2
    assert [f.code for f in found.outbox] == ["verify.input-unknown"] * 2


def test_two_entries_that_changed_places_are_named_with_their_numbers(out: Path) -> None:
    found = tamper(
        out,
        "UPDATE entry SET seq = 99 WHERE seq = 4",
        "UPDATE entry SET seq = 4 WHERE seq = 5",
        "UPDATE entry SET seq = 5 WHERE seq = 99",
    )
    moved = {dict(f.params)["entry"]: dict(f.params).get("was") for f in found.ledger if f.code == "verify.entry-moved"}
    assert moved == {"4": "5", "5": "4"}


def test_entries_renumbered_over_a_removed_one_are_seen(out: Path) -> None:
    found = tamper(
        out, "DELETE FROM entry WHERE seq = 4", *(f"UPDATE entry SET seq = {n - 1} WHERE seq = {n}" for n in range(5, 15))
    )
    codes = [f.code for f in found.ledger]
    assert codes[0] in ("verify.entry-unproven", "verify.entry-changed") and codes[1:] == ["verify.entry-moved"] * 9


def test_an_entry_slipped_in_is_seen(out: Path) -> None:
    found = tamper(out, "INSERT INTO entry SELECT 15, run, at, kind, 'x' || key, body, 'abc' FROM entry WHERE seq = 14")
    assert told(found) == [("verify.entry-changed", "15")]
    assert [f.code for f in found.archive] == ["verify.archive-missing"]


def first_original(out: Path) -> Path:
    return min(p for p in (out / "archive").rglob("*") if p.is_file())


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda path: path.unlink(), "verify.archive-missing"),
        (lambda path: path.write_bytes(b"other"), "verify.archive-changed"),
        (lambda path: path.with_name("0" * 64).write_bytes(b"more"), "verify.archive-extra"),
    ],
)
def test_the_archive(out: Path, act: Callable[[Path], object], code: str) -> None:
    act(first_original(out))
    found = verify(out)
    assert [f.code for f in found.findings] == [code]


def test_outputs_and_manifest(out: Path) -> None:
    week = out / "outbox" / W
    (week / "results.csv").write_bytes(b"period,staff_id\r\n")
    (week / "summary.html").unlink()
    assert [(f.code, f.place.file) for f in verify(out).findings] == [
        ("verify.output-changed", f"outbox/{W}/results.csv"),
        ("verify.output-missing", f"outbox/{W}/summary.html"),
    ]
    (week / "manifest.json").write_text("[]", encoding="utf-8")
    assert [f.code for f in verify(out).findings] == ["verify.manifest-unreadable"]


def test_a_manifest_that_points_elsewhere_proves_nothing(out: Path, tmp_path: Path) -> None:
    path = out / "outbox" / W / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["outputs"][0]["name"] = "../../ledger.db"
    path.write_text(json.dumps(manifest), encoding="utf-8")
    assert [f.code for f in verify(out).findings] == ["verify.output-missing"]


def test_a_ledger_that_is_gone_or_broken(out: Path) -> None:
    (out / "ledger.db").write_bytes(b"broken" * 1000)
    assert "config.ledger-unreadable" in [f.code for f in verify(out).ledger]
    (out / "ledger.db").unlink()
    assert [f.code for f in verify(out).ledger] == ["verify.ledger-missing"]


@pytest.mark.parametrize(
    ("lang", "words"), [("vi", "đã bị sửa sau khi ghi"), ("th", "ถูกแก้ไข"), ("en", "was changed after it was written")]
)
def test_the_command_says_what_is_wrong_and_exits_with_1(out: Path, lang: str, words: str) -> None:
    sound = run_appraise("--lang", lang, "verify", "--out", out)
    assert sound.returncode == 0 and sound.stdout.count("OK ") == 3 and " 14 " in sound.stdout
    tamper(out, "UPDATE entry SET run = 9 WHERE seq = 5")
    done = run_appraise("--lang", lang, "verify", "--out", out)
    assert done.returncode == 1 and words in done.stdout and done.stdout.count("OK ") == 2


def test_json_and_wrong_use(out: Path, tmp_path: Path) -> None:
    tamper(out, "UPDATE entry SET run = 9 WHERE seq = 5")
    done = run_appraise("--lang", "en", "verify", "--out", out, "--json")
    data = json.loads(done.stdout)
    assert (done.returncode, data["sound"], data["ledger"]["entries"], data["ledger"]["wrong"]) == (1, False, 14, 1)
    assert data["findings"][0]["code"] == "verify.entry-changed"
    assert run_appraise("--lang", "en", "verify", "--out", tmp_path / "none").returncode == 2
    (tmp_path / "new").mkdir()
    assert run_appraise("--lang", "en", "verify", "--out", tmp_path / "new").returncode == 0
