"""Issued forms and the office's key, played through: what is forged, edited, readdressed, expired or under a withdrawn key."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path

import openpyxl
import pytest

from batch.core.finding import UserError
from batch.forms.keys import HEADER_KEYS
from batch.forms.token import Keys
from tests.conftest import ROOT, run_appraise
from tests.small_office import NOW, SmallOffice

W = "2025-W26"


@pytest.fixture
def office(tmp_path: Path) -> SmallOffice:
    office = SmallOffice(tmp_path)
    office.issue(W)
    return office


def rekey(office: SmallOffice, *more: str) -> str:
    done = run_appraise("--lang", "en", "rekey", "--office", office.folder, "--out", office.out, *more)
    assert done.returncode == 0, done.stderr
    return done.stdout


def state(office: SmallOffice, staff_id: str) -> str:
    return office.results(W)[staff_id]["state"]


def fates(office: SmallOffice) -> dict[str, str]:
    inputs = json.loads(office.manifest(W).read_text(encoding="utf-8"))["inputs"]
    return {entry["name"]: entry["fate"] for entry in inputs}


def test_a_new_key_signs_and_the_old_forms_still_count(office: SmallOffice) -> None:
    office.report(W, "A3")
    first = (office.out / "key").read_text(encoding="ascii")
    assert "still accepted" in rekey(office)
    lines = (office.out / "key").read_text(encoding="ascii").splitlines()
    assert lines[1:] == first.splitlines() and len(lines[0]) == 64
    if sys.platform != "win32":
        assert stat.S_IMODE((office.out / "key").stat().st_mode) == 0o600
    office.report(W, "A4")  # on the form of before
    office.issue(W, people=["B2"])
    office.report(W, "B2")
    (office.out / "key").write_text(f"{lines[0]}\n", encoding="ascii")
    office.run(W)
    assert [state(office, who) for who in ("A3", "A4", "B2")] == [
        "missing",
        "missing",
        "submitted",
    ]  # only one is the new key's
    (office.out / "key").write_text("\n".join(lines), encoding="ascii")
    office.run(W)
    assert [state(office, who) for who in ("A3", "A4", "B2")] == ["submitted"] * 3


def test_a_retired_keys_forms_are_refused_but_what_had_come_before_stands(office: SmallOffice) -> None:
    office.report(W, "A3")
    office.run(W)
    office.report(W, "A4", name="late.xlsx")
    assert "refused from now on" in rekey(office, "--retire")
    office.run(W)
    assert (state(office, "A3"), state(office, "A4")) == ("submitted", "missing")
    assert office.codes(W).count("form.key-retired") == 1 and fates(office)["late.xlsx"] == "refused"
    office.issue(W, people=["A4"])
    office.report(W, "A4")
    office.run(W)
    assert state(office, "A4") == "submitted"


def test_a_lost_key_is_said_and_a_new_one_keeps_what_had_come(office: SmallOffice) -> None:
    office.report(W, "A3")
    office.run(W)
    (office.out / "key").unlink()
    with pytest.raises(UserError) as refused:
        office.run(W)
    assert refused.value.finding.code == "config.key-unreadable"
    assert not (office.out / "key").exists()  # never replaced in silence
    rekey(office)
    office.report(W, "A4")
    office.run(W)
    assert (state(office, "A3"), state(office, "A4")) == ("submitted", "missing")
    assert office.codes(W).count("form.bad-token") == 1


def test_a_key_in_the_offices_folder_is_prepared_beside_and_moved_by_hand(tmp_path: Path) -> None:
    office = SmallOffice(tmp_path, 'key = "office.key"')
    mine = office.folder / "office.key"
    mine.write_text("first-key\n", encoding="utf-8")
    said = rekey(office)
    assert str(mine) in said and mine.read_text(encoding="utf-8") == "first-key\n"
    assert (office.out / "key.new").read_text(encoding="utf-8").splitlines()[1:] == ["first-key"]
    assert not (office.out / "key").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")
def test_a_key_that_everybody_can_read_is_said_in_one_line(office: SmallOffice) -> None:
    office.report(W, "A3")
    words = ("--lang", "en", "run", W, "--office", office.folder, "--out", office.out, "--now", NOW)
    assert run_appraise(*words).stderr == ""
    (office.out / "key").chmod(0o644)
    done = run_appraise(*words)
    assert done.returncode == 0 and done.stderr.count("\n") == 1 and "chmod 600" in done.stderr


def test_whatever_is_edited_in_the_hidden_header_has_no_effect(office: SmallOffice) -> None:
    others = {"form": "review", "period": "2025-W27", "addressee": "A1", "subject": "A4", "corrects": "x", "token": "A" * 43}
    names = {}
    for key in HEADER_KEYS:
        path = office.report(W, "A3", name=f"{key}.xlsx")
        book = openpyxl.load_workbook(path)
        for row in book["_form"].iter_rows():
            if row[0].value == key:
                row[1].value = others.get(key, "9")
        book.save(path)
        names[path.name] = "refused"
    office.run(W)
    assert {row["state"] for row in office.results(W).values()} == {"missing"}
    found = [(f["file"], f["code"]) for f in office.findings(W) if f["code"].startswith("form.")]
    assert sorted(found) == sorted(
        (name, "form.bad-token") for name in names
    )  # one names a week that has no form: told here
    assert fates(office) == names
    office.run("2025-W27")  # the week that the form was moved to
    assert ("period.xlsx", "form.bad-token") in [(f["file"], f["code"]) for f in office.findings("2025-W27")]
    assert {row["state"] for row in office.results("2025-W27").values()} == {"missing"}


def test_a_form_that_comes_after_its_time_is_refused_where_the_office_says_so(office: SmallOffice) -> None:
    office.settings("accept_weeks = 2")
    office.report(W, "A3")
    office.run(W, now="2025-07-13T23:59+07:00")  # the Sunday two weeks after the week's
    office.report(W, "A4", name="late.xlsx")
    office.run(W, now="2025-07-14T00:00+07:00")
    assert (state(office, "A3"), state(office, "A4")) == ("submitted", "missing")
    (late,) = [f for f in office.findings(W) if f["code"] == "form.expired"]
    assert late["file"] == "late.xlsx" and fates(office)["late.xlsx"] == "refused"
    office.settings("accept_weeks = 3")
    office.run(W, now="2025-07-14T09:00+07:00")
    assert state(office, "A4") == "submitted"


def test_a_form_issued_under_older_caps_is_judged_by_the_present_ones_and_said(tmp_path: Path) -> None:
    text = (ROOT / "templates" / "schemes" / "vn-weekly.toml").read_text(encoding="utf-8")
    assert text.count("max = 40") == 2
    office = SmallOffice(tmp_path, 'scheme = "ours.toml"')
    (office.folder / "ours.toml").write_text(text, encoding="utf-8")
    office.issue(W)
    # The office moves ten points from quality to conduct while the forms are out.
    moved = text.replace("max = 40", "max = 30", 1).replace("max = 20", "max = 30", 1)
    (office.folder / "ours.toml").write_text(moved, encoding="utf-8")
    office.report(W, "A3", (30, 40, 30))
    office.report(W, "A4", (38, 37, 19))
    office.run(W)
    assert (state(office, "A3"), state(office, "A4")) == ("submitted", "returned")
    assert office.codes(W, "A3") == ["form.other-version"]
    (over,) = [f for f in office.findings(W) if f["code"] == "value.over-cap"]
    assert over["staff_id"] == "A4" and "30" in over["message"]


def test_a_form_of_an_older_template_counts_and_comes_back_on_the_present_one(office: SmallOffice) -> None:
    path = office.report(W, "A3", (44, 37, 19), summary="Đã xong")
    book = openpyxl.load_workbook(path)
    rows = {row[0].value: row[1] for row in book["_form"].iter_rows(max_col=2)}
    header = {key: str(rows[key].value or "") for key in HEADER_KEYS} | {"template": "0"}
    rows["template"].value, rows["token"].value = "0", Keys.load(office.out / "key").sign(header)
    book.save(path)
    office.run(W)
    assert state(office, "A3") == "returned" and office.codes(W, "A3").count("value.over-cap") == 1
    back = openpyxl.load_workbook(office.form("self", W, "A3"))
    assert {row[0].value: row[1].value for row in back["_form"].iter_rows(max_col=2)}["template"] == "1"
    office.fill(office.form("self", W, "A3"), {("score.quality", "self"): 39})
    office.run(W)
    assert office.results(W)["A3"]["self_total"] == "95"
