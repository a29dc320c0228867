"""What the answers to status and explain say, line by line, in the reader's language."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from batch.answers.explain import Chain, Explanation, Field, Judge, Score, Submission, WeekLine
from batch.answers.explain_unit import UnitExplanation
from batch.answers.status import Chase, MeetingDuty, Status, UnitDuty, Vacancy
from batch.collective import UNIT, state_name
from batch.core.finding import Place, Titles
from batch.core.records import STATE_NAMES, STATES, Case
from batch.desk import Setup
from batch.i18n import Speaker
from batch.meetings import MEETING, Meeting
from batch.roster import Span
from batch.scheme import Band
from batch.tell_check import finding_lines

_LONG = 60  # characters of a typed text that are shown


# --- status ---------------------------------------------------------------------------------------------------------


def status(answer: Status, setup: Setup) -> Iterator[str]:
    """States in numbers, then who has to act, then who to chase."""
    say = setup.say
    people = sum(answer.states.values())
    yield f"{say.week_label(answer.week)} · {setup.office.name}"
    yield _fresh(answer.as_of, say)
    if not people:
        yield say("Nobody is evaluated in this week.")
        return
    counts = ", ".join(f"{say(STATE_NAMES[s]).lower()} {answer.states[s]}" for s in reversed(STATES) if answer.states[s])
    yield f"{say('{count} people', count=people)}: {counts}"
    for deadline in answer.deadlines:
        passed = f" ({say('has passed')})" if deadline.passed else ""
        yield f"  {say('{form} by {moment}', form=_stage(deadline.form, setup), moment=say.moment(deadline.at))}{passed}"
    if answer.vacancies:
        yield from _head(say("Posts that nobody holds"))
        for vacancy in answer.vacancies:
            yield f"  {_vacancy(vacancy, setup)}"
    if answer.actors:
        yield from _head(say("Who has to act"))
        for actor in answer.actors:
            more = " · ".join(part for part in (actor.unit, actor.email) if part)
            yield f"  {actor.name} ({actor.staff_id}){f' · {more}' if more else ''}"
            for duty in actor.duties:
                yield f"    {_stage(duty.stage, setup)}: {len(duty.cases)}"
                yield from _wrapped([_person(case, say) for case in duty.cases], 6)
    if answer.owing:
        total = sum(len(owing.cases) for owing in answer.owing)
        yield from _head(say("No valid self-report: {count} people", count=total))
        for owing in answer.owing:
            yield f"  {owing.unit}: {len(owing.cases)}"
            yield from _wrapped([_owing(case, say) for case in owing.cases], 4)
    if answer.units:
        yield from _head(say("Unit reports that are not confirmed: {count}", count=len(answer.units)))
        for unit in answer.units:
            yield f"  {_unit_duty(unit, setup)}"
    if answer.meetings:
        yield from _head(say("Meetings without a record: {count}", count=len(answer.meetings)))
        for meeting in answer.meetings:
            yield f"  {_meeting_duty(meeting, setup)}"
    for title, lines in (
        (say("Chase list by supervisor"), answer.supervisors),
        (say("Chase list by approver"), answer.approvers),
    ):
        if lines:
            yield from _head(title)
            yield from _chase(lines, say)
    if not (answer.actors or answer.owing or answer.vacancies or answer.units or answer.meetings):
        yield say("Nobody waits for anybody: the week is decided.")


def _unit_duty(duty: UnitDuty, setup: Setup) -> str:
    """'Vụ Một (D1) [missing]: Unit report, Nguyễn Văn An (A1), overdue since 17:00 27/6/2025'."""
    say, report = setup.say, duty.report
    head = f"{report.name} ({report.unit_id}) [{say(state_name(report)).lower()}]"
    return f"{head}: {_stage(duty.form, setup)}, {_who_is_late(duty.who, duty.overdue_since, setup)}"


def _meeting_duty(duty: MeetingDuty, setup: Setup) -> str:
    say, meeting = setup.say, duty.meeting
    since = say("required since {week}", week=meeting.week)
    late = _who_is_late(meeting.holder, duty.overdue_since, setup)
    return f"{meeting.case.name} ({meeting.case.staff_id}), {since}: {late}"


def _who_is_late(who: str, since: str, setup: Setup) -> str:
    say = setup.say
    name = setup.roster.label(who) if who else say("Nobody holds this post")
    return f"{name}, {say('overdue since {moment}', moment=say.moment(since))}" if since else name


def _fresh(as_of: str, say: Speaker) -> str:
    return say("Data received up to {moment}", moment=say.moment(as_of)) if as_of else say("No form has come yet")


def _person(case: Case, say: Speaker) -> str:
    """A name; a result that was sent back is marked."""
    back = f" [{say(STATE_NAMES['returned']).lower()}]" if case.state == "returned" else ""
    return f"{case.name} ({case.staff_id}){back}"


def _owing(case: Case, say: Speaker) -> str:
    if case.state in ("reviewed", "approved"):
        return f"{case.name} ({case.staff_id}) [{say(STATE_NAMES[case.state]).lower()}]"
    return _person(case, say)


def _vacancy(vacancy: Vacancy, setup: Setup) -> str:
    say = setup.say
    post = say.value(vacancy.authority) or say("Direct supervisor")
    expected = f" ({setup.roster.label(vacancy.expected)})" if vacancy.expected else ""
    names = ", ".join(_person(case, say) for case in vacancy.cases)
    return f"{_stage(vacancy.stage, setup)} · {vacancy.unit} · {post}{expected}: {names}"


def _chase(lines: Sequence[Chase], say: Speaker) -> Iterator[str]:
    head = ["", say("people"), say("no report"), say("not reviewed"), say("not approved"), say("approved")]
    rows = [
        [f"{one.name} ({one.staff_id})"]
        + [str(n or "–") for n in (one.people, one.unreported, one.unreviewed, one.undecided, one.decided)]
        for one in lines
    ]
    yield from _table([head, *rows])


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The first column to the left, numbers to the right, as wide as they show on a terminal."""
    widths = [max(_width(row[n]) for row in rows) for n in range(len(rows[0]))]
    for row in rows:
        cells = [
            f"{' ' * (w - _width(c))}{c}" if n else f"{c}{' ' * (w - _width(c))}"
            for n, (c, w) in enumerate(zip(row, widths, strict=True))
        ]
        yield f"  {'  '.join(cells)}".rstrip()


