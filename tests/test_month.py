"""A month of an office, from ``appraise init`` to four closed weeks: real files, the command line, and nothing else.

After every run everybody's state is compared with a table that was reasoned by hand: who, state, total, band, who has to
act next, and how many weeks in a row they have failed (``2!``: a meeting is required).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner

from batch.cli import cli
from tests.conftest import run_appraise
from tests.small_office import OfficeFiles, Scores, fill_roster

pytestmark = pytest.mark.office
Convert = Callable[[list[Path], str], list[Path]]

PEOPLE = """
0001|Lê Minh Đức|commission_leader|Phó Trưởng ban|C|||01/01/2025|
0301|Mai Thị Lan|secretary|Thư ký|C|0001||01/01/2025|
0101|Nguyễn Văn An|department_director|Vụ trưởng|V1|0001||01/01/2025|
0102|Trần Thị Bình|deputy_department_director|Phó Vụ trưởng|V1|0101||01/01/2025|
0103|Phạm Văn Cường|civil_servant|Chuyên viên|V1|0102||01/01/2025|
0104|Vũ Thị Dung|civil_servant|Chuyên viên|V1|0102||01/01/2025|09/09/2025
0104|Vũ Thị Dung|civil_servant|Chuyên viên|VP|0202||10/09/2025|
0201|Đỗ Văn Em|office_chief|Chánh Văn phòng|VP|0001||01/01/2025|
0202|Hoàng Thị Giang|deputy_office_chief|Phó Chánh Văn phòng|VP|0201||01/01/2025|
0203|Bùi Văn Hà|employee|Nhân viên|VP|0202||01/01/2025|17/09/2025
0204|Ngô Đăng Khoa|civil_servant|Chuyên viên|VP|0202||08/09/2025|
"""
UNITS = """
C|Ban mẫu|commission||0001|0001
V1|Vụ Một|department|C|0101|0001
VP|Văn phòng|office|C|0201|0001
"""
DELEGATIONS = """
0102|0101|03/09/2025|05/09/2025|annual leave
0201|0202|08/09/2025|14/09/2025|on a mission
"""
LEAVE = "0102|03/09/2025|05/09/2025|annual leave"
CALENDAR = """
01/09/2025|holiday|National Day
02/09/2025|holiday|National Day
"""
DEADLINES = '[deadlines]\nself = "5 17:00"\nreview = "10 12:00"\nmeeting = "14 17:00"\n'
W35, W36, W37, W38 = "2025-W35", "2025-W36", "2025-W37", "2025-W38"
ALL_OTHERS = {"others": "approve"}


class Bureau(OfficeFiles):
    """An office whose secretary knows the command line and nothing else of the program."""

    def __init__(self, base: Path, convert: Convert) -> None:
        super().__init__(base)
        self._convert = convert
        self.command("--lang", "en", "init", self.folder)
        settings = self.folder / "office.toml"
        text = settings.read_text(encoding="utf-8").replace("[deadlines]\n", DEADLINES)
        settings.write_text(text, encoding="utf-8")
        fill_roster(
            self.folder / "roster.xlsx",
            people=PEOPLE,
            units=UNITS,
            delegations=DELEGATIONS,
            leave=LEAVE,
            calendar=CALENDAR,
        )

    # --- the secretary --------------------------------------------------------------------------------------------

    def command(self, *words: str | Path) -> str:
        """What a command prints; it must end well."""
        done = CliRunner().invoke(cli, [str(word) for word in words])
        assert done.exit_code == 0, (words, done.output, done.exception)
        return done.stdout

    def places(self, at: str = "") -> list[str | Path]:
        return ["--office", self.folder, "--out", self.out, *(["--now", at] if at else [])]

    def issue(self, week: str, at: str, *more: str) -> dict[str, int]:
        """How many forms of each kind were written."""
        told = self.command("issue", week, *self.places(at), *more).splitlines()
        counts = {kind: int(count) for kind, count in (line.strip().split(": ") for line in told[1:-1])}
        written = sum(counts.values())
        assert told[0] == f"Week {int(week[-2:])}/2025: {written} form{'s' if written != 1 else ''} written."
        return counts

    def run(self, week: str, at: str, expected: str) -> str:
        """Run, and compare everybody with the table; returns what the terminal says."""
        told = self.command("run", week, *self.places(at))
        assert self.table(week) == [" ".join(line.split()) for line in expected.strip().splitlines()], (week, at)
        return told

    def refused(self, *words: str | Path) -> str:
        """The one line that a command is refused with, in a process of its own."""
        done = run_appraise("--lang", "en", *words)
        assert done.returncode == 2 and len(done.stderr.strip().splitlines()) == 1, done.stderr
        return done.stderr

    def status(self, week: str) -> dict[str, list[dict[str, object]]]:
        found: dict[str, list[dict[str, object]]] = json.loads(self.command("status", week, *self.places(), "--json"))
        return found

    def table(self, week: str) -> list[str]:
        """Everybody by staff code, from results.csv and, for who has to act, from ``status``."""
        status = self.status(week)
        acts: dict[str, str] = {}
        for owing in status["missing_self"]:
            acts |= {p["staff_id"]: p["staff_id"] for p in owing["people"]}  # type: ignore[attr-defined]
        for actor in status["waiting"]:
            for duty in actor["duties"]:  # type: ignore[attr-defined]
                acts |= {p["staff_id"]: actor["staff_id"] for p in duty["people"]}
        lines = []
        for who, row in sorted(self.results(week).items()):
            failing = row["failing_weeks"].replace("0", "") + ("!" if row["meeting_required"] == "yes" else "")
            told = (row["state"], row["total"], row["band"], acts.get(who, ""), failing)
            lines.append(" ".join([who, *(text or "–" for text in told)]))
        return lines

    def errors(self, week: str) -> list[dict[str, str]]:
        return [f for f in self.findings(week) if f["severity"] == "error"]

    def about(self, week: str, code: str) -> list[str]:
        """Whom the findings of a code are about, in order."""
        return sorted(f["staff_id"] for f in self.findings(week) if f["code"] == code)

    # --- the people -----------------------------------------------------------------------------------------------

    def everybody_reports(self, week: str, people: str, **scores: Scores) -> None:
        """Self-reports, 38/37/19 but for those named as ``_0101=(…)``."""
        for who in people.split():
            self.report(week, who, scores.get(f"_{who}", (38, 37, 19)), obstacles="Máy in hỏng")

    def unit_report(self, week: str, unit: str, head: str, scores: Scores) -> None:
        cells: dict[tuple[str, str], object] = {
            (f"score.{c}", "self"): s for c, s in zip(("quality", "progress", "conduct"), scores, strict=True)
        }
        cells |= {("count.assigned", "value"): 9, ("count.completed", "value"): 8, ("text.summary", "value"): "Đạt kế hoạch"}
        self.fill(self.for_(week, head) / f"unit-{week}-{unit}.xlsx", cells)

    def for_(self, week: str, who: str) -> Path:
        return self.out / "outbox" / week / "for" / who

    def agree(self, week: str, reviewer: str, people: str) -> Path:
        return self.review(week, reviewer, {}, **{f"agree_{who}": "yes" for who in people.split()})

    def saved_by_libreoffice(self, dropped: Path, kind: str = "xlsx") -> None:
        """What lies in the inbox was written by LibreOffice, as .xlsx or .ods."""
        made = self._convert([dropped], kind)[0]
        dropped.unlink()
        made.rename(dropped.with_suffix(made.suffix))

    def row_of(self, form: Path, who: str) -> str:
        """All that stands in a person's row of a form, as one text."""
        sheet = openpyxl.load_workbook(form).worksheets[0]
        row = next(row for row in sheet.iter_rows(values_only=True) if row[0] == who)
        return " | ".join(str(value) for value in row if value is not None)


