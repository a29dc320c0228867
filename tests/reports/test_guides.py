"""The one-page guides: one sheet of paper each, true to what the program refuses, with pictures of the forms as they are."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from batch.answers.check import check, open_rules
from batch.i18n import LANGUAGES, Speaker
from batch.reports import guides
from batch.roster import load_office
from batch.scheme import Scheme, load_scheme
from tests.conftest import ROOT, SAMPLE
from tests.reports.conftest import Reader
from tests.reports.test_browser import paper
from tests.small_office import SmallOffice

PICTURES = ROOT / "templates" / "guides"
W = "2025-W26"
USUAL = {"self": "5 17:00", "unit": "5 17:00", "review": "8 12:00", "approval": "9 17:00", "meeting": "12 17:00"}


def camera() -> ModuleType:
    """The script that takes the pictures."""
    spec = importlib.util.spec_from_file_location("pictures", PICTURES / "pictures.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["pictures"] = module
    spec.loader.exec_module(module)
    return module


def weekly() -> Scheme:
    return load_scheme("vn-weekly", Path())


def page(kind: str, lang: str, **settings: Any) -> str:
    office = load_office(SAMPLE).model_copy(update={"deadlines": USUAL, **settings})
    return guides.guide(kind, office, weekly(), Path("none"), Speaker(lang))


def test_the_pictures_show_the_forms_as_they_are_now() -> None:
    noted = json.loads((PICTURES / "made-from.json").read_text(encoding="utf-8"))
    assert camera().made_from() == noted, "a master or a text changed; run: make guides"
    files = {path.relative_to(PICTURES).as_posix(): path.stat().st_size for path in PICTURES.rglob("*.png")}
    assert files.keys() == noted.keys()
    assert sum(files.values()) < 1_500_000


@pytest.mark.browser
def test_each_is_one_sheet_sound_and_asks_for_nothing(reader: Reader, tmp_path: Path) -> None:
    for lang in LANGUAGES:
        for kind in guides.kinds(weekly()):
            opened = reader.open(page(kind, lang), viewport={"width": 390, "height": 844})
            assert opened.evaluate("document.documentElement.scrollWidth") <= 390, (kind, lang)
            sheets, sizes = paper(opened, tmp_path)
            assert [tuple(map(round, size)) for size in sizes] == [(210, 297)], (kind, lang)
            assert len(sheets) == 1, (kind, lang)
            if lang == "vi":
                for colours in ("light", "dark") if kind == "staff" else ("light",):
                    opened.emulate_media(color_scheme=colours)
                    found = Axe().run(opened).response["violations"]
                    assert [(kind, colours, one["id"], one["nodes"][0]["html"]) for one in found] == []
            opened.context.close()
    assert all(url.startswith("file:") for url in reader.asked)
    assert reader.complained == []


def test_deadlines_caps_and_levels_are_the_offices_own() -> None:
    text = page("staff", "vi")
    for said in (
        "trước 17:00 thứ Sáu.",
        "trước 12:00 thứ Hai tuần sau",
        "Chất lượng 0–40",
        "Hoàn thành xuất sắc nhiệm vụ ≥ 90",
    ):
        assert said in text, said
    assert "ภายในวันศุกร์ เวลา 17.00 น." in page("staff", "th")
    assert "to the secretary by 17:00 on Friday." in page("staff", "en")
    assert "to the secretary." in page("staff", "en", deadlines={})  # no deadline, no gap


def test_a_picture_says_so_where_the_office_has_masters_of_its_own(tmp_path: Path) -> None:
    own = tmp_path / "templates" / "html"
    own.mkdir(parents=True)
    for edited in (False, True):
        if edited:
            (own.parent / "self.xlsx").write_bytes(b"")
        text = guides.guide("staff", load_office(SAMPLE), weekly(), own, Speaker("en"))
        assert ("own form may look different" in text) is edited


# --- what they say is refused is refused ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> SmallOffice:
    """An office in which A3 and A4 have been scored by A2, and the unit D1 may report."""
    office = SmallOffice(tmp_path_factory.mktemp("guides"))
    office.issue(W)
    office.run(W)
    office.review(W, "A2", {"A3": (34, 33, 18), "A4": (31, 30, 15)})
    office.run(W)
    return office


SOUND: dict[str, dict[tuple[str, str], object]] = {
    "self": {("score.quality", "self"): 30, ("score.progress", "self"): 30, ("score.conduct", "self"): 15},
    "review": {("A4", f"score.{name}"): 15 for name in ("quality", "progress", "conduct")},
    "approval": {},
}
FORMS = {"staff": "self-{}-A3", "supervisor": "review-{}-A2", "approver": "approval-{}-A1", "unit-head": "unit-{}-D1"}


@pytest.mark.parametrize("kind", FORMS)
def test_what_a_guide_calls_refused_comes_back_with_that_sentence(office: SmallOffice, kind: str) -> None:
    say, scheme = Speaker("en"), weekly()
    form = FORMS[kind].format(W)
    blank = office.given(W, form.split("-")[-1] if kind != "unit-head" else "A1", form)
    row_form = kind in ("supervisor", "approver")
    sound = SOUND["review" if kind == "supervisor" else "approval" if kind == "approver" else "self"]
    cases = list(guides.refusals(kind, scheme, say))
    assert cases
    files = []
    for n, one in enumerate(cases):
        row, column = one.field
        typed = {} if row_form else dict(sound)
        typed[row or "A4", column] = one.typed
        files.append(office.fill(blank, typed, f"{kind} {n}.xlsx"))
    if sound:
        files.append(office.fill(blank, sound, f"{kind} sound.xlsx"))
    checked = check(files, open_rules(office.folder, office.out))
    for one, answer in zip(cases, checked, strict=False):
        assert guides.said(one, say) in [say.message(found) for found in answer.findings], one
    if sound:
        assert checked[-1].errors == 0
    for file in files:
        file.unlink()


def test_the_index_names_the_guides_and_who_needs_which(office: SmallOffice) -> None:
    folder = office.out / "outbox" / W
    index = (folder / "index.html").read_text(encoding="utf-8")
    rows = {
        code: row
        for row in re.findall(r"<tr data-row.*?</tr>", index, re.DOTALL)
        for code in re.findall(r'Staff code">(\w+)<', row)
    }
    linked = {code: re.findall(r"guides/([\w-]+)\.html", row) for code, row in rows.items()}
    assert linked["A1"] == ["staff", "supervisor", "approver", "unit-head"]
    assert linked["A2"] == ["staff", "supervisor"]
    assert linked["B2"] == ["staff"]
    listed = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["outputs"]
    for kind in guides.kinds(weekly()):
        name = guides.path_of(kind)
        assert (folder / name).is_file()
        assert name in {output["name"] for output in listed}


def test_a_scheme_without_reports_of_units_has_no_guide_for_them() -> None:
    without = weekly().model_copy(update={"collective": None})
    assert "unit-head" not in guides.kinds(without)
