"""Nobody's folder holds what they may not see: proven over the sample office and over one made by rule.

Who may see whom is worked out here anew, from the roster and results.csv, and not from the program's own scopes.
"""

from __future__ import annotations

import html
import random
import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
import pytest

from batch.core.period import Week
from batch.roster import load_office
from batch.roster_read import load_roster
from batch.scheme import load_scheme
from batch.scope import OFFICE
from tests.conftest import SAMPLE
from tests.small_office import SmallOffice
from tests.test_sample import WEEKS


def texts(folder: Path) -> dict[str, str]:
    """All text of a recipient's files: pages with their tags, and every part of every workbook, hidden ones too."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as archive:
                parts = [archive.read(name).decode("utf-8", "replace") for name in archive.namelist()]
            found[path.name] = html.unescape("\n".join(parts))
        elif path.is_file():
            found[path.name] = html.unescape(path.read_text(encoding="utf-8"))
    return found


@dataclass
class Circle:
    """Who stands in whose sight: by staff code the people whose data, and the people whose names may be read."""

    data: dict[str, set[str]] = field(default_factory=dict)
    names: dict[str, set[str]] = field(default_factory=dict)


def circles(office: Path, week: str) -> tuple[Circle, dict[str, str]]:
    """Worked out from the roster: own, reports, approvees; names: these, and who reviews and approves them."""
    scheme = load_scheme(load_office(office).scheme, office)
    roster, _, _ = load_roster(office / "roster.xlsx", scheme)
    when = Week.parse(week)
    circle = Circle()
    for person in roster.evaluated(when, scheme):
        who = person.staff_id
        judges = {j for j in (roster.reviewer(person, when), roster.approver(person, when, scheme)) if j}
        for reader in {who, *judges}:
            circle.data.setdefault(reader, {reader}).add(who)
            circle.names.setdefault(reader, {reader}).update({who, *judges})
    day = roster.reference_day(when)
    for unit in roster.units.values():  # who files a unit's report knows who confirms it, and the other way round
        leader = next((u.leader_id for u in roster.climb(unit.unit_id, day) if u.leader_id), "")
        pair = {roster.acting_for(unit.head_id, day, ""), roster.acting_for(leader, day, unit.head_id)} - {""}
        for reader in pair:
            circle.names.setdefault(reader, {reader}).update(pair)
    names = {spell.staff_id: spell.name for spell in roster.spells}
    return circle, names


def leaks(text: str, allowed: Iterable[str], forbidden: Iterable[str]) -> list[str]:
    """The forbidden phrases that stand in the text, once every allowed one has been taken out (they may contain others)."""
    for phrase in sorted(allowed, key=len, reverse=True):
        text = text.replace(phrase, "")
    return [phrase for phrase in forbidden if re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", text)]


def check_names(out: Path, office: Path, week: str) -> int:
    """No file names anybody outside the reader's circle of its week (next week's forms lie there too); how many were read."""
    this, names = circles(office, week)
    then, _ = circles(office, str(Week.parse(week).plus(1)))
    count = 0
    for folder in sorted((out / "outbox" / week / "for").iterdir()):
        if folder.name == OFFICE:
            continue
        for name, text in texts(folder).items():
            count += 1
            circle = then if f"-{Week.parse(week).plus(1)}-" in name else this
            known = {names[who] for who in circle.names.get(folder.name, {folder.name})}
            assert leaks(text, known, set(names.values()) - known) == [], (week, folder.name, name)
            others = set(names) - circle.names.get(folder.name, {folder.name})
            assert [
                who for who in others if re.search(rf"(?<![\w.,#/-]){re.escape(who)}(?![\w.,/-])", visible(name, text))
            ] == []
    return count


def visible(name: str, text: str) -> str:
    """The text without styles and other parts that are full of numbers but of nobody's data."""
    text = re.sub(r"<style>.*?</style>|<script>.*?</script>", "", text, flags=re.DOTALL)
    return re.sub(r"<[^>]*>", " ", text)


@pytest.mark.parametrize("week", WEEKS)
def test_sample_names_stay_in_their_circle(sample_out: Path, week: str) -> None:
    assert check_names(sample_out, SAMPLE, week) > 70


def test_how_results_were_given_is_for_the_office_and_the_leaders(sample_out: Path) -> None:
    """It compares reviewers with each other: it lies at the top, linked from the index, and nothing in a folder speaks of it."""
    outbox = sample_out / "outbox" / "2025-W27"
    assert sorted(path.relative_to(outbox).as_posix() for path in outbox.rglob("*fairness*")) == [
        "fairness.html",
        "fairness.xlsx",
    ]
    assert 'href="fairness.html"' in (outbox / "index.html").read_text(encoding="utf-8")
    pages = list((outbox / "for").rglob("*.html"))
    assert pages and not [page for page in pages if "fairness" in page.read_text(encoding="utf-8")]


def elsewhere(page: Path) -> list[str]:
    """The links of a page that leave it: they break when the page is sent without its neighbours."""
    return re.findall(r'(?:href|src)="(?!#|data:)([^"]*)"', page.read_text(encoding="utf-8"))