def first_week(office: Bureau) -> None:
    """Week 35: a faulty self-report, somebody to be chased, a faulty review row, an adjustment, a return."""
    assert office.issue(W35, "2025-08-25T08:00") == {"Self-report": 8, "Review": 5, "Unit report": 2}
    office.everybody_reports(
        *(W35, "0101 0102 0104 0201 0202 0301"), _0102=(30.4, 39.8, 19.8), _0201=(36, 36, 18), _0301=(34, 33, 18)
    )
    office.report(W35, "0103", (44, 33, 18), summary="Ba tờ trình")
    office.unit_report(W35, "V1", "0101", (36, 36, 18))
    table = """
        0101  submitted  –      –          0001  –
        0102  submitted  –      –          0101  –
        0103  returned   –      –          0103  –
        0104  submitted  –      –          0102  –
        0201  submitted  –      –          0001  –
        0202  submitted  –      –          0201  –
        0203  missing    –      –          0203  –
        0301  submitted  –      –          0001  –
    """
    office.run(W35, "2025-08-29T16:30", table)
    assert [(f["code"], f["staff_id"]) for f in office.errors(W35)] == [("value.over-cap", "0103")]
    assert office.about(W35, "unit.missing") == ["0201"]
    assert "case.overdue" not in office.codes(W35)

    # Cường corrects the copy that came back, in LibreOffice; Hà, who was chased, sends his at last. Both are late.
    back = office.form("self", W35, "0103")
    assert back.name.startswith("returned-")
    office.saved_by_libreoffice(office.fill(back, {("score.quality", "self"): 40}))
    office.saved_by_libreoffice(office.report(W35, "0203"))
    table = """
        0101  submitted  –      –          0001  –
        0102  submitted  –      –          0101  –
        0103  submitted  –      –          0102  –
        0104  submitted  –      –          0102  –
        0201  submitted  –      –          0001  –
        0202  submitted  –      –          0201  –
        0203  submitted  –      –          0202  –
        0301  submitted  –      –          0001  –
    """
    office.run(W35, "2025-08-29T18:00", table)
    assert office.about(W35, "form.late") == ["0103", "0203"]
    assert office.errors(W35) == []
    assert office.results(W35)["0103"]["self_total"] == "91"

    # The reviews: 74.75 is under 75; 41 of 40 costs Cường's row and nothing else on the sheet.
    office.agree(W35, "0001", "0101 0201 0301")
    office.saved_by_libreoffice(office.agree(W35, "0101", "0102"))
    office.review(W35, "0102", {"0103": (41, 33, 18), "0104": ("33,5", 30, 11.25)})
    office.review(W35, "0201", {"0202": (34, 33, 18)})
    office.review(W35, "0202", {"0203": (30, 30, 15)})
    office.unit_report(W35, "VP", "0201", (32, 32, 16))
    table = """
        0101  reviewed   94     excellent  0001  –
        0102  reviewed   90     excellent  0101  –
        0103  submitted  –      –          0102  –
        0104  reviewed   74.75  completed  0101  –
        0201  reviewed   90     excellent  0001  –
        0202  reviewed   85     good       0201  –
        0203  reviewed   75     good       0201  –
        0301  reviewed   85     good       0001  –
    """
    office.run(W35, "2025-09-03T10:00", table)
    assert "unit.missing" not in office.codes(W35)

    # The returned sheet holds both rows; only Cường's has to be corrected.
    sheet = office.form("review", W35, "0102")
    assert sheet.name.startswith("returned-")
    office.review(W35, "0102", {"0103": (31, 30, 15)})
    table = """
        0101  reviewed   94     excellent  0001  –
        0102  reviewed   90     excellent  0101  –
        0103  reviewed   76     good       0101  –
        0104  reviewed   74.75  completed  0101  –
        0201  reviewed   90     excellent  0001  –
        0202  reviewed   85     good       0201  –
        0203  reviewed   75     good       0201  –
        0301  reviewed   85     good       0001  –
    """
    office.run(W35, "2025-09-03T11:00", table)

    # Approvals: one cell for all others; An adjusts Bình's scores and sends Cường's review back.
    office.approve(W35, "0001", ALL_OTHERS)
    adjusted: dict[str, Any] = {"score.quality_0102": 28, "score.progress_0102": 39.8, "score.conduct_0102": 19.8}
    office.approve(
        *(W35, "0101", {**ALL_OTHERS, "0102": "adjust", "0103": "return"}),
        **{"reason_0102": "Một báo cáo chậm", "reason_0103": "Chưa xét việc trọng tâm", **adjusted},
    )
    office.approve(W35, "0201", ALL_OTHERS)
    table = """
        0101  approved   94     excellent  –     –
        0102  approved   87.6   good       –     –
        0103  returned   76     good       0102  –
        0104  approved   74.75  completed  –     –
        0201  approved   90     excellent  –     –
        0202  approved   85     good       –     –
        0203  approved   75     good       –     –
        0301  approved   85     good       –     –
    """
    office.run(W35, "2025-09-03T15:00", table)
    refusal = office.refused("close", W35, *office.places("2025-09-03T15:05"))
    assert "Phạm Văn Cường (0103)" in refusal and "Trần Thị Bình" not in refusal

    # Bình reviews again: a failure, with a key task and discipline; An approves; the week is closed.
    assert "Chưa xét việc trọng tâm" in office.row_of(office.form("review", W35, "0102"), "0103")
    failed: dict[str, Any] = {
        "key_task_failed_0103": "yes",
        "discipline_breach_0103": "yes",
        "comment_0103": "Bỏ trực hai buổi",
    }
    office.review(W35, "0102", {"0103": (20, 15, 10)}, **failed)
    table = table.replace("0103  returned   76     good       0102  –", "0103  reviewed   45     failed     0101  –")
    office.run(W35, "2025-09-03T16:00", table)
    office.approve(W35, "0101", {"0103": "approve"})
    table = table.replace("0103  reviewed   45     failed     0101  –", "0103  approved   45     failed     –     1")
    office.run(W35, "2025-09-03T16:30", table)
    assert office.status(W35)["waiting"] == []
    assert "is closed: 8 results" in office.command("close", W35, *office.places("2025-09-03T16:35"))


