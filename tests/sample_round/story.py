"""What happens in each round of the sample bureau beyond the usual: people and scores stand in ``office.PEOPLE``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from batch.core.period import Round
from tests.sample_round.work import Indicator, indicators

Given = tuple[str, str, str]  # results, behaviour, reason
Change = tuple[
    int, str, Mapping[int, Indicator], str
]  # day of the round, reason, no. → the indicator now, the goal served now
Note = tuple[int, str, str]  # day of the round, what was found, help agreed


def plainly(kind: str, line: Sequence[str], more: str) -> str:
    """The name that one secretary gives every file: kind, code, and what is particular about it."""
    return KINDS[kind].format(line[0]) + (f" ({more})" if more else "") + ".xlsx"


KINDS = {
    "agreement": "ข้อตกลง {}",
    "consent": "เห็นชอบข้อตกลง {}",
    "followup": "บันทึกติดตาม {}",
    "self": "ประเมินตนเอง {}",
    "review": "ประเมิน {} โดยผู้บังคับบัญชา",
    "acknowledgement": "รับทราบผล {}",
    "refusal": "ไม่ลงนามรับทราบ {}",
    "opinion": "ความเห็นผู้บังคับบัญชาเหนือขึ้นไป {}",
    "committee": "มติคณะกรรมการกลั่นกรอง {}",
}
SHORT = {
    "agreement": "ข้อตกลง",
    "consent": "เห็นชอบข้อตกลง",
    "followup": "บันทึกติดตามงาน",
    "self": "ประเมินตนเอง",
    "review": "ผลประเมิน",
    "acknowledgement": "รับทราบ",
    "refusal": "ไม่ลงนาม บันทึกโดย",
    "opinion": "ความเห็น ผอ.",
    "committee": "มติคณะกรรมการ",
}


def by_group(kind: str, line: Sequence[str], more: str) -> str:
    """Names as each group's secretary has them: with names, with codes, in folders; nobody told them how."""
    who, name, unit = line[0], line[1], line[4]
    first = name.split()[0]
    given = next((first.removeprefix(title) for title in ("นางสาว", "นาย", "นาง") if first.startswith(title)), first)
    told = f" {more}" if more else ""
    return {
        "OA1": f"{SHORT[kind]}_{given}{f'_{more}' if more else ''}.xlsx",
        "OA2": f"{who} {SHORT[kind]} รอบ 2-68{told}.xlsx",
        "OA3": f"กลุ่มคลังและพัสดุ/{SHORT[kind]} {name}{told}.xlsx",
        "OA4": f"กผ. {SHORT[kind]}{told} - {given}.xlsx",
        "OA5": f"สารนิเทศ/{name}/{SHORT[kind]}{told}.xlsx",
    }.get(unit, plainly(kind, line, more))


@dataclass(frozen=True)
class Story:
    """One round. All mappings go by staff code."""

    period: Round
    column: int  # where the decided scores stand in ``office.PEOPLE``
    named: Callable[[str, Sequence[str], str], str]
    weights_wrong: frozenset[str]  # the weights sum to 95: the agreement comes back marked, and is corrected
    sent_back: Mapping[
        str, tuple[str, Indicator]
    ]  # the superior sends the agreement back: why, and what indicator 3 is then
    amended: Mapping[str, Change]  # indicators are changed in mid-round, with the superior's consent
    notes: Mapping[str, Sequence[Note]]  # what the superior notes on the way; the form goes on where it was
    no_self: frozenset[str]  # no self-assessment: the superior assesses all the same
    own: Mapping[str, str]  # who gives themself otherwise than the superior
    refused: frozenset[str]  # told, but does not sign
    witness: str
    reviewed: Mapping[str, str] = field(default_factory=dict)  # the superior's score, before others than the superior decide
    differs: Mapping[str, Given] = field(default_factory=dict)
    adjusted: Mapping[str, Given] = field(default_factory=dict)
    sent_again: Mapping[str, tuple[str, str, str]] = field(
        default_factory=dict
    )  # stage that sends the assessment back, the superior's
    #                                                                             first score, the reason
    joined: Mapping[str, int] = field(default_factory=dict)  # who agrees later than all others: on which day of the round
    elsewhere: frozenset[str] = frozenset()  # appraised by another office, on paper: in scores.xlsx
    twice: Sequence[tuple[str, str]] = ()  # the same file, come again under another name
    resaved: Sequence[str] = ()  # parts of names: saved again with LibreOffice

    def day(self, number: int) -> str:
        """A moment on the round's n-th day."""
        return f"{self.date(number)}T09:00+07:00"

    def date(self, number: int) -> dt.date:
        """The round's n-th day."""
        return self.period.start + dt.timedelta(days=number)

    def agreed(self, line: Sequence[str]) -> list[Indicator]:
        """The indicators that somebody is assessed by in the end."""
        found = dict(enumerate(indicators(line[3]), 1))
        if line[0] in self.sent_back:
            found[3] = self.sent_back[line[0]][1]
        if line[0] in self.amended:
            found |= self.amended[line[0]][2]
        return [found[n] for n in sorted(found)]

    def score(self, line: Sequence[str]) -> str:
        """What somebody comes to in the end; '': nobody assesses them."""
        return line[self.column] if len(line) > self.column else ""


