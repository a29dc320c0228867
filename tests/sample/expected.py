"""Writes expected.csv, expected_findings.csv and the sample's README from reasoning, not from program output.

Who reviews and approves whom, every special state, every streak is written out by hand below, with its
reason. The only arithmetic is a decimal sum and a comparison with 90, 75 and 50. Neither the program nor its
unit tree is used.
"""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from tests.sample import scenario as sc

HERE = Path(__file__).resolve().parent
OFFICE = HERE.parents[1] / "sample_input" / "vn-weekly"
W23, W24, W25, W26, W27 = sc.WEEKS

# --- who decides: (reviewer, approver), read off the organisation chart -------------------------------------
WHO = {
    # directors, the office chief: the leader in charge reviews and approves
    # (VU3 names no leader: the Head of the Commission)
    "0101": ("0002", "0002"), "0201": ("0003", "0003"), "0301": ("0001", "0001"), "0401": ("0003", "0003"),
    "0501": ("0002", "0002"),
    # secretaries, assistants: reviewed by the leader they serve, approved by the leader over the Office
    "0504": ("0001", "0002"), "0505": ("0002", "0002"), "0506": ("0001", "0002"), "0507": ("0003", "0002"),
    # everybody else: approved by the director of the department or bureau, or by the office chief
    "0102": ("0101", "0101"), "0103": ("0101", "0101"),
    "0104": ("0102", "0101"), "0105": ("0102", "0101"), "0106": ("0102", "0101"),
    "0107": ("0103", "0101"), "0108": ("0103", "0101"), "0109": ("0103", "0101"),
    "0202": ("0201", "0201"), "0203": ("0201", "0201"),
    "0204": ("0202", "0201"), "0205": ("0202", "0201"), "0208": ("0202", "0201"),
    "0206": ("0203", "0201"), "0207": ("0203", "0201"), "0209": ("0203", "0201"),
    "0302": ("0301", "0301"), "0303": ("0302", "0301"), "0304": ("0302", "0301"), "0305": ("0302", "0301"),
    "0306": ("0301", "0301"), "0307": ("0301", "0301"), "0308": ("0301", "0301"),
    "0402": ("0401", "0401"), "0411": ("0402", "0401"), "0421": ("0402", "0401"),
    "0412": ("0411", "0401"), "0413": ("0411", "0401"), "0414": ("0411", "0401"), "0415": ("0411", "0401"),
    "0422": ("0421", "0401"), "0423": ("0421", "0401"), "0424": ("0421", "0401"), "0425": ("0421", "0401"),
    "0502": ("0501", "0501"), "0503": ("0501", "0501"),
    "0508": ("0502", "0501"), "0509": ("0502", "0501"), "0511": ("0502", "0501"),
    "0510": ("0503", "0501"), "0512": ("0503", "0501"), "0513": ("0503", "0501"),
}  # fmt: skip
_ACTING_REVIEWER = "0103 is on leave on Friday 13/6: 0102 reviews in their place"
_ACTING_DIRECTOR = "0201 is abroad on Friday 20/6: 0202 approves in their place"
OTHER_WHO: dict[tuple[str, str], tuple[str, str, str]] = {
    **{(W24, who): ("0102", "0101", _ACTING_REVIEWER) for who in ("0107", "0108", "0109")},
    **{(W25, who): ("0202", "0202", _ACTING_DIRECTOR + "; also their own supervisor") for who in ("0204", "0205", "0208")},
    **{(W25, who): ("0203", "0202", _ACTING_DIRECTOR) for who in ("0206", "0207", "0209")},
    (W25, "0203"): ("0202", "0202", _ACTING_DIRECTOR + " and reviews their deputy too"),
    (W25, "0202"): (
        "0201",
        "0201",
        "0202 acts for 0201 but not about themself: 0201 stays reviewer and approver",
    ),
    (W26, "0207"): ("0302", "0301", "moved from VU2 to VU3 on 23/6: the new supervisor and director decide"),
    (W27, "0207"): ("0302", "0301", "moved to VU3"),
    (W25, "0414"): (
        "0502",
        "0501",
        "moved from the Bureau's office to the Office on Wednesday 18/6: Friday's unit counts",
    ),
    (W26, "0414"): ("0502", "0501", "moved to VP"),
    (W27, "0414"): ("0502", "0501", "moved to VP"),
}

