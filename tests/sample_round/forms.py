"""The filled forms of the sample bureau: agreements, assessments, opinions, played through the real flow of a round.

Each person's levels are found so that they come to exactly the score that stands beside the person (``office.PEOPLE``):
14 × Σ(level × weight) / 100 of 70 points, and 1.2 × Σratings of 30; on probation 10 × … of 50 and 2 × … of 50.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import partial
from itertools import product
from pathlib import Path

from batch import desk, pipeline
from batch.core.period import Round
from batch.forms.fill import Value, fill, places
from batch.forms.issue import Form
from batch.forms.workbook import files_of, load
from batch.sheet.pack import pack
from tests.sample_round import office as data
from tests.sample_round.story import Story
from tests.sample_round.work import Indicator, indicators

Typed = Mapping[tuple[str, str], Value]
WEIGHTS = (40, 35, 25)
ABILITIES = ("achievement", "service", "expertise", "integrity", "teamwork")
YES, APPROVE, ADJUST, DIFFER, RETURN = "ใช่", "อนุมัติ", "ปรับคะแนน", "เห็นต่าง", "ส่งกลับ"
AGREE = "เห็นด้วย"
PLANS = (  # from which score on; what the superior writes then
    (
        80,
        {
            "strengths": "รับผิดชอบงานดี ประสานงานกับหน่วยงานอื่นได้คล่อง",
            "improve": "การวิเคราะห์ข้อมูลและการใช้เทคโนโลยีดิจิทัล",
            "method": "ฝึกอบรมภายนอก 1 หลักสูตร และเรียนรู้จากการปฏิบัติงานจริง",
            "period": "ภายใน 6 เดือน",
        },
    ),
    (
        60,
        {
            "strengths": "ตั้งใจปฏิบัติงาน ให้ความร่วมมือกับเพื่อนร่วมงาน",
            "improve": "การวางแผนงานและการติดตามงานให้ทันกำหนด",
            "method": "สอนงานโดยหัวหน้ากลุ่ม และฝึกอบรมการบริหารเวลา",
            "period": "ภายใน 4 เดือน",
        },
    ),
    (
        0,
        {
            "strengths": "มีน้ำใจ ช่วยเหลืองานส่วนรวม",
            "improve": "ความถูกต้องและความรวดเร็วของงานหลัก ระเบียบที่เกี่ยวข้อง",
            "method": "จัดทำคำมั่นการพัฒนาปรับปรุง มีพี่เลี้ยง และติดตามผลทุกเดือน",
            "period": "ภายใน 3 เดือน",
        },
    ),
)


def people(period: Round) -> dict[str, list[str]]:
    """Everybody who is appraised in a round, by staff code: the columns of ``office.PEOPLE``."""
    lines = (line.split("|") for line in data.PEOPLE.strip().splitlines())
    last = period.end.isoformat()
    return {
        line[0]: line
        for line in lines
        if line[6] and data.STARTS.get(line[0], "") <= last <= data.LAST_DAYS.get(line[0], last)
    }


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


def subject(form: Form) -> str:
    return form.header["subject"] or form.addressee


def agreement(line: Sequence[str], weights: Sequence[int] = WEIGHTS) -> Typed:
    """An agreement with the three indicators of the position, and the competencies at their standard."""
    typed: dict[tuple[str, str], Value] = {}
    for n, (one, weight) in enumerate(zip(indicators(line[3]), weights, strict=True), 1):
        typed |= one.typed(n)
        typed |= {(f"kpi.{n}", "weight"): weight, (f"kpi.{n}", "goal"): data.GOALS[line[4]]}
    return typed


def appraisal(score: str, probation: bool, agreed: Sequence[Indicator] = ()) -> Typed:
    """Levels that come to a score; with what was reached of ``agreed``, as the person themself reports it."""
    given, ratings = levels(score, probation)
    typed: dict[tuple[str, str], Value] = {(f"kpi.{n}", "level"): level for n, level in enumerate(given, 1)}
    typed |= {(f"competency.{key}", "level"): rating for key, rating in zip(ABILITIES, ratings, strict=True)}
    for n, (one, level) in enumerate(zip(agreed, given, strict=False), 1):
        typed[f"kpi.{n}", "result"] = one.result(level)
    return typed


def plan(score: str) -> Mapping[str, str]:
    """The development plan that suits a result."""
    return next(texts for least, texts in PLANS if Fraction(score) >= least)


def play(office: Path, story: Story, convert: Callable[[Sequence[Path]], None]) -> None:
    """The whole round, into ``office/inbox/<period>``."""
    folder = office / "inbox" / str(story.period)
    shutil.rmtree(folder, ignore_errors=True)
    with tempfile.TemporaryDirectory() as out:
        played = Played(office, Path(out), story)
        played.agree()
        played.on_the_way()
        played.assess()
        played.tell(175, ())
        played.decide()
    for first, second in story.twice:
        shutil.copyfile(folder / first, folder / second)
    files = sorted(folder.rglob("*.xlsx"))
    convert([path for path in files if any(str(path.relative_to(folder)).startswith(name) for name in story.resaved)])


class Played:
    """One round of the bureau at work: forms are issued, filled in and dropped, as in a real round."""

    def __init__(self, office: Path, out: Path, story: Story) -> None:
        self.office, self.out, self.story = office, out, story
        self.lines = {line[0]: line for line in (text.split("|") for text in data.PEOPLE.strip().splitlines())}
        self.everybody = {who: line for who, line in people(story.period).items() if who not in story.elsewhere}

    # --- forms out, forms in ------------------------------------------------------------------------------------------

    def issue(self, day: int, stage: str, again: Sequence[str] = ()) -> list[Form]:
        """The forms of a stage that are due, or those asked for beyond that."""
        setup = desk.open_office(self.office, self.out, None)
        return pipeline.issue(setup, self.story.period, self.story.day(day), stage, again, bool(again))

    def run(self, day: int) -> None:
        pipeline.run(desk.open_office(self.office, self.out, None), self.story.period, self.story.day(day), 1)

    def drop(self, kind: str, who: str, form: bytes, typed: Typed, more: str = "") -> None:
        """Type into the empty cells of a form, and put it into the inbox."""
        at = places(form)
        path = self.office / "inbox" / str(self.story.period) / self.story.named(kind, self.lines[who], more)
        path.parent.mkdir(parents=True, exist_ok=True)
        assert not path.exists(), path
        path.write_bytes(fill(form, {at[key]: value for key, value in typed.items()}))

    def retype(self, kind: str, who: str, form: bytes, typed: Typed, more: str) -> None:
        """Change what stands in a form, and put it into the inbox."""
        at, book = places(form), load(form)
        for key, value in typed.items():
            book.worksheets[0][at[key]].value = value
        self.drop(kind, who, pack(files_of(book).items()), {}, more)

    def probation(self, who: str) -> bool:
        """Whether somebody is on probation on the round's last day."""
        end = data.CHANGES.get(who, ("9999-12-31", {}))[0]
        return who in data.PROBATION and end > self.story.period.end.isoformat()

    # --- the chain ----------------------------------------------------------------------------------------------------

    def agree(self) -> None:
        """Agreements and consents; what came back is corrected; who joins later agrees later."""
        story = self.story
        first = {who: line for who, line in self.everybody.items() if who not in story.joined}
        for form in self.issue(1, "agreement"):
            if line := first.get(form.addressee):
                weights = (40, 35, 20) if form.addressee in story.weights_wrong else WEIGHTS
                self.drop("agreement", form.addressee, form.data, agreement(line, weights))
        self.run(10)
        for who in sorted(story.weights_wrong):  # it came back marked: the weights had summed to 95
            (path,) = (self.out / "outbox" / str(story.period) / "for" / who).glob("returned-*.xlsx")
            self.retype("agreement", who, path.read_bytes(), {("kpi.3", "weight"): 25}, "แก้ไข")
        self.run(12)
        self.consent(13, sent_back=True)
        for who, (_, wording) in story.sent_back.items():
            (form,) = (f for f in self.issue(16, "agreement") if f.addressee == who)
            self.retype("agreement", who, form.data, wording.typed(3), "ปรับตามความเห็น")
        self.run(17)
        self.consent(18, "ครั้งที่ 2")

    def consent(self, day: int, more: str = "", sent_back: bool = False) -> None:
        for form in self.issue(day, "consent"):
            rows = rows_of(form)
            typed: dict[tuple[str, str], Value] = {("others", "decision"): APPROVE}
            for who, (reason, _) in self.story.sent_back.items() if sent_back else ():
                if who in rows:
                    typed |= {(who, "decision"): RETURN, (who, "reason"): reason}
            self.drop("consent", form.addressee, form.data, typed, more)
        self.run(day)

    def on_the_way(self) -> None:
        """In order of the days: changes of what was agreed, notes of the superiors, who joins."""
        story = self.story
        steps: list[tuple[int, str, Callable[[], None]]] = []
        for who, (day, *_) in story.amended.items():
            steps.append((day, who, partial(self.amend, who)))
        for who, notes in story.notes.items():
            for n, (day, _, _) in enumerate(notes):
                steps.append((day, who, partial(self.note, who, n)))
        steps += [(day, who, partial(self.join, who, day)) for who, day in story.joined.items()]
        for _, _, step in sorted(steps, key=lambda s: s[:2]):
            step()

    def amend(self, who: str) -> None:
        day, reason, changed, goal = self.story.amended[who]
        typed: dict[tuple[str, str], Value] = {("text.amendment", "value"): reason}
        for n, indicator in changed.items():
            typed |= indicator.typed(n)
            typed |= {(f"kpi.{n}", "goal"): goal} if goal else {}
        (form,) = self.issue(day, "agreement", [who])
        self.retype("agreement", who, form.data, typed, "เปลี่ยนแปลงกลางรอบ")
        self.run(day + 1)
        self.consent(day + 2, f"กลางรอบ {who}")

    def note(self, who: str, n: int) -> None:
        """The superior's n-th note: the form that was asked for holds those before it."""
        day, found, helped = self.story.notes[who][n]
        superior = self.lines[who][5]
        (form,) = (f for f in self.issue(day, "followup", [superior]) if subject(f) == who)
        row = f"note.{n + 1}"
        typed: Typed = {(row, "date"): self.story.date(day), (row, "note"): found, (row, "help"): helped}
        self.drop("followup", who, form.data, typed, f"ครั้งที่ {n + 1}" if n else "")
        self.run(day)

    def join(self, who: str, day: int) -> None:
        (form,) = (f for f in self.issue(day, "agreement") if f.addressee == who)
        self.drop("agreement", who, form.data, agreement(self.lines[who]))
        self.run(day)
        self.consent(day + 1, who)

    def assess(self) -> None:
        """Everybody of themself, then the superiors: with the same levels, or their own."""
        story = self.story
        for form in self.issue(165, "self"):
            who = form.addressee
            if (line := self.everybody.get(who)) and who not in story.no_self:
                score = story.own.get(who) or story.score(line)
                self.drop("self", who, form.data, appraisal(score, self.probation(who), story.agreed(line)))
        self.run(170)
        given = {who: story.score(line) for who, line in self.everybody.items()}
        given |= story.reviewed
        given |= {who: score for who, (_, score, _) in story.sent_again.items()}
        self.review(171, given)

    def review(self, day: int, given: Mapping[str, str], more: str = "") -> None:
        """The superiors' assessments: with the person's own levels if these come to the same."""
        story = self.story
        for form in self.issue(day, "review"):
            who = subject(form)
            if not (score := given.get(who)):
                continue
            line = self.everybody[who]
            reported = "" if who in story.no_self else story.own.get(who) or story.score(line)
            typed: dict[tuple[str, str], Value] = {}
            if more or score != reported:
                typed |= appraisal(score, self.probation(who))
            else:
                typed |= {("agree", "value"): YES}
            blank = {key for key, _ in places(form.data)}
            typed |= {(f"text.{key}", "value"): text for key, text in plan(score).items() if f"text.{key}" in blank}
            if more:
                self.retype("review", who, form.data, typed, more)
            else:
                self.drop("review", who, form.data, typed)
        self.run(day + 3 if not more else day)

    def tell(self, day: int, only: Collection[str], more: str = "") -> None:
        """Everybody signs that they were told, but for who refuses; ``only``: those who are told again."""
        story = self.story
        told = story.date(day)
        refusals = self.issue(day, "refusal")
        for form in self.issue(day, "acknowledgement"):
            who = form.addressee
            if who in self.everybody and who not in story.refused and (not only or who in only):
                self.drop("acknowledgement", who, form.data, {("told.date", "value"): told}, more)
        for form in refusals:
            typed: dict[tuple[str, str], Value] = {}
            for who in sorted(story.refused & rows_of(form)):
                typed |= {(who, "told.date"): told, (who, "witness"): story.witness}
            if typed:
                self.drop("refusal", form.addressee, form.data, typed, more)
        self.run(day)

    def decide(self) -> None:
        """The next superiors, then the committee; what they send back is assessed, told and decided again."""
        for stage, day in (("opinion", 177), ("committee", 180)):
            self.decisions(stage, day)
            back = {
                who: self.story.score(self.everybody[who]) for who, (by, *_) in self.story.sent_again.items() if by == stage
            }
            if back:
                self.review(day + 1, back, "ทบทวน")
                self.tell(day + 2, back, "ทบทวน")
                again = " ".join(("ทบทวน", *back))
                self.decisions("opinion", day + 2, again)
                if stage == "committee":
                    self.decisions(stage, day + 2, again)

    def decisions(self, stage: str, day: int, more: str = "") -> None:
        story = self.story
        found = story.differs if stage == "opinion" else story.adjusted
        for form in self.issue(day, stage):
            rows = rows_of(form)
            typed: dict[tuple[str, str], Value] = {("others", "decision"): AGREE if stage == "opinion" else APPROVE}
            for who, (results, behaviour, reason) in found.items():
                if who in rows:
                    word = DIFFER if stage == "opinion" else ADJUST
                    typed |= {(who, "decision"): word, (who, "reason"): reason}
                    typed |= {(who, "score.results"): Decimal(results), (who, "score.behaviour"): Decimal(behaviour)}
            for who, (by, _, reason) in story.sent_again.items() if not more else ():
                if who in rows and by == stage:
                    typed |= {(who, "decision"): RETURN, (who, "reason"): reason}
            self.drop(stage, form.addressee, form.data, typed, more)
        self.run(day)


def rows_of(form: Form) -> set[str]:
    """The keys of a form's rows."""
    return {key for key, _ in places(form.data)}


def libreoffice(paths: Sequence[Path]) -> None:
    """Save workbooks again with LibreOffice, as an office without Excel would; one start for all."""
    with tempfile.TemporaryDirectory() as scratch:
        profile = f"-env:UserInstallation={Path(scratch, 'profile').as_uri()}"
        command = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", scratch, *map(str, paths)]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
        for path in paths:
            shutil.copyfile(Path(scratch, path.name), path)
