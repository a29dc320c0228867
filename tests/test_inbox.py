"""What lies in the inbox besides sound files: links, devices, names nobody should trust, litter."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from batch.core.finding import UserError
from batch.inbox import Arrival, look_through, read_new, scan, unseen

MOST = 1024 * 1024
needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    (tmp_path / "inbox").mkdir()
    return tmp_path / "inbox"


def codes(arrivals: list[Arrival]) -> dict[str, str]:
    return {a.name: a.fault.code if a.fault else "" for a in arrivals}


def test_owner_files_and_desktop_litter_are_passed_over(inbox: Path) -> None:
    litter = [
        "~$mau.xlsx",
        ".DS_Store",
        "Thumbs.db",
        "desktop.ini",
        ".~lock.mau.xlsx#",
        "__MACOSX/._mau.xlsx",
        ".sync/a.xlsx",
    ]
    for name in (*litter, "W23/mau.xlsx"):
        (inbox / name).parent.mkdir(exist_ok=True)
        (inbox / name).write_bytes(b"x")
    assert codes(scan(inbox, MOST)) == {"W23/mau.xlsx": ""}


@needs_posix
def test_links_and_devices_are_named_and_not_followed(inbox: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "salaries.xlsx").write_bytes(b"secret")
    (inbox / "link.xlsx").symlink_to(tmp_path / "secret" / "salaries.xlsx")
    (inbox / "nowhere.xlsx").symlink_to(tmp_path / "gone")
    (inbox / "folder").symlink_to(tmp_path / "secret")
    (inbox / "circle").symlink_to(inbox)
    os.mkfifo(inbox / "pipe.xlsx")
    arrivals = scan(inbox, MOST)
    assert codes(arrivals) == dict.fromkeys(("circle", "folder", "link.xlsx", "nowhere.xlsx", "pipe.xlsx"), "file.link")
    assert not any(arrival.sha256 for arrival in arrivals)


@needs_posix
def test_names_are_told_in_one_line_without_anything_invisible(inbox: Path) -> None:
    (inbox / "mau\n2025-W23\tA.xlsx").write_bytes(b"1")
    (inbox / "mau\u202exslx.exe").write_bytes(b"2")
    (inbox / unicodedata.normalize("NFD", "Hoà.xlsx")).write_bytes(b"3")
    (inbox / (f"{'a' * 250}.xlsx")).write_bytes(b"4")
    (inbox / os.fsdecode(b"\xff\xfe.xlsx")).write_bytes(b"5")
    (inbox / "%2f..%2fetc\\passwd").write_bytes(b"6")
    names = [arrival.name for arrival in scan(inbox, MOST)]
    assert names == [
        "%2f..%2fetc\\passwd",
        "??.xlsx",
        "Hoà.xlsx",
        f"{'a' * 250}.xlsx",
        "mau 2025-W23 A.xlsx",
        "mauxslx.exe",
    ]


@needs_posix
def test_two_files_whose_names_look_alike_are_two_files_in_a_fixed_order(inbox: Path) -> None:
    (inbox / "a\u200b.xlsx").write_bytes(b"one")
    (inbox / "a.xlsx").write_bytes(b"two")
    first = scan(inbox, MOST)
    assert [arrival.name for arrival in first] == ["a.xlsx", "a.xlsx"]
    assert [a.sha256 for a in first] == sorted(a.sha256 for a in first)


def test_a_file_that_is_too_large_is_named(inbox: Path) -> None:
    (inbox / "film.xlsx").write_bytes(bytes(MOST + 1))
    (inbox / "form.xlsx").write_bytes(bytes(MOST))
    assert codes(scan(inbox, MOST)) == {"film.xlsx": "file.too-large", "form.xlsx": ""}


def test_the_same_file_twice_is_read_once(inbox: Path, tmp_path: Path) -> None:
    (inbox / "a.xlsx").write_bytes(b"the same")
    shutil.copy(inbox / "a.xlsx", inbox / "b.xlsx")

    def keep(digest: str, data: bytes) -> None:
        (tmp_path / digest).write_bytes(data)

    new = unseen(scan(inbox, MOST, keep), set())
    receipts = read_new(new, 1, "2025-06-06T16:00+07:00", jobs=2, seconds=20, where=tmp_path.joinpath)
    assert [(r.name, r.fault.code if r.fault else "") for r, _ in receipts] == [("a.xlsx", "file.not-a-workbook")]


def test_a_missing_inbox_is_no_empty_inbox(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        scan(tmp_path / "inbox", MOST)
    assert caught.value.finding.code == "config.no-inbox"


def opened(monkeypatch: pytest.MonkeyPatch, name: str, meanwhile: Callable[[Path], object]) -> None:
    """Let something happen to a file between its being listed and its being opened, as on a share that others work on."""
    real = os.open

    def late(path: Any, *args: Any, **more: Any) -> int:
        if Path(path).name == name:
            meanwhile(Path(path))
        return real(path, *args, **more)

    monkeypatch.setattr(os, "open", late)


def test_a_file_that_is_renamed_or_gone_after_it_was_listed_costs_only_itself(
    inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.xlsx", "b.xlsx", "c.xlsx"):
        (inbox / name).write_bytes(name.encode())
    opened(monkeypatch, "b.xlsx", lambda path: path.rename(path.with_name("z.xlsx")))
    assert codes(scan(inbox, MOST)) == {"a.xlsx": "", "b.xlsx": "file.unreadable", "c.xlsx": ""}
    monkeypatch.undo()
    assert codes(scan(inbox, MOST)) == {"a.xlsx": "", "c.xlsx": "", "z.xlsx": ""}  # the next run has it by its new name
    opened(monkeypatch, "z.xlsx", Path.unlink)
    assert codes(scan(inbox, MOST)) == {"a.xlsx": "", "c.xlsx": "", "z.xlsx": "file.unreadable"}


def test_a_file_that_is_listed_but_not_yet_to_be_read_is_taken_later(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (inbox / "a.xlsx").write_bytes(b"a")
    (inbox / "b.xlsx").write_bytes(b"b")

    def locked(path: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))  # as a share says while another one writes

    opened(monkeypatch, "b.xlsx", locked)
    assert codes(scan(inbox, MOST)) == {"a.xlsx": "", "b.xlsx": "file.unreadable"}
    monkeypatch.undo()
    assert codes(scan(inbox, MOST)) == {"a.xlsx": "", "b.xlsx": ""}


@needs_posix
def test_several_processes_find_the_same_in_an_inbox_as_one(tmp_path: Path) -> None:
    for n in range(100):
        (tmp_path / f"{n:02d}.xlsx").write_bytes(b"%d" % (n % 40))  # some of them copies of others
    (tmp_path / "large.xlsx").write_bytes(bytes(50))
    (tmp_path / "link.xlsx").symlink_to(tmp_path / "00.xlsx")
    one, several = (look_through(tmp_path, 40, lambda digest, data: (digest, data), jobs) for jobs in (1, 3))
    assert one == several
    kept = {arrival.name: said for arrival, said in several}
    assert len(kept) == 102 and kept["99.xlsx"] == (hashlib.sha256(b"19").hexdigest(), b"19")
    assert [arrival.name for arrival, said in several if said is None] == ["large.xlsx", "link.xlsx"]