def percent(title: str, *targets: int) -> Indicator:
    """An indicator in percent, with five targets."""
    return Indicator(title, "ร้อยละ", tuple(map(Decimal, targets)))


def counted(title: str, unit: str, *targets: int) -> Indicator:
    """An indicator in pieces, with five targets."""
    return Indicator(title, unit, tuple(map(Decimal, targets)))


FIRST = Story(
    period=Round(2025, 1),
    column=9,
    named=plainly,
    weights_wrong=frozenset({"1109"}),
    sent_back={
        "1204": (
            "ตัวชี้วัดที่ 3 ยังวัดผลไม่ได้ โปรดระบุให้ชัดเจน",
            percent("ร้อยละของคำขอที่ให้บริการเสร็จภายใน 3 วันทำการ", 75, 80, 85, 90, 95),
        )
    },
    amended={
        "1402": (
            60,
            "ได้รับมอบหมายงานจัดทำแผนปฏิบัติราชการระยะ 5 ปี แทนงานเดิม",
            {2: percent("ร้อยละความก้าวหน้าของแผนปฏิบัติราชการระยะ 5 ปี", 60, 70, 80, 90, 100)},
            "",
        ),
        "1206": (
            108,  # 17 January, two days after the move
            "ย้ายไปปฏิบัติงานกลุ่มแผนงานและงบประมาณ ตั้งแต่วันที่ 15 มกราคม 2568",
            {
                1: percent("ร้อยละของแผนอัตรากำลังที่จัดทำแล้วเสร็จตามกำหนด", 70, 77, 84, 91, 98),
                2: counted("จำนวนหน่วยงานที่ปรับข้อมูลอัตรากำลังเป็นปัจจุบัน", "หน่วยงาน", 4, 5, 6, 7, 8),
                3: percent("ร้อยละของรายงานผลการดำเนินงานที่ส่งทันกำหนด", 60, 70, 80, 90, 100),
            },
            "G3.2",
        ),
    },
    notes={
        "1105": (
            (69, "ส่งรายงานการประชุมล่าช้า 3 เรื่อง จาก 8 เรื่อง", "จัดตารางงานร่วมกันทุกวันจันทร์"),
            (125, "ยังล่าช้า 4 เรื่อง และมีข้อร้องเรียนจากผู้รับบริการ 1 เรื่อง", "ให้นักจัดการงานทั่วไปอาวุโสเป็นพี่เลี้ยง 2 เดือน"),
        ),
        "1402": ((90, "งานแผน 5 ปี คืบหน้าร้อยละ 60 ตามที่ตกลงใหม่", "ขอข้อมูลจากทุกกลุ่มภายในเดือนมกราคม"),),
    },
    no_self=frozenset({"1405"}),
    own={"1303": "93.00", "1203": "86.50", "1407": "80.00", "1504": "78.60"},
    refused=frozenset({"1105"}),
    witness="นางวันเพ็ญ แสงจันทร์",
    reviewed={"1303": "88.95", "1203": "84.75"},
    differs={"1303": ("63.35", "28.40", "ผลงานตรวจสอบภายในดีเด่นกว่าที่ประเมิน มีหลักฐานรับรอง")},  # 91.75
    adjusted={"1203": ("56.75", "26.00", "ปรับให้สอดคล้องกับผลงานของกลุ่มอื่นในระดับเดียวกัน")},  # 82.75
    resaved=("ข้อตกลง 1502", "ประเมินตนเอง 1304", "ประเมิน 1503", "มติคณะกรรมการกลั่นกรอง"),
)