def second_week(office: Bureau) -> None:
    """Week 36, three working days: Bình on leave and An acting, the second failure, a stale approval."""
    office.issue(W36, "2025-09-03T08:00")
    assert not office.for_(W36, "0102").exists()
    office.everybody_reports(W36, "0101 0103 0201 0202 0203 0301", _0201=(36, 36, 18), _0301=(34, 33, 18))
    office.saved_by_libreoffice(office.report(W36, "0104"), "ods")
    office.unit_report(W36, "V1", "0101", (33, 33, 17))
    office.unit_report(W36, "VP", "0201", (32, 32, 16))
    table = """
        0101  submitted  –      –          0001  –
        0102  excused    –      –          –     –
        0103  submitted  –      –          0101  –
        0104  submitted  –      –          0101  –
        0201  submitted  –      –          0001  –
        0202  submitted  –      –          0201  –
        0203  submitted  –      –          0202  –
        0301  submitted  –      –          0001  –
    """
    office.run(W36, "2025-09-05T16:00", table)

    office.agree(W36, "0001", "0101 0201 0301")
    office.review(W36, "0101", {"0103": (18, 15, 10), "0104": (36, 36, 18)}, key_task_failed_0103="yes")
    office.review(W36, "0201", {"0202": (34, 33, 18)})
    office.review(W36, "0202", {"0203": (24, 24, 12)})
    table = """
        0101  reviewed   94     excellent  0001  –
        0102  excused    –      –          –     –
        0103  reviewed   43     failed     0101  –
        0104  reviewed   90     excellent  0101  –
        0201  reviewed   90     excellent  0001  –
        0202  reviewed   85     good       0201  –
        0203  reviewed   60     completed  0201  –
        0301  reviewed   85     good       0001  –
    """
    office.run(W36, "2025-09-08T10:00", table)

    for approver in ("0001", "0101", "0201"):
        office.approve(W36, approver, ALL_OTHERS)
    table = """
        0101  approved   94     excellent  –     –
        0102  excused    –      –          –     –
        0103  approved   43     failed     –     2!
        0104  approved   90     excellent  –     –
        0201  approved   90     excellent  –     –
        0202  approved   85     good       –     –
        0203  approved   60     completed  –     –
        0301  approved   85     good       –     –
    """
    office.run(W36, "2025-09-08T15:00", table)
    assert office.about(W36, "streak.meeting-required") == ["0103", "0103"]  # under both rules

    # Giang corrects her review of Hà: what Em had approved no longer holds.
    office.issue(W36, "2025-09-08T15:10", "--form", "review", "--for", "0202", "--again")
    office.review(W36, "0202", {"0203": (20, 20, 9)})
    stale = table.replace("0203  approved   60     completed  –     –", "0203  reviewed   49     failed     0201  –")
    office.run(W36, "2025-09-08T16:00", stale)
    assert office.about(W36, "approval.stale") == ["0203"]
    office.approve(W36, "0201", {"0203": "approve"})
    table = table.replace("0203  approved   60     completed  –     –", "0203  approved   49     failed     –     1")
    office.run(W36, "2025-09-08T16:30", table)

    # An has the sheet of the whole week once more in hand when the week is closed.
    office.issue(W36, "2025-09-08T16:40", "--form", "approval", "--for", "0101", "--again")
    office.command("close", W36, *office.places("2025-09-08T16:45"))