# --- states other than approved -----------------------------------------------------------------------------
STATES: dict[tuple[str, str], tuple[str, str]] = {
    (W24, "0103"): ("excused", "annual leave covers Monday to Friday"),
    (W25, "0303"): ("excused", "sick leave covers Monday to Friday; the streak steps over this week"),
    (W25, "0509"): ("missing", "no self form and no review: breaks the streak between two failed weeks"),
    (W26, "0204"): (
        "reviewed",
        "the adjustment gives conduct 21 of 20: no effect, the review stays undecided",
    ),
    (W26, "0424"): (
        "reviewed",
        "review corrected to 35/35/17 after the approval of 33/33.5/16.5: the approval is stale",
    ),
    (W26, "0510"): ("submitted", "the review gives quality 45 of 40: this row has no effect"),
    (W27, "0105"): ("returned", "self progress 41 of 40 and no review yet"),
    (W27, "0109"): ("missing", "no self form, no review"),
    (W27, "0204"): ("submitted", "0202 has not sent the review sheet"),
    (W27, "0205"): ("submitted", "0202 has not sent the review sheet"),
    (W27, "0208"): ("submitted", "0202 has not sent the review sheet"),
    (W27, "0304"): ("submitted", "the review's quality is the text 'ba mươi tám': this row has no effect"),
    (W27, "0308"): ("returned", "two different forms in one delivery: neither counts, and no review yet"),
    (W27, "0512"): ("missing", "no self form, no review"),
    **{
        (W27, who): ("reviewed", "0401 has not sent the approval sheet")
        for who in ("0402", "0411", "0412", "0413", "0415", "0421", "0422", "0423", "0424", "0425")
    },
}

# --- final scores that are not simply the first review's, and those on a bound ------------------------------
SCORES: dict[tuple[str, str], tuple[str, str, str, str]] = {
    (W23, "0104"): ("30.4", "39.8", "19.8", "exactly 90: excellent"),
    (W23, "0204"): ("34.99", "36", "19", "89.99: good"),
    (W23, "0303"): ("24.4", "39.8", "10.8", "exactly 75: good"),
    (W24, "0205"): ("0.3", "32.3", "17.4", "exactly 50: completed"),
    (W23, "0205"): ("20.29", "19.3", "10.4", "49.99: failed"),
    (W24, "0105"): ("36.5", "36", "18", "adjusted by the approver, with a reason, from 35/35.5/17.5"),
    (W25, "0505"): ("37", "37.5", "19", "adjusted by the approver, with a reason, from 38/38.5/19.5"),
    (W24, "0304"): ("34.5", "34", "17.5", "returned by the approver, reviewed again, then approved"),
    (W26, "0424"): ("35", "35", "17", "the corrected review"),
    (W24, "0206"): ("34", "33.25", "16.5", "the review's '33,25' is text with a decimal comma: it counts"),
    (W26, "0306"): ("34.75", "33.5", "17", "all three typed as text with a decimal comma: they count"),
}

# --- running streaks (weeks not named: 0, no) ---------------------------------------------------------------
STREAKS: dict[tuple[str, str], tuple[int, str, str]] = {
    (W23, "0107"): (1, "no", "rule A: key task failed and discipline broken, first week"),
    (W24, "0107"): (2, "yes", "rule A: key task failed for the second week, discipline broken in the first"),
    (W23, "0511"): (1, "no", "rule A: key task failed, first week"),
    (W24, "0511"): (2, "yes", "rule A: second week, discipline broken in this one"),
    (W25, "0511"): (3, "yes", "rule A: third week of the same run, discipline broken in the second"),
    (W24, "0423"): (1, "no", "key task failed, first week"),
    (W25, "0423"): (
        2,
        "no",
        "key task failed twice, but discipline kept: rule A does not hold; band is not failed",
    ),
    (W24, "0303"): (
        1,
        "no",
        "rule A: key task failed and discipline broken, first week (43+10=53: not the failed band)",
    ),
    (W26, "0303"): (2, "yes", "rule A: the excused W25 is stepped over, so W24 and W26 are consecutive"),
    (W25, "0108"): (1, "no", "rule B: failed band, first week"),
    (W26, "0108"): (2, "yes", "rule B: failed band for the second week"),
    (W25, "0207"): (1, "no", "rule B: failed band, first week, still in VU2"),
    (W26, "0207"): (2, "yes", "rule B: failed band for the second week; the transfer breaks nothing"),
    (W23, "0205"): (1, "no", "near miss: failed"),
    (W25, "0205"): (1, "no", "near miss: failed again, but W24 between them was completed (50)"),
    (W24, "0509"): (1, "no", "rule B: failed band, first week"),
    (W26, "0509"): (
        1,
        "no",
        "failed band, but W25 is missing: the chain is broken, and a warning says what it may hide",
    ),
}

