"""What was judged is kept; whatever is done to it, or to what it was judged by, a run comes to what the ledger says."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from batch import judging, pipeline
from batch.core.period import Week
from batch.core.records import Receipt
from batch.desk import open_office
from batch.ledger import Ledger
from batch.validate import Judged, Rules, judge
from tests.conftest import SAMPLE
from tests.small_office import NOW, PEOPLE, SmallOffice
from tests.test_sample import digests

W = "2025-W25"
NEXT = "2025-W26"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> SmallOffice:
    """A whole week; one report that says too much, and one file that is no form. Read-only: tests work on copies."""
    office = SmallOffice(tmp_path_factory.mktemp("judged"))
    office.whole_week(W, {"A3": (40, 40, 20)}, comment_A3="splendid work")
    office.report(W, "B2", (41, 30, 19), name="too much.xlsx")
    (office.folder / "inbox" / "film.xlsx").write_bytes(b"no workbook")
    office.run(W)
    return office


@pytest.fixture
def office(played: SmallOffice, tmp_path: Path) -> SmallOffice:
    return played.copied(tmp_path)


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are judged in the course of a test."""
    names: list[str] = []

    def noted(receipt: Receipt, rules: Rules) -> Judged:
        names.append(receipt.name)
        return judge(receipt, rules)

    monkeypatch.setattr(judging, "judge", noted)
    return names


def kept(office: SmallOffice) -> Path:
    return office.out / judging.KEPT / "000001"


def forged(office: SmallOffice, genuine: bool) -> None:
    """A3's own quality score of 38, as it is kept, made 7; signed by somebody who has the office's key, or not."""
    _, _, data = kept(office).read_bytes().partition(b"\n")
    changed = data.replace(b"quality=38 ", b"quality=7 ")
    assert changed != data
    seal = office.setup().keys.seal(changed if genuine else data)
    kept(office).write_bytes(f"{seal}\n".encode() + changed)


def own_scores(office: SmallOffice) -> set[str]:
    return {row["self_total"] for row in office.results(W).values()} - {""}


def test_of_what_was_judged_only_what_is_new_is_judged_again(office: SmallOffice, judged: list[str]) -> None:
    office.issue(NEXT)
    office.report(NEXT, "A3", name="new.xlsx")
    office.run(NEXT)
    assert judged == ["new.xlsx"]
    office.run(W, now="2025-07-01T08:00+07:00")
    assert judged == ["new.xlsx"]


def test_without_it_the_same_files_are_written(office: SmallOffice, tmp_path: Path) -> None:
    bare = office.copied(tmp_path / "bare")
    for one in (office, bare):
        shutil.rmtree(one.out / "outbox")
        if one is bare:
            shutil.rmtree(one.out / judging.KEPT)
        one.run(W)
    assert digests(office.out / "outbox") == digests(bare.out / "outbox")
    assert kept(office).read_bytes() == kept(bare).read_bytes()


def test_what_is_kept_says_what_the_ledger_says(played: SmallOffice, sample_out: Path) -> None:
    """Every kind of form and fault of the sample, and of the small office."""
    for setup in (played.setup(), open_office(SAMPLE, sample_out, None)):
        with Ledger.open(setup.ledger, look_only=True) as ledger:
            closed = pipeline.closed_weeks(ledger)
            record = judging.Record(setup, ledger, closed)
            afresh = [record.judge(receipt).bare for receipt in ledger.receipts()]
            assert list(record.judged()) == afresh and len(afresh) > 15
            assert any(one.findings for one in afresh) and any(a.findings for one in afresh for a in one.attempts)
            whole = [record.judge(receipt) for receipt in ledger.receipts()]
            assert list(record.judged(whole=lambda one: True)) == whole


def test_another_rule_judges_everything_again(office: SmallOffice, judged: list[str]) -> None:
    office.roster(people=people_without("B3"))
    office.run(W)
    assert len(judged) == len(list((office.folder / "inbox").iterdir()))
    assert "form.unknown-subject" in office.codes(W)


def people_without(staff_id: str) -> str:
    return "\n".join(line for line in PEOPLE.splitlines() if not line.startswith(staff_id))


@pytest.mark.parametrize("harm", ["forged", "cut", "another office's", "gone", "no text"])
def test_what_was_tampered_with_is_not_taken(office: SmallOffice, harm: str, judged: list[str]) -> None:
    before = own_scores(office)
    if harm == "forged":
        forged(office, genuine=False)
    elif harm == "cut":
        kept(office).write_bytes(kept(office).read_bytes()[:-200])
    elif harm == "another office's":
        seal, _, data = kept(office).read_bytes().partition(b"\n")
        kept(office).write_bytes(seal[::-1] + b"\n" + data)
    elif harm == "gone":
        kept(office).unlink()
    else:
        kept(office).write_bytes(b"\xff\xfe\n\n")
    shutil.rmtree(office.out / "outbox")
    office.run(W)
    assert judged and own_scores(office) == before


def test_what_freezes_a_result_goes_by_the_ledger_alone(office: SmallOffice) -> None:
    """Even somebody who has the key can't have what is kept decide what is closed."""
    before = own_scores(office)
    forged(office, genuine=True)
    shutil.rmtree(office.out / "outbox")
    office.run(W)
    assert own_scores(office) != before  # it is what the run went by
    assessment, _ = pipeline.close(office.setup(), Week.parse(W), NOW, with_open=True)
    assert {format(case.self_total, "f") for case in assessment.cases.values() if case.self_total} == before


def test_a_file_that_was_renamed_is_told_by_its_new_name(office: SmallOffice, judged: list[str]) -> None:
    (office.folder / "inbox" / "too much.xlsx").rename(office.folder / "inbox" / "b2.xlsx")
    office.run(W)
    assert {f["file"] for f in office.findings(W) if f["code"] == "value.over-cap"} == {"b2.xlsx"}
    assert judged == ["b2.xlsx"]
    judged.clear()
    office.run(W, now="2025-07-01T08:00+07:00")
    assert judged == []


def test_a_long_ledger_is_kept_in_stretches(office: SmallOffice, monkeypatch: pytest.MonkeyPatch, judged: list[str]) -> None:
    monkeypatch.setattr(judging, "_STRETCH", 5)
    shutil.rmtree(office.out / judging.KEPT)
    shutil.rmtree(office.out / "outbox")
    office.run(W)
    files = sorted((office.out / judging.KEPT).iterdir())
    assert [len(path.read_bytes().splitlines()) - 2 for path in files] == [5, 5, 5, 1]
    before = digests(office.out / "outbox")
    judged.clear()
    files[1].unlink()
    shutil.rmtree(office.out / "outbox")
    office.run(W)
    assert len(judged) == 5 and digests(office.out / "outbox") == before
    assert json.loads(files[1].read_bytes().splitlines()[1])["first"] == 6
