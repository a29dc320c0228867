"""The sample office as data: who works there, what each of them writes and decides, 2025-W23 to 2025-W27.

Ordinary weeks follow from a person's usual level and a fixed choice by staff code and week, so the office is
always the same. Everything that a test looks at is written out by hand in the tables below. Nothing here
knows the program.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple, TypeAlias, TypeVar

from tests.sample import phrases

WEEKS = ("2025-W23", "2025-W24", "2025-W25", "2025-W26", "2025-W27")
MONDAY = {week: date(2025, 6, 2) + timedelta(weeks=n) for n, week in enumerate(WEEKS)}
CRITERIA = ("quality", "progress", "conduct")
CAPS = dict(zip(CRITERIA, (Decimal(40), Decimal(40), Decimal(20)), strict=True))

Typed: TypeAlias = Decimal | str  # what is typed into a cell: a number, or text that looks like one (or not)
Scores: TypeAlias = tuple[Typed, Typed, Typed]

T = TypeVar("T")


class Unit(NamedTuple):
    """A row of the units sheet."""

    unit_id: str
    name: str
    kind: str
    parent_id: str
    head_id: str
    leader_id: str


class Spell(NamedTuple):
    """A row of the people sheet: one spell of service; a transfer is a second one."""

    staff_id: str
    name: str
    role: str
    position: str
    unit_id: str
    supervisor_id: str
    level: str = ""  # usual results: X excellent, G good, C completed
    start: str = ""
    end: str = ""


UNITS = (
    Unit("BAN", "Lãnh đạo Ban", "commission", "", "0001", "0001"),
    Unit("VU1", "Vụ Cơ sở đảng", "department", "BAN", "0101", "0002"),
    Unit("VU2", "Vụ Tổ chức – Điều lệ", "department", "BAN", "0201", "0003"),
    Unit("VU3", "Vụ Chính sách cán bộ", "department", "BAN", "0301", ""),  # nobody named: the Head of the Commission
    Unit("CUC", "Cục Hồ sơ – Dữ liệu", "bureau", "BAN", "0401", "0003"),
    Unit("CUC-VP", "Văn phòng Cục", "division", "CUC", "0411", ""),
    Unit("CUC-P1", "Phòng Quản lý hồ sơ", "division", "CUC", "0421", ""),
    Unit("VP", "Văn phòng Ban", "office", "BAN", "0501", "0002"),
)
UNIT = {unit.unit_id: unit for unit in UNITS}

_CS, _EM = "civil_servant", "employee"
SPELLS = (
    Spell("0001", "Phạm Quốc Khánh", "commission_leader", "Trưởng Ban", "BAN", ""),
    Spell("0002", "Đặng Thị Minh Nguyệt", "commission_leader", "Phó Trưởng Ban Thường trực", "BAN", "0001"),
    Spell("0003", "Hoàng Trọng Nghĩa", "commission_leader", "Phó Trưởng Ban", "BAN", "0001"),
    Spell("0101", "Nguyễn Văn Thành", "department_director", "Vụ trưởng", "VU1", "0002", "X"),
    Spell("0102", "Trần Thị Hồng Vân", "deputy_department_director", "Phó Vụ trưởng", "VU1", "0101", "G"),
    Spell("0103", "Lê Đức Anh", "deputy_department_director", "Phó Vụ trưởng", "VU1", "0101", "G"),
    Spell("0104", "Phạm Thị Thu Hà", _CS, "Chuyên viên chính", "VU1", "0102", "X"),
    Spell("0105", "Vũ Minh Tuấn", _CS, "Chuyên viên chính", "VU1", "0102", "G"),
    Spell("0106", "Đỗ Thị Lan Hương", _CS, "Chuyên viên", "VU1", "0102", "G"),
    Spell("0107", "Bùi Quang Huy", _CS, "Chuyên viên", "VU1", "0103", "C"),
    Spell("0108", "Hoàng Thị Ngọc Bích", _CS, "Chuyên viên", "VU1", "0103", "C"),
    Spell("0109", "Ngô Văn Hoà", _EM, "Nhân viên văn thư", "VU1", "0103", "G"),
    Spell("0201", "Đinh Công Sơn", "department_director", "Vụ trưởng", "VU2", "0003", "G"),
    Spell("0202", "Phan Thị Bích Thủy", "deputy_department_director", "Phó Vụ trưởng", "VU2", "0201", "X"),
    Spell("0203", "Nguyễn Hữu Phước", "deputy_department_director", "Phó Vụ trưởng", "VU2", "0201", "G"),
    Spell("0204", "Trịnh Xuân Trường", _CS, "Chuyên viên cao cấp", "VU2", "0202", "G"),
    Spell("0205", "Lý Thị Kim Oanh", _CS, "Chuyên viên", "VU2", "0202", "C"),
    Spell("0206", "Mai Văn Đông", _CS, "Chuyên viên", "VU2", "0203", "G"),
    Spell("0207", "Cao Thị Thanh Tâm", _CS, "Chuyên viên", "VU2", "0203", "C", end="2025-06-22"),
    Spell("0207", "Cao Thị Thanh Tâm", _CS, "Chuyên viên", "VU3", "0302", "C", start="2025-06-23"),
    Spell("0208", "Nguyễn Thị Hương", _CS, "Chuyên viên chính", "VU2", "0202", "G"),
    Spell("0209", "Nguyễn Thị Hương", _CS, "Chuyên viên", "VU2", "0203", "G"),
    Spell("0301", "Tạ Đình Phong", "department_director", "Vụ trưởng", "VU3", "0001", "G"),
    Spell("0302", "Lương Thị Mỹ Hạnh", "deputy_department_director", "Phó Vụ trưởng", "VU3", "0301", "X"),
    Spell("0303", "Hồ Sỹ Quý", _CS, "Chuyên viên chính", "VU3", "0302", "G"),
    Spell("0304", "Dương Văn Khải", _CS, "Chuyên viên", "VU3", "0302", "G"),
    Spell("0305", "Nguyễn Thị Thu Hiền", _CS, "Chuyên viên", "VU3", "0302", "X"),
    Spell("0306", "Nguyễn Thị Thu Hà", _CS, "Chuyên viên", "VU3", "0301", "G"),
    Spell("0307", "Vương Đình Trọng", _CS, "Chuyên viên", "VU3", "0301", "C"),
    Spell("0308", "Châu Ngọc Ánh", _EM, "Nhân viên hành chính", "VU3", "0301", "G"),
    Spell("0401", "Đoàn Mạnh Cường", "bureau_director", "Cục trưởng", "CUC", "0003", "G"),
    Spell("0402", "Kiều Thị Phương Thảo", "deputy_bureau_director", "Phó Cục trưởng", "CUC", "0401", "G"),
    Spell("0411", "Nguyễn Thị Tuyết Mai", "bureau_office_chief", "Chánh Văn phòng Cục", "CUC-VP", "0402", "G"),
    Spell(
        "0412",
        "Lê Quang Vinh",
        "deputy_bureau_office_chief",
        "Phó Chánh Văn phòng Cục",
        "CUC-VP",
        "0411",
        "G",
    ),
    Spell("0413", "Trần Văn Lộc", _CS, "Kế toán viên", "CUC-VP", "0411", "G"),
    Spell("0414", "Phùng Thị Hải Yến", _CS, "Chuyên viên", "CUC-VP", "0411", "G", end="17/06/2025"),
    Spell("0414", "Phùng Thị Hải Yến", _CS, "Chuyên viên", "VP", "0502", "G", start="18/06/2025"),
    Spell("0415", "Lâm Văn Tài", _EM, "Lái xe", "CUC-VP", "0411", "C"),
    Spell("0421", "Hà Văn Thắng", "division_head", "Trưởng phòng", "CUC-P1", "0402", "X"),
    Spell("0422", "Quách Thị Diễm My", "deputy_division_head", "Phó Trưởng phòng", "CUC-P1", "0421", "G"),
    Spell("0423", "Nguyễn Đăng Khôi", _CS, "Chuyên viên", "CUC-P1", "0421", "C"),
    Spell("0424", "Tô Thị Quỳnh Nga", _CS, "Chuyên viên", "CUC-P1", "0421", "G"),
    Spell("0425", "Lê Thị Cẩm Tú", _CS, "Lưu trữ viên", "CUC-P1", "0421", "G"),
    Spell("0501", "Trương Việt Hùng", "office_chief", "Chánh Văn phòng Ban", "VP", "0002", "X"),
    Spell("0502", "Nguyễn Thị Kim Liên", "deputy_office_chief", "Phó Chánh Văn phòng Ban", "VP", "0501", "G"),
    Spell("0503", "Phan Văn Hậu", "deputy_office_chief", "Phó Chánh Văn phòng Ban", "VP", "0501", "G"),
    Spell("0504", "Võ Minh Trí", "secretary", "Thư ký Trưởng Ban", "VP", "0001", "X"),
    Spell("0505", "Đào Thị Khánh Linh", "secretary", "Thư ký Phó Trưởng Ban", "VP", "0002", "X"),
    Spell("0506", "Lưu Quang Minh", "assistant", "Trợ lý Trưởng Ban", "VP", "0001", "G"),
    Spell("0507", "Nghiêm Xuân Bách", "assistant", "Trợ lý Phó Trưởng Ban", "VP", "0003", "G"),
    Spell("0508", "Bạch Thị Như Quỳnh", _CS, "Chuyên viên chính", "VP", "0502", "G"),
    Spell("0509", "Triệu Văn Sáng", _CS, "Chuyên viên", "VP", "0502", "C"),
    Spell("0510", "Nguyễn Văn Bình", _CS, "Chuyên viên công nghệ thông tin", "VP", "0503", "G"),
    Spell("0511", "Hứa Thị Loan", _EM, "Nhân viên văn thư", "VP", "0502", "C"),
    Spell("0512", "Đồng Văn Phúc", _EM, "Lái xe", "VP", "0503", "G"),
    Spell("0513", "Lê Hoàng Nam", _CS, "Chuyên viên", "VP", "0503", "G", start="2025-06-16"),
)
EVALUATED = tuple(dict.fromkeys(s.staff_id for s in SPELLS if s.role != "commission_leader"))
NOT_YET_HERE = {(week, "0513") for week in WEEKS[:2]}

DELEGATIONS = (  # from, to, start, end, reason
    ("0103", "0102", "2025-06-09", "2025-06-13", "Đồng chí Lê Đức Anh nghỉ phép"),
    ("0201", "0202", "16/06/2025", "20/06/2025", "Đồng chí Vụ trưởng đi công tác nước ngoài"),
)
LEAVE = (  # staff, start, end, kind
    ("0103", "2025-06-09", "2025-06-13", "Nghỉ phép năm"),
    ("0303", "16/06/2025", "20/06/2025", "Nghỉ ốm"),
    ("0305", "2025-06-23", "2025-06-25", "Nghỉ phép năm"),  # three days only: still evaluated
)
CALENDAR = (  # day, kind, name; none falls in the five weeks
    ("2025-01-01", "holiday", "Tết Dương lịch"),
    *((f"2025-01-{day}", "holiday", "Tết Nguyên đán Ất Tỵ") for day in range(27, 32)),
    ("2025-04-07", "holiday", "Giỗ Tổ Hùng Vương"),
    ("2025-04-30", "holiday", "Ngày Giải phóng miền Nam, thống nhất đất nước"),
    ("2025-05-01", "holiday", "Ngày Quốc tế Lao động"),
    ("2025-05-02", "holiday", "Nghỉ hoán đổi"),
    ("2025-04-26", "working", "Làm bù cho ngày 02/5/2025"),
    ("01/09/2025", "holiday", "Quốc khánh"),
    ("02/09/2025", "holiday", "Quốc khánh"),
)

# --- what is out of the ordinary, week by week --------------------------------------------------------------

NO_SELF = {
    ("2025-W23", "0308"),
    ("2025-W25", "0209"),
    ("2025-W25", "0509"),
    ("2025-W27", "0109"),
    ("2025-W27", "0512"),
    ("2025-W24", "0103"),
    ("2025-W25", "0303"),  # the last two are on leave
}
NO_REVIEW = {
    ("2025-W24", "0103"),
    ("2025-W25", "0303"),  # on leave
    ("2025-W25", "0509"),
    ("2025-W27", "0109"),
    ("2025-W27", "0512"),
    ("2025-W27", "0105"),
    ("2025-W27", "0308"),
    ("2025-W27", "0204"),
    ("2025-W27", "0205"),
    ("2025-W27", "0208"),  # sheet of 0202 not sent yet
}
SILENT_REVIEWERS = {("2025-W27", "0202")}  # has not sent the sheet at all
SILENT_APPROVERS = {("2025-W27", "0401")}

# one or more cells of a self form as somebody typed them
ODD_SELF: dict[tuple[str, str], dict[str, Typed]] = {
    ("2025-W23", "0106"): {"quality": Decimal(42)},
    ("2025-W23", "0208"): {"quality": "38,5"},
    ("2025-W24", "0206"): {"progress": "ba mươi"},
    ("2025-W25", "0507"): {"quality": "35.250"},
    ("2025-W27", "0105"): {"progress": Decimal(41)},
}
TYPED_NAME = {
    ("2025-W23", "0109"): unicodedata.normalize("NFD", "Ngô Văn Hoà"),
    ("2025-W24", "0306"): "Nguyễn Thu Hà",
}
SECOND_VERSION = {("2025-W25", "0412"), ("2025-W27", "0308")}  # two different forms in the same delivery
COPIED = {("2025-W23", "0305")}  # the very same file again, '… - Copy.xlsx'
TRUNCATED = {("2025-W24", "0510")}  # a broken download first, the sound file beside it
ON_A_COLLEAGUES_FORM = {("2025-W25", "0209"): "0208"}  # author → whose issued form was used
NOT_APPROVABLE = {  # no valid review, or the approver has not sent the sheet: nothing to decide
    ("2025-W26", "0510"),
    ("2025-W27", "0304"),
    *(("2025-W27", who) for who in ("0402", "0411", "0412", "0413", "0415", "0421", "0422", "0423", "0424", "0425")),
}
AS_ODS = {("2025-W25", "0425")}


@dataclass(frozen=True)
class Review:
    """What a supervisor writes about one person."""

    scores: Scores
    comment: str
    key_task_failed: bool = False
    discipline_breach: bool = False


@dataclass(frozen=True)
class Approval:
    """What an approver decides about one person."""

    decision: str  # approve | adjust | return
    scores: Scores | None = None
    reason: str = ""


def _s(quality: str, progress: str, conduct: str) -> Scores:
    return Decimal(quality), Decimal(progress), Decimal(conduct)


ODD_REVIEW: dict[tuple[str, str], Review] = {
    # bounds of the bands, exactly
    ("2025-W23", "0104"): Review(_s("30.4", "39.8", "19.8"), "Tiến độ rất tốt; báo cáo thẩm định còn một số chỗ cần sửa."),
    ("2025-W23", "0204"): Review(_s("34.99", "36", "19"), "Hoàn thành tốt, gần đạt mức xuất sắc."),
    ("2025-W23", "0303"): Review(_s("24.4", "39.8", "10.8"), "Làm nhanh nhưng chất lượng và tác phong cần cải thiện."),
    ("2025-W24", "0205"): Review(
        _s("0.3", "32.3", "17.4"),
        "Sản phẩm chính không dùng được, phải giao người khác làm lại; có cố gắng về tiến độ.",
    ),
    # rule A: key tasks failed two weeks running, discipline broken in one of them
    ("2025-W23", "0107"): Review(
        _s("21.5", "23", "9.5"),
        "Không hoàn thành đề án trọng tâm; hai buổi vắng mặt không báo cáo.",
        True,
        True,
    ),
    ("2025-W24", "0107"): Review(
        _s("24", "22.5", "12"), "Đề án trọng tâm tiếp tục chậm, chưa có sản phẩm trình.", True, False
    ),
    # rule A over three weeks
    ("2025-W23", "0511"): Review(_s("25", "20.5", "13.5"), "Chưa hoàn thành nộp lưu hồ sơ quý I theo hạn.", True, False),
    ("2025-W24", "0511"): Review(_s("24.5", "20", "9"), "Vẫn chưa nộp lưu hồ sơ; đi muộn ba buổi trong tuần.", True, True),
    ("2025-W25", "0511"): Review(_s("25.5", "21", "13"), "Hồ sơ nộp lưu mới được một nửa.", True, False),
    # rule A, but no breach of discipline: two weeks without a meeting
    ("2025-W24", "0423"): Review(_s("25", "22", "15.5"), "Số hóa chưa đạt khối lượng trọng tâm.", True, False),
    ("2025-W25", "0423"): Review(_s("26", "23.5", "15.5"), "Khối lượng số hóa còn thiếu 40 hồ sơ.", True, False),
    # rule A across a week of sick leave
    ("2025-W24", "0303"): Review(
        _s("23", "21.5", "8.5"),
        "Không trình được dự thảo hướng dẫn trọng tâm; vi phạm giờ giấc làm việc.",
        True,
        True,
    ),
    ("2025-W26", "0303"): Review(_s("24.5", "22", "13"), "Dự thảo hướng dẫn trọng tâm vẫn chưa xong.", True, False),
    # rule B: failed band two weeks running
    ("2025-W25", "0108"): Review(_s("16.5", "17", "10"), "Khối lượng hoàn thành dưới một nửa so với giao."),
    ("2025-W26", "0108"): Review(_s("18.5", "19.25", "11"), "Có chuyển biến nhưng kết quả vẫn không đạt."),
    # rule B across a transfer
    ("2025-W25", "0207"): Review(_s("17.25", "17.5", "10.5"), "Chưa bàn giao được biểu tổng hợp biên chế."),
    ("2025-W26", "0207"): Review(_s("18", "18.5", "11.5"), "Mới chuyển về, chưa bắt nhịp công việc, sản phẩm không đạt."),
    # fail, pass, fail
    ("2025-W23", "0205"): Review(_s("20.29", "19.3", "10.4"), "Hầu hết sản phẩm phải làm lại."),
    ("2025-W25", "0205"): Review(_s("17", "18.5", "10.5"), "Không hoàn thành rà soát theo yêu cầu."),
    # fail, nothing known, fail
    ("2025-W24", "0509"): Review(_s("17.5", "17.5", "10.5"), "Không hoàn thành việc được giao, chất lượng kém."),
    ("2025-W26", "0509"): Review(
        _s("18", "18.5", "11.5"), "Kết quả tiếp tục thấp, cần lãnh đạo Văn phòng làm việc trực tiếp."
    ),
    # typed as text with a decimal comma: counts
    ("2025-W24", "0206"): Review((Decimal(34), "33,25", Decimal("16.5")), "Nhất trí; lưu ý điền số, không viết chữ."),
    ("2025-W26", "0306"): Review(("34,75", "33,5", "17"), "Làm việc có trách nhiệm, sản phẩm đạt yêu cầu."),
    # rows that cannot count
    ("2025-W26", "0510"): Review(_s("45", "35", "17"), "Xử lý tốt sự cố mạng nội bộ."),
    ("2025-W27", "0304"): Review(("ba mươi tám", Decimal("35.5"), Decimal(17)), "Hoàn thành tốt, đúng hạn."),
    # before an adjustment, a return, a correction
    ("2025-W24", "0105"): Review(_s("35", "35.5", "17.5"), "Hoàn thành tốt, chủ động."),
    ("2025-W25", "0505"): Review(_s("38", "38.5", "19.5"), "Phục vụ lãnh đạo chu đáo, kịp thời."),
    ("2025-W24", "0304"): Review(_s("37", "37.5", "18.5"), "Hoàn thành xuất sắc."),
    ("2025-W26", "0424"): Review(_s("33", "33.5", "16.5"), "Hoàn thành tốt nhiệm vụ."),
}
SECOND_REVIEW: dict[tuple[str, str], Review] = {  # after the approver returned the first
    ("2025-W24", "0304"): Review(
        _s("34.5", "34", "17.5"), "Cho điểm lại: một báo cáo nộp chậm hai ngày, chất lượng ở mức tốt."
    ),
}
LATE_REVIEW: dict[tuple[str, str], Review] = {  # after approval, so the approval no longer fits
    ("2025-W26", "0424"): Review(
        _s("35", "35", "17"), "Bổ sung: bảng thống kê hồ sơ thiếu đã được đơn vị phối hợp nghiệm thu."
    ),
}
ODD_APPROVAL: dict[tuple[str, str], Approval] = {
    ("2025-W24", "0105"): Approval(
        "adjust",
        _s("36.5", "36", "18"),
        "Có sản phẩm vượt yêu cầu: hướng dẫn được lãnh đạo Ban biểu dương tại giao ban.",
    ),
    ("2025-W24", "0304"): Approval(
        "return", None, "Điểm cao so với kết quả: một báo cáo nộp chậm. Đề nghị xem xét, cho điểm lại."
    ),
    ("2025-W25", "0505"): Approval(
        "adjust", _s("37", "37.5", "19"), "Điều chỉnh cho tương quan với các thư ký, trợ lý khác."
    ),
    ("2025-W26", "0204"): Approval("adjust", _s("36", "36", "21"), "Cộng điểm vì làm thêm ngày thứ Bảy."),
}
# a row that a director took over from another director's sheet: sheet of → whose row, what is decided in it
FOREIGN_ROW: dict[tuple[str, str], tuple[str, Approval]] = {
    ("2025-W24", "0101"): (
        "0204",
        Approval("adjust", _s("39", "39", "19.5"), "Đã phối hợp rất tốt với Vụ Cơ sở đảng."),
    ),
}

# --- the ordinary -------------------------------------------------------------------------------------------

_LEVELS = {"X": ("36.75", "37", "18.5"), "G": ("33", "33.25", "16.75"), "C": ("28", "28.5", "14.5")}
_SHIFTS = {
    "quality": ("-1.5", "-1", "-0.5", "-0.3", "0", "0.25", "0.5", "1", "1.2"),
    "progress": ("-1.5", "-1", "-0.75", "0", "0.2", "0.5", "0.75", "1.25"),
    "conduct": ("-1", "-0.5", "-0.25", "0", "0.25", "0.5", "0.75"),
}
_VANITY = ("0", "0", "0", "0.5", "0.5", "1", "1.5", "-0.5")  # self scores are mostly a little kinder


def pick(choices: Sequence[T], *seed: object) -> T:
    """One of the choices, always the same for the same seed (a hash, so no random state is involved)."""
    digest = hashlib.sha256("|".join(map(str, seed)).encode()).digest()
    return choices[int.from_bytes(digest[:6], "big") % len(choices)]


def number(value: Decimal) -> str:
    """A decimal as a person would type it: no trailing zeros, no exponent."""
    return format(value.normalize(), "f")


def day_of(text: str) -> date | None:
    """A date written either way the roster writes it."""
    if "/" in text:
        day, month, year = map(int, text.split("/"))
        return date(year, month, day)
    return date.fromisoformat(text) if text else None


def spell(staff_id: str, week: str) -> Spell:
    """The spell that holds on the week's Friday (people who are not here yet get their only one)."""
    friday = MONDAY[week] + timedelta(days=4)
    own = [s for s in SPELLS if s.staff_id == staff_id]
    for one in own:
        if (day_of(one.start) or friday) <= friday <= (day_of(one.end) or friday):
            return one
    return own[0]