# --- special cases that change no decision, said all the same -----------------------------------------------
NOTES: dict[tuple[str, str], str] = {
    (W23, "0106"): "self quality 42 of 40 returns the self form; the review is valid and counts",
    (W23, "0109"): "the name in the form is typed in NFD: the same name",
    (W23, "0208"): "self quality typed as text '38,5': valid",
    (W23, "0305"): "the same file twice ('- Copy'): changes nothing",
    (W23, "0308"): "no self form; the review counts nevertheless",
    (
        W24,
        "0204",
    ): "0101's sheet carries a row about 0204 (39/39/19.5): no authority, no effect; 0201 decides",
    (W24, "0206"): "self progress 'ba mươi' returns the self form",
    (W24, "0306"): "another name typed in the form: a warning, the staff code counts",
    (W24, "0510"): "a truncated file, and the sound one beside it",
    (W25, "0208"): "0209 filled a form issued to 0208: wrong subject, void; 0208's own form counts",
    (W25, "0209"): "wrote on 0208's form, so no self form of their own; the review counts nevertheless",
    (W25, "0412"): "two different forms in one delivery: neither counts; the review counts nevertheless",
    (W25, "0425"): "an .ods file",
    (W25, "0507"): "self quality '35.250' is ambiguous and returns the self form; the review counts",
    (W25, "0513"): "serves from Monday 16/6, so evaluated from this week on",
    (W26, "0305"): "three days of leave do not cover the week: evaluated",
}


class Row(NamedTuple):
    """A row of expected.csv."""

    period: str
    staff_id: str
    state: str
    quality: str
    progress: str
    conduct: str
    total: str
    band: str
    failing_weeks: int
    meeting_required: str
    reviewer_id: str
    approver_id: str
    why: str


def band(total: Decimal) -> str:
    """By lower bound."""
    return "excellent" if total >= 90 else "good" if total >= 75 else "completed" if total >= 50 else "failed"


def row(week: str, who: str) -> Row:
    """One person's week."""
    key = (week, who)
    state, state_why = STATES.get(key, ("approved", ""))
    reviewer, approver, who_why = OTHER_WHO.get(key, (*WHO[who], ""))
    quality, progress, conduct, score_why = SCORES.get(key, ("", "", "", ""))
    failing, meeting, streak_why = STREAKS.get(key, (0, "no", ""))
    total_text = band_text = ""
    if state in ("reviewed", "approved"):
        if not quality:
            review = sc.review_of(who, week)
            assert review, key
            quality, progress, conduct = (sc.number(Decimal(score)) for score in review.scores)
        total = Decimal(quality) + Decimal(progress) + Decimal(conduct)
        total_text, band_text = sc.number(total), band(total)
    whys = [text for text in (state_why, who_why, score_why, streak_why, NOTES.get(key, "")) if text]
    return Row(
        week, who, state, quality, progress, conduct, total_text, band_text, failing, meeting,
        reviewer if state in ("reviewed", "approved") else "", approver if state == "approved" else "",
        "; ".join(whys) or "ordinary: as reviewed, approved",
    )  # fmt: skip


class Finding(NamedTuple):
    """A row of expected_findings.csv; an empty file part means that the finding is about no single file."""

    period: str
    code: str
    staff_id: str
    file_part: str
    why: str


def file(kind: str, who: str, week: str, extra: str = "") -> str:
    """A file's name, without folder and suffix."""
    return sc.file_name(kind, who, week, extra).rsplit("/", 1)[1]