def _width(text: str) -> int:
    """Columns on a terminal: Thai vowels and tone marks stand above or below others."""
    return sum(unicodedata.category(c) not in ("Mn", "Me", "Cf") for c in text)


# --- explain --------------------------------------------------------------------------------------------------------


def explain(answer: Explanation, setup: Setup) -> Iterator[str]:
    """The result first, then how it came about."""
    say = setup.say
    yield f"{answer.name} ({answer.staff_id}) · {say.week_label(answer.week)}"
    yield f"{say('Result')}: {_result(answer, setup)}"
    yield from _head(say("1. Who the person was"))
    yield from _who(answer, setup)
    yield from _head(say("2. What was submitted"))
    if not answer.submissions:
        yield f"  {say('Nothing has come for this person and week.')}"
    for one in answer.submissions:
        yield from _submission(one, setup)
    yield from _head(say("3. From cells to level"))
    yield from _reckoning(answer, setup)
    yield from _head(say("4. Consecutive weeks"))
    yield from _weeks(answer, setup)
    yield from _head(say("5. Rules"))
    yield from _rules(setup)
    yield from _head(say("6. What was found"))
    if not answer.findings:
        yield f"  {say('Nothing to report.')}"
    for found in answer.findings:
        yield from finding_lines(found, say)


def _result(answer: Explanation, setup: Setup) -> str:
    say, case = setup.say, answer.case
    if case is None:
        return _absent(answer, say)
    parts = [say(STATE_NAMES[case.state])]
    if case.excuse:
        parts.append(say.value(case.excuse))
    if case.total is not None and answer.band:
        parts.append(say("{total} points: {band}", total=case.total, band=answer.band.name(say.lang)))
    if case.waiting:
        who = setup.roster.label(case.waiting_for) if case.waiting_for else say("Nobody holds this post")
        parts.append(say("waits for: {step}, {who}", step=_stage(case.waiting, setup), who=who))
    return " · ".join(parts)


def _absent(answer: Explanation, say: Speaker) -> str:
    if answer.absent == "no-service":
        return say("not evaluated: not in service on {day}", day=answer.day)
    return say("not evaluated: this role has no approving authority in the scheme")