def third_week(office: Bureau) -> None:
    """Week 37: a joiner, a transfer, an acting approver, the meeting's record; a late sheet for week 36, and its amendment."""
    office.issue(W37, "2025-09-08T17:00")
    meeting = office.for_(W36, "0101") / f"meeting-{W36}-0103.xlsx"
    record = {"date": "11/09/2025", "participants": "Văn phòng; An; Cường", "measures": "Kèm cặp hằng ngày"}
    cells: dict[tuple[str, str], object] = {(f"meeting.{k}", "value"): v for k, v in record.items()}
    office.fill(meeting, {**cells, ("meeting.review_by", "value"): "19/09/2025"})
    office.everybody_reports(*(W37, "0101 0102 0103 0104 0201 0202 0203 0204 0301"), _0201=(36, 36, 18), _0301=(34, 33, 18))
    office.unit_report(W37, "V1", "0101", (36, 36, 18))
    office.unit_report(W37, "VP", "0202", (32, 32, 16))
    table = """
        0101  submitted  –      –          0001  –
        0102  submitted  –      –          0101  –
        0103  submitted  –      –          0102  –
        0104  submitted  –      –          0202  –
        0201  submitted  –      –          0001  –
        0202  submitted  –      –          0201  –
        0203  submitted  –      –          0202  –
        0204  submitted  –      –          0202  –
        0301  submitted  –      –          0001  –
    """
    office.run(W37, "2025-09-12T16:00", table)
    assert not {"meeting.open", "meeting.overdue"} & set(office.codes(W37))
    assert "Kèm cặp hằng ngày" in office.row_of(office.form("review", W37, "0102"), "0103")

    # A late sheet for the closed week changes nothing of it, and is said; the amendment lets it count for Dung.
    adjusted: dict[str, Any] = {"score.quality_0104": 34, "score.progress_0104": 33, "score.conduct_0104": 18}
    office.approve(W36, "0101", {"0104": "adjust"}, reason_0104="Chấm nhầm tuần", **adjusted)
    table = """
        0101  approved   94     excellent  –     –
        0102  excused    –      –          –     –
        0103  approved   43     failed     –     2!
        0104  approved   90     excellent  –     –
        0201  approved   90     excellent  –     –
        0202  approved   85     good       –     –
        0203  approved   49     failed     –     1
        0301  approved   85     good       –     –
    """
    office.run(W36, "2025-09-12T16:30", table)
    assert office.about(W36, "form.after-close") == ["0104"]
    order = ("--for", "0104", "--reason", "Scores of another week", "--author", "Lê Minh Đức")
    assert "90 → 85" in office.command("amend", W36, *office.places("2025-09-12T16:40"), *order)
    table = table.replace("0104  approved   90     excellent", "0104  approved   85     good     ")
    office.run(W36, "2025-09-12T16:45", table)
    assert "Scores of another week" in office.command("explain", "0104", W36, *office.places())

    office.agree(W37, "0001", "0101 0201 0301")
    office.agree(W37, "0101", "0102")
    office.review(W37, "0102", {"0103": (26, 26, 13)}, key_task_failed_0103="no", discipline_breach_0103="no")
    office.review(W37, "0201", {"0202": (34, 33, 18)})
    office.review(W37, "0202", {"0104": (38, 38, 19), "0203": (25, 25, 12), "0204": (30, 30, 15)})
    table = """
        0101  reviewed   94     excellent  0001  –
        0102  reviewed   94     excellent  0101  –
        0103  reviewed   65     completed  0101  –
        0104  reviewed   95     excellent  0202  –
        0201  reviewed   90     excellent  0001  –
        0202  reviewed   85     good       0201  –
        0203  reviewed   62     completed  0202  –
        0204  reviewed   75     good       0202  –
        0301  reviewed   85     good       0001  –
    """
    office.run(W37, "2025-09-15T10:00", table)

    # Giang approves for Em, but not herself.
    for approver in ("0001", "0101", "0201", "0202"):
        office.approve(W37, approver, ALL_OTHERS)
    table = """
        0101  approved   94     excellent  –     –
        0102  approved   94     excellent  –     –
        0103  approved   65     completed  –     –
        0104  approved   95     excellent  –     –
        0201  approved   90     excellent  –     –
        0202  approved   85     good       –     –
        0203  approved   62     completed  –     –
        0204  approved   75     good       –     –
        0301  approved   85     good       –     –
    """
    office.run(W37, "2025-09-15T15:00", table)
    judges = {who: row["approver_id"] for who, row in office.results(W37).items()}
    assert (judges["0202"], judges["0203"], judges["0104"]) == ("0201", "0202", "0202")
    office.command("close", W37, *office.places("2025-09-15T16:00"))


