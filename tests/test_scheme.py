from __future__ import annotations

import csv
import itertools
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from batch import desk, pipeline
from batch.core.codes import CODES
from batch.core.finding import UserError
from batch.core.period import Week
from batch.forms.issue import Form
from batch.i18n import LANGUAGES, Speaker
from batch.scheme import Scheme, load_scheme, parse_scheme
from tests.builders import filled, review_values, roster_book, scheme_text, self_values, weekly

BANDS = {"excellent": 9000, "good": 7500, "completed": 5000, "failed": 0}


def refused(text: str) -> UserError:
    with pytest.raises(UserError) as caught:
        parse_scheme(text, "mine.toml")
    return caught.value


def changed(*swaps: tuple[str, str]) -> str:
    text = scheme_text()
    for old, new in swaps:
        assert old in text
        text = text.replace(old, new, 1)
    return text


# --- bands ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scores", "band"),
    [
        (("30.4", "39.8", "19.8"), "excellent"),
        (("40", "40", "20"), "excellent"),
        (("30.4", "39.8", "19.79"), "good"),
        (("40", "30", "19.99"), "good"),
        (("24.4", "39.8", "10.8"), "good"),
        (("24.4", "39.8", "10.79"), "completed"),
        (("0.3", "32.3", "17.4"), "completed"),
        (("0.3", "32.3", "17.39"), "failed"),
        (("0", "0", "0"), "failed"),
    ],
)
def test_bands_begin_exactly_at_their_bound(scores: tuple[str, ...], band: str) -> None:
    assert weekly().band_of(sum(map(Decimal, scores), Decimal(0))).id == band


@pytest.mark.parametrize(("tenths", "band"), [(900, "excellent"), (750, "good"), (500, "completed")])
def test_every_triple_of_tenths_that_meets_a_bound_exactly_is_judged_right(tenths: int, band: str) -> None:
    scheme = weekly()
    steps = [Decimal(n).scaleb(-1) for n in range(401)]
    triples = [(q, p, tenths - q - p) for q, p in itertools.product(range(401), repeat=2) if 0 <= tenths - q - p <= 200]
    assert len(triples) > 1000
    assert {scheme.band_of(steps[q] + steps[p] + steps[c]).id for q, p, c in triples} == {band}


def test_every_total_in_hundredths_has_the_band_that_integers_give() -> None:
    scheme = weekly()
    for hundredths in range(10001):
        expected = next(band for band, least in BANDS.items() if hundredths >= least)
        assert scheme.band_of(Decimal(hundredths).scaleb(-2)).id == expected


# --- the shipped scheme -----------------------------------------------------------------------------------------


def test_the_shipped_scheme_speaks_three_languages_everywhere() -> None:
    scheme = weekly()
    titled = itertools.chain(
        *(scheme.criteria, scheme.bands, scheme.flags, scheme.stages, scheme.authority, scheme.roles, scheme.streaks)
    )
    assert set(scheme.title) == set(LANGUAGES)
    for item in titled:
        assert set(item.title) == set(LANGUAGES), item.id
        assert all(item.title.values()), item.id


def test_the_shipped_scheme_has_the_letters_caps_bands_and_authorities() -> None:
    scheme = weekly()
    assert {c.id: c.max for c in scheme.criteria} == {"quality": 40, "progress": 40, "conduct": 20}
    assert {b.id: b.min * 100 for b in scheme.bands} == BANDS
    by_authority: dict[str | None, set[str]] = {}
    for role in scheme.roles:
        by_authority.setdefault(role.authority, set()).add(role.id)
    assert by_authority["leader"] == {"department_director", "bureau_director", "office_chief", "assistant", "secretary"}
    assert by_authority[None] == {"commission_leader"}
    assert len(by_authority["unit_head"]) == 9


# --- wrong schemes ----------------------------------------------------------------------------------------------

