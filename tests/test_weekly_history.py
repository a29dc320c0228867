"""An office that evaluates weeks and rounds: a person's weeks are shown in the round as evidence, and score nothing."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from batch import pipeline
from batch.answers import round_explain
from batch.core.finding import UserError
from batch.core.period import Round, Week
from batch.files import sha256
from tests.conftest import run_appraise
from tests.small_office import SmallOffice
from tests.small_round import END, KEY, LEVELS, R2, SETTINGS, RoundOffice

CONFIGURED = f'{SETTINGS}[weekly_history]\nout = "../../weekly/out"'


@pytest.fixture(scope="module")
def weekly(tmp_path_factory: pytest.TempPathFactory) -> SmallOffice:
    """Three weeks of June, approved: A3 fails the last two, A4 is on leave in the first."""
    office = SmallOffice(tmp_path_factory.mktemp("both") / "weekly")
    failing = {"key_task_failed_A3": "yes", "discipline_breach_A3": "yes"}
    office.whole_week("2025-W23")
    office.whole_week("2025-W24", {"A3": (20, 15, 10)}, **failing)
    office.whole_week("2025-W25", {"A3": (20, 20, 9.5)}, **failing)
    office.roster(leave="A4|2025-06-02|2025-06-08|leave")
    office.run("2025-W23")
    return office


@pytest.fixture(scope="module")
def bureau(tmp_path_factory: pytest.TempPathFactory, weekly: SmallOffice) -> RoundOffice:
    office = RoundOffice(weekly.folder.parent.parent / "round", CONFIGURED)
    office.agreed()
    return office


@pytest.fixture
def both(tmp_path: Path, weekly: SmallOffice, bureau: RoundOffice) -> tuple[SmallOffice, RoundOffice]:
    """Both offices as they stand, in a place of their own."""
    return weekly.copied(tmp_path / "weekly"), bureau.copied(tmp_path / "round")


def forge(out: Path, week: str, change: Callable[[list[list[str]]], None]) -> None:
    """Another results.csv that everything in OUT vouches for."""
    folder, seals = out / "outbox" / week, out / "seals.json"
    table = list(csv.reader(io.StringIO((folder / "results.csv").read_text(encoding="utf-8-sig"), newline="")))
    change(table)
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows(table)
    data = stream.getvalue().encode("utf-8-sig")
    (folder / "results.csv").write_bytes(data)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    next(o for o in manifest["outputs"] if o["name"] == "results.csv")["sha256"] = sha256(data)
    text = json.dumps(manifest)
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    sealed = json.loads(seals.read_text(encoding="utf-8"))
    sealed["outbox"][f"{week}/manifest.json"] = sha256(text.encode())
    seals.write_text(json.dumps(sealed), encoding="utf-8")


def history(office: RoundOffice, who: str) -> Mapping[str, object] | None:
    setup = office.setup()
    found = round_explain.as_data(round_explain.explain(setup, who, R2), setup).get("history")
    assert found is None or isinstance(found, dict)
    return found


def test_a_persons_weeks_are_summed_up_exactly(bureau: RoundOffice) -> None:
    # 85, 45 and 49.5 are 179.5; a third is 59.833…. April to September 2025 has the weeks 14 to 39, one of them all holidays.
    found = history(bureau, "A3")
    assert found is not None
    assert (found["rated"], found["weeks"], found["excused"]) == (3, 25, 0)
    assert (found["mean"], found["lowest"], found["highest"]) == ("59.83", "45", "85")
    bands, marks = found["bands"], found["marks"]
    assert isinstance(bands, list) and [count for _, count in bands] == [0, 1, 0, 2]
    assert isinstance(marks, list) and [weeks for _, weeks in marks] == [["2025-W24", "2025-W25"]] * 3
    assert found["failures"] == ["2025-W25"]


def test_leave_is_no_week_without_a_result(bureau: RoundOffice) -> None:
    found = history(bureau, "A4")
    assert found is not None and (found["rated"], found["excused"], found["mean"]) == (2, 1, "85.00")


def test_codes_decide_who_is_who_and_another_name_is_pointed_out(bureau: RoundOffice) -> None:
    assert bureau.codes(KEY, "B2").count("history.name-differs") == 1  # once, not in each of three weeks
    assert history(bureau, "B2") is not None and history(bureau, "N1") is None


def test_it_is_shown_as_evidence_wherever_the_person_is_judged(
    both: tuple[SmallOffice, RoundOffice], tmp_path: Path
) -> None:
    _, office = both
    assert "59.83" in office.said(Path("A1", f"review-{KEY}-A3.xlsx"))
    assert "For information only" in office.said(Path("A1", f"review-{KEY}-A3.xlsx"))
    assert "59.83" not in office.said(Path("A3", f"self-{KEY}-A3.xlsx"))
    paper = office.said(Path("A3", f"summary-{KEY}-A3.xlsx"))
    assert "59.83 (lowest 45, highest 85)" in paper and "Good 1 · Failed 2" in paper
    told = run_appraise("--lang", "th", "explain", "A3", KEY, "--office", office.folder, "--out", office.out).stdout
    assert "ผลประเมินรายสัปดาห์ในรอบ (ใช้ประกอบการพิจารณาเท่านั้น ไม่นำมาคิดคะแนน)" in told and "3 จาก 25 สัปดาห์" in told
    office.fill(office.given(KEY, "A1", f"review-{KEY}-A3"), LEVELS)
    office.play()
    office.fill(office.form("acknowledgement", KEY, "A3"), {("told.date", "value"): "30/09/2025"})
    office.play(END)
    assert "3 of 25, mean 59.83" in office.said(Path("L1", f"committee-{KEY}-L1.xlsx"))
    assert office.results(KEY)["A3"]["total"] == "80"  # 4 of 5 everywhere: what the weeks came to counts for nothing


def test_where_nothing_is_configured_nothing_is_shown(both: tuple[SmallOffice, RoundOffice]) -> None:
    _, office = both
    office.settings(SETTINGS)
    office.play()
    for path in (Path("A1", f"review-{KEY}-A3.xlsx"), Path("A3", f"summary-{KEY}-A3.xlsx")):
        assert "eekly" not in office.said(path) and "history." not in office.said(path)
    assert history(office, "A3") is None and "evidence" not in json.loads(office.manifest(KEY).read_text(encoding="utf-8"))


def test_what_changes_in_the_weeks_is_seen_by_the_next_run(both: tuple[SmallOffice, RoundOffice]) -> None:
    weekly, office = both
    office.play()
    assert not office.play()  # nothing has changed
    used = json.loads(office.manifest(KEY).read_text(encoding="utf-8"))["evidence"]
    results = [weekly.out / "outbox" / f"2025-W{n}" / "results.csv" for n in (23, 24, 25)]
    assert [one["sha256"] for one in used] == [sha256(path.read_bytes()) for path in results]
    weekly.whole_week("2025-W26", {"A3": (36, 36, 18)})
    assert office.play()
    assert "4 of 25 weeks" in office.said(Path("A1", f"review-{KEY}-A3.xlsx"))  # 179.5 + 90 = 269.5; a quarter is 67.375
    assert "67.38 (lowest 45, highest 90)" in office.said(Path("A3", f"summary-{KEY}-A3.xlsx"))
    assert run_appraise("verify", "--office", office.folder, "--out", office.out).returncode == 0


def test_a_closed_round_keeps_what_was_shown(both: tuple[SmallOffice, RoundOffice]) -> None:
    weekly, office = both
    pipeline.close(office.setup(), R2, END, with_open=True)
    before = history(office, "A3")
    weekly.out.rename(weekly.out.with_name("gone"))
    office.play(END)
    assert history(office, "A3") == before and "history.no-out" not in office.codes(KEY)
    assert "59.83" in office.said(Path("A3", f"summary-{KEY}-A3.xlsx"))
    assert len(json.loads(office.manifest(KEY).read_text(encoding="utf-8"))["evidence"]) == 3


def test_weeks_that_are_not_there_are_named(both: tuple[SmallOffice, RoundOffice]) -> None:
    weekly, office = both
    weekly.out.rename(weekly.out.with_name("gone"))
    office.play()
    assert "history.no-out" in office.codes(KEY) and history(office, "A3") is None


def touch(name: str, text: str) -> Callable[[SmallOffice], None]:
    def change(weekly: SmallOffice) -> None:
        path = weekly.out / "outbox" / "2025-W25" / name
        path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")

    return change


def unfinished(weekly: SmallOffice) -> None:
    path = weekly.manifest("2025-W25")
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), "unfinished": True}), encoding="utf-8")


def forged(change: Callable[[list[list[str]]], None]) -> Callable[[SmallOffice], None]:
    return lambda weekly: forge(weekly.out, "2025-W25", change)


def a3(column: str, value: str) -> Callable[[list[list[str]]], None]:
    def change(table: list[list[str]]) -> None:
        row = next(row for row in table if row[1] == "A3")
        row[table[0].index(column)] = value

    return change


def without_band(table: list[list[str]]) -> None:
    at = table[0].index("band")
    for row in table:
        del row[at]


def other_scheme(table: list[list[str]]) -> None:
    for row in table[1:]:
        row[table[0].index("scheme")] = "ours"


FAULTS = [
    (touch("results.csv", "x"), "history.changed", "results.csv", 2),
    (touch("manifest.json", " "), "history.changed", "manifest.json", 2),
    (unfinished, "history.unfinished", "manifest.json", 2),
    (forged(without_band), "history.columns", "results.csv", 2),
    (forged(other_scheme), "history.other-scheme", "results.csv", 2),
    (forged(a3("total", "140")), "history.bad-row", "results.csv", 2),
    (forged(a3("band", "superb")), "history.bad-row", "results.csv", 2),
    (
        forged(lambda table: table.append(next(row for row in table if row[1] == "A3"))),
        "history.row-twice",
        "results.csv",
        2,
    ),
]


@pytest.mark.parametrize(("change", "code", "file", "rated"), FAULTS, ids=[f"{n}-{f[1]}" for n, f in enumerate(FAULTS)])
def test_what_can_not_be_relied_on_is_named_and_left_out(
    both: tuple[SmallOffice, RoundOffice], change: Callable[[SmallOffice], None], code: str, file: str, rated: int
) -> None:
    weekly, office = both
    change(weekly)
    found = office.setup().histories(R2)
    (fault,) = [f for f in found.findings if f.code != "history.name-differs"]
    assert (fault.code, fault.place.file) == (code, f"../../weekly/out/outbox/2025-W25/{file}")
    assert found.people["A3"].rated == rated and found.people["A3"].mean == Decimal("65")  # 85 and 45
    if code in ("history.bad-row", "history.row-twice"):
        assert fault.place.cell and fault.staff_id == "A3"
        assert found.people["A4"].rated == 2  # everybody else's rows of the week count


def test_an_outbox_that_was_copied_without_its_seals_is_checked_by_its_manifests(
    both: tuple[SmallOffice, RoundOffice],
) -> None:
    weekly, office = both
    (weekly.out / "seals.json").unlink()
    assert office.setup().histories(R2).people["A3"].rated == 3
    touch("results.csv", "x")(weekly)
    assert office.setup().histories(R2).people["A3"].rated == 2


@pytest.mark.parametrize(
    "settings",
    ['[weekly_history]\nout = "x"', f'{SETTINGS}[weekly_history]\nout = "x"\nscheme = "th-halfyear"'],
    ids=["in a weekly office", "with rules of rounds"],
)
def test_a_history_that_can_not_be_is_refused(tmp_path: Path, settings: str) -> None:
    office = SmallOffice(tmp_path, settings)
    with pytest.raises(UserError, match=r"config\.wrong-value"):
        office.setup()


def test_the_weeks_of_a_round_are_those_of_its_months() -> None:
    def plain(week: Week) -> Sequence[object]:
        return week.days[:5]

    weeks = Round(2025, 2).weeks(plain)  # type: ignore[arg-type]
    assert (str(weeks[0]), str(weeks[-1]), len(weeks)) == ("2025-W14", "2025-W39", 26)
    first = Round(2026, 1).weeks(plain)  # type: ignore[arg-type]
    assert (str(first[0]), str(first[-1])) == ("2025-W40", "2026-W13")  # each week to one round, over the year's end
