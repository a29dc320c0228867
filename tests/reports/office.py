"""A realistic week to write reports about: 48 people in 7 units over five weeks, made by rule from a fixed seed.

Scores are drawn per person and week; chosen people then get the situations a summary must show: two-week failures under
both rules, returned and adjusted approvals, leave, missing and faulty forms, a vacant post, a text like a formula.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from batch.core.finding import Finding, Place, finding
from batch.core.period import Week
from batch.core.records import Case, Receipt, State, Statement, Streak
from batch.reports.view import WeekView
from batch.roster import Office, Person, Roster, Unit
from batch.scheme import Scheme, load_scheme

THIS = Week(2025, 27)
WEEKS = [THIS.plus(-n) for n in range(4, -1, -1)]
UNITS = [
    ("VP", "Văn phòng Ban", "office", "office_chief", "Chánh Văn phòng Ban"),
    ("V1", "Vụ Cơ sở đảng, đảng viên", "department", "department_director", "Vụ trưởng"),
    ("V2", "Vụ Tổ chức - Điều lệ", "department", "department_director", "Vụ trưởng"),
    ("V3", "Vụ Chính sách cán bộ", "department", "department_director", "Vụ trưởng"),
    ("V4", "Vụ Đào tạo, bồi dưỡng cán bộ", "department", "department_director", "Vụ trưởng"),
    ("C1", "Cục Bảo vệ chính trị nội bộ", "bureau", "bureau_director", "Cục trưởng"),
    ("C2", "Cục Công nghệ thông tin và Cơ sở dữ liệu đảng viên", "bureau", "bureau_director", "Cục trưởng"),
]
DEPUTY = {
    "office": ("deputy_office_chief", "Phó Chánh Văn phòng Ban"),
    "department": ("deputy_department_director", "Phó Vụ trưởng"),
    "bureau": ("deputy_bureau_director", "Phó Cục trưởng"),
}
FAMILY = ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý", "Phan"]
MIDDLE = ["Văn", "Thị", "Đức", "Minh", "Quốc", "Thanh", "Hồng", "Xuân", "Ngọc", "Hữu", "Thị Thuỳ", "Đình"]
GIVEN = [
    *("An", "Ánh", "Bình", "Cường", "Dũng", "Đạt", "Giang", "Hà", "Hải", "Hạnh", "Hiếu", "Hoà"),
    *("Hùng", "Hương", "Khánh", "Lan", "Linh", "Long", "Mai", "Nam", "Nga", "Phúc", "Quân", "Sơn"),
]
OBSTACLES = [
    "Phần mềm quản lý hồ sơ đảng viên thường xuyên mất kết nối vào giờ cao điểm; "
    "việc đối chiếu số liệu chậm hai ngày so với kế hoạch.",
    "Một số tỉnh uỷ gửi báo cáo chưa đúng mẫu, phải trả lại nhiều lần.",
    "=SUM(A1:A9) – công thức trong biểu tổng hợp bị lỗi khi mở bằng phần mềm khác.",
    "Thiếu biên chế: hai công chức nghỉ chế độ, chưa có người thay.",
]
PROPOSALS = [
    "Đề nghị Văn phòng Ban bố trí máy chủ dự phòng và thông báo lịch bảo trì trước 03 ngày.",
    "Thống nhất một mẫu báo cáo chung cho các đơn vị.",
    "",
    "Cho phép biệt phái 01 công chức từ Vụ Tổ chức - Điều lệ đến hết tháng 9.",
]


def scheme() -> Scheme:
    """The shipped weekly scheme."""
    return load_scheme("vn-weekly", Path())


SINCE = dt.date(2020, 1, 1)


def roster() -> Roster:
    """Seven units under two leaders; each has a head, a deputy, and four or five civil servants."""
    rng = random.Random(8679)
    spells = [
        Person(f"L00{n}", name, "commission_leader", "Phó Trưởng Ban", "BTC", "", "", dt.date(2020, 1, 1), None, Place())
        for n, name in ((1, "Mai Thế Dương"), (2, "Trương Thị Kim Oanh"))
    ]
    units = {"BTC": Unit("BTC", "Ban Tổ chức", "commission", "", "", "L001", SINCE, None, Place())}
    code = 1
    for n, (unit_id, title, kind, head_role, head_title) in enumerate(UNITS):
        head = f"{code:04d}"
        units[unit_id] = Unit(unit_id, title, kind, "BTC", head, "L001" if n % 2 else "L002", SINCE, None, Place())
        roles = [(head_role, head_title), DEPUTY[kind], *[("civil_servant", "Công chức")] * 4]
        roles += [("employee", "Người lao động")] if n < 6 else []
        for role, position in roles:
            name = f"{rng.choice(FAMILY)} {rng.choice(MIDDLE)} {rng.choice(GIVEN)}"
            boss = "" if code == int(head) else head
            spells.append(Person(f"{code:04d}", name, role, position, unit_id, boss, "", SINCE, None, Place()))
            code += 1
    return Roster(tuple(spells), tuple(units.values()))


def receipt(name: str) -> Receipt:
    """A file received on the Friday."""
    return Receipt("0" * 64, name, 7000, "2025-07-04T16:00:00", 1, None)


def statement(
    week: Week, stage: str, who: str, author: str, row: int, scores: Mapping[str, Decimal], **more: object
) -> Statement:
    """What one author says, with the cells a real form would have."""
    form = {"self": "TuDanhGia", "review": "PhieuDanhGia", "approval": "PheDuyet"}[stage]
    file = f"{week}/{form}_{author}.xlsx"
    sheet = {"self": "Tự đánh giá", "review": "Đánh giá", "approval": "Phê duyệt"}[stage]
    places = {f"score.{key}": Place(file, sheet, f"{letter}{row}") for key, letter in zip(scores, "HIJ", strict=False)}
    flags, texts = more.get("flags") or {}, more.get("texts") or {}
    assert isinstance(flags, Mapping)
    assert isinstance(texts, Mapping)
    places |= {flag: Place(file, sheet, f"{letter}{row}") for flag, letter in zip(flags, "KL", strict=False)}
    return Statement(
        stage=stage,
        subject=who,
        author=author,
        period=week,
        scores=scores,
        flags=flags,
        decision=str(more.get("decision", "")),
        texts=texts,
        tasks=(),
        seen="",
        says="",
        places=places,
        receipt=receipt(file),
    )


FAIL = {"quality": Decimal("18.5"), "progress": Decimal("17"), "conduct": Decimal("12.25")}
KEY_FAILED = {"0010": (THIS.plus(-1), THIS), "0038": (THIS.plus(-2), THIS.plus(-1), THIS), "0044": (THIS,)}
BAND_FAILED = {"0024": (THIS.plus(-1), THIS), "0031": (THIS,)}
STATES: dict[str, State] = {
    "0005": "excused",
    "0033": "excused",
    "0012": "missing",
    "0019": "missing",
    "0046": "missing",
    "0013": "submitted",
    "0020": "submitted",
    "0021": "submitted",
    "0026": "returned",
    "0027": "reviewed",
    "0028": "reviewed",
    "0034": "reviewed",
    "0040": "reviewed",
    "0041": "reviewed",
    "0043": "reviewed",
}


def case(rules: Scheme, book: Roster, person: Person, week: Week, row: int) -> Case:
    """One person in one week."""
    who = person.staff_id
    rng = random.Random(f"{who}{week}")
    state: State = STATES.get(who, "approved") if week == THIS else ("missing" if rng.random() < 0.03 else "approved")
    reviewer, approver = book.reviewer(person, week) or "L001", book.approver(person, week, rules)
    if who == "0043":
        approver = ""
    level = rng.choice([0.78, 0.86, 0.88, 0.92, 0.95, 0.97, 0.6])
    scores = {c.id: Decimal(str(round(float(c.max) * min(1, level + rng.uniform(-0.03, 0.03)), 1))) for c in rules.criteria}
    if week in BAND_FAILED.get(who, ()):
        scores = dict(FAIL)
    elif week in KEY_FAILED.get(who, ()):
        scores = {"quality": Decimal("24.4"), "progress": Decimal("21.5"), "conduct": Decimal("11")}
    flags = {
        "key_task_failed": week in KEY_FAILED.get(who, ()),
        "discipline_breach": week in KEY_FAILED.get(who, ()) and week == THIS.plus(-1),
    }
    comment = ""
    if any(flags.values()):
        comment = "Báo cáo thẩm định chưa trình đúng hạn; đi muộn hai buổi không có lý do."
    elif who in BAND_FAILED and week in BAND_FAILED[who]:
        comment = "Khối lượng công việc hoàn thành chưa đến một nửa; cần có biện pháp hỗ trợ."
    texts = {}
    if rng.random() < 0.15:
        n = rng.randrange(4)
        texts = {"text.obstacles": OBSTACLES[n], "text.proposals": PROPOSALS[n]}
    report = statement(
        week,
        "self",
        who,
        who,
        14,
        {k: min(c.max, scores[c.id] + 1) for k, c in zip(scores, rules.criteria, strict=True)},
        texts=texts,
    )
    review = statement(
        week, "review", who, reviewer, row, scores, flags=flags, texts={"comment": comment} if comment else {}
    )
    approval = statement(week, "approval", who, approver, row, {}, decision="approve")
    if who == "0016" and week == THIS:
        scores = scores | {"conduct": Decimal("14.75")}
        approval = statement(
            week,
            "approval",
            who,
            approver,
            row,
            scores,
            decision="adjust",
            texts={"reason": "Có một buổi họp vắng mặt không báo cáo."},
        )
    total = sum(scores.values(), Decimal(0))
    band = rules.band_of(total).id
    flags = flags | {"failed_band": band == "failed"}
    waiting = {
        "missing": ("self", who),
        "submitted": ("review", reviewer),
        "returned": ("review", reviewer),
        "reviewed": ("approval", approver),
    }
    stage, actor = waiting.get(state, ("", ""))
    common = dict(
        period=week,
        staff_id=who,
        name=person.name,
        role=person.role,
        position=person.position,
        unit_id=person.unit_id,
        state=state,
        reviewer_id=reviewer,
        approver_id=approver,
        waiting=stage,
        waiting_for=actor,
    )
    if state in ("excused", "missing"):
        return Case(**common, excuse="Nghỉ phép năm" if state == "excused" else "")  # type: ignore[arg-type]
    if state in ("submitted", "returned"):
        return Case(**common, report=report)  # type: ignore[arg-type]
    decided = dict(report=report, review=review, scores=scores, total=total, band=band, flags=flags)
    if state == "reviewed":
        return Case(**common, **decided)  # type: ignore[arg-type]
    streaks = []
    for rule, chains in (("key-task-and-discipline", KEY_FAILED), ("failed-band", BAND_FAILED)):
        chain = tuple(w for w in chains.get(who, ()) if w <= week)
        if chain and week in chain:
            holds = len(chain) >= 2 and (rule == "failed-band" or chain[-1] >= THIS.plus(-1))
            streaks.append(Streak(rule, chain, holds, True))
    failing = max((len(s.weeks) for s in streaks), default=0)
    return Case(**common, **decided, approval=approval, streaks=tuple(streaks), failing_weeks=failing)  # type: ignore[arg-type]


def findings(book: Roster) -> tuple[Finding, ...]:
    """A few of each severity, with and without a place or a person."""
    rule = "Hai tuần liên tiếp không hoàn thành nhiệm vụ"
    found = [
        finding(
            "value.over-cap",
            Place("2025-W27/PhieuDanhGia_0015.xlsx", "Đánh giá", "H9"),
            "0020",
            field="Chất lượng",
            found=Decimal("41.5"),
            cap=Decimal(40),
        ),
        finding(
            "value.not-a-number",
            Place("2025-W27/TuDanhGia_0012.xlsx", "Tự đánh giá", "E14"),
            "0012",
            field="Tiến độ",
            found="ba mươi",
        ),
        finding("file.unreadable", Place("2025-W27/scan_0046 (1).xlsx"), "", problem="bad zip"),
        finding("case.self-missing", Place(), "0019", name=book.name("0019")),
        finding("case.self-missing", Place(), "0046", name=book.name("0046")),
        finding(
            "identity.name-differs",
            Place("2025-W27/TuDanhGia_0009.xlsx", "Tự đánh giá", "C6"),
            "0009",
            found="Trần Thị Hoa",
            name=book.name("0009"),
        ),
        finding("streak.meeting-required", Place(), "0024", name=book.name("0024"), rule=rule, weeks="2025-W26, 2025-W27"),
        finding(
            "approval.adjusted",
            Place("2025-W27/PheDuyet_0015.xlsx", "Phê duyệt", "M7"),
            "0016",
            author="0015",
            before=Decimal("86.1"),
            after=Decimal("83.75"),
            reason="Có một buổi họp vắng mặt không báo cáo.",
        ),
        finding("form.excused", Place("2025-W27/TuDanhGia_0005.xlsx"), "0005", reason="nghỉ phép"),
    ]
    return tuple(sorted(found, key=Finding.sort_key))


def week_view(week: Week = THIS) -> WeekView:
    """The week as the program would hand it to the writers."""
    rules, book = scheme(), roster()
    by_week = {
        w: [case(rules, book, person, w, 6 + n) for n, person in enumerate(book.evaluated(w, rules))]
        for w in WEEKS
        if w <= week
    }
    office = Office(
        name="Ban Tổ chức Trung ương",
        header_left=["BAN CHẤP HÀNH TRUNG ƯƠNG", "BAN TỔ CHỨC"],
        header_right=["ĐẢNG CỘNG SẢN VIỆT NAM"],
    )
    history = {w: {c.staff_id: c for c in cases} for w, cases in by_week.items() if w != week}
    return WeekView(week, office, rules, book, tuple(by_week[week]), history, findings(book), "2025-07-04T16:00:00")