WRONG = {
    "a cap that is no number": (("max = 40", 'max = "forty"'), "criteria.0.max"),
    "a cap of nothing": (("max = 20", "max = 0"), "criteria.2.max"),
    "an endless cap": (("max = 20", "max = inf"), "criteria.2.max"),
    "bands that do not fall": (("min = 75", "min = 95"), "bands"),
    "a last band above nothing": (("min = 0", "min = 10"), "bands"),
    "a band above the highest total": (("min = 90", "min = 101"), "bands"),
    "an id twice": (('id = "progress"', 'id = "quality"'), "criteria"),
    "a flag of an unknown band": (('band = "failed"', 'band = "fail"'), "flags.failed_band.band"),
    "a role with an unknown authority": (
        ('authority = "leader"', 'authority = "boss"'),
        "roles.department_director.authority",
    ),
    "a streak over an unknown flag": (
        ('any_week = ["discipline_breach"]', 'any_week = ["late"]'),
        "streaks.key-task-and-discipline",
    ),
    "a streak of no weeks": (("weeks = 2", "weeks = 0"), "streaks.0.weeks"),
    "stages in another order": (('by = "subject"', 'by = "authority"'), "stages"),
    "a misspelt key": (("decimals = 2", "decimal = 2"), "decimals"),
    "a key nobody knows": (("decimals = 2", "decimals = 2\nrounding = true"), "rounding"),
    "no date": (("effective = 2025-06-01", 'effective = "soon"'), "effective"),
    "an unknown colour": (('tone = "best"', 'tone = "pink"'), "bands.0.tone"),
    "an unknown language": (("title = { vi =", "title = { fr ="), "criteria.0.title.fr"),
    "a cap over an unknown flag": (('flag = "failed_band"\nweeks', 'flag = "fail"\nweeks'), "rollup.caps.failed-weeks"),
    "a cap at an unknown band": (('at_most = "completed"', 'at_most = "fine"'), "rollup.caps.failed-weeks"),
    "a cap for an unknown kind of period": (
        ("weeks = { month = 1, quarter = 2", "weeks = { month = 1, week = 2"),
        "rollup.caps.0.weeks.week",
    ),
    "a cap of no weeks": (("weeks = { month = 1,", "weeks = { month = 0,"), "rollup.caps.0.weeks.month"),
    "a quota of an unknown band": (('of = ["good"]', 'of = ["fine"]'), "rollup.quotas.excellent-share"),
    "a quota above everything": (("share = 0.2", "share = 2"), "rollup.quotas.0.share"),
    "weeks by an unknown rule": (('weeks_by = "working-days"', 'weeks_by = "moon"'), "rollup.weeks_by"),
    "a rule of roll-ups twice": (('id = "excellent-share"', 'id = "failed-weeks"'), "rollup"),
    "an unknown source of coefficients": (
        ('coefficient = ["catalogue", "form"]', 'coefficient = ["boss"]'),
        "statistics.coefficient.0",
    ),
    "a source of coefficients twice": (
        ('coefficient = ["catalogue", "form"]', 'coefficient = ["form", "form"]'),
        "statistics",
    ),
    "no source of coefficients": (('coefficient = ["catalogue", "form"]', "coefficient = []"), "statistics.coefficient"),
    "a complexity group twice": (('groups = ["N1", "N2"', 'groups = ["N1", "n1"'), "statistics"),
    "statistics of unknown weeks": (('weeks = "approved"', 'weeks = "all"'), "statistics.weeks"),
    "an id with spaces": (('id = "conduct"', 'id = "con duct"'), "criteria.2.id"),
}


@pytest.mark.parametrize("fault", WRONG)
def test_a_wrong_scheme_is_refused_with_file_key_and_remedy_in_three_languages(fault: str) -> None:
    swap, key = WRONG[fault]
    found = refused(changed(swap)).finding
    assert found.code == "config.scheme-wrong"
    assert found.place.file == "mine.toml"
    named = dict(found.params)["key"]
    assert named == key or named.startswith(f"{key}."), named
    said = set()
    for lang in LANGUAGES:
        say = Speaker(lang)
        assert named in say.message(found)
        assert named in say.remedy(found)
        said.add(say.remedy(found))
    assert len(said) == len(LANGUAGES)


def test_a_file_that_is_no_toml_is_refused_with_its_line() -> None:
    found = refused("id = vn\n").finding
    assert found.code == "config.toml"
    assert "line 1" in Speaker("en").message(found)