def name_of(staff_id: str) -> str:
    """The roster's name for a staff code."""
    return next(s.name for s in SPELLS if s.staff_id == staff_id)


def usual_scores(staff_id: str, week: str) -> Scores:
    """What the supervisor gives in a week in which nothing special happens."""
    level = _LEVELS[spell(staff_id, week).level]
    quality, progress, conduct = (
        Decimal(base) + Decimal(pick(_SHIFTS[crit], "review", staff_id, week, crit))
        for crit, base in zip(CRITERIA, level, strict=True)
    )
    return quality, progress, conduct


def band_of(scores: Scores) -> str:
    """The band of valid scores; only chooses a fitting comment."""
    total = sum((Decimal(str(s).replace(",", ".")) for s in scores), Decimal(0))
    return next(b for b, least in (("excellent", 90), ("good", 75), ("completed", 50), ("failed", 0)) if total >= least)


def review_of(staff_id: str, week: str) -> Review | None:
    """The supervisor's first review, or None where none is written."""
    if (week, staff_id) in NO_REVIEW or (week, staff_id) in NOT_YET_HERE:
        return None
    if (week, staff_id) in ODD_REVIEW:
        return ODD_REVIEW[week, staff_id]
    scores = usual_scores(staff_id, week)
    return Review(scores, pick(phrases.COMMENTS[band_of(scores)], "comment", staff_id, week))


