from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from batch.core.finding import UserError
from batch.files import resource
from batch.i18n import LANGUAGES
from batch.raises.rules import Rules, parse
from tests.raises.samples import SIMPLE, planned, rules, rules_text


def refused(folder: Path, text: str) -> dict[str, object]:
    with pytest.raises(UserError) as caught:
        planned(folder, text)
    found = caught.value.finding
    assert found.place.file.endswith("2568-R1.toml")
    return {"code": found.code, **dict(found.params)}


def test_every_word_of_the_shipped_rules_is_in_the_three_languages() -> None:
    shipped = tomllib.loads(resource("raises", "th-halfyear.toml").read_text(encoding="utf-8"))
    named = [one for table in ("types", "levels", "leave") for one in shipped[table]]
    assert len(named) > 20 and [one["id"] for one in named if set(one["title"]) != set(LANGUAGES)] == []


def test_an_unknown_key_is_named_with_the_keys_there_are(tmp_path: Path) -> None:
    said = refused(tmp_path, SIMPLE.replace("percent = 3\n", "percentage = 3\n", 1))
    assert said["code"] in ("config.unknown-key", "raises.wrong")
    said = refused(tmp_path, SIMPLE.replace("percent = 3\n", "percent = 3\nholdback = 1\n", 1))
    assert (said["code"], said["key"]) == ("config.unknown-key", "pools.0.holdback")
    assert "hold_back" in str(said["known"])


@pytest.mark.parametrize(
    ("change", "key", "words"),
    [
        (('apply = "main"', 'apply = "mian"'), "apply", "there are main, linear, fit"),
        (('of = "linear"', 'of = "fit"'), "rates.fit.of", "no fixed or linear"),
        (("percent = 3.1 }", "percent = 3.9 }"), "rates.0.main", "higher score must never get a lower"),
        (("min = 80", "min = 91"), "rates.0.main", "must fall"),
        (("percent = 3.6 }", "percent = 6.1 }"), "rates.main", "more than the 6%"),
        (("high = 4 }", "percent = 4 }"), "rates.1.linear", "'low' and 'high'"),
        (("percent = 3\n", "percent = 3\nhold_back = 4\n"), "pools.0.all", "more than percent"),
        (("percent = 3\n", 'percent = 3\nremainder = "other"\n'), "pools.all.remainder", "lapse"),
        (("percent = 3\n", 'percent = 3\nlevels = ["k9"]\n'), "pools.all.levels", "'k9' is none of"),
        (("percent = 3\n", "percent = 300\n"), "pools.0.percent", "less than or equal to 100"),
    ],
)
def test_a_wrong_plan_is_refused_with_its_key(tmp_path: Path, change: tuple[str, str], key: str, words: str) -> None:
    assert change[0] in SIMPLE
    said = refused(tmp_path, SIMPLE.replace(*change, 1))
    assert (said["code"], said["key"]) == ("raises.wrong", key)
    assert words in str(said["problem"])


def test_a_table_that_treats_everybody_alike_is_refused_before_any_score_is_known(tmp_path: Path) -> None:
    steps = "steps = [{ min = 60, percent = 3 }]"
    said = refused(tmp_path, SIMPLE[: SIMPLE.index("steps")] + steps)
    assert "same percentage" in str(said["problem"])


def test_a_plan_that_is_missing_says_where_a_model_is(tmp_path: Path) -> None:
    from batch.raises.rules import load_round
    from tests.raises.samples import R1

    with pytest.raises(UserError) as caught:
        load_round(tmp_path, R1, "th-halfyear")
    assert caught.value.finding.code == "raises.no-plan"


def test_an_office_may_have_rules_of_its_own(tmp_path: Path) -> None:
    from batch.raises.rules import load_round
    from tests.raises.samples import R1

    (tmp_path / "ours.toml").write_text(rules_text().replace("leave_days = 23", "leave_days = 15"), encoding="utf-8")
    planned(tmp_path, 'rules = "ours.toml"\n' + SIMPLE)
    assert load_round(tmp_path, R1, "th-halfyear")[0].limits.leave_days == 15
    assert rules().limits.leave_days == 23


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("{legal_basis} จึง", "{legalbasis} จึง"), "nothing is known for {legalbasis}"),
        (("split = 13715", "split = 19105"), "must rise"),
        (('level = "o2", maximum = 35220', 'level = "o1", maximum = 35220'), "stands twice"),
        (('words = ["ป่วย"]', 'words = ["ลากิจส่วนตัว"]'), "stands twice"),
    ],
)
def test_wrong_rules_are_refused(change: tuple[str, str], words: str) -> None:
    assert change[0] in rules_text()
    with pytest.raises(UserError) as caught:
        parse(Rules, rules_text().replace(*change, 1), "rules.toml")
    assert words in str(dict(caught.value.finding.params)["problem"])


def test_levels_and_leave_are_known_by_id_and_by_every_spelling() -> None:
    law = rules()
    assert [law.level(text) and law.level(text).id for text in ("k2", "ชำนาญการ", " ชำนาญการพิเศษ ", "Expert", "ซี 7")] == [  # type: ignore[union-attr]
        *("k2", "k2", "k3", "k4"),
        None,
    ]
    kind = law.leave_kind("ป่วย")
    assert kind is not None and kind.id == "sick"
    assert law.leave_kind("ลาไปเที่ยว") is None
