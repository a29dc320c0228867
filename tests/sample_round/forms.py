"""The filled forms of the sample bureau: agreements, assessments, opinions, played through the real flow of a round.

Each person's levels are found so that they come to exactly the score that stands beside the person (``office.PEOPLE``):
14 × Σ(level × weight) / 100 of 70 points, and 1.2 × Σratings of 30; on probation 10 × … of 50 and 2 × … of 50.
"""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import product
from pathlib import Path

from batch import desk, pipeline
from batch.core.period import Round
from batch.forms.fill import Value, fill, places
from batch.forms.issue import Form
from batch.forms.workbook import files_of, load, pack
from tests.sample_round import office as data

Typed = Mapping[tuple[str, str], Value]
WEIGHTS = (40, 35, 25)
ABILITIES = ("achievement", "service", "expertise", "integrity", "teamwork")
YES, APPROVE, ADJUST, DIFFER, RETURN = "ใช่", "อนุมัติ", "ปรับคะแนน", "เห็นต่าง", "ส่งกลับ"
AGREE = "เห็นด้วย"
KPIS = {
    "OA": ("ร้อยละของตัวชี้วัดสำนักที่บรรลุเป้าหมาย", "ร้อยละการเบิกจ่ายงบประมาณของสำนัก", "จำนวนกระบวนงานที่ปรับปรุงแล้วเสร็จ"),
    "OA1": ("ร้อยละของหนังสือที่ดำเนินการทันกำหนด", "ร้อยละความพึงพอใจของผู้รับบริการ", "จำนวนเรื่องที่จัดเก็บในระบบอิเล็กทรอนิกส์"),
    "OA2": ("ร้อยละของคำสั่งบุคคลที่ถูกต้องครบถ้วน", "จำนวนหลักสูตรพัฒนาบุคลากรที่จัด", "ระยะเวลาเฉลี่ยในการให้บริการ (วัน)"),
    "OA3": ("ร้อยละการเบิกจ่ายทันกำหนด", "ร้อยละของการจัดซื้อจัดจ้างตามแผน", "จำนวนข้อทักท้วงของผู้ตรวจสอบ (ไม่เกิน)"),
    "OA4": ("ร้อยละของแผนงานที่รายงานผลทันเวลา", "จำนวนข้อเสนอเชิงนโยบายที่นำไปใช้", "ร้อยละความถูกต้องของคำของบประมาณ"),
    "OA5": ("จำนวนข่าวและสื่อที่เผยแพร่", "ร้อยละการรับรู้ของกลุ่มเป้าหมาย", "จำนวนรายการสื่อโสตทัศน์ที่ผลิต"),
}
TARGETS = ("ต่ำกว่า 60", "60", "70", "80", "90 ขึ้นไป")
PLAN = {
    "strengths": "รับผิดชอบงานดี ประสานงานกับหน่วยงานอื่นได้คล่อง",
    "improve": "การวิเคราะห์ข้อมูลและการใช้เทคโนโลยีดิจิทัล",
    "method": "ฝึกอบรมภายนอก 1 หลักสูตร และเรียนรู้จากการปฏิบัติงานจริง",
    "period": "ภายใน 6 เดือน",
}


def people() -> dict[str, list[str]]:
    """Everybody who is appraised, by staff code: the columns of ``office.PEOPLE``."""
    lines = (line.split("|") for line in data.PEOPLE.strip().splitlines())
    return {line[0]: line for line in lines if line[6] and line[0] not in data.LAST_DAYS}