def test_every_page_but_the_index_can_be_sent_alone(sample_out: Path) -> None:
    pages = [page for page in (sample_out / "outbox").rglob("*.html") if page.name != "index.html"]
    assert {"summary.html", "fairness.html", "statistics.html", "staff.html"} <= {page.name for page in pages}
    assert not {page.name: found for page in pages if (found := elsewhere(page))}
    assert elsewhere(sample_out / "outbox" / "2025-W27" / "index.html")


@pytest.mark.parametrize("week", WEEKS)
def test_sample_words_stay_in_their_circle(sample_out: Path, week: str) -> None:
    """Whatever only one person's forms say (comments, reasons, obstacles) is found in the folders of their circle only."""
    words = own_words(sample_out)
    circle, _ = circles(SAMPLE, week)
    assert len(words) > 30
    for folder in sorted((sample_out / "outbox" / week / "for").iterdir()):
        if folder.name == OFFICE:
            continue
        said = "\n".join(texts(folder).values())
        mine = circle.data.get(folder.name, {folder.name})
        assert [(who, phrase) for phrase, who in words.items() if who not in mine and phrase in said] == []


def own_words(out: Path) -> dict[str, str]:
    """Sentences that were typed about one person alone, over all weeks, from the ledger's own reading of the forms."""
    from batch.ledger import Ledger, Source

    owners: dict[str, set[str]] = {}
    with Ledger.open(Source(out / "ledger.db")) as ledger:
        for receipt in ledger.receipts():
            reading = receipt.reading
            author = reading.header.get("addressee", "") if reading else ""
            if reading and reading.header.get("form") == "meeting":  # its words are about the person who was met
                author = reading.header["subject"]
            for row in reading.rows if reading else ():
                about = row.key if re.fullmatch(r"\d{4}", row.key) else author
                for column, cell in row.cells.items():
                    if column in ("value", "comment", "reason", "task", "product", "note") and len(cell.text) > 25:
                        owners.setdefault(cell.text, set()).add(about)
    return {text: next(iter(who)) for text, who in owners.items() if len(who) == 1}


# --- an office made by rule: every score and every word occurs once ---------------------------------------------------


@dataclass
class Secrets:
    """What was typed about whom: texts and scores, all different."""

    words: dict[str, str] = field(default_factory=dict)
    scores: dict[str, str] = field(default_factory=dict)


NAMES = [
    "Ân",
    "Bảo",
    "Chi",
    "Diệp",
    "Giáp",
    "Hiên",
    "Khôi",
    "Lam",
    "Mẫn",
    "Nhật",
    "Oanh",
    "Phác",
    "Quyên",
    "Rạng",
    "Sơn",
    "Thạch",
    "Uyển",
    "Vịnh",
    "Xuyến",
    "Yến",
]


def made_office(base: Path) -> SmallOffice:
    """Two departments of ten with divisions, an acting head, a transfer, somebody on leave; drawn from a fixed seed."""
    rng = random.Random(366)
    people = ["L1|Lãnh Đạo Một|commission_leader|Phó Trưởng ban|ROOT||l1@example.org|01/01/2025|"]
    people += ["L2|Lãnh Đạo Hai|commission_leader|Phó Trưởng ban|ROOT||l2@example.org|01/01/2025|"]
    units = ["ROOT|Ban mẫu|commission||L1|L1"]
    names = iter([f"{family} Thị {given}" for family in ("Cao", "Đinh") for given in rng.sample(NAMES, len(NAMES))])
    for d, leader in ((1, "L1"), (2, "L2")):
        units += [f"D{d}|Vụ {d}|department|ROOT|D{d}P0|{leader}", f"D{d}X|Phòng {d}|division|D{d}|D{d}P2|"]
        for n in range(10):
            role = ("department_director", "deputy_department_director", "division_head")[n] if n < 3 else "civil_servant"
            boss = (leader, f"D{d}P0", f"D{d}P1")[n] if n < 3 else f"D{d}P{rng.randrange(3)}"
            unit = f"D{d}X" if n >= 6 or n == 2 else f"D{d}"
            people.append(f"D{d}P{n}|{next(names)}|{role}|Cán bộ|{unit}|{boss}|d{d}p{n}@example.org|01/01/2025|")
    people[-1] = people[-1] + "22/06/2025"  # D2P9 moves to department 1 for the second week
    code, name, role, position, _, _, mail, _, _ = people[-1].split("|")
    people.append(f"{code}|{name}|{role}|{position}|D1|D1P1|{mail}|23/06/2025|")
    return SmallOffice(
        base,
        people="\n".join(people),
        units="\n".join(units),
        delegations="D1P0|D1P1|27/06/2025|27/06/2025|mission",
        leave="D2P5|23/06/2025|27/06/2025|annual",
    )