FINDINGS = (
    Finding(W23, "value.over-cap", "0106", file("self", "0106", W23), "self quality 42 of 40"),
    Finding(W26, "value.over-cap", "0510", file("review", "0503", W26), "review quality 45 of 40"),
    Finding(W26, "value.over-cap", "0204", file("approval", "0201", W26), "adjusted conduct 21 of 20"),
    Finding(W27, "value.over-cap", "0105", file("self", "0105", W27), "self progress 41 of 40"),
    Finding(W24, "value.not-a-number", "0206", file("self", "0206", W24), "self progress 'ba mươi'"),
    Finding(W27, "value.not-a-number", "0304", file("review", "0302", W27), "review quality 'ba mươi tám'"),
    Finding(W25, "value.ambiguous-number", "0507", file("self", "0507", W25), "self quality '35.250'"),
    Finding(W25, "form.conflict", "0412", file("self", "0412", W25), "two different forms at once; both are named"),
    Finding(W27, "form.conflict", "0308", file("self", "0308", W27), "two different forms at once; both are named"),
    Finding(W24, "file.unreadable", "", file("self", "0510", W24), "a truncated download"),
    Finding(W25, "form.wrong-subject", "0208", file("self", "0209", W25), "0208's form with the code 0209"),
    Finding(W24, "identity.name-differs", "0306", file("self", "0306", W24), "typed 'Nguyễn Thu Hà'"),
    Finding(W24, "approval.not-authority", "0204", file("approval", "0101", W24), "0101 heads VU1, not VU2"),
    Finding(W24, "approval.adjusted", "0105", file("approval", "0101", W24), "35/35.5/17.5 → 36.5/36/18"),
    Finding(W25, "approval.adjusted", "0505", file("approval", "0002", W25), "38/38.5/19.5 → 37/37.5/19"),
    Finding(W26, "approval.stale", "0424", file("approval", "0401", W26), "review corrected later"),
    Finding(W23, "case.self-missing", "0308", "", "no form came; reviewed all the same"),
    Finding(W25, "case.self-missing", "0209", "", "wrote on 0208's form, none of their own came"),
    Finding(W25, "case.self-missing", "0509", "", "no form came"),
    Finding(W27, "case.self-missing", "0109", "", "no form came"),
    Finding(W27, "case.self-missing", "0512", "", "no form came"),
    *(
        Finding(week, "streak.meeting-required", who, "", why)
        for (week, who), (_, meeting, why) in STREAKS.items()
        if meeting == "yes"
    ),
    Finding(W26, "streak.gap-may-hide", "0509", "", "failed in W24 and W26, nothing known of W25"),
)  # fmt: skip

# case, week, person, file (kind, owner, extra) or what stands in the roster
CASES: tuple[tuple[str, str, str, tuple[str, str, str] | str], ...] = (
    ("Over cap in a self form (review still counts)", W23, "0106", ("self", "0106", "")),
    ("Over cap in a self form (not reviewed: returned)", W27, "0105", ("self", "0105", "")),
    ("Over cap in a review", W26, "0510", ("review", "0503", "")),
    ("Over cap in an adjustment", W26, "0204", ("approval", "0201", "")),
    ("Text for a number in a self form: ‘ba mươi’", W24, "0206", ("self", "0206", "")),
    ("Text for a number in a review: ‘ba mươi tám’", W27, "0304", ("review", "0302", "")),
    ("Ambiguous number: ‘35.250’", W25, "0507", ("self", "0507", "")),
    ("Decimal comma as text in a self form: ‘38,5’", W23, "0208", ("self", "0208", "")),
    ("Decimal comma as text in a review", W24, "0206", ("review", "0203", "")),
    ("Decimal comma as text in a review, all scores", W26, "0306", ("review", "0301", "")),
    ("Missing form, reviewed all the same", W23, "0308", "no file"),
    ("Missing form between two failed weeks", W25, "0509", "no file"),
    ("Missing form", W27, "0109", "no file"),
    ("Missing form", W27, "0512", "no file"),
    ("Leave, whole week", W24, "0103", "sheet leave"),
    ("Leave inside a streak", W25, "0303", "sheet leave"),
    ("Leave for three days only: evaluated", W26, "0305", "sheet leave"),
    ("Transfer on a Monday, streak carried over", W26, "0207", "sheet people"),
    ("Transfer on a Wednesday", W25, "0414", "sheet people"),
    ("Began service in W25", W25, "0513", "sheet people"),
    ("Namesakes in one unit", W25, "0208", ("self", "0208", "")),
    ("Namesake wrote on the other’s form (wrong subject)", W25, "0209", ("self", "0209", "")),
    ("Name typed in NFD", W23, "0109", ("self", "0109", "")),
    ("Another name than the roster’s", W24, "0306", ("self", "0306", "")),
    ("Wrong approver: a row copied from another director’s sheet", W24, "0204", ("approval", "0101", "")),
    ("Acting reviewer (0102 for 0103)", W24, "0107", ("review", "0102", "")),
    ("Acting approver (0202 for 0201)", W25, "0206", ("approval", "0202", "")),
    ("Acting for the director, but not about oneself", W25, "0202", ("approval", "0201", "")),
    ("Approval adjusted with a reason", W24, "0105", ("approval", "0101", "")),
    ("Approval adjusted with a reason", W25, "0505", ("approval", "0002", "")),
    ("Approval returned with a reason", W24, "0304", ("approval", "0301", "")),
    ("… reviewed again", W24, "0304", ("review", "0302", sc.REGRADED)),
    ("… and approved", W24, "0304", ("approval", "0301", sc.REAPPROVED)),
    ("Stale approval: the review was corrected afterwards", W26, "0424", ("review", "0421", sc.CORRECTED)),
    ("Two-week failure, rule A", W24, "0107", ("review", "0102", "")),
    ("Rule A, three weeks running (meeting in W24 and W25)", W25, "0511", ("review", "0502", "")),
    ("Rule A across an excused week", W26, "0303", ("review", "0302", "")),
    ("Rule A near miss: key tasks failed twice, discipline kept", W25, "0423", ("review", "0421", "")),
    ("Two-week failure, rule B", W26, "0108", ("review", "0103", "")),
    ("Rule B across a transfer", W26, "0207", ("review", "0302", "")),
    ("Near miss: fail (W23) – pass (W24) – fail (W25)", W25, "0205", ("review", "0202", "")),
    ("Failed, unknown, failed: the gap may hide a streak", W26, "0509", ("review", "0502", "")),
    ("Conflict of two files (reviewed all the same)", W25, "0412", ("self", "0412", sc.SECOND)),
    ("Conflict of two files (not reviewed: returned)", W27, "0308", ("self", "0308", sc.SECOND)),
    ("Unreadable file (truncated)", W24, "0510", ("self", "0510", "")),
    ("… and the sound one", W24, "0510", ("self", "0510", sc.RESENT)),
    ("Identical copy", W23, "0305", ("self", "0305", sc.COPY)),
    ("OpenDocument file (.ods)", W25, "0425", ("self", "0425", "")),
    ("Exactly 90 (30.4 + 39.8 + 19.8): excellent", W23, "0104", ("review", "0102", "")),
    ("89.99: good", W23, "0204", ("review", "0202", "")),
    ("Exactly 75 (24.4 + 39.8 + 10.8): good", W23, "0303", ("review", "0302", "")),
    ("Exactly 50 (0.3 + 32.3 + 17.4): completed", W24, "0205", ("review", "0202", "")),
    ("49.99: failed", W23, "0205", ("review", "0202", "")),
    ("Not reviewed yet (0204, 0205, 0208)", W27, "0202", "review sheet of 0202 not sent"),
    ("A bureau not approved yet", W27, "0401", "approval sheet of 0401 not sent"),
)