def _who(answer: Explanation, setup: Setup) -> Iterator[str]:
    say, person = setup.say, answer.person
    if person is None:
        yield f"  {_absent(answer, say)}"
        return
    role = setup.scheme.role(person.role)
    parts = (
        role.name(say.lang) if role else person.role,
        person.position,
        f"{setup.roster.unit_name(person.unit_id)} ({person.unit_id})",
    )
    yield f"  {' · '.join(dict.fromkeys(part for part in parts if part))}"
    yield f"  {say('as of {day}, the last working day of the week', day=answer.day)} · {person.place}"
    for span in answer.excused_by:
        yield f"  {say('On leave ({kind})', kind=span.kind)}: {_days(span, say)} · {span.place}"
    for judge in answer.judges:
        yield from _judge(judge, answer, setup)


def _judge(judge: Judge, answer: Explanation, setup: Setup) -> Iterator[str]:
    say, roster = setup.say, setup.roster
    if judge.unit is not None and judge.authority is not None:
        post = f"{judge.authority.name(say.lang)}, {roster.unit_name(judge.unit.unit_id)} ({judge.unit.unit_id})"
        place = judge.unit.place
    else:
        post = judge.authority.name(say.lang) if judge.authority else say("Direct supervisor")
        place = answer.person.place if answer.person else Place()
    who = roster.label(judge.who) if judge.who else say("Nobody holds this post")
    yield f"  {_stage(judge.stage, setup)}: {who} · {post} · {place}"
    if judge.holder and judge.holder != judge.who and not judge.steps:
        yield f"    {say('{who} is not in service on that day, or is the person themself', who=roster.label(judge.holder))}"
    for span in judge.steps:
        acting = say("{who} acts for {absent}", who=roster.label(span.to), absent=roster.label(span.who))
        reason = f", {span.kind}" if span.kind else ""
        yield f"    {acting}: {_days(span, say)}{reason} · {span.place}"


def _days(span: Span, say: Speaker) -> str:
    end = say.date(span.end) if span.end != dt.date.max else "…"
    return f"{say.date(span.start)} – {end}"


def _submission(one: Submission, setup: Setup) -> Iterator[str]:
    say, receipt = setup.say, one.receipt
    yield f"  {_stage(one.stage, setup)} · {setup.roster.label(one.author)} · {_fate(one, say).upper()}"
    why = _why(one, say)
    if why:
        yield f"    {why}"
    sheet = receipt.reading.sheet if receipt.reading else ""
    yield f"    {Place(receipt.name, sheet)}"
    moment = say("received {moment}, run {run}", moment=say.moment(receipt.received), run=str(receipt.run))
    yield f"    {moment} · SHA-256 {receipt.sha256}"
    if receipt.reading and receipt.reading.header.get("scheme_hash", setup.scheme.hash) not in ("", setup.scheme.hash):
        issued = receipt.reading.header["scheme_hash"]
        yield f"    {say('issued under scheme version {hash}', hash=issued)}"
    for field in one.fields:
        yield f"      {field.place.cell:<5} {say.value(setup.rules.field_name(field.name))}: {_read_as(field, say)}"
    if one.tasks:
        yield f"      {say('tasks read: {count}', count=one.tasks)}"
    for found in one.findings:
        yield from (f"    {line}" for line in finding_lines(found, say, file=False))


def _read_as(field: Field, say: Speaker) -> str:
    """What was typed, and what it was taken for where that looks different."""
    typed = _short(field.typed)
    if field.value is None:
        return f"«{typed}» · {say('not taken')}"
    if isinstance(field.value, str) and field.name != "decision":
        return f"«{typed}»"
    taken = say(field.value) if isinstance(field.value, str) else say.value(field.value)
    return f"«{typed}»" if taken == typed else f"«{typed}» → {taken}"


def _cell(place: Place, known: Place) -> str:
    """The cell, with its file unless it is the one just named."""
    return place.cell if (place.file, place.sheet) == (known.file, known.sheet) else str(place)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONG else text[: _LONG - 1] + "…"


def _fate(one: Submission, say: Speaker) -> str:
    words = {
        "counted": say("counts"),
        "replaced": say("replaced"),
        "conflict": say("contradiction"),
        "identical-copy": say("identical copy"),
        "returned": say("faulty"),
        "no-effect": say("no effect"),
        "refused": say("refused"),
    }
    return words[one.fate]