def play(office: SmallOffice, week: str, secrets: Secrets) -> None:
    """Everybody reports, nearly everybody is scored, half are decided; no two scores, totals or texts are alike."""
    office.issue(week)
    outbox = office.out / "outbox" / week / "for"
    for path in sorted(outbox.glob("*/self-*.xlsx")):
        who = path.parent.name
        if who.endswith("P8"):
            continue
        office.fill(
            path,
            {
                **{(f"score.{c}", "self"): score(secrets, who) for c in ("quality", "progress", "conduct")},
                ("text.obstacles", "value"): word(secrets, who),
                ("score.quality", "note"): word(secrets, who),
            },
        )
    office.report(week, "D1P8", (44, 30, 12))  # over the cap: comes back
    office.run(week)
    for path in sorted(outbox.glob("*/review-*.xlsx")):
        cells: dict[tuple[str, str], object] = {}
        for who in keys(path):
            if who.endswith("P7"):
                continue
            cells |= {(who, f"score.{c}"): score(secrets, who) for c in ("quality", "progress", "conduct")}
            cells |= {
                (who, "comment"): word(secrets, who),
                (who, "key_task_failed"): "yes",
                (who, "discipline_breach"): "yes",
            }
        office.fill(path, cells)
    office.run(week)
    for path in sorted(outbox.glob("*/approval-*.xlsx")):
        cells = {}
        for n, who in enumerate(keys(path)):
            cells[who, "decision"] = ("approve", "adjust", "approve", "return")[n % 4]
            if n % 2:
                cells[who, "reason"] = word(secrets, who)
            if n % 4 == 1:
                cells |= {(who, f"score.{c}"): score(secrets, who) for c in ("quality", "progress", "conduct")}
        office.fill(path, cells)
    office.run(week)


def keys(path: Path) -> list[str]:
    """The people on a sheet."""
    sheet = openpyxl.load_workbook(path).worksheets[0]
    found = [str(sheet.cell(n, 1).value or "") for n in range(2, sheet.max_row + 1)]
    return [key for key in found if re.fullmatch(r"D\dP\d", key)]


def score(secrets: Secrets, who: str) -> float:
    """A score that nobody else has: 10.11, 10.12, …"""
    value = f"1{(len(secrets.scores) // 89) % 10}.{11 + len(secrets.scores) % 89}"
    if value.endswith("0"):  # written without its last zero, it would be found inside others
        secrets.scores[f"skip {value}"] = ""
        return score(secrets, who)
    assert value not in secrets.scores
    secrets.scores[value] = who
    return float(value)


def word(secrets: Secrets, who: str) -> str:
    text = f"secret number {len(secrets.words):04d}"
    secrets.words[text] = who
    return text


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[SmallOffice, Mapping[str, Secrets]]:
    office = made_office(tmp_path_factory.mktemp("made"))
    weeks = {week: Secrets() for week in ("2025-W25", "2025-W26")}
    for secrets in weeks.values():
        secrets.words |= {f"not used {n}": "" for w in weeks.values() for n in range(len(w.words))}
    for week, secrets in weeks.items():
        play(office, week, secrets)
    return office, weeks


@pytest.mark.parametrize("week", ["2025-W25", "2025-W26"])
def test_made_office_no_score_or_word_outside_its_circle(made: tuple[SmallOffice, Mapping[str, Secrets]], week: str) -> None:
    office, weeks = made
    secrets = weeks[week]
    circle, _ = circles(office.folder, week)
    scores = {value: who for value, who in secrets.scores.items() if who}
    assert len(scores) > 80 and len(secrets.words) > 50
    seen = set()
    for folder in sorted((office.out / "outbox" / week / "for").iterdir()):
        if folder.name == OFFICE:
            continue
        mine = circle.data.get(folder.name, {folder.name})
        for name, text in texts(folder).items():
            bare = visible(name, text)
            found = {v for v in scores if re.search(rf"(?<![\d.]){re.escape(v)}(?!\d)", bare)}
            assert {(v, scores[v]) for v in found if scores[v] not in mine} == set(), (folder.name, name)
            spoken = {t for t, who in secrets.words.items() if who and t in text}
            assert {t for t in spoken if secrets.words[t] not in mine} == set(), (folder.name, name)
            seen |= found | spoken
    assert len(seen) > 100  # the search does find what may be seen


@pytest.mark.parametrize("week", ["2025-W25", "2025-W26"])
def test_made_office_names_stay_in_their_circle(made: tuple[SmallOffice, Mapping[str, Secrets]], week: str) -> None:
    office, _ = made
    assert check_names(office.out, office.folder, week) > 40  # a page for everybody, and what they have to fill in


def test_everybody_sees_their_own(made: tuple[SmallOffice, Mapping[str, Secrets]]) -> None:
    """The other half of privacy: what concerns a person is in their slip, in full."""
    office, weeks = made
    told = 0
    for row in office.results("2025-W26").values():
        page = texts(office.out / "outbox" / "2025-W26" / "for" / row["staff_id"])["slip-2025-W26.html"]
        assert row["name"] in page
        if row["total"]:
            assert f">{row['total']}<" in page
        said = {word for word, who in weeks["2025-W26"].words.items() if who == row["staff_id"]}
        told += sum(word in page for word in said)
    assert told > 15  # comments and reasons