def approval_of(staff_id: str, week: str) -> Approval:
    """The approver's first decision."""
    return ODD_APPROVAL.get((week, staff_id), Approval("approve"))


@dataclass(frozen=True)
class Task:
    """A row of the task table."""

    task: str
    product: str
    quantity: int
    complexity: Decimal
    key_task: bool
    due: date
    done: date | None
    outcome: str
    reason: str


@dataclass(frozen=True)
class SelfReport:
    """What a person writes into the self form."""

    scores: Scores
    tasks: tuple[Task, ...]
    texts: dict[str, str]
    notes: dict[str, str]
    typed_name: str = ""


def _pool(person: Spell) -> tuple[phrases.Job, ...]:
    if person.role in ("secretary", "assistant"):
        return phrases.JOBS["aide"]
    if person.role == "employee":
        return phrases.JOBS["driver" if person.position == "Lái xe" else "clerk"]
    if person.role != "civil_servant":
        return phrases.JOBS["lead"]
    return phrases.JOBS["CUC" if person.unit_id == "CUC-P1" else person.unit_id]


def _tasks(person: Spell, week: str, poor: bool, key_failed: bool) -> tuple[Task, ...]:
    pool = _pool(person)
    first = int(person.staff_id) * 3 + WEEKS.index(week) * 4
    out = []
    for n in range(min(pick((3, 4, 4, 5), "count", person.staff_id, week), len(pool))):
        job = pool[(first + n) % len(pool)]
        seed = (person.staff_id, week, n)
        due = MONDAY[week] + timedelta(days=pick((1, 2, 3, 4, 4), "due", *seed))
        undone = (n == 0 and key_failed) or (poor and n < 2)
        done = None if undone else max(MONDAY[week], due - timedelta(days=pick((0, 0, 0, 1), "early", *seed)))
        place = pick(phrases.PLACES, "place", *seed)
        out.append(
            Task(
                job.task.format(noi=place),
                job.product,
                1 if job.most == 1 else max(1, job.most - pick(range(1 + job.most // 3), "quantity", *seed)),
                Decimal(job.complexity),
                n == 0,
                due,
                done,
                "Chưa hoàn thành" if undone else "Hoàn thành" if done == due else "Hoàn thành trước hạn",
                pick(phrases.EXCUSES, "reason", *seed) if undone else "",
            )
        )
    return tuple(out)


def self_report(staff_id: str, week: str, version: int = 1) -> SelfReport | None:
    """What the person writes; None: no self form is filled. Version 2 is the other form of a conflict."""
    if (week, staff_id) in NO_SELF and (week, staff_id) not in ON_A_COLLEAGUES_FORM:
        return None
    if (week, staff_id) in NOT_YET_HERE:
        return None
    person = spell(staff_id, week)
    review = ODD_REVIEW.get((week, staff_id))
    given = usual_scores(staff_id, week)
    if review and all(isinstance(s, Decimal) and s <= CAPS[c] for s, c in zip(review.scores, CRITERIA, strict=True)):
        given = review.scores
    poor = band_of(given) == "failed"
    scores: dict[str, Typed] = {}
    for crit, value in zip(CRITERIA, given, strict=True):
        kinder = Decimal(pick(_VANITY, "self", staff_id, week, crit)) + (Decimal(4) if poor else 0)
        scores[crit] = max(Decimal(0), min(CAPS[crit], Decimal(value) + kinder))
    if version == 2:
        scores["conduct"] = Decimal(str(scores["conduct"])) - Decimal("1.5")
    scores |= ODD_SELF.get((week, staff_id), {})
    texts = {
        "text.summary": pick(phrases.SUMMARIES, "summary", staff_id, week),
        "text.conduct": pick(phrases.CONDUCTS, "conduct", staff_id, week),
    }
    if pick(range(5), "obstacle?", staff_id, week) < 2:
        texts["text.obstacles"] = pick(phrases.OBSTACLES, "obstacle", staff_id, week)
        if pick(range(3), "proposal?", staff_id, week) < 2:
            texts["text.proposals"] = pick(phrases.PROPOSALS, "proposal", staff_id, week)
    notes = {"score.progress": "Một việc xin lùi hạn."} if poor else {}
    tasks = _tasks(person, week, poor, bool(review and review.key_task_failed))
    return SelfReport(
        (scores["quality"], scores["progress"], scores["conduct"]),
        tasks,
        texts,
        notes,
        TYPED_NAME.get((week, staff_id), ""),
    )


# --- file names as people really choose them ----------------------------------------------------------------


def plain(text: str) -> str:
    """The text without diacritics, as many people name their files."""
    text = unicodedata.normalize("NFD", text.replace("Đ", "D").replace("đ", "d"))
    return "".join(c for c in text if not unicodedata.combining(c)).replace("–", "-")


_STYLES = (
    "Báo cáo tự đánh giá tuần {w} - {name}",
    "BC tuan {w} {plain}",
    "Tự đánh giá T{w} ({name})",
    "{name} - tuần {w}",
    "tu danh gia tuan {w}_{plain} ban cuoi",
    "{id} {name} BC tuần {w}",
)
COPY, SECOND, RESENT = " - Copy", " (1)", " (gửi lại)"  # what people add to the name of another file
REGRADED, REAPPROVED, CORRECTED = " (cho điểm lại)", " (lần 2)", " (sửa)"
NAMESAKES = {"0208", "0209"}


def file_name(kind: str, staff_id: str, week: str, extra: str = "") -> str:
    """Path below the inbox, without the suffix: `<period>/<folder of the unit>/<name>`."""
    name, number = name_of(staff_id), week[-2:]
    folder = UNIT[spell(staff_id, week).unit_id].name
    if kind == "self":
        style = "{name} ({id}) - tuần {w}" if staff_id in NAMESAKES else pick(_STYLES, "style", staff_id)
        stem = style.format(w=number, name=name, plain=plain(name), id=staff_id)
    elif kind == "review":
        stem = f"Phiếu nhận xét, cho điểm tuần {number} - {name}"
    else:
        stem = f"Phê duyệt kết quả tuần {number} - {name}"
    return unicodedata.normalize("NFC", f"{week}/{folder}/{stem}{extra}")


# --- units and meetings --------------------------------------------------------------------------------------------


class UnitReport(NamedTuple):
    """What a unit's head reports of the unit's week."""

    counts: dict[str, int]
    scores: tuple[Decimal, Decimal, Decimal]
    texts: dict[str, str]


SILENT_UNITS = {("2025-W27", "VU3")}  # has not reported by the end of the story
MEETINGS_OPEN = {("2025-W26", "0207")}  # required in W26, no record by the end of the story


def unit_report(unit_id: str, week: str) -> UnitReport:
    """A plausible report, a little different from unit to unit and week to week."""
    step = (sum(map(ord, unit_id)) + 3 * WEEKS.index(week)) % 7
    assigned = 14 + step
    return UnitReport(
        counts={
            "count.assigned": assigned,
            "count.completed": assigned - step % 3,
            "count.overdue": step % 2,
            "count.key_outstanding": step % 2,
        },
        scores=(Decimal("33.5") + Decimal(step) / 2, Decimal(34) + Decimal(step) / 4, Decimal(17) + Decimal(step) / 4),
        texts={
            "text.summary": f"Hoàn thành {assigned - step % 3}/{assigned} nhiệm vụ được giao trong tuần, các nhiệm vụ trọng tâm cơ bản đúng tiến độ.",
            "text.conduct": "Tập thể đoàn kết, chấp hành nghiêm giờ giấc và quy chế làm việc.",
            "text.obstacles": "Một số tài liệu từ cơ quan phối hợp gửi chậm." if step % 2 else "",
            "text.proposals": "Đề nghị ấn định thời hạn phối hợp trong văn bản giao việc." if step % 2 else "",
        },
    )


def meeting_record(week: str) -> dict[str, object]:
    """The record of a meeting held in the week after the failure."""
    return {
        "meeting.date": MONDAY[week] + timedelta(days=9),
        "meeting.participants": "Đại diện Văn phòng Ban; người đứng đầu đơn vị; cán bộ được làm việc",
        "meeting.causes": "Khối lượng công việc dồn vào cuối tuần; chưa chủ động báo cáo khi gặp vướng mắc.",
        "meeting.measures": "Báo cáo tiến độ hằng ngày; phân công người kèm cặp; chấp hành đúng giờ làm việc.",
        "meeting.review_by": MONDAY[week] + timedelta(days=18),
    }