@pytest.mark.parametrize("name", ["vn-monthly", "missing.toml"])
def test_a_scheme_that_is_not_there_names_those_that_are(name: str, tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        load_scheme(name, tmp_path)
    found = caught.value.finding
    assert found.code == "config.scheme-missing"
    for lang in LANGUAGES:
        assert name in Speaker(lang).message(found)
        assert "vn-weekly" in Speaker(lang).remedy(found)


def test_the_roll_ups_rules_have_a_hash_of_their_own_and_make_no_form_an_old_one() -> None:
    """A form and a week's result carry the hash of what decides a week; a roll-up that of all rules."""
    other = parse_scheme(changed(("month = 1, quarter = 2", "month = 2, quarter = 2")), "mine.toml")
    assert other.hash == weekly().hash
    assert other.rollup_hash != weekly().rollup_hash
    assert parse_scheme(changed(("max = 40", "max = 39")), "mine.toml").rollup_hash != weekly().rollup_hash


def test_the_statistics_rules_decide_nothing_and_an_older_scheme_has_the_shipped_ones() -> None:
    other = parse_scheme(changed(('weeks = "approved"', 'weeks = "reported"')), "mine.toml")
    assert (other.hash, other.rollup_hash) == (weekly().hash, weekly().rollup_hash)
    text = scheme_text()
    before = parse_scheme(text.partition("[statistics]")[0], "mine.toml")
    assert before.statistics == weekly().statistics and before.hash == weekly().hash


# --- the hash ---------------------------------------------------------------------------------------------------


def hash_of(*swaps: tuple[str, str]) -> str:
    return parse_scheme(changed(*swaps), "mine.toml").hash


@pytest.mark.parametrize(
    "swap",
    [
        ("# A", "# Another word about a"),
        ('vi = "Chất lượng"', 'vi = "Chất lượng công việc"'),
        ('tone = "best"', 'tone = "good"'),
        ("max = 40\n", "\n\nmax   =  40   # forty\n"),
        ('en = "Weekly evaluation"', 'en = "Weekly appraisal"'),
    ],
)
def test_the_hash_ignores_words_and_layout(swap: tuple[str, str]) -> None:
    text = scheme_text().replace("# An office", "# A note\n# An office", 1)
    assert swap[0] in text
    assert parse_scheme(text.replace(*swap, 1), "mine.toml").hash == weekly().hash


@pytest.mark.parametrize(
    "swap",
    [
        ("max = 40", "max = 39"),
        ("min = 90", "min = 91"),
        ("decimals = 2", "decimals = 1"),
        ("weeks = 2", "weeks = 3"),
        ("meeting = true", "meeting = false"),
        ('any_week = ["discipline_breach"]', "any_week = []"),
        ('authority = "leader"', 'authority = "unit_head"'),
        ('"division", "commission"]', '"division"]'),
        ("version = 1", "version = 2"),
        ("effective = 2025-06-01", "effective = 2025-07-01"),
    ],
)
def test_the_hash_changes_with_every_rule(swap: tuple[str, str]) -> None:
    assert hash_of(swap) != weekly().hash


# --- an office's own copy ---------------------------------------------------------------------------------------

OWN = (
    ('id = "vn-weekly"', 'id = "ban-mau"'),
    ("max = 40", "max = 50"),
    ("max = 40", "max = 30"),
    ("min = 90", "min = 95.5"),
    ("min = 75", "min = 80"),
    (
        '[[roles]]\nid = "employee"',
        '[[roles]]\nid = "driver"\nauthority = "unit_head"\ntitle = { vi = "Lái xe" }\n\n[[roles]]\nid = "employee"',
    ),
)
OWN_PEOPLE = """
    staff_id | name          | role                | position  | unit_id | supervisor_id | email | start      | end
    L1       | Mai Dương     | commission_leader   |           | BAN     |               |       | 2020-01-01 |
    D1       | Trần Hoà      | department_director | Vụ trưởng | VU      | L1            |       | 2020-01-01 |
    C1       | Nguyễn An     | civil_servant       |           | VU      | D1            |       | 2020-01-01 |
    X1       | Lê Bánh       | driver              | Lái xe    | VU      | D1            |       | 2020-01-01 |
"""


@pytest.fixture
def own_office(tmp_path: Path) -> Path:
    folder = tmp_path / "office"
    (folder / "inbox").mkdir(parents=True)
    (folder / "mine.toml").write_text(changed(*OWN), encoding="utf-8")
    (folder / "office.toml").write_text('name = "Ban mẫu"\nscheme = "mine.toml"\n', encoding="utf-8")
    roster_book(
        OWN_PEOPLE,
        units="unit_id|name|kind|parent_id|head_id|leader_id\nBAN|Ban|commission|||L1\nVU|Vụ|department|BAN|D1|L1",
    ).save(folder / "roster.xlsx")
    return folder


def test_an_offices_own_scheme_is_loaded_from_its_folder(own_office: Path) -> None:
    scheme = load_scheme("mine.toml", own_office)
    assert [c.max for c in scheme.criteria] == [50, 30, 20]
    assert scheme.band_of(Decimal("95.49")).id == "good"
    assert scheme.band_of(Decimal("95.5")).id == "excellent"
    assert scheme.role("driver") is not None
    assert scheme.hash != weekly().hash


def test_an_own_scheme_may_stand_in_a_windows_text_file(own_office: Path) -> None:
    text = (own_office / "mine.toml").read_text(encoding="utf-8")
    (own_office / "mine.toml").write_text(text.replace("\n", "\r\n"), encoding="utf-8-sig")
    assert load_scheme("mine.toml", own_office).hash == parse_scheme(text, "mine.toml").hash


def test_a_week_is_decided_by_the_offices_own_caps_bands_and_roles(own_office: Path, tmp_path: Path) -> None:
    week = Week(2025, 23)
    now = "2025-06-06T16:00+07:00"
    setup = desk.open_office(own_office, tmp_path / "out", None)

    def send(forms: list[Form], values: dict[tuple[str, str], object], stage: str, who: str) -> None:
        form = next(f for f in forms if (f.stage, f.addressee) == (stage, who))
        (own_office / "inbox" / f"{stage} {who}.xlsx").write_bytes(filled(form.data, values))

    def step() -> list[Form]:
        pipeline.run(setup, week, now, 1)
        return pipeline.issue(setup, week, now, None, [], again=False)

    forms = pipeline.issue(setup, week, now, None, [], again=False)
    assert {f.addressee for f in forms if f.stage == "self"} == {"D1", "C1", "X1"}
    send(forms, self_values(49.5, 30, 20), "self", "C1")
    send(forms, self_values(40, 30.5, 20), "self", "X1")
    send(step(), review_values({"C1": (47.5, 29, 19), "X1": (50, 30, "15,49", "Không", "Không")}), "review", "D1")
    decided: dict[tuple[str, str], object] = {("C1", "decision"): "Phê duyệt", ("X1", "decision"): "Phê duyệt"}
    send(step(), decided, "approval", "D1")
    step()
    with (tmp_path / "out" / "outbox" / "2025-W23" / "results.csv").open(encoding="utf-8-sig", newline="") as stream:
        results = {row["staff_id"]: row for row in csv.DictReader(stream)}
    assert set(results) == {"D1", "C1", "X1"}
    c1, x1 = results["C1"], results["X1"]
    assert (c1["state"], c1["self_total"], c1["total"], c1["band"]) == ("approved", "99.5", "95.5", "excellent")
    assert (x1["state"], x1["self_total"], x1["total"], x1["band"]) == ("approved", "", "95.49", "good")
    assert (c1["scheme"], c1["scheme_hash"]) == ("ban-mau", setup.scheme.hash)
    with (tmp_path / "out" / "outbox" / "2025-W23" / "findings.csv").open(encoding="utf-8-sig", newline="") as stream:
        found = {(row["code"], row["staff_id"]) for row in csv.DictReader(stream)}
    assert ("value.over-cap", "X1") in found


def test_an_office_folder_may_carry_its_scheme_anywhere(own_office: Path, tmp_path: Path) -> None:
    other = tmp_path / "moved"
    shutil.copytree(own_office, other)
    assert load_scheme("mine.toml", other).hash == load_scheme("mine.toml", own_office).hash


def test_every_finding_about_schemes_is_in_the_catalogue() -> None:
    assert {"config.toml", "config.scheme-missing", "config.scheme-wrong"} <= set(CODES)


def test_a_scheme_cannot_be_changed_in_place() -> None:
    scheme: Scheme = weekly()
    with pytest.raises(ValueError, match="frozen"):
        scheme.decimals = 3