def levels(score: str, probation: bool) -> tuple[tuple[Decimal, ...], tuple[int, ...]]:
    """Levels of the three indicators and ratings of the five competencies that come to exactly this score."""
    of_level, of_rating = (Fraction(10), Fraction(2)) if probation else (Fraction(14), Fraction(6, 5))
    wanted = Fraction(score)
    grid = [Decimal(n) / 20 for n in range(100, 19, -1)]
    best = sorted(range(10, 26), key=lambda r: abs(r - wanted / 4))  # about as good in behaviour as in results
    for summed in best:
        mean = (wanted - summed * of_rating) / of_level  # Σ(level × weight) / 100
        if not 1 <= mean <= 5:
            continue
        near = sorted(grid, key=lambda level: abs(Fraction(level) - mean))[:24]
        for first, second in product(near, near):
            third = (mean * 100 - WEIGHTS[0] * Fraction(first) - WEIGHTS[1] * Fraction(second)) / WEIGHTS[2]
            if 1 <= third <= 5 and (third * 100).denominator == 1:
                last = Decimal(third.numerator) / Decimal(third.denominator)
                return (first, second, last), _ratings(summed)
    raise ValueError(score)


def _ratings(summed: int) -> tuple[int, ...]:
    each, more = divmod(summed, len(ABILITIES))
    return tuple(each + (n < more) for n in range(len(ABILITIES)))


class Bureau:
    """The bureau at work: forms are issued, filled in and dropped, as in a real round."""

    def __init__(self, office: Path, out: Path) -> None:
        self.office, self.out = office, out

    def issue(self, period: Round, now: str, stage: str, again: Iterable[str] = ()) -> list[Form]:
        setup = desk.open_office(self.office, self.out, None)
        if again:
            return pipeline.issue(setup, period, now, stage, [*again], True)
        return pipeline.issue(setup, period, now, stage, (), False)

    def run(self, period: Round, now: str) -> None:
        pipeline.run(desk.open_office(self.office, self.out, None), period, now, 1)

    def returned(self, period: Round, who: str) -> bytes:
        """The form that came back marked."""
        (path,) = (self.out / "outbox" / str(period) / "for" / who).glob("returned-*.xlsx")
        return path.read_bytes()

    def retype(self, period: Round, name: str, form: bytes, typed: Typed) -> None:
        """Change what stands in a form, and send it."""
        at, book = places(form), load(form)
        for key, value in typed.items():
            book.worksheets[0][at[key]].value = value
        self.drop(period, name, pack(files_of(book).items()), {})

    def drop(self, period: Round, name: str, form: bytes, typed: Typed) -> None:
        at = places(form)
        folder = self.office / "inbox" / str(period)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(fill(form, {at[key]: value for key, value in typed.items()}))


def subject(form: Form) -> str:
    return form.header["subject"] or form.addressee


def agreement(unit: str, weights: Sequence[int] = WEIGHTS, titles: Sequence[str] = ()) -> Typed:
    """An agreement with three indicators and the competencies at their standard."""
    typed: dict[tuple[str, str], Value] = {}
    for n, (title, weight) in enumerate(zip(titles or KPIS[unit], weights, strict=True), 1):
        row = f"kpi.{n}"
        typed |= {
            (row, "title"): title,
            (row, "unit"): "ร้อยละ",
            (row, "weight"): weight,
            (row, "goal"): data.GOALS.get(unit, ""),
        }
        typed |= {(row, f"target.{at}"): text for at, text in enumerate(TARGETS, 1)}
    return {key: value for key, value in typed.items() if value != ""}


def appraisal(score: str, probation: bool, results: bool = False) -> Typed:
    """Levels that come to a score."""
    given, ratings = levels(score, probation)
    typed: dict[tuple[str, str], Value] = {(f"kpi.{n}", "level"): level for n, level in enumerate(given, 1)}
    typed |= {(f"competency.{key}", "level"): rating for key, rating in zip(ABILITIES, ratings, strict=True)}
    if results:
        typed |= {(f"kpi.{n}", "result"): f"ดำเนินการได้ระดับ {level.normalize():f}" for n, level in enumerate(given, 1)}
    return typed