INTRO = """\
# Văn phòng mẫu: đánh giá kết quả công tác tuần

A fictional office for trying the program: {people} people who are evaluated, in {units} units, and {leaders}
leaders who review and approve; weeks 2025-W23 to 2025-W27. All names, units and places are invented.
`demo.key` is a demo key, known to everybody: never use it for a real office.

The forms in `inbox/` went through the real flow (issue, fill, run, review, run, approve, run); names and
folders are what people choose. A fifth of the files was re-saved by LibreOffice. The last week is unfinished
on purpose, so that the summary shows who waits for whom. `python -m tests.sample.build` builds all of it
anew; what must come out is reasoned in `tests/sample/expected.csv` and `tests/sample/expected_findings.csv`.

## Where each special case is

Files lie in `inbox/<week>/<unit>/`.

| Case | Week | Person | File |
|---|---|---|---|
"""


def readme() -> str:
    """The sample's README with the table of special cases."""
    evaluated = len(sc.EVALUATED)
    text = INTRO.format(people=evaluated, units=len(sc.UNITS) - 1, leaders=len({s.staff_id for s in sc.SPELLS}) - evaluated)
    for case, week, who, where in CASES:
        if isinstance(where, str):
            place = f"roster.xlsx, {where}" if where.startswith("sheet ") else where
        else:
            kind, owner, extra = where
            suffix = "ods" if (week, who) in sc.AS_ODS else "xlsx"
            place = f"`{file(kind, owner, week, extra)}.{suffix}`"
        text += f"| {case} | {week} | {who} {sc.name_of(who)} | {place} |\n"
    return text


def main() -> None:
    """Writes the three files."""
    rows = [row(week, who) for week in sc.WEEKS for who in sc.EVALUATED if (week, who) not in sc.NOT_YET_HERE]
    with (HERE / "expected.csv").open("w", encoding="utf-8", newline="") as out:
        table = csv.writer(out, lineterminator="\n")
        table.writerow(Row._fields)
        table.writerows(rows)
    with (HERE / "expected_findings.csv").open("w", encoding="utf-8", newline="") as out:
        table = csv.writer(out, lineterminator="\n")
        table.writerow([name.replace("_part", "-part") for name in Finding._fields])
        table.writerows(sorted(FINDINGS))
    (OFFICE / "README.md").write_text(readme(), encoding="utf-8")


if __name__ == "__main__":
    main()
