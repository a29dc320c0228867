"""`appraise verify`: whatever was changed under OUT is named."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from batch.answers.verify import Verified, verify
from batch.core.finding import UserError
from batch.files import sha256
from batch.ledger import Ledger, Source, chain
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


GUARDS = ("entry_no_update", "entry_no_delete", "entry_next")


def tamper(out: Path, *statements: str) -> Verified:
    """Change the ledger as somebody with the file and some skill could: guards off, guards on again."""
    with sqlite3.connect(out / "ledger.db") as db:
        guards = [db.execute("SELECT sql FROM sqlite_master WHERE name = ?", (guard,)).fetchone()[0] for guard in GUARDS]
        for statement in (*(f"DROP TRIGGER {guard}" for guard in GUARDS), *statements, *guards):
            db.execute(statement)
    db.close()
    return verify(out)


def told(found: Verified) -> list[tuple[str, str]]:
    """Code, and the entry (or hash) it is about."""
    params = [(f.code, dict(f.params)) for f in found.ledger]
    return [(code, next(given[key] for key in ("entry", "first", "head") if key in given)) for code, given in params]


def test_what_was_left_alone_is_sound(out: Path) -> None:
    found = verify(out)
    (manifest,) = (out / "outbox").glob("*/manifest.json")
    forms = {o["name"] for o in json.loads(manifest.read_text(encoding="utf-8"))["outputs"]}
    assert found.findings == () and found.entries == found.originals == 14 and found.weeks == 1
    assert found.outputs == len(forms) > 12
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
    assert told(found) == [("verify.entries-cut", "13")]
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
    first, *codes = [f.code for f in found.ledger]
    assert first in ("verify.entry-unproven", "verify.entry-changed")
    assert codes[:9] == ["verify.entry-moved"] * 9 and codes[9:] == ["verify.chain-rewritten"]


def test_an_entry_slipped_in_is_seen(out: Path) -> None:
    found = tamper(out, "INSERT INTO entry SELECT 15, run, at, kind, 'x' || key, body, 'abc' FROM entry WHERE seq = 14")
    assert told(found) == [("verify.entry-changed", "15"), ("verify.entries-unnoted", "15")]
    assert [f.code for f in found.archive] == ["verify.archive-missing"]


def rewrite(out: Path, change: str, seq: int) -> str:
    """Change an entry and compute the whole chain anew, so that it proves itself; returns the head it had."""
    with Ledger.open(Source(out / "ledger.db"), look_only=True) as ledger:
        before = ledger.entries()
    statements, previous = [f"UPDATE entry SET {change} WHERE seq = {seq}"], ""
    with sqlite3.connect(":memory:") as model:
        model.execute("CREATE TABLE entry (seq, run, at, kind, key, body, hash)")
        model.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)", before)
        model.execute(statements[0])
        for row in model.execute("SELECT seq, run, at, kind, key, body FROM entry ORDER BY seq").fetchall():
            previous = chain(previous, row)
            statements.append(f"UPDATE entry SET hash = '{previous}' WHERE seq = {row[0]}")
    tamper(out, *statements)
    return str(before[-1][6])


def test_a_chain_that_was_computed_anew_is_not_the_one_that_was_there(out: Path) -> None:
    head = rewrite(out, "body = replace(body, '34', '40')", 9)
    assert told(verify(out, head)) == [("verify.chain-rewritten", "11"), ("verify.head-unknown", head)]
    seals = out / "seals.json"
    with Ledger.open(Source(out / "ledger.db"), look_only=True) as ledger:
        hashes = {entry[0]: entry[6] for entry in ledger.entries()}
    noted = json.loads(seals.read_text(encoding="utf-8"))
    noted["ledger"] = [[n, hashes[n], at] for n, _, at in noted["ledger"]]
    seals.write_text(json.dumps(noted), encoding="utf-8")
    assert verify(out).findings == ()  # who may write everything can make all of it agree with itself ...
    assert told(verify(out, head)) == [("verify.head-unknown", head)]  # ... but not with what was kept elsewhere
    assert told(verify(out, head[:12].upper())) == [("verify.head-unknown", head[:12].upper())]


def test_a_head_kept_elsewhere_is_found_again_and_later_runs_go_on_from_it(played: SmallOffice, tmp_path: Path) -> None:
    office = copy_of(played, tmp_path)
    head = verify(office.out).head
    office.issue(W, "self", ["A3"], again=True)
    office.report(W, "A3", (30, 30, 15))
    office.run(W)
    assert verify(office.out).head != head
    assert verify(office.out, head[:16].upper()).findings == ()


def test_a_removed_entry_put_in_again_at_the_end_is_seen(out: Path) -> None:
    with Ledger.open(Source(out / "ledger.db"), look_only=True) as ledger:
        entries = ledger.entries()
    tamper(out, "DELETE FROM entry WHERE seq = 14")
    row = (14, *entries[12][1:6])
    again = chain(entries[12][6], row)
    body = entries[12][5].replace("'", "''")
    found = tamper(out, f"INSERT INTO entry VALUES (14, {row[1]}, '{row[2]}', '{row[3]}', '{row[4]}', '{body}', '{again}')")
    assert told(found) == [("verify.chain-rewritten", "14")]
    assert [f.code for f in found.archive] == ["verify.archive-extra"]


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("DROP TRIGGER entry_no_update", "entry_no_update"),
        ("CREATE TRIGGER soft BEFORE INSERT ON entry BEGIN SELECT RAISE(IGNORE); END", "soft"),
        ("DROP INDEX entry_key", "entry_key"),
    ],
)
def test_guards_taken_off_or_slipped_in_are_named(out: Path, statement: str, name: str) -> None:
    with sqlite3.connect(out / "ledger.db") as db:
        db.execute(statement)
    db.close()
    assert [(f.code, dict(f.params)["name"]) for f in verify(out).findings] == [("verify.guard", name)]


def test_a_guard_that_was_made_toothless_is_named(out: Path) -> None:
    with sqlite3.connect(out / "ledger.db") as db:
        db.execute("DROP TRIGGER entry_no_delete")
        db.execute("CREATE TRIGGER entry_no_delete BEFORE DELETE ON entry WHEN 0 BEGIN SELECT 1; END")
    db.close()
    assert [f.code for f in verify(out).findings] == ["verify.guard"]


@pytest.mark.parametrize("keep", [0, 100, 4096, 20000])
def test_a_ledger_file_cut_short_is_seen_and_no_run_goes_on_with_it(keep: int, played: SmallOffice, tmp_path: Path) -> None:
    office = copy_of(played, tmp_path)
    path = office.out / "ledger.db"
    path.write_bytes(path.read_bytes()[:keep])
    assert "config.ledger-unreadable" in [f.code for f in verify(office.out).ledger]
    with pytest.raises(UserError) as refused:
        office.run(W)
    assert refused.value.finding.code == ("config.ledger-cut" if keep == 0 else "config.ledger-unreadable")


def test_no_run_goes_on_with_a_ledger_that_lost_entries_or_is_gone(played: SmallOffice, tmp_path: Path) -> None:
    office = copy_of(played, tmp_path)
    tamper(office.out, "DELETE FROM entry WHERE seq = 14")
    with pytest.raises(UserError) as refused:
        office.run(W)
    assert refused.value.finding.code == "config.ledger-cut"
    (office.out / "ledger.db").unlink()
    with pytest.raises(UserError) as refused:
        office.run(W)
    assert refused.value.finding.code == "config.ledger-cut"


def copy_of(played: SmallOffice, folder: Path) -> SmallOffice:
    """An office like the one played, to be harmed."""
    office = SmallOffice(folder / "copied")
    for mine, theirs in ((office.folder, played.folder), (office.out, played.out)):
        shutil.copytree(theirs, mine, dirs_exist_ok=True)
    return office


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
    assert [(f.code, f.place.file) for f in verify(out).findings] == [
        ("verify.manifest-unreadable", f"outbox/{W}/manifest.json"),
    ]
    shutil.rmtree(week)
    assert [f.code for f in verify(out).findings] == ["verify.output-missing"]


def test_an_output_changed_together_with_its_manifest_is_seen_and_put_right_by_the_next_run(
    played: SmallOffice, tmp_path: Path
) -> None:
    office = copy_of(played, tmp_path)
    results, manifest = (office.out / "outbox" / W / name for name in ("results.csv", "manifest.json"))
    before = results.read_bytes()
    forged = before.replace(b",85,", b",99,")
    results.write_bytes(forged)
    told = manifest.read_text(encoding="utf-8").replace(sha256(before), sha256(forged))
    manifest.write_text(told, encoding="utf-8")
    assert [(f.code, f.place.file) for f in verify(office.out).findings] == [
        ("verify.output-changed", f"outbox/{W}/manifest.json")
    ]
    office.run(W)
    assert results.read_bytes() == before != forged
    assert verify(office.out).findings == ()


def test_issued_forms_and_files_that_nobody_wrote(out: Path) -> None:
    box = out / "outbox" / W / "for"
    (box / "A1" / f"unit-{W}-D1.xlsx").write_bytes(b"another form")
    (box / "B1" / f"unit-{W}-D2.xlsx").unlink()
    (box / "B2" / "slip-forged.html").write_text("100 points", encoding="utf-8")
    (out / "outbox" / "note.txt").write_text("x", encoding="utf-8")
    for litter in ("Thumbs.db", "~$summary.xlsx", ".DS_Store"):
        (out / "outbox" / W / litter).write_bytes(b"")
    assert [(f.code, f.place.file) for f in verify(out).findings] == [
        ("verify.output-changed", f"outbox/{W}/for/A1/unit-{W}-D1.xlsx"),
        ("verify.output-missing", f"outbox/{W}/for/B1/unit-{W}-D2.xlsx"),
        ("verify.output-extra", f"outbox/{W}/for/B2/slip-forged.html"),
        ("verify.output-extra", "outbox/note.txt"),
    ]


def test_seals_that_are_gone_damaged_or_edited(out: Path) -> None:
    path = out / "seals.json"
    noted = json.loads(path.read_text(encoding="utf-8"))
    noted["ledger"].append([20, "0" * 64, "2025-07-01T08:00+07:00"])
    path.write_text(json.dumps(noted), encoding="utf-8")
    assert told(verify(out)) == [("verify.entries-cut", "15")]
    path.write_text("{", encoding="utf-8")
    assert "config.seals-unreadable" in [f.code for f in verify(out).ledger]
    path.unlink()
    assert [f.code for f in verify(out).ledger] == ["verify.seals-missing"]


def test_a_manifest_that_points_elsewhere_proves_nothing(out: Path, tmp_path: Path) -> None:
    path = out / "outbox" / W / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["outputs"][0]["name"] = "../../ledger.db"
    path.write_text(json.dumps(manifest), encoding="utf-8")
    assert {f.code for f in verify(out).findings} == {
        "verify.output-missing",  # what it points to
        "verify.output-changed",  # the manifest
        "verify.output-extra",  # the file it no longer names
    }


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
