"""`appraise init`: a new office, ready to fill in."""

from __future__ import annotations

import json
import tomllib
import warnings
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from batch.answers.init import init
from batch.catalogue_read import load_catalogue
from batch.core.codes import CODES
from batch.core.finding import UserError
from batch.roster import Office, load_office
from batch.roster_read import load_roster
from batch.scheme import load_scheme
from tests.conftest import run_appraise
from tests.small_office import COLUMNS, PEOPLE, UNITS, fill_roster

LANGS = ("vi", "th", "en")


@pytest.mark.parametrize("lang", LANGS)
def test_as_soon_as_people_are_filled_in_forms_can_be_issued(tmp_path: Path, lang: str) -> None:
    office, out = tmp_path / "new", tmp_path / "out"
    done = run_appraise("--lang", lang, "init", office)
    assert done.returncode == 0 and done.stdout.count(str(office)) >= 4
    refused = run_appraise("issue", "2025-W28", "--office", office, "--out", out, "--now", "2025-07-01T08:00")
    assert refused.returncode == 2 and len(refused.stderr.strip().splitlines()) == 1
    fill_roster(office / "roster.xlsx", people=PEOPLE, units=UNITS)
    done = run_appraise("issue", "2025-W28", "--office", office, "--out", out, "--now", "2025-07-01T08:00")
    assert done.returncode == 0, done.stderr
    form = openpyxl.load_workbook(out / "outbox" / "2025-W28" / "for" / "A3" / "self-2025-W28-A3.xlsx").worksheets[0]
    texts = " ".join(str(cell.value) for row in form.iter_rows() for cell in row if cell.value)
    title = {"vi": "BÁO CÁO TỰ ĐÁNH GIÁ", "th": "รายงาน", "en": "Self-assessment report"}[lang]
    assert title.casefold() in texts.casefold()
    _, findings, _ = load_roster(office / "roster.xlsx", load_scheme("vn-weekly", office))
    assert findings == []


@pytest.mark.parametrize("lang", LANGS)
def test_the_settings_are_commented_in_the_language_and_sound(tmp_path: Path, lang: str) -> None:
    init(tmp_path / "new", lang)
    text = (tmp_path / "new" / "office.toml").read_text(encoding="utf-8")
    assert load_office(tmp_path / "new").language == lang
    comments = [line for line in text.splitlines() if line.startswith("#")]
    assert len(comments) > len(tomllib.loads(text)) - 2
    assert any(word in text for word in {"vi": ["Tên cơ quan"], "th": ["ชื่อสำนักงาน"], "en": ["Name of the office"]}[lang])
    assert set(tomllib.loads(text)) <= set(Office.model_fields)


@pytest.mark.parametrize("lang", LANGS)
def test_the_roster_has_keys_labels_and_nobody_in_it(tmp_path: Path, lang: str) -> None:
    init(tmp_path / "new", lang)
    path = tmp_path / "new" / "roster.xlsx"
    roster, findings, _ = load_roster(path, load_scheme("vn-weekly", tmp_path))
    assert (roster.spells, roster.unit_rows, roster.leave, roster.delegations, dict(roster.calendar)) == ((), (), (), (), {})
    assert findings == []
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == list(COLUMNS)
    for name, keys in COLUMNS.items():
        assert set(keys.split()) <= {cell.value for cell in book[name][1]}
        labels = [cell.value for cell in book[name][2][: len(keys.split())]]
        assert all(labels) and (lang == "en" or "code" not in " ".join(map(str, labels)))


def rules(sheet: Worksheet) -> dict[str, tuple[str, str | None]]:
    """Column letter → (kind, source) of its drop-down or check."""
    return {str(r.sqref).split("3")[0]: (r.type, r.formula1) for r in sheet.data_validations.dataValidation}


