"""An office's own page templates: they win, they are checked, they can do no harm."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from batch.core.finding import Finding, UserError
from batch.files import resource
from batch.i18n import Speaker
from batch.pages import _LENDING, render
from tests.small_office import SmallOffice

W = "2025-W26"


@pytest.fixture
def office(tmp_path: Path) -> SmallOffice:
    """An office in which everybody has reported."""
    office = SmallOffice(tmp_path)
    office.issue(W)
    for who in ("A3", "A4", "B2"):
        office.report(W, who)
    return office


def own(office: SmallOffice, name: str, text: str) -> Path:
    path = office.folder / "templates" / "html" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def summary(office: SmallOffice) -> str:
    return (office.out / "outbox" / W / "summary.html").read_text(encoding="utf-8")


def refused(office: SmallOffice) -> Finding:
    with pytest.raises(UserError) as caught:
        office.run(W)
    assert not (office.out / "outbox" / W / "summary.html").exists()
    return caught.value.finding


def test_colours_of_ones_own_on_every_page(office: SmallOffice) -> None:
    text = '{% extends "shipped/base.html.j2" %}{% block office %}:root { --link: #7a1f1f; }{% endblock %}'
    own(office, "base.html.j2", text)
    office.run(W)
    pages = list((office.out / "outbox" / W).rglob("*.html"))
    assert len(pages) > 5
    assert all("--link: #7a1f1f;" in page.read_text(encoding="utf-8") for page in pages)


def test_an_edited_copy_wins_and_a_change_renews_the_week(office: SmallOffice) -> None:
    office.run(W)
    assert "Staff of the Ministry" not in summary(office)
    shipped = resource("html", "summary.html.j2").read_text(encoding="utf-8")
    own(office, "summary.html.j2", shipped.replace("{% block content %}", "{% block content %}<p>Staff of the Ministry</p>"))
    office.run(W)
    assert "<p>Staff of the Ministry</p>" in summary(office)


def test_the_shipped_templates_pass_as_an_offices_own(office: SmallOffice) -> None:
    office.run(W)
    before = summary(office)
    shutil.copytree(resource("html"), office.folder / "templates" / "html")
    office.run(W)
    assert summary(office) == before


def test_a_template_under_a_name_that_nothing_has_is_pointed_out(office: SmallOffice) -> None:
    own(office, "sumary.html.j2", "x")
    own(office, "index.html", "x")
    own(office, "seal.j2", "<p>seal</p>")
    own(office, "slip.html.j2", '{% extends "shipped/slip.html.j2" %}{# {% include "seal.j2" %} #}')
    folder = office.folder / "templates"
    for name in ("slef.xlsx", "self.xlsx", "~$self.xlsx"):
        shutil.copy(resource("self.xlsx"), folder / name)
    office.run(W)
    said = {f["file"]: f["remedy"] for f in office.findings(W) if f["code"] == "config.template-unused"}
    assert said.keys() == {"templates/html/sumary.html.j2", "templates/html/index.html", "templates/slef.xlsx"}
    assert "(index.html.j2)" in said["templates/html/index.html"]
    assert "(summary.html.j2)" in said["templates/html/sumary.html.j2"] and "(self.xlsx)" in said["templates/slef.xlsx"]
    (folder / "slef.xlsx").unlink()
    (folder / "html" / "sumary.html.j2").unlink()
    (folder / "html" / "index.html").unlink()
    office.run(W)
    assert "config.template-unused" not in office.codes(W)


def test_a_wrong_name_is_said_with_its_line(office: SmallOffice) -> None:
    text = '{% extends "base.html.j2" %}\n{% block title %}x{% endblock %}\n{% block content %}\n{{ offic.name }}\n{% endblock %}'
    path = own(office, "index.html.j2", text)
    found = refused(office)
    assert (found.code, found.place.file) == ("config.page-wrong", str(path))
    assert dict(found.params)["line"] == "4"
    assert "offic" in dict(found.params)["problem"]


def test_a_slip_of_the_pen_is_said_with_its_line(office: SmallOffice) -> None:
    path = own(office, "slip.html.j2", '{% extends "base.html.j2" %}\n{% block content %}\n{% if %}\n')
    with pytest.raises(UserError) as caught:
        office.issue(W)  # even before any page is due
    found = caught.value.finding
    assert (found.code, found.place.file, dict(found.params)["line"]) == ("config.page-wrong", str(path), "3")


@pytest.mark.parametrize(
    ("name", "without", "said"),
    [
        ("base.html.j2", "{% block content %}{% endblock %}", "block content"),
        (
            "parts.html.j2",
            "{% macro tone(slot) %}t-{{ slot.tone }}{% if slot.repeat %} again{% endif %}{% endmacro %}",
            "macro tone",
        ),
    ],
)
def test_a_part_that_others_need_is_missed_at_once(office: SmallOffice, name: str, without: str, said: str) -> None:
    shipped = resource("html", name).read_text(encoding="utf-8")
    assert without in shipped
    path = own(office, name, shipped.replace(without, ""))
    found = refused(office)
    assert (found.code, found.place.file, dict(found.params)["names"]) == ("config.page-lacks", str(path), said)


def test_only_what_others_call_is_missed(office: SmallOffice) -> None:
    text = '{% extends "base.html.j2" %}{% block title %}{% endblock %}{% block style %}{% endblock %}'
    own(office, "rollup.html.j2", text + "{% block content %}no macro at all{% endblock %}")
    office.run(W)
    calls = [path.read_text(encoding="utf-8") for path in resource("html").glob("*.j2")]
    called = {name for text in calls for name in re.findall(r'{% (?:import|from) "([^"]+)"', text)}
    assert called == _LENDING


@pytest.mark.parametrize(
    "attack",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ say.__init__.__globals__ }}",
        '{% include "../../office.toml" %}',
        '{% include "/etc/passwd" %}',
    ],
)
def test_a_template_reaches_nothing_but_the_page(office: SmallOffice, attack: str) -> None:
    own(office, "base.html.j2", '{% extends "shipped/base.html.j2" %}{% block content %}' + attack + "{% endblock %}")
    own(office, "index.html.j2", '{% extends "shipped/index.html.j2" %}{% block content %}' + attack + "{% endblock %}")
    assert refused(office).code == "config.page-wrong"


def test_what_people_typed_stays_escaped_in_an_own_template(office: SmallOffice) -> None:
    text = '{% extends "shipped/index.html.j2" %}{% block content %}{{ "<b>" ~ office.name }}{% endblock %}'
    own(office, "index.html.j2", text)
    office.run(W)
    page = (office.out / "outbox" / W / "index.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;Test" in page


@pytest.mark.parametrize(("lang", "word"), [("en", "Full name"), ("vi", "Họ và tên")])
def test_words_are_said_wherever_a_template_says_them(tmp_path: Path, lang: str, word: str) -> None:
    text = """{% macro twice(text, _) %}{{ text }}+{{ _("Full name") }}{% endmacro %}
    {{ _("Full name") }} | {{ "<i>" | safe ~ _("Full name") ~ "</i>" | safe }} | {{ twice(_("Full name"), _) }} |
    {{ _("Full name") if yes else "" }} | {{ _("a < b") }} | {{ _("{files} files", files=1) }} | {{ _(known) }} |
    {{ once(1, twice, "x", _) }} | {{ once(1, twice, "y", _) }} | {{ once(2, twice, "z", _) }}"""
    (tmp_path / "own.html.j2").write_text(text, encoding="utf-8")
    say = Speaker(lang)
    shown = render(tmp_path, "own.html.j2", {"_": say}, yes=True, known="Full name")
    assert [part.strip() for part in shown.split("|")] == [
        *(word, f"<i>{word}</i>", f"{word}+{word}", word, "a &lt; b", say("{files} files", files=1), word),
        *(f"x+{word}", f"x+{word}", f"z+{word}"),
    ]