def _why(one: Submission, say: Speaker) -> str:
    files = ", ".join(one.others)
    reasons = {
        "corrected": say("replaced by a later version: {files}", files=files),
        "outdated-review": say("decided on a review that has changed since: {files}", files=files),
        "answered": say("this return was answered by a new review: {files}", files=files),
        "contradicts": say("contradicts {files}; neither counts", files=files),
        "says-the-same": say("says the same as {files}", files=files),
        "not-theirs": say("the author is not the one who may decide here"),
        "excused": say("the person is not evaluated this week"),
        "not-evaluated": say("the person is not evaluated this week"),
        "too-early": say("came without a review that it could refer to"),
        "unsigned": say("a form without signature stands back behind the signed one: {files}", files=files),
        "faulty": say("replaced by a later version: {files}", files=files) if files else "",
    }
    return reasons.get(one.why, "")


def _reckoning(answer: Explanation, setup: Setup) -> Iterator[str]:
    say, case = setup.say, answer.case
    if case is None or not answer.scores or answer.band is None or case.total is None:
        yield f"  {say('No scores count yet.')}"
        return
    yield from _sum(answer.scores, case.total, answer.band, answer.below, answer.scored_by, setup)
    first = answer.scores[0].place
    if case.approval is not None:
        decision, place = case.approval, case.approval.places.get("decision", case.approval.place)
        reason = f" · «{_short(decision.texts['reason'])}»" if decision.texts.get("reason") else ""
        yield f"  {_stage(decision.stage, setup)}: {say(decision.decision)} · {setup.roster.label(decision.author)}{reason}"
        yield f"    {place}"
    elif case.one_sheet and case.review is not None:
        stage, author = setup.scheme.stages[2].id, setup.roster.label(case.decided_by)
        yield f"  {_stage(stage, setup)}: {author} · {say('Approved with the review, on one sheet')}"
    for line in answer.flags:
        where = say("set by the level") if line.flag.band else _cell(line.place, first) or say("not answered")
        value = "–" if line.value is None else say.value(line.value)
        yield f"  {line.flag.name(say.lang)}: {value} · {where}"


def _sum(
    scores: Sequence[Score], total: Decimal, band: Band, below: Decimal | None, stage: str, setup: Setup
) -> Iterator[str]:
    """The scores that count, their sum, and the level it reaches."""
    say, first = setup.say, scores[0].place
    yield f"  {say('The scores of this step count')}: {_stage(stage, setup)} · {Place(first.file, first.sheet)}"
    for score in scores:
        of = say("{value} of at most {cap}", value=score.value, cap=score.criterion.max)
        yield f"    {score.criterion.name(say.lang)}: {of} · {score.place.cell}"
    yield f"  {' + '.join(say.number(score.value) for score in scores)} = {say.number(total)}"
    bounds = {"total": total, "low": band.min, "band": band.name(say.lang)}
    if below is None:
        yield f"  {say('{total} is at least {low}: {band}', **bounds)}"
    else:
        yield f"  {say('{total} is at least {low} and below {high}: {band}', high=below, **bounds)}"


def _weeks(answer: Explanation, setup: Setup) -> Iterator[str]:
    say = setup.say
    if not answer.chains:
        yield f"  {say('Nothing to report.')}"
    for chain in answer.chains:
        yield f"  {say.value(chain.rule.titles)}: {_verdict(chain, say)}"
        for line in chain.evidence:
            yield from _week(line, setup, "    ", full=True)
    for meeting in answer.meetings:
        yield from _meeting(meeting, setup)
    if answer.before:
        yield f"  {say('The weeks before')}:"
        for line in answer.before:
            yield from _week(line, setup, "    ", full=False)


def _meeting(meeting: Meeting, setup: Setup) -> Iterator[str]:
    """A required meeting: since when, who holds it by when, and its record."""
    say = setup.say
    who = setup.roster.label(meeting.holder) if meeting.holder else say("Nobody holds this post")
    yield f"  {say('Meeting required')}: {say('required since {week}', week=meeting.week)} · {who}"
    deadline = setup.office.deadline(MEETING, meeting.week)
    if deadline and meeting.record is None:
        yield f"    {say('{form} by {moment}', form=_stage(MEETING, setup), moment=say.moment(deadline))}"
    if meeting.record is None:
        yield f"    {say('No record yet')}"
        return
    record = meeting.record
    yield f"    {_stage(MEETING, setup)}: {record.place} · {say.moment(record.receipt.received)}"
    for name, text in record.texts.items():
        day = say.iso_date(text) if name in ("meeting.date", "meeting.review_by") else f"«{_short(text)}»"
        yield f"      {say.value(setup.rules.field_name(name))}: {day}"