def play(office: Path, period: Round, story: Story, convert: Callable[[Path], None]) -> None:
    """The whole round, into ``office/inbox/<period>``."""
    everybody = {who: line for who, line in people().items() if story.takes_part(who, line)}
    folder = office / "inbox" / str(period)
    shutil.rmtree(folder, ignore_errors=True)
    with tempfile.TemporaryDirectory() as out:
        bureau = Bureau(office, Path(out))
        day = story.day
        for form in bureau.issue(period, day(1), "agreement"):
            if (who := form.addressee) in everybody:
                weights = (40, 35, 20) if who in story.weights_wrong else WEIGHTS
                bureau.drop(period, f"ข้อตกลง {who}.xlsx", form.data, agreement(everybody[who][4], weights))
        bureau.run(period, day(10))
        for who in story.weights_wrong:  # it came back marked: the weights had summed to 95
            bureau.retype(period, f"ข้อตกลง {who} (แก้ไข).xlsx", bureau.returned(period, who), {("kpi.3", "weight"): 25})
        bureau.run(period, day(12))
        consent(bureau, period, day(13), story)
        for who in story.sent_back:
            (form,) = [f for f in bureau.issue(period, day(16), "agreement") if f.addressee == who]
            bureau.retype(period, f"ข้อตกลง {who} (ปรับตามความเห็น).xlsx", form.data, {("kpi.3", "title"): data.REWORDED})
        bureau.run(period, day(17))
        consent(bureau, period, day(18), story, "ครั้งที่ 2")
        for who in story.amended:
            (form,) = bureau.issue(period, day(60), "agreement", [who])
            typed: Typed = {("text.amendment", "value"): data.AMENDMENT, ("kpi.2", "title"): data.AMENDED_KPI}
            bureau.retype(period, f"ข้อตกลง {who} (เปลี่ยนแปลงกลางรอบ).xlsx", form.data, typed)
        bureau.run(period, day(61))
        consent(bureau, period, day(62), story, "กลางรอบ")
        assess(bureau, period, story, everybody)
        tell(bureau, period, story, everybody)
        decide(bureau, period, story)
    for path in sorted(folder.glob("*.xlsx")):
        if any(path.name.startswith(name) for name in story.resaved):
            convert(path)


def consent(bureau: Bureau, period: Round, now: str, story: Story, name: str = "") -> None:
    for form in bureau.issue(period, now, "consent"):
        rows = {key for key, _ in places(form.data)}
        typed: dict[tuple[str, str], Value] = {("others", "decision"): APPROVE}
        for who in story.sent_back if not name else ():
            if who in rows:
                typed |= {(who, "decision"): RETURN, (who, "reason"): data.SENT_BACK}
        bureau.drop(period, " ".join(["เห็นชอบข้อตกลง", form.addressee, name]).strip() + ".xlsx", form.data, typed)
    bureau.run(period, now)


def assess(bureau: Bureau, period: Round, story: Story, everybody: Mapping[str, list[str]]) -> None:
    """Everybody of themself, then the superiors: with the same levels, or their own."""
    for form in bureau.issue(period, story.day(165), "self"):
        who = form.addressee
        if who in everybody and who not in story.no_self:
            score = story.own.get(who) or story.score(everybody[who])
            bureau.drop(period, f"ประเมินตนเอง {who}.xlsx", form.data, appraisal(score, story.probation(who), True))
    bureau.run(period, story.day(170))
    for form in bureau.issue(period, story.day(171), "review"):
        who = subject(form)
        if who not in everybody or not story.score(everybody[who]):
            continue
        typed: dict[tuple[str, str], Value] = {}
        if who in story.own or who in story.no_self or who in story.reviewed:
            typed |= appraisal(story.reviewed.get(who) or story.score(everybody[who]), story.probation(who))
        else:
            typed |= {("agree", "value"): YES}
        blank = {key for key, _ in places(form.data)}
        typed |= {(f"text.{key}", "value"): text for key, text in PLAN.items() if f"text.{key}" in blank}
        bureau.drop(period, f"ประเมิน {who} โดยผู้บังคับบัญชา.xlsx", form.data, typed)
    bureau.run(period, story.day(174))


