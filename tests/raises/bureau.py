"""A bureau of six, the people of the official example, on disk: 171,230 baht a month, so that 3 % are 5,136.90."""

from __future__ import annotations

from pathlib import Path

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from batch import desk, raise_round
from batch.core.period import Round
from tests.raises.samples import R1
from tests.small_office import SmallOffice

PEOPLE = """
B1|นางสาวพรทิพย์ วัฒนกุล|group_head|ผู้อำนวยการกลุ่ม|G1|B1|b1@example.org|2015-10-01||ชำนาญการพิเศษ|33150|011
B2|นางสุภาพร ใจดี|civil_servant|นักจัดการงานทั่วไป|G1|B1|b2@example.org|2015-10-01||ชำนาญการ|43400|012
B3|นายวีระ แก้วมณี|civil_servant|นักจัดการงานทั่วไป|G1|B1|b3@example.org|2015-10-01||ปฏิบัติการ|19860|013
B4|นางสาวอรุณี ทองสุข|civil_servant|เจ้าพนักงานธุรการ|G1|B1|b4@example.org|2015-10-01||ชำนาญงาน|24480|014
B5|นายประเสริฐ บุญมาก|civil_servant|นักจัดการงานทั่วไป|G1|B1|b5@example.org|2015-10-01||ชำนาญการ|29330|015
B6|นางวันเพ็ญ แสงจันทร์|civil_servant|เจ้าพนักงานธุรการ|G1|B1|b6@example.org|2015-10-01||ปฏิบัติงาน|21010|016
"""
UNITS = "G1|กลุ่มบริหารทั่วไป|bureau||B1|B1"
COLUMNS = {
    "people": "staff_id name role position unit_id supervisor_id email start end level salary position_no",
    "conduct": "staff_id date kind count",
}
SCORES = {"B1": "93.40", "B2": "88.25", "B3": "84.00", "B4": "72.10", "B5": "58.75", "B6": "90.00"}
PLAN = """
ceiling = "own"
apply = "main"
order_no = "12/2568"
signed_on = 2025-04-11
signer_name = "นายผู้ลงนาม ตัวอย่าง"
signer_position = "อธิบดี"
[[pools]]
id = "all"
title = { th = "ทุกคน", en = "All" }
percent = 3
[[rates]]
id = "main"
mode = "fixed"
title = { th = "อัตราคงที่", en = "Fixed" }
steps = [{ min = 90, percent = 3.6 }, { min = 80, percent = 3.1 }, { min = 70, percent = 2.6 }, { min = 60, percent = 2 }]
[[rates]]
id = "high"
mode = "fixed"
title = { th = "อัตราสูง", en = "High" }
steps = [{ min = 90, percent = 5 }, { min = 80, percent = 4.5 }, { min = 70, percent = 4 }, { min = 60, percent = 3 }]
[[rates]]
id = "fit"
mode = "fit"
of = "main"
title = { th = "พอดีวงเงิน", en = "Fitted" }
"""


class Bureau(SmallOffice):
    """The bureau and its OUT; every act goes through files."""

    def __init__(self, base: Path, people: str = PEOPLE, language: str = "th", **sheets: str) -> None:
        super().__init__(base)
        toml = f'name = "สำนักตัวอย่าง"\nscheme = "th-halfyear"\nlanguage = "{language}"\ntimezone = "Asia/Bangkok"\n'
        (self.folder / "office.toml").write_text(toml, encoding="utf-8")
        self.roster(COLUMNS, people=people, units=UNITS, **sheets)
        self.scores(SCORES)
        self.plan(PLAN)

    def scores(self, given: dict[str, str]) -> None:
        """Write scores.xlsx; texts, as somebody typed them."""
        book = openpyxl.Workbook()
        sheet = book.active
        assert isinstance(sheet, Worksheet)
        sheet.title = "scores"
        for row in (("period", "staff_id", "score"), ("รอบ", "รหัส", "คะแนน"), *((str(R1), *one) for one in given.items())):
            sheet.append(row)
        book.save(self.folder / "scores.xlsx")

    def plan(self, text: str) -> None:
        """Write the plan of the round."""
        path = self.folder / "raises" / f"{R1}.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def opened(self) -> desk.Setup:
        return desk.open_office(self.folder, self.out, None)

    def raises(self, period: Round = R1, now: str = "2025-04-02T08:00+07:00") -> raise_round.Done:
        return raise_round.run(self.opened(), period, now)

    def what_if(self) -> raise_round.Done:
        return raise_round.what_if(self.opened(), R1)

    def paper(self, name: str) -> openpyxl.Workbook:
        return openpyxl.load_workbook(self.out / "outbox" / str(R1) / name)


def filled(sheet: Worksheet) -> list[list[object]]:
    """The rows of a sheet, without empty cells at their ends and without empty rows."""
    found = []
    for row in sheet.iter_rows(values_only=True):
        values: list[object] = list(row)
        while values and values[-1] is None:
            values.pop()
        if values:
            found.append(values)
    return found