def explain_unit(answer: UnitExplanation, setup: Setup) -> Iterator[str]:
    """A unit's report: the result first, then how it came about."""
    say, report = setup.say, answer.report
    yield f"{report.name} ({report.unit_id}) · {say.week_label(answer.week)}"
    total = say("{total} points: {band}", total=report.total, band=answer.band.name(say.lang)) if answer.band else ""
    yield f"{say('Result')}: {' · '.join(part for part in (say(state_name(report)), total) if part)}"
    yield from _head(say("1. Who files and who confirms"))
    for form, who in ((UNIT, report.head_id), (setup.scheme.stages[2].id, report.approver_id)):
        yield f"  {_stage(form, setup)}: {setup.roster.label(who) if who else say('Nobody holds this post')}"
    yield from _head(say("2. What was submitted"))
    if not answer.submissions:
        yield f"  {say('Nothing has come for this unit and week.')}"
    for one in answer.submissions:
        yield from _submission(one, setup)
    yield from _head(say("3. From cells to level"))
    if answer.scores and answer.band and report.total is not None:
        yield from _sum(answer.scores, report.total, answer.band, answer.below, answer.scored_by, setup)
    else:
        yield f"  {say('No scores count yet.')}"
    yield from _head(say("4. Rules"))
    yield from _rules(setup)
    yield from _head(say("5. What was found"))
    if not answer.findings:
        yield f"  {say('Nothing to report.')}"
    for found in answer.findings:
        yield from finding_lines(found, say)


def _verdict(chain: Chain, say: Speaker) -> str:
    if chain.streak is None:
        return say("no chain runs")
    count = len(chain.streak.weeks)
    if chain.streak.holds:
        text = say("holds, {count} weeks (needed: {weeks})", count=count, weeks=chain.rule.weeks)
        return f"{text} – {say('Meeting required').lower()}" if chain.rule.meeting else text
    return say("does not hold, {count} weeks (needed: {weeks})", count=count, weeks=chain.rule.weeks)


def _week(line: WeekLine, setup: Setup, indent: str, full: bool) -> Iterator[str]:
    """A week: state, total, level, flags; with ``full`` the cells and the comment behind them."""
    say, scheme = setup.say, setup.scheme
    titles = {flag.id: flag.name(say.lang) for flag in scheme.flags}
    parts = [say.week_name(line.week), say(STATE_NAMES[line.state])]  # type: ignore[index]
    if line.total is not None:
        parts.append(f"{say.number(line.total)} {scheme.band(line.band).name(say.lang)}")
    parts += (
        [titles[flag] for flag in line.flags if titles[flag] != scheme.band(line.band).name(say.lang)] if line.band else []
    )
    yield indent + " · ".join(parts)
    if full:
        for place in _grouped(line.places):
            yield f"{indent}  {place}"
        if line.comment:
            yield f"{indent}  «{line.comment}»"


def _grouped(places: Iterable[Place]) -> Iterator[str]:
    """Cells of one sheet in one line."""
    by_sheet: dict[Place, list[str]] = {}
    for place in places:
        by_sheet.setdefault(Place(place.file, place.sheet), []).append(place.cell)
    for sheet, cells in by_sheet.items():
        yield f"{sheet} › {', '.join(cells)}"


def _rules(setup: Setup) -> Iterator[str]:
    say, scheme = setup.say, setup.scheme
    yield f"  {scheme.id} · {say.value(Titles(sorted(scheme.title.items())))}"
    version = say("version {version}, in force from {day}", version=str(scheme.version), day=scheme.effective)
    yield f"  {version} · {say('hash of the rules')} {scheme.hash}"
    if scheme.legal_basis:
        yield f"  {scheme.legal_basis}"
    yield f"  roster.xlsx · SHA-256 {setup.roster_hash}"


def _stage(stage_id: str, setup: Setup) -> str:
    return setup.scheme.form_title(stage_id, setup.say.lang)


def _head(title: str) -> Iterator[str]:
    yield ""
    yield title


def _wrapped(items: Sequence[str], indent: int) -> Iterator[str]:
    """Names in lines of a readable width, never broken inside one."""
    line = ""
    for item in items:
        if line and _width(line) + _width(item) > 100:
            yield f"{' ' * indent}{line},"
            line = ""
        line = f"{line}, {item}" if line else item
    if line:
        yield f"{' ' * indent}{line}"