def tell(bureau: Bureau, period: Round, story: Story, everybody: Mapping[str, list[str]]) -> None:
    """Everybody signs that they were told, but for who refuses."""
    told = dt.date.fromisoformat(story.day(175)[:10])
    refusals = bureau.issue(period, story.day(175), "refusal")
    for form in bureau.issue(period, story.day(175), "acknowledgement"):
        if (who := form.addressee) in everybody and who not in story.refused:
            bureau.drop(period, f"รับทราบผล {who}.xlsx", form.data, {("told.date", "value"): told})
    for form in refusals:
        rows = {key for key, _ in places(form.data)}
        typed: dict[tuple[str, str], Value] = {}
        for who in story.refused:
            if who in rows:
                typed |= {(who, "told.date"): told, (who, "witness"): data.WITNESS}
        if typed:
            bureau.drop(period, f"ไม่ลงนามรับทราบ {form.addressee}.xlsx", form.data, typed)
    bureau.run(period, story.day(176))


def decide(bureau: Bureau, period: Round, story: Story) -> None:
    """The next superiors, then the committee."""
    for stage, name, found in (
        ("opinion", "ความเห็นผู้บังคับบัญชาเหนือขึ้นไป", story.differs),
        ("committee", "มติคณะกรรมการกลั่นกรอง", story.adjusted),
    ):
        for form in bureau.issue(period, story.day(178), stage):
            rows = {key for key, _ in places(form.data)}
            typed: dict[tuple[str, str], Value] = {("others", "decision"): AGREE if stage == "opinion" else APPROVE}
            for who, (results, behaviour, reason) in found.items():
                if who in rows:
                    word = DIFFER if stage == "opinion" else ADJUST
                    typed |= {(who, "decision"): word, (who, "reason"): reason}
                    typed |= {(who, "score.results"): Decimal(results), (who, "score.behaviour"): Decimal(behaviour)}
            bureau.drop(period, f"{name} {form.addressee}.xlsx", form.data, typed)
        bureau.run(period, story.day(180))


class Story:
    """What happens in one round beyond the usual; ``column``: where the scores of the round stand in ``office.PEOPLE``."""

    def __init__(self, period: Round, column: int, units: frozenset[str] = frozenset(), plain: bool = False) -> None:
        self.period, self.column, self.units = period, column, units
        self.weights_wrong = () if plain else data.WEIGHTS_WRONG
        self.sent_back = () if plain else data.SENT_BACK_TO
        self.amended = () if plain else data.AMENDED
        self.no_self = frozenset() if plain else data.NO_SELF
        self.own = {} if plain else data.OWN_SCORES
        self.reviewed = {} if plain else data.REVIEWED
        self.refused = frozenset() if plain else data.REFUSED
        self.differs = {} if plain else data.DIFFERS
        self.adjusted = {} if plain else data.ADJUSTED
        self.resaved = () if plain else data.RESAVED

    def day(self, number: int) -> str:
        """A moment on the round's n-th day."""
        return f"{self.period.start + dt.timedelta(days=number)}T09:00+07:00"

    def takes_part(self, who: str, line: Sequence[str]) -> bool:
        return not self.units or line[4] in self.units

    def score(self, line: Sequence[str]) -> str:
        return line[self.column] if len(line) > self.column else ""

    def probation(self, who: str) -> bool:
        return who in data.PROBATION and self.column == 9


def libreoffice(path: Path) -> None:
    """Save a workbook again with LibreOffice, as an office without Excel would."""
    with tempfile.TemporaryDirectory() as scratch:
        profile = f"-env:UserInstallation={Path(scratch, 'profile').as_uri()}"
        command = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", scratch, str(path)]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        shutil.copyfile(Path(scratch, path.name), path)
