"""A small bureau that appraises rounds, for tests to play: A1 is superior of all and head of the bureau, L1 signs for the committee."""

from __future__ import annotations

from pathlib import Path

import openpyxl

from batch import pipeline
from batch.core.period import Round
from batch.stopwatch import Stopwatch
from tests.small_office import SmallOffice

R2 = Round(2025, 2)
KEY = str(R2)
OPEN, END = "2025-07-01T08:00+07:00", "2025-10-01T08:00+07:00"
PEOPLE = """
L1|Lê Lãnh Đạo|executive|Leader|ROOT||l1@example.org|01/01/2025|
A1|Nguyễn Văn An|director|Director|D1|L1|a1@example.org|01/01/2025|
A3|Phạm Văn Cường|civil_servant|Officer|D1|A1|a3@example.org|01/01/2025|
A4|Vũ Thị Dung|civil_servant|Clerk|D1|A1|a4@example.org|01/01/2025|
B2|Somebody Else|civil_servant|Officer|D1|A1|b2@example.org|01/01/2025|
N1|New Person|civil_servant|Officer|D1|A1|n1@example.org|01/01/2025|
"""
UNITS = """
ROOT|Ministry|ministry||L1|L1
D1|Bureau|bureau|ROOT|A1|L1
"""
SONGKRAN = "\n".join(f"2025-04-{day}|holiday|Songkran" for day in (14, 15, 16, 17, 18))
SETTINGS = 'scheme = "th-halfyear"\ntimezone = "Asia/Bangkok"\ncommittee_id = "L1"\n'
KPI = {("kpi.1", "title"): "Letters answered", ("kpi.1", "weight"): 100} | {
    ("kpi.1", f"target.{n}"): str(n) for n in range(1, 6)
}
LEVELS = {("kpi.1", "level"): 4} | {
    (f"competency.{one}", "level"): 4 for one in ("achievement", "service", "expertise", "integrity", "teamwork")
}


class RoundOffice(SmallOffice):
    """A bureau of rounds with people of the small office, and one who is not of it; OPEN is mid-round."""

    def __init__(self, base: Path, settings: str = SETTINGS) -> None:
        super().__init__(base, settings, people=PEOPLE, units=UNITS, calendar=SONGKRAN)

    def forms(self, now: str = OPEN, form: str | None = None) -> None:
        pipeline.issue(self.setup(), R2, now, form, (), False)
        self._hand_out()

    def play(self, now: str = OPEN) -> bool:
        """Run; whether anything was judged."""
        watch = Stopwatch()
        pipeline.run(self.setup(), R2, now, 1, watch)
        self._hand_out()
        return "judge" in watch.seconds

    def said(self, path: Path) -> str:
        """Everything that a workbook of somebody's folder says."""
        book = openpyxl.load_workbook(self.out / "outbox" / KEY / "for" / path)
        return "\n".join(str(c.value) for s in book.worksheets for row in s.iter_rows() for c in row if c.value is not None)

    def agreed(self) -> None:
        """A3's agreement, with consent: the superior's assessment is due."""
        self.forms()
        self.fill(self.form("agreement", KEY, "A3"), KPI)
        self.play()
        self.fill(self.form("consent", KEY, "A1"), {("A3", "decision"): "approve"})
        self.play()