def fourth_week(office: Bureau) -> None:
    """Week 38: Hà has left; the measures agreed with Cường are to be looked at again; everybody is decided in three runs."""
    office.issue(W38, "2025-09-15T17:00")
    everybody = "0101 0102 0103 0104 0201 0202 0204 0301"
    assert {path.parent.name for path in (office.out / "outbox" / W38).rglob("self-*.xlsx")} == set(everybody.split())
    office.everybody_reports(W38, everybody)
    office.unit_report(W38, "V1", "0101", (36, 36, 18))
    office.unit_report(W38, "VP", "0201", (32, 32, 16))
    table = """
        0101  submitted  –      –          0001  –
        0102  submitted  –      –          0101  –
        0103  submitted  –      –          0102  –
        0104  submitted  –      –          0202  –
        0201  submitted  –      –          0001  –
        0202  submitted  –      –          0201  –
        0204  submitted  –      –          0202  –
        0301  submitted  –      –          0001  –
    """
    office.run(W38, "2025-09-19T16:00", table)
    assert office.about(W38, "meeting.review-due") == ["0103"]
    assert "Kèm cặp hằng ngày" in office.row_of(office.form("review", W38, "0102"), "0103")

    for reviewer, people in {"0001": "0101 0201 0301", "0101": "0102", "0201": "0202", "0202": "0104 0204"}.items():
        office.agree(W38, reviewer, people)
    office.review(W38, "0102", {"0103": (34, 33, 18)})
    table = """
        0101  reviewed   94     excellent  0001  –
        0102  reviewed   94     excellent  0101  –
        0103  reviewed   85     good       0101  –
        0104  reviewed   94     excellent  0201  –
        0201  reviewed   94     excellent  0001  –
        0202  reviewed   94     excellent  0201  –
        0204  reviewed   94     excellent  0201  –
        0301  reviewed   94     excellent  0001  –
    """
    office.run(W38, "2025-09-22T10:00", table)
    for approver in ("0001", "0101", "0201"):
        office.approve(W38, approver, ALL_OTHERS)
    table = """
        0101  approved   94     excellent  –     –
        0102  approved   94     excellent  –     –
        0103  approved   85     good       –     –
        0104  approved   94     excellent  –     –
        0201  approved   94     excellent  –     –
        0202  approved   94     excellent  –     –
        0204  approved   94     excellent  –     –
        0301  approved   94     excellent  –     –
    """
    office.run(W38, "2025-09-22T15:00", table)
    office.command("close", W38, *office.places("2025-09-22T16:00"))


def test_a_month_from_an_empty_folder_to_four_closed_weeks(tmp_path: Path, convert: Convert) -> None:
    office = Bureau(tmp_path, convert)
    first_week(office)
    second_week(office)
    third_week(office)
    fourth_week(office)
    office.command("run", *office.places("2025-09-23T08:00"))
    for week in (W35, W36, W37, W38):
        assert json.loads(office.manifest(week).read_text(encoding="utf-8"))["closed"], week
        assert office.status(week)["waiting"] == office.status(week)["missing_self"] == []
    assert "was closed on 22 September 2025" in office.refused("close", W38, *office.places("2025-09-23T08:05"))
    office.command("verify", *office.places())