SECOND = Story(
    period=Round(2025, 2),
    column=10,
    named=by_group,
    weights_wrong=frozenset({"1408"}),
    sent_back={
        "1307": (
            "ตัวชี้วัดที่ 3 เป็นงานประจำ โปรดใช้ตัวชี้วัดผลสัมฤทธิ์",
            percent("ร้อยละของใบสำคัญที่ตรวจแล้วไม่ถูกทักท้วง", 80, 85, 90, 95, 100),
        )
    },
    amended={
        "1202": (
            75,
            "ได้รับคำสั่งให้ดูแลโครงการระบบลาออนไลน์เพิ่มจากงานเดิม",
            {2: percent("ร้อยละความก้าวหน้าของโครงการระบบลาออนไลน์", 60, 70, 80, 90, 100)},
            "",
        ),
        "1305": (
            83,
            "โครงการก่อสร้างอาคารเก็บเอกสารถูกตัดงบประมาณกลางปี",
            {2: counted("จำนวนสัญญาที่ต่ออายุทันก่อนสิ้นสุด", "สัญญา", 4, 5, 6, 7, 8)},
            "",
        ),
        "1404": (
            92,  # 2 July, the day after the move
            "ย้ายไปปฏิบัติงานกลุ่มบริหารทั่วไป ตั้งแต่วันที่ 1 กรกฎาคม 2568",
            {
                1: percent("ร้อยละของแผนการจัดการเอกสารที่ดำเนินการแล้วเสร็จ", 60, 70, 80, 90, 100),
                2: counted("จำนวนหนังสือเวียนที่สรุปให้ผู้บริหารภายใน 2 วัน", "ฉบับ", 10, 15, 20, 25, 30),
                3: percent("ร้อยละของรายงานประจำเดือนที่ส่งทันกำหนด", 60, 70, 80, 90, 100),
            },
            "G1.1",
        ),
    },
    notes={
        "1308": (
            (50, "ทะเบียนพัสดุไม่เป็นปัจจุบัน ขาดการลงรับ 27 รายการ", "ให้เจ้าพนักงานพัสดุชำนาญงานสอนงาน 1 เดือน"),
            (90, "ลงรับครบแล้ว แต่การตรวจรับล่าช้า 6 สัญญา จาก 9 สัญญา", "ประชุมติดตามทุกสองสัปดาห์"),
            (138, "ตรวจรับล่าช้าอีก 4 สัญญา แจ้งผู้ถูกประเมินเป็นหนังสือแล้ว", "จัดทำแผนปรับปรุงการปฏิบัติราชการ"),
        ),
        "1105": ((80, "รายงานการประชุมทันกำหนดทุกเรื่องในสองเดือนที่ผ่านมา", "มอบหมายงานจัดประชุมสัมมนาเพิ่ม"),),
        "1509": ((120, "เรียนรู้งานได้เร็ว เขียนข่าวได้เอง 6 ชิ้น", "มอบหมายพี่เลี้ยง และส่งอบรมการเขียนข่าวราชการ"),),
    },
    no_self=frozenset({"1505"}),
    own={
        "1103": "87.00",
        "1105": "78.00",
        "1107": "85.50",
        "1203": "92.00",
        "1302": "84.00",
        "1308": "75.00",
        "1401": "91.00",
        "1403": "84.00",
        "1405": "85.00",
        "1407": "83.50",
        "1503": "90.00",
        "1506": "81.00",
    },
    refused=frozenset({"1308"}),
    witness="นายไพศาล มั่นคง",
    reviewed={"1502": "86.00", "1106": "91.00"},
    differs={"1502": ("61.60", "26.40", "สื่อรณรงค์ของสำนักได้รับรางวัลระดับกระทรวง ซึ่งยังไม่ได้นำมาพิจารณา")},  # 88.00
    adjusted={"1106": ("62.00", "27.00", "ปรับให้สอดคล้องกับผลงานระดับปฏิบัติงานของกลุ่มอื่น")},  # 89.00
    sent_again={
        "1405": ("opinion", "81.00", "ระดับของตัวชี้วัดที่ 2 ไม่ตรงกับรายงานผลการดำเนินงานของกลุ่ม"),
        "1203": ("committee", "91.00", "ขอให้ทบทวนคะแนนสมรรถนะ ไม่มีพฤติกรรมบ่งชี้รองรับระดับ 5"),
    },
    joined={"1509": 63},  # 3 June, the day after the first day of service
    elsewhere=frozenset({"1208"}),
    twice=(
        ("ข้อตกลง_วีระ.xlsx", "ข้อตกลง_วีระ (1).xlsx"),
        ("1207 ประเมินตนเอง รอบ 2-68.xlsx", "สำเนาของ 1207 ประเมินตนเอง รอบ 2-68.xlsx"),
    ),
    resaved=("ข้อตกลง_สุภาพร", "1205 ประเมินตนเอง", "บันทึกติดตามงาน_ประเสริฐ", "ผลประเมิน นางพัชรี ทรัพย์สิน"),
)
STORIES = (FIRST, SECOND)
