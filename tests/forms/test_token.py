from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from batch.core.finding import UserError
from batch.forms.keys import HEADER_KEYS
from batch.forms.token import Keys, new_key_file
from batch.i18n import LANGUAGES, Speaker

SIGNED = [key for key in HEADER_KEYS if key != "token"]
HEADER = {
    "form": "review",
    "period": "2025-W23",
    "subject": "",
    "addressee": "0101",
    "scheme": "vn-weekly",
    "scheme_hash": "0123456789abcdef",
    "template": "1",
    "corrects": "",
}
TEXTS = st.text(max_size=12)
HEADERS = st.fixed_dictionaries(dict.fromkeys(SIGNED, TEXTS))


def signed(keys: Keys, header: dict[str, str]) -> dict[str, str]:
    return {**header, "token": keys.sign(header)}


def test_a_signed_header_is_genuine() -> None:
    assert Keys(["k"]).genuine(signed(Keys(["k"]), HEADER))


@pytest.mark.parametrize("key", SIGNED)
@pytest.mark.parametrize("value", ["", "x", " ", "0101 "])
def test_an_edit_of_any_header_key_is_noticed(key: str, value: str) -> None:
    edited = {**signed(Keys(["k"]), HEADER), key: value}
    assert Keys(["k"]).genuine(edited) == (HEADER[key] == value)


@pytest.mark.parametrize("key", SIGNED)
def test_a_header_key_cannot_be_taken_away(key: str) -> None:
    header = {**HEADER, "subject": "0102", "corrects": "abc"}
    token = signed(Keys(["k"]), header)
    del token[key]
    assert not Keys(["k"]).genuine(token)


@pytest.mark.parametrize("token", ["", "x", "é", "=", "\x00", "A" * 43, "A" * 5000])
def test_an_invented_token_is_not_genuine(token: str) -> None:
    assert not Keys(["k"]).genuine({**HEADER, "token": token})


def test_another_offices_token_is_not_genuine() -> None:
    assert not Keys(["mine"]).genuine(signed(Keys(["theirs"]), HEADER))


def test_the_same_header_always_gets_the_same_token() -> None:
    assert Keys(["k"]).sign(HEADER) == Keys(["k"]).sign(dict(reversed(HEADER.items())))


@given(HEADERS, HEADERS)
def test_two_headers_share_a_token_only_if_they_are_the_same(one: dict[str, str], other: dict[str, str]) -> None:
    keys = Keys(["k"])
    assert keys.genuine(signed(keys, one))
    assert keys.genuine({**other, "token": keys.sign(one)}) == (one == other)


@given(HEADERS, st.sampled_from(SIGNED), st.sampled_from(SIGNED), TEXTS)
def test_text_cannot_be_shifted_from_one_key_to_another(header: dict[str, str], source: str, target: str, more: str) -> None:
    assume(source != target)
    assume(more != "")
    keys = Keys(["k"])
    before = {**header, source: header[source] + more}
    after = {**header, target: header[target] + more}
    assert not keys.genuine({**after, "token": keys.sign(before)})


# --- the key file -------------------------------------------------------------------------------------------------


def test_rotation_keeps_old_forms_and_signs_with_the_top_line(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("old\n", encoding="utf-8")
    old = signed(Keys.load(path), HEADER)
    path.write_text("# new on top\nnew\n\nold\n", encoding="utf-8")
    both = Keys.load(path)
    assert both.genuine(old)
    assert both.sign(HEADER) == Keys(["new"]).sign(HEADER)
    path.write_text("new\n", encoding="utf-8")
    assert not Keys.load(path).genuine(old)
    assert Keys.load(path).genuine(signed(both, HEADER))


def test_a_retired_key_signs_nothing_and_its_forms_are_told_from_forged_ones(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("old\n", encoding="utf-8")
    old = signed(Keys.load(path), HEADER)
    path.write_text("retired old\nnew\n", encoding="utf-8")
    keys = Keys.load(path)
    assert not keys.genuine(old) and keys.withdrawn(old)
    assert not keys.withdrawn({**old, "addressee": "0102"})
    assert keys.sign(HEADER) == Keys(["new"]).sign(HEADER)
    path.write_text("retired old\n", encoding="utf-8")
    with pytest.raises(UserError) as caught:
        Keys.load(path)
    assert "withdrawn" in Speaker("en").message(caught.value.finding)


def test_a_new_key_file_keeps_the_old_keys_below_a_fresh_one() -> None:
    first = new_key_file(()).decode().split()
    assert len(first) == 1 and len(first[0]) == 64
    assert new_key_file(()).decode().split() != first
    lines = new_key_file([*first, "retired older"]).decode().splitlines()
    assert lines[1:] == [*first, "retired older"] and lines[0] not in first
    assert new_key_file([*first, "retired older"], retire=True).decode().splitlines()[1:] == [
        f"retired {first[0]}",
        "retired older",
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")
@pytest.mark.parametrize(
    ("mode", "content", "exposed"), [(0o644, "secret", True), (0o640, "secret", False), (0o644, "DEMO-KEY-x", False)]
)
def test_a_key_that_everybody_can_read_is_noticed(mode: int, content: str, exposed: bool, tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(content, encoding="utf-8")
    path.chmod(mode)
    assert Keys.load(path).exposed is exposed


@pytest.mark.parametrize("content", [None, b"", b"\n \n# only a note\n", b"\xff\xfe\x00"])
def test_a_key_that_cannot_be_read_is_said_in_three_languages(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "office.key"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError) as caught:
        Keys.load(path)
    found = caught.value.finding
    assert (found.code, found.place.file) == ("config.key-unreadable", str(path))
    assert len({Speaker(lang).message(found) + Speaker(lang).remedy(found) for lang in LANGUAGES}) == 3
