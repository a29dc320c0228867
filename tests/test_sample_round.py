"""The sample bureau: what must come of its rounds, by hand reasoning kept beside the people (tests/sample_round)."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_HALF_UP, Decimal
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import openpyxl
import pytest

from tests.builders import table
from tests.conftest import ROOT, run_appraise
from tests.raises.bureau import filled
from tests.sample_round import expected, forms
from tests.sample_round import office as data
from tests.sample_round.build import OFFICE, rows
from tests.sample_round.story import FIRST, SECOND, STORIES, Story
from tests.test_privacy import elsewhere
from tests.test_sample import read_csv

NAMES = {line[0]: line[1] for line in rows(data.PEOPLE)}
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
BANDS = ((90, "ดีเด่น"), (80, "ดีมาก"), (70, "ดี"), (60, "พอใช้"), (0, "ต้องปรับปรุง"))


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """OUT after both rounds, as `make round` goes through them."""
    folder = tmp_path_factory.mktemp("round") / "out"
    where = ("--office", OFFICE, "--out", folder, "--now", "2025-10-02T08:00")
    for words in (("run",), ("raises", "2568-R1"), ("raises", "2568-R2"), ("raises", "2568-R1", "--what-if")):
        done = run_appraise(*words, *where)
        assert done.returncode == 0, done.stderr + done.stdout
    return folder


def box(out: Path, story: Story) -> Path:
    return out / "outbox" / str(story.period)


def results(out: Path, period: str) -> dict[str, dict[str, str]]:
    return {row["staff_id"]: row for row in read_csv(out / "outbox" / period / "raises.csv")}


def worked(text: str) -> dict[str, dict[str, str]]:
    """A table of tests/sample_round/expected.py: who → column → what must come."""
    keys, *lines = table(text)
    padded = (line + [""] * (len(keys) - len(line)) for line in lines)
    return {line[0]: dict(zip(keys, line, strict=True)) for line in padded}


def band(score: str) -> str:
    return next(name for least, name in BANDS if Decimal(score) >= least)


# --- the appraisal ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("story", STORIES, ids=("1", "2"))
def test_everybody_comes_to_the_result_that_the_story_tells(out: Path, story: Story) -> None:
    """Whatever was returned, corrected, differed from or adjusted on the way, all by forms."""
    found = {row["staff_id"]: row for row in read_csv(box(out, story) / "results.csv")}
    wanted = {who: story.score(line) for who, line in forms.people(story.period).items() if who not in story.elsewhere}
    told = {who: (Decimal(row["total"]), row["state"]) for who, row in found.items() if row["total"]}
    assert told == {who: (Decimal(score), "approved") for who, score in wanted.items() if score}
    open_cases = {who: row["state"] for who, row in found.items() if not row["total"]}
    assert open_cases == ({"1407": "submitted"} if story is FIRST else {"1208": "missing"})


def test_round_2_is_on_forms_but_for_who_was_appraised_elsewhere(out: Path) -> None:
    listed = [row[1].value for row in openpyxl.load_workbook(OFFICE / "scores.xlsx").worksheets[0].iter_rows(min_row=3)]
    assert listed == ["1208"] == sorted(SECOND.elsewhere)
    notes = {(row["code"], row["staff_id"]) for row in read_csv(box(out, SECOND) / "raises-findings.csv")}
    assert notes == {("raises.score-listed", "1208")}


def test_what_happens_in_round_2_is_on_record(out: Path) -> None:
    found = {(row["severity"], row["code"], row["staff_id"]) for row in read_csv(box(out, SECOND) / "findings.csv")}
    assert found == {  # nothing else: what was corrected or answered is no longer a finding
        ("warning", "act.missing", "1208"),
        *(("info", "agreement.amended", who) for who in ("1202", "1305", "1404")),
        *(("info", "approval.adjusted", who) for who in ("1502", "1106")),
    }


def paper(out: Path, story: Story, who: str) -> openpyxl.Workbook:
    return openpyxl.load_workbook(box(out, story) / "for" / who / f"summary-{story.period}-{who}.xlsx")


def texts(book: openpyxl.Workbook) -> str:
    found = (c.value for sheet in book.worksheets for row in sheet.iter_rows() for c in row)
    return "\n".join(str(value) for value in found if value is not None)


@pytest.mark.parametrize("story", STORIES, ids=("1", "2"))
def test_notes_and_changes_stand_on_the_papers_of_whom_they_are_about(out: Path, story: Story) -> None:
    said = {who: texts(paper(out, story, who)) for who in {*story.notes, *story.amended, "1103"}}
    for who, text in said.items():
        for about, notes in story.notes.items():
            assert [(found in text, helped in text) for _, found, helped in notes] == [(about == who,) * 2] * len(notes)
        for about, (_, reason, changed, _) in story.amended.items():
            assert (reason in text) is (about == who)
            assert [one.title in text for one in changed.values()] == [about == who] * len(changed)


def test_probation_ends_and_begins(out: Path) -> None:
    """1408 and 1409 are weighed 50 to 50 in round 1 and 70 to 30 in round 2, in which 1509 is on probation."""
    even, usual = ["50%", "50%", "100%"], ["70%", "30%", "100%"]
    for story, who, wanted in (
        (FIRST, "1408", even),
        (SECOND, "1408", usual),
        (SECOND, "1409", usual),
        (SECOND, "1509", even),
    ):
        sheet = filled(paper(out, story, who).worksheets[0])
        assert [cell for row in sheet for cell in row if str(cell).endswith("%")] == wanted, who


def test_who_moves_is_assessed_by_the_new_superior_on_the_new_indicators(out: Path) -> None:
    rows_of = {row["staff_id"]: row for row in read_csv(box(out, SECOND) / "results.csv")}
    assert (rows_of["1404"]["unit_id"], rows_of["1404"]["reviewer_id"]) == ("OA1", "1101")
    agreed = [row[1] for row in filled(paper(out, SECOND, "1404").worksheets[2]) if isinstance(row[0], int)]
    assert agreed == [one.title for one in SECOND.amended["1404"][2].values()]


def test_what_was_sent_back_stands_on_the_paper_as_it_was_assessed_again(out: Path) -> None:
    for who in SECOND.sent_again:
        (total,) = (line[-1] for line in filled(paper(out, SECOND, who).worksheets[0]) if "คะแนนรวม" in line)
        assert total == float(SECOND.score(forms.people(SECOND.period)[who]))


@pytest.mark.parametrize("story", STORIES, ids=("1", "2"))
def test_the_goals_are_covered_but_for_one(out: Path, story: Story) -> None:
    """Everybody's indicators serve the goal of the unit where they were agreed on last; G1.3 is nobody's."""
    book = openpyxl.load_workbook(box(out, story) / "goals.xlsx")
    lines: list[tuple[Any, ...]] = [
        tuple(c.value for c in row) for row in book.worksheets[0].iter_rows(min_row=4, max_row=12)
    ]
    people = {str(line[0]): line[3] for line in lines}
    everybody = {who: line for who, line in forms.people(story.period).items() if who not in story.elsewhere}
    changed = {who: goal for who, (*_, goal) in story.amended.items()}
    served = Counter(changed.get(who) or data.GOALS[line[4]] for who, line in everybody.items())
    roots = {g: sum(n for goal, n in served.items() if goal.startswith(g)) for g in ("G1", "G2", "G3")}
    assert people == {**served, **roots, "G1.3": 0}
    assert sum(roots.values()) == len(everybody)


# --- the salary increase ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("period", "reasons"), [("2568-R1", data.NOT_RAISED), ("2568-R2", data.NOT_RAISED_2)])
def test_who_is_not_raised_and_why(out: Path, period: str, reasons: str) -> None:
    found = {who: row["reasons"] for who, row in results(out, period).items() if row["state"] != "raised"}
    assert found == {line[0]: line[1] for line in rows(reasons)}


def test_everybody_in_pay_is_decided_about(out: Path) -> None:
    everybody = {line[0] for line in rows(data.PEOPLE) if line[6]}
    assert len(everybody) >= 40
    assert set(results(out, "2568-R1")) == everybody - {"1507", "1509"}  # resigned on 14 March; came in June
    assert set(results(out, "2568-R2")) == everybody - {"1507"}


def account(out: Path, story: Story) -> dict[str, list[object]]:
    """The lines of the account, those who retire among them: name → level, salary, … as printed."""
    book = openpyxl.load_workbook(box(out, story) / "raises.xlsx")
    sheets = [sheet for sheet in book.worksheets if sheet.title in ("ได้เลื่อนเงินเดือน", "เกษียณอายุ")]
    lines = [line for sheet in sheets for line in filled(sheet) if isinstance(line[0], int)]
    found = {str(line[1]): [line[4], *line[6:14]] for line in lines}
    assert len(found) == len(lines)
    return found


def test_the_account_of_round_1_cell_by_cell(out: Path) -> None:
    wanted = {}
    for who, line in worked(expected.FIRST).items():
        assert line["score"] == FIRST.score(forms.people(FIRST.period)[who])
        if line["percent"] != "no":
            special = Decimal(line["special"])
            figures = [line[key] for key in ("salary", "maximum", "base", "percent", "raise")]
            wanted[NAMES[who]] = [
                line["level"],
                *map(float, figures),
                float(special) or None,
                float(line["new"]),
                band(line["score"]),
            ]
    assert account(out, FIRST) == wanted


def test_the_account_of_round_2_cell_by_cell(out: Path) -> None:
    """The one number that each pool is fitted with is found anew: the greatest of four decimals that the pool can pay."""
    lines = worked(expected.SECOND)
    before = worked(expected.FIRST)
    for who, line in lines.items():
        assert line["salary"] == (before[who].get("new") or before[who]["salary"] if who in before else "15430")
        assert line["score"] == SECOND.score(forms.people(SECOND.period)[who])
    wanted: dict[str, list[object]] = {}
    directors = [line for who, line in lines.items() if who in expected.DIRECTORS]
    others = [line for who, line in lines.items() if who not in expected.DIRECTORS]
    left, carried = Decimal(0), []
    for people, percent in ((directors, "3"), (others, "2.95")):
        money = salaries(people) * Decimal(percent) / 100
        money = money.quantize(Decimal("0.01"), ROUND_DOWN) + left
        fit = max(n for n in range(20_000) if spent(people, n) <= money)
        assert spent(people, fit + 1) > money
        left = money - spent(people, fit)
        carried.append(left)
        for line in people:
            if line["percent"] != "no":
                salary, more = Decimal(line["salary"]), raised(line, fit)
                assert salary + more <= Decimal(line["maximum"])
                figures = [
                    float(x) for x in (salary, Decimal(line["maximum"]), Decimal(line["base"]), fitted(line, fit), more)
                ]
                wanted[NAMES[line["who"]]] = [line["level"], *figures, None, float(salary + more), band(line["score"])]
    assert account(out, SECOND) == wanted
    said = " ".join(
        map(
            str,
            (cell for row in filled(openpyxl.load_workbook(box(out, SECOND) / "pools.xlsx").worksheets[0]) for cell in row),
        )
    )
    assert [str(float(some)) in said for some in carried] == [True, True]


def salaries(people: Iterable[dict[str, str]]) -> Decimal:
    return sum((Decimal(line["salary"]) for line in people), Decimal(0))


def fitted(line: dict[str, str], fit: int) -> Decimal:
    """The percentage with a multiplier of so many ten thousandths, five decimals, at most 6."""
    return min((Decimal(line["percent"]) * fit / 10_000).quantize(Decimal("0.00001"), ROUND_HALF_UP), Decimal(6))


def raised(line: dict[str, str], fit: int) -> Decimal:
    if line["percent"] == "no":
        return Decimal(0)
    raw = (Decimal(line["base"]) * fitted(line, fit) / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return (raw / 10).to_integral_value(ROUND_CEILING) * 10


def spent(people: Iterable[dict[str, str]], fit: int) -> Decimal:
    return sum((raised(line, fit) for line in people), Decimal(0))


def test_the_pools_of_round_1(out: Path) -> None:
    lines = worked(expected.FIRST)
    sheet = filled(openpyxl.load_workbook(box(out, FIRST) / "pools.xlsx").worksheets[0])
    by_label = {row[0]: row[1:3] for row in sheet if len(row) >= 3}
    directors = [line for who, line in lines.items() if who in expected.DIRECTORS]
    others = [line for who, line in lines.items() if who not in expected.DIRECTORS]
    resigned = next(Decimal(line[7]) for line in rows(data.PEOPLE) if line[0] == "1507")
    grounds = [salaries(directors), salaries(others) + resigned]
    assert by_label["เงินเดือนรวม (บาทต่อเดือน)"] == grounds
    money = [
        (ground * Decimal(percent) / 100).quantize(Decimal("0.01"), ROUND_DOWN)
        for ground, percent in zip(grounds, ("3", "2.9"), strict=True)
    ]
    assert by_label["วงเงินที่ใช้ได้"] == [float(some) for some in money]
    paid = [
        sum((Decimal(line[key] or 0) for line in group for key in ("raise", "special")), Decimal(0))
        for group in (directors, others)
    ]
    assert by_label["ใช้ไป"] == [float(some) for some in paid]
    assert by_label["คงเหลือ"] == [float(some - used) for some, used in zip(money, paid, strict=True)]


def test_every_kind_of_leave_and_record_occurs() -> None:
    from tests.raises.samples import rules

    law = rules()
    leave = {kind.id for line in rows(data.LEAVE) if (kind := law.leave_kind(line[3])) is not None}
    conduct = {record.id for line in rows(data.CONDUCT) if (record := law.conduct_kind(line[2])) is not None}
    assert leave == {kind.id for kind in law.leave}
    assert conduct == {"late", "reprimand", "pay-cut"}


def test_retirees_are_raised_on_their_last_day(out: Path) -> None:
    dates = {who: row["effective"] for who, row in results(out, "2568-R2").items() if row["state"] == "raised"}
    assert {who for who, day in dates.items() if day == "2025-09-30"} == {"1309", "1508"}
    assert set(dates.values()) == {"2025-09-30", "2025-10-01"}


# --- the folder -------------------------------------------------------------------------------------------------------


def test_the_tables_in_the_repository_are_those_that_are_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import shutil

    from tests.sample_round import build

    copy = tmp_path / "th-halfyear"
    shutil.copytree(OFFICE, copy)
    monkeypatch.setattr(build, "OFFICE", copy)
    build.tables()
    for name in ("roster.xlsx", "scores.xlsx", "goals.xlsx"):
        assert (copy / name).read_bytes() == (OFFICE / name).read_bytes(), (
            f"run: python -m tests.sample_round.build ({name})"
        )


def test_the_sample_is_described_and_no_burden() -> None:
    text = (OFFICE / "README.md").read_text(encoding="utf-8")
    assert all(line[0] in text for line in rows(data.NOT_RAISED) + rows(data.NOT_RAISED_2))
    assert "th-halfyear" in (ROOT / "README.md").read_text(encoding="utf-8")
    sizes = [path.stat().st_size for path in (OFFICE / "inbox").rglob("*.xlsx")]
    assert max(sizes) < 40_000 and sum(sizes) < 7_000_000


def test_every_page_but_the_index_can_be_sent_alone(out: Path) -> None:
    pages = [page for page in (out / "outbox").rglob("*.html") if page.name != "index.html"]
    assert {"summary.html", "goals.html", "raises.html"} <= {page.name for page in pages}
    assert not {page.name: found for page in pages if (found := elsewhere(page))}


@pytest.mark.parametrize("story", STORIES, ids=("1", "2"))
def test_every_link_of_the_index_leads_somewhere(out: Path, story: Story) -> None:
    folder = box(out, story)
    links = [unquote(link) for link in re.findall(r'href="([^"#]+)"', (folder / "index.html").read_text(encoding="utf-8"))]
    notice = f"for/1102/raise-{story.period}-1102.xlsx"
    assert {"summary.html", "goals.html", "results.csv", "raises.html", "announcement.xlsx", notice} <= set(links)
    assert [link for link in links if not (folder / link).is_file()] == []


def workbooks(out: Path) -> list[Path]:
    """Every workbook that both rounds wrote."""
    return sorted((out / "outbox").rglob("*.xlsx"))


def test_every_workbook_is_whole(out: Path) -> None:
    """Each part is sound markup, each that is named is there, each text and style that a cell points to exists."""
    found = workbooks(out)
    assert len(found) > 180
    for path in found:
        with zipfile.ZipFile(path) as archive:
            parts = {name: ElementTree.fromstring(archive.read(name)) for name in archive.namelist()}
        for name, root in parts.items():
            if name.endswith(".rels"):
                base = PurePosixPath(name).parent.parent
                for link in root:
                    target = posixpath.normpath(posixpath.join("/", base, link.get("Target", "")))[1:]
                    assert target in parts or link.get("TargetMode") == "External", (path, name, target)
        texts_there = len(parts.get("xl/sharedStrings.xml", ()))
        formats = parts["xl/styles.xml"].find(f"{MAIN}cellXfs")
        assert formats is not None
        for name, root in parts.items():
            if name.startswith("xl/worksheets/sheet"):
                for cell in root.iter(f"{MAIN}c"):
                    assert int(cell.get("s", "0")) < len(formats), (path, name, cell.get("r"))
                    if cell.get("t") == "s":
                        assert int(cell.findtext(f"{MAIN}v", "-1")) in range(texts_there), (path, name, cell.get("r"))


@pytest.mark.office
def test_libreoffice_opens_every_kind_of_paper(out: Path, convert: Callable[[list[Path], str], list[Path]]) -> None:
    """One start for one workbook of each kind and round: what leads, what goes to people, what is still to fill in."""
    kinds = {(path.relative_to(out).parts[1], re.split(r"-2568-R\d", path.name)[0]): path for path in workbooks(out)}
    names = {name for _, name in kinds}
    assert {
        "summary.xlsx",
        "goals.xlsx",
        "raises.xlsx",
        "announcement.xlsx",
        "pools.xlsx",
        "what-if.xlsx",
        "summary",
        "raise",
    } <= names
    for made in convert(list(kinds.values()), "pdf"):
        assert made.read_bytes().count(b"/Type/Page") > 1, made  # the tree of pages, and at least one


def test_the_rates_announced_for_a_pool_have_as_many_decimals_in_every_line(out: Path) -> None:
    rates = filled(openpyxl.load_workbook(box(out, SECOND) / "announcement.xlsx").worksheets[0])
    starts = [at for at, row in enumerate(rates) if "ร้อยละของฐานในการคำนวณ" in row]
    assert len(starts) == 2  # two pools, fitted each by its own number
    for start in starts:
        ends = [end for row in rates[start + 1 : start + 5] for end in str(row[-1]).split(" – ")]
        assert len(ends) == 8 and len({len(end.partition(".")[2]) for end in ends}) == 1, ends
