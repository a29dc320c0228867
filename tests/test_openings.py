"""The stages of a round open when the office says: no form before, and what comes all the same is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from batch.core.finding import UserError
from tests.conftest import run_appraise
from tests.small_round import KEY, KPI, LEVELS, SETTINGS, RoundOffice

OPENS = '[opens]\nself = "166 08:00"\nreview = "173 08:00"\n'  # 13 and 20 September 2025
BEFORE, AT, LATER = "2025-09-13T07:59+07:00", "2025-09-13T08:00+07:00", "2025-09-20T08:00+07:00"


@pytest.fixture(scope="module")
def agreed(tmp_path_factory: pytest.TempPathFactory) -> RoundOffice:
    """A3's agreement has consent; nothing else is open yet."""
    office = RoundOffice(tmp_path_factory.mktemp("openings"), SETTINGS + OPENS)
    office.agreed()
    return office


@pytest.fixture
def office(agreed: RoundOffice, tmp_path: Path) -> RoundOffice:
    return agreed.copied(tmp_path)


def lying(office: RoundOffice) -> set[str]:
    """The forms that lie ready for somebody, but for the agreements of the others."""
    paths = (office.out / "outbox" / KEY / "for").glob("*/*.xlsx")
    return {path.name.split("-")[0] for path in paths} - {"agreement", "summary"}


def test_a_stage_has_no_forms_before_it_opens(office: RoundOffice) -> None:
    office.play(BEFORE)
    assert lying(office) == set()
    assert office.play(AT)  # nothing new has come, yet there is something to do
    assert lying(office) == {"self"}
    assert not office.play(AT)
    assert office.play(LATER)
    assert lying(office) == {"self", "review"}


def test_a_form_asked_for_too_early_is_refused_with_its_moment(office: RoundOffice) -> None:
    with pytest.raises(UserError, match=r"use\.not-open"):
        office.forms(BEFORE, "self")
    office.forms(AT, "self")
    assert lying(office) == {"self"}
    where = ("--office", office.folder, "--out", office.out, "--now", AT)
    refused = run_appraise("--lang", "th", "issue", KEY, "--form", "review", "--again", *where)
    assert refused.returncode == 2 and "20/9/2568 08.00 น." in refused.stderr
    told = run_appraise("--lang", "en", "issue", KEY, *where)
    assert "Superior's assessment: opens at 08:00 20 September 2025" in told.stdout


def test_status_says_what_opens_when(office: RoundOffice) -> None:
    where = ("--office", office.folder, "--out", office.out, "--now", BEFORE)
    told = run_appraise("--lang", "en", "status", KEY, *where).stdout
    duties, _, opens = told.partition("Not open yet")
    assert "Self-assessment" not in duties and "Superior's assessment" not in duties
    lines = [line.strip() for line in opens.splitlines() if line.strip()]
    assert lines == [
        "Self-assessment: opens at 08:00 13 September 2025",
        "Superior's assessment: opens at 08:00 20 September 2025",
    ]
    data = json.loads(run_appraise("status", KEY, "--json", *where).stdout)
    assert data["opens"] == {"self": AT, "review": LATER}
    assert {duty["form"] for duty in data["duties"]} == {"agreement"}


def test_what_comes_before_its_stage_opens_counts_and_is_named(office: RoundOffice) -> None:
    office.settings(SETTINGS)  # the forms went out before anybody thought of a date
    office.play(BEFORE)
    sent = office.fill(office.form("self", KEY, "A3"), LEVELS)
    office.settings(SETTINGS + OPENS)
    office.play(BEFORE)
    (found,) = [one for one in office.findings(KEY) if one["code"] == "act.before-opening"]
    assert (found["severity"], found["file"], found["staff_id"]) == ("warning", sent.name, "A3")
    assert "13 September 2025" in found["message"]
    assert office.results(KEY)["A3"]["self_total"] == "80"


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        (f'{SETTINGS}[opens]\nselfie = "1 08:00"', "opens.selfie"),
        (f'{SETTINGS}[opens]\nself = "1 March"', "opens"),
        (f'{SETTINGS}[opens]\nself = "170 08:00"\n[deadlines]\nself = "160 17:00"', "opens.self"),
        ('[opens]\nreview = "8 08:00"', "opens"),
    ],
    ids=["unknown stage", "no moment", "after the deadline", "of a week"],
)
def test_openings_that_can_not_be_are_refused(tmp_path: Path, settings: str, key: str) -> None:
    office = RoundOffice(tmp_path, settings)
    if "th-halfyear" not in settings:
        office.roster(people="", units="")
    with pytest.raises(UserError) as refused:
        office.setup()
    assert refused.value.finding.code.startswith("config.") and key in str(refused.value.finding.params)


def test_always_open_is_what_holds_without_a_word(office: RoundOffice) -> None:
    office.settings(SETTINGS)
    office.play(BEFORE)
    assert lying(office) == {"self", "review"}
    assert KPI  # the agreement itself was open all the time