def test_codes_are_text_dates_are_dates_and_words_come_from_lists(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # the writer warns of texts and lists that Excel would refuse
        for lang in LANGS:
            init(tmp_path / lang, lang)
    book = openpyxl.load_workbook(tmp_path / "vi" / "roster.xlsx")
    people = book["people"]
    for key, cell in zip([c.value for c in people[1]], people[3], strict=True):
        if str(key).endswith("_id"):
            assert cell.number_format == "@"
        if key in ("start", "end"):
            assert cell.number_format == "dd/mm/yyyy"
    kind, source = rules(people)["C"]
    assert kind == "list" and source
    first, last = source.replace("$", "").split(":")
    listed = [row[0].value for row in people[f"{first}:{last}"]]
    assert listed == [role.id for role in load_scheme("vn-weekly", tmp_path).roles]
    assert rules(people)["H"][0] == "date" and "units" in str(rules(people)["E"][1])
    assert rules(book["units"])["C"][0] == rules(book["calendar"])["B"][0] == "list"
    assert people.freeze_panes == "C3"


@pytest.mark.parametrize("lang", LANGS)
def test_the_catalogue_is_empty_and_takes_its_own_example(tmp_path: Path, lang: str) -> None:
    init(tmp_path / "new", lang)
    groups = load_scheme("vn-weekly", tmp_path).statistics.groups
    catalogue, findings = load_catalogue(tmp_path / "new", groups)
    assert catalogue.products == () and findings == [] and catalogue.digest
    path = tmp_path / "new" / "catalogue.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book["products"]
    labels = [str(cell.value).removesuffix(" *") for cell in sheet[2][:9]]
    for row in sheet.iter_rows(min_col=11):  # the example stands beside the table, under the columns' labels
        if row[0].value in labels and row[1].value:
            sheet.cell(3, labels.index(str(row[0].value)) + 1).value = row[1].value
    book.save(path)
    catalogue, findings = load_catalogue(tmp_path / "new", groups)
    (product,) = catalogue.products
    assert findings == [] and (product.product_id, product.group, product.coefficient) == ("BC01", "N3", Decimal("1.5"))
    assert len(product.aliases) == 2


def test_rows_beyond_the_ruled_ones_are_prepared_too(tmp_path: Path) -> None:
    init(tmp_path / "new", "en")
    sheet = openpyxl.load_workbook(tmp_path / "new" / "roster.xlsx")["people"]
    assert sheet.column_dimensions["A"].width > 10
    assert str(sheet.data_validations.dataValidation[0].sqref).endswith("2001")


def test_the_same_bytes_every_time(tmp_path: Path) -> None:
    init(tmp_path / "a", "th")
    init(tmp_path / "b", "th")
    for name in ("office.toml", "roster.xlsx", "catalogue.xlsx"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_a_folder_with_anything_in_it_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("mine", encoding="utf-8")
    with pytest.raises(UserError) as refused:
        init(tmp_path, "vi")
    assert refused.value.finding.code == "use.not-empty" and [p.name for p in tmp_path.iterdir()] == ["x"]
    with pytest.raises(UserError):
        init(tmp_path / "x", "vi")
    done = run_appraise("--lang", "en", "init", tmp_path)
    assert done.returncode == 2 and len(done.stderr.strip().splitlines()) == 1
    assert CODES["use.not-empty"].message in done.stderr


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    init(tmp_path / "empty", "en")
    assert sorted(p.name for p in (tmp_path / "empty").iterdir()) == [
        "catalogue.xlsx",
        "inbox",
        "office.toml",
        "roster.xlsx",
    ]
    assert list((tmp_path / "empty" / "inbox").iterdir()) == []


@pytest.mark.parametrize("lang", LANGS)
def test_the_deadlines_of_a_new_office_work_once_the_mark_is_taken_away(tmp_path: Path, lang: str) -> None:
    init(tmp_path / "new", lang)
    path = tmp_path / "new" / "office.toml"
    text = path.read_text(encoding="utf-8")
    assert load_office(path.parent).deadlines == {}
    path.write_text(text.replace('\n# self = "', '\nself = "').replace('\n# meeting = "', '\nmeeting = "'), encoding="utf-8")
    fill_roster(path.with_name("roster.xlsx"), people=PEOPLE, units=UNITS)
    done = run_appraise(
        "status", "2025-W28", "--office", path.parent, "--out", tmp_path / "out", "--now", "2025-07-12T08:00+07:00", "--json"
    )
    assert done.returncode == 0, done.stderr
    told = {line["form"]: (line["at"], line["passed"]) for line in json.loads(done.stdout)["deadlines"]}
    assert told == {
        "self": ("2025-07-11T17:00+07:00", True),  # the Friday
        "meeting": ("2025-07-18T17:00+07:00", False),  # the Friday after
    }
