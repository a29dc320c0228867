"""The made-up office itself: who works where, under whom; its settings, roster and key."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter

from batch.answers.init import settings
from batch.catalogue_read import COLUMNS as PRODUCT_COLUMNS
from batch.catalogue_read import FILE as CATALOGUE
from batch.catalogue_read import SHEET as PRODUCTS
from batch.core.finding import Place, UserError
from batch.files import write_file
from batch.i18n import Speaker
from batch.roster_read import COLUMNS
from batch.scheme import StatisticsRules
from batch.simulate.words import WORDS, Words

_DEPARTMENT = 48  # people of a department: its head, two deputies, and divisions of nine
_DIVISION = 9
_LED = 8  # departments under one leader
_KEY = "simulated.key"
_TOP = "0"  # unit code of the whole office
_START = "01/01/2020"


@dataclass(frozen=True)
class _Post:
    """Somebody's place: code, role, unit, supervisor."""

    staff_id: str
    role: str
    unit_id: str
    supervisor_id: str


def found(folder: Path, people: int, seed: int, lang: str) -> None:
    """Write office.toml, roster.xlsx, the key and an empty inbox. Raises ``use.not-empty``."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError("use.not-empty", Place(str(folder)))
    (folder / "inbox").mkdir(parents=True)
    say, words = Speaker(lang), WORDS[lang]
    write_file(folder / "office.toml", f'key = "{_KEY}"\n\n{settings(say)}'.encode())
    # A key that everybody could compute: this office is made up, and the same seed has to give the same forms.
    write_file(folder / _KEY, f"# made up\n{hashlib.sha256(f'appraise {seed}'.encode()).hexdigest()}\n".encode())
    (folder / _KEY).chmod(0o600)
    posts, units = _posts(people), list(_units(people, words))
    chance = random.Random(seed)  # noqa: S311 (made up, not secret)
    rows: dict[str, list[Mapping[str, str]]] = {
        "people": [
            {
                **{"staff_id": post.staff_id, "name": " ".join(chance.choice(part.split()) for part in words.names)},
                **{"role": post.role, "position": words.titles[post.role], "unit_id": post.unit_id},
                **{"supervisor_id": post.supervisor_id, "email": f"p{post.staff_id}@example.org", "start": _START},
            }
            for post in posts
        ],
        "units": units,
    }
    write_file(folder / "roster.xlsx", _workbook(COLUMNS, rows))
    write_file(folder / CATALOGUE, _workbook({PRODUCTS: PRODUCT_COLUMNS}, {PRODUCTS: list(_products(words))}))


def _posts(people: int) -> list[_Post]:
    """Leaders first, then department by department until ``people`` are there to be evaluated."""
    departments = -(-people // _DEPARTMENT)
    leaders = [_Post(_code(n), "commission_leader", _TOP, "") for n in range(1, 1 + -(-departments // _LED))]
    posts = list(leaders)
    for number in range(departments):
        unit = str(number + 1)
        size = min(_DEPARTMENT, people - number * _DEPARTMENT)
        codes = [_code(len(posts) + n) for n in range(1, size + 1)]
        head, deputies, rest = codes[0], codes[1:3], codes[3:]
        posts.append(_Post(head, "department_director", unit, leaders[number // _LED].staff_id))
        posts += [_Post(code, "deputy_department_director", unit, head) for code in deputies]
        for n in range(0, len(rest), _DIVISION):
            chief, *staff = rest[n : n + _DIVISION]
            division = f"{unit}.{n // _DIVISION + 1}"
            posts.append(_Post(chief, "division_head", division, deputies[n // _DIVISION % 2]))
            posts += [
                _Post(code, "employee" if i % 5 == 4 else "civil_servant", division, chief) for i, code in enumerate(staff)
            ]
    return posts


def _code(n: int) -> str:
    return f"{n:06d}"


def _units(people: int, words: Words) -> Iterator[Mapping[str, str]]:
    posts = _posts(people)
    leaders = [post.staff_id for post in posts if post.role == "commission_leader"]
    heads = {post.unit_id: post.staff_id for post in posts if post.role in ("department_director", "division_head")}
    top = words.titles["commission_leader"]
    yield {"unit_id": _TOP, "name": top, "kind": "commission", "head_id": leaders[0], "leader_id": leaders[0]}
    for unit, head in heads.items():
        parent, _, division = unit.partition(".")
        if division:
            name = words.division.format(n=unit)
            yield {"unit_id": unit, "name": name, "kind": "division", "parent_id": parent, "head_id": head}
        else:
            leader = leaders[(int(unit) - 1) // _LED]
            name = words.units.format(n=unit)
            yield {
                "unit_id": unit,
                "name": name,
                "kind": "department",
                "parent_id": _TOP,
                "head_id": head,
                "leader_id": leader,
            }


def _products(words: Words) -> Iterator[Mapping[str, str]]:
    """The standard products: what people report, but for every fourth, which no catalogue knows; lighter where many come."""
    groups = StatisticsRules().groups
    for n, (_, product, most) in enumerate(words.tasks):
        heavy = 0 if most > 10 else 1 + n % (len(groups) - 1)
        if n % 4 < 3:
            yield {
                **{"product_id": f"P{n + 1:02d}", "name": product, "group": groups[heavy]},
                **{"coefficient": "0.05" if most > 10 else str(heavy), "version": "1"},
            }


def _workbook(sheets: Mapping[str, Sequence[str]], rows: Mapping[str, Sequence[Mapping[str, str]]]) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"created": dt.datetime(2025, 1, 1)})  # no clock in any file
        for sheet, columns in sheets.items():
            page = book.add_worksheet(sheet)
            for at in (0, 1):
                page.write_row(at, 0, columns)
            for at, row in enumerate(rows.get(sheet, ()), 2):
                page.write_row(at, 0, [row.get(column, "") for column in columns])
    return target.getvalue()
