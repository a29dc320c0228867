"""Files written aside and put in their places: whole, or in parts as they are made."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from batch.files import locked


def test_a_file_made_in_parts_is_the_same_as_one_made_whole(tmp_path: Path) -> None:
    with locked(tmp_path / "out") as store:
        whole = store.draft("outbox/whole", b"first, second, third")
        parts = store.draft("outbox/parts", iter([b"first, ", b"", b"second, ", b"third"]))
        assert (parts.sha256, parts.size) == (whole.sha256, whole.size)
        assert store.place(parts)
        assert (tmp_path / "out/outbox/parts").read_bytes() == b"first, second, third"


def test_a_file_made_in_parts_that_lies_there_already_is_left_as_it_is(tmp_path: Path) -> None:
    with locked(tmp_path / "out") as store:
        store.place(store.draft("outbox/page", iter([b"one", b"two"])))
        again = store.draft("outbox/page", iter([b"onet", b"wo"]))
        assert not store.place(again)
        assert store.place(store.draft("outbox/page", iter([b"two", b"one"])))  # of the same length
        assert (tmp_path / "out/outbox/page").read_bytes() == b"twoone"


def test_a_file_that_fails_in_mid_making_leaves_nothing(tmp_path: Path) -> None:
    def parts() -> Iterator[bytes]:
        yield b"begun"
        raise RuntimeError

    with locked(tmp_path / "out") as store:
        store.place(store.draft("outbox/page", b"as it was"))
        with pytest.raises(RuntimeError):
            store.draft("outbox/page", parts())
        assert not [*(tmp_path / "out/.aside").iterdir()]
        assert (tmp_path / "out/outbox/page").read_bytes() == b"as it was"
